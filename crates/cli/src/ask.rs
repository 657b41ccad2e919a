//! The commands that talk to a running agent: `events`, `snooze`, `mute`, `unmute`, `pause`,
//! `resume`, `metrics`.

use std::io::Write as _;
use std::time::Duration;

use clap::Args as ClapArgs;
use goplswatch_agent::client::{Block, Client, RequestError, StreamUpdate};
use goplswatch_core::event::SuppressionView;
use goplswatch_core::json::FromJson as _;
use goplswatch_core::message::{Message, Text};
use goplswatch_core::time::Uptime;
use goplswatch_core::{Event, Line, Moment, UserCommand, path_names};
use goplswatch_view::Phrase;
use jiff::SignedDuration;

use crate::client::{client, failed};
use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, Worded as _, hint, phrase, verbatim};
use crate::printer::{Printer, Style, alerts, sanitized};
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

/// In whole milliseconds, as it is sent.
fn length(duration: SignedDuration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(0))
}

pub(crate) fn snooze(args: &SnoozeArgs) -> Result<CommandOutcome, Failure> {
    intend(&UserCommand::Snooze { incident: args.incident.clone(), length: length(args.duration) })
}

pub(crate) fn pause(args: &PauseArgs) -> Result<CommandOutcome, Failure> {
    intend(&UserCommand::Pause { length: args.duration.map(length) })
}

pub(crate) fn resume() -> Result<CommandOutcome, Failure> {
    intend(&UserCommand::Resume {})
}

pub(crate) fn mute(args: &MuteArgs, on: bool) -> Result<CommandOutcome, Failure> {
    runtime()?.block_on(async {
        let client = client();
        let status = client.status().await.map_err(failed)?;
        let running = status.snapshot.servers.iter().filter_map(|s| s.server.workspace.known().cloned());
        let known: Vec<String> = if on { running.collect() } else { status.snapshot.alerts.muted };
        let workspace = which(&args.workspace, known)?;
        let user_command = if on { UserCommand::Mute { workspace } } else { UserCommand::Unmute { workspace } };
        follow(&client, &user_command).await
    })
}

/// The path that is meant by `name`: a path itself, or the last component of a known one.
fn which(name: &str, mut known: Vec<String>) -> Result<String, Failure> {
    if known.iter().any(|path| path == name) {
        return Ok(name.to_owned());
    }
    known.sort_unstable();
    known.dedup();
    let fits: Vec<&String> = known.iter().filter(|path| path_names::folder(path) == name).collect();
    match fits.as_slice() {
        [one] => return Ok((*one).clone()),
        [] => {}
        _ => {
            let paths: Vec<&str> = fits.iter().map(|path| path.as_str()).collect();
            return Err(Failure::new(Phrase::SeveralFolders { name: verbatim(name) })
                .hint(Phrase::SeveralFoldersHint { paths: verbatim(paths.join(", ")) }));
        }
    }
    if let Ok(path) = std::fs::canonicalize(name)
        && path.is_dir()
        && let Some(path) = path.to_str()
    {
        return Ok(path.to_owned());
    }
    let failure = Failure::new(Phrase::NoFolder { name: verbatim(name) });
    Err(match known.as_slice() {
        [] => failure.hint(Phrase::NoFolderHint),
        known => failure.hint(Phrase::FoldersAre { known: verbatim(known.join(", ")) }),
    })
}

fn intend(user_command: &UserCommand) -> Result<CommandOutcome, Failure> {
    runtime()?.block_on(follow(&client(), user_command))
}

async fn follow(client: &Client, user_command: &UserCommand) -> Result<CommandOutcome, Failure> {
    let done = client.submit(user_command).await.map_err(failed)?;
    if let Some(lost) = done.hint {
        hint(lost);
    }
    let status = client.status().await.map_err(failed)?;
    let answer = answer(&status.snapshot.alerts);
    std::io::stdout().lock().write_all(answer.as_bytes()).map_err(|e| Failure::output(&e))?;
    Ok(CommandOutcome::Nothing)
}

fn answer(view: &SuppressionView) -> String {
    sanitized(&format!("{}\n", phrase(Phrase::AlertsAre { alerts: Text(alerts(view)) })))
}

pub(crate) fn metrics() -> Result<CommandOutcome, Failure> {
    let text = runtime()?.block_on(async { client().metrics().await }).map_err(failed)?;
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))?;
    Ok(CommandOutcome::Nothing)
}

/// Prints events from now on, across restarts of the agent.
pub(crate) fn events(args: &EventsArgs) -> Result<CommandOutcome, Failure> {
    let style = Style { json: args.json, verbose: args.verbose };
    let mut printer = Printer::new(std::io::stdout(), style);
    runtime()?.block_on(async {
        let listening = listen(&mut printer, args.json);
        tokio::select! {
            () = stop_signal() => Ok(()),
            ended = listening => ended,
        }
    })?;
    Ok(if printer.problem { CommandOutcome::Problem } else { CommandOutcome::Nothing })
}

async fn listen(printer: &mut Printer<std::io::Stdout>, json: bool) -> Result<(), Failure> {
    let client = client();
    let mut listening = client.listen().await.map_err(failed)?;
    if !json {
        learn(printer, &client).await;
    }
    loop {
        match listening.next().await.map_err(failed)? {
            StreamUpdate::Block(Block::Event(data)) => printer.event(event(&data)?)?,
            StreamUpdate::Block(Block::Comment(said)) => hint(said),
            StreamUpdate::Lost(why) => {
                hint(Phrase::AgentLost { why: Text(why.say()) });
            }
            StreamUpdate::Back => {
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
        printer.learn_names(&status.snapshot);
    }
}

fn event(data: &str) -> Result<Event, Failure> {
    let unreadable = |error: String| failed(RequestError::NoAnswer(Message::reported(error)));
    let line = Line::from_json(data.as_bytes()).map_err(|error| unreadable(error.to_string()))?;
    let at: jiff::Timestamp = line.at.parse().map_err(|error: jiff::Error| unreadable(error.to_string()))?;
    let at = Moment { wall_ms: at.as_millisecond(), uptime: Uptime::BOOT };
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
