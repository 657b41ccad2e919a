//! libproc: one function per call, each returning the bytes that the kernel wrote.
//!
//! Each call may fail for a process that existed a moment ago. An answer whose size differs from
//! that of the structure is an error, so the decoders of [`crate::xnu`] never see part of an
//! answer.
#![expect(unsafe_code, reason = "libproc is a C interface")]

use std::mem::{offset_of, size_of};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use libc::{c_int, c_void};

use super::sys::Refusal;
use crate::xnu;

/// `PROC_PIDUNIQIDENTIFIERINFO` of xnu bsd/sys/proc_info_private.h; libc lacks it.
const PROC_PIDUNIQIDENTIFIERINFO: c_int = 17;
/// `PROC_PIDLISTTHREADS` of xnu bsd/sys/proc_info_private.h; libc lacks it.
const PROC_PIDLISTTHREADS: c_int = 6;
/// `PROC_PIDFDKQUEUE_EXTINFO`, a flavour of `proc_pidfdinfo`, of the same file.
const PROC_PIDFDKQUEUE_EXTINFO: c_int = 9;
/// `PROC_PIDARCHINFO` of xnu bsd/sys/proc_info_private.h; libc lacks it.
const PROC_PIDARCHINFO: c_int = 19;
/// Makes `proc_pidinfo` include zombies (xnu bsd/kern/proc_info.c, `proc_pidinfo`: `arg` not 0).
const ZOMBIES_TOO: u64 = 1;

// Checks the offsets that `crate::xnu` uses against libc's structs, where libc has them.
const _: () = {
    assert!(size_of::<libc::proc_bsdshortinfo>() == xnu::SHORT_INFO_SIZE);
    assert!(offset_of!(libc::proc_bsdshortinfo, pbsi_ppid) == 4);
    assert!(offset_of!(libc::proc_bsdshortinfo, pbsi_status) == 12);
    assert!(offset_of!(libc::proc_bsdshortinfo, pbsi_comm) == 16);
    assert!(offset_of!(libc::proc_bsdshortinfo, pbsi_flags) == 32);
    assert!(offset_of!(libc::proc_bsdshortinfo, pbsi_uid) == 36);
    assert!(size_of::<libc::proc_bsdinfo>() == xnu::BSD_INFO_SIZE);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_status) == 4);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_pid) == 12);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_ppid) == 16);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_uid) == 20);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_comm) == 48);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_start_tvsec) == 120);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_start_tvusec) == 128);
    assert!(size_of::<libc::proc_vnodepathinfo>() == xnu::FOLDER_INFO_SIZE);
    assert!(offset_of!(libc::vnode_info_path, vip_path) == 152);
    assert!(size_of::<libc::rusage_info_v0>() == 96);
    assert!(size_of::<libc::rusage_info_v2>() == 160);
    assert!(size_of::<libc::rusage_info_v4>() == xnu::RUSAGE_V4_SIZE);
    assert!(offset_of!(libc::rusage_info_v4, ri_user_time) == 16);
    assert!(offset_of!(libc::rusage_info_v4, ri_resident_size) == 64);
    assert!(offset_of!(libc::rusage_info_v4, ri_phys_footprint) == 72);
    assert!(offset_of!(libc::rusage_info_v4, ri_diskio_bytesread) == 144);
    assert!(offset_of!(libc::rusage_info_v4, ri_diskio_byteswritten) == 152);
    assert!(offset_of!(libc::proc_bsdinfo, pbi_nfiles) == 96);
    assert!(size_of::<libc::proc_fdinfo>() == xnu::FD_INFO_SIZE);
    assert!(offset_of!(libc::proc_fdinfo, proc_fdtype) == 4);
    assert!(libc::PROX_FDTYPE_KQUEUE.unsigned_abs() == xnu::FD_TYPE_KQUEUE);
    assert!(size_of::<libc::proc_taskinfo>() == xnu::TASK_INFO_SIZE);
    assert!(offset_of!(libc::proc_taskinfo, pti_threadnum) == 84);
    assert!(size_of::<libc::proc_threadinfo>() == xnu::THREAD_INFO_SIZE);
    assert!(offset_of!(libc::proc_threadinfo, pth_run_state) == 24);
    assert!(libc::TH_STATE_UNINTERRUPTIBLE == 4);
    // Private structures, transcribed: {uuid[16], uniqueid, puniqueid, versions, reserved} and
    // {cputype, cpusubtype}.
    assert!(size_of::<UniqueInfo>() == xnu::UNIQUE_INFO_SIZE);
    assert!(offset_of!(UniqueInfo, uniqueid) == 16);
    assert!(size_of::<ArchInfo>() == xnu::ARCH_INFO_SIZE);
    assert!(offset_of!(ArchInfo, cpusubtype) == 4);
    assert!(size_of::<KeventQos>() == 72);
    assert!(offset_of!(KeventQos, filter) == 8);
    assert!(size_of::<KeventExtInfo>() == xnu::KNOTE_SIZE);
    assert!(offset_of!(KeventExtInfo, kev) == 0 && offset_of!(KeventExtInfo, sdata) == 72);
    assert!(offset_of!(KeventExtInfo, status) == 80 && offset_of!(KeventExtInfo, sfflags) == 84);
};

/// `struct proc_uniqidentifierinfo`, for its layout only.
#[repr(C)]
struct UniqueInfo {
    uuid: [u8; 16],
    uniqueid: u64,
    puniqueid: u64,
    idversion: i32,
    orig_ppidversion: i32,
    reserved: [u64; 2],
}

/// `struct proc_archinfo`, for its layout only.
#[repr(C)]
struct ArchInfo {
    cputype: i32,
    cpusubtype: i32,
}

/// `struct kevent_qos_s` of xnu bsd/sys/event_private.h, for its layout only.
#[repr(C)]
struct KeventQos {
    ident: u64,
    filter: i16,
    flags: u16,
    qos: i32,
    udata: u64,
    fflags: u32,
    xflags: u32,
    data: i64,
    ext: [u64; 4],
}

/// `struct kevent_extinfo` of the same file, for its layout only.
#[repr(C)]
struct KeventExtInfo {
    kev: KeventQos,
    sdata: u64,
    status: i32,
    sfflags: i32,
    reserved: [u64; 2],
}

/// Calls that this kernel lacks, one bit each: a missing call is tried once and not at every look.
static ABSENT: AtomicU64 = AtomicU64::new(0);
/// Bits for calls that are not flavours of `proc_pidinfo`; a flavour's bit is its own number.
const LIST_BIT: u32 = 63;
const RUSAGE_BIT: u32 = 48;
const KNOTES_BIT: u32 = 56;

fn ask<T>(bit: u32, call: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    let mask = 1u64.checked_shl(bit).unwrap_or(0);
    if ABSENT.load(Ordering::Relaxed) & mask != 0 {
        return Err(Refusal::Errno(xnu::errno::ENOTSUP));
    }
    // These calls return 0 both for failure and for an empty answer, so errno must not hold an old
    // value.
    // SAFETY: errno of this thread may always be written.
    unsafe { *libc::__error() = 0 };
    let answer = call();
    let absent = |refusal: &Refusal| {
        [xnu::errno::ENOTSUP, xnu::errno::ENOSYS, xnu::errno::EOPNOTSUPP].iter().any(|errno| refusal.is(*errno))
    };
    if answer.as_ref().is_err_and(absent) {
        ABSENT.fetch_or(mask, Ordering::Relaxed);
    }
    answer
}

/// A buffer for an answer, aligned for any of the structures.
#[repr(C, align(8))]
struct Room<const N: usize>([u8; N]);

/// `proc_listallpids`: fills `buffer` with pids and returns their number. If `buffer` is full,
/// there may be more.
pub(super) fn list_all_pids(buffer: &mut [i32]) -> Result<usize, Refusal> {
    let bytes = c_int::try_from(size_of_val(buffer)).map_err(|_| Refusal::Nonsense)?;
    ask(LIST_BIT, || {
        // SAFETY: `buffer` may be written for `bytes` bytes; any bytes are integers.
        let count = unsafe { libc::proc_listallpids(buffer.as_mut_ptr().cast::<c_void>(), bytes) };
        match usize::try_from(count) {
            Ok(0) | Err(_) => Err(Refusal::last()),
            Ok(count) => Ok(count.min(buffer.len())),
        }
    })
}

/// `PROC_PIDT_SHORTBSDINFO`, zombies too. Works for processes of any user.
pub(super) fn short_info(pid: u32) -> Result<[u8; xnu::SHORT_INFO_SIZE], Refusal> {
    pidinfo(pid, libc::PROC_PIDT_SHORTBSDINFO, ZOMBIES_TOO)
}

/// `PROC_PIDTBSDINFO`, zombies too. Only for processes of our own user.
pub(super) fn bsd_info(pid: u32) -> Result<[u8; xnu::BSD_INFO_SIZE], Refusal> {
    pidinfo(pid, libc::PROC_PIDTBSDINFO, ZOMBIES_TOO)
}

/// `PROC_PIDUNIQIDENTIFIERINFO`, zombies too. Works for processes of any user.
pub(super) fn unique_info(pid: u32) -> Result<[u8; xnu::UNIQUE_INFO_SIZE], Refusal> {
    pidinfo(pid, PROC_PIDUNIQIDENTIFIERINFO, ZOMBIES_TOO)
}

/// `PROC_PIDARCHINFO`. Only for processes of our own user.
pub(super) fn arch_info(pid: u32) -> Result<[u8; xnu::ARCH_INFO_SIZE], Refusal> {
    pidinfo(pid, PROC_PIDARCHINFO, 0)
}

/// `PROC_PIDVNODEPATHINFO`: working folder and root. Only for processes of our own user.
pub(super) fn folder_info(pid: u32) -> Result<[u8; xnu::FOLDER_INFO_SIZE], Refusal> {
    pidinfo(pid, libc::PROC_PIDVNODEPATHINFO, 0)
}

fn pidinfo<const N: usize>(pid: u32, flavor: c_int, arg: u64) -> Result<[u8; N], Refusal> {
    let pid = c_int::try_from(pid).map_err(|_| Refusal::Nonsense)?;
    let size = c_int::try_from(N).map_err(|_| Refusal::Nonsense)?;
    let mut room = Room([0u8; N]);
    ask(flavor.unsigned_abs(), || {
        // SAFETY: `room` may be written for `size` bytes, and any value of them is valid.
        let got = unsafe { libc::proc_pidinfo(pid, flavor, arg, room.0.as_mut_ptr().cast::<c_void>(), size) };
        match usize::try_from(got) {
            // libproc turns the kernel's -1 into 0 and leaves errno set.
            Ok(0) | Err(_) => Err(Refusal::last()),
            Ok(got) if got == N => Ok(room.0),
            Ok(got) => Err(Refusal::Size { got, want: N }),
        }
    })
}

/// `PROC_PIDTASKINFO`. Only for processes of our own user.
pub(super) fn task_info(pid: u32) -> Result<[u8; xnu::TASK_INFO_SIZE], Refusal> {
    pidinfo(pid, libc::PROC_PIDTASKINFO, 0)
}

/// `PROC_PIDTHREADINFO` of one thread, by a handle of [`list_threads`]. Only for processes of our
/// own user; `ESRCH` once the thread has ended.
pub(super) fn thread_info(pid: u32, handle: u64) -> Result<[u8; xnu::THREAD_INFO_SIZE], Refusal> {
    pidinfo(pid, libc::PROC_PIDTHREADINFO, handle)
}

/// `PROC_PIDLISTTHREADS`: the handles of at most `most` threads. Only for processes of our own
/// user.
pub(super) fn list_threads(pid: u32, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut buffer = vec![0u8; most.saturating_mul(8)];
    let got = pidinfo_into(pid, PROC_PIDLISTTHREADS, &mut buffer)?;
    buffer.truncate(got);
    Ok(buffer)
}

/// `PROC_PIDLISTFDS`: an array of `struct proc_fdinfo`, one for each open descriptor. Only for
/// processes of our own user.
pub(super) fn list_fds(pid: u32) -> Result<Vec<u8>, Refusal> {
    /// Several times more bytes than any macOS needs for one process.
    const MOST: usize = 1 << 26;
    // Without a buffer the kernel returns the size of an answer for the whole table.
    let bound = pidinfo_into(pid, libc::PROC_PIDLISTFDS, &mut [])?;
    let mut room = bound.saturating_add(64 * xnu::FD_INFO_SIZE).min(MOST);
    loop {
        let mut buffer = vec![0u8; room];
        let got = pidinfo_into(pid, libc::PROC_PIDLISTFDS, &mut buffer)?;
        // A full buffer may have cut the list off: more descriptors may have been opened between
        // the two calls.
        if got < room || room >= MOST {
            buffer.truncate(got);
            return Ok(buffer);
        }
        room = room.saturating_mul(2).min(MOST);
    }
}

/// `proc_pidinfo` of a flavour that returns a list, into `buffer`. Returns how many bytes it wrote,
/// or would write if there is no buffer.
fn pidinfo_into(pid: u32, flavor: c_int, buffer: &mut [u8]) -> Result<usize, Refusal> {
    let pid = c_int::try_from(pid).map_err(|_| Refusal::Nonsense)?;
    let size = c_int::try_from(buffer.len()).map_err(|_| Refusal::Nonsense)?;
    let room = buffer.len();
    let start = if room == 0 { ptr::null_mut() } else { buffer.as_mut_ptr().cast::<c_void>() };
    ask(flavor.unsigned_abs(), || {
        // SAFETY: `start` is null with a size of 0, or may be written for `size` bytes; any value
        // of them is valid.
        let got = unsafe { libc::proc_pidinfo(pid, flavor, 0, start, size) };
        listed(got, room)
    })
}

/// Checks a returned length or count. 0 may mean an empty answer or a failure; only a failure sets
/// errno.
fn listed(got: c_int, room: usize) -> Result<usize, Refusal> {
    match usize::try_from(got) {
        Ok(0) => match Refusal::last() {
            Refusal::Errno(0) => Ok(0),
            refusal => Err(refusal),
        },
        Ok(got) if room == 0 || got <= room => Ok(got),
        Ok(got) => Err(Refusal::Size { got, want: room }),
        Err(_) => Err(Refusal::last()),
    }
}

/// `PROC_PIDFDKQUEUE_EXTINFO`: the number of knotes that the kernel reports for a kqueue of a
/// process. As many of them as fit are then in `buffer`, which must have room for one at least.
/// Only for processes of our own user.
pub(super) fn kqueue_knotes(pid: u32, fd: i32, buffer: &mut [u8]) -> Result<usize, Refusal> {
    let pid = c_int::try_from(pid).map_err(|_| Refusal::Nonsense)?;
    let size = c_int::try_from(buffer.len()).map_err(|_| Refusal::Nonsense)?;
    if buffer.len() < xnu::KNOTE_SIZE {
        return Err(Refusal::Nonsense);
    }
    ask(KNOTES_BIT, || {
        let start = buffer.as_mut_ptr().cast::<c_void>();
        // SAFETY: `buffer` may be written for `size` bytes, and any value of them is valid.
        let returned = unsafe { libc::proc_pidfdinfo(pid, fd, PROC_PIDFDKQUEUE_EXTINFO, start, size) };
        listed(returned, 0)
    })
}

/// `proc_pidpath`: the file that the process runs. Fails with `ENOENT` once there is no file at
/// that path. Works for processes of any user.
pub(super) fn path(pid: u32) -> Result<Vec<u8>, Refusal> {
    let pid = c_int::try_from(pid).map_err(|_| Refusal::Nonsense)?;
    let size = u32::try_from(libc::PROC_PIDPATHINFO_MAXSIZE).map_err(|_| Refusal::Nonsense)?;
    let mut buffer = vec![0u8; usize::try_from(size).map_err(|_| Refusal::Nonsense)?];
    // An empty path with success leaves errno unchanged, so clear it first.
    // SAFETY: errno of this thread may always be written.
    unsafe { *libc::__error() = 0 };
    // SAFETY: `buffer` may be written for `size` bytes.
    let got = unsafe { libc::proc_pidpath(pid, buffer.as_mut_ptr().cast::<c_void>(), size) };
    let got = usize::try_from(got).unwrap_or(0);
    if got == 0 {
        return Err(Refusal::last());
    }
    buffer.truncate(got);
    if let Some(end) = buffer.iter().position(|&byte| byte == 0) {
        buffer.truncate(end);
    }
    if buffer.is_empty() { Err(Refusal::Nonsense) } else { Ok(buffer) }
}

/// The flavours of `proc_pid_rusage` that are tried, best first, with the size of what each writes.
pub(super) const RUSAGE_FLAVOURS: [(c_int, usize); 3] =
    [(libc::RUSAGE_INFO_V4, xnu::RUSAGE_V4_SIZE), (libc::RUSAGE_INFO_V2, 160), (libc::RUSAGE_INFO_V0, 96)];

/// `proc_pid_rusage` of one flavour. Only for processes of our own user. The bytes beyond the
/// flavour's size are zero.
pub(super) fn rusage(pid: u32, flavor: c_int) -> Result<[u8; xnu::RUSAGE_V4_SIZE], Refusal> {
    let pid = c_int::try_from(pid).map_err(|_| Refusal::Nonsense)?;
    let mut room = Room([0u8; xnu::RUSAGE_V4_SIZE]);
    ask(RUSAGE_BIT.saturating_add(flavor.unsigned_abs()), || {
        // SAFETY: `room` has the size of the largest flavour that is requested. Despite the type of
        // the parameter, the call writes the structure itself there (libproc.h, proc_pid_rusage).
        let answer = unsafe { libc::proc_pid_rusage(pid, flavor, room.0.as_mut_ptr().cast::<libc::rusage_info_t>()) };
        if answer == 0 { Ok(room.0) } else { Err(Refusal::last()) }
    })
}
