//! Adds readings to a stream of other inputs. An agent sees mostly readings, hundreds for each
//! gopls that starts or ends; four after each other input are few.

use goplswatch_core::gauge::{Amount, Gauge};
use goplswatch_core::{Input, Observation, Reading, Seq};

/// The stream with this many readings of running servers after each input.
pub(crate) fn with_readings(stream: Vec<Input>, readings: usize) -> Vec<Input> {
    if readings == 0 {
        return stream;
    }
    let kinds = [(Gauge::Memory, 1 << 25), (Gauge::Cpu, 10), (Gauge::DescriptorBound, 40), (Gauge::Threads, 2)];
    let mut alive = Vec::new();
    let mut out = Vec::with_capacity(stream.len() * (1 + readings));
    for input in stream {
        match &input.observation {
            Observation::ServerSeen(seen) => alive.push(seen.server),
            Observation::Ended { process, .. } => alive.retain(|one| one != process),
            _ => {}
        }
        let at = input.at;
        out.push(Input { seq: Seq(out.len() as u64 + 1), ..input });
        for _ in 0..if alive.is_empty() { 0 } else { readings } {
            let n = out.len();
            let (gauge, unit) = kinds[n % kinds.len()];
            let value = Reading::Known(Amount::Exactly((1 + n as u64 * 7 % 40) * unit));
            let process = Some(alive[n * 31 % alive.len()]);
            out.push(Input { seq: Seq(n as u64 + 1), at, observation: Observation::Gauge { gauge, process, value } });
        }
    }
    out
}
