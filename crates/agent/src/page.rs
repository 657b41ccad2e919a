//! Pages of the history as events: for `/v1/history`, and for subscribers that were away too long.

use std::sync::Arc;

use goplswatch_core::{Line, Seq};

use goplswatch_core::message::{Count, Message};
use goplswatch_view::{Catalogue, Form};

use crate::api::HistoryPage;
use crate::bus::{EventId, NumberedEvent, Numbering};
use crate::history::{Archive, Flaw, ReplaySummary, Since};

/// The longest page, events.
pub(crate) const MAX_PAGE_EVENTS: usize = 10_000;

/// Which part of the history. Times are of the wall clock, milliseconds since 1970.
pub(crate) struct PageQuery {
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
    /// After this number: the end of the previous page.
    pub(crate) after: Option<Seq>,
    /// At most this many events; those of one input stay together.
    pub(crate) limit: usize,
}

/// The events of a part of the history. The wall clock may have gone back within it, so an event
/// that is too late or too early does not end it.
pub(crate) fn read(
    archive: &Archive,
    words: &Catalogue,
    query: PageQuery,
    is_client_waiting: &dyn Fn() -> bool,
) -> Result<HistoryPage, Message> {
    let mut page = HistoryPage::default();
    let mut last = Seq(0);
    let begin = query.after.map(|after| Since::Seq(Seq(after.0.saturating_add(1))));
    let summary = archive
        .replay(begin.or(query.since.map(Since::WallMs)), |at, events| {
            let late = query.until.is_some_and(|until| at.wall_ms > until);
            let early = query.since.is_some_and(|since| at.wall_ms < since);
            let Some(first) = events.first().filter(|_| !late && !early) else { return is_client_waiting() };
            if page.lines.len() + events.len() > query.limit && !page.lines.is_empty() {
                page.more_after = Some(last);
                return false;
            }
            last = first.seq;
            for mut event in events {
                words.render_event(&mut event);
                page.lines.push(Line::new(page.lines.len() as u64 + 1, event));
            }
            is_client_waiting()
        })
        .map_err(|error| error.message())?;
    page.notes = notes(summary).iter().map(|note| words.text(note, Form::Full)).collect();
    Ok(page)
}

fn notes(summary: ReplaySummary) -> Vec<Message> {
    summary.flaws.into_iter().map(Flaw::message).collect()
}

/// The events that a subscriber missed and that the bus no longer keeps.
pub(crate) struct Older {
    pub(crate) events: Vec<NumberedEvent>,
    /// Why some of them are missing, if so.
    pub(crate) left_out: Vec<Message>,
}

/// The events after one event and before another: the last [`MAX_PAGE_EVENTS`] of them.
pub(crate) fn older_events(
    archive: &Archive,
    after: EventId,
    before: Option<EventId>,
    is_client_waiting: &dyn Fn() -> bool,
) -> Result<Older, Message> {
    let mut numbering = Numbering::default();
    let mut kept = std::collections::VecDeque::new();
    let mut surplus = 0;
    let summary = archive
        .replay(Some(Since::Seq(after.seq)), |_, events| {
            for event in events {
                let id = numbering.next(event.seq);
                if id <= after || before.is_some_and(|before| id >= before) {
                    continue;
                }
                kept.push_back(NumberedEvent { id, event: Arc::new(event) });
                if kept.len() > MAX_PAGE_EVENTS {
                    kept.pop_front();
                    surplus += 1;
                }
            }
            is_client_waiting()
        })
        .map_err(|error| error.message())?;
    let surplus = (surplus > 0).then(|| Message::HistoryOlderLeftOut { n: Count::new(surplus) });
    Ok(Older { events: kept.into(), left_out: surplus.into_iter().chain(notes(summary)).collect() })
}

#[cfg(test)]
mod tests {
    use goplswatch_core::time::Uptime;
    use goplswatch_core::{Input, Moment, Observation, State, UserCommand, step};

    use super::*;
    use crate::history::{History, Limits, Origin};

    /// Everything that one scan observes has the same millisecond, and the wall clock may go back.
    #[test]
    fn pages_that_follow_one_another_hold_everything_once() {
        let folder = tempfile::tempdir().unwrap();
        let origin = Origin { version: "0".into(), os: "linux".into(), boot: "b".into() };
        let (mut history, _) = History::open(folder.path(), origin, Limits::default(), Moment::default());
        let mut state = State::default();
        for seq in 1..=9 {
            let wall_ms = if seq < 7 { 1_000 } else { 900 };
            let observation = Observation::UserCommand(UserCommand::Mute { workspace: format!("/w/{seq}") });
            let input = Input { seq: Seq(seq), at: Moment { wall_ms, uptime: Uptime::from_nanos(seq) }, observation };
            assert!(history.append(&input, &state));
            step(&mut state, input);
        }
        let archive = Archive::open(folder.path());
        let ask = |after, limit, until| {
            let wanted = PageQuery { since: None, until, after, limit };
            read(&archive, Catalogue::english(), wanted, &|| true).unwrap()
        };
        for limit in [1, 2, 4, 100] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = ask(after, limit, None);
                assert!(page.lines.len() <= limit);
                seen.extend(page.lines.iter().map(|line| line.seq.0));
                after = page.more_after;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, (1..=9).collect::<Vec<_>>(), "limit {limit}");
        }
        let late: Vec<u64> = ask(None, 100, Some(950)).lines.iter().map(|line| line.seq.0).collect();
        assert_eq!(late, [7, 8, 9], "what came after the clock went back");
    }
}
