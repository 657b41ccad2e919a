//! launchd, macOS: an agent of the user's desktop session.
//!
//! A property list in `~/Library/LaunchAgents` is read at login; until then `launchctl bootstrap` loads it into the
//! domain `gui/UID`. What must be known (launchctl(1), launchd.plist(5), and how yabai's `src/misc/service.h` goes
//! about it):
//!
//! - `load` and `unload` answer 0 when they fail; they are never used.
//! - A label that was disabled once stays so, also after its file is gone, and cannot be bootstrapped: `enable` first.
//! - `bootout` returns before the job has ended. While it ends, `bootstrap` answers 5. So `print` is asked until it
//!   fails, and a 5 is tried again. But 5 is also launchd's word for everything else, so not for ever.
//! - `print` tells by its exit code whether a label is loaded; what it prints is no interface. It is 0 also for a
//!   program that cannot be started (78) or ends at once every time: whether the agent runs, only the agent can say.
//! - `kickstart -k` kills with signal 9 at once, so no farewell reaches the history (kirodotdev/KiroCrew#1562), and
//!   starts the file as it was when it was loaded. So a restart is `bootout`, which sends SIGTERM first, and
//!   `bootstrap`.
//! - The domain `gui/UID` is there while the user is logged in on the Mac's screen. Otherwise, as over ssh to a Mac at
//!   its login window, `print` answers 112 or 125 (duh17/oppi#38, lidge-jun/opencodex#1770).
//! - `launchctl disable` leaves the service loaded until the next login, which then does not start it.

use std::path::PathBuf;

use goplswatch_core::{Reading, shell};
use serde::{Deserialize, Serialize};

use super::apply::explain;
use super::plan::{Action, Plan, Until, command};
use super::{
    BETWEEN_STARTS_S, File, LABEL, Look, Manager, OPEN_FILES, Refusal, STOP_S, Site, Status, absolute, bundle, known,
    program_arguments, xml,
};
use crate::command;

/// No such process: not loaded.
const ESRCH: i32 = 3;
/// Not permitted, and launchctl's own word for whatever it has no other for.
const EPERM: i32 = 1;
/// Anything.
const EIO: i32 = 5;
const EINPROGRESS: i32 = 36;
const EALREADY: i32 = 37;
/// No such domain.
const NO_DOMAIN: i32 = 112;
/// No such service.
const NOT_FOUND: i32 = 113;
/// A domain that cannot do that.
const NO_ACTION: i32 = 125;

/// Why nobody but the agent itself says whether it runs.
const NOT_TOLD: &str =
    "whether the agent runs is not known: launchctl says that in text only, which may change with every macOS";

/// What to do where there is no desktop session.
pub(super) const NO_DESKTOP: &str = "log in on the Mac's own screen and run this again there";

/// launchd.plist(5), the keys we set.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LaunchAgent<'a> {
    label: &'a str,
    program_arguments: [&'a str; 3],
    /// By which System Settings shows it under the bundle's name and icon among the login items: since macOS 13, for
    /// what a registered developer signed. An ad-hoc signature gains nothing by it yet, and loses nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_bundle_identifiers: Option<[&'a str; 1]>,
    run_at_load: bool,
    /// Started again after a crash, but not after exit 0: with `true`, Quit in the menu would be in vain.
    keep_alive: KeepAlive,
    throttle_interval: u64,
    /// Interactive means: no limits but an app's. Without it launchd throttles CPU and disk, as it does for whatever
    /// nobody waits for. But the agent draws a menu that opens in 50 ms, and notices ends within 20 ms when the
    /// machine is busiest, with a gopls running wild; Adaptive needs XPC, which it has not. It is sparing by its own
    /// means: what is no hurry runs on threads of utility class.
    process_type: &'static str,
    /// Only where there is a menu bar: not for ssh, not at the login window.
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
    // launchd expands neither `~` nor variables. It creates the file; the folder was seen to be created too where the
    // one above it may be written (LrGenius/LrGeniusAI#298), but launchd.plist(5) promises nothing, so we create it.
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

/// A property list with our label, in whatever form.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Labelled {
        label: String,
    }
    plist::from_bytes::<Labelled>(bytes).is_ok_and(|list| list.label == LABEL)
}

/// What the agent prints.
pub(super) fn log(site: &Site) -> PathBuf {
    site.logs.join("launchd.log")
}

/// Loaded, and running: the latter only its text would say.
pub(super) fn look(site: &Site) -> Look {
    if site.uid == 0 {
        let unknown = || Reading::unknown("root has no desktop");
        return Look { registered: unknown(), running: unknown(), unanswered: Some(Refusal::Root) };
    }
    let argv = command(site, &["print", &target(site)]);
    let answer = command::run(&argv, site.patience.command);
    match answer.code() {
        Some(0) => Look { registered: Reading::Known(true), running: Reading::unknown(NOT_TOLD), unanswered: None },
        Some(ESRCH | NOT_FOUND) => {
            Look { registered: Reading::Known(false), running: Reading::Known(false), unanswered: None }
        }
        code => {
            let (came, advice) = explain(Manager::Launchd, &answer);
            let why = format!("launchd could not be asked: `{}` {}", shell::line(&argv), answer.in_its_words(came));
            let (registered, running) = (Reading::unknown(&why), Reading::unknown(&why));
            let refusal = match code {
                Some(NO_DOMAIN | NO_ACTION) => Refusal::NoDesktop { why },
                _ => Refusal::NoAnswer { why, advice },
            };
            Look { registered, running, unanswered: Some(refusal) }
        }
    }
}

fn domain(site: &Site) -> String {
    format!("gui/{}", site.uid)
}

pub(super) fn target(site: &Site) -> String {
    format!("{}/{LABEL}", domain(site))
}

fn run(site: &Site, words: &[&str], fine: &'static [i32], again: &'static [i32]) -> Action {
    Action::Run { argv: command(site, words), fine, again }
}

fn print(site: &Site, until: Until) -> Action {
    Action::Wait { argv: command(site, &["print", &target(site)]), until }
}

pub(super) fn install(site: &Site, status: &Status) -> Result<Plan, Refusal> {
    let loaded = known(status, &status.registered)?;
    let mut plan = Plan::new(Manager::Launchd);
    if loaded && status.file == File::Current && !is_bundle_due(status) {
        allow(&mut plan, site);
        // Without -k it leaves an agent alone that runs.
        let start = run(site, &["kickstart", &target(site)], &[EINPROGRESS, EALREADY], &[]);
        plan.step("start the agent, should it have been quit", start);
        if let Some(found) = &status.bundle {
            bundle::sweep(&mut plan, found);
        }
        if !site.has_bundle() {
            plan.afterwards.push(super::UPGRADED.into());
        }
        return Ok(plan);
    }
    load(&mut plan, site, status, loaded)?;
    plan.afterwards.push(
        "macOS tells you of a new background item. You can switch it off at any time: System Settings, General, \
         Login Items & Extensions."
            .into(),
    );
    Ok(plan)
}

fn is_bundle_due(status: &Status) -> bool {
    status.bundle.as_ref().is_some_and(bundle::BundleStatus::is_due)
}

/// Ends what is loaded, and loads the file as it should be. What can fail for want of a signature comes first, while the
/// old agent still runs.
fn load(plan: &mut Plan, site: &Site, status: &Status, loaded: bool) -> Result<(), Refusal> {
    let text = site.text()?;
    let path = site.file();
    plan.anew = true;
    let due = site.bundle.as_ref().zip(status.bundle.as_ref()).filter(|(_, found)| found.is_due());
    if let Some((bundle, found)) = due {
        bundle::make(plan, site, bundle, found)?;
    }
    plan.step("create the folder of the agent's log", Action::Folder(site.logs.clone()));
    if loaded {
        unload(plan, site);
    }
    if let Some((bundle, found)) = due {
        bundle::place(plan, bundle, found);
    }
    if status.file != File::Current {
        plan.step("write down for launchd what to start, and when", Action::Write { path: path.clone(), text });
    }
    allow(plan, site);
    let load = ["bootstrap", &domain(site), absolute(&path)?];
    plan.step("start it, now and at every login", run(site, &load, &[], &[EIO, EINPROGRESS, EALREADY]));
    plan.step("see that launchd has it", print(site, Until::There));
    match (due, &status.bundle) {
        (Some((bundle, found)), _) => bundle::drop_old(plan, bundle, found),
        (None, Some(found)) => bundle::sweep(plan, found),
        (None, None) => {}
    }
    Ok(())
}

fn allow(plan: &mut Plan, site: &Site) {
    let enable = run(site, &["enable", &target(site)], &[], &[]);
    plan.step("allow the service, should it ever have been switched off", enable);
}

/// Whether it was loaded at all, and whether it has ended, the wait tells.
fn unload(plan: &mut Plan, site: &Site) {
    let fine = &[ESRCH, EIO, EINPROGRESS, EALREADY, NOT_FOUND];
    plan.step("end the agent that runs now", run(site, &["bootout", &target(site)], fine, &[]));
    plan.step("wait until it is gone", print(site, Until::Gone));
}

pub(super) fn uninstall(site: &Site, status: &Status) -> Result<Plan, Refusal> {
    let mut plan = Plan::new(Manager::Launchd);
    // Without a desktop there is nothing to end. The file may go all the same.
    let no_desktop = matches!(status.unanswered, Some(Refusal::NoDesktop { .. }));
    if !no_desktop && known(status, &status.registered)? {
        unload(&mut plan, site);
    }
    if status.file != File::Absent {
        plan.step("remove what launchd reads at login", Action::Remove(site.file()));
        if no_desktop {
            plan.afterwards.push(
                "launchd could not be asked from here, where there is no desktop session: the service is gone at the \
                 next login."
                    .into(),
            );
        }
    }
    if let Some((bundle, found)) = site.bundle.as_ref().zip(status.bundle.as_ref()) {
        bundle::remove(&mut plan, bundle, found);
    }
    Ok(plan)
}

pub(super) fn restart(site: &Site, status: &Status) -> Result<Plan, Refusal> {
    let loaded = known(status, &status.registered)?;
    // Not loaded, but with its file: a restart that was interrupted, or the service was ended by hand.
    if !loaded && status.file == File::Absent {
        return Err(Refusal::NotInstalled);
    }
    let mut plan = Plan::new(Manager::Launchd);
    load(&mut plan, site, status, loaded)?;
    Ok(plan)
}

/// Whether launchctl's own words say that something may not be done: those of errno 1, and those with which it asks for
/// root.
fn are_of_a_ban(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["not permitted", "permission denied", "privilege"].iter().any(|word| said.contains(word))
}

/// What an exit code of launchctl means, as a fragment, and what to do. `launchctl error CODE` has the system's own
/// words; these say what they mean for us. What it said itself is asked only where its code alone may mean anything.
pub(super) fn words(code: i32, said: &str) -> (&'static str, &'static str) {
    match code {
        EPERM if !are_of_a_ban(said) => (
            "launchctl failed, and its code does not tell why",
            "run this again in a terminal on the Mac itself; if it stays so, please report it with what `sw_vers` says",
        ),
        EPERM => ("it is not permitted", "run this as yourself, without sudo, in a terminal on the Mac itself"),
        2 => ("launchd does not find the file", "run `goplswatch install` again"),
        ESRCH => ("the service is not loaded", "load it with: goplswatch install"),
        EIO => (
            "launchd's general refusal. The service is still ending, or loaded already, or switched off, or there is \
             no desktop session, as over ssh",
            "run this again in a terminal on the Mac's own screen; see System Settings, General, Login Items & \
             Extensions, whether it is switched off there",
        ),
        17 => ("it is loaded already", "run `goplswatch restart`"),
        EINPROGRESS | EALREADY => ("launchd is still busy with this service", "wait half a minute and run this again"),
        64 => (
            "launchctl does not understand the command",
            "this macOS is older or newer than we know: please report it with what `sw_vers` says",
        ),
        78 => (
            "the program is missing, not executable, or not allowed to run",
            "start the program once by hand, from where the service expects it; then run `goplswatch install` again",
        ),
        NOT_FOUND => ("launchd does not know the service", "load it with: goplswatch install"),
        119 => (
            "the service is switched off",
            "switch it on in System Settings, General, Login Items & Extensions; then run `goplswatch install` again",
        ),
        122 => (
            "the file or its folder does not belong to you, or others may write it",
            "see `ls -le ~/Library/LaunchAgents`; give the folder back with: sudo chown -R $(id -un) \
             ~/Library/LaunchAgents",
        ),
        NO_DOMAIN | NO_ACTION => {
            ("there is no desktop session for it, as over ssh or while nobody is logged in", NO_DESKTOP)
        }
        134 => ("this is the wrong kind of session: the service is for a desktop", NO_DESKTOP),
        _ => ("a code we do not know", "ask the system what it means with: launchctl error CODE"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_was_seen_has_its_own_words() {
        for code in [1, 2, 3, 5, 17, 36, 37, 64, 78, 112, 113, 119, 122, 125, 134] {
            assert_ne!(words(code, "").0, words(9999, "").0, "{code}");
        }
    }

    #[test]
    fn a_list_is_ours_by_its_label() {
        let list = |label: &str| format!("<plist version=\"1.0\"><dict><key>Label</key>{label}</dict></plist>");
        assert!(is_ours(list("<string>dev.goplswatch.agent</string>").as_bytes()));
        assert!(!is_ours(list("<string>dev.goplswatch.agent.mine</string>").as_bytes()));
        assert!(!is_ours(list("<true/>").as_bytes()));
        assert!(!is_ours(b"") && !is_ours(b"bplist00") && !is_ours(&[0xff; 40]));
    }
}
