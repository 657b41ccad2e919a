//! Editors with a built-in language client, or with one of their plugins.

use std::time::Duration;

use goplswatch_core::message::{Message, Name, Verbatim};
use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::types::ServerClass;

use super::rules::Rule;
use super::vscode::FIVE_IN_THREE_MINUTES;
use super::{ClientRow, Command, EndSignal, NOT_READ, Restart, Shutdown, by_hand, sent, sent_some_time, unread};
use crate::settings::{BaseFolder, Files, Flags, Notation, SettingsFile, SettingsLocation, holder};
use crate::sourced::Sourced::{self, Known, Unknown};

pub(super) static NEOVIM: ClientRow = ClientRow {
    name: "Neovim",
    only: None,
    rules: &[Rule::Program("nvim")],
    policy: Known(
        RestartPolicy::Never,
        "neovim/neovim runtime/lua/vim/lsp.lua, runtime/doc/lsp.txt; seen with 0.10.4 and 0.12.4",
    ),
    // Only if gopls replies to the shutdown request with an error, or if force or exit_timeout is
    // set.
    ends: Shutdown {
        signals: Known(
            &[sent_some_time(EndSignal::Term)],
            "neovim/neovim runtime/lua/vim/lsp/client.lua (Client:stop), runtime/lua/vim/lsp/_transport.lua (terminate)",
        ),
        successor_first: Unknown("Client:_restart of 0.12 was not read"),
    },
    restart: Restart {
        // Before 0.12 there is no such command: `:edit` starts gopls only if none runs, so the user
        // has to end the running one first. With 0.12.4 it was observed that `:edit` does not
        // restart a running gopls.
        while_running: Known(
            Command { typed: ":lsp restart", since: Some("Neovim 0.12"), before: Some(":edit") },
            "neovim/neovim runtime/lua/vim/_core/ex_cmd.lua",
        ),
        // In that state `:lsp restart` says "No clients attached to current buffer". `:lsp enable
        // gopls` of 0.12 works if the user's set-up uses vim.lsp.enable, but not if it uses
        // vim.lsp.start, which `:edit` runs again as well.
        after_gone: Known(
            Command::new(":edit"),
            "seen with 0.10.4 and 0.12.4, with vim.lsp.enable and with vim.lsp.start",
        ),
    },
    settings: by_hand("a program of its user's: go.dev/gopls/editor/vim", || Message::HandPutInCall {
        file: Verbatim::of("init.lua"),
        call: Verbatim::of("vim.lsp.config(\"gopls\", { settings = { gopls = … } })"),
        plugin: Name("nvim-lspconfig".into()),
    }),
    logs: Known(Files::same(&[BaseFolder::Home(".local/state/nvim/lsp.log")]), "seen with 0.10.4 and 0.12.4"),
};

pub(super) static HELIX: ClientRow = ClientRow {
    name: "Helix",
    only: None,
    rules: &[Rule::Program("hx"), Rule::Program("helix")],
    policy: Known(RestartPolicy::Never, "helix-editor/helix 079a789; seen with 25.01.1 and 25.07.1"),
    // Observed with 25.07: `:lsp-stop` always sends it, `:lsp-restart` in half of the cases.
    ends: Shutdown {
        signals: Known(
            &[sent(EndSignal::Kill, Duration::ZERO)],
            "helix-editor/helix 079a789 helix-lsp/src/client.rs (kill_on_drop); seen with 25.07",
        ),
        successor_first: Unknown(
            "the new one is started while documents may still hold the old one: either may be first",
        ),
    },
    restart: Restart {
        while_running: Known(Command::new(":lsp-restart"), "helix-editor/helix 079a789 helix-lsp/src/lib.rs"),
        after_gone: Known(Command::new(":lsp-restart"), "seen with 25.01.1 and 25.07.1"),
    },
    settings: SettingsLocation {
        file: Known(
            SettingsFile {
                notation: Notation::Toml,
                files: Files::same(&[BaseFolder::Config("helix/languages.toml")]),
                holders: &[holder(&["language-server", "gopls", "config"], "")],
                may_create: true,
            },
            "go.dev/gopls/helix; docs.helix-editor.com/languages.html; helix-editor/helix helix-loader/src/lib.rs \
             (config_dir: XDG on macOS too)",
        ),
        flags: Known(
            Flags::List { paths: &[&["language-server", "gopls", "args"]], unset: &[] },
            "docs.helix-editor.com/languages.html",
        ),
        by_hand: || Message::HandPutBelow {
            file: Verbatim::of("languages.toml"),
            table: Verbatim::of("[language-server.gopls.config]"),
        },
        key: None,
    },
    logs: Known(
        Files::same(&[BaseFolder::Home(".cache/helix/helix.log")]),
        "helix-editor/helix helix-loader/src/lib.rs (default_log_file)",
    ),
};

pub(super) static ZED: ClientRow = ClientRow {
    name: "Zed",
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
    policy: Known(RestartPolicy::Never, "users' reports: zed-industries/zed#4998, #23270, #59808"),
    ends: Shutdown {
        signals: Known(
            &[sent(EndSignal::Kill, Duration::ZERO)],
            "zed-industries/zed 0067496 crates/lsp/src/lsp.rs (shutdown: kill after the answer, or after 5 s without one)",
        ),
        successor_first: Unknown("the source of today was not read"),
    },
    restart: Restart {
        while_running: Known(
            Command::new("editor: restart language server"),
            "zed-industries/zed: the palette's name of editor::RestartLanguageServer",
        ),
        after_gone: Known(
            Command::new("editor: restart language server"),
            "zed-industries/zed crates/project/src/lsp_store.rs (restart_language_servers_for_buffers registers the \
             buffers again, whether one ran or not); nobody has tried it",
        ),
    },
    settings: SettingsLocation {
        file: Known(
            SettingsFile {
                notation: Notation::Jsonc,
                files: Files {
                    macos: &[BaseFolder::Home(".config/zed/settings.json")],
                    linux: &[BaseFolder::Config("zed/settings.json")],
                },
                holders: &[
                    holder(&["lsp", "gopls", "initialization_options"], ""),
                    holder(&["lsp", "gopls", "settings"], ""),
                ],
                may_create: true,
            },
            "zed.dev/docs/configuring-languages (initialization_options, binary.arguments); zed-industries/zed \
             crates/paths/src/paths.rs (config_dir)",
        ),
        flags: Known(
            Flags::List { paths: &[&["lsp", "gopls", "binary", "arguments"]], unset: &["-mode=stdio"] },
            "zed-industries/zed crates/languages/src/go.rs (server_binary_arguments), crates/project/src/lsp_store.rs \
             (get_language_server_binary: arguments without a path replace its own)",
        ),
        by_hand: || Message::HandPutByCommandAs {
            file: Verbatim::of("settings.json"),
            command: Verbatim::of("zed: open settings"),
            key: Verbatim::of("lsp > gopls > initialization_options"),
        },
        key: None,
    },
    logs: Known(
        Files {
            macos: &[BaseFolder::Home("Library/Logs/Zed/Zed.log")],
            linux: &[BaseFolder::Home(".local/share/zed/logs/Zed.log")],
        },
        "zed-industries/zed crates/paths/src/paths.rs (log_file)",
    ),
};

// By default lsp-mode passes -remote=auto (lsp-go-gopls-server-args), and eglot passes nothing.
const EMACS_RULES: &[Rule] = &[Rule::Prefix("emacs"), Rule::Prefix("Emacs")];
const EMACS_BUFFERS: Sourced<Files> = Unknown("Emacs keeps them in buffers, in no file");

pub(super) static EMACS_LSP_MODE: ClientRow = ClientRow {
    name: "Emacs (lsp-mode)",
    only: Some(ServerClass::Forwarder),
    rules: EMACS_RULES,
    policy: Known(RestartPolicy::Never, "emacs-lsp/lsp-mode 90bc043: lsp-restart is \"interactive\", it asks"),
    ends: Shutdown {
        signals: Known(
            &[sent(EndSignal::Kill, Duration::ZERO)],
            "emacs-lsp/lsp-mode 90bc043 lsp-mode.el (lsp--shutdown-workspace, lsp-process-kill: kill-process is SIGKILL)",
        ),
        successor_first: Known(
            false,
            "emacs-lsp/lsp-mode 90bc043 lsp-mode.el (lsp--restart-if-needed, when the process has ended)",
        ),
    },
    restart: Restart {
        while_running: Known(
            Command::new("M-x lsp-workspace-restart"),
            "emacs-lsp/lsp-mode 90bc043 lsp-mode.el (lsp-workspace-restart)",
        ),
        // lsp-workspace-restart needs a workspace, and none is left (lsp--read-workspace).
        after_gone: Known(Command::new("M-x lsp"), "emacs-lsp/lsp-mode 90bc043 lsp-mode.el (lsp)"),
    },
    settings: by_hand("a program of its user's: go.dev/gopls/editor/emacs", || Message::HandPutInInit {
        call: Verbatim::of("(lsp-register-custom-settings '((\"gopls.NAME\" VALUE)))"),
    }),
    logs: EMACS_BUFFERS,
};

pub(super) static EMACS: ClientRow = ClientRow {
    name: "Emacs",
    only: None,
    rules: EMACS_RULES,
    policy: Known(
        RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) },
        "joaotavora/eglot 52dddcb: eglot-autoreconnect; seen with Emacs 28.2 and eglot 1.9",
    ),
    // Observed: eglot-shutdown and eglot-reconnect send it most of the time.
    ends: Shutdown {
        signals: Known(
            &[sent(EndSignal::Kill, Duration::ZERO)],
            "joaotavora/eglot 52dddcb eglot.el (eglot-shutdown), emacs-mirror/emacs lisp/jsonrpc.el (jsonrpc-shutdown); \
             seen with Emacs 28.2 and eglot 1.9",
        ),
        successor_first: Known(false, "joaotavora/eglot 52dddcb eglot.el (eglot-reconnect)"),
    },
    restart: Restart {
        while_running: Known(
            Command::new("M-x eglot-reconnect"),
            "joaotavora/eglot 52dddcb eglot.el (eglot-reconnect)",
        ),
        // In that state eglot-reconnect fails: "No current JSON-RPC connection".
        after_gone: Known(Command::new("M-x eglot"), "seen with Emacs 28.2 and eglot 1.9"),
    },
    settings: by_hand("a program of its user's: go.dev/gopls/editor/emacs", || Message::HandPutInInit {
        call: Verbatim::of("(setq-default eglot-workspace-configuration '(:gopls (:NAME VALUE)))"),
    }),
    logs: EMACS_BUFFERS,
};

// Without the package's own file it is not known whether LSP-gopls or LSP itself starts gopls.
pub(super) static SUBLIME_TEXT: ClientRow = ClientRow {
    name: "Sublime Text",
    only: None,
    rules: &[Rule::Prefix("plugin_host"), Rule::Program("sublime_text"), Rule::Program("Sublime Text")],
    policy: Known(FIVE_IN_THREE_MINUTES, "sublimelsp/LSP 7ffc721: \"crashed 5 times in the last 180 seconds\""),
    ends: Shutdown {
        signals: Known(
            &[sent(EndSignal::Kill, Duration::from_secs(1))],
            "sublimelsp/LSP 7ffc721 plugin/core/transports.py (_end)",
        ),
        successor_first: Known(
            true,
            "sublimelsp/LSP 7ffc721 plugin/core/windows.py (restart_sessions_async waits for no end)",
        ),
    },
    restart: Restart {
        while_running: Known(
            Command::new("LSP: Restart Server"),
            "sublimelsp/LSP 7ffc721 Default.sublime-commands, plugin/core/registry.py (LspRestartServerCommand)",
        ),
        after_gone: Unknown("LSP: Restart Server does nothing without a session, and nobody has tried another way"),
    },
    settings: SettingsLocation {
        file: Known(
            SettingsFile {
                notation: Notation::Jsonc,
                files: Files {
                    macos: &[BaseFolder::Home(
                        "Library/Application Support/Sublime Text/Packages/User/LSP-gopls.sublime-settings",
                    )],
                    linux: &[BaseFolder::Config("sublime-text/Packages/User/LSP-gopls.sublime-settings")],
                },
                holders: &[holder(&["settings"], "gopls.")],
                may_create: false,
            },
            "sublimelsp/LSP-gopls 08c57a1 LSP-gopls.sublime-settings; sublimelsp/LSP plugin/core/types.py \
             (ClientConfig.from_sublime_settings merges \"settings\")",
        ),
        flags: Unknown("the list that starts gopls holds the program as well, so flags are for a person"),
        by_hand: || Message::HandPutWithin {
            place: Verbatim::of("Preferences > Package Settings > LSP > Servers > LSP-gopls"),
            key: Verbatim::of("settings"),
            before: Verbatim::of("gopls."),
        },
        key: None,
    },
    logs: Unknown("it writes them to its console, to no file"),
};

// ALE, vim-go and vim-lsp behave differently, and which of them runs cannot be determined from
// outside.
pub(super) static VIM: ClientRow = ClientRow {
    name: "Vim",
    only: None,
    rules: &[
        Rule::Program("vim"),
        Rule::Program("vi"),
        Rule::Program("gvim"),
        Rule::Program("mvim"),
        Rule::Program("Vim"),
        Rule::Program("MacVim"),
        Rule::Prefix("vim."),
    ],
    policy: Unknown("its plugins differ"),
    ends: Shutdown { signals: Unknown("its plugins differ"), successor_first: Unknown("its plugins differ") },
    restart: Restart { while_running: Unknown("its plugins differ"), after_gone: Unknown("its plugins differ") },
    settings: by_hand(
        "its plugins differ: go.dev/gopls/editor/vim; vim-go doc/vim-go.txt; dense-analysis/ale doc/ale-go.txt",
        || Message::HandPutInPlugin {
            plugins: Verbatim::of(
                "ALE: g:ale_go_gopls_init_options, vim-go: g:go_gopls_settings, vim-lsp: workspace_config",
            ),
        },
    ),
    logs: Unknown("its plugins differ"),
};

pub(super) static KATE: ClientRow = ClientRow {
    name: "Kate",
    only: None,
    rules: &[Rule::Program("kate")],
    policy: Unknown(
        "two lives of less than 60 s and it stops, longer ones do not count (KDE/kate \
         addons/lspclient/lspclientservermanager.cpp, onStateChanged): no policy of ours says that",
    ),
    ends: Shutdown {
        signals: Known(
            &[sent_some_time(EndSignal::Term), sent_some_time(EndSignal::Kill)],
            "KDE/kate 00f6233 addons/lspclient/lspclientserver.cpp (stop)",
        ),
        successor_first: Unknown(NOT_READ),
    },
    restart: Restart::NOT_READ,
    settings: by_hand("its own dialogue writes it: KDE/kate addons/lspclient", || Message::HandPutAs {
        place: Verbatim::of("Settings > LSP Client > User Server Settings"),
        key: Verbatim::of("servers > go > settings > gopls"),
    }),
    logs: Unknown(NOT_READ),
};

// Read in kakoune-lsp/kakoune-lsp 70fd59f, which becomes 21.0.2. Its process, `kak-lsp`, runs the
// servers; the editor itself, `kak`, runs none.
pub(super) static KAKOUNE: ClientRow = ClientRow {
    name: "Kakoune",
    only: None,
    rules: &[Rule::Program("kak-lsp")],
    policy: Unknown(
        "kak-lsp ends with the first server that ends (src/controller.rs, event loop), and the next request starts another \
         kak-lsp (rc/lsp.kak): no policy of ours says that",
    ),
    ends: Shutdown {
        signals: Unknown(
            "none was found or seen: it sends exit without shutdown, closes the pipe (src/language_server_transport.rs, \
             writer_loop) and waits (start); gopls then exits with 1",
        ),
        successor_first: Unknown(
            "lsp-restart waits for the folder of the session, which goes before the servers are told to exit: the old one was \
             first where it was healthy, the successor where it hung",
        ),
    },
    restart: Restart {
        while_running: Known(
            Command::new(":lsp-restart"),
            "kakoune-lsp/kakoune-lsp rc/lsp.kak; typed in Kakoune 2022.10.31 with kak-lsp 70fd59f, gopls 0.24",
        ),
        after_gone: Known(
            Command::new(":lsp-restart"),
            "typed there after a SIGKILL of gopls, which had ended kak-lsp too",
        ),
    },
    settings: by_hand("its own commands set it: kakoune-lsp/kakoune-lsp README", || Message::HandPutBelow {
        file: Verbatim::of("kakrc > lsp_servers"),
        table: Verbatim::of("[gopls.settings.gopls]"),
    }),
    logs: Unknown("it writes into the buffer *debug* of the editor; into a file only where its user passes --log"),
};

pub(super) static GNOME_BUILDER: ClientRow = unread("GNOME Builder", &[Rule::Program("gnome-builder")]);
pub(super) static MICRO: ClientRow = unread("micro", &[Rule::Program("micro")]);
