//! Where each client keeps what its user sets for gopls, and how it is written there.
//!
//! Theory of operation: one table of rows, one for each client of the table of clients. A row names the files in which
//! the user's own settings may stand, what they are written in, and the objects in them that hold gopls' settings. gopls
//! itself takes a setting with or without the groups that its documents put before it (`build.directoryFilters` is
//! `directoryFilters`: golang/tools gopls/internal/settings/settings.go, `setOne`, keeps what follows the last dot), so
//! one that is set already is found under either name and is set where it stands.
//!
//! Only files that a program reads as data stand in the table. Neovim, Vim and Emacs are configured by programs of their
//! users, and coding agents pass what their authors chose: for those there is a snippet, and a person to place it.

use serde_json::{Map, Value, json};

/// What a settings file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
}

/// Which system's places are meant: data, so that every test knows both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// Those of macOS.
    Macos,
    /// Those of Linux.
    Linux,
}

/// Where a client's user sets gopls up.
#[derive(Debug)]
pub struct SettingsRow {
    /// The client, as the table of clients names it.
    pub client: &'static str,
    /// What its files are written in.
    pub notation: Notation,
    /// Where all of this was read.
    pub source: &'static str,
    macos: &'static [Place],
    linux: &'static [Place],
    holders: &'static [Holder],
    flags: Option<Flags>,
    made: bool,
    by_hand: &'static str,
}

/// A place for a file, below the home folder or below the folder of settings.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Below the home folder.
    Home(&'static str),
    /// Below `XDG_CONFIG_HOME`, which is `~/.config` where it is not set (XDG Base Directory Specification 0.8).
    Config(&'static str),
}

/// An object that holds gopls' settings, and what stands before their names there.
#[derive(Clone, Copy, Debug)]
struct Holder {
    path: &'static [&'static str],
    before: &'static str,
}

/// The list of flags with which the client starts gopls.
#[derive(Clone, Copy, Debug)]
struct Flags {
    /// Keys that lead to it; the first is the one that is made.
    paths: &'static [&'static [&'static str]],
    /// What it is where it is not set.
    unset: &'static [&'static str],
}

/// Why it is not known where a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unplaced {
    /// It is set more than once: these are the keys.
    Twice(Vec<String>),
    /// Nothing in the file shows that this client reads gopls' settings from it.
    NoHolder,
    /// The client has no such file, or no such list.
    NotThere,
}

const fn holder(path: &'static [&'static str], before: &'static str) -> Holder {
    Holder { path, before }
}

/// VS Code makes one tree of `"gopls": {…}` and of `"gopls.x"` (microsoft/vscode
/// src/vs/platform/configuration/common/configuration.ts, `addToValueTree`). An object that comes after a dotted key
/// replaces it there, so a new object is made only in a file without dotted keys.
const VSCODE_HOLDERS: &[Holder] = &[holder(&["gopls"], ""), holder(&[], "gopls.")];
const VSCODE_FLAGS: Option<Flags> =
    Some(Flags { paths: &[&["go.languageServerFlags"], &["go", "languageServerFlags"]], unset: &[] });
const VSCODE_SOURCE: &str = "golang/vscode-go extension/src/language/goLanguageServer.ts (filterGoplsDefaultConfigValues, \
     languageServerFlags); microsoft/vscode src/vs/platform/environment/node/userDataPath.ts; remote hosts: \
     code.visualstudio.com/docs/remote/ssh, \"SSH host-specific settings\"";
const VSCODE_BY_HAND: &str = "Put this into settings.json (command \"Preferences: Open User Settings (JSON)\"):";
const ELSEWHERE: &str = "It is not known where this program keeps its settings. These are the ones that gopls should get \
     from it:";

const fn vscode(client: &'static str, macos: &'static [Place], linux: &'static [Place]) -> SettingsRow {
    SettingsRow {
        client,
        notation: Notation::Jsonc,
        source: VSCODE_SOURCE,
        macos,
        linux,
        holders: VSCODE_HOLDERS,
        flags: VSCODE_FLAGS,
        made: true,
        by_hand: VSCODE_BY_HAND,
    }
}

const fn by_hand(client: &'static str, source: &'static str, by_hand: &'static str) -> SettingsRow {
    SettingsRow {
        client,
        notation: Notation::Jsonc,
        source,
        macos: &[],
        linux: &[],
        holders: &[],
        flags: None,
        made: false,
        by_hand,
    }
}

const NEOVIM: &str = "Put this into the settings of gopls in init.lua: vim.lsp.config(\"gopls\", { settings = { gopls = … } \
     }), or setup of nvim-lspconfig. As JSON it is:";
const LSP_MODE: &str =
    "Put this into your init file: (lsp-register-custom-settings '((\"gopls.NAME\" VALUE))). As JSON it is:";
const EGLOT: &str = "Put this into your init file: (setq-default eglot-workspace-configuration '(:gopls (:NAME VALUE))). As \
     JSON it is:";
const VIM: &str = "Put this into what your plugin sends to gopls (ALE: g:ale_go_gopls_init_options, vim-go: \
     g:go_gopls_settings, vim-lsp: workspace_config). As JSON it is:";

static ROWS: &[SettingsRow] = &[
    vscode(
        "VS Code",
        &[
            Place::Home("Library/Application Support/Code/User/settings.json"),
            Place::Home(".vscode-server/data/Machine/settings.json"),
        ],
        &[Place::Config("Code/User/settings.json"), Place::Home(".vscode-server/data/Machine/settings.json")],
    ),
    vscode(
        "VS Code Insiders",
        &[
            Place::Home("Library/Application Support/Code - Insiders/User/settings.json"),
            Place::Home(".vscode-server-insiders/data/Machine/settings.json"),
        ],
        &[
            Place::Config("Code - Insiders/User/settings.json"),
            Place::Home(".vscode-server-insiders/data/Machine/settings.json"),
        ],
    ),
    vscode(
        "VSCodium",
        &[
            Place::Home("Library/Application Support/VSCodium/User/settings.json"),
            Place::Home(".vscodium-server/data/Machine/settings.json"),
        ],
        &[Place::Config("VSCodium/User/settings.json"), Place::Home(".vscodium-server/data/Machine/settings.json")],
    ),
    vscode(
        "Cursor",
        &[
            Place::Home("Library/Application Support/Cursor/User/settings.json"),
            Place::Home(".cursor-server/data/Machine/settings.json"),
        ],
        &[Place::Config("Cursor/User/settings.json"), Place::Home(".cursor-server/data/Machine/settings.json")],
    ),
    vscode(
        "Windsurf",
        &[
            Place::Home("Library/Application Support/Windsurf/User/settings.json"),
            Place::Home(".windsurf-server/data/Machine/settings.json"),
        ],
        &[Place::Config("Windsurf/User/settings.json"), Place::Home(".windsurf-server/data/Machine/settings.json")],
    ),
    // XDG's data folder on macOS too (coder/code-server src/node/util.ts, getEnvPaths).
    vscode(
        "code-server",
        &[Place::Home(".local/share/code-server/User/settings.json")],
        &[Place::Home(".local/share/code-server/User/settings.json")],
    ),
    // The user's settings live in the browser; those of the machine are a file.
    vscode(
        "OpenVSCode Server",
        &[Place::Home(".openvscode-server/data/Machine/settings.json")],
        &[Place::Home(".openvscode-server/data/Machine/settings.json")],
    ),
    // Its name, and so its folder, is not known.
    vscode("a relative of VS Code", &[], &[]),
    SettingsRow {
        client: "Zed",
        notation: Notation::Jsonc,
        source: "zed.dev/docs/configuring-languages (initialization_options, binary.arguments); zed-industries/zed \
                 crates/paths/src/paths.rs (config_dir), crates/languages/src/go.rs (server_binary_arguments), \
                 crates/project/src/lsp_store.rs (get_language_server_binary: arguments without a path replace its own)",
        macos: &[Place::Home(".config/zed/settings.json")],
        linux: &[Place::Config("zed/settings.json")],
        holders: &[holder(&["lsp", "gopls", "initialization_options"], ""), holder(&["lsp", "gopls", "settings"], "")],
        flags: Some(Flags { paths: &[&["lsp", "gopls", "binary", "arguments"]], unset: &["-mode=stdio"] }),
        made: true,
        by_hand: "Put this into settings.json (command \"zed: open settings\"), as lsp > gopls > initialization_options:",
    },
    SettingsRow {
        client: "Helix",
        notation: Notation::Toml,
        source: "go.dev/gopls/helix; docs.helix-editor.com/languages.html; helix-editor/helix helix-loader/src/lib.rs \
                 (config_dir: XDG on macOS too)",
        macos: &[Place::Config("helix/languages.toml")],
        linux: &[Place::Config("helix/languages.toml")],
        holders: &[holder(&["language-server", "gopls", "config"], "")],
        flags: Some(Flags { paths: &[&["language-server", "gopls", "args"]], unset: &[] }),
        made: true,
        by_hand: "Put this into languages.toml, below [language-server.gopls.config]. As JSON it is:",
    },
    // Without the package's own file it is not known whether LSP-gopls or LSP itself starts gopls. The list that starts
    // it holds the program as well, so flags are for a person.
    SettingsRow {
        client: "Sublime Text",
        notation: Notation::Jsonc,
        source: "sublimelsp/LSP-gopls 08c57a1 LSP-gopls.sublime-settings; sublimelsp/LSP plugin/core/types.py \
                 (ClientConfig.from_sublime_settings merges \"settings\")",
        macos: &[Place::Home("Library/Application Support/Sublime Text/Packages/User/LSP-gopls.sublime-settings")],
        linux: &[Place::Config("sublime-text/Packages/User/LSP-gopls.sublime-settings")],
        holders: &[holder(&["settings"], "gopls.")],
        flags: None,
        made: false,
        by_hand: "Put this into Preferences > Package Settings > LSP > Servers > LSP-gopls, within \"settings\", each name \
                  with \"gopls.\" before it:",
    },
    // coc-go, a newer extension and a plain entry of "languageserver" all run gopls, and each reads another key; only
    // one that is there already says which. coc-go adds -remote=auto itself (go.goplsUseDaemon).
    SettingsRow {
        client: "coc.nvim",
        notation: Notation::Jsonc,
        source: "josa42/coc-go src/utils/config.ts (goplsOptions, goplsUseDaemon); neoclide/coc.nvim \
                 autoload/coc/util.vim (coc#util#get_config_home)",
        macos: &[Place::Config("nvim/coc-settings.json"), Place::Home(".vim/coc-settings.json")],
        linux: &[Place::Config("nvim/coc-settings.json"), Place::Home(".vim/coc-settings.json")],
        holders: &[holder(&["go.goplsOptions"], ""), holder(&["go", "goplsOptions"], ""), holder(&["gopls"], "")],
        flags: None,
        made: false,
        by_hand: "Put this into coc-settings.json (:CocConfig), as go.goplsOptions of coc-go:",
    },
    by_hand("vscode-languageclient", "a library", ELSEWHERE),
    by_hand("Neovim", "go.dev/gopls/editor/vim", NEOVIM),
    by_hand("Vim", "go.dev/gopls/editor/vim; vim-go doc/vim-go.txt; dense-analysis/ale doc/ale-go.txt", VIM),
    by_hand("Emacs (lsp-mode)", "go.dev/gopls/editor/emacs", LSP_MODE),
    by_hand("Emacs", "go.dev/gopls/editor/emacs", EGLOT),
    by_hand(
        "Kate",
        "KDE/kate addons/lspclient",
        "Put this into Settings > LSP Client > User Server Settings, as \
             servers > go > settings > gopls:",
    ),
    by_hand("Claude Code", "not read", ELSEWHERE),
    by_hand("GNOME Builder", "not read", ELSEWHERE),
    by_hand("micro", "not read", ELSEWHERE),
    by_hand("Codex", "not read", ELSEWHERE),
    by_hand("Gemini CLI", "not read", ELSEWHERE),
    by_hand("Crush", "not read", ELSEWHERE),
    by_hand("opencode", "not read", ELSEWHERE),
    by_hand("Serena", "not read", ELSEWHERE),
];

/// The row of a client; `None`: it is not in the table of clients either.
#[must_use]
pub fn settings(client: &str) -> Option<&'static SettingsRow> {
    ROWS.iter().find(|row| row.client == client)
}

/// What a person should set for a client that is not in the table.
#[must_use]
pub fn settings_by_hand(name: &str, value: &Value) -> String {
    format!("{ELSEWHERE}\n{}", snippet(name, value))
}

impl SettingsRow {
    /// The files in which its user's settings may stand, in the order of the table. `home` and `config`
    /// (`XDG_CONFIG_HOME`, where it is set) are absolute and without a slash at their end.
    #[must_use]
    pub fn files(&self, places: Places, home: &str, config: Option<&str>) -> Vec<String> {
        let all = match places {
            Places::Macos => self.macos,
            Places::Linux => self.linux,
        };
        let of = |place: &Place| match (place, config) {
            (Place::Home(file), _) => format!("{home}/{file}"),
            (Place::Config(file), Some(config)) => format!("{config}/{file}"),
            (Place::Config(file), None) => format!("{home}/.config/{file}"),
        };
        all.iter().map(of).collect()
    }

    /// The keys that lead to a setting in what a file says: where it is set already, else where it would be.
    ///
    /// # Errors
    /// [`Unplaced`].
    pub fn path(&self, says: &Value, name: &str) -> Result<Vec<String>, Unplaced> {
        let mut set: Vec<Vec<String>> = Vec::new();
        for holder in self.holders {
            let Some(object) = at(says, holder.path).and_then(Value::as_object) else { continue };
            set.extend(keys(object, holder.before, name).map(|key| joined(holder.path, key)));
        }
        match set.as_slice() {
            [] => {}
            [one] => return Ok(one.clone()),
            more => return Err(Unplaced::Twice(more.iter().map(|path| path.join(" > ")).collect())),
        }
        let there = self.holders.iter().find(|holder| is_used(says, holder));
        let first = self.holders.first().ok_or(Unplaced::NotThere)?;
        match there {
            Some(holder) => Ok(joined(holder.path, &format!("{}{name}", holder.before))),
            None if self.made => Ok(joined(first.path, &format!("{}{name}", first.before))),
            None => Err(Unplaced::NoHolder),
        }
    }

    /// The keys that lead to the list of flags with which gopls is started, and what that list is now.
    ///
    /// # Errors
    /// [`Unplaced`].
    pub fn flags(&self, says: &Value) -> Result<(Vec<String>, Vec<Value>), Unplaced> {
        let flags = self.flags.ok_or(Unplaced::NotThere)?;
        let set: Vec<_> = flags.paths.iter().filter_map(|path| Some((path, at(says, path)?))).collect();
        match (set.as_slice(), flags.paths) {
            ([], [first, ..]) => Ok((joined(first, ""), flags.unset.iter().map(|flag| json!(flag)).collect())),
            ([(path, value)], _) => Ok((joined(path, ""), value.as_array().cloned().ok_or(Unplaced::NoHolder)?)),
            (more, _) => Err(Unplaced::Twice(more.iter().map(|(path, _)| path.join(" > ")).collect())),
        }
    }

    /// Whether there is a file in which a setting can be made.
    #[must_use]
    pub const fn has_a_file(&self, places: Places) -> bool {
        match places {
            Places::Macos => !self.macos.is_empty(),
            Places::Linux => !self.linux.is_empty(),
        }
    }

    /// Whether a file that is not there may be made in a folder that is: where only the file shows that the client reads
    /// it, it may not.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        self.made
    }

    /// What a person sets and where, for whoever cannot or should not have it done.
    #[must_use]
    pub fn snippet(&self, name: &str, value: &Value) -> String {
        let inner = snippet(name, value);
        match self.holders.first() {
            Some(Holder { path: ["gopls"], .. }) => format!("{}\n\"gopls\": {inner}", self.by_hand),
            _ => format!("{}\n{inner}", self.by_hand),
        }
    }

    /// The same for a flag of gopls' command line.
    #[must_use]
    pub fn flag_snippet(&self, flag: &str) -> String {
        let path = self.flags.and_then(|flags| flags.paths.first().copied());
        match (path, self.client) {
            (Some(path), _) => format!("Add \"{flag}\" to the list {} in its settings.", path.join(" > ")),
            (None, "coc.nvim") => {
                "coc-go starts gopls with -remote=auto unless go.goplsUseDaemon is false: set it to true.".into()
            }
            (None, _) => format!("Have it start gopls as: gopls {flag}"),
        }
    }
}

fn snippet(name: &str, value: &Value) -> String {
    format!("{{ {}: {value} }}", json!(name))
}

/// Whether this holder is the one that a file uses: its object is there, and where its settings stand beside others,
/// one of them.
fn is_used(says: &Value, holder: &Holder) -> bool {
    let object = at(says, holder.path).and_then(Value::as_object);
    let own = |object: &Map<String, Value>| object.keys().any(|key| key.starts_with(holder.before));
    object.is_some_and(|object| !holder.path.is_empty() || own(object))
}

/// The keys of a setting: `directoryFilters`, `build.directoryFilters`. Where a client splits dotted keys into a tree, one
/// with a group reaches gopls as an object that it refuses ("unexpected setting"), so that one sets nothing.
fn keys<'a>(object: &'a Map<String, Value>, before: &'a str, name: &'a str) -> impl Iterator<Item = &'a String> {
    object.keys().filter(move |key| match before {
        "" => key.rsplit('.').next() == Some(name),
        _ => key.strip_prefix(before) == Some(name),
    })
}

fn at<'a>(says: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(says, |value, key| value.get(key))
}

fn joined(path: &[&str], last: &str) -> Vec<String> {
    path.iter().copied().chain(Some(last).filter(|last| !last.is_empty())).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(client: &str, says: &Value, name: &str) -> Result<String, Unplaced> {
        settings(client).unwrap().path(says, name).map(|path| path.join(" > "))
    }

    #[test]
    fn every_client_has_one_row_with_its_source() {
        for client in crate::clients() {
            assert_eq!(ROWS.iter().filter(|row| row.client == client.name).count(), 1, "{}", client.name);
        }
        assert_eq!(ROWS.len(), crate::clients().len());
        for row in ROWS {
            assert!(!row.source.is_empty() && row.by_hand.ends_with(':'), "{}", row.client);
            assert_eq!(row.macos.is_empty(), row.linux.is_empty(), "{}", row.client);
        }
    }

    #[test]
    fn files_stand_below_home_or_the_folder_of_settings() {
        let files = |client, places, config| settings(client).unwrap().files(places, "/h", config);
        assert_eq!(
            files("VS Code", Places::Macos, Some("/x")),
            ["/h/Library/Application Support/Code/User/settings.json", "/h/.vscode-server/data/Machine/settings.json"]
        );
        assert_eq!(files("VS Code", Places::Linux, Some("/x"))[0], "/x/Code/User/settings.json");
        assert_eq!(files("VS Code", Places::Linux, None)[0], "/h/.config/Code/User/settings.json");
        assert_eq!(files("Helix", Places::Macos, None), ["/h/.config/helix/languages.toml"]);
        assert_eq!(files("Zed", Places::Macos, Some("/x")), ["/h/.config/zed/settings.json"]);
        assert!(files("Neovim", Places::Linux, None).is_empty());
    }

    #[test]
    fn a_setting_is_found_where_it_stands() {
        for (client, says, expected) in [
            ("VS Code", json!({}), "gopls > directoryFilters"),
            ("VS Code", json!({"gopls": {"build.directoryFilters": []}}), "gopls > build.directoryFilters"),
            ("VS Code", json!({"gopls": {"directoryFilters": []}}), "gopls > directoryFilters"),
            ("VS Code", json!({"gopls.directoryFilters": []}), "gopls.directoryFilters"),
            ("VS Code", json!({"gopls.build.directoryFilters": []}), "gopls.directoryFilters"),
            // A new object would replace the dotted key.
            ("VS Code", json!({"gopls.ui.semanticTokens": true}), "gopls.directoryFilters"),
            ("VS Code", json!({"goplsx": {"directoryFilters": []}}), "gopls > directoryFilters"),
            ("Zed", json!({}), "lsp > gopls > initialization_options > directoryFilters"),
            ("Zed", json!({"lsp": {"gopls": {"settings": {"x": 1}}}}), "lsp > gopls > settings > directoryFilters"),
            ("Helix", json!({}), "language-server > gopls > config > directoryFilters"),
            ("Sublime Text", json!({"settings": {}}), "settings > gopls.directoryFilters"),
            ("coc.nvim", json!({"go.goplsOptions": {}}), "go.goplsOptions > directoryFilters"),
            ("coc.nvim", json!({"go": {"goplsOptions": {}}}), "go > goplsOptions > directoryFilters"),
        ] {
            assert_eq!(path(client, &says, "directoryFilters").as_deref(), Ok(expected), "{client} {says}");
        }
    }

    #[test]
    fn what_is_not_clear_is_not_placed() {
        let twice = json!({"gopls": {"build.directoryFilters": []}, "gopls.directoryFilters": []});
        assert_eq!(
            path("VS Code", &twice, "directoryFilters"),
            Err(Unplaced::Twice(vec!["gopls > build.directoryFilters".into(), "gopls.directoryFilters".into()]))
        );
        assert_eq!(path("coc.nvim", &json!({"languageserver": {}}), "x"), Err(Unplaced::NoHolder));
        assert_eq!(path("Neovim", &json!({}), "x"), Err(Unplaced::NotThere));
        assert_eq!(settings("Sublime Text").unwrap().flags(&json!({})), Err(Unplaced::NotThere));
    }

    #[test]
    fn flags_keep_what_is_there() {
        let flags = |client: &str, says| settings(client).unwrap().flags(&says).unwrap();
        assert_eq!(flags("VS Code", json!({})), (vec!["go.languageServerFlags".into()], vec![]));
        assert_eq!(
            flags("Cursor", json!({"go": {"languageServerFlags": ["-rpc.trace"]}})),
            (vec!["go".into(), "languageServerFlags".into()], vec![json!("-rpc.trace")])
        );
        assert_eq!(flags("Zed", json!({})).1, [json!("-mode=stdio")]);
    }

    #[test]
    fn a_snippet_says_where_and_what() {
        let of = |client: &str| settings(client).unwrap().snippet("fileWatcher", &json!("off"));
        assert!(of("VS Code").ends_with("\n\"gopls\": { \"fileWatcher\": \"off\" }"));
        assert!(of("Neovim").contains("init.lua") && of("Neovim").ends_with("{ \"fileWatcher\": \"off\" }"));
        assert!(settings_by_hand("memoryLimit", &json!(5)).ends_with("{ \"memoryLimit\": 5 }"));
        assert!(settings("coc.nvim").unwrap().flag_snippet("-remote=auto").contains("goplsUseDaemon"));
    }
}
