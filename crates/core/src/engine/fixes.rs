//! Fixes: what is done on the user's confirmation, and whether it helped.
//!
//! Theory of operation. When a fix begins, the coming end of its process is marked as our own
//! doing, and the incident that the fix is for is recorded. When the fix has ended, it is observed
//! for as long as its incident would need to reappear. It did not help if the problem came back in
//! that time, if the incident is still open at the end of it, or if the process that it was to end
//! still runs. If that could not be observed, because the client ended, monitoring was interrupted
//! or another fix followed, this is reported instead. Each receipt is judged at most once.
//!
//! A setting takes effect only with the next start of gopls. Such a fix waits for that start and is
//! observed from then on; nothing that happens before counts against it. If no start comes in time,
//! that is reported.
//!
//! An unexplained end is judged only after the grace period for the client, since an editor that
//! quits takes its gopls along.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::lineage::LoopState;
use super::subject::LineageId;
use super::subject::Subject;
use super::{Effect, Now, State, emit};
use crate::code::Code;
use crate::codes::{Severity, SuccessCriterion, Topic};
use crate::config::Config;
use crate::event::{EventName, FixView, Subject as About};
use crate::message::{Count, Location, Message, MessageText, Millis, Title};
use crate::remedy::Remedy;
use crate::time::{HOUR, MINUTE, Uptime};
use crate::types::{ProcessKey, Seq};

/// Maximum number of fixes observed at once, and of receipts remembered.
const MAX_FIXES: usize = 32;
/// A fix whose end is not reported within this time counts as ended: the process that carried it
/// out was interrupted.
const INTERRUPTED_AFTER: Duration = MINUTE;
/// How long a setting may wait for the start of gopls with which it takes effect.
const AWAITS_START: Duration = HOUR;
/// How long a fix is reported as not having helped.
const FAILED_FIX_REPORT: Duration = Duration::from_secs(600);

/// A fix whose result is not known yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fix {
    receipt: String,
    remedy: Remedy,
    /// The input that began it.
    begun: Seq,
    /// When it began.
    #[serde(rename = "began_ns")]
    began: Uptime,
    /// The input that ended it.
    ended: Option<Seq>,
    /// Start of the observation: the end of the fix, or its beginning while it has not ended.
    #[serde(rename = "since_ns")]
    since: Uptime,
    /// End of the observation, or the time until which the fix may still be in progress.
    #[serde(rename = "until_ns")]
    until: Uptime,
    process: Option<ProcessKey>,
    /// The incident that it is for, if that was open.
    incident: Option<String>,
    code: Option<Code>,
    lineage: Option<LineageId>,
    workspace: Option<String>,
    /// The client without which no result can be observed.
    client: Option<ProcessKey>,
    /// How many servers its lineage had when the fix began.
    servers: usize,
    /// It takes effect with the next server of its lineage, which has not started yet.
    #[serde(default)]
    awaits_start: bool,
    failed: Option<Failed>,
}

/// Evidence that a fix did not help.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Failed {
    seq: Seq,
    /// When it may be reported.
    #[serde(rename = "due_ns")]
    due: Uptime,
    #[serde(flatten)]
    said: MessageText,
}

/// A fix that is reported as not having helped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FailedFix {
    begun: Seq,
    receipt: String,
    undoable: bool,
    lineage: Option<LineageId>,
    client: Option<ProcessKey>,
    #[serde(rename = "until_ns")]
    until: Uptime,
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Fixes {
    watched: Vec<Fix>,
    #[serde(rename = "told")]
    reported: Vec<FailedFix>,
    /// Receipts that were judged or undone, latest last.
    over: VecDeque<String>,
}

impl Fixes {
    /// The receipt of a fix that did not help, if it can be undone.
    pub(super) fn receipt(&self, begun: Seq) -> Option<String> {
        self.reported
            .iter()
            .find(|failed| failed.begun == begun && failed.undoable)
            .map(|failed| failed.receipt.clone())
    }

    /// The lineage of a fix that did not help.
    pub(super) fn lineage(&self, begun: Seq) -> Option<LineageId> {
        self.reported.iter().find(|failed| failed.begun == begun)?.lineage
    }

    /// What survives a reboot: the receipts that need no judgement any more.
    pub(super) fn rebooted(self) -> Self {
        Self { over: self.over, ..Self::default() }
    }

    fn is_new(&self, receipt: &str) -> bool {
        !self.over.iter().any(|known| known == receipt) && !self.watched.iter().any(|fix| fix.receipt == receipt)
    }

    fn mark_over(&mut self, receipt: String) {
        if self.over.len() == MAX_FIXES {
            self.over.pop_front();
        }
        self.over.push_back(receipt);
    }
}

/// Whether the effect of a remedy can be observed. A dump repairs nothing, and neither does a
/// remedy that changes only our own state.
const fn has_observable_effect(remedy: Remedy) -> bool {
    matches!(
        remedy,
        Remedy::RestartServer
            | Remedy::KillServer
            | Remedy::StopOrphan
            | Remedy::StopDuplicate
            | Remedy::StopMcp
            | Remedy::MoveModuleCache
    ) || remedy.waits_for_a_start()
}

/// Whether the problem is that gopls ends. A fix without an incident is observed for ends too.
fn is_about_ends(code: Option<Code>) -> bool {
    code.is_none_or(|code| {
        matches!(
            code.row().success_criterion,
            SuccessCriterion::Loop | SuccessCriterion::Ends | SuccessCriterion::EndsUntilForgotten
        )
    })
}

/// How long an incident of this code needs to reappear.
fn window(code: Option<Code>, config: &Config) -> Duration {
    code.map_or(MINUTE, |code| (code.row().window)(config))
}

impl State {
    /// A fix is about to change something.
    pub(super) fn fix_begins(
        &mut self,
        now: Now,
        receipt: String,
        remedy: Remedy,
        incident: Option<String>,
        process: Option<ProcessKey>,
        out: &mut Vec<Effect>,
    ) {
        self.mark_own_end(now, remedy, process);
        if !has_observable_effect(remedy) || !self.fixes.is_new(&receipt) {
            return;
        }
        let fix = self.new_fix(now, receipt, remedy, incident, process);
        let same = |other: &Fix| {
            // A setting waits for exactly this: the end of a server, and the start of the next one.
            if other.awaits_start && remedy.ends_a_process() {
                return false;
            }
            (other.process.is_some() && other.process == fix.process)
                || (other.incident.is_some() && other.incident == fix.incident)
        };
        self.give_up_fixes(now, same, &Message::FixFollowed, out);
        if self.fixes.watched.len() >= MAX_FIXES {
            let oldest = self.fixes.watched.first().map(|fix| fix.begun);
            self.give_up_fixes(now, |fix| Some(fix.begun) == oldest, &Message::FixCrowdedOut, out);
        }
        self.agenda.schedule(fix.until, Due::Fixes);
        self.fixes.watched.push(fix);
    }

    /// Marks the coming end of a process as our own doing.
    fn mark_own_end(&mut self, now: Now, remedy: Remedy, process: Option<ProcessKey>) {
        let Some(process) = process.filter(|_| remedy.ends_a_process()) else { return };
        // A dump is requested for its output and the end is a side effect, so the process does not
        // count as asked to end.
        let asked = (remedy != Remedy::DumpGoroutines).then(|| now.uptime());
        self.await_kill(now.uptime());
        if let Some(server) = self.processes.server_mut(process) {
            server.own_fix = true;
            server.asked = server.asked.or(asked);
        } else if let Some(load) = self.loads.get_mut(process) {
            load.asked = load.asked.or(asked);
        }
    }

    fn new_fix(
        &self,
        now: Now,
        receipt: String,
        remedy: Remedy,
        incident: Option<String>,
        process: Option<ProcessKey>,
    ) -> Fix {
        let about = incident.as_deref().and_then(|id| self.incidents.iter().find(|(_, view)| view.id == id));
        let about = about.map(|(key, _)| key);
        let code = about.map(|(code, _)| code);
        let of_process = process.and_then(|key| self.processes.server(key)).map(|server| server.lineage);
        let id = about.and_then(|(_, subject)| self.lineage_about(subject)).or(of_process);
        let lineage = id.and_then(|id| self.processes.lineage(id));
        // That a leftover process is gone can be observed without the editor that left it.
        let alone = code.is_some_and(|code| code.row().seen_without_client);
        let client = lineage.filter(|l| l.client_alive && !alone).and_then(|l| l.key.client);
        Fix {
            receipt,
            remedy,
            begun: now.seq,
            began: now.uptime(),
            ended: None,
            since: now.uptime(),
            until: now.uptime() + INTERRUPTED_AFTER,
            process,
            incident: incident.filter(|_| about.is_some()),
            code,
            lineage: id.filter(|_| lineage.is_some()),
            workspace: lineage.and_then(|l| l.workspace.known().cloned()),
            client,
            servers: lineage.map_or(0, |l| l.alive.len()),
            awaits_start: remedy.waits_for_a_start() && lineage.is_some(),
            failed: None,
        }
    }

    /// A fix ended. Its observation starts.
    pub(super) fn fix_ends(&mut self, now: Now, receipt: &str, done: bool, signalled: bool, out: &mut Vec<Effect>) {
        if !done {
            // A process that the fix failed to end may end later; that is not the result of the fix
            // any more.
            let fixes = self.fixes.watched.iter().filter(|fix| fix.receipt == receipt);
            for process in fixes.filter_map(|fix| fix.process) {
                if let Some(server) = self.processes.server_mut(process) {
                    server.own_fix = false;
                    server.asked = server.asked.filter(|_| signalled);
                } else if let Some(load) = self.loads.get_mut(process) {
                    load.asked = load.asked.filter(|_| signalled);
                }
            }
            self.give_up_fixes(now, |fix| fix.receipt == receipt, &Message::FixNotWhole, out);
            return;
        }
        let ending = self.fixes.watched.iter_mut().find(|fix| fix.receipt == receipt && fix.ended.is_none());
        let Some(fix) = ending else { return };
        fix.ended = Some(now.seq);
        fix.since = now.uptime();
        let watched = if fix.awaits_start { AWAITS_START } else { window(fix.code, &self.config) };
        fix.until = now.uptime() + watched;
        let until = fix.until;
        self.agenda.schedule(until, Due::Fixes);
    }

    /// A server starts in this lineage: settings made before take effect with it.
    pub(super) fn fixes_see_start(&mut self, now: Now, id: LineageId) {
        let mut seen = false;
        for fix in self.fixes.watched.iter_mut().filter(|fix| fix.awaits_start && fix.lineage == Some(id)) {
            fix.awaits_start = false;
            fix.since = now.uptime();
            if fix.ended.is_some() {
                fix.until = now.uptime() + window(fix.code, &self.config);
                seen = true;
            }
        }
        if seen {
            self.schedule_fixes();
        }
    }

    /// A fix was undone: nothing is left to judge or to report.
    pub(super) fn fix_undone(&mut self, now: Now, receipt: &str, out: &mut Vec<Effect>) {
        let watched = self.fixes.watched.len();
        self.fixes.watched.retain(|fix| fix.receipt != receipt);
        if self.fixes.watched.len() < watched {
            self.fixes.mark_over(receipt.to_owned());
        }
        self.close_reported_fixes(now, |failed| failed.receipt == receipt, &Message::OverUndone, out);
    }

    /// An unexplained end in a lineage: it shows that fixes meant to prevent ends did not help.
    pub(super) fn fixes_see_end(&mut self, id: LineageId, seq: Seq, at: Uptime) {
        if self.fixes.watched.is_empty() {
            return;
        }
        let due = at + self.config.client_end_grace;
        let place = self.processes.location(id);
        let mut seen = false;
        for fix in &mut self.fixes.watched {
            let effective = !fix.awaits_start && at >= fix.began;
            let counts = fix.lineage == Some(id) && is_about_ends(fix.code) && effective;
            if counts && fix.failed.is_none() {
                let later = Millis::from(at.since(fix.since));
                let said = Message::EndedAgain { place: place.clone(), later }.into();
                fix.failed = Some(Failed { seq, due, said });
                seen = true;
            }
        }
        if seen {
            self.agenda.schedule(due, Due::Fixes);
        }
    }

    /// An incident opens: the one that a fix was meant to end, again, or one that is worse than
    /// before the fix.
    pub(super) fn fixes_see_opening(&mut self, now: Now, code: Code, lineage: Option<LineageId>) {
        if self.fixes.watched.is_empty() || code.row().about == Topic::Fix {
            return;
        }
        let known = lineage.and_then(|id| self.processes.lineage(id));
        let place = known.and_then(|l| Some((l.key.client?, l.workspace.known()?.clone())));
        let title = Title { code, client: lineage.and_then(|id| self.processes.client_name(id)).map(str::to_owned) };
        let mut seen = false;
        for fix in self.fixes.watched.iter_mut().filter(|fix| fix.failed.is_none() && !fix.awaits_start) {
            let same_lineage = lineage.is_some() && fix.lineage == lineage;
            let same_place = place.is_some() && fix.client.zip(fix.workspace.clone()) == place;
            let again = fix.code == Some(code) && (same_lineage || same_place);
            let gone = same_lineage && code.row().means_unavailable;
            let new = same_lineage && fix.code.is_none() && code.row().severity == Severity::Problem;
            if again || gone || new {
                let later = Millis::from(now.uptime().since(fix.since));
                let title = title.clone();
                let said =
                    if again { Message::TroubleAgain { later, title } } else { Message::TroubleNew { later, title } };
                fix.failed = Some(Failed { seq: now.seq, due: now.uptime(), said: said.into() });
                seen = true;
            }
        }
        if seen {
            self.agenda.schedule(now.uptime(), Due::Fixes);
        }
    }

    /// Without its client nothing of a fix can be observed any more.
    pub(super) fn fixes_lose_client(&mut self, now: Now, client: ProcessKey, out: &mut Vec<Effect>) {
        self.give_up_fixes(now, |fix| fix.client == Some(client), &Message::FixEditorEnded, out);
        self.close_reported_fixes(now, |failed| failed.client == Some(client), &Message::OverClientEnded, out);
    }

    /// Monitoring was interrupted. What happened in the meantime is not guessed.
    pub(super) fn fixes_unwatched(&mut self, now: Now, why: &Message, out: &mut Vec<Effect>) {
        self.give_up_fixes(now, |_| true, why, out);
    }

    /// No problem can have come back while the machine slept, so the observation starts anew.
    pub(super) fn fixes_slept(&mut self, now: Now) {
        for fix in self.fixes.watched.iter_mut().filter(|fix| fix.ended.is_some()) {
            fix.until = fix.until.max(now.uptime() + window(fix.code, &self.config));
        }
        self.schedule_fixes();
    }

    /// Judges the fixes that are due.
    pub(super) fn judge_fixes(&mut self, now: Now, out: &mut Vec<Effect>) {
        let (mut due, watched): (Vec<Fix>, Vec<Fix>) =
            std::mem::take(&mut self.fixes.watched).into_iter().partition(|fix| fix.is_due(now.uptime()));
        self.fixes.watched = watched;
        for fix in &mut due {
            if fix.failed.is_none() && fix.ended.is_none() {
                // The process that carried it out was interrupted.
                fix.ended = Some(now.seq);
                let watched = if fix.awaits_start { AWAITS_START } else { window(fix.code, &self.config) };
                fix.until = now.uptime() + watched;
            }
        }
        let (over, on): (Vec<Fix>, Vec<Fix>) = due.into_iter().partition(|fix| fix.is_due(now.uptime()));
        self.fixes.watched.extend(on);
        self.fixes.watched.sort_by_key(|fix| fix.begun);
        for fix in over {
            self.judge_fix(now, fix, out);
        }
        self.close_reported_fixes(now, |failed| now.uptime() >= failed.until, &Message::OverToldEnough, out);
        self.schedule_fixes();
    }

    fn judge_fix(&mut self, now: Now, fix: Fix, out: &mut Vec<Effect>) {
        if let Some(failed) = fix.failed.clone() {
            self.report_failed_fix(now, &fix, failed, out);
            return;
        }
        let waited = Millis::from(now.uptime().since(fix.since));
        let place = fix.lineage.map_or(Location(None), |id| self.processes.location(id));
        if fix.awaits_start {
            self.fix_judged(now, fix, None, Message::AwaitsStart { place, waited }.into(), out);
            return;
        }
        // A setting names the server for which it was made, but ends no process.
        let ends = fix.remedy.ends_a_process();
        let alive =
            |key: &ProcessKey| ends && (self.processes.server(*key).is_some() || self.loads.get(*key).is_some());
        let said = if let Some(process) = fix.process.filter(alive) {
            // A later end is not the result of this fix any more.
            if let Some(server) = self.processes.server_mut(process) {
                server.own_fix = false;
            }
            Message::StillRuns { pid: Count::new(process.pid.0.into()), later: waited }
        } else if let Some(code) = fix.code.filter(|_| self.is_still_open(&fix)) {
            let client = fix.lineage.and_then(|id| self.processes.client_name(id)).map(str::to_owned);
            Message::StillSo { place, later: waited, title: Title { code, client } }
        } else {
            let (helped, said) = match fix.code {
                None => (None, Message::ForNoProblem { place, waited }),
                Some(_) if is_about_ends(fix.code) => (Some(true), Message::NoEndSince { place, waited }),
                Some(_) => (Some(true), Message::NotComeBack { place, waited }),
            };
            self.fix_judged(now, fix, helped, said.into(), out);
            return;
        };
        self.report_failed_fix(now, &fix, Failed { seq: now.seq, due: now.uptime(), said: said.into() }, out);
    }

    /// Whether the incident of a fix is still open in a way that shows that the fix did not help.
    fn is_still_open(&self, fix: &Fix) -> bool {
        let open = fix.incident.as_deref().is_some_and(|id| self.incident(id).is_some());
        let lineage = fix.lineage.and_then(|id| self.processes.lineage(id));
        open && match fix.code.map_or(SuccessCriterion::Over, |code| code.row().success_criterion) {
            // A restart loop stays open while it recovers, and an exit count until the client
            // forgets the exits.
            SuccessCriterion::Loop => {
                !lineage.is_some_and(|l| matches!(l.state, LoopState::Recovering { .. } | LoopState::Stable))
            }
            SuccessCriterion::EndsUntilForgotten => false,
            // One server fewer is what this fix was for.
            SuccessCriterion::Fewer => lineage.is_some_and(|l| l.alive.len() >= fix.servers),
            SuccessCriterion::Over | SuccessCriterion::Ends => true,
        }
    }

    /// Judges a fix that did not help, and opens an incident for it.
    fn report_failed_fix(&mut self, now: Now, fix: &Fix, failed: Failed, out: &mut Vec<Effect>) {
        let evidence: BTreeSet<Seq> = [Some(fix.begun), fix.ended, Some(failed.seq)].into_iter().flatten().collect();
        let lineage = fix.lineage.filter(|id| self.processes.lineage(*id).is_some());
        if self.fixes.reported.len() == MAX_FIXES {
            let oldest = self.fixes.reported.first().map(|failed| failed.begun);
            self.close_reported_fixes(now, |failed| Some(failed.begun) == oldest, &Message::OverCrowdedOut, out);
        }
        let until = now.uptime() + FAILED_FIX_REPORT;
        self.fixes.reported.push(FailedFix {
            begun: fix.begun,
            receipt: fix.receipt.clone(),
            undoable: fix.remedy.row().undoable,
            lineage,
            client: fix.client,
            until,
        });
        self.fix_judged(now, fix.clone(), Some(false), failed.said.clone(), out);
        let subject = Subject::Fix(fix.begun);
        self.open(
            now,
            Code::FixDidNotHelp,
            subject,
            lineage,
            Message::clone(&failed.said.message),
            evidence.into_iter().collect(),
            out,
        );
    }

    fn fix_judged(&mut self, now: Now, fix: Fix, helped: Option<bool>, said: MessageText, out: &mut Vec<Effect>) {
        let Fix { receipt, remedy, incident, .. } = fix;
        self.fixes.mark_over(receipt.clone());
        let view = FixView { receipt, remedy, incident, helped, said };
        emit(out, now, EventName::FixJudged, About::Fix(Box::new(view)));
    }

    /// Ends the observation of these fixes without a result.
    fn give_up_fixes(&mut self, now: Now, which: impl Fn(&Fix) -> bool, why: &Message, out: &mut Vec<Effect>) {
        let (given_up, watched) = std::mem::take(&mut self.fixes.watched).into_iter().partition(|fix| which(fix));
        self.fixes.watched = watched;
        let given_up: Vec<Fix> = given_up;
        for fix in given_up {
            self.fix_judged(now, fix, None, why.clone().into(), out);
        }
    }

    /// Closes the incidents of these fixes.
    fn close_reported_fixes(
        &mut self,
        now: Now,
        which: impl Fn(&FailedFix) -> bool,
        why: &Message,
        out: &mut Vec<Effect>,
    ) {
        let (over, kept): (Vec<FailedFix>, Vec<FailedFix>) =
            std::mem::take(&mut self.fixes.reported).into_iter().partition(which);
        self.fixes.reported = kept;
        for failed in over {
            self.close(now, (Code::FixDidNotHelp, Subject::Fix(failed.begun)), why.clone(), out);
        }
    }

    fn schedule_fixes(&mut self) {
        let watched = self.fixes.watched.iter().map(Fix::due);
        let next = watched.chain(self.fixes.reported.iter().map(|failed| failed.until)).min();
        if let Some(at) = next {
            self.agenda.schedule(at, Due::Fixes);
        }
    }
}

impl Fix {
    fn due(&self) -> Uptime {
        self.failed.as_ref().map_or(self.until, |failed| failed.due)
    }

    fn is_due(&self, now: Uptime) -> bool {
        now >= self.due()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_has_its_time_to_come_back() {
        let config = Config::default();
        let seconds = |code| window(code, &config).as_secs();
        let loops =
            [Code::RestartLoop, Code::OneLifeLeft, Code::ServerCrashed, Code::ServerKilled, Code::OutOfMemoryKill];
        for code in Code::ALL {
            // Seconds. A new code needs an arm here. It is also in `loops` if its fix helped where no
            // server ended again.
            let expected = match code {
                Code::RestartLoop
                | Code::OneLifeLeft
                | Code::ServerCrashed
                | Code::ServerKilled
                | Code::OutOfMemoryKill => 180,
                Code::OrphanGoList => 15,
                Code::RunawayMemory | Code::DescriptorPressure | Code::OwnWatcher | Code::SpotlightBusy => 360,
                Code::RunawayCpu => 540,
                Code::WatchLimit => 360,
                Code::FileTableFull | Code::MemoryPressure => 120,
                Code::EditorGaveUp
                | Code::ServerGone
                | Code::StuckLoad
                | Code::SlowLoad
                | Code::TooManyServers
                | Code::StaleBinary
                | Code::FixDidNotHelp
                | Code::BlockedIo
                | Code::StoppedServer
                | Code::TranslatedServer
                | Code::TranslatedToolchain
                | Code::TranslatedClient
                | Code::FileEventsLost => 60,
            };
            assert_eq!(seconds(Some(*code)), expected, "{code:?}");
            assert_eq!(is_about_ends(Some(*code)), loops.contains(code), "{code:?}");
        }
        assert_eq!(seconds(None), 60);
        let slow = Config { stuck_load: Duration::from_secs(90), ..config };
        assert_eq!(window(Some(Code::StuckLoad), &slow), Duration::from_secs(120));
    }
}
