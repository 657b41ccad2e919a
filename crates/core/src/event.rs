//! What goes out: one JSON object per line. The schema that is checked in is made from these types.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::cause::Cause;
use crate::codes::{Code, Severity, Telling};
use crate::message::{Message, Said, Title};
use crate::policy::LivesLeft;
use crate::remedy::{Remedy, RemedyView};
use crate::words::{Capability, Moment, Pid, Reading, Seq, ServerClass};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EventName {
    /// A gopls process was seen for the first time.
    ServerStarted,
    /// It is gone.
    ServerEnded,
    /// A problem was found.
    IncidentOpened,
    /// Something about an open one changed.
    IncidentChanged,
    /// It is over.
    IncidentClosed,
    /// What this machine lets us see.
    Capability,
    /// What the user does not want to be told changed.
    AlertsChanged,
    /// The user is told of something by a notification, or of more by the same one.
    AlertTold,
    /// A notification has lost its reason.
    AlertWithdrawn,
    /// It was seen whether a fix helped.
    FixJudged,
}

impl EventName {
    /// The kebab-case word of the JSON.
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

/// A client as output names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ClientView {
    /// Which client it is, as a word that does not change: `vs-code`, `neovim` … `unlisted`: none that is known. Absent:
    /// not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// "VS Code", "Neovim" …
    pub name: String,
    /// Its pid.
    pub pid: Pid,
}

/// A server as output names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ServerView {
    /// Its pid.
    pub pid: Pid,
    /// Together with the pid its identity (Linux: clock ticks since boot; macOS: the kernel's unique id).
    pub start: u64,
    /// What it is there for.
    pub class: ServerClass,
    /// Its executable.
    pub exe: Reading<String>,
    /// The architecture it runs as.
    pub arch: Reading<String>,
    /// Whether the system translates it (Rosetta).
    pub translated: Reading<bool>,
    /// The architectures that its executable file holds.
    #[serde(default = "not_told")]
    pub slices: Reading<Vec<String>>,
    /// Its workspace folder.
    pub workspace: Reading<String>,
    /// The client that runs it.
    pub client: Reading<ClientView>,
    /// Whether it ran already when the watch began.
    pub adopted: bool,
    /// Client, workspace and class together; its servers follow one another.
    pub lineage: String,
    /// Which in that row, from 1.
    pub generation: u32,
}

impl ServerView {
    /// Shows why something of it is not known, to be put into words.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        self.exe.each_said(each);
        self.arch.each_said(each);
        self.translated.each_said(each);
        self.slices.each_said(each);
        self.workspace.each_said(each);
        self.client.each_said(each);
    }
}

/// What older versions did not tell.
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

/// An end as output names it.
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
    pub lived_ms: Option<u64>,
    /// Whether the end counts as instability of the lineage.
    pub churn: bool,
    /// If not, the named reason.
    pub not_churn_why: Option<Said>,
    /// Whether it cost the client a restart.
    pub spends_life: SpendsLife,
    /// True on a second line about the same end: its client ended with it, or a successor made it count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revised: bool,
}

/// An incident as output names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct IncidentView {
    /// Made of the code and the number of the input that opened it.
    pub id: String,
    /// Its kind.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What it means to the user, once that is put into words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The name of the client in the title; null: it names none, or it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// One cause and one number.
    #[serde(flatten)]
    pub said: Said,
    /// The lineage it is about; null if it is about a process without one.
    pub lineage: Option<String>,
    /// The folder of that lineage; null if it is not known.
    #[serde(default)]
    pub workspace: Option<String>,
    /// The numbers of the inputs that prove it.
    pub evidence: Vec<Seq>,
    /// What it probably comes from, the likeliest first. As with remedies: in a snapshot by what is known now.
    #[serde(default)]
    pub causes: Vec<CauseView>,
    /// How many exits the client still answers with a restart; null where that does not matter.
    pub lives_left: Option<LivesLeft>,
    /// What can be done, what helps most first: in a snapshot everything that can be done now, in an event what
    /// helped when it was made. Of an incident that is over only what a person does is left.
    pub remedies: Vec<RemedyView>,
    /// On `fix-did-not-help`: the receipt of that fix, by which it may be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// On `incident-closed`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_because: Option<Said>,
}

impl IncidentView {
    /// Its title, as data.
    #[must_use]
    pub fn titled(&self) -> Title {
        Title { code: self.code, client: self.client.clone() }
    }
}

/// How much a cause of an incident is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The system said so.
    Certain,
    /// The readings fit best to this.
    MostLikely,
    /// They fit to this as well.
    Possible,
    /// It was so at the same time, which proves nothing.
    SameTime,
}

impl Weight {
    /// The kebab-case word of the JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::MostLikely => "most-likely",
            Self::Possible => "possible",
            Self::SameTime => "same-time",
        }
    }
}

/// What an incident probably comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct CauseView {
    /// A kebab-case word: the code of another incident, or what it is.
    pub cause: Cow<'static, str>,
    /// How much it is worth.
    pub weight: Weight,
    /// What it is and by which number, as a fragment that fits after "most likely: ", without a full stop.
    #[serde(flatten)]
    pub said: Said,
    /// The numbers of the inputs that show it.
    pub evidence: Vec<Seq>,
}

/// What the user does not want to be told. Detection goes on all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct AlertsView {
    /// Nothing is told at all.
    pub paused: Option<PauseView>,
    /// Folders about which nothing is told.
    pub muted: Vec<String>,
    /// Incidents about which nothing is told for a while.
    pub snoozed: Vec<SnoozeView>,
}

/// A pause of all alerts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct PauseView {
    /// RFC 3339; null: until it is resumed.
    pub until: Option<String>,
}

/// A snoozed incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct SnoozeView {
    /// Its id.
    pub incident: String,
    /// RFC 3339.
    pub until: String,
}

/// A notification that the user should see, as the alert policy decides it; its words are made where it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct AlertView {
    /// The incident's id, or `digest` for the one that stands for several.
    pub id: String,
    /// The incidents that it tells of, the one that matters most first. In a notification about one incident, those
    /// behind it are its open causes, which are not told by themselves.
    pub incidents: Vec<String>,
    /// Whether it may interrupt.
    pub telling: Telling,
    /// The folder that it is about; null: several or none.
    pub workspace: Option<String>,
    /// The input at which it last asked for attention: a higher number asks again, the same number replaces in silence.
    pub rang: Seq,
}

/// What came of a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct FixView {
    /// The receipt's id.
    pub receipt: String,
    /// What was done.
    pub remedy: Remedy,
    /// The incident that it was for; null: none.
    pub incident: Option<String>,
    /// Whether the trouble stayed away for as long as was watched; null: that could not be seen.
    pub helped: Option<bool>,
    /// What was seen, and for how long.
    #[serde(flatten)]
    pub said: Said,
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
    /// What the user does not want to be told.
    Alerts(Box<AlertsView>),
    /// A notification.
    Alert(Box<AlertView>),
    /// A fix.
    Fix(Box<FixView>),
}

/// An event as the engine makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The input that caused it.
    pub seq: Seq,
    /// When that was.
    pub at: Moment,
    /// What happened.
    pub name: EventName,
    /// To what.
    pub subject: Subject,
}

/// An event as a line of `--json` output: numbered by the printer, dated in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Line {
    /// The line's number, from 1.
    pub n: u64,
    /// The number of the causing input.
    pub seq: Seq,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    /// What happened.
    pub event: EventName,
    /// Exactly one of `server`, `end`, `incident`, `capability`, `alerts`, `alert`, `fix`.
    #[serde(flatten)]
    pub subject: Subject,
}

/// Read by hand: what serde derives for a flattened field copies every value first, by code of its own for each type.
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
            alerts: Option<Box<AlertsView>>,
            alert: Option<Box<AlertView>>,
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
    /// The incident that it is about.
    pub const fn incident_mut(&mut self) -> Option<&mut IncidentView> {
        match self {
            Self::Incident(view) => Some(view),
            _ => None,
        }
    }

    /// Everything that it says, an incident apart.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        match self {
            Self::End(end) => {
                each(&mut end.cause.said);
                end.not_churn_why.iter_mut().for_each(each);
            }
            Self::Capability(capability) => each(&mut capability.said),
            Self::Fix(fix) => each(&mut fix.said),
            Self::Server(server) => server.each_said(each),
            Self::Incident(_) | Self::Alerts(_) | Self::Alert(_) => {}
        }
    }
}
