//! A question before something risky, as an alert.
//!
//! Theory of operation. `NSAlert` reserves its buttons' targets for itself (NSAlert.h, `addButtonWithTitle:`), so it is
//! run the documented way, modally. Two things follow. It runs from a timer and not from within an event of tao's,
//! because tao serves nothing inside of an event: started from a timer, the alert's own loop still brings scenes and the
//! end to the icon. And while it is up the menu does not open: the question came of a click there and waits for its
//! answer. At the end tao sends `NSApplication.stop:`, which ends an alert's loop first and the program's next; the
//! alert then answers neither yes nor no.
//!
//! Who does not answer within [`PATIENCE`] answers no, as on other desktops.
//!
//! Return answers no. A question is asked only where a yes ends a process or reinstalls a program, and it comes to the
//! front by itself: what the user types into an editor at this moment must not be a yes.

use block2::RcBlock;
use goplswatch_view::Question;
use objc2::MainThreadMarker;
use objc2::rc::Retained;
use objc2_app_kit::{
    NSAlert, NSAlertFirstButtonReturn, NSAlertSecondButtonReturn, NSAlertStyle, NSApplication, NSEvent,
    NSEventModifierFlags, NSEventType, NSModalPanelRunLoopMode,
};
use objc2_foundation::{NSPoint, NSRunLoop, NSString, NSTimer};

use crate::notices::PATIENCE;

/// Asks, and returns with the answer: yes, no, or nothing where the program ended first.
pub(super) fn ask(question: &Question, main: MainThreadMarker) -> Option<bool> {
    let alert = NSAlert::new(main);
    alert.setAlertStyle(NSAlertStyle::Warning);
    alert.setMessageText(&NSString::from_str(&question.title));
    alert.setInformativeText(&NSString::from_str(&question.body));
    // The first button is the one that Return presses.
    alert.addButtonWithTitle(&NSString::from_str(&question.no.label));
    let yes = alert.addButtonWithTitle(&NSString::from_str(&question.yes.label));
    yes.setHasDestructiveAction(true);
    let app = NSApplication::sharedApplication(main);
    #[expect(deprecated, reason = "`activate`, its successor, came with macOS 14")]
    app.activateIgnoringOtherApps(true);
    let over = no_after_patience();
    let response = alert.runModal();
    over.invalidate();
    // Gives the front back to the program that had it. There is nothing else of ours to hide: the icon stays.
    app.hide(None);
    (response == NSAlertSecondButtonReturn || response == NSAlertFirstButtonReturn)
        .then_some(response == NSAlertSecondButtonReturn)
}

/// A timer of the alert's own loop that answers no.
fn no_after_patience() -> Retained<NSTimer> {
    let block = RcBlock::new(|_| {
        let Some(main) = MainThreadMarker::new() else { return };
        let app = NSApplication::sharedApplication(main);
        app.stopModalWithCode(NSAlertFirstButtonReturn);
        // The loop looks whether it was stopped after an event only, and a timer is none.
        if let Some(event) = nothing() {
            app.postEvent_atStart(&event, true);
        }
    });
    // SAFETY: the timer fires on this thread, the main one: the block is never sent anywhere. The name of the loop's
    // mode is a constant of AppKit, which is loaded.
    unsafe {
        let timer = NSTimer::timerWithTimeInterval_repeats_block(PATIENCE.as_secs_f64(), false, &block);
        NSRunLoop::mainRunLoop().addTimer_forMode(&timer, NSModalPanelRunLoopMode);
        timer
    }
}

/// An event that means nothing.
fn nothing() -> Option<Retained<NSEvent>> {
    NSEvent::otherEventWithType_location_modifierFlags_timestamp_windowNumber_context_subtype_data1_data2(
        NSEventType::ApplicationDefined,
        NSPoint::new(0.0, 0.0),
        NSEventModifierFlags::empty(),
        0.0,
        0,
        None,
        0,
        0,
        0,
    )
}
