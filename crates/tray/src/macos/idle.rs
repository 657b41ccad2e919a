//! Something to be done on the main thread a little later.
//!
//! Theory of operation. tao serves nothing inside of one of its events, and where the event is `Reopen` an inner loop
//! would wait for a lock that the event holds (tao 0.37.2, `app_state.rs`). So whatever runs a loop of its own, as menus
//! and alerts do, has to begin outside of tao's events: here.

use std::time::Duration;

use block2::RcBlock;
use objc2::MainThreadMarker;
use objc2::rc::autoreleasepool;
use objc2_foundation::{NSDefaultRunLoopMode, NSRunLoop, NSRunLoopCommonModes, NSTimer};

/// When a time that is over counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// As soon as neither a menu nor an alert is open.
    Idle,
    /// At once.
    Always,
}

/// Does something once on this thread, after this time, outside of tao's events.
pub(super) fn after(_: MainThreadMarker, time: Duration, when: When, act: impl Fn(MainThreadMarker) + 'static) {
    let block = RcBlock::new(move |_| {
        if let Some(main) = MainThreadMarker::new() {
            autoreleasepool(|_| act(main));
        }
    });
    // SAFETY: the timer fires in the main loop, and this is the main thread: the block is never sent anywhere. The modes'
    // names are constants of Foundation, which is loaded.
    unsafe {
        let timer = NSTimer::timerWithTimeInterval_repeats_block(time.as_secs_f64(), false, &block);
        let mode = match when {
            When::Idle => NSDefaultRunLoopMode,
            When::Always => NSRunLoopCommonModes,
        };
        NSRunLoop::mainRunLoop().addTimer_forMode(&timer, mode);
    }
}
