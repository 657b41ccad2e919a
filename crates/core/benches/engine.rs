//! How many inputs the engine judges in a second.
#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "a benchmark: its lines are its product, and its numbers are small"
)]

#[path = "support/figures.rs"]
mod figures;
#[path = "support/stress.rs"]
mod stress;

use std::process::ExitCode;
use std::time::Instant;

use goplswatch_core::{Effect, Fact, Input, State, step};

const INPUTS: usize = 300_000;
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let mut sheet = figures::Sheet::default();
    for (clients, budget) in [(20, 1_000_000.0), (1_000, 1_000_000.0)] {
        let stream = stress::stream(42, INPUTS, clients);
        let wakes = stream.iter().filter(|i| i.fact == Fact::Wake).count();
        let mut rates = Vec::new();
        let mut events = 0;
        for _ in 0..ROUNDS {
            let copy = stream.clone();
            let start = Instant::now();
            events = judge(copy);
            rates.push(stream.len() as f64 / start.elapsed().as_secs_f64());
        }
        sheet.at_least(
            &format!("engine, {clients} clients at once"),
            figures::median(&mut rates),
            budget,
            "inputs/s",
        );
        let share = |n: usize| 100.0 * n as f64 / stream.len() as f64;
        sheet.note("  of these inputs, wakes that the engine asked for", share(wakes), "%");
        sheet.note("  events for each hundred inputs", share(events), "");
    }
    sheet.verdict()
}

fn judge(stream: Vec<Input>) -> usize {
    let mut state = State::default();
    let mut events = 0;
    for input in stream {
        events += step(&mut state, input).iter().filter(|e| matches!(e, Effect::Event(_))).count();
    }
    events
}
