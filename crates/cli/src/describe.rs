//! Describes inputs in words, for `why`.
//!
//! A number alone says little, so it is shown with its limit and with its change since the last
//! sample. Therefore the caller must pass all inputs to one [`InputDescriber`], from the beginning
//! of the recording.
//!
//! These are the readings as the kernel gave them ("ended: SIGKILL"). What the engine concludes
//! from an end is worded elsewhere: `crates/core/src/cause.rs` chooses the message.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::gauge::Unit;
use goplswatch_core::input::{LoadSeen, ServerSeen};
use goplswatch_core::message::{Bytes, Count, Folder, Millis, Name, Number, Text};
use goplswatch_core::types::{Activity, BinaryChange, LoadKind};
use goplswatch_core::{
    Amount, Gauge, Holder, Input, Moment, Observation, Pid, ProcessKey, Reading, State, UserCommand,
};
use goplswatch_view::{Catalogue, Form, Phrase};

use crate::failure::verbatim;

/// What is known from the inputs before the current one.
pub(crate) struct InputDescriber {
    words: &'static Catalogue,
    names: HashMap<ProcessKey, String>,
    /// The last value of each gauge. The moment is `None` if it is older than the recording.
    last_values: HashMap<(Option<ProcessKey>, Gauge), (Option<Moment>, Amount)>,
}

impl InputDescriber {
    /// Starts empty, for output in this language.
    pub(crate) fn new(words: &'static Catalogue) -> Self {
        Self { words, names: HashMap::new(), last_values: HashMap::new() }
    }

    /// Takes the processes that are alive and the gauges that were measured when a recording
    /// begins.
    pub(crate) fn load_checkpoint(&mut self, state: &State) {
        let clients = state.alive().clients;
        let snapshot = state.snapshot(Moment::default());
        for status in snapshot.servers {
            let (pid, start) = (status.server.pid, status.server.start);
            let key = ProcessKey { pid, start };
            self.names.insert(key, self.server(status.server.workspace.known(), pid));
            self.measured(Some(key), &status.gauges);
            let Some(view) = status.server.client.known() else { continue };
            for client in clients.iter().filter(|client| client.pid == view.pid) {
                self.names.insert(*client, self.process(&view.name, view.pid));
            }
        }
        self.measured(None, &snapshot.machine.gauges);
    }

    fn measured(&mut self, process: Option<ProcessKey>, gauges: &BTreeMap<Gauge, Reading<Amount>>) {
        let known = gauges.iter().filter_map(|(gauge, value)| Some(((process, *gauge), (None, *value.known()?))));
        self.last_values.extend(known);
    }

    /// Learns the names in an input; to be called before the input is described.
    pub(crate) fn learn_names(&mut self, observation: &Observation) {
        match observation {
            Observation::ServerSeen(s) => {
                self.names.insert(s.server, self.server(s.workspace.known(), s.server.pid));
            }
            Observation::ClientSeen(c) => {
                self.names.insert(c.client, self.process(&c.name, c.client.pid));
            }
            _ => {}
        }
    }

    /// Learns the value in an input; to be called after the input was described.
    pub(crate) fn learn_value(&mut self, input: &Input) {
        if let Observation::Gauge { gauge, process, value } = &input.observation {
            match value {
                Reading::Known(value) => self.last_values.insert((*process, *gauge), (Some(input.at), *value)),
                Reading::Unknown { .. } => self.last_values.remove(&(*process, *gauge)),
            };
        }
    }

    fn name(&self, key: ProcessKey) -> String {
        self.names.get(&key).cloned().unwrap_or_else(|| self.said(Phrase::PidIs { pid: count(key.pid) }))
    }

    fn said(&self, phrase: Phrase) -> String {
        self.words.phrase(&phrase)
    }

    fn who(&self, key: ProcessKey) -> Text {
        Text(self.name(key))
    }

    fn server(&self, workspace: Option<&String>, pid: Pid) -> String {
        let pid = count(pid);
        self.said(match workspace {
            Some(path) => Phrase::FactGoplsOf { folder: Folder(path.clone()), pid },
            None => Phrase::FactGopls { pid },
        })
    }

    fn process(&self, name: &str, pid: Pid) -> String {
        self.said(Phrase::FactProcess { name: Name(name.to_owned()), pid: count(pid) })
    }

    /// "58 k of 61 k allowed, 12 k more than 2 min before".
    fn value(&self, at: Moment, process: Option<ProcessKey>, gauge: Gauge, amount: Amount) -> String {
        let limit = |of: Gauge| {
            self.last_values.get(&(process, of)).map(|(_, limit)| limit.least()).filter(|n| *n < Gauge::NO_LIMIT)
        };
        let value = Text(self.words.amount(gauge, amount));
        let allowed = |of: Gauge| match limit(of) {
            Some(limit) => Text(self.said(Phrase::FactAllowed { value: value.clone(), limit: Number::new(limit) })),
            None => value.clone(),
        };
        let value = match gauge {
            Gauge::Descriptors | Gauge::DescriptorBound => allowed(Gauge::DescriptorLimit),
            Gauge::FileTable => allowed(Gauge::FileTableLimit),
            Gauge::UserWatches => allowed(Gauge::UserWatchLimit),
            Gauge::MemoryAvailable => match limit(Gauge::MachineMemory) {
                Some(limit) => Text(self.said(Phrase::FactOfBytes { value, limit: Bytes::new(limit) })),
                None => value,
            },
            _ => value,
        };
        self.with_change(at, process, gauge, amount, value)
    }

    /// A value with ", 12 k more than 2 min before". Only for amounts, not for values that are
    /// already rates.
    fn with_change(
        &self,
        at: Moment,
        process: Option<ProcessKey>,
        gauge: Gauge,
        amount: Amount,
        value: Text,
    ) -> String {
        let Some((Some(then), Amount::Exactly(before))) = self.last_values.get(&(process, gauge)) else {
            return value.0;
        };
        let (Amount::Exactly(now), Unit::Bytes | Unit::Count) = (amount, gauge.unit()) else { return value.0 };
        // After a reboot the continuous clock starts again.
        let passed = at.uptime.since(then.uptime);
        if passed.is_zero() {
            return value.0;
        }
        let by = Text(self.words.amount(gauge, Amount::Exactly(now.abs_diff(*before))));
        let ago = Millis::from(passed);
        match now.cmp(before) {
            std::cmp::Ordering::Less => self.said(Phrase::FactLess { value, by, ago }),
            std::cmp::Ordering::Equal => value.0,
            std::cmp::Ordering::Greater => self.said(Phrase::FactMore { value, by, ago }),
        }
    }

    /// An input as a sentence without its full stop.
    pub(crate) fn text(&self, input: &Input) -> String {
        self.said(self.phrase(input))
    }

    fn gauge(&self, at: Moment, gauge: Gauge, process: Option<ProcessKey>, value: &Reading<Amount>) -> Phrase {
        let value = Text(match value {
            Reading::Known(value) => self.value(at, process, gauge, *value),
            Reading::Unknown { unknown } => self.said(Phrase::NotKnownFor { why: verbatim(unknown) }),
        });
        match process {
            Some(key) if gauge.is_of_a_process() => Phrase::FactOf { gauge, who: self.who(key), value },
            // The names of machine-wide gauges already mention the machine.
            _ => Phrase::FactMachine { gauge, value },
        }
    }

    /// Adds to the description of a program that it runs translated, and which architectures its
    /// file holds.
    fn with_translation(&self, program: Phrase, translated: &Reading<bool>, slices: Option<&Vec<String>>) -> Phrase {
        if *translated != Reading::Known(true) {
            return program;
        }
        let program = Text(self.said(program));
        let both = |one, other| self.said(Phrase::AndAlso { one: Text(one), other: Text(other) });
        match slices.and_then(|slices| slices.iter().cloned().reduce(both)) {
            Some(slices) => Phrase::FactIntelHolds { said: program, slices: Text(slices) },
            None => Phrase::FactIntel { said: program },
        }
    }

    fn load(&self, load: &LoadSeen) -> Phrase {
        let what = Text(match load.kind {
            LoadKind::GoList => load.label.clone(),
            LoadKind::Driver => self.said(Phrase::FactDriver { name: Name(load.label.clone()) }),
        });
        let pid = count(load.load.pid);
        match &load.server {
            Reading::Known(server) => Phrase::FactRunsCommand { who: self.who(*server), what, pid },
            Reading::Unknown { .. } => Phrase::FactRunsAlone { what, pid },
        }
    }

    fn phrase(&self, input: &Input) -> Phrase {
        let folder = |path: &String| Folder(path.clone());
        match &input.observation {
            Observation::Gauge { gauge, process, value } => self.gauge(input.at, *gauge, *process, value),
            Observation::Capability(c) => {
                let why = Text(self.words.text(&c.said.message, Form::Full));
                Phrase::UnseenThing { name: Text(c.name.clone()), why }
            }
            Observation::ClientSeen(c) => {
                let who = Text(self.process(&c.name, c.client.pid));
                self.with_translation(Phrase::FactClient { who }, &c.translated, None)
            }
            Observation::ServerSeen(s) => self.with_translation(started(s), &s.translated, s.slices.known()),
            Observation::LoadSeen(load) => self.with_translation(self.load(load), &load.translated, None),
            Observation::Config(_) => Phrase::FactThresholds,
            Observation::AlertPolicy(_) => Phrase::FactAlerts,
            Observation::WorkspaceLearned { server, workspace } => {
                Phrase::FactLoads { who: self.who(*server), folder: folder(workspace) }
            }
            Observation::BinaryChanged { server, change: BinaryChange::Replaced } => {
                Phrase::FactReplaced { who: self.who(*server) }
            }
            Observation::BinaryChanged { server, change: BinaryChange::Deleted } => {
                Phrase::FactDeleted { who: self.who(*server) }
            }
            Observation::Holders { gauge, holders } => self.holders(*gauge, holders),
            Observation::Blocked { process, on: Some(Reading::Known(on)) } => {
                Phrase::FactHangs { who: self.who(*process), on: verbatim(on) }
            }
            Observation::Blocked { process, on: Some(Reading::Unknown { .. }) } => {
                Phrase::FactHangsOnWhat { who: self.who(*process) }
            }
            Observation::Blocked { process, on: None } => Phrase::FactHangsNoMore { who: self.who(*process) },
            Observation::FileEventsLost { workspace, how } => {
                Phrase::FactLost { folder: folder(workspace), how: verbatim(how) }
            }
            Observation::Memory { server, bytes } => {
                Phrase::FactHoldsBytes { who: self.who(*server), bytes: Bytes::new(*bytes) }
            }
            Observation::Ended { process, status, detail } => {
                let (who, how) = (self.who(*process), Text(self.said(how(status))));
                match detail {
                    Some(detail) => {
                        let detail = Text(self.said(self::detail(*detail)));
                        Phrase::FactEndedThus { who, how, detail }
                    }
                    None => Phrase::FactEnded { who, how },
                }
            }
            Observation::LoadWaits { load, on } => Phrase::FactWaits { pid: count(load.pid), on: verbatim(on) },
            Observation::TreeActivity { server, activity } => {
                let who = self.who(*server);
                match activity {
                    Activity::Quiet => Phrase::FactQuiet { who },
                    Activity::Busy => Phrase::FactBusy { who },
                    Activity::Stopped => Phrase::FactStopped { who },
                }
            }
            Observation::OwnFix { process } => Phrase::FactOwnFix { who: self.who(*process) },
            Observation::Slept { length } => Phrase::FactSlept { span: Millis::from(*length) },
            Observation::Began { .. } => Phrase::FactBegan,
            Observation::UserCommand(command) => user_command(command),
            Observation::Wake => Phrase::FactWake,
        }
    }

    fn holders(&self, gauge: Gauge, holders: &[Holder]) -> Phrase {
        let what = Text(match gauge {
            Gauge::Watches => self.said(Phrase::FactFileWatches),
            gauge => self.words.gauge(gauge),
        });
        if holders.is_empty() {
            return Phrase::FactHeldByNobody { what };
        }
        let each = |holder: &Holder| {
            let who = Text(self.process(&holder.name, holder.process.pid));
            self.said(Phrase::FactHolds { who, amount: Text(self.words.amount(gauge, holder.amount)) })
        };
        let holders = Text(holders.iter().map(each).collect::<Vec<_>>().join(", "));
        Phrase::FactMost { what, holders }
    }
}

fn count(pid: Pid) -> Count {
    Count::new(u64::from(pid.0))
}

fn started(server: &ServerSeen) -> Phrase {
    let pid = count(server.server.pid);
    match (server.workspace.known().cloned().map(Folder), server.adopted) {
        (Some(folder), true) => Phrase::FactRuns { folder, pid },
        (Some(folder), false) => Phrase::FactStarted { folder, pid },
        (None, true) => Phrase::FactRunsSomewhere { pid },
        (None, false) => Phrase::FactStartedSomewhere { pid },
    }
}

fn user_command(user_command: &UserCommand) -> Phrase {
    let span = |length: &Duration| Millis::from(*length);
    match user_command {
        UserCommand::Snooze { incident, length } => {
            Phrase::FactSnoozed { incident: verbatim(incident), span: span(length) }
        }
        UserCommand::Unsnooze { incident } => Phrase::FactUnsnoozed { incident: verbatim(incident) },
        UserCommand::Mute { workspace } => Phrase::FactMuted { folder: Folder(workspace.clone()) },
        UserCommand::Unmute { workspace } => Phrase::FactUnmuted { folder: Folder(workspace.clone()) },
        UserCommand::Pause { length: Some(length) } => Phrase::FactPausedFor { span: span(length) },
        UserCommand::Pause { length: None } => Phrase::FactPaused,
        UserCommand::Resume {} => Phrase::FactResumed,
        UserCommand::ProbeNow {} => Phrase::FactAsked,
        UserCommand::FixBegins { receipt, remedy, .. } => {
            Phrase::FactFixBegan { receipt: verbatim(receipt), remedy: verbatim(remedy.word()) }
        }
        UserCommand::FixEnds { receipt, done: true, .. } => Phrase::FactFixDone { receipt: verbatim(receipt) },
        UserCommand::FixEnds { receipt, done: false, .. } => Phrase::FactFixNotDone { receipt: verbatim(receipt) },
        UserCommand::FixUndone { receipt } => Phrase::FactFixUndone { receipt: verbatim(receipt) },
    }
}

const fn detail(detail: EndDetail) -> Phrase {
    match detail {
        EndDetail::CodeSigning => Phrase::FactForSignature,
        EndDetail::Memory => Phrase::FactForMemory,
        EndDetail::OutOfMemoryKillerRan => Phrase::FactAmongKills,
        EndDetail::GroupOutOfMemory => Phrase::FactInGroup,
        EndDetail::Unwatched => Phrase::FactUnwatched,
    }
}

fn how(status: &ExitStatus) -> Phrase {
    match status {
        ExitStatus::Exited(code) => Phrase::FactExit { code: Count::new(u64::from(*code)) },
        ExitStatus::Signaled { name, .. } => Phrase::FactSignal { name: verbatim(name) },
        ExitStatus::Unknown(why) => Phrase::FactHowUnknown { why: verbatim(why) },
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Seq;
    use goplswatch_core::time::{SECOND, Uptime};

    use super::*;

    const GOPLS: ProcessKey = ProcessKey::new(811, 5);

    /// The text of the last of these gauge inputs; times are in seconds.
    fn said(readings: &[(u32, Option<ProcessKey>, Gauge, u64)]) -> String {
        let mut before = InputDescriber::new(Catalogue::english());
        let mut text = String::new();
        for (s, process, gauge, n) in readings {
            let value = Reading::Known(Amount::Exactly(*n));
            let observation = Observation::Gauge { gauge: *gauge, process: *process, value };
            let input =
                Input { seq: Seq(1), at: Moment { wall_ms: 0, uptime: Uptime::BOOT + *s * SECOND }, observation };
            text = before.text(&input);
            before.learn_value(&input);
        }
        text
    }

    #[test]
    fn numbers_come_with_what_is_allowed_and_how_they_moved() {
        let gopls = Some(GOPLS);
        let limit = (1, gopls, Gauge::DescriptorLimit, 61_440);
        for (readings, text) in [
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
            // A rate already includes a time span; after a clock restart there is no earlier value
            // to compare with.
            (vec![(2, gopls, Gauge::Cpu, 90), (9, gopls, Gauge::Cpu, 840)], "CPU of pid 811: 84 % of a core"),
            (vec![(90, gopls, Gauge::Memory, 5), (2, gopls, Gauge::Memory, 9_000_000)], "memory of pid 811: 9 MB"),
            (
                vec![(1, None, Gauge::MachineMemory, 16_000_000_000), (1, None, Gauge::MemoryAvailable, 310_000_000)],
                "memory available: 310 MB of 16.0 GB",
            ),
            (vec![(1, None, Gauge::FileTableLimit, u64::MAX), (1, None, Gauge::FileTable, 61_000)], "open files: 61 k"),
        ] {
            assert_eq!(said(&readings), text, "{readings:?}");
        }
    }

    #[test]
    fn who_holds_and_how_it_ended_is_said_in_words() {
        let before = InputDescriber::new(Catalogue::english());
        let holder = |name: &str, amount| Holder { process: GOPLS, name: name.into(), amount };
        let holders = vec![holder("gopls", Amount::Exactly(58_000)), holder("node", Amount::AtLeast(900))];
        let most = Observation::Holders { gauge: Gauge::Descriptors, holders };
        let none = Observation::Holders { gauge: Gauge::Watches, holders: Vec::new() };
        let ended = Observation::Ended {
            process: GOPLS,
            status: ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false },
            detail: Some(EndDetail::Memory),
        };
        for (observation, text) in [
            (most, "most open descriptors: gopls (pid 811) 58 k, node (pid 811) 900 or more"),
            (none, "nobody was seen to hold file watches"),
            (ended, "pid 811 ended: SIGKILL, the system ended it for its memory"),
        ] {
            let input = Input { seq: Seq(1), at: Moment::default(), observation };
            assert_eq!(before.text(&input), text);
        }
    }
}
