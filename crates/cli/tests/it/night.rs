//! An agent that runs for a given time under constant load must not accumulate memory, descriptors
//! or files.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use goplswatch_testing::not_shown;
use serde_json::Value;

use crate::support::agent::{Agent, text};
use crate::support::stage::{Gopls, Stage};

/// Duration unless `GOPLSWATCH_SOAK_SECONDS` overrides it: enough to check the test itself.
const SECONDS: u64 = 20;

/// The smallest history that the config permits, so that it is full within the first minutes.
const HISTORY: u64 = 1 << 20;

/// After this many seconds everything is full that the engine keeps for ten minutes, so the last
/// third of the run shows whether it is freed.
const FILLS: u64 = 900;

/// Allowed memory of the last third relative to the third before it. A settling allocator stays far
/// below; a leak per server does not, as servers start and end by the thousand.
const GROWS: f64 = 1.15;

/// One measurement per round: memory, and open descriptors.
type Sample = (f64, usize);

#[test]
fn it_takes_no_more_in_the_end_than_in_the_middle() {
    let lasts = std::env::var("GOPLSWATCH_SOAK_SECONDS").map_or(SECONDS, |seconds| seconds.parse().unwrap());
    let stage = Stage::new();
    std::fs::create_dir_all(stage.config()).unwrap();
    let config = stage.config().join("config.toml");
    std::fs::write(&config, format!("[history]\nmax-bytes = {HISTORY}\n")).unwrap();
    let said = stage.path("said");
    let mut command = stage.program();
    command.args(["agent", "--no-tray"]).stdout(Stdio::null()).stderr(File::create(&said).unwrap());
    let mut agent = Agent { stage: &stage, child: command.spawn().unwrap() };
    agent.wait_for("an answer", |_| true);

    let end = Instant::now() + Duration::from_secs(lasts);
    let mut alive: VecDeque<Gopls> = VecDeque::new();
    let mut samples: Vec<Sample> = Vec::new();
    let mut births = 0;
    while Instant::now() < end {
        // Servers start and end faster than any editor restarts them, so loops are detected, grow
        // and end.
        for _ in 0..20 {
            alive.push_back(stage.gopls());
            births += 1;
            if alive.len() > 6 {
                drop(alive.pop_front());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        // Clients that disconnect without notice, invalid requests, a changing config.
        let mut listener = agent.socket();
        std::io::Write::write_all(&mut listener, b"GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert_ne!(listener.read(&mut [0]).unwrap(), 0, "a listener gets no answer");
        drop(listener);
        agent.ask("GET /none HTTP/1.1\r\n\r\n");
        let ends = 3 + births / 20 % 3;
        std::fs::write(&config, format!("[detect]\nloop-ends = {ends}\n[history]\nmax-bytes = {HISTORY}\n")).unwrap();
        for page in ["/v1/history", "/v1/metrics", "/v1/incidents"] {
            assert!(agent.get(page).contains("200 OK"), "{page}");
        }
        samples.push(sample(&mut agent, &stage));
    }
    drop(alive);
    let still =
        agent.wait_for("the end of all servers", |status| status["servers"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(still["agent"]["history"]["trouble"], Value::Null, "{still:#?}");

    let thirds: Vec<&[Sample]> = samples.chunks(samples.len().div_ceil(3)).collect();
    let [_, middle, last] = thirds[..] else { panic!("{lasts} seconds had only {} rounds", samples.len()) };
    let memory = |samples: &[Sample]| median(samples.iter().map(|sample| sample.0));
    let most = |samples: &[Sample]| samples.iter().map(|sample| sample.1).max();
    println!(
        "{births} servers in {lasts} s: {:.1} MB, then {:.1} MB; {:?}, then {:?} descriptors; history {} kB",
        memory(middle) / 1e6,
        memory(last) / 1e6,
        most(middle),
        most(last),
        size(&stage.state().join("history")) / 1000,
    );
    if lasts < FILLS {
        not_shown("that an agent's memory stays what it is: what it keeps for ten minutes was not full yet");
    } else {
        assert!(memory(last) < memory(middle) * GROWS, "its memory grows: {samples:?}");
    }
    // A few more sockets may be listeners whose disconnection has not been noticed yet.
    assert!(most(last) <= most(middle).map(|most| most + 4), "its descriptors grow: {samples:?}");
    assert!(size(&stage.state().join("history")) <= HISTORY, "its history is over its limit");
    assert_eq!(agent.end(), Some(0));
    let said = std::fs::read_to_string(said).unwrap() + &text(&stage.run(&["logs", "-n", "1000"]).stdout);
    assert!(!said.contains("panicked"), "{said}");
}

/// Measures the agent: memory as it reports itself, descriptors as the system reports them.
fn sample(agent: &mut Agent, stage: &Stage) -> Sample {
    let status = stage.run(&["status", "--agent", "--json"]);
    assert!(status.status.code().is_some_and(|code| code < 2), "{}", text(&status.stderr));
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let memory = status["agent"]["cost"]["memory_bytes"].as_f64();
    let memory = memory.unwrap_or_else(|| panic!("its memory is not known: {:#?}", status["agent"]));
    let open = std::fs::read_dir(format!("/proc/{}/fd", agent.child.id()));
    let open = open.map_or_else(
        |_| {
            not_shown("descriptors in the course of a soak: this system has no /proc");
            0
        },
        Iterator::count,
    );
    (memory, open)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The total size of the files in a folder, bytes. A file deleted meanwhile counts as zero.
fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().metadata().map_or(0, |metadata| metadata.len())).sum()
}
