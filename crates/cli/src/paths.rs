//! Locations of the program's files, and the home folder. They are resolved only here and passed
//! down.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use goplswatch_core::Snapshot;
use goplswatch_remedy::Manager;
use goplswatch_remedy::fix::Site;

use directories::BaseDirs;
use goplswatch_agent::Paths;

use crate::failure::Failure;
use crate::language::catalogue;
use goplswatch_view::Phrase;

/// The folder of the program's state: `~/.local/state/goplswatch`, on macOS
/// `~/Library/Application Support/goplswatch`.
pub(crate) fn state() -> Option<PathBuf> {
    let base = BaseDirs::new()?;
    Some(base.state_dir().unwrap_or_else(|| base.data_local_dir()).join("goplswatch"))
}

/// The folder of automatic recordings.
pub(crate) fn recordings() -> Option<PathBuf> {
    Some(state()?.join("watch"))
}

/// The config file: `~/.config/goplswatch/config.toml`. It is the same on macOS: developers expect
/// configuration of their tools there, and a separate folder can be watched without watching the
/// state folder, which changes constantly.
pub(crate) fn config_file() -> Option<PathBuf> {
    let base = BaseDirs::new()?;
    let folder =
        if base.state_dir().is_some() { base.config_dir().to_owned() } else { base.home_dir().join(".config") };
    Some(folder.join("goplswatch").join("config.toml"))
}

/// The folder of the agent's history.
pub(crate) fn history() -> Option<PathBuf> {
    Some(state()?.join("history"))
}

/// Everything a fix needs to know of this machine: the user's desktop, and the receipts folder in
/// the state folder.
pub(crate) fn fix_site() -> Result<Site, Failure> {
    let no_home = || Failure::new(Phrase::NoHomeForReceipts);
    let base = BaseDirs::new().ok_or_else(|| no_home().hint(Phrase::SetHome))?;
    refuse_root(&base)?;
    let evidence =
        |seen: &Snapshot, incident: Option<&str>, home: Option<&Path>| catalogue().evidence(seen, incident, home);
    let mut site = Site::new(receipts().ok_or_else(no_home)?, Some(base.home_dir().to_owned()), evidence);
    site.surroundings.config =
        environment().into_iter().find(|(name, _)| *name == "XDG_CONFIG_HOME").map(|(_, path)| path);
    site.surroundings.modcache_is_set = std::env::var_os("GOMODCACHE").is_some_and(|set| !set.is_empty());
    Ok(site)
}

/// Refuses to run as root with another user's home folder: sudo keeps HOME on macOS and may keep it
/// on Linux.
fn refuse_root(base: &BaseDirs) -> Result<(), Failure> {
    let owner = std::fs::metadata(base.home_dir()).map(|home| home.uid());
    if goplswatch_agent::socket::own_uid() == 0 && owner.is_ok_and(|owner| owner != 0) {
        return Err(Failure::new(Phrase::AsRoot).hint(Phrase::AsRootHint));
    }
    Ok(())
}

/// The folder of receipts.
pub(crate) fn receipts() -> Option<PathBuf> {
    Some(state()?.join("receipts"))
}

/// The home folder's path.
pub(crate) fn home() -> Option<Vec<u8>> {
    BaseDirs::new().map(|base| base.home_dir().as_os_str().as_bytes().to_vec())
}

/// The folder of the agent's log: the conventional location of each system.
fn log(base: &BaseDirs, state: &std::path::Path) -> PathBuf {
    // Only macOS has no state folder in `directories`; there, programs log to ~/Library/Logs.
    match base.state_dir() {
        Some(_) => state.join("log"),
        None => macos_logs(base),
    }
}

/// Candidate folders for the agent's socket, in order of preference.
pub(crate) fn sockets() -> Vec<PathBuf> {
    let uid = goplswatch_agent::socket::own_uid();
    // A client in a session without XDG_RUNTIME_DIR (su, cron) looks where systemd would have
    // pointed it.
    let systemd = PathBuf::from(format!("/run/user/{uid}"));
    let session = BaseDirs::new().and_then(|base| base.runtime_dir().map(PathBuf::from));
    let session = session.or_else(|| systemd.is_dir().then_some(systemd)).map(|dir| dir.join("goplswatch"));
    let own = state().map(|state| state.join("run"));
    // For very long home paths: a socket path is limited to about a hundred bytes.
    let short = PathBuf::from(format!("/tmp/goplswatch-{uid}"));
    session.into_iter().chain(own).chain([short]).collect()
}

/// All locations of the agent's files.
pub(crate) fn agent_paths() -> Result<Paths, Failure> {
    let no_home = || Failure::new(Phrase::NoHomeForState).hint(Phrase::SetHome);
    let base = BaseDirs::new().ok_or_else(no_home)?;
    let state = state().ok_or_else(no_home)?;
    refuse_root(&base)?;
    Ok(Paths {
        home: home(),
        history: state.join("history"),
        receipts: receipts().ok_or_else(no_home)?,
        log: log(&base, &state),
        config: config_file().ok_or_else(no_home)?,
        sockets: sockets(),
        state,
    })
}

/// The folder where the service manager looks, or can be made to look, for this user's login
/// services. XDG_CONFIG_HOME is ignored: the user's systemd instance need not have this shell's
/// environment.
pub(crate) fn services(manager: Manager) -> Option<PathBuf> {
    let base = BaseDirs::new()?;
    Some(match manager {
        Manager::Launchd => base.home_dir().join("Library/LaunchAgents"),
        Manager::Systemd => base.home_dir().join(".config/systemd/user"),
    })
}

/// The user's own applications folder on macOS.
pub(crate) fn applications() -> Option<PathBuf> {
    BaseDirs::new().map(|base| base.home_dir().join("Applications"))
}

/// Environment variables of this shell that relocate the program's files, for an agent that is not
/// started from this shell. Relative paths are ignored, as the XDG Base Directory specification
/// requires.
pub(crate) fn environment() -> Vec<(&'static str, PathBuf)> {
    moved(|name| std::env::var_os(name))
}

fn moved(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Vec<(&'static str, PathBuf)> {
    ["XDG_CONFIG_HOME", "XDG_STATE_HOME"]
        .into_iter()
        .filter_map(|name| Some((name, PathBuf::from(variable(name)?))))
        .filter(|(_, path)| path.is_absolute())
        .collect()
}

/// The user's preferred languages, best first: from the environment (the first of these variables
/// that is set, locale(7)), else from the desktop.
pub(crate) fn languages() -> Vec<String> {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|l| !l.is_empty()));
    named.map_or_else(goplswatch_tray::preferred_languages, |named| vec![named])
}

/// The file that `TZ` leads to, if it names one: relative to the current folder too, as the library
/// that reads it has it.
pub(crate) fn zone_file() -> Option<PathBuf> {
    let zone = std::env::var_os("TZ")?.into_encoded_bytes();
    let path = zone.strip_prefix(b":").unwrap_or(&zone);
    Some(PathBuf::from(OsStr::from_bytes(path)))
}

fn macos_logs(base: &BaseDirs) -> PathBuf {
    base.home_dir().join("Library/Logs/goplswatch")
}

/// The folder for the output of an agent started by launchd. There is next to none; the agent's own
/// log is in the same folder.
pub(crate) fn logs() -> Option<PathBuf> {
    BaseDirs::new().as_ref().map(macos_logs)
}

/// This program's path as it was invoked. A package manager's link (`/opt/homebrew/bin/goplswatch`)
/// survives an upgrade, while the versioned path it points to does not. The invoked path is used
/// only if it resolves to this program.
pub(crate) fn executable() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let called = std::env::args_os().next().unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    as_called(&own, &called, &path)
}

/// Whether the program was opened as an application, from the Finder or by `open`: it runs inside
/// its bundle, without arguments, and its stdin is not a terminal.
pub(crate) fn opened_as_application() -> bool {
    use std::io::IsTerminal as _;
    let alone = std::env::args_os().len() <= 1 && !std::io::stdin().is_terminal();
    alone && std::env::current_exe().is_ok_and(|own| is_inside_a_bundle(&own))
}

/// Matches `…/goplswatch.app/Contents/MacOS/goplswatch`.
fn is_inside_a_bundle(program: &Path) -> bool {
    let mut above = program.ancestors().skip(1);
    above.next().is_some_and(|folder| folder.ends_with("Contents/MacOS"))
        && above.nth(1).and_then(Path::extension).is_some_and(|extension| extension == "app")
}

fn as_called(own: &Path, called: &OsStr, path: &OsStr) -> io::Result<PathBuf> {
    let own = own.canonicalize()?;
    let candidates: Vec<PathBuf> = if called.as_bytes().contains(&b'/') {
        vec![called.into()]
    } else {
        std::env::split_paths(path).map(|folder| folder.join(called)).collect()
    };
    let ours = |candidate: &PathBuf| candidate.canonicalize().is_ok_and(|leads_to| leads_to == own);
    let Some(found) = candidates.into_iter().find(ours) else { return Ok(own) };
    let found = std::path::absolute(found)?;
    // If `a` is a link, `a/../b` is not the same path as `b`.
    if found.components().any(|part| part == Component::ParentDir) { Ok(own) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_an_application_only_inside_a_bundle() {
        let inside = |path: &str| is_inside_a_bundle(Path::new(path));
        assert!(inside("/Users/u/Applications/goplswatch.app/Contents/MacOS/goplswatch"));
        for path in [
            "/usr/local/bin/goplswatch",
            "/Users/u/goplswatch.app/Contents/Resources/goplswatch",
            "/Users/u/Contents/MacOS/goplswatch",
            "goplswatch",
            "/",
        ] {
            assert!(!inside(path), "{path}");
        }
    }

    #[test]
    fn only_absolute_variables_move_our_files() {
        let variables = |config: Option<&str>, state: Option<&str>| {
            moved(|name| if name == "XDG_STATE_HOME" { state } else { config }.map(Into::into))
        };
        assert_eq!(
            variables(Some("/c"), Some("/s")),
            [("XDG_CONFIG_HOME", "/c".into()), ("XDG_STATE_HOME", "/s".into())]
        );
        assert_eq!(variables(None, Some("/s")), [("XDG_STATE_HOME", "/s".into())]);
        assert_eq!(variables(Some(""), Some("state")), []);
    }

    #[test]
    fn a_link_to_this_program_is_kept_and_one_to_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        for name in ["bin", "cellar", "other"] {
            std::fs::create_dir(at(name)).unwrap();
        }
        std::fs::write(at("cellar/goplswatch"), "ours").unwrap();
        std::fs::write(at("other/goplswatch"), "another").unwrap();
        std::os::unix::fs::symlink(at("cellar/goplswatch"), at("bin/goplswatch")).unwrap();
        let own = at("cellar/goplswatch");
        let path = std::env::join_paths([at("absent"), at("other"), at("bin")]).unwrap();
        let called = |word: &OsStr| as_called(&own, word, &path).unwrap();

        assert_eq!(called("goplswatch".as_ref()), at("bin/goplswatch"), "found by PATH, past another of that name");
        assert_eq!(called(at("bin/goplswatch").as_os_str()), at("bin/goplswatch"));
        assert_eq!(called(own.as_os_str()), own);
        assert_eq!(called(at("other/goplswatch").as_os_str()), own, "another program is not believed");
        assert_eq!(called(at("bin/../cellar/goplswatch").as_os_str()), own);
        assert_eq!(called("".as_ref()), own);
        assert!(as_called(&at("cellar/goplswatch (deleted)"), "goplswatch".as_ref(), &path).is_err());
    }
}
