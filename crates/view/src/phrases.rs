//! What this crate says of its own: the words of menus, lists and labels. Their sentences stand in the catalogue.

use goplswatch_core::message::{Bytes, Count, Millis, Number, Text};
use goplswatch_core::phrases;

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
    }
}
