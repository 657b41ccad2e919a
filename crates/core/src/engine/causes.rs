//! The probable causes of an open incident, ranked, each with its number and the inputs that are
//! its evidence.
//!
//! Theory of operation. Causes are computed when needed, never stored as truth. They follow from
//! other open incidents on the same subject, from how the servers of the lineage ended, and from
//! what was open on a server when it ended, which its lineage remembers for ten minutes
//! ([`Pressures`](super::ends::Pressures)). One table ([`weight`]) says which code can cause which,
//! and how strongly, given the way the servers ended: a program that runs out of descriptors fails
//! by itself; it is not sent a SIGTERM. At most one cause is called most likely; what merely
//! happened at the same time is labelled as exactly that.
//!
//! Causes are worded as fragments with one number, so that they fit after "most likely: " in a
//! sentence.

mod fragments;
mod weights;

use std::time::Duration;

use weights::{
    CODE_SIGNATURE, EndMode, GROUP_LIMIT, OUT_OF_MEMORY, PANIC, UNUSUAL_MEMORY, WAITS, milder, ranked, weight,
};

use super::count;
use super::ends::ServerEnd;
use super::loads::Load;
use super::processes::Server;
use super::subject::Key;
use super::subject::LineageId;
use super::subject::Subject;
use super::{Effect, Now, State};
use crate::cause::{Cause, CauseKind, Confidence};
use crate::code::Code;
use crate::codes::{Consequence, OwnCause, Weight};
use crate::event::{CauseView, IncidentView};
use crate::exit_status::EndDetail;
use crate::gauge::Gauge;
use crate::message::{Bytes, Count, Message, MessageText, OptionalMessage};
use crate::time::{SECOND, Uptime};
use crate::types::{ProcessKey, Seq, ServerClass};

/// A kill for a broken code signature comes within this time of the start.
const RIGHT_AFTER_START: Duration = SECOND;

/// Initial capacity of a list of causes.
const CAUSES_CAPACITY: usize = 5;

fn end_mode(ended: &ServerEnd) -> EndMode {
    match ended.cause.kind {
        CauseKind::OutOfMemory => EndMode::Killed,
        CauseKind::Signal if ended.cause.signal == Some(9) => EndMode::Killed,
        CauseKind::Signal => EndMode::Sent,
        CauseKind::Crash | CauseKind::Exit => EndMode::Fault,
        _ => EndMode::Unknown,
    }
}

/// The most frequent way these servers ended; on a tie, that of the latest end.
fn most_frequent_end_mode(ends: &[&ServerEnd]) -> EndMode {
    let count = |wanted: EndMode| ends.iter().filter(|ended| end_mode(ended) == wanted).count();
    let ways = ends.iter().map(|ended| end_mode(ended));
    ways.max_by_key(|way| count(*way)).unwrap_or(EndMode::Unknown)
}

/// How many of several ends; nothing if there was only one.
fn share(some: usize, all: usize) -> OptionalMessage {
    let share = match (some, all) {
        (_, 0 | 1) => None,
        (some, all) if some == all => Some(Message::ShareEach),
        (some, all) => Some(Message::ShareSome { some: count(some), all: count(all) }),
    };
    share.into()
}

/// The ends that share one cause.
struct EndGroup<'a> {
    last: &'a ServerEnd,
    share: OptionalMessage,
}

impl EndGroup<'_> {
    /// The memory that the last of them held, if known.
    fn held(&self) -> OptionalMessage {
        self.last.memory.map(|bytes| Message::HeldAtLast { bytes: Bytes::new(bytes) }).into()
    }
}

/// Makes one cause of all ends for which `is_one` holds, if there are any.
fn from_ends(
    ends: &[&ServerEnd],
    cause: &'static str,
    said: impl FnOnce(EndGroup<'_>) -> Message,
    is_one: impl Fn(&ServerEnd) -> bool,
    is_certain: impl Fn(&ServerEnd) -> bool,
) -> Option<CauseView> {
    let these: Vec<&&ServerEnd> = ends.iter().filter(|ended| is_one(ended)).collect();
    let last = these.last()?;
    let weight = match these.len() * 2 > ends.len() {
        true if these.iter().all(|ended| is_certain(ended)) => Weight::Certain,
        true => Weight::MostLikely,
        false => Weight::Possible,
    };
    let said = said(EndGroup { last, share: share(these.len(), ends.len()) }).into();
    let evidence = these.iter().map(|ended| ended.seq).collect();
    Some(CauseView { cause: cause.into(), weight, said, evidence })
}

/// The causes that the ends themselves show.
fn of_ends(ends: &[&ServerEnd]) -> impl Iterator<Item = CauseView> {
    let memory = |ended: &ServerEnd| ended.cause.kind == CauseKind::OutOfMemory;
    // That the OOM killer ran somewhere on the machine makes it likely only.
    let reported = |ended: &ServerEnd| {
        matches!(ended.detail, Some(EndDetail::Memory | EndDetail::GroupOutOfMemory))
            || ended.cause.confidence == Confidence::Certain
    };
    let refused = |ended: &ServerEnd| ended.detail == Some(EndDetail::CodeSigning);
    let early = |ended: &ServerEnd| refused(ended) && ended.lived.is_none_or(|lived| lived <= RIGHT_AFTER_START);
    let fault = |ended: &ServerEnd| ended.cause.kind == CauseKind::Crash;
    let of_memory = |way: EndGroup<'_>| Message::CauseMemory { held: way.held(), share: way.share };
    let of_fault = |way: EndGroup<'_>| match way.last.cause.code {
        Some(code) => Message::CauseCrashExit { code: Count::new(code.into()), share: way.share },
        None => Message::CauseCrashSignal { share: way.share },
    };
    [
        from_ends(ends, OUT_OF_MEMORY, of_memory, memory, reported),
        from_ends(ends, CODE_SIGNATURE, |way| Message::CauseSignature { share: way.share }, refused, early),
        from_ends(ends, PANIC, of_fault, fault, |_| false),
    ]
    .into_iter()
    .flatten()
}

/// The memory limit of the ended server's own control group: the machine itself was not short of
/// memory.
fn of_limits(ends: &[&ServerEnd]) -> Option<CauseView> {
    let limited = |ended: &ServerEnd| ended.detail == Some(EndDetail::GroupOutOfMemory);
    let said = |way: EndGroup<'_>| Message::CauseGroupLimit { held: way.held(), share: way.share };
    from_ends(ends, GROUP_LIMIT, said, limited, limited)
}

fn cause_of_code(cause: Code, weight: Weight, said: impl Into<MessageText>, evidence: &[Seq]) -> CauseView {
    CauseView { cause: cause.word().into(), weight, said: said.into(), evidence: evidence.to_vec() }
}

impl State {
    /// Remembers what was wrong with a server when it ended, since that may explain what follows.
    /// Must be called before its incidents are closed. Returns its memory and the usual amount
    /// there, bytes, if its memory was unusual.
    pub(super) fn remember_pressures(
        &mut self,
        now: Now,
        key: ProcessKey,
        server: &Server,
        cause: &Cause,
    ) -> Option<(u64, u64)> {
        // An explained end needs no cause.
        let explained = matches!(cause.kind, CauseKind::Clean | CauseKind::ClientClosed | CauseKind::OwnFix);
        if explained || !matches!(server.seen.class, ServerClass::Lsp | ServerClass::Daemon | ServerClass::Mcp) {
            return None;
        }
        let lineage = self.processes.lineage_mut(server.lineage);
        let mut pressures = lineage.map(|lineage| std::mem::take(&mut lineage.pressures)).unwrap_or_default();
        let mut note = |code: Code, said: Message, evidence: &[Seq]| {
            let mild = self.is_mild(code, Some(server));
            pressures.remember(now.uptime(), code, mild, said.into(), evidence);
        };
        let subject = Subject::Server(key);
        for code in self.incidents.about(subject).iter() {
            if let Some(view) = self.incidents.get((code, subject)).filter(|_| code.row().outlives_its_server) {
                note(code, self.cause_message(code, subject, Some(server)), &view.evidence);
            }
        }
        let reported = self.incidents.is_open(Code::DescriptorPressure, Subject::Server(key));
        // A short-lived server may end before an incident of its own is opened.
        if let Some(evidence) = Self::out_of_descriptors(server).filter(|_| !reported) {
            let code = Code::DescriptorPressure;
            note(code, self.cause_message(code, subject, Some(server)), &evidence);
        }
        let explains_ends = |code: Code| code.row().explains.iter().any(|(effect, _)| *effect == Consequence::AnEnd);
        for code in self.incidents.about(Subject::Machine).iter() {
            if let Some(view) = self.incidents.get((code, Subject::Machine)).filter(|_| explains_ends(code)) {
                note(code, self.cause_message(code, Subject::Machine, None), &view.evidence);
            }
        }
        if let Some(lineage) = self.processes.lineage_mut(server.lineage) {
            lineage.pressures = pressures;
        }
        let bytes = server.memory?;
        Some((bytes, self.unusual_memory(server, bytes)?))
    }

    /// The probable causes of an incident, strongest first.
    pub(super) fn causes_for(&self, key: Key, view: &IncidentView, now: Uptime) -> Vec<CauseView> {
        let (code, subject) = key;
        let lineage = self.lineage_of_incident(subject, view);
        let known = lineage.filter(|_| code.row().reports_end).and_then(|id| self.processes.lineage(id));
        let ends = known.map(|lineage| lineage.ends.unexplained(&view.evidence)).unwrap_or_default();
        let how = most_frequent_end_mode(&ends);
        let mut causes = self.own_causes(key, lineage, &ends);
        for cause in code.explained_by().iter() {
            let Some(weight) = weight(cause, code, how) else { continue };
            self.each_related(cause, subject, view, |at, open| {
                let other = (cause, at);
                // One server can explain a problem of another server only through the machine.
                let elsewhere = matches!((at, subject), (Subject::Server(a), Subject::Server(b)) if a != b);
                // An ended server is covered by the remembered pressures of its lineage.
                let gone = matches!(at, Subject::Server(key) if self.processes.server(key).is_none());
                if !elsewhere && !gone && !self.takes_no_share(other, code) {
                    let mild = (code.row().reports_end && self.is_mild_now(other)) || self.is_minor(other, code);
                    causes.push(cause_of_code(cause, milder(weight, mild), self.fragment(other, open), &open.evidence));
                }
            });
        }
        for pressure in known.into_iter().flat_map(|lineage| lineage.pressures.remembered(now)) {
            if let Some(weight) = weight(pressure.code, code, how) {
                let weight = milder(weight, pressure.mild);
                causes.push(cause_of_code(pressure.code, weight, pressure.said.clone(), &pressure.evidence));
            }
        }
        if causes.iter().any(|cause| cause.cause == OUT_OF_MEMORY) {
            // The out-of-memory cause says the same.
            causes.retain(|cause| cause.cause != Code::OutOfMemoryKill.word());
        }
        ranked(causes)
    }

    /// The causes that the row of a code lists as its own. For ends by a kill or a fault these
    /// include memory that was unusual.
    fn own_causes(&self, (code, subject): Key, lineage: Option<LineageId>, ends: &[&ServerEnd]) -> Vec<CauseView> {
        let unusual = |bytes: u64, usual: u64, evidence: Vec<Seq>| CauseView {
            cause: UNUSUAL_MEMORY.into(),
            weight: Weight::Possible,
            said: Message::CauseUnusualMemory { bytes: Bytes::new(bytes), usual: Bytes::new(usual) }.into(),
            evidence,
        };
        let of_killed = || {
            let killed = ends.iter().rev().filter(|ended| matches!(end_mode(ended), EndMode::Killed | EndMode::Fault));
            killed.filter_map(|ended| ended.unusual.map(|(bytes, usual)| unusual(bytes, usual, vec![ended.seq])))
        };
        let mut causes = Vec::with_capacity(CAUSES_CAPACITY);
        for own in code.row().own_causes {
            match own {
                OwnCause::Ends => causes.extend(of_ends(ends).chain(of_killed())),
                OwnCause::EndsButCrash => {
                    causes.extend(of_ends(ends).filter(|cause| cause.cause != PANIC).chain(of_killed()));
                }
                // The incident already says that the server was killed for memory. A limit of its
                // control group is a further cause, which not every such end has.
                OwnCause::GroupLimit => causes.extend(of_limits(ends).into_iter().chain(of_killed())),
                OwnCause::UnusualMemory => causes.extend(
                    self.unusual_now(subject)
                        .map(|(bytes, usual, seq)| unusual(bytes, usual, seq.into_iter().collect())),
                ),
                OwnCause::Sharing => causes.extend(lineage.and_then(|id| self.saving_of(id)).map(|saving| {
                    let said = Message::CauseCrowd { servers: saving.servers, bytes: Bytes::new(saving.bytes) };
                    cause_of_code(Code::TooManyServers, Weight::Possible, said, &[])
                })),
                OwnCause::Waits => {
                    causes.extend(self.load_about(subject).and_then(|load| load.waits()).map(|(on, seq)| {
                        let said = Message::CauseWaits { what: on.clone() }.into();
                        CauseView { cause: WAITS.into(), weight: Weight::MostLikely, said, evidence: vec![seq] }
                    }))
                }
            }
        }
        causes
    }

    /// The memory that a server holds now and the usual amount there, bytes, if that is unusual,
    /// and the input that reported it.
    fn unusual_now(&self, subject: Subject) -> Option<(u64, u64, Option<Seq>)> {
        let Subject::Server(key) = subject else { return None };
        let server = self.processes.server(key)?;
        let bytes = server.memory?;
        let usual = self.unusual_memory(server, bytes)?;
        Some((bytes, usual, server.gauges.known(Gauge::Memory).map(|(_, seq)| seq)))
    }

    fn load_about(&self, subject: Subject) -> Option<&Load> {
        let Subject::Load(key) = subject else { return None };
        self.loads.get(key)
    }

    /// The lineage that an incident is about, even if its server has ended.
    pub(super) fn lineage_of_incident(&self, subject: Subject, view: &IncidentView) -> Option<LineageId> {
        self.lineage_about(subject).or_else(|| {
            let seq = view.lineage.as_deref()?.strip_prefix('l')?.parse().ok()?;
            Some(LineageId(Seq(seq))).filter(|id| self.processes.lineage(*id).is_some())
        })
    }

    /// The open incidents of which this one may be a cause.
    pub(super) fn effects_on(&self, key: Key, view: &IncidentView) -> Vec<Key> {
        let mut effects = self.related(key.0.explained().iter(), key.1, view);
        effects.retain(|effect| *effect != key);
        effects
    }

    /// Updates the causes of these incidents after one of their possible causes was opened or
    /// closed.
    pub(super) fn refresh_all(&mut self, now: Now, effects: Vec<Key>, out: &mut Vec<Effect>) {
        for effect in effects {
            self.refresh_causes(now, effect, out);
        }
    }
}

#[cfg(test)]
mod tests;
