//! Tests of the engine through its public interface: scenarios, inputs in any order, and an hour in
//! which every gauge goes wrong.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too, and may wait"
)]

mod alerts;
mod any_order;
mod former;
mod hour;
mod scenarios;
