//! The service manager, which starts programs at login: launchd on macOS, systemd's user instance
//! on Linux.
//!
//! The code for both is compiled and tested everywhere; only this file knows which one this system
//! has.

use serde::Serialize;

/// A service manager: it starts programs at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Manager {
    /// macOS.
    Launchd,
    /// Linux.
    Systemd,
}

impl Manager {
    /// The manager of the system that this program was built for.
    pub const fn of_this_system() -> Self {
        if cfg!(target_os = "macos") { Self::Launchd } else { Self::Systemd }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Launchd => "launchd",
            Self::Systemd => "systemd",
        }
    }

    /// The possible paths of its command, most likely first. PATH is ignored, since it may lead to
    /// any program.
    pub const fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Launchd => &["/bin/launchctl"],
            Self::Systemd => &["/usr/bin/systemctl", "/bin/systemctl"],
        }
    }

    /// The name of the file that declares the service to it.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Launchd => "dev.goplswatch.agent.plist",
            Self::Systemd => "goplswatch.service",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_manager_is_the_system_s_own() {
        assert_eq!(Manager::of_this_system() == Manager::Launchd, Path::new("/System/Library").exists());
    }
}
