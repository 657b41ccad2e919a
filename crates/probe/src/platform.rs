//! The platform interface: everything the watcher may request from the operating system.
//!
//! There is one implementation per platform (`linux`, `macos`) and one for tests, which plays a
//! script (`scripted`). Each method answers one narrow question. All decisions are made above this
//! interface, in code that every platform shares. Any call may fail in the middle of a scan, for a
//! process that existed a moment ago. The result then says "gone" or "unknown, because …"; it is
//! never an error that stops monitoring.

use std::future::Future;
use std::time::Duration;

use goplswatch_core::capability::Capability;
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::time::Uptime;
use goplswatch_core::types::BinaryChange;
use goplswatch_core::{Amount, Gauge, Holder, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::Image;

/// The result of one cheap look at one pid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Identity of the process.
    pub key: ProcessKey,
    /// Pid of its current parent: 1, or that of a subreaper, once its original parent has ended.
    pub parent: Pid,
    /// The kernel's short name of the process (at most 15 or 16 bytes).
    pub comm: Vec<u8>,
    /// Run state.
    pub state: RunState,
    /// False while it is a fork that has not called exec: until then it looks like its parent.
    pub execed: bool,
    /// Start time on the continuous clock.
    pub started: Reading<Uptime>,
}

/// The process states that this program distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Running or sleeping.
    Alive,
    /// Stopped by a signal or a debugger.
    Stopped,
    /// Dead but not yet reaped by its parent; treated as dead.
    Zombie,
}

/// What keeps a process from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// A signal stopped it: SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU. SIGCONT lets it go on.
    Signal,
    /// A debugger holds it.
    Tracer,
    /// Its control group is frozen (Linux), whether or not a signal has stopped it as well.
    Freezer,
}

/// The architecture a process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arch {
    /// `arm64`, `x86_64` …
    pub name: Reading<String>,
    /// Whether the system translates its code (Rosetta).
    pub translated: Reading<bool>,
}

/// What a process has used since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time, user and system.
    pub cpu: Duration,
    /// Bytes read and written; `None` if the system does not report them. Linux counts every read
    /// and write call, macOS only what reached a disk.
    pub io_bytes: Option<u64>,
    /// Resident memory now, bytes.
    pub resident_bytes: u64,
    /// Whether it is stopped.
    pub stopped: bool,
    /// Number of threads; `None` if it could not be read.
    pub threads: Option<u32>,
}

/// How much of a resource is held, and by which processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceHolders {
    /// Total over all processes of this user.
    pub total: Amount,
    /// The few processes that hold most, largest first.
    pub holders: Vec<Holder>,
}

/// The result of attaching to a process to learn of its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchOutcome {
    /// The end of the process will be reported.
    Attached,
    /// The process had ended before it could be attached to.
    Gone,
    /// The system refused; the watcher polls the process at every scan instead.
    Refused(Message),
}

/// An event that the platform reports on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformEvent {
    /// A watched process ended. It is no longer watched.
    Ended {
        /// The process that ended.
        key: ProcessKey,
        /// How it ended.
        status: ExitStatus,
        /// Further detail from the kernel.
        detail: Option<EndDetail>,
    },
    /// A watched process forked; a scan will now find the child (macOS).
    Forked(ProcessKey),
    /// A watched process called exec and runs another program now (macOS).
    Execed(ProcessKey),
}

/// The requests a platform answers. Only processes of our own effective user are ever reported.
pub trait Platform {
    /// The current time on both clocks.
    fn now(&self) -> Moment;

    /// How long the machine has slept since boot: the continuous clock minus the clock that
    /// stops during sleep.
    fn asleep(&self) -> Duration;

    /// Identifies the boot at which the continuous clock started. A process identity is valid only
    /// within that boot.
    fn boot_id(&self) -> String;

    /// Self-test: exercises the capabilities that may be missing on this machine by using each
    /// once. Called once, at start.
    fn self_test(&mut self) -> Vec<Capability>;

    /// Lists every pid in no particular order, by the cheapest means the system has. `out` is
    /// cleared first.
    ///
    /// # Errors
    /// If the process table cannot be listed at all. The message says what that means and what to
    /// do.
    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message>;

    /// One cheap look at a pid. `Known(None)`: the process is gone or belongs to another user.
    /// Unknown: it could not be looked at (no descriptors left, for example), which does not mean
    /// that it has ended.
    fn process_info(&mut self, pid: Pid) -> Reading<Option<ProcessInfo>>;

    /// The program, arguments, environment and folder of a process. `None`: it is gone, or its pid
    /// belongs to another process now.
    fn image(&mut self, key: ProcessKey) -> Option<Image>;

    /// The architecture the process runs as.
    fn arch(&mut self, key: ProcessKey) -> Arch;

    /// Attaches to a process so that its end is reported, and its forks and execs where the system
    /// can. Calling this twice for a process has the same effect as calling it once.
    fn watch(&mut self, key: ProcessKey) -> WatchOutcome;

    /// What the process has used.
    fn usage(&mut self, key: ProcessKey) -> Reading<Usage>;

    /// What keeps the process from running; `Known(None)`: nothing. Costs more than a [`ProcessInfo`],
    /// so it is called only for a server that is stopped according to [`Usage`], and for that
    /// server's client.
    fn stop_cause(&mut self, key: ProcessKey) -> Reading<Option<StopCause>>;

    /// Whether its executable was deleted or replaced since it started. `Known(None)`: it was not.
    fn binary_change(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>>;

    /// What an inactive process waits for: a phrase that fits after "it waits for". Expensive;
    /// called rarely.
    fn waits_for(&mut self, key: ProcessKey) -> Option<Message>;

    /// An upper bound on the number of descriptors open in the process. The cost does not depend on
    /// that number.
    fn descriptor_bound(&mut self, key: ProcessKey) -> Reading<u64>;

    /// How many descriptors the process may have open.
    fn descriptor_limit(&mut self, key: ProcessKey) -> Reading<u64>;

    /// How many descriptors are open. The cost grows with their number.
    fn descriptors(&mut self, key: ProcessKey) -> Reading<Amount>;

    /// How many files and folders the process itself watches for changes. The cost grows with the
    /// number of its descriptors.
    fn watches(&mut self, key: ProcessKey) -> Reading<Amount>;

    /// Proportional memory in bytes: shared pages are divided among the processes that share them.
    /// The cost grows with the size of the process.
    fn shared_memory(&mut self, key: ProcessKey) -> Reading<u64>;

    /// Whether one of its threads is in an uninterruptible wait inside the kernel, or waits for a
    /// program that provides a file system, and what it waits on: a phrase that fits after "it
    /// waits for". `Known(None)`: no thread does. The cost grows with the number of threads.
    fn blocked(&mut self, key: ProcessKey) -> Reading<Option<Reading<MessageText>>>;

    /// The processes of this user that hold most of [`Gauge::Descriptors`] or [`Gauge::Watches`].
    /// The cost grows with the number of processes.
    fn holders(&mut self, gauge: Gauge) -> Reading<ResourceHolders>;

    /// The machine-wide gauges that are cheap to read. `out` is cleared first. Gauges that this
    /// platform lacks are left out; gauges that it has but could not read are unknown.
    fn machine(&mut self, out: &mut Vec<(Gauge, Reading<Amount>)>);

    /// CPU used by all Spotlight processes together, thousandths of a core. `None`: the reading is
    /// in progress, and a later call returns it.
    fn indexer_cpu(&mut self) -> Option<Reading<u64>>;

    /// The architectures in an executable file (`arm64`, `x86_64` …), in file order.
    fn slices(&mut self, exe: &[u8]) -> Reading<Vec<String>>;

    /// Whether the machine runs on battery or in a power-saving mode. Everything is then measured
    /// half as often.
    fn saves_power(&mut self) -> bool;

    /// The next event, or `None` once the continuous clock has reached `until`. Cancel-safe.
    fn next(&mut self, until: Uptime) -> impl Future<Output = Option<PlatformEvent>>;
}
