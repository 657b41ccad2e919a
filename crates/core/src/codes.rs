//! The one table of codes. Titles, delays, pages of `explain`, the schema's list of codes: all come from here.

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
                folklore: "Spotlight does not take file events away from gopls; it only costs CPU and disk.",
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
            Self::DescriptorPressure => &Row {
                severity: Severity::Problem,
                delay_ms: 60_000,
                telling: Telling::Active,
                felt_as: &[Self::FileTableFull, Self::RestartLoop, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                title: "gopls is using up file descriptors",
                means: "When none are left, gopls can open no file any more; when the machine has none, no program can.",
                why: "On a Mac a gopls that watches files itself needs one descriptor for each file and folder. gopls mcp \
                      always watches.",
                seen: "The descriptors that it has open, beside what it and the machine are allowed.",
                helps: "A restart frees them for a while. If it watches files itself, turn that off before; if it is a gopls \
                        mcp, stop it.",
                folklore: "`ulimit -n` in a terminal changes nothing for a gopls that runs or that an editor starts, and \
                           like every Go program gopls raises its own limit at its start. Spotlight takes no descriptors \
                           away from it.",
            },
            Self::FileTableFull => &Row {
                severity: Severity::Problem,
                delay_ms: 10_000,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                title: "This machine is running out of open files",
                means: "When the table is full, every program fails to open files: editors, shells, the system itself.",
                why: "One program holds a very large number of files open, mostly to watch them for changes.",
                seen: "How many files are open on the whole machine, beside what it allows, and who holds most of them.",
                helps: "End the program that holds most of them. Raising the limit (as root) only buys time.",
                folklore: "That nearly all file nodes of the kernel are in use is normal: they are a cache.",
            },
            Self::WatchLimit => &Row {
                severity: Severity::Problem,
                delay_ms: 10_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                title: "File watches are nearly used up",
                means: "When none are left, editors do not learn of changed files, and gopls goes on with old ones.",
                why: "Editors watch every folder of a workspace; large trees that nobody edits count as well.",
                seen: "The watches that all processes of yours hold, beside the limit for a user.",
                helps: "Exclude large folders from the editor's watching (files.watcherExclude in VS Code), or raise the \
                        limit (fs.inotify.max_user_watches, as root).",
                folklore: "Restarting gopls frees none of them, unless it watches files itself: they are the editor's.",
            },
            Self::OwnWatcher => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::Passive,
                felt_as: &[Self::DescriptorPressure, Self::FileTableFull, Self::WatchLimit],
                insists: false,
                title: "gopls watches files itself",
                means: "Each file and folder costs a descriptor on a Mac, each folder a file watch on Linux.",
                why: "The setting fileWatcher is fsnotify, or it is a gopls mcp, which always watches.",
                seen: "The watches on files that this gopls itself holds.",
                helps: "Set fileWatcher to off, which is the default: the editor watches for it. Where the editor does \
                        not, poll costs less. A gopls mcp is best started in the module's own folder.",
                folklore: "gopls of an editor watches nothing by default, so it cannot lose watches to Spotlight.",
            },
            Self::RunawayMemory => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[Self::OutOfMemoryKill, Self::RestartLoop, Self::EditorGaveUp],
                insists: false,
                title: "gopls uses more and more memory",
                means: "If it goes on, the system will slow down, and then end gopls or something else.",
                why: "A very large workspace, generated code, a leak of that version, or several modules at once.",
                seen: "Its memory over the last minutes, or hours where it grows slowly. That it grows while it first \
                       loads a workspace is not counted.",
                helps: "Exclude large folders with directoryFilters, limit its memory where that gopls can (memoryLimit), \
                        update gopls, or open a smaller folder. A restart frees the memory for a while.",
                folklore: "memoryMode has no effect any more. Deleting caches frees disk, not memory.",
            },
            Self::OutOfMemoryKill => &Row {
                severity: Severity::Problem,
                delay_ms: 5_000,
                telling: Telling::Active,
                felt_as: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                insists: false,
                title: "The system ended gopls to free memory",
                means: "The system needed memory and took that of gopls.",
                why: "gopls had grown large, or something beside it had; or it runs in a group with a limit of its own.",
                seen: "An end by SIGKILL, and the system's counter of such ends (Linux); on a Mac, where nothing counts \
                       them, an end by SIGKILL under memory pressure, which is called most likely and no more.",
                helps: "Exclude large folders with directoryFilters, limit its memory where that gopls can (memoryLimit), \
                        share one gopls between editors, or close what else is large.",
                folklore: "A restart alone leads to the same end again once it has grown.",
            },
            Self::RunawayCpu => &Row {
                severity: Severity::Advice,
                delay_ms: 0,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                title: "gopls has been busy for minutes",
                means: "It uses a core or more although it loads nothing, which costs battery and makes answers slow.",
                why: "Scanning of a huge module cache or of folders without Go code, analyzers on a large workspace, or a \
                      fault of that version.",
                seen: "Its CPU over the last minutes, with no go command at work for it. The first minutes are not counted.",
                helps: "Update gopls, exclude large folders with directoryFilters, turn staticcheck off to compare.",
                folklore: "High CPU in the first minutes after a start or a branch switch is gopls doing its work.",
            },
            Self::BlockedIo => &Row {
                severity: Severity::Problem,
                delay_ms: 0,
                telling: Telling::Active,
                felt_as: &[],
                insists: false,
                title: "gopls waits for a disk",
                means: "It hangs inside the kernel and answers nothing; even a kill may not end it.",
                why: "A network folder, a FUSE mount, an external or a failing disk that does not answer.",
                seen: "A thread of it that could not be interrupted at several looks in a row.",
                helps: "See whether the network folder or disk answers (if not, ls of it hangs as well) and reconnect it. \
                        Killing gopls does not work before that.",
                folklore: "Rosetta does not do this: translated programs make ordinary system calls.",
            },
            Self::TranslatedServer => &Row {
                severity: Severity::Problem,
                delay_ms: 300_000,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                title: "gopls is running as an Intel program",
                means: "It is translated on this Mac, which makes it slower, and macOS 28 will not run it.",
                why: "It was built by an Intel go command, or an Intel program started a file that holds both.",
                seen: "The system's mark on the process, and which architectures its file holds.",
                helps: "Install Go for Apple silicon, then gopls with it, and restart the editor.",
                folklore: "It does not break the connection to the editor: that is plain bytes.",
            },
            Self::TranslatedToolchain => &Row {
                severity: Severity::Advice,
                delay_ms: 300_000,
                telling: Telling::Passive,
                felt_as: &[Self::TranslatedServer],
                insists: false,
                title: "The go command is an Intel program",
                means: "Loading is slower, what it builds is for Intel, and macOS 28 will not run it.",
                why: "An Intel Go under /usr/local, from before this Mac or from an Intel Homebrew.",
                seen: "The system's mark on a go list that gopls started.",
                helps: "Install Go for Apple silicon, remove the Intel one, then install gopls and the other tools anew.",
                folklore: "Setting GOARCH does not change which go command runs.",
            },
            Self::TranslatedClient => &Row {
                severity: Severity::Advice,
                delay_ms: 300_000,
                telling: Telling::MenuOnly,
                felt_as: &[Self::TranslatedServer],
                insists: false,
                title: "{client} is running as an Intel program",
                means: "It is slower than it has to be, and what it starts may run as Intel programs too.",
                why: "The Intel version was installed, or \"Open using Rosetta\" is set for it.",
                seen: "The system's mark on the process.",
                helps: "Install its version for Apple silicon, or take away \"Open using Rosetta\" in Get Info.",
                folklore: "An Intel editor and an arm64 gopls work together without trouble.",
            },
            Self::SpotlightBusy => &Row {
                severity: Severity::Advice,
                delay_ms: 180_000,
                telling: Telling::MenuOnly,
                felt_as: &[Self::SlowLoad],
                insists: false,
                title: "Spotlight is busy",
                means: "It uses CPU and disk at the same time as gopls. More than that is not known.",
                why: "Many files changed: a branch switch, a module download, a new disk.",
                seen: "How many workers it has, how many are new, and what they use.",
                helps: "Wait; or keep the module cache out of the index (a folder whose name ends in .noindex).",
                folklore: "It takes no kqueue slots and no file events from gopls. `mdutil -i off .` is for whole volumes, \
                           and .metadata_never_index does nothing below the top of a volume.",
            },
            Self::FileEventsLost => &Row {
                severity: Severity::Advice,
                delay_ms: 0,
                telling: Telling::Passive,
                felt_as: &[],
                insists: false,
                title: "File changes were missed",
                means: "Editors may not have learned of changed files, and gopls may go on with old ones.",
                why: "More changed at once than the system could tell: a branch switch, a build, a download.",
                seen: "A watch of our own on that folder was told that events were dropped.",
                helps: "If gopls shows errors that are none, restart it: then it reads all files anew.",
                folklore: "It is not a sign of too few watches or descriptors.",
            },
            Self::MemoryPressure => &Row {
                severity: Severity::Advice,
                delay_ms: 60_000,
                telling: Telling::MenuOnly,
                felt_as: &[Self::OutOfMemoryKill],
                insists: false,
                title: "This machine is short of memory",
                means: "Everything gets slower, and the system may end programs to get memory back.",
                why: "What runs needs more memory than there is.",
                seen: "What the system says of it: its pressure level on a Mac, the share of time that programs waited \
                       for memory on Linux.",
                helps: "Close what you do not need. Several gopls of one folder can share one server.",
                folklore: "That little memory is free is normal: the rest is a cache.",
            },
        }
    }

    /// Whether it comes from how this machine is set up, so that every gopls that starts has it anew until somebody
    /// changes that: once a day is often enough to be told.
    #[must_use]
    pub const fn is_of_the_set_up(self) -> bool {
        matches!(self, Self::OwnWatcher | Self::TranslatedServer | Self::TranslatedToolchain)
    }

    /// The title for a client's name; `None` where the client is not known.
    #[must_use]
    pub fn title(self, client: Option<&str>) -> String {
        let title = self.row().title;
        let some = if title.starts_with("{client}") { "The editor" } else { "the editor" };
        title.replace("{client}", client.unwrap_or(some))
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
            // What a menu has room for on one row.
            let means = row.means.split(". ").next().map_or(0, |first| first.chars().count());
            assert!(means <= 96, "{code:?}: a menu cuts {:?}", row.means);
            assert!(row.title.len() <= 45, "{code:?}: a notification cuts {:?}", row.title);
        }
        assert_eq!(Code::parse("no-such-code"), None);
    }

    #[test]
    fn a_title_begins_with_a_capital_where_nobody_is_named() {
        for code in Code::ALL {
            let title = code.title(None);
            assert!(title.starts_with("gopls") || title.starts_with(char::is_uppercase), "{title}");
        }
        assert_eq!(Code::TranslatedClient.title(Some("nvim")), "nvim is running as an Intel program");
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
