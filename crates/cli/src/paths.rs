//! Where our files live, and the home folder: resolved once, here, and passed down.

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// The folder of our own state: `~/.local/state/goplswatch`, on macOS `~/Library/Application Support/goplswatch`.
pub(crate) fn state() -> Option<PathBuf> {
    let base = directories::BaseDirs::new()?;
    Some(base.state_dir().unwrap_or_else(|| base.data_local_dir()).join("goplswatch"))
}

/// The folder of automatic recordings.
pub(crate) fn recordings() -> Option<PathBuf> {
    Some(state()?.join("watch"))
}

/// The config file: `~/.config/goplswatch/config.toml`, on macOS below `~/Library/Application Support`.
pub(crate) fn config_file() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.config_dir().join("goplswatch").join("config.toml"))
}

/// The home folder's path.
pub(crate) fn home() -> Option<Vec<u8>> {
    directories::BaseDirs::new().map(|base| base.home_dir().as_os_str().as_bytes().to_vec())
}
