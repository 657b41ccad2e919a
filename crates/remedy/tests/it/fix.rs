//! Fixes on real processes and real files, with simulated desktop tools.

mod desktop;
mod plans;
mod receipts;
mod settings;
mod signals;
pub(crate) mod stage;
mod toolchain;
