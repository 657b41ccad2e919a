//! The size and time span of the history.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::segment;

/// The size and time span of the history on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Extent {
    /// Bytes of all segments together.
    pub bytes: u64,
    /// Number of segments.
    pub segments: u64,
    /// When the oldest input was observed, wall clock, milliseconds since 1970; null if there is
    /// none.
    pub oldest_wall_ms: Option<i64>,
    /// The same for the newest input.
    pub newest_wall_ms: Option<i64>,
}

impl Extent {
    /// Reads the beginning of the oldest segment and the end of the newest, and nothing in between.
    pub(super) fn of(folder: &Path) -> Self {
        let segments = segment::list(folder).unwrap_or_default();
        let written = |modified: SystemTime| {
            modified.duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_millis()).ok())
        };
        Self {
            bytes: segments.iter().map(|s| s.bytes).sum(),
            segments: segments.len() as u64,
            oldest_wall_ms: segments.iter().find_map(|s| segment::first_moment(folder, s)).map(|at| at.wall_ms),
            newest_wall_ms: segments.last().and_then(|newest| {
                segment::last_moment(folder, newest).map_or_else(|| written(newest.modified), |at| Some(at.wall_ms))
            }),
        }
    }
}
