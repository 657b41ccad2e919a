//! The engine from outside: stories, any order of inputs, an hour in which every gauge goes wrong.

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
