//! What the bus thread tells the other two: whether there is a session bus, and whether a panel on
//! it shows icons.

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::message::Message as M;

use super::state_of;

/// Why there is no bus.
#[derive(Clone, Debug)]
pub(super) struct Missing {
    pub(super) state: CapabilityState,
    /// The reason, as a fragment.
    pub(super) why: M,
}

impl From<zbus::Error> for Missing {
    fn from(error: zbus::Error) -> Self {
        Self { state: state_of(&error), why: M::reported(error) }
    }
}

/// Whether the desktop has a panel that shows icons.
#[derive(Clone, Debug)]
pub(super) enum Panel {
    /// There is no bus on which a panel could be.
    NoBus(Missing),
    /// No service on the desktop accepts icons.
    NoWatcher,
    /// A service accepts icons, and nothing shows them.
    NoHost,
    /// Icons are shown.
    Ready,
}
