//! Restores a saved state, which this version, another version, or any other program may have
//! written.

use serde::Deserialize;

use super::suppression::Suppression;
use super::{LATEST, State, migrate};
use crate::json::{FromJson as _, ToJson as _};
use crate::types::Seq;

impl State {
    /// Restores a saved state. Since it may come from any file and hold any number, values beyond
    /// [`LATEST`] are clamped to it, and thresholds and policies are limited as on input.
    pub(crate) fn read(mut written: serde_json::Value) -> Result<Self, String> {
        fn tame(value: &mut serde_json::Value) {
            match value {
                serde_json::Value::Number(number) if number.as_u64().is_some_and(|n| n > LATEST.as_nanos()) => {
                    *value = LATEST.as_nanos().into();
                }
                serde_json::Value::Array(items) => items.iter_mut().for_each(tame),
                serde_json::Value::Object(map) => map.values_mut().for_each(tame),
                _ => {}
            }
        }
        tame(&mut written);
        migrate::migrate(&mut written);
        // Goes through bytes again because the program already contains deserialization code for
        // bytes, and another instance for `Value` would only add to it. The position in an error
        // message refers to these bytes, which are never shown, so it is removed.
        let why = |error: serde_json::Error| {
            let said = error.to_string();
            said.rsplit_once(" at line ").map_or(said.clone(), |(what, _)| what.to_owned())
        };
        let bytes = written.to_json().map_err(why)?;
        let mut state = Self::from_json(&bytes).map_err(why)?;
        state.config = state.config.within_reason();
        for lineage in state.processes.lineages_mut() {
            lineage.ledger.within_reason();
        }
        state.processes.each_in_lineage_mut(|server, lineage| {
            if server.seen.class.is_long_running() {
                lineage.usage.sum_up(|gauge| server.used(gauge));
            }
        });
        state.alerts_within_reason();
        state.baselines.within_reason();
        Ok(state)
    }

    /// Reads what the user requested (mutes, a pause) from a checkpoint line in an unknown format
    /// of another version, since an update must not forget it. Nothing that was observed is read.
    pub(crate) fn user_settings_of(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Kept {
            #[serde(rename = "quiet")]
            suppression: Suppression,
            #[serde(default)]
            boot: Option<String>,
            #[serde(default)]
            last: Seq,
        }
        #[derive(Deserialize)]
        struct Read {
            checkpoint: Kept,
        }
        let Kept { suppression, boot, last } = serde_json::from_slice::<Read>(line).ok()?.checkpoint;
        let mut state = Self { suppression: suppression.without_incidents(), boot, last, ..Self::default() };
        state.schedule_quiet();
        Some(state)
    }
}
