//! What is published as OpenMetrics text, for those who collect such things.
//! (The format: <https://prometheus.io/docs/specs/om/open_metrics_spec/>; written by the project's own library.)

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64};

use goplswatch_core::gauge::Unit as MeasuredIn;
use goplswatch_core::{Gauge as Measured, Reading, ServerStatus, Snapshot, say};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::published::Published;

/// The content type of the text.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Int = Gauge<i64, AtomicI64>;
type Seconds = Counter<f64, AtomicU64>;
type Float = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ServerLabels {
    workspace: String,
    client: String,
    class: String,
}

impl ServerLabels {
    fn of(status: &ServerStatus) -> Self {
        let view = &status.server;
        Self {
            workspace: view.workspace.known().map_or("", |path| say::folder(path)).to_owned(),
            client: match &view.client {
                Reading::Known(client) => client.name.clone(),
                Reading::Unknown { .. } => String::new(),
            },
            class: view.class.word().to_owned(),
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct IncidentLabels {
    code: String,
    severity: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct NameLabel {
    name: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct VersionLabel {
    version: String,
}

/// The text, made anew from what is published.
pub(crate) fn text(published: &Published) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("goplswatch");
    let status = &published.status;

    let servers = Family::<ServerLabels, Int>::default();
    let memory = Family::<ServerLabels, Int>::default();
    for server in &status.seen.servers {
        let labels = ServerLabels::of(server);
        servers.get_or_create(&labels).inc();
        if let Some(bytes) = server.memory_bytes {
            memory.get_or_create(&labels).inc_by(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }
    registry.register("servers", "gopls processes that run", servers);
    registry.register_with_unit("server_memory", "Resident memory of gopls processes", Unit::Bytes, memory);

    measured(&mut registry, &status.seen);

    let open = Family::<IncidentLabels, Int>::default();
    for view in &status.seen.incidents {
        let labels = IncidentLabels { code: view.code.word().to_owned(), severity: view.severity.word().to_owned() };
        open.get_or_create(&labels).inc();
    }
    registry.register("incidents_open", "Problems that are open", open);

    let capabilities = Family::<NameLabel, Int>::default();
    for capability in &status.seen.capabilities {
        let ok = capability.state == goplswatch_core::words::CapabilityState::Ok;
        capabilities.get_or_create(&NameLabel { name: capability.name.clone() }).set(i64::from(ok));
    }
    registry.register("capability", "1 where this machine lets us see it", capabilities);

    counters(&mut registry, published);
    own(&mut registry, published);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// What is measured, each gauge as a family of its own name: of servers `server_…`, summed over those that share their
/// labels, of which there are as many as folders, however many processes; of the machine `machine_…`, without labels.
/// What is not known is left out. Memory of servers was there before the others and keeps its name.
fn measured(registry: &mut Registry, seen: &Snapshot) {
    for gauge in Measured::ALL.iter().copied().filter(|gauge| *gauge != Measured::Memory) {
        let (unit, scale) = unit(gauge.unit());
        let (name, help) = (gauge.word().replace('-', "_"), format!("{}, as it was last told", gauge.said()));
        #[expect(clippy::cast_precision_loss, reason = "nothing measured needs more than 53 bits")]
        let value = |n: u64| n as f64 / scale;
        if gauge.is_of_a_process() {
            let family = Family::<ServerLabels, Float>::default();
            for server in &seen.servers {
                if let Some(Reading::Known(amount)) = server.gauges.get(&gauge) {
                    family.get_or_create(&ServerLabels::of(server)).inc_by(value(amount.least()));
                }
            }
            register(registry, format!("server_{name}"), format!("gopls: {help}"), unit, family);
        } else if let Some(n) = seen.machine.get(gauge) {
            let metric = Float::default();
            metric.set(value(n));
            register(registry, format!("machine_{name}"), format!("This machine: {help}"), unit, metric);
        }
    }
}

fn register(registry: &mut Registry, name: String, help: String, unit: Option<Unit>, metric: impl Metric) {
    match unit {
        Some(unit) => registry.register_with_unit(name, help, unit, metric),
        None => registry.register(name, help, metric),
    }
}

/// A unit as OpenMetrics names it, and how many of ours are one of it.
fn unit(unit: MeasuredIn) -> (Option<Unit>, f64) {
    match unit {
        MeasuredIn::Bytes => (Some(Unit::Bytes), 1.0),
        MeasuredIn::Permille => (Some(Unit::Ratios), 1_000.0),
        MeasuredIn::BytesPerSecond => (Some(Unit::Other("bytes_per_second".into())), 1.0),
        MeasuredIn::PerMinute => (Some(Unit::Other("per_minute".into())), 1.0),
        MeasuredIn::Count | MeasuredIn::Level => (None, 1.0),
    }
}

fn counters(registry: &mut Registry, published: &Published) {
    let counts = &published.counts;
    let family = |counts: &std::collections::BTreeMap<&'static str, u64>| {
        let family = Family::<NameLabel, Counter>::default();
        for (name, n) in counts {
            family.get_or_create(&NameLabel { name: (*name).to_owned() }).inc_by(*n);
        }
        family
    };
    registry.register("events", "Events since the agent started, by their kind", family(&counts.events));
    registry.register("incidents", "Problems found since the agent started, by their code", family(&counts.opened));
}

fn own(registry: &mut Registry, published: &Published) {
    let Some(agent) = &published.status.agent else { return };
    let info = Family::<VersionLabel, Int>::default();
    info.get_or_create(&VersionLabel { version: agent.version.clone() }).set(1);
    registry.register("agent_info", "The agent's version", info);
    let int = |n: u64| {
        let gauge = Int::default();
        gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        gauge
    };
    if let Reading::Known(ms) = agent.cost.cpu_ms {
        let seconds = Seconds::default();
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of CPU stay far below 2^53")]
        seconds.inc_by(ms as f64 / 1_000.0);
        registry.register_with_unit("agent_cpu", "CPU that the agent has used", Unit::Seconds, seconds);
    }
    if let Reading::Known(bytes) = agent.cost.memory_bytes {
        registry.register_with_unit("agent_memory", "Resident memory of the agent", Unit::Bytes, int(bytes));
    }
    registry.register("agent_pace", "How many times less often than planned it looks", int(u64::from(agent.cost.pace)));
    let recording = int(u64::from(agent.history.trouble.is_none()));
    registry.register("history_recording", "1 while what is seen is kept", recording);
    registry.register_with_unit("history_disk", "The history on disk", Unit::Bytes, int(agent.history.extent.bytes));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use goplswatch_core::event::{ClientView, ServerView};
    use goplswatch_core::policy::LivesLeft;
    use goplswatch_core::words::ServerClass;
    use goplswatch_core::{Amount, MachineStatus, Pid, Seq, Usual};

    use super::*;
    use crate::api::Status;
    use crate::published::Counts;

    fn server(pid: u32, gauges: &[(Measured, u64)]) -> ServerStatus {
        let known = |(gauge, n): &(Measured, u64)| (*gauge, Reading::Known(Amount::Exactly(*n)));
        ServerStatus {
            server: ServerView {
                pid: Pid(pid),
                start: 1,
                class: ServerClass::Lsp,
                exe: Reading::unknown("?"),
                arch: Reading::unknown("?"),
                translated: Reading::Known(false),
                slices: Reading::unknown("?"),
                workspace: Reading::Known("/home/me/api".into()),
                adopted: false,
                client: Reading::Known(ClientView { name: "Helix".into(), pid: Pid(1) }),
                lineage: "l1".into(),
                generation: 1,
            },
            memory_bytes: None,
            gauges: gauges.iter().map(known).collect(),
            usual: Usual::default(),
            state: "stable".into(),
            lives_left: LivesLeft::Unknown("?".into()),
            since: None,
            offers: Vec::new(),
            restart_command: None,
            past: Vec::new(),
        }
    }

    #[test]
    fn gauges_have_their_units_and_as_many_series_as_there_are_folders() {
        let machine = MachineStatus {
            gauges: BTreeMap::from([
                (Measured::FileTable, Reading::Known(Amount::Exactly(118_000))),
                (Measured::MemoryStall, Reading::Known(Amount::Exactly(250))),
                (Measured::SwapUsed, Reading::unknown("not told")),
            ]),
        };
        let cpu = |n| [(Measured::Cpu, n), (Measured::Descriptors, 60_000), (Measured::Io, 7)];
        let servers = vec![server(1, &cpu(900)), server(2, &cpu(350)), server(3, &[])];
        let seen = Snapshot { servers, machine, ..Snapshot::default() };
        let status = Status { seen, agent: None };
        let text = text(&Published { status, counts: Counts::default(), looked: true, before: Seq(0) }).unwrap();
        let labels = "{workspace=\"api\",client=\"Helix\",class=\"lsp\"}";
        for line in [
            format!("goplswatch_server_cpu_ratios{labels} 1.25"),
            format!("goplswatch_server_fd_count{labels} 120000.0"),
            format!("goplswatch_server_io_bytes_per_second{labels} 14.0"),
            "goplswatch_machine_file_table 118000.0".into(),
            "goplswatch_machine_memory_stall_ratios 0.25".into(),
        ] {
            assert!(text.lines().any(|said| said == line), "{line} is missing:\n{text}");
        }
        for absent in
            ["swap_used", "goplswatch_server_memory_bytes{workspace=\"api\",client=\"Helix\",class=\"lsp\"} 0"]
        {
            assert!(!text.contains(absent), "{absent}:\n{text}");
        }
    }
}
