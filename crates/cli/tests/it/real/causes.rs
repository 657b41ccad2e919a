//! gopls is killed in different ways under each client: the reported cause and its consequences
//! must be right.

use std::{thread, time::Duration};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    editors::{Editor, Kind},
    procs::Proc,
    scratch::Scratch,
    session::Session,
    test_deps::{Tool, test_deps},
    watch::{Line, SOON, Watch},
};

/// A gopls that gets ABRT or SEGV ends as Go programs do: with a traceback and status 2.
const WAYS: [Signal; 4] = [Signal::TERM, Signal::KILL, Signal::ABORT, Signal::SEGV];

/// An earlier end would count as a bad flag (status 2 in the first second) or as a failed
/// `initialize`.
const SETTLED: Duration = Duration::from_millis(2_500);

/// The time of the event in a line, in seconds.
fn told_at(line: &Line) -> f64 {
    let at: jiff::Timestamp = line.value["at"].as_str().and_then(|at| at.parse().ok()).expect("a moment");
    at.as_duration().as_secs_f64()
}

/// A verdict without a successor is due three seconds after the end. A busy machine may detect the
/// end late, and give the verdict late.
fn after_three_seconds(end: &Line, verdict: &Line) {
    let after = told_at(verdict) - told_at(end);
    assert!((2.5..60.0).contains(&after), "{} {after} s after the end: {}", verdict.code(), verdict.text);
}

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

/// Checks the report of a server's start against the process.
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

fn known_lives(line: &Line, number: u32) {
    assert_eq!(line.value["incident"]["lives_left"], json!({ "known": number }), "{}", line.text);
}

/// For clients that never restart: the server counts as gone three seconds after its end, whatever
/// the cause.
fn gone_by(kind: Kind, signal: Signal) {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (editor, gopls) = Editor::start(kind, &scratch);
    let lineage = right_server(&watch, &scratch, &editor, &gopls);
    thread::sleep(SETTLED);
    gopls.signal(signal);
    let end = watch.ended(&gopls);
    right_cause(&end, signal);
    let gone = watch.incident(&lineage, "server-gone", SOON);
    after_three_seconds(&end, &gone);
    known_lives(&gone, 0);
    let opened = |line: &Line| line.event() == "incident-opened" && line.code() == "server-gone";
    let opened = watch.incidents_of(&lineage).into_iter().filter(opened);
    assert_eq!(opened.count(), 1, "one end, one incident of that kind\n{}", watch.output());
}

fn killed_under(kind: Kind) {
    gone_by(kind, Signal::TERM);
    gone_by(kind, Signal::KILL);
}

fn crashed_under(kind: Kind) {
    gone_by(kind, Signal::ABORT);
    gone_by(kind, Signal::SEGV);
}

#[test]
fn a_killed_gopls_is_gone_under_neovim() {
    killed_under(Kind::Neovim);
}

#[test]
fn a_crashed_gopls_is_gone_under_neovim() {
    crashed_under(Kind::Neovim);
}

#[test]
fn a_killed_gopls_is_gone_under_helix() {
    killed_under(Kind::Helix);
}

#[test]
fn a_crashed_gopls_is_gone_under_helix() {
    crashed_under(Kind::Helix);
}

#[test]
fn eglot_brings_a_killed_gopls_back_until_a_life_was_short() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (editor, mut gopls) = Editor::start(Kind::Emacs, &scratch);
    let lineage = right_server(&watch, &scratch, &editor, &gopls);
    for (count, signal) in WAYS.into_iter().enumerate() {
        // eglot tolerates the end of a connection that lasted three seconds.
        thread::sleep(Duration::from_secs(5));
        gopls.signal(signal);
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
    gopls.signal(Signal::KILL);
    let end = watch.ended(&gopls);
    let gave_up = watch.incident(&lineage, "editor-gave-up", SOON);
    assert_eq!(editor.gopls(), None, "the verdict is true");
    after_three_seconds(&end, &gave_up);
    known_lives(&gave_up, 0);
}

#[test]
fn the_language_client_gives_up_at_the_fifth_end() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (editor, mut gopls) = Editor::start(Kind::LanguageClient, &scratch);
    let lineage = right_server(&watch, &scratch, &editor, &gopls);
    for (count, signal) in WAYS.into_iter().enumerate() {
        // An end before the handshake is complete would not count as one of the five.
        editor.await_screen(&format!(r#""event":"started","pid":{}"#, gopls.pid), SOON);
        thread::sleep(SETTLED);
        gopls.signal(signal);
        let end = watch.ended(&gopls);
        right_cause(&end, signal);
        assert_eq!(end.value["end"]["spends_life"], "yes", "{}", end.text);
        if count == 0 {
            thread::sleep(Duration::from_secs(1));
            assert!(watch.incidents_of(&lineage).is_empty(), "a lone end is no incident\n{}", watch.output());
        }
        if count == 2 {
            let third = watch.incident(&lineage, "restart-loop", SOON);
            // Two short lives before that are a loop too.
            assert!(third.seq() <= end.seq(), "it follows from this very end or one before it: {}", third.text);
            let now = watch.find(SOON, |line| {
                line.is_incident()
                    && line.value["incident"]["lineage"] == lineage
                    && line.value["incident"]["lives_left"] == json!({ "known": 2 })
            });
            assert!(now.is_some(), "two of five lives are left after the third end\n{}", watch.output());
        }
        let next = editor.await_successor(&gopls, SOON);
        gopls = next.unwrap_or_else(|| panic!("no restart:\n{}", editor.screen()));
    }
    known_lives(&watch.incident(&lineage, "one-life-left", SOON), 1);

    editor.await_screen(&format!(r#""event":"started","pid":{}"#, gopls.pid), SOON);
    thread::sleep(SETTLED);
    gopls.signal(Signal::KILL);
    let gave_up = watch.incident(&lineage, "editor-gave-up", SOON);
    known_lives(&gave_up, 0);
    editor.await_screen("crashed 5 times in the last 3 minutes", SOON);
    assert_eq!(editor.gopls(), None, "the verdict is true");
}

fn each_way_to_end_is_told_apart(gopls: &Tool) {
    let scratch = Scratch::with(gopls);
    let watch = Watch::start(&scratch);
    let sessions = WAYS.map(|signal| (Session::start(&scratch, &[]), signal));
    for (session, _) in &sessions {
        watch.started(&session.process);
    }
    thread::sleep(SETTLED);
    for (session, signal) in sessions {
        let process = session.process.clone();
        drop(session.signal(signal));
        right_cause(&watch.ended(&process), signal);
    }
}

#[test]
fn each_way_to_end_is_told_apart_for_the_current_gopls() {
    each_way_to_end_is_told_apart(&test_deps().gopls.current);
}

#[test]
fn each_way_to_end_is_told_apart_for_the_old_gopls() {
    each_way_to_end_is_told_apart(&test_deps().gopls.old);
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
