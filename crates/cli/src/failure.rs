//! Errors as the user reads them: what happened, what it means, what to do. Built only here in the executable.

use std::io::Write as _;
use std::process::ExitCode;

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
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hints: Vec::new(), code: 2, silent: false }
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
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
        Self {
            silent: gone,
            code: if gone { 0 } else { 2 },
            ..Self::new(format!("could not write the output: {error}"))
        }
    }

    /// Tells it and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.silent {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "goplswatch: {}", self.what);
            for hint in &self.hints {
                let _ = writeln!(err, "hint: {hint}");
            }
        }
        ExitCode::from(self.code)
    }
}

/// A line of progress or advice on stderr. If nobody reads stderr, nobody misses it.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
