//! The machine's section of the menu: only what is worth reading. A calm machine has no section.
//!
//! Each row is about something that can run short or slow gopls down, and contains the incident
//! about it, unless that incident is already shown in full at the top of the menu. So each problem
//! of the machine is shown in one place.

use std::collections::BTreeSet;

use goplswatch_core::event::IncidentView;
use goplswatch_core::message::{Bytes, Count, Number, Text, Title};
use goplswatch_core::{Amount, Code, DisplayThresholds, Gauge, MachineStatus, Snapshot};

use crate::view_model::{ViewModel, count};
use crate::{Catalogue, Phrase, Row, load, problems, servers, words};

/// How many servers are named as holders of descriptors.
const HOLDERS: usize = 3;
/// How many rows explain what an item means.
const MEANING: usize = 2;

/// Something about the machine that is worth reading.
struct Item {
    key: &'static str,
    /// The code of the incident that is open if this is a problem.
    code: Code,
    /// The measured value; an item without one uses the title of its incident.
    label: Option<Phrase>,
    /// Other measured values.
    facts: Vec<Phrase>,
    /// Texts that are shown only if there is no incident, whose text would contain them.
    details: Vec<Phrase>,
}

impl Item {
    fn label(&self, words: &Catalogue) -> String {
        self.label.as_ref().map_or_else(|| words.title(&self.title()), |label| words.phrase(label))
    }

    fn label_within(&self, words: &Catalogue) -> String {
        self.label.as_ref().map_or_else(|| words.title_within(&self.title()), |label| words.phrase_within(label))
    }

    const fn title(&self) -> Title {
        Title { code: self.code, client: None }
    }
}

/// What is worth reading about the machine, one line each.
#[must_use]
pub fn machine(words: &Catalogue, snapshot: &Snapshot) -> Vec<String> {
    items(words, snapshot).iter().map(|item| item.label(words)).collect()
}

/// The rows of the section, and the incidents that they contain.
pub(crate) struct Section<'a> {
    words: &'static Catalogue,
    rows: Vec<Row>,
    /// The first item, worded to follow other words.
    first: Option<String>,
    shown: BTreeSet<&'a str>,
    /// Whether the servers' section precedes it; then the two share one separator.
    follows: bool,
}

impl<'a> Section<'a> {
    pub(crate) fn new(view_model: &ViewModel<'a>) -> Self {
        let top = view_model.incidents.first().map(|view| view.code);
        let mut shown = BTreeSet::new();
        let mut items = items(view_model.words(), view_model.snapshot);
        items.retain(|item| top != Some(item.code));
        let first = items.first().map(|item| item.label_within(view_model.words()));
        let rows = items
            .into_iter()
            .map(|item| {
                let about = view_model.incidents.iter().copied().find(|view| view.code == item.code);
                shown.extend(about.map(|view| view.id.as_str()));
                row(view_model, item, about)
            })
            .collect();
        Self { words: view_model.words(), rows, first, shown, follows: !view_model.snapshot.servers.is_empty() }
    }

    /// Whether one of its rows contains this incident.
    pub(crate) fn shows(&self, view: &IncidentView) -> bool {
        self.shown.contains(view.id.as_str())
    }

    /// The minimum number of rows.
    pub(crate) fn min_rows(&self) -> usize {
        if self.rows.is_empty() { 0 } else { 1 + usize::from(!self.follows) }
    }

    /// The number of rows with each item on a row of its own.
    pub(crate) fn full_rows(&self) -> usize {
        if self.rows.is_empty() { 0 } else { self.min_rows() + self.rows.len() }
    }

    /// The section on at most `room` rows, which must be at least [`Self::min_rows`].
    pub(crate) fn into_rows(mut self, room: usize) -> Vec<Row> {
        let whole = room >= self.full_rows();
        let Some(item) = self.first.take().map(Text) else { return Vec::new() };
        let mut rows = if self.follows { Vec::new() } else { vec![Row::separator("machine/line")] };
        if whole {
            rows.push(Row::text("machine".into(), self.words.phrase(&Phrase::MachineTitle)));
            rows.append(&mut self.rows);
            return rows;
        }
        let alone = if self.rows.len() == 1 { self.rows.pop() } else { None };
        rows.push(match alone {
            Some(row) => row.labelled(self.words.phrase(&Phrase::MachineRow { item })),
            None => {
                let label = Phrase::MachineRowMore { item, more: count(self.rows.len() - 1) };
                Row::submenu("machine/all".into(), self.words.phrase(&label), self.rows)
            }
        });
        rows
    }
}

fn row<'a>(view_model: &ViewModel<'a>, item: Item, about: Option<&'a IncidentView>) -> Row {
    let key = format!("machine/{}", item.key);
    let label = item.label(view_model.words());
    let mut facts: Vec<String> = item.facts.iter().map(|observation| view_model.phrase(observation)).collect();
    if item.code == Code::FileTableFull {
        facts.extend(holders(view_model));
    }
    if about.is_none() {
        facts.extend(item.details.iter().map(|detail| view_model.phrase(detail)));
        facts.extend(words::rows(&view_model.words().means(item.code), MEANING));
    }
    let facts = facts.into_iter().enumerate().map(|(i, said)| Row::text(format!("{key}/text/{i}"), said));
    let rows = facts.chain(about.into_iter().flat_map(|view| problems::inside(view_model, view))).collect();
    Row::submenu(key, label, rows)
}

/// The servers with the most open descriptors.
fn holders(view_model: &ViewModel<'_>) -> Vec<String> {
    let open = |status| Some((load::descriptors(status)?, status));
    let mut all: Vec<_> = view_model.snapshot.servers.iter().filter_map(open).collect();
    all.retain(|(open, _)| open.least() >= view_model.snapshot.worth.held_descriptors);
    all.sort_by_key(|(open, status)| (std::cmp::Reverse(open.least()), status.server.pid));
    all.into_iter()
        .take(HOLDERS)
        .map(|(open, status)| {
            let server = &status.server;
            view_model.phrase(&Phrase::HolderOf {
                folder: Text(view_model.place_of(&server.workspace)),
                who: Text(servers::who(view_model.words(), server).join(" · ")),
                amount: Text(open.said(view_model.words())),
            })
        })
        .collect()
}

fn items(words: &Catalogue, snapshot: &Snapshot) -> Vec<Item> {
    let is_open = |code: Code| snapshot.incidents.iter().any(|view| view.code == code);
    let (machine, worth) = (&snapshot.machine, &snapshot.worth);
    [
        files(machine, worth, is_open(Code::FileTableFull), is_open(Code::DescriptorPressure)),
        watches(machine, worth, is_open(Code::WatchLimit)),
        memory(words, machine, is_open(Code::MemoryPressure)),
        indexer(words, machine, worth, is_open(Code::SpotlightBusy)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// "Descriptors 61 k of 122 k". If a gopls is using up its descriptors, those of the machine are
/// worth reading too.
fn files(machine: &MachineStatus, from: &DisplayThresholds, open: bool, pressure: bool) -> Option<Item> {
    let (used, limit) = (machine.get(Gauge::FileTable), limit(machine, Gauge::FileTableLimit));
    let worth =
        open || is_over(used, limit, from.file_table_percent) || (pressure && used.is_some() && limit.is_some());
    let label = used.map(|used| match (Number::new(used), limit.map(Number::new)) {
        (used, Some(limit)) => Phrase::OpenFilesOf { used, limit },
        (used, None) => Phrase::OpenFiles { used },
    });
    item("open-files", Code::FileTableFull, worth, label, [Vec::new(), Vec::new()])
}

/// "File watches 58 k of 65 k".
fn watches(machine: &MachineStatus, from: &DisplayThresholds, open: bool) -> Option<Item> {
    let (used, limit) = (machine.get(Gauge::UserWatches), limit(machine, Gauge::UserWatchLimit));
    let worth = open || is_over(used, limit, from.watch_percent);
    let label = used.map(|used| match (Number::new(used), limit.map(Number::new)) {
        (used, Some(limit)) => Phrase::FileWatchesOf { used, limit },
        (used, None) => Phrase::FileWatches { used },
    });
    item("file-watches", Code::WatchLimit, worth, label, [Vec::new(), Vec::new()])
}

/// "Short of memory: 310 MB available".
fn memory(words: &Catalogue, machine: &MachineStatus, open: bool) -> Option<Item> {
    let short = machine.get(Gauge::PressureLevel).is_some_and(|level| level >= Gauge::SHORT_OF_MEMORY);
    let bytes = |gauge| machine.get(gauge).map(Bytes::new);
    let label = bytes(Gauge::MemoryAvailable).map(|bytes| Phrase::ShortOfMemory { bytes });
    let of = bytes(Gauge::MachineMemory).map(|bytes| Phrase::MachineHas { bytes });
    let swap = machine.get(Gauge::SwapUsed).filter(|bytes| *bytes > 0);
    let swap = swap.map(|bytes| Phrase::SwapInUse { bytes: Bytes::new(bytes) });
    let said = |gauge, n| Text(words.amount(gauge, Amount::Exactly(n)));
    let stall = machine.get(Gauge::MemoryStall).filter(|permille| *permille > 0);
    let stall = stall.map(|permille| Phrase::WaitedForMemory { share: said(Gauge::MemoryStall, permille) });
    let level = machine.get(Gauge::PressureLevel).filter(|_| short);
    let level = level.map(|n| Phrase::SystemCallsIt { level: said(Gauge::PressureLevel, n) });
    let facts = [of, swap].into_iter().flatten().collect();
    let details = [level, stall].into_iter().flatten().collect();
    item("memory", Code::MemoryPressure, open || short, label, [facts, details])
}

/// "Spotlight is busy: 6 workers, 84 % of a core".
fn indexer(words: &Catalogue, machine: &MachineStatus, from: &DisplayThresholds, open: bool) -> Option<Item> {
    let cpu = machine.get(Gauge::IndexerCpu);
    let worth = open || cpu.is_some_and(|permille| permille >= from.indexer_cpu_permille);
    let workers = machine.get(Gauge::IndexerWorkers).filter(|n| *n > 0).map(Count::new);
    let label = match (workers, cpu.map(|permille| Text(words.cores(permille)))) {
        (Some(n), Some(cpu)) => Some(Phrase::SpotlightBoth { n, cpu }),
        (Some(n), None) => Some(Phrase::SpotlightWorkers { n }),
        (None, Some(cpu)) => Some(Phrase::SpotlightCpu { cpu }),
        (None, None) => None,
    };
    let births = machine.get(Gauge::IndexerBirths).filter(|n| *n > 0);
    let details = births.map(|n| Phrase::NewWorkers { n: Number::new(n) });
    item("spotlight", Code::SpotlightBusy, worth, label, [Vec::new(), details.into_iter().collect()])
}

/// `None` if the item is not worth a row.
fn item(
    key: &'static str,
    code: Code,
    worth: bool,
    label: Option<Phrase>,
    [facts, details]: [Vec<Phrase>; 2],
) -> Option<Item> {
    worth.then_some(Item { key, code, label, facts, details })
}

fn limit(machine: &MachineStatus, gauge: Gauge) -> Option<u64> {
    machine.get(gauge).and_then(load::finite_limit)
}

fn is_over(used: Option<u64>, limit: Option<u64>, percent: u32) -> bool {
    used.zip(limit).is_some_and(|(used, limit)| u128::from(used) * 100 > u128::from(limit) * u128::from(percent))
}
