//! `goplswatch demo`: two simulated editors in a temporary folder, watched by the real engine.
//!
//! Theory of operation. The program is hard-linked into the folder under the names that matter
//! (`code`, `hx`, `gopls`, `go`) and started from there with a role in its environment. The
//! processes are real; they only pretend to be editors. The watcher is restricted to descendants of
//! this process, so real editors and gopls processes are neither seen nor touched. Thresholds are
//! shortened, which the output says; the detection code is the same.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use goplswatch_core::capability::CapabilityState;
use goplswatch_core::time::SECOND;
use goplswatch_core::{Code, Config};
use goplswatch_probe::{Options, Platform as _, Watcher};

use goplswatch_view::Phrase;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, note, phrase, verbatim};
use crate::paths;
use crate::printer::{Printer, Style};
use crate::runtime::{runtime, stop_signal};
use crate::watch::{fresh_engine, run as run_live, system_platform};

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

const ROLE: &str = "GOPLSWATCH_DEMO_ROLE";

/// How long the demo lasts.
const LENGTH: Duration = Duration::from_secs(26);

/// The role of this process, if it is one of the simulated ones.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

pub(crate) fn run(args: &DemoArgs) -> Result<CommandOutcome, Failure> {
    let stage = Stage::build()?;
    if !args.json {
        note(&phrase(Phrase::DemoPlay));
        note(&phrase(Phrase::DemoShortened));
        note("");
    }
    runtime()?.block_on(async {
        let config =
            Config { stuck_load: 6 * SECOND, stuck_quiet: 2 * SECOND, orphan_after: 3 * SECOND, ..Config::default() };
        let platform = system_platform()?;
        let end = platform.now().uptime + LENGTH;
        let below = Some(goplswatch_core::Pid(std::process::id()));
        let mut watcher = Watcher::new(platform, Options { home: paths::home(), below, config: config.clone() });
        let style = Style { json: args.json, verbose: false };
        let shown = SeenCodes::default();
        let mut live = fresh_engine(None, Printer::new(Tee { out: std::io::stdout(), shown: &shown }, style));
        let play = async {
            // The first scan comes before the start, so that the watcher sees the editors' whole
            // lifetimes.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let actors = stage.start();
            tokio::select! {
                () = stop_signal() => {}
                () = tokio::time::sleep(LENGTH * 2) => {}
            }
            drop(actors);
        };
        run_live(&mut live, &mut watcher, config, end, play).await?;
        let seen = shown.codes();
        // Where the system does not report what processes use, no load can be detected as stuck.
        let capabilities = live.state.snapshot(watcher.platform().now()).capabilities;
        let blind = |name: &str| capabilities.iter().any(|c| c.name == name && c.state != CapabilityState::Ok);
        let unseen = (blind("usage") || blind("io-counters")).then_some(Code::StuckLoad);
        let expected = EXPECTED.iter().filter(|code| Some(**code) != unseen);
        let missing: Vec<&str> = expected.map(|c| c.word()).filter(|c| !seen.contains(*c)).collect();
        let cut_short = watcher.platform().now().uptime < end;
        if missing.is_empty() || cut_short {
            if !args.json {
                note(&format!("\n{}", phrase(Phrase::DemoOver)));
            }
            return Ok(CommandOutcome::Nothing);
        }
        Err(Failure::new(Phrase::DemoMissing { missing: verbatim(missing.join(", ")) }).hint(Phrase::DemoMissingHint))
    })
}

/// The incidents that the demo must produce.
const EXPECTED: &[Code] =
    &[Code::RestartLoop, Code::OneLifeLeft, Code::EditorGaveUp, Code::StuckLoad, Code::ServerGone, Code::OrphanGoList];

/// The incident codes that were printed.
#[derive(Default)]
struct SeenCodes(std::cell::RefCell<BTreeSet<&'static str>>);

impl SeenCodes {
    fn codes(&self) -> BTreeSet<&'static str> {
        self.0.borrow().clone()
    }
}

/// Passes output through and records which incident codes it contains.
struct Tee<'a, W> {
    out: W,
    shown: &'a SeenCodes,
}

impl<W: std::io::Write> std::io::Write for Tee<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        for code in Code::ALL.iter().filter(|c| text.contains(&format!("{}-", c.word()))) {
            self.shown.0.borrow_mut().insert(code.word());
        }
        self.out.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// The temporary folder with the simulated programs.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn build() -> Result<Self, Failure> {
        let failed =
            |e: std::io::Error| Failure::new(Phrase::DemoNoStage { error: verbatim(e) }).hint(Phrase::DemoNoStageHint);
        let own = std::env::current_exe().map_err(failed)?;
        let folder = tempfile::Builder::new().prefix("goplswatch-demo-").tempdir().map_err(failed)?;
        for name in ["code", "hx", "gopls", "go"] {
            let path = folder.path().join(name);
            // A hard link costs nothing; across file systems a copy is needed.
            std::fs::hard_link(&own, &path).or_else(|_| std::fs::copy(&own, &path).map(|_| ())).map_err(failed)?;
        }
        for workspace in ["api-server", "infra"] {
            std::fs::create_dir(folder.path().join(workspace)).map_err(failed)?;
        }
        Ok(Self { folder })
    }

    fn start(&self) -> Vec<SimulatedProcess> {
        let play = [("code", "editor-that-loops", "api-server"), ("hx", "editor-that-hangs", "infra")];
        play.iter()
            .filter_map(|(name, role, workspace)| {
                let args: &[&str] = if *name == "code" { &["--type=extensionHost"] } else { &["main.go"] };
                SimulatedProcess::start(self.folder.path(), name, role, &self.folder.path().join(workspace), args).ok()
            })
            .collect()
    }
}

/// A simulated process, killed when dropped. Its own children end with it, because it holds the
/// only write end of their stdin pipe.
struct SimulatedProcess(Child);

impl SimulatedProcess {
    fn start(folder: &Path, name: &str, role: &str, cwd: &Path, args: &[&str]) -> std::io::Result<Self> {
        let mut command = Command::new(folder.join(name));
        command.args(args).env_clear().env(ROLE, role).current_dir(cwd);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn()?))
    }
}

impl Drop for SimulatedProcess {
    fn drop(&mut self) {
        // It may have ended already; waiting reaps the zombie.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Acts as one of the simulated processes.
pub(crate) fn act(role: &str) -> ExitCode {
    let Some(folder) = std::env::current_exe().ok().and_then(|p| p.parent().map(Path::to_owned)) else {
        return ExitCode::from(2);
    };
    match role {
        "editor-that-loops" => editor_that_loops(&folder),
        "editor-that-hangs" => editor_that_hangs(&folder),
        "editor-that-restarts" => editor_that_restarts(&folder),
        "gopls" => until_input_closes(),
        "gopls-that-loads" => gopls_that_loads(&folder),
        "go" => go_that_waits(&folder),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

/// Reads stdin until the parent is gone.
fn until_input_closes() {
    let mut sink = [0; 64];
    let mut input = std::io::stdin().lock();
    while matches!(input.read(&mut sink), Ok(n) if n > 0) {}
}

/// Restarts gopls four times and then gives up, as VS Code does.
fn editor_that_loops(folder: &Path) {
    let here = std::env::current_dir().unwrap_or_else(|_| folder.to_owned());
    for _ in 0..5 {
        let Ok(gopls) = SimulatedProcess::start(folder, "gopls", "gopls", &here, &[]) else { return };
        nap(Duration::from_millis(2_400));
        drop(gopls);
        nap(Duration::from_millis(100));
    }
    until_input_closes();
}

/// Restarts gopls whenever it ends, four times, as VS Code does. Not part of the demo: for tests
/// (`tests/it/real/pretended_desktop.rs`) and trials in which something else ends the gopls.
fn editor_that_restarts(folder: &Path) {
    let here = std::env::current_dir().unwrap_or_else(|_| folder.to_owned());
    let folder = folder.to_owned();
    // The gopls ends when this process ends, which closes its input.
    std::thread::spawn(move || {
        for _ in 0..5 {
            let Ok(mut gopls) = SimulatedProcess::start(&folder, "gopls", "gopls", &here, &[]) else { return };
            // `wait` closes the child's stdin unless it was taken out.
            let input = gopls.0.stdin.take();
            let _ = gopls.0.wait();
            drop(input);
            nap(Duration::from_millis(100));
        }
    });
    until_input_closes();
}

/// Runs a gopls that never finishes loading, then kills it.
fn editor_that_hangs(folder: &Path) {
    let here = std::env::current_dir().unwrap_or_else(|_| folder.to_owned());
    let Ok(gopls) = SimulatedProcess::start(folder, "gopls", "gopls-that-loads", &here, &["-rpc.trace"]) else {
        return;
    };
    nap(Duration::from_secs(14));
    drop(gopls);
    until_input_closes();
}

fn gopls_that_loads(folder: &Path) {
    let here = std::env::current_dir().unwrap_or_else(|_| folder.to_owned());
    let args = ["list", "-e", "-json=Name,ImportPath", "-compiled=true", "-test=true", "--", "./..."];
    let go = SimulatedProcess::start(folder, "go", "go", &here, &args);
    until_input_closes();
    drop(go);
}

/// Does nothing until the folder is removed: it must outlive its gopls.
fn go_that_waits(folder: &Path) {
    let stage: PathBuf = folder.to_owned();
    let last = Instant::now() + LENGTH * 2;
    while stage.exists() && Instant::now() < last {
        nap(Duration::from_millis(500));
    }
}

#[expect(clippy::disallowed_methods, reason = "a pretended process has nothing to do but wait")]
fn nap(length: Duration) {
    std::thread::sleep(length);
}
