//! Tests of the decisions of the macOS surface.

use goplswatch_view::{Catalogue, Form};

use super::*;
use crate::notification_tracker::button_name;

fn shown(id: &str, telling: NotificationLevel) -> NotificationContent {
    NotificationContent {
        id: id.to_owned(),
        title: "gopls keeps restarting".to_owned(),
        body: "In api-server, 3 times in 2 minutes.".to_owned(),
        group: None,
        telling,
        buttons: vec!["Snooze 1 Hour".to_owned(), "Mute".to_owned()],
        clickable: true,
        rings: true,
        question: false,
    }
}

fn loud(id: &str) -> NotificationContent {
    shown(id, NotificationLevel::Active)
}

fn gate() -> PermissionGate {
    PermissionGate::new(Ok(()))
}

fn words(said: &Message) -> String {
    Catalogue::english().text(said, Form::Full)
}

/// The state and the text of the only capability reported among these steps.
fn reported(steps: &[GateEffect]) -> Option<(CapabilityState, String)> {
    let mut found = steps.iter().filter_map(|step| match step {
        GateEffect::Tell(capability) => {
            assert_eq!(capability.name, "notifications");
            Some((capability.state, words(&capability.said.message)))
        }
        _ => None,
    });
    let first = found.next();
    assert_eq!(found.next(), None, "two things are told at once");
    first
}

fn rest(steps: Vec<GateEffect>) -> Vec<GateEffect> {
    steps.into_iter().filter(|step| !matches!(step, GateEffect::Tell(_))).collect()
}

#[test]
fn the_menu_bar_is_touched_only_where_everything_is_there() {
    let good = Desktop { absent: None, session: Session::Graphic, main_thread: true };
    assert_eq!(may_show(&good), Ok(()));
    for (desktop, word) in [
        (Desktop { absent: Some("AppKit"), ..good }, "AppKit"),
        (Desktop { session: Session::NoScreen, ..good }, "ssh"),
        (Desktop { session: Session::Unknown(-60_500), ..good }, "-60500"),
        (Desktop { main_thread: false, ..good }, "main thread"),
    ] {
        let why = may_show(&desktop).unwrap_err();
        assert!(words(&why).contains(word), "{why:?}");
        let capability = tray(Err(why.clone()));
        assert_eq!((capability.name.as_str(), capability.state), ("tray", CapabilityState::Unsupported));
        assert_eq!(*capability.said.message, Message::NoIcon { why: SharedMessage::new(why) });
    }
    assert_eq!(tray(Ok(())).state, CapabilityState::Ok);
}

#[test]
fn an_absent_library_is_named_before_anything_that_needs_it() {
    let nothing = Desktop { absent: Some("libobjc"), session: Session::Unknown(0), main_thread: false };
    assert_eq!(may_show(&nothing), Err(Message::NoDesktopPart { name: Verbatim::of("libobjc") }));
}

#[test]
fn notifications_are_touched_only_from_within_the_app() {
    let inside = Path::new("/Users/a/Applications/goplswatch.app/Contents/MacOS/goplswatch");
    assert_eq!(may_notify(Some(APP_ID), Some(inside)), Ok(()));
    let renamed = Path::new("/Applications/Other Name.app/Contents/MacOS/goplswatch");
    assert_eq!(may_notify(Some(APP_ID), Some(renamed)), Ok(()));
    for (bundle, executable) in [
        (None, Some("/Applications/goplswatch.app/Contents/MacOS/goplswatch")),
        (Some("com.apple.Terminal"), Some("/Applications/goplswatch.app/Contents/MacOS/goplswatch")),
        (Some(APP_ID), None),
        (Some(APP_ID), Some("/opt/homebrew/bin/goplswatch")),
        (Some(APP_ID), Some("/Applications/goplswatch.app/Contents/Resources/goplswatch")),
        (Some(APP_ID), Some("/Applications/goplswatch.app/Contents/MacOS/deeper/goplswatch")),
        (Some(APP_ID), Some("/Applications/goplswatch/Contents/MacOS/goplswatch")),
        (Some(APP_ID), Some("MacOS/goplswatch")),
        (Some(APP_ID), Some("goplswatch")),
    ] {
        let why = may_notify(bundle, executable.map(Path::new));
        assert!(why.is_err(), "{bundle:?} {executable:?}");
    }
}

#[test]
fn the_numbers_of_permission_are_those_of_the_header() {
    let read = [0, 1, 2, 3, 4, -1].map(Permission::from_status);
    use Permission::{Allowed, Denied, NotAsked, Unknown};
    assert_eq!(read, [NotAsked, Denied, Allowed, Allowed, Unknown(4), Unknown(-1)]);
}

#[test]
fn outside_of_the_app_nothing_of_user_notifications_is_ever_asked_for() {
    let mut gate = PermissionGate::new(Err(Message::reported("it is a test")));
    let steps = gate.start();
    let (state, why) = reported(&steps).unwrap();
    assert_eq!(state, CapabilityState::Denied);
    assert!(
        why.contains("it is a test") && why.contains("goplswatch install") && why.contains("Script Editor"),
        "{why}"
    );
    assert_eq!(rest(steps), []);
    assert_eq!(gate.post(loud("a")), [GateEffect::Script(loud("a"))]);
    let quiet = NotificationContent { rings: false, ..loud("a") };
    assert_eq!(gate.post(quiet), [], "a silent update is not worth a second banner");
    assert_eq!(gate.post(shown("b", NotificationLevel::Passive)), []);
    assert_eq!(gate.withdraw("a"), []);
}

#[test]
fn the_user_is_asked_with_the_first_notification_and_once() {
    let mut gate = gate();
    assert_eq!(gate.start(), [GateEffect::ReadSettings]);
    assert_eq!(gate.settings(Permission::NotAsked), [], "nothing is worth a question yet");
    assert_eq!(gate.post(loud("a")), [GateEffect::ReadSettings]);
    assert_eq!(gate.settings(Permission::NotAsked), [GateEffect::AskUser]);
    assert_eq!(gate.post(loud("b")), [], "it waits for the answer");
    let steps = gate.answered(true);
    assert_eq!(reported(&steps).unwrap().0, CapabilityState::Ok);
    assert_eq!(rest(steps), [GateEffect::Post(loud("a")), GateEffect::Post(loud("b"))]);
    assert_eq!(gate.post(loud("c")), [GateEffect::ReadSettings], "the settings may have changed since");
    assert_eq!(gate.settings(Permission::Allowed), [GateEffect::Post(loud("c"))], "told once");
}

#[test]
fn a_refusal_is_said_with_what_to_do_and_the_urgent_ones_still_come() {
    let mut gate = gate();
    gate.start();
    gate.settings(Permission::NotAsked);
    gate.post(loud("a"));
    gate.settings(Permission::NotAsked);
    gate.post(shown("b", NotificationLevel::Passive));
    let steps = gate.answered(false);
    let (state, why) = reported(&steps).unwrap();
    assert_eq!(state, CapabilityState::Denied);
    assert!(why.contains("System Settings → Notifications → goplswatch"), "{why}");
    assert_eq!(rest(steps), [GateEffect::Script(loud("a"))]);
    gate.post(loud("c"));
    assert_eq!(rest(gate.settings(Permission::NotAsked)), [GateEffect::Script(loud("c"))], "asked once in a life");
    gate.post(loud("d"));
    assert_eq!(rest(gate.settings(Permission::Denied)), [GateEffect::Script(loud("d"))]);
    gate.post(loud("e"));
    let steps = gate.settings(Permission::Allowed);
    assert_eq!(reported(&steps).unwrap().0, CapabilityState::Ok, "the user turned them on");
    assert_eq!(rest(steps), [GateEffect::Post(loud("e"))]);
}

#[test]
fn a_post_that_macos_refuses_goes_the_other_way() {
    let mut gate = gate();
    gate.start();
    gate.settings(Permission::Allowed);
    gate.post(loud("a"));
    gate.settings(Permission::Allowed);
    let steps = gate.posted("a", Some("UNErrorDomain 1"));
    assert_eq!(reported(&steps).unwrap().0, CapabilityState::Denied);
    assert!(reported(&steps).unwrap().1.contains("UNErrorDomain 1"));
    assert_eq!(rest(steps), [GateEffect::Script(loud("a"))]);
    assert_eq!(gate.posted("a", Some("UNErrorDomain 1")), [], "it is no longer on its way");
    gate.post(loud("b"));
    gate.settings(Permission::Allowed);
    assert_eq!(gate.posted("b", None), []);
    assert_eq!(gate.posted("b", Some("late")), []);
}

#[test]
fn what_waits_is_replaced_and_withdrawn_unseen() {
    let mut gate = gate();
    gate.start();
    gate.post(loud("a"));
    let newer = NotificationContent { body: "4 times".to_owned(), rings: false, ..loud("a") };
    gate.post(newer.clone());
    gate.post(loud("b"));
    assert_eq!(gate.withdraw("b"), [GateEffect::Withdraw("b".to_owned())]);
    let posted = rest(gate.settings(Permission::Allowed));
    assert_eq!(
        posted,
        [GateEffect::Post(NotificationContent { rings: true, ..newer })],
        "the bell of the first one is not lost"
    );
}

#[test]
fn a_click_is_read_back_from_what_macos_calls_it() {
    assert_eq!(Pressed::Body.choice(), Some(Choice::Click));
    assert_eq!(Pressed::Dismissed.choice(), None);
    let button = |id: &str| Pressed::Button(id.to_owned()).choice();
    for label in ["Snooze 1 Hour", "0", "", "button-"] {
        assert_eq!(button(&button_name(label)), Some(Choice::Button(label.to_owned())));
    }
    for foreign in ["button", "Snooze 1 Hour", "0", "", "com.apple.UNNotificationDefaultActionIdentifier"] {
        assert_eq!(button(foreign), None, "{foreign}");
    }
}

#[test]
fn notifications_with_the_same_labels_share_their_set_of_buttons() {
    let labels = |labels: &[&str]| category(&labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>());
    assert_eq!(labels(&["a", "b"]), labels(&["a", "b"]));
    let sets = [labels(&[]), labels(&["a"]), labels(&["a", "b"]), labels(&["b", "a"]), labels(&["ab"])];
    for (at, set) in sets.iter().enumerate() {
        assert!(!sets[..at].contains(set), "{set:?}");
    }
}

#[test]
fn words_never_become_a_script() {
    let evil = NotificationContent {
        title: "-e".to_owned(),
        body: "\" & (do shell script \"id\") & \"".to_owned(),
        ..loud("a")
    };
    let arguments = script_arguments(&evil);
    let (script, words) = arguments.split_at(6);
    assert_eq!(words, ["note", "-e", "\" & (do shell script \"id\") & \""]);
    assert!(script.iter().all(|part| !part.contains("shell") && !part.contains("gopls")));
    assert_eq!(script.iter().filter(|part| *part == "-e").count(), 3);
}
