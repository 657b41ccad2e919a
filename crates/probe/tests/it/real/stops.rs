//! A gopls under an editor, held by a signal, a debugger or a frozen control group, on a real Linux
//! kernel. Needs root and perl.
#![cfg(target_os = "linux")]
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use goplswatch_core::{Amount, Gauge, Observation, Pid, ProcessKey, Reading};
use goplswatch_probe::platform::{Platform, StopCause};
use goplswatch_probe::{Options, SystemPlatform, Watcher};
use goplswatch_testing::{DEADLINE, wait_for, wait_until};
use rustix::process::{Pid as RawPid, Signal, kill_process};

/// A program called `hx` that runs one called `gopls`, which waits for input that never comes.
struct Editor {
    child: Child,
    gopls: Pid,
    _folder: tempfile::TempDir,
}

impl Editor {
    fn start(traces: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copy = |from: &str, name: &str| {
            let from =
                Path::new(from).canonicalize().unwrap_or_else(|e| panic!("{from}: {e}; apt-get install perl-base"));
            let to = folder.path().join(name);
            std::fs::copy(from, &to).unwrap();
            to
        };
        let (editor, gopls) = (copy("/usr/bin/perl", "hx"), copy("/bin/cat", "gopls"));
        // ptrace(PTRACE_TRACEME): the exec that follows stops it for its parent.
        let ptrace = if cfg!(target_arch = "aarch64") { 117 } else { 101 };
        let traced = if traces { format!("syscall({ptrace}, 0, 0, 0, 0) == 0 or die;") } else { String::new() };
        let script = format!(
            "pipe(my $input, my $never); my $child = fork(); \
             if ($child == 0) {{ open(STDIN, '<&', $input); {traced} exec $ARGV[0] or die }} \
             $| = 1; print \"$child\\n\"; readline(STDIN); kill 'KILL', $child; waitpid($child, 0);"
        );
        let command = |program: &Path| {
            Command::new(program)
                .args(["-e", &script, gopls.to_str().unwrap()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
        };
        let mut child = command(&editor).unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, gopls: Pid(line.trim().parse().unwrap()), _folder: folder }
    }

    fn editor(&self) -> Pid {
        Pid(self.child.id())
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        for pid in [self.editor(), self.gopls] {
            signal(pid, Signal::CONT);
        }
        drop(self.child.stdin.take());
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(1) && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

fn signal(pid: Pid, signal: Signal) {
    let _gone_already = kill_process(RawPid::from_raw(i32::try_from(pid.0).unwrap()).unwrap(), signal);
}

fn key(platform: &mut SystemPlatform, pid: Pid) -> ProcessKey {
    platform.process_info(pid).known().cloned().flatten().unwrap().key
}

/// The next reported value of the gauge that says whether gopls is stopped while its client runs.
async fn next_value(watcher: &mut Watcher<SystemPlatform>) -> Option<Reading<Amount>> {
    let until = watcher.platform().now().uptime + DEADLINE;
    while let Some(observed) = watcher.next(until).await {
        if let Observation::Gauge { gauge: Gauge::StoppedAlone, value, .. } = observed.observation {
            return Some(value);
        }
    }
    None
}

fn watcher(editor: &Editor) -> Watcher<SystemPlatform> {
    let options = Options { below: Some(editor.editor()), ..Options::default() };
    let mut watcher = Watcher::new(SystemPlatform::new().unwrap(), options);
    watcher.begin();
    watcher
}

const NO: Option<Reading<Amount>> = Some(Reading::Known(Amount::Exactly(0)));
const YES: Option<Reading<Amount>> = Some(Reading::Known(Amount::Exactly(1)));

#[tokio::test]
async fn a_gopls_that_a_signal_stopped_is_told_while_its_editor_runs() {
    let editor = Editor::start(false);
    let mut watcher = watcher(&editor);
    assert_eq!(next_value(&mut watcher).await, NO);
    signal(editor.gopls, Signal::STOP);
    assert_eq!(next_value(&mut watcher).await, YES);
    signal(editor.editor(), Signal::STOP);
    assert_eq!(next_value(&mut watcher).await, NO, "Ctrl-Z stops both");
    signal(editor.editor(), Signal::CONT);
    assert_eq!(next_value(&mut watcher).await, YES, "fg would have continued both");
    signal(editor.gopls, Signal::CONT);
    assert_eq!(next_value(&mut watcher).await, NO);
}

#[tokio::test]
async fn a_gopls_that_a_debugger_holds_is_not_told() {
    let editor = Editor::start(true);
    let mut platform = SystemPlatform::new().unwrap();
    let gopls = key(&mut platform, editor.gopls);
    wait_until("it is stopped", || platform.usage(gopls).known().is_some_and(|usage| usage.stopped));
    assert_eq!(platform.stop_cause(gopls), Reading::Known(Some(StopCause::Tracer)));
    let client = key(&mut platform, editor.editor());
    assert_eq!(platform.stop_cause(client), Reading::Known(None));
    let mut watcher = watcher(&editor);
    assert_eq!(next_value(&mut watcher).await, NO);
}

/// A control group that can be frozen.
struct Freezer {
    folder: PathBuf,
    file: &'static str,
    words: [&'static str; 2],
}

impl Freezer {
    /// One group in each version that is mounted here.
    fn all() -> Vec<Self> {
        let name = format!("goplswatch-stops-{}", std::process::id());
        let first = ("/sys/fs/cgroup/freezer", "freezer.state", ["FROZEN", "THAWED"]);
        let second = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(|point| (point, "cgroup.freeze", ["1", "0"]));
        let mut all = Vec::new();
        for (point, file, words) in std::iter::once(first).chain(second) {
            let folder = Path::new(point).join(&name);
            if std::fs::create_dir(&folder).is_ok() && folder.join(file).exists() {
                all.push(Self { folder, file, words });
            } else {
                let _not_made = std::fs::remove_dir(&folder);
            }
        }
        assert!(!all.is_empty(), "no control group can be frozen here: this test wants root and a mounted hierarchy");
        all
    }

    fn freeze(&self, frozen: bool) {
        std::fs::write(self.folder.join(self.file), self.words[usize::from(!frozen)]).unwrap();
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        let _thawed = std::fs::write(self.folder.join(self.file), self.words[1]);
        let start = Instant::now();
        while std::fs::remove_dir(&self.folder).is_err() && start.elapsed() < DEADLINE {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[tokio::test]
async fn a_gopls_in_a_frozen_group_is_held_by_that_also_when_a_signal_stopped_it() {
    let freezers = Freezer::all();
    let editor = Editor::start(false);
    let mut platform = SystemPlatform::new().unwrap();
    let gopls = key(&mut platform, editor.gopls);
    signal(editor.gopls, Signal::STOP);
    let mut halt = |wanted: Option<StopCause>| {
        wait_for("what holds it", || Some(platform.stop_cause(gopls)).filter(|halt| *halt == Reading::Known(wanted)));
    };
    halt(Some(StopCause::Signal));
    for freezer in &freezers {
        std::fs::write(freezer.folder.join("cgroup.procs"), editor.gopls.to_string()).unwrap();
        freezer.freeze(true);
        halt(Some(StopCause::Freezer));
        freezer.freeze(false);
        halt(Some(StopCause::Signal));
    }
    signal(editor.gopls, Signal::CONT);
    halt(None);
    drop(editor);
}
