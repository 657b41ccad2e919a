//! What the macOS surface decides, apart from macOS: whether the desktop may be touched at all, whether notifications
//! may be, what an answer about permission leads to, and what a click on a notification means.
//!
//! Theory of operation. The thin calls in `macos` look (is AppKit there, which session is this, what does the bundle
//! call itself, what are the settings) and hand over plain data; everything here is a decision about such data, with
//! its words, and is tested on every system. It matters because the calls that come after a wrong decision do not fail,
//! they abort: AppKit without a window server, and `currentNotificationCenter` outside of an app, end the process.

use std::path::Path;

use goplswatch_core::codes::Telling;
use goplswatch_core::message::{Message, Part, Verbatim};
use goplswatch_core::words::{Capability, CapabilityState};

use crate::APP_ID;
use crate::notices::{Choice, Shown};

/// The session that a process belongs to, as `SessionGetInfo` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// Somebody sits before it.
    Graphic,
    /// It has no access to the screen: ssh, a daemon.
    Blind,
    /// It would not say; its `OSStatus`.
    Unknown(i32),
}

/// What was found before anything of AppKit was called.
#[derive(Clone, Copy, Debug)]
pub struct Desktop<'a> {
    /// The first library or class that is needed and not there.
    pub absent: Option<&'a str>,
    /// The session.
    pub session: Session,
    /// Whether this is the main thread.
    pub main_thread: bool,
}

/// Whether the menu bar may be touched.
///
/// # Errors
/// Why not, as a fragment that fits after "no icon is shown: ".
pub fn may_show(desktop: &Desktop) -> Result<(), Message> {
    if let Some(name) = desktop.absent {
        return Err(Message::NoDesktopPart { name: Verbatim::of(name) });
    }
    match desktop.session {
        Session::Graphic => {}
        Session::Blind => return Err(Message::NoScreen),
        Session::Unknown(error) => return Err(Message::SessionUnknown { error: Verbatim::of(error) }),
    }
    if desktop.main_thread { Ok(()) } else { Err(Message::NotMainThread) }
}

/// Whether `currentNotificationCenter` may be called. The bundle's name alone does not do: a program can carry an
/// Info.plist within itself, which gives it a name but no app (block/buzz#5004), and a program beside `MacOS` in an app
/// dies as well (orca#7929).
///
/// # Errors
/// Why not, as a fragment that fits after "because ".
pub fn may_notify(bundle: Option<&str>, executable: Option<&Path>) -> Result<(), Message> {
    match bundle {
        Some(APP_ID) => {}
        Some(other) => return Err(Message::PartOfAnother { bundle: Verbatim::of(other) }),
        None => return Err(Message::NotInApp),
    }
    let folder = |path: &'_ Path, name: &str| path.file_name().is_some_and(|found| found == name);
    let in_app = executable.and_then(Path::parent).is_some_and(|macos| {
        let contents = macos.parent();
        let app = contents.and_then(Path::parent);
        folder(macos, "MacOS")
            && contents.is_some_and(|contents| folder(contents, "Contents"))
            && app.and_then(Path::extension).is_some_and(|extension| extension == "app")
    });
    if in_app { Ok(()) } else { Err(Message::NotProgramOfApp) }
}

/// The capability of the icon.
#[must_use]
pub fn tray(may: Result<(), Message>) -> Capability {
    let (state, said) = match may {
        Ok(()) => (CapabilityState::Ok, Message::IconInMenuBar),
        Err(why) => (CapabilityState::Unsupported, Message::NoIcon { why: Part::new(why) }),
    };
    Capability::new("tray", state, said)
}

/// The capability of notifications where nothing of macOS's desktop may be touched.
#[must_use]
pub fn no_notifications(why: Message) -> Capability {
    Capability::new("notifications", CapabilityState::Unsupported, Message::NotesUnseen { why: Part::new(why) })
}

/// `UNAuthorizationStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The user was never asked.
    NotAsked,
    /// The user said no.
    Denied,
    /// The user said yes, or macOS lets it through in silence.
    Allowed,
    /// A number that this program does not know.
    Unknown(isize),
}

impl Permission {
    /// Reads the number of `UNAuthorizationStatus` (UNNotificationSettings.h): 0 not determined, 1 denied,
    /// 2 authorized, 3 provisional.
    #[must_use]
    pub const fn from_status(status: isize) -> Self {
        match status {
            0 => Self::NotAsked,
            1 => Self::Denied,
            2 | 3 => Self::Allowed,
            other => Self::Unknown(other),
        }
    }
}

/// Whether a notification may interrupt: only then it is shown as a banner, with a sound.
#[must_use]
pub fn interrupts(shown: &Shown) -> bool {
    shown.rings && shown.telling == Telling::Active
}

/// What is to be done about notifications.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Ask macOS for the settings; the answer goes to [`Gate::settings`].
    ReadSettings,
    /// Ask the user for permission; the answer goes to [`Gate::answered`].
    AskUser,
    /// Hand it to UserNotifications; what came of it goes to [`Gate::posted`].
    Post(Shown),
    /// Show it through osascript.
    Script(Shown),
    /// Take it back, delivered or not.
    Withdraw(String),
    /// Say this about notifications.
    Tell(Capability),
}

/// The way of notifications past the user's permission.
///
/// Settings are read before each post, since the user may change them at any time; the user is asked once in the life
/// of the agent, with the first notification that there is. What comes in between waits. Where nothing may be posted,
/// osascript shows what may interrupt, and nothing else; its notifications come from Script Editor, which is macOS's doing
/// (beeep#67, cline#3097).
#[derive(Debug)]
pub struct Gate {
    usable: Result<(), Message>,
    /// Whether an answer is awaited, of macOS or of the user.
    awaits: bool,
    asked: bool,
    waiting: Vec<Shown>,
    /// Handed over, outcome unknown.
    sent: Vec<Shown>,
    told: Option<Capability>,
}

impl Gate {
    /// A gate; `usable` is the answer of [`may_notify`].
    #[must_use]
    pub const fn new(usable: Result<(), Message>) -> Self {
        Self { usable, awaits: false, asked: false, waiting: Vec::new(), sent: Vec::new(), told: None }
    }

    /// The first steps: to know, without asking the user, whether notifications will be seen.
    pub fn start(&mut self) -> Vec<Step> {
        if let Err(why) = &self.usable {
            let why = Part::new(why.clone());
            return self.tell(CapabilityState::Denied, Message::NotesOfNoApp { why });
        }
        self.awaits = true;
        vec![Step::ReadSettings]
    }

    /// Something is to be told. A later one with the same id takes the place of one that waits.
    pub fn post(&mut self, mut posting: Shown) -> Vec<Step> {
        if self.usable.is_err() {
            return script(vec![posting]);
        }
        if let Some(earlier) = take(&mut self.waiting, &posting.id) {
            posting.rings |= earlier.rings;
        }
        self.waiting.push(posting);
        if self.awaits {
            return Vec::new();
        }
        self.awaits = true;
        vec![Step::ReadSettings]
    }

    /// Something is no longer so.
    pub fn withdraw(&mut self, id: &str) -> Vec<Step> {
        take(&mut self.waiting, id);
        if self.usable.is_err() { Vec::new() } else { vec![Step::Withdraw(id.to_owned())] }
    }

    /// The settings were read.
    pub fn settings(&mut self, permission: Permission) -> Vec<Step> {
        self.awaits = false;
        match permission {
            // A status that is younger than this program is tried: a refusal comes back with the post.
            Permission::Allowed | Permission::Unknown(_) => self.open(),
            Permission::NotAsked if self.waiting.is_empty() => Vec::new(),
            Permission::NotAsked if !self.asked => {
                self.asked = true;
                self.awaits = true;
                vec![Step::AskUser]
            }
            // Asked before and not answered: the question is a banner that goes away by itself.
            Permission::NotAsked => self.refused(Message::AskedInVain),
            Permission::Denied => self.refused(Message::TurnedOff),
        }
    }

    /// The user answered, or macOS did.
    pub fn answered(&mut self, granted: bool) -> Vec<Step> {
        self.awaits = false;
        if granted { self.open() } else { self.refused(Message::NotPermitted) }
    }

    /// What came of a post: nothing, or macOS's refusal in its words.
    pub fn posted(&mut self, id: &str, refusal: Option<&str>) -> Vec<Step> {
        let Some(posting) = take(&mut self.sent, id) else { return Vec::new() };
        let Some(refusal) = refusal else { return Vec::new() };
        let refused = Message::NoteRefused { refusal: Verbatim::of(refusal) };
        let mut steps = self.tell(CapabilityState::Denied, refused);
        steps.extend(script(vec![posting]));
        steps
    }

    fn open(&mut self) -> Vec<Step> {
        let mut steps = self.tell(CapabilityState::Ok, Message::NotesAllowed);
        let waiting = std::mem::take(&mut self.waiting);
        for posting in &waiting {
            take(&mut self.sent, &posting.id);
        }
        self.sent.extend(waiting.iter().cloned());
        steps.extend(waiting.into_iter().map(Step::Post));
        steps
    }

    fn refused(&mut self, why: Message) -> Vec<Step> {
        let mut steps = self.tell(CapabilityState::Denied, Message::NotesOff { why: Part::new(why) });
        steps.extend(script(std::mem::take(&mut self.waiting)));
        steps
    }

    /// Says something once, until it is something else.
    fn tell(&mut self, state: CapabilityState, said: Message) -> Vec<Step> {
        let capability = Capability::new("notifications", state, said);
        if self.told.as_ref() == Some(&capability) {
            return Vec::new();
        }
        self.told = Some(capability.clone());
        vec![Step::Tell(capability)]
    }
}

fn take(postings: &mut Vec<Shown>, id: &str) -> Option<Shown> {
    postings.iter().position(|posting| posting.id == id).map(|at| postings.remove(at))
}

fn script(postings: Vec<Shown>) -> Vec<Step> {
    postings.into_iter().filter(interrupts).map(Step::Script).collect()
}

/// The AppleScript of the fallback. It never changes; words reach it as arguments only, so nothing in them is code.
const SCRIPT: [&str; 3] =
    ["on run argv", "display notification (item 3 of argv) with title (item 2 of argv)", "end run"];

/// The arguments with which `/usr/bin/osascript` shows a notification. The first argument of the script is a constant:
/// osascript stops looking for options at it, so a title that begins with a dash is no option.
#[must_use]
pub fn script_arguments(shown: &Shown) -> Vec<String> {
    let script = SCRIPT.iter().flat_map(|line| ["-e", line]);
    script.chain(["note", &shown.title, &shown.body]).map(str::to_owned).collect()
}

/// What was clicked on a notification, as UserNotifications tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The notification itself.
    Body,
    /// Its cross.
    Dismissed,
    /// The button of this name.
    Button(String),
}

impl Pressed {
    /// What the user chose; none: to see it no longer. A button that is none of ours says as little.
    #[must_use]
    pub fn choice(&self) -> Option<Choice> {
        match self {
            Self::Body => Some(Choice::Click),
            Self::Dismissed => None,
            Self::Button(name) => Choice::of_button(name),
        }
    }
}

/// The name of the set of buttons that a notification has. macOS knows buttons only as such sets; two notifications
/// with the same labels share one, and so do all without buttons.
#[must_use]
pub fn category(labels: &[String]) -> String {
    format!("buttons:{}", labels.join("\u{1f}"))
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
