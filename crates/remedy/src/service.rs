//! The login service: the agent starts when its user logs in, is started again when it crashes, and stays away when
//! it was told to quit.
//!
//! launchd does that on macOS, systemd's instance for the user on Linux. Each has its room with what must be known of
//! it; both are compiled and tested everywhere. Where things are comes in as data ([`Site`]); nothing here reads the
//! environment. Only plans are made here: [`change`](crate::change) carries them out, leaves a receipt and takes them
//! back.

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
use site::Look;
pub use site::{BundleSite, BundleState, BundleStatus, CODESIGN, COMMAND, File, LABEL, Refusal, Site, Status, Tree};

use crate::manager::Manager;
use crate::said::{path as named, verbatim};

impl Site {
    /// What that file has to say.
    ///
    /// # Errors
    /// A path that cannot be written down in it.
    pub fn text(&self) -> Result<String, Refusal> {
        match self.manager {
            Manager::Launchd => launchd::plist(self),
            Manager::Systemd => systemd::unit(self),
        }
    }

    /// Where it is seen why an agent that was started does not answer, as a fragment.
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

/// Looks, and changes nothing.
pub fn status(site: &Site) -> Status {
    let Look { registered, running, unanswered } = match site.manager {
        Manager::Launchd => launchd::look(site),
        Manager::Systemd => systemd::look(site),
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

/// The plan that makes the agent start at login, and now.
///
/// # Errors
/// Where the plan cannot succeed; see [`Refusal`].
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

/// The plan that ends the agent and lets it start no more.
///
/// # Errors
/// Where the plan cannot succeed; see [`Refusal`].
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

/// The plan that ends the agent and starts it again, which is how an upgraded program comes into effect.
///
/// # Errors
/// Where the plan cannot succeed; see [`Refusal`].
pub fn restart(site: &Site, status: &Status) -> Result<Planned, Refusal> {
    refuse_root(site)?;
    match site.manager {
        Manager::Launchd => {
            // It writes the file too.
            refuse_foreign(status)?;
            refuse_foreign_bundle(site, status)?;
            let mut plan = launchd::restart(site, status)?;
            plan.warnings.extend(warnings(site));
            Ok(plan)
        }
        Manager::Systemd => systemd::restart(site, status),
    }
}

/// On macOS sudo leaves HOME as it was: root would change the user's file and talk to a launchd of root's, which knows
/// nothing of the user's agent. On Linux root may have an instance of systemd for itself, with its own home only.
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

/// Somebody else's application at our place is in the way of what starts ours, not of what ends it.
fn refuse_foreign_bundle(site: &Site, status: &Status) -> Result<(), Refusal> {
    match &status.bundle {
        Some(BundleStatus { path, state: BundleState::Foreign(why), .. }) if site.has_bundle() => {
            Err(Refusal::Foreign { path: path.clone(), why: why.message.clone() })
        }
        _ => Ok(()),
    }
}

/// What is worth knowing of the program that will be started.
fn warnings(site: &Site) -> Vec<Message> {
    let without = site.bundle.as_ref().and_then(|bundle| bundle.without.clone());
    let without = without.map(|why| Message::NoteWithoutBundle { why });
    // What was copied may go.
    let short_lived = if site.has_bundle() { None } else { short_lived(&site.executable) };
    without.into_iter().chain(short_lived).collect()
}

/// A link is somebody's arrangement (dotfiles, home-manager): to replace it would break that.
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

/// A program below a folder of cargo's products is there until the next `cargo clean`, and half-written during each
/// build. That is fine to try things, and not for long. Cargo marks such a folder with a file.
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
