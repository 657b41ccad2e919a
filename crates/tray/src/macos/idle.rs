//! Runs a callback on the main thread a little later.
//!
//! Theory of operation. tao does not process events while it handles one, and while it handles
//! `Reopen` an inner loop would wait for a lock that the handler holds (tao 0.37.2,
//! `app_state.rs`). Menus and alerts run a loop of their own, so they have to be started outside of
//! tao's event handlers, with [`after`].

use std::time::Duration;

use block2::RcBlock;
use objc2::MainThreadMarker;
use objc2::rc::autoreleasepool;
use objc2_foundation::{NSDefaultRunLoopMode, NSRunLoop, NSRunLoopCommonModes, NSTimer};

/// In which modes of the run loop the timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// As soon as neither a menu nor an alert is open.
    Idle,
    /// Always.
    Always,
}

/// Calls `act` once on this thread, after this time, outside of tao's event handlers.
pub(super) fn after(_: MainThreadMarker, time: Duration, when: When, act: impl Fn(MainThreadMarker) + 'static) {
    let block = RcBlock::new(move |_| {
        if let Some(main) = MainThreadMarker::new() {
            autoreleasepool(|_| act(main));
        }
    });
    // SAFETY: the timer fires in the main loop, and this is the main thread, so the block is never
    // sent to another thread. The names of the modes are constants of Foundation, which is loaded.
    unsafe {
        let timer = NSTimer::timerWithTimeInterval_repeats_block(time.as_secs_f64(), false, &block);
        let mode = match when {
            When::Idle => NSDefaultRunLoopMode,
            When::Always => NSRunLoopCommonModes,
        };
        NSRunLoop::mainRunLoop().addTimer_forMode(&timer, mode);
    }
}
