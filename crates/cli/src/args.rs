//! The command line: all commands by name. The arguments of a command are defined in its own
//! module.

use clap::{Parser, Subcommand};

use goplswatch_view::Catalogue;

use crate::language::language;
use crate::{
    agent, ask, config, demo, doctor, explain, fix, history, logs, menu, pages, replay, service, status, watch, why,
};

/// Watches every gopls on this machine, says when one fails in silence, and why.
#[derive(Debug, Parser)]
#[command(name = "goplswatch", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Speak this language, such as en [default: that of the config file, else that of the system]
    #[arg(long, global = true, value_name = "TAG", value_parser = language)]
    pub(crate) lang: Option<&'static Catalogue>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch live: every gopls that starts or ends, and every problem, as it happens
    Watch(watch::WatchArgs),
    /// Show again what a recording says, judged by the same code
    Replay(replay::ReplayArgs),
    /// Show the readings behind an incident
    Why(why::WhyArgs),
    /// Show what the agent has seen
    History(history::HistoryArgs),
    /// Write what the agent has seen to a file that replays alone
    Export(history::ExportArgs),
    /// Explain a kind of incident: what it is, what helps, what is said to help and does not
    Explain(explain::ExplainArgs),
    /// List what can be done about it, show what it would do, and do it on a yes
    Fix(fix::FixArgs),
    /// What runs and what is wrong, from the agent, or from one look if none is running
    Status(status::StatusArgs),
    /// Check the set-up, the worst first: the agent, the login service, the icon, what this machine lets us see
    Doctor(doctor::DoctorArgs),
    /// What the icon, its menu and the notifications say, as text
    Menu(menu::MenuArgs),
    /// Watch in the background and answer the other commands: what is started at login
    Agent(agent::AgentArgs),
    /// What the agent sees, as it happens
    Events(ask::EventsArgs),
    /// Let an incident be for a while
    Snooze(ask::SnoozeArgs),
    /// Tell nothing about a folder any more
    Mute(ask::MuteArgs),
    /// Tell about a folder again
    Unmute(ask::MuteArgs),
    /// Tell nothing at all for a while, or until `resume`
    Pause(ask::PauseArgs),
    /// Tell again
    Resume,
    /// What the agent knows in numbers, as OpenMetrics text
    Metrics,
    /// What the agent says about itself
    Logs(logs::LogsArgs),
    /// A pretended editor and gopls that loop, hang and are given up: everything to see in half a minute
    Demo(demo::DemoArgs),
    /// The config file: what applies, what is wrong with it, what it may say, where it is
    Config(config::ConfigArgs),
    /// Print the completions of a shell
    Completions(pages::CompletionsArgs),
    /// Print the manual page, or write all pages
    Man(pages::ManArgs),
    /// Start the agent now and at every login (shows what it does as it does it)
    Install(service::ChangeArgs),
    /// End the agent and start it no more; history and config stay
    Uninstall(service::ChangeArgs),
    /// End the agent and start it again, as after an upgrade
    Restart,
    /// The login service: is it installed, does it run
    Service(service::ServiceArgs),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }
}
