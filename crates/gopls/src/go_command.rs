//! Recognises the go command, also where it is a script, and its sub-command.

use crate::image::Image;
use crate::names;

/// The arguments of a go command, including a go command that is a script.
pub(crate) fn go_arguments(image: &Image) -> Option<&[Vec<u8>]> {
    match image.script() {
        Some((script, rest)) => is_go(names::base(script)).then_some(rest),
        None => image.exe_name().or_else(|| image.argv0_name()).is_some_and(is_go).then(|| image.args()),
    }
}

fn is_go(name: &[u8]) -> bool {
    let name = names::bare(name);
    // `go1.26.1` from golang.org/dl runs the `go` of that version.
    name == b"go" || matches!(name, [b'g', b'o', b'1', b'.', digit, ..] if digit.is_ascii_digit())
}

/// The sub-command of a go command line. `-C folder` may precede it.
pub(crate) fn command(args: &[Vec<u8>]) -> Option<&[u8]> {
    match args {
        [dash, _, word, ..] if dash == b"-C" => Some(word),
        [dash, word, ..] if dash.starts_with(b"-C=") => Some(word),
        [word, ..] => Some(word),
        [] => None,
    }
}
