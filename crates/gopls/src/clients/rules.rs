//! How a client is recognised by the image of its process.
//!
//! Theory of operation: the table is asked from the top; the first client with a rule that fits is the one. Attribution
//! walks up from a gopls and takes the nearest process that the table knows, looking through shells and proxies on the
//! way. The scan of all processes sees short kernel names only, so each rule also says which of those can be its own; also
//! as nixpkgs' makeWrapper makes them, `.emacs-29.4-wrapped`.

use goplswatch_core::words::ServerClass;

use super::ClientId;
use crate::image::Image;
use crate::load::{command, go_arguments};
use crate::names::{self, Interpreter};

/// One way in which a client is recognised by its own image.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// The program, or the file of the script that node or python runs, is called so.
    Program(&'static str),
    /// Its name begins so.
    Prefix(&'static str),
    /// node, python … runs a script whose path contains this.
    Script(&'static str),
    /// The executable's path contains this.
    Path(&'static str),
    /// It is VS Code's extension host, and its program is called so.
    HostProgram(&'static str),
    /// It is VS Code's extension host, and a folder of its program's or script's path is called so, or begins so and
    /// goes on with `-` (`openvscode-server-v1.109.5-linux-x64`).
    HostFolder(&'static str),
    /// It is an extension host of VS Code's kind.
    Host,
}

/// A known client, by its own image. `None`: not in the table.
#[must_use]
pub fn client(image: &Image) -> Option<ClientId> {
    find(image, None)
}

/// A known client, by its own image and the class of the gopls that it runs: an Emacs with a forwarder runs lsp-mode.
#[must_use]
pub fn client_of(image: &Image, class: ServerClass) -> Option<ClientId> {
    find(image, Some(class))
}

fn find(image: &Image, class: Option<ServerClass>) -> Option<ClientId> {
    let host = is_extension_host(image);
    let fits = |id: &ClientId| {
        let row = id.row();
        (row.only.is_none() || row.only == class) && row.rules.iter().any(|rule| rule.fits(image, host))
    };
    ClientId::ALL.iter().copied().find(fits)
}

/// Whether a short kernel name (cut to 15 bytes on Linux, to 16 on macOS) can be a client's.
pub(crate) fn may_be_client(comm: &[u8]) -> bool {
    ClientId::ALL.iter().any(|id| id.row().rules.iter().any(|rule| rule.may_be(comm)))
}

/// The shortest name that the kernel may have cut.
const CUT: usize = 15;

/// Whether a short kernel name is that of a file, as far as the kernel tells it.
fn is_cut_of(comm: &[u8], name: impl IntoIterator<Item = u8>) -> bool {
    let mut name = name.into_iter();
    comm.iter().all(|byte| name.next() == Some(*byte)) && (comm.len() >= CUT || name.next().is_none())
}

impl Rule {
    /// Whether a process with this short kernel name may fit. Scripts and paths say nothing about it.
    fn may_be(&self, comm: &[u8]) -> bool {
        match self {
            Self::Program(name) | Self::HostProgram(name) => {
                let wrapped = b".".iter().copied().chain(name.bytes()).chain(b"-wrapped".iter().copied());
                is_cut_of(comm, name.bytes()) || is_cut_of(comm, wrapped)
            }
            Self::Prefix(start) => {
                let inner = comm.strip_prefix(b".").unwrap_or(comm);
                inner.starts_with(start.as_bytes()) || (comm.len() >= CUT && start.as_bytes().starts_with(inner))
            }
            Self::Script(_) | Self::Path(_) | Self::HostFolder(_) | Self::Host => false,
        }
    }

    fn fits(&self, image: &Image, host: bool) -> bool {
        match self {
            Self::Program(name) => called(image).any(|n| n == name.as_bytes()),
            // emacsclient and its like only talk to the editor.
            Self::Prefix(start) => called(image).any(|n| n.starts_with(start.as_bytes()) && !n.ends_with(b"client")),
            Self::Script(piece) => run_script(image).is_some_and(|path| names::contains(path, piece.as_bytes())),
            Self::Path(piece) => image.exe.known().is_some_and(|path| names::contains(path, piece.as_bytes())),
            Self::Host => host,
            Self::HostProgram(name) => host && called(image).any(|n| n == name.as_bytes()),
            Self::HostFolder(name) => {
                let named = |path: &[u8]| path.split(|&b| b == b'/').any(|part| is_folder(part, name.as_bytes()));
                host && (image.exe.known().is_some_and(|path| named(path)) || run_script(image).is_some_and(named))
            }
        }
    }
}

fn is_folder(part: &[u8], name: &[u8]) -> bool {
    part.strip_prefix(name).is_some_and(|rest| rest.is_empty() || (rest.starts_with(b"-") && rest != b"-insiders"))
}

/// The names that a process goes by: its executable's, its `argv[0]`'s, and its script's under node, python …
fn called(image: &Image) -> impl Iterator<Item = &[u8]> {
    let script = run_script(image).map(names::base);
    [image.exe_name(), image.argv0_name(), script].into_iter().flatten().map(names::bare)
}

/// The script of node, python … A shell's script is no client: it starts one.
fn run_script(image: &Image) -> Option<&[u8]> {
    matches!(image.interpreter()?, Interpreter::Js | Interpreter::Python | Interpreter::Other)
        .then(|| image.script().map(|(script, _)| script))
        .flatten()
}

/// Whether it is the process in which VS Code runs extensions (microsoft/vscode).
///
/// On a server: `node …/out/bootstrap-fork --type=extensionHost`. On a desktop: a utility process of Electron. The
/// terminals' process is one too, with the same command line; the entry point in the environment tells them apart
/// (src/vs/platform/utilityProcess/electron-main/utilityProcess.ts, `createEnv`).
fn is_extension_host(image: &Image) -> bool {
    if image.has_arg(b"--type=extensionHost") {
        return true;
    }
    let utility = image.has_arg(b"--type=utility") && image.has_arg(b"--utility-sub-type=node.mojom.NodeService");
    let plugin = image.argv.known().is_none() && image.exe_name().is_some_and(|n| n.ends_with(b" Helper (Plugin)"));
    let entry = image.env("VSCODE_ESM_ENTRYPOINT").or_else(|| image.env("VSCODE_AMD_ENTRYPOINT"));
    (utility || plugin) && entry.is_none_or(|entry| names::contains(entry, b"extensionHostProcess"))
}

/// Programs that become or run another one, and add nothing of their own.
const STARTERS: &[&[u8]] = &[
    b"asdf", b"chrt", b"direnv", b"ionice", b"mise", b"nice", b"nohup", b"script", b"setsid", b"stdbuf", b"strace",
    b"sudo", b"taskset", b"tee", b"time", b"timeout",
];

/// Programs that stand in a client's traffic with its gopls (gopls.md section 7).
const PROXIES: &[&[u8]] =
    &[b"gopls-lazy", b"lsp-devtools", b"lsp-proxy", b"lspipe", b"lspmux", b"ra-multiplex", b"rass"];

/// A process that stands between a client and its gopls: a shell, a starter such as `timeout`, a proxy such as
/// gopls-lazy, `go run` and `go tool`. Attribution looks through it to its parent.
#[must_use]
pub fn looks_through(image: &Image) -> bool {
    if matches!(image.interpreter(), Some(Interpreter::Shell | Interpreter::Env)) {
        return true;
    }
    if go_arguments(image).is_some_and(|args| matches!(command(args), Some(b"run" | b"tool"))) {
        return true;
    }
    called(image).any(|name| STARTERS.contains(&name) || PROXIES.contains(&name))
}

/// The name under which an unknown client is shown: the file name of its program, or of its script if an interpreter
/// runs it. Printable, at most 40 characters, and never an argument that is not a file name.
#[must_use]
pub fn unknown_client_name(image: &Image) -> String {
    let file = |name: &&[u8]| name.iter().any(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let word = |name: &&[u8]| !name.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b':' | b'@'));
    let script = image
        .script()
        .map(|(path, _)| path)
        // `deno task deploy`: a word is a file only if it has a path or an ending.
        .filter(|path| path.contains(&b'/') || path.contains(&b'.'))
        .map(names::base)
        .filter(word);
    // A process may write what it likes into argv[0], so it counts only for a program without a readable name, such
    // as one whose file is called by its version, and only if it is one word.
    [script, image.exe_name(), image.argv0_name().filter(word), Some(image.comm.as_slice()).filter(word)]
        .into_iter()
        .flatten()
        .map(names::bare)
        .find(file)
        .map_or_else(|| "an unknown program".into(), names::shown)
}
