//! Checks the login service's files with the system's own checker: systemd-analyze on Linux, plutil
//! on macOS.

use std::path::Path;
use std::process::{Command, Output};

use goplswatch_remedy::service::{self, COMMAND, Site};
use goplswatch_remedy::{Manager, change};

/// A site whose program exists in this folder: the checkers look for it.
fn site(manager: Manager, folder: &Path, name: &str) -> Site {
    let executable = folder.join(name).join("goplswatch");
    std::fs::create_dir_all(executable.parent().unwrap()).unwrap();
    std::fs::copy("/bin/sh", &executable).unwrap();
    Site {
        manager,
        tool: manager.tools()[0].into(),
        uid: 501,
        executable,
        bundle: None,
        folder: folder.join("units"),
        environment: vec![("XDG_STATE_HOME", folder.join(name)), ("XDG_CONFIG_HOME", folder.join("it's \"a\" \\ b"))],
        logs: folder.join("logs"),
        kept: Vec::new(),
        command: COMMAND,
        change: change::Site::new(folder.join("receipts")),
    }
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Whether the checker accepts `text`, written to a file with the manager's name, and its output.
fn check(manager: Manager, text: &str, folder: &Path) -> (bool, String) {
    let file = folder.join(manager.file_name());
    std::fs::write(&file, text).unwrap();
    let mut checker = match manager {
        Manager::Launchd => Command::new("/usr/bin/plutil"),
        Manager::Systemd => Command::new("systemd-analyze"),
    };
    match manager {
        Manager::Launchd => checker.arg("-lint").arg(&file),
        Manager::Systemd => checker.args(["--user", "--man=no", "verify"]).arg(&file).env("XDG_RUNTIME_DIR", folder),
    };
    let output = checker.output().unwrap_or_else(|why| {
        panic!("{}: {why}\nit is not installed: run `cargo xtask test-deps`", checker.get_program().to_string_lossy())
    });
    let printed = printed(&output);
    // systemd's exit code is 0 also after warnings, so there must be no output at all.
    (output.status.success() && (manager == Manager::Launchd || printed.is_empty()), printed)
}

#[test]
fn the_system_s_own_checker_finds_nothing_to_complain_about() {
    let manager = Manager::of_this_system();
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain", "with space", "100% %h", "$HOME ${x} $$", "ünï; code & <more> |#"] {
        let text = site(manager, folder.path(), name).text().unwrap();
        let (good, output) = check(manager, &text, folder.path());
        assert!(good, "{output}\n{text}");
    }
    if manager == Manager::Launchd {
        let text = service::info("abc").unwrap();
        let (good, output) = check(manager, &text, folder.path());
        assert!(good, "{output}\n{text}");
    }
}

/// A checker that never complains would prove nothing.
#[test]
fn the_system_s_own_checker_complains_where_it_should() {
    let manager = Manager::of_this_system();
    let folder = tempfile::tempdir().unwrap();
    let text = site(manager, folder.path(), "100% %h").text().unwrap();
    let wrong = match manager {
        Manager::Launchd => vec![text.replace("</dict>", ""), text.replace("<true/>", "<yes/>")],
        Manager::Systemd => vec![
            text.replace("RestartSec=", "RestartSecond="),
            text.replace("LimitNOFILE=4096:524288", "LimitNOFILE=many"),
            text.replace("%%", "%"),
        ],
    };
    for wrong in wrong {
        assert_ne!(wrong, text);
        let (good, output) = check(manager, &wrong, folder.path());
        assert!(!good, "{output}\n{wrong}");
    }
}
