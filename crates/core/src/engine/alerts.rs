//! When the user is told of an open incident by a notification, and when that notification has lost its reason.
//!
//! Theory of operation. Every open incident has a [`Notice`]: it waits, is told by a notification of its own, stands in
//! the digest, or has been told as far as it is going to be. What is told is a level
//! ([`Snapshot::told`](super::Snapshot::told)); events are its edges. A notice is judged when something changed that it
//! rests on, or when a moment has come that it waits for; judging it more often changes nothing. Nothing rings but in a
//! wake, when all facts of one look at the world are in, or at once when the user asks for it.
//!
//! A notice that waits passes these gates in turn, each of which names the moment at which it opens:
//! 1. the delay of its code, counted from the opening of the incident;
//! 2. the warm-up after a start, a wake or an upgrade of gopls;
//! 3. a flapping problem: the same code has rung in the same place a short while ago; of what comes from how the machine
//!    is set up and stands there anew with every start of gopls, within a day.
//!
//! Two more gates have no moment, and are looked at whenever they change: what the user does not want to be told
//! (`quiet`), and an open incident that is what the user feels of this one ([`Row::felt_as`](crate::codes::Row)): of the
//! same lineage, its servers or its client, or of the machine on which all of them run. What is only for the menu never
//! rings, neither by itself nor in the digest; it stands among the causes in what does.
//!
//! Behind the gates it rings, as long as fewer than so many have rung within the last hour. Otherwise it joins the
//! digest, and stays there until it is over: one problem never has two notifications. The digest rings when it
//! appears, and again for problems that insist; both at most once per [`AlertPolicy::again_after_ms`], and for the same
//! problem in the same place at most once an hour.
//!
//! The severity of an incident is that of its code, so it never rises while the incident is open: what gets worse is an
//! incident of another code, which replaces the former notification.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::subject::{Key, Subject};
use super::table::{Set, Table, pairs};
use super::{Effect, MS, Now, State, emit};
use crate::codes::{Code, Repeats, Severity, Stands, Telling, Topic};
use crate::config::Alerts as AlertPolicy;
use crate::event::{AlertView, EventName, IncidentView, Subject as About};
use crate::words::{Moment, ProcessKey, Seq};

/// The id of the notification that stands for several incidents.
const DIGEST: &str = "digest";
const HOUR_NS: u64 = 3_600_000 * MS;
/// Of what rang longer ago than this nothing is known any more; no policy asks for more.
const REMEMBERED_NS: u64 = 24 * HOUR_NS;
/// So many places are remembered in which something rang; beyond it the oldest is forgotten.
const MOST_PLACES: usize = 256;

/// How the user is told of an open incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Standing {
    /// Not yet, or not while the user does not want it.
    Waits,
    /// By a notification of its own, which rang at this input.
    Told { rang: Seq },
    /// Among others.
    InDigest,
    /// No more: it was told, by itself or as the cause of something else, and something else is told instead.
    Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Notice {
    /// When its incident was opened.
    opened_ns: u64,
    standing: Standing,
    /// The moment for which its next judgement is scheduled; one that has passed means none.
    look_ns: u64,
}

impl Notice {
    const fn new(opened_ns: u64) -> Self {
        Self { opened_ns, standing: Standing::Waits, look_ns: 0 }
    }
}

/// When what rang last where, nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Rung(#[serde(with = "pairs")] Table<(Code, String), u64>);

impl Rung {
    fn last(&self, place: (Code, &str)) -> Option<u64> {
        self.0.get_by(|(code, at)| (*code, at.as_str()).cmp(&place)).copied()
    }

    fn note(&mut self, now_ns: u64, (code, place): (Code, &str)) {
        self.0.retain(|_, at| now_ns.saturating_sub(*at) < REMEMBERED_NS);
        self.0.insert((code, place.to_owned()), now_ns);
        while self.0.len() > MOST_PLACES {
            self.0.remove_least(|at| *at);
        }
    }
}

/// The notification that stands for several incidents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Digest {
    holds: Set<Key>,
    /// Those for which it is going to ring.
    insist: Set<Key>,
    /// When it last rang: the input and the moment.
    rang: Option<(Seq, u64)>,
    rung: Rung,
}

impl Digest {
    fn leave(&mut self, key: Key) {
        self.holds.remove(&key);
        self.insist.remove(&key);
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Alerts {
    policy: AlertPolicy,
    /// When the watch last began, or the machine last woke.
    began_ns: Option<u64>,
    /// When the executable of a running gopls was last replaced.
    upgraded_ns: Option<u64>,
    #[serde(with = "pairs")]
    notices: Table<Key, Notice>,
    /// Those to be judged at the next wake.
    touched: Set<Key>,
    /// When notifications of single incidents rang, within the last hour.
    rings: VecDeque<u64>,
    /// When anything rang, the digest included.
    rung: Rung,
    digest: Digest,
}

impl Alerts {
    /// For a machine that was started again: nothing of before is open, and moments mean nothing any more.
    pub(super) fn of_another_boot(self) -> Self {
        Self { policy: self.policy, ..Self::default() }
    }

    fn touch_all(&mut self) {
        self.touched.extend(self.notices.keys().copied());
    }

    /// The moment until which nothing is told because everything just began.
    fn warm_until_ns(&self) -> u64 {
        let after = |since: Option<u64>, ms: u64| since.map_or(0, |ns| ns.saturating_add(ms * MS));
        after(self.began_ns, self.policy.warm_up_ms).max(after(self.upgraded_ns, self.policy.after_upgrade_ms))
    }

    /// The moment from which something that rang then may ring again.
    const fn again_ns(&self, rang_ns: u64) -> u64 {
        rang_ns.saturating_add(self.policy.again_after_ms * MS)
    }

    /// The same for an incident of this code.
    fn code_again_ns(&self, code: Code, rang_ns: u64) -> u64 {
        let least = match code.row().repeats {
            Repeats::OnceADay => REMEMBERED_NS,
            Repeats::ByPolicy => 0,
        };
        self.again_ns(rang_ns).max(rang_ns.saturating_add(least))
    }
}

/// Where an incident is, for the question whether it is the same one again: its folder, which outlives clients, else its
/// lineage; or anywhere.
fn place(view: &IncidentView) -> (Code, &str) {
    let place = match view.code.row().stands {
        Stands::Everywhere => "",
        Stands::InItsFolder => view.workspace.as_deref().or(view.lineage.as_deref()).unwrap_or_default(),
    };
    (view.code, place)
}

/// Whether a load belongs to the folder of another one, as far as that is known.
fn same_folder(a: &IncidentView, b: &IncidentView) -> bool {
    (a.lineage.is_some() && a.lineage == b.lineage) || (a.workspace.is_some() && a.workspace == b.workspace)
}

/// In the order of what matters most: problems before advice, then as in the table of codes.
fn by_weight<'a, I: Iterator<Item = &'a Key> + Clone>(keys: I) -> impl Iterator<Item = Key> + use<'a, I> {
    let of = |severity| move |key: &&Key| key.0.row().severity == severity;
    let problems = keys.clone().filter(of(Severity::Problem));
    problems.chain(keys.filter(of(Severity::Advice))).copied()
}

/// What changes the ground of a notice.
impl State {
    /// When problems are told, as far as the policy says so.
    #[must_use]
    pub const fn alerts_config(&self) -> &AlertPolicy {
        &self.alerts.policy
    }

    pub(super) fn alert_policy(&mut self, policy: AlertPolicy) {
        self.alerts.policy = policy.within_reason();
        self.alerts.touch_all();
    }

    /// Everything just began: what is open may settle by itself.
    pub(super) fn warm_up(&mut self, now: Now) {
        self.alerts.began_ns = Some(now.ns());
    }

    /// The same, for gopls itself.
    pub(super) fn gopls_replaced(&mut self, now: Now) {
        self.alerts.upgraded_ns = Some(now.ns());
    }

    pub(super) fn touch_alerts(&mut self) {
        self.alerts.touch_all();
    }

    /// An incident was opened.
    pub(super) fn alert_opened(&mut self, now: Now, key: Key, view: &IncidentView) {
        self.alerts.notices.insert(key, Notice::new(now.ns()));
        match key.0.row().delay_ms {
            0 => drop(self.alerts.touched.insert(key)),
            delay_ms => self.look_again(now, key, now.ns() + delay_ms * MS),
        }
        self.touch_causes(key, view);
    }

    /// An incident is over.
    pub(super) fn alert_over(&mut self, now: Now, key: Key, view: &IncidentView, out: &mut Vec<Effect>) {
        self.take_down(now, key, view, Standing::Waits, out);
        self.alerts.notices.remove(&key);
        self.alerts.touched.remove(&key);
        self.touch_causes(key, view);
    }

    /// What a fact has touched is judged at the next wake, which therefore has to come.
    pub(super) fn schedule_alerts(&mut self, now: Now) {
        if !self.alerts.touched.is_empty() {
            self.agenda.schedule(now.ns(), Due::Alerts);
        }
    }

    /// The moment has come that a notice waits for.
    pub(super) fn alert_due(&mut self, key: Key) {
        if self.alerts.notices.contains_key(&key) {
            self.alerts.touched.insert(key);
        }
    }

    fn touch_causes(&mut self, key: Key, view: &IncidentView) {
        let causes = self.causes_of(key, view);
        self.alerts.touched.extend(causes);
    }

    /// A state that another version wrote, or anybody, may lack notices or have too many.
    pub(super) fn alerts_within_reason(&mut self) {
        let alerts = &mut self.alerts;
        alerts.policy = std::mem::take(&mut alerts.policy).within_reason();
        let open: Set<Key> = self.incidents.keys().collect();
        alerts.notices.retain(|key, _| open.contains(key));
        for key in open {
            if !alerts.notices.contains_key(&key) {
                alerts.notices.insert(key, Notice::new(0));
                alerts.touched.insert(key);
            }
        }
        alerts.touched.retain(|key| alerts.notices.contains_key(key));
        let in_digest = |(_, notice): &(&Key, &Notice)| notice.standing == Standing::InDigest;
        alerts.digest.holds = alerts.notices.iter().filter(in_digest).map(|(key, _)| *key).collect();
        alerts.digest.insist.retain(|key| alerts.digest.holds.contains(key));
    }
}

/// The verdicts.
impl State {
    /// Judges what was touched.
    pub(super) fn judge_alerts(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.alerts.touched.is_empty() && self.alerts.digest.insist.is_empty() {
            return;
        }
        let mut touched = std::mem::take(&mut self.alerts.touched);
        let mut grew = false;
        for key in by_weight(touched.iter()) {
            grew |= self.judge_alert(now, key, out);
        }
        if self.alerts.touched.is_empty() {
            // Its memory, for the next ones.
            touched.clear();
            self.alerts.touched = touched;
        }
        self.judge_digest(now, grew, out);
    }

    /// Whether the digest has one more.
    fn judge_alert(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        if self.hush(now, key, out) {
            return false;
        }
        let Some(Notice { opened_ns, standing, .. }) = self.alerts.notices.get(&key).copied() else { return false };
        let Some(view) = self.incidents.get(key) else { return false };
        match standing {
            Standing::Told { .. } | Standing::InDigest | Standing::Said => false,
            Standing::Waits => match self.gate(now, key, opened_ns, view) {
                Some(at) => {
                    self.look_again(now, key, at);
                    false
                }
                None => self.tell(now, key, out),
            },
        }
    }

    /// Takes down what is not to be told now, which rings nothing and so needs no wake. Whether it is not.
    pub(super) fn hush(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        let Some(standing) = self.alerts.notices.get(&key).map(|notice| notice.standing) else { return false };
        let Some(view) = self.incidents.get(key) else { return false };
        let Some(next) = self.silent(now, key, view, standing) else { return false };
        if next != standing {
            let view = view.clone();
            self.take_down(now, key, &view, next, out);
        }
        true
    }

    /// How an incident stands that is not to be told now, whenever its moment may come.
    fn silent(&self, now: Now, key: Key, view: &IncidentView, standing: Standing) -> Option<Standing> {
        if standing == Standing::Said {
            return Some(standing);
        }
        if !self.alerts.policy.enabled || self.quiet.silences(now.at, view) {
            return Some(Standing::Waits);
        }
        if key.0.row().telling == Telling::MenuOnly {
            // It stands in the menu, and in what tells of it as a cause.
            return Some(Standing::Waits);
        }
        let effects = self.effects_of(key, view);
        let told = |key: &Key| {
            let standing = self.alerts.notices.get(key).map(|notice| notice.standing);
            matches!(standing, Some(Standing::Told { .. } | Standing::InDigest))
        };
        match standing {
            _ if effects.is_empty() => None,
            _ if effects.iter().any(told) => Some(Standing::Said),
            Standing::Waits => Some(Standing::Waits),
            // Until what is felt of it is told, nothing would be seen instead.
            _ => None,
        }
    }

    /// Whether the same is told already of another one there: what comes from the same set-up, or was lost by the same
    /// system.
    fn is_told_of_another(&self, (code, subject): Key, view: &IncidentView) -> bool {
        let told = |other: Subject| {
            let standing = self.alerts.notices.get(&(code, other)).map(|notice| notice.standing);
            matches!(standing, Some(Standing::Told { .. } | Standing::InDigest))
        };
        (code.row().told_once || code.row().repeats == Repeats::OnceADay)
            && self.incidents.of(code).any(|(other, at)| other != subject && told(other) && place(at) == place(view))
    }

    /// Has a notice judged again at this moment. Where that happens earlier in any case, it is soon enough to ask then.
    fn look_again(&mut self, now: Now, key: Key, at_ns: u64) {
        let Some(notice) = self.alerts.notices.get_mut(&key) else { return };
        if notice.look_ns <= now.ns() || at_ns < notice.look_ns {
            notice.look_ns = at_ns;
            self.agenda.schedule(at_ns, Due::Alert(key.0, key.1));
        }
    }

    /// When the first gate opens that is still closed.
    fn gate(&self, now: Now, key: Key, opened_ns: u64, view: &IncidentView) -> Option<u64> {
        let (code, place) = (key.0, place(view));
        let delay = opened_ns.saturating_add(code.row().delay_ms * MS);
        if now.ns() < delay {
            return Some(delay);
        }
        let warm = self.alerts.warm_until_ns();
        if now.ns() < warm {
            return Some(warm);
        }
        let again = self.alerts.rung.last(place).map(|rang| self.alerts.code_again_ns(code, rang));
        let of_another = || self.is_told_of_another(key, view).then(|| now.ns().saturating_add(REMEMBERED_NS));
        again.filter(|at| now.ns() < *at).or_else(of_another)
    }

    /// Rings, or has it join the digest. Whether it is the latter.
    fn tell(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        let Some(view) = self.incidents.get(key) else { return false };
        let (code, place) = place(view);
        let place = place.to_owned();
        for cause in self.causes_of(key, view) {
            if let Some(view) = self.incidents.get(cause).cloned() {
                self.take_down(now, cause, &view, Standing::Said, out);
            }
        }
        let alerts = &mut self.alerts;
        let per_hour = alerts.policy.per_hour as usize;
        alerts.rings.retain(|at| now.ns().saturating_sub(*at) < HOUR_NS);
        if alerts.rings.len() < per_hour {
            alerts.rings.push_back(now.ns());
            alerts.rung.note(now.ns(), (code, &place));
            self.stand(key, Standing::Told { rang: now.seq });
            if let Some(view) = self.incidents.get(key) {
                let view = self.alert_view(key, view, now.seq);
                emit(out, now, EventName::AlertTold, About::Alert(Box::new(view)));
            }
            return false;
        }
        let digest = &mut alerts.digest;
        let appears = digest.holds.is_empty();
        let lately = digest.rung.last((code, &place)).is_some_and(|at| now.ns().saturating_sub(at) < HOUR_NS);
        digest.holds.insert(key);
        if (appears || key.0.row().insists) && !lately {
            digest.insist.insert(key);
        }
        self.stand(key, Standing::InDigest);
        true
    }

    /// Lets the digest ring for those that insist on it, if it may by now.
    fn judge_digest(&mut self, now: Now, grew: bool, out: &mut Vec<Effect>) {
        let may_ring_at = self.alerts.digest.rang.map_or(0, |(_, at)| self.alerts.again_ns(at));
        let insists = !self.alerts.digest.insist.is_empty();
        let rings = insists && now.ns() >= may_ring_at;
        if insists && !rings {
            self.agenda.schedule(may_ring_at, Due::Alerts);
        }
        if rings {
            self.alerts.digest.rang = Some((now.seq, now.ns()));
            for key in std::mem::take(&mut self.alerts.digest.insist) {
                let Some(place) = self.incidents.get(key).map(place) else { continue };
                self.alerts.digest.rung.note(now.ns(), place);
                self.alerts.rung.note(now.ns(), place);
            }
        }
        if (grew || rings)
            && let Some(view) = self.digest_view()
        {
            emit(out, now, EventName::AlertTold, About::Alert(Box::new(view)));
        }
    }

    /// Takes an incident out of whatever tells of it.
    fn take_down(&mut self, now: Now, key: Key, view: &IncidentView, next: Standing, out: &mut Vec<Effect>) {
        let gone = match self.alerts.notices.get(&key).map(|notice| notice.standing) {
            Some(Standing::Told { rang }) => Some(self.alert_view(key, view, rang)),
            Some(Standing::InDigest) => {
                self.alerts.digest.leave(key);
                let last = AlertView { incidents: vec![view.id.clone()], ..self.bare_digest() };
                self.alerts.digest.holds.is_empty().then_some(last)
            }
            Some(Standing::Waits | Standing::Said) | None => None,
        };
        self.stand(key, next);
        if let Some(gone) = gone {
            emit(out, now, EventName::AlertWithdrawn, About::Alert(Box::new(gone)));
        }
    }

    fn stand(&mut self, key: Key, standing: Standing) {
        if let Some(notice) = self.alerts.notices.get_mut(&key) {
            notice.standing = standing;
        }
    }

    /// What is open that the user feels of this.
    fn effects_of(&self, (code, subject): Key, view: &IncidentView) -> Vec<Key> {
        self.related(code.row().felt_as.iter().copied(), subject, view)
    }

    /// Which open incidents are felt as this one, in the order of what matters most.
    fn causes_of(&self, (effect, subject): Key, view: &IncidentView) -> Vec<Key> {
        let causes = self.related(effect.felt_so().iter(), subject, view);
        by_weight(causes.iter()).collect()
    }

    /// The open incidents of these codes that one is related to: about the same lineage, or one of its servers, or its
    /// client, or the machine on which everything runs; of what is no lineage: about the same folder.
    pub(super) fn related(&self, codes: impl Iterator<Item = Code>, subject: Subject, view: &IncidentView) -> Vec<Key> {
        let mut found = Vec::new();
        for code in codes {
            self.each_related(code, subject, view, |other, _| found.push((code, other)));
        }
        found
    }

    /// Shows each open incident of one code that this one is related to.
    pub(super) fn each_related(
        &self,
        code: Code,
        subject: Subject,
        view: &IncidentView,
        mut each: impl FnMut(Subject, &IncidentView),
    ) {
        let mut show = |other: Subject, at: &IncidentView| {
            if self.relates((other, at), (subject, view)) {
                each(other, at);
            }
        };
        if let Subject::Lineage(_) = subject {
            // Of another lineage none is related, and there may be many.
            if let Some(own) = self.incidents.get((code, subject)) {
                show(subject, own);
            }
            self.incidents.of_no_lineage(code).for_each(|(other, at)| show(other, at));
        } else {
            self.incidents.of(code).for_each(|(other, at)| show(other, at));
        }
    }

    /// Whether what happens to one may be felt as the other; both ways the same.
    fn relates(&self, (a, at_a): (Subject, &IncidentView), (b, at_b): (Subject, &IncidentView)) -> bool {
        match (a, b) {
            (Subject::Machine, _) | (_, Subject::Machine) => true,
            (Subject::Client(client), other) => self.is_of_client(client, other, at_b),
            (other, Subject::Client(client)) => self.is_of_client(client, other, at_a),
            (Subject::Lineage(one), Subject::Lineage(other)) => one == other,
            // Another client's server in the same folder is nothing to this lineage.
            (Subject::Lineage(_), Subject::Server(_)) | (Subject::Server(_), Subject::Lineage(_)) => {
                at_a.lineage.is_some() && at_a.lineage == at_b.lineage
            }
            _ => same_folder(at_a, at_b),
        }
    }

    /// Whether an incident is about a client, or about what it runs.
    fn is_of_client(&self, client: ProcessKey, subject: Subject, view: &IncidentView) -> bool {
        if subject == Subject::Client(client) {
            return true;
        }
        let Some(id) = self.lineage_of_incident(subject, view) else { return false };
        self.processes.lineage(id).is_some_and(|lineage| lineage.key.client == Some(client))
    }
}

/// What is shown.
impl State {
    /// The notifications that should be seen now: single ones first, those that matter most before others.
    pub(super) fn told(&self) -> Vec<AlertView> {
        let own = by_weight(self.alerts.notices.keys()).filter_map(|key| {
            let Standing::Told { rang } = self.alerts.notices.get(&key)?.standing else { return None };
            Some(self.alert_view(key, self.incidents.get(key)?, rang))
        });
        own.chain(self.digest_view()).collect()
    }

    pub(super) fn warming_until(&self, at: Moment) -> Option<String> {
        let left_ms = self.alerts.warm_until_ns().checked_sub(at.cont_ns).filter(|ns| *ns > 0)?.div_ceil(MS);
        let wall_ms = at.wall_ms.saturating_add(i64::try_from(left_ms).unwrap_or(i64::MAX));
        Some(Moment { wall_ms, ..at }.rfc3339())
    }

    fn alert_view(&self, key: Key, view: &IncidentView, rang: Seq) -> AlertView {
        // What was done about a problem is no cause of another.
        let causes = self.causes_of(key, view).into_iter().filter(|(code, _)| code.row().about != Topic::Fix);
        let causes = causes.filter_map(|key| Some(self.incidents.get(key)?.id.clone()));
        AlertView {
            id: view.id.clone(),
            incidents: std::iter::once(view.id.clone()).chain(causes).collect(),
            telling: view.code.row().telling,
            workspace: view.workspace.clone(),
            rang,
        }
    }

    fn digest_view(&self) -> Option<AlertView> {
        let holds = &self.alerts.digest.holds;
        let ids = by_weight(holds.iter()).filter_map(|key| Some(self.incidents.get(key)?.id.clone()));
        (!holds.is_empty()).then(|| AlertView { incidents: ids.collect(), ..self.bare_digest() })
    }

    fn bare_digest(&self) -> AlertView {
        let digest = &self.alerts.digest;
        let active = digest.holds.iter().any(|(code, _)| code.row().telling == Telling::Active);
        AlertView {
            id: DIGEST.into(),
            incidents: Vec::new(),
            telling: if active { Telling::Active } else { Telling::Passive },
            workspace: None,
            rang: digest.rang.map_or(self.last, |(seq, _)| seq),
        }
    }
}
