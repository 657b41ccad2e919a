//! How much history there is.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::segment;

/// What is on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Extent {
    /// Bytes of all segments.
    pub bytes: u64,
    /// How many segments.
    pub segments: u64,
    /// When the oldest input was seen, wall clock, milliseconds since 1970; null without any.
    pub oldest_wall_ms: Option<i64>,
    /// The same of the newest.
    pub newest_wall_ms: Option<i64>,
}

impl Extent {
    /// Looks at the beginning of the oldest segment and the end of the newest, and at nothing between.
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
