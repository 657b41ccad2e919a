//! The macOS platform.
//!
//! Theory of operation. `sys`, `libproc`, `kqueue` and `clock` hold one function per system call,
//! each returning plain data. [`crate::xnu`], [`crate::procargs`] and [`crate::wait_status`] decode
//! the data. `table` finds out which process has a pid, `origin` what became of an executable, and
//! `watching` how ends are detected. `descriptors`, `machine`, `spotlight`, `power` and
//! `executable` measure. `self_test` tries each call that may be missing at start. This file
//! implements the platform interface on top of them.
//!
//! Every call may fail: for a process that just ended, for lack of permission, or because the
//! kernel only imitates macOS. A failure leads to an unknown reading or to a second-best call; it
//! never stops monitoring. If the kernel reports no ends at all, `watch` says so and the watcher
//! polls at every scan.
//!
//! Deliberately absent: processes by sysinfo (it reads the arguments of every process at every
//! refresh; it is used for the memory of the machine only, in `machine`) and anything that needs
//! root, an entitlement or a permission prompt.

mod arguments;
mod clock;
mod descriptors;
mod executable;
pub(crate) mod file_events;
mod kqueue;
mod libproc;
mod machine;
mod origin;
mod power;
mod process;
mod self_test;
mod spotlight;
mod sys;
mod table;
mod watching;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use crate::wall_clock::wall_ms;
use goplswatch_core::capability::Capability;
use goplswatch_core::message::{Message, MessageText, SharedMessage, Verbatim};
use goplswatch_core::time::{SECOND, Uptime};
use goplswatch_core::types::BinaryChange;
use goplswatch_core::{Amount, Gauge, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::Image;

use self::clock::{Clock, boot_id, wall_ns};
use self::kqueue::Queue;
use self::machine::Machine;
use self::origin::Origin;
use self::power::Power;
pub use self::process::Process;
use self::spotlight::Spotlight;
use self::sys::Refusal;
pub use self::sys::{lower_thread_priority, peer_uid};
use self::table::Table;
use crate::bounded_call::BoundedCall;
use crate::platform::{
    Arch, Platform, PlatformEvent, ProcessInfo, ResourceHolders, RunState, StopCause, Usage, WatchOutcome,
};
use crate::xnu::{self, errno};

/// The longest single sleep. tokio's timers stop while the Mac sleeps, so the continuous clock is
/// read again at least this often.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// How often watched processes are polled in case an event was lost.
const SECOND_LOOK: Duration = Duration::from_secs(30);
/// The same if the queue has failed and no event will come.
const ONLY_LOOK: Duration = SECOND;

/// How many reports are taken in a row before other work gets its turn.
const MOST_REPORTS: usize = 1024;

/// The running macOS system.
#[derive(Debug)]
pub struct MacPlatform {
    clock: Clock,
    boot_id: String,
    table: Table,
    /// The event queue, or why there is none.
    queue: Result<Queue, Message>,
    /// Why ends cannot be watched for although there is a queue, if that is so.
    no_ends: Option<Message>,
    /// Whether the status in an event can be believed; the self-test may show that it cannot.
    trust_status: bool,
    /// Whether the path that the system reports for an executable can be believed.
    trust_path: bool,
    /// The factor for CPU times; `None` if they are meaningless.
    cpu_scale: Option<(u32, u32)>,
    /// How often watched processes are polled in case an event was lost.
    look_every: Duration,
    /// The watched process that a number in an event refers to. Numbers are never reused, so a late
    /// event cannot be taken for one of a later watch.
    watched: HashMap<u64, ProcessKey>,
    numbers: HashMap<ProcessKey, u64>,
    next_number: u64,
    pending: VecDeque<PlatformEvent>,
    /// Watched processes that were gone at the last poll, without an event.
    missing: BTreeSet<ProcessKey>,
    looked: Uptime,
    origins: HashMap<ProcessKey, Origin>,
    /// Runs the file system calls that may hang.
    calls: BoundedCall,
    /// The buffer for an answer of `KERN_PROCARGS2`; wiped after each use.
    arguments: Vec<u8>,
    /// Why descriptors are not counted, if the self-test showed that the system miscounts them.
    no_descriptors: Option<Message>,
    /// The same for file watches.
    no_watches: Option<Message>,
    machine: Machine,
    spotlight: Spotlight,
    power: Power,
}

impl MacPlatform {
    /// Opens the platform.
    ///
    /// # Errors
    /// If this system answers no request about processes at all; the message says what that means
    /// and what to do.
    pub fn new() -> Result<Self, Message> {
        let clock = Clock::new();
        let looked = clock.now();
        Ok(Self {
            boot_id: boot_id(&clock),
            clock,
            table: Table::new()?,
            queue: Queue::open(),
            no_ends: None,
            trust_status: true,
            trust_path: true,
            cpu_scale: Some((1, 1)),
            look_every: SECOND_LOOK,
            watched: HashMap::new(),
            numbers: HashMap::new(),
            next_number: 1,
            pending: VecDeque::new(),
            missing: BTreeSet::new(),
            looked,
            origins: HashMap::new(),
            calls: BoundedCall::default(),
            arguments: Vec::new(),
            no_descriptors: None,
            no_watches: None,
            machine: Machine::default(),
            spotlight: Spotlight::default(),
            power: Power::default(),
        })
    }

    /// Makes a call about a process, and checks before and after it that the pid belongs to the
    /// process that is meant.
    fn of_process<T>(&self, key: ProcessKey, ask: impl FnOnce(u32) -> Result<T, Message>) -> Reading<T> {
        let gone = || Reading::unknown(Message::ProcessGone);
        if !self.lives(key) {
            return gone();
        }
        let answer = ask(key.pid.0);
        if self.table.key(key.pid.0) != Some(key) {
            return gone();
        }
        answer.map_or_else(Reading::unknown, Reading::Known)
    }

    fn remember(&mut self, key: ProcessKey, path: &[u8], unlinked: bool) -> Result<(), Message> {
        let (started, place) = (table::started_wall_us(key.pid.0), path.to_vec());
        let origin = self.calls.run(path, move || Origin::first_seen(place, unlinked, started))?;
        self.origins.insert(key, origin);
        Ok(())
    }

    /// Forgets the executables of processes that no longer exist, once there are many.
    fn tidy_origins(&mut self, pids: &[Pid]) {
        if self.origins.len() > 64 + 2 * pids.len() {
            let there: BTreeSet<Pid> = pids.iter().copied().collect();
            self.origins.retain(|key, _| there.contains(&key.pid));
        }
    }
}

impl Platform for MacPlatform {
    fn now(&self) -> Moment {
        Moment { wall_ms: wall_ms(), uptime: self.clock.now() }
    }

    fn asleep(&self) -> Duration {
        self.clock.asleep()
    }

    fn boot_id(&self) -> String {
        self.boot_id.clone()
    }

    fn self_test(&mut self) -> Vec<Capability> {
        self.prove_all()
    }

    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message> {
        self.table.pids(out)?;
        self.tidy_origins(out);
        Ok(())
    }

    fn process_info(&mut self, pid: Pid) -> Reading<Option<ProcessInfo>> {
        // These calls need no descriptor, so a refusal means that there is no process of ours to
        // see.
        let Some((key, basics)) = self.table.look(pid.0) else { return Reading::Known(None) };
        let started = basics.started_wall_us.or_else(|| table::started_wall_us(pid.0));
        Reading::Known(Some(ProcessInfo {
            key,
            parent: Pid(basics.parent),
            comm: basics.comm,
            state: basics.state,
            execed: basics.execed,
            started: xnu::started(started, wall_ns(), self.clock.now()),
        }))
    }

    fn image(&mut self, key: ProcessKey) -> Option<Image> {
        let basics = self.table.look_at(key)?;
        if basics.state == RunState::Zombie {
            let why = Message::EndedUnreaped;
            return Some(Image {
                comm: basics.comm,
                exe: Reading::unknown(why.clone()),
                argv: Reading::Known(Vec::new()),
                env: Reading::unknown(why.clone()),
                folder: Reading::unknown(why),
            });
        }
        let args = self.arguments(key.pid.0);
        let (exe, _) = self.executable(key.pid.0, &args);
        let folder = match libproc::folder_info(key.pid.0) {
            Ok(bytes) => xnu::folder(&bytes).map_or_else(|| Reading::unknown(Message::NoFolderNamed), Reading::Known),
            Err(refusal) => Reading::unknown(refusal.of("PROC_PIDVNODEPATHINFO")),
        };
        // All of that was read by pid, so it belongs to this process only if it still has the pid.
        if self.table.key(key.pid.0) != Some(key) {
            return None;
        }
        let (argv, env) = match args {
            Ok(args) => (Reading::Known(args.argv), Reading::Known(args.env)),
            Err(why) => (Reading::unknown(why.clone()), Reading::unknown(why)),
        };
        Some(Image { comm: basics.comm, exe, argv, env, folder })
    }

    fn arch(&mut self, key: ProcessKey) -> Arch {
        let Some(basics) = self.table.look_at(key) else {
            let gone = Message::ProcessGone;
            return Arch { name: Reading::unknown(gone.clone()), translated: Reading::unknown(gone) };
        };
        let kinfo = table::kinfo(key.pid.0).map(|(_, translated)| translated);
        let translated = xnu::translated(kinfo.map_err(|refusal| refusal.of("KERN_PROC_PID")), basics.rosetta);
        let name = match libproc::arch_info(key.pid.0) {
            Ok(bytes) => match xnu::arch_name(&bytes) {
                Some(Ok(name)) => Reading::Known(name.to_owned()),
                Some(Err(number)) => Reading::unknown(Message::UnknownCpu { number: Verbatim(format!("{number:#x}")) }),
                None => Reading::unknown(Refusal::Nonsense.of("PROC_PIDARCHINFO")),
            },
            // Rosetta translates no other architecture.
            Err(_) if translated == Reading::Known(true) => Reading::Known("x86_64".to_owned()),
            Err(refusal) => Reading::unknown(refusal.of("PROC_PIDARCHINFO")),
        };
        Arch { name, translated }
    }

    fn watch(&mut self, key: ProcessKey) -> WatchOutcome {
        if self.numbers.contains_key(&key) {
            return WatchOutcome::Attached;
        }
        if !self.lives(key) {
            return WatchOutcome::Gone;
        }
        if let Some(why) = &self.no_ends {
            return WatchOutcome::Refused(why.clone());
        }
        let number = self.next_number;
        self.next_number += 1;
        match self.attach(key.pid.0, number) {
            Ok(_) => {}
            Err(None) => return WatchOutcome::Gone,
            Err(Some(why)) => return WatchOutcome::Refused(why),
        }
        // The pid may have been reused between the look and the attachment. If no process has it
        // now, the one that we attached to has just ended, and its event is on the way.
        if self.table.key(key.pid.0).is_some_and(|now| now != key) {
            if let Ok(queue) = &self.queue {
                queue.forget(key.pid.0);
            }
            return WatchOutcome::Gone;
        }
        self.watched.insert(number, key);
        self.numbers.insert(key, number);
        WatchOutcome::Attached
    }

    /// Bytes are those read from and written to disk: macOS counts no others per process, so what
    /// the page cache serves is not visible. Memory is the physical footprint, as Activity Monitor
    /// shows it.
    fn usage(&mut self, key: ProcessKey) -> Reading<Usage> {
        let Some(basics) = self.table.look_at(key) else { return Reading::unknown(Message::ProcessGone) };
        if basics.state == RunState::Zombie {
            return Reading::unknown(Message::EndedUnreaped);
        }
        let rusage = match rusage(key.pid.0) {
            Ok((rusage, _)) => rusage,
            Err(refusal) => return Reading::unknown(refusal.of("proc_pid_rusage")),
        };
        let Some((numer, denom)) = self.cpu_scale else {
            return Reading::unknown(Message::CallRefused {
                call: Verbatim::of("proc_pid_rusage"),
                why: SharedMessage::new(Message::CpuTimesNotTrue),
            });
        };
        Reading::Known(Usage {
            cpu: Duration::from_nanos(xnu::ticks_to_ns(self.clock.ticks_to_ns(rusage.cpu_ticks), numer, denom)),
            io_bytes: rusage.disk_bytes,
            resident_bytes: rusage.memory_bytes,
            stopped: basics.state == RunState::Stopped,
            // One more call, as cheap as the one before. If it fails, only the number of threads is
            // missing.
            threads: libproc::task_info(key.pid.0).ok().and_then(|bytes| xnu::thread_count(&bytes)),
        })
    }

    fn stop_cause(&mut self, key: ProcessKey) -> Reading<Option<StopCause>> {
        let answer = libproc::bsd_info(key.pid.0);
        // The answer belongs to this process only if it still has the pid afterwards.
        if !self.lives(key) {
            return Reading::unknown(Message::ProcessGone);
        }
        match answer.and_then(|bytes| xnu::stop_cause(&bytes).ok_or(Refusal::Nonsense)) {
            Ok(halt) => Reading::Known(halt),
            Err(refusal) => Reading::unknown(refusal.of("PROC_PIDTBSDINFO")),
        }
    }

    fn binary_change(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>> {
        if !self.lives(key) {
            return Reading::unknown(Message::ProcessGone);
        }
        if !self.origins.contains_key(&key) {
            let args = self.arguments(key.pid.0);
            match self.executable(key.pid.0, &args) {
                (Reading::Known(path), unlinked) => {
                    if let Err(why) = self.remember(key, &path, unlinked) {
                        return Reading::unknown(why);
                    }
                }
                (Reading::Unknown { unknown }, _) => return Reading::Unknown { unknown },
            }
        }
        match self.origins.get(&key).cloned() {
            Some(origin) => {
                let path = origin.path.clone();
                self.calls.run(&path, move || origin.change()).unwrap_or_else(Reading::unknown)
            }
            None => Reading::unknown(Message::ProcessGone),
        }
    }

    /// Always `None`: finding out what a thread of another process waits for needs its task port,
    /// which takes root or an entitlement. The watcher names the active child processes instead,
    /// which is the useful answer.
    fn waits_for(&mut self, _key: ProcessKey) -> Option<Message> {
        None
    }

    fn descriptor_bound(&mut self, key: ProcessKey) -> Reading<u64> {
        match &self.no_descriptors {
            Some(why) => Reading::unknown(why.clone()),
            None => self.of_process(key, descriptors::bound),
        }
    }

    /// What macOS allows any one process (`kern.maxfilesperproc`). A process may have set itself a
    /// lower limit, which no other process can read. A Go program raises its own limit as far as
    /// possible when it starts (Go `os/rlimit.go`, since 1.19), so for gopls this is the limit.
    fn descriptor_limit(&mut self, key: ProcessKey) -> Reading<u64> {
        self.of_process(key, |_| descriptors::limit())
    }

    fn descriptors(&mut self, key: ProcessKey) -> Reading<Amount> {
        match &self.no_descriptors {
            Some(why) => Reading::unknown(why.clone()),
            None => self.of_process(key, descriptors::count),
        }
    }

    /// Counts the knotes on files in the kqueues of which the process has a descriptor. FSEvents
    /// streams watch whole trees and are not counted.
    fn watches(&mut self, key: ProcessKey) -> Reading<Amount> {
        match &self.no_watches {
            Some(why) => Reading::unknown(why.clone()),
            None => self.of_process(key, descriptors::watches),
        }
    }

    /// The physical footprint again: macOS charges a shared page to one process only, so there is
    /// nothing to divide.
    fn shared_memory(&mut self, key: ProcessKey) -> Reading<u64> {
        self.of_process(key, |pid| match rusage(pid) {
            Ok((rusage, _)) => Ok(rusage.memory_bytes),
            Err(refusal) => Err(refusal.of("proc_pid_rusage")),
        })
    }

    fn blocked(&mut self, key: ProcessKey) -> Reading<Option<Reading<MessageText>>> {
        self.of_process(key, descriptors::blocked)
    }

    /// Descriptors only: a file watch costs a descriptor here, and macOS has no separate limit on
    /// watches.
    fn holders(&mut self, gauge: Gauge) -> Reading<ResourceHolders> {
        match (gauge, &self.no_descriptors) {
            (Gauge::Descriptors, None) => {
                descriptors::holders(&mut self.table).map_or_else(Reading::unknown, Reading::Known)
            }
            (Gauge::Descriptors, Some(why)) => Reading::unknown(why.clone()),
            (gauge, _) => Reading::unknown(Message::NotOfUsers { gauge }),
        }
    }

    fn machine(&mut self, out: &mut Vec<(Gauge, Reading<Amount>)>) {
        out.clear();
        self.machine.look(self.clock.now(), &mut self.table, out);
    }

    fn indexer_cpu(&mut self) -> Option<Reading<u64>> {
        self.spotlight.ask()
    }

    fn slices(&mut self, exe: &[u8]) -> Reading<Vec<String>> {
        let path = exe.to_vec();
        self.calls.run(exe, move || executable::slices(&path)).unwrap_or_else(Reading::unknown)
    }

    fn saves_power(&mut self) -> bool {
        self.power.spares(self.clock.now())
    }

    async fn next(&mut self, until: Uptime) -> Option<PlatformEvent> {
        loop {
            for _ in 0..MOST_REPORTS {
                let Some(report) = self.queue.as_mut().ok().and_then(Queue::take) else { break };
                self.take(report);
            }
            let now = self.clock.now();
            self.look_again(now);
            if let Some(sign) = self.pending.pop_front() {
                return Some(sign);
            }
            if now >= until {
                return None;
            }
            let longest = if self.queue.is_ok() { LONGEST_NAP.min(self.look_every) } else { ONLY_LOOK };
            let nap = tokio::time::sleep(until.since(now).min(longest));
            let Ok(queue) = &mut self.queue else {
                nap.await;
                continue;
            };
            let report = tokio::select! {
                biased;
                report = queue.next() => report,
                () = nap => continue,
            };
            match report {
                Some(report) => self.take(report),
                None => self.queue = Err(Message::EventThreadEnded),
            }
        }
    }
}

/// What a process has used, from the first flavour that works, and which flavour that was.
fn rusage(pid: u32) -> Result<(xnu::Rusage, i32), Refusal> {
    let mut refusal = Refusal::Nonsense;
    for (flavour, size) in libproc::RUSAGE_FLAVOURS {
        match libproc::rusage(pid, flavour) {
            Ok(bytes) => match bytes.get(..size).and_then(xnu::rusage) {
                Some(rusage) => return Ok((rusage, flavour)),
                None => refusal = Refusal::Nonsense,
            },
            Err(error) if error.is(errno::ESRCH) || error.denied() => return Err(error),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}
