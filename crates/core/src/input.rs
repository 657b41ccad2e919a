//! The inputs of the engine. Every input is recorded before the engine acts on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::capability::Capability;
use crate::config::{Alerts, Config};
use crate::exit_status::{EndDetail, ExitStatus};
use crate::gauge::{Amount, Gauge, Holder};
use crate::message::{Message, MessageText};
use crate::policy::{RestartCommands, RestartPolicy};
use crate::reading::Reading;
use crate::remedy::Remedy;
use crate::time::{Moment, Ms, Ns, OptionalMs, Uptime};
use crate::types::{Activity, BinaryChange, LoadKind, ProcessKey, Seq, ServerClass};

/// One observation with its number and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Input {
    /// The sequence number.
    pub seq: Seq,
    /// When it was observed, which is not necessarily when it happened.
    pub at: Moment,
    /// What was observed.
    #[serde(rename = "fact")]
    pub observation: Observation,
}

/// What can be observed. The set is closed on purpose: a new kind of observation needs a new
/// schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// The thresholds that apply from now on.
    Config(Box<Config>),
    /// The alert policy that applies from now on: when problems are reported by notifications.
    AlertPolicy(Box<Alerts>),
    /// The result of a capability's self-test: what this machine allows us to see.
    Capability(Capability),
    /// A program that runs gopls.
    ClientSeen(Box<ClientSeen>),
    /// A gopls process.
    ServerSeen(Box<ServerSeen>),
    /// The workspace of a server that had none. It is the working folder of the server's `go list`.
    WorkspaceLearned {
        /// The server.
        server: ProcessKey,
        /// The workspace folder.
        workspace: String,
    },
    /// The executable of a running server changed on disk.
    BinaryChanged {
        /// The server.
        server: ProcessKey,
        /// What happened to the file.
        change: BinaryChange,
    },
    /// A gauge differs from its last reported value by enough to report it again, or it can no
    /// longer be read.
    Gauge {
        /// What is measured.
        gauge: Gauge,
        /// The process that is measured; absent for a gauge of the machine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessKey>,
        /// The exact current value.
        value: Reading<Amount>,
    },
    /// The processes that hold most of what a gauge counts, largest first. This is the reply to a
    /// probe request of the engine.
    Holders {
        /// [`Gauge::Descriptors`] or [`Gauge::Watches`].
        gauge: Gauge,
        /// Only processes of this user, and at most a handful.
        holders: Vec<Holder>,
    },
    /// A process was in uninterruptible sleep inside the kernel in several scans in a row, or no
    /// longer is.
    Blocked {
        /// The process.
        process: ProcessKey,
        /// What it waits for, as a phrase that fits after "it waits for"; absent if it is no longer
        /// blocked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Reading<MessageText>>,
    },
    /// The system lost file events that it should have delivered for a watched folder.
    FileEventsLost {
        /// The folder.
        workspace: String,
        /// How they were lost, as a fragment: "the kernel's queue ran over".
        how: MessageText,
    },
    /// Memory of a server, as schemas up to 3 recorded it. No longer written.
    Memory {
        /// The server.
        server: ProcessKey,
        /// Resident bytes.
        bytes: u64,
    },
    /// A monitored process ended: a client, a server or a child that loads packages.
    Ended {
        /// The process.
        process: ProcessKey,
        /// How it ended.
        status: ExitStatus,
        /// Details that the kernel added to the exit status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<EndDetail>,
    },
    /// A child that loads packages.
    LoadSeen(Box<LoadSeen>),
    /// What an inactive load waits for, as far as it can be determined from outside the process.
    LoadWaits {
        /// The load child.
        load: ProcessKey,
        /// A phrase that fits after "it waits for ".
        on: MessageText,
    },
    /// The activity level of the process tree of a server that has a load changed.
    TreeActivity {
        /// The server.
        server: ProcessKey,
        /// The new level.
        activity: Activity,
    },
    /// goplswatch is about to end this process because the user asked for it.
    OwnFix {
        /// The process.
        process: ProcessKey,
    },
    /// The machine slept for this long and is awake again.
    Slept {
        /// Nanoseconds.
        #[serde(rename = "ns", with = "Ns")]
        length: Duration,
    },
    /// The wake-up time that the engine requested has arrived.
    Wake,
    /// Monitoring starts or restarts. This input precedes every observation.
    Began {
        /// The boot that the continuous clock counts from. If it differs from the last one, no
        /// process of before is alive.
        boot: String,
    },
    /// A command of the user.
    #[serde(rename = "intent")]
    UserCommand(UserCommand),
}

/// What the user can request, apart from reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "intent", rename_all = "kebab-case", deny_unknown_fields)]
pub enum UserCommand {
    /// Do not notify about this incident for a while.
    Snooze {
        /// The incident's id.
        incident: String,
        /// For how long, in milliseconds.
        #[serde(rename = "for_ms", with = "Ms")]
        length: Duration,
    },
    /// End a snooze before its time.
    Unsnooze {
        /// The incident's id.
        incident: String,
    },
    /// Do not notify about this folder and anything below it.
    Mute {
        /// The folder, as a path.
        workspace: String,
    },
    /// Notify about this folder again.
    Unmute {
        /// The folder, as a path.
        workspace: String,
    },
    /// Send no notifications at all.
    Pause {
        /// For how long, in milliseconds; until `resume` if absent.
        #[serde(rename = "for_ms", with = "OptionalMs", default, skip_serializing_if = "Option::is_none")]
        length: Option<Duration>,
    },
    // With braces, since serde refuses unknown members of those only.
    /// Send notifications again.
    Resume {},
    /// Scan everything now.
    ProbeNow {},
    /// A fix that the user confirmed is about to make its changes.
    FixBegins {
        /// The receipt's id.
        receipt: String,
        /// The remedy that is applied.
        remedy: Remedy,
        /// The incident that the fix is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<String>,
        /// The process that the fix ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessKey>,
    },
    /// The fix has finished. From now on the engine watches whether it helped.
    FixEnds {
        /// The receipt's id.
        receipt: String,
        /// Whether every step was done.
        done: bool,
        /// Whether the process that the fix was to end was sent a signal. The default is true.
        #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
        signalled: bool,
    },
    /// The fix was undone.
    FixUndone {
        /// The receipt's id.
        receipt: String,
    },
}

/// A client, described by its row in the table of clients of the `gopls` crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ClientSeen {
    /// The client's identity.
    pub client: ProcessKey,
    /// The id of its row in the table of clients of the `gopls` crate; `unlisted` if it has none.
    /// Schemas up to 4 did not always record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name as people know it: "VS Code".
    pub name: String,
    /// What it does when its server ends.
    pub policy: RestartPolicy,
    /// Whether it was monitored since it started. Only then is it known how many restarts it has
    /// used.
    pub whole_life: bool,
    /// Its commands that start gopls again. Earlier versions recorded a single one as text,
    /// `restart_command`.
    #[serde(default, alias = "restart_command", skip_serializing_if = "RestartCommands::is_empty")]
    pub restart: RestartCommands,
    /// Whether the system translates it (Rosetta).
    #[serde(default = "not_recorded::<bool>")]
    pub translated: Reading<bool>,
}

impl ClientSeen {
    /// The id of a client without a row in the table of clients.
    pub const UNLISTED: &'static str = "unlisted";
}

/// A gopls process when it was first seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ServerSeen {
    /// The server's identity.
    pub server: ProcessKey,
    /// Its role.
    pub class: ServerClass,
    /// The path of its executable.
    pub exe: Reading<String>,
    /// The architecture it runs as: `arm64`, `x86_64` …
    pub arch: Reading<String>,
    /// Whether the system translates it (Rosetta).
    pub translated: Reading<bool>,
    /// The architectures that its executable file contains: `arm64`, `x86_64` …
    #[serde(default = "not_recorded::<Vec<String>>")]
    pub slices: Reading<Vec<String>>,
    /// Its workspace folder.
    pub workspace: Reading<String>,
    /// The client that runs it. A `ClientSeen` for that client came before.
    pub client: Reading<ProcessKey>,
    /// When it started, in nanoseconds of the continuous clock.
    #[serde(rename = "started_ns")]
    pub started: Reading<Uptime>,
    /// Whether it was already running when monitoring began.
    pub adopted: bool,
}

/// A child that loads packages for a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct LoadSeen {
    /// The load's identity.
    pub load: ProcessKey,
    /// The server it works for; unknown if its parent is gone.
    pub server: Reading<ProcessKey>,
    /// Its kind.
    pub kind: LoadKind,
    /// A short name without secrets: `go list`, or the driver's file name.
    pub label: String,
    /// When it started, in nanoseconds of the continuous clock.
    #[serde(rename = "started_ns")]
    pub started: Reading<Uptime>,
    /// Whether the system translates it (Rosetta).
    #[serde(default = "not_recorded::<bool>")]
    pub translated: Reading<bool>,
}

fn not_recorded<T>() -> Reading<T> {
    Reading::unknown(Message::NotRecorded)
}

const fn yes() -> bool {
    true
}
