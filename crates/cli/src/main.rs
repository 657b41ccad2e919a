//! The executable: command-line arguments, printing and exit codes. All decisions are made in the
//! libraries.
//!
//! Data goes to stdout, progress and hints to stderr. Exit codes: 0 nothing wrong, 1 a problem was
//! found, 2 usage or internal failure, 3 could not check.

mod agent;
mod args;
mod ask;
mod client;
mod command_outcome;
mod config;
mod day;
mod demo;
mod describe;
mod doctor;
mod explain;
mod failure;
mod fix;
#[cfg(test)]
mod generated;
mod history;
mod language;
mod logs;
mod menu;
mod pages;
mod paths;
mod printer;
mod recorder;
mod replay;
mod runtime;
mod service;
mod status;
mod summary;
mod surface;
mod times;
mod watch;
mod why;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use goplswatch_view::Catalogue;

use args::{Args, Command};
use command_outcome::CommandOutcome;

fn main() -> ExitCode {
    if let Some(role) = demo::role() {
        return demo::act(&role);
    }
    // Opening the application bundle starts the agent. If it already runs, macOS only activates it.
    let parsed =
        if paths::opened_as_application() { Args::try_parse_from(["goplswatch", "agent"]) } else { Args::try_parse() };
    let args = match parsed {
        Ok(args) => args,
        Err(error) => {
            // clap words its own errors; `--help` and `--version` are not failures. If neither
            // stream can be written to, there is nowhere left to report that.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let preferred = || Catalogue::for_locales(&paths::languages());
    language::choose(args.lang.or_else(config::language).unwrap_or_else(preferred));
    let result = match args.command {
        Command::Watch(options) => watch::watch(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Why(options) => why::run(&options),
        Command::History(options) => history::run(&options),
        Command::Export(options) => history::export(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Fix(options) => fix::run(&options),
        Command::Status(options) => status::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Menu(options) => menu::run(&options),
        Command::Agent(options) => agent::run(&options),
        Command::Events(options) => ask::events(&options),
        Command::Snooze(options) => ask::snooze(&options),
        Command::Mute(options) => ask::mute(&options, true),
        Command::Unmute(options) => ask::mute(&options, false),
        Command::Pause(options) => ask::pause(&options),
        Command::Resume => ask::resume(),
        Command::Metrics => ask::metrics(),
        Command::Logs(options) => logs::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Config(options) => config::run(&options),
        Command::Completions(options) => pages::completions(&options, Args::command()),
        Command::Man(options) => pages::man(&options, Args::command()),
        Command::Install(options) => service::install(&options),
        Command::Uninstall(options) => service::uninstall(&options),
        Command::Restart => service::restart(),
        Command::Service(options) => service::run(&options),
    };
    match result {
        Ok(CommandOutcome::Nothing) => ExitCode::SUCCESS,
        Ok(CommandOutcome::Problem) => ExitCode::from(1),
        Ok(CommandOutcome::CouldNotCheck) => ExitCode::from(3),
        Err(failure) => failure.report(),
    }
}
