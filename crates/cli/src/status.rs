//! `goplswatch status`: one look. No agent is asked yet; what needs time to see, `watch` sees.

use std::io::Write as _;

use goplswatch_core::codes::Severity;
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::words::{CapabilityState, ServerClass};
use goplswatch_core::{Config, Reading, Snapshot, say};
use goplswatch_probe::{Options, Watcher, World as _};

use crate::Found;
use crate::args::StatusArgs;
use crate::config;
use crate::failure::Failure;
use crate::live::{Live, runtime, system_world};
use crate::paths;
use crate::printer::{Printer, Style, calm};

/// Long enough to see a script become the real program, short enough not to be waited for.
const LOOK_NS: u64 = 200_000_000;

pub(crate) fn run(args: &StatusArgs) -> Result<Found, Failure> {
    let (snapshot, seen) = runtime()?.block_on(look())?;
    let text = if args.json {
        serde_json::to_string(&snapshot).map_err(|e| Failure::new(format!("could not write JSON: {e}")))? + "\n"
    } else {
        human(&snapshot, seen, args.verbose)
    };
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))?;
    if !seen {
        return Ok(Found::CouldNotCheck);
    }
    let problem = snapshot.incidents.iter().any(|i| i.severity == Severity::Problem);
    Ok(if problem { Found::Problem } else { Found::Nothing })
}

async fn look() -> Result<(Snapshot, bool), Failure> {
    // What stands there now has stood there: nothing has to last before it is said.
    let config = Config { too_many_after_ms: 0, orphan_after_ms: 0, ..config::detect() };
    let world = system_world()?;
    let end_ns = world.now().cont_ns + LOOK_NS;
    let mut watcher = Watcher::new(world, Options { home: paths::home(), below: None, config: config.clone() });
    let mut live = Live::new(None, Printer::new(std::io::sink(), Style { json: false, verbose: false }));
    live.run(&mut watcher, config, end_ns, std::future::pending()).await?;
    let now = watcher.world().now();
    live.take(now, goplswatch_core::Fact::Wake)?;
    let snapshot = live.state.snapshot(now);
    Ok((snapshot, live.state.can_see_processes()))
}

fn human(snapshot: &Snapshot, seen: bool, verbose: bool) -> String {
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
        text.push_str(&format!("\n{} ({})\n  {}\n", view.title, view.code.word(), view.text));
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
    calm(&text)
}
