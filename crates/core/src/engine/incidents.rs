//! Open incidents: at most one per code and subject, each with the numbers of the inputs that are
//! its evidence.

use serde::{Deserialize, Serialize};

use super::subject::{LineageId, Subject, numbered};
use super::table::Table;
use super::{Effect, Now, State, emit};
use crate::code::{Code, CodeSet};
use crate::codes::End;
use crate::event::{CauseView, EventName, IncidentView, RemedyView, Subject as About};
use crate::message::Message;
use crate::remedy::Remedy;
use crate::types::Seq;

/// Evidence beyond this number is reduced to its oldest and its newest inputs.
const MOST_EVIDENCE: usize = 32;

/// The remedies that stay valid as long as the incident is open: those done by hand and the restart
/// command. All others are computed when needed.
fn lasting(remedies: &[RemedyView]) -> Vec<RemedyView> {
    let lasts = |view: &&RemedyView| matches!(view.remedy, Remedy::ByHand | Remedy::CopyRestartCommand);
    remedies.iter().filter(lasts).cloned().collect()
}

/// Whether two lists name the same causes with the same weights. Changed numbers are ignored: they
/// change all the time.
fn same_causes(before: &[CauseView], now: &[CauseView]) -> bool {
    let same = |(a, b): (&CauseView, &CauseView)| a.cause == b.cause && a.weight == b.weight;
    before.len() == now.len() && before.iter().zip(now).all(same)
}

/// All open incidents, each with the remedies that [`lasting`] keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(super) struct Incidents {
    /// By code first, since possible causes are looked up by code.
    #[serde(with = "by_code")]
    open: Table<Code, Table<Subject, Box<IncidentView>>>,
    /// The open codes per subject. Most have none, and this is queried all the time.
    #[serde(skip)]
    about: Table<Subject, CodeSet>,
    /// The codes that have any open incident.
    #[serde(skip)]
    present: CodeSet,
    /// The input that opened the latest incident.
    last: Seq,
}

/// The serialized form of [`Incidents`].
#[derive(Deserialize)]
struct Written {
    #[serde(with = "by_code")]
    open: Table<Code, Table<Subject, Box<IncidentView>>>,
    #[serde(default)]
    last: Seq,
}

impl From<Written> for Incidents {
    fn from(written: Written) -> Self {
        let mut about = Table::<Subject, CodeSet>::default();
        for (code, all) in written.open.iter() {
            for subject in all.keys() {
                let codes = about.get_or_default(*subject);
                *codes = codes.with(*code);
            }
        }
        let present = written.open.keys().fold(CodeSet::default(), |codes, code| codes.with(*code));
        Self { open: written.open, about, present, last: written.last }
    }
}

/// Serializes as the pairs of a flat map, in the order of their keys.
mod by_code {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{Code, IncidentView, Subject, Table};

    type Open = Table<Code, Table<Subject, Box<IncidentView>>>;

    pub(super) fn serialize<S: Serializer>(open: &Open, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(
            open.iter().flat_map(|(code, all)| all.iter().map(move |(subject, view)| ((code, subject), view))),
        )
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Open, D::Error> {
        let mut open = Open::default();
        for ((code, subject), view) in Vec::<((Code, Subject), Box<IncidentView>)>::deserialize(from)? {
            open.get_or_default(code).insert(subject, view);
        }
        Ok(open)
    }
}

impl Incidents {
    pub(super) fn iter(&self) -> impl Iterator<Item = ((Code, Subject), &IncidentView)> {
        self.open.iter().flat_map(|(code, all)| all.iter().map(|(subject, view)| ((*code, *subject), &**view)))
    }

    pub(super) fn views(&self) -> impl Iterator<Item = &IncidentView> {
        self.iter().map(|(_, view)| view)
    }

    pub(super) fn is_open(&self, code: Code, subject: Subject) -> bool {
        self.about(subject).contains(code)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (Code, Subject)> {
        self.iter().map(|(key, _)| key)
    }

    pub(super) fn get(&self, (code, subject): (Code, Subject)) -> Option<&IncidentView> {
        self.all_of(code)?.get(&subject).map(AsRef::as_ref)
    }

    fn all_of(&self, code: Code) -> Option<&Table<Subject, Box<IncidentView>>> {
        if self.present.contains(code) { self.open.get(&code) } else { None }
    }

    fn get_mut(&mut self, (code, subject): (Code, Subject)) -> Option<&mut IncidentView> {
        self.open.get_mut(&code)?.get_mut(&subject).map(AsMut::as_mut)
    }

    /// The codes of the open incidents about a subject.
    pub(super) fn about(&self, subject: Subject) -> CodeSet {
        self.about.get(&subject).copied().unwrap_or_default()
    }

    fn insert(&mut self, (code, subject): (Code, Subject), view: Box<IncidentView>) {
        self.open.get_or_default(code).insert(subject, view);
        self.present = self.present.with(code);
        let codes = self.about.get_or_default(subject);
        *codes = codes.with(code);
    }

    fn remove(&mut self, (code, subject): (Code, Subject)) -> Option<Box<IncidentView>> {
        if !self.present.contains(code) {
            return None;
        }
        let all = self.open.get_mut(&code)?;
        let view = all.remove(&subject)?;
        if all.is_empty() {
            self.open.remove(&code);
            self.present = self.present.without(code);
        }
        let left = self.about(subject).without(code);
        if left.is_empty() {
            self.about.remove(&subject);
        } else {
            self.about.insert(subject, left);
        }
        Some(view)
    }

    /// The open incidents of one code.
    pub(super) fn of(&self, code: Code) -> impl Iterator<Item = (Subject, &IncidentView)> {
        self.all_of(code).into_iter().flat_map(Table::iter).map(|(subject, view)| (*subject, &**view))
    }

    /// The open incidents of one code whose subject is not a lineage.
    pub(super) fn of_no_lineage(&self, code: Code) -> impl Iterator<Item = (Subject, &IncidentView)> {
        const LAST: Subject = Subject::Lineage(LineageId(Seq(u64::MAX)));
        let rest = self.all_of(code).into_iter().flat_map(|all| all.from(&LAST));
        rest.map(|(subject, view)| (*subject, &**view))
    }

    /// How many inputs are evidence for an open incident.
    pub(super) fn evidence_of(&self, code: Code, subject: Subject) -> Option<usize> {
        self.get((code, subject)).map(|view| view.evidence.len())
    }
}

impl State {
    /// Opens an incident, or updates the open one with a new message and more evidence. Emits no
    /// event if nothing changed.
    #[expect(clippy::too_many_arguments, reason = "an incident is made of exactly these")]
    pub(super) fn open(
        &mut self,
        now: Now,
        code: Code,
        subject: Subject,
        lineage: Option<LineageId>,
        said: Message,
        evidence: Vec<Seq>,
        out: &mut Vec<Effect>,
    ) {
        let key = (code, subject);
        let lives_left = self.lives_left_for(now, code, lineage);
        if self.incidents.is_open(code, subject) {
            self.change(now, key, lineage, said, lives_left, evidence, out);
            return;
        }
        let client = match subject {
            Subject::Client(key) => self.processes.client(key).map(|client| client.name.clone()),
            _ => lineage.and_then(|id| self.processes.client_name(id)).map(str::to_owned),
        };
        self.fixes_see_opening(now, code, lineage);
        let id = self.new_id(now, code);
        let remedies = self.remedies_against(code, subject, lineage, now.at);
        let mut view = IncidentView {
            code,
            severity: code.row().severity,
            title: String::new(),
            client: client.filter(|_| code.row().names_client),
            said: said.into(),
            lineage: lineage.map(LineageId::word),
            workspace: lineage.and_then(|id| self.processes.lineage(id)?.workspace.known().cloned()),
            evidence,
            causes: Vec::new(),
            lives_left,
            remedies: lasting(&remedies),
            receipt: if let Subject::Fix(begun) = subject { self.fixes.receipt(begun) } else { None },
            closed_because: None,
            id,
        };
        view.causes = self.causes_for(key, &view, now.uptime());
        self.alert_opened(now, key, &view);
        let effects = self.effects_on(key, &view);
        let view = Box::new(view);
        let mut reported = view.clone();
        reported.remedies = remedies;
        self.incidents.last = now.seq;
        self.incidents.insert(key, view);
        emit(out, now, EventName::IncidentOpened, About::Incident(reported));
        self.refresh_all(now, effects, out);
    }

    /// Updates an open incident with a new message and more evidence.
    #[expect(clippy::too_many_arguments, reason = "what an incident is made of")]
    fn change(
        &mut self,
        now: Now,
        key: (Code, Subject),
        lineage: Option<LineageId>,
        said: Message,
        lives_left: Option<crate::policy::LivesLeft>,
        evidence: Vec<Seq>,
        out: &mut Vec<Effect>,
    ) {
        let Some(view) = self.incidents.get_mut(key) else { return };
        let mut changed = view.lives_left != lives_left;
        for seq in evidence {
            if !view.evidence.contains(&seq) {
                view.evidence.push(seq);
                changed = true;
            }
        }
        if view.evidence.len() > MOST_EVIDENCE {
            let surplus = view.evidence.len() - MOST_EVIDENCE;
            view.evidence.drain(MOST_EVIDENCE / 2..MOST_EVIDENCE / 2 + surplus);
        }
        view.lives_left = lives_left;
        let Some(view) = self.incidents.get(key) else { return };
        let causes = self.causes_for(key, view, now.uptime());
        if !changed && *view.said.message == said && same_causes(&view.causes, &causes) {
            return;
        }
        if let Some(view) = self.incidents.get_mut(key) {
            view.said = said.into();
            view.causes = causes;
        }
        self.tell_changed(now, key.0, key.1, lineage, out);
    }

    /// Updates the causes of an incident after a possible cause was opened or closed.
    pub(super) fn refresh_causes(&mut self, now: Now, key: (Code, Subject), out: &mut Vec<Effect>) {
        let Some(view) = self.incidents.get(key) else { return };
        let causes = self.causes_for(key, view, now.uptime());
        if same_causes(&view.causes, &causes) {
            return;
        }
        if let Some(view) = self.incidents.get_mut(key) {
            view.causes = causes;
        }
        let lineage = self.lineage_about(key.1);
        self.tell_changed(now, key.0, key.1, lineage, out);
    }

    /// The folder of a lineage became known while incidents about it are open.
    pub(super) fn place_incidents(&mut self, now: Now, id: LineageId, folder: &str, out: &mut Vec<Effect>) {
        let lineage = id.word();
        let about = |view: &IncidentView| view.lineage.as_ref() == Some(&lineage);
        let keys: Vec<_> = self.incidents.iter().filter(|(_, view)| about(view)).map(|(key, _)| key).collect();
        for (code, subject) in keys {
            if let Some(view) = self.incidents.get_mut((code, subject)) {
                view.workspace = Some(folder.to_owned());
            }
            self.tell_changed(now, code, subject, Some(id), out);
            // The folder may be muted.
            self.suppress(now, (code, subject), out);
        }
        self.touch_alerts();
    }

    fn tell_changed(
        &mut self,
        now: Now,
        code: Code,
        subject: Subject,
        lineage: Option<LineageId>,
        out: &mut Vec<Effect>,
    ) {
        let remedies = self.remedies_against(code, subject, lineage, now.at);
        if let Some(view) = self.incidents.get_mut((code, subject)) {
            view.remedies = lasting(&remedies);
            let mut reported = Box::new(view.clone());
            reported.remedies = remedies;
            emit(out, now, EventName::IncidentChanged, About::Incident(reported));
        }
    }

    /// Closes an incident if it is open. It keeps only the remedies that [`lasting`] keeps: nothing
    /// needs to be done about a closed incident, except what the user may do about its cause.
    pub(super) fn close(&mut self, now: Now, key: (Code, Subject), why: Message, out: &mut Vec<Effect>) {
        if let Some(mut view) = self.incidents.remove(key) {
            self.suppression.forget(&view.id);
            view.closed_because = Some(why.into());
            self.alert_over(now, key, &view, out);
            let effects = self.effects_on(key, &view);
            emit(out, now, EventName::IncidentClosed, About::Incident(view));
            self.refresh_all(now, effects, out);
        }
    }

    /// Closes an incident if it is open and its code ends by `by`.
    pub(super) fn end(&mut self, now: Now, key: (Code, Subject), by: End, out: &mut Vec<Effect>) {
        if self.incidents.is_open(key.0, key.1)
            && let Some(why) = key.0.ends_by(by, &self.config)
        {
            self.close(now, key, why, out);
        }
    }

    /// Closes all open incidents about a subject that end by `by`.
    pub(super) fn end_all(&mut self, now: Now, subject: Subject, by: End, out: &mut Vec<Effect>) {
        for code in self.incidents.about(subject).and(Code::ended_by(by)).iter() {
            self.end(now, (code, subject), by, out);
        }
    }

    /// Closes all incidents about a lineage. Orphaned loads and stale binaries have other subjects
    /// and outlive the client.
    pub(super) fn close_all_of(&mut self, now: Now, id: LineageId, why: &Message, out: &mut Vec<Effect>) {
        self.close_about(now, Subject::Lineage(id), |_| true, why, out);
        self.forget_levels(now, Subject::Lineage(id), why, out);
    }

    /// Closes the open incidents about a subject whose codes match.
    pub(super) fn close_about(
        &mut self,
        now: Now,
        subject: Subject,
        of: impl Fn(Code) -> bool,
        why: &Message,
        out: &mut Vec<Effect>,
    ) {
        for code in self.incidents.about(subject).iter() {
            if of(code) {
                self.close(now, (code, subject), why.clone(), out);
            }
        }
    }

    /// Closes all incidents.
    pub(super) fn close_all(&mut self, now: Now, why: &Message, out: &mut Vec<Effect>) {
        let open: Vec<_> = self.incidents.keys().collect();
        for key in open {
            self.close(now, key, why.clone(), out);
        }
    }

    fn new_id(&self, now: Now, code: Code) -> String {
        let plain = numbered(code.word(), "-", now.seq);
        if self.incidents.last != now.seq {
            return plain;
        }
        let mut id = plain.clone();
        let mut more = 2;
        // Ids can only collide between incidents that the same input opened.
        while self.incident(&id).is_some() {
            id = format!("{plain}-{more}");
            more += 1;
        }
        id
    }

    fn lives_left_for(&self, now: Now, code: Code, lineage: Option<LineageId>) -> Option<crate::policy::LivesLeft> {
        code.row().shows_restarts_left.then(|| Some(self.processes.lineage(lineage?)?.ledger.left(now.at)))?
    }
}
