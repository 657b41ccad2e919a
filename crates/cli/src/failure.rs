//! Errors as the user reads them: what happened, what it means, what to do. Built only here in the executable.

use std::io::Write as _;
use std::process::ExitCode;

use goplswatch_core::message::{Message, Text, Verbatim};
use goplswatch_view::{Form, Phrase};

use crate::language::words;

/// What can be said to the user.
pub(crate) trait Say {
    /// In the user's language.
    fn say(self) -> String;
}

impl Say for Phrase {
    fn say(self) -> String {
        words().phrase(&self)
    }
}

impl Say for Message {
    fn say(self) -> String {
        words().text(&self, Form::Full)
    }
}

/// What is in words already.
impl Say for String {
    fn say(self) -> String {
        self
    }
}

impl Say for &str {
    fn say(self) -> String {
        self.to_owned()
    }
}

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hints: Vec<String>,
    code: u8,
    silent: bool,
}

impl Failure {
    /// A sentence without its full stop, lowercase: it follows "goplswatch: ".
    pub(crate) fn new(what: impl Say) -> Self {
        Self { what: what.say(), hints: Vec::new(), code: 2, silent: false }
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Say) -> Self {
        self.hints.push(hint.say());
        self
    }

    /// What happened, without what to do.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// The world could not be looked at (exit code 3).
    pub(crate) const fn could_not_check(mut self) -> Self {
        self.code = 3;
        self
    }

    /// A problem was found (exit code 1).
    pub(crate) const fn problem(mut self) -> Self {
        self.code = 1;
        self
    }

    /// From an error on stdout: a reader that went away is no failure.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        let gone = error.kind() == std::io::ErrorKind::BrokenPipe;
        Self { silent: gone, code: if gone { 0 } else { 2 }, ..Self::new(Phrase::OutputFailed { error: said(error) }) }
    }

    /// From a value that is no JSON.
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self::new(Phrase::JsonFailed { error: said(error) })
    }

    /// Tells it and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.silent {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "goplswatch: {}", self.what);
            drop(err);
            self.hints.iter().for_each(|text| hint(text.as_str()));
        }
        ExitCode::from(self.code)
    }
}

/// What others say, or how something is called, as it is.
pub(crate) fn said(what: impl std::fmt::Display) -> Verbatim {
    Verbatim(what.to_string())
}

/// A line of progress or advice on stderr. If nobody reads stderr, nobody misses it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Advice on stderr.
pub(crate) fn hint(text: impl Say) {
    note(&phrase(Phrase::HintLine { text: Text(text.say()) }));
}

/// A phrase in the user's language.
pub(crate) fn phrase(phrase: Phrase) -> String {
    phrase.say()
}
