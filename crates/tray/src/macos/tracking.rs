//! Tracks whether the menu is open.
//!
//! Theory of operation. muda does not report this, but AppKit does, with two notifications of the
//! menu itself. While the menu is open, it must not be rebuilt (muda ends the tracking when a
//! submenu is removed, `NsMenuRef`). The loop should not be woken either, because what it does
//! between two events can close the menu (tao#1324). A click ends the tracking first and is
//! reported after it, so the menu counts as open a moment longer: the click is then looked up in
//! the menu that the user saw.

use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use block2::RcBlock;
use objc2::MainThreadMarker;
use objc2::rc::Retained;
use objc2::runtime::{NSObjectProtocol, ProtocolObject};
use objc2_app_kit::{NSMenu, NSMenuDidBeginTrackingNotification, NSMenuDidEndTrackingNotification};
use objc2_foundation::{NSNotification, NSNotificationCenter, NSNotificationName};

use super::Shared;
use super::idle::{self, When};

/// How long to wait for a click after the menu has closed.
const CLICK: Duration = Duration::from_millis(250);

/// Observes one menu for as long as this value lives.
pub(super) struct Tracking {
    observers: [Retained<ProtocolObject<dyn NSObjectProtocol>>; 2],
}

impl Tracking {
    /// Keeps [`Shared::open`] up to date, and calls `closed` a moment after the menu has closed.
    pub(super) fn new(
        menu: &NSMenu,
        shared: Arc<Shared>,
        closed: impl Fn() + Clone + 'static,
        main: MainThreadMarker,
    ) -> Self {
        // How often the menu was opened. If it is opened again during the wait, the wait is void.
        let times = Rc::new(Cell::new(0u64));
        let began = {
            let (times, shared) = (times.clone(), shared.clone());
            move || {
                times.set(times.get().wrapping_add(1));
                shared.open.store(true, Ordering::SeqCst);
            }
        };
        let ended = move || {
            let (times, shared, closed) = (times.clone(), shared.clone(), closed.clone());
            let mine = times.get();
            // Always: the click may have opened an alert, behind which the icon continues to
            // change.
            idle::after(main, CLICK, When::Always, move |_| {
                if times.get() == mine {
                    shared.open.store(false, Ordering::SeqCst);
                    closed();
                }
            });
        };
        // SAFETY: both are constants of AppKit, which is loaded because the menu is one of its
        // objects.
        let (begin, end) = unsafe { (NSMenuDidBeginTrackingNotification, NSMenuDidEndTrackingNotification) };
        Self { observers: [observe(begin, menu, began), observe(end, menu, ended)] }
    }
}

impl Drop for Tracking {
    fn drop(&mut self) {
        for observer in &self.observers {
            // SAFETY: the observer is the object that adding it returned.
            unsafe { NSNotificationCenter::defaultCenter().removeObserver(observer.as_ref()) };
        }
    }
}

fn observe(
    name: &NSNotificationName,
    menu: &NSMenu,
    act: impl Fn() + 'static,
) -> Retained<ProtocolObject<dyn NSObjectProtocol>> {
    let block = RcBlock::new(move |_: NonNull<NSNotification>| act());
    // SAFETY: the object is a menu, as these notifications require. Without a queue the block runs
    // on the posting thread, and AppKit posts these on the main thread, which is this one.
    unsafe {
        NSNotificationCenter::defaultCenter().addObserverForName_object_queue_usingBlock(
            Some(name),
            Some(menu.as_ref()),
            None,
            &block,
        )
    }
}
