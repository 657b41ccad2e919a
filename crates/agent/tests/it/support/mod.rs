//! A machine in simulated time whose inputs go through the history as in the agent's loop.

use std::path::Path;
use std::time::Duration;

use goplswatch_agent::history::{Archive, History, Limits, Origin, Part};
use goplswatch_core::message::Message;
use goplswatch_core::time::{Uptime, millis};
use goplswatch_core::{Effect, Event, Input, Moment, Observation, Seq, State, step};
use goplswatch_view::{Catalogue, Form};

#[path = "../../../../core/benches/support/stress.rs"]
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "its numbers are small")]
pub(crate) mod stress;

/// A message as it is rendered; `None` gives an empty text.
pub(crate) fn said(message: Option<&Message>) -> String {
    message.map(|message| Catalogue::english().text(message, Form::Full)).unwrap_or_default()
}

pub(crate) fn origin(boot: &str) -> Origin {
    Origin { version: "0.1.0".into(), os: "test".into(), boot: boot.into() }
}

/// Limits that delete nothing.
pub(crate) const ALL: Limits = Limits { max_bytes: 64 << 20, max_days: 30 };

/// Where the stream of inputs begins.
pub(crate) const NOW: Moment = Moment { wall_ms: 1_790_001_000_000, uptime: Uptime::from_nanos(1_000_000_000_000) };

/// The moment this long after another one, by both clocks.
pub(crate) fn advanced(at: Moment, length: Duration) -> Moment {
    Moment { wall_ms: at.wall_ms.saturating_add_unsigned(millis(length)), uptime: at.uptime + length }
}

/// The agent's loop: number, record, judge.
pub(crate) struct Loop {
    pub(crate) history: History,
    pub(crate) state: State,
    pub(crate) last: Seq,
    pub(crate) notes: Vec<Message>,
    pub(crate) events: Vec<Event>,
}

impl Loop {
    pub(crate) fn start(folder: &Path, boot: &str, limits: Limits, now: Moment) -> Self {
        let (history, resumed) = History::open(folder, origin(boot), limits, now);
        Self { history, state: resumed.state, last: resumed.last, notes: resumed.notes, events: Vec::new() }
    }

    /// Processes an observation. Returns whether it was recorded.
    pub(crate) fn take(&mut self, at: Moment, observation: Observation) -> bool {
        self.last.0 += 1;
        let input = Input { seq: self.last, at, observation };
        let kept = self.history.append(&input, &self.state);
        for effect in step(&mut self.state, input) {
            if let Effect::Event(event) = effect {
                self.events.push(event);
            }
        }
        kept
    }
}

/// All inputs of a history, in order.
pub(crate) fn inputs(folder: &Path) -> Vec<Input> {
    let mut all = Vec::new();
    Archive::open(folder)
        .read(Seq(0), |part| {
            if let Part::Input(input) = part {
                all.push(*input);
            }
            true
        })
        .unwrap();
    all
}

/// The names of the files in a folder, sorted, without `reserved`.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "reserved");
    names.sort();
    names
}
