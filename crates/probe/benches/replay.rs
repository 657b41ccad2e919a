//! How long a recording of a million inputs takes to replay, from its bytes to its last verdict.
#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a benchmark: its lines are its product, and its numbers are small"
)]

#[path = "../../core/benches/support/readings.rs"]
mod readings;
#[path = "../../core/benches/support/stress.rs"]
mod stress;

use std::process::ExitCode;
use std::time::Instant;

use goplswatch_core::recording::{Header, Reader, SCHEMA, line};
use goplswatch_probe::replay::replay;
use goplswatch_testing::figures;

const INPUTS: usize = 1_000_000;
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let mut sheet = figures::Sheet::default();
    let Some(bytes) = recording() else {
        println!("the stress stream could not be written as a recording");
        return ExitCode::FAILURE;
    };
    let (mut whole, mut parsing) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut events = 0;
        let replayed = replay(&bytes, |_, said| {
            events += said.len();
            true
        });
        whole.push(start.elapsed().as_secs_f64());
        if !replayed.is_ok_and(|r| r.inputs == INPUTS as u64 && r.damage.is_none() && events > 0) {
            println!("the replay did not take every input");
            return ExitCode::FAILURE;
        }
        let start = Instant::now();
        let read = Reader::new(&bytes).map_or(0, |reader| reader.filter(Result::is_ok).count());
        parsing.push(start.elapsed().as_secs_f64());
        if read != INPUTS {
            println!("the reader read {read} inputs");
            return ExitCode::FAILURE;
        }
    }
    sheet.at_most("replay of a million inputs", figures::median(&mut whole), 1.0, "s");
    sheet.note("  parsing them alone, one thread", figures::median(&mut parsing), "s");
    sheet.note("  length of the recording", bytes.len() as f64 / 1e6, "MB");
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
