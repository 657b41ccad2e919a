//! The programs that run gopls, and what each does when its gopls ends.
//!
//! Theory of operation: one table of rows, asked from the top; the first row whose rules fit is the client. Forks of
//! VS Code come first, since they are told apart by paths alone. Attribution walks up from a gopls and takes the
//! nearest process that the table knows, looking through shells and proxies on the way.
//!
//! A row's policy is only what somebody has read in its source or seen in a run; all others are `Unknown`.

use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::words::ServerClass;

use crate::image::Image;
use crate::load::{command, go_arguments};
use crate::names::{self, Interpreter};

/// A client of the table.
#[derive(Debug)]
pub struct ClientRow {
    /// As a person says it: "VS Code".
    pub name: &'static str,
    /// What it does when the language server that it runs ends; what it does about an ended `gopls mcp` nobody has read.
    pub policy: RestartPolicy,
    /// The command in it that restarts gopls, as a person types or picks it. A hint may follow in parentheses, after a
    /// space; what is copied ends before it.
    pub restart_command: Option<&'static str>,
    /// Where the policy was read.
    pub source: &'static str,
    /// The row stands only for a client whose gopls is of this class.
    only: Option<ServerClass>,
    rules: &'static [Rule],
}

/// How a client is recognised by its own image.
#[derive(Debug)]
enum Rule {
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

/// How vscode-go restarts, in every editor that runs its extension.
const VSCODE_GO: RestartPolicy = RestartPolicy::SessionCount { exits: 5 };
const VSCODE_GO_COMMAND: Option<&str> = Some("Go: Restart Language Server");
const VSCODE_GO_SOURCE: &str =
    "golang/vscode-go extension/src/language/goLanguageServer.ts; seen in code-server 4.139 with golang.go 0.58-dev";
/// vscode-languageclient's default close handler.
const FIVE_IN_THREE_MINUTES: RestartPolicy = RestartPolicy::WindowCount { exits: 5, window_ms: 180_000 };
const NOBODY_HAS_READ: &str = "not read";

const fn host(name: &'static str, rules: &'static [Rule]) -> ClientRow {
    ClientRow {
        name,
        policy: VSCODE_GO,
        restart_command: VSCODE_GO_COMMAND,
        source: VSCODE_GO_SOURCE,
        only: None,
        rules,
    }
}

const fn unread(name: &'static str, rules: &'static [Rule]) -> ClientRow {
    ClientRow {
        name,
        policy: RestartPolicy::Unknown,
        restart_command: None,
        source: NOBODY_HAS_READ,
        only: None,
        rules,
    }
}

static ROWS: &[ClientRow] = &[
    host(
        "VS Code Insiders",
        &[
            Rule::HostProgram("code-insiders"),
            Rule::HostProgram("Code - Insiders Helper (Plugin)"),
            Rule::HostFolder("Visual Studio Code - Insiders.app"),
            Rule::HostFolder(".vscode-server-insiders"),
        ],
    ),
    host(
        "VSCodium",
        &[
            Rule::HostProgram("codium"),
            Rule::HostProgram("VSCodium Helper (Plugin)"),
            Rule::HostFolder("VSCodium.app"),
            Rule::HostFolder(".vscodium-server"),
        ],
    ),
    host(
        "Cursor",
        &[
            Rule::HostProgram("cursor"),
            Rule::HostProgram("Cursor Helper (Plugin)"),
            Rule::HostFolder("Cursor.app"),
            Rule::HostFolder(".cursor-server"),
        ],
    ),
    host(
        "Windsurf",
        &[
            Rule::HostProgram("windsurf"),
            Rule::HostProgram("Windsurf Helper (Plugin)"),
            Rule::HostFolder("Windsurf.app"),
            Rule::HostFolder(".windsurf-server"),
        ],
    ),
    host("code-server", &[Rule::HostFolder("code-server")]),
    host("OpenVSCode Server", &[Rule::HostFolder("openvscode-server")]),
    host(
        "VS Code",
        &[
            Rule::HostProgram("code"),
            Rule::HostProgram("code-oss"),
            Rule::HostProgram("Code Helper (Plugin)"),
            Rule::HostFolder("Visual Studio Code.app"),
            Rule::HostFolder(".vscode-server"),
        ],
    ),
    host("a relative of VS Code", &[Rule::Host]),
    ClientRow {
        name: "coc.nvim",
        policy: FIVE_IN_THREE_MINUTES,
        restart_command: Some(":CocRestart"),
        source: "neoclide/coc.nvim 570b4ac: vscode-languageserver-node's default close handler",
        only: None,
        rules: &[Rule::Script("coc.nvim/build/index.js"), Rule::Script("coc.nvim/bin/server.js")],
    },
    ClientRow {
        name: "vscode-languageclient",
        policy: FIVE_IN_THREE_MINUTES,
        restart_command: None,
        source: "microsoft/vscode-languageserver-node client/src/common/client.ts; seen with 9.0.1",
        only: None,
        rules: &[Rule::Script("vscode-languageclient")],
    },
    ClientRow {
        name: "Claude Code",
        policy: RestartPolicy::SessionCount { exits: 4 },
        restart_command: None,
        source: "three recoveries, then \"exceeded max crash recovery attempts (3)\": anthropics/claude-code#16888, #63849",
        only: None,
        rules: &[Rule::Program("claude"), Rule::Path("/claude/versions/"), Rule::Script("@anthropic-ai/claude-code/")],
    },
    ClientRow {
        name: "Neovim",
        policy: RestartPolicy::Never,
        restart_command: Some(":lsp restart (before Neovim 0.12: :edit)"),
        source: "neovim/neovim runtime/lua/vim/lsp.lua, runtime/doc/lsp.txt; seen with 0.10.4 and 0.12.4",
        only: None,
        rules: &[Rule::Program("nvim")],
    },
    ClientRow {
        name: "Helix",
        policy: RestartPolicy::Never,
        restart_command: Some(":lsp-restart"),
        source: "helix-editor/helix 079a789; seen with 25.01.1 and 25.07.1",
        only: None,
        rules: &[Rule::Program("hx"), Rule::Program("helix")],
    },
    ClientRow {
        name: "Zed",
        policy: RestartPolicy::Never,
        restart_command: Some("editor: restart language server"),
        source: "users' reports: zed-industries/zed#4998, #23270, #59808",
        only: None,
        rules: &[
            Rule::Program("zed"),
            Rule::Program("zed-editor"),
            Rule::Program("zeditor"),
            Rule::Program("Zed"),
            Rule::Path("/Zed.app/"),
            Rule::Path("/Zed Preview.app/"),
            Rule::Prefix("zed-remote-server"),
        ],
    },
    // lsp-mode passes -remote=auto by default (lsp-go-gopls-server-args), eglot passes nothing.
    ClientRow {
        name: "Emacs (lsp-mode)",
        policy: RestartPolicy::Never,
        restart_command: Some("M-x lsp-workspace-restart"),
        source: "emacs-lsp/lsp-mode 90bc043: lsp-restart is \"interactive\", it asks",
        only: Some(ServerClass::Forwarder),
        rules: &[Rule::Prefix("emacs"), Rule::Prefix("Emacs")],
    },
    ClientRow {
        name: "Emacs",
        policy: RestartPolicy::LivedLongEnough { min_ms: 3_000 },
        restart_command: Some("M-x eglot-reconnect"),
        source: "joaotavora/eglot 52dddcb: eglot-autoreconnect; seen with Emacs 28.2 and eglot 1.9",
        only: None,
        rules: &[Rule::Prefix("emacs"), Rule::Prefix("Emacs")],
    },
    ClientRow {
        name: "Sublime Text",
        policy: FIVE_IN_THREE_MINUTES,
        restart_command: Some("LSP: Restart Server"),
        source: "sublimelsp/LSP 7ffc721: \"crashed 5 times in the last 180 seconds\"",
        only: None,
        rules: &[Rule::Prefix("plugin_host"), Rule::Program("sublime_text"), Rule::Program("Sublime Text")],
    },
    // ALE, vim-go and vim-lsp differ, and which of them runs cannot be seen from outside.
    unread(
        "Vim",
        &[
            Rule::Program("vim"),
            Rule::Program("vi"),
            Rule::Program("gvim"),
            Rule::Program("mvim"),
            Rule::Program("Vim"),
            Rule::Program("MacVim"),
            Rule::Prefix("vim."),
        ],
    ),
    // Two lives of less than 60 s and it stops; longer ones do not count. No policy of ours says that.
    ClientRow {
        name: "Kate",
        policy: RestartPolicy::Unknown,
        restart_command: None,
        source: "KDE/kate addons/lspclient/lspclientservermanager.cpp, onStateChanged",
        only: None,
        rules: &[Rule::Program("kate")],
    },
    unread("GNOME Builder", &[Rule::Program("gnome-builder")]),
    unread("micro", &[Rule::Program("micro")]),
    unread("Codex", &[Rule::Program("codex"), Rule::Script("@openai/codex/")]),
    unread("Gemini CLI", &[Rule::Program("gemini"), Rule::Script("@google/gemini-cli/")]),
    unread("Crush", &[Rule::Program("crush")]),
    unread("opencode", &[Rule::Program("opencode"), Rule::Program(".opencode")]),
    unread("Serena", &[Rule::Program("serena"), Rule::Program("serena-mcp-server")]),
];

/// The table, for documents and tests.
#[must_use]
pub fn clients() -> &'static [ClientRow] {
    ROWS
}

/// A known client, by its own image. `None`: not in the table.
#[must_use]
pub fn client(image: &Image) -> Option<&'static ClientRow> {
    find(image, None)
}

/// A known client, by its own image and the class of the gopls that it runs: an Emacs with a forwarder runs lsp-mode.
#[must_use]
pub fn client_of(image: &Image, class: ServerClass) -> Option<&'static ClientRow> {
    find(image, Some(class))
}

fn find(image: &Image, class: Option<ServerClass>) -> Option<&'static ClientRow> {
    let host = is_extension_host(image);
    ROWS.iter()
        .filter(|row| row.only.is_none() || row.only == class)
        .find(|row| row.rules.iter().any(|rule| rule.fits(image, host)))
}

impl Rule {
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
