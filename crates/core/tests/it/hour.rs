//! An hour on a machine with every problem that a gauge can show, recorded as the agent records it.
//! The recording is judged in one run, in a second run, and with a restart in the middle; all must
//! give the same result.
//!
//! The machine is a table of measurements (`EPISODES` in `machine`), processed in steps of one
//! second. A gauge is reported when its change is large enough, as the probe does, and probe
//! requests are answered one second later. The only randomness is the pseudo-random generator
//! `Dice`, which always gives the same sequence.

mod machine;

use std::collections::BTreeSet;

use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::recording::{Checkpoint, Header, Reader, SCHEMA, line};
use goplswatch_core::{Code, Effect, Event, Gauge, Input, ProbeRequest, Seq, State, step};

use machine::Hour;

/// Maximum size of the recording, bytes: less than an hour's share of 5 MB a day, although
/// everything happens in it.
const LARGEST: usize = 150_000;

fn header() -> Vec<u8> {
    line(&Header { schema: SCHEMA, version: "t".into(), os: "t".into(), boot: "t".into() }).unwrap()
}

fn recording(inputs: &[Input]) -> Vec<u8> {
    let mut bytes = header();
    for input in inputs {
        bytes.extend(line(input).unwrap());
    }
    bytes
}

/// Replays a recording from its beginning or from its checkpoint.
fn judge(bytes: &[u8]) -> (Vec<Effect>, State) {
    let mut reader = Reader::new(bytes).unwrap();
    let mut state = reader.checkpoint().unwrap().unwrap_or_default();
    let effects = reader.by_ref().flat_map(|input| step(&mut state, input.unwrap())).collect();
    assert!(!reader.torn());
    (effects, state)
}

fn events(effects: &[Effect]) -> Vec<&Event> {
    effects.iter().filter_map(|effect| if let Effect::Event(event) = effect { Some(event) } else { None }).collect()
}

#[test]
fn a_recorded_hour_is_judged_alike_however_often_and_wherever_it_is_cut() {
    let hour = Hour::lived();
    let bytes = recording(&hour.inputs);
    assert!(bytes.len() <= LARGEST, "{} inputs are {} bytes", hour.inputs.len(), bytes.len());

    let (once, state) = judge(&bytes);
    assert_eq!(once, hour.effects);
    assert_eq!(state, hour.state);
    assert_eq!(judge(&bytes), (once, state));

    for part in [2, 3, 5] {
        let (before, after) = hour.inputs.split_at(hour.inputs.len() / part);
        let (mut effects, state) = judge(&recording(before));
        let mut rest = header();
        rest.extend(line(&Checkpoint { checkpoint: &state }).unwrap());
        rest.extend(recording(after).split_off(header().len()));
        let (behind, end) = judge(&rest);
        effects.extend(behind);
        assert_eq!(events(&effects), events(&hour.effects), "cut behind a {part}th");
        assert_eq!(effects, hour.effects);
        assert_eq!(end, hour.state);
    }
}

#[test]
fn everything_that_can_be_measured_is_and_every_ask_is_answered() {
    let hour = Hour::lived();
    assert_eq!(hour.gauges(), Gauge::ALL.iter().copied().collect());
    let asked: Vec<ProbeRequest> = hour
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Ask(ask) = effect { Some(*ask) } else { None })
        .collect();
    assert_eq!(hour.answered, asked.len(), "{asked:?}");
}

/// Every code that gauges open occurs at least once in the hour, and none of them for the server
/// that does nothing.
#[test]
fn every_pressure_is_found_and_the_quiet_server_is_left_alone() {
    let hour = Hour::lived();
    let mut found = BTreeSet::new();
    for event in events(&hour.effects) {
        if let Subject::Incident(view) = &event.subject
            && event.name == EventName::IncidentOpened
        {
            found.insert(view.code);
            assert_ne!(view.workspace.as_deref(), Some(machine::QUIET), "{view:?}");
            assert!(view.evidence.iter().all(|seq| *seq <= event.seq && *seq > Seq(0)), "{view:?}");
        }
    }
    let by_gauges = Code::ALL.iter().copied().filter(|code| !code.row().gauges.is_empty());
    let missing: BTreeSet<Code> = by_gauges.chain(machine::ALSO).filter(|code| !found.contains(code)).collect();
    assert!(missing.is_empty(), "not found: {missing:?}; found: {found:?}");
}
