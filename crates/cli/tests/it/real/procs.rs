//! The process table as the tests need it: descendants of a process, and whether a process is
//! really gone.
//!
//! A process is identified by pid *and* start time, because tests kill, and must not hit a reused
//! pid.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// A snapshot of one process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Proc {
    pub(crate) pid: i32,
    /// Opaque; equal only for the same process.
    start: String,
    pub(crate) parent: i32,
    pub(crate) name: String,
    zombie: bool,
}

impl Proc {
    /// Whether this process still runs. A zombie does not.
    pub(crate) fn alive(&self) -> bool {
        read(self.pid).is_some_and(|now| now.start == self.start && !now.zombie)
    }

    /// Its command line; empty if the process is gone.
    pub(crate) fn argv(&self) -> Vec<String> {
        argv(self.pid)
    }

    /// Sends a signal to this process only, if it is still the same one; never to a group.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.alive()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            // It may have ended meanwhile, which is what the caller wants.
            let _ = kill_process(pid, signal);
        }
    }

    /// Whether it is a gopls that serves: not the telemetry sidecar, not a one-shot command. A
    /// child of a gopls never is, though it has its parent's name and arguments until it calls
    /// exec: see [`server_of`].
    pub(crate) fn serves(&self) -> bool {
        let argv = self.argv();
        let first = argv.get(1).map(String::as_str);
        // During exec a process has no arguments.
        !self.zombie
            && self.name == "gopls"
            && !argv.is_empty()
            && first.is_none_or(|word| word.starts_with('-') || word == "serve")
    }
}

/// The process with this pid.
pub(crate) fn look(pid: u32) -> Option<Proc> {
    read(i32::try_from(pid).ok()?)
}

/// All descendants of `root`, without `root` itself.
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

/// The serving gopls of a family. A sidecar does not count, nor a child of a gopls between fork and
/// exec.
pub(crate) fn server_of(family: &[Proc]) -> Option<Proc> {
    let of_gopls = |one: &Proc| family.iter().any(|other| other.pid == one.parent && other.name == "gopls");
    family.iter().find(|one| one.serves() && !of_gopls(one)).cloned()
}

/// Every process on the machine that `wanted` selects. For daemons, which have no parent in the
/// test.
pub(crate) fn all(wanted: impl Fn(&Proc) -> bool) -> Vec<Proc> {
    everything().into_iter().filter(|one| wanted(one)).collect()
}

/// Polls every 20 ms until there is a result, or until the limit.
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
    // The name may contain spaces and parentheses: it ends at the last parenthesis.
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
