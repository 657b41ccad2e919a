//! Knowledge about gopls, Go, editors and coding agents: what they write and what it means.
//!
//! Pure functions over bytes that the `probe` crate has read: no I/O, and no panics on any input.
//! The table of clients, with what is known about each, is part of this crate and reaches the
//! engine as data.
//!
//! A process is recognised first by its executable and second by `argv[0]` (a binary may have been
//! moved under a running process, and wrappers keep the name there). The kernel's short name only
//! decides which processes are examined more closely.
#![forbid(unsafe_code)]

mod class;
mod clients;
mod filters;
mod go_command;
mod image;
mod load;
mod names;
mod redact;
mod settings;
mod sourced;
mod version;
mod workspace;

pub use class::{Classified, Hint, classify, hint};
pub use clients::{
    ClientId, ClientRow, Command, EndSignal, Restart, Shutdown, ShutdownSignal, client, client_of, is_intermediary,
    unknown_client_name,
};
pub use filters::{DEFAULT_FILTERS, Folder, is_passed_over, suggested_filters};
pub use image::{ENV_ALLOWED, Image};
pub use load::{is_gopls_go_list, load};
pub use redact::redact;
pub use settings::{Files, HostSystem, LocationError, Notation, SettingsFile, SettingsLocation, settings_by_hand};
pub use sourced::Sourced;
pub use version::{Setting, Version, known_settings, version};
pub use workspace::workspace;

#[cfg(test)]
mod tests;
