//! the running thing: queue, history, socket, config, own budget.

pub mod config;
pub mod history;
