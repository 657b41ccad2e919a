//! Throwaway.
#![allow(warnings)]
#[path = "support/readings.rs"]
mod readings;
#[path = "support/stress.rs"]
mod stress;
use goplswatch_core::{State, step};
fn main() {
    let n: usize = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let stream = stress::stream(42, 100_000, 20);
    for _ in 0..n {
        let copy = stream.clone();
        let mut state = State::default();
        let mut events = 0;
        for input in copy {
            events += step(&mut state, input).len();
        }
        println!("{events}");
    }
}
