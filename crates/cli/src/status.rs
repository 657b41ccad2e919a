//! `goplswatch status`: what the agent knows, or one scan if no agent runs. Whatever takes time to
//! detect, only an agent sees.

use std::io::{IsTerminal as _, Write as _};

use clap::Args as ClapArgs;
use goplswatch_agent::api::{AgentStatus, DaySeries, Status};
use goplswatch_agent::client::{Client, RequestError, StreamUpdate};
use goplswatch_core::capability::Capability;
use goplswatch_core::codes::Severity;
use goplswatch_core::message::{Bytes, Count, Text};
use goplswatch_core::{Config, Reading, UserCommand};
use goplswatch_probe::{Options, Platform as _, Watcher};
use goplswatch_view::{Form, Phrase};
use tokio::time::{Duration, Instant, sleep_until};

use crate::client::{client, failed};
use crate::command_outcome::CommandOutcome;
use crate::config;
use crate::day::memory_of;
use crate::failure::{Failure, Worded as _, hint, phrase, verbatim};
use crate::language::{catalogue, catalogue_for};
use crate::paths;
use crate::printer::{Printer, Style, sanitized};
use crate::runtime::{runtime, stop_signal};
use crate::summary::human;
use crate::times;
use crate::watch::{fresh_engine, run as run_live, system_platform};

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

/// How long a scan without an agent goes on: long enough to see a wrapper script exec the real
/// program, short enough not to be noticed.
const SCAN: Duration = Duration::from_millis(200);
/// Events that arrive together count as one change: they cause at most one request per this time.
const COALESCE_INTERVAL: Duration = Duration::from_millis(100);
/// A status on display is refreshed at least this often, for changes without an event.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &StatusArgs) -> Result<CommandOutcome, Failure> {
    if args.watch {
        return watch(args);
    }
    let shown = runtime()?.block_on(async {
        match ask(&client_for(args), args, args.now).await {
            Ok(shown) => Ok(shown),
            Err(error) => {
                let why = fall_back_to_scan(error, args.agent)?;
                scan_output(scan_once().await?, args, why)
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
            let why = fall_back_to_scan(error, false)?;
            Ok((scan_once().await?, Some(why)))
        }
    }
}

/// Why there is one scan instead of the agent's reply. An error if a scan is of no use, or only the
/// reply is wanted.
fn fall_back_to_scan(error: RequestError, agent_only: bool) -> Result<Phrase, Failure> {
    let Some(why) = reason_without_agent(&error).filter(|_| !agent_only) else { return Err(failed(error)) };
    if !matches!(error, RequestError::NoAgent) {
        hint(Phrase::LookInstead { why: Text(error.message().say()) });
    }
    Ok(why)
}

/// Why there is one scan instead of the agent's reply, for those errors after which a scan is
/// useful.
fn reason_without_agent(error: &RequestError) -> Option<Phrase> {
    match error {
        RequestError::NoAgent => Some(Phrase::AloneNoAgent),
        RequestError::Busy(_) | RequestError::NoAnswer(_) => Some(Phrase::AloneNoAnswer),
        RequestError::Obstructed(_) => Some(Phrase::AloneBarred),
        RequestError::Refused(_) => None,
    }
}

pub(crate) fn found_of(status: &Status) -> CommandOutcome {
    found(&status.snapshot.capabilities, status.snapshot.incidents.iter().map(|incident| incident.severity))
}

fn found(capabilities: &[Capability], mut open: impl Iterator<Item = Severity>) -> CommandOutcome {
    match Capability::sees_processes(capabilities) {
        false => CommandOutcome::CouldNotCheck,
        true if open.any(|severity| severity == Severity::Problem) => CommandOutcome::Problem,
        true => CommandOutcome::Nothing,
    }
}

/// The text to show, and the result for the exit code.
struct StatusOutput {
    text: String,
    found: CommandOutcome,
}

/// A client that asks for the language of the output.
fn client_for(args: &StatusArgs) -> Client {
    Client::new(paths::sockets(), catalogue_for(args.json))
}

/// The agent's status, after one more scan if `now`.
async fn ask(client: &Client, args: &StatusArgs, now: bool) -> Result<StatusOutput, RequestError> {
    if now {
        client.submit(&UserCommand::ProbeNow {}).await?;
    }
    if args.json {
        let (json, judged) = client.status_json().await?;
        let found = found(&judged.capabilities, judged.incidents.iter().map(|open| open.severity));
        return Ok(StatusOutput { text: json + "\n", found });
    }
    let mut status = client.status().await?;
    status.render(catalogue());
    let day = if args.verbose { day(client, &status).await } else { DaySeries::default() };
    Ok(StatusOutput { text: text(&status, &day, args.verbose, None), found: found_of(&status) })
}

/// The last day, if an agent knows it. An agent of an older version does not, which is no failure.
async fn day(client: &Client, status: &Status) -> DaySeries {
    match status.agent {
        Some(_) => client.series().await.unwrap_or_default(),
        None => DaySeries::default(),
    }
}

/// The status from one scan by this process, and why no agent answers.
fn scan_output(mut status: Status, args: &StatusArgs, why_alone: Phrase) -> Result<StatusOutput, Failure> {
    status.render(catalogue_for(args.json));
    let text = match args.json {
        true => String::from_utf8_lossy(&status.to_json().map_err(|e| Failure::json(&e))?).into_owned() + "\n",
        false => text(&status, &DaySeries::default(), args.verbose, Some(&why_alone)),
    };
    Ok(StatusOutput { text, found: found_of(&status) })
}

/// The status as text for a person; `why_alone` says why no agent answers.
fn text(status: &Status, day: &DaySeries, verbose: bool, why_alone: Option<&Phrase>) -> String {
    let mut text = human(&status.snapshot, verbose);
    text.push_str(&memory_of(day, &status.snapshot.servers).unwrap_or_default());
    text.extend(status.agent.as_ref().map(|agent| about(agent, verbose)));
    text.extend(why_alone.map(|why| format!("\n{}\n", sentences(why))));
    sanitized(&text)
}

/// Renders a phrase of several sentences.
pub(crate) fn sentences(phrase: &Phrase) -> String {
    catalogue().text(phrase, Form::Full)
}

pub(crate) fn show(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| Failure::output(&e))
}

/// Shows the status again whenever it changes, across restarts of the agent.
fn watch(args: &StatusArgs) -> Result<CommandOutcome, Failure> {
    let clear = !args.json && std::io::stdout().is_terminal();
    let mut pane = Pane { clear, text: String::new(), no_reply_reason: None };
    runtime()?.block_on(async {
        tokio::select! {
            () = stop_signal() => Ok(CommandOutcome::Nothing),
            ended = keep_showing(args, &mut pane) => ended,
        }
    })
}

async fn keep_showing(args: &StatusArgs, pane: &mut Pane) -> Result<CommandOutcome, Failure> {
    let client = client_for(args);
    let mut listening = client.listen().await.map_err(failed)?;
    pane.status(ask(&client, args, args.now).await.map_err(failed)?.text)?;
    // When to ask again; `None` while no agent is there.
    let mut due = Some(Instant::now() + REFRESH_INTERVAL);
    loop {
        tokio::select! {
            update = listening.next() => match update.map_err(failed)? {
                StreamUpdate::Block(_) => due = due.map(|due| due.min(Instant::now() + COALESCE_INTERVAL)),
                StreamUpdate::Back => due = Some(Instant::now()),
                StreamUpdate::Lost(_) => {
                    due = None;
                    pane.away(Phrase::AgentGone)?;
                }
            },
            () = until(due) => {
                match ask(&client, args, false).await {
                    Ok(shown) => pane.status(shown.text)?,
                    // The stream's end follows, or has arrived already.
                    Err(RequestError::NoAgent) => pane.away(Phrase::AgentGone)?,
                    Err(_) => pane.away(Phrase::AgentSilent)?,
                }
                due = Some(Instant::now() + REFRESH_INTERVAL);
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
    no_reply_reason: Option<String>,
}

impl Pane {
    fn status(&mut self, text: String) -> Result<(), Failure> {
        let was_away = self.no_reply_reason.take().is_some();
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
        if self.no_reply_reason.as_ref() == Some(&why) {
            return Ok(());
        }
        self.no_reply_reason = Some(why.clone());
        if self.clear {
            return show(&self.screen());
        }
        hint(why);
        Ok(())
    }

    fn screen(&self) -> String {
        // Cursor home, then erase below (ECMA-48 CUP, ED).
        let begin = if self.clear { "\x1b[H\x1b[J" } else { "" };
        let away = self.no_reply_reason.as_ref().map_or_else(String::new, |why| format!("\n{why}\n"));
        format!("{begin}{}{away}", self.text)
    }
}

/// The status from a scan by this process, which goes on for [`SCAN`]; not yet rendered.
pub(crate) async fn scan_once() -> Result<Status, Failure> {
    // What exists now may have existed for long, so no condition has to last before it is reported.
    let config = Config { too_many_after: Duration::ZERO, orphan_after: Duration::ZERO, ..config::settings().detect };
    let platform = system_platform()?;
    let end = platform.now().uptime + SCAN;
    let mut watcher = Watcher::new(platform, Options { home: paths::home(), below: None, config: config.clone() });
    let mut live = fresh_engine(None, Printer::new(std::io::sink(), Style { json: false, verbose: false }));
    run_live(&mut live, &mut watcher, config, end, std::future::pending()).await?;
    let now = watcher.platform().now();
    live.take(now, goplswatch_core::Observation::Wake)?;
    Ok(Status { snapshot: live.state.snapshot(now), agent: None })
}

/// The agent's data about itself: problems always, the rest if `verbose`.
fn about(agent: &AgentStatus, verbose: bool) -> String {
    let since = agent.started.parse::<jiff::Timestamp>().map_or_else(
        |_| agent.started.clone(),
        |stamp| stamp.to_zoned(times::zone()).strftime("%Y-%m-%d %H:%M").to_string(),
    );
    let cost = &agent.cost;
    let cpu = match &cost.cpu_permille {
        Reading::Known(permille) => Phrase::CpuOfCore { percent: verbatim(format!("{:.2}", permille / 10.0)) },
        Reading::Unknown { .. } => Phrase::CpuNotMeasured,
    };
    let memory = cost.memory_bytes.known().map(|bytes| catalogue().bytes(*bytes));
    let memory = memory.unwrap_or_else(|| phrase(Phrase::MemoryNotKnown));
    let pid = Count::new(u64::from(agent.pid));
    let head = phrase(Phrase::AgentSince { version: verbatim(&agent.version), pid, since: verbatim(since) });
    let mut text = format!("\n{head} · {} · {memory}\n", phrase(cpu));
    let mut line = |said: String| text.push_str(&format!("  {said}\n"));
    cost.over.iter().chain(&agent.config.problems).for_each(|said| line(said.to_string()));
    if verbose {
        let extent = &agent.history.extent;
        let (bytes, parts) = (Bytes::new(extent.bytes), Count::new(extent.segments));
        line(phrase(Phrase::HistoryIs { bytes, parts, folder: verbatim(&agent.history.folder) }));
        line(phrase(Phrase::ConfigIs { file: verbatim(&agent.config.file) }));
        line(phrase(Phrase::LogIs { file: verbatim(&agent.log) }));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_status_stays_in_sight_while_the_agent_is_away() {
        let mut pane = Pane { clear: true, text: "All quiet\n".into(), no_reply_reason: None };
        assert_eq!(pane.screen(), "\x1b[H\x1b[JAll quiet\n");
        pane.no_reply_reason = Some("the agent is gone".into());
        assert_eq!(pane.screen(), "\x1b[H\x1b[JAll quiet\n\nthe agent is gone\n");
    }
}
