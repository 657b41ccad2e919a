//! Fixes on real processes, real files and pretended tools of a desktop.

mod desktop;
mod plans;
mod receipts;
mod settings;
mod signals;
pub(crate) mod stage;
mod toolchain;
