//! Any inputs in any order: no panic, no incident twice, and a replayed recording gives the same
//! events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use goplswatch_core::config::Alerts;
use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::gauge::{Amount, Gauge, Holder};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::message::Message;
use goplswatch_core::policy::{RestartCommands, RestartPolicy};
use goplswatch_core::recording::{Checkpoint, Header, Reader, SCHEMA, line};
use goplswatch_core::time::{HOUR, MINUTE, SECOND, Uptime};
use goplswatch_core::types::{Activity, BinaryChange, LoadKind, ServerClass};
use goplswatch_core::{
    Code, Effect, Event, Input, Moment, Observation, ProcessKey, Reading, Remedy, Seq, State, UserCommand, step,
};
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
        Just(RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) }),
        Just(RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) }),
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

fn user_command() -> impl Strategy<Value = UserCommand> {
    prop_oneof![
        1 => (1..40u64).prop_map(|seq| UserCommand::Snooze { incident: format!("server-gone-{seq}"), length: MINUTE }),
        1 => (1..40u64).prop_map(|seq| UserCommand::Unsnooze { incident: format!("server-gone-{seq}") }),
        1 => Just(UserCommand::Mute { workspace: "/w/a".into() }),
        1 => Just(UserCommand::Unmute { workspace: "/w/a".into() }),
        1 => proptest::option::of(0..100_000u64).prop_map(|ms| UserCommand::Pause { length: ms.map(Duration::from_millis) }),
        1 => Just(UserCommand::Resume {}),
        4 => fix(),
    ]
}

fn fix() -> impl Strategy<Value = UserCommand> {
    let code = prop_oneof![Just("server-gone"), Just("server-crashed"), Just("orphan-go-list"), Just("restart-loop")];
    let incident = proptest::option::of((code, 1..60u64).prop_map(|(code, seq)| format!("{code}-{seq}")));
    let remedy = proptest::sample::select(Remedy::ALL);
    let receipt = (0..4u8).prop_map(|n| format!("r{n}"));
    prop_oneof![
        3 => (receipt.clone(), remedy, incident, proptest::option::of(key())).prop_map(
            |(receipt, remedy, incident, process)| UserCommand::FixBegins { receipt, remedy, incident, process }
        ),
        2 => (receipt.clone(), any::<bool>()).prop_map(|(receipt, done)| UserCommand::FixEnds { receipt, done, signalled: done }),
        1 => receipt.prop_map(|receipt| UserCommand::FixUndone { receipt }),
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
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
            Observation::ClientSeen(Box::new(ClientSeen { id: None, client, name: "E".into(), policy, whole_life, restart: RestartCommands::default(), translated: Reading::Known(policy == RestartPolicy::Never) }))
        }),
        8 => (key(), class, folder, maybe(key()), proptest::option::of(0..600u64)).prop_map(
            |(server, class, workspace, client, started)| {
                Observation::ServerSeen(Box::new(ServerSeen {
                    slices: Reading::Known(vec!["arm64".into()]),
                    server,
                    class,
                    exe: Reading::Known("/gopls".into()),
                    arch: Reading::unknown("?"),
                    translated: if started.is_some() { Reading::Known(class == ServerClass::Lsp) } else { Reading::unknown("?") },
                    workspace,
                    client,
                    started: started.map_or_else(|| Reading::unknown("?"), |s| Reading::Known(Uptime::BOOT + Duration::from_secs(s))),
                    adopted: false,
                }))
            }
        ),
        8 => (key(), status(), proptest::option::of(prop_oneof![Just(EndDetail::Memory), Just(EndDetail::Unwatched)]))
            .prop_map(|(process, status, detail)| Observation::Ended { process, status, detail }),
        2 => (key(), maybe(key()), any::<bool>()).prop_map(|(load, server, driver)| {
            let kind = if driver { LoadKind::Driver } else { LoadKind::GoList };
            Observation::LoadSeen(Box::new(LoadSeen { load, server, kind, label: "l".into(), started: Reading::unknown("?"), translated: Reading::Known(true) }))
        }),
        1 => key().prop_map(|load| Observation::LoadWaits { load, on: "x".into() }),
        2 => (key(), activity).prop_map(|(server, activity)| Observation::TreeActivity { server, activity }),
        1 => (key(), 0..9u64).prop_map(|(server, gb)| Observation::Memory { server, bytes: gb << 30 }),
        1 => key().prop_map(|server| Observation::BinaryChanged { server, change: BinaryChange::Replaced }),
        1 => key().prop_map(|server| Observation::WorkspaceLearned { server, workspace: "/w/a".into() }),
        1 => key().prop_map(|process| Observation::OwnFix { process }),
        10 => measured(),
        1 => (key(), proptest::option::of(proptest::option::of(Just(Message::PlaceDisk.into())))).prop_map(|(process, on)| {
            let on = on.map(|on| on.map_or_else(|| Reading::unknown("?"), Reading::Known));
            Observation::Blocked { process, on }
        }),
        1 => prop_oneof![Just("/w/a"), Just("/w/b"), Just("/w/c")]
            .prop_map(|folder| Observation::FileEventsLost { workspace: folder.into(), how: "it ran over".into() }),
        1 => (key(), any::<bool>(), 0..100_000u64).prop_map(|(process, files, n)| Observation::Holders {
            gauge: if files { Gauge::Descriptors } else { Gauge::Watches },
            holders: vec![Holder { process, name: "code".into(), amount: Amount::Exactly(n) }],
        }),
        1 => Just(Observation::Slept { length: Duration::from_nanos(5) }),
        1 => Just(Observation::Began { boot: "one".into() }),
        1 => proptest::bool::weighted(0.1).prop_map(|two| Observation::Began { boot: if two { "two" } else { "one" }.into() }),
        4 => user_command().prop_map(Observation::UserCommand),
        1 => alerts().prop_map(|policy| Observation::AlertPolicy(Box::new(policy))),
    ]
}

/// Any gauge of any process or of the machine, with values around the thresholds, unknown, or
/// extreme.
fn measured() -> impl Strategy<Value = Observation> {
    let value = prop_oneof![
        3 => 0..10u64,
        3 => 900..1_100u64,
        3 => 5_000..150_000u64,
        3 => (1 << 29)..(9u64 << 30),
        1 => any::<u64>(),
    ];
    let value = (value, prop_oneof![8 => Just(0u8), 1 => Just(1), 1 => Just(2)]).prop_map(|(n, how)| match how {
        0 => Reading::Known(Amount::Exactly(n)),
        1 => Reading::Known(Amount::AtLeast(n)),
        _ => Reading::unknown("?"),
    });
    (proptest::sample::select(Gauge::ALL), key(), value).prop_map(|(gauge, key, value)| Observation::Gauge {
        gauge,
        process: gauge.is_of_a_process().then_some(key),
        value,
    })
}

fn alerts() -> impl Strategy<Value = Alerts> {
    (proptest::bool::weighted(0.9), 0..60_000u64, 0..5u32, 1_000..600_000u64).prop_map(
        |(enabled, warm_up_ms, per_hour, again_after_ms)| Alerts {
            enabled,
            warm_up: Duration::from_millis(warm_up_ms),
            after_upgrade: Duration::from_millis(warm_up_ms),
            per_hour,
            again_after: Duration::from_millis(again_after_ms),
        },
    )
}

/// Every remedy that ends a process names a live one, and no remedy is offered twice.
fn assert_offers_are_alive(state: &State, at: Moment) {
    let alive = state.alive();
    for incident in state.snapshot(at).incidents {
        let mut offers = BTreeSet::new();
        for offer in &incident.remedies {
            assert!(offers.insert((offer.remedy, offer.process)), "{incident:?}");
            // A setting names the server for which it is made.
            let names_one = offer.remedy.ends_a_process() || offer.remedy.waits_for_a_start();
            assert_eq!(offer.process.is_some(), names_one, "{offer:?}");
            let is_there = |process| alive.servers.contains(&process) || alive.loads.contains(&process);
            assert!(offer.process.is_none_or(is_there), "{offer:?} of {}", incident.id);
        }
    }
}

/// Plays observations at increasing times and wakes the engine at the requested times. Returns the
/// events, the inputs and the final state.
fn play(facts: Vec<(u64, Observation)>) -> (Vec<Event>, Vec<Input>, State) {
    let (mut state, mut events, mut inputs, mut now, mut wake) =
        (State::default(), vec![], vec![], Uptime::BOOT, None::<Uptime>);
    let mut put = |at: Uptime, observation: Observation, wake: &mut Option<Uptime>| {
        let at = Moment { wall_ms: i64::try_from(at.as_nanos() / 1_000_000).unwrap(), uptime: at };
        let input = Input { seq: Seq(inputs.len() as u64 + 1), at, observation };
        inputs.push(input.clone());
        for effect in step(&mut state, input) {
            match effect {
                Effect::WakeAt(at) => *wake = Some(at),
                Effect::Ask(_) => {}
                Effect::Event(event) => events.push(event),
            }
        }
        if inputs.len().is_multiple_of(4) {
            assert_offers_are_alive(&state, at);
        }
    };
    for (gap_ms, observation) in facts {
        // Not in whole milliseconds, in which lengths are written.
        now += Duration::from_millis(gap_ms) + Duration::from_nanos(gap_ms * 7 + 1);
        while let Some(at) = wake.filter(|at| *at <= now) {
            wake = None;
            put(at, Observation::Wake, &mut wake);
        }
        put(now, observation, &mut wake);
    }
    // Let all pending verdicts come due.
    let mut in_the_last = 0;
    while let Some(at) = wake.take_if(|at| *at <= now + 2 * HOUR) {
        put(at, Observation::Wake, &mut wake);
        in_the_last += u32::from(at > now + HOUR);
    }
    // What remains are the readings that are requested as long as any server runs: at most six a
    // minute, each with a wake for the request and one for a reply that does not come.
    assert!(in_the_last <= 2 * 6 * 60, "the engine never comes to rest: {in_the_last} wakes an hour");
    (events, inputs, state)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incidents_open_once_and_a_recording_says_the_same(
        facts in proptest::collection::vec((prop_oneof![3 => 0..3_000u64, 1 => 0..120_000u64], observation()), 1..120)
    ) {
        let (events, inputs, state) = play(facts);
        let mut open: BTreeMap<String, (Code, Option<String>)> = BTreeMap::new();
        let mut ever = BTreeSet::new();
        let mut judged = BTreeSet::new();
        for event in &events {
            if let Subject::Fix(fix) = &event.subject {
                prop_assert!(judged.insert(fix.receipt.clone()), "{} was judged twice", fix.receipt);
            }
            let Subject::Incident(view) = &event.subject else { continue };
            prop_assert!(!view.evidence.is_empty(), "{view:?}");
            prop_assert!(view.evidence.iter().all(|seq| *seq <= event.seq));
            let carried: BTreeSet<Remedy> = view.remedies.iter().map(|offer| offer.remedy).collect();
            prop_assert!(carried.contains(&Remedy::ByHand), "{view:?}");
            let of_a_person = [Remedy::ByHand, Remedy::CopyRestartCommand];
            prop_assert!(event.name != EventName::IncidentClosed || carried.iter().all(|r| of_a_person.contains(r)));
            match event.name {
                EventName::IncidentOpened => {
                    prop_assert!(ever.insert(view.id.clone()), "{} opened twice", view.id);
                    // There is one incident per lineage and code, except for codes about loads,
                    // processes, binaries and fixes.
                    let own_subject = matches!(
                        view.code,
                        Code::StuckLoad
                            | Code::SlowLoad
                            | Code::OrphanGoList
                            | Code::StaleBinary
                            | Code::FixDidNotHelp
                            | Code::DescriptorPressure
                            | Code::OwnWatcher
                            | Code::RunawayMemory
                            | Code::RunawayCpu
                            | Code::BlockedIo
                            | Code::TranslatedServer
                            | Code::TranslatedToolchain
                            | Code::TranslatedClient
                    );
                    prop_assert!(view.receipt.is_none() || view.code == Code::FixDidNotHelp);
                    if !own_subject {
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
                Effect::WakeAt(_) | Effect::Ask(_) => None,
            }));
        }
        prop_assert_eq!(said, events);
    }

    /// An agent that is killed at any point and restarted reads its checkpoint and the inputs after
    /// it.
    #[test]
    fn a_state_that_was_written_down_goes_on_as_if_it_had_not_been(
        facts in proptest::collection::vec((prop_oneof![3 => 0..3_000u64, 1 => 0..120_000u64], observation()), 1..120),
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
            Effect::WakeAt(_) | Effect::Ask(_) => None,
        }).collect();
        prop_assert_eq!(said, events);
    }

    /// No verdict depends on the wall clock, which may be set, jump, or be wrong.
    #[test]
    fn the_wall_clock_decides_nothing(
        facts in proptest::collection::vec((prop_oneof![3 => 0..3_000u64, 1 => 0..120_000u64], observation()), 1..80),
        jumps in proptest::collection::vec(any::<i64>(), 1..8),
    ) {
        // Only the wall clock can measure a pause across a reboot.
        let same_boot = |(_, observation): &(u64, Observation)| *observation != Observation::Began { boot: "two".into() };
        let (events, inputs, _) = play(facts.into_iter().filter(same_boot).collect());
        let mut state = State::default();
        let mut said = Vec::new();
        for (i, mut input) in inputs.into_iter().enumerate() {
            input.at.wall_ms = jumps[i % jumps.len()];
            said.extend(step(&mut state, input));
        }
        let said = said.into_iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(event),
            Effect::WakeAt(_) | Effect::Ask(_) => None,
        });
        let shape = |event: Event| {
            let subject = match event.subject {
                Subject::Alerts(view) => format!("{} {:?} {}", view.paused.is_some(), view.muted, view.snoozed.len()),
                other => format!("{other:?}"),
            };
            (event.seq, event.at.uptime, event.name, subject)
        };
        let said: Vec<_> = said.map(shape).collect();
        prop_assert_eq!(said, events.into_iter().map(shape).collect::<Vec<_>>());
    }
}

proptest! {
    // The state is checked after every input.
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// However much goes wrong, notifications are few and about open incidents, each incident is in
    /// one of them, and none is about what the user has silenced.
    #[test]
    fn notifications_are_few_and_true(
        facts in proptest::collection::vec((prop_oneof![5 => 0..3_000u64, 1 => 0..600_000u64], observation()), 1..150)
    ) {
        // Another boot has another clock, and the policy has to stay the same throughout.
        let kept = |(_, observation): &(u64, Observation)| {
            !matches!(observation, Observation::AlertPolicy(_)) && *observation != Observation::Began { boot: "two".into() }
        };
        let policy = Alerts { warm_up: SECOND, after_upgrade: SECOND, ..Alerts::default() };
        let mut facts: Vec<_> = facts.into_iter().filter(kept).collect();
        facts.insert(0, (0, Observation::AlertPolicy(Box::new(policy.clone()))));
        let (_, inputs, _) = play(facts);
        let mut state = State::default();
        let mut shown = BTreeSet::new();
        let (mut rings, mut digest_rings) = (Vec::new(), Vec::new());
        for input in inputs {
            let (at, seq) = (input.at, input.seq);
            for effect in step(&mut state, input) {
                let Effect::Event(Event { name, subject: Subject::Alert(alert), .. }) = effect else { continue };
                if name == EventName::AlertWithdrawn {
                    prop_assert!(shown.remove(&alert.id), "{alert:?} was not to be seen");
                    continue;
                }
                let digest = alert.id == "digest";
                prop_assert!(shown.insert(alert.id.clone()) || digest, "{alert:?} is told twice");
                prop_assert!(alert.rang == seq || (digest && alert.rang < seq));
                if alert.rang == seq {
                    if digest { &mut digest_rings } else { &mut rings }.push(at.uptime);
                }
            }
            let now = state.snapshot(at);
            let told: BTreeSet<_> = now.told.iter().map(|alert| alert.id.clone()).collect();
            prop_assert_eq!((&told, told.len()), (&shown, now.told.len()));
            let muted = |workspace: &Option<String>| workspace.as_ref().is_some_and(|w| now.alerts.muted.contains(w));
            let mut once = BTreeSet::new();
            for alert in &now.told {
                for (place, id) in alert.incidents.iter().enumerate() {
                    let view = now.incidents.iter().find(|view| view.id == *id);
                    prop_assert!(view.is_some(), "{id} is not open");
                    let about = place == 0 || alert.id == "digest";
                    prop_assert!(!about || (!muted(&view.unwrap().workspace) && once.insert(id)), "{id}");
                    prop_assert!(!about || !now.alerts.snoozed.iter().any(|snooze| snooze.incident == *id), "{id}");
                }
            }
            prop_assert!(now.alerts.paused.is_none() || now.told.is_empty());
        }
        for four in rings.windows(policy.per_hour as usize + 1) {
            prop_assert!(four[3].since(four[0]) >= HOUR, "{rings:?}");
        }
        for two in digest_rings.windows(2) {
            prop_assert!(two[1].since(two[0]) >= policy.again_after, "{digest_rings:?}");
        }
    }
}
