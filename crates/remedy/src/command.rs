//! Runs one system command, which ends in any case.
//!
//! The command gets its own process group, only the input that it is given, and a deadline. At the
//! deadline the whole group is killed, so that a child of the command cannot outlive it. The
//! command is not reaped before that is decided: until then its pid, which is also the id of the
//! group, cannot be reused.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use goplswatch_core::message::{Message, SharedMessage};
use goplswatch_core::shell;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::said::{count, verbatim};

/// Bytes of stderr that are kept: more than any message. The rest is cut off.
const STDERR_MAX: u64 = 4096;
/// Bytes of stdout that are accepted, more than any expected answer: `gopls api-json` of 0.24
/// writes 325 kB.
const STDOUT_MAX: u64 = 4 << 20;
/// The wait for the remaining output of a command that has ended. Another process may hold its
/// stderr open for ever.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(200);

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Exit {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// Killed by us, at the deadline.
    TimedOut(Duration),
    /// It could not be started.
    NotStarted(std::io::Error),
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) ended: Exit,
    /// Its stderr as one line: for display only, never interpreted.
    pub(crate) stderr: String,
}

impl Output {
    /// The exit code, if it exited with one.
    pub(crate) const fn code(&self) -> Option<i32> {
        match self.ended {
            Exit::Code(code) => Some(code),
            Exit::Signal(_) | Exit::TimedOut(_) | Exit::NotStarted(_) => None,
        }
    }

    /// A message with the command, its result, and its own output after our explanation.
    pub(crate) fn describe(&self, argv: &[String], came: Message) -> Message {
        let words = (!self.stderr.is_empty()).then(|| Message::CalledSaid { words: verbatim(&self.stderr) });
        Message::Called { line: verbatim(&shell::line(argv)), came: SharedMessage::new(came), words: words.into() }
    }
}

/// Runs a command until it exits, or to the deadline.
pub(crate) fn run(argv: &[OsString], deadline: Duration) -> Output {
    match spawn(argv, Stdio::null(), LOCALE_C) {
        Ok(child) => outcome(child, deadline),
        Err(error) => not_started(error),
    }
}

/// Runs a command until it exits, or to the deadline, in the root folder and with these variables
/// added to our environment, and returns its stdout. `Err` gives the reason if it did not exit with
/// 0 or wrote too much.
pub(crate) fn capture(argv: &[OsString], variables: &[(&str, &str)], deadline: Duration) -> Result<Vec<u8>, Message> {
    let (program, arguments) = argv.split_first().ok_or(Message::AskNoProgram)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(variables.iter().copied()).env("LC_ALL", "C").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| Message::AskNotStarted { why: verbatim(&error) })?;
    let answer = child.stdout.take().map(|pipe| read_on_thread(pipe, STDOUT_MAX));
    let Output { ended, stderr: said } = outcome(child, deadline);
    match ended {
        Exit::Code(0) => {}
        Exit::Code(code) if said.is_empty() => return Err(Message::ToolEnded { code: count(code.unsigned_abs()) }),
        Exit::Code(code) => {
            return Err(Message::AskEndedSaying { code: count(code.unsigned_abs()), words: verbatim(&said) });
        }
        Exit::Signal(signal) => return Err(Message::AskBySignal { signal: count(signal.unsigned_abs()) }),
        Exit::TimedOut(_) => return Err(Message::AskTooSlow),
        Exit::NotStarted(error) => return Err(Message::AskNotWaited { why: verbatim(&error) }),
    }
    let answer = answer.and_then(|answer| answer.recv_timeout(DRAIN_TIMEOUT).ok()).unwrap_or_default();
    if answer.len() as u64 >= STDOUT_MAX { Err(Message::AskTooLong) } else { Ok(answer) }
}

/// Like [`run`], with this text as input. A process that it leaves in the background stays, unless
/// the deadline comes first.
pub(crate) fn feed(argv: &[OsString], text: &str, deadline: Duration) -> Output {
    let mut child = match spawn(argv, Stdio::piped(), LOCALE_UTF_8) {
        Ok(child) => child,
        Err(error) => return not_started(error),
    };
    if let Some(mut pipe) = child.stdin.take() {
        let text = text.to_owned();
        // On its own thread: a command that does not read must not block us. If it stops reading,
        // its exit code shows that.
        std::thread::spawn(move || drop(pipe.write_all(text.as_bytes())));
    }
    outcome(child, deadline)
}

/// Starts a program that may run as long as it likes, such as one that shows a page. `None`: it is
/// still running after this time, and continues to run.
pub(crate) fn start(argv: &[OsString], settle: Duration) -> Option<Output> {
    let mut child = match spawn(argv, Stdio::null(), None) {
        Ok(child) => child,
        Err(error) => return Some(not_started(error)),
    };
    if has_ended_within(&child, settle) {
        return Some(outcome(child, settle));
    }
    // Its stderr is read until its end, so that a full pipe does not block it; the wait leaves no
    // zombie.
    drop(read_stderr(&mut child));
    std::thread::spawn(move || child.wait());
    None
}

/// The locale of a command whose output is shown to the user next to our own text, which is
/// English.
const LOCALE_C: Option<&str> = Some("C");
/// The same for a command that gets text as input: pbcopy takes its encoding from the locale
/// (pbcopy(1), "ENVIRONMENT"), and a program that launchd started has none.
const LOCALE_UTF_8: Option<&str> = Some("en_US.UTF-8");

/// `locale`: `None` keeps the user's own, for programs that the user continues to work with.
fn spawn(argv: &[OsString], input: Stdio, locale: Option<&str>) -> std::io::Result<Child> {
    let (program, arguments) = argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    Command::new(program)
        .args(arguments)
        .envs(locale.map(|locale| ("LC_ALL", locale)))
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Waits for a command to exit, and kills its process group at the deadline.
fn outcome(mut child: Child, deadline: Duration) -> Output {
    let said = read_stderr(&mut child);
    let in_time = has_ended_within(&child, deadline);
    if !in_time && let Some(group) = group_of(&child) {
        // An error is ignored: the group may have ended at this very moment.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let ended = match child.wait() {
        Ok(_) if !in_time => Exit::TimedOut(deadline),
        Ok(status) => status.code().map_or_else(|| Exit::Signal(status.signal().unwrap_or(0)), Exit::Code),
        Err(error) => Exit::NotStarted(error),
    };
    let said = said.recv_timeout(DRAIN_TIMEOUT).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    Output { ended, stderr: said.split_whitespace().collect::<Vec<_>>().join(" ") }
}

const fn not_started(error: std::io::Error) -> Output {
    Output { ended: Exit::NotStarted(error), stderr: String::new() }
}

fn group_of(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Reads stderr on its own thread: a command that fills the pipe must not wait for us while we wait
/// for it.
fn read_stderr(child: &mut Child) -> Receiver<Vec<u8>> {
    match child.stderr.take() {
        Some(pipe) => read_on_thread(pipe, STDERR_MAX),
        None => sync_channel(1).1,
    }
}

fn read_on_thread(pipe: impl std::io::Read + Send + 'static, most: u64) -> Receiver<Vec<u8>> {
    let (send, receive) = sync_channel(1);
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut pipe = pipe.take(most);
        // After an error, what was read so far is used. Output beyond the limit is read and
        // discarded: a closed pipe would kill the command.
        let _ = pipe.read_to_end(&mut bytes);
        let _ = std::io::copy(&mut pipe.into_inner(), &mut std::io::sink());
        let _ = send.send(bytes);
    });
    receive
}

/// Waits on another thread for a command to exit, without reaping it.
fn has_ended_within(child: &Child, deadline: Duration) -> bool {
    let Some(pid) = group_of(child) else { return false };
    let (send, receive) = sync_channel(1);
    std::thread::spawn(move || {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(pid), ended), Err(rustix::io::Errno::INTR)) {}
        let _ = send.send(());
    });
    receive.recv_timeout(deadline).is_ok()
}

/// Sleeps.
#[expect(clippy::disallowed_methods, reason = "what is waited for is another's and tells nobody; no loop runs here")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use goplswatch_testing::{DEADLINE, wait_until};

    use super::*;

    fn shell(script: &str, deadline: Duration) -> Output {
        run(&["/bin/sh".into(), "-c".into(), script.into()], deadline)
    }

    #[test]
    fn every_end_has_its_name() {
        let long = DEADLINE;
        let answer = shell("echo 'Boot-out failed: 5:' >&2; echo ' error' >&2; exit 5", long);
        assert_eq!((answer.code(), answer.stderr.as_str()), (Some(5), "Boot-out failed: 5: error"));
        assert!(matches!(shell("kill -9 $$", long).ended, Exit::Signal(9)));
        assert!(matches!(run(&["/no/such".into()], long).ended, Exit::NotStarted(_)));
        assert!(matches!(run(&[], long).ended, Exit::NotStarted(_)));
        assert!(matches!(shell("while :; do :; done", Duration::from_millis(200)).ended, Exit::TimedOut(_)));
    }

    #[test]
    fn an_answer_is_read_whole_or_refused_with_its_reason() {
        let ask = |script: &str, deadline| {
            capture(&["/bin/sh".into(), "-c".into(), script.into()], &[("GO_TELEMETRY_CHILD", "2")], deadline)
        };
        let long = DEADLINE;
        assert_eq!(ask("printf \"$GO_TELEMETRY_CHILD $(pwd)\"; echo noise >&2", long), Ok(b"2 /".to_vec()));
        let much = "i=0; while [ $i -lt 30000 ]; do echo 0123456789; i=$((i+1)); done";
        assert_eq!(ask(much, long).unwrap().len(), 330_000);
        let refused = Message::AskEndedSaying { code: count(2_u32), words: verbatim("no such flag") };
        assert_eq!(ask("echo no such flag >&2; exit 2", long), Err(refused));
        assert_eq!(ask("head -c 5000000 /dev/zero", long), Err(Message::AskTooLong));
        assert_eq!(ask("while :; do :; done", Duration::from_millis(200)), Err(Message::AskTooSlow));
    }

    #[test]
    fn what_is_fed_is_read_or_not_waited_for() {
        let feed =
            |script: &str, text: &str| super::feed(&["/bin/sh".into(), "-c".into(), script.into()], text, 2 * DEADLINE);
        let long = "x".repeat(1 << 20);
        assert_eq!(feed("test $(wc -c) -eq 1048576", &long).code(), Some(0));
        assert_eq!(feed("exit 3", &long).code(), Some(3));
        assert_eq!(feed("test \"$LC_ALL\" = en_US.UTF-8", "é").code(), Some(0), "what is copied is UTF-8");
        // Like the clipboard tools of X and Wayland: they read all input and leave a background
        // process that serves it.
        let began = std::time::Instant::now();
        assert_eq!(feed("cat >/dev/null; sleep 120 & exit 0", "text").code(), Some(0));
        assert!(began.elapsed() < DEADLINE);
    }

    #[test]
    fn what_is_started_may_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let start = |script: String, settle| start(&["/bin/sh".into(), "-c".into(), script.into()], settle);
        let late = format!("sleep 0.3; echo said >&2; echo > '{}'", mark.display());
        assert!(start(late, Duration::from_millis(20)).is_none());
        // An editor that shows the config file uses the user's language.
        let own = std::env::var("LC_ALL").unwrap_or_default();
        let same = start(format!("test \"$LC_ALL\" = '{own}'"), DEADLINE).unwrap();
        assert_eq!(same.code(), Some(0));
        let failed = start("echo no display >&2; exit 1".into(), DEADLINE).unwrap();
        assert_eq!((failed.code(), failed.stderr.as_str()), (Some(1), "no display"));
        wait_until("what it does when it is left alone", || mark.exists());
    }

    #[test]
    fn a_command_that_talks_without_end_is_cut_short_and_not_waited_for() {
        let talk = "i=0; while [ $i -lt 9000 ]; do echo 0123456789 >&2; i=$((i+1)); done";
        let answer = shell(talk, DEADLINE);
        assert_eq!(answer.code(), Some(0));
        assert!(answer.stderr.len() <= 4096 && answer.stderr.starts_with("0123456789 0123456789"));
    }

    #[test]
    fn a_child_that_holds_stderr_open_is_not_waited_for() {
        let began = std::time::Instant::now();
        let answer = shell("sleep 120 & exit 0", 2 * DEADLINE);
        assert_eq!(answer.code(), Some(0));
        assert!(began.elapsed() < DEADLINE);
    }
}
