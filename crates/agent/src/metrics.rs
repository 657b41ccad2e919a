//! What is published as OpenMetrics text, for those who collect such things.
//! (The format: <https://prometheus.io/docs/specs/om/open_metrics_spec/>; written by the project's own library.)

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64};

use goplswatch_core::{Reading, say};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::owner::Published;

/// The content type of the text.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Int = Gauge<i64, AtomicI64>;
type Seconds = Counter<f64, AtomicU64>;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ServerLabels {
    workspace: String,
    client: String,
    class: String,
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
        let view = &server.server;
        let labels = ServerLabels {
            workspace: view.workspace.known().map_or("", |path| say::folder(path)).to_owned(),
            client: match &view.client {
                Reading::Known(client) => client.name.clone(),
                Reading::Unknown { .. } => String::new(),
            },
            class: view.class.word().to_owned(),
        };
        servers.get_or_create(&labels).inc();
        if let Some(bytes) = server.memory_bytes {
            memory.get_or_create(&labels).inc_by(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }
    registry.register("servers", "gopls processes that run", servers);
    registry.register_with_unit("server_memory", "Resident memory of gopls processes", Unit::Bytes, memory);

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
