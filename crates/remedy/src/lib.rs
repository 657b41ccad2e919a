//! Changes the world, on the user's word.
//!
//! Theory of operation. Whatever is to be changed is first looked at, then put down as data (a plan: every file with
//! what it will say, every command with its arguments, every process with its identity), then shown, and only then
//! carried out, step by step, each step with its result in a receipt, from which it is taken back.
//!
//! One engine does all of that ([`change`]). Two rooms above it only make plans: [`fix`] from what the engine of
//! incidents offers, [`service`] for the login service. What a wish comes to, typed or clicked, is decided in [`clicks`].
//!
//! What they write, and what the agent keeps, is made durable by [`disk`].

pub mod change;
pub mod clicks;
mod command;
pub mod disk;
pub mod fix;
mod manager;
mod said;
pub mod service;

pub use manager::Manager;
