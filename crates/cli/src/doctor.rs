//! `goplswatch doctor`: gathers the facts for the checks in `core` and shows the results, worst
//! first.
//!
//! The agent provides what it sees; without an agent, one scan by this process shows what this
//! machine permits. The login service is inspected as by `service status`.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;
use goplswatch_agent::client::{Client, RequestError};
use goplswatch_core::Reading;
use goplswatch_core::capability::Capability;
use goplswatch_core::checks::{self, Agent, Check, CheckInputs, Finding, Group, Outcome, Verdict};
use goplswatch_core::json;
use goplswatch_core::message::{Count, Message, MessageText, Text};
use goplswatch_core::types::Pid;
use goplswatch_view::{Catalogue, Form, Phrase};
use serde::Serialize;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, verbatim};
use crate::language::catalogue_for;
use crate::printer::sanitized;
use crate::runtime::runtime;
use crate::status::{scan_once, show};
use crate::{paths, service};

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

/// `doctor --json`, one object for each result of a check.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Checked {
    /// The check's id, which `explain` accepts.
    check: &'static str,
    group: Group,
    verdict: Verdict,
    /// What was checked.
    title: String,
    /// What was observed, or why it is not known.
    #[serde(flatten)]
    said: MessageText,
    /// Why it matters.
    matters: String,
    /// What fixes it.
    helps: String,
}

impl Checked {
    fn new(words: &Catalogue, check: &Check, outcome: &Outcome) -> Self {
        let mut said = MessageText::from(outcome.message.clone());
        said.text = words.text(&said.message, Form::Full);
        Self {
            check: check.id(),
            group: check.group,
            verdict: outcome.verdict,
            title: words.check(check),
            said,
            matters: words.check_matters(check),
            helps: words.check_helps(check),
        }
    }
}

pub(crate) fn run(args: &DoctorArgs) -> Result<CommandOutcome, Failure> {
    let words = catalogue_for(args.json);
    let (agent, capabilities) = runtime()?.block_on(agent(words));
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let findings = checks::run(&CheckInputs { version, agent, service: service::seen(), capabilities });
    show(&if args.json { json(words, &findings)? } else { human(words, &findings) })?;
    Ok(found(&findings))
}

/// The agent that answers at the socket, and the capabilities that it reports. Without one, the
/// capabilities found by a scan by this process.
async fn agent(words: &'static Catalogue) -> (Agent, Reading<Vec<Capability>>) {
    let error = match Client::new(paths::sockets(), words).status().await {
        Ok(status) => {
            let agent = status.agent.map_or(Agent::Unknown(Message::CheckAgentBegins), |agent| Agent::Answers {
                pid: Pid(agent.pid),
                version: agent.version,
            });
            return (agent, Reading::Known(status.snapshot.capabilities));
        }
        Err(error) => error,
    };
    let why = error.message();
    let agent = match error {
        RequestError::Obstructed(_) => Agent::Unknown(why),
        RequestError::NoAgent | RequestError::Busy(_) | RequestError::Refused(_) | RequestError::NoAnswer(_) => {
            Agent::Silent(why)
        }
    };
    let capabilities = match scan_once().await {
        Ok(status) => Reading::Known(status.snapshot.capabilities),
        Err(failure) => Reading::unknown(Message::reported(failure.what())),
    };
    (agent, capabilities)
}

fn found(findings: &[Finding]) -> CommandOutcome {
    match findings.iter().map(|(_, outcome)| outcome.verdict).max() {
        Some(Verdict::Problem) => CommandOutcome::Problem,
        Some(Verdict::Unknown) => CommandOutcome::CouldNotCheck,
        Some(Verdict::Advice | Verdict::Ok) | None => CommandOutcome::Nothing,
    }
}

fn json(words: &Catalogue, findings: &[Finding]) -> Result<String, Failure> {
    let mut text = String::new();
    for (check, outcome) in findings {
        let checked = Checked::new(words, check, outcome);
        text.push_str(&json::to_string(&checked).map_err(|e| Failure::json(&e))?);
        text.push('\n');
    }
    Ok(text)
}

/// Formats the results by group. The group with the worst result comes first.
fn human(words: &Catalogue, findings: &[Finding]) -> String {
    let mut groups: Vec<Group> = Vec::new();
    for (check, _) in findings {
        if !groups.contains(&check.group) {
            groups.push(check.group);
        }
    }
    let mut text = String::new();
    for group in groups {
        text.push_str(&format!("{}\n", words.text(&group.title(), Form::Full)));
        let mut advised = BTreeSet::new();
        for (check, outcome) in findings.iter().filter(|(check, _)| check.group == group) {
            text.push_str(&format!("  {} {}\n", mark(outcome.verdict), line(words, check, outcome)));
            let is_wrong = matches!(outcome.verdict, Verdict::Problem | Verdict::Advice);
            if is_wrong && advised.insert(check.id()) {
                let (matters, helps) = (Text(words.check_matters(check)), Text(words.check_helps(check)));
                for phrase in [Phrase::DoctorMatters { text: matters }, Phrase::DoctorHelps { text: helps }] {
                    text.push_str(&format!("      {}\n", words.phrase(&phrase)));
                }
            }
        }
        text.push('\n');
    }
    sanitized(&(text + &sum(words, findings)))
}

const fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Ok => '✓',
        Verdict::Advice => '!',
        Verdict::Unknown => '–',
        Verdict::Problem => '✗',
    }
}

fn line(words: &Catalogue, check: &Check, outcome: &Outcome) -> String {
    let seen = words.text(&outcome.message, Form::Full);
    let seen = match outcome.verdict {
        Verdict::Unknown => words.phrase(&Phrase::DoctorUnknown { why: Text(seen) }),
        Verdict::Ok | Verdict::Advice | Verdict::Problem => seen,
    };
    let title = Text(words.check(check));
    words.phrase(&Phrase::DoctorLine { title, said: Text(seen), check: verbatim(check.id()) })
}

fn sum(words: &Catalogue, findings: &[Finding]) -> String {
    let counted = Verdict::ALL.into_iter().filter_map(|verdict| {
        let n = findings.iter().filter(|(_, outcome)| outcome.verdict == verdict).count();
        let n = (n > 0).then(|| Count::new(n as u64))?;
        Some(words.phrase(&match verdict {
            Verdict::Ok => Phrase::DoctorOk { n },
            Verdict::Advice => Phrase::DoctorAdvice { n },
            Verdict::Unknown => Phrase::DoctorNotKnown { n },
            Verdict::Problem => Phrase::DoctorProblems { n },
        }))
    });
    counted.collect::<Vec<_>>().join(" · ") + "\n"
}

#[cfg(test)]
mod tests {
    use goplswatch_core::capability::CapabilityState;

    use super::*;

    fn facts() -> CheckInputs {
        let capability = |name| Capability::new(name, CapabilityState::Ok, Message::IconTaken);
        CheckInputs {
            version: "0.2.0".into(),
            agent: Agent::Answers { pid: Pid(7), version: "0.2.0".into() },
            service: Reading::unknown(Message::HomeNotFound),
            capabilities: Reading::Known(vec![capability("process-table"), capability("tray")]),
        }
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst() {
        let of = |facts: &CheckInputs| found(&checks::run(facts));
        assert_eq!(of(&facts()), CommandOutcome::CouldNotCheck);
        assert_eq!(of(&CheckInputs { agent: Agent::Silent(Message::AskNobody), ..facts() }), CommandOutcome::Problem);
        let current = |path: &str| checks::InstalledPath { path: path.into(), state: checks::InstalledState::Current };
        let yes = || Reading::Known(true);
        let service = checks::Service {
            manager: "systemd".into(),
            file: current("/unit"),
            bundle: None,
            registered: yes(),
            running: yes(),
        };
        let well = CheckInputs { service: Reading::Known(service), ..facts() };
        assert_eq!(of(&well), CommandOutcome::Nothing);
        let old = Agent::Answers { pid: Pid(7), version: "0.1.0".into() };
        assert_eq!(of(&CheckInputs { agent: old, ..well }), CommandOutcome::Nothing, "advice is no problem");
    }

    #[test]
    fn it_is_shown_by_group_the_worst_first() {
        let denied = |name| Capability::new(name, CapabilityState::Denied, Message::SurfaceFailed);
        let proved = Capability::new("usage", CapabilityState::Ok, Message::IconTaken);
        let capabilities = Reading::Known(vec![denied("process-table"), denied("end-status"), proved]);
        let text = human(Catalogue::english(), &checks::run(&CheckInputs { capabilities, ..facts() }));
        let failed = "it failed in the middle of its work, which is a fault of the program: please report it";
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("      ")).collect();
        let expected = [
            "What this machine lets us see".to_owned(),
            format!("  ✗ Capabilities: process-table is denied: {failed} (capabilities)"),
            format!("  ! Capabilities: end-status is denied: {failed} (capabilities)"),
            "  ✓ Capabilities: 1 proved itself (capabilities)".to_owned(),
            String::new(),
            "goplswatch itself".to_owned(),
            "  – Login service: not known, could not find your home folder (login-service)".to_owned(),
            "  – Icon: not known, the agent has not said whether it is shown (icon-shown)".to_owned(),
            "  ✓ Agent: it answers (pid 7, version 0.2.0) (agent-answers)".to_owned(),
            String::new(),
            "1 problem · 2 not known · 1 suggestion · 2 fine".to_owned(),
        ];
        assert_eq!(lines, expected);
        assert_eq!(text.matches("Why it matters: ").count(), 1, "once for each check: {text}");
        assert_eq!(text.matches("What helps: ").count(), 1, "{text}");
    }
}
