//! A snapshot as text for `status`: incidents with their probable causes, the machine where it is
//! noteworthy, the servers, and what cannot be observed. With `-v` everything that is measured, and
//! why the rest is not.

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::event::{CauseView, IncidentView, SuppressionView};
use goplswatch_core::message::{Bytes, Count, Millis, Number, Text};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{Amount, DisplayThresholds, Gauge, Reading, Robust, Seq, ServerStatus, Snapshot, Usual};
use goplswatch_view::{Form, Phrase, causes, machine, notable, translated, used};

use crate::failure::{phrase, verbatim};
use crate::language::catalogue;
use crate::printer::{alerts, client, pid, place, remedy_line};

/// At most this many inputs are cited for a cause; `why` lists all.
const MAX_CITED_INPUTS: usize = 3;
/// The column at which the details of a server begin, after its folder.
const COLUMN: usize = 23;

/// Minimum width of the column of capability names.
const NAMES: usize = 24;

/// Renders a snapshot.
pub(crate) fn human(snapshot: &Snapshot, verbose: bool) -> String {
    let mut text = format!("{}\n", head(snapshot));
    for view in &snapshot.incidents {
        let of_its_kind = snapshot.incidents.iter().filter(|other| other.code == view.code).count();
        // Without an agent each scan numbers its incidents anew, so the code is preferred over the
        // id.
        let target = if of_its_kind == 1 { view.code.word() } else { &view.id };
        text.push_str(&finding(view, target));
    }
    text.push_str(&about_machine(snapshot, verbose));
    if !snapshot.servers.is_empty() {
        text.push_str(&format!("\n{}\n", phrase(Phrase::ServersTitle)));
    }
    for status in &snapshot.servers {
        text.push_str(&server(&snapshot.worth, status));
        let more = if verbose { details(&snapshot.worth, status) } else { Vec::new() };
        text.extend(more.iter().map(|line| format!("{:COLUMN$}{line}\n", "")));
    }
    text.push_str(&capability_lines(snapshot, verbose));
    text.push_str(&suppression_line(&snapshot.alerts).unwrap_or_default());
    text
}

fn head(snapshot: &Snapshot) -> String {
    let memory: u64 = snapshot.servers.iter().filter_map(|s| s.memory_bytes).sum();
    let count = match snapshot.servers.len() {
        0 => Phrase::NoneRunning,
        n => Phrase::SomeRunning { n: Count::new(n as u64), memory: Bytes::new(memory) },
    };
    let head = match snapshot.incidents.len() {
        _ if !snapshot.can_see_processes() => Phrase::StatusBlind,
        0 => Phrase::StatusQuiet,
        n => Phrase::StatusFindings { n: Count::new(n as u64) },
    };
    phrase(Phrase::StatusHead { head: Text(phrase(head)), count: Text(phrase(count)) })
}

/// `target` is the argument for `fix`.
fn finding(view: &IncidentView, target: &str) -> String {
    let words = catalogue();
    let mut text = format!(
        "\n{} ({})\n  {}\n",
        words.title(&view.titled()),
        view.id,
        words.text_alone(view, Form::Full).join(" ")
    );
    let cause = |of| words.cause_of(of, Form::Full);
    text.extend(causes(view).map(|of| format!("  {}{}\n", cause(of), numbers(of))));
    text.extend(view.remedies.first().map(|first| format!("  {}\n", remedy_line(first, target))));
    text
}

/// " (#31, #35)": the numbers of the inputs that support a cause.
fn numbers(of: &CauseView) -> String {
    let named: Vec<String> = of.evidence.iter().take(MAX_CITED_INPUTS).map(|seq: &Seq| format!("#{seq}")).collect();
    let more = if of.evidence.len() > MAX_CITED_INPUTS { ", …" } else { "" };
    if named.is_empty() { String::new() } else { format!(" ({}{more})", named.join(", ")) }
}

fn about_machine(snapshot: &Snapshot, verbose: bool) -> String {
    let mut lines = machine(catalogue(), snapshot);
    if verbose {
        lines.extend(
            snapshot
                .machine
                .gauges
                .iter()
                .map(|(gauge, value)| format!("{:<32} {}", catalogue().gauge(*gauge), value_of(*gauge, value))),
        );
    }
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "\n{}\n{}",
        phrase(Phrase::MachineTitle),
        lines.iter().map(|line| format!("  {line}\n")).collect::<String>()
    )
}

/// A value, or why it is not known.
fn value_of(gauge: Gauge, value: &Reading<Amount>) -> String {
    match value {
        Reading::Known(value) => catalogue().amount(gauge, *value),
        Reading::Unknown { unknown } => phrase(Phrase::NotKnownFor { why: verbatim(unknown) }),
    }
}

fn server(worth: &DisplayThresholds, status: &ServerStatus) -> String {
    let server = &status.server;
    let (place, client) = (place(server), client(server));
    let memory = status.memory_bytes.map_or_else(|| phrase(Phrase::MemoryNotKnown), |bytes| catalogue().bytes(bytes));
    let load: String = notable(catalogue(), worth, status).iter().map(|said| format!(" · {said}")).collect();
    let arch = server.arch.known().cloned().unwrap_or_else(|| phrase(Phrase::NotKnown));
    let arch = match server.translated {
        Reading::Known(true) => phrase(Phrase::ArchTranslated { arch: Text(arch) }),
        _ => arch,
    };
    let class = if server.class == ServerClass::Lsp { String::new() } else { format!(" · {}", server.class.word()) };
    format!("  {place:<20} {client:<20} {memory}{load} · {arch} · {}{class}\n", pid(server.pid))
}

/// Everything else that is known of a server, and what could not be read.
fn details(worth: &DisplayThresholds, status: &ServerStatus) -> Vec<String> {
    let lives = match &status.lives_left {
        LivesLeft::Known(n) => n.to_string(),
        LivesLeft::AtMost(n) => phrase(Phrase::AtMost { amount: Text(n.to_string()) }),
        LivesLeft::Unknown(why) => phrase(Phrase::UnknownFor { why: Text(catalogue().text(&why.message, Form::Full)) }),
    };
    let mut lines = vec![phrase(Phrase::StateAndLives { state: verbatim(&status.state), lives: Text(lives) })];
    lines.extend(used(catalogue(), worth, status));
    lines.extend(usual(&status.usual));
    lines.extend(translated(catalogue(), status));
    let unknown = status.gauges.iter().filter(|(_, value)| value.known().is_none());
    lines.extend(unknown.map(|(gauge, value)| format!("{}: {}", catalogue().gauge(*gauge), value_of(*gauge, value))));
    lines
}

/// "usual here: first load 12.0 s ± 2.0 s (9 seen), most memory 900 MB ± 40 MB (9 seen)". The
/// number after ± is the median absolute deviation: half of all values lie within it.
fn usual(usual: &Usual) -> Option<String> {
    let seen = |values: &Robust| Count::new(values.of.into());
    let said = [
        usual.load_ms.map(|v| Phrase::UsualLoad {
            median: Millis::new(v.median),
            spread: Millis::new(v.mad),
            of: seen(&v),
        }),
        usual.memory_bytes.map(|v| Phrase::UsualMemory {
            median: Bytes::new(v.median),
            spread: Bytes::new(v.mad),
            of: seen(&v),
        }),
        usual.restarts_per_day.map(|v| Phrase::UsualEnds {
            median: Number::new(v.median),
            spread: Number::new(v.mad),
            of: seen(&v),
        }),
    ];
    let said: Vec<String> = said.into_iter().flatten().map(phrase).collect();
    (!said.is_empty()).then(|| phrase(Phrase::UsualHere { what: Text(said.join(", ")) }))
}

fn capability_lines(snapshot: &Snapshot, verbose: bool) -> String {
    let mut text = String::new();
    let blind: Vec<_> = snapshot.capabilities.iter().filter(|c| verbose || c.state != CapabilityState::Ok).collect();
    if !blind.is_empty() {
        text.push_str(&format!("\n{}\n", phrase(Phrase::SightTitle)));
    }
    let width = blind.iter().map(|capability| capability.name.len()).max().unwrap_or(0).max(NAMES);
    for capability in blind {
        let state = match capability.state {
            CapabilityState::Ok => Phrase::SightOk,
            CapabilityState::Unsupported => Phrase::SightUnsupported,
            CapabilityState::Denied => Phrase::SightDenied,
        };
        let (state, said) = (phrase(state), catalogue().text(&capability.said.message, Form::Full));
        text.push_str(&format!("  {:<width$} {state:<12} {said}\n", capability.name));
    }
    text
}

fn suppression_line(view: &SuppressionView) -> Option<String> {
    (*view != SuppressionView::default())
        .then(|| format!("\n{}\n", phrase(Phrase::AlertsLine { alerts: Text(alerts(view)) })))
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
