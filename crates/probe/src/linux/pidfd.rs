//! pidfd: a descriptor that refers to one process, even if another process gets its pid later.
#![expect(
    unsafe_code,
    reason = "PIDFD_GET_INFO is an ioctl that no crate wraps; tokio asks for a promise about descriptors"
)]

use std::ffi::c_void;
use std::os::fd::{BorrowedFd, OwnedFd};

use goplswatch_core::Pid;
use rustix::io::{Errno, Result};
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode};
use rustix::process::{PidfdFlags, pidfd_open};
use tokio::io::unix::AsyncFd;

/// Opens a pidfd (Linux 5.3).
pub(super) fn open(pid: Pid) -> Result<OwnedFd> {
    let pid = i32::try_from(pid.0).ok().and_then(rustix::process::Pid::from_raw).ok_or(Errno::SRCH)?;
    pidfd_open(pid, PidfdFlags::empty())
}

/// Registers a descriptor with tokio's reactor.
pub(super) fn pollable(fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` keeps its one descriptor open for as long as it lives, and the `AsyncFd`
    // owns it.
    unsafe { AsyncFd::register_with_interest(fd, tokio::io::Interest::READABLE) }.map_err(Into::into)
}

/// `struct pidfd_info` in its first size, 64 bytes (include/uapi/linux/pidfd.h,
/// `PIDFD_INFO_SIZE_VER0`).
#[repr(C)]
#[derive(Default)]
struct Info {
    mask: u64,
    cgroupid: u64,
    pid: u32,
    tgid: u32,
    ppid: u32,
    ids: [u32; 8],
    exit_code: i32,
}

const _: () = assert!(size_of::<Info>() == 64 && std::mem::offset_of!(Info, exit_code) == 60);

/// `PIDFD_INFO_EXIT`: the exit code is requested (in a request) or present (in an answer); Linux
/// 6.15.
const INFO_EXIT: u64 = 1 << 3;

struct GetInfo(Info);

// SAFETY: PIDFD_GET_INFO is _IOWR(0xFF, 11, struct pidfd_info). It reads and writes at most 64
// bytes, the size that is encoded in the opcode.
unsafe impl Ioctl for GetInfo {
    type Output = Info;
    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        rustix::ioctl::opcode::read_write::<Info>(0xFF, 11)
    }

    fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut self.0).cast()
    }

    unsafe fn output_from_ptr(_: IoctlOutput, ptr: *mut c_void) -> Result<Info> {
        // SAFETY: `ptr` is the pointer that `as_ptr` returned, to an initialised `Info`.
        Ok(unsafe { std::ptr::read(ptr.cast::<Info>()) })
    }
}

/// The wait status of a process that has been reaped; `None` if the kernel does not report it (too
/// old, or the process is not reaped yet).
pub(super) fn exit_code(pidfd: BorrowedFd<'_>) -> Result<Option<i32>> {
    let request = GetInfo(Info { mask: INFO_EXIT, ..Info::default() });
    // SAFETY: the descriptor is a pidfd and `GetInfo` describes exactly this call.
    let info = unsafe { rustix::ioctl::ioctl(pidfd, request) }?;
    Ok((info.mask & INFO_EXIT != 0).then_some(info.exit_code))
}
