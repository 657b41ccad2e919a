//! Observations in any order, about few enough processes that they interact: no panic, at most one
//! open incident per kind and subject, and a replay of the recorded inputs gives the same events.

use std::collections::BTreeSet;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::gauge::{Amount, Gauge, Holder};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::message::Message;
use goplswatch_core::policy::{RestartCommand, RestartPolicy};
use goplswatch_core::recording::{Header, SCHEMA, line};
use goplswatch_core::replay::replay;
use goplswatch_core::time::{MINUTE, SECOND, Uptime, millis};
use goplswatch_core::types::{Activity, BinaryChange, LoadKind, ServerClass};
use goplswatch_core::{Config, Effect, Event, Input, Moment, Observation, ProcessKey, Reading, Seq, State, step};

/// One step: time passes, then something is observed.
#[derive(Arbitrary, Debug)]
struct Op {
    tenths: u16,
    who: u8,
    what: What,
}

#[derive(Arbitrary, Debug)]
enum What {
    Client {
        policy: u8,
        old: bool,
    },
    Server {
        class: u8,
        client: Option<u8>,
        folder: Option<u8>,
        late: u8,
    },
    Learned(u8),
    Binary(bool),
    Memory(u16),
    Ended {
        how: u8,
        memory: bool,
    },
    Load {
        server: Option<u8>,
        driver: bool,
    },
    Waits,
    Activity(u8),
    /// A gauge of the process, or of the machine.
    Gauge {
        which: u8,
        value: Option<u64>,
        capped: bool,
        machine: bool,
    },
    Holders {
        watches: bool,
        amount: u64,
    },
    Blocked {
        on: Option<bool>,
    },
    EventsLost(u8),
    Translated {
        server: u8,
        slices: Option<bool>,
    },
    OwnFix,
    Slept,
    Config(u16),
    /// A wake-up that the engine did not ask for.
    Wake,
}

fn key(who: u8) -> ProcessKey {
    let who = u32::from(who % 12);
    ProcessKey::new(100 + who, u64::from(who))
}

fn reading<T>(value: Option<T>) -> Reading<T> {
    value.map_or_else(
        || Reading::unknown(goplswatch_core::message::Message::reported("it would not say")),
        Reading::Known,
    )
}

/// The unit of times in the bytes.
const TENTH: Duration = Duration::from_millis(100);

impl Op {
    fn observation(&self, now: Uptime) -> Observation {
        let process = key(self.who);
        match self.what {
            What::Client { policy, old } => Observation::ClientSeen(Box::new(ClientSeen {
                id: None,
                translated: Reading::Known(false),
                client: process,
                name: "VS Code".into(),
                policy: match policy % 5 {
                    0 => RestartPolicy::SessionCount { exits: 5 },
                    1 => RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) },
                    2 => RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) },
                    3 => RestartPolicy::Never,
                    _ => RestartPolicy::Unknown,
                },
                whole_life: !old,
                restart: old.then(|| RestartCommand::new("Restart")).into(),
            })),
            What::Server { class, client, folder, late } => Observation::ServerSeen(Box::new(ServerSeen {
                slices: Reading::Known(vec!["arm64".into()]),
                server: process,
                class: [
                    ServerClass::Lsp,
                    ServerClass::Daemon,
                    ServerClass::Forwarder,
                    ServerClass::Mcp,
                    ServerClass::OneShot,
                    ServerClass::Sidecar,
                    ServerClass::Lsp,
                    ServerClass::Lsp,
                ][usize::from(class % 8)],
                exe: Reading::Known("/usr/bin/gopls".into()),
                arch: Reading::unknown(goplswatch_core::message::Message::reported("it would not say")),
                translated: Reading::Known(false),
                workspace: reading(folder.map(|f| format!("/w/{}", f % 3))),
                client: reading(client.map(key)),
                started: reading(now.checked_sub(u32::from(late) * TENTH)),
                adopted: late > 100,
            })),
            What::Learned(folder) => {
                Observation::WorkspaceLearned { server: process, workspace: format!("/w/{}", folder % 3) }
            }
            What::Binary(replaced) => {
                let change = if replaced { BinaryChange::Replaced } else { BinaryChange::Deleted };
                Observation::BinaryChanged { server: process, change }
            }
            What::Memory(mb) => Observation::Memory { server: process, bytes: u64::from(mb) << 20 },
            What::Ended { how, memory } => Observation::Ended {
                process,
                status: match how % 8 {
                    0 => ExitStatus::Exited(0),
                    1 => ExitStatus::Exited(1),
                    2 => ExitStatus::Exited(2),
                    3 => ExitStatus::Unknown(goplswatch_core::message::Message::reported("reaped").into()),
                    4 => ExitStatus::Signaled { signal: 11, name: "SIGSEGV".into(), core: true },
                    5 | 6 => ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false },
                    _ => ExitStatus::Signaled { signal: 15, name: "SIGTERM".into(), core: false },
                },
                detail: memory.then_some(EndDetail::OutOfMemoryKillerRan),
            },
            What::Load { server, driver } => Observation::LoadSeen(Box::new(LoadSeen {
                translated: Reading::Known(false),
                load: process,
                server: reading(server.map(key)),
                kind: if driver { LoadKind::Driver } else { LoadKind::GoList },
                label: "go list".into(),
                started: Reading::Known(now),
            })),
            What::Waits => Observation::LoadWaits {
                load: process,
                on: goplswatch_core::message::Message::reported("an answer").into(),
            },
            What::Activity(level) => Observation::TreeActivity {
                server: process,
                activity: [Activity::Quiet, Activity::Busy, Activity::Stopped][usize::from(level % 3)],
            },
            What::Gauge { which, value, capped, machine } => Observation::Gauge {
                gauge: Gauge::ALL[usize::from(which) % Gauge::ALL.len()],
                process: (!machine).then_some(process),
                value: reading(value.map(|n| if capped { Amount::AtLeast(n) } else { Amount::Exactly(n) })),
            },
            What::Holders { watches, amount } => Observation::Holders {
                gauge: if watches { Gauge::Watches } else { Gauge::Descriptors },
                holders: vec![Holder { process, name: "code".into(), amount: Amount::Exactly(amount) }],
            },
            What::Blocked { on } => {
                Observation::Blocked { process, on: on.map(|known| reading(known.then(|| Message::PlaceDisk.into()))) }
            }
            What::EventsLost(folder) => Observation::FileEventsLost {
                workspace: format!("/w/{}", folder % 4),
                how: goplswatch_core::message::Message::reported("the kernel's queue ran over").into(),
            },
            What::Translated { server, slices } => Observation::ServerSeen(Box::new(ServerSeen {
                slices: reading(slices.map(|both| {
                    let native = both.then(|| "arm64".to_owned());
                    native.into_iter().chain(["x86_64".to_owned()]).collect()
                })),
                server: key(server),
                class: ServerClass::Lsp,
                exe: Reading::Known("/usr/local/bin/gopls".into()),
                arch: Reading::Known("x86_64".into()),
                translated: Reading::Known(true),
                workspace: Reading::Known("/w/0".into()),
                client: Reading::Known(process),
                started: Reading::Known(now),
                adopted: false,
            })),
            What::OwnFix => Observation::OwnFix { process },
            What::Slept => Observation::Slept { length: MINUTE },
            What::Config(ms) => Observation::Config(Box::new(Config {
                no_successor: Duration::from_millis(ms.into()),
                ..Config::default()
            })),
            What::Wake => Observation::Wake,
        }
    }
}

/// The engine with a runner that wakes it whenever it asked for that.
#[derive(Default)]
struct Live {
    state: State,
    wake: Option<Uptime>,
    inputs: Vec<Input>,
    events: Vec<Event>,
}

impl Live {
    fn take(&mut self, now: Uptime, observation: Observation) {
        let at = Moment { wall_ms: millis(now.since(Uptime::BOOT)) as i64, uptime: now };
        let input = Input { seq: Seq(self.inputs.len() as u64 + 1), at, observation };
        self.inputs.push(input.clone());
        for effect in step(&mut self.state, input) {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::Ask(_) => {}
                Effect::Event(event) => self.events.push(event),
            }
        }
    }

    fn pass(&mut self, until: Uptime) {
        let mut wakes = 0;
        while let Some(at) = self.wake.filter(|at| *at <= until) {
            self.wake = None;
            self.take(at, Observation::Wake);
            wakes += 1;
            assert!(wakes < 10_000, "the engine asks to be woken without end");
        }
    }
}

/// Tests what these bytes encode. Panics if they reveal a fault.
pub fn run(bytes: &[u8]) {
    let Ok(ops) = <Vec<Op>>::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let mut live = Live::default();
    let mut now = Uptime::BOOT + 1_000 * SECOND;
    for op in ops.iter().take(200) {
        let then = now + u32::from(op.tenths) * TENTH;
        live.pass(then);
        now = then;
        live.take(now, op.observation(now));
    }
    live.pass(now + 20 * MINUTE);

    let mut open = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for event in &live.events {
        let Subject::Incident(view) = &event.subject else { continue };
        // The lineage identifies the subject if there is one; several loads or servers may share
        // it.
        match event.name {
            EventName::IncidentOpened => {
                assert!(ids.insert(view.id.clone()), "{} was opened twice", view.id);
                open.insert(view.id.clone());
            }
            EventName::IncidentChanged => assert!(open.contains(&view.id), "{} changed while closed", view.id),
            _ => assert!(open.remove(&view.id), "{} was closed while closed", view.id),
        }
        assert!(view.evidence.iter().all(|seq| *seq <= event.seq), "{} rests on what was not seen yet", view.id);
    }
    let snapshot = live.state.snapshot(Moment { wall_ms: 0, uptime: now });
    assert_eq!(open, snapshot.incidents.iter().map(|view| view.id.clone()).collect());
    let about_lineages: Vec<_> = snapshot
        .incidents
        .iter()
        .filter(|view| {
            use goplswatch_core::Code as C;
            !matches!(
                view.code,
                C::StuckLoad
                    | C::SlowLoad
                    | C::OrphanGoList
                    | C::StaleBinary
                    | C::DescriptorPressure
                    | C::OwnWatcher
                    | C::RunawayMemory
                    | C::RunawayCpu
                    | C::BlockedIo
                    | C::TranslatedServer
                    | C::TranslatedToolchain
                    | C::TranslatedClient
            )
        })
        .map(|view| (view.code, view.lineage.clone()))
        .collect();
    assert_eq!(about_lineages.iter().collect::<BTreeSet<_>>().len(), about_lineages.len(), "one per kind and subject");

    let header = Header { schema: SCHEMA, version: "0".into(), os: "linux".into(), boot: "b".into() };
    let mut bytes = line(&header).expect("a header is JSON");
    for input in &live.inputs {
        bytes.extend(line(input).expect("an input is JSON"));
    }
    let mut again = Vec::new();
    let replayed = replay(&bytes, |_, said| {
        again.extend(said);
        true
    })
    .expect("the header is ours");
    assert_eq!((replayed.inputs, replayed.torn, replayed.damage), (live.inputs.len() as u64, false, None));
    assert_eq!(again, live.events, "a replay tells the same story");
}
