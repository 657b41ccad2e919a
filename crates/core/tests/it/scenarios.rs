//! Scenario tests. Each file of `scenarios/` is a small script. Its output is a snapshot; the codes
//! that it opens are also listed in the script itself (`expect …`), so that a wrong snapshot cannot
//! be accepted by mistake.
//!
//! ```text
//! 00:00 client 1 VS Code session 5  (or: window 5 180, lived 3, never, unknown; "old": older than
//!                                    monitoring; "translated")
//! 00:01 start 10 by 1 in /w/api     (class=…, unknown folder: "in ?"; translated,
//!                                    slices=x86_64,arm64)
//! 00:09 end 10 SIGKILL              (exit N, SIGNAME, unknown; "oom", "group-oom" or "memory"
//!                                    after it)
//! 00:10 load 20 of 10 go-list       (driver; "of ?" for an orphan; "translated")
//! 00:10 activity 10 quiet           (busy, stopped)
//! 00:11 fix r1 restart-server of stuck-load pid 10 (code or id; -: no incident; no pid: ends
//!                                    nothing)
//! 00:12 fix-ends r1                 (failed: not every step was done; unsignalled: no signal sent)
//! 00:13 fix-undone r1
//! 00:14 offers 10                   (the remedies offered for a server, or for an open incident)
//! 00:14 row restart-loop            (where its row differs from most rows, and what it means)
//! 00:15 trend 10                    (the last 10 minutes of every trend in the snapshot)
//! 00:16 gauge 10 memory 1.2GB       (units: GB, MB, k; "+" after a number: or more; unknown)
//! 00:16 machine file-table 98000    (the same for the machine)
//! 00:17 holders fd-count 10 gopls 60000 12 code 4000
//! 00:18 blocked 10 on the network folder /w ("blocked 10 on ?": not known what; "blocked 10 no":
//!                                    over)
//! 00:19 events-lost /w/api the kernel's queue ran over
//! 00:20 config busy-cpu-ms=60000    (other settings have their defaults)
//! 00:21 series 6                    (the last steps of the day of every lineage with a server)
//! 00:21 usual 10                    (the usual values for a server: median, MAD, number of values)
//! 00:21 asks                        (from here on, probe requests are shown)
//! 20:00 pass                        (time passes)
//! 20:00 down                        (no monitoring from here on, until "began BOOT")
//! 21:00 end 10 unknown unwatched
//! 21:10 alerts per-hour=1 warm-up=0 (other settings have their defaults; "off")
//! 21:10 shows restart-loop digest   (the visible notifications, in this order; "shows nothing")
//! 21:15 snooze restart-loop 60      (the open incident of that code, or its id; "unsnooze")
//! 21:20 restart                     (save and restore the state, as an agent does that restarts)
//! 21:20 update                      (the same in another version, which reads only mutes, pauses)
//! ```
//! `rings N, digest M` says how often notifications ask for attention in the whole scenario.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use goplswatch_core::config::{Alerts, Config};
use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::gauge::{Amount, Gauge, Holder, ProbeRequest};
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::message::Message;
use goplswatch_core::policy::{LivesLeft, RestartCommand, RestartCommands, RestartPolicy};
use goplswatch_core::recording::{Checkpoint, Header, Reader, SCHEMA, line};
use goplswatch_core::time::{Uptime, millis};
use goplswatch_core::types::{Activity, BinaryChange, LoadKind, ServerClass};
use goplswatch_core::{
    Code, Effect, Event, Input, Moment, Observation, Pid, ProcessKey, Reading, Remedy, Robust, Seq, Snapshot, State,
    UserCommand, step,
};
use goplswatch_view::Catalogue;

fn words() -> &'static Catalogue {
    Catalogue::english()
}

fn seconds(word: &str) -> Duration {
    Duration::from_secs(word.parse().unwrap())
}

fn ms(at: Uptime) -> u64 {
    at.as_nanos() / 1_000_000
}

fn minutes_and_seconds(at: Uptime) -> String {
    let seconds = at.since(Uptime::BOOT).as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

fn rendered(state: &State, at: Uptime) -> Snapshot {
    let mut snapshot = state.snapshot(Moment { wall_ms: ms(at) as i64, uptime: at });
    words().render(&mut snapshot);
    snapshot
}

/// Prints lives left in the form used by the existing snapshots.
struct Lives<'a>(&'a LivesLeft);

impl std::fmt::Debug for Lives<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            LivesLeft::Unknown(why) => f.debug_tuple("Unknown").field(&why.text).finish(),
            known => std::fmt::Debug::fmt(known, f),
        }
    }
}

struct Story {
    state: State,
    seq: u64,
    /// Time of each input, milliseconds; the first input has the number 1.
    came_ms: Vec<u64>,
    /// Incidents and lineages, in the order in which they are first named.
    ids: Vec<String>,
    wake: Option<Uptime>,
    said: String,
    opened: BTreeSet<String>,
    /// The visible notifications, according to the events.
    shown: BTreeSet<String>,
    /// How often single notifications and the digest rang.
    rings: (usize, usize),
    /// Monitoring is interrupted.
    down: bool,
    /// Probe requests are shown.
    asks: bool,
}

fn key(word: &str) -> ProcessKey {
    let pid: u32 = word.parse().unwrap_or_else(|_| panic!("a pid: {word}"));
    ProcessKey::new(pid, u64::from(pid) * 100)
}

fn gauge(word: &str) -> Gauge {
    *Gauge::ALL.iter().find(|gauge| gauge.word() == word).unwrap_or_else(|| panic!("a gauge: {word}"))
}

/// "1.2GB", "300MB", "60k", "131072+", "unknown".
fn amount(word: &str) -> Reading<Amount> {
    if word == "unknown" {
        return Reading::unknown("it cannot be read");
    }
    let number = word.trim_end_matches('+');
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &number[digits.len()..] {
        "GB" => 1e9,
        "MB" => 1e6,
        "k" => 1e3,
        "" => 1.0,
        unit => panic!("a unit: {unit}"),
    };
    let value = (digits.parse::<f64>().unwrap() * unit).round() as u64;
    Reading::Known(if word.ends_with('+') { Amount::AtLeast(value) } else { Amount::Exactly(value) })
}

fn clock_time(clock: &str) -> Uptime {
    let (minutes, seconds) = clock.split_once(':').unwrap_or_else(|| panic!("a time: {clock}"));
    let seconds: f64 = seconds.parse().unwrap();
    Uptime::from_nanos(minutes.parse::<u64>().unwrap() * 60_000_000_000 + (seconds * 1e9) as u64)
}

/// "01:05.250".
fn clock(ms: u64) -> String {
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1_000 % 60, ms % 1_000)
}

/// `restart-loop` of `restart-loop-7`.
fn code_of(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-')
}

impl Story {
    fn new() -> Self {
        let mut story = Self {
            state: State::default(),
            seq: 0,
            came_ms: Vec::new(),
            ids: Vec::new(),
            wake: None,
            said: String::new(),
            opened: BTreeSet::new(),
            shown: BTreeSet::new(),
            rings: (0, 0),
            down: false,
            asks: false,
        };
        story.observation(Uptime::BOOT, Observation::Config(Box::default()));
        story
    }

    fn observation(&mut self, at: Uptime, observation: Observation) {
        self.seq += 1;
        self.came_ms.push(ms(at));
        let at = Moment { wall_ms: ms(at) as i64, uptime: at };
        for effect in step(&mut self.state, Input { seq: Seq(self.seq), at, observation }) {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::Ask(ask) => self.say_ask(at, ask),
                Effect::Event(event) => self.say(event),
            }
        }
        let now = self.state.snapshot(at);
        let told: BTreeSet<String> = now.told.iter().map(|alert| alert.id.clone()).collect();
        assert_eq!((&told, told.len()), (&self.shown, now.told.len()), "{}", self.said);
        for id in now.told.iter().flat_map(|alert| &alert.incidents) {
            assert!(now.incidents.iter().any(|view| view.id == *id), "{id} is told and not open\n{}", self.said);
        }
    }

    /// The ordinal of an incident or a lineage: `restart-loop#1`, `lineage#2`. Its real id contains
    /// the number of an input, which changes with every input inserted before it and means nothing
    /// here.
    fn name(&mut self, id: &str) -> String {
        if code_of(id) == id {
            return id.to_owned();
        }
        let known = self.ids.iter().position(|known| known == id).unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        let same = |other: &&String| code_of(other) == code_of(id);
        let ordinal = self.ids[..=known].iter().filter(same).count();
        let kind = if code_of(id) == "l" { "lineage" } else { code_of(id) };
        format!("{kind}#{ordinal}")
    }

    fn names(&mut self, ids: &[String]) -> String {
        ids.iter().map(|id| self.name(id)).collect::<Vec<_>>().join(", ")
    }

    /// The times at which the evidence came.
    fn moments(&self, evidence: &[Seq]) -> String {
        let moment = |seq: &Seq| clock(self.came_ms[usize::try_from(seq.0).unwrap() - 1]);
        evidence.iter().map(moment).collect::<Vec<_>>().join(", ")
    }

    fn say_ask(&mut self, at: Moment, ask: ProbeRequest) {
        if !self.asks {
            return;
        }
        let what = match ask {
            ProbeRequest::Descriptors(key) => format!("descriptors of {}", key.pid),
            ProbeRequest::Watches(key) => format!("watches of {}", key.pid),
            ProbeRequest::SharedMemory(key) => format!("shared memory of {}", key.pid),
            ProbeRequest::DescriptorHolders => "who holds descriptors".into(),
            ProbeRequest::WatchHolders => "who holds watches".into(),
            ProbeRequest::Indexer => "the indexer".into(),
        };
        let _ = writeln!(self.said, "{} ASKS {what}", clock(ms(at.uptime)));
    }

    /// The state after it was saved and restored, by this version or by another one.
    fn written_down(&mut self, readable: bool) {
        let header = Header { schema: SCHEMA, version: "t".into(), os: "t".into(), boot: "t".into() };
        let mut checkpoint = serde_json::to_value(Checkpoint { checkpoint: &self.state }).unwrap();
        if !readable {
            checkpoint["checkpoint"]["processes"]["lineages"] = serde_json::json!("of another form");
            self.shown.clear();
        }
        let bytes = [line(&header).unwrap(), line(&checkpoint).unwrap()].concat();
        let mut reader = Reader::new(&bytes).unwrap();
        self.state = match reader.checkpoint() {
            Ok(state) => state.unwrap(),
            Err(_) => reader.user_requests().unwrap(),
        };
        assert!(readable || self.state.snapshot(Moment::default()).incidents.is_empty());
        self.wake = None;
    }

    /// The alert policy given by the words of an `alerts` line.
    fn alerts(words: &[&str]) -> Alerts {
        let mut policy = Alerts::default();
        for word in words {
            match word.split_once('=').map(|(name, value)| (name, value.parse::<u64>().unwrap())) {
                Some(("warm-up", seconds)) => policy.warm_up = Duration::from_secs(seconds),
                Some(("after-upgrade", seconds)) => policy.after_upgrade = Duration::from_secs(seconds),
                Some(("per-hour", n)) => policy.per_hour = n as u32,
                Some(("again-after", seconds)) => policy.again_after = Duration::from_secs(seconds),
                None if *word == "off" => policy.enabled = false,
                _ => panic!("unknown: {word}"),
            }
        }
        policy
    }

    fn pass(&mut self, until: Uptime) {
        while let Some(at) = self.wake.filter(|at| *at <= until) {
            self.wake = None;
            self.observation(at, Observation::Wake);
        }
    }

    fn say(&mut self, mut event: Event) {
        words().render_event(&mut event);
        let _ = write!(self.said, "{} ", clock(ms(event.at.uptime)));
        let _ = match &event.subject {
            Subject::Server(s) => {
                let lineage = self.name(&s.lineage);
                writeln!(self.said, "started {} {} gen {} {lineage}", s.pid, s.class.word(), s.generation)
            }
            Subject::End(e) => {
                let what = format!("{:?} signal={:?} code={:?}", e.cause.kind, e.cause.signal, e.cause.code);
                let churn = e.not_churn_why.as_ref().map_or("churn".into(), |w| format!("not churn: {w}"));
                let revised = if e.revised { "revised " } else { "" };
                writeln!(
                    self.said,
                    "{revised}ended {} {what}; {churn}; spends {:?}; lived {:?}",
                    e.pid,
                    e.spends_life,
                    e.lived.map(millis)
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
                let receipt = i.receipt.as_ref().map_or(String::new(), |receipt| format!(", receipt {receipt}"));
                let mut causes = String::new();
                for cause in i.causes.iter().filter(|_| event.name != EventName::IncidentClosed) {
                    let evidence = self.moments(&cause.evidence);
                    let said = words().cause(cause.weight, &cause.said.text);
                    let _ = write!(causes, "\n          {said} ({}, [{evidence}])", cause.cause);
                }
                let because = i.closed_because.as_ref().map_or(String::new(), |b| format!(" because {b}"));
                let (name, evidence) = (self.name(&i.id), self.moments(&i.evidence));
                writeln!(
                    self.said,
                    "{verb} {name}{because}\n          {} — {}\n          evidence [{evidence}], lives {:?}{receipt}{causes}",
                    i.title,
                    i.said,
                    i.lives_left.as_ref().map(Lives)
                )
            }
            Subject::Capability(c) => writeln!(self.said, "capability {}", c.name),
            Subject::Alert(a) => {
                let told = event.name == EventName::AlertTold;
                let rings = told && a.rang == event.seq;
                let count = if a.id == "digest" { &mut self.rings.1 } else { &mut self.rings.0 };
                *count += usize::from(rings);
                let verb = match (told, rings) {
                    (true, true) => "TOLD",
                    (true, false) => "told in silence",
                    (false, _) => "withdrawn",
                };
                if told {
                    self.shown.insert(a.id.clone());
                } else {
                    assert!(self.shown.remove(&a.id), "{} is withdrawn and was not told\n{}", a.id, self.said);
                }
                let (name, incidents) = (self.name(&a.id), self.names(&a.incidents));
                writeln!(self.said, "{verb} {name} of [{incidents}], {:?}, {:?}", a.telling, a.workspace)
            }
            Subject::Fix(f) => {
                let incident = f.incident.as_ref().map_or(String::new(), |id| format!(" of {}", self.name(id)));
                let (receipt, remedy) = (&f.receipt, f.remedy.word());
                writeln!(self.said, "fix {receipt} {remedy}{incident} helped {:?}: {}", f.helped, f.said)
            }
            Subject::Alerts(a) => {
                let snoozed: Vec<String> = a.snoozed.iter().map(|snoozed| snoozed.incident.clone()).collect();
                let snoozed = self.names(&snoozed);
                writeln!(self.said, "alerts paused {:?} muted {:?} snoozed [{snoozed}]", a.paused, a.muted)
            }
        };
    }

    /// The id of the open incident of this code; a word that is no code is an id.
    fn incident(&self, at: Uptime, word: &str) -> String {
        let snapshot = self.state.snapshot(Moment { wall_ms: 0, uptime: at });
        snapshot.incidents.into_iter().find(|i| i.code.word() == word).map_or_else(|| word.into(), |i| i.id)
    }

    /// The remedies offered for the server with this pid, or for the open incident with this id.
    fn offers(&mut self, at: Uptime, whose: &str) {
        let snapshot = rendered(&self.state, at);
        let _ = writeln!(self.said, "{} offers for {whose}", minutes_and_seconds(at));
        if let Ok(pid) = whose.parse() {
            let server = snapshot.servers.iter().find(|s| s.server.pid == Pid(pid)).unwrap();
            let offers: Vec<_> = server.offers.iter().map(|remedy| remedy.word()).collect();
            let _ = writeln!(self.said, "          {}", offers.join(", "));
            let _ = writeln!(self.said, "          command {:?}, since {:?}", server.restart_command, server.since);
            for past in &server.past {
                let _ = writeln!(
                    self.said,
                    "          before: {} until {}, {:?} ms, {}",
                    past.generation,
                    past.ended,
                    past.lived.map(millis),
                    past.said
                );
            }
            return;
        }
        let whose = self.incident(at, whose);
        let incident = snapshot.incidents.iter().find(|i| i.id == whose).unwrap();
        for offer in &incident.remedies {
            let process = offer.process.map_or(String::new(), |p| format!(" pid {}", p.pid));
            let value = offer.value.as_ref().map_or(String::new(), |value| format!(" [{value}]"));
            // Text that is already on the page is not repeated.
            let text = if matches!(*offer.said.message, Message::Help { .. }) { "…" } else { &offer.said.text };
            let _ = writeln!(self.said, "          {}{process}{value}: {text}", offer.remedy.word());
        }
    }

    /// The row of a code in the table.
    fn row(&mut self, at: Uptime, word: &str) {
        let code = Code::parse(word).unwrap_or_else(|| panic!("a code: {word}"));
        let _ = writeln!(self.said, "{} row {word}", minutes_and_seconds(at));
        for (field, value) in code.row().own() {
            let _ = writeln!(self.said, "          {field}: {value}");
        }
        let _ = writeln!(self.said, "          means: {}", words().means(code).join(" "));
    }

    /// The trends in the snapshot, the last minutes of each: megabytes, then the ends.
    fn trend(&mut self, at: Uptime, minutes: &str) {
        let minutes: usize = minutes.parse().unwrap();
        let snapshot = self.state.snapshot(Moment { wall_ms: 0, uptime: at });
        let _ = writeln!(self.said, "{} trends", minutes_and_seconds(at));
        for (lineage, trend) in snapshot.trends {
            assert_eq!((trend.memory.len(), trend.ends.len()), (30, 30));
            let minute = |(memory, ends): (Option<u64>, u32)| {
                let memory = memory.map_or("-".into(), |bytes| (bytes / 1_000_000).to_string());
                if ends > 0 { format!("{memory}/{ends}") } else { memory }
            };
            let last = trend.memory.into_iter().zip(trend.ends).skip(30 - minutes).map(minute);
            let (name, last) = (self.name(&lineage), last.collect::<Vec<_>>().join(" "));
            let _ = writeln!(self.said, "          {name}: {last}");
        }
    }

    /// The last steps of every lineage that has a server.
    fn series(&mut self, at: Uptime, steps: &str) {
        let steps: usize = steps.parse().unwrap();
        let _ = writeln!(self.said, "{} series", minutes_and_seconds(at));
        for (lineage, series) in self.state.series(Moment { wall_ms: 0, uptime: at }) {
            let lineage = self.name(&lineage);
            assert_eq!((series.step, series.ends.len()), (Duration::from_secs(600), 144));
            for (gauge, row) in series.gauges {
                assert_eq!(row.len(), 144);
                let said = |value: &Option<u64>| {
                    value.map_or("-".into(), |value| Catalogue::english().amount(gauge, Amount::Exactly(value)))
                };
                let row: Vec<_> = row[144 - steps..].iter().map(said).collect();
                let _ = writeln!(self.said, "          {lineage} {}: {}", gauge.word(), row.join(", "));
            }
            let _ = writeln!(self.said, "          {lineage} ends: {:?}", &series.ends[144 - steps..]);
        }
    }

    /// The usual values for a server.
    fn usual(&mut self, at: Uptime, pid: &str) {
        let snapshot = rendered(&self.state, at);
        let server = snapshot.servers.iter().find(|s| s.server.pid == key(pid).pid).unwrap();
        let said = |robust: Option<Robust>| robust.map(|r| (r.median, r.mad, r.of));
        let usual = server.usual;
        let (load, memory, ends) = (said(usual.load_ms), said(usual.memory_bytes), said(usual.restarts_per_day));
        let _ = writeln!(self.said, "{} usual for {pid}", minutes_and_seconds(at));
        let _ = writeln!(self.said, "          load {load:?} ms, memory {memory:?} bytes, ends a day {ends:?}");
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = clock_time(words[0]);
        // While the machine sleeps, no runner wakes the engine.
        let asleep = if words[1] == "slept" { seconds(words[2]) } else { Duration::from_nanos(1) };
        if words[1] == "began" {
            self.down = false;
            self.wake = None;
        }
        if !self.down && words[1] != "began" {
            self.pass(at - asleep);
        }
        let rest = |from: usize| words[from..].join(" ");
        let observation = match words[1] {
            "client" => {
                let old = words.contains(&"old");
                let translated = words.contains(&"translated");
                let words: Vec<&str> = words.iter().copied().filter(|w| !["old", "translated"].contains(w)).collect();
                let verb =
                    words.iter().position(|w| ["session", "window", "lived", "never", "unknown"].contains(w)).unwrap();
                let number = |i: usize| words[verb + i].parse::<u64>().unwrap();
                let policy = match words[verb] {
                    "session" => RestartPolicy::SessionCount { exits: number(1) as u32 },
                    "window" => {
                        RestartPolicy::WindowCount { exits: number(1) as u32, window: Duration::from_secs(number(2)) }
                    }
                    "lived" => RestartPolicy::LivedLongEnough { min: Duration::from_secs(number(1)) },
                    "never" => RestartPolicy::Never,
                    _ => RestartPolicy::Unknown,
                };
                let name = words[3..verb].join(" ");
                let restart = match name.as_str() {
                    "Neovim" => RestartCommands {
                        while_running: Some(RestartCommand {
                            since: Some("Neovim 0.12".into()),
                            before: Some(":edit".into()),
                            ..RestartCommand::new(":lsp restart")
                        }),
                        after_gone: Some(RestartCommand::new(":edit")),
                    },
                    _ => "Restart".into(),
                };
                Observation::ClientSeen(Box::new(ClientSeen {
                    id: None,
                    translated: Reading::Known(translated),
                    client: key(words[2]),
                    name,
                    policy,
                    whole_life: !old,
                    restart,
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
                Observation::ServerSeen(Box::new(ServerSeen {
                    slices: match words.iter().find_map(|w| w.strip_prefix("slices=")) {
                        Some("?") => Reading::unknown("it cannot be read"),
                        slices => Reading::Known(slices.unwrap_or("arm64").split(',').map(String::from).collect()),
                    },
                    server: key(words[2]),
                    class,
                    exe: Reading::Known("/usr/bin/gopls".into()),
                    arch: Reading::Known("x86_64".into()),
                    translated: Reading::Known(words.contains(&"translated")),
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
                    started: Reading::Known(at),
                    adopted: false,
                }))
            }
            "end" => Observation::Ended {
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
                    "group-oom" => Some(EndDetail::GroupOutOfMemory),
                    "memory" => Some(EndDetail::Memory),
                    "unwatched" => Some(EndDetail::Unwatched),
                    _ => None,
                },
            },
            "load" => Observation::LoadSeen(Box::new(LoadSeen {
                translated: Reading::Known(words.contains(&"translated")),
                load: key(words[2]),
                server: if words[4] == "?" {
                    Reading::unknown("its parent has ended")
                } else {
                    Reading::Known(key(words[4]))
                },
                kind: if words[5] == "driver" { LoadKind::Driver } else { LoadKind::GoList },
                label: if words[5] == "driver" { "gopackagesdriver".into() } else { "go list".into() },
                started: Reading::Known(at),
            })),
            "waits" => Observation::LoadWaits { load: key(words[2]), on: rest(4).as_str().into() },
            "activity" => Observation::TreeActivity {
                server: key(words[2]),
                activity: match words[3] {
                    "quiet" => Activity::Quiet,
                    "busy" => Activity::Busy,
                    _ => Activity::Stopped,
                },
            },
            "gauge" => {
                Observation::Gauge { gauge: gauge(words[3]), process: Some(key(words[2])), value: amount(words[4]) }
            }
            "machine" => Observation::Gauge { gauge: gauge(words[2]), process: None, value: amount(words[3]) },
            "holders" => Observation::Holders {
                gauge: gauge(words[2]),
                holders: words[3..]
                    .chunks(3)
                    .map(|holder| Holder {
                        process: key(holder[0]),
                        name: holder[1].into(),
                        amount: *amount(holder[2]).known().unwrap(),
                    })
                    .collect(),
            },
            "blocked" => Observation::Blocked {
                process: key(words[2]),
                on: match (words[3], rest(4)) {
                    ("no", _) => None,
                    (_, on) if on == "?" => Some(Reading::unknown("the system does not say")),
                    (_, on) => Some(Reading::Known(on.as_str().into())),
                },
            },
            "events-lost" => Observation::FileEventsLost { workspace: words[2].into(), how: rest(3).as_str().into() },
            "config" => {
                let mut config = serde_json::to_value(Config::default()).unwrap();
                for (name, value) in words[2..].iter().map(|word| word.split_once('=').unwrap()) {
                    assert!(config[name].is_u64(), "no such threshold: {name}");
                    config[name] = value.parse::<u64>().unwrap().into();
                }
                Observation::Config(Box::new(serde_json::from_value(config).unwrap()))
            }
            "asks" => {
                self.asks = true;
                return;
            }
            "memory" => Observation::Memory { server: key(words[2]), bytes: words[3].parse().unwrap() },
            "replaced" => Observation::BinaryChanged { server: key(words[2]), change: BinaryChange::Replaced },
            "deleted" => Observation::BinaryChanged { server: key(words[2]), change: BinaryChange::Deleted },
            "learned" => Observation::WorkspaceLearned { server: key(words[2]), workspace: words[3].into() },
            "own-fix" => Observation::OwnFix { process: key(words[2]) },
            "fix" => Observation::UserCommand(UserCommand::FixBegins {
                receipt: words[2].into(),
                remedy: Remedy::parse(words[3]).unwrap(),
                incident: Some(self.incident(at, words[5])).filter(|id| id != "-"),
                process: words.get(7).map(|pid| key(pid)),
            }),
            "fix-ends" => Observation::UserCommand(UserCommand::FixEnds {
                receipt: words[2].into(),
                done: words.get(3) != Some(&"failed"),
                signalled: !words.contains(&"unsignalled"),
            }),
            "fix-undone" => Observation::UserCommand(UserCommand::FixUndone { receipt: words[2].into() }),
            "trend" => {
                self.trend(at, words[2]);
                return;
            }
            "row" => {
                self.row(at, words[2]);
                return;
            }
            "offers" => {
                self.offers(at, words[2]);
                return;
            }
            "series" => {
                self.pass(at);
                self.series(at, words[2]);
                return;
            }
            "usual" => {
                self.pass(at);
                self.usual(at, words[2]);
                return;
            }
            "slept" => Observation::Slept { length: seconds(words[2]) },
            // Monitoring starts again, in the same boot or in another one; no runner woke the
            // engine meanwhile.
            "began" => Observation::Began { boot: words[2].into() },
            "snooze" => Observation::UserCommand(UserCommand::Snooze {
                incident: self.incident(at, words[2]),
                length: seconds(words[3]),
            }),
            "unsnooze" => Observation::UserCommand(UserCommand::Unsnooze { incident: self.incident(at, words[2]) }),
            "alerts" => Observation::AlertPolicy(Box::new(Self::alerts(&words[2..]))),
            "shows" => {
                self.pass(at);
                let told = self.state.snapshot(Moment::default()).told;
                let told: Vec<&str> = told.iter().map(|alert| code_of(&alert.id)).collect();
                let expected = if words[2] == "nothing" { &[] } else { &words[2..] };
                assert_eq!(told, expected, "{line}\n{}", self.said);
                return;
            }
            "restart" | "update" => {
                self.written_down(words[1] == "restart");
                self.down = true;
                return;
            }
            "mute" => Observation::UserCommand(UserCommand::Mute { workspace: words[2].into() }),
            "unmute" => Observation::UserCommand(UserCommand::Unmute { workspace: words[2].into() }),
            "pause" => Observation::UserCommand(UserCommand::Pause { length: words.get(2).map(|word| seconds(word)) }),
            "resume" => Observation::UserCommand(UserCommand::Resume {}),
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
        self.observation(at, observation);
    }
}

fn tell(path: &Path) -> String {
    let script = std::fs::read_to_string(path).unwrap();
    let mut story = Story::new();
    let (mut expected, mut rings) = (None, None);
    for line in script.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        if let Some(counts) = line.strip_prefix("rings ") {
            rings = Some(counts);
            continue;
        }
        match line.strip_prefix("expect ") {
            Some("none") => expected = Some(BTreeSet::new()),
            Some(codes) => expected = Some(codes.split_whitespace().map(String::from).collect()),
            None => story.line(line),
        }
    }
    assert_eq!(Some(&story.opened), expected.as_ref(), "{}:\n{}", path.display(), story.said);
    let rang = format!("{}, digest {}", story.rings.0, story.rings.1);
    assert_eq!(rings.unwrap_or(&rang), rang, "{}:\n{}", path.display(), story.said);
    story.said
}

#[test]
fn stories() {
    insta::glob!("scenarios/*.txt", |path| insta::assert_snapshot!(tell(path)));
}

/// Whether a line of a scenario is of this kind and names the code.
fn names(line: &str, kind: &str, code: Code) -> bool {
    line.contains(kind) && line.split_whitespace().any(|word| word == code.word())
}

/// The codes that no scenario expects, and those whose row none shows.
fn left_out<'a>(stories: impl Iterator<Item = &'a String> + Clone) -> [Vec<Code>; 2] {
    let in_none =
        |kind: &str, code: Code| !stories.clone().flat_map(|story| story.lines()).any(|l| names(l, kind, code));
    let all = |kind| Code::ALL.iter().copied().filter(|code| in_none(kind, *code)).collect();
    [all(TELLS), all(SHOWS)]
}

/// Part of each line that lists the codes that a scenario opens.
const TELLS: &str = "expect ";
/// Part of each line that shows the row of a code.
const SHOWS: &str = " row ";

/// Snapshots hold the row of every code, and the fact that it is reported.
#[test]
fn every_code_is_told_in_a_story_and_its_row_is_shown_in_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios");
    let stories: Vec<String> =
        folder.read_dir().unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    let nothing: [Vec<Code>; 2] = Default::default();
    assert_eq!(left_out(stories.iter()), nothing);
    // Check the check: without the lines that name a code, that code must be missing, however many
    // scenarios name it.
    for code in Code::ALL {
        let without = |kind: &str| -> Vec<String> {
            let kept = |story: &String| story.lines().filter(|l| !names(l, kind, *code)).collect::<Vec<_>>().join("\n");
            stories.iter().map(kept).collect()
        };
        assert_eq!(left_out(without(SHOWS).iter()), [vec![], vec![*code]], "its row is shown twice, or not missed");
        let untold = stories.iter().filter(|story| !story.lines().any(|l| names(l, TELLS, *code)));
        assert!(left_out(untold)[0].contains(code), "{code:?} is not missed");
    }
    // Without a scenario that is the only one to open a code, that code must be missing, and no
    // other.
    let mut only = BTreeSet::new();
    for gone in &stories {
        let missed = left_out(stories.iter().filter(|story| !std::ptr::eq(*story, gone)))[0].clone();
        for code in &missed {
            assert!(gone.lines().any(|l| names(l, TELLS, *code)), "{code:?}");
        }
        only.extend(missed);
    }
    let told_once =
        |code: &Code| stories.iter().filter(|story| story.lines().any(|l| names(l, TELLS, *code))).count() == 1;
    assert_eq!(only, Code::ALL.iter().copied().filter(told_once).collect());
}
