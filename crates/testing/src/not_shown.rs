//! Reports what a test cannot show on this machine.

use std::io::Write as _;

/// Reports that the calling test shows less than it could, and why. This bypasses the test harness,
/// which hides the output of a test that passes. `cargo xtask` repeats these lines at the end of a
/// run, so that nothing is skipped silently.
///
/// # Panics
/// If standard error is closed.
pub fn not_shown(why: &str) {
    let thread = std::thread::current();
    let line = format!("not shown: {}: {why}\n", thread.name().unwrap_or("?"));
    std::io::stderr().write_all(line.as_bytes()).expect("a standard error");
}
