//! The machine for the hour: seven folders with one gopls each, and the measurements of each and of
//! the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::message::Message;
use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::time::{SECOND, Uptime};
use goplswatch_core::types::{Activity, LoadKind, ServerClass};
use goplswatch_core::{
    Amount, Code, Effect, Gauge, Holder, Input, Moment, Observation, ProbeRequest, ProcessKey, Reading, Seq, State,
    step,
};

const GB: u64 = 1_000_000_000;
/// Start of the hour on the continuous clock.
const BEGIN: Uptime = Uptime::from_nanos(10_000_000_000_000);
/// Length of the hour, seconds.
const HOUR_S: u64 = 3_600;
/// How often processes and the machine are measured, seconds.
const PROCESS_EVERY_S: u64 = 5;
const MACHINE_EVERY_S: u64 = 10;

/// The folder without a problem.
pub(crate) const QUIET: &str = "/w/quiet";
/// Its gopls leaks memory until the system kills it.
const LEAKS: &str = "/w/leaks";
/// A `gopls mcp` that watches every file itself.
const FILES: &str = "/w/files";
/// Its gopls is busy without a go command, and crashes once.
const SPINS: &str = "/w/spins";
/// On a disk that does not respond, with lost file events.
const WAITS: &str = "/w/waits";
/// Translated (Rosetta), including client and go command.
const FOREIGN: &str = "/w/foreign";
/// Has a second gopls for a while, and an Intel go command.
const TWINS: &str = "/w/twins";

const FOLDERS: [&str; 7] = [QUIET, LEAKS, FILES, SPINS, WAITS, FOREIGN, TWINS];

/// Codes opened in addition to those that gauges alone open.
pub(crate) const ALSO: [Code; 6] = [
    Code::OutOfMemoryKill,
    Code::BlockedIo,
    Code::TranslatedServer,
    Code::TranslatedToolchain,
    Code::TranslatedClient,
    Code::FileEventsLost,
];

/// A gauge of a folder's gopls, or of the machine, that changes from one value to another between
/// two seconds of the hour.
struct Episode(Option<&'static str>, Gauge, u64, u64, u64, u64);

/// Outside of the episodes a gauge has its [`usual`] value.
const EPISODES: [Episode; 22] = [
    Episode(Some(LEAKS), Gauge::Memory, 600, 960, GB, 9 * GB),
    Episode(None, Gauge::MemoryAvailable, 600, 960, 9 * GB, GB),
    Episode(Some(FILES), Gauge::DescriptorBound, 300, 900, 500, 61_000),
    Episode(Some(FILES), Gauge::DescriptorBound, 900, 1_900, 61_000, 61_000),
    Episode(Some(FILES), Gauge::Descriptors, 300, 900, 480, 60_000),
    Episode(Some(FILES), Gauge::Descriptors, 900, 1_900, 60_000, 60_000),
    Episode(Some(FILES), Gauge::Watches, 60, 1_900, 20_000, 59_000),
    Episode(Some(FILES), Gauge::Threads, 300, 1_900, 14, 40),
    Episode(None, Gauge::FileTable, 1_200, 1_500, 20_000, 118_000),
    Episode(None, Gauge::FileTable, 1_500, 1_800, 118_000, 118_000),
    Episode(Some(SPINS), Gauge::Cpu, 700, 1_300, 1_350, 1_350),
    Episode(Some(WAITS), Gauge::Io, 1_300, 1_400, 30_000_000, 60_000_000),
    Episode(Some(TWINS), Gauge::StoppedAlone, 1_500, 1_600, 1, 1),
    Episode(None, Gauge::SwapUsed, 1_900, 2_300, GB, 6 * GB),
    Episode(None, Gauge::PressureLevel, 2_000, 2_200, 4, 4),
    Episode(None, Gauge::MemoryStall, 2_300, 2_600, 350, 350),
    Episode(None, Gauge::IndexerBirths, 2_600, 2_900, 45, 45),
    Episode(None, Gauge::IndexerWorkers, 2_600, 2_900, 30, 30),
    Episode(None, Gauge::IndexerCpu, 2_600, 2_900, 900, 900),
    Episode(None, Gauge::VnodesRecycled, 2_600, 2_900, 400_000, 400_000),
    Episode(None, Gauge::VnodesFree, 2_600, 2_900, 90_000, 500),
    Episode(None, Gauge::UserWatches, 2_600, 3_400, 500_000, 500_000),
];

/// Values of a gopls in normal use, and of a machine in normal use.
const fn usual(gauge: Gauge) -> u64 {
    match gauge {
        Gauge::Memory => 700_000_000,
        Gauge::SharedMemory => 500_000_000,
        Gauge::Cpu => 40,
        Gauge::Threads => 14,
        Gauge::Io => 20_000,
        Gauge::DescriptorBound => 80,
        Gauge::Descriptors => 60,
        Gauge::DescriptorLimit => 1_048_576,
        Gauge::Watches | Gauge::StoppedAlone => 0,
        Gauge::FileTable => 20_000,
        Gauge::FileTableLimit => 122_880,
        Gauge::VnodesFree => 90_000,
        Gauge::VnodesRecycled => 3_000,
        Gauge::UserWatches => 30_000,
        Gauge::UserWatchLimit => 524_288,
        Gauge::MachineMemory => 16 * GB,
        Gauge::MemoryAvailable => 9 * GB,
        Gauge::SwapUsed => GB,
        Gauge::PressureLevel => 1,
        Gauge::MemoryStall => 5,
        Gauge::IndexerWorkers => 4,
        Gauge::IndexerBirths => 2,
        Gauge::IndexerCpu => 20,
    }
}

/// Whether a gauge is read only on request.
const fn is_asked(gauge: Gauge) -> bool {
    matches!(gauge, Gauge::SharedMemory | Gauge::Descriptors | Gauge::Watches | Gauge::UserWatches | Gauge::IndexerCpu)
}

/// Whether a gauge fluctuates a little.
const fn breathes(gauge: Gauge) -> bool {
    !matches!(
        gauge,
        Gauge::DescriptorLimit
            | Gauge::FileTableLimit
            | Gauge::UserWatchLimit
            | Gauge::MachineMemory
            | Gauge::PressureLevel
            | Gauge::StoppedAlone
    )
}

/// `splitmix64`: a pseudo-random generator with the same sequence in every run.
struct Dice(u64);

impl Dice {
    /// A value at most two percent above or below.
    fn near(&mut self, value: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value - value / 50 + ((z ^ (z >> 31)) % (value / 25 + 1))
    }
}

#[derive(Clone, Copy)]
struct Server {
    key: ProcessKey,
    folder: &'static str,
}

/// The result of the hour.
pub(crate) struct Hour {
    /// All inputs.
    pub(crate) inputs: Vec<Input>,
    /// All effects.
    pub(crate) effects: Vec<Effect>,
    /// The state at the end.
    pub(crate) state: State,
    /// How many probe requests were answered.
    pub(crate) answered: usize,
    now: Uptime,
    wake: Option<Uptime>,
    asks: Vec<ProbeRequest>,
    told: BTreeMap<(Option<ProcessKey>, Gauge), (Uptime, Amount)>,
    servers: Vec<Server>,
    pids: u32,
    dice: Dice,
}

impl Hour {
    /// Runs the hour. The result is always the same.
    pub(crate) fn lived() -> Self {
        let mut hour = Self {
            inputs: Vec::new(),
            effects: Vec::new(),
            state: State::default(),
            answered: 0,
            now: BEGIN,
            wake: None,
            asks: Vec::new(),
            told: BTreeMap::new(),
            servers: Vec::new(),
            pids: 1_000,
            dice: Dice(7),
        };
        hour.begins();
        for second in 0..HOUR_S {
            hour.until(BEGIN + Duration::from_secs(second));
            hour.answer();
            hour.happens(second);
            hour.measure(second);
        }
        hour.answer();
        hour
    }

    fn take(&mut self, at: Uptime, observation: Observation) {
        let wall_ms = 1_790_000_000_000 + i64::try_from(at.as_nanos() / 1_000_000).unwrap();
        let input = Input { seq: Seq(self.inputs.len() as u64 + 1), at: Moment { wall_ms, uptime: at }, observation };
        self.inputs.push(input.clone());
        for effect in step(&mut self.state, input) {
            match &effect {
                Effect::WakeAt(at) => self.wake = Some(*at),
                Effect::Ask(ask) => self.asks.push(*ask),
                Effect::Event(_) => {}
            }
            self.effects.push(effect);
        }
    }

    fn tell(&mut self, observation: Observation) {
        self.take(self.now, observation);
    }

    /// Advances the time, and wakes the engine at the requested times.
    fn until(&mut self, end: Uptime) {
        while let Some(at) = self.wake.filter(|at| *at <= end) {
            self.wake = None;
            self.take(at.max(self.now), Observation::Wake);
            self.now = self.now.max(at);
        }
        self.now = end;
    }

    fn begins(&mut self) {
        self.tell(Observation::Began { boot: "t".into() });
        self.tell(Observation::Config(Box::default()));
        for name in ["process-table", "end-events", "end-status"] {
            let said = Message::reported("proved by doing it once").into();
            self.tell(Observation::Capability(Capability { name: name.into(), state: CapabilityState::Ok, said }));
        }
    }

    fn new_key(&mut self) -> ProcessKey {
        self.pids += 1;
        ProcessKey::new(self.pids, self.now.steps(Duration::from_millis(10)))
    }

    fn starts(&mut self, folder: &'static str) {
        let place = FOLDERS.iter().position(|known| *known == folder).unwrap();
        let foreign = folder == FOREIGN;
        let client = ProcessKey::new(u32::try_from(place).unwrap() + 10, 1);
        let server = self.new_key();
        let mcp = folder == FILES;
        self.tell(Observation::ServerSeen(Box::new(ServerSeen {
            server,
            class: if mcp { ServerClass::Mcp } else { ServerClass::Lsp },
            exe: Reading::Known("/go/bin/gopls".into()),
            arch: Reading::Known(if foreign { "x86_64" } else { "arm64" }.into()),
            translated: Reading::Known(foreign),
            slices: Reading::Known(vec![if foreign { "x86_64" } else { "arm64" }.into()]),
            workspace: Reading::Known(folder.into()),
            client: Reading::Known(client),
            started: Reading::Known(self.now),
            adopted: false,
        })));
        self.servers.push(Server { key: server, folder });
    }

    fn loads(&mut self, folder: &str) -> ProcessKey {
        let load = self.new_key();
        let server = self.servers.iter().find(|server| server.folder == folder).unwrap().key;
        self.tell(Observation::LoadSeen(Box::new(LoadSeen {
            load,
            server: Reading::Known(server),
            kind: LoadKind::GoList,
            label: "go list".into(),
            started: Reading::Known(self.now),
            // Includes an Intel go command next to a native gopls.
            translated: Reading::Known(folder == FOREIGN || folder == TWINS),
        })));
        self.tell(Observation::TreeActivity { server, activity: Activity::Busy });
        load
    }

    fn ended(&mut self, process: ProcessKey, status: ExitStatus, detail: Option<EndDetail>) {
        self.servers.retain(|server| server.key != process);
        self.told.retain(|(of, _), _| *of != Some(process));
        self.tell(Observation::Ended { process, status, detail });
    }

    fn key_in(&self, folder: &str) -> ProcessKey {
        self.servers.iter().rfind(|server| server.folder == folder).unwrap().key
    }

    /// Events other than measurements.
    fn happens(&mut self, second: u64) {
        match second {
            2 => {
                for (place, folder) in FOLDERS.iter().enumerate() {
                    self.tell(Observation::ClientSeen(Box::new(ClientSeen {
                        id: None,
                        client: ProcessKey::new(u32::try_from(place).unwrap() + 10, 1),
                        name: "VS Code".into(),
                        policy: RestartPolicy::SessionCount { exits: 5 },
                        whole_life: true,
                        restart: "Go: Restart Language Server".into(),
                        translated: Reading::Known(*folder == FOREIGN),
                    })));
                }
            }
            3..=9 => self.starts(FOLDERS[usize::try_from(second - 3).unwrap()]),
            // A go command in every folder.
            20 | 1_820 | 3_420 => {
                for folder in FOLDERS {
                    let load = self.loads(folder);
                    self.until(self.now + SECOND / 10);
                    self.ended(load, ExitStatus::Exited(0), None);
                }
            }
            960 => {
                let killed = ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false };
                self.ended(self.key_in(LEAKS), killed, Some(EndDetail::Memory));
            }
            962 => self.starts(LEAKS),
            1_400 => {
                let on = Some(Reading::Known("a file of an NFS server".into()));
                self.tell(Observation::Blocked { process: self.key_in(WAITS), on });
            }
            1_480 => self.tell(Observation::Blocked { process: self.key_in(WAITS), on: None }),
            1_600 | 1_660 | 1_720 => {
                let how = "the kernel's queue of them ran over".into();
                self.tell(Observation::FileEventsLost { workspace: WAITS.into(), how });
            }
            1_900 => self.starts(TWINS),
            2_400 => self.ended(self.key_in(TWINS), ExitStatus::Exited(0), None),
            3_100 => self.ended(self.key_in(SPINS), ExitStatus::Exited(2), None),
            3_101 => self.starts(SPINS),
            3_500 => self.tell(Observation::Slept { length: 30 * SECOND }),
            _ => {}
        }
    }

    /// The value of a gauge now.
    fn value(&mut self, folder: Option<&str>, gauge: Gauge) -> u64 {
        let second = self.now.since(BEGIN).as_secs();
        let during = EPISODES
            .iter()
            .find(|Episode(of, what, from, to, ..)| *of == folder && *what == gauge && (*from..*to).contains(&second));
        let value = match during {
            None => usual(gauge),
            Some(Episode(_, _, from, to, one, other)) => {
                let (before, behind) = (u128::from(second - from), u128::from(to - second));
                let sum = u128::from(*one) * behind + u128::from(*other) * before;
                u64::try_from(sum / (before + behind)).unwrap()
            }
        };
        if breathes(gauge) { self.dice.near(value) } else { value }
    }

    /// Reports the gauges whose change is large enough.
    fn measure(&mut self, second: u64) {
        let mut subjects: Vec<(Option<Server>, u64)> = vec![(None, MACHINE_EVERY_S)];
        subjects.extend(self.servers.iter().map(|server| (Some(*server), PROCESS_EVERY_S)));
        for (server, every) in subjects {
            if !second.is_multiple_of(every) {
                continue;
            }
            for gauge in Gauge::ALL.iter().filter(|gauge| gauge.is_of_a_process() == server.is_some()) {
                if is_asked(*gauge) {
                    continue;
                }
                let process = server.map(|server| server.key);
                let value = Amount::Exactly(self.value(server.map(|server| server.folder), *gauge));
                let told = self.told.get(&(process, *gauge));
                if told.is_none_or(|(at, old)| gauge.is_reportable(*old, value, self.now.since(*at))) {
                    self.told.insert((process, *gauge), (self.now, value));
                    self.tell(Observation::Gauge { gauge: *gauge, process, value: Reading::Known(value) });
                }
            }
        }
    }

    /// Answers the requests that the engine has made meanwhile.
    fn answer(&mut self) {
        while let Some(ask) = self.asks.pop() {
            self.answered += 1;
            match ask {
                ProbeRequest::Descriptors(key) => self.answer_of(key, Gauge::Descriptors),
                ProbeRequest::Watches(key) => self.answer_of(key, Gauge::Watches),
                ProbeRequest::SharedMemory(key) => self.answer_of(key, Gauge::SharedMemory),
                ProbeRequest::DescriptorHolders => self.holders(Gauge::Descriptors),
                ProbeRequest::WatchHolders => {
                    let value = Reading::Known(Amount::Exactly(self.value(None, Gauge::UserWatches)));
                    self.tell(Observation::Gauge { gauge: Gauge::UserWatches, process: None, value });
                    self.holders(Gauge::Watches);
                }
                ProbeRequest::Indexer => {
                    let value = Reading::Known(Amount::Exactly(self.value(None, Gauge::IndexerCpu)));
                    self.tell(Observation::Gauge { gauge: Gauge::IndexerCpu, process: None, value });
                }
            }
        }
    }

    fn answer_of(&mut self, key: ProcessKey, gauge: Gauge) {
        let folder = self.servers.iter().find(|server| server.key == key).map(|server| server.folder);
        let value = match folder {
            Some(folder) => Reading::Known(Amount::Exactly(self.value(Some(folder), gauge))),
            None => Reading::unknown("it is gone"),
        };
        self.tell(Observation::Gauge { gauge, process: Some(key), value });
    }

    fn holders(&mut self, gauge: Gauge) {
        let mut holders: Vec<Holder> = Vec::new();
        for Server { key, folder } in self.servers.clone() {
            let amount = Amount::Exactly(self.value(Some(folder), gauge));
            holders.push(Holder { process: key, name: "gopls".into(), amount });
        }
        let editor = Amount::Exactly(self.value(None, Gauge::UserWatches));
        holders.push(Holder { process: ProcessKey::new(10, 1), name: "code".into(), amount: editor });
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.amount));
        holders.truncate(5);
        self.tell(Observation::Holders { gauge, holders });
    }

    /// The gauges that were reported.
    pub(crate) fn gauges(&self) -> BTreeSet<Gauge> {
        let gauge =
            |input: &Input| if let Observation::Gauge { gauge, .. } = &input.observation { Some(*gauge) } else { None };
        self.inputs.iter().filter_map(gauge).collect()
    }
}
