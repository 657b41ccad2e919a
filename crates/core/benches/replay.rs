//! Benchmark: the cost of replaying a recording, from its bytes to its last verdict.
#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a benchmark: its lines are its product, and its numbers are small"
)]

#[path = "support/readings.rs"]
mod readings;
#[path = "support/stress.rs"]
mod stress;

use std::process::ExitCode;

use goplswatch_core::recording::{Header, Reader, SCHEMA, line};
use goplswatch_core::replay::replay;
use goplswatch_testing::figures::{Rounds, Sheet, median, ours, process_cpu, thread_cpu, took, wall};
use goplswatch_testing::yardstick;

const INPUTS: usize = 200_000;
const ROUNDS: usize = 11;
/// Budgets, about 1.4 times the usual result.
const WHOLE: f64 = 1.72;
const PARSING: f64 = 0.78;

fn main() -> ExitCode {
    let mut sheet = Sheet::default();
    let Some(bytes) = recording() else {
        println!("the stress stream could not be written as a recording");
        return ExitCode::FAILURE;
    };
    let (mut whole, mut parsing, mut passed) = (Rounds::default(), Rounds::default(), Vec::new());
    let mut right = true;
    for _ in 0..ROUNDS {
        let read_json = took(thread_cpu, || right &= yardstick::read_json(&bytes) == INPUTS + 1);
        let mut all = || {
            let mut events = 0;
            let replayed = replay(&bytes, |_, said| {
                events += said.len();
                true
            });
            right &= replayed.is_ok_and(|r| r.inputs == INPUTS as u64 && r.damage.is_none() && events > 0);
        };
        // A replay parses on threads of its own; the CPU of all threads is counted.
        let cpu = ours(process_cpu, || (), |()| all());
        passed.push(took(wall, &mut all));
        whole.push(cpu, read_json);
        let mut parse = || {
            let read = Reader::new(&bytes).map_or(0, |reader| reader.filter(Result::is_ok).count());
            right &= read == INPUTS;
        };
        parsing.push(ours(thread_cpu, || (), |()| parse()), read_json);
    }
    if !right {
        println!("a replay, the reader or the yardstick did not take every input");
        return ExitCode::FAILURE;
    }
    let json = "serde_json reading the same";
    sheet.at_most("replay of a recording, CPU of all threads", json, &whole, WHOLE);
    sheet.at_most("parsing it alone", json, &parsing, PARSING);
    let million = 1e6 / INPUTS as f64 / 1e3;
    sheet.note_beside("replay of a million inputs", median(&mut passed) * million, "s", "below 1 s");
    sheet.note("the same in CPU", whole.ours() * million, "s");
    sheet.note("length of a million inputs", bytes.len() as f64 * million / 1e3, "MB");
    sheet.verdict()
}

fn recording() -> Option<Vec<u8>> {
    let header = Header { schema: SCHEMA, version: "0".into(), os: "stress".into(), boot: "stress".into() };
    let mut bytes = line(&header).ok()?;
    let stream = readings::with_readings(stress::stream(7, INPUTS / 4, 20), 4);
    for input in stream.into_iter().take(INPUTS) {
        bytes.extend(line(&input).ok()?);
    }
    Some(bytes)
}
