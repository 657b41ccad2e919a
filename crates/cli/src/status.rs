//! `goplswatch status`: what the agent knows, or one look if none is running. What needs time to see, an agent sees.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use goplswatch_agent::api::{AgentStatus, Status};
use goplswatch_agent::client::{AskError, Client};
use goplswatch_core::codes::Severity;
use goplswatch_core::event::AlertsView;
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::words::{CapabilityState, ServerClass};
use goplswatch_core::{Config, Intent, Reading, Snapshot, say};
use goplswatch_probe::{Options, Watcher, World as _};

use crate::Found;
use crate::args::StatusArgs;
use crate::ask::{client, failed};
use crate::config;
use crate::failure::{Failure, note};
use crate::live::{blank, run as run_live, runtime, stop_signal, system_world};
use crate::paths;
use crate::printer::{Printer, Style, alerts, calm};

/// Long enough to see a script become the real program, short enough not to be waited for.
const LOOK_NS: u64 = 200_000_000;
/// What is shown again is asked for at least this often, for what changes without an event.
const AGAIN: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &StatusArgs) -> Result<Found, Failure> {
    if args.watch {
        return watch(args);
    }
    let status = runtime()?.block_on(async {
        match ask(&client(), args.now).await {
            Err(AskError::NoAgent) if !args.agent => look().await,
            Err(error @ AskError::NoAnswer(_)) if !args.agent => {
                note(&format!("hint: {error}; this is one look instead"));
                look().await
            }
            other => other.map_err(failed),
        }
    })?;
    show(&text(&status, args)?)?;
    Ok(found(&status))
}

fn found(status: &Status) -> Found {
    if !status.seen.can_see_processes() {
        return Found::CouldNotCheck;
    }
    let problem = status.seen.incidents.iter().any(|i| i.severity == Severity::Problem);
    if problem { Found::Problem } else { Found::Nothing }
}

fn text(status: &Status, args: &StatusArgs) -> Result<String, Failure> {
    if args.json {
        let text = serde_json::to_string(status);
        return Ok(text.map_err(|e| Failure::new(format!("could not write JSON: {e}")))? + "\n");
    }
    let mut text = human(&status.seen, args.verbose);
    match &status.agent {
        Some(agent) => text.push_str(&about(agent, args.verbose)),
        None => {
            text.push_str("\nNo agent is running: this is one look. goplswatch install starts one at each login.\n")
        }
    }
    Ok(calm(&text))
}

fn show(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| Failure::output(&e))
}

async fn ask(client: &Client, now: bool) -> Result<Status, AskError> {
    if now {
        client.intend(&Intent::ProbeNow).await?;
    }
    client.status().await
}

/// Shows it again whenever it changes.
fn watch(args: &StatusArgs) -> Result<Found, Failure> {
    let clear = !args.json && std::io::stdout().is_terminal();
    runtime()?.block_on(async {
        let client = client();
        let mut shown = None;
        let showing = async {
            let mut events = client.events(None).await?;
            loop {
                let status = ask(&client, args.now).await?;
                let text = match text(&status, args) {
                    Ok(text) => text,
                    Err(failure) => return Ok(Err(failure)),
                };
                if shown.as_ref() != Some(&text) {
                    // Home, and erase what is below (ECMA-48 CUP, ED).
                    let screen = if clear { format!("\x1b[H\x1b[J{text}") } else { text.clone() };
                    if let Err(failure) = show(&screen) {
                        return Ok(Err(failure));
                    }
                    shown = Some(text);
                }
                if let Ok(Ok(None)) = tokio::time::timeout(AGAIN, events.next()).await {
                    events = client.events(events.last()).await?;
                }
            }
        };
        tokio::select! {
            () = stop_signal() => Ok(Found::Nothing),
            ended = showing => match ended {
                Ok(Ok(never)) => never,
                Ok(Err(failure)) => Err(failure),
                Err(error) => Err(failed(error)),
            },
        }
    })
}

async fn look() -> Result<Status, Failure> {
    // What stands there now has stood there: nothing has to last before it is said.
    let config = Config { too_many_after_ms: 0, orphan_after_ms: 0, ..config::detect() };
    let world = system_world()?;
    let end_ns = world.now().cont_ns + LOOK_NS;
    let mut watcher = Watcher::new(world, Options { home: paths::home(), below: None, config: config.clone() });
    let mut live = blank(None, Printer::new(std::io::sink(), Style { json: false, verbose: false }));
    run_live(&mut live, &mut watcher, config, end_ns, std::future::pending()).await?;
    let now = watcher.world().now();
    live.take(now, goplswatch_core::Fact::Wake)?;
    Ok(Status { seen: live.state.snapshot(now), agent: None })
}

/// What the agent says of itself. Trouble always, the rest if asked for.
fn about(agent: &AgentStatus, verbose: bool) -> String {
    let since = agent.started.parse::<jiff::Timestamp>().map_or_else(
        |_| agent.started.clone(),
        |stamp| stamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    );
    let cost = &agent.cost;
    let cpu = match &cost.cpu_permille {
        Reading::Known(permille) => format!("{:.2} % of a core", permille / 10.0),
        Reading::Unknown { .. } => "CPU not measured yet".into(),
    };
    let memory = cost.memory_bytes.known().map_or_else(|| "memory unknown".into(), |bytes| say::bytes(*bytes));
    let mut text = format!("\nAgent {} (pid {}) since {since} · {cpu} · {memory}\n", agent.version, agent.pid);
    let mut line = |said: &str| text.push_str(&format!("  {said}\n"));
    if let Some(over) = &cost.over {
        line(over);
    }
    for problem in &agent.config.problems {
        line(problem);
    }
    if verbose {
        let extent = &agent.history.extent;
        line(&format!("history: {} in {} parts, {}", say::bytes(extent.bytes), extent.segments, agent.history.folder));
        line(&format!("config:  {}", agent.config.file));
        line(&format!("log:     {}", agent.log));
    }
    text
}

fn quiet(view: &AlertsView) -> Option<String> {
    (*view != AlertsView::default()).then(|| format!("\nAlerts: {}\n", alerts(view)))
}

fn human(snapshot: &Snapshot, verbose: bool) -> String {
    let seen = snapshot.can_see_processes();
    let mut text = String::new();
    let memory: u64 = snapshot.servers.iter().filter_map(|s| s.memory_bytes).sum();
    let count = match snapshot.servers.len() {
        0 => "no gopls is running".to_owned(),
        1 => format!("1 gopls, {}", say::bytes(memory)),
        n => format!("{n} gopls, {}", say::bytes(memory)),
    };
    let head = match snapshot.incidents.len() {
        _ if !seen => "Could not look at all processes",
        0 => "All quiet",
        1 => "1 finding",
        _ => "Several findings",
    };
    text.push_str(&format!("{head} — {count}\n"));
    for view in &snapshot.incidents {
        text.push_str(&format!("\n{} ({})\n  {}\n", view.title, view.id, view.text));
        for remedy in view.remedies.iter().take(1) {
            text.push_str(&format!("  {}\n", remedy.text));
        }
    }
    if !snapshot.servers.is_empty() {
        text.push_str("\nServers\n");
    }
    for status in &snapshot.servers {
        let server = &status.server;
        let place = server.workspace.known().map_or("unknown folder", |w| say::folder(w));
        let client = match &server.client {
            Reading::Known(client) => client.name.as_str(),
            Reading::Unknown { .. } => "no editor",
        };
        let memory = status.memory_bytes.map_or_else(|| "memory unknown".into(), say::bytes);
        let arch = server.arch.known().map_or("unknown", String::as_str);
        let translated = if server.translated == Reading::Known(true) { ", translated" } else { "" };
        let class =
            if server.class == ServerClass::Lsp { String::new() } else { format!(" · {}", server.class.word()) };
        text.push_str(&format!(
            "  {place:<20} {client:<20} {memory} · {arch}{translated} · pid {}{class}\n",
            server.pid
        ));
        if verbose {
            let lives = match &status.lives_left {
                LivesLeft::Known(n) => n.to_string(),
                LivesLeft::AtMost(n) => format!("at most {n}"),
                LivesLeft::Unknown(why) => format!("unknown ({why})"),
            };
            text.push_str(&format!("  {:<20} state {}, exits until its editor gives up: {lives}\n", "", status.state));
        }
    }
    let blind: Vec<_> = snapshot.capabilities.iter().filter(|c| verbose || c.state != CapabilityState::Ok).collect();
    if !blind.is_empty() {
        text.push_str("\nWhat this machine lets us see\n");
    }
    for capability in blind {
        let state = match capability.state {
            CapabilityState::Ok => "ok",
            CapabilityState::Unsupported => "unsupported",
            CapabilityState::Denied => "denied",
        };
        text.push_str(&format!("  {:<24} {state:<12} {}\n", capability.name, capability.why));
    }
    text.push_str(&quiet(&snapshot.alerts).unwrap_or_default());
    text
}
