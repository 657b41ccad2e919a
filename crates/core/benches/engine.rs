//! How many inputs the engine judges in a second, and what a look at all that it knows costs.
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

const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let mut sheet = figures::Sheet::default();
    // Twenty at once is a busy developer, and thousands in the course of the stream.
    let rate = measure(300_000, 20);
    sheet.at_least("engine, 20 clients at once", rate, 1_000_000.0, "inputs/s");
    // No machine has a thousand. It shows that a wake does not cost more for everything that it is not about.
    let rate = measure(100_000, 1_000);
    sheet.note("engine, 1,000 clients at once", rate, "inputs/s");
    look(&mut sheet);
    sheet.verdict()
}

/// A snapshot of a state with hundreds of servers, most of them in trouble. `status` has 15 ms for everything.
fn look(sheet: &mut figures::Sheet) {
    let stream = stress::stream(7, 20_000, 300);
    let at = stream.last().map(|input| input.at).unwrap_or_default();
    let mut state = State::default();
    for input in stream {
        step(&mut state, input);
    }
    let snapshot = state.snapshot(at);
    let mut times: Vec<f64> = (0..100)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(state.snapshot(at));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let json = serde_json::to_vec(&snapshot).map_or(f64::NAN, |json| json.len() as f64 / 1e3);
    println!("the look: {} servers, {} incidents", snapshot.servers.len(), snapshot.incidents.len());
    sheet.at_most("snapshot, hundreds of servers", figures::median(&mut times), 5.0, "ms");
    sheet.note("the same as JSON", json, "kB");
}

/// Inputs per second over a stream of so many inputs: the median of the rounds.
fn measure(inputs: usize, clients: usize) -> f64 {
    let stream = stress::stream(42, inputs, clients);
    let mut events = 0;
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let copy = stream.clone();
            let start = Instant::now();
            events = judge(copy);
            stream.len() as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    let share = |n: usize| 100.0 * n as f64 / stream.len() as f64;
    let of = |kind: fn(&Fact) -> bool| stream.iter().filter(|input| kind(&input.fact)).count();
    println!(
        "the stream: {} clients, {} servers, {:.0} % wakes, {:.0} events for 100 inputs",
        of(|fact| matches!(fact, Fact::ClientSeen(_))),
        of(|fact| matches!(fact, Fact::ServerSeen(_))),
        share(of(|fact| *fact == Fact::Wake)),
        share(events),
    );
    figures::median(&mut rates)
}

fn judge(stream: Vec<Input>) -> usize {
    let mut state = State::default();
    let mut events = 0;
    for input in stream {
        events += step(&mut state, input).iter().filter(|e| matches!(e, Effect::Event(_))).count();
    }
    events
}
