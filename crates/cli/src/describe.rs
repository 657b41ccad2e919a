//! Inputs in words, for `why`.

use goplswatch_core::words::{Activity, BinaryChange, ExitStatus, LoadKind};
use goplswatch_core::{Fact, Holder, Intent, ProcessKey, Reading, say};

/// A reading as a sentence without its full stop.
pub(crate) fn fact(fact: &Fact, name: &dyn Fn(ProcessKey) -> String) -> String {
    match fact {
        Fact::Config(_) => "the thresholds in force".into(),
        Fact::AlertPolicy(_) => "when problems are told".into(),
        Fact::Capability(c) => format!("{}: {}", c.name, c.why),
        Fact::ClientSeen(c) => format!("{} (pid {}) runs a gopls", c.name, c.client.pid),
        Fact::ServerSeen(s) => {
            let place = s.workspace.known().map_or_else(|| "an unknown folder".into(), |w| say::folder(w).to_owned());
            format!("gopls started in {place} (pid {})", s.server.pid)
        }
        Fact::WorkspaceLearned { server, workspace } => format!("{} loads {}", name(*server), say::folder(workspace)),
        Fact::BinaryChanged { server, change } => match change {
            BinaryChange::Replaced => format!("the executable of {} was replaced", name(*server)),
            BinaryChange::Deleted => format!("the executable of {} was deleted", name(*server)),
        },
        Fact::Gauge { gauge, process, value } => {
            let of = process.map_or_else(|| "this machine".into(), name);
            match value {
                Reading::Known(value) => format!("{} of {of}: {}", gauge.said(), gauge.say(*value)),
                Reading::Unknown { unknown } => format!("{} of {of}: not known, {unknown}", gauge.said()),
            }
        }
        Fact::Holders { gauge, holders } => {
            let each = |h: &Holder| format!("{} (pid {}) {}", h.name, h.process.pid, gauge.say(h.amount));
            format!("most {} are held by {}", gauge.said(), holders.iter().map(each).collect::<Vec<_>>().join(", "))
        }
        Fact::Blocked { process, on: Some(on) } => {
            let on = on.known().map_or("something that is not known", String::as_str);
            format!("{} hangs inside the kernel and waits for {on}", name(*process))
        }
        Fact::Blocked { process, on: None } => format!("{} hangs no more", name(*process)),
        Fact::FileEventsLost { workspace, how } => {
            format!("file events were lost in {}: {how}", say::folder(workspace))
        }
        Fact::Memory { server, bytes } => format!("{} holds {}", name(*server), say::bytes(*bytes)),
        Fact::Ended { process, status, detail } => {
            let detail = detail.map_or_else(String::new, |d| format!(" ({d:?})"));
            format!("{} ended: {}{detail}", name(*process), self::status(status))
        }
        Fact::LoadSeen(l) => {
            let what = match l.kind {
                LoadKind::GoList => l.label.clone(),
                LoadKind::Driver => format!("the package driver {}", l.label),
            };
            match &l.server {
                Reading::Known(server) => format!("{} runs {what} (pid {})", name(*server), l.load.pid),
                Reading::Unknown { .. } => format!("{what} (pid {}) runs without its gopls", l.load.pid),
            }
        }
        Fact::LoadWaits { load, on } => format!("pid {} waits for {on}", load.pid),
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

fn status(status: &ExitStatus) -> String {
    match status {
        ExitStatus::Exited(code) => format!("exit {code}"),
        ExitStatus::Signaled { name, .. } => name.clone(),
        ExitStatus::Unknown(why) => format!("how is not known, {why}"),
    }
}
