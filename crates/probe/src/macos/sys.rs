//! sysctl, signals and our own ids: one function per call, plain data back.
#![expect(unsafe_code, reason = "sysctl is a C interface")]

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd as _};
use std::ptr;
use std::time::Duration;

use goplswatch_core::message::{Count, Message, SharedMessage, Verbatim};
use libc::{c_int, c_uint, c_void};

use crate::xnu::errno;

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The kernel returned this error number.
    Errno(i32),
    /// The answer differs in size from the structure.
    Size { got: usize, want: usize },
    /// The answer has the right size, but cannot be true.
    Nonsense,
}

impl Refusal {
    /// What the last call on this thread left in errno.
    pub(super) fn last() -> Self {
        Self::Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    pub(super) const fn is(self, errno: i32) -> bool {
        matches!(self, Self::Errno(number) if number == errno)
    }

    /// The refusal as a message that names the call.
    pub(super) fn of(self, call: &str) -> Message {
        Message::CallRefused { call: Verbatim::of(call), why: SharedMessage::new(self.into()) }
    }

    /// Whether the system has the capability and denies it to us.
    pub(super) const fn denied(self) -> bool {
        self.is(errno::EPERM) || self.is(errno::EACCES)
    }
}

impl From<Refusal> for Message {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Errno(errno::ESRCH) => Self::ProcessGone,
            Refusal::Errno(0) => Self::NoErrorNumber,
            Refusal::Errno(number) => Self::reported(std::io::Error::from_raw_os_error(number)),
            Refusal::Size { got, want } => {
                Self::AnswerOfSize { got: Count::new(got as u64), want: Count::new(want as u64) }
            }
            Refusal::Nonsense => Self::AnswerNotTrue,
        }
    }
}

/// Blocks for a moment: on the thread that waits for events, and in the self-tests before the event
/// loop starts.
#[expect(clippy::disallowed_methods, reason = "no event loop runs on this thread, or none yet")]
pub(super) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}

/// Lets the system run this thread where and when it costs least: its quality of service becomes
/// "utility" (pthread_set_qos_class_self_np(3), sys/qos.h: work that the user does not wait for).
/// "background" may be held back for seconds, which is too long for an event.
pub fn lower_thread_priority() {
    // SAFETY: takes two numbers and affects this thread only. A refusal leaves the thread as it
    // was.
    let _ = unsafe { libc::pthread_set_qos_class_self_np(libc::qos_class_t::QOS_CLASS_UTILITY, 0) };
}

/// The effective user at the other end of a Unix socket, as it was when that end connected or
/// listened (getpeereid(3)). tokio's own call is not used: it also asks for the pid, and panics on
/// a kernel that returns that with another size.
///
/// # Errors
/// The error of the system call, mostly that the other end is gone.
pub fn peer_uid(socket: impl AsFd) -> std::io::Result<u32> {
    let (mut uid, mut gid) = (libc::uid_t::MAX, libc::gid_t::MAX);
    // SAFETY: the descriptor is open as long as it is borrowed, and both numbers may be written.
    match unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut uid, &raw mut gid) } {
        0 => Ok(uid),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// kill(2) of one process, never of a group. The caller has checked that the pid belongs to the
/// process that is meant.
pub(super) fn kill(pid: u32, signal: c_int) -> Result<(), Refusal> {
    let pid = libc::pid_t::try_from(pid).ok().filter(|pid| *pid > 1).ok_or(Refusal::Nonsense)?;
    // SAFETY: kill takes two numbers and touches no memory of ours.
    match unsafe { libc::kill(pid, signal) } {
        0 => Ok(()),
        _ => Err(Refusal::last()),
    }
}

/// Our own pid.
pub(super) fn own_pid() -> u32 {
    std::process::id()
}

/// Our effective user.
pub(super) fn own_uid() -> u32 {
    // SAFETY: geteuid takes no arguments, changes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// CPU time of this process by getrusage(2), nanoseconds. POSIX counts it in microseconds on every
/// processor.
pub(super) fn own_cpu_ns() -> Option<u64> {
    // SAFETY: an all-zero `rusage` is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` may be written.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) } != 0 {
        return None;
    }
    let ns = |time: libc::timeval| {
        let seconds = u64::try_from(time.tv_sec).ok()?;
        seconds.checked_mul(1_000_000_000)?.checked_add(u64::try_from(time.tv_usec).ok()?.checked_mul(1_000)?)
    };
    ns(usage.ru_utime)?.checked_add(ns(usage.ru_stime)?)
}

/// sysctl(3) by numbers, into `buffer`. Returns the length of the answer.
pub(super) fn sysctl(name: &mut [c_int], buffer: &mut [u8]) -> Result<usize, Refusal> {
    let names = c_uint::try_from(name.len()).map_err(|_| Refusal::Nonsense)?;
    let mut length = buffer.len();
    // SAFETY: `name` holds `names` integers, `buffer` may be written for `length` bytes, and
    // nothing is set.
    let answer = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            names,
            buffer.as_mut_ptr().cast::<c_void>(),
            &raw mut length,
            ptr::null_mut(),
            0,
        )
    };
    checked(answer, length, buffer.len())
}

/// An estimate of how many bytes sysctl(3) would return now.
pub(super) fn sysctl_size(name: &mut [c_int]) -> Result<usize, Refusal> {
    let names = c_uint::try_from(name.len()).map_err(|_| Refusal::Nonsense)?;
    let mut length = 0;
    // SAFETY: `name` holds `names` integers; a null buffer requests the length only, and nothing is
    // set.
    let answer =
        unsafe { libc::sysctl(name.as_mut_ptr(), names, ptr::null_mut(), &raw mut length, ptr::null_mut(), 0) };
    checked(answer, length, usize::MAX)
}

/// sysctlbyname(3), at most `N` bytes.
pub(super) fn sysctl_named<const N: usize>(name: &CStr) -> Result<Vec<u8>, Refusal> {
    let mut buffer = vec![0u8; N];
    let mut length = N;
    // SAFETY: `name` ends with a NUL, `buffer` may be written for `length` bytes, and nothing is
    // set.
    let answer = unsafe {
        libc::sysctlbyname(name.as_ptr(), buffer.as_mut_ptr().cast::<c_void>(), &raw mut length, ptr::null_mut(), 0)
    };
    buffer.truncate(checked(answer, length, N)?);
    Ok(buffer)
}

fn checked(answer: c_int, length: usize, room: usize) -> Result<usize, Refusal> {
    match answer {
        0 if length <= room => Ok(length),
        0 => Err(Refusal::Size { got: length, want: room }),
        _ => Err(Refusal::last()),
    }
}
