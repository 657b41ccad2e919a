//! Changes the world, on the user's word.
//!
//! Theory of operation. Whatever is to be changed is first looked at, then put down as data (a plan: every file with
//! what it will say, every command with its arguments, every process with its identity), then shown, and only then
//! carried out, step by step, each step with its result.
//!
//! There are two such changes. The login service ([`service`]): what was looked at decides which steps there are, and
//! every step may be done again, so the same command later continues from wherever an earlier one stopped. And fixes
//! ([`fix`]), which are done once, leave a receipt and are taken back from it.
//!
//! What they write, and what the agent keeps, is made durable by [`disk`].

mod command;
pub mod disk;
pub mod fix;
pub mod service;
