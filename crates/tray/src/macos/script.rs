//! Shows notifications through osascript, for an agent that may not post its own.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::guard;
use crate::notification_tracker::NotificationContent;

/// How long osascript may take. It returns as soon as the notification is handed over.
const DEADLINE: Duration = Duration::from_secs(10);
/// How often the process is polled in the meantime.
const LOOK: Duration = Duration::from_millis(200);

/// Shows a notification from a thread of its own. Whether it is seen is unknown: osascript succeeds
/// even where Script Editor may not notify.
pub(super) fn show(shown: &NotificationContent) {
    let mut command = Command::new("/usr/bin/osascript");
    command.args(guard::script_arguments(shown));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    // If no thread can be created, there are worse problems than a missing notification.
    let _ = std::thread::Builder::new().name("osascript".to_owned()).spawn(move || run(command));
}

fn run(mut command: Command) {
    let Ok(mut child) = command.spawn() else { return };
    let started = Instant::now();
    while let Ok(None) = child.try_wait() {
        if started.elapsed() > DEADLINE {
            // osascript starts no children, so killing it ends its whole process group.
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        look_later();
    }
}

#[expect(clippy::disallowed_methods, reason = "this thread has nothing but osascript to wait for, and no event loop")]
fn look_later() {
    std::thread::sleep(LOOK);
}
