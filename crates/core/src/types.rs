//! Plain values that every crate shares: what identifies a process and an input, and the closed
//! sets of what can be said of a gopls. Newtypes keep apart what must not be mixed up.
//!
//! Nothing here holds a message, and no file of this crate is imported, so that each of them can
//! import this one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A process id. It does not identify a process by itself, because ids are reused. See
/// [`ProcessKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Pid(pub u32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identity of a process until the next boot.
///
/// `start` is a number of the system that never repeats together with the same pid: on Linux field
/// 22 of `/proc/PID/stat` (clock ticks since boot, proc_pid_stat(5)); on macOS `p_uniqueid` of
/// `PROC_PIDUNIQIDENTIFIERINFO` (xnu bsd/sys/proc_info.h), which is unique by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ProcessKey {
    /// The pid.
    pub pid: Pid,
    /// The number that together with the pid identifies the process.
    pub start: u64,
}

impl ProcessKey {
    /// The key for a pid and its start number.
    #[must_use]
    pub const fn new(pid: u32, start: u64) -> Self {
        Self { pid: Pid(pid), start }
    }
}

/// The sequence number of an input. It counts from 1 within a recording and is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The role of a gopls process. The `gopls` crate has the rules that decide it, and their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ServerClass {
    /// A language server of one client, over its standard input.
    Lsp,
    /// A shared server that listens (`-listen`). Parent pid 1 is normal for it.
    Daemon,
    /// A thin process that passes one client's traffic to a daemon (`-remote`).
    Forwarder,
    /// A server for coding agents (`gopls mcp`).
    Mcp,
    /// A command that is expected to exit by itself (`gopls version`, `gopls check` …).
    OneShot,
    /// The telemetry process that every gopls starts next to itself.
    Sidecar,
}

impl ServerClass {
    /// The kebab-case name used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lsp => "lsp",
            Self::Daemon => "daemon",
            Self::Forwarder => "forwarder",
            Self::Mcp => "mcp",
            Self::OneShot => "one-shot",
            Self::Sidecar => "sidecar",
        }
    }

    /// Whether people would call it a running gopls: not a command and not the telemetry process.
    #[must_use]
    pub const fn is_long_running(self) -> bool {
        matches!(self, Self::Lsp | Self::Daemon | Self::Forwarder | Self::Mcp)
    }
}

/// How busy a server and its whole tree of child processes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Below the CPU and I/O thresholds of [`crate::Config`].
    Quiet,
    /// Above one of them.
    Busy,
    /// A process of the tree is stopped (SIGSTOP, a debugger). It does nothing, and that is no
    /// fault of its load.
    Stopped,
}

/// The kind of a child that loads packages for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// `go list …`.
    GoList,
    /// The program that `GOPACKAGESDRIVER` names.
    Driver,
}

/// What happened to the executable file of a running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BinaryChange {
    /// Another file is in its place: the server runs an old version.
    Replaced,
    /// There is no file at its path any more.
    Deleted,
}
