//! Inputs in words, for `why`.
//!
//! A number alone says little: it is said with what is allowed and with how it has changed. So whoever puts inputs into
//! words shows all of them, from the beginning of a recording on, to one [`Before`].

use std::collections::{BTreeMap, HashMap};

use goplswatch_core::gauge::Unit;
use goplswatch_core::message::Said;
use goplswatch_core::words::{Activity, BinaryChange, EndDetail, ExitStatus, LoadKind};
use goplswatch_core::{Amount, Fact, Gauge, Holder, Input, Intent, Moment, Pid, ProcessKey, Reading, State, say};
use goplswatch_view::Form;

/// A system that allows more than this allows as many as one likes.
use crate::language::words;

const NO_LIMIT: u64 = 1 << 40;

/// What was told before a reading.
#[derive(Default)]
pub(crate) struct Before {
    names: HashMap<ProcessKey, String>,
    /// The last value of each gauge; null: its moment is older than the recording.
    told: HashMap<(Option<ProcessKey>, Gauge), (Option<Moment>, Amount)>,
}

impl Before {
    /// Who lives when a recording begins, and what was measured by then.
    pub(crate) fn begins(&mut self, state: &State) {
        let clients = state.alive().clients;
        let snapshot = state.snapshot(Moment::default());
        for status in snapshot.servers {
            let (pid, start) = (status.server.pid, status.server.start);
            let key = ProcessKey { pid, start };
            self.names.insert(key, server(status.server.workspace.known(), pid));
            self.measured(Some(key), &status.gauges);
            let Some(view) = status.server.client.known() else { continue };
            for client in clients.iter().filter(|client| client.pid == view.pid) {
                self.names.insert(*client, format!("{} (pid {})", view.name, view.pid));
            }
        }
        self.measured(None, &snapshot.machine.gauges);
    }

    fn measured(&mut self, process: Option<ProcessKey>, gauges: &BTreeMap<Gauge, Reading<Amount>>) {
        let known = gauges.iter().filter_map(|(gauge, value)| Some(((process, *gauge), (None, *value.known()?))));
        self.told.extend(known);
    }

    /// Whom an input names; to be called before it is put into words.
    pub(crate) fn meets(&mut self, fact: &Fact) {
        match fact {
            Fact::ServerSeen(s) => {
                self.names.insert(s.server, server(s.workspace.known(), s.server.pid));
            }
            Fact::ClientSeen(c) => {
                self.names.insert(c.client, format!("{} (pid {})", c.name, c.client.pid));
            }
            _ => {}
        }
    }

    /// What an input told; to be called afterwards.
    pub(crate) fn heard(&mut self, input: &Input) {
        if let Fact::Gauge { gauge, process, value } = &input.fact {
            match value {
                Reading::Known(value) => self.told.insert((*process, *gauge), (Some(input.at), *value)),
                Reading::Unknown { .. } => self.told.remove(&(*process, *gauge)),
            };
        }
    }

    fn name(&self, key: ProcessKey) -> String {
        self.names.get(&key).cloned().unwrap_or_else(|| format!("pid {}", key.pid))
    }

    /// "58 k of 61 k allowed, 12 k more than 2 min before".
    fn value(&self, at: Moment, process: Option<ProcessKey>, gauge: Gauge, value: Amount) -> String {
        let limit = |of: Gauge| self.told.get(&(process, of)).map(|(_, limit)| limit.least()).filter(|n| *n < NO_LIMIT);
        let of = match gauge {
            Gauge::Descriptors | Gauge::DescriptorBound => limit(Gauge::DescriptorLimit).map(allowed),
            Gauge::FileTable => limit(Gauge::FileTableLimit).map(allowed),
            Gauge::UserWatches => limit(Gauge::UserWatchLimit).map(allowed),
            Gauge::MemoryAvailable => limit(Gauge::MachineMemory).map(|bytes| format!(" of {}", say::bytes(bytes))),
            _ => None,
        };
        format!("{}{}{}", gauge.say(value), of.unwrap_or_default(), self.moved(at, process, gauge, value))
    }

    /// ", 12 k more than 2 min before": of what is counted, not of what is a rate already.
    fn moved(&self, at: Moment, process: Option<ProcessKey>, gauge: Gauge, value: Amount) -> String {
        let Some((Some(then), Amount::Exactly(before))) = self.told.get(&(process, gauge)) else {
            return String::new();
        };
        let (Amount::Exactly(now), Unit::Bytes | Unit::Count) = (value, gauge.unit()) else { return String::new() };
        // After a new boot the continuous clock has begun anew.
        let Some(ns) = at.cont_ns.checked_sub(then.cont_ns).filter(|ns| *ns > 0) else { return String::new() };
        let by = gauge.say(Amount::Exactly(now.abs_diff(*before)));
        let ago = say::duration(ns / 1_000_000);
        match now.cmp(before) {
            std::cmp::Ordering::Less => format!(", {by} less than {ago} before"),
            std::cmp::Ordering::Equal => String::new(),
            std::cmp::Ordering::Greater => format!(", {by} more than {ago} before"),
        }
    }

    /// A reading as a sentence without its full stop.
    pub(crate) fn text(&self, input: &Input) -> String {
        if let Fact::Gauge { gauge, process, value } = &input.fact {
            let of = process.map_or_else(|| "this machine".into(), |key| self.name(key));
            // Some gauges name the machine themselves.
            let what = if gauge.is_of_a_process() { format!("{} of {of}", gauge.said()) } else { gauge.said().into() };
            return match value {
                Reading::Known(value) => format!("{what}: {}", self.value(input.at, *process, *gauge, *value)),
                Reading::Unknown { unknown } => format!("{what}: not known, {}", in_words(unknown)),
            };
        }
        fact(&input.fact, &|key| self.name(key))
    }
}

fn allowed(limit: u64) -> String {
    format!(" of {} allowed", say::number(limit))
}

fn server(workspace: Option<&String>, pid: Pid) -> String {
    let place = workspace.map_or_else(String::new, |w| format!(" of {}", say::folder(w)));
    format!("gopls{place} (pid {pid})")
}

fn in_words(said: &Said) -> String {
    words().text(&said.message, Form::Full)
}

fn fact(fact: &Fact, name: &dyn Fn(ProcessKey) -> String) -> String {
    match fact {
        Fact::Config(_) => "the thresholds in force".into(),
        Fact::AlertPolicy(_) => "when problems are told".into(),
        Fact::Capability(c) => format!("{}: {}", c.name, in_words(&c.said)),
        Fact::ClientSeen(c) => {
            format!("{} (pid {}) runs a gopls{}", c.name, c.client.pid, translated(&c.translated, None))
        }
        Fact::ServerSeen(s) => {
            let place = s.workspace.known().map_or_else(|| "an unknown folder".into(), |w| say::folder(w).to_owned());
            let verb = if s.adopted { "runs already" } else { "started" };
            let intel = translated(&s.translated, s.slices.known());
            format!("gopls {verb} in {place} (pid {}){intel}", s.server.pid)
        }
        Fact::WorkspaceLearned { server, workspace } => format!("{} loads {}", name(*server), say::folder(workspace)),
        Fact::BinaryChanged { server, change } => match change {
            BinaryChange::Replaced => format!("the executable of {} was replaced", name(*server)),
            BinaryChange::Deleted => format!("the executable of {} was deleted", name(*server)),
        },
        Fact::Gauge { gauge, .. } => gauge.said().into(),
        Fact::Holders { gauge, holders } if holders.is_empty() => {
            format!("nobody was seen to hold {}", what(*gauge))
        }
        Fact::Holders { gauge, holders } => {
            let each = |h: &Holder| format!("{} (pid {}) {}", h.name, h.process.pid, gauge.say(h.amount));
            format!("most {}: {}", what(*gauge), holders.iter().map(each).collect::<Vec<_>>().join(", "))
        }
        Fact::Blocked { process, on: Some(on) } => {
            let on = on.known().map_or_else(|| "something that is not known".into(), in_words);
            format!("{} hangs inside the kernel and waits for {on}", name(*process))
        }
        Fact::Blocked { process, on: None } => format!("{} hangs no more", name(*process)),
        Fact::FileEventsLost { workspace, how } => {
            format!("file events were lost in {}: {}", say::folder(workspace), in_words(how))
        }
        Fact::Memory { server, bytes } => format!("{} holds {}", name(*server), say::bytes(*bytes)),
        Fact::Ended { process, status, detail } => {
            let detail = detail.map_or_else(String::new, |detail| format!(", {}", self::detail(detail)));
            format!("{} ended: {}{detail}", name(*process), self::status(status))
        }
        Fact::LoadSeen(l) => {
            let what = match l.kind {
                LoadKind::GoList => l.label.clone(),
                LoadKind::Driver => format!("the package driver {}", l.label),
            };
            let intel = translated(&l.translated, None);
            match &l.server {
                Reading::Known(server) => format!("{} runs {what} (pid {}){intel}", name(*server), l.load.pid),
                Reading::Unknown { .. } => format!("{what} (pid {}) runs without its gopls{intel}", l.load.pid),
            }
        }
        Fact::LoadWaits { load, on } => format!("pid {} waits for {}", load.pid, in_words(on)),
        Fact::TreeActivity { server, activity } => match activity {
            Activity::Quiet => format!("{} and its children use next to no CPU and do no I/O", name(*server)),
            Activity::Busy => format!("{} or a child of it is busy", name(*server)),
            Activity::Stopped => format!("{} or a child of it is stopped", name(*server)),
        },
        Fact::OwnFix { process } => format!("we ended {} on your word", name(*process)),
        Fact::Slept { ns } => format!("the machine slept for {}", say::duration(ns / 1_000_000)),
        Fact::Wake => "nothing had happened until then".into(),
        Fact::Began { .. } => "the watch began".into(),
        Fact::Intent(intent) => match intent {
            Intent::Snooze { incident, for_ms } => format!("you snoozed {incident} for {}", say::duration(*for_ms)),
            Intent::Unsnooze { incident } => format!("you ended the snooze of {incident}"),
            Intent::Mute { workspace } => format!("you muted {}", say::folder(workspace)),
            Intent::Unmute { workspace } => format!("you unmuted {}", say::folder(workspace)),
            Intent::Pause { for_ms: Some(ms) } => format!("you paused all alerts for {}", say::duration(*ms)),
            Intent::Pause { for_ms: None } => "you paused all alerts".into(),
            Intent::Resume => "you resumed alerts".into(),
            Intent::ProbeNow => "you asked for a look".into(),
            Intent::FixBegins { receipt, remedy, .. } => format!("fix {receipt} began: {}", remedy.word()),
            Intent::FixEnds { receipt, done: true, .. } => format!("fix {receipt} was done"),
            Intent::FixEnds { receipt, done: false, .. } => format!("fix {receipt} was not done to its end"),
            Intent::FixUndone { receipt } => format!("fix {receipt} was taken back"),
        },
    }
}

/// What somebody may hold.
const fn what(gauge: Gauge) -> &'static str {
    match gauge {
        Gauge::Watches => "file watches",
        gauge => gauge.said(),
    }
}

/// Behind a program: that it is translated, and what its file holds.
fn translated(reading: &Reading<bool>, slices: Option<&Vec<String>>) -> String {
    if *reading != Reading::Known(true) {
        return String::new();
    }
    let file = slices.filter(|slices| !slices.is_empty());
    let file = file.map_or_else(String::new, |slices| format!(" (its file holds {})", slices.join(" and ")));
    format!(", an Intel program that is translated{file}")
}

const fn detail(detail: EndDetail) -> &'static str {
    match detail {
        EndDetail::CodeSigning => "the system refused its code signature",
        EndDetail::Memory => "the system ended it for its memory",
        EndDetail::OutOfMemoryKillerRan => "and the system was ending processes for want of memory in that moment",
        EndDetail::GroupOutOfMemory => "and in its group of processes something was ended for want of memory",
        EndDetail::Unwatched => "while nobody watched",
    }
}

fn status(status: &ExitStatus) -> String {
    match status {
        ExitStatus::Exited(code) => format!("exit {code}"),
        ExitStatus::Signaled { name, .. } => name.clone(),
        ExitStatus::Unknown(why) => format!("how is not known, {}", in_words(why)),
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Seq;

    use super::*;

    const GOPLS: ProcessKey = ProcessKey::new(811, 5);

    /// What a gauge says after others; moments are seconds.
    fn said(told: &[(u64, Option<ProcessKey>, Gauge, u64)]) -> String {
        let mut before = Before::default();
        let mut text = String::new();
        for (s, process, gauge, n) in told {
            let value = Reading::Known(Amount::Exactly(*n));
            let fact = Fact::Gauge { gauge: *gauge, process: *process, value };
            let input = Input { seq: Seq(1), at: Moment { wall_ms: 0, cont_ns: s * 1_000_000_000 }, fact };
            text = before.text(&input);
            before.heard(&input);
        }
        text
    }

    #[test]
    fn numbers_come_with_what_is_allowed_and_how_they_moved() {
        let gopls = Some(GOPLS);
        let limit = (1, gopls, Gauge::DescriptorLimit, 61_440);
        for (told, text) in [
            (vec![(1, gopls, Gauge::Descriptors, 200)], "open descriptors of pid 811: 200"),
            (vec![limit, (2, gopls, Gauge::Descriptors, 58_000)], "open descriptors of pid 811: 58 k of 61 k allowed"),
            (
                vec![limit, (2, gopls, Gauge::Descriptors, 46_000), (122, gopls, Gauge::Descriptors, 58_000)],
                "open descriptors of pid 811: 58 k of 61 k allowed, 12 k more than 2 min before",
            ),
            (
                vec![(2, gopls, Gauge::Memory, 1_600_000_000), (12, gopls, Gauge::Memory, 900_000_000)],
                "memory of pid 811: 900 MB, 700 MB less than 10 s before",
            ),
            // A rate has its time in it; a clock that began anew says nothing about before.
            (vec![(2, gopls, Gauge::Cpu, 90), (9, gopls, Gauge::Cpu, 840)], "CPU of pid 811: 84 % of a core"),
            (vec![(90, gopls, Gauge::Memory, 5), (2, gopls, Gauge::Memory, 9_000_000)], "memory of pid 811: 9 MB"),
            (
                vec![(1, None, Gauge::MachineMemory, 16_000_000_000), (1, None, Gauge::MemoryAvailable, 310_000_000)],
                "memory available: 310 MB of 16.0 GB",
            ),
            (vec![(1, None, Gauge::FileTableLimit, u64::MAX), (1, None, Gauge::FileTable, 61_000)], "open files: 61 k"),
        ] {
            assert_eq!(said(&told), text, "{told:?}");
        }
    }

    #[test]
    fn who_holds_and_how_it_ended_is_said_in_words() {
        let name = |key: ProcessKey| format!("pid {}", key.pid);
        let holder = |name: &str, amount| Holder { process: GOPLS, name: name.into(), amount };
        let holders = vec![holder("gopls", Amount::Exactly(58_000)), holder("node", Amount::AtLeast(900))];
        let most = Fact::Holders { gauge: Gauge::Descriptors, holders };
        let none = Fact::Holders { gauge: Gauge::Watches, holders: Vec::new() };
        let ended = Fact::Ended {
            process: GOPLS,
            status: ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false },
            detail: Some(EndDetail::Memory),
        };
        for (told, text) in [
            (most, "most open descriptors: gopls (pid 811) 58 k, node (pid 811) 900 or more"),
            (none, "nobody was seen to hold file watches"),
            (ended, "pid 811 ended: SIGKILL, the system ended it for its memory"),
        ] {
            assert_eq!(fact(&told, &name), text);
        }
    }
}
