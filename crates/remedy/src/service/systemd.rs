//! systemd on Linux: a unit of the instance that systemd runs for each user.
//!
//! What has to be known (systemd.service(5), systemctl(1)):
//!
//! - The instance is reached over the user's own bus. In a container, after `su`, or in an ssh
//!   session without `pam_systemd` there is none: then `is-active` exits with 1, otherwise always
//!   with 0, 3 or 4.
//! - A changed file has no effect before `daemon-reload`, and none on what is running. `enable
//!   --now` starts a unit that is not running, and leaves a running one alone.
//! - In `ExecStart=` a `%` begins a specifier everywhere, and a `$` a variable in arguments but not
//!   in the program's path, which may hold neither quotes nor backslashes, however escaped. In
//!   `Environment=` a `$` is literal.
//! - The instance has its own environment, made at login. What a shell sets later reaches neither
//!   it nor the agent, so the variables with the locations of our files are in the unit. Where the
//!   instance looks for units depends on its own XDG_CONFIG_HOME, which cannot be queried
//!   (`show-environment` lists what it passes on, and a desktop adds to that without changing where
//!   it looks). So the unit is always in `~/.config/systemd/user` and is enabled by its path: if
//!   that folder is not searched, systemd links the unit to one that is, and `disable` removes the
//!   link.

use std::fmt::Write as _;

use goplswatch_core::Reading;
use goplswatch_core::message::{Message, SharedMessage};

use super::plan::{Planned, call, remove, wait, words, write};
use super::site::{
    BETWEEN_STARTS_S, File, LABEL, ManagerStatus, OPEN_FILES, Refusal, STOP_S, Site, Status, absolute, known,
    program_arguments,
};
use crate::change::exit_codes::explain;
use crate::change::{Action, Call, CalledTool, Until, Verb};
use crate::command;
use crate::manager::Manager;
use crate::said::verbatim;

/// The unit's name.
pub(super) const UNIT: &str = Manager::Systemd.file_name();

/// systemd's own hard limit of open files. The agent starts with fewer; a `go` command that it runs
/// may take more.
const OPEN_FILES_HARD: u64 = 524_288;

pub(super) fn unit(site: &Site) -> Result<String, Refusal> {
    let [program, arguments @ ..] = program_arguments(&site.executable)?;
    if let Some(c) = program.chars().find(|c| ['"', '\'', '\\'].contains(c)) {
        return Err(Refusal::Path {
            path: site.executable.clone(),
            why: SharedMessage::new(Message::PathHolds { character: verbatim(&c) }),
        });
    }
    let mut start = quoted(&program.replace('%', "%%"));
    for argument in arguments {
        // Writing to a String cannot fail.
        let _ = write!(start, " {}", quoted(&argument.replace('%', "%%").replace('$', "$$")));
    }
    let mut environment = String::new();
    for (name, path) in &site.environment {
        let path = absolute(path)?.replace('%', "%%").replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(environment, "Environment=\"{name}={path}\"");
    }
    Ok(format!(
        "# {LABEL}: written by `goplswatch install`, removed by `goplswatch uninstall`.\n\
         [Unit]\n\
         Description=goplswatch watches every gopls of this user\n\
         \n\
         [Service]\n\
         Type=simple\n\
         ExecStart={start}\n\
         {environment}\
         # After a crash, not after Quit.\n\
         Restart=on-failure\n\
         RestartSec={BETWEEN_STARTS_S}\n\
         TimeoutStopSec={STOP_S}\n\
         LimitNOFILE={OPEN_FILES}:{OPEN_FILES_HARD}\n\
         # What was opened for the user, an editor with the config file, outlives the agent.\n\
         KillMode=process\n\
         # No NoNewPrivileges=: what is opened inherits it, and neither sudo nor a snap starts below it.\n\
         # No ProtectProc=, PrivatePIDs=, PrivateUsers=, ProtectSystem= and the like: behind a name space of its own\n\
         # the agent could neither see the user's other processes nor, when told to, send them a signal.\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    ))
}

/// A word of a command line, in quotes if necessary.
fn quoted(word: &str) -> String {
    if word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-%$+@:".contains(c)) {
        word.to_owned()
    } else {
        format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Whether it is a unit that begins with our line.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(format!("# {LABEL}: ").as_bytes())
}

/// Asks systemd whether the unit is enabled and active.
pub(super) fn query(site: &Site) -> ManagerStatus {
    let ask = |verb| {
        let answer = command::run(&words(&call(site, &["--user", "--quiet", verb, UNIT])), site.command);
        (answer, call(site, &["--user", verb, UNIT]).argv)
    };
    let unknown = |(answer, argv): &(command::Output, Vec<String>)| {
        let (came, _) = explain(CalledTool::Systemctl, answer);
        Message::ServiceNotAsked { manager: verbatim("systemd"), call: SharedMessage::new(answer.describe(argv, came)) }
    };
    let active = ask("is-active");
    let running = match active.0.code() {
        Some(0) => Reading::Known(true),
        Some(3 | 4) => Reading::Known(false),
        // If the first command got no answer, the second is not run.
        _ => {
            let why = unknown(&active);
            let (registered, running) = (Reading::unknown(why.clone()), Reading::unknown(why.clone()));
            return ManagerStatus { registered, running, unanswered: Some(no_answer(why)) };
        }
    };
    let enabled = ask("is-enabled");
    match enabled.0.code() {
        Some(0) => ManagerStatus { registered: Reading::Known(true), running, unanswered: None },
        Some(1 | 4) => ManagerStatus { registered: Reading::Known(false), running, unanswered: None },
        _ => {
            let why = unknown(&enabled);
            ManagerStatus { registered: Reading::unknown(why.clone()), running, unanswered: Some(no_answer(why)) }
        }
    }
}

fn no_answer(why: Message) -> Refusal {
    Refusal::no_answer(why, Message::DoReachSystemd)
}

fn run(site: &Site, words: &[&str]) -> Call {
    call(site, &[&["--user"], words].concat())
}

fn do_it(site: &Site, words: &[&str]) -> Action {
    Action::Call { call: run(site, words) }
}

fn is_active(site: &Site) -> Action {
    Action::Call { call: wait(run(site, &["--quiet", "is-active", UNIT]), Until::There) }
}

/// Makes systemd read its files again.
const RELOAD: &[&str] = &["daemon-reload"];

pub(super) fn install(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    let text = unit(site)?;
    let enabled = known(status, &status.registered)?;
    let active = known(status, &status.running)?;
    let mut plan = Planned::new(Verb::Install);
    plan.starts_agent = !active || status.file != File::Current;
    if site.uid == 0 {
        plan.warnings.push(Message::NoteRoot);
    }
    if enabled && active && status.file == File::Current {
        plan.afterwards.push(Message::NoteUpgraded);
        return Ok(plan);
    }
    if status.file != File::Current {
        if active {
            // This comes first: were it last, a run interrupted before it would leave the old agent
            // with a new file, which could not be told from a finished install.
            let again = if status.file == File::Absent { Vec::new() } else { vec![run(site, &["start", UNIT])] };
            plan.step_and_back(Message::ServiceEndOld, do_it(site, &["stop", UNIT]), again);
        }
        let back = vec![run(site, RELOAD)];
        let does = Message::ServiceWrite { manager: verbatim("systemd") };
        plan.step_and_back(does, write(site, text)?, back);
    }
    // Also if the file is up to date: the run that wrote it may have ended before this step.
    plan.step(Message::ServiceRead, do_it(site, RELOAD));
    // An agent that was started from this very file keeps running; one from another file was
    // stopped above.
    let back: &[&str] = match (enabled, active && status.file == File::Current) {
        (true, _) => &["stop", UNIT],
        (false, true) => &["disable", UNIT],
        (false, false) => &["disable", "--now", UNIT],
    };
    let enable = do_it(site, &["enable", "--now", absolute(&site.file())?]);
    plan.step_and_back(Message::ServiceStart, enable, vec![run(site, back)]);
    plan.step(Message::ServiceSeeRuns, is_active(site));
    plan.afterwards.push(Message::NoteJournal { unit: verbatim(UNIT) });
    Ok(plan)
}

pub(super) fn uninstall(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    let enabled = known(status, &status.registered)?;
    let active = known(status, &status.running)?;
    let mut plan = Planned::new(Verb::Uninstall);
    if status.file == File::Absent {
        // Without its file a unit cannot be disabled, only stopped.
        if active {
            plan.step(Message::ServiceEndOld, do_it(site, &["stop", UNIT]));
            plan.step(Message::ServiceForget, do_it(site, RELOAD));
        }
        return Ok(plan);
    }
    if enabled || active {
        let file = site.file();
        let back: &[&str] = match (enabled, active) {
            (true, true) => &["enable", "--now", absolute(&file)?],
            (true, false) => &["enable", absolute(&file)?],
            (false, _) => &["start", UNIT],
        };
        let disable = do_it(site, &["disable", "--now", UNIT]);
        plan.step_and_back(Message::ServiceEndForGood, disable, vec![run(site, back)]);
    }
    plan.step_and_back(Message::ServiceRemoveRead, remove(site)?, vec![run(site, RELOAD)]);
    plan.step(Message::ServiceForget, do_it(site, RELOAD));
    Ok(plan)
}

pub(super) fn restart(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    let active = known(status, &status.running)?;
    if status.file == File::Absent && !active {
        return Err(Refusal::NotInstalled);
    }
    let mut plan = Planned::new(Verb::Restart);
    plan.starts_agent = true;
    plan.step(Message::ServiceRestart, do_it(site, &["restart", UNIT]));
    plan.step(Message::ServiceSeeRuns, is_active(site));
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_command_line_are_quoted_where_they_must() {
        assert_eq!(quoted("/usr/bin/goplswatch"), "/usr/bin/goplswatch");
        assert_eq!(quoted("/home/y/My Tools/g"), "\"/home/y/My Tools/g\"");
        assert_eq!(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
        assert_eq!(quoted(""), "");
    }

    #[test]
    fn a_unit_is_ours_by_its_first_line() {
        assert!(is_ours(b"# dev.goplswatch.agent: written by an earlier version\n[Unit]"));
        assert!(!is_ours(b"[Unit]\nDescription=goplswatch\n"));
        assert!(!is_ours(b""));
    }
}
