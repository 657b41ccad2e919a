//! The application bundle that the agent runs from on macOS: `~/Applications/goplswatch.app`.
//!
//! macOS shows native notifications only for a process inside a bundle that has a valid bundle
//! signature; outside of one, the first call kills the process. So `install` assembles a minimal
//! bundle on the machine itself: the property list, a copy of this program, the icon. It is signed
//! ad hoc, which needs no account and no certificate; `codesign` is part of every macOS.
//!
//! Theory of operation. A bundle is never changed in place: the kernel remembers the signature of a
//! file and kills a process that runs one that was overwritten (golang/go#42684), and macOS refuses
//! programs that write into the bundle of another one (silverstein/minutes#422). The bundle is
//! assembled under another name in the same folder and signed there. Only when the old agent has
//! exited do the two change places. An interrupted run leaves the old bundle, the new one or none
//! under the name, never an incomplete one; what it leaves under the two other names, the next run
//! removes.
//!
//! Signing rewrites the program inside, so it cannot be compared with the original. The hash of the
//! original is in the property list, which the signature seals. A bundle is up to date if its list
//! is the one that this program would write and its signature is valid. A program that runs from
//! inside the bundle counts as its own original.
//!
//! What has to be known of codesign(1): it exits with 0, with 1 if signing or verifying failed,
//! with 2 if it was called incorrectly. It refuses files with a resource fork or with Finder
//! information, as iCloud adds them (flutter/flutter#80978). So only the bytes of the program are
//! copied: `std::fs::copy` would copy those attributes too, and the quarantine attribute of a
//! download.

use std::io;
use std::path::{Path, PathBuf};

use goplswatch_core::message::{Message, MessageText, SharedMessage};
use serde::{Deserialize, Serialize};

use super::plan::{Planned, named, of_tool, words};
use super::site::{BundleSite, BundleState, BundleStatus, LABEL, PROGRAM, Refusal, Site, Tree, program_in, xml};
use crate::change::hash::{Digest, sha256};
use crate::change::{Action, Call, CalledTool, Content, Fingerprint};
use crate::command;
use crate::said::{path as shown, verbatim};

const ICON: &str = "goplswatch.icns";
/// The file that identifies a bundle, and that its signature seals.
const LIST: &str = "Contents/Info.plist";

/// Made from `assets/app-icon.svg`; a test keeps them in step.
pub const ICON_BYTES: &[u8] = include_bytes!("../../../../packaging/macos/goplswatch.icns");

/// All crates have the same version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn list_in(bundle: &Path) -> PathBuf {
    bundle.join(LIST)
}

/// The keys of Apple's "Information Property List" that we set.
#[derive(Serialize)]
struct Info<'a> {
    #[serde(rename = "CFBundleInfoDictionaryVersion")]
    dictionary_version: &'a str,
    #[serde(rename = "CFBundleDevelopmentRegion")]
    region: &'a str,
    #[serde(rename = "CFBundlePackageType")]
    package_type: &'a str,
    #[serde(rename = "CFBundleIdentifier")]
    identifier: &'a str,
    #[serde(rename = "CFBundleName")]
    name: &'a str,
    #[serde(rename = "CFBundleExecutable")]
    executable: &'a str,
    #[serde(rename = "CFBundleIconFile")]
    icon: &'a str,
    #[serde(rename = "CFBundleShortVersionString")]
    version: &'a str,
    #[serde(rename = "CFBundleVersion")]
    build: &'a str,
    #[serde(rename = "LSMinimumSystemVersion")]
    oldest_system: &'a str,
    /// No icon in the Dock and no application menu: the agent is in the menu bar only.
    #[serde(rename = "LSUIElement")]
    in_menu_bar_only: bool,
    #[serde(rename = "NSHighResolutionCapable")]
    sharp: bool,
    /// Without it App Nap takes the agent for an app that the user does not look at, and delays its
    /// timers: one second became eight for a similar app (SuperIsland#107). The agent has to report
    /// a restart loop after three seconds, and it saves energy itself: when idle it sets no timers.
    #[serde(rename = "NSAppSleepDisabled")]
    no_app_nap: bool,
    /// Our own key: the SHA-256 of the program that was copied.
    #[serde(rename = "GoplswatchCopyOf")]
    copy_of: &'a str,
}

/// The keys that are read from a bundle's property list. The identifier alone decides whether it is
/// ours.
#[derive(Deserialize)]
struct BundleInfo {
    #[serde(rename = "CFBundleIdentifier")]
    identifier: String,
    #[serde(rename = "CFBundleShortVersionString")]
    version: Option<String>,
    #[serde(rename = "GoplswatchCopyOf")]
    copy_of: Option<String>,
}

/// The bundle's property list, in XML. `copy_of` is the SHA-256 of the program that is copied into
/// it.
///
/// # Errors
/// None is known, but `plist` may return one.
pub fn info(copy_of: &str) -> Result<String, Refusal> {
    xml(&Info {
        dictionary_version: "6.0",
        region: "en",
        package_type: "APPL",
        identifier: LABEL,
        name: PROGRAM,
        executable: PROGRAM,
        icon: ICON,
        version: VERSION,
        build: VERSION,
        oldest_system: "11.0",
        in_menu_bar_only: true,
        sharp: true,
        no_app_nap: true,
        copy_of,
    })
}

/// Reads the current status, and changes nothing.
pub(super) fn look(site: &Site, bundle: &BundleSite) -> BundleStatus {
    let path = bundle.path();
    let (state, version) = match found(&path) {
        Ok(None) => (BundleState::Absent, None),
        Err(why) => (BundleState::Foreign(why.into()), None),
        Ok(Some((text, found))) => (compare(site, bundle, &text, &found), found.version),
    };
    let ours = matches!(state, BundleState::Current | BundleState::Outdated(_));
    let files = if ours { files_below(&path) } else { Vec::new() };
    let leftovers = [bundle.staging_path(), bundle.old_path()]
        .into_iter()
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| Tree { files: files_below(&path), path })
        .collect();
    BundleStatus { path, state, version, without: bundle.without.clone().map(MessageText::from), files, leftovers }
}

/// The existing property list, if it is ours: its text and its parsed content. An error says why it
/// is not ours.
fn found(path: &Path) -> Result<Option<(Vec<u8>, BundleInfo)>, Message> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Message::FileNotLookedAt { why: verbatim(&error) }),
        Ok(meta) if meta.is_symlink() => return Err(Message::ForeignLink),
        Ok(meta) if !meta.is_dir() => return Err(Message::ForeignNoFolder),
        Ok(_) => {}
    }
    let untold = |why| Message::ForeignUntold { why: SharedMessage::new(why) };
    let text = std::fs::read(list_in(path)).map_err(|error| untold(Message::FileNotRead { why: verbatim(&error) }))?;
    let found: BundleInfo = plist::from_bytes(&text)
        .map_err(|error: plist::Error| untold(Message::ForeignNotUnderstood { why: verbatim(&error) }))?;
    match found.identifier == LABEL {
        true => Ok(Some((text, found))),
        false => Err(Message::ForeignBundle { label: verbatim(&found.identifier) }),
    }
}

fn compare(site: &Site, bundle: &BundleSite, text: &[u8], found: &BundleInfo) -> BundleState {
    let outdated = |why: Message| BundleState::Outdated(why.into());
    let copied = found.copy_of.as_deref().unwrap_or_default();
    let own = match is_inside(site, bundle) {
        true => copied.to_owned(),
        false => match Digest::of_file(&site.executable) {
            Ok(digest) => digest.sha256,
            Err(error) => return outdated(Message::OutdatedNotCompared { why: verbatim(&error) }),
        },
    };
    match &found.version {
        Some(version) if version != VERSION => {
            return outdated(Message::OutdatedVersion { found: verbatim(version), own: verbatim(VERSION) });
        }
        _ if copied != own => return outdated(Message::OutdatedBuild),
        _ if !info(&own).is_ok_and(|wanted| wanted.as_bytes() == text) => {
            return outdated(Message::OutdatedList);
        }
        _ => {}
    }
    let verdict = command::run(&words(&verify(site, bundle, &bundle.path())), site.command);
    // If codesign cannot be run, it could not sign a new bundle either.
    match verdict.code() {
        Some(0) | None => BundleState::Current,
        Some(_) => outdated(Message::OutdatedSignature),
    }
}

/// Whether this program is the one in the bundle, by whatever path it was called.
fn is_inside(site: &Site, bundle: &BundleSite) -> bool {
    match (site.executable.canonicalize(), bundle.executable().canonicalize()) {
        (Ok(own), Ok(inside)) => own == inside,
        _ => false,
    }
}

/// All files below a folder, links included, as sorted paths relative to it. What cannot be read is
/// left out: the attempt to remove it will report why.
fn files_below(path: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                _ => files.extend(entry.path().strip_prefix(path).map(Path::to_owned)),
            }
        }
    }
    files.sort();
    files
}

/// The action that removes such a folder.
fn removal(tree: &Tree, keep: bool) -> Result<Action, Refusal> {
    let files = tree.files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    Ok(Action::RemoveTree { path: named(&tree.path)?, files, keep })
}

/// Removes what interrupted runs left.
pub(super) fn sweep(plan: &mut Planned, status: &BundleStatus) -> Result<(), Refusal> {
    status.leftovers.iter().try_for_each(|tree| {
        plan.step(Message::BundleSweep, removal(tree, false)?);
        Ok(())
    })
}

/// Assembles and signs a complete bundle next to its final place. Nothing that is running is
/// touched. Returns the seal that identifies it.
pub(super) fn make(
    plan: &mut Planned,
    site: &Site,
    bundle: &BundleSite,
    status: &BundleStatus,
) -> Result<Fingerprint, Refusal> {
    for tree in &status.leftovers {
        plan.spare_step(Message::BundleSweep, removal(tree, false)?);
    }
    let (from, making) = (named(&site.executable)?, bundle.staging_path());
    let refused = |error: io::Error| Refusal::Program { path: site.executable.clone(), why: error.to_string() };
    let digest = Digest::of_file(&site.executable).map_err(refused)?;
    let text = info(&digest.sha256)?;
    let seal = Fingerprint { file: LIST.into(), sha256: sha256(text.as_bytes()) };
    let tree = named(&making)?;
    let fill = |path: PathBuf, content| Ok(Action::Fill { tree: tree.clone(), path: named(&path)?, content });
    plan.spare_step(Message::BundleDescribe, fill(list_in(&making), Content::Text { text })?);
    let icon = Content::Bytes { digest: Digest::of_bytes(ICON_BYTES), bytes: ICON_BYTES };
    plan.spare_step(Message::BundleIcon, fill(icon_in(&making), icon)?);
    plan.spare_step(Message::BundleCopy, fill(program_in(&making), Content::Program { from, digest })?);
    let sign = Action::Call { call: sign(site, bundle, &making) };
    plan.spare_step(Message::BundleSign, sign);
    plan.spare_step(Message::BundleVerify, Action::Call { call: verify(site, bundle, &making) });
    Ok(seal)
}

fn icon_in(bundle: &Path) -> PathBuf {
    bundle.join("Contents/Resources").join(ICON)
}

/// Moves the new bundle, identified by this seal, into its place. The agent must have exited.
pub(super) fn place(
    plan: &mut Planned,
    bundle: &BundleSite,
    status: &BundleStatus,
    made: Fingerprint,
) -> Result<(), Refusal> {
    if status.is_ours() {
        set_aside(plan, bundle)?;
    }
    let (from, to) = (named(&bundle.staging_path())?, named(&bundle.path())?);
    plan.spare_step(Message::BundlePlace, Action::Rename { from, to, seal: Some(made) });
    Ok(())
}

fn set_aside(plan: &mut Planned, bundle: &BundleSite) -> Result<(), Refusal> {
    let path = list_in(&bundle.path());
    let refused = |error: io::Error| Refusal::Program { path: path.clone(), why: error.to_string() };
    let sha256 = Digest::of_file(&path).map_err(refused)?.sha256;
    let (from, to) = (named(&bundle.path())?, named(&bundle.old_path())?);
    let seal = Some(Fingerprint { file: LIST.into(), sha256 });
    plan.spare_step(Message::BundleAside, Action::Rename { from, to, seal });
    Ok(())
}

/// Removes the old bundle that was moved aside. It is kept next to the receipt, so that undo can
/// restore it.
pub(super) fn drop_old(plan: &mut Planned, bundle: &BundleSite, status: &BundleStatus) -> Result<(), Refusal> {
    if status.is_ours() {
        let tree = Tree { path: bundle.old_path(), files: status.files.clone() };
        plan.step(Message::BundleDrop, removal(&tree, true)?);
    }
    Ok(())
}

/// Removes the bundle, if it is ours. It is renamed first, so that there is never an incomplete
/// bundle under its name.
pub(super) fn remove(plan: &mut Planned, bundle: &BundleSite, status: &BundleStatus) -> Result<(), Refusal> {
    sweep(plan, status)?;
    if status.is_ours() {
        set_aside(plan, bundle)?;
        drop_old(plan, bundle, status)?;
    }
    if let BundleState::Foreign(why) = &status.state {
        let why = SharedMessage::clone(&why.message);
        plan.afterwards.push(Message::NoteLeftForeign { path: shown(&status.path), why });
    }
    Ok(())
}

/// `--force`: the copied program already has the linker's signature, which does not count here. The
/// identifier is given, as macOS requires it to be the bundle's.
fn sign(site: &Site, bundle: &BundleSite, path: &Path) -> Call {
    codesign(site, bundle, &["--force", "--sign", "-", "--identifier", LABEL], path)
}

fn verify(site: &Site, bundle: &BundleSite, path: &Path) -> Call {
    codesign(site, bundle, &["--verify", "--strict"], path)
}

fn codesign(site: &Site, bundle: &BundleSite, words: &[&str], path: &Path) -> Call {
    let path = path.to_string_lossy();
    of_tool(&bundle.codesign, &[words, &[&path]].concat(), CalledTool::Codesign, site.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_property_list_names_what_is_there_and_reads_as_it_was_meant() {
        let list: plist::Dictionary = plist::from_bytes(info("abc").unwrap().as_bytes()).unwrap();
        let text = |key: &str| list[key].as_string().unwrap();
        let bundle = Path::new("/x.app");
        assert_eq!(program_in(bundle), bundle.join("Contents/MacOS").join(text("CFBundleExecutable")));
        assert_eq!(icon_in(bundle), bundle.join("Contents/Resources").join(text("CFBundleIconFile")));
        assert_eq!((text("CFBundleIdentifier"), text("CFBundlePackageType")), (LABEL, "APPL"));
        assert_eq!((text("CFBundleVersion"), text("CFBundleShortVersionString")), (VERSION, VERSION));
        assert_eq!((text("LSMinimumSystemVersion"), text("GoplswatchCopyOf")), ("11.0", "abc"));
        for key in ["LSUIElement", "NSHighResolutionCapable", "NSAppSleepDisabled"] {
            assert_eq!(list[key].as_boolean(), Some(true), "{key}");
        }
        // CFBundleVersion is one to three numbers separated by dots; a suffix would not be
        // understood.
        assert!(VERSION.split('.').count() == 3 && VERSION.split('.').all(|part| part.parse::<u32>().is_ok()));
    }
}
