//! The login service as data: paths, the current status, and the reasons why there is no plan.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use goplswatch_core::message::{Message, MessageText, SharedMessage};
use goplswatch_core::{Reading, shell};
use serde::Serialize;

use crate::change;
use crate::manager::Manager;
use crate::said::{path as named, verbatim};

/// The name of the service: launchd's label and the bundle's id. Permissions are bound to it, so it
/// never changes.
pub const LABEL: &str = "dev.goplswatch.agent";

/// The limit of open files for the agent, which needs one per watched process and on macOS one per
/// watched file. The defaults of both systems (256, 1024) are so low that a busy machine exhausts
/// them.
pub(super) const OPEN_FILES: u64 = 4096;
/// Seconds between two starts of an agent that crashes; launchd's own default.
pub(super) const BETWEEN_STARTS_S: u64 = 10;
/// Seconds from the request to stop to the kill. The agent writes its history and exits within one
/// second.
pub(super) const STOP_S: u64 = 5;

/// The deadline for one command of the manager. It answers within milliseconds, but not on an
/// overloaded machine.
pub const COMMAND: Duration = Duration::from_secs(20);

/// The program that signs, on every macOS.
pub const CODESIGN: &str = "/usr/bin/codesign";

/// The bundle's name. Finder shows it without the extension.
const NAME: &str = "goplswatch.app";
/// The paths where a new bundle is assembled and where the old one is moved: hidden, and in the
/// same folder, so that a rename suffices.
const MAKING: &str = ".goplswatch-new.app";
const ASIDE: &str = ".goplswatch-old.app";
pub(super) const PROGRAM: &str = "goplswatch";

/// Paths, commands and deadlines, as data from the caller.
#[derive(Clone, Debug)]
pub struct Site {
    /// The service manager.
    pub manager: Manager,
    /// Its command, an absolute path.
    pub tool: PathBuf,
    /// The user's id.
    pub uid: u32,
    /// This program: an absolute path that remains valid when the program is upgraded. It is
    /// started directly, or copied into the bundle.
    pub executable: PathBuf,
    /// The application bundle, on macOS; with `None`, the program is started directly.
    pub bundle: Option<BundleSite>,
    /// The folder in which the manager looks for services of this user, or can be made to.
    pub folder: PathBuf,
    /// Variables with the locations of our files, so that an agent started at login finds the same
    /// ones: absolute paths. Only systemd gets them.
    pub environment: Vec<(&'static str, PathBuf)>,
    /// The folder for the agent's output, which launchd redirects to a file. systemd has its
    /// journal.
    pub logs: PathBuf,
    /// Our files that stay when the service is removed: history, config, log.
    pub kept: Vec<PathBuf>,
    /// Time until the process group of a manager command is killed.
    pub command: Duration,
    /// Where receipts are kept, and how long changes may take.
    pub change: change::Site,
}

impl Site {
    /// The file that declares the service to the manager.
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

    /// The same site for an agent that has to run without a bundle. `why` is a fragment. An
    /// existing bundle stays.
    #[must_use]
    pub fn without_bundle(mut self, why: SharedMessage) -> Self {
        if let Some(bundle) = &mut self.bundle {
            bundle.without = Some(why);
        }
        self
    }
}

/// Where the bundle is assembled, as data from the caller.
#[derive(Clone, Debug)]
pub struct BundleSite {
    /// The folder of the user's own applications, `~/Applications`. Unlike `/Applications` it needs
    /// no special rights.
    pub folder: PathBuf,
    /// The program that signs: [`CODESIGN`].
    pub codesign: PathBuf,
    /// The reason why the agent has to run without a bundle, if it has to, as a fragment. The
    /// program is started directly then.
    pub without: Option<SharedMessage>,
}

impl BundleSite {
    /// The path of the bundle.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The program inside the bundle.
    pub fn executable(&self) -> PathBuf {
        program_in(&self.path())
    }

    pub(super) fn staging_path(&self) -> PathBuf {
        self.folder.join(MAKING)
    }

    pub(super) fn old_path(&self) -> PathBuf {
        self.folder.join(ASIDE)
    }
}

pub(super) fn program_in(bundle: &Path) -> PathBuf {
    bundle.join("Contents/MacOS").join(PROGRAM)
}

/// A folder, and the files that were in it when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// The folder.
    pub path: PathBuf,
    /// All files below it, as paths relative to it.
    pub files: Vec<PathBuf>,
}

/// The program and its arguments. No other code decides how the agent is started.
pub(super) fn program_arguments(program: &Path) -> Result<[&str; 3], Refusal> {
    Ok([absolute(program)?, "agent", "--wait"])
}

/// A property list, in XML.
pub(super) fn xml(list: &impl Serialize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    plist::to_writer_xml(&mut bytes, list).map_err(|error| Refusal::Text(error.to_string()))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| Refusal::Text(error.to_string()))
}

/// The path as text, as both kinds of file need it. Neither manager expands `~` or has a current
/// folder.
pub(super) fn absolute(path: &Path) -> Result<&str, Refusal> {
    let refused = |why| Refusal::Path { path: path.to_owned(), why: SharedMessage::new(why) };
    let text = path.to_str().ok_or_else(|| refused(Message::PathNoText))?;
    if !path.is_absolute() {
        return Err(refused(Message::PathNoAbsolute));
    }
    if text.chars().any(char::is_control) {
        return Err(refused(Message::PathControls));
    }
    Ok(text)
}

/// The state of the file that declares the service to the manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum File {
    /// It does not exist.
    Absent,
    /// It has the content that this program would write.
    Current,
    /// It is ours but has other content: another version, or another path of the program.
    Outdated,
    /// Something of that name that is not ours; the reason, as a fragment that follows its path.
    Foreign(MessageText),
}

/// The current status of the login service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Status {
    /// The service manager.
    pub manager: Manager,
    /// The path of the file that declares the service to the manager.
    pub path: PathBuf,
    /// The state of that file.
    pub file: File,
    /// The application bundle that the agent runs from; null if it uses none, as on Linux.
    pub bundle: Option<BundleStatus>,
    /// Whether the manager has the service: launchd has loaded it, systemd has it enabled.
    pub registered: Reading<bool>,
    /// Whether the agent is running. launchd does not show that by an exit code.
    pub running: Reading<bool>,
    /// Why the manager could not be queried, if so, and what to do.
    #[serde(skip)]
    pub unanswered: Option<Refusal>,
}

impl Status {
    /// Visits every message in it.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        if let File::Foreign(why) = &mut self.file {
            each(why);
        }
        if let Some(bundle) = &mut self.bundle {
            if let BundleState::Outdated(why) | BundleState::Foreign(why) = &mut bundle.state {
                each(why);
            }
            bundle.without.iter_mut().for_each(&mut *each);
        }
        self.registered.each_message(each);
        self.running.each_message(each);
    }
}

/// The reply of the manager.
pub(super) struct ManagerStatus {
    pub(super) registered: Reading<bool>,
    pub(super) running: Reading<bool>,
    pub(super) unanswered: Option<Refusal>,
}

/// Why there is no plan. Nothing has been touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The service's file, or the bundle, is not goplswatch's.
    Foreign {
        /// The file.
        path: PathBuf,
        /// How that was recognized, as a fragment that follows the path.
        why: SharedMessage,
    },
    /// This program's own file cannot be read.
    Program {
        /// The file.
        path: PathBuf,
        /// The system's error.
        why: String,
    },
    /// A path that the manager cannot use.
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        why: SharedMessage,
    },
    /// The manager does not answer.
    NoAnswer {
        /// The command and its result.
        why: SharedMessage,
        /// What to do.
        advice: SharedMessage,
    },
    /// launchd has no desktop session of this user.
    NoDesktop {
        /// The command and its result.
        why: SharedMessage,
    },
    /// The service's file must not be changed.
    File(change::Refusal),
    /// There is nothing to restart.
    NotInstalled,
    /// launchd has no desktop session for root.
    Root,
    /// Root with another user's home, as sudo may leave it.
    RootElsewhere {
        /// The folder.
        folder: PathBuf,
    },
    /// The file's text could not be generated; the error.
    Text(String),
}

impl Refusal {
    pub(super) fn no_answer(why: impl Into<SharedMessage>, advice: Message) -> Self {
        Self::NoAnswer { why: why.into(), advice: SharedMessage::new(advice) }
    }

    /// The reason, as a fragment.
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
    /// It does not exist.
    Absent,
    /// It is what this program would make.
    Current,
    /// It is ours but has to be made anew; the reason, as a fragment.
    Outdated(MessageText),
    /// Something of that name that is not ours; how that was recognized, as a fragment that follows
    /// its path.
    Foreign(MessageText),
}

/// The current status of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct BundleStatus {
    /// Its path, whether it exists or not.
    pub path: PathBuf,
    /// Its state.
    pub state: BundleState,
    /// The version that it declares, if there is a bundle of ours.
    pub version: Option<String>,
    /// Why the agent runs without it, if it has to.
    pub without: Option<MessageText>,
    /// Its files, if it is ours.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    /// What interrupted runs left next to it.
    #[serde(skip)]
    pub leftovers: Vec<Tree>,
}

impl BundleStatus {
    /// Whether it has to be made, or made anew.
    pub(super) fn is_due(&self) -> bool {
        self.without.is_none() && matches!(self.state, BundleState::Absent | BundleState::Outdated(_))
    }

    /// Whether it exists and is ours.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.state, BundleState::Current | BundleState::Outdated(_))
    }
}

/// The value of a reading, or the reason why there is no plan without it.
pub(super) fn known(status: &Status, reading: &Reading<bool>) -> Result<bool, Refusal> {
    match (reading, &status.unanswered) {
        (Reading::Known(value), _) => Ok(*value),
        (Reading::Unknown { .. }, Some(refusal)) => Err(refusal.clone()),
        (Reading::Unknown { unknown }, None) => {
            Err(Refusal::no_answer(SharedMessage::clone(&unknown.message), Message::DoRunAgain))
        }
    }
}
