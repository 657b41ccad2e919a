//! The one table of remedies: what can be done about a problem or a server, in words. When one is offered is decided
//! by the engine (`engine/offers.rs`), how it is done is known to the `remedy` room.

use serde::{Deserialize, Serialize};

use crate::message::Said;
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

/// What the table holds for a remedy.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// How it is asked for.
    pub class: RemedyClass,
    /// As a menu or a button names it, in Title Case: "Restart…".
    pub title: &'static str,
    /// What it does and what it costs, in sentences.
    pub does: &'static str,
    /// What undo does about it; none where there is nothing to undo.
    pub undo: Option<&'static str>,
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
        let (class, title, does, undo) = match self {
            Self::RestartServer => (
                Risky,
                "Restart…",
                "Asks this gopls to end (SIGTERM). Its editor starts it again by itself, and it loads the workspace anew. \
                 To the editor that looks like a crash and costs one of its restarts.",
                None,
            ),
            Self::KillServer => (
                Risky,
                "Kill…",
                "Ends this gopls by force (SIGKILL): it was asked to end and did not. To the editor that looks like a \
                 crash and costs one of its restarts.",
                None,
            ),
            Self::StopOrphan => (
                Risky,
                "Stop the Leftover go list…",
                "Ends a go list that works for a gopls which is gone. Nothing waits for its answer.",
                None,
            ),
            Self::StopDuplicate => (
                Risky,
                "Stop This Idle gopls…",
                "Asks this gopls to end (SIGTERM). Another one serves the same folder for the same editor.",
                None,
            ),
            Self::StopMcp => (
                Risky,
                "Stop This gopls mcp…",
                "Asks this gopls mcp to end (SIGTERM). The coding agent that runs it has none until it starts another.",
                None,
            ),
            Self::CopyRestartCommand => (
                Safe,
                "Copy the Restart Command",
                "Puts the editor's own restart command on the clipboard, to be given there.",
                None,
            ),
            Self::CopyEvidence => (
                Safe,
                "Copy Evidence",
                "Puts what was seen on the clipboard as text, for a bug report. Paths are named, contents are not.",
                None,
            ),
            Self::OpenWorkspace => (Safe, "Open Workspace", "Shows the workspace folder.", None),
            Self::DumpGoroutines => (
                Risky,
                "Dump Goroutines…",
                "Has gopls write what each of its goroutines does to its error output, which the editor keeps in its log \
                 (SIGQUIT). That ends it: to the editor it looks like a crash and costs one of its restarts.",
                None,
            ),
            Self::Snooze => {
                (Safe, "Snooze for 1 Hour", "Tells nothing about this for an hour.", Some("tells about it again"))
            }
            Self::Mute => {
                (Safe, "Mute This Workspace", "Tells nothing about this folder any more.", Some("unmutes the folder"))
            }
            Self::ByHand => (Manual, "What Helps", "Something that only a person can do.", None),
            Self::TurnOffWatcher => (
                Safe,
                "Turn Off gopls' Own File Watcher",
                "Sets fileWatcher to off in the editor's settings, which is gopls' default: the editor watches for it. It \
                 takes effect when gopls is restarted.",
                Some("puts the settings back as they were"),
            ),
            Self::PollFiles => (
                Safe,
                "Let gopls Poll for Changed Files",
                "Sets fileWatcher to poll in the editor's settings: gopls looks for changed files now and then, and keeps \
                 none of them open. It takes effect when gopls is restarted.",
                Some("puts the settings back as they were"),
            ),
            Self::ExcludeFolders => (
                Safe,
                "Exclude Large Folders from gopls",
                "Adds folders that hold many files and no Go code to directoryFilters in the editor's settings. It takes \
                 effect when gopls is restarted.",
                Some("puts the settings back as they were"),
            ),
            Self::LimitMemory => (
                Safe,
                "Limit the Memory of gopls",
                "Sets memoryLimit in the editor's settings, a soft limit: near it gopls collects garbage more often, \
                 which costs CPU. It takes effect when gopls is restarted.",
                Some("puts the settings back as they were"),
            ),
            Self::ShareServer => (
                Safe,
                "Share One gopls",
                "Adds -remote=auto to the flags with which the editor starts gopls: its windows, and other editors that are \
                 set the same way, then share one server. It takes effect when gopls is restarted.",
                Some("puts the settings back as they were"),
            ),
            Self::ReinstallNative => (
                Risky,
                "Reinstall gopls for This Mac…",
                "Builds gopls anew with a go command for this Mac's own processor and puts it in the place of the one that \
                 runs. It needs the network, and takes effect when gopls is restarted.",
                None,
            ),
            Self::RaiseWatchLimit => (
                Manual,
                "How to Raise the Limit",
                "Shows the command that raises the limit of file watches, which takes root.",
                None,
            ),
            Self::OpenSpotlightSettings => (
                Safe,
                "Open Spotlight Settings",
                "Opens the settings in which folders are kept from Spotlight. Nothing is changed by that.",
                None,
            ),
            Self::MoveModuleCache => (
                Risky,
                "Keep the Module Cache from Spotlight…",
                "Renames the module cache so that its name ends in .noindex, which Spotlight leaves alone, and tells go \
                 where it is (go env -w GOMODCACHE). A gopls that runs has to be restarted afterwards.",
                Some("renames it back and tells go so"),
            ),
        };
        Row { class, title, does, undo }
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
