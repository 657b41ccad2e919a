//! One step, done: what it acts on is compared right before.
//!
//! A step whose words are its own ("write down for launchd what to start") says what came of it in one way: "done", that
//! nothing was left to do and how that was seen, or that it could not do what its words say.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use goplswatch_core::{Intent, ProcessKey, Reading, say, shell};
use goplswatch_probe::Process;
use goplswatch_probe::process::Signal;

use super::desktop::Tool;
use super::hash::{Digest, sha256};
use super::plan::{Action, Call, Change, Content, Shown, Step, Until};
use super::receipt::Receipt;
use super::refusal::Refusal;
use super::site::{Patience, Site, ms};
use super::{edit, exit_codes, file, folder};
use crate::command::{self, Answer, Ended};
use crate::disk;

/// The mode of a file that is not one of others.
const MODE: u32 = 0o644;
/// That of a program.
const EXECUTABLE: u32 = 0o755;

/// What came of a step that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Did {
    /// It was done; how, as a fragment.
    It(String),
    /// There was nothing left to do; how that was seen, as a fragment.
    Nothing(String),
}

fn did(how: &str) -> Did {
    Did::It(how.to_owned())
}

/// What the steps of one plan share.
pub(super) struct Run<'a> {
    pub(super) site: &'a Site,
    pub(super) receipt: &'a Receipt,
    pub(super) announce: &'a mut dyn FnMut(&Intent) -> Result<(), String>,
    /// Set once a signal was sent to the process that is to be ended.
    pub(super) signalled: &'a mut bool,
}

impl Run<'_> {
    /// Does the step; what came of it, as a fragment.
    pub(super) fn step(&mut self, i: usize, step: &Step) -> Result<String, Refusal> {
        let has_words = !step.does.is_empty();
        match self.act(i, &step.action) {
            Ok(Did::It(_)) if has_words => Ok("done".into()),
            Ok(Did::It(how)) => Ok(how),
            Ok(Did::Nothing(how)) => Ok(format!("nothing left to do: {how}")),
            Err(stuck) if has_words => Err(Refusal { why: format!("could not {}: {}", step.does, stuck.why), ..stuck }),
            Err(stuck) => Err(stuck),
        }
    }

    fn act(&mut self, i: usize, action: &Action) -> Result<Did, Refusal> {
        match action {
            Action::Signal { process, exe, signal, wait_ms } => {
                self.signal(*process, exe.as_deref(), *signal, Duration::from_millis(*wait_ms)).map(Did::It)
            }
            Action::Run { argv, deadline_ms, .. } => run(argv, Duration::from_millis(*deadline_ms)).map(Did::It),
            Action::Call { call: wanted } => call(wanted, &self.site.patience),
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
                        return Ok(Did::Nothing("it has its new name".into()));
                    }
                    if !folder::is_free(from) && !folder::has(from, seal) {
                        return Err(Refusal::new(
                            format!("{from} changed since it was shown: it was not moved"),
                            "run this again, which looks at it anew",
                        ));
                    }
                }
                folder::rename(from, to).map(|()| did("renamed"))
            }
            Action::Folder { path } => std::fs::create_dir_all(path).map(|()| did("made")).map_err(|e| at(path, &e)),
            Action::Fill { path, content, .. } => fill(path, content).map(|()| did("made")).map_err(|e| at(path, &e)),
            Action::RemoveTree { path, keep, .. } => {
                let kept = keep.then(|| self.receipt.backup(self.site, i));
                remove_tree(Path::new(path), kept.as_deref()).map_err(|error| at(path, &error))
            }
            Action::Copy { text } => put_on_clipboard(self.site, text).map(Did::It),
            Action::Open { shown } => open(self.site, shown).map(Did::It),
            Action::Tell { intent } => (self.announce)(intent).map(|()| did("the agent knows")).map_err(|why| {
                Refusal::new(
                    format!("the agent could not be told: {why}"),
                    "start one, which keeps such wishes: goplswatch install",
                )
            }),
            Action::Manual { .. } => {
                Err(Refusal::new("this is for a person to do, and is never run", "do what it says"))
            }
        }
    }

    fn signal(
        &mut self,
        key: ProcessKey,
        exe: Option<&str>,
        signal: Signal,
        patience: Duration,
    ) -> Result<String, Refusal> {
        let pid = key.pid;
        let again = "goplswatch fix lists what is offered now";
        let held = match Process::hold(key) {
            Reading::Known(Some(held)) => held,
            Reading::Known(None) => {
                return Err(Refusal::new(
                    format!("pid {pid} is not the process that was shown any more: nothing was signalled"),
                    again,
                ));
            }
            Reading::Unknown { unknown } => {
                return Err(Refusal::new(format!("pid {pid} was not signalled: {unknown}"), again));
            }
        };
        // Where it cannot be read, the start mark alone says that it is the same process; an exec of another program by
        // a process that we know as gopls is a thing nobody has seen.
        if let (Some(shown), Reading::Known(now)) = (exe, held.exe())
            && now != shown
        {
            return Err(Refusal::new(
                format!("pid {pid} runs {now} now, and not {shown}: nothing was signalled"),
                again,
            ));
        }
        let began = Instant::now();
        match held.signal(signal) {
            Ok(true) => *self.signalled = true,
            Ok(false) => return Ok("it ended by itself a moment before".into()),
            Err(why) => return Err(Refusal::new(format!("pid {pid} was not signalled: {why}"), again)),
        }
        if held.ended_within(patience) {
            return Ok(format!("ended after {}", say::duration(ms(began.elapsed()))));
        }
        Err(Refusal::new(
            format!("pid {pid} still runs {} after SIG{}", say::duration(ms(patience)), signal.name()),
            self.harder(key, signal),
        ))
    }

    /// What is left for a process that did not end. That it was asked to end only an agent remembers, which offers the
    /// rest then.
    fn harder(&self, key: ProcessKey, signal: Signal) -> String {
        let pid = key.pid;
        match signal {
            Signal::Kill => {
                "the kernel holds it, mostly for a disk or a network folder that does not answer: it ends when that does"
                    .into()
            }
            Signal::Term | Signal::Quit if self.receipt.notes.is_empty() => {
                format!("goplswatch fix kill-server --pid {pid} ends it by force")
            }
            Signal::Term | Signal::Quit => format!("kill -KILL {pid} ends it by force"),
        }
    }

    /// Writes a file that says what it said when it was shown, with a copy of that on the disk first.
    fn change(
        &self,
        i: usize,
        change: &Change,
        mode: Option<u32>,
        ours: bool,
        make: &dyn Fn(Option<&str>) -> Result<String, String>,
    ) -> Result<Did, Refusal> {
        let again = if ours { "run this again, which looks at it anew" } else { LOOK_AGAIN };
        let changed =
            |what: &str| Refusal::new(format!("{} {what} since it was shown: nothing was written", change.file), again);
        let found = file::look_as(&change.file, ours)?;
        if found.target != change.target {
            return Err(changed("leads elsewhere"));
        }
        if ours && found.hash().as_ref() == Some(&change.after) {
            return Ok(Did::Nothing("it says so already".into()));
        }
        if found.hash() != change.before {
            return Err(changed("changed"));
        }
        let text = make(found.text()).map_err(|why| Refusal::new(why, "look at it again: goplswatch fix"))?;
        if sha256(text.as_bytes()) != change.after {
            return Err(changed("would become something else"));
        }
        let failed = |error: io::Error| {
            if ours {
                return at(&change.file, &error);
            }
            Refusal::new(
                format!("{} could not be written: {error}", change.target),
                "free some space, or see whose the file and its folder are: ls -ld",
            )
        };
        if let Some(before) = &found.bytes {
            file::keep(&self.receipt.backup(self.site, i), before).map_err(failed)?;
        }
        file::put(&found, text.as_bytes(), mode, &self.receipt.id)
            .map_err(failed)?
            .then_some(())
            .ok_or_else(|| changed("changed"))?;
        Ok(did("written"))
    }

    /// Removes a file of ours that says what it said when it was shown, with a copy of that on the disk first.
    fn remove(&self, i: usize, path: &str, before: &str) -> Result<Did, Refusal> {
        let found = file::own(path)?;
        let Some(bytes) = &found.bytes else { return Ok(Did::Nothing("it was gone".into())) };
        if sha256(bytes) != before {
            return Err(Refusal::new(
                format!("{path} changed since it was shown: it was not removed"),
                "run this again, which looks at it anew",
            ));
        }
        let removed = file::keep(&self.receipt.backup(self.site, i), bytes)
            .and_then(|()| std::fs::remove_file(path))
            .and_then(|()| disk::sync_folder(Path::new(path)));
        removed.map(|()| did("removed")).map_err(|error| at(path, &error))
    }
}

const LOOK_AGAIN: &str = "look at it again: goplswatch fix makes the plan anew";

/// What the system said of a file or folder of ours, and what to do about it.
fn at(path: &str, error: &io::Error) -> Refusal {
    let folder = Path::new(path).parent().unwrap_or(Path::new(path));
    let (typed, folder) = (shell::word(folder), folder.display());
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("the folder must be yours: see `ls -ld {typed}`, and `sudo chown` it to yourself")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            format!("{folder} lies on a file system that cannot be written; another program manages it")
        }
        io::ErrorKind::StorageFull => "free some space on that disk".into(),
        _ => format!("see what {folder} is with `ls -ld {typed}`"),
    };
    Refusal::new(format!("{path}: {error}"), advice)
}

/// A new file in a folder that is being put together. Until it is complete it has another name.
fn fill(path: &str, content: &Content) -> io::Result<()> {
    let path = Path::new(path);
    std::fs::create_dir_all(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
    match content {
        Content::Text { text } => disk::replace(path, text.as_bytes(), MODE),
        Content::Bytes { digest, bytes } if Digest::of_bytes(bytes) == *digest => disk::replace(path, bytes, MODE),
        Content::Bytes { .. } => Err(io::Error::other("its bytes are in no receipt")),
        Content::Program { from, digest } => copy_program(Path::new(from), path, digest),
    }
}

/// A new file for the new program: whoever runs one that was written over is killed (golang/go#42684).
fn copy_program(from: &Path, to: &Path, planned: &Digest) -> io::Result<()> {
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(EXECUTABLE).open(to)?;
    let copied = Digest::copy(&mut File::open(from)?, &mut copy)?;
    if copied != *planned {
        let why = format!("{} is no longer what it was when the plan was made", from.display());
        return Err(io::Error::other(why));
    }
    // Whatever the user takes from new files.
    copy.set_permissions(Permissions::from_mode(EXECUTABLE))?;
    disk::sync_all(&copy)
}

/// Removes a folder, or a link; what is to be kept goes to this place instead, if that is on the same disk.
pub(super) fn remove_tree(path: &Path, kept: Option<&Path>) -> io::Result<Did> {
    if let Some(kept) = kept {
        let moved = std::fs::rename(path, kept).and_then(|()| disk::sync_folder(path));
        match moved {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Did::Nothing("it was gone".into())),
            result => return result.map(|()| did("removed")),
        }
    }
    // It removes a link, and follows none inside.
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Did::Nothing("it was gone".into())),
        result => result.map(|()| did("removed")),
    }
}

/// Runs a command whose exit codes are known, or asks by it until it answers as wanted.
pub(super) fn call(call: &Call, patience: &Patience) -> Result<Did, Refusal> {
    let words: Vec<std::ffi::OsString> = call.argv.iter().map(Into::into).collect();
    let deadline = Duration::from_millis(call.deadline_ms);
    if !call.unless.is_empty() {
        let question: Vec<std::ffi::OsString> = call.unless.iter().map(Into::into).collect();
        if command::run(&question, deadline).code() == Some(0) {
            return Ok(Did::Nothing(format!("`{}` ended with 0", shell::line(&call.unless))));
        }
    }
    match call.until {
        Some(until) => wait(call, &words, until, deadline, patience),
        None => run_until_it_may(call, &words, deadline, patience),
    }
}

fn run_until_it_may(
    call: &Call,
    words: &[std::ffi::OsString],
    deadline: Duration,
    patience: &Patience,
) -> Result<Did, Refusal> {
    let mut pauses = patience.again.iter();
    loop {
        let answer = command::run(words, deadline);
        match answer.code() {
            Some(0) => return Ok(did("ended with 0")),
            Some(code) if call.fine.contains(&code) => {
                return Ok(Did::Nothing(exit_codes::explain(call.speaker, &answer).0));
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
    patience: &Patience,
) -> Result<Did, Refusal> {
    if until == Until::There {
        command::pause(patience.settle);
    }
    let began = Instant::now();
    loop {
        let answer = command::run(words, deadline);
        match (answer.code(), until) {
            (Some(0), Until::There) => return Ok(did("it is there")),
            (Some(code), Until::Gone) if code != 0 => return Ok(did("it is gone")),
            (Some(_), _) if began.elapsed() < patience.change => command::pause(patience.poll),
            (Some(0), Until::Gone) => {
                return Err(Refusal::new(
                    format!(
                        "`{}` still finds the service after {:.1} s",
                        shell::line(&call.argv),
                        patience.change.as_secs_f64()
                    ),
                    "its end takes long; wait half a minute and run this again",
                ));
            }
            _ => return Err(failed(call, &answer)),
        }
    }
}

/// A command that did not do it.
fn failed(call: &Call, answer: &Answer) -> Refusal {
    let (came, advice) = exit_codes::explain(call.speaker, answer);
    Refusal::new(format!("`{}` {}", shell::line(&call.argv), answer.in_its_words(came)), advice)
}

/// Puts text on the clipboard: also for a click that copies what it names, which needs no plan.
///
/// # Errors
/// Where there is no clipboard.
pub fn copy(site: &Site, text: &str) -> Result<(), Refusal> {
    put_on_clipboard(site, text).map(drop)
}

/// Shows something on the desktop: also for a click that opens what it names, which needs no plan.
///
/// # Errors
/// Where it is not there, or nothing opens it.
pub fn show(site: &Site, shown: &Shown) -> Result<(), Refusal> {
    open(site, shown).map(drop)
}

/// Puts text on the clipboard.
fn put_on_clipboard(site: &Site, text: &str) -> Result<String, Refusal> {
    let desktop = &site.desktop;
    let shown = || format!("this is the text:\n{text}");
    match first_that_can(site, &desktop.clipboard, &[], Some(text)) {
        Ok(()) => Ok("it is on the clipboard".into()),
        Err(None) => {
            Err(Refusal::new("no tool for the clipboard was found", format!("{}; {}", desktop.clipboard_from, shown())))
        }
        Err(Some(why)) => Err(Refusal::new(format!("the clipboard could not be reached: {why}"), shown())),
    }
}

/// Shows something on the desktop.
fn open(site: &Site, shown: &Shown) -> Result<String, Refusal> {
    let desktop = &site.desktop;
    let (tools, what): (&[Tool], String) = match shown {
        Shown::Folder(path) => {
            there(path, std::path::Path::is_dir)?;
            (&desktop.open, path.clone())
        }
        Shown::File(path) => {
            there(path, std::path::Path::exists)?;
            if desktop.reveal.is_empty() {
                let folder = std::path::Path::new(path).parent().map_or("/".into(), |p| p.to_string_lossy());
                (&desktop.open, folder.into_owned())
            } else {
                (&desktop.reveal, path.clone())
            }
        }
        Shown::Text(path) => {
            there(path, std::path::Path::is_file)?;
            (if desktop.read.is_empty() { &desktop.open } else { &desktop.read }, path.clone())
        }
        Shown::Url(url) if Shown::may_be_opened(url) => (&desktop.open, url.clone()),
        Shown::Url(url) => return Err(Refusal::new(format!("{url:?} is no page of the web"), "nothing was opened")),
    };
    match first_that_can(site, tools, std::slice::from_ref(&what), None) {
        Ok(()) => Ok("it was opened".into()),
        Err(None) => Err(Refusal::new(
            "no tool that opens it was found",
            format!("{}; or open {what} yourself", desktop.open_from),
        )),
        Err(Some(why)) => Err(Refusal::new(format!("it could not be opened: {why}"), format!("open {what} yourself"))),
    }
}

/// Asks one tool after the other. An error: what the last one said; `None` where there is none.
fn first_that_can(site: &Site, tools: &[Tool], more: &[String], input: Option<&str>) -> Result<(), Option<String>> {
    let mut last = None;
    for tool in tools.iter().filter(|tool| tool.is_there()) {
        let argv: Vec<String> = tool.argv.iter().chain(more).cloned().collect();
        let os: Vec<std::ffi::OsString> = argv.iter().map(Into::into).collect();
        let answer = match input {
            Some(text) => Some(command::feed(&os, text, site.patience.tool)),
            None => command::start(&os, site.patience.tool),
        };
        match answer.map_or(Ok(()), |answer| came(&argv, &answer)) {
            Ok(()) => return Ok(()),
            Err(why) => last = Some(why),
        }
    }
    Err(last)
}

/// Whether a path is absolute and there.
fn there(path: &str, is: fn(&std::path::Path) -> bool) -> Result<(), Refusal> {
    if path.starts_with('/') && is(std::path::Path::new(path)) {
        return Ok(());
    }
    Err(Refusal::new(format!("{path} is not there any more"), "nothing was opened"))
}

/// Runs a command to its end.
pub(super) fn run(argv: &[String], deadline: Duration) -> Result<String, Refusal> {
    let advice = "see what it says when you run it yourself";
    if !argv.first().is_some_and(|program| program.starts_with('/')) {
        return Err(Refusal::new(
            format!("`{}` names no absolute program, so it is not run", shell::line(argv)),
            advice,
        ));
    }
    let os: Vec<std::ffi::OsString> = argv.iter().map(Into::into).collect();
    came(argv, &command::run(&os, deadline)).map(|()| "ended with 0".into()).map_err(|why| Refusal::new(why, advice))
}

/// What came of a command that should have ended with 0.
fn came(argv: &[String], answer: &Answer) -> Result<(), String> {
    let line = shell::line(argv);
    let came = match &answer.ended {
        Ended::Code(0) => return Ok(()),
        Ended::Code(code) => format!("`{line}` ended with {code}"),
        Ended::Signal(signal) => format!("`{line}` was ended by signal {signal}"),
        Ended::TooSlow(deadline) => {
            format!("`{line}` did not end within {} and was killed", say::duration(ms(*deadline)))
        }
        Ended::NotStarted(error) => format!("`{line}` could not be started: {error}"),
    };
    Err(if answer.said.is_empty() { came } else { format!("{came}. It said: {}", answer.said) })
}
