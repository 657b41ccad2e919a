//! The types that cross the socket. The OpenAPI document and the JSON schemas are generated from
//! them.

use std::collections::BTreeMap;

use goplswatch_core::capability::Capability;
use goplswatch_core::codes::Severity;
use goplswatch_core::event::IncidentView;
use goplswatch_core::json::{self, FromJson as _, ToJson as _};
use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::{Line, Reading, Seq, Series, Snapshot};
use goplswatch_view::{Catalogue, Form};
use serde::{Deserialize, Serialize};

use crate::history::Extent;

/// The OpenAPI document of the socket, generated from these types by `cargo xtask generate`.
pub const DOCUMENT: &str = include_str!("../schema/openapi.json");

/// The answer of `status`: what is known about gopls, and about the agent that knows it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Status {
    /// What is known about gopls.
    #[cfg_attr(feature = "testing", schemars(flatten))]
    pub snapshot: Snapshot,
    /// The agent that knows it; null: no agent runs, and this is the result of a single scan.
    pub agent: Option<AgentStatus>,
}

impl Status {
    /// Reads a status from JSON in two passes over the same bytes. What serde derives for a
    /// flattened field would copy every value first, with code of its own for each type.
    ///
    /// # Errors
    /// If the JSON is not a status.
    pub(crate) fn read(json: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Rest {
            agent: Option<AgentStatus>,
        }
        let Rest { agent } = serde_json::from_slice(json)?;
        Ok(Self { snapshot: Snapshot::from_json(json)?, agent })
    }

    /// Renders every message in it in this language.
    pub fn render(&mut self, words: &Catalogue) {
        words.render(&mut self.snapshot);
        let Some(agent) = &mut self.agent else { return };
        let trouble = agent.history.trouble.iter_mut().chain(&mut agent.cost.over);
        for said in agent.config.problems.iter_mut().chain(trouble) {
            said.text = words.text(&said.message, Form::Full);
        }
    }

    /// Writes it as JSON: the snapshot, followed by the agent.
    ///
    /// # Errors
    /// Only if a value cannot be represented in JSON, which none of these types can cause.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut all = self.snapshot.to_json()?;
        all.pop();
        all.extend_from_slice(b",\"agent\":");
        all.extend(json::to_vec(&self.agent)?);
        all.push(b'}');
        Ok(all)
    }
}

/// The parts of a [`Status`] from which a verdict follows. Of an answer in JSON nothing else has to
/// be understood.
#[derive(Debug, Deserialize)]
pub struct VerdictInput {
    /// What can be observed.
    pub capabilities: Vec<Capability>,
    /// The open incidents.
    pub incidents: Vec<Open>,
}

/// An open incident.
#[derive(Debug, Deserialize)]
pub struct Open {
    /// How severe it is.
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
    /// When it started, RFC 3339.
    pub started: String,
    /// The number of the last input.
    pub last: Seq,
    /// The state of its config file.
    pub config: ConfigStatus,
    /// The state of its history.
    pub history: HistoryStatus,
    /// What it costs: CPU and memory.
    pub cost: Cost,
    /// The path of its log file.
    pub log: String,
}

/// The state of the agent's config file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ConfigStatus {
    /// The path of the file, whether it exists or not.
    pub file: String,
    /// What is wrong with it. If the file cannot be used, the previous settings stay in force.
    pub problems: Vec<MessageText>,
}

/// The state of the history on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct HistoryStatus {
    /// Its folder.
    pub folder: String,
    /// Its size and time span.
    pub extent: Extent,
    /// Why nothing is being recorded at the moment; null: recording works.
    pub trouble: Option<MessageText>,
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
    /// The throttle: how many times less often than planned the processes are scanned, to stay
    /// within the budget. 1: as planned.
    pub pace: u32,
    /// What is over budget, as sentences; null: nothing.
    pub over: Option<MessageText>,
}

impl Cost {
    /// Visits every message that says why a figure is unknown, so that it can be rendered.
    pub(crate) fn each_said(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        self.cpu_permille.each_message(each);
        self.cpu_ms.each_message(each);
        self.memory_bytes.each_message(each);
    }
}

/// The open incidents.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Incidents {
    /// Ordered by code.
    pub incidents: Vec<IncidentView>,
}

/// The series measured over the last day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct DaySeries {
    /// By lineage: one entry for each lineage that has a server.
    pub lineages: BTreeMap<String, Series>,
}

/// A page of the history.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct HistoryPage {
    /// The events of the page, oldest first.
    pub lines: Vec<Line>,
    /// For the next page, ask again with `after` set to this number; null: there is no more.
    pub more_after: Option<Seq>,
    /// What the reader must know: what was damaged, lost, or judged by another version. In the
    /// language of the request.
    pub notes: Vec<String>,
}

/// A user command was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Done {
    /// The number of the input that the command became.
    pub seq: Seq,
    /// Why the command may be forgotten, in the language of the request; null: it is on disk.
    pub hint: Option<String>,
}

/// The same before it is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AcceptedCommand {
    pub(crate) seq: Seq,
    pub(crate) hint: Option<Message>,
}

impl AcceptedCommand {
    pub(crate) fn said(self, words: &Catalogue) -> Done {
        Done { seq: self.seq, hint: self.hint.map(|hint| words.text(&hint, Form::Full)) }
    }
}

/// The answer to a request that could not be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// What happened and what to do, as sentences in the language of the request.
    pub error: String,
}
