//! The login service: the agent starts when its user logs in, is started again when it crashes, and stays away when
//! it was told to quit.
//!
//! launchd does that on macOS, systemd's instance for the user on Linux. Each has its room with what must be known of
//! it; both are compiled and tested everywhere, and this file alone knows which one is the system's own. Where things
//! are comes in as data ([`Site`]); nothing here reads the environment.
//!
//! Only exit codes of `launchctl` and `systemctl` are judged, never what they print: launchctl(1) says itself that its
//! output is no interface.

mod apply;
mod bundle;
mod launchd;
mod plan;
mod systemd;

use std::borrow::Cow;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::{Reading, shell};
use serde::Serialize;
use thiserror::Error;

pub use apply::{Done, Failed};
pub use bundle::{BundleSite, BundleState, BundleStatus, CODESIGN, Digest, ICON_BYTES, info};
pub use plan::{Action, Plan, Step, Tree, Until};

/// The one name of the service: launchd's label, the bundle's id. Permissions hang on it, so it never changes.
pub const LABEL: &str = "dev.goplswatch.agent";

/// The limit of open files that the agent gets: one per watched process, and on macOS one per watched file.
/// Both systems would give it so few (256, 1024) that a busy machine exhausts them.
const OPEN_FILES: u64 = 4096;
/// Seconds between two starts of an agent that crashes; launchd's own default.
const BETWEEN_STARTS_S: u64 = 10;
/// Seconds from the request to end to the kill. The agent writes its history and ends within one.
const STOP_S: u64 = 5;

/// After an install that had nothing to do. Whether the program was replaced meanwhile, and whether the user wants that
/// to interrupt the watch, only the user knows.
const UPGRADED: &str = "If the program itself was upgraded meanwhile, `goplswatch restart` brings it into effect.";

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
            Self::Systemd => systemd::UNIT,
        }
    }
}

/// Where everything is: data of the caller.
#[derive(Clone, Debug)]
pub struct Site {
    /// Who starts programs at login.
    pub manager: Manager,
    /// Its command, an absolute path.
    pub tool: PathBuf,
    /// The user's id.
    pub uid: u32,
    /// This program, an absolute path that stays true when it is upgraded. It is what is started, or what is copied
    /// into the bundle that is.
    pub executable: PathBuf,
    /// The application bundle, on macOS; `None`: the program is started as it is.
    pub bundle: Option<BundleSite>,
    /// Where the manager looks for services of this user, or can be made to.
    pub folder: PathBuf,
    /// Variables that say where our files are, by which an agent started at login finds the same ones: absolute paths.
    /// Only systemd is told them.
    pub environment: Vec<(&'static str, PathBuf)>,
    /// Where launchd puts what the agent prints. systemd has its journal.
    pub logs: PathBuf,
    /// What of ours stays when the service goes: history, config, log.
    pub kept: Vec<PathBuf>,
    /// How long things may take.
    pub patience: Patience,
}

/// How long things may take.
#[derive(Clone, Debug)]
pub struct Patience {
    /// One command of the manager, until its process group is killed.
    pub command: Duration,
    /// A service that was told to end, or to start, until it is reported as a failure.
    pub change: Duration,
    /// Between two questions whether it has.
    pub poll: Duration,
    /// From a start to the first question whether it lasted.
    pub settle: Duration,
    /// The pauses before a refused command is tried again; as many tries as there are pauses, and one.
    pub again: Vec<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        let again = [250, 500, 1_000, 2_000, 4_000].map(Duration::from_millis).to_vec();
        Self {
            command: Duration::from_secs(20),
            change: Duration::from_secs(STOP_S + 3),
            poll: Duration::from_millis(100),
            settle: Duration::from_secs(1),
            again,
        }
    }
}

impl Site {
    /// The file by which the manager knows the service.
    pub fn file(&self) -> PathBuf {
        self.folder.join(self.manager.file_name())
    }

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
    pub fn evidence(&self) -> String {
        match self.manager {
            Manager::Launchd => {
                format!("see `launchctl print {}` and {}", launchd::target(self), launchd::log(self).display())
            }
            Manager::Systemd => format!("see why: journalctl --user --unit {}", systemd::UNIT),
        }
    }

    /// Whether the agent is started from inside a bundle.
    pub fn has_bundle(&self) -> bool {
        self.bundle.as_ref().is_some_and(|bundle| bundle.without.is_none())
    }

    /// The program that is started as the agent.
    pub fn program(&self) -> Cow<'_, Path> {
        match &self.bundle {
            Some(bundle) if bundle.without.is_none() => bundle.executable().into(),
            _ => self.executable.as_path().into(),
        }
    }

    /// The same for an agent that has to do without a bundle. `why`: a fragment. A bundle that is there stays.
    #[must_use]
    pub fn without_bundle(mut self, why: String) -> Self {
        if let Some(bundle) = &mut self.bundle {
            bundle.without = Some(why);
        }
        self
    }
}

/// The program and its arguments: the one place that says how the agent is started.
fn program_arguments(program: &Path) -> Result<[&str; 3], Refusal> {
    Ok([absolute(program)?, "agent", "--wait"])
}

/// A property list, XML.
fn xml(list: &impl Serialize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    plist::to_writer_xml(&mut bytes, list).map_err(|error| Refusal::Text(error.to_string()))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| Refusal::Text(error.to_string()))
}

/// As text, which both kinds of file want. Neither manager expands `~` or knows a current folder.
fn absolute(path: &Path) -> Result<&str, Refusal> {
    let refused = |why: &str| Refusal::Path { path: path.to_owned(), why: why.into() };
    let text = path.to_str().ok_or_else(|| refused("it is not text in UTF-8"))?;
    if !path.is_absolute() {
        return Err(refused("it is not absolute"));
    }
    if text.chars().any(char::is_control) {
        return Err(refused("it has control characters"));
    }
    Ok(text)
}

/// The state of the file by which the manager knows the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum File {
    /// There is none.
    Absent,
    /// It says what this program would write.
    Current,
    /// It is ours, and says something else: another version, another place of the program.
    Outdated,
    /// Something of that name that is not ours; the text says why.
    Foreign(String),
}

/// What one look shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Status {
    /// Who starts programs at login.
    pub manager: Manager,
    /// The path of the file by which the manager knows the service.
    pub path: PathBuf,
    /// Its state.
    pub file: File,
    /// The application bundle that the agent runs from; null where there is no such thing.
    pub bundle: Option<BundleStatus>,
    /// Whether the manager has the service: launchd has loaded it, systemd has it enabled.
    pub registered: Reading<bool>,
    /// Whether the agent runs. launchd does not say that by an exit code.
    pub running: Reading<bool>,
    /// Why the manager could not be asked, if it could not, and what to do.
    #[serde(skip)]
    pub unanswered: Option<Refusal>,
}

/// What the manager says, when it is asked.
struct Look {
    registered: Reading<bool>,
    running: Reading<bool>,
    unanswered: Option<Refusal>,
}

/// Why there is no plan. Nothing has been touched.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The file at our place is somebody else's.
    #[error("{} {why}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// How that was seen, as a fragment that follows the path.
        why: String,
    },
    /// This program's own file.
    #[error("this program's own file {} cannot be read: {why}", path.display())]
    Program {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A path that the manager cannot use.
    #[error("a login service cannot use the path {}: {why}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The manager does not answer.
    #[error("{why}")]
    NoAnswer {
        /// What was asked and what came of it.
        why: String,
        /// What to do.
        advice: String,
    },
    /// launchd has no desktop session of this user.
    #[error("{why}")]
    NoDesktop {
        /// What was asked and what came of it.
        why: String,
    },
    /// There is nothing to restart.
    #[error("the login service is not installed")]
    NotInstalled,
    /// launchd has no desktop session for root.
    #[error("the login service belongs to one user, and root has no desktop")]
    Root,
    /// Root with the home of somebody else, as sudo may leave it.
    #[error("this runs as root, and {} belongs to another user", folder.display())]
    RootElsewhere {
        /// The folder.
        folder: PathBuf,
    },
    /// The file could not be made.
    #[error("could not write the property list: {0}")]
    Text(String),
}

impl Refusal {
    /// What to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Foreign { .. } => "move it away, or ask who made it, and run this again".into(),
            Self::Program { path, .. } => format!("see what it is with `ls -l {}`", shell::word(path)),
            Self::Path { .. } => "give it a place with a plain name, and run this again".into(),
            Self::NoAnswer { advice, .. } => advice.clone(),
            Self::NotInstalled => "install it with: goplswatch install".into(),
            Self::NoDesktop { .. } => launchd::NO_DESKTOP.into(),
            Self::Root | Self::RootElsewhere { .. } => "run this as yourself, without sudo".into(),
            Self::Text(_) => "this is a defect of goplswatch: please report it".into(),
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
pub fn install(site: &Site, status: &Status) -> Result<Plan, Refusal> {
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
pub fn uninstall(site: &Site, status: &Status) -> Result<Plan, Refusal> {
    refuse_root(site)?;
    refuse_foreign(status)?;
    let mut plan = match site.manager {
        Manager::Launchd => launchd::uninstall(site, status)?,
        Manager::Systemd => systemd::uninstall(site, status)?,
    };
    plan.afterwards.extend(site.kept.iter().map(|path| format!("Left in place: {}", path.display())));
    Ok(plan)
}

/// The plan that ends the agent and starts it again, which is how an upgraded program comes into effect.
///
/// # Errors
/// Where the plan cannot succeed; see [`Refusal`].
pub fn restart(site: &Site, status: &Status) -> Result<Plan, Refusal> {
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
        File::Foreign(why) => Err(Refusal::Foreign { path: status.path.clone(), why: why.clone() }),
        File::Absent | File::Current | File::Outdated => Ok(()),
    }
}

/// Somebody else's application at our place is in the way of what starts ours, not of what ends it.
fn refuse_foreign_bundle(site: &Site, status: &Status) -> Result<(), Refusal> {
    match &status.bundle {
        Some(BundleStatus { path, state: BundleState::Foreign(why), .. }) if site.has_bundle() => {
            Err(Refusal::Foreign { path: path.clone(), why: why.clone() })
        }
        _ => Ok(()),
    }
}

/// What is worth knowing of the program that will be started.
fn warnings(site: &Site) -> Vec<String> {
    let without = site.bundle.as_ref().and_then(|bundle| bundle.without.as_deref()).map(bundle::without);
    // What was copied may go.
    let short_lived = if site.has_bundle() { None } else { short_lived(&site.executable) };
    without.into_iter().chain(short_lived).collect()
}

/// The value, or why there is no plan without it.
fn known(status: &Status, reading: &Reading<bool>) -> Result<bool, Refusal> {
    match (reading, &status.unanswered) {
        (Reading::Known(value), _) => Ok(*value),
        (Reading::Unknown { .. }, Some(refusal)) => Err(refusal.clone()),
        (Reading::Unknown { unknown }, None) => {
            Err(Refusal::NoAnswer { why: unknown.clone(), advice: "run this again".into() })
        }
    }
}

/// A link is somebody's arrangement (dotfiles, home-manager): to replace it would break that.
fn look_at_file(site: &Site) -> File {
    let path = site.file();
    match std::fs::symlink_metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return File::Absent,
        Err(error) => return File::Foreign(format!("cannot be looked at: {error}")),
        Ok(meta) if meta.is_symlink() => return File::Foreign("is a symbolic link that somebody else set".into()),
        Ok(meta) if !meta.is_file() => return File::Foreign("is not a file".into()),
        Ok(_) => {}
    }
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return File::Foreign(format!("cannot be read: {error}")),
    };
    let ours = match site.manager {
        Manager::Launchd => launchd::is_ours(&bytes),
        Manager::Systemd => systemd::is_ours(&bytes),
    };
    if !ours {
        File::Foreign(format!("is not the login service {LABEL}"))
    } else if site.text().is_ok_and(|text| text.as_bytes() == bytes) {
        File::Current
    } else {
        File::Outdated
    }
}

/// A program below a folder of cargo's products is there until the next `cargo clean`, and half-written during each
/// build. That is fine to try things, and not for long. Cargo marks such a folder with a file.
fn short_lived(executable: &Path) -> Option<String> {
    let folder = executable.ancestors().find(|folder| folder.join(".rustc_info.json").is_file())?;
    Some(format!(
        "The program lies in {}, where cargo builds: the next build replaces it, `cargo clean` removes it. \
         `cargo install --path crates/cli` puts it where it stays.",
        folder.display()
    ))
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
        assert!(short_lived(&program).unwrap().contains(&format!("{}/out", folder.path().display())));
    }

    #[test]
    fn the_file_of_launchd_is_named_after_the_label() {
        assert_eq!(Manager::Launchd.file_name(), format!("{LABEL}.plist"));
    }

    #[test]
    fn the_manager_is_the_system_s_own() {
        assert_eq!(Manager::of_this_system() == Manager::Launchd, Path::new("/System/Library").exists());
    }
}
