//! What was seen, as text for a bug report.
//!
//! Everything in it comes from a snapshot, which holds no argument, no variable and no contents of any file. Paths are
//! named, the home folder in them as `~`.

use std::fmt::Write as _;
use std::path::Path;

use goplswatch_core::event::{IncidentView, Weight};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::remedy::RemedyView;
use goplswatch_core::words::CapabilityState;
use goplswatch_core::{Amount, Gauge, Reading, ServerStatus, Snapshot, Trend, say};

/// What is known of an incident and of the servers that it is about; without an incident, of all servers.
#[must_use]
pub fn evidence(snapshot: &Snapshot, incident: Option<&str>, home: Option<&Path>) -> String {
    let incident = incident.and_then(|id| snapshot.incidents.iter().find(|incident| incident.id == id));
    let mut text = String::new();
    if let Some(incident) = incident {
        about(&mut text, incident);
        if let Some(trend) = incident.lineage.as_ref().and_then(|lineage| snapshot.trends.get(lineage)) {
            half_hour(&mut text, trend);
        }
    }
    let mut servers = snapshot.servers.iter().filter(|s| incident.is_none_or(|i| is_about(i, s))).peekable();
    if servers.peek().is_none() {
        text.push_str("\nNo gopls of it runs now.\n");
    }
    for status in servers {
        server(&mut text, status);
    }
    if !snapshot.machine.gauges.is_empty() {
        text.push_str("\nWhat is measured of this machine\n");
    }
    for (gauge, value) in &snapshot.machine.gauges {
        measured(&mut text, *gauge, value);
    }
    text.push_str("\nWhat this machine lets goplswatch see\n");
    for capability in &snapshot.capabilities {
        let state = match capability.state {
            CapabilityState::Ok => "ok",
            CapabilityState::Unsupported => "unsupported",
            CapabilityState::Denied => "denied",
        };
        let _ = writeln!(text, "  {}: {state} ({})", capability.name, capability.said);
    }
    let _ = writeln!(text, "\ngoplswatch {}", env!("CARGO_PKG_VERSION"));
    without_home(&text, home)
}

/// Whether an incident is about a server: other projects are nobody's business who reads a report of this one.
fn is_about(incident: &IncidentView, status: &ServerStatus) -> bool {
    let view = &status.server;
    let acted_on =
        |r: &RemedyView| r.process.is_some_and(|process| (process.pid, process.start) == (view.pid, view.start));
    incident.lineage.as_ref() == Some(&view.lineage) || incident.remedies.iter().any(acted_on)
}

fn about(text: &mut String, incident: &IncidentView) {
    let _ = writeln!(text, "{}\n{}", incident.title, incident.said);
    let _ = writeln!(text, "  kind: {} ({})", incident.code.word(), incident.id);
    if let Some(lineage) = &incident.lineage {
        let _ = writeln!(text, "  about: {lineage}");
    }
    if let Some(lives) = &incident.lives_left {
        let _ = writeln!(text, "  ends until its editor gives up: {}", lives_left(lives));
    }
    for cause in &incident.causes {
        let readings: Vec<String> = cause.evidence.iter().map(ToString::to_string).collect();
        let shown = if readings.is_empty() { String::new() } else { format!(" (readings {})", readings.join(", ")) };
        let _ = writeln!(text, "  {}: {}{shown}", said(cause.weight), cause.said);
    }
    let readings: Vec<String> = incident.evidence.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "  readings: {} (goplswatch why {} shows them)", readings.join(", "), incident.id);
}

fn half_hour(text: &mut String, trend: &Trend) {
    let ends: u32 = trend.ends.iter().sum();
    let most = trend.memory.iter().flatten().max().map_or_else(|| "not known".into(), |bytes| say::bytes(*bytes));
    let _ = writeln!(text, "  last half hour: ended {}, most memory {most}", say::times(ends as usize));
}

fn server(text: &mut String, status: &ServerStatus) {
    let view = &status.server;
    let or_why = |reading: &Reading<String>| match reading {
        Reading::Known(value) => value.clone(),
        Reading::Unknown { unknown } => format!("unknown: {unknown}"),
    };
    let client = match &view.client {
        Reading::Known(client) => format!("{} (pid {})", client.name, client.pid),
        Reading::Unknown { unknown } => format!("unknown: {unknown}"),
    };
    let translated = if view.translated == Reading::Known(true) { ", translated" } else { "" };
    let memory = status.memory_bytes.map_or_else(|| "not known".into(), say::bytes);
    let _ = writeln!(text, "\ngopls, pid {} ({})", view.pid, view.class.word());
    let _ = writeln!(text, "  program: {}", or_why(&view.exe));
    let _ = writeln!(text, "  runs as: {}{translated}", or_why(&view.arch));
    let _ = writeln!(text, "  folder: {}", or_why(&view.workspace));
    let _ = writeln!(text, "  used by: {client}");
    let _ = writeln!(text, "  memory: {memory}");
    for (gauge, value) in status.gauges.iter().filter(|(gauge, _)| **gauge != Gauge::Memory) {
        measured(text, *gauge, value);
    }
    let since = status.since.as_deref().unwrap_or("not known");
    let _ = writeln!(text, "  runs since: {since}, generation {}, state {}", view.generation, status.state);
    let _ = writeln!(text, "  ends until its editor gives up: {}", lives_left(&status.lives_left));
    for past in &status.past {
        let lived = past
            .lived_ms
            .map_or_else(|| "for a time that is not known".into(), |ms| format!("for {}", say::duration(ms)));
        let _ =
            writeln!(text, "  generation {} lived {lived} and ended at {}: {}", past.generation, past.ended, past.said);
    }
}

fn measured(text: &mut String, gauge: Gauge, value: &Reading<Amount>) {
    let _ = match value {
        Reading::Known(value) => writeln!(text, "  {}: {}", gauge.said(), gauge.say(*value)),
        Reading::Unknown { unknown } => writeln!(text, "  {}: not known, {unknown}", gauge.said()),
    };
}

fn lives_left(lives: &LivesLeft) -> String {
    match lives {
        LivesLeft::Known(n) => n.to_string(),
        LivesLeft::AtMost(n) => format!("at most {n}"),
        LivesLeft::Unknown(why) => format!("unknown ({why})"),
    }
}

/// The home folder as `~`, where its path stands as a whole.
fn without_home(text: &str, home: Option<&Path>) -> String {
    let Some(home) = home.and_then(Path::to_str).map(|home| home.trim_end_matches('/')).filter(|home| home.len() > 1)
    else {
        return text.to_owned();
    };
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(home) {
        let (before, after) = (&rest[..at], &rest[at + home.len()..]);
        short.push_str(before);
        let whole = after.chars().next().is_none_or(|c| !c.is_alphanumeric() && !"-_.".contains(c));
        short.push_str(if whole { "~" } else { home });
        rest = after;
    }
    short + rest
}

const fn said(weight: Weight) -> &'static str {
    match weight {
        Weight::Certain => "cause",
        Weight::MostLikely => "most likely",
        Weight::Possible => "possibly",
        Weight::SameTime => "at the same time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_named_and_what_is_not_has_its_reason() {
        let mut snapshot = Snapshot::default();
        assert!(!evidence(&snapshot, None, None).contains("measured"));
        snapshot.machine.gauges.insert(Gauge::FileTable, Reading::Known(Amount::Exactly(61_500)));
        snapshot.machine.gauges.insert(Gauge::IndexerCpu, Reading::unknown("ps did not answer"));
        let text = evidence(&snapshot, None, None);
        let named =
            "What is measured of this machine\n  open files: 61 k\n  CPU of Spotlight: not known, ps did not answer\n";
        assert!(text.contains(named), "{text}");
    }

    #[test]
    fn the_home_folder_is_shortened_where_it_is_one() {
        let short = |text: &str| without_home(text, Some(Path::new("/home/u/")));
        assert_eq!(short("in /home/u/api, /home/u and /home/user/x"), "in ~/api, ~ and /home/user/x");
        assert_eq!(without_home("/x /y", Some(Path::new("/"))), "/x /y");
        assert_eq!(without_home("/x", None), "/x");
    }
}
