//! Test bed for the real program: simulated servers that sleep, and an agent whose events are timed
//! as they arrive from its socket.
//!
//! A simulated server is this benchmark itself, started again under the file name `gopls`. It
//! sleeps until its input closes, so none outlives the benchmark, however that ends.

use std::collections::HashMap;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Any error that stops a benchmark.
pub(crate) type Failed = Box<dyn Error>;

const ROLE: &str = "GOPLSWATCH_BENCH_ROLE";

/// Whether this process is a simulated server; returns once its input is closed.
pub(crate) fn played_a_server() -> bool {
    if std::env::var_os(ROLE).is_none() {
        return false;
    }
    let _ = std::io::stdin().read(&mut [0]);
    true
}

/// The folder that holds all files of the run.
pub(crate) struct Stage {
    folder: TempDir,
    gopls: PathBuf,
}

impl Stage {
    pub(crate) fn new() -> Result<Self, Failed> {
        let own = std::env::current_exe()?;
        // Next to the benchmark's executable, so that a hard link is possible.
        let folder = tempfile::tempdir_in(own.parent().ok_or("the benchmark has no folder")?)?;
        let gopls = folder.path().join("gopls");
        std::fs::hard_link(&own, &gopls).or_else(|_| std::fs::copy(&own, &gopls).map(drop))?;
        Ok(Self { folder, gopls })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a simulated server.
    pub(crate) fn server(&self) -> Result<ChildProcess, Failed> {
        let mut command = Command::new(&self.gopls);
        command.env(ROLE, "server").current_dir(self.path()).stdin(Stdio::piped()).stdout(Stdio::null());
        Ok(ChildProcess(command.spawn()?))
    }

    /// The real program, with all its files in this folder.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_goplswatch"));
        for (variable, folder) in
            [("HOME", "."), ("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config"), ("XDG_RUNTIME_DIR", "run")]
        {
            command.env(variable, self.folder.path().join(folder));
        }
        command.args(args).stdin(Stdio::null());
        command
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("run/goplswatch/agent.sock")
    }

    /// Starts an agent without a surface, and subscribes to its events.
    pub(crate) fn agent(&self) -> Result<Watch, Failed> {
        self.watch(self.program(&["agent", "--no-tray"]))
    }

    /// Starts an agent on the desktop of this session bus, and subscribes to its events.
    pub(crate) fn agent_on(&self, bus: &str) -> Result<Watch, Failed> {
        let mut program = self.program(&["agent"]);
        program.env("DBUS_SESSION_BUS_ADDRESS", bus);
        self.watch(program)
    }

    fn watch(&self, mut agent: Command) -> Result<Watch, Failed> {
        let child = ChildProcess(agent.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
        let limit = Instant::now() + Duration::from_secs(10);
        let mut stream = loop {
            match UnixStream::connect(self.socket()) {
                Ok(stream) => break stream,
                Err(_) if Instant::now() < limit => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => return Err(format!("the agent has no socket: {error}").into()),
            }
        };
        stream.write_all(b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n")?;
        let mut out = BufReader::new(stream);
        // After the status line the subscription is active.
        out.read_line(&mut String::new())?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let at = Instant::now();
                let Some((event, pid)) = line.strip_prefix("data: ").and_then(read) else { continue };
                if sender.send(Line { at, event, pid }).is_err() {
                    return;
                }
            }
        });
        Ok(Watch { child, lines, early: HashMap::new() })
    }

    /// The size of the agent's history, bytes.
    pub(crate) fn recorded(&self) -> Result<u64, Failed> {
        let mut bytes = 0;
        for file in std::fs::read_dir(self.folder.path().join("state/goplswatch/history"))? {
            bytes += file?.metadata()?.len();
        }
        Ok(bytes)
    }
}

/// A child process; killed and reaped when dropped.
pub(crate) struct ChildProcess(pub(crate) Child);

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The running agent.
pub(crate) struct Watch {
    pub(crate) child: ChildProcess,
    lines: Receiver<Line>,
    /// Lines that arrived before they were asked for.
    early: HashMap<(String, u32), Instant>,
}

/// An event of a server, and when it arrived.
struct Line {
    at: Instant,
    event: String,
    pid: u32,
}

impl Watch {
    /// When the event of this server arrived; waits for it if necessary.
    pub(crate) fn line(&mut self, event: &str, pid: u32) -> Result<Instant, Failed> {
        const LONGEST: Duration = Duration::from_secs(10);
        if let Some(at) = self.early.remove(&(event.to_owned(), pid)) {
            return Ok(at);
        }
        loop {
            match self.lines.recv_timeout(LONGEST) {
                Ok(line) if line.event == event && line.pid == pid => return Ok(line.at),
                Ok(line) => {
                    self.early.insert((line.event, line.pid), line.at);
                }
                Err(RecvTimeoutError::Timeout) => return Err(format!("no `{event}` came for pid {pid}").into()),
                Err(RecvTimeoutError::Disconnected) => return Err("goplswatch has ended".into()),
            }
        }
    }
}

fn read(line: &str) -> Option<(String, u32)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let about = line.get("server").or_else(|| line.get("end"))?;
    let pid = about.get("pid")?.as_u64()?;
    Some((line.get("event")?.as_str()?.to_owned(), u32::try_from(pid).ok()?))
}
