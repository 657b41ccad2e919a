//! A desktop for tests: a private session bus, and on it a panel that accepts icons and a
//! notification service that records its calls. They see what those of a real desktop would see.

mod bus;
mod notifications;
mod panel;

pub use bus::Bus;
pub use notifications::{Notifications, Notified, ServiceCall};
pub use panel::{Icon, Line, Panel, within};
