//! Reads a linked Mach-O file and reports what is wrong with it.
//!
//! [`read`] extracts the few properties that matter; [`Image::complaints`] compares them with the
//! requirements of goplswatch: the right processor, the oldest supported system, only expected
//! libraries, and on Apple silicon the signature without which the kernel kills the program. The
//! layouts are those of Apple's `mach-o/loader.h` and, for the signature, xnu's
//! `osfmk/kern/cs_blobs.h`.

use anyhow::{Context, Result, bail};
use object::macho::{
    CPU_TYPE_ARM64, CPU_TYPE_X86_64, CpuType, LC_CODE_SIGNATURE, LC_LOAD_WEAK_DYLIB, MH_EXECUTE, MachHeader64,
    PLATFORM_MACOS,
};
use object::read::macho::{LoadCommandVariant, MachHeader as _};
use object::{Endianness, ReadRef};

/// The oldest macOS that the program must start on, as `(major, minor)`.
pub(crate) const OLDEST_MACOS: (u32, u32) = (11, 0);

/// A library that the program may load.
struct Expected {
    path: &'static str,
    /// Whether the program must start without the library; then only a weak load is accepted.
    weak: bool,
    /// Why it is loaded, in words that fit after "it is there because".
    reason: &'static str,
}

/// Every library that the program may load, with the reason; all others are rejected. All except
/// libSystem belong to the desktop, and plain commands must start without one:
/// `crates/cli/build.rs` links them weakly.
const EXPECTED: &[Expected] = &[
    Expected { path: LIBSYSTEM, weak: false, reason: "it is the one door to the kernel that macOS keeps stable" },
    Expected { path: "/usr/lib/libobjc.A.dylib", weak: true, reason: "the desktop's frameworks are called through it" },
    Expected {
        path: "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit",
        weak: true,
        reason: "it has the menu bar, menus and alerts",
    },
    Expected {
        path: "/System/Library/Frameworks/ApplicationServices.framework/Versions/A/ApplicationServices",
        weak: true,
        reason: "tao takes the program out of the Dock by it",
    },
    Expected {
        path: "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
        weak: true,
        reason: "the loops of tao and of notify are its run loops",
    },
    Expected {
        path: "/System/Library/Frameworks/CoreGraphics.framework/Versions/A/CoreGraphics",
        weak: true,
        reason: "tray-icon asks it for the height of the screen",
    },
    Expected {
        path: "/System/Library/Frameworks/CoreServices.framework/Versions/A/CoreServices",
        weak: true,
        reason: "notify watches folders by its FSEvents",
    },
    Expected {
        path: "/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation",
        weak: true,
        reason: "strings, arrays and timers for the desktop's frameworks are its",
    },
    Expected {
        path: "/System/Library/Frameworks/UserNotifications.framework/Versions/A/UserNotifications",
        weak: true,
        reason: "it shows notifications",
    },
];

/// The libraries that the surface calls first, by the last component of their path. A program that
/// does not load one of them was linked without the surface, which no other check here would
/// notice.
const SURFACE: [&str; 3] = ["libobjc.A.dylib", "AppKit", "UserNotifications"];

const LIBSYSTEM: &str = "/usr/lib/libSystem.B.dylib";

/// A processor that goplswatch is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processor {
    /// Apple silicon.
    Arm64,
    /// Intel.
    X86_64,
}

impl Processor {
    fn cpu_type(self) -> CpuType {
        match self {
            Self::Arm64 => CPU_TYPE_ARM64,
            Self::X86_64 => CPU_TYPE_X86_64,
        }
    }
}

/// The properties of a Mach-O file.
#[derive(Debug)]
pub(crate) struct Image {
    cpu: CpuType,
    executable: bool,
    has_entry: bool,
    /// Platform and oldest system of every `LC_BUILD_VERSION`.
    builds: Vec<Build>,
    dylibs: Vec<Dylib>,
    signature: Option<Signature>,
    size: u64,
}

#[derive(Debug)]
struct Build {
    macos: bool,
    oldest: (u32, u32),
}

#[derive(Debug)]
struct Dylib {
    path: String,
    weak: bool,
}

impl Dylib {
    /// The last component of its path.
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The position of the code signature and the content of its code directory.
#[derive(Debug)]
struct Signature {
    start: u64,
    end: u64,
    ad_hoc: bool,
    /// Number of bytes of the file, from its beginning, that are covered by hashes.
    covered: u64,
}

/// Reads a 64-bit Mach-O file of one processor.
///
/// # Errors
/// If the bytes are no such file, or are inconsistent.
pub(crate) fn read(bytes: &[u8]) -> Result<Image> {
    let header = MachHeader64::<Endianness>::parse(bytes, 0).context("this is not a 64-bit Mach-O file")?;
    let endian = header.endian()?;
    let mut image = Image {
        cpu: header.cputype(endian),
        executable: header.filetype(endian) == MH_EXECUTE,
        has_entry: false,
        builds: Vec::new(),
        dylibs: Vec::new(),
        signature: None,
        size: u64::try_from(bytes.len())?,
    };
    let mut commands = header.load_commands(endian, bytes, 0)?;
    while let Some(command) = commands.next()? {
        match command.variant()? {
            LoadCommandVariant::EntryPoint(_) => image.has_entry = true,
            LoadCommandVariant::BuildVersion(build, _) => image.builds.push(Build {
                macos: build.platform.get(endian) == PLATFORM_MACOS,
                oldest: major_minor(build.minos.get(endian).0),
            }),
            LoadCommandVariant::Dylib(dylib) => image.dylibs.push(Dylib {
                path: String::from_utf8_lossy(command.string(endian, dylib.dylib.name)?).into_owned(),
                weak: command.cmd() == LC_LOAD_WEAK_DYLIB,
            }),
            LoadCommandVariant::LinkeditData(place) if command.cmd() == LC_CODE_SIGNATURE => {
                let (start, size) = (u64::from(place.dataoff.get(endian)), u64::from(place.datasize.get(endian)));
                image.signature = Some(read_signature(bytes, start, size).context("its code signature is damaged")?);
            }
            _ => {}
        }
    }
    Ok(image)
}

/// Mach-O encodes a version as `xxxx.yy.zz` in one word.
fn major_minor(word: u32) -> (u32, u32) {
    (word >> 16, (word >> 8) & 0xff)
}

/// Reads a signature: a table of blobs, of which blob 0 is the code directory. Its words are
/// big-endian on every processor.
fn read_signature(bytes: &[u8], start: u64, size: u64) -> Result<Signature> {
    const TABLE: u32 = 0xfade_0cc0;
    const DIRECTORY: u32 = 0xfade_0c02;
    const DIRECTORY_SLOT: u32 = 0;
    const FLAG_AD_HOC: u32 = 2;
    let blob = bytes.read_bytes_at(start, size).ok().context("it lies outside of the file")?;
    if word(blob, 0)? != TABLE {
        bail!("it does not begin with the table of blobs");
    }
    let slots = (0..word(blob, 8)?)
        .map(|slot| Ok((word(blob, 12 + 8 * u64::from(slot))?, word(blob, 16 + 8 * u64::from(slot))?)));
    let slots = slots.collect::<Result<Vec<_>>>()?;
    let directory = slots.iter().find(|(kind, _)| *kind == DIRECTORY_SLOT).context("it has no code directory")?;
    let at = u64::from(directory.1);
    if word(blob, at)? != DIRECTORY {
        bail!("its code directory does not begin as one");
    }
    let ad_hoc = word(blob, at + 12)? & FLAG_AD_HOC != 0;
    Ok(Signature { start, end: start + size, ad_hoc, covered: u64::from(word(blob, at + 32)?) })
}

fn word(blob: &[u8], at: u64) -> Result<u32> {
    let bytes = blob.read_bytes_at(at, 4).ok().context("it ends too early")?;
    Ok(u32::from_be_bytes(bytes.try_into()?))
}

impl Image {
    /// Everything that makes this file unfit as goplswatch for `processor`; empty if nothing does.
    pub(crate) fn complaints(&self, processor: Processor) -> Vec<String> {
        let mut found = self.complaints_of_any(processor);
        self.complain_of_surface(&mut found);
        found
    }

    /// The same for a program without a surface, such as the trial programs.
    pub(crate) fn complaints_of_any(&self, processor: Processor) -> Vec<String> {
        let mut found = Vec::new();
        if self.cpu != processor.cpu_type() {
            found.push(format!("it is for processor type {:#x}, not for {processor:?}", self.cpu.0));
        }
        if !self.executable || !self.has_entry {
            found.push("it is not an executable with an entry point".to_owned());
        }
        self.complain_of_builds(&mut found);
        self.complain_of_dylibs(EXPECTED, &mut found);
        self.complain_of_signature(processor, &mut found);
        found
    }

    /// A summary in one line.
    pub(crate) fn summary(&self) -> String {
        let (weak, strong): (Vec<_>, Vec<_>) = self.dylibs.iter().partition(|dylib| dylib.weak);
        let mut dylibs = strong.iter().map(|dylib| dylib.path.as_str()).collect::<Vec<_>>().join(", ");
        if !weak.is_empty() {
            let names = weak.iter().map(|dylib| dylib.name());
            dylibs = format!("{dylibs}, where they are there {}", names.collect::<Vec<_>>().join(", "));
        }
        let oldest = self.builds.first().map_or((0, 0), |build| build.oldest);
        let signed = if self.signature.is_some() { "signed ad hoc" } else { "not signed" };
        format!("{} kB, macOS {}.{} and later, loads {dylibs}, {signed}", self.size / 1000, oldest.0, oldest.1)
    }

    fn complain_of_builds(&self, found: &mut Vec<String>) {
        match self.builds.as_slice() {
            [build] if build.macos && build.oldest == OLDEST_MACOS => {}
            [build] if build.macos => found.push(format!(
                "it asks for macOS {}.{}, not {}.{}: MACOSX_DEPLOYMENT_TARGET did not reach the linker",
                build.oldest.0, build.oldest.1, OLDEST_MACOS.0, OLDEST_MACOS.1
            )),
            builds => found.push(format!("it must name macOS as its one platform, but says {builds:?}")),
        }
    }

    fn complain_of_dylibs(&self, allowed: &[Expected], found: &mut Vec<String>) {
        if !self.dylibs.iter().any(|dylib| dylib.path == LIBSYSTEM) {
            found.push(format!("it does not load {LIBSYSTEM}"));
        }
        for dylib in &self.dylibs {
            match allowed.iter().find(|expected| expected.path == dylib.path) {
                None => found.push(format!(
                    "it loads {}, which nobody expects: drop the dependency, or name the library with its reason in EXPECTED",
                    dylib.path
                )),
                Some(expected) if expected.weak && !dylib.weak => {
                    found.push(format!(
                        "it cannot start where {} is absent: link it weakly (it is there because {})",
                        dylib.path, expected.reason
                    ));
                }
                Some(_) => {}
            }
        }
    }

    fn complain_of_surface(&self, found: &mut Vec<String>) {
        for name in SURFACE {
            if !self.dylibs.iter().any(|dylib| dylib.name() == name) {
                found.push(format!("it does not load {name}, so it shows nothing: the surface was not linked in"));
            }
        }
    }

    fn complain_of_signature(&self, processor: Processor, found: &mut Vec<String>) {
        match &self.signature {
            None if processor == Processor::Arm64 => {
                found.push("it has no code signature: Apple silicon kills unsigned programs at once".to_owned());
            }
            None => {}
            Some(signature) => {
                if !signature.ad_hoc {
                    found.push("its code signature is not ad hoc, though nobody signed it".to_owned());
                }
                if signature.covered != signature.start || signature.end != self.size {
                    found.push(format!(
                        "its code signature covers {} bytes of a file of {} and lies at {}..{}: the file was changed after signing",
                        signature.covered, self.size, signature.start, signature.end
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recipe of a small Mach-O file; the default is a correct goplswatch for Apple silicon.
    struct Recipe {
        cpu: u32,
        kind: u32,
        minos: u32,
        platform: u32,
        dylibs: Vec<(u32, &'static str)>,
        entry: bool,
        signed: bool,
        flags: u32,
        covered_less: u32,
        tail: usize,
    }

    impl Default for Recipe {
        fn default() -> Self {
            Self {
                cpu: 0x0100_000c,
                kind: 2,
                minos: 11 << 16,
                platform: 1,
                dylibs: [vec![(0xc, LIBSYSTEM)], surface()].concat(),
                entry: true,
                signed: true,
                flags: 0x2_0002,
                covered_less: 0,
                tail: 0,
            }
        }
    }

    /// Weak loads of everything in [`SURFACE`].
    fn surface() -> Vec<(u32, &'static str)> {
        let paths = EXPECTED.iter().map(|expected| expected.path);
        let wanted = paths.filter(|path| SURFACE.iter().any(|name| path.ends_with(&format!("/{name}"))));
        wanted.map(|path| (0x8000_0018, path)).collect()
    }

    fn le(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    impl Recipe {
        fn bytes(&self) -> Vec<u8> {
            let mut commands = vec![le(&[0x32, 24, self.platform, self.minos, 15 << 16, 0])];
            for (command, path) in &self.dylibs {
                let size = (24 + path.len() + 1).next_multiple_of(8);
                let mut dylib = le(&[*command, u32::try_from(size).unwrap(), 24, 0, 0, 0]);
                dylib.extend(path.as_bytes());
                dylib.resize(size, 0);
                commands.push(dylib);
            }
            if self.entry {
                commands.push(le(&[0x8000_0028, 24, 0, 0, 0, 0]));
            }
            let unsigned: usize = commands.iter().map(Vec::len).sum();
            let end = u32::try_from(32 + unsigned + 16).unwrap();
            let directory = [0xfade_0c02, 44, 0x2_0400, self.flags, 0, 0, 0, 0, end - self.covered_less, 0, 0];
            let signature: Vec<u8> = [0xfade_0cc0, 20 + 44, 1, 0, 20]
                .iter()
                .chain(&directory)
                .flat_map(|word: &u32| word.to_be_bytes())
                .collect();
            if self.signed {
                commands.push(le(&[0x1d, 16, end, u32::try_from(signature.len()).unwrap()]));
            }
            let sizes: usize = commands.iter().map(Vec::len).sum();
            let count = u32::try_from(commands.len()).unwrap();
            let mut file = le(&[0xfeed_facf, self.cpu, 0, self.kind, count, u32::try_from(sizes).unwrap(), 0, 0]);
            file.extend(commands.concat());
            if self.signed {
                file.extend(signature);
            }
            file.resize(file.len() + self.tail, 0);
            file
        }

        fn complaints(&self, processor: Processor) -> Vec<String> {
            read(&self.bytes()).unwrap().complaints(processor)
        }
    }

    /// Expects exactly one complaint, which contains these words.
    fn check(recipe: Recipe, words: &str) {
        let found = recipe.complaints(Processor::Arm64);
        assert!(found.len() == 1 && found[0].contains(words), "wanted one complaint with {words:?}, got {found:?}");
    }

    #[test]
    fn a_good_file_passes_and_is_summed_up() {
        let image = read(&Recipe::default().bytes()).unwrap();
        assert_eq!(image.complaints(Processor::Arm64), Vec::<String>::new());
        let dylibs = "/usr/lib/libSystem.B.dylib, where they are there libobjc.A.dylib, AppKit, UserNotifications";
        assert_eq!(image.summary(), format!("0 kB, macOS 11.0 and later, loads {dylibs}, signed ad hoc"));
    }

    #[test]
    fn a_program_without_the_surface_will_not_do() {
        for missing in SURFACE {
            let mut recipe = Recipe::default();
            recipe.dylibs.retain(|(_, path)| !path.ends_with(missing));
            check(recipe, &format!("does not load {missing}"));
        }
    }

    #[test]
    fn everything_of_the_desktop_may_be_absent() {
        for expected in EXPECTED {
            assert_eq!(expected.weak, expected.path != LIBSYSTEM, "{}", expected.path);
        }
    }

    #[test]
    fn the_processor_must_be_the_one_asked_for() {
        check(Recipe { cpu: 0x0100_0007, ..Recipe::default() }, "not for Arm64");
        let found = Recipe::default().complaints(Processor::X86_64);
        assert!(found.len() == 1 && found[0].contains("not for X86_64"), "{found:?}");
    }

    #[test]
    fn only_an_executable_with_an_entry_point_will_do() {
        check(Recipe { kind: 6, ..Recipe::default() }, "not an executable");
        check(Recipe { entry: false, ..Recipe::default() }, "not an executable");
    }

    #[test]
    fn the_oldest_system_is_exact() {
        check(Recipe { minos: (10 << 16) | (12 << 8), ..Recipe::default() }, "macOS 10.12");
        check(Recipe { minos: (11 << 16) | (1 << 8), ..Recipe::default() }, "macOS 11.1");
        check(Recipe { platform: 2, ..Recipe::default() }, "one platform");
    }

    #[test]
    fn no_library_slips_in_however_it_is_loaded() {
        for command in [0xc, 0x8000_0018, 0x8000_001f, 0x8000_0023] {
            let mut dylibs = Recipe::default().dylibs;
            dylibs.push((command, "/usr/lib/libiconv.2.dylib"));
            check(Recipe { dylibs, ..Recipe::default() }, "loads /usr/lib/libiconv.2.dylib, which nobody expects");
        }
    }

    #[test]
    fn a_library_that_may_be_absent_must_be_linked_weakly() {
        const APPKIT: &str = "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit";
        let allowed = [
            Expected { path: LIBSYSTEM, weak: false, reason: "" },
            Expected { path: APPKIT, weak: true, reason: "it draws the menu" },
        ];
        let complaints = |command| {
            let recipe = Recipe { dylibs: vec![(0xc, LIBSYSTEM), (command, APPKIT)], ..Recipe::default() };
            let mut found = Vec::new();
            read(&recipe.bytes()).unwrap().complain_of_dylibs(&allowed, &mut found);
            found
        };
        assert_eq!(complaints(0x8000_0018), Vec::<String>::new());
        let strong = complaints(0xc);
        assert!(strong.len() == 1 && strong[0].contains("link it weakly (it is there because it draws"), "{strong:?}");
    }

    #[test]
    fn libsystem_is_required() {
        check(Recipe { dylibs: surface(), ..Recipe::default() }, "does not load /usr/lib/libSystem");
    }

    #[test]
    fn apple_silicon_needs_a_signature_and_intel_does_not() {
        check(Recipe { signed: false, ..Recipe::default() }, "no code signature");
        let intel = Recipe { signed: false, cpu: 0x0100_0007, ..Recipe::default() };
        assert_eq!(intel.complaints(Processor::X86_64), Vec::<String>::new());
    }

    #[test]
    fn a_signature_must_be_ad_hoc_and_fit_the_file() {
        check(Recipe { flags: 0x2_0000, ..Recipe::default() }, "not ad hoc");
        check(Recipe { covered_less: 4, ..Recipe::default() }, "changed after signing");
        check(Recipe { tail: 1, ..Recipe::default() }, "changed after signing");
    }

    #[test]
    fn other_files_are_refused() {
        assert!(read(b"\x7fELF").is_err());
        assert!(read(&[]).is_err());
        let good = Recipe::default().bytes();
        assert!(read(&good[..good.len() - 8]).is_err(), "the signature is cut off");
        assert!(read(&good[..40]).is_err(), "the load commands are cut off");
    }

    #[test]
    fn every_expected_library_is_one_of_the_system() {
        for expected in EXPECTED {
            assert!(expected.path.starts_with("/usr/lib/") || expected.path.starts_with("/System/Library/Frameworks/"));
        }
    }
}
