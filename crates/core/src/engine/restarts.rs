//! What the end of a server and the start of another one lead to: a restart loop, a last life, a
//! reported crash or kill, or the end of the client, which revokes all of these.

use std::time::Duration;

use super::agenda::Due;
use super::ends::ServerEnd;
use super::lineage::{Check, Gap, LoopState, MOST_GAPS, Pending, Verdict};
use super::processes::Server;
use super::subject::{LineageId, Subject};
use super::{Effect, Now, State, count, emit};
use crate::cause::{Cause, CauseKind, Confidence};
use crate::code::Code;
use crate::codes::End;
use crate::event::{EndView, EventName, SpendsLife, Subject as About};
use crate::exit_status::EndDetail;
use crate::message::{Folder, Message, MessageText, Millis, SharedMessage, Times};
use crate::policy::RestartPolicy;
use crate::types::{ProcessKey, Seq, ServerClass};

/// What is known about an end before it is accounted for.
#[derive(Clone, Copy, Debug)]
pub(super) struct JudgedEnd {
    pub(super) lived: Option<Duration>,
    pub(super) client_ended: bool,
    pub(super) detail: Option<EndDetail>,
    /// See [`ServerEnd::unusual`].
    pub(super) unusual: Option<(u64, u64)>,
}

impl JudgedEnd {
    /// False if the server ended while goplswatch was not running, so that the reason is not known.
    pub(super) fn watched(self) -> bool {
        self.detail != Some(EndDetail::Unwatched)
    }
}

impl State {
    /// Accounts for an end: its event, both counters, and what is to be concluded if no successor
    /// comes.
    pub(super) fn account_end(
        &mut self,
        now: Now,
        key: ProcessKey,
        server: &Server,
        cause: Cause,
        known: JudgedEnd,
        out: &mut Vec<Effect>,
    ) {
        let id = server.lineage;
        let class = server.seen.class;
        let (client_ended, watched) = (known.client_ended, known.watched());
        let has_client = self.processes.lineage(id).is_some_and(|l| l.client_alive);
        let not_churn = match self.not_churn_why(now, class, &cause, client_ended, has_client) {
            // An unobserved end never counts. Ends that do not count for a reason of their own keep
            // it.
            None | Some(Message::NoChurnUnknown | Message::NoChurnSlept) if !watched => Some(Message::NoChurnUnwatched),
            why => why,
        };
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        self.agenda.touch(Due::Lineage(id));
        lineage.alive.remove(&key);
        if lineage.alive.is_empty() {
            lineage.idle_since = Some(now.uptime());
        }
        let policy = lineage.ledger.policy();
        let clean = matches!(cause.kind, CauseKind::Clean | CauseKind::Unknown | CauseKind::Upgraded);
        let spends_life = if client_ended { SpendsLife::No } else { spends(class, policy, clean) };
        match spends_life {
            SpendsLife::Yes => lineage.ledger.record_exit(now.at, known.lived, now.seq),
            SpendsLife::Unknown if class == ServerClass::Lsp => lineage.ledger.record_doubtful_exit(now.at),
            SpendsLife::Unknown | SpendsLife::No => {}
        }
        let end = ServerEnd {
            seq: now.seq,
            at: now.uptime(),
            pid: key.pid,
            generation: server.generation,
            cause,
            detail: known.detail,
            lived: known.lived,
            memory: server.memory,
            unusual: known.unusual,
            not_churn_why: not_churn.map(MessageText::from),
            spends_life,
            counted: false,
            succeeded: false,
            kill: false,
        };
        emit(out, now, EventName::ServerEnded, About::End(Box::new(end.view(id))));
        lineage.ends.push(end, &self.config);
        if class.is_long_running() {
            lineage.usage.end(now.uptime(), |gauge| server.used(gauge));
        }
        let client_alive = lineage.client_alive;
        if !client_ended && watched {
            self.judge_memory_kill(now, id, now.seq, out);
        }
        if class == ServerClass::Lsp && client_alive && !client_ended && watched {
            self.conclude(now, id, server, out);
        } else if matches!(class, ServerClass::OneShot | ServerClass::Sidecar)
            && self.processes.lineage(id).is_some_and(|l| l.alive.is_empty())
        {
            // Commands come by the hundred, and one has no bearing on the next.
            self.forget_lineage(id);
        } else if !client_alive
            && self.processes.lineage(id).is_some_and(|l| l.alive.is_empty() && l.key.client.is_some())
        {
            self.forget_lineage(id);
        } else {
            // Lineages without a client (daemons, commands) are dropped once they have been idle
            // for a while.
            self.agenda.schedule(now.uptime() + self.config.churn_window, Due::Lineage(id));
        }
    }

    fn not_churn_why(
        &self,
        now: Now,
        class: ServerClass,
        cause: &Cause,
        client_ended: bool,
        has_client: bool,
    ) -> Option<Message> {
        let woke = self.awake_since.is_some_and(|t| now.uptime().since(t) <= self.config.wake_grace);
        match (class, cause.kind) {
            (ServerClass::OneShot, _) => Some(Message::NoChurnOneShot),
            (ServerClass::Sidecar, _) => Some(Message::NoChurnSidecar),
            (ServerClass::Forwarder, _) => Some(Message::NoChurnForwarder),
            (ServerClass::Mcp, _) => Some(Message::NoChurnMcp),
            (ServerClass::Daemon, CauseKind::Clean) => Some(Message::NoChurnDaemonIdle),
            (ServerClass::Daemon, _) => Some(Message::NoChurnDaemon),
            _ if client_ended => Some(Message::NoChurnClientEnded),
            _ if !has_client => Some(Message::NoChurnNoClient),
            (_, CauseKind::OwnFix) => Some(Message::NoChurnOwnFix),
            (_, CauseKind::Upgraded) => Some(Message::NoChurnReplaced),
            (_, CauseKind::Clean) => Some(Message::NoChurnClean),
            _ if woke => Some(Message::NoChurnSlept),
            (_, CauseKind::Unknown) => Some(Message::NoChurnUnknown),
            _ => None,
        }
    }

    /// What the end of an lsp server leads to while its client lives.
    fn conclude(&mut self, now: Now, id: LineageId, server: &Server, out: &mut Vec<Effect>) {
        let grace = self.config.client_end_grace;
        let end = |state: &Self| {
            let end = state.processes.lineage(id)?.ends.get(now.seq)?;
            Some((end.cause.kind, is_kill(&end.cause), end.is_churn(), end.lived))
        };
        let Some((kind, killed, churn, lived)) = end(self) else { return };
        if churn {
            self.count_churn(now, id, now.seq, out);
        }
        if kind == CauseKind::Clean {
            // If no server follows, a reported loop is over.
            self.agenda.schedule(now.uptime() + self.config.no_successor_unknown, Due::Lineage(id));
            return;
        }
        let (wait, verdict) = self.successor_timeout(now, id, lived);
        let served = self.processes.is_served(id, server);
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        lineage.last_bad_end = now.uptime();
        if let Some(end) = lineage.ends.get_mut(now.seq).filter(|_| killed && churn) {
            end.kill = true;
        }
        if churn && (killed || kind == CauseKind::Crash) {
            lineage.check = Some(Check { at: now.uptime() + grace, seq: now.seq });
        }
        if !served {
            let deadline = now.uptime() + wait;
            lineage.pending = Some(Pending { seq: now.seq, deadline, verdict });
            self.agenda.schedule(deadline, Due::Lineage(id));
        }
        self.agenda.schedule(now.uptime() + grace, Due::Lineage(id));
    }

    /// How long to wait for a successor, and what its absence would mean.
    fn successor_timeout(&self, now: Now, id: LineageId, lived: Option<Duration>) -> (Duration, Verdict) {
        let short = self.config.no_successor;
        let Some(lineage) = self.processes.lineage(id) else { return (short, Verdict::Gone) };
        let long = || (self.config.no_successor_unknown).max(3 * lineage.median_gap());
        let left = lineage.ledger.left_bound(now.at);
        match lineage.ledger.policy() {
            RestartPolicy::Never => (short, Verdict::Gone),
            RestartPolicy::Unknown => (long(), Verdict::Gone),
            _ if left.is_some_and(|(n, _)| n == 0) => (short, Verdict::GaveUp),
            RestartPolicy::SessionCount { .. } | RestartPolicy::WindowCount { .. }
                if lived.is_some_and(|lived| lived < self.config.initialize) =>
            {
                (short, Verdict::GaveUpAtStart)
            }
            _ if left.is_some_and(|(_, exact)| exact) => (long(), Verdict::Gone),
            _ => (long(), Verdict::GaveUpProbably),
        }
    }

    /// Counts an unexplained end and moves the restart-loop state.
    fn count_churn(&mut self, now: Now, id: LineageId, seq: Seq, out: &mut Vec<Effect>) {
        let config = &self.config;
        let short = |e: &ServerEnd| e.lived.is_some_and(|lived| lived < config.short_life);
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        let Some(end) = lineage.ends.get_mut(seq) else { return };
        end.counted = true;
        let at = end.at;
        let (loops, suspect) = {
            let mut ends = lineage.ends.counted(now.uptime(), config);
            let counted = ends.clone().count();
            let (last, mut before) = (ends.next_back(), ends.clone());
            let two_short = last.is_some_and(short) && ends.next_back().is_some_and(|end| short(end) && end.succeeded);
            let succeeded = last.is_some() && before.all(|end| end.succeeded);
            let loops = (counted >= config.loop_ends as usize && succeeded) || two_short;
            (loops, counted >= config.suspect_ends as usize)
        };
        let already = matches!(lineage.state, LoopState::Looping | LoopState::Recovering { .. });
        let window = config.churn_window;
        if loops || already {
            lineage.state = LoopState::Looping;
            self.tell_loop(now, id, out);
        } else if suspect {
            lineage.state = LoopState::Suspect;
        }
        self.agenda.schedule(now.uptime() + window + Duration::from_millis(1), Due::Lineage(id));
        self.learn_unexplained(now, id);
        self.fixes_see_end(id, seq, at);
    }

    fn tell_loop(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage(id) else { return };
        let ends: Vec<&ServerEnd> = lineage.ends.counted(now.uptime(), &self.config).collect();
        let evidence: Vec<Seq> = ends.iter().map(|e| e.seq).collect();
        let first = ends.first().map_or(now.uptime(), |e| e.at);
        let span = now.uptime().since(first);
        let said = match ends.as_slice() {
            // A single end: the loop was recovering.
            [end] => {
                let lived = end.lived.map(|lived| Message::AfterLifeComma { lived: Millis::from(lived) });
                Message::LoopAgain { place: self.processes.location(id), lived: lived.into(), how: end.cause.part() }
            }
            ends => {
                let (span, how) = (Millis::from(span), how_they_ended(ends));
                match self.processes.folder(id) {
                    Some(path) => {
                        let times = Times::new(u64::try_from(ends.len()).unwrap_or(u64::MAX));
                        Message::Loop { folder: Folder(path.to_owned()), times, span, how }
                    }
                    None => Message::LoopSomewhere { times: count(ends.len()), span, how },
                }
            }
        };
        self.open(now, Code::RestartLoop, Subject::Lineage(id), Some(id), said, evidence, out);
    }

    /// A new server started in a lineage. Whatever waited for a successor is resolved.
    pub(super) fn successor_came(&mut self, now: Now, id: LineageId, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(server) = self.processes.server(key) else { return };
        if server.seen.class != ServerClass::Lsp {
            return;
        }
        let born = server.since;
        self.agenda.schedule(now.uptime() + self.config.recovering_after, Due::Lineage(id));
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        lineage.ends.succeed();
        let check = lineage.check.take();
        let pending = lineage.pending.take();
        // A client that had no restart left was made to start the server by hand, and counts anew
        // from there.
        let by_hand = lineage.state == LoopState::GaveUp || lineage.ledger.number_left(now.at) == Some(0);
        if by_hand {
            lineage.ledger.cleared(now.at);
        }
        if lineage.state == LoopState::GaveUp {
            lineage.state = LoopState::Stable;
            lineage.ends.reset_counted();
        }
        let pending = pending.and_then(|pending| lineage.ends.get_mut(pending.seq));
        if let Some(end) = &pending {
            lineage.gaps.push_back(Gap(born.since(end.at)));
            if lineage.gaps.len() > MOST_GAPS {
                lineage.gaps.pop_front();
            }
        }
        // An end of unknown cause counts only if a successor follows.
        let counts = pending.filter(|end| end.cause.kind == CauseKind::Unknown && !by_hand).map(|end| {
            end.not_churn_why = None;
            end.succeeded = true;
            (end.seq, EndView { revised: true, ..end.view(id) })
        });
        if let Some(check) = check {
            self.tell_check(now, id, check.seq, out);
        }
        if let Some((seq, view)) = counts {
            emit(out, now, EventName::ServerEnded, About::End(Box::new(view)));
            self.count_churn(now, id, seq, out);
        }
        self.end_all(now, Subject::Lineage(id), End::RunsAgain, out);
        self.tell_last_life(now, id, out);
    }

    /// Opens or closes `one-life-left` according to the ledger.
    pub(super) fn tell_last_life(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage(id) else { return };
        let counts =
            matches!(lineage.ledger.policy(), RestartPolicy::SessionCount { .. } | RestartPolicy::WindowCount { .. });
        let exits = lineage.ledger.exits();
        let left = if counts && exits > 0 && lineage.client_alive { lineage.ledger.number_left(now.at) } else { None };
        let key = (Code::OneLifeLeft, Subject::Lineage(id));
        if left.is_none_or(|n| n > 1) {
            self.end(now, key, End::CountHasRoom, out);
            return;
        }
        // With no life left, or no server running, another verdict is pending; and the same number
        // of exits is not reported twice.
        let reported = self.incidents.evidence_of(key.0, key.1) == Some(exits);
        if left != Some(1) || lineage.alive.is_empty() || reported {
            return;
        }
        if let Some(at) = lineage.ledger.next_increase() {
            self.agenda.schedule(at, Due::Lineage(id));
        }
        let Some(lineage) = self.processes.lineage(id) else { return };
        let ends: Vec<&ServerEnd> = lineage.ends.counted(now.uptime(), &self.config).collect();
        let said = Message::LastLife {
            client: self.processes.client_of(id),
            times: Times::new(u64::try_from(exits).unwrap_or(u64::MAX)),
            place: self.processes.location(id),
            how: (!ends.is_empty()).then(|| how_they_ended(&ends)),
        };
        let evidence = lineage.ledger.seqs().collect();
        self.open(now, Code::OneLifeLeft, Subject::Lineage(id), Some(id), said, evidence, out);
    }

    /// Reports a crash or a repeated kill, once it is clear that the client lives on. Not while a
    /// restart loop is open, since that already says how the servers ended.
    pub(super) fn tell_check(&mut self, now: Now, id: LineageId, seq: Seq, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage(id) else { return };
        let Some(end) = lineage.ends.get(seq) else { return };
        if end.cause.kind == CauseKind::OutOfMemory {
            // Its remedies differ, so it is an incident of its own even where it causes a loop.
            self.tell_memory_kill(now, id, seq, out);
            return;
        }
        if self.incidents.is_open(Code::RestartLoop, Subject::Lineage(id)) {
            return;
        }
        if end.cause.kind == CauseKind::Crash {
            let lived = end.lived.map(|lived| Message::AfterLife { lived: Millis::from(lived) });
            let said =
                Message::Crashed { lived: lived.into(), place: self.processes.location(id), how: end.cause.part() };
            self.open(now, Code::ServerCrashed, Subject::Lineage(id), Some(id), said, vec![seq], out);
        } else {
            self.open_server_killed(now, id, seq, 2, out);
        }
    }

    /// Reports that the server is being killed, if that happened at least `least` times; `seq` is
    /// the last time.
    pub(super) fn open_server_killed(
        &mut self,
        now: Now,
        id: LineageId,
        seq: Seq,
        least: usize,
        out: &mut Vec<Effect>,
    ) {
        let Some(lineage) = self.processes.lineage(id) else { return };
        let Some(how) = lineage.ends.get(seq).map(|end| end.cause.part()) else { return };
        let evidence = lineage.ends.kills(&self.config);
        if evidence.len() >= least {
            let said = Message::Killed { times: count(evidence.len()), place: self.processes.location(id), how };
            self.open(now, Code::ServerKilled, Subject::Lineage(id), Some(id), said, evidence, out);
        }
    }

    /// The client ended right after its servers, so those ends were its doing and do not count.
    pub(super) fn revise_for_client_end(&mut self, now: Now, id: LineageId, client: &str, out: &mut Vec<Effect>) {
        let grace = self.config.client_end_grace;
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        lineage.check = None;
        lineage.pending = None;
        if lineage.key.class != ServerClass::Lsp {
            return;
        }
        let mut explained = 0;
        for end in lineage.ends.since_mut(now.uptime() - grace) {
            if end.spends_life == SpendsLife::No {
                continue;
            }
            if end.spends_life == SpendsLife::Yes {
                lineage.ledger.remove_exit(end.seq);
            }
            explained += u64::from(end.is_churn());
            end.counted = false;
            end.spends_life = SpendsLife::No;
            end.not_churn_why = Some(Message::NoChurnClientEnded.into());
            let mut view = EndView { revised: true, ..end.view(id) };
            if end.cause.kind != CauseKind::Crash {
                // The stored cause keeps its kind, which may still explain other incidents; only
                // its text changes.
                end.cause.said = Message::EndBeforeClient { why: view.cause.said.message }.into();
                view.cause = Cause {
                    kind: CauseKind::ClientClosed,
                    confidence: Confidence::Probable,
                    said: end.cause.said.clone(),
                    ..view.cause
                };
            }
            emit(out, now, EventName::ServerEnded, About::End(Box::new(view)));
        }
        self.unlearn_unexplained(now, id, client, explained);
    }
}

pub(super) fn is_kill(cause: &Cause) -> bool {
    cause.kind == CauseKind::OutOfMemory || (cause.kind == CauseKind::Signal && cause.signal == Some(9))
}

/// The most frequent way of ending, worded no more strongly than the evidence allows.
fn how_they_ended(ends: &[&ServerEnd]) -> SharedMessage {
    let mut tally: Vec<(&Cause, usize)> = Vec::new();
    for end in ends {
        match tally.iter_mut().find(|(c, _)| same(c, &end.cause)) {
            Some((_, n)) => *n += 1,
            None => tally.push((&end.cause, 1)),
        }
    }
    // On a tie the latest one is used.
    let most = tally.iter().enumerate().max_by_key(|(i, (_, n))| (*n, *i)).map(|(_, entry)| entry);
    SharedMessage::new(match most {
        Some((cause, n)) if cause.kind != CauseKind::Unknown => {
            let how = cause.part();
            let (some, of) = (count(*n), count(ends.len()));
            if some == of { Message::EachTime { how } } else { Message::MostTimes { some, of, how } }
        }
        _ => Message::CauseUnknown,
    })
}

fn same(a: &Cause, b: &Cause) -> bool {
    (a.kind, a.signal, a.code) == (b.kind, b.signal, b.code)
}

/// Whether an end spent a life, from the class of server and the client's policy.
const fn spends(class: ServerClass, policy: RestartPolicy, clean: bool) -> SpendsLife {
    match (class, policy) {
        (ServerClass::Lsp, RestartPolicy::Unknown) => SpendsLife::Unknown,
        (ServerClass::Lsp, _) if clean => SpendsLife::Unknown,
        (ServerClass::Lsp, _) => SpendsLife::Yes,
        (ServerClass::Forwarder | ServerClass::Mcp, _) => SpendsLife::Unknown,
        (ServerClass::Daemon | ServerClass::OneShot | ServerClass::Sidecar, _) => SpendsLife::No,
    }
}
