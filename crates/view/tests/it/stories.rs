//! Tests what is shown in typical situations, word by word, and that every row can do what it says.

use std::collections::BTreeSet;

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Gauge, Remedy, Snapshot};
use goplswatch_view::{
    Catalogue, Menu, RowKind, Scene, Shape, UserAction, drawing, notable, outcome_note, question, scene,
};

use crate::support::{
    actions, can, context, each, gauges, looping, machine, many_servers, one_incident, server, stories,
};

#[test]
fn every_story_is_told_well() {
    for (name, snapshot, context) in stories() {
        insta::assert_snapshot!(name, drawing(&scene(&snapshot, &context), context.words));
    }
}

#[test]
fn a_menu_of_five_thousand_servers_is_summarised() {
    let scene = scene(&many_servers(5_000), &context());
    let (mut rows, mut ends) = (0, Vec::new());
    each(&scene.menu.rows, &mut |row| {
        rows += 1;
        if let RowKind::Text { label } = &row.kind
            && row.key.ends_with("/beyond")
        {
            ends.push(label.clone());
        }
    });
    assert!(rows < 2_000, "{rows} rows");
    assert_eq!(ends, ["4912 more: goplswatch status"]);
}

#[test]
fn the_shape_of_the_icon_carries_the_state() {
    let shapes: Vec<_> = stories().iter().map(|(name, s, c)| (*name, scene(s, c).icon.shape)).collect();
    let of = |name| shapes.iter().find(|(story, _)| *story == name).unwrap().1;
    for (name, shape) in [
        ("looking", Shape::Looking),
        ("blind", Shape::Looking),
        ("no-gopls", Shape::Calm),
        ("calm", Shape::Calm),
        ("advice", Shape::Advice),
        ("one-incident", Shape::Trouble),
        ("many-incidents", Shape::Trouble),
        ("warming-up", Shape::Trouble),
        ("paused", Shape::Muted),
        ("muted", Shape::Calm),
        ("snoozed", Shape::Muted),
    ] {
        assert_eq!(of(name), shape, "{name}");
    }
}

/// The interface to surfaces: keys and user commands of a menu, and a notification, as JSON.
#[test]
fn a_scene_is_data() {
    let scene = scene(&one_incident(), &context());
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&scene).unwrap());
    let read: Scene = serde_json::from_str(&serde_json::to_string(&scene).unwrap()).unwrap();
    assert_eq!(read, scene);
}

#[test]
fn every_row_can_do_what_it_says() {
    for (name, snapshot, context) in stories() {
        let scene = scene(&snapshot, &context);
        let mut walked = 0;
        each(&scene.menu.rows, &mut |row| {
            if let RowKind::Item { wants, enabled, .. } = &row.kind {
                assert!(enabled, "{name}: {row:?}");
                assert!(can(wants, &snapshot), "{name}: nobody can do {row:?}");
                walked += 1;
            }
        });
        assert!(walked > 4, "{name}: {walked} rows");
        for note in &scene.notes {
            assert!(note.buttons.len() <= 3, "{name}: {note:?}");
            assert!(!note.title.contains('/') && !note.body.contains('/'), "{name}: a path in {note:?}");
            for button in &note.buttons {
                // A click on a button needs no further confirmation.
                let safe = match &button.wants {
                    UserAction::Fix { remedy, .. } => remedy.class() == RemedyClass::Safe,
                    action => matches!(action, UserAction::Undo { .. }),
                };
                assert!(safe, "{name}: {button:?}");
            }
            for wants in note.buttons.iter().map(|button| &button.wants).chain(&note.click) {
                assert!(can(wants, &snapshot), "{name}: nobody can do {wants:?}");
            }
        }
    }
}

/// The converse: everything that is offered has a row.
#[test]
fn everything_that_is_offered_has_its_row() {
    for (name, snapshot, context) in stories() {
        let menu = scene(&snapshot, &context).menu;
        let actions = actions(&menu.rows);
        for view in &snapshot.incidents {
            assert!(actions.contains(&UserAction::Explain { incident: view.id.clone() }), "{name}: {}", view.id);
            for offer in view.remedies.iter().filter(|offer| offer.remedy != Remedy::ByHand) {
                let (incident, process) = (Some(view.id.clone()), offer.process);
                assert!(
                    actions.contains(&UserAction::Fix { remedy: offer.remedy, incident, process }),
                    "{name}: {offer:?}"
                );
            }
        }
        for status in &snapshot.servers {
            let text = status.server.pid.to_string();
            assert!(actions.contains(&UserAction::Copy { text }), "{name}: {}", status.server.pid);
        }
    }
}

#[test]
fn menus_are_short_and_their_keys_unique() {
    for (name, snapshot, context) in stories() {
        let menu = scene(&snapshot, &context).menu;
        assert!(menu.rows.len() <= 16, "{name}: {} rows", menu.rows.len());
        let keys = keys(&menu);
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{name}: {keys:#?}");
    }
}

#[test]
fn keys_do_not_depend_on_words() {
    let before = one_incident();
    let mut after = before.clone();
    after.incidents[0].said = looping(7, "/w/api-server", 300, Message::CauseUnknown).into();
    after.servers[1].memory_bytes = Some(999_000_000);
    after.servers[0].since = Some("2026-11-22T08:05:00.000Z".into());
    let (before, after) = (scene(&before, &context()), scene(&after, &context()));
    assert_ne!(before, after);
    assert_eq!(keys(&before.menu), keys(&after.menu));
}

/// A restarted server is another process, but keeps its row.
#[test]
fn a_server_that_comes_back_keeps_its_row() {
    let before = one_incident();
    let mut after = before.clone();
    after.servers[0].server.pid = goplswatch_core::Pid(4_000);
    let top = |snapshot| scene(snapshot, &context()).menu.rows.into_iter().map(|row| row.key).collect::<Vec<_>>();
    assert_eq!(top(&before), top(&after));
}

#[test]
fn the_order_of_a_snapshot_changes_no_order_of_servers() {
    for (name, snapshot, context) in stories() {
        let mut turned = snapshot.clone();
        turned.servers.reverse();
        let top = |snapshot| {
            let menu = scene(snapshot, &context).menu;
            menu.rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
        };
        assert_eq!(top(&snapshot), top(&turned), "{name}");
    }
}

#[test]
fn a_muted_folder_silences_what_is_below_it() {
    let mut snapshot = one_incident();
    for (folder, shape) in [("/w", Shape::Calm), ("/w/api-server/", Shape::Calm), ("/w/api", Shape::Trouble)] {
        snapshot.alerts.muted = vec![folder.into()];
        assert_eq!(scene(&snapshot, &context()).icon.shape, shape, "{folder}");
    }
}

#[test]
fn a_question_names_what_its_yes_does() {
    let asked = question(
        Catalogue::english(),
        "hash",
        "Restart gopls in\napi-server?",
        "It loads anew.\nVS Code has 3 left.",
        "Restart",
    );
    assert_eq!(asked.title, "Restart gopls in api-server?");
    assert_eq!(asked.body, "It loads anew.\nVS Code has 3 left.");
    assert_eq!((asked.yes.label.as_str(), asked.yes.wants), ("Restart", UserAction::Apply { plan: "hash".into() }));
    assert_eq!(asked.no.wants, UserAction::Drop { plan: "hash".into() });
    let note = outcome_note("fix-1", "Copied", "Paste it in VS Code.");
    assert_eq!((note.id.as_str(), note.buttons.len(), note.click), ("fix-1", 0, None));
}

/// What the row of a server says after its memory, depending on what is measured.
#[test]
fn the_row_of_a_server_says_what_is_worth_reading() {
    use Gauge::{Cpu, DescriptorBound, DescriptorLimit, Descriptors};
    let cases: &[(&[(Gauge, u64)], &str)] = &[
        (&[], ""),
        (&[(Cpu, 0)], " · idle"),
        (&[(Cpu, 49)], " · idle"),
        (&[(Cpu, 50)], " · 5 %"),
        (&[(Cpu, 2_560)], " · 2.5 cores"),
        (&[(Descriptors, 9_999), (DescriptorLimit, 61_440)], ""),
        (&[(Descriptors, 10_000), (DescriptorLimit, 61_440)], " · 10 k descriptors"),
        (&[(Descriptors, 200), (DescriptorLimit, 256)], " · 200 descriptors"),
        // A system without a limit, and a table whose size grows in powers of two.
        (&[(Descriptors, 200), (DescriptorLimit, u64::MAX)], ""),
        (&[(DescriptorBound, 65_536), (DescriptorLimit, u64::MAX)], " · at most 65 k descriptors"),
        (&[(DescriptorBound, 65_536), (Descriptors, 33_000)], " · 33 k descriptors"),
        (&[(DescriptorBound, 16_384), (Descriptors, 33_000)], " · at most 16 k descriptors"),
    ];
    for (measured, said) in cases {
        let mut snapshot = machine();
        snapshot.servers = vec![server(811, "/w/api", "Zed", Some(540_000_000))];
        snapshot.servers[0].gauges = gauges(measured);
        let scene = scene(&snapshot, &context());
        let rows = scene.menu.rows.iter().filter_map(|row| match &row.kind {
            RowKind::Submenu { label, .. } if row.key.starts_with("place/") => Some(label.as_str()),
            _ => None,
        });
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows, [format!("api — Zed · 540 MB{said}")], "{measured:?}");
        let notable =
            notable(Catalogue::english(), &snapshot.worth, &snapshot.servers[0]).join(" · ").replace(" of a core", "");
        assert_eq!(notable, said.trim_start_matches(" · ").replace("idle", ""), "{measured:?}");
    }
}

/// The machine's rows depending on what is measured; normal values have no row.
#[test]
fn the_machine_is_shown_only_where_it_is_worth_reading() {
    use Gauge::{
        FileTable, FileTableLimit, IndexerCpu, IndexerWorkers, MemoryAvailable, MemoryStall, PressureLevel,
        UserWatchLimit, UserWatches, VnodesFree,
    };
    type Lines = [&'static str];
    let cases: &[(&[(Gauge, u64)], &Lines)] = &[
        (&[(FileTable, 61_440), (FileTableLimit, 122_880)], &[]),
        (&[(FileTable, 61_441), (FileTableLimit, 122_880)], &["Descriptors 61 k of 122 k"]),
        (&[(FileTable, 90_000)], &[]),
        // On Linux the limit may be unlimited.
        (&[(FileTable, 90_000), (FileTableLimit, i64::MAX.unsigned_abs())], &[]),
        (&[(UserWatches, 49_152), (UserWatchLimit, 65_536)], &[]),
        (&[(UserWatches, 58_000), (UserWatchLimit, 65_536)], &["File watches 58 k of 65 k"]),
        (&[(PressureLevel, 1), (MemoryAvailable, 310_000_000), (MemoryStall, 900)], &[]),
        (&[(PressureLevel, 2), (MemoryAvailable, 310_000_000)], &["Short of memory: 310 MB available"]),
        (&[(VnodesFree, 0)], &[]),
        (&[(IndexerWorkers, 40)], &[]),
        (&[(IndexerWorkers, 1), (IndexerCpu, 1_840)], &["Spotlight is busy: 1 worker, 1.8 cores"]),
    ];
    for (measured, said) in cases {
        let mut snapshot = machine();
        snapshot.machine.gauges = gauges(measured);
        assert_eq!(goplswatch_view::machine(Catalogue::english(), &snapshot), *said, "{measured:?}");
        let rows = scene(&snapshot, &context()).menu.rows;
        let has = rows.iter().any(|row| row.key.starts_with("machine"));
        assert_eq!(has, !said.is_empty(), "{measured:?}");
    }
}

/// What merely happened at the same time is never presented as a cause.
#[test]
fn what_was_at_the_same_time_is_never_called_a_cause() {
    let mut walked = 0;
    for (name, snapshot, context) in stories() {
        for line in drawing(&scene(&snapshot, &context), context.words).lines() {
            let same_time = ["Spotlight is busy", "Spotlight was busy", "Intel program", "short of memory"];
            if same_time.iter().any(|said| line.contains(said)) {
                let (head, _) = line.split_once("At the same time").unwrap_or((line, ""));
                assert!(!line.to_lowercase().contains("cause"), "{name}: {line}");
                assert!(!head.contains("Most likely: Spotlight"), "{name}: {line}");
                walked += 1;
            }
        }
    }
    assert!(walked > 10, "{walked} lines");
}

/// Only the engine names causes: what it does not name is not a cause in a notification either.
#[test]
fn what_the_engine_does_not_call_a_cause_is_none() {
    let (_, mut snapshot, context) = stories().into_iter().find(|(name, ..)| *name == "descriptor-pressure").unwrap();
    let body = |snapshot: &Snapshot| scene(snapshot, &context).notes[0].body.clone();
    assert!(body(&snapshot).ends_with("Most likely: it watches files itself (58 k)."));
    snapshot.incidents[0].causes.clear();
    let said = body(&snapshot);
    assert!(said.ends_with("At the same time: gopls watches files itself."), "{said}");
    assert!(!said.to_lowercase().contains("likely"), "{said}");
}

fn keys(menu: &Menu) -> Vec<String> {
    let mut keys = Vec::new();
    each(&menu.rows, &mut |row| keys.push(row.key.clone()));
    keys
}
