//! `goplswatch why`: the numbered inputs behind an incident, from a recording or the history.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use goplswatch_agent::history::{Archive, Part, Since};
use goplswatch_core::event::{EventName, IncidentView, Subject};
use goplswatch_core::json;
use goplswatch_core::message::{Count, Text};
use goplswatch_core::recording::Reader;
use goplswatch_core::replay::replay;
use goplswatch_core::{Event, Input, Moment, Seq, State};
use goplswatch_view::{Catalogue, Form, Phrase};
use serde::Serialize;

use crate::command_outcome::CommandOutcome;
use crate::describe::InputDescriber;
use crate::failure::{Failure, hint, phrase, verbatim};
use crate::history::{hint_replay_summary, unreadable};
use crate::language::{catalogue, catalogue_for};
use crate::paths;
use crate::printer::closed_because;
use crate::printer::sanitized;
use crate::recorder::{automatic_recordings, is_full};
use crate::replay::{content, finish, load};

#[derive(Debug, ClapArgs)]
pub(crate) struct WhyArgs {
    /// An incident's id, such as restart-loop-37
    pub(crate) incident: String,
    /// The recording to read [default: the agent's history and the newest ones of `watch`]
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `why --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Why {
    /// The incident in its last known state.
    incident: IncidentView,
    /// When it opened, RFC 3339; null if that is older than what is kept.
    opened: Option<String>,
    /// When it closed; null while it is open.
    closed: Option<String>,
    /// The inputs that are its evidence.
    readings: Vec<Reading>,
    /// Numbers of evidence inputs that are no longer kept.
    gone: Vec<Seq>,
}

/// One input that is evidence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reading {
    /// The input's number.
    seq: Seq,
    /// RFC 3339.
    at: String,
    /// The input in words.
    text: String,
}

pub(crate) fn run(args: &WhyArgs) -> Result<CommandOutcome, Failure> {
    let sources = match &args.from {
        Some(file) => vec![Source::File(file.clone())],
        None => sources(),
    };
    if sources.is_empty() {
        return Err(Failure::new(Phrase::NoRecording).hint(Phrase::NoRecordingHint));
    }
    let words = catalogue_for(args.json);
    let (mut known, mut unread) = (Vec::new(), Vec::new());
    for source in &sources {
        let searched = match source {
            Source::File(file) => search(file, &args.incident, words),
            Source::History(archive) => search_history(archive, &args.incident, words),
        };
        match searched {
            Ok(Search::Found(why)) => return show(&why, args.json).map(|()| CommandOutcome::Nothing),
            Ok(Search::Others(ids)) => known.extend(ids),
            // One unreadable recording must not hide the others.
            Err(failure) if args.from.is_some() => return Err(failure),
            Err(failure) => unread.push(failure.what().to_owned()),
        }
    }
    let mut failure =
        Failure::new(Phrase::NoIncidentIn { incident: verbatim(&args.incident), place: Text(names(&sources)) });
    if known.is_empty() && unread.is_empty() {
        failure = failure.hint(Phrase::NoIncidentAtAll);
    } else if !known.is_empty() {
        failure = failure.hint(Phrase::IncidentsAre { known: verbatim(known.join(", ")) });
    }
    for why in unread {
        failure = failure.hint(why);
    }
    if sources.iter().any(|source| matches!(source, Source::File(file) if is_full(file))) {
        failure = failure.hint(Phrase::RecordingWasFull);
    }
    Err(failure)
}

/// What the history knows of an incident, as text.
pub(crate) fn page(incident: &str) -> Result<String, Failure> {
    let nowhere = || Failure::new(Phrase::HistoryHasNothing);
    let folder = paths::history().ok_or_else(nowhere)?;
    match search_history(&Archive::open(&folder), incident, catalogue())? {
        Search::Found(why) => Ok(human(&why)),
        Search::Others(_) => Err(nowhere()),
    }
}

/// Where an incident is searched for.
enum Source {
    File(PathBuf),
    History(Archive),
}

/// The recordings of `watch` and the history, most recently written first: incident ids start anew
/// in each.
fn sources() -> Vec<Source> {
    let mut dated: Vec<(i64, Source)> = Vec::new();
    for file in paths::recordings().map(|folder| automatic_recordings(&folder)).unwrap_or_default() {
        let written = std::fs::metadata(&file).and_then(|about| about.modified()).ok();
        let since = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let ms = since.and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0);
        dated.push((ms, Source::File(file)));
    }
    if let Some(archive) = paths::history().map(|folder| Archive::open(&folder))
        && let Some(newest) = archive.extent().newest_wall_ms
    {
        dated.push((newest, Source::History(archive)));
    }
    dated.sort_by_key(|(ms, _)| std::cmp::Reverse(*ms));
    dated.into_iter().map(|(_, source)| source).collect()
}

fn names(sources: &[Source]) -> String {
    let files = sources.iter().filter(|s| matches!(s, Source::File(_))).count();
    let recordings = match sources.iter().find_map(|s| if let Source::File(file) = s { Some(file) } else { None }) {
        Some(one) if files == 1 => one.display().to_string(),
        Some(_) => phrase(Phrase::LastRecordings { n: Count::new(files as u64) }),
        None => return phrase(Phrase::TheHistory),
    };
    if files == sources.len() {
        return recordings;
    }
    phrase(Phrase::HistoryAndRecordings { recordings: Text(recordings) })
}

enum Search {
    Found(Box<Why>),
    Others(Vec<String>),
}

/// What the events of a replay say about one incident.
#[derive(Default)]
struct IncidentRecord {
    incident: Option<IncidentView>,
    opened: Option<String>,
    closed: Option<String>,
    others: Vec<String>,
    /// The time of its last event.
    last: Option<Moment>,
}

impl IncidentRecord {
    fn take(&mut self, id: &str, event: Event) {
        let Subject::Incident(view) = event.subject else { return };
        if view.id != id {
            if event.name == EventName::IncidentOpened {
                self.others.push(view.id);
            }
            return;
        }
        let at = event.at.rfc3339();
        match event.name {
            EventName::IncidentOpened => self.opened = Some(at),
            EventName::IncidentClosed => self.closed = Some(at),
            _ => {}
        }
        // The event that closes an incident has no causes: keep the earlier ones.
        let causes = self.incident.take().map(|before| before.causes).filter(|_| view.causes.is_empty());
        let causes = causes.unwrap_or_else(|| view.causes.clone());
        self.incident = Some(IncidentView { causes, ..*view });
        self.last = Some(event.at);
    }

    /// Completes the incident from the state at the end of the replay, if it is still open then.
    /// One that opened before the replayed part and had no event in it is taken from the state as a
    /// whole. The causes of any come from a snapshot, which looks them up.
    fn complete_from_state(&mut self, id: &str, state: &State) {
        let Some(open) = state.incident(id) else { return };
        let incident = self.incident.get_or_insert_with(|| open.clone());
        let now = state.snapshot(self.last.unwrap_or_default()).incidents.into_iter().find(|view| view.id == id);
        if let Some(known) = now.filter(|known| !known.causes.is_empty()) {
            incident.causes = known.causes;
        }
    }

    fn found(self, words: &'static Catalogue, readings: impl FnOnce(&mut Readings)) -> Option<Why> {
        let mut incident = self.incident?;
        words.render_incident(&mut incident);
        let causes = incident.causes.iter().flat_map(|cause| &cause.evidence);
        let wanted: BTreeSet<Seq> = incident.evidence.iter().chain(causes).copied().collect();
        let wanted = wanted.into_iter().collect();
        let mut found = Readings { wanted, before: InputDescriber::new(words), found: Vec::new() };
        readings(&mut found);
        let gone = found.wanted.iter().copied().filter(|seq| found.found.iter().all(|r| r.seq != *seq)).collect();
        Some(Why { incident, opened: self.opened, closed: self.closed, readings: found.found, gone })
    }
}

fn search(file: &Path, id: &str, words: &'static Catalogue) -> Result<Search, Failure> {
    let bytes = load(file)?;
    let mut trail = IncidentRecord::default();
    let replayed = replay(&bytes, |_, events| {
        events.into_iter().for_each(|event| trail.take(id, event));
        true
    })
    .map_err(|error| content(file, &error))?;
    // Damage after the incident does not affect the answer; damage before it may explain why it is
    // missing.
    let finished = finish(file, &replayed);
    trail.complete_from_state(id, &replayed.state);
    if trail.incident.is_none() {
        return finished.map(|()| Search::Others(trail.others));
    }
    if let Err(failure) = finished {
        hint(failure.what());
    }
    let found = trail.found(words, |readings| {
        let mut reader = Reader::new(&bytes).ok();
        while let Some(mut part) = reader {
            if let Ok(Some(state)) = part.checkpoint() {
                readings.before.load_checkpoint(&state);
            }
            part.by_ref().map_while(Result::ok).for_each(|input| readings.take(&input));
            reader = part.next_recording().and_then(Result::ok);
        }
    });
    Ok(found.map_or(Search::Others(Vec::new()), |why| Search::Found(Box::new(why))))
}

/// The same for the history, of which only the part during which the incident was open is replayed.
fn search_history(archive: &Archive, id: &str, words: &'static Catalogue) -> Result<Search, Failure> {
    // An id consists of the code and the number of the input that opened it.
    let opening = id.split('-').find_map(|piece| piece.parse().ok()).map_or(Seq(0), Seq);
    let mut trail = IncidentRecord::default();
    let summary = archive
        .replay(Some(Since::Seq(opening)), |_, events| {
            events.into_iter().for_each(|event| trail.take(id, event));
            trail.closed.is_none()
        })
        .map_err(|error| unreadable(&error))?;
    trail.complete_from_state(id, &summary.state);
    if trail.incident.is_none() {
        let mut all = IncidentRecord::default();
        let summary = archive
            .replay(None, |_, events| {
                events.into_iter().for_each(|event| all.take("", event));
                true
            })
            .map_err(|error| unreadable(&error))?;
        hint_replay_summary(&summary);
        return Ok(Search::Others(all.others));
    }
    hint_replay_summary(&summary);
    let found = trail.found(words, |readings| {
        let (Some(first), Some(last)) = (readings.wanted.iter().min().copied(), readings.wanted.iter().max().copied())
        else {
            return;
        };
        // Inputs that cannot be read are reported as gone.
        let _ = archive.read(first, |part| match part {
            Part::Begins(state) => {
                readings.before.load_checkpoint(state);
                true
            }
            Part::Input(input) => {
                readings.take(&input);
                input.seq < last
            }
        });
    });
    Ok(found.map_or(Search::Others(Vec::new()), |why| Search::Found(Box::new(why))))
}

/// Collects inputs by their numbers, and describes them.
struct Readings {
    wanted: Vec<Seq>,
    before: InputDescriber,
    found: Vec<Reading>,
}

impl Readings {
    fn take(&mut self, input: &Input) {
        self.before.learn_names(&input.observation);
        if self.wanted.contains(&input.seq) {
            self.found.push(Reading { seq: input.seq, at: input.at.rfc3339(), text: self.before.text(input) });
        }
        self.before.learn_value(input);
    }
}

fn show(why: &Why, json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let text = if json { json::to_string(why).map_err(|e| Failure::json(&e))? + "\n" } else { human(why) };
    out.write_all(text.as_bytes()).map_err(|e| Failure::output(&e))
}

fn human(why: &Why) -> String {
    let (view, words) = (&why.incident, catalogue());
    let text_alone = words.text_alone(view, Form::Full).join(" ");
    let mut text = format!("{}\n{text_alone}\n\n", words.title(&view.titled()));
    let opened = why.opened.clone().unwrap_or_else(|| phrase(Phrase::BeforeKept));
    text.push_str(&format!("{}\n", phrase(Phrase::WhyOpened { at: Text(opened) })));
    if let Some(closed) = &why.closed {
        let because = Text(closed_because(view));
        text.push_str(&format!("{}\n", phrase(Phrase::WhyClosed { at: verbatim(closed), because })));
    }
    let line = |r: &Reading| format!("{:>6}  {}  {}\n", format!("#{}", r.seq), r.at, r.text);
    for of in &view.causes {
        text.push_str(&format!("\n{}\n", words.cause_of(of, Form::Full)));
        let shown = why.readings.iter().filter(|reading| of.evidence.contains(&reading.seq));
        text.extend(shown.map(line));
    }
    text.push_str(&format!("\n{}\n", phrase(Phrase::WhyReadings)));
    let own = why.readings.iter().filter(|reading| view.evidence.contains(&reading.seq));
    text.extend(own.map(line));
    if !why.gone.is_empty() {
        let gone: Vec<String> = why.gone.iter().map(|seq| format!("#{seq}")).collect();
        text.push_str(&format!("{:8}{}\n", "", phrase(Phrase::WhyGone { gone: verbatim(gone.join(", ")) })));
    }
    text.push_str(&format!("\n{}\n", phrase(Phrase::WhyHelps)));
    for remedy in &view.remedies {
        text.push_str(&format!("  {}\n", words.text(&remedy.said.message, Form::Full)));
    }
    text.push_str(&format!("\n{}\n", phrase(Phrase::WhyMore { code: verbatim(view.code.word()) })));
    sanitized(&text)
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Code;
    use goplswatch_core::codes::{Severity, Weight};
    use goplswatch_core::event::CauseView;

    use super::*;

    #[test]
    fn each_cause_stands_above_the_readings_that_show_it() {
        let cause = |weight, text: &str, seq| CauseView {
            cause: "out-of-memory-kill".into(),
            weight,
            said: goplswatch_core::message::Message::reported(text).into(),
            evidence: vec![Seq(seq)],
        };
        let incident = IncidentView {
            id: "restart-loop-37".into(),
            code: Code::RestartLoop,
            severity: Severity::Problem,
            title: "gopls keeps restarting".into(),
            client: None,
            said: goplswatch_core::message::Message::reported("Twice in api in 2.5 s.").into(),
            lineage: None,
            workspace: None,
            evidence: vec![Seq(36), Seq(37)],
            causes: vec![
                cause(Weight::MostLikely, "ended for want of memory (6.4 GB)", 35),
                cause(Weight::SameTime, "this machine is short of memory", 34),
            ],
            lives_left: None,
            remedies: Vec::new(),
            receipt: None,
            closed_because: None,
        };
        let reading = |seq, text: &str| Reading { seq: Seq(seq), at: "10:10".into(), text: text.into() };
        let mut trail = IncidentRecord { incident: Some(incident.clone()), ..IncidentRecord::default() };
        // The closing event does not repeat the causes.
        let over = IncidentView {
            causes: Vec::new(),
            closed_because: Some(goplswatch_core::message::Message::reported("no end for 10 min").into()),
            ..incident
        };
        let event = Event {
            seq: Seq(99),
            at: Moment::default(),
            name: EventName::IncidentClosed,
            subject: Subject::Incident(Box::new(over)),
        };
        trail.take("restart-loop-37", event);
        let why = trail.found(catalogue(), |readings| {
            assert_eq!(readings.wanted, [34, 35, 36, 37].map(Seq));
            readings.found.push(reading(34, "memory available: 310 MB of 16.0 GB"));
            readings.found.push(reading(35, "memory of gopls: 6.4 GB"));
            readings.found.push(reading(37, "gopls ended: SIGKILL"));
        });
        let why = why.unwrap();
        assert_eq!(why.gone, [Seq(36)]);
        let text = human(&why);
        let (head, rest) = text.split_once("\n\n").unwrap();
        assert_eq!(head, "gopls keeps restarting\nTwice in api in 2.5 s.");
        let (_, rest) = rest.split_once("no end for 10 min\n\n").unwrap();
        let causes = "Most likely: ended for want of memory (6.4 GB)\n   #35  10:10  memory of gopls: 6.4 GB\n
At the same time: this machine is short of memory\n   #34  10:10  memory available: 310 MB of 16.0 GB\n
Readings\n   #37  10:10  gopls ended: SIGKILL\n        gone, with what is older than is kept: #36\n";
        assert!(rest.starts_with(causes), "{rest}");
    }
}
