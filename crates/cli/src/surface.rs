//! The agent with a surface: shows what the agent publishes and executes what the user clicks.
//!
//! Theory of operation. The main thread runs the surface, which macOS requires. Three more threads
//! each wait for one thing: one turns what the agent publishes into scenes; one turns what the user
//! clicks (a [`UserAction`]) into user commands, plans or questions ([`clicks`]); one waits for the
//! agent's end. If the surface fails, the agent continues without one. If the agent ends, the
//! surface is closed with it, in bounded time even if the surface hangs.

mod clicks;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use goplswatch_agent::{Agent, AgentHandle, Ended, Published};
use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::Message;
use goplswatch_tray::mailbox::{Sender, mailbox};
use goplswatch_tray::{Command, Options, SurfaceEvent};
use goplswatch_view::{Phrase, SurfaceWords, UserAction, scene};

use crate::failure::{Failure, hint, verbatim};
use crate::language::catalogue;
use crate::menu::here;

/// Minimum interval between two scenes: the surface does not show more detail than that.
const SCENE_EVERY: Duration = Duration::from_millis(250);
/// How long to wait for the first scan. It tells which notifications were shown before this start.
const FIRST_SCAN_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the surface may take to close.
const SURFACE_ENDS: Duration = Duration::from_millis(150);

/// Shows the agent until it ends.
pub(crate) fn show(agent: Agent) -> Result<Ended, Failure> {
    let failed = |error: std::io::Error| Failure::new(Phrase::NoThread { error: verbatim(error) });
    let handle = agent.handle();
    let (commands, inbox) = mailbox();
    // Unbounded, but it carries only clicks and changes of desktop capabilities: both are rare.
    let (events, event_queue) = channel();
    let shows = Arc::new(SurfaceRunning::default());
    let (watched, ending) = (Arc::clone(&shows), commands.clone());
    // Started before anything blocks, so that a stop request is served in time.
    let end = spawn("goplswatch-end", move || ended(agent, &ending, &watched)).map_err(failed)?;
    let before = first_scan(&handle).previous_last;

    let feeding = (handle.clone(), commands.clone());
    spawn("goplswatch-scenes", move || scenes(&feeding.0, &feeding.1)).map_err(failed)?;
    let clicking = clicks::ClickHandler::new(handle.clone(), commands)?;
    spawn("goplswatch-clicks", move || clicking.follow(&event_queue)).map_err(failed)?;

    // A defect in the surface, or in a library it draws with, is no reason to stop monitoring.
    let options = Options { seen_up_to: before.0, words: SurfaceWords::new(catalogue()) };
    let quitting = handle.clone();
    let surface = || {
        goplswatch_tray::run(&options, &inbox, move |event| match event {
            // Handled here instead of queued behind a click that waits for the engine, which may
            // hang on disk I/O.
            SurfaceEvent::UserAction(UserAction::Quit) => quitting.stop(),
            event => drop(events.send(event)),
        });
    };
    shows.set(true);
    if catch_unwind(AssertUnwindSafe(surface)).is_err() {
        handle.report(Capability::new("tray", CapabilityState::Denied, Message::TrayFailed));
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

/// Whether the surface currently runs on the main thread.
#[derive(Default)]
struct SurfaceRunning {
    now: Mutex<bool>,
    changed: Condvar,
}

impl SurfaceRunning {
    fn set(&self, shows: bool) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = shows;
        self.changed.notify_all();
    }

    /// Waits at most this long for the surface to close.
    fn is_over_within(&self, time: Duration) -> bool {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(now, time, |shows| *shows);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Runs without a surface, and reports why there is none.
pub(crate) fn run_without_surface(agent: Agent) -> Ended {
    for name in ["tray", "notifications"] {
        agent.handle().report(Capability::new(name, CapabilityState::Unsupported, Message::NoTrayWanted));
    }
    agent.wait()
}

/// What is published after the first scan, or what there is if that takes too long.
fn first_scan(agent: &AgentHandle) -> Arc<Published> {
    let mut published = agent.published();
    let waited = goplswatch_agent::runtime::on_this_thread().is_ok_and(|runtime| {
        let looked =
            async { tokio::time::timeout(FIRST_SCAN_TIMEOUT, published.wait_for(|p| p.scanned)).await.is_ok() };
        runtime.block_on(looked)
    });
    if !waited {
        hint(Phrase::FirstLookHint);
    }
    published.borrow().clone()
}

/// Makes a scene of each published state, and sends those that differ from the last one.
fn scenes(agent: &AgentHandle, commands: &Sender<Command>) {
    let mut published = agent.published();
    let mut shown = None;
    let Ok(runtime) = goplswatch_agent::runtime::on_this_thread() else {
        agent.report(Capability::new("tray", CapabilityState::Denied, Message::TrayWithoutDescriptors));
        return;
    };
    loop {
        let now = Arc::clone(&published.borrow_and_update());
        let scene = scene(&now.status.snapshot, &here(catalogue(), now.scanned));
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

/// Waits for the agent's end, closes the surface, and exits the process if the surface hangs.
#[expect(
    clippy::exit,
    reason = "the main thread waits for a desktop or an engine that does not answer, and cannot return"
)]
fn ended(agent: Agent, commands: &Sender<Command>, shows: &SurfaceRunning) -> Ended {
    let ended = agent.wait();
    let _ = commands.send(Command::End);
    if shows.is_over_within(SURFACE_ENDS) && ended != Ended::Late {
        return ended;
    }
    // Either the desktop hangs, or the engine does, whose first scan the main thread waits for. All
    // recorded data is written, and the caller that requested the stop should not have to wait.
    let code = match ended {
        Ended::Stopped | Ended::Late => 0,
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
        let shows = Arc::new(SurfaceRunning::default());
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
