//! The commands that talk to a running agent: `events`, `snooze`, `mute`, `unmute`, `pause`,
//! `resume`, `metrics`.

use std::io::Write as _;

use clap::Args as ClapArgs;
use goplswatch_agent::client::{AskError, Block, Client, Heard};
use goplswatch_core::event::AlertsView;
use goplswatch_core::json::FromJson as _;
use goplswatch_core::message::{Message, Text};
use goplswatch_core::{Event, Intent, Line, Moment, say};
use goplswatch_view::Phrase;
use jiff::SignedDuration;

use crate::client::{client, failed};
use crate::failure::{Failure, Say as _, hint, phrase, said};
use crate::found::Found;
use crate::printer::{Printer, Style, alerts, calm};
use crate::runtime::{runtime, stop_signal};
use crate::times::duration;

#[derive(Debug, ClapArgs)]
pub(crate) struct EventsArgs {
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SnoozeArgs {
    /// An incident's id, such as restart-loop-37
    pub(crate) incident: String,
    /// For how long, such as 30m, 1h, 2h30m
    #[arg(long = "for", value_name = "DUR", default_value = "1h", value_parser = duration)]
    pub(crate) duration: SignedDuration,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MuteArgs {
    /// A folder: its path, or its last name if a gopls runs there
    pub(crate) workspace: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PauseArgs {
    /// For how long, such as 30m, 1h [default: until `resume`]
    #[arg(long = "for", value_name = "DUR", value_parser = duration)]
    pub(crate) duration: Option<SignedDuration>,
}

fn ms(duration: SignedDuration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(0)
}

pub(crate) fn snooze(args: &SnoozeArgs) -> Result<Found, Failure> {
    let for_ms = ms(args.duration);
    intend(&Intent::Snooze { incident: args.incident.clone(), for_ms })
}

pub(crate) fn pause(args: &PauseArgs) -> Result<Found, Failure> {
    intend(&Intent::Pause { for_ms: args.duration.map(ms) })
}

pub(crate) fn resume() -> Result<Found, Failure> {
    intend(&Intent::Resume)
}

pub(crate) fn mute(args: &MuteArgs, on: bool) -> Result<Found, Failure> {
    runtime()?.block_on(async {
        let client = client();
        let status = client.status().await.map_err(failed)?;
        let running = status.seen.servers.iter().filter_map(|s| s.server.workspace.known().cloned());
        let known: Vec<String> = if on { running.collect() } else { status.seen.alerts.muted };
        let workspace = which(&args.workspace, known)?;
        let intent = if on { Intent::Mute { workspace } } else { Intent::Unmute { workspace } };
        follow(&client, &intent).await
    })
}

/// The path that is meant by `name`: a path itself, or the last component of a known one.
fn which(name: &str, mut known: Vec<String>) -> Result<String, Failure> {
    if known.iter().any(|path| path == name) {
        return Ok(name.to_owned());
    }
    known.sort_unstable();
    known.dedup();
    let fits: Vec<&String> = known.iter().filter(|path| say::folder(path) == name).collect();
    match fits.as_slice() {
        [one] => return Ok((*one).clone()),
        [] => {}
        _ => {
            let paths: Vec<&str> = fits.iter().map(|path| path.as_str()).collect();
            return Err(Failure::new(Phrase::SeveralFolders { name: said(name) })
                .hint(Phrase::SeveralFoldersHint { paths: said(paths.join(", ")) }));
        }
    }
    if let Ok(path) = std::fs::canonicalize(name)
        && path.is_dir()
        && let Some(path) = path.to_str()
    {
        return Ok(path.to_owned());
    }
    let failure = Failure::new(Phrase::NoFolder { name: said(name) });
    Err(match known.as_slice() {
        [] => failure.hint(Phrase::NoFolderHint),
        known => failure.hint(Phrase::FoldersAre { known: said(known.join(", ")) }),
    })
}

fn intend(intent: &Intent) -> Result<Found, Failure> {
    runtime()?.block_on(follow(&client(), intent))
}

async fn follow(client: &Client, intent: &Intent) -> Result<Found, Failure> {
    let done = client.intend(intent).await.map_err(failed)?;
    if let Some(lost) = done.hint {
        hint(lost);
    }
    let status = client.status().await.map_err(failed)?;
    let answer = answer(&status.seen.alerts);
    std::io::stdout().lock().write_all(answer.as_bytes()).map_err(|e| Failure::output(&e))?;
    Ok(Found::Nothing)
}

fn answer(view: &AlertsView) -> String {
    calm(&format!("{}\n", phrase(Phrase::AlertsAre { alerts: Text(alerts(view)) })))
}

pub(crate) fn metrics() -> Result<Found, Failure> {
    let text = runtime()?.block_on(async { client().metrics().await }).map_err(failed)?;
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))?;
    Ok(Found::Nothing)
}

/// Prints events from now on, across restarts of the agent.
pub(crate) fn events(args: &EventsArgs) -> Result<Found, Failure> {
    let style = Style { json: args.json, verbose: args.verbose };
    let mut printer = Printer::new(std::io::stdout(), style);
    runtime()?.block_on(async {
        let listening = listen(&mut printer, args.json);
        tokio::select! {
            () = stop_signal() => Ok(()),
            ended = listening => ended,
        }
    })?;
    Ok(if printer.problem { Found::Problem } else { Found::Nothing })
}

async fn listen(printer: &mut Printer<std::io::Stdout>, json: bool) -> Result<(), Failure> {
    let client = client();
    let mut listening = client.listen().await.map_err(failed)?;
    if !json {
        learn(printer, &client).await;
    }
    loop {
        match listening.next().await.map_err(failed)? {
            Heard::Block(Block::Event(data)) => printer.event(event(&data)?)?,
            Heard::Block(Block::Comment(said)) => hint(said),
            Heard::Lost(why) => {
                hint(Phrase::AgentLost { why: Text(why.say()) });
            }
            Heard::Back => {
                hint(Phrase::AgentBack);
                if !json {
                    learn(printer, &client).await;
                }
            }
        }
    }
}

/// Learns the names of servers that started before this command began to listen. The status is
/// requested after the stream has begun, so servers that start in between arrive on the stream. If
/// the request fails, the ends of those servers are shown without names.
async fn learn(printer: &mut Printer<std::io::Stdout>, client: &Client) {
    if let Ok(status) = client.status().await {
        printer.learn(&status.seen);
    }
}

fn event(data: &str) -> Result<Event, Failure> {
    let unreadable = |error: String| failed(AskError::NoAnswer(Message::reported(error)));
    let line = Line::from_json(data.as_bytes()).map_err(|error| unreadable(error.to_string()))?;
    let at: jiff::Timestamp = line.at.parse().map_err(|error: jiff::Error| unreadable(error.to_string()))?;
    let at = Moment { wall_ms: at.as_millisecond(), cont_ns: 0 };
    Ok(Event { seq: line.seq, at, name: line.event, subject: line.subject })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_by_name_or_path() {
        let known = || vec!["/w/api".to_owned(), "/w/web".into(), "/x/web".into(), "/w/api".into()];
        assert_eq!(which("api", known()).unwrap(), "/w/api");
        assert_eq!(which("/x/web", known()).unwrap(), "/x/web");
        assert_eq!(which("/", known()).unwrap(), "/");
        assert!(which("web", known()).unwrap_err().what().contains("several"));
        assert!(which("no-such-folder", known()).unwrap_err().what().contains("no folder"));
    }
}
