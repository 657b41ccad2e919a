//! What the macOS surface decides, apart from macOS: whether the desktop may be touched at all, whether notifications
//! may be, what an answer about permission leads to, and what a click on a notification means.
//!
//! Theory of operation. The thin calls in `macos` look (is AppKit there, which session is this, what does the bundle
//! call itself, what are the settings) and hand over plain data; everything here is a decision about such data, with
//! its words, and is tested on every system. It matters because the calls that come after a wrong decision do not fail,
//! they abort: AppKit without a window server, and `currentNotificationCenter` outside of an app, end the process.

use std::path::Path;

use goplswatch_core::codes::Telling;
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
/// Why not, as words that fit after "no icon is shown: ".
pub fn may_show(desktop: &Desktop) -> Result<(), String> {
    if let Some(name) = desktop.absent {
        return Err(format!("this system has no {name}"));
    }
    match desktop.session {
        Session::Graphic => {}
        Session::Blind => return Err("this session has no screen, as over ssh".to_owned()),
        Session::Unknown(error) => return Err(format!("the session could not be asked about its screen ({error})")),
    }
    if desktop.main_thread { Ok(()) } else { Err("the surface was not started on the main thread".to_owned()) }
}

/// Whether `currentNotificationCenter` may be called. The bundle's name alone does not do: a program can carry an
/// Info.plist within itself, which gives it a name but no app (block/buzz#5004), and a program beside `MacOS` in an app
/// dies as well (orca#7929).
///
/// # Errors
/// Why not, as words that fit after "because ".
pub fn may_notify(bundle: Option<&str>, executable: Option<&Path>) -> Result<(), String> {
    match bundle {
        Some(APP_ID) => {}
        Some(other) => return Err(format!("it runs as a part of {other}")),
        None => return Err("it does not run from within goplswatch.app".to_owned()),
    }
    let folder = |path: &'_ Path, name: &str| path.file_name().is_some_and(|found| found == name);
    let in_app = executable.and_then(Path::parent).is_some_and(|macos| {
        let contents = macos.parent();
        let app = contents.and_then(Path::parent);
        folder(macos, "MacOS")
            && contents.is_some_and(|contents| folder(contents, "Contents"))
            && app.and_then(Path::extension).is_some_and(|extension| extension == "app")
    });
    if in_app { Ok(()) } else { Err("its executable is not the one within goplswatch.app".to_owned()) }
}

/// The capability of the icon.
#[must_use]
pub fn tray(may: &Result<(), String>) -> Capability {
    let (state, why) = match may {
        Ok(()) => (
            CapabilityState::Ok,
            "the icon was put into the menu bar. Where it cannot be seen, the bar is full (a notch hides what does not \
             fit), or System Settings → Menu Bar does not allow it"
                .to_owned(),
        ),
        Err(why) => (CapabilityState::Unsupported, format!("no icon is shown: {why}. Every command works without it")),
    };
    Capability::told("tray", state, why)
}

/// The capability of notifications where nothing of macOS's desktop may be touched.
#[must_use]
pub fn no_notifications(why: &str) -> Capability {
    let why = format!("nobody would see a notification: {why}");
    Capability::told("notifications", CapabilityState::Unsupported, why)
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
/// osascript shows what may interrupt, and nothing else.
#[derive(Debug)]
pub struct Gate {
    usable: Result<(), String>,
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
    pub const fn new(usable: Result<(), String>) -> Self {
        Self { usable, awaits: false, asked: false, waiting: Vec::new(), sent: Vec::new(), told: None }
    }

    /// The first steps: to know, without asking the user, whether notifications will be seen.
    pub fn start(&mut self) -> Vec<Step> {
        if let Err(why) = &self.usable {
            let why = format!(
                "macOS takes notifications only from an app, and this agent is none, because {why}. \
                 `goplswatch install` puts it into one. {SCRIPTED}"
            );
            return self.tell(CapabilityState::Denied, why);
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
            Permission::NotAsked => self.refused("macOS has asked for permission and got no answer"),
            Permission::Denied => self.refused("they are turned off for goplswatch"),
        }
    }

    /// The user answered, or macOS did.
    pub fn answered(&mut self, granted: bool) -> Vec<Step> {
        self.awaits = false;
        if granted { self.open() } else { self.refused("permission was not given") }
    }

    /// What came of a post: nothing, or macOS's refusal in its words.
    pub fn posted(&mut self, id: &str, refusal: Option<&str>) -> Vec<Step> {
        let Some(posting) = take(&mut self.sent, id) else { return Vec::new() };
        let Some(refusal) = refusal else { return Vec::new() };
        let mut steps = self.tell(
            CapabilityState::Denied,
            format!("macOS did not take a notification ({refusal}). {SETTINGS} {SCRIPTED}"),
        );
        steps.extend(script(vec![posting]));
        steps
    }

    fn open(&mut self) -> Vec<Step> {
        let mut steps =
            self.tell(CapabilityState::Ok, "macOS shows notifications of goplswatch, by its settings".to_owned());
        let waiting = std::mem::take(&mut self.waiting);
        for posting in &waiting {
            take(&mut self.sent, &posting.id);
        }
        self.sent.extend(waiting.iter().cloned());
        steps.extend(waiting.into_iter().map(Step::Post));
        steps
    }

    fn refused(&mut self, why: &str) -> Vec<Step> {
        let why = format!("no notification is shown: {why}. {SETTINGS} {SCRIPTED}");
        let mut steps = self.tell(CapabilityState::Denied, why);
        steps.extend(script(std::mem::take(&mut self.waiting)));
        steps
    }

    /// Says something once, until it is something else.
    fn tell(&mut self, state: CapabilityState, why: String) -> Vec<Step> {
        let capability = Capability::told("notifications", state, why);
        if self.told.as_ref() == Some(&capability) {
            return Vec::new();
        }
        self.told = Some(capability.clone());
        vec![Step::Tell(capability)]
    }
}

const SETTINGS: &str = "System Settings → Notifications → goplswatch turns them on.";
/// How osascript's notifications look to the user; that they come from it is macOS's doing (beeep#67, cline#3097).
const SCRIPTED: &str = "Until then only urgent ones come, by way of Script Editor: under its name, without buttons, and \
                        only if it may notify.";

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
