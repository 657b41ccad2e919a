//! Tests that need programs of the system.

mod checkers;
