//! What needs a session bus.

mod desktop;
