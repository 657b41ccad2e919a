//! The risky capabilities of Linux, proved by doing them once.

use std::process::{Command, Stdio};

use goplswatch_core::Pid;
use goplswatch_core::words::{Capability, CapabilityState};
use rustix::event::{PollFd, PollFlags, poll};

use super::pidfd;
use super::procfs::Procfs;
use crate::world::RunState;

pub(super) fn prove(proc: &mut Procfs) -> Vec<Capability> {
    let own = Pid(std::process::id());
    let mut pids = Vec::new();
    let listed = proc.pids(&mut pids).map(|()| pids.contains(&own));
    let mut all = vec![
        capability(
            "process-table",
            listed == Ok(true),
            "/proc lists this very process",
            "/proc does not list this process: servers that start cannot be seen",
        ),
        capability(
            "arguments",
            proc.file(own, "cmdline").is_ok_and(|b| !b.is_empty()),
            "the arguments of this process were read",
            "arguments cannot be read: servers and commands cannot be told apart",
        ),
        capability(
            "io-counters",
            proc.io_bytes(own).is_some(),
            "/proc/self/io was read",
            "bytes read and written are not told: a stuck load is judged by nobody",
        ),
        capability(
            "out-of-memory-counter",
            proc.oom_kills().is_some(),
            "oom_kill of /proc/vmstat was read",
            "the kernel does not count out-of-memory kills: an end by SIGKILL is never called one",
        ),
    ];
    all.extend(prove_ends(proc));
    all
}

/// A child that exits with 7 must be reported, its status readable while it is a zombie, and again once it is reaped.
fn prove_ends(proc: &Procfs) -> Vec<Capability> {
    let spawned = Command::new("/bin/sh")
        .args(["-c", "exit 7"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = spawned else {
        let why = "the proof needs /bin/sh, which could not be started; ends are reported if the kernel can";
        return vec![Capability { name: "end-events".into(), state: CapabilityState::Unsupported, why: why.into() }];
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
    let mut events = capability(
        "end-events",
        seen,
        "a pidfd reported the end of a test process",
        "pidfd does not work here: ends are noticed at the next scan, without their cause",
    );
    if denied {
        events.state = CapabilityState::Denied;
    }
    vec![
        events,
        capability(
            "end-status",
            zombie == Some(7 << 8),
            "the exit status of a test process was read",
            "exit statuses cannot be read: causes of ends stay unknown",
        ),
        capability(
            "end-status-after-reap",
            reaped == Some(7 << 8),
            "the kernel still tells the status of a reaped process",
            "this kernel does not tell the status of a reaped process (Linux 6.15 does): a fast editor may leave the cause unknown",
        ),
    ]
}

fn capability(name: &str, ok: bool, proof: &str, without: &str) -> Capability {
    let (state, why) = if ok { (CapabilityState::Ok, proof) } else { (CapabilityState::Unsupported, without) };
    Capability { name: name.into(), state, why: why.into() }
}
