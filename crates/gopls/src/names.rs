//! File names: the name of a program without paths, wrappers and interpreters.

use goplswatch_core::clean;

/// Kinds of programs that run a file, where that file is the real program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Interpreter {
    /// sh and its relatives.
    Shell,
    /// `env NAME=value program …`: it immediately becomes that program (exec).
    Env,
    /// node, bun, deno.
    Js,
    /// python, pypy.
    Python,
    /// perl, ruby.
    Other,
}

/// The part after the last `/`.
pub(crate) fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or_default()
}

/// A program's name without what packagers add to it: `.emacs-29.4-wrapped` (nixpkgs' makeWrapper)
/// and `.exe`.
pub(crate) fn bare(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b".").and_then(|n| n.strip_suffix(b"-wrapped")).unwrap_or(name);
    name.strip_suffix(b".exe").unwrap_or(name)
}

/// Whether the text contains the piece; false for an empty piece.
pub(crate) fn contains(text: &[u8], piece: &[u8]) -> bool {
    !piece.is_empty() && text.windows(piece.len()).any(|window| window == piece)
}

/// The interpreter that a program's name stands for, with or without a version: `python3.12`,
/// `node22`.
pub(crate) fn interpreter(name: &[u8]) -> Option<Interpreter> {
    // A login shell's argv[0] starts with a dash.
    let name = bare(name.strip_prefix(b"-").unwrap_or(name));
    let digits = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'-');
    let cut = name.iter().rposition(|b| !digits(b)).map_or(0, |last| last + 1);
    match name.get(..cut).unwrap_or(name) {
        b"sh" | b"bash" | b"dash" | b"zsh" | b"ksh" | b"mksh" | b"ash" | b"fish" | b"busybox" | b"pwsh" | b"nu" => {
            Some(Interpreter::Shell)
        }
        b"env" => Some(Interpreter::Env),
        b"node" | b"nodejs" | b"bun" | b"deno" => Some(Interpreter::Js),
        b"python" | b"Python" | b"pypy" => Some(Interpreter::Python),
        b"perl" | b"ruby" => Some(Interpreter::Other),
        _ => None,
    }
}

/// The index of the script's file name in the arguments; `None` if a command string or a module is
/// run instead.
pub(crate) fn script_at(kind: Interpreter, args: &[Vec<u8>]) -> Option<usize> {
    let mut skip = false;
    for (i, arg) in args.iter().enumerate() {
        let arg = arg.as_slice();
        if std::mem::take(&mut skip) {
            continue;
        }
        match arg {
            b"" => return None,
            b"--" => return (i + 1 < args.len()).then_some(i + 1),
            _ if kind == Interpreter::Env && arg.contains(&b'=') && !arg.starts_with(b"-") => {}
            b"run" if kind == Interpreter::Js => {}
            [b'-' | b'+', rest @ ..] if !rest.is_empty() => match flag(kind, arg) {
                Flag::Alone => {}
                Flag::TakesNext => skip = true,
                Flag::NoScript => return None,
            },
            _ => return Some(i),
        }
    }
    None
}

enum Flag {
    Alone,
    TakesNext,
    NoScript,
}

/// How an interpreter's own flag affects the arguments after it, from the manual page of each
/// interpreter.
fn flag(kind: Interpreter, arg: &[u8]) -> Flag {
    let short = !arg.starts_with(b"--");
    match (kind, arg) {
        (_, b"-") => Flag::NoScript,
        (Interpreter::Shell, b"-o" | b"+o" | b"-O" | b"+O" | b"--rcfile" | b"--init-file") => Flag::TakesNext,
        (Interpreter::Shell, b"-C" | b"--command") => Flag::NoScript,
        (Interpreter::Shell, _) if short && arg.starts_with(b"-") && arg.contains(&b'c') => Flag::NoScript,
        (Interpreter::Env, b"-u" | b"--unset" | b"-C" | b"--chdir") => Flag::TakesNext,
        (Interpreter::Js, b"-e" | b"--eval" | b"-p" | b"-pe" | b"--print" | b"-i") => Flag::NoScript,
        (
            Interpreter::Js,
            b"-r" | b"--require" | b"--import" | b"--loader" | b"--experimental-loader" | b"-C" | b"--conditions",
        ) => Flag::TakesNext,
        (Interpreter::Python, b"-W" | b"-X") => Flag::TakesNext,
        (Interpreter::Python, _) if short && (arg.contains(&b'c') || arg.contains(&b'm')) => Flag::NoScript,
        (Interpreter::Other, b"-e") => Flag::NoScript,
        (Interpreter::Other, b"-I") => Flag::TakesNext,
        _ => Flag::Alone,
    }
}

/// The most characters of a name that are shown.
const MOST_CHARS: usize = 40;

/// A file name as text: valid UTF-8, no characters that a terminal would interpret, at most 40
/// characters.
pub(crate) fn shown(name: &[u8]) -> String {
    printable(name).chars().take(MOST_CHARS).collect()
}

/// Bytes as text that is safe to print. What is not UTF-8, and characters that are not shown,
/// become U+FFFD.
pub(crate) fn printable(bytes: &[u8]) -> String {
    clean::marked(&String::from_utf8_lossy(bytes)).into_owned()
}
