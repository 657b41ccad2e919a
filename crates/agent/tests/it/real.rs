//! What needs file systems of its own.

mod disks;
