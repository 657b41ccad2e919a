//! The process table as the tests need it: who descends from whom, and who is really gone.
//!
//! A process is named by pid *and* start, because tests kill, and a pid that was reused must not be hit.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// One process, at the time it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Proc {
    pub(crate) pid: i32,
    /// Opaque; equal for the same life only.
    start: String,
    pub(crate) parent: i32,
    pub(crate) name: String,
    zombie: bool,
}

impl Proc {
    /// Whether this very process still runs. A zombie does not.
    pub(crate) fn alive(&self) -> bool {
        read(self.pid).is_some_and(|now| now.start == self.start && !now.zombie)
    }

    /// Its command line; empty for a process that is gone.
    pub(crate) fn argv(&self) -> Vec<String> {
        argv(self.pid)
    }

    /// Sends a signal to this process alone, if it is still the same one. Never to a group.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.alive()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            // It may have ended meanwhile, which is what was wanted.
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether it is a gopls that serves: not the telemetry sidecar, not a one-shot command. A child of a gopls never is,
    /// though its name and words are its parent's until it has called exec: see [`server_of`].
    pub(crate) fn serves(&self) -> bool {
        let argv = self.argv();
        let first = argv.get(1).map(String::as_str);
        // In the middle of its exec it has no arguments yet.
        !self.zombie
            && self.name == "gopls"
            && !argv.is_empty()
            && first.is_none_or(|word| word.starts_with('-') || word == "serve")
    }
}

/// The process with that pid.
pub(crate) fn look(pid: u32) -> Option<Proc> {
    read(i32::try_from(pid).ok()?)
}

/// Everything that descends from `root`, without itself.
pub(crate) fn descendants(root: i32) -> Vec<Proc> {
    let all = everything();
    let mut family = BTreeSet::from([root]);
    // Children may have lower pids than their parents, so one pass is not enough.
    loop {
        let before = family.len();
        family.extend(all.iter().filter(|one| family.contains(&one.parent)).map(|one| one.pid).collect::<Vec<_>>());
        if family.len() == before {
            break;
        }
    }
    all.into_iter().filter(|one| one.pid != root && family.contains(&one.pid)).collect()
}

/// The gopls of a family that serves. Neither a sidecar nor what a gopls has just forked and not yet become counts.
pub(crate) fn server_of(family: &[Proc]) -> Option<Proc> {
    let of_gopls = |one: &Proc| family.iter().any(|other| other.pid == one.parent && other.name == "gopls");
    family.iter().find(|one| one.serves() && !of_gopls(one)).cloned()
}

/// Every process on the machine that `wanted` picks. For daemons, which descend from nobody.
pub(crate) fn all(wanted: impl Fn(&Proc) -> bool) -> Vec<Proc> {
    everything().into_iter().filter(|one| wanted(one)).collect()
}

/// Asks again every 20 ms until there is an answer.
pub(crate) fn until<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
fn read(pid: i32) -> Option<Proc> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks and parentheses: it ends at the last one.
    let (head, tail) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let zombie = matches!(*fields.first()?, "Z" | "X");
    Some(Proc { pid, start: (*fields.get(19)?).to_owned(), parent: fields.get(1)?.parse().ok()?, name, zombie })
}

#[cfg(target_os = "linux")]
fn argv(pid: i32) -> Vec<String> {
    let raw = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = raw.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    let mut words: Vec<String> = words.collect();
    words.pop();
    words
}

#[cfg(target_os = "linux")]
fn everything() -> Vec<Proc> {
    let entries = std::fs::read_dir("/proc").expect("/proc");
    entries.flatten().filter_map(|entry| read(entry.file_name().to_str()?.parse().ok()?)).collect()
}

#[cfg(not(target_os = "linux"))]
fn ps(which: &[&str]) -> Vec<Proc> {
    let out = std::process::Command::new("ps")
        .args(which)
        .args(["-o", "pid=,ppid=,stat=,lstart=,comm="])
        .env("LC_ALL", "C")
        .output()
        .expect("ps");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = words.get(8..)?.join(" ");
        Some(Proc {
            pid: words[0].parse().ok()?,
            parent: words[1].parse().ok()?,
            zombie: words[2].starts_with('Z'),
            start: words[3..8].join(" "),
            name: name.rsplit('/').next()?.to_owned(),
        })
    };
    text.lines().filter_map(row).collect()
}

#[cfg(not(target_os = "linux"))]
fn read(pid: i32) -> Option<Proc> {
    ps(&["-p", &pid.to_string()]).pop()
}

#[cfg(not(target_os = "linux"))]
fn argv(pid: i32) -> Vec<String> {
    let out =
        std::process::Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output().expect("ps");
    String::from_utf8_lossy(&out.stdout).split_whitespace().map(str::to_owned).collect()
}

#[cfg(not(target_os = "linux"))]
fn everything() -> Vec<Proc> {
    ps(&["-A", "-ww"])
}
