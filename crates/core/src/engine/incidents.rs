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
}

/// All that are open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Incidents {
    #[serde(with = "super::pairs")]
    open: BTreeMap<(Code, Subject), IncidentView>,
}

impl Incidents {
    pub(super) fn views(&self) -> impl Iterator<Item = &IncidentView> {
        self.open.values()
    }

    pub(super) fn is_open(&self, code: Code, subject: Subject) -> bool {
        self.open.contains_key(&(code, subject))
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
                let view = view.clone();
                emit(out, now, EventName::IncidentChanged, About::Incident(Box::new(view)));
            }
            return;
        }
        let client = lineage.and_then(|id| self.client_name(id)).map(str::to_owned);
        let view = IncidentView {
            id: self.new_id(now, code),
            code,
            severity: code.row().severity,
            title: code.title(client.as_deref()),
            text,
            lineage: lineage.map(|id| id.to_string()),
            evidence,
            lives_left,
            remedies: self.remedies(code, lineage, client.as_deref()),
            closed_because: None,
        };
        self.incidents.open.insert((code, subject), view.clone());
        emit(out, now, EventName::IncidentOpened, About::Incident(Box::new(view)));
    }

    /// Closes an incident if it is open.
    pub(super) fn close(&mut self, now: Now, key: (Code, Subject), why: &str, out: &mut Vec<Effect>) {
        if let Some(view) = self.incidents.open.remove(&key) {
            self.quiet.forget(&view.id);
            let view = IncidentView { closed_because: Some(why.into()), ..view };
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
        while self.incident(&id).is_some() {
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

    fn remedies(&self, code: Code, lineage: Option<LineageId>, client: Option<&str>) -> Vec<RemedyView> {
        let manual = |text: String| RemedyView {
            remedy: Remedy::ByHand,
            class: Remedy::ByHand.class(),
            text,
            process: None,
            value: None,
        };
        let command = lineage
            .and_then(|id| self.lineages.get(&id))
            .and_then(|l| self.clients.get(&l.key.client?))
            .and_then(|c| c.restart_command.as_deref());
        let restart = command.zip(client).map(|(command, client)| manual(format!("In {client}, run: {command}")));
        let helps = manual(code.row().helps.into());
        match code {
            // A restart is what is missing.
            Code::OneLifeLeft | Code::EditorGaveUp | Code::ServerGone | Code::StaleBinary => {
                restart.into_iter().chain([helps]).collect()
            }
            // A restart helps only once the cause is mended.
            Code::RestartLoop | Code::ServerCrashed | Code::ServerKilled | Code::StuckLoad => {
                std::iter::once(helps).chain(restart).collect()
            }
            Code::SlowLoad | Code::OrphanGoList | Code::TooManyServers => vec![helps],
        }
    }
}
