//! A platform for tests that plays a script and has its own clock. Events happen in the order of a
//! list, and time passes only while the caller waits. It can be as hostile as a real system:
//! processes vanish between two calls, and names are not UTF-8.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::time::{Uptime, nanos};
use goplswatch_core::types::BinaryChange;
use goplswatch_core::{Amount, Gauge, Holder, Moment, Pid, ProcessKey, Reading};
use goplswatch_gopls::Image;

use crate::platform::{
    Arch, Platform, PlatformEvent, ProcessInfo, ResourceHolders, RunState, StopCause, Usage, WatchOutcome,
};

/// One event of the script.
#[derive(Clone, Debug)]
pub enum ScriptEvent {
    /// A process starts as this image.
    Spawn {
        /// Pid of the new process.
        pid: u32,
        /// Pid of its parent.
        parent: u32,
        /// Its program, arguments, environment and folder.
        image: Box<Image>,
    },
    /// A process calls exec and becomes another program.
    Exec {
        /// The process.
        pid: u32,
        /// Its new program, arguments, environment and folder.
        image: Box<Image>,
    },
    /// A process ends; its parent reaps it at once.
    End {
        /// The process.
        pid: u32,
        /// How it ends.
        status: ExitStatus,
    },
    /// A process ends and stays a zombie.
    EndUnreaped {
        /// The process.
        pid: u32,
        /// How it ends.
        status: ExitStatus,
    },
    /// Sets what a process uses per second from now on.
    Use {
        /// The process.
        pid: u32,
        /// CPU time per second.
        cpu: Duration,
        /// Bytes read and written per second.
        io_bytes: u64,
    },
    /// A process is stopped or continued.
    Stop {
        /// The process.
        pid: u32,
        /// Whether it is stopped from now on.
        stopped: bool,
    },
    /// Sets the result of [`Platform::stop_cause`] from now on. Without this, a stopped process
    /// counts as stopped by a signal.
    Halt {
        /// The process.
        pid: u32,
        /// The result.
        halt: Reading<Option<StopCause>>,
    },
    /// The executable of a process changes on disk.
    Binary {
        /// The process.
        pid: u32,
        /// How it changes.
        change: BinaryChange,
    },
    /// The next call about a process finds it gone, although it was just listed.
    VanishAtNextLook {
        /// The process.
        pid: u32,
    },
    /// Sets a gauge of a process from now on. [`Gauge::Memory`] and [`Gauge::Threads`] are part of
    /// its usage.
    Measure {
        /// The process.
        pid: u32,
        /// The gauge.
        gauge: Gauge,
        /// Its value.
        value: Reading<Amount>,
    },
    /// Sets a machine-wide gauge from now on.
    MeasureMachine {
        /// The gauge.
        gauge: Gauge,
        /// Its value.
        value: Reading<Amount>,
    },
    /// A process begins to wait inside the kernel, or stops waiting.
    Block {
        /// The process.
        pid: u32,
        /// What [`Platform::blocked`] returns: what it waits on, or `None`.
        on: Option<Reading<MessageText>>,
    },
    /// Sets the CPU use of Spotlight.
    Indexer {
        /// What [`Platform::indexer_cpu`] returns; `None` while the reading is in progress.
        answer: Option<Reading<u64>>,
    },
    /// The machine starts or stops running on its battery.
    Battery {
        /// Whether it runs on battery.
        spares: bool,
    },
    /// The machine sleeps; the clock jumps when it wakes.
    Sleep {
        /// How long.
        length: Duration,
    },
}

#[derive(Clone, Debug)]
struct Process {
    key: ProcessKey,
    parent: Pid,
    image: Image,
    state: RunState,
    started: Uptime,
    /// CPU time, and bytes read and written, per second.
    rate: (Duration, u64),
    used: (Duration, u64),
    used_at: Uptime,
    binary: Option<BinaryChange>,
    vanish: bool,
    gauges: BTreeMap<Gauge, Reading<Amount>>,
    blocked: Option<Reading<MessageText>>,
    halt: Option<Reading<Option<StopCause>>>,
}

/// The scripted platform; see the module.
#[derive(Default)]
pub struct ScriptedPlatform {
    now: Uptime,
    asleep: Duration,
    script: VecDeque<(Uptime, ScriptEvent)>,
    processes: BTreeMap<Pid, Process>,
    watched: BTreeSet<ProcessKey>,
    ready: VecDeque<PlatformEvent>,
    starts: u64,
    machine: BTreeMap<Gauge, Reading<Amount>>,
    spares_power: bool,
    indexer: Option<Reading<u64>>,
    /// How many images were read.
    pub images_read: u64,
    /// How often each kind of gauge was read, by its name.
    pub call_counts: BTreeMap<&'static str, u64>,
    /// How long each reading takes that the engine has to request.
    pub answer_takes: Duration,
    /// If set, `watch` refuses.
    pub refuse_watches: bool,
    /// If set, the usage of every process is unknown.
    pub refuse_usage: bool,
    /// If set, every look at a process fails, as on a machine without free descriptors.
    pub refuse_looks: bool,
    /// If set, the next `next(0)` yields to other tasks first, as on a busy runtime.
    pub yields_first: bool,
}

impl ScriptedPlatform {
    /// A platform at this time of the continuous clock, with its script in order of time.
    #[must_use]
    pub fn new(now: Uptime, script: impl IntoIterator<Item = (Uptime, ScriptEvent)>) -> Self {
        Self { now, script: script.into_iter().collect(), ..Self::default() }
    }

    /// Appends an event that happens later than all events so far.
    pub fn then(&mut self, at: Uptime, happening: ScriptEvent) {
        self.script.push_back((at, happening));
    }

    fn happen(&mut self, happening: ScriptEvent) {
        match happening {
            ScriptEvent::Spawn { pid, parent, image } => {
                self.starts += 1;
                let process = Process {
                    key: ProcessKey::new(pid, self.starts),
                    parent: Pid(parent),
                    image: *image,
                    state: RunState::Alive,
                    started: self.now,
                    rate: (Duration::ZERO, 0),
                    used: (Duration::ZERO, 0),
                    used_at: self.now,
                    binary: None,
                    vanish: false,
                    gauges: BTreeMap::new(),
                    blocked: None,
                    halt: None,
                };
                self.processes.insert(Pid(pid), process);
            }
            ScriptEvent::Exec { pid, image } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.image = *image;
                }
            }
            ScriptEvent::End { pid, status } => {
                if let Some(p) = self.processes.remove(&Pid(pid)) {
                    self.died(p.key, status);
                    for child in self.processes.values_mut().filter(|c| c.parent == p.key.pid) {
                        child.parent = Pid(1);
                    }
                }
            }
            ScriptEvent::EndUnreaped { pid, status } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.state = RunState::Zombie;
                    p.image.argv = Reading::Known(Vec::new());
                    let key = p.key;
                    self.died(key, status);
                }
            }
            ScriptEvent::Use { pid, cpu, io_bytes } => {
                let now = self.now;
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.settle(now);
                    p.rate = (cpu, io_bytes);
                }
            }
            ScriptEvent::Stop { pid, stopped } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.state = if stopped { RunState::Stopped } else { RunState::Alive };
                }
            }
            ScriptEvent::Binary { pid, change } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.binary = Some(change);
                }
            }
            ScriptEvent::VanishAtNextLook { pid } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.vanish = true;
                }
            }
            ScriptEvent::Measure { pid, gauge, value } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.gauges.insert(gauge, value);
                }
            }
            ScriptEvent::MeasureMachine { gauge, value } => {
                self.machine.insert(gauge, value);
            }
            ScriptEvent::Block { pid, on } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.blocked = on;
                }
            }
            ScriptEvent::Halt { pid, halt } => {
                if let Some(p) = self.processes.get_mut(&Pid(pid)) {
                    p.halt = Some(halt);
                }
            }
            ScriptEvent::Indexer { answer } => self.indexer = answer,
            ScriptEvent::Battery { spares } => self.spares_power = spares,
            ScriptEvent::Sleep { length } => {
                self.now += length;
                self.asleep += length;
                // Processes use nothing while the machine sleeps.
                self.processes.values_mut().for_each(|p| p.used_at += length);
            }
        }
    }

    fn count(&mut self, question: &'static str) {
        *self.call_counts.entry(question).or_default() += 1;
    }

    /// Counts a call, and lets the time pass that it takes.
    fn count_and_delay(&mut self, question: &'static str) {
        self.count(question);
        self.now += self.answer_takes;
    }

    fn gauge(&mut self, key: ProcessKey, gauge: Gauge) -> Reading<Amount> {
        self.find(key).map_or_else(|| Reading::unknown(Message::HasEnded), |p| p.gauge(gauge))
    }

    fn died(&mut self, key: ProcessKey, status: ExitStatus) {
        if self.watched.remove(&key) {
            self.ready.push_back(PlatformEvent::Ended { key, status, detail: None });
        }
    }

    fn find(&mut self, key: ProcessKey) -> Option<&mut Process> {
        if self.processes.get(&key.pid).is_some_and(|p| p.vanish) {
            let status = ExitStatus::unknown(script("it vanished"));
            self.happen(ScriptEvent::End { pid: key.pid.0, status });
        }
        self.processes.get_mut(&key.pid).filter(|p| p.key == key)
    }
}

/// A message of the script's own that no real system produces.
fn script(words: &str) -> Message {
    Message::reported(words)
}

fn least(value: Reading<Amount>) -> Reading<u64> {
    value.map(Amount::least)
}

impl Process {
    /// The value set by the script, or else that of a small program.
    fn gauge(&self, gauge: Gauge) -> Reading<Amount> {
        let usual = match gauge {
            Gauge::Memory | Gauge::SharedMemory => 100 << 20,
            Gauge::Threads => 12,
            Gauge::DescriptorBound => 64,
            Gauge::Descriptors => 20,
            Gauge::DescriptorLimit => 1_024,
            _ => 0,
        };
        self.gauges.get(&gauge).cloned().unwrap_or(Reading::Known(Amount::Exactly(usual)))
    }

    fn settle(&mut self, now: Uptime) {
        let passed = now.since(self.used_at).as_nanos();
        let used = |rate: u64| u64::try_from(u128::from(rate) * passed / 1_000_000_000).unwrap_or(u64::MAX);
        self.used.0 += Duration::from_nanos(used(nanos(self.rate.0)));
        self.used.1 += used(self.rate.1);
        self.used_at = now;
    }
}

impl Platform for ScriptedPlatform {
    fn now(&self) -> Moment {
        Moment { wall_ms: i64::try_from(self.now.as_nanos() / 1_000_000).unwrap_or(i64::MAX), uptime: self.now }
    }

    fn asleep(&self) -> Duration {
        self.asleep
    }

    fn boot_id(&self) -> String {
        "scripted".into()
    }

    fn self_test(&mut self) -> Vec<Capability> {
        vec![Capability::new("process-table", CapabilityState::Ok, script("the world is written by hand"))]
    }

    fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message> {
        out.clear();
        out.extend(self.processes.keys());
        Ok(())
    }

    fn process_info(&mut self, pid: Pid) -> Reading<Option<ProcessInfo>> {
        if self.refuse_looks {
            return Reading::unknown(script("the script says so"));
        }
        Reading::Known(self.processes.get(&pid).map(|p| ProcessInfo {
            key: p.key,
            parent: p.parent,
            comm: p.image.comm.clone(),
            state: p.state,
            execed: true,
            started: Reading::Known(p.started),
        }))
    }

    fn image(&mut self, key: ProcessKey) -> Option<Image> {
        self.images_read += 1;
        self.find(key).map(|p| p.image.clone())
    }

    fn arch(&mut self, key: ProcessKey) -> Arch {
        match self.find(key) {
            Some(_) => Arch { name: Reading::Known("x86_64".into()), translated: Reading::Known(false) },
            None => Arch { name: Reading::unknown(Message::HasEnded), translated: Reading::unknown(Message::HasEnded) },
        }
    }

    fn watch(&mut self, key: ProcessKey) -> WatchOutcome {
        let refuse = self.refuse_watches;
        match self.find(key) {
            None => WatchOutcome::Gone,
            Some(_) if refuse => WatchOutcome::Refused(script("the script says so")),
            Some(_) => {
                self.watched.insert(key);
                WatchOutcome::Attached
            }
        }
    }

    fn usage(&mut self, key: ProcessKey) -> Reading<Usage> {
        if self.refuse_usage {
            return Reading::unknown(script("the script says so"));
        }
        self.count("usage");
        let now = self.now;
        match self.find(key) {
            Some(p) if p.state != RunState::Zombie => {
                p.settle(now);
                let resident_bytes = match least(p.gauge(Gauge::Memory)) {
                    Reading::Known(bytes) => bytes,
                    Reading::Unknown { unknown } => return Reading::Unknown { unknown },
                };
                let threads = least(p.gauge(Gauge::Threads)).known().and_then(|n| u32::try_from(*n).ok());
                Reading::Known(Usage {
                    cpu: p.used.0,
                    io_bytes: Some(p.used.1),
                    resident_bytes,
                    stopped: p.state == RunState::Stopped,
                    threads,
                })
            }
            _ => Reading::unknown(Message::HasEnded),
        }
    }

    fn stop_cause(&mut self, key: ProcessKey) -> Reading<Option<StopCause>> {
        self.count("halt");
        match self.find(key) {
            Some(p) if p.state != RunState::Zombie => {
                let by_signal = (p.state == RunState::Stopped).then_some(StopCause::Signal);
                p.halt.clone().unwrap_or(Reading::Known(by_signal))
            }
            _ => Reading::unknown(Message::HasEnded),
        }
    }

    fn binary_change(&mut self, key: ProcessKey) -> Reading<Option<BinaryChange>> {
        self.find(key).map_or_else(|| Reading::unknown(Message::HasEnded), |p| Reading::Known(p.binary))
    }

    fn waits_for(&mut self, _key: ProcessKey) -> Option<Message> {
        None
    }

    fn descriptor_bound(&mut self, key: ProcessKey) -> Reading<u64> {
        self.count("descriptor-bound");
        least(self.gauge(key, Gauge::DescriptorBound))
    }

    fn descriptor_limit(&mut self, key: ProcessKey) -> Reading<u64> {
        self.count("descriptor-limit");
        least(self.gauge(key, Gauge::DescriptorLimit))
    }

    fn descriptors(&mut self, key: ProcessKey) -> Reading<Amount> {
        self.count_and_delay("descriptors");
        self.gauge(key, Gauge::Descriptors)
    }

    fn watches(&mut self, key: ProcessKey) -> Reading<Amount> {
        self.count_and_delay("watches");
        self.gauge(key, Gauge::Watches)
    }

    fn shared_memory(&mut self, key: ProcessKey) -> Reading<u64> {
        self.count_and_delay("shared-memory");
        least(self.gauge(key, Gauge::SharedMemory))
    }

    fn blocked(&mut self, key: ProcessKey) -> Reading<Option<Reading<MessageText>>> {
        self.count("blocked");
        self.find(key).map_or_else(|| Reading::unknown(Message::HasEnded), |p| Reading::Known(p.blocked.clone()))
    }

    fn holders(&mut self, gauge: Gauge) -> Reading<ResourceHolders> {
        self.count_and_delay("holders");
        let mut holders: Vec<Holder> = Vec::new();
        let mut total = 0;
        for p in self.processes.values() {
            let Reading::Known(amount) = p.gauge(gauge) else { continue };
            total += amount.least();
            let name = String::from_utf8_lossy(&p.image.comm).into_owned();
            holders.push(Holder { process: p.key, name, amount });
        }
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.amount.least()));
        holders.retain(|holder| holder.amount.least() > 0);
        holders.truncate(5);
        Reading::Known(ResourceHolders { total: Amount::Exactly(total), holders })
    }

    fn machine(&mut self, out: &mut Vec<(Gauge, Reading<Amount>)>) {
        self.count("machine");
        out.clear();
        out.extend(self.machine.iter().map(|(gauge, value)| (*gauge, value.clone())));
    }

    fn indexer_cpu(&mut self) -> Option<Reading<u64>> {
        self.count("indexer");
        self.indexer.clone()
    }

    fn slices(&mut self, _exe: &[u8]) -> Reading<Vec<String>> {
        Reading::Known(vec!["x86_64".into()])
    }

    fn saves_power(&mut self) -> bool {
        self.spares_power
    }

    async fn next(&mut self, until: Uptime) -> Option<PlatformEvent> {
        if until == Uptime::BOOT && std::mem::take(&mut self.yields_first) {
            tokio::task::yield_now().await;
        }
        loop {
            if let Some(sign) = self.ready.pop_front() {
                return Some(sign);
            }
            match self.script.front() {
                Some((at, _)) if *at <= until.max(self.now) => {
                    let (at, happening) = self.script.pop_front()?;
                    self.now = self.now.max(at);
                    self.happen(happening);
                }
                _ => {
                    self.now = self.now.max(until);
                    return None;
                }
            }
        }
    }
}
