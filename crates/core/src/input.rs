//! Whatever the engine sees. An input is recorded before it acts.

use serde::{Deserialize, Serialize};

use crate::config::{Alerts, Config};
use crate::gauge::{Amount, Gauge, Holder};
use crate::message::{Message, Said};
use crate::policy::{RestartCommands, RestartPolicy};
use crate::remedy::Remedy;
use crate::words::{
    Activity, BinaryChange, Capability, EndDetail, ExitStatus, LoadKind, Moment, ProcessKey, Reading, Seq, ServerClass,
};

/// One fact, numbered and dated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Input {
    /// Its number.
    pub seq: Seq,
    /// When it was seen (not necessarily when it happened).
    pub at: Moment,
    /// What was seen.
    pub fact: Fact,
}

/// What can be seen. Closed on purpose: a new kind of fact is a new schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The thresholds in force from here on.
    Config(Box<Config>),
    /// When problems are told by notifications, from here on.
    AlertPolicy(Box<Alerts>),
    /// What this machine lets us see.
    Capability(Capability),
    /// A program that runs gopls.
    ClientSeen(Box<ClientSeen>),
    /// A gopls process.
    ServerSeen(Box<ServerSeen>),
    /// The workspace of a server that had none, read from the folder in which its `go list` works.
    WorkspaceLearned {
        /// The server.
        server: ProcessKey,
        /// The folder.
        workspace: String,
    },
    /// The executable of a running server changed on disk.
    BinaryChanged {
        /// The server.
        server: ProcessKey,
        /// How.
        change: BinaryChange,
    },
    /// A gauge has another value than the one that was told, and the difference is news; or it cannot be read.
    Gauge {
        /// What is measured.
        gauge: Gauge,
        /// Of which process; none: of the machine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessKey>,
        /// Its value now, exact.
        value: Reading<Amount>,
    },
    /// Who holds most of what a gauge counts, most first: the answer to a question of the engine.
    Holders {
        /// [`Gauge::Descriptors`] or [`Gauge::Watches`].
        gauge: Gauge,
        /// Only processes of this user; at most a handful.
        holders: Vec<Holder>,
    },
    /// A process waits inside the kernel and cannot be interrupted, at several looks in a row; or it does so no more.
    Blocked {
        /// Which.
        process: ProcessKey,
        /// On what, as a phrase that fits after "it waits for"; absent: it is blocked no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Reading<Said>>,
    },
    /// The system lost file events that it should have told about a folder in which somebody watches for them.
    FileEventsLost {
        /// The folder.
        workspace: String,
        /// How, as a fragment: "the kernel's queue ran over".
        how: Said,
    },
    /// Memory of a server, as schemas up to 3 told it. Not written any more.
    Memory {
        /// The server.
        server: ProcessKey,
        /// Resident bytes.
        bytes: u64,
    },
    /// A watched process ended: a client, a server or a load child.
    Ended {
        /// Which.
        process: ProcessKey,
        /// How.
        status: ExitStatus,
        /// What the kernel added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<EndDetail>,
    },
    /// A child that loads packages.
    LoadSeen(Box<LoadSeen>),
    /// What a quiet load waits for, as far as can be seen from outside.
    LoadWaits {
        /// The load child.
        load: ProcessKey,
        /// A phrase that fits after "it waits for ".
        on: Said,
    },
    /// The tree of a server that has a load changed its level.
    TreeActivity {
        /// The server.
        server: ProcessKey,
        /// The level now.
        activity: Activity,
    },
    /// We are about to end this process ourselves, on the user's word.
    OwnFix {
        /// Which.
        process: ProcessKey,
    },
    /// The machine slept for this long and is awake again.
    Slept {
        /// Nanoseconds.
        ns: u64,
    },
    /// The moment has come that the engine asked for.
    Wake,
    /// The watch begins, or begins again. Comes before anything that it sees.
    Began {
        /// Which boot the continuous clock counts from. Another one than before: nothing of before is alive.
        boot: String,
    },
    /// What the user asked for.
    Intent(Intent),
}

/// What the user can ask for beside looking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(tag = "intent", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Intent {
    /// Do not tell about this incident for a while.
    Snooze {
        /// Its id.
        incident: String,
        /// For how long, milliseconds.
        for_ms: u64,
    },
    /// Tell about it again before its time.
    Unsnooze {
        /// Its id.
        incident: String,
    },
    /// Do not tell about this folder and what is below it.
    Mute {
        /// Its folder, as a path.
        workspace: String,
    },
    /// Tell about it again.
    Unmute {
        /// Its folder, as a path.
        workspace: String,
    },
    /// Tell nothing.
    Pause {
        /// For how long, milliseconds; until `resume` if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_ms: Option<u64>,
    },
    /// Tell again.
    Resume,
    /// Look at everything now.
    ProbeNow,
    /// A fix is about to touch something, on the user's word.
    FixBegins {
        /// The receipt's id.
        receipt: String,
        /// What is done.
        remedy: Remedy,
        /// The incident that it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<String>,
        /// The process that it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<ProcessKey>,
    },
    /// It came to its end. From here on it is watched whether it helped.
    FixEnds {
        /// The receipt's id.
        receipt: String,
        /// Whether every step was done.
        done: bool,
        /// Whether the process that it was to end was sent a signal. Always so where it is not said.
        #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
        signalled: bool,
    },
    /// It was taken back.
    FixUndone {
        /// The receipt's id.
        receipt: String,
    },
}

/// A client as the `gopls` room's table knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ClientSeen {
    /// Its identity.
    pub client: ProcessKey,
    /// The word of its row in the `gopls` room's table; `unlisted`: it has none. Schemas up to 4 did not always tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, as a person says it: "VS Code".
    pub name: String,
    /// What it does when its server ends.
    pub policy: RestartPolicy,
    /// Whether we watched from before its birth: only then are its spent lives known.
    pub whole_life: bool,
    /// Its commands that give it a gopls again. Former versions told one in one line, as `restart_command`.
    #[serde(default, alias = "restart_command", skip_serializing_if = "RestartCommands::is_empty")]
    pub restart: RestartCommands,
    /// Whether the system translates it (Rosetta).
    #[serde(default = "not_recorded::<bool>")]
    pub translated: Reading<bool>,
}

impl ClientSeen {
    /// The id of whatever has no row in the table of clients.
    pub const UNLISTED: &'static str = "unlisted";
}

/// A gopls process as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ServerSeen {
    /// Its identity.
    pub server: ProcessKey,
    /// What it is there for.
    pub class: ServerClass,
    /// Its executable.
    pub exe: Reading<String>,
    /// The architecture it runs as: `arm64`, `x86_64` …
    pub arch: Reading<String>,
    /// Whether the system translates it (Rosetta).
    pub translated: Reading<bool>,
    /// The architectures that its executable file holds: `arm64`, `x86_64` …
    #[serde(default = "not_recorded::<Vec<String>>")]
    pub slices: Reading<Vec<String>>,
    /// Its workspace folder.
    pub workspace: Reading<String>,
    /// The client that runs it; a `ClientSeen` came before.
    pub client: Reading<ProcessKey>,
    /// When it started, nanoseconds of the continuous clock.
    pub started_ns: Reading<u64>,
    /// Whether it ran already when we began to watch.
    pub adopted: bool,
}

/// A child that loads packages for a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct LoadSeen {
    /// Its identity.
    pub load: ProcessKey,
    /// The server it works for; unknown if its parent is gone.
    pub server: Reading<ProcessKey>,
    /// What it is.
    pub kind: LoadKind,
    /// A short name without secrets: `go list`, or the driver's file name.
    pub label: String,
    /// When it started, nanoseconds of the continuous clock.
    pub started_ns: Reading<u64>,
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
