//! Tests that need a session bus.

mod desktop;
