//! Changes the system at the user's request: fixes, and the installation of the login service.
//!
//! Theory of operation. A change is prepared from the current state, written down as data (a plan:
//! every file with its new content, every command with its arguments, every process with its
//! identity) and shown to the user. Only then is it carried out, step by step. The result of each
//! step goes into a receipt, from which the change can be undone.
//!
//! [`change`] is the engine that does all of this. Two modules build plans for it: [`fix`] from
//! what the incident engine offers, [`service`] for the login service. [`clicks`] decides what a
//! typed or clicked request leads to.

pub mod change;
pub mod clicks;
mod command;
pub mod fix;
mod manager;
mod said;
pub mod service;

pub use manager::Manager;
