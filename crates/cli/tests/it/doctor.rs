//! `doctor` without an agent, with one, with an old one, and with one whose reply is unreadable.

use std::io::Write as _;

use serde_json::Value;

use crate::clients::{send_json, serve_fake_agent};
use crate::support::agent::{Agent, capability, text};
use crate::support::stage::Stage;

/// The findings, one per line; checks that order and exit code fit them.
fn found(stage: &Stage) -> Vec<Value> {
    let ran = stage.run(&["doctor", "--json"]);
    assert_eq!(text(&ran.stderr), "");
    let found: Vec<Value> = text(&ran.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<&str> = found.iter().map(|finding| finding["verdict"].as_str().unwrap()).collect();
    let worst_first = ["problem", "unknown", "advice", "ok"];
    let place = |verdict: &&str| worst_first.iter().position(|word| word == verdict).unwrap();
    assert!(verdicts.is_sorted_by_key(place), "{verdicts:?}");
    let code = match verdicts[0] {
        "problem" => 1,
        "unknown" => 3,
        _ => 0,
    };
    assert_eq!(ran.status.code(), Some(code), "{verdicts:?}");
    for id in ["agent-answers", "login-service", "icon-shown", "capabilities"] {
        let finding = found.iter().find(|finding| finding["check"] == id).unwrap();
        assert!(["title", "text", "matters", "helps"].iter().all(|key| !finding[key].as_str().unwrap().is_empty()));
        let page = stage.run(&["explain", id]);
        let (said, helps) = (text(&page.stdout), finding["helps"].as_str().unwrap());
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.status.success() && words(&said).contains(&words(helps)), "{said}");
    }
    found
}

fn of<'a>(found: &'a [Value], check: &str) -> (&'a str, &'a str) {
    let finding = found.iter().find(|finding| finding["check"] == check).unwrap();
    (finding["verdict"].as_str().unwrap(), finding["text"].as_str().unwrap())
}

#[test]
fn without_an_agent_it_looks_for_itself() {
    let stage = Stage::new();
    let seen = found(&stage);
    assert_eq!(of(&seen, "agent-answers"), ("problem", "no agent is running"));
    assert_eq!(of(&seen, "icon-shown"), ("unknown", "only the agent shows it, and none answers"));
    let proved = |finding: &Value| finding["message"] == "check-proved" && finding["verdict"] == "ok";
    assert!(seen.iter().any(proved), "{seen:#?}");
    assert_ne!(of(&seen, "login-service").0, "ok", "nothing is installed in this home");

    let human = text(&stage.run(&["doctor"]).stdout);
    assert!(human.starts_with("goplswatch itself\n  ✗ "), "{human}");
    assert!(human.contains("  ✗ Agent: no agent is running (agent-answers)\n      Why it matters: "), "{human}");
    assert!(human.contains("  – Icon: not known, only the agent shows it, and none answers (icon-shown)\n"), "{human}");
    assert!(human.lines().last().unwrap().contains(" not known"), "{human}");
}

#[test]
fn an_agent_answers_for_what_it_sees() {
    let stage = Stage::new();
    let mut agent = Agent::start(&stage);
    let status = agent.wait_for("the icon", |status| !capability(status, "tray").is_null());
    let seen = found(&stage);
    let said = format!("it answers (pid {}, version {})", agent.child.id(), env!("CARGO_PKG_VERSION"));
    assert_eq!(of(&seen, "agent-answers"), ("ok", said.as_str()));
    // On a Mac the agent was started without an icon; on Linux there is no bus to show one.
    let icon = capability(&status, "tray");
    let verdict = if cfg!(target_os = "macos") { "ok" } else { "advice" };
    assert_eq!(of(&seen, "icon-shown"), (verdict, icon["text"].as_str().unwrap()));

    let old = status.as_object().map(|status| {
        let mut status = status.clone();
        status["agent"]["version"] = "0.0.9".into();
        let of_then = |capability: &Value| capability["name"] != "tray";
        status["capabilities"].as_array_mut().unwrap().retain(of_then);
        Value::from(status)
    });
    drop(agent);
    std::fs::remove_file(stage.socket()).unwrap();
    serve_fake_agent(&stage, move |_, stream| send_json(stream, old.as_ref().unwrap()));
    let seen = found(&stage);
    let said = format!("it answers, but is of version 0.0.9, and this program is {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(of(&seen, "agent-answers"), ("advice", said.as_str()));
    assert_eq!(of(&seen, "icon-shown"), ("unknown", "the agent has not said whether it is shown"));
}

#[test]
fn what_is_no_agent_is_told_as_a_problem_with_its_reason() {
    let stage = Stage::new();
    serve_fake_agent(&stage, |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
    let seen = found(&stage);
    let (verdict, said) = of(&seen, "agent-answers");
    assert_eq!(verdict, "problem");
    assert!(said.starts_with("the agent's answer did not come or cannot be read ("), "{said}");
    assert!(seen.iter().any(|finding| finding["message"] == "check-proved"), "it looked for itself: {seen:#?}");
}

#[test]
fn what_bars_the_way_to_the_agent_leaves_it_unknown() {
    let stage = Stage::new();
    let socket = stage.socket();
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&socket, &socket).unwrap();
    let seen = found(&stage);
    let (verdict, said) = of(&seen, "agent-answers");
    assert_eq!(verdict, "unknown", "{said}");
    assert!(said.starts_with("the agent's socket cannot be connected to ("), "{said}");
    assert_eq!(of(&seen, "icon-shown").0, "unknown");
}
