//! What the agent costs on a machine where nothing happens: beside 500 sleeping processes and 3 idle servers, without an
//! icon and with one in a panel.
//!
//! The first seconds are left out, in which everything is new to it; what follows is counted for a minute and said
//! for an hour and a day. `GOPLSWATCH_BENCH_SHORT=1` counts for ten seconds.
#![expect(clippy::print_stdout, reason = "a benchmark: its lines are its product")]
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::disallowed_methods,
        reason = "a benchmark: it may sleep, its numbers are small, and what it cannot do ends it"
    )
)]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[path = "support/stage.rs"]
#[expect(dead_code, reason = "shared with a benchmark that uses the rest")]
mod stage;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    println!("rest: measures nothing on this system, which tells the use of a process in another way");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    if stage::played_a_server() {
        return ExitCode::SUCCESS;
    }
    linux::measure().unwrap_or_else(|why| {
        println!("rest: {why}");
        ExitCode::FAILURE
    })
}

#[cfg(target_os = "linux")]
mod linux {
    use std::process::{Command, ExitCode, Stdio};
    use std::time::{Duration, Instant};

    use goplswatch_testing::desktop::{Bus, Notifications, Panel};
    use goplswatch_testing::figures::Sheet;

    use super::stage::{Cast, Failed, Stage, Watch, short};

    const PROCESSES: usize = 500;
    const SERVERS: usize = 3;
    /// Processes count as young for five seconds and are looked at in every scan; that is no rest.
    const SETTLE: Duration = Duration::from_secs(7);

    /// What the program has used since its start.
    struct Used {
        at: Instant,
        cpu_ns: u64,
        switches: u64,
        resident_kb: u64,
        recorded: u64,
    }

    pub(super) fn measure() -> Result<ExitCode, Failed> {
        let stage = Stage::new()?;
        let mut cast = Vec::new();
        for _ in 0..PROCESSES {
            let mut sleep = Command::new("sleep");
            sleep.arg("600").stdin(Stdio::null()).stdout(Stdio::null());
            cast.push(Cast(sleep.spawn()?));
        }
        for _ in 0..SERVERS {
            cast.push(stage.server()?);
        }
        let watch = stage.agent()?;
        let (before, after) = rest(&watch, &stage)?;
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        let cpu_s = (after.cpu_ns - before.cpu_ns) as f64 / 1e9;
        let per_day = |n: u64| n as f64 * 86_400.0 / seconds;
        let mut sheet = Sheet::default();
        sheet.at_most("at rest: share of one core", 100.0 * cpu_s / seconds, 0.2, "%");
        sheet.at_most("at rest: cpu in an hour", 3_600.0 * cpu_s / seconds, 7.2, "s");
        sheet.at_most("at rest: resident memory", after.resident_kb as f64 / 1_024.0, 25.0, "MiB");
        let recorded = per_day(after.recorded - before.recorded) / 1e6;
        sheet.at_most("at rest: recorded in a day", recorded, 5.0, "MB");
        sheet.note("  recorded since the start", after.recorded as f64, "bytes");
        sheet.note("  wakes in a second", (after.switches - before.switches) as f64 / seconds, "");
        sheet.note("  counted for", seconds, "s");
        drop(watch);

        let bus = Bus::start();
        let (panel, _notifications) = (Panel::start(&bus), Notifications::start(&bus));
        let watch = stage.agent_on(&bus.address())?;
        let icon = panel.icon();
        let rows = icon.labels().len();
        let (before, after) = rest(&watch, &stage)?;
        let seconds = after.at.duration_since(before.at).as_secs_f64();
        let cpu_s = (after.cpu_ns - before.cpu_ns) as f64 / 1e9;
        sheet.at_most("with an icon: share of one core", 100.0 * cpu_s / seconds, 0.3, "%");
        sheet.at_most("with an icon: resident memory", after.resident_kb as f64 / 1_024.0, 40.0, "MiB");
        sheet.note("  wakes in a second", (after.switches - before.switches) as f64 / seconds, "");
        sheet.note("  rows in its menu", rows as f64, "");
        Ok(sheet.verdict())
    }

    /// What it has used before and after a while in which nothing happens.
    fn rest(watch: &Watch, stage: &Stage) -> Result<(Used, Used), Failed> {
        std::thread::sleep(SETTLE);
        let pid = watch.child.0.id();
        let before = used(pid, stage)?;
        std::thread::sleep(Duration::from_secs(if short() { 10 } else { 60 }));
        Ok((before, used(pid, stage)?))
    }

    fn used(pid: u32, stage: &Stage) -> Result<Used, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let number = |name: &str| -> Result<u64, Failed> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("a field is missing")?;
            Ok(line.split_ascii_whitespace().next().unwrap_or_default().parse()?)
        };
        Ok(Used {
            at: Instant::now(),
            cpu_ns: cpu_ns(pid)?,
            switches: switches(pid)?,
            resident_kb: number("VmRSS:")?,
            recorded: stage.recorded()?,
        })
    }

    /// How often its threads have waited and were woken.
    fn switches(pid: u32) -> Result<u64, Failed> {
        let mut sum = 0;
        for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            let text = std::fs::read_to_string(thread?.path().join("status"))?;
            let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            sum += line.ok_or("a field is missing")?.trim().parse::<u64>()?;
        }
        Ok(sum)
    }

    /// The time on a CPU of all its threads. `/proc/PID/stat` counts in hundredths of a second, which is a tenth of
    /// the budget of a minute; `schedstat` (Documentation/scheduler/sched-stats.rst) counts nanoseconds.
    fn cpu_ns(pid: u32) -> Result<u64, Failed> {
        let mut sum = 0;
        for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            sum += text.split_ascii_whitespace().next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(sum)
    }
}
