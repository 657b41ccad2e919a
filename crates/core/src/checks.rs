//! The one table of doctor's checks. A row says everything about a check: what it is about, with its words, the group in
//! which it is shown, and how facts decide it. Nobody else lists or matches checks.
//!
//! Theory of operation. Whoever runs the checks gathers [`Facts`] first, each of which may be a reason instead of a value.
//! A row's function is pure and gives an [`Outcome`] for each thing that it found: at least one, so that every check
//! answers. What is not known is [`Verdict::Unknown`] with its reason. A new check is a row and its words, and a field of
//! [`Facts`] where it needs one.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::codes::{Code, Severity};
use crate::message::{Count, Message, Part, Verbatim};
use crate::words::{Capability, CapabilityState, Pid, Reading};

/// What a check came to, from what needs no attention to what needs it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing is broken.
    Advice,
    /// It could not be found out.
    Unknown,
    /// Something does not work.
    Problem,
}

impl Verdict {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Problem, Self::Unknown, Self::Advice, Self::Ok];
}

impl From<Severity> for Verdict {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Advice => Self::Advice,
            Severity::Problem => Self::Problem,
        }
    }
}

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it is.
    pub verdict: Verdict,
    /// What was seen; of what is not known why, as a fragment.
    pub said: Part,
}

impl Outcome {
    /// As it should be.
    #[must_use]
    pub fn ok(said: impl Into<Part>) -> Self {
        Self { verdict: Verdict::Ok, said: said.into() }
    }

    /// Something is wrong.
    #[must_use]
    pub fn wrong(severity: Severity, said: impl Into<Part>) -> Self {
        Self { verdict: severity.into(), said: said.into() }
    }

    /// It is not known, and why.
    #[must_use]
    pub fn unknown(why: impl Into<Part>) -> Self {
        Self { verdict: Verdict::Unknown, said: why.into() }
    }
}

/// The part of the set-up that a check belongs to, in the order in which equally bad ones are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// This program: its agent, its login service, its icon.
    Goplswatch,
    /// What the system lets it see.
    System,
}

impl Group {
    /// What it is called.
    #[must_use]
    pub const fn title(self) -> Message {
        match self {
            Self::Goplswatch => Message::GroupGoplswatch,
            Self::System => Message::GroupSystem,
        }
    }
}

/// What a check is about: where its id and its words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A kind of incident, whose word is the id and whose page has the words.
    Code(Code),
    /// Something that is no incident.
    Own(&'static Own),
}

/// The id and the words of a check that is about no kind of incident.
#[derive(Debug, PartialEq, Eq)]
pub struct Own {
    /// Its kebab-case id.
    pub id: &'static str,
    /// What is checked, as a noun.
    pub title: Message,
    /// Why it matters.
    pub matters: Message,
    /// What fixes it.
    pub helps: Message,
}

/// A row of the table.
#[derive(Debug)]
pub struct Check {
    /// Its id and its words.
    pub about: About,
    /// Where it is shown.
    pub group: Group,
    /// What the facts come to: one outcome at least.
    pub decide: fn(&Facts) -> Vec<Outcome>,
}

impl Check {
    /// Its id, by which `explain` has its page.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self.about {
            About::Code(code) => code.word(),
            About::Own(own) => own.id,
        }
    }

    /// The check with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<&'static Self> {
        CHECKS.iter().find(|check| check.id() == id)
    }
}

/// The table.
pub static CHECKS: &[Check] = &[
    Check {
        about: About::Own(&Own {
            id: "agent-answers",
            title: Message::CheckAgent,
            matters: Message::CheckAgentMatters,
            helps: Message::CheckAgentHelps,
        }),
        group: Group::Goplswatch,
        decide: agent_answers,
    },
    Check {
        about: About::Own(&Own {
            id: "login-service",
            title: Message::CheckService,
            matters: Message::CheckServiceMatters,
            helps: Message::CheckServiceHelps,
        }),
        group: Group::Goplswatch,
        decide: login_service,
    },
    Check {
        about: About::Own(&Own {
            id: "icon-shown",
            title: Message::CheckIcon,
            matters: Message::CheckIconMatters,
            helps: Message::CheckIconHelps,
        }),
        group: Group::Goplswatch,
        decide: icon_shown,
    },
    Check {
        about: About::Own(&Own {
            id: "capabilities",
            title: Message::CheckCapabilities,
            matters: Message::CheckCapabilitiesMatters,
            helps: Message::CheckCapabilitiesHelps,
        }),
        group: Group::System,
        decide: capabilities,
    },
];

/// What all checks decide on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The version of the program that checks.
    pub version: String,
    /// Who answers at the agent's socket.
    pub agent: Agent,
    /// The login service.
    pub service: Reading<Service>,
    /// What proved itself at start: the agent's, or without one those of a look of our own.
    pub capabilities: Reading<Vec<Capability>>,
}

/// Who answers at the agent's socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    /// An agent.
    Answers {
        /// Its number.
        pid: Pid,
        /// Its version.
        version: String,
    },
    /// None: why, as a fragment.
    Silent(Message),
    /// That could not be found out: why, as a fragment.
    Unknown(Message),
}

/// The login service as one look shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Who starts programs at login.
    pub manager: String,
    /// The file by which the manager knows it.
    pub file: Written,
    /// The application that the agent runs from, where there is such a thing and it is wanted.
    pub bundle: Option<Written>,
    /// Whether the manager has it.
    pub registered: Reading<bool>,
    /// Whether it runs.
    pub running: Reading<bool>,
}

/// What stands at a path of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: String,
    /// What.
    pub state: WrittenState,
}

/// How what stands at a path compares with what this program would write there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenState {
    /// Nothing is there.
    Absent,
    /// It is the same.
    Current,
    /// It is ours and another: what is said of it, as a fragment.
    Outdated(Part),
    /// It is not ours: how that was seen, as a fragment behind the path.
    Foreign(Part),
}

/// A check and one thing that it found.
pub type Finding = (&'static Check, Outcome);

/// Runs all checks. The worst comes first; equally bad ones keep the order of the table.
#[must_use]
pub fn run(facts: &Facts) -> Vec<Finding> {
    let found_by = |check: &'static Check| (check.decide)(facts).into_iter().map(move |outcome| (check, outcome));
    let mut found: Vec<Finding> = CHECKS.iter().flat_map(found_by).collect();
    found.sort_by_key(|(check, outcome)| (Reverse(outcome.verdict), check.group));
    found
}

fn agent_answers(facts: &Facts) -> Vec<Outcome> {
    vec![match &facts.agent {
        Agent::Answers { pid, version } if *version == facts.version => {
            Outcome::ok(Message::CheckAgentAnswers { pid: Count::new(pid.0.into()), version: Verbatim::of(version) })
        }
        Agent::Answers { version, .. } => Outcome::wrong(
            Severity::Advice,
            Message::CheckAgentOther { version: Verbatim::of(version), own: Verbatim::of(&facts.version) },
        ),
        Agent::Silent(why) => Outcome::wrong(Severity::Problem, why.clone()),
        Agent::Unknown(why) => Outcome::unknown(why.clone()),
    }]
}

/// Installed, of this version and place, and known to its manager. That its agent answers is a check of its own.
fn login_service(facts: &Facts) -> Vec<Outcome> {
    let service = match &facts.service {
        Reading::Known(service) => service,
        Reading::Unknown { unknown } => return vec![Outcome::unknown(unknown.message.clone())],
    };
    match (&service.file.state, &service.registered) {
        (WrittenState::Absent, Reading::Known(false)) => {
            return vec![Outcome::wrong(Severity::Problem, Message::ServiceNotInstalled)];
        }
        // Whoever starts the agent in another way, as on a system without this manager, misses no file.
        (WrittenState::Absent, Reading::Unknown { unknown }) => return vec![Outcome::unknown(unknown.message.clone())],
        _ => {}
    }
    let manager = || Verbatim::of(&service.manager);
    let files = std::iter::once(&service.file).chain(&service.bundle);
    let mut found: Vec<Outcome> = files.filter_map(written).collect();
    match (&service.registered, &service.running) {
        (Reading::Unknown { unknown }, _) => found.push(Outcome::unknown(unknown.message.clone())),
        (Reading::Known(false), _) => {
            found.push(Outcome::wrong(Severity::Problem, Message::CheckServiceNotLoaded { manager: manager() }));
        }
        (Reading::Known(true), Reading::Known(false)) => {
            found.push(Outcome::wrong(Severity::Problem, Message::CheckServiceNotRunning { manager: manager() }));
        }
        // launchd does not tell whether it runs, which is no fault of the service.
        (Reading::Known(true), Reading::Known(true) | Reading::Unknown { .. }) => {}
    }
    if found.is_empty() {
        found.push(Outcome::ok(Message::CheckServiceCurrent { manager: manager() }));
    }
    found
}

/// What is wrong with what stands at a path of ours.
fn written(written: &Written) -> Option<Outcome> {
    let path = || Verbatim::of(&written.path);
    let (severity, said): (Severity, Part) = match &written.state {
        WrittenState::Current => return None,
        WrittenState::Absent => (Severity::Problem, Message::PathAbsent { path: path() }.into()),
        WrittenState::Outdated(why) => (Severity::Advice, why.clone()),
        WrittenState::Foreign(why) => (Severity::Problem, Message::OfPath { path: path(), why: why.clone() }.into()),
    };
    Some(Outcome::wrong(severity, said))
}

/// The capability by which a surface says whether its icon is shown.
const ICON: &str = "tray";

fn icon_shown(facts: &Facts) -> Vec<Outcome> {
    vec![match (&facts.agent, &facts.capabilities) {
        (Agent::Silent(_) | Agent::Unknown(_), _) => Outcome::unknown(Message::CheckIconNoAgent),
        (Agent::Answers { .. }, Reading::Unknown { unknown }) => Outcome::unknown(unknown.message.clone()),
        (Agent::Answers { .. }, Reading::Known(all)) => match all.iter().find(|capability| capability.name == ICON) {
            None => Outcome::unknown(Message::CheckIconUntold),
            Some(icon) => shown(icon),
        },
    }]
}

fn shown(icon: &Capability) -> Outcome {
    let said = icon.said.message.clone();
    match icon.state {
        CapabilityState::Ok => Outcome::ok(said),
        // Whoever starts it so wants none.
        CapabilityState::Unsupported if *said == Message::NoTrayWanted => Outcome::ok(said),
        // Every command works without an icon.
        CapabilityState::Unsupported => Outcome::wrong(Severity::Advice, said),
        CapabilityState::Denied => Outcome::wrong(Severity::Problem, said),
    }
}

/// Without this capability nothing can be said of any gopls.
const PROCESSES: &str = "process-table";

/// Those that proved themselves are counted, the others named.
fn capabilities(facts: &Facts) -> Vec<Outcome> {
    let all = match &facts.capabilities {
        Reading::Known(all) => all,
        Reading::Unknown { unknown } => return vec![Outcome::unknown(unknown.message.clone())],
    };
    let each = || all.iter().filter(|capability| capability.name != ICON);
    if each().count() == 0 {
        return vec![Outcome::unknown(Message::CheckNothingProved)];
    }
    let proved = each().filter(|capability| capability.state == CapabilityState::Ok).count();
    let all_proved = (proved > 0).then(|| Outcome::ok(Message::CheckProved { n: Count::new(proved as u64) }));
    each().filter_map(not_proved).chain(all_proved).collect()
}

fn not_proved(capability: &Capability) -> Option<Outcome> {
    let name = Verbatim::of(&capability.name);
    let why = Part::clone(&capability.said.message);
    let (said, is_refused) = match capability.state {
        CapabilityState::Ok => return None,
        CapabilityState::Unsupported => (Message::CheckUnsupported { name, why }, false),
        CapabilityState::Denied => (Message::CheckDenied { name, why }, true),
    };
    Some(match (capability.name.as_str(), is_refused) {
        (PROCESSES, _) => Outcome::wrong(Severity::Problem, said),
        (_, true) => Outcome::wrong(Severity::Advice, said),
        // What this system does not have is nothing that could be set right.
        (_, false) => Outcome::ok(said),
    })
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
