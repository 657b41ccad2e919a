//! Every message, by area: its name, its arguments, and when it is used.
//!
//! They are one enum, which one macro makes, and therefore one file: an enum cannot be declared in
//! parts, and an enum for each area would be a second way to name a message, and a second level in
//! everything that holds one. How a message is put into a sentence or into JSON is in the files
//! beside this one.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::args::{
    About, Arg, Argument, Bytes, Client, Cores, Count, Folder, Localizable, Location, Measured, Millis, Name, Number,
    OfCode, Process, Times, Title, UndoOf, Verbatim,
};
use crate::code::Code;
use crate::gauge::Gauge;
use crate::remedy::{Remedy, RemedyClass};

/// A message within another one. It is shared, because what is said about an end is repeated by
/// everything that follows from it.
pub type SharedMessage = Arc<Message>;

/// An optional message within another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalMessage(pub Option<SharedMessage>);

impl From<Option<Message>> for OptionalMessage {
    fn from(message: Option<Message>) -> Self {
        Self(message.map(SharedMessage::new))
    }
}

impl Localizable for SharedMessage {
    fn name(&self) -> &'static str {
        Message::name(self)
    }

    fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, Arg<'a>)) {
        Message::each_arg(self, give);
    }
}

impl Argument for OptionalMessage {
    fn arg(&self) -> Arg<'_> {
        Arg::Message(self.0.as_deref().map(|message| message as &dyn Localizable))
    }

    fn read(value: Value) -> Option<Self> {
        Option::<SharedMessage>::read(value).map(Self)
    }
}

impl Argument for SharedMessage {
    fn arg(&self) -> Arg<'_> {
        Arg::Message(Some(&**self))
    }

    fn read(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok().map(Self::new)
    }
}

messages! {
    /// What the engine says, and what is said about changes.
    pub enum Message {
        /// A text that another version wrote, in English, kept as it is.
        Recorded { text: Verbatim } = "recorded",
        /// Text that is in no catalogue: from the system, from a tool, or about a reading that
        /// failed.
        Reported { words: Verbatim } = "reported",
        /// The text of the table of codes on what helps.
        Help { code: Code } = "help",
        /// A text of the table of codes about a code.
        OfCode { words: OfCode } = "of-code",
        /// The text of the table of remedies on what a remedy does.
        Deed { remedy: Remedy } = "deed",
        /// The title of a code.
        Titled { title: Title } = "titled",

        // How a process ended.
        /// An exit code.
        ExitCode { code: Count } = "exit-code",
        /// A signal.
        BySignal { signal: Verbatim } = "by-signal",
        /// The exit status could not be obtained.
        StatusUnknown { why: SharedMessage } = "status-unknown",
        /// Ended by a fix of goplswatch.
        EndByOwnFix { how: SharedMessage } = "end-by-own-fix",
        /// Ended by the system, because of the process's own memory.
        EndForMemory { how: SharedMessage } = "end-for-memory",
        /// Ended by the kernel, because its control group had used up its memory.
        EndForGroupMemory { how: SharedMessage } = "end-for-group-memory",
        /// Ended while the system was ending processes for lack of memory.
        EndAmongKills { how: SharedMessage } = "end-among-kills",
        /// Exit 0.
        EndClean = "end-clean",
        /// A signal that indicates a fault of the process itself.
        EndFatalSignal { signal: Verbatim } = "end-fatal-signal",
        /// Exit 2 some time after the start: a Go panic or fatal error.
        EndPanic = "end-panic",
        /// It ended together with its client.
        EndWithClient { how: SharedMessage } = "end-with-client",
        /// It ended after its executable had been replaced.
        EndAfterReplacement { how: SharedMessage } = "end-after-replacement",
        /// Ended because of its code signature.
        EndForSignature { how: SharedMessage } = "end-for-signature",
        /// SIGKILL under memory pressure.
        EndUnderPressure { how: SharedMessage } = "end-under-pressure",
        /// A signal of unknown origin.
        EndBySignal { how: SharedMessage } = "end-by-signal",
        /// Exit 1.
        EndExitOne = "end-exit-one",
        /// Exit 2 of a forwarder.
        EndForwarder = "end-forwarder",
        /// Exit 2 right after the start.
        EndEarly = "end-early",
        /// Its client ended right after it.
        EndBeforeClient { why: SharedMessage } = "end-before-client",

        // Why an end is no instability.
        /// It was a one-shot command.
        NoChurnOneShot = "no-churn-one-shot",
        /// It was the telemetry process.
        NoChurnSidecar = "no-churn-sidecar",
        /// It was a forwarder.
        NoChurnForwarder = "no-churn-forwarder",
        /// It was a server for a coding agent.
        NoChurnMcp = "no-churn-mcp",
        /// It was a daemon that exited because it was idle.
        NoChurnDaemonIdle = "no-churn-daemon-idle",
        /// It was a shared daemon.
        NoChurnDaemon = "no-churn-daemon",
        /// Its client ended.
        NoChurnClientEnded = "no-churn-client-ended",
        /// It has no client.
        NoChurnNoClient = "no-churn-no-client",
        /// A fix of goplswatch ended it.
        NoChurnOwnFix = "no-churn-own-fix",
        /// Its executable was replaced.
        NoChurnReplaced = "no-churn-replaced",
        /// Exit 0.
        NoChurnClean = "no-churn-clean",
        /// The machine slept or woke up.
        NoChurnSlept = "no-churn-slept",
        /// The cause is unknown; it counts if a successor follows.
        NoChurnUnknown = "no-churn-unknown",
        /// It was not monitored when it ended.
        NoChurnUnwatched = "no-churn-unwatched",

        // Restart loops and servers that are gone.
        /// Several unexplained ends.
        Loop { folder: Folder, times: Times, span: Millis, how: SharedMessage } = "loop",
        /// Several unexplained ends in an unknown folder.
        LoopSomewhere { times: Count, span: Millis, how: SharedMessage } = "loop-somewhere",
        /// One more end while the lineage was recovering.
        LoopAgain { place: Location, lived: OptionalMessage, how: SharedMessage } = "loop-again",
        /// How long it had lived, within a sentence.
        AfterLife { lived: Millis } = "after-life",
        /// How long it had lived, after a comma.
        AfterLifeComma { lived: Millis } = "after-life-comma",
        /// All ends were of the same kind.
        EachTime { how: SharedMessage } = "each-time",
        /// Most ends were of the same kind.
        MostTimes { some: Count, of: Count, how: SharedMessage } = "most-times",
        /// The cause of the ends is not known.
        CauseUnknown = "cause-unknown",
        /// The next end is final.
        LastLife { client: Client, times: Times, place: Location, how: Option<SharedMessage> } = "last-life",
        /// A crash.
        Crashed { lived: OptionalMessage, place: Location, how: SharedMessage } = "crashed",
        /// It was ended by SIGKILL, once or several times.
        Killed { times: Count, place: Location, how: SharedMessage } = "killed",
        /// It was ended for lack of memory.
        KilledForMemory { place: Location, how: SharedMessage, held: Option<Bytes> } = "killed-for-memory",
        /// Its client never restarts it.
        GoneForGood { place: Location, how: SharedMessage, client: Client } = "gone-for-good",
        /// It has ended, and its client has not restarted it yet.
        GoneSoFar { place: Location, how: SharedMessage, client: Client, waited: Millis } = "gone-so-far",
        /// Its client has used up its restarts.
        GaveUp { place: Location, times: Times, client: Client } = "gave-up",
        /// Its client does not retry after an early end.
        GaveUpAfterShortLife { place: Location, how: SharedMessage, client: Client } = "gave-up-after-short-life",
        /// It ended shortly after its start, probably during `initialize`, which its client does
        /// not retry.
        GaveUpAtStart { place: Location, lived: SharedMessage, how: SharedMessage, client: Client } = "gave-up-at-start",
        /// A time after the start, for use in [`Self::GaveUpAtStart`].
        SoLong { lived: Millis } = "so-long",
        /// Right after the start, for use in [`Self::GaveUpAtStart`].
        AtOnce = "at-once",
        /// Its client, which allows a limited number of restarts, has not restarted it.
        GaveUpProbably { place: Location, how: SharedMessage, client: Client, waited: Millis } = "gave-up-probably",
        /// It has been running again for a while.
        Recovering { place: Location, lived: Millis } = "recovering",

        // Servers and package loads.
        /// Several servers on one folder.
        Crowd { client: Client, servers: Count, place: Location, bytes: Bytes, saved: Bytes } = "crowd",
        /// Several servers on one folder whose memory is not known.
        CrowdUnmeasured { client: Client, servers: Count, place: Location } = "crowd-unmeasured",
        /// The executable of a running server was replaced.
        FileReplaced { place: Location } = "file-replaced",
        /// The executable of a running server was deleted.
        FileDeleted { place: Location } = "file-deleted",
        /// A `go list` that has been working for long.
        SlowGoList { label: Verbatim, place: Location, age: Millis, usual: Option<Millis> } = "slow-go-list",
        /// A package driver that has been working for long.
        SlowDriver { label: Verbatim, place: Location, age: Millis, usual: Option<Millis> } = "slow-driver",
        /// A `go list` that does nothing.
        StuckGoList { label: Verbatim, place: Location, age: Millis, waits: SharedMessage } = "stuck-go-list",
        /// A package driver that does nothing.
        StuckDriver { label: Verbatim, place: Location, age: Millis, waits: SharedMessage } = "stuck-driver",
        /// What it waits for, as a sentence.
        WaitsFor { what: SharedMessage } = "waits-for",
        /// It is not known what it waits for.
        WaitsUnknown = "waits-unknown",
        /// A child that loads packages outlived its server.
        LeftOver { label: Process, place: Location } = "left-over",

        // Pressure on memory, descriptors and other resources.
        /// How many descriptors a server holds.
        HoldsDescriptors { who: Process, count: Measured, place: Location, share: OptionalMessage, more: Option<SharedMessage> } = "holds-descriptors",
        /// The same, where only an upper bound is known.
        HoldsDescriptorsAtMost { who: Process, count: Measured, place: Location, share: OptionalMessage, more: Option<SharedMessage> } = "holds-descriptors-at-most",
        /// Share of what the process may have.
        ShareOfOwn { percent: Count } = "share-of-own",
        /// Share of what the machine may have.
        ShareOfMachine { percent: Count } = "share-of-machine",
        /// Both shares.
        ShareOfBoth { own: Count, machine: Count } = "share-of-both",
        /// How many more descriptors it takes per minute.
        TakesMore { rate: Number } = "takes-more",
        /// The same, when hardly any descriptors are left.
        TakesTheLast { rate: Number } = "takes-the-last",
        /// The same, with the time until none is left.
        TakesUntil { rate: Number, left: About } = "takes-until",
        /// A server that watches files itself.
        WatchesItself { who: Process, count: Measured, place: Location } = "watches-itself",
        /// How much memory a server uses.
        UsesMemory { who: Process, bytes: Bytes, place: Location, ahead: OptionalMessage } = "uses-memory",
        /// How fast its memory grows, and the time until memory runs out.
        GrowsUntil { rate: Bytes, left: About } = "grows-until",
        /// The same, when memory is about to run out.
        GrowsToTheEnd { rate: Bytes } = "grows-to-the-end",
        /// A server that is busy without loading anything.
        UsesCpu { who: Process, cpu: Cores, place: Location, span: Millis } = "uses-cpu",
        /// A server that is blocked inside the kernel.
        StuckInKernel { who: Process, place: Location, span: Millis, waits: SharedMessage } = "stuck-in-kernel",
        /// How much of the machine's open files or of a user's file watches is used.
        UsedUp { count: Number, what: Gauge, percent: Count, limit: Number, holder: OptionalMessage } = "used-up",
        /// The process that holds most of them.
        HeldBy { who: Process, amount: Measured } = "held-by",
        /// The memory pressure as the system reports it.
        PressureLevel { level: Measured, available: OptionalMessage } = "pressure-level-told",
        /// How long programs waited for memory.
        PressureStall { share: Measured, available: OptionalMessage } = "pressure-stall-told",
        /// How much memory is still available.
        StillAvailable { bytes: Bytes } = "still-available",
        /// Spotlight was busy while gopls ran.
        IndexingBeside { doing: SharedMessage } = "indexing-beside",
        /// Spotlight was busy while gopls loaded packages.
        IndexingDuringLoad { doing: SharedMessage } = "indexing-during-load",
        /// Spotlight started new workers.
        IndexerWorkers { births: Number } = "indexer-started-workers",
        /// Spotlight used CPU.
        IndexerCpu { cpu: Cores } = "indexer-used-cpu",
        /// Spotlight did both.
        IndexerBoth { births: Number, cpu: Cores } = "indexer-did-both",
        /// The system lost file events.
        EventsLost { place: Location, how: OptionalMessage } = "events-lost",
        /// Details, after a colon.
        Namely { what: SharedMessage } = "namely",
        /// A server runs translated (Rosetta).
        ServerTranslated { who: Process, place: Location, why: SharedMessage } = "server-translated",
        /// Its executable also contains native code.
        FileHoldsNative = "file-holds-native",
        /// Its executable contains no native code.
        FileHoldsNoNative = "file-holds-no-native",
        /// It is not known what its executable contains.
        FileHoldsUnknown = "file-holds-unknown",
        /// The go command of a server ran translated (Rosetta).
        ToolchainTranslated { label: Verbatim, who: Process, place: Location } = "toolchain-translated",
        /// A client runs translated (Rosetta).
        ClientTranslated { who: Process } = "client-translated-told",

        // Whether fixes helped.
        /// It ended again.
        EndedAgain { place: Location, later: Millis } = "ended-again",
        /// The same problem occurred again.
        TroubleAgain { later: Millis, title: Title } = "trouble-again",
        /// Another problem occurred.
        TroubleNew { later: Millis, title: Title } = "trouble-new",
        /// The fix takes effect at the next start of gopls, which has not happened.
        AwaitsStart { place: Location, waited: Millis } = "awaits-start",
        /// The process that was to be ended still runs.
        StillRuns { pid: Count, later: Millis } = "still-runs",
        /// The incident is still open.
        StillSo { place: Location, later: Millis, title: Title } = "still-so",
        /// The fix was for no open problem.
        ForNoProblem { place: Location, waited: Millis } = "for-no-problem",
        /// gopls has not ended again.
        NoEndSince { place: Location, waited: Millis } = "no-end-since",
        /// The problem has not come back.
        NotComeBack { place: Location, waited: Millis } = "not-come-back",
        /// Monitoring was interrupted.
        FixUnwatched = "fix-unwatched",
        /// The machine was rebooted.
        FixRebooted = "fix-rebooted",
        /// Another fix followed.
        FixFollowed = "fix-followed",
        /// Too many other fixes followed.
        FixCrowdedOut = "fix-crowded-out",
        /// Not every step of the fix was done.
        FixNotWhole = "fix-not-whole",
        /// The editor ended.
        FixEditorEnded = "fix-editor-ended",

        // Why an incident is over.
        /// gopls has not ended for this long.
        OverNoEnd { span: Millis } = "over-no-end",
        /// gopls has been running for this long.
        OverRunning { span: Millis } = "over-running",
        /// gopls is running again.
        OverRunsAgain = "over-runs-again",
        /// The client's restart counter has room again.
        OverCountHasRoom = "over-count-has-room",
        /// gopls is no longer restarted.
        OverNotRestarted = "over-not-restarted",
        /// No gopls runs there any more.
        OverNothingRuns = "over-nothing-runs",
        /// No gopls has run there since.
        OverNothingSince = "over-nothing-since",
        /// The server ended.
        OverServerEnded = "over-server-ended",
        /// The client ended.
        OverClientEnded = "over-client-ended",
        /// There are fewer servers, or they use less memory.
        OverFewerServers = "over-fewer-servers",
        /// The machine was rebooted.
        OverRebooted = "over-rebooted",
        /// The load ended.
        OverLoadEnded = "over-load-ended",
        /// The server of the load ended.
        OverLoadLost = "over-load-lost",
        /// The load is active again.
        OverLoadMoves = "over-load-moves",
        /// A process of the load was stopped.
        OverLoadStopped = "over-load-stopped",
        /// A slow load is no longer active.
        OverLoadStands = "over-load-stands",
        /// The server holds fewer descriptors.
        OverFewerHeld = "over-fewer-held",
        /// Fewer files are open.
        OverFewerFiles = "over-fewer-files",
        /// Fewer file watches are in use.
        OverFewerWatches = "over-fewer-watches",
        /// The server watches fewer files.
        OverWatchesFewer = "over-watches-fewer",
        /// Its memory no longer grows.
        OverGrowsNoMore = "over-grows-no-more",
        /// The server is less busy, or loads packages.
        OverLessBusyOrLoads = "over-less-busy-or-loads",
        /// The server is no longer blocked.
        OverWaitsNoMore = "over-waits-no-more",
        /// Spotlight is less busy.
        OverLessBusy = "over-less-busy",
        /// No file events were lost for a while.
        OverNoneLost = "over-none-lost",
        /// More memory is available again.
        OverMemoryAgain = "over-memory-again",
        /// The go command now runs natively.
        OverNativeNow = "over-native-now",
        /// The fix was undone.
        OverUndone = "over-undone",
        /// It was reported for long enough.
        OverToldEnough = "over-told-enough",
        /// Too many others followed.
        OverCrowdedOut = "over-crowded-out",

        // Causes, as fragments.
        /// The system ended it for lack of memory.
        CauseMemory { share: OptionalMessage, held: OptionalMessage } = "cause-memory",
        /// The memory limit of its control group.
        CauseGroupLimit { share: OptionalMessage, held: OptionalMessage } = "cause-group-limit",
        /// The memory that it held when it ended.
        HeldAtLast { bytes: Bytes } = "held-at-last",
        /// The system refused its code signature.
        CauseSignature { share: OptionalMessage } = "cause-signature",
        /// A crash with an exit code.
        CauseCrashExit { code: Count, share: OptionalMessage } = "cause-crash-exit",
        /// A crash by a signal.
        CauseCrashSignal { share: OptionalMessage } = "cause-crash-signal",
        /// In each of several cases.
        ShareEach = "share-each",
        /// In some of several cases.
        ShareSome { some: Count, all: Count } = "share-some",
        /// More memory than is usual there.
        CauseUnusualMemory { bytes: Bytes, usual: Bytes } = "cause-unusual-memory",
        /// What a load waits for.
        CauseWaits { what: SharedMessage } = "cause-waits",
        /// Several servers run on one folder.
        CauseCrowd { servers: Count, bytes: Bytes } = "cause-crowd",
        /// Several servers run on one folder, as reported by their incident.
        CauseSeveral = "cause-several",
        /// No descriptors are left.
        CauseOutOfDescriptors { numbers: OptionalMessage } = "cause-out-of-descriptors",
        /// It has very many open descriptors.
        CauseManyDescriptors { numbers: OptionalMessage } = "cause-many-descriptors",
        /// A count, in parentheses.
        InNumbers { count: Number } = "in-numbers",
        /// A count and its limit, in parentheses.
        InNumbersOf { count: Number, limit: Number } = "in-numbers-of",
        /// The value of a gauge, in parentheses.
        InMeasure { value: Measured } = "in-measure",
        /// A number of bytes, in parentheses.
        InBytes { bytes: Bytes } = "in-bytes",
        /// It watches files itself.
        CauseWatches { value: OptionalMessage } = "cause-watches",
        /// Its memory kept growing.
        CauseGrowth { bytes: OptionalMessage } = "cause-growth",
        /// It was busy.
        CauseBusy { value: OptionalMessage } = "cause-busy",
        /// It waited for a disk.
        CauseDisk = "cause-disk",
        /// It runs translated (Rosetta).
        CauseTranslated = "cause-translated",
        /// Its go command runs translated (Rosetta).
        CauseTranslatedToolchain = "cause-translated-toolchain",
        /// The machine was running out of open files.
        CauseFileTable { numbers: OptionalMessage } = "cause-file-table",
        /// The user's file watches were nearly used up.
        CauseWatchLimit { numbers: OptionalMessage } = "cause-watch-limit",
        /// The machine was short of memory.
        CauseMachineMemory { detail: OptionalMessage } = "cause-machine-memory",
        /// The memory pressure as the system reports it, in parentheses.
        InPressure { level: Measured } = "in-pressure",
        /// How long programs waited for memory, in parentheses.
        InStall { share: Measured } = "in-stall",
        /// Spotlight was busy.
        CauseSpotlight { detail: OptionalMessage } = "cause-spotlight",
        /// The new workers of Spotlight, in parentheses.
        InWorkers { births: Measured } = "in-workers",
        /// A leftover `go list` still runs.
        CauseLeftOver { pid: Count } = "cause-left-over",
        /// The system ended it for lack of memory, as reported by its incident.
        CauseEndedForMemory = "cause-ended-for-memory",

        // What can be done.
        /// Run the client's own command.
        RunInClient { client: Name, command: Verbatim, before: OptionalMessage } = "run-in-client",
        /// What older versions of the client take instead.
        TypedBefore { version: Verbatim, command: Verbatim } = "typed-before",
        /// Ask a server to end (SIGTERM).
        AsksToEnd { who: Process, cost: SharedMessage } = "asks-to-end",
        /// End a server by force (SIGKILL).
        EndsByForce { who: Process, waited: Millis, cost: SharedMessage } = "ends-by-force",
        /// End a leftover child that loads packages.
        EndsLeftOver { who: Process } = "ends-left-over",
        /// Nothing waits for the result of the leftover child.
        NobodyWaits = "nobody-waits",
        /// Make a server write its goroutine stacks, which ends it.
        WritesDump { who: Process, log: Client, cost: SharedMessage } = "writes-dump",
        /// Ask one of several servers on a folder to end.
        StopsDuplicate { who: Process, client: Name, other: Process, folder: Folder } = "stops-duplicate",
        /// Show a folder.
        ShowsFolder { folder: Folder } = "shows-folder",
        /// Send no notifications about a folder.
        MutesFolder { folder: Folder } = "mutes-folder",
        /// The cost of an end: the coding agent has no server until it starts another one.
        CostMcp { client: Name } = "cost-mcp",
        /// The cost of an end: none, since the client restarts the server.
        CostNothing { client: Name } = "cost-nothing",
        /// The cost of an end: a restart, with the number of restarts that are left after it.
        CostLife { client: Name, left: Count } = "cost-life",
        /// The cost of an end: the client has used up its restarts.
        CostNoneLeft { client: Name } = "cost-none-left",
        /// The cost of an end: the client takes it for a failed start and does not restart the
        /// server.
        CostTooSoon { client: Name } = "cost-too-soon",
        /// The cost of an end: the client never restarts the server.
        CostNeverRestarts { client: Name } = "cost-never-restarts",
        /// The cost of an end is not known.
        CostUnknown { client: Name } = "cost-unknown",
        /// The cost of an end is not known, because the server has no client.
        CostWithoutClient = "cost-without-client",
        /// A setting that turns off the file watcher of gopls.
        SetsWatcherOff { client: Name } = "sets-watcher-off",
        /// A setting that makes gopls poll for changed files.
        SetsPolling { client: Name } = "sets-polling",
        /// A setting that excludes folders.
        SetsFilters { client: Name } = "sets-filters",
        /// A setting that limits memory.
        SetsMemoryLimit { client: Name } = "sets-memory-limit",
        /// A shared server instead of several.
        SharesServer { servers: Count, bytes: Bytes, client: Name } = "shares-server",
        /// A command that needs root raises a limit.
        RaisesLimit { command: Verbatim, limit: Count, setting: Verbatim } = "raises-limit",

        // What this machine allows us to see, and why something is not known: the process table.
        /// The self-test succeeded: /proc lists this process.
        TableProved = "table-proved",
        /// The self-test succeeded: the system listed this many processes, including this one.
        TableListed { count: Count } = "table-listed",
        /// /proc does not list this process.
        TableWithoutUs = "table-without-us",
        /// The same on macOS.
        TableWithoutThis = "table-without-this",
        /// It lists no processes at all.
        TableEmpty = "table-empty",
        /// It cannot be read.
        TableUnread { why: Verbatim } = "table-unread",
        /// macOS refuses to list processes.
        TableRefused { first: SharedMessage, second: SharedMessage } = "table-refused",
        /// Processes can be listed again.
        TableReadAgain = "table-read-again",
        /// /proc could not be opened.
        NoProc { error: Verbatim } = "no-proc",
        /// The platform was opened outside of an event loop, a defect of goplswatch.
        NoEventLoop = "no-event-loop",
        /// Event delivery could not be set up, so ends of processes could not be reported in time.
        NoEventDelivery { error: Verbatim } = "no-event-delivery",
        /// No system call on macOS returns information about a process.
        NoAnswers { refusals: SharedMessage } = "no-answers",
        /// Why one of several ways failed.
        OneOfSeveral { one: Verbatim, why: SharedMessage, more: OptionalMessage } = "one-of-several",
        /// The next of several reasons, after a semicolon.
        SemicolonThen { what: SharedMessage } = "semicolon-then",
        /// The system does not report our user.
        OtherUser = "other-user",
        /// Processes that reuse a pid cannot be distinguished.
        NoIdentity = "no-identity",
        // The results of the self-tests at start.
        /// Every process has a unique id.
        IdentityUnique = "identity-unique",
        /// There are no unique ids; processes are distinguished by their start time.
        IdentityByStart { why: SharedMessage } = "identity-by-start",
        /// `mach_continuous_time` is used; it counts sleep.
        ClockMach = "clock-mach",
        /// `CLOCK_MONOTONIC_RAW` is used instead.
        ClockRaw = "clock-raw",
        /// No clock that counts sleep is available.
        ClockSinceStart = "clock-since-start",
        /// The self-test for process arguments succeeded.
        ArgumentsProved = "arguments-proved",
        /// Process arguments cannot be read.
        ArgumentsUnreadable = "arguments-unreadable",
        /// The same on macOS.
        ArgumentsRefused { why: SharedMessage } = "arguments-refused",
        /// macOS reports no arguments for this process.
        NoArguments = "no-arguments",
        /// The self-test for executable paths succeeded.
        PathProved = "path-proved",
        /// Executable paths cannot be read.
        PathRefused { why: SharedMessage } = "path-refused",
        /// The reported executable path is that of another file.
        PathOfAnother = "path-of-another",
        /// The self-test for CPU time, memory and disk traffic succeeded.
        UsageProved = "usage-proved",
        /// The same, without disk traffic.
        UsageWithoutDisk = "usage-without-disk",
        /// Resource use cannot be read.
        UsageRefused { why: SharedMessage } = "usage-refused",
        /// The reported CPU time cannot be true.
        CpuNotTrue = "cpu-not-true",
        /// The self-test for working folders succeeded.
        FolderProved = "folder-proved",
        /// Working folders cannot be read.
        FolderRefused { why: SharedMessage } = "folder-refused",
        /// The self-test for the record that says whether a process is translated succeeded.
        TranslationProved = "translation-proved",
        /// It cannot be read whether a process is translated.
        TranslationRefused { why: SharedMessage } = "translation-refused",
        /// The self-test for bytes read and written succeeded.
        IoProved = "io-proved",
        /// The system does not report bytes read and written.
        IoUntold = "io-untold",
        /// The self-test for the count of out-of-memory kills succeeded.
        KillsProved = "kills-proved",
        /// The kernel does not count out-of-memory kills.
        KillsUncounted = "kills-uncounted",
        /// The self-test for the count of out-of-memory kills of a control group succeeded.
        GroupKillsProved = "group-kills-proved",
        /// The out-of-memory kills of a control group cannot be read.
        GroupKillsUnread = "group-kills-unread",
        /// The self-test for memory stalls (PSI) succeeded.
        StallProved = "stall-proved",
        /// The kernel does not measure memory stalls.
        StallUnmeasured = "stall-unmeasured",
        /// The self-test for threads that wait inside the kernel succeeded.
        BlockedProved = "blocked-proved",
        /// The states of threads cannot be read.
        BlockedUnread = "blocked-unread",
        /// The self-test for thread states succeeded on macOS.
        ThreadsProved = "threads-proved",
        /// Thread states cannot be read on macOS.
        ThreadsRefused { why: SharedMessage } = "threads-refused",
        /// The kernel reports the number of descriptors directly.
        DescriptorsAtOnce = "descriptors-at-once",
        /// Descriptors can only be counted by listing them.
        DescriptorsByList = "descriptors-by-list",
        /// The self-test for listing descriptors succeeded.
        DescriptorsListed { count: Count, bound: Count } = "descriptors-listed",
        /// Descriptors cannot be counted.
        DescriptorsUncounted { why: SharedMessage } = "descriptors-uncounted",
        /// More descriptors are reported than the table can hold.
        TableTooFull { bound: Count, count: Count } = "table-too-full",
        /// The list of descriptors lacks a file that is open.
        OpenFileUnlisted = "open-file-unlisted",
        /// The self-test for counting file watches succeeded.
        WatchesProved = "watches-proved",
        /// File watches cannot be counted.
        WatchesUncounted = "watches-uncounted",
        /// The self-test got no file watch.
        WatchRefused { error: Verbatim } = "watch-refused",
        /// The self-test for counting the file watches of a kqueue succeeded on macOS.
        QueueProved = "queue-proved",
        /// The self-test counted the wrong number of file watches.
        QueueMiscounted { count: Count } = "queue-miscounted",
        /// File watches cannot be counted on macOS.
        WatchesUnknown { why: SharedMessage } = "watches-unknown",
        /// The self-test for counting file watches could not be run.
        WatchesUnproved { why: SharedMessage } = "watches-unproved",
        /// A self-test could not be run.
        NotProved { why: SharedMessage } = "not-proved",
        /// A file for a self-test could not be opened.
        FileNotOpened { file: Verbatim, error: Verbatim } = "file-not-opened",
        /// A file for a self-test could not be watched.
        TestFileUnwatched { why: SharedMessage } = "test-file-unwatched",
        /// The self-test for the machine's count of open files succeeded.
        FileTableProved { open: Count, limit: Count } = "file-table-proved",
        /// The machine's open files cannot be counted.
        FileTableUnknown { why: SharedMessage } = "file-table-unknown",
        /// The reported number of open files exceeds its limit.
        FileTableNotTrue { open: Count, limit: Count } = "file-table-not-true",
        /// The system does not count open files.
        FilesUncounted = "files-uncounted",
        // Whether ends of processes are reported, and with which status.
        /// The self-test succeeded: a pidfd reported an end.
        EndsByPidfd = "ends-by-pidfd",
        /// pidfd does not work here.
        EndsUnreported = "ends-unreported",
        /// The self-test could not be run, because /bin/sh did not start.
        EndsUntested = "ends-untested",
        /// The self-test succeeded on macOS: an end was reported.
        EndsReported = "ends-reported",
        /// macOS reports no ends; they are noticed at the next scan.
        EndsByLook { why: SharedMessage } = "ends-by-look",
        /// macOS refused to watch a test process; ends are noticed at the next scan.
        EndsAtNextLook { why: SharedMessage } = "ends-at-next-look",
        /// The self-test could not be run on macOS.
        EndsUnproved { why: SharedMessage } = "ends-unproved",
        /// The end of a process that is not our child was not reported.
        ForeignEndUnreported = "foreign-end-unreported",
        /// The end of a test process was not reported in time.
        EndUnreportedInTime = "end-unreported-in-time",
        /// The test process could not be started.
        TestNotStarted { error: Verbatim } = "test-not-started",
        /// The test process wrote nothing in time.
        TestSaidNothing = "test-said-nothing",
        /// Some ends are not reported and are noticed only at the next scan.
        EndsPartly { why: SharedMessage } = "ends-partly",
        /// Every end is reported again.
        EndsWatchedAgain = "ends-watched-again",
        /// This process has used up the open files that it may have.
        DescriptorsSpent { allowed: Count } = "descriptors-spent",
        /// The thread that waits for events could not be started.
        NoEventThread { error: Verbatim } = "no-event-thread",
        /// The event queue of the system failed.
        EventQueueFailed { why: SharedMessage } = "event-queue-failed",
        /// The thread that waits for events has ended.
        EventThreadEnded = "event-thread-ended",
        /// The self-test for exit statuses succeeded.
        StatusProved = "status-proved",
        /// Exit statuses cannot be read.
        StatusUnread = "status-unread",
        /// The self-test succeeded: the kernel still reports the status of a reaped process.
        ReapedProved = "reaped-proved",
        /// The kernel does not report the status of a reaped process.
        ReapedUntold = "reaped-untold",
        /// Which process the self-test used: a child of this process.
        OwnChild = "own-child",
        /// Which process the self-test used: one that is not our child.
        NotOurChild = "not-our-child",
        /// macOS reported the right exit status.
        StatusReported { whose: SharedMessage } = "status-reported",
        /// macOS reported a wrong exit status.
        StatusWrong { whose: SharedMessage, how: SharedMessage } = "status-wrong",
        /// macOS reported no exit status.
        StatusHidden { whose: SharedMessage, why: SharedMessage } = "status-hidden",
        /// macOS reported no exit status of a process that is not our child.
        StatusHiddenOfOthers { why: SharedMessage } = "status-hidden-of-others",
        /// The end was not reported.
        StatusNotReported { whose: SharedMessage } = "status-not-reported",
        // Why the exit status of a process is not known.
        /// It was gone when its gopls ended.
        FoundGone = "found-gone",
        /// It was gone at the next scan.
        Vanished = "vanished",
        /// The system would not report its end.
        NotReported = "not-reported",
        /// It ended before it could be monitored.
        EndedUnwatched = "ended-unwatched",
        /// goplswatch was not running.
        EndedUnseen = "ended-unseen",
        /// Its parent reaped it before its status could be read.
        ReapedTooSoon = "reaped-too-soon",
        /// macOS withheld its exit status.
        StatusNotGranted = "status-not-granted",
        /// The system's status is not that of an ended process.
        StatusOfNoEnd { status: Verbatim } = "status-of-no-end",
        /// No event came.
        EndedWithoutEvent = "ended-without-event",
        /// The system stopped watching it without reporting its end.
        WatchClosed = "watch-closed",
        // What a process waits for, as a fragment after "it waits for".
        /// Another process.
        WaitsForProcess { name: Name, pid: Count, on: OptionalMessage } = "waits-for-process",
        /// What that other process waits for.
        WhichWaits { on: SharedMessage } = "which-waits",
        /// A reply from the other end of a connection.
        AnswerFrom { peer: Verbatim } = "answer-from",
        /// A connection that is not established yet.
        ConnectionTo { peer: Verbatim } = "connection-to",
        /// A file on a network file system.
        FileOnNetwork { path: Verbatim, kind: Verbatim } = "file-on-network",
        /// A file on a file system that another program provides.
        FileOfProgram { path: Verbatim, kind: Verbatim } = "file-of-program",
        /// A file on another type of file system.
        FileOnDisk { path: Verbatim, kind: Verbatim } = "file-on-disk",
        /// A file on an unknown file system.
        FileSomewhere { path: Verbatim } = "file-somewhere",
        /// A function of the kernel: FUSE.
        PlaceFuse = "place-fuse",
        /// A function of the kernel: NFS.
        PlaceNfs = "place-nfs",
        /// A function of the kernel: SMB.
        PlaceSmb = "place-smb",
        /// A function of the kernel: 9p.
        PlaceNineP = "place-nine-p",
        /// A function of the kernel: Ceph.
        PlaceCeph = "place-ceph",
        /// A function of the kernel: the journal of a file system.
        PlaceJournal = "place-journal",
        /// A function of the kernel: a frozen file system.
        PlaceFrozen = "place-frozen",
        /// A function of the kernel: disk I/O.
        PlaceDisk = "place-disk",
        /// A function of the kernel: starting a program.
        PlaceFork = "place-fork",
        /// A function of the kernel: a lock.
        PlaceLock = "place-lock",
        /// Any other function of the kernel, by its name.
        KernelSaysOnly { function: Verbatim } = "kernel-says-only",
        /// The kernel does not report what it waits for.
        KernelSilent = "kernel-silent",
        /// macOS does not report what it waits for.
        ThreadSilent = "thread-silent",
        // How file events were lost, and whether losses are detected.
        /// The kernel dropped them.
        KernelDropped = "kernel-dropped",
        /// The listener was too slow.
        ListenerTooSlow = "listener-too-slow",
        /// The kernel's event queue overflowed.
        QueueRanOver = "queue-ran-over",
        /// macOS merged them.
        EventsMerged = "events-merged",
        /// The config names no folder for it.
        LossUnnamed = "loss-unnamed",
        /// No gopls works in a folder that the config names.
        LossIdle = "loss-idle",
        /// The folders in which losses are detected.
        LossHeard { folders: SharedMessage } = "loss-heard",
        /// A folder in which losses are not detected, and why.
        LossUnheard { folder: Verbatim, why: SharedMessage, more: OptionalMessage } = "loss-unheard",
        /// A list of folders.
        FolderList { folder: Verbatim, more: OptionalMessage } = "folder-list",
        /// The next item of a list, after a comma.
        CommaThen { what: SharedMessage } = "comma-then",
        /// The listener's thread could not be started.
        NoThreadToListen { error: Verbatim } = "no-thread-to-listen",
        /// The system has no file watches left for it.
        NoWatchesLeft = "no-watches-left",
        /// The folder does not exist.
        FolderAbsent = "folder-absent",
        /// It would take too many watches.
        TooManyFolders { most: Count } = "too-many-folders",
        /// The system has no FSEvents.
        NoFsEvents = "no-fs-events",
        // What the agent can do.
        /// A component failed, a defect of goplswatch.
        PartFailed = "part-failed",
        /// The listener failed, a defect of goplswatch.
        ListeningFailed = "listening-failed",
        /// There is nothing to listen for any more, because the agent ends.
        NobodyLeft = "nobody-left",
        /// The agent replies to commands at its socket.
        SocketOpen { path: Verbatim } = "socket-open",
        /// The agent cannot reply to commands.
        SocketFailed { why: SharedMessage } = "socket-failed",
        /// The agent's socket could not be created.
        NoSocket { why: SharedMessage } = "no-socket",
        /// The agent's socket was removed.
        SocketRemoved = "socket-removed",
        /// The config file is watched.
        ConfigWatched = "config-watched",
        /// The history cannot be written.
        HistoryLost { folder: Verbatim, error: Verbatim, advice: SharedMessage } = "history-lost",
        /// Another goplswatch writes the history.
        HistoryOfAnother { folder: Verbatim } = "history-of-another",
        /// A file is passed over, because it is not ours.
        ForeignNotRead { foreign: SharedMessage } = "foreign-not-read",
        /// What follows is old, because the engine stands still.
        AgentAsOf { ago: Millis, why: SharedMessage } = "agent-as-of",
        /// Why it stands still: the history is not written.
        AgentWaitsForDisk = "agent-waits-for-disk",
        /// Why it stands still: not known.
        AgentStandsStill = "agent-stands-still",
        /// Nothing is logged.
        LogLost { error: SharedMessage } = "log-lost",
        /// The log is written again.
        LogIsKept = "log-is-kept",
        /// Nothing is recorded, because a file is not ours.
        HistoryForeign { foreign: SharedMessage } = "history-foreign",
        /// What is wrong with a compressed recording: it is too long.
        RecordingTooLong { mebibytes: Count } = "recording-too-long",
        /// Advice on an unwritable history: free disk space.
        FreeSpace = "free-space",
        /// Advice on an unwritable history: change the permissions.
        MakeWritable = "make-writable",
        /// Advice on an unwritable history: move away the file that is in the way.
        MoveAway = "move-away",
        /// Advice on an unwritable history: see the error.
        SeeError = "see-error",
        // The icon and notifications.
        /// The agent was started without icon and notifications.
        NoTrayWanted = "no-tray-wanted",
        /// The icon failed, a defect of goplswatch.
        TrayFailed = "tray-failed",
        /// There are too few descriptors for the icon.
        TrayWithoutDescriptors = "tray-without-descriptors",
        /// A desktop panel accepted the icon.
        IconTaken = "icon-taken",
        /// There is no session bus for the icon.
        IconWithoutBus { why: SharedMessage } = "icon-without-bus",
        /// Nothing on this desktop accepts icons.
        IconWithoutWatcher = "icon-without-watcher",
        /// The desktop accepted the icon, but no panel shows it.
        IconWithoutHost = "icon-without-host",
        /// The icon failed and is tried again.
        IconFailed { what: SharedMessage } = "icon-failed",
        /// What failed: changing the menu.
        MenuUnchanged { error: Verbatim } = "menu-unchanged",
        /// What failed: the panel refused the icon.
        IconRefused { error: Verbatim } = "icon-refused",
        /// What failed: creating the icon.
        IconUnmade { why: SharedMessage } = "icon-unmade",
        /// Why that failed: a defect of a library.
        LibraryFailed = "library-failed",
        /// Why there is no bus: it does not reply.
        BusSilent = "bus-silent",
        /// Why there is no bus: it has ended.
        BusEnded = "bus-ended",
        /// The notification service does not reply.
        BusMute = "bus-mute",
        /// There is no session bus for notifications.
        NotesWithoutBus { why: SharedMessage } = "notes-without-bus",
        /// Notifications are shown, with buttons.
        NotesWithButtons = "notes-with-buttons",
        /// Notifications are shown, without buttons.
        NotesWithoutButtons = "notes-without-buttons",
        /// No notification service replies.
        NotesUnanswered { why: SharedMessage } = "notes-unanswered",
        /// macOS shows the icon in the menu bar.
        IconInMenuBar = "icon-in-menu-bar",
        /// macOS shows no icon.
        NoIcon { why: SharedMessage } = "no-icon",
        /// The system lacks a component of a desktop.
        NoDesktopPart { name: Verbatim } = "no-desktop-part",
        /// The session has no screen.
        NoScreen = "no-screen",
        /// It could not be determined whether the session has a screen.
        SessionUnknown { error: Verbatim } = "session-unknown",
        /// The surface was not started on the main thread, a defect of goplswatch.
        NotMainThread = "not-main-thread",
        /// The surface failed, a defect of goplswatch.
        SurfaceFailed = "surface-failed",
        /// The surface's thread could not be started.
        NoSurfaceThread { error: Verbatim } = "no-surface-thread",
        /// The icon's picture could not be drawn.
        PictureFailed = "picture-failed",
        /// The menu bar refused the icon.
        MenuBarRefused { error: Verbatim } = "menu-bar-refused",
        /// No user would see a notification.
        NotesUnseen { why: SharedMessage } = "notes-unseen",
        /// macOS accepts notifications only from an app, and this agent is none.
        NotesOfNoApp { why: SharedMessage } = "notes-of-no-app",
        /// It is part of another app.
        PartOfAnother { bundle: Verbatim } = "part-of-another",
        /// It is not part of an app.
        NotInApp = "not-in-app",
        /// It is not the main executable of the app.
        NotProgramOfApp = "not-program-of-app",
        /// macOS shows notifications.
        NotesAllowed = "notes-allowed",
        /// macOS refused a notification.
        NoteRefused { refusal: Verbatim } = "note-refused",
        /// macOS shows no notifications.
        NotesOff { why: SharedMessage } = "notes-off",
        /// The user has not replied to the request for permission.
        AskedInVain = "asked-in-vain",
        /// The user turned notifications off.
        TurnedOff = "turned-off",
        /// The user denied permission.
        NotPermitted = "not-permitted",
        // Why something is not known.
        /// A system call failed.
        CallRefused { call: Verbatim, why: SharedMessage } = "call-refused",
        /// Why the call failed: the process does not exist any more.
        ProcessGone = "process-gone",
        /// Why the call failed: it set no error number.
        NoErrorNumber = "no-error-number",
        /// Why the call failed: it returned the wrong number of bytes.
        AnswerOfSize { got: Count, want: Count } = "answer-of-size",
        /// Why the call failed: its result cannot be true.
        AnswerNotTrue = "answer-not-true",
        /// Why the call failed: it returned an invalid value.
        AnsweredWith { value: Verbatim } = "answered-with",
        /// The reported CPU times cannot be true.
        CpuTimesNotTrue = "cpu-times-not-true",
        /// The process has ended.
        HasEnded = "has-ended",
        /// This pid is the system itself, which is never signalled.
        PidOfSystem { pid: Count } = "pid-of-system",
        /// This process is goplswatch itself, which is never signalled.
        PidOfOurs = "pid-of-ours",
        /// The number is not a pid.
        NoPid { number: Count } = "no-pid",
        /// No handle to the process could be obtained.
        NotHeld { why: SharedMessage } = "not-held",
        /// The process could not be examined.
        LookFailed { error: Verbatim } = "look-failed",
        /// A signal was not sent.
        SignalRefused { signal: Verbatim, why: SharedMessage } = "signal-refused",
        /// Its client is not known.
        ClientUnknown = "client-unknown",
        /// Its control group cannot be seen from here.
        GroupOutOfSight = "group-out-of-sight",
        /// It is a zombie.
        EndedUnreaped = "ended-unreaped",
        /// The process cannot be examined.
        NotLookedAt { error: Verbatim } = "not-looked-at",
        /// One of its files in /proc cannot be read.
        ProcFileUnread { file: Verbatim, error: Verbatim } = "proc-file-unread",
        /// Its descriptors cannot be read.
        DescriptorsUnread { error: Verbatim } = "descriptors-unread",
        /// Its file watches cannot be read.
        WatchesUnread { error: Verbatim } = "watches-unread",
        /// Its threads cannot be listed.
        ThreadsUnlisted { error: Verbatim } = "threads-unlisted",
        /// It has too many threads.
        TooManyThreads { most: Count } = "too-many-threads",
        /// Its executable cannot be read.
        ExecutableUnread { error: Verbatim } = "executable-unread",
        /// Its executable cannot be examined.
        ExecutableUnseen { error: Verbatim } = "executable-unseen",
        /// Its executable is of no known kind.
        ExecutableOdd { why: SharedMessage } = "executable-odd",
        /// Its executable is in a folder that macOS protects: opening it could prompt the user.
        ExecutableGuarded { folder: Verbatim } = "executable-guarded",
        /// Its executable's path is not a file.
        ExecutableNoFile = "executable-no-file",
        /// Its executable's file is younger than the process, so it may have been replaced.
        ExecutableYounger = "executable-younger",
        /// Its executable's path is incomplete.
        PathIncomplete = "path-incomplete",
        /// A program file on disk cannot be read.
        ProgramUnread { error: Verbatim } = "program-unread",
        /// The file is not executable.
        NotRunnable = "not-runnable",
        /// The file is not an ELF file of a known machine.
        NotElf = "not-elf",
        /// The file is too short to be a program.
        MachoShort = "macho-short",
        /// The Mach-O header is truncated.
        MachoHeaderCut = "macho-header-cut",
        /// The table of architectures is truncated.
        MachoTableCut = "macho-table-cut",
        /// The table of architectures is empty.
        MachoTableEmpty = "macho-table-empty",
        /// The file has the same magic number but is of another kind, such as a Java class.
        MachoJava = "macho-java",
        /// The file is a script.
        MachoScript = "macho-script",
        /// The file is not a Mach-O file.
        NotMacho = "not-macho",
        /// The CPU type has no known name.
        UnknownCpu { number: Verbatim } = "unknown-cpu",
        /// The system does not report when the process started.
        StartUntold = "start-untold",
        /// It cannot be computed, because the wall clock was set.
        ClockWasSet = "clock-was-set",
        /// The system does not report its working folder.
        NoFolderNamed = "no-folder-named",
        /// The kernel's data is too short for arguments.
        ArgumentsTooShort { got: Count } = "arguments-too-short",
        /// The number of arguments cannot be true.
        ArgumentsMiscounted { count: Verbatim } = "arguments-miscounted",
        /// The kernel's data has no executable path.
        ArgumentsWithoutPath = "arguments-without-path",
        /// Its working folder is not an absolute path.
        FolderNotWhole = "folder-not-whole",
        /// It works in /, which is no workspace.
        WorksInRoot = "works-in-root",
        /// It works in the home folder, which is no workspace.
        WorksInHome = "works-in-home",
        /// A number that no process has.
        NoSuchNumber = "no-such-number",
        /// /proc does not report its limit of open files.
        LimitUntold = "limit-untold",
        /// /proc does not report its share of memory.
        ShareUntold = "share-untold",
        /// The count would be too costly.
        CountIsDear = "count-is-dear",
        /// Processes do not hold what this gauge counts.
        NobodyHolds { gauge: Gauge } = "nobody-holds",
        /// macOS does not count this per user.
        NotOfUsers { gauge: Gauge } = "not-of-users",
        /// No process of this user could be read.
        NoneAnswered { asked: Count } = "none-answered",
        /// Spotlight exists only on macOS.
        SpotlightElsewhere = "spotlight-elsewhere",
        /// A file of the system cannot be read.
        SystemFileUnread { file: Verbatim } = "system-file-unread",
        /// The machine's memory cannot be read.
        MemoryUnread { error: Verbatim } = "memory-unread",
        /// The kernel does not report the limit of file watches.
        WatchLimitUntold = "watch-limit-untold",
        /// The kernel does not measure memory stalls.
        StallUntold = "stall-untold",
        /// An earlier call has not returned yet.
        AskedBefore = "asked-before",
        /// Too many calls have not returned yet.
        TooManyAsked { count: Count } = "too-many-asked",
        /// The call missed its deadline.
        NoAnswerInTime = "no-answer-in-time",
        /// The call was aborted.
        QuestionBroke = "question-broke",
        /// The thread for the call could not be started.
        NoThreadToAsk { error: Verbatim } = "no-thread-to-ask",
        /// Spotlight's CPU use: the call of /bin/ps was aborted.
        PsBroke = "ps-broke",
        /// The thread that runs /bin/ps could not be started.
        PsUnasked { error: Verbatim } = "ps-unasked",
        /// /bin/ps could not be started.
        PsNotStarted { error: Verbatim } = "ps-not-started",
        /// The exit status of /bin/ps could not be obtained.
        PsEndUntold { error: Verbatim } = "ps-end-untold",
        /// /bin/ps failed.
        PsRefused { status: Verbatim } = "ps-refused",
        /// /bin/ps has no output pipe.
        PsMute = "ps-mute",
        /// The thread that reads from /bin/ps could not be started.
        PsUnheard { error: Verbatim } = "ps-unheard",
        /// The output of /bin/ps could not be read.
        PsUnread { error: Verbatim } = "ps-unread",
        /// The output of /bin/ps was lost.
        PsLost = "ps-lost",
        /// /bin/ps missed its deadline.
        PsSlow = "ps-slow",
        /// /bin/ps printed lines that are not processes.
        PsOdd { lines: Count } = "ps-odd",
        /// /bin/ps printed no process table.
        PsEmpty = "ps-empty",
        /// It is not read: the process is blocked inside the kernel, and so might be the caller.
        AskerMightWait = "asker-might-wait",
        /// The system does not report what it reads and writes.
        IoNotTold = "io-not-told",
        /// A daemon has no client of its own.
        ManyClients = "many-clients",
        /// A daemon has no folder of its own.
        ManyFolders = "many-folders",
        /// The telemetry process has no folder of its own.
        SidecarWithoutFolder = "sidecar-without-folder",
        /// Its parent has ended.
        ParentEnded = "parent-ended",
        /// Its client has ended.
        ClientEnded = "client-ended",
        /// The recording is from an older version and does not have it.
        NotRecorded = "not-recorded",
        /// The agent is of an older version and did not send it.
        NotTold = "not-told",
        /// No observation was about it.
        NobodyTold = "nobody-told",
        /// The system does not show us our own process.
        OwnUnseen = "own-unseen",
        /// It has not been measured yet.
        NotMeasured = "not-measured",
        /// It has not been measured for long enough.
        NotMeasuredFor = "not-measured-for",

        // Why the number of restarts that are left is not known.
        /// The client considers only the length of the last life.
        LivesByLength { seconds: Count } = "lives-by-length",
        /// The client's restart policy is not known.
        LivesUnread = "lives-unread",
        /// It is not a language server of its own.
        LivesOfNoServer = "lives-of-no-server",
        /// It has no client.
        LivesWithoutClient = "lives-without-client",

        // Why a user command cannot be carried out.
        /// A time of zero.
        TimeIsZero = "time-is-zero",
        /// A time of more than a year.
        TimeTooLong = "time-too-long",
        /// No such incident.
        NoSuchIncident { incident: Verbatim } = "no-such-incident",
        /// It is not snoozed.
        NotSnoozed { incident: Verbatim } = "not-snoozed",
        /// The path is not absolute.
        NoWholePath = "no-whole-path",
        /// Too many muted folders.
        TooManyMuted { most: Count } = "too-many-muted",
        /// It is not muted.
        NotMuted { folder: Verbatim } = "not-muted",
        /// A fix without a receipt.
        NoReceipt = "no-receipt",

        // What the agent reports about itself.
        /// One message and more, separated by semicolons.
        Several { first: SharedMessage, more: SharedMessage } = "several",
        /// A message with the name of the component that it is about.
        OfPart { text: SharedMessage, of: Verbatim } = "of-part",

        // About its config.
        /// The config file has unknown keys.
        ConfigMeansNothing { file: Verbatim } = "config-means-nothing",
        /// The config file is invalid and not applied.
        ConfigIsBroken { file: Verbatim, stays: SharedMessage } = "config-is-broken",
        /// The config file cannot be read.
        ConfigIsUnreadable { file: Verbatim, stays: SharedMessage } = "config-is-unreadable",
        /// Then the previous config stays in force.
        ConfigOfBefore = "config-of-before",
        /// Then the defaults are in force, since there was no config before.
        ConfigDefaults = "config-defaults",
        /// The config file changed and was read.
        ConfigWasRead = "config-was-read",
        /// A problem with its line number.
        ConfigAtLine { line: Count, problem: SharedMessage } = "config-at-line",
        /// A problem with its line and column numbers.
        ConfigAtPlace { line: Count, column: Count, problem: SharedMessage } = "config-at-place",
        /// A problem, and what was probably meant.
        ConfigMeant { problem: SharedMessage, meant: Verbatim } = "config-meant",
        /// The number of problems that are not listed.
        ConfigMoreProblems { n: Count } = "config-more-problems",
        /// The error of the TOML parser.
        ConfigNoToml { why: Verbatim } = "config-no-toml",
        /// An unknown key outside of sections.
        ConfigUnknownKey { key: Verbatim } = "config-unknown-key",
        /// An unknown key in a section.
        ConfigUnknownKeyIn { key: Verbatim, section: Verbatim } = "config-unknown-key-in",
        /// A value where a section belongs.
        ConfigNoSection { key: Verbatim, section: Verbatim, found: SharedMessage } = "config-no-section",
        /// A value that should be true or false.
        ConfigNoTruth { key: Verbatim, found: SharedMessage } = "config-no-truth",
        /// A text that is none of the allowed ones.
        ConfigNoneOf { key: Verbatim, known: Verbatim, found: Verbatim } = "config-none-of",
        /// A value that should be a text.
        ConfigNoText { key: Verbatim, known: Verbatim, found: SharedMessage } = "config-no-text",
        /// A number that is too large or too small.
        ConfigOutOfRange { key: Verbatim, least: Verbatim, most: Verbatim, found: Verbatim } = "config-out-of-range",
        /// A value that should be a whole number.
        ConfigNoNumber { key: Verbatim, least: Verbatim, most: Verbatim, found: SharedMessage } = "config-no-number",
        /// A value that should be a list.
        ConfigNoList { key: Verbatim, example: Verbatim, found: SharedMessage } = "config-no-list",
        /// A list that is too long.
        ConfigLongList { key: Verbatim, most: Count, n: Count } = "config-long-list",
        /// A list with an element that is not a text.
        ConfigMixedList { key: Verbatim, found: SharedMessage } = "config-mixed-list",
        /// One value is above another that must not be smaller.
        ConfigSuspectAboveLoop { low: Verbatim, high: Verbatim, suspect: Count, loops: Count } = "config-suspect-above-loop",
        /// A folder that is a relative path.
        ConfigNoFolder { key: Verbatim, folder: Verbatim } = "config-no-folder",
        /// The type of value that was found instead.
        ConfigText = "config-text",
        /// The type of value that was found instead.
        ConfigNumber = "config-number",
        /// The type of value that was found instead.
        ConfigDecimal = "config-decimal",
        /// The type of value that was found instead.
        ConfigTruth = "config-truth",
        /// The type of value that was found instead.
        ConfigDate = "config-date",
        /// The type of value that was found instead.
        ConfigList = "config-list",
        /// The type of value that was found instead.
        ConfigSection = "config-section",
        /// What is wrong with the file: it is a dangling link.
        FileLinkLeadsNowhere { target: Verbatim } = "file-link-leads-nowhere",
        /// What is wrong with the file: it is a folder.
        FileIsFolder = "file-is-folder",
        /// What is wrong with the file: it is not a regular file.
        FileIsNotPlain = "file-is-not-plain",
        /// What is wrong with the file: it is a link.
        FileIsLink = "file-is-link",
        /// What is wrong with the file: its owner is another user.
        FileOfOthers = "file-of-others",
        /// What is wrong with the file: it has more than one name.
        FileHasOtherNames = "file-has-other-names",
        /// What is wrong with the file: it is too large.
        FileTooLarge { mebibytes: Count } = "file-too-large",
        /// What is wrong with the file: a component of its path is not a folder.
        FileBelowFile = "file-below-file",
        /// What is wrong with the file: its links form a loop.
        FileLinksInCircle = "file-links-in-circle",
        /// What is wrong with the file: permission to read it is denied.
        FileDenied = "file-denied",
        /// What is wrong with the file: it is not UTF-8.
        FileNoUtf8 = "file-no-utf8",

        // About its history.
        /// The history is being written.
        HistoryIsKept = "history-is-kept",
        /// At the start: a torn last line was removed.
        HistoryTornLine = "history-torn-line",
        /// The disk is full, so the oldest part was dropped.
        HistoryDropped { part: Verbatim } = "history-dropped",
        /// At the start: the history cannot be read.
        HistoryUnread { folder: Verbatim, error: Verbatim } = "history-unread",
        /// At the start: a part of the history could not be read to its end.
        HistoryNotToEnd { part: Verbatim, wrong: SharedMessage, known: SharedMessage } = "history-not-to-end",
        /// Monitoring then starts with an empty state, apart from mutes and pauses.
        HistoryKnowsNothing = "history-knows-nothing",
        /// Monitoring then continues from the state before that.
        HistoryKnowsBefore = "history-knows-before",
        /// What is wrong with a part: replaying it failed, a defect of goplswatch.
        HistoryJudgingFailed = "history-judging-failed",
        /// What is wrong with a part: its checkpoint cannot be read.
        HistoryNoCheckpoint { why: SharedMessage } = "history-no-checkpoint",
        /// What is wrong with a part: without a readable checkpoint it was replayed from an empty
        /// state.
        HistoryBlank { why: SharedMessage } = "history-blank",
        /// What is wrong with a part: it was left out.
        HistoryLeftOut { why: SharedMessage } = "history-left-out",
        /// What is wrong with a part: without a readable checkpoint it was written unchanged.
        HistoryAsItIs { why: SharedMessage } = "history-as-it-is",
        /// The history's folder cannot be read.
        HistoryFolderUnread { folder: Verbatim, error: Verbatim } = "history-folder-unread",
        /// The export cannot be written.
        HistoryExportFailed { error: Verbatim } = "history-export-failed",
        /// At the end: the last inputs may not be on the disk yet.
        HistoryNotOnDisk { error: Verbatim } = "history-not-on-disk",
        /// How many older events a subscriber does not get.
        HistoryOlderLeftOut { n: Count } = "history-older-left-out",
        /// A user command was not written to the disk.
        HistoryForgets { why: SharedMessage } = "history-forgets",

        // What is wrong with a recording.
        /// It is not a recording.
        RecordingForeign = "recording-foreign",
        /// A newer version wrote it.
        RecordingNewer { version: Verbatim, schema: Count, most: Count } = "recording-newer",
        /// A line is not an input.
        RecordingBadLine { line: Count, why: SharedMessage } = "recording-bad-line",
        /// Why the line is not an input: it is too long.
        RecordingLineTooLong { most: Count } = "recording-line-too-long",
        /// Why the line is not an input: its sequence number does not increase.
        RecordingNotRising { number: Verbatim, last: Verbatim } = "recording-not-rising",
        /// Why the line is not an input: it is a damaged header.
        RecordingNoHeader = "recording-no-header",

        // About its components and its budget.
        /// For the log: the agent starts.
        AgentBegins { version: Verbatim, pid: Count } = "agent-begins",
        /// For the log: the agent ends.
        AgentEnds = "agent-ends",
        /// For the log: an incident is over.
        AgentOver { because: SharedMessage } = "agent-over",
        /// The agent exceeds its CPU budget and scans less often.
        AgentOverCpu { permille: Count, pace: Count, more: Option<SharedMessage> } = "agent-over-cpu",
        /// The agent exceeds its memory budget.
        AgentOverMemory { bytes: Bytes, above: Bytes } = "agent-over-memory",
        /// The agent is within its budget again.
        AgentWithinBudget = "agent-within-budget",
        /// The engine does not reply.
        AgentNotWatching = "agent-not-watching",
        /// The engine failed and is tried again later.
        AgentBlind { why: SharedMessage, seconds: Count } = "agent-blind",
        /// Why the engine failed.
        AgentFailed { how: Verbatim } = "agent-failed",
        /// The engine failed without a message.
        AgentFailedSomehow = "agent-failed-somehow",
        /// At the start: the lock file cannot be locked.
        AgentLockUnusable { path: Verbatim, error: SharedMessage } = "agent-lock-unusable",
        /// Which other agent holds the lock.
        AgentHolds { pid: Verbatim, since: Verbatim } = "agent-holds",
        /// Another agent holds the lock and does not identify itself.
        AgentUnnamed = "agent-unnamed",
        /// Another agent replies at this socket.
        AgentAnswersAt { path: Verbatim } = "agent-answers-at",
        /// The socket accepts no connections.
        SocketDeaf { error: Verbatim } = "socket-deaf",
        /// Why a folder cannot hold the socket: the path is too long.
        SocketPathTooLong { most: Count } = "socket-path-too-long",
        /// Why a folder cannot hold the socket: another agent replies there.
        SocketIsTaken = "socket-is-taken",
        /// Why a folder cannot hold the socket: it is not ours.
        FolderOfOthers = "folder-of-others",
        /// Why a socket is not used: it belongs to another user.
        SocketOfOthers = "socket-of-others",

        // Replies of the agent to requests.
        /// There is nothing at this path.
        AnswerNothingHere { path: Verbatim } = "answer-nothing-here",
        /// The method is not allowed at this path.
        AnswerNotSo { path: Verbatim } = "answer-not-so",
        /// The engine does not reply.
        AnswerBusy { path: Verbatim } = "answer-busy",
        /// The incident's id in the path is not text.
        AnswerNoIncidentName = "answer-no-incident-name",
        /// No such incident is open.
        AnswerNoIncident { incident: Verbatim, path: Verbatim } = "answer-no-incident",
        /// The history is read by one request at a time.
        AnswerHistoryTaken = "answer-history-taken",
        /// Reading the history failed, a defect of goplswatch.
        AnswerHistoryFailed = "answer-history-failed",
        /// An argument is not a valid time.
        AnswerNoMoment { name: Verbatim, example: Verbatim } = "answer-no-moment",
        /// An argument is not a number in this range.
        AnswerNoNumber { name: Verbatim, least: Count, most: Count } = "answer-no-number",
        /// An error of the request parser.
        AnswerSentence { text: Verbatim } = "answer-sentence",
        /// The request body is too long.
        AnswerTooLong { most: Count } = "answer-too-long",
        /// The request body cannot be read.
        AnswerUnreadable { error: Verbatim } = "answer-unreadable",
        /// The request body did not arrive in time.
        AnswerTooLate = "answer-too-late",
        /// The request body is not a user command.
        AnswerNoIntent { error: Verbatim } = "answer-no-intent",
        /// The id to continue after is not that of an event.
        AnswerNoEvent { id: Verbatim } = "answer-no-event",
        /// There are too many subscribers.
        AnswerTooMany { most: Count } = "answer-too-many",

        // Why the agent does not reply to a request.
        /// No agent is running.
        AskNobody = "ask-nobody",
        /// The agent accepts no more connections.
        AskBusy { error: SharedMessage } = "ask-busy",
        /// The agent's socket cannot be connected to.
        AskBarred { error: SharedMessage } = "ask-barred",
        /// No valid reply came.
        AskUnanswered { why: SharedMessage } = "ask-unanswered",
        /// No reply came in time.
        AskTooLate { seconds: Count } = "ask-too-late",
        /// The stream ended.
        AskEnded = "ask-ended",

        // What is changed: plans, steps, receipts, refusals.

        // Combinations: sentences one after another, and statements about a path.
        Followed { first: SharedMessage, then: SharedMessage } = "followed",
        OfPath { path: Verbatim, why: SharedMessage } = "of-path",
        AtPath { path: Verbatim, why: SharedMessage } = "at-path",

        // A plan's title, and the labels of its parts. `what` is the name of a remedy or of a
        // command.
        PlanTitle { what: Verbatim, subject: SharedMessage } = "plan-title",
        PlanQuestion { title: SharedMessage } = "plan-question",
        PlanHead { title: SharedMessage, class: SharedMessage } = "plan-head",
        /// The class of a remedy.
        ClassSafe = "class-safe",
        /// The class of a remedy.
        ClassRisky = "class-risky",
        /// The class of a remedy.
        ClassManual = "class-manual",
        PlanCosts { what: SharedMessage } = "plan-costs",
        PlanUndo { what: SharedMessage } = "plan-undo",
        PlanNote { note: SharedMessage } = "plan-note",
        UndoTitle { receipt: Verbatim, title: SharedMessage } = "undo-title",

        // What a plan acts on, as words that follow a verb.
        ServerOf { who: Process, client: OptionalMessage, place: Location } = "server-of",
        OfClient { client: Name } = "of-client",
        JustPid { pid: Count } = "just-pid",
        JustProgram { name: Name } = "just-program",
        JustPath { path: Verbatim } = "just-path",
        JustIncident { incident: Verbatim } = "just-incident",
        ModuleCache = "module-cache",
        LoginService = "login-service",
        TitledAs { title: Title, incident: Verbatim } = "titled-as",

        // What a plan costs.
        EditorOfIt = "editor-of-it",
        CostEndIsFinal { client: SharedMessage } = "cost-end-is-final",
        CostEndLeaves { client: SharedMessage, left: Count } = "cost-end-leaves",
        CostAtMost { cost: SharedMessage } = "cost-at-most",
        CostUnsure { client: SharedMessage, why: SharedMessage } = "cost-unsure",
        CostWorkspaceFirst = "cost-workspace-first",
        CostProfile = "cost-profile",
        CostEveryWorkspace = "cost-every-workspace",
        CostNotLookedThrough = "cost-not-looked-through",
        CostAboveLimit { limit: Bytes } = "cost-above-limit",
        CostSharedEnd = "cost-shared-end",
        CostNewestRelease = "cost-newest-release",
        CostCacheMoves = "cost-cache-moves",

        // What undoing does.
        UndoAsTold { remedy: UndoOf } = "undo-as-told",
        UndoNothing = "undo-nothing",
        UndoNoProcess = "undo-no-process",
        UndoNoOldGopls = "undo-no-old-gopls",
        UndoInstall = "undo-install",
        UndoUninstall = "undo-uninstall",
        UndoRestart = "undo-restart",

        // Manual steps for a person, line by line.
        HandClientUnknown { why: Verbatim } = "hand-client-unknown",
        HandClientUnlisted { client: Name } = "hand-client-unlisted",
        HandNoFile { client: Name } = "hand-no-file",
        HandStartAs { flag: Verbatim } = "hand-start-as",
        /// The client's settings file is not known; a snippet follows.
        HandPutElsewhere = "hand-put-elsewhere",
        HandPutBelow { file: Verbatim, table: Verbatim } = "hand-put-below",
        HandPutByCommand { file: Verbatim, command: Verbatim } = "hand-put-by-command",
        HandPutByCommandAs { file: Verbatim, command: Verbatim, key: Verbatim } = "hand-put-by-command-as",
        HandPutAs { place: Verbatim, key: Verbatim } = "hand-put-as",
        HandPutAsOf { file: Verbatim, command: Verbatim, key: Verbatim, plugin: Name } = "hand-put-as-of",
        HandPutWithin { place: Verbatim, key: Verbatim, before: Verbatim } = "hand-put-within",
        HandPutInCall { file: Verbatim, call: Verbatim, plugin: Name } = "hand-put-in-call",
        HandPutInInit { call: Verbatim } = "hand-put-in-init",
        HandPutInPlugin { plugins: Verbatim } = "hand-put-in-plugin",
        /// How a person adds a flag of gopls.
        HandAddFlag { flag: Verbatim, list: Verbatim } = "hand-add-flag",
        HandUnlessFalse { plugin: Name, flag: Verbatim, key: Verbatim } = "hand-unless-false",
        HandThenRestart = "hand-then-restart",
        HandOfItsProgram { program: Verbatim } = "hand-of-its-program",
        HandOfPackages { program: Verbatim } = "hand-of-packages",
        HandOfAnother { folder: Verbatim, program: Verbatim } = "hand-of-another",
        HandNoGo = "hand-no-go",
        HandForeignGo { built: SharedMessage } = "hand-foreign-go",
        GoBuiltFor { program: Verbatim, processor: Verbatim } = "go-built-for",
        Listed { first: SharedMessage, then: SharedMessage } = "listed",
        HandSeeGo = "hand-see-go",
        HandInstallGo = "hand-install-go",
        HandRemoveIntel = "hand-remove-intel",
        HandBuildGopls = "hand-build-gopls",
        HandRestartEditor = "hand-restart-editor",

        // A step and what it acts on, as a line that begins with a verb.
        StepSignal { signal: Verbatim, pid: Count, wait: Millis } = "step-signal",
        StepRun { deadline: Millis } = "step-run",
        StepCall = "step-call",
        StepSet { key: Verbatim, file: Verbatim, leads: OptionalMessage } = "step-set",
        StepWriteNew { file: Verbatim, leads: OptionalMessage } = "step-write-new",
        StepWrite { file: Verbatim, leads: OptionalMessage } = "step-write",
        WhichIs { target: Verbatim } = "which-is",
        StepRename { from: Verbatim, to: Folder } = "step-rename",
        StepRemove { path: Verbatim } = "step-remove",
        StepMakeFolder { path: Verbatim } = "step-make-folder",
        StepRemoveTree { path: Verbatim } = "step-remove-tree",
        StepCopy = "step-copy",
        StepShowFolder { path: Verbatim } = "step-show-folder",
        StepShowFile { path: Verbatim } = "step-show-file",
        StepShowText { path: Verbatim } = "step-show-text",
        StepOpenSettings { url: Verbatim } = "step-open-settings",
        StepShowPage { url: Verbatim } = "step-show-page",
        StepSnooze { incident: Verbatim, span: Millis } = "step-snooze",
        StepMute { folder: Verbatim } = "step-mute",
        StepTell = "step-tell",
        StepByHand = "step-by-hand",
        LetterIfStill { program: Verbatim } = "letter-if-still",
        LetterTo { path: Verbatim } = "letter-to",
        LetterFrom { path: Verbatim } = "letter-from",
        LetterDigest { bytes: Count, sha256: Verbatim } = "letter-digest",

        // What a change of the login service does, and its steps.
        DoesInstall = "does-install",
        DoesUninstall = "does-uninstall",
        DoesRestart = "does-restart",
        ServiceEndOld = "service-end-old",
        ServiceWaitGone = "service-wait-gone",
        ServiceWrite { manager: Verbatim } = "service-write",
        ServiceRead = "service-read",
        ServiceForget = "service-forget",
        ServiceStart = "service-start",
        ServiceStartAgain = "service-start-again",
        ServiceSeeRuns = "service-see-runs",
        ServiceSeeHas = "service-see-has",
        ServiceAllow = "service-allow",
        ServiceEndForGood = "service-end-for-good",
        ServiceRemoveRead = "service-remove-read",
        ServiceRemoveAtLogin = "service-remove-at-login",
        ServiceRestart = "service-restart",
        ServiceLogFolder = "service-log-folder",
        BundleSweep = "bundle-sweep",
        BundleDescribe = "bundle-describe",
        BundleIcon = "bundle-icon",
        BundleCopy = "bundle-copy",
        BundleSign = "bundle-sign",
        BundleVerify = "bundle-verify",
        BundlePlace = "bundle-place",
        BundleAside = "bundle-aside",
        BundleDrop = "bundle-drop",

        // The result of a step, as a fragment.
        DidDone = "did-done",
        DidNothing { how: SharedMessage } = "did-nothing",
        DidEndBefore = "did-end-before",
        DidEnd { after: Millis } = "did-end",
        DidEndWithZero = "did-end-with-zero",
        DidAnswerZero { line: Verbatim } = "did-answer-zero",
        DidRename = "did-rename",
        DidMake = "did-make",
        DidRemove = "did-remove",
        DidWrite = "did-write",
        DidTell = "did-tell",
        DidCopy = "did-copy",
        DidOpen = "did-open",
        DidFind = "did-find",
        DidLose = "did-lose",
        WasGone = "was-gone",
        WasRenamed = "was-renamed",
        WasWritten = "was-written",
        BackAsItWas = "back-as-it-was",
        BackAsBefore = "back-as-before",
        BackTaken = "back-taken",
        BackAgentSays { why: SharedMessage } = "back-agent-says",
        BackNot { why: SharedMessage } = "back-not",

        // How far a change got.
        CameUndone = "came-undone",
        CameFailed = "came-failed",
        CameFailedAt { n: Count, of: Count, why: SharedMessage } = "came-failed-at",
        CameCutIn { n: Count, of: Count } = "came-cut-in",
        CameCutAfter { done: Count, of: Count } = "came-cut-after",
        NoteEndUnwritten { why: Verbatim } = "note-end-unwritten",
        NoteAgentUntold { why: SharedMessage } = "note-agent-untold",
        NoteUndoUntold { why: SharedMessage } = "note-undo-untold",

        // How a step is undone, as a line.
        UndoWrite { file: Verbatim } = "undo-write",
        UndoFetch { path: Verbatim } = "undo-fetch",
        UndoMade { file: Verbatim } = "undo-made",
        UndoLeave { file: Verbatim } = "undo-leave",
        UndoRename { path: Verbatim } = "undo-rename",
        UndoNamed { path: Verbatim } = "undo-named",
        UndoTell { what: Verbatim } = "undo-tell",
        UndoNot { why: SharedMessage } = "undo-not",
        StaysTold = "stays-told",
        StaysRun { line: Verbatim } = "stays-run",
        StaysSignalled { pid: Count } = "stays-signalled",
        StaysCopied = "stays-copied",
        StaysShown = "stays-shown",
        BothStay { first: SharedMessage, then: SharedMessage } = "both-stay",

        // Why a command failed, as a fragment.
        CouldNot { does: SharedMessage, why: SharedMessage } = "could-not",
        Called { line: Verbatim, came: SharedMessage, words: OptionalMessage } = "called",
        CalledSaid { words: Verbatim } = "called-said",
        CallEnded { code: Count } = "call-ended",
        CallEndedMeaning { code: Count, means: SharedMessage } = "call-ended-meaning",
        CallBySignal { signal: Count } = "call-by-signal",
        CallTooSlow { deadline: Millis } = "call-too-slow",
        CallUnanswered { s: Count, tenths: Count } = "call-unanswered",
        CallNotStarted { why: Verbatim } = "call-not-started",
        CallStillFinds { line: Verbatim, s: Count, tenths: Count } = "call-still-finds",
        CallNoProgram { line: Verbatim } = "call-no-program",
        AskNoProgram = "ask-no-program",
        AskNotStarted { why: Verbatim } = "ask-not-started",
        ToolEnded { code: Count } = "tool-ended",
        AskEndedSaying { code: Count, words: Verbatim } = "ask-ended-saying",
        AskBySignal { signal: Count } = "ask-by-signal",
        AskTooSlow = "ask-too-slow",
        AskNotWaited { why: Verbatim } = "ask-not-waited",
        AskTooLong = "ask-too-long",

        // What the exit codes of launchctl, systemctl and codesign mean, and what to do about them.
        LaunchctlMeans { code: Count } = "launchctl-means",
        LaunchctlBanned = "launchctl-banned",
        LaunchctlAdvice { code: Count } = "launchctl-advice",
        LaunchctlBannedAdvice = "launchctl-banned-advice",
        SystemctlMeans { code: Count } = "systemctl-means",
        SystemctlAdvice { code: Count } = "systemctl-advice",
        CodesignMeans { code: Count } = "codesign-means",
        DoLogInThere = "do-log-in-there",
        DoRunKilled = "do-run-killed",
        DoManagerStuck { manager: Verbatim } = "do-manager-stuck",
        DoPartOfMacos = "do-part-of-macos",
        DoWithoutSystemd = "do-without-systemd",
        DoReachSystemd = "do-reach-systemd",
        DoBundleAgain = "do-bundle-again",
        DoWaitForEnd = "do-wait-for-end",

        // Why a step is not carried out.
        NoMoveChanged { path: Verbatim } = "no-move-changed",
        NoRemoveChanged { path: Verbatim } = "no-remove-changed",
        NoWriteChanged { file: Verbatim } = "no-write-changed",
        NoWriteElsewhere { file: Verbatim } = "no-write-elsewhere",
        NoWriteOther { file: Verbatim } = "no-write-other",
        NotWritten { file: Verbatim, why: Verbatim } = "not-written",
        NothingTold { why: SharedMessage } = "nothing-told",
        NeverRun = "never-run",
        PidChanged { pid: Count } = "pid-changed",
        PidNotSignalled { pid: Count, why: SharedMessage } = "pid-not-signalled",
        PidRunsOther { pid: Count, now: Verbatim, shown: Verbatim } = "pid-runs-other",
        PidStillRuns { pid: Count, span: Millis, signal: Verbatim } = "pid-still-runs",
        PidEnded { pid: Count } = "pid-ended",
        PidNotActedOn { pid: Count, why: SharedMessage } = "pid-not-acted-on",
        BytesInNoReceipt = "bytes-in-no-receipt",
        ProgramReplaced { program: Verbatim } = "program-replaced",
        NoClipboard = "no-clipboard",
        ClipboardNotReached { why: SharedMessage } = "clipboard-not-reached",
        NoOpener = "no-opener",
        NotOpened { why: SharedMessage } = "not-opened",
        NoPage { url: Verbatim } = "no-web-page",
        /// This gopls does not list the settings that it knows.
        SettingsUnlisted = "settings-unlisted",
        NotThere { path: Verbatim } = "not-there",
        NotSameFolder { from: Verbatim, to: Verbatim } = "not-same-folder",
        NoOwnFolder { path: Verbatim } = "no-own-folder",
        ThereAlready { path: Verbatim } = "there-already",
        NotRenamed { path: Verbatim, why: Verbatim } = "not-renamed",
        BothNames { from: Verbatim, to: Verbatim } = "both-names",
        NeitherName { from: Verbatim, to: Verbatim } = "neither-name",

        // Why a change is not started, or a receipt not read.
        NoReceiptWritten { folder: Verbatim, why: Verbatim } = "no-receipt-written",
        ReceiptNotSaved { why: Verbatim } = "receipt-not-saved",
        YesToAnother = "yes-to-another",
        NoYes = "no-yes",
        NoReceiptName { name: Verbatim } = "no-receipt-name",
        ReceiptAbsent { receipt: Verbatim } = "receipt-absent",
        ReceiptUnreadable { receipt: Verbatim, why: SharedMessage } = "receipt-unreadable",
        NotJudged { receipt: Verbatim, why: Verbatim } = "not-judged",
        NoReceiptFolder { folder: Verbatim, why: Verbatim } = "no-receipt-folder",
        AnotherUnderWay = "another-under-way",
        NotAReceipt { why: Verbatim } = "not-a-receipt",
        ReceiptFormat { found: Count, known: Count } = "receipt-format",
        ReceiptOfAnother { name: Verbatim } = "receipt-of-another",
        ReceiptStepsUnfit = "receipt-steps-unfit",
        ReceiptPlanOther = "receipt-plan-other",
        ReceiptTooLong { bytes: Count } = "receipt-too-long",

        // Why a change is not undone.
        UndoneAlready { receipt: Verbatim } = "undone-already",
        UndoLaterFirst { later: Verbatim, receipt: Verbatim } = "undo-later-first",
        UndoDidNothing { receipt: Verbatim } = "undo-did-nothing",
        UndoLeftNothing { receipt: Verbatim } = "undo-left-nothing",
        UndoNothingOf { receipt: Verbatim, why: SharedMessage } = "undo-nothing-of",
        UndoNotSaved { why: Verbatim } = "undo-not-saved",
        ChangedSince { path: Verbatim } = "changed-since",
        ChangedJustNow { path: Verbatim } = "changed-just-now",
        MadeJustNow { path: Verbatim } = "made-just-now",
        LeadsElsewhere { path: Verbatim } = "leads-elsewhere",
        ThereAndKept { path: Verbatim, kept: Verbatim } = "there-and-kept",
        NotKept { path: Verbatim } = "not-kept",
        NoFolderOfOurs { path: Verbatim } = "no-folder-of-ours",
        CopyUnusable { file: Verbatim, why: SharedMessage } = "copy-unusable",
        CopyOther = "copy-other",
        NotBrought { path: Verbatim, why: Verbatim } = "not-brought",
        NotRemoved { path: Verbatim, why: Verbatim } = "not-removed",
        ReceiptContradicts = "receipt-contradicts",

        // Why a file must not be changed: after the file's name, or about its content.
        FileNoAbsolute = "file-no-absolute",
        FileNameNoText = "file-name-no-text",
        FileDangling = "file-dangling",
        FileNone = "file-none",
        FileNoFolder { why: Verbatim } = "file-no-folder",
        FileNotLookedAt { why: Verbatim } = "file-not-looked-at",
        FileNotRead { why: Verbatim } = "file-not-read",
        FileOfAnother = "file-of-another",
        FileTooLong = "file-too-long",
        FileReadOnly = "file-read-only",
        FileHardLinks = "file-hard-links",
        FileNotUtf8 = "file-not-utf8",
        FileNotChanged { file: Verbatim, why: SharedMessage } = "file-not-changed",
        SettingsNoKey = "settings-no-key",
        SettingsNoJson { why: Verbatim } = "settings-no-json",
        SettingsNoToml { why: Verbatim } = "settings-no-toml",
        SettingsHoldNone = "settings-hold-none",
        SettingsNoObject { key: Verbatim } = "settings-no-object",
        SettingsNotMade { key: Verbatim } = "settings-not-made",
        SettingsTwice { key: Verbatim } = "settings-twice",
        SettingsNoTable { key: Verbatim } = "settings-no-table",
        SettingsIsTable { key: Verbatim } = "settings-is-table",
        SettingsNoNull = "settings-no-null",
        SettingsNoNumber { number: Verbatim } = "settings-no-number",

        // Why a setting is not changed: after the file's name, or about its client and its gopls.
        SettingWatcherUnset = "setting-watcher-unset",
        SettingNoList = "setting-no-list",
        SettingLeavesAllOut = "setting-leaves-all-out",
        SettingLimits { limit: Bytes } = "setting-limits",
        SettingSharesAlready = "setting-shares-already",
        SettingSays { name: Verbatim, value: Verbatim } = "setting-says",
        SettingManyTimes { keys: Verbatim } = "setting-many-times",
        SettingNoHolder { file: Verbatim, client: Name } = "setting-no-holder",
        SettingOfNone { client: Name } = "setting-of-none",
        SettingsFileNone { client: Name } = "settings-file-none",
        SettingsFiles { client: Name, files: Verbatim } = "settings-files",
        HomeUnknown = "home-unknown",
        FolderUnknown = "folder-unknown",
        NotLookedThrough { folder: Verbatim, why: Verbatim } = "not-looked-through",
        NoLargeFolder { folder: Verbatim, seen: OptionalMessage } = "no-large-folder",
        InPartSeen = "in-part-seen",
        MachineMemoryUnknown = "machine-memory-unknown",
        MachineMemoryTooSmall = "machine-memory-too-small",
        GoplsUnknown = "gopls-unknown",
        GoplsProgramUnknown { why: Verbatim } = "gopls-program-unknown",
        GoplsInWorkspace = "gopls-in-workspace",
        GoplsNoAbsolute { program: Verbatim } = "gopls-no-absolute",
        GoplsMayKnow { name: Verbatim, since: Verbatim, why: SharedMessage } = "gopls-may-know",
        GoplsTooOld { own: Verbatim, name: Verbatim, since: Verbatim } = "gopls-too-old",
        GoplsKnowsNot { name: Verbatim, since: Verbatim } = "gopls-knows-not",

        // Why the module cache is not renamed, and no settings of macOS are opened.
        NoMac = "no-mac",
        CacheSetElsewhere = "cache-set-elsewhere",
        CacheNoGo = "cache-no-go",
        CacheNoFolder { folder: Verbatim } = "cache-no-folder",
        CacheKept { folder: Verbatim, part: Verbatim } = "cache-kept",
        CacheToldUnknown { why: SharedMessage } = "cache-told-unknown",
        GoEnvIs { file: Verbatim } = "go-env-is",

        // What is not offered, and what is ambiguous.
        NotOpenNow { incident: Verbatim } = "not-open-now",
        OfferedForMore { remedy: Verbatim } = "offered-for-more",
        OfferedMore { remedy: Verbatim } = "offered-more",
        NotOfferedFor { remedy: Verbatim, subject: SharedMessage } = "not-offered-for",
        NotOfferedRestart { remedy: Verbatim, subject: SharedMessage } = "not-offered-restart",
        NotOfferedNow { remedy: Verbatim } = "not-offered-now",
        NotWatched { pid: Count } = "not-watched",
        NothingOffered { target: OptionalMessage, process: OptionalMessage } = "nothing-offered",
        NotOffered { remedy: Verbatim, target: OptionalMessage, process: OptionalMessage } = "not-offered",
        ForTarget { target: Verbatim } = "for-target",
        ForPid { pid: Count } = "for-pid",
        TwoRemedies { one: Verbatim, other: Verbatim } = "two-remedies",
        CodeNotOpen { code: Verbatim } = "code-not-open",
        NoTarget { target: Verbatim } = "no-target",
        SeveralOpen { incidents: Verbatim } = "several-open",
        CommandOf { command: Verbatim, subject: SharedMessage } = "command-of",
        NoRestartCommand = "no-restart-command",
        OnlyIncidents = "only-incidents",
        MoreThanOneStep = "more-than-one-step",
        ProcessUnknown = "process-unknown",

        // What to do instead, or about it.
        DoRunAnew = "do-run-anew",
        DoRunAgain = "do-run-again",
        DoStartAgent = "do-start-agent",
        DoAsSaid = "do-as-said",
        DoFixLists = "do-fix-lists",
        DoFixListsWhatIs = "do-fix-lists-what-is",
        DoFixLook = "do-fix-look",
        DoFixLookAnew = "do-fix-look-anew",
        DoFixLookFirst = "do-fix-look-first",
        DoSayYes = "do-say-yes",
        DoKernelHolds = "do-kernel-holds",
        DoKillByFix { pid: Count } = "do-kill-by-fix",
        DoKill { pid: Count } = "do-kill",
        DoFreeOrSee = "do-free-or-see",
        DoFreeThatDisk = "do-free-that-disk",
        DoFreeDiskOf { folder: Verbatim } = "do-free-disk-of",
        DoFreeAndUndo { folder: Verbatim } = "do-free-and-undo",
        DoOwnFolder { folder: Verbatim } = "do-own-folder",
        DoManagedFolder { folder: Verbatim } = "do-managed-folder",
        DoSeeFolder { folder: Verbatim, typed: Verbatim } = "do-see-folder",
        DoRunYourself = "do-run-yourself",
        DoThisText = "do-this-text",
        DoGetForText { tool: SharedMessage } = "do-get-for-text",
        DoGetClipboard = "do-get-clipboard",
        DoGetOpener = "do-get-opener",
        DoOpen { what: Verbatim } = "do-open",
        DoGetOrOpen { tool: SharedMessage, what: Verbatim } = "do-get-or-open",
        NothingOpened = "nothing-opened",
        DoLookBothNames = "do-look-both-names",
        DoKeepNewer = "do-keep-newer",
        DoLookMoveOne = "do-look-move-one",
        DoLook = "do-look",
        DoLookThere = "do-look-there",
        DoSeeWhose = "do-see-whose",
        DoLookAt { path: Verbatim } = "do-look-at",
        DoReceiptFirst = "do-receipt-first",
        DoReceiptFolder = "do-receipt-folder",
        DoHistory = "do-history",
        DoAfterOther = "do-after-other",
        DoLookAtReceipt { file: Verbatim, receipt: Verbatim } = "do-look-at-receipt",
        DoUndoLater { later: Verbatim } = "do-undo-later",
        DoServiceStatus = "do-service-status",
        DoStatusQuiet = "do-status-quiet",
        DoInstallAnew = "do-install-anew",
        KeptIn { path: Verbatim } = "kept-in",
        KeptBeside { receipt: Verbatim, step: Count } = "kept-beside",
        KeptNone = "kept-none",
        DoChangeYourself = "do-change-yourself",
        DoSetRightFirst = "do-set-right-first",
        DoLookForWatcher = "do-look-for-watcher",
        DoSetFilters = "do-set-filters",
        DoOpenSmaller = "do-open-smaller",
        DoOpenSmallerOrLeaveOut = "do-open-smaller-or-leave-out",
        DoRestartGopls = "do-restart-gopls",
        DoUpdateGopls = "do-update-gopls",
        DoStatusWhose = "do-status-whose",
        DoStatusWhere = "do-status-where",
        DoNothingHere = "do-nothing-here",
        DoSpotlightSettings = "do-spotlight-settings",
        DoNamePid = "do-name-pid",
        DoNamePidOfIt = "do-name-pid-of-it",
        DoMute = "do-mute",
        DoRestartThere { command: Verbatim } = "do-restart-there",
        DoExplain { code: Verbatim } = "do-explain",
        DoNameOne = "do-name-one",

        // The login service: its state, and why there is no plan.
        ServiceRunningUntold = "service-running-untold",
        ServiceNoDesktopOfRoot = "service-no-desktop-of-root",
        ServiceNotAsked { manager: Verbatim, call: SharedMessage } = "service-not-asked",
        ForeignLink = "foreign-link",
        ForeignNoFile = "foreign-no-file",
        ForeignNoFolder = "foreign-no-folder",
        ForeignService { label: Verbatim } = "foreign-service",
        ForeignUntold { why: SharedMessage } = "foreign-untold",
        ForeignNotUnderstood { why: Verbatim } = "foreign-not-understood",
        ForeignBundle { label: Verbatim } = "foreign-bundle",
        OutdatedNotCompared { why: Verbatim } = "outdated-not-compared",
        OutdatedVersion { found: Verbatim, own: Verbatim } = "outdated-version",
        OutdatedBuild = "outdated-build",
        OutdatedList = "outdated-list",
        OutdatedSignature = "outdated-signature",
        ProgramNotRead { path: Verbatim, why: Verbatim } = "program-not-read",
        PathUnusable { path: Verbatim, why: SharedMessage } = "path-unusable",
        PathNoText = "path-no-text",
        PathNoAbsolute = "path-no-absolute",
        PathControls = "path-controls",
        PathHolds { character: Verbatim } = "path-holds",
        ServiceNotInstalled = "service-not-installed",
        ServiceOfRoot = "service-of-root",
        ServiceOfAnother { folder: Verbatim } = "service-of-another",
        ServiceListNotWritten { why: Verbatim } = "service-list-not-written",
        DoMoveAway = "do-move-away",
        DoSeeFile { path: Verbatim } = "do-see-file",
        DoPlainName = "do-plain-name",
        DoInstall = "do-install",
        DoAsYourself = "do-as-yourself",
        DoReportDefect = "do-report-defect",
        DoSeeLaunchd { target: Verbatim, log: Verbatim } = "do-see-launchd",
        DoSeeJournal { unit: Verbatim } = "do-see-journal",
        PathAbsent { path: Verbatim } = "path-absent",
        /// The file that defines the service for the manager is outdated.
        PathOutdated { path: Verbatim } = "path-outdated",
        BundleOutdated { path: Verbatim, why: SharedMessage } = "bundle-outdated",
        HomeNotFound = "home-not-found",
        OwnFileNotFound { error: Verbatim } = "own-file-not-found",
        NoteRoot = "note-root",
        NoteUpgraded = "note-upgraded",
        NoteShortLived { folder: Verbatim } = "note-short-lived",
        NoteWithoutBundle { why: SharedMessage } = "note-without-bundle",
        NoteJournal { unit: Verbatim } = "note-journal",
        NoteBackgroundItem = "note-background-item",
        NoteLeft { path: Verbatim } = "note-left",
        NoteLeftForeign { path: Verbatim, why: SharedMessage } = "note-left-foreign",
        NoteGoneAtLogin = "note-gone-at-login",

        // What doctor checks: the groups, and each check with its title, why it matters and what
        // fixes it.
        GroupGoplswatch = "group-goplswatch",
        GroupSystem = "group-system",
        CheckAgent = "check-agent",
        CheckAgentMatters = "check-agent-matters",
        CheckAgentHelps = "check-agent-helps",
        CheckService = "check-service",
        CheckServiceMatters = "check-service-matters",
        CheckServiceHelps = "check-service-helps",
        CheckIcon = "check-icon",
        CheckIconMatters = "check-icon-matters",
        CheckIconHelps = "check-icon-helps",
        CheckCapabilities = "check-capabilities",
        CheckCapabilitiesMatters = "check-capabilities-matters",
        CheckCapabilitiesHelps = "check-capabilities-helps",

        // Findings of the checks.
        CheckAgentAnswers { pid: Count, version: Verbatim } = "check-agent-answers",
        /// The agent is of another version than the program that checks.
        CheckAgentOther { version: Verbatim, own: Verbatim } = "check-agent-other",
        CheckAgentBegins = "check-agent-begins",
        CheckServiceCurrent { manager: Verbatim } = "check-service-current",
        CheckServiceNotLoaded { manager: Verbatim } = "check-service-not-loaded",
        CheckServiceNotRunning { manager: Verbatim } = "check-service-not-running",
        CheckIconNoAgent = "check-icon-no-agent",
        CheckIconUntold = "check-icon-untold",
        CheckProved { n: Count } = "check-proved",
        CheckUnsupported { name: Verbatim, why: SharedMessage } = "check-unsupported",
        CheckDenied { name: Verbatim, why: SharedMessage } = "check-denied",
        CheckNothingProved = "check-nothing-proved",
    }
}

impl Message {
    /// A message with text that is in no catalogue.
    #[must_use]
    pub fn reported(words: impl fmt::Display) -> Self {
        Self::Reported { words: Verbatim::of(words) }
    }

    /// What the class of a remedy means for its confirmation.
    #[must_use]
    pub const fn of_class(class: RemedyClass) -> Self {
        match class {
            RemedyClass::Safe => Self::ClassSafe,
            RemedyClass::Risky => Self::ClassRisky,
            RemedyClass::Manual => Self::ClassManual,
        }
    }

    /// Why each of several ways failed, one after another; `None` if there was no way.
    #[must_use]
    pub fn of_several(ways: Vec<(Verbatim, Self)>) -> Option<Self> {
        ways.into_iter().rev().fold(None, |more: Option<Self>, (one, why)| {
            let more = more.map(|what| Self::SemicolonThen { what: SharedMessage::new(what) }).into();
            Some(Self::OneOfSeveral { one, why: SharedMessage::new(why), more })
        })
    }

    /// How the text of this message relates to the likely cause of the incident.
    #[must_use]
    pub const fn cause_mention(&self) -> CauseMention {
        match self {
            Self::Loop { .. } | Self::LoopSomewhere { .. } | Self::LastLife { .. } | Self::GaveUp { .. } => {
                CauseMention::Named
            }
            Self::LoopAgain { .. }
            | Self::GoneForGood { .. }
            | Self::GoneSoFar { .. }
            | Self::GaveUpAfterShortLife { .. }
            | Self::GaveUpAtStart { .. }
            | Self::GaveUpProbably { .. } => CauseMention::NamedUnlessHow,
            _ => CauseMention::Alone,
        }
    }
}

/// Whether the text of an incident names its likely cause after its own sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseMention {
    /// The message says everything; no cause is named.
    Alone,
    /// The cause is named.
    Named,
    /// The cause is named, unless it only says how gopls ended, which the message already says.
    NamedUnlessHow,
}
