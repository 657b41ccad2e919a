//! Where programs of others keep things on this system: data, so that tests can put everything elsewhere.

use std::path::PathBuf;

use goplswatch_gopls::Places;

use crate::manager::Manager;

/// Where others keep their settings and their tools.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Which system's places are meant.
    pub places: Places,
    /// `XDG_CONFIG_HOME`, where it is set.
    pub config: Option<PathBuf>,
    /// Where a go command may be, absolute, in the order in which they are asked.
    pub go: Vec<PathBuf>,
    /// env(1), which sets variables for one command.
    pub env: PathBuf,
    /// The variable GOMODCACHE is set in our own environment.
    pub modcache_is_set: bool,
    /// A file that is there only where the settings of macOS are those of 13 and later.
    pub new_settings: PathBuf,
}

impl Surroundings {
    /// Those of the system that this program was built for.
    #[must_use]
    pub fn of_this_system() -> Self {
        Self::of(Manager::of_this_system())
    }

    /// Those of the system of this manager.
    #[must_use]
    pub fn of(manager: Manager) -> Self {
        // Homebrew on Apple silicon, go.dev's package, Homebrew on Intel, MacPorts; then the places of distributions.
        // PATH has no say: an agent's is launchd's.
        let (places, go): (_, &[&str]) = match manager {
            Manager::Launchd => (
                Places::Macos,
                &["/opt/homebrew/bin/go", "/usr/local/go/bin/go", "/usr/local/bin/go", "/opt/local/bin/go"],
            ),
            Manager::Systemd => {
                (Places::Linux, &["/usr/local/go/bin/go", "/usr/bin/go", "/usr/lib/go/bin/go", "/snap/bin/go"])
            }
        };
        Self {
            places,
            config: None,
            go: go.iter().map(PathBuf::from).collect(),
            env: "/usr/bin/env".into(),
            modcache_is_set: false,
            // System Settings took the place of System Preferences in macOS 13.
            new_settings: "/System/Applications/System Settings.app".into(),
        }
    }
}
