//! Pure decoders for the macOS kernel's answers, from plain bytes and numbers.
//!
//! The calls themselves are in `macos/` and return what the kernel wrote. The decoders are here, so
//! that they are compiled and tested on every platform. Offsets are those of xnu
//! bsd/sys/proc_info.h, bsd/sys/sysctl.h and bsd/sys/resource.h, the same on arm64 and x86-64;
//! `macos/libproc.rs` checks them against libc's structs where libc has them. A kernel that only
//! imitates macOS may return too few bytes, or zeros; the decoders then return `None`.

mod descriptors;
mod events;
mod file;
mod machine;
mod macho;
mod process;
mod threads;
mod usage;

pub use descriptors::*;
pub use events::*;
pub use file::*;
pub use machine::*;
pub use macho::*;
pub use process::*;
pub use threads::*;
pub use usage::*;

/// The macOS error numbers that are handled specially.
pub mod errno {
    /// Operation not permitted.
    pub const EPERM: i32 = 1;
    /// No such file.
    pub const ENOENT: i32 = 2;
    /// No such process.
    pub const ESRCH: i32 = 3;
    /// Interrupted.
    pub const EINTR: i32 = 4;
    /// No such descriptor.
    pub const EBADF: i32 = 9;
    /// Not enough room.
    pub const ENOMEM: i32 = 12;
    /// Permission denied.
    pub const EACCES: i32 = 13;
    /// Invalid argument.
    pub const EINVAL: i32 = 22;
    /// Not supported.
    pub const ENOTSUP: i32 = 45;
    /// No such system call.
    pub const ENOSYS: i32 = 78;
    /// Not supported, returned for sockets and by imitations of the kernel.
    pub const EOPNOTSUPP: i32 = 102;
}

fn i16_at(bytes: &[u8], offset: usize) -> Option<i16> {
    bytes.get(offset..)?.first_chunk().map(|chunk| i16::from_le_bytes(*chunk))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The text of a fixed-size field, up to its first NUL.
fn text_at(bytes: &[u8], offset: usize, length: usize) -> Option<Vec<u8>> {
    let field = bytes.get(offset..offset.checked_add(length)?)?;
    Some(field.split(|&byte| byte == 0).next().unwrap_or_default().to_vec())
}

/// Shared by the tests of the decoders.
#[cfg(test)]
mod testing {
    pub(super) fn put(bytes: &mut [u8], offset: usize, value: &[u8]) {
        bytes[offset..offset + value.len()].copy_from_slice(value);
    }
}
