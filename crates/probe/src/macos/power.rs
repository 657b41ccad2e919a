//! Tells whether this Mac runs on battery or in low power mode.
//!
//! Both are states of notifications, which libSystem reads without any framework (notify(3)); they
//! are what `IOPSGetTimeRemainingEstimate` and `NSProcessInfo.lowPowerModeEnabled` read too. If a
//! system does not publish a notification, its state is 0, which counts as no.
#![expect(unsafe_code, reason = "notify(3) is a C interface")]

use std::ffi::{CStr, c_char, c_int};
use std::time::Duration;

use goplswatch_core::time::{MINUTE, Uptime};

use crate::xnu;

/// How often the states are read.
const EVERY: Duration = MINUTE;
/// State bits of the battery; `kIOPSTimeRemainingNotificationKey` of IOKit `ps/IOPowerSources.h`.
const BATTERY: &CStr = c"com.apple.system.powersources.timeremaining";
/// Not 0 in low power mode. Apple documents no name for it: system programs use this one, and
/// `notifyutil -g` shows it.
const LOW_POWER: &CStr = c"com.apple.system.lowpowermode";

unsafe extern "C" {
    fn notify_register_check(name: *const c_char, token: *mut c_int) -> u32;
    fn notify_get_state(token: c_int, state: *mut u64) -> u32;
    fn notify_cancel(token: c_int) -> u32;
}

/// The last reading and its time.
#[derive(Debug, Default)]
pub(super) struct Power {
    looked: Option<(Uptime, bool)>,
}

impl Power {
    /// Whether the machine runs on battery or in low power mode; read at most once a minute.
    pub(super) fn spares(&mut self, now: Uptime) -> bool {
        match self.looked {
            Some((at, spares)) if now.since(at) < EVERY => spares,
            _ => {
                let spares =
                    state(LOW_POWER).is_some_and(|state| state != 0) || state(BATTERY).is_some_and(xnu::on_battery);
                self.looked = Some((now, spares));
                spares
            }
        }
    }
}

/// The state of a notification; `None` if the system refuses.
fn state(name: &CStr) -> Option<u64> {
    let mut token: c_int = -1;
    // SAFETY: `name` ends with a NUL and `token` may be written.
    if unsafe { notify_register_check(name.as_ptr(), &raw mut token) } != 0 {
        return None;
    }
    let mut state = 0u64;
    // SAFETY: the token was just issued to us, and `state` may be written.
    let answer = unsafe { notify_get_state(token, &raw mut state) };
    // SAFETY: the token is ours and is not used again.
    unsafe { notify_cancel(token) };
    (answer == 0).then_some(state)
}
