//! Reports that the config file may have changed, without polling.
//!
//! The folders of a [`Trail`] and the file itself are watched through `notify`. When something
//! happened there and it has been quiet for a moment, all watches are set up again, since after a
//! rename or a changed link other folders and another inode matter. Only then is the caller
//! notified, so what it reads is never older than the watches.
//!
//! FSEvents, notify's backend on macOS, reports a folder with everything below it, however little
//! is requested (notify 8.2, `src/fsevent.rs`, drops the rest in this process). For the home folder
//! that would mean a wake-up at every change of any file. With this backend only the program's own
//! folder is watched, and changes of links outside of it are not noticed. (The other backend there,
//! kqueue, opens what it finds in a watched folder, and a program can have only one of the two.)

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use notify::event::{EventKind, ModifyKind};
use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _, WatcherKind};
use rustix::io::Errno;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::trail::Trail;

/// It must be quiet for this long, because an editor saves in several steps.
const SETTLE: Duration = Duration::from_millis(200);
/// The caller waits at most this long while it does not become quiet.
const LONGEST: Duration = Duration::from_secs(2);
/// The trail is followed again at most this often if it changes while the watches are set up.
const ATTEMPTS: usize = 5;

/// Watches one file, which need not exist.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    /// Whether folders other than the program's own may be watched.
    foreign: bool,
    armed: Option<Armed>,
    due: Option<Due>,
}

#[derive(Debug)]
struct Armed {
    bell: Arc<Notify>,
    _watcher: RecommendedWatcher,
}

/// When the caller is notified of what happened.
#[derive(Clone, Copy, Debug)]
struct Due {
    first: Instant,
    at: Instant,
}

impl Due {
    /// The deadline after one more event.
    fn after(due: Option<Self>, now: Instant) -> Self {
        let first = due.map_or(now, |d| d.first);
        Self { first, at: (now + SETTLE).min(first + LONGEST) }
    }
}

impl Watch {
    /// Watches the file at this absolute path from the first call of [`Self::changed`] on.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let foreign = RecommendedWatcher::kind() != WatcherKind::Fsevent;
        Self { path: path.into(), foreign, armed: None, due: None }
    }

    /// Completes when the file may have changed; the first time as soon as it is watched. Read the
    /// file afterwards. Dropping the future loses nothing. Needs a tokio runtime with time.
    ///
    /// # Errors
    ///
    /// If the system has no room for a watch, or forbids it. The file may have changed in that case
    /// as well. The next call tries again: pause before it, longer each time.
    pub async fn changed(&mut self) -> Result<(), Message> {
        loop {
            let Some(armed) = &self.armed else {
                self.armed = Some(arm(&self.path, self.foreign)?);
                return Ok(());
            };
            let Some(due) = self.due else {
                armed.bell.notified().await;
                self.due = Some(Due::after(None, Instant::now()));
                continue;
            };
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(due.at) => {}
                () = armed.bell.notified() => {
                    self.due = Some(Due::after(Some(due), Instant::now()));
                    continue;
                }
            }
            self.due = None;
            // Drop the old watcher first: it holds a descriptor that the new one may need.
            self.armed = None;
            self.armed = Some(arm(&self.path, self.foreign)?);
            return Ok(());
        }
    }
}

/// Watches everything that leads to the file as it is now.
fn arm(path: &Path, foreign: bool) -> Result<Armed, Message> {
    let named = || Verbatim::of(path.display());
    let not_watchable = |why| Message::NotWatchable { path: named(), why: SharedMessage::new(why) };
    if !path.is_absolute() {
        return Err(not_watchable(Message::PathNotWhole));
    }
    goplswatch_probe::file_events::can_be_watched().map_err(not_watchable)?;
    let follow = || if foreign { Trail::of(path) } else { Trail::of(path).own_only(path) };
    // notify panics if it gets no thread (notify 8.2, `src/inotify.rs`, `watch_inner`): check first
    // that there is one.
    let spare = std::thread::Builder::new().name("config watch".into()).spawn(|| ());
    let _ = spare.map_err(|error| Message::NoThreadFor { path: named(), error: Verbatim::of(error) })?.join();
    let mut trail = follow();
    for _ in 0..ATTEMPTS {
        if trail.folders.is_empty() {
            return Err(Message::NoFolderOf { path: named() });
        }
        let armed = watch(&trail, foreign)?;
        let after = follow();
        if after == trail {
            return Ok(armed);
        }
        trail = after;
    }
    // The trail keeps changing. Notify the caller soon, and follow the trail again then.
    let armed = watch(&trail, foreign)?;
    armed.bell.notify_one();
    Ok(armed)
}

fn watch(trail: &Trail, foreign: bool) -> Result<Armed, Message> {
    let bell = Arc::new(Notify::new());
    let ring = Arc::clone(&bell);
    let known = trail.clone();
    let on_event = move |event: notify::Result<Event>| {
        if event.map_or(true, |event| matters(&event, &known, foreign)) {
            ring.notify_one();
        }
    };
    let place = trail.names.first().map_or(Path::new("/"), PathBuf::as_path);
    let mut watcher = notify::recommended_watcher(on_event).map_err(|e| explain(e, place))?;
    let mut seen = false;
    let mut blind = None;
    for path in trail.folders.iter().chain(&trail.file) {
        match watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => seen = true,
            Err(error) if limit(&error).is_some() => return Err(explain(error, path)),
            // What disappeared meanwhile is noticed when the trail is followed again. What may not
            // be read is left out if anything else can be watched.
            Err(error) if path.exists() => blind = blind.or(Some(explain(error, path))),
            Err(_) => {}
        }
    }
    match blind {
        Some(error) if !seen => Err(error),
        _ => Ok(Armed { bell, _watcher: watcher }),
    }
}

/// Whether an event concerns the trail. Reads do not, including our own; nor does what is written
/// beside the file, where the system says which file it was.
fn matters(event: &Event, trail: &Trail, precise: bool) -> bool {
    if event.need_rescan() {
        return true;
    }
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    !precise
        || event.paths.is_empty()
        || event.paths.iter().any(|path| {
            let content = matches!(event.kind, EventKind::Modify(ModifyKind::Data(_)));
            trail.names.contains(path) || (trail.folders.contains(path) && !content)
        })
}

/// The resource limit behind an error, if there is one.
fn limit(error: &notify::Error) -> Option<Errno> {
    match &error.kind {
        ErrorKind::MaxFilesWatch => Some(Errno::NOSPC),
        ErrorKind::Io(error) => {
            Errno::from_io_error(error).filter(|e| [Errno::NOSPC, Errno::MFILE, Errno::NFILE].contains(e))
        }
        _ => None,
    }
}

fn explain(error: notify::Error, place: &Path) -> Message {
    let path = Verbatim::of(place.display());
    match limit(&error) {
        Some(Errno::NOSPC) => Message::NoWatchesFor { path },
        Some(_) => Message::NoFilesFor { path },
        None => {
            let why = match error.kind {
                ErrorKind::Io(error) => Message::reported(error),
                ErrorKind::Generic(why) => Message::reported(why),
                other => Message::reported(format_args!("{other:?}")),
            };
            Message::NotWatchable { path, why: SharedMessage::new(why) }
        }
    }
}

#[cfg(test)]
mod tests;
