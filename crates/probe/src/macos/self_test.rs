//! Self-test at start: does each thing that monitoring relies on once, where the right result is
//! known.
//!
//! Each test reports a capability, and turns off what it disproved. Those of the gauges are in
//! `gauges`.

mod gauges;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::message::{Count, Message as M, SharedMessage, Verbatim};
use goplswatch_core::{Pid, ProcessKey};

use super::clock::Source;
use super::kqueue::Queue;
use super::sys::{self, Refusal};
use super::table::{self, Identity};
use super::{MacPlatform, ONLY_LOOK, libproc, rusage};
use crate::platform::{Platform, PlatformEvent, WatchOutcome};
use crate::xnu;

/// How long the test of an end may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A shell with a child of its own, which is not our child. Both wait for our end of a pipe to
/// close, then exit with 7.
const FAMILY: &str = "exec 3<&0; (read line <&3; exit 7) & echo $!; wait $!";

/// What was observed of the shell and its child.
#[derive(Default)]
struct Family {
    /// Whether the kernel let us watch each of the two.
    watched: [Option<WatchOutcome>; 2],
    /// How each ended, according to events.
    ended: [Option<ExitStatus>; 2],
}

impl MacPlatform {
    pub(super) fn prove_all(&mut self) -> Vec<Capability> {
        let mut proofs = vec![self.prove_table(), self.prove_identity(), self.prove_clock()];
        proofs.extend(self.prove_ends());
        proofs.extend([
            self.prove_arguments(),
            self.prove_path(),
            prove_folder(),
            prove_translation(),
            self.prove_usage(),
        ]);
        proofs.extend(self.prove_gauges());
        proofs
    }

    fn prove_table(&mut self) -> Capability {
        let mut pids = Vec::new();
        let own = Pid(sys::own_pid());
        match self.table.pids(&mut pids) {
            Ok(()) if pids.contains(&own) => {
                ok("process-table", M::TableListed { count: Count::new(pids.len() as u64) })
            }
            Ok(()) => unsupported("process-table", M::TableWithoutThis),
            Err(why) => unsupported("process-table", why),
        }
    }

    fn prove_identity(&self) -> Capability {
        match (self.table.identity, self.table.no_unique_id) {
            (Identity::UniqueId, _) => ok("process-identity", M::IdentityUnique),
            (Identity::Started, refusal) => {
                refused("process-identity", refusal.unwrap_or(Refusal::Nonsense), |why| M::IdentityByStart { why })
            }
        }
    }

    fn prove_clock(&self) -> Capability {
        let name = "continuous-clock";
        match self.clock.source() {
            Source::Mach => ok(name, M::ClockMach),
            Source::Raw => ok(name, M::ClockRaw),
            Source::SinceStart(_) => unsupported(name, M::ClockSinceStart),
        }
    }

    fn prove_arguments(&mut self) -> Capability {
        let name = "arguments";
        match self.arguments(sys::own_pid()) {
            Ok(args) if !args.argv.is_empty() => ok(name, M::ArgumentsProved),
            Ok(_) => unsupported(name, M::ArgumentsRefused { why: SharedMessage::new(M::NoArguments) }),
            Err(why) => unsupported(name, M::ArgumentsRefused { why: SharedMessage::new(why) }),
        }
    }

    /// The file that the system reports as our executable must be our executable.
    fn prove_path(&mut self) -> Capability {
        let name = "executable-path";
        let file = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
        let reported = match libproc::path(sys::own_pid()) {
            Ok(path) => file(Path::new(OsStr::from_bytes(&path))),
            Err(refusal) => return refused(name, refusal, |why| M::PathRefused { why }),
        };
        let own = std::env::current_exe().ok().and_then(|path| file(&path));
        self.trust_path = own.is_none() || reported == own;
        if self.trust_path {
            ok(name, M::PathProved)
        } else {
            unsupported(name, M::PathRefused { why: SharedMessage::new(M::PathOfAnother) })
        }
    }

    /// Our own CPU time must match that of getrusage(2), once there is some.
    fn prove_usage(&mut self) -> Capability {
        let name = "usage";
        let lost = |why: SharedMessage| M::UsageRefused { why };
        let deadline = Instant::now() + Duration::from_millis(200);
        while sys::own_cpu_ns().is_some_and(|ns| ns < 10_000_000) && Instant::now() < deadline {
            std::hint::spin_loop();
        }
        let (used, flavour) = match rusage(sys::own_pid()) {
            Ok(answer) => answer,
            Err(refusal) => return refused(name, refusal, lost),
        };
        let reported = self.clock.ticks_to_ns(used.cpu_ticks);
        self.cpu_scale = sys::own_cpu_ns().map_or(Some((1, 1)), |own| xnu::tick_scale(reported, own));
        match self.cpu_scale {
            None => unsupported(name, lost(SharedMessage::new(M::CpuNotTrue))),
            Some(_) if flavour >= libc::RUSAGE_INFO_V2 => ok(name, M::UsageProved),
            Some(_) => ok(name, M::UsageWithoutDisk),
        }
    }

    /// Watches a shell and its child, lets both exit with 7, and checks what is reported.
    fn prove_ends(&mut self) -> Vec<Capability> {
        if let Err(why) = &self.queue {
            return no_ends(&M::EndsByLook { why: SharedMessage::new(why.clone()) });
        }
        let family = match self.watch_a_family() {
            Ok(family) => family,
            Err(why) => {
                // Nothing was disproved: watching stays on, and processes are polled every second
                // as well.
                self.look_every = ONLY_LOOK;
                return no_ends(&M::EndsUnproved { why: SharedMessage::new(why) });
            }
        };
        let [child, grandchild] = family.ended;
        let events = match (&family.watched, &child, &grandchild) {
            // gopls is never our child, so the grandchild decides.
            (_, _, Some(_)) => Ok(M::EndsReported),
            ([_, Some(WatchOutcome::Attached)], Some(_), None) => {
                Err(M::EndsByLook { why: SharedMessage::new(M::ForeignEndUnreported) })
            }
            (_, Some(_), None) => Ok(M::EndsReported),
            ([Some(WatchOutcome::Refused(why)), _], ..) => {
                Err(M::EndsAtNextLook { why: SharedMessage::new(why.clone()) })
            }
            _ => Err(M::EndsByLook { why: SharedMessage::new(M::EndUnreportedInTime) }),
        };
        self.no_ends = events.clone().err();
        let events = match events {
            Ok(proof) => ok("end-events", proof),
            Err(why) => unsupported("end-events", why),
        };
        let lies = |ended: &Option<ExitStatus>| {
            ended.as_ref().is_some_and(|status| !matches!(status, ExitStatus::Exited(7) | ExitStatus::Unknown(_)))
        };
        self.trust_status = !lies(&child) && !lies(&grandchild);
        vec![events, prove_status("end-status", child, M::OwnChild), prove_foreign(grandchild)]
    }

    fn watch_a_family(&mut self) -> Result<Family, M> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", FAMILY])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| M::TestNotStarted { error: Verbatim::of(error) })?;
        let outcome = self.watch_both(&mut shell);
        reap(&mut shell);
        outcome
    }

    fn watch_both(&mut self, shell: &mut Child) -> Result<Family, M> {
        let grandchild = first_number(shell).ok_or(M::TestSaidNothing)?;
        let keys = [shell.id(), grandchild].map(|pid| self.table.key(pid));
        let mut family = Family::default();
        for (key, watched) in keys.iter().zip(&mut family.watched) {
            *watched = key.map(|key| self.watch(key));
        }
        // Closing this end of the pipe lets both exit.
        drop(shell.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        let expected = family.watched.iter().filter(|watched| matches!(watched, Some(WatchOutcome::Attached))).count();
        let mut seen = 0;
        while seen < expected && Instant::now() < deadline {
            match self.queue.as_mut().ok().and_then(Queue::take) {
                Some(report) => self.take(report),
                None => sys::pause(Duration::from_millis(2)),
            }
            seen += self.sort_out(&keys, &mut family);
        }
        for key in keys.into_iter().flatten() {
            self.forget(key);
        }
        Ok(family)
    }

    /// Removes the events of the test processes from the pending ones. Returns how many of the
    /// processes ended.
    fn sort_out(&mut self, keys: &[Option<ProcessKey>; 2], family: &mut Family) -> usize {
        let mut seen = 0;
        self.pending.retain(|sign| {
            let of = match sign {
                PlatformEvent::Ended { key, .. } | PlatformEvent::Forked(key) | PlatformEvent::Execed(key) => *key,
            };
            let Some(index) = keys.iter().position(|key| *key == Some(of)) else { return true };
            if let PlatformEvent::Ended { status, .. } = sign {
                if let Some(ended) = family.ended.get_mut(index) {
                    *ended = Some(status.clone());
                }
                seen += 1;
            }
            false
        });
        seen
    }
}

/// The capabilities if nothing is known of ends.
fn no_ends(why: &M) -> Vec<Capability> {
    ["end-events", "end-status", "end-status-foreign"].map(|name| unsupported(name, why.clone())).into()
}

fn prove_status(name: &str, ended: Option<ExitStatus>, whose: M) -> Capability {
    let whose = SharedMessage::new(whose);
    match ended {
        Some(ExitStatus::Exited(7)) => ok(name, M::StatusReported { whose }),
        Some(ExitStatus::Unknown(why)) => {
            Capability::new(name, CapabilityState::Denied, M::StatusHidden { whose, why: why.message })
        }
        Some(other) => unsupported(name, M::StatusWrong { whose, how: SharedMessage::new(other.message()) }),
        None => unsupported(name, M::StatusNotReported { whose }),
    }
}

/// Tests the status of a process that is not our child. gopls never is, so this is the one that
/// counts.
fn prove_foreign(ended: Option<ExitStatus>) -> Capability {
    let name = "end-status-foreign";
    match ended {
        Some(ExitStatus::Unknown(why)) => {
            Capability::new(name, CapabilityState::Denied, M::StatusHiddenOfOthers { why: why.message })
        }
        ended => prove_status(name, ended, M::NotOurChild),
    }
}

fn prove_folder() -> Capability {
    let name = "working-folder";
    let lost = |why: SharedMessage| M::FolderRefused { why };
    match libproc::folder_info(sys::own_pid()).map(|bytes| xnu::folder(&bytes)) {
        Ok(Some(_)) => ok(name, M::FolderProved),
        Ok(None) => refused(name, Refusal::Nonsense, lost),
        Err(refusal) => refused(name, refusal, lost),
    }
}

fn prove_translation() -> Capability {
    match table::kinfo(sys::own_pid()) {
        Ok(_) => ok("translation", M::TranslationProved),
        Err(refusal) => refused("translation", refusal, |why| M::TranslationRefused { why }),
    }
}

/// The first line of a child's output, as a number; `None` if none arrives before the deadline.
fn first_number(child: &mut Child) -> Option<u32> {
    let output = child.stdout.take()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    // The thread ends no later than the child, whose output then closes.
    std::thread::Builder::new()
        .name("test-process".to_owned())
        .spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            let _nobody_waits_any_more = sender.send(read.ok().and_then(|_| line.trim().parse().ok()));
        })
        .ok()?;
    receiver.recv_timeout(PATIENCE).ok().flatten()
}

/// Waits for a test process up to a deadline, and kills it if it does not end.
fn reap(child: &mut Child) {
    drop(child.stdin.take());
    let deadline = Instant::now() + PATIENCE;
    let mut killed = false;
    while !matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
        if Instant::now() >= deadline {
            if killed {
                return;
            }
            killed = true;
            // Its own child waits for the same pipe, which is closed, and so ends by itself.
            let _gone_already = child.kill();
            sys::pause(Duration::from_millis(100));
        }
        sys::pause(Duration::from_millis(2));
    }
}

pub(super) fn ok(name: &str, proof: M) -> Capability {
    Capability::new(name, CapabilityState::Ok, proof)
}

pub(super) fn unsupported(name: &str, why: M) -> Capability {
    Capability::new(name, CapabilityState::Unsupported, why)
}

/// The capability after a refused call; `so` explains to the user what the refusal means.
pub(super) fn refused(name: &str, refusal: Refusal, so: impl FnOnce(SharedMessage) -> M) -> Capability {
    let state = if refusal.denied() { CapabilityState::Denied } else { CapabilityState::Unsupported };
    Capability::new(name, state, so(SharedMessage::new(refusal.into())))
}
