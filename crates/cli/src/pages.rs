//! Shell completions and manual pages, generated from the clap command that also parses the
//! arguments.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Command};
use clap_complete::Shell;

use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, verbatim};

/// Text of the manual beyond the options.
const EXIT_CODES: &str = "Exit codes: 0 nothing wrong, 1 a problem was found, 2 usage or internal failure, 3 could \
                          not check.\n\nWhat is written to stdout is data; progress and hints are written to stderr.";

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// `goplswatch completions`.
pub(crate) fn completions(args: &CompletionsArgs, mut program: Command) -> Result<CommandOutcome, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut program, "goplswatch", &mut text);
    out(&text)
}

/// `goplswatch man`.
pub(crate) fn man(args: &ManArgs, program: Command) -> Result<CommandOutcome, Failure> {
    // Without this, there would also be a manual page for the `help` of each command.
    let command = program.disable_help_subcommand(true).after_long_help(EXIT_CODES);
    let Some(dir) = &args.dir else {
        let mut text = Vec::new();
        clap_mangen::Man::new(command).render(&mut text).map_err(|e| Failure::output(&e))?;
        return out(&text);
    };
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(command, dir))
        .map_err(|e| Failure::new(Phrase::ManNotWritten { folder: verbatim(dir.display()), error: verbatim(e) }))?;
    Ok(CommandOutcome::Nothing)
}

fn out(text: &[u8]) -> Result<CommandOutcome, Failure> {
    std::io::stdout().lock().write_all(text).map_err(|e| Failure::output(&e))?;
    Ok(CommandOutcome::Nothing)
}
