//! What a client does when its server ends, and how many restarts it has left.
//!
//! *Lives* are the client's own counter (when will it stop restarting?). They are kept apart from
//! *churn*, which is the counter of goplswatch (is this lineage unstable?). The policies of real
//! clients are data of the `gopls` crate; this module only counts.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::message::{Count, Message, MessageText};
use crate::time::{Moment, Ms, OptionalMs, Uptime, YEAR};
use crate::types::Seq;

/// A client's restart policy, in a form that can be counted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// It restarts until the `exits`-th exit of its session, however far apart they are. A failed
    /// `initialize` is not retried.
    SessionCount {
        /// The exit at which it gives up.
        exits: u32,
    },
    /// It keeps the times of the last exits. At the `exits`-th it gives up if the first and the
    /// last are within the window; otherwise it drops the oldest and restarts (the default close
    /// handler of vscode-languageclient).
    WindowCount {
        /// How many exits it considers.
        exits: u32,
        /// The length of the window, in milliseconds.
        #[serde(rename = "window_ms", with = "Ms")]
        window: Duration,
    },
    /// It restarts whenever the last server lived for at least this long.
    LivedLongEnough {
        /// The minimum lifetime, in milliseconds.
        #[serde(rename = "min_ms", with = "Ms")]
        min: Duration,
    },
    /// It never restarts by itself.
    Never,
    /// Its policy is not known.
    Unknown,
}

impl RestartPolicy {
    /// Whether the client restarts by itself, at least sometimes.
    #[must_use]
    pub const fn restarts(self) -> bool {
        matches!(self, Self::SessionCount { .. } | Self::WindowCount { .. } | Self::LivedLongEnough { .. })
    }
}

/// The commands of a client that start gopls again, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(from = "RecordedCommands")]
pub struct RestartCommands {
    /// The command while its gopls runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub while_running: Option<RestartCommand>,
    /// The command after its gopls has ended and no successor came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_gone: Option<RestartCommand>,
}

/// A command of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct RestartCommand {
    /// The command as a person types or picks it.
    pub typed: String,
    /// The first version that has it, if older versions are still in use: "Neovim 0.12".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What older versions use instead, if there is something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The formats in which a recording may hold them.
#[derive(Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum RecordedCommands {
    /// The current format: one command for each case.
    Each {
        #[serde(default)]
        while_running: Option<RestartCommand>,
        #[serde(default)]
        after_gone: Option<RestartCommand>,
    },
    /// The format of earlier versions, which did not distinguish a running gopls from one that is
    /// gone: one line for both.
    One(Option<String>),
}

impl From<RecordedCommands> for RestartCommands {
    fn from(recorded: RecordedCommands) -> Self {
        match recorded {
            RecordedCommands::Each { while_running, after_gone } => Self { while_running, after_gone },
            RecordedCommands::One(line) => line.map(|line| RestartCommand::of_line(&line)).into(),
        }
    }
}

/// The same command for both cases.
impl From<Option<RestartCommand>> for RestartCommands {
    fn from(command: Option<RestartCommand>) -> Self {
        Self { while_running: command.clone(), after_gone: command }
    }
}

impl From<&str> for RestartCommands {
    fn from(typed: &str) -> Self {
        Some(RestartCommand::new(typed)).into()
    }
}

impl RestartCommands {
    /// Whether no command is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.while_running.is_none() && self.after_gone.is_none()
    }
}

impl RestartCommand {
    /// A command that every version has.
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        Self { typed: typed.into(), since: None, before: None }
    }

    /// Parses a line that earlier versions wrote: ":lsp restart (before Neovim 0.12: :edit)".
    fn of_line(line: &str) -> Self {
        let parts = || {
            let (typed, hint) = line.strip_suffix(')')?.split_once(" (before ")?;
            let (since, before) = hint.split_once(": ")?;
            Some(Self { typed: typed.into(), since: Some(since.into()), before: Some(before.into()) })
        };
        parts().unwrap_or_else(|| Self::new(line))
    }
}

/// How many more exits until the client stops restarting gopls, counting the final one: at 1 the
/// next exit is final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LivesLeft {
    /// Exact: the client was monitored for its whole life, or for its whole window.
    Known(u32),
    /// An upper bound: the client may have used some before monitoring began.
    AtMost(u32),
    /// Its policy does not count, or is not known; the message says which.
    Unknown(MessageText),
}

impl LivesLeft {
    /// The reason why it is not known.
    pub const fn why_mut(&mut self) -> Option<&mut MessageText> {
        match self {
            Self::Known(_) | Self::AtMost(_) => None,
            Self::Unknown(why) => Some(why),
        }
    }
}

/// One exit that may have cost the client a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CountedExit {
    #[serde(rename = "at_ns")]
    at: Uptime,
    #[serde(rename = "lived_ms", with = "OptionalMs", default)]
    lived: Option<Duration>,
    seq: Seq,
}

/// The exits of one lineage as its client counts them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RestartLedger {
    policy: RestartPolicy,
    /// Whether every exit that the client counts was observed; false if the client is older than
    /// our monitoring.
    complete: bool,
    /// From when on exits were observed.
    #[serde(rename = "since_ns")]
    since: Uptime,
    spent: VecDeque<CountedExit>,
    /// Whether there was an exit of which it is unknown whether it counts (a clean one while the
    /// client was alive).
    doubtful: bool,
}

/// The most exits that are kept. No policy considers more.
const MOST_STAMPS: u32 = 64;

impl RestartLedger {
    pub(crate) fn new(policy: RestartPolicy, whole_life: bool, now: Moment) -> Self {
        let mut ledger =
            Self { policy, complete: whole_life, since: now.uptime, spent: VecDeque::new(), doubtful: false };
        ledger.within_reason();
        ledger
    }

    /// Limits the numbers of the policy. A recording may hold any number; for a client that counts
    /// more exits than are kept, only those that are kept are counted.
    pub(crate) fn within_reason(&mut self) {
        if let RestartPolicy::WindowCount { exits, window } = &mut self.policy {
            *exits = (*exits).min(MOST_STAMPS);
            *window = (*window).min(YEAR);
        }
    }

    pub(crate) const fn policy(&self) -> RestartPolicy {
        self.policy
    }

    /// Records an exit that the client did not ask for.
    pub(crate) fn record_exit(&mut self, at: Moment, lived: Option<Duration>, seq: Seq) {
        if let RestartPolicy::WindowCount { exits, window } = self.policy {
            // The client drops its oldest timestamp whenever a full list spans more than the
            // window.
            let full = self.spent.len() + 1 >= exits as usize;
            let oldest = self.spent.front().map_or(at.uptime, |s| s.at);
            if full && at.uptime.since(oldest) > window {
                self.spent.pop_front();
            }
        }
        self.spent.push_back(CountedExit { at: at.uptime, lived, seq });
        if self.spent.len() > MOST_STAMPS as usize {
            self.spent.pop_front();
        }
    }

    /// Removes an exit that turned out to be the client's own doing.
    pub(crate) fn remove_exit(&mut self, seq: Seq) {
        self.spent.retain(|s| s.seq != seq);
    }

    /// Whether no exit counts against this client. A doubtful exit may have been forgiven, so it
    /// does not have to be remembered.
    pub(crate) fn is_blank(&self) -> bool {
        self.spent.is_empty()
    }

    /// An exit of which it is unknown whether the client asked for it. If it did, its counter may
    /// be back at zero, so only the full number remains as an upper bound.
    pub(crate) fn record_doubtful_exit(&mut self, now: Moment) {
        self.cleared(now);
        self.doubtful = true;
    }

    /// Exits may have been missed until now.
    pub(crate) fn unwatched(&mut self, now: Moment) {
        self.complete = false;
        self.since = now.uptime;
    }

    /// The client stopped and started the server itself, which resets its counter.
    pub(crate) fn cleared(&mut self, now: Moment) {
        self.spent.clear();
        self.since = now.uptime;
        self.doubtful = false;
        self.complete = true;
    }

    /// The sequence numbers of the exits that count.
    pub(crate) fn seqs(&self) -> impl Iterator<Item = Seq> + '_ {
        self.spent.iter().map(|s| s.seq)
    }

    /// How many exits there were so far, as the client counts them.
    pub(crate) fn exits(&self) -> usize {
        self.spent.len()
    }

    /// The lives left if the next exit came right now.
    pub(crate) fn left(&self, now: Moment) -> LivesLeft {
        match (self.left_bound(now), self.policy) {
            (Some((left, true)), _) => LivesLeft::Known(left),
            (Some((left, false)), _) => LivesLeft::AtMost(left),
            (None, RestartPolicy::LivedLongEnough { min }) => {
                LivesLeft::Unknown(Message::LivesByLength { seconds: Count::new(min.as_secs()) }.into())
            }
            (None, _) => LivesLeft::Unknown(Message::LivesUnread.into()),
        }
    }

    /// The same as a number, and whether it is exact; `None` if it is not known.
    pub(crate) fn left_bound(&self, now: Moment) -> Option<(u32, bool)> {
        let (left, exact) = match self.policy {
            RestartPolicy::SessionCount { exits } => (exits.saturating_sub(self.count()), self.complete),
            RestartPolicy::WindowCount { exits, window } => {
                let watched = now.uptime.since(self.since) > window;
                (self.left_in_window(now, exits, window), self.complete || watched)
            }
            RestartPolicy::LivedLongEnough { min } => match self.spent.back() {
                Some(CountedExit { lived: Some(lived), .. }) if *lived < min => (0, true),
                _ => return None,
            },
            RestartPolicy::Never => (1u32.saturating_sub(self.count()), true),
            RestartPolicy::Unknown => return None,
        };
        Some((left, exact && !self.doubtful))
    }

    /// An upper bound on the lives left, as far as that is known.
    pub(crate) fn number_left(&self, now: Moment) -> Option<u32> {
        self.left_bound(now).map(|(left, _)| left)
    }

    fn count(&self) -> u32 {
        u32::try_from(self.spent.len()).unwrap_or(u32::MAX)
    }

    /// Simulates the client's own rule: how many immediate exits until it gives up.
    fn left_in_window(&self, now: Moment, exits: u32, window: Duration) -> u32 {
        let (spent, exits_in_full) = (self.spent.len(), exits as usize);
        // The client has already given up: a full list within the window.
        if spent >= exits_in_full {
            return 0;
        }
        let mut dropped = 0;
        for more in 1..=exits {
            if spent + more as usize - dropped >= exits_in_full {
                let first = self.spent.get(dropped).map_or(now.uptime, |stamp| stamp.at);
                if now.uptime.since(first) <= window {
                    return more;
                }
                dropped += 1;
            }
        }
        exits
    }

    /// When the number of lives left may next increase by itself.
    pub(crate) fn next_increase(&self) -> Option<Uptime> {
        match self.policy {
            RestartPolicy::WindowCount { window, .. } => {
                self.spent.front().map(|s| s.at + window + Duration::from_millis(1))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment { wall_ms: 0, uptime: Uptime::BOOT + Duration::from_secs(seconds) }
    }

    fn ledger(policy: RestartPolicy, exits: &[u64]) -> RestartLedger {
        let mut ledger = RestartLedger::new(policy, true, at(0));
        for (i, second) in exits.iter().enumerate() {
            ledger.record_exit(at(*second), Some(Duration::from_secs(5)), Seq(i as u64));
        }
        ledger
    }

    #[test]
    fn a_command_that_was_recorded_in_one_line_is_the_one_for_both() {
        let read = |json: &str| serde_json::from_str::<RestartCommands>(json).unwrap();
        let known = |typed: &str, since: &str, before: &str| RestartCommand {
            typed: typed.into(),
            since: Some(since.into()),
            before: Some(before.into()),
        };
        let neovim = known(":lsp restart", "Neovim 0.12", ":edit");
        assert_eq!(read("\":lsp restart (before Neovim 0.12: :edit)\""), Some(neovim.clone()).into());
        assert_eq!(read("\"Go: Restart Language Server\""), "Go: Restart Language Server".into());
        assert_eq!(read("null"), RestartCommands::default());
        let each = RestartCommands { while_running: Some(neovim), after_gone: Some(RestartCommand::new(":edit")) };
        assert_eq!(read(&serde_json::to_string(&each).unwrap()), each);
    }

    #[test]
    fn a_session_counts_exits_however_slow() {
        let policy = RestartPolicy::SessionCount { exits: 5 };
        assert_eq!(ledger(policy, &[]).left(at(1)), LivesLeft::Known(5));
        assert_eq!(ledger(policy, &[600, 1200, 1800, 2400]).left(at(9000)), LivesLeft::Known(1));
        assert_eq!(ledger(policy, &[600, 1200, 1800, 2400, 3000]).left(at(9000)), LivesLeft::Known(0));
    }

    #[test]
    fn a_window_gives_lives_back() {
        let policy = RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) };
        assert_eq!(ledger(policy, &[1, 2, 3, 4]).left(at(5)), LivesLeft::Known(1));
        assert_eq!(ledger(policy, &[1, 2, 3, 4, 5]).left(at(5)), LivesLeft::Known(0));
        // At 200 s the four old timestamps are outside of the window: the fifth exit drops the
        // oldest.
        assert_eq!(ledger(policy, &[1, 2, 3, 4]).left(at(200)), LivesLeft::Known(5));
        assert_eq!(ledger(policy, &[1, 100, 101, 102]).left(at(200)), LivesLeft::Known(2));
        // Four exits a minute apart, the fifth 10 minutes later: the client restarts, and its list
        // still holds four timestamps.
        assert_eq!(ledger(policy, &[0, 60, 120, 180, 780]).left(at(781)), LivesLeft::Known(4));
    }

    #[test]
    fn a_client_older_than_the_watch_leaves_only_an_upper_bound() {
        let mut ledger = RestartLedger::new(RestartPolicy::SessionCount { exits: 5 }, false, at(0));
        ledger.record_exit(at(1), Some(Duration::from_millis(1)), Seq(1));
        assert_eq!(ledger.left(at(2)), LivesLeft::AtMost(4));
        let window =
            RestartLedger::new(RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) }, false, at(0));
        assert_eq!(window.left(at(10)), LivesLeft::AtMost(5));
        assert_eq!(window.left(at(181)), LivesLeft::Known(5), "older exits are outside its window");
    }

    #[test]
    fn eglot_looks_at_the_last_life_only() {
        let policy = RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) };
        assert!(matches!(ledger(policy, &[1, 2]).left(at(3)), LivesLeft::Unknown(_)));
        let mut short = ledger(policy, &[1]);
        short.record_exit(at(3), Some(Duration::from_secs(2)), Seq(9));
        assert_eq!(short.left(at(3)), LivesLeft::Known(0));
    }
}
