//! A gopls started by the test itself, which speaks the minimum of LSP to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    procs::{self, Proc, until},
    scratch::Scratch,
    watch::SOON,
};

/// A gopls whose parent is this process.
pub(crate) struct Session {
    pub(crate) process: Proc,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Session {
    /// Starts `gopls ARGUMENTS` in the module and waits until it has answered `initialize`.
    pub(crate) fn start(scratch: &Scratch, arguments: &[&str]) -> Session {
        Session::start_in(scratch, &scratch.module(), arguments)
    }

    /// The same in another folder.
    pub(crate) fn start_in(scratch: &Scratch, folder: &Path, arguments: &[&str]) -> Session {
        let mut command = scratch.command(scratch.gopls());
        command.current_dir(folder);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("gopls");
        let process = procs::look(child.id()).expect("gopls just started");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut session = Session { process, child, stdin, stdout };
        let root = format!("file://{}", folder.display());
        session.send(&json!({
            "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": {
                "processId": std::process::id(), "rootUri": root, "capabilities": {},
                "workspaceFolders": [{ "uri": root, "name": "folder" }],
            },
        }));
        session.answer(1);
        session.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        // Between fork and exec the child had this program's name: read it again, now that it has
        // answered.
        session.process = procs::look(session.child.id()).expect("gopls answered");
        session
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let pipe = self.stdin.as_mut().expect("stdin is open");
        write!(pipe, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("gopls reads");
        pipe.flush().expect("gopls reads");
    }

    /// Skips other messages until the reply with this id.
    fn answer(&mut self, id: i64) -> Value {
        loop {
            let mut length = 0;
            loop {
                let mut header = String::new();
                let read = self.stdout.read_line(&mut header).expect("gopls writes text");
                assert!(read > 0, "gopls ended before it answered");
                match header.trim_end().split_once(": ") {
                    Some(("Content-Length", number)) => length = number.parse().expect("a number"),
                    Some(_) => {}
                    None => break,
                }
            }
            let mut body = vec![0; length];
            self.stdout.read_exact(&mut body).expect("a whole message");
            let message: Value = serde_json::from_slice(&body).expect("JSON");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Ends it as the protocol says: `shutdown`, `exit`.
    pub(crate) fn shut_down(mut self) -> ExitStatus {
        self.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
        self.answer(2);
        self.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
        self.ended()
    }

    /// Ends it as a client does that just goes away.
    pub(crate) fn close_stdin(mut self) -> ExitStatus {
        self.stdin = None;
        self.ended()
    }

    /// Ends it by a signal. Returns its status and its stderr.
    pub(crate) fn signal(mut self, signal: Signal) -> (ExitStatus, String) {
        self.process.signal(signal);
        let mut stderr = Vec::new();
        drop(self.child.stderr.take().expect("a pipe").read_to_end(&mut stderr));
        (self.ended(), String::from_utf8_lossy(&stderr).into_owned())
    }

    fn ended(&mut self) -> ExitStatus {
        until(SOON, || self.child.try_wait().expect("our child")).expect("gopls did not end")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let family = procs::descendants(self.process.pid);
        drop(self.child.kill());
        for one in family {
            one.signal(Signal::KILL);
        }
        drop(self.child.wait());
    }
}
