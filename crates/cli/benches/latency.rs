//! How long after a server started or ended the event about it comes out of the agent's socket, alone and beside a
//! thousand clients that say nothing, and how long `status` takes.
//!
//! Starts are measured at rest, when the process table is looked at once a second: they are spread over that second.
//! Ends come by themselves; each is measured from the call that kills to the event in our hands.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: its lines are its product, and it may sleep"
)]

#[path = "support/stage.rs"]
#[expect(dead_code, reason = "shared with a benchmark that uses the rest")]
mod stage;

use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use goplswatch_testing::figures::{Sheet, quantile};
use stage::{Cast, Failed, Stage, Watch, short};

const ENDS: usize = 400;
const SILENT: usize = 1_000;

fn main() -> ExitCode {
    if stage::played_a_server() {
        return ExitCode::SUCCESS;
    }
    measure().unwrap_or_else(|why| {
        println!("latency: {why}");
        ExitCode::FAILURE
    })
}

fn measure() -> Result<ExitCode, Failed> {
    let stage = Stage::new()?;
    // For the clients, which are all ours.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let mut watch = stage.agent()?;
    let first = stage.server()?;
    watch.line("server-started", first.0.id())?;

    let mut servers = vec![first];
    let mut begun = Vec::new();
    for _ in 0..if short() { 15 } else { 50 } {
        // Steps of 0.37 s meet every part of the second.
        std::thread::sleep(Duration::from_millis(370));
        let start = Instant::now();
        let server = stage.server()?;
        begun.push((server.0.id(), start));
        servers.push(server);
    }
    let mut starts = Vec::new();
    for (pid, start) in begun {
        starts.push(ms(start, watch.line("server-started", pid)?));
    }
    let told = servers.len();
    while servers.len() < ENDS {
        servers.push(stage.server()?);
    }
    for server in servers.iter().skip(told) {
        watch.line("server-started", server.0.id())?;
    }

    let mut statuses = Vec::new();
    for _ in 0..if short() { 20 } else { 100 } {
        let start = Instant::now();
        let output = stage.program(&["status", "--agent", "--json"]).output()?;
        statuses.push(ms(start, Instant::now()));
        if output.status.code() != Some(0) && output.status.code() != Some(1) {
            return Err(format!("status failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
    }

    let half = servers.split_off(servers.len() / 2);
    let mut ends = kill(servers, &mut watch)?;
    let silent: Vec<_> = (0..SILENT).map_while(|_| UnixStream::connect(stage.socket()).ok()).collect();
    if silent.len() < SILENT {
        return Err(format!("only {} clients could connect; raise the limit with ulimit -n", silent.len()).into());
    }
    let mut harmed = kill(half, &mut watch)?;
    drop(silent);

    let mut sheet = Sheet::default();
    sheet.at_most(
        &format!("status --json, {} servers, p99 of {}", ENDS, statuses.len()),
        quantile(&mut statuses, 99),
        15.0,
        "ms",
    );
    sheet.note("  p50", quantile(&mut statuses, 50), "ms");
    sheet.at_most(
        &format!("end to event beside {SILENT} silent clients, p99 of {}", harmed.len()),
        quantile(&mut harmed, 99),
        20.0,
        "ms",
    );
    sheet.note("  p50", quantile(&mut harmed, 50), "ms");
    sheet.at_most(&format!("end to event, p99 of {}", ends.len()), quantile(&mut ends, 99), 20.0, "ms");
    sheet.note("  p50", quantile(&mut ends, 50), "ms");
    sheet.at_most(
        &format!("start to event at rest, p99 of {}", starts.len()),
        quantile(&mut starts, 99),
        1_000.0,
        "ms",
    );
    sheet.note("  p50", quantile(&mut starts, 50), "ms");
    Ok(sheet.verdict())
}

/// Kills servers one after the other, and times the event about each.
fn kill(servers: Vec<Cast>, watch: &mut Watch) -> Result<Vec<f64>, Failed> {
    let mut ends = Vec::new();
    for (i, mut server) in servers.into_iter().enumerate() {
        std::thread::sleep(Duration::from_millis(5 + (i as u64 * 7) % 40));
        let start = Instant::now();
        server.0.kill()?;
        if i % 2 == 0 {
            // Every other one is reaped at once, so that its end cannot be read from a zombie.
            server.0.wait()?;
        }
        ends.push(ms(start, watch.line("server-ended", server.0.id())?));
    }
    Ok(ends)
}

fn ms(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1_000.0
}
