//! What one look at a thousand processes costs, beside merely listing them and beside a general-purpose library.
//!
//! All three are measured in turn, round after round, so that a noisy machine is equally noisy for each, and only
//! ratios have budgets. A scan at rest looks closer at a sixtieth of the processes in turn, so a round has sixty.
#![expect(clippy::print_stdout, reason = "a benchmark: its lines are its product")]
#![cfg_attr(
    target_os = "linux",
    expect(clippy::disallowed_methods, reason = "a benchmark: it may sleep, and its numbers are small")
)]

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    println!("scan: measures nothing on this system, where the process table is read in another way");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    match linux::measure() {
        Ok(verdict) => verdict,
        Err(why) => {
            println!("scan: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::process::{Child, Command, ExitCode, Stdio};
    use std::time::{Duration, Instant};

    use goplswatch_core::Pid;
    use goplswatch_probe::{Options, SystemWorld, Watcher, World};
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

    use goplswatch_testing::figures::{Sheet, median};

    const PROCESSES: usize = 1_000;
    const SCANS: usize = 60;
    const ROUNDS: usize = 9;
    /// Until then processes count as young and are looked at in every scan.
    const YOUTH: Duration = Duration::from_millis(5_500);

    /// Ends and reaps them, whatever becomes of the measurement.
    struct Sleepers(Vec<Child>);

    impl Sleepers {
        fn spawn(count: usize) -> Result<Self, String> {
            let mut all = Self(Vec::with_capacity(count));
            for _ in 0..count {
                let child = Command::new("sleep").arg("600").stdin(Stdio::null()).stdout(Stdio::null()).spawn();
                all.0.push(child.map_err(|error| format!("could not start `sleep` {count} times: {error}"))?);
            }
            Ok(all)
        }
    }

    impl Drop for Sleepers {
        fn drop(&mut self) {
            for child in &mut self.0 {
                // One that has ended already is as good.
                let _ = child.kill();
            }
            for child in &mut self.0 {
                let _ = child.wait();
            }
        }
    }

    /// Milliseconds that each of so many repetitions took.
    fn each(times: usize, mut work: impl FnMut()) -> f64 {
        let start = Instant::now();
        for _ in 0..times {
            work();
        }
        start.elapsed().as_secs_f64() * 1_000.0 / times as f64
    }

    pub(super) fn measure() -> Result<ExitCode, String> {
        let _sleepers = Sleepers::spawn(PROCESSES)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let _inside = runtime.enter();
        let mut watcher = Watcher::new(SystemWorld::new()?, Options::default());
        watcher.begin();
        std::thread::sleep(YOUTH);
        watcher.scan_once();

        let mut world = SystemWorld::new()?;
        let mut pids: Vec<Pid> = Vec::new();
        let mut system = System::new().map_err(|e| format!("sysinfo: {e}"))?;
        let refresh = |system: &mut System| {
            system.refresh_processes_specifics(ProcessesToUpdate::All, true, ProcessRefreshKind::nothing())
        };
        refresh(&mut system);
        let (mut std_list, mut raw_list, mut scan, mut library) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut listed = 0;
        for _ in 0..ROUNDS {
            std_list.push(each(SCANS, || listed = list().unwrap_or(0)));
            raw_list.push(each(SCANS, || drop(world.pids(&mut pids))));
            scan.push(each(SCANS, || watcher.scan_once()));
            library.push(each(2, || {
                refresh(&mut system);
            }));
        }
        if listed < PROCESSES || pids.len() < PROCESSES {
            return Err(format!("only {listed} processes were listed"));
        }
        let over = |a: &[f64], b: &[f64]| median(&mut a.iter().zip(b).map(|(a, b)| a / b).collect::<Vec<_>>());
        let mut sheet = Sheet::default();
        sheet.at_most("one scan over listing /proc with std", over(&scan, &std_list), 1.5, "x");
        sheet.at_least("sysinfo's refresh over one scan", over(&library, &scan), 50.0, "x");
        sheet.note("  one scan over listing /proc with getdents", over(&scan, &raw_list), "x");
        sheet.note("  processes on the machine", listed as f64, "");
        sheet.note("  listing with std", median(&mut std_list), "ms");
        sheet.note("  listing with getdents", median(&mut raw_list), "ms");
        sheet.note("  one scan at rest", median(&mut scan), "ms");
        sheet.note("  sysinfo's refresh", median(&mut library), "ms");
        Ok(sheet.verdict())
    }

    /// The plainest way to know which processes there are.
    fn list() -> std::io::Result<usize> {
        let numeric = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
        Ok(std::fs::read_dir("/proc")?.flatten().filter(|entry| numeric(&entry.file_name())).count())
    }
}
