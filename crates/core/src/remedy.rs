//! The one table of remedies: what can be done about a problem or a server. When one is offered is decided by the engine
//! (`engine/offers.rs`), how it is done is known to the `remedy` room.

use serde::{Deserialize, Serialize};

use crate::message::{Message, Said};
use crate::words::ProcessKey;

/// What a remedy costs at most, and so how it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RemedyClass {
    /// Reversible, touches one named setting or only what is ours: the labelled click is the yes.
    Safe,
    /// Ends a process or reinstalls a tool: shown first, then a yes of its own.
    Risky,
    /// For a person to do; opened or printed, never run.
    Manual,
}

impl RemedyClass {
    /// The kebab-case word of the JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Risky => "risky",
            Self::Manual => "manual",
        }
    }

    /// The same in words.
    #[must_use]
    pub const fn message(self) -> Message {
        match self {
            Self::Safe => Message::ClassSafe,
            Self::Risky => Message::ClassRisky,
            Self::Manual => Message::ClassManual,
        }
    }
}

macro_rules! remedies {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal),+ $(,)?) => {
        /// What can be done: a word that explains itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
        pub enum Remedy { $($(#[doc = $doc])* #[serde(rename = $word)] $name),+ }

        impl Remedy {
            /// Every remedy, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

remedies! {
    /// End this server; its client starts it again.
    RestartServer = "restart-server",
    /// End, by force, a server that was asked to end and did not.
    KillServer = "kill-server",
    /// End a `go list` whose gopls is gone.
    StopOrphan = "stop-orphan",
    /// End an idle server beside another one on the same folder.
    StopDuplicate = "stop-duplicate",
    /// End a `gopls mcp`.
    StopMcp = "stop-mcp",
    /// Copy the client's own restart command.
    CopyRestartCommand = "copy-restart-command",
    /// Copy the readings that prove an incident.
    CopyEvidence = "copy-evidence",
    /// Show the workspace folder.
    OpenWorkspace = "open-workspace",
    /// Have gopls write what it is doing into its client's log, which ends it.
    DumpGoroutines = "dump-goroutines",
    /// Tell nothing about an incident for an hour.
    Snooze = "snooze",
    /// Tell nothing about a folder.
    Mute = "mute",
    /// What only a person can do.
    ByHand = "by-hand",
    /// Set gopls' own file watcher to off in the client's settings.
    TurnOffWatcher = "turn-off-watcher",
    /// Have gopls look for changed files now and then instead of watching them.
    PollFiles = "poll-files",
    /// Exclude large folders without Go code from what gopls looks at.
    ExcludeFolders = "exclude-folders",
    /// Limit the memory of a gopls that knows such a limit.
    LimitMemory = "limit-memory",
    /// Have one server shared by the gopls of a client.
    ShareServer = "share-server",
    /// Build gopls anew for this machine's own processor.
    ReinstallNative = "reinstall-native",
    /// Raise the limit of file watches, which takes root.
    RaiseWatchLimit = "raise-watch-limit",
    /// Open the settings in which folders are kept from Spotlight.
    OpenSpotlightSettings = "open-spotlight-settings",
    /// Move the module cache to a folder that Spotlight leaves alone.
    MoveModuleCache = "move-module-cache",
}

/// What the table holds for a remedy. Its words stand in the catalogue of `view`, under its own.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// How it is asked for.
    pub class: RemedyClass,
    /// Whether undo does anything about it.
    pub undoable: bool,
}

impl Remedy {
    /// The remedy of a word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|remedy| remedy.word() == word)
    }

    /// How it is asked for.
    #[must_use]
    pub const fn class(self) -> RemedyClass {
        self.row().class
    }

    /// Whether it ends a process.
    #[must_use]
    pub const fn ends_a_process(self) -> bool {
        matches!(
            self,
            Self::RestartServer
                | Self::KillServer
                | Self::StopOrphan
                | Self::StopDuplicate
                | Self::StopMcp
                | Self::DumpGoroutines
        )
    }

    /// Whether it does nothing for a gopls that runs, and takes effect when the next one is started.
    #[must_use]
    pub const fn waits_for_a_start(self) -> bool {
        matches!(
            self,
            Self::TurnOffWatcher
                | Self::PollFiles
                | Self::ExcludeFolders
                | Self::LimitMemory
                | Self::ShareServer
                | Self::ReinstallNative
        )
    }

    /// Its row.
    #[must_use]
    pub const fn row(self) -> Row {
        use RemedyClass::{Manual, Risky, Safe};
        let (class, undoable) = match self {
            Self::RestartServer
            | Self::KillServer
            | Self::StopOrphan
            | Self::StopDuplicate
            | Self::StopMcp
            | Self::DumpGoroutines
            | Self::ReinstallNative => (Risky, false),
            Self::MoveModuleCache => (Risky, true),
            Self::CopyRestartCommand | Self::CopyEvidence | Self::OpenWorkspace | Self::OpenSpotlightSettings => {
                (Safe, false)
            }
            Self::Snooze
            | Self::Mute
            | Self::TurnOffWatcher
            | Self::PollFiles
            | Self::ExcludeFolders
            | Self::LimitMemory
            | Self::ShareServer => (Safe, true),
            Self::ByHand | Self::RaiseWatchLimit => (Manual, false),
        };
        Row { class, undoable }
    }
}

/// A remedy that is offered for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct RemedyView {
    /// Which.
    pub remedy: Remedy,
    /// How it is asked for: `safe`, `risky`, or `manual`, which a person does.
    pub class: RemedyClass,
    /// What to do or what it does for this case.
    #[serde(flatten)]
    pub said: Said,
    /// The process that it acts on; null: none.
    pub process: Option<ProcessKey>,
    /// What is copied, or the folder that is shown, muted or looked through; null: neither.
    pub value: Option<String>,
}
