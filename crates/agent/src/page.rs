//! Stretches of the history as events: for `/v1/history`, and for a listener that was away too long.

use std::sync::Arc;

use goplswatch_core::Line;

use crate::api::HistoryPage;
use crate::bus::{EventId, Numbering, Told};
use crate::history::{Archive, ReplaySummary, Since};

/// The longest page, events.
pub(crate) const MOST: usize = 10_000;

/// The events between two moments of the wall clock, milliseconds; at most `limit` of them.
pub(crate) fn read(
    archive: &Archive,
    since: Option<i64>,
    until: Option<i64>,
    limit: usize,
) -> Result<HistoryPage, String> {
    let mut page = HistoryPage::default();
    let summary = archive
        .replay(since.map(Since::WallMs), |at, events| {
            if until.is_some_and(|until| at.wall_ms > until) {
                return false;
            }
            if page.lines.len() + events.len() > limit && !page.lines.is_empty() {
                page.more_since = Some(at.rfc3339());
                return false;
            }
            for event in events {
                page.lines.push(Line::new(page.lines.len() as u64 + 1, event));
            }
            true
        })
        .map_err(|error| error.to_string())?;
    page.notes = notes(&summary);
    Ok(page)
}

fn notes(summary: &ReplaySummary) -> Vec<String> {
    summary.flaws.iter().map(|flaw| format!("{}: {}", flaw.segment, flaw.what)).collect()
}

/// What a listener missed before what is still kept.
pub(crate) struct Older {
    pub(crate) told: Vec<Told>,
    /// Why there is not everything, if so.
    pub(crate) left_out: Option<String>,
}

/// The events behind one event and before another.
pub(crate) fn behind(archive: &Archive, after: EventId, before: Option<EventId>) -> Result<Older, String> {
    let mut numbering = Numbering::default();
    let mut told = Vec::new();
    let mut surplus = 0;
    let summary = archive
        .replay(Some(Since::Seq(after.seq)), |_, events| {
            for event in events {
                let id = numbering.next(event.seq);
                if id <= after || before.is_some_and(|before| id >= before) {
                    continue;
                }
                told.push(Told { id, event: Arc::new(event) });
            }
            if told.len() > MOST {
                surplus += told.drain(..told.len() - MOST).count();
            }
            true
        })
        .map_err(|error| error.to_string())?;
    let mut why = notes(&summary);
    if surplus > 0 {
        why.insert(0, format!("{surplus} older ones are left out"));
    }
    Ok(Older { told, left_out: (!why.is_empty()).then(|| why.join(" ")) })
}
