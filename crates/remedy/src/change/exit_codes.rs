//! What the exit codes of the commands mean that the login service takes: launchctl, systemctl, codesign.
//!
//! Only exit codes are judged, never what a command prints: launchctl(1) says itself that its output is no interface.
//! What it says is shown, behind our own words.

use super::plan::Speaker;
use crate::command::{Answer, Ended};

/// No such process: not loaded.
pub(crate) const ESRCH: i32 = 3;
/// Not permitted, and launchctl's own word for whatever it has no other for.
pub(crate) const EPERM: i32 = 1;
/// Anything.
pub(crate) const EIO: i32 = 5;
pub(crate) const EINPROGRESS: i32 = 36;
pub(crate) const EALREADY: i32 = 37;
/// No such domain.
pub(crate) const NO_DOMAIN: i32 = 112;
/// No such service.
pub(crate) const NOT_FOUND: i32 = 113;
/// A domain that cannot do that.
pub(crate) const NO_ACTION: i32 = 125;

/// What to do where there is no desktop session.
pub(crate) const NO_DESKTOP: &str = "log in on the Mac's own screen and run this again there";

/// What to do where there is no systemctl.
const WITHOUT: &str = "this system seems to have no systemd: let your desktop start `goplswatch agent` at login instead (in \
     its settings, Autostart or Startup Applications)";

/// What an answer means, as a fragment that follows the command, and what to do.
pub(crate) fn explain(speaker: Speaker, answer: &Answer) -> (String, String) {
    let (came, advice) = match &answer.ended {
        Ended::Code(code) => {
            let (means, advice) = match speaker {
                Speaker::Launchctl => of_launchctl(*code, &answer.said),
                Speaker::Systemctl => of_systemctl(*code),
                Speaker::Codesign => (of_codesign(*code), ""),
            };
            (format!("ended with {code}: {means}"), advice.replace("CODE", &code.to_string()))
        }
        Ended::Signal(signal) => {
            (format!("was ended by signal {signal}"), "somebody or the system killed it; run this again".into())
        }
        Ended::TooSlow(deadline) => {
            let name = if speaker == Speaker::Systemctl { "systemd" } else { "launchd" };
            (
                format!("did not answer within {:.1} s and was killed", deadline.as_secs_f64()),
                format!("{name} is stuck or the machine is overloaded; run this again, or log out and in"),
            )
        }
        Ended::NotStarted(error) => {
            let advice = match speaker {
                Speaker::Launchctl | Speaker::Codesign => "it is part of every macOS; is this one?",
                Speaker::Systemctl => WITHOUT,
            };
            (format!("could not be started: {error}"), advice.into())
        }
    };
    // Whatever stands in the way of a signature, the agent can do without one for now.
    (came, if speaker == Speaker::Codesign { UNSIGNED.into() } else { advice })
}

/// Whether launchctl's own words say that something may not be done: those of errno 1, and those with which it asks for
/// root.
fn are_of_a_ban(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["not permitted", "permission denied", "privilege"].iter().any(|word| said.contains(word))
}

/// What an exit code of launchctl means, as a fragment, and what to do. `launchctl error CODE` has the system's own
/// words; these say what they mean for us. What it said itself is asked only where its code alone may mean anything.
fn of_launchctl(code: i32, said: &str) -> (&'static str, &'static str) {
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

/// What an exit code of systemctl means, as a fragment, and what to do. There are few: it says the rest in words.
const fn of_systemctl(code: i32) -> (&'static str, &'static str) {
    match code {
        1 => (
            "systemd did not do it, or its instance for you could not be reached",
            "see `systemctl --user status goplswatch.service`, or run this in a session on the desktop",
        ),
        3 => ("the agent does not run", "see why: journalctl --user --unit goplswatch.service"),
        4 => ("not permitted, or no such unit", "install it with: goplswatch install"),
        5 => ("systemd does not know the unit", "install it with: goplswatch install"),
        _ => ("a code we do not know", "see `systemctl --user status goplswatch.service`"),
    }
}

/// What an exit code of codesign means, as a fragment.
const fn of_codesign(code: i32) -> &'static str {
    match code {
        1 => "signing or verifying failed",
        2 => "it does not understand how it was called",
        _ => "a code we do not know",
    }
}

/// What to do where the bundle cannot be signed.
const UNSIGNED: &str = "run `goplswatch install` again when what it says is mended";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_was_seen_has_its_own_of_launchctl() {
        for code in [1, 2, 3, 5, 17, 36, 37, 64, 78, 112, 113, 119, 122, 125, 134] {
            assert_ne!(of_launchctl(code, "").0, of_launchctl(9999, "").0, "{code}");
        }
    }
}
