//! How many notifications a bad day causes.

use std::collections::BTreeSet;
use std::time::Duration;

use goplswatch_core::config::Alerts;
use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::input::{ClientSeen, LoadSeen, ServerSeen};
use goplswatch_core::policy::{RestartCommands, RestartPolicy};
use goplswatch_core::recording::{Checkpoint, Header, Reader, SCHEMA, line};
use goplswatch_core::time::{HOUR, MINUTE, SECOND, Uptime};
use goplswatch_core::types::{Activity, BinaryChange, LoadKind, ServerClass};
use goplswatch_core::{
    Effect, Input, Moment, Observation, ProcessKey, Reading, Seq, Snapshot, State, UserCommand, step,
};

/// A machine on which things go wrong, with a runner that wakes the engine at the requested time.
#[derive(Default)]
struct Machine {
    state: State,
    seq: u64,
    now: Uptime,
    wake: Option<Uptime>,
    pids: u32,
    /// When single notifications and the digest rang.
    rings: Vec<Uptime>,
    digest_rings: Vec<Uptime>,
}

impl Machine {
    fn observation(&mut self, observation: Observation) {
        self.seq += 1;
        let at = Moment { wall_ms: 0, uptime: self.now };
        for effect in step(&mut self.state, Input { seq: Seq(self.seq), at, observation }) {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::Ask(_) => {}
                Effect::Event(event) => {
                    let Subject::Alert(alert) = &event.subject else { continue };
                    if event.name == EventName::AlertTold && alert.rang == event.seq {
                        let rings = if alert.id == "digest" { &mut self.digest_rings } else { &mut self.rings };
                        rings.push(self.now);
                    }
                }
            }
        }
    }

    fn pass(&mut self, length: Duration) {
        let until = self.now + length;
        while let Some(at) = self.wake.filter(|at| *at <= until) {
            self.wake = None;
            self.now = self.now.max(at);
            self.observation(Observation::Wake);
        }
        self.now = until;
    }

    fn now(&self) -> Snapshot {
        self.state.snapshot(Moment { wall_ms: 0, uptime: self.now })
    }

    /// The same machine for another state, without the rings so far.
    fn continued(&self) -> Self {
        Self { seq: self.seq, now: self.now, pids: self.pids, ..Self::default() }
    }

    fn key(&mut self) -> ProcessKey {
        self.pids += 1;
        ProcessKey::new(self.pids, self.now.as_nanos())
    }

    fn client(&mut self, policy: RestartPolicy) -> ProcessKey {
        let client = self.key();
        let seen = ClientSeen {
            id: None,
            client,
            name: "an editor".into(),
            policy,
            whole_life: true,
            restart: RestartCommands::default(),
            translated: Reading::Known(false),
        };
        self.observation(Observation::ClientSeen(Box::new(seen)));
        client
    }

    fn server(&mut self, client: ProcessKey, folder: &str) -> ProcessKey {
        self.server_in(client, Reading::Known(folder.into()))
    }

    fn server_in(&mut self, client: ProcessKey, workspace: Reading<String>) -> ProcessKey {
        let server = self.key();
        self.observation(Observation::ServerSeen(Box::new(ServerSeen {
            slices: Reading::Known(vec!["arm64".into()]),
            server,
            class: ServerClass::Lsp,
            exe: Reading::unknown("?"),
            arch: Reading::unknown("?"),
            translated: Reading::unknown("?"),
            workspace,
            client: Reading::Known(client),
            started: Reading::Known(self.now),
            adopted: false,
        })));
        server
    }

    fn end(&mut self, process: ProcessKey) {
        let status = ExitStatus::Signaled { signal: 15, name: "SIGTERM".into(), core: false };
        self.observation(Observation::Ended { process, status, detail: None });
    }

    /// Two short-lived servers, and a third that survives.
    fn restart_loop(&mut self, folder: &str) {
        let client = self.client(RestartPolicy::Unknown);
        for _ in 0..2 {
            let server = self.server(client, folder);
            self.pass(SECOND);
            self.end(server);
        }
        self.server(client, folder);
    }

    fn gave_up(&mut self, folder: &str) {
        let client = self.client(RestartPolicy::SessionCount { exits: 1 });
        let server = self.server(client, folder);
        self.pass(2 * SECOND);
        self.end(server);
    }

    fn gone(&mut self, folder: &str) {
        let client = self.client(RestartPolicy::Never);
        let server = self.server(client, folder);
        self.pass(2 * SECOND);
        self.end(server);
    }

    fn deleted_binary(&mut self, folder: &str) {
        let client = self.client(RestartPolicy::Never);
        let server = self.server(client, folder);
        self.observation(Observation::BinaryChanged { server, change: BinaryChange::Deleted });
    }

    fn crowd(&mut self, folder: &str) {
        let client = self.client(RestartPolicy::Never);
        for _ in 0..3 {
            self.server(client, folder);
        }
    }

    fn stuck(&mut self, folder: &str) {
        let client = self.client(RestartPolicy::Never);
        let server = self.server(client, folder);
        let load = self.key();
        let (server_of, started) = (Reading::Known(server), Reading::Known(self.now));
        let seen = LoadSeen {
            load,
            server: server_of,
            kind: LoadKind::GoList,
            label: "go list".into(),
            started,
            translated: Reading::Known(false),
        };
        self.observation(Observation::LoadSeen(Box::new(seen)));
        self.observation(Observation::TreeActivity { server, activity: Activity::Quiet });
    }
}

/// Ten incidents within a minute, each in its own folder, give three notifications and a digest,
/// and each incident is in exactly one of them. Returns the machine a quarter of an hour later.
fn ten(wrong: &[fn(&mut Machine, &str)]) -> Machine {
    let mut machine = Machine::default();
    for (i, goes_wrong) in wrong.iter().cycle().take(10).enumerate() {
        goes_wrong(&mut machine, &format!("/w/{i}"));
        machine.pass(2 * SECOND);
    }
    assert!(machine.now <= Uptime::BOOT + MINUTE, "that was no minute");
    // The longest delay is a minute.
    machine.pass(2 * MINUTE);
    let now = machine.now();
    assert_eq!((now.incidents.len(), now.told.len()), (10, 4), "{:?}", now.told);
    assert_eq!((machine.rings.len(), machine.digest_rings.len()), (3, 1));
    let told: Vec<&String> = now.told.iter().flat_map(|alert| &alert.incidents).collect();
    assert_eq!((told.len(), told.iter().collect::<BTreeSet<_>>().len()), (10, 10));
    assert_eq!(now.told.last().map(|alert| (alert.id.as_str(), alert.incidents.len())), Some(("digest", 7)));
    machine.pass(12 * MINUTE);
    machine
}

#[test]
fn ten_loops_in_a_minute() {
    let machine = ten(&[Machine::restart_loop]);
    // The loops that joined after the digest rang make it ring once more, and that is all.
    assert_eq!((machine.rings.len(), machine.digest_rings.len()), (3, 2));
}

#[test]
fn ten_editors_that_give_up_in_a_minute() {
    let mut machine = ten(&[Machine::gave_up]);
    machine.pass(24 * HOUR);
    assert_eq!((machine.rings.len(), machine.digest_rings.len()), (3, 2));
}

#[test]
fn ten_suggestions_in_a_minute() {
    let mut machine = ten(&[Machine::deleted_binary, Machine::crowd]);
    machine.pass(24 * HOUR);
    assert_eq!((machine.rings.len(), machine.digest_rings.len()), (3, 1));
}

#[test]
fn ten_of_everything_in_a_minute() {
    let everything = [
        Machine::deleted_binary,
        Machine::crowd,
        Machine::stuck,
        Machine::gone,
        Machine::restart_loop,
        Machine::gave_up,
    ];
    let machine = ten(&everything);
    // A late restart loop or loss of gopls must not be lost among advice.
    assert!(machine.digest_rings.len() <= 2);
}

#[test]
fn what_flaps_for_a_day_is_told_now_and_then() {
    let mut machine = Machine::default();
    let client = machine.client(RestartPolicy::Never);
    for _ in 0..24 * 60 {
        let server = machine.server(client, "/w/api");
        machine.pass(30 * SECOND);
        machine.end(server);
        machine.pass(30 * SECOND);
    }
    for four in machine.rings.windows(4) {
        assert!(four[3].since(four[0]) >= HOUR);
    }
    let mut all = [machine.rings.clone(), machine.digest_rings.clone()].concat();
    all.sort_unstable();
    for two in all.windows(2) {
        assert!(two[1].since(two[0]) >= 10 * MINUTE, "{two:?}");
    }
    for two in machine.digest_rings.windows(2) {
        assert!(two[1].since(two[0]) >= HOUR, "{two:?}");
    }
    let (own, digest) = (machine.rings.len(), machine.digest_rings.len());
    assert!((24..=72).contains(&own) && digest <= 24, "{own} and {digest}");
}

/// Every 15 seconds of a day something else goes wrong, under the most permissive policy.
#[test]
fn a_day_of_troubles_leaves_little_behind() {
    let mut machine = Machine::default();
    let policy = Alerts { per_hour: 60, again_after: SECOND, ..Alerts::default() };
    machine.observation(Observation::AlertPolicy(Box::new(policy)));
    for i in 0..4 * 60 * 24 {
        let client = machine.client(RestartPolicy::Never);
        let server = machine.server(client, &format!("/w/{i}"));
        machine.pass(2 * SECOND);
        machine.end(server);
        machine.pass(13 * SECOND);
        machine.end(client);
    }
    assert_eq!(machine.rings.len(), 60 * 24);
    let state = serde_json::to_value(&machine.state).unwrap();
    for (remembered, most) in [("rings", 60), ("rung", 256), ("notices", 0), ("touched", 0)] {
        let length = state["alerts"][remembered].as_array().unwrap_or_else(|| panic!("{remembered}")).len();
        assert!(length <= most, "{length} {remembered}");
    }
    assert!(state["alerts"]["digest"]["rung"].as_array().unwrap().len() <= 256);
}

/// After restoring a checkpoint of a version without notifications, or one that was tampered with,
/// every open incident is notified once and nothing else is.
#[test]
fn a_checkpoint_without_notices_gets_them() {
    let mut machine = Machine::default();
    machine.observation(Observation::Began { boot: "b".into() });
    machine.gone("/w/api");
    machine.gone("/w/web");
    machine.pass(10 * MINUTE);
    assert_eq!(machine.rings.len(), 2);
    let mut checkpoint = serde_json::to_value(Checkpoint { checkpoint: &machine.state }).unwrap();
    let state = checkpoint["checkpoint"].as_object_mut().unwrap();
    let mut alerts = state.remove("alerts").unwrap();
    let incidents = state["incidents"]["open"].as_array().unwrap().clone();
    let read = |checkpoint: &serde_json::Value| {
        let header = Header { schema: SCHEMA, version: "t".into(), os: "t".into(), boot: "b".into() };
        let bytes = [line(&header).unwrap(), line(checkpoint).unwrap()].concat();
        Reader::new(&bytes).unwrap().checkpoint().unwrap().unwrap()
    };
    let mut older = Machine { state: read(&checkpoint), ..machine.continued() };
    older.observation(Observation::Began { boot: "b".into() });
    older.pass(10 * MINUTE);
    assert_eq!((older.rings.len(), older.now().told.len()), (2, 2));

    // A notice for an incident that is not open, and in the digest at that.
    let notices = alerts["notices"].as_array_mut().unwrap();
    notices[0][1]["standing"] = "in-digest".into();
    let mut stray = notices[0].clone();
    stray[0][0] = "stuck-load".into();
    notices.push(stray);
    checkpoint["checkpoint"]["alerts"] = alerts;
    let odd = Machine { state: read(&checkpoint), ..machine.continued() };
    let told = odd.now().told;
    assert_eq!(told.iter().map(|alert| alert.incidents.len()).collect::<Vec<_>>(), [1, 1], "{told:?}");
    assert_eq!((told[1].id.as_str(), incidents.len()), ("digest", 2));
}

/// The folder of an incident may become known only after it was notified.
#[test]
fn nothing_is_seen_of_a_muted_folder_from_the_moment_it_is_known() {
    let mut machine = Machine::default();
    let client = machine.client(RestartPolicy::Never);
    let server = machine.server_in(client, Reading::unknown("its folder is /"));
    machine.observation(Observation::UserCommand(UserCommand::Mute { workspace: "/w/api".into() }));
    machine.observation(Observation::BinaryChanged { server, change: BinaryChange::Deleted });
    machine.pass(10 * MINUTE);
    assert_eq!(machine.now().told.len(), 1);
    machine.observation(Observation::WorkspaceLearned { server, workspace: "/w/api".into() });
    assert_eq!(machine.now().told, []);
    assert_eq!(machine.now().incidents.len(), 1);
}
