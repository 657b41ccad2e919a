//! Renders what is published as OpenMetrics text, for monitoring systems that collect it. (The
//! format: <https://prometheus.io/docs/specs/om/open_metrics_spec/>; written by the library of the
//! Prometheus project.)

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64};

use goplswatch_core::gauge::Unit as MeasuredIn;
use goplswatch_core::{Gauge as Measured, Reading, ServerStatus, Snapshot, clean, path_names};
use goplswatch_view::Catalogue;
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
            workspace: clean::line(view.workspace.known().map_or("", |path| path_names::folder(path))).into_owned(),
            client: match &view.client {
                Reading::Known(client) => clean::line(&client.name).into_owned(),
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

/// The metrics as text, generated from what is published.
pub(crate) fn text(published: &Published) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("goplswatch");
    let status = &published.status;

    let servers = Family::<ServerLabels, Int>::default();
    let memory = Family::<ServerLabels, Int>::default();
    for server in &status.snapshot.servers {
        let labels = ServerLabels::of(server);
        servers.get_or_create(&labels).inc();
        if let Some(bytes) = server.memory_bytes {
            memory.get_or_create(&labels).inc_by(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }
    registry.register("servers", "gopls processes that run", servers);
    registry.register_with_unit("server_memory", "Resident memory of gopls processes", Unit::Bytes, memory);

    measured(&mut registry, &status.snapshot);

    let open = Family::<IncidentLabels, Int>::default();
    for view in &status.snapshot.incidents {
        let labels = IncidentLabels { code: view.code.word().to_owned(), severity: view.severity.word().to_owned() };
        open.get_or_create(&labels).inc();
    }
    registry.register("incidents_open", "Problems that are open", open);

    let capabilities = Family::<NameLabel, Int>::default();
    for capability in &status.snapshot.capabilities {
        let ok = capability.state == goplswatch_core::capability::CapabilityState::Ok;
        capabilities.get_or_create(&NameLabel { name: capability.name.clone() }).set(i64::from(ok));
    }
    registry.register("capability", "1 where this machine lets us see it", capabilities);

    counters(&mut registry, published);
    own(&mut registry, published);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// Registers each gauge as a family of its own: `server_…` for servers, summed over those with the
/// same labels, of which there are as many as folders, however many processes; `machine_…` for the
/// machine, without labels. Unknown values are left out. Memory of servers is reported by [`text`],
/// as a whole number.
fn measured(registry: &mut Registry, seen: &Snapshot) {
    for gauge in Measured::ALL.iter().copied().filter(|gauge| *gauge != Measured::Memory) {
        let MetricFormat { unit, ending, scale } = metric_format(gauge.unit());
        let (name, help) = (
            gauge.word().replace('-', "_") + ending,
            format!("{}, as it was last told", Catalogue::english().gauge(gauge)),
        );
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
            let name = name.strip_prefix("machine_").unwrap_or(&name);
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

/// How the values of a unit are reported.
struct MetricFormat {
    /// One of Prometheus' base units (<https://prometheus.io/docs/practices/naming/#base-units>); a
    /// rate has none.
    unit: Option<Unit>,
    /// The suffix that a rate's name has instead.
    ending: &'static str,
    /// How many of our units are one of it.
    scale: f64,
}

fn metric_format(unit: MeasuredIn) -> MetricFormat {
    let (unit, ending, scale) = match unit {
        MeasuredIn::Bytes => (Some(Unit::Bytes), "", 1.0),
        // The library has this unit only in the plural, and Prometheus names no unit of a ratio but
        // `ratio`.
        MeasuredIn::Permille => (Some(Unit::Other("ratio".into())), "", 1_000.0),
        MeasuredIn::BytesPerSecond => (None, "_bytes_per_second", 1.0),
        MeasuredIn::PerMinute => (None, "_per_second", 60.0),
        MeasuredIn::Count | MeasuredIn::Level | MeasuredIn::Flag => (None, "", 1.0),
    };
    MetricFormat { unit, ending, scale }
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
    let age = Float::default();
    age.set(published.age.as_secs_f64());
    registry.register_with_unit("age", "How long ago all this was true", Unit::Seconds, age);
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
    use std::time::Duration;

    use std::collections::BTreeMap;

    use goplswatch_core::capability::{Capability, CapabilityState};
    use goplswatch_core::codes::Severity;
    use goplswatch_core::event::{ClientView, IncidentView, ServerView};
    use goplswatch_core::policy::LivesLeft;
    use goplswatch_core::types::ServerClass;
    use goplswatch_core::{Amount, Code, MachineStatus, Pid, Seq, Usual};
    use goplswatch_testing::odd_names;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::api::{AgentStatus, ConfigStatus, Cost, HistoryStatus, Status};
    use crate::history::Extent;
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
                client: Reading::Known(ClientView { id: None, name: "Helix".into(), pid: Pid(1) }),
                lineage: "l1".into(),
                generation: 1,
            },
            memory_bytes: None,
            gauges: gauges.iter().map(known).collect(),
            usual: Usual::default(),
            state: "stable".into(),
            lives_left: LivesLeft::Unknown(goplswatch_core::message::Message::LivesUnread.into()),
            since: None,
            offers: Vec::new(),
            restart_command: None,
            past: Vec::new(),
        }
    }

    /// Everything that can be published, each item once.
    fn everything() -> Published {
        let amount = Reading::Known(Amount::Exactly(60));
        let gauges = || Measured::ALL.iter().map(|gauge| (*gauge, amount.clone()));
        let all: Vec<_> = Measured::ALL.iter().map(|gauge| (*gauge, 60)).collect();
        let incident = IncidentView {
            id: "restart-loop-1".into(),
            code: Code::RestartLoop,
            severity: Severity::Problem,
            title: String::new(),
            client: None,
            said: goplswatch_core::message::Message::CauseUnknown.into(),
            lineage: None,
            workspace: None,
            evidence: Vec::new(),
            causes: Vec::new(),
            lives_left: None,
            remedies: Vec::new(),
            receipt: None,
            closed_because: None,
        };
        let seen = Snapshot {
            servers: vec![ServerStatus { memory_bytes: Some(60), ..server(1, &all) }],
            machine: MachineStatus { gauges: gauges().collect() },
            incidents: vec![incident],
            capabilities: vec![Capability::new("exits", CapabilityState::Ok, "")],
            ..Snapshot::default()
        };
        let cost = Cost {
            cpu_permille: Reading::Known(1.0),
            cpu_ms: Reading::Known(60),
            memory_bytes: Reading::Known(60),
            pace: 1,
            over: None,
        };
        let agent = AgentStatus {
            version: "0.1.0".into(),
            pid: 1,
            started: String::new(),
            last: Seq(1),
            config: ConfigStatus::default(),
            history: HistoryStatus { folder: String::new(), extent: Extent::default(), trouble: None },
            cost,
            log: String::new(),
        };
        let counted = BTreeMap::from([("x", 60)]);
        Published {
            status: Status { snapshot: seen, agent: Some(agent) },
            counts: Counts { events: counted.clone(), opened: counted },
            scanned: true,
            previous_last: Seq(0),
            age: Duration::ZERO,
        }
    }

    #[test]
    fn names_are_as_prometheus_has_them() {
        let text = text(&everything()).unwrap();
        let declared = |what: &str| -> BTreeMap<&str, &str> {
            let prefix = format!("# {what} ");
            text.lines().filter_map(|line| line.strip_prefix(&prefix)?.split_once(' ')).collect()
        };
        let (kinds, units) = (declared("TYPE"), declared("UNIT"));
        assert_eq!(kinds.len(), text.lines().filter(|line| line.starts_with("# TYPE ")).count(), "{text}");
        assert_eq!(kinds.len(), Measured::ALL.len() + 12, "each of them is here:\n{text}");
        for (name, kind) in &kinds {
            let words: Vec<&str> = name.split('_').collect();
            assert_eq!(words.iter().filter(|word| **word == "goplswatch").count(), 1, "{name}");
            assert!(name.starts_with("goplswatch_") && words.windows(2).all(|two| two[0] != two[1]), "{name}");
            assert!(!name.ends_with("_total") && ["gauge", "counter"].contains(kind), "{name} is a {kind}");
            for not_base in ["minute", "minutes", "ms", "kb", "mb", "percent", "permille", "ratios"] {
                assert!(!words.contains(&not_base), "{name}");
            }
        }
        for (name, unit) in &units {
            assert!(["bytes", "seconds", "ratio"].contains(unit) && name.ends_with(&format!("_{unit}")), "{name}");
        }
        for sample in text.lines().filter(|line| !line.starts_with('#')) {
            let name = sample.split(['{', ' ']).next().unwrap();
            let kind = kinds.get(name.strip_suffix("_total").unwrap_or(name));
            assert_eq!(kind == Some(&"counter"), name.ends_with("_total"), "{sample}");
        }
        assert!(text.contains("goplswatch_machine_memory_bytes 60.0\n"), "{text}");
        assert!(text.contains("goplswatch_machine_vnodes_recycled_per_second 1.0\n"), "{text}");
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
        let status = Status { snapshot: seen, agent: None };
        let text = text(&Published {
            status,
            counts: Counts::default(),
            scanned: true,
            previous_last: Seq(0),
            age: Duration::ZERO,
        })
        .unwrap();
        let labels = "{workspace=\"api\",client=\"Helix\",class=\"lsp\"}";
        for line in [
            format!("goplswatch_server_cpu_ratio{labels} 1.25"),
            format!("goplswatch_server_fd_count{labels} 120000.0"),
            format!("goplswatch_server_io_bytes_per_second{labels} 14.0"),
            "goplswatch_machine_file_table 118000.0".into(),
            "goplswatch_machine_memory_stall_ratio 0.25".into(),
        ] {
            assert!(text.lines().any(|said| said == line), "{line} is missing:\n{text}");
        }
        for absent in
            ["swap_used", "goplswatch_server_memory_bytes{workspace=\"api\",client=\"Helix\",class=\"lsp\"} 0"]
        {
            assert!(!text.contains(absent), "{absent}:\n{text}");
        }
    }

    /// The values of a sample's labels, as a collector decodes them.
    fn labels(sample: &str) -> BTreeMap<String, String> {
        let (mut labels, mut rest) = (BTreeMap::new(), sample.split_once('{').unwrap().1);
        while let Some((name, quoted)) = rest.split_once("=\"") {
            let (mut value, mut chars) = (String::new(), quoted.char_indices());
            let end = loop {
                match chars.next().unwrap() {
                    (at, '"') => break at,
                    (_, '\\') => value.push(match chars.next().unwrap().1 {
                        'n' => '\n',
                        c @ ('\\' | '"') => c,
                        c => panic!("no such escape: {c}"),
                    }),
                    (_, c) => value.push(c),
                }
            };
            labels.insert(name.trim_start_matches(',').to_owned(), value);
            rest = &quoted[end + 1..];
        }
        labels
    }

    fn of_server(folder: &str, program: &str) -> String {
        let mut server = ServerStatus { memory_bytes: Some(60), ..server(1, &[(Measured::Cpu, 900)]) };
        server.server.workspace = Reading::Known(format!("/w/{folder}"));
        server.server.client = Reading::Known(ClientView { id: None, name: program.into(), pid: Pid(1) });
        let status = Status { snapshot: Snapshot { servers: vec![server], ..Snapshot::default() }, agent: None };
        text(&Published {
            status,
            counts: Counts::default(),
            scanned: true,
            previous_last: Seq(0),
            age: Duration::ZERO,
        })
        .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_name_is_a_label_and_no_line(
            folder in prop_oneof![select(odd_names()), any::<String>()],
            program in prop_oneof![select(odd_names()), any::<String>()],
        ) {
            let folder = folder.replace('/', "-") + "x";
            let said = of_server(&folder, &program);
            let tame = of_server("api", "Helix");
            prop_assert_eq!(said.split('\n').count(), tame.split('\n').count(), "{}", said);
            let mut samples = 0;
            for (line, tame) in said.split('\n').zip(tame.split('\n')) {
                if !tame.contains("workspace=") {
                    prop_assert_eq!(line, tame);
                    continue;
                }
                samples += 1;
                let expected = [("class", "lsp"), ("client", &program), ("workspace", &folder)];
                let expected = expected.map(|(name, value)| (name.to_owned(), clean::line(value).into_owned()));
                prop_assert_eq!(labels(line), BTreeMap::from(expected), "{}", line);
                prop_assert_eq!(line.split('{').next(), tame.split('{').next());
                prop_assert_eq!(line.rsplit(' ').next(), tame.rsplit(' ').next());
            }
            prop_assert_eq!(samples, 3, "{}", said);
        }
    }
}
