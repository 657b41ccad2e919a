//! `goplswatch why`: the numbered readings behind an incident, from a recording.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use goplswatch_core::event::{EventName, IncidentView, Subject};
use goplswatch_core::recording::{Reader, RecordingError};
use goplswatch_core::{Fact, ProcessKey, Seq, say};
use goplswatch_probe::replay::replay;
use schemars::JsonSchema;
use serde::Serialize;

use crate::Found;
use crate::args::WhyArgs;
use crate::describe;
use crate::failure::{Failure, note};
use crate::paths;
use crate::printer::calm;
use crate::recorder::{automatic_recordings, is_full};
use crate::replay::{content, finish, load};

/// `why --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Why {
    /// The incident as it stood last.
    incident: IncidentView,
    /// When it opened, RFC 3339.
    opened: String,
    /// When it closed; null while it is open.
    closed: Option<String>,
    /// What proves it.
    readings: Vec<Reading>,
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
    let files = match &args.from {
        Some(file) => vec![file.clone()],
        None => paths::recordings().map(|folder| automatic_recordings(&folder)).unwrap_or_default(),
    };
    if files.is_empty() {
        return Err(Failure::new("there is no recording to look into")
            .hint("run `goplswatch watch`, or name a recording with --from FILE"));
    }
    let (mut known, mut unread) = (Vec::new(), Vec::new());
    for file in &files {
        match search(file, &args.incident) {
            Ok(Search::Found(why)) => return show(&why, args.json).map(|()| Found::Nothing),
            Ok(Search::Others(ids)) => known.extend(ids),
            // Of several automatic recordings an unreadable one must not hide the others.
            Err(failure) if args.from.is_some() => return Err(failure),
            Err(failure) => unread.push(failure.what().to_owned()),
        }
    }
    let mut failure = Failure::new(format!("no incident {} in {}", args.incident, names(&files)));
    if known.is_empty() && unread.is_empty() {
        failure = failure.hint("there was no incident at all");
    } else if !known.is_empty() {
        failure = failure.hint(format!("there are: {}", known.join(", ")));
    }
    for why in unread {
        failure = failure.hint(why);
    }
    if files.iter().any(|file| is_full(file)) {
        failure = failure.hint("a recording that `watch` made by itself ends at 16 MiB; --record FILE has no limit");
    }
    Err(failure)
}

fn names(files: &[PathBuf]) -> String {
    match files {
        [one] => one.display().to_string(),
        many => format!("the last {} recordings", many.len()),
    }
}

enum Search {
    Found(Box<Why>),
    Others(Vec<String>),
}

fn search(file: &Path, id: &str) -> Result<Search, Failure> {
    let bytes = load(file)?;
    let mut others: Vec<String> = Vec::new();
    let mut found: Option<Why> = None;
    let replayed = replay(&bytes, |at, events| {
        for event in events {
            let Subject::Incident(view) = event.subject else { continue };
            if view.id != id {
                if event.name == EventName::IncidentOpened {
                    others.push(view.id);
                }
                continue;
            }
            let at = at.rfc3339();
            let why = found.get_or_insert_with(|| Why {
                incident: (*view).clone(),
                opened: at.clone(),
                closed: None,
                readings: Vec::new(),
            });
            why.closed = (event.name == EventName::IncidentClosed).then_some(at);
            why.incident = *view;
        }
        true
    })
    .map_err(|error| content(file, &error))?;
    // Damage behind what was asked for does not matter to the answer; before it, it may be the answer.
    let told = finish(file, &replayed);
    let Some(mut why) = found else { return told.map(|()| Search::Others(others)) };
    if let Err(failure) = told {
        note(&format!("hint: {}", failure.what()));
    }
    why.readings = readings(&bytes, &why.incident.evidence).map_err(|error| content(file, &error))?;
    Ok(Search::Found(Box::new(why)))
}

/// The inputs with these numbers, in words.
fn readings(bytes: &[u8], wanted: &[Seq]) -> Result<Vec<Reading>, RecordingError> {
    let mut names: HashMap<ProcessKey, String> = HashMap::new();
    let mut found = Vec::new();
    // Damage in the middle was told by the search that came before.
    for input in Reader::new(bytes)?.map_while(Result::ok) {
        match &input.fact {
            Fact::ServerSeen(s) => {
                let place = s.workspace.known().map_or_else(String::new, |w| format!(" of {}", say::folder(w)));
                names.insert(s.server, format!("gopls{place} (pid {})", s.server.pid));
            }
            Fact::ClientSeen(c) => {
                names.insert(c.client, format!("{} (pid {})", c.name, c.client.pid));
            }
            _ => {}
        }
        if wanted.contains(&input.seq) {
            let name = |key: ProcessKey| names.get(&key).cloned().unwrap_or_else(|| format!("pid {}", key.pid));
            found.push(Reading { seq: input.seq, at: input.at.rfc3339(), text: describe::fact(&input.fact, &name) });
        }
    }
    Ok(found)
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
    text.push_str(&format!("opened  {}\n", why.opened));
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
    text.push_str("\nWhat helps\n");
    for remedy in &view.remedies {
        text.push_str(&format!("  {}\n", remedy.text));
    }
    text.push_str(&format!("\nMore: goplswatch explain {}\n", view.code.word()));
    calm(&text)
}
