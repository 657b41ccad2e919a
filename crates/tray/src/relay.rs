//! Receives commands for a main thread that cannot wait on a channel.
//!
//! Theory of operation. On macOS the main thread sleeps in AppKit's event loop and is woken from
//! outside. [`relay`] runs on a thread of its own, waits on the channel, throttles scenes with
//! [`Throttle`] and passes everything else on at once.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use crate::Command;
use crate::mailbox::Inbox;
use crate::throttle::Throttle;

/// Passes commands on up to and including [`Command::End`]. The loss of all senders counts as the
/// end too.
pub fn relay(commands: &Inbox<Command>, mut pass: impl FnMut(Command)) {
    let mut pace = Throttle::default();
    loop {
        let received = match pace.due() {
            Some(due) => commands.recv_timeout(due.saturating_duration_since(Instant::now())),
            None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(Command::Show(scene)) => pace.offer(scene, Instant::now()),
            Ok(Command::End) | Err(RecvTimeoutError::Disconnected) => return pass(Command::End),
            Ok(other) => pass(other),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(scene) = pace.take(Instant::now()) {
            pass(Command::Show(Box::new(scene.clone())));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use goplswatch_view::Scene;

    use super::*;
    use crate::mailbox::{Sender, mailbox};
    use crate::throttle::MIN_INTERVAL;

    fn scene(label: &str) -> Command {
        let mut scene = Scene::default();
        scene.icon.label = label.to_owned();
        Command::Show(Box::new(scene))
    }

    /// Runs [`relay`] while `give` sends commands. Returns what was passed on, each with its time
    /// since the start. The receiver of `give` gets a message after each one.
    fn passed(give: impl FnOnce(&Sender<Command>, &mpsc::Receiver<()>) + Send + 'static) -> Vec<(Duration, String)> {
        let (sender, commands) = mailbox();
        let (passed_on, receiver) = mpsc::channel();
        let giver = std::thread::spawn(move || give(&sender, &receiver));
        let (start, mut seen) = (Instant::now(), Vec::new());
        relay(&commands, |command| {
            let word = match command {
                Command::Show(scene) => scene.icon.label,
                Command::End => "end".to_owned(),
                Command::Ask(_) | Command::Say(_) => "other".to_owned(),
            };
            seen.push((start.elapsed(), word));
            let _ = passed_on.send(());
        });
        giver.join().unwrap();
        seen
    }

    #[test]
    fn scenes_come_at_their_pace_and_the_last_one_comes() {
        let seen = passed(|sender, passed| {
            for label in ["1", "2", "3"] {
                sender.send(scene(label)).unwrap();
                if label != "2" {
                    passed.recv().unwrap();
                }
            }
        });
        let words: Vec<&str> = seen.iter().map(|(_, word)| word.as_str()).collect();
        assert_eq!(words, ["1", "3", "end"]);
        assert!(seen[1].0 >= MIN_INTERVAL, "{seen:?}");
    }

    #[test]
    fn the_end_waits_for_nothing_and_nothing_comes_after_it() {
        let seen = passed(|sender, passed| {
            sender.send(scene("1")).unwrap();
            passed.recv().unwrap();
            for command in [scene("2"), Command::End, scene("3")] {
                let _ = sender.send(command);
            }
        });
        let words: Vec<&str> = seen.iter().map(|(_, word)| word.as_str()).collect();
        // A throttled scene does not delay the end.
        assert_eq!(words, ["1", "end"]);
    }
}
