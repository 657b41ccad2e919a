//! How a client is recognised by the image of its process.
//!
//! Theory of operation: the table is searched from the top, and the first client with a matching
//! rule wins. Attribution walks up the parents of a gopls and takes the nearest process that the
//! table knows, skipping shells and proxies on the way. The scan of all processes sees short kernel
//! names only. Each rule therefore also says which short names can match it, including those made
//! by nixpkgs' makeWrapper, `.emacs-29.4-wrapped`.

use goplswatch_core::types::ServerClass;

use super::ClientId;
use crate::go_command::{command, go_arguments};
use crate::image::Image;
use crate::names::{self, Interpreter};

/// One way to recognise a client by its own image.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    /// The program, or the file of the script that node or python runs, has this name.
    Program(&'static str),
    /// The name of the program or script begins with this.
    Prefix(&'static str),
    /// node, python … runs a script whose path contains this.
    Script(&'static str),
    /// The executable's path contains this.
    Path(&'static str),
    /// It is VS Code's extension host, and its program has this name.
    HostProgram(&'static str),
    /// It is VS Code's extension host, and a folder in the path of its program or script has this
    /// name, or this name followed by `-` (`openvscode-server-v1.109.5-linux-x64`).
    HostFolder(&'static str),
    /// It is an extension host like that of VS Code.
    Host,
}

/// The client that this process is, judged by its own image. `None` if it is not in the table.
#[must_use]
pub fn client(image: &Image) -> Option<ClientId> {
    find(image, None)
}

/// The client that this process is, judged by its own image and the class of the gopls that it
/// runs: an Emacs with a forwarder runs lsp-mode.
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

/// Whether a short kernel name (cut to 15 bytes on Linux, to 16 on macOS) can be that of a client.
pub(crate) fn may_be_client(comm: &[u8]) -> bool {
    ClientId::ALL.iter().any(|id| id.row().rules.iter().any(|rule| rule.may_be(comm)))
}

/// From this length on, the kernel may have cut a name.
const CUT: usize = 15;

/// Whether a short kernel name is that of a file with this name, possibly cut.
fn is_cut_of(comm: &[u8], name: impl IntoIterator<Item = u8>) -> bool {
    let mut name = name.into_iter();
    comm.iter().all(|byte| name.next() == Some(*byte)) && (comm.len() >= CUT || name.next().is_none())
}

impl Rule {
    /// Whether a process with this short kernel name may match. Scripts and paths cannot be
    /// recognised by it.
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
            // emacsclient and similar programs only talk to the editor.
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

/// The names of a process: that of its executable, that in its `argv[0]`, and that of its script
/// under node, python …
fn called(image: &Image) -> impl Iterator<Item = &[u8]> {
    let script = run_script(image).map(names::base);
    [image.exe_name(), image.argv0_name(), script].into_iter().flatten().map(names::bare)
}

/// The script that node, python … runs. A shell script is not a client: it starts one.
fn run_script(image: &Image) -> Option<&[u8]> {
    matches!(image.interpreter()?, Interpreter::Js | Interpreter::Python | Interpreter::Other)
        .then(|| image.script().map(|(script, _)| script))
        .flatten()
}

/// Whether it is the process in which VS Code runs extensions (microsoft/vscode).
///
/// On a server: `node …/out/bootstrap-fork --type=extensionHost`. On a desktop: a utility process
/// of Electron. The process for the terminals is one too, with the same command line; the entry
/// point in the environment distinguishes them
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

/// Programs that become or run another program and add nothing of their own.
const STARTERS: &[&[u8]] = &[
    b"asdf", b"chrt", b"direnv", b"ionice", b"mise", b"nice", b"nohup", b"script", b"setsid", b"stdbuf", b"strace",
    b"sudo", b"taskset", b"tee", b"time", b"timeout",
];

/// Programs that relay the traffic between a client and its gopls (gopls.md section 7).
const PROXIES: &[&[u8]] =
    &[b"gopls-lazy", b"lsp-devtools", b"lsp-proxy", b"lspipe", b"lspmux", b"ra-multiplex", b"rass"];

/// Whether a process stands between a client and its gopls: a shell, a starter such as `timeout`, a
/// proxy such as gopls-lazy, `go run` and `go tool`. Attribution skips it and continues with its
/// parent.
#[must_use]
pub fn is_intermediary(image: &Image) -> bool {
    if matches!(image.interpreter(), Some(Interpreter::Shell | Interpreter::Env)) {
        return true;
    }
    if go_arguments(image).is_some_and(|args| matches!(command(args), Some(b"run" | b"tool"))) {
        return true;
    }
    called(image).any(|name| STARTERS.contains(&name) || PROXIES.contains(&name))
}

/// The name under which an unknown client is shown: the file name of its program, or of its script
/// if an interpreter runs it. Printable, at most 40 characters, and never an argument that is not a
/// file name.
#[must_use]
pub fn unknown_client_name(image: &Image) -> String {
    let file = |name: &&[u8]| name.iter().any(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let word = |name: &&[u8]| !name.iter().any(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b':' | b'@'));
    let script = image
        .script()
        .map(|(path, _)| path)
        // `deno task deploy`: a word is a file name only if it has a path or an extension.
        .filter(|path| path.contains(&b'/') || path.contains(&b'.'))
        .map(names::base)
        .filter(word);
    // A process may write anything into argv[0]. That name is used only if it is a single word and
    // the program has no readable name, for example because its file is named after its version.
    [script, image.exe_name(), image.argv0_name().filter(word), Some(image.comm.as_slice()).filter(word)]
        .into_iter()
        .flatten()
        .map(names::bare)
        .find(file)
        .map_or_else(|| "an unknown program".into(), names::shown)
}
