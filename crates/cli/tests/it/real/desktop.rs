//! The agent's icon and notifications with a real gopls under a real client, on a session bus of
//! the test.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use goplswatch_testing::desktop::{Bus, Icon, Notifications, Notified, Panel, ServiceCall};
use goplswatch_testing::wait_for;
use rustix::process::Signal;
use serde_json::Value;

use super::editors::{Editor, Kind};
use super::scratch::Scratch;
use super::watch::{SOON, goplswatch};

/// A gopls that lived this long was no failed start, and a menu that did not change for this long
/// accepts clicks.
const SETTLED: Duration = Duration::from_millis(3_500);

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn row(icon: &Icon, label: &str) -> Option<i32> {
    icon.layout().1.into_iter().find(|line| line.label == label).map(|line| line.id)
}

fn key(notified: &Notified, label: &str) -> String {
    let pair = notified.actions.chunks(2).find(|pair| pair.get(1).is_some_and(|l| l == label));
    pair.unwrap_or_else(|| panic!("no button {label} in {notified:?}"))[0].clone()
}

fn incidents(scratch: &Scratch) -> Vec<String> {
    let output = goplswatch(scratch, &["status", "--agent", "--json"]).output().expect("goplswatch");
    let status: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let about = scratch.module().display().to_string();
    let open = status["incidents"].as_array().expect("a list").iter();
    open.filter(|i| i["workspace"] == about.as_str()).map(|i| i["code"].to_string()).collect()
}

#[test]
fn a_real_gopls_is_restarted_by_two_clicks_and_its_real_loop_is_told() {
    let scratch = Scratch::new();
    let bus = Bus::start();
    let (panel, notifications) = (Panel::start(&bus), Notifications::start(&bus));
    scratch.configure("[alerts]\nwarm-up-ms = 0\n");
    let mut command = goplswatch(&scratch, &["agent"]);
    command.env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _agent = Agent(child.expect("goplswatch"));
    let icon = panel.icon();

    let (mut editor, first) = Editor::start(Kind::LanguageClient, &scratch);
    wait_for("an offer", || row(&icon, "Restart…"));
    let offer = wait_for("a menu that stands still", || {
        let before = icon.layout().0;
        thread::sleep(SETTLED);
        (icon.layout().0 == before).then(|| row(&icon, "Restart…"))?
    });
    assert!(icon.click(offer));
    let question = notifications.notified();
    assert!(question.body.contains("restarts it"), "what it costs is said: {question:?}");
    notifications.press(question.number, &key(&question, "Restart"));
    let mut gopls = editor.await_successor(&first, SOON).expect("the client starts it again");
    assert_eq!(incidents(&scratch), Vec::<String>::new(), "our own fix is no trouble");

    // It is ended again and again from outside. The question was closed already, or is closed now.
    for _ in 0..3 {
        thread::sleep(SETTLED);
        gopls.signal(Signal::TERM);
        gopls = editor.await_successor(&gopls, SOON).expect("a successor");
    }
    // The restart did not keep it alive, which is notified too: once, as a separate notification.
    let mut others = Vec::new();
    let notification = loop {
        match notifications.next_call() {
            ServiceCall::Close(number) => assert_eq!(number, question.number),
            ServiceCall::Notify(notified) if notified.title == "gopls keeps restarting" => break notified,
            ServiceCall::Notify(notified) => others.push(notified),
        }
    };
    let (mut titles, mut numbers): (Vec<_>, Vec<_>) = others.iter().map(|o| (o.title.as_str(), o.number)).unzip();
    titles.dedup();
    numbers.dedup();
    assert_eq!((titles, numbers.len()), (vec!["The fix did not help"], 1), "{others:?}");
    assert_eq!(notification.replaces, 0);
    assert!(notification.body.contains("good") && notification.body.contains("SIGTERM"), "{notification:?}");

    // When its client is gone, the problem is over.
    editor.quit();
    let mut over = Vec::new();
    while over.len() < 2 {
        match notifications.next_call() {
            ServiceCall::Close(number) if number != question.number => over.push(number),
            ServiceCall::Close(_) => {}
            ServiceCall::Notify(notified) => assert!(notified.replaces != 0, "{notified:?}"),
        }
    }
    over.sort_unstable();
    assert_eq!(over, [numbers[0], notification.number]);
}
