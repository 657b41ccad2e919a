//! Tests of the harness and its environment, without goplswatch: each client starts, is found, and
//! reacts to the end of a gopls in its known way. If one of these fails, failures about goplswatch
//! mean nothing.

use std::{os::unix::process::ExitStatusExt, thread, time::Duration};

use goplswatch_testing::wait_until;
use rustix::process::Signal;

use super::{
    editors::{Editor, Kind},
    procs,
    scratch::Scratch,
    session::Session,
    test_deps::test_deps,
    watch::SOON,
};

/// Longer than any of these clients takes to start a successor: how long to wait for one that must
/// not come.
const SUCCESSOR: Duration = Duration::from_secs(5);

fn never_restarts(kind: Kind, says: &str) {
    let scratch = Scratch::new();
    let (mut editor, gopls) = Editor::start(kind, &scratch);
    assert!(editor.client_pids(&gopls).contains(&editor.process.pid), "gopls descends from its editor");
    gopls.signal(Signal::KILL);
    assert_eq!(editor.await_successor(&gopls, SUCCESSOR), None, "{kind:?} restarted gopls:\n{}", editor.screen());
    assert!(editor.process.alive() && !gopls.alive());
    editor.await_screen(says, SOON);
    // Neovim waits for a key after its message.
    if kind == Kind::Neovim {
        editor.keys(&["Enter"]);
    }
    editor.quit();
}

#[test]
fn neovim_never_restarts_gopls() {
    never_restarts(Kind::Neovim, "quit with exit code 0 and signal 9");
}

#[test]
fn helix_never_restarts_gopls() {
    never_restarts(Kind::Helix, "Language server exited: gopls");
}

#[test]
fn eglot_restarts_gopls_unless_its_last_life_was_short() {
    let scratch = Scratch::new();
    let (mut editor, first) = Editor::start(Kind::Emacs, &scratch);
    thread::sleep(Duration::from_secs(5));
    first.signal(Signal::KILL);
    let second = editor.await_successor(&first, SOON);
    let second = second.unwrap_or_else(|| panic!("eglot did not restart gopls:\n{}", editor.screen()));
    thread::sleep(Duration::from_millis(1_000));
    second.signal(Signal::KILL);
    assert_eq!(editor.await_successor(&second, SUCCESSOR), None, "eglot restarted after a short life");
    editor.await_screen("Not auto-reconnecting", SOON);
    editor.quit();
}

#[test]
fn the_language_client_restarts_gopls_four_times() {
    let scratch = Scratch::new();
    let (mut editor, mut gopls) = Editor::start(Kind::LanguageClient, &scratch);
    for restart in 1..=5 {
        editor.await_screen(&format!(r#""event":"started","pid":{}"#, gopls.pid), SOON);
        // If gopls ends during the client's first writes, the client takes it for a broken
        // connection, and stops.
        wait_until("gopls has read them", || editor.screen().matches("Created View").count() >= restart);
        thread::sleep(Duration::from_millis(500));
        gopls.signal(Signal::KILL);
        if restart < 5 {
            let next = editor.await_successor(&gopls, SOON);
            gopls = next.unwrap_or_else(|| panic!("no restart {restart}:\n{}", editor.screen()));
        }
    }
    assert_eq!(editor.await_successor(&gopls, SUCCESSOR), None, "a fifth restart:\n{}", editor.screen());
    editor.await_screen("crashed 5 times in the last 3 minutes", SOON);
    editor.quit();
}

#[test]
fn a_proper_quit_takes_gopls_along() {
    for kind in [Kind::Neovim, Kind::Helix, Kind::Emacs, Kind::LanguageClient] {
        let scratch = Scratch::new();
        let (mut editor, gopls) = Editor::start(kind, &scratch);
        thread::sleep(Duration::from_secs(1));
        let ahead = editor.quit();
        assert!(!gopls.alive(), "{kind:?} left its gopls behind");
        println!("{kind:?}: gopls went {ahead:?} before its client");
        // This is how an outside watcher knows that the client ended it. A busy machine delays that
        // end as much as the watcher's scan.
        assert!(ahead < Duration::from_secs(20), "{kind:?} outlived its gopls by {ahead:?}");
    }
}

#[test]
fn gopls_ends_as_it_is_known_to() {
    let scratch = Scratch::new();
    for signal in [Signal::TERM, Signal::KILL] {
        let (status, stderr) = Session::start(&scratch, &[]).signal(signal);
        assert_eq!(status.signal(), Some(signal.as_raw()));
        assert_eq!(stderr, "", "it ends without a word");
    }
    for signal in [Signal::ABORT, Signal::SEGV] {
        let (status, stderr) = Session::start(&scratch, &[]).signal(signal);
        assert_eq!(status.code(), Some(2), "Go turns it into a traceback");
        assert!(stderr.contains("goroutine "), "a traceback, not {stderr:?}");
    }
    assert_eq!(Session::start(&scratch, &[]).close_stdin().code(), Some(0));
    assert_eq!(Session::start(&scratch, &[]).shut_down().code(), Some(0));
}

#[test]
fn the_test_dependencies_are_what_the_tests_were_written_for() {
    let scratch = Scratch::new();
    let gopls = &test_deps().gopls;
    assert!(gopls.current.version.starts_with("0.2"), "gopls {}", gopls.current.version);
    let session = Session::start(&scratch, &[]);
    // The sidecar has the same name; only one of the two serves. A child between fork and exec
    // briefly looks like gopls itself, so this is repeated until it is unambiguous.
    let sidecar = |one: &procs::Proc| !one.serves() && one.argv().get(1).is_some_and(|word| word == "** telemetry **");
    let family = || procs::descendants(session.process.pid).into_iter().filter(|one| one.name == "gopls");
    let clear = procs::until(SOON, || {
        let family: Vec<_> = family().collect();
        (!family.is_empty() && family.iter().all(sidecar)).then_some(())
    });
    assert!(
        clear.is_some(),
        "gopls starts its telemetry sidecar, and nothing else of its name: {:?}",
        family().collect::<Vec<_>>()
    );
    assert!(session.process.serves());
}
