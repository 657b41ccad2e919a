//! The language of what a person sees: which it is, and that nothing is left in plain English where another one was asked
//! for, but names, paths, codes and command lines.

use std::io::{Read as _, Write as _};

use goplswatch_core::Code;
use goplswatch_core::message::Verbatim;
use goplswatch_testing::plain_words;
use goplswatch_view::{Catalogue, Phrase};
use serde_json::Value;

use crate::program::leave_a_history;
use crate::support::agent::{Agent, capability, text};
use crate::support::stage::Stage;

/// What the tests put in, and what is called so in any language.
const NAMES: &[&str] =
    &["goplswatch", "api-server", "VS Code", "gopls", "restart-loop", "SIGKILL", "goplswatch fix", "stable"];

/// Capabilities that crates/probe and crates/tray tell in their own words: to be deleted when they have messages.
const REPORTED: &[&str] = &[
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
    // Why a value is not known is said by crates/probe as well.
    let not_known = Catalogue::pseudo().phrase(&Phrase::NotKnownFor { why: Verbatim(String::new()) });
    let folder = stage.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    let allowed = [NAMES, names].concat();
    let reported = |line: &&str| REPORTED.iter().any(|name| line.split([' ', ':']).any(|word| word == *name));
    let left = said.lines().filter(|line| !reported(line)).map(|line| {
        let known = line.split(&not_known).next().unwrap_or(line);
        // A path ends with its word.
        let words = known.split(' ').filter(|word| !word.contains(folder)).collect::<Vec<_>>().join(" ");
        (plain_words(&words, &allowed), line)
    });
    left.filter(|(left, _)| !left.is_empty()).map(|(left, line)| format!("{left:?} in {line}")).collect()
}

/// Runs a command in the pseudo-language and holds all that it says against it.
fn speaks(stage: &Stage, args: &[&str], names: &[&str]) -> String {
    let ran = stage.run(&[&["--lang", "en-XA"], args].concat());
    let said = text(&ran.stdout) + &text(&ran.stderr);
    let left = plain(stage, &said, &[names, args].concat());
    assert!(!said.is_empty() && left.is_empty(), "{args:?}: {left:#?}\nof:\n{said}");
    said
}

/// Words of the system.
const NO_FILE: &str = "No such file or directory (os error";

#[test]
fn what_commands_print_comes_from_the_catalogue() {
    let stage = Stage::new();
    speaks(&stage, &["history"], &[]);
    speaks(&stage, &["why", "restart-loop-7"], &[]);
    speaks(&stage, &["logs"], &[]);
    speaks(&stage, &["mute", "api-server"], &[]);
    speaks(&stage, &["replay", "none.jsonl"], &[NO_FILE]);
    speaks(&stage, &["explain", "zebra"], &[]);
    speaks(&stage, &["config", "check"], &[]);
    speaks(&stage, &["config", "check", "none.toml"], &[]);
    speaks(&stage, &["export", "--since", "1h", "export.jsonl"], &[]);
    let _gopls = stage.gopls();
    // Machines differ in what they show, and so does what other tests run.
    let arch = [std::env::consts::ARCH, "arm64", "unstable"];
    let here = stage.run(&["status", "--json"]);
    let here: Value = serde_json::from_slice(&here.stdout).unwrap();
    let clients: Vec<String> = here["servers"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|server| {
            [
                &server["server"]["client"]["name"],
                &server["server"]["workspace"],
                &server["server"]["class"],
                &server["state"],
            ]
            .into_iter()
            .filter_map(|name| Some(name.as_str()?.rsplit('/').next()?.to_owned()))
            .collect::<Vec<_>>()
        })
        .collect();
    let names: Vec<&str> = clients.iter().map(String::as_str).chain(arch).collect();
    speaks(&stage, &["status"], &names);
    speaks(&stage, &["status", "-v"], &names);
    speaks(&stage, &["menu"], &[&names[..], &["CmdOrCtrl"]].concat());
    speaks(&stage, &["watch", "--for", "1", "-v"], &names);

    leave_a_history(&stage);
    let told = speaks(&stage, &["history", "--since", "3d", "-v"], &["the test said", "0.0.9"]);
    let id = told.split(['(', ')']).find(|word| word.starts_with("restart-loop-")).unwrap().to_owned();
    speaks(&stage, &["why", &id], &["arm64"]);
    speaks(&stage, &["why", "stuck-load-1"], &[&id]);
    let exported = stage.path("export.jsonl");
    speaks(&stage, &["export", "--since", "3d", exported.to_str().unwrap()], &["goplswatch replay"]);
    speaks(&stage, &["replay", exported.to_str().unwrap(), "-v"], &[]);
}

#[test]
fn every_page_comes_from_the_catalogue() {
    let stage = Stage::new();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    for code in &codes {
        speaks(&stage, &["explain", code], &[]);
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
    let config = ["zebra", "detect", "stuck-loads", "stuck-load-ms", "stable"];
    for args in [&["status"][..], &["status", "-v"], &["config", "check"], &["pause"], &["resume"]] {
        speaks(
            &stage,
            args,
            &[&config[..], &["config-watch", "file-events", "history", "socket", "x86_64", "aarch64", "arm64"]]
                .concat(),
        );
    }
    speaks(&stage, &["snooze", "restart-loop-7"], &[]);
    speaks(&stage, &["logs"], &config);

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
