//! The table of remedies: what can be done about a problem or a server. The engine decides when one
//! is offered (`engine/offers.rs`); the `remedy` crate knows how it is carried out.

use serde::{Deserialize, Serialize};

/// The highest possible cost of a remedy, which determines how the user is asked for confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RemedyClass {
    /// Reversible; it touches one named setting, or only what belongs to goplswatch. Clicking the
    /// labelled entry is the confirmation.
    Safe,
    /// Ends a process or reinstalls a tool. It is shown first and needs a separate confirmation.
    Risky,
    /// To be done by a person; it is opened or printed, never run.
    Manual,
}

impl RemedyClass {
    /// The kebab-case name used in JSON.
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
        /// What can be done, as a self-explanatory name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
        pub enum Remedy { $($(#[doc = $doc])* #[serde(rename = $word)] $name),+ }

        impl Remedy {
            /// Every remedy, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case name.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

remedies! {
    /// End this server. Its client starts it again.
    RestartServer = "restart-server",
    /// Kill a server that was asked to end and did not.
    KillServer = "kill-server",
    /// End a `go list` whose gopls is gone.
    StopOrphan = "stop-orphan",
    /// End an idle server when another one serves the same folder.
    StopDuplicate = "stop-duplicate",
    /// End a `gopls mcp`.
    StopMcp = "stop-mcp",
    /// Copy the client's own restart command to the clipboard.
    CopyRestartCommand = "copy-restart-command",
    /// Copy the readings that are the evidence for an incident to the clipboard.
    CopyEvidence = "copy-evidence",
    /// Show the workspace folder.
    OpenWorkspace = "open-workspace",
    /// Make gopls write its goroutine stacks to its client's log, which ends it.
    DumpGoroutines = "dump-goroutines",
    /// Send no notifications about an incident for an hour.
    Snooze = "snooze",
    /// Send no notifications about a folder.
    Mute = "mute",
    /// Steps that only a person can take.
    ByHand = "by-hand",
    /// Turn off gopls' own file watcher in the client's settings.
    TurnOffWatcher = "turn-off-watcher",
    /// Make gopls poll for changed files instead of watching them.
    PollFiles = "poll-files",
    /// Exclude large folders without Go code from what gopls scans.
    ExcludeFolders = "exclude-folders",
    /// Limit the memory of a gopls that supports such a limit.
    LimitMemory = "limit-memory",
    /// Let all gopls processes of a client share one server.
    ShareServer = "share-server",
    /// Rebuild gopls for this machine's own processor.
    ReinstallNative = "reinstall-native",
    /// Raise the limit of file watches, which needs root.
    RaiseWatchLimit = "raise-watch-limit",
    /// Open the settings that exclude folders from Spotlight.
    OpenSpotlightSettings = "open-spotlight-settings",
    /// Move the module cache to a folder that Spotlight does not index.
    MoveModuleCache = "move-module-cache",
}

/// The table's row for a remedy. Its texts are in the catalogue of the `view` crate, under the
/// remedy's name.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// How confirmation is asked for.
    pub class: RemedyClass,
    /// Whether it can be undone.
    pub undoable: bool,
}

impl Remedy {
    /// The remedy with this kebab-case name, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|remedy| remedy.word() == word)
    }

    /// How confirmation is asked for.
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

    /// Whether it does nothing for a running gopls and takes effect when the next one starts.
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

    /// Its row in the table.
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
