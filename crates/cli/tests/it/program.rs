//! The executable as a user runs it, with simulated gopls processes: the program itself, linked
//! under the name `gopls` and running in a role of its demo. The client is this test program, which
//! is in no table of clients.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use goplswatch_core::Line;
use goplswatch_testing::{DEADLINE, wait_for};
use serde_json::Value;

use crate::support::stage::{Gopls, PROGRAM, Stage};

/// `goplswatch watch --json`, its lines as they arrive.
struct Watch {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Watch {
    fn start(stage: &Stage, args: &[&str]) -> Self {
        let mut child = stage
            .program()
            .args(["watch", "--json"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let mut watch = Self { child, lines, seen: Vec::new() };
        // The first scan is complete when the capabilities are printed.
        watch.wait(|line| line["capability"]["name"] == "process-table");
        watch
    }

    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let limit = Instant::now() + DEADLINE;
        while let Ok(text) = self.lines.recv_timeout(limit.saturating_duration_since(Instant::now())) {
            let line: Value = serde_json::from_str(&text).unwrap();
            self.seen.push(text);
            if wanted(&line) {
                return line;
            }
        }
        panic!("it was not said within {DEADLINE:?}:\n{:#?}", self.seen);
    }

    fn started(&mut self, gopls: &Gopls) -> Value {
        let pid = gopls.0.id();
        self.wait(|line| line["server"]["pid"] == pid)
    }

    /// Interrupts the watch as a user does; returns its lines, its stderr and its exit code.
    fn stop(mut self) -> (Vec<String>, String, Option<i32>) {
        // The shell's builtin kill: the program of that name is not installed everywhere.
        let ended = Command::new("/bin/sh").args(["-c", &format!("kill -INT {}", self.child.id())]).status().unwrap();
        assert!(ended.success());
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let code = self.child.wait().unwrap().code();
        while let Ok(line) = self.lines.recv() {
            self.seen.push(line);
        }
        (std::mem::take(&mut self.seen), errors, code)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a watch or a replay succeeded. Tests run in parallel: gopls of other tests may have
/// caused a problem.
fn watched(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 1))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn incidents(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|l| l.contains("\"event\":\"incident-")).collect()
}

#[test]
fn a_restart_loop_is_said_at_once_explained_and_replayed() {
    let stage = Stage::new();
    // On a busy machine, a server that is killed at once may still live longer than the default
    // threshold of ten seconds.
    std::fs::create_dir_all(stage.config()).unwrap();
    std::fs::write(stage.config().join("config.toml"), "[detect]\nshort-life-ms = 120000\n").unwrap();
    let recording = stage.path("loop.jsonl");
    let mut watch = Watch::start(&stage, &["--record", recording.to_str().unwrap()]);
    let first = stage.gopls();
    let started = watch.started(&first);
    assert_eq!(started["server"]["class"], "lsp");
    assert_eq!(started["server"]["workspace"], stage.path("api-server").canonicalize().unwrap().to_str().unwrap());
    assert_eq!(started["server"]["client"]["pid"], std::process::id());
    first.kill();
    let second = stage.gopls();
    let again = watch.started(&second);
    assert_eq!(
        (&again["server"]["lineage"], &again["server"]["generation"]),
        (&started["server"]["lineage"], &Value::from(2))
    );
    // Two short lives in a row.
    let pid = second.0.id();
    second.kill();
    let end = watch.wait(|line| line["end"]["pid"] == pid);
    let line = watch.wait(|line| line["event"] == "incident-opened");
    assert_eq!(line["incident"]["code"], "restart-loop", "{line}");
    assert_eq!(line["seq"], end["seq"], "it follows from the very end");
    let id = line["incident"]["id"].as_str().unwrap().to_owned();
    let (lines, errors, code) = watch.stop();
    assert_eq!((errors.as_str(), code), ("", Some(1)), "a problem was found");

    // All lines parse as ours and are numbered without a gap.
    for (i, line) in lines.iter().enumerate() {
        let parsed: Line = serde_json::from_str(line).unwrap();
        assert_eq!(parsed.n, i as u64 + 1);
        assert_eq!(serde_json::to_string(&parsed).unwrap(), *line);
    }
    let replayed = stage.run(&["replay", "--json", recording.to_str().unwrap()]);
    let again: Vec<String> = text(&replayed.stdout).lines().map(str::to_owned).collect();
    assert_eq!(incidents(&again), incidents(&lines));
    assert_eq!(again, lines, "the other lines too");
    assert_eq!(replayed.status.code(), Some(1));

    let why = stage.run(&["why", &id, "--from", recording.to_str().unwrap()]);
    let said = text(&why.stdout);
    assert!(said.contains("gopls keeps restarting") && said.contains("ended: SIGKILL"), "{said}");
    assert!(said.matches('#').count() >= 2, "numbered readings: {said}");
    let other = stage.run(&["why", "stuck-load-1", "--from", recording.to_str().unwrap()]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains(&id), "it names what there is: {}", text(&other.stderr));

    let damaged = stage.path("damaged.jsonl");
    let bytes = std::fs::read(&recording).unwrap();
    std::fs::write(&damaged, [&bytes[..], b"garbage\n"].concat()).unwrap();
    let why = stage.run(&["why", &id, "--from", damaged.to_str().unwrap()]);
    assert!(why.status.success() && text(&why.stderr).contains("is damaged"), "{}", text(&why.stderr));

    let until = stage.run(&["replay", "--json", recording.to_str().unwrap(), "--until", "0s"]);
    assert!(text(&until.stdout).lines().count() < lines.len());
}

#[test]
fn every_watch_leaves_a_recording_that_only_the_user_can_read() {
    let stage = Stage::new();
    for _ in 0..6 {
        let output = stage.run(&["watch", "--json", "--for", "100ms"]);
        assert_eq!(text(&output.stderr), "");
    }
    let folder = stage.state().join("watch");
    // Later watches do not prune the recording of a watch that still runs.
    let running = Watch::start(&stage, &[]);
    let its = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    for _ in 0..5 {
        stage.run(&["watch", "--json", "--for", "100ms"]);
    }
    assert!(its.exists(), "{its:?}");
    drop(running);
    stage.run(&["watch", "--json", "--for", "100ms"]);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "old ones go");
    for file in &files {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(watched(&stage.run(&["replay", "--json", file.to_str().unwrap()])));
    }
    let why = stage.run(&["why", "restart-loop-1"]);
    assert_eq!(why.status.code(), Some(2));
    assert!(text(&why.stderr).contains("no incident restart-loop-1"), "{}", text(&why.stderr));
}

#[test]
fn a_state_folder_that_cannot_be_written_stops_nothing() {
    let stage = Stage::new();
    stage.block_state();
    let output = stage.run(&["watch", "--json", "--for", "100ms"]);
    assert!(watched(&output));
    assert!(text(&output.stdout).contains("process-table"));
    assert!(text(&output.stderr).contains("hint: nothing is recorded"), "{}", text(&output.stderr));
}

#[test]
fn a_recording_never_overwrites_a_file() {
    let stage = Stage::new();
    let precious = stage.path("precious");
    std::fs::write(&precious, "mine").unwrap();
    let output = stage.run(&["watch", "--for", "1s", "--record", precious.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hint: choose another name"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "mine");
    let nowhere = stage.run(&["watch", "--for", "1s", "--record", "/no/such/folder/x"]);
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn a_bad_recording_is_refused_in_words_and_whole_lines_before_the_damage_are_shown() {
    let stage = Stage::new();
    let good = stage.path("good.jsonl");
    let output = stage.run(&["watch", "--json", "--for", "100ms", "--record", good.to_str().unwrap()]);
    let lines = text(&output.stdout).lines().count();
    assert!(lines > 3);
    let bytes = std::fs::read(&good).unwrap();
    let with = |name: &str, bytes: &[u8]| {
        let path = stage.path(name);
        std::fs::write(&path, bytes).unwrap();
        stage.run(&["replay", "--json", path.to_str().unwrap()])
    };
    let torn = with("torn", &bytes[..bytes.len() - 5]);
    assert!(watched(&torn));
    assert!(text(&torn.stderr).contains("hint: the last line is torn"), "{}", text(&torn.stderr));

    let damaged = with("damaged", &[&bytes[..], b"\xff\0garbage\n", &bytes[..]].concat());
    assert_eq!(damaged.status.code(), Some(2));
    assert_eq!(text(&damaged.stdout).lines().count(), lines, "nothing before the damage is lost");
    assert!(text(&damaged.stderr).contains("is damaged: line"), "{}", text(&damaged.stderr));

    for (name, content) in [("empty", &b""[..]), ("picture", b"\x89PNG\r\n\x1a\n\0\0"), ("text", b"hello\nworld\n")] {
        let refused = with(name, content);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        assert!(text(&refused.stderr).contains("does not begin with the header"), "{}", text(&refused.stderr));
    }
    let header = text(bytes.split(|b| *b == b'\n').next().unwrap());
    let schema = format!("\"goplswatch-recording\":{}", goplswatch_core::recording::SCHEMA);
    let future = header.replace(&schema, "\"goplswatch-recording\":999");
    assert_ne!(header, future);
    let newer = with("newer", future.as_bytes());
    assert!(
        text(&newer.stderr).contains("does not begin"),
        "a header without its line feed is torn: {}",
        text(&newer.stderr)
    );
    let newer = with("newer", (future + "\n").as_bytes());
    assert!(text(&newer.stderr).contains("hint: update goplswatch"), "{}", text(&newer.stderr));
    let older = with("older", text(&bytes).replacen("\"version\":\"", "\"version\":\"0.0.", 1).as_bytes());
    assert!(watched(&older));
    assert!(text(&older.stderr).contains("judged again by"), "{}", text(&older.stderr));
    assert_eq!(stage.run(&["replay", "/no/such/file"]).status.code(), Some(2));
}

#[test]
fn secrets_are_in_no_output_and_no_recording() {
    const SECRET: &str = "cANARY51d9";
    let stage = Stage::new();
    let recording = stage.path("secret.jsonl");
    let mut watch = Watch::start(&stage, &["--verbose", "--record", recording.to_str().unwrap()]);
    let proxy = format!("https://user:{SECRET}@proxy.example");
    let driver = format!("/opt/{SECRET}/driver");
    let gopls = stage.gopls_with(
        &["-logfile", &format!("/tmp/{SECRET}"), "-debug", &proxy],
        &[("GOPROXY", &proxy), ("API_TOKEN", SECRET), ("GOPACKAGESDRIVER", &driver)],
    );
    watch.started(&gopls);
    gopls.kill();
    watch.wait(|line| line["event"] == "server-ended");
    let (lines, errors, _) = watch.stop();
    let recorded = std::fs::read_to_string(&recording).unwrap();
    assert!(recorded.contains("server-seen"), "the recording holds the server");
    let status = stage.run(&["status", "--json", "--verbose"]);
    let person = stage.run(&["replay", "--verbose", recording.to_str().unwrap()]);
    for said in [lines.join("\n"), errors, recorded, text(&status.stdout), text(&person.stdout)] {
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let stage = Stage::new();
    let mut child = stage
        .program()
        .args(["watch", "--json", "--for", "2s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!((child.wait().unwrap().code(), errors.as_str()), (Some(0), ""));
}

#[test]
fn a_process_without_descriptors_says_so() {
    let stage = Stage::new();
    for limit in 3..20 {
        let script = format!("ulimit -n {limit}; exec \"$0\" watch --json --for 300ms");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script, PROGRAM]).env("HOME", stage.path("")).env("XDG_STATE_HOME", stage.path("state"));
        let output = command.env_remove("GOPLSWATCH_DEMO_ROLE").output().unwrap();
        let errors = text(&output.stderr);
        assert!(!errors.contains("panicked"), "with {limit}: {errors}");
        match output.status.code() {
            Some(0 | 1) => assert!(text(&output.stdout).contains("capability"), "with {limit}"),
            // With fewer descriptors than the loader needs, the program fails before its first
            // line.
            Some(127) => assert!(limit < 5, "with {limit}: {errors}"),
            code => assert!(code == Some(3) && errors.contains("ulimit -n"), "with {limit}: {code:?} {errors}"),
        }
    }
}

#[test]
fn usage_errors_are_two_and_help_is_none() {
    let stage = Stage::new();
    for bad in [&["watch", "--for", "soon"][..], &["no-such-command"], &["explain"], &["explain", "no-such-code"], &[]]
    {
        let output = stage.run(bad);
        assert_eq!(output.status.code(), Some(2), "{bad:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{bad:?}");
    }
    let help = stage.run(&["--help"]);
    assert!(help.status.success() && text(&help.stdout).contains("Watches every gopls"));
    let page = stage.run(&["explain", "editor-gave-up"]);
    assert!(page.status.success() && text(&page.stdout).contains("What helps"));
}

#[test]
fn status_sees_what_runs() {
    let stage = Stage::new();
    let gopls = stage.gopls();
    let pid = gopls.0.id();
    let server = wait_for("the gopls", || {
        let output = stage.run(&["status", "--json"]);
        let snapshot: Value = serde_json::from_slice(&output.stdout).unwrap();
        snapshot["servers"].as_array().unwrap().iter().find(|s| s["server"]["pid"] == pid).cloned()
    });
    assert!(server["memory_bytes"].as_u64().is_some_and(|n| n > 100_000), "{server}");
    assert_eq!(server["state"], "stable");
    let person = stage.run(&["status", "--verbose"]);
    assert!(text(&person.stdout).contains("api-server"), "{}", text(&person.stdout));
}

#[test]
fn the_demo_shows_what_it_promises() {
    let stage = Stage::new();
    let output = stage.run(&["demo", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    for line in text(&output.stdout).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(exe) = line["server"]["exe"].as_str() {
            assert!(exe.contains("goplswatch-demo-"), "the demo sees only itself: {line}");
        }
    }
    assert!(!leftovers(&output), "nothing of it stays");
}

/// Whether the folder of a demo still exists.
fn leftovers(output: &Output) -> bool {
    text(&output.stdout)
        .lines()
        .filter_map(|l| serde_json::from_str::<Value>(l).ok()?["server"]["exe"].as_str().map(PathBuf::from))
        .any(|exe| exe.parent().is_some_and(Path::exists))
}

#[test]
fn a_dry_run_of_install_shows_everything_and_touches_nothing() {
    let stage = Stage::new();
    let output = stage.program().env_remove("XDG_CONFIG_HOME").args(["install", "--dry-run"]).output().unwrap();
    let (shown, errors) = (text(&output.stdout), text(&output.stderr));
    // Without a service manager, as in a container, the plan can still be shown, but not carried
    // out: exit code 3.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{errors}");
    assert!(errors.contains("Nothing was done"), "{errors}");
    assert!(shown.contains("dev.goplswatch.agent") && shown.contains(PROGRAM), "{shown}");
    // The test's own folder contains only what `Stage` puts there.
    let mut left: Vec<_> = std::fs::read_dir(stage.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["api-server", "gopls"]);
}

#[test]
fn service_status_of_an_empty_home_is_no_success() {
    let stage = Stage::new();
    let output = stage.program().env_remove("XDG_CONFIG_HOME").args(["service", "status", "--json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["file"], "absent");
    assert!(status["path"].as_str().unwrap().starts_with(stage.path("").to_str().unwrap()), "{status}");
    assert_eq!(status["answers"], Value::Null, "nobody is at the socket of an empty home");
    let wanted = match &status["registered"] {
        Value::Bool(registered) => i32::from(!registered || status["running"] == false),
        _ => 3,
    };
    assert_eq!(output.status.code(), Some(wanted), "{status}");
}

/// The user's systemd instance, and the agent it starts, do not have this shell's environment.
#[test]
fn a_shell_with_other_folders_installs_where_systemd_looks_and_tells_the_agent() {
    let stage = Stage::new();
    let (config, state) = (stage.path("elsewhere"), stage.path("state"));
    let run = |args: &[&str]| {
        let mut program = stage.program();
        program.env("XDG_CONFIG_HOME", &config).env("XDG_STATE_HOME", &state).args(args).output().unwrap()
    };
    let status: Value = serde_json::from_slice(&run(&["service", "status", "--json"]).stdout).unwrap();
    if status["manager"] == "systemd" {
        let unit = stage.path(".config/systemd/user/goplswatch.service");
        assert_eq!(status["path"], unit.to_str().unwrap());
        let shown = text(&run(&["install", "--dry-run"]).stdout);
        for line in [
            format!("| Environment=\"XDG_CONFIG_HOME={}\"", config.display()),
            format!("| Environment=\"XDG_STATE_HOME={}\"", state.display()),
            format!("enable --now {}", unit.display()),
        ] {
            assert!(shown.contains(&line), "{line} is not in\n{shown}");
        }
    } else {
        // On macOS no variable relocates anything.
        assert!(status["path"].as_str().unwrap().ends_with("Library/LaunchAgents/dev.goplswatch.agent.plist"));
    }
}

/// An agent's history: an older version recorded the first life of a looping gopls, the current
/// version the others.
pub(crate) fn leave_a_history(stage: &Stage) -> PathBuf {
    use goplswatch_agent::history::{History, Limits, Origin};
    use goplswatch_core::exit_status::ExitStatus;
    use goplswatch_core::input::{ClientSeen, ServerSeen};
    use goplswatch_core::policy::{RestartCommands, RestartPolicy};
    use goplswatch_core::time::Uptime;
    use goplswatch_core::types::ServerClass;
    use goplswatch_core::{Input, Moment, Observation, ProcessKey, Reading, Seq, step};

    let folder = stage.state().join("history");
    let client = ProcessKey::new(4_000, 1);
    let server = |pid| ProcessKey::new(pid, 1);
    let seen = |pid, at: Moment| {
        Observation::ServerSeen(Box::new(ServerSeen {
            slices: Reading::Known(vec!["arm64".into()]),
            server: server(pid),
            class: ServerClass::Lsp,
            exe: Reading::Known("/go/bin/gopls".into()),
            arch: Reading::Known("arm64".into()),
            translated: Reading::Known(false),
            workspace: Reading::Known("/w/api-server".into()),
            client: Reading::Known(client),
            started: Reading::Known(at.uptime),
            adopted: false,
        }))
    };
    let killed = |pid| Observation::Ended {
        process: server(pid),
        status: ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false },
        detail: None,
    };
    // The first part is from before the last midnight, the rest from an hour ago.
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let moment = |hours_ago: i64, s: i64| Moment {
        wall_ms: now_ms - hours_ago * 3_600_000 + s * 1_000,
        uptime: Uptime::BOOT + Duration::from_secs((1_000 + s).unsigned_abs()),
    };
    let mut begun = false;
    for version in ["0.0.9", env!("CARGO_PKG_VERSION")] {
        let origin = Origin { version: version.into(), os: "test".into(), boot: "b".into() };
        let (mut history, resumed) = History::open(&folder, origin, Limits::default(), moment(1, 0));
        let (mut state, Seq(mut seq)) = (resumed.state, resumed.last);
        let mut take = |at: Moment, observation: Observation| {
            seq += 1;
            let input = Input { seq: Seq(seq), at, observation };
            assert!(history.append(&input, &state), "{:?}", history.trouble());
            step(&mut state, input);
        };
        if begun {
            take(moment(1, 3), seen(4_002, moment(1, 3)));
            take(moment(1, 5), killed(4_002));
            take(moment(1, 6), seen(4_003, moment(1, 6)));
            take(moment(1, 7), Observation::Wake);
        } else {
            take(
                moment(30, 0),
                Observation::ClientSeen(Box::new(ClientSeen {
                    id: None,
                    translated: Reading::Known(false),
                    client,
                    name: "VS Code".into(),
                    policy: RestartPolicy::SessionCount { exits: 5 },
                    whole_life: true,
                    restart: RestartCommands::default(),
                })),
            );
            take(moment(30, 0), seen(4_001, moment(30, 0)));
            take(moment(30, 2), killed(4_001));
        }
        begun = true;
    }
    folder
}

#[test]
fn the_history_is_shown_exported_and_explained_without_an_agent() {
    let stage = Stage::new();
    let none = stage.run(&["history"]);
    assert_eq!((none.status.code(), text(&none.stdout).as_str()), (Some(0), ""));
    assert!(text(&none.stderr).contains("there is no history"), "{}", text(&none.stderr));

    let folder = leave_a_history(&stage);
    let segments: Vec<PathBuf> = {
        let mut all: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        all.retain(|path| !path.ends_with("reserved"));
        all.sort();
        all
    };
    let [first, second] = &segments[..] else { panic!("{segments:?}") };
    assert!(first.to_str().unwrap().ends_with(".jsonl.gz"), "{first:?}");

    let all = stage.run(&["history", "--since", "3d", "--json"]);
    let lines: Vec<String> = text(&all.stdout).lines().map(str::to_owned).collect();
    assert_eq!(all.status.code(), Some(1), "{}{}", text(&all.stdout), text(&all.stderr));
    assert!(text(&all.stderr).contains("recorded by goplswatch 0.0.9"), "{}", text(&all.stderr));
    let opened: Line = lines
        .iter()
        .map(|l| serde_json::from_str(l).unwrap())
        .find(|l: &Line| format!("{l:?}").contains("Opened"))
        .unwrap();
    let goplswatch_core::event::Subject::Incident(incident) = &opened.subject else { panic!("{opened:?}") };
    assert_eq!(incident.code.word(), "restart-loop");

    // Only the last day, with its date, and nothing outside the requested hours.
    let person = text(&stage.run(&["history"]).stdout);
    let ended = person.lines().filter(|line| line.contains("gopls ended")).count();
    assert!(ended == 1 && person.lines().next().unwrap().contains("day, 2"), "{person}");
    let older = stage.run(&["history", "--since", "2d", "--until", "20h"]);
    assert!(older.status.success() && text(&older.stdout).contains("4001"), "{}", text(&older.stdout));
    assert!(!text(&older.stdout).contains("4002"), "{}", text(&older.stdout));
    assert_eq!(stage.run(&["history", "--since", "soon"]).status.code(), Some(2));

    // Also as files: exported, compressed, and while being written.
    let file = stage.path("o'brien's export.jsonl");
    let file = file.to_str().unwrap();
    let exported = stage.run(&["export", "--since", "3d", file]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let command = text(&exported.stderr);
    let command = command.trim_end().rsplit_once("goplswatch replay ").unwrap().1;
    let typed = std::process::Command::new("/bin/sh").args(["-c", &format!("cat {command}")]).output().unwrap();
    assert!(typed.status.success() && !typed.stdout.is_empty(), "as a shell reads it: {command}");
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let replayed = stage.run(&["replay", "--json", file]);
    assert_eq!(text(&replayed.stdout).lines().collect::<Vec<_>>(), lines);
    for segment in [first, second] {
        let replayed = stage.run(&["replay", "--json", segment.to_str().unwrap()]);
        assert!(watched(&replayed) && !replayed.stdout.is_empty(), "{}", text(&replayed.stderr));
    }
    assert_eq!(stage.run(&["export", "--since", "3d", file]).status.code(), Some(2), "it exists");
    let nothing = stage.path("nothing");
    let empty = stage.run(&["export", "--since", "1s", nothing.to_str().unwrap()]);
    assert!(empty.status.code() == Some(2) && !nothing.exists(), "{}", text(&empty.stderr));

    for from in [&["why", &incident.id][..], &["why", &incident.id, "--from", file]] {
        let why = stage.run(from);
        let said = text(&why.stdout);
        assert!(why.status.success() && said.matches("ended: SIGKILL").count() == 2, "{said}{}", text(&why.stderr));
        assert!(said.contains("gopls of api-server (pid 4001)") && !said.contains("gone"), "{said}");
    }
    let other = stage.run(&["why", "stuck-load-1"]);
    assert!(text(&other.stderr).contains(&incident.id), "{}", text(&other.stderr));

    // A damaged segment is named, and the rest is shown; inputs of a missing one are reported as
    // gone.
    let bytes = std::fs::read(first).unwrap();
    std::fs::write(first, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = stage.run(&["history", "--since", "3d"]);
    let errors = text(&damaged.stderr);
    assert!(errors.contains("a part of the history is damaged: 00000000000000000001.jsonl.gz"), "{errors}");
    assert!(text(&damaged.stdout).contains("4002"), "{}", text(&damaged.stdout));
    std::fs::remove_file(first).unwrap();
    let said = text(&stage.run(&["why", &incident.id]).stdout);
    assert!(said.matches("ended: SIGKILL").count() == 1 && said.contains("gone, with what is older"), "{said}");
}
