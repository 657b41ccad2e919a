//! Looks at what is there before anything of it is called: libraries, classes, the session, the bundle.
//!
//! Theory of operation. Every library but libSystem is linked weakly (`crates/cli/build.rs`), so the program starts
//! where one is absent; then its functions are null, and calling one ends the process. This module is what stands
//! before the first such call. Of libraries it calls nothing but what it has looked up by name, and it asks the
//! Objective-C runtime only after finding it.

use std::ffi::{CStr, c_void};

use goplswatch_core::message::{Message, Verbatim};
use objc2::MainThreadMarker;
use objc2::rc::autoreleasepool;
use objc2::runtime::AnyClass;
use objc2_foundation::NSBundle;

use crate::guard::{self, Desktop, Session};

/// A library that the surface calls: what it is called, where it is, and one name of it that is called.
struct Library {
    name: &'static str,
    path: &'static CStr,
    symbol: &'static CStr,
}

/// All are parts of macOS 11 and later.
const LIBRARIES: [Library; 6] = [
    Library { name: "Objective-C runtime", path: c"/usr/lib/libobjc.A.dylib", symbol: c"objc_msgSend" },
    Library {
        name: "CoreFoundation",
        path: c"/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation",
        symbol: c"CFRunLoopObserverCreate",
    },
    Library {
        name: "Foundation",
        path: c"/System/Library/Frameworks/Foundation.framework/Foundation",
        symbol: c"NSStringFromClass",
    },
    Library {
        name: "CoreGraphics",
        path: c"/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics",
        symbol: c"CGMainDisplayID",
    },
    Library {
        name: "ApplicationServices",
        path: c"/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices",
        symbol: c"TransformProcessType",
    },
    Library {
        name: "AppKit",
        path: c"/System/Library/Frameworks/AppKit.framework/AppKit",
        symbol: c"NSMenuDidBeginTrackingNotification",
    },
];

/// The question whether a session has a screen. It is no part of what the program is linked with.
const SECURITY: Library = Library {
    name: "SessionGetInfo",
    path: c"/System/Library/Frameworks/Security.framework/Security",
    symbol: c"SessionGetInfo",
};

const USER_NOTIFICATIONS: Library = Library {
    name: "UserNotifications",
    path: c"/System/Library/Frameworks/UserNotifications.framework/UserNotifications",
    symbol: c"UNNotificationDefaultActionIdentifier",
};

/// The classes without which there is no menu bar. A library may be there in name only.
const CLASSES: [(&str, &CStr); 5] = [
    ("NSApplication", c"NSApplication"),
    ("NSStatusBar", c"NSStatusBar"),
    ("NSMenu", c"NSMenu"),
    ("NSAlert", c"NSAlert"),
    ("NSNotificationCenter", c"NSNotificationCenter"),
];

/// Looks at the desktop and decides.
pub(super) fn may_show() -> Result<(), Message> {
    let absent = absent();
    let session = if absent.is_none() { session() } else { Session::Blind };
    // Whether this is the main thread is a question to Foundation.
    let main_thread = absent.is_none() && MainThreadMarker::new().is_some();
    guard::may_show(&Desktop { absent, session, main_thread })
}

/// Whether notifications may be touched. To be asked only where [`may_show`] said yes.
pub(super) fn may_notify() -> Result<(), Message> {
    if USER_NOTIFICATIONS.find().is_none() || AnyClass::get(c"UNUserNotificationCenter").is_none() {
        return Err(Message::NoDesktopPart { name: Verbatim::of("UserNotifications") });
    }
    let bundle = autoreleasepool(|_| NSBundle::mainBundle().bundleIdentifier().map(|name| name.to_string()));
    // The program that runs, not the one that the bundle names: the two differ exactly where the call would abort.
    guard::may_notify(bundle.as_deref(), std::env::current_exe().ok().as_deref())
}

/// Whether Foundation can be asked: less than a menu bar needs, and known without loading AppKit.
pub(super) fn has_foundation() -> bool {
    let needed = |library: &&Library| ["Objective-C runtime", "CoreFoundation", "Foundation"].contains(&library.name);
    LIBRARIES.iter().filter(needed).all(|library| library.find().is_some()) && AnyClass::get(c"NSLocale").is_some()
}

/// The first thing that is missing. The runtime is asked for classes only where all libraries are there.
fn absent() -> Option<&'static str> {
    let library = LIBRARIES.iter().chain([&SECURITY]).find(|library| library.find().is_none());
    let class = || CLASSES.iter().find(|(_, class)| AnyClass::get(class).is_none()).map(|(name, _)| *name);
    library.map(|library| library.name).or_else(class)
}

impl Library {
    /// The address of its name; none where the library, or the name in it, is absent. It stays loaded.
    fn find(&self) -> Option<*mut c_void> {
        // SAFETY: the path is a C string; loading a system library runs its initialisers, which any program may cause.
        let handle = unsafe { libc::dlopen(self.path.as_ptr(), libc::RTLD_LAZY) };
        if handle.is_null() {
            return None;
        }
        // SAFETY: the handle is one of dlopen's and the name is a C string.
        let address = unsafe { libc::dlsym(handle, self.symbol.as_ptr()) };
        (!address.is_null()).then_some(address)
    }
}

/// `SessionGetInfo` (Security/AuthSession.h, since 10.0): an id of a session, where its id goes, where its attributes go.
type SessionGetInfo = unsafe extern "C" fn(u32, *mut u32, *mut u32) -> i32;

/// The session that called: `callerSecuritySession`, `(SecuritySessionId)-1`.
const CALLER: u32 = u32::MAX;
/// `sessionHasGraphicAccess`.
const HAS_GRAPHIC_ACCESS: u32 = 0x10;

/// Whether this session has a screen. The window server is not asked (`CGSessionCopyCurrentDictionary`): it answers a
/// process under ssh for the user at the screen. Wine asks the same (`dlls/winemac.drv/macdrv_main.c`, `process_attach`).
fn session() -> Session {
    let Some(address) = SECURITY.find() else { return Session::Blind };
    // SAFETY: the address is this function's, whose arguments and result the header declares as in the type.
    let session_get_info = unsafe { std::mem::transmute::<*mut c_void, SessionGetInfo>(address) };
    let (mut id, mut attributes) = (0, 0);
    // SAFETY: both places live until the call has returned.
    match unsafe { session_get_info(CALLER, &raw mut id, &raw mut attributes) } {
        0 if attributes & HAS_GRAPHIC_ACCESS != 0 => Session::Graphic,
        0 => Session::Blind,
        error => Session::Unknown(error),
    }
}
