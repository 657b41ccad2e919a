//! The history on disk, as agents leave it behind, and a process without descriptors. What needs disks of its own stands in `real`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod descriptors;
mod history;
mod predecessor;
mod real;
mod support;
