//! One command of the system, with an end in any case.
//!
//! It gets its own process group, no input and a deadline. At the deadline the whole group is killed, so a child of
//! the command cannot outlive it. The child is not reaped before that is decided: until then its pid, which is the
//! group's, cannot become another's.

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// More than any message; a command that says more is cut short.
const SAID_MAX: u64 = 4096;
/// For the rest of what a command wrote, once it has ended. Somebody else may hold its stderr open for ever.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How a command ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// By us, at the deadline.
    TooSlow(Duration),
    /// It never began.
    NotStarted(std::io::Error),
}

/// What came of a command.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) ended: Ended,
    /// What it wrote to stderr, in one line: to be shown, never to be judged.
    pub(super) said: String,
}

impl Answer {
    /// The exit code, if it came to one.
    pub(super) const fn code(&self) -> Option<i32> {
        match self.ended {
            Ended::Code(code) => Some(code),
            Ended::Signal(_) | Ended::TooSlow(_) | Ended::NotStarted(_) => None,
        }
    }
}

/// Runs it to its end, or to the deadline.
pub(super) fn run(argv: &[OsString], deadline: Duration) -> Answer {
    let Some((program, arguments)) = argv.split_first() else {
        return not_started(std::io::ErrorKind::InvalidInput.into());
    };
    let spawned = Command::new(program)
        .args(arguments)
        // What it says is shown to the user beside our own words, which are English.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return not_started(error),
    };
    let said = words_of(&mut child);
    let in_time = has_ended_within(&child, deadline);
    if !in_time && let Some(group) = group_of(&child) {
        // That it ended in this very moment is no failure.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let ended = match child.wait() {
        Ok(_) if !in_time => Ended::TooSlow(deadline),
        Ok(status) => status.code().map_or_else(|| Ended::Signal(status.signal().unwrap_or(0)), Ended::Code),
        Err(error) => Ended::NotStarted(error),
    };
    let said = said.recv_timeout(LAST_WORDS).unwrap_or_default();
    Answer { ended, said: said.split_whitespace().collect::<Vec<_>>().join(" ") }
}

const fn not_started(error: std::io::Error) -> Answer {
    Answer { ended: Ended::NotStarted(error), said: String::new() }
}

fn group_of(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Reads stderr aside: a command that fills the pipe must not wait for us while we wait for it.
fn words_of(child: &mut Child) -> Receiver<String> {
    let (send, receive) = channel();
    if let Some(pipe) = child.stderr.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut pipe = pipe.take(SAID_MAX);
            // What was read before an error is as good as all. The rest is read too: a closed pipe would kill the
            // command.
            let _ = pipe.read_to_end(&mut bytes);
            let _ = std::io::copy(&mut pipe.into_inner(), &mut std::io::sink());
            let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    receive
}

/// Waits aside for its end, without reaping it.
fn has_ended_within(child: &Child, deadline: Duration) -> bool {
    let Some(pid) = group_of(child) else { return false };
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), ended), Err(rustix::io::Errno::INTR)) {}
        let _ = send.send(());
    });
    receive.recv_timeout(deadline).is_ok()
}

/// Lets time pass.
pub(super) fn pause(time: Duration) {
    let (_keep, never) = channel::<()>();
    let _ = never.recv_timeout(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, deadline: Duration) -> Answer {
        run(&["/bin/sh".into(), "-c".into(), script.into()], deadline)
    }

    #[test]
    fn every_end_has_its_name() {
        let long = Duration::from_secs(20);
        let answer = shell("echo 'Boot-out failed: 5:' >&2; echo ' error' >&2; exit 5", long);
        assert_eq!((answer.code(), answer.said.as_str()), (Some(5), "Boot-out failed: 5: error"));
        assert!(matches!(shell("kill -9 $$", long).ended, Ended::Signal(9)));
        assert!(matches!(run(&["/no/such".into()], long).ended, Ended::NotStarted(_)));
        assert!(matches!(run(&[], long).ended, Ended::NotStarted(_)));
        assert!(matches!(shell("while :; do :; done", Duration::from_millis(200)).ended, Ended::TooSlow(_)));
    }

    #[test]
    fn a_command_that_talks_without_end_is_cut_short_and_not_waited_for() {
        let talk = "i=0; while [ $i -lt 9000 ]; do echo 0123456789 >&2; i=$((i+1)); done";
        let answer = shell(talk, Duration::from_secs(20));
        assert_eq!(answer.code(), Some(0));
        assert!(answer.said.len() <= 4096 && answer.said.starts_with("0123456789 0123456789"));
    }

    #[test]
    fn a_child_that_holds_stderr_open_is_not_waited_for() {
        let began = std::time::Instant::now();
        let answer = shell("sleep 30 & exit 0", Duration::from_secs(20));
        assert_eq!(answer.code(), Some(0));
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}
