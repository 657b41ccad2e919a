//! Verdicts that depend on time: no successor came, recovered, too many servers, idle.
//!
//! The engine keeps only the times at which something *may* have become true. Every verdict checks
//! the state itself, so a superfluous wake or check does no harm.

use super::agenda::Due;
use super::lineage::{LoopState, Verdict};
use super::processes::FolderGroup;
use super::restarts::is_kill;
use super::subject::LineageId;
use super::subject::Subject;
use super::{Effect, Now, State};
use crate::code::Code;
use crate::codes::End;
use crate::message::{Bytes, Message, Millis, SharedMessage, Times};
use crate::policy::RestartPolicy;
use crate::types::{ProcessKey, Seq};

impl State {
    /// Marks everything, after a change that any verdict may depend on.
    pub(super) fn touch_all(&mut self) {
        self.agenda.touch_all(self.processes.lineages().map(|(id, _)| Due::Lineage(id)));
        self.agenda.touch_all(self.loads.keys().map(Due::Load));
        self.touch_levels();
        self.touch_alerts();
    }

    pub(super) fn run_verdicts(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.processes.forget_ended_clients(now, self.config.client_end_grace);
        let due = self.agenda.take_due(now.uptime());
        for what in due.iter().copied() {
            let said = out.len();
            match what {
                Due::Lineage(id) => self.judge_lineage(now, id, out),
                Due::Load(key) => self.judge_load(now, key, out),
                Due::Fixes => self.judge_fixes(now, out),
                Due::Quiet => {
                    self.judge_quiet(now, out);
                    self.schedule_quiet();
                }
                Due::Level(code, subject) => self.judge_level(now, code, subject, out),
                Due::Asks => self.send_due_requests(now, out),
                Due::Alert(code, subject) => self.alert_due((code, subject)),
                Due::Alerts | Due::Nothing => {}
            }
            if out.len() > said {
                // One verdict may be the basis of another.
                self.agenda.touch(what);
            }
        }
        self.agenda.give_back(due);
        // Last, so that a replacement notification is emitted together with the withdrawal of the
        // old one.
        self.judge_alerts(now, out);
    }

    fn judge_lineage(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        if lineage.state == LoopState::Suspect
            && lineage.ends.counted(now.uptime(), &self.config).count() < self.config.suspect_ends as usize
        {
            lineage.state = LoopState::Stable;
        }
        let (waits, runs) = (lineage.pending.is_some(), !lineage.alive.is_empty());
        if lineage.idle_since.is_some() && !waits && !runs && self.forget_idle(now, id, out) {
            return;
        }
        self.judge_check(now, id, out);
        if waits {
            self.judge_absence(now, id, out);
        }
        if runs {
            self.judge_recovery(now, id, out);
        }
        self.tell_last_life(now, id, out);
        self.judge_surplus(now, id, out);
    }

    /// Reports a crash or a kill once it is clear that its client lives on.
    fn judge_check(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        let Some(check) = lineage.check.take() else { return };
        if now.uptime() >= check.at {
            self.tell_check(now, id, check.seq, out);
        } else {
            self.agenda.schedule(check.at, Due::Lineage(id));
            lineage.check = Some(check);
        }
    }

    /// Closes incidents that presume a running server where none runs any more, and drops a lineage
    /// that holds no information. Returns whether it was dropped.
    fn forget_idle(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) -> bool {
        let config = &self.config;
        let (soon, later) = (config.no_successor_unknown, config.stable_after);
        let Some(lineage) = self.processes.lineage_mut(id) else { return true };
        let Some(since) = lineage.idle_since.filter(|_| lineage.alive.is_empty() && lineage.pending.is_none()) else {
            return false;
        };
        if now.uptime() < since + soon {
            self.agenda.schedule(since + soon, Due::Lineage(id));
            return false;
        }
        if lineage.state != LoopState::GaveUp {
            lineage.state = LoopState::Stable;
        }
        let client_alive = lineage.client_alive;
        let subject = Subject::Lineage(id);
        // What explains a reported absence of gopls stays open as long as that incident.
        let explains = self.incidents.about(subject).iter().any(|code| code.row().means_unavailable);
        if !explains {
            self.end_all(now, subject, End::NothingRuns, out);
        }
        let Some(lineage) = self.processes.lineage(id) else { return true };
        if now.uptime() < since + later {
            self.agenda.schedule(since + later, Due::Lineage(id));
            return false;
        }
        let reported = || !self.incidents.about(subject).is_empty();
        let worth_keeping =
            client_alive && (!lineage.ledger.is_blank() || lineage.state != LoopState::Stable || reported());
        if !worth_keeping {
            self.close_all_of(now, id, &Message::OverNothingSince, out);
            self.forget_lineage(id);
        }
        !worth_keeping
    }

    /// Judges the absence of a successor.
    fn judge_absence(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        let Some(pending) = lineage.pending.take_if(|p| now.uptime() >= p.deadline) else {
            if let Some(at) = lineage.pending.as_ref().map(|p| p.deadline) {
                self.agenda.schedule(at, Due::Lineage(id));
            }
            return;
        };
        // A client whose policy looks at the last life only does not give up because of earlier
        // ones.
        let counts = !matches!(lineage.ledger.policy(), RestartPolicy::LivedLongEnough { .. });
        let mut evidence: Vec<Seq> = if counts { lineage.ledger.seqs().collect() } else { Vec::new() };
        if !evidence.contains(&pending.seq) {
            evidence.push(pending.seq);
        }
        let gave_up = pending.verdict != Verdict::Gone;
        lineage.state = if gave_up { LoopState::GaveUp } else { LoopState::Stable };
        lineage.ends.reset_counted();
        let exits = if counts { lineage.ledger.exits() } else { 1 };
        let never = lineage.ledger.policy() == RestartPolicy::Never;
        let Some(end) = lineage.ends.get(pending.seq) else { return };
        let (how, lived, killed) = (end.cause.part(), end.lived, is_kill(&end.cause));
        let waited = Millis::from(now.uptime().since(end.at));
        let (place, client) = (self.processes.location(id), self.processes.client_of(id));
        let said = match pending.verdict {
            Verdict::Gone if never => Message::GoneForGood { place, how, client },
            Verdict::Gone => Message::GoneSoFar { place, how, client, waited },
            Verdict::GaveUp if exits > 1 => {
                Message::GaveUp { place, times: Times::new(u64::try_from(exits).unwrap_or(u64::MAX)), client }
            }
            Verdict::GaveUp => Message::GaveUpAfterShortLife { place, how, client },
            Verdict::GaveUpAtStart => {
                let lived = lived.map(|lived| Message::SoLong { lived: Millis::from(lived) });
                Message::GaveUpAtStart {
                    place,
                    lived: SharedMessage::new(lived.unwrap_or(Message::AtOnce)),
                    how,
                    client,
                }
            }
            Verdict::GaveUpProbably => Message::GaveUpProbably { place, how, client, waited },
        };
        let subject = Subject::Lineage(id);
        self.end_all(now, subject, End::NotRestarted, out);
        self.end(now, (Code::OneLifeLeft, subject), End::NothingRuns, out);
        if gave_up {
            self.open(now, Code::EditorGaveUp, subject, Some(id), said, evidence, out);
        } else {
            self.open(now, Code::ServerGone, subject, Some(id), said, vec![pending.seq], out);
        }
        // A kill that does not count (the machine had just woken) adds nothing to the reported
        // loss.
        let reported = self.incidents.is_open(Code::OutOfMemoryKill, subject);
        if killed && !reported {
            self.open_server_killed(now, id, pending.seq, 1, out);
        }
    }

    /// A server that lives long enough ends a loop, and the incidents that a crash or a kill left
    /// open.
    fn judge_recovery(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let enough = self.config.recovering_after;
        let Some(lineage) = self.processes.lineage(id) else { return };
        // A server that started before the last unexplained end proves nothing about what came
        // after it.
        let since = lineage.last_bad_end;
        let alive = lineage.alive.iter().filter_map(|key| self.processes.server(*key)).map(|s| s.since);
        let Some(born) = alive.filter(|born| *born >= since).max() else { return };
        if now.uptime() < (born + enough) {
            self.agenda.schedule(born + enough, Due::Lineage(id));
            return;
        }
        let state = lineage.state;
        let subject = Subject::Lineage(id);
        self.end_all(now, subject, End::Recovered, out);
        let stable = self.config.stable_after;
        match state {
            LoopState::Looping => {
                self.set_state(id, LoopState::Recovering { since: now.uptime() });
                self.agenda.schedule(now.uptime() + stable, Due::Lineage(id));
                let said = Message::Recovering { place: self.processes.location(id), lived: Millis::from(enough) };
                if self.incidents.is_open(Code::RestartLoop, subject) {
                    self.open(now, Code::RestartLoop, subject, Some(id), said, Vec::new(), out);
                }
            }
            LoopState::Recovering { since } if now.uptime() >= since + stable => {
                self.set_state(id, LoopState::Stable);
                self.end_all(now, subject, End::Stable, out);
            }
            LoopState::Recovering { since } => self.agenda.schedule(since + stable, Due::Lineage(id)),
            LoopState::Stable | LoopState::Suspect | LoopState::GaveUp => {}
        }
    }

    fn set_state(&mut self, id: LineageId, state: LoopState) {
        if let Some(lineage) = self.processes.lineage_mut(id) {
            lineage.state = state;
        }
    }

    /// Checks for several servers on one folder within one client, whenever one starts, ends or
    /// grows.
    pub(super) fn count_servers(&mut self, now: Now, server: ProcessKey) {
        if let Some(id) = self.processes.server(server).map(|s| s.lineage) {
            self.count_servers_of(now, id);
        }
    }

    pub(super) fn count_servers_of(&mut self, now: Now, id: LineageId) {
        // Nearly all lineages have one server, which is not too many.
        let few = self.config.too_many_servers.min(2) as usize;
        if self.processes.lineage(id).is_none_or(|l| l.alive.len() < few && l.surplus_since.is_none()) {
            return;
        }
        let Some(FolderGroup { servers: count, bytes, .. }) = self.processes.largest_folder_group(id) else { return };
        let surplus = self.is_surplus(id, count, bytes);
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        if surplus || lineage.surplus_since.is_some() {
            // A few small servers are not judged, however their memory changes.
            self.agenda.touch(Due::Lineage(id));
        }
        match (surplus, lineage.surplus_since) {
            (true, None) => {
                lineage.surplus_since = Some((now.uptime(), now.seq));
                self.agenda.schedule(now.uptime() + self.config.too_many_after, Due::Lineage(id));
            }
            (false, Some(_)) => {
                lineage.surplus_since = None;
                // Closing is a verdict too: it waits for the next wake.
                self.agenda.schedule(now.uptime(), Due::Lineage(id));
            }
            _ => {}
        }
    }

    /// Once reported, it holds until a quarter of the memory is gone, since the size of a heap
    /// fluctuates.
    fn is_surplus(&self, id: LineageId, count: usize, bytes: u64) -> bool {
        let reported = || self.incidents.is_open(Code::TooManyServers, Subject::Lineage(id));
        let most = || if reported() { self.config.too_many_bytes / 4 * 3 } else { self.config.too_many_bytes };
        count >= self.config.too_many_servers as usize || (count >= 2 && bytes > most())
    }

    fn judge_surplus(&mut self, now: Now, id: LineageId, out: &mut Vec<Effect>) {
        let key = (Code::TooManyServers, Subject::Lineage(id));
        let Some((since, seq)) = self.processes.lineage(id).and_then(|l| l.surplus_since) else {
            self.end(now, key, End::Fewer, out);
            return;
        };
        let due = since + self.config.too_many_after;
        if now.uptime() < due {
            self.agenda.schedule(due, Due::Lineage(id));
            return;
        }
        let Some(FolderGroup { servers: count, bytes, largest }) = self.processes.largest_folder_group(id) else {
            return;
        };
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        if self.incidents.is_open(key.0, key.1) && lineage.surplus_told == count {
            return; // Their memory moves all the time; that is no news.
        }
        lineage.surplus_told = count;
        let (client, servers, place) = (self.processes.client_of(id), super::count(count), self.processes.location(id));
        let said = if bytes > 0 {
            Message::Crowd { client, servers, place, bytes: Bytes::new(bytes), saved: Bytes::new(bytes - largest) }
        } else {
            Message::CrowdUnmeasured { client, servers, place }
        };
        self.open(now, key.0, key.1, Some(id), said, vec![seq], out);
    }
}
