//! The texts of menus, lists, labels and command output: their names and typed arguments. The texts
//! themselves are in the catalogue (`phrases.ftl`).

use goplswatch_core::message::{Bytes, Count, Folder, Millis, Name, Number, Text, Verbatim};
use goplswatch_core::{Gauge, phrases};

phrases! {
    /// A text of the catalogue with its arguments.
    pub enum Phrase {
        // The icon.
        /// The accessible label: the program's name, then these words.
        IconLabel { words: Text } = "icon-label",
        /// No scan has been made yet.
        IconLooking = "icon-looking",
        /// Processes cannot be observed.
        IconBlind = "icon-blind",
        /// Alerts are paused until this time.
        IconMutedUntil { until: Text } = "icon-muted-until",
        /// Alerts are paused until resumed.
        IconMuted = "icon-muted",
        /// The most important problem, and the number of further ones.
        IconMore { problem: Text, more: Count } = "icon-more",
        /// Nothing is wrong.
        IconQuiet { servers: Count } = "icon-quiet",
        /// All problems are snoozed or muted.
        IconSilent { problems: Count, servers: Count } = "icon-silent",
        /// No problems, but suggestions.
        IconAdvice { suggestions: Count } = "icon-advice",

        // The menu.
        /// No scan has been made yet.
        Looking = "looking",
        /// Processes cannot be observed.
        Blind = "blind",
        /// Nothing is wrong.
        AllQuiet { servers: Count } = "all-quiet",
        /// Nothing is wrong, with the total memory of the servers.
        AllQuietUsing { servers: Count, memory: Text } = "all-quiet-using",
        /// The number of servers.
        Servers { servers: Count } = "servers",
        /// The number of servers with their total memory.
        ServersUsing { servers: Count, memory: Text } = "servers-using",
        /// The submenu of problems that have no row of their own.
        MoreProblems { n: Count } = "more-problems",
        /// The end of a list that is too long for a menu.
        MoreInStatus { n: Count } = "more-in-status",
        /// When notifications begin after the warm-up.
        NotificationsFrom { at: Text } = "notifications-from",
        /// The number of capabilities that are missing.
        Unseen { n: Count } = "unseen",
        /// A missing capability and the reason.
        UnseenThing { name: Text, why: Text } = "unseen-thing",
        /// Quits the program.
        Quit = "quit",
        /// Opens the config file.
        OpenConfig = "open-config",
        /// Resumes alerts.
        ResumeAlerts = "resume-alerts",
        /// Alerts are paused until this time.
        PausedUntil { at: Text } = "paused-until",
        /// Alerts are paused until resumed.
        Paused = "paused",
        /// The submenu for pausing alerts.
        PauseAlerts = "pause-alerts",
        /// Pauses alerts for this many hours.
        PauseFor { hours: Count } = "pause-for",
        /// Pauses alerts until resumed.
        PauseOn = "pause-on",
        /// Mutes a folder, or shows that it is muted.
        MuteFolder { folder: Text } = "mute-folder",

        // A problem.
        /// The submenu of actions that have no row of their own.
        MoreActions = "more-actions",
        /// Explains the incident.
        Why = "why",
        /// The incident is snoozed until this time.
        SnoozedUntil { at: Text } = "snoozed-until",
        /// The incident is about a muted folder.
        MutedFolder { folder: Text } = "muted-folder",
        /// The trend of the last half hour in words.
        HalfHour { minutes: Count, memory: Text, ends: Count } = "half-hour",
        /// Memory is unknown.
        MemoryUnknown = "memory-unknown",
        /// Memory that stayed constant.
        MemoryOf { bytes: Bytes } = "memory-of",
        /// Memory between two values.
        MemoryFromTo { least: Bytes, most: Bytes } = "memory-from-to",
        /// Undoes a fix.
        UndoFix = "undo-fix",
        /// The title of an action that asks for confirmation first.
        Asks { title: Text } = "asks",
        /// The title of an action on one of several processes.
        OfProcess { title: Text, pid: Count } = "of-process",
        /// Copies a command.
        CopyCommand { command: Text } = "copy-command",

        // Servers.
        /// The title of the servers' section.
        ServersTitle = "servers-title",
        /// The submenu of servers that have no row of their own.
        MoreServers { n: Count } = "more-servers",
        /// A server without a client.
        NoEditor = "no-editor",
        /// An unknown folder.
        UnknownFolder = "unknown-folder",
        /// A shared server (daemon).
        SharedServer = "shared-server",
        /// A forwarder to a shared server.
        Forwarder = "forwarder",
        /// A server of a coding agent.
        GoplsMcp = "gopls-mcp",
        /// A gopls command that is not a server.
        Command = "command",
        /// The telemetry process.
        Telemetry = "telemetry",
        /// A translated server, in its row.
        Intel = "intel",
        /// The pid of a process.
        PidIs { pid: Count } = "pid-is",
        /// When the server started.
        Since { at: Text } = "since",
        /// The position of the server in its lineage.
        Generation { n: Count } = "generation",
        /// Shows the executable in the file manager.
        RevealBinary = "reveal-binary",
        /// Copies the pid.
        CopyPid = "copy-pid",
        /// The client does not restart the server after its next end.
        LivesNone { client: Text } = "lives-none",
        /// How many more times the client restarts the server.
        LivesMore { client: Text, n: Count } = "lives-more",
        /// The client probably does not restart the server after its next end.
        LivesProbablyNone { client: Text } = "lives-probably-none",
        /// How many more times at most the client restarts the server.
        LivesAtMost { client: Text, n: Count } = "lives-at-most",
        /// It is unknown how often the client restarts the server.
        LivesUnknown { why: Text } = "lives-unknown",
        /// An unknown client, at the beginning of a sentence.
        ItsEditor = "its-editor",
        /// An earlier server of the lineage, which ended.
        PastServer { n: Count, at: Text, lived: Text, why: Text } = "past-server",
        /// How long an earlier server ran.
        PastLife { lived: Millis } = "past-life",

        // What a server uses.
        /// The CPU use is negligible.
        Idle = "idle",
        /// A share of one core.
        CpuPercent { n: Count } = "cpu-percent",
        /// A sum of which some parts are unknown.
        AtLeast { amount: Text } = "at-least",
        /// An upper bound.
        AtMost { amount: Text } = "at-most",
        /// The number of open descriptors, in the row of a server.
        Descriptors { amount: Text } = "descriptors",
        /// The number of open descriptors, as a line.
        DescriptorsLine { amount: Text } = "descriptors-line",
        /// The number of open descriptors and their limit, as a line.
        DescriptorsOf { amount: Text, limit: Number } = "descriptors-of",
        /// The usual memory of servers in this folder.
        Usually { bytes: Bytes } = "usually",
        /// The share of the memory if shared pages are divided among their users (PSS).
        OwnShare { amount: Text } = "own-share",
        /// The memory, as a line.
        MemoryLine { bytes: Bytes } = "memory-line",
        /// The CPU use, as a line.
        CpuLine { amount: Text } = "cpu-line",
        /// The number of threads.
        Threads { n: Count } = "threads",
        /// A number of threads that is large or a lower bound.
        ThreadsMany { amount: Text } = "threads-many",
        /// The number of files that gopls watches itself.
        WatchesItself { amount: Text } = "watched-by-itself",
        /// The rate of I/O.
        ReadsAndWrites { amount: Text } = "reads-and-writes",
        /// The server is an Intel program that is translated.
        Translated = "translated",
        /// A translated server whose file contains this architecture only.
        TranslatedOnly { slice: Text } = "translated-only",
        /// A translated server whose file contains several architectures.
        TranslatedOf { slices: Text, last: Text } = "translated-of",

        // The machine.
        /// The title of the machine's section.
        MachineTitle = "machine-title",
        /// The section on one row, with its only item.
        MachineRow { item: Text } = "machine-row",
        /// The section on one row, with its first item and the number of the others.
        MachineRowMore { item: Text, more: Count } = "machine-row-more",
        /// A server and the number of descriptors that it holds.
        HolderOf { folder: Text, who: Text, amount: Text } = "holder-of",
        /// Open descriptors of the machine.
        OpenFiles { used: Number } = "open-files",
        /// Open descriptors of the machine and their limit.
        OpenFilesOf { used: Number, limit: Number } = "open-files-of",
        /// File watches of the user.
        FileWatches { used: Number } = "file-watches",
        /// File watches of the user and their limit.
        FileWatchesOf { used: Number, limit: Number } = "file-watches-of",
        /// The machine is short of memory.
        ShortOfMemory { bytes: Bytes } = "short-of-memory",
        /// The machine's memory.
        MachineHas { bytes: Bytes } = "machine-has",
        /// Swap in use.
        SwapInUse { bytes: Bytes } = "swap-in-use",
        /// The share of the last minute in which programs waited for memory.
        WaitedForMemory { share: Text } = "waited-for-memory",
        /// The system's own level of memory pressure.
        SystemCallsIt { level: Text } = "system-calls-it",
        /// Spotlight is busy: its number of workers.
        SpotlightWorkers { n: Count } = "spotlight-workers",
        /// Spotlight is busy: its CPU use.
        SpotlightCpu { cpu: Text } = "spotlight-cpu",
        /// Spotlight is busy: its number of workers and its CPU use.
        SpotlightBoth { n: Count, cpu: Text } = "spotlight-both",
        /// Spotlight workers started in the last minute.
        NewWorkers { n: Number } = "new-workers",

        // Notifications.
        /// The no button of a question.
        Cancel = "cancel",
        /// The title of a digest.
        Digest { n: Count } = "digest",
        /// The number of incidents that a digest does not name.
        AndMore { n: Count } = "and-more",
        /// The command to run in the editor.
        RunInEditor { command: Text } = "run-in-editor",
        /// The client will not restart the server after its next end.
        NextEndIsFinal = "next-end-is-final",
        /// A fix did not help.
        FixWasNoHelp = "fix-was-no-help",
        /// Undoes a fix, on a button.
        Undo = "undo",
        /// Snoozes for an hour, on a button.
        SnoozeHour = "snooze-hour",
        /// The title of the notifications in a text drawing.
        NotificationsTitle = "notifications-title",
        /// Marks an item that cannot be clicked now.
        NotNow = "not-now",
        /// The label for a click on a notification.
        NoteShow = "note-show",
        /// Appended to a question where notifications have no buttons.
        NoteNoButtons = "note-no-buttons",
        /// Says which mouse button opens the menu.
        IconRightButton = "icon-right-button",

        // Command output in general.
        /// A line with a hint.
        HintLine { text: Text } = "hint-line",
        /// The output cannot be written.
        OutputFailed { error: Verbatim } = "output-failed",
        /// JSON cannot be written.
        JsonFailed { error: Verbatim } = "json-failed",
        /// An event cannot be written as JSON.
        EventJsonFailed { error: Verbatim } = "event-json-failed",
        /// The event stream has a gap.
        EventsMissing { why: Text } = "events-missing",
        /// Two names joined.
        AndAlso { one: Text, other: Text } = "and-also",

        // Command output: events.
        /// A time on another day.
        MomentOf { day: Count, month: Count, year: Count, time: Verbatim } = "moment-of",
        /// A day, as a heading.
        DayIs { weekday: Count, date: Verbatim } = "day-is",
        /// The beginning of a line about alerts.
        EventAlerts = "event-alerts",
        /// The beginning of a line about a fix.
        EventFix { receipt: Verbatim } = "event-fix",
        /// The beginning of a line about a notification.
        EventNotification = "event-notification",
        /// A notification was withdrawn.
        NotificationWithdrawn { alert: Verbatim } = "notification-withdrawn",
        /// The beginning of a line about an available capability.
        EventSeen = "event-seen",
        /// The beginning of a line about a missing capability.
        EventUnseen = "event-unseen",
        /// The beginning of a line about a server that was already running.
        EventRuns = "event-runs",
        /// The beginning of a line about a server that started.
        EventStarted = "event-started",
        /// The beginning of a line about a server that ended.
        EventEnded = "event-ended",
        /// The beginning of a line about an incident that closed.
        EventOver = "event-over",
        /// The beginning of a line about a problem.
        EventProblem = "event-problem",
        /// The beginning of a line about advice.
        EventAdvice = "event-advice",
        /// Marks a shared server.
        SharedDaemon = "shared-daemon",
        /// The position of the server in its lineage.
        NumberIs { n: Count } = "number-is",
        /// Marks a translated server.
        TranslatedIntel = "translated-intel",
        /// An unknown value.
        NotKnown = "not-known",
        /// An end is reclassified: the server was restarted, so the end counts.
        EndCounts { name: Text } = "end-counts",
        /// An end is reclassified: the editor ended too, so the end is explained.
        EndExplained { name: Text } = "end-explained",
        /// How long the server ran.
        EndAfter { lived: Millis } = "end-after",
        /// Why an end does not count.
        NoChurn { why: Text } = "no-churn",
        /// The reason for closing an incident whose condition no longer holds.
        HoldsNoLonger = "holds-no-longer",
        /// Alerts are paused until this time.
        AlertsPausedUntil { until: Verbatim } = "alerts-paused-until",
        /// Alerts are paused until resumed.
        AlertsPaused = "alerts-paused",
        /// A folder is muted.
        AlertsMuted { folder: Text } = "alerts-muted",
        /// An incident is snoozed.
        AlertsSnoozed { incident: Verbatim, until: Verbatim } = "alerts-snoozed",
        /// Alerts are on.
        AlertsOn = "alerts-on",
        /// The state of alerts, as the reply to a command.
        AlertsAre { alerts: Text } = "alerts-are",
        /// The state of alerts, as a line of the status.
        AlertsLine { alerts: Text } = "alerts-line",

        // Command output: the status.
        /// The first line of the status.
        StatusHead { head: Text, count: Text } = "status-head",
        /// The process table could not be read.
        StatusBlind = "status-blind",
        /// Nothing is wrong.
        StatusQuiet = "status-quiet",
        /// Something is wrong.
        StatusFindings { n: Count } = "status-findings",
        /// No gopls is running.
        NoneRunning = "none-running",
        /// The number of running gopls processes and their memory.
        SomeRunning { n: Count, memory: Bytes } = "some-running",
        /// An unknown value with the reason.
        NotKnownFor { why: Verbatim } = "not-known-for",
        /// Memory is unknown.
        MemoryNotKnown = "memory-not-known",
        /// The architecture of a translated program.
        ArchTranslated { arch: Text } = "arch-translated",
        /// The state of a server and how many ends remain until its client gives up.
        StateAndLives { state: Verbatim, lives: Text } = "state-and-lives",
        /// An unknown number with the reason.
        UnknownFor { why: Text } = "unknown-for",
        /// The baseline of a folder.
        UsualHere { what: Text } = "usual-here",
        /// The baseline of the duration of the first load.
        UsualLoad { median: Millis, spread: Millis, of: Count } = "usual-load",
        /// The baseline of the highest memory.
        UsualMemory { median: Bytes, spread: Bytes, of: Count } = "usual-memory",
        /// The baseline of unexplained ends a day.
        UsualEnds { median: Number, spread: Number, of: Count } = "usual-ends",
        /// The title of the section of capabilities.
        SightTitle = "sight-title",
        /// A capability is available.
        SightOk = "sight-ok",
        /// A capability is unsupported.
        SightUnsupported = "sight-unsupported",
        /// A capability is denied.
        SightDenied = "sight-denied",
        /// The title of the section of bar charts.
        DayTitle = "day-title",
        /// The agent's version, pid and start time.
        AgentSince { version: Verbatim, pid: Count, since: Verbatim } = "agent-since",
        /// The agent's CPU use is not measured yet.
        CpuNotMeasured = "cpu-not-measured",
        /// The agent's CPU use.
        CpuOfCore { percent: Verbatim } = "cpu-of-core",
        /// The size and folder of the history.
        HistoryIs { bytes: Bytes, parts: Count, folder: Verbatim } = "history-is",
        /// The path of the config file.
        ConfigIs { file: Verbatim } = "config-is",
        /// The path of the log file.
        LogIs { file: Verbatim } = "log-is",
        /// The status comes from a single scan, because no agent is running.
        AloneNoAgent = "alone-no-agent",
        /// The status comes from a single scan, because the agent's reply is unusable.
        AloneNoAnswer = "alone-no-answer",
        /// The status comes from a single scan, because the agent could not be queried.
        AloneBarred = "alone-barred",
        /// The status comes from a single scan, for this reason.
        LookInstead { why: Text } = "look-instead",
        /// The live status lost the agent.
        AgentGone = "agent-gone",
        /// The live status gets no reply from the agent.
        AgentSilent = "agent-silent",
        /// The live status gets replies again.
        AgentAnswersAgain = "agent-answers-again",
        /// The event stream is connected again.
        AgentBack = "agent-back",
        /// The event stream was disconnected.
        AgentLost { why: Text } = "agent-lost",

        // Command output: pages.
        /// The heading of the page of a problem.
        PageProblem { code: Verbatim } = "page-problem",
        /// The heading of the page of a code whose severity is advice.
        PageAdvice { code: Verbatim } = "page-advice",
        /// The heading of a paragraph: what it means.
        PageMeans = "page-means",
        /// The heading of a paragraph: why it happens.
        PageWhy = "page-why",
        /// The heading of a paragraph: how it is detected.
        PageSeen = "page-seen",
        /// The heading of a paragraph: what helps.
        PageHelps = "page-helps",
        /// The heading of a paragraph: common myths.
        PageCommonMyths = "page-common-myths",
        /// There is no page on this word.
        NoPage { word: Verbatim } = "no-page",
        /// A hint: how to list the pages.
        NoPageHint = "no-page-hint",

        // Command output: `why`.
        /// There is no recording.
        NoRecording = "no-recording",
        /// A hint: how to make or name a recording.
        NoRecordingHint = "no-recording-hint",
        /// The incident is not in the sources searched.
        NoIncidentIn { incident: Verbatim, place: Text } = "no-incident-in",
        /// A hint: there are no incidents.
        NoIncidentAtAll = "no-incident-at-all",
        /// A hint: the known incidents.
        IncidentsAre { known: Verbatim } = "incidents-are",
        /// A hint: automatic recordings have a size limit.
        RecordingWasFull = "recording-was-full",
        /// The history does not contain the incident.
        HistoryHasNothing = "history-has-nothing",
        /// A source searched: the history.
        TheHistory = "the-history",
        /// A source searched: the last recordings.
        LastRecordings { n: Count } = "last-recordings",
        /// Sources searched: the history and the recordings.
        HistoryAndRecordings { recordings: Text } = "history-and-recordings",
        /// When the incident opened.
        WhyOpened { at: Text } = "why-opened",
        /// The incident opened before the retained data begins.
        BeforeKept = "before-kept",
        /// When and why the incident closed.
        WhyClosed { at: Verbatim, because: Text } = "why-closed",
        /// The heading of the observations.
        WhyReadings = "why-readings",
        /// The heading of what helps.
        WhyHelps = "why-helps",
        /// Observations that are no longer retained.
        WhyGone { gone: Verbatim } = "why-gone",
        /// Where to read more.
        WhyMore { code: Verbatim } = "why-more",

        // Command output: observations.
        /// A translated program.
        FactIntel { said: Text } = "fact-intel",
        /// A translated program with the architectures in its file.
        FactIntelHolds { said: Text, slices: Text } = "fact-intel-holds",
        /// A gopls process in an unknown folder.
        FactGopls { pid: Count } = "fact-gopls",
        /// A gopls process in a folder.
        FactGoplsOf { folder: Folder, pid: Count } = "fact-gopls-of",
        /// Any other process.
        FactProcess { name: Name, pid: Count } = "fact-process",
        /// A reading of the machine.
        FactMachine { gauge: Gauge, value: Text } = "fact-machine",
        /// A reading of a process.
        FactOf { gauge: Gauge, who: Text, value: Text } = "fact-of",
        /// A reading with its limit.
        FactAllowed { value: Text, limit: Number } = "fact-allowed",
        /// A reading in bytes with its limit.
        FactOfBytes { value: Text, limit: Bytes } = "fact-of-bytes",
        /// A reading that decreased.
        FactLess { value: Text, by: Text, ago: Millis } = "fact-less",
        /// A reading that increased.
        FactMore { value: Text, by: Text, ago: Millis } = "fact-more",
        /// The thresholds were set.
        FactThresholds = "fact-thresholds",
        /// The notification policy was set.
        FactAlerts = "fact-alerts",
        /// A process is a client of gopls.
        FactClient { who: Text } = "fact-client",
        /// gopls was already running in a folder.
        FactRuns { folder: Folder, pid: Count } = "fact-runs",
        /// gopls was already running in an unknown folder.
        FactRunsSomewhere { pid: Count } = "fact-runs-somewhere",
        /// gopls started in a folder.
        FactStarted { folder: Folder, pid: Count } = "fact-started",
        /// gopls started in an unknown folder.
        FactStartedSomewhere { pid: Count } = "fact-started-somewhere",
        /// A server loads a folder.
        FactLoads { who: Text, folder: Folder } = "fact-loads",
        /// The executable of a process was replaced.
        FactReplaced { who: Text } = "fact-replaced",
        /// The executable of a process was deleted.
        FactDeleted { who: Text } = "fact-deleted",
        /// No process was found to hold the resource.
        FactHeldByNobody { what: Text } = "fact-held-by-nobody",
        /// The processes that hold most of a resource.
        FactMost { what: Text, holders: Text } = "fact-most",
        /// A process and the amount that it holds.
        FactHolds { who: Text, amount: Text } = "fact-holds",
        /// The resource: file watches.
        FactFileWatches = "fact-file-watches",
        /// A process hangs inside the kernel on a known resource.
        FactHangs { who: Text, on: Verbatim } = "fact-hangs",
        /// A process hangs inside the kernel on an unknown resource.
        FactHangsOnWhat { who: Text } = "fact-hangs-on-what",
        /// A process hangs no more.
        FactHangsNoMore { who: Text } = "fact-hangs-no-more",
        /// File events were lost.
        FactLost { folder: Folder, how: Verbatim } = "fact-lost",
        /// The memory that a process holds.
        FactHoldsBytes { who: Text, bytes: Bytes } = "fact-holds-bytes",
        /// A process ended.
        FactEnded { who: Text, how: Text } = "fact-ended",
        /// A process ended, with a detail.
        FactEndedThus { who: Text, how: Text, detail: Text } = "fact-ended-thus",
        /// How it ended: with an exit code.
        FactExit { code: Count } = "fact-exit",
        /// How it ended: by a signal.
        FactSignal { name: Verbatim } = "fact-signal",
        /// How it ended is unknown, with the reason.
        FactHowUnknown { why: Verbatim } = "fact-how-unknown",
        /// How it ended: the system refused its code signature.
        FactForSignature = "fact-for-signature",
        /// How it ended: killed by the system for its memory.
        FactForMemory = "fact-for-memory",
        /// A detail: the system was killing processes for lack of memory at that moment.
        FactAmongKills = "fact-among-kills",
        /// A detail: a process of its control group was killed for lack of memory.
        FactInGroup = "fact-in-group",
        /// A detail: it ended while goplswatch was not running.
        FactUnwatched = "fact-unwatched",
        /// A command run by gopls: a package driver.
        FactDriver { name: Name } = "fact-driver",
        /// A server runs a command.
        FactRunsCommand { who: Text, what: Text, pid: Count } = "fact-runs-command",
        /// A command runs without its gopls.
        FactRunsAlone { what: Text, pid: Count } = "fact-runs-alone",
        /// A process waits for something.
        FactWaits { pid: Count, on: Verbatim } = "fact-waits",
        /// A process and its children are idle.
        FactQuiet { who: Text } = "fact-quiet",
        /// A process or one of its children is busy.
        FactBusy { who: Text } = "fact-busy",
        /// A process or one of its children is stopped.
        FactStopped { who: Text } = "fact-stopped",
        /// goplswatch ended a process at the user's request.
        FactOwnFix { who: Text } = "fact-own-fix",
        /// The machine was asleep.
        FactSlept { span: Millis } = "fact-slept",
        /// The engine's timer fired; nothing else had happened before.
        FactWake = "fact-wake",
        /// Monitoring began.
        FactBegan = "fact-began",
        /// The user snoozed an incident.
        FactSnoozed { incident: Verbatim, span: Millis } = "fact-snoozed",
        /// The user ended a snooze.
        FactUnsnoozed { incident: Verbatim } = "fact-unsnoozed",
        /// The user muted a folder.
        FactMuted { folder: Folder } = "fact-muted",
        /// The user unmuted a folder.
        FactUnmuted { folder: Folder } = "fact-unmuted",
        /// The user paused alerts for a time.
        FactPausedFor { span: Millis } = "fact-paused-for",
        /// The user paused alerts.
        FactPaused = "fact-paused",
        /// The user resumed alerts.
        FactResumed = "fact-resumed",
        /// The user requested a scan.
        FactAsked = "fact-asked",
        /// A fix began.
        FactFixBegan { receipt: Verbatim, remedy: Verbatim } = "fact-fix-began",
        /// A fix was completed.
        FactFixDone { receipt: Verbatim } = "fact-fix-done",
        /// A fix was not completed.
        FactFixNotDone { receipt: Verbatim } = "fact-fix-not-done",
        /// A fix was undone.
        FactFixUndone { receipt: Verbatim } = "fact-fix-undone",

        // Command output: errors and hints.
        /// No agent is running.
        NoAgentToAsk = "no-agent-to-ask",
        /// A hint: how to start an agent.
        NoAgentToAskHint = "no-agent-to-ask-hint",
        /// A hint: the agent is stopped or overloaded.
        AgentBusyHint = "agent-busy-hint",
        /// A hint: check the owner of the agent's socket and folder.
        AgentBarredHint = "agent-barred-hint",
        /// The agent refused a request.
        AgentRefuses { why: Text } = "agent-refuses",
        /// A hint: restart the agent.
        AgentNoAnswerHint = "agent-no-answer-hint",
        /// The event loop cannot be started.
        NoLoop { error: Verbatim } = "no-loop",
        /// A hint: the limit of open files may be too low.
        NoLoopHint = "no-loop-hint",
        /// The agent starts in the foreground.
        AgentForeground = "agent-foreground",
        /// The agent did not shut down in time.
        AgentEndedLate = "agent-ended-late",
        /// The agent's engine has ended unexpectedly.
        AgentEngineGone = "agent-engine-gone",
        /// Another agent runs; this one waits for its end.
        AgentWaitsForOther { who: Text } = "agent-waits-for-other",
        /// Another agent runs; this one ends.
        AgentRuns { who: Text } = "agent-runs",
        /// A hint: how to query the running agent.
        AgentRunsHint = "agent-runs-hint",
        /// Without a home folder there is no config file.
        NoHomeForConfig = "no-home-for-config",
        /// Without a home folder there is no history.
        NoHomeForHistory = "no-home-for-history",
        /// Without a home folder no state is kept.
        NoHomeForState = "no-home-for-state",
        /// Without a home folder there are no receipts, so no fix is applied.
        NoHomeForReceipts = "no-home-for-receipts",
        /// A hint: set HOME.
        SetHome = "set-home",
        /// The command must not run as root.
        AsRoot = "as-root",
        /// A hint: run it without sudo.
        AsRootHint = "as-root-hint",
        /// A folder's name is ambiguous.
        SeveralFolders { name: Verbatim } = "several-folders",
        /// A hint: the paths of these folders.
        SeveralFoldersHint { paths: Verbatim } = "several-folders-hint",
        /// A folder is unknown.
        NoFolder { name: Verbatim } = "no-folder",
        /// A hint: use the path.
        NoFolderHint = "no-folder-hint",
        /// A hint: the known folders.
        FoldersAre { known: Verbatim } = "folders-are",
        /// `watch` begins.
        Watching = "watching",
        /// `watch` waits for the first gopls.
        WatchWaits = "watch-waits",
        /// A hint at the end of `watch`: how to see the observations behind an incident.
        WatchWhyHint = "watch-why-hint",
        /// `demo` begins: what it simulates.
        DemoPlay = "demo-play",
        /// `demo` begins: its waits are shortened.
        DemoShortened = "demo-shortened",
        /// `demo` ends.
        DemoOver = "demo-over",
        /// `demo` ends: the expected incidents that did not occur.
        DemoMissing { missing: Verbatim } = "demo-missing",
        /// A hint: how to find out why.
        DemoMissingHint = "demo-missing-hint",
        /// `demo` cannot set up its files.
        DemoNoStage { error: Verbatim } = "demo-no-stage",
        /// A hint: set TMPDIR.
        DemoNoStageHint = "demo-no-stage-hint",
        /// There is no log file.
        NoLog { path: Verbatim } = "no-log",
        /// A hint: the agent writes it.
        NoLogHint = "no-log-hint",
        /// The log file cannot be read.
        LogUnread { path: Verbatim, error: Text } = "log-unread",
        /// A recording cannot be read.
        RecordingUnread { path: Verbatim, error: Verbatim } = "recording-unread",
        /// A hint: how to make a recording.
        MakeRecordingHint = "make-recording-hint",
        /// A recording is damaged and may be wrong.
        RecordingDamaged { path: Verbatim, why: Text } = "recording-damaged",
        /// A recording cannot be replayed.
        RecordingUnusable { path: Verbatim, why: Text } = "recording-unusable",
        /// A recording is damaged and ends early.
        RecordingBroken { path: Verbatim, why: Text } = "recording-broken",
        /// A hint: update goplswatch.
        UpdateHint = "update-hint",
        /// Another version wrote the recording, so verdicts may differ.
        JudgedAgain { others: Text, version: Verbatim } = "judged-again",
        /// The recording's initial state cannot be read, so verdicts may differ.
        JudgedBlank { why: Text } = "judged-blank",
        /// The last line of the recording is incomplete and was dropped.
        LastLineTorn = "last-line-torn",
        /// A recording cannot be created.
        RecordingNotMade { path: Verbatim, error: Verbatim } = "recording-not-made",
        /// A file cannot be created.
        FileNotMade { path: Verbatim, error: Verbatim } = "file-not-made",
        /// A hint: choose another name.
        AnotherNameHint = "another-name-hint",
        /// A hint: name a writable folder.
        WritableFolderHint = "writable-folder-hint",
        /// The automatic recording of `watch` cannot be created.
        NothingRecorded { path: Verbatim, error: Verbatim } = "nothing-recorded",
        /// A recording can no longer be written.
        RecordingEnds { path: Verbatim, error: Verbatim } = "recording-ends",
        /// A recording has reached its maximum size.
        RecordingFull { path: Verbatim } = "recording-full",
        /// A hint: there is no history.
        NoHistoryHint = "no-history-hint",
        /// The history was exported.
        Exported { n: Count, command: Verbatim } = "exported",
        /// There is nothing to export.
        NothingExported = "nothing-exported",
        /// A hint: the agent writes the history.
        NothingExportedHint = "nothing-exported-hint",
        /// A hint: the folder must be readable.
        HistoryReadableHint = "history-readable-hint",
        /// A hint: the disk may be full.
        DiskFullHint = "disk-full-hint",
        /// A part of the history is damaged.
        HistoryDamaged { part: Verbatim, what: Text } = "history-damaged",
        /// `config show`: there is no file, so the defaults apply.
        ConfigAbsentHead { file: Verbatim } = "config-absent-head",
        /// `config show`: the file applies.
        ConfigGoodHead { file: Verbatim } = "config-good-head",
        /// `config show`: the file does not apply, so the defaults do.
        ConfigBrokenHead { file: Verbatim } = "config-broken-head",
        /// `config show`: the number of values that differ from their defaults.
        ConfigDiffers { n: Count } = "config-differs",
        /// `config check`: a named file does not exist.
        ConfigNoFile { file: Verbatim } = "config-no-file",
        /// `config check`: a file cannot be read.
        ConfigUnread { file: Verbatim, why: Text } = "config-unread",
        /// `config check`: there is no file, so the defaults apply.
        ConfigAbsent { file: Verbatim } = "config-absent",
        /// `config check`: the file is valid.
        ConfigGood { file: Verbatim } = "config-good",
        /// A hint: the rest of the file applies.
        ConfigRestHint = "config-rest-hint",
        /// A hint: the file does not apply until it is repaired.
        ConfigRepairHint = "config-repair-hint",
        /// The manual pages cannot be written.
        ManNotWritten { folder: Verbatim, error: Verbatim } = "man-not-written",
        /// The syntax of a duration.
        NoDuration = "no-duration",
        /// A duration is negative.
        NegativeDuration = "negative-duration",
        /// The syntax of a time.
        NoMoment = "no-moment",
        /// The syntax of a time in a replay.
        NoMomentOfReplay = "no-moment-of-replay",
        /// A language is not available.
        NoLanguage { known: Verbatim } = "no-language",


        // Command output: checks.
        /// The outcome of a check is unknown, with the reason.
        DoctorUnknown { why: Text } = "doctor-unknown",
        /// The line of a check.
        DoctorLine { title: Text, said: Text, check: Verbatim } = "doctor-line",
        /// Why a failed check matters.
        DoctorMatters { text: Text } = "doctor-matters",
        /// What helps with a failed check.
        DoctorHelps { text: Text } = "doctor-helps",
        /// The summary: checks that passed.
        DoctorOk { n: Count } = "doctor-ok",
        /// The summary: suggestions.
        DoctorAdvice { n: Count } = "doctor-advice",
        /// The summary: unknown outcomes.
        DoctorNotKnown { n: Count } = "doctor-not-known",
        /// The summary: problems.
        DoctorProblems { n: Count } = "doctor-problems",
        /// The heading of the page of a check.
        PageCheck { check: Verbatim } = "page-check",
        /// The heading of a paragraph: why it matters.
        PageMatters = "page-matters",
        /// The last line of the page of a check.
        PageDoctor = "page-doctor",

        // Command output: fixes.
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

        // Command output: the login service.
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

        // Outcomes of clicks: titles and texts of notifications.
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
        /// The comment at the beginning of a new config file.
        ConfigBegins = "config-begins",

        // Evidence for a bug report.
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
