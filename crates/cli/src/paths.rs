//! Where our files live, and the home folder: resolved once, here, and passed down.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use goplswatch_core::Snapshot;
use goplswatch_remedy::Manager;
use goplswatch_remedy::fix::Site;

use directories::BaseDirs;
use goplswatch_agent::Places;

use crate::failure::Failure;
use crate::language::words;
use goplswatch_view::Phrase;

/// The folder of our own state: `~/.local/state/goplswatch`, on macOS `~/Library/Application Support/goplswatch`.
pub(crate) fn state() -> Option<PathBuf> {
    let base = BaseDirs::new()?;
    Some(base.state_dir().unwrap_or_else(|| base.data_local_dir()).join("goplswatch"))
}

/// The folder of automatic recordings.
pub(crate) fn recordings() -> Option<PathBuf> {
    Some(state()?.join("watch"))
}

/// The config file: `~/.config/goplswatch/config.toml`. On macOS as well, where developers' tools are looked for there;
/// and a folder of its own can be watched there without watching our state, which changes all the time.
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

/// Where fixes are done: this system's desktop, receipts among our state.
pub(crate) fn fix_site() -> Result<Site, Failure> {
    let no_home = || Failure::new(Phrase::NoHomeForReceipts);
    let base = BaseDirs::new().ok_or_else(|| no_home().hint(Phrase::SetHome))?;
    refuse_root(&base)?;
    let evidence =
        |seen: &Snapshot, incident: Option<&str>, home: Option<&Path>| words().evidence(seen, incident, home);
    let mut site = Site::new(receipts().ok_or_else(no_home)?, Some(base.home_dir().to_owned()), evidence);
    site.surroundings.config =
        environment().into_iter().find(|(name, _)| *name == "XDG_CONFIG_HOME").map(|(_, path)| path);
    site.surroundings.modcache_is_set = std::env::var_os("GOMODCACHE").is_some_and(|set| !set.is_empty());
    Ok(site)
}

/// On macOS sudo leaves HOME as it was, on Linux it may.
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

/// The folder of the agent's log: where each system's people look for one.
fn log(base: &BaseDirs, state: &std::path::Path) -> PathBuf {
    // A system without a folder for state is one whose programs log to ~/Library/Logs.
    match base.state_dir() {
        Some(_) => state.join("log"),
        None => macos_logs(base),
    }
}

/// Folders for the agent's socket, the best first.
pub(crate) fn sockets() -> Vec<PathBuf> {
    let uid = goplswatch_agent::socket::own_uid();
    // A client in a session without that variable (su, cron) looks where systemd's would point.
    let systemd = PathBuf::from(format!("/run/user/{uid}"));
    let session = BaseDirs::new().and_then(|base| base.runtime_dir().map(PathBuf::from));
    let session = session.or_else(|| systemd.is_dir().then_some(systemd)).map(|dir| dir.join("goplswatch"));
    let own = state().map(|state| state.join("run"));
    // For those whose home has a very long path: a socket's may have about a hundred bytes.
    let short = PathBuf::from(format!("/tmp/goplswatch-{uid}"));
    session.into_iter().chain(own).chain([short]).collect()
}

/// Where everything of the agent's is.
pub(crate) fn places() -> Result<Places, Failure> {
    let no_home = || Failure::new(Phrase::NoHomeForState).hint(Phrase::SetHome);
    let base = BaseDirs::new().ok_or_else(no_home)?;
    let state = state().ok_or_else(no_home)?;
    refuse_root(&base)?;
    Ok(Places {
        home: home(),
        history: state.join("history"),
        receipts: receipts().ok_or_else(no_home)?,
        log: log(&base, &state),
        config: config_file().ok_or_else(no_home)?,
        sockets: sockets(),
        state,
    })
}

/// The folder in which the manager of login services looks for those of this user, or can be made to. Not below
/// XDG_CONFIG_HOME: systemd's instance for the user need not know what this shell was told.
pub(crate) fn services(manager: Manager) -> Option<PathBuf> {
    let base = BaseDirs::new()?;
    Some(match manager {
        Manager::Launchd => base.home_dir().join("Library/LaunchAgents"),
        Manager::Systemd => base.home_dir().join(".config/systemd/user"),
    })
}

/// The folder of the user's own applications on macOS.
pub(crate) fn applications() -> Option<PathBuf> {
    BaseDirs::new().map(|base| base.home_dir().join("Applications"))
}

/// The variables of this shell that move our files, for an agent that is not started from it. The specification (XDG
/// Base Directory) says to ignore those that are not absolute.
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

/// The languages that the user prefers, the best first: what the environment names (locale(7): the first of these that is
/// set), else what the desktop knows.
pub(crate) fn languages() -> Vec<String> {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|l| !l.is_empty()));
    named.map_or_else(goplswatch_tray::preferred_languages, |named| vec![named])
}

fn macos_logs(base: &BaseDirs) -> PathBuf {
    base.home_dir().join("Library/Logs/goplswatch")
}

/// The folder of what an agent prints that launchd starts: next to nothing, beside the agent's own log.
pub(crate) fn logs() -> Option<PathBuf> {
    BaseDirs::new().as_ref().map(macos_logs)
}

/// This program's own path, as it was called: a link of a package manager (`/opt/homebrew/bin/goplswatch`) stays when
/// the version that it points to goes. What it was called by is believed only where it leads to this very program.
pub(crate) fn executable() -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let called = std::env::args_os().next().unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    as_called(&own, &called, &path)
}

/// Whether the program was opened as an application, from the Finder or by `open`: from inside its bundle, with nothing
/// to say what to do, and nobody before it who could read an answer.
pub(crate) fn opened_as_application() -> bool {
    use std::io::IsTerminal as _;
    let alone = std::env::args_os().len() <= 1 && !std::io::stdin().is_terminal();
    alone && std::env::current_exe().is_ok_and(|own| is_inside_a_bundle(&own))
}

/// `…/goplswatch.app/Contents/MacOS/goplswatch`.
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
    // `a/../b` is another folder where `a` is a link.
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
        let told = |config: Option<&str>, state: Option<&str>| {
            moved(|name| if name == "XDG_STATE_HOME" { state } else { config }.map(Into::into))
        };
        assert_eq!(told(Some("/c"), Some("/s")), [("XDG_CONFIG_HOME", "/c".into()), ("XDG_STATE_HOME", "/s".into())]);
        assert_eq!(told(None, Some("/s")), [("XDG_STATE_HOME", "/s".into())]);
        assert_eq!(told(Some(""), Some("state")), []);
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
