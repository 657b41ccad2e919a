//! A confirmation question, shown as an alert.
//!
//! Theory of operation. `NSAlert` reserves the targets of its buttons for itself (NSAlert.h,
//! `addButtonWithTitle:`), so it is run the documented way, as a modal dialog. Two things follow.
//! First, it is run from a timer and not inside one of tao's event handlers, because tao processes
//! no events there. Started from a timer, the alert's own loop still delivers scenes and the end to
//! the icon. Second, the menu does not open while the alert is up: the question resulted from a
//! click there and waits for its answer. At the end tao sends `NSApplication.stop:`, which ends an
//! alert's loop first and the program's loop next; the alert then reports neither yes nor no.
//!
//! A question that is not answered within [`ANSWER_TIMEOUT`] counts as answered no, as on other desktops.
//!
//! Return answers no. A question is asked only where a yes ends a process or reinstalls a program,
//! and it comes to the front by itself, so what the user types into an editor at this moment must
//! not be a yes.

use block2::RcBlock;
use goplswatch_view::Question;
use objc2::MainThreadMarker;
use objc2::rc::Retained;
use objc2_app_kit::{
    NSAlert, NSAlertFirstButtonReturn, NSAlertSecondButtonReturn, NSAlertStyle, NSApplication, NSEvent,
    NSEventModifierFlags, NSEventType, NSModalPanelRunLoopMode,
};
use objc2_foundation::{NSPoint, NSRunLoop, NSString, NSTimer};

use crate::notification_tracker::ANSWER_TIMEOUT;

/// Asks, and returns the answer: yes, no, or `None` where the program ended first.
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
    // Gives the focus back to the previous program. Nothing else of ours is hidden: the icon stays.
    app.hide(None);
    (response == NSAlertSecondButtonReturn || response == NSAlertFirstButtonReturn)
        .then_some(response == NSAlertSecondButtonReturn)
}

/// A timer in the alert's own loop that answers no.
fn no_after_patience() -> Retained<NSTimer> {
    let block = RcBlock::new(|_| {
        let Some(main) = MainThreadMarker::new() else { return };
        let app = NSApplication::sharedApplication(main);
        app.stopModalWithCode(NSAlertFirstButtonReturn);
        // The loop checks whether it was stopped only after an event, and a timer is not one.
        if let Some(event) = nothing() {
            app.postEvent_atStart(&event, true);
        }
    });
    // SAFETY: the timer fires on this thread, the main one, so the block is never sent to another
    // thread. The name of the loop's mode is a constant of AppKit, which is loaded.
    unsafe {
        let timer = NSTimer::timerWithTimeInterval_repeats_block(ANSWER_TIMEOUT.as_secs_f64(), false, &block);
        NSRunLoop::mainRunLoop().addTimer_forMode(&timer, NSModalPanelRunLoopMode);
        timer
    }
}

/// An event without a meaning.
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
