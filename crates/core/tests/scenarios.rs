//! The engine, told stories. Each file of `scenarios/` is a small script; what the engine says to it is a snapshot,
//! and the codes that it opens stand in the script itself (`expect …`), so that a snapshot cannot be waved through.
//!
//! ```text
//! 00:00 client 1 VS Code session 5        (or: window 5 180, lived 3, never, unknown; "old" = older than our watch)
//! 00:01 start 10 by 1 in /w/api           (class=…, unknown folder: "in ?")
//! 00:09 end 10 SIGKILL                    (exit N, SIGNAME, unknown; "oom" behind it)
//! 00:10 load 20 of 10 go-list             (driver; "of ?" for an orphan)
//! 00:10 activity 10 quiet                 (busy, stopped)
//! 20:00 pass                              (time goes by)
//! 20:00 down                              (nobody watches from here on, until "began BOOT")
//! 21:00 end 10 unknown unwatched
//! ```

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a test: a script that cannot be read must fail it"
)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::words::{Activity, BinaryChange, EndDetail, ExitStatus, LoadKind, ServerClass};
use goplswatch_core::{Effect, Event, Fact, Input, Intent, Moment, ProcessKey, Reading, Seq, State, step};

struct Story {
    state: State,
    seq: u64,
    wake_ns: Option<u64>,
    said: String,
    opened: BTreeSet<String>,
    /// Nobody watches.
    down: bool,
}

fn key(word: &str) -> ProcessKey {
    let pid: u32 = word.parse().unwrap_or_else(|_| panic!("a pid: {word}"));
    ProcessKey::new(pid, u64::from(pid) * 100)
}

fn ns(clock: &str) -> u64 {
    let (minutes, seconds) = clock.split_once(':').unwrap_or_else(|| panic!("a time: {clock}"));
    let seconds: f64 = seconds.parse().unwrap();
    minutes.parse::<u64>().unwrap() * 60_000_000_000 + (seconds * 1e9) as u64
}

impl Story {
    fn new() -> Self {
        let mut story = Self {
            state: State::default(),
            seq: 0,
            wake_ns: None,
            said: String::new(),
            opened: BTreeSet::new(),
            down: false,
        };
        story.fact(0, Fact::Config(Box::default()));
        story
    }

    fn fact(&mut self, at: u64, fact: Fact) {
        self.seq += 1;
        let at = Moment { wall_ms: (at / 1_000_000) as i64, cont_ns: at };
        for effect in step(&mut self.state, Input { seq: Seq(self.seq), at, fact }) {
            match effect {
                Effect::WakeAt(ns) => self.wake_ns = Some(ns),
                Effect::Event(event) => self.say(&event),
            }
        }
    }

    fn pass(&mut self, until: u64) {
        while let Some(at) = self.wake_ns.filter(|at| *at <= until) {
            self.wake_ns = None;
            self.fact(at, Fact::Wake);
        }
    }

    fn say(&mut self, event: &Event) {
        let ms = event.at.cont_ns / 1_000_000;
        let _ = write!(self.said, "{:02}:{:02}.{:03} ", ms / 60_000, ms / 1_000 % 60, ms % 1_000);
        let _ = match &event.subject {
            Subject::Server(s) => {
                writeln!(self.said, "started {} {} gen {} {}", s.pid, s.class.word(), s.generation, s.lineage)
            }
            Subject::End(e) => {
                let what = format!("{:?} signal={:?} code={:?}", e.cause.kind, e.cause.signal, e.cause.code);
                let churn = e.not_churn_why.as_ref().map_or("churn".into(), |w| format!("not churn: {w}"));
                let revised = if e.revised { "revised " } else { "" };
                writeln!(
                    self.said,
                    "{revised}ended {} {what}; {churn}; spends {:?}; lived {:?}",
                    e.pid, e.spends_life, e.lived_ms
                )
            }
            Subject::Incident(i) => {
                let verb = match event.name {
                    EventName::IncidentOpened => {
                        self.opened.insert(i.code.word().into());
                        "OPENED"
                    }
                    EventName::IncidentChanged => "changed",
                    _ => "closed",
                };
                let because = i.closed_because.as_ref().map_or(String::new(), |b| format!(" because {b}"));
                writeln!(
                    self.said,
                    "{verb} {}{because}\n          {} — {}\n          evidence {:?}, lives {:?}",
                    i.id,
                    i.title,
                    i.text,
                    i.evidence.iter().map(|s| s.0).collect::<Vec<_>>(),
                    i.lives_left
                )
            }
            Subject::Capability(c) => writeln!(self.said, "capability {}", c.name),
            Subject::Alert(a) => {
                let verb = if event.name == EventName::AlertTold { "TOLD" } else { "withdrawn" };
                writeln!(self.said, "{verb} {} of {:?}, {:?}", a.id, a.incidents, a.telling)
            }
            Subject::Fix(f) => writeln!(self.said, "fix {} helped {:?}: {}", f.receipt, f.helped, f.text),
            Subject::Alerts(a) => writeln!(
                self.said,
                "alerts paused {:?} muted {:?} snoozed {:?}",
                a.paused,
                a.muted,
                a.snoozed.iter().map(|s| &s.incident).collect::<Vec<_>>()
            ),
        };
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = ns(words[0]);
        // While the machine sleeps, nobody wakes the engine.
        let asleep = if words[1] == "slept" { words[2].parse::<u64>().unwrap() * 1_000_000_000 } else { 1 };
        if words[1] == "began" {
            self.down = false;
            self.wake_ns = None;
        }
        if !self.down && words[1] != "began" {
            self.pass(at.saturating_sub(asleep));
        }
        let rest = |from: usize| words[from..].join(" ");
        let fact = match words[1] {
            "client" => {
                let old = words.last() == Some(&"old");
                let words: Vec<&str> = words.iter().copied().filter(|w| *w != "old").collect();
                let verb =
                    words.iter().position(|w| ["session", "window", "lived", "never", "unknown"].contains(w)).unwrap();
                let number = |i: usize| words[verb + i].parse::<u64>().unwrap();
                let policy = match words[verb] {
                    "session" => RestartPolicy::SessionCount { exits: number(1) as u32 },
                    "window" => RestartPolicy::WindowCount { exits: number(1) as u32, window_ms: number(2) * 1_000 },
                    "lived" => RestartPolicy::LivedLongEnough { min_ms: number(1) * 1_000 },
                    "never" => RestartPolicy::Never,
                    _ => RestartPolicy::Unknown,
                };
                let name = words[3..verb].join(" ");
                Fact::ClientSeen(Box::new(ClientSeen {
                    client: key(words[2]),
                    name,
                    policy,
                    whole_life: !old,
                    restart_command: Some("Restart".into()),
                }))
            }
            "start" => {
                let class = match words.iter().find_map(|w| w.strip_prefix("class=")) {
                    None | Some("lsp") => ServerClass::Lsp,
                    Some("daemon") => ServerClass::Daemon,
                    Some("forwarder") => ServerClass::Forwarder,
                    Some("mcp") => ServerClass::Mcp,
                    Some("one-shot") => ServerClass::OneShot,
                    Some("sidecar") => ServerClass::Sidecar,
                    Some(other) => panic!("class {other}"),
                };
                let folder = words[6];
                Fact::ServerSeen(Box::new(ServerSeen {
                    server: key(words[2]),
                    class,
                    exe: Reading::Known("/usr/bin/gopls".into()),
                    arch: Reading::Known("x86_64".into()),
                    translated: Reading::Known(false),
                    workspace: if folder == "?" {
                        Reading::unknown("its folder is /")
                    } else {
                        Reading::Known(folder.into())
                    },
                    client: if words[4] == "?" {
                        Reading::unknown("its parent has ended")
                    } else {
                        Reading::Known(key(words[4]))
                    },
                    started_ns: Reading::Known(at),
                    adopted: false,
                }))
            }
            "end" => Fact::Ended {
                process: key(words[2]),
                status: match words[3] {
                    "exit" => ExitStatus::Exited(words[4].parse().unwrap()),
                    "unknown" => ExitStatus::Unknown("reaped before we looked".into()),
                    name => {
                        let signal = [("SIGTERM", 15), ("SIGKILL", 9), ("SIGSEGV", 11), ("SIGABRT", 6), ("SIGHUP", 1)];
                        let signal = signal.iter().find(|(n, _)| *n == name).unwrap().1;
                        ExitStatus::Signaled { signal, name: name.into(), core: false }
                    }
                },
                detail: match *words.last().unwrap() {
                    "oom" => Some(EndDetail::OutOfMemoryKillerRan),
                    "unwatched" => Some(EndDetail::Unwatched),
                    _ => None,
                },
            },
            "load" => Fact::LoadSeen(Box::new(LoadSeen {
                load: key(words[2]),
                server: if words[4] == "?" {
                    Reading::unknown("its parent has ended")
                } else {
                    Reading::Known(key(words[4]))
                },
                kind: if words[5] == "driver" { LoadKind::Driver } else { LoadKind::GoList },
                label: if words[5] == "driver" { "gopackagesdriver".into() } else { "go list".into() },
                started_ns: Reading::Known(at),
            })),
            "waits" => Fact::LoadWaits { load: key(words[2]), on: rest(4) },
            "activity" => Fact::TreeActivity {
                server: key(words[2]),
                activity: match words[3] {
                    "quiet" => Activity::Quiet,
                    "busy" => Activity::Busy,
                    _ => Activity::Stopped,
                },
            },
            "memory" => Fact::Memory { server: key(words[2]), bytes: words[3].parse().unwrap() },
            "replaced" => Fact::BinaryChanged { server: key(words[2]), change: BinaryChange::Replaced },
            "deleted" => Fact::BinaryChanged { server: key(words[2]), change: BinaryChange::Deleted },
            "learned" => Fact::WorkspaceLearned { server: key(words[2]), workspace: words[3].into() },
            "fix" => Fact::OwnFix { process: key(words[2]) },
            "slept" => Fact::Slept { ns: words[2].parse::<u64>().unwrap() * 1_000_000_000 },
            // The watch begins again, in the same boot or in another one; nobody woke the engine meanwhile.
            "began" => Fact::Began { boot: words[2].into() },
            "snooze" => Fact::Intent(Intent::Snooze {
                incident: words[2].into(),
                for_ms: words[3].parse::<u64>().unwrap() * 1_000,
            }),
            "mute" => Fact::Intent(Intent::Mute { workspace: words[2].into() }),
            "unmute" => Fact::Intent(Intent::Unmute { workspace: words[2].into() }),
            "pause" => Fact::Intent(Intent::Pause { for_ms: words.get(2).map(|s| s.parse::<u64>().unwrap() * 1_000) }),
            "resume" => Fact::Intent(Intent::Resume),
            "down" => {
                self.pass(at);
                self.down = true;
                return;
            }
            "pass" => {
                self.pass(at);
                return;
            }
            other => panic!("unknown verb {other}"),
        };
        self.fact(at, fact);
    }
}

fn tell(path: &Path) -> String {
    let script = std::fs::read_to_string(path).unwrap();
    let mut story = Story::new();
    let mut expected = None;
    for line in script.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        match line.strip_prefix("expect ") {
            Some("none") => expected = Some(BTreeSet::new()),
            Some(codes) => expected = Some(codes.split_whitespace().map(String::from).collect()),
            None => story.line(line),
        }
    }
    assert_eq!(Some(&story.opened), expected.as_ref(), "{}:\n{}", path.display(), story.said);
    story.said
}

#[test]
fn stories() {
    insta::glob!("scenarios/*.txt", |path| insta::assert_snapshot!(tell(path)));
}
