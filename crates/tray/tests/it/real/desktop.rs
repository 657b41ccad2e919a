//! Tests the surface on a Linux desktop: what a panel and a notification service on a private
//! session bus see of it, and what it does when they appear late, disappear, or never appear.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use goplswatch_core::Trend;
use goplswatch_core::capability::CapabilityState::{Ok as Can, Unsupported};
use goplswatch_core::codes::NotificationLevel;
use goplswatch_view::{Button, Menu, NotificationText, Question, Row, RowKind, Scene, Shape, UserAction};

use goplswatch_testing::desktop::{Bus, Line, Notifications, Panel, ServiceCall, within};
use goplswatch_testing::{DEADLINE, role, wait_until};

use crate::surface::{self, Surface};

/// The process that the tests below start. It is not a test itself.
#[test]
#[ignore = "started by the tests"]
fn surface() {
    surface::live();
}

fn start_at(address: &str, rang_before: u64) -> Surface {
    Surface::start(role("real::desktop::surface"), address, rang_before)
}

fn start(bus: &Bus) -> Surface {
    start_at(&bus.address(), 0)
}

fn row(key: &str, kind: RowKind) -> Row {
    Row { key: key.to_owned(), kind }
}

fn item(key: &str, label: &str, wants: UserAction) -> Row {
    let label = label.to_owned();
    row(key, RowKind::Item { label, wants, enabled: true, checked: None, shortcut: None })
}

fn copy(text: &str) -> UserAction {
    UserAction::Copy { text: text.to_owned() }
}

fn scene(rows: Vec<Row>) -> Scene {
    let mut scene = Scene { menu: Menu { rows }, ..Scene::default() };
    scene.icon.label = "gopls: all quiet".to_owned();
    scene.icon.shape = Shape::Calm;
    scene
}

fn with_notes(notes: Vec<NotificationText>) -> Scene {
    Scene { notes, ..scene(vec![item("quit", "Quit", UserAction::Quit)]) }
}

fn note(id: &str, body: &str, rang: u64) -> NotificationText {
    NotificationText {
        id: id.to_owned(),
        title: "gopls keeps restarting".to_owned(),
        body: body.to_owned(),
        group: None,
        telling: NotificationLevel::Active,
        rang,
        buttons: vec![Button { label: "Snooze for 1 Hour".to_owned(), wants: copy("snooze") }],
        click: Some(copy("click")),
    }
}

fn question() -> Question {
    let plan = "p1".to_owned();
    Question {
        plan: plan.clone(),
        title: "Restart gopls?".to_owned(),
        body: "It costs one restart.".to_owned(),
        yes: Button { label: "Restart".to_owned(), wants: UserAction::Apply { plan: plan.clone() } },
        no: Button { label: "Cancel".to_owned(), wants: UserAction::Drop { plan } },
    }
}

/// The rows as a panel should read them, without ids.
fn lines(rows: &[Row], depth: usize, into: &mut Vec<Line>) {
    for row in rows {
        let mut line = Line { id: 0, depth, label: String::new(), enabled: true, separator: false, checked: None };
        match &row.kind {
            RowKind::Text { label } => (line.label, line.enabled) = (label.clone(), false),
            RowKind::Trend { label, .. } => (line.label, line.enabled) = (format!("▁█  {label}"), false),
            RowKind::Item { label, enabled, checked, .. } => {
                (line.label, line.enabled, line.checked) = (label.clone(), *enabled, *checked);
            }
            RowKind::Submenu { label, .. } => line.label = label.clone(),
            RowKind::Separator => line.separator = true,
        }
        // A single one would mark a mnemonic.
        line.label = line.label.replace('_', "__");
        into.push(line);
        if let RowKind::Submenu { rows, .. } = &row.kind {
            lines(rows, depth + 1, into);
        }
    }
}

fn without_ids(lines: Vec<Line>) -> Vec<Line> {
    lines.into_iter().map(|line| Line { id: 0, ..line }).collect()
}

#[test]
fn the_panel_reads_the_menu_of_the_scene_and_clicks_come_back_as_wishes() {
    let bus = Bus::start();
    let panel = Panel::start(&bus);
    let mut surface = start(&bus);
    let trend = Trend { memory: vec![Some(1), Some(2), Some(70)], ends: vec![] };
    let mut paused = item("paused", "Paused", UserAction::Resume);
    let mut off = item("off", "Not now", UserAction::Quit);
    if let RowKind::Item { checked, .. } = &mut paused.kind {
        *checked = Some(true);
    }
    if let RowKind::Item { enabled, .. } = &mut off.kind {
        *enabled = false;
    }
    let server = vec![item("pid", "Copy PID", copy("811")), row("s2", RowKind::Separator)];
    let rows = vec![
        row("title", RowKind::Text { label: "R&D's api_server keeps <restarting> — ü 例".into() }),
        row("trend", RowKind::Trend { label: "last 30 min".into(), trend }),
        row("s1", RowKind::Separator),
        row("server", RowKind::Submenu { label: "api-server".into(), rows: server }),
        paused,
        off,
        item("quit", "Quit", UserAction::Quit),
    ];
    surface.show(&scene(rows.clone()));
    let icon = panel.icon();
    surface.can("tray", Can);
    let mut expected = Vec::new();
    lines(&rows, 0, &mut expected);
    assert_eq!(without_ids(icon.layout().1), expected);
    assert_eq!(icon.service, format!("org.kde.StatusNotifierItem-{}-1", surface.pid()));
    assert_eq!(icon.property("Id").downcast_ref::<&str>().unwrap(), "dev.goplswatch.agent");

    assert!(icon.click(icon.id_of("Copy PID")));
    assert_eq!(surface.action(), copy("811"));
    // The next scene changes the mark, not the click.
    assert!(icon.click(icon.id_of("Paused")));
    assert_eq!(surface.action(), UserAction::Resume);
    icon.click(icon.id_of("Not now"));
    surface.wants_nothing(Duration::from_millis(300));
    assert_eq!(without_ids(icon.layout().1), expected);
    surface.end();
}

#[test]
fn texts_change_in_their_place_and_a_row_that_is_gone_cannot_be_clicked() {
    let bus = Bus::start();
    let panel = Panel::start(&bus);
    let mut surface = start(&bus);
    let rows = |label: &str| {
        vec![
            item("memory", label, copy("memory")),
            row("s", RowKind::Separator),
            item("quit", "Quit", UserAction::Quit),
        ]
    };
    surface.show(&scene(rows("1.0 GB")));
    let icon = panel.icon();
    let (revision, before) = icon.layout();
    let changes = icon.changes();
    surface.show(&scene(rows("1.2 GB")));
    let next = || changes.recv_timeout(DEADLINE).unwrap();
    assert_eq!(next(), "ItemsPropertiesUpdated");
    let (same, after) = icon.layout();
    assert_eq!((same, after[0].label.as_str(), after[0].id), (revision, "1.2 GB", before[0].id));

    let mut fewer = rows("1.2 GB");
    fewer.remove(0);
    surface.show(&scene(fewer));
    assert_eq!(next(), "LayoutUpdated");
    let (newer, left) = icon.layout();
    assert!(newer > revision);
    assert_eq!(left.len(), 2);
    assert!(!icon.click(before[0].id), "its id is void");
    surface.wants_nothing(Duration::from_millis(300));
    // Each change was signalled once: the next signal belongs to the next change.
    surface.show(&scene(vec![row("s", RowKind::Separator), item("quit", "End", UserAction::Quit)]));
    assert_eq!(next(), "ItemsPropertiesUpdated");
}

#[test]
fn what_is_seen_changes_at_most_once_a_second_and_ends_with_the_latest() {
    let bus = Bus::start();
    let panel = Panel::start(&bus);
    let mut surface = start(&bus);
    surface.show(&scene(vec![item("n", "0", UserAction::Quit)]));
    let icon = panel.icon();
    let pixels = format!("{:?}", icon.property("IconPixmap"));
    let changes = icon.changes();
    let start = Instant::now();
    let mut seen = Vec::new();
    for number in 1..=50 {
        let mut scene = scene(vec![item("n", &number.to_string(), UserAction::Quit)]);
        scene.icon.label = format!("gopls: {number}");
        scene.icon.shape = if number < 50 { Shape::Calm } else { Shape::Trouble };
        surface.show(&scene);
        seen.extend(within(&changes, Duration::from_millis(40)));
    }
    wait_until("the latest", || icon.labels() == ["50"]);
    seen.extend(within(&changes, Duration::from_millis(1200)));
    // One for each second that passed, and one for the partial seconds at both ends.
    let most = usize::try_from(start.elapsed().as_secs()).unwrap() + 1;
    assert!((2..=most).contains(&seen.len()), "{seen:?} in {:?}", start.elapsed());
    assert_eq!(icon.labels(), ["50"]);
    let tip = format!("{:?}", icon.property("ToolTip"));
    assert!(tip.contains("gopls: 50"), "{tip}");
    assert_ne!(format!("{:?}", icon.property("IconPixmap")), pixels, "another shape");
}

/// Any timer, ours or a library's, fires more than once in three seconds.
#[test]
fn at_rest_nothing_wakes() {
    let bus = Bus::start();
    let (panel, service) = (Panel::start(&bus), Notifications::start(&bus));
    let mut surface = start(&bus);
    surface.show(&with_notes(vec![note("a", "", 1)]));
    panel.icon();
    service.notified();
    surface.can("tray", Can);
    // Once everything has settled, each thread wakes at most once in that time, for a timed check
    // of the bus.
    wait_until("its rest", || {
        let before = surface.sleeps();
        std::thread::park_timeout(Duration::from_secs(3));
        let mut after = surface.sleeps().into_iter();
        after.all(|(thread, sleeps)| sleeps <= before.get(&thread).copied().unwrap_or(0) + 1)
    });
}

#[test]
fn a_click_that_opens_no_menu_is_answered_in_words() {
    let bus = Bus::start();
    let (panel, service) = (Panel::start(&bus), Notifications::start(&bus));
    let mut surface = start(&bus);
    surface.show(&scene(vec![item("quit", "Quit", UserAction::Quit)]));
    panel.icon().activate();
    let notification = service.notified();
    assert_eq!((notification.title.as_str(), notification.urgency), ("gopls: all quiet", 0));
    assert_eq!(notification.body, "The right mouse button opens the menu.");
    surface.wants_nothing(Duration::from_millis(100));
}

#[test]
fn a_panel_may_come_late_go_and_come_again() {
    let bus = Bus::start();
    let mut surface = start(&bus);
    surface.show(&scene(vec![item("quit", "Quit", UserAction::Quit)]));
    let why = surface.can("tray", Unsupported);
    assert!(why.contains("org.kde.StatusNotifierWatcher") && why.contains("goplswatch status"), "{why}");
    let (mut names, mut open) = (BTreeSet::new(), Vec::new());
    for _ in 0..12 {
        let panel = Panel::start(&bus);
        let icon = panel.icon();
        surface.can("tray", Can);
        assert_eq!(icon.labels(), ["Quit"]);
        names.insert(icon.service.clone());
        open.push(surface.descriptors());
        assert!(icon.click(icon.id_of("Quit")));
        assert_eq!(surface.action(), UserAction::Quit);
        panel.stop();
        surface.can("tray", Unsupported);
    }
    assert_eq!(names.len(), 1, "one icon goes from panel to panel: {names:?}");
    assert!(open[11] <= open[0] + 1, "descriptors in use: {open:?}");
    let panel = Panel::with_host(&bus, false);
    panel.icon();
    assert!(surface.can("tray", Unsupported).contains("no panel shows it"));
}

#[test]
fn a_bus_may_end_and_come_again() {
    let mut bus = Bus::start();
    let panel = Panel::start(&bus);
    let mut surface = start(&bus);
    surface.show(&scene(vec![item("quit", "Quit", UserAction::Quit)]));
    panel.icon();
    surface.can("tray", Can);
    bus.stop();
    assert!(surface.can("tray", Unsupported).contains("session bus"));
    let (before, since) = (surface.ticks(), Instant::now());
    std::thread::park_timeout(Duration::from_millis(1500));
    let (spent, passed) = (surface.ticks() - before, since.elapsed());
    assert!(u128::from(spent) < passed.as_millis() / 100, "{spent} hundredths of {passed:?}, and nothing to do");
    bus.restart();
    let panel = Panel::start(&bus);
    assert_eq!(panel.icon().labels(), ["Quit"]);
    surface.can("tray", Can);
}

#[test]
fn without_a_bus_it_says_so_and_ends_in_time() {
    let mut surface = start_at("unix:path=/nonexistent/bus", 0);
    surface.show(&with_notes(vec![note("a", "", 1)]));
    assert!(surface.can("tray", Unsupported).contains("goplswatch status"));
    surface.ask(&question());
    assert_eq!(surface.action(), question().no.wants, "what cannot be asked is a no");
    surface.end();
}

#[test]
fn a_bus_that_does_not_answer_is_told_of_and_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let _listens_and_says_nothing = UnixListener::bind(&path).unwrap();
    let mut surface = start_at(&format!("unix:path={}", path.display()), 0);
    surface.show(&scene(vec![item("quit", "Quit", UserAction::Quit)]));
    assert!(surface.can("tray", Unsupported).contains("does not answer"));
    surface.can("notifications", Unsupported);
    surface.end();
}

#[test]
fn a_note_is_shown_replaced_not_brought_back_and_withdrawn() {
    let bus = Bus::start();
    let service = Notifications::start(&bus);
    let mut surface = start(&bus);
    surface.show(&with_notes(vec![note("a", "3 < 4 & more", 5)]));
    let first = service.notified();
    assert_eq!((first.replaces, first.urgency, first.silent, first.stays), (0, 1, false, false));
    assert_eq!(first.title, "gopls keeps restarting");
    assert_eq!(first.body, "3 &lt; 4 &amp; more");
    assert_eq!(first.actions[2..], ["button-Snooze for 1 Hour", "Snooze for 1 Hour"]);
    assert_eq!(first.actions[0], "default");

    surface.show(&with_notes(vec![note("a", "4 times", 5)]));
    let second = service.notified();
    assert_eq!((second.replaces, second.number), (first.number, first.number));
    assert_eq!((second.urgency, second.silent), (0, true));

    // Waits until the surface has its reply: a close before that would mean the first one.
    service.gets_no_call(Duration::from_millis(300));
    service.close(first.number);
    surface.show(&with_notes(vec![note("a", "5 times", 5)]));
    service.gets_no_call(Duration::from_millis(1500));
    surface.show(&with_notes(vec![note("a", "6 times", 6)]));
    let third = service.notified();
    assert_eq!((third.replaces, third.urgency), (0, 1));

    surface.show(&with_notes(vec![]));
    assert_eq!(service.next_call(), ServiceCall::Close(third.number));
    surface.say(&note("done", "It helped.", 0));
    let said = service.notified();
    assert_eq!(said.body, "It helped.");
    surface.end();
    assert_eq!(service.next_call(), ServiceCall::Close(said.number), "nothing is left behind");
}

#[test]
fn a_button_and_a_click_pass_their_wishes_on() {
    let bus = Bus::start();
    let service = Notifications::start(&bus);
    let mut surface = start(&bus);
    surface.show(&with_notes(vec![note("a", "", 5), note("b", "", 6)]));
    let (first, b) = (service.notified(), service.notified().number);
    assert_eq!(first.actions, ["default", "Show", "button-Snooze for 1 Hour", "Snooze for 1 Hour"]);
    let a = first.number;
    service.press(a, "button-Snooze for 1 Hour");
    assert_eq!(surface.action(), copy("snooze"));
    assert_eq!(service.next_call(), ServiceCall::Close(a));
    service.press(b, "default");
    assert_eq!(surface.action(), copy("click"));
    service.press(999, "button-Snooze for 1 Hour");
    service.press(b, "nonsense");
    service.press(b, "0");
    surface.wants_nothing(Duration::from_millis(300));
}

#[test]
fn a_question_stays_and_has_one_answer() {
    let bus = Bus::start();
    let service = Notifications::start(&bus);
    let mut surface = start(&bus);
    for (key, answer) in [("button-Restart", question().yes.wants), ("button-Cancel", question().no.wants)] {
        surface.ask(&question());
        let asked = service.notified();
        assert!(asked.stays);
        assert_eq!(asked.urgency, 1);
        assert_eq!(asked.actions, ["button-Restart", "Restart", "button-Cancel", "Cancel"]);
        service.press(asked.number, key);
        assert_eq!(surface.action(), answer);
        assert_eq!(service.next_call(), ServiceCall::Close(asked.number));
        service.press(asked.number, "button-Restart");
    }
    surface.ask(&question());
    service.close(service.notified().number);
    assert_eq!(surface.action(), question().no.wants);
    surface.wants_nothing(Duration::from_millis(300));
}

#[test]
fn a_service_without_buttons_gets_none_and_the_question_says_so() {
    let bus = Bus::start();
    let service = Notifications::with(&bus, &["body"]);
    let mut surface = start(&bus);
    assert!(surface.can("notifications", Can).contains("without buttons"));
    surface.show(&with_notes(vec![note("a", "3 < 4", 5)]));
    let shown = service.notified();
    assert_eq!((shown.body.as_str(), shown.actions.len()), ("3 < 4", 0));
    surface.ask(&question());
    let asked = service.notified();
    assert!(asked.actions.is_empty());
    let said = "It costs one restart.\nNotifications have no buttons on this desktop: answer on the command line.";
    assert_eq!(asked.body, said);
}

#[test]
fn a_new_service_shows_in_silence_what_was_not_closed() {
    let bus = Bus::start();
    let service = Notifications::start(&bus);
    let mut surface = start(&bus);
    surface.show(&with_notes(vec![note("a", "", 5), note("b", "", 6)]));
    let (a, b) = (service.notified(), service.notified());
    service.close(a.number);
    // Waits until the surface has received the replies and the close.
    service.gets_no_call(Duration::from_millis(300));
    service.stop();
    let service = Notifications::start(&bus);
    let again = service.notified();
    assert_eq!((again.title, again.replaces, again.urgency), (b.title, 0, 0));
    service.gets_no_call(Duration::from_millis(500));
}

#[test]
fn a_service_may_come_late() {
    let bus = Bus::start();
    let mut surface = start_at(&bus.address(), 5);
    surface.show(&with_notes(vec![note("a", "", 5), note("b", "late", 6)]));
    assert!(surface.can("notifications", Unsupported).contains("such as dunst"));
    let service = Notifications::start(&bus);
    surface.can("notifications", Can);
    let shown = service.notified();
    assert_eq!((shown.body.as_str(), shown.urgency), ("late", 1));
    service.gets_no_call(Duration::from_millis(300));
}

#[test]
fn a_service_that_is_started_by_a_note_shows_what_the_one_before_it_has_lost() {
    let bus = Bus::start();
    let service = Notifications::start(&bus);
    let mut surface = start(&bus);
    surface.show(&with_notes(vec![note("a", "first", 5)]));
    service.notified();
    // The surface has processed the alert when it goes on to this scene.
    surface.show(&with_notes(vec![note("a", "lost", 5)]));
    assert_eq!(service.notified().urgency, 0);
    let called = bus.starts("org.freedesktop.Notifications");
    service.stop();
    // Waits until the surface has received it.
    std::thread::park_timeout(Duration::from_millis(300));
    surface.show(&with_notes(vec![note("a", "lost", 5), note("b", "new", 6)]));
    called();
    let service = Notifications::start(&bus);
    let shown = [service.notified(), service.notified()].map(|notified| (notified.body, notified.urgency));
    assert_eq!(shown, [("new".to_owned(), 1), ("lost".to_owned(), 0)]);
    service.gets_no_call(Duration::from_millis(300));
}

#[test]
fn a_number_that_is_given_again_belongs_to_the_new_note() {
    let bus = Bus::start();
    let service = Notifications::thrifty(&bus);
    let mut surface = start(&bus);
    surface.show(&with_notes(vec![note("a", "", 5)]));
    let number = service.notified().number;
    surface.show(&with_notes(vec![note("b", "once", 6)]));
    assert_eq!(service.next_call(), ServiceCall::Close(number));
    assert_eq!(service.notified().number, number);
    surface.show(&with_notes(vec![note("b", "twice", 6)]));
    let again = service.notified();
    assert_eq!((again.body.as_str(), again.replaces), ("twice", number));
    surface.show(&with_notes(vec![]));
    assert_eq!(service.next_call(), ServiceCall::Close(number));
}
