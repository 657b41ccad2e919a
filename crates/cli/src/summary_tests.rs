//! The exact text of `status` for a machine with problems.

use std::collections::BTreeMap;

use goplswatch_core::capability::Capability;
use goplswatch_core::codes::Weight;
use goplswatch_core::event::{ClientView, RemedyView, ServerView};
use goplswatch_core::{Code, MachineStatus, Pid, Remedy};

use super::*;
use crate::printer::sanitized;

fn exactly(of: &[(Gauge, u64)]) -> BTreeMap<Gauge, Reading<Amount>> {
    of.iter().map(|(gauge, n)| (*gauge, Reading::Known(Amount::Exactly(*n)))).collect()
}

fn server_of(folder: &str, gauges: BTreeMap<Gauge, Reading<Amount>>) -> ServerStatus {
    ServerStatus {
        server: ServerView {
            pid: Pid(811),
            start: 1,
            class: ServerClass::Lsp,
            exe: Reading::unknown("not asked"),
            arch: Reading::Known("x86_64".into()),
            translated: Reading::Known(true),
            slices: Reading::Known(vec!["x86_64".into()]),
            workspace: Reading::Known(folder.into()),
            client: Reading::Known(ClientView { id: None, name: "VS Code".into(), pid: Pid(7) }),
            adopted: false,
            lineage: "l1".into(),
            generation: 1,
        },
        memory_bytes: Some(1_200_000_000),
        gauges,
        usual: Usual { memory_bytes: Some(Robust { median: 900_000_000, mad: 40_000_000, of: 9 }), ..Usual::default() },
        state: "stable".into(),
        lives_left: LivesLeft::Known(4),
        since: None,
        offers: Vec::new(),
        restart_command: None,
        past: Vec::new(),
    }
}

fn in_need() -> Snapshot {
    let mut gauges = exactly(&[
        (Gauge::Cpu, 140),
        (Gauge::Threads, 31),
        (Gauge::Descriptors, 58_200),
        (Gauge::DescriptorLimit, 61_440),
    ]);
    gauges.insert(Gauge::Watches, Reading::unknown("the system said no"));
    let mut machine = exactly(&[(Gauge::FileTable, 61_500), (Gauge::FileTableLimit, 122_880)]);
    machine.insert(Gauge::IndexerCpu, Reading::unknown("ps did not answer"));
    let cause = |cause: &'static str, weight, text: &str, evidence: &[u64]| CauseView {
        cause: cause.into(),
        weight,
        said: goplswatch_core::message::Message::reported(text).into(),
        evidence: evidence.iter().copied().map(Seq).collect(),
    };
    let incident = IncidentView {
        id: "descriptor-pressure-40".into(),
        code: Code::DescriptorPressure,
        severity: Code::DescriptorPressure.row().severity,
        title: "gopls is using up file descriptors".into(),
        client: None,
        said: goplswatch_core::message::Message::reported("In api-server it has 58 k of 61 k open.").into(),
        lineage: None,
        workspace: None,
        evidence: Vec::new(),
        causes: vec![
            cause("own-watcher", Weight::MostLikely, "its own file watcher (58 k files)", &[31, 35, 36, 38]),
            cause("spotlight-busy", Weight::SameTime, "Spotlight is busy (6 workers)", &[37]),
        ],
        lives_left: None,
        remedies: Vec::new(),
        receipt: None,
        closed_because: None,
    };
    let seen = Capability::new("process-table", CapabilityState::Ok, "proved");
    Snapshot {
        capabilities: vec![seen],
        servers: vec![server_of("/w/api-server", gauges)],
        incidents: vec![incident],
        machine: MachineStatus { gauges: machine },
        ..Snapshot::default()
    }
}

#[test]
fn what_is_wrong_comes_with_its_causes_and_its_numbers() {
    assert_eq!(
        human(&in_need(), false),
        "1 finding — 1 gopls, 1.2 GB

gopls is using up file descriptors (descriptor-pressure-40)
  In api-server it has 58 k of 61 k open.
  Most likely: its own file watcher (58 k files) (#31, #35, #36, …)
  At the same time: Spotlight is busy (6 workers) (#37)

Machine
  Descriptors 61 k of 122 k

Servers
  api-server           VS Code              1.2 GB · 14 % of a core · 58 k descriptors · x86_64, translated · pid 811
"
    );
}

#[test]
fn everything_that_is_measured_is_said_to_who_asks() {
    assert_eq!(
        human(&Snapshot { incidents: Vec::new(), ..in_need() }, true),
        "All quiet — 1 gopls, 1.2 GB

Machine
  Descriptors 61 k of 122 k
  open files                       61 k
  open files allowed               122 k
  CPU of Spotlight                 not known, ps did not answer

Servers
  api-server           VS Code              1.2 GB · 14 % of a core · 58 k descriptors · x86_64, translated · pid 811
                       state stable, exits until its editor gives up: 4
                       Memory 1.2 GB, usually 900 MB here
                       CPU 14 % of a core · 31 threads
                       Descriptors 58 k of 61 k
                       usual here: most memory 900 MB ± 40 MB (9 seen)
                       An Intel program, translated on this machine; its file holds x86_64 only
                       files watched by itself: not known, the system said no

What this machine lets us see
  process-table            ok           proved
"
    );
}

#[test]
fn what_helps_is_a_command_or_the_words_for_a_person() {
    let mut snapshot = in_need();
    let offer = |remedy: Remedy, text: &str| RemedyView {
        remedy,
        class: remedy.class(),
        said: goplswatch_core::message::Message::reported(text).into(),
        process: None,
        value: None,
    };
    for (remedy, text, said) in [
        (
            Remedy::TurnOffWatcher,
            "Has gopls watch no files itself.",
            "  Turn Off gopls' Own File Watcher: goplswatch fix descriptor-pressure\n",
        ),
        (Remedy::RestartServer, "Asks it to end.", "  Restart: goplswatch fix descriptor-pressure\n"),
        (Remedy::CopyRestartCommand, "In Helix, run: :lsp-restart", "  In Helix, run: :lsp-restart\n"),
        (Remedy::ByHand, "Close what you do not need.", "  Close what you do not need.\n"),
    ] {
        snapshot.incidents[0].remedies = vec![offer(remedy, text), offer(Remedy::Snooze, "Later.")];
        let text = human(&snapshot, false);
        assert!(text.contains(said) && !text.contains("Later"), "{text}");
    }
    let mut another = snapshot.incidents[0].clone();
    another.id = "descriptor-pressure-41".into();
    snapshot.incidents[0].remedies = vec![offer(Remedy::RestartServer, "Asks it to end.")];
    snapshot.incidents.push(another);
    assert!(human(&snapshot, false).contains("  Restart: goplswatch fix descriptor-pressure-40\n"));
}

#[test]
fn one_thread_is_no_plural() {
    let mut snapshot = in_need();
    snapshot.servers[0].gauges.insert(Gauge::Threads, Reading::Known(Amount::Exactly(1)));
    assert!(human(&snapshot, true).contains("CPU 14 % of a core · 1 thread\n"));
}

#[test]
fn what_can_be_seen_stands_in_columns() {
    let mut snapshot = in_need();
    let name = "group-out-of-memory-counter";
    snapshot.capabilities.push(Capability::new(name, CapabilityState::Ok, "read"));
    let text = human(&snapshot, true);
    let columns: Vec<_> = text.lines().filter_map(|line| line.find(" ok  ")).collect();
    assert_eq!(columns, [29, 29], "{text}");
}

/// A harmless name of as many characters as `shown` has.
fn tame(shown: &str, c: char) -> String {
    c.to_string().repeat(shown.chars().count())
}

/// A server in a muted folder, with these names.
fn of_names(folder: &str, program: &str) -> Snapshot {
    let mut status = server_of(&format!("/w/{folder}"), BTreeMap::new());
    status.server.client = Reading::Known(ClientView { id: None, name: program.into(), pid: Pid(7) });
    let alerts = SuppressionView { muted: vec![format!("/w/{folder}")], ..SuppressionView::default() };
    Snapshot { servers: vec![status], alerts, ..Snapshot::default() }
}

/// Checks that names change nothing else in the text, and that JSON has them unchanged.
fn is_all_that_differs(folder: &str, program: &str) {
    let about = |folder: &str, program: &str| human(&of_names(folder, program), true);
    let (place, who) = (catalogue().whole_folder(&format!("/w/{folder}")), catalogue().whole_name(program));
    let (tame_place, tame_who) = (tame(&place, '\u{e000}'), tame(&who, '\u{e001}'));
    let expected = about(&tame_place, &tame_who);
    assert_eq!([&tame_place, &tame_who].map(|name| expected.matches(name).count()), [2, 1], "{expected}");
    // Replaced character by character, so that the text of one name is never searched for the
    // other.
    let (mut places, mut programs) = (place.chars().cycle(), who.chars().cycle());
    let turned = expected.chars().filter_map(|c| match c {
        '\u{e000}' => places.next(),
        '\u{e001}' => programs.next(),
        c => Some(c),
    });
    let expected: String = turned.collect();
    assert_eq!(sanitized(&about(folder, program)), expected, "{folder:?}, {program:?}");

    let snapshot = of_names(folder, program);
    let written = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(written.lines().count(), 1, "{written:?}");
    let read: serde_json::Value = serde_json::from_str(&written).unwrap();
    let path = format!("/w/{folder}");
    let server = &read["servers"][0]["server"];
    assert_eq!(
        (server["workspace"].as_str(), &read["alerts"]["muted"]),
        (Some(path.as_str()), &serde_json::json!([path]))
    );
    assert_eq!(server["client"]["name"], program);
    assert_eq!(serde_json::from_str::<Snapshot>(&written).unwrap(), snapshot);
}

#[test]
fn a_name_changes_no_other_word_and_makes_no_row() {
    for name in goplswatch_testing::odd_names() {
        is_all_that_differs(&name.replace('/', "-"), &name);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 30, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_name_changes_no_other_word_of_status(folder in "[^/\u{0}\u{e000}\u{e001}]{1,60}", program in "[^\u{e000}\u{e001}]{0,60}") {
        is_all_that_differs(&folder, &program);
    }
}
