//! The agent with a surface: what it publishes is shown, and what the user clicks is done.
//!
//! Theory of operation. The main thread belongs to the surface, which on macOS has to have it. Three more threads stand
//! around it, and each waits for one thing only: one for what the agent publishes, which becomes a scene; one for what
//! the surface hears, which becomes an intent, a plan or a question ([`clicks`]); one for the agent's end. A surface
//! that fails leaves an agent that goes on without one; an agent that ends takes the surface with it, in time also
//! where the surface hangs.

mod clicks;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use goplswatch_agent::{Agent, Desk, Ended, Published};
use goplswatch_core::message::Message;
use goplswatch_core::words::{Capability, CapabilityState};
use goplswatch_tray::mailbox::{Sender, mailbox};
use goplswatch_tray::{Command, Heard, Options};
use goplswatch_view::{Phrase, SurfaceWords, Wish, scene};

use crate::failure::{Failure, hint, said};
use crate::language::words;
use crate::menu::here;

/// A scene is made anew at most this often: the surface shows less than that.
const SCENE_EVERY: Duration = Duration::from_millis(250);
/// The first look is waited for so long. It tells what was shown before this start.
const FIRST_LOOK: Duration = Duration::from_secs(3);
/// A surface has this long to take itself away.
const SURFACE_ENDS: Duration = Duration::from_millis(150);

/// Shows the agent until it ends.
pub(crate) fn show(agent: Agent) -> Result<Ended, Failure> {
    let failed = |error: std::io::Error| Failure::new(Phrase::NoThread { error: said(error) });
    let desk = agent.desk();
    let (commands, told) = mailbox();
    // In it is what a person clicks and what a desktop newly can or cannot: neither comes in numbers.
    let (heard, hearing) = channel();
    let shows = Arc::new(Showing::default());
    let (watched, ending) = (Arc::clone(&shows), commands.clone());
    // Before anything is waited for: whoever asks for the end has it in time.
    let end = spawn("goplswatch-end", move || ended(agent, &ending, &watched)).map_err(failed)?;
    let before = first_look(&desk).before;

    let feeding = (desk.clone(), commands.clone());
    spawn("goplswatch-scenes", move || scenes(&feeding.0, &feeding.1)).map_err(failed)?;
    let clicking = clicks::Clicks::new(desk.clone(), commands)?;
    spawn("goplswatch-clicks", move || clicking.follow(&hearing)).map_err(failed)?;

    // A defect of the surface, or of a library that it draws with, is no reason to stop watching.
    let options = Options { rang_before: before.0, words: SurfaceWords::new(words()) };
    let quitting = desk.clone();
    let surface = || {
        goplswatch_tray::run(&options, &told, move |said| match said {
            // Not behind a click that waits for the engine, which may hang at a disk.
            Heard::Wish(Wish::Quit) => quitting.stop(),
            said => drop(heard.send(said)),
        });
    };
    shows.set(true);
    if catch_unwind(AssertUnwindSafe(surface)).is_err() {
        desk.report(Capability::new("tray", CapabilityState::Denied, Message::TrayFailed));
    }
    shows.set(false);
    Ok(end.join().unwrap_or(Ended::Failed))
}

fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<T>> {
    std::thread::Builder::new().name(name.into()).spawn(run)
}

/// Whether the main thread is in the surface's hands.
#[derive(Default)]
struct Showing {
    now: Mutex<bool>,
    changed: Condvar,
}

impl Showing {
    fn set(&self, shows: bool) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = shows;
        self.changed.notify_all();
    }

    /// Waits so long at most for a surface that takes itself away.
    fn is_over_within(&self, time: Duration) -> bool {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(now, time, |shows| *shows);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Runs without a surface, and says why there is none.
pub(crate) fn hide(agent: Agent) -> Ended {
    for name in ["tray", "notifications"] {
        agent.desk().report(Capability::new(name, CapabilityState::Unsupported, Message::NoTrayWanted));
    }
    agent.wait()
}

/// What is published after the first look, or what there is when that takes too long.
fn first_look(desk: &Desk) -> Arc<Published> {
    let mut published = desk.published();
    let waited = goplswatch_agent::runtime::on_this_thread().is_ok_and(|runtime| {
        let looked = async { tokio::time::timeout(FIRST_LOOK, published.wait_for(|p| p.looked)).await.is_ok() };
        runtime.block_on(looked)
    });
    if !waited {
        hint(Phrase::FirstLookHint);
    }
    published.borrow().clone()
}

/// Makes a scene of whatever is published, and passes on those that differ.
fn scenes(desk: &Desk, commands: &Sender<Command>) {
    let mut published = desk.published();
    let mut shown = None;
    let Ok(runtime) = goplswatch_agent::runtime::on_this_thread() else {
        desk.report(Capability::new("tray", CapabilityState::Denied, Message::TrayWithoutDescriptors));
        return;
    };
    loop {
        let now = Arc::clone(&published.borrow_and_update());
        let scene = scene(&now.status.seen, &here(words(), now.looked));
        if shown.as_ref() != Some(&scene) {
            if commands.send(Command::Show(Box::new(scene.clone()))).is_err() {
                return;
            }
            shown = Some(scene);
        }
        let changed = runtime.block_on(async {
            tokio::time::sleep(SCENE_EVERY).await;
            published.changed().await
        });
        if changed.is_err() {
            return;
        }
    }
}

/// Waits for the agent's end, takes the surface away, and ends the process where that hangs.
#[expect(
    clippy::exit,
    reason = "the main thread waits for a desktop or an engine that does not answer, and cannot return"
)]
fn ended(agent: Agent, commands: &Sender<Command>, shows: &Showing) -> Ended {
    let ended = agent.wait();
    let _ = commands.send(Command::End);
    if shows.is_over_within(SURFACE_ENDS) && ended != Ended::Late {
        return ended;
    }
    // The desktop does not answer, or the engine does not, for whose first look the main thread waits. What was recorded
    // is recorded, and whoever asked for the end should not wait.
    let code = match ended {
        Ended::Told | Ended::Late => 0,
        Ended::Failed => 2,
    };
    std::process::exit(code)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_end_of_a_surface_is_noticed_when_it_comes_and_not_waited_for_for_ever() {
        let shows = Arc::new(Showing::default());
        assert!(shows.is_over_within(Duration::ZERO), "none was shown yet");
        shows.set(true);
        let began = Instant::now();
        assert!(!shows.is_over_within(Duration::from_millis(30)));
        assert!(began.elapsed() >= Duration::from_millis(30));
        let main = Arc::clone(&shows);
        let surface = std::thread::spawn(move || main.set(false));
        assert!(shows.is_over_within(Duration::from_secs(20)));
        assert!(began.elapsed() < Duration::from_secs(20));
        surface.join().unwrap();
    }
}
