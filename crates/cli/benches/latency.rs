//! What the agent spends on servers that start and end, alone and while a thousand idle clients are
//! connected, and what `status` costs.
//!
//! The latencies a user sees (until an event leaves the agent's socket, until `status` ends) are
//! only printed: they depend on the machine's load, and for a start, on when the process table is
//! scanned next, once a second. The budgets are for the CPU time that is spent until then.
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
    goplswatch_testing::not_shown("what the agent spends on starts and ends: this system tells CPU in another way");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    if stage::played_a_server() {
        return ExitCode::SUCCESS;
    }
    // Other gopls processes that start or end are work for the agent too.
    if let Some(ended) = goplswatch_testing::own_process_table() {
        return ended;
    }
    linux::measure().unwrap_or_else(|why| {
        println!("latency: {why}");
        ExitCode::FAILURE
    })
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::unix::net::UnixStream;
    use std::process::{ExitCode, Stdio};
    use std::time::{Duration, Instant};

    use goplswatch_testing::figures::{
        Rounds, Sheet, cpu_of, cpu_until_end, median, quantile, repeats, thread_cpu, took,
    };
    use goplswatch_testing::yardstick::{Refresh, empty_process, read_json};
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::stage::{ChildProcess, Failed, Stage, Watch};

    const SERVERS: usize = 400;
    const SILENT: usize = 1_000;
    const STATUSES: usize = 60;
    const STARTS: usize = 15;
    const ROUNDS: usize = 5;
    /// Number of servers that start, and then end, in each round.
    const TOGETHER: usize = 10;
    /// After an end the agent scans more often for a while.
    const CALM: Duration = Duration::from_secs(1);
    /// Budgets, about 1.4 times the usual ratios.
    const STATUS: f64 = 1.45;
    const START: f64 = 1.1;
    const END: f64 = 4.2;
    const END_BESIDE_SILENT: f64 = 4.4;

    pub(super) fn measure() -> Result<ExitCode, Failed> {
        let stage = Stage::new()?;
        // For the sockets of the clients, which all belong to this process.
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
        let mut watch = stage.agent()?;
        let mut servers = vec![stage.server()?];
        watch.line("server-started", servers[0].0.id())?;
        let mut times = start_times(&stage, &mut watch, &mut servers)?;
        while servers.len() < SERVERS {
            servers.extend(start(&stage, &mut watch, SERVERS - servers.len())?);
        }
        let mut alone = lives(&stage, &mut watch)?;
        let status = statuses(&stage, &watch)?;
        let silent: Vec<_> = (0..SILENT).map_while(|_| UnixStream::connect(stage.socket()).ok()).collect();
        if silent.len() < SILENT {
            return Err(format!("only {} clients could connect; raise the limit with ulimit -n", silent.len()).into());
        }
        let mut beside = lives(&stage, &mut watch)?;
        drop(silent);

        let mut sheet = Sheet::default();
        let refresh = "sysinfo's refresh";
        sheet.at_most(&format!("CPU of {TOGETHER} starts"), refresh, &alone.starts, START);
        sheet.note("CPU", alone.starts.ours(), "ms");
        sheet.note_beside("start to event at rest, p99", quantile(&mut times, 99), "ms", "at most 1,000 ms");
        sheet.note("p50", median(&mut times), "ms");
        sheet.at_most(&format!("CPU of {TOGETHER} ends"), refresh, &alone.ends, END);
        sheet.note("CPU", alone.ends.ours(), "ms");
        sheet.note_beside("end to event, p99", quantile(&mut alone.times, 99), "ms", "at most 20 ms");
        sheet.note("p50", median(&mut alone.times), "ms");
        let what = format!("CPU of {TOGETHER} ends beside {SILENT} silent clients");
        sheet.at_most(&what, refresh, &beside.ends, END_BESIDE_SILENT);
        sheet.note_beside("end to event beside them, p99", quantile(&mut beside.times, 99), "ms", "at most 20 ms");
        sheet.note("p50", median(&mut beside.times), "ms");
        let what = format!("CPU of status --json and its answer, {SERVERS} servers");
        sheet.at_most(&what, "a process, and reading", &status.cpu, STATUS);
        sheet.note("CPU", status.cpu.ours(), "ms");
        sheet.note_beside("the whole process, p99", status.p99, "ms", "at most 15 ms");
        sheet.note("p50", status.p50, "ms");
        Ok(sheet.verdict())
    }

    /// Starts `count` servers and waits until all of them were reported.
    fn start(stage: &Stage, watch: &mut Watch, count: usize) -> Result<Vec<ChildProcess>, Failed> {
        let servers = (0..count).map(|_| stage.server()).collect::<Result<Vec<_>, _>>()?;
        for server in &servers {
            watch.line("server-started", server.0.id())?;
        }
        Ok(servers)
    }

    /// Starts servers at varying points of a second, and returns how long each took to be reported;
    /// milliseconds.
    fn start_times(stage: &Stage, watch: &mut Watch, servers: &mut Vec<ChildProcess>) -> Result<Vec<f64>, Failed> {
        let mut begun = Vec::new();
        for _ in 0..STARTS {
            std::thread::sleep(Duration::from_millis(370));
            let start = Instant::now();
            let server = stage.server()?;
            begun.push((server.0.id(), start));
            servers.push(server);
        }
        begun.into_iter().map(|(pid, start)| Ok(ms(start, watch.line("server-started", pid)?))).collect()
    }

    /// The agent's cost for servers, next to that of the library that would have found them in the
    /// same process table.
    #[derive(Default)]
    struct Lives {
        /// From the first start to the last of their events.
        starts: Rounds,
        /// From the first end to the last event.
        ends: Rounds,
        /// How long each event of an end took; milliseconds.
        times: Vec<f64>,
    }

    fn lives(stage: &Stage, watch: &mut Watch) -> Result<Lives, Failed> {
        let agent = watch.child.0.id();
        let mut library = Refresh::new();
        let mut lives = Lives::default();
        for _ in 0..ROUNDS {
            let (mut starts, mut ends) = (0.0, 0.0);
            for _ in 0..repeats() {
                std::thread::sleep(CALM);
                let before = cpu_of(agent);
                let servers = start(stage, watch, TOGETHER)?;
                starts += cpu_of(agent) - before;
                std::thread::sleep(CALM);
                let before = cpu_of(agent);
                for (number, server) in servers.into_iter().enumerate() {
                    lives.times.push(end(server, number, watch)?);
                }
                ends += cpu_of(agent) - before;
            }
            let refresh = took(thread_cpu, || library.every_process());
            lives.starts.push(starts, refresh);
            lives.ends.push(ends, refresh);
        }
        Ok(lives)
    }

    /// Kills a server and returns how long its event took.
    fn end(mut server: ChildProcess, number: usize, watch: &mut Watch) -> Result<f64, Failed> {
        std::thread::sleep(Duration::from_millis(5 + (number as u64 * 7) % 40));
        let start = Instant::now();
        server.0.kill()?;
        if number.is_multiple_of(2) {
            // Every other one is reaped at once, so that its exit status cannot be read from a
            // zombie.
            server.0.wait()?;
        }
        Ok(ms(start, watch.line("server-ended", server.0.id())?))
    }

    struct Statuses {
        cpu: Rounds,
        p99: f64,
        p50: f64,
    }

    /// Rounds of `status`, including what the agent spends on its reply. The yardstick is an empty
    /// process plus one parse of that reply: an empty process alone is kernel work, and processors
    /// differ in their speed ratio between kernel work and ours.
    fn statuses(stage: &Stage, watch: &Watch) -> Result<Statuses, Failed> {
        let agent = watch.child.0.id();
        let (mut cpu, mut times) = (Rounds::default(), Vec::new());
        let answer = stage.program(&["status", "--agent", "--json"]).output()?.stdout;
        let read_answer = || assert_eq!(read_json(&answer), 1, "one status");
        for _ in 0..STATUSES {
            let before = cpu_of(agent);
            let mut ours = 0.0;
            for _ in 0..repeats() {
                let mut status = stage.program(&["status", "--agent", "--json"]);
                status.stdout(Stdio::null());
                let start = Instant::now();
                let (code, used) = cpu_until_end(&mut status);
                times.push(ms(start, Instant::now()));
                ours += used;
                if !matches!(code, Some(0 | 1)) {
                    return Err(format!("status ended with {code:?}").into());
                }
            }
            ours += cpu_of(agent) - before;
            cpu.push(ours, cpu_until_end(&mut empty_process()).1 + took(thread_cpu, read_answer));
        }
        Ok(Statuses { cpu, p99: quantile(&mut times, 99), p50: median(&mut times) })
    }

    fn ms(from: Instant, to: Instant) -> f64 {
        to.saturating_duration_since(from).as_secs_f64() * 1_000.0
    }
}
