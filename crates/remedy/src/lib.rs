//! Changes the world, on the user's word.
//!
//! Theory of operation. Whatever is to be changed is first looked at ([`service::Status`]), then put down as data
//! ([`service::Plan`]: every file with its whole text, every command with its arguments), then shown, and only then
//! carried out, step by step, each step with its result. What was looked at decides which steps there are: where
//! nothing has to change, a plan has none. A step that fails ends the run and says what it means; every step may be
//! done again, so the same command later continues from wherever an earlier one stopped.
//!
//! There is one change today: the login service. What it writes, and what the agent keeps, is made durable by [`disk`].

pub mod disk;
pub mod service;
