//! What is known at one moment, as `status` says it: findings with what they probably come from, the machine where it is
//! worth reading, the servers, what cannot be seen. With `-v` everything that is measured, and why the rest is not.

use goplswatch_core::event::{AlertsView, CauseView, IncidentView};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::words::{CapabilityState, ServerClass};
use goplswatch_core::{Amount, Gauge, Reading, Robust, Seq, ServerStatus, Snapshot, Usual, Worth, say};
use goplswatch_view::{Form, causes, machine, notable, translated, used};

use crate::language::words;
use crate::printer::{alerts, helps};

/// So many inputs are named behind a cause; `why` has all.
const NUMBERS: usize = 3;
/// Where the words about a server begin, behind its folder.
const COLUMN: usize = 23;

/// Names of capabilities have this room, and more where one needs it.
const NAMES: usize = 24;

/// A snapshot in words.
pub(crate) fn human(snapshot: &Snapshot, verbose: bool) -> String {
    let mut text = format!("{}\n", head(snapshot));
    for view in &snapshot.incidents {
        let of_its_kind = snapshot.incidents.iter().filter(|other| other.code == view.code).count();
        // Without an agent each look counts its incidents anew.
        let target = if of_its_kind == 1 { view.code.word() } else { &view.id };
        text.push_str(&finding(view, target));
    }
    text.push_str(&about_machine(snapshot, verbose));
    if !snapshot.servers.is_empty() {
        text.push_str("\nServers\n");
    }
    for status in &snapshot.servers {
        text.push_str(&server(&snapshot.worth, status));
        let more = if verbose { details(status) } else { Vec::new() };
        text.extend(more.iter().map(|line| format!("{:COLUMN$}{line}\n", "")));
    }
    text.push_str(&sight(snapshot, verbose));
    text.push_str(&quiet(&snapshot.alerts).unwrap_or_default());
    text
}

fn head(snapshot: &Snapshot) -> String {
    let memory: u64 = snapshot.servers.iter().filter_map(|s| s.memory_bytes).sum();
    let count = match snapshot.servers.len() {
        0 => "no gopls is running".to_owned(),
        1 => format!("1 gopls, {}", say::bytes(memory)),
        n => format!("{n} gopls, {}", say::bytes(memory)),
    };
    let head = match snapshot.incidents.len() {
        _ if !snapshot.can_see_processes() => "Could not look at all processes",
        0 => "All quiet",
        1 => "1 finding",
        _ => "Several findings",
    };
    format!("{head} — {count}")
}

/// `target` is what `fix` is asked for.
fn finding(view: &IncidentView, target: &str) -> String {
    let words = words();
    let mut text = format!("\n{} ({})\n  {}\n", view.title, view.id, words.text_alone(view, Form::Full).join(" "));
    let cause = |of| words.cause_of(of, Form::Full);
    text.extend(causes(view).map(|of| format!("  {}{}\n", cause(of), numbers(of))));
    text.extend(view.remedies.first().map(|first| format!("  {}\n", helps(first, target))));
    text
}

/// " (#31, #35)": the inputs that show a cause.
fn numbers(of: &CauseView) -> String {
    let named: Vec<String> = of.evidence.iter().take(NUMBERS).map(|seq: &Seq| format!("#{seq}")).collect();
    let more = if of.evidence.len() > NUMBERS { ", …" } else { "" };
    if named.is_empty() { String::new() } else { format!(" ({}{more})", named.join(", ")) }
}

fn about_machine(snapshot: &Snapshot, verbose: bool) -> String {
    let mut lines = machine(words(), snapshot);
    if verbose {
        lines.extend(
            snapshot
                .machine
                .gauges
                .iter()
                .map(|(gauge, value)| format!("{:<32} {}", gauge.said(), said(*gauge, value))),
        );
    }
    if lines.is_empty() {
        return String::new();
    }
    format!("\nMachine\n{}", lines.iter().map(|line| format!("  {line}\n")).collect::<String>())
}

/// A value, or why there is none.
fn said(gauge: Gauge, value: &Reading<Amount>) -> String {
    match value {
        Reading::Known(value) => gauge.say(*value),
        Reading::Unknown { unknown } => format!("not known, {unknown}"),
    }
}

fn server(worth: &Worth, status: &ServerStatus) -> String {
    let server = &status.server;
    let place = server.workspace.known().map_or("unknown folder", |w| say::folder(w));
    let client = match &server.client {
        Reading::Known(client) => client.name.as_str(),
        Reading::Unknown { .. } => "no editor",
    };
    let memory = status.memory_bytes.map_or_else(|| "memory unknown".into(), say::bytes);
    let load: String = notable(words(), worth, status).iter().map(|said| format!(" · {said}")).collect();
    let arch = server.arch.known().map_or("unknown", String::as_str);
    let translated = if server.translated == Reading::Known(true) { ", translated" } else { "" };
    let class = if server.class == ServerClass::Lsp { String::new() } else { format!(" · {}", server.class.word()) };
    format!("  {place:<20} {client:<20} {memory}{load} · {arch}{translated} · pid {}{class}\n", server.pid)
}

/// Everything else that is known of a server, and what could not be read.
fn details(status: &ServerStatus) -> Vec<String> {
    let lives = match &status.lives_left {
        LivesLeft::Known(n) => n.to_string(),
        LivesLeft::AtMost(n) => format!("at most {n}"),
        LivesLeft::Unknown(why) => format!("unknown ({why})"),
    };
    let mut lines = vec![format!("state {}, exits until its editor gives up: {lives}", status.state)];
    lines.extend(used(words(), status));
    lines.extend(usual(&status.usual));
    lines.extend(translated(words(), status));
    let unknown = status.gauges.iter().filter(|(_, value)| value.known().is_none());
    lines.extend(unknown.map(|(gauge, value)| format!("{}: {}", gauge.said(), said(*gauge, value))));
    lines
}

/// "usual here: first load 12.0 s ± 2.0 s (9 seen), most memory 900 MB ± 40 MB (9 seen)". Half of all values lie within
/// what stands behind the sign.
fn usual(usual: &Usual) -> Option<String> {
    let of = |what: &str, values: Option<Robust>, say: fn(u64) -> String| {
        values.map(|v| format!("{what} {} ± {} ({} seen)", say(v.median), say(v.mad), v.of))
    };
    let said = [
        of("first load", usual.load_ms, say::duration),
        of("most memory", usual.memory_bytes, say::bytes),
        of("unexplained ends a day", usual.restarts_per_day, say::number),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| format!("usual here: {}", said.join(", ")))
}

fn sight(snapshot: &Snapshot, verbose: bool) -> String {
    let mut text = String::new();
    let blind: Vec<_> = snapshot.capabilities.iter().filter(|c| verbose || c.state != CapabilityState::Ok).collect();
    if !blind.is_empty() {
        text.push_str("\nWhat this machine lets us see\n");
    }
    let width = blind.iter().map(|capability| capability.name.len()).max().unwrap_or(0).max(NAMES);
    for capability in blind {
        let state = match capability.state {
            CapabilityState::Ok => "ok",
            CapabilityState::Unsupported => "unsupported",
            CapabilityState::Denied => "denied",
        };
        text.push_str(&format!("  {:<width$} {state:<12} {}\n", capability.name, capability.said));
    }
    text
}

fn quiet(view: &AlertsView) -> Option<String> {
    (*view != AlertsView::default()).then(|| format!("\nAlerts: {}\n", alerts(view)))
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
