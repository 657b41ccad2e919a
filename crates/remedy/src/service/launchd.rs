//! launchd on macOS: an agent of the user's desktop session.
//!
//! A property list in `~/Library/LaunchAgents` is read at login; until then `launchctl bootstrap`
//! loads it into the domain `gui/UID`. What has to be known (launchctl(1), launchd.plist(5), and
//! how yabai's `src/misc/service.h` does it):
//!
//! - `load` and `unload` exit with 0 when they fail; they are never used.
//! - A label that was disabled once stays disabled, even after its file is gone, and cannot be
//!   bootstrapped: `enable` first.
//! - `bootout` returns before the job has ended. While it is ending, `bootstrap` exits with 5. So
//!   `print` is repeated until it fails, and a 5 is tried again. But 5 is also launchd's code for
//!   every other error, so the number of tries is limited.
//! - `print` shows by its exit code whether a label is loaded; its output is not an interface. It
//!   is also 0 for a program that cannot be started (78) or exits at once every time: only the
//!   agent itself can tell whether it is running.
//! - `kickstart -k` kills with signal 9 at once, so no last entry reaches the history
//!   (kirodotdev/KiroCrew#1562), and starts the file as it was when it was loaded. So a restart is
//!   `bootout`, which sends SIGTERM first, and `bootstrap`.
//! - The domain `gui/UID` exists while the user is logged in on the Mac's screen. Otherwise, as
//!   over ssh to a Mac at its login window, `print` exits with 112 or 125 (duh17/oppi#38,
//!   lidge-jun/opencodex#1770).
//! - `launchctl disable` leaves the service loaded until the next login, which then does not start
//!   it.

use std::path::PathBuf;

use goplswatch_core::Reading;
use goplswatch_core::message::{Message, SharedMessage};
use serde::{Deserialize, Serialize};

use super::bundle;
use super::plan::{Planned, call, named, remove, wait, words, write};
use super::site::{
    BETWEEN_STARTS_S, BundleStatus, File, LABEL, ManagerStatus, OPEN_FILES, Refusal, STOP_S, Site, Status, absolute,
    known, program_arguments, xml,
};
use crate::change::exit_codes::{EALREADY, EINPROGRESS, EIO, ESRCH, NO_ACTION, NO_DOMAIN, NOT_FOUND, explain};
use crate::change::{Action, Call, CalledTool, Until, Verb};
use crate::command;
use crate::said::verbatim;

/// The keys of launchd.plist(5) that we set.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LaunchAgent<'a> {
    label: &'a str,
    program_arguments: [&'a str; 3],
    /// Makes System Settings show the agent among the login items under the bundle's name and icon:
    /// since macOS 13, for what a registered developer signed. With an ad-hoc signature it has no
    /// effect yet, and does no harm.
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_bundle_identifiers: Option<[&'a str; 1]>,
    run_at_load: bool,
    /// Restarts the agent after a crash, but not after exit code 0: with `true`, Quit in the menu
    /// would have no effect.
    keep_alive: KeepAlive,
    throttle_interval: u64,
    /// Interactive means no limits beyond those of an app. Without it launchd throttles CPU and
    /// disk, as for any background job. But the agent draws a menu that opens in 50 ms, and notices
    /// exits within 20 ms when the machine is busiest, with a gopls running wild. Adaptive needs
    /// XPC, which the agent does not use. The agent limits itself: work that is not urgent runs on
    /// threads of utility class.
    process_type: &'static str,
    /// Only in sessions with a menu bar: not for ssh, not at the login window.
    limit_load_to_session_type: &'static str,
    standard_out_path: &'a str,
    standard_error_path: &'a str,
    soft_resource_limits: Limits,
    exit_time_out: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeepAlive {
    successful_exit: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Limits {
    number_of_files: u64,
}

pub(super) fn plist(site: &Site) -> Result<String, Refusal> {
    // launchd expands neither `~` nor variables. It creates the file. It was observed to create the
    // folder too, if the parent folder is writable (LrGenius/LrGeniusAI#298), but launchd.plist(5)
    // promises nothing, so we create it.
    let log = log(site);
    let log = absolute(&log)?;
    let program = site.program();
    let agent = LaunchAgent {
        label: LABEL,
        program_arguments: program_arguments(&program)?,
        associated_bundle_identifiers: site.has_bundle().then_some([LABEL]),
        run_at_load: true,
        keep_alive: KeepAlive { successful_exit: false },
        throttle_interval: BETWEEN_STARTS_S,
        process_type: "Interactive",
        limit_load_to_session_type: "Aqua",
        standard_out_path: log,
        standard_error_path: log,
        soft_resource_limits: Limits { number_of_files: OPEN_FILES },
        exit_time_out: STOP_S,
    };
    xml(&agent)
}

/// Whether it is a property list with our label, in any format.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Labelled {
        label: String,
    }
    plist::from_bytes::<Labelled>(bytes).is_ok_and(|list| list.label == LABEL)
}

/// The file with the agent's output.
pub(super) fn log(site: &Site) -> PathBuf {
    site.logs.join("launchd.log")
}

/// Asks launchd whether the service is loaded. Whether it is running would only be in the output.
pub(super) fn query(site: &Site) -> ManagerStatus {
    if site.uid == 0 {
        let unknown = || Reading::unknown(Message::ServiceNoDesktopOfRoot);
        return ManagerStatus { registered: unknown(), running: unknown(), unanswered: Some(Refusal::Root) };
    }
    let question = call(site, &["print", &target(site)]);
    let answer = command::run(&words(&question), site.command);
    match answer.code() {
        // Only the agent itself can tell whether it is running.
        Some(0) => {
            let running = Reading::unknown(Message::ServiceRunningUntold);
            ManagerStatus { registered: Reading::Known(true), running, unanswered: None }
        }
        Some(ESRCH | NOT_FOUND) => {
            ManagerStatus { registered: Reading::Known(false), running: Reading::Known(false), unanswered: None }
        }
        code => {
            let (came, advice) = explain(CalledTool::Launchctl, &answer);
            let call = SharedMessage::new(answer.describe(&question.argv, came));
            let why = Message::ServiceNotAsked { manager: verbatim("launchd"), call };
            let (registered, running) = (Reading::unknown(why.clone()), Reading::unknown(why.clone()));
            let refusal = match code {
                Some(NO_DOMAIN | NO_ACTION) => Refusal::NoDesktop { why: SharedMessage::new(why) },
                _ => Refusal::no_answer(why, advice),
            };
            ManagerStatus { registered, running, unanswered: Some(refusal) }
        }
    }
}

fn domain(site: &Site) -> String {
    format!("gui/{}", site.uid)
}

pub(super) fn target(site: &Site) -> String {
    format!("{}/{LABEL}", domain(site))
}

fn run(site: &Site, words: &[&str], fine: &[i32], again: &[i32]) -> Call {
    Call { fine: fine.to_vec(), again: again.to_vec(), ..call(site, words) }
}

fn print(site: &Site, until: Until) -> Call {
    wait(call(site, &["print", &target(site)]), until)
}

/// Loads the file as it is at that moment.
fn bootstrap(site: &Site) -> Result<Call, Refusal> {
    Ok(run(site, &["bootstrap", &domain(site), absolute(&site.file())?], &[], &[EIO, EINPROGRESS, EALREADY]))
}

fn bootout(site: &Site) -> Call {
    run(site, &["bootout", &target(site)], &[ESRCH, EIO, EINPROGRESS, EALREADY, NOT_FOUND], &[])
}

pub(super) fn install(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    let loaded = known(status, &status.registered)?;
    let mut plan = Planned::new(Verb::Install);
    if loaded && status.file == File::Current && !is_bundle_due(status) {
        allow(&mut plan, site);
        // Without -k it leaves a running agent alone.
        let call = run(site, &["kickstart", &target(site)], &[EINPROGRESS, EALREADY], &[]);
        plan.step(Message::ServiceStartAgain, Action::Call { call });
        if let Some(found) = &status.bundle {
            bundle::sweep(&mut plan, found)?;
        }
        if !site.has_bundle() {
            plan.afterwards.push(Message::NoteUpgraded);
        }
        return Ok(plan);
    }
    load(&mut plan, site, status, loaded)?;
    plan.afterwards.push(Message::NoteBackgroundItem);
    Ok(plan)
}

fn is_bundle_due(status: &Status) -> bool {
    status.bundle.as_ref().is_some_and(BundleStatus::is_due)
}

/// Stops what is loaded, and loads the current file. Steps that can fail because signing fails come
/// first, while the old agent is still running.
fn load(plan: &mut Planned, site: &Site, status: &Status, loaded: bool) -> Result<(), Refusal> {
    let text = plist(site)?;
    plan.starts_agent = true;
    let due = site.bundle.as_ref().zip(status.bundle.as_ref()).filter(|(_, found)| found.is_due());
    let made = due.map(|(bundle, found)| bundle::make(plan, site, bundle, found)).transpose()?;
    plan.step(Message::ServiceLogFolder, Action::Folder { path: named(&site.logs)? });
    if loaded {
        unload(plan, site, status)?;
    }
    if let (Some((bundle, found)), Some(made)) = (due, made) {
        bundle::place(plan, bundle, found, made)?;
    }
    if status.file != File::Current {
        plan.step(Message::ServiceWrite { manager: verbatim("launchd") }, write(site, text)?);
    }
    allow(plan, site);
    let back = vec![bootout(site), print(site, Until::Gone)];
    plan.step_and_back(Message::ServiceStart, Action::Call { call: bootstrap(site)? }, back);
    plan.step(Message::ServiceSeeHas, Action::Call { call: print(site, Until::There) });
    match (due, &status.bundle) {
        (Some((bundle, found)), _) => bundle::drop_old(plan, bundle, found)?,
        (None, Some(found)) => bundle::sweep(plan, found)?,
        (None, None) => {}
    }
    Ok(())
}

fn allow(plan: &mut Planned, site: &Site) {
    let call = run(site, &["enable", &target(site)], &[], &[]);
    plan.step(Message::ServiceAllow, Action::Call { call });
}

/// The wait shows whether the service was loaded at all, and whether it has ended. If there is a
/// file, undo loads it again.
fn unload(plan: &mut Planned, site: &Site, status: &Status) -> Result<(), Refusal> {
    let again = || Ok(Call { unless: call(site, &["print", &target(site)]).argv, ..bootstrap(site)? });
    let back = if status.file == File::Absent { Vec::new() } else { vec![again()?] };
    plan.step_and_back(Message::ServiceEndOld, Action::Call { call: bootout(site) }, back);
    plan.step(Message::ServiceWaitGone, Action::Call { call: print(site, Until::Gone) });
    Ok(())
}

pub(super) fn uninstall(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    let mut plan = Planned::new(Verb::Uninstall);
    // Without a desktop session there is nothing to stop, but the file can be removed.
    let no_desktop = matches!(status.unanswered, Some(Refusal::NoDesktop { .. }));
    if !no_desktop && known(status, &status.registered)? {
        unload(&mut plan, site, status)?;
    }
    if status.file != File::Absent {
        plan.step(Message::ServiceRemoveAtLogin, remove(site)?);
        if no_desktop {
            plan.afterwards.push(Message::NoteGoneAtLogin);
        }
    }
    if let Some((bundle, found)) = site.bundle.as_ref().zip(status.bundle.as_ref()) {
        bundle::remove(&mut plan, bundle, found)?;
    }
    Ok(plan)
}

pub(super) fn restart(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    let loaded = known(status, &status.registered)?;
    // Not loaded, but with its file: a restart was interrupted, or the service was stopped by hand.
    if !loaded && status.file == File::Absent {
        return Err(Refusal::NotInstalled);
    }
    let mut plan = Planned::new(Verb::Restart);
    load(&mut plan, site, status, loaded)?;
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_ours_by_its_label() {
        let list = |label: &str| format!("<plist version=\"1.0\"><dict><key>Label</key>{label}</dict></plist>");
        assert!(is_ours(list("<string>dev.goplswatch.agent</string>").as_bytes()));
        assert!(!is_ours(list("<string>dev.goplswatch.agent.mine</string>").as_bytes()));
        assert!(!is_ours(list("<true/>").as_bytes()));
        assert!(!is_ours(b"") && !is_ours(b"bplist00") && !is_ours(&[0xff; 40]));
    }
}
