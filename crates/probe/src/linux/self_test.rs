//! Self-test: exercises the Linux capabilities that may be missing by using each once.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::process::{Command, Stdio};

use goplswatch_core::Pid;
use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::{Message as M, Verbatim};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, inotify};

use super::cgroup::Mounts;
use super::machine::memory_stall;
use super::pidfd;
use super::procfs::Procfs;
use crate::platform::RunState;

pub(super) fn self_test(proc: &mut Procfs) -> Vec<Capability> {
    let own = Pid(std::process::id());
    let mut pids = Vec::new();
    let listed = proc.pids(&mut pids).map(|()| pids.contains(&own));
    let unlisted = listed.as_ref().err().cloned().unwrap_or(M::TableWithoutUs);
    let mut all = vec![
        capability("process-table", listed == Ok(true), M::TableProved, unlisted),
        capability(
            "arguments",
            proc.file(own, "cmdline").is_ok_and(|b| !b.is_empty()),
            M::ArgumentsProved,
            M::ArgumentsUnreadable,
        ),
        capability("io-counters", proc.io_bytes(own).is_some(), M::IoProved, M::IoUntold),
        capability("out-of-memory-counter", proc.oom_kills().is_some(), M::KillsProved, M::KillsUncounted),
    ];
    all.extend(prove_gauges(proc, own));
    all.extend(prove_ends(proc));
    all
}

fn prove_gauges(proc: &Procfs, own: Pid) -> Vec<Capability> {
    vec![
        capability("descriptor-counts", sizes_are_counts(proc), M::DescriptorsAtOnce, M::DescriptorsByList),
        file_watches(proc, own),
        capability("blocked-threads", matches!(proc.blocked(own), Ok(None)), M::BlockedProved, M::BlockedUnread),
        capability("memory-pressure", memory_stall(proc).is_ok(), M::StallProved, M::StallUnmeasured),
        capability(
            "group-out-of-memory-counter",
            Mounts::read(proc).of(proc, own).is_some_and(|group| group.oom_kills(proc).is_some()),
            M::GroupKillsProved,
            M::GroupKillsUnread,
        ),
    ]
}

/// Whether the size of /proc/PID/fd is the number of descriptors: it must grow by one when one more
/// is opened. Other threads of this process open and close files as well, so a few attempts are
/// allowed.
pub(super) fn sizes_are_counts(proc: &Procfs) -> bool {
    let own = Pid(std::process::id());
    let counted = || {
        let before = proc.descriptor_size(own).ok()?;
        let more = rustix::fs::open("/", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
        let with = proc.descriptor_size(own).ok()?;
        drop(more);
        Some(before > 0 && with == before + 1)
    };
    (0..10).any(|_| counted() == Some(true))
}

/// Two inotify watches of our own must be counted as two.
fn file_watches(proc: &Procfs, own: Pid) -> Capability {
    let name = "file-watches";
    let watch = || -> rustix::io::Result<OwnedFd> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        for folder in ["/", "/proc"] {
            inotify::add_watch(&fd, folder, inotify::WatchFlags::DELETE_SELF)?;
        }
        Ok(fd)
    };
    match watch() {
        Ok(fd) => {
            let two = proc.watches_of(own, u32::try_from(fd.as_raw_fd()).unwrap_or(0)) == Some(2);
            capability(name, two, M::WatchesProved, M::WatchesUncounted)
        }
        // All watches of the user are taken. That is worth reporting, but says nothing about
        // counting.
        Err(error) => Capability::new(name, CapabilityState::Denied, M::WatchRefused { error: Verbatim::of(error) }),
    }
}

/// The end of a child that exits with 7 must be reported; its status must be readable while it is a
/// zombie, and again once it is reaped.
fn prove_ends(proc: &Procfs) -> Vec<Capability> {
    let spawned = Command::new("/bin/sh")
        .args(["-c", "exit 7"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else {
        return vec![Capability::new("end-events", CapabilityState::Unsupported, M::EndsUntested)];
    };
    let pid = Pid(child.id());
    let fd = pidfd::open(pid);
    let seen = fd.as_ref().is_ok_and(|fd| {
        let limit = rustix::time::Timespec { tv_sec: 2, tv_nsec: 0 };
        poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&limit)).is_ok_and(|n| n == 1)
    });
    let zombie = proc.stat(pid).filter(|s| s.state == RunState::Zombie).and_then(|s| s.exit_code);
    let _ = child.wait();
    let reaped = fd.as_ref().ok().and_then(|fd| pidfd::exit_code(std::os::fd::AsFd::as_fd(fd)).ok().flatten());
    let denied = matches!(fd, Err(rustix::io::Errno::PERM | rustix::io::Errno::ACCESS));
    let mut events = capability("end-events", seen, M::EndsByPidfd, M::EndsUnreported);
    if denied {
        events.state = CapabilityState::Denied;
    }
    vec![
        events,
        capability("end-status", zombie == Some(7 << 8), M::StatusProved, M::StatusUnread),
        capability("end-status-after-reap", reaped == Some(7 << 8), M::ReapedProved, M::ReapedUntold),
    ]
}

fn capability(name: &str, ok: bool, proof: M, without: M) -> Capability {
    let (state, said) = if ok { (CapabilityState::Ok, proof) } else { (CapabilityState::Unsupported, without) };
    Capability::new(name, state, said)
}
