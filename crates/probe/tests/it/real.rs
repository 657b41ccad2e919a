//! Tests that need root, and programs that do not come with Rust.

mod kernel;
mod stops;
