//! What the macOS kernel's answers mean: pure decoders over plain bytes and numbers.
//!
//! The calls themselves are in `macos/` and return what the kernel wrote. Everything that reads it is here, so that it
//! is compiled and tested on every system. Offsets are those of xnu bsd/sys/proc_info.h, bsd/sys/sysctl.h and
//! bsd/sys/resource.h, the same on arm64 and x86-64; `macos/libproc.rs` holds them against libc's structs where libc
//! has them. A kernel that only resembles macOS may answer short, or with zeros: then the decoders answer `None`.

use goplswatch_core::words::{BinaryChange, ExitStatus};
use goplswatch_core::{Pid, ProcessKey, Reading};

use crate::wait_status::decode_exit;
use crate::world::{RunState, Sign};

/// Size of `struct kinfo_proc` (sysctl `KERN_PROC`).
pub const KINFO_SIZE: usize = 648;
/// Size of `struct proc_bsdshortinfo` (`PROC_PIDT_SHORTBSDINFO`).
pub const SHORT_INFO_SIZE: usize = 64;
/// Size of `struct proc_bsdinfo` (`PROC_PIDTBSDINFO`).
pub const BSD_INFO_SIZE: usize = 136;
/// Size of `struct proc_uniqidentifierinfo` (`PROC_PIDUNIQIDENTIFIERINFO`).
pub const UNIQUE_INFO_SIZE: usize = 56;
/// Size of `struct proc_archinfo` (`PROC_PIDARCHINFO`).
pub const ARCH_INFO_SIZE: usize = 8;
/// Size of `struct proc_vnodepathinfo` (`PROC_PIDVNODEPATHINFO`).
pub const FOLDER_INFO_SIZE: usize = 2352;
/// Size of `struct rusage_info_v4`, the largest flavour that is asked for.
pub const RUSAGE_V4_SIZE: usize = 296;

/// `PROC_FLAG_EXEC` of `pbsi_flags` and `P_EXEC` of `p_flag`: it has called exec. fork does not hand it down
/// (xnu bsd/kern/kern_fork.c, `forkproc`), exec sets it (bsd/kern/kern_exec.c, `exec_mach_imgact`).
const FLAG_EXEC: u32 = 0x4000;
/// `PROC_FLAG_ROSETTA` of `pbsi_flags` (macOS 12 and later).
const FLAG_ROSETTA: u32 = 0x0200_0000;
/// `P_TRANSLATED` of `p_flag` (macOS 11 and later).
const P_TRANSLATED: u32 = 0x0002_0000;

/// `NOTE_EXIT`.
pub const NOTE_EXIT: u32 = 0x8000_0000;
/// `NOTE_FORK`.
pub const NOTE_FORK: u32 = 0x4000_0000;
/// `NOTE_EXEC`.
pub const NOTE_EXEC: u32 = 0x2000_0000;
/// `NOTE_EXITSTATUS`.
pub const NOTE_EXITSTATUS: u32 = 0x0400_0000;
/// `NOTE_EXIT_DETAIL`.
pub const NOTE_EXIT_DETAIL: u32 = 0x0200_0000;
/// All that is worth knowing of a process: the first thing to ask for.
pub const NOTE_ALL: u32 = NOTE_EXIT | NOTE_EXITSTATUS | NOTE_EXIT_DETAIL | NOTE_FORK | NOTE_EXEC;
/// `EV_EOF`: the process is over, whatever else the event says.
pub const EV_EOF: u16 = 0x8000;

/// The error numbers of macOS that mean something here.
pub mod errno {
    /// Operation not permitted.
    pub const EPERM: i32 = 1;
    /// No such file.
    pub const ENOENT: i32 = 2;
    /// No such process.
    pub const ESRCH: i32 = 3;
    /// Interrupted.
    pub const EINTR: i32 = 4;
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
    /// Not supported, said of sockets and by emulations.
    pub const EOPNOTSUPP: i32 = 102;
}

/// What every way of looking at a process shows, whichever call answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basics {
    /// Its pid, as the answer repeats it.
    pub pid: u32,
    /// Its parent.
    pub parent: u32,
    /// Its effective user.
    pub uid: u32,
    /// The kernel's short name.
    pub comm: Vec<u8>,
    /// Its state.
    pub state: RunState,
    /// Whether it has called exec.
    pub execed: bool,
    /// `PROC_FLAG_ROSETTA` where the answer has such a flag.
    pub rosetta: Option<bool>,
    /// When it started, microseconds of the wall clock, where the answer says so.
    pub started_wall_us: Option<u64>,
}

/// Reads a `struct proc_bsdshortinfo`.
#[must_use]
pub fn short_info(bytes: &[u8]) -> Option<Basics> {
    let bytes: &[u8; SHORT_INFO_SIZE] = bytes.try_into().ok()?;
    let flags = u32_at(bytes, 32)?;
    Some(Basics {
        pid: u32_at(bytes, 0).filter(|&pid| pid != 0)?,
        parent: u32_at(bytes, 4)?,
        uid: u32_at(bytes, 36)?,
        comm: text_at(bytes, 16, 16)?,
        state: run_state(u32_at(bytes, 12)?),
        execed: flags & FLAG_EXEC != 0,
        rosetta: Some(flags & FLAG_ROSETTA != 0),
        started_wall_us: None,
    })
}

/// Reads a `struct proc_bsdinfo`.
#[must_use]
pub fn bsd_info(bytes: &[u8]) -> Option<Basics> {
    let bytes: &[u8; BSD_INFO_SIZE] = bytes.try_into().ok()?;
    let flags = u32_at(bytes, 0)?;
    Some(Basics {
        pid: u32_at(bytes, 12).filter(|&pid| pid != 0)?,
        parent: u32_at(bytes, 16)?,
        uid: u32_at(bytes, 20)?,
        comm: text_at(bytes, 48, 16)?,
        state: run_state(u32_at(bytes, 4)?),
        execed: flags & FLAG_EXEC != 0,
        rosetta: Some(flags & FLAG_ROSETTA != 0),
        started_wall_us: micros(u64_at(bytes, 120)?, u64_at(bytes, 128)?),
    })
}

/// Reads one `struct kinfo_proc`, with its `P_TRANSLATED`.
#[must_use]
pub fn kinfo(bytes: &[u8]) -> Option<(Basics, bool)> {
    let bytes: &[u8; KINFO_SIZE] = bytes.try_into().ok()?;
    let flags = u32_at(bytes, 32)?;
    let seconds = u64_at(bytes, 0)?;
    let basics = Basics {
        pid: u32_at(bytes, 40).filter(|&pid| pid != 0)?,
        parent: u32_at(bytes, 560)?,
        uid: u32_at(bytes, 420)?,
        comm: text_at(bytes, 243, 17)?,
        state: run_state(u32::from(*bytes.get(36)?)),
        execed: flags & FLAG_EXEC != 0,
        rosetta: None,
        started_wall_us: micros(seconds, u64::from(u32_at(bytes, 8)?)),
    };
    Some((basics, flags & P_TRANSLATED != 0))
}

/// The pids of an array of `struct kinfo_proc`, without the kernel's own 0.
pub fn kinfo_pids(bytes: &[u8], out: &mut Vec<Pid>) {
    let pids = bytes.chunks_exact(KINFO_SIZE).filter_map(|entry| u32_at(entry, 40));
    out.extend(pids.filter(|&pid| pid != 0).map(Pid));
}

/// `p_uniqueid` of a `struct proc_uniqidentifierinfo`; never 0.
#[must_use]
pub fn unique_id(bytes: &[u8]) -> Option<u64> {
    let bytes: &[u8; UNIQUE_INFO_SIZE] = bytes.try_into().ok()?;
    u64_at(bytes, 16).filter(|&id| id != 0)
}

/// The working folder of a `struct proc_vnodepathinfo`; never empty.
#[must_use]
pub fn folder(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes: &[u8; FOLDER_INFO_SIZE] = bytes.try_into().ok()?;
    text_at(bytes, 152, 1024).filter(|path| !path.is_empty())
}

fn run_state(status: u32) -> RunState {
    // xnu bsd/sys/proc.h: SSTOP 4, SZOMB 5; nearly all others show SRUN, whatever they do.
    match status {
        4 => RunState::Stopped,
        5 => RunState::Zombie,
        _ => RunState::Alive,
    }
}

/// Whether a process is translated, from `P_TRANSLATED` of its `kinfo_proc` and `PROC_FLAG_ROSETTA`.
///
/// The second flag is younger than the first (macOS 12 against 11), so its absence alone proves nothing.
#[must_use]
pub fn translated(kinfo: Result<bool, String>, rosetta: Option<bool>) -> Reading<bool> {
    match (kinfo, rosetta) {
        (Ok(true), _) | (_, Some(true)) => Reading::Known(true),
        (Ok(false), _) => Reading::Known(false),
        (Err(why), _) => Reading::unknown(why),
    }
}

/// The name of the architecture in a `struct proc_archinfo` (xnu osfmk/mach/machine.h).
#[must_use]
pub fn arch_name(bytes: &[u8]) -> Option<Result<&'static str, u32>> {
    let bytes: &[u8; ARCH_INFO_SIZE] = bytes.try_into().ok()?;
    match (u32_at(bytes, 0)?, u32_at(bytes, 4)? & 0x00ff_ffff) {
        (0, _) => None,
        (0x0100_000c, 2) => Some(Ok("arm64e")),
        (0x0100_000c, _) => Some(Ok("arm64")),
        (0x0100_0007, 8) => Some(Ok("x86_64h")),
        (0x0100_0007, _) => Some(Ok("x86_64")),
        (7, _) => Some(Ok("i386")),
        (other, _) => Some(Err(other)),
    }
}

/// What `proc_pid_rusage` counts, times still in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rusage {
    /// CPU time, user and system, mach ticks.
    pub cpu_ticks: u64,
    /// Bytes read from and written to disk: what the page cache answers does not count here (Linux counts it). `None`
    /// in the oldest flavour, which does not count them.
    pub disk_bytes: Option<u64>,
    /// `phys_footprint` (Activity Monitor's "Memory"), or the resident size where the kernel leaves it zero.
    pub memory_bytes: u64,
}

/// Reads a `struct rusage_info_v0`, `_v2` or `_v4`. All zeros is no answer: even a sleeping process has memory.
#[must_use]
pub fn rusage(bytes: &[u8]) -> Option<Rusage> {
    let cpu_ticks = u64_at(bytes, 16)?.saturating_add(u64_at(bytes, 24)?);
    let memory_bytes = match (u64_at(bytes, 72)?, u64_at(bytes, 64)?) {
        (0, resident) => resident,
        (footprint, _) => footprint,
    };
    let disk_bytes = match (u64_at(bytes, 144), u64_at(bytes, 152)) {
        (Some(read), Some(written)) => Some(read.saturating_add(written)),
        _ => None,
    };
    (cpu_ticks != 0 || memory_bytes != 0).then_some(Rusage { cpu_ticks, disk_bytes, memory_bytes })
}

/// Mach ticks as nanoseconds. A time base of zero is no time base and counts as 1/1.
#[must_use]
pub fn ticks_to_ns(ticks: u64, numer: u32, denom: u32) -> u64 {
    if numer == 0 || denom == 0 {
        return ticks;
    }
    let ns = u128::from(ticks) * u128::from(numer) / u128::from(denom);
    u64::try_from(ns).unwrap_or(u64::MAX)
}

/// What CPU times have to be multiplied by, from one of our own as `proc_pid_rusage` tells it and as getrusage(2) does.
/// A translated program is told a time base of 1/1 while the kernel counts ticks of 125/3 ns (Apple silicon). `None`: they
/// have nothing to do with each other.
#[must_use]
pub fn tick_scale(told_ns: u64, true_ns: u64) -> Option<(u32, u32)> {
    let near = |ns: u64| ns >= true_ns / 2 && ns <= true_ns.saturating_mul(2) && true_ns != 0;
    [(1, 1), (125, 3)].into_iter().find(|&(numer, denom)| near(ticks_to_ns(told_ns, numer, denom)))
}

/// A start that the kernel noted on the wall clock, on the continuous clock.
///
/// The wall clock may have been set since: the answer is off by as much, and unknown if it lands before the boot.
#[must_use]
pub fn started_ns(started_wall_us: Option<u64>, now_wall_ns: u64, now_cont_ns: u64) -> Reading<u64> {
    let Some(started) = started_wall_us else {
        return Reading::unknown("the system did not say when this process started");
    };
    // A clock set back puts a start into the future; "just now" is the nearest thing that can be true.
    let age = now_wall_ns.saturating_sub(started.saturating_mul(1000));
    match now_cont_ns.checked_sub(age) {
        Some(start) => Reading::Known(start),
        None => Reading::unknown("the wall clock was set since this process started"),
    }
}

/// What tells one file from the next at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMark {
    /// The volume.
    pub device: u64,
    /// The file on it.
    pub inode: u64,
    /// Seconds of its last change.
    pub modified_s: i64,
    /// Nanoseconds of its last change.
    pub modified_ns: i64,
}

/// What happened to an executable: the file that stood at its path when the process was young, and the one that stands
/// there now.
#[must_use]
pub fn binary_change(before: &FileMark, now: Option<&FileMark>) -> Option<BinaryChange> {
    match now {
        None => Some(BinaryChange::Deleted),
        Some(now) if now != before => Some(BinaryChange::Replaced),
        Some(_) => None,
    }
}

/// What to ask of a process next, when the kernel refused to watch it for `asked` with `errno`. `None`: nothing is left.
#[must_use]
pub fn next_notes(asked: u32, errno: i32) -> Option<u32> {
    match errno {
        // EACCES is said only to EXIT with EXITSTATUS (xnu bsd/kern/kern_event.c, `filt_procattach`).
        errno::EACCES | errno::EPERM if asked & NOTE_EXITSTATUS != 0 => Some(asked & !NOTE_EXITSTATUS),
        errno::ENOTSUP | errno::EINVAL | errno::ENOSYS | errno::EOPNOTSUPP => {
            let with_status = NOTE_EXIT | NOTE_EXITSTATUS;
            if asked & NOTE_EXITSTATUS != 0 && asked != with_status {
                Some(with_status)
            } else if asked != NOTE_EXIT {
                Some(NOTE_EXIT)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// The signs in one event of a watched process, in the order in which they must have happened. Returns whether it ended.
pub fn signs(key: ProcessKey, flags: u16, notes: u32, data: i64, out: &mut impl Extend<Sign>) -> bool {
    if notes & NOTE_FORK != 0 {
        out.extend([Sign::Forked(key)]);
    }
    if notes & NOTE_EXEC != 0 {
        out.extend([Sign::Execed(key)]);
    }
    if notes & NOTE_EXIT != 0 {
        let (status, detail) = decode_exit(data, notes & NOTE_EXITSTATUS != 0);
        out.extend([Sign::Ended { key, status, detail }]);
        return true;
    }
    if flags & EV_EOF != 0 {
        let status =
            ExitStatus::Unknown("the system closed the watch of this process without saying how it ended".into());
        out.extend([Sign::Ended { key, status, detail: None }]);
        return true;
    }
    false
}

fn micros(seconds: u64, micros: u64) -> Option<u64> {
    if seconds == 0 || micros >= 1_000_000 {
        return None;
    }
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The text of a fixed field, up to its first NUL.
fn text_at(bytes: &[u8], offset: usize, length: usize) -> Option<Vec<u8>> {
    let field = bytes.get(offset..offset.checked_add(length)?)?;
    Some(field.split(|&byte| byte == 0).next().unwrap_or_default().to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn put(bytes: &mut [u8], offset: usize, value: &[u8]) {
        bytes[offset..offset + value.len()].copy_from_slice(value);
    }

    #[test]
    fn cpu_times_are_scaled_only_where_that_makes_them_true() {
        assert_eq!(tick_scale(10_500_000, 10_000_000), Some((1, 1)));
        assert_eq!(tick_scale(240_000, 10_000_000), Some((125, 3)), "translated on Apple silicon");
        assert_eq!([tick_scale(0, 10_000_000), tick_scale(10_000_000, 0), tick_scale(u64::MAX, 1)], [None; 3]);
    }

    #[test]
    fn short_info_by_its_offsets() {
        let mut bytes = [0u8; SHORT_INFO_SIZE];
        put(&mut bytes, 0, &501u32.to_le_bytes());
        put(&mut bytes, 4, &77u32.to_le_bytes());
        put(&mut bytes, 12, &4u32.to_le_bytes());
        put(&mut bytes, 16, b"gopls");
        put(&mut bytes, 32, &(FLAG_EXEC | FLAG_ROSETTA).to_le_bytes());
        put(&mut bytes, 36, &1000u32.to_le_bytes());
        let basics = short_info(&bytes).unwrap();
        assert_eq!((basics.pid, basics.parent, basics.uid), (501, 77, 1000));
        assert_eq!(basics.comm, b"gopls");
        assert_eq!(basics.state, RunState::Stopped);
        assert!(basics.execed);
        assert_eq!(basics.rosetta, Some(true));
        assert_eq!(short_info(&bytes[..63]), None);
        assert_eq!(short_info(&[0; SHORT_INFO_SIZE]), None, "pid 0 is no process of ours");
    }

    #[test]
    fn bsd_info_by_its_offsets() {
        let mut bytes = [0u8; BSD_INFO_SIZE];
        put(&mut bytes, 4, &5u32.to_le_bytes());
        put(&mut bytes, 12, &501u32.to_le_bytes());
        put(&mut bytes, 16, &1u32.to_le_bytes());
        put(&mut bytes, 20, &1000u32.to_le_bytes());
        put(&mut bytes, 48, b"0123456789abcdef");
        put(&mut bytes, 120, &1_700_000_000u64.to_le_bytes());
        put(&mut bytes, 128, &123_456u64.to_le_bytes());
        let basics = bsd_info(&bytes).unwrap();
        assert_eq!((basics.pid, basics.parent, basics.uid), (501, 1, 1000));
        assert_eq!(basics.state, RunState::Zombie);
        assert_eq!(basics.comm, b"0123456789abcdef", "a field without a NUL is taken whole");
        assert!(!basics.execed);
        assert_eq!(basics.started_wall_us, Some(1_700_000_000_123_456));
    }

    #[test]
    fn kinfo_by_its_offsets() {
        let mut bytes = [0u8; KINFO_SIZE];
        put(&mut bytes, 0, &1_700_000_000u64.to_le_bytes());
        put(&mut bytes, 8, &5u32.to_le_bytes());
        put(&mut bytes, 32, &(P_TRANSLATED | FLAG_EXEC).to_le_bytes());
        put(&mut bytes, 36, &[2]);
        put(&mut bytes, 40, &501u32.to_le_bytes());
        put(&mut bytes, 243, b"gopls");
        put(&mut bytes, 420, &1000u32.to_le_bytes());
        put(&mut bytes, 560, &77u32.to_le_bytes());
        let (basics, translated) = kinfo(&bytes).unwrap();
        assert!(translated);
        assert_eq!((basics.pid, basics.parent, basics.uid), (501, 77, 1000));
        assert_eq!(basics.comm, b"gopls");
        assert_eq!(basics.state, RunState::Alive);
        assert_eq!(basics.started_wall_us, Some(1_700_000_000_000_005));
        let mut pids = Vec::new();
        kinfo_pids(&[bytes.as_slice(), &[0; KINFO_SIZE], &bytes[..100]].concat(), &mut pids);
        assert_eq!(pids, [Pid(501)]);
    }

    #[test]
    fn an_identity_or_a_folder_of_zeros_is_none() {
        let mut bytes = [0u8; UNIQUE_INFO_SIZE];
        assert_eq!(unique_id(&bytes), None);
        put(&mut bytes, 16, &99u64.to_le_bytes());
        assert_eq!(unique_id(&bytes), Some(99));
        assert_eq!(unique_id(&bytes[..48]), None);

        let mut bytes = [0u8; FOLDER_INFO_SIZE];
        assert_eq!(folder(&bytes), None);
        put(&mut bytes, 152, b"/Users/g");
        assert_eq!(folder(&bytes), Some(b"/Users/g".to_vec()));
    }

    #[test]
    fn architectures() {
        let info = |cpu: u32, sub: u32| [cpu.to_le_bytes(), sub.to_le_bytes()].concat();
        assert_eq!(arch_name(&info(0x0100_000c, 0)), Some(Ok("arm64")));
        assert_eq!(arch_name(&info(0x0100_000c, 0x8000_0002)), Some(Ok("arm64e")));
        assert_eq!(arch_name(&info(0x0100_0007, 3)), Some(Ok("x86_64")));
        assert_eq!(arch_name(&info(0x0200_000c, 0)), Some(Err(0x0200_000c)));
        assert_eq!(arch_name(&info(0, 0)), None);
        assert_eq!(arch_name(&[1]), None);
    }

    #[test]
    fn translation_needs_one_yes_or_the_older_flags_no() {
        let refused = || Err("refused".to_owned());
        assert_eq!(translated(Ok(true), Some(false)), Reading::Known(true));
        assert_eq!(translated(refused(), Some(true)), Reading::Known(true));
        assert_eq!(translated(Ok(false), None), Reading::Known(false));
        assert_eq!(translated(refused(), Some(false)), Reading::unknown("refused"));
    }

    #[test]
    fn usage_by_flavour() {
        let mut bytes = [0u8; RUSAGE_V4_SIZE];
        for (offset, value) in [(16, 3u64), (24, 4), (64, 500), (72, 600), (144, 10), (152, 20)] {
            put(&mut bytes, offset, &value.to_le_bytes());
        }
        assert_eq!(rusage(&bytes), Some(Rusage { cpu_ticks: 7, disk_bytes: Some(30), memory_bytes: 600 }));
        assert_eq!(rusage(&bytes[..96]), Some(Rusage { cpu_ticks: 7, disk_bytes: None, memory_bytes: 600 }));
        put(&mut bytes, 72, &[0; 8]);
        assert_eq!(rusage(&bytes).unwrap().memory_bytes, 500);
        assert_eq!(rusage(&[0; RUSAGE_V4_SIZE]), None);
        assert_eq!(rusage(&bytes[..79]), None);
    }

    #[test]
    fn ticks_of_both_kinds_of_mac() {
        assert_eq!(ticks_to_ns(24_000_000, 125, 3), 1_000_000_000);
        assert_eq!(ticks_to_ns(5, 1, 1), 5);
        assert_eq!(ticks_to_ns(5, 0, 0), 5);
        assert_eq!(ticks_to_ns(u64::MAX, 125, 3), u64::MAX);
    }

    #[test]
    fn a_start_on_the_continuous_clock() {
        let now = 2_000_000_000_000_000_000;
        assert_eq!(started_ns(Some(1_999_999_999_000_000), now, 5_000_000_000), Reading::Known(4_000_000_000));
        assert_eq!(started_ns(Some(2_000_000_001_000_000), now, 5_000_000_000), Reading::Known(5_000_000_000));
        assert!(started_ns(Some(1_999_999_990_000_000), now, 5_000_000_000).known().is_none());
        assert!(started_ns(None, now, 5_000_000_000).known().is_none());
    }

    #[test]
    fn a_binary_is_replaced_by_another_file_or_other_bytes() {
        let before = FileMark { device: 1, inode: 2, modified_s: 3, modified_ns: 4 };
        assert_eq!(binary_change(&before, Some(&before)), None);
        assert_eq!(binary_change(&before, None), Some(BinaryChange::Deleted));
        for other in [
            FileMark { device: 9, ..before },
            FileMark { inode: 9, ..before },
            FileMark { modified_s: 9, ..before },
            FileMark { modified_ns: 9, ..before },
        ] {
            assert_eq!(binary_change(&before, Some(&other)), Some(BinaryChange::Replaced));
        }
    }

    #[test]
    fn the_ladder_asks_for_less_until_nothing_is_left() {
        assert_eq!(next_notes(NOTE_ALL, errno::EACCES), Some(NOTE_ALL & !NOTE_EXITSTATUS));
        assert_eq!(next_notes(NOTE_ALL, errno::ENOTSUP), Some(NOTE_EXIT | NOTE_EXITSTATUS));
        assert_eq!(next_notes(NOTE_EXIT | NOTE_EXITSTATUS, errno::EINVAL), Some(NOTE_EXIT));
        assert_eq!(next_notes(NOTE_EXIT | NOTE_EXITSTATUS, errno::EACCES), Some(NOTE_EXIT));
        assert_eq!(next_notes(NOTE_ALL & !NOTE_EXITSTATUS, errno::EINVAL), Some(NOTE_EXIT));
        assert_eq!(next_notes(NOTE_EXIT, errno::EINVAL), None);
        assert_eq!(next_notes(NOTE_EXIT, errno::EACCES), None);
        assert_eq!(next_notes(NOTE_ALL, errno::ENOMEM), None);
    }

    #[test]
    fn one_event_may_hold_a_whole_life() {
        let key = ProcessKey::new(501, 9);
        let mut out = Vec::new();
        assert!(signs(key, EV_EOF, NOTE_ALL, 0x0700, &mut out));
        let ended = Sign::Ended { key, status: ExitStatus::Exited(7), detail: None };
        assert_eq!(out, [Sign::Forked(key), Sign::Execed(key), ended]);
        out.clear();
        assert!(!signs(key, 0, NOTE_FORK, 0, &mut out));
        assert_eq!(out, [Sign::Forked(key)]);
        out.clear();
        assert!(signs(key, EV_EOF, 0, 0, &mut out));
        assert!(matches!(out.as_slice(), [Sign::Ended { status: ExitStatus::Unknown(_), .. }]));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..3000)) {
            let _ = short_info(&bytes);
            let _ = bsd_info(&bytes);
            let _ = kinfo(&bytes);
            let _ = unique_id(&bytes);
            let _ = folder(&bytes);
            let _ = arch_name(&bytes);
            let _ = rusage(&bytes);
            kinfo_pids(&bytes, &mut Vec::new());
        }

        #[test]
        fn no_answer_of_the_right_size_panics(bytes in vec(any::<u8>(), KINFO_SIZE)) {
            let _ = kinfo(&bytes);
            let _ = short_info(&bytes[..SHORT_INFO_SIZE]);
            let _ = bsd_info(&bytes[..BSD_INFO_SIZE]);
            let _ = arch_name(&bytes[..ARCH_INFO_SIZE]);
            let _ = rusage(&bytes[..RUSAGE_V4_SIZE]);
        }

        #[test]
        fn the_ladder_always_ends(errnos in vec(0..110i32, 8)) {
            let mut asked = Some(NOTE_ALL);
            for errno in errnos {
                asked = asked.and_then(|asked| next_notes(asked, errno));
            }
            prop_assert_eq!(asked, None);
        }

        #[test]
        fn times_never_overflow(started: u64, wall: u64, cont: u64, ticks: u64, numer: u32, denom: u32) {
            let _ = started_ns(Some(started), wall, cont);
            let _ = ticks_to_ns(ticks, numer, denom);
        }
    }
}
