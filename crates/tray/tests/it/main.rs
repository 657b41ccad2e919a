//! Tests the surface on a desktop with a private session bus.

#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::unwrap_used,
        clippy::panic,
        clippy::print_stdout,
        reason = "a test fails by panicking, in its helpers too, and may wait"
    )
)]

mod real;
#[cfg(target_os = "linux")]
mod surface;
