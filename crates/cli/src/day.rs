//! Memory over the last day as a line of bars for each lineage, for `status -v`.

use std::collections::BTreeSet;

use goplswatch_agent::api::DaySeries;
use goplswatch_core::message::Text;
use goplswatch_core::{Gauge, ServerStatus};
use goplswatch_view::{Phrase, bars};

use crate::failure::phrase;
use crate::language::catalogue;
use crate::printer::{client, place};

/// This many bars fit next to two names in a terminal of 80 columns.
const WIDTH: usize = 24;

/// Memory over the last day, one line per lineage that has data; `None` if there is none yet.
/// Servers of one lineage share a line, as they share a series.
pub(crate) fn memory_of(day: &DaySeries, servers: &[ServerStatus]) -> Option<String> {
    let mut text = String::new();
    let mut shown = BTreeSet::new();
    for status in servers {
        let server = &status.server;
        let series = day.lineages.get(&server.lineage).and_then(|series| series.gauges.get(&Gauge::Memory));
        let Some(memory) = series.filter(|_| shown.insert(&server.lineage)) else { continue };
        // A single step shows no trend.
        if memory.iter().flatten().count() < 2 {
            continue;
        }
        let most = memory.iter().flatten().max().copied().unwrap_or(0);
        let most = phrase(Phrase::AtMost { amount: Text(catalogue().bytes(most)) });
        text.push_str(&format!("  {:<20} {:<20} {} {most}\n", place(server), client(server), bars(memory, WIDTH)));
    }
    (!text.is_empty()).then(|| format!("\n{}\n{text}", phrase(Phrase::DayTitle)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use goplswatch_core::event::{ClientView, ServerView};
    use goplswatch_core::policy::LivesLeft;
    use goplswatch_core::types::ServerClass;
    use goplswatch_core::{Pid, Reading, Series, Usual};

    use super::*;

    fn server(pid: u32, lineage: &str) -> ServerStatus {
        ServerStatus {
            server: ServerView {
                pid: Pid(pid),
                start: 1,
                class: ServerClass::Lsp,
                exe: Reading::unknown("?"),
                arch: Reading::unknown("?"),
                translated: Reading::Known(false),
                slices: Reading::unknown("?"),
                workspace: Reading::Known(format!("/w/{lineage}")),
                adopted: false,
                client: Reading::Known(ClientView { id: None, name: "Helix".into(), pid: Pid(1) }),
                lineage: lineage.into(),
                generation: 1,
            },
            memory_bytes: None,
            gauges: BTreeMap::new(),
            usual: Usual::default(),
            state: "stable".into(),
            lives_left: LivesLeft::Unknown(goplswatch_core::message::Message::reported("?").into()),
            since: None,
            offers: Vec::new(),
            restart_command: None,
            past: Vec::new(),
        }
    }

    #[test]
    fn a_lineage_has_one_line_if_there_is_something_to_see() {
        let series = |memory: &[Option<u64>]| Series {
            step: Duration::from_secs(900),
            gauges: BTreeMap::from([(Gauge::Memory, memory.to_vec())]),
            ends: vec![0; memory.len()],
        };
        let lineages = BTreeMap::from([
            ("l1".to_owned(), series(&[None, Some(500_000_000), Some(1_000_000_000)])),
            ("l2".to_owned(), series(&[None, None, Some(7)])),
        ]);
        let servers = [server(1, "l1"), server(2, "l1"), server(3, "l2"), server(4, "l3")];
        let text = memory_of(&DaySeries { lineages }, &servers).unwrap();
        let line = format!("  {:<20} {:<20} {}", "l1", "Helix", " ▄█ at most 1.0 GB");
        assert_eq!(text, format!("\nMemory over the last day\n{line}\n"));
        assert_eq!(memory_of(&DaySeries::default(), &servers), None);
    }
}
