//! What is planned, what is refused, and which plan a confirmation is valid for.

use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::time::{HOUR, SECOND};
use goplswatch_core::{Pid, ProcessKey, Reading, Remedy, Snapshot, UserCommand};
use goplswatch_remedy::change::{Action, Confirmation, DesktopTarget, Plan, Signal, Step, apply, receipts};
use goplswatch_remedy::fix::{Request, offered, plan};
use goplswatch_view::Catalogue;

use super::stage::*;
use crate::{Worded as _, say};

#[test]
fn a_yes_is_to_one_plan_and_a_risky_one_needs_it() {
    let stage = Stage::new();
    let mut running = Running::start("read x");
    let seen = snapshot(running.key(), Remedy::RestartServer, None);
    let made = stage.plan(Remedy::RestartServer, &seen).unwrap();
    let go = |plan: &Plan, yes: Option<Confirmation>| {
        apply(plan, yes.as_ref(), &stage.site.change, &mut |_| Ok(()), &mut |_| {})
    };
    assert!(refused(go(&made, None)).contains("nobody said yes"));

    // Made again from the same observations, the plan is the same, even if transient values differ.
    let mut later = seen.clone();
    later.servers[0].memory_bytes = Some(7);
    later.incidents[0].remedies[0].said.text = "It was asked 9 s ago.".into();
    let again = stage.plan(Remedy::RestartServer, &later).unwrap();
    assert_eq!(made.hash(), again.hash());
    assert_eq!(made.hash().len(), 64);

    // One restart fewer is left than was shown.
    later.servers[0].lives_left = LivesLeft::Known(3);
    let changed = stage.plan(Remedy::RestartServer, &later).unwrap();
    assert!(refused(go(&changed, Some(Confirmation { plan: made.hash() }))).contains("changed since it was shown"));

    // A confirmation of a safe plan must name that plan too; without one, the click counts.
    let safe = a_plan(RemedyClass::Safe, Vec::<Step>::new());
    assert!(refused(go(&safe, Some(Confirmation { plan: made.hash() }))).contains("changed since it was shown"));
    let manual = a_plan(RemedyClass::Manual, vec![Action::by_hand(vec![Message::reported("Restart it.")])]);
    assert!(refused(go(&manual, Some(Confirmation { plan: manual.hash() }))).contains("never run"));
    assert!(running.lives());
    assert!(receipts(&stage.site.change).is_empty(), "nothing was begun");
    assert_eq!(go(&safe, None).unwrap().id, "fix-1");
}

#[test]
fn each_remedy_s_steps_are_what_it_says() {
    let mut stage = Stage::new();
    let running = Running::start("read x");
    let process = running.key();
    let exe = goplswatch_probe::Process::open_handle(process).known().unwrap().as_ref().unwrap().exe().known().cloned();
    let signal = |signal, wait| Action::Signal { process, exe: exe.clone(), signal, wait };
    (stage.site.timeouts.end, stage.site.timeouts.kill) = (Duration::from_secs(5), Duration::from_secs(2));
    let seen = snapshot(process, Remedy::CopyEvidence, None);
    let evidence = (stage.site.evidence)(&seen, Some("restart-loop-37"), stage.site.home.as_deref());
    for (remedy, value, step) in [
        (Remedy::RestartServer, None, signal(Signal::Term, 5 * SECOND)),
        (Remedy::KillServer, None, signal(Signal::Kill, 2 * SECOND)),
        (Remedy::StopOrphan, None, signal(Signal::Term, 5 * SECOND)),
        (Remedy::StopDuplicate, None, signal(Signal::Term, 5 * SECOND)),
        (Remedy::StopMcp, None, signal(Signal::Term, 5 * SECOND)),
        (Remedy::DumpGoroutines, None, signal(Signal::Quit, 5 * SECOND)),
        (Remedy::CopyRestartCommand, Some(":lsp restart"), Action::Copy { text: ":lsp restart".into() }),
        (Remedy::CopyEvidence, None, Action::Copy { text: evidence }),
        (Remedy::OpenWorkspace, Some("/w/api"), Action::Open { shown: DesktopTarget::Folder("/w/api".into()) }),
        (
            Remedy::Snooze,
            None,
            Action::Tell { user_command: UserCommand::Snooze { incident: "restart-loop-37".into(), length: HOUR } },
        ),
        (Remedy::Mute, Some("/w/api"), Action::Tell { user_command: UserCommand::Mute { workspace: "/w/api".into() } }),
        (Remedy::ByHand, None, Action::by_hand(vec![Message::reported("Helps.")])),
        (Remedy::RaiseWatchLimit, None, Action::by_hand(vec![Message::reported("Helps.")])),
    ] {
        let plan = stage.plan(remedy, &snapshot(process, remedy, value)).unwrap();
        assert_eq!(plan.steps, [step.into()], "{remedy:?}");
        assert_eq!(plan.class, remedy.class());
        let shown = plan.preview(&say);
        assert!(shown.starts_with(&format!("{} ({})\n", say(&plan.title()), plan.class.word())), "{shown}");
        assert!(shown.contains("  Undo:  ") && shown.contains("\n  1. "), "{shown}");
        assert_eq!(plan.process().is_some(), plan.class == RemedyClass::Risky);
        assert_eq!(plan.touches(), plan.class == RemedyClass::Risky, "what only shows or copies heals nothing");
    }
    // Eight more have tests of their own: settings.rs and toolchain.rs.
    assert_eq!(Remedy::ALL.len(), 13 + 8, "a new remedy has its row above");
    let plan = stage.plan(Remedy::RestartServer, &snapshot(process, Remedy::RestartServer, None)).unwrap();
    let pid = process.pid;
    assert_eq!(say(&plan.question()), format!("Restart gopls (pid {pid}) of VS Code in api-server?"));
    assert_eq!(say(&plan.cost.as_ref().unwrap().message), "VS Code restarts it; 2 restarts are left after this one.");
    let (shown, body) = (plan.preview(&say), plan.body(&say));
    assert!(shown.contains(&format!("$ kill -TERM {pid}\n")), "{shown}");
    assert!(body.contains("SIGTERM") && body.contains("cannot be undone"), "{body}");
}

#[test]
fn what_is_not_offered_is_refused_with_what_is() {
    let stage = Stage::new();
    let running = Running::start("read x");
    let process = running.key();
    let seen = snapshot(process, Remedy::CopyEvidence, None);
    let ask = |remedy, incident: Option<&str>, process| {
        plan(&Request { remedy, incident: incident.map(str::to_owned), process }, &seen, &stage.site).unwrap_err()
    };
    assert_eq!(ask(Remedy::Snooze, Some("stuck-load-2"), None).words(), "no incident stuck-load-2 is open");
    assert_eq!(ask(Remedy::Snooze, Some("restart-loop-37"), None).words(), "snooze is not offered for restart-loop-37");
    let restart = ask(Remedy::RestartServer, None, Some(process));
    assert!(restart.words().contains("its editor would not start it again now"), "{restart:?}");
    assert_eq!(restart.advised(), "restart it where it is used: Go: Restart Language Server");
    let gone = ask(Remedy::RestartServer, None, Some(ProcessKey { start: 1, ..process }));
    assert!(gone.words().contains(&format!("no gopls that is watched has pid {}", process.pid)), "{gone:?}");
    assert!(ask(Remedy::StopMcp, None, None).words().contains("not offered for anything now"));

    let two = Snapshot {
        machine: goplswatch_core::MachineStatus::default(),
        servers: vec![
            server(process, &[Remedy::DumpGoroutines]),
            server(ProcessKey::new(9, 9), &[Remedy::DumpGoroutines]),
        ],
        ..Snapshot::default()
    };
    let any = Request { remedy: Remedy::DumpGoroutines, incident: None, process: None };
    assert!(plan(&any, &two, &stage.site).unwrap_err().advised().contains("--pid PID"));
    let one = Request { process: Some(process), ..any };
    assert_eq!(plan(&one, &two, &stage.site).unwrap().process(), Some(process));
    let words: Vec<_> =
        offered(&two).into_iter().map(|offer| (offer.request.process.unwrap().pid, say(&offer.subject))).collect();
    assert_eq!(words[1], (Pid(9), "gopls (pid 9) of VS Code in api-server".to_owned()));
}

#[test]
fn evidence_names_what_was_seen_and_no_home() {
    let mut seen = snapshot(ProcessKey::new(4242, 1), Remedy::CopyEvidence, None);
    seen.servers[0].server.exe = Reading::Known("/home/u/go/bin/gopls".into());
    let mut other = server(ProcessKey::new(77, 1), &[]);
    other.server.lineage = "secret-project@7".into();
    other.server.workspace = Reading::Known("/w/secret-project".into());
    seen.servers.push(other);
    let evidence = |seen: &Snapshot, incident, home| Catalogue::english().evidence(seen, incident, home);
    let text = evidence(&seen, Some("restart-loop-37"), Some("/home/u".as_ref()));
    assert!(!text.contains("secret-project"), "{text}");
    assert!(evidence(&seen, None, None).contains("secret-project"), "without an incident it is about all of them");
    for part in [
        "gopls keeps restarting",
        "restart-loop-37",
        "12, 37",
        "~/go/bin/gopls",
        "1.2 GB",
        "VS Code (pid 7)",
        "process-table: ok",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("/home/u"), "{text}");
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text}");
}
