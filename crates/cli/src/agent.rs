//! `goplswatch agent`: the background process that launchd or systemd starts at login.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use goplswatch_agent::{Agent, Ended, Options, StartError};
use goplswatch_core::message::{Message, Text};
use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, Worded as _, hint, note, phrase};
use crate::language::catalogue;
use crate::paths;
use crate::recorder::system_name;
use crate::runtime::no_loop;
use crate::surface;

#[derive(Debug, ClapArgs)]
pub(crate) struct AgentArgs {
    /// Show no icon and no notifications, also where there is a desktop
    #[arg(long)]
    pub(crate) no_tray: bool,
    /// If another agent runs, wait for its end instead of giving up: what the login service does
    #[arg(long)]
    pub(crate) wait: bool,
}

/// How long a start retries. An agent that is ending, or that was killed while it spawned a
/// process, holds its lock a moment longer.
const LOCK_GRACE: Duration = Duration::from_secs(1);
/// How often `--wait` checks whether the other agent has ended.
const LOCK_POLL_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &AgentArgs) -> Result<CommandOutcome, Failure> {
    let places = paths::agent_paths()?;
    let echo = std::io::stderr().is_terminal();
    let version = env!("CARGO_PKG_VERSION").into();
    let options = Options { paths: places, version, os: system_name().into(), echo, words: catalogue() };
    let agent = start(options, args.wait)?;
    if echo {
        note(&phrase(Phrase::AgentForeground));
    }
    match if args.no_tray { surface::run_without_surface(agent) } else { surface::show(agent)? } {
        Ended::Stopped => Ok(CommandOutcome::Nothing),
        Ended::Late => {
            hint(Phrase::AgentEndedLate);
            Ok(CommandOutcome::Nothing)
        }
        Ended::Failed => Err(Failure::new(Phrase::AgentEngineGone)),
    }
}

/// Starts the agent. A login service waits for an agent that was started by hand, and takes over
/// after it: if it exited instead, the service manager would restart it every few seconds and
/// report a failure.
fn start(options: Options, wait: bool) -> Result<Agent, Failure> {
    let began = Instant::now();
    let mut said = false;
    loop {
        let by = match Agent::start(options.clone()) {
            Err(StartError::Runs(by)) => by,
            other => return other.map_err(failed),
        };
        if began.elapsed() < LOCK_GRACE {
            wait_for(LOCK_GRACE / 10);
        } else if wait {
            if !std::mem::replace(&mut said, true) {
                note(&phrase(Phrase::AgentWaitsForOther { who: name(by) }));
            }
            wait_for(LOCK_POLL_INTERVAL);
        } else {
            return Err(failed(StartError::Runs(by)));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "another process holds the lock and tells nobody; no loop runs yet")]
fn wait_for(time: Duration) {
    std::thread::sleep(time);
}

fn failed(error: StartError) -> Failure {
    match error {
        StartError::Runs(by) => Failure::new(Phrase::AgentRuns { who: name(by) }).hint(Phrase::AgentRunsHint),
        StartError::Loop(error) => no_loop(&error),
    }
}

fn name(by: Message) -> Text {
    Text(by.say())
}
