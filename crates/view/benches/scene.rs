//! The cost of building a scene from a snapshot. It is done for each published snapshot, and before
//! a menu opens.

#![expect(clippy::unwrap_used, reason = "a benchmark: its lines are its product, and its numbers are small")]

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, reason = "shared with tests that use the rest")]
mod support;

use std::hint::black_box;
use std::process::ExitCode;

use goplswatch_core::Snapshot;
use goplswatch_testing::figures::{Rounds, Sheet, ours, thread_cpu, took};
use goplswatch_testing::yardstick;
use goplswatch_view::scene;

const ROUNDS: usize = 31;
/// Budgets, about 1.4 times the usual cost, in multiples of the reference work (an ordered map).
const FIFTY: f64 = 9.2;
const TROUBLE: f64 = 11.2;
const MANY: f64 = 9.6;

fn main() -> ExitCode {
    let mut sheet = Sheet::default();
    measure(&mut sheet, "scenes of 50 servers", &support::many_servers(50), 40, FIFTY);
    let trouble = support::fifty_servers_and_trouble();
    measure(&mut sheet, "scenes of 50 servers, 6 of them in trouble", &trouble, 40, TROUBLE);
    measure(&mut sheet, "scenes of 400 servers", &support::many_servers(400), 5, MANY);
    sheet.verdict()
}

fn measure(sheet: &mut Sheet, what: &str, snapshot: &Snapshot, times: usize, budget: f64) {
    let context = support::context();
    let work = |()| (0..times).for_each(|_| drop(black_box(scene(black_box(snapshot), &context))));
    let map = || took(thread_cpu, yardstick::ordered_map);
    let rounds = Rounds::of(ROUNDS, || ours(thread_cpu, || (), work), map);
    sheet.at_most(&format!("{times} {what}"), "work in an ordered map", &rounds, budget);
    sheet.note("one of them", rounds.ours() / times as f64, "ms CPU");
}
