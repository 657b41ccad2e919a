//! A desktop for tests: a private session bus, a panel and a notification service on it, and the surface as a process of
//! its own, since the libraries below it find the bus by their environment.

pub(crate) mod bus;
pub(crate) mod notifications;
pub(crate) mod panel;
pub(crate) mod surface;
