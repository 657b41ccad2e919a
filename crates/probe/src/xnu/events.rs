//! The events that the kernel's event queue is asked to report about a process, and how they are
//! decoded (xnu bsd/sys/event.h).

use goplswatch_core::ProcessKey;
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::message::Message;

use super::errno;
use crate::platform::PlatformEvent;
use crate::wait_status::decode_exit;

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
/// All events of a process that are of use: the first set to request.
pub const NOTE_ALL: u32 = NOTE_EXIT | NOTE_EXITSTATUS | NOTE_EXIT_DETAIL | NOTE_FORK | NOTE_EXEC;
/// `EV_EOF`: the process has ended, whatever else the event says.
pub const EV_EOF: u16 = 0x8000;

/// The events to request next, after the kernel refused `asked` with `errno`. `None`: there is
/// nothing less to request.
#[must_use]
pub fn next_notes(asked: u32, errno: i32) -> Option<u32> {
    match errno {
        // EACCES is returned only for EXIT together with EXITSTATUS (xnu bsd/kern/kern_event.c,
        // `filt_procattach`).
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

/// Decodes one event of a watched process into `out`, in the order in which things must have
/// happened. Returns whether the process ended.
pub fn platform_events(
    key: ProcessKey,
    flags: u16,
    notes: u32,
    data: i64,
    out: &mut impl Extend<PlatformEvent>,
) -> bool {
    if notes & NOTE_FORK != 0 {
        out.extend([PlatformEvent::Forked(key)]);
    }
    if notes & NOTE_EXEC != 0 {
        out.extend([PlatformEvent::Execed(key)]);
    }
    if notes & NOTE_EXIT != 0 {
        let (status, detail) = decode_exit(data, notes & NOTE_EXITSTATUS != 0);
        out.extend([PlatformEvent::Ended { key, status, detail }]);
        return true;
    }
    if flags & EV_EOF != 0 {
        let status = ExitStatus::unknown(Message::WatchClosed);
        out.extend([PlatformEvent::Ended { key, status, detail: None }]);
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

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
        assert!(platform_events(key, EV_EOF, NOTE_ALL, 0x0700, &mut out));
        let ended = PlatformEvent::Ended { key, status: ExitStatus::Exited(7), detail: None };
        assert_eq!(out, [PlatformEvent::Forked(key), PlatformEvent::Execed(key), ended]);
        out.clear();
        assert!(!platform_events(key, 0, NOTE_FORK, 0, &mut out));
        assert_eq!(out, [PlatformEvent::Forked(key)]);
        out.clear();
        assert!(platform_events(key, EV_EOF, 0, 0, &mut out));
        assert!(matches!(out.as_slice(), [PlatformEvent::Ended { status: ExitStatus::Unknown(_), .. }]));
    }

    proptest! {
        #[test]
        fn the_ladder_always_ends(errnos in vec(0..110i32, 8)) {
            let mut asked = Some(NOTE_ALL);
            for errno in errnos {
                asked = asked.and_then(|asked| next_notes(asked, errno));
            }
            prop_assert_eq!(asked, None);
        }
    }
}
