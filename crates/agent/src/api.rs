//! What crosses the socket, as types. The OpenAPI document and the schemas are made from them.

use std::collections::BTreeMap;

use goplswatch_core::codes::Severity;
use goplswatch_core::event::IncidentView;
use goplswatch_core::json::{FromJson as _, ToJson as _};
use goplswatch_core::message::{Message, Said};
use goplswatch_core::words::Capability;
use goplswatch_core::{Line, Reading, Seq, Series, Snapshot};
use goplswatch_view::{Catalogue, Form};
use serde::{Deserialize, Serialize};

use crate::history::Extent;

/// The OpenAPI document of the socket, as text that is made from these types by `cargo xtask generate`.
pub const DOCUMENT: &str = include_str!("../schema/openapi.json");

/// What `status` says: what is known of gopls, and of whoever knows it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Status {
    /// What is known.
    #[cfg_attr(feature = "testing", schemars(flatten))]
    pub seen: Snapshot,
    /// The agent that knows it; null: no agent runs, and this is what one look shows.
    pub agent: Option<AgentStatus>,
}

impl Status {
    /// Reads it from JSON, in two passes over the same bytes: what serde derives for a flattened field copies every value
    /// first, by code of its own for each type.
    ///
    /// # Errors
    /// If it is no status.
    pub(crate) fn read(json: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Rest {
            agent: Option<AgentStatus>,
        }
        let Rest { agent } = serde_json::from_slice(json)?;
        Ok(Self { seen: Snapshot::from_json(json)?, agent })
    }

    /// Puts everything in it into words.
    pub fn render(&mut self, words: &Catalogue) {
        words.render(&mut self.seen);
        let Some(agent) = &mut self.agent else { return };
        let trouble = agent.history.trouble.iter_mut().chain(&mut agent.cost.over);
        for said in agent.config.problems.iter_mut().chain(trouble) {
            said.text = words.text(&said.message, Form::Full);
        }
    }

    /// Writes it as JSON: what is known, with the agent behind it.
    ///
    /// # Errors
    /// Only if a value cannot be JSON, which none of ours can cause.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut json = self.seen.to_json()?;
        json.pop();
        json.extend_from_slice(b",\"agent\":");
        serde_json::to_writer(&mut json, &self.agent)?;
        json.push(b'}');
        Ok(json)
    }
}

/// Those parts of a [`Status`] from which a verdict follows. Of an answer as JSON nothing else has to be understood.
#[derive(Debug, Deserialize)]
pub struct Judged {
    /// What can be seen.
    pub capabilities: Vec<Capability>,
    /// What is open.
    pub incidents: Vec<Open>,
}

/// Something that is open.
#[derive(Debug, Deserialize)]
pub struct Open {
    /// How bad it is.
    pub severity: Severity,
}

/// The agent itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct AgentStatus {
    /// Its version.
    pub version: String,
    /// Its pid.
    pub pid: u32,
    /// Since when it runs, RFC 3339.
    pub started: String,
    /// The number of the last input.
    pub last: Seq,
    /// Its config.
    pub config: ConfigStatus,
    /// What is kept of what was seen.
    pub history: HistoryStatus,
    /// What it costs.
    pub cost: Cost,
    /// Its log.
    pub log: String,
}

/// The agent's config.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ConfigStatus {
    /// The file, whether it is there or not.
    pub file: String,
    /// What is wrong with it. A file that cannot be used leaves in force what was in force.
    pub problems: Vec<Said>,
}

/// What is kept of what was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct HistoryStatus {
    /// Where it stands.
    pub folder: String,
    /// How much there is.
    pub extent: Extent,
    /// Why nothing is being kept at the moment; null: all is well.
    pub trouble: Option<Said>,
}

/// What the agent costs, measured on itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Cost {
    /// CPU over the last measured minute, thousandths of one core.
    pub cpu_permille: Reading<f64>,
    /// CPU since the agent started, milliseconds.
    pub cpu_ms: Reading<u64>,
    /// Resident memory now, bytes.
    pub memory_bytes: Reading<u64>,
    /// How many times slower than planned it looks at the processes, to keep to its budget. 1: as planned.
    pub pace: u32,
    /// What is over budget, as sentences.
    pub over: Option<Said>,
}

impl Cost {
    /// Shows why something of it is not known, to be put into words.
    pub(crate) fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        self.cpu_permille.each_said(each);
        self.cpu_ms.each_said(each);
        self.memory_bytes.each_said(each);
    }
}

/// The open incidents.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Incidents {
    /// In the order of their codes.
    pub incidents: Vec<IncidentView>,
}

/// What was measured over the last day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Day {
    /// By lineage: every one that has a server.
    pub lineages: BTreeMap<String, Series>,
}

/// A stretch of the history.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct HistoryPage {
    /// Its events, oldest first.
    pub lines: Vec<Line>,
    /// Ask again with `after` being this number for what follows; null: there is no more.
    pub more_after: Option<Seq>,
    /// What a reader must know: what was damaged, lost, or judged by another version. In the language of the request.
    pub notes: Vec<String>,
}

/// An intent was followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Done {
    /// The number of the input that it became.
    pub seq: Seq,
    /// Why it may be forgotten, in the language of the request; null: it is on the disk.
    pub hint: Option<String>,
}

/// The same before it is put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Followed {
    pub(crate) seq: Seq,
    pub(crate) hint: Option<Message>,
}

impl Followed {
    pub(crate) fn said(self, words: &Catalogue) -> Done {
        Done { seq: self.seq, hint: self.hint.map(|hint| words.text(&hint, Form::Full)) }
    }
}

/// An answer other than the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// What happened and what to do, in sentences of the language of the request.
    pub error: String,
}
