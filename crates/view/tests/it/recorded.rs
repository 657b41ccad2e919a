//! Tests that recordings written by older versions are shown word for word as those versions showed
//! them.
//!
//! The recordings were made before messages were typed, when the engine wrote English itself; the
//! snapshots are the output of that version, apart from the format. The segment of schema 3 was
//! written by an agent of that version. Those of schema 4 are scenarios of the engine's own tests
//! and contain every code of that time.

use std::collections::BTreeSet;

use goplswatch_core::event::Subject;
use goplswatch_core::recording::Reader;
use goplswatch_core::{Effect, Event, step};
use goplswatch_view::Catalogue;

const RECORDINGS: [(&str, &[u8]); 6] = [
    ("schema-3", include_bytes!("../../../agent/tests/it/schema-3/00000000000000000043.jsonl")),
    ("hour", include_bytes!("recorded/hour.jsonl")),
    ("duplicates", include_bytes!("recorded/duplicates.jsonl")),
    ("slow-load", include_bytes!("recorded/slow-load.jsonl")),
    ("stuck-load", include_bytes!("recorded/stuck-load.jsonl")),
    ("stale-binary", include_bytes!("recorded/stale-binary.jsonl")),
];

/// An event, with each of its texts on a line of its own.
fn described(event: &Event) -> String {
    let mut lines = vec![format!("#{} {} {}", event.seq, event.at.rfc3339(), event.name.word())];
    match &event.subject {
        Subject::Incident(view) => {
            lines.push(format!("{}: {}", view.id, view.title));
            lines.push(view.said.text.clone());
            lines.extend(view.causes.iter().map(|cause| format!("{}: {}", cause.weight.word(), cause.said.text)));
            lines.extend(view.remedies.iter().map(|offer| format!("{}: {}", offer.remedy.word(), offer.said.text)));
            lines.extend(view.closed_because.iter().map(|because| format!("because {}", because.text)));
        }
        Subject::End(end) => lines.push(end.cause.said.text.clone()),
        Subject::Capability(capability) => lines.push(format!("{}: {}", capability.name, capability.said.text)),
        Subject::Fix(fix) => lines.push(fix.said.text.clone()),
        Subject::Server(_) | Subject::Alerts(_) | Subject::Alert(_) => {}
    }
    lines.join("\n  ") + "\n"
}

#[test]
fn what_was_said_then_is_said_now() {
    let mut codes = BTreeSet::new();
    for (name, bytes) in RECORDINGS {
        let mut reader = Reader::new(bytes).unwrap();
        let mut state = reader.checkpoint().unwrap().unwrap_or_default();
        let mut said = String::new();
        for effect in reader.by_ref().flat_map(|input| step(&mut state, input.unwrap())) {
            let Effect::Event(mut event) = effect else { continue };
            Catalogue::english().render_event(&mut event);
            if let Subject::Incident(view) = &event.subject {
                codes.insert(view.code);
            }
            said.push_str(&described(&event));
        }
        insta::assert_snapshot!(name, said);
    }
    assert_eq!(codes.len(), 26, "every code that there was is among them: {codes:?}");
}
