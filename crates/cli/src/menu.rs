//! `goplswatch menu`: what the icon, its menu and the notifications say, as text. For those who cannot see the icon.

use clap::Args as ClapArgs;
use goplswatch_agent::api::Status;
use goplswatch_view::{Context, Scene, drawing, scene};

use crate::failure::Failure;
use crate::found::Found;
use crate::language::words;
use crate::runtime::runtime;
use crate::status::{found, seen, show};

#[derive(Debug, ClapArgs)]
pub(crate) struct MenuArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &MenuArgs) -> Result<Found, Failure> {
    let (status, why_alone) = runtime()?.block_on(seen(false, false))?;
    show(&text(&status, args.json, why_alone)?)?;
    Ok(found(&status))
}

/// As it is shown; `why_alone` says why no agent speaks.
fn text(status: &Status, json: bool, why_alone: &str) -> Result<String, Failure> {
    let scene: Scene = scene(&status.seen, &here(true));
    if json {
        let text = serde_json::to_string(&scene);
        return Ok(text.map_err(|e| Failure::new(format!("could not write JSON: {e}")))? + "\n");
    }
    let alone = if status.agent.is_none() { format!("\n{why_alone}\n") } else { String::new() };
    Ok(drawing(&scene, words()) + &alone)
}

/// The zone and the day of this machine, and whether anything was looked at yet.
pub(crate) fn here(looked: bool) -> Context {
    let now = jiff::Zoned::now();
    let (zone, today) = (now.time_zone().clone(), now.date());
    Context { zone, today, looked, words: words() }
}
