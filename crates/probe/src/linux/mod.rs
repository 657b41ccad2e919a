//! The Linux platform: /proc for the state of processes, pidfd for their ends.
//!
//! Theory of operation. A scan lists /proc with getdents into one reused buffer and opens nothing.
//! Each watched process has a pidfd in one epoll instance. That instance is the only descriptor
//! that tokio's reactor knows, so a hundred watched processes cost no task. When a pidfd becomes
//! readable, its process is dead. While it is a zombie, its status is in /proc/PID/stat; once it is
//! reaped, the kernel (6.15 and later) still reports the status through the open pidfd.
//!
//! Modules: `procfs` opens and reads files; `descriptors`, `blocked`, `machine` and `cgroup`
//! interpret their text; `self_test` is the self-test; `pidfd` and `process` hold processes.

mod blocked;
mod cgroup;
mod descriptors;
pub(crate) mod file_events;
mod machine;
mod pidfd;
mod process;
mod procfs;
mod self_test;

use std::collections::{HashMap, HashSet, VecDeque};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use crate::wall_clock::wall_ms;
use goplswatch_core::capability::Capability;
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::message::{Count, Message, MessageText, SharedMessage, Verbatim};
use goplswatch_core::time::Uptime;
use goplswatch_core::types::BinaryChange;
use goplswatch_core::{Amount, Gauge, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::{ENV_ALLOWED, Image};
use rustix::event::epoll;
use rustix::time::{ClockId, clock_gettime};
use tokio::io::unix::AsyncFd;

use cgroup::{Group, Mounts, OomKills};
use machine::Machine;

use crate::bounded_call::BoundedCall;
use crate::platform::{
    Arch, Platform, PlatformEvent, ProcessInfo, ResourceHolders, RunState, StopCause, Usage, WatchOutcome,
};
use crate::procargs::{parse_cmdline, parse_environ};
use crate::wait_status;
pub use process::Process;
use procfs::Procfs;

/// Lets the system run this thread where and when it costs least. Does nothing on Linux, which has
/// no such setting for one thread that would not also delay it when latency matters.
pub const fn lower_thread_priority() {}

/// The effective user at the other end of a Unix socket, as it was when that end connected or
/// listened (`SO_PEERCRED`, unix(7)).
///
/// # Errors
/// The error of the system call.
pub fn peer_uid(socket: impl AsFd) -> std::io::Result<u32> {
    Ok(rustix::net::sockopt::socket_peercred(socket)?.uid.as_raw())
}

/// The running Linux system.
pub struct LinuxPlatform {
    proc: Procfs,
    /// Runs the reads that may hang. They use a /proc descriptor of their own.
    calls: BoundedCall,
    bounded_proc: Arc<Procfs>,
    epoll: AsyncFd<OwnedFd>,
    watches: HashMap<u64, Watch>,
    tokens: HashMap<ProcessKey, u64>,
    next_token: u64,
    ready: VecDeque<PlatformEvent>,
    /// `oom_kill` of /proc/vmstat as last read, and when it was read.
    oom: Option<(u64, Uptime)>,
    boot: String,
    /// The limit of open files; `None`: unlimited.
    allowed: Option<u64>,
    machine: Machine,
    mounts: Mounts,
    /// Activity of the out-of-memory killer in the control groups of watched processes.
    oom_kills: OomKills,
    /// Whether the size of /proc/PID/fd is the number of descriptors; determined when first needed.
    fd_size_is_count: Option<bool>,
}

/// Watches leave this many of the allowed open files (or three quarters, if that is less) for other
/// uses: looks, sockets, the history.
const RESERVED_DESCRIPTORS: u64 = 64;

struct Watch {
    key: ProcessKey,
    /// The control group as last read while the process lived.
    group: Option<Group>,
    pidfd: OwnedFd,
}

/// How old the last reading of the out-of-memory counter may be for it to explain an end by
/// SIGKILL.
const OOM_FRESH: Duration = Duration::from_secs(10);

impl LinuxPlatform {
    /// Opens /proc and an epoll instance. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// If /proc is missing or no descriptor is left; the message says what to do.
    pub fn new() -> Result<Self, Message> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Message::NoEventLoop);
        }
        let proc = Procfs::open()?;
        let aside_proc = Arc::new(Procfs::open()?);
        let fd = epoll::create(epoll::CreateFlags::CLOEXEC)
            .map_err(|error| Message::NoEventDelivery { error: Verbatim::of(error) })?;
        let epoll = pidfd::pollable(fd).map_err(|error| Message::NoEventDelivery { error: Verbatim::of(error) })?;
        let boot =
            proc.read_text("/proc/sys/kernel/random/boot_id").map_or_else(|| "unknown".into(), |t| t.trim().to_owned());
        let mut platform = Self {
            mounts: Mounts::read(&proc),
            machine: Machine::new(),
            oom_kills: OomKills::default(),
            fd_size_is_count: None,
            calls: BoundedCall::default(),
            bounded_proc: aside_proc,
            proc,
            epoll,
            watches: HashMap::new(),
            tokens: HashMap::new(),
            next_token: 1,
            ready: VecDeque::new(),
            oom: None,
            boot,
            allowed: rustix::process::getrlimit(rustix::process::Resource::Nofile).current,
        };
        platform.note_oom();
        Ok(platform)
    }

    fn note_oom(&mut self) -> Option<u64> {
        let count = self.proc.oom_kills();
        let before = self.oom;
        self.oom = count.map(|c| (c, boottime()));
        match (before, count) {
            (Some((old, at)), Some(new)) if boottime().since(at) <= OOM_FRESH => Some(new.saturating_sub(old)),
            _ => None,
        }
    }

    /// Reads again which control groups the watched processes are in, and what the killer did
    /// there.
    fn note_groups(&mut self) {
        let now = boottime();
        for watch in self.watches.values_mut() {
            // cgroup v1 reports the root as the group of a zombie, so the last known group is kept.
            let living = self.proc.stat(watch.key.pid);
            if living.is_some_and(|s| s.start == watch.key.start && s.state != RunState::Zombie) {
                watch.group = self.mounts.of(&self.proc, watch.key.pid);
            }
        }
        let groups: HashSet<&Group> = self.watches.values().filter_map(|watch| watch.group.as_ref()).collect();
        self.oom_kills.keep(|group| groups.contains(group));
        for group in groups {
            self.oom_kills.note(group, group.oom_kills(&self.proc), now);
        }
    }

    /// The kernel's explanation of an end by SIGKILL.
    fn kill_detail(&mut self, group: Option<&Group>) -> Option<EndDetail> {
        let anywhere = self.note_oom().is_some_and(|n| n > 0);
        let here = group.is_some_and(|group| self.oom_kills.note(group, group.oom_kills(&self.proc), boottime()));
        if here { Some(EndDetail::GroupOutOfMemory) } else { anywhere.then_some(EndDetail::OutOfMemoryKillerRan) }
    }

    /// A value that was read by pid, if the pid still belongs to the process that is meant. A
    /// failed look does not prove that the process has ended.
    fn if_same_process<T>(&self, key: ProcessKey, value: Result<T, Message>) -> Reading<T> {
        match self.proc.try_stat(key.pid) {
            Ok(Some(s)) if s.own && s.start == key.start && s.state != RunState::Zombie => reading(value),
            Ok(_) => Reading::unknown(Message::HasEnded),
            Err(error) => Reading::unknown(Message::NotLookedAt { error: Verbatim::of(error) }),
        }
    }

    /// Reads something by pid and checks that the pid still belongs to the same process.
    fn of<T>(&self, key: ProcessKey, read: impl FnOnce(&Procfs, Pid) -> Result<T, Message>) -> Reading<T> {
        let value = read(&self.proc, key.pid);
        self.if_same_process(key, value)
    }

    /// Makes a read that may hang; see [`BoundedCall`].
    fn with_deadline<T: Send + 'static>(
        &mut self,
        about: &[u8],
        read: impl FnOnce(&Procfs) -> T + Send + 'static,
    ) -> Result<T, Message> {
        let proc = Arc::clone(&self.bounded_proc);
        self.calls.run(about, move || read(&proc))
    }

    /// See the field of the same name.
    fn fd_size_is_count(&mut self) -> bool {
        *self.fd_size_is_count.get_or_insert_with(|| self_test::sizes_are_counts(&self.proc))
    }

    /// Moves the events of epoll into `ready`.
    fn drain(&mut self) {
        const AT_ONCE: usize = 64;
        let mut events = Vec::with_capacity(AT_ONCE);
        let now = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
        while epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&now)).is_ok() {
            let full = events.len() == AT_ONCE;
            for event in events.drain(..) {
                self.finish(event.data.u64());
            }
            if !full {
                break;
            }
        }
    }

    fn finish(&mut self, token: u64) {
        let Some(watch) = self.watches.remove(&token) else { return };
        self.tokens.remove(&watch.key);
        let status = self.status_of(&watch);
        let killed = matches!(&status, ExitStatus::Signaled { name, .. } if name == "SIGKILL");
        let detail = if killed { self.kill_detail(watch.group.as_ref()) } else { None };
        self.ready.push_back(PlatformEvent::Ended { key: watch.key, status, detail });
        // Closing the descriptor removes it from the epoll set.
    }

    /// The status of a dead process: from /proc while it is a zombie, else from its pidfd. A zombie
    /// may be reaped between the two reads, but a reaped process never becomes a zombie, so this
    /// order misses nothing.
    fn status_of(&self, watch: &Watch) -> ExitStatus {
        let zombie =
            self.proc.stat(watch.key.pid).filter(|s| s.start == watch.key.start && s.state == RunState::Zombie);
        let code = zombie.and_then(|s| s.exit_code).or_else(|| pidfd::exit_code(watch.pidfd.as_fd()).ok().flatten());
        code.map_or_else(
            || ExitStatus::unknown(Message::ReapedTooSoon),
            |code| wait_status::decode_wait(u16::try_from(code & 0xffff).unwrap_or(0), wait_status::signal_name_linux),
        )
    }
}

fn refused(call: &str, error: rustix::io::Errno) -> Message {
    Message::CallRefused { call: Verbatim::of(call), why: SharedMessage::new(Message::reported(error)) }
}

fn boottime() -> Uptime {
    read_clock(ClockId::Boottime)
}

fn read_clock(clock: ClockId) -> Uptime {
    let t = clock_gettime(clock);
    Uptime::from_nanos(u64::try_from(t.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(t.tv_nsec).unwrap_or(0))
}

impl Platform for LinuxPlatform {
    fn now(&self) -> Moment {
        Moment { wall_ms: wall_ms(), uptime: boottime() }
    }

    fn asleep(&self) -> Duration {
        // Read the clock that stops first, so that the difference is never too small.
        let awake = read_clock(ClockId::Monotonic);
        boottime().since(awake)
    }

    fn boot_id(&self) -> String {
        self.boot.clone()
    }

    fn self_test(&mut self) -> Vec<Capability> {
        self_test::self_test(&mut self.proc)
    }

    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message> {
        if self.oom.is_some_and(|(_, at)| boottime().since(at) > OOM_FRESH / 2) {
            self.note_oom();
            self.note_groups();
        }
        self.proc.pids(out)
    }

    fn process_info(&mut self, pid: Pid) -> Reading<Option<ProcessInfo>> {
        let stat = match self.proc.try_stat(pid) {
            Ok(stat) => stat,
            Err(error) => return Reading::unknown(Message::NotLookedAt { error: Verbatim::of(error) }),
        };
        Reading::Known(stat.filter(|stat| stat.own).map(|stat| ProcessInfo {
            key: ProcessKey { pid, start: stat.start },
            parent: stat.parent,
            started: Reading::Known(Uptime::BOOT + self.proc.ticks(stat.start)),
            comm: stat.comm,
            state: stat.state,
            execed: stat.execed,
        }))
    }

    fn image(&mut self, key: ProcessKey) -> Option<Image> {
        let before = self.proc.stat(key.pid).filter(|s| s.start == key.start && s.own)?;
        let exe = self.proc.link(key.pid, "exe").map(|path| strip_deleted(path).0);
        // Both are in the memory of the process, whose mappings it may hold locked while it waits
        // for a file.
        let memory = self.with_deadline(format!("{key:?}").as_bytes(), move |proc| {
            let argv = proc.file(key.pid, "cmdline").map(|bytes| parse_cmdline(&bytes));
            let env = proc.file(key.pid, "environ").map(|bytes| parse_environ(&bytes, ENV_ALLOWED));
            (argv, env)
        });
        let (argv, env) = memory.unwrap_or_else(|why| (Err(why.clone()), Err(why)));
        let folder = self.proc.link(key.pid, "cwd").map(|path| strip_deleted(path).0);
        // The values belong to this process only if it still has the pid afterwards.
        self.proc.stat(key.pid).filter(|s| s.start == key.start)?;
        Some(Image {
            comm: before.comm,
            exe: reading(exe),
            argv: reading(argv),
            env: reading(env),
            folder: reading(folder),
        })
    }

    fn arch(&mut self, key: ProcessKey) -> Arch {
        // The link gives the path without touching the file.
        let name = self.proc.link(key.pid, "exe").and_then(|exe| {
            self.with_deadline(&exe, move |proc| proc.elf_machine(key.pid)).and_then(std::convert::identity)
        });
        let name = reading(name);
        // Linux does not translate programs; under a user-mode emulator the executable *is* the
        // emulator.
        let translated = match &name {
            Reading::Known(_) => Reading::Known(false),
            Reading::Unknown { unknown } => Reading::Unknown { unknown: unknown.clone() },
        };
        Arch { name, translated }
    }

    fn watch(&mut self, key: ProcessKey) -> WatchOutcome {
        if self.tokens.contains_key(&key) {
            return WatchOutcome::Attached;
        }
        if let Some(allowed) = self.allowed
            && self.watches.len() as u64 >= allowed.saturating_sub(RESERVED_DESCRIPTORS).max(allowed / 4)
        {
            return WatchOutcome::Refused(Message::DescriptorsSpent { allowed: Count::new(allowed) });
        }
        let pidfd = match pidfd::open(key.pid) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return WatchOutcome::Gone,
            Err(e) => return WatchOutcome::Refused(refused("pidfd_open", e)),
        };
        // The pidfd refers to the process that had the pid when it was opened; check that this is
        // the one meant.
        match self.proc.try_stat(key.pid) {
            Ok(Some(stat)) if stat.start == key.start => {}
            Ok(_) => return WatchOutcome::Gone,
            Err(e) => return WatchOutcome::Refused(refused("/proc", e)),
        }
        let token = self.next_token;
        self.next_token += 1;
        if let Err(e) = epoll::add(&self.epoll, &pidfd, epoll::EventData::new_u64(token), epoll::EventFlags::IN) {
            return WatchOutcome::Refused(refused("epoll_ctl", e));
        }
        let group = self.mounts.of(&self.proc, key.pid);
        if let Some(group) = &group {
            self.oom_kills.note(group, group.oom_kills(&self.proc), boottime());
        }
        self.watches.insert(token, Watch { key, group, pidfd });
        self.tokens.insert(key, token);
        WatchOutcome::Attached
    }

    fn usage(&mut self, key: ProcessKey) -> Reading<Usage> {
        match self.proc.try_stat(key.pid) {
            Ok(Some(s)) if s.start == key.start && s.state != RunState::Zombie => Reading::Known(Usage {
                cpu: self.proc.ticks(s.cpu_ticks),
                io_bytes: self.proc.io_bytes(key.pid),
                resident_bytes: s.resident_bytes,
                stopped: s.state == RunState::Stopped,
                threads: s.threads,
            }),
            Ok(_) => Reading::unknown(Message::HasEnded),
            Err(error) => Reading::unknown(Message::NotLookedAt { error: Verbatim::of(error) }),
        }
    }

    fn stop_cause(&mut self, key: ProcessKey) -> Reading<Option<StopCause>> {
        self.of(key, |proc, pid| {
            let halt = proc.stop_cause(pid)?;
            Ok(if self.mounts.is_frozen(proc, pid)? { Some(StopCause::Freezer) } else { halt })
        })
    }

    fn binary_change(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>> {
        let link = match self.proc.link(key.pid, "exe") {
            Ok(link) => link,
            Err(why) => return Reading::unknown(why),
        };
        if self.proc.stat(key.pid).is_none_or(|s| s.start != key.start) {
            return Reading::unknown(Message::HasEnded);
        }
        let (path, deleted) = strip_deleted(link.clone());
        if !deleted {
            return Reading::Known(None);
        }
        reading(self.with_deadline(&path.clone(), move |proc| {
            if proc.exists(&link) {
                // The real name of a file may end in " (deleted)".
                None
            } else if proc.exists(&path) {
                Some(BinaryChange::Replaced)
            } else {
                Some(BinaryChange::Deleted)
            }
        }))
    }

    fn waits_for(&mut self, key: ProcessKey) -> Option<Message> {
        self.proc.stat(key.pid).filter(|s| s.start == key.start)?;
        self.proc.connection(key.pid)
    }

    fn descriptor_bound(&mut self, key: ProcessKey) -> Reading<u64> {
        if !self.fd_size_is_count() {
            return Reading::unknown(Message::CountIsDear);
        }
        self.of(key, Procfs::descriptor_size)
    }

    fn descriptor_limit(&mut self, key: ProcessKey) -> Reading<u64> {
        self.of(key, Procfs::descriptor_limit)
    }

    fn descriptors(&mut self, key: ProcessKey) -> Reading<Amount> {
        self.of(key, Procfs::count_descriptors)
    }

    fn watches(&mut self, key: ProcessKey) -> Reading<Amount> {
        self.of(key, Procfs::count_watches)
    }

    fn shared_memory(&mut self, key: ProcessKey) -> Reading<u64> {
        // The mappings may be locked while a thread waits for a file. That a thread waits at the
        // moment is not a reason to skip the read: a working program does so all the time.
        let answer = self.with_deadline(format!("{key:?}").as_bytes(), move |proc| proc.shared_memory(key.pid));
        self.if_same_process(key, answer.and_then(std::convert::identity))
    }

    fn blocked(&mut self, key: ProcessKey) -> Reading<Option<Reading<MessageText>>> {
        self.of(key, Procfs::blocked)
    }

    fn holders(&mut self, gauge: Gauge) -> Reading<ResourceHolders> {
        if !matches!(gauge, Gauge::Descriptors | Gauge::Watches) {
            return Reading::unknown(Message::NobodyHolds { gauge });
        }
        let sizes = self.fd_size_is_count();
        let mut pids = Vec::new();
        match self.proc.pids(&mut pids) {
            Ok(()) => Reading::Known(self.proc.holders(&pids, gauge, sizes)),
            Err(why) => Reading::unknown(why),
        }
    }

    fn machine(&mut self, out: &mut Vec<(Gauge, Reading<Amount>)>) {
        self.machine.gauges(&self.proc, &self.mounts, out);
    }

    fn indexer_cpu(&mut self) -> Option<Reading<u64>> {
        Some(Reading::unknown(Message::SpotlightElsewhere))
    }

    /// An ELF file holds one architecture.
    fn slices(&mut self, exe: &[u8]) -> Reading<Vec<String>> {
        let path = exe.to_owned();
        let machine = self.with_deadline(exe, move |proc| proc.elf_machine_of(&path)).and_then(std::convert::identity);
        reading(machine.map(|machine| vec![machine]))
    }

    fn saves_power(&mut self) -> bool {
        self.machine.spares_power(boottime())
    }

    async fn next(&mut self, until: Uptime) -> Option<PlatformEvent> {
        loop {
            if let Some(sign) = self.ready.pop_front() {
                return Some(sign);
            }
            let left = until.since(boottime());
            if left.is_zero() {
                // Events that are already there come before the deadline.
                self.drain();
                return self.ready.pop_front();
            }
            // Timers stop while the machine sleeps; waking every half minute bounds the error.
            let nap = left.min(Duration::from_secs(30));
            match tokio::time::timeout(nap, self.epoll.readable()).await {
                Ok(Ok(mut guard)) => {
                    guard.clear_ready();
                    drop(guard);
                    self.drain();
                }
                // A reactor that cannot poll must not lead to a busy loop.
                Ok(Err(_)) => tokio::time::sleep(nap).await,
                Err(_) => {}
            }
        }
    }
}

fn reading<T>(result: Result<T, Message>) -> Reading<T> {
    result.map_or_else(Reading::unknown, Reading::Known)
}

/// /proc appends " (deleted)" to the target of a link whose file was unlinked (proc_pid_exe(5)).
fn strip_deleted(mut path: Vec<u8>) -> (Vec<u8>, bool) {
    const MARK: &[u8] = b" (deleted)";
    let deleted = path.ends_with(MARK);
    if deleted {
        path.truncate(path.len() - MARK.len());
    }
    (path, deleted)
}
