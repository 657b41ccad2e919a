//! The surface as a separate process, with one input per line on stdin and one output per line on
//! stdout.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_testing::DEADLINE;
use goplswatch_tray::mailbox::mailbox;
use goplswatch_tray::{Command, Options, SurfaceEvent};
use goplswatch_view::{Catalogue, Form, NotificationText, Question, Scene, SurfaceWords, UserAction};
use serde_json::{Value, json};

const MARK: &str = "surface: ";

/// The main function of the process: shows what it reads until it reads the end.
pub(crate) fn live() {
    let mut lines = BufReader::new(std::io::stdin()).lines();
    let first = lines.next().unwrap().unwrap();
    let (sender, commands) = mailbox();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let mut said: Value = serde_json::from_str(&line).unwrap();
            let (what, about) = (said["tell"].take(), said["about"].take());
            let command = match what.as_str().unwrap() {
                "show" => Command::Show(serde_json::from_value(about).unwrap()),
                "ask" => Command::Ask(serde_json::from_value(about).unwrap()),
                "say" => Command::Say(serde_json::from_value(about).unwrap()),
                _ => {
                    println!("{MARK}{}", json!({ "ending": true }));
                    Command::End
                }
            };
            let _ = sender.send(command);
        }
    });
    let words = SurfaceWords::new(Catalogue::english());
    let options = Options { seen_up_to: first.parse().unwrap(), words };
    goplswatch_tray::run(&options, &commands, |event| {
        let line = match event {
            SurfaceEvent::UserAction(action) => json!({ "wish": action }),
            SurfaceEvent::Capability(capability) => json!({ "can": capability }),
        };
        println!("{MARK}{line}");
    });
    println!("{MARK}{}", json!({ "ended": true }));
}

/// A handle of the process in the test.
pub(crate) struct Surface {
    child: Child,
    received: Receiver<Value>,
    /// Outputs received while waiting for another one.
    beside: RefCell<Vec<Value>>,
}

impl Surface {
    /// Starts `program`, which has to call [`live`], on the bus with this address.
    pub(crate) fn start(mut program: std::process::Command, address: &str, rang_before: u64) -> Self {
        let mut child = program
            .env("DBUS_SESSION_BUS_ADDRESS", address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{rang_before}").unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // The test program prints more than the surface does.
                let Some((_, said)) = line.split_once(MARK) else { continue };
                if sender.send(serde_json::from_str(said).unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, received, beside: RefCell::default() }
    }

    pub(crate) fn show(&mut self, scene: &Scene) {
        self.tell("show", json!(scene));
    }

    pub(crate) fn ask(&mut self, question: &Question) {
        self.tell("ask", json!(question));
    }

    pub(crate) fn say(&mut self, note: &NotificationText) {
        self.tell("say", json!(note));
    }

    /// Ends the process within a time limit, whatever hangs.
    pub(crate) fn end(mut self) {
        self.tell("end", Value::Null);
        self.until("that it has ended", |said| said.get("ended").map(|_| ()));
    }

    /// Waits for the next user command.
    pub(crate) fn action(&self) -> UserAction {
        self.until("an action", |said| said.get("wish").cloned().map(|action| serde_json::from_value(action).unwrap()))
    }

    /// Asserts that no user command arrives for this time.
    pub(crate) fn wants_nothing(&self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(said) = self.received.recv_timeout(end.saturating_duration_since(Instant::now())) {
            assert!(said.get("wish").is_none(), "{said}");
        }
    }

    /// Waits until this state of a capability is reported; returns the reason.
    pub(crate) fn can(&self, name: &str, state: CapabilityState) -> String {
        let state = json!(state);
        self.until(&format!("that {name} is {state}"), |said| {
            let can = said.get("can").filter(|can| can["name"] == name && can["state"] == state)?;
            let can: Capability = serde_json::from_value(can.clone()).unwrap();
            Some(Catalogue::english().text(&can.said.message, Form::Full))
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// CPU time used so far, in hundredths of a second (proc(5), `/proc/pid/stat`, utime and
    /// stime).
    pub(crate) fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
        fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
    }

    /// The number of voluntary context switches per thread so far (proc(5),
    /// `/proc/pid/task/tid/status`).
    pub(crate) fn sleeps(&self) -> BTreeMap<String, u64> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let status = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("status")).ok());
        let field = |status: &str, name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().to_owned()
        };
        let of = |status: String| {
            let sleeps = field(&status, "voluntary_ctxt_switches:").parse().unwrap();
            (format!("{} {}", field(&status, "Pid:"), field(&status, "Name:")), sleeps)
        };
        status.map(of).collect()
    }

    /// The number of open file descriptors.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count()
    }

    fn tell(&mut self, what: &str, about: Value) {
        // A single write: several would each wake the surface, and the cost of one wake-up is
        // measured.
        let line = format!("{}\n", json!({ "tell": what, "about": about }));
        self.child.stdin.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    }

    fn until<T>(&self, what: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let end = Instant::now() + DEADLINE;
        let mut beside = self.beside.borrow_mut();
        let earlier = beside.iter().enumerate().find_map(|(at, said)| Some((at, wanted(said)?)));
        if let Some((at, found)) = earlier {
            beside.remove(at);
            return found;
        }
        while let Ok(said) = self.received.recv_timeout(end.saturating_duration_since(Instant::now())) {
            match wanted(&said) {
                Some(found) => return found,
                None => beside.push(said),
            }
        }
        panic!("{what} was not heard, but {beside:#?}");
    }
}

impl Drop for Surface {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}
