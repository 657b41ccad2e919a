//! A state in the format of schema 4, written by the last version that used it (b68df01): every
//! part of it is read, and the engine continues as that version did.
//!
//! `schema-4/rich.jsonl` is the stream of `benches/support/stress.rs` with readings, for three
//! clients that each do something every 90 seconds, cut where conclusions from ends were pending;
//! its last 90 lines are the inputs after the cut. `schema-4/rich.events.txt` is what that version
//! reported for them: input, event name and subject.

use std::collections::BTreeSet;

use goplswatch_core::event::Subject;
use goplswatch_core::recording::{Checkpoint, Reader};
use goplswatch_core::{Effect, Event, step};
use serde_json::Value;

const WRITTEN: &[u8] = include_bytes!("schema-4/rich.jsonl");
const TOLD: &str = include_str!("schema-4/rich.events.txt");

fn told(event: &Event) -> String {
    let name = serde_json::to_value(event.name).unwrap();
    let about = match &event.subject {
        Subject::Incident(view) => format!("{} {}", view.code.word(), view.id),
        Subject::Server(view) => format!("{} {}", view.pid.0, view.lineage),
        Subject::End(view) => format!("{} {}", view.pid.0, view.lineage),
        Subject::Alert(view) => format!("{} rang {}", view.id, view.rang.0),
        Subject::Alerts(view) => format!("{} muted", view.muted.len()),
        Subject::Fix(view) => view.receipt.clone(),
        Subject::Capability(view) => view.name.clone(),
    };
    format!("{} {} {about}", event.seq.0, name.as_str().unwrap())
}

/// Restores the old form of messages that hold only recorded text, which were written as plain
/// text.
fn in_words_of_then(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(in_words_of_then),
        Value::Object(map) if map.get("message").is_some_and(|message| message == "recorded") => {
            map.remove("message");
            let text = map.remove("args").map(|mut args| args["text"].take()).unwrap();
            if map.is_empty() {
                *value = text;
            } else {
                map.insert("text".into(), text);
            }
        }
        Value::Object(map) => map.values_mut().for_each(in_words_of_then),
        _ => {}
    }
}

/// The checkpoint as it was written, and as it is after reading.
fn read() -> (Value, Value) {
    let state = Reader::new(WRITTEN).unwrap().checkpoint().unwrap().unwrap();
    let line = WRITTEN.split(|byte| *byte == b'\n').nth(1).unwrap();
    let mut former: Value = serde_json::from_slice(line).unwrap();
    let mut now = serde_json::to_value(Checkpoint { checkpoint: &state }).unwrap();
    in_words_of_then(&mut now);
    (former["checkpoint"].take(), now["checkpoint"].take())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The numbers of the inputs that reported these ends.
fn seqs(ends: &Value) -> BTreeSet<u64> {
    list(ends).iter().map(|end| end["seq"].as_u64().or(end[1].as_u64()).unwrap()).collect()
}

#[test]
fn nothing_that_matters_of_a_state_of_schema_4_is_lost() {
    let (former, now) = read();
    let processes = &now["processes"];
    for part in ["clients", "servers", "ended_clients", "by_key"] {
        assert_eq!(list(&former[part]).len(), list(&processes[part]).len(), "{part}");
    }
    assert_eq!(former["levels"], now["levels"]["of"]);
    assert_eq!(former["watched_ns"], now["levels"]["watched_ns"]);
    assert_eq!(list(&former["incidents"]).len(), list(&now["incidents"]).len());
    for part in ["boot", "machine", "last", "last_ns", "awake_since_ns"] {
        assert_eq!(former[part], now[part], "{part}");
    }
    for (former, now) in list(&former["servers"]).iter().zip(list(&processes["servers"])) {
        assert_eq!(former[1]["gauges"], now[1]["gauges"], "{}", former[0]);
    }

    let lineages = list(&former["lineages"]);
    assert_eq!(lineages.len(), list(&processes["lineages"]).len());
    let mut parts = [0; 9];
    for (pair, now) in lineages.iter().zip(list(&processes["lineages"])) {
        let (former, now) = (&pair[1], &now[1]);
        for part in ["key", "workspace", "generation", "alive", "state", "ledger", "gaps"] {
            assert_eq!(former[part], now[part], "{part} of {}", pair[0]);
        }
        assert_eq!(former["past"]["pressures"], now["pressures"], "{}", pair[0]);
        for (part, is) in [("pending", &former["pending"]), ("check", &former["check"])] {
            assert_eq!(is["seq"], now[part]["seq"], "{part} of {}", pair[0]);
        }

        let (ends, kills) = (seqs(&former["ends"]), seqs(&former["kills"]));
        let shown = seqs(&former["trail"]["servers"]);
        let (recent, past) = (seqs(&former["recent"]), seqs(&former["past"]["ends"]));
        let all: BTreeSet<u64> = [&ends, &kills, &shown, &recent, &past].into_iter().flatten().copied().collect();
        assert_eq!(all, seqs(&now["ends"]), "the ends of {}", pair[0]);
        let marked = |mark: &str| -> BTreeSet<u64> {
            let marked = list(&now["ends"]).iter().filter(|end| end[mark] == true);
            marked.map(|end| end["seq"].as_u64().unwrap()).collect()
        };
        assert_eq!((ends.clone(), kills.clone()), (marked("counted"), marked("kill")), "{}", pair[0]);

        let (minutes, day) = (list(&former["trail"]["minutes"]), &former["day"]);
        assert_eq!(minutes.len(), list(&now["usage"]["half_hour"]).len(), "{}", pair[0]);
        assert_eq!(day["rows"], now["usage"]["day"], "{}", pair[0]);
        assert_eq!(day["ends"], now["usage"]["day_ends"], "{}", pair[0]);
        let counts = [ends.len(), kills.len(), recent.len(), past.len(), shown.len(), minutes.len()];
        let of_day = [day["rows"].as_object().map_or(0, serde_json::Map::len), list(&day["ends"]).len()];
        let counts = counts.into_iter().chain(of_day).chain([list(&former["past"]["pressures"]).len()]);
        parts.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
    }
    assert!(parts.iter().all(|n| *n > 0), "something is in no lineage of the fixture: {parts:?}");
    assert!(!list(&former["levels"]).is_empty());
}

#[test]
fn a_state_of_schema_4_goes_on_as_the_version_that_wrote_it() {
    let mut reader = Reader::new(WRITTEN).unwrap();
    let mut state = reader.checkpoint().unwrap().unwrap();
    let mut events = Vec::new();
    let mut inputs = 0;
    for input in reader {
        inputs += 1;
        for effect in step(&mut state, input.unwrap()) {
            if let Effect::Event(event) = effect {
                events.push(told(&event));
            }
        }
    }
    assert_eq!(inputs, 90);
    let then: Vec<&str> = TOLD.lines().collect();
    assert_eq!(events, then);
}
