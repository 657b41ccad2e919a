//! Carries out one step, after comparing what it acts on with what was shown.
//!
//! A step with a description of its own ("write down for launchd what to start") reports its result
//! in a uniform way: "done", that nothing was left to do and how that was recognized, or that it
//! could not do what its description says.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use goplswatch_core::message::{Message, Millis, SharedMessage};
use goplswatch_core::{ProcessKey, Reading, UserCommand, shell};
use goplswatch_disk as disk;
use goplswatch_probe::Process;
use goplswatch_probe::process::Signal;

use super::desktop::Tool;
use super::hash::{Digest, sha256};
use super::plan::{Action, Call, Change, Content, DesktopTarget, Step, Until};
use super::receipt::Receipt;
use super::refusal::Refusal;
use super::site::{Site, Timeouts, seconds};
use super::{edit, exit_codes, file, folder};
use crate::command::{self, Exit, Output};
use crate::said::{count, lines, part, verbatim};

/// The mode of a new file that is not a program.
const MODE: u32 = 0o644;
/// The mode of a program.
const EXECUTABLE: u32 = 0o755;

/// The result of a step that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StepOutcome {
    /// It was done; how, as a fragment.
    Done(Message),
    /// There was nothing left to do; how that was recognized, as a fragment.
    Nothing(Message),
}

/// The state that the steps of one plan share.
pub(super) struct Run<'a> {
    pub(super) site: &'a Site,
    pub(super) receipt: &'a Receipt,
    pub(super) announce: &'a mut dyn FnMut(&UserCommand) -> Result<(), Message>,
    /// Set once a signal was sent to the process that the plan ends.
    pub(super) signalled: &'a mut bool,
}

impl Run<'_> {
    /// Carries out the step. Returns its result, as a fragment.
    pub(super) fn step(&mut self, i: usize, step: &Step) -> Result<Message, Refusal> {
        match (self.act(i, &step.action), &step.does) {
            (Ok(StepOutcome::Done(_)), Some(_)) => Ok(Message::DidDone),
            (Ok(StepOutcome::Done(how)), None) => Ok(how),
            (Ok(StepOutcome::Nothing(how)), _) => Ok(Message::DidNothing { how: SharedMessage::new(how) }),
            (Err(stuck), Some(does)) => {
                let why = Message::CouldNot { does: does.message.clone(), why: stuck.why };
                Err(Refusal { why: SharedMessage::new(why), ..stuck })
            }
            (Err(stuck), None) => Err(stuck),
        }
    }

    fn act(&mut self, i: usize, action: &Action) -> Result<StepOutcome, Refusal> {
        match action {
            Action::Signal { process, exe, signal, wait } => {
                self.signal(*process, exe.as_deref(), *signal, *wait).map(StepOutcome::Done)
            }
            Action::Run { argv, deadline, .. } => run(argv, *deadline).map(StepOutcome::Done),
            Action::Call { call: wanted } => call(wanted, &self.site.timeouts),
            Action::Edit { change, format, path, value } => {
                let make = |before: Option<&str>| edit::set(*format, before.unwrap_or(""), path, value);
                self.change(i, change, None, false, &make)
            }
            Action::Write { change, text, mode, ours } => {
                if *ours {
                    let folders = Path::new(&change.file).parent().map_or(Ok(()), std::fs::create_dir_all);
                    folders.map_err(|error| at(&change.file, &error))?;
                }
                self.change(i, change, Some(*mode), *ours, &|_| Ok(text.clone()))
            }
            Action::Remove { file, before, .. } => self.remove(i, file, before),
            Action::Rename { from, to, seal } => {
                if let Some(seal) = seal {
                    if folder::is_free(from) && folder::has(to, seal) {
                        return Ok(StepOutcome::Nothing(Message::WasRenamed));
                    }
                    if !folder::is_free(from) && !folder::has(from, seal) {
                        return Err(Refusal::new(Message::NoMoveChanged { path: verbatim(from) }, Message::DoRunAnew));
                    }
                }
                folder::rename(from, to).map(|()| StepOutcome::Done(Message::DidRename))
            }
            Action::Folder { path } => std::fs::create_dir_all(path)
                .map(|()| StepOutcome::Done(Message::DidMake))
                .map_err(|error| at(path, &error)),
            Action::Fill { path, content, .. } => fill(path, content).map(|()| StepOutcome::Done(Message::DidMake)),
            Action::RemoveTree { path, keep, .. } => {
                let kept = keep.then(|| self.receipt.backup(self.site, i));
                remove_tree(Path::new(path), kept.as_deref()).map_err(|error| at(path, &error))
            }
            Action::Copy { text } => put_on_clipboard(self.site, text).map(StepOutcome::Done),
            Action::Open { shown } => open(self.site, shown).map(StepOutcome::Done),
            Action::Tell { user_command } => {
                (self.announce)(user_command).map(|()| StepOutcome::Done(Message::DidTell)).map_err(|why| {
                    Refusal::new(Message::NothingTold { why: SharedMessage::new(why) }, Message::DoStartAgent)
                })
            }
            Action::Manual { .. } => Err(Refusal::new(Message::NeverRun, Message::DoAsSaid)),
        }
    }

    fn signal(
        &mut self,
        key: ProcessKey,
        exe: Option<&str>,
        signal: Signal,
        timeout: Duration,
    ) -> Result<Message, Refusal> {
        let pid = count(key.pid.0);
        let refused = |why| Refusal::new(why, Message::DoFixLists);
        let held = match Process::open_handle(key) {
            Reading::Known(Some(held)) => held,
            Reading::Known(None) => return Err(refused(Message::PidChanged { pid })),
            Reading::Unknown { unknown } => {
                return Err(refused(Message::PidNotSignalled { pid, why: unknown.message }));
            }
        };
        // If the executable cannot be read, the start mark alone identifies the process. It could
        // have exec'd another program since, but a process known as gopls was never seen to do
        // that.
        if let (Some(shown), Reading::Known(now)) = (exe, held.exe())
            && now != shown
        {
            return Err(refused(Message::PidRunsOther { pid, now: verbatim(&now), shown: verbatim(shown) }));
        }
        let began = Instant::now();
        match held.signal(signal) {
            Ok(true) => *self.signalled = true,
            Ok(false) => return Ok(Message::DidEndBefore),
            Err(why) => return Err(refused(Message::PidNotSignalled { pid, why: SharedMessage::new(why) })),
        }
        if held.ended_within(timeout) {
            return Ok(Message::DidEnd { after: Millis::from(began.elapsed()) });
        }
        let (span, name) = (Millis::from(timeout), verbatim(signal.name()));
        Err(Refusal::new(Message::PidStillRuns { pid, span, signal: name }, self.advice_if_alive(key, signal)))
    }

    /// The advice for a process that did not end. Only the agent remembers that the process was
    /// asked to end and then offers to kill it. Notes in the receipt mean that the agent could not
    /// be reached; the advice is then a kill command for the user.
    fn advice_if_alive(&self, key: ProcessKey, signal: Signal) -> Message {
        let pid = count(key.pid.0);
        match signal {
            Signal::Kill => Message::DoKernelHolds,
            Signal::Term | Signal::Quit if self.receipt.notes.is_empty() => Message::DoKillByFix { pid },
            Signal::Term | Signal::Quit => Message::DoKill { pid },
        }
    }

    /// Writes a file if it is unchanged since it was shown, after a copy of the old content is on
    /// disk.
    fn change(
        &self,
        i: usize,
        change: &Change,
        mode: Option<u32>,
        ours: bool,
        make: &dyn Fn(Option<&str>) -> Result<String, Message>,
    ) -> Result<StepOutcome, Refusal> {
        let file = || verbatim(&change.file);
        let changed = |why| Refusal::new(why, if ours { Message::DoRunAnew } else { Message::DoFixLookAnew });
        let found = file::read_target(&change.file, ours)?;
        if found.target != change.target {
            return Err(changed(Message::NoWriteElsewhere { file: file() }));
        }
        if ours && found.hash().as_ref() == Some(&change.after) {
            return Ok(StepOutcome::Nothing(Message::WasWritten));
        }
        if found.hash() != change.before {
            return Err(changed(Message::NoWriteChanged { file: file() }));
        }
        let text = make(found.text()).map_err(|why| Refusal::new(why, Message::DoFixLook))?;
        if sha256(text.as_bytes()) != change.after {
            return Err(changed(Message::NoWriteOther { file: file() }));
        }
        let failed = |error: io::Error| {
            if ours {
                return at(&change.file, &error);
            }
            let why = Message::NotWritten { file: verbatim(&change.target), why: verbatim(&error) };
            Refusal::new(why, Message::DoFreeOrSee)
        };
        if let Some(before) = &found.bytes {
            file::keep(&self.receipt.backup(self.site, i), before).map_err(failed)?;
        }
        file::replace_if_unchanged(&found, text.as_bytes(), mode, &self.receipt.id)
            .map_err(failed)?
            .then_some(())
            .ok_or_else(|| changed(Message::NoWriteChanged { file: file() }))?;
        Ok(StepOutcome::Done(Message::DidWrite))
    }

    /// Removes one of our files if it is unchanged since it was shown, after a copy of it is on
    /// disk.
    fn remove(&self, i: usize, path: &str, before: &str) -> Result<StepOutcome, Refusal> {
        let found = file::read_own(path)?;
        let Some(bytes) = &found.bytes else { return Ok(StepOutcome::Nothing(Message::WasGone)) };
        if sha256(bytes) != before {
            return Err(Refusal::new(Message::NoRemoveChanged { path: verbatim(path) }, Message::DoRunAnew));
        }
        let removed = file::keep(&self.receipt.backup(self.site, i), bytes)
            .and_then(|()| std::fs::remove_file(path))
            .and_then(|()| disk::sync_folder(Path::new(path)));
        removed.map(|()| StepOutcome::Done(Message::DidRemove)).map_err(|error| at(path, &error))
    }
}

/// The error that the system reported for a file or folder of ours, with advice.
fn at(path: &str, error: &io::Error) -> Refusal {
    path_refusal(path, part(error), error.kind())
}

fn path_refusal(path: &str, why: SharedMessage, kind: io::ErrorKind) -> Refusal {
    let folder = Path::new(path).parent().unwrap_or(Path::new(path));
    let (typed, folder) = (verbatim(&shell::word(folder)), crate::said::path(folder));
    let advice = match kind {
        io::ErrorKind::PermissionDenied => Message::DoOwnFolder { folder: typed },
        io::ErrorKind::ReadOnlyFilesystem => Message::DoManagedFolder { folder },
        io::ErrorKind::StorageFull => Message::DoFreeThatDisk,
        _ => Message::DoSeeFolder { folder, typed },
    };
    Refusal::new(Message::AtPath { path: verbatim(path), why }, advice)
}

/// Creates a file in a folder that is being assembled. Until it is complete it has another name.
fn fill(path: &str, content: &Content) -> Result<(), Refusal> {
    let stuck = |why| path_refusal(path, SharedMessage::new(why), io::ErrorKind::Other);
    let file = Path::new(path);
    let made = file.parent().ok_or_else(|| io::ErrorKind::InvalidInput.into()).and_then(std::fs::create_dir_all);
    let filled = made.and_then(|()| match content {
        Content::Text { text } => disk::replace(file, text.as_bytes(), MODE).map(|()| None),
        Content::Bytes { digest, bytes } if Digest::of_bytes(bytes) == *digest => {
            disk::replace(file, bytes, MODE).map(|()| None)
        }
        Content::Bytes { .. } => Ok(Some(Message::BytesInNoReceipt)),
        Content::Program { from, digest } => {
            let is_that = copy_program(Path::new(from), file, digest)?;
            Ok((!is_that).then(|| Message::ProgramReplaced { program: verbatim(from) }))
        }
    });
    filled.map_err(|error| at(path, &error))?.map_or(Ok(()), |why| Err(stuck(why)))
}

/// Copies a program into a new file: a process that runs an executable that is overwritten in place
/// is killed (golang/go#42684). `false`: it is not the program that was planned.
fn copy_program(from: &Path, to: &Path, planned: &Digest) -> io::Result<bool> {
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(EXECUTABLE).open(to)?;
    let copied = Digest::copy(&mut File::open(from)?, &mut copy)?;
    if copied != *planned {
        return Ok(false);
    }
    // The umask may have removed bits from the mode given to open.
    copy.set_permissions(Permissions::from_mode(EXECUTABLE))?;
    disk::sync_all(&copy).map(|()| true)
}

/// Removes a folder, or a link. With `kept`, it is moved there instead; if that is on another disk,
/// it is removed and not kept.
pub(super) fn remove_tree(path: &Path, kept: Option<&Path>) -> io::Result<StepOutcome> {
    if let Some(kept) = kept {
        let moved = std::fs::rename(path, kept).and_then(|()| disk::sync_folder(path));
        match moved {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(StepOutcome::Nothing(Message::WasGone)),
            result => return result.map(|()| StepOutcome::Done(Message::DidRemove)),
        }
    }
    // A link is removed itself, and links inside the folder are not followed.
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(StepOutcome::Nothing(Message::WasGone)),
        result => result.map(|()| StepOutcome::Done(Message::DidRemove)),
    }
}

/// Runs a command whose exit codes are known, or repeats it until it gives the wanted answer.
pub(super) fn call(call: &Call, patience: &Timeouts) -> Result<StepOutcome, Refusal> {
    let words: Vec<std::ffi::OsString> = call.argv.iter().map(Into::into).collect();
    let deadline = call.deadline;
    if !call.unless.is_empty() {
        let question: Vec<std::ffi::OsString> = call.unless.iter().map(Into::into).collect();
        if command::run(&question, deadline).code() == Some(0) {
            return Ok(StepOutcome::Nothing(Message::DidAnswerZero { line: verbatim(&shell::line(&call.unless)) }));
        }
    }
    match call.until {
        Some(until) => wait(call, &words, until, deadline, patience),
        None => run_with_retries(call, &words, deadline, patience),
    }
}

fn run_with_retries(
    call: &Call,
    words: &[std::ffi::OsString],
    deadline: Duration,
    patience: &Timeouts,
) -> Result<StepOutcome, Refusal> {
    let mut pauses = patience.retry_delays.iter();
    loop {
        let answer = command::run(words, deadline);
        match answer.code() {
            Some(0) => return Ok(StepOutcome::Done(Message::DidEndWithZero)),
            Some(code) if call.fine.contains(&code) => {
                return Ok(StepOutcome::Nothing(exit_codes::explain(call.speaker, &answer).0));
            }
            Some(code) if call.again.contains(&code) => match pauses.next() {
                Some(time) => command::pause(*time),
                None => return Err(failed(call, &answer)),
            },
            _ => return Err(failed(call, &answer)),
        }
    }
}

fn wait(
    call: &Call,
    words: &[std::ffi::OsString],
    until: Until,
    deadline: Duration,
    patience: &Timeouts,
) -> Result<StepOutcome, Refusal> {
    if until == Until::There {
        command::pause(patience.settle);
    }
    let began = Instant::now();
    loop {
        let answer = command::run(words, deadline);
        match (answer.code(), until) {
            (Some(0), Until::There) => return Ok(StepOutcome::Done(Message::DidFind)),
            (Some(code), Until::Gone) if code != 0 => return Ok(StepOutcome::Done(Message::DidLose)),
            (Some(_), _) if began.elapsed() < patience.change => command::pause(patience.poll),
            (Some(0), Until::Gone) => {
                let line = verbatim(&shell::line(&call.argv));
                let (s, tenths) = seconds(patience.change);
                return Err(Refusal::new(Message::CallStillFinds { line, s, tenths }, Message::DoWaitForEnd));
            }
            _ => return Err(failed(call, &answer)),
        }
    }
}

/// The error for a command that failed.
fn failed(call: &Call, answer: &Output) -> Refusal {
    let (came, advice) = exit_codes::explain(call.speaker, answer);
    Refusal::new(answer.describe(&call.argv, came), advice)
}

/// Puts text on the clipboard. Public for clicks that copy something without a plan.
///
/// # Errors
/// If there is no clipboard.
pub fn copy(site: &Site, text: &str) -> Result<(), Refusal> {
    put_on_clipboard(site, text).map(drop)
}

/// Opens something on the desktop. Public for clicks that open something without a plan.
///
/// # Errors
/// If it does not exist, or no tool opens it.
pub fn show(site: &Site, shown: &DesktopTarget) -> Result<(), Refusal> {
    open(site, shown).map(drop)
}

/// Puts text on the clipboard.
fn put_on_clipboard(site: &Site, text: &str) -> Result<Message, Refusal> {
    let desktop = &site.desktop;
    let refused = |why, first| {
        let instead = std::iter::once(first).chain(lines(text)).collect();
        Refusal { why: SharedMessage::new(why), instead }
    };
    match first_that_can(site, &desktop.clipboard, &[], Some(text)) {
        Ok(()) => Ok(Message::DidCopy),
        Err(None) => {
            let tool = desktop.clipboard_from.clone().map(SharedMessage::new);
            let first = tool.map_or(Message::DoThisText, |tool| Message::DoGetForText { tool });
            Err(refused(Message::NoClipboard, first))
        }
        Err(Some(why)) => {
            Err(refused(Message::ClipboardNotReached { why: SharedMessage::new(why) }, Message::DoThisText))
        }
    }
}

/// Opens something on the desktop.
fn open(site: &Site, shown: &DesktopTarget) -> Result<Message, Refusal> {
    let desktop = &site.desktop;
    let (tools, what): (&[Tool], String) = match shown {
        DesktopTarget::Folder(path) => {
            there(path, std::path::Path::is_dir)?;
            (&desktop.open, path.clone())
        }
        DesktopTarget::File(path) => {
            there(path, std::path::Path::exists)?;
            if desktop.reveal.is_empty() {
                let folder = std::path::Path::new(path).parent().map_or("/".into(), |p| p.to_string_lossy());
                (&desktop.open, folder.into_owned())
            } else {
                (&desktop.reveal, path.clone())
            }
        }
        DesktopTarget::Text(path) => {
            there(path, std::path::Path::is_file)?;
            (if desktop.read.is_empty() { &desktop.open } else { &desktop.read }, path.clone())
        }
        DesktopTarget::Url(url) if DesktopTarget::may_be_opened(url) => (&desktop.open, url.clone()),
        DesktopTarget::Url(url) => {
            return Err(Refusal::new(Message::NoPage { url: verbatim(&format!("{url:?}")) }, Message::NothingOpened));
        }
    };
    match first_that_can(site, tools, std::slice::from_ref(&what), None) {
        Ok(()) => Ok(Message::DidOpen),
        Err(None) => {
            let (tool, what) = (desktop.open_from.clone().map(SharedMessage::new), verbatim(&what));
            let instead = match tool {
                Some(tool) => Message::DoGetOrOpen { tool, what },
                None => Message::DoOpen { what },
            };
            Err(Refusal::new(Message::NoOpener, instead))
        }
        Err(Some(why)) => Err(Refusal::new(
            Message::NotOpened { why: SharedMessage::new(why) },
            Message::DoOpen { what: verbatim(&what) },
        )),
    }
}

/// Tries one tool after the other. The error is what the last one reported, or `None` if there is
/// no tool.
fn first_that_can(site: &Site, tools: &[Tool], more: &[String], input: Option<&str>) -> Result<(), Option<Message>> {
    let mut last = None;
    for tool in tools.iter().filter(|tool| tool.is_there()) {
        let argv: Vec<String> = tool.argv.iter().chain(more).cloned().collect();
        let os: Vec<std::ffi::OsString> = argv.iter().map(Into::into).collect();
        let answer = match input {
            Some(text) => Some(command::feed(&os, text, site.timeouts.tool)),
            None => command::start(&os, site.timeouts.tool),
        };
        match answer.map_or(Ok(()), |answer| check_exit(&argv, &answer)) {
            Ok(()) => return Ok(()),
            Err(why) => last = Some(why),
        }
    }
    Err(last)
}

/// Checks that a path is absolute and exists.
fn there(path: &str, is: fn(&std::path::Path) -> bool) -> Result<(), Refusal> {
    if path.starts_with('/') && is(std::path::Path::new(path)) {
        return Ok(());
    }
    Err(Refusal::new(Message::NotThere { path: verbatim(path) }, Message::NothingOpened))
}

/// Runs a command until it exits.
pub(super) fn run(argv: &[String], deadline: Duration) -> Result<Message, Refusal> {
    let refused = |why| Refusal::new(why, Message::DoRunYourself);
    if !argv.first().is_some_and(|program| program.starts_with('/')) {
        return Err(refused(Message::CallNoProgram { line: verbatim(&shell::line(argv)) }));
    }
    let os: Vec<std::ffi::OsString> = argv.iter().map(Into::into).collect();
    check_exit(argv, &command::run(&os, deadline)).map(|()| Message::DidEndWithZero).map_err(refused)
}

/// The result of a command that should have exited with 0.
fn check_exit(argv: &[String], answer: &Output) -> Result<(), Message> {
    let came = match &answer.ended {
        Exit::Code(0) => return Ok(()),
        Exit::Code(code) => Message::CallEnded { code: count(code.unsigned_abs()) },
        Exit::Signal(signal) => Message::CallBySignal { signal: count(signal.unsigned_abs()) },
        Exit::TimedOut(deadline) => Message::CallTooSlow { deadline: Millis::from(*deadline) },
        Exit::NotStarted(error) => Message::CallNotStarted { why: verbatim(error) },
    };
    Err(answer.describe(argv, came))
}
