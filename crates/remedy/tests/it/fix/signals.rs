//! Which process is signalled, and which is not.

use std::io::Write as _;
use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{ProcessKey, Reading, Remedy, UserCommand};
use goplswatch_remedy::change::{Action, Confirmation, Failed, Signal, Stage as Came, State, apply, read};
use goplswatch_testing::wait_until;

use super::stage::*;
use crate::{Worded as _, say};

#[test]
fn a_restart_ends_the_server_that_is_meant_and_no_other() {
    let mut stage = Stage::new();
    let (mut meant, mut other) = (Running::start("read x"), Running::start("read x"));
    let plan = stage.plan(Remedy::RestartServer, &snapshot(meant.key(), Remedy::RestartServer, None)).unwrap();
    let receipt = stage.apply(&plan).unwrap();

    assert_eq!(meant.signal(), Some(15));
    assert!(other.lives());
    assert_eq!(plan.process().unwrap().pid.0, meant.0.id());
    assert_eq!((receipt.state, receipt.id.as_str()), (State::Done, "fix-1"));
    assert!(say(&receipt.steps[0].said.as_ref().unwrap().message).starts_with("ended after "), "{receipt:?}");
    assert_eq!(read(&stage.site.change, "fix-1").unwrap(), receipt);
    assert_eq!(
        stage.user_commands,
        [
            UserCommand::FixBegins {
                receipt: "fix-1".into(),
                remedy: Remedy::RestartServer,
                incident: Some("restart-loop-37".into()),
                process: Some(plan.process().unwrap()),
            },
            UserCommand::FixEnds { receipt: "fix-1".into(), done: true, signalled: true },
        ]
    );
    assert!(receipt.plan.evidence.contains("gopls keeps restarting"), "what is gone cannot be looked at again");
    assert!(refused(stage.undo("1")).contains("is not brought back"));
}

#[test]
fn one_that_does_not_end_is_told_and_then_killed_on_another_yes() {
    let mut stage = Stage::new();
    stage.site.timeouts.end = Duration::from_millis(200);
    let mut running = Running::after_a_line("trap '' TERM; echo ready; while :; do read x || sleep 1; done");
    let term = stage.plan(Remedy::StopMcp, &snapshot(running.key(), Remedy::StopMcp, None)).unwrap();
    let (receipt, why, advice) = stuck(stage.apply(&term));
    assert!(why.contains("still runs 0.2 s after SIGTERM"), "{why}");
    assert_eq!(advice, format!("goplswatch fix kill-server --pid {} ends it by force", running.0.id()));
    assert_eq!((receipt.state, receipt.steps[0].stage), (State::Failed, Came::Failed));
    assert_eq!(
        stage.user_commands.last(),
        Some(&UserCommand::FixEnds { receipt: "fix-1".into(), done: false, signalled: true })
    );
    assert!(running.lives());

    // Only an agent remembers that the process was asked to end, so without one that remedy would
    // not be offered.
    let yes = Confirmation { plan: term.hash() };
    let mut deaf = |_: &UserCommand| Err(Message::AskNobody);
    let (_, _, advice) = stuck(apply(&term, Some(&yes), &stage.site.change, &mut deaf, &mut |_| {}));
    assert_eq!(advice, format!("kill -KILL {} ends it by force", running.0.id()));

    let kill = stage.plan(Remedy::KillServer, &snapshot(running.key(), Remedy::KillServer, None)).unwrap();
    stage.apply(&kill).unwrap();
    assert_eq!(running.signal(), Some(9));
}

#[test]
fn a_pid_that_is_another_process_s_now_is_not_signalled() {
    let mut stage = Stage::new();
    let mut running = Running::start("read x");
    let now = running.key();
    for start in [now.start - 1, now.start + 1, 0, u64::MAX] {
        let key = ProcessKey { start, ..now };
        let step = Action::Signal { process: key, exe: None, signal: Signal::Kill, wait: Duration::from_millis(100) };
        let (_, why, _) = stuck(stage.apply(&a_plan(RemedyClass::Risky, vec![step])));
        assert!(why.contains("is not the process that was shown any more: nothing was signalled"), "{why}");
        // No plan is made for it either, since that would read its executable.
        let refused = stage.plan(Remedy::RestartServer, &snapshot(key, Remedy::RestartServer, None)).unwrap_err();
        assert!(refused.words().contains("has ended already"), "{refused:?}");
    }
    assert!(running.lives());

    // Dead but not reaped: the pid is still its own, and there is nothing left to signal.
    let dead = Running::start("exit 0");
    let step = |key| Action::Signal { process: key, exe: None, signal: Signal::Term, wait: Duration::from_millis(100) };
    let key = dead.key();
    wait_until("the refusal", || {
        let result = stage.apply(&a_plan(RemedyClass::Risky, vec![step(key)]));
        matches!(result, Err(Failed::Step(failed)) if say(&failed.why).contains("any more"))
    });
}

#[test]
fn a_process_that_runs_another_program_now_is_not_signalled() {
    let mut stage = Stage::new();
    let mut running = Running::after_a_line("echo ready; read x; exec sleep 1000");
    let plan = stage.plan(Remedy::StopDuplicate, &snapshot(running.key(), Remedy::StopDuplicate, None)).unwrap();
    let Action::Signal { exe: Some(exe), process, .. } = &plan.steps[0].action else { panic!("{plan:?}") };
    running.0.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    wait_until("the other program", || {
        let held = goplswatch_probe::Process::open_handle(*process);
        held.known().unwrap().as_ref().unwrap().exe() != Reading::Known(exe.clone())
    });
    let (_, why, _) = stuck(stage.apply(&plan));
    assert!(why.contains(&format!("and not {exe}: nothing was signalled")), "{why}");
    assert_eq!(
        stage.user_commands.last(),
        Some(&UserCommand::FixEnds { receipt: "fix-1".into(), done: false, signalled: false })
    );
    assert!(running.lives());
}

#[test]
fn neither_the_system_nor_ourselves_are_ever_signalled() {
    let mut stage = Stage::new();
    let own = key(std::process::id());
    for (process, said) in [
        (own, "it is goplswatch itself"),
        (ProcessKey::new(1, own.start), "pid 1 is the system itself"),
        (ProcessKey::new(0, own.start), "pid 0 is the system itself"),
        (ProcessKey::new(u32::MAX, 1), "is no process id"),
    ] {
        let step = Action::Signal { process, exe: None, signal: Signal::Quit, wait: Duration::from_millis(1) };
        let (_, why, _) = stuck(stage.apply(&a_plan(RemedyClass::Risky, vec![step])));
        assert!(why.contains(said), "{why}");
    }
}
