//! What a test cannot show on this machine.

use std::io::Write as _;

/// Says that the calling test shows less than it could, and why, past the test harness, which swallows what a test that
/// passes prints. `cargo xtask` repeats these lines at the end of a run, so that nothing is skipped in silence.
///
/// # Panics
/// If standard error is closed.
pub fn not_shown(why: &str) {
    let thread = std::thread::current();
    let line = format!("not shown: {}: {why}\n", thread.name().unwrap_or("?"));
    std::io::stderr().write_all(line.as_bytes()).expect("a standard error");
}
