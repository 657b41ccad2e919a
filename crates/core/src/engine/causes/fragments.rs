//! An incident as the cause of another one: what it is called, whether it is mild, and what it takes of what runs out.

use crate::codes::{AsCause, Code, Worth};
use crate::engine::State;
use crate::engine::pressure::{Share, detector_of};
use crate::engine::processes::Server;
use crate::engine::subject::Key;
use crate::engine::subject::Subject;
use crate::event::IncidentView;
use crate::message::{Count, Message, Title};

/// Whether a part is what takes most of something: half of it or more.
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

    /// A code as a cause, of a server or of the machine, by what is measured now.
    pub(in crate::engine) fn called(&self, code: Code, subject: Subject, server: Option<&Server>) -> Message {
        match (&code.row().as_cause, subject) {
            (AsCause::Fixed(message), _) => message.clone(),
            (AsCause::Process, Subject::Load(key)) => Message::CauseLeftOver { pid: Count::new(key.pid.0.into()) },
            (AsCause::Measured, _) if server.is_some() || subject == Subject::Machine => {
                detector_of(code).map_or(titled(code), |detector| (detector.as_cause)(self, server))
            }
            (AsCause::Measured | AsCause::Process | AsCause::Title, _) => titled(code),
        }
    }

    /// An open incident as the cause of another one.
    pub(in crate::engine) fn fragment(&self, (code, subject): Key, view: &IncidentView) -> Message {
        match code.row().as_cause {
            AsCause::Title => Message::Titled { title: view.titled() },
            AsCause::Fixed(_) | AsCause::Measured | AsCause::Process => {
                self.called(code, subject, self.server_about(subject))
            }
        }
    }

    /// Whether something is a cost so far and not what ends a server: many descriptors, or open files of the machine, while
    /// more are to be had.
    pub(in crate::engine) fn is_mild(&self, code: Code, server: Option<&Server>) -> bool {
        detector_of(code).is_some_and(|detector| (detector.is_mild)(self, server))
    }

    pub(in crate::engine) fn is_mild_now(&self, (code, subject): Key) -> bool {
        let server = self.server_about(subject);
        let gone = matches!(subject, Subject::Server(_)) && server.is_none();
        !gone && self.is_mild(code, server)
    }

    /// How a cause stands to what it takes something of; `None`: it is no such cause.
    fn share_of(&self, (cause, subject): Key, effect: Code) -> Option<(Share, Share)> {
        (cause.worth_for(effect) == Some(Worth::ByShare)).then_some(())?;
        let server = self.server_about(subject);
        let share = |code| detector_of(code).map_or(Share::Unknown, |detector| (detector.share)(self, server));
        Some((share(cause), share(effect)))
    }

    /// Whether what a server takes is too little of what runs out to be called the likely cause: watches that are not
    /// most of its descriptors, and what is not most of the open files.
    pub(in crate::engine) fn is_minor(&self, key: Key, effect: Code) -> bool {
        matches!(self.share_of(key, effect), Some((Share::Amount(part), Share::Amount(of))) if !is_most(part, of))
    }

    /// Whether a cause takes nothing of what runs out.
    pub(in crate::engine) fn is_free(&self, key: Key, effect: Code) -> bool {
        matches!(self.share_of(key, effect), Some((Share::Nothing, _)))
    }
}

/// What nothing is measured of is called as its incident is.
const fn titled(code: Code) -> Message {
    Message::Titled { title: Title { code, client: None } }
}
