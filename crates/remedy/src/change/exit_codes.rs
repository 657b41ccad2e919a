//! The meaning of the exit codes of the commands that the login service uses: launchctl, systemctl
//! and codesign.
//!
//! Only exit codes are judged, never the output: launchctl(1) itself says that its output is not an
//! interface. The output is shown after our own explanation, which the message catalogue keeps by
//! exit code.

use goplswatch_core::message::{Count, Message, SharedMessage};

use super::plan::CalledTool;
use super::site::seconds;
use crate::command::{Exit, Output};
use crate::said::{count, verbatim};

/// No such process: the service is not loaded.
pub(crate) const ESRCH: i32 = 3;
/// Not permitted. launchctl also uses it where it has no other code.
pub(crate) const EPERM: i32 = 1;
/// Any other error.
pub(crate) const EIO: i32 = 5;
pub(crate) const EINPROGRESS: i32 = 36;
pub(crate) const EALREADY: i32 = 37;
/// No such domain.
pub(crate) const NO_DOMAIN: i32 = 112;
/// No such service.
pub(crate) const NOT_FOUND: i32 = 113;
/// The domain does not support the operation.
pub(crate) const NO_ACTION: i32 = 125;
/// The wrong kind of session.
const WRONG_SESSION: i32 = 134;

/// What an answer means, as a fragment that follows the command, and what to do.
pub(crate) fn explain(speaker: CalledTool, answer: &Output) -> (Message, Message) {
    let (came, advice) = match &answer.ended {
        Exit::Code(code) => {
            let (means, advice) = match speaker {
                CalledTool::Launchctl => of_launchctl(*code, &answer.stderr),
                CalledTool::Systemctl => {
                    let code = number(*code);
                    (Message::SystemctlMeans { code }, Message::SystemctlAdvice { code })
                }
                CalledTool::Codesign => (Message::CodesignMeans { code: number(*code) }, Message::DoBundleAgain),
            };
            (Message::CallEndedMeaning { code: number(*code), means: SharedMessage::new(means) }, advice)
        }
        Exit::Signal(signal) => (Message::CallBySignal { signal: number(*signal) }, Message::DoRunKilled),
        Exit::TimedOut(deadline) => {
            let manager = verbatim(if speaker == CalledTool::Systemctl { "systemd" } else { "launchd" });
            let (s, tenths) = seconds(*deadline);
            (Message::CallUnanswered { s, tenths }, Message::DoManagerStuck { manager })
        }
        Exit::NotStarted(error) => {
            let advice = match speaker {
                CalledTool::Launchctl | CalledTool::Codesign => Message::DoPartOfMacos,
                CalledTool::Systemctl => Message::DoWithoutSystemd,
            };
            (Message::CallNotStarted { why: verbatim(error) }, advice)
        }
    };
    // Whatever prevents signing, the agent can run without a signature for now.
    (came, if speaker == CalledTool::Codesign { Message::DoBundleAgain } else { advice })
}

/// The code as shown to the user; exit codes are not negative.
fn number(code: i32) -> Count {
    count(code.unsigned_abs())
}

/// Whether launchctl's output says that the operation is not permitted: the texts of errno 1, and
/// those that ask for root.
fn are_of_a_ban(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    ["not permitted", "permission denied", "privilege"].iter().any(|word| said.contains(word))
}

/// What an exit code of launchctl means, as a fragment, and what to do. `launchctl error CODE`
/// prints the system's text; ours says what it means here. The output is consulted only if the code
/// alone is ambiguous.
fn of_launchctl(code: i32, said: &str) -> (Message, Message) {
    if code == EPERM && are_of_a_ban(said) {
        return (Message::LaunchctlBanned, Message::LaunchctlBannedAdvice);
    }
    let advice = match code {
        NO_DOMAIN | NO_ACTION | WRONG_SESSION => Message::DoLogInThere,
        _ => Message::LaunchctlAdvice { code: number(code) },
    };
    (Message::LaunchctlMeans { code: number(code) }, advice)
}

#[cfg(test)]
mod tests {
    use goplswatch_view::{Catalogue, Form};

    use super::*;

    #[test]
    fn every_code_that_was_seen_has_its_own_words() {
        let said = |message: &Message| Catalogue::english().text(message, Form::Full);
        let means = |code| said(&Message::LaunchctlMeans { code: number(code) });
        for code in [1, 2, 3, 5, 17, 36, 37, 64, 78, 112, 113, 119, 122, 125, 134] {
            assert_ne!(means(code), means(9999), "{code}");
            let advice = said(&of_launchctl(code, "").1);
            assert!(!advice.contains("launchctl error"), "{code}: {advice}");
        }
        assert_eq!(said(&of_launchctl(9999, "").1), "ask the system what it means with: launchctl error 9999");
        for code in [1, 3, 4, 5] {
            let code = number(code);
            let other = number(9999);
            assert_ne!(said(&Message::SystemctlMeans { code }), said(&Message::SystemctlMeans { code: other }));
        }
    }
}
