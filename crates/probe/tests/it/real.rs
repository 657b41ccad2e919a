//! What needs root, and programs beside Rust's.

mod kernel;
mod stops;
