//! Tests that need file systems of their own.

mod disks;
