//! A stream for a machine worse than any real one: hundreds of clients at once, thousands in the
//! course of the stream, each with servers that start, load, grow and end in every possible way,
//! many of them in restart loops.
//!
//! The runner is simulated too: when the time of a requested wake has come, the stream contains a
//! wake. So the stream depends on the engine. It is generated once, and only the second run over it
//! is measured. The same seed always gives the same stream.

use std::collections::BTreeMap;
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::gauge::{Amount, Gauge};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::message::Message;
use goplswatch_core::policy::{RestartCommand, RestartPolicy};
use goplswatch_core::time::{SECOND, Uptime, nanos};
use goplswatch_core::types::{Activity, BinaryChange, LoadKind, ServerClass};
use goplswatch_core::{Effect, Input, Moment, Observation, ProcessKey, Reading, Seq, State, step};

/// How often each client does something.
const EACH_CLIENT_EVERY: Duration = Duration::from_secs(5);

/// `splitmix64`, a small pseudo-random generator of sufficient quality.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// A length of time below this one.
    fn length(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.below(nanos(most)))
    }

    fn of<T>(&mut self, items: &[T]) -> usize {
        self.below(items.len() as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone)]
struct Client {
    key: ProcessKey,
    folder: String,
    servers: Vec<ProcessKey>,
    loads: Vec<ProcessKey>,
}

struct Machine {
    dice: Dice,
    at: Uptime,
    state: State,
    wake: Option<Uptime>,
    inputs: Vec<Input>,
    clients: Vec<Client>,
    /// When a client starts a server again.
    restarts: BTreeMap<(Uptime, u32), ProcessKey>,
    pids: u32,
}

/// A stream of `inputs` inputs on a machine with `clients` clients at once.
pub(crate) fn stream(seed: u64, inputs: usize, clients: usize) -> Vec<Input> {
    let mut machine = Machine {
        dice: Dice(seed),
        at: Uptime::BOOT + 1_000 * SECOND,
        state: State::default(),
        wake: None,
        inputs: Vec::with_capacity(inputs + 16),
        clients: Vec::new(),
        restarts: BTreeMap::new(),
        pids: 1_000,
    };
    machine.observation(Observation::Config(Box::default()));
    for name in ["process-table", "end-events", "end-status", "memory"] {
        let said = Message::reported("proved by doing it once").into();
        machine.observation(Observation::Capability(Capability {
            name: name.into(),
            state: CapabilityState::Ok,
            said,
        }));
    }
    while machine.inputs.len() < inputs {
        if machine.clients.len() < clients {
            machine.client_starts();
        }
        machine.something_happens(clients);
    }
    machine.inputs.truncate(inputs);
    machine.inputs
}

impl Machine {
    fn take(&mut self, at: Uptime, observation: Observation) {
        let seq = Seq(self.inputs.len() as u64 + 1);
        let at = Moment { wall_ms: 1_790_000_000_000 + (at.as_nanos() / 1_000_000) as i64, uptime: at };
        let input = Input { seq, at, observation };
        self.inputs.push(input.clone());
        for effect in step(&mut self.state, input) {
            if let Effect::WakeAt(at) = effect {
                self.wake = Some(at);
            }
        }
    }

    fn observation(&mut self, observation: Observation) {
        self.take(self.at, observation);
    }

    fn pass(&mut self, length: Duration) {
        let until = self.at + length;
        loop {
            let wake = self.wake.filter(|at| *at <= until);
            let restart = self.restarts.first_key_value().map(|((at, _), _)| *at).filter(|at| *at <= until);
            match (wake, restart) {
                (Some(at), restart) if restart.is_none_or(|other| at <= other) => {
                    self.wake = None;
                    self.take(at.max(self.at), Observation::Wake);
                }
                (_, Some(at)) => {
                    self.at = self.at.max(at);
                    if let Some((_, client)) = self.restarts.pop_first()
                        && let Some(i) = self.clients.iter().position(|c| c.key == client)
                    {
                        self.server_starts(i, ServerClass::Lsp);
                    }
                }
                _ => break,
            }
        }
        self.at = until;
    }

    fn new_key(&mut self) -> ProcessKey {
        self.pids += 1;
        ProcessKey::new(self.pids % 4_194_304, self.at.steps(Duration::from_millis(10)))
    }

    fn client_starts(&mut self) {
        const CLIENTS: [(&str, RestartPolicy); 5] = [
            ("VS Code", RestartPolicy::SessionCount { exits: 5 }),
            ("Zed", RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) }),
            ("Emacs (eglot)", RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) }),
            ("Neovim", RestartPolicy::Never),
            ("a-client-nobody-knows", RestartPolicy::Unknown),
        ];
        let (name, policy) = CLIENTS[self.dice.of(&CLIENTS)];
        let key = self.new_key();
        let folder = format!("/home/gopher/src/github.com/example/service-{}", self.pids % 997);
        self.clients.push(Client { key, folder, servers: Vec::new(), loads: Vec::new() });
        let whole_life = self.dice.chance(80);
        let restart = self.dice.chance(60).then(|| RestartCommand::new("Go: Restart Language Server")).into();
        self.observation(Observation::ClientSeen(Box::new(ClientSeen {
            id: None,
            translated: Reading::Known(false),
            client: key,
            name: name.into(),
            policy,
            whole_life,
            restart,
        })));
        self.server_starts(self.clients.len() - 1, ServerClass::Lsp);
    }

    fn server_starts(&mut self, i: usize, class: ServerClass) {
        let server = self.new_key();
        let folder = self.clients[i].folder.clone();
        let client = self.clients[i].key;
        self.clients[i].servers.push(server);
        let known = class != ServerClass::Daemon && self.dice.chance(90);
        self.observation(Observation::ServerSeen(Box::new(ServerSeen {
            slices: Reading::Known(vec!["arm64".into()]),
            server,
            class,
            exe: Reading::Known("/home/gopher/go/bin/gopls".into()),
            arch: Reading::Known("x86_64".into()),
            translated: Reading::Known(false),
            workspace: if known {
                Reading::Known(folder)
            } else {
                Reading::unknown("it works in /, which is no workspace")
            },
            client: if class == ServerClass::Daemon {
                Reading::unknown("its parent has ended")
            } else {
                Reading::Known(client)
            },
            started: Reading::Known(self.at - Duration::from_millis(20)),
            adopted: false,
        })));
    }

    fn something_happens(&mut self, clients: usize) {
        // Uniform between zero and twice the mean.
        let gap = self.dice.length(2 * EACH_CLIENT_EVERY / clients.max(1) as u32);
        self.pass(gap);
        if self.clients.is_empty() {
            return;
        }
        let i = self.dice.of(&self.clients);
        let servers = self.clients[i].servers.clone();
        let server = (!servers.is_empty()).then(|| servers[self.dice.of(&servers)]);
        match (self.dice.below(100), server) {
            (0..40, Some(server)) => self.gauge(server),
            (40..54, Some(server)) => self.load(i, server),
            (54..64, Some(server)) => {
                let activity = [Activity::Quiet, Activity::Busy, Activity::Stopped][self.dice.below(3) as usize];
                self.observation(Observation::TreeActivity { server, activity });
            }
            (64..82, Some(server)) => self.server_ends(i, server),
            (82..86, _) => self.server_starts(i, ServerClass::Lsp),
            (86..88, _) => {
                let class = [ServerClass::Daemon, ServerClass::Forwarder, ServerClass::Mcp, ServerClass::OneShot];
                let class = class[self.dice.of(&class)];
                self.server_starts(i, class);
            }
            (88..93, _) => self.client_ends(i),
            (93, Some(server)) => {
                let change = if self.dice.chance(80) { BinaryChange::Replaced } else { BinaryChange::Deleted };
                self.observation(Observation::BinaryChanged { server, change });
            }
            (94, Some(process)) => self.observation(Observation::OwnFix { process }),
            (95, Some(server)) => {
                let workspace = self.clients[i].folder.clone();
                self.observation(Observation::WorkspaceLearned { server, workspace });
            }
            (96..98, _) => {
                if let Some(load) = self.clients[i].loads.last().copied() {
                    self.observation(Observation::LoadWaits { load, on: "an answer from 192.0.2.7:443".into() });
                }
            }
            (98, _) if self.dice.chance(1) => self.observation(Observation::Slept { length: 600 * SECOND }),
            _ => {}
        }
    }

    /// Something is measured: mostly of a server, around the thresholds, now and then unreadable.
    fn gauge(&mut self, server: ProcessKey) {
        const OF_A_SERVER: [(Gauge, u64); 8] = [
            (Gauge::Memory, 1 << 26),
            (Gauge::Memory, 1 << 27),
            (Gauge::Cpu, 40),
            (Gauge::DescriptorBound, 800),
            (Gauge::Descriptors, 700),
            (Gauge::DescriptorLimit, 4_096),
            (Gauge::Watches, 160),
            (Gauge::Threads, 2),
        ];
        const OF_THE_MACHINE: [(Gauge, u64); 8] = [
            (Gauge::FileTable, 3_000),
            (Gauge::FileTableLimit, 3_200),
            (Gauge::MemoryAvailable, 1 << 29),
            (Gauge::MachineMemory, 1 << 29),
            (Gauge::PressureLevel, 1),
            (Gauge::IndexerBirths, 1),
            (Gauge::UserWatches, 1_600),
            (Gauge::UserWatchLimit, 1_700),
        ];
        let machine = self.dice.chance(10);
        let (gauge, unit) = if machine {
            OF_THE_MACHINE[self.dice.of(&OF_THE_MACHINE)]
        } else {
            OF_A_SERVER[self.dice.of(&OF_A_SERVER)]
        };
        // Most values are well below the thresholds.
        let most = if self.dice.chance(85) { 20 } else { 40 };
        let amount = Amount::Exactly((1 + self.dice.below(most)) * unit);
        let value = if self.dice.chance(2) { Reading::unknown("it would not say") } else { Reading::Known(amount) };
        self.observation(Observation::Gauge { gauge, process: (!machine).then_some(server), value });
        if self.dice.chance(1) {
            let on = self.dice.chance(70).then(|| Reading::Known(Message::PlaceDisk.into()));
            self.observation(Observation::Blocked { process: server, on });
        }
    }

    /// A load starts, or the oldest one ends.
    fn load(&mut self, i: usize, server: ProcessKey) {
        if self.clients[i].loads.len() > 1 || (!self.clients[i].loads.is_empty() && self.dice.chance(60)) {
            let load = self.clients[i].loads.remove(0);
            self.observation(Observation::Ended { process: load, status: ExitStatus::Exited(0), detail: None });
            return;
        }
        let load = self.new_key();
        self.clients[i].loads.push(load);
        let driver = self.dice.chance(10);
        self.observation(Observation::LoadSeen(Box::new(LoadSeen {
            translated: Reading::Known(false),
            load,
            server: Reading::Known(server),
            kind: if driver { LoadKind::Driver } else { LoadKind::GoList },
            label: if driver { "gopackagesdriver".into() } else { "go list".into() },
            started: Reading::Known(self.at - 2 * SECOND),
        })));
        let activity = if self.dice.chance(20) { Activity::Quiet } else { Activity::Busy };
        self.observation(Observation::TreeActivity { server, activity });
    }

    fn server_ends(&mut self, i: usize, server: ProcessKey) {
        const SIGNALS: [(i32, &str); 5] =
            [(15, "SIGTERM"), (9, "SIGKILL"), (6, "SIGABRT"), (11, "SIGSEGV"), (1, "SIGHUP")];
        let status = match self.dice.below(10) {
            0..3 => ExitStatus::Exited(0),
            3..6 => ExitStatus::Exited(1 + (self.dice.below(2) as u8)),
            6..9 => {
                let (signal, name) = SIGNALS[self.dice.of(&SIGNALS)];
                ExitStatus::Signaled { signal, name: name.into(), core: signal == 11 }
            }
            _ => ExitStatus::Unknown("it was reaped before its status could be read".into()),
        };
        let killed = matches!(status, ExitStatus::Signaled { signal: 9, .. });
        let detail = (killed && self.dice.chance(30)).then_some(EndDetail::OutOfMemoryKillerRan);
        self.clients[i].servers.retain(|s| *s != server);
        self.observation(Observation::Ended { process: server, status, detail });
        if self.dice.chance(75) {
            let after = Duration::from_millis(100) + self.dice.length(2 * SECOND);
            self.restarts.insert((self.at + after, server.pid.0), self.clients[i].key);
        }
    }

    fn client_ends(&mut self, i: usize) {
        let client = self.clients.swap_remove(i);
        let ends = |process| Observation::Ended { process, status: ExitStatus::Exited(0), detail: None };
        let first = self.dice.chance(50);
        if first {
            self.observation(ends(client.key));
        }
        for process in client.servers.iter().chain(&client.loads) {
            self.pass(Duration::from_millis(1));
            self.observation(ends(*process));
        }
        if !first {
            self.pass(Duration::from_millis(10));
            self.observation(ends(client.key));
        }
    }
}
