//! Decodes the identity and the state of a process: the structures of `proc_pidinfo` and of sysctl
//! `KERN_PROC`.
//!
//! Offsets are those of xnu bsd/sys/proc_info.h, bsd/sys/proc_info_private.h and bsd/sys/sysctl.h.

use goplswatch_core::message::Message;
use goplswatch_core::{Pid, Reading};

use super::{text_at, u32_at, u64_at};
use crate::platform::{RunState, StopCause};

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
/// `PROC_FLAG_EXEC` of `pbsi_flags` and `P_EXEC` of `p_flag`: the process has called exec. fork
/// does not copy the flag (xnu bsd/kern/kern_fork.c, `forkproc`), exec sets it
/// (bsd/kern/kern_exec.c, `exec_mach_imgact`).
const FLAG_EXEC: u32 = 0x4000;
/// `PROC_FLAG_TRACED` of `pbi_flags`: `P_LTRACED` is set (xnu bsd/kern/proc_info.c,
/// `proc_pidbsdinfo`).
const FLAG_TRACED: u32 = 2;
/// `PROC_FLAG_ROSETTA` of `pbsi_flags` (macOS 12 and later).
const FLAG_ROSETTA: u32 = 0x0200_0000;
/// `P_TRANSLATED` of `p_flag` (macOS 11 and later).
const P_TRANSLATED: u32 = 0x0002_0000;

/// What every structure contains, whichever call returned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basics {
    /// Its pid, as the answer repeats it.
    pub pid: u32,
    /// Pid of its parent.
    pub parent: u32,
    /// Its effective user id.
    pub uid: u32,
    /// The kernel's short name.
    pub comm: Vec<u8>,
    /// Run state.
    pub state: RunState,
    /// Whether it has called exec.
    pub execed: bool,
    /// `PROC_FLAG_ROSETTA`, if the answer has such a flag.
    pub rosetta: Option<bool>,
    /// Start time, microseconds on the wall clock, if the answer contains it.
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

/// What keeps a process from running, from its `struct proc_bsdinfo`. The outer `None`: the answer
/// cannot be true. A process that is traced but runs is not halted.
#[must_use]
pub fn stop_cause(bytes: &[u8]) -> Option<Option<StopCause>> {
    let stopped = bsd_info(bytes)?.state == RunState::Stopped;
    let traced = u32_at(bytes, 0)? & FLAG_TRACED != 0;
    Some(stopped.then_some(if traced { StopCause::Tracer } else { StopCause::Signal }))
}

/// Parses one `struct kinfo_proc`, with its `P_TRANSLATED`.
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

/// The pids in an array of `struct kinfo_proc`, without pid 0, the kernel itself.
pub fn kinfo_pids(bytes: &[u8], out: &mut Vec<Pid>) {
    let pids = bytes.as_chunks::<KINFO_SIZE>().0.iter().filter_map(|entry| u32_at(entry, 40));
    out.extend(pids.filter(|&pid| pid != 0).map(Pid));
}

/// `p_uniqueid` of a `struct proc_uniqidentifierinfo`; never 0.
#[must_use]
pub fn unique_id(bytes: &[u8]) -> Option<u64> {
    let bytes: &[u8; UNIQUE_INFO_SIZE] = bytes.try_into().ok()?;
    u64_at(bytes, 16).filter(|&id| id != 0)
}

/// The working folder in a `struct proc_vnodepathinfo`; never empty.
#[must_use]
pub fn folder(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes: &[u8; FOLDER_INFO_SIZE] = bytes.try_into().ok()?;
    text_at(bytes, 152, 1024).filter(|path| !path.is_empty())
}

fn run_state(status: u32) -> RunState {
    // xnu bsd/sys/proc.h: SSTOP 4, SZOMB 5. Nearly all other processes report SRUN, whatever they
    // do.
    match status {
        4 => RunState::Stopped,
        5 => RunState::Zombie,
        _ => RunState::Alive,
    }
}

/// Whether a process is translated, from `P_TRANSLATED` of its `kinfo_proc` and
/// `PROC_FLAG_ROSETTA`.
///
/// The second flag is newer than the first (macOS 12 against 11), so its absence alone proves
/// nothing.
#[must_use]
pub fn translated(kinfo: Result<bool, Message>, rosetta: Option<bool>) -> Reading<bool> {
    match (kinfo, rosetta) {
        (Ok(true), _) | (_, Some(true)) => Reading::Known(true),
        (Ok(false), _) => Reading::Known(false),
        (Err(why), _) => Reading::unknown(why),
    }
}

/// The name of the architecture in a `struct proc_archinfo`, or its number if it has no name here.
#[must_use]
pub fn arch_name(bytes: &[u8]) -> Option<Result<&'static str, u32>> {
    let bytes: &[u8; ARCH_INFO_SIZE] = bytes.try_into().ok()?;
    let (cpu, kind) = (u32_at(bytes, 0)?, u32_at(bytes, 4)?);
    (cpu != 0).then(|| arch_of(cpu, kind).ok_or(cpu))
}

/// The name of an architecture by its CPU type and subtype (xnu osfmk/mach/machine.h). The highest
/// byte of a subtype holds capabilities, such as signed pointers, and is not part of the name.
pub(super) const fn arch_of(cpu: u32, kind: u32) -> Option<&'static str> {
    match (cpu, kind & 0x00ff_ffff) {
        (0x0100_000c, 2) => Some("arm64e"),
        (0x0100_000c, _) => Some("arm64"),
        (0x0100_0007, 8) => Some("x86_64h"),
        (0x0100_0007, _) => Some("x86_64"),
        (7, _) => Some("i386"),
        _ => None,
    }
}

/// `pbi_nfiles` of a `struct proc_bsdinfo`: the size of the descriptor table. The table grows in
/// steps and never shrinks, so no more descriptors than this are open. `None`: the answer cannot be
/// true.
#[must_use]
pub fn descriptor_bound(bytes: &[u8]) -> Option<u64> {
    let bytes: &[u8; BSD_INFO_SIZE] = bytes.try_into().ok()?;
    // A process without a table is about to end; a kernel that does not fill the field returns 0 as
    // well.
    u32_at(bytes, 96).filter(|&size| size != 0 && size <= i32::MAX.unsigned_abs()).map(u64::from)
}

fn micros(seconds: u64, micros: u64) -> Option<u64> {
    if seconds == 0 || micros >= 1_000_000 {
        return None;
    }
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::put;
    use super::*;

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
        assert_eq!(stop_cause(&bytes), Some(None), "a zombie is not stopped");
        put(&mut bytes, 4, &4u32.to_le_bytes());
        assert_eq!(stop_cause(&bytes), Some(Some(StopCause::Signal)));
        put(&mut bytes, 0, &(FLAG_TRACED | FLAG_EXEC).to_le_bytes());
        assert_eq!((stop_cause(&bytes), stop_cause(&bytes[..135])), (Some(Some(StopCause::Tracer)), None));
        put(&mut bytes, 4, &2u32.to_le_bytes());
        assert_eq!(stop_cause(&bytes), Some(None), "it is traced, and runs");
        put(&mut bytes, 0, &0u32.to_le_bytes());
        put(&mut bytes, 4, &5u32.to_le_bytes());
        put(&mut bytes, 120, &1_700_000_000u64.to_le_bytes());
        put(&mut bytes, 128, &123_456u64.to_le_bytes());
        let basics = bsd_info(&bytes).unwrap();
        assert_eq!((basics.pid, basics.parent, basics.uid), (501, 1, 1000));
        assert_eq!(basics.state, RunState::Zombie);
        assert_eq!(basics.comm, b"0123456789abcdef", "a field without a NUL is taken whole");
        assert!(!basics.execed);
        assert_eq!(basics.started_wall_us, Some(1_700_000_000_123_456));
        assert_eq!(descriptor_bound(&bytes), None, "a table of no size is no answer");
        put(&mut bytes, 96, &61_440u32.to_le_bytes());
        assert_eq!(descriptor_bound(&bytes), Some(61_440));
        put(&mut bytes, 96, &u32::MAX.to_le_bytes());
        assert_eq!((descriptor_bound(&bytes), descriptor_bound(&bytes[..99])), (None, None));
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
        let refused = || Err(Message::reported("refused"));
        assert_eq!(translated(Ok(true), Some(false)), Reading::Known(true));
        assert_eq!(translated(refused(), Some(true)), Reading::Known(true));
        assert_eq!(translated(Ok(false), None), Reading::Known(false));
        assert_eq!(translated(refused(), Some(false)), Reading::unknown("refused"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..3000)) {
            let _ = short_info(&bytes);
            let _ = bsd_info(&bytes);
            let _ = stop_cause(&bytes);
            let _ = kinfo(&bytes);
            let _ = unique_id(&bytes);
            let _ = folder(&bytes);
            let _ = arch_name(&bytes);
            kinfo_pids(&bytes, &mut Vec::new());
        }

        #[test]
        fn no_answer_of_the_right_size_panics(bytes in vec(any::<u8>(), KINFO_SIZE)) {
            let _ = kinfo(&bytes);
            let _ = short_info(&bytes[..SHORT_INFO_SIZE]);
            let _ = bsd_info(&bytes[..BSD_INFO_SIZE]);
            let _ = descriptor_bound(&bytes[..BSD_INFO_SIZE]);
            let _ = arch_name(&bytes[..ARCH_INFO_SIZE]);
        }
    }
}
