//! Tests properties of scenes of arbitrary snapshots: no panic, no overlong menu, no row without
//! text, no duplicate key, and nothing promised that is not offered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::codes::{NotificationLevel, Weight};
use goplswatch_core::event::{
    CauseView, ClientView, IncidentView, NotificationView, PauseView, RemedyView, ServerView, SnoozeView,
    SuppressionView,
};
use goplswatch_core::message::Message;
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{
    Amount, Code, Gauge, MachineStatus, PastServer, Pid, ProcessKey, Reading, Remedy, Robust, Seq, ServerStatus,
    Snapshot, Trend, Usual,
};
use goplswatch_view::{Row, RowKind, UserAction, drawing, scene};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Ordinary names and malicious ones.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["api", "web", "gopls", "خادم", "服务器", "👩🏽\u{200d}💻", "", "a. b"]).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[a-z]{30,200}",
        1 => "[\u{0}-\u{20}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{200b}]{0,9}",
    ]
}

fn path() -> impl Strategy<Value = String> {
    vec(word(), 0..4).prop_map(|names| format!("/{}", names.join("/")))
}

fn moment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (0..2_000_000_000i64).prop_map(|s| jiff::Timestamp::from_second(s).unwrap().to_string()),
        1 => word(),
    ]
}

fn reading<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Reading<T>> {
    (option::weighted(0.8, value), word())
        .prop_map(|(value, why)| value.map_or(Reading::unknown(why.as_str()), Reading::Known))
}

fn lives() -> impl Strategy<Value = LivesLeft> {
    prop_oneof![
        any::<u32>().prop_map(LivesLeft::Known),
        (0..6u32).prop_map(LivesLeft::AtMost),
        message().prop_map(|why| LivesLeft::Unknown(why.into())),
    ]
}

/// The JSON value of an argument of this type.
fn argument(kind: &'static str) -> BoxedStrategy<Value> {
    let name = || word().prop_map(Value::from);
    match kind {
        "Name" | "Verbatim" => name().boxed(),
        "Folder" => path().prop_map(Value::from).boxed(),
        "Location" | "Client" => option::of(path()).prop_map(Value::from).boxed(),
        "Process" => (word(), any::<u32>()).prop_map(|(name, pid)| json!({ "name": name, "pid": pid })).boxed(),
        "Count" | "Times" | "Number" | "Millis" | "About" | "Bytes" | "Cores" => number().prop_map(Value::from).boxed(),
        "Measured" => (select(Gauge::ALL), amount())
            .prop_map(|(gauge, amount)| json!({ "gauge": gauge, "amount": amount }))
            .boxed(),
        "Title" => (select(Code::ALL), option::of(word()))
            .prop_map(|(code, client)| json!({ "code": code, "client": client }))
            .boxed(),
        "OfCode" => {
            let words = (select(Code::ALL), select(vec!["told", "over", "helps"]), word(), any::<u32>(), number());
            let words = words.prop_map(|(code, part, name, pid, ms)| {
                json!({ "code": code, "part": part, "who": { "name": name, "pid": pid }, "place": name, "span_ms": ms })
            });
            words.boxed()
        }
        "Gauge" => select(Gauge::ALL).prop_map(|gauge| json!(gauge)).boxed(),
        "Code" => select(Code::ALL).prop_map(|code| json!(code)).boxed(),
        "Remedy" | "UndoOf" => select(Remedy::ALL).prop_map(|remedy| json!(remedy)).boxed(),
        "SharedMessage" => part().boxed(),
        "OptionalMessage" | "Option<SharedMessage>" => option::of(part()).prop_map(Value::from).boxed(),
        "Option<Bytes>" | "Option<Millis>" => option::of(number()).prop_map(Value::from).boxed(),
        other => panic!("say here how an argument of type {other} looks"),
    }
}

/// A few messages suffice as arguments of other messages.
fn part() -> impl Strategy<Value = Value> {
    let named = |name: &'static str, arg: &'static str, kind| {
        argument(kind).prop_map(move |value| json!({ "message": name, "args": { arg: value } }))
    };
    prop_oneof![
        Just(json!({ "message": "end-panic", "args": {} })),
        named("waits-for", "what", "Verbatim"),
        named("reported", "words", "Verbatim"),
        named("run-in-client", "client", "Name").prop_map(|mut value| {
            value["args"]["command"] = ":e".into();
            value
        }),
    ]
}

/// Any message with any arguments, as a reader of a recording may encounter it.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    select(Message::SIGNATURES).prop_flat_map(|signature| {
        let args: Vec<_> = signature.args.iter().map(|(_, kind)| argument(kind)).collect();
        args.prop_map(move |values| {
            let names = signature.args.iter().map(|(name, _)| (*name).to_owned());
            let args: serde_json::Map<String, Value> = names.zip(values).collect();
            let message = json!({ "message": signature.name, "args": args });
            serde_json::from_value(message).unwrap_or_else(|why| panic!("{}: {why}", signature.name))
        })
    })
}

/// Realistic numbers and unrealistic ones.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000u64, 10_000..5_000_000u64, 1_000_000..200_000_000_000u64, any::<u64>()]
}

fn amount() -> impl Strategy<Value = Amount> {
    (number(), any::<bool>()).prop_map(|(n, more)| if more { Amount::AtLeast(n) } else { Amount::Exactly(n) })
}

/// Any gauges, of processes and of the machine alike: a reader uses those that it knows.
fn gauges() -> impl Strategy<Value = BTreeMap<Gauge, Reading<Amount>>> {
    btree_map(select(Gauge::ALL), reading(amount()), 0..9)
}

fn usual() -> impl Strategy<Value = Usual> {
    let robust = || {
        option::of((number(), number(), 0..9u32)).prop_map(|of| of.map(|(median, mad, of)| Robust { median, mad, of }))
    };
    (robust(), robust(), robust()).prop_map(|(load_ms, memory_bytes, restarts_per_day)| Usual {
        load_ms,
        memory_bytes,
        restarts_per_day,
    })
}

fn cause() -> impl Strategy<Value = CauseView> {
    let weights = vec![Weight::Certain, Weight::MostLikely, Weight::Possible, Weight::SameTime];
    let named = prop_oneof![select(Code::ALL).prop_map(|code| code.word().to_owned()), word()];
    (named, select(weights), message()).prop_map(|(cause, weight, message)| CauseView {
        cause: cause.into(),
        weight,
        said: message.into(),
        evidence: Vec::new(),
    })
}

fn server() -> impl Strategy<Value = ServerStatus> {
    use ServerClass::{Daemon, Forwarder, Lsp, Mcp, OneShot, Sidecar};
    let identity = (select(vec![Lsp, Lsp, Lsp, Daemon, Forwarder, Mcp, OneShot, Sidecar]), 0..4u32, any::<u32>());
    let seen = (reading(path()), reading(any::<bool>()), reading(path()), reading(word()), reading(vec(word(), 0..3)));
    let measured = (gauges(), usual());
    let status = (option::of(any::<u64>()), lives(), option::of(moment()), option::of(word()));
    let past = vec((any::<u32>(), moment(), option::of(any::<u64>().prop_map(Duration::from_millis)), message()), 0..4);
    (identity, seen, measured, status, past, subsequence(Remedy::ALL, 0..=Remedy::ALL.len())).prop_map(
        |(identity, (exe, translated, workspace, client, slices), (gauges, usual), status, past, offers)| {
            let (class, lineage, generation) = identity;
            let (memory_bytes, lives_left, since, restart_command) = status;
            let client = match client {
                Reading::Known(name) => Reading::Known(ClientView { id: None, name, pid: Pid(1) }),
                Reading::Unknown { unknown } => Reading::Unknown { unknown },
            };
            let past = past.into_iter().map(|(generation, ended, lived, why)| PastServer {
                generation,
                ended,
                lived,
                said: why.into(),
            });
            ServerStatus {
                gauges,
                usual,
                server: ServerView {
                    pid: Pid(0),
                    start: 0,
                    class,
                    exe,
                    arch: Reading::unknown("?"),
                    translated,
                    slices,
                    workspace,
                    client,
                    adopted: false,
                    lineage: format!("l{lineage}"),
                    generation,
                },
                memory_bytes,
                state: "stable".into(),
                lives_left,
                since,
                offers,
                restart_command,
                past: past.collect(),
            }
        },
    )
}

fn process() -> impl Strategy<Value = ProcessKey> {
    (0..9u32, 0..3u64).prop_map(|(pid, start)| ProcessKey::new(pid, start))
}

fn incident() -> impl Strategy<Value = IncidentView> {
    let remedies = btree_map((select(Remedy::ALL), option::of(process())), option::of(path()), 0..12);
    let about = (option::of(0..4u32), option::of(path()));
    (select(Code::ALL), option::of(word()), message(), about, remedies, option::of(word()), vec(cause(), 0..4))
        .prop_map(|(code, client, message, (lineage, workspace), remedies, receipt, causes)| IncidentView {
            causes,
            id: String::new(),
            code,
            severity: code.row().severity,
            title: String::new(),
            client,
            said: message.into(),
            lineage: lineage.map(|n| format!("l{n}")),
            workspace,
            evidence: Vec::new(),
            lives_left: None,
            remedies: remedies
                .into_iter()
                .map(|((remedy, process), value)| RemedyView {
                    remedy,
                    class: remedy.class(),
                    said: Message::Deed { remedy }.into(),
                    process,
                    value,
                })
                .collect(),
            receipt,
            closed_because: None,
        })
}

/// A snapshot in which processes, incidents, capabilities and muted folders are unique, as the
/// engine guarantees.
fn snapshot() -> impl Strategy<Value = Snapshot> {
    let servers = prop_oneof![
        9 => btree_map((0..60u32, 0..9u64), server(), 0..12),
        1 => btree_map((0..60u32, 0..9u64), server(), 40..70),
    ];
    let incidents = btree_map(0..40u64, incident(), 0..14);
    let capabilities = btree_map(
        select(vec!["process-table", "end-status", "tray"]),
        (select(vec![CapabilityState::Ok, CapabilityState::Ok, CapabilityState::Denied]), message()),
        0..4,
    );
    let alerts =
        (option::weighted(0.2, option::of(moment())), btree_set(path(), 0..4), vec((0..40u64, moment()), 0..4));
    let trend = (vec(option::of(any::<u64>()), 0..31), vec(any::<u32>(), 0..31));
    let notifications = vec((vec(0..40u64, 0..5), any::<bool>()), 0..4);
    let rest = (notifications, option::of(moment()), btree_map(0..4u32, trend, 0..4));
    let machine = prop_oneof![1 => Just(BTreeMap::new()), 3 => gauges()];
    let whole = (servers, incidents, capabilities, alerts, rest, machine);
    whole.prop_map(|(servers, incidents, capabilities, alerts, rest, gauges)| {
        let (paused, muted, snoozed) = alerts;
        let (notifications, warming_until, trends) = rest;
        let id = |n: u64| format!("some-code-{n}");
        Snapshot {
            machine: MachineStatus { gauges },
            worth: goplswatch_core::DisplayThresholds::default(),
            capabilities: capabilities
                .into_iter()
                .map(|(name, (state, why))| Capability { name: name.to_owned(), state, said: why.into() })
                .collect(),
            servers: servers
                .into_iter()
                .map(|((pid, start), mut status)| {
                    (status.server.pid, status.server.start) = (Pid(pid), start);
                    status
                })
                .collect(),
            incidents: incidents.into_iter().map(|(n, view)| IncidentView { id: id(n), ..view }).collect(),
            alerts: SuppressionView {
                paused: paused.map(|until| PauseView { until }),
                muted: muted.into_iter().collect(),
                snoozed: snoozed.into_iter().map(|(n, until)| SnoozeView { incident: id(n), until }).collect(),
            },
            told: notifications
                .into_iter()
                .map(|(incidents, digest)| NotificationView {
                    id: if digest { "digest".into() } else { incidents.first().map_or_else(String::new, |n| id(*n)) },
                    incidents: incidents.into_iter().map(id).collect(),
                    telling: NotificationLevel::Passive,
                    workspace: None,
                    rang: Seq(1),
                })
                .collect(),
            warming_until,
            trends: trends
                .into_iter()
                .map(|(n, (memory, ends))| (format!("l{n}"), Trend { memory, ends }))
                .collect::<BTreeMap<_, _>>(),
        }
    })
}

/// Whether a label has no invisible characters and none that change the direction of the rest of
/// the menu.
fn is_fit(label: &str) -> bool {
    let marks = ['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{200e}', '\u{200f}', '\u{2028}'];
    let closed = label.matches('\u{2068}').count() == label.matches('\u{2069}').count();
    !label.trim().is_empty() && !label.chars().any(char::is_control) && !label.contains(marks) && closed
}

fn check(rows: &[Row], snapshot: &Snapshot, keys: &mut BTreeSet<String>) -> Result<(), TestCaseError> {
    for row in rows {
        prop_assert!(keys.insert(row.key.clone()), "the key {:?} stands there twice", row.key);
        match &row.kind {
            RowKind::Text { label } | RowKind::Trend { label, .. } => prop_assert!(is_fit(label), "{label:?}"),
            RowKind::Submenu { label, rows } => {
                prop_assert!(is_fit(label), "{label:?}");
                prop_assert!(!rows.is_empty(), "nothing is in {label:?}");
                check(rows, snapshot, keys)?;
            }
            RowKind::Item { label, wants, .. } => {
                prop_assert!(is_fit(label), "{label:?}");
                prop_assert!(crate::support::can(wants, snapshot), "nobody can do {wants:?}");
            }
            RowKind::Separator => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_scene_can_always_be_shown(snapshot in snapshot(), looked in prop::bool::weighted(0.9)) {
        let context = goplswatch_view::Context { scanned: looked, ..crate::support::context() };
        let scene = scene(&snapshot, &context);
        prop_assert!(scene.menu.rows.len() <= 16, "{} rows", scene.menu.rows.len());
        check(&scene.menu.rows, &snapshot, &mut BTreeSet::new())?;
        let around = |i: usize| scene.menu.rows.get(i).map(|row| &row.kind);
        for i in 0..scene.menu.rows.len() {
            prop_assert!(!(around(i) == Some(&RowKind::Separator) && around(i + 1) == Some(&RowKind::Separator)));
        }
        prop_assert!(is_fit(&scene.icon.label), "{:?}", scene.icon.label);
        for note in &scene.notes {
            prop_assert!(is_fit(&note.title) && note.body.chars().all(|c| !c.is_control()), "{note:?}");
            prop_assert!(note.buttons.len() <= 3);
            let about = snapshot.incidents.iter().find(|view| view.id == note.id);
            prop_assert!(about.is_none_or(|view| view.code.row().notification_level != NotificationLevel::MenuOnly), "{note:?}");
            for wants in note.buttons.iter().map(|button| &button.wants).chain(&note.click) {
                prop_assert!(crate::support::can(wants, &snapshot), "nobody can do {wants:?}");
            }
        }
        prop_assert!(drawing(&scene, context.words).chars().all(|c| c == '\n' || !c.is_control()));
        // Every process and every incident has a row.
        let actions = crate::support::actions(&scene.menu.rows);
        for view in &snapshot.incidents {
            let why = UserAction::Explain { incident: view.id.clone() };
            prop_assert!(actions.contains(&why), "{why:?}");
        }
        let pids = actions.iter().filter(|action| matches!(action, UserAction::Copy { .. })).count();
        prop_assert_eq!(pids, snapshot.servers.len());
    }
}
