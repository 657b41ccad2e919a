//! Handles to one process: what they must do on the system that runs the tests.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use goplswatch_core::{Pid, ProcessKey, Reading};
use goplswatch_probe::process::Signal;
use goplswatch_probe::{Platform as _, Process, SystemPlatform};
use goplswatch_testing::DEADLINE;

fn sleeper() -> (Child, ProcessKey) {
    let child = Command::new("/bin/sleep").arg("1000").stdin(Stdio::null()).spawn().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let glimpse = runtime.block_on(async { SystemPlatform::new().unwrap().process_info(Pid(child.id())) });
    let key = glimpse.known().unwrap().as_ref().unwrap().key;
    (child, key)
}

fn held(key: ProcessKey) -> Option<Process> {
    match Process::open_handle(key) {
        Reading::Known(held) => held,
        Reading::Unknown { unknown } => unreachable!("{unknown:?}"),
    }
}

#[test]
fn each_signal_reaches_the_process_that_is_held() {
    for (signal, number) in [(Signal::Term, 15), (Signal::Quit, 3), (Signal::Kill, 9)] {
        let (mut child, key) = sleeper();
        let process = held(key).unwrap();
        assert!(!process.ended_within(Duration::from_millis(20)));
        assert_eq!(process.signal(signal), Ok(true));
        // The process is a zombie until it is reaped below.
        assert!(process.ended_within(DEADLINE));
        assert!(held(key).is_none(), "a zombie is no living process");
        assert_eq!(child.wait().unwrap().signal(), Some(number));
        assert!(process.ended_within(Duration::ZERO));
        assert_eq!(process.signal(signal), Ok(false), "nobody is there any more");
        assert!(process.exe().known().is_none());
        assert!(held(key).is_none());
    }
}

#[test]
fn its_executable_is_the_one_that_the_watch_names() {
    let (mut child, key) = sleeper();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let process = held(key).unwrap();
    // Between fork and exec it still runs this test program.
    while process.exe().known().is_none_or(|exe| exe.contains("process-")) {
        assert!(!process.ended_within(Duration::from_millis(5)));
    }
    let image = runtime.block_on(async { SystemPlatform::new().unwrap().image(key) }).unwrap();
    assert_eq!(process.exe().known().unwrap().as_bytes(), image.exe.known().unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn another_start_mark_is_another_process_and_some_are_never_held() {
    let (mut child, key) = sleeper();
    for start in [key.start - 1, key.start + 1, 0] {
        assert!(held(ProcessKey { start, ..key }).is_none());
    }
    for pid in [0, 1, std::process::id(), u32::MAX] {
        assert!(Process::open_handle(ProcessKey::new(pid, key.start)).known().is_none(), "{pid}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
