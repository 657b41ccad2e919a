//! What this crate says of its own: the words of menus, lists and labels. Their sentences stand in the catalogue.

use goplswatch_core::message::{Bytes, Count, Folder, Millis, Name, Number, Text, Verbatim};
use goplswatch_core::{Gauge, phrases};

phrases! {
    /// See the module.
    pub enum Phrase {
        // The icon.
        /// Everything behind the program's name.
        IconLabel { words: Text } = "icon-label",
        /// Nothing was looked at yet.
        IconLooking = "icon-looking",
        /// Processes cannot be seen.
        IconBlind = "icon-blind",
        /// Alerts are paused until a moment.
        IconMutedUntil { until: Text } = "icon-muted-until",
        /// Alerts are paused.
        IconMuted = "icon-muted",
        /// A problem, and more.
        IconMore { problem: Text, more: Count } = "icon-more",
        /// Nothing is wrong.
        IconQuiet { servers: Count } = "icon-quiet",
        /// Nothing is wrong that may be told.
        IconSilent { problems: Count, servers: Count } = "icon-silent",
        /// Advice.
        IconAdvice { suggestions: Count } = "icon-advice",

        // The menu.
        /// Nothing was looked at yet.
        Looking = "looking",
        /// Processes cannot be seen.
        Blind = "blind",
        /// Nothing is wrong.
        AllQuiet { servers: Count } = "all-quiet",
        /// The same with the memory of all servers.
        AllQuietUsing { servers: Count, memory: Text } = "all-quiet-using",
        /// How many servers.
        Servers { servers: Count } = "servers",
        /// The same with their memory.
        ServersUsing { servers: Count, memory: Text } = "servers-using",
        /// Problems behind the first ones.
        MoreProblems { n: Count } = "more-problems",
        /// When notifications begin.
        NotificationsFrom { at: Text } = "notifications-from",
        /// What cannot be seen.
        Unseen { n: Count } = "unseen",
        /// One of these.
        UnseenThing { name: Text, why: Text } = "unseen-thing",
        /// The end of the program.
        Quit = "quit",
        /// Its config.
        OpenConfig = "open-config",
        /// Alerts again.
        ResumeAlerts = "resume-alerts",
        /// Alerts are paused until a moment.
        PausedUntil { at: Text } = "paused-until",
        /// Alerts are paused.
        Paused = "paused",
        /// Pause them.
        PauseAlerts = "pause-alerts",
        /// For so many hours.
        PauseFor { hours: Count } = "pause-for",
        /// For good.
        PauseOn = "pause-on",
        /// A folder that is muted, or to be muted.
        MuteFolder { folder: Text } = "mute-folder",

        // A problem.
        /// What has no room.
        MoreActions = "more-actions",
        /// What is known of it.
        Why = "why",
        /// Snoozed until a moment.
        SnoozedUntil { at: Text } = "snoozed-until",
        /// About a folder that is muted.
        MutedFolder { folder: Text } = "muted-folder",
        /// The last half hour.
        HalfHour { minutes: Count, memory: Text, ends: Count } = "half-hour",
        /// Memory that is not known.
        MemoryUnknown = "memory-unknown",
        /// Memory that stood still.
        MemoryOf { bytes: Bytes } = "memory-of",
        /// Memory between two values.
        MemoryFromTo { least: Bytes, most: Bytes } = "memory-from-to",
        /// Take a fix back.
        UndoFix = "undo-fix",
        /// Something that is asked first.
        Asks { title: Text } = "asks",
        /// Something about one of several processes.
        OfProcess { title: Text, pid: Count } = "of-process",
        /// A command to be copied.
        CopyCommand { command: Text } = "copy-command",

        // Servers.
        /// The section.
        ServersTitle = "servers-title",
        /// Those that have no room.
        MoreServers { n: Count } = "more-servers",
        /// One without a client.
        NoEditor = "no-editor",
        /// A folder that is not known.
        UnknownFolder = "unknown-folder",
        /// A shared server.
        SharedServer = "shared-server",
        /// A forwarder.
        Forwarder = "forwarder",
        /// A server of a coding agent.
        GoplsMcp = "gopls-mcp",
        /// A command.
        Command = "command",
        /// The telemetry process.
        Telemetry = "telemetry",
        /// Translated.
        Intel = "intel",
        /// The number of a process.
        PidIs { pid: Count } = "pid-is",
        /// Since when.
        Since { at: Text } = "since",
        /// Which of its lineage.
        Generation { n: Count } = "generation",
        /// Show the file.
        RevealBinary = "reveal-binary",
        /// Copy the number.
        CopyPid = "copy-pid",
        /// It is not restarted any more.
        LivesNone { client: Text } = "lives-none",
        /// It is restarted so many times.
        LivesMore { client: Text, n: Count } = "lives-more",
        /// It is probably not restarted any more.
        LivesProbablyNone { client: Text } = "lives-probably-none",
        /// It is restarted so many times at most.
        LivesAtMost { client: Text, n: Count } = "lives-at-most",
        /// Nobody knows how often.
        LivesUnknown { why: Text } = "lives-unknown",
        /// A client that is not known, at the beginning of a sentence.
        ItsEditor = "its-editor",
        /// A server that ended.
        PastServer { n: Count, at: Text, lived: Text, why: Text } = "past-server",
        /// How long it lived.
        PastLife { lived: Millis } = "past-life",

        // What a server uses.
        /// It does next to nothing.
        Idle = "idle",
        /// A share of a core.
        CpuPercent { n: Count } = "cpu-percent",
        /// Of these that are known at least so much.
        AtLeast { amount: Text } = "at-least",
        /// No more than so many.
        AtMost { amount: Text } = "at-most",
        /// Descriptors.
        Descriptors { amount: Text } = "descriptors",
        /// The same as a line.
        DescriptorsLine { amount: Text } = "descriptors-line",
        /// The same of a limit.
        DescriptorsOf { amount: Text, limit: Number } = "descriptors-of",
        /// What is usual.
        Usually { bytes: Bytes } = "usually",
        /// What is its own share.
        OwnShare { amount: Text } = "own-share",
        /// Memory as a line.
        MemoryLine { bytes: Bytes } = "memory-line",
        /// CPU as a line.
        CpuLine { amount: Text } = "cpu-line",
        /// Threads.
        Threads { n: Count } = "threads",
        /// The same where nobody counts them.
        ThreadsMany { amount: Text } = "threads-many",
        /// Files that it watches.
        WatchesItself { amount: Text } = "watched-by-itself",
        /// What it reads and writes.
        ReadsAndWrites { amount: Text } = "reads-and-writes",
        /// A translated program.
        Translated = "translated",
        /// The same, with the one kind of processor that its file is for.
        TranslatedOnly { slice: Text } = "translated-only",
        /// The same, with several.
        TranslatedOf { slices: Text, last: Text } = "translated-of",

        // The machine.
        /// The section.
        MachineTitle = "machine-title",
        /// The section on one row.
        MachineRow { item: Text } = "machine-row",
        /// The same with what has no room.
        MachineRowMore { item: Text, more: Count } = "machine-row-more",
        /// A server that holds something.
        HolderOf { folder: Text, who: Text, amount: Text } = "holder-of",
        /// Open files.
        OpenFiles { used: Number } = "open-files",
        /// Open files of a limit.
        OpenFilesOf { used: Number, limit: Number } = "open-files-of",
        /// File watches.
        FileWatches { used: Number } = "file-watches",
        /// File watches of a limit.
        FileWatchesOf { used: Number, limit: Number } = "file-watches-of",
        /// Memory that is available.
        ShortOfMemory { bytes: Bytes } = "short-of-memory",
        /// How much there is.
        MachineHas { bytes: Bytes } = "machine-has",
        /// Swap.
        SwapInUse { bytes: Bytes } = "swap-in-use",
        /// How long programs waited.
        WaitedForMemory { share: Text } = "waited-for-memory",
        /// The system's word.
        SystemCallsIt { level: Text } = "system-calls-it",
        /// Spotlight with its workers.
        SpotlightWorkers { n: Count } = "spotlight-workers",
        /// Spotlight with its CPU.
        SpotlightCpu { cpu: Text } = "spotlight-cpu",
        /// Both.
        SpotlightBoth { n: Count, cpu: Text } = "spotlight-both",
        /// New workers.
        NewWorkers { n: Number } = "new-workers",

        // Notifications.
        /// The no to a question.
        Cancel = "cancel",
        /// Several things.
        Digest { n: Count } = "digest",
        /// Those that are not named.
        AndMore { n: Count } = "and-more",
        /// What to do in the editor.
        RunInEditor { command: Text } = "run-in-editor",
        /// The next end is final.
        NextEndIsFinal = "next-end-is-final",
        /// A fix did not help.
        FixWasNoHelp = "fix-was-no-help",
        /// Take a fix back.
        Undo = "undo",
        /// Silence for an hour.
        SnoozeHour = "snooze-hour",
        /// The section in a drawing.
        NotificationsTitle = "notifications-title",
        /// What cannot be clicked now.
        NotNow = "not-now",
        /// What a click on a notification does.
        NoteShow = "note-show",
        /// A question where there are no buttons.
        NoteNoButtons = "note-no-buttons",
        /// A click that opens no menu.
        IconRightButton = "icon-right-button",

        // What commands print: their lines.
        /// Advice.
        HintLine { text: Text } = "hint-line",
        /// Nothing can be printed.
        OutputFailed { error: Verbatim } = "output-failed",
        /// Nothing can be printed.
        JsonFailed { error: Verbatim } = "json-failed",
        /// Nothing can be printed.
        EventJsonFailed { error: Verbatim } = "event-json-failed",
        /// A stream with a hole.
        EventsMissing { why: Text } = "events-missing",
        /// Two names.
        AndAlso { one: Text, other: Text } = "and-also",

        // What commands print: events.
        /// A moment of another day.
        MomentOf { day: Count, month: Count, year: Count, time: Verbatim } = "moment-of",
        /// A day above its lines.
        DayIs { weekday: Count, date: Verbatim } = "day-is",
        /// The begin of a line.
        EventAlerts = "event-alerts",
        /// The begin of a line.
        EventFix { receipt: Verbatim } = "event-fix",
        /// The begin of a line.
        EventNotification = "event-notification",
        /// A notification.
        NotificationWithdrawn { alert: Verbatim } = "notification-withdrawn",
        /// The begin of a line.
        EventSeen = "event-seen",
        /// The begin of a line.
        EventUnseen = "event-unseen",
        /// The begin of a line.
        EventRuns = "event-runs",
        /// The begin of a line.
        EventStarted = "event-started",
        /// The begin of a line.
        EventEnded = "event-ended",
        /// The begin of a line.
        EventOver = "event-over",
        /// The begin of a line.
        EventProblem = "event-problem",
        /// The begin of a line.
        EventAdvice = "event-advice",
        /// A server.
        SharedDaemon = "shared-daemon",
        /// Which of its lineage.
        NumberIs { n: Count } = "number-is",
        /// A server.
        TranslatedIntel = "translated-intel",
        /// What nobody knows.
        NotKnown = "not-known",
        /// An end is judged again.
        EndCounts { name: Text } = "end-counts",
        /// An end is judged again.
        EndExplained { name: Text } = "end-explained",
        /// How long it lived.
        EndAfter { lived: Millis } = "end-after",
        /// Why an end does not count.
        NoChurn { why: Text } = "no-churn",
        /// Why an incident is over.
        HoldsNoLonger = "holds-no-longer",
        /// What is not told.
        AlertsPausedUntil { until: Verbatim } = "alerts-paused-until",
        /// What is not told.
        AlertsPaused = "alerts-paused",
        /// What is not told.
        AlertsMuted { folder: Text } = "alerts-muted",
        /// What is not told.
        AlertsSnoozed { incident: Verbatim, until: Verbatim } = "alerts-snoozed",
        /// Everything is told.
        AlertsOn = "alerts-on",
        /// What is not told, as an answer.
        AlertsAre { alerts: Text } = "alerts-are",
        /// What is not told, as a line.
        AlertsLine { alerts: Text } = "alerts-line",

        // What commands print: the state.
        /// The first line.
        StatusHead { head: Text, count: Text } = "status-head",
        /// What was found.
        StatusBlind = "status-blind",
        /// What was found.
        StatusQuiet = "status-quiet",
        /// What was found.
        StatusFindings { n: Count } = "status-findings",
        /// How many.
        NoneRunning = "none-running",
        /// How many.
        SomeRunning { n: Count, memory: Bytes } = "some-running",
        /// A value that is missing.
        NotKnownFor { why: Verbatim } = "not-known-for",
        /// A value that is missing.
        MemoryNotKnown = "memory-not-known",
        /// A program for another processor.
        ArchTranslated { arch: Text } = "arch-translated",
        /// A server.
        StateAndLives { state: Verbatim, lives: Text } = "state-and-lives",
        /// Nobody knows how many.
        UnknownFor { why: Text } = "unknown-for",
        /// What is usual.
        UsualHere { what: Text } = "usual-here",
        /// What is usual.
        UsualLoad { median: Millis, spread: Millis, of: Count } = "usual-load",
        /// What is usual.
        UsualMemory { median: Bytes, spread: Bytes, of: Count } = "usual-memory",
        /// What is usual.
        UsualEnds { median: Number, spread: Number, of: Count } = "usual-ends",
        /// The section of capabilities.
        SightTitle = "sight-title",
        /// A capability.
        SightOk = "sight-ok",
        /// A capability.
        SightUnsupported = "sight-unsupported",
        /// A capability.
        SightDenied = "sight-denied",
        /// The section of bars.
        DayTitle = "day-title",
        /// The agent.
        AgentSince { version: Verbatim, pid: Count, since: Verbatim } = "agent-since",
        /// Its cost.
        CpuNotMeasured = "cpu-not-measured",
        /// Its cost.
        CpuOfCore { percent: Verbatim } = "cpu-of-core",
        /// Its files.
        HistoryIs { bytes: Bytes, parts: Count, folder: Verbatim } = "history-is",
        /// Its files.
        ConfigIs { file: Verbatim } = "config-is",
        /// Its files.
        LogIs { file: Verbatim } = "log-is",
        /// Why this is one look.
        AloneNoAgent = "alone-no-agent",
        /// Why this is one look.
        AloneNoAnswer = "alone-no-answer",
        /// Why this is one look.
        AloneBarred = "alone-barred",
        /// Why this is one look.
        LookInstead { why: Text } = "look-instead",
        /// While it is watched.
        AgentGone = "agent-gone",
        /// While it is watched.
        AgentSilent = "agent-silent",
        /// While it is watched.
        AgentAnswersAgain = "agent-answers-again",
        /// While it is listened to.
        AgentBack = "agent-back",
        /// While it is listened to.
        AgentLost { why: Text } = "agent-lost",

        // What commands print: pages.
        /// The head of a page.
        PageProblem { code: Verbatim } = "page-problem",
        /// The head of a page.
        PageAdvice { code: Verbatim } = "page-advice",
        /// A paragraph.
        PageMeans = "page-means",
        /// A paragraph.
        PageWhy = "page-why",
        /// A paragraph.
        PageSeen = "page-seen",
        /// A paragraph.
        PageHelps = "page-helps",
        /// A paragraph.
        PageFolklore = "page-folklore",
        /// No page fits.
        NoPage { word: Verbatim } = "no-page",
        /// Advice.
        NoPageHint = "no-page-hint",

        // What commands print: why.
        /// Nothing to look into.
        NoRecording = "no-recording",
        /// Advice.
        NoRecordingHint = "no-recording-hint",
        /// It is not there.
        NoIncidentIn { incident: Verbatim, place: Text } = "no-incident-in",
        /// Advice.
        NoIncidentAtAll = "no-incident-at-all",
        /// Advice.
        IncidentsAre { known: Verbatim } = "incidents-are",
        /// Advice.
        RecordingWasFull = "recording-was-full",
        /// For a page.
        HistoryHasNothing = "history-has-nothing",
        /// Where it was looked.
        TheHistory = "the-history",
        /// Where it was looked.
        LastRecordings { n: Count } = "last-recordings",
        /// Where it was looked.
        HistoryAndRecordings { recordings: Text } = "history-and-recordings",
        /// When.
        WhyOpened { at: Text } = "why-opened",
        /// When.
        BeforeKept = "before-kept",
        /// When.
        WhyClosed { at: Verbatim, because: Text } = "why-closed",
        /// A section.
        WhyReadings = "why-readings",
        /// A section.
        WhyHelps = "why-helps",
        /// What is kept no more.
        WhyGone { gone: Verbatim } = "why-gone",
        /// Where to read on.
        WhyMore { code: Verbatim } = "why-more",

        // What commands print: readings.
        /// A translated program.
        FactIntel { said: Text } = "fact-intel",
        /// A translated program.
        FactIntelHolds { said: Text, slices: Text } = "fact-intel-holds",
        /// Who.
        FactGopls { pid: Count } = "fact-gopls",
        /// Who.
        FactGoplsOf { folder: Folder, pid: Count } = "fact-gopls-of",
        /// Who.
        FactProcess { name: Name, pid: Count } = "fact-process",
        /// A value.
        FactMachine { gauge: Gauge, value: Text } = "fact-machine",
        /// A value.
        FactOf { gauge: Gauge, who: Text, value: Text } = "fact-of",
        /// A value with its limit.
        FactAllowed { value: Text, limit: Number } = "fact-allowed",
        /// A value with its limit.
        FactOfBytes { value: Text, limit: Bytes } = "fact-of-bytes",
        /// A value that moved.
        FactLess { value: Text, by: Text, ago: Millis } = "fact-less",
        /// A value that moved.
        FactMore { value: Text, by: Text, ago: Millis } = "fact-more",
        /// A reading.
        FactThresholds = "fact-thresholds",
        /// A reading.
        FactAlerts = "fact-alerts",
        /// A reading.
        FactClient { who: Text } = "fact-client",
        /// A reading.
        FactRuns { folder: Folder, pid: Count } = "fact-runs",
        /// A reading.
        FactRunsSomewhere { pid: Count } = "fact-runs-somewhere",
        /// A reading.
        FactStarted { folder: Folder, pid: Count } = "fact-started",
        /// A reading.
        FactStartedSomewhere { pid: Count } = "fact-started-somewhere",
        /// A reading.
        FactLoads { who: Text, folder: Folder } = "fact-loads",
        /// A reading.
        FactReplaced { who: Text } = "fact-replaced",
        /// A reading.
        FactDeleted { who: Text } = "fact-deleted",
        /// A reading.
        FactHeldByNobody { what: Text } = "fact-held-by-nobody",
        /// A reading.
        FactMost { what: Text, holders: Text } = "fact-most",
        /// Who holds how much.
        FactHolds { who: Text, amount: Text } = "fact-holds",
        /// What is held.
        FactFileWatches = "fact-file-watches",
        /// A reading.
        FactHangs { who: Text, on: Verbatim } = "fact-hangs",
        /// A reading.
        FactHangsOnWhat { who: Text } = "fact-hangs-on-what",
        /// A reading.
        FactHangsNoMore { who: Text } = "fact-hangs-no-more",
        /// A reading.
        FactLost { folder: Folder, how: Verbatim } = "fact-lost",
        /// A reading.
        FactHoldsBytes { who: Text, bytes: Bytes } = "fact-holds-bytes",
        /// A reading.
        FactEnded { who: Text, how: Text } = "fact-ended",
        /// A reading.
        FactEndedThus { who: Text, how: Text, detail: Text } = "fact-ended-thus",
        /// How it ended.
        FactExit { code: Count } = "fact-exit",
        /// How it ended.
        FactSignal { name: Verbatim } = "fact-signal",
        /// How it ended.
        FactHowUnknown { why: Verbatim } = "fact-how-unknown",
        /// How it ended.
        FactForSignature = "fact-for-signature",
        /// How it ended.
        FactForMemory = "fact-for-memory",
        /// How it ended.
        FactAmongKills = "fact-among-kills",
        /// How it ended.
        FactInGroup = "fact-in-group",
        /// How it ended.
        FactUnwatched = "fact-unwatched",
        /// A command of gopls.
        FactDriver { name: Name } = "fact-driver",
        /// A reading.
        FactRunsCommand { who: Text, what: Text, pid: Count } = "fact-runs-command",
        /// A reading.
        FactRunsAlone { what: Text, pid: Count } = "fact-runs-alone",
        /// A reading.
        FactWaits { pid: Count, on: Verbatim } = "fact-waits",
        /// A reading.
        FactQuiet { who: Text } = "fact-quiet",
        /// A reading.
        FactBusy { who: Text } = "fact-busy",
        /// A reading.
        FactStopped { who: Text } = "fact-stopped",
        /// A reading.
        FactOwnFix { who: Text } = "fact-own-fix",
        /// A reading.
        FactSlept { span: Millis } = "fact-slept",
        /// A reading.
        FactWake = "fact-wake",
        /// A reading.
        FactBegan = "fact-began",
        /// A reading.
        FactSnoozed { incident: Verbatim, span: Millis } = "fact-snoozed",
        /// A reading.
        FactUnsnoozed { incident: Verbatim } = "fact-unsnoozed",
        /// A reading.
        FactMuted { folder: Folder } = "fact-muted",
        /// A reading.
        FactUnmuted { folder: Folder } = "fact-unmuted",
        /// A reading.
        FactPausedFor { span: Millis } = "fact-paused-for",
        /// A reading.
        FactPaused = "fact-paused",
        /// A reading.
        FactResumed = "fact-resumed",
        /// A reading.
        FactAsked = "fact-asked",
        /// A reading.
        FactFixBegan { receipt: Verbatim, remedy: Verbatim } = "fact-fix-began",
        /// A reading.
        FactFixDone { receipt: Verbatim } = "fact-fix-done",
        /// A reading.
        FactFixNotDone { receipt: Verbatim } = "fact-fix-not-done",
        /// A reading.
        FactFixUndone { receipt: Verbatim } = "fact-fix-undone",

        // What commands print: what went wrong, and what to do.
        /// Nobody answers.
        NoAgentToAsk = "no-agent-to-ask",
        /// Advice.
        NoAgentToAskHint = "no-agent-to-ask-hint",
        /// Advice.
        AgentBusyHint = "agent-busy-hint",
        /// Advice.
        AgentBarredHint = "agent-barred-hint",
        /// It does not do it.
        AgentRefuses { why: Text } = "agent-refuses",
        /// Advice.
        AgentNoAnswerHint = "agent-no-answer-hint",
        /// Too few descriptors.
        NoLoop { error: Verbatim } = "no-loop",
        /// Advice.
        NoLoopHint = "no-loop-hint",
        /// At its start.
        AgentForeground = "agent-foreground",
        /// At its end.
        AgentEndedLate = "agent-ended-late",
        /// At its end.
        AgentEngineGone = "agent-engine-gone",
        /// Another one runs.
        AgentWaitsForOther { who: Text } = "agent-waits-for-other",
        /// Another one runs.
        AgentRuns { who: Text } = "agent-runs",
        /// Advice.
        AgentRunsHint = "agent-runs-hint",
        /// There is no home.
        NoHomeForConfig = "no-home-for-config",
        /// There is no home.
        NoHomeForHistory = "no-home-for-history",
        /// There is no home.
        NoHomeForState = "no-home-for-state",
        /// There is no home.
        NoHomeForReceipts = "no-home-for-receipts",
        /// Advice.
        SetHome = "set-home",
        /// Not as root.
        AsRoot = "as-root",
        /// Advice.
        AsRootHint = "as-root-hint",
        /// A folder is meant.
        SeveralFolders { name: Verbatim } = "several-folders",
        /// Advice.
        SeveralFoldersHint { paths: Verbatim } = "several-folders-hint",
        /// A folder is meant.
        NoFolder { name: Verbatim } = "no-folder",
        /// Advice.
        NoFolderHint = "no-folder-hint",
        /// Advice.
        FoldersAre { known: Verbatim } = "folders-are",
        /// A watch begins.
        Watching = "watching",
        /// A watch sees nothing.
        WatchWaits = "watch-waits",
        /// A watch ends.
        WatchWhyHint = "watch-why-hint",
        /// The play begins.
        DemoPlay = "demo-play",
        /// The play begins.
        DemoShortened = "demo-shortened",
        /// The play is over.
        DemoOver = "demo-over",
        /// The play is over.
        DemoMissing { missing: Verbatim } = "demo-missing",
        /// Advice.
        DemoMissingHint = "demo-missing-hint",
        /// The play cannot begin.
        DemoNoStage { error: Verbatim } = "demo-no-stage",
        /// Advice.
        DemoNoStageHint = "demo-no-stage-hint",
        /// There is none.
        NoLog { path: Verbatim } = "no-log",
        /// Advice.
        NoLogHint = "no-log-hint",
        /// It cannot be read.
        LogUnread { path: Verbatim, error: Verbatim } = "log-unread",
        /// It cannot be read.
        RecordingUnread { path: Verbatim, error: Verbatim } = "recording-unread",
        /// Advice.
        MakeRecordingHint = "make-recording-hint",
        /// It may be wrong.
        RecordingDamaged { path: Verbatim, why: Verbatim } = "recording-damaged",
        /// It cannot be judged.
        RecordingUnusable { path: Verbatim, why: Text } = "recording-unusable",
        /// It ends too early.
        RecordingBroken { path: Verbatim, why: Text } = "recording-broken",
        /// Advice.
        UpdateHint = "update-hint",
        /// Another version wrote it.
        JudgedAgain { others: Text, version: Verbatim } = "judged-again",
        /// It has no state.
        JudgedBlank { why: Text } = "judged-blank",
        /// It was cut.
        LastLineTorn = "last-line-torn",
        /// It cannot be written.
        RecordingNotMade { path: Verbatim, error: Verbatim } = "recording-not-made",
        /// It cannot be written.
        FileNotMade { path: Verbatim, error: Verbatim } = "file-not-made",
        /// Advice.
        AnotherNameHint = "another-name-hint",
        /// Advice.
        WritableFolderHint = "writable-folder-hint",
        /// It cannot be written.
        NothingRecorded { path: Verbatim, error: Verbatim } = "nothing-recorded",
        /// It cannot be written any more.
        RecordingEnds { path: Verbatim, error: Verbatim } = "recording-ends",
        /// It is as long as it may be.
        RecordingFull { path: Verbatim } = "recording-full",
        /// There is none.
        NoHistoryHint = "no-history-hint",
        /// It is written.
        Exported { n: Count, command: Verbatim } = "exported",
        /// There is nothing.
        NothingExported = "nothing-exported",
        /// Advice.
        NothingExportedHint = "nothing-exported-hint",
        /// Advice.
        HistoryReadableHint = "history-readable-hint",
        /// Advice.
        DiskFullHint = "disk-full-hint",
        /// Some of it.
        HistoryDamaged { part: Verbatim, what: Text } = "history-damaged",
        /// What applies.
        ConfigAbsentHead { file: Verbatim } = "config-absent-head",
        /// What applies.
        ConfigGoodHead { file: Verbatim } = "config-good-head",
        /// What applies.
        ConfigBrokenHead { file: Verbatim } = "config-broken-head",
        /// What applies.
        ConfigDiffers { n: Count } = "config-differs",
        /// A file is checked.
        ConfigNoFile { file: Verbatim } = "config-no-file",
        /// A file is checked.
        ConfigUnread { file: Verbatim, why: Text } = "config-unread",
        /// A file is checked.
        ConfigAbsent { file: Verbatim } = "config-absent",
        /// A file is checked.
        ConfigGood { file: Verbatim } = "config-good",
        /// Advice.
        ConfigRestHint = "config-rest-hint",
        /// Advice.
        ConfigRepairHint = "config-repair-hint",
        /// Pages.
        ManNotWritten { folder: Verbatim, error: Verbatim } = "man-not-written",
        /// A time is typed.
        NoDuration = "no-duration",
        /// A time is typed.
        NegativeDuration = "negative-duration",
        /// A time is typed.
        NoMoment = "no-moment",
        /// A time is typed.
        NoMomentOfReplay = "no-moment-of-replay",
        /// A language is typed.
        NoLanguage { known: Verbatim } = "no-language",


        // What commands print: checks.
        /// Of what is not known why.
        DoctorUnknown { why: Text } = "doctor-unknown",
        /// A line of a check.
        DoctorLine { title: Text, said: Text, check: Verbatim } = "doctor-line",
        /// Behind what is wrong.
        DoctorMatters { text: Text } = "doctor-matters",
        /// Behind what is wrong.
        DoctorHelps { text: Text } = "doctor-helps",
        /// The sum.
        DoctorOk { n: Count } = "doctor-ok",
        /// The sum.
        DoctorAdvice { n: Count } = "doctor-advice",
        /// The sum.
        DoctorNotKnown { n: Count } = "doctor-not-known",
        /// The sum.
        DoctorProblems { n: Count } = "doctor-problems",
        /// The page of a check.
        PageCheck { check: Verbatim } = "page-check",
        /// A part of it.
        PageMatters = "page-matters",
        /// Its end.
        PageDoctor = "page-doctor",

        // What commands print: fixes.
        FixNoRemedy { known: Verbatim } = "fix-no-remedy",
        FixUndoNoJson = "fix-undo-no-json",
        FixUndoNoJsonHint = "fix-undo-no-json-hint",
        FixAsksNoJson = "fix-asks-no-json",
        FixAsksNoJsonHint = "fix-asks-no-json-hint",
        FixBlind = "fix-blind",
        FixBlindHint = "fix-blind-hint",
        FixApply = "fix-apply",
        FixUndo = "fix-undo",
        FixNobodyThere = "fix-nobody-there",
        FixRiskyHint = "fix-risky-hint",
        FixSafeHint = "fix-safe-hint",
        FixNotDone = "fix-not-done",
        FixUndone { receipt: Verbatim } = "fix-undone",
        FixNoUndo = "fix-no-undo",
        FixNoUndoHint = "fix-no-undo-hint",
        FixDone = "fix-done",
        FixDoneWaits = "fix-done-waits",
        FixDoneWaitsWatched = "fix-done-waits-watched",
        FixDoneWatched { receipt: Verbatim } = "fix-done-watched",
        FixDoneUnwatched = "fix-done-unwatched",
        FixBack { receipt: Verbatim } = "fix-back",
        FixNoneOffered = "fix-none-offered",
        FixBeside = "fix-beside",
        FixReceiptUnread { receipt: Verbatim, why: Text } = "fix-receipt-unread",
        FixNothingYet = "fix-nothing-yet",
        FixUnderWay = "fix-under-way",
        FixHelped { what: Text } = "fix-helped",
        FixHelpedNot { what: Text } = "fix-helped-not",
        FixHelpedUnseen { what: Text } = "fix-helped-unseen",

        // What commands print: the login service.
        ServiceNothingToInstall = "service-nothing-to-install",
        ServiceNothingToRemove = "service-nothing-to-remove",
        ServiceNothingToDo = "service-nothing-to-do",
        ServiceDryRun = "service-dry-run",
        ServiceInstalledHint = "service-installed-hint",
        ServiceUndoHint { command: Verbatim } = "service-undo-hint",
        ServiceRenewHint = "service-renew-hint",
        ServiceRestartHint = "service-restart-hint",
        ServiceHeardEarlier { pid: Count } = "service-heard-earlier",
        ServiceHeard { pid: Count } = "service-heard",
        ServiceUnheard { seconds: Count } = "service-unheard",
        ServiceOwnFileHint = "service-own-file-hint",
        ServiceNothingChanged = "service-nothing-changed",
        ServiceEffectUnknown = "service-effect-unknown",
        ServiceSomeStays { done: Count, steps: Count } = "service-some-stays",
        ServiceWithoutBundle = "service-without-bundle",
        ServiceNotAsked { manager: Verbatim } = "service-state-not-asked",
        ServiceMute = "service-state-mute",
        ServiceRuns = "service-state-runs",
        ServiceRunsNot = "service-state-runs-not",
        ServiceLoadedMute { manager: Verbatim } = "service-state-loaded-mute",
        ServiceLoaded { manager: Verbatim } = "service-state-loaded",
        ServiceRunsOnce = "service-state-runs-once",
        ServiceAbsent = "service-state-absent",
        ServiceInPart { manager: Verbatim } = "service-state-in-part",
        ServiceFileCurrent { path: Verbatim } = "service-file-current",
        ServiceBundleCurrent { path: Verbatim } = "service-bundle-current",
        ServiceAnswers { pid: Count, version: Verbatim } = "service-answers",
        ServiceAnswersUnknown { pid: Count } = "service-answers-unknown",
        ServiceInstallHelps = "service-install-helps",
        NoThread { error: Verbatim } = "no-thread",
        FirstLookHint = "first-look-hint",

        // What a click comes to: titles and texts of notifications.
        ClickNotDone = "click-not-done",
        ClickNoThread { error: Verbatim } = "click-no-thread",
        ClickCopied = "click-copied",
        ClickCommandCopied { command: Verbatim } = "click-command-copied",
        ClickEvidenceCopied = "click-evidence-copied",
        ClickSet = "click-set",
        ClickSetWaits = "click-set-waits",
        ClickTakenBack = "click-taken-back",
        ClickAsBefore = "click-as-before",
        ClickStopped { title: Text } = "click-stopped",
        ClickNotTakenBack = "click-not-taken-back",
        ClickNothingDone = "click-nothing-done",
        ClickNotOpen = "click-not-open",
        ClickNotShown = "click-not-shown",
        ClickPageUnwritten { path: Verbatim, error: Verbatim, incident: Verbatim } = "click-page-unwritten",
        ClickInTerminal { incident: Verbatim } = "click-in-terminal",
        ClickConfigUnopened = "click-config-unopened",
        ClickConfigUnmade { path: Verbatim, error: Verbatim } = "click-config-unmade",
        ClickForYou { title: Text } = "click-for-you",
        /// What a config file begins with, line by line.
        ConfigBegins = "config-begins",

        // What was seen, for a bug report.
        EvidenceKind { code: Verbatim, incident: Verbatim } = "evidence-kind",
        EvidenceAbout { lineage: Verbatim } = "evidence-about",
        EvidenceLives { n: Count } = "evidence-lives",
        EvidenceLivesAtMost { n: Count } = "evidence-lives-at-most",
        EvidenceLivesUnknown { why: Text } = "evidence-lives-unknown",
        EvidenceCause { weight: Verbatim, cause: Text } = "evidence-cause",
        EvidenceCauseOf { weight: Verbatim, cause: Text, readings: Verbatim } = "evidence-cause-of",
        EvidenceReadings { readings: Verbatim, incident: Verbatim } = "evidence-readings",
        EvidenceHalfHour { ends: Count, memory: Text } = "evidence-half-hour",
        EvidenceNoServer = "evidence-no-server",
        EvidenceServer { pid: Count, class: Verbatim } = "evidence-server",
        EvidenceProgram { program: Text } = "evidence-program",
        EvidenceRunsAs { arch: Text } = "evidence-runs-as",
        EvidenceTranslated { arch: Text } = "evidence-translated",
        EvidenceFolder { folder: Text } = "evidence-folder",
        EvidenceClient { client: Verbatim, pid: Count } = "evidence-client",
        EvidenceClientUnknown { why: Text } = "evidence-client-unknown",
        EvidenceMemory { memory: Text } = "evidence-memory",
        EvidenceSince { since: Text, generation: Count, state: Verbatim } = "evidence-since",
        EvidencePast { generation: Count, lived: Millis, ended: Verbatim, why: Text } = "evidence-past",
        EvidencePastUnknown { generation: Count, ended: Verbatim, why: Text } = "evidence-past-unknown",
        EvidenceMachine = "evidence-machine",
        EvidenceMeasured { gauge: Text, value: Text } = "evidence-measured",
        EvidenceUnmeasured { gauge: Text, why: Text } = "evidence-unmeasured",
        EvidenceUnknown { why: Text } = "evidence-unknown",
        EvidenceNotKnown = "evidence-not-known",
        EvidenceSight = "evidence-sight",
        EvidenceCapability { name: Verbatim, state: Verbatim, said: Text } = "evidence-capability",
        EvidenceVersion { version: Verbatim } = "evidence-version",
    }
}
