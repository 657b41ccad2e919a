//! The one table of codes. Titles, delays, pages of `explain`, the schema's list of codes: all come from here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much an incident matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Telling {
    /// A notification that may interrupt.
    Active,
    /// A notification that waits to be looked at.
    Passive,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal),+ $(,)?) => {
        /// The kind of an incident: a word that explains itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
}

/// What the table holds for a code. Texts are sentences for a person; no paths, no jargon without a gloss.
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
    /// The title; `{client}` stands for the client's name.
    pub title: &'static str,
    /// What it means for the user.
    pub means: &'static str,
    /// Why it happens.
    pub why: &'static str,
    /// How it is recognised.
    pub seen: &'static str,
    /// What helps.
    pub helps: &'static str,
    /// What is said to help and does not.
    pub folklore: &'static str,
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
                title: "gopls keeps restarting",
                means: "Completion and navigation come and go. Every restart loads the workspace anew, and some editors \
                        stop restarting it after a few times without a word.",
                why: "A gopls that was built with another Go line than the one in use, too little memory, a system that \
                      kills it, or code on which it crashes each time.",
                seen: "Three unexplained ends within three minutes, or two lives in a row that were shorter than ten \
                       seconds, with the same editor alive all the time. Ends that the editor, an update or we \
                       ourselves caused do not count.",
                helps: "Read how it ended (goplswatch why). Exit 2: look for \"panic:\" or \"fatal error:\" in the \
                        editor's gopls log and update gopls. SIGKILL: look at memory. Then restart it from the editor.",
                folklore: "`gopls reload` does not exist (exit 2). `go clean -modcache` deletes every module and mends \
                           no crash. Rosetta does not break the connection between editor and gopls.",
            },
            Self::OneLifeLeft => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[Self::RestartLoop, Self::EditorGaveUp],
                insists: false,
                title: "gopls may stop soon",
                means: "The editor has restarted gopls so often that it will not do so again after the next end.",
                why: "Editors count. VS Code's Go extension gives up at the fifth exit of a session, however slow they \
                      come; clients with the library's default look at the last three minutes.",
                seen: "The exits that we saw, counted by the rule of that editor.",
                helps: "Restart gopls by the editor's own command: in VS Code that also resets its counter. Then mend \
                        the cause of the ends.",
                folklore: "The text \"crashed 5 times in the last 3 minutes\" has not been shown for Go by VS Code since \
                           2020: the five is real, the three minutes are not.",
            },
            Self::EditorGaveUp => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[],
                insists: true,
                title: "{client} stopped restarting gopls",
                means: "Completion, navigation and diagnostics are off until you restart gopls by hand.",
                why: "The editor's limit of restarts is reached, or gopls ended while it was being initialised, which \
                      is not retried.",
                seen: "The exit that spent the last life (or one right after the start), the editor alive, and no new \
                       gopls since.",
                helps: "Use the editor's restart command. If it ends again at once, read the editor's gopls log.",
                folklore: "Reopening files does not bring it back. Deleting caches is not needed.",
            },
            Self::ServerGone => &Row {
                severity: Severity::Problem,
                delay_ms: 5_000,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                title: "gopls is gone in {client}",
                means: "Completion, navigation and diagnostics are off until gopls is started again.",
                why: "Neovim, Helix and Zed never restart a language server that ended; of other clients it is not \
                      known, or this one has not done it in the time that it usually takes.",
                seen: "An end that the editor did not cause, the editor alive, and no new gopls since.",
                helps: "Use the editor's restart command.",
                folklore: "Reopening the file brings it back in some editors only; waiting does not in those that never restart.",
            },
            Self::ServerCrashed => &Row {
                severity: Severity::Problem,
                delay_ms: 5_000,
                telling: Telling::Passive,
                felt_as: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                title: "gopls probably crashed",
                means: "gopls ended by a fault of its own. What you last edited may trigger it again.",
                why: "A Go program that panics exits with code 2 and writes a traceback; so does one that runs out of \
                      memory or gets a fatal signal.",
                seen: "Exit code 2 of a language server that had lived for a second or more, or a fatal signal such as \
                       SIGSEGV or SIGABRT. A bad flag also exits with 2, but at once.",
                helps: "The traceback is in the editor's gopls log. Update gopls; if it stays, report it with that text.",
                folklore: "On a Mac a Go panic leaves no crash report in Console: its absence proves nothing.",
            },
            Self::ServerKilled => &Row {
                severity: Severity::Advice,
                delay_ms: 5_000,
                telling: Telling::Passive,
                felt_as: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                title: "Something killed gopls",
                means: "gopls did not fail: something ended it by SIGKILL.",
                why: "A system short of memory, a kill command, a security tool, or on Apple silicon a broken code \
                      signature. Who sent a signal cannot be known without special rights.",
                seen: "An end by SIGKILL that no restart followed, or the second one within ten minutes.",
                helps: "Look at memory at that time. If it happens within a second of each start on a Mac, delete the \
                        gopls file and install it anew.",
                folklore: "dtruss cannot show who sent the signal: it lists the victim's own calls.",
            },
            Self::StuckLoad => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                title: "gopls is waiting, not loading",
                means: "Until the load ends, gopls answers nothing: no hover, no definition, not even shutdown.",
                why: "A `go list` waits for a proxy, a VPN, a password prompt of git or ssh, or a package driver that \
                      does not answer. gopls itself gives up after ten minutes.",
                seen: "A load child older than thirty seconds while gopls and its whole tree use next to no CPU and do \
                       no I/O. A stopped process is not taken for a stuck one.",
                helps: "See what it waits for. Check VPN and GOPROXY, set GOPRIVATE for private modules, run \
                        `go mod download` in a terminal where a prompt can be answered, then restart gopls.",
                folklore: "GOPROXY=direct with GOSUMDB=off is usually slower (git clones) and turns off the check of \
                           what you download. \"Hover works, definition does not\" is not the picture of a stuck load.",
            },
            Self::SlowLoad => &Row {
                severity: Severity::Advice,
                delay_ms: 0,
                telling: Telling::Passive,
                felt_as: &[Self::StuckLoad],
                insists: false,
                title: "gopls is still loading",
                means: "It works, but until it is done most requests wait.",
                why: "A very large workspace, a cold build cache, or a package driver that builds first.",
                seen: "A load child older than five minutes (a package driver: fifteen) in a tree that is busy.",
                helps: "Open a smaller folder, exclude generated trees with directoryFilters, warm up the driver.",
                folklore: "Spotlight does not take file events away from gopls; it only costs CPU and disk. \
                           `mdutil -i off .` works on whole volumes, as root, not on a folder.",
            },
            Self::OrphanGoList => &Row {
                severity: Severity::Advice,
                delay_ms: 10_000,
                telling: Telling::Passive,
                felt_as: &[Self::StuckLoad],
                insists: false,
                title: "A leftover go list is still running",
                means: "It works for a gopls that is gone. It may hold a lock on the module cache and use CPU.",
                why: "An editor killed a gopls that hung; its child was left behind.",
                seen: "A `go list` (or package driver) whose gopls ended more than ten seconds ago.",
                helps: "It is safe to end that one process. Then look at why the load hung.",
                folklore: "`killall go` also ends your own builds.",
            },
            Self::TooManyServers => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                title: "Several gopls on one folder",
                means: "Each of them keeps the whole workspace in memory.",
                why: "A client that starts one per session and forgets the old ones.",
                seen: "Three or more language servers on one folder within one client, or two with more memory than \
                       the threshold.",
                helps: "Close idle sessions, or share one server with -remote=auto where the client allows it.",
                folklore: "Two editors on one folder are two servers by design; that alone is no fault.",
            },
            Self::StaleBinary => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                title: "gopls was updated but not restarted",
                means: "The running gopls is older than the one on disk.",
                why: "The file was replaced or deleted while the server ran.",
                seen: "The file that the process was started from no longer stands under its name.",
                helps: "Restart gopls from the editor when it suits you.",
                folklore: "There is no need to restart the editor itself.",
            },
            Self::FixDidNotHelp => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                // That gopls is away is what is felt, also where a fix led to it.
                felt_as: &[Self::ServerGone, Self::EditorGaveUp],
                insists: true,
                title: "The fix did not help",
                means: "What you had goplswatch do was done, and the problem is still there or has come back.",
                why: "The cause is another one. A restart ends a symptom and leaves what brought it about as it was.",
                seen: "After a fix its incident is watched for the time that it needs to show itself: three minutes for \
                       ends of gopls, one minute for a stuck load, fifteen seconds for a leftover go list. It was \
                       still open then, or gopls ended again, or the process still ran.",
                helps: "Take the fix back if it can be undone (goplswatch fix --undo), read what was seen (goplswatch \
                        why), and mend the cause before you try again.",
                folklore: "Doing the same once more rarely helps: each restart of gopls spends one that the editor has \
                           left.",
            },
        }
    }

    /// The title for a client's name; `None` where the client is not known.
    #[must_use]
    pub fn title(self, client: Option<&str>) -> String {
        self.row().title.replace("{client}", client.unwrap_or("the editor"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_parses_back_and_has_a_whole_page() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.word()), Some(*code));
            let row = code.row();
            for text in [row.title, row.means, row.why, row.seen, row.helps, row.folklore] {
                assert!(text.len() > 15, "{code:?}: {text:?}");
                assert!(!text.contains("  "), "{code:?}: a doubled space in {text:?}");
            }
            for text in [row.means, row.why, row.seen, row.helps, row.folklore] {
                assert!(text.ends_with('.'), "{code:?}: {text:?} is no sentence");
            }
            assert!(!row.title.ends_with('.'));
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
        for code in Code::ALL {
            let row = code.row();
            if row.severity == Severity::Advice {
                assert_eq!(row.telling, Telling::Passive, "{code:?}");
            }
            let insists = [Code::RestartLoop, Code::EditorGaveUp, Code::FixDidNotHelp];
            assert_eq!(row.insists, insists.contains(code), "{code:?}");
        }
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
