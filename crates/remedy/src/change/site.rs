//! Where changes are made, as data from the caller.

use std::path::PathBuf;
use std::time::Duration;

use goplswatch_core::message::Count;
use goplswatch_core::time::millis;

use super::desktop::Desktop;

/// Where receipts are kept, and what a step may need.
#[derive(Clone, Debug)]
pub struct Site {
    /// The folder of receipts; created when it is needed, with mode 0700.
    pub receipts: PathBuf,
    /// The tools of the desktop.
    pub desktop: Desktop,
    /// Deadlines and pauses.
    pub timeouts: Timeouts,
}

/// Deadlines and pauses.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Time until the process group of a desktop tool is killed.
    pub tool: Duration,
    /// How long something that was told to stop or start may take until that is reported as a
    /// failure.
    pub change: Duration,
    /// The pause between two polls for that.
    pub poll: Duration,
    /// The time from a start to the first poll whether it is still running.
    pub settle: Duration,
    /// The pauses before a refused command is tried again. There is one more try than there are
    /// pauses.
    pub retry_delays: Vec<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            tool: Duration::from_secs(5),
            // Longer than the service manager waits before it kills (`service::STOP_S`).
            change: Duration::from_secs(8),
            poll: Duration::from_millis(100),
            settle: Duration::from_secs(1),
            retry_delays: [250, 500, 1_000, 2_000, 4_000].map(Duration::from_millis).to_vec(),
        }
    }
}

impl Site {
    /// This system's desktop, with receipts in this folder.
    #[must_use]
    pub fn new(receipts: PathBuf) -> Self {
        Self { receipts, desktop: Desktop::of_this_system(), timeouts: Timeouts::default() }
    }
}

/// Whole seconds and tenths of a second.
pub(crate) fn seconds(time: Duration) -> (Count, Count) {
    let tenths = millis(time) / 100;
    (Count::new(tenths / 10), Count::new(tenths % 10))
}
