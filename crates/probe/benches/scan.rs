//! Benchmark: the cost of one scan of a thousand processes, compared with merely listing them and
//! with a general-purpose library.
//!
//! All three are measured in turn, round after round, by the CPU of this thread: reading /proc is
//! kernel work charged to the reader. A scan at rest looks closer at a sixtieth of the processes in
//! turn, so a round consists of sixty scans. A scan also looks at every process younger than five
//! seconds, so no other young processes may be in the table.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::disallowed_methods,
        reason = "a benchmark: its lines are its product, it may sleep, and its numbers are small"
    )
)]

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    goplswatch_testing::not_shown("what a scan costs: this system's process table is read in another way");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    if let Some(ended) = goplswatch_testing::own_process_table() {
        return ended;
    }
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
    use std::time::Duration;

    use goplswatch_core::Pid;
    use goplswatch_probe::{Options, Platform, SystemPlatform, Watcher};
    use goplswatch_testing::figures::{Rounds, Sheet, ours, thread_cpu, took};
    use goplswatch_testing::yardstick::{Refresh, list_processes};

    const PROCESSES: usize = 1_000;
    const SCANS: usize = 60;
    const ROUNDS: usize = 9;
    /// Budgets, about 1.4 times the usual result.
    const BESIDE_LISTING: f64 = 1.75;
    const BESIDE_LIBRARY: f64 = 0.029;
    /// Until this age, processes count as young and are looked at in every scan.
    const YOUTH: Duration = Duration::from_millis(5_500);

    /// Child processes that are killed and reaped even if the measurement fails.
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
                // The child may have ended already.
                let _ = child.kill();
            }
            for child in &mut self.0 {
                let _ = child.wait();
            }
        }
    }

    /// Milliseconds of CPU per repetition.
    fn each(times: usize, mut work: impl FnMut()) -> f64 {
        took(thread_cpu, || (0..times).for_each(|_| work())) / times as f64
    }

    pub(super) fn measure() -> Result<ExitCode, String> {
        let _sleepers = Sleepers::spawn(PROCESSES)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let _inside = runtime.enter();
        let mut watcher = Watcher::new(SystemPlatform::new().map_err(|why| format!("{why:?}"))?, Options::default());
        watcher.begin();
        std::thread::sleep(YOUTH);
        watcher.scan_once();

        let mut platform = SystemPlatform::new().map_err(|why| format!("{why:?}"))?;
        let mut pids: Vec<Pid> = Vec::new();
        let mut library = Refresh::new();
        let (mut std_list, mut raw_list, mut refresh) = (Rounds::default(), Rounds::default(), Rounds::default());
        let mut listed = 0;
        for _ in 0..ROUNDS {
            let std = each(SCANS, || listed = list_processes());
            let raw = each(SCANS, || drop(platform.pids(&mut pids)));
            let scan = ours(thread_cpu, || (), |()| (0..SCANS).for_each(|_| watcher.scan_once())) / SCANS as f64;
            std_list.push(scan, std);
            raw_list.push(scan, raw);
            refresh.push(scan, each(2, || library.every_process()));
        }
        if listed < PROCESSES || pids.len() < PROCESSES {
            return Err(format!("only {listed} processes were listed"));
        }
        let mut sheet = Sheet::default();
        sheet.at_most("one scan", "listing /proc with std", &std_list, BESIDE_LISTING);
        sheet.at_most("one scan", "sysinfo's refresh", &refresh, BESIDE_LIBRARY);
        sheet.note_beside("one scan over listing /proc with std", std_list.ratio(), "x", "at most 1.5");
        sheet.note_beside("sysinfo's refresh over one scan", 1.0 / refresh.ratio(), "x", "at least 50");
        sheet.note("one scan over listing /proc with getdents", raw_list.ratio(), "x");
        sheet.note("processes on the machine", listed as f64, "");
        sheet.note("listing with std", std_list.yardstick(), "ms");
        sheet.note("listing with getdents", raw_list.yardstick(), "ms");
        sheet.note("one scan at rest", std_list.ours(), "ms");
        sheet.note("sysinfo's refresh", refresh.yardstick(), "ms");
        Ok(sheet.verdict())
    }
}
