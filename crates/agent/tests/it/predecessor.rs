//! Tests with a segment that goplswatch 0.1.0 wrote in schema 3, which had no gauges: during its
//! `demo`, the agent was restarted while one gopls was in a restart loop and another one had a load
//! that hung. Only its folders and the name of the boot were changed.

use std::collections::BTreeMap;
use std::path::Path;

use goplswatch_agent::history::{Archive, History, Limits, Origin};
use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::message::Message;
use goplswatch_core::recording::{Reader, SCHEMA};
use goplswatch_core::time::Uptime;
use goplswatch_core::{Amount, Gauge, Input, Moment, Observation, ProcessKey, Reading, Seq, step};

const SEGMENT: &str = include_str!("schema-3/00000000000000000043.jsonl");
const NAME: &str = "00000000000000000043.jsonl";

fn history() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(NAME), SEGMENT).unwrap();
    folder
}

fn origin() -> Origin {
    Origin { version: "0.2.0".into(), os: "linux".into(), boot: "one".into() }
}

/// The moment of the last input.
const LAST: Moment = Moment { wall_ms: 1_795_376_121_881, uptime: Uptime::from_nanos(36_644_918_485_012) };

/// The incidents that 0.1.0 reported, in the order of its `replay`, and whether each was opened (or
/// else closed). What it left open stays open.
const SAID: [(&str, bool); 12] = [
    ("restart-loop-28", false),
    ("one-life-left-40", false),
    ("editor-gave-up-65", true),
    ("server-killed-65", true),
    ("server-gone-67", true),
    ("server-killed-67", true),
    ("orphan-go-list-71", true),
    ("editor-gave-up-65", false),
    ("server-killed-65", false),
    ("server-gone-67", false),
    ("server-killed-67", false),
    ("orphan-go-list-71", false),
];

#[test]
fn it_is_judged_as_it_was_then() {
    let folder = history();
    let mut said = Vec::new();
    let summary = Archive::open(folder.path())
        .replay(None, |_, events| {
            for event in events {
                if let (Subject::Incident(view), name) = (&event.subject, event.name)
                    && name != EventName::IncidentChanged
                {
                    said.push((view.id.clone(), name == EventName::IncidentOpened));
                }
            }
            true
        })
        .unwrap();
    assert_eq!(summary.inputs, 32);
    let said: Vec<(&str, bool)> = said.iter().map(|(id, opened)| (id.as_str(), *opened)).collect();
    assert_eq!(said, SAID);
}

#[test]
fn its_memory_is_a_gauge_and_what_it_does_not_say_is_not_known() {
    let mut reader = Reader::new(SEGMENT.as_bytes()).unwrap();
    assert_eq!(reader.header().schema, 3);
    let mut state = reader.checkpoint().unwrap().unwrap();
    let memory = |state: &goplswatch_core::State| -> BTreeMap<u32, Option<u64>> {
        let seen = state.snapshot(LAST).servers;
        seen.iter().map(|status| (status.server.pid.0, status.memory_bytes)).collect()
    };
    assert_eq!(memory(&state), BTreeMap::from([(30452, Some(3_670_016)), (31308, Some(3_145_728))]));
    let mut readings = 0;
    for input in reader {
        let input: Input = input.unwrap();
        match &input.observation {
            Observation::Memory { .. } => readings += 1,
            Observation::ServerSeen(seen) => assert_eq!(seen.slices, Reading::unknown(Message::NotRecorded)),
            Observation::LoadSeen(seen) => assert_eq!(seen.translated, Reading::unknown(Message::NotRecorded)),
            _ => {}
        }
        if input.seq > Seq(56) {
            break;
        }
        step(&mut state, input);
    }
    assert_eq!(readings, 2);
    assert_eq!(memory(&state)[&30452], Some(3_670_016));
}

#[test]
fn the_history_goes_on_behind_it_in_the_schema_of_today() {
    let folder = history();
    let (mut history, resumed) =
        History::open(folder.path(), origin(), Limits { max_bytes: 64 << 20, max_days: 30 }, LAST);
    assert_eq!((resumed.last >= Seq(74), history.trouble()), (true, None), "{:?}", resumed.notes);
    assert_eq!(resumed.state.alive(), goplswatch_core::Alive::default());
    let mut state = resumed.state;
    let value = Reading::Known(Amount::Exactly(7));
    let observation = Observation::Gauge { gauge: Gauge::Watches, process: Some(ProcessKey::new(1, 1)), value };
    let input = Input { seq: Seq(resumed.last.0 + 1), at: LAST, observation };
    assert!(history.append(&input, &state));
    step(&mut state, input);
    drop(history);
    let newest = newest(folder.path());
    let header = Reader::new(newest.as_bytes()).unwrap().header().clone();
    assert_eq!(header.schema, SCHEMA, "a file of the older schema would be misread by the older program");
    let (history, again) = History::open(folder.path(), origin(), Limits { max_bytes: 64 << 20, max_days: 30 }, LAST);
    assert_eq!((again.state, history.trouble()), (state, None), "{:?}", again.notes);
}

/// The text of the newest segment.
fn newest(folder: &Path) -> String {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    std::fs::read_to_string(files.last().unwrap()).unwrap()
}
