//! The world as macOS shows it.
//!
//! Theory of operation. `sys`, `libproc`, `kqueue` and `clock` hold one function per system call, each returning plain
//! data; [`crate::xnu`], [`crate::procargs`] and [`crate::wait_status`] say what the data means. `table` knows who has a
//! pid, `origin` what became of an executable, `prove` tries each risky call at start. This file answers the questions
//! of the seam from those.
//!
//! Every call may fail: for a process that just ended, for lack of permission, or because the kernel only resembles
//! macOS. A failure is an unknown reading or a second-best call, never the end of the watch. Where the kernel reports no
//! ends at all, `watch` says so and the watcher looks at every scan.
//!
//! What is deliberately absent: sysinfo (it reads the arguments of every process at every refresh) and anything that
//! needs root, an entitlement or a permission prompt.

mod clock;
mod kqueue;
mod libproc;
mod origin;
mod process;
mod prove;
mod sys;
mod table;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use goplswatch_core::words::{BinaryChange, Capability, ExitStatus};
use goplswatch_core::{Amount, Gauge, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::Image;

use self::clock::{Clock, wall_ns};
use self::kqueue::{ProcEvent, Queue, Report};
use self::origin::Origin;
pub use self::process::Process;
use self::sys::Refusal;
pub use self::sys::{calm_thread, peer_uid};
use self::table::Table;
use crate::procargs::{ProcArgs, parse_procargs2};
use crate::world::{Arch, Glimpse, Held, RunState, Sign, Usage, Watched, World};
use crate::xnu::{self, errno};

/// The longest single sleep. tokio's timers stand still while the Mac sleeps, so the continuous clock is read again at
/// least this often.
const LONGEST_NAP_NS: u64 = 30_000_000_000;
/// How often watched processes are looked at in case an event was lost.
const SECOND_LOOK_NS: u64 = 30_000_000_000;
/// The same where the queue has failed and no event will come.
const ONLY_LOOK_NS: u64 = 1_000_000_000;

/// So many reports are taken before the rest of the world gets its turn.
const MOST_REPORTS: usize = 1024;

/// This Mac.
#[derive(Debug)]
pub struct MacWorld {
    clock: Clock,
    boot_id: String,
    table: Table,
    /// The event queue, or why there is none.
    queue: Result<Queue, String>,
    /// Why watching is pointless although there is a queue, if it is.
    no_ends: Option<String>,
    /// Whether the status in an event can be believed; a proof may show that it cannot.
    trust_status: bool,
    /// Whether the path that the system tells of an executable can be believed.
    trust_path: bool,
    /// What CPU times have to be multiplied by; `None` where they mean nothing.
    cpu_scale: Option<(u32, u32)>,
    /// How often watched processes are looked at in case an event was lost.
    look_every_ns: u64,
    /// Which watched process a number in an event means. Numbers are never used twice, so that a late event cannot be
    /// taken for one of a later watch.
    watched: HashMap<u64, ProcessKey>,
    numbers: HashMap<ProcessKey, u64>,
    next_number: u64,
    pending: VecDeque<Sign>,
    /// Watched processes that were gone at the last second look, without an event.
    missing: BTreeSet<ProcessKey>,
    looked_ns: u64,
    origins: HashMap<ProcessKey, Origin>,
    /// Room for an answer of `KERN_PROCARGS2`; wiped after each use.
    arguments: Vec<u8>,
}

impl MacWorld {
    /// Opens the world.
    ///
    /// # Errors
    /// If this system answers no question about processes at all; the text says what that means and what to do.
    pub fn new() -> Result<Self, String> {
        let clock = Clock::new();
        let looked_ns = clock.now_ns();
        Ok(Self {
            boot_id: boot_id(&clock),
            clock,
            table: Table::new()?,
            queue: Queue::open(),
            no_ends: None,
            trust_status: true,
            trust_path: true,
            cpu_scale: Some((1, 1)),
            look_every_ns: SECOND_LOOK_NS,
            watched: HashMap::new(),
            numbers: HashMap::new(),
            next_number: 1,
            pending: VecDeque::new(),
            missing: BTreeSet::new(),
            looked_ns,
            origins: HashMap::new(),
            arguments: Vec::new(),
        })
    }

    /// Attaches, asking for less as long as the kernel refuses. What it granted, or what it said last.
    fn attach(&mut self, pid: u32, number: u64) -> Result<u32, String> {
        let queue = self.queue.as_mut().map_err(|why| why.clone())?;
        let mut notes = xnu::NOTE_ALL;
        loop {
            let refusal = match queue.watch(pid, notes, number) {
                Ok(()) => return Ok(notes),
                Err(refusal) => refusal,
            };
            if refusal.is(errno::ESRCH) {
                return Err(String::new());
            }
            match refusal {
                Refusal::Errno(number) => match xnu::next_notes(notes, number) {
                    Some(less) => notes = less,
                    None => return Err(format!("kevent64: {refusal}")),
                },
                _ => return Err(format!("kevent64: {refusal}")),
            }
        }
    }

    fn forget(&mut self, key: ProcessKey) {
        if let Some(number) = self.numbers.remove(&key) {
            self.watched.remove(&number);
        }
        self.missing.remove(&key);
    }

    fn take(&mut self, report: Report) {
        match report {
            Report::Event(event) => self.take_event(event),
            Report::Broken(refusal) => {
                self.queue = Err(format!("the event queue of the system failed: {refusal}"));
            }
        }
    }

    fn take_event(&mut self, event: ProcEvent) {
        let Some(&key) = self.watched.get(&event.udata) else { return };
        if event.notes & xnu::NOTE_EXEC != 0 {
            // It runs another file now.
            self.origins.remove(&key);
        }
        let notes = if self.trust_status { event.notes } else { event.notes & !xnu::NOTE_EXITSTATUS };
        if xnu::signs(key, event.flags, notes, event.data, &mut self.pending) {
            self.forget(key);
            self.origins.remove(&key);
        }
    }

    /// Looks at the watched processes in case an event was lost: a process that is gone at two looks in a row, or at one
    /// where no event can come, has ended.
    fn look_again(&mut self, now_ns: u64) {
        let events_come = self.queue.is_ok();
        let pause = if events_come { self.look_every_ns } else { ONLY_LOOK_NS };
        if self.numbers.is_empty() || now_ns < self.looked_ns.saturating_add(pause) {
            return;
        }
        self.looked_ns = now_ns;
        let gone: BTreeSet<ProcessKey> = self.numbers.keys().filter(|key| !self.lives(**key)).copied().collect();
        for &key in &gone {
            if events_come && !self.missing.contains(&key) {
                continue;
            }
            self.forget(key);
            self.origins.remove(&key);
            let status = ExitStatus::Unknown("it ended without an event from the system".to_owned());
            self.pending.push_back(Sign::Ended { key, status, detail: None });
        }
        self.missing = gone.into_iter().filter(|key| self.numbers.contains_key(key)).collect();
    }

    fn lives(&self, key: ProcessKey) -> bool {
        self.table.look_at(key).is_some_and(|basics| basics.state != RunState::Zombie)
    }

    fn arguments(&mut self, pid: u32) -> Result<ProcArgs, String> {
        if self.arguments.is_empty() {
            self.arguments.resize(argument_room(), 0);
        }
        let pid = i32::try_from(pid).map_err(|_| "no such process number".to_owned())?;
        let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, pid];
        let got =
            sys::sysctl(&mut name, &mut self.arguments).map_err(|refusal| format!("KERN_PROCARGS2: {refusal}"))?;
        let Some(answer) = self.arguments.get_mut(..got) else {
            return Err("KERN_PROCARGS2: its answer cannot be true".to_owned());
        };
        let args = parse_procargs2(answer).map_err(|why| format!("KERN_PROCARGS2: {why}"));
        // The rest of that environment is not ours to keep.
        answer.fill(0);
        args
    }

    /// The executable of a process, and whether the kernel said that its file is gone.
    fn executable(&self, pid: u32, args: &Result<ProcArgs, String>) -> (Reading<Vec<u8>>, bool) {
        let refusal = match libproc::path(pid) {
            Ok(path) if self.trust_path => return (Reading::Known(path), false),
            Ok(_) => Refusal::Nonsense,
            Err(refusal) => refusal,
        };
        // The path that exec was given says where it stood, if it was a whole one.
        match args {
            Ok(args) if args.exec_path.starts_with(b"/") => {
                (Reading::Known(args.exec_path.clone()), refusal.is(errno::ENOENT))
            }
            _ => (Reading::unknown(format!("proc_pidpath: {refusal}")), false),
        }
    }

    fn remember(&mut self, key: ProcessKey, path: &[u8], unlinked: bool) {
        let origin = Origin::first_seen(path.to_vec(), unlinked, table::started_wall_us(key.pid.0));
        self.origins.insert(key, origin);
    }

    /// Forgets the executables of processes that are no more, when there are many.
    fn tidy_origins(&mut self, pids: &[Pid]) {
        if self.origins.len() > 64 + 2 * pids.len() {
            let there: BTreeSet<Pid> = pids.iter().copied().collect();
            self.origins.retain(|key, _| there.contains(&key.pid));
        }
    }
}

impl World for MacWorld {
    fn now(&self) -> Moment {
        let wall_ms = i64::try_from(wall_ns() / 1_000_000).unwrap_or(i64::MAX);
        Moment { wall_ms, cont_ns: self.clock.now_ns() }
    }

    fn asleep_ns(&self) -> u64 {
        self.clock.asleep_ns()
    }

    fn boot_id(&self) -> String {
        self.boot_id.clone()
    }

    fn prove(&mut self) -> Vec<Capability> {
        self.prove_all()
    }

    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), String> {
        self.table.pids(out)?;
        self.tidy_origins(out);
        Ok(())
    }

    fn glimpse(&mut self, pid: Pid) -> Reading<Option<Glimpse>> {
        // These calls need no descriptor: a refusal means that there is nothing of ours to see.
        let Some((key, basics)) = self.table.look(pid.0) else { return Reading::Known(None) };
        let started = basics.started_wall_us.or_else(|| table::started_wall_us(pid.0));
        Reading::Known(Some(Glimpse {
            key,
            parent: Pid(basics.parent),
            comm: basics.comm,
            state: basics.state,
            execed: basics.execed,
            started_ns: xnu::started_ns(started, wall_ns(), self.clock.now_ns()),
        }))
    }

    fn image(&mut self, key: ProcessKey) -> Option<Image> {
        let basics = self.table.look_at(key)?;
        if basics.state == RunState::Zombie {
            let why = "it has ended and waits to be reaped";
            return Some(Image {
                comm: basics.comm,
                exe: Reading::unknown(why),
                argv: Reading::Known(Vec::new()),
                env: Reading::unknown(why),
                folder: Reading::unknown(why),
            });
        }
        let args = self.arguments(key.pid.0);
        let (exe, _) = self.executable(key.pid.0, &args);
        let folder = match libproc::folder_info(key.pid.0) {
            Ok(bytes) => {
                xnu::folder(&bytes).map_or_else(|| Reading::unknown("the system names no folder"), Reading::Known)
            }
            Err(refusal) => Reading::unknown(format!("PROC_PIDVNODEPATHINFO: {refusal}")),
        };
        // All of that was read by pid: it is of this process only if the pid still is.
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
            let gone = "the process is gone";
            return Arch { name: Reading::unknown(gone), translated: Reading::unknown(gone) };
        };
        let kinfo = table::kinfo(key.pid.0).map(|(_, translated)| translated);
        let translated = xnu::translated(kinfo.map_err(|refusal| format!("KERN_PROC_PID: {refusal}")), basics.rosetta);
        let name = match libproc::arch_info(key.pid.0) {
            Ok(bytes) => match xnu::arch_name(&bytes) {
                Some(Ok(name)) => Reading::Known(name.to_owned()),
                Some(Err(number)) => Reading::unknown(format!("the system names CPU type {number:#x}")),
                None => Reading::unknown("PROC_PIDARCHINFO: its answer cannot be true"),
            },
            // Rosetta translates nothing else.
            Err(_) if translated == Reading::Known(true) => Reading::Known("x86_64".to_owned()),
            Err(refusal) => Reading::unknown(format!("PROC_PIDARCHINFO: {refusal}")),
        };
        Arch { name, translated }
    }

    fn watch(&mut self, key: ProcessKey) -> Watched {
        if self.numbers.contains_key(&key) {
            return Watched::Yes;
        }
        if !self.lives(key) {
            return Watched::Gone;
        }
        if let Some(why) = &self.no_ends {
            return Watched::No(why.clone());
        }
        let number = self.next_number;
        self.next_number += 1;
        match self.attach(key.pid.0, number) {
            Ok(_) => {}
            Err(why) if why.is_empty() => return Watched::Gone,
            Err(why) => return Watched::No(why),
        }
        // The pid may have changed hands between the look and the attachment. If nobody has it now, the process that we
        // attached to has just ended, and its event is on the way.
        if self.table.key(key.pid.0).is_some_and(|now| now != key) {
            if let Ok(queue) = &self.queue {
                queue.forget(key.pid.0);
            }
            return Watched::Gone;
        }
        self.watched.insert(number, key);
        self.numbers.insert(key, number);
        Watched::Yes
    }

    /// The bytes are those that went to and from the disk: macOS counts no others per process, so what the page cache
    /// answers looks like nothing. Memory is the physical footprint, as Activity Monitor shows it.
    fn usage(&mut self, key: ProcessKey) -> Reading<Usage> {
        let Some(basics) = self.table.look_at(key) else { return Reading::unknown("the process is gone") };
        if basics.state == RunState::Zombie {
            return Reading::unknown("it has ended and waits to be reaped");
        }
        let rusage = match rusage(key.pid.0) {
            Ok((rusage, _)) => rusage,
            Err(refusal) => return Reading::unknown(format!("proc_pid_rusage: {refusal}")),
        };
        let Some((numer, denom)) = self.cpu_scale else {
            return Reading::unknown("proc_pid_rusage: its CPU times cannot be true");
        };
        Reading::Known(Usage {
            cpu_ns: xnu::ticks_to_ns(self.clock.ticks_to_ns(rusage.cpu_ticks), numer, denom),
            io_bytes: rusage.disk_bytes,
            resident_bytes: rusage.memory_bytes,
            stopped: basics.state == RunState::Stopped,
            threads: None,
        })
    }

    fn binary(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>> {
        if !self.lives(key) {
            return Reading::unknown("the process is gone");
        }
        if !self.origins.contains_key(&key) {
            let args = self.arguments(key.pid.0);
            match self.executable(key.pid.0, &args) {
                (Reading::Known(path), unlinked) => self.remember(key, &path, unlinked),
                (Reading::Unknown { unknown }, _) => return Reading::unknown(unknown),
            }
        }
        match self.origins.get(&key) {
            Some(origin) => origin.change(),
            None => Reading::unknown("the process is gone"),
        }
    }

    /// Nothing: what a thread of another process waits for needs its task port, which takes root or an entitlement. The
    /// watcher names the children that are at work, which is the answer that helps.
    fn waits_for(&mut self, _key: ProcessKey) -> Option<String> {
        None
    }

    fn descriptor_bound(&mut self, _key: ProcessKey) -> Reading<u64> {
        Reading::unknown("not read yet")
    }

    fn descriptor_limit(&mut self, _key: ProcessKey) -> Reading<u64> {
        Reading::unknown("not read yet")
    }

    fn descriptors(&mut self, _key: ProcessKey) -> Reading<Amount> {
        Reading::unknown("not read yet")
    }

    fn watches(&mut self, _key: ProcessKey) -> Reading<Amount> {
        Reading::unknown("not read yet")
    }

    fn shared_memory(&mut self, _key: ProcessKey) -> Reading<u64> {
        Reading::unknown("not read yet")
    }

    fn blocked(&mut self, _key: ProcessKey) -> Reading<Option<Reading<String>>> {
        Reading::unknown("not read yet")
    }

    fn holders(&mut self, _gauge: Gauge) -> Reading<Held> {
        Reading::unknown("not read yet")
    }

    fn machine(&mut self, out: &mut Vec<(Gauge, Reading<Amount>)>) {
        out.clear();
    }

    fn indexer(&mut self) -> Option<Reading<u64>> {
        Some(Reading::unknown("not read yet"))
    }

    fn slices(&mut self, _exe: &[u8]) -> Reading<Vec<String>> {
        Reading::unknown("not read yet")
    }

    fn spares_power(&mut self) -> bool {
        false
    }

    async fn next(&mut self, until_ns: u64) -> Option<Sign> {
        loop {
            for _ in 0..MOST_REPORTS {
                let Some(report) = self.queue.as_mut().ok().and_then(Queue::take) else { break };
                self.take(report);
            }
            let now = self.clock.now_ns();
            self.look_again(now);
            if let Some(sign) = self.pending.pop_front() {
                return Some(sign);
            }
            if now >= until_ns {
                return None;
            }
            let longest = if self.queue.is_ok() { LONGEST_NAP_NS.min(self.look_every_ns) } else { ONLY_LOOK_NS };
            let nap = tokio::time::sleep(Duration::from_nanos((until_ns - now).min(longest)));
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
                None => self.queue = Err("the thread that waits for events has ended".to_owned()),
            }
        }
    }
}

/// What a process has used, with the first flavour that answers; and which one it was.
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

/// How long an answer of `KERN_PROCARGS2` may be: `KERN_ARGMAX`, 1 MiB on every macOS so far.
fn argument_room() -> usize {
    const USUAL: usize = 1 << 20;
    let mut answer = [0u8; 4];
    let got = sys::sysctl(&mut [libc::CTL_KERN, libc::KERN_ARGMAX], &mut answer);
    let argmax = usize::try_from(i32::from_le_bytes(answer)).unwrap_or(0);
    if got == Ok(answer.len()) { argmax.clamp(USUAL / 16, USUAL * 8) } else { USUAL }
}

/// `kern.bootsessionuuid`; where there is none, the second of the boot.
fn boot_id(clock: &Clock) -> String {
    if let Ok(bytes) = sys::sysctl_named::<64>(c"kern.bootsessionuuid") {
        let text: String = bytes.iter().take_while(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect();
        if text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
            return text;
        }
    }
    // struct timeval: 64 bits of seconds first.
    let boot_time = sys::sysctl_named::<16>(c"kern.boottime").ok();
    let seconds = boot_time.and_then(|bytes| bytes.first_chunk::<8>().map(|chunk| i64::from_le_bytes(*chunk)));
    match seconds.filter(|&seconds| seconds > 0) {
        Some(seconds) => format!("boot-{seconds}"),
        // Rounded, since both clocks are read a moment apart.
        None => format!("boot-about-{}", wall_ns().saturating_sub(clock.now_ns()) / 60_000_000_000),
    }
}
