//! `goplswatch fix` on real processes: what it lists, what it asks, and what confirming does and
//! does not do.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Output, Stdio};

use crate::support::agent::{Agent, text};
use crate::support::stage::{Gopls, PROGRAM, Stage, terminal};
use goplswatch_testing::wait_for;
use serde_json::Value;

/// A command whose stdin is a terminal.
struct Asked {
    child: Child,
    terminal: File,
    said: String,
}

impl Asked {
    fn start(stage: &Stage, args: &[&str]) -> Self {
        let (terminal, input) = terminal();
        let mut command = stage.program();
        command.args(args).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { child: command.spawn().unwrap(), terminal, said: String::new() }
    }

    /// Reads stderr until this prompt appears.
    fn until(&mut self, question: &str) -> &mut Self {
        let mut byte = [0];
        let from = self.said.len();
        while !self.said[from..].ends_with(question) {
            let read = self.child.stderr.as_mut().unwrap().read(&mut byte).unwrap();
            assert!(read > 0, "it ended before it asked {question:?}: {}", self.said);
            self.said.push(char::from(byte[0]));
        }
        self
    }

    fn answer(&mut self, line: &str) -> &mut Self {
        writeln!(self.terminal, "{line}").unwrap();
        self
    }

    fn end(mut self) -> Output {
        let mut output =
            Output { status: self.child.wait().unwrap(), stdout: Vec::new(), stderr: self.said.into_bytes() };
        self.child.stdout.unwrap().read_to_end(&mut output.stdout).unwrap();
        self.child.stderr.unwrap().read_to_end(&mut output.stderr).unwrap();
        output
    }
}

fn lives(gopls: &mut Gopls) -> bool {
    gopls.0.try_wait().unwrap().is_none()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {} {}", text(&output.stdout), text(&output.stderr)))
}

fn pid(gopls: &Gopls) -> String {
    gopls.0.id().to_string()
}

#[test]
fn a_risky_fix_wants_a_typed_y_and_ends_the_one_that_is_meant() {
    let stage = Stage::new();
    let (mut meant, mut other) = (stage.gopls(), stage.gopls());
    let pid = pid(&meant);
    let args = ["fix", "dump-goroutines", "--pid", &pid];

    // stdin is no terminal, so there is no prompt, and --yes covers only safe remedies.
    for more in [&[][..], &["--yes"]] {
        let output = stage.run(&[&args[..], more].concat());
        assert_eq!(output.status.code(), Some(2));
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(out.contains("(risky)") && out.contains(&format!("$ kill -QUIT {pid}\n")), "{out}");
        assert!(err.contains("--yes does not cover it"), "{err}");
    }
    for (answer, more) in [("n", &[][..]), ("", &["--yes"]), ("maybe", &[])] {
        let mut asked = Asked::start(&stage, &[&args[..], more].concat());
        asked.until("Apply? [y/N/e] ").answer("e").until("Apply? [y/N/e] ").answer(answer);
        assert!(asked.said.contains("SIGQUIT"), "e explains: {}", asked.said);
        let output = asked.end();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("nothing was done"));
    }
    assert!(lives(&mut meant) && !stage.state().join("receipts").exists());

    let mut asked = Asked::start(&stage, &args);
    asked.until("Apply? [y/N/e] ").answer("y");
    let output = asked.end();
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert_eq!(meant.0.wait().unwrap().signal(), Some(3));
    assert!(lives(&mut other));
    assert!(err.contains("fix-1:") && err.contains("ended after") && err.contains("No agent is running"), "{err}");

    let history = stage.run(&["fix", "--history"]);
    assert!(text(&history.stdout).contains("fix-1  ") && text(&history.stdout).contains("done"), "{history:?}");
    let receipt = &json(&stage.run(&["fix", "--history", "--json"]))["receipts"][0]["receipt"];
    assert_eq!((&receipt["state"], &receipt["id"]), (&"done".into(), &"fix-1".into()));
    let undo = stage.run(&["fix", "--undo", "--yes"]);
    assert_eq!(undo.status.code(), Some(2));
    assert!(text(&undo.stderr).contains("is not brought back"), "{undo:?}");
}

#[test]
fn a_process_that_ended_while_it_was_asked_about_is_not_signalled() {
    let stage = Stage::new();
    let gopls = stage.gopls();
    let mut asked = Asked::start(&stage, &["fix", "dump-goroutines", "--pid", &pid(&gopls)]);
    asked.until("Apply? [y/N/e] ");
    gopls.kill();
    asked.answer("y");
    let output = asked.end();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("no gopls that is watched has pid"), "{output:?}");
    assert!(!stage.state().join("receipts").exists());
}

#[test]
fn what_is_offered_is_listed_with_its_command() {
    let stage = Stage::new();
    let (gopls, mcp) = (stage.gopls(), stage.gopls_with(&["mcp"], &[]));
    let out = text(&stage.run(&["fix"]).stdout);
    for part in [
        // The client is this test program, which is in no table of clients.
        format!("gopls (pid {}) of ", pid(&gopls)),
        format!("risky  Dump Goroutines (pid {})\n", pid(&gopls)),
        format!("goplswatch fix dump-goroutines --pid {}\n", pid(&gopls)),
        format!("goplswatch fix stop-mcp --pid {}\n", pid(&mcp)),
        format!("goplswatch fix open-workspace --pid {}\n", pid(&gopls)),
        "No agent is running".into(),
    ] {
        assert!(out.contains(&part), "{part}\n{out}");
    }
    let listed = json(&stage.run(&["fix", "--json"]));
    let offers = listed["offers"].as_array().unwrap();
    let stop = offers.iter().find(|o| o["process"]["pid"] == mcp.0.id() && o["remedy"] == "stop-mcp").unwrap();
    assert_eq!((&stop["class"], &stop["incident"]), (&"risky".into(), &Value::Null));

    let planned = json(&stage.run(&["fix", "stop-mcp", "--pid", &pid(&mcp), "--dry-run", "--json"]));
    assert_eq!(planned["plan"]["steps"][0]["signal"], "term");
    assert_eq!(planned["plan"]["steps"][0]["process"], stop["process"]);
    assert_eq!(planned["hash"].as_str().unwrap().len(), 64);
    let again = json(&stage.run(&["fix", "stop-mcp", "--pid", &pid(&mcp), "--dry-run", "--json"]));
    assert_eq!(planned["hash"], again["hash"]);

    // Both serve the same folder: without a pid the target is ambiguous.
    let _second = stage.gopls();
    let which = stage.run(&["fix", "dump-goroutines", "--dry-run"]);
    assert_eq!(which.status.code(), Some(2));
    assert!(
        text(&which.stderr).contains(&format!(": goplswatch fix dump-goroutines --pid {}\n", pid(&gopls))),
        "{which:?}"
    );
}

#[test]
fn a_safe_fix_is_done_on_yes_and_undone() {
    let stage = Stage::new();
    let mut agent = Agent::start(&stage);
    let gopls = stage.gopls();
    // The executable is replaced by another file: the process runs an old version, which is an
    // incident.
    std::fs::copy(PROGRAM, stage.path("new")).unwrap();
    std::fs::rename(stage.path("new"), stage.path("gopls")).unwrap();
    let folder = stage.path("api-server").canonicalize().unwrap().display().to_string();
    // Other gopls with the same problem may run on this machine.
    let ours = |status: &Value| {
        let of_folder = |i: &&Value| i["remedies"].as_array().unwrap().iter().any(|r| r["value"] == *folder);
        let incidents = status["incidents"].as_array().unwrap();
        incidents
            .iter()
            .find(|i| i["code"] == "stale-binary" && of_folder(i))
            .map(|i| i["id"].as_str().unwrap().to_owned())
    };
    let status = agent.wait_for("the incident", |status| ours(status).is_some());
    let id = ours(&status).unwrap();

    let evidence = stage.run(&["fix", &id, "--remedy", "copy-evidence", "--dry-run"]);
    let shown = text(&evidence.stdout);
    assert!(shown.contains(&format!("gopls, pid {}", pid(&gopls))) && shown.contains("stale-binary"), "{shown}");
    let manual = stage.run(&["fix", &id]);
    assert_eq!(manual.status.code(), Some(0), "{manual:?}");
    assert!(text(&manual.stdout).contains("Beside that\n"), "{}", text(&manual.stdout));

    let refused = stage.run(&["fix", &id, "--remedy", "mute"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--yes says yes to what is safe"), "{refused:?}");
    let muted = stage.run(&["fix", &id, "--remedy", "mute", "--yes"]);
    assert_eq!(muted.status.code(), Some(0), "{muted:?}");
    assert!(text(&muted.stderr).contains("goplswatch fix --undo fix-1 takes it back"), "{muted:?}");
    let quiet =
        |folder: &str| stage.run(&["status", "--json"]).stdout.windows(folder.len()).any(|w| w == folder.as_bytes());
    let alerts = |agent: &mut Agent<'_>, n| {
        agent.wait_for("what is muted", |status| status["alerts"]["muted"].as_array().unwrap().len() == n);
    };
    alerts(&mut agent, 1);
    assert!(quiet(&folder));

    let undone = stage.run(&["fix", "--undo", "--yes"]);
    assert_eq!(undone.status.code(), Some(0), "{undone:?}");
    assert!(text(&undone.stdout).contains(&format!("Tell about {folder} again")), "{undone:?}");
    alerts(&mut agent, 0);
    assert_eq!(stage.run(&["fix", "--undo", "--yes"]).status.code(), Some(2), "there is nothing left to undo");
    assert_eq!(stage.run(&["fix", "--undo", "1", "--yes"]).status.code(), Some(2));

    // A fix with side effects is announced to the agent, which keeps it in its history.
    let mut asked = Asked::start(&stage, &["fix", "dump-goroutines", "--pid", &pid(&gopls)]);
    asked.until("Apply? [y/N/e] ").answer("y");
    let output = asked.end();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output.stderr).contains("The agent watches now"), "{output:?}");
    assert!(!text(&output.stderr).contains("Note:"), "{output:?}");
    let end = wait_for("its end in the history", || {
        let ends = stage.run(&["history", "--json"]);
        let ends = text(&ends.stdout);
        let mut ends = ends.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        ends.find(|l| l["end"]["pid"] == gopls.0.id())
    });
    assert_eq!(end["end"]["churn"], false, "{end}");
    assert!(end["end"]["not_churn_why"]["text"].as_str().unwrap().contains("fix"), "{end}");
}

/// Readings change while a person reads the plan.
#[test]
fn the_evidence_that_was_shown_is_what_is_copied() {
    let stage = Stage::new();
    let mut agent = Agent::start(&stage);
    let gopls = stage.gopls();
    std::fs::copy(PROGRAM, stage.path("new")).unwrap();
    std::fs::rename(stage.path("new"), stage.path("gopls")).unwrap();
    let folder = stage.path("api-server").canonicalize().unwrap().display().to_string();
    let ours = |status: &Value| {
        let incidents = status["incidents"].as_array().unwrap();
        let of_folder = |i: &&Value| i["remedies"].as_array().unwrap().iter().any(|r| r["value"] == *folder);
        incidents.iter().find(of_folder).map(|i| i["id"].as_str().unwrap().to_owned())
    };
    let id = ours(&agent.wait_for("the incident", |status| ours(status).is_some())).unwrap();
    let mut asked = Asked::start(&stage, &["fix", &id, "--remedy", "copy-evidence"]);
    asked.until("Apply? [y/N/e] ");
    gopls.kill();
    agent.wait_for("its end", |status| ours(status).is_none());
    asked.answer("y");
    let output = asked.end();
    // Whether this machine has a clipboard does not matter here.
    let receipt = &json(&stage.run(&["fix", "--history", "--json"]))["receipts"][0]["receipt"];
    assert!(receipt["plan"]["steps"][0]["text"].as_str().is_some_and(|t| t.contains(&id)), "{output:?}");

    // A copy does not count as the last fix to undo.
    let undo = stage.run(&["fix", "--undo", "--yes"]);
    assert!(text(&undo.stderr).contains("there is nothing to undo"), "{undo:?}");
}

#[test]
fn a_fix_that_is_under_way_is_said_to_be_that_and_no_other_one_is_begun() {
    let stage = Stage::new();
    let (mut slow, mut other) = (stage.gopls(), stage.gopls());
    let own = rustix::process::Pid::from_raw(i32::try_from(slow.0.id()).unwrap()).unwrap();
    // Stopped, it does not handle the SIGQUIT.
    rustix::process::kill_process(own, rustix::process::Signal::STOP).unwrap();
    let mut first = Asked::start(&stage, &["fix", "dump-goroutines", "--pid", &pid(&slow)]);
    first.until("Apply? [y/N/e] ").answer("y").until("at most 5.0 s\n");
    let history = || text(&stage.run(&["fix", "--history"]).stdout);
    assert!(history().contains("  under way\n"), "{}", history());
    let mut second = Asked::start(&stage, &["fix", "dump-goroutines", "--pid", &pid(&other)]);
    second.until("Apply? [y/N/e] ").answer("y");
    let output = second.end();
    assert!(text(&output.stderr).contains("another fix is being applied"), "{output:?}");
    assert!(lives(&mut other));
    rustix::process::kill_process(own, rustix::process::Signal::CONT).unwrap();
    assert_eq!(first.end().status.code(), Some(0));
    assert_eq!(slow.0.wait().unwrap().signal(), Some(3));
    assert!(history().contains("  done\n"), "{}", history());
}

#[test]
fn what_was_typed_wrong_is_said_and_nothing_is_done() {
    let stage = Stage::new();
    for (args, said) in [
        // gopls of other tests are seen too, so this uses a code that none of them causes.
        (&["fix", "out-of-memory-kill"][..], "no out-of-memory-kill is open"),
        (&["fix", "out-of-memory-kill-37"], "is no open incident"),
        (&["fix", "nonsense"], "goplswatch fix lists what is offered now"),
        (&["fix", "stop-mcp", "--pid", "1"], "stop-mcp is not offered for pid 1 now"),
        (&["fix", "stop-mcp", "--remedy", "mute"], "two remedies"),
        (&["fix", "stop-mcp", "--remedy", "nonsense"], "it is one of: restart-server"),
        (&["fix", "stop-mcp", "--json"], "--dry-run"),
        (&["fix", "--undo"], "there is nothing to undo"),
        (&["fix", "--undo", "--json", "--dry-run"], "--history --json"),
        (&["fix", "--undo", "fix-7"], "there is no receipt fix-7"),
        (&["fix", "--undo", "../x"], "is no receipt"),
        (&["fix", "stop-mcp", "--history"], "cannot be used with"),
    ] {
        let output = stage.run(args);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
    let history = stage.run(&["fix", "--history"]);
    assert_eq!((text(&history.stdout).as_str(), history.status.code()), ("Nothing was done yet.\n", Some(0)));
    std::fs::create_dir_all(stage.state().join("receipts")).unwrap();
    std::fs::write(stage.state().join("receipts/fix-3.json"), "{").unwrap();
    let history = stage.run(&["fix", "--history"]);
    assert!(text(&history.stdout).starts_with("fix-3  cannot be read: "), "{history:?}");
}
