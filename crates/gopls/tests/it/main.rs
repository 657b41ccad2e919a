//! The table of clients, held against the engine and against the settings files that it speaks of.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too, and may wait")]

mod offers;
