//! Changes of the world: fixes on real processes and files, and the login service before managers that answer as ordered.
//! What needs programs of the system stands in `real`.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too, and may wait"
)]

mod clicks;
mod fix;
mod fix_edit;
mod fix_killed;
mod real;
mod service;
