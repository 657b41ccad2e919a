//! A recording may be anybody's file. Whatever stands in it: it is read or refused, and what is read can be judged,
//! written again, and shown.
#![no_main]

use goplswatch_core::recording::{Header, Reader, SCHEMA, line};
use goplswatch_core::{Effect, Input, Line, Moment, State, step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Without a header nothing behind it would ever be tried.
    let header = Header { schema: SCHEMA, version: "0".into(), os: "linux".into(), boot: "b".into() };
    let headed = [line(&header).expect("a header is JSON"), bytes.to_vec()].concat();
    for bytes in [bytes, &headed] {
        judge(bytes);
    }
});

fn judge(bytes: &[u8]) {
    let Ok(reader) = Reader::new(bytes) else { return };
    let mut state = State::default();
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
