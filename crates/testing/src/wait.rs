//! Waits for what is expected, instead of for a fixed time.

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Generous on purpose: a machine may do other
/// things as well, and how long something takes is what benchmarks are for.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Tries again and again until there is a result.
///
/// # Panics
/// If there is nothing within [`DEADLINE`]; the message says that `what` did not come.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + DEADLINE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < limit, "{what} did not come within {DEADLINE:?}");
        std::thread::sleep(PAUSE);
    }
}

/// Waits until something holds.
///
/// # Panics
/// As [`wait_for`].
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || holds().then_some(()));
}
