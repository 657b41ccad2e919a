//! Linux: /proc for what is, pidfd for what ends.
//!
//! Theory of operation. A scan lists /proc with getdents into one kept buffer and opens nothing. Each watched process
//! is a pidfd inside one epoll instance, and that instance is the only descriptor tokio's reactor knows: a hundred
//! watches cost no task. When one becomes readable its process is dead: as a zombie its status stands in
//! /proc/PID/stat, once reaped the kernel (6.15 and later) still tells it through the kept pidfd.

mod pidfd;
mod process;
mod procfs;
mod prove;

use std::collections::{HashMap, VecDeque};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use goplswatch_core::words::{BinaryChange, Capability, EndDetail, ExitStatus};
use goplswatch_core::{Amount, Gauge, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::{ENV_ALLOWED, Image};
use rustix::event::epoll;
use rustix::time::{ClockId, clock_gettime};
use tokio::io::unix::AsyncFd;

use crate::procargs::{parse_cmdline, parse_environ};
use crate::wait_status;
use crate::world::{Arch, Glimpse, Held, RunState, Sign, Usage, Watched, World};
pub use process::Process;
use procfs::Procfs;

/// Lets the system run this thread where and when it costs least. Linux knows no such thing for one thread that would
/// not also hold it back when it matters: nothing is done.
pub const fn calm_thread() {}

/// The effective user at the other end of a Unix socket, as it was when that end connected or listened
/// (`SO_PEERCRED`, unix(7)).
///
/// # Errors
/// What the system said.
pub fn peer_uid(socket: impl AsFd) -> std::io::Result<u32> {
    Ok(rustix::net::sockopt::socket_peercred(socket)?.uid.as_raw())
}

/// The running Linux system.
pub struct LinuxWorld {
    proc: Procfs,
    epoll: AsyncFd<OwnedFd>,
    watches: HashMap<u64, Watch>,
    tokens: HashMap<ProcessKey, u64>,
    next_token: u64,
    ready: VecDeque<Sign>,
    /// `oom_kill` of /proc/vmstat, as last read, and when.
    oom: Option<(u64, u64)>,
    boot: String,
    /// How many open files are allowed; none: any number.
    allowed: Option<u64>,
}

/// Of the open files that are allowed, watches leave so many to others, or three quarters: looks, sockets, the history.
const SPARE: u64 = 64;

struct Watch {
    key: ProcessKey,
    pidfd: OwnedFd,
}

/// How old the last reading of the out-of-memory counter may be before an end by SIGKILL.
const OOM_FRESH_NS: u64 = 10_000_000_000;

impl LinuxWorld {
    /// Opens /proc and an epoll instance. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// If /proc is not there or the process is out of descriptors; the text says what to do.
    pub fn new() -> Result<Self, String> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(
                "the Linux world was opened outside of an event loop: this is a fault of goplswatch, please report it"
                    .into(),
            );
        }
        let proc = Procfs::open()?;
        let failed = |e: String| {
            format!(
                "could not set up event delivery ({e}), so no end could be seen in time; raise the limit of open files (ulimit -n) and start again"
            )
        };
        let fd = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(|e| failed(e.to_string()))?;
        let epoll = pidfd::pollable(fd).map_err(|e| failed(e.to_string()))?;
        let boot =
            proc.read_text("/proc/sys/kernel/random/boot_id").map_or_else(|| "unknown".into(), |t| t.trim().to_owned());
        let mut world = Self {
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
        world.note_oom();
        Ok(world)
    }

    fn note_oom(&mut self) -> Option<u64> {
        let count = self.proc.oom_kills();
        let before = self.oom;
        self.oom = count.map(|c| (c, boottime()));
        match (before, count) {
            (Some((old, at)), Some(new)) if boottime().saturating_sub(at) <= OOM_FRESH_NS => {
                Some(new.saturating_sub(old))
            }
            _ => None,
        }
    }

    /// Moves what epoll holds into `ready`.
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
        let detail = (killed && self.note_oom().is_some_and(|n| n > 0)).then_some(EndDetail::OutOfMemoryKillerRan);
        self.ready.push_back(Sign::Ended { key: watch.key, status, detail });
        // Closing the descriptor takes it out of the epoll set.
    }

    /// The status of a dead process: from /proc while it is a zombie, else from its pidfd. It may be reaped between
    /// the two questions, never the other way round, so asking in this order misses nothing.
    fn status_of(&self, watch: &Watch) -> ExitStatus {
        let zombie =
            self.proc.stat(watch.key.pid).filter(|s| s.start == watch.key.start && s.state == RunState::Zombie);
        let code = zombie.and_then(|s| s.exit_code).or_else(|| pidfd::exit_code(watch.pidfd.as_fd()).ok().flatten());
        code.map_or_else(
            || ExitStatus::Unknown("it was reaped before its status could be read, and this kernel tells it no later (Linux 6.15 does)".into()),
            |code| wait_status::decode_wait(u16::try_from(code & 0xffff).unwrap_or(0), wait_status::signal_name_linux),
        )
    }
}

fn boottime() -> u64 {
    let t = clock_gettime(ClockId::Boottime);
    nanos(t.tv_sec, t.tv_nsec)
}

fn nanos(sec: i64, nsec: i64) -> u64 {
    u64::try_from(sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(nsec).unwrap_or(0)
}

impl World for LinuxWorld {
    fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX), cont_ns: boottime() }
    }

    fn asleep_ns(&self) -> u64 {
        let awake = clock_gettime(ClockId::Monotonic);
        boottime().saturating_sub(nanos(awake.tv_sec, awake.tv_nsec))
    }

    fn boot_id(&self) -> String {
        self.boot.clone()
    }

    fn prove(&mut self) -> Vec<Capability> {
        prove::prove(&mut self.proc)
    }

    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), String> {
        if self.oom.is_some_and(|(_, at)| boottime().saturating_sub(at) > OOM_FRESH_NS / 2) {
            self.note_oom();
        }
        self.proc.pids(out)
    }

    fn glimpse(&mut self, pid: Pid) -> Reading<Option<Glimpse>> {
        let stat = match self.proc.look(pid) {
            Ok(stat) => stat,
            Err(error) => return Reading::unknown(format!("it could not be looked at: {error}")),
        };
        Reading::Known(stat.filter(|stat| stat.own).map(|stat| Glimpse {
            key: ProcessKey { pid, start: stat.start },
            parent: stat.parent,
            started_ns: Reading::Known(self.proc.ticks_to_ns(stat.start)),
            comm: stat.comm,
            state: stat.state,
            execed: stat.execed,
        }))
    }

    fn image(&mut self, key: ProcessKey) -> Option<Image> {
        let before = self.proc.stat(key.pid).filter(|s| s.start == key.start && s.own)?;
        let exe = self.proc.link(key.pid, "exe").map(|path| strip_deleted(path).0);
        let argv = self.proc.file(key.pid, "cmdline").map(|bytes| parse_cmdline(&bytes));
        let env = self.proc.file(key.pid, "environ").map(|bytes| parse_environ(&bytes, ENV_ALLOWED));
        let folder = self.proc.link(key.pid, "cwd").map(|path| strip_deleted(path).0);
        // All of it belongs to this process only if it still is the same one afterwards.
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
        let name = reading(self.proc.elf_machine(key.pid));
        // Linux has no translation of its own; under a user-mode emulator the executable *is* the emulator.
        let translated = match &name {
            Reading::Known(_) => Reading::Known(false),
            Reading::Unknown { unknown } => Reading::unknown(unknown.clone()),
        };
        Arch { name, translated }
    }

    fn watch(&mut self, key: ProcessKey) -> Watched {
        if self.tokens.contains_key(&key) {
            return Watched::Yes;
        }
        if let Some(allowed) = self.allowed
            && self.watches.len() as u64 >= allowed.saturating_sub(SPARE).max(allowed / 4)
        {
            return Watched::No(format!(
                "{allowed} open files are allowed, and no more of them can be spared (ulimit -n)"
            ));
        }
        let pidfd = match pidfd::open(key.pid) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return Watched::Gone,
            Err(e) => return Watched::No(format!("pidfd_open: {e}")),
        };
        // The descriptor holds whoever had the pid when it was opened: make sure that it is ours.
        match self.proc.look(key.pid) {
            Ok(Some(stat)) if stat.start == key.start => {}
            Ok(_) => return Watched::Gone,
            Err(e) => return Watched::No(format!("/proc: {e}")),
        }
        let token = self.next_token;
        self.next_token += 1;
        if let Err(e) = epoll::add(&self.epoll, &pidfd, epoll::EventData::new_u64(token), epoll::EventFlags::IN) {
            return Watched::No(format!("epoll_ctl: {e}"));
        }
        self.watches.insert(token, Watch { key, pidfd });
        self.tokens.insert(key, token);
        Watched::Yes
    }

    fn usage(&mut self, key: ProcessKey) -> Reading<Usage> {
        match self.proc.stat(key.pid) {
            Some(s) if s.start == key.start && s.state != RunState::Zombie => Reading::Known(Usage {
                cpu_ns: self.proc.ticks_to_ns(s.cpu_ticks),
                io_bytes: self.proc.io_bytes(key.pid),
                resident_bytes: s.resident_bytes,
                stopped: s.state == RunState::Stopped,
                threads: None,
            }),
            _ => Reading::unknown("it has ended"),
        }
    }

    fn binary(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>> {
        let link = match self.proc.link(key.pid, "exe") {
            Ok(link) => link,
            Err(why) => return Reading::unknown(why),
        };
        if self.proc.stat(key.pid).is_none_or(|s| s.start != key.start) {
            return Reading::unknown("it has ended");
        }
        Reading::Known(match strip_deleted(link.clone()) {
            (_, false) => None,
            // A file may really be called "… (deleted)".
            _ if self.proc.exists(&link) => None,
            (path, true) if self.proc.exists(&path) => Some(BinaryChange::Replaced),
            _ => Some(BinaryChange::Deleted),
        })
    }

    fn waits_for(&mut self, key: ProcessKey) -> Option<String> {
        self.proc.stat(key.pid).filter(|s| s.start == key.start)?;
        self.proc.connection(key.pid)
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
            if let Some(sign) = self.ready.pop_front() {
                return Some(sign);
            }
            let left = until_ns.saturating_sub(boottime());
            if left == 0 {
                // Whatever is there already comes before the deadline.
                self.drain();
                return self.ready.pop_front();
            }
            // Timers stop while the machine sleeps; looking again every half minute keeps the error small.
            let nap = Duration::from_nanos(left).min(Duration::from_secs(30));
            match tokio::time::timeout(nap, self.epoll.readable()).await {
                Ok(Ok(mut guard)) => {
                    guard.clear_ready();
                    drop(guard);
                    self.drain();
                }
                // A reactor that cannot poll must not become a busy loop.
                Ok(Err(_)) => tokio::time::sleep(nap).await,
                Err(_) => {}
            }
        }
    }
}

fn reading<T>(result: Result<T, String>) -> Reading<T> {
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
