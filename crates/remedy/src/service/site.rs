//! The login service as data: where everything is, what a look shows, and why there is no plan.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::message::{Message, Part, Said};
use goplswatch_core::{Reading, shell};
use serde::Serialize;

use crate::change;
use crate::manager::Manager;
use crate::said::{path as named, verbatim};

/// The one name of the service: launchd's label, the bundle's id. Permissions hang on it, so it never changes.
pub const LABEL: &str = "dev.goplswatch.agent";

/// The limit of open files that the agent gets: one per watched process, and on macOS one per watched file.
/// Both systems would give it so few (256, 1024) that a busy machine exhausts them.
pub(super) const OPEN_FILES: u64 = 4096;
/// Seconds between two starts of an agent that crashes; launchd's own default.
pub(super) const BETWEEN_STARTS_S: u64 = 10;
/// Seconds from the request to end to the kill. The agent writes its history and ends within one.
pub(super) const STOP_S: u64 = 5;

/// How long one command of the manager may take: it answers within milliseconds, but not on a machine that is stuck.
pub const COMMAND: Duration = Duration::from_secs(20);

/// The program that signs, on every macOS.
pub const CODESIGN: &str = "/usr/bin/codesign";

/// The bundle's name. Finder shows it without its ending.
const NAME: &str = "goplswatch.app";
/// Where it is put together, and where the one before it goes: hidden, beside it, so that a rename is all it takes.
const MAKING: &str = ".goplswatch-new.app";
const ASIDE: &str = ".goplswatch-old.app";
pub(super) const PROGRAM: &str = "goplswatch";

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
    /// How long one command of the manager may take, until its process group is killed.
    pub command: Duration,
    /// Where receipts are, and how long changes may take.
    pub change: change::Site,
}

impl Site {
    /// The file by which the manager knows the service.
    pub fn file(&self) -> PathBuf {
        self.folder.join(self.manager.file_name())
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
    pub fn without_bundle(mut self, why: Part) -> Self {
        if let Some(bundle) = &mut self.bundle {
            bundle.without = Some(why);
        }
        self
    }
}

/// Where the bundle is put together: data of the caller.
#[derive(Clone, Debug)]
pub struct BundleSite {
    /// The folder of the user's own applications, `~/Applications`. Unlike `/Applications` it needs no rights.
    pub folder: PathBuf,
    /// The program that signs: [`CODESIGN`].
    pub codesign: PathBuf,
    /// Why the agent has to do without a bundle, where it has to, as a fragment. It then runs from the program itself.
    pub without: Option<Part>,
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

    pub(super) fn making(&self) -> PathBuf {
        self.folder.join(MAKING)
    }

    pub(super) fn aside(&self) -> PathBuf {
        self.folder.join(ASIDE)
    }
}

pub(super) fn program_in(bundle: &Path) -> PathBuf {
    bundle.join("Contents/MacOS").join(PROGRAM)
}

/// A folder, and what was in it when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The folder.
    pub path: PathBuf,
    /// What is in it, however deep, by the path from there.
    pub files: Vec<PathBuf>,
}

/// The program and its arguments: the one place that says how the agent is started.
pub(super) fn program_arguments(program: &Path) -> Result<[&str; 3], Refusal> {
    Ok([absolute(program)?, "agent", "--wait"])
}

/// A property list, XML.
pub(super) fn xml(list: &impl Serialize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    plist::to_writer_xml(&mut bytes, list).map_err(|error| Refusal::Text(error.to_string()))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| Refusal::Text(error.to_string()))
}

/// As text, which both kinds of file want. Neither manager expands `~` or knows a current folder.
pub(super) fn absolute(path: &Path) -> Result<&str, Refusal> {
    let refused = |why| Refusal::Path { path: path.to_owned(), why: Part::new(why) };
    let text = path.to_str().ok_or_else(|| refused(Message::PathNoText))?;
    if !path.is_absolute() {
        return Err(refused(Message::PathNoAbsolute));
    }
    if text.chars().any(char::is_control) {
        return Err(refused(Message::PathControls));
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
    /// Something of that name that is not ours; why, as a fragment behind its path.
    Foreign(Said),
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

impl Status {
    /// Everything that it says.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        if let File::Foreign(why) = &mut self.file {
            each(why);
        }
        if let Some(bundle) = &mut self.bundle {
            if let BundleState::Outdated(why) | BundleState::Foreign(why) = &mut bundle.state {
                each(why);
            }
            bundle.without.iter_mut().for_each(&mut *each);
        }
        self.registered.each_said(each);
        self.running.each_said(each);
    }
}

/// What the manager says, when it is asked.
pub(super) struct Look {
    pub(super) registered: Reading<bool>,
    pub(super) running: Reading<bool>,
    pub(super) unanswered: Option<Refusal>,
}

/// Why there is no plan. Nothing has been touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file at our place is somebody else's.
    Foreign {
        /// The file.
        path: PathBuf,
        /// How that was seen, as a fragment that follows the path.
        why: Part,
    },
    /// This program's own file.
    Program {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A path that the manager cannot use.
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: Part,
    },
    /// The manager does not answer.
    NoAnswer {
        /// What was asked and what came of it.
        why: Part,
        /// What to do.
        advice: Part,
    },
    /// launchd has no desktop session of this user.
    NoDesktop {
        /// What was asked and what came of it.
        why: Part,
    },
    /// The file at our place is one that may not be changed.
    File(change::Refusal),
    /// There is nothing to restart.
    NotInstalled,
    /// launchd has no desktop session for root.
    Root,
    /// Root with the home of somebody else, as sudo may leave it.
    RootElsewhere {
        /// The folder.
        folder: PathBuf,
    },
    /// The file could not be made; what the system said.
    Text(String),
}

impl Refusal {
    pub(super) fn no_answer(why: impl Into<Part>, advice: Message) -> Self {
        Self::NoAnswer { why: why.into(), advice: Part::new(advice) }
    }

    /// What stands in the way, as a fragment.
    pub fn why(&self) -> Message {
        match self {
            Self::Foreign { path, why } => Message::OfPath { path: named(path), why: why.clone() },
            Self::Program { path, why } => Message::ProgramNotRead { path: named(path), why: verbatim(why) },
            Self::Path { path, why } => Message::PathUnusable { path: named(path), why: why.clone() },
            Self::NoAnswer { why, .. } | Self::NoDesktop { why } => (**why).clone(),
            Self::File(refusal) => (*refusal.why).clone(),
            Self::NotInstalled => Message::ServiceNotInstalled,
            Self::Root => Message::ServiceOfRoot,
            Self::RootElsewhere { folder } => Message::ServiceOfAnother { folder: named(folder) },
            Self::Text(why) => Message::ServiceListNotWritten { why: verbatim(why) },
        }
    }

    /// What to do about it, line by line.
    pub fn advice(&self) -> Vec<Message> {
        vec![match self {
            Self::Foreign { .. } => Message::DoMoveAway,
            Self::Program { path, .. } => Message::DoSeeFile { path: verbatim(&shell::word(path)) },
            Self::Path { .. } => Message::DoPlainName,
            Self::NoAnswer { advice, .. } => (**advice).clone(),
            Self::File(refusal) => return refusal.instead.clone(),
            Self::NotInstalled => Message::DoInstall,
            Self::NoDesktop { .. } => Message::DoLogInThere,
            Self::Root | Self::RootElsewhere { .. } => Message::DoAsYourself,
            Self::Text(_) => Message::DoReportDefect,
        }]
    }
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
    /// It is ours, and is to be made anew; why, as a fragment.
    Outdated(Said),
    /// Something of that name that is not ours; how that was seen, as a fragment behind its path.
    Foreign(Said),
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
    pub without: Option<Said>,
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
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.state, BundleState::Current | BundleState::Outdated(_))
    }
}

/// The value, or why there is no plan without it.
pub(super) fn known(status: &Status, told: &Reading<bool>) -> Result<bool, Refusal> {
    match (told, &status.unanswered) {
        (Reading::Known(value), _) => Ok(*value),
        (Reading::Unknown { .. }, Some(refusal)) => Err(refusal.clone()),
        (Reading::Unknown { unknown }, None) => {
            Err(Refusal::no_answer(Part::clone(&unknown.message), Message::DoRunAgain))
        }
    }
}
