//! Starts the components of the agent and shuts them down together.

use std::convert::Infallible;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc as std_mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use goplswatch_core::UserCommand;
use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::time::{Moment, Uptime};
use goplswatch_probe::wall_ms;
use goplswatch_view::Catalogue;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::api::Done;
use crate::bus::Bus;
use crate::config::watch::{Watch, settle};
use crate::file_events::{self, ListenOptions};
use crate::lock::{self, Lock, LockError};
use crate::options::{Options, Paths};
use crate::owner::{self, Setup};
use crate::published::{self, Published};
use crate::request::Request;
use crate::server;
use crate::socket::SocketFile;
use crate::watchdog::{self, Progress};
use crate::{runtime, socket};

/// Capacity of the owner's request queue.
const QUEUE: usize = 64;
/// How long the owner may take to finish after a stop request, and then the other components
/// (`SHUTDOWN_TIMEOUT`): together less than the second after which the requester may give up.
const STOP_TIMEOUT: Duration = Duration::from_millis(700);
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(100);
/// The owner answers a user command within microseconds, unless a disk blocks it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The first and the longest backoff before a failed component is started again.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// A component that ran longer than this did not fail at startup, so its backoff starts over.
const BACKOFF_RESET_AFTER: Duration = Duration::from_secs(60);
/// How often the agent checks that its socket file still exists.
const SOCKET_CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// The descriptor limit to ask for. Each client, server and load is watched with a pidfd of its own
/// (Linux) or a knote of the agent's kqueue (macOS). launchd gives a soft limit of 256.
const DESCRIPTORS: u64 = 4_096;

/// Why an agent did not start.
#[derive(Debug)]
pub enum StartError {
    /// Another agent is running; the fragment says which.
    Runs(Message),
    /// Too few descriptors or threads are available.
    Loop(io::Error),
}

/// A running agent.
pub struct Agent {
    tasks: Runtime,
    stop: Stop,
    published: watch::Receiver<Arc<Published>>,
    requests: mpsc::Sender<Request>,
    words: &'static Catalogue,
    stop_reasons: std_mpsc::Receiver<StopReason>,
    _lock: Option<Lock>,
}

/// The handle with which another thread of the same program, such as a surface, uses the agent.
#[derive(Clone)]
pub struct AgentHandle {
    published: watch::Receiver<Arc<Published>>,
    requests: mpsc::Sender<Request>,
    words: &'static Catalogue,
    stop: Stop,
}

impl AgentHandle {
    /// A receiver of the published state, which is replaced as a whole at each change.
    #[must_use]
    pub fn published(&self) -> watch::Receiver<Arc<Published>> {
        self.published.clone()
    }

    /// Submits a user command and waits for the result, but not forever: an engine that hangs at a
    /// disk must block neither a click nor a fix.
    ///
    /// # Errors
    /// Why the command cannot be carried out, as sentences.
    pub fn submit(&self, user_command: UserCommand) -> Result<Done, Message> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.requests.send(Request::UserCommand(user_command, reply)).await.ok()?;
            answer.await.ok()
        };
        let followed = block_on_timeout(ANSWER_TIMEOUT, asked).flatten().unwrap_or(Err(Message::AgentNotWatching))?;
        Ok(followed.said(self.words))
    }

    /// Reports whether a component of the program works. Never call it from inside an async
    /// runtime: it blocks while the queue is full.
    pub fn report(&self, capability: Capability) {
        // Without an owner nothing receives the report, and soon nothing will send one.
        let _ = self.requests.blocking_send(Request::Capability(capability));
    }

    /// Asks the agent to shut down, as SIGTERM does.
    pub fn stop(&self) {
        self.stop.ask();
    }
}

/// How an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to stop, and everything is on disk.
    Stopped,
    /// It was asked to stop and did not finish in time, for example because a disk hangs. What was
    /// recorded until then stays recorded.
    Late,
    /// The owner's thread is gone.
    Failed,
}

/// What the main thread waits for.
enum StopReason {
    /// The agent was asked to stop.
    Asked,
    /// The owner has ended.
    Ended,
}

/// Asks the owner to stop, and limits how long the main thread waits for it.
#[derive(Clone)]
struct Stop {
    owner: Arc<watch::Sender<bool>>,
    main: std_mpsc::SyncSender<StopReason>,
}

impl Stop {
    fn ask(&self) {
        self.owner.send_replace(true);
        // A full channel holds two messages already, and a third would add nothing.
        let _ = self.main.try_send(StopReason::Asked);
    }
}

impl Agent {
    /// Starts the components. What they need later does not have to work yet, but the lock has to
    /// be free.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(options: Options) -> Result<Self, StartError> {
        let mut notes = Vec::new();
        let words = options.words;
        let since = Moment { wall_ms: wall_ms(), uptime: Uptime::BOOT }.rfc3339();
        let lock = match lock(&options.paths, &lock::name(std::process::id(), since)) {
            Ok(lock) => Some(lock),
            Err(LockError::Held(by)) => return Err(StartError::Runs(by)),
            Err(LockError::Unusable { path, error }) => {
                notes.push(Message::AgentLockUnusable { path: Verbatim(path), error });
                None
            }
        };
        // An agent with another state folder holds another lock, so look at the sockets as well.
        if let Some(path) = socket::taken(&options.paths.sockets) {
            return Err(StartError::Runs(Message::AgentAnswersAt { path: Verbatim(path.display().to_string()) }));
        }
        raise_descriptors();
        let engine = runtime::on_this_thread().map_err(StartError::Loop)?;
        let tasks = runtime::on_own_thread("goplswatch-io").map_err(StartError::Loop)?;
        // From here on signals are turned into requests.
        let signals = {
            let _inside = tasks.enter();
            Signals::listen()
        };
        let (requests, queue) = mpsc::channel(QUEUE);
        let (publish, published) = watch::channel(Arc::new(published::nothing_yet(&options)));
        let bus = Arc::new(Bus::default());
        let places = options.paths.clone();
        let hangup = if options.echo { Hangup::Ends } else { Hangup::Reloads };
        let beginning = published::initial_status(&options);
        let served = Arc::new(AtomicU64::new(0));
        let (folders, listened) = watch::channel(Vec::new());
        let (check_config, checks) = std_mpsc::sync_channel(1);
        let home = options.paths.home.clone();
        let progress = Arc::new(Progress::default());
        let (watched, stalls) = (Arc::clone(&progress), publish.clone());
        let setup = Setup {
            options,
            bus: Arc::clone(&bus),
            publish,
            folders,
            check_config,
            beginning,
            served: Arc::clone(&served),
            progress: Arc::clone(&progress),
            notes,
        };
        let (config, reloads) = (places.config, requests.clone());
        let checking = move || watch_config(config, &checks, &reloads);
        std::thread::Builder::new().name("goplswatch-config".into()).spawn(checking).map_err(StartError::Loop)?;
        // `wait` receives at most two messages.
        let (main, stop_reasons) = std_mpsc::sync_channel(2);
        let (owner, stopped) = watch::channel(false);
        let stop = Stop { owner: Arc::new(owner), main: main.clone() };
        let own = move || {
            goplswatch_probe::lower_thread_priority();
            owner::run_owner(&setup, &engine, queue, stopped);
            let _ = main.send(StopReason::Ended);
        };
        std::thread::Builder::new().name("goplswatch-engine".into()).spawn(own).map_err(StartError::Loop)?;
        let api_state =
            server::ApiState::new(published.clone(), requests.clone(), bus, places.history, served, progress);
        tasks.spawn(signals.forward(requests.clone(), stop.clone(), hangup));
        let api_state = Arc::new(api_state);
        let folders = places.sockets;
        tasks.spawn(supervise("socket", requests.clone(), move |requests| {
            serve(folders.clone(), Arc::clone(&api_state), requests)
        }));
        tasks.spawn(supervise("watchdog", requests.clone(), move |_| {
            watchdog::watch(Arc::clone(&watched), stalls.clone())
        }));
        let listening = ListenOptions { home, folders: listened, published: published.clone() };
        tasks.spawn(supervise(file_events::CAPABILITY, requests.clone(), move |requests| {
            file_events::listen(listening.clone(), requests)
        }));
        Ok(Self { tasks, stop, published, requests, words, stop_reasons, _lock: lock })
    }

    /// The handle for a surface: it reads what is published and submits requests.
    #[must_use]
    pub fn handle(&self) -> AgentHandle {
        let (published, requests, stop) = (self.published.clone(), self.requests.clone(), self.stop.clone());
        AgentHandle { published, requests, words: self.words, stop }
    }

    /// Waits until the agent has ended. May be called on any thread.
    #[must_use]
    pub fn wait(self) -> Ended {
        let ended = match self.stop_reasons.recv() {
            Ok(StopReason::Asked) => match self.stop_reasons.recv_timeout(STOP_TIMEOUT) {
                Ok(StopReason::Ended) => Ended::Stopped,
                // Asked a second time, because the user does not want to wait, or the time is over.
                Ok(StopReason::Asked) | Err(_) => Ended::Late,
            },
            // The owner ends only when it is asked to, so this is a failure.
            Ok(StopReason::Ended) | Err(_) => Ended::Failed,
        };
        self.tasks.shutdown_timeout(SHUTDOWN_TIMEOUT);
        ended
    }
}

/// The output of a future, if it completes in time. Only for futures of channels, which need no
/// runtime. Building one for a click would take descriptors, of which there may be none.
fn block_on_timeout<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    let began = Instant::now();
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        let left = time.checked_sub(began.elapsed()).filter(|left| !left.is_zero())?;
        std::thread::park_timeout(left);
    }
}

fn lock(paths: &Paths, who: &str) -> Result<Lock, LockError> {
    let mut taken = Lock::take(&paths.state.join("agent.lock"), who);
    // Where the state cannot be written there is no history to protect, but a second agent must
    // still not start.
    for folder in &paths.sockets {
        if matches!(taken, Err(LockError::Unusable { .. })) {
            taken = Lock::take(&folder.join("agent.lock"), who);
        }
    }
    taken
}

/// Raises the soft limit on descriptors as far as that is possible without privileges. With too few
/// of them the agent observes fewer process ends, and reports so then.
fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(DESCRIPTORS, |most| most.min(DESCRIPTORS));
    if limit.current.is_some_and(|now| now < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
    }
}

/// What SIGHUP does.
#[derive(Clone, Copy)]
enum Hangup {
    /// It stops the agent, because the terminal in which the user ran it was closed.
    Ends,
    /// It reloads the config, as is usual for a service.
    Reloads,
}

/// The signals that are turned into requests. A signal that cannot be listened to keeps its default
/// action, which loses nothing that was recorded.
struct Signals {
    term: Option<Signal>,
    int: Option<Signal>,
    hup: Option<Signal>,
    /// A reload that waits for room in the queue.
    reload: Option<JoinHandle<()>>,
}

/// SIGXFSZ, which a write beyond the limit of file sizes (`ulimit -f`) gets; the same number on
/// Linux (signal(7), all but MIPS) and macOS (sys/signal.h). With a handler the write fails instead,
/// as on a full disk.
const FILE_SIZE_EXCEEDED: i32 = 25;

impl Signals {
    /// Call it inside a runtime.
    fn listen() -> Self {
        let listen = |kind| signal(kind).ok();
        // They would end the agent, and nobody means that by them. A handler stays installed.
        for unmeant in [
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
            SignalKind::alarm(),
            SignalKind::from_raw(FILE_SIZE_EXCEEDED),
        ] {
            drop(listen(unmeant));
        }
        Self {
            term: listen(SignalKind::terminate()),
            int: listen(SignalKind::interrupt()),
            hup: listen(SignalKind::hangup()),
            reload: None,
        }
    }

    async fn forward(mut self, requests: mpsc::Sender<Request>, stop: Stop, hangup: Hangup) {
        async fn of(signal: &mut Option<Signal>) {
            if let Some(signal) = signal
                && signal.recv().await.is_some()
            {
                return;
            }
            std::future::pending().await
        }
        loop {
            tokio::select! {
                () = of(&mut self.term) => stop.ask(),
                () = of(&mut self.int) => stop.ask(),
                () = of(&mut self.hup) => match hangup {
                    Hangup::Ends => stop.ask(),
                    // The queue is full only if the owner is 64 requests behind or hangs. One
                    // reload waits for it then; more would add nothing.
                    Hangup::Reloads => {
                        let waits = self.reload.as_ref().is_some_and(|waiting| !waiting.is_finished());
                        if requests.try_send(Request::Reload).is_err() && !waits {
                            let requests = requests.clone();
                            self.reload = Some(tokio::spawn(async move {
                                let _ = requests.send(Request::Reload).await;
                            }));
                        }
                    }
                },
            }
        }
    }
}

/// Runs a component forever. Its failures are reported, and it is started again with growing
/// backoff.
async fn supervise<F, T>(name: &'static str, requests: mpsc::Sender<Request>, part: F)
where
    F: Fn(mpsc::Sender<Request>) -> T,
    T: Future<Output = Result<Infallible, Message>> + Send + 'static,
{
    let mut patience = BACKOFF.0;
    loop {
        let began = tokio::time::Instant::now();
        let why = match tokio::spawn(part(requests.clone())).await {
            Ok(Ok(never)) => match never {},
            Ok(Err(why)) => why,
            Err(error) if error.is_cancelled() => return,
            Err(_) => Message::PartFailed,
        };
        if began.elapsed() > BACKOFF_RESET_AFTER {
            patience = BACKOFF.0;
        }
        if report_capability(&requests, name, CapabilityState::Denied, why).await.is_err() {
            return;
        }
        tokio::time::sleep(patience).await;
        patience = (patience * 2).min(BACKOFF.1);
    }
}

/// The owner has ended, so the other components have nothing left to do.
struct OwnerGone;

async fn report_capability(
    requests: &mpsc::Sender<Request>,
    name: &str,
    state: CapabilityState,
    said: Message,
) -> Result<(), OwnerGone> {
    let capability = Capability::new(name, state, said);
    requests.send(Request::Capability(capability)).await.map_err(|_| OwnerGone)
}

async fn serve(
    folders: Vec<PathBuf>,
    state: Arc<server::ApiState>,
    requests: mpsc::Sender<Request>,
) -> Result<Infallible, Message> {
    let failed = |why| Message::SocketFailed { why: SharedMessage::new(why) };
    // A client should not be told that nothing is known only because the first scan is not over.
    let _ = state.published.clone().wait_for(|published| published.scanned).await;
    let (listener, path) =
        socket::open(&folders).map_err(|why| failed(Message::NoSocket { why: SharedMessage::new(why) }))?;
    let said = Message::SocketOpen { path: Verbatim::of(path.display()) };
    let file = SocketFile::new(path);
    let _ = report_capability(&requests, "socket", CapabilityState::Ok, said).await;
    tokio::select! {
        served = server::serve(listener, state) => served.map_err(|error| Message::SocketDeaf { error: Verbatim::of(error) }),
        () = socket_removed(&file) => Err(failed(Message::SocketRemoved)),
    }
}

async fn socket_removed(file: &SocketFile) {
    while file.is_in_place() {
        tokio::time::sleep(SOCKET_CHECK_INTERVAL).await;
    }
}

/// Requests a reload whenever the config file may have changed, until the owner has ended. `due`
/// says when to check. Runs on a thread of its own, because looking at the file may hang.
fn watch_config(path: PathBuf, due: &std_mpsc::Receiver<()>, requests: &mpsc::Sender<Request>) {
    goplswatch_probe::lower_thread_priority();
    // An editor can then save a first config file.
    if let Some(folder) = path.parent() {
        let _ = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    }
    let capability = Capability::new("config-watch", CapabilityState::Ok, Message::ConfigWatched);
    let mut sent = requests.blocking_send(Request::Capability(capability));
    let mut watch = Watch::new(path);
    while sent.is_ok() {
        // Also the first time: the file may have changed between the first read and this check.
        if watch.check(settle) {
            sent = requests.blocking_send(Request::Reload);
        }
        if due.recv().is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::{Seq, Snapshot};

    use super::*;
    use crate::api::Status;
    use crate::published::Counts;

    /// A handle, and the queue that receives its requests.
    fn handle_and_queue() -> (AgentHandle, mpsc::Receiver<Request>) {
        let status = Status { snapshot: Snapshot::default(), agent: None };
        let nothing =
            Published { status, counts: Counts::default(), scanned: true, previous_last: Seq(0), age: Duration::ZERO };
        let (_, published) = watch::channel(Arc::new(nothing));
        let (requests, queue) = mpsc::channel(1);
        let (owner, _) = watch::channel(false);
        let stop = Stop { owner: Arc::new(owner), main: std_mpsc::sync_channel(2).0 };
        (AgentHandle { published, requests, words: Catalogue::english(), stop }, queue)
    }

    #[test]
    fn an_intent_is_followed_without_a_runtime_being_built_for_it() {
        let (handle, mut queue) = handle_and_queue();
        let owner = std::thread::spawn(move || {
            while let Some(Request::UserCommand(_, reply)) = queue.blocking_recv() {
                let _ = reply.send(Err(Message::reported("It was heard.")));
            }
        });
        // No runtime can be run inside another, so `submit` has to manage without one.
        let runtime = runtime::on_this_thread().unwrap();
        let answer = runtime.block_on(async { handle.submit(UserCommand::Resume {}) });
        assert_eq!(answer.unwrap_err(), Message::reported("It was heard."));
        drop(handle);
        owner.join().unwrap();
        let (handle, queue) = handle_and_queue();
        drop(queue);
        assert_eq!(handle.submit(UserCommand::Resume {}).unwrap_err(), Message::AgentNotWatching);
    }

    #[test]
    fn an_answer_is_waited_for_and_not_for_ever() {
        let (reply, answer) = oneshot::channel();
        let late = std::thread::spawn(move || {
            let (_keep, nothing) = oneshot::channel::<()>();
            assert_eq!(block_on_timeout(Duration::from_millis(30), nothing), None);
            reply.send(7)
        });
        assert_eq!(block_on_timeout(Duration::from_secs(20), answer), Some(Ok(7)));
        late.join().unwrap().unwrap();
    }
}
