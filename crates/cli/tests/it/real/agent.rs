//! The agent with a real gopls under a real client: killed and restarted while the gopls runs; and
//! a second user of this machine at its socket.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::Signal;
use serde_json::Value;

use super::{
    editors::{Editor, Kind},
    procs::{Proc, until},
    scratch::Scratch,
    watch::{SOON, goplswatch},
};

/// An earlier end would count as a failed `initialize`.
const SETTLED: Duration = Duration::from_millis(2_500);

struct Agent<'a> {
    scratch: &'a Scratch,
    child: Child,
}

impl<'a> Agent<'a> {
    fn start(scratch: &'a Scratch) -> Self {
        let mut command = goplswatch(scratch, &["agent"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let agent = Self { scratch, child: child.expect("goplswatch") };
        agent.wait("its first look", |status| status["capabilities"].to_string().contains("process-table"));
        agent
    }

    fn status(&self) -> Option<Value> {
        let output = goplswatch(self.scratch, &["status", "--agent", "--json"]).output().expect("goplswatch");
        serde_json::from_slice(&output.stdout).ok()
    }

    fn wait(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let found = until(SOON, || self.status().filter(&fits));
        found.unwrap_or_else(|| panic!("no {what}: {:#?}", self.status()))
    }

    fn knows(&self, gopls: &Proc) -> Value {
        let status = self.wait("gopls", |status| server(status, gopls).is_some());
        server(&status, gopls).expect("it was there").clone()
    }

    fn incidents(&self, scratch: &Scratch) -> Vec<Value> {
        let status = self.status().expect("an answer");
        let lineages: Vec<&Value> = status["servers"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|s| s["server"]["workspace"] == scratch.module().display().to_string())
            .map(|s| &s["server"]["lineage"])
            .collect();
        let all = status["incidents"].as_array().expect("a list");
        all.iter().filter(|i| lineages.contains(&&i["lineage"])).cloned().collect()
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        // As in a crash.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server<'a>(status: &'a Value, gopls: &Proc) -> Option<&'a Value> {
    status["servers"].as_array()?.iter().find(|s| s["server"]["pid"] == gopls.pid)
}

fn history(scratch: &Scratch) -> Vec<Value> {
    let output = goplswatch(scratch, &["history", "--since", "1h", "--json"]).output().expect("goplswatch");
    assert!(output.status.code() < Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn an_agent_that_is_killed_goes_on_with_the_same_incident_and_invents_no_restart() {
    let scratch = Scratch::new();
    let agent = Agent::start(&scratch);
    let (mut editor, mut gopls) = Editor::start(Kind::LanguageClient, &scratch);
    for _ in 0..2 {
        agent.knows(&gopls);
        thread::sleep(SETTLED);
        gopls.signal(Signal::TERM);
        gopls = editor.await_successor(&gopls, SOON).expect("a successor");
    }
    let before = agent.knows(&gopls);
    assert_eq!(before["server"]["generation"], 3);
    drop(agent);

    // Still alive after the agent's death: it must be the same server of the same lineage, not a
    // new one.
    let agent = Agent::start(&scratch);
    let again = agent.knows(&gopls);
    assert_eq!(again["server"]["lineage"], before["server"]["lineage"]);
    assert_eq!(again["server"]["generation"], 3, "no restart is invented");
    thread::sleep(SETTLED);
    gopls.signal(Signal::TERM);
    gopls = editor.await_successor(&gopls, SOON).expect("a successor");
    agent.wait("loop", |status| status["incidents"].to_string().contains("\"restart-loop\""));
    agent.knows(&gopls);
    let open = agent.incidents(&scratch);
    let incident = open.iter().find(|i| i["code"] == "restart-loop").expect("the loop is about this lineage").clone();
    let id = incident["id"].as_str().expect("an id");
    let snoozed = goplswatch(&scratch, &["snooze", id, "--for", "1h"]).output().expect("goplswatch");
    assert_eq!(snoozed.status.code(), Some(0), "{}", String::from_utf8_lossy(&snoozed.stderr));
    drop(agent);

    // It ends and is replaced while no agent runs.
    thread::sleep(SETTLED);
    gopls.signal(Signal::TERM);
    let gone = gopls.clone();
    gopls = editor.await_successor(&gopls, SOON).expect("a successor");
    let agent = Agent::start(&scratch);
    let now = agent.knows(&gopls);
    assert_eq!(now["server"]["lineage"], before["server"]["lineage"]);
    let open = agent.incidents(&scratch);
    let same: Vec<&Value> = open.iter().filter(|i| i["code"] == "restart-loop").collect();
    assert_eq!(same.len(), 1, "{open:#?}");
    assert_eq!(same[0]["id"], incident["id"]);
    assert_eq!(same[0]["evidence"], incident["evidence"], "what nobody watched proves nothing");
    let alerts = &agent.status().expect("an answer")["alerts"];
    assert!(alerts["snoozed"].to_string().contains(id), "{alerts}");

    let why = goplswatch(&scratch, &["why", incident["id"].as_str().expect("an id")]).output().expect("goplswatch");
    let why = String::from_utf8_lossy(&why.stdout).into_owned();
    assert!(why.matches("SIGTERM").count() >= 3, "{why}");

    editor.quit();
    // The loop is over as soon as the editor has ended, which may be before its gopls has.
    agent.wait("end of the loop", |status| {
        !status["incidents"].to_string().contains(incident["id"].as_str().expect("an id"))
            && server(status, &gopls).is_none()
    });
    drop(agent);
    let lines = history(&scratch);
    let about = |pid: i32, event: &str| {
        let part = if event == "server-started" { "server" } else { "end" };
        lines.iter().filter(|l| l["event"] == event && l[part]["pid"] == pid && l[part]["revised"] != true).count()
    };
    for (which, pid) in [("gone unwatched", gone.pid), ("ended by the editor", gopls.pid)] {
        assert_eq!(
            (about(pid, "server-started"), about(pid, "server-ended")),
            (1, 1),
            "{which}: pid {pid}: {lines:#?}"
        );
    }
    let unwatched =
        lines.iter().find(|l| l["event"] == "server-ended" && l["end"]["pid"] == gone.pid).expect("its end");
    assert_eq!(unwatched["end"]["not_churn_why"]["text"], "nobody watched it");
    assert_eq!(unwatched["end"]["lived_ms"], Value::Null);
}

/// The uid of `nobody` on Linux.
const SECOND_USER: u32 = 65_534;

/// Connects, sends a request and prints the reply; exits with 3 if it cannot connect. Perl is part
/// of every Debian and every macOS.
const CLIENT: &str = r#"
$SIG{PIPE} = 'IGNORE';
use Socket;
socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
connect($s, sockaddr_un($ARGV[0])) or exit 3;
syswrite($s, "GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n");
local $/;
print scalar(<$s>) // "";
"#;

/// Only root can switch to another user.
#[test]
fn a_second_user_is_refused_at_the_door_and_behind_it() {
    assert!(rustix::process::geteuid().is_root(), "this test needs a second user: run it as root, as in a container");
    let scratch = Scratch::new();
    let agent = Agent::start(&scratch);
    let status = agent.wait("socket", |status| status["capabilities"].to_string().contains("agent.sock"));
    let socket = status["capabilities"].as_array().expect("a list").iter().find(|c| c["name"] == "socket");
    let path = PathBuf::from(socket.expect("it")["text"].as_str().expect("text").rsplit(' ').next().expect("a path"));
    let ask = |user: u32| {
        let mut perl = Command::new("perl");
        perl.args(["-e", CLIENT]).arg(&path).uid(user).gid(user).current_dir("/");
        let output = perl.output().expect("perl is absent: apt-get install perl-base");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(ask(SECOND_USER), (Some(3), String::new()), "the folder is closed");
    for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(scratch.dir())) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("its own folder");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("its own socket");
    assert_eq!(ask(SECOND_USER), (Some(0), String::new()), "it may connect, and gets not a byte");
    let (code, answer) = ask(0);
    assert_eq!(code, Some(0));
    assert!(answer.starts_with("HTTP/1.1 200"), "the same client as its own user: {answer}");
}
