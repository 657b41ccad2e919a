//! The one table of codes: how much each matters, when and how it is told, what it is felt as. Its words stand in the
//! catalogue of `view`, under the same names.

use serde::{Deserialize, Serialize};

/// How much an incident matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is broken.
    Advice,
    /// Something that the user relies on does not work, or is about to stop.
    Problem,
}

impl Severity {
    /// The kebab-case word of the JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Problem => "problem",
        }
    }
}

/// How an incident is told outside of `watch`, which shows everything at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Telling {
    /// A notification that may interrupt.
    Active,
    /// A notification that waits to be looked at.
    Passive,
    /// None: it stands in the menu and in `status`, and in other notifications as a cause.
    MenuOnly,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal),+ $(,)?) => {
        /// The kind of an incident: a word that explains itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
        pub enum Code { $($(#[doc = $doc])* #[serde(rename = $word)] $name),+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

codes! {
    /// gopls keeps ending and coming back.
    RestartLoop = "restart-loop",
    /// The next end is the last one that the client answers with a restart.
    OneLifeLeft = "one-life-left",
    /// A client that restarts gopls has stopped doing so.
    EditorGaveUp = "editor-gave-up",
    /// A client that never restarts gopls is without one.
    ServerGone = "server-gone",
    /// gopls crashed, probably.
    ServerCrashed = "server-crashed",
    /// gopls was ended by SIGKILL.
    ServerKilled = "server-killed",
    /// Loading hangs: everything waits for a child that does nothing.
    StuckLoad = "stuck-load",
    /// Loading takes long, but works.
    SlowLoad = "slow-load",
    /// A `go list` outlived the gopls that started it.
    OrphanGoList = "orphan-go-list",
    /// One client runs several servers on one folder.
    TooManyServers = "too-many-servers",
    /// A running gopls is older than the file it was started from.
    StaleBinary = "stale-binary",
    /// What was done about a problem did not end it.
    FixDidNotHelp = "fix-did-not-help",
    /// A gopls holds so many descriptors that it or the machine will run out of them.
    DescriptorPressure = "descriptor-pressure",
    /// The machine's table of open files is nearly full.
    FileTableFull = "file-table-full",
    /// This user's file watches are nearly used up (inotify).
    WatchLimit = "watch-limit",
    /// A gopls watches files itself, at a price.
    OwnWatcher = "own-watcher",
    /// The memory of a gopls keeps growing.
    RunawayMemory = "runaway-memory",
    /// The system ended gopls for want of memory.
    OutOfMemoryKill = "out-of-memory-kill",
    /// A gopls has used a whole core for minutes, and loads nothing.
    RunawayCpu = "runaway-cpu",
    /// A gopls hangs inside the kernel.
    BlockedIo = "blocked-io",
    /// A gopls runs translated (Rosetta).
    TranslatedServer = "translated-server",
    /// The go command that gopls uses runs translated.
    TranslatedToolchain = "translated-toolchain",
    /// An editor runs translated.
    TranslatedClient = "translated-client",
    /// Spotlight is busy.
    SpotlightBusy = "spotlight-busy",
    /// The system lost file events.
    FileEventsLost = "file-events-lost",
    /// The machine is short of memory.
    MemoryPressure = "memory-pressure",
}

/// What the table holds for a code.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// How much it matters.
    pub severity: Severity,
    /// How long an incident must stay open before it is told by a notification, milliseconds.
    pub delay_ms: u64,
    /// How it is told.
    pub telling: Telling,
    /// What the user feels instead: while one of these is open about the same lineage (of a load: about the same folder),
    /// this one is not told by a notification of its own, but named in the other's as its cause.
    pub felt_as: &'static [Code],
    /// Whether it also makes the digest ring: it is never lost because there was much else to tell.
    pub insists: bool,
    /// Whether its title names the client.
    pub names_client: bool,
}

impl Code {
    /// The code of a word, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.word() == word)
    }

    /// Its row.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one table, read from top to bottom")]
    pub const fn row(self) -> &'static Row {
        match self {
            Self::RestartLoop => &Row {
                severity: Severity::Problem,
                delay_ms: 3_000,
                telling: Telling::Active,
                felt_as: &[Self::EditorGaveUp],
                insists: true,
                names_client: false,
            },
            Self::OneLifeLeft => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[Self::RestartLoop, Self::EditorGaveUp],
                insists: false,
                names_client: false,
            },
            Self::EditorGaveUp => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[],
                insists: true,
                names_client: true,
            },
            Self::ServerGone => &Row {
                severity: Severity::Problem,
                delay_ms: 5_000,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                names_client: true,
            },
            Self::ServerCrashed => &Row {
                severity: Severity::Problem,
                delay_ms: 5_000,
                telling: Telling::Passive,
                felt_as: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                names_client: false,
            },
            Self::ServerKilled => &Row {
                severity: Severity::Advice,
                delay_ms: 5_000,
                telling: Telling::Passive,
                felt_as: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                names_client: false,
            },
            Self::StuckLoad => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::SlowLoad => &Row {
                severity: Severity::Advice,
                delay_ms: 0,
                telling: Telling::Passive,
                felt_as: &[Self::StuckLoad],
                insists: false,
                names_client: false,
            },
            Self::OrphanGoList => &Row {
                severity: Severity::Advice,
                delay_ms: 10_000,
                telling: Telling::Passive,
                felt_as: &[Self::StuckLoad],
                insists: false,
                names_client: false,
            },
            Self::TooManyServers => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::StaleBinary => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::FixDidNotHelp => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                // That gopls is away is what is felt, also where a fix led to it.
                felt_as: &[Self::ServerGone, Self::EditorGaveUp],
                insists: true,
                names_client: false,
            },
            Self::DescriptorPressure => &Row {
                severity: Severity::Problem,
                delay_ms: 60_000,
                telling: Telling::Active,
                felt_as: &[Self::FileTableFull, Self::RestartLoop, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                names_client: false,
            },
            Self::FileTableFull => &Row {
                severity: Severity::Problem,
                delay_ms: 10_000,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::WatchLimit => &Row {
                severity: Severity::Problem,
                delay_ms: 10_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::OwnWatcher => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::Passive,
                felt_as: &[Self::DescriptorPressure, Self::FileTableFull, Self::WatchLimit],
                insists: false,
                names_client: false,
            },
            Self::RunawayMemory => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[Self::OutOfMemoryKill, Self::RestartLoop, Self::EditorGaveUp],
                insists: false,
                names_client: false,
            },
            Self::OutOfMemoryKill => &Row {
                severity: Severity::Problem,
                delay_ms: 5_000,
                telling: Telling::Active,
                felt_as: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                names_client: false,
            },
            Self::RunawayCpu => &Row {
                severity: Severity::Advice,
                delay_ms: 0,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::BlockedIo => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::TranslatedServer => &Row {
                severity: Severity::Problem,
                delay_ms: 300_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::TranslatedToolchain => &Row {
                severity: Severity::Advice,
                delay_ms: 300_000,
                telling: Telling::Passive,
                felt_as: &[Self::TranslatedServer],
                insists: false,
                names_client: false,
            },
            Self::TranslatedClient => &Row {
                severity: Severity::Advice,
                delay_ms: 300_000,
                telling: Telling::MenuOnly,
                felt_as: &[Self::TranslatedServer],
                insists: false,
                names_client: true,
            },
            Self::SpotlightBusy => &Row {
                severity: Severity::Advice,
                delay_ms: 180_000,
                telling: Telling::MenuOnly,
                felt_as: &[Self::SlowLoad],
                insists: false,
                names_client: false,
            },
            Self::FileEventsLost => &Row {
                severity: Severity::Advice,
                delay_ms: 0,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                names_client: false,
            },
            Self::MemoryPressure => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::MenuOnly,
                felt_as: &[Self::OutOfMemoryKill],
                insists: false,
                names_client: false,
            },
        }
    }

    /// Whether it comes from how this machine is set up, so that every gopls that starts has it anew until somebody
    /// changes that: once a day is often enough to be told.
    #[must_use]
    pub const fn is_of_the_set_up(self) -> bool {
        matches!(self, Self::OwnWatcher | Self::TranslatedServer | Self::TranslatedToolchain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_parses_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.word()), Some(*code));
        }
        assert_eq!(Code::parse("no-such-code"), None);
    }

    /// The delays and ways that the user was promised.
    #[test]
    fn what_is_told_when_and_how() {
        let told = |code: Code| (code.row().delay_ms, code.row().telling);
        assert_eq!(told(Code::RestartLoop), (3_000, Telling::Active));
        assert_eq!(told(Code::ServerGone), (5_000, Telling::Active));
        assert_eq!(told(Code::EditorGaveUp), (0, Telling::Active));
        assert_eq!(told(Code::StuckLoad), (0, Telling::Active));
        assert_eq!(told(Code::DescriptorPressure), (60_000, Telling::Active));
        assert_eq!(told(Code::TranslatedServer).0, 300_000);
        assert_eq!(told(Code::SpotlightBusy), (180_000, Telling::MenuOnly));
        for code in Code::ALL {
            let row = code.row();
            if row.severity == Severity::Advice {
                assert_ne!(row.telling, Telling::Active, "{code:?}");
            }
            let insists = [Code::RestartLoop, Code::EditorGaveUp, Code::FixDidNotHelp];
            assert_eq!(row.insists, insists.contains(code), "{code:?}");
        }
    }

    /// What is never told would keep silent for good what is told as it.
    #[test]
    fn what_is_felt_is_told() {
        for code in Code::ALL {
            for felt in code.row().felt_as {
                assert_ne!(felt.row().telling, Telling::MenuOnly, "{code:?}");
            }
        }
        assert_eq!(Code::RestartLoop.row().felt_as, [Code::EditorGaveUp], "no cause silences a loop");
        assert!(Code::EditorGaveUp.row().felt_as.is_empty());
    }

    /// Two that were felt as one another would both stay untold.
    #[test]
    fn a_cause_leads_to_what_is_felt_and_never_back() {
        fn reaches(from: Code, to: Code, steps: usize) -> bool {
            steps > 0 && from.row().felt_as.iter().any(|next| *next == to || reaches(*next, to, steps - 1))
        }
        for code in Code::ALL {
            assert!(!reaches(*code, *code, Code::ALL.len()), "{code:?}");
        }
        assert!(reaches(Code::ServerCrashed, Code::EditorGaveUp, 1));
    }
}
