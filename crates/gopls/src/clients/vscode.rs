//! VS Code, its forks and the servers based on it, in all of which the Go extension runs gopls; and
//! other programs that use the client library of VS Code's extensions.

use std::time::Duration;

use goplswatch_core::message::{Message, Name, Verbatim};
use goplswatch_core::policy::RestartPolicy;

use super::rules::Rule;
use super::{ClientRow, Command, EndSignal, NOT_READ, Restart, Shutdown, by_hand, sent};
use crate::settings::{BaseFolder, Files, Flags, Holder, Notation, SettingsFile, SettingsLocation, holder};
use crate::sourced::Sourced::{self, Known, Unknown};

const VSCODE_GO: Sourced<RestartPolicy> = Known(
    RestartPolicy::SessionCount { exits: 5 },
    "golang/vscode-go extension/src/language/goLanguageServer.ts; seen in code-server 4.139 with golang.go 0.58-dev",
);
const VSCODE_GO_ENDS: Shutdown = Shutdown {
    signals: Known(
        &[sent(EndSignal::Kill, Duration::from_secs(2))],
        "microsoft/vscode-languageserver-node 0da5527 client/src/node/main.ts (checkProcessDied), processes.ts \
         (terminate: kill -9 of the tree)",
    ),
    // Observed: a gopls that did not respond was killed 2 to 3 s after its successor had started,
    // and no restart was used up.
    successor_first: Known(
        true,
        "golang/vscode-go 28e27ff extension/src/language/goLanguageServer.ts (stopLanguageClient waits for nothing); \
         seen in VS Code 1.139 with golang.go 0.58-dev",
    ),
};
const GO_RESTART: Sourced<Command> = Known(
    Command::new("Go: Restart Language Server"),
    "golang/vscode-go extension/src/commands/startLanguageServer.ts; seen in VS Code 1.139 with golang.go 0.58-dev, also \
     after it gave up",
);

const VSCODE_SOURCE: &str = "golang/vscode-go extension/src/language/goLanguageServer.ts (filterGoplsDefaultConfigValues, \
     languageServerFlags); microsoft/vscode src/vs/platform/environment/node/userDataPath.ts; remote hosts: \
     code.visualstudio.com/docs/remote/ssh, \"SSH host-specific settings\"";
/// VS Code merges `"gopls": {…}` and `"gopls.x"` into one tree (microsoft/vscode
/// src/vs/platform/configuration/common/configuration.ts, `addToValueTree`). An object that comes
/// after a dotted key replaces it there, so a new object is created only in a file without dotted
/// keys.
const VSCODE_HOLDERS: &[Holder] = &[holder(&["gopls"], ""), holder(&[], "gopls.")];
const VSCODE_LOGS: &str = "microsoft/vscode: logs/TIME/windowN/exthost below the folder of user data";

const fn vscode(
    name: &'static str,
    rules: &'static [Rule],
    settings: Sourced<Files>,
    logs: Sourced<Files>,
) -> ClientRow {
    let file = match settings {
        Known(files, source) => {
            Known(SettingsFile { notation: Notation::Jsonc, files, holders: VSCODE_HOLDERS, may_create: true }, source)
        }
        Unknown(why) => Unknown(why),
    };
    let flags = Flags::List { paths: &[&["go.languageServerFlags"], &["go", "languageServerFlags"]], unset: &[] };
    ClientRow {
        name,
        only: None,
        rules,
        policy: VSCODE_GO,
        ends: VSCODE_GO_ENDS,
        restart: Restart { while_running: GO_RESTART, after_gone: GO_RESTART },
        settings: SettingsLocation {
            file,
            flags: Known(flags, VSCODE_SOURCE),
            by_hand: || Message::HandPutByCommand {
                file: Verbatim::of("settings.json"),
                command: Verbatim::of("Preferences: Open User Settings (JSON)"),
            },
            key: Some("gopls"),
        },
        logs,
    }
}

/// The settings files of a desktop program, and of the servers that it installs on remote hosts.
macro_rules! vscode_settings {
    ($folder:literal, $server:literal) => {
        Known(
            Files {
                macos: &[
                    BaseFolder::Home(concat!("Library/Application Support/", $folder, "/User/settings.json")),
                    BaseFolder::Home(concat!($server, "/data/Machine/settings.json")),
                ],
                linux: &[
                    BaseFolder::Config(concat!($folder, "/User/settings.json")),
                    BaseFolder::Home(concat!($server, "/data/Machine/settings.json")),
                ],
            },
            VSCODE_SOURCE,
        )
    };
}

macro_rules! vscode_logs {
    ($folder:literal) => {
        Known(
            Files {
                macos: &[BaseFolder::Home(concat!("Library/Application Support/", $folder, "/logs"))],
                linux: &[BaseFolder::Config(concat!($folder, "/logs"))],
            },
            VSCODE_LOGS,
        )
    };
}

pub(super) static VS_CODE_INSIDERS: ClientRow = vscode(
    "VS Code Insiders",
    &[
        Rule::HostProgram("code-insiders"),
        Rule::HostProgram("Code - Insiders Helper (Plugin)"),
        Rule::HostFolder("Visual Studio Code - Insiders.app"),
        Rule::HostFolder(".vscode-server-insiders"),
    ],
    vscode_settings!("Code - Insiders", ".vscode-server-insiders"),
    vscode_logs!("Code - Insiders"),
);

pub(super) static VSCODIUM: ClientRow = vscode(
    "VSCodium",
    &[
        Rule::HostProgram("codium"),
        Rule::HostProgram("VSCodium Helper (Plugin)"),
        Rule::HostFolder("VSCodium.app"),
        Rule::HostFolder(".vscodium-server"),
    ],
    vscode_settings!("VSCodium", ".vscodium-server"),
    vscode_logs!("VSCodium"),
);

pub(super) static CURSOR: ClientRow = vscode(
    "Cursor",
    &[
        Rule::HostProgram("cursor"),
        Rule::HostProgram("Cursor Helper (Plugin)"),
        Rule::HostFolder("Cursor.app"),
        Rule::HostFolder(".cursor-server"),
    ],
    vscode_settings!("Cursor", ".cursor-server"),
    vscode_logs!("Cursor"),
);

pub(super) static WINDSURF: ClientRow = vscode(
    "Windsurf",
    &[
        Rule::HostProgram("windsurf"),
        Rule::HostProgram("Windsurf Helper (Plugin)"),
        Rule::HostFolder("Windsurf.app"),
        Rule::HostFolder(".windsurf-server"),
    ],
    vscode_settings!("Windsurf", ".windsurf-server"),
    vscode_logs!("Windsurf"),
);

// The data folder follows XDG, on macOS too.
pub(super) static CODE_SERVER: ClientRow = vscode(
    "code-server",
    &[Rule::HostFolder("code-server")],
    Known(
        Files::same(&[BaseFolder::Home(".local/share/code-server/User/settings.json")]),
        "coder/code-server src/node/util.ts (getEnvPaths); golang/vscode-go, as for VS Code",
    ),
    Unknown(NOT_READ),
);

// The user's settings are kept in the browser; only those of the machine are in a file.
pub(super) static OPENVSCODE_SERVER: ClientRow = vscode(
    "OpenVSCode Server",
    &[Rule::HostFolder("openvscode-server")],
    Known(Files::same(&[BaseFolder::Home(".openvscode-server/data/Machine/settings.json")]), VSCODE_SOURCE),
    Unknown(NOT_READ),
);

pub(super) static VS_CODE: ClientRow = vscode(
    "VS Code",
    &[
        Rule::HostProgram("code"),
        Rule::HostProgram("code-oss"),
        Rule::HostProgram("Code Helper (Plugin)"),
        Rule::HostFolder("Visual Studio Code.app"),
        Rule::HostFolder(".vscode-server"),
    ],
    vscode_settings!("Code", ".vscode-server"),
    Known(
        Files {
            macos: &[
                BaseFolder::Home("Library/Application Support/Code/logs"),
                BaseFolder::Home(".vscode-server/data/logs"),
            ],
            linux: &[BaseFolder::Config("Code/logs"), BaseFolder::Home(".vscode-server/data/logs")],
        },
        VSCODE_LOGS,
    ),
);

pub(super) static VS_CODE_RELATIVE: ClientRow = vscode(
    "a relative of VS Code",
    &[Rule::Host],
    Unknown("its name, and so its folder, is not known"),
    Unknown("its name, and so its folder, is not known"),
);

/// The default close handler of the client library.
pub(super) const FIVE_IN_THREE_MINUTES: RestartPolicy =
    RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) };

// coc-go, a newer extension and a plain entry in "languageserver" all run gopls, and each reads a
// different key. Only a key that is already present shows which one is in use. coc-go adds
// -remote=auto itself.
pub(super) static COC_NVIM: ClientRow = ClientRow {
    name: "coc.nvim",
    only: None,
    rules: &[Rule::Script("coc.nvim/build/index.js"), Rule::Script("coc.nvim/bin/server.js")],
    policy: Known(
        FIVE_IN_THREE_MINUTES,
        "neoclide/coc.nvim 570b4ac: vscode-languageserver-node's default close handler",
    ),
    ends: Shutdown {
        signals: Known(
            &[sent(EndSignal::Kill, Duration::from_secs(2))],
            "neoclide/coc.nvim 570b4ac src/language-client/index.ts (shutdown, checkProcessDied), bin/terminateProcess.sh",
        ),
        successor_first: Known(false, "neoclide/coc.nvim 570b4ac src/language-client/index.ts (restart awaits stop)"),
    },
    // :CocRestart ends the process that runs gopls, and starts another.
    restart: Restart {
        while_running: Known(Command::new(":CocRestart"), "neoclide/coc.nvim 570b4ac doc/coc.txt"),
        after_gone: Known(Command::new(":CocRestart"), "neoclide/coc.nvim 570b4ac doc/coc.txt"),
    },
    settings: SettingsLocation {
        file: Known(
            SettingsFile {
                notation: Notation::Jsonc,
                files: Files::same(&[
                    BaseFolder::Config("nvim/coc-settings.json"),
                    BaseFolder::Home(".vim/coc-settings.json"),
                ]),
                holders: &[
                    holder(&["go.goplsOptions"], ""),
                    holder(&["go", "goplsOptions"], ""),
                    holder(&["gopls"], ""),
                ],
                may_create: false,
            },
            "josa42/coc-go src/utils/config.ts (goplsOptions); neoclide/coc.nvim autoload/coc/util.vim \
             (coc#util#get_config_home)",
        ),
        flags: Known(
            Flags::Said(|flag| Message::HandUnlessFalse {
                plugin: Name("coc-go".into()),
                flag: Verbatim::of(flag),
                key: Verbatim::of("go.goplsUseDaemon"),
            }),
            "josa42/coc-go src/utils/config.ts (goplsUseDaemon)",
        ),
        by_hand: || Message::HandPutAsOf {
            file: Verbatim::of("coc-settings.json"),
            command: Verbatim::of(":CocConfig"),
            key: Verbatim::of("go.goplsOptions"),
            plugin: Name("coc-go".into()),
        },
        key: None,
    },
    logs: Unknown("it shows them in a buffer, and whether in a file too nobody has read"),
};

pub(super) static VSCODE_LANGUAGECLIENT: ClientRow = ClientRow {
    name: "vscode-languageclient",
    only: None,
    rules: &[Rule::Script("vscode-languageclient")],
    policy: Known(
        FIVE_IN_THREE_MINUTES,
        "microsoft/vscode-languageserver-node client/src/common/client.ts; seen with 9.0.1",
    ),
    ends: Shutdown {
        signals: VSCODE_GO_ENDS.signals,
        successor_first: Known(
            false,
            "microsoft/vscode-languageserver-node 0da5527 client/src/node/main.ts (restart awaits stop)",
        ),
    },
    restart: Restart { while_running: Unknown("a library has none"), after_gone: Unknown("a library has none") },
    settings: by_hand("a library has none", || Message::HandPutElsewhere),
    logs: Unknown("a library has none"),
};
