//! How long a menu of fifty servers takes to be read by a panel, over a real bus (Linux).
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

/// AppKit reads its menu without asking anybody.
#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod panel {
    use std::process::{Command, ExitCode};
    use std::time::{Duration, Instant};

    use goplswatch_core::{ProcessKey, Remedy, Trend};
    use goplswatch_view::{Menu, Row, RowKind, Scene, Wish};

    use goplswatch_testing::desktop::{Bus, Icon, Panel};
    use goplswatch_testing::{DEADLINE, figures};

    use crate::surface::{self, Surface};

    const SERVERS: u32 = 50;
    /// The program starts itself with this word as the process that it measures.
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

        let mut sheet = figures::Sheet::default();
        println!("the menu: {SERVERS} servers, {rows} rows");
        let mut opened: Vec<f64> = (0..200).map(|_| ms(|| drop(icon.layout()))).collect();
        sheet.at_most("menu of 50 servers, opened (median)", figures::median(&mut opened), 50.0, "ms");
        sheet.at_most("menu of 50 servers, opened (99 %)", figures::quantile(&mut opened, 99), 50.0, "ms");
        let mut changed: Vec<f64> = (1..=8).map(|round| change(&mut surface, &icon, round)).collect();
        sheet.at_most("changed scene to menu read (median)", figures::median(&mut changed), 50.0, "ms");
        sheet.note("memory of a process that shows only this", resident(surface.pid()), "MB");
        sheet.verdict()
    }

    /// Shows another scene, and reads the menu until it says so.
    fn change(surface: &mut Surface, icon: &Icon, round: u64) -> f64 {
        // Scenes are shown at most once a second; what is measured is the one that need not wait.
        std::thread::park_timeout(Duration::from_millis(1100));
        let signals = icon.changes();
        let wanted = memory(0, round);
        ms(|| {
            surface.show(&scene(round));
            signals.recv_timeout(DEADLINE).unwrap();
            while !icon.labels().iter().any(|label| label.contains(&wanted)) {}
        })
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
        rows.push(item("quit", "Quit", Wish::Quit));
        Scene { menu: Menu { rows }, ..Scene::default() }
    }

    fn server(number: u32, round: u64) -> Row {
        let process = ProcessKey::new(1000 + number, 1);
        let key = |what: &str| format!("server/{number}/{what}");
        let mut rows: Vec<Row> = ["1.2 GB, 14 % of a core", "started 10:14", "ended 10:12, lived 3 min: crash"]
            .iter()
            .enumerate()
            .map(|(at, fact)| row(&key(&format!("fact{at}")), RowKind::Text { label: (*fact).to_owned() }))
            .collect();
        rows.extend([Remedy::RestartServer, Remedy::CopyRestartCommand, Remedy::OpenWorkspace].map(|remedy| {
            let wants = Wish::Fix { remedy, incident: None, process: Some(process) };
            item(&key(remedy.word()), remedy.row().title, wants)
        }));
        let label = format!("workspace-{number}   VS Code   {}", memory(number, round));
        row(&key(""), RowKind::Submenu { label, rows })
    }

    fn row(key: &str, kind: RowKind) -> Row {
        Row { key: key.to_owned(), kind }
    }

    fn item(key: &str, label: &str, wants: Wish) -> Row {
        let label = label.to_owned();
        row(key, RowKind::Item { label, wants, enabled: true, checked: None, shortcut: None })
    }

    fn ms(action: impl FnOnce()) -> f64 {
        let start = Instant::now();
        action();
        start.elapsed().as_secs_f64() * 1000.0
    }

    /// Resident memory of a process (proc(5), `/proc/pid/status`, VmRSS), MB.
    fn resident(pid: u32) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1000.0
    }
}
