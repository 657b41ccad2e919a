//! Where other programs keep their files on this system, as data, so that tests can use other
//! paths.

use std::path::PathBuf;

use goplswatch_gopls::HostSystem;

use crate::manager::Manager;

/// Where other programs keep their settings and tools.
#[derive(Clone, Debug)]
pub struct ExternalPaths {
    /// The system whose paths are used.
    pub host_system: HostSystem,
    /// `XDG_CONFIG_HOME`, if set.
    pub config: Option<PathBuf>,
    /// The possible absolute paths of a go command, in the order in which they are tried.
    pub go: Vec<PathBuf>,
    /// env(1), which sets variables for one command.
    pub env: PathBuf,
    /// Whether GOMODCACHE is set in our own environment.
    pub modcache_is_set: bool,
    /// A file that exists only on macOS 13 and later, which has the new System Settings.
    pub new_settings: PathBuf,
}

impl ExternalPaths {
    /// The values of the system that this program was built for.
    #[must_use]
    pub fn of_this_system() -> Self {
        Self::of(Manager::of_this_system())
    }

    /// The values of the system with this service manager.
    #[must_use]
    pub fn of(manager: Manager) -> Self {
        // Homebrew on Apple silicon, go.dev's package, Homebrew on Intel, MacPorts; then the paths
        // of distributions. PATH is ignored: that of an agent is launchd's.
        let (places, go): (_, &[&str]) = match manager {
            Manager::Launchd => (
                HostSystem::Macos,
                &["/opt/homebrew/bin/go", "/usr/local/go/bin/go", "/usr/local/bin/go", "/opt/local/bin/go"],
            ),
            Manager::Systemd => {
                (HostSystem::Linux, &["/usr/local/go/bin/go", "/usr/bin/go", "/usr/lib/go/bin/go", "/snap/bin/go"])
            }
        };
        Self {
            host_system: places,
            config: None,
            go: go.iter().map(PathBuf::from).collect(),
            env: "/usr/bin/env".into(),
            modcache_is_set: false,
            // System Settings replaced System Preferences in macOS 13.
            new_settings: "/System/Applications/System Settings.app".into(),
        }
    }
}
