//! The table of clients, tested against the engine and against the settings files that it
//! describes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod offers;
