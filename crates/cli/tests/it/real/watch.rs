//! The goplswatch under test: `goplswatch watch`, its output, and queries on it.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use super::{
    procs::{self, Proc, until},
    scratch::Scratch,
};

/// How long an event may take on a busy machine before it counts as missing. Budgets are measured
/// elsewhere.
pub(crate) const SOON: Duration = goplswatch_testing::DEADLINE;

/// One line of output.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// Null in text mode.
    pub(crate) value: Value,
}

impl Line {
    pub(crate) fn event(&self) -> &str {
        self.value["event"].as_str().unwrap_or_default()
    }

    /// Whether it is an event of an incident.
    pub(crate) fn is_incident(&self) -> bool {
        self.event().starts_with("incident-")
    }

    pub(crate) fn code(&self) -> &str {
        self.value["incident"]["code"].as_str().unwrap_or_default()
    }

    /// The number of the input that it results from.
    pub(crate) fn seq(&self) -> u64 {
        self.value["seq"].as_u64().unwrap_or_default()
    }

    fn lineage(&self) -> &Value {
        ["server", "end", "incident"]
            .iter()
            .map(|part| &self.value[part]["lineage"])
            .find(|id| !id.is_null())
            .unwrap_or(&Value::Null)
    }
}

#[derive(Default)]
struct Shared {
    lines: Mutex<Vec<Line>>,
    more: Condvar,
}

/// A running `goplswatch watch`.
pub(crate) struct Watch {
    child: Child,
    shared: Arc<Shared>,
    readers: Vec<JoinHandle<()>>,
    stderr: Arc<Mutex<String>>,
}

/// The output of a watch that was stopped.
pub(crate) struct Stopped {
    pub(crate) lines: Vec<Line>,
    pub(crate) stderr: String,
}

impl Watch {
    /// `goplswatch watch --json`, once it has reported its capabilities.
    pub(crate) fn start(scratch: &Scratch) -> Watch {
        Watch::spawn(scratch, &["watch", "--json"])
    }

    /// The same with `--record FILE`.
    pub(crate) fn recording(scratch: &Scratch, file: &Path) -> Watch {
        Watch::spawn(scratch, &["watch", "--json", "--record", &file.display().to_string()])
    }

    /// `goplswatch watch` with text output, but into a pipe.
    pub(crate) fn human(scratch: &Scratch) -> Watch {
        Watch::spawn(scratch, &["watch"])
    }

    fn spawn(scratch: &Scratch, arguments: &[&str]) -> Watch {
        let mut child = goplswatch(scratch, arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("goplswatch");
        let shared = Arc::<Shared>::default();
        let stderr = Arc::<Mutex<String>>::default();
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let json = arguments.contains(&"--json");
        let readers = vec![
            thread::spawn({
                let shared = Arc::clone(&shared);
                move || {
                    for text in out.lines().map_while(Result::ok) {
                        let value = if json { serde_json::from_str(&text) } else { Ok(Value::Null) };
                        let value = value.unwrap_or_else(|why| Value::String(format!("no JSON: {why}")));
                        shared.lines.lock().expect("no reader panics").push(Line { text, value });
                        shared.more.notify_all();
                    }
                }
            }),
            thread::spawn({
                let mut err = child.stderr.take().expect("a pipe");
                let stderr = Arc::clone(&stderr);
                move || {
                    let mut chunk = [0; 4096];
                    while let Ok(read @ 1..) = err.read(&mut chunk) {
                        stderr.lock().expect("no reader panics").push_str(&String::from_utf8_lossy(&chunk[..read]));
                    }
                }
            }),
        ];
        let mut watch = Watch { child, shared, readers, stderr };
        // It reports its capabilities first; in text mode it may print nothing, and gets some time.
        // A client's remaining lives are known only if the watcher started before it.
        let spoke = until(if json { SOON } else { Duration::from_secs(5) }, || {
            let ended = watch.child.try_wait().expect("our child");
            assert!(ended.is_none(), "goplswatch {arguments:?} ended at once: {ended:?}\n{}", watch.output());
            (!watch.lines().is_empty()).then_some(())
        });
        assert!(spoke.is_some() || !json, "goplswatch {arguments:?} said nothing within {SOON:?}\n{}", watch.output());
        watch
    }

    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.shared.lines.lock().expect("no reader panics").clone()
    }

    /// All output, for the message of a failure.
    pub(crate) fn output(&self) -> String {
        let lines: Vec<String> = self.lines().into_iter().map(|line| line.text).collect();
        format!("{}\n--- stderr\n{}", lines.join("\n"), self.stderr.lock().expect("no reader panics"))
    }

    /// The first line that fits, whether it arrived already or arrives within `limit`.
    pub(crate) fn find(&self, limit: Duration, fits: impl Fn(&Line) -> bool) -> Option<Line> {
        let end = Instant::now() + limit;
        let mut lines = self.shared.lines.lock().expect("no reader panics");
        let mut from = 0;
        loop {
            if let Some(line) = lines[from..].iter().find(|line| fits(line)) {
                return Some(line.clone());
            }
            from = lines.len();
            let left = end.checked_duration_since(Instant::now())?;
            lines = self.shared.more.wait_timeout(lines, left).expect("no reader panics").0;
        }
    }

    /// The same on the JSON of a line; `what` names it in the failure if it does not arrive.
    pub(crate) fn wait_for(&self, what: &str, limit: Duration, fits: impl Fn(&Value) -> bool) -> Line {
        let found = self.find(limit, |line| fits(&line.value));
        found.unwrap_or_else(|| panic!("no {what} within {limit:?}; goplswatch said:\n{}", self.output()))
    }

    /// The line that reports the start of this server.
    pub(crate) fn started(&self, server: &Proc) -> Line {
        self.wait_for(&format!("start of {}", server.pid), SOON, |value| {
            value["event"] == "server-started" && value["server"]["pid"] == server.pid
        })
    }

    /// The line that reports the end of this server.
    pub(crate) fn ended(&self, server: &Proc) -> Line {
        self.wait_for(&format!("end of {}", server.pid), SOON, |value| {
            value["event"] == "server-ended" && value["end"]["pid"] == server.pid
        })
    }

    /// The lineage of a server, from its start event.
    pub(crate) fn lineage(&self, server: &Proc) -> Value {
        self.started(server).value["server"]["lineage"].clone()
    }

    /// The first line that opens an incident with this code for a lineage, or changes one into it.
    pub(crate) fn incident(&self, lineage: &Value, code: &str, limit: Duration) -> Line {
        self.wait_for(&format!("{code} of {lineage}"), limit, |value| {
            let incident = &value["incident"];
            matches!(value["event"].as_str(), Some("incident-opened" | "incident-changed"))
                && incident["code"] == code
                && incident["lineage"] == *lineage
        })
    }

    /// Every incident line about a lineage so far.
    pub(crate) fn incidents_of(&self, lineage: &Value) -> Vec<Line> {
        self.lines().into_iter().filter(|line| line.is_incident() && line.lineage() == lineage).collect()
    }

    /// Every line so far that concerns this test: one of its processes, its folder, or a lineage of
    /// either.
    pub(crate) fn about(&self, scratch: &Scratch, pids: &[i32]) -> Vec<Line> {
        let folder = scratch.dir().display().to_string();
        let ours = |line: &Line| {
            let pid = |part: &str| line.value[part]["pid"].as_i64();
            let known = |pid: i64| pids.iter().any(|one| i64::from(*one) == pid);
            line.text.contains(&folder) || pid("server").is_some_and(known) || pid("end").is_some_and(known)
        };
        let lines = self.lines();
        let lineages: BTreeSet<String> = lines
            .iter()
            .filter(|line| ours(line))
            .map(Line::lineage)
            .filter(|id| !id.is_null())
            .map(Value::to_string)
            .collect();
        lines.into_iter().filter(|line| ours(line) || lineages.contains(&line.lineage().to_string())).collect()
    }

    /// Waits, then fails if anything of this test became an incident.
    pub(crate) fn stays_calm(&self, scratch: &Scratch, pids: &[i32], for_: Duration) {
        thread::sleep(for_);
        let incidents: Vec<_> = self.about(scratch, pids).into_iter().filter(Line::is_incident).collect();
        assert!(incidents.is_empty(), "an incident where all is well: {incidents:#?}\n{}", self.output());
    }

    /// Stops it as Ctrl-C would.
    pub(crate) fn stop(mut self) -> Stopped {
        let process = procs::look(self.child.id()).expect("goplswatch runs until it is stopped");
        process.signal(Signal::INT);
        let ended = until(SOON, || self.child.try_wait().expect("our child"));
        assert!(ended.is_some(), "goplswatch does not stop at an interrupt\n{}", self.output());
        for reader in self.readers.drain(..) {
            reader.join().expect("no reader panics");
        }
        let stderr = self.stderr.lock().expect("no reader panics").clone();
        Stopped { lines: self.lines(), stderr }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The goplswatch under test, in the scratch's home, without the variables a test set for gopls and
/// its client.
pub(crate) fn goplswatch(scratch: &Scratch, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_goplswatch"));
    command.args(arguments).env_clear().envs(scratch.plain_environment()).current_dir("/");
    command
}
