//! Determines the architectures of an executable file from its header: Mach-O, thin or fat.
//!
//! A thin file names one architecture. A fat file begins with a table, big-endian on every
//! processor, of 20 bytes per slice or 32 (`mach-o/fat.h`; the numbers are those of xnu
//! osfmk/mach/machine.h). The bytes are untrusted: only what they fully contain is accepted.

use goplswatch_core::message::Message;

use super::arch_of;

/// How many bytes of a file are read: enough for the largest table of a fat file that is accepted.
pub const HEAD: usize = 4096;

const THIN_64: u32 = 0xfeed_facf;
const THIN_32: u32 = 0xfeed_face;
const FAT: u32 = 0xcafe_babe;
const FAT_64: u32 = 0xcafe_babf;

/// A fat header with this many slices or more is a Java class file: those begin with the same magic
/// number and continue with their version, 45 or more. macOS draws the line here too (file(1),
/// `magic/Magdir/cafebabe`: fewer than 0x20 parts, or it is Java).
const JAVA: u32 = 0x20;

/// The architectures in the header of an executable file, in file order.
///
/// # Errors
/// Why they cannot be determined, as a fragment.
pub fn slices(head: &[u8]) -> Result<Vec<String>, Message> {
    let Some(magic) = be32(head, 0) else { return Err(Message::MachoShort) };
    match magic {
        FAT => fat(head, 20),
        FAT_64 => fat(head, 32),
        _ if magic.swap_bytes() == THIN_64 || magic.swap_bytes() == THIN_32 => {
            let field = |at: usize| be32(head, at).map(u32::swap_bytes);
            let (Some(cpu), Some(kind)) = (field(4), field(8)) else { return Err(Message::MachoHeaderCut) };
            Ok(vec![name(cpu, kind)])
        }
        _ if head.starts_with(b"#!") => Err(Message::MachoScript),
        _ => Err(Message::NotMacho),
    }
}

fn fat(head: &[u8], entry: usize) -> Result<Vec<String>, Message> {
    let Some(parts) = be32(head, 4) else { return Err(Message::MachoHeaderCut) };
    if parts == 0 {
        return Err(Message::MachoTableEmpty);
    }
    if parts >= JAVA {
        return Err(Message::MachoJava);
    }
    let mut names = Vec::new();
    for part in 0..parts as usize {
        let at = 8 + part * entry;
        // The whole entry must be present: nothing is certain about a table that is cut off.
        let whole = head.get(at..at + entry).ok_or(Message::MachoTableCut)?;
        let (Some(cpu), Some(kind)) = (be32(whole, 0), be32(whole, 4)) else { return Err(Message::MachoTableCut) };
        let name = name(cpu, kind);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The name of an architecture by its numbers, or a text with the number if it has no name here.
fn name(cpu: u32, kind: u32) -> String {
    arch_of(cpu, kind).map_or_else(|| format!("CPU type {cpu:#x}"), str::to_owned)
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

/// The folder in a path whose files macOS lets a program open only after asking the user: nothing
/// in it is opened in the background. The names are those of protected folders of any home (a home
/// may be anywhere), of iCloud and other clouds, and of volumes that are removable or on another
/// machine (Apple's "Controlling app access to files in macOS").
#[must_use]
pub fn guarded_folder(path: &[u8]) -> Option<&'static str> {
    const FOLDERS: [&str; 5] = ["Desktop", "Documents", "Downloads", "Mobile Documents", "CloudStorage"];
    let mut parts = path.split(|&byte| byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    let first = parts.next()?;
    if first.eq_ignore_ascii_case(b"Volumes") {
        return Some("Volumes");
    }
    let all = std::iter::once(first).chain(parts).collect::<Vec<_>>();
    // The name of the file itself does not matter.
    let folders = all.split_last().map_or(&[][..], |(_, folders)| folders);
    // macOS compares names without regard to case.
    FOLDERS.into_iter().find(|name| folders.iter().any(|part| part.eq_ignore_ascii_case(name.as_bytes())))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const ARM: u32 = 0x0100_000c;
    const INTEL: u32 = 0x0100_0007;

    fn thin(magic: u32, cpu: u32, kind: u32) -> Vec<u8> {
        [magic, cpu, kind, 2].iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn fat_file(magic: u32, entry: usize, parts: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes = [magic.to_be_bytes(), u32::try_from(parts.len()).unwrap().to_be_bytes()].concat();
        for (cpu, kind) in parts {
            let mut part = vec![0x11; entry];
            part[..4].copy_from_slice(&cpu.to_be_bytes());
            part[4..8].copy_from_slice(&kind.to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }

    #[test]
    fn thin_files() {
        for (magic, cpu, kind, name) in [
            (THIN_64, ARM, 0, "arm64"),
            (THIN_64, ARM, 0x8000_0002, "arm64e"),
            (THIN_64, INTEL, 3, "x86_64"),
            (THIN_64, INTEL, 0x8000_0003, "x86_64"),
            (THIN_64, INTEL, 8, "x86_64h"),
            (THIN_32, 7, 3, "i386"),
            (THIN_64, 0x0100_0012, 0, "CPU type 0x1000012"),
        ] {
            let bytes = thin(magic, cpu, kind);
            assert_eq!(slices(&bytes), Ok(vec![name.to_owned()]));
            for cut in 0..12 {
                assert!(slices(&bytes[..cut]).is_err(), "{cut} bytes");
            }
        }
    }

    #[test]
    fn fat_files() {
        for (magic, entry) in [(FAT, 20), (FAT_64, 32)] {
            let bytes = fat_file(magic, entry, &[(INTEL, 3), (ARM, 0), (ARM, 0x8000_0002), (ARM, 0)]);
            assert_eq!(slices(&bytes).unwrap(), ["x86_64", "arm64", "arm64e"]);
            for cut in 0..bytes.len() {
                assert!(slices(&bytes[..cut]).is_err(), "{cut} bytes");
            }
            assert!(slices(&fat_file(magic, entry, &[])).is_err());
            assert_eq!(slices(&fat_file(magic, entry, &[(ARM, 0); 31])).unwrap(), ["arm64"]);
            assert!(slices(&fat_file(magic, entry, &[(ARM, 0); 32])).is_err(), "more than is believed");
            let mut huge = bytes.clone();
            huge[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
            assert!(slices(&huge).is_err());
        }
        // The largest table that is accepted fits into what is read of a file.
        assert!(fat_file(FAT_64, 32, &[(ARM, 0); 31]).len() <= HEAD);
    }

    #[test]
    fn other_files_are_said_to_be_others() {
        let java = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0x41, 0, 0x1d, 0x0a, 0, 2, 0, 3, 7];
        assert_eq!(slices(&java), Err(Message::MachoJava));
        assert_eq!(slices(b"#!/bin/sh\nexec gopls"), Err(Message::MachoScript));
        assert!(slices(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0").unwrap_err() == Message::NotMacho);
        assert!(slices(b"").is_err());
    }

    #[test]
    fn guarded_folders_are_known_at_any_depth_and_in_any_case() {
        for (path, folder) in [
            ("/Users/g/Documents/bin/gopls", Some("Documents")),
            ("/Users/g/desktop/gopls", Some("Desktop")),
            ("/System/Volumes/Data/Users/g/Downloads/go/bin/gopls", Some("Downloads")),
            ("/Users/g/Library/Mobile Documents/x/gopls", Some("Mobile Documents")),
            ("/Users/g/Library/CloudStorage/Dropbox/gopls", Some("CloudStorage")),
            ("//Volumes/usb/gopls", Some("Volumes")),
            ("/./volumes/usb/gopls", Some("Volumes")),
            ("/Users/g/go/bin/gopls", None),
            ("/opt/homebrew/bin/Documents", None),
            ("/System/Volumes/Data/opt/gopls", None),
            ("/Users/g/Documents2/gopls", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(guarded_folder(path.as_bytes()), folder, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..900)) {
            let _ = slices(&bytes);
            let _ = guarded_folder(&bytes);
        }

        #[test]
        fn no_table_panics_or_names_what_is_not_there(magic in 0..2usize, parts: u32, rest in vec(any::<u8>(), 0..900)) {
            let bytes = [[FAT, FAT_64][magic].to_be_bytes(), parts.to_be_bytes()].concat();
            let bytes = [bytes, rest].concat();
            if let Ok(names) = slices(&bytes) {
                prop_assert!(!names.is_empty() && names.len() <= parts as usize && parts < JAVA);
            }
        }
    }
}
