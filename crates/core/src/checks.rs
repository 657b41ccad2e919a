//! The table of doctor's checks. A row defines a check completely: its subject and texts, the group
//! in which it is shown, and the function that decides it. Nothing else lists or matches checks.
//!
//! Theory of operation. The caller gathers [`CheckInputs`] first; each of them may be a reason instead of
//! a value. A row's function is pure and returns at least one [`Outcome`], one for each finding.
//! What is not known is [`Verdict::Unknown`] with its reason. A new check needs a row beside those
//! of its group, and its texts, and a field of [`CheckInputs`] if it depends on new data.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::capability::{Capability, CapabilityState};
use crate::code::Code;
use crate::codes::Severity;
use crate::message::{Count, Message, SharedMessage, Verbatim};
use crate::reading::Reading;
use crate::types::Pid;

/// The result of a check, ordered from least to most in need of attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing is broken.
    Advice,
    /// It could not be determined.
    Unknown,
    /// Something does not work.
    Problem,
}

impl Verdict {
    /// All verdicts, worst first.
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

/// One finding of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub verdict: Verdict,
    /// What was observed, or the reason if it is not known, as a fragment.
    pub message: SharedMessage,
}

impl Outcome {
    /// A finding that is as it should be.
    #[must_use]
    pub fn ok(said: impl Into<SharedMessage>) -> Self {
        Self { verdict: Verdict::Ok, message: said.into() }
    }

    /// A finding that something is wrong.
    #[must_use]
    pub fn wrong(severity: Severity, said: impl Into<SharedMessage>) -> Self {
        Self { verdict: severity.into(), message: said.into() }
    }

    /// A finding that is not known, with the reason.
    #[must_use]
    pub fn unknown(why: impl Into<SharedMessage>) -> Self {
        Self { verdict: Verdict::Unknown, message: why.into() }
    }
}

/// The area of the set-up that a check belongs to. Checks with the same verdict are shown in this
/// order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// goplswatch itself: its agent, its login service, its icon.
    Goplswatch,
    /// What the system allows goplswatch to see.
    System,
}

impl Group {
    /// The group's title.
    #[must_use]
    pub const fn title(self) -> Message {
        match self {
            Self::Goplswatch => Message::GroupGoplswatch,
            Self::System => Message::GroupSystem,
        }
    }
}

/// The subject of a check, from which its id and its texts come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckSubject {
    /// A kind of incident: the code's name is the id, and its page has the texts.
    Code(Code),
    /// Anything else.
    Own(&'static CustomSubject),
}

/// The id and the texts of a check that is not about a kind of incident.
#[derive(Debug, PartialEq, Eq)]
pub struct CustomSubject {
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
    /// Its subject, from which its id and its texts come.
    pub subject: CheckSubject,
    /// The group in which it is shown.
    pub group: Group,
    /// Decides the check: at least one outcome.
    pub decide: fn(&CheckInputs) -> Vec<Outcome>,
}

impl Check {
    /// Its id, under which `explain` has its page.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self.subject {
            CheckSubject::Code(code) => code.word(),
            CheckSubject::Own(own) => own.id,
        }
    }

    /// The check with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<&'static Self> {
        CHECKS.iter().find(|check| check.id() == id)
    }
}

/// The table of checks.
pub static CHECKS: &[Check] = &[
    Check {
        subject: CheckSubject::Own(&CustomSubject {
            id: "agent-answers",
            title: Message::CheckAgent,
            matters: Message::CheckAgentMatters,
            helps: Message::CheckAgentHelps,
        }),
        group: Group::Goplswatch,
        decide: agent_answers,
    },
    Check {
        subject: CheckSubject::Own(&CustomSubject {
            id: "login-service",
            title: Message::CheckService,
            matters: Message::CheckServiceMatters,
            helps: Message::CheckServiceHelps,
        }),
        group: Group::Goplswatch,
        decide: login_service,
    },
    Check {
        subject: CheckSubject::Own(&CustomSubject {
            id: "icon-shown",
            title: Message::CheckIcon,
            matters: Message::CheckIconMatters,
            helps: Message::CheckIconHelps,
        }),
        group: Group::Goplswatch,
        decide: icon_shown,
    },
    Check {
        subject: CheckSubject::Own(&CustomSubject {
            id: "capabilities",
            title: Message::CheckCapabilities,
            matters: Message::CheckCapabilitiesMatters,
            helps: Message::CheckCapabilitiesHelps,
        }),
        group: Group::System,
        decide: capabilities,
    },
];

/// The data that all checks decide on.
#[derive(Clone, Debug)]
pub struct CheckInputs {
    /// The version of the program that runs the checks.
    pub version: String,
    /// The result of asking at the agent's socket.
    pub agent: Agent,
    /// The state of the login service.
    pub service: Reading<Service>,
    /// The results of the self-tests at start: the agent's, or those of this program if there is no
    /// agent.
    pub capabilities: Reading<Vec<Capability>>,
}

/// What answers at the agent's socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    /// An agent.
    Answers {
        /// Its pid.
        pid: Pid,
        /// Its version.
        version: String,
    },
    /// Nothing, with the reason as a fragment.
    Silent(Message),
    /// That could not be determined; the reason, as a fragment.
    Unknown(Message),
}

/// The state of the login service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The service manager that starts programs at login.
    pub manager: String,
    /// The file that defines the service for the manager.
    pub file: InstalledPath,
    /// The app bundle that the agent runs from, where there is such a thing and it is wanted.
    pub bundle: Option<InstalledPath>,
    /// Whether the manager has the service.
    pub registered: Reading<bool>,
    /// Whether the service runs.
    pub running: Reading<bool>,
}

/// The state of a file or folder that goplswatch writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPath {
    /// Its path.
    pub path: String,
    /// Its state.
    pub state: InstalledState,
}

/// How a path compares with what this program would write there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstalledState {
    /// Nothing is there.
    Absent,
    /// It is what this program would write.
    Current,
    /// It is from goplswatch, but differs; the description, as a fragment.
    Outdated(SharedMessage),
    /// It is not from goplswatch; how that was recognised, as a fragment that follows the path.
    Foreign(SharedMessage),
}

/// A check with one of its findings.
pub type Finding = (&'static Check, Outcome);

/// Runs all checks. The worst findings come first; equally bad ones keep the order of the table.
#[must_use]
pub fn run(facts: &CheckInputs) -> Vec<Finding> {
    let found_by = |check: &'static Check| (check.decide)(facts).into_iter().map(move |outcome| (check, outcome));
    let mut found: Vec<Finding> = CHECKS.iter().flat_map(found_by).collect();
    found.sort_by_key(|(check, outcome)| (Reverse(outcome.verdict), check.group));
    found
}

fn agent_answers(facts: &CheckInputs) -> Vec<Outcome> {
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

/// Checks that the service is installed, matches this version and this location, and is known to
/// its manager. Whether its agent answers is a separate check.
fn login_service(facts: &CheckInputs) -> Vec<Outcome> {
    let service = match &facts.service {
        Reading::Known(service) => service,
        Reading::Unknown { unknown } => return vec![Outcome::unknown(unknown.message.clone())],
    };
    match (&service.file.state, &service.registered) {
        (InstalledState::Absent, Reading::Known(false)) => {
            return vec![Outcome::wrong(Severity::Problem, Message::ServiceNotInstalled)];
        }
        // If the agent is started in another way, as on a system without this manager, no file is
        // missing.
        (InstalledState::Absent, Reading::Unknown { unknown }) => {
            return vec![Outcome::unknown(unknown.message.clone())];
        }
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
        // launchd does not report whether the service runs, which is no fault of the service.
        (Reading::Known(true), Reading::Known(true) | Reading::Unknown { .. }) => {}
    }
    if found.is_empty() {
        found.push(Outcome::ok(Message::CheckServiceCurrent { manager: manager() }));
    }
    found
}

/// What is wrong with a file or folder that goplswatch writes, if anything.
fn written(written: &InstalledPath) -> Option<Outcome> {
    let path = || Verbatim::of(&written.path);
    let (severity, said): (Severity, SharedMessage) = match &written.state {
        InstalledState::Current => return None,
        InstalledState::Absent => (Severity::Problem, Message::PathAbsent { path: path() }.into()),
        InstalledState::Outdated(why) => (Severity::Advice, why.clone()),
        InstalledState::Foreign(why) => (Severity::Problem, Message::OfPath { path: path(), why: why.clone() }.into()),
    };
    Some(Outcome::wrong(severity, said))
}

/// The capability by which a surface reports whether its icon is shown.
const ICON: &str = "tray";

fn icon_shown(facts: &CheckInputs) -> Vec<Outcome> {
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
        // An agent that was started with `--no-tray` is not supposed to have an icon.
        CapabilityState::Unsupported if *said == Message::NoTrayWanted => Outcome::ok(said),
        // Every command works without an icon.
        CapabilityState::Unsupported => Outcome::wrong(Severity::Advice, said),
        CapabilityState::Denied => Outcome::wrong(Severity::Problem, said),
    }
}

/// The capability without which no gopls can be seen.
const PROCESSES: &str = "process-table";

/// Counts the capabilities whose self-test succeeded and names the others.
fn capabilities(facts: &CheckInputs) -> Vec<Outcome> {
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
    each().filter_map(failed_self_test).chain(all_proved).collect()
}

fn failed_self_test(capability: &Capability) -> Option<Outcome> {
    let name = Verbatim::of(&capability.name);
    let why = SharedMessage::clone(&capability.said.message);
    let (said, is_refused) = match capability.state {
        CapabilityState::Ok => return None,
        CapabilityState::Unsupported => (Message::CheckUnsupported { name, why }, false),
        CapabilityState::Denied => (Message::CheckDenied { name, why }, true),
    };
    Some(match (capability.name.as_str(), is_refused) {
        (PROCESSES, _) => Outcome::wrong(Severity::Problem, said),
        (_, true) => Outcome::wrong(Severity::Advice, said),
        // A capability that this system does not have cannot be fixed.
        (_, false) => Outcome::ok(said),
    })
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
