//! `goplswatch status`: what the agent knows, or one look if none is running. What needs time to see, an agent sees.

use std::io::{IsTerminal as _, Write as _};

use clap::Args as ClapArgs;
use goplswatch_agent::api::{AgentStatus, Day, Status};
use goplswatch_agent::client::{AskError, Client, Heard};
use goplswatch_core::codes::Severity;
use goplswatch_core::{Config, Intent, Reading, say};
use goplswatch_probe::{Options, Watcher, World as _};
use goplswatch_view::Catalogue;
use tokio::time::{Duration, Instant, sleep_until};

use crate::client::{client, failed};
use crate::config;
use crate::day::memory_of;
use crate::failure::{Failure, note};
use crate::found::Found;
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

/// Long enough to see a script become the real program, short enough not to be waited for.
const LOOK_NS: u64 = 200_000_000;
/// Events that come together are one change: so often, at most, the agent is asked again because of them.
const TOGETHER: Duration = Duration::from_millis(100);
/// What is shown again is asked for at least this often, for what changes without an event.
const AGAIN: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &StatusArgs) -> Result<Found, Failure> {
    if args.watch {
        return watch(args);
    }
    let (status, day, why_alone) = runtime()?.block_on(async {
        let (status, why_alone) = seen(args.now, args.agent).await?;
        let day = day(&client(), &status, args).await;
        Ok((status, day, why_alone))
    })?;
    show(&text(&status, &day, args, why_alone)?)?;
    Ok(found(&status))
}

/// What the agent knows, after one more look if `now`; or one look of our own, unless only the agent's answer is wanted,
/// with why no agent speaks.
pub(crate) async fn seen(now: bool, agent_only: bool) -> Result<(Status, &'static str), Failure> {
    let error = match ask(&client(), now).await {
        Ok(status) => return Ok((status, "")),
        Err(error) => error,
    };
    let Some(why) = alone(&error).filter(|_| !agent_only) else { return Err(failed(error)) };
    if !matches!(error, AskError::NoAgent) {
        note(&format!("hint: {error}; this is one look instead"));
    }
    Ok((look().await?, why))
}

/// Why there is one look instead of the agent's answer, for those errors behind which one is of use.
fn alone(error: &AskError) -> Option<&'static str> {
    match error {
        AskError::NoAgent => {
            Some("No agent is running: this is one look. goplswatch install starts one at each login.")
        }
        AskError::Busy(_) | AskError::NoAnswer(_) => {
            Some("An agent runs but gave no answer that can be read: this is one look. goplswatch restart may help.")
        }
        AskError::Barred(_) => Some("The agent, if there is one, could not be asked: this is one look."),
        AskError::Refused(_) => None,
    }
}

pub(crate) fn found(status: &Status) -> Found {
    if !status.seen.can_see_processes() {
        return Found::CouldNotCheck;
    }
    let problem = status.seen.incidents.iter().any(|i| i.severity == Severity::Problem);
    if problem { Found::Problem } else { Found::Nothing }
}

/// The last day, where it is shown and an agent knows it. One of an older version does not, which is no failure.
async fn day(client: &Client, status: &Status, args: &StatusArgs) -> Day {
    if !args.verbose || args.json || status.agent.is_none() {
        return Day::default();
    }
    client.series().await.unwrap_or_default()
}

/// As it is shown; `why_alone` says why no agent speaks.
fn text(status: &Status, day: &Day, args: &StatusArgs, why_alone: &str) -> Result<String, Failure> {
    if args.json {
        let json = status.to_json().map_err(|e| Failure::new(format!("could not write JSON: {e}")))?;
        return Ok(String::from_utf8_lossy(&json).into_owned() + "\n");
    }
    let mut text = human(&status.seen, args.verbose);
    text.push_str(&memory_of(day, &status.seen.servers).unwrap_or_default());
    match &status.agent {
        Some(agent) => text.push_str(&about(agent, args.verbose)),
        None => text.push_str(&format!("\n{why_alone}\n")),
    }
    Ok(calm(&text))
}

pub(crate) fn show(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| Failure::output(&e))
}

async fn ask(client: &Client, now: bool) -> Result<Status, AskError> {
    if now {
        client.intend(&Intent::ProbeNow).await?;
    }
    client.status().await
}

/// Shows it again whenever it changes, across restarts of the agent.
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
    let client = client();
    let mut listening = client.listen().await.map_err(failed)?;
    let status = ask(&client, args.now).await.map_err(failed)?;
    pane.status(text(&status, &day(&client, &status, args).await, args, "")?)?;
    // When to ask again; not while nobody is there.
    let mut due = Some(Instant::now() + AGAIN);
    loop {
        tokio::select! {
            heard = listening.next() => match heard.map_err(failed)? {
                Heard::Block(_) => due = due.map(|due| due.min(Instant::now() + TOGETHER)),
                Heard::Back => due = Some(Instant::now()),
                Heard::Lost(_) => {
                    due = None;
                    pane.away("the agent is gone; waiting for it")?;
                }
            },
            () = until(due) => {
                match client.status().await {
                    Ok(status) => pane.status(text(&status, &day(&client, &status, args).await, args, "")?)?,
                    // The end of the stream follows, or has come already.
                    Err(AskError::NoAgent) => pane.away("the agent is gone; waiting for it")?,
                    Err(_) => pane.away("the agent does not answer; waiting for it")?,
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

/// What is shown again and again.
struct Pane {
    /// In place of what was there; else one behind the other, and what is no status goes to stderr.
    clear: bool,
    text: String,
    /// What has become of the agent, if it does not answer.
    away: Option<&'static str>,
}

impl Pane {
    fn status(&mut self, text: String) -> Result<(), Failure> {
        let was_away = self.away.take().is_some();
        if was_away && !self.clear {
            note("hint: the agent answers again");
        }
        if self.text != text || (was_away && self.clear) {
            self.text = text;
            show(&self.screen())?;
        }
        Ok(())
    }

    /// The last status stays in sight.
    fn away(&mut self, why: &'static str) -> Result<(), Failure> {
        if self.away.replace(why) == Some(why) {
            return Ok(());
        }
        if self.clear {
            return show(&self.screen());
        }
        note(&format!("hint: {why}"));
        Ok(())
    }

    fn screen(&self) -> String {
        // Home, and erase what is below (ECMA-48 CUP, ED).
        let begin = if self.clear { "\x1b[H\x1b[J" } else { "" };
        let away = self.away.map_or_else(String::new, |why| format!("\n{why}\n"));
        format!("{begin}{}{away}", self.text)
    }
}

async fn look() -> Result<Status, Failure> {
    // What stands there now has stood there: nothing has to last before it is said.
    let config = Config { too_many_after_ms: 0, orphan_after_ms: 0, ..config::settings().detect };
    let world = system_world()?;
    let end_ns = world.now().cont_ns + LOOK_NS;
    let mut watcher = Watcher::new(world, Options { home: paths::home(), below: None, config: config.clone() });
    let mut live = blank(None, Printer::new(std::io::sink(), Style { json: false, verbose: false }));
    run_live(&mut live, &mut watcher, config, end_ns, std::future::pending()).await?;
    let now = watcher.world().now();
    live.take(now, goplswatch_core::Fact::Wake)?;
    let mut seen = live.state.snapshot(now);
    Catalogue::english().render(&mut seen);
    Ok(Status { seen, agent: None })
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
        let parts = if extent.segments == 1 { "1 part".to_owned() } else { format!("{} parts", extent.segments) };
        line(&format!("history: {} in {parts}, {}", say::bytes(extent.bytes), agent.history.folder));
        line(&format!("config:  {}", agent.config.file));
        line(&format!("log:     {}", agent.log));
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
        pane.away = Some("the agent is gone");
        assert_eq!(pane.screen(), "\x1b[H\x1b[JAll quiet\n\nthe agent is gone\n");
    }
}
