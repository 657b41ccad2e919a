//! The agent under real and adverse conditions: commands that query it, hostile clients, failing
//! disks, and kill -9 at any moment.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::support::agent::{Agent, capability, text};
use crate::support::stage::{PROGRAM, Stage};
use goplswatch_testing::{DEADLINE, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};

/// The gopls processes of this stage: other tests run theirs at the same time.
fn servers<'a>(stage: &Stage, status: &'a Value) -> Vec<&'a Value> {
    let exe = std::fs::canonicalize(stage.path("gopls")).unwrap();
    let all = status["servers"].as_array().unwrap().iter();
    all.map(|s| &s["server"]).filter(|s| s["exe"] == exe.to_str().unwrap()).collect()
}

fn code(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

/// Server-sent events, parsed by hand as they arrive: ids and data.
struct Events {
    received: Receiver<(String, Value)>,
    seen: Vec<(String, Value)>,
    _stream: UnixStream,
}

impl Events {
    fn listen(agent: &Agent<'_>, after: Option<&str>) -> Self {
        let mut stream = agent.socket();
        let after = after.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        stream.write_all(format!("GET /v1/events HTTP/1.1\r\nhost: x\r\n{after}\r\n").as_bytes()).unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let (send, received) = channel();
        let (begun, begins) = channel();
        std::thread::spawn(move || {
            let mut id = String::new();
            for line in lines.map_while(Result::ok) {
                if line.starts_with("HTTP/1.1") {
                    assert!(line.contains("200"), "{line}");
                    let _ = begun.send(());
                } else if let Some(new) = line.strip_prefix("id: ") {
                    id = new.to_owned();
                } else if let Some(data) = line.strip_prefix("data: ") {
                    let _ = send.send((id.clone(), serde_json::from_str(data).unwrap()));
                }
            }
        });
        // From here on, all events are received.
        let _ = begins.recv_timeout(DEADLINE);
        Self { received, seen: Vec::new(), _stream: stream }
    }

    fn wait(&mut self, fits: impl Fn(&Value) -> bool) -> (String, Value) {
        let limit = Instant::now() + DEADLINE;
        loop {
            match self.received.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok((id, line)) => {
                    self.seen.push((id.clone(), line.clone()));
                    if fits(&line) {
                        return (id, line);
                    }
                }
                Err(_) => panic!("it did not come:\n{:#?}", self.seen),
            }
        }
    }

    /// Everything received so far.
    fn drain(&mut self) -> &[(String, Value)] {
        while let Ok((id, line)) = self.received.try_recv() {
            self.seen.push((id, line));
        }
        &self.seen
    }
}

fn is(line: &Value, event: &str) -> bool {
    line["event"] == event
}

#[test]
fn it_is_asked_by_the_commands_and_ends_when_told() {
    let stage = Stage::new();
    let mut agent = Agent::start(&stage);
    let gopls = stage.gopls();
    let status = agent.wait_for("the gopls", |status| servers(&stage, status).len() == 1);
    assert_eq!(servers(&stage, &status)[0]["pid"], gopls.0.id());
    assert_eq!(status["agent"]["pid"], agent.child.id());
    let human = stage.run(&["status", "--verbose"]);
    assert!(human.status.code() < Some(2), "{human:?}");
    let said = text(&human.stdout);
    assert!(said.contains("api-server") && said.contains("Agent 0.1.0") && said.contains("history"), "{said}");

    let second = stage.run(&["agent"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains(&format!("runs already (pid {}", agent.child.id())), "{second:?}");

    let metrics = text(&stage.run(&["metrics"]).stdout);
    assert!(metrics.contains("goplswatch_servers{") && metrics.ends_with("# EOF\n"), "{metrics}");
    assert!(text(&stage.run(&["logs"]).stdout).contains("begins"));

    // As the login service does: waits, then takes over.
    let child = stage.program().args(["agent", "--wait"]).stderr(Stdio::piped()).spawn().unwrap();
    let waiting_pid = child.id();
    let mut waiting = Agent { stage: &stage, child };
    assert_eq!(agent.end(), Some(0));
    let next = waiting.wait_for("the next agent", |status| status["agent"]["pid"] == waiting_pid);
    assert_eq!(servers(&stage, &next).len(), 1);
    assert_eq!(waiting.end(), Some(0));
    assert!(!stage.socket().exists());
    assert_eq!(stage.run(&["status", "--agent"]).status.code(), Some(3));
    let alone = stage.run(&["status", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&alone.stdout).unwrap()["agent"], Value::Null);
    for command in [&["events"][..], &["pause"], &["metrics"], &["status", "--watch"]] {
        let alone = stage.run(command);
        assert_eq!(alone.status.code(), Some(3), "{command:?}");
        assert!(text(&alone.stderr).contains("no agent is running"), "{command:?}");
    }
    assert!(text(&stage.run(&["logs", "-n", "1"]).stdout).contains("ends, as it was told to"));
}

#[test]
fn service_status_names_the_agent_that_answers() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let pid = agent.child.id();
    let status: Value = serde_json::from_slice(&stage.run(&["service", "status", "--json"]).stdout).unwrap();
    assert_eq!(status["answers"], pid, "{status}");
    let printed = text(&stage.run(&["service", "status"]).stdout);
    assert!(printed.contains(&format!("an agent answers (pid {pid})")), "{printed}");
}

#[test]
fn every_route_of_its_document_answers_and_nothing_else_does() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let document: Value = serde_json::from_str(goplswatch_agent::api::DOCUMENT).unwrap();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_some() && path != "/v1/events" {
            let answer = agent.get(&path.replace("{id}", "none-1"));
            let expected = if path.contains("{id}") { "404" } else { "200" };
            assert_eq!(code(&answer), expected, "{path}: {answer}");
            assert!(!answer.to_lowercase().contains("\r\ndate:"), "a clock before 1970 would panic: {answer}");
            asked += 1;
        }
    }
    assert!(asked >= 6, "{asked}");
    assert_eq!(code(&agent.get("/v1/nothing")), "404");
    assert_eq!(code(&agent.get("/v1/intents")), "405");
    assert_eq!(code(&agent.get("/v1/history?since=yesterday")), "400");
    assert_eq!(code(&agent.get("/v1/history?nonsense=1")), "400");
    for (limit, expected) in [("0", "400"), ("1", "200"), ("10000", "200"), ("10001", "400"), ("-1", "400")] {
        assert_eq!(code(&agent.get(&format!("/v1/history?limit={limit}"))), expected, "{limit}");
    }
    let post = |body: &str| {
        let length = body.len();
        agent.ask(&format!("POST /v1/intents HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}"))
    };
    assert_eq!(code(&post(r#"{"intent":"pause","for_ms":60000}"#)), "200");
    assert_eq!(code(&post(r#"{"intent":"resume"}"#)), "200");
    assert_eq!(code(&post(r#"{"intent":"probe-now"}"#)), "200");
    assert_eq!(code(&post(r#"{"intent":"pause","for_ms":0}"#)), "409");
    assert_eq!(code(&post(r#"{"intent":"snooze","incident":"x-1","for_ms":5}"#)), "409");
    for wrong in [
        "",
        "{}",
        "[]",
        r#"{"intent":"explode"}"#,
        r#"{"intent":"pause","for":1}"#,
        r#"{"intent":"resume","for":1}"#,
        r#"{"intent":"probe-now","all":null}"#,
        "\u{0}",
    ] {
        assert_eq!(code(&post(wrong)), "400", "{wrong:?}");
    }
    assert_eq!(code(&post(&"x".repeat(70_000))), "413");
}

#[test]
fn signals_that_nobody_means_end_nothing() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    for signal in [Signal::USR1, Signal::USR2, Signal::ALARM, Signal::XFSZ] {
        agent.signal(signal);
    }
    // It answers after it has got them.
    assert_eq!(code(&agent.get("/v1/status")), "200");
    assert_eq!(agent.end(), Some(0));
}

#[test]
fn what_the_user_wants_is_kept_across_restarts() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let gopls = stage.gopls();
    let ok = |args: &[&str]| {
        let output = stage.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(stage.run(&["status", "--agent", "--now"]).status.code() < Some(2));
    // By its path: other tests have folders of that name.
    let folder = stage.path("api-server");
    let folder = folder.to_str().unwrap();
    assert!(ok(&["mute", folder]).contains("api-server is muted"));
    assert!(ok(&["pause", "--for", "2h"]).contains("paused until"));
    let wrong = stage.run(&["snooze", "restart-loop-1"]);
    assert!(text(&wrong.stderr).contains("No incident restart-loop-1 is open"), "{wrong:?}");
    drop(agent);
    let mut agent = Agent::start(&stage);
    let status = agent.wait_for("alerts", |status| status["alerts"]["paused"].is_object());
    let workspace = std::fs::canonicalize(stage.path("api-server")).unwrap();
    assert_eq!(status["alerts"]["muted"], json!([workspace.to_str().unwrap()]));
    ok(&["resume"]);
    assert!(ok(&["unmute", "api-server"]).contains("alerts: on"), "of what is muted the name is enough");
    drop(gopls);
}

#[test]
fn a_listener_goes_on_where_it_was_also_behind_a_restart() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let mut first = Events::listen(&agent, None);
    let gopls = stage.gopls();
    let pid = gopls.0.id();
    let (id, _) = first.wait(|line| is(line, "server-started") && line["server"]["pid"] == pid);
    drop(first);
    gopls.kill();
    let mut again = Events::listen(&agent, Some(&id));
    let (end, _) = again.wait(|line| is(line, "server-ended") && line["end"]["pid"] == pid);
    assert!(!again.seen.iter().any(|(seen, _)| *seen == id), "{:?}", again.seen);
    drop((again, agent));
    let agent = Agent::start(&stage);
    let mut after = Events::listen(&agent, Some(&id));
    after.wait(|line| is(line, "server-ended") && line["end"]["pid"] == pid);
    assert_eq!(after.seen.last().unwrap().0, end, "the same event has the same id for ever");
    assert_eq!(code(&agent.ask("GET /v1/events HTTP/1.1\r\nhost: x\r\nlast-event-id: soon\r\n\r\n")), "400");
}

#[test]
fn a_broken_config_keeps_the_last_good_one_and_is_said() {
    let stage = Stage::new();
    let folder = stage.config();
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config.toml");
    std::fs::write(&file, "[detect]\nloop-ends = 7\n").unwrap();
    let mut agent = Agent::start(&stage);
    let problems = |status: &Value| status["agent"]["config"]["problems"].as_array().unwrap().len();
    agent.wait_for("a good config", |status| problems(status) == 0);
    std::fs::write(&file, "[detect\nloop-ends = \"many\"").unwrap();
    agent.wait_for("the problem", |status| problems(status) > 0);
    assert!(text(&stage.run(&["status"]).stdout).contains("what it said before stays in force"));
    std::fs::write(&file, "[detect]\nloop-end = 9\n").unwrap();
    agent.wait_for("the suggestion", |status| {
        status["agent"]["config"]["problems"].to_string().contains("did you mean loop-ends?")
    });
    // A signal triggers the reload at once.
    std::fs::write(&file, "[detect]\nloop-ends = 8\n").unwrap();
    agent.signal(Signal::HUP);
    agent.wait_for("no problem", |status| problems(status) == 0);
    assert!(text(&stage.run(&["logs"]).stdout).contains("is broken"));
}

#[test]
fn the_config_file_says_when_problems_are_told() {
    let stage = Stage::new();
    let mut agent = Agent::start(&stage);
    agent.wait_for("the warm-up of a start", |status| status["warming_until"].is_string());
    std::fs::create_dir_all(stage.config()).unwrap();
    let file = stage.config().join("config.toml");
    std::fs::write(&file, "[alerts]\nwarm-up-ms = 0\n").unwrap();
    agent.signal(Signal::HUP);
    agent.wait_for("no warm-up", |status| status["warming_until"].is_null());
    drop(agent);
    std::fs::write(&file, "[alerts]\nwarm-up-ms = 3_600_000\n").unwrap();
    let mut agent = Agent::start(&stage);
    agent.wait_for("what the file said before the start", |status| status["warming_until"].is_string());
}

/// A thousand idle clients, some that send garbage endlessly, and some that subscribe to events and
/// never read.
#[test]
fn hostile_clients_are_dropped_and_events_come_as_before() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum },
    )
    .unwrap();
    let mut listener = Events::listen(&agent, None);
    let mut is_told = || {
        let gopls = stage.gopls();
        let pid = gopls.0.id();
        listener.wait(|line| is(line, "server-started") && line["server"]["pid"] == pid);
        gopls.kill();
        listener.wait(|line| is(line, "server-ended") && line["end"]["pid"] == pid);
    };
    is_told();
    let mut held = Vec::new();
    for i in 0..1_000 {
        let Ok(mut stream) = UnixStream::connect(stage.socket()) else {
            panic!("connection {i} was not even queued");
        };
        if i % 50 == 0 {
            // Sends a request and never reads the reply.
            let _ = stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n");
        }
        held.push(stream);
    }
    let enough = Arc::new(AtomicBool::new(false));
    let rubbish: Vec<_> = (0..4)
        .map(|_| {
            let (path, enough) = (stage.socket(), Arc::clone(&enough));
            std::thread::spawn(move || {
                let chunk = [b'x'; 64 << 10];
                let mut sent = 0;
                while sent < 10 << 20 || !enough.load(Ordering::Relaxed) {
                    let Ok(mut stream) = UnixStream::connect(&path) else { break };
                    stream.set_write_timeout(Some(DEADLINE)).unwrap();
                    while stream.write_all(&chunk).is_ok() {
                        sent += chunk.len();
                    }
                    sent += 1;
                }
            })
        })
        .collect();
    let status = agent.stage.run(&["status", "--agent", "--json"]);
    assert!(status.status.code() < Some(2), "{}", text(&status.stderr));
    // While all of that is going on.
    is_told();
    enough.store(true, Ordering::Relaxed);
    for thread in rubbish {
        thread.join().unwrap();
    }
    let resident = resident_kb(agent.child.id());
    assert!(resident < 60_000, "{resident} kB");
    // A partial request header followed by silence: dropped after five seconds.
    let mut slow = agent.socket();
    slow.write_all(b"GET /v1/status HTT").unwrap();
    slow.set_read_timeout(Some(DEADLINE)).unwrap();
    assert!(slow.read_to_end(&mut Vec::new()).is_ok(), "the agent closes it");
    drop(held);
}

#[test]
fn without_descriptors_it_stays_up_says_so_and_recovers() {
    let stage = Stage::new();
    // Enough descriptors for the agent itself, plus a handful.
    let mut shell = Command::new("/bin/sh");
    let program = stage.program();
    shell.envs(program.get_envs().filter_map(|(k, v)| Some((k, v?)))).env_remove("GOPLSWATCH_DEMO_ROLE");
    shell.args(["-c", "ulimit -n 48; exec \"$0\" \"$@\"", PROGRAM]);
    let mut agent = Agent::start_by(&stage, shell);
    let held: Vec<UnixStream> = (0..60).filter_map(|_| UnixStream::connect(stage.socket()).ok()).collect();
    let gopls: Vec<_> = (0..30).map(|_| stage.gopls()).collect();
    std::thread::sleep(Duration::from_secs(2));
    assert!(agent.child.try_wait().unwrap().is_none(), "it is still there");
    drop(held);
    let blind = |status: &Value| {
        ["end-events", "process-table"].iter().any(|name| capability(status, name)["state"] == "denied")
    };
    // kqueue needs no descriptor per process; pidfd does.
    if cfg!(target_os = "linux") {
        let status = agent.wait_for("what it cannot do", |status| blind(status));
        assert!(status["capabilities"].to_string().contains("open files"), "{status:#}");
    }
    drop(gopls);
    agent.wait_for("an answer", |status| servers(&stage, status).is_empty() && !blind(status));
    let one = stage.gopls();
    agent.wait_for("a new gopls", |status| servers(&stage, status).iter().any(|s| s["pid"] == one.0.id()));
}

#[test]
fn without_a_place_to_write_it_watches_all_the_same_and_says_what_it_cannot_do() {
    let stage = Stage::new();
    // A file stands in place of the state folder.
    stage.block_state();
    let mut agent = Agent::start(&stage);
    let gopls = stage.gopls();
    let status = agent.wait_for("the gopls", |status| servers(&stage, status).len() == 1);
    assert_eq!(capability(&status, "history")["state"], "denied");
    assert!(status["agent"]["history"]["trouble"]["text"].is_string());
    // Without a history, the next agent must still not reuse sequence numbers for other inputs.
    assert!(status["agent"]["last"].as_u64().unwrap() > 1_000_000_000_000);
    let paused = stage.run(&["pause"]);
    assert!(text(&paused.stderr).contains("it will be forgotten when the agent ends"), "{paused:?}");
    let second = stage.run(&["agent"]);
    assert_eq!(second.status.code(), Some(2), "two agents are one too many also here: {second:?}");
    drop(gopls);
    agent.wait_for("its end", |status| servers(&stage, status).is_empty());
}

/// Resident memory of a process in kB: from /proc, or without it from `ps`, which small Linux
/// systems lack.
fn resident_kb(pid: u32) -> u64 {
    if let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) {
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        return line.trim().trim_end_matches(" kB").parse().unwrap();
    }
    let said = Command::new("ps").args(["-o", "rss=", "-p", &pid.to_string()]).output().unwrap();
    text(&said.stdout).trim().parse().unwrap()
}

/// Number of kills, unless `GOPLSWATCH_KILLS` overrides it: nightly runs have time for more.
const KILLS: u64 = 25;

/// Minimum number of events that must be reported over all kills.
const ENOUGH: usize = 100;

/// Kill -9 at random moments under load. Every event sent to a listener must be in the history
/// afterwards, with the same id; no incident opens twice, and no gopls starts or ends twice.
#[test]
fn killed_at_any_moment_it_loses_nothing_that_it_told_and_invents_nothing() {
    let stage = Stage::new();
    let mut dice = 0x9e37_79b9_7f4a_7c15u64 ^ u64::from(std::process::id());
    let mut roll = move |below: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % below
    };
    let stop = AtomicBool::new(false);
    let mut reported: BTreeMap<String, Value> = BTreeMap::new();
    let (mut born, mut agents) = (BTreeSet::new(), 0);
    std::thread::scope(|scope| {
        // Also stops the load if an assertion fails in here; otherwise the scope would wait for it
        // forever.
        let stopping = Stopping(&stop);
        let load = scope.spawn(|| {
            let mut pids = BTreeSet::new();
            let mut alive = std::collections::VecDeque::new();
            while !stop.load(Ordering::Relaxed) {
                let gopls = stage.gopls();
                pids.insert(gopls.0.id());
                alive.push_back(gopls);
                if alive.len() > 4 {
                    alive.pop_front().unwrap().kill();
                }
                std::thread::sleep(Duration::from_millis(30));
            }
            pids
        });
        let mut after: Option<String> = None;
        let kills = std::env::var("GOPLSWATCH_KILLS").map_or(KILLS, |number| number.parse().unwrap());
        // On a slow machine more kills are needed until enough events were reported to prove
        // something.
        while agents < kills || reported.len() < ENOUGH {
            assert!(agents < 10 * kills, "only {} events were told: that proves little", reported.len());
            let mut agent = Agent { stage: &stage, child: spawn(&stage) };
            agents += 1;
            let socket = stage.socket();
            wait_until("its socket", || {
                let ended = agent.child.try_wait().unwrap();
                assert!(ended.is_none(), "it ended ({ended:?}):\n{}", text(&stage.run(&["logs", "-n", "5"]).stdout));
                UnixStream::connect(&socket).is_ok()
            });
            let mut events = Events::listen(&agent, after.as_deref());
            std::thread::sleep(Duration::from_millis(roll(250)));
            agent.child.kill().unwrap();
            agent.child.wait().unwrap();
            std::thread::sleep(Duration::from_millis(5));
            for (id, line) in events.drain() {
                let mut line = line.clone();
                line.as_object_mut().unwrap().remove("n");
                if let Some(before) = reported.insert(id.clone(), line.clone()) {
                    assert_eq!(before, line, "{id} was told twice, differently");
                }
                after = Some(id.clone());
            }
        }
        drop(stopping);
        born = load.join().unwrap();
    });
    // A last agent recovers the files.
    let agent = Agent::start(&stage);
    assert_eq!(agent.end(), Some(0));

    let output = stage.run(&["history", "--since", "1h", "--json"]);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut kept: BTreeMap<String, Value> = BTreeMap::new();
    let mut last = (0, 0);
    for mut line in lines.clone() {
        let seq = line["seq"].as_u64().unwrap();
        last = if last.0 == seq { (seq, last.1 + 1) } else { (seq, 0) };
        line.as_object_mut().unwrap().remove("n");
        assert!(kept.insert(format!("{seq}-{}", last.1), line).is_none(), "number {seq} was used twice");
    }
    for (id, line) in &reported {
        assert_eq!(kept.get(id), Some(line), "{id} was told and is not in the history as it was told");
    }
    let exe = std::fs::canonicalize(stage.path("gopls")).unwrap();
    let mut starts: BTreeMap<(u64, u64), u32> = BTreeMap::new();
    let mut ends: BTreeMap<(u64, String, u64), u32> = BTreeMap::new();
    let (mut open, mut ever) = (BTreeMap::new(), BTreeSet::new());
    for line in &lines {
        match line["event"].as_str().unwrap() {
            "server-started" => {
                let server = &line["server"];
                if server["exe"] != exe.to_str().unwrap() {
                    continue;
                }
                let key = (server["pid"].as_u64().unwrap(), server["start"].as_u64().unwrap());
                assert!(born.contains(&u32::try_from(key.0).unwrap()) || server["adopted"] == true, "{line}");
                *starts.entry(key).or_default() += 1;
            }
            "server-ended" if line["end"]["revised"] != true => {
                let end = &line["end"];
                let key = (
                    end["pid"].as_u64().unwrap(),
                    end["lineage"].as_str().unwrap().to_owned(),
                    end["generation"].as_u64().unwrap(),
                );
                *ends.entry(key).or_default() += 1;
            }
            "incident-opened" => {
                let incident = &line["incident"];
                let id = incident["id"].as_str().unwrap().to_owned();
                assert!(ever.insert(id.clone()), "{id} was opened twice");
                let about = (incident["code"].to_string(), incident["lineage"].to_string());
                assert!(open.insert(about, id.clone()).is_none(), "{id} is open already under another id");
            }
            "incident-closed" => {
                let incident = &line["incident"];
                open.remove(&(incident["code"].to_string(), incident["lineage"].to_string()));
            }
            _ => {}
        }
    }
    assert!(starts.values().all(|n| *n == 1), "a gopls started twice: {starts:?}");
    assert!(ends.values().all(|n| *n == 1), "a gopls ended twice: {ends:?}");
    assert!(starts.len() > 20, "{}", starts.len());
    println!("{agents} agents killed, {} events told, {} kept", reported.len(), kept.len());
}

struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn spawn(stage: &Stage) -> Child {
    stage.program().arg("agent").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Whatever else goes wrong, a running agent must be reachable.
#[test]
fn what_is_taken_away_is_made_again_and_what_is_taken_is_left_alone() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    // Another state folder means another lock; the socket shows that an agent is there.
    let mut second = stage.program();
    second.env("XDG_STATE_HOME", stage.path("elsewhere")).args(["agent"]);
    if cfg!(target_os = "linux") {
        let second = second.output().unwrap();
        assert_eq!(second.status.code(), Some(2), "{second:?}");
        assert!(text(&second.stderr).contains("one answers at"), "{second:?}");
        assert!(stage.socket().exists());
    }
    std::fs::remove_dir_all(stage.logs()).unwrap();
    std::fs::remove_dir_all(stage.state().join("history")).unwrap();
    std::fs::create_dir_all(stage.config()).unwrap();
    std::fs::write(stage.config().join("config.toml"), "[detect]\nno-such-key = 1\n").unwrap();
    wait_until("the log to be written again", || text(&stage.run(&["logs"]).stdout).contains("no-such-key"));
    let mut events = Events::listen(&agent, None);
    let gopls = stage.gopls();
    let pid = gopls.0.id();
    // One that ends before the next scan is never seen.
    events.wait(|line| is(line, "server-started") && line["server"]["pid"] == pid);
    gopls.kill();
    events.wait(|line| is(line, "server-ended") && line["end"]["pid"] == pid);
    let history = stage.run(&["history", "--since", "1h"]);
    assert!(text(&history.stdout).contains("ended"), "{history:?}");
}

#[test]
fn a_signal_at_any_moment_of_the_start_is_no_crash() {
    for ms in [5, 15, 25, 40, 60, 100] {
        let stage = Stage::new();
        let mut agent = Agent { stage: &stage, child: spawn(&stage) };
        std::thread::sleep(Duration::from_millis(ms));
        agent.signal(Signal::TERM);
        let status = agent.child.wait().unwrap();
        // Before the signal handler is installed, the default action (SIGTERM ends the process)
        // applies. At that time no history was begun yet.
        let begun = stage.state().join("history").exists();
        let default_action = std::os::unix::process::ExitStatusExt::signal(&status) == Some(15) && !begun;
        assert!(status.code() == Some(0) || default_action, "{status:?} after {ms} ms");
    }
}

/// A pipe that nobody reads, in the place of a file that is written: opening it would wait for ever.
#[test]
fn a_pipe_in_the_place_of_the_log_is_named_and_everything_else_goes_on() {
    let stage = Stage::new();
    std::fs::create_dir_all(stage.logs()).unwrap();
    let pipe = stage.logs().join("agent.log");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut agent = Agent::start(&stage);
    let status =
        agent.wait_for("the refusal", |status| status["capabilities"].to_string().contains("it is no plain file"));
    let log = capability(&status, "log");
    assert_eq!(log["state"], "denied");
    assert!(log["text"].as_str().unwrap().contains(&pipe.display().to_string()), "{log}");
    assert_eq!(agent.end(), Some(0));
}
