//! Whether the agent answers: the only proof that it runs.
//!
//! launchd reports a service as loaded even if its program cannot be started or exits at once every
//! time; systemd only reports that a process exists. The socket shows whether an agent is behind
//! it, and which one.

use std::time::{Duration, Instant};

use goplswatch_agent::client::RequestError;

use crate::client::client;
use crate::failure::Failure;
use crate::runtime::runtime;

/// How long to wait for an answer. An agent that was just started needs a tenth of this.
pub(super) const REPLY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between two requests.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// An agent that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AgentReply {
    pub(super) pid: u32,
    pub(super) version: String,
    /// When it started, RFC 3339.
    pub(super) started: String,
}

impl AgentReply {
    /// Whether the agent started before `time`. An unreadable start time proves nothing: false.
    pub(super) fn began_before(&self, time: jiff::Timestamp) -> bool {
        self.started.parse::<jiff::Timestamp>().is_ok_and(|started| started.as_millisecond() < time.as_millisecond())
    }
}

/// The agent that answers. If one is expected, waits for it; if not, a missing agent is reported at
/// once.
pub(super) fn ask(expected: bool) -> Result<Option<AgentReply>, Failure> {
    let client = client();
    let once = async || {
        let status = client.status().await?;
        Ok(status.agent.map(|agent| AgentReply { pid: agent.pid, version: agent.version, started: agent.started }))
    };
    Ok(runtime()?.block_on(until(once, expected, REPLY_TIMEOUT)))
}

/// A reply without agent data comes from an agent that has only just started: keep asking.
async fn until(
    mut once: impl AsyncFnMut() -> Result<Option<AgentReply>, RequestError>,
    expected: bool,
    within: Duration,
) -> Option<AgentReply> {
    let began = Instant::now();
    while let Some(left) = within.checked_sub(began.elapsed()) {
        match tokio::time::timeout(left, once()).await {
            Ok(Ok(Some(answer))) => return Some(answer),
            Ok(Err(RequestError::NoAgent)) if !expected => return None,
            _ => tokio::time::sleep(RETRY_INTERVAL).await,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result of asking a client that gives these replies in order and then none, and the
    /// number of requests.
    fn asked(
        mut answers: Vec<Result<Option<AgentReply>, RequestError>>,
        expected: bool,
    ) -> (Option<AgentReply>, usize) {
        let mut times = 0;
        answers.reverse();
        let once = async || {
            times += 1;
            match answers.pop() {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        };
        let answer = runtime().unwrap().block_on(until(once, expected, Duration::from_millis(700)));
        (answer, times)
    }

    fn agent() -> AgentReply {
        AgentReply { pid: 7, version: "0.1.0".into(), started: "2026-01-02T03:04:05.678Z".into() }
    }

    #[test]
    fn an_agent_that_was_just_started_is_waited_for() {
        let answers = vec![
            Err(RequestError::NoAgent),
            Err(RequestError::NoAnswer(goplswatch_core::message::Message::reported("cut"))),
            Ok(None),
            Ok(Some(agent())),
        ];
        assert_eq!(asked(answers, true), (Some(agent()), 4));
    }

    #[test]
    fn silence_ends() {
        assert_eq!(asked(vec![Err(RequestError::NoAgent)], true), (None, 2));
        assert_eq!(asked(vec![], true), (None, 1), "somebody who takes the question and says nothing");
    }

    #[test]
    fn nobody_is_waited_for_who_is_not_expected() {
        assert_eq!(asked(vec![Err(RequestError::NoAgent), Ok(Some(agent()))], false), (None, 1));
        assert_eq!(asked(vec![Ok(None), Ok(Some(agent()))], false), (Some(agent()), 2), "but who is there is");
    }

    #[test]
    fn who_began_before_is_told_by_its_time() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        assert!(agent().began_before(at("2026-01-02T03:04:05.679Z")));
        assert!(!agent().began_before(at("2026-01-02T03:04:05.678999Z")), "it is told to the millisecond");
        let unreadable = AgentReply { started: "soon".into(), ..agent() };
        assert!(!unreadable.began_before(at("2026-01-02T03:04:06Z")));
    }
}
