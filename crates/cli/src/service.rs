//! `goplswatch install`, `uninstall`, `restart` and `service status`: the login service as a user sees it.
//!
//! The typed command is the yes; so that it is an informed one, the plan is shown before its first step is done.

use std::io::Write as _;

use goplswatch_core::Reading;
use goplswatch_remedy::service::{self, Done, File, Manager, Patience, Plan, Refusal, Site, Status};

use crate::Found;
use crate::args::{ChangeArgs, ServiceArgs, ServiceCommand};
use crate::failure::{Failure, note};
use crate::paths;

pub(crate) fn install(args: &ChangeArgs) -> Result<Found, Failure> {
    let site = site()?;
    let mut status = service::status(&site);
    let unanswered = if args.dry_run { status.unanswered.take() } else { None };
    if unanswered.is_some() {
        // There is nothing to do it with, but it can be shown: as on a machine where nothing is installed.
        (status.registered, status.running) = (Reading::Known(false), Reading::Known(false));
    }
    let plan = service::install(&site, &status).map_err(|refusal| refused(&refusal))?;
    carry_out(&site, &plan, args.dry_run, "The login service is installed as it should be.")?;
    if let Some(refusal) = unanswered {
        return Err(refused(&refusal).could_not_check());
    }
    if !args.dry_run {
        note("hint: goplswatch service status tells how it is, goplswatch uninstall takes it back");
    }
    Ok(Found::Nothing)
}

pub(crate) fn uninstall(args: &ChangeArgs) -> Result<Found, Failure> {
    let site = site()?;
    let plan = service::uninstall(&site, &service::status(&site)).map_err(|refusal| refused(&refusal))?;
    carry_out(&site, &plan, args.dry_run, "No login service is installed.")?;
    Ok(Found::Nothing)
}

pub(crate) fn restart() -> Result<Found, Failure> {
    let site = site()?;
    let status = service::status(&site);
    let plan = service::restart(&site, &status).map_err(|refusal| refused(&refusal))?;
    carry_out(&site, &plan, false, "")?;
    if status.file == File::Outdated && status.manager == Manager::Systemd {
        note("hint: what starts it is of another version or place; goplswatch install renews it");
    }
    Ok(Found::Nothing)
}

pub(crate) fn run(args: &ServiceArgs) -> Result<Found, Failure> {
    let ServiceCommand::Status { json } = args.command;
    let status = service::status(&site()?);
    let text = if json {
        serde_json::to_string(&status).map_err(|e| Failure::new(format!("could not write JSON: {e}")))? + "\n"
    } else {
        human(&status)
    };
    print(&text)?;
    if let Some(refusal) = &status.unanswered {
        note(&format!("hint: {}", refusal.advice()));
    }
    Ok(found(&status))
}

/// Everything that the library is told of this machine.
fn site() -> Result<Site, Failure> {
    let manager = Manager::of_this_system();
    let executable = paths::executable().map_err(|error| {
        Failure::new(format!("could not find this program's own file: {error}"))
            .hint("it was replaced or removed while it runs; call the new one by its full path")
    })?;
    let homeless = || Failure::new("could not find your home folder").hint("set HOME");
    let folder = paths::services(manager).ok_or_else(homeless)?;
    let logs = paths::logs().ok_or_else(homeless)?;
    let tools = manager.tools();
    let tool = tools.iter().find(|path| std::path::Path::new(path).exists()).or(tools.first());
    let kept = paths::state()
        .into_iter()
        .chain(paths::config_file())
        .chain((manager == Manager::Launchd).then(|| logs.clone()));
    Ok(Site {
        manager,
        tool: tool.copied().unwrap_or_default().into(),
        uid: rustix::process::getuid().as_raw(),
        executable,
        folder,
        environment: paths::environment(),
        kept: kept.filter(|path| path.exists()).collect(),
        logs,
        patience: Patience::default(),
    })
}

fn refused(refusal: &Refusal) -> Failure {
    Failure::new(refusal.to_string()).hint(refusal.advice()).hint("nothing was changed")
}

/// Shows the plan, and unless that was all that was asked, does it.
fn carry_out(site: &Site, plan: &Plan, dry_run: bool, nothing_to_do: &str) -> Result<(), Failure> {
    if plan.steps.is_empty() {
        print(&format!("{nothing_to_do} There is nothing to do.\n"))?;
    } else {
        print(&plan.preview())?;
    }
    if dry_run {
        note("Nothing was done: this was a dry run.");
        return Ok(());
    }
    let mut step = 0;
    plan.apply(&site.patience, |_, done| {
        step += 1;
        match done {
            Done::Now => note(&format!("{step:>3}. done")),
            Done::Already(how) => note(&format!("{step:>3}. nothing left to do: {how}")),
        }
    })
    .map_err(|failed| {
        let before = match step {
            0 => "nothing was changed".to_owned(),
            n => {
                format!("what was done before stays ({n} of {}); the same command goes on from there", plan.steps.len())
            }
        };
        Failure::new(failed.to_string()).hint(failed.advice()).hint(before)
    })?;
    for sentence in &plan.afterwards {
        note(sentence);
    }
    Ok(())
}

fn found(status: &Status) -> Found {
    match (&status.registered, &status.running) {
        (Reading::Unknown { .. }, _) => Found::CouldNotCheck,
        (Reading::Known(false), _) | (_, Reading::Known(false)) => Found::Problem,
        _ => Found::Nothing,
    }
}

fn human(status: &Status) -> String {
    let manager = status.manager.name();
    let head = match (&status.registered, &status.running) {
        (Reading::Unknown { .. }, _) => format!("Could not ask {manager}"),
        (Reading::Known(true), Reading::Known(true)) => "Installed and running".to_owned(),
        (Reading::Known(true), Reading::Known(false)) => "Installed, but not running".to_owned(),
        (Reading::Known(true), Reading::Unknown { .. }) => format!("Installed; {manager} has it loaded"),
        (Reading::Known(false), Reading::Known(true)) => "Running, but not at the next login".to_owned(),
        (Reading::Known(false), _) if status.file == File::Absent => "Not installed".to_owned(),
        (Reading::Known(false), _) => format!("Not installed completely: {manager} does not start it"),
    };
    let path = status.path.display();
    let file = match &status.file {
        File::Absent => format!("{path} is absent"),
        File::Current => format!("{path} says what it should"),
        File::Outdated => format!("{path} is of another version or starts a program elsewhere"),
        File::Foreign(why) => format!("{path} {why}"),
    };
    let mut text = format!("{head}\n  {file}\n");
    for reading in [&status.registered, &status.running] {
        if let Reading::Unknown { unknown } = reading {
            let line = format!("  {unknown}\n");
            if !text.contains(&line) {
                text.push_str(&line);
            }
        }
    }
    let whole = found(status) == Found::Nothing && status.file == File::Current;
    if !whole && !matches!(status.file, File::Foreign(_)) && status.registered.known().is_some() {
        text.push_str("  goplswatch install sets it right\n");
    }
    text
}

fn print(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(file: File, registered: Reading<bool>, running: Reading<bool>) -> Status {
        Status { manager: Manager::Systemd, path: "/unit".into(), file, registered, running, unanswered: None }
    }

    #[test]
    fn what_is_said_and_the_exit_code_agree() {
        let unknown = || Reading::unknown("no bus");
        let cases = [
            (
                status(File::Current, Reading::Known(true), Reading::Known(true)),
                "Installed and running",
                Found::Nothing,
            ),
            (status(File::Current, Reading::Known(true), unknown()), "Installed; systemd has it", Found::Nothing),
            (status(File::Current, Reading::Known(true), Reading::Known(false)), "Installed, but", Found::Problem),
            (status(File::Current, Reading::Known(false), Reading::Known(true)), "Running, but not", Found::Problem),
            (status(File::Absent, Reading::Known(false), Reading::Known(false)), "Not installed\n", Found::Problem),
            (status(File::Current, Reading::Known(false), Reading::Known(false)), "Not installed c", Found::Problem),
            (status(File::Absent, unknown(), unknown()), "Could not ask systemd", Found::CouldNotCheck),
        ];
        for (status, head, code) in cases {
            let said = human(&status);
            assert!(said.starts_with(head), "{said}");
            assert_eq!(found(&status), code, "{said}");
            assert_eq!(said.contains("goplswatch install sets it right"), code == Found::Problem, "{said}");
        }
        let foreign = human(&status(File::Foreign("is a link".into()), Reading::Known(false), Reading::Known(false)));
        assert!(foreign.contains("/unit is a link") && !foreign.contains("sets it right"), "{foreign}");
    }
}
