//! Extreme numbers, since a recording may hold any, bounded memory, and whether a wake judges
//! enough.

use std::time::Duration;

use super::subject::Subject;
use super::*;
use crate::Remedy;
use crate::code::Code;
use crate::exit_status::ExitStatus;
use crate::input::{ClientSeen, LoadSeen, ServerSeen};
use crate::message::Message;
use crate::policy::{RestartCommands, RestartPolicy};
use crate::reading::Reading;
use crate::time::{Moment, Uptime};
use crate::types::{Activity, LoadKind, ProcessKey, ServerClass};

#[path = "../../benches/support/stress.rs"]
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "its numbers are small")]
mod stress;

/// Most wakes judge only a few lineages and loads. If an observation failed to mark what it
/// changes, or a verdict failed to schedule its moment, an engine that judges everything at each
/// wake would report something else, or report it earlier.
#[test]
fn a_wake_that_looks_at_everything_finds_nothing_more() {
    for (seed, clients) in [(1, 1), (2, 3), (3, 20), (4, 60)] {
        let (mut due, mut all) = (State::default(), State::default());
        for input in stress::stream(seed, 8_000, clients) {
            if input.observation == Observation::Wake {
                all.touch_all();
            }
            let seq = input.seq;
            assert_eq!(step(&mut due, input.clone()), step(&mut all, input), "seed {seed}, input {seq}");
        }
    }
}

/// So many milliseconds after boot.
fn after(ms: u64) -> Uptime {
    Uptime::BOOT + Duration::from_millis(ms)
}

#[test]
fn numbers_beyond_reason_do_no_harm() {
    let most = Duration::from_millis(u64::MAX);
    let policies = [
        RestartPolicy::WindowCount { exits: u32::MAX, window: most },
        RestartPolicy::WindowCount { exits: 0, window: most },
        RestartPolicy::SessionCount { exits: u32::MAX },
        RestartPolicy::LivedLongEnough { min: most },
        RestartPolicy::Unknown,
    ];
    let json: serde_json::Value = serde_json::to_value(Config::default()).unwrap();
    let endless: serde_json::Map<_, _> = json
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, _)| (name.clone(), if name.ends_with("-ms") { u64::MAX.into() } else { 3.into() }))
        .collect();
    let endless: Config = serde_json::from_value(endless.into()).unwrap();
    for (policy, config) in policies.into_iter().flat_map(|p| [(p, Config::default()), (p, endless.clone())]) {
        for at in [Uptime::BOOT, Uptime::BOOT + Duration::from_secs(5), Uptime::MAX] {
            judge_extremes(policy, &config, at);
        }
    }
}

fn judge_extremes(policy: RestartPolicy, config: &Config, at: Uptime) {
    let (most, last) = (u64::MAX, Uptime::MAX);
    let [client, one, two, load] = [1, 2, 3, 4].map(|pid| ProcessKey::new(pid, most));
    let server = |server, started| {
        Observation::ServerSeen(Box::new(ServerSeen {
            slices: Reading::Known(vec!["arm64".into()]),
            server,
            class: ServerClass::Lsp,
            exe: Reading::unknown(""),
            arch: Reading::unknown(""),
            translated: Reading::unknown(""),
            workspace: Reading::Known("/w".into()),
            client: Reading::Known(client),
            started: Reading::Known(started),
            adopted: false,
        }))
    };
    let facts = [
        Observation::Config(Box::new(config.clone())),
        Observation::ClientSeen(Box::new(ClientSeen {
            id: None,
            translated: Reading::Known(false),
            client,
            name: "VS Code".into(),
            policy,
            whole_life: true,
            restart: RestartCommands::default(),
        })),
        server(one, last),
        server(two, Uptime::BOOT),
        Observation::Memory { server: one, bytes: most },
        Observation::Memory { server: two, bytes: most },
        Observation::LoadSeen(Box::new(LoadSeen {
            translated: Reading::Known(false),
            load,
            server: Reading::Known(one),
            kind: LoadKind::GoList,
            label: "go list".into(),
            started: Reading::Known(last),
        })),
        Observation::TreeActivity { server: one, activity: Activity::Quiet },
        Observation::Wake,
        Observation::Slept { length: Duration::MAX },
        Observation::Wake,
        Observation::Ended { process: one, status: ExitStatus::Exited(2), detail: None },
        Observation::Wake,
        Observation::Ended { process: two, status: ExitStatus::unknown(Message::Vanished), detail: None },
        Observation::Wake,
        server(one, last),
        Observation::Wake,
    ];
    let mut state = State::default();
    for (seq, observation) in (1..).zip(facts) {
        for uptime in [at, last] {
            let at = Moment { wall_ms: i64::MAX, uptime };
            step(
                &mut state,
                Input { seq: Seq(2 * seq + u64::from(uptime == last)), at, observation: observation.clone() },
            );
        }
    }
    let at = Moment { wall_ms: i64::MIN, uptime: last };
    assert!(!state.snapshot(at).servers.is_empty());
}

#[test]
fn what_is_over_is_forgotten() {
    let client = ProcessKey::new(1, 1);
    let mut state = State::default();
    let (mut seq, mut wake) = (0, None);
    let mut put = |state: &mut State, uptime: Uptime, observation: Observation, wake: &mut Option<Uptime>| {
        seq += 1;
        for effect in step(state, Input { seq: Seq(seq), at: Moment { wall_ms: 0, uptime }, observation }) {
            if let Effect::WakeAt(at) = effect {
                *wake = Some(at);
            }
        }
    };
    let seen = ClientSeen {
        id: None,
        translated: Reading::Known(false),
        client,
        name: "a coding tool".into(),
        policy: RestartPolicy::SessionCount { exits: 5 },
        whole_life: true,
        restart: RestartCommands::default(),
    };
    put(&mut state, Uptime::BOOT, Observation::ClientSeen(Box::new(seen)), &mut wake);
    // A long day: a command, a telemetry process and a language server that exits cleanly, each in
    // its own folder.
    for i in 0..20_000u32 {
        let now = Uptime::BOOT + i * Duration::from_secs(4);
        while let Some(at) = wake.filter(|at| *at <= now) {
            wake = None;
            put(&mut state, at, Observation::Wake, &mut wake);
        }
        for (pid, class) in [(10, ServerClass::OneShot), (11, ServerClass::Sidecar), (12, ServerClass::Lsp)] {
            let server = ProcessKey::new(pid, u64::from(i));
            let start = Observation::ServerSeen(Box::new(ServerSeen {
                slices: Reading::Known(vec!["arm64".into()]),
                server,
                class,
                exe: Reading::unknown(""),
                arch: Reading::unknown(""),
                translated: Reading::unknown(""),
                workspace: Reading::Known(format!("/w/{i}")),
                client: Reading::Known(client),
                started: Reading::Known(now),
                adopted: false,
            }));
            put(&mut state, now, start, &mut wake);
            let end = Observation::Ended { process: server, status: ExitStatus::Exited(0), detail: None };
            put(&mut state, now + Duration::from_secs(1), end, &mut wake);
        }
    }
    let languages = state.processes.lineages().filter(|(_, l)| l.key.class == ServerClass::Lsp).count();
    assert_eq!(state.processes.lineages().count(), languages, "commands and telemetry leave nothing");
    assert!(languages < 1_000, "{languages} folders are remembered");
    assert!(state.agenda.len() < 2_000 && state.processes.servers().next().is_none());
}

/// A loop faster than that of any client must not cost more with each end, nor be remembered
/// without bound.
#[test]
fn a_loop_without_end_is_remembered_in_part() {
    let mut state = State::default();
    let mut seq = 0;
    let mut put = |state: &mut State, ms: u64, observation: Observation| {
        seq += 1;
        step(state, Input { seq: Seq(seq), at: Moment { wall_ms: 0, uptime: after(ms) }, observation });
    };
    let client = ProcessKey::new(1, 1);
    put(
        &mut state,
        0,
        Observation::ClientSeen(Box::new(ClientSeen {
            id: None,
            translated: Reading::Known(false),
            client,
            name: "E".into(),
            policy: RestartPolicy::Unknown,
            whole_life: true,
            restart: RestartCommands::default(),
        })),
    );
    for i in 0..1_000u64 {
        let server = ProcessKey::new(100, i);
        put(
            &mut state,
            i * 10,
            Observation::ServerSeen(Box::new(ServerSeen {
                slices: Reading::Known(vec!["arm64".into()]),
                server,
                class: ServerClass::Lsp,
                exe: Reading::unknown("?"),
                arch: Reading::unknown("?"),
                translated: Reading::unknown("?"),
                workspace: Reading::Known("/w".into()),
                client: Reading::Known(client),
                started: Reading::Known(after(i * 10)),
                adopted: false,
            })),
        );
        let status = ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false };
        put(&mut state, i * 10 + 5, Observation::Ended { process: server, status, detail: None });
    }
    let (_, lineage) = state.processes.lineages().next().unwrap();
    let now = after(10_000);
    let counted = lineage.ends.counted(now, &state.config).count();
    assert_eq!((counted, lineage.ends.kills(&state.config).len()), (128, 128));
}

/// However many fixes begin and fail, only the last ones are remembered, and each is judged once.
#[test]
fn fixes_without_end_are_remembered_in_part() {
    let mut state = State::default();
    let mut judged = std::collections::BTreeSet::new();
    let mut seq = 0;
    let mut put = |state: &mut State, ms: u64, observation: Observation| {
        seq += 1;
        for effect in step(state, Input { seq: Seq(seq), at: Moment { wall_ms: 0, uptime: after(ms) }, observation }) {
            if let Effect::Event(Event { subject: About::Fix(fix), .. }) = effect {
                assert!(judged.insert(fix.receipt.clone()), "{}", fix.receipt);
            }
        }
    };
    for i in 0..200u32 {
        let load = ProcessKey::new(100 + i, 1);
        let seen = LoadSeen {
            translated: Reading::Known(false),
            load,
            server: Reading::unknown("its parent has ended"),
            kind: LoadKind::GoList,
            label: "go list".into(),
            started: Reading::Known(Uptime::BOOT),
        };
        put(&mut state, 0, Observation::LoadSeen(Box::new(seen)));
        let begins = crate::input::UserCommand::FixBegins {
            receipt: i.to_string(),
            remedy: Remedy::StopOrphan,
            incident: None,
            process: Some(load),
        };
        put(&mut state, u64::from(i), Observation::UserCommand(begins));
    }
    put(&mut state, 100_000, Observation::Wake);
    put(&mut state, 200_000, Observation::Wake);
    let reported = state.snapshot(Moment::default()).incidents.iter().filter(|i| i.code == Code::FixDidNotHelp).count();
    assert_eq!((judged.len(), reported), (200, 32));
}

/// A checkpoint is read from a file, and a file may hold any number.
#[test]
fn a_checkpoint_with_numbers_beyond_reason_does_no_harm() {
    /// Replaces the n-th number; returns whether there is one.
    fn put(value: &mut serde_json::Value, n: &mut usize, number: u64) -> bool {
        match value {
            serde_json::Value::Number(_) if *n == 0 => {
                *value = number.into();
                true
            }
            serde_json::Value::Number(_) => {
                *n -= 1;
                false
            }
            serde_json::Value::Array(items) => items.iter_mut().any(|item| put(item, n, number)),
            serde_json::Value::Object(map) => map.values_mut().any(|item| put(item, n, number)),
            _ => false,
        }
    }
    let inputs = stress::stream(5, 400, 3);
    let (before, after) = inputs.split_at(300);
    let mut state = State::default();
    for input in before {
        step(&mut state, input.clone());
    }
    let whole = serde_json::to_value(&state).unwrap();
    let mut read = 0;
    for number in [u64::MAX, u64::MAX / 2, 0] {
        for n in 0.. {
            let mut odd = whole.clone();
            if !put(&mut odd, &mut n.clone(), number) {
                break;
            }
            let Ok(mut state) = State::read(odd) else { continue };
            read += 1;
            for input in after {
                step(&mut state, input.clone());
            }
            let last = after.last().unwrap();
            step(&mut state, Input { seq: Seq(u64::MAX), at: last.at, observation: Observation::Wake });
            let _ = state.snapshot(last.at);
        }
    }
    assert!(read > 500, "{read}");
}

/// Levels and wanted readings are dropped with the server that they are about.
#[test]
fn ended_servers_leave_nothing_behind() {
    let mut state = State::default();
    let (mut at, mut seq) = (Moment::default(), 0);
    for input in stress::stream(5, 8_000, 60) {
        (at, seq) = (input.at, input.seq.0);
        step(&mut state, input);
    }
    assert!(state.levels.subjects().any(|subject| matches!(subject, Subject::Server(_))), "the stream is too quiet");
    let alive = state.alive();
    for process in alive.loads.into_iter().chain(alive.servers).chain(alive.clients) {
        seq += 1;
        step(
            &mut state,
            Input {
                seq: Seq(seq),
                at,
                observation: Observation::Ended { process, status: ExitStatus::Exited(0), detail: None },
            },
        );
    }
    assert!(state.levels.subjects().all(|subject| subject == Subject::Machine), "{:?}", state.levels);
    let open: Vec<_> = state.incidents.keys().filter(|(_, subject)| matches!(subject, Subject::Server(_))).collect();
    assert_eq!(open, []);
    assert_eq!(state.probe_requests.of_processes(), 0);
}

/// The config decides what is worth showing, but no config makes a busy gopls idle.
#[test]
fn a_busy_server_is_never_called_idle() {
    let worth =
        |quiet_cpu_permille| DisplayThresholds::of(&Config { quiet_cpu_permille, ..Config::default() }).cpu_permille;
    assert_eq!((worth(1), worth(10), worth(1_000_000)), (5, 50, 100));
}
