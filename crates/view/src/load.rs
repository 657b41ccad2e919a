//! What a server uses, in words: in its row only what is worth reading, in its submenu everything
//! that is known.
//!
//! Values that were not measured are left out. The size of a descriptor table is not the number of
//! open descriptors (macOS reports only the size unless asked for more), so it is shown with "at
//! most".

use goplswatch_core::message::{Bytes, Count, Number, Text};
use goplswatch_core::{Amount, DisplayThresholds, Gauge, Reading, ServerStatus};

use crate::{Catalogue, Phrase, words};

/// "14 %", "2.5 cores", "idle": the CPU of servers together; `None` if that of all is unknown.
pub(crate) fn cpu(words: &Catalogue, worth: &DisplayThresholds, servers: &[&ServerStatus]) -> Option<String> {
    let known: Vec<u64> = servers.iter().filter_map(|status| number(status, Gauge::Cpu)).collect();
    if known.is_empty() {
        return None;
    }
    let sum = known.iter().fold(0u64, |sum, permille| sum.saturating_add(*permille));
    match sum {
        // If the CPU of one server is unknown, the group is not called idle.
        sum if sum < worth.cpu_permille && known.len() < servers.len() => None,
        sum if sum < worth.cpu_permille => Some(words.phrase(&Phrase::Idle)),
        0..1_000 => Some(words.phrase(&Phrase::CpuPercent { n: Count::new(sum / 10) })),
        _ => Some(words.cores(sum)),
    }
}

/// "61 k descriptors": those of the server that has most, if that is many.
pub(crate) fn many_descriptors(
    words: &Catalogue,
    worth: &DisplayThresholds,
    servers: &[&ServerStatus],
) -> Option<String> {
    let many =
        servers.iter().filter_map(|status| Some((descriptors(status)?, limit(status)))).filter(|(open, limit)| {
            open.least() >= worth.descriptors || limit.is_some_and(|limit| open.least() > limit / 2)
        });
    let (open, _) = many.max_by_key(|(open, _)| open.least())?;
    Some(words.phrase(&Phrase::Descriptors { amount: Text(open.said(words)) }))
}

/// The values of a server that are worth a line: its CPU if it is busy, its descriptors if they are
/// many.
#[must_use]
pub fn notable(words: &Catalogue, worth: &DisplayThresholds, status: &ServerStatus) -> Vec<String> {
    let cpu = number(status, Gauge::Cpu).filter(|permille| *permille >= worth.cpu_permille);
    let cpu = cpu.map(|permille| words.cores(permille));
    [cpu, many_descriptors(words, worth, &[status])].into_iter().flatten().collect()
}

/// Everything that is known about the resources of a server, one line each.
#[must_use]
pub fn used(words: &Catalogue, worth: &DisplayThresholds, status: &ServerStatus) -> Vec<String> {
    let said = |gauge: Gauge| known(status, gauge).map(|amount| Text(words.amount(gauge, amount)));
    let usual = status.usual.memory_bytes.map(|usual| Phrase::Usually { bytes: Bytes::new(usual.median) });
    let own = said(Gauge::SharedMemory).map(|amount| Phrase::OwnShare { amount });
    let memory = status.memory_bytes.filter(|_| usual.is_some() || own.is_some());
    let memory = memory.map(|bytes| Phrase::MemoryLine { bytes: Bytes::new(bytes) });
    let cpu = said(Gauge::Cpu).map(|amount| Phrase::CpuLine { amount });
    let threads = known(status, Gauge::Threads).map(|amount| match amount {
        Amount::Exactly(n @ 0..10_000) => Phrase::Threads { n: Count::new(n) },
        amount => Phrase::ThreadsMany { amount: Text(words.amount(Gauge::Threads, amount)) },
    });
    let open = descriptors(status).map(|open| {
        let amount = Text(open.said(words));
        match limit(status) {
            Some(limit) => Phrase::DescriptorsOf { amount, limit: Number::new(limit) },
            None => Phrase::DescriptorsLine { amount },
        }
    });
    let watches = known(status, Gauge::Watches).filter(|watches| watches.least() > 0);
    let watches = watches.and_then(|_| said(Gauge::Watches)).map(|amount| Phrase::WatchesItself { amount });
    let io = known(status, Gauge::Io).filter(|io| io.least() >= worth.io_bytes_per_s);
    let io = io.and_then(|_| said(Gauge::Io)).map(|amount| Phrase::ReadsAndWrites { amount });
    let lines =
        [(vec![memory, own, usual], ", "), (vec![cpu, threads], " · "), (vec![open, watches], " · "), (vec![io], "")];
    let line = |(parts, between): (Vec<Option<Phrase>>, &str)| {
        let parts: Vec<String> = parts.into_iter().flatten().map(|part| words.phrase(&part)).collect();
        (!parts.is_empty()).then(|| parts.join(between))
    };
    lines.into_iter().filter_map(line).collect()
}

/// Says that a server is translated (an Intel program), with the architectures in its file; `None`
/// if it is not translated.
#[must_use]
pub fn translated(words: &Catalogue, status: &ServerStatus) -> Option<String> {
    let server = &status.server;
    if server.translated != Reading::Known(true) {
        return None;
    }
    let phrase = match server.slices.known().map(Vec::as_slice).and_then(<[String]>::split_last) {
        None => Phrase::Translated,
        Some((one, [])) => Phrase::TranslatedOnly { slice: Text(words::sanitize(one)) },
        Some((last, others)) => {
            // More than two do not occur in practice; if they do, all but the last are listed
            // together.
            Phrase::TranslatedOf {
                slices: Text(words::sanitize(&others.join(", "))),
                last: Text(words::sanitize(last)),
            }
        }
    };
    Some(words.phrase(&phrase))
}

/// The number of open descriptors of a server.
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

    pub(crate) fn said(self, words: &Catalogue) -> String {
        match self {
            Self::Counted(n) => words.number(n),
            Self::AtMost(n) => words.phrase(&Phrase::AtMost { amount: Text(words.number(n)) }),
        }
    }
}

/// The last count, unless the table has become smaller than that since.
pub(crate) fn descriptors(status: &ServerStatus) -> Option<Open> {
    match (number(status, Gauge::Descriptors), number(status, Gauge::DescriptorBound)) {
        (Some(counted), Some(bound)) if bound < counted => Some(Open::AtMost(bound)),
        (Some(counted), _) => Some(Open::Counted(counted)),
        (None, bound) => bound.map(Open::AtMost),
    }
}

fn limit(status: &ServerStatus) -> Option<u64> {
    number(status, Gauge::DescriptorLimit).and_then(finite_limit)
}

/// Filters out [`Gauge::NO_LIMIT`].
pub(crate) fn finite_limit(limit: u64) -> Option<u64> {
    (limit < Gauge::NO_LIMIT).then_some(limit)
}

fn known(status: &ServerStatus, gauge: Gauge) -> Option<Amount> {
    status.gauges.get(&gauge).and_then(Reading::known).copied()
}

fn number(status: &ServerStatus, gauge: Gauge) -> Option<u64> {
    known(status, gauge).map(Amount::least)
}
