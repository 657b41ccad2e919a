//! How many inputs the engine judges in a second, and what a look at all that it knows costs.
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
use std::time::Instant;

use goplswatch_core::gauge::{Amount, Gauge};
use goplswatch_core::{Effect, Fact, Input, Moment, Reading, Seq, State, step};
use goplswatch_testing::figures;

const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let mut sheet = figures::Sheet::default();
    // Twenty at once is a busy developer. What an agent sees are readings, hundreds for each gopls that comes or goes;
    // four between two other inputs are few.
    let rate = measure(300_000, 20, 4);
    sheet.at_least("engine, 20 clients and their readings", rate, 1_000_000.0, "inputs/s");
    // Thousands of clients in the course of the stream, whose servers do nothing but start, load and end. No day is like
    // that; each of these inputs does more than any reading.
    let rate = measure(300_000, 20, 0);
    sheet.at_least("engine, nothing but starts, loads and ends", rate, 500_000.0, "inputs/s");
    // No machine has a thousand. It shows that a wake does not cost more for everything that it is not about.
    let rate = measure(100_000, 1_000, 0);
    sheet.note("engine, 1,000 clients at once", rate, "inputs/s");
    // A gauge is about one server, so it costs the same however many there are.
    let rate = gauges(200_000, 20);
    sheet.at_least("gauges, 20 clients at once", rate, 1_000_000.0, "inputs/s");
    let rate = gauges(200_000, 1_000);
    sheet.note("gauges, 1,000 clients at once", rate, "inputs/s");
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

/// Inputs per second over a stream of so many inputs, with so many readings behind each: the median of the rounds.
fn measure(inputs: usize, clients: usize, readings: usize) -> f64 {
    let stream = readings::with_readings(stress::stream(42, inputs, clients), readings);
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

/// So many readings of quiet servers, which are by far the most frequent inputs: the median of the rounds.
fn gauges(inputs: usize, clients: usize) -> f64 {
    let mut state = State::default();
    let lived = stress::stream(42, clients * 20, clients);
    let last = lived.last().map(|input| (input.at, input.seq)).unwrap_or_default();
    for input in lived {
        step(&mut state, input);
    }
    let servers = state.alive().servers;
    let kinds = [(Gauge::Memory, 1 << 25), (Gauge::Cpu, 10), (Gauge::DescriptorBound, 40)];
    let stream: Vec<Input> = (1..=inputs)
        .map(|i| {
            let (gauge, unit) = kinds[i % kinds.len()];
            let value = Reading::Known(Amount::Exactly((1 + i as u64 * 7 % 40) * unit));
            let process = Some(servers[i * 31 % servers.len()]);
            let at = Moment { cont_ns: last.0.cont_ns + i as u64 * 10_000_000, ..last.0 };
            Input { seq: Seq(last.1.0 + i as u64), at, fact: Fact::Gauge { gauge, process, value } }
        })
        .collect();
    let mut rates: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (mut state, copy) = (state.clone(), stream.clone());
            let start = Instant::now();
            for input in copy {
                std::hint::black_box(step(&mut state, input));
            }
            stream.len() as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
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
