//! Usual values of a client in a folder: how long the first load takes, how much memory a server
//! comes to hold, how often it ends without an explanation. They are learned from earlier servers,
//! so that "unusual here" can be stated with numbers.
//!
//! Theory of operation. A place is a client (by an identity that outlives the process), a folder
//! and a class of server. It survives processes, the agent and reboots, and so does what is known
//! of it. Of each measure the last [`MOST_VALUES`] values are kept, and the median and the median
//! absolute deviation from it (MAD) are reported: neither moves much when one value in three is an
//! outlier. Fewer than [`LEAST_VALUES`] values give no result.
//!
//! Only what was observed completely is learned. Excluded are the peak of a server that ran before
//! monitoring began or through an interruption, a load during which the machine slept, and the peak
//! of a server that lived too briefly to reach one.
//!
//! Bounds: [`MOST_PLACES`] places, of which the least recently used is dropped; each holds at most
//! two lists of values and one of days, less than half a kilobyte.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::table::{Table, pairs};
use super::{Now, Robust, Usual};
use crate::types::{ProcessKey, ServerClass};

const MOST_PLACES: usize = 64;
const MOST_VALUES: usize = 21;
const LEAST_VALUES: usize = 5;
const MOST_DAYS: usize = 14;
const DAY_MS: i64 = 86_400_000;

/// The key of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct BaselineKey {
    client: String,
    folder: String,
    class: ServerClass,
}

/// The borrowed form of [`BaselineKey`], for lookups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BaselineKeyRef<'a> {
    pub(super) client: &'a str,
    pub(super) folder: &'a str,
    pub(super) class: ServerClass,
}

impl BaselineKey {
    fn at(&self) -> BaselineKeyRef<'_> {
        BaselineKeyRef { client: &self.client, folder: &self.folder, class: self.class }
    }
}

impl BaselineKeyRef<'_> {
    fn to_owned_key(self) -> BaselineKey {
        BaselineKey { client: self.client.to_owned(), folder: self.folder.to_owned(), class: self.class }
    }
}

/// What was learned for a place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Baseline {
    /// Number of the last visit, counted over all places: the smallest is the least recently used.
    visit: u64,
    /// Durations of first loads, milliseconds, latest last.
    pub(super) loads: VecDeque<u64>,
    /// Peak memory of each server, bytes, latest last.
    pub(super) peaks: VecDeque<u64>,
    /// Days of the wall clock (UTC, counted from 1970) on which a server ran there, each with its
    /// number of unexplained ends. The wall clock matches what a person calls a day and runs on
    /// while the machine is off. If it is set back, ends are counted for the latest known day.
    days: VecDeque<(i64, u64)>,
}

/// Everything that was learned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Baselines {
    #[serde(with = "pairs")]
    // Boxed: inserting a place moves all entries behind it.
    places: Table<BaselineKey, Box<Baseline>>,
    visits: u64,
}

/// What is being learned from one server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Learning {
    /// Its client as used in [`BaselineKey`]; the client itself may be gone when the server ends.
    pub(super) client: Option<String>,
    /// Its first observed load.
    pub(super) first_load: Option<ProcessKey>,
    /// Peak memory so far, bytes.
    pub(super) peak: u64,
    /// Its first load was not observed completely, or has been learned already.
    pub(super) no_load: bool,
    /// Its life was not observed completely.
    pub(super) no_peak: bool,
}

impl Learning {
    /// A new memory reading, bytes.
    pub(super) fn memory(&mut self, bytes: u64) {
        self.peak = self.peak.max(bytes);
    }
}

/// The median; of an even number of values the lower of the two middle ones.
fn middle(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

/// Median and MAD of these values, if there are enough of them.
pub(super) fn robust(values: impl Iterator<Item = u64> + Clone) -> Option<Robust> {
    let all: Vec<u64> = values.collect();
    if all.len() < LEAST_VALUES {
        return None;
    }
    let of = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let median = middle(all.clone());
    let mad = middle(all.into_iter().map(|value| value.abs_diff(median)).collect());
    Some(Robust { median, mad, of })
}

/// Whether a value is far above the usual: by more than five times the MAD and by more than half
/// the median. The second condition matters where values hardly vary and the MAD is close to zero.
pub(super) const fn is_above(usual: Robust, value: u64) -> bool {
    let five = usual.mad.saturating_mul(5);
    let half = usual.median / 2;
    value > usual.median.saturating_add(if five > half { five } else { half })
}

pub(super) fn learn(values: &mut VecDeque<u64>, value: u64) {
    if values.len() >= MOST_VALUES {
        values.pop_front();
    }
    values.push_back(value);
}

impl Baseline {
    pub(super) fn usual(&self, today: i64) -> Usual {
        // Today is not over, so its count is not complete yet.
        let days = self.days.iter().filter(|(day, _)| *day < today).map(|(_, ends)| *ends);
        Usual {
            load_ms: robust(self.loads.iter().copied()),
            memory_bytes: robust(self.peaks.iter().copied()),
            restarts_per_day: robust(days),
        }
    }

    /// The entry of this day, or the latest known one if the clock was set back.
    pub(super) fn day(&mut self, day: i64) -> Option<&mut (i64, u64)> {
        if self.days.back().is_none_or(|(last, _)| *last < day) {
            if self.days.len() >= MOST_DAYS {
                self.days.pop_front();
            }
            self.days.push_back((day, 0));
        }
        self.days.back_mut()
    }
}

impl Baselines {
    /// Marks a place as used and returns its entry, created if missing.
    pub(super) fn visit(&mut self, at: BaselineKeyRef<'_>) -> &mut Baseline {
        self.visits += 1;
        if self.places.len() >= MOST_PLACES && self.of(at).is_none() {
            self.places.remove_least(|habits| habits.visit);
        }
        let habits = self.places.get_or_insert_by(|place| place.at().cmp(&at), || (at.to_owned_key(), Box::default()));
        habits.visit = self.visits;
        habits
    }

    /// The entry of a place, if there is one.
    pub(super) fn of(&self, at: BaselineKeyRef<'_>) -> Option<&Baseline> {
        self.places.get_by(|place| place.at().cmp(&at)).map(AsRef::as_ref)
    }

    /// Moves what earlier versions learned under a client's name to its id.
    pub(super) fn know_as(&mut self, name: &str, known_as: &str) {
        if name == known_as {
            return;
        }
        let places: Vec<BaselineKey> = self.places.keys().filter(|place| place.client == name).cloned().collect();
        for place in places {
            if let Some(habits) = self.places.remove(&place) {
                self.places.get_or_insert_with(BaselineKey { client: known_as.to_owned(), ..place }, || habits);
            }
        }
    }

    /// Enforces the bounds, since a checkpoint may be any file.
    pub(super) fn within_reason(&mut self) {
        while self.places.len() > MOST_PLACES {
            self.places.pop_first();
        }
        for habits in self.places.values_mut() {
            habits.loads.truncate(MOST_VALUES);
            habits.peaks.truncate(MOST_VALUES);
            habits.days.truncate(MOST_DAYS);
        }
    }
}

/// The day of this wall clock time, UTC.
pub(super) const fn day_of(wall_ms: i64) -> i64 {
    wall_ms.div_euclid(DAY_MS)
}

pub(super) const fn day(now: Now) -> i64 {
    day_of(now.at.wall_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(baselines: &mut Baselines, folder: usize) -> &mut Baseline {
        baselines.visit(BaselineKeyRef { client: "vscode", folder: &format!("/w/{folder}"), class: ServerClass::Lsp })
    }

    fn place(folder: usize) -> BaselineKey {
        BaselineKey { client: "vscode".into(), folder: format!("/w/{folder}"), class: ServerClass::Lsp }
    }

    #[test]
    fn what_is_usual_does_not_move_for_one_wild_value() {
        let usual = |values: &[u64]| robust(values.iter().copied());
        assert_eq!(usual(&[10, 10, 10, 10]), None, "four are too few");
        assert_eq!(usual(&[9, 10, 11, 10, 900]), Some(Robust { median: 10, mad: 1, of: 5 }));
        assert_eq!(usual(&[1, 2, 3, 4, 5, 6]), Some(Robust { median: 3, mad: 1, of: 6 }));
    }

    #[test]
    fn unusual_is_far_above_in_both_senses() {
        let steady = Robust { median: 100, mad: 0, of: 5 };
        assert!(!is_above(steady, 150) && is_above(steady, 151));
        let wild = Robust { median: 100, mad: 30, of: 5 };
        assert!(!is_above(wild, 250) && is_above(wild, 251));
        assert!(!is_above(Robust { median: u64::MAX, mad: u64::MAX, of: 5 }, u64::MAX));
    }

    #[test]
    fn the_place_that_was_left_alone_for_longest_is_forgotten() {
        let mut baselines = Baselines::default();
        for folder in 0..MOST_PLACES {
            learn(&mut visit(&mut baselines, folder).loads, 1);
        }
        visit(&mut baselines, 0);
        visit(&mut baselines, 1_000);
        assert_eq!(baselines.places.len(), MOST_PLACES);
        assert!(baselines.places.contains_key(&place(0)) && !baselines.places.contains_key(&place(1)));
        let habits = visit(&mut baselines, 0);
        (0..100).for_each(|value| learn(&mut habits.peaks, value));
        assert_eq!(habits.peaks.len(), MOST_VALUES);
        assert_eq!(habits.peaks.front(), Some(&(100 - MOST_VALUES as u64)));
    }

    #[test]
    fn what_was_learned_by_a_name_is_known_by_the_id() {
        let mut baselines = Baselines::default();
        learn(
            &mut baselines.visit(BaselineKeyRef { client: "VS Code", folder: "/w/1", class: ServerClass::Lsp }).loads,
            7,
        );
        learn(
            &mut baselines.visit(BaselineKeyRef { client: "Helix", folder: "/w/1", class: ServerClass::Lsp }).loads,
            9,
        );
        baselines.know_as("VS Code", "vscode");
        assert_eq!(visit(&mut baselines, 1).loads, [7]);
        assert_eq!(baselines.places.len(), 2);
        // If both are known, what was learned by id wins.
        learn(
            &mut baselines.visit(BaselineKeyRef { client: "VS Code", folder: "/w/1", class: ServerClass::Lsp }).loads,
            8,
        );
        baselines.know_as("VS Code", "vscode");
        assert_eq!(visit(&mut baselines, 1).loads, [7]);
    }

    #[test]
    fn days_without_an_end_count_and_today_does_not() {
        let mut habits = Baseline::default();
        for day in 0..30 {
            let counted = habits.day(day).unwrap();
            counted.1 += u64::from(day % 4 == 0);
        }
        assert_eq!(habits.days.len(), MOST_DAYS);
        assert_eq!(habits.usual(29).restarts_per_day, Some(Robust { median: 0, mad: 0, of: 13 }));
        // The clock was set back.
        habits.day(3).unwrap().1 += 1;
        assert_eq!(habits.days.back(), Some(&(29, 1)));
    }
}
