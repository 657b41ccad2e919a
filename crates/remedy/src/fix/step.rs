//! One step, done: what it acts on is compared right before.

use std::time::{Duration, Instant};

use goplswatch_core::{Intent, ProcessKey, Reading, say, shell};
use goplswatch_probe::Process;
use goplswatch_probe::process::Signal;

use super::plan::{Change, Shown, Step};
use super::receipt::Receipt;
use super::tools::Tool;
use super::{Refusal, Site, edit, file, folder};
use crate::command::{self, Answer, Ended};

/// Why a step was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stuck {
    /// What happened and what it means, as a sentence without its full stop.
    pub(super) why: String,
    /// What to do.
    pub(super) advice: String,
}

impl Stuck {
    pub(super) fn new(why: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { why: why.into(), advice: advice.into() }
    }
}

impl From<Stuck> for Refusal {
    fn from(Stuck { why, advice }: Stuck) -> Self {
        Self::new(why, advice)
    }
}

/// What the steps of one fix share.
pub(super) struct Run<'a> {
    pub(super) site: &'a Site,
    pub(super) receipt: &'a Receipt,
    pub(super) announce: &'a mut dyn FnMut(&Intent) -> Result<(), String>,
    /// Set once a signal was sent to the process that is to be ended.
    pub(super) signalled: &'a mut bool,
}

impl Run<'_> {
    /// Does the step; what came of it, as a fragment.
    pub(super) fn step(&mut self, i: usize, step: &Step) -> Result<String, Stuck> {
        match step {
            Step::Signal { process, exe, signal, wait_ms } => {
                self.signal(*process, exe.as_deref(), *signal, Duration::from_millis(*wait_ms))
            }
            Step::Run { argv, deadline_ms, .. } => run(argv, Duration::from_millis(*deadline_ms)),
            Step::Edit { change, format, path, value } => {
                self.change(i, change, None, &|before| edit::set(*format, before.unwrap_or(""), path, value))
            }
            Step::Write { change, text, mode } => self.change(i, change, Some(*mode), &|_| Ok(text.clone())),
            Step::Rename { from, to } => folder::rename(from, to),
            Step::Copy { text } => copy(self.site, text),
            Step::Open { shown } => open(self.site, shown),
            Step::Tell { intent } => (self.announce)(intent).map(|()| "the agent knows".into()).map_err(|why| {
                Stuck::new(
                    format!("the agent could not be told: {why}"),
                    "start one, which keeps such wishes: goplswatch install",
                )
            }),
            Step::Manual { .. } => Err(Stuck::new("this is for a person to do, and is never run", "do what it says")),
        }
    }

    fn signal(
        &mut self,
        key: ProcessKey,
        exe: Option<&str>,
        signal: Signal,
        patience: Duration,
    ) -> Result<String, Stuck> {
        let pid = key.pid;
        let again = "goplswatch fix lists what is offered now";
        let held = match Process::hold(key) {
            Reading::Known(Some(held)) => held,
            Reading::Known(None) => {
                return Err(Stuck::new(
                    format!("pid {pid} is not the process that was shown any more: nothing was signalled"),
                    again,
                ));
            }
            Reading::Unknown { unknown } => {
                return Err(Stuck::new(format!("pid {pid} was not signalled: {unknown}"), again));
            }
        };
        // Where it cannot be read, the start mark alone says that it is the same process; an exec of another program by
        // a process that we know as gopls is a thing nobody has seen.
        if let (Some(shown), Reading::Known(now)) = (exe, held.exe())
            && now != shown
        {
            return Err(Stuck::new(format!("pid {pid} runs {now} now, and not {shown}: nothing was signalled"), again));
        }
        let began = Instant::now();
        match held.signal(signal) {
            Ok(true) => *self.signalled = true,
            Ok(false) => return Ok("it ended by itself a moment before".into()),
            Err(why) => return Err(Stuck::new(format!("pid {pid} was not signalled: {why}"), again)),
        }
        if held.ended_within(patience) {
            return Ok(format!("ended after {}", say::duration(super::ms(began.elapsed()))));
        }
        Err(Stuck::new(
            format!("pid {pid} still runs {} after SIG{}", say::duration(super::ms(patience)), signal.name()),
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
        make: &dyn Fn(Option<&str>) -> Result<String, String>,
    ) -> Result<String, Stuck> {
        let changed = |what: &str| {
            Stuck::new(
                format!("{} {what} since it was shown: nothing was written", change.file),
                "look at it again: goplswatch fix makes the plan anew",
            )
        };
        let found = file::look(&change.file).map_err(|r| Stuck::new(r.why, r.instead))?;
        if found.target != change.target {
            return Err(changed("leads elsewhere"));
        }
        if found.hash() != change.before {
            return Err(changed("changed"));
        }
        let text = make(found.text.as_deref()).map_err(|why| Stuck::new(why, "look at it again: goplswatch fix"))?;
        if file::hash(text.as_bytes()) != change.after {
            return Err(changed("would become something else"));
        }
        let failed = |error: std::io::Error| {
            Stuck::new(
                format!("{} could not be written: {error}", change.target),
                "free some space, or see whose the file and its folder are: ls -ld",
            )
        };
        if let Some(before) = &found.text {
            file::keep(&self.receipt.backup(self.site, i), before.as_bytes()).map_err(failed)?;
        }
        file::put(&found, text.as_bytes(), mode, &self.receipt.id)
            .map_err(failed)?
            .then_some(())
            .ok_or_else(|| changed("changed"))?;
        Ok("written".into())
    }
}

/// Puts text on the clipboard.
pub(super) fn copy(site: &Site, text: &str) -> Result<String, Stuck> {
    let desktop = &site.desktop;
    let shown = || format!("this is the text:\n{text}");
    match first_that_can(site, &desktop.clipboard, &[], Some(text)) {
        Ok(()) => Ok("it is on the clipboard".into()),
        Err(None) => {
            Err(Stuck::new("no tool for the clipboard was found", format!("{}; {}", desktop.clipboard_from, shown())))
        }
        Err(Some(why)) => Err(Stuck::new(format!("the clipboard could not be reached: {why}"), shown())),
    }
}

/// Shows something on the desktop.
pub(super) fn open(site: &Site, shown: &Shown) -> Result<String, Stuck> {
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
        Shown::Url(url) => return Err(Stuck::new(format!("{url:?} is no page of the web"), "nothing was opened")),
    };
    match first_that_can(site, tools, std::slice::from_ref(&what), None) {
        Ok(()) => Ok("it was opened".into()),
        Err(None) => Err(Stuck::new(
            "no tool that opens it was found",
            format!("{}; or open {what} yourself", desktop.open_from),
        )),
        Err(Some(why)) => Err(Stuck::new(format!("it could not be opened: {why}"), format!("open {what} yourself"))),
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
fn there(path: &str, is: fn(&std::path::Path) -> bool) -> Result<(), Stuck> {
    if path.starts_with('/') && is(std::path::Path::new(path)) {
        return Ok(());
    }
    Err(Stuck::new(format!("{path} is not there any more"), "nothing was opened"))
}

/// Runs a command to its end.
pub(super) fn run(argv: &[String], deadline: Duration) -> Result<String, Stuck> {
    let advice = "see what it says when you run it yourself";
    if !argv.first().is_some_and(|program| program.starts_with('/')) {
        return Err(Stuck::new(format!("`{}` names no absolute program, so it is not run", shell::line(argv)), advice));
    }
    let os: Vec<std::ffi::OsString> = argv.iter().map(Into::into).collect();
    came(argv, &command::run(&os, deadline)).map(|()| "ended with 0".into()).map_err(|why| Stuck::new(why, advice))
}

/// What came of a command that should have ended with 0.
fn came(argv: &[String], answer: &Answer) -> Result<(), String> {
    let line = shell::line(argv);
    let came = match &answer.ended {
        Ended::Code(0) => return Ok(()),
        Ended::Code(code) => format!("`{line}` ended with {code}"),
        Ended::Signal(signal) => format!("`{line}` was ended by signal {signal}"),
        Ended::TooSlow(deadline) => {
            format!("`{line}` did not end within {} and was killed", say::duration(super::ms(*deadline)))
        }
        Ended::NotStarted(error) => format!("`{line}` could not be started: {error}"),
    };
    Err(if answer.said.is_empty() { came } else { format!("{came}. It said: {}", answer.said) })
}
