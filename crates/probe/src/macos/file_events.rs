//! Tells whether FSEvents are available: CoreServices is linked weakly, so its functions may be
//! null.
#![expect(unsafe_code, reason = "the dynamic linker is a C interface")]

use std::ffi::CStr;
use std::path::Path;

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::message::Message;

use crate::file_event_loss::CannotWatch;

/// How events are lost if the system does not say by whom (FSEvents.h: events of a folder were
/// merged into one).
pub(crate) const OVERFLOW: Message = Message::EventsMerged;

/// The first function that notify's FSEvents backend calls in each library it uses; both exist
/// since 10.5 or earlier.
const CALLED: [(&CStr, &CStr); 2] = [
    (c"/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation", c"CFArrayCreateMutable"),
    (c"/System/Library/Frameworks/CoreServices.framework/CoreServices", c"FSEventStreamCreate"),
];

/// Whether folders can be watched at all. To be called before the first watch. The error says as a
/// fragment that this system has no FSEvents.
fn can_be_watched() -> Result<(), Message> {
    let there = CALLED.iter().all(|(library, symbol)| {
        // SAFETY: the path is a C string. Loading a system library runs its initialisers, which any
        // program may do.
        let handle = unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_LAZY) };
        // SAFETY: the handle comes from dlopen and the name is a C string.
        !handle.is_null() && !unsafe { libc::dlsym(handle, symbol.as_ptr()) }.is_null()
    });
    if there { Ok(()) } else { Err(Message::NoFsEvents) }
}

/// macOS does not publish the length of the queue, so a test cannot overflow it on purpose.
#[cfg(test)]
pub(crate) fn queue_length() -> Option<u64> {
    None
}

/// One stream suffices, whatever is in the folder.
pub(crate) fn check_watch_budget(_folder: &Path) -> Result<(), CannotWatch> {
    can_be_watched().map_err(|why| CannotWatch { state: CapabilityState::Unsupported, why })
}
