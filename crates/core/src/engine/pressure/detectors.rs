//! The detectors: one for each code that is based on readings, or on an observation that stays
//! valid for a while.
//!
//! A detector compares the tracks of a server or of the machine with a threshold. It also supplies
//! the text of the incident, its wording as a cause, and its share of an exhausted resource. The
//! gauges that trigger it, the time for which its finding must last, and what ends the incident are
//! in the row of its code.

use super::levels::{Finding, LevelReport, Reach, ThresholdState};
use crate::code::Code;
use crate::engine::processes::Server;
use crate::engine::subject::Subject;
use crate::engine::{Now, State};
use crate::gauge::Gauge;
use crate::message::{Message, Millis, OfCode, Title};

/// What a detector evaluates when one of its gauges is reported.
#[derive(Clone, Copy)]
pub(in crate::engine) enum DetectorKind {
    /// One server.
    Server(fn(&State, &Server) -> Finding),
    /// The machine.
    Machine(fn(&State) -> Finding),
    /// Nothing: its finding comes as an observation of its own.
    Observed,
}

/// How much of an exhausted resource something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Share {
    /// Nothing.
    Nothing,
    /// This much.
    Amount(u64),
    /// Not counted.
    Unknown,
}

/// What triggers a detector besides the gauges of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Trigger {
    /// The first server started, or the last one ended.
    Servers,
    /// A load child of the server started or ended.
    Loads,
    /// A gauge of the machine.
    OfMachine(Gauge),
}

/// See the module documentation.
pub(in crate::engine) struct Detector {
    /// The code of the incidents that it opens.
    pub(in crate::engine) code: Code,
    triggers: &'static [Trigger],
    pub(in crate::engine) kind: DetectorKind,
    /// The text and evidence for a level; `None` if its number is not known any more.
    pub(in crate::engine) report: fn(&State, Now, Subject, &ThresholdState) -> Option<LevelReport>,
    /// Its wording as a cause, for a server or for the machine.
    pub(in crate::engine) as_cause: fn(&State, Option<&Server>) -> Message,
    /// Whether it only costs resources so far and cannot end a server yet.
    pub(in crate::engine) is_mild: fn(&State, Option<&Server>) -> bool,
    /// How much of an exhausted resource it takes, on a server or on the machine.
    pub(in crate::engine) share: fn(&State, Option<&Server>) -> Share,
}

/// All detectors.
pub(in crate::engine) static DETECTORS: [Detector; 11] = [
    Detector {
        code: Code::DescriptorPressure,
        triggers: &[],
        kind: DetectorKind::Server(State::find_descriptors),
        report: State::tell_of_descriptors,
        as_cause: |_, server| {
            server.map_or(Message::CauseManyDescriptors { numbers: None.into() }, State::descriptors_as_cause)
        },
        is_mild: |_, server| server.is_none_or(|server| State::out_of_descriptors(server).is_none()),
        share: |_, server| {
            server.and_then(State::open_descriptors).map_or(Share::Unknown, |(_, n, _)| Share::Amount(n))
        },
    },
    Detector {
        code: Code::OwnWatcher,
        triggers: &[],
        kind: DetectorKind::Server(State::find_watches),
        report: State::tell_of_watches,
        as_cause: |_, server| Message::CauseWatches { value: State::in_measure(server, Gauge::Watches) },
        is_mild: never,
        share: State::watches_share,
    },
    Detector {
        code: Code::RunawayMemory,
        triggers: &[Trigger::OfMachine(Gauge::MemoryAvailable)],
        kind: DetectorKind::Server(State::find_growth),
        report: State::tell_of_growth,
        as_cause: |_, server| State::growth_as_cause(server),
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::RunawayCpu,
        triggers: &[Trigger::Loads],
        kind: DetectorKind::Server(State::find_cpu),
        report: State::tell_of_cpu,
        as_cause: |_, server| Message::CauseBusy { value: State::in_measure(server, Gauge::Cpu) },
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::BlockedIo,
        triggers: &[],
        kind: DetectorKind::Observed,
        report: State::tell_of_waiting,
        as_cause: |_, _| Message::CauseDisk,
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::StoppedServer,
        triggers: &[],
        kind: DetectorKind::Server(|_, server| flag(server, Gauge::StoppedAlone)),
        report: |state, now, subject, level| report_from_catalogue(Code::StoppedServer, state, now, subject, level),
        as_cause: |_, _| Message::Titled { title: Title { code: Code::StoppedServer, client: None } },
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::FileTableFull,
        triggers: &[],
        kind: DetectorKind::Machine(State::find_open_files),
        report: |state, _, _, _| state.tell_of_share(Gauge::FileTable, Gauge::FileTableLimit, Gauge::Descriptors),
        as_cause: |state, _| Message::CauseFileTable {
            numbers: state.machine.numbers(Gauge::FileTable, Gauge::FileTableLimit),
        },
        is_mild: |state, _| !state.machine.is_nearly_all(Gauge::FileTable, Gauge::FileTableLimit),
        share: |state, _| state.machine.known(Gauge::FileTable).map_or(Share::Unknown, |(n, _)| Share::Amount(n)),
    },
    Detector {
        code: Code::WatchLimit,
        triggers: &[],
        kind: DetectorKind::Machine(State::find_user_watches),
        report: |state, _, _, _| state.tell_of_share(Gauge::UserWatches, Gauge::UserWatchLimit, Gauge::Watches),
        as_cause: |state, _| Message::CauseWatchLimit {
            numbers: state.machine.numbers(Gauge::UserWatches, Gauge::UserWatchLimit),
        },
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::SpotlightBusy,
        triggers: &[Trigger::Servers],
        kind: DetectorKind::Machine(State::find_indexing),
        report: |state, _, _, _| state.tell_of_indexing(),
        as_cause: |state, _| state.indexing_as_cause(),
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::FileEventsLost,
        triggers: &[],
        kind: DetectorKind::Observed,
        report: |state, _, subject, level| state.tell_of_events_lost(subject, level),
        as_cause: |_, _| Message::Titled { title: Title { code: Code::FileEventsLost, client: None } },
        is_mild: never,
        share: unknown,
    },
    Detector {
        code: Code::MemoryPressure,
        triggers: &[],
        kind: DetectorKind::Machine(State::find_memory_pressure),
        report: |state, _, _, _| state.tell_of_memory(),
        as_cause: |state, _| state.memory_as_cause(),
        is_mild: never,
        share: unknown,
    },
];

fn never(_: &State, _: Option<&Server>) -> bool {
    false
}

fn unknown(_: &State, _: Option<&Server>) -> Share {
    Share::Unknown
}

/// The finding for a gauge that is only yes or no.
fn flag(server: &Server, gauge: Gauge) -> Finding {
    match server.gauges.known(gauge) {
        Some((yes, _)) if yes != 0 => Finding::new(Reach::Over, yes),
        _ => Finding::NOTHING,
    }
}

/// The text that the message catalogue has for a code: which server, where and for how long.
fn report_from_catalogue(
    code: Code,
    state: &State,
    now: Now,
    subject: Subject,
    level: &ThresholdState,
) -> Option<LevelReport> {
    let (_, who, place) = state.reported_server(subject)?;
    let span = Millis::from(now.uptime().since(level.since));
    Some(LevelReport { said: Message::OfCode { words: OfCode::told(code, who, place, span) }, evidence: Vec::new() })
}

/// The detector of a code, if it has one.
pub(in crate::engine) fn detector_of(code: Code) -> Option<&'static Detector> {
    static OF_CODE: [Option<&Detector>; Code::ALL.len()] = {
        let mut of = [None; Code::ALL.len()];
        let mut i = 0;
        while i < DETECTORS.len() {
            of[DETECTORS[i].code as usize] = Some(&DETECTORS[i]);
            i += 1;
        }
        of
    };
    OF_CODE[code as usize]
}

/// The detectors that this triggers.
pub(in crate::engine) fn triggered_by(what: Trigger) -> impl Iterator<Item = &'static Detector> {
    DETECTORS.iter().filter(move |detector| detector.triggers.contains(&what))
}

/// The detectors by gauge. Readings are by far the most frequent observations, so no search is made
/// for them.
struct ByGauge {
    /// The detector whose code is based on the gauge.
    primary: [Option<&'static Detector>; Gauge::ALL.len()],
    /// The detector that it triggers in addition.
    secondary: [Option<&'static Detector>; Gauge::ALL.len()],
}

static BY_GAUGE: ByGauge = {
    let mut by = ByGauge { primary: [None; Gauge::ALL.len()], secondary: [None; Gauge::ALL.len()] };
    let mut i = 0;
    while i < DETECTORS.len() {
        let detector = &DETECTORS[i];
        let gauges = detector.code.row().gauges;
        let mut j = 0;
        while j < gauges.len() {
            by.primary[gauges[j] as usize] = Some(detector);
            j += 1;
        }
        let mut j = 0;
        while j < detector.triggers.len() {
            if let Trigger::OfMachine(gauge) = detector.triggers[j] {
                by.secondary[gauge as usize] = Some(detector);
            }
            j += 1;
        }
        i += 1;
    }
    by
};

/// The detector whose code is based on a gauge.
pub(in crate::engine) fn primary_detector(gauge: Gauge) -> Option<&'static Detector> {
    BY_GAUGE.primary[gauge as usize]
}

/// The detector of servers that a gauge of the machine triggers in addition.
pub(in crate::engine) fn secondary_detector(gauge: Gauge) -> Option<&'static Detector> {
    BY_GAUGE.secondary[gauge as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes opened by an observation alone: they have no gauge that would require a detector.
    const BY_A_FACT: [Code; 2] = [Code::BlockedIo, Code::FileEventsLost];

    /// The codes that need a detector but have none in this list.
    fn undetected<'a>(detectors: impl Iterator<Item = &'a Detector> + Clone) -> Vec<Code> {
        let detected = |code: &Code| detectors.clone().any(|detector| detector.code == *code);
        let due = |code: &Code| BY_A_FACT.contains(code) || !code.row().gauges.is_empty();
        Code::ALL.iter().copied().filter(|code| due(code) && !detected(code)).collect()
    }

    #[test]
    fn a_detector_that_is_deleted_is_missed() {
        for gone in &DETECTORS {
            let left = DETECTORS.iter().filter(|detector| detector.code != gone.code);
            assert_eq!(undetected(left), [gone.code]);
        }
    }

    #[test]
    fn each_detector_opens_a_code_of_its_own_and_each_gauge_moves_one() {
        for (i, Detector { code, kind: look, .. }) in DETECTORS.iter().enumerate() {
            assert!(DETECTORS.iter().skip(i + 1).all(|other| other.code != *code), "{code:?} has two detectors");
            let by_a_fact = matches!(look, DetectorKind::Observed);
            assert_eq!(by_a_fact, code.row().gauges.is_empty(), "{code:?} looks at what it rests on");
            assert_eq!(by_a_fact, BY_A_FACT.contains(code), "{code:?} is not named above, or it is no more");
            for gauge in code.row().gauges {
                assert_eq!(
                    primary_detector(*gauge).map(|detector| detector.code),
                    Some(*code),
                    "{gauge:?} moves another code too"
                );
                let of_server = matches!(look, DetectorKind::Server(_));
                assert_eq!(gauge.is_of_a_process(), of_server, "{code:?} looks where {gauge:?} is measured");
            }
        }
        assert_eq!(undetected(DETECTORS.iter()), []);
    }
}
