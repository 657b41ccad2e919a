//! Notices that the thread of the engine stands still, for example because the disk of the history
//! does not answer, so that nothing old is told as the present.
//!
//! Theory of operation. The engine's thread polls one future, which [`Watched`] wraps: it notes
//! when a poll begins and that it has ended. A thread that waits for something to happen is between
//! two polls, however long that takes; one poll takes milliseconds. A poll that goes on for longer
//! than [`STALL`] stands still. Answers look at that when they are asked ([`Published::as_of`]).
//! For the icon, which nobody asks, [`watch`] looks now and then and changes what is published. The
//! engine publishes anew when it goes on.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use goplswatch_core::message::Message;
use tokio::sync::watch::Sender;

use crate::published::{Published, Stall};

/// A poll that goes on for longer than this stands still.
pub(crate) const STALL: Duration = Duration::from_secs(5);
/// How often [`watch`] looks. Each look wakes the processor, also of a machine at rest.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// What the engine's thread is doing, as other threads see it.
#[derive(Debug)]
pub(crate) struct Progress {
    /// `Instant` stands still while the machine sleeps, on Linux (`CLOCK_MONOTONIC`) and on macOS
    /// (`CLOCK_UPTIME_RAW`): std's documentation of `Instant`. With the continuous clock, a poll
    /// that a sleep interrupts would be called a stall at each wake.
    origin: Instant,
    /// When the present poll began, milliseconds after the origin and one more; 0: no poll.
    busy_since_ms: AtomicU64,
    on_disk: AtomicBool,
    /// Whether what is published was changed because of a stall.
    outdated: AtomicBool,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
            busy_since_ms: AtomicU64::new(0),
            on_disk: AtomicBool::new(false),
            outdated: AtomicBool::new(false),
        }
    }
}

impl Progress {
    /// Something is done now: a poll begins, or one has got as far as to publish.
    pub(crate) fn begin(&self) {
        let now = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.busy_since_ms.store(now + 1, Ordering::SeqCst);
    }

    /// It is done, or was given up by a panic.
    pub(crate) fn end(&self) {
        self.busy_since_ms.store(0, Ordering::SeqCst);
        self.on_disk.store(false, Ordering::Relaxed);
    }

    /// Runs what waits for the disk.
    pub(crate) fn on_disk<T>(&self, write: impl FnOnce() -> T) -> T {
        self.on_disk.store(true, Ordering::Relaxed);
        let written = write();
        self.on_disk.store(false, Ordering::Relaxed);
        written
    }

    /// What stands still, if anything does.
    pub(crate) fn stall(&self) -> Option<Stall> {
        let began = Duration::from_millis(self.busy_since_ms.load(Ordering::SeqCst).checked_sub(1)?);
        let length = self.origin.elapsed().saturating_sub(began);
        (length >= STALL).then(|| Stall { length, on_disk: self.on_disk.load(Ordering::Relaxed) })
    }

    /// Whether something was published because of a stall, since the last call. Who calls it gets on.
    pub(crate) fn take_outdated(&self) -> bool {
        self.begin();
        self.outdated.swap(false, Ordering::SeqCst)
    }
}

/// A future whose polls are noted.
pub(crate) struct Watched<'a, F> {
    progress: &'a Progress,
    future: Pin<Box<F>>,
}

impl<'a, F: Future> Watched<'a, F> {
    pub(crate) fn new(progress: &'a Progress, future: F) -> Self {
        Self { progress, future: Box::pin(future) }
    }
}

impl<F: Future> Future for Watched<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        this.progress.begin();
        let result = this.future.as_mut().poll(context);
        this.progress.end();
        result
    }
}

/// Changes what is published as long as the engine stands still. Never returns.
pub(crate) async fn watch(progress: Arc<Progress>, publish: Sender<Arc<Published>>) -> Result<Infallible, Message> {
    // What was true when the engine stopped getting on.
    let mut before: Option<Arc<Published>> = None;
    loop {
        tokio::time::sleep(LOOK_INTERVAL).await;
        if progress.stall().is_none() {
            before = None;
            continue;
        }
        publish.send_if_modified(|published| {
            // Before the engine is looked at: if it goes on right behind that, it finds this and
            // publishes once more.
            progress.outdated.store(true, Ordering::SeqCst);
            let Some(stall) = progress.stall() else { return false };
            // Whoever waits for the first scan would take this for its result.
            if !published.scanned {
                return false;
            }
            let before = before.get_or_insert_with(|| Arc::clone(published));
            *published = Arc::new(before.as_of(stall));
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_poll_that_goes_on_stands_still_and_waiting_for_something_does_not() {
        let progress = Progress::default();
        assert_eq!(progress.stall(), None);
        std::thread::scope(|scope| {
            // Dropped if this fails, so that the thread ends.
            let (go_on, wait) = channel::<()>();
            let progress = &progress;
            let polled = scope.spawn(move || {
                let stuck = Watched::new(progress, async move {
                    let _ = progress.on_disk(|| wait.recv());
                });
                let runtime = crate::runtime::on_this_thread().unwrap();
                runtime.block_on(stuck);
            });
            goplswatch_testing::wait_until("it stands still", || progress.stall().is_some());
            let stall = progress.stall().unwrap();
            assert!(stall.on_disk && stall.length >= STALL, "{stall:?}");
            go_on.send(()).unwrap();
            polled.join().unwrap();
        });
        assert_eq!(progress.stall(), None);
    }
}
