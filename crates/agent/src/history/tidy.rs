//! Maintains closed segments on a thread of its own: compresses them and deletes the oldest.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::SystemTime;

use super::segment;

/// One round of maintenance.
pub(super) struct Round {
    pub(super) folder: PathBuf,
    /// The most bytes that all closed segments may have together.
    pub(super) most_bytes: u64,
    /// Segments that were last written before this are deleted.
    pub(super) oldest: Option<SystemTime>,
}

/// The maintenance thread, which is started when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Maintenance(Option<(Sender<Round>, JoinHandle<()>)>);

impl Maintenance {
    /// Starts a round and does not wait for it. If no thread is available, a later round will do
    /// the work.
    pub(super) fn round(&mut self, round: Round) {
        if self.0.is_none() {
            let (sender, rounds) = channel::<Round>();
            let work = move || rounds.into_iter().for_each(|round| round.work());
            self.0 = std::thread::Builder::new().name("history".into()).spawn(work).ok().map(|t| (sender, t));
        }
        if let Some((sender, _)) = &self.0 {
            let _ = sender.send(round);
        }
    }

    /// Waits until all rounds are done.
    pub(super) fn finish(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}

impl Round {
    /// What fails here (because of a full disk, or a folder that was removed) is left for the next
    /// round.
    fn work(&self) {
        let folder = &self.folder;
        segment::remove_unfinished(folder);
        for closed in closed(folder).into_iter().filter(|s| s.raw) {
            let _ = segment::compress(folder, closed.first);
        }
        let closed = closed(folder);
        let mut bytes: u64 = closed.iter().map(|s| s.bytes).sum();
        // From the oldest on, and never one from the middle.
        for segment in closed {
            let old = self.oldest.is_some_and(|limit| segment.modified < limit);
            if bytes <= self.most_bytes && !old {
                break;
            }
            if segment.remove(folder).is_err() {
                break;
            }
            bytes -= segment.bytes;
        }
        segment::sync_folder(folder);
    }
}

/// All segments but the newest, which is being written or will be read at the next start.
pub(super) fn closed(folder: &Path) -> Vec<segment::Segment> {
    let mut all = segment::list(folder).unwrap_or_default();
    all.pop();
    all
}
