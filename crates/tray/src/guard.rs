//! Decisions of the macOS surface that do not call macOS: whether AppKit may be used, whether
//! notifications may be used, what a reply about permission leads to, and what a click on a
//! notification means.
//!
//! Theory of operation. The thin calls in `macos` collect plain data: whether AppKit is present,
//! the session, the identifier of the bundle, the settings. Everything here decides on such data,
//! gives the reason as a message, and is tested on every platform. These checks matter because the
//! calls after a wrong decision abort instead of failing: AppKit without a window server, and
//! `currentNotificationCenter` outside of an app, end the process.

use std::path::Path;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::codes::NotificationLevel;
use goplswatch_core::message::{Message, SharedMessage, Verbatim};

use crate::APP_ID;
use crate::notification_tracker::{Choice, NotificationContent};

/// The session that a process belongs to, as reported by `SessionGetInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// A session with a screen.
    Graphic,
    /// A session without access to the screen: ssh, a daemon.
    NoScreen,
    /// `SessionGetInfo` failed with this `OSStatus`.
    Unknown(i32),
}

/// What was determined before the first call to AppKit.
#[derive(Clone, Copy, Debug)]
pub struct Desktop<'a> {
    /// The first required library or class that is missing.
    pub absent: Option<&'a str>,
    /// The session.
    pub session: Session,
    /// Whether this is the main thread.
    pub main_thread: bool,
}

/// Whether the menu bar may be used.
///
/// # Errors
/// The reason, as a fragment that fits after "no icon is shown: ".
pub fn may_show(desktop: &Desktop) -> Result<(), Message> {
    if let Some(name) = desktop.absent {
        return Err(Message::NoDesktopPart { name: Verbatim::of(name) });
    }
    match desktop.session {
        Session::Graphic => {}
        Session::NoScreen => return Err(Message::NoScreen),
        Session::Unknown(error) => return Err(Message::SessionUnknown { error: Verbatim::of(error) }),
    }
    if desktop.main_thread { Ok(()) } else { Err(Message::NotMainThread) }
}

/// Whether `currentNotificationCenter` may be called. Checking the bundle identifier alone is not
/// enough: a program can embed an Info.plist, which gives it an identifier without being in an app
/// (block/buzz#5004), and a program outside the `MacOS` folder of an app aborts as well
/// (orca#7929).
///
/// # Errors
/// The reason, as a fragment that fits after "because ".
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
        Err(why) => (CapabilityState::Unsupported, Message::NoIcon { why: SharedMessage::new(why) }),
    };
    Capability::new("tray", state, said)
}

/// The capability of notifications where the macOS desktop may not be used at all.
#[must_use]
pub fn no_notifications(why: Message) -> Capability {
    Capability::new(
        "notifications",
        CapabilityState::Unsupported,
        Message::NotesUnseen { why: SharedMessage::new(why) },
    )
}

/// `UNAuthorizationStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The user has not been asked yet.
    NotAsked,
    /// The user refused.
    Denied,
    /// The user agreed, or macOS delivers the notifications quietly.
    Allowed,
    /// A status that this program does not know.
    Unknown(isize),
}

impl Permission {
    /// Reads the number of `UNAuthorizationStatus` (UNNotificationSettings.h):
    /// 0 not determined, 1 denied, 2 authorized, 3 provisional.
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

/// Whether a notification may interrupt the user. Only then is it shown as a banner with a sound.
#[must_use]
pub fn interrupts(shown: &NotificationContent) -> bool {
    shown.rings && shown.telling == NotificationLevel::Active
}

/// What the caller has to do about notifications.
#[derive(Clone, Debug, PartialEq)]
pub enum GateEffect {
    /// Read the notification settings from macOS; the reply goes to [`PermissionGate::settings`].
    ReadSettings,
    /// Ask the user for permission; the reply goes to [`PermissionGate::answered`].
    AskUser,
    /// Post it through UserNotifications; the outcome goes to [`PermissionGate::posted`].
    Post(NotificationContent),
    /// Show it through osascript.
    Script(NotificationContent),
    /// Withdraw it, delivered or not.
    Withdraw(String),
    /// Report this capability of notifications.
    Tell(Capability),
}

/// Checks the user's permission before notifications are posted.
///
/// The settings are read before each post, since the user may change them at any time. The user is
/// asked once in the life of the agent, with the first notification. Notifications that arrive in
/// between wait. Where posting is not permitted, osascript shows those that may interrupt, and no
/// others. macOS attributes these to Script Editor (beeep#67, cline#3097).
#[derive(Debug)]
pub struct PermissionGate {
    usable: Result<(), Message>,
    /// Whether a reply of macOS or of the user is outstanding.
    awaits: bool,
    asked: bool,
    waiting: Vec<NotificationContent>,
    /// Posted; the outcome is not known yet.
    sent: Vec<NotificationContent>,
    last_reported: Option<Capability>,
}

impl PermissionGate {
    /// Creates a gate; `usable` is the result of [`may_notify`].
    #[must_use]
    pub const fn new(usable: Result<(), Message>) -> Self {
        Self { usable, awaits: false, asked: false, waiting: Vec::new(), sent: Vec::new(), last_reported: None }
    }

    /// The first steps: find out, without asking the user, whether notifications will be seen.
    pub fn start(&mut self) -> Vec<GateEffect> {
        if let Err(why) = &self.usable {
            let why = SharedMessage::new(why.clone());
            return self.tell(CapabilityState::Denied, Message::NotesOfNoApp { why });
        }
        self.awaits = true;
        vec![GateEffect::ReadSettings]
    }

    /// Posts a notification. It replaces a waiting one with the same id.
    pub fn post(&mut self, mut posting: NotificationContent) -> Vec<GateEffect> {
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
        vec![GateEffect::ReadSettings]
    }

    /// Withdraws a notification.
    pub fn withdraw(&mut self, id: &str) -> Vec<GateEffect> {
        take(&mut self.waiting, id);
        if self.usable.is_err() { Vec::new() } else { vec![GateEffect::Withdraw(id.to_owned())] }
    }

    /// The settings were read.
    pub fn settings(&mut self, permission: Permission) -> Vec<GateEffect> {
        self.awaits = false;
        match permission {
            // A status newer than this program is tried anyway; a refusal is reported with the
            // post.
            Permission::Allowed | Permission::Unknown(_) => self.open(),
            Permission::NotAsked if self.waiting.is_empty() => Vec::new(),
            Permission::NotAsked if !self.asked => {
                self.asked = true;
                self.awaits = true;
                vec![GateEffect::AskUser]
            }
            // The user was asked and did not answer: the request is a banner that disappears by
            // itself.
            Permission::NotAsked => self.refused(Message::AskedInVain),
            Permission::Denied => self.refused(Message::TurnedOff),
        }
    }

    /// The permission request was answered by the user, or by macOS.
    pub fn answered(&mut self, granted: bool) -> Vec<GateEffect> {
        self.awaits = false;
        if granted { self.open() } else { self.refused(Message::NotPermitted) }
    }

    /// The outcome of a post: `None` for success, or the text of the refusal by macOS.
    pub fn posted(&mut self, id: &str, refusal: Option<&str>) -> Vec<GateEffect> {
        let Some(posting) = take(&mut self.sent, id) else { return Vec::new() };
        let Some(refusal) = refusal else { return Vec::new() };
        let refused = Message::NoteRefused { refusal: Verbatim::of(refusal) };
        let mut steps = self.tell(CapabilityState::Denied, refused);
        steps.extend(script(vec![posting]));
        steps
    }

    fn open(&mut self) -> Vec<GateEffect> {
        let mut steps = self.tell(CapabilityState::Ok, Message::NotesAllowed);
        let waiting = std::mem::take(&mut self.waiting);
        for posting in &waiting {
            take(&mut self.sent, &posting.id);
        }
        self.sent.extend(waiting.iter().cloned());
        steps.extend(waiting.into_iter().map(GateEffect::Post));
        steps
    }

    fn refused(&mut self, why: Message) -> Vec<GateEffect> {
        let mut steps = self.tell(CapabilityState::Denied, Message::NotesOff { why: SharedMessage::new(why) });
        steps.extend(script(std::mem::take(&mut self.waiting)));
        steps
    }

    /// Reports a capability if it differs from the last one reported.
    fn tell(&mut self, state: CapabilityState, said: Message) -> Vec<GateEffect> {
        let capability = Capability::new("notifications", state, said);
        if self.last_reported.as_ref() == Some(&capability) {
            return Vec::new();
        }
        self.last_reported = Some(capability.clone());
        vec![GateEffect::Tell(capability)]
    }
}

fn take(postings: &mut Vec<NotificationContent>, id: &str) -> Option<NotificationContent> {
    postings.iter().position(|posting| posting.id == id).map(|at| postings.remove(at))
}

fn script(postings: Vec<NotificationContent>) -> Vec<GateEffect> {
    postings.into_iter().filter(interrupts).map(GateEffect::Script).collect()
}

/// The AppleScript of the fallback. It is constant; titles and bodies reach it as arguments only,
/// so nothing in them is code.
const SCRIPT: [&str; 3] =
    ["on run argv", "display notification (item 3 of argv) with title (item 2 of argv)", "end run"];

/// The arguments with which `/usr/bin/osascript` shows a notification. The first argument of the
/// script is a constant: osascript stops parsing options there, so a title that begins with a dash
/// is not taken for an option.
#[must_use]
pub fn script_arguments(shown: &NotificationContent) -> Vec<String> {
    let script = SCRIPT.iter().flat_map(|line| ["-e", line]);
    script.chain(["note", &shown.title, &shown.body]).map(str::to_owned).collect()
}

/// What was clicked on a notification, as reported by UserNotifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The notification itself.
    Body,
    /// The close button.
    Dismissed,
    /// The button with this name.
    Button(String),
}

impl Pressed {
    /// The choice of the user; `None`: the notification was closed, or the button is unknown.
    #[must_use]
    pub fn choice(&self) -> Option<Choice> {
        match self {
            Self::Body => Some(Choice::Click),
            Self::Dismissed => None,
            Self::Button(name) => Choice::of_button(name),
        }
    }
}

/// The name of the set of buttons of a notification. macOS knows buttons only as such sets
/// (categories). Notifications with the same labels share one, and so do all without buttons.
#[must_use]
pub fn category(labels: &[String]) -> String {
    format!("buttons:{}", labels.join("\u{1f}"))
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
