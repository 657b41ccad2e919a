//! `goplswatch menu`: the content of the icon, its menu and the notifications as text, for users
//! who cannot see the icon.

use clap::Args as ClapArgs;
use goplswatch_agent::api::Status;
use goplswatch_view::{Catalogue, Context, Phrase, Scene, drawing, scene};

use crate::command_outcome::CommandOutcome;
use crate::failure::Failure;
use crate::language::{catalogue, catalogue_for};
use crate::runtime::runtime;
use crate::status::{found_of, seen, sentences, show};
use crate::times;
use goplswatch_core::json;

#[derive(Debug, ClapArgs)]
pub(crate) struct MenuArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &MenuArgs) -> Result<CommandOutcome, Failure> {
    let (status, why_alone) = runtime()?.block_on(seen())?;
    show(&text(&status, args.json, why_alone)?)?;
    Ok(found_of(&status))
}

/// The menu as text or JSON; `why_alone` says why it does not come from an agent.
fn text(status: &Status, json: bool, why_alone: Option<Phrase>) -> Result<String, Failure> {
    let scene: Scene = scene(&status.snapshot, &here(catalogue_for(json), true));
    if json {
        let text = json::to_string(&scene);
        return Ok(text.map_err(|e| Failure::json(&e))? + "\n");
    }
    let alone = why_alone.map_or_else(String::new, |why| format!("\n{}\n", sentences(&why)));
    Ok(drawing(&scene, catalogue()) + &alone)
}

/// The local time zone and date, and whether a scan has completed yet.
pub(crate) fn here(words: &'static Catalogue, looked: bool) -> Context {
    let now = times::now();
    let (zone, today) = (now.time_zone().clone(), now.date());
    Context { zone, today, scanned: looked, words }
}
