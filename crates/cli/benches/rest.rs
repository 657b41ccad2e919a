//! What the agent costs on an idle machine: with 500 sleeping processes and 3 idle servers, without
//! an icon and with one in a panel.
//!
//! The first seconds, in which everything is new to the agent, are left out; the next forty seconds
//! are measured. Meanwhile sysinfo refreshes the same process table once a second, as often as the
//! agent scans it. Memory is compared with that of an idle process that only executes the start of
//! this benchmark. With a slowdown of two, two agents of each kind run in parallel and their use is
//! summed, so that CPU and memory are really used twice.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::disallowed_methods,
        reason = "a benchmark: its lines are its product, it may sleep, and its numbers are small"
    )
)]

use std::process::ExitCode;

#[cfg(target_os = "linux")]
#[path = "support/stage.rs"]
#[expect(dead_code, reason = "shared with a benchmark that uses the rest")]
mod stage;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    goplswatch_testing::not_shown("what the agent costs at rest: this system tells a process's use in another way");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    if stage::played_a_server() {
        return ExitCode::SUCCESS;
    }
    // With another gopls on the machine, the agent would not be idle.
    if let Some(ended) = goplswatch_testing::own_process_table() {
        return ended;
    }
    linux::measure().unwrap_or_else(|why| {
        println!("rest: {why}");
        ExitCode::FAILURE
    })
}

#[cfg(target_os = "linux")]
mod linux {
    use std::process::{Command, ExitCode, Stdio};
    use std::time::Duration;

    use goplswatch_testing::desktop::{Bus, Icon, Notifications, Panel};
    use goplswatch_testing::figures::{Rounds, Sheet, cpu_of, repeats, thread_cpu, took};
    use goplswatch_testing::yardstick::Refresh;

    use super::stage::{ChildProcess, Failed, Stage, Watch};

    const PROCESSES: usize = 500;
    const SERVERS: usize = 3;
    /// Processes count as young for five seconds and are read in every scan; that is not the idle
    /// state.
    const SETTLE: Duration = Duration::from_secs(7);
    const ROUNDS: usize = 4;
    /// A server is measured every five seconds and the machine every ten, so all rounds have the
    /// same work.
    const SECONDS_EACH: usize = 10;
    /// Budgets, about 1.4 times the usual ratios.
    const CPU: f64 = 0.17;
    const MEMORY: f64 = 6.4;
    const ICON_CPU: f64 = 0.14;
    const ICON_MEMORY: f64 = 7.8;

    /// An agent and what it needs; the fields are dropped in this order.
    struct Agent {
        watch: Watch,
        icon: Option<Icon>,
        _desktop: Option<(Panel, Notifications, Bus)>,
        stage: Stage,
    }

    impl Agent {
        fn alone() -> Result<Self, Failed> {
            let stage = Stage::new()?;
            Ok(Self { watch: stage.agent()?, icon: None, _desktop: None, stage })
        }

        fn with_icon() -> Result<Self, Failed> {
            let (stage, bus) = (Stage::new()?, Bus::start());
            let (panel, notifications) = (Panel::start(&bus), Notifications::start(&bus));
            let watch = stage.agent_on(&bus.address())?;
            Ok(Self { watch, icon: Some(panel.icon()), _desktop: Some((panel, notifications, bus)), stage })
        }

        fn pid(&self) -> u32 {
            self.watch.child.0.id()
        }
    }

    /// Agents of one kind (one, unless this run is slowed down), and what they used together.
    struct Agents {
        all: Vec<Agent>,
        cpu: Rounds,
        memory: Rounds,
    }

    impl Agents {
        fn start(one: fn() -> Result<Agent, Failed>) -> Result<Self, Failed> {
            let all = (0..repeats()).map(|_| one()).collect::<Result<_, _>>()?;
            Ok(Self { all, cpu: Rounds::default(), memory: Rounds::default() })
        }

        fn cpu(&self) -> f64 {
            self.all.iter().map(|agent| cpu_of(agent.pid())).sum()
        }

        fn sum(&self, of: impl Fn(&Agent) -> Result<u64, Failed>) -> Result<u64, Failed> {
            self.all.iter().map(of).sum()
        }
    }

    pub(super) fn measure() -> Result<ExitCode, Failed> {
        let stage = Stage::new()?;
        let mut cast = Vec::new();
        for _ in 0..PROCESSES {
            let mut sleep = Command::new("sleep");
            sleep.arg("600").stdin(Stdio::null()).stdout(Stdio::null());
            cast.push(ChildProcess(sleep.spawn()?));
        }
        for _ in 0..SERVERS {
            cast.push(stage.server()?);
        }
        let idle = cast.last().ok_or("there are servers")?.0.id();
        let mut kinds = [Agents::start(Agent::alone)?, Agents::start(Agent::with_icon)?];
        let rows = kinds[1].all.iter().filter_map(|agent| agent.icon.as_ref()).map(|icon| icon.labels().len()).max();
        std::thread::sleep(SETTLE);
        let mut library = Refresh::new();
        let recorded = kinds[0].sum(|agent| agent.stage.recorded())?;
        let woken = [kinds[0].sum(switches)?, kinds[1].sum(switches)?];
        for _ in 0..ROUNDS {
            let before = [kinds[0].cpu(), kinds[1].cpu()];
            let mut yardstick = 0.0;
            for _ in 0..SECONDS_EACH {
                std::thread::sleep(Duration::from_secs(1));
                yardstick += took(thread_cpu, || library.every_process());
            }
            for (kind, before) in kinds.iter_mut().zip(before) {
                let cpu = kind.cpu() - before;
                kind.cpu.push(cpu, yardstick);
                let resident = kind.sum(|agent| resident_kb(agent.pid()))?;
                kind.memory.push(resident as f64, resident_kb(idle)? as f64);
            }
        }
        let recorded = kinds[0].sum(|agent| agent.stage.recorded())? - recorded;
        let woken = [kinds[0].sum(switches)? - woken[0], kinds[1].sum(switches)? - woken[1]];
        // Per agent and second.
        let each = |sum: u64| sum as f64 / (ROUNDS * SECONDS_EACH * repeats()) as f64;
        let share = |kind: &Agents| kind.cpu.ours() / (SECONDS_EACH * 10) as f64;
        let mib = |kind: &Agents| kind.memory.ours() / 1_024.0;

        let mut sheet = Sheet::default();
        let (refresh, process) = ("sysinfo's refresh once a second", "that of an idle process");
        let [alone, icon] = &kinds;
        sheet.at_most("at rest: CPU", refresh, &alone.cpu, CPU);
        sheet.at_most("at rest: resident memory", process, &alone.memory, MEMORY);
        sheet.note_beside("share of one core", share(alone), "%", "at most 0.2 %");
        sheet.note_beside("resident memory", mib(alone), "MiB", "at most 25 MiB");
        sheet.note_beside("recorded in a day", each(recorded) * 86_400.0 / 1e6, "MB", "at most 5 MB");
        sheet.note("wakes in a second", each(woken[0]), "");
        sheet.at_most("with an icon: CPU", refresh, &icon.cpu, ICON_CPU);
        sheet.at_most("with an icon: resident memory", process, &icon.memory, ICON_MEMORY);
        sheet.note("share of one core", share(icon), "%");
        sheet.note("resident memory", mib(icon), "MiB");
        sheet.note("wakes in a second", each(woken[1]), "");
        sheet.note("rows in its menu", rows.unwrap_or(0) as f64, "");
        Ok(sheet.verdict())
    }

    /// Resident memory of a process (proc(5), `/proc/pid/status`, VmRSS), KiB.
    fn resident_kb(pid: u32) -> Result<u64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("a field is missing")?;
        Ok(line.split_ascii_whitespace().next().unwrap_or_default().parse()?)
    }

    /// Voluntary context switches of all threads: how often they waited and were woken.
    fn switches(agent: &Agent) -> Result<u64, Failed> {
        let pid = agent.pid();
        let mut sum = 0;
        for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            let text = std::fs::read_to_string(thread?.path().join("status"))?;
            let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            sum += line.ok_or("a field is missing")?.trim().parse::<u64>()?;
        }
        Ok(sum)
    }
}
