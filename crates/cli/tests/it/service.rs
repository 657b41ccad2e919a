//! The receipts that `install` and `uninstall` leave, and how a user lists and undoes the changes.
//! A stub plays the service manager; the test passes it to the library, and the program takes it
//! from the receipt.

use std::os::unix::fs::symlink;
use std::path::Path;

use goplswatch_remedy::service::{self, COMMAND, Planned, Refusal, Site, Status};
use goplswatch_remedy::{Manager, change};

use crate::support::agent::text;
use crate::support::stage::Stage;

/// A login service whose receipts are where the program looks for them.
pub(crate) fn site(stage: &Stage) -> Site {
    let tool = stage.path("systemctl");
    let stub = Path::new(env!("CARGO_MANIFEST_DIR")).join("../remedy/tests/stub/manager.sh");
    symlink(stub, &tool).unwrap();
    Site {
        manager: Manager::Systemd,
        tool,
        uid: 501,
        executable: "/usr/bin/goplswatch".into(),
        bundle: None,
        folder: stage.path("units"),
        environment: Vec::new(),
        logs: stage.path("logs"),
        kept: Vec::new(),
        command: COMMAND,
        change: change::Site::new(stage.state().join("receipts")),
    }
}

pub(crate) fn change(site: &Site, plan: fn(&Site, &Status) -> Result<Planned, Refusal>) {
    let plan = plan(site, &service::status(site)).unwrap().plan;
    change::apply(&plan, None, &site.change, &mut |_| Ok(()), &mut |_| {}).unwrap();
}

#[test]
fn what_install_did_is_listed_shown_and_taken_back() {
    let stage = Stage::new();
    for args in [&["install", "--undo"][..], &["uninstall", "--undo"], &["install", "--undo", "--dry-run"]] {
        let nothing = stage.run(args);
        assert_eq!(nothing.status.code(), Some(2), "{nothing:?}");
        assert!(
            text(&nothing.stderr).contains("there is nothing to undo\nhint: goplswatch fix --history"),
            "{nothing:?}"
        );
    }
    let site = site(&stage);
    change(&site, service::install);
    let history = text(&stage.run(&["fix", "--history"]).stdout);
    assert!(history.starts_with("fix-1  ") && history.ends_with("  Install the login service\n  done\n"), "{history}");

    let shown = stage.run(&["install", "--undo", "--dry-run"]);
    let (out, unit) = (text(&shown.stdout), site.file());
    assert!(out.starts_with("Undo fix-1: Install the login service\n"), "{out}");
    assert!(out.contains(&format!("Remove {}, which was not there\n", unit.display())), "{out}");
    assert!(unit.exists() && stage.path("loaded").exists());

    // Typing the command is the confirmation, also for the undo.
    let undone = stage.run(&["install", "--undo"]);
    assert_eq!((undone.status.code(), text(&undone.stdout)), (Some(0), out), "{undone:?}");
    assert!(text(&undone.stderr).ends_with("fix-1 is undone.\n"), "{undone:?}");
    assert!(!unit.exists() && !stage.path("loaded").exists() && !stage.path("enabled").exists());
    assert!(text(&stage.run(&["fix", "--history"]).stdout).contains("  Install the login service\n  undone\n"));
}

#[test]
fn fix_takes_the_login_service_back_too_and_asks_as_always() {
    let stage = Stage::new();
    let site = site(&stage);
    change(&site, service::install);
    change(&site, service::uninstall);
    let asked = stage.run(&["fix", "--undo"]);
    assert!(text(&asked.stderr).contains("--yes says yes to what is safe"), "{asked:?}");
    assert!(!site.file().exists());
    // Changes are undone latest first.
    let first = stage.run(&["install", "--undo"]);
    assert!(text(&first.stderr).contains("hint: take that back first: goplswatch fix --undo fix-2"), "{first:?}");
    let undone = stage.run(&["fix", "--undo", "--yes"]);
    assert_eq!(undone.status.code(), Some(0), "{undone:?}");
    assert!(site.file().exists() && stage.path("loaded").exists() && stage.path("enabled").exists());
    let undone = stage.run(&["install", "--undo"]);
    assert_eq!(undone.status.code(), Some(0), "{undone:?}");
    assert!(!site.file().exists() && !stage.path("loaded").exists());
}
