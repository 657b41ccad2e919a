//! A fix that is killed at any moment leaves a receipt that shows how far it got, and undo restores
//! every byte.
//!
//! Copies of this program apply a plan of several steps. Some kill themselves with SIGKILL at a
//! chosen point between two steps; some are killed from outside at any moment, also within a step.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Remedy, UserCommand};
use goplswatch_remedy::change::{
    Action, Failed, Format, Plan, Purpose, ReceiptEntry, Site, Stage, State, Step, apply, read, receipts, undo,
};
use goplswatch_testing::role;
use serde_json::json;

const ROLE: &str = "GOPLSWATCH_TEST_KILLED";
/// The old content of the files.
const BEFORE: &str = "\u{feff}{\r\n\t\"a\": 1, // one\r\n}\r\n";
/// Steps that change files: two edits, one new file, one renamed folder.
const STEPS: usize = 4;
/// The points of one run: its start, the start and the end of each step, and each announcement.
const POINTS: usize = 1 + 2 * (STEPS + 1) + 3;

fn site(folder: &Path) -> Site {
    Site::new(folder.join("receipts"))
}

fn file(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn plan(folder: &Path) -> Plan {
    let edit =
        |name, value| Step::edit(&file(folder, name), Format::Jsonc, vec!["gopls".into(), "x".into()], value).unwrap();
    let mute = UserCommand::Mute { workspace: "/w".into() };
    Plan {
        purpose: Purpose::Remedy(Remedy::Mute),
        class: RemedyClass::Safe,
        incident: None,
        subject: Message::reported("files").into(),
        does: None,
        cost: None,
        undo: None,
        steps: vec![
            edit("one.json", json!("y".repeat(20_000))),
            Action::Tell { user_command: mute }.into(),
            edit("two.json", json!([1, 2])),
            Step::write(&file(folder, "new.conf"), "text\n".into(), 0o644).unwrap(),
            Action::Rename { from: file(folder, "mod"), to: file(folder, "mod.noindex"), seal: None }.into(),
        ],
        evidence: String::new(),
    }
}

fn stage() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for name in ["one.json", "two.json"] {
        std::fs::write(root.join(name), BEFORE).unwrap();
    }
    std::fs::create_dir(root.join("mod")).unwrap();
    (folder, root)
}

/// Not a test: applies the plan and kills itself with SIGKILL at the given point, if it gets there.
#[test]
#[ignore = "a role that other tests play"]
fn applier() {
    let role = std::env::var(ROLE).unwrap();
    let (at, folder) = role.split_once(' ').unwrap();
    let (at, folder): (usize, &Path) = (at.parse().unwrap(), Path::new(folder));
    let passed = std::cell::Cell::new(0);
    let pass = || {
        if passed.replace(passed.get() + 1) == at {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
        }
    };
    let mut announce = |_: &UserCommand| {
        pass();
        Ok(())
    };
    apply(&plan(folder), None, &site(folder), &mut announce, &mut |_| pass()).unwrap();
    assert_eq!(passed.get(), POINTS, "every point is one at which it may be killed");
}

fn applier_role(at: usize, folder: &Path) -> Child {
    let mut command = role("fix_killed::applier");
    command.env(ROLE, format!("{at} {}", folder.display()));
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// Checks what must hold wherever the run was killed.
fn holds(root: &Path, when: &str) -> State {
    let site = site(root);
    let kept = receipts(&site);
    let text = |name: &str| std::fs::read_to_string(root.join(name)).ok();
    let came = match kept.as_slice() {
        [] => {
            assert_eq!(text("one.json").as_deref(), Some(BEFORE), "{when}: without a receipt nothing was touched");
            return State::Undone;
        }
        [ReceiptEntry::Receipt(receipt)] => receipt.clone(),
        other => panic!("{when}: {other:?}"),
    };
    // What the receipt calls done is done; what it calls not begun was not begun.
    for (i, name) in [(0, "one.json"), (2, "two.json"), (3, "new.conf")] {
        let touched = text(name).as_deref() != if i == 3 { None } else { Some(BEFORE) };
        match came.steps[i].stage {
            Stage::Done => assert!(touched, "{when}: step {i} {came:?}"),
            Stage::Waiting => assert!(!touched, "{when}: step {i} {came:?}"),
            _ => {}
        }
    }
    let renamed = root.join("mod.noindex").is_dir();
    assert_ne!(renamed, root.join("mod").is_dir(), "{when}: it has one of its names");
    match came.steps[4].stage {
        Stage::Done => assert!(renamed, "{when}: {came:?}"),
        Stage::Waiting => assert!(!renamed, "{when}: {came:?}"),
        _ => {}
    }
    let mut user_commands = Vec::new();
    let mut announce = |user_command: &UserCommand| {
        user_commands.push(user_command.clone());
        Ok(())
    };
    let begun = came.steps.iter().any(|step| step.stage != Stage::Waiting);
    match undo(&came.id, &site, &mut announce, &mut |_| {}) {
        Ok(receipt) => assert_eq!(receipt.state, State::Undone, "{when}"),
        Err(Failed::Refused(refusal)) => {
            assert!(!begun && matches!(*refusal.why, Message::UndoDidNothing { .. }), "{when}: {refusal:?}");
        }
        Err(failed) => panic!("{when}: {failed:?}"),
    }
    for name in ["one.json", "two.json"] {
        assert_eq!(text(name).as_deref(), Some(BEFORE), "{when}: undo brings every byte back");
    }
    let mut names: Vec<_> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    if begun {
        assert_eq!(names, ["mod", "one.json", "receipts", "two.json"], "{when}: nothing of ours is left");
        assert_eq!(read(&site, &came.id).unwrap().state, State::Undone);
    }
    came.state
}

#[test]
fn killed_between_any_two_steps() {
    let mut states = Vec::new();
    for at in 0..POINTS {
        let (_folder, root) = stage();
        let status = applier_role(at, &root).wait().unwrap();
        assert_eq!(status.signal(), Some(9), "point {at}: {status:?}");
        states.push(holds(&root, &format!("point {at}")));
    }
    assert!(states.contains(&State::Begun) && states.last() == Some(&State::Done), "{states:?}");
}

#[test]
fn killed_at_any_moment() {
    // The duration of a whole run here, measured from the spawn.
    let (_folder, root) = stage();
    let began = Instant::now();
    assert!(applier_role(POINTS, &root).wait().unwrap().success());
    let whole = began.elapsed();
    assert_eq!(holds(&root, "a whole run"), State::Done);

    let kills: u32 = std::env::var("GOPLSWATCH_KILLS").map_or(40, |number| number.parse().unwrap());
    let (mut cut, mut rounds) = (0, 0);
    // If the speed of the machine changes meanwhile, continue until at least one run was
    // interrupted.
    while rounds < kills || cut == 0 {
        assert!(rounds < 10 * kills, "none of {rounds} was killed under way, of {whole:?}");
        let after = whole * (rounds % kills) / kills;
        rounds += 1;
        let (_folder, root) = stage();
        let mut child = applier_role(POINTS, &root);
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
        let state = holds(&root, &format!("round {rounds}, after {after:?}"));
        cut += usize::from(state == State::Begun);
    }
}
