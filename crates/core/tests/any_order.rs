//! Whatever comes in whatever order: no panic, no incident twice, and a recording says the same again.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::recording::{Checkpoint, Header, Reader, SCHEMA, line};
use goplswatch_core::words::{Activity, BinaryChange, EndDetail, ExitStatus, LoadKind, ServerClass};
use goplswatch_core::{Code, Effect, Event, Fact, Input, Intent, Moment, ProcessKey, Reading, Seq, State, step};
use proptest::prelude::*;

fn key() -> impl Strategy<Value = ProcessKey> {
    (0..6u32, 0..2u64).prop_map(|(pid, start)| ProcessKey::new(pid, start))
}

fn maybe(key: impl Strategy<Value = ProcessKey>) -> impl Strategy<Value = Reading<ProcessKey>> {
    proptest::option::weighted(0.9, key).prop_map(|k| k.map_or_else(|| Reading::unknown("?"), Reading::Known))
}

fn policy() -> impl Strategy<Value = RestartPolicy> {
    prop_oneof![
        Just(RestartPolicy::SessionCount { exits: 5 }),
        Just(RestartPolicy::WindowCount { exits: 5, window_ms: 180_000 }),
        Just(RestartPolicy::LivedLongEnough { min_ms: 3_000 }),
        Just(RestartPolicy::Never),
        Just(RestartPolicy::Unknown),
    ]
}

fn status() -> impl Strategy<Value = ExitStatus> {
    prop_oneof![
        (0..3u8).prop_map(ExitStatus::Exited),
        prop_oneof![Just((9, "SIGKILL")), Just((15, "SIGTERM")), Just((11, "SIGSEGV"))]
            .prop_map(|(signal, name)| ExitStatus::Signaled { signal, name: name.into(), core: false }),
        Just(ExitStatus::Unknown("?".into())),
    ]
}

fn intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        (1..40u64).prop_map(|seq| Intent::Snooze { incident: format!("server-gone-{seq}"), for_ms: 60_000 }),
        Just(Intent::Mute { workspace: "/w/a".into() }),
        Just(Intent::Unmute { workspace: "/w/a".into() }),
        proptest::option::of(0..100_000u64).prop_map(|for_ms| Intent::Pause { for_ms }),
        Just(Intent::Resume),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    let class = prop_oneof![
        6 => Just(ServerClass::Lsp),
        1 => Just(ServerClass::Daemon),
        1 => Just(ServerClass::Forwarder),
        1 => Just(ServerClass::OneShot),
        1 => Just(ServerClass::Sidecar),
        1 => Just(ServerClass::Mcp),
    ];
    let folder = prop_oneof![
        2 => Just(Reading::Known("/w/a".to_owned())),
        1 => Just(Reading::Known("/w/b".to_owned())),
        1 => Just(Reading::unknown("/")),
    ];
    let activity = prop_oneof![Just(Activity::Quiet), Just(Activity::Busy), Just(Activity::Stopped)];
    prop_oneof![
        2 => (key(), policy(), any::<bool>()).prop_map(|(client, policy, whole_life)| {
            Fact::ClientSeen(Box::new(ClientSeen { client, name: "E".into(), policy, whole_life, restart_command: None }))
        }),
        8 => (key(), class, folder, maybe(key()), proptest::option::of(0..600u64)).prop_map(
            |(server, class, workspace, client, started)| {
                Fact::ServerSeen(Box::new(ServerSeen {
                    server,
                    class,
                    exe: Reading::Known("/gopls".into()),
                    arch: Reading::unknown("?"),
                    translated: Reading::unknown("?"),
                    workspace,
                    client,
                    started_ns: started.map_or_else(|| Reading::unknown("?"), |s| Reading::Known(s * 1_000_000_000)),
                    adopted: false,
                }))
            }
        ),
        8 => (key(), status(), proptest::option::of(prop_oneof![Just(EndDetail::Memory), Just(EndDetail::Unwatched)]))
            .prop_map(|(process, status, detail)| Fact::Ended { process, status, detail }),
        2 => (key(), maybe(key()), any::<bool>()).prop_map(|(load, server, driver)| {
            let kind = if driver { LoadKind::Driver } else { LoadKind::GoList };
            Fact::LoadSeen(Box::new(LoadSeen { load, server, kind, label: "l".into(), started_ns: Reading::unknown("?") }))
        }),
        1 => key().prop_map(|load| Fact::LoadWaits { load, on: "x".into() }),
        2 => (key(), activity).prop_map(|(server, activity)| Fact::TreeActivity { server, activity }),
        1 => (key(), 0..9u64).prop_map(|(server, gb)| Fact::Memory { server, bytes: gb << 30 }),
        1 => key().prop_map(|server| Fact::BinaryChanged { server, change: BinaryChange::Replaced }),
        1 => key().prop_map(|server| Fact::WorkspaceLearned { server, workspace: "/w/a".into() }),
        1 => key().prop_map(|process| Fact::OwnFix { process }),
        1 => Just(Fact::Slept { ns: 5 }),
        1 => Just(Fact::Began { boot: "one".into() }),
        1 => proptest::bool::weighted(0.1).prop_map(|two| Fact::Began { boot: if two { "two" } else { "one" }.into() }),
        2 => intent().prop_map(Fact::Intent),
    ]
}

/// Plays facts at rising times, waking the engine whenever it asked for it. Gives what it said and what was put in.
fn play(facts: Vec<(u64, Fact)>) -> (Vec<Event>, Vec<Input>, State) {
    let (mut state, mut events, mut inputs, mut now, mut wake) = (State::default(), vec![], vec![], 0u64, None::<u64>);
    let mut put = |at: u64, fact: Fact, wake: &mut Option<u64>| {
        let at = Moment { wall_ms: i64::try_from(at / 1_000_000).unwrap(), cont_ns: at };
        let input = Input { seq: Seq(inputs.len() as u64 + 1), at, fact };
        inputs.push(input.clone());
        for effect in step(&mut state, input) {
            match effect {
                Effect::WakeAt(ns) => *wake = Some(ns),
                Effect::Event(event) => events.push(event),
            }
        }
    };
    for (gap_ms, fact) in facts {
        now += gap_ms * 1_000_000;
        while let Some(at) = wake.filter(|at| *at <= now) {
            wake = None;
            put(at, Fact::Wake, &mut wake);
        }
        put(now, fact, &mut wake);
    }
    // Let everything that waits come true.
    for _ in 0..2_000 {
        let Some(at) = wake.take() else { break };
        put(at, Fact::Wake, &mut wake);
    }
    assert_eq!(wake, None, "the engine never comes to rest");
    (events, inputs, state)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incidents_open_once_and_a_recording_says_the_same(
        facts in proptest::collection::vec((prop_oneof![3 => 0..3_000u64, 1 => 0..120_000u64], fact()), 1..120)
    ) {
        let (events, inputs, state) = play(facts);
        let mut open: BTreeMap<String, (Code, Option<String>)> = BTreeMap::new();
        let mut ever = BTreeSet::new();
        for event in &events {
            let Subject::Incident(view) = &event.subject else { continue };
            prop_assert!(!view.evidence.is_empty(), "{view:?}");
            prop_assert!(view.evidence.iter().all(|seq| *seq <= event.seq));
            match event.name {
                EventName::IncidentOpened => {
                    prop_assert!(ever.insert(view.id.clone()), "{} opened twice", view.id);
                    // About one lineage there is one incident of a code; loads and binaries have their own subjects.
                    if !matches!(view.code, Code::StuckLoad | Code::SlowLoad | Code::OrphanGoList | Code::StaleBinary) {
                        let twin = open.values().any(|(code, lineage)| *code == view.code && *lineage == view.lineage);
                        prop_assert!(!twin, "{view:?}");
                    }
                    open.insert(view.id.clone(), (view.code, view.lineage.clone()));
                }
                EventName::IncidentChanged => prop_assert!(open.contains_key(&view.id)),
                _ => prop_assert!(open.remove(&view.id).is_some(), "{} closed without being open", view.id),
            }
        }
        let last = inputs.last().unwrap().at;
        let left: BTreeSet<String> = state.snapshot(last).incidents.into_iter().map(|v| v.id).collect();
        prop_assert_eq!(&left, &open.keys().cloned().collect());

        let header = Header { schema: SCHEMA, version: "t".into(), os: "t".into(), boot: "t".into() };
        let mut bytes = line(&header).unwrap();
        for input in &inputs {
            bytes.extend(line(input).unwrap());
        }
        let mut again = State::default();
        let mut said = Vec::new();
        for input in Reader::new(&bytes).unwrap() {
            said.extend(step(&mut again, input.unwrap()).into_iter().filter_map(|e| match e {
                Effect::Event(event) => Some(event),
                Effect::WakeAt(_) => None,
            }));
        }
        prop_assert_eq!(said, events);
    }

    /// What an agent does that is ended anywhere and started again: it reads its checkpoint and what came after it.
    #[test]
    fn a_state_that_was_written_down_goes_on_as_if_it_had_not_been(
        facts in proptest::collection::vec((prop_oneof![3 => 0..3_000u64, 1 => 0..120_000u64], fact()), 1..120),
        cut in any::<proptest::sample::Index>(),
    ) {
        let (events, inputs, end) = play(facts);
        let (before, after) = inputs.split_at(cut.index(inputs.len()));
        let mut state = State::default();
        let mut said = Vec::new();
        let mut take = |state: &mut State, input: Input| said.extend(step(state, input));
        for input in before {
            take(&mut state, input.clone());
        }
        let header = Header { schema: SCHEMA, version: "t".into(), os: "t".into(), boot: "t".into() };
        let mut bytes = line(&header).unwrap();
        bytes.extend(line(&Checkpoint { checkpoint: &state }).unwrap());
        for input in after {
            bytes.extend(line(input).unwrap());
        }
        let mut reader = Reader::new(&bytes).unwrap();
        let mut again = reader.checkpoint().unwrap().unwrap();
        prop_assert_eq!(&again, &state);
        for input in reader.by_ref() {
            take(&mut again, input.unwrap());
        }
        prop_assert_eq!(again, end);
        let said: Vec<Event> = said.into_iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(event),
            Effect::WakeAt(_) => None,
        }).collect();
        prop_assert_eq!(said, events);
    }

    /// The wall clock is set, jumps, or is wrong: no verdict moves.
    #[test]
    fn the_wall_clock_decides_nothing(
        facts in proptest::collection::vec((prop_oneof![3 => 0..3_000u64, 1 => 0..120_000u64], fact()), 1..80),
        jumps in proptest::collection::vec(any::<i64>(), 1..8),
    ) {
        // A pause across a boot is the one thing that only the wall clock can measure.
        let same_boot = |(_, fact): &(u64, Fact)| *fact != Fact::Began { boot: "two".into() };
        let (events, inputs, _) = play(facts.into_iter().filter(same_boot).collect());
        let mut state = State::default();
        let mut said = Vec::new();
        for (i, mut input) in inputs.into_iter().enumerate() {
            input.at.wall_ms = jumps[i % jumps.len()];
            said.extend(step(&mut state, input));
        }
        let said = said.into_iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(event),
            Effect::WakeAt(_) => None,
        });
        let shape = |event: Event| {
            let subject = match event.subject {
                Subject::Alerts(view) => format!("{} {:?} {}", view.paused.is_some(), view.muted, view.snoozed.len()),
                other => format!("{other:?}"),
            };
            (event.seq, event.at.cont_ns, event.name, subject)
        };
        let said: Vec<_> = said.map(shape).collect();
        prop_assert_eq!(said, events.into_iter().map(shape).collect::<Vec<_>>());
    }
}
