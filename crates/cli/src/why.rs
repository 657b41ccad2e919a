//! `goplswatch why`: the numbered readings behind an incident, from a recording or the history.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use goplswatch_agent::history::{Archive, Part, Since};
use goplswatch_core::event::{EventName, IncidentView, Subject};
use goplswatch_core::recording::Reader;
use goplswatch_core::{Event, Fact, Input, Moment, Pid, ProcessKey, Seq, State, say};
use goplswatch_probe::replay::replay;
use schemars::JsonSchema;
use serde::Serialize;

use crate::Found;
use crate::args::WhyArgs;
use crate::describe;
use crate::failure::{Failure, note};
use crate::history::{tell, unreadable};
use crate::paths;
use crate::printer::calm;
use crate::recorder::{automatic_recordings, is_full};
use crate::replay::{content, finish, load};

/// `why --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Why {
    /// The incident as it stood last.
    incident: IncidentView,
    /// When it opened, RFC 3339; null if that is older than what is kept.
    opened: Option<String>,
    /// When it closed; null while it is open.
    closed: Option<String>,
    /// What proves it.
    readings: Vec<Reading>,
    /// The numbers of readings that prove it and are not kept any more.
    gone: Vec<Seq>,
}

/// One input that proves it.
#[derive(Debug, Serialize, JsonSchema)]
struct Reading {
    /// The input's number.
    seq: Seq,
    /// RFC 3339.
    at: String,
    /// In words.
    text: String,
}

pub(crate) fn run(args: &WhyArgs) -> Result<Found, Failure> {
    let sources = match &args.from {
        Some(file) => vec![Source::File(file.clone())],
        None => sources(),
    };
    if sources.is_empty() {
        return Err(Failure::new("there is no recording to look into")
            .hint("run `goplswatch watch`, or name a recording with --from FILE"));
    }
    let (mut known, mut unread) = (Vec::new(), Vec::new());
    for source in &sources {
        let searched = match source {
            Source::File(file) => search(file, &args.incident),
            Source::History(archive) => search_history(archive, &args.incident),
        };
        match searched {
            Ok(Search::Found(why)) => return show(&why, args.json).map(|()| Found::Nothing),
            Ok(Search::Others(ids)) => known.extend(ids),
            // Of several recordings an unreadable one must not hide the others.
            Err(failure) if args.from.is_some() => return Err(failure),
            Err(failure) => unread.push(failure.what().to_owned()),
        }
    }
    let mut failure = Failure::new(format!("no incident {} in {}", args.incident, names(&sources)));
    if known.is_empty() && unread.is_empty() {
        failure = failure.hint("there was no incident at all");
    } else if !known.is_empty() {
        failure = failure.hint(format!("there are: {}", known.join(", ")));
    }
    for why in unread {
        failure = failure.hint(why);
    }
    if sources.iter().any(|source| matches!(source, Source::File(file) if is_full(file))) {
        failure = failure.hint("a recording that `watch` made by itself ends at 16 MiB; --record FILE has no limit");
    }
    Err(failure)
}

/// What the history says of an incident, as text.
pub(crate) fn page(incident: &str) -> Result<String, Failure> {
    let nowhere = || Failure::new("the history has nothing of it");
    let folder = paths::history().ok_or_else(nowhere)?;
    match search_history(&Archive::open(&folder), incident)? {
        Search::Found(why) => Ok(human(&why)),
        Search::Others(_) => Err(nowhere()),
    }
}

/// Where an incident may be found.
enum Source {
    File(PathBuf),
    History(Archive),
}

/// The recordings of `watch` and the history, those first that were written to last: ids are numbered anew in each.
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
        Some(_) => format!("the last {files} recordings"),
        None => return "the history".into(),
    };
    if files < sources.len() { format!("the history and {recordings}") } else { recordings }
}

enum Search {
    Found(Box<Why>),
    Others(Vec<String>),
}

/// What the events of a replay say about one incident.
#[derive(Default)]
struct Trail {
    incident: Option<IncidentView>,
    opened: Option<String>,
    closed: Option<String>,
    others: Vec<String>,
}

impl Trail {
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
        self.incident = Some(*view);
    }

    fn found(self, readings: impl FnOnce(&mut Readings)) -> Option<Why> {
        let incident = self.incident?;
        let mut found = Readings { wanted: incident.evidence.clone(), names: HashMap::new(), found: Vec::new() };
        readings(&mut found);
        let gone = found.wanted.iter().copied().filter(|seq| found.found.iter().all(|r| r.seq != *seq)).collect();
        Some(Why { incident, opened: self.opened, closed: self.closed, readings: found.found, gone })
    }
}

fn search(file: &Path, id: &str) -> Result<Search, Failure> {
    let bytes = load(file)?;
    let mut trail = Trail::default();
    let replayed = replay(&bytes, |_, events| {
        events.into_iter().for_each(|event| trail.take(id, event));
        true
    })
    .map_err(|error| content(file, &error))?;
    // Damage behind what was asked for does not matter to the answer; before it, it may be the answer.
    let told = finish(file, &replayed);
    if trail.incident.is_none() {
        // One that was open before and of which nothing more was said.
        trail.incident = replayed.state.incident(id).cloned();
    }
    if trail.incident.is_none() {
        return told.map(|()| Search::Others(trail.others));
    }
    if let Err(failure) = told {
        note(&format!("hint: {}", failure.what()));
    }
    let found = trail.found(|readings| {
        let mut reader = Reader::new(&bytes).ok();
        while let Some(mut part) = reader {
            if let Ok(Some(state)) = part.checkpoint() {
                readings.begins(&state);
            }
            part.by_ref().map_while(Result::ok).for_each(|input| readings.take(&input));
            reader = part.another().and_then(Result::ok);
        }
    });
    Ok(found.map_or(Search::Others(Vec::new()), |why| Search::Found(Box::new(why))))
}

/// The same in the history, of which only the part is judged in which the incident lived.
fn search_history(archive: &Archive, id: &str) -> Result<Search, Failure> {
    // An id is made of the code and the number of the input that opened it.
    let opening = id.split('-').find_map(|piece| piece.parse().ok()).map_or(Seq(0), Seq);
    let mut trail = Trail::default();
    let told = archive
        .replay(Some(Since::Seq(opening)), |_, events| {
            events.into_iter().for_each(|event| trail.take(id, event));
            trail.closed.is_none()
        })
        .map_err(|error| unreadable(&error))?;
    if trail.incident.is_none() {
        trail.incident = told.state.incident(id).cloned();
    }
    if trail.incident.is_none() {
        let mut all = Trail::default();
        let told = archive
            .replay(None, |_, events| {
                events.into_iter().for_each(|event| all.take("", event));
                true
            })
            .map_err(|error| unreadable(&error))?;
        tell(&told);
        return Ok(Search::Others(all.others));
    }
    tell(&told);
    let found = trail.found(|readings| {
        let (Some(first), Some(last)) = (readings.wanted.iter().min().copied(), readings.wanted.iter().max().copied())
        else {
            return;
        };
        // What cannot be read is told as gone.
        let _ = archive.read(first, |part| match part {
            Part::Begins(state) => {
                readings.begins(state);
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

/// Looks for inputs by their numbers, and for the names of the processes in them.
struct Readings {
    wanted: Vec<Seq>,
    names: HashMap<ProcessKey, String>,
    found: Vec<Reading>,
}

impl Readings {
    /// Who lives when a recording begins.
    fn begins(&mut self, state: &State) {
        let clients = state.alive().clients;
        for status in state.snapshot(Moment::default()).servers {
            let (pid, start) = (status.server.pid, status.server.start);
            self.names.insert(ProcessKey { pid, start }, server(status.server.workspace.known(), pid));
            let Some(view) = status.server.client.known() else { continue };
            for client in clients.iter().filter(|client| client.pid == view.pid) {
                self.names.insert(*client, format!("{} (pid {})", view.name, view.pid));
            }
        }
    }

    fn take(&mut self, input: &Input) {
        match &input.fact {
            Fact::ServerSeen(s) => {
                self.names.insert(s.server, server(s.workspace.known(), s.server.pid));
            }
            Fact::ClientSeen(c) => {
                self.names.insert(c.client, format!("{} (pid {})", c.name, c.client.pid));
            }
            _ => {}
        }
        if self.wanted.contains(&input.seq) {
            let name = |key: ProcessKey| self.names.get(&key).cloned().unwrap_or_else(|| format!("pid {}", key.pid));
            let text = describe::fact(&input.fact, &name);
            self.found.push(Reading { seq: input.seq, at: input.at.rfc3339(), text });
        }
    }
}

fn server(workspace: Option<&String>, pid: Pid) -> String {
    let place = workspace.map_or_else(String::new, |w| format!(" of {}", say::folder(w)));
    format!("gopls{place} (pid {pid})")
}

fn show(why: &Why, json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let text = if json {
        serde_json::to_string(why).map_err(|e| Failure::new(format!("could not write JSON: {e}")))? + "\n"
    } else {
        human(why)
    };
    out.write_all(text.as_bytes()).map_err(|e| Failure::output(&e))
}

fn human(why: &Why) -> String {
    let view = &why.incident;
    let mut text = format!("{}\n{}\n\n", view.title, view.text);
    text.push_str(&format!("opened  {}\n", why.opened.as_deref().unwrap_or("before what is kept")));
    if let Some(closed) = &why.closed {
        text.push_str(&format!(
            "closed  {closed}, because {}\n",
            view.closed_because.as_deref().unwrap_or("it no longer holds")
        ));
    }
    text.push_str("\nReadings\n");
    for reading in &why.readings {
        text.push_str(&format!("{:>6}  {}  {}\n", format!("#{}", reading.seq), reading.at, reading.text));
    }
    if !why.gone.is_empty() {
        let gone: Vec<String> = why.gone.iter().map(|seq| format!("#{seq}")).collect();
        text.push_str(&format!("        gone, with what is older than is kept: {}\n", gone.join(", ")));
    }
    text.push_str("\nWhat helps\n");
    for remedy in &view.remedies {
        text.push_str(&format!("  {}\n", remedy.text));
    }
    text.push_str(&format!("\nMore: goplswatch explain {}\n", view.code.word()));
    calm(&text)
}
