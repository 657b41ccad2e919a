//! Open problems: at most one per code and subject, each with the numbers of the inputs that prove it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Effect, LineageId, Now, State, emit};
use crate::codes::Code;
use crate::event::{EventName, IncidentView, Subject as About};
use crate::remedy::{Remedy, RemedyView};
use crate::words::{ProcessKey, Seq};

/// Evidence beyond this keeps its beginning and its end.
const MOST_EVIDENCE: usize = 32;

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Subject {
    /// A row of servers.
    Lineage(LineageId),
    /// One server.
    Server(ProcessKey),
    /// One load child.
    Load(ProcessKey),
    /// One fix, by the input that began it.
    Fix(Seq),
    /// The machine as a whole.
    Machine,
    /// One client, itself.
    Client(ProcessKey),
}

/// Of what is offered, what a person does and what stays true for as long as the incident lives: the rest is looked
/// up whenever it is asked for.
fn lasting(remedies: &[RemedyView]) -> Vec<RemedyView> {
    let lasts = |view: &&RemedyView| matches!(view.remedy, Remedy::ByHand | Remedy::CopyRestartCommand);
    remedies.iter().filter(lasts).cloned().collect()
}

/// All that are open, each with what [`lasting`] keeps of its remedies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Incidents {
    #[serde(with = "super::pairs")]
    open: BTreeMap<(Code, Subject), IncidentView>,
    /// The input that opened the last one.
    #[serde(default)]
    last: Seq,
}

impl Incidents {
    pub(super) fn iter(&self) -> impl Iterator<Item = ((Code, Subject), &IncidentView)> {
        self.open.iter().map(|(key, view)| (*key, view))
    }

    pub(super) fn views(&self) -> impl Iterator<Item = &IncidentView> {
        self.open.values()
    }

    pub(super) fn is_open(&self, code: Code, subject: Subject) -> bool {
        self.open.contains_key(&(code, subject))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (Code, Subject)> {
        self.open.keys().copied()
    }

    pub(super) fn get(&self, key: (Code, Subject)) -> Option<&IncidentView> {
        self.open.get(&key)
    }

    /// Those of one code.
    pub(super) fn of(&self, code: Code) -> impl Iterator<Item = (Subject, &IncidentView)> {
        let first = (code, Subject::Lineage(LineageId(Seq(0))));
        self.open.range(first..).take_while(move |((other, _), _)| *other == code).map(|((_, s), view)| (*s, view))
    }

    /// How many inputs prove an open incident.
    pub(super) fn evidence_of(&self, code: Code, subject: Subject) -> Option<usize> {
        self.open.get(&(code, subject)).map(|view| view.evidence.len())
    }
}

impl State {
    /// Opens an incident, or changes the one that is open: new words, more evidence. Nothing new is no event.
    #[expect(clippy::too_many_arguments, reason = "an incident is made of exactly these")]
    pub(super) fn open(
        &mut self,
        now: Now,
        code: Code,
        subject: Subject,
        lineage: Option<LineageId>,
        text: String,
        evidence: Vec<Seq>,
        out: &mut Vec<Effect>,
    ) {
        let lives_left = self.lives_left_for(now, code, lineage);
        if let Some(view) = self.incidents.open.get_mut(&(code, subject)) {
            let mut changed = view.text != text || view.lives_left != lives_left;
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
            if changed {
                view.text = text;
                view.lives_left = lives_left;
                self.tell_changed(now, code, subject, lineage, out);
            }
            return;
        }
        let client = lineage.and_then(|id| self.client_name(id)).map(str::to_owned);
        self.fixes_see_opening(now, code, lineage);
        let id = self.new_id(now, code);
        let remedies = self.helps_against(code, subject, lineage, now.at);
        let view = IncidentView {
            code,
            severity: code.row().severity,
            title: code.title(client.as_deref()),
            text,
            lineage: lineage.map(|id| id.to_string()),
            workspace: lineage.and_then(|id| self.lineages.get(&id)?.workspace.known().cloned()),
            evidence,
            causes: Vec::new(),
            lives_left,
            remedies: Vec::new(),
            receipt: if let Subject::Fix(begun) = subject { self.fixes.receipt(begun) } else { None },
            closed_because: None,
            id,
        };
        let kept = IncidentView { remedies: lasting(&remedies), ..view.clone() };
        self.alert_opened(now, (code, subject), &kept);
        self.incidents.last = now.seq;
        self.incidents.open.insert((code, subject), kept);
        let view = IncidentView { remedies, ..view };
        emit(out, now, EventName::IncidentOpened, About::Incident(Box::new(view)));
    }

    /// The folder of a lineage became known while incidents are open about it.
    pub(super) fn place_incidents(&mut self, now: Now, id: LineageId, folder: &str, out: &mut Vec<Effect>) {
        let lineage = id.to_string();
        let about = |view: &IncidentView| view.lineage.as_ref() == Some(&lineage);
        let keys: Vec<_> = self.incidents.open.iter().filter(|(_, view)| about(view)).map(|(key, _)| *key).collect();
        for (code, subject) in keys {
            if let Some(view) = self.incidents.open.get_mut(&(code, subject)) {
                view.workspace = Some(folder.to_owned());
            }
            self.tell_changed(now, code, subject, Some(id), out);
            // The folder may be muted.
            self.hush(now, (code, subject), out);
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
        let remedies = self.helps_against(code, subject, lineage, now.at);
        if let Some(view) = self.incidents.open.get_mut(&(code, subject)) {
            view.remedies = lasting(&remedies);
            let told = IncidentView { remedies, ..view.clone() };
            emit(out, now, EventName::IncidentChanged, About::Incident(Box::new(told)));
        }
    }

    /// Closes an incident if it is open. What is over needs no remedy but what a person may do about the cause.
    pub(super) fn close(&mut self, now: Now, key: (Code, Subject), why: &str, out: &mut Vec<Effect>) {
        if let Some(view) = self.incidents.open.remove(&key) {
            self.quiet.forget(&view.id);
            let view = IncidentView { closed_because: Some(why.into()), ..view };
            self.alert_over(now, key, &view, out);
            emit(out, now, EventName::IncidentClosed, About::Incident(Box::new(view)));
        }
    }

    /// Closes whatever is open about a lineage; an orphaned load and a stale binary outlive the client.
    pub(super) fn close_all_of(&mut self, now: Now, id: LineageId, why: &str, out: &mut Vec<Effect>) {
        for code in Code::ALL {
            self.close(now, (*code, Subject::Lineage(id)), why, out);
        }
    }

    /// Closes everything.
    pub(super) fn close_all(&mut self, now: Now, why: &str, out: &mut Vec<Effect>) {
        let open: Vec<_> = self.incidents.open.keys().copied().collect();
        for key in open {
            self.close(now, key, why, out);
        }
    }

    fn new_id(&self, now: Now, code: Code) -> String {
        let plain = format!("{}-{}", code.word(), now.seq);
        let mut id = plain.clone();
        let mut more = 2;
        // Only one that the same input opened can have the same.
        while self.incidents.last == now.seq && self.incident(&id).is_some() {
            id = format!("{plain}-{more}");
            more += 1;
        }
        id
    }

    fn lives_left_for(&self, now: Now, code: Code, lineage: Option<LineageId>) -> Option<crate::policy::LivesLeft> {
        match code {
            Code::RestartLoop | Code::OneLifeLeft | Code::EditorGaveUp | Code::ServerGone => {
                Some(self.lineages.get(&lineage?)?.ledger.left(now.at))
            }
            _ => None,
        }
    }
}
