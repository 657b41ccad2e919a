//! gopls is killed in each way under each client: the cause must be right, and so must what follows from it.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    editors::{Editor, Kind},
    parts::parts,
    procs::Proc,
    scratch::Scratch,
    session::Session,
    watch::{Line, SOON, Watch},
};

/// A gopls that gets ABRT or SEGV ends as a Go program does: traceback, status 2.
const WAYS: [Signal; 4] = [Signal::TERM, Signal::KILL, Signal::ABORT, Signal::SEGV];

/// An end this early would be taken for a bad flag (status 2 in the first second) or for a failed `initialize`.
const SETTLED: Duration = Duration::from_millis(2_500);

/// Room for scheduling around the three seconds after which a verdict without successor is due.
const VERDICT: std::ops::RangeInclusive<Duration> = Duration::from_millis(2_500)..=Duration::from_millis(6_000);

/// Checks the line about the end of a server that got `signal`.
fn right_cause(end: &Line, signal: Signal) {
    let cause = &end.value["end"]["cause"];
    if [Signal::ABORT, Signal::SEGV].contains(&signal) {
        assert_eq!((&cause["kind"], &cause["code"]), (&json!("crash"), &json!(2)), "{signal:?}: {}", end.text);
    } else {
        assert_eq!(
            (&cause["kind"], &cause["signal"]),
            (&json!("signal"), &json!(signal.as_raw())),
            "{signal:?}: {}",
            end.text
        );
    }
}

/// What was said about a server's start, held against the process.
fn right_server(watch: &Watch, scratch: &Scratch, editor: &Editor, gopls: &Proc) -> Value {
    let line = watch.started(gopls);
    let server = &line.value["server"];
    assert_eq!(server["class"], "lsp", "{}", line.text);
    assert_eq!(server["client"]["name"], editor.kind.name(), "{}", line.text);
    let client = server["client"]["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
    assert!(client.is_some_and(|pid| editor.client_pids(gopls).contains(&pid)), "{}", line.text);
    assert_eq!(server["workspace"], json!(scratch.module()), "{}", line.text);
    server["lineage"].clone()
}

fn kill(gopls: &Proc, signal: Signal) -> Instant {
    let at = Instant::now();
    gopls.signal(signal);
    at
}

fn known_lives(line: &Line, number: u32) {
    assert_eq!(line.value["incident"]["lives_left"], json!({ "known": number }), "{}", line.text);
}

/// Clients that never restart: the server is gone, told after three seconds, whatever ended it.
fn gone_under(kind: Kind) {
    for signal in WAYS {
        let scratch = Scratch::new();
        let watch = Watch::start(&scratch);
        let (editor, gopls) = Editor::start(kind, &scratch);
        let lineage = right_server(&watch, &scratch, &editor, &gopls);
        thread::sleep(SETTLED);
        let killed = kill(&gopls, signal);
        right_cause(&watch.ended(&gopls), signal);
        let gone = watch.incident(&lineage, "server-gone", Duration::from_secs(8));
        let after = gone.at - killed;
        assert!(VERDICT.contains(&after), "server-gone {after:?} after the end: {}", gone.text);
        known_lives(&gone, 0);
        let opened = |line: &Line| line.event() == "incident-opened" && line.code() == "server-gone";
        let opened = watch.incidents_of(&lineage).into_iter().filter(opened);
        assert_eq!(
            opened.count(),
            1,
            "one end, one incident of that kind
{}",
            watch.told()
        );
    }
}

#[test]
fn a_killed_gopls_is_gone_under_neovim() {
    gone_under(Kind::Neovim);
}

#[test]
fn a_killed_gopls_is_gone_under_helix() {
    gone_under(Kind::Helix);
}

#[test]
fn eglot_brings_a_killed_gopls_back_until_a_life_was_short() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (editor, mut gopls) = Editor::start(Kind::Emacs, &scratch);
    let lineage = right_server(&watch, &scratch, &editor, &gopls);
    for (count, signal) in WAYS.into_iter().enumerate() {
        // eglot forgives the end of a connection that lived for three seconds.
        thread::sleep(Duration::from_secs(5));
        kill(&gopls, signal);
        right_cause(&watch.ended(&gopls), signal);
        let next = editor.await_successor(&gopls, SOON);
        gopls = next.unwrap_or_else(|| panic!("eglot did not restart:\n{}", editor.screen()));
        let started = watch.started(&gopls);
        assert_eq!(started.value["server"]["lineage"], lineage, "a successor continues the lineage");
        assert_eq!(started.value["server"]["generation"], count + 2, "{}", started.text);
    }
    let codes: Vec<_> = watch.incidents_of(&lineage).iter().map(|line| line.code().to_owned()).collect();
    assert!(!codes.iter().any(|code| code == "server-gone" || code == "editor-gave-up"), "{codes:?}");

    thread::sleep(Duration::from_millis(1_500));
    let killed = kill(&gopls, Signal::KILL);
    let gave_up = watch.incident(&lineage, "editor-gave-up", Duration::from_secs(8));
    assert_eq!(editor.gopls(), None, "the verdict is true");
    let after = gave_up.at - killed;
    assert!(VERDICT.contains(&after), "editor-gave-up {after:?} after the end: {}", gave_up.text);
    known_lives(&gave_up, 0);
}

#[test]
fn the_language_client_gives_up_at_the_fifth_end() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (editor, mut gopls) = Editor::start(Kind::LanguageClient, &scratch);
    let lineage = right_server(&watch, &scratch, &editor, &gopls);
    for (count, signal) in WAYS.into_iter().enumerate() {
        // An end before the handshake is over would not be one of the five.
        editor.await_screen(&format!(r#""event":"started","pid":{}"#, gopls.pid), SOON);
        thread::sleep(SETTLED);
        kill(&gopls, signal);
        let end = watch.ended(&gopls);
        right_cause(&end, signal);
        assert_eq!(end.value["end"]["spends_life"], "yes", "{}", end.text);
        if count == 0 {
            thread::sleep(Duration::from_secs(1));
            assert!(watch.incidents_of(&lineage).is_empty(), "a lone end is no incident\n{}", watch.told());
        }
        if count == 2 {
            let third = watch.incident(&lineage, "restart-loop", SOON);
            let after = third.at.saturating_duration_since(end.at);
            assert!(after <= Duration::from_secs(1), "restart-loop {after:?} after the third end");
            let now = watch.find(SOON, |line| {
                line.is_incident()
                    && line.value["incident"]["lineage"] == lineage
                    && line.value["incident"]["lives_left"] == json!({ "known": 2 })
            });
            assert!(now.is_some(), "two of five lives are left after the third end\n{}", watch.told());
        }
        let next = editor.await_successor(&gopls, SOON);
        gopls = next.unwrap_or_else(|| panic!("no restart:\n{}", editor.screen()));
    }
    known_lives(&watch.incident(&lineage, "one-life-left", SOON), 1);

    editor.await_screen(&format!(r#""event":"started","pid":{}"#, gopls.pid), SOON);
    thread::sleep(SETTLED);
    kill(&gopls, Signal::KILL);
    let gave_up = watch.incident(&lineage, "editor-gave-up", Duration::from_secs(8));
    known_lives(&gave_up, 0);
    editor.await_screen("crashed 5 times in the last 3 minutes", SOON);
    assert_eq!(editor.gopls(), None, "the verdict is true");
}

#[test]
fn each_way_to_end_is_told_apart_for_both_gopls() {
    for gopls in [&parts().gopls.current, &parts().gopls.old] {
        let scratch = Scratch::with(gopls);
        let watch = Watch::start(&scratch);
        for signal in WAYS {
            let session = Session::start(&scratch, &[]);
            let process = session.process.clone();
            watch.started(&process);
            thread::sleep(SETTLED);
            drop(session.signal(signal));
            right_cause(&watch.ended(&process), signal);
        }
    }
}

#[test]
fn closing_stdin_is_a_clean_end() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let session = Session::start(&scratch, &[]);
    let process = session.process.clone();
    watch.started(&process);
    assert_eq!(session.close_stdin().code(), Some(0));
    let end = watch.ended(&process);
    let cause = &end.value["end"]["cause"];
    assert_eq!((&cause["kind"], &cause["code"]), (&json!("clean"), &json!(0)), "{}", end.text);
    assert_eq!(end.value["end"]["churn"], false, "{}", end.text);
    watch.stays_calm(&scratch, &[process.pid], Duration::from_secs(5));
}
