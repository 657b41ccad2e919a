//! Reads a state that was written down: by us, by another version, or by anybody.

use serde::Deserialize;

use super::quiet::Quiet;
use super::{LATEST_NS, State, former};
use crate::json::{FromJson as _, ToJson as _};
use crate::words::Seq;

impl State {
    /// Reads a state that was written down. It may come from anybody's file, which may hold any number: moments beyond
    /// [`LATEST_NS`] count as that one, and thresholds and policies as those that are put in.
    pub(crate) fn read(mut written: serde_json::Value) -> Result<Self, String> {
        fn tame(value: &mut serde_json::Value) {
            match value {
                serde_json::Value::Number(number) if number.as_u64().is_some_and(|n| n > LATEST_NS) => {
                    *value = LATEST_NS.into();
                }
                serde_json::Value::Array(items) => items.iter_mut().for_each(tame),
                serde_json::Value::Object(map) => map.values_mut().for_each(tame),
                _ => {}
            }
        }
        tame(&mut written);
        former::bring_up_to_date(&mut written);
        // Through bytes again: the program holds the code that reads all this once, and that reads bytes.
        // The place of an error in these bytes is left out: nobody but us ever sees them.
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
            if server.seen.class.stays() {
                lineage.usage.sum_up(|gauge| server.used(gauge));
            }
        });
        state.alerts_within_reason();
        state.baselines.within_reason();
        Ok(state)
    }

    /// Of a checkpoint line that another version wrote in another form: what the user asked for, which an update must
    /// not forget. Nothing else.
    pub(crate) fn wishes_of(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Kept {
            quiet: Quiet,
            #[serde(default)]
            boot: Option<String>,
            #[serde(default)]
            last: Seq,
        }
        #[derive(Deserialize)]
        struct Read {
            checkpoint: Kept,
        }
        let Kept { quiet, boot, last } = serde_json::from_slice::<Read>(line).ok()?.checkpoint;
        let mut state = Self { quiet: quiet.without_incidents(), boot, last, ..Self::default() };
        state.schedule_quiet();
        Some(state)
    }
}
