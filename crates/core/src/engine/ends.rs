//! How the servers of a lineage ended: one record per end, on which every conclusion about ends is
//! based.
//!
//! A record is written once and updated as more becomes known: a successor makes the end count, the
//! end of its client revokes that. Code that counts, explains or shows ends selects the records it
//! needs. A record is kept as long as any verdict may need it: the last [`MIN_KEPT_ENDS`]
//! ones, more while they are recent, and never more than [`MAX_ENDS`].

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::PastServer;
use super::subject::LineageId;
use crate::cause::{Cause, CauseKind};
use crate::code::Code;
use crate::config::Config;
use crate::event::{EndView, SpendsLife};
use crate::exit_status::EndDetail;
use crate::message::MessageText;
use crate::time::{Moment, OptionalMs, Uptime};
use crate::types::{Pid, Seq};

/// This many of the latest ends are kept however old they are; as many can explain an open
/// incident.
const MIN_KEPT_ENDS: usize = 16;
/// Maximum number of ends kept. No real client restarts that often, but if one does, each further
/// end must not cost more than the one before.
const MAX_ENDS: usize = 128;
/// Number of previous servers that are shown.
const SHOWN: usize = 3;

/// How long a lineage remembers the problems with which its servers ended.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Maximum number of remembered pressures, and of inputs kept as evidence for each.
const MOST_PRESSURES: usize = 16;

/// The end of one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ServerEnd {
    /// The input that reported it.
    pub(super) seq: Seq,
    #[serde(rename = "at_ns")]
    pub(super) at: Uptime,
    pub(super) pid: Pid,
    pub(super) generation: u32,
    pub(super) cause: Cause,
    pub(super) detail: Option<EndDetail>,
    #[serde(rename = "lived_ms", with = "OptionalMs", default)]
    pub(super) lived: Option<Duration>,
    /// The last known memory of the server, bytes.
    pub(super) memory: Option<u64>,
    /// Its memory when it ended and the usual amount there, bytes, if its memory was unusual.
    pub(super) unusual: Option<(u64, u64)>,
    /// Why it does not count as instability; `None` if it does.
    pub(super) not_churn_why: Option<MessageText>,
    pub(super) spends_life: SpendsLife,
    /// Whether the restart-loop detection still counts it.
    pub(super) counted: bool,
    /// Whether another server followed.
    pub(super) succeeded: bool,
    /// Whether it is one of the counted kills.
    pub(super) kill: bool,
}

impl ServerEnd {
    pub(super) const fn is_churn(&self) -> bool {
        self.not_churn_why.is_none()
    }

    /// An explained end needs no cause.
    const fn is_explained(&self) -> bool {
        matches!(self.cause.kind, CauseKind::Clean | CauseKind::ClientClosed | CauseKind::OwnFix)
    }

    pub(super) fn view(&self, id: LineageId) -> EndView {
        EndView {
            pid: self.pid,
            lineage: id.word(),
            generation: self.generation,
            cause: self.cause.clone(),
            lived: self.lived,
            churn: self.is_churn(),
            not_churn_why: self.not_churn_why.clone(),
            spends_life: self.spends_life,
            revised: false,
        }
    }
}

/// The ends of a lineage, latest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
// Boxed: records are large, and most lineages never fill the capacity of the deque.
pub(super) struct Ends(VecDeque<Box<ServerEnd>>);

impl Ends {
    /// Adds an end, and drops those that are no longer needed.
    pub(super) fn push(&mut self, end: ServerEnd, config: &Config) {
        let window = config.churn_window.max(config.kill_repeat).max(config.client_end_grace);
        let at = end.at;
        let is_old = |earlier: Uptime| at.since(earlier) > window;
        while self.0.len() >= MAX_ENDS
            || (self.0.len() >= MIN_KEPT_ENDS && self.0.front().is_some_and(|end| is_old(end.at)))
        {
            self.0.pop_front();
        }
        self.0.push_back(Box::new(end));
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = &ServerEnd> + Clone {
        self.0.iter().map(AsRef::as_ref)
    }

    fn all_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut ServerEnd> {
        self.0.iter_mut().map(AsMut::as_mut)
    }

    pub(super) fn get(&self, seq: Seq) -> Option<&ServerEnd> {
        self.all().rev().find(|end| end.seq == seq)
    }

    pub(super) fn get_mut(&mut self, seq: Seq) -> Option<&mut ServerEnd> {
        self.all_mut().rev().find(|end| end.seq == seq)
    }

    /// The unexplained ends within the window for restart loops.
    pub(super) fn counted(
        &self,
        now: Uptime,
        config: &Config,
    ) -> impl DoubleEndedIterator<Item = &ServerEnd> + Clone + use<'_> {
        let window = config.churn_window;
        self.all().filter(move |end| end.counted && now.since(end.at) <= window)
    }

    /// Restarts the counting for restart loops.
    pub(super) fn reset_counted(&mut self) {
        self.all_mut().for_each(|end| end.counted = false);
    }

    /// Marks the last counted end as followed by another server.
    pub(super) fn succeed(&mut self) {
        if let Some(end) = self.all_mut().rev().find(|end| end.counted) {
            end.succeeded = true;
        }
    }

    /// The kills of the current series: those at most `kill_repeat` before the last one.
    pub(super) fn kills(&self, config: &Config) -> Vec<Seq> {
        let repeat = config.kill_repeat;
        let kills = self.all().filter(|end| end.kill);
        let last = kills.clone().next_back().map_or(Uptime::BOOT, |end| end.at);
        kills.filter(|end| last.since(end.at) <= repeat).map(|end| end.seq).collect()
    }

    /// The ends since this time.
    pub(super) fn since_mut(&mut self, from: Uptime) -> impl Iterator<Item = &mut ServerEnd> {
        self.all_mut().filter(move |end| end.at >= from)
    }

    /// The ends reported by these inputs that are not explained.
    pub(super) fn unexplained(&self, evidence: &[Seq]) -> Vec<&ServerEnd> {
        self.all().filter(|end| !end.is_explained() && evidence.contains(&end.seq)).collect()
    }

    /// The previous servers, latest first, with times by the wall clock of `at`.
    pub(super) fn past(&self, at: Moment) -> Vec<PastServer> {
        let view = |end: &ServerEnd| PastServer {
            generation: end.generation,
            ended: at.back_to(end.at).rfc3339(),
            lived: end.lived,
            said: end.cause.said.clone(),
        };
        self.all().rev().take(SHOWN).map(view).collect()
    }
}

/// A problem that was present when a server ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pressure {
    #[serde(rename = "at_ns")]
    pub(super) at: Uptime,
    pub(super) code: Code,
    /// It was not yet severe enough to end a server.
    pub(super) mild: bool,
    #[serde(flatten)]
    pub(super) said: MessageText,
    pub(super) evidence: Vec<Seq>,
}

/// Problems present when servers of a lineage ended, kept as long as they may explain something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Pressures(VecDeque<Pressure>);

impl Pressure {
    fn is_remembered(&self, now: Uptime) -> bool {
        now.since(self.at) < REMEMBERED
    }
}

impl Pressures {
    /// Adds a pressure. The same code at several ends is one pressure with the evidence of all of
    /// them.
    pub(super) fn remember(&mut self, at: Uptime, code: Code, mild: bool, said: MessageText, newer: &[Seq]) {
        self.0.retain(|pressure| pressure.is_remembered(at));
        let before = self.0.iter().position(|pressure| pressure.code == code).and_then(|at| self.0.remove(at));
        let evidence = before.map_or_else(
            || newer.to_vec(),
            |Pressure { mut evidence, .. }| {
                evidence.retain(|seq| !newer.contains(seq));
                evidence.extend_from_slice(newer);
                let surplus = evidence.len().saturating_sub(MOST_PRESSURES);
                evidence.drain(..surplus);
                evidence
            },
        );
        if self.0.len() == MOST_PRESSURES {
            self.0.pop_front();
        }
        self.0.push_back(Pressure { at, code, mild, said, evidence });
    }

    pub(super) fn remembered(&self, now: Uptime) -> impl Iterator<Item = &Pressure> {
        self.0.iter().filter(move |p| p.is_remembered(now))
    }
}
