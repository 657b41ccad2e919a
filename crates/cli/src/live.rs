//! The live loop: what the watcher observes is numbered, recorded, judged, and shown, in this order.

use std::io::Write;

use goplswatch_core::{Config, Effect, Fact, Input, Moment, Seq, State, step};
use goplswatch_probe::{Observed, Options, SystemWorld, Watcher, World};

use crate::Found;
use crate::args::WatchArgs;
use crate::config;
use crate::failure::{Failure, note};
use crate::paths;
use crate::printer::{Printer, Style};
use crate::recorder::Recorder;

/// The far future, where nothing limits a wait.
const NEVER: u64 = u64::MAX;

/// The engine with its surroundings.
pub(crate) struct Live<W> {
    pub(crate) state: State,
    seq: u64,
    wake_ns: Option<u64>,
    recorder: Option<Recorder>,
    pub(crate) printer: Printer<W>,
}

impl<W: Write> Live<W> {
    pub(crate) fn new(recorder: Option<Recorder>, printer: Printer<W>) -> Self {
        Self { state: State::default(), seq: 0, wake_ns: None, recorder, printer }
    }

    /// Takes one fact: records it first, then acts on it.
    pub(crate) fn take(&mut self, at: Moment, fact: Fact) -> Result<(), Failure> {
        self.seq += 1;
        let input = Input { seq: Seq(self.seq), at, fact };
        if let Some(recorder) = &mut self.recorder {
            recorder.input(&input);
        }
        for effect in step(&mut self.state, input) {
            match effect {
                Effect::WakeAt(ns) => self.wake_ns = Some(ns),
                Effect::Event(event) => self.printer.event(event)?,
            }
        }
        Ok(())
    }

    fn observed(&mut self, observed: Observed) -> Result<(), Failure> {
        self.take(observed.at, observed.fact)
    }

    /// Runs until `end_ns` or until `stop` completes.
    pub(crate) async fn run<O: World>(
        &mut self,
        watcher: &mut Watcher<O>,
        config: Config,
        end_ns: u64,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        self.take(watcher.world().now(), Fact::Config(Box::new(config)))?;
        watcher.begin();
        let mut stop = std::pin::pin!(stop);
        loop {
            let until = self.wake_ns.unwrap_or(NEVER).min(end_ns);
            let seen = tokio::select! {
                biased;
                () = &mut stop => return Ok(()),
                seen = watcher.next(until) => seen,
            };
            if let Some(observed) = seen {
                self.observed(observed)?;
                continue;
            }
            let now = watcher.world().now();
            if self.wake_ns.is_some_and(|at| at <= now.cont_ns) {
                self.wake_ns = None;
                self.take(now, Fact::Wake)?;
            }
            if now.cont_ns >= end_ns {
                return Ok(());
            }
        }
    }
}

/// The runtime of a command: one thread is enough for a watch.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("could not start the event loop ({error}), so nothing can be watched"))
            .hint("most often too few open files are allowed; raise the limit with ulimit -n")
            .could_not_check()
    };
    // tokio's signal driver panics where it gets no descriptors (tokio src/signal/unix.rs, `globals`): see first that
    // there are as many as a runtime and a world take.
    let spare: Result<Vec<_>, _> = (0..12).map(|_| std::fs::File::open("/dev/null")).collect();
    drop(spare.map_err(failed)?);
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)
}

/// The system's world, or why it cannot be seen.
pub(crate) fn system_world() -> Result<SystemWorld, Failure> {
    SystemWorld::new().map_err(|why| Failure::new(why).could_not_check())
}

/// `goplswatch watch`.
pub(crate) fn watch(args: &WatchArgs) -> Result<Found, Failure> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let world = system_world()?;
        let now = world.now();
        let boot = world.boot_id();
        let recorder = match &args.record {
            Some(path) => Some(Recorder::asked(path, boot)?),
            None => Recorder::automatic(paths::recordings(), &stamp(now), boot),
        };
        let config = config::detect();
        let options = Options { home: paths::home(), below: None, config: config.clone() };
        let mut watcher = Watcher::new(world, options);
        let style = Style { json: args.json, verbose: args.verbose };
        let mut live = Live::new(recorder, Printer::new(std::io::stdout(), style));
        let end_ns =
            args.duration.map_or(NEVER, |d| now.cont_ns.saturating_add(u64::try_from(d.as_nanos()).unwrap_or(NEVER)));
        if !args.json {
            note("watching gopls; stop with Ctrl-C");
        }
        live.run(&mut watcher, config, end_ns, stop_signal()).await?;
        if live.printer.problem && !args.json {
            note("hint: the readings behind an incident: goplswatch why, with the name in parentheses behind it");
        }
        Ok(match live.state.can_see_processes() {
            _ if live.printer.problem => Found::Problem,
            true => Found::Nothing,
            false => Found::CouldNotCheck,
        })
    })
}

/// Completes at SIGINT, SIGTERM or SIGHUP. If a signal cannot be listened to, it keeps its default meaning.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signals: Vec<_> = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    std::future::poll_fn(|context| {
        let any = signals.iter_mut().any(|s| s.poll_recv(context).is_ready());
        if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

/// A file name that sorts by time.
fn stamp(now: Moment) -> String {
    now.rfc3339().chars().filter(|c| c.is_ascii_alphanumeric()).collect()
}
