//! Benchmark: the cost of one round of measuring twenty servers. It also shows that a process with
//! many descriptors costs no more than one with few.
//!
//! The servers are copies of this program under the name of gopls, so that they are found and
//! classified like real ones. CPU is that of this thread, which includes all of the work: reading
//! /proc is kernel work charged to the reader.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::disallowed_methods,
        clippy::cast_precision_loss,
        reason = "a benchmark: its lines are its product, it may sleep, and its numbers are small"
    )
)]

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    goplswatch_testing::not_shown("what a round of measuring costs: this system's processes are read in another way");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let mut args = std::env::args();
    let name = args.next().unwrap_or_default();
    let outcome = match (name.ends_with("/gopls"), args.next().as_deref()) {
        (true, _) => linux::stay(0),
        (false, Some("holds")) => linux::stay(args.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
        _ => linux::measure(),
    };
    outcome.unwrap_or_else(|why| {
        println!("sample: {why}");
        ExitCode::FAILURE
    })
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{BufRead, BufReader};
    use std::path::Path;
    use std::process::{Child, Command, ExitCode, Stdio};
    use std::time::Duration;

    use goplswatch_core::{Amount, Pid, ProcessKey, Reading};
    use goplswatch_probe::{Options, Platform, SystemPlatform, Watcher};
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use goplswatch_testing::figures::{Rounds, Sheet, median, ours, thread_cpu, took};
    use goplswatch_testing::yardstick::Refresh;

    const SERVERS: usize = 20;
    const ROUNDS: usize = 100;
    const FEW: u64 = 2_000;
    const MANY: u64 = 200_000;
    /// Budgets, about 1.4 times the usual result.
    const ROUND: f64 = 1.63;
    const FULL_ROUND: f64 = 3.8;
    const BOUND: f64 = 1.4;
    const MACHINE: f64 = 10.6;
    /// What a process may have open besides the descriptors it is told to hold.
    const OWN: u64 = 16;

    /// A child that is killed and reaped even if the measurement fails.
    struct Guarded(Child);

    impl Drop for Guarded {
        fn drop(&mut self) {
            // The child may have ended already.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// The child's role: holds `wanted` descriptors, or as many as it may, prints how many, and
    /// stays until its input closes.
    pub(super) fn stay(wanted: u64) -> Result<ExitCode, String> {
        let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
        let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
        let asked = wanted + OWN;
        // Root may raise the hard limit; other users are limited by it.
        let allowed = if asked > hard && setrlimit(Resource::Nofile, limit(asked)).is_err() { hard } else { asked };
        if asked <= hard {
            setrlimit(Resource::Nofile, limit(hard)).map_err(|e| e.to_string())?;
        }
        let held = wanted.min(allowed.saturating_sub(OWN));
        let file = std::fs::File::open("/dev/null").map_err(|e| e.to_string())?;
        let all: Result<Vec<_>, _> = (0..held).map(|_| rustix::io::dup(&file)).collect();
        let all = all.map_err(|e| e.to_string())?;
        println!("{}", all.len());
        let _closed = std::io::stdin().lines().next();
        Ok(ExitCode::SUCCESS)
    }

    fn start(program: &Path, args: &[&str]) -> Result<(Guarded, u64), String> {
        let child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = Guarded(child.map_err(|e| format!("{}: {e}", program.display()))?);
        let mut said = String::new();
        let out = child.0.stdout.take().ok_or("no output")?;
        BufReader::new(out).read_line(&mut said).map_err(|e| e.to_string())?;
        let held = said.trim().parse().map_err(|_| format!("a child did not start: {said:?}"))?;
        Ok((child, held))
    }

    fn key(platform: &mut SystemPlatform, child: &Guarded) -> Result<ProcessKey, String> {
        let look = platform.process_info(Pid(child.0.id())).known().cloned().flatten();
        look.map(|look| look.key).ok_or_else(|| "a child is gone".to_owned())
    }

    pub(super) fn measure() -> Result<ExitCode, String> {
        let exe = std::env::current_exe().map_err(|e| e.to_string())?;
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        let gopls = folder.path().join("gopls");
        std::fs::copy(&exe, &gopls).map_err(|e| e.to_string())?;
        let servers: Result<Vec<_>, _> = (0..SERVERS).map(|_| start(&gopls, &[])).collect();
        let servers = servers?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let _inside = runtime.enter();

        let options = Options { below: Some(Pid(std::process::id())), ..Options::default() };
        let mut watcher = Watcher::new(SystemPlatform::new().map_err(|why| format!("{why:?}"))?, options);
        watcher.begin();
        std::thread::sleep(Duration::from_millis(200));
        watcher.scan_once();
        if watcher.measured_servers() != SERVERS {
            return Err(format!("{} servers were found, not {SERVERS}", watcher.measured_servers()));
        }
        let pids: Vec<u32> = servers.iter().map(|(server, _)| server.0.id()).collect();
        let mut library = Refresh::new();
        let mut refresh = || took(thread_cpu, || library.usage_of(&pids));
        let round = Rounds::of(ROUNDS, || ours(thread_cpu, || (), |()| watcher.sample_once(false)), &mut refresh);
        let full = Rounds::of(ROUNDS, || ours(thread_cpu, || (), |()| watcher.sample_once(true)), &mut refresh);

        let mut platform = SystemPlatform::new().map_err(|why| format!("{why:?}"))?;
        let (few, few_held) = start(&exe, &["holds", &FEW.to_string()])?;
        let (many, many_held) = start(&exe, &["holds", &MANY.to_string()])?;
        let keys = [key(&mut platform, &few)?, key(&mut platform, &many)?];
        for (key, held) in keys.iter().zip([few_held, many_held]) {
            let (bound, count) = (platform.descriptor_bound(*key), platform.descriptors(*key));
            let right = matches!((&bound, &count), (Reading::Known(bound), Reading::Known(Amount::Exactly(count)))
                if bound == count && (held..=held + OWN).contains(count));
            if !right {
                return Err(format!("{held} descriptors were read as {bound:?} and {count:?}"));
            }
        }
        // The cost for a large process, compared with that for a small one.
        let [few, many] = keys;
        let mut other = SystemPlatform::new().map_err(|why| format!("{why:?}"))?;
        let bound = Rounds::of(
            ROUNDS,
            || ours(thread_cpu, || (), |()| (0..20).for_each(|_| drop(platform.descriptor_bound(many)))),
            || took(thread_cpu, || (0..20).for_each(|_| drop(other.descriptor_bound(few)))),
        );
        let mut counts: Vec<f64> = (0..5).map(|_| took(thread_cpu, || drop(platform.descriptors(many)))).collect();
        let mut gauges = Vec::new();
        let machine = Rounds::of(
            ROUNDS,
            || ours(thread_cpu, || (), |()| (0..10).for_each(|_| platform.machine(&mut gauges))),
            || took(thread_cpu, || (0..10).for_each(|_| library.memory())),
        );

        let mut sheet = Sheet::default();
        let usage = "sysinfo's usage of the same";
        sheet.at_most("one round over 20 servers", usage, &round, ROUND);
        sheet.at_most("the same with limits, threads and the machine", usage, &full, FULL_ROUND);
        sheet.at_most("the bound of many descriptors", "that of 2,000", &bound, BOUND);
        sheet.at_most("the machine", "sysinfo's memory of it", &machine, MACHINE);
        sheet.note("one round", round.ours(), "ms CPU");
        sheet.note("with limits, threads and the machine, once a minute", full.ours(), "ms CPU");
        sheet.note("descriptors of the large one", many_held as f64, "");
        sheet.note("its bound", bound.ours() / 20.0, "ms CPU");
        sheet.note("its full count", median(&mut counts), "ms CPU");
        sheet.note("the machine", machine.ours() / 10.0, "ms CPU");
        if many_held < MANY {
            println!("  the limit of open files could not be raised: {many_held} descriptors stood for {MANY}");
        }
        Ok(sheet.verdict())
    }
}
