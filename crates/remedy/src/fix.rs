//! Fixes: what a remedy does here and now, as a plan.
//!
//! Theory of operation. The engine decides what is offered; a snapshot carries it. [`plan`] turns one offer into a
//! [`Plan`](crate::change::Plan): steps as data, what they cost and what undo does about them. Carrying it out is the work
//! of [`change`](crate::change).
//!
//! What is deliberately absent: deciding what is offered (the engine), and choosing among it ([`clicks`](crate::clicks)).

mod case;
mod count;
mod offer;
mod settings;
mod site;
mod surroundings;
mod toolchain;

pub use offer::{Offered, offered, plan};
pub use site::{Ask, Evidence, Patience, Site};
pub use surroundings::Surroundings;
