//! Detects that the system dropped file events of a folder, by watching the folder as an editor
//! does.
//!
//! Theory of operation. An editor tells gopls which files changed, and learns of changes from the
//! system: FSEvents on macOS, inotify on Linux. If changes arrive faster than a listener reads
//! them, the system drops some and reports that to each listener whose events it dropped. Most
//! editors do not pass the report on, so gopls goes on with outdated files. Buffers are kept per
//! listener (fs/notify/notification.c; for FSEvents in fseventsd), so no program can ask whether
//! another listener's buffer overflowed. The detector is one more listener on the same folder. It
//! ignores everything but the overflow flag: if a listener as fast as this one lost events,
//! listeners that do work for each event have lost them too.
//!
//! It keeps no file names. On macOS it costs one stream, whatever the size of the folder: the
//! `macos_fsevent` backend of notify, which excludes `macos_kqueue` (notify 8.2, `src/lib.rs`),
//! under which it would cost an open descriptor for each file. On Linux it costs one inotify watch
//! for each folder below, so it is refused where there would be too many.

use std::path::Path;
use std::time::{Duration, Instant};

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::message::{Message, Verbatim};
use notify::event::{EventKind, Flag};
use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::file_events;

/// The shortest time between two reports of a loss: while a folder is being rewritten, losses come
/// by the dozen.
const REPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Why a folder cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotWatch {
    /// Whether this platform lacks file events, or refuses them to us.
    pub state: CapabilityState,
    /// The reason, as a fragment that names no folder.
    pub why: Message,
}

impl CannotWatch {
    pub(crate) const fn denied(why: Message) -> Self {
        Self { state: CapabilityState::Denied, why }
    }
}

/// Watches one folder and everything below it until it is dropped. Creating and dropping it may
/// take a moment.
#[derive(Debug)]
pub struct LossDetector {
    _watcher: RecommendedWatcher,
}

impl LossDetector {
    /// Starts to watch. `lost` is called with how events were lost, as a fragment, at most once a
    /// minute. It is called on a thread of the system and must not block.
    ///
    /// # Errors
    /// See [`CannotWatch`].
    pub fn new(folder: &Path, mut lost: impl FnMut(Message) + Send + 'static) -> Result<Self, CannotWatch> {
        let mut rate = Rate::default();
        Self::with_callback(folder, move |event| {
            if let Some(how) = loss(event)
                && rate.is_due(Instant::now())
            {
                lost(how);
            }
        })
    }

    fn with_callback(folder: &Path, mut on_event: impl FnMut(&Event) + Send + 'static) -> Result<Self, CannotWatch> {
        file_events::check_watch_budget(folder)?;
        // notify panics if it cannot start a thread (notify 8.2, `src/inotify.rs`, `watch_inner`),
        // so check first that one can be started.
        let spare = std::thread::Builder::new().name("file events".into()).spawn(|| ());
        let joined = spare
            .map_err(|error| CannotWatch::denied(Message::NoThreadToListen { error: Verbatim::of(error) }))?
            .join();
        debug_assert!(joined.is_ok(), "it does nothing");
        // A symbolic link may lead out of the folder.
        let config = notify::Config::default().with_follow_symlinks(false);
        let handler = move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                on_event(&event);
            }
        };
        let mut watcher = RecommendedWatcher::new(handler, config).map_err(refused)?;
        watcher.watch(folder, RecursiveMode::Recursive).map_err(refused)?;
        Ok(Self { _watcher: watcher })
    }
}

/// Time of the last report, to limit the rate of reports.
#[derive(Default)]
struct Rate(Option<Instant>);

impl Rate {
    /// Whether a report is due now. If so, `now` becomes the time of the last report.
    fn is_due(&mut self, now: Instant) -> bool {
        let due = self.0.is_none_or(|last| now.duration_since(last) >= REPORT_INTERVAL);
        if due {
            self.0 = Some(now);
        }
        due
    }
}

/// How events were lost, if this event reports a loss (`src/fsevent.rs` and `src/inotify.rs` of
/// notify 8.2; FSEvents.h, `kFSEventStreamEventFlagMustScanSubDirs`; inotify(7), `IN_Q_OVERFLOW`).
fn loss(event: &Event) -> Option<Message> {
    if event.kind != EventKind::Other || event.flag() != Some(Flag::Rescan) {
        return None;
    }
    Some(match event.info() {
        Some("rescan: kernel dropped") => Message::KernelDropped,
        Some("rescan: user dropped") => Message::ListenerTooSlow,
        _ => file_events::OVERFLOW,
    })
}

fn refused(error: notify::Error) -> CannotWatch {
    CannotWatch::denied(match error.kind {
        ErrorKind::MaxFilesWatch => Message::NoWatchesLeft,
        ErrorKind::PathNotFound => Message::FolderAbsent,
        ErrorKind::Io(error) => Message::reported(error),
        ErrorKind::Generic(why) => Message::reported(why),
        other => Message::reported(format_args!("{other:?}")),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use goplswatch_testing::{DEADLINE, not_shown};

    use super::*;

    #[test]
    fn only_the_flag_of_a_loss_is_one() {
        let rescan = || Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(loss(&rescan().set_info("rescan: kernel dropped")), Some(Message::KernelDropped));
        assert_eq!(loss(&rescan().set_info("rescan: user dropped")), Some(Message::ListenerTooSlow));
        assert_eq!(loss(&rescan()), Some(file_events::OVERFLOW));
        for kind in [EventKind::Any, EventKind::Other, EventKind::Create(notify::event::CreateKind::File)] {
            assert_eq!(loss(&Event::new(kind)), None);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        let deaf = LossDetector::new(&folder.path().join("gone"), |_| ()).unwrap_err();
        assert_eq!(deaf, CannotWatch::denied(Message::FolderAbsent));
    }

    #[test]
    fn quiet_and_ordinary_work_are_no_loss() {
        let folder = tempfile::tempdir().unwrap();
        let (say, losses) = mpsc::channel();
        let detector = LossDetector::with_callback(folder.path(), move |event| {
            let last = event.paths.iter().any(|path| path.ends_with("last.go"));
            if let Some(said) = loss(event).map(Some).or(last.then_some(None)) {
                let _nobody_listens_any_more = say.send(said);
            }
        });
        let detector = detector.unwrap();
        for n in 0..200 {
            std::fs::write(folder.path().join(format!("{n}.go")), "package p\n").unwrap();
        }
        std::fs::write(folder.path().join("last.go"), "package p\n").unwrap();
        assert_eq!(losses.recv_timeout(DEADLINE), Ok(None), "events come in their order");
        drop(detector);
        let after: Vec<_> = losses.iter().flatten().collect();
        assert_eq!(after, [], "with the detector its listener ends");
    }

    #[test]
    fn a_loss_is_told_once_a_minute() {
        let (mut rate, begin) = (Rate::default(), Instant::now());
        let due = [0, 1, 59, 60, 61, 119, 120].map(|s| rate.is_due(begin + Duration::from_secs(s)));
        assert_eq!(due, [true, false, false, true, false, false, true]);
    }

    #[test]
    fn a_loss_is_noticed() {
        let Some(queue) = file_events::queue_length() else {
            return not_shown("this system does not say how many events it keeps for a listener");
        };
        let folder = tempfile::tempdir().unwrap();
        let (say, losses) = mpsc::channel();
        let (begun, begins) = mpsc::channel();
        let (go, gate) = mpsc::channel::<()>();
        let mut held = false;
        // The first event blocks the listener, as a program that does work for each event would be
        // blocked.
        let _detector = LossDetector::with_callback(folder.path(), move |event| {
            if !std::mem::replace(&mut held, true) {
                begun.send(()).unwrap();
                gate.recv().unwrap();
            }
            if let Some(how) = loss(event) {
                let _ = say.send(how);
            }
        })
        .unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        std::fs::write(&one, "").unwrap();
        begins.recv_timeout(DEADLINE).unwrap();
        // Each rename makes two events with different names, so the kernel cannot merge an event
        // with the one before it.
        for n in 0..queue {
            let (from, to) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
            std::fs::rename(from, to).unwrap();
        }
        go.send(()).unwrap();
        assert_eq!(losses.recv_timeout(DEADLINE), Ok(file_events::OVERFLOW));
    }
}
