//! UserNotifications: settings, permission, posts, and the user's reactions.
//!
//! Theory of operation. Nothing is decided here: [`crate::guard::PermissionGate`] says what to do. Every
//! reply, on whatever queue macOS delivers it, is passed as a [`Report`] to `tell`, which sends it
//! to the main loop. A [`Center`] exists only where [`super::desktop::may_notify`] succeeded;
//! elsewhere the first call ends the process.

use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::Arc;

use block2::{DynBlock, RcBlock};
use objc2::rc::{Retained, autoreleasepool};
use objc2::runtime::{Bool, NSObject, NSObjectProtocol, ProtocolObject};
use objc2::{AnyThread, DefinedClass, define_class, msg_send, sel};
use objc2_foundation::{NSArray, NSError, NSSet, NSString};
use objc2_user_notifications::{
    UNAuthorizationOptions, UNMutableNotificationContent, UNNotification, UNNotificationAction,
    UNNotificationActionOptions, UNNotificationCategory, UNNotificationCategoryOptions,
    UNNotificationDefaultActionIdentifier, UNNotificationDismissActionIdentifier, UNNotificationInterruptionLevel,
    UNNotificationPresentationOptions, UNNotificationRequest, UNNotificationResponse, UNNotificationSettings,
    UNNotificationSound, UNUserNotificationCenter, UNUserNotificationCenterDelegate,
};

use crate::guard::{self, Permission, Pressed};
use crate::notification_tracker::{NotificationContent, button_name};

/// A reply of macOS.
#[derive(Debug)]
pub(super) enum Report {
    /// The settings were read.
    Settings(Permission),
    /// Whether the user gave permission.
    Answered(bool),
    /// The outcome of a post: its id, and the text of a refusal.
    Posted(String, Option<String>),
    /// What was clicked: the id of the notification, and on what.
    Pressed(String, Pressed),
}

/// The callback for reports. It is called on any thread.
pub(super) type Tell = Arc<dyn Fn(Report) + Send + Sync>;

/// The notification centre, with us as its delegate.
pub(super) struct Center {
    center: Retained<UNUserNotificationCenter>,
    /// The centre holds its delegate weakly.
    _delegate: Retained<Delegate>,
    /// The sets of buttons registered with macOS: their names and labels.
    categories: BTreeMap<String, Vec<String>>,
    tell: Tell,
}

impl Center {
    /// Takes over the centre. Notifications left behind by an earlier run of this program are
    /// removed, because this run would not know their buttons.
    pub(super) fn new(tell: Tell) -> Self {
        let center = UNUserNotificationCenter::currentNotificationCenter();
        let delegate = Delegate::new(tell.clone());
        center.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
        center.removeAllPendingNotificationRequests();
        center.removeAllDeliveredNotifications();
        Self { center, _delegate: delegate, categories: BTreeMap::new(), tell }
    }

    /// Requests the settings. This is invisible to the user.
    pub(super) fn read_settings(&self) {
        let tell = self.tell.clone();
        let done = RcBlock::new(move |settings: NonNull<UNNotificationSettings>| {
            // SAFETY: macOS passes settings that live at least as long as this call.
            let status = unsafe { settings.as_ref() }.authorizationStatus();
            tell(Report::Settings(Permission::from_status(status.0)));
        });
        self.center.getNotificationSettingsWithCompletionHandler(&done);
    }

    /// Has macOS ask the user for permission.
    pub(super) fn ask_user(&self) {
        let tell = self.tell.clone();
        let done = RcBlock::new(move |granted: Bool, _: *mut NSError| tell(Report::Answered(granted.as_bool())));
        let options = UNAuthorizationOptions::Alert | UNAuthorizationOptions::Sound;
        self.center.requestAuthorizationWithOptions_completionHandler(options, &done);
    }

    /// Posts a notification. It replaces one with the same id.
    pub(super) fn post(&mut self, shown: &NotificationContent) {
        let category = guard::category(&shown.buttons);
        if !self.categories.contains_key(&category) {
            self.categories.insert(category.clone(), shown.buttons.clone());
            self.declare_categories();
        }
        let content = content(shown, &category);
        let id = NSString::from_str(&shown.id);
        let request = UNNotificationRequest::requestWithIdentifier_content_trigger(&id, &content, None);
        let (tell, id) = (self.tell.clone(), shown.id.clone());
        let done = RcBlock::new(move |error: *mut NSError| {
            // SAFETY: macOS passes null, or an error that lives at least as long as this call.
            let refusal = unsafe { error.as_ref() }.map(words);
            tell(Report::Posted(id.clone(), refusal));
        });
        self.center.addNotificationRequest_withCompletionHandler(&request, Some(&done));
    }

    /// Withdraws a notification, whether it was delivered or not.
    pub(super) fn withdraw(&self, id: &str) {
        let ids = NSArray::from_retained_slice(&[NSString::from_str(id)]);
        self.center.removePendingNotificationRequestsWithIdentifiers(&ids);
        self.center.removeDeliveredNotificationsWithIdentifiers(&ids);
    }

    /// Registers all sets of buttons with macOS: each call replaces the sets of the previous one.
    fn declare_categories(&self) {
        let categories = self.categories.iter().map(|(name, labels)| {
            let actions = labels.iter().map(|label| {
                // No option: a button acts without bringing a window to the front, because there is
                // none.
                UNNotificationAction::actionWithIdentifier_title_options(
                    &NSString::from_str(&button_name(label)),
                    &NSString::from_str(label),
                    UNNotificationActionOptions::empty(),
                )
            });
            UNNotificationCategory::categoryWithIdentifier_actions_intentIdentifiers_options(
                &NSString::from_str(name),
                &NSArray::from_retained_slice(&actions.collect::<Vec<_>>()),
                &NSArray::new(),
                // Without it the closing of a notification is not reported.
                UNNotificationCategoryOptions::CustomDismissAction,
            )
        });
        self.center.setNotificationCategories(&NSSet::from_retained_slice(&categories.collect::<Vec<_>>()));
    }
}

impl Drop for Center {
    fn drop(&mut self) {
        self.center.setDelegate(None);
    }
}

fn content(shown: &NotificationContent, category: &str) -> Retained<UNMutableNotificationContent> {
    let content = UNMutableNotificationContent::new();
    content.setTitle(&NSString::from_str(&shown.title));
    content.setBody(&NSString::from_str(&shown.body));
    content.setCategoryIdentifier(&NSString::from_str(category));
    if let Some(group) = &shown.group {
        content.setThreadIdentifier(&NSString::from_str(group));
    }
    let interrupts = guard::interrupts(shown);
    if interrupts {
        content.setSound(Some(&UNNotificationSound::defaultSound()));
    }
    // Since macOS 12 (UNNotificationContent.h).
    if content.respondsToSelector(sel!(setInterruptionLevel:)) {
        content.setInterruptionLevel(if interrupts {
            UNNotificationInterruptionLevel::Active
        } else {
            UNNotificationInterruptionLevel::Passive
        });
    }
    content
}

/// An error in short: its domain and code, which can be looked up, and the description by macOS.
fn words(error: &NSError) -> String {
    autoreleasepool(|_| format!("{} {}: {}", error.domain(), error.code(), error.localizedDescription()))
}

/// What the delegate holds.
struct Ivars {
    tell: Tell,
}

define_class!(
    // SAFETY: NSObject has no subclassing requirements, and the class has no Drop.
    #[unsafe(super(NSObject))]
    #[name = "GoplswatchNotificationDelegate"]
    #[ivars = Ivars]
    struct Delegate;

    // SAFETY: NSObject implements everything that the protocol requires.
    unsafe impl NSObjectProtocol for Delegate {}

    // SAFETY: the methods have the signatures of the protocol and use only `tell`, which may be
    // called on any thread. Each calls its completion handler exactly once.
    unsafe impl UNUserNotificationCenterDelegate for Delegate {
        /// Called only while this program counts as frontmost. Without a reply nothing would be
        /// shown then.
        #[unsafe(method(userNotificationCenter:willPresentNotification:withCompletionHandler:))]
        fn will_present(
            &self,
            _: &UNUserNotificationCenter,
            notification: &UNNotification,
            completion: &DynBlock<dyn Fn(UNNotificationPresentationOptions)>,
        ) {
            let quiet = UNNotificationPresentationOptions::List;
            // A notification has a sound exactly if it may interrupt.
            let interrupts = notification.request().content().sound().is_some();
            let loud = UNNotificationPresentationOptions::Banner | UNNotificationPresentationOptions::Sound;
            completion.call((if interrupts { quiet | loud } else { quiet },));
        }

        #[unsafe(method(userNotificationCenter:didReceiveNotificationResponse:withCompletionHandler:))]
        fn did_receive(
            &self,
            _: &UNUserNotificationCenter,
            response: &UNNotificationResponse,
            completion: &DynBlock<dyn Fn()>,
        ) {
            let id = response.notification().request().identifier().to_string();
            (self.ivars().tell)(Report::Pressed(id, pressed(&response.actionIdentifier())));
            completion.call(());
        }
    }
);

impl Delegate {
    fn new(tell: Tell) -> Retained<Self> {
        let this = Self::alloc().set_ivars(Ivars { tell });
        // SAFETY: NSObject's `init` takes no argument and returns the object.
        unsafe { msg_send![super(this), init] }
    }
}

fn pressed(action: &NSString) -> Pressed {
    // SAFETY: both are constants of UserNotifications, which is loaded: it has just called.
    let (body, cross) = unsafe { (UNNotificationDefaultActionIdentifier, UNNotificationDismissActionIdentifier) };
    if action == body {
        Pressed::Body
    } else if action == cross {
        Pressed::Dismissed
    } else {
        Pressed::Button(action.to_string())
    }
}
