//! Checks that libraries, classes, the session and the bundle are as required before any of them is
//! used.
//!
//! Theory of operation. Every library but libSystem is linked weakly (`crates/cli/build.rs`), so
//! the program starts where one is absent. The functions of an absent library are null, and calling
//! one ends the process, so this module runs before the first such call. It calls only library
//! functions that it has looked up by name, and uses the Objective-C runtime only after finding it.

use std::ffi::{CStr, c_void};

use goplswatch_core::message::{Message, Verbatim};
use objc2::MainThreadMarker;
use objc2::rc::autoreleasepool;
use objc2::runtime::AnyClass;
use objc2_foundation::NSBundle;

use crate::guard::{self, Desktop, Session};

/// A library that the surface uses: its name, its path, and one of its symbols that is used.
struct Library {
    name: &'static str,
    path: &'static CStr,
    symbol: &'static CStr,
}

/// All are part of macOS 11 and later.
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

/// The function that reports whether a session has a screen. The program is not linked with its
/// library.
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

/// The classes without which there is no menu bar. A library may exist without its classes.
const CLASSES: [(&str, &CStr); 5] = [
    ("NSApplication", c"NSApplication"),
    ("NSStatusBar", c"NSStatusBar"),
    ("NSMenu", c"NSMenu"),
    ("NSAlert", c"NSAlert"),
    ("NSNotificationCenter", c"NSNotificationCenter"),
];

/// Examines the desktop and decides.
pub(super) fn may_show() -> Result<(), Message> {
    let absent = absent();
    let session = if absent.is_none() { session() } else { Session::NoScreen };
    // Checking for the main thread calls Foundation.
    let main_thread = absent.is_none() && MainThreadMarker::new().is_some();
    guard::may_show(&Desktop { absent, session, main_thread })
}

/// Whether notifications may be used. To be called only if [`may_show`] succeeded.
pub(super) fn may_notify() -> Result<(), Message> {
    if USER_NOTIFICATIONS.find().is_none() || AnyClass::get(c"UNUserNotificationCenter").is_none() {
        return Err(Message::NoDesktopPart { name: Verbatim::of("UserNotifications") });
    }
    let bundle = autoreleasepool(|_| NSBundle::mainBundle().bundleIdentifier().map(|name| name.to_string()));
    // The running program, not the one that the bundle names: the two differ exactly where the call
    // would abort.
    guard::may_notify(bundle.as_deref(), std::env::current_exe().ok().as_deref())
}

/// Whether Foundation can be used. This needs less than the menu bar does and is known without
/// loading AppKit.
pub(super) fn has_foundation() -> bool {
    let needed = |library: &&Library| ["Objective-C runtime", "CoreFoundation", "Foundation"].contains(&library.name);
    LIBRARIES.iter().filter(needed).all(|library| library.find().is_some()) && AnyClass::get(c"NSLocale").is_some()
}

/// The first missing library or class. Classes are looked up only if all libraries are present.
fn absent() -> Option<&'static str> {
    let library = LIBRARIES.iter().chain([&SECURITY]).find(|library| library.find().is_none());
    let class = || CLASSES.iter().find(|(_, class)| AnyClass::get(class).is_none()).map(|(name, _)| *name);
    library.map(|library| library.name).or_else(class)
}

impl Library {
    /// The address of its symbol; `None` if the library or the symbol is missing. The library stays
    /// loaded.
    fn find(&self) -> Option<*mut c_void> {
        // SAFETY: the path is a C string; loading a system library runs its initialisers, which any
        // program may cause.
        let handle = unsafe { libc::dlopen(self.path.as_ptr(), libc::RTLD_LAZY) };
        if handle.is_null() {
            return None;
        }
        // SAFETY: the handle is one of dlopen's and the name is a C string.
        let address = unsafe { libc::dlsym(handle, self.symbol.as_ptr()) };
        (!address.is_null()).then_some(address)
    }
}

/// `SessionGetInfo` (Security/AuthSession.h, since 10.0): the id of a session, then pointers that
/// receive its id and its attributes.
type SessionGetInfo = unsafe extern "C" fn(u32, *mut u32, *mut u32) -> i32;

/// The session of the caller: `callerSecuritySession`, `(SecuritySessionId)-1`.
const CALLER: u32 = u32::MAX;
/// `sessionHasGraphicAccess`.
const HAS_GRAPHIC_ACCESS: u32 = 0x10;

/// Whether this session has a screen. The window server is not asked
/// (`CGSessionCopyCurrentDictionary`): under ssh it reports the session of the user at the screen.
/// Wine uses the same function (`dlls/winemac.drv/macdrv_main.c`, `process_attach`).
fn session() -> Session {
    let Some(address) = SECURITY.find() else { return Session::NoScreen };
    // SAFETY: the address is this function's, whose arguments and result the header declares as in
    // the type.
    let session_get_info = unsafe { std::mem::transmute::<*mut c_void, SessionGetInfo>(address) };
    let (mut id, mut attributes) = (0, 0);
    // SAFETY: both variables live until the call has returned.
    match unsafe { session_get_info(CALLER, &raw mut id, &raw mut attributes) } {
        0 if attributes & HAS_GRAPHIC_ACCESS != 0 => Session::Graphic,
        0 => Session::NoScreen,
        error => Session::Unknown(error),
    }
}
