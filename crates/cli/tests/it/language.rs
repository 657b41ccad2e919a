//! The language of the output: how it is chosen, and that with another language nothing but names,
//! paths, codes and command lines remains in English.

use std::io::{Read as _, Write as _};
use std::path::Path;

use goplswatch_core::checks::{CHECKS, Check};
use goplswatch_core::recording::{Header, LONGEST_LINE, SCHEMA, line};
use goplswatch_core::{Code, Input, Moment, Observation, Remedy, Seq};
use goplswatch_testing::plain_words;
use serde_json::Value;

use crate::program::leave_a_history;
use crate::service;
use crate::support::agent::{Agent, capability, text};
use crate::support::stage::{PROGRAM, Stage};

/// Names used by the tests, and names that are the same in any language.
const NAMES: &[&str] = &[
    "goplswatch",
    "goplswatch fix",
    "api-server",
    "infra",
    "VS Code",
    "Helix",
    "gopls",
    "go list",
    "restart-loop",
    "SIGKILL",
    "stable",
    "Go: Restart Language Server",
    ":lsp-restart",
];

/// Capabilities by their names.
const CAPABILITIES: &[&str] = &[
    "arguments",
    "blocked-threads",
    "descriptor-counts",
    "end-events",
    "end-status",
    "end-status-after-reap",
    "file-watches",
    "group-out-of-memory-counter",
    "io-counters",
    "memory-pressure",
    "out-of-memory-counter",
    "process-table",
    "translation",
    "usage",
    "notifications",
    "tray",
];

/// What is left of a text in plain English, line by line.
fn plain(stage: &Stage, said: &str, names: &[&str]) -> Vec<String> {
    let folder = stage.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    let allowed = [NAMES, CAPABILITIES, names].concat();
    // Lines of a displayed file, and command lines.
    let is_shown = |line: &&str| ["| ", "$ "].iter().any(|begin| line.trim_start().starts_with(begin));
    let left = said.lines().filter(|line| !is_shown(line)).map(|line| {
        // Words that contain a path are dropped.
        let words = line.split(' ').filter(|word| !word.contains(folder)).collect::<Vec<_>>().join(" ");
        (plain_words(&words, &allowed), line)
    });
    left.filter(|(left, _)| !left.is_empty()).map(|(left, line)| format!("{left:?} in {line}")).collect()
}

/// Runs a command in the pseudo-language and checks that no plain English is in its output.
fn speaks(stage: &Stage, args: &[&str], names: &[&str]) -> String {
    let ran = stage.run(&[&["--lang", "en-XA"], args].concat());
    let said = text(&ran.stdout) + &text(&ran.stderr);
    let left = plain(stage, &said, &[names, args].concat());
    assert!(!said.is_empty() && left.is_empty(), "{args:?}: {left:#?}\nof:\n{said}");
    said
}

/// Service managers, the commands sent to them, and their errors when there is no session.
const SERVICES: &[&str] = &[
    "systemd",
    "/usr/bin/systemctl --user is-active goplswatch.service",
    "/bin/systemctl --user is-active goplswatch.service",
    "Failed to connect to bus: No such file or directory",
    "Failed to connect to user scope bus via local transport: No such file or directory",
    NO_FILE,
    "launchd",
];

/// The error of the D-Bus library.
const NO_BUS: &str = "Failed to connect to address";
/// An error text of the operating system.
const NO_FILE: &str = "No such file or directory (os error";

#[test]
fn what_commands_print_comes_from_the_catalogue() {
    let stage = Stage::new();
    speaks(&stage, &["history"], &[]);
    speaks(&stage, &["why", "restart-loop-7"], &[]);
    speaks(&stage, &["logs"], &[]);
    speaks(&stage, &["mute", "api-server"], &[]);
    speaks(&stage, &["replay", "none.jsonl"], &[NO_FILE]);
    what_is_wrong_with_recordings(&stage);
    speaks(&stage, &["explain", "zebra"], &[]);
    speaks(&stage, &["config", "check"], &[]);
    speaks(&stage, &["config", "check", "none.toml"], &[]);
    speaks(&stage, &["export", "--since", "1h", "export.jsonl"], &[]);
    let checks: Vec<&str> = CHECKS.iter().map(Check::id).collect();
    for check in &checks {
        speaks(&stage, &["explain", check], &[]);
    }
    speaks(&stage, &["doctor"], &[&checks[..], SERVICES].concat());
    let _gopls = stage.gopls();
    for args in [&["status"][..], &["status", "-v"]] {
        beside_others(&stage, args, &[]);
    }
    let remedies: Vec<&str> = Remedy::ALL.iter().map(|remedy| remedy.word()).collect();
    beside_others(&stage, &["fix"], &[&remedies[..], &["goplswatch fix", "--pid", "--remedy"]].concat());

    leave_a_history(&stage);
    let printed = speaks(&stage, &["history", "--since", "3d", "-v"], &["the test said", "0.0.9"]);
    let id = printed.split(['(', ')']).find(|word| word.starts_with("restart-loop-")).unwrap().to_owned();
    speaks(&stage, &["why", &id], &["arm64"]);
    speaks(&stage, &["why", "stuck-load-1"], &[&id]);
    let exported = stage.path("export.jsonl");
    speaks(&stage, &["export", "--since", "3d", exported.to_str().unwrap()], &["goplswatch replay"]);
    speaks(&stage, &["replay", exported.to_str().unwrap(), "-v"], &[]);
}

/// A damaged, a newer and a foreign file. Only the parser's own message for a line is not
/// translated.
fn what_is_wrong_with_recordings(stage: &Stage) {
    let header = |schema| Header { schema, version: "9.9".into(), os: "linux".into(), boot: "b".into() };
    let header = |schema| line(&header(schema)).unwrap();
    let input = line(&Input { seq: Seq(7), at: Moment::default(), observation: Observation::Wake }).unwrap();
    let checkpoint = b"{\"checkpoint\":7}\n".to_vec();
    for (content, english, parser) in [
        (vec![b"hello\nworld\n".to_vec()], "it does not begin with the header of a goplswatch recording", ""),
        (
            vec![header(SCHEMA + 1)],
            &*format!("written by goplswatch 9.9 (schema {}); this one reads up to schema {SCHEMA}", SCHEMA + 1),
            "",
        ),
        (
            vec![header(SCHEMA), b"zebra\n".to_vec()],
            "line 2 is damaged (expected value at line 1 column 1); what stands before it was read",
            "expected value at line 1 column 1",
        ),
        (vec![header(SCHEMA), input.clone(), input.clone()], "line 3 is damaged (number 7 after number 7);", ""),
        (vec![header(SCHEMA), b"{\"goplswatch-recording\":0}\n".to_vec()], "line 2 is damaged (it is no header);", ""),
        (
            vec![header(SCHEMA), vec![b'7'; LONGEST_LINE + 1], b"\n".to_vec()],
            "line 2 is damaged (longer than 1048576 bytes);",
            "",
        ),
        (
            vec![header(SCHEMA), checkpoint, input],
            "(invalid type: integer `7`, expected struct State)",
            "invalid type: integer `7`, expected struct State",
        ),
    ] {
        let path = stage.path("wrong.jsonl");
        std::fs::write(&path, content.concat()).unwrap();
        let said = text(&stage.run(&["replay", path.to_str().unwrap()]).stderr);
        assert!(said.contains(english), "{english}: {said}");
        speaks(stage, &["replay", path.to_str().unwrap()], &["FILE", "goplswatch watch", parser]);
    }
}

#[test]
fn what_fixes_and_the_login_service_say_comes_from_the_catalogue() {
    let stage = Stage::new();
    // The folder where cargo builds: `install` warns if the login service would start a program
    // from it.
    let built = Path::new(PROGRAM).ancestors().nth(2).and_then(Path::to_str).unwrap();
    for args in [
        &["service", "status"][..],
        &["install", "--dry-run"],
        &["uninstall", "--dry-run"],
        &["install", "--undo"],
        &["fix", "--history"],
        &["fix", "--undo"],
        &["fix", "--undo", "fix-7"],
        &["fix", "--undo", "--json"],
    ] {
        speaks(&stage, args, &[SERVICES, &[built]].concat());
    }
    let remedies: Vec<&str> = Remedy::ALL.iter().map(|remedy| remedy.word()).collect();
    for args in [&["fix", "restart-loop", "--json"][..], &["fix", "restart-loop"]] {
        beside_others(&stage, args, &[&remedies[..], &["goplswatch fix", "--remedy"]].concat());
    }
    let first = stage.gopls();
    let pid = first.0.id().to_string();
    beside_others(&stage, &["fix", "dump-goroutines", "--pid", &pid, "--dry-run"], &["QUIT"]);
    let _second = stage.gopls();
    beside_others(&stage, &["fix", "dump-goroutines"], &["goplswatch fix", "dump-goroutines", "--pid"]);
    let site = service::site(&stage);
    service::change(&site, goplswatch_remedy::service::install);
    for args in [
        &["fix", "--history"][..],
        &["install", "--undo", "--dry-run"],
        &["fix", "--undo"],
        &["install", "--undo"],
        &["fix", "--history"],
    ] {
        speaks(&stage, args, &[SERVICES, &["fix-1"]].concat());
    }
}

/// The same for output about this machine, where other tests run their own gopls: their names are
/// read before and afterwards, and allowed.
fn beside_others(stage: &Stage, args: &[&str], names: &[&str]) {
    let seen = || -> Vec<String> {
        let seen: Value = serde_json::from_slice(&stage.run(&["status", "--json"]).stdout).unwrap();
        let of = |status: &Value| {
            let server = &status["server"];
            [&server["client"]["name"], &server["workspace"], &server["class"], &server["arch"], &status["state"]]
                .map(|name| name.as_str().and_then(|name| name.rsplit('/').next()).unwrap_or_default().to_owned())
        };
        seen["servers"].as_array().unwrap().iter().flat_map(of).filter(|name| !name.is_empty()).collect()
    };
    let before = seen();
    let ran = stage.run(&[&["--lang", "en-XA"], args].concat());
    let after = seen();
    let codes = Code::ALL.iter().map(|code| code.word());
    let others = before.iter().chain(&after).map(String::as_str);
    let names: Vec<&str> = others.chain(codes).chain(names.iter().copied()).collect();
    let said = text(&ran.stdout) + &text(&ran.stderr);
    let left = plain(stage, &said, &names);
    assert!(!said.is_ascii() && left.is_empty(), "{args:?}: {left:#?}\nof:\n{said}");
}

/// The output of a watch as it happens, on a platform where nothing else runs.
#[test]
fn what_a_watch_says_comes_from_the_catalogue() {
    let stage = Stage::new();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    speaks(&stage, &["demo"], &codes);
}

#[test]
fn every_page_comes_from_the_catalogue() {
    let stage = Stage::new();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    for code in &codes {
        // The placeholder for a pid in a command.
        speaks(&stage, &["explain", code], &["PID"]);
    }
    speaks(&stage, &["explain", "--list"], &codes);
}

#[test]
fn what_the_agent_says_of_itself_comes_from_the_catalogue() {
    let stage = Stage::new();
    std::fs::create_dir_all(stage.config()).unwrap();
    std::fs::write(stage.config().join("config.toml"), "zebra = 1\nlanguage = \"en-XA\"\n[detect]\nstuck-loads = 2\n")
        .unwrap();
    let mut agent = Agent::start(&stage);
    agent.wait_for("the history", |status| capability(status, "history")["state"] == "ok");
    let config = ["zebra", "detect", "stuck-loads", "stuck-load-ms", NO_BUS, NO_FILE];
    for args in [&["status"][..], &["status", "-v"], &["config", "check"], &["pause"], &["resume"]] {
        beside_others(&stage, args, &[&config[..], &["config-watch", "file-events", "history", "socket"]].concat());
    }
    let checks: Vec<&str> = CHECKS.iter().map(Check::id).collect();
    beside_others(&stage, &["doctor"], &[&checks[..], SERVICES, &[NO_BUS]].concat());
    speaks(&stage, &["snooze", "restart-loop-7"], &[]);
    let second = speaks(&stage, &["agent", "--no-tray"], &[]);
    assert!(second.contains(&agent.child.id().to_string()), "{second}");
    // The agent also logged events of other tests' gopls, whose names are not known here; the
    // output for events is tested above.
    let logged = text(&stage.run(&["--lang", "en-XA", "logs"]).stdout);
    let names_an_incident = |line: &&str| Code::ALL.iter().any(|code| line.contains(&format!("({}-", code.word())));
    let of_itself: Vec<&str> = logged.lines().filter(|line| !names_an_incident(line)).collect();
    let left = plain(&stage, &of_itself.join("\n"), &config);
    assert!(!of_itself.is_empty() && left.is_empty(), "{left:#?}\nof:\n{logged}");

    let ask = |request: &str, language: &str| {
        let mut stream = agent.socket();
        write!(stream, "{request} HTTP/1.1\r\nhost: x\r\n{language}content-length: 0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        serde_json::from_str::<Value>(body).unwrap()
    };
    for request in [
        "GET /nowhere",
        "DELETE /v1/status",
        "GET /v1/incidents/restart-loop-7",
        "GET /v1/history?since=soon",
        "POST /v1/intents",
    ] {
        let english = ask(request, "")["error"].as_str().unwrap().to_owned();
        assert!(english.is_ascii(), "{request}: {english}");
        assert_eq!(ask(request, "accept-language: fr\r\n")["error"], english.as_str(), "{request}");
        let accented = ask(request, "accept-language: fr, en-XA;q=0.3\r\n")["error"].as_str().unwrap().to_owned();
        let names = [
            "GET /v1/openapi.json",
            "/v1/history",
            "/v1/openapi.json",
            "restart-loop-7",
            "since",
            "EOF while parsing a value at line 1 column 0",
            "T10:15:00Z",
        ];
        assert_eq!(plain(&stage, &accented, &names), [""; 0], "{request}: {accented}");
        assert!(!accented.is_ascii(), "{request}: {accented}");
    }
    let problem = |language: &str| {
        ask("GET /v1/status", language)["agent"]["config"]["problems"][0]["text"].as_str().unwrap().to_owned()
    };
    assert!(problem("").starts_with("the config file ") && problem("accept-language: en-XA\r\n").starts_with("ţĥéé "));
}

#[test]
fn the_language_is_named_by_the_command_line_then_the_config_and_never_guessed_to_be_a_test() {
    let stage = Stage::new();
    let said = |args: &[&str], locale: &str| {
        let ran = stage.program().args(args).env_remove("LC_ALL").env("LC_MESSAGES", locale).output().unwrap();
        text(&ran.stdout)
    };
    let accented = |said: &str| !said.is_ascii();
    for locale in ["", "C", "en_GB.UTF-8", "de_DE.UTF-8", "en_XA.UTF-8"] {
        assert!(!accented(&said(&["explain", "restart-loop"], locale)), "{locale}");
    }
    assert!(accented(&said(&["explain", "restart-loop", "--lang", "en-xa"], "C")));
    std::fs::create_dir_all(stage.config()).unwrap();
    std::fs::write(stage.config().join("config.toml"), "language = \"en-XA\"\n").unwrap();
    assert!(accented(&said(&["explain", "restart-loop"], "en_GB.UTF-8")));
    assert!(!accented(&said(&["explain", "restart-loop", "--lang", "en-GB"], "C")));
    for args in [
        &["explain", "restart-loop", "--json"][..],
        &["menu", "--json"],
        &["status", "--json"],
        &["config", "show", "--json"],
    ] {
        assert!(!plain_words(&said(args, "C"), &[]).is_empty());
        assert!(!said(args, "C").contains('ţ'), "{args:?}");
    }
    let unknown = stage.run(&["status", "--lang", "tlh"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("those that there are: en, en-XA"), "{}", text(&unknown.stderr));
}
