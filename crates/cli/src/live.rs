//! `goplswatch watch`: prints what is seen to the terminal, and records it.

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use goplswatch_agent::config::Settings;
use goplswatch_agent::live::{Live, NEVER, Step, Surroundings};
use goplswatch_core::{Config, Event, Fact, Input, Moment, Seq, Snapshot, State};
use goplswatch_probe::{Options, SystemWorld, Watcher, World};
use goplswatch_view::Form;
use jiff::SignedDuration;

use crate::config;
use goplswatch_view::Phrase;

use crate::failure::{Failure, hint, note, phrase};
use crate::found::Found;
use crate::language::words;
use crate::paths;
use crate::printer::{Printer, Style};
use crate::recorder::Recorder;
use crate::runtime::{runtime, stop_signal};
use crate::times::duration;

#[derive(Debug, ClapArgs)]
pub(crate) struct WatchArgs {
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop after this long, such as 90s, 10m, 1h30m
    #[arg(long = "for", value_name = "DUR", value_parser = duration)]
    pub(crate) duration: Option<SignedDuration>,
    /// Write every input to this file (which must not exist), for `replay` and `why`
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Also show one-shot commands, telemetry processes, and what works
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Where a foreground run sends its events: a printer, and optionally a recording.
pub(crate) struct Screen<W> {
    recorder: Option<Recorder>,
    pub(crate) printer: Printer<W>,
}

impl<W: Write> Surroundings for Screen<W> {
    type Error = Failure;

    fn record(&mut self, input: &Input, _: &State) {
        if let Some(recorder) = &mut self.recorder {
            recorder.input(input);
        }
    }

    fn show(&mut self, event: Event) -> Result<(), Failure> {
        self.printer.event(event)
    }
}

/// An engine with empty state, printing to a new screen.
pub(crate) fn blank<W: Write>(recorder: Option<Recorder>, printer: Printer<W>) -> Live<Screen<W>> {
    Live::new(State::default(), Seq(0), Screen { recorder, printer })
}

/// Runs until `end_ns` or until `stop` completes.
pub(crate) async fn run<W: Write, O: World>(
    live: &mut Live<Screen<W>>,
    watcher: &mut Watcher<O>,
    config: Config,
    end_ns: u64,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    begin(live, watcher, config)?;
    follow(live, watcher, end_ns, stop).await
}

/// Runs the first scan.
fn begin<W: Write, O: World>(
    live: &mut Live<Screen<W>>,
    watcher: &mut Watcher<O>,
    config: Config,
) -> Result<(), Failure> {
    let boot = watcher.world().boot_id();
    live.take(watcher.world().now(), Fact::Began { boot })?;
    live.take(watcher.world().now(), Fact::Config(Box::new(config)))?;
    watcher.begin();
    live.take_ready(watcher)
}

/// Runs everything after the first scan.
async fn follow<W: Write, O: World>(
    live: &mut Live<Screen<W>>,
    watcher: &mut Watcher<O>,
    end_ns: u64,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let mut stop = std::pin::pin!(stop);
    loop {
        let step = tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            step = live.step(watcher, end_ns) => step?,
        };
        if step == Step::Reached {
            return Ok(());
        }
    }
}

/// The system's platform, or why it cannot be observed.
pub(crate) fn system_world() -> Result<SystemWorld, Failure> {
    SystemWorld::new().map_err(|why| Failure::new(words().text(&why, Form::Full)).could_not_check())
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
        let Settings { detect: config, alerts, .. } = config::settings();
        let options = Options { home: paths::home(), below: None, config: config.clone() };
        let mut watcher = Watcher::new(world, options);
        let style = Style { json: args.json, verbose: args.verbose };
        let mut live = blank(recorder, Printer::new(std::io::stdout(), style));
        let end_ns =
            args.duration.map_or(NEVER, |d| now.cont_ns.saturating_add(u64::try_from(d.as_nanos()).unwrap_or(NEVER)));
        if !args.json {
            note(&phrase(Phrase::Watching));
        }
        if alerts != *live.state.alerts_config() {
            live.take(now, Fact::AlertPolicy(Box::new(alerts)))?;
        }
        begin(&mut live, &mut watcher, config)?;
        let somebody_reads = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        if !args.json && somebody_reads && shows_nothing(&live.state.snapshot(watcher.world().now())) {
            note(&phrase(Phrase::WatchWaits));
        }
        follow(&mut live, &mut watcher, end_ns, stop_signal()).await?;
        if live.around.printer.problem && !args.json {
            hint(Phrase::WatchWhyHint);
        }
        Ok(match live.state.snapshot(watcher.world().now()).can_see_processes() {
            _ if live.around.printer.problem => Found::Problem,
            true => Found::Nothing,
            false => Found::CouldNotCheck,
        })
    })
}

/// Whether the screen stays empty after the first scan although processes can be seen.
fn shows_nothing(seen: &Snapshot) -> bool {
    seen.can_see_processes() && seen.servers.is_empty()
}

/// The time as a file name that sorts chronologically.
fn stamp(now: Moment) -> String {
    now.rfc3339().chars().filter(|c| c.is_ascii_alphanumeric()).collect()
}
