//! Fixes: turns a remedy into a plan for the current state.
//!
//! Theory of operation. The engine decides what is offered, and a snapshot carries it. [`plan`]
//! turns one offer into a [`Plan`](crate::change::Plan): steps as data, what they cost and what
//! undo does about them. [`change`](crate::change) carries the plan out.
//!
//! Deliberately absent: deciding what is offered (the engine), and choosing among the offers
//! ([`clicks`](crate::clicks)).

mod case;
mod count;
mod offer;
mod settings;
mod site;
mod surroundings;
mod toolchain;

pub use offer::{Offered, offered, plan};
pub use site::{Evidence, Request, Site, Timeouts};
pub use surroundings::ExternalPaths;
