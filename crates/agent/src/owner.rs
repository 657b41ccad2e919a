//! The one owner of the engine, on a thread of its own. It feeds the engine with observations and
//! requests, publishes the state, and starts again with backoff if a run fails.

use std::any::Any;
use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::task::Poll;
use std::time::{Duration, Instant};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::event::{EventName, Subject};
use goplswatch_core::message::{Count, Message, MessageText, SharedMessage, Verbatim};
use goplswatch_core::time::Uptime;
use goplswatch_core::{Event, Input, Moment, Observation, Pid, ProcessKey, Reading, Seq, State, UserCommand};
use goplswatch_probe::wall_ms;
use goplswatch_probe::{Platform, SystemPlatform, Watcher};
use goplswatch_remedy::change;
use goplswatch_view::{Catalogue, Form};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use crate::api::{AcceptedCommand, AgentStatus, ConfigStatus, HistoryStatus, Status};
use crate::budget::{self, Budget};
use crate::bus::{Bus, EventId};
use crate::config::{self, Current, Problem, Reload, Settings};
use crate::history::{Extent, History, Limits, Origin};
use crate::live::{EngineIo, EngineLoop};
use crate::log::Log;
use crate::options::Options;
use crate::published::{Counts, Published};
use crate::request::Request;
use crate::watchdog::{Progress, Watched};

/// The state is published at most this often.
const PUBLISH_EVERY: Duration = Duration::from_millis(50);
/// A run that lasted longer than this did not fail at its start, so the backoff starts over.
const BACKOFF_RESET_AFTER: Duration = Duration::from_secs(60);
/// The first and the longest backoff before a failed run is started again.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A log that could not be written is called written again this long after that.
const LOG_SETTLES: Duration = Duration::from_secs(60);

/// What the owner is started with.
pub(crate) struct Setup {
    pub(crate) options: Options,
    pub(crate) bus: Arc<Bus>,
    pub(crate) publish: watch::Sender<Arc<Published>>,
    /// The folders whose lost file events are to be detected, as the config names them.
    pub(crate) folders: watch::Sender<Vec<String>>,
    /// Requests a check of the config file for changes, which another thread makes.
    pub(crate) check_config: SyncSender<()>,
    /// What the agent says about itself for as long as it runs.
    pub(crate) beginning: AgentStatus,
    /// Nanoseconds that other threads spent on answers.
    pub(crate) served: Arc<AtomicU64>,
    /// What this thread is doing, for those who must not take what was published for the present.
    pub(crate) progress: Arc<Progress>,
    /// What the log should say about the start.
    pub(crate) notes: Vec<Message>,
}

/// Owns the engine until it is asked to stop, whatever fails meanwhile.
pub(crate) fn run_owner(
    setup: &Setup,
    runtime: &Runtime,
    requests: mpsc::Receiver<Request>,
    stop: watch::Receiver<bool>,
) {
    let mut asked = OwnerInbox { requests, stop };
    let mut log = Log::new(&setup.options.paths.log, setup.options.echo);
    let mut patience = BACKOFF.0;
    let mut counts = Counts::default();
    loop {
        let began = Instant::now();
        let run = || runtime.block_on(Watched::new(&setup.progress, run(setup, &mut asked, &mut log, &mut counts)));
        let why = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => return,
            Ok(Err(why)) => why,
            Err(panic) => failed(&*panic),
        };
        setup.progress.end();
        if began.elapsed() > BACKOFF_RESET_AFTER {
            patience = BACKOFF.0;
        }
        let why = Message::AgentBlind { why: SharedMessage::new(why), seconds: Count::new(patience.as_secs()) };
        log.line(wall_only(), &setup.options.words.text(&why, Form::Full));
        mark_outdated(setup, why);
        if runtime.block_on(asked.stopped_within(patience)) {
            return;
        }
        patience = (patience * 2).min(BACKOFF.1);
    }
}

fn failed(panic: &(dyn Any + Send)) -> Message {
    let text = panic.downcast_ref::<&str>().copied();
    match text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)) {
        Some(how) => Message::AgentFailed { how: Verbatim(how.to_owned()) },
        None => Message::AgentFailedSomehow,
    }
}

/// The wall clock, where there is no platform to read it from.
fn wall_only() -> Moment {
    Moment { wall_ms: wall_ms(), uptime: Uptime::BOOT }
}

/// Keeps what was published, but reports the capability `process-table` as denied, for this reason.
fn mark_outdated(setup: &Setup, why: Message) {
    setup.publish.send_modify(|published| *published = Arc::new(published.blind(why)));
}

/// The requests to the owner. A stop request is separate, so it never waits behind others.
struct OwnerInbox {
    requests: mpsc::Receiver<Request>,
    stop: watch::Receiver<bool>,
}

impl OwnerInbox {
    /// The next request; `None`: stop.
    async fn next(&mut self) -> Option<Request> {
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => None,
            request = self.requests.recv() => request,
        }
    }

    /// Whether a stop was requested within this time. Meanwhile user commands are refused and other
    /// requests are dropped.
    async fn stopped_within(&mut self, within: Duration) -> bool {
        let stop = async {
            while let Some(request) = self.next().await {
                if let Request::UserCommand(_, reply) = request {
                    let _ = reply.send(Err(Message::AgentNotWatching));
                }
            }
        };
        tokio::time::timeout(within, stop).await.is_ok()
    }
}

/// Where the agent's inputs and events go.
struct AgentOutputs<'a> {
    history: History,
    progress: &'a Progress,
    bus: &'a Bus,
    log: &'a mut Log,
    /// The language of the log.
    words: &'static Catalogue,
    counts: &'a mut Counts,
    /// The folder of the receipts of fixes.
    receipts: PathBuf,
    /// Something happened since the last publication.
    unpublished_changes: bool,
    /// The machine slept since the last measurement.
    slept: bool,
}

impl EngineIo for AgentOutputs<'_> {
    type Error = Infallible;

    fn record(&mut self, input: &Input, state: &State) {
        // Whether it is recorded is checked after each step.
        self.progress.on_disk(|| self.history.append(input, state));
        self.unpublished_changes = true;
        self.slept |= matches!(input.observation, Observation::Slept { .. });
    }

    fn show(&mut self, mut event: Event) -> Result<(), Infallible> {
        self.words.render_event(&mut event);
        *self.counts.events.entry(event.name.word()).or_default() += 1;
        match &event.subject {
            Subject::Incident(view) => {
                let what = match (event.name, &view.closed_because) {
                    (EventName::IncidentOpened, _) => {
                        *self.counts.opened.entry(view.code.word()).or_default() += 1;
                        Some(view.said.to_string())
                    }
                    (EventName::IncidentClosed, Some(why)) => {
                        let because = SharedMessage::clone(&why.message);
                        Some(self.words.text(&Message::AgentOver { because }, Form::Full))
                    }
                    // Other changes are only in the history.
                    _ => None,
                };
                if let Some(what) = what {
                    let line = format!("{} ({}): {what}", view.title, view.id);
                    self.progress.on_disk(|| self.log.line(event.at, &line));
                }
            }
            Subject::Capability(c) if c.state != CapabilityState::Ok => {
                let line = format!("{}: {}", c.name, c.said);
                self.progress.on_disk(|| self.log.line(event.at, &line));
            }
            Subject::Fix(fix) => {
                self.log.line(event.at, &format!("{}: {}", fix.receipt, fix.said));
                let site = change::Site::new(self.receipts.clone());
                if let Err(refusal) = change::save_fix_result(&site, fix) {
                    self.log.line(event.at, &Catalogue::english().text(&*refusal.why, Form::Full));
                }
            }
            Subject::Capability(_) | Subject::Server(_) | Subject::End(_) | Subject::Alerts(_) | Subject::Alert(_) => {}
        }
        self.bus.publish(event);
        Ok(())
    }
}

/// One run of the engine.
struct Run<'a> {
    setup: &'a Setup,
    live: EngineLoop<AgentOutputs<'a>>,
    watcher: Watcher<SystemPlatform>,
    current: Current,
    budget: Budget,
    own: Option<ProcessKey>,
    measure_at: Uptime,
    /// When the config file was last to be checked.
    checked_config: Instant,
    published: Uptime,
    /// The last input of the previous run.
    before: Seq,
    /// What was last reported about the history.
    trouble: Option<Option<Message>>,
    /// Why the log is not written, as reported last.
    log_trouble: Option<(Message, Instant)>,
    /// The size of the history at the last measurement, which reads a few files.
    extent: Extent,
}

async fn run(setup: &Setup, asked: &mut OwnerInbox, log: &mut Log, counts: &mut Counts) -> Result<(), Message> {
    let (places, words) = (&setup.options.paths, setup.options.words);
    let mut platform = SystemPlatform::new()?;
    let now = platform.now();
    let boot = platform.boot_id();
    let current = Current::load(&places.config);
    let settings = current.settings().clone();
    let origin = Origin { version: setup.options.version.clone(), os: setup.options.os.clone(), boot: boot.clone() };
    let (history, resumed) = History::open(&places.history, origin, limits(&settings), now);
    let pid = Count::new(u64::from(std::process::id()));
    let begins = Message::AgentBegins { version: Verbatim(setup.options.version.clone()), pid };
    for note in [&begins].into_iter().chain(&setup.notes).chain(&resumed.notes) {
        log.line(now, &words.text(note, Form::Full));
    }
    let own = platform.process_info(Pid(std::process::id())).known().cloned().flatten().map(|glimpse| glimpse.key);
    let receipts = places.receipts.clone();
    let outlets = AgentOutputs {
        history,
        progress: &setup.progress,
        bus: &setup.bus,
        log,
        words,
        counts,
        receipts,
        unpublished_changes: true,
        slept: false,
    };
    let options = goplswatch_probe::Options { home: places.home.clone(), below: None, config: settings.detect.clone() };
    // If nothing can be recorded, the next start would reuse the same numbers for other inputs. So
    // numbers then continue from the wall clock in milliseconds, which is higher at the next start.
    let unkept = outlets.history.trouble().is_some().then(|| Seq(u64::try_from(now.wall_ms).unwrap_or(0)));
    let last = unkept.map_or(resumed.last, |unkept| unkept.max(resumed.last));
    setup.bus.begin(EventId { seq: last, index: u32::MAX });
    let mut run = Run {
        setup,
        live: EngineLoop::new(resumed.state, last, outlets),
        watcher: Watcher::new(platform, options),
        current,
        budget: Budget::default(),
        own,
        measure_at: now.uptime,
        checked_config: Instant::now(),
        published: Uptime::BOOT,
        before: last,
        trouble: None,
        log_trouble: None,
        extent: Extent::default(),
    };
    run.say_config();
    run.say_folders();
    run.take(Observation::Began { boot });
    if *run.live.state.config() != settings.detect {
        run.take(Observation::Config(Box::new(settings.detect)));
    }
    if *run.live.state.alerts_config() != settings.alerts {
        run.take(Observation::AlertPolicy(Box::new(settings.alerts)));
    }
    run.watcher.inherit(&run.live.state.alive());
    run.watcher.begin();
    let Ok(()) = run.live.take_ready(&mut run.watcher);
    run.report_history_state();
    run.publish();
    run.until_stopped(asked).await;
    let now = run.watcher.platform().now();
    if let Err(error) = run.live.outputs.history.sync() {
        run.say(now, &Message::HistoryNotOnDisk { error: Verbatim(error.to_string()) });
    }
    run.say(now, &Message::AgentEnds);
    Ok(())
}

const fn limits(settings: &Settings) -> Limits {
    Limits { max_bytes: settings.history.max_bytes, max_days: settings.history.max_days }
}

/// Requests a check of the config file if one is due. Never completes.
fn check_config(checked: &mut Instant, check: &SyncSender<()>) -> Poll<Infallible> {
    if checked.elapsed() >= config::watch::CHECK_INTERVAL {
        *checked = Instant::now();
        // If the channel is full, a check is pending or hangs.
        let _ = check.try_send(());
    }
    Poll::Pending
}

impl Run<'_> {
    /// Writes a line to the log.
    fn say(&mut self, at: Moment, message: &Message) {
        let outlets = &mut self.live.outputs;
        let line = outlets.words.text(message, Form::Full);
        outlets.progress.on_disk(|| outlets.log.line(at, &line));
    }

    fn take(&mut self, observation: Observation) -> Seq {
        let now = self.watcher.platform().now();
        let Ok(seq) = self.live.take(now, observation);
        seq
    }

    async fn until_stopped(&mut self, asked: &mut OwnerInbox) {
        loop {
            let now = self.watcher.platform().now().uptime;
            if now >= self.measure_at {
                self.measure(now);
            }
            self.report_history_state();
            self.report_log_state();
            self.live.outputs.unpublished_changes |= self.setup.progress.take_outdated();
            let news = self.live.outputs.unpublished_changes;
            let wait = (self.published + PUBLISH_EVERY).since(now);
            if news && wait.is_zero() {
                self.publish();
                continue;
            }
            tokio::select! {
                request = asked.next() => match request {
                    None => return,
                    Some(request) => self.follow(request),
                },
                step = self.live.step(&mut self.watcher, self.measure_at) => match step {
                    Ok(_) => {}
                    Err(never) => match never {},
                },
                // Not a deadline of the watcher, which would scan everything for it.
                () = tokio::time::sleep(wait), if news => {}
                // Polled whenever this thread wakes, at rest for a scan, so it needs no timer.
                never = poll_fn(|_| check_config(&mut self.checked_config, &self.setup.check_config)) => match never {},
            }
        }
    }

    fn follow(&mut self, request: Request) {
        match request {
            Request::UserCommand(user_command, reply) => {
                let answer = self.take_user_command(user_command);
                // A client that asks right afterwards should see the effect.
                self.publish();
                let _ = reply.send(answer);
            }
            // A component that fails again in the same way is not recorded again.
            Request::Capability(capability) if self.live.state.capability(&capability.name) != Some(&capability) => {
                self.take(Observation::Capability(capability));
            }
            Request::Capability(_) => {}
            Request::Reload => self.reload(),
            Request::FileEventsLost { folder, how } => {
                self.take(Observation::FileEventsLost { workspace: folder, how: how.into() });
            }
            Request::Series(reply) => {
                let now = self.watcher.platform().now();
                // The requester may have stopped waiting.
                let _ = reply.send(self.live.state.series(now));
            }
        }
    }

    fn take_user_command(&mut self, user_command: UserCommand) -> Result<AcceptedCommand, Message> {
        self.live.state.check_user_command(&user_command)?;
        let look = user_command == UserCommand::ProbeNow {};
        let seq = self.take(Observation::UserCommand(user_command));
        if look {
            self.watcher.scan_now();
            let Ok(()) = self.live.take_ready(&mut self.watcher);
            return Ok(AcceptedCommand { seq, hint: None });
        }
        // What the user decided has to survive a power failure.
        let history = &mut self.live.outputs.history;
        let lost = history.sync().err().map(|error| Message::reported(error.to_string()));
        let lost = history.trouble().cloned().or(lost);
        Ok(AcceptedCommand { seq, hint: lost.map(|why| Message::HistoryForgets { why: SharedMessage::new(why) }) })
    }

    fn reload(&mut self) {
        match self.current.reload() {
            Reload::Same => return,
            Reload::Problems => self.say_config(),
            Reload::Settings => {
                self.say_config();
                self.say_folders();
                let settings = self.current.settings().clone();
                self.live.outputs.history.set_limits(limits(&settings));
                if *self.live.state.config() != settings.detect {
                    self.watcher.set_config(settings.detect.clone());
                    self.take(Observation::Config(Box::new(settings.detect)));
                }
                if *self.live.state.alerts_config() != settings.alerts {
                    self.take(Observation::AlertPolicy(Box::new(settings.alerts)));
                }
            }
        }
        self.live.outputs.unpublished_changes = true;
    }

    fn say_config(&mut self) {
        let now = self.watcher.platform().now();
        let lines = self.config_problems();
        if lines.is_empty() && self.live.state.last() > Seq(0) {
            self.say(now, &Message::ConfigWasRead);
        }
        for line in &lines {
            self.say(now, line);
        }
    }

    fn config_problems(&self) -> Vec<SharedMessage> {
        let problems = self.current.outcome().problems().iter().map(Problem::message);
        self.current.trouble().map(SharedMessage::new).into_iter().chain(problems).collect()
    }

    fn say_folders(&self) {
        let folders = &self.current.settings().file_events.folders;
        self.setup.folders.send_if_modified(|known| {
            let news = known != folders;
            if news {
                known.clone_from(folders);
            }
            news
        });
    }

    fn measure(&mut self, now: Uptime) {
        self.measure_at = now + budget::MEASURE_INTERVAL;
        self.extent = self.live.outputs.history.extent();
        let used = match self.own {
            Some(own) => self.watcher.platform().usage(own),
            None => Reading::unknown(Message::OwnUnseen),
        };
        let served = Duration::from_nanos(self.setup.served.load(Ordering::Relaxed));
        let slept = std::mem::take(&mut self.live.outputs.slept);
        let over = self.budget.cost().over.clone();
        let pace = self.budget.measure(now, used, served, slept, &self.current.settings().agent);
        self.watcher.set_pace(pace);
        if self.budget.cost().over != over {
            let at = self.watcher.platform().now();
            let over = self.budget.cost().over.as_ref().map(|over| SharedMessage::clone(&over.message));
            self.say(at, over.as_deref().unwrap_or(&Message::AgentWithinBudget));
        }
        self.live.outputs.unpublished_changes = true;
    }

    /// Reports when recording stops or resumes.
    fn report_history_state(&mut self) {
        for note in self.live.outputs.history.take_notes() {
            let now = self.watcher.platform().now();
            self.say(now, &note);
        }
        let trouble = self.live.outputs.history.trouble();
        if self.trouble.as_ref().is_some_and(|said| said.as_ref() == trouble) {
            return;
        }
        let trouble = trouble.cloned();
        self.trouble = Some(trouble.clone());
        let (state, said) = match trouble {
            Some(why) => (CapabilityState::Denied, why),
            None => (CapabilityState::Ok, Message::HistoryIsKept),
        };
        self.take(Observation::Capability(Capability::new("history", state, said)));
    }

    /// Reports when the log cannot be written, and when it can be again.
    fn report_log_state(&mut self) {
        let trouble = self.live.outputs.log.trouble().cloned();
        let (state, said) = match (&self.log_trouble, trouble) {
            (None, None) => return,
            (Some((before, _)), Some(why)) if *before == why => return,
            // On a disk that is full now and then it would go back and forth, and each report is a
            // line of the log itself.
            (Some((_, since)), None) if since.elapsed() < LOG_SETTLES => return,
            (_, Some(why)) => (CapabilityState::Denied, why),
            (Some(_), None) => (CapabilityState::Ok, Message::LogIsKept),
        };
        self.log_trouble = (state == CapabilityState::Denied).then(|| (said.clone(), Instant::now()));
        self.take(Observation::Capability(Capability::new("log", state, said)));
    }

    fn publish(&mut self) {
        let now = self.watcher.platform().now();
        self.published = now.uptime;
        self.live.outputs.unpublished_changes = false;
        let problems = self.config_problems().into_iter().map(MessageText::from).collect();
        let history = &self.live.outputs.history;
        let agent = AgentStatus {
            last: self.live.last(),
            config: ConfigStatus { problems, ..self.setup.beginning.config.clone() },
            history: HistoryStatus {
                extent: self.extent.clone(),
                trouble: history.trouble().cloned().map(MessageText::from),
                ..self.setup.beginning.history.clone()
            },
            cost: self.budget.said(),
            ..self.setup.beginning.clone()
        };
        let mut status = Status { snapshot: self.live.state.snapshot(now), agent: Some(agent) };
        status.render(Catalogue::english());
        let published = Published {
            status,
            counts: self.live.outputs.counts.clone(),
            scanned: true,
            previous_last: self.before,
            age: Duration::ZERO,
        };
        self.setup.progress.begin();
        self.setup.publish.send_replace(Arc::new(published));
    }
}
