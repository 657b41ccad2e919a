//! `goplswatch install`, `uninstall`, `restart` and `service status`: the login service as a user
//! sees it.
//!
//! Typing the command counts as the confirmation; so that it is an informed one, the plan is shown
//! before its first step. A change leaves a receipt as a fix does, from which `--undo` reverts it.
//! The service manager's word alone is not trusted: at the end the agent itself is queried.

mod agent_reply;

use std::io::Write as _;

use clap::{Args as ClapArgs, Subcommand};
use goplswatch_core::Reading;
use goplswatch_core::checks::{self, InstalledPath, InstalledState};
use goplswatch_core::json;
use goplswatch_core::message::{Count, Message, SharedMessage, Text};
use goplswatch_remedy::Manager;
use goplswatch_remedy::change::{self, Action, CalledTool, Failed, Plan, Progress, Verb};
use goplswatch_remedy::clicks;
use goplswatch_remedy::service::{
    self, BundleSite, BundleState, BundleStatus, CODESIGN, COMMAND, File, Planned, Refusal, Site, Status,
};
use goplswatch_view::Phrase;
use serde::Serialize;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, hint, note, phrase, verbatim};
use crate::fix::{nothing_to_undo, undo_receipt};
use crate::language::{catalogue, render, say, say_lines};
use crate::paths;
use crate::times;
use agent_reply::AgentReply;

#[derive(Debug, ClapArgs)]
pub(crate) struct ChangeArgs {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take the last one back: what was there before is put back, and the agent that ran then is started
    #[arg(long)]
    pub(crate) undo: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServiceArgs {
    #[command(subcommand)]
    pub(crate) command: ServiceCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Whether it is installed and running; exit code 1 if it is not
    Status {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
}

/// The output of `service status`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Report {
    #[serde(flatten)]
    status: Status,
    /// The pid of the agent that answers at the socket, however it was started. Null if none
    /// answers; where the service should run, null means that none answered for five seconds.
    answers: Option<u32>,
    /// The version of that agent.
    answers_version: Option<String>,
}

/// A function that makes a plan.
type Planner = fn(&Site, &Status) -> Result<Planned, Refusal>;

/// A plan that was not carried out to its end.
struct Stopped {
    failure: Failure,
    /// What failed, if the agent can be started without the failed step.
    bundle_error: Option<SharedMessage>,
}

pub(crate) fn install(args: &ChangeArgs) -> Result<CommandOutcome, Failure> {
    if args.undo {
        return undo(Verb::Install, args.dry_run);
    }
    let site = site().map_err(SiteError::failure)?;
    let mut status = service::status(&site);
    let unanswered = if args.dry_run { status.unanswered.take() } else { None };
    if unanswered.is_some() {
        // Without the manager's reply the plan cannot be carried out, but it can be shown, as if
        // nothing were installed.
        (status.registered, status.running) = (Reading::Known(false), Reading::Known(false));
    }
    let began = times::stamp();
    let (site, plan) = start(site, &status, service::install, args.dry_run, &Phrase::ServiceNothingToInstall)?;
    if let Some(refusal) = unanswered {
        return Err(refused(&refusal).could_not_check());
    }
    if args.dry_run {
        return Ok(CommandOutcome::Nothing);
    }
    let found = query_agent(&site, plan.starts_agent.then_some(began))?;
    hint(Phrase::ServiceInstalledHint);
    tell_of_undo(&plan.plan, Verb::Install);
    Ok(found)
}

pub(crate) fn uninstall(args: &ChangeArgs) -> Result<CommandOutcome, Failure> {
    if args.undo {
        return undo(Verb::Uninstall, args.dry_run);
    }
    let site = site().map_err(SiteError::failure)?;
    let plan = service::uninstall(&site, &service::status(&site)).map_err(|refusal| refused(&refusal))?;
    carry_out(&site, &plan, args.dry_run, &Phrase::ServiceNothingToRemove).map_err(|stopped| stopped.failure)?;
    if !args.dry_run {
        tell_of_undo(&plan.plan, Verb::Uninstall);
    }
    Ok(CommandOutcome::Nothing)
}

/// Undoes the last change, if it is still in effect: restores what was there before.
fn undo(verb: Verb, dry_run: bool) -> Result<CommandOutcome, Failure> {
    let site = paths::fix_site()?.change;
    let receipt = clicks::latest_undoable(&site, Some(verb)).ok_or_else(nothing_to_undo)?;
    // No announcement: the agent that would receive it is the one being stopped or started.
    undo_receipt(&receipt, &site, dry_run, true, &mut |_| Ok(()))
}

fn tell_of_undo(plan: &Plan, verb: Verb) {
    if plan.changes_service() {
        hint(Phrase::ServiceUndoHint { command: verbatim(verb.word()) });
    }
}

pub(crate) fn restart() -> Result<CommandOutcome, Failure> {
    let site = site().map_err(SiteError::failure)?;
    let status = service::status(&site);
    let began = times::stamp();
    let (site, plan) = start(site, &status, service::restart, false, &Phrase::ServiceNothingToDo)?;
    let writes = plan.plan.steps.iter().any(|step| matches!(step.action, Action::Write { .. }));
    if status.file == File::Outdated && !writes {
        hint(Phrase::ServiceRenewHint);
    }
    query_agent(&site, plan.starts_agent.then_some(began))
}

/// Queries the agent that should run now. `began`: the earliest time at which the service's own
/// agent can have started.
fn query_agent(site: &Site, began: Option<jiff::Timestamp>) -> Result<CommandOutcome, Failure> {
    let answer = agent_reply::ask(true)?;
    for line in agent_report(answer.as_ref(), began, &say(&site.evidence())) {
        note(&line);
    }
    Ok(if answer.is_some() { CommandOutcome::Nothing } else { CommandOutcome::Problem })
}

fn agent_report(answer: Option<&AgentReply>, began: Option<jiff::Timestamp>, evidence: &str) -> Vec<String> {
    match answer {
        Some(answer) => {
            let is_earlier = began.is_some_and(|began| answer.began_before(began));
            let pid = Count::new(answer.pid.into());
            vec![phrase(if is_earlier { Phrase::ServiceHeardEarlier { pid } } else { Phrase::ServiceHeard { pid } })]
        }
        None => vec![
            phrase(Phrase::ServiceUnheard { seconds: Count::new(agent_reply::REPLY_TIMEOUT.as_secs()) }),
            phrase(Phrase::HintLine { text: Text(evidence.to_owned()) }),
        ],
    }
}

pub(crate) fn run(args: &ServiceArgs) -> Result<CommandOutcome, Failure> {
    let ServiceCommand::Status { json } = args.command;
    let site = site().map_err(SiteError::failure)?;
    let status = service::status(&site);
    let (answers, answers_version) =
        agent_reply::ask(is_expected(&status))?.map(|answer| (answer.pid, answer.version)).unzip();
    let mut report = Report { status, answers, answers_version };
    report.status.each_said(&mut render);
    let text = if json { json::to_string(&report).map_err(|e| Failure::json(&e))? + "\n" } else { human(&report) };
    print(&text)?;
    if let Some(refusal) = &report.status.unanswered {
        hint(say_lines(&refusal.advice()));
    }
    if is_silent(&report) {
        hint(site.evidence());
        hint(Phrase::ServiceRestartHint);
    }
    Ok(found(&report))
}

/// Whether, as far as the manager reports, an agent should be running.
fn is_expected(status: &Status) -> bool {
    status.registered == Reading::Known(true) && status.running != Reading::Known(false)
}

fn is_silent(report: &Report) -> bool {
    is_expected(&report.status) && report.answers.is_none()
}

/// Why the [`Site`] of this machine cannot be determined.
pub(crate) enum SiteError {
    /// The program's own path could not be determined; the system's error.
    OwnFile(std::io::Error),
    /// The home folder is not known.
    Home,
}

impl SiteError {
    /// The reason as a sentence fragment.
    pub(crate) fn message(&self) -> Message {
        match self {
            Self::OwnFile(error) => Message::OwnFileNotFound { error: verbatim(error) },
            Self::Home => Message::HomeNotFound,
        }
    }

    fn failure(self) -> Failure {
        let failure = Failure::new(self.message());
        match self {
            Self::OwnFile(_) => failure.hint(Phrase::ServiceOwnFileHint),
            Self::Home => failure.hint(Phrase::SetHome),
        }
    }
}

/// Everything the library needs to know of this machine.
fn site() -> Result<Site, SiteError> {
    let manager = Manager::of_this_system();
    let executable = paths::executable().map_err(SiteError::OwnFile)?;
    let folder = paths::services(manager).ok_or(SiteError::Home)?;
    let logs = paths::logs().ok_or(SiteError::Home)?;
    let tools = manager.tools();
    let tool = tools.iter().find(|path| std::path::Path::new(path).exists()).or(tools.first());
    let kept = paths::state()
        .into_iter()
        .chain(paths::config_file())
        .chain((manager == Manager::Launchd).then(|| logs.clone()));
    Ok(Site {
        manager,
        bundle: (manager == Manager::Launchd)
            .then(|| paths::applications().ok_or(SiteError::Home))
            .transpose()?
            .map(|folder| BundleSite { folder, codesign: CODESIGN.into(), without: None }),
        tool: tool.copied().unwrap_or_default().into(),
        uid: rustix::process::getuid().as_raw(),
        executable,
        folder,
        environment: paths::environment(),
        kept: kept.filter(|path| path.exists()).collect(),
        logs,
        command: COMMAND,
        change: change::Site::new(paths::receipts().ok_or(SiteError::Home)?),
    })
}

/// The login service as checked by `doctor`.
pub(crate) fn seen() -> Reading<checks::Service> {
    match site() {
        Err(why) => Reading::unknown(why.message()),
        Ok(site) => Reading::Known(checked(&service::status(&site))),
    }
}

fn checked(status: &Status) -> checks::Service {
    checks::Service {
        manager: status.manager.name().to_owned(),
        file: file(status),
        // A bundle that the agent has to do without is neither expected nor used.
        bundle: status.bundle.as_ref().filter(|bundle| bundle.without.is_none()).map(bundle),
        registered: status.registered.clone(),
        running: status.running.clone(),
    }
}

fn file(status: &Status) -> InstalledPath {
    let path = status.path.display().to_string();
    let state = match &status.file {
        File::Absent => InstalledState::Absent,
        File::Current => InstalledState::Current,
        File::Outdated => InstalledState::Outdated(Message::PathOutdated { path: verbatim(&path) }.into()),
        File::Foreign(why) => InstalledState::Foreign(SharedMessage::clone(&why.message)),
    };
    InstalledPath { path, state }
}

fn bundle(bundle: &BundleStatus) -> InstalledPath {
    let path = bundle.path.display().to_string();
    let state = match &bundle.state {
        BundleState::Absent => InstalledState::Absent,
        BundleState::Current => InstalledState::Current,
        BundleState::Outdated(why) => {
            InstalledState::Outdated(Message::BundleOutdated { path: verbatim(&path), why: why.message.clone() }.into())
        }
        BundleState::Foreign(why) => InstalledState::Foreign(SharedMessage::clone(&why.message)),
    };
    InstalledPath { path, state }
}

fn refused(refusal: &Refusal) -> Failure {
    Failure::new(say(&refusal.why())).hint(say_lines(&refusal.advice())).hint(Phrase::ServiceNothingChanged)
}

/// Makes a plan that starts the agent, and carries it out. If the application bundle fails, the
/// agent is started without one: running matters more than notifications. Returns the plan that was
/// carried out, and its site.
fn start(
    site: Site,
    status: &Status,
    planner: Planner,
    dry_run: bool,
    nothing_to_do: &Phrase,
) -> Result<(Site, Planned), Failure> {
    let plan = planner(&site, status).map_err(|refusal| refused(&refusal))?;
    match carry_out(&site, &plan, dry_run, nothing_to_do) {
        Ok(()) => Ok((site, plan)),
        Err(Stopped { bundle_error: Some(why), .. }) if site.has_bundle() => {
            note(&format!("{}\n{}", say(&why), phrase(Phrase::ServiceWithoutBundle)));
            let site = site.without_bundle(why);
            let status = service::status(&site);
            start(site, &status, planner, dry_run, nothing_to_do)
        }
        Err(Stopped { failure, .. }) => Err(failure),
    }
}

/// Shows the plan, and unless this is a dry run, carries it out.
fn carry_out(site: &Site, planned: &Planned, dry_run: bool, nothing_to_do: &Phrase) -> Result<(), Stopped> {
    let plan = &planned.plan;
    let shown = match plan.steps.is_empty() {
        true => print(&format!("{}\n", catalogue().phrase(nothing_to_do))),
        false => print(&planned.preview(&say)),
    };
    shown.map_err(|failure| Stopped { failure, bundle_error: None })?;
    if dry_run {
        note(&phrase(Phrase::ServiceDryRun));
        return Ok(());
    }
    if !plan.steps.is_empty() {
        apply(site, plan)?;
    }
    for sentence in &planned.afterwards {
        note(&say(sentence));
    }
    Ok(())
}

fn apply(site: &Site, plan: &Plan) -> Result<(), Stopped> {
    let mut done = 0;
    let mut on_progress = |progress: &Progress<'_>| {
        if let Progress::StepEnds { n, said, .. } = progress {
            done = *n;
            note(&format!("{n:>3}. {}", say(said)));
        }
    };
    match change::apply(plan, None, &site.change, &mut |_| Ok(()), &mut on_progress) {
        Ok(_) => Ok(()),
        Err(Failed::Refused(refusal)) => {
            let failure =
                Failure::new(say(&refusal.why)).hint(say_lines(&refusal.instead)).hint(Phrase::ServiceNothingChanged);
            Err(Stopped { failure, bundle_error: None })
        }
        Err(Failed::Step(failed)) => {
            let failure =
                Failure::new(say(&failed.why)).hint(say_lines(&failed.advice)).hint(remaining_changes(plan, done));
            let is_spare = plan.steps.get(done).is_some_and(|step| step.spare);
            Err(Stopped { failure, bundle_error: is_spare.then_some(failed.why) })
        }
    }
}

/// What remains changed after `done` steps succeeded and the next one failed. A command that
/// failed, or was killed at its deadline, may have taken effect all the same.
fn remaining_changes(plan: &Plan, done: usize) -> Phrase {
    let is_command = plan.steps.get(done).is_some_and(|step| match &step.action {
        Action::Call { call } => call.until.is_none() && call.speaker != CalledTool::Codesign,
        _ => false,
    });
    match done {
        0 if !is_command => Phrase::ServiceNothingChanged,
        0 => Phrase::ServiceEffectUnknown,
        n => Phrase::ServiceSomeStays { done: Count::new(n as u64), steps: Count::new(plan.steps.len() as u64) },
    }
}

fn found(report: &Report) -> CommandOutcome {
    match (&report.status.registered, &report.status.running) {
        (Reading::Unknown { .. }, _) => CommandOutcome::CouldNotCheck,
        (Reading::Known(false), _) | (_, Reading::Known(false)) => CommandOutcome::Problem,
        _ if is_silent(report) => CommandOutcome::Problem,
        _ => CommandOutcome::Nothing,
    }
}

fn human(report: &Report) -> String {
    let (status, silent) = (&report.status, is_silent(report));
    let manager = || verbatim(status.manager.name());
    let head = match (&status.registered, &status.running) {
        (Reading::Unknown { .. }, _) => Phrase::ServiceNotAsked { manager: manager() },
        (Reading::Known(true), Reading::Known(true)) if silent => Phrase::ServiceMute,
        (Reading::Known(true), Reading::Known(true)) => Phrase::ServiceRuns,
        (Reading::Known(true), Reading::Known(false)) => Phrase::ServiceRunsNot,
        (Reading::Known(true), Reading::Unknown { .. }) if silent => Phrase::ServiceLoadedMute { manager: manager() },
        (Reading::Known(true), Reading::Unknown { .. }) => Phrase::ServiceLoaded { manager: manager() },
        (Reading::Known(false), Reading::Known(true)) => Phrase::ServiceRunsOnce,
        (Reading::Known(false), _) if status.file == File::Absent => Phrase::ServiceAbsent,
        (Reading::Known(false), _) => Phrase::ServiceInPart { manager: manager() },
    };
    let file = file(status);
    let current = phrase(Phrase::ServiceFileCurrent { path: verbatim(&file.path) });
    let mut text = format!("{}\n  {}\n", phrase(head), written(&file, current));
    if let Some(status) = &status.bundle {
        let bundle = bundle(status);
        let current = phrase(Phrase::ServiceBundleCurrent { path: verbatim(&bundle.path) });
        text.push_str(&format!("  {}\n", written(&bundle, current)));
    }
    if let Some(pid) = report.answers {
        let pid = Count::new(pid.into());
        let answers = match &report.answers_version {
            Some(version) => Phrase::ServiceAnswers { pid, version: verbatim(version) },
            None => Phrase::ServiceAnswersUnknown { pid },
        };
        text.push_str(&format!("  {}\n", phrase(answers)));
    }
    // An answering agent proves better than the manager that it runs.
    for reading in [&status.registered, &status.running].into_iter().take(if report.answers.is_some() { 1 } else { 2 })
    {
        if let Reading::Unknown { unknown } = reading {
            let line = format!("  {}\n", say(&unknown.message));
            if !text.contains(&line) {
                text.push_str(&line);
            }
        }
    }
    let bundle = status.bundle.as_ref().map(|bundle| &bundle.state);
    let whole =
        is_expected(status) && status.file == File::Current && matches!(bundle, None | Some(BundleState::Current));
    let foreign = matches!(status.file, File::Foreign(_)) || matches!(bundle, Some(BundleState::Foreign(_)));
    if !whole && !foreign && status.registered.known().is_some() {
        text.push_str(&format!("  {}\n", phrase(Phrase::ServiceInstallHelps)));
    }
    text
}

/// The state of one of our files on one line; `current` is the text for a file that is as it should
/// be.
fn written(written: &InstalledPath, current: String) -> String {
    let path = || verbatim(&written.path);
    match &written.state {
        InstalledState::Absent => say(&Message::PathAbsent { path: path() }),
        InstalledState::Current => current,
        InstalledState::Outdated(how) => say(how),
        InstalledState::Foreign(why) => say(&Message::OfPath { path: path(), why: why.clone() }),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))
}

#[cfg(test)]
mod tests {
    use goplswatch_core::message::Message;
    use goplswatch_core::remedy::RemedyClass;
    use goplswatch_remedy::change::{Call, Purpose, Step};
    use std::time::Duration;

    use super::*;

    fn report(file: File, registered: Reading<bool>, running: Reading<bool>, answers: Option<u32>) -> Report {
        let path = "/unit".into();
        let manager = Manager::Systemd;
        let status = Status { manager, path, file, bundle: None, registered, running, unanswered: None };
        Report { status, answers, answers_version: answers.map(|_| "0.1.0".into()) }
    }

    #[test]
    fn what_is_said_and_the_exit_code_agree() {
        let unknown = || Reading::unknown("no bus");
        let (yes, no) = (|| Reading::Known(true), || Reading::Known(false));
        let cases = [
            (report(File::Current, yes(), yes(), Some(7)), "Installed and running\n", CommandOutcome::Nothing),
            (
                report(File::Current, yes(), yes(), None),
                "Installed and running, but it does not",
                CommandOutcome::Problem,
            ),
            (
                report(File::Current, yes(), unknown(), Some(7)),
                "Installed; systemd has it loaded\n",
                CommandOutcome::Nothing,
            ),
            (
                report(File::Current, yes(), unknown(), None),
                "Installed; systemd has it loaded, but",
                CommandOutcome::Problem,
            ),
            (report(File::Current, yes(), no(), None), "Installed, but not running", CommandOutcome::Problem),
            (report(File::Current, yes(), no(), Some(7)), "Installed, but not running", CommandOutcome::Problem),
            (report(File::Current, no(), yes(), Some(7)), "Running, but not", CommandOutcome::Problem),
            (report(File::Absent, no(), no(), None), "Not installed\n", CommandOutcome::Problem),
            (report(File::Absent, no(), no(), Some(7)), "Not installed\n", CommandOutcome::Problem),
            (report(File::Current, no(), no(), None), "Not installed c", CommandOutcome::Problem),
            (report(File::Absent, unknown(), unknown(), None), "Could not ask systemd", CommandOutcome::CouldNotCheck),
            (
                report(File::Absent, unknown(), unknown(), Some(7)),
                "Could not ask systemd",
                CommandOutcome::CouldNotCheck,
            ),
        ];
        for (report, head, code) in cases {
            let said = human(&report);
            assert!(said.starts_with(head), "{said}");
            assert_eq!(found(&report), code, "{said}");
            assert_eq!(
                said.contains("an agent answers (pid 7), of version 0.1.0\n"),
                report.answers.is_some(),
                "{said}"
            );
            // Installing again does not help against an agent that does not answer.
            let install = code == CommandOutcome::Problem && !is_silent(&report);
            assert_eq!(said.contains("goplswatch install sets it right"), install, "{said}");
        }
        let link = File::Foreign(Message::reported("is a link").into());
        let foreign = human(&report(link, Reading::Known(false), Reading::Known(false), None));
        assert!(foreign.contains("/unit is a link") && !foreign.contains("sets it right"), "{foreign}");
    }

    #[test]
    fn at_the_end_it_is_said_who_answers() {
        let answer = AgentReply { pid: 7, version: "0.1.0".into(), started: "2026-01-02T03:04:05.678Z".into() };
        let said = |answer, began: Option<&str>| agent_report(answer, began.map(|b| b.parse().unwrap()), "look there");
        assert_eq!(said(Some(&answer), None), ["The agent answers (pid 7)."]);
        assert_eq!(said(Some(&answer), Some("2026-01-02T03:04:05Z")), ["The agent answers (pid 7)."]);
        let earlier = said(Some(&answer), Some("2026-01-02T03:04:06Z"));
        assert!(earlier[0].contains("began earlier answers (pid 7)"), "{earlier:?}");
        assert_eq!(said(None, None), ["The agent did not answer within 5 s.", "hint: look there"]);
    }

    /// `systemctl stop`, killed at its deadline, may well have stopped the service.
    #[test]
    fn nothing_was_changed_is_said_only_where_nothing_can_have_been() {
        let run = || Action::Call {
            call: Call {
                argv: vec!["/bin/systemctl".into(), "stop".into()],
                deadline: Duration::from_millis(1),
                speaker: CalledTool::Systemctl,
                fine: vec![],
                again: vec![],
                until: None,
                unless: vec![],
            },
        };
        let folder = || Action::Folder { path: "/x".into() };
        let plan = |steps: Vec<Action>| Plan {
            purpose: Purpose::Service(Verb::Install),
            class: RemedyClass::Safe,
            incident: None,
            subject: Message::LoginService.into(),
            does: None,
            cost: None,
            undo: None,
            steps: steps.into_iter().map(Step::from).collect(),
            evidence: String::new(),
        };
        let what_stays = |plan: &Plan, done| phrase(remaining_changes(plan, done));
        assert_eq!(what_stays(&plan(vec![folder(), run()]), 0), "nothing was changed");
        assert!(what_stays(&plan(vec![run(), folder()]), 0).contains("not known"));
        assert!(what_stays(&plan(vec![folder(), run()]), 1).contains("stays (1 of 2)"));
    }

    /// As on a Mac where codesign refuses.
    #[test]
    fn an_agent_whose_bundle_cannot_be_made_is_started_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("orders")).unwrap();
        std::fs::write(path("orders/sign"), "1 for ever\n").unwrap();
        std::fs::write(path("goplswatch"), "a program").unwrap();
        let stubs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../remedy/tests/stub");
        std::os::unix::fs::symlink(stubs.join("manager.sh"), path("launchctl")).unwrap();
        std::os::unix::fs::symlink(stubs.join("codesign.sh"), path("codesign")).unwrap();
        let bundle = BundleSite { folder: path("Applications"), codesign: path("codesign"), without: None };
        let site = Site {
            manager: Manager::Launchd,
            tool: path("launchctl"),
            uid: 501,
            executable: path("goplswatch"),
            bundle: Some(bundle),
            folder: path("agents"),
            environment: vec![],
            logs: path("logs"),
            kept: vec![],
            command: COMMAND,
            change: change::Site::new(path("receipts")),
        };
        let status = service::status(&site);
        let (site, plan) = start(site, &status, service::install, false, &Phrase::ServiceNothingToDo)
            .map_err(|f| f.what().to_owned())
            .unwrap();
        let why = say(site.bundle.as_ref().unwrap().without.as_ref().unwrap());
        assert!(!site.has_bundle() && why.starts_with("could not sign it"), "{why}");
        assert!(plan.starts_agent && say_lines(&plan.warnings).contains(&why), "{:?}", plan.warnings);
        assert_eq!(std::fs::read_to_string(path("loaded")).unwrap(), site.text().unwrap());
        assert_eq!(std::fs::read_dir(path("Applications")).unwrap().count(), 0);
    }

    #[test]
    fn the_state_of_the_bundle_is_said_and_install_is_named_where_it_helps() {
        for (state, said, helps) in [
            (BundleState::Absent, "/x.app is absent\n", true),
            (BundleState::Current, "/x.app is of this version\n", false),
            (BundleState::Outdated(Message::reported("it is old").into()), "/x.app is outdated: it is old\n", true),
            (BundleState::Foreign(Message::reported("is a link").into()), "/x.app is a link\n", false),
        ] {
            let mut report = report(File::Current, Reading::Known(true), Reading::Known(true), Some(7));
            let (files, leftovers) = (vec![], vec![]);
            let path = "/x.app".into();
            report.status.bundle = Some(BundleStatus { path, state, version: None, without: None, files, leftovers });
            let text = human(&report);
            assert!(text.contains(said), "{text}");
            assert_eq!(text.contains("goplswatch install sets it right"), helps, "{text}");
        }
    }
}
