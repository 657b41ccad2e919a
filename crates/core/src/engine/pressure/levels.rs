//! How readings relate to their thresholds, what a detector returns, and what is kept of it.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::engine::subject::Subject;
use crate::engine::table::{Table, pairs};
use crate::message::{Message, SharedMessage};
use crate::time::Uptime;
use crate::types::Seq;

/// How a reading relates to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine) enum Reach {
    /// At it or above.
    Over,
    /// Less than a tenth below: no reason to open an incident, and none to close one.
    Near,
    /// Below, or not known.
    Under,
}

/// Compares a value with a threshold; 128 bits wide, so that percentages of any numbers fit.
pub(super) fn reach(value: u128, threshold: u128) -> Reach {
    if value >= threshold {
        Reach::Over
    } else if value * 10 >= threshold * 9 {
        Reach::Near
    } else {
        Reach::Under
    }
}

/// The same for a share of a total, in percent. There is no share of zero.
pub(super) fn share(value: u64, of: u64, percent: u32) -> Reach {
    if of == 0 {
        return Reach::Under;
    }
    reach(u128::from(value) * 100, u128::from(of) * u128::from(percent))
}

/// A share in whole percent, for texts.
pub(super) fn percent(value: u64, of: u64) -> u64 {
    u64::try_from(u128::from(value) * 100 / u128::from(of.max(1))).unwrap_or(u64::MAX)
}

/// The result of a detector.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Finding {
    pub(super) reach: Reach,
    /// The number for the text.
    pub(super) amount: u64,
    /// Time before this moment does not count.
    pub(super) from: Uptime,
    /// The finding expires at this time unless it is renewed.
    pub(super) lapses: Option<Uptime>,
    /// Further detail: what is waited for, how events were lost.
    pub(super) note: Option<SharedMessage>,
}

impl Finding {
    pub(super) const NOTHING: Self = Self::new(Reach::Under, 0);

    pub(super) const fn new(reach: Reach, amount: u64) -> Self {
        Self { reach, amount, from: Uptime::BOOT, lapses: None, note: None }
    }
}

/// What is reported of a level.
pub(in crate::engine) struct LevelReport {
    pub(super) said: Message,
    pub(super) evidence: Vec<Seq>,
}

/// See the module documentation of `pressure`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct ThresholdState {
    pub(super) reach: Reach,
    pub(super) amount: u64,
    /// Continuously over the threshold since this time.
    #[serde(rename = "since_ns")]
    pub(super) since: Uptime,
    /// The input that showed it first.
    pub(super) first: Seq,
    #[serde(rename = "lapses_ns")]
    pub(super) lapses: Option<Uptime>,
    /// The number in the text of the incident; `None` while there is no incident.
    #[serde(rename = "told")]
    pub(super) reported: Option<u64>,
    /// Continuously below the threshold since this time.
    #[serde(rename = "relieved_ns")]
    pub(super) relieved: Option<Uptime>,
    pub(super) note: Option<SharedMessage>,
}

/// The levels that are over their threshold, or were reported and are not over yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct Levels {
    #[serde(with = "pairs")]
    pub(super) of: Table<(Subject, Code), ThresholdState>,
    /// Start of continuous monitoring of the gauges.
    #[serde(default)]
    #[serde(rename = "watched_ns")]
    pub(super) watched_from: Uptime,
}

impl Levels {
    pub(in crate::engine) fn get(&self, code: Code, subject: Subject) -> Option<&ThresholdState> {
        self.of.get(&(subject, code))
    }

    pub(in crate::engine) fn watched_from(&self) -> Uptime {
        self.watched_from
    }

    #[cfg(test)]
    pub(in crate::engine) fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.of.keys().map(|(subject, _)| *subject)
    }

    pub(super) fn one_of(&self, subject: Subject) -> Option<Code> {
        let first = (subject, Code::ALL.first().copied()?);
        self.of.from(&first).next().filter(|((of, _), _)| *of == subject).map(|((_, code), _)| *code)
    }
}
