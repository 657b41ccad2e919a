//! Errors as the user reads them: what happened, what it means, what to do. Only this module builds
//! them in the executable.

use std::io::Write as _;
use std::process::ExitCode;

use goplswatch_core::message::{Message, Text, Verbatim};
use goplswatch_view::{Form, Phrase};

use crate::language::catalogue;

/// Something that can be worded for the user.
pub(crate) trait Worded {
    /// The text in the user's language.
    fn say(self) -> String;
}

impl Worded for Phrase {
    fn say(self) -> String {
        catalogue().phrase(&self)
    }
}

impl Worded for Message {
    fn say(self) -> String {
        catalogue().text(&self, Form::Full)
    }
}

/// Text that is already worded.
impl Worded for String {
    fn say(self) -> String {
        self
    }
}

impl Worded for &str {
    fn say(self) -> String {
        self.to_owned()
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hints: Vec<String>,
    code: u8,
    silent: bool,
}

impl Failure {
    /// `what` is a sentence in lowercase without its full stop: it follows "goplswatch: ".
    pub(crate) fn new(what: impl Worded) -> Self {
        Self { what: what.say(), hints: Vec::new(), code: 2, silent: false }
    }

    /// Adds advice on what to do.
    pub(crate) fn hint(mut self, hint: impl Worded) -> Self {
        self.hints.push(hint.say());
        self
    }

    /// What happened, without the advice.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// Marks that the system could not be inspected (exit code 3).
    pub(crate) const fn could_not_check(mut self) -> Self {
        self.code = 3;
        self
    }

    /// Marks that a problem was found (exit code 1).
    pub(crate) const fn problem(mut self) -> Self {
        self.code = 1;
        self
    }

    /// From an error on stdout. A reader that closed the pipe is no failure.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        let gone = error.kind() == std::io::ErrorKind::BrokenPipe;
        Self {
            silent: gone,
            code: if gone { 0 } else { 2 },
            ..Self::new(Phrase::OutputFailed { error: verbatim(error) })
        }
    }

    /// From a value that cannot be serialized as JSON.
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self::new(Phrase::JsonFailed { error: verbatim(error) })
    }

    /// Prints the failure to stderr and returns the exit code.
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

/// Foreign text or a name, to be shown unchanged.
pub(crate) fn verbatim(what: impl std::fmt::Display) -> Verbatim {
    Verbatim(what.to_string())
}

/// Writes a line of progress or advice to stderr. A write error is ignored: it means that nothing
/// reads stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes advice to stderr.
pub(crate) fn hint(text: impl Worded) {
    note(&phrase(Phrase::HintLine { text: Text(text.say()) }));
}

/// A phrase in the user's language.
pub(crate) fn phrase(phrase: Phrase) -> String {
    phrase.say()
}
