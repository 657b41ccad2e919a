//! The cost of a menu with fifty servers when a panel reads it over a real bus (Linux).
//!
//! A panel waits for three processes: itself, the bus and ours. The budgets are for the CPU time of
//! ours.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::unwrap_used,
        clippy::panic,
        reason = "a benchmark: its lines are its product, and what it cannot do ends it"
    )
)]

#[cfg(target_os = "linux")]
#[path = "../tests/it/surface.rs"]
#[expect(dead_code, reason = "shared with the tests, which use the rest")]
mod surface;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    panel::main()
}

/// AppKit reads its menu within the process.
#[cfg(not(target_os = "linux"))]
fn main() {
    goplswatch_testing::not_shown("what a menu costs: this system reads it without asking over a bus");
}

#[cfg(target_os = "linux")]
mod panel {
    use std::process::{Command, ExitCode};
    use std::sync::mpsc::Receiver;
    use std::time::Duration;

    use goplswatch_core::{ProcessKey, Remedy, Trend};
    use goplswatch_view::{Catalogue, Menu, Row, RowKind, Scene, UserAction};

    use goplswatch_testing::desktop::{Bus, Icon, Panel};
    use goplswatch_testing::figures::{Rounds, Sheet, cpu_of, median, ours, quantile, thread_cpu, took, wall};
    use goplswatch_testing::{DEADLINE, yardstick};

    use crate::surface::{self, Surface};

    const SERVERS: u32 = 50;
    const OPENED: usize = 40;
    const CHANGED: usize = 12;
    /// Scenes are shown at most once a second; only a scene that need not wait is measured.
    const UNTIL_NEXT: Duration = Duration::from_millis(1100);
    /// A change counts as signalled completely after this long without a further signal.
    const QUIET: Duration = Duration::from_millis(100);
    /// Budgets, about 1.4 times the usual cost, in multiples of the reference work (an ordered
    /// map).
    const OPENING: f64 = 4.5;
    const CHANGING: f64 = 2.1;
    /// The program starts itself with this argument as the process that it measures.
    const SURFACE: &str = "surface";

    pub(super) fn main() -> ExitCode {
        if std::env::args().any(|argument| argument == SURFACE) {
            surface::live();
            return ExitCode::SUCCESS;
        }
        let bus = Bus::start();
        let panel = Panel::start(&bus);
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.arg(SURFACE);
        let mut surface = Surface::start(program, &bus.address(), 0);
        surface.show(&scene(0));
        let icon = panel.icon();
        let rows = icon.labels().len();

        println!("the menu: {SERVERS} servers, {rows} rows");
        let pid = surface.pid();
        let map = || took(thread_cpu, yardstick::ordered_map);
        let opened = Rounds::of(OPENED, || ours(|| cpu_of(pid), || (), |()| read_five_times(&icon)), map);
        let mut waited: Vec<f64> = (0..100).map(|_| took(wall, || drop(icon.layout()))).collect();

        let mut number = 0;
        let changed = Rounds::of(
            CHANGED,
            || ours(|| cpu_of(pid), || prepare(&icon), |signals| change(&mut surface, &icon, &signals, &mut number)),
            map,
        );
        let mut until_read: Vec<f64> = (0..5)
            .map(|_| {
                let signals = prepare(&icon);
                took(wall, || show(&mut surface, &icon, &signals, &mut number))
            })
            .collect();

        let mut sheet = Sheet::default();
        let map = "work in an ordered map";
        sheet.at_most("CPU of a menu that is opened 5 times", map, &opened, OPENING);
        sheet.at_most("CPU of a changed scene whose menu is read once", map, &changed, CHANGING);
        sheet.note_beside("opened, median", median(&mut waited), "ms", "at most 50 ms");
        sheet.note_beside("opened, p99", quantile(&mut waited, 99), "ms", "at most 50 ms");
        sheet.note("opened, CPU of ours", opened.ours() / 5.0, "ms");
        sheet.note_beside("changed scene to menu read, median", median(&mut until_read), "ms", "at most 50 ms");
        sheet.note("changed, CPU of ours", changed.ours(), "ms");
        sheet.note("memory of a process that shows only this", resident(pid), "MB");
        sheet.verdict()
    }

    fn read_five_times(icon: &Icon) {
        (0..5).for_each(|_| drop(icon.layout()));
    }

    /// Waits until a scene would be shown at once; returns the menu's signals from then on.
    fn prepare(icon: &Icon) -> Receiver<String> {
        std::thread::park_timeout(UNTIL_NEXT);
        icon.changes()
    }

    /// Shows another scene, waits until all changes were signalled, and reads the menu once.
    fn change(surface: &mut Surface, icon: &Icon, signals: &Receiver<String>, number: &mut u64) {
        *number += 1;
        surface.show(&scene(*number));
        signals.recv_timeout(DEADLINE).unwrap();
        while signals.recv_timeout(QUIET).is_ok() {}
        let wanted = memory(0, *number);
        assert!(icon.labels().iter().any(|label| label.contains(&wanted)), "the menu is the old one");
    }

    /// Shows another scene, and reads the menu until it contains the change.
    fn show(surface: &mut Surface, icon: &Icon, signals: &Receiver<String>, number: &mut u64) {
        *number += 1;
        let wanted = memory(0, *number);
        surface.show(&scene(*number));
        signals.recv_timeout(DEADLINE).unwrap();
        while !icon.labels().iter().any(|label| label.contains(&wanted)) {}
    }

    fn memory(server: u32, round: u64) -> String {
        format!("{} MB", 300 + u64::from(server) + round * 1000)
    }

    fn scene(round: u64) -> Scene {
        let mut rows = vec![row("title", RowKind::Text { label: "gopls keeps restarting in api-server".to_owned() })];
        let trend = Trend {
            memory: (0..30).map(|minute| Some(300 + minute * (round + 1))).collect(),
            ends: (0..30).map(|minute| u32::from(minute % 9 == 0)).collect(),
        };
        rows.push(row("trend", RowKind::Trend { label: "last 30 min".to_owned(), trend }));
        rows.push(row("line", RowKind::Separator));
        rows.extend((0..SERVERS).map(|number| server(number, round)));
        rows.push(item("quit", "Quit", UserAction::Quit));
        Scene { menu: Menu { rows }, ..Scene::default() }
    }

    fn server(number: u32, round: u64) -> Row {
        let process = ProcessKey::new(1000 + number, 1);
        let key = |what: &str| format!("server/{number}/{what}");
        let mut rows: Vec<Row> = ["1.2 GB, 14 % of a core", "started 10:14", "ended 10:12, lived 3 min: crash"]
            .iter()
            .enumerate()
            .map(|(at, observation)| {
                row(&key(&format!("fact{at}")), RowKind::Text { label: (*observation).to_owned() })
            })
            .collect();
        rows.extend([Remedy::RestartServer, Remedy::CopyRestartCommand, Remedy::OpenWorkspace].map(|remedy| {
            let wants = UserAction::Fix { remedy, incident: None, process: Some(process) };
            item(&key(remedy.word()), &Catalogue::english().remedy(remedy), wants)
        }));
        let label = format!("workspace-{number}   VS Code   {}", memory(number, round));
        row(&key(""), RowKind::Submenu { label, rows })
    }

    fn row(key: &str, kind: RowKind) -> Row {
        Row { key: key.to_owned(), kind }
    }

    fn item(key: &str, label: &str, wants: UserAction) -> Row {
        let label = label.to_owned();
        row(key, RowKind::Item { label, wants, enabled: true, checked: None, shortcut: None })
    }

    /// Resident memory of a process (proc(5), `/proc/pid/status`, VmRSS), in MB.
    fn resident(pid: u32) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1000.0
    }
}
