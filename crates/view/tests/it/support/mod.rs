//! Hand-written snapshots of a machine, with the messages that the engine produces in such
//! situations.

use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::codes::{Severity, Weight};
use goplswatch_core::event::{
    CauseView, ClientView, IncidentView, NotificationView, PauseView, RemedyView, ServerView, SnoozeView,
};
use goplswatch_core::message::{
    About, Bytes, Client, Cores, Count, Folder, Location, Measured, Message, MessageText, Millis, Number,
    OptionalMessage, Process, SharedMessage, Times, Verbatim,
};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::time::SECOND;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{
    Amount, Code, Gauge, PastServer, Pid, ProcessKey, Reading, Remedy, Robust, Seq, ServerStatus, Snapshot, Trend,
};
use goplswatch_view::{Catalogue, Context, Row, RowKind, UserAction};
use jiff::tz::TimeZone;

const GB: u64 = 1_000_000_000;
const MB: u64 = 1_000_000;
pub(crate) const COMMAND: &str = "Go: Restart Language Server";
/// The system's text for a refusal.
pub(crate) const REFUSED: &str = "Permission denied";

/// A Sunday, in a zone one hour east of UTC.
pub(crate) fn context() -> Context {
    let (zone, today) = (TimeZone::fixed(jiff::tz::offset(1)), jiff::civil::date(2026, 11, 22));
    Context { zone, today, scanned: true, words: Catalogue::english() }
}

/// A machine on which no gopls runs and everything can be observed.
pub(crate) fn machine() -> Snapshot {
    Snapshot {
        capabilities: vec![Capability::new("process-table", CapabilityState::Ok, Message::TableProved)],
        ..Snapshot::default()
    }
}

/// A healthy server that its client restarts four more times.
pub(crate) fn server(pid: u32, folder: &str, client: &str, memory: Option<u64>) -> ServerStatus {
    ServerStatus {
        gauges: std::collections::BTreeMap::new(),
        usual: goplswatch_core::Usual::default(),
        server: ServerView {
            pid: Pid(pid),
            start: u64::from(pid) * 10,
            class: ServerClass::Lsp,
            exe: Reading::Known("/home/gopher/go/bin/gopls".into()),
            arch: Reading::Known("arm64".into()),
            translated: Reading::Known(false),
            slices: Reading::Known(vec!["arm64".into()]),
            workspace: Reading::Known(folder.into()),
            client: Reading::Known(ClientView { id: None, name: client.into(), pid: Pid(pid - 1) }),
            adopted: false,
            lineage: format!("lineage-{pid}"),
            generation: 1,
        },
        memory_bytes: memory,
        state: "stable".into(),
        lives_left: LivesLeft::Known(5),
        since: Some("2026-11-22T08:02:11.000Z".into()),
        offers: vec![Remedy::RestartServer, Remedy::CopyRestartCommand, Remedy::OpenWorkspace, Remedy::DumpGoroutines],
        restart_command: Some(COMMAND.into()),
        past: Vec::new(),
    }
}

pub(crate) fn offer(remedy: Remedy, process: Option<u32>, value: Option<&str>) -> RemedyView {
    RemedyView {
        remedy,
        class: remedy.class(),
        said: Message::Deed { remedy }.into(),
        process: process.map(|pid| ProcessKey::new(pid, u64::from(pid) * 10)),
        value: value.map(str::to_owned),
    }
}

/// An incident about the lineage of a server in a folder, with the remedies that every incident
/// offers.
pub(crate) fn incident(code: Code, n: u64, pid: u32, folder: &str, client: &str, said: Message) -> IncidentView {
    let mut remedies = vec![offer(Remedy::ByHand, None, None)];
    if code != Code::EditorGaveUp {
        remedies.push(offer(Remedy::RestartServer, Some(pid), None));
    }
    remedies.extend([
        offer(Remedy::CopyRestartCommand, None, Some(COMMAND)),
        offer(Remedy::CopyEvidence, None, None),
        offer(Remedy::OpenWorkspace, None, Some(folder)),
        offer(Remedy::Snooze, None, None),
        offer(Remedy::Mute, None, Some(folder)),
    ]);
    IncidentView {
        causes: Vec::new(),
        id: format!("{}-{n}", code.word()),
        code,
        severity: code.row().severity,
        title: String::new(),
        client: code.row().names_client.then(|| client.to_owned()),
        said: said.into(),
        lineage: Some(format!("lineage-{pid}")),
        workspace: Some(folder.into()),
        evidence: vec![Seq(n)],
        lives_left: None,
        remedies,
        receipt: None,
        closed_because: None,
    }
}

pub(crate) fn notification(view: &IncidentView, folder: &str, rang: u64) -> NotificationView {
    NotificationView {
        id: view.id.clone(),
        incidents: vec![view.id.clone()],
        telling: view.code.row().notification_level,
        workspace: Some(folder.into()),
        rang: Seq(rang),
    }
}

pub(crate) fn place(path: &str) -> Location {
    Location(Some(path.into()))
}

fn part(message: Message) -> SharedMessage {
    SharedMessage::new(message)
}

fn gopls(pid: u32) -> Process {
    Process { name: "gopls".into(), pid: Pid(pid) }
}

/// Several ends of the same kind.
pub(crate) fn looping(times: u64, path: &str, seconds: u64, how: Message) -> Message {
    let (folder, times, span) = (Folder(path.into()), Times::new(times), Millis::new(seconds * 1_000));
    Message::Loop { folder, times, span, how: part(how) }
}

fn each_time(how: Message) -> Message {
    Message::EachTime { how: part(how) }
}

fn among_kills() -> Message {
    Message::EndAmongKills { how: part(Message::BySignal { signal: Verbatim("SIGKILL".into()) }) }
}

fn slow() -> Message {
    let (label, age) = (Verbatim("go list".into()), Millis::new(360_000));
    Message::SlowGoList { label, place: place("/w/api-server"), age, usual: None }
}

fn numbers(count: u64) -> OptionalMessage {
    Some(Message::InNumbers { count: Number::new(count) }).into()
}

/// Half an hour in which memory grew and five servers ended.
pub(crate) fn trend() -> Trend {
    let memory = (0..30).map(|minute: u64| (minute > 2).then_some(310 * MB + minute * 30 * MB)).collect();
    let ends = (0..30).map(|minute: u32| u32::from(minute >= 25)).collect();
    Trend { memory, ends }
}

/// All situations that the tests examine, by name.
pub(crate) fn stories() -> Vec<(&'static str, Snapshot, Context)> {
    let looking = Context { scanned: false, ..context() };
    vec![
        ("looking", Snapshot::default(), looking),
        ("blind", blind(), context()),
        ("no-gopls", machine(), context()),
        ("calm", calm(), context()),
        ("advice", advice(), context()),
        ("one-incident", one_incident(), context()),
        ("gave-up", gave_up(), context()),
        ("five-servers", five_servers(), context()),
        ("many-incidents", many_incidents(), context()),
        ("fifty-servers", many_servers(50), context()),
        ("fifty-servers-and-trouble", fifty_servers_and_trouble(), context()),
        ("paused", paused(), context()),
        ("muted", muted(), context()),
        ("snoozed", snoozed(), context()),
        ("warming-up", warming_up(), context()),
        ("foreign-names", foreign_names(), context()),
        ("digest", digest(), context()),
        ("duplicates", duplicates(), context()),
        ("fix-did-not-help", fix_did_not_help(), context()),
        ("measured-and-calm", measured_and_calm(), context()),
        ("descriptor-pressure", descriptor_pressure(), context()),
        ("out-of-memory-loop", out_of_memory_loop(), context()),
        ("translated", translated(), context()),
        ("spotlight-beside-a-slow-load", spotlight_beside_a_slow_load(), context()),
        ("machine-only", machine_only(), context()),
        ("crowded", crowded(), context()),
    ]
}

fn blind() -> Snapshot {
    let unread = Message::TableUnread { why: Verbatim::of(REFUSED) };
    Snapshot {
        capabilities: vec![
            Capability::new("process-table", CapabilityState::Denied, unread),
            Capability::new("end-status", CapabilityState::Unsupported, Message::StatusUnread),
        ],
        ..Snapshot::default()
    }
}

fn calm() -> Snapshot {
    let servers =
        vec![server(811, "/w/api-server", "VS Code", Some(540 * MB)), server(915, "/w/infra", "Zed", Some(310 * MB))];
    Snapshot { servers, ..machine() }
}

fn advice() -> Snapshot {
    let stale = Message::FileReplaced { place: place("/w/infra") };
    let incidents = vec![
        incident(Code::SlowLoad, 31, 811, "/w/api-server", "VS Code", slow()),
        incident(Code::StaleBinary, 30, 915, "/w/infra", "Zed", stale),
    ];
    Snapshot { incidents, ..calm() }
}

pub(crate) fn one_incident() -> Snapshot {
    let said = looping(3, "/w/api-server", 160, each_time(Message::EndPanic));
    let incidents = vec![incident(Code::RestartLoop, 37, 811, "/w/api-server", "VS Code", said)];
    let mut snapshot = Snapshot { incidents, ..calm() };
    snapshot.told = vec![notification(&snapshot.incidents[0], "/w/api-server", 37)];
    snapshot.trends.insert("lineage-811".into(), trend());
    let looping = &mut snapshot.servers[0];
    looping.server.generation = 4;
    looping.state = "looping".into();
    looping.lives_left = LivesLeft::Known(2);
    looping.past = (1..4)
        .rev()
        .map(|generation| PastServer {
            generation,
            ended: format!("2026-11-22T08:0{generation}:00.000Z"),
            lived: Some(40 * SECOND),
            said: Message::EndPanic.into(),
        })
        .collect();
    snapshot
}

/// The client has given up, and no server is left whose folder would tell where.
fn gave_up() -> Snapshot {
    let client = Client(Some("VS Code".into()));
    let said = Message::GaveUp { place: place("/w/api-server"), times: Times::new(5), client };
    let how = part(Message::BySignal { signal: Verbatim("SIGKILL".into()) });
    let killed = Message::Killed { times: Count::new(2), place: place("/w/api-server"), how };
    let killed = incident(Code::ServerKilled, 40, 811, "/w/api-server", "VS Code", killed);
    let incidents = vec![incident(Code::EditorGaveUp, 41, 811, "/w/api-server", "VS Code", said), killed];
    let mut snapshot = Snapshot { incidents, ..machine() };
    let mut alert = notification(&snapshot.incidents[0], "/w/api-server", 41);
    alert.incidents.push(snapshot.incidents[1].id.clone());
    snapshot.told = vec![alert];
    snapshot.trends.insert("lineage-811".into(), trend());
    snapshot
}

fn five_servers() -> Snapshot {
    let mut translated = server(811, "/w/api-server", "VS Code", Some(1_250 * MB));
    translated.server.translated = Reading::Known(true);
    translated.lives_left = LivesLeft::AtMost(5);
    let mut daemon = server(990, "/w/shared", "", None);
    daemon.server.class = ServerClass::Daemon;
    daemon.server.client = Reading::unknown("its parent has ended");
    daemon.lives_left = LivesLeft::Unknown(Message::LivesOfNoServer.into());
    daemon.offers = vec![Remedy::DumpGoroutines];
    let mut lost = server(991, "/", "Claude Code", Some(80 * MB));
    lost.server.class = ServerClass::Mcp;
    lost.server.workspace = Reading::unknown("it works in /, which is no workspace");
    lost.offers = vec![Remedy::StopMcp];
    lost.restart_command = None;
    lost.since = None;
    let vim = |pid, memory| server(pid, "/w/shared", "Vim", memory);
    let servers = vec![translated, vim(820, Some(300 * MB)), vim(821, None), daemon, lost];
    Snapshot { servers, ..machine() }
}

fn many_incidents() -> Snapshot {
    let codes = Code::ALL.iter().copied().chain([Code::RestartLoop]);
    let mut snapshot = machine();
    for (i, code) in (0u32..).zip(codes) {
        let (pid, folder) = (800 + i * 2, format!("/w/service-{i:02}"));
        snapshot.servers.push(server(pid, &folder, "VS Code", Some(GB)));
        let said = looping(3, &folder, 120, Message::CauseUnknown);
        snapshot.incidents.push(incident(code, 50 + u64::from(i), pid, &folder, "VS Code", said));
    }
    let alerts: Vec<_> = snapshot.incidents.iter().take(3).map(|view| notification(view, "/w/service", 60)).collect();
    snapshot.told = alerts;
    snapshot.trends.insert("lineage-804".into(), trend());
    snapshot
}

pub(crate) fn many_servers(n: u32) -> Snapshot {
    let clients = ["VS Code", "Neovim", "Zed", "Emacs (eglot)", "Helix"];
    let servers = (0..n).map(|i| {
        let client = clients[i as usize % clients.len()];
        let mut server = server(1_000 + i * 2, &format!("/w/service-{i:03}"), client, Some(u64::from(i + 1) * 10 * MB));
        let past = PastServer {
            generation: 1,
            ended: "2026-11-21T08:00:00.000Z".into(),
            lived: Some(9 * SECOND),
            said: Message::EndExitOne.into(),
        };
        server.past = vec![past; 3];
        server
    });
    Snapshot { servers: servers.collect(), ..machine() }
}

pub(crate) fn fifty_servers_and_trouble() -> Snapshot {
    let mut snapshot = many_servers(50);
    for i in 0..6 {
        let folder = format!("/w/service-{i:03}");
        let said = looping(3, &folder, 120, Message::CauseUnknown);
        let view = incident(Code::RestartLoop, 70 + u64::from(i), 1_000 + i * 2, &folder, "VS Code", said);
        snapshot.trends.insert(format!("lineage-{}", 1_000 + i * 2), trend());
        snapshot.incidents.push(view);
    }
    snapshot.capabilities.push(Capability::new("end-status", CapabilityState::Denied, Message::StatusUnread));
    snapshot.warming_until = Some("2026-11-22T08:03:00.000Z".into());
    snapshot
}

fn paused() -> Snapshot {
    let mut snapshot = one_incident();
    snapshot.told.clear();
    snapshot.alerts.paused = Some(PauseView { until: Some("2026-11-22T14:00:00.000Z".into()) });
    snapshot
}

fn muted() -> Snapshot {
    let mut snapshot = one_incident();
    snapshot.told.clear();
    snapshot.alerts.muted = vec!["/w/api-server".into(), "/w/old/infra".into()];
    snapshot.incidents[0].remedies.retain(|offer| offer.remedy != Remedy::Mute);
    snapshot
}

fn snoozed() -> Snapshot {
    let mut snapshot = one_incident();
    snapshot.told.clear();
    let incident = snapshot.incidents[0].id.clone();
    snapshot.alerts.snoozed = vec![SnoozeView { incident, until: "2026-11-22T23:30:00.000Z".into() }];
    snapshot.alerts.paused = Some(PauseView { until: None });
    snapshot.incidents[0].remedies.retain(|offer| offer.remedy != Remedy::Snooze);
    snapshot
}

fn warming_up() -> Snapshot {
    let mut snapshot = one_incident();
    snapshot.told.clear();
    snapshot.warming_until = Some("2026-11-22T08:03:00.000Z".into());
    snapshot
}

fn foreign_names() -> Snapshot {
    let folders = [
        "/w/خادم-الواجهة",
        "/w/服务器-支付-网关-生产环境-非常长的名字-需要缩短-的-文件夹-名称-测试",
        "/w/👩🏽\u{200d}💻🚀",
        "/w/a\u{1b}[2J\nb\u{202e}gnp.exe",
        "/w/\u{202e}\u{7}",
        "/w/the-very-long-name-of-a-repository-that-nobody-wants-to-read-frontend",
        "/w/new/api",
        "/w/old/api",
    ];
    let mut snapshot = machine();
    for (i, folder) in (0u32..).zip(folders) {
        snapshot.servers.push(server(800 + i * 2, folder, "VS\tCode\u{2066}", Some(GB)));
    }
    for (i, folder) in [(0u32, folders[0]), (5, folders[5]), (7, folders[7])] {
        let said = looping(3, folder, 120, each_time(Message::ExitCode { code: Count::new(2) }));
        let view = incident(Code::RestartLoop, 80 + u64::from(i), 800 + i * 2, folder, "VS\tCode\u{2066}", said);
        snapshot.told.push(notification(&view, folder, 80));
        snapshot.incidents.push(view);
    }
    snapshot.alerts.muted = vec![folders[2].into(), folders[3].into()];
    snapshot
}

fn digest() -> Snapshot {
    let mut snapshot = many_incidents();
    let incidents: Vec<String> = snapshot.incidents[3..8].iter().map(|view| view.id.clone()).collect();
    let problem = snapshot.incidents.iter().find(|view| view.severity == Severity::Problem).unwrap();
    let telling = problem.code.row().notification_level;
    snapshot.told.push(NotificationView { id: "digest".into(), incidents, telling, workspace: None, rang: Seq(66) });
    snapshot
}

/// A client that leaves its old servers running and never restarts one.
fn duplicates() -> Snapshot {
    let servers: Vec<_> = (0..4).map(|i| server(820 + i, "/w/shared", "Neovim", Some(700 * MB))).collect();
    let (bytes, saved) = (Bytes::new(2_800 * MB), Bytes::new(2_100 * MB));
    let client = Client(Some("Neovim".into()));
    let said = Message::Crowd { client, servers: Count::new(4), place: place("/w/shared"), bytes, saved };
    let mut view = incident(Code::TooManyServers, 90, 820, "/w/shared", "Neovim", said);
    let stop = (820..823).map(|pid| offer(Remedy::StopDuplicate, Some(pid), None));
    view.remedies = stop.chain(view.remedies).filter(|offer| offer.remedy != Remedy::RestartServer).collect();
    Snapshot { servers, incidents: vec![view], ..machine() }
}

fn fix_did_not_help() -> Snapshot {
    let mut snapshot = calm();
    let said = Message::EndedAgain { place: place("/w/api-server"), later: Millis::new(40_000) };
    let mut view = incident(Code::FixDidNotHelp, 95, 811, "/w/api-server", "VS Code", said);
    view.receipt = Some("fix-12".into());
    snapshot.told = vec![notification(&view, "/w/api-server", 95)];
    snapshot.incidents = vec![view];
    snapshot
}

/// Known readings of these gauges.
pub(crate) fn gauges(of: &[(Gauge, u64)]) -> std::collections::BTreeMap<Gauge, Reading<Amount>> {
    of.iter().map(|(gauge, n)| (*gauge, Reading::Known(Amount::Exactly(*n)))).collect()
}

fn cause(code: &'static str, weight: Weight, message: Message) -> CauseView {
    CauseView { cause: code.into(), weight, said: message.into(), evidence: vec![Seq(7)] }
}

/// Everything is measured and nothing is worth reading.
pub(crate) fn measured_and_calm() -> Snapshot {
    let mut snapshot = calm();
    snapshot.machine.gauges = gauges(&[
        (Gauge::FileTable, 9_400),
        (Gauge::FileTableLimit, 122_880),
        (Gauge::VnodesFree, 900),
        (Gauge::UserWatches, 12_000),
        (Gauge::UserWatchLimit, 65_536),
        (Gauge::MachineMemory, 16 * GB),
        (Gauge::MemoryAvailable, 6 * GB),
        (Gauge::PressureLevel, 1),
        (Gauge::MemoryStall, 0),
        (Gauge::IndexerWorkers, 4),
        (Gauge::IndexerCpu, 90),
    ]);
    let used = [(Gauge::Cpu, 12), (Gauge::Threads, 23), (Gauge::DescriptorBound, 75), (Gauge::DescriptorLimit, 61_440)];
    for status in &mut snapshot.servers {
        status.gauges = gauges(&used);
        status.usual.memory_bytes = Some(Robust { median: 500 * MB, mad: 40 * MB, of: 9 });
    }
    // This server was not observed often enough.
    snapshot.servers[1].usual.memory_bytes = None;
    snapshot
}

fn descriptor_pressure() -> Snapshot {
    let mut snapshot = measured_and_calm();
    snapshot.servers[0].gauges = gauges(&[
        (Gauge::Cpu, 140),
        (Gauge::Threads, 31),
        (Gauge::DescriptorBound, 65_536),
        (Gauge::Descriptors, 58_200),
        (Gauge::DescriptorLimit, 61_440),
        (Gauge::Watches, 58_000),
        (Gauge::Io, 3 * MB),
    ]);
    snapshot.machine.gauges.insert(Gauge::FileTable, Reading::Known(Amount::Exactly(61_500)));
    let measured = |gauge, n| Measured::new(gauge, Amount::Exactly(n));
    let said = Message::HoldsDescriptors {
        who: gopls(811),
        count: measured(Gauge::Descriptors, 58_200),
        place: place("/w/api-server"),
        share: Some(Message::ShareOfOwn { percent: Count::new(94) }).into(),
        more: Some(part(Message::TakesUntil { rate: Number::new(900), left: About::new(180_000) })),
    };
    let mut view = incident(Code::DescriptorPressure, 101, 811, "/w/api-server", "VS Code", said);
    let watches = Some(Message::InMeasure { value: measured(Gauge::Watches, 58_000) }).into();
    let busy = Some(Message::InWorkers { births: measured(Gauge::IndexerBirths, 6) }).into();
    view.causes = vec![
        cause("own-watcher", Weight::MostLikely, Message::CauseWatches { value: watches }),
        cause("spotlight-busy", Weight::SameTime, Message::CauseSpotlight { detail: busy }),
    ];
    view.remedies.insert(1, offer(Remedy::TurnOffWatcher, None, None));
    let watcher = incident(
        Code::OwnWatcher,
        99,
        811,
        "/w/api-server",
        "VS Code",
        Message::WatchesItself {
            who: gopls(811),
            count: measured(Gauge::Watches, 58_000),
            place: place("/w/api-server"),
        },
    );
    let mut alert = notification(&view, "/w/api-server", 101);
    alert.incidents.push(watcher.id.clone());
    snapshot.told = vec![alert];
    snapshot.incidents = vec![view, watcher];
    snapshot
}

fn out_of_memory_loop() -> Snapshot {
    let mut snapshot = one_incident();
    let view = &mut snapshot.incidents[0];
    view.said = MessageText::from(looping(3, "/w/api-server", 160, each_time(among_kills())));
    let share = Some(Message::ShareEach).into();
    let held = Some(Message::HeldAtLast { bytes: Bytes::new(6_400 * MB) }).into();
    let critical = Measured::new(Gauge::PressureLevel, Amount::Exactly(4));
    let short = Some(Message::InPressure { level: critical }).into();
    view.causes = vec![
        cause("out-of-memory-kill", Weight::MostLikely, Message::CauseMemory { share, held }),
        cause("memory-pressure", Weight::SameTime, Message::CauseMachineMemory { detail: short }),
    ];
    let killed = incident(
        Code::OutOfMemoryKill,
        38,
        811,
        "/w/api-server",
        "VS Code",
        Message::KilledForMemory {
            place: place("/w/api-server"),
            how: part(among_kills()),
            held: Some(Bytes::new(6_400 * MB)),
        },
    );
    let mut short = incident(
        Code::MemoryPressure,
        36,
        811,
        "/w/api-server",
        "VS Code",
        Message::PressureLevel {
            level: critical,
            available: Some(Message::StillAvailable { bytes: Bytes::new(310 * MB) }).into(),
        },
    );
    on_no_folder(&mut short);
    snapshot.told[0].incidents.extend([killed.id.clone(), short.id.clone()]);
    snapshot.incidents.extend([killed, short]);
    snapshot.machine.gauges = gauges(&[
        (Gauge::MachineMemory, 16 * GB),
        (Gauge::MemoryAvailable, 310 * MB),
        (Gauge::SwapUsed, 3_200 * MB),
        (Gauge::PressureLevel, 4),
    ]);
    snapshot
}

/// An incident about the machine has no folder to mute or to open.
fn on_no_folder(view: &mut IncidentView) {
    (view.lineage, view.workspace) = (None, None);
    view.remedies.retain(|offer| matches!(offer.remedy, Remedy::ByHand | Remedy::CopyEvidence | Remedy::Snooze));
}

/// A server, the go command that it runs, and the editor.
fn translated() -> Snapshot {
    let mut snapshot = calm();
    let server = &mut snapshot.servers[0].server;
    server.translated = Reading::Known(true);
    server.arch = Reading::Known("x86_64".into());
    server.slices = Reading::Known(vec!["x86_64".into()]);
    let why = part(Message::FileHoldsNoNative);
    let said = Message::ServerTranslated { who: gopls(811), place: place("/w/api-server"), why };
    let mut view = incident(Code::TranslatedServer, 110, 811, "/w/api-server", "VS Code", said);
    view.remedies.insert(1, offer(Remedy::ReinstallNative, Some(811), None));
    let label = Verbatim("go list".into());
    let said = Message::ToolchainTranslated { label, who: gopls(811), place: place("/w/api-server") };
    let go = incident(Code::TranslatedToolchain, 111, 811, "/w/api-server", "VS Code", said);
    let said = Message::ClientTranslated { who: Process { name: "VS Code".into(), pid: Pid(810) } };
    let mut client = incident(Code::TranslatedClient, 112, 811, "/w/api-server", "VS Code", said);
    on_no_folder(&mut client);
    let mut alert = notification(&view, "/w/api-server", 110);
    alert.incidents.extend([go.id.clone(), client.id.clone()]);
    snapshot.told = vec![alert];
    snapshot.incidents = vec![client, go, view];
    snapshot
}

fn spotlight() -> IncidentView {
    let doing = part(Message::IndexerBoth { births: Number::new(25), cpu: Cores::new(840) });
    let said = Message::IndexingDuringLoad { doing };
    let mut view = incident(Code::SpotlightBusy, 120, 811, "/w/api-server", "VS Code", said);
    on_no_folder(&mut view);
    view.remedies.push(offer(Remedy::OpenSpotlightSettings, None, None));
    view.remedies.push(offer(Remedy::MoveModuleCache, None, None));
    view
}

fn spotlight_beside_a_slow_load() -> Snapshot {
    let mut snapshot = measured_and_calm();
    let busy = [(Gauge::IndexerWorkers, 6), (Gauge::IndexerBirths, 25), (Gauge::IndexerCpu, 840)];
    snapshot.machine.gauges.extend(gauges(&busy));
    let mut slow = incident(Code::SlowLoad, 121, 811, "/w/api-server", "VS Code", slow());
    let cpu = Measured::new(Gauge::IndexerCpu, Amount::Exactly(840));
    let busy = Some(Message::InMeasure { value: cpu }).into();
    slow.causes = vec![cause("spotlight-busy", Weight::SameTime, Message::CauseSpotlight { detail: busy })];
    let mut alert = notification(&slow, "/w/api-server", 121);
    alert.incidents.push(spotlight().id);
    snapshot.told = vec![alert];
    snapshot.incidents = vec![slow, spotlight()];
    snapshot
}

/// No server runs, but the machine has problems.
fn machine_only() -> Snapshot {
    let mut snapshot = machine();
    snapshot.machine.gauges = gauges(&[
        (Gauge::FileTable, 119_000),
        (Gauge::FileTableLimit, 122_880),
        (Gauge::UserWatches, 58_000),
        (Gauge::UserWatchLimit, 65_536),
    ]);
    let held = Measured::new(Gauge::Descriptors, Amount::Exactly(98_000));
    let who = Process { name: "node".into(), pid: Pid(4_711) };
    let said = Message::UsedUp {
        count: Number::new(119_000),
        what: Gauge::FileTable,
        percent: Count::new(96),
        limit: Number::new(122_880),
        holder: Some(Message::HeldBy { who, amount: held }).into(),
    };
    let mut full = incident(Code::FileTableFull, 130, 811, "/w/api-server", "VS Code", said);
    on_no_folder(&mut full);
    snapshot.told = vec![NotificationView { workspace: None, ..notification(&full, "", 130) }];
    snapshot.incidents = vec![full, spotlight()];
    snapshot.told.push(notification(&spotlight(), "", 131));
    snapshot
}

/// More than there is room for, including problems of the machine.
fn crowded() -> Snapshot {
    let mut snapshot = fifty_servers_and_trouble();
    snapshot.machine = machine_only().machine;
    snapshot.incidents.extend(machine_only().incidents);
    snapshot.incidents[0].causes =
        vec![cause("file-table-full", Weight::Possible, Message::CauseFileTable { numbers: numbers(119_000) })];
    for (status, open) in snapshot.servers.iter_mut().zip([30_000, 900, 12_000, 41_000, 9_000]) {
        status.gauges = gauges(&[(Gauge::Cpu, open / 10), (Gauge::DescriptorBound, open)]);
    }
    snapshot
}

/// Whether the user command can be carried out, as far as the snapshot shows.
pub(crate) fn can(action: &UserAction, snapshot: &Snapshot) -> bool {
    let incident = |id: &String| snapshot.incidents.iter().find(|view| view.id == *id);
    match action {
        UserAction::Fix { remedy, incident: Some(id), process } => {
            incident(id).is_some_and(|view| view.remedies.iter().any(|o| o.remedy == *remedy && o.process == *process))
        }
        UserAction::Fix { remedy, incident: None, process: Some(process) } => snapshot
            .servers
            .iter()
            .any(|s| s.server.pid == process.pid && s.server.start == process.start && s.offers.contains(remedy)),
        UserAction::Fix { incident: None, process: None, .. } => false,
        UserAction::Explain { incident: id } => incident(id).is_some(),
        UserAction::Unmute { workspace } => snapshot.alerts.muted.contains(workspace),
        UserAction::Resume => snapshot.alerts.paused.is_some(),
        UserAction::Pause { length } => *length != Some(Duration::ZERO),
        UserAction::Reveal { path } => snapshot.servers.iter().any(|s| s.server.exe.known() == Some(path)),
        UserAction::Copy { text } => snapshot.servers.iter().any(|s| s.server.pid.to_string() == *text),
        UserAction::OpenConfig | UserAction::Quit => true,
        UserAction::Undo { receipt } => snapshot.incidents.iter().any(|view| view.receipt.as_ref() == Some(receipt)),
        // These belong to questions and never appear in a menu.
        UserAction::Apply { .. } | UserAction::Drop { .. } => false,
    }
}

/// All user commands in these rows.
pub(crate) fn actions(rows: &[Row]) -> Vec<UserAction> {
    let mut actions = Vec::new();
    each(rows, &mut |row| {
        if let RowKind::Item { wants, .. } = &row.kind {
            actions.push(wants.clone());
        }
    });
    actions
}

/// Visits every row, those of submenus too.
pub(crate) fn each(rows: &[Row], visit: &mut impl FnMut(&Row)) {
    for row in rows {
        visit(row);
        if let RowKind::Submenu { rows, .. } = &row.kind {
            each(rows, visit);
        }
    }
}
