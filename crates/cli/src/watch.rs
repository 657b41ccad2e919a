//! `goplswatch watch`: prints what is seen to the terminal, and records it.

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use goplswatch_agent::config::Settings;
use goplswatch_agent::live::{EngineIo, EngineLoop, Step};
use goplswatch_core::time::Uptime;
use goplswatch_core::{Config, Event, Input, Moment, Observation, Seq, Snapshot, State};
use goplswatch_probe::{Options, Platform, SystemPlatform, Watcher};
use goplswatch_view::Form;
use jiff::SignedDuration;

use crate::config;
use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, hint, note, phrase};
use crate::language::catalogue;
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
pub(crate) struct ForegroundOutputs<W> {
    recorder: Option<Recorder>,
    pub(crate) printer: Printer<W>,
}

impl<W: Write> EngineIo for ForegroundOutputs<W> {
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
pub(crate) fn fresh_engine<W: Write>(
    recorder: Option<Recorder>,
    printer: Printer<W>,
) -> EngineLoop<ForegroundOutputs<W>> {
    EngineLoop::new(State::default(), Seq(0), ForegroundOutputs { recorder, printer })
}

/// Runs until `end` or until `stop` completes.
pub(crate) async fn run<W: Write, O: Platform>(
    live: &mut EngineLoop<ForegroundOutputs<W>>,
    watcher: &mut Watcher<O>,
    config: Config,
    end: Uptime,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    begin(live, watcher, config)?;
    follow(live, watcher, end, stop).await
}

/// Runs the first scan.
fn begin<W: Write, O: Platform>(
    live: &mut EngineLoop<ForegroundOutputs<W>>,
    watcher: &mut Watcher<O>,
    config: Config,
) -> Result<(), Failure> {
    let boot = watcher.platform().boot_id();
    live.take(watcher.platform().now(), Observation::Began { boot })?;
    live.take(watcher.platform().now(), Observation::Config(Box::new(config)))?;
    watcher.begin();
    live.take_ready(watcher)
}

/// Runs everything after the first scan.
async fn follow<W: Write, O: Platform>(
    live: &mut EngineLoop<ForegroundOutputs<W>>,
    watcher: &mut Watcher<O>,
    end: Uptime,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let mut stop = std::pin::pin!(stop);
    loop {
        let step = tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            step = live.step(watcher, end) => step?,
        };
        if step == Step::Reached {
            return Ok(());
        }
    }
}

/// The system's platform, or why it cannot be observed.
pub(crate) fn system_platform() -> Result<SystemPlatform, Failure> {
    SystemPlatform::new().map_err(|why| Failure::new(catalogue().text(&why, Form::Full)).could_not_check())
}

/// `goplswatch watch`.
pub(crate) fn watch(args: &WatchArgs) -> Result<CommandOutcome, Failure> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let platform = system_platform()?;
        let now = platform.now();
        let boot = platform.boot_id();
        let recorder = match &args.record {
            Some(path) => Some(Recorder::asked(path, boot)?),
            None => Recorder::automatic(paths::recordings(), &stamp(now), boot),
        };
        let Settings { detect: config, alerts, .. } = config::settings();
        let options = Options { home: paths::home(), below: None, config: config.clone() };
        let mut watcher = Watcher::new(platform, options);
        let style = Style { json: args.json, verbose: args.verbose };
        let mut live = fresh_engine(recorder, Printer::new(std::io::stdout(), style));
        let end = args.duration.map_or(Uptime::MAX, |d| now.uptime + d.unsigned_abs());
        if !args.json {
            note(&phrase(Phrase::Watching));
        }
        if alerts != *live.state.alerts_config() {
            live.take(now, Observation::AlertPolicy(Box::new(alerts)))?;
        }
        begin(&mut live, &mut watcher, config)?;
        let somebody_reads = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        if !args.json && somebody_reads && shows_nothing(&live.state.snapshot(watcher.platform().now())) {
            note(&phrase(Phrase::WatchWaits));
        }
        follow(&mut live, &mut watcher, end, stop_signal()).await?;
        if live.outputs.printer.problem && !args.json {
            hint(Phrase::WatchWhyHint);
        }
        Ok(match live.state.snapshot(watcher.platform().now()).can_see_processes() {
            _ if live.outputs.printer.problem => CommandOutcome::Problem,
            true => CommandOutcome::Nothing,
            false => CommandOutcome::CouldNotCheck,
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
