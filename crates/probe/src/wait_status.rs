//! Decodes the exit status of a process as the kernels report it.
//!
//! Both systems report the same sixteen bits, the status of wait(2): the low seven bits are the
//! signal (0: the process exited by itself), the eighth says whether a core was dumped, the upper
//! byte is the exit code. They differ in signal names and in additional details. Everything here is
//! a pure function of numbers.

use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::message::{Message, Verbatim};

/// `NOTE_EXIT_MEMORY` of xnu bsd/sys/event.h: ended by the kernel because of memory.
const NOTE_EXIT_MEMORY: i64 = 0x0002_0000;
/// `NOTE_EXIT_CSERROR` of xnu bsd/sys/event.h: ended because of its code signature (`CS_KILLED`).
const NOTE_EXIT_CSERROR: i64 = 0x0004_0000;

/// Decodes `data` of a `NOTE_EXIT` event of macOS (xnu bsd/kern/kern_event.c, `filt_procevent`).
///
/// `status_granted` is whether the event carries `NOTE_EXITSTATUS`: without it the low sixteen bits
/// are zero, which would read as a clean exit.
#[must_use]
pub fn decode_exit(data: i64, status_granted: bool) -> (ExitStatus, Option<EndDetail>) {
    // NOTE_EXIT_DECRYPTFAIL (0x1_0000) has no detail of its own: the signal reported with it says
    // enough.
    let detail = if data & NOTE_EXIT_CSERROR != 0 {
        Some(EndDetail::CodeSigning)
    } else if data & NOTE_EXIT_MEMORY != 0 {
        Some(EndDetail::Memory)
    } else {
        None
    };
    let status = if status_granted {
        decode_wait(low_sixteen_bits(data), signal_name_macos)
    } else {
        ExitStatus::unknown(Message::StatusNotGranted)
    };
    (status, detail)
}

/// Decodes a wait status (wait(2), the `exit_code` of Linux's pidfd information), naming signals
/// with `signal_name`.
#[must_use]
pub fn decode_wait(status: u16, signal_name: fn(i32) -> String) -> ExitStatus {
    let signal = i32::from(status & 0x7f);
    match signal {
        0 => {
            let [_, code] = status.to_le_bytes();
            ExitStatus::Exited(code)
        }
        // 0x7f marks "stopped" and, on Linux with 0xffff, "continued": the process has not ended.
        0x7f => ExitStatus::unknown(Message::StatusOfNoEnd { status: Verbatim(format!("{status:#06x}")) }),
        _ => ExitStatus::Signaled { signal, name: signal_name(signal), core: status & 0x80 != 0 },
    }
}

fn low_sixteen_bits(data: i64) -> u16 {
    let [low, high, ..] = data.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// The name of a signal on macOS (xnu bsd/sys/signal.h).
#[must_use]
pub fn signal_name_macos(signal: i32) -> String {
    named(signal, &MACOS)
}

/// The name of a signal on Linux for x86-64 and arm64 (signal(7)).
#[must_use]
pub fn signal_name_linux(signal: i32) -> String {
    match signal {
        // The C library's threads use 32 and 33, so the real-time signals of programs begin at 34.
        34 => "SIGRTMIN".to_owned(),
        35..=64 => format!("SIGRTMIN+{}", signal - 34),
        _ => named(signal, &LINUX),
    }
}

fn named(signal: i32, names: &[&str]) -> String {
    let index = usize::try_from(signal).ok().and_then(|number| number.checked_sub(1));
    match index.and_then(|index| names.get(index)) {
        Some(name) => format!("SIG{name}"),
        None => format!("signal {signal}"),
    }
}

/// Signals 1 to 31 of macOS.
const MACOS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "EMT", "FPE", "KILL", "BUS", "SEGV", "SYS", "PIPE", "ALRM", "TERM",
    "URG", "STOP", "TSTP", "CONT", "CHLD", "TTIN", "TTOU", "IO", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "INFO",
    "USR1", "USR2",
];

/// Signals 1 to 31 of Linux.
const LINUX: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signaled(signal: i32, name: &str, core: bool) -> ExitStatus {
        ExitStatus::Signaled { signal, name: name.to_owned(), core }
    }

    #[test]
    fn an_exit_code_is_the_upper_byte() {
        assert_eq!(decode_exit(0x0700, true), (ExitStatus::Exited(7), None));
        assert_eq!(decode_exit(0, true), (ExitStatus::Exited(0), None));
        assert_eq!(decode_exit(0xff00, true), (ExitStatus::Exited(255), None));
    }

    #[test]
    fn a_signal_is_named_as_the_system_names_it() {
        assert_eq!(decode_exit(9, true), (signaled(9, "SIGKILL", false), None));
        assert_eq!(decode_exit(0x80 | 11, true), (signaled(11, "SIGSEGV", true), None));
        assert_eq!(decode_wait(10, signal_name_macos), signaled(10, "SIGBUS", false));
        assert_eq!(decode_wait(10, signal_name_linux), signaled(10, "SIGUSR1", false));
        assert_eq!(signal_name_macos(31), "SIGUSR2");
        assert_eq!(signal_name_linux(31), "SIGSYS");
        assert_eq!(signal_name_linux(36), "SIGRTMIN+2");
        assert_eq!(signal_name_macos(0), "signal 0");
        assert_eq!(signal_name_macos(-3), "signal -3");
        assert_eq!(signal_name_macos(99), "signal 99");
    }

    #[test]
    fn a_status_that_was_not_granted_is_not_a_clean_exit() {
        let (status, detail) = decode_exit(NOTE_EXIT_MEMORY, false);
        assert!(matches!(status, ExitStatus::Unknown(_)));
        assert_eq!(detail, Some(EndDetail::Memory));
    }

    #[test]
    fn details_stand_beside_the_status() {
        assert_eq!(decode_exit(0x0004_0009, true), (signaled(9, "SIGKILL", false), Some(EndDetail::CodeSigning)));
        assert_eq!(decode_exit(0x0002_0009, true), (signaled(9, "SIGKILL", false), Some(EndDetail::Memory)));
        assert_eq!(decode_exit(0x0001_0009, true), (signaled(9, "SIGKILL", false), None));
    }

    #[test]
    fn a_stop_is_no_end() {
        assert!(matches!(decode_wait(0x137f, signal_name_linux), ExitStatus::Unknown(_)));
        assert!(matches!(decode_wait(0xffff, signal_name_linux), ExitStatus::Unknown(_)));
    }

    proptest! {
        #[test]
        fn no_number_panics_and_detail_never_changes_the_status(data: i64, granted: bool) {
            let (status, _) = decode_exit(data, granted);
            let (bare, none) = decode_exit(data & 0xffff, granted);
            prop_assert_eq!(status, bare);
            prop_assert_eq!(none, None);
        }

        #[test]
        fn every_code_and_every_signal_comes_back(code: u8, signal in 1..0x7fi32, core: bool) {
            prop_assert_eq!(decode_exit(i64::from(code) << 8, true).0, ExitStatus::Exited(code));
            let status = decode_exit(i64::from(signal) | if core { 0x80 } else { 0 }, true).0;
            prop_assert_eq!(status, signaled(signal, &signal_name_macos(signal), core));
        }

        #[test]
        fn every_signal_has_a_name(signal: i32) {
            prop_assert!(!signal_name_macos(signal).is_empty());
            prop_assert!(!signal_name_linux(signal).is_empty());
        }
    }
}
