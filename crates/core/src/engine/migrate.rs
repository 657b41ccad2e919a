//! Converts states saved by earlier versions to the current format before they are read.
//!
//! Up to schema 4 a lineage held each end in up to seven places: `ends` for the restart loop,
//! `kills`, `recent` for the client's own end, `pending` and `check` for pending conclusions,
//! `trail.servers` for display, `past.ends` for causes. Now there is one record per end. Also, all
//! parts of a state stood in one map; now they are grouped.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::cause::{Cause, CauseKind, Confidence};
use crate::message::Message;

/// Converts a state of an earlier format to the current one. A state of unknown format stays as it
/// is; reading it fails later.
pub(super) fn migrate(state: &mut Value) {
    if let Some(state) = state.as_object_mut().filter(|state| state.contains_key("servers")) {
        part(state, "processes", &["clients", "ended_clients", "servers", "lineages", "by_key"]);
        part(state, "agenda", &["moments", "touched", "wake_at_ns"]);
        if let Some(levels) = state.remove("levels") {
            state.insert("levels".into(), json!({"of": levels}));
            if let (Some(at), Some(Value::Object(levels))) = (state.remove("watched_ns"), state.get_mut("levels")) {
                levels.insert("watched_ns".into(), at);
            }
        }
    }
    let lineages = state.pointer_mut("/processes/lineages").and_then(Value::as_array_mut);
    for lineage in lineages.into_iter().flatten().filter_map(|pair| pair.get_mut(1)?.as_object_mut()) {
        if lineage.contains_key("recent") {
            unite_ends(lineage);
            unite_usage(lineage);
        }
    }
}

/// Moves these fields into an object of their own.
fn part(state: &mut Map<String, Value>, name: &str, fields: &[&str]) {
    let found = fields.iter().filter_map(|field| Some(((*field).to_owned(), state.remove(*field)?))).collect();
    state.insert(name.to_owned(), Value::Object(found));
}

/// The records of a lineage's ends, by the input that reported each.
#[derive(Default)]
struct Records(BTreeMap<u64, Map<String, Value>>);

impl Records {
    /// Merges what an earlier record says about an end, and returns the new record.
    fn add(&mut self, former: &Value, fields: &[&str]) -> Option<&mut Map<String, Value>> {
        let seq = former.get("seq")?.as_u64()?;
        let record = self.0.entry(seq).or_insert_with(|| {
            let cause = Cause {
                kind: CauseKind::Unknown,
                signal: None,
                code: None,
                confidence: Confidence::Unknown,
                said: Message::CauseUnknown.into(),
            };
            let Value::Object(record) = json!({
                "seq": seq, "at_ns": 0, "pid": 0, "generation": 0, "cause": cause, "spends_life": "no",
                "counted": false, "succeeded": false, "kill": false,
            }) else {
                return Map::new();
            };
            record
        });
        let known = fields.iter().filter_map(|field| Some(((*field).to_owned(), former.get(field)?.clone())));
        record.extend(known);
        Some(record)
    }

    /// The same for an earlier record that kept only the view of the end.
    fn add_view(&mut self, former: &Value, view: &str) {
        let fields = ["pid", "generation", "cause", "lived_ms", "not_churn_why", "spends_life"];
        if let (Some(record), Some(Value::Object(view))) = (self.add(former, &["at_ns"]), former.get(view)) {
            let known = fields.iter().filter_map(|field| Some(((*field).to_owned(), view.get(*field)?.clone())));
            record.extend(known);
        }
    }
}

fn unite_ends(lineage: &mut Map<String, Value>) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut records = Records::default();
    for shown in list(lineage.get("trail").and_then(|trail| trail.get("servers"))) {
        let mut said: Map<String, Value> = shown.as_object().cloned().unwrap_or_default();
        said.retain(|name, _| matches!(name.as_str(), "why" | "text" | "message" | "args"));
        if let Some(record) = records.add(&shown, &["at_ns", "generation", "lived_ms"])
            && let Some(Value::Object(cause)) = record.get_mut("cause")
        {
            cause.retain(|name, _| !matches!(name.as_str(), "why" | "text" | "message" | "args"));
            cause.extend(said);
        }
    }
    let past = lineage.remove("past").unwrap_or_default();
    for end in list(past.get("ends")) {
        records.add(&end, &["lived_ms", "cause", "detail", "memory", "unusual"]);
    }
    for end in list(lineage.get("ends")) {
        if let Some(record) = records.add(&end, &["at_ns", "lived_ms", "succeeded", "cause"]) {
            record.insert("counted".into(), true.into());
        }
    }
    for kill in list(lineage.get("kills")) {
        let kill = json!({"at_ns": kill.get(0), "seq": kill.get(1)});
        if let Some(record) = records.add(&kill, &["at_ns"]) {
            record.insert("kill".into(), true.into());
        }
    }
    for recent in list(lineage.get("recent")) {
        records.add_view(&recent, "view");
    }
    if let Some(check) = lineage.get("check").filter(|check| check.is_object()) {
        records.add(check, &["cause", "lived_ms", "memory"]);
    }
    if let Some(pending) = lineage.get("pending").filter(|pending| pending.is_object()) {
        records.add(pending, &["cause", "lived_ms"]);
        records.add_view(pending, "counts_if_succeeded");
    }
    if let Some(Value::Object(check)) = lineage.get_mut("check") {
        check.retain(|name, _| matches!(name.as_str(), "at_ns" | "seq"));
    }
    if let Some(Value::Object(pending)) = lineage.get_mut("pending") {
        pending.retain(|name, _| matches!(name.as_str(), "seq" | "deadline_ns" | "verdict"));
    }
    lineage.remove("kills");
    lineage.remove("recent");
    lineage.insert("ends".into(), records.0.into_values().map(Value::Object).collect());
    lineage.insert("pressures".into(), past.get("pressures").cloned().unwrap_or_else(|| json!([])));
}

fn unite_usage(lineage: &mut Map<String, Value>) {
    let (trail, day) = (lineage.remove("trail").unwrap_or_default(), lineage.remove("day").unwrap_or_default());
    let minutes = trail.get("minutes").and_then(Value::as_array).cloned().unwrap_or_default();
    let of = |minute: &Value, name: &str| minute.get(name).cloned().unwrap_or_default();
    let step = |minute: &Value| json!([of(minute, "at"), of(minute, "most"), of(minute, "left")]);
    let ends = minutes.iter().filter(|minute| of(minute, "ends").as_u64() != Some(0));
    let usage = json!({
        "half_hour": minutes.iter().map(step).collect::<Vec<_>>(),
        "half_hour_ends": ends.map(|minute| json!([of(minute, "at"), of(minute, "ends")])).collect::<Vec<_>>(),
        "day": day.get("rows").cloned().unwrap_or_else(|| json!({})),
        "day_ends": day.get("ends").cloned().unwrap_or_else(|| json!([])),
    });
    lineage.insert("usage".into(), usage);
}
