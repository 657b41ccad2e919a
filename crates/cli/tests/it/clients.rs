//! The commands that keep running while the agent stops and starts: `events`, `status --watch`,
//! `logs -f`; and what other commands report if something listens at the socket but does not
//! answer.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::agent::{Agent, text};
use crate::support::stage::Stage;
use goplswatch_testing::{DEADLINE, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// A command that keeps running, and its output so far.
struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

impl Running {
    fn start(stage: &Stage, args: &[&str]) -> Self {
        let mut child = stage.program().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = collect(child.stdout.take().unwrap());
        let err = collect(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Waits until the output fits.
    fn wait(&mut self, what: &str, fits: impl Fn(&str, &str) -> bool) {
        let limit = Instant::now() + DEADLINE;
        while !fits(&self.out(), &self.err()) {
            let ended = self.child.try_wait().unwrap();
            if Instant::now() > limit || ended.is_some() {
                panic!("{what} did not come ({ended:?}):\n{}\n{}", self.out(), self.err());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The first line that fits, once it is there.
    fn line(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        self.wait(what, |out, _| out.lines().any(&fits));
        self.out().lines().find(|line| fits(line)).unwrap().to_owned()
    }

    /// Interrupts it as a user does, and returns its exit code.
    fn stop(mut self) -> Option<i32> {
        kill_process(Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap(), Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    let saying = Arc::clone(&said);
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut said = saying.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
    said
}

/// Listens at the agent's socket and answers as the test wants; `answer` gets the header of each
/// request.
pub(crate) fn serve_fake_agent(stage: &Stage, answer: impl Fn(&str, &mut UnixStream) + Send + Sync + 'static) {
    let socket = stage.socket();
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let listener = UnixListener::bind(socket).unwrap();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut head = String::new();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while reader.read_line(&mut head).is_ok_and(|n| n > 0) && !head.ends_with("\r\n\r\n") {}
                answer(&head, &mut stream);
            });
        }
    });
}

pub(crate) fn send_json(stream: &mut UnixStream, body: &Value) {
    let body = body.to_string();
    let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
}

fn begin_events(stream: &mut UnixStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
}

/// A plausible reply of an agent: the status from one scan.
fn a_status(stage: &Stage) -> Value {
    serde_json::from_slice(&stage.run(&["status", "--json"]).stdout).unwrap()
}

#[test]
fn status_watch_outlives_its_agent() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let mut watch = Running::start(&stage, &["status", "--watch", "--json"]);
    let of = |pid: u32| {
        move |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|status| status["agent"]["pid"] == pid)
    };
    watch.line("the first status", of(agent.child.id()));
    drop(agent);
    watch.wait("that it is gone", |_, err| err.contains("the agent is gone; waiting for it"));
    let agent = Agent::start(&stage);
    watch.line("the next agent's status", of(agent.child.id()));
    assert_eq!(watch.stop(), Some(0));
}

#[test]
fn status_watch_says_that_a_stopped_agent_does_not_answer_and_goes_on() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    let mut watch = Running::start(&stage, &["status", "--watch"]);
    watch.wait("the first status", |out, _| out.contains("\nAgent "));
    agent.signal(Signal::STOP);
    watch.wait("that it is silent", |_, err| err.contains("the agent does not answer; waiting for it"));
    agent.signal(Signal::CONT);
    watch.wait("that it is back", |_, err| err.contains("the agent answers again"));
    assert_eq!(watch.stop(), Some(0));
}

#[test]
fn a_storm_of_events_is_no_storm_of_requests() {
    let stage = Stage::new();
    let status = a_status(&stage);
    let asked = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&asked);
    let (over, is_over) = channel();
    serve_fake_agent(&stage, move |head, stream| {
        if head.starts_with("GET /v1/status") {
            *counted.lock().unwrap() += 1;
            return send_json(stream, &status);
        }
        begin_events(stream);
        let began = Instant::now();
        for i in 1..=500 {
            let _ = write!(stream, "id: {i}-0\ndata: {{}}\n\n");
            std::thread::sleep(Duration::from_millis(2));
        }
        over.send(began.elapsed()).unwrap();
        std::thread::sleep(2 * DEADLINE);
    });
    let mut watch = Running::start(&stage, &["status", "--watch", "--json"]);
    let took = is_over.recv_timeout(DEADLINE).unwrap();
    let asked = *asked.lock().unwrap();
    // Ten times a second, however long the storm takes here, and once each at its beginning and
    // end.
    let most = took.as_millis() / 100 + 2;
    assert!((3..=most).contains(&asked), "{asked} in {took:?}");
    watch.wait("a status", |out, _| !out.is_empty());
    assert_eq!(watch.stop(), Some(0));
}

#[test]
fn the_end_of_a_gopls_that_ran_before_anybody_listened_has_its_name() {
    let stage = Stage::new();
    let before = stage.gopls();
    let mut agent = Agent::start(&stage);
    let pid = before.0.id();
    agent.wait_for("the gopls", |status| status["servers"].to_string().contains(&format!("\"pid\":{pid},")));
    let mut events = Running::start(&stage, &["events"]);
    // The subscription is active as soon as it prints something.
    let mut others = Vec::new();
    wait_until("a start", || {
        others.push(stage.gopls());
        std::thread::sleep(Duration::from_millis(200));
        events.out().contains("started")
    });
    before.kill();
    let said = events.line("its end", |line| line.contains("gopls ended") && line.contains(&format!("pid {pid} ")));
    assert!(said.contains("api-server"), "{said}");
    // gopls of other tests may have caused a problem.
    assert!(events.stop().is_some_and(|code| code < 2));
}

#[test]
fn a_listener_goes_on_where_it_was_and_learns_the_names_again() {
    // A server and its end, as reported by a real agent.
    let real = Stage::new();
    let gopls = real.gopls();
    let pid = gopls.0.id();
    let mut agent = Agent::start(&real);
    let mut known =
        agent.wait_for("the gopls", |status| status["servers"].to_string().contains(&format!("\"pid\":{pid},")));
    known["servers"].as_array_mut().unwrap().retain(|status| status["server"]["pid"] == pid);
    let mut events = Running::start(&real, &["events", "--json"]);
    let mut others = Vec::new();
    wait_until("a start", || {
        others.push(real.gopls());
        std::thread::sleep(Duration::from_millis(200));
        !events.out().is_empty()
    });
    gopls.kill();
    let is_end = |line: &str| line.contains("server-ended") && line.contains(&format!("\"pid\":{pid},"));
    let end = events.line("its end", is_end);
    drop((events, others, agent));

    // The first stream gives its position and ends; no server runs yet. The second one begins with
    // the end of a server.
    let stage = Stage::new();
    let streams = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&streams);
    serve_fake_agent(&stage, move |head, stream| {
        let n = heads.lock().unwrap().len();
        if head.starts_with("GET /v1/status") {
            let mut status = known.clone();
            if n < 2 {
                status["servers"] = json!([]);
            }
            return send_json(stream, &status);
        }
        heads.lock().unwrap().push(head.to_ascii_lowercase());
        begin_events(stream);
        if n == 0 {
            let _ = stream.write_all(b"id: 41-7\n\n");
            return;
        }
        let _ = write!(stream, "id: 42-0\ndata: {end}\n\n");
        std::thread::sleep(2 * DEADLINE);
    });
    let mut events = Running::start(&stage, &["events"]);
    let said = events.line("the end", |line| line.contains("gopls ended"));
    assert!(said.contains("api-server"), "{said}");
    let err = events.err();
    assert!(err.contains("the connection to the agent is gone") && err.contains("the agent is back"), "{err}");
    let heads = streams.lock().unwrap().clone();
    assert!(!heads[0].contains("last-event-id"), "{heads:?}");
    assert!(heads[1].contains("last-event-id: 41-7\r\n"), "{heads:?}");
    assert_eq!(events.stop(), Some(0));
}

#[test]
fn an_agent_that_is_there_and_does_not_answer_is_not_said_to_be_absent() {
    let stage = Stage::new();
    let agent = Agent::start(&stage);
    agent.signal(Signal::STOP);
    let stopped = stage.run(&["status"]);
    agent.signal(Signal::CONT);
    assert!(text(&stopped.stderr).contains("did not come"), "{stopped:?}");
    let said = text(&stopped.stdout);
    assert!(!said.contains("No agent is running") && said.contains("An agent runs but gave no answer"), "{said}");
    drop(agent);

    // An agent of another version, whose reply has another format.
    let stage = Stage::new();
    serve_fake_agent(&stage, |_, stream| send_json(stream, &json!({"agent": "of another version"})));
    let said = text(&stage.run(&["status"]).stdout);
    assert!(!said.contains("No agent is running") && said.contains("An agent runs but gave no answer"), "{said}");

    let stage = Stage::new();
    let said = text(&stage.run(&["status"]).stdout);
    assert!(said.contains("No agent is running"), "{said}");
}

/// Scripts read this output, and may understand fields that this version does not know.
#[test]
fn json_is_passed_on_as_the_agent_wrote_it() {
    let answer = |severity: &str, state: &str| {
        json!({
            "servers": [{"of": "a later version"}],
            "incidents": [{"severity": severity, "words": "x"}],
            "capabilities": [{"name": "process-table", "state": state, "text": "x"}],
        })
    };
    for (severity, state, code) in [("problem", "ok", 1), ("advice", "ok", 0), ("problem", "denied", 3)] {
        let stage = Stage::new();
        let written = answer(severity, state);
        let sent = written.clone();
        serve_fake_agent(&stage, move |head, stream| {
            assert!(head.to_ascii_lowercase().contains("accept-language: en\r\n"), "{head}");
            send_json(stream, &sent);
        });
        let asked = stage.run(&["--lang", "en-XA", "status", "--json"]);
        assert_eq!(text(&asked.stdout), format!("{written}\n"));
        assert_eq!(asked.status.code(), Some(code), "{severity}, {state}");
    }
    // A reply that is not valid JSON is not passed on.
    let stage = Stage::new();
    serve_fake_agent(&stage, |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"x\":");
    });
    let asked = stage.run(&["status", "--agent", "--json"]);
    assert_eq!((text(&asked.stdout).as_ref(), asked.status.code()), ("", Some(3)), "{asked:?}");
}

#[test]
fn a_socket_that_cannot_be_connected_to_is_said_to_be_that() {
    let stage = Stage::new();
    let socket = stage.socket();
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    // The stale socket file of a dead agent.
    drop(UnixListener::bind(&socket).unwrap());
    let asked = stage.run(&["metrics"]);
    assert_eq!(asked.status.code(), Some(3));
    assert!(text(&asked.stderr).contains("no agent is running"), "{asked:?}");
    // A socket that is not an agent's.
    std::fs::remove_file(&socket).unwrap();
    let _other = UnixDatagram::bind(&socket).unwrap();
    let asked = stage.run(&["metrics"]);
    assert_eq!(asked.status.code(), Some(3));
    let said = text(&asked.stderr);
    assert!(!said.contains("no agent is running") && said.contains("agent.sock"), "{said}");
    assert!(said.contains("hint: "), "{said}");
    let looked = stage.run(&["status"]);
    assert!(looked.status.code() < Some(2), "{looked:?}");
    let said = text(&looked.stdout);
    assert!(!said.contains("No agent is running") && said.contains("could not be asked: this is one look"), "{said}");
}

/// Only Linux reports that the backlog is full; macOS refuses the connection as if nobody listened.
#[cfg(target_os = "linux")]
#[test]
fn an_agent_that_takes_no_more_connections_is_said_to_be_that() {
    let stage = Stage::new();
    let socket = stage.socket();
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let bound = tokio::net::UnixSocket::new_stream().unwrap();
    bound.bind(&socket).unwrap();
    let _listener = bound.listen(0).unwrap();
    let _waiting = UnixStream::connect(&socket).unwrap();
    let asked = stage.run(&["metrics"]);
    assert_eq!(asked.status.code(), Some(3));
    let said = text(&asked.stderr);
    assert!(!said.contains("no agent is running") && said.contains("takes no more connections"), "{said}");
    let said = text(&stage.run(&["status"]).stdout);
    assert!(!said.contains("No agent is running") && said.contains("An agent runs but gave no answer"), "{said}");
}

/// A log file in the agent's place and format, without an agent.
fn a_log(stage: &Stage) -> (std::path::PathBuf, File) {
    std::fs::create_dir_all(stage.logs()).unwrap();
    let path = stage.logs().join("agent.log");
    let file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
    (path, file)
}

#[test]
fn a_followed_log_that_is_turned_over_loses_no_line() {
    let stage = Stage::new();
    let (path, mut file) = a_log(&stage);
    writeln!(file, "line 1").unwrap();
    let mut logs = Running::start(&stage, &["logs", "--follow"]);
    logs.wait("the first line", |out, _| out.contains("line 1"));
    for n in 0..4 {
        writeln!(file, "line {}", 2 * n + 2).unwrap();
        std::fs::rename(&path, path.with_extension("log.1")).unwrap();
        file = a_log(&stage).1;
        let last = format!("line {}\n", 2 * n + 3);
        write!(file, "{last}").unwrap();
        // Logs are rotated rarely: wait until the follower has read this one before the next
        // rotation.
        logs.wait("the line behind the turn", |out, _| out.ends_with(&last));
    }
    let all: String = (1..=9).map(|n| format!("line {n}\n")).collect();
    logs.wait("every line once", |out, _| out == all);
    assert_eq!(logs.stop(), Some(0));
}

#[test]
fn a_followed_log_that_is_cut_goes_on() {
    let stage = Stage::new();
    let (_, mut file) = a_log(&stage);
    writeln!(file, "a long line, longer than what follows").unwrap();
    let mut logs = Running::start(&stage, &["logs", "--follow"]);
    logs.wait("the first line", |out, _| out.contains("follows"));
    file.set_len(0).unwrap();
    writeln!(file, "short").unwrap();
    logs.wait("the line behind the cut", |out, _| out.ends_with("\nshort\n"));
    assert_eq!(logs.stop(), Some(0));
}
