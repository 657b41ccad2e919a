//! A channel in which what is newest takes the place of what nobody has taken yet.
//!
//! Theory of operation. Whoever shows scenes may hang at a desktop for hours, while new ones are made. So scenes do not
//! queue: the newest lies in a slot, and the queue holds one mark for it, at the place of the first that was not taken.
//! Everything else queues in order, being as rare as what it comes from: a click, an answer, a service that comes or goes.

use std::fmt;
use std::sync::mpsc::{self, RecvError, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is sent through a mailbox.
pub trait Message {
    /// Whether the next one of these makes this one needless.
    fn is_outdated_by_the_next(&self) -> bool;
}

/// What queues.
enum Mail<M> {
    /// Look into the slot.
    Newest,
    /// Anything that nothing takes the place of.
    Other(M),
}

/// Puts messages in.
pub struct Sender<M> {
    newest: Arc<Mutex<Option<M>>>,
    queue: mpsc::Sender<Mail<M>>,
}

/// Takes messages out.
pub struct Inbox<M> {
    newest: Arc<Mutex<Option<M>>>,
    queue: mpsc::Receiver<Mail<M>>,
}

/// Nobody takes messages any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes messages any more")]
pub struct Gone;

/// A new mailbox.
#[must_use]
pub fn mailbox<M: Message>() -> (Sender<M>, Inbox<M>) {
    let newest = Arc::default();
    // Not without bounds: of what comes often one mark is in it.
    let (sender, receiver) = mpsc::channel();
    (Sender { newest: Arc::clone(&newest), queue: sender }, Inbox { newest, queue: receiver })
}

fn open<M>(newest: &Mutex<Option<M>>) -> MutexGuard<'_, Option<M>> {
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<M: Message> Sender<M> {
    /// Puts a message in. Never waits.
    ///
    /// # Errors
    /// Nobody takes messages any more.
    pub fn send(&self, message: M) -> Result<(), Gone> {
        if !message.is_outdated_by_the_next() {
            return self.queue.send(Mail::Other(message)).map_err(|_| Gone);
        }
        match open(&self.newest).replace(message) {
            // Its mark is in the queue.
            Some(_) => Ok(()),
            None => self.queue.send(Mail::Newest).map_err(|_| Gone),
        }
    }
}

impl<M: Message> Inbox<M> {
    /// Waits for the next message.
    ///
    /// # Errors
    /// There is none, and nobody is left who could send one.
    pub fn recv(&self) -> Result<M, RecvError> {
        loop {
            if let Some(message) = self.taken(self.queue.recv()?) {
                return Ok(message);
            }
        }
    }

    /// The same for so long at most.
    ///
    /// # Errors
    /// There is none in time, or nobody is left who could send one.
    pub fn recv_timeout(&self, within: Duration) -> Result<M, RecvTimeoutError> {
        let mail = self.queue.recv_timeout(within)?;
        self.taken(mail).ok_or(RecvTimeoutError::Timeout)
    }

    /// A mark without a message is none: there is never one.
    fn taken(&self, mail: Mail<M>) -> Option<M> {
        match mail {
            Mail::Newest => open(&self.newest).take(),
            Mail::Other(message) => Some(message),
        }
    }
}

impl<M> Drop for Inbox<M> {
    fn drop(&mut self) {
        // The next one to be sent has no mark in the queue then, and finds out.
        *open(&self.newest) = None;
    }
}

impl<M> Clone for Sender<M> {
    fn clone(&self) -> Self {
        Self { newest: Arc::clone(&self.newest), queue: self.queue.clone() }
    }
}

impl<M> fmt::Debug for Sender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

impl<M> fmt::Debug for Inbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    enum Told {
        Scene(Arc<u32>),
        Said(u32),
    }

    impl Message for Told {
        fn is_outdated_by_the_next(&self) -> bool {
            matches!(self, Self::Scene(_))
        }
    }

    fn scene(n: u32) -> Told {
        Told::Scene(Arc::new(n))
    }

    #[test]
    fn of_ten_thousand_scenes_that_nobody_took_the_newest_is_kept() {
        let (sender, inbox) = mailbox();
        let all: Vec<Arc<u32>> = (1..=10_000).map(Arc::new).collect();
        for one in &all {
            sender.send(Told::Scene(Arc::clone(one))).unwrap();
        }
        let kept: Vec<u32> = all.iter().filter(|one| Arc::strong_count(one) > 1).map(|one| **one).collect();
        assert_eq!(kept, [10_000]);
        assert_eq!(inbox.recv(), Ok(scene(10_000)));
        assert_eq!(inbox.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout), "nor is anything else queued");
        sender.send(scene(1)).unwrap();
        assert_eq!(inbox.recv(), Ok(scene(1)), "and it goes on");
    }

    #[test]
    fn what_is_no_scene_comes_in_order_and_all_of_it() {
        let (sender, inbox) = mailbox();
        for told in [Told::Said(1), scene(1), Told::Said(2), scene(2), Told::Said(3)] {
            sender.send(told).unwrap();
        }
        drop(sender);
        let all: Vec<Told> = std::iter::from_fn(|| inbox.recv().ok()).collect();
        assert_eq!(all, [Told::Said(1), scene(2), Told::Said(2), Told::Said(3)]);
    }

    #[test]
    fn a_sender_learns_that_nobody_takes_scenes_any_more() {
        let (sender, inbox) = mailbox();
        sender.send(scene(1)).unwrap();
        drop(inbox);
        assert_eq!(sender.send(scene(2)), Err(Gone));
    }
}
