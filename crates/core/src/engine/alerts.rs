//! When an open incident is notified to the user, and when its notification is withdrawn.
//!
//! Theory of operation. Every open incident has a [`Notification`]: it waits, has a notification of
//! its own, is part of the digest, or is already covered by another notification. The set of
//! visible notifications is a level ([`Snapshot::told`](super::Snapshot::told)); events are its
//! edges. A notification is judged when its basis changed or when a time has come that it waits
//! for; judging it more often changes nothing. A notification rings when it asks for the user's
//! attention. It does so only during a wake, when all observations of one scan are in, or
//! immediately after a user command.
//!
//! A waiting notification passes these gates in order. Each gate names the time at which it opens:
//! 1. the delay of its code, counted from the opening of the incident;
//! 2. the warm-up after a start, a wake from sleep, or an upgrade of gopls;
//! 3. flapping: the same code rang for the same place a short while ago. For problems of the
//!    machine's set-up, which reappear with every start of gopls, the period is a day.
//!
//! Two more gates have no time and are checked whenever they change: suppression by the user
//! (`suppression`), and an open incident that is the visible effect of this one
//! ([`Row::suppressed_by`](crate::codes::Row)), on the same lineage, its servers or its client, or
//! on the machine on which all of them run. Codes that are for the menu only never ring, neither
//! alone nor in the digest; they are listed among the causes in notifications that do.
//!
//! Past the gates the notification rings if fewer than the configured number have rung within the
//! last hour. Otherwise the incident joins the digest and stays there until it is over: one
//! incident never has two notifications. The digest rings when it appears, and again for codes that
//! insist. Both happen at most once per [`AlertPolicy::again_after`], and for the same code and
//! place at most once an hour.
//!
//! The severity of an incident is that of its code, so it never rises while the incident is open. A
//! problem that gets worse becomes an incident of another code, which replaces the earlier
//! notification.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::subject::{Key, Subject};
use super::table::{Set, Table, pairs};
use super::{Effect, Now, State, emit};
use crate::code::Code;
use crate::codes::{NotificationLevel, RecurrenceScope, Repeats, Severity, Topic};
use crate::config::Alerts as AlertPolicy;
use crate::event::{EventName, IncidentView, NotificationView, Subject as About};
use crate::time::{DAY, HOUR, Moment, Uptime, nanos};
use crate::types::{ProcessKey, Seq};

/// The id of the digest, the notification that stands for several incidents.
const DIGEST: &str = "digest";
/// Rings older than this are forgotten; no policy needs more.
const RING_RETENTION: Duration = DAY;
/// Maximum number of code and place pairs whose last ring is remembered; beyond it the oldest is
/// dropped.
const MAX_PLACES: usize = 256;

/// How an open incident is notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NotificationState {
    /// Not notified: not yet, or suppressed.
    Waits,
    /// By a notification of its own, which rang at this input.
    Told { rang: Seq },
    /// As part of the digest.
    InDigest,
    /// Covered by another notification: the incident was notified, by itself or as a cause, and the
    /// other notification now stands for it.
    Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Notification {
    /// When its incident was opened.
    #[serde(rename = "opened_ns")]
    opened: Uptime,
    standing: NotificationState,
    /// The time for which its next judgement is scheduled; a time in the past means
    /// none.
    #[serde(rename = "look_ns")]
    look: Uptime,
}

impl Notification {
    const fn new(opened: Uptime) -> Self {
        Self { opened, standing: NotificationState::Waits, look: Uptime::BOOT }
    }
}

/// Time of the last ring per code and place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct LastNotified(#[serde(with = "pairs")] Table<(Code, String), Uptime>);

impl LastNotified {
    fn last(&self, place: (Code, &str)) -> Option<Uptime> {
        self.0.get_by(|(code, at)| (*code, at.as_str()).cmp(&place)).copied()
    }

    fn note(&mut self, now: Uptime, (code, place): (Code, &str)) {
        self.0.retain(|_, at| now.since(*at) < RING_RETENTION);
        self.0.insert((code, place.to_owned()), now);
        while self.0.len() > MAX_PLACES {
            self.0.remove_least(|at| *at);
        }
    }
}

/// The notification that stands for several incidents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Digest {
    holds: Set<Key>,
    /// Those for which it is due to ring.
    insist: Set<Key>,
    /// Its last ring: the input and the time.
    rang: Option<(Seq, Uptime)>,
    rung: LastNotified,
}

impl Digest {
    fn leave(&mut self, key: Key) {
        self.holds.remove(&key);
        self.insist.remove(&key);
    }
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Alerts {
    policy: AlertPolicy,
    /// When monitoring last started, or the machine last woke from sleep.
    #[serde(rename = "began_ns")]
    began: Option<Uptime>,
    /// When the executable of a running gopls was last replaced.
    #[serde(rename = "upgraded_ns")]
    upgraded: Option<Uptime>,
    #[serde(with = "pairs")]
    notices: Table<Key, Notification>,
    /// Those to be judged at the next wake.
    touched: Set<Key>,
    /// Rings of single notifications within the last hour.
    rings: VecDeque<Uptime>,
    /// The last ring of each code and place in any notification, the digest included.
    rung: LastNotified,
    digest: Digest,
}

impl Alerts {
    /// The state after a reboot: no earlier incident is open, and earlier times have no meaning.
    pub(super) fn of_another_boot(self) -> Self {
        Self { policy: self.policy, ..Self::default() }
    }

    fn touch_all(&mut self) {
        self.touched.extend(self.notices.keys().copied());
    }

    /// The end of the warm-up. Nothing is notified before it.
    fn warm_until(&self) -> Uptime {
        let after = |since: Option<Uptime>, wait| since.map_or(Uptime::BOOT, |since| since + wait);
        after(self.began, self.policy.warm_up).max(after(self.upgraded, self.policy.after_upgrade))
    }

    /// The earliest time at which a notification that rang at `rang` may ring again.
    fn next_ring(&self, rang: Uptime) -> Uptime {
        rang + self.policy.again_after
    }

    /// Like `next_ring`, but at least as long as the code requires.
    fn next_ring_of_code(&self, code: Code, rang: Uptime) -> Uptime {
        let least = match code.row().repeats {
            Repeats::OnceADay => RING_RETENTION,
            Repeats::ByPolicy => Duration::ZERO,
        };
        self.next_ring(rang).max(rang + least)
    }
}

/// The code and place that identify a recurring incident: its folder, which outlives clients, else
/// its lineage. For codes that hold for the whole machine the place is empty.
fn place(view: &IncidentView) -> (Code, &str) {
    let place = match view.code.row().recurrence_scope {
        RecurrenceScope::Everywhere => "",
        RecurrenceScope::InItsFolder => view.workspace.as_deref().or(view.lineage.as_deref()).unwrap_or_default(),
    };
    (view.code, place)
}

/// Whether two incidents belong to the same lineage or folder, as far as that is known.
fn same_folder(a: &IncidentView, b: &IncidentView) -> bool {
    (a.lineage.is_some() && a.lineage == b.lineage) || (a.workspace.is_some() && a.workspace == b.workspace)
}

/// Sorts by importance: problems before advice, then in the order of the table of codes.
fn by_importance<'a, I: Iterator<Item = &'a Key> + Clone>(keys: I) -> impl Iterator<Item = Key> + use<'a, I> {
    let of = |severity| move |key: &&Key| key.0.row().severity == severity;
    let problems = keys.clone().filter(of(Severity::Problem));
    problems.chain(keys.filter(of(Severity::Advice))).copied()
}

/// Changes to the basis of notices.
impl State {
    /// The policy for notifications in force.
    #[must_use]
    pub const fn alerts_config(&self) -> &AlertPolicy {
        &self.alerts.policy
    }

    pub(super) fn alert_policy(&mut self, policy: AlertPolicy) {
        self.alerts.policy = policy.clamped();
        self.alerts.touch_all();
    }

    /// Starts the warm-up: open incidents may settle by themselves.
    pub(super) fn warm_up(&mut self, now: Now) {
        self.alerts.began = Some(now.uptime());
    }

    /// Starts the warm-up after an upgrade of gopls.
    pub(super) fn gopls_replaced(&mut self, now: Now) {
        self.alerts.upgraded = Some(now.uptime());
    }

    pub(super) fn touch_alerts(&mut self) {
        self.alerts.touch_all();
    }

    /// An incident was opened.
    pub(super) fn alert_opened(&mut self, now: Now, key: Key, view: &IncidentView) {
        self.alerts.notices.insert(key, Notification::new(now.uptime()));
        match key.0.row().delay {
            Duration::ZERO => drop(self.alerts.touched.insert(key)),
            delay => self.schedule_judgement(now, key, now.uptime() + delay),
        }
        self.touch_causes(key, view);
    }

    /// An incident was closed.
    pub(super) fn alert_over(&mut self, now: Now, key: Key, view: &IncidentView, out: &mut Vec<Effect>) {
        self.withdraw(now, key, view, NotificationState::Waits, out);
        self.alerts.notices.remove(&key);
        self.alerts.touched.remove(&key);
        self.touch_causes(key, view);
    }

    /// Marked notices are judged at the next wake, so a wake must be scheduled.
    pub(super) fn schedule_alerts(&mut self, now: Now) {
        if !self.alerts.touched.is_empty() {
            self.agenda.schedule(now.uptime(), Due::Alerts);
        }
    }

    /// The time has come that a notice waits for.
    pub(super) fn alert_due(&mut self, key: Key) {
        if self.alerts.notices.contains_key(&key) {
            self.alerts.touched.insert(key);
        }
    }

    fn touch_causes(&mut self, key: Key, view: &IncidentView) {
        let causes = self.causes_of(key, view);
        self.alerts.touched.extend(causes);
    }

    /// Repairs a restored state, which may lack notices or have too many if another version or tool
    /// wrote it.
    pub(super) fn alerts_within_reason(&mut self) {
        let alerts = &mut self.alerts;
        alerts.policy = std::mem::take(&mut alerts.policy).clamped();
        let open: Set<Key> = self.incidents.keys().collect();
        alerts.notices.retain(|key, _| open.contains(key));
        for key in open {
            if !alerts.notices.contains_key(&key) {
                alerts.notices.insert(key, Notification::new(Uptime::BOOT));
                alerts.touched.insert(key);
            }
        }
        alerts.touched.retain(|key| alerts.notices.contains_key(key));
        let in_digest = |(_, notice): &(&Key, &Notification)| notice.standing == NotificationState::InDigest;
        alerts.digest.holds = alerts.notices.iter().filter(in_digest).map(|(key, _)| *key).collect();
        alerts.digest.insist.retain(|key| alerts.digest.holds.contains(key));
    }
}

/// The verdicts.
impl State {
    /// Judges the marked notices.
    pub(super) fn judge_alerts(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.alerts.touched.is_empty() && self.alerts.digest.insist.is_empty() {
            return;
        }
        let mut touched = std::mem::take(&mut self.alerts.touched);
        let mut grew = false;
        for key in by_importance(touched.iter()) {
            grew |= self.judge_alert(now, key, out);
        }
        if self.alerts.touched.is_empty() {
            // Keep the allocation for the next round.
            touched.clear();
            self.alerts.touched = touched;
        }
        self.judge_digest(now, grew, out);
    }

    /// Returns whether the incident joined the digest.
    fn judge_alert(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        if self.suppress(now, key, out) {
            return false;
        }
        let Some(Notification { opened, standing, .. }) = self.alerts.notices.get(&key).copied() else {
            return false;
        };
        let Some(view) = self.incidents.get(key) else { return false };
        match standing {
            NotificationState::Told { .. } | NotificationState::InDigest | NotificationState::Said => false,
            NotificationState::Waits => match self.closed_gate_until(now, key, opened, view) {
                Some(at) => {
                    self.schedule_judgement(now, key, at);
                    false
                }
                None => self.notify(now, key, out),
            },
        }
    }

    /// Withdraws the notification of an incident that must not be notified now. That rings nothing,
    /// so it needs no wake. Returns whether the incident is suppressed.
    pub(super) fn suppress(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        let Some(standing) = self.alerts.notices.get(&key).map(|notice| notice.standing) else { return false };
        let Some(view) = self.incidents.get(key) else { return false };
        let Some(next) = self.suppressed_state(now, key, view, standing) else { return false };
        if next != standing {
            let view = view.clone();
            self.withdraw(now, key, &view, next, out);
        }
        true
    }

    /// The standing of an incident that must not be notified now, whatever the timed gates say;
    /// `None` if it may be notified.
    fn suppressed_state(
        &self,
        now: Now,
        key: Key,
        view: &IncidentView,
        standing: NotificationState,
    ) -> Option<NotificationState> {
        if standing == NotificationState::Said {
            return Some(standing);
        }
        if !self.alerts.policy.enabled || self.suppression.silences(now.at, view) {
            return Some(NotificationState::Waits);
        }
        if key.0.row().notification_level == NotificationLevel::MenuOnly {
            // It is visible in the menu, and as a cause in other notifications.
            return Some(NotificationState::Waits);
        }
        let effects = self.effects_of(key, view);
        let reported = |key: &Key| {
            let standing = self.alerts.notices.get(key).map(|notice| notice.standing);
            matches!(standing, Some(NotificationState::Told { .. } | NotificationState::InDigest))
        };
        match standing {
            _ if effects.is_empty() => None,
            _ if effects.iter().any(reported) => Some(NotificationState::Said),
            NotificationState::Waits => Some(NotificationState::Waits),
            // Until one of its effects is notified, the user would see nothing in its place.
            _ => None,
        }
    }

    /// Whether another incident of the same code and place is already notified. Applies to codes of
    /// which only one per place is notified, and to those of the machine's set-up.
    fn is_another_notified(&self, (code, subject): Key, view: &IncidentView) -> bool {
        let reported = |other: Subject| {
            let standing = self.alerts.notices.get(&(code, other)).map(|notice| notice.standing);
            matches!(standing, Some(NotificationState::Told { .. } | NotificationState::InDigest))
        };
        (code.row().once_per_place || code.row().repeats == Repeats::OnceADay)
            && self
                .incidents
                .of(code)
                .any(|(other, at)| other != subject && reported(other) && place(at) == place(view))
    }

    /// Schedules the next judgement of a notice. If an earlier one is already scheduled, nothing is
    /// done; that judgement schedules again as needed.
    fn schedule_judgement(&mut self, now: Now, key: Key, at: Uptime) {
        let Some(notice) = self.alerts.notices.get_mut(&key) else { return };
        if notice.look <= now.uptime() || at < notice.look {
            notice.look = at;
            self.agenda.schedule(at, Due::Alert(key.0, key.1));
        }
    }

    /// The time at which the first closed gate opens; `None` if all are open.
    fn closed_gate_until(&self, now: Now, key: Key, opened: Uptime, view: &IncidentView) -> Option<Uptime> {
        let (code, place) = (key.0, place(view));
        let delay = opened + code.row().delay;
        if now.uptime() < delay {
            return Some(delay);
        }
        let warm = self.alerts.warm_until();
        if now.uptime() < warm {
            return Some(warm);
        }
        let again = self.alerts.rung.last(place).map(|rang| self.alerts.next_ring_of_code(code, rang));
        let of_another = || self.is_another_notified(key, view).then(|| now.uptime() + RING_RETENTION);
        again.filter(|at| now.uptime() < *at).or_else(of_another)
    }

    /// Rings, or adds the incident to the digest. Returns whether it joined the digest.
    fn notify(&mut self, now: Now, key: Key, out: &mut Vec<Effect>) -> bool {
        let Some(view) = self.incidents.get(key) else { return false };
        let (code, place) = place(view);
        let place = place.to_owned();
        for cause in self.causes_of(key, view) {
            if let Some(view) = self.incidents.get(cause).cloned() {
                self.withdraw(now, cause, &view, NotificationState::Said, out);
            }
        }
        let alerts = &mut self.alerts;
        let per_hour = alerts.policy.per_hour as usize;
        alerts.rings.retain(|at| now.uptime().since(*at) < HOUR);
        if alerts.rings.len() < per_hour {
            alerts.rings.push_back(now.uptime());
            alerts.rung.note(now.uptime(), (code, &place));
            self.set_notice_state(key, NotificationState::Told { rang: now.seq });
            if let Some(view) = self.incidents.get(key) {
                let view = self.alert_view(key, view, now.seq);
                emit(out, now, EventName::AlertTold, About::Alert(Box::new(view)));
            }
            return false;
        }
        let digest = &mut alerts.digest;
        let appears = digest.holds.is_empty();
        let lately = digest.rung.last((code, &place)).is_some_and(|at| now.uptime().since(at) < HOUR);
        digest.holds.insert(key);
        if (appears || key.0.row().rings_digest) && !lately {
            digest.insist.insert(key);
        }
        self.set_notice_state(key, NotificationState::InDigest);
        true
    }

    /// Lets the digest ring for incidents that insist, if its minimum interval has passed.
    fn judge_digest(&mut self, now: Now, grew: bool, out: &mut Vec<Effect>) {
        let may_ring_at = self.alerts.digest.rang.map_or(Uptime::BOOT, |(_, at)| self.alerts.next_ring(at));
        let insists = !self.alerts.digest.insist.is_empty();
        let rings = insists && now.uptime() >= may_ring_at;
        if insists && !rings {
            self.agenda.schedule(may_ring_at, Due::Alerts);
        }
        if rings {
            self.alerts.digest.rang = Some((now.seq, now.uptime()));
            for key in std::mem::take(&mut self.alerts.digest.insist) {
                let Some(place) = self.incidents.get(key).map(place) else { continue };
                self.alerts.digest.rung.note(now.uptime(), place);
                self.alerts.rung.note(now.uptime(), place);
            }
        }
        if (grew || rings)
            && let Some(view) = self.digest_view()
        {
            emit(out, now, EventName::AlertTold, About::Alert(Box::new(view)));
        }
    }

    /// Removes an incident from the notification that shows it.
    fn withdraw(&mut self, now: Now, key: Key, view: &IncidentView, next: NotificationState, out: &mut Vec<Effect>) {
        let gone = match self.alerts.notices.get(&key).map(|notice| notice.standing) {
            Some(NotificationState::Told { rang }) => Some(self.alert_view(key, view, rang)),
            Some(NotificationState::InDigest) => {
                self.alerts.digest.leave(key);
                let last = NotificationView { incidents: vec![view.id.clone()], ..self.bare_digest() };
                self.alerts.digest.holds.is_empty().then_some(last)
            }
            Some(NotificationState::Waits | NotificationState::Said) | None => None,
        };
        self.set_notice_state(key, next);
        if let Some(gone) = gone {
            emit(out, now, EventName::AlertWithdrawn, About::Alert(Box::new(gone)));
        }
    }

    fn set_notice_state(&mut self, key: Key, standing: NotificationState) {
        if let Some(notice) = self.alerts.notices.get_mut(&key) {
            notice.standing = standing;
        }
    }

    /// The open incidents that are visible effects of this one.
    fn effects_of(&self, (code, subject): Key, view: &IncidentView) -> Vec<Key> {
        self.related(code.row().suppressed_by.iter().copied(), subject, view)
    }

    /// The open incidents of which this one is a visible effect, most important first.
    fn causes_of(&self, (effect, subject): Key, view: &IncidentView) -> Vec<Key> {
        let causes = self.related(effect.suppresses().iter(), subject, view);
        by_importance(causes.iter()).collect()
    }

    /// The open incidents of these codes that are related to this one: on the same lineage, one of
    /// its servers, its client, or the machine on which everything runs; for subjects without a
    /// lineage, in the same folder.
    pub(super) fn related(&self, codes: impl Iterator<Item = Code>, subject: Subject, view: &IncidentView) -> Vec<Key> {
        let mut found = Vec::new();
        for code in codes {
            self.each_related(code, subject, view, |other, _| found.push((code, other)));
        }
        found
    }

    /// Calls `each` for every open incident of one code that is related to this one.
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
            // Incidents of other lineages are never related, and there may be many of them.
            if let Some(own) = self.incidents.get((code, subject)) {
                show(subject, own);
            }
            self.incidents.of_no_lineage(code).for_each(|(other, at)| show(other, at));
        } else {
            self.incidents.of(code).for_each(|(other, at)| show(other, at));
        }
    }

    /// Whether a problem of one may be felt as the other. Symmetric.
    fn relates(&self, (a, at_a): (Subject, &IncidentView), (b, at_b): (Subject, &IncidentView)) -> bool {
        match (a, b) {
            (Subject::Machine, _) | (_, Subject::Machine) => true,
            (Subject::Client(client), other) => self.is_of_client(client, other, at_b),
            (other, Subject::Client(client)) => self.is_of_client(client, other, at_a),
            (Subject::Lineage(one), Subject::Lineage(other)) => one == other,
            // A server of another client in the same folder does not concern this lineage.
            (Subject::Lineage(_), Subject::Server(_)) | (Subject::Server(_), Subject::Lineage(_)) => {
                at_a.lineage.is_some() && at_a.lineage == at_b.lineage
            }
            _ => same_folder(at_a, at_b),
        }
    }

    /// Whether an incident is about this client or about something that it runs.
    fn is_of_client(&self, client: ProcessKey, subject: Subject, view: &IncidentView) -> bool {
        if subject == Subject::Client(client) {
            return true;
        }
        let Some(id) = self.lineage_of_incident(subject, view) else { return false };
        self.processes.lineage(id).is_some_and(|lineage| lineage.key.client == Some(client))
    }
}

/// Views.
impl State {
    /// The notifications that should be visible now: single ones by importance, then the digest.
    pub(super) fn visible_notifications(&self) -> Vec<NotificationView> {
        let own = by_importance(self.alerts.notices.keys()).filter_map(|key| {
            let NotificationState::Told { rang } = self.alerts.notices.get(&key)?.standing else { return None };
            Some(self.alert_view(key, self.incidents.get(key)?, rang))
        });
        own.chain(self.digest_view()).collect()
    }

    pub(super) fn warming_until(&self, at: Moment) -> Option<String> {
        let left = self.alerts.warm_until().since(at.uptime);
        let left_ms = i64::try_from(nanos(left).div_ceil(1_000_000)).unwrap_or(i64::MAX);
        (!left.is_zero()).then(|| Moment { wall_ms: at.wall_ms.saturating_add(left_ms), ..at }.rfc3339())
    }

    fn alert_view(&self, key: Key, view: &IncidentView, rang: Seq) -> NotificationView {
        // A fix that did not help is no cause of another problem.
        let causes = self.causes_of(key, view).into_iter().filter(|(code, _)| code.row().about != Topic::Fix);
        let causes = causes.filter_map(|key| Some(self.incidents.get(key)?.id.clone()));
        NotificationView {
            id: view.id.clone(),
            incidents: std::iter::once(view.id.clone()).chain(causes).collect(),
            telling: view.code.row().notification_level,
            workspace: view.workspace.clone(),
            rang,
        }
    }

    fn digest_view(&self) -> Option<NotificationView> {
        let holds = &self.alerts.digest.holds;
        let ids = by_importance(holds.iter()).filter_map(|key| Some(self.incidents.get(key)?.id.clone()));
        (!holds.is_empty()).then(|| NotificationView { incidents: ids.collect(), ..self.bare_digest() })
    }

    fn bare_digest(&self) -> NotificationView {
        let digest = &self.alerts.digest;
        let active = digest.holds.iter().any(|(code, _)| code.row().notification_level == NotificationLevel::Active);
        NotificationView {
            id: DIGEST.into(),
            incidents: Vec::new(),
            telling: if active { NotificationLevel::Active } else { NotificationLevel::Passive },
            workspace: None,
            rang: digest.rang.map_or(self.last, |(seq, _)| seq),
        }
    }
}
