//! Where each client keeps its user's settings for gopls, and in which form.
//!
//! Theory of operation: the row of a client in the table of clients holds a [`SettingsLocation`]: the
//! files in which the user's own settings may be, their notation, and the objects in them that hold
//! gopls' settings. gopls accepts a setting with or without the groups that its documentation puts
//! before it (`build.directoryFilters` is `directoryFilters`: golang/tools
//! gopls/internal/settings/settings.go, `setOne`, keeps what follows the last dot). A setting that
//! is already set is therefore found under either name, and changed where it is.
//!
//! The table only has files that a program reads as data. Neovim, Vim and Emacs are configured by
//! programs of their users, and coding agents pass what their authors chose. For those a snippet is
//! shown, and a person has to place it.

use goplswatch_core::message::{Message, Verbatim};
use serde_json::{Map, Value, json};

use crate::sourced::Sourced;

/// The notation of a settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
}

/// The system whose file locations are meant. It is data, so that every test covers both systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostSystem {
    /// Those of macOS.
    Macos,
    /// Those of Linux.
    Linux,
}

/// Where a client's user configures gopls.
#[derive(Clone, Copy, Debug)]
pub struct SettingsLocation {
    /// The file that another program may write to.
    pub file: Sourced<SettingsFile>,
    /// What determines the flags with which the client starts gopls.
    pub(crate) flags: Sourced<Flags>,
    /// Instructions for a person who has to place a snippet.
    pub(crate) by_hand: fn() -> Message,
    /// The key under which a snippet is shown, if there is one.
    pub(crate) key: Option<&'static str>,
}

/// A settings file that a program reads as data.
#[derive(Clone, Copy, Debug)]
pub struct SettingsFile {
    /// Its notation.
    pub notation: Notation,
    /// Its possible locations.
    pub files: Files,
    /// Whether a missing file may be created in a folder that exists. It may not if only an
    /// existing file shows that the client reads it.
    pub may_create: bool,
    pub(crate) holders: &'static [Holder],
}

/// Files, or folders of files, of a client, per system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    pub(crate) macos: &'static [BaseFolder],
    pub(crate) linux: &'static [BaseFolder],
}

/// The location of a file, relative to the home folder or to the config folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BaseFolder {
    /// Relative to the home folder.
    Home(&'static str),
    /// Relative to `XDG_CONFIG_HOME`, which is `~/.config` if it is not set (XDG Base Directory
    /// Specification 0.8).
    Config(&'static str),
}

/// An object that holds gopls' settings, and the prefix of their names there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    path: &'static [&'static str],
    before: &'static str,
}

/// What determines the flags of gopls' command line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flags {
    /// A list in the settings.
    List {
        /// Key paths of the list; the first one is used to create it.
        paths: &'static [&'static [&'static str]],
        /// The flags that apply if the list is not set.
        unset: &'static [&'static str],
    },
    /// Something else; this makes the instructions for a person who wants this flag.
    Said(fn(&str) -> Message),
}

/// Why the location of a setting cannot be determined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocationError {
    /// It is set more than once, under these keys.
    Twice(Vec<String>),
    /// Nothing in the file shows that this client reads gopls' settings from it.
    NoHolder,
    /// The client has no such file, or no such list.
    NotThere,
}

pub(crate) const fn holder(path: &'static [&'static str], before: &'static str) -> Holder {
    Holder { path, before }
}

/// What a person should set for a client that is not in the table, line by line.
#[must_use]
pub fn settings_by_hand(name: &str, value: &Value) -> Vec<Message> {
    vec![Message::HandPutElsewhere, Message::reported(snippet(name, value))]
}

impl Files {
    /// The same locations on both systems.
    pub(crate) const fn same(places: &'static [BaseFolder]) -> Self {
        Self { macos: places, linux: places }
    }

    /// Their paths, in the order of the table. `home` and `config` (`XDG_CONFIG_HOME`, if set) are
    /// absolute and have no trailing slash.
    #[must_use]
    pub fn paths(&self, system: HostSystem, home: &str, config: Option<&str>) -> Vec<String> {
        let all = match system {
            HostSystem::Macos => self.macos,
            HostSystem::Linux => self.linux,
        };
        let of = |place: &BaseFolder| match (place, config) {
            (BaseFolder::Home(file), _) => format!("{home}/{file}"),
            (BaseFolder::Config(file), Some(config)) => format!("{config}/{file}"),
            (BaseFolder::Config(file), None) => format!("{home}/.config/{file}"),
        };
        all.iter().map(of).collect()
    }
}

impl SettingsLocation {
    /// The key path of a setting in the content of its file: where it is set already, or where it
    /// would be added.
    ///
    /// # Errors
    /// [`LocationError`].
    pub fn path(&self, says: &Value, name: &str) -> Result<Vec<String>, LocationError> {
        let SettingsFile { holders, may_create: made, .. } = self.file.value().ok_or(LocationError::NotThere)?;
        let mut set: Vec<Vec<String>> = Vec::new();
        for holder in holders {
            let Some(object) = at(says, holder.path).and_then(Value::as_object) else { continue };
            set.extend(keys(object, holder.before, name).map(|key| joined(holder.path, key)));
        }
        match set.as_slice() {
            [] => {}
            [one] => return Ok(one.clone()),
            more => return Err(LocationError::Twice(more.iter().map(|path| path.join(" > ")).collect())),
        }
        let there = holders.iter().find(|holder| is_used(says, holder));
        let first = holders.first().ok_or(LocationError::NotThere)?;
        match there {
            Some(holder) => Ok(joined(holder.path, &format!("{}{name}", holder.before))),
            None if made => Ok(joined(first.path, &format!("{}{name}", first.before))),
            None => Err(LocationError::NoHolder),
        }
    }

    /// The key path of the list of flags with which gopls is started in the content of its file,
    /// and the current list.
    ///
    /// # Errors
    /// [`LocationError`].
    pub fn flags(&self, says: &Value) -> Result<(Vec<String>, Vec<Value>), LocationError> {
        let list = self.file.value().and(self.flags.value());
        let Some(Flags::List { paths, unset }) = list else { return Err(LocationError::NotThere) };
        let set: Vec<_> = paths.iter().filter_map(|path| Some((path, at(says, path)?))).collect();
        match (set.as_slice(), paths) {
            ([], [first, ..]) => Ok((joined(first, ""), unset.iter().map(|flag| json!(flag)).collect())),
            ([(path, value)], _) => Ok((joined(path, ""), value.as_array().cloned().ok_or(LocationError::NoHolder)?)),
            (more, _) => Err(LocationError::Twice(more.iter().map(|(path, _)| path.join(" > ")).collect())),
        }
    }

    /// What a person sets and where, line by line, if the change cannot or should not be made
    /// automatically.
    #[must_use]
    pub fn snippet(&self, name: &str, value: &Value) -> Vec<Message> {
        let inner = snippet(name, value);
        let snippet = match self.key {
            Some(key) => format!("{}: {inner}", json!(key)),
            None => inner,
        };
        vec![(self.by_hand)(), Message::reported(snippet)]
    }

    /// The same for a flag of gopls' command line.
    #[must_use]
    pub fn flag_snippet(&self, flag: &str) -> Message {
        match self.flags.value() {
            Some(Flags::List { paths: [path, ..], .. }) => {
                Message::HandAddFlag { flag: Verbatim::of(flag), list: Verbatim(path.join(" > ")) }
            }
            Some(Flags::Said(said)) => said(flag),
            _ => Message::HandStartAs { flag: Verbatim::of(flag) },
        }
    }
}

fn snippet(name: &str, value: &Value) -> String {
    format!("{{ {}: {value} }}", json!(name))
}

/// Whether a file uses this holder: its object exists, and where its settings are among others, it
/// has at least one of them.
fn is_used(says: &Value, holder: &Holder) -> bool {
    let object = at(says, holder.path).and_then(Value::as_object);
    let own = |object: &Map<String, Value>| object.keys().any(|key| key.starts_with(holder.before));
    object.is_some_and(|object| !holder.path.is_empty() || own(object))
}

/// The keys of a setting: `directoryFilters`, `build.directoryFilters`. If a client splits dotted
/// keys into a tree, a key with a group reaches gopls as an object that it refuses ("unexpected
/// setting"), so such a key sets nothing.
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
    use crate::ClientId::{self, CocNvim, Cursor, Helix, Neovim, SublimeText, VsCode, Zed};

    fn place(client: ClientId) -> &'static SettingsLocation {
        &client.row().settings
    }

    fn path(client: ClientId, says: &Value, name: &str) -> Result<String, LocationError> {
        place(client).path(says, name).map(|path| path.join(" > "))
    }

    #[test]
    fn files_stand_below_home_or_the_folder_of_settings() {
        let files = |client, places, config| place(client).file.value().unwrap().files.paths(places, "/h", config);
        assert_eq!(
            files(VsCode, HostSystem::Macos, Some("/x")),
            ["/h/Library/Application Support/Code/User/settings.json", "/h/.vscode-server/data/Machine/settings.json"]
        );
        assert_eq!(files(VsCode, HostSystem::Linux, Some("/x"))[0], "/x/Code/User/settings.json");
        assert_eq!(files(VsCode, HostSystem::Linux, None)[0], "/h/.config/Code/User/settings.json");
        assert_eq!(files(Helix, HostSystem::Macos, None), ["/h/.config/helix/languages.toml"]);
        assert_eq!(files(Zed, HostSystem::Macos, Some("/x")), ["/h/.config/zed/settings.json"]);
    }

    #[test]
    fn a_setting_is_found_where_it_stands() {
        for (client, says, expected) in [
            (VsCode, json!({}), "gopls > directoryFilters"),
            (VsCode, json!({"gopls": {"build.directoryFilters": []}}), "gopls > build.directoryFilters"),
            (VsCode, json!({"gopls": {"directoryFilters": []}}), "gopls > directoryFilters"),
            (VsCode, json!({"gopls.directoryFilters": []}), "gopls.directoryFilters"),
            (VsCode, json!({"gopls.build.directoryFilters": []}), "gopls.directoryFilters"),
            // A new object would replace the dotted key.
            (VsCode, json!({"gopls.ui.semanticTokens": true}), "gopls.directoryFilters"),
            (VsCode, json!({"goplsx": {"directoryFilters": []}}), "gopls > directoryFilters"),
            (Zed, json!({}), "lsp > gopls > initialization_options > directoryFilters"),
            (Zed, json!({"lsp": {"gopls": {"settings": {"x": 1}}}}), "lsp > gopls > settings > directoryFilters"),
            (Helix, json!({}), "language-server > gopls > config > directoryFilters"),
            (SublimeText, json!({"settings": {}}), "settings > gopls.directoryFilters"),
            (CocNvim, json!({"go.goplsOptions": {}}), "go.goplsOptions > directoryFilters"),
            (CocNvim, json!({"go": {"goplsOptions": {}}}), "go > goplsOptions > directoryFilters"),
        ] {
            assert_eq!(path(client, &says, "directoryFilters").as_deref(), Ok(expected), "{client:?} {says}");
        }
    }

    #[test]
    fn what_is_not_clear_is_not_placed() {
        let twice = json!({"gopls": {"build.directoryFilters": []}, "gopls.directoryFilters": []});
        assert_eq!(
            path(VsCode, &twice, "directoryFilters"),
            Err(LocationError::Twice(vec!["gopls > build.directoryFilters".into(), "gopls.directoryFilters".into()]))
        );
        assert_eq!(path(CocNvim, &json!({"languageserver": {}}), "x"), Err(LocationError::NoHolder));
        assert_eq!(path(Neovim, &json!({}), "x"), Err(LocationError::NotThere));
        assert_eq!(place(SublimeText).flags(&json!({})), Err(LocationError::NotThere));
    }

    #[test]
    fn flags_keep_what_is_there() {
        let flags = |client: ClientId, says| place(client).flags(&says).unwrap();
        assert_eq!(flags(VsCode, json!({})), (vec!["go.languageServerFlags".into()], vec![]));
        assert_eq!(
            flags(Cursor, json!({"go": {"languageServerFlags": ["-rpc.trace"]}})),
            (vec!["go".into(), "languageServerFlags".into()], vec![json!("-rpc.trace")])
        );
        assert_eq!(flags(Zed, json!({})).1, [json!("-mode=stdio")]);
    }

    #[test]
    fn a_snippet_says_where_and_what() {
        let of = |client: ClientId| place(client).snippet("fileWatcher", &json!("off"));
        let last = |lines: Vec<Message>| lines.into_iter().last().unwrap();
        assert_eq!(last(of(VsCode)), Message::reported("\"gopls\": { \"fileWatcher\": \"off\" }"));
        assert_eq!(last(of(Neovim)), Message::reported("{ \"fileWatcher\": \"off\" }"));
        assert!(matches!(&of(Neovim)[0], Message::HandPutInCall { file, .. } if file.0 == "init.lua"));
        let unlisted = settings_by_hand("memoryLimit", &json!(5));
        assert_eq!(unlisted, [Message::HandPutElsewhere, Message::reported("{ \"memoryLimit\": 5 }")]);
        let flag = place(CocNvim).flag_snippet("-remote=auto");
        assert!(matches!(flag, Message::HandUnlessFalse { key, .. } if key.0 == "go.goplsUseDaemon"));
    }
}
