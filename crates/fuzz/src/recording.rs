//! A recording may be a file from anywhere. Whatever it contains, it is read or refused, and what
//! is read can be judged, written again, and shown.

use goplswatch_core::recording::{Checkpoint, Header, Reader, SCHEMA, line};
use goplswatch_core::{Effect, Input, Line, Moment, step};

/// Tests these bytes. Panics if they reveal a fault.
pub fn run(bytes: &[u8]) {
    // Without a header nothing after it would ever be tested.
    let header = Header { schema: SCHEMA, version: "0".into(), os: "linux".into(), boot: "b".into() };
    let headed = [line(&header).expect("a header is JSON"), bytes.to_vec()].concat();
    for bytes in [bytes, &headed] {
        check(bytes);
    }
}

fn check(bytes: &[u8]) {
    let Ok(mut reader) = Reader::new(bytes) else { return };
    if let Some(user_requests) = Reader::new(bytes).ok().and_then(Reader::user_requests) {
        line(&Checkpoint { checkpoint: &user_requests }).expect("a state is JSON");
    }
    let mut state = reader.checkpoint().ok().flatten().unwrap_or_default();
    let mut at = Moment::default();
    for input in reader.map_while(Result::ok) {
        let written = line(&input).expect("an input is JSON");
        let again: Input = serde_json::from_slice(&written).expect("what was written can be read");
        assert_eq!(again, input);
        at = input.at;
        for effect in step(&mut state, input) {
            if let Effect::Event(event) = effect {
                line(&Line::new(1, event)).expect("an event is JSON");
            }
        }
    }
    line(&state.snapshot(at)).expect("a snapshot is JSON");
}
