//! Detects lost file events in the folders that the config names, while a gopls works there.
//!
//! Theory of operation. The configured folders and the served folders change independently.
//! Whenever either does, the folders that are wanted now are compared with those that are watched.
//! A detector that is no longer wanted is dropped, and a new one is started, both on a thread where
//! they may take their time: the folder may be on a mount that hangs, and the thread that requests
//! this serves the socket too. A folder that cannot be watched is tried again after a while. So is
//! a folder that was replaced by another one of the same name, for example by a new clone: on Linux
//! a detector only receives events of the old one. The capability [`CAPABILITY`] says which folders
//! are watched and which are not.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use goplswatch_core::Snapshot;
use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_probe::file_event_loss::{CannotWatch, LossDetector};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::published::Published;
use crate::request::Request;

/// The name of this capability.
pub(crate) const CAPABILITY: &str = "file-events";
/// A folder that could not be watched is tried again after this long: its tree may have become
/// smaller, or a limit higher. Whether a folder is still the same one is checked as often.
const RETRY_INTERVAL: Duration = Duration::from_secs(600);

/// What decides which folders are watched.
#[derive(Clone)]
pub(crate) struct ListenOptions {
    /// What `~` stands for.
    pub(crate) home: Option<Vec<u8>>,
    /// The folders as the config names them.
    pub(crate) folders: watch::Receiver<Vec<String>>,
    pub(crate) published: watch::Receiver<Arc<Published>>,
}

/// The detector of a wanted folder, or why there is none.
enum FolderWatch {
    Active { _until_dropped: LossDetector, id: FolderId },
    Failed(CannotWatch, Instant),
}

/// Identifies a folder, whatever its name: its file system and its inode number.
type FolderId = Option<(u64, u64)>;

type FolderWatches = BTreeMap<PathBuf, FolderWatch>;

/// Detects losses for as long as the owner runs.
pub(crate) async fn listen(mut options: ListenOptions, requests: mpsc::Sender<Request>) -> Result<Infallible, Message> {
    const GONE: Message = Message::NobodyLeft;
    let mut watches = FolderWatches::new();
    let mut said = None;
    options.published.wait_for(|published| published.scanned).await.map_err(|_| GONE)?;
    loop {
        let named = options.folders.borrow_and_update().clone();
        let served = served(&options.published.borrow_and_update().status.snapshot);
        let (home, requests_of_it) = (options.home.clone(), requests.clone());
        let (named_then, served_then) = (named.clone(), served.clone());
        let job = tokio::task::spawn_blocking(move || {
            let wanted = wanted(&named_then, home.as_deref(), &served_then);
            update_watches(watches, wanted, &requests_of_it)
        });
        watches = job.await.map_err(|_| Message::ListeningFailed)?;
        let capability = capability(&named, &watches);
        if said.as_ref() != Some(&capability) {
            requests.send(Request::Capability(capability.clone())).await.map_err(|_| GONE)?;
            said = Some(capability);
        }
        tokio::select! {
            changed = options.folders.changed() => changed.map_err(|_| GONE)?,
            changed = served_folders_changed(&mut options.published, &served) => changed.map_err(|_| GONE)?,
            () = tokio::time::sleep(RETRY_INTERVAL), if !watches.is_empty() => {}
        }
    }
}

/// Completes when other folders are served.
async fn served_folders_changed(
    published: &mut watch::Receiver<Arc<Published>>,
    before: &[PathBuf],
) -> Result<(), watch::error::RecvError> {
    published.wait_for(|published| served(&published.status.snapshot) != before).await.map(drop)
}

/// The folders of all servers, sorted.
fn served(seen: &Snapshot) -> Vec<PathBuf> {
    let folders = seen.servers.iter().filter_map(|status| status.server.workspace.known());
    let mut folders: Vec<PathBuf> = folders.map(PathBuf::from).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// The configured folders in which a gopls works, each once.
fn wanted(named: &[String], home: Option<&[u8]>, served: &[PathBuf]) -> Vec<PathBuf> {
    let mut wanted = Vec::new();
    if served.is_empty() {
        return wanted;
    }
    for folder in named.iter().filter_map(|name| expand(name, home)) {
        // A server reports its folder as its client does, with links resolved or not.
        let real = folder.canonicalize();
        let is_in = |place: &PathBuf| place.starts_with(&folder) || real.as_ref().is_ok_and(|r| place.starts_with(r));
        if !wanted.contains(&folder) && served.iter().any(is_in) {
            wanted.push(folder);
        }
    }
    wanted
}

/// The path of a configured folder; `None` if `~` stands for nothing.
fn expand(name: &str, home: Option<&[u8]>) -> Option<PathBuf> {
    let place = match name.strip_prefix('~') {
        None => PathBuf::from(name),
        Some(rest) => Path::new(OsStr::from_bytes(home?)).join(rest.trim_start_matches('/')),
    };
    // Without trailing slashes, because it is shown and reported.
    Some(place.components().collect())
}

fn is_due(folder: &Path, watch: &FolderWatch) -> bool {
    match watch {
        FolderWatch::Active { id: place, .. } => *place != folder_id(folder),
        FolderWatch::Failed(_, since) => since.elapsed() >= RETRY_INTERVAL,
    }
}

fn folder_id(folder: &Path) -> FolderId {
    folder.metadata().ok().map(|there| (there.dev(), there.ino()))
}

/// Arranges for the wanted folders to be watched, and keeps the detectors that exist already.
fn update_watches(mut before: FolderWatches, wanted: Vec<PathBuf>, requests: &mpsc::Sender<Request>) -> FolderWatches {
    let mut watches = FolderWatches::new();
    let mut new = Vec::new();
    for folder in wanted {
        match before.remove(&folder) {
            Some(watch) if !is_due(&folder, &watch) => {
                watches.insert(folder, watch);
            }
            _ => new.push(folder),
        }
    }
    // Detectors that are no longer wanted end first: the new ones may need their watches.
    drop(before);
    for folder in new {
        let (name, requests) = (folder.display().to_string(), requests.clone());
        let lost = move |how: Message| {
            // If the queue is full, the owner hangs; the next loss is reported in a minute.
            let _ = requests.try_send(Request::FileEventsLost { folder: name.clone(), how });
        };
        // Read before the watch starts: if the folder is replaced meanwhile, the next check sees
        // another one.
        let place = folder_id(&folder);
        let watch = match LossDetector::new(&folder, lost) {
            Ok(detector) => FolderWatch::Active { _until_dropped: detector, id: place },
            Err(deaf) => FolderWatch::Failed(deaf, Instant::now()),
        };
        watches.insert(folder, watch);
    }
    watches
}

fn capability(named: &[String], watches: &FolderWatches) -> Capability {
    let (mut hears, mut state) = (None, CapabilityState::Ok);
    for (folder, _) in watches.iter().rev().filter(|(_, watch)| matches!(watch, FolderWatch::Active { .. })) {
        let more = hears.map(|what| Message::CommaThen { what: SharedMessage::new(what) }).into();
        hears = Some(Message::FolderList { folder: Verbatim::of(folder.display()), more });
    }
    let mut said = hears.map(|folders| Message::LossHeard { folders: SharedMessage::new(folders) });
    for (folder, watch) in watches.iter().rev() {
        let FolderWatch::Failed(why, _) = watch else { continue };
        state = if state == CapabilityState::Ok { why.state } else { state };
        let more = said.map(|what| Message::SemicolonThen { what: SharedMessage::new(what) }).into();
        let (folder, why) = (Verbatim::of(folder.display()), SharedMessage::new(why.why.clone()));
        said = Some(Message::LossUnheard { folder, why, more });
    }
    let nothing = if named.is_empty() { Message::LossUnnamed } else { Message::LossIdle };
    Capability::new(CAPABILITY, state, said.unwrap_or(nothing))
}

#[cfg(test)]
mod tests {
    use goplswatch_core::event::ServerView;
    use goplswatch_core::policy::LivesLeft;
    use goplswatch_core::types::ServerClass;
    use goplswatch_core::{Pid, Reading, Seq, ServerStatus};
    use goplswatch_view::{Catalogue, Form};

    use super::*;
    use crate::api::Status;
    use crate::published::Counts;

    fn server(workspace: &Path) -> ServerStatus {
        ServerStatus {
            server: ServerView {
                pid: Pid(1),
                start: 1,
                class: ServerClass::Lsp,
                exe: Reading::unknown("?"),
                arch: Reading::unknown("?"),
                translated: Reading::Known(false),
                slices: Reading::unknown("?"),
                workspace: Reading::Known(workspace.display().to_string()),
                adopted: false,
                client: Reading::unknown("?"),
                lineage: "lineage-1".into(),
                generation: 1,
            },
            memory_bytes: None,
            gauges: BTreeMap::new(),
            usual: goplswatch_core::Usual::default(),
            state: "stable".into(),
            lives_left: LivesLeft::Unknown(goplswatch_core::message::Message::LivesUnread.into()),
            since: None,
            offers: Vec::new(),
            restart_command: None,
            past: Vec::new(),
        }
    }

    fn published(workspaces: &[&Path]) -> Arc<Published> {
        let servers = workspaces.iter().map(|workspace| server(workspace)).collect();
        let seen = Snapshot { servers, ..Snapshot::default() };
        Arc::new(Published {
            status: Status { snapshot: seen, agent: None },
            counts: Counts::default(),
            scanned: true,
            previous_last: Seq(0),
            age: Duration::ZERO,
        })
    }

    #[test]
    fn a_folder_is_wanted_while_somebody_works_in_it_or_below() {
        let named = ["~/src", "/w/api/", "~", "/w/api"].map(str::to_owned);
        let wanted = |served: &[&str]| {
            let served: Vec<PathBuf> = served.iter().map(PathBuf::from).collect();
            let wanted = super::wanted(&named, Some(b"/home/me"), &served);
            wanted.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(wanted(&[]), [""; 0]);
        assert_eq!(wanted(&["/w/apis", "/w"]), [""; 0], "neither a name that begins alike nor what is above");
        assert_eq!(wanted(&["/w/api/cmd"]), ["/w/api"], "once");
        assert_eq!(wanted(&["/home/me/src/x"]), ["/home/me/src", "/home/me"]);
        assert!(super::wanted(&named, None, &["/home/me/src".into()]).is_empty());
    }

    /// The next state of the capability that is reported.
    async fn said(queue: &mut mpsc::Receiver<Request>) -> Capability {
        match tokio::time::timeout(goplswatch_testing::DEADLINE, queue.recv()).await {
            Ok(Some(Request::Capability(capability))) => capability,
            _ => panic!("nothing was said"),
        }
    }

    fn words(capability: &Capability) -> String {
        Catalogue::english().text(&capability.said.message, Form::Full)
    }

    #[tokio::test]
    async fn it_listens_where_somebody_works_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let (here, gone) = (folder.path().to_owned(), folder.path().join("gone"));
        let (folders, listened) = watch::channel(Vec::new());
        let (publish, seen) = watch::channel(published(&[]));
        let (requests, mut queue) = mpsc::channel(8);
        let part = tokio::spawn(listen(ListenOptions { home: None, folders: listened, published: seen }, requests));
        assert_eq!(*said(&mut queue).await.said.message, Message::LossUnnamed);
        folders.send_replace(vec![here.display().to_string(), gone.display().to_string()]);
        assert_eq!(*said(&mut queue).await.said.message, Message::LossIdle);
        publish.send_replace(published(&[&here.join("cmd")]));
        let capability = said(&mut queue).await;
        assert_eq!(
            (capability.state, words(&capability)),
            (CapabilityState::Ok, format!("lost file events are noticed in {}", here.display()))
        );
        publish.send_replace(published(&[&gone]));
        let half = said(&mut queue).await;
        assert_eq!(half.state, CapabilityState::Denied);
        let why = words(&half);
        assert!(why.ends_with(&format!("noticed in {}", here.display())) && why.contains("does not exist"), "{half:?}");
        publish.send_replace(published(&[]));
        assert_eq!(*said(&mut queue).await.said.message, Message::LossIdle);
        drop((folders, publish));
        assert!(part.await.unwrap().is_err());
    }

    #[test]
    fn a_folder_that_was_made_anew_is_listened_to_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (here, old) = (folder.path().join("api"), folder.path().join("old"));
        std::fs::create_dir(&here).unwrap();
        let (requests, _queue) = mpsc::channel(8);
        let place = |watches: &FolderWatches| match watches.get(&here) {
            Some(FolderWatch::Active { id: Some(place), .. }) => *place,
            _ => panic!("it is not listened to"),
        };
        let watches = update_watches(FolderWatches::new(), vec![here.clone()], &requests);
        let first = place(&watches);
        assert!(!is_due(&here, &watches[&here]));
        // Kept, so that the new folder cannot get the same inode number.
        std::fs::rename(&here, old).unwrap();
        std::fs::create_dir(&here).unwrap();
        assert!(is_due(&here, &watches[&here]));
        let watches = update_watches(watches, vec![here.clone()], &requests);
        assert!(place(&watches) != first && !is_due(&here, &watches[&here]));
    }

    /// Tests that need root.
    #[cfg(target_os = "linux")]
    mod real {
        use super::*;

        /// Needs Linux, root and perl. A FUSE file system whose first request is never read blocks
        /// every process that touches it.
        #[tokio::test]
        async fn a_folder_that_hangs_keeps_nobody_else_waiting() {
            use std::io::{BufRead as _, BufReader};
            use std::process::{Child, Command, Stdio};

            /// When the program ends, nothing is blocked any more; its mount stays until it is
            /// unmounted.
            struct Mounted(Child, PathBuf);
            impl Drop for Mounted {
                fn drop(&mut self) {
                    let _gone_already = self.0.kill();
                    let _reaped_already = self.0.wait();
                    let _was_not_mounted = Command::new("umount").arg("-l").arg(&self.1).status();
                }
            }

            let folder = tempfile::tempdir().unwrap();
            let number = if cfg!(target_arch = "aarch64") { 40 } else { 165 };
            let script = format!(
                "use Fcntl; sysopen(my $fuse, '/dev/fuse', O_RDWR) or die; my ($from, $to, $type) = ('never', $ARGV[0], 'fuse'); \
                 my $how = 'fd=' . fileno($fuse) . ',rootmode=40000,user_id=0,group_id=0'; \
                 syscall({number}, $from, $to, $type, 0, $how) == 0 or die \"mount: $!\"; \
                 $| = 1; print \"$$\\n\"; sleep 60;"
            );
            let perl = Command::new("perl")
                .args(["-e", &script, folder.path().to_str().unwrap()])
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut mounted = Mounted(perl, folder.path().to_owned());
            BufReader::new(mounted.0.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
            let hangs = folder.path().join("a");
            let (_folders, listened) = watch::channel(vec![hangs.display().to_string()]);
            let (_publish, seen) = watch::channel(published(&[&hangs]));
            let (requests, _queue) = mpsc::channel(8);
            let part = tokio::spawn(listen(ListenOptions { home: None, folders: listened, published: seen }, requests));
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert!(mounted.0.try_wait().unwrap().is_none(), "this thread stood still until nothing hung any more");
            drop(mounted);
            part.abort();
        }
    }
}
