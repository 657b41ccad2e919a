//! The application bundle that the agent runs from on macOS: `~/Applications/goplswatch.app`.
//!
//! macOS shows notifications of its own only for a process inside a bundle that has a valid bundle signature; outside
//! of one the first call ends the process. So `install` puts the least one together on the machine itself: the
//! property list, a copy of this program, the icon. It is signed ad hoc, which needs no account and no certificate;
//! `codesign` is part of every macOS.
//!
//! Theory of operation. A bundle is never changed in place: the kernel remembers the signature of a file and kills
//! whoever runs one that was written over (golang/go#42684), and macOS refuses programs that write into a bundle of
//! others (silverstein/minutes#422). It is made whole under another name beside its place, signed there, and only when
//! the old agent is gone the two change places. An interrupted run leaves an old bundle, a new one or none under the
//! name, never a half; what it leaves under the other two names, the next run removes.
//!
//! Signing rewrites the program inside, so the two cannot be compared. What it was copied from stands in the property
//! list, which the signature seals: a bundle is up to date when its list is the one that this program would write and
//! its signature holds. A program that runs from inside the bundle is what it was copied from itself.
//!
//! What must be known of codesign(1): it ends with 0, with 1 where signing or verifying failed, with 2 where it was
//! called wrongly. It refuses files with a resource fork or with Finder's information on them, as iCloud puts them on
//! (flutter/flutter#80978). So the program is copied by its bytes alone: `std::fs::copy` would take them along, and the
//! quarantine of a download too.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::plan::{Action, Plan, Tree};
use super::{LABEL, Refusal, Site};
use crate::command;

/// The program that signs, on every macOS.
pub const CODESIGN: &str = "/usr/bin/codesign";

/// The bundle's name. Finder shows it without its ending.
const NAME: &str = "goplswatch.app";
/// Where it is put together, and where the one before it goes: hidden, beside it, so that a rename is all it takes.
const MAKING: &str = ".goplswatch-new.app";
const ASIDE: &str = ".goplswatch-old.app";
const PROGRAM: &str = "goplswatch";
const ICON: &str = "goplswatch.icns";

/// Made of `assets/app-icon.svg`; a test holds it equal.
pub const ICON_BYTES: &[u8] = include_bytes!("../../../../packaging/macos/goplswatch.icns");

/// One version for all rooms of the product.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the bundle is put together: data of the caller.
#[derive(Clone, Debug)]
pub struct BundleSite {
    /// The folder of the user's own applications, `~/Applications`. Unlike `/Applications` it needs no rights.
    pub folder: PathBuf,
    /// The program that signs: [`CODESIGN`].
    pub codesign: PathBuf,
    /// Why the agent has to do without a bundle, where it has to, as a fragment. It then runs from the program itself.
    pub without: Option<String>,
}

impl BundleSite {
    /// The bundle.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The program inside.
    pub fn executable(&self) -> PathBuf {
        program_in(&self.path())
    }

    fn making(&self) -> PathBuf {
        self.folder.join(MAKING)
    }

    fn aside(&self) -> PathBuf {
        self.folder.join(ASIDE)
    }
}

fn program_in(bundle: &Path) -> PathBuf {
    bundle.join("Contents/MacOS").join(PROGRAM)
}

fn list_in(bundle: &Path) -> PathBuf {
    bundle.join("Contents/Info.plist")
}

/// What identifies the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How many there are.
    pub bytes: u64,
    /// Their SHA-256, as 64 hexadecimal digits.
    pub sha256: String,
}

impl Digest {
    /// Of what is read, which is written on as it goes by.
    pub(super) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<Self> {
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0_u64, vec![0; 64 * 1024]);
        loop {
            match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    let (read, _) = buffer.split_at(n);
                    hash.update(read);
                    to.write_all(read)?;
                    bytes += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { bytes, sha256 })
    }

    /// Of a file, by its name.
    pub(super) fn of_file(path: &Path) -> io::Result<Self> {
        Self::copy(&mut File::open(path)?, &mut io::sink())
    }

    /// Of bytes that are at hand. Nothing can fail there.
    pub(super) fn of_bytes(mut bytes: &[u8]) -> Self {
        Self::copy(&mut bytes, &mut io::sink()).unwrap_or(Self { bytes: 0, sha256: String::new() })
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes, SHA-256 {}", self.bytes, self.sha256)
    }
}

/// Apple's "Information Property List", the keys we set.
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
    /// No icon in the Dock and no menu of its own: it lives in the menu bar.
    #[serde(rename = "LSUIElement")]
    in_menu_bar_only: bool,
    #[serde(rename = "NSHighResolutionCapable")]
    sharp: bool,
    /// Without it App Nap takes the agent for an app that nobody looks at, and puts its timers off: a second became
    /// eight for one like it (SuperIsland#107). Telling of a restart loop after three seconds is what it is there
    /// for, and it is sparing by its own means: at rest it sets no timers.
    #[serde(rename = "NSAppSleepDisabled")]
    no_app_nap: bool,
    /// A key of our own: the SHA-256 of the program that was copied.
    #[serde(rename = "GoplswatchCopyOf")]
    copy_of: &'a str,
}

/// What is read of a bundle's property list. The identifier alone makes it ours.
#[derive(Deserialize)]
struct Found {
    #[serde(rename = "CFBundleIdentifier")]
    identifier: String,
    #[serde(rename = "CFBundleShortVersionString")]
    version: Option<String>,
    #[serde(rename = "GoplswatchCopyOf")]
    copy_of: Option<String>,
}

/// The bundle's property list, XML. `copy_of`: the SHA-256 of the program that is copied into it.
///
/// # Errors
/// None that is known; `plist` may refuse.
pub fn info(copy_of: &str) -> Result<String, Refusal> {
    super::xml(&Info {
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

/// The state of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BundleState {
    /// There is none.
    Absent,
    /// It is what this program would make.
    Current,
    /// It is ours, and is to be made anew; the text says why.
    Outdated(String),
    /// Something of that name that is not ours; the text says how that was seen.
    Foreign(String),
}

/// What one look at the bundle shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct BundleStatus {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its state.
    pub state: BundleState,
    /// The version that it says it has, if there is one of ours.
    pub version: Option<String>,
    /// Why the agent does without it, if it has to.
    pub without: Option<String>,
    /// What it consists of, if it is ours.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    /// What interrupted runs left beside it.
    #[serde(skip)]
    pub leftovers: Vec<Tree>,
}

impl BundleStatus {
    /// Whether it is to be made, or made anew.
    pub(super) fn is_due(&self) -> bool {
        self.without.is_none() && matches!(self.state, BundleState::Absent | BundleState::Outdated(_))
    }

    /// Whether it is there and ours.
    fn is_ours(&self) -> bool {
        matches!(self.state, BundleState::Current | BundleState::Outdated(_))
    }
}

/// Looks, and changes nothing.
pub(super) fn look(site: &Site, bundle: &BundleSite) -> BundleStatus {
    let path = bundle.path();
    let (state, version) = match found(&path) {
        Ok(None) => (BundleState::Absent, None),
        Err(why) => (BundleState::Foreign(why), None),
        Ok(Some((text, found))) => (compare(site, bundle, &text, &found), found.version),
    };
    let ours = matches!(state, BundleState::Current | BundleState::Outdated(_));
    let files = if ours { files_below(&path) } else { Vec::new() };
    let leftovers = [bundle.making(), bundle.aside()]
        .into_iter()
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| Tree { files: files_below(&path), path })
        .collect();
    BundleStatus { path, state, version, without: bundle.without.clone(), files, leftovers }
}

/// The property list of ours that is there: its text, and what it says. An error says why it is not ours.
fn found(path: &Path) -> Result<Option<(Vec<u8>, Found)>, String> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot be looked at: {error}")),
        Ok(meta) if meta.is_symlink() => return Err("is a symbolic link that somebody else set".into()),
        Ok(meta) if !meta.is_dir() => return Err("is not a folder".into()),
        Ok(_) => {}
    }
    let unknown = |why: String| format!("does not tell whose it is: Contents/Info.plist {why}");
    let text = std::fs::read(list_in(path)).map_err(|error| unknown(format!("cannot be read: {error}")))?;
    let found: Found = plist::from_bytes(&text).map_err(|error| unknown(format!("is not understood: {error}")))?;
    if found.identifier == LABEL { Ok(Some((text, found))) } else { Err(format!("is {}, not ours", found.identifier)) }
}

fn compare(site: &Site, bundle: &BundleSite, text: &[u8], found: &Found) -> BundleState {
    let outdated = |why: &str| BundleState::Outdated(why.to_owned());
    let copied = found.copy_of.as_deref().unwrap_or_default();
    let own = match is_inside(site, bundle) {
        true => copied.to_owned(),
        false => match Digest::of_file(&site.executable) {
            Ok(digest) => digest.sha256,
            Err(error) => return BundleState::Outdated(format!("it could not be compared with this program: {error}")),
        },
    };
    match &found.version {
        Some(version) if version != VERSION => {
            return BundleState::Outdated(format!("it is version {version}, and this program is {VERSION}"));
        }
        _ if copied != own => return outdated("it was made of another build of this program"),
        _ if !info(&own).is_ok_and(|wanted| wanted.as_bytes() == text) => {
            return outdated("it is described otherwise than this program would");
        }
        _ => {}
    }
    let verdict = command::run(&verify(bundle, &bundle.path()), site.patience.command);
    // One that cannot be asked could not sign a new one either.
    match verdict.code() {
        Some(0) | None => BundleState::Current,
        Some(_) => outdated("its signature does not fit what is in it"),
    }
}

/// Whether this program is the one in the bundle, by whatever name it was called.
fn is_inside(site: &Site, bundle: &BundleSite) -> bool {
    match (site.executable.canonicalize(), bundle.executable().canonicalize()) {
        (Ok(own), Ok(inside)) => own == inside,
        _ => false,
    }
}

/// Everything below that is no folder, by its path from there, in order. What cannot be looked into is left out: to
/// remove it will say why it cannot.
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

const SWEEP: &str = "remove what an interrupted run left";

/// Removes what interrupted runs left.
pub(super) fn sweep(plan: &mut Plan, status: &BundleStatus) {
    for tree in &status.leftovers {
        plan.step(SWEEP, Action::RemoveTree(tree.clone()));
    }
}

/// Puts a whole, signed bundle beside its place. Nothing that runs is touched.
pub(super) fn make(plan: &mut Plan, site: &Site, bundle: &BundleSite, status: &BundleStatus) -> Result<(), Refusal> {
    for tree in &status.leftovers {
        plan.spare_step(SWEEP, Action::RemoveTree(tree.clone()));
    }
    let (from, making) = (site.executable.clone(), bundle.making());
    let refused = |error: io::Error| Refusal::Program { path: site.executable.clone(), why: error.to_string() };
    let digest = Digest::of_file(&from).map_err(refused)?;
    let text = info(&digest.sha256)?;
    plan.spare_step(
        "describe the application bundle that the agent will run from",
        Action::Write { path: list_in(&making), text },
    );
    plan.spare_step("give it its icon", Action::Place { path: icon_in(&making), bytes: ICON_BYTES });
    plan.spare_step("copy this program into it", Action::Copy { from, to: program_in(&making), digest });
    plan.spare_step("sign it, which macOS asks of a program that notifies", Action::Sign(sign(bundle, &making)));
    plan.spare_step("see that the signature holds", Action::Sign(verify(bundle, &making)));
    Ok(())
}

fn icon_in(bundle: &Path) -> PathBuf {
    bundle.join("Contents/Resources").join(ICON)
}

/// Puts the new bundle in its place. The agent must be gone.
pub(super) fn place(plan: &mut Plan, bundle: &BundleSite, status: &BundleStatus) {
    if status.is_ours() {
        set_aside(plan, bundle);
    }
    let (from, to) = (bundle.making(), bundle.path());
    plan.spare_step("put the new bundle in its place", Action::Move { from, to });
}

fn set_aside(plan: &mut Plan, bundle: &BundleSite) {
    let (from, to) = (bundle.path(), bundle.aside());
    plan.spare_step("put the bundle aside", Action::Move { from, to });
}

/// Removes the one that was put aside.
pub(super) fn drop_old(plan: &mut Plan, bundle: &BundleSite, status: &BundleStatus) {
    if status.is_ours() {
        let tree = Tree { path: bundle.aside(), files: status.files.clone() };
        plan.step("remove the bundle that was put aside", Action::RemoveTree(tree));
    }
}

/// Removes it, if it is ours: first from under its name, so that no half of it ever stands there.
pub(super) fn remove(plan: &mut Plan, bundle: &BundleSite, status: &BundleStatus) {
    sweep(plan, status);
    if status.is_ours() {
        set_aside(plan, bundle);
        drop_old(plan, bundle, status);
    }
    if let BundleState::Foreign(why) = &status.state {
        plan.afterwards.push(format!("Left in place: {} {why}", status.path.display()));
    }
}

/// `--force`: the copied program has the linker's signature already, which counts for nothing here. The identifier is
/// given, as macOS wants it to be the bundle's.
fn sign(bundle: &BundleSite, path: &Path) -> Vec<OsString> {
    words(bundle, &["--force", "--sign", "-", "--identifier", LABEL], path)
}

fn verify(bundle: &BundleSite, path: &Path) -> Vec<OsString> {
    words(bundle, &["--verify", "--strict"], path)
}

fn words(bundle: &BundleSite, words: &[&str], path: &Path) -> Vec<OsString> {
    let words = words.iter().map(OsString::from);
    std::iter::once(bundle.codesign.clone().into()).chain(words).chain([path.into()]).collect()
}

/// What an exit code of codesign means, as a fragment.
pub(super) const fn meaning(code: i32) -> &'static str {
    match code {
        1 => "signing or verifying failed",
        2 => "it does not understand how it was called",
        _ => "a code we do not know",
    }
}

/// What to do where the bundle cannot be signed.
pub(super) const ADVICE: &str = "run `goplswatch install` again when what it says is mended";

/// What is worth knowing where the agent runs without a bundle.
pub(super) fn without(why: &str) -> String {
    format!(
        "The agent starts without its application bundle. It watches and shows its menu all the same, but macOS lets it \
         notify only under the name of Script Editor and without buttons. `goplswatch install` tries for the bundle \
         again. Why it is so: {why}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_everybody_knows() {
        let digest = Digest::of_bytes(b"abc");
        assert_eq!(digest.bytes, 3);
        assert_eq!(
            digest.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "FIPS 180-2, B.1"
        );
    }

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
        // CFBundleVersion is one to three numbers with dots between them; a suffix would not be understood.
        assert!(VERSION.split('.').count() == 3 && VERSION.split('.').all(|part| part.parse::<u32>().is_ok()));
    }
}
