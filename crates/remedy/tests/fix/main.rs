//! Fixes on real processes, real files and pretended tools of a desktop.

#![expect(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test")]

mod desktop;
mod plans;
mod receipts;
mod settings;
mod signals;
mod stage;
mod toolchain;
