//! Whether a process is a gopls, and what its role is.
//!
//! Theory of operation: the name decides whether it is a gopls, the command line decides its role.
//! The command line is parsed as gopls parses it (Go's `flag` package: flags up to the first bare
//! word, that word is the sub-command, its own flags follow), with the flags of every gopls from
//! 0.11 to 0.24 (`gopls help`, `gopls help serve`, `gopls help mcp`).

use goplswatch_core::Reading;
use goplswatch_core::types::ServerClass;

use crate::clients::may_be_client;
use crate::image::Image;
use crate::names;

/// What a process may be, judged by its short kernel name. It decides whether a raw scan examines
/// the process more closely.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hint {
    /// Perhaps a gopls, or a script of that name.
    Gopls,
    /// The go command, or a packages driver with the usual name: perhaps a child that loads
    /// packages.
    GoTool,
    /// Perhaps a client from the table of clients.
    Client,
    /// Anything else, including `node` and `python`: there are too many of them, and those that
    /// matter are found as parents.
    Other,
}

/// What a process may be, judged by its short kernel name: `comm`, cut to 15 bytes (Linux) or 16
/// bytes (macOS).
#[must_use]
pub fn hint(comm: &[u8]) -> Hint {
    match comm {
        [b'g', b'o', b'p', b'l', b's', rest @ ..] if !rest.starts_with(b"watch") => Hint::Gopls,
        b".gopls-wrapped" => Hint::Gopls,
        b"go" => Hint::GoTool,
        [b'g', b'o', ..] if comm.starts_with(b"gopackagesdrive") => Hint::GoTool,
        _ if may_be_client(comm) => Hint::Client,
        _ => Hint::Other,
    }
}

/// Whether a process is a gopls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Classified {
    /// It is a gopls with this role.
    Server(ServerClass),
    /// Not decided yet: an interpreter or a launcher runs something named gopls (a shim of asdf or
    /// mise, a wrapper), or its arguments cannot be read. Examine it again later.
    Script,
    /// It is not a gopls, or it is dead.
    Not,
}

/// Whether a process is a gopls, and its role.
///
/// A zombie (empty argv) is dead, so it is `Not`. A gopls whose argv cannot be read is `Script`: if
/// it were taken for a server, the end of a telemetry process could raise an alarm.
#[must_use]
pub fn classify(image: &Image) -> Classified {
    if image.argv.known().is_some_and(Vec::is_empty) {
        return Classified::Not;
    }
    match match_gopls(image) {
        GoplsMatch::Itself => match &image.argv {
            Reading::Known(_) => Classified::Server(class(image)),
            Reading::Unknown { .. } => Classified::Script,
        },
        GoplsMatch::Through => Classified::Script,
        GoplsMatch::Nothing => Classified::Not,
    }
}

enum GoplsMatch {
    Itself,
    Through,
    Nothing,
}

fn match_gopls(image: &Image) -> GoplsMatch {
    let argv0 = image.argv0_name().is_some_and(is_gopls);
    let Some(exe) = image.exe_name() else {
        // The executable could not be read: use the name in argv[0], then the kernel's short name.
        let by_name = argv0 || (image.argv0_name().is_none() && is_gopls(&image.comm));
        return match image.script() {
            Some((script, _)) if is_gopls(names::base(script)) => GoplsMatch::Through,
            _ if by_name => GoplsMatch::Itself,
            _ => GoplsMatch::Nothing,
        };
    };
    if is_gopls(exe) || (argv0 && is_moved_gopls(exe)) {
        return GoplsMatch::Itself;
    }
    match image.script() {
        Some((script, _)) if is_gopls(names::base(script)) => GoplsMatch::Through,
        _ if argv0 && !is_other_tool(exe) => GoplsMatch::Through,
        _ => GoplsMatch::Nothing,
    }
}

/// Whether a file name is that of a gopls: `gopls`, `gopls_0.20.0_go_1.24.5` (Zed), `gopls-0.16.1`,
/// `gopls@v0.20.0`.
pub(crate) fn is_gopls(name: &[u8]) -> bool {
    let Some(rest) = names::bare(name).strip_prefix(b"gopls") else { return false };
    match rest {
        [] => true,
        [b'_' | b'-' | b'@', b'v', digit, ..] | [b'_' | b'-' | b'@', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    }
}

/// Whether it is a running binary that an update has moved away: `gopls.old`, `gopls~`. Trusted
/// only together with `argv[0]`.
fn is_moved_gopls(name: &[u8]) -> bool {
    matches!(name.strip_prefix(b"gopls"), Some([b'.' | b'~' | b'_', ..]))
}

/// Whether it is a program for another purpose whose name begins with gopls. If such a program was
/// called as gopls, it is a proxy, not a shim.
fn is_other_tool(exe: &[u8]) -> bool {
    exe.starts_with(b"gopls")
}

/// Flags of gopls and `gopls serve` that take no value.
const ALONE: &[&[u8]] = &[b"rpc.trace", b"v", b"verbose", b"vv", b"veryverbose"];

/// Flags of gopls and `gopls serve` that take a value, possibly as the next argument.
const VALUED: &[&[u8]] = &[
    b"debug",
    b"listen",
    b"listen.timeout",
    b"logfile",
    b"mcp.listen",
    b"mode",
    b"ocagent",
    b"otel",
    b"port",
    b"profile.alloc",
    b"profile.block",
    b"profile.cpu",
    b"profile.mem",
    b"profile.trace",
    b"remote",
    b"remote.debug",
    b"remote.listen.timeout",
    b"remote.logfile",
];

/// Sub-commands of any gopls from 0.11 to 0.24 that exit by themselves.
const ONE_SHOTS: &[&[u8]] = &[
    b"api-json",
    b"bug",
    b"call_hierarchy",
    b"check",
    b"codeaction",
    b"codelens",
    b"definition",
    b"execute",
    b"fix",
    b"folding_ranges",
    b"format",
    b"help",
    b"highlight",
    b"implementation",
    b"imports",
    b"inspect",
    b"licenses",
    b"links",
    b"prepare_rename",
    b"references",
    b"remote",
    b"rename",
    b"semtok",
    b"signature",
    b"stats",
    b"symbols",
    b"version",
    b"vulncheck",
    b"workspace_symbol",
];

fn is_command(word: &[u8]) -> bool {
    matches!(word, b"serve" | b"mcp") || ONE_SHOTS.contains(&word)
}

/// Whether a person could have meant this word as a command. gopls exits at once with status 2 if
/// it does not know a command, so `gopls reload` in a terminal counts as a command all the same. A
/// path, an address or a number is not a command. It is the remainder of a mistyped server flag of
/// a client, whose server exits at once, and that should be reported.
fn is_wordlike(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_lowercase)
        && word.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'))
}

/// Splits a flag into name and value as Go's `flag` package does: `-name`, `--name`, `-name=value`.
fn split_flag(arg: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let name = arg.strip_prefix(b"--").or_else(|| arg.strip_prefix(b"-")).filter(|name| !name.is_empty())?;
    match name.iter().position(|&b| b == b'=') {
        Some(at) => Some((name.get(..at)?, name.get(at + 1..))),
        None => Some((name, None)),
    }
}

fn class(image: &Image) -> ServerClass {
    // x/telemetry start.go: "1" marks the telemetry child itself; "2" is inherited by whatever the
    // child starts and means nothing.
    if image.arg(1) == Some(b"** telemetry **") || image.env("GO_TELEMETRY_CHILD") == Some(b"1") {
        return ServerClass::Sidecar;
    }
    let mut listens = false;
    let mut remote = false;
    let mut serving = false;
    let mut unsure = false;
    let mut args = image.args().iter().map(Vec::as_slice);
    while let Some(arg) = args.next() {
        let before = std::mem::take(&mut unsure);
        let Some((name, value)) = split_flag(arg).filter(|_| arg != b"--") else {
            match arg {
                b"--" => continue,
                // `gopls serve` takes no arguments. With one it exits at once, but was meant to
                // serve.
                _ if serving => break,
                b"serve" => {
                    serving = true;
                    continue;
                }
                b"mcp" => return mcp(args),
                // A bare word after an unknown flag is more likely the flag's value.
                _ if before && !is_command(arg) => continue,
                _ if is_command(arg) || is_wordlike(arg) => return ServerClass::OneShot,
                _ => break,
            }
        };
        if matches!(name, b"h" | b"help" | b"version") {
            return ServerClass::OneShot;
        }
        let value = if VALUED.contains(&name) { value.or_else(|| args.next()) } else { value };
        match name {
            b"listen" => listens = value.is_some_and(|v| !v.is_empty()),
            b"port" => listens = value.is_some_and(|v| !matches!(v, b"" | b"0")),
            b"remote" => remote = value.is_some_and(|v| !v.is_empty()),
            _ => unsure = value.is_none() && !ALONE.contains(&name),
        }
    }
    match (listens, remote) {
        (true, _) => ServerClass::Daemon,
        (false, true) => ServerClass::Forwarder,
        (false, false) => ServerClass::Lsp,
    }
}

/// `gopls mcp` is a server, unless it is only asked to print something.
fn mcp<'a>(args: impl Iterator<Item = &'a [u8]>) -> ServerClass {
    let mut args = args;
    while let Some(arg) = args.next() {
        match split_flag(arg) {
            Some((b"h" | b"help", _)) => return ServerClass::OneShot,
            Some((b"instructions", value)) if !matches!(value, Some(b"false" | b"0" | b"f" | b"F")) => {
                return ServerClass::OneShot;
            }
            Some((b"listen" | b"logfile", None)) => {
                args.next();
            }
            _ => {}
        }
    }
    ServerClass::Mcp
}
