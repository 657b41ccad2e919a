//! The output of the engine: events, and what they are about. With `--json` each event is one JSON
//! object per line. The checked-in schema is generated from these types.

use std::borrow::Cow;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::capability::Capability;
use crate::cause::Cause;
use crate::code::Code;
use crate::codes::{NotificationLevel, Severity, Weight};
use crate::message::{Message, MessageText, Title};
use crate::policy::LivesLeft;
use crate::reading::Reading;
use crate::remedy::{Remedy, RemedyClass};
use crate::time::{Moment, OptionalMs};
use crate::types::{Pid, ProcessKey, Seq, ServerClass};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EventName {
    /// A gopls process was seen for the first time.
    ServerStarted,
    /// A gopls process ended.
    ServerEnded,
    /// A problem was detected.
    IncidentOpened,
    /// Something about an open incident changed.
    IncidentChanged,
    /// An incident is over.
    IncidentClosed,
    /// The result of a capability's self-test: what this machine allows us to see.
    Capability,
    /// The user's pauses, mutes or snoozes changed.
    AlertsChanged,
    /// The user is notified of something, or an existing notification now covers more.
    AlertTold,
    /// A notification was withdrawn because its reason is gone.
    AlertWithdrawn,
    /// It was determined whether a fix helped.
    FixJudged,
}

impl EventName {
    /// The kebab-case name used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ServerStarted => "server-started",
            Self::ServerEnded => "server-ended",
            Self::IncidentOpened => "incident-opened",
            Self::IncidentChanged => "incident-changed",
            Self::IncidentClosed => "incident-closed",
            Self::Capability => "capability",
            Self::AlertsChanged => "alerts-changed",
            Self::AlertTold => "alert-told",
            Self::AlertWithdrawn => "alert-withdrawn",
            Self::FixJudged => "fix-judged",
        }
    }
}

/// A client as it appears in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ClientView {
    /// A stable id of the client: `vs-code`, `neovim` …; `unlisted` if it is none of the known
    /// ones. Absent if it was not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The client's name: "VS Code", "Neovim" …
    pub name: String,
    /// Its pid.
    pub pid: Pid,
}

/// A server as it appears in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ServerView {
    /// Its pid.
    pub pid: Pid,
    /// Together with the pid it identifies the process (Linux: clock ticks since boot; macOS: the
    /// kernel's unique id).
    pub start: u64,
    /// Its role.
    pub class: ServerClass,
    /// The path of its executable.
    pub exe: Reading<String>,
    /// The architecture it runs as.
    pub arch: Reading<String>,
    /// Whether the system translates it (Rosetta).
    pub translated: Reading<bool>,
    /// The architectures that its executable file contains.
    #[serde(default = "not_told")]
    pub slices: Reading<Vec<String>>,
    /// Its workspace folder.
    pub workspace: Reading<String>,
    /// The client that runs it.
    pub client: Reading<ClientView>,
    /// Whether it was already running when monitoring began.
    pub adopted: bool,
    /// The lineage it belongs to: successive servers of the same client, workspace and class.
    pub lineage: String,
    /// Its position in the lineage, from 1.
    pub generation: u32,
}

impl ServerView {
    /// Visits the reasons for its unknown values, so that they can be rendered as text.
    pub fn each_message(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        self.exe.each_message(each);
        self.arch.each_message(each);
        self.translated.each_message(each);
        self.slices.each_message(each);
        self.workspace.each_message(each);
        self.client.each_message(each);
    }
}

/// The default where an older version did not write the value.
fn not_told() -> Reading<Vec<String>> {
    Reading::unknown(Message::NotTold)
}

/// Whether an end cost the client one of its restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SpendsLife {
    /// It did.
    Yes,
    /// It did not.
    No,
    /// It depends on what the client asked for, which cannot be seen.
    Unknown,
}

/// The end of a server as it appears in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct EndView {
    /// The pid it had.
    pub pid: Pid,
    /// Its lineage.
    pub lineage: String,
    /// Its generation.
    pub generation: u32,
    /// Why it ended.
    pub cause: Cause,
    /// How long it lived, milliseconds; null if its start is not known.
    #[serde(rename = "lived_ms", with = "OptionalMs", default)]
    #[cfg_attr(feature = "testing", schemars(with = "Option<u64>", !default))]
    pub lived: Option<Duration>,
    /// Whether the end counts as instability of the lineage.
    pub churn: bool,
    /// If it does not count, the reason.
    pub not_churn_why: Option<MessageText>,
    /// Whether it cost the client a restart.
    pub spends_life: SpendsLife,
    /// True on a second line about the same end, after it turned out that the client ended with it,
    /// or that a successor made it count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revised: bool,
}

/// An incident as it appears in the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct IncidentView {
    /// Made of the code and the sequence number of the input that opened it.
    pub id: String,
    /// Its kind of problem.
    pub code: Code,
    /// How severe it is.
    pub severity: Severity,
    /// What it means to the user; empty until it is rendered as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The name of the client in the title; null if the title names none, or if it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// A message with one cause and one number.
    #[serde(flatten)]
    pub said: MessageText,
    /// The lineage that it is about; null if it is about a process without one.
    pub lineage: Option<String>,
    /// The folder of that lineage; null if it is not known.
    #[serde(default)]
    pub workspace: Option<String>,
    /// The sequence numbers of the inputs that are the evidence for it.
    pub evidence: Vec<Seq>,
    /// Its probable causes, most likely first. As with remedies, a snapshot lists them by what is
    /// known now.
    #[serde(default)]
    pub causes: Vec<CauseView>,
    /// How many more exits until the client stops restarting gopls, counting the final one; null
    /// where that does not matter.
    pub lives_left: Option<LivesLeft>,
    /// What can be done, most helpful first. A snapshot lists everything that can be done now; an
    /// event lists what helped when the event was made. For an incident that is over, only the
    /// manual steps are left.
    pub remedies: Vec<RemedyView>,
    /// On `fix-did-not-help`: the receipt of that fix, by which it can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// On `incident-closed`: why it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_because: Option<MessageText>,
}

impl IncidentView {
    /// Its title as data.
    #[must_use]
    pub fn titled(&self) -> Title {
        Title { code: self.code, client: self.client.clone() }
    }
}

/// A probable cause of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct CauseView {
    /// A kebab-case name: the code of another incident, or the kind of cause.
    pub cause: Cow<'static, str>,
    /// How likely it is.
    pub weight: Weight,
    /// The cause and its number, as a fragment that fits after "most likely: ", without a full
    /// stop.
    #[serde(flatten)]
    pub said: MessageText,
    /// The sequence numbers of the inputs that show it.
    pub evidence: Vec<Seq>,
}

/// A remedy that is offered for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct RemedyView {
    /// The remedy.
    pub remedy: Remedy,
    /// How confirmation is asked for: `safe`, `risky`, or `manual`, which a person does.
    pub class: RemedyClass,
    /// What to do, or what it does in this case.
    #[serde(flatten)]
    pub said: MessageText,
    /// The process that it acts on; null if there is none.
    pub process: Option<ProcessKey>,
    /// The text that is copied, or the folder that is shown, muted or scanned; null if it is
    /// neither.
    pub value: Option<String>,
}

/// What the user does not want to be notified about. Detection continues in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct SuppressionView {
    /// No notifications are sent at all.
    pub paused: Option<PauseView>,
    /// Folders for which no notifications are sent.
    pub muted: Vec<String>,
    /// Incidents for which no notifications are sent for a while.
    pub snoozed: Vec<SnoozeView>,
}

/// A pause of all alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct PauseView {
    /// When it ends, RFC 3339; null if it lasts until it is resumed.
    pub until: Option<String>,
}

/// A snoozed incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct SnoozeView {
    /// The incident's id.
    pub incident: String,
    /// When it ends, RFC 3339.
    pub until: String,
}

/// A notification that the user should see, as the alert policy decides. Its text is rendered where
/// it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct NotificationView {
    /// The incident's id, or `digest` for the notification that stands for several incidents.
    pub id: String,
    /// The incidents that it covers, most important first. In a notification about a single
    /// incident, the others are its open causes, which have no notification of their own.
    pub incidents: Vec<String>,
    /// Whether it may interrupt.
    pub telling: NotificationLevel,
    /// The folder that it is about; null if there are several or none.
    pub workspace: Option<String>,
    /// The input at which it last asked for attention. A higher number asks for attention again;
    /// the same number replaces the notification silently.
    pub rang: Seq,
}

/// The outcome of a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct FixView {
    /// The receipt's id.
    pub receipt: String,
    /// What was done.
    pub remedy: Remedy,
    /// The incident that the fix was for; null if it was for none.
    pub incident: Option<String>,
    /// Whether the problem stayed away for as long as it was watched; null if that could not be
    /// determined.
    pub helped: Option<bool>,
    /// What was observed, and for how long.
    #[serde(flatten)]
    pub said: MessageText,
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A server that started.
    Server(Box<ServerView>),
    /// A server that ended.
    End(Box<EndView>),
    /// An incident.
    Incident(Box<IncidentView>),
    /// A capability.
    Capability(Box<Capability>),
    /// The user's pauses, mutes and snoozes.
    Alerts(Box<SuppressionView>),
    /// A notification.
    Alert(Box<NotificationView>),
    /// A fix.
    Fix(Box<FixView>),
}

/// An event as the engine produces it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The input that caused it.
    pub seq: Seq,
    /// When that input was observed.
    pub at: Moment,
    /// What happened.
    pub name: EventName,
    /// What it happened to.
    pub subject: Subject,
}

/// An event as a line of `--json` output. The printer numbers the lines and writes the time as
/// text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Line {
    /// The line's number, from 1.
    pub n: u64,
    /// The sequence number of the input that caused it.
    pub seq: Seq,
    /// RFC 3339, UTC, with milliseconds.
    pub at: String,
    /// What happened.
    pub event: EventName,
    /// Exactly one of `server`, `end`, `incident`, `capability`, `alerts`, `alert`, `fix`.
    #[serde(flatten)]
    pub subject: Subject,
}

/// Written by hand: the code that serde derives for a flattened field first copies every value, and
/// does so separately for each type.
impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Read {
            n: u64,
            seq: Seq,
            at: String,
            event: EventName,
            server: Option<Box<ServerView>>,
            end: Option<Box<EndView>>,
            incident: Option<Box<IncidentView>>,
            capability: Option<Capability>,
            alerts: Option<Box<SuppressionView>>,
            alert: Option<Box<NotificationView>>,
            fix: Option<Box<FixView>>,
        }
        let Read { n, seq, at, event, server, end, incident, capability, alerts, alert, fix } =
            Read::deserialize(from)?;
        let subjects = [
            server.map(Subject::Server),
            end.map(Subject::End),
            incident.map(Subject::Incident),
            capability.map(|capability| Subject::Capability(Box::new(capability))),
            alerts.map(Subject::Alerts),
            alert.map(Subject::Alert),
            fix.map(Subject::Fix),
        ];
        let mut subjects = subjects.into_iter().flatten();
        match (subjects.next(), subjects.next()) {
            (Some(subject), None) => Ok(Self { n, seq, at, event, subject }),
            (None, _) => Err(D::Error::custom("an event about nothing")),
            (Some(_), Some(_)) => Err(D::Error::custom("an event about two things")),
        }
    }
}

impl Line {
    /// The `n`-th line.
    #[must_use]
    pub fn new(n: u64, event: Event) -> Self {
        Self { n, seq: event.seq, at: event.at.rfc3339(), event: event.name, subject: event.subject }
    }
}

impl Subject {
    /// The incident that it is about, if any.
    pub const fn incident_mut(&mut self) -> Option<&mut IncidentView> {
        match self {
            Self::Incident(view) => Some(view),
            _ => None,
        }
    }

    /// Visits every message in it, except those of an incident.
    pub fn each_message(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        match self {
            Self::End(end) => {
                each(&mut end.cause.said);
                end.not_churn_why.iter_mut().for_each(each);
            }
            Self::Capability(capability) => each(&mut capability.said),
            Self::Fix(fix) => each(&mut fix.said),
            Self::Server(server) => server.each_message(each),
            Self::Incident(_) | Self::Alerts(_) | Self::Alert(_) => {}
        }
    }
}
