//! The seam: what the watcher may ask of the world, and nothing more.
//!
//! One implementation per system (`linux`, `macos`), one that tests write by hand (`scripted`). Each method is one
//! question with a small answer; every decision is made above it, where all systems share it. Every call may fail, in
//! the middle of a scan, for a process that was there a moment ago: that is an answer ("gone", "unknown, because"),
//! never an error that stops the watch.

use std::future::Future;

use goplswatch_core::message::{Message, Said};
use goplswatch_core::words::{BinaryChange, Capability, EndDetail, ExitStatus};
use goplswatch_core::{Amount, Gauge, Holder, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::Image;

/// What one cheap look at one pid shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// Its identity.
    pub key: ProcessKey,
    /// The pid of its parent now (1, or a subreaper's, once its own parent has ended).
    pub parent: Pid,
    /// The kernel's short name (at most 15 or 16 bytes).
    pub comm: Vec<u8>,
    /// Its state.
    pub state: RunState,
    /// False while it is a fork that has not exec'd: it still looks like its parent.
    pub execed: bool,
    /// When it started, nanoseconds of the continuous clock.
    pub started_ns: Reading<u64>,
}

/// The states that matter to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Running or sleeping.
    Alive,
    /// Stopped by a signal or a debugger.
    Stopped,
    /// Dead, not yet reaped by its parent: dead all the same.
    Zombie,
}

/// What keeps a process from running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// A signal stopped it: SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU. SIGCONT lets it go on.
    Signal,
    /// A debugger holds it.
    Tracer,
    /// Its control group is frozen (Linux), whether a signal has stopped it or not.
    Freezer,
}

/// The architecture a process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arch {
    /// `arm64`, `x86_64` …
    pub name: Reading<String>,
    /// Whether the system translates it (Rosetta).
    pub translated: Reading<bool>,
}

/// What a process has used since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time, user and system, nanoseconds.
    pub cpu_ns: u64,
    /// Bytes read and written; `None` where the system does not say. Linux counts every read and write call, macOS
    /// only what reached a disk.
    pub io_bytes: Option<u64>,
    /// Resident memory now, bytes.
    pub resident_bytes: u64,
    /// Whether it is stopped.
    pub stopped: bool,
    /// Its threads; `None` where that would cost another question.
    pub threads: Option<u32>,
}

/// Who holds how much of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What all processes of this user hold together.
    pub total: Amount,
    /// Those that hold most, most first; a handful.
    pub holders: Vec<Holder>,
}

/// Whether a process is being watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Its end will be reported.
    Yes,
    /// It had ended before we could attach.
    Gone,
    /// The system would not; the watcher looks at it at every scan instead.
    No(Message),
}

/// Something that happened by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A watched process ended. Its watch is over.
    Ended {
        /// Which.
        key: ProcessKey,
        /// How.
        status: ExitStatus,
        /// What the kernel added.
        detail: Option<EndDetail>,
    },
    /// A watched process forked: a scan now will show what (macOS).
    Forked(ProcessKey),
    /// A watched process exec'd: it is another program now (macOS).
    Execed(ProcessKey),
}

/// What the world can be asked. Only processes of our own effective user are ever reported.
pub trait World {
    /// Now, on both clocks.
    fn now(&self) -> Moment;

    /// How long the machine has slept since boot, nanoseconds: the continuous clock minus the one that stops in sleep.
    fn asleep_ns(&self) -> u64;

    /// Which boot the continuous clock counts from; a process identity is good for that boot only.
    fn boot_id(&self) -> String;

    /// Proves the risky capabilities on this machine, by doing them once. Called once, at start.
    fn prove(&mut self) -> Vec<Capability>;

    /// Every pid there is, in no order, as cheaply as the system can. `out` is cleared first.
    ///
    /// # Errors
    /// If the table cannot be listed at all; the message says what that means and what to do.
    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message>;

    /// One cheap look. `Known(None)`: it is gone, or not ours. Unknown: it could not be looked at (no descriptors left,
    /// say), which proves nothing.
    fn glimpse(&mut self, pid: Pid) -> Reading<Option<Glimpse>>;

    /// What it was started as. `None`: it is gone, or another process has its pid now.
    fn image(&mut self, key: ProcessKey) -> Option<Image>;

    /// The architecture it runs as.
    fn arch(&mut self, key: ProcessKey) -> Arch;

    /// Watch for its end (and, where the system can, for its forks and execs). Watching twice is watching once.
    fn watch(&mut self, key: ProcessKey) -> Watched;

    /// What it has used.
    fn usage(&mut self, key: ProcessKey) -> Reading<Usage>;

    /// What keeps it from running. `Known(None)`: nothing. Reads more than a look: asked of a server that is stopped by
    /// what [`Usage`] says, and of its client.
    fn halt(&mut self, key: ProcessKey) -> Reading<Option<Halt>>;

    /// Whether its executable still stands where it was started from. `Known(None)`: it does.
    fn binary(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>>;

    /// What a process that does nothing waits for: a phrase that fits after "it waits for". Costly; asked rarely.
    fn waits_for(&mut self, key: ProcessKey) -> Option<Message>;

    /// No more descriptors than this are open in it: cheap, whatever the number.
    fn descriptor_bound(&mut self, key: ProcessKey) -> Reading<u64>;

    /// How many it may have open.
    fn descriptor_limit(&mut self, key: ProcessKey) -> Reading<u64>;

    /// How many are open. Costs by their number.
    fn descriptors(&mut self, key: ProcessKey) -> Reading<Amount>;

    /// Files and folders that it itself watches for changes. Costs by the number of its descriptors.
    fn watches(&mut self, key: ProcessKey) -> Reading<Amount>;

    /// Its memory with what it shares divided among those that share it, bytes. Costs by its size.
    fn shared_memory(&mut self, key: ProcessKey) -> Reading<u64>;

    /// Whether a thread of it waits inside the kernel and cannot be interrupted right now, or waits for a program that
    /// provides a file system, and on what: a phrase that fits after "it waits for". `Known(None)`: none does. Costs by
    /// the number of its threads.
    fn blocked(&mut self, key: ProcessKey) -> Reading<Option<Reading<Said>>>;

    /// Who of this user holds most of [`Gauge::Descriptors`] or [`Gauge::Watches`]. Costs by the number of processes.
    fn holders(&mut self, gauge: Gauge) -> Reading<Held>;

    /// What is measured of the machine, as far as it is cheap. `out` is cleared first. Gauges that this system does not
    /// have are left out; those that it has and would not tell are unknown.
    fn machine(&mut self, out: &mut Vec<(Gauge, Reading<Amount>)>);

    /// What Spotlight uses together, thousandths of a core. `None`: it is being asked, and a later look has the answer.
    fn indexer(&mut self) -> Option<Reading<u64>>;

    /// The architectures that an executable file holds, `arm64` and `x86_64` …, in the order of the file.
    fn slices(&mut self, exe: &[u8]) -> Reading<Vec<String>>;

    /// Whether the machine runs on its battery or saves power: then everything is measured half as often.
    fn spares_power(&mut self) -> bool;

    /// The next sign, or `None` once the continuous clock has reached `until_ns`. Cancel-safe.
    fn next(&mut self, until_ns: u64) -> impl Future<Output = Option<Sign>>;
}
