//! Says that the config file may have changed, without looking while nothing happens.
//!
//! The folders of a [`Trail`] and the file itself are watched through `notify`. When something happened there and it
//! has been quiet for a moment, everything is armed anew, since after a rename or a changed link other folders and
//! another inode count, and only then the caller is told: what it reads is never older than the watch.
//!
//! FSEvents, notify's backend on macOS, tell of a folder with all that is below it, however little of it is asked for
//! (notify 8.2, `src/fsevent.rs`, drops the rest in this process): of the home folder that would be a wake at every
//! change of any file. With this backend only our own folder is watched. Of links outside of it it notices nothing.
//! (The other backend there, kqueue, opens what it finds in a watched folder, and the program can have one of the two.)

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _, WatcherKind};
use rustix::io::Errno;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::trail::Trail;

/// So long it must be quiet: an editor saves in several steps.
const SETTLE: Duration = Duration::from_millis(200);
/// So long at most the caller waits while it does not become quiet.
const LONGEST: Duration = Duration::from_secs(2);
/// So often the folders are followed again if they change while they are being armed.
const ATTEMPTS: usize = 5;

/// Why the file cannot be watched. It can still be read: whoever started the agent may restart it or send SIGHUP.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// ENOSPC from the kernel.
    #[error("the system has no watches left for {0} (on Linux, raise fs.inotify.max_user_watches)")]
    NoWatches(PathBuf),
    /// EMFILE or ENFILE from the kernel.
    #[error(
        "no more files can be opened to watch {0} (raise the limit on open files; on Linux also fs.inotify.max_user_instances)"
    )]
    NoDescriptors(PathBuf),
    /// There is no thread to wait on.
    #[error("no thread can be started to watch {0} ({1})")]
    NoThread(PathBuf, io::Error),
    /// The program's own folder does not exist, and no other may be watched on this system.
    #[error("the folder of {0} does not exist yet")]
    NoFolder(PathBuf),
    /// Anything else the system says.
    #[error("{0} cannot be watched ({1})")]
    Other(PathBuf, String),
}

impl WatchError {
    /// What the user can do meanwhile.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "a change of the config file is read when goplswatch restarts or gets SIGHUP"
    }
}

/// Watches one file that need not exist.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    /// Whether folders that are not our own may be watched.
    foreign: bool,
    armed: Option<Armed>,
    due: Option<Due>,
}

#[derive(Debug)]
struct Armed {
    bell: Arc<Notify>,
    _watcher: RecommendedWatcher,
}

/// When the caller is told of what happened.
#[derive(Clone, Copy, Debug)]
struct Due {
    first: Instant,
    at: Instant,
}

impl Due {
    /// After one more thing happened.
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

    /// Completes when the file may have changed; the first time at once, as soon as it is watched. Read the file after
    /// it. Dropping the future loses nothing. Needs a tokio runtime with time.
    ///
    /// # Errors
    ///
    /// If the system has no room for a watch, or forbids it. The file may have changed then as well. The next call
    /// tries once more: pause before it, longer each time.
    pub async fn changed(&mut self) -> Result<(), WatchError> {
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
            // The old one first: it holds a descriptor that the new one may need.
            self.armed = None;
            self.armed = Some(arm(&self.path, self.foreign)?);
            return Ok(());
        }
    }
}

/// Watches what leads to the file as it is now.
fn arm(path: &Path, foreign: bool) -> Result<Armed, WatchError> {
    if !path.is_absolute() {
        return Err(WatchError::Other(path.to_owned(), "its path is not absolute".into()));
    }
    goplswatch_probe::file_events::can_be_watched().map_err(|why| WatchError::Other(path.to_owned(), why))?;
    let follow = || if foreign { Trail::of(path) } else { Trail::of(path).own_only(path) };
    // notify panics where it gets no thread (notify 8.2, `src/inotify.rs`, `watch_inner`): see first that there is one.
    let spare = std::thread::Builder::new().name("config watch".into()).spawn(|| ());
    let _ = spare.map_err(|e| WatchError::NoThread(path.to_owned(), e))?.join();
    let mut trail = follow();
    for _ in 0..ATTEMPTS {
        if trail.folders.is_empty() {
            return Err(WatchError::NoFolder(path.to_owned()));
        }
        let armed = watch(&trail, foreign)?;
        let after = follow();
        if after == trail {
            return Ok(armed);
        }
        trail = after;
    }
    // Somebody is busy there. Tell the caller soon, and look again then.
    let armed = watch(&trail, foreign)?;
    armed.bell.notify_one();
    Ok(armed)
}

fn watch(trail: &Trail, foreign: bool) -> Result<Armed, WatchError> {
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
            // What went away meanwhile is noticed when the trail is followed again. What may not be read is left out
            // if anything else can be watched.
            Err(error) if path.exists() => blind = blind.or(Some(explain(error, path))),
            Err(_) => {}
        }
    }
    match blind {
        Some(error) if !seen => Err(error),
        _ => Ok(Armed { bell, _watcher: watcher }),
    }
}

/// Whether an event is about the trail: reading is not, our own included, nor what others write beside the file where
/// the system says which it was.
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

/// The limit that an error means.
fn limit(error: &notify::Error) -> Option<Errno> {
    match &error.kind {
        ErrorKind::MaxFilesWatch => Some(Errno::NOSPC),
        ErrorKind::Io(error) => {
            Errno::from_io_error(error).filter(|e| [Errno::NOSPC, Errno::MFILE, Errno::NFILE].contains(e))
        }
        _ => None,
    }
}

fn explain(error: notify::Error, place: &Path) -> WatchError {
    match limit(&error) {
        Some(Errno::NOSPC) => WatchError::NoWatches(place.to_owned()),
        Some(_) => WatchError::NoDescriptors(place.to_owned()),
        None => {
            let why = match error.kind {
                ErrorKind::Io(error) => error.to_string(),
                ErrorKind::Generic(why) => why,
                other => format!("{other:?}"),
            };
            WatchError::Other(place.to_owned(), why)
        }
    }
}

#[cfg(test)]
mod tests;
