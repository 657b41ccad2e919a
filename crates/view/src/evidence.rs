//! Text about an incident or about all servers, for a bug report.
//!
//! Everything in it comes from a snapshot, which contains no command-line arguments, no environment
//! variables and no file contents. Paths are included, with the home folder as `~`.

use std::path::Path;

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::event::{CauseView, IncidentView, RemedyView};
use goplswatch_core::message::{Count, MessageText, Millis, Text, Verbatim};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::{Amount, Gauge, Reading, Seq, ServerStatus, Snapshot, Trend};

use crate::catalogue::{Catalogue, Form};
use crate::phrases::Phrase;

impl Catalogue {
    /// What is known about an incident and the servers that it concerns, or about all servers
    /// without an incident. `home` is the folder that is written as `~`.
    #[must_use]
    pub fn evidence(&self, snapshot: &Snapshot, incident: Option<&str>, home: Option<&Path>) -> String {
        let incident = incident.and_then(|id| snapshot.incidents.iter().find(|incident| incident.id == id));
        let mut report = Report { words: self, text: String::new() };
        if let Some(incident) = incident {
            report.incident(incident);
            if let Some(trend) = incident.lineage.as_ref().and_then(|lineage| snapshot.trends.get(lineage)) {
                report.half_hour(trend);
            }
        }
        let mut servers = snapshot.servers.iter().filter(|s| incident.is_none_or(|i| is_about(i, s))).peekable();
        if servers.peek().is_none() {
            report.head(&Phrase::EvidenceNoServer);
        }
        servers.for_each(|status| report.server(status));
        if !snapshot.machine.gauges.is_empty() {
            report.head(&Phrase::EvidenceMachine);
        }
        snapshot.machine.gauges.iter().for_each(|(gauge, value)| report.measured(*gauge, value));
        report.head(&Phrase::EvidenceSight);
        for capability in &snapshot.capabilities {
            let state = match capability.state {
                CapabilityState::Ok => "ok",
                CapabilityState::Unsupported => "unsupported",
                CapabilityState::Denied => "denied",
            };
            let said = Text(self.say(&capability.said.message));
            report.line(&Phrase::EvidenceCapability { name: verbatim(&capability.name), state: verbatim(state), said });
        }
        report.head(&Phrase::EvidenceVersion { version: verbatim(env!("CARGO_PKG_VERSION")) });
        without_home(&report.text, home)
    }
}

fn verbatim(text: &str) -> Verbatim {
    Verbatim(text.to_owned())
}

fn count(n: impl Into<u64>) -> Count {
    Count::new(n.into())
}

/// Whether an incident concerns a server. Other projects are left out, because they are none of the
/// reader's business.
fn is_about(incident: &IncidentView, status: &ServerStatus) -> bool {
    let view = &status.server;
    let acted_on =
        |r: &RemedyView| r.process.is_some_and(|process| (process.pid, process.start) == (view.pid, view.start));
    incident.lineage.as_ref() == Some(&view.lineage) || incident.remedies.iter().any(acted_on)
}

/// A report under construction.
struct Report<'a> {
    words: &'a Catalogue,
    text: String,
}

impl Report<'_> {
    fn push(&mut self, before: &str, line: &str) {
        self.text.extend([before, line, "\n"]);
    }

    /// A heading: a line with an empty line before it.
    fn head(&mut self, phrase: &Phrase) {
        self.push("\n", &self.words.phrase(phrase));
    }

    fn line(&mut self, phrase: &Phrase) {
        self.push("  ", &self.words.phrase(phrase));
    }

    fn incident(&mut self, incident: &IncidentView) {
        let mut rendered = incident.clone();
        self.words.render_incident(&mut rendered);
        self.push("", &rendered.title);
        self.push("", &rendered.said.text);
        self.line(&Phrase::EvidenceKind { code: verbatim(incident.code.word()), incident: verbatim(&incident.id) });
        if let Some(lineage) = &incident.lineage {
            self.line(&Phrase::EvidenceAbout { lineage: verbatim(lineage) });
        }
        if let Some(lives) = &incident.lives_left {
            self.lives(lives);
        }
        incident.causes.iter().for_each(|cause| self.cause(cause));
        let (readings, incident) = (listed(&incident.evidence), verbatim(&incident.id));
        self.line(&Phrase::EvidenceReadings { readings, incident });
    }

    fn cause(&mut self, cause: &CauseView) {
        let said = Text(self.words.say(&cause.said.message));
        let weight = verbatim(cause.weight.word());
        self.line(&if cause.evidence.is_empty() {
            Phrase::EvidenceCause { weight, cause: said }
        } else {
            Phrase::EvidenceCauseOf { weight, cause: said, readings: listed(&cause.evidence) }
        });
    }

    fn half_hour(&mut self, trend: &Trend) {
        let ends = count(trend.ends.iter().sum::<u32>());
        let most = trend.memory.iter().flatten().max().copied();
        let memory = self.or_unknown(most.map(|bytes| self.words.bytes(bytes)));
        self.line(&Phrase::EvidenceHalfHour { ends, memory });
    }

    fn server(&mut self, status: &ServerStatus) {
        let view = &status.server;
        self.head(&Phrase::EvidenceServer { pid: count(view.pid.0), class: verbatim(view.class.word()) });
        let program = self.known(&view.exe);
        self.line(&Phrase::EvidenceProgram { program });
        let arch = self.known(&view.arch);
        self.line(&match view.translated {
            Reading::Known(true) => Phrase::EvidenceTranslated { arch },
            _ => Phrase::EvidenceRunsAs { arch },
        });
        let folder = self.known(&view.workspace);
        self.line(&Phrase::EvidenceFolder { folder });
        self.line(&match &view.client {
            Reading::Known(client) => {
                Phrase::EvidenceClient { client: verbatim(&client.name), pid: count(client.pid.0) }
            }
            Reading::Unknown { unknown } => Phrase::EvidenceClientUnknown { why: self.why(unknown) },
        });
        let memory = self.or_unknown(status.memory_bytes.map(|bytes| self.words.bytes(bytes)));
        self.line(&Phrase::EvidenceMemory { memory });
        for (gauge, value) in status.gauges.iter().filter(|(gauge, _)| **gauge != Gauge::Memory) {
            self.measured(*gauge, value);
        }
        let since = self.or_unknown(status.since.clone());
        let state = verbatim(&status.state);
        self.line(&Phrase::EvidenceSince { since, generation: count(view.generation), state });
        self.lives(&status.lives_left);
        for past in &status.past {
            let (generation, ended) = (count(past.generation), verbatim(&past.ended));
            let why = Text(self.words.say(&past.said.message));
            self.line(&match past.lived {
                Some(lived) => Phrase::EvidencePast { generation, lived: Millis::from(lived), ended, why },
                None => Phrase::EvidencePastUnknown { generation, ended, why },
            });
        }
    }

    fn measured(&mut self, gauge: Gauge, value: &Reading<Amount>) {
        let named = Text(self.words.gauge(gauge));
        self.line(&match value {
            Reading::Known(value) => {
                Phrase::EvidenceMeasured { gauge: named, value: Text(self.words.amount(gauge, *value)) }
            }
            Reading::Unknown { unknown } => Phrase::EvidenceUnmeasured { gauge: named, why: self.why(unknown) },
        });
    }

    fn lives(&mut self, lives: &LivesLeft) {
        self.line(&match lives {
            LivesLeft::Known(n) => Phrase::EvidenceLives { n: count(*n) },
            LivesLeft::AtMost(n) => Phrase::EvidenceLivesAtMost { n: count(*n) },
            LivesLeft::Unknown(why) => Phrase::EvidenceLivesUnknown { why: self.why(why) },
        });
    }

    fn why(&self, unknown: &MessageText) -> Text {
        Text(self.words.text(&unknown.message, Form::Full))
    }

    fn known(&self, reading: &Reading<String>) -> Text {
        Text(match reading {
            Reading::Known(value) => value.clone(),
            Reading::Unknown { unknown } => self.words.phrase(&Phrase::EvidenceUnknown { why: self.why(unknown) }),
        })
    }

    fn or_unknown(&self, value: Option<String>) -> Text {
        Text(value.unwrap_or_else(|| self.words.phrase(&Phrase::EvidenceNotKnown)))
    }
}

/// The sequence numbers of observations.
fn listed(readings: &[Seq]) -> Verbatim {
    Verbatim(readings.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

/// Replaces the home folder by `~`, but not where its last component continues (`/home/user2`).
fn without_home(text: &str, home: Option<&Path>) -> String {
    let Some(home) = home.and_then(Path::to_str).map(|home| home.trim_end_matches('/')).filter(|home| home.len() > 1)
    else {
        return text.to_owned();
    };
    let goes_on = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let mut short = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, _) in text.match_indices(home) {
        let end = at + home.len();
        if !text[..at].ends_with(goes_on) && !text[end..].starts_with(goes_on) {
            short.push_str(&text[rest..at]);
            short.push('~');
            rest = end;
        }
    }
    short + &text[rest..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_named_and_what_is_not_has_its_reason() {
        let evidence = |snapshot: &Snapshot| Catalogue::english().evidence(snapshot, None, None);
        let mut snapshot = Snapshot::default();
        assert!(!evidence(&snapshot).contains("measured"));
        snapshot.machine.gauges.insert(Gauge::FileTable, Reading::Known(Amount::Exactly(61_500)));
        snapshot.machine.gauges.insert(Gauge::IndexerCpu, Reading::unknown("ps did not answer"));
        let text = evidence(&snapshot);
        let named =
            "What is measured of this machine\n  open files: 61 k\n  CPU of Spotlight: not known, ps did not answer\n";
        assert!(text.contains(named), "{text}");
    }

    #[test]
    fn the_home_folder_is_shortened_where_it_is_one() {
        let short = |text: &str| without_home(text, Some(Path::new("/home/u/")));
        assert_eq!(short("in /home/u/api, /home/u and /home/user/x"), "in ~/api, ~ and /home/user/x");
        assert_eq!(short("/mnt/home/u/x, DIR=/home/u/home/u"), "/mnt/home/u/x, DIR=~/home/u");
        assert_eq!(without_home("/x /y", Some(Path::new("/"))), "/x /y");
        assert_eq!(without_home("/x", None), "/x");
    }
}
