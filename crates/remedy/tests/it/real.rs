//! What needs programs of the system.

mod checkers;
