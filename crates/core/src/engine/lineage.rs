//! A lineage: the successive servers that one client runs on one workspace.
//!
//! Two independent counters. *Churn* is ours: unexplained ends within a window, from which the
//! states Stable → Suspect → Looping → Recovering → Stable are derived. *Lives* are the client's:
//! the ledger in `policy`. GaveUp is reached from any state when the client's policy is exhausted
//! and no successor has come.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ends::{Ends, Pressures};
use super::table::Set;
use super::usage::Usage;
use crate::policy::{RestartLedger, RestartPolicy};
use crate::reading::Reading;
use crate::time::{Moment, Ns, Uptime};
use crate::types::{ProcessKey, Seq, ServerClass};

/// Servers with the same key follow one another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct LineageKey {
    pub(super) client: Option<ProcessKey>,
    pub(super) root: Option<String>,
    pub(super) class: ServerClass,
}

/// The stability of a lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum LoopState {
    Stable,
    Suspect,
    Looping,
    Recovering {
        #[serde(rename = "since_ns")]
        since: Uptime,
    },
    GaveUp,
}

impl LoopState {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Suspect => "suspect",
            Self::Looping => "looping",
            Self::Recovering { .. } => "recovering",
            Self::GaveUp => "gave-up",
        }
    }
}

/// An end that is waiting for a successor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) seq: Seq,
    #[serde(rename = "deadline_ns")]
    pub(super) deadline: Uptime,
    pub(super) verdict: Verdict,
}

/// What the absence of a successor would mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Verdict {
    /// A client that does not restart its server has none any more.
    Gone,
    /// A restarting client has used up its restarts.
    GaveUp,
    /// The server ended during initialization, which the client does not retry.
    GaveUpAtStart,
    /// The client should have restarted the server by now, but its earlier exits are not all known.
    GaveUpProbably,
}

/// A crash or a kill, to be reported once it is clear that the client was not ending.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Check {
    #[serde(rename = "at_ns")]
    pub(super) at: Uptime,
    pub(super) seq: Seq,
}

/// How long a successor took to start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gap(#[serde(with = "Ns")] pub(super) Duration);

/// See the module documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lineage {
    pub(super) key: LineageKey,
    pub(super) workspace: Reading<String>,
    pub(super) generation: u32,
    pub(super) alive: Set<ProcessKey>,
    pub(super) client_alive: bool,
    pub(super) state: LoopState,
    #[serde(default)]
    pub(super) ends: Ends,
    pub(super) ledger: RestartLedger,
    pub(super) pending: Option<Pending>,
    pub(super) check: Option<Check>,
    /// When a server last ended without an explanation; a server that started before
    /// it does not show recovery.
    #[serde(rename = "last_bad_end_ns")]
    pub(super) last_bad_end: Uptime,
    /// How long successors took to start.
    pub(super) gaps: VecDeque<Gap>,
    pub(super) surplus_since: Option<(Uptime, Seq)>,
    /// The number of servers in the open incident.
    pub(super) surplus_told: usize,
    /// When its last server ended: a lineage without a client is dropped some time
    /// after.
    #[serde(rename = "idle_since_ns")]
    pub(super) idle_since: Option<Uptime>,
    /// Usage of its servers over the last day.
    #[serde(default)]
    pub(super) usage: Usage,
    /// The problems that its servers had when they ended.
    #[serde(default)]
    pub(super) pressures: Pressures,
}

pub(super) const MOST_GAPS: usize = 15;

impl Lineage {
    pub(super) fn new(
        key: LineageKey,
        workspace: Reading<String>,
        policy: RestartPolicy,
        whole_life: bool,
        now: Moment,
    ) -> Self {
        Self {
            client_alive: key.client.is_some(),
            key,
            workspace,
            generation: 0,
            alive: Set::default(),
            state: LoopState::Stable,
            ends: Ends::default(),
            ledger: RestartLedger::new(policy, whole_life, now),
            pending: None,
            check: None,
            last_bad_end: Uptime::BOOT,
            gaps: VecDeque::new(),
            surplus_since: None,
            surplus_told: 0,
            idle_since: None,
            usage: Usage::default(),
            pressures: Pressures::default(),
        }
    }

    pub(super) fn median_gap(&self) -> Duration {
        let mut gaps: Vec<Duration> = self.gaps.iter().map(|gap| gap.0).collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).copied().unwrap_or_default()
    }
}
