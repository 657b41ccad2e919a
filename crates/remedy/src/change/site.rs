//! Where changes are made: data of the caller.

use std::path::PathBuf;
use std::time::Duration;

use goplswatch_core::message::Count;

use super::desktop::Desktop;

/// Where receipts are, and what a step may need.
#[derive(Clone, Debug)]
pub struct Site {
    /// The folder of receipts, which is made when it is needed: mode 0700.
    pub receipts: PathBuf,
    /// The tools of the desktop.
    pub desktop: Desktop,
    /// How long things may take.
    pub patience: Patience,
}

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Patience {
    /// A tool of the desktop, until its process group is killed.
    pub tool: Duration,
    /// What was told to end, or to start, until it is reported as a failure.
    pub change: Duration,
    /// Between two questions whether it has.
    pub poll: Duration,
    /// From a start to the first question whether it lasted.
    pub settle: Duration,
    /// The pauses before a refused command is tried again; as many tries as there are pauses, and one.
    pub again: Vec<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tool: Duration::from_secs(5),
            // Longer than a manager of services waits before it kills (`service::STOP_S`).
            change: Duration::from_secs(8),
            poll: Duration::from_millis(100),
            settle: Duration::from_secs(1),
            again: [250, 500, 1_000, 2_000, 4_000].map(Duration::from_millis).to_vec(),
        }
    }
}

impl Site {
    /// This system's desktop, receipts in this folder.
    #[must_use]
    pub fn new(receipts: PathBuf) -> Self {
        Self { receipts, desktop: Desktop::of_this_system(), patience: Patience::default() }
    }
}

/// So many seconds, and tenths of one.
pub(crate) fn seconds(time: Duration) -> (Count, Count) {
    let tenths = ms(time) / 100;
    (Count::new(tenths / 10), Count::new(tenths % 10))
}

/// So many milliseconds.
pub(crate) fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
