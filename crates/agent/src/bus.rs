//! Events for subscribers. The last ones are kept, so that a subscriber that lost its connection
//! can continue where it was. The id of an event is the number of its input and its index among
//! that input's events; a replay gives the same ids.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard};

use goplswatch_core::{Event, Seq};
use tokio::sync::broadcast;

/// How many events are kept, and how many a subscriber may fall behind.
const KEEP: usize = 1_024;

/// Identifies an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId {
    /// The number of the input that caused it.
    pub seq: Seq,
    /// Its index among the events of that input, from 0.
    pub index: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.seq, self.index)
    }
}

impl FromStr for EventId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, place) = text.trim().split_once('-').unwrap_or((text, ""));
        Ok(Self { seq: Seq(seq.parse()?), index: place.parse()? })
    }
}

/// Assigns ids to events, in the order in which an engine emits them.
#[derive(Debug, Default)]
pub struct Numbering(Option<EventId>);

impl Numbering {
    /// The id of the next event, which was caused by this input.
    pub fn next(&mut self, seq: Seq) -> EventId {
        let place = self.0.filter(|last| last.seq == seq).map_or(0, |last| last.index + 1);
        let id = EventId { seq, index: place };
        self.0 = Some(id);
        id
    }
}

/// An event with its id.
#[derive(Clone, Debug)]
pub struct NumberedEvent {
    /// Its id.
    pub id: EventId,
    /// The event.
    pub event: Arc<Event>,
}

/// The event bus; see the module.
#[derive(Debug)]
pub struct Bus {
    inner: Mutex<Inner>,
    sender: broadcast::Sender<NumberedEvent>,
}

#[derive(Debug, Default)]
struct Inner {
    numbering: Numbering,
    kept: VecDeque<NumberedEvent>,
    /// The last event that is no longer kept, or the position after which this run began.
    dropped: Option<EventId>,
}

/// A subscription, possibly one that continues after some event.
pub struct Subscription {
    /// The events that the subscriber missed, as far as they are kept.
    pub missed: Vec<NumberedEvent>,
    /// Whether those are all; if not, the earlier missed ones are only in the history.
    pub complete: bool,
    /// The event after which the stream begins. A subscriber that has received nothing yet can
    /// continue from here.
    pub from: Option<EventId>,
    /// The events to come.
    pub live: broadcast::Receiver<NumberedEvent>,
}

impl Default for Bus {
    fn default() -> Self {
        Self { inner: Mutex::default(), sender: broadcast::Sender::new(KEEP) }
    }
}

impl Bus {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // No code in here panics halfway through a change, so a poisoned lock does no harm.
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Events of this run come after this one, which is the last that an earlier run reported, if
    /// any.
    pub fn begin(&self, before: EventId) {
        let mut inner = self.inner();
        if inner.kept.is_empty() {
            inner.dropped = Some(before);
        }
    }

    /// Sends an event to all subscribers.
    pub fn publish(&self, event: Event) {
        let mut inner = self.inner();
        let numbered = NumberedEvent { id: inner.numbering.next(event.seq), event: Arc::new(event) };
        inner.kept.push_back(numbered.clone());
        if inner.kept.len() > KEEP {
            inner.dropped = inner.kept.pop_front().map(|numbered| numbered.id);
        }
        // It is no failure if there are no subscribers. The event is sent under the lock, so that a
        // subscriber neither misses it nor gets it twice.
        let _ = self.sender.send(numbered);
    }

    /// Subscribes to the events from now on, or from after the given one.
    pub fn listen(&self, after: Option<EventId>) -> Subscription {
        let inner = self.inner();
        let live = self.sender.subscribe();
        let last = inner.kept.back().map(|numbered| numbered.id).or(inner.dropped);
        let Some(after) = after else { return Subscription { missed: Vec::new(), complete: true, from: last, live } };
        if last.is_some_and(|last| after > last) {
            // This history has not assigned that id, so it comes from another one. Everything that
            // is kept is new.
            return Subscription { missed: inner.kept.iter().cloned().collect(), complete: false, from: None, live };
        }
        let missed = inner.kept.iter().filter(|numbered| numbered.id > after).cloned().collect();
        let kept = inner.kept.iter().any(|numbered| numbered.id <= after);
        let complete = kept || inner.dropped.is_some_and(|dropped| dropped <= after);
        Subscription { missed, complete, from: Some(after), live }
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Moment;
    use goplswatch_core::event::{EventName, Subject};

    use super::*;

    fn event(seq: u64) -> Event {
        let subject = Subject::Alerts(Box::default());
        Event { seq: Seq(seq), at: Moment::default(), name: EventName::AlertsChanged, subject }
    }

    fn ids(listener: &Subscription) -> Vec<String> {
        listener.missed.iter().map(|numbered| numbered.id.to_string()).collect()
    }

    #[test]
    fn a_listener_goes_on_where_it_was() {
        let bus = Bus::default();
        for seq in [7, 7, 9] {
            bus.publish(event(seq));
        }
        let at = |id: &str| bus.listen(Some(id.parse().unwrap()));
        assert_eq!(ids(&at("7-0")), ["7-1", "9-0"]);
        assert!(at("7-0").complete && at("9-0").complete);
        assert!(ids(&at("9-0")).is_empty());
        assert!(!at("3-0").complete, "what came before is in the history");
        assert_eq!(ids(&at("3-0")), ["7-0", "7-1", "9-0"]);
        assert_eq!(ids(&at("50-0")), ["7-0", "7-1", "9-0"], "an id of another history");
        assert!(ids(&bus.listen(None)).is_empty());
        assert!("".parse::<EventId>().is_err() && "7".parse::<EventId>().is_err() && "x-1".parse::<EventId>().is_err());
    }

    #[test]
    fn what_is_kept_is_bounded_and_known_to_be() {
        let bus = Bus::default();
        let mut live = bus.listen(None).live;
        for seq in 1..=2_000 {
            bus.publish(event(seq));
        }
        assert!(!bus.listen(Some("1-0".parse().unwrap())).complete);
        assert!(bus.listen(Some("976-0".parse().unwrap())).complete, "the last one that was dropped");
        assert_eq!(bus.listen(Some("976-0".parse().unwrap())).missed.len(), KEEP);
        assert!(matches!(live.try_recv(), Err(broadcast::error::TryRecvError::Lagged(_))));
    }
}
