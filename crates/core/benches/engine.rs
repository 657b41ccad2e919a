//! How many inputs the engine judges per second, and what a full snapshot of its state costs.
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
use std::time::Duration;

use goplswatch_core::gauge::{Amount, Gauge};
use goplswatch_core::{Effect, Input, Moment, Observation, Reading, Seq, State, step, step_into};
use goplswatch_testing::figures::{Rounds, Sheet, ours, thread_cpu, took};
use goplswatch_testing::yardstick;

const ROUNDS: usize = 11;
/// Budgets as multiples of the yardstick, about 1.4 times the usual result.
const READINGS: f64 = 2.4;
const STARTS: f64 = 2.45;
const GAUGES: f64 = 0.55;
const SNAPSHOT: f64 = 0.48;
/// The name of the yardstick, as printed.
const MAP: &str = "work in an ordered map";

fn main() -> ExitCode {
    let mut sheet = Sheet::default();
    // Twenty clients at once is a busy developer. An agent sees mostly readings, hundreds for each
    // gopls that starts or ends; four between two other inputs are few.
    let (inputs, rounds) = measure(50_000, 20, 4);
    sheet.at_most("20 clients and their readings", MAP, &rounds, READINGS);
    note_rate(&sheet, "judged", inputs, &rounds, "at least 1,000,000");
    // Thousands of clients in the course of the stream, whose servers do nothing but start, load
    // and end. No real day is like that, and each of these inputs costs more than a reading.
    let (inputs, rounds) = measure(100_000, 20, 0);
    sheet.at_most("nothing but starts, loads and ends", MAP, &rounds, STARTS);
    note_rate(&sheet, "judged", inputs, &rounds, "");
    // No machine has a thousand clients. This shows that the cost of a wake does not grow with what
    // it is not about.
    let (inputs, rounds) = measure(50_000, 1_000, 0);
    note_rate(&sheet, "1,000 clients at once", inputs, &rounds, "");
    // A gauge concerns one server, so its cost does not depend on their number.
    let (inputs, rounds) = gauges(200_000, 20);
    sheet.at_most("gauges, 20 clients at once", MAP, &rounds, GAUGES);
    note_rate(&sheet, "judged", inputs, &rounds, "at least 1,000,000");
    let (inputs, rounds) = gauges(200_000, 1_000);
    note_rate(&sheet, "gauges, 1,000 clients at once", inputs, &rounds, "");
    look(&mut sheet);
    sheet.verdict()
}

/// Prints how many inputs this machine judges per second.
fn note_rate(sheet: &Sheet, what: &str, inputs: usize, rounds: &Rounds, design: &str) {
    sheet.note_beside(what, inputs as f64 / rounds.ours() * 1e3, "inputs/s of CPU", design);
}

fn map() -> f64 {
    took(thread_cpu, || (0..10).for_each(|_| yardstick::ordered_map()))
}

/// A snapshot of a state with hundreds of servers, most of them with a problem.
fn look(sheet: &mut Sheet) {
    let stream = stress::stream(7, 20_000, 300);
    let at = stream.last().map(|input| input.at).unwrap_or_default();
    let mut state = State::default();
    for input in stream {
        step(&mut state, input);
    }
    let snapshot = state.snapshot(at);
    let look = |()| (0..20).for_each(|_| drop(std::hint::black_box(state.snapshot(at))));
    let json = serde_json::to_vec(&snapshot).unwrap_or_default();
    // Compared with reading the same amount of data as JSON into memory.
    let read = || took(thread_cpu, || (0..20).for_each(|_| assert_eq!(yardstick::read_json(&json), 1)));
    let rounds = Rounds::of(ROUNDS, || ours(thread_cpu, || (), look), read);
    println!("the look: {} servers, {} incidents", snapshot.servers.len(), snapshot.incidents.len());
    sheet.at_most("snapshot, hundreds of servers", "serde_json reading it", &rounds, SNAPSHOT);
    sheet.note("one snapshot", rounds.ours() / 20.0, "ms CPU");
    sheet.note("the same as JSON", json.len() as f64 / 1e3, "kB");
}

/// Judges a stream of `inputs` inputs with `readings` readings after each. Returns the total number
/// of inputs, and the measured rounds.
fn measure(inputs: usize, clients: usize, readings: usize) -> (usize, Rounds) {
    let stream = readings::with_readings(stress::stream(42, inputs, clients), readings);
    let mut events = 0;
    let rounds = Rounds::of(ROUNDS, || ours(thread_cpu, || stream.clone(), |copy| events = judge(copy)), map);
    let share = |n: usize| 100.0 * n as f64 / stream.len() as f64;
    let of = |kind: fn(&Observation) -> bool| stream.iter().filter(|input| kind(&input.observation)).count();
    println!(
        "the stream: {} clients, {} servers, {:.0} % wakes, {:.0} events for 100 inputs",
        of(|observation| matches!(observation, Observation::ClientSeen(_))),
        of(|observation| matches!(observation, Observation::ServerSeen(_))),
        share(of(|observation| *observation == Observation::Wake)),
        share(events),
    );
    (stream.len(), rounds)
}

/// Readings of quiet servers, which are by far the most frequent inputs.
fn gauges(inputs: usize, clients: usize) -> (usize, Rounds) {
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
            let at = Moment { uptime: last.0.uptime + i as u32 * Duration::from_millis(10), ..last.0 };
            Input { seq: Seq(last.1.0 + i as u64), at, observation: Observation::Gauge { gauge, process, value } }
        })
        .collect();
    let work = |(mut state, copy): (State, Vec<Input>)| {
        let mut effects = Vec::new();
        for input in copy {
            effects.clear();
            step_into(&mut state, input, &mut effects);
            std::hint::black_box(&effects);
        }
    };
    (stream.len(), Rounds::of(ROUNDS, || ours(thread_cpu, || (state.clone(), stream.clone()), work), map))
}

fn judge(stream: Vec<Input>) -> usize {
    let mut state = State::default();
    let (mut events, mut effects) = (0, Vec::new());
    for input in stream {
        // The agent reuses the vector too.
        effects.clear();
        step_into(&mut state, input, &mut effects);
        events += effects.iter().filter(|e| matches!(e, Effect::Event(_))).count();
    }
    events
}
