//! What it costs to put a snapshot into words: it is done for each one that is published, and before a menu opens.

#![expect(clippy::unwrap_used, reason = "a benchmark: its lines are its product, and its numbers are small")]

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that use the rest")]
mod support;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use goplswatch_core::Snapshot;
use goplswatch_testing::figures;
use goplswatch_view::scene;

const RUNS: usize = 400;

fn main() -> ExitCode {
    let mut sheet = figures::Sheet::default();
    sheet.at_most("scene of 50 servers, median", median(&support::many_servers(50)), 1.0, "ms");
    let trouble = support::fifty_servers_and_trouble();
    sheet.at_most("scene of 50 servers, 6 of them in trouble, median", median(&trouble), 1.0, "ms");
    sheet.at_most("scene of 400 servers, median", median(&support::many_servers(400)), 8.0, "ms");
    sheet.verdict()
}

/// Milliseconds.
fn median(snapshot: &Snapshot) -> f64 {
    let context = support::context();
    let mut took: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begin = Instant::now();
            black_box(scene(black_box(snapshot), &context));
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    figures::median(&mut took)
}
