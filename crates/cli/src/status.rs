//! `goplswatch status`: what the agent knows, or one scan if no agent runs. Whatever takes time to
//! detect, only an agent sees.

use std::io::{IsTerminal as _, Write as _};

use clap::Args as ClapArgs;
use goplswatch_agent::api::{AgentStatus, Day, Status};
use goplswatch_agent::client::{AskError, Client, Heard};
use goplswatch_core::codes::Severity;
use goplswatch_core::message::{Bytes, Count, Text};
use goplswatch_core::words::Capability;
use goplswatch_core::{Config, Intent, Reading};
use goplswatch_probe::{Options, Watcher, World as _};
use goplswatch_view::{Form, Phrase};
use tokio::time::{Duration, Instant, sleep_until};

use crate::client::{client, failed};
use crate::config;
use crate::day::memory_of;
use crate::failure::{Failure, Say as _, hint, phrase, said};
use crate::found::Found;
use crate::language::{words, words_for};
use crate::live::{blank, run as run_live, system_world};
use crate::paths;
use crate::printer::{Printer, Style, calm};
use crate::runtime::{runtime, stop_signal};
use crate::summary::human;

#[derive(Debug, ClapArgs)]
pub(crate) struct StatusArgs {
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Also show what works, and what the agent costs
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Ask the agent only; without one, exit with 3
    #[arg(long)]
    pub(crate) agent: bool,
    /// Have the agent look once more first
    #[arg(long)]
    pub(crate) now: bool,
    /// Show it again whenever it changes (needs the agent)
    #[arg(long)]
    pub(crate) watch: bool,
}

/// How long a scan without an agent goes on, in nanoseconds: long enough to see a wrapper script
/// exec the real program, short enough not to be noticed.
const LOOK_NS: u64 = 200_000_000;
/// Events that arrive together count as one change: they cause at most one request per this time.
const TOGETHER: Duration = Duration::from_millis(100);
/// A status on display is refreshed at least this often, for changes without an event.
const AGAIN: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &StatusArgs) -> Result<Found, Failure> {
    if args.watch {
        return watch(args);
    }
    let shown = runtime()?.block_on(async {
        match ask(&client_for(args), args, args.now).await {
            Ok(shown) => Ok(shown),
            Err(error) => {
                let why = instead(error, args.agent)?;
                own_look(look().await?, args, why)
            }
        }
    })?;
    show(&shown.text)?;
    Ok(shown.found)
}

/// The agent's status, or one scan by this process with the reason why no agent answers. Messages
/// are not rendered yet.
pub(crate) async fn seen() -> Result<(Status, Option<Phrase>), Failure> {
    match client().status().await {
        Ok(status) => Ok((status, None)),
        Err(error) => {
            let why = instead(error, false)?;
            Ok((look().await?, Some(why)))
        }
    }
}

/// Why there is one scan instead of the agent's reply. An error if a scan is of no use, or only the
/// reply is wanted.
fn instead(error: AskError, agent_only: bool) -> Result<Phrase, Failure> {
    let Some(why) = alone(&error).filter(|_| !agent_only) else { return Err(failed(error)) };
    if !matches!(error, AskError::NoAgent) {
        hint(Phrase::LookInstead { why: Text(error.message().say()) });
    }
    Ok(why)
}

/// Why there is one scan instead of the agent's reply, for those errors after which a scan is
/// useful.
fn alone(error: &AskError) -> Option<Phrase> {
    match error {
        AskError::NoAgent => Some(Phrase::AloneNoAgent),
        AskError::Busy(_) | AskError::NoAnswer(_) => Some(Phrase::AloneNoAnswer),
        AskError::Barred(_) => Some(Phrase::AloneBarred),
        AskError::Refused(_) => None,
    }
}

pub(crate) fn found_of(status: &Status) -> Found {
    found(&status.seen.capabilities, status.seen.incidents.iter().map(|incident| incident.severity))
}

fn found(capabilities: &[Capability], mut open: impl Iterator<Item = Severity>) -> Found {
    match Capability::sees_processes(capabilities) {
        false => Found::CouldNotCheck,
        true if open.any(|severity| severity == Severity::Problem) => Found::Problem,
        true => Found::Nothing,
    }
}

/// The text to show, and the result for the exit code.
struct Shown {
    text: String,
    found: Found,
}

/// A client that asks for the language of the output.
fn client_for(args: &StatusArgs) -> Client {
    Client::new(paths::sockets(), words_for(args.json))
}

/// The agent's status, after one more scan if `now`.
async fn ask(client: &Client, args: &StatusArgs, now: bool) -> Result<Shown, AskError> {
    if now {
        client.intend(&Intent::ProbeNow).await?;
    }
    if args.json {
        let (json, judged) = client.status_json().await?;
        let found = found(&judged.capabilities, judged.incidents.iter().map(|open| open.severity));
        return Ok(Shown { text: json + "\n", found });
    }
    let mut status = client.status().await?;
    status.render(words());
    let day = if args.verbose { day(client, &status).await } else { Day::default() };
    Ok(Shown { text: text(&status, &day, args.verbose, None), found: found_of(&status) })
}

/// The last day, if an agent knows it. An agent of an older version does not, which is no failure.
async fn day(client: &Client, status: &Status) -> Day {
    match status.agent {
        Some(_) => client.series().await.unwrap_or_default(),
        None => Day::default(),
    }
}

/// The status from one scan by this process, and why no agent answers.
fn own_look(mut status: Status, args: &StatusArgs, why_alone: Phrase) -> Result<Shown, Failure> {
    status.render(words_for(args.json));
    let text = match args.json {
        true => String::from_utf8_lossy(&status.to_json().map_err(|e| Failure::json(&e))?).into_owned() + "\n",
        false => text(&status, &Day::default(), args.verbose, Some(&why_alone)),
    };
    Ok(Shown { text, found: found_of(&status) })
}

/// The status as text for a person; `why_alone` says why no agent answers.
fn text(status: &Status, day: &Day, verbose: bool, why_alone: Option<&Phrase>) -> String {
    let mut text = human(&status.seen, verbose);
    text.push_str(&memory_of(day, &status.seen.servers).unwrap_or_default());
    text.extend(status.agent.as_ref().map(|agent| about(agent, verbose)));
    text.extend(why_alone.map(|why| format!("\n{}\n", sentences(why))));
    calm(&text)
}

/// Renders a phrase of several sentences.
pub(crate) fn sentences(phrase: &Phrase) -> String {
    words().text(phrase, Form::Full)
}

pub(crate) fn show(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| Failure::output(&e))
}

/// Shows the status again whenever it changes, across restarts of the agent.
fn watch(args: &StatusArgs) -> Result<Found, Failure> {
    let clear = !args.json && std::io::stdout().is_terminal();
    let mut pane = Pane { clear, text: String::new(), away: None };
    runtime()?.block_on(async {
        tokio::select! {
            () = stop_signal() => Ok(Found::Nothing),
            ended = keep_showing(args, &mut pane) => ended,
        }
    })
}

async fn keep_showing(args: &StatusArgs, pane: &mut Pane) -> Result<Found, Failure> {
    let client = client_for(args);
    let mut listening = client.listen().await.map_err(failed)?;
    pane.status(ask(&client, args, args.now).await.map_err(failed)?.text)?;
    // When to ask again; `None` while no agent is there.
    let mut due = Some(Instant::now() + AGAIN);
    loop {
        tokio::select! {
            heard = listening.next() => match heard.map_err(failed)? {
                Heard::Block(_) => due = due.map(|due| due.min(Instant::now() + TOGETHER)),
                Heard::Back => due = Some(Instant::now()),
                Heard::Lost(_) => {
                    due = None;
                    pane.away(Phrase::AgentGone)?;
                }
            },
            () = until(due) => {
                match ask(&client, args, false).await {
                    Ok(shown) => pane.status(shown.text)?,
                    // The stream's end follows, or has arrived already.
                    Err(AskError::NoAgent) => pane.away(Phrase::AgentGone)?,
                    Err(_) => pane.away(Phrase::AgentSilent)?,
                }
                due = Some(Instant::now() + AGAIN);
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// The status display, which is shown repeatedly.
struct Pane {
    /// Replace the text on the screen. Otherwise texts are appended, and notes about the agent go
    /// to stderr.
    clear: bool,
    text: String,
    /// Why the agent does not answer, if it does not.
    away: Option<String>,
}

impl Pane {
    fn status(&mut self, text: String) -> Result<(), Failure> {
        let was_away = self.away.take().is_some();
        if was_away && !self.clear {
            hint(Phrase::AgentAnswersAgain);
        }
        if self.text != text || (was_away && self.clear) {
            self.text = text;
            show(&self.screen())?;
        }
        Ok(())
    }

    /// Reports that the agent does not answer; the last status stays visible.
    fn away(&mut self, why: Phrase) -> Result<(), Failure> {
        let why = phrase(why);
        if self.away.as_ref() == Some(&why) {
            return Ok(());
        }
        self.away = Some(why.clone());
        if self.clear {
            return show(&self.screen());
        }
        hint(why);
        Ok(())
    }

    fn screen(&self) -> String {
        // Cursor home, then erase below (ECMA-48 CUP, ED).
        let begin = if self.clear { "\x1b[H\x1b[J" } else { "" };
        let away = self.away.as_ref().map_or_else(String::new, |why| format!("\n{why}\n"));
        format!("{begin}{}{away}", self.text)
    }
}

/// The status from a scan by this process, which goes on for [`LOOK_NS`]; not yet rendered.
pub(crate) async fn look() -> Result<Status, Failure> {
    // What exists now may have existed for long, so no condition has to last before it is reported.
    let config = Config { too_many_after_ms: 0, orphan_after_ms: 0, ..config::settings().detect };
    let world = system_world()?;
    let end_ns = world.now().cont_ns + LOOK_NS;
    let mut watcher = Watcher::new(world, Options { home: paths::home(), below: None, config: config.clone() });
    let mut live = blank(None, Printer::new(std::io::sink(), Style { json: false, verbose: false }));
    run_live(&mut live, &mut watcher, config, end_ns, std::future::pending()).await?;
    let now = watcher.world().now();
    live.take(now, goplswatch_core::Fact::Wake)?;
    Ok(Status { seen: live.state.snapshot(now), agent: None })
}

/// The agent's data about itself: problems always, the rest if `verbose`.
fn about(agent: &AgentStatus, verbose: bool) -> String {
    let since = agent.started.parse::<jiff::Timestamp>().map_or_else(
        |_| agent.started.clone(),
        |stamp| stamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    );
    let cost = &agent.cost;
    let cpu = match &cost.cpu_permille {
        Reading::Known(permille) => Phrase::CpuOfCore { percent: said(format!("{:.2}", permille / 10.0)) },
        Reading::Unknown { .. } => Phrase::CpuNotMeasured,
    };
    let memory = cost.memory_bytes.known().map(|bytes| words().bytes(*bytes));
    let memory = memory.unwrap_or_else(|| phrase(Phrase::MemoryNotKnown));
    let pid = Count::new(u64::from(agent.pid));
    let head = phrase(Phrase::AgentSince { version: said(&agent.version), pid, since: said(since) });
    let mut text = format!("\n{head} · {} · {memory}\n", phrase(cpu));
    let mut line = |said: String| text.push_str(&format!("  {said}\n"));
    cost.over.iter().chain(&agent.config.problems).for_each(|said| line(said.to_string()));
    if verbose {
        let extent = &agent.history.extent;
        let (bytes, parts) = (Bytes::new(extent.bytes), Count::new(extent.segments));
        line(phrase(Phrase::HistoryIs { bytes, parts, folder: said(&agent.history.folder) }));
        line(phrase(Phrase::ConfigIs { file: said(&agent.config.file) }));
        line(phrase(Phrase::LogIs { file: said(&agent.log) }));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_status_stays_in_sight_while_the_agent_is_away() {
        let mut pane = Pane { clear: true, text: "All quiet\n".into(), away: None };
        assert_eq!(pane.screen(), "\x1b[H\x1b[JAll quiet\n");
        pane.away = Some("the agent is gone".into());
        assert_eq!(pane.screen(), "\x1b[H\x1b[JAll quiet\n\nthe agent is gone\n");
    }
}
