//! Changes of the login service are undone from their receipt alone, wherever the run was killed,
//! and not at all if the result was changed since.
//!
//! Copies of this program carry out a plan and kill themselves with SIGKILL at a chosen point.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use goplswatch_remedy::change::{self, Failed, Receipt, ReceiptEntry, Stage as Came, State, Verb};
use goplswatch_remedy::clicks;
use goplswatch_remedy::service::{self, Planned, Refusal, Site};
use goplswatch_testing::role;

use crate::{Worded as _, say, say_lines};

use super::bundle::{applications, inside, mac, on_a_mac, program, started};
use super::{LAUNCHD, SYSTEMD, Stage, both, site_in};

const ROLE: &str = "GOPLSWATCH_TEST_SERVICE_KILLED";

/// The state of the service as the manager and the user see it: every file with its content.
fn file_tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut seen = BTreeMap::new();
    let mut next: Vec<PathBuf> =
        ["units", "Applications", "loaded", "enabled", "known"].iter().map(|name| root.join(name)).collect();
    while let Some(path) = next.pop() {
        if path.is_dir() {
            next.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.exists() {
            seen.insert(path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap());
        }
    }
    seen
}

fn undo(stage: &Stage, id: &str) -> Result<Receipt, Failed> {
    change::undo(id, &stage.site.change, &mut |_| panic!("no agent is told"), &mut |_| {})
}

fn refused(result: Result<Receipt, Failed>) -> String {
    match result.unwrap_err() {
        Failed::Refused(refusal) => format!("{}; {}", refusal.words(), refusal.advised()),
        Failed::Step(failed) => panic!("{failed:?}"),
    }
}

/// One stage of each kind, with its name.
fn stages() -> Vec<(&'static str, Stage)> {
    vec![("launchd", Stage::new(LAUNCHD)), ("systemd", Stage::new(SYSTEMD)), ("a mac", mac())]
}

/// Changes the site so that another program is to be started.
fn upgrade(stage: &mut Stage) {
    if stage.site.bundle.is_some() {
        program(stage, "two");
    } else {
        stage.site.executable = "/usr/local/bin/goplswatch".into();
    }
}

#[test]
fn an_install_an_upgrade_and_an_uninstall_are_taken_back_to_what_was_before() {
    for (what, mut stage) in stages() {
        let root = stage.folder.path().to_owned();
        let mut platforms = vec![file_tree(&root)];
        stage.install().unwrap();
        platforms.push(file_tree(&root));
        upgrade(&mut stage);
        stage.install().unwrap();
        platforms.push(file_tree(&root));
        stage.uninstall().unwrap();
        assert_eq!(file_tree(&root), platforms[0], "{what}");
        for (id, before) in [("fix-3", &platforms[2]), ("fix-2", &platforms[1]), ("fix-1", &platforms[0])] {
            let receipt = undo(&stage, id).unwrap_or_else(|why| panic!("{what} {id}: {why:?}"));
            assert_eq!(receipt.state, State::Undone);
            assert_eq!(&file_tree(&root), before, "{what} {id}");
        }
        assert!(refused(undo(&stage, "fix-1")).contains("undone already"));
        let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(root.join("receipts")), mode(root.join("receipts/fix-1.json"))), (0o700, 0o600));
    }
}

/// What was running and enabled before is running and enabled again, and nothing else.
#[test]
fn the_agent_is_as_it_was_and_not_merely_its_file() {
    for is_enabled in [false, true] {
        for is_active in [false, true] {
            for is_current in [false, true] {
                let mut stage = Stage::new(SYSTEMD);
                stage.install().unwrap();
                let root = stage.folder.path().to_owned();
                if !is_enabled {
                    std::fs::remove_file(root.join("enabled")).unwrap();
                }
                if !is_active {
                    std::fs::remove_file(root.join("loaded")).unwrap();
                }
                if !is_current {
                    upgrade(&mut stage);
                }
                let before = file_tree(&root);
                for change in [service::install, service::uninstall] {
                    let what = format!("enabled {is_enabled}, active {is_active}, current {is_current}");
                    stage.apply(change(&stage.site, &stage.status())).unwrap();
                    if file_tree(&root) == before {
                        continue;
                    }
                    let last = change::receipts(&stage.site.change)[0].id().to_owned();
                    undo(&stage, &last).unwrap();
                    assert_eq!(file_tree(&root), before, "{what}");
                }
            }
        }
    }
}

#[test]
fn what_undo_would_do_is_shown_to_the_letter() {
    let mut stage = mac();
    stage.install().unwrap();
    upgrade(&mut stage);
    stage.install().unwrap();
    stage.calls();
    let receipt = change::read(&stage.site.change, "fix-2").unwrap();
    let shown = change::undo_preview(&receipt, &stage.site.change, &say).unwrap();
    let app = stage.path("Applications/goplswatch.app").display().to_string();
    let new = stage.path("Applications/.goplswatch-new.app").display().to_string();
    for part in [
        "Undo fix-2: Install the login service\n".to_owned(),
        format!("Bring back {}\n", stage.path("Applications/.goplswatch-old.app").display()),
        format!("bootout {}\n", super::TARGET),
        format!("     $ mv {app} {new}\n"),
        format!("Remove {new} and all that is in it\n"),
        format!("bootstrap gui/501 {}\n", stage.site.file().display()),
    ] {
        assert!(shown.contains(&part), "{part}\n{shown}");
    }
    assert!(stage.calls().is_empty() && !shown.contains("Not undone"), "{shown}");

    let systemd = Stage::new(SYSTEMD);
    systemd.install().unwrap();
    let receipt = change::read(&systemd.site.change, "fix-1").unwrap();
    let shown = change::undo_preview(&receipt, &systemd.site.change, &say).unwrap();
    let unit = systemd.site.file().display().to_string();
    let tool = systemd.site.tool.display();
    let wanted = format!(
        "Undo fix-1: Install the login service\n\n  1. Run a command\n     $ {tool} --user disable --now \
         goplswatch.service\n\n  2. Remove {unit}, which was not there\n     $ {tool} --user daemon-reload\n"
    );
    assert_eq!(shown, wanted);
}

#[test]
fn what_somebody_changed_since_is_left_alone_and_so_is_the_agent() {
    for (what, mut stage) in stages() {
        stage.install().unwrap();
        upgrade(&mut stage);
        stage.install().unwrap();
        let root = stage.folder.path().to_owned();
        // Append a line to the manager's file, or to the file that identifies the bundle.
        let file = match stage.site.bundle {
            None => stage.site.file(),
            Some(_) => stage.path("Applications/goplswatch.app/Contents/Info.plist"),
        };
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}\n")).unwrap();
        let before = file_tree(&root);
        stage.calls();
        let said = refused(undo(&stage, "fix-2"));
        assert!(said.contains("was changed since by somebody else: it is left alone"), "{what}: {said}");
        assert!(stage.calls().is_empty(), "{what}");
        assert_eq!(file_tree(&root), before, "{what}");
        std::fs::write(&file, text).unwrap();
        undo(&stage, "fix-2").unwrap();
    }
}

#[test]
fn the_last_change_is_taken_back_first() {
    for mut stage in both() {
        stage.install().unwrap();
        upgrade(&mut stage);
        stage.install().unwrap();
        // A restart alone does not block the undo of earlier changes.
        stage.apply(service::restart(&stage.site, &stage.status())).unwrap();
        let said = refused(undo(&stage, "fix-1"));
        assert_eq!(
            said,
            "fix-2 changed the login service after fix-1; take that back first: goplswatch fix --undo fix-2"
        );
        let last = |of| clicks::latest_undoable(&stage.site.change, of).map(|receipt| receipt.id);
        assert_eq!(last(None).as_deref(), Some("fix-2"));
        assert_eq!((last(Some(Verb::Install)).as_deref(), last(Some(Verb::Uninstall))), (Some("fix-2"), None));
        undo(&stage, "fix-2").unwrap();
        assert_eq!(last(Some(Verb::Install)).as_deref(), Some("fix-1"));
        undo(&stage, "fix-1").unwrap();
        assert_eq!(last(None), None);
    }
}

/// A run that ended before it did anything does not block the undo of earlier changes.
#[test]
fn what_failed_at_once_need_not_be_taken_back() {
    let mut stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    std::fs::remove_dir(&stage.site.logs).unwrap();
    std::fs::write(&stage.site.logs, "no folder").unwrap();
    upgrade(&mut stage);
    let Err(Failed::Step(failed)) = stage.install() else { panic!("it was done") };
    assert_eq!((failed.receipt.state, failed.receipt.steps[0].stage), (State::Failed, Came::Failed));
    assert!(refused(undo(&stage, &failed.receipt.id)).contains("it left nothing to take back"));
    let last = clicks::latest_undoable(&stage.site.change, Some(Verb::Install)).unwrap();
    assert_eq!(last.id, "fix-1");
    undo(&stage, "fix-1").unwrap();
    assert!(!stage.site.file().exists() && !stage.path("loaded").exists());
}

#[test]
fn a_file_that_changed_between_the_plan_and_the_step_is_neither_written_nor_removed() {
    for mut stage in both() {
        stage.install().unwrap();
        let ours = stage.file();
        let uninstall = service::uninstall(&stage.site, &stage.status());
        upgrade(&mut stage);
        let install = service::install(&stage.site, &stage.status());
        let changed = format!("{ours}\n<!-- a note of mine -->\n");
        std::fs::write(stage.site.file(), &changed).unwrap();
        for plan in [install, uninstall] {
            let Err(Failed::Step(failed)) = stage.apply(plan) else { panic!("it was done") };
            let why = say(&failed.why);
            assert!(why.starts_with("could not ") && why.contains("changed since it was shown"), "{why}");
            assert_eq!(stage.file(), changed);
        }
        // The failed run stopped the agent; undo starts it again.
        let failed = change::receipts(&stage.site.change)[0].id().to_owned();
        std::fs::write(stage.site.file(), &ours).unwrap();
        undo(&stage, &failed).unwrap();
        assert_eq!(std::fs::read_to_string(stage.path("loaded")).unwrap(), ours);
    }
}

#[test]
fn an_undo_that_failed_goes_on_where_it_stopped() {
    let mut stage = mac();
    stage.install().unwrap();
    let before = file_tree(stage.folder.path());
    upgrade(&mut stage);
    stage.install().unwrap();
    stage.order("bootstrap", "119");
    let Err(Failed::Step(failed)) = undo(&stage, "fix-2") else { panic!("it was done") };
    let (why, advice) = (say(&failed.why), say_lines(&failed.advice));
    assert!(why.contains("switched off") && advice.contains("Login Items"), "{why}: {advice}");
    assert!(!stage.path("loaded").exists());
    assert_eq!(undo(&stage, "fix-2").unwrap().state, State::Undone);
    assert_eq!(file_tree(stage.folder.path()), before);
    assert_eq!(started(&stage), inside(&stage).to_str().unwrap());
}

#[test]
fn of_bundles_that_were_removed_the_last_three_are_kept() {
    let stage = mac();
    for build in ["one", "two", "three", "four", "five", "six"] {
        program(&stage, build);
        stage.install().unwrap();
    }
    let entries = std::fs::read_dir(stage.path("receipts")).unwrap().map(|entry| entry.unwrap());
    let mut kept: Vec<_> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap().split('.').next().unwrap().to_owned())
        .collect();
    kept.sort();
    assert_eq!(kept.len(), 4, "the three before the last, and the last: {kept:?}");
    for (id, build) in [("fix-6", "five"), ("fix-5", "four"), ("fix-4", "three")] {
        undo(&stage, id).unwrap();
        assert!(std::fs::read_to_string(inside(&stage)).unwrap().starts_with(&format!("build {build}\n")), "{id}");
    }
    undo(&stage, "fix-3").unwrap();
    let before = file_tree(stage.folder.path());
    assert!(refused(undo(&stage, "fix-2")).contains("is not kept any more; goplswatch install makes"));
    assert_eq!((file_tree(stage.folder.path()), applications(&stage)), (before, vec!["goplswatch.app".into()]));
}

fn planned(story: &str, site: &Site) -> Result<Planned, Refusal> {
    let status = service::status(site);
    if story == "uninstall" { service::uninstall(site, &status) } else { service::install(site, &status) }
}

fn site_of(kind: &str, story: &str, root: &Path) -> Site {
    let mut site = site_in(if kind == "systemd" { SYSTEMD } else { LAUNCHD }, root);
    match kind {
        "mac" => on_a_mac(&mut site, root),
        _ if story == "upgrade" => site.executable = "/usr/local/bin/goplswatch".into(),
        _ => {}
    }
    site
}

/// Not a test: carries out a plan and kills itself with SIGKILL at the given point, if it gets
/// there.
#[test]
#[ignore = "a role that other tests play"]
fn changer() {
    let role = std::env::var(ROLE).unwrap();
    let words: Vec<&str> = role.splitn(4, ' ').collect();
    let [kind, story, at, root] = words[..] else { panic!("{role}") };
    let (mut left, site): (usize, Site) = (at.parse().unwrap(), site_of(kind, story, Path::new(root)));
    let plan = planned(story, &site).unwrap().plan;
    let mut pass = |_: &change::Progress<'_>| {
        if left == 0 {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
        }
        left -= 1;
    };
    change::apply(&plan, None, &site.change, &mut |_| Ok(()), &mut pass).unwrap();
}

/// Also between the effect of a step and the note that it was done: the receipt then says only that
/// the step began.
#[test]
fn killed_between_any_two_steps_it_is_taken_back() {
    let mut killed = 0;
    for kind in ["launchd", "systemd", "mac"] {
        for story in ["first", "upgrade", "uninstall"] {
            for at in 0.. {
                let mut ended = false;
                for is_noted in [true, false] {
                    let mut stage = match kind {
                        "mac" => mac(),
                        kind => Stage::new(if kind == "systemd" { SYSTEMD } else { LAUNCHD }),
                    };
                    let mut before_it = 0;
                    if story != "first" {
                        stage.install().unwrap();
                        before_it = 1;
                    }
                    if story == "upgrade" {
                        upgrade(&mut stage);
                    }
                    let root = stage.folder.path().to_owned();
                    let before = file_tree(&root);
                    let mut changer = role("service::undo::changer");
                    changer.env(ROLE, format!("{kind} {story} {at} {}", root.display())).stdout(Stdio::null());
                    let status = changer.spawn().unwrap().wait().unwrap();
                    ended = status.success();
                    assert!(ended || status.signal() == Some(9), "{status:?}");
                    killed += usize::from(!ended);

                    let what = format!("{kind}, {story}, point {at}, noted {is_noted}");
                    let id = format!("fix-{}", before_it + 1);
                    if !is_noted {
                        forget_the_last_note(&root.join(format!("receipts/{id}.json")));
                    }
                    let ReceiptEntry::Receipt(receipt) = &change::receipts(&stage.site.change)[0] else {
                        panic!("{what}")
                    };
                    assert_eq!((&receipt.id, receipt.state == State::Begun), (&id, !ended), "{what}");
                    let begun = receipt.steps.iter().any(|step| step.stage != Came::Waiting);
                    match undo(&stage, &id) {
                        Ok(receipt) => assert_eq!(receipt.state, State::Undone, "{what}"),
                        Err(Failed::Refused(refusal)) => {
                            let why = refusal.words();
                            assert!(why.contains("there is nothing to undo") || why.contains("left nothing"));
                            assert!(!begun || file_tree(&root) == before, "{what}: {why}");
                        }
                        Err(failed) => panic!("{what}: {failed:?}"),
                    }
                    assert_eq!(file_tree(&root), before, "{what}");
                }
                if ended {
                    break;
                }
            }
        }
    }
    assert!(killed > 150, "{killed}");
}

/// Changes the last step that was done to one that is only known to have begun.
fn forget_the_last_note(receipt: &Path) {
    let text = std::fs::read_to_string(receipt).unwrap();
    if let Some(at) = text.rfind("\"stage\": \"done\"") {
        let begun = text[at..].replacen("done", "begun", 1);
        std::fs::write(receipt, format!("{}{begun}", &text[..at])).unwrap();
    }
}
