//! An incident as the cause of another one: its wording, whether it is mild, and its share of the
//! exhausted resource.

use crate::code::Code;
use crate::codes::{AsCause, CauseStrength};
use crate::engine::State;
use crate::engine::pressure::{Share, detector_of};
use crate::engine::processes::Server;
use crate::engine::subject::Key;
use crate::engine::subject::Subject;
use crate::event::IncidentView;
use crate::message::{Count, Message, Title};

/// Whether a part is at least half of the whole.
const fn is_most(part: u64, of: u64) -> bool {
    part >= of.div_ceil(2)
}

impl State {
    /// The server that an incident is about, while it runs.
    fn server_about(&self, subject: Subject) -> Option<&Server> {
        match subject {
            Subject::Server(key) => self.processes.server(key),
            Subject::Lineage(_) | Subject::Load(_) | Subject::Fix(_) | Subject::Machine | Subject::Client(_) => None,
        }
    }

    /// The wording of a code as a cause, on a server or on the machine, from current readings.
    pub(in crate::engine) fn cause_message(&self, code: Code, subject: Subject, server: Option<&Server>) -> Message {
        match (&code.row().as_cause, subject) {
            (AsCause::Fixed(message), _) => message.clone(),
            (AsCause::Process, Subject::Load(key)) => Message::CauseLeftOver { pid: Count::new(key.pid.0.into()) },
            (AsCause::Measured, _) if server.is_some() || subject == Subject::Machine => {
                detector_of(code).map_or(titled(code), |detector| (detector.as_cause)(self, server))
            }
            (AsCause::Measured | AsCause::Process | AsCause::Title, _) => titled(code),
        }
    }

    /// The wording of an open incident as the cause of another one.
    pub(in crate::engine) fn fragment(&self, (code, subject): Key, view: &IncidentView) -> Message {
        match code.row().as_cause {
            AsCause::Title => Message::Titled { title: view.titled() },
            AsCause::Fixed(_) | AsCause::Measured | AsCause::Process => {
                self.cause_message(code, subject, self.server_about(subject))
            }
        }
    }

    /// Whether a condition only costs resources so far and cannot end a server yet: many open
    /// descriptors, or open files of the machine, while more are available.
    pub(in crate::engine) fn is_mild(&self, code: Code, server: Option<&Server>) -> bool {
        detector_of(code).is_some_and(|detector| (detector.is_mild)(self, server))
    }

    pub(in crate::engine) fn is_mild_now(&self, (code, subject): Key) -> bool {
        let server = self.server_about(subject);
        let gone = matches!(subject, Subject::Server(_)) && server.is_none();
        !gone && self.is_mild(code, server)
    }

    /// The shares of the resource that the cause and the effect take; `None` if the pair is not
    /// weighed by shares.
    fn share_of(&self, (cause, subject): Key, effect: Code) -> Option<(Share, Share)> {
        (cause.strength_for(effect) == Some(CauseStrength::ByShare)).then_some(())?;
        let server = self.server_about(subject);
        let share = |code| detector_of(code).map_or(Share::Unknown, |detector| (detector.share)(self, server));
        Some((share(cause), share(effect)))
    }

    /// Whether a server takes too little of the exhausted resource to be the likely cause: its
    /// watches are less than half of its descriptors, or its descriptors less than half of the
    /// machine's open files.
    pub(in crate::engine) fn is_minor(&self, key: Key, effect: Code) -> bool {
        matches!(self.share_of(key, effect), Some((Share::Amount(part), Share::Amount(of))) if !is_most(part, of))
    }

    /// Whether a cause takes nothing of the exhausted resource.
    pub(in crate::engine) fn takes_no_share(&self, key: Key, effect: Code) -> bool {
        matches!(self.share_of(key, effect), Some((Share::Nothing, _)))
    }
}

/// Codes without readings are worded by the title of their incident.
const fn titled(code: Code) -> Message {
    Message::Titled { title: Title { code, client: None } }
}
