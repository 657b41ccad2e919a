//! Why a server ended, judged from its exit status and from what else was known at that moment.
//!
//! Facts behind the rules: gopls installs no signal handler. Exit 0 means that its input was
//! closed, or a clean shutdown. Exit 1 means `exit` without `shutdown`, or a fatal log line. Exit 2
//! means a bad flag, a bad header, or a Go panic (SIGABRT, SIGSEGV and SIGQUIT become exit 2 with a
//! traceback). A forwarder exits with 2 after a correct shutdown.
//!
//! `judge` chooses a [`Message`], not a text. The text is in
//! `crates/view/catalogue/en/messages.ftl` under the message's name (`end-by-signal`). The probe
//! decodes the signal's name (`crates/probe/src/wait_status.rs`) before it arrives here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::exit_status::{EndDetail, ExitStatus};
use crate::message::{Message, MessageText, SharedMessage, Verbatim};
use crate::types::ServerClass;

/// The kind of cause of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// Exit 0.
    Clean,
    /// The client ended within two seconds of it.
    ClientClosed,
    /// It was ended by a signal.
    Signal,
    /// An exit code other than 0 that is no crash.
    Exit,
    /// Probably a fault of the server itself.
    Crash,
    /// Probably ended for lack of memory.
    OutOfMemory,
    /// Its executable had been replaced.
    Upgraded,
    /// A fix of goplswatch ended it.
    OwnFix,
    /// The exit status could not be obtained.
    Unknown,
}

/// How certain a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The kernel reported it.
    Certain,
    /// The readings fit this cause best.
    Probable,
    /// Not known.
    Unknown,
}

/// Why a server ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Cause {
    /// The kind of cause.
    pub kind: CauseKind,
    /// The signal's number, if a signal ended it.
    pub signal: Option<i32>,
    /// The exit code, if it exited.
    pub code: Option<u8>,
    /// How certain `kind` is. `signal` and `code` are always as the kernel gave them.
    pub confidence: Confidence,
    /// What was observed, as a fragment.
    #[serde(flatten)]
    pub said: MessageText,
}

impl Cause {
    /// What was observed, for use within another message.
    pub(crate) fn part(&self) -> SharedMessage {
        SharedMessage::clone(&self.said.message)
    }
}

/// Signals by which a program ends because of its own fault.
const FATAL: &[&str] = &["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS", "SIGQUIT"];

/// What was known at the moment of the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndContext {
    pub(crate) class: ServerClass,
    pub(crate) lived: Option<Duration>,
    pub(crate) crash_min_life: Duration,
    pub(crate) client_ended: bool,
    pub(crate) binary_replaced: bool,
    pub(crate) own_fix: bool,
    /// The memory that the server held, if that was large and the machine was short of memory.
    pub(crate) under_pressure: Option<u64>,
}

/// Judges why a server ended.
pub(crate) fn judge_end(status: &ExitStatus, detail: Option<EndDetail>, seen: EndContext) -> Cause {
    let (kind, confidence, why) = judge_kind(status, detail, seen);
    let (signal, code) = match status {
        ExitStatus::Exited(code) => (None, Some(*code)),
        ExitStatus::Signaled { signal, .. } => (Some(*signal), None),
        ExitStatus::Unknown(_) => (None, None),
    };
    Cause { kind, signal, code, confidence, said: why.into() }
}

fn judge_kind(status: &ExitStatus, detail: Option<EndDetail>, seen: EndContext) -> (CauseKind, Confidence, Message) {
    use CauseKind as K;
    use Confidence::{Certain, Probable, Unknown};
    let how = || SharedMessage::new(status.message());
    if seen.own_fix {
        return (K::OwnFix, Certain, Message::EndByOwnFix { how: how() });
    }
    let fault = is_fault(status, seen);
    let killed = matches!(status, ExitStatus::Signaled { name, .. } if name == "SIGKILL");
    if let Some(detail) = detail.filter(|_| killed && !seen.client_ended) {
        // Whether the kernel ended something for lack of memory at that moment, and how certain it
        // is that it was this process.
        match detail {
            EndDetail::Memory => return (K::OutOfMemory, Certain, Message::EndForMemory { how: how() }),
            EndDetail::GroupOutOfMemory => {
                return (K::OutOfMemory, Certain, Message::EndForGroupMemory { how: how() });
            }
            EndDetail::OutOfMemoryKillerRan => {
                return (K::OutOfMemory, Probable, Message::EndAmongKills { how: how() });
            }
            EndDetail::CodeSigning | EndDetail::Unwatched => {}
        }
    }
    match status {
        ExitStatus::Exited(0) if !seen.client_ended => (K::Clean, Certain, Message::EndClean),
        // A program that faults does so whatever its client does at the time, so the end of the
        // client is ignored here.
        ExitStatus::Signaled { name, .. } if fault => {
            (K::Crash, Probable, Message::EndFatalSignal { signal: Verbatim(name.clone()) })
        }
        _ if fault => (K::Crash, Probable, Message::EndPanic),
        _ if seen.client_ended => (K::ClientClosed, Probable, Message::EndWithClient { how: how() }),
        _ if seen.binary_replaced => (K::Upgraded, Probable, Message::EndAfterReplacement { how: how() }),
        ExitStatus::Signaled { .. } if detail == Some(EndDetail::CodeSigning) => {
            (K::Signal, Certain, Message::EndForSignature { how: how() })
        }
        ExitStatus::Signaled { .. } if killed && seen.under_pressure.is_some() => {
            (K::OutOfMemory, Probable, Message::EndUnderPressure { how: how() })
        }
        ExitStatus::Signaled { .. } => (K::Signal, Certain, Message::EndBySignal { how: how() }),
        ExitStatus::Exited(1) => (K::Exit, Certain, Message::EndExitOne),
        ExitStatus::Exited(2) if seen.class == ServerClass::Forwarder => (K::Exit, Certain, Message::EndForwarder),
        ExitStatus::Exited(2) => (K::Exit, Certain, Message::EndEarly),
        ExitStatus::Exited(_) => (K::Exit, Certain, status.message()),
        ExitStatus::Unknown(why) => (K::Unknown, Unknown, Message::clone(&why.message)),
    }
}

fn is_fault(status: &ExitStatus, seen: EndContext) -> bool {
    match status {
        ExitStatus::Signaled { name, .. } => FATAL.contains(&name.as_str()),
        ExitStatus::Exited(2) => {
            matches!(seen.class, ServerClass::Lsp | ServerClass::Daemon | ServerClass::Mcp)
                && seen.lived.is_some_and(|lived| lived >= seen.crash_min_life)
        }
        ExitStatus::Exited(_) | ExitStatus::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: EndContext = EndContext {
        class: ServerClass::Lsp,
        lived: Some(Duration::from_secs(60)),
        crash_min_life: Duration::from_secs(1),
        client_ended: false,
        binary_replaced: false,
        own_fix: false,
        under_pressure: None,
    };

    fn signal(signal: i32, name: &str) -> ExitStatus {
        ExitStatus::Signaled { signal, name: name.into(), core: false }
    }

    fn kind(status: &ExitStatus, detail: Option<EndDetail>, seen: EndContext) -> CauseKind {
        judge_end(status, detail, seen).kind
    }

    #[test]
    fn each_way_to_end_has_its_cause() {
        use CauseKind as K;
        let early = EndContext { lived: Some(Duration::from_millis(300)), ..QUIET };
        let forwarder = EndContext { class: ServerClass::Forwarder, ..QUIET };
        let closing = EndContext { client_ended: true, ..QUIET };
        let upgraded = EndContext { binary_replaced: true, ..QUIET };
        let pressed = EndContext { under_pressure: Some(1 << 30), ..QUIET };
        let ours = EndContext { own_fix: true, ..QUIET };
        let cases = [
            (ExitStatus::Exited(0), None, QUIET, K::Clean),
            (ExitStatus::Exited(0), None, closing, K::ClientClosed),
            (ExitStatus::Exited(1), None, QUIET, K::Exit),
            (ExitStatus::Exited(2), None, QUIET, K::Crash),
            (ExitStatus::Exited(2), None, early, K::Exit),
            (ExitStatus::Exited(2), None, forwarder, K::Exit),
            (ExitStatus::Exited(2), None, upgraded, K::Crash),
            (signal(15, "SIGTERM"), None, QUIET, K::Signal),
            (signal(15, "SIGTERM"), None, closing, K::ClientClosed),
            (signal(15, "SIGTERM"), None, upgraded, K::Upgraded),
            (signal(15, "SIGTERM"), None, ours, K::OwnFix),
            (signal(9, "SIGKILL"), None, QUIET, K::Signal),
            (signal(9, "SIGKILL"), Some(EndDetail::OutOfMemoryKillerRan), QUIET, K::OutOfMemory),
            (signal(9, "SIGKILL"), Some(EndDetail::CodeSigning), QUIET, K::Signal),
            (signal(9, "SIGKILL"), Some(EndDetail::GroupOutOfMemory), QUIET, K::OutOfMemory),
            (signal(9, "SIGKILL"), None, pressed, K::OutOfMemory),
            (signal(9, "SIGKILL"), Some(EndDetail::CodeSigning), pressed, K::Signal),
            (signal(15, "SIGTERM"), None, pressed, K::Signal),
            (signal(9, "SIGKILL"), None, EndContext { client_ended: true, ..pressed }, K::ClientClosed),
            (signal(9, "SIGKILL"), None, EndContext { own_fix: true, ..pressed }, K::OwnFix),
            (signal(11, "SIGSEGV"), None, QUIET, K::Crash),
            (signal(11, "SIGSEGV"), None, closing, K::Crash),
            (ExitStatus::Unknown("reaped".into()), None, QUIET, K::Unknown),
        ];
        for (status, detail, seen, expected) in cases {
            assert_eq!(kind(&status, detail, seen), expected, "{status:?} {detail:?} {seen:?}");
        }
    }

    #[test]
    fn the_kernels_numbers_survive_the_judgement() {
        let cause = judge_end(&signal(15, "SIGTERM"), None, EndContext { client_ended: true, ..QUIET });
        assert_eq!((cause.kind, cause.signal, cause.code), (CauseKind::ClientClosed, Some(15), None));
    }
}
