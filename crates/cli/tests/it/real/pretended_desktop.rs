//! The agent on a desktop from its user's point of view: an icon whose menu a panel reads,
//! notifications, questions. The panel and the notification service run on a private session bus
//! and see what those of a real desktop would see. gopls and the editors are simulated processes,
//! but really watched and killed.
#![cfg(target_os = "linux")]
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use goplswatch_core::Remedy;
use goplswatch_core::message::Text;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::agent::{Agent, capability, text};
use crate::support::stage::{PROGRAM, Stage};
use goplswatch_testing::desktop::{Bus, Icon, Notifications, Notified, Panel, ServiceCall};
use goplswatch_testing::{plain_words, wait_until};
use goplswatch_view::{Catalogue, Phrase};

/// Long enough for anything wrong to have happened.
const NOTHING: Duration = Duration::from_millis(700);

/// An agent watches every gopls of its user, including those of other tests, so only one test runs
/// at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A menu that did not change for this long accepts clicks.
const STILL: Duration = Duration::from_millis(1_300);

/// A stage with a desktop, without the suppression of notifications after the start.
struct DesktopStage {
    _alone: MutexGuard<'static, ()>,
    bus: Bus,
    panel: Panel,
    notifications: Notifications,
    stage: Stage,
}

impl DesktopStage {
    fn new() -> Self {
        Self::with(Notifications::start)
    }

    /// A desktop with the given notification service.
    fn with(notifications: impl FnOnce(&Bus) -> Notifications) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let bus = Bus::start();
        let (panel, notifications) = (Panel::start(&bus), notifications(&bus));
        let stage = Stage::new();
        std::fs::create_dir_all(stage.config()).unwrap();
        std::fs::write(stage.config().join("config.toml"), "[alerts]\nwarm-up-ms = 0\n").unwrap();
        for name in ["code", "infra", "web"] {
            if name == "code" {
                std::fs::hard_link(PROGRAM, stage.path(name)).unwrap();
            } else {
                std::fs::create_dir(stage.path(name)).unwrap();
            }
        }
        Self { _alone: alone, bus, panel, notifications, stage }
    }

    /// An agent with a surface, and its icon.
    fn agent(&self) -> (Agent<'_>, Icon) {
        let mut program = self.stage.program();
        program.env("DBUS_SESSION_BUS_ADDRESS", self.bus.address());
        let mut agent = Agent::start_by(&self.stage, program);
        let icon = self.panel.icon();
        agent.wait_for("word of the icon", |s| {
            ["tray", "notifications"].iter().all(|name| capability(s, name)["state"] == "ok")
        });
        (agent, icon)
    }

    /// Switches the agent to the pseudo-language.
    fn speaks_pseudo(&self) -> &'static Catalogue {
        let config = "language = \"en-XA\"\n[alerts]\nwarm-up-ms = 0\n";
        std::fs::write(self.stage.config().join("config.toml"), config).unwrap();
        Catalogue::pseudo()
    }

    /// A simulated VS Code in this folder.
    fn editor(&self, role: &str, folder: &str) -> Editor {
        let mut command = Command::new(self.stage.path("code"));
        command.arg("--type=extensionHost").env_clear().env("GOPLSWATCH_DEMO_ROLE", role);
        command.current_dir(self.stage.path(folder)).stdin(Stdio::piped()).stdout(Stdio::null());
        Editor(command.spawn().unwrap())
    }
}

/// A program that is killed when the test ends.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Editor(Child);

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The pids of the servers in this folder of the stage.
fn pids(stage: &Stage, status: &Value, folder: &str) -> Vec<u64> {
    let folder = stage.path(folder).canonicalize().unwrap();
    let servers = status["servers"].as_array().unwrap().iter().map(|status| &status["server"]);
    let there = servers.filter(|server| server["workspace"].as_str() == folder.to_str());
    there.map(|server| server["pid"].as_u64().unwrap()).collect()
}

fn lives(pid: u64) -> bool {
    // A zombie has ended: its state follows the name in parentheses (proc_pid_stat(5)).
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Actions alternate between key and label, beginning with a key.
fn key_of(notified: &Notified, label: &str) -> String {
    let pair = notified.actions.chunks(2).find(|pair| pair[1] == label);
    pair.unwrap_or_else(|| panic!("no button {label} in {notified:?}"))[0].clone()
}

/// The row with this label below this server's row.
fn row_of(icon: &Icon, server: &str, label: &str) -> i32 {
    let lines = icon.layout().1;
    let below = lines.iter().skip_while(|line| !line.label.starts_with(server)).skip(1);
    let mut below = below.take_while(|line| line.depth > 0);
    below.find(|line| line.label == label).unwrap_or_else(|| panic!("no {label} below {server}: {lines:#?}")).id
}

#[test]
fn a_click_on_restart_ends_nothing_and_its_confirmation_the_right_gopls_only() {
    let desktop = DesktopStage::new();
    let (mut agent, icon) = desktop.agent();
    let _api = desktop.editor("editor-that-restarts", "api-server");
    let _infra = desktop.editor("editor-that-restarts", "infra");
    // Too young to be restarted: a failed `initialize` is never retried.
    let there = |label: &str| {
        let lines = icon.layout().1;
        lines.iter().filter(|line| line.label == label).count()
    };
    wait_until("an offer for each", || there("Restart…") == 2);
    let status = agent.wait_for("both servers", |s| {
        ["api-server", "infra"].iter().all(|folder| pids(&desktop.stage, s, folder).len() == 1)
    });
    let (api, infra) = (pids(&desktop.stage, &status, "api-server")[0], pids(&desktop.stage, &status, "infra")[0]);

    // A click while rows move may have been meant for another row, and is ignored.
    std::thread::sleep(STILL);
    assert!(icon.click(row_of(&icon, "api-server", "Restart…")));
    let question = desktop.notifications.notified();
    assert!(question.stays && question.body.contains("SIGTERM"), "{question:?}");
    std::thread::sleep(NOTHING);
    assert!(lives(api) && lives(infra), "a question has ended something");

    // Cancelling ends the question: a later confirmation has no effect.
    desktop.notifications.press(question.number, &key_of(&question, "Cancel"));
    assert_eq!(desktop.notifications.next_call(), ServiceCall::Close(question.number));
    desktop.notifications.press(question.number, &key_of(&question, "Restart"));
    std::thread::sleep(NOTHING);
    assert!(lives(api) && lives(infra), "a no has ended something");

    assert!(icon.click(row_of(&icon, "api-server", "Restart…")));
    let question = desktop.notifications.notified();
    desktop.notifications.press(question.number, &key_of(&question, "Restart"));
    wait_until("its end", || !lives(api));
    assert!(lives(infra));
    let status =
        agent.wait_for("a successor", |s| pids(&desktop.stage, s, "api-server").first().is_some_and(|pid| *pid != api));
    assert_eq!(pids(&desktop.stage, &status, "infra"), [infra]);
    assert_eq!(status["incidents"].as_array().unwrap().len(), 0, "our own fix is no trouble: {status:#?}");

    let history = desktop.stage.run(&["fix", "--history", "--json"]);
    let receipts = text(&history.stdout);
    assert!(receipts.contains("restart-server") && receipts.contains(&api.to_string()), "{receipts}");
    assert_eq!(agent.end(), Some(0));
}

/// The result of a click is worded in the agent's language; and doctor reports the icon as shown.
#[test]
fn what_a_click_comes_to_comes_from_the_catalogue() {
    let desktop = DesktopStage::new();
    let words = desktop.speaks_pseudo();
    let (mut agent, icon) = desktop.agent();
    let _api = desktop.editor("editor-that-restarts", "api-server");
    let restart = words.remedy(Remedy::RestartServer);
    let row = words.phrase(&Phrase::Asks { title: Text(restart.clone()) });
    wait_until("an offer", || icon.layout().1.iter().any(|line| line.label == row));
    let status = agent.wait_for("the server", |s| pids(&desktop.stage, s, "api-server").len() == 1);
    let api = pids(&desktop.stage, &status, "api-server")[0];
    std::thread::sleep(STILL);
    assert!(icon.click(row_of(&icon, "api-server", &row)));
    let question = desktop.notifications.notified();

    // The process ends before the confirmation.
    kill_process(Pid::from_raw(i32::try_from(api).unwrap()).unwrap(), Signal::KILL).unwrap();
    agent.wait_for("its end", |s| !pids(&desktop.stage, s, "api-server").contains(&api));
    desktop.notifications.press(question.number, &key_of(&question, &restart));
    let titles = [Phrase::ClickNotDone, Phrase::ClickNothingDone].map(|title| words.phrase(&title));
    let said = loop {
        match desktop.notifications.next_call() {
            ServiceCall::Notify(notified) if titles.contains(&notified.title) => break notified,
            ServiceCall::Notify(_) | ServiceCall::Close(_) => {}
        }
    };
    let pid = api.to_string();
    let names = ["gopls", "api-server", "VS Code", "SIGTERM", "restart-server", pid.as_str()];
    for notified in [&question, &said] {
        // Each label follows its key.
        let labels = notified.actions.iter().skip(1).step_by(2);
        let whole: Vec<&str> =
            [&notified.title, &notified.body].into_iter().chain(labels).map(String::as_str).collect();
        let whole = whole.join("\n");
        assert_eq!(plain_words(&whole, &names), [""; 0], "{notified:?}");
    }

    let found = text(&desktop.stage.run(&["doctor", "--json"]).stdout);
    let found: Vec<Value> = found.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown = found.iter().find(|finding| finding["check"] == "icon-shown").unwrap();
    assert_eq!((&shown["verdict"], &shown["message"]), (&"ok".into(), &"icon-taken".into()), "{shown}");
    assert_eq!(agent.end(), Some(0));
}

/// Texts of the surface itself, for desktops that need or lack something.
#[test]
fn what_the_surface_adds_to_a_scene_comes_from_the_catalogue() {
    let desktop = DesktopStage::new();
    let words = desktop.speaks_pseudo();
    let (agent, icon) = desktop.agent();
    icon.activate();
    let said = desktop.notifications.notified();
    assert_eq!(said.body, words.phrase(&Phrase::IconRightButton));
    assert_eq!(plain_words(&format!("{}\n{}", said.title, said.body), &["gopls"]), [""; 0], "{said:?}");
    let _editor = desktop.editor("editor-that-loops", "api-server");
    let notification = desktop.notifications.notified();
    assert_eq!(notification.actions[..2], ["default", &words.phrase(&Phrase::NoteShow)], "{notification:?}");
    assert_eq!(plain_words(&notification.actions[1], &[]), [""; 0]);
    assert_eq!(agent.end(), Some(0));
    drop(desktop);

    let desktop = DesktopStage::with(|bus| Notifications::with(bus, &["body"]));
    let words = desktop.speaks_pseudo();
    let (agent, icon) = desktop.agent();
    let _api = desktop.editor("editor-that-restarts", "api-server");
    let row = words.phrase(&Phrase::Asks { title: Text(words.remedy(Remedy::RestartServer)) });
    wait_until("an offer", || icon.layout().1.iter().any(|line| line.label == row));
    std::thread::sleep(STILL);
    assert!(icon.click(row_of(&icon, "api-server", &row)));
    let question = desktop.notifications.notified();
    let answer = words.phrase(&Phrase::NoteNoButtons);
    assert_eq!(question.body.lines().last(), Some(answer.as_str()), "{question:?}");
    assert_eq!(plain_words(&answer, &[]), [""; 0]);
    assert_eq!(agent.end(), Some(0));
}

#[test]
fn a_restart_loop_is_told_as_it_grows_and_withdrawn_when_it_is_over() {
    let desktop = DesktopStage::new();
    let (mut agent, icon) = desktop.agent();
    assert!(icon.labels()[0].starts_with("All quiet"), "{:?}", icon.labels());
    let editor = desktop.editor("editor-that-loops", "api-server");

    let notification = desktop.notifications.notified();
    assert_eq!((notification.title.as_str(), notification.replaces), ("gopls keeps restarting", 0));
    assert!(
        notification.body.contains("api-server") && notification.actions.contains(&"Snooze 1 Hour".to_owned()),
        "{notification:?}"
    );
    let grown = desktop.notifications.notified();
    assert_eq!(
        (grown.number, grown.replaces),
        (notification.number, notification.number),
        "a second banner for one incident"
    );
    assert_ne!(grown.body, notification.body);

    // The notification of the outcome replaces the earlier ones.
    let mut over = Vec::new();
    let gave_up = loop {
        match desktop.notifications.next_call() {
            ServiceCall::Close(number) => over.push(number),
            ServiceCall::Notify(notified) if notified.title.contains("stopped restarting") => break notified,
            ServiceCall::Notify(notified) => assert_eq!(notified.number, notification.number, "{notified:?}"),
        }
    };
    assert_eq!(gave_up.replaces, 0);
    wait_until("the words in the menu", || icon.labels()[0].contains("VS Code stopped restarting gopls"));

    let status = agent.wait_for("the incident", |s| s["incidents"].to_string().contains("editor-gave-up"));
    assert!(status["told"].to_string().contains("editor-gave-up"));
    drop(editor);
    while over.len() < 2 {
        match desktop.notifications.next_call() {
            ServiceCall::Close(number) => over.push(number),
            ServiceCall::Notify(notified) => assert_eq!(notified.number, gave_up.number, "{notified:?}"),
        }
    }
    over.sort_unstable();
    assert_eq!(over, [notification.number, gave_up.number]);
    wait_until("quiet", || icon.labels()[0].starts_with("All quiet"));
}

#[test]
fn a_mute_by_its_button_holds_across_restarts() {
    let desktop = DesktopStage::new();
    let config = desktop.stage.config().join("config.toml");
    let quick = std::fs::read_to_string(&config).unwrap();
    // The outcome would replace the loop's notification, so it must not come before the click.
    std::fs::write(&config, format!("{quick}[detect]\nno-successor-ms = 60000\n")).unwrap();
    let (mut agent, _icon) = desktop.agent();
    let editor = desktop.editor("editor-that-loops", "api-server");
    let notification = desktop.notifications.notified();
    desktop.notifications.press(notification.number, &key_of(&notification, "Mute This Workspace"));
    // A notification also closes because its button was pressed.
    agent.wait_for("the mute", |s| s["alerts"]["muted"].as_array().is_some_and(|muted| !muted.is_empty()));
    loop {
        match desktop.notifications.next_call() {
            ServiceCall::Close(number) => break assert_eq!(number, notification.number),
            ServiceCall::Notify(notified) => assert_eq!(notified.number, notification.number, "{notified:?}"),
        }
    }
    drop(editor);
    // The drop kills the agent (SIGKILL), so it cannot save the mute at its end.
    drop(agent);
    std::fs::write(&config, quick).unwrap();

    let (mut agent, icon) = desktop.agent();
    let _editor = desktop.editor("editor-that-loops", "api-server");
    agent.wait_for("the same trouble", |s| s["incidents"].to_string().contains("restart-loop"));
    // No further notification can come after that.
    agent.wait_for("its outcome", |s| s["incidents"].to_string().contains("editor-gave-up"));
    desktop.notifications.gets_no_call(NOTHING);
    assert!(icon.labels().iter().any(|label| label == "Mute api-server"), "{:?}", icon.labels());
}

#[test]
fn without_a_desktop_it_watches_and_says_so() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let stage = Stage::new();
    let mut agent = Agent::start(&stage);
    let status = agent.wait_for("word of the tray", |s| capability(s, "tray")["state"] == "unsupported");
    let why = capability(&status, "tray")["text"].as_str().unwrap();
    assert!(why.contains("session bus"), "{why}");
    assert_eq!(capability(&status, "notifications")["state"], "unsupported");
    assert_eq!(agent.end(), Some(0));

    let mut program = stage.program();
    program.arg("agent").arg("--no-tray").stdout(Stdio::null()).stderr(Stdio::null());
    let mut hidden = program.spawn().unwrap();
    wait_until("--no-tray", || text(&stage.run(&["status", "--agent", "--json"]).stdout).contains("--no-tray"));
    let _ = hidden.kill();
    let _ = hidden.wait();
}

#[test]
fn it_ends_in_time_also_where_the_desktop_hangs() {
    let desktop = DesktopStage::new();
    let (agent, _icon) = desktop.agent();
    // A bus that no longer answers.
    let bus = Pid::from_raw(i32::try_from(desktop.bus.child.id()).unwrap()).unwrap();
    kill_process(bus, Signal::STOP).unwrap();
    assert_eq!(agent.end(), Some(0));
}

/// A hanging disk blocks the engine, and with it every click that needs the engine, but not the one
/// on Quit.
#[test]
fn quit_is_heard_also_behind_a_click_that_waits_for_a_disk() {
    let desktop = DesktopStage::new();
    std::fs::create_dir_all(desktop.stage.logs()).unwrap();
    // The pipe has no reader, so the engine's thread blocks at its first log line.
    let pipe = desktop.stage.logs().join("agent.log");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut program = desktop.stage.program();
    program.arg("agent").env("DBUS_SESSION_BUS_ADDRESS", desktop.bus.address());
    let mut agent = Ends(program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let icon = desktop.panel.icon();
    let row = |label: &str| icon.layout().1.into_iter().find(|line| line.label == label).map(|line| line.id);
    wait_until("the menu", || row("Pause for 1 Hour").is_some() && row("Quit goplswatch").is_some());
    std::thread::sleep(STILL);
    assert!(icon.click(row("Pause for 1 Hour").unwrap()));
    std::thread::sleep(NOTHING);
    assert!(icon.click(row("Quit goplswatch").unwrap()));
    wait_until("its end", || agent.0.try_wait().unwrap().is_some());
    assert_eq!(agent.0.wait().unwrap().code(), Some(0));
}

/// A running fix delays the next one, and is no reason to refuse it.
#[test]
fn a_yes_behind_a_fix_that_takes_long_is_done_too() {
    let desktop = DesktopStage::new();
    let (mut agent, icon) = desktop.agent();
    let _api = desktop.editor("editor-that-restarts", "api-server");
    let _infra = desktop.editor("editor-that-restarts", "infra");
    wait_until("an offer for each", || icon.layout().1.iter().filter(|line| line.label == "Restart…").count() == 2);
    let status = agent.wait_for("both servers", |s| {
        ["api-server", "infra"].iter().all(|folder| pids(&desktop.stage, s, folder).len() == 1)
    });
    let (api, infra) = (pids(&desktop.stage, &status, "api-server")[0], pids(&desktop.stage, &status, "infra")[0]);
    let mut questions = Vec::new();
    for server in ["api-server", "infra"] {
        std::thread::sleep(STILL);
        assert!(icon.click(row_of(&icon, server, "Restart…")));
        questions.push(desktop.notifications.notified());
    }
    // Stopped, it does not handle the SIGTERM.
    let stopped = Pid::from_raw(i32::try_from(api).unwrap()).unwrap();
    kill_process(stopped, Signal::STOP).unwrap();
    for question in &questions {
        desktop.notifications.press(question.number, &key_of(question, "Restart"));
        std::thread::sleep(NOTHING);
    }
    assert!(lives(infra), "it does not wait");
    wait_until("the second one's end", || !lives(infra));
    assert!(lives(api));
    loop {
        match desktop.notifications.next_call() {
            ServiceCall::Close(_) => {}
            ServiceCall::Notify(said) => {
                assert!(said.title.starts_with("Not done: Restart gopls"), "{said:?}");
                let force = format!(" goplswatch fix kill-server --pid {api} ends it by force.");
                break assert!(said.body.contains(&force), "{said:?}");
            }
        }
    }
    // The command that it suggests can be executed.
    let plan = desktop.stage.run(&["fix", "kill-server", "--pid", &api.to_string(), "--dry-run"]);
    assert!(text(&plan.stdout).contains(&format!("kill -KILL {api}")), "{plan:?}");
    kill_process(stopped, Signal::CONT).unwrap();
}

/// Stopping the agent does not wait for a fix; the receipt has what is known of it.
#[test]
fn an_end_in_the_middle_of_a_fix_is_in_time_and_the_receipt_says_how_far_it_came() {
    let desktop = DesktopStage::new();
    let (mut agent, icon) = desktop.agent();
    let _api = desktop.editor("editor-that-restarts", "api-server");
    wait_until("an offer", || icon.layout().1.iter().any(|line| line.label == "Restart…"));
    let status = agent.wait_for("the server", |s| pids(&desktop.stage, s, "api-server").len() == 1);
    let api = pids(&desktop.stage, &status, "api-server")[0];
    std::thread::sleep(STILL);
    assert!(icon.click(row_of(&icon, "api-server", "Restart…")));
    let question = desktop.notifications.notified();
    let stopped = Pid::from_raw(i32::try_from(api).unwrap()).unwrap();
    kill_process(stopped, Signal::STOP).unwrap();
    desktop.notifications.press(question.number, &key_of(&question, "Restart"));
    std::thread::sleep(NOTHING);
    assert_eq!(agent.end(), Some(0));
    let history = text(&desktop.stage.run(&["fix", "--history"]).stdout);
    assert!(history.contains("cut short in step 1 of 1"), "{history}");

    let (mut agent, _icon) = desktop.agent();
    kill_process(stopped, Signal::CONT).unwrap();
    wait_until("its end", || !lives(api));
    let status = agent.wait_for("a successor", |s| pids(&desktop.stage, s, "api-server").iter().any(|pid| *pid != api));
    assert_eq!(status["incidents"].as_array().unwrap().len(), 0, "{status:#?}");
    let ends = text(&desktop.stage.run(&["history", "--json"]).stdout);
    let end = ends.lines().find(|line| line.contains("\"end\"") && line.contains(&api.to_string())).unwrap().to_owned();
    assert!(end.contains("\"churn\":false"), "our own fix is no trouble: {end}");
}
