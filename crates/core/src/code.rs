//! The codes: which kinds of incidents there are, and the name of each. What a code means is in its
//! row (`codes.rs`), which is apart from it because a row holds messages, and a message can name a
//! code.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal),+ $(,)?) => {
        /// The kind of an incident: a self-explanatory name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code { $($(#[doc = $doc])* #[serde(rename = $word)] $name),+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kebab-case name.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

codes! {
    /// gopls keeps ending and being restarted.
    RestartLoop = "restart-loop",
    /// The next end is the final one: the client will not restart gopls after it.
    OneLifeLeft = "one-life-left",
    /// A client that restarts gopls has stopped doing so.
    EditorGaveUp = "editor-gave-up",
    /// The gopls of a client that never restarts it has ended.
    ServerGone = "server-gone",
    /// gopls probably crashed.
    ServerCrashed = "server-crashed",
    /// gopls was ended by SIGKILL.
    ServerKilled = "server-killed",
    /// Package loading hangs: everything waits for a child that does nothing.
    StuckLoad = "stuck-load",
    /// Package loading takes long, but works.
    SlowLoad = "slow-load",
    /// A `go list` outlived the gopls that started it.
    OrphanGoList = "orphan-go-list",
    /// One client runs several servers on one folder.
    TooManyServers = "too-many-servers",
    /// A running gopls is older than the file it was started from.
    StaleBinary = "stale-binary",
    /// A fix did not end the problem that it was for.
    FixDidNotHelp = "fix-did-not-help",
    /// A gopls holds so many descriptors that it or the machine will run out of them.
    DescriptorPressure = "descriptor-pressure",
    /// The machine's table of open files is nearly full.
    FileTableFull = "file-table-full",
    /// The file watches of this user are nearly used up (inotify).
    WatchLimit = "watch-limit",
    /// A gopls watches files itself, which is costly.
    OwnWatcher = "own-watcher",
    /// The memory of a gopls keeps growing.
    RunawayMemory = "runaway-memory",
    /// The system ended gopls for lack of memory.
    OutOfMemoryKill = "out-of-memory-kill",
    /// A gopls has used a whole core for minutes without loading anything.
    RunawayCpu = "runaway-cpu",
    /// A gopls is blocked inside the kernel.
    BlockedIo = "blocked-io",
    /// A signal has stopped a gopls while its client waits for it.
    StoppedServer = "stopped-server",
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

impl Code {
    /// The code with this kebab-case name, if there is one.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.word() == word)
    }
}

/// The format of codes and message names, for a schema.
#[cfg(feature = "testing")]
pub(crate) const WORD: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// In JSON a code is a string. The set of codes is not part of the schema, so a new code does not
/// change it. A reader of JSON meets unknown codes whenever goplswatch is newer than the reader.
#[cfg(feature = "testing")]
impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The kind of an incident: a word that explains itself. `goplswatch explain --list` names all.",
            "pattern": WORD,
        })
    }
}

/// A set of codes, in the order of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CodeSet(u64);

impl CodeSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) const fn with(self, code: Code) -> Self {
        Self(self.0 | 1 << code as u64)
    }

    pub(crate) const fn without(self, code: Code) -> Self {
        Self(self.0 & !(1 << code as u64))
    }

    /// The intersection of both sets.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn contains(self, code: Code) -> bool {
        self.0 & 1 << code as u64 != 0
    }

    /// Iterates over the codes of the set.
    pub(crate) fn iter(self) -> impl Iterator<Item = Code> + Clone {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let code = Code::ALL.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(*code)
        })
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
}
