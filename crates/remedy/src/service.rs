//! The login service: the agent starts when its user logs in, is restarted when it crashes, and
//! stays off when the user quit it.
//!
//! launchd does that on macOS, systemd's user instance on Linux. Each has a module with what has to
//! be known about it; both are compiled and tested everywhere. Paths come in as data ([`Site`]);
//! nothing here reads the environment. This module only makes plans: [`change`](crate::change)
//! carries them out, leaves a receipt and undoes them.

mod bundle;
mod launchd;
mod plan;
mod site;
mod systemd;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use goplswatch_core::message::Message;

pub use bundle::{ICON_BYTES, info};
pub use plan::Planned;
use site::ManagerStatus;
pub use site::{BundleSite, BundleState, BundleStatus, CODESIGN, COMMAND, File, LABEL, Refusal, Site, Status, Tree};

use crate::manager::Manager;
use crate::said::{path as named, verbatim};

impl Site {
    /// The text of the file that declares the service to the manager.
    ///
    /// # Errors
    /// If a path cannot be expressed in it.
    pub fn text(&self) -> Result<String, Refusal> {
        match self.manager {
            Manager::Launchd => launchd::plist(self),
            Manager::Systemd => systemd::unit(self),
        }
    }

    /// Where to find out why an agent that was started does not answer, as a fragment.
    pub fn evidence(&self) -> Message {
        match self.manager {
            Manager::Launchd => {
                let (target, log) = (verbatim(&launchd::target(self)), named(&launchd::log(self)));
                Message::DoSeeLaunchd { target, log }
            }
            Manager::Systemd => Message::DoSeeJournal { unit: verbatim(systemd::UNIT) },
        }
    }
}

/// Reads the current status, and changes nothing.
pub fn status(site: &Site) -> Status {
    let ManagerStatus { registered, running, unanswered } = match site.manager {
        Manager::Launchd => launchd::query(site),
        Manager::Systemd => systemd::query(site),
    };
    let bundle = site.bundle.as_ref().map(|bundle| bundle::look(site, bundle));
    Status {
        manager: site.manager,
        path: site.file(),
        file: look_at_file(site),
        bundle,
        registered,
        running,
        unanswered,
    }
}

/// The plan that starts the agent now and at every login.
///
/// # Errors
/// If the plan cannot succeed; see [`Refusal`].
pub fn install(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    refuse_root(site)?;
    refuse_foreign(status)?;
    refuse_foreign_bundle(site, status)?;
    let mut plan = match site.manager {
        Manager::Launchd => launchd::install(site, status)?,
        Manager::Systemd => systemd::install(site, status)?,
    };
    plan.warnings.extend(warnings(site));
    Ok(plan)
}

/// The plan that stops the agent and prevents further starts.
///
/// # Errors
/// If the plan cannot succeed; see [`Refusal`].
pub fn uninstall(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    refuse_root(site)?;
    refuse_foreign(status)?;
    let mut plan = match site.manager {
        Manager::Launchd => launchd::uninstall(site, status)?,
        Manager::Systemd => systemd::uninstall(site, status)?,
    };
    plan.afterwards.extend(site.kept.iter().map(|path| Message::NoteLeft { path: named(path) }));
    Ok(plan)
}

/// The plan that stops the agent and starts it again, which puts an upgraded program into effect.
///
/// # Errors
/// If the plan cannot succeed; see [`Refusal`].
pub fn restart(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    refuse_root(site)?;
    match site.manager {
        Manager::Launchd => {
            // Here a restart also writes the service's file and the bundle.
            refuse_foreign(status)?;
            refuse_foreign_bundle(site, status)?;
            let mut plan = launchd::restart(site, status)?;
            plan.warnings.extend(warnings(site));
            Ok(plan)
        }
        Manager::Systemd => systemd::restart(site, status),
    }
}

/// On macOS sudo keeps HOME: root would change the user's file but talk to root's own launchd
/// domain, which does not know the user's agent. On Linux root may have a systemd instance of its
/// own, but only with its own home.
fn refuse_root(site: &Site) -> Result<(), Refusal> {
    if site.uid != 0 {
        return Ok(());
    }
    match site.manager {
        Manager::Launchd => Err(Refusal::Root),
        Manager::Systemd => {
            let existing = site.folder.ancestors().find_map(|folder| Some((folder, folder.metadata().ok()?)));
            match existing {
                Some((folder, meta)) if meta.uid() != 0 => Err(Refusal::RootElsewhere { folder: folder.to_owned() }),
                _ => Ok(()),
            }
        }
    }
}

fn refuse_foreign(status: &Status) -> Result<(), Refusal> {
    match &status.file {
        File::Foreign(why) => Err(Refusal::Foreign { path: status.path.clone(), why: why.message.clone() }),
        File::Absent | File::Current | File::Outdated => Ok(()),
    }
}

/// A foreign application at the bundle's path prevents starting our agent, but not stopping it.
fn refuse_foreign_bundle(site: &Site, status: &Status) -> Result<(), Refusal> {
    match &status.bundle {
        Some(BundleStatus { path, state: BundleState::Foreign(why), .. }) if site.has_bundle() => {
            Err(Refusal::Foreign { path: path.clone(), why: why.message.clone() })
        }
        _ => Ok(()),
    }
}

/// Warnings about the program that will be started.
fn warnings(site: &Site) -> Vec<Message> {
    let without = site.bundle.as_ref().and_then(|bundle| bundle.without.clone());
    let without = without.map(|why| Message::NoteWithoutBundle { why });
    // With a bundle, the program was copied and the original may disappear.
    let short_lived = if site.has_bundle() { None } else { short_lived(&site.executable) };
    without.into_iter().chain(short_lived).collect()
}

/// A link was set up by the user or a tool (dotfiles, home-manager), and replacing it would break
/// that.
fn look_at_file(site: &Site) -> File {
    let path = site.file();
    let foreign = |why: Message| File::Foreign(why.into());
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return File::Absent,
        Err(error) => return foreign(Message::FileNotLookedAt { why: verbatim(&error) }),
        Ok(meta) if meta.is_symlink() => return foreign(Message::ForeignLink),
        Ok(meta) if !meta.is_file() => return foreign(Message::ForeignNoFile),
        Ok(_) => {}
    }
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return foreign(Message::FileNotRead { why: verbatim(&error) }),
    };
    let ours = match site.manager {
        Manager::Launchd => launchd::is_ours(&bytes),
        Manager::Systemd => systemd::is_ours(&bytes),
    };
    if !ours {
        foreign(Message::ForeignService { label: verbatim(LABEL) })
    } else if site.text().is_ok_and(|text| text.as_bytes() == bytes) {
        File::Current
    } else {
        File::Outdated
    }
}

/// A program below a cargo target folder lasts only until the next `cargo clean`, and is
/// half-written during each build. That is fine for a trial but not in the long run. Cargo marks
/// such a folder with a file.
fn short_lived(executable: &Path) -> Option<Message> {
    let folder = executable.ancestors().find(|folder| folder.join(".rustc_info.json").is_file())?;
    Some(Message::NoteShortLived { folder: named(folder) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_cargo_is_known_by_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("out/debug/goplswatch");
        assert_eq!(short_lived(&program), None);
        std::fs::create_dir(folder.path().join("out")).unwrap();
        std::fs::write(folder.path().join("out/.rustc_info.json"), "{}").unwrap();
        let out = named(&folder.path().join("out"));
        assert_eq!(short_lived(&program), Some(Message::NoteShortLived { folder: out }));
    }

    #[test]
    fn the_file_of_launchd_is_named_after_the_label() {
        assert_eq!(Manager::Launchd.file_name(), format!("{LABEL}.plist"));
    }
}
