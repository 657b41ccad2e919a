//! A running agent for tests.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use goplswatch_testing::{DEADLINE, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::stage::Stage;

/// A running agent; killed when dropped.
pub(crate) struct Agent<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) child: Child,
}

impl<'a> Agent<'a> {
    pub(crate) fn start(stage: &'a Stage) -> Self {
        Self::start_by(stage, stage.program())
    }

    /// Started by another command, such as a shell that sets limits first.
    pub(crate) fn start_by(stage: &'a Stage, mut command: Command) -> Self {
        command.arg("agent");
        // A Mac always has a desktop, which these tests are not about. On Linux the stage has none.
        if cfg!(target_os = "macos") {
            command.arg("--no-tray");
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut agent = Self { stage, child };
        // The first reply already has the capabilities.
        let status = agent.wait_for("an answer", |_| true);
        assert_eq!(capability(&status, "process-table")["state"], "ok", "{status:#?}");
        assert!(status["agent"].is_object());
        agent
    }

    /// `status --json` as soon as it fits.
    pub(crate) fn wait_for(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let limit = Instant::now() + DEADLINE;
        loop {
            let status = self.stage.run(&["status", "--agent", "--json"]);
            let seen = serde_json::from_slice::<Value>(&status.stdout).ok();
            if let Some(status) = seen.as_ref().filter(|status| fits(status)) {
                return status.clone();
            }
            if Instant::now() > limit || self.child.try_wait().unwrap().is_some() {
                let _ = self.child.kill();
                let mut said = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("{what} did not come:\n{seen:#?}\n{}\nagent: {said}", text(&status.stderr));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn socket(&self) -> UnixStream {
        UnixStream::connect(self.stage.socket()).unwrap()
    }

    /// Sends a raw request; returns the reply as text.
    pub(crate) fn ask(&self, request: &str) -> String {
        let mut stream = self.socket();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        text(&answer)
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n"))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Ends it as a logout does, within the deadline whatever hangs; returns the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        wait_for("its end", || self.child.try_wait().unwrap()).code()
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn capability<'a>(status: &'a Value, name: &str) -> &'a Value {
    status["capabilities"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap_or(&Value::Null)
}
