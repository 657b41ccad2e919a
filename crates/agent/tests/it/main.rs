//! Tests of the history on disk, also as older agents left it, and of a process without
//! descriptors. Tests that need disks of their own are in `real`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod descriptors;
mod history;
mod predecessor;
mod real;
mod support;
