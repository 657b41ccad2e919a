//! Who starts programs at login: launchd on macOS, systemd's instance for the user on Linux.
//!
//! What is known of each is compiled and tested everywhere; this file alone knows which one is the system's own.

use serde::Serialize;

/// Who starts programs at login.
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
    /// The one of the system this program was built for.
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

    /// Where its command may be, the likeliest place first. PATH has no say: what stands there may be anything.
    pub const fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Launchd => &["/bin/launchctl"],
            Self::Systemd => &["/usr/bin/systemctl", "/bin/systemctl"],
        }
    }

    /// The name of the file by which it knows the service.
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
