//! The login service with simulated launchctl and systemctl commands that answer with whatever exit
//! code a test orders.
//!
//! The examples in `launchd/`, `packaging/macos/` and `packaging/systemd/` are compared with what
//! the program writes. After an intended change `cargo xtask generate` updates them.

mod bundle;
mod generated;
mod undo;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::Reading;
use goplswatch_remedy::Manager;
use goplswatch_remedy::change::{self, Failed, Progress, Timeouts};
use goplswatch_remedy::service::{self, File, LABEL, Planned, Refusal, Site, Status};
use goplswatch_testing::{DEADLINE, wait_until};
use tempfile::TempDir;

use crate::{Worded as _, say, say_lines};

const LAUNCHD: Manager = Manager::Launchd;
const SYSTEMD: Manager = Manager::Systemd;
const TARGET: &str = "gui/501/dev.goplswatch.agent";

/// A home folder with a simulated manager that does as ordered.
struct Stage {
    folder: TempDir,
    site: Site,
}

impl Stage {
    fn new(manager: Manager) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = site_in(manager, folder.path());
        // A link, not a copy: a file that this process has just written cannot always be executed.
        symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stub/manager.sh"), &site.tool).unwrap();
        std::fs::create_dir(folder.path().join("orders")).unwrap();
        Self { folder, site }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets the answers of the next calls of this verb.
    fn order(&self, verb: &str, lines: &str) {
        std::fs::write(self.path("orders").join(verb), format!("{lines}\n")).unwrap();
    }

    /// The calls since the last check, without the words that are always the same.
    fn calls(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = std::fs::remove_file(self.path("log"));
        log.lines().map(|call| call.replace("--user ", "").replace("--quiet ", "")).collect()
    }

    fn status(&self) -> Status {
        let status = service::status(&self.site);
        self.calls();
        status
    }

    /// Carries out a plan. Returns the result of each step.
    fn apply(&self, plan: Result<Planned, Refusal>) -> Result<Vec<String>, Failed> {
        let plan = plan.unwrap().plan;
        let mut results = Vec::new();
        if !plan.steps.is_empty() {
            let mut on_progress = |progress: &Progress<'_>| {
                if let Progress::StepEnds { said, .. } = progress {
                    results.push(say(said));
                }
            };
            change::apply(&plan, None, &self.site.change, &mut |_| Ok(()), &mut on_progress)?;
        }
        Ok(results)
    }

    fn install(&self) -> Result<Vec<String>, Failed> {
        self.apply(service::install(&self.site, &self.status()))
    }

    fn uninstall(&self) -> Result<Vec<String>, Failed> {
        self.apply(service::uninstall(&self.site, &self.status()))
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.site.file()).unwrap()
    }

    /// Whether the manager has loaded what this program would write.
    fn loaded_is_current(&self) -> bool {
        std::fs::read_to_string(self.path("loaded")).is_ok_and(|text| text == self.site.text().unwrap())
    }
}

/// A site with all paths below this folder.
fn site_in(manager: Manager, root: &Path) -> Site {
    Site {
        manager,
        tool: root.join(if manager == LAUNCHD { "launchctl" } else { "systemctl" }),
        uid: 501,
        executable: "/opt/homebrew/bin/goplswatch".into(),
        bundle: None,
        folder: root.join("units"),
        environment: Vec::new(),
        logs: root.join("logs"),
        kept: vec![root.join("history")],
        command: DEADLINE,
        change: change::Site {
            timeouts: Timeouts {
                change: Duration::from_millis(1500),
                poll: Duration::from_millis(5),
                settle: Duration::from_millis(1),
                retry_delays: vec![Duration::from_millis(5); 4],
                ..Timeouts::default()
            },
            ..change::Site::new(root.join("receipts"))
        },
    }
}

fn both() -> [Stage; 2] {
    [Stage::new(LAUNCHD), Stage::new(SYSTEMD)]
}

/// The reason of a failure, and what to do.
fn failure<T: std::fmt::Debug>(result: Result<T, Failed>) -> (String, String) {
    match result.unwrap_err() {
        Failed::Step(failed) => (say(&failed.why), say_lines(&failed.advice)),
        Failed::Refused(refusal) => panic!("not begun: {}", refusal.words()),
    }
}

#[test]
fn the_property_list_reads_as_it_was_meant() {
    let stage = Stage::new(LAUNCHD);
    let list: plist::Dictionary = plist::from_bytes(stage.site.text().unwrap().as_bytes()).unwrap();
    assert_eq!(list["Label"].as_string(), Some(LABEL));
    let arguments: Vec<_> = list["ProgramArguments"].as_array().unwrap().iter().map(|a| a.as_string()).collect();
    assert_eq!(arguments, [Some("/opt/homebrew/bin/goplswatch"), Some("agent"), Some("--wait")]);
    assert_eq!(list["KeepAlive"].as_dictionary().unwrap()["SuccessfulExit"].as_boolean(), Some(false));
    assert_eq!(list["RunAtLoad"].as_boolean(), Some(true));
    assert_eq!(list["LimitLoadToSessionType"].as_string(), Some("Aqua"));
    let log = stage.path("logs/launchd.log");
    assert_eq!(list["StandardOutPath"].as_string(), log.to_str());
    assert_eq!(list["StandardErrorPath"].as_string(), log.to_str());
    let limits = list["SoftResourceLimits"].as_dictionary().unwrap();
    assert_eq!(limits["NumberOfFiles"].as_unsigned_integer(), Some(4096));
    let stop = Duration::from_secs(list["ExitTimeOut"].as_unsigned_integer().unwrap());
    assert!(Timeouts::default().change > stop, "a wait must outlast the manager's own kill");
}

#[test]
fn paths_are_written_so_that_the_manager_reads_the_same() {
    let [mut mac, mut linux] = both();
    mac.site.executable = "/Users/you/A & B <c>/goplswatch".into();
    let list: plist::Dictionary = plist::from_bytes(mac.site.text().unwrap().as_bytes()).unwrap();
    assert_eq!(list["ProgramArguments"].as_array().unwrap()[0].as_string(), mac.site.executable.to_str());
    linux.site.executable = "/home/you/100% $HOME/goplswatch".into();
    let unit = linux.site.text().unwrap();
    assert!(unit.contains("\nExecStart=\"/home/you/100%% $HOME/goplswatch\" agent --wait\n"), "{unit}");
}

#[test]
fn paths_that_a_manager_cannot_use_are_refused_before_anything_is_touched() {
    for mut stage in both() {
        for path in ["goplswatch", "/opt/a\nb/goplswatch", "~/goplswatch"] {
            stage.site.executable = path.into();
            let refused = service::install(&stage.site, &stage.status());
            assert!(matches!(refused, Err(Refusal::Path { .. })), "{path:?}: {refused:?}");
        }
        stage.site.executable = OsStr::from_bytes(b"/opt/\xff/goplswatch").into();
        assert!(matches!(service::install(&stage.site, &stage.status()), Err(Refusal::Path { .. })));
    }
    let mut stage = Stage::new(SYSTEMD);
    for path in ["/opt/it's/goplswatch", "/opt/\"a\"/goplswatch", "/opt/a\\b/goplswatch"] {
        stage.site.executable = path.into();
        assert!(matches!(service::install(&stage.site, &stage.status()), Err(Refusal::Path { .. })), "{path}");
    }
}

#[test]
fn a_first_install_on_macos() {
    let stage = Stage::new(LAUNCHD);
    assert_eq!(stage.install().unwrap(), vec!["done"; 5]);
    let plist = stage.site.file();
    let bootstrap = format!("bootstrap gui/501 {}", plist.display());
    assert_eq!(stage.calls(), [format!("enable {TARGET}"), bootstrap, format!("print {TARGET}")]);
    assert_eq!(stage.file(), stage.site.text().unwrap());
    assert_eq!(plist.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert!(stage.site.logs.is_dir(), "nothing promises that launchd creates the folder of the log");
    let left: Vec<_> = std::fs::read_dir(&stage.site.folder).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let status = stage.status();
    assert_eq!((&status.file, &status.registered), (&File::Current, &Reading::Known(true)));
    let Reading::Unknown { unknown } = &status.running else { panic!("no exit code says so: {status:?}") };
    let unknown = say(&unknown.message);
    assert!(unknown.starts_with("whether the agent runs is not known: launchctl "), "{unknown}");
}

#[test]
fn a_first_install_on_linux() {
    let stage = Stage::new(SYSTEMD);
    assert_eq!(stage.install().unwrap(), vec!["done"; 4]);
    let enable = format!("enable --now {}", stage.site.file().display());
    let wanted = ["daemon-reload", &enable, "is-active goplswatch.service"];
    assert_eq!(stage.calls(), wanted);
    assert!(stage.loaded_is_current());
    let status = stage.status();
    assert_eq!((&status.registered, &status.running), (&Reading::Known(true), &Reading::Known(true)));
}

/// The words that a shell makes of a displayed command.
fn typed(line: &str) -> Vec<String> {
    let script = format!("printf '%s\\n' {line}");
    let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn commands_that_are_shown_can_be_pasted() {
    for mut stage in both() {
        stage.site.folder = stage.path("o'brien's $HOME & units");
        let file = stage.site.file().into_os_string().into_string().unwrap();
        let plan = service::install(&stage.site, &stage.status());
        let preview = plan.as_ref().unwrap().preview(&say);
        let shown = preview.lines().filter_map(|line| line.trim_start().strip_prefix("$ "));
        assert!(shown.map(typed).any(|words| words.last() == Some(&file)), "{preview}");

        std::fs::write(&stage.site.folder, "no folder").unwrap();
        let (_, advice) = failure(stage.apply(plan));
        let (_, command) = advice.split_once("`ls -ld ").unwrap();
        let path = stage.site.folder.to_str().unwrap();
        assert_eq!(typed(command.trim_end_matches('`')), [path], "{advice}");
    }
}

#[test]
fn the_preview_shows_every_command_and_the_whole_file_and_touches_nothing() {
    for stage in both() {
        let plan = service::install(&stage.site, &stage.status()).unwrap();
        let preview = plan.preview(&say);
        for line in stage.site.text().unwrap().lines().filter(|line| !line.trim().is_empty()) {
            assert!(preview.contains(line), "{line} is not in\n{preview}");
        }
        assert!(preview.contains(&stage.site.file().display().to_string()));
        assert!(preview.contains(&format!("$ {}", stage.site.tool.display())));
        assert!(stage.calls().is_empty());
        assert!(!stage.site.folder.exists() && !stage.site.logs.exists());
    }
}

#[test]
fn nothing_is_changed_where_nothing_has_to_change() {
    for stage in both() {
        stage.install().unwrap();
        let written = stage.site.file().metadata().unwrap().modified().unwrap();
        stage.install().unwrap();
        // Only launchd is called: an agent that was quit is started, a running one is left alone.
        // Whether it was disabled for the next login cannot be queried.
        let calls = stage.calls();
        let always = vec![format!("enable {TARGET}"), format!("kickstart {TARGET}")];
        let wanted = if stage.site.manager == LAUNCHD { always } else { vec![] };
        assert_eq!(calls, wanted);
        assert_eq!(stage.site.file().metadata().unwrap().modified().unwrap(), written);
    }
}

#[test]
fn an_upgrade_waits_until_the_old_agent_is_gone() {
    let mut stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    std::fs::write(stage.path("drain"), "7\n").unwrap();
    stage.site.executable = "/Applications/goplswatch.app/Contents/MacOS/goplswatch".into();
    assert_eq!(stage.status().file, File::Outdated);
    stage.install().unwrap();
    let calls = stage.calls();
    let count = |verb: &str| calls.iter().filter(|call| call.starts_with(verb)).count();
    assert_eq!((count("bootout"), count("print"), count("bootstrap")), (1, 9, 1), "{calls:#?}");
    assert!(calls[0].starts_with("bootout") && calls[9].starts_with("enable"), "{calls:#?}");
    assert!(stage.loaded_is_current());

    let mut stage = Stage::new(SYSTEMD);
    stage.install().unwrap();
    stage.calls();
    stage.site.executable = "/usr/bin/goplswatch".into();
    stage.install().unwrap();
    let unit = "goplswatch.service";
    let enable = format!("enable --now {}", stage.site.file().display());
    let wanted = [format!("stop {unit}"), "daemon-reload".into(), enable, format!("is-active {unit}")];
    assert_eq!(stage.calls(), wanted);
    assert!(stage.loaded_is_current());
}

#[test]
fn an_agent_that_does_not_end_is_no_success_and_its_file_stays() {
    let stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    stage.calls();
    std::fs::write(stage.path("drain"), "1000000\n").unwrap();
    let (what, advice) = failure(stage.uninstall());
    assert!(what.contains("still finds the service after 1.5 s"), "{what}");
    assert!(advice.contains("wait half a minute"), "{advice}");
    assert!(stage.site.file().exists());
    std::fs::remove_file(stage.path("drain")).unwrap();
    stage.uninstall().unwrap();
    assert!(!stage.site.file().exists());
}

#[test]
fn a_busy_launchd_is_asked_again() {
    let stage = Stage::new(LAUNCHD);
    stage.order("bootstrap", "5\n37\n0");
    stage.install().unwrap();
    assert_eq!(stage.calls().iter().filter(|call| call.starts_with("bootstrap")).count(), 3);
    assert!(stage.loaded_is_current());
}

#[test]
fn a_launchd_that_goes_on_refusing_is_explained() {
    let stage = Stage::new(LAUNCHD);
    stage.order("bootstrap", "5 for ever");
    let (what, advice) = failure(stage.install());
    assert_eq!(stage.calls().iter().filter(|call| call.starts_with("bootstrap")).count(), 5);
    assert!(what.starts_with("could not start it, now and at every login: `"), "{what}");
    assert!(what.contains("ended with 5: launchd's general refusal"), "{what}");
    assert!(what.ends_with("It said: ordered to answer 5"), "{what}");
    assert!(advice.contains("the Mac's own screen"), "{advice}");
}

#[test]
fn other_refusals_are_explained_at_once() {
    for (code, means, todo) in [
        (119, "switched off", "Login Items"),
        (122, "does not belong to you", "chown"),
        (112, "no desktop session", "Mac's own screen"),
        (125, "no desktop session", "Mac's own screen"),
        (134, "wrong kind of session", "Mac's own screen"),
        (64, "does not understand", "sw_vers"),
        (78, "missing, not executable", "by hand"),
        (113, "does not know the service", "goplswatch install"),
        (99, "do not know", "launchctl error 99"),
    ] {
        let stage = Stage::new(LAUNCHD);
        stage.order("bootstrap", &format!("{code} for ever"));
        let (what, advice) = failure(stage.install());
        assert!(what.contains(&format!("ended with {code}: ")) && what.contains(means), "{what}");
        assert!(advice.contains(todo), "{code}: {advice}");
        assert_eq!(stage.calls().iter().filter(|call| call.starts_with("bootstrap")).count(), 1);
    }
}

#[test]
fn a_manager_that_is_not_there_is_said_before_anything_is_touched() {
    for mut stage in both() {
        stage.site.tool = stage.path("absent");
        let refused = service::install(&stage.site, &stage.status()).unwrap_err();
        assert!(refused.words().contains("could not be started"), "{refused:?}");
        let todo = if stage.site.manager == LAUNCHD { "part of every macOS" } else { "without systemd" };
        assert!(refused.advised().contains(todo), "{}", refused.advised());
        assert!(!stage.site.folder.exists());
    }
}

#[test]
fn a_bus_that_is_not_there_is_said_before_anything_is_touched() {
    let stage = Stage::new(SYSTEMD);
    stage.order("is-active", "1 for ever");
    let status = stage.status();
    assert!(status.running.known().is_none() && status.registered.known().is_none());
    let refused = service::install(&stage.site, &status).unwrap_err();
    assert!(refused.words().contains("could not be reached. It said: ordered to answer 1"), "{refused:?}");
    assert!(refused.advised().contains("loginctl enable-linger"), "{}", refused.advised());
    assert!(!stage.site.folder.exists());
}

#[test]
fn a_hung_command_and_its_children_are_killed_at_the_deadline() {
    let mut stage = Stage::new(LAUNCHD);
    stage.site.command = Duration::from_secs(2);
    stage.order("enable", "hang");
    let (what, _) = failure(stage.install());
    assert!(what.contains("did not answer within 2.0 s and was killed"), "{what}");
    let child = std::fs::read_to_string(stage.path("child")).unwrap();
    let child = rustix::process::Pid::from_raw(child.trim().parse().unwrap()).unwrap();
    // Killed as part of the group, it is gone as soon as the process that inherited it has reaped
    // it.
    let gone = || match std::fs::read_to_string(format!("/proc/{child}/stat")) {
        Ok(stat) => stat.contains(") Z "),
        Err(_) => rustix::process::test_kill_process(child).is_err(),
    };
    wait_until("the end of the hung command's child", gone);
    // If the query for the status gets no answer, there is no plan.
    stage.order("print", "hang");
    assert!(service::install(&stage.site, &stage.status()).unwrap_err().words().contains("did not answer"));
}

#[test]
fn uninstall_removes_the_service_and_says_what_stays() {
    for stage in both() {
        stage.install().unwrap();
        let plan = service::uninstall(&stage.site, &stage.status()).unwrap();
        assert_eq!(say_lines(&plan.afterwards), format!("Left in place: {}", stage.path("history").display()));
        stage.uninstall().unwrap();
        for left in [stage.site.file(), stage.path("loaded"), stage.path("enabled"), stage.path("known")] {
            assert!(!left.exists(), "{}", left.display());
        }
        assert_eq!(stage.status().file, File::Absent);
        assert!(service::uninstall(&stage.site, &stage.status()).unwrap().plan.steps.is_empty());
    }
}

#[test]
fn uninstall_of_what_is_not_loaded_only_removes_the_file() {
    let stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    std::fs::remove_file(stage.path("loaded")).unwrap();
    stage.calls();
    assert_eq!(stage.uninstall().unwrap(), ["done"]);
    assert!(stage.calls().is_empty() && !stage.site.file().exists());
}

#[test]
fn an_agent_that_went_by_itself_is_no_failure_of_uninstall() {
    let stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    let plan = service::uninstall(&stage.site, &stage.status());
    std::fs::remove_file(stage.path("loaded")).unwrap();
    std::fs::remove_file(stage.site.file()).unwrap();
    let results = stage.apply(plan).unwrap();
    assert!(results[0].starts_with("nothing left to do: ") && results[0].contains("not loaded"), "{results:?}");
    assert!(results[2] == "nothing left to do: it was gone", "{results:?}");
}

#[test]
fn a_service_whose_file_was_deleted_by_hand_can_still_be_ended() {
    for stage in both() {
        stage.install().unwrap();
        std::fs::remove_file(stage.site.file()).unwrap();
        stage.uninstall().unwrap();
        assert!(!stage.path("loaded").exists());
    }
}

#[test]
fn what_is_not_ours_is_neither_replaced_nor_removed() {
    for stage in both() {
        std::fs::create_dir(&stage.site.folder).unwrap();
        let theirs = "<plist version=\"1.0\"><dict><key>Label</key><string>my.own</string></dict></plist>";
        std::fs::write(stage.site.file(), theirs).unwrap();
        for plan in [service::install, service::uninstall] {
            let refused = plan(&stage.site, &stage.status()).unwrap_err();
            assert!(refused.words().contains("is not the login service"), "{refused:?}");
        }
        assert_eq!(stage.file(), theirs);

        // A link to our own file is foreign too: dotfiles and similar tools set up such links.
        std::fs::remove_file(stage.site.file()).unwrap();
        std::fs::write(stage.path("dotfile"), stage.site.text().unwrap()).unwrap();
        symlink(stage.path("dotfile"), stage.site.file()).unwrap();
        assert!(matches!(stage.status().file, File::Foreign(why) if say(&why.message).contains("symbolic link")));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_said_with_its_path() {
    for stage in both() {
        // A file in place of the folder stops root too, who may run this test.
        std::fs::write(&stage.site.folder, "").unwrap();
        let plan = service::install(&stage.site, &Status { file: File::Absent, ..stage.status() });
        let (what, advice) = failure(stage.apply(plan));
        assert!(what.starts_with("could not write down for ") && what.contains("units/"), "{what}");
        assert!(advice.contains(&format!("ls -ld {}", stage.site.folder.display())), "{advice}");
        assert!(!stage.path("loaded").exists());
    }
}

#[test]
fn restart_wants_something_to_restart() {
    for stage in both() {
        assert_eq!(service::restart(&stage.site, &stage.status()), Err(Refusal::NotInstalled));
        stage.install().unwrap();
        let plan = service::restart(&stage.site, &stage.status());
        stage.calls();
        stage.apply(plan).unwrap();
        assert!(stage.loaded_is_current());
        if stage.site.manager == SYSTEMD {
            assert_eq!(stage.calls()[0], "restart goplswatch.service");
        }
    }
}

/// Never by `kickstart -k`, which kills at once: the agent has to write its last history entry.
#[test]
fn restart_on_macos_lets_the_agent_end_and_applies_the_file_as_it_is_now() {
    let mut stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    stage.calls();
    std::fs::write(stage.path("drain"), "3\n").unwrap();
    stage.site.executable = "/usr/local/bin/goplswatch".into();
    stage.apply(service::restart(&stage.site, &stage.status())).unwrap();
    let mut calls = stage.calls();
    calls.dedup();
    let (print, bootstrap) = (format!("print {TARGET}"), format!("bootstrap gui/501 {}", stage.site.file().display()));
    assert_eq!(calls, [format!("bootout {TARGET}"), print.clone(), format!("enable {TARGET}"), bootstrap, print]);
    assert!(stage.loaded_is_current());

    // After a restart that was interrupted when the old agent had ended, the same command
    // continues.
    std::fs::remove_file(stage.path("loaded")).unwrap();
    stage.apply(service::restart(&stage.site, &stage.status())).unwrap();
    assert!(stage.loaded_is_current());
    assert!(!stage.calls().iter().any(|call| call.starts_with("bootout")));

    // Restart writes the file, so a foreign file is refused.
    std::fs::write(stage.site.file(), "theirs").unwrap();
    assert!(matches!(service::restart(&stage.site, &stage.status()), Err(Refusal::Foreign { .. })));
}

/// If it does, an agent that started earlier and answers is not the one that the service started.
#[test]
fn a_plan_tells_whether_the_agent_begins_in_its_course() {
    for stage in both() {
        let anew = |plan: Result<Planned, Refusal>| plan.unwrap().starts_agent;
        assert!(anew(service::install(&stage.site, &stage.status())));
        stage.install().unwrap();
        assert!(!anew(service::install(&stage.site, &stage.status())));
        assert!(anew(service::restart(&stage.site, &stage.status())));
        let upgraded = Site { executable: "/usr/bin/goplswatch".into(), ..stage.site.clone() };
        assert!(anew(service::install(&upgraded, &service::status(&upgraded))));
        if stage.site.manager == SYSTEMD {
            // Only the start at the next login is missing.
            std::fs::remove_file(stage.path("enabled")).unwrap();
            assert!(!anew(service::install(&stage.site, &stage.status())));
        }
    }
}

#[test]
fn an_agent_that_does_not_answer_is_looked_for_where_its_manager_writes() {
    let [mac, linux] = both();
    let said = say(&mac.site.evidence());
    assert!(said.contains(&format!("`launchctl print {TARGET}`")), "{said}");
    assert!(said.contains(&mac.path("logs/launchd.log").display().to_string()), "{said}");
    assert!(say(&linux.site.evidence()).contains("journalctl --user --unit goplswatch"));
}

/// The manager has its own environment, so the variables of the installing shell are in the unit.
#[test]
fn the_variables_that_say_where_our_files_are_are_written_into_the_unit() {
    let mut stage = Stage::new(SYSTEMD);
    assert!(!stage.site.text().unwrap().contains("Environment="));
    stage.install().unwrap();
    stage.site.environment =
        vec![("XDG_CONFIG_HOME", "/x/my config".into()), ("XDG_STATE_HOME", "/x/100% \"a\" \\ $HOME".into())];
    assert_eq!(stage.status().file, File::Outdated);
    let unit = stage.site.text().unwrap();
    assert!(unit.contains("\nEnvironment=\"XDG_CONFIG_HOME=/x/my config\"\n"), "{unit}");
    assert!(unit.contains("\nEnvironment=\"XDG_STATE_HOME=/x/100%% \\\"a\\\" \\\\ $HOME\"\n"), "{unit}");
    for path in ["state", "/x\nExecStart=/bin/false"] {
        stage.site.environment = vec![("XDG_STATE_HOME", path.into())];
        assert!(matches!(service::install(&stage.site, &stage.status()), Err(Refusal::Path { .. })), "{path}");
    }
}

#[test]
fn a_unit_that_does_not_last_is_no_success() {
    let stage = Stage::new(SYSTEMD);
    let plan = service::install(&stage.site, &stage.status());
    stage.order("is-active", "3 for ever");
    let (what, advice) = failure(stage.apply(plan));
    assert!(what.contains("could not see that it runs") && what.contains("the agent does not run"), "{what}");
    assert!(advice.contains("journalctl --user"), "{advice}");
}

#[test]
fn root_gets_no_service_of_a_desktop() {
    // As sudo leaves it on macOS: the home is the user's, whose agent is installed and running.
    let mut stage = Stage::new(LAUNCHD);
    stage.install().unwrap();
    stage.calls();
    let yours = stage.status();
    stage.site.uid = 0;
    let roots = service::status(&stage.site);
    assert_eq!(roots.unanswered, Some(Refusal::Root));
    assert!(stage.calls().is_empty(), "there is no such domain to ask");
    for status in [yours, roots] {
        for plan in [service::install, service::uninstall, service::restart] {
            assert_eq!(plan(&stage.site, &status), Err(Refusal::Root));
        }
    }
}

/// Root may have a systemd instance of its own, with its own home. Root's unit must not be in
/// another user's home.
#[test]
fn root_gets_a_service_of_its_own_on_linux_and_none_in_the_home_of_another() {
    let mut stage = Stage::new(SYSTEMD);
    stage.site.uid = 0;
    let status = stage.status();
    let root = "/root-of-nobody".into();
    let own = Site { folder: root, ..stage.site.clone() };
    assert!(service::install(&own, &status).unwrap().preview(&say).contains("Note: You are root"));
    if stage.folder.path().metadata().unwrap().uid() == 0 {
        std::os::unix::fs::chown(stage.folder.path(), Some(501), None).unwrap();
    }
    for plan in [service::install, service::uninstall, service::restart] {
        let refused = plan(&stage.site, &status).unwrap_err();
        assert_eq!(refused, Refusal::RootElsewhere { folder: stage.folder.path().into() });
        assert!(refused.advised().contains("without sudo"), "{}", refused.advised());
    }
}

#[test]
fn a_mac_without_a_desktop_session_is_told_from_a_launchd_that_fails() {
    for code in [112, 125] {
        let stage = Stage::new(LAUNCHD);
        stage.install().unwrap();
        stage.calls();
        stage.order("print", &format!("{code} for ever"));
        for plan in [service::install, service::restart] {
            let refused = plan(&stage.site, &stage.status()).unwrap_err();
            assert!(matches!(refused, Refusal::NoDesktop { .. }), "{refused:?}");
            assert!(refused.words().contains(&format!("ended with {code}: there is no desktop session")));
            assert!(refused.advised().contains("Mac's own screen"), "{}", refused.advised());
        }
        // There is nothing to stop, and no command needs an answer.
        let plan = service::uninstall(&stage.site, &stage.status()).unwrap();
        assert!(say_lines(&plan.afterwards).contains("gone at the next login"), "{:?}", plan.afterwards);
        assert_eq!(stage.apply(Ok(plan)).unwrap(), ["done"]);
        assert!(stage.calls().is_empty() && !stage.site.file().exists());
        let again = service::uninstall(&stage.site, &stage.status()).unwrap();
        assert!(again.plan.steps.is_empty(), "{again:?}");
    }
}

#[test]
fn what_to_do_about_a_launchd_that_does_not_answer_hangs_on_its_answer() {
    let ban = "Bootstrap failed: 1: Operation not permitted";
    let odd = "Could not print service: 1: xpc domain is odd";
    for (code, says, means, todo) in [
        (1, ban, "it is not permitted", "without sudo"),
        (1, "Not privileged to print domain.", "it is not permitted", "without sudo"),
        (1, odd, "does not tell why", "sw_vers"),
        (64, "Usage: launchctl print", "does not understand", "sw_vers"),
        (99, "what now", "do not know", "launchctl error 99"),
    ] {
        let stage = Stage::new(LAUNCHD);
        stage.order("print", &format!("{code} says {says} for ever"));
        let status = stage.status();
        let said = format!("ended with {code}: ");
        for reading in [&status.registered, &status.running] {
            let Reading::Unknown { unknown } = reading else { panic!("{status:?}") };
            let unknown = say(&unknown.message);
            assert!(unknown.contains(&said) && unknown.contains(means), "{unknown}");
            assert!(unknown.ends_with(&format!("It said: {says}")), "{unknown}");
        }
        for plan in [service::install, service::uninstall, service::restart] {
            let refused = plan(&stage.site, &stage.status()).unwrap_err();
            assert!(matches!(refused, Refusal::NoAnswer { .. }), "{refused:?}");
            assert!(refused.advised().contains(todo), "{code}: {}", refused.advised());
        }
    }
}

/// Whichever run was interrupted (first install, upgrade or uninstall), and after whichever step:
/// `install` completes it, and so does `uninstall`.
#[test]
fn an_interrupted_run_is_completed_by_the_next() {
    let mut cut = 0;
    for manager in [LAUNCHD, SYSTEMD] {
        for story in ["first", "upgrade", "uninstall"] {
            for steps in 0..9 {
                for then in ["install", "uninstall"] {
                    let mut stage = Stage::new(manager);
                    if story != "first" {
                        stage.install().unwrap();
                    }
                    let mut plan = if story == "uninstall" {
                        service::uninstall(&stage.site, &stage.status()).unwrap()
                    } else {
                        stage.site.executable = "/usr/local/bin/goplswatch".into();
                        service::install(&stage.site, &stage.status()).unwrap()
                    };
                    if steps >= plan.plan.steps.len() {
                        continue;
                    }
                    cut += 1;
                    plan.plan.steps.truncate(steps);
                    stage.apply(Ok(plan)).unwrap();
                    let what = format!("{manager:?}, {story} cut after {steps} steps, then {then}");
                    if then == "install" {
                        stage.install().unwrap_or_else(|why| panic!("{what}: {why:?}"));
                        assert!(stage.loaded_is_current(), "{what}");
                        assert_eq!(stage.status().file, File::Current, "{what}");
                        assert_eq!(stage.status().registered, Reading::Known(true), "{what}");
                    } else {
                        stage.uninstall().unwrap_or_else(|why| panic!("{what}: {why:?}"));
                        assert!(!stage.path("loaded").exists() && !stage.path("enabled").exists(), "{what}");
                        assert_eq!(stage.status().file, File::Absent, "{what}");
                    }
                }
            }
        }
    }
    assert!(cut > 40, "{cut}");
}
