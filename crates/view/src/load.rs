//! What a server uses, in words: on its row what is worth reading there, behind it everything that is known.
//!
//! Nothing is said of what was not measured. A descriptor table's size is no count of descriptors (macOS gives only the
//! size without asking for more), so it is said with "at most".

use goplswatch_core::{Amount, Gauge, Reading, Robust, ServerStatus, say};

use crate::words;

/// Below so much CPU a server is idle, thousandths of one core.
const BUSY: u64 = 50;
/// From so many descriptors on they are worth a word; most servers have less than a hundred open.
const MANY_DESCRIPTORS: u64 = 10_000;
/// From so much on it is worth a word that a server reads and writes, bytes per second.
const MUCH_IO: u64 = 1_048_576;
/// A system that allows more than this allows as many as one likes (Linux: `fs.file-max` is often 2^63 - 1).
const NO_LIMIT: u64 = 1 << 40;
/// What is usual is said once it was seen so often.
const OFTEN: u32 = 3;

/// "14 %", "2.5 cores", "idle": of servers together; `None` where that of none is known.
pub(crate) fn cpu(servers: &[&ServerStatus]) -> Option<String> {
    let known: Vec<u64> = servers.iter().filter_map(|status| number(status, Gauge::Cpu)).collect();
    if known.is_empty() {
        return None;
    }
    let sum = known.iter().fold(0u64, |sum, permille| sum.saturating_add(*permille));
    match sum {
        // Of one that is not known it cannot be said that it is idle.
        0..BUSY if known.len() < servers.len() => None,
        0..BUSY => Some("idle".into()),
        BUSY..1_000 => Some(format!("{} %", sum / 10)),
        _ => Some(say::cores(sum)),
    }
}

/// "61 k descriptors" of the one of these servers that has most, where that is many.
pub(crate) fn many_descriptors(servers: &[&ServerStatus]) -> Option<String> {
    let many =
        servers.iter().filter_map(|status| Some((descriptors(status)?, limit(status)))).filter(|(open, limit)| {
            open.least() >= MANY_DESCRIPTORS || limit.is_some_and(|limit| open.least() > limit / 2)
        });
    let (open, _) = many.max_by_key(|(open, _)| open.least())?;
    Some(format!("{} descriptors", open.said()))
}

/// What of a server's use is worth a line that names it: its CPU where it is busy, its descriptors where they are many.
#[must_use]
pub fn notable(status: &ServerStatus) -> Vec<String> {
    let cpu = number(status, Gauge::Cpu).filter(|permille| *permille >= BUSY).map(say::cores);
    [cpu, many_descriptors(&[status])].into_iter().flatten().collect()
}

/// Everything that is known of what a server uses, each as a line of its own.
#[must_use]
pub fn used(status: &ServerStatus) -> Vec<String> {
    let said = |gauge: Gauge| known(status, gauge).map(|amount| gauge.say(amount));
    let usual = usual(status.usual.memory_bytes).map(|median| format!("usually {} here", say::bytes(median)));
    let own = said(Gauge::SharedMemory).map(|own| format!("{own} of it its own share"));
    let memory = status.memory_bytes.filter(|_| usual.is_some() || own.is_some());
    let memory = memory.map(|bytes| format!("Memory {}", say::bytes(bytes)));
    let cpu = said(Gauge::Cpu).map(|cpu| format!("CPU {cpu}"));
    let threads = known(status, Gauge::Threads).map(|amount| match amount {
        Amount::Exactly(1) => "1 thread".into(),
        amount => format!("{} threads", Gauge::Threads.say(amount)),
    });
    let open = descriptors(status).map(|open| {
        let of = limit(status).map_or_else(String::new, |limit| format!(" of {}", say::number(limit)));
        format!("Descriptors {}{of}", open.said())
    });
    let watches = known(status, Gauge::Watches).filter(|watches| watches.least() > 0);
    let watches = watches.map(|amount| format!("{} files watched by itself", Gauge::Watches.say(amount)));
    let io = known(status, Gauge::Io).filter(|io| io.least() >= MUCH_IO);
    let io = io.map(|amount| format!("Reads and writes {}", Gauge::Io.say(amount)));
    let lines = [joined([memory, own, usual], ", "), joined([cpu, threads], " · "), joined([open, watches], " · "), io];
    lines.into_iter().flatten().collect()
}

/// Whose program a translated server is, with what its file holds; `None` of one that is not translated.
#[must_use]
pub fn translated(status: &ServerStatus) -> Option<String> {
    let server = &status.server;
    if server.translated != Reading::Known(true) {
        return None;
    }
    let file = match server.slices.known().map(Vec::as_slice) {
        None | Some([]) => String::new(),
        Some([one]) => format!("; its file holds {one} only"),
        Some(several) => format!("; its file holds {}", several.join(" and ")),
    };
    Some(words::clean(&format!("An Intel program, translated on this machine{file}")))
}

/// What is usual, once it was seen often enough to be called so.
pub(crate) fn usual(values: Option<Robust>) -> Option<u64> {
    values.filter(|values| values.of >= OFTEN).map(|values| values.median)
}

/// How many descriptors a server has open.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    Counted(u64),
    AtMost(u64),
}

impl Open {
    pub(crate) const fn least(self) -> u64 {
        match self {
            Self::Counted(n) | Self::AtMost(n) => n,
        }
    }

    pub(crate) fn said(self) -> String {
        match self {
            Self::Counted(n) => say::number(n),
            Self::AtMost(n) => format!("at most {}", say::number(n)),
        }
    }
}

/// By the last count, unless the table has become smaller since.
pub(crate) fn descriptors(status: &ServerStatus) -> Option<Open> {
    match (number(status, Gauge::Descriptors), number(status, Gauge::DescriptorBound)) {
        (Some(counted), Some(bound)) if bound < counted => Some(Open::AtMost(bound)),
        (Some(counted), _) => Some(Open::Counted(counted)),
        (None, bound) => bound.map(Open::AtMost),
    }
}

fn limit(status: &ServerStatus) -> Option<u64> {
    number(status, Gauge::DescriptorLimit).and_then(real)
}

/// A limit that is one.
pub(crate) fn real(limit: u64) -> Option<u64> {
    (limit < NO_LIMIT).then_some(limit)
}

fn known(status: &ServerStatus, gauge: Gauge) -> Option<Amount> {
    status.gauges.get(&gauge).and_then(Reading::known).copied()
}

fn number(status: &ServerStatus, gauge: Gauge) -> Option<u64> {
    known(status, gauge).map(Amount::least)
}

/// What there is of these; `None` if there is nothing.
fn joined<const N: usize>(parts: [Option<String>; N], between: &str) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(between))
}
