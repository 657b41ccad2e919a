//! The history on a disk that is really full, and on one that is really read-only: small file
//! systems in memory, mounted where no other process sees them. This needs Linux; elsewhere a file
//! that may not grow simulates them (`history.rs`).
//!
//! A copy of this program runs in a mount namespace of its own: `unshare -m` for root,
//! `unshare -rm` for others.

#![cfg(target_os = "linux")]
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::history::advice;
use crate::support::said;
use crate::support::{ALL, Loop, NOW, files, inputs, stress};
use goplswatch_agent::history::Archive;
use goplswatch_core::message::Message;
use goplswatch_core::{Moment, Observation};
use goplswatch_testing::role;

/// The environment variable with the path of a copy's file system.
const PLACE: &str = "GOPLSWATCH_TEST_MOUNTED";

/// Runs this role on a file system of two mebibytes.
fn mounted(part: &str) {
    let place = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.arg(if rustix::process::geteuid().is_root() { "-m" } else { "-rm" });
    command.args(["/bin/sh", "-c", "mount -t tmpfs -o size=2m,mode=700 goplswatch-test \"$0\" && exec \"$@\""]);
    let role = role(&format!("real::disks::{part}"));
    command.arg(place.path()).arg(role.get_program()).args(role.get_args());
    let output = command.env(PLACE, place.path()).output();
    let output = output.map_err(|error| format!("unshare: {error}; install it with: apt-get install util-linux"));
    let output = output.unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success(),
        "{said}\nIf nothing could be mounted: run this as root, or allow user namespaces (sysctl \
         kernel.unprivileged_userns_clone=1, on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0)."
    );
    assert!(said.contains("1 passed"), "{said}");
}

fn place() -> PathBuf {
    PathBuf::from(std::env::var_os(PLACE).unwrap())
}

fn later(seconds: u64) -> Moment {
    Moment { wall_ms: NOW.wall_ms, uptime: NOW.uptime + Duration::from_secs(seconds) }
}

fn fill(path: &Path) {
    let mut ballast = std::fs::File::create(path).unwrap();
    for size in [4096, 1] {
        while ballast.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
fn on_a_full_disk_the_oldest_goes_and_the_watch_goes_on() {
    mounted("full");
}

#[test]
fn on_a_read_only_disk_the_watch_goes_on() {
    mounted("read_only");
}

#[test]
#[ignore = "a role that another test plays"]
fn full() {
    let (folder, ballast) = (place().join("history"), place().join("ballast"));
    let stream = stress::stream(9, 2_000, 8);
    let mut kept = Vec::new();
    for (boot, part) in ["a", "b", "c", "d", "e"].into_iter().zip(stream.chunks(400)) {
        let mut agent = Loop::start(&folder, boot, ALL, NOW);
        for input in part {
            assert!(agent.take(input.at, input.observation.clone()), "{:?}", agent.history.trouble());
            kept.push(agent.last);
        }
    }
    let before = files(&folder);
    assert_eq!(before.len(), 5);
    fill(&ballast);

    // It starts on the full disk, and even on another boot: a new segment has to be created.
    let mut agent = Loop::start(&folder, "f", ALL, later(10_000));
    assert!(agent.notes.is_empty(), "{:?}", agent.notes);
    let mut seconds = 10_000;
    let mut dropped = Vec::new();
    while agent.take(later(seconds), Observation::Wake) {
        kept.push(agent.last);
        seconds += 1;
        dropped.extend(agent.history.take_notes());
        assert!(seconds < 100_000, "the disk is never full");
    }
    dropped.extend(agent.history.take_notes());
    assert!(
        !dropped.is_empty() && dropped.iter().all(|note| said(Some(note)).contains("the disk is full")),
        "{dropped:?}"
    );
    let left = agent.history.extent();
    assert_eq!(left.segments, 1, "{before:?}, then {left:?}");
    assert_eq!(advice(&agent.history), Some(&Message::FreeSpace));
    // There is no half line, and everything that is there is complete.
    let summary = Archive::open(&folder).replay(None, |_, _| true).unwrap();
    assert!(summary.flaws.is_empty(), "{:?}", summary.flaws);
    let there: Vec<_> = inputs(&folder).iter().map(|i| i.seq).collect();
    assert!(kept.ends_with(&there) && !there.is_empty(), "{} of {}", there.len(), kept.len());

    // Nothing is written during the backoff; then there is room again.
    for _ in 0..10 {
        assert!(!agent.take(later(seconds), Observation::Wake));
    }
    let unrecorded = agent.last;
    std::fs::remove_file(&ballast).unwrap();
    assert!(agent.take(later(seconds + 31), Observation::Wake), "{:?}", agent.history.trouble());
    assert_eq!((agent.history.trouble(), agent.history.extent().segments), (None, 2));
    drop(agent);

    // Numbers that were used on a full disk stay used, even if it is full until the end.
    fill(&ballast);
    let mut agent = Loop::start(&folder, "g", ALL, later(seconds + 40));
    assert!(agent.last > unrecorded);
    while agent.take(later(seconds + 50), Observation::Wake) {}
    let last = agent.last;
    drop(agent);
    assert_eq!(Loop::start(&folder, "g", ALL, later(seconds + 60)).last, last);
}

#[test]
#[ignore = "a role that another test plays"]
fn read_only() {
    let folder = place().join("history");
    let remount = |how: &str| {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(place()).status().unwrap();
        assert!(done.success());
    };
    let mut agent = Loop::start(&folder, "a", ALL, later(0));
    for input in stress::stream(9, 300, 8) {
        assert!(agent.take(input.at, input.observation));
    }
    let state = agent.state.clone();
    drop(agent);
    remount("ro");
    let mut agent = Loop::start(&folder, "a", ALL, later(10_000));
    assert!(agent.state == state && agent.notes.is_empty(), "{:?}", agent.notes);
    let said = |agent: &Loop| advice(&agent.history) == Some(&Message::MakeWritable);
    assert!(said(&agent), "at once: {:?}", agent.history.trouble());
    assert!(!agent.take(later(10_031), Observation::Wake) && said(&agent), "{:?}", agent.history.trouble());
    assert_eq!(Archive::open(&folder).replay(None, |_, _| true).unwrap().inputs, 300);
    remount("rw");
    assert!(agent.take(later(10_100), Observation::Wake), "{:?}", agent.history.trouble());
    assert_eq!(agent.history.extent().segments, 2, "nothing is judged across the hole");
}
