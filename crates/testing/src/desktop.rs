//! A desktop for tests: a private session bus, and on it a panel that takes icons and a notification service that writes
//! down what it is told. What they see is what a real desktop's would.

mod bus;
mod notifications;
mod panel;

pub use bus::Bus;
pub use notifications::{Notifications, Notified, Told};
pub use panel::{Icon, Line, Panel, within};
