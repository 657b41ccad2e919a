//! A channel in which a newer message replaces an older one that was not received yet.
//!
//! Theory of operation. A surface may be blocked by a desktop for hours while new scenes are made.
//! Scenes therefore do not queue: the newest lies in a slot, and the queue holds one marker for it,
//! at the position of the first one that was not received. Everything else queues in order; such
//! messages are as rare as what causes them: a click, a reply, a service that starts or stops.

use std::fmt;
use std::sync::mpsc::{self, RecvError, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A message that is sent through a mailbox.
pub trait Message {
    /// Whether a later message of this kind makes this one unnecessary.
    fn is_superseded_by_next(&self) -> bool;
}

/// An entry of the queue.
enum Mail<M> {
    /// Take the message from the slot.
    Newest,
    /// A message that no later one replaces.
    Other(M),
}

/// The sending end.
pub struct Sender<M> {
    newest: Arc<Mutex<Option<M>>>,
    queue: mpsc::Sender<Mail<M>>,
}

/// The receiving end.
pub struct Inbox<M> {
    newest: Arc<Mutex<Option<M>>>,
    queue: mpsc::Receiver<Mail<M>>,
}

/// The receiving end was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes messages any more")]
pub struct ReceiverGone;

/// Creates a mailbox.
#[must_use]
pub fn mailbox<M: Message>() -> (Sender<M>, Inbox<M>) {
    let newest = Arc::default();
    // The queue does not grow without bounds: frequent messages have at most one marker in it.
    let (sender, receiver) = mpsc::channel();
    (Sender { newest: Arc::clone(&newest), queue: sender }, Inbox { newest, queue: receiver })
}

fn open<M>(newest: &Mutex<Option<M>>) -> MutexGuard<'_, Option<M>> {
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<M: Message> Sender<M> {
    /// Sends a message. Never blocks.
    ///
    /// # Errors
    /// The receiver is gone.
    pub fn send(&self, message: M) -> Result<(), ReceiverGone> {
        if !message.is_superseded_by_next() {
            return self.queue.send(Mail::Other(message)).map_err(|_| ReceiverGone);
        }
        match open(&self.newest).replace(message) {
            // The marker is already in the queue.
            Some(_) => Ok(()),
            None => self.queue.send(Mail::Newest).map_err(|_| ReceiverGone),
        }
    }
}

impl<M: Message> Inbox<M> {
    /// Waits for the next message.
    ///
    /// # Errors
    /// The mailbox is empty and all senders are gone.
    pub fn recv(&self) -> Result<M, RecvError> {
        loop {
            if let Some(message) = self.taken(self.queue.recv()?) {
                return Ok(message);
            }
        }
    }

    /// Like [`Inbox::recv`], with a time limit.
    ///
    /// # Errors
    /// No message arrived in time, or the mailbox is empty and all senders are gone.
    pub fn recv_timeout(&self, within: Duration) -> Result<M, RecvTimeoutError> {
        let mail = self.queue.recv_timeout(within)?;
        self.taken(mail).ok_or(RecvTimeoutError::Timeout)
    }

    /// The message of an entry. A marker without a message in the slot would yield `None`; this
    /// does not occur.
    fn taken(&self, mail: Mail<M>) -> Option<M> {
        match mail {
            Mail::Newest => open(&self.newest).take(),
            Mail::Other(message) => Some(message),
        }
    }
}

impl<M> Drop for Inbox<M> {
    fn drop(&mut self) {
        // With an empty slot, the next send writes to the queue and so finds out that the receiver
        // is gone.
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
        fn is_superseded_by_next(&self) -> bool {
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
        for message in [Told::Said(1), scene(1), Told::Said(2), scene(2), Told::Said(3)] {
            sender.send(message).unwrap();
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
        assert_eq!(sender.send(scene(2)), Err(ReceiverGone));
    }
}
