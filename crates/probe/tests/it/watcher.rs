//! The watcher on the scripted platform: classification, attribution, scan intervals, and the
//! failures of a real system that can be scripted.

use std::time::Duration;

use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::message::{Message, MessageText, Verbatim};
use goplswatch_core::time::{HOUR, SECOND, Uptime};
use goplswatch_core::types::{BinaryChange, ServerClass};
use goplswatch_core::{Alive, Effect, Event, Input, Observation, ProcessKey, Reading, Seq, State, step};
use goplswatch_gopls::{ClientId, Image};
use goplswatch_probe::scripted::{ScriptEvent, ScriptedPlatform};
use goplswatch_probe::{Options, Platform, TimedObservation, Watcher};

fn image(exe: &str, argv: &[&str], folder: &str) -> Box<Image> {
    let comm: Vec<u8> = exe.rsplit('/').next().unwrap().bytes().take(15).collect();
    Box::new(Image {
        comm,
        exe: Reading::Known(exe.into()),
        argv: Reading::Known(argv.iter().map(|a| a.as_bytes().to_vec()).collect()),
        env: Reading::Known(Vec::new()),
        folder: Reading::Known(folder.into()),
    })
}

fn go_list() -> Box<Image> {
    image("/usr/bin/go", &["go", "list", "-e", "-json=Name", "-compiled=true", "--", "./..."], "/w/api")
}

fn gopls(folder: &str) -> Box<Image> {
    image("/usr/bin/gopls", &["gopls"], folder)
}

fn helix() -> Box<Image> {
    image("/usr/bin/hx", &["hx", "main.go"], "/w/api")
}

fn spawn(pid: u32, parent: u32, image: Box<Image>) -> ScriptEvent {
    ScriptEvent::Spawn { pid, parent, image }
}

fn kill(pid: u32) -> ScriptEvent {
    let status = ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false };
    ScriptEvent::End { pid, status }
}

/// The point this many seconds after boot.
fn at(seconds: u64) -> Uptime {
    Uptime::BOOT + Duration::from_secs(seconds)
}

/// A Helix (10), started at 2 s, with its gopls (11), started at 3 s, and further events.
fn helix_and(more: impl IntoIterator<Item = (Uptime, ScriptEvent)>) -> ScriptedPlatform {
    let mut script = vec![(at(2), spawn(10, 1, helix())), (at(3), spawn(11, 10, gopls("/w/api")))];
    script.extend(more);
    script.sort_by_key(|(at, _)| *at);
    ScriptedPlatform::new(at(1), script)
}

fn options() -> Options {
    Options { home: Some(b"/home/u".to_vec()), ..Options::default() }
}

/// All observations until a point of time.
async fn watch(platform: ScriptedPlatform, until: Uptime) -> (Vec<TimedObservation>, Watcher<ScriptedPlatform>) {
    let mut watcher = Watcher::new(platform, options());
    watcher.begin();
    let mut seen = Vec::new();
    while let Some(observed) = watcher.next(until).await {
        seen.push(observed);
    }
    (seen, watcher)
}

/// The events that the engine emits for the same.
async fn events_of(platform: ScriptedPlatform, until: Uptime) -> Vec<Event> {
    let mut watcher = Watcher::new(platform, options());
    watcher.begin();
    let (mut state, mut seq, mut wake, mut events) = (State::default(), 0, None::<Uptime>, Vec::new());
    loop {
        let observed = watcher.next(wake.unwrap_or(Uptime::MAX).min(until)).await;
        let now = watcher.platform().now();
        let (at, observation) = match observed {
            Some(o) => (o.at, o.observation),
            None if now.uptime >= until => return events,
            None => {
                wake = None;
                (now, Observation::Wake)
            }
        };
        seq += 1;
        for effect in step(&mut state, Input { seq: Seq(seq), at, observation }) {
            match effect {
                Effect::WakeAt(at) => wake = Some(at),
                Effect::Ask(_) => {}
                Effect::Event(event) => events.push(event),
            }
        }
    }
}

fn servers(seen: &[TimedObservation]) -> Vec<(u32, ServerClass)> {
    seen.iter()
        .filter_map(|o| match &o.observation {
            Observation::ServerSeen(s) => Some((s.server.pid.0, s.class)),
            _ => None,
        })
        .collect()
}

fn opened(events: &[Event]) -> Vec<&'static str> {
    events
        .iter()
        .filter_map(|e| match &e.subject {
            Subject::Incident(view) if e.name == EventName::IncidentOpened => Some(view.code.word()),
            _ => None,
        })
        .collect()
}

/// The text in the message of a stuck load.
const WAITS_FOR_GIT: &str =
    "WaitsFor { what: WaitsForProcess { name: Name(\"git\"), pid: Count(13), on: OptionalMessage(None) } }";

#[tokio::test]
async fn an_editors_gopls_is_found_attributed_and_its_end_told() {
    let sidecar = image("/usr/bin/gopls", &["gopls", "** telemetry **"], "/");
    let platform = helix_and([(at(3) + Duration::from_millis(50), spawn(12, 11, sidecar)), (at(10), kill(11))]);
    let (seen, _) = watch(platform, at(15)).await;
    assert_eq!(servers(&seen), [(11, ServerClass::Lsp), (12, ServerClass::Sidecar)]);
    let clients: Vec<_> = seen
        .iter()
        .filter_map(|o| match &o.observation {
            Observation::ClientSeen(c) => Some((c.client.pid.0, c.name.as_str(), c.whole_life)),
            _ => None,
        })
        .collect();
    assert_eq!(clients, [(10, "Helix", true)], "the sidecar belongs to Helix as well");
    let end = seen.iter().find(|o| matches!(o.observation, Observation::Ended { .. })).unwrap();
    assert_eq!(end.at.uptime, at(10), "an end is seen when it happens");
    // After the start of a client the scans are frequent.
    let start =
        seen.iter().find(|o| matches!(&o.observation, Observation::ServerSeen(s) if s.server.pid.0 == 11)).unwrap();
    assert!(start.at.uptime <= at(3) + Duration::from_millis(110), "{:?}", start.at.uptime);
}

#[tokio::test]
async fn a_client_is_told_by_its_id_up_to_the_events() {
    // The second one is a program whose file has that name by chance.
    for (exe, id) in [("/usr/bin/hx", "helix"), ("/opt/tools/Helix", ClientId::UNLISTED)] {
        let editor = spawn(10, 1, image(exe, &[exe], "/w/api"));
        let platform = ScriptedPlatform::new(at(1), vec![(at(2), editor), (at(3), spawn(11, 10, gopls("/w/api")))]);
        let events = events_of(platform, at(10)).await;
        let client = events.iter().find_map(|e| match &e.subject {
            Subject::Server(server) => server.client.known().cloned(),
            _ => None,
        });
        let client = client.unwrap();
        assert_eq!((client.id.as_deref(), client.name.as_str()), (Some(id), "Helix"), "{exe}");
    }
}

#[tokio::test]
async fn a_successor_that_lives_for_a_tenth_of_a_second_is_seen() {
    let mut script =
        vec![(Uptime::BOOT, spawn(10, 1, image("/usr/bin/code", &["code", "--type=extensionHost"], "/w/api")))];
    let mut time = at(5);
    for pid in 20..25 {
        script.push((time, spawn(pid, 10, gopls("/w/api"))));
        // The first one lives long enough for a scan at rest; the others crash at once.
        time += if pid == 20 { Duration::from_secs(3) } else { Duration::from_millis(120) };
        script.push((time, kill(pid)));
        time += Duration::from_millis(50);
    }
    let (seen, _) = watch(ScriptedPlatform::new(at(1), script), at(20)).await;
    assert_eq!(servers(&seen).len(), 5);
}

#[tokio::test]
async fn an_editor_that_ends_with_its_gopls_explains_it() {
    let events = events_of(helix_and([(at(9), kill(11)), (at(9), kill(10))]), at(60)).await;
    assert_eq!(opened(&events), Vec::<&str>::new());
    let end = events.iter().find_map(|e| match &e.subject {
        Subject::End(end) => Some(end.clone()),
        _ => None,
    });
    let end = end.unwrap();
    assert_eq!((end.churn, end.revised), (false, false), "{end:?}");
}

#[tokio::test]
async fn a_shim_becomes_the_real_thing() {
    let script = image("/bin/bash", &["bash", "/home/u/.asdf/shims/gopls", "serve"], "/w/api");
    let shim = Box::new(Image { comm: b"gopls".to_vec(), ..*script });
    let platform = ScriptedPlatform::new(
        at(1),
        [
            (at(2), spawn(10, 1, helix())),
            (at(3), spawn(11, 10, shim)),
            (at(3) + Duration::from_millis(400), ScriptEvent::Exec { pid: 11, image: gopls("/w/api") }),
        ],
    );
    let (seen, _) = watch(platform, at(10)).await;
    assert_eq!(servers(&seen), [(11, ServerClass::Lsp)]);
    let exe = seen.iter().find_map(|o| match &o.observation {
        Observation::ServerSeen(s) => Some(s.exe.clone()),
        _ => None,
    });
    assert_eq!(exe, Some(Reading::Known("/usr/bin/gopls".into())));
}

#[tokio::test]
async fn a_program_that_execs_gopls_late_is_found_in_its_turn() {
    let shell = image("/bin/bash", &["bash", "-c", "sleep 60; exec gopls"], "/w/api");
    let platform = ScriptedPlatform::new(
        at(1),
        [(at(2), spawn(11, 1, shell)), (at(62), ScriptEvent::Exec { pid: 11, image: gopls("/w/api") })],
    );
    let (seen, _) = watch(platform, at(130)).await;
    assert_eq!(servers(&seen), [(11, ServerClass::Lsp)]);
}

#[tokio::test]
async fn a_reused_pid_is_another_process() {
    let platform = helix_and([(at(8), kill(11)), (at(8), spawn(11, 10, gopls("/w/api")))]);
    let (seen, _) = watch(platform, at(20)).await;
    let keys: Vec<ProcessKey> = seen
        .iter()
        .filter_map(|o| match &o.observation {
            Observation::ServerSeen(s) => Some(s.server),
            _ => None,
        })
        .collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}

#[tokio::test]
async fn a_process_that_vanishes_between_two_questions_is_no_news_or_an_unknown_end() {
    for moment in [at(3), at(3) + Duration::from_millis(10)] {
        let (seen, _) = watch(helix_and([(moment, ScriptEvent::VanishAtNextLook { pid: 11 })]), at(10)).await;
        let reported = servers(&seen).len();
        let unknown =
            |o: &&TimedObservation| matches!(&o.observation, Observation::Ended { status: ExitStatus::Unknown(_), .. });
        assert_eq!(reported, seen.iter().filter(unknown).count());
    }
}

#[tokio::test]
async fn where_the_system_will_not_watch_ends_are_found_by_looking() {
    let zombie = ScriptEvent::EndUnreaped { pid: 11, status: ExitStatus::Exited(0) };
    let mut platform = helix_and([(at(9) + Duration::from_millis(300), zombie)]);
    platform.refuse_watches = true;
    let (seen, _) = watch(platform, at(20)).await;
    let end = seen
        .iter()
        .find(|o| matches!(&o.observation, Observation::Ended { process, .. } if process.pid.0 == 11))
        .unwrap();
    assert!(end.at.uptime < at(11));
    assert!(matches!(&end.observation, Observation::Ended { status: ExitStatus::Unknown(_), .. }));
}

#[tokio::test]
async fn names_that_are_not_utf8_are_names_all_the_same() {
    let mut strange = gopls("/w/api");
    strange.argv = Reading::Known(vec![b"gopls".to_vec(), b"-logfile=\xff\xfe".to_vec()]);
    strange.folder = Reading::Known(b"/w/\xff\xfe".to_vec());
    let platform = ScriptedPlatform::new(at(1), [(at(2), spawn(10, 1, helix())), (at(3), spawn(11, 10, strange))]);
    let (seen, _) = watch(platform, at(10)).await;
    assert_eq!(servers(&seen), [(11, ServerClass::Lsp)]);
}

#[tokio::test]
async fn a_stuck_load_is_told_and_a_stopped_one_is_not() {
    let stuck = || {
        vec![
            (at(3), ScriptEvent::Use { pid: 11, cpu: Duration::from_millis(200), io_bytes: 1 << 20 }),
            (at(4), spawn(12, 11, go_list())),
            (at(5), spawn(13, 12, image("/usr/bin/git", &["git", "ls-remote"], "/w/api"))),
            (at(6), ScriptEvent::Use { pid: 11, cpu: Duration::from_millis(1), io_bytes: 100 }),
        ]
    };
    let events = events_of(helix_and(stuck()), at(60)).await;
    assert_eq!(opened(&events), ["stuck-load"]);
    let text = format!("{events:?}");
    assert!(text.contains(WAITS_FOR_GIT), "{text}");
    let mut stopped = stuck();
    stopped.push((at(7), ScriptEvent::Stop { pid: 11, stopped: true }));
    stopped.push((at(607), ScriptEvent::Stop { pid: 11, stopped: false }));
    stopped.push((at(609), kill(13)));
    stopped.push((at(609), ScriptEvent::End { pid: 12, status: ExitStatus::Exited(0) }));
    assert_eq!(opened(&events_of(helix_and(stopped), at(700)).await), ["stopped-server"]);
}

#[tokio::test]
async fn a_busy_load_of_three_minutes_is_no_incident() {
    let platform = helix_and([
        (at(4), spawn(12, 11, go_list())),
        (at(4), ScriptEvent::Use { pid: 12, cpu: Duration::from_millis(300), io_bytes: 1 << 20 }),
        (at(184), ScriptEvent::End { pid: 12, status: ExitStatus::Exited(0) }),
    ]);
    assert_eq!(opened(&events_of(platform, at(400)).await), Vec::<&str>::new());
}

#[tokio::test]
async fn a_load_left_behind_is_told() {
    // The load is too young to be reported by itself; its server's end makes it news.
    let platform = helix_and([(at(4), spawn(12, 11, go_list())), (at(5), kill(11))]);
    let codes = opened(&events_of(platform, at(60)).await).join(" ");
    assert!(codes.contains("orphan-go-list") && codes.contains("server-gone"), "{codes}");
}

#[tokio::test]
async fn a_replaced_binary_is_told_once() {
    let platform = helix_and([(at(30), ScriptEvent::Binary { pid: 11, change: BinaryChange::Replaced })]);
    assert_eq!(opened(&events_of(platform, at(300)).await), ["stale-binary"]);
}

#[tokio::test]
async fn a_night_of_sleep_is_told_and_ends_nothing() {
    let (seen, _) = watch(helix_and([(at(60), ScriptEvent::Sleep { length: 8 * HOUR })]), at(28_900)).await;
    let slept: Vec<Duration> = seen
        .iter()
        .filter_map(|o| match o.observation {
            Observation::Slept { length } => Some(length),
            _ => None,
        })
        .collect();
    assert_eq!(slept, [8 * HOUR]);
    assert!(!seen.iter().any(|o| matches!(o.observation, Observation::Ended { .. })));
}

#[tokio::test]
async fn ten_thousand_births_and_deaths_in_a_minute_hide_nothing() {
    let mut script = vec![(at(70), kill(11))];
    for i in 0..10_000 {
        let pid = 1_000 + i;
        let born = at(4) + i * Duration::from_millis(6);
        let name = if i % 7 == 0 { "/usr/bin/gopls" } else { "/usr/bin/git" };
        script.push((born, spawn(pid, 10, image(name, &[name, "version"], "/w/api"))));
        script.push((born + Duration::from_millis(15), ScriptEvent::End { pid, status: ExitStatus::Exited(0) }));
    }
    let events = events_of(helix_and(script), at(120)).await;
    let codes = opened(&events);
    assert_eq!(codes.iter().filter(|c| **c == "server-gone").count(), 1, "{codes:?}");
    assert!(!codes.contains(&"restart-loop"));
}

#[tokio::test]
async fn at_rest_nothing_is_read_and_nothing_recorded() {
    let sleepers = (100..600).map(|pid| (at(1), spawn(pid, 1, image("/usr/bin/sleep", &["sleep", "inf"], "/"))));
    let (_, mut watcher) = watch(helix_and(sleepers), at(60)).await;
    let before = watcher.platform().images_read;
    let mut facts = 0;
    while watcher.next(at(3_660)).await.is_some() {
        facts += 1;
    }
    assert_eq!((watcher.platform().images_read - before, facts), (0, 0), "an hour at rest");
}

#[tokio::test]
async fn below_a_root_nothing_else_is_seen() {
    let platform = helix_and([(at(2), spawn(20, 1, helix())), (at(3), spawn(21, 20, gopls("/w/b")))]);
    let mut watcher = Watcher::new(platform, Options { below: Some(goplswatch_core::Pid(20)), ..options() });
    watcher.begin();
    let mut seen = Vec::new();
    while let Some(observed) = watcher.next(at(10)).await {
        seen.push(observed);
    }
    assert_eq!(servers(&seen), [(21, ServerClass::Lsp)]);
}

#[tokio::test]
async fn nothing_of_argv_or_environment_reaches_a_fact() {
    let marker = "CANARY-9f27";
    let mut secret =
        image("/usr/bin/gopls", &["gopls", "-logfile", marker, "-debug=https://u:CANARY-9f27@h/"], "/w/api");
    let driver = b"/opt/CANARY-9f27/driver?token=CANARY-9f27".to_vec();
    secret.env = Reading::Known(vec![("GOPACKAGESDRIVER".into(), driver)]);
    let client = image("/usr/bin/node", &["node", "tool.js", "--token", marker], "/w/api");
    let list = image("/usr/bin/go", &["go", "list", "-e", "-json=Name", marker], "/w/api");
    let platform = ScriptedPlatform::new(
        at(1),
        [
            (at(2), spawn(10, 1, client)),
            (at(3), spawn(11, 10, secret)),
            (at(4), spawn(12, 11, list)),
            (at(60), kill(11)),
        ],
    );
    let (seen, _) = watch(platform, at(90)).await;
    assert!(servers(&seen).len() == 1 && seen.iter().any(|o| matches!(o.observation, Observation::LoadSeen(_))));
    let text = serde_json::to_string(&seen.iter().map(|o| &o.observation).collect::<Vec<_>>()).unwrap();
    assert!(!text.contains(marker), "{text}");
}

#[tokio::test]
async fn a_gopls_that_answers_its_editor_is_not_its_load_moving() {
    let mut script = vec![
        (at(4), spawn(12, 11, go_list())),
        (at(5), spawn(13, 12, image("/usr/bin/git", &["git", "ls-remote"], "/w/api"))),
        (at(5), spawn(14, 12, image("/usr/bin/go", &["go", "** telemetry **"], "/w/api"))),
    ];
    // The user types for eight seconds of every twenty.
    for turn in 3..12 {
        script.push((at(turn * 20), ScriptEvent::Use { pid: 11, cpu: Duration::from_millis(100), io_bytes: 1 << 20 }));
        script.push((at(turn * 20 + 8), ScriptEvent::Use { pid: 11, cpu: Duration::ZERO, io_bytes: 0 }));
    }
    let events = events_of(helix_and(script.clone()), at(240)).await;
    assert_eq!(opened(&events), ["stuck-load"], "one hang is one incident");
    assert!(!events.iter().any(|e| e.name == EventName::IncidentClosed), "{events:?}");
    assert!(format!("{events:?}").contains(WAITS_FOR_GIT), "telemetry waits for nobody");
    // When the load itself becomes active, the hang is over.
    script.push((at(241), ScriptEvent::Use { pid: 12, cpu: Duration::from_millis(100), io_bytes: 1 << 20 }));
    let events = events_of(helix_and(script), at(260)).await;
    assert!(events.iter().any(|e| e.name == EventName::IncidentClosed));
}

#[tokio::test]
async fn a_load_on_a_file_system_that_hangs_says_so() {
    let (path, kind) = (Verbatim::of("/n/api/go.mod"), Verbatim::of("nfs4"));
    let on = MessageText::from(Message::FileOnNetwork { path, kind });
    let platform = helix_and([
        (at(4), spawn(12, 11, go_list())),
        (at(5), ScriptEvent::Block { pid: 12, on: Some(Reading::Known(on.clone())) }),
    ]);
    let (seen, _) = watch(platform, at(120)).await;
    let waits: Vec<&MessageText> = seen
        .iter()
        .filter_map(|one| match &one.observation {
            Observation::LoadWaits { on, .. } => Some(on),
            _ => None,
        })
        .collect();
    assert_eq!(waits, [&on], "once");
}

#[tokio::test]
async fn a_driver_script_that_becomes_another_program_is_still_the_driver() {
    let mut server = gopls("/w/api");
    server.env = Reading::Known(vec![("GOPACKAGESDRIVER".into(), b"/w/api/tools/gopackagesdriver.sh".to_vec())]);
    let platform = ScriptedPlatform::new(
        at(1),
        [
            (at(2), spawn(10, 1, helix())),
            (at(3), spawn(11, 10, server)),
            (
                at(4) + Duration::from_millis(10),
                spawn(12, 11, image("/usr/bin/bazel", &["bazel", "run", "--"], "/w/api")),
            ),
        ],
    );
    let events = events_of(platform, at(120)).await;
    assert_eq!(opened(&events), ["stuck-load"]);
    assert!(format!("{events:?}").contains("StuckDriver { label: Verbatim(\"gopackagesdriver.sh\")"), "{events:?}");
}

#[tokio::test]
async fn an_end_right_after_a_night_comes_behind_the_night() {
    let platform = helix_and([(at(60), ScriptEvent::Sleep { length: 8 * HOUR }), (at(60), kill(11))]);
    let (seen, _) = watch(platform, at(28_900)).await;
    let slept = seen.iter().position(|o| matches!(o.observation, Observation::Slept { .. })).unwrap();
    let ended = seen.iter().position(|o| matches!(o.observation, Observation::Ended { .. })).unwrap();
    assert!(slept < ended);
}

#[tokio::test]
async fn a_look_that_fails_proves_no_end() {
    let mut platform = helix_and([]);
    platform.refuse_watches = true;
    let mut watcher = Watcher::new(platform, options());
    watcher.begin();
    let mut seen = Vec::new();
    while let Some(observed) = watcher.next(at(10)).await {
        seen.push(observed);
    }
    watcher.platform().refuse_looks = true;
    while let Some(observed) = watcher.next(at(60)).await {
        seen.push(observed);
    }
    watcher.platform().refuse_looks = false;
    while let Some(observed) = watcher.next(at(200)).await {
        seen.push(observed);
    }
    assert_eq!(servers(&seen).len(), 1);
    assert!(!seen.iter().any(|o| matches!(o.observation, Observation::Ended { .. })));
}

#[tokio::test]
async fn what_is_not_known_is_not_quiet() {
    let mut platform = helix_and([(at(4), spawn(12, 11, go_list()))]);
    platform.refuse_usage = true;
    assert_eq!(opened(&events_of(platform, at(120)).await), Vec::<&str>::new());
}

#[tokio::test]
async fn a_load_that_hangs_right_after_another_is_told_as_well() {
    // The first one ends after the last sample before the second one is reported.
    let platform = helix_and([
        (at(4), spawn(12, 11, go_list())),
        (at(50) + Duration::from_millis(100), spawn(13, 11, go_list())),
        (at(52) + Duration::from_millis(500), ScriptEvent::End { pid: 12, status: ExitStatus::Exited(0) }),
    ]);
    assert_eq!(opened(&events_of(platform, at(150)).await), ["stuck-load", "stuck-load"]);
}

/// A platform at its fourth second, after all events that were due.
async fn under_way(script: Vec<(Uptime, ScriptEvent)>) -> ScriptedPlatform {
    let mut platform = ScriptedPlatform::new(at(4), script);
    while platform.next(Uptime::BOOT).await.is_some() {}
    platform
}

#[tokio::test(flavor = "current_thread")]
async fn a_watch_that_begins_again_finds_what_is_gone_and_keeps_what_is_there() {
    let story = || vec![(Uptime::BOOT, spawn(10, 1, helix())), (Uptime::BOOT, spawn(11, 10, gopls("/w/api")))];
    let (seen, _) = watch(under_way(story()).await, at(5)).await;
    let (mut client, mut server) = (None, None);
    for observed in seen {
        match observed.observation {
            Observation::ClientSeen(c) => client = Some(c.client),
            Observation::ServerSeen(s) => server = Some(s.server),
            _ => {}
        }
    }
    let (client, server) = (client.unwrap(), server.unwrap());
    let alive = Alive {
        clients: vec![client, ProcessKey::new(77, 5)],
        servers: vec![server, ProcessKey::new(11, server.start + 1)],
        loads: vec![ProcessKey::new(99, 1)],
    };
    let mut watcher = Watcher::new(under_way(story()).await, options());
    watcher.inherit(&alive);
    watcher.begin();
    let mut ended = Vec::new();
    while let Some(observed) = watcher.next(at(20)).await {
        if let Observation::Ended { process, detail, .. } = observed.observation {
            assert_eq!(detail, Some(EndDetail::Unwatched));
            ended.push(process);
        }
    }
    // The client is first. The pid that belongs to another process now is among them.
    assert_eq!(ended, [ProcessKey::new(77, 5), ProcessKey::new(99, 1), ProcessKey::new(11, server.start + 1)]);
}

#[tokio::test(flavor = "current_thread")]
async fn an_inherited_client_without_a_gopls_is_watched_until_it_ends() {
    let end = ScriptEvent::End { pid: 10, status: ExitStatus::Exited(0) };
    let mut platform = under_way(vec![(Uptime::BOOT, spawn(10, 1, helix())), (at(9), end)]).await;
    let client = platform.process_info(goplswatch_core::Pid(10)).known().cloned().flatten().unwrap().key;
    let mut watcher = Watcher::new(platform, options());
    watcher.inherit(&Alive { clients: vec![client], ..Alive::default() });
    watcher.begin();
    let mut ended = Vec::new();
    while let Some(observed) = watcher.next(at(20)).await {
        if let Observation::Ended { process, detail, .. } = observed.observation {
            ended.push((process, detail, observed.at.uptime.steps(SECOND)));
        }
    }
    assert_eq!(ended, [(client, None, 9)]);
}

/// The future of `next` may be dropped at any moment, because something else was ready first.
#[tokio::test(flavor = "current_thread")]
async fn nothing_is_lost_when_nobody_waits_any_more() {
    let mut platform = helix_and([(at(5), kill(11))]);
    platform.yields_first = true;
    let mut watcher = Watcher::new(platform, options());
    watcher.begin();
    let mut ends = 0;
    for _ in 0..2_000 {
        tokio::select! {
            biased;
            seen = watcher.next(at(20)) => match seen {
                Some(observed) => ends += u32::from(matches!(observed.observation, Observation::Ended { .. })),
                None => break,
            },
            // The watcher was polled once and was not ready.
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(ends, 1);
}
