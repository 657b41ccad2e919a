//! The contract of the platform interface: what every implementation of [`Platform`] promises, tested
//! on the system that runs the tests.
//!
//! If a promise depends on something that a kernel may lack, the test runs the self-test (`self_test`)
//! and holds the platform to the result: a capability that passed must work, one that failed must
//! lead to an honest "unknown". A capability that a platform does not list is taken for granted
//! there.
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::message::{Localizable as _, Message};
use goplswatch_core::time::{HOUR, SECOND, Uptime};
use goplswatch_core::types::BinaryChange;
use goplswatch_core::{Pid, ProcessKey, Reading};
use goplswatch_probe::SystemPlatform;
use goplswatch_probe::platform::{Platform, PlatformEvent, ProcessInfo, RunState, StopCause, WatchOutcome};
use goplswatch_testing::{DEADLINE, not_shown, wait_until};
use goplswatch_view::{Catalogue, Form};

/// A child that is killed when the test ends.
struct Guarded(Child);

impl Guarded {
    fn new(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    fn shell(script: &str) -> Self {
        Self::new(Command::new("/bin/sh").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()))
    }

    fn pid(&self) -> Pid {
        Pid(self.0.id())
    }

    fn input(&mut self) -> ChildStdin {
        self.0.stdin.take().unwrap()
    }

    /// The first line that it prints, as a pid.
    fn says_pid(&mut self) -> Pid {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Pid(line.trim().parse().unwrap())
    }

    fn kill_and_reap(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _reaped_already = self.0.wait();
    }
}

fn platform() -> SystemPlatform {
    SystemPlatform::new().unwrap()
}

fn glimpse(platform: &mut SystemPlatform, pid: Pid) -> Option<ProcessInfo> {
    match platform.process_info(pid) {
        Reading::Known(look) => look,
        Reading::Unknown { unknown } => panic!("{pid} could not be looked at: {unknown}"),
    }
}

fn key_of(platform: &mut SystemPlatform, pid: Pid) -> ProcessKey {
    glimpse(platform, pid).unwrap().key
}

fn signal(name: &str, pid: Pid) {
    // Use the shell's own kill: the program of that name is not installed everywhere.
    let status = Command::new("/bin/sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
    assert!(status.success(), "kill -{name} {pid}");
}

fn in_order(capabilities: &[Capability], prefix: &str) -> bool {
    capabilities.iter().filter(|one| one.name.starts_with(prefix)).all(|one| one.state == CapabilityState::Ok)
}

fn reason(why: &Message) {
    let words = Catalogue::english().text(why, Form::Full);
    assert!(!words.trim().is_empty() && words != why.name(), "an unknown without a reason: {why:?}");
}

fn unknown<T: std::fmt::Debug>(reading: &Reading<T>) {
    match reading {
        Reading::Unknown { unknown } => reason(&unknown.message),
        Reading::Known(value) => panic!("known, of a process that is gone: {value:?}"),
    }
}

/// Watches a process, if the platform reported that it can. `false`: it reported that it cannot,
/// and why.
fn watch(platform: &mut SystemPlatform, capabilities: &[Capability], key: ProcessKey) -> bool {
    match platform.watch(key) {
        WatchOutcome::Attached => true,
        WatchOutcome::Gone => panic!("{key:?} is alive and was said to be gone"),
        WatchOutcome::Refused(why) => {
            reason(&why);
            assert!(!in_order(capabilities, "end-events"), "it proved that it can watch, and will not: {why:?}");
            not_shown(&format!("no process can be watched here: {why:?}"));
            false
        }
    }
}

/// How a process ended, according to platform events. Forks and execs before the end are skipped.
async fn end_of(platform: &mut SystemPlatform, wanted: ProcessKey) -> Option<ExitStatus> {
    let until = platform.now().uptime + DEADLINE;
    loop {
        match platform.next(until).await? {
            PlatformEvent::Ended { key, status, .. } if key == wanted => return Some(status),
            PlatformEvent::Ended { key, .. } => panic!("{key:?} was not watched"),
            PlatformEvent::Forked(_) | PlatformEvent::Execed(_) => {}
        }
    }
}

fn assert_status(status: Option<ExitStatus>, expected: &ExitStatus, is_reported: bool) {
    match status {
        Some(ExitStatus::Unknown(why)) if !is_reported => reason(&why.message),
        other => assert_eq!(other.as_ref(), Some(expected)),
    }
}

#[tokio::test]
async fn it_sees_this_process_as_it_is() {
    let mut platform = platform();
    let mut pids = vec![Pid(0)];
    platform.pids(&mut pids).unwrap();
    let own = Pid(std::process::id());
    assert!(pids.contains(&own));
    assert!(!pids.contains(&Pid(0)), "the list was not cleared, or holds the kernel itself");
    assert_eq!(pids.iter().collect::<BTreeSet<_>>().len(), pids.len(), "a pid came twice");

    let first = glimpse(&mut platform, own).unwrap();
    let second = glimpse(&mut platform, own).unwrap();
    assert_eq!(first.key, second.key);
    assert_eq!(first.key.pid, own);
    assert_ne!(first.key.start, 0);
    assert_eq!(first.parent, Pid(std::os::unix::process::parent_id()));
    assert_eq!(first.state, RunState::Alive);
    assert!(first.execed);
    assert!(!first.comm.is_empty() && !first.comm.contains(&0));
    let now = platform.now().uptime;
    let started = *first.started.known().unwrap();
    assert!(started <= now && now.since(started) < HOUR, "started {started:?}, now {now:?}");
}

#[tokio::test]
async fn its_clocks_run() {
    let platform = platform();
    // Measure with one clock around it and one within: a delay of this thread lies between the two.
    let around = Instant::now();
    let before = platform.now();
    let within = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    let within = within.elapsed();
    let after = platform.now();
    let around = around.elapsed();
    let passed = after.uptime.since(before.uptime);
    let right = within * 9 / 10..=around * 11 / 10;
    assert!(right.contains(&passed), "{passed:?} while {within:?} to {around:?} went by");
    assert!(after.wall_ms > 1_700_000_000_000, "{}", after.wall_ms);
    assert!(Uptime::BOOT + platform.asleep() <= after.uptime);
    assert!(!platform.boot_id().is_empty());
    assert_eq!(platform.boot_id(), SystemPlatform::new().unwrap().boot_id());
}

#[tokio::test]
async fn what_it_proves_has_names_and_reasons_and_leaves_nothing_behind() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let names: BTreeSet<&str> = capabilities.iter().map(|one| one.name.as_str()).collect();
    assert!(!names.is_empty());
    assert_eq!(names.len(), capabilities.len(), "a name twice: {capabilities:?}");
    for one in &capabilities {
        reason(&one.said.message);
        assert!(one.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", one.name);
    }
    let until = platform.now().uptime + Duration::from_millis(50);
    assert_eq!(platform.next(until).await, None);
}

#[tokio::test]
async fn two_children_are_two_processes() {
    let mut platform = platform();
    let (one, other) = (Guarded::shell("read line"), Guarded::shell("read line"));
    let own = glimpse(&mut platform, Pid(std::process::id())).unwrap();
    let one = glimpse(&mut platform, one.pid()).unwrap();
    let other = glimpse(&mut platform, other.pid()).unwrap();
    assert_ne!(one.key, other.key);
    // Both may have started within the resolution of a start mark; the pid tells them apart then.
    assert_ne!(one.key, own.key, "a child has the identity of its parent");
    assert_eq!(one.parent, own.key.pid);
    let late = *one.started.known().unwrap() + SECOND;
    assert!(late >= *own.started.known().unwrap(), "a child is older than its parent");
}

#[tokio::test]
async fn an_image_is_what_was_started_and_no_secret_of_it() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let folder = tempfile::tempdir().unwrap();
    let script = "read line; exit 3";
    let odd = OsStr::from_bytes(b"\xff\xfe=\x80");
    let child = Guarded::new(
        Command::new("/bin/sh")
            .args(["-c", script, "name", ""])
            .arg(odd)
            .env_clear()
            .env("GO_TELEMETRY_CHILD", "1")
            .env("SECRET_CANARY", "x-canary-x")
            .stdin(Stdio::piped())
            .current_dir(folder.path()),
    );
    let key = key_of(&mut platform, child.pid());
    // sh may be a small program that execs the real one, and the arguments may be those of neither
    // while a program execs.
    if in_order(&capabilities, "arguments") {
        let settled = |argv: &Vec<Vec<u8>>| argv.len() == 6;
        wait_until("its arguments are there", || platform.image(key).unwrap().argv.known().is_some_and(settled));
    }
    let image = platform.image(key).unwrap();
    assert!(!image.comm.is_empty());
    if in_order(&capabilities, "arguments") {
        let argv = image.argv.known().unwrap();
        let expected: [&[u8]; 5] = [b"/bin/sh", b"-c", script.as_bytes(), b"name", b""];
        assert_eq!(argv.get(..5).unwrap(), expected);
        assert_eq!(argv.get(5..).unwrap(), [odd.as_bytes()], "bytes that are no text must survive");
        let env = image.env.known().unwrap();
        assert!(env.contains(&("GO_TELEMETRY_CHILD".to_owned(), b"1".to_vec())), "{env:?}");
        assert!(env.iter().all(|(name, _)| name != "SECRET_CANARY"), "a secret was read");
    } else {
        unknown(&image.argv);
        unknown(&image.env);
    }
    if in_order(&capabilities, "working-folder") {
        let real = folder.path().canonicalize().unwrap();
        assert_eq!(image.folder, Reading::Known(real.into_os_string().into_vec()));
    } else {
        unknown(&image.folder);
    }
    let exe = image.exe.known().unwrap();
    assert!(Path::new(OsStr::from_bytes(exe)).is_absolute(), "{exe:?}");
    let image = format!("{:?}", platform.image(key).unwrap());
    assert!(!image.contains("canary"), "a secret was kept");
}

#[tokio::test]
async fn a_kill_is_reported_once_however_often_it_is_watched() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let child = Guarded::shell("read line");
    let key = key_of(&mut platform, child.pid());
    if !watch(&mut platform, &capabilities, key) {
        return;
    }
    assert_eq!(platform.watch(key), WatchOutcome::Attached);
    signal("KILL", child.pid());
    let killed = ExitStatus::Signaled { signal: 9, name: "SIGKILL".to_owned(), core: false };
    assert_status(end_of(&mut platform, key).await, &killed, in_order(&capabilities, "end-status"));
    // The next event is the end of another process: the first end is not reported twice.
    let other = Guarded::shell("read line");
    let key = key_of(&mut platform, other.pid());
    assert_eq!(platform.watch(key), WatchOutcome::Attached);
    signal("KILL", other.pid());
    assert!(end_of(&mut platform, key).await.is_some());
}

#[tokio::test]
async fn the_exit_code_of_a_process_that_is_not_our_child_is_told() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let mut shell = Guarded::shell("exec 3<&0; (read line <&3; exit 7) & echo $!; wait $!");
    let grandchild = shell.says_pid();
    let keys = [key_of(&mut platform, shell.pid()), key_of(&mut platform, grandchild)];
    assert_eq!(glimpse(&mut platform, grandchild).unwrap().parent, shell.pid());
    if !watch(&mut platform, &capabilities, keys[1]) {
        return;
    }
    drop(shell.input());
    assert_status(end_of(&mut platform, keys[1]).await, &ExitStatus::Exited(7), in_order(&capabilities, "end-status"));
}

#[tokio::test]
async fn a_zombie_has_ended() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let mut child = Guarded::shell("read line; exit 3");
    let key = key_of(&mut platform, child.pid());
    let watched = watch(&mut platform, &capabilities, key);
    drop(child.input());
    if watched {
        // It is not reaped yet.
        let status = end_of(&mut platform, key).await;
        // This is the capability for children; the one for other processes has a longer name.
        let is_reported = capabilities.iter().all(|one| one.name != "end-status" || one.state == CapabilityState::Ok);
        assert_status(status, &ExitStatus::Exited(3), is_reported);
    }
    wait_until("it is a zombie", || glimpse(&mut platform, child.pid()).is_some_and(|it| it.state == RunState::Zombie));
    assert_eq!(key_of(&mut platform, child.pid()), key, "a zombie is still who it was");
    if let Some(image) = platform.image(key) {
        assert!(image.argv.known().is_none_or(Vec::is_empty), "{image:?}");
    }
    // Either it is too late to attach, or the end is still reported.
    match platform.watch(key) {
        WatchOutcome::Gone => {}
        WatchOutcome::Attached => {
            assert!(end_of(&mut platform, key).await.is_some(), "attached to the dead, and never told")
        }
        WatchOutcome::Refused(why) => reason(&why),
    }
    child.0.wait().unwrap();
    wait_until("it is gone", || glimpse(&mut platform, child.pid()).is_none());
}

#[tokio::test]
async fn a_process_that_is_gone_is_gone_in_every_answer() {
    let mut platform = platform();
    let mut child = Guarded::shell("read line");
    let key = key_of(&mut platform, child.pid());
    child.kill_and_reap();
    assert_eq!(glimpse(&mut platform, key.pid), None);
    assert_eq!(platform.image(key), None);
    assert_eq!(platform.watch(key), WatchOutcome::Gone);
    unknown(&platform.usage(key));
    unknown(&platform.binary_change(key));
    // What holds for every process of this machine may be reported for this one too.
    assert_ne!(platform.arch(key).translated, Reading::Known(true));
    assert_eq!(platform.waits_for(key), None);

    // The same pid with another start time is another process.
    let own = key_of(&mut platform, Pid(std::process::id()));
    let other = ProcessKey { start: own.start + 1, ..own };
    assert_eq!(platform.image(other), None);
    assert_eq!(platform.watch(other), WatchOutcome::Gone);
    unknown(&platform.usage(other));
    unknown(&platform.binary_change(other));
}

#[tokio::test]
async fn waiting_ends_at_the_deadline_and_not_before() {
    let mut platform = platform();
    for wait in [0, 1, 120] {
        let until = platform.now().uptime + Duration::from_millis(wait);
        let start = Instant::now();
        assert_eq!(platform.next(until).await, None);
        assert!(platform.now().uptime >= until, "{wait} ms");
        assert!(start.elapsed() < DEADLINE, "{wait} ms took {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_wait_that_was_given_up_loses_nothing() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let child = Guarded::shell("read line");
    let key = key_of(&mut platform, child.pid());
    if !watch(&mut platform, &capabilities, key) {
        return;
    }
    signal("KILL", child.pid());
    let start = Instant::now();
    let mut ended = false;
    while !ended && start.elapsed() < DEADLINE {
        let until = platform.now().uptime + DEADLINE;
        tokio::select! {
            biased;
            sign = platform.next(until) => ended = matches!(sign, Some(PlatformEvent::Ended { key: of, .. }) if of == key),
            () = tokio::time::sleep(Duration::from_micros(200)) => {}
        }
    }
    assert!(ended);
}

#[tokio::test]
async fn a_busy_process_uses_cpu_and_no_more_than_there_is() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let start = Instant::now();
    let child = Guarded::shell("while :; do :; done");
    let key = key_of(&mut platform, child.pid());
    if !in_order(&capabilities, "usage") {
        unknown(&platform.usage(key));
        return not_shown("what a process uses is not told here");
    }
    let first = *platform.usage(key).known().unwrap();
    wait_until("it uses a tenth of a second of CPU", || {
        platform.usage(key).known().unwrap().cpu >= first.cpu + Duration::from_millis(100)
    });
    let last = *platform.usage(key).known().unwrap();
    assert!(last.cpu <= start.elapsed() + Duration::from_millis(100), "one thread cannot use {last:?}");
    assert!(last.resident_bytes > 10_000 && last.resident_bytes < 1 << 32, "{last:?}");
    assert!(!last.stopped);
}

#[tokio::test]
async fn a_stopped_process_is_said_to_be_stopped() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let child = Guarded::shell("read line");
    let key = key_of(&mut platform, child.pid());
    signal("STOP", child.pid());
    let own = key_of(&mut platform, Pid(std::process::id()));
    assert_eq!(platform.stop_cause(own), Reading::Known(None));
    wait_until("it is stopped", || glimpse(&mut platform, child.pid()).unwrap().state == RunState::Stopped);
    match platform.stop_cause(key) {
        Reading::Known(halt) => assert_eq!(halt, Some(StopCause::Signal)),
        Reading::Unknown { unknown } => reason(&unknown.message),
    }
    if in_order(&capabilities, "usage") {
        assert!(platform.usage(key).known().unwrap().stopped);
        signal("CONT", child.pid());
        wait_until("it goes on", || !platform.usage(key).known().unwrap().stopped);
    }
}

#[tokio::test]
async fn this_program_runs_as_what_it_was_built_for() {
    let mut platform = platform();
    let capabilities = platform.self_test();
    let own = key_of(&mut platform, Pid(std::process::id()));
    let arch = platform.arch(own);
    let built_for = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    match &arch.name {
        Reading::Known(name) => assert_eq!(name, built_for),
        Reading::Unknown { unknown } => reason(&unknown.message),
    }
    match &arch.translated {
        // Only x86-64 programs are ever translated.
        Reading::Known(translated) => assert!(!translated || built_for == "x86_64"),
        Reading::Unknown { unknown } => {
            reason(&unknown.message);
            assert!(!in_order(&capabilities, "translation"), "{unknown:?}");
        }
    }
}

#[test]
#[ignore = "what a copy of this program runs that stands in for a server; the tests of replaced binaries start it"]
fn sleeper() {
    std::thread::sleep(Duration::from_secs(60));
}

/// Starts a copy of this program from `path` and waits until it has called exec.
fn start_copy(platform: &mut SystemPlatform, path: &Path) -> (Guarded, ProcessKey) {
    // A copy of a system program would not run on every Mac; this program is signed for this
    // machine.
    std::fs::copy(std::env::current_exe().unwrap(), path).unwrap();
    let mut command = Command::new(path);
    command.args(["--ignored", "--exact", "contract::sleeper"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = None;
    wait_until("the copy starts", || match command.spawn() {
        Ok(started) => {
            child = Some(Guarded(started));
            true
        }
        // Another test may have forked while the copy was written, and its child still holds it
        // open.
        Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => false,
        Err(error) => panic!("the copy does not start: {error}"),
    });
    let child = child.unwrap();
    let key = key_of(platform, child.pid());
    let real = Reading::Known(path.canonicalize().unwrap().into_os_string().into_vec());
    wait_until("the copy runs", || platform.image(key).unwrap().exe == real);
    assert_eq!(platform.binary_change(key), Reading::Known(None));
    (child, key)
}

#[tokio::test]
async fn a_replaced_binary_is_told() {
    let mut platform = platform();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server");
    let (_child, key) = start_copy(&mut platform, &path);
    let fresh = folder.path().join("fresh");
    std::fs::write(&fresh, b"a newer version").unwrap();
    std::fs::rename(&fresh, &path).unwrap();
    assert_eq!(platform.binary_change(key), Reading::Known(Some(BinaryChange::Replaced)));
    let real = path.canonicalize().unwrap();
    assert_eq!(platform.image(key).unwrap().exe, Reading::Known(real.into_os_string().into_vec()));
    assert_eq!(
        platform.binary_change(key),
        Reading::Known(Some(BinaryChange::Replaced)),
        "a second image changed its mind"
    );
}

#[tokio::test]
async fn a_deleted_binary_is_told() {
    let mut platform = platform();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server");
    let (_child, key) = start_copy(&mut platform, &path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(platform.binary_change(key), Reading::Known(Some(BinaryChange::Deleted)));
    assert!(platform.image(key).is_some());
    assert_eq!(
        platform.binary_change(key),
        Reading::Known(Some(BinaryChange::Deleted)),
        "a second image changed its mind"
    );
}

#[tokio::test]
async fn letting_go_of_a_world_does_not_hang() {
    let mut platform = platform();
    let child = Guarded::shell("read line");
    let key = key_of(&mut platform, child.pid());
    let _watched_or_not = platform.watch(key);
    let start = Instant::now();
    drop(platform);
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
}
