//! A file system that answers everything except reads, and where the agent's log is: a process that reads a file of it hangs
//! inside the kernel, as on a network folder whose server is gone.
//!
//! It implements just enough of the kernel's FUSE protocol for that (include/uapi/linux/fuse.h,
//! version 7.31): `INIT`, `LOOKUP`, `GETATTR`, `OPEN`, and no reply to `READ`. A read through the
//! page cache waits for a locked page, which only a fatal signal interrupts.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

const LOOKUP: u32 = 1;
const GETATTR: u32 = 3;
const OPEN: u32 = 14;
const READ: u32 = 15;
const INIT: u32 = 26;
const OPENDIR: u32 = 27;
const FORGET: u32 = 2;
/// With this flag the reader does not send its request itself and wait for the reply, but waits for
/// the page: uninterruptible.
const ASYNC_READ: u32 = 1;

/// The size of the only file.
const SIZE: u64 = 1 << 20;

/// A mount, which ends when this is dropped.
pub(crate) struct SilentMount(PathBuf);

impl SilentMount {
    /// Mounts it on this folder, which is created.
    ///
    /// # Errors
    /// If this user may not mount, or there is no FUSE.
    pub(crate) fn on(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse")?;
        let options = format!("fd={},rootmode=40000,user_id=0,group_id=0", device.as_raw_fd());
        let options = std::ffi::CString::new(options).map_err(std::io::Error::other)?;
        mount("silent", folder, "fuse.silent", MountFlags::NOSUID | MountFlags::NODEV, Some(options.as_c_str()))?;
        thread::spawn(move || serve(device));
        Ok(Self(folder.to_owned()))
    }

    /// The file whose content never arrives.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("slow.go")
    }
}

impl Drop for SilentMount {
    /// Ends the connection: blocked readers get an error.
    fn drop(&mut self) {
        let _ = unmount(&self.0, UnmountFlags::FORCE | UnmountFlags::DETACH);
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("the request is that long")
}

fn serve(mut device: File) {
    let mut room = vec![0; 1 << 17];
    loop {
        let Ok(got @ 40..) = device.read(&mut room) else { return };
        let request = &room[..got];
        // fuse_in_header: len, opcode, unique, nodeid, uid, gid, pid, padding.
        let opcode = u32::from_le_bytes(number(request, 4));
        let unique = u64::from_le_bytes(number(request, 8));
        let node = u64::from_le_bytes(number(request, 16));
        let (error, body) = match opcode {
            INIT => (0, init()),
            GETATTR => (0, [time(), attributes(node)].concat()),
            LOOKUP if request[40..].starts_with(b"slow.go\0") => (0, entry()),
            // Killable, unlike the read of a page.
            LOOKUP if request[40..].starts_with(b"agent.log\0") => continue,
            LOOKUP => (-2, Vec::new()),
            OPEN | OPENDIR => (0, vec![0; 16]),
            READ | FORGET => continue,
            // ENOSYS: the kernel does not send this request again.
            _ => (-38, Vec::new()),
        };
        // fuse_out_header: len, error, unique.
        let length = u32::try_from(16 + body.len()).expect("a short answer");
        let mut answer = length.to_le_bytes().to_vec();
        answer.extend(i32::to_le_bytes(error));
        answer.extend(unique.to_le_bytes());
        answer.extend(body);
        // A reply to a request that is no longer waited for is refused.
        let _ = device.write_all(&answer);
    }
}

/// fuse_init_out of 7.23 and later, 64 bytes: major, minor, max_readahead, flags, max_background,
/// congestion_threshold, max_write, time_gran, and unused space.
fn init() -> Vec<u8> {
    let mut body: Vec<u8> = [7u32, 31, 1 << 17, ASYNC_READ].iter().flat_map(|n| n.to_le_bytes()).collect();
    body.extend([12u16, 9].iter().flat_map(|n| n.to_le_bytes()));
    body.extend([1u32 << 16, 1].iter().flat_map(|n| n.to_le_bytes()));
    body.resize(64, 0);
    body
}

/// How long attributes are valid, and padding: the beginning of fuse_attr_out.
fn time() -> Vec<u8> {
    let mut body = 3_600u64.to_le_bytes().to_vec();
    body.resize(16, 0);
    body
}

/// fuse_attr, 88 bytes: ino, size, blocks, three times, their three nanosecond fields, mode, nlink,
/// uid, gid, rdev, blksize, flags.
fn attributes(node: u64) -> Vec<u8> {
    let (mode, size) = if node == 1 { (0o040_755u32, 0) } else { (0o100_644, SIZE) };
    let mut body: Vec<u8> = [node, size, size / 512, 0, 0, 0].iter().flat_map(|n| n.to_le_bytes()).collect();
    body.extend([0u32, 0, 0, mode, 1, 0, 0, 0, 4_096, 0].iter().flat_map(|n| n.to_le_bytes()));
    body
}

/// fuse_entry_out: nodeid, generation, two times and their nanoseconds, attributes.
fn entry() -> Vec<u8> {
    let mut body: Vec<u8> = [2u64, 0, 3_600, 3_600].iter().flat_map(|n| n.to_le_bytes()).collect();
    body.extend([0u8; 8]);
    body.extend(attributes(2));
    body
}
