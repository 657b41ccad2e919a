//! A notification service that records its calls.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::Bus;
use crate::DEADLINE;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A call of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceCall {
    /// Show a notification.
    Notify(Notified),
    /// Withdraw the notification with this number.
    Close(u32),
}

/// A notification as the service was asked to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// The number that it was given.
    pub number: u32,
    /// The number of the notification that it replaces; 0: none.
    pub replaces: u32,
    /// Its first line.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Keys and labels of its buttons, alternating.
    pub actions: Vec<String>,
    /// The hint `urgency`.
    pub urgency: u8,
    /// The hint `suppress-sound`.
    pub silent: bool,
    /// Whether it never expires.
    pub stays: bool,
}

struct Service {
    calls: Sender<ServiceCall>,
    capabilities: Vec<String>,
    last: u32,
    /// Whether a number is reused as soon as it is free.
    thrifty: bool,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    #[expect(clippy::too_many_arguments, reason = "the method of the specification")]
    async fn notify(
        &mut self,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        app_name: String,
        replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire_timeout: i32,
    ) -> u32 {
        assert_eq!(app_name, "goplswatch");
        let number = if replaces_id == 0 && self.thrifty && self.last > 0 {
            emitter.emit(NAME, "NotificationClosed", &(self.last, 3u32)).await.unwrap();
            self.last
        } else if replaces_id == 0 {
            self.last += 1;
            self.last
        } else {
            replaces_id
        };
        let notified = Notified {
            number,
            replaces: replaces_id,
            title: summary,
            body,
            actions,
            urgency: hints["urgency"].downcast_ref().unwrap(),
            silent: hints["suppress-sound"].downcast_ref().unwrap(),
            stays: expire_timeout == 0,
        };
        let _ = self.calls.send(ServiceCall::Notify(notified));
        number
    }

    fn close_notification(&self, id: u32) {
        let _ = self.calls.send(ServiceCall::Close(id));
    }
}

/// The service. It ends when it is stopped.
pub struct Notifications {
    bus: Connection,
    calls: Receiver<ServiceCall>,
}

impl Notifications {
    /// Starts a service like that of most desktops.
    pub fn start(bus: &Bus) -> Self {
        Self::with(bus, &["actions", "body", "body-markup"])
    }

    /// Starts one that has only these capabilities.
    pub fn with(bus: &Bus, capabilities: &[&str]) -> Self {
        Self::serve(bus, capabilities, false)
    }

    /// Starts one that has a single number, and reuses it after closing the previous notification.
    pub fn thrifty(bus: &Bus) -> Self {
        Self::serve(bus, &["actions", "body"], true)
    }

    fn serve(bus: &Bus, capabilities: &[&str], thrifty: bool) -> Self {
        let (calls, receiver) = channel();
        let capabilities = capabilities.iter().map(|c| (*c).to_owned()).collect();
        let bus = bus
            .builder()
            .serve_at(PATH, Service { calls, capabilities, last: 0, thrifty })
            .unwrap()
            .name(NAME)
            .unwrap()
            .build()
            .unwrap();
        Self { bus, calls: receiver }
    }

    /// The next call; waits for it.
    pub fn next_call(&self) -> ServiceCall {
        self.calls.recv_timeout(DEADLINE).expect("it was told nothing")
    }

    /// The next call, which has to show a notification.
    pub fn notified(&self) -> Notified {
        match self.next_call() {
            ServiceCall::Notify(notified) => notified,
            ServiceCall::Close(number) => panic!("{number} was closed"),
        }
    }

    /// Waits this long, and panics if the service is called meanwhile.
    pub fn gets_no_call(&self, time: Duration) {
        if let Ok(call) = self.calls.recv_timeout(time) {
            panic!("it was told {call:?}");
        }
    }

    /// Acts as the user who closes a notification.
    pub fn close(&self, number: u32) {
        self.signal("NotificationClosed", &(number, 2u32));
    }

    /// Acts as the user who presses a button.
    pub fn press(&self, number: u32, key: &str) {
        self.signal("ActionInvoked", &(number, key));
    }

    /// Ends as a service does whose process ends.
    pub fn stop(self) {
        self.bus.close().unwrap();
    }

    fn signal(&self, name: &str, body: &(impl serde::Serialize + zbus::zvariant::DynamicType)) {
        self.bus.emit_signal(None::<&str>, PATH, NAME, name, body).unwrap();
    }
}
