//! The measurements of the platform interface: real numbers of real processes, on the system that
//! runs the tests.
//!
//! The measured process is this program, started again with one ignored test that follows orders
//! and reports what it holds. A value that a system cannot report must be unknown, with a reason.
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::{Amount, Gauge, Pid, ProcessKey, Reading};
use goplswatch_probe::SystemPlatform;
use goplswatch_probe::platform::Platform;

const MIB: u64 = 1 << 20;

/// This program started again, following orders.
struct Subject {
    child: Child,
    says: BufReader<ChildStdout>,
    key: ProcessKey,
}

impl Subject {
    /// Starts it with this soft limit of open files.
    fn start(platform: &mut SystemPlatform, limit: u32) -> Self {
        let exe = std::env::current_exe().unwrap();
        let script = format!("ulimit -S -n {limit}; exec \"$0\" --ignored --exact --nocapture measurements::subject");
        let mut child = Command::new("/bin/sh")
            .args(["-c", &script])
            .arg(exe)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        let key = platform.process_info(Pid(child.id())).known().cloned().flatten().unwrap().key;
        let mut subject = Self { child, says, key };
        // It answers only once the shell has become this program.
        subject.does("count");
        subject
    }

    /// Gives it an order and waits for its answer: the number of its descriptors.
    fn does(&mut self, order: &str) -> u64 {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{order}").unwrap();
        let mut line = String::new();
        while self.says.read_line(&mut line).unwrap() > 0 {
            if let Some((_, count)) = line.split_once("ready ") {
                return count.trim().parse().unwrap();
            }
            line.clear();
        }
        panic!("it did not do this: {order}");
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

#[test]
#[ignore = "what a copy of this program runs that is measured; the other tests start it"]
fn subject() {
    let (mut files, mut memory, mut watched) = (Vec::new(), Vec::new(), Vec::new());
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (order, operand) = line.split_once(' ').unwrap_or((&line, ""));
        match order {
            "open" => files.extend((0..operand.parse().unwrap()).map(|_: u32| File::open("/dev/null").unwrap())),
            "close" => files.clear(),
            // Filled with ones, since pages that were never written to are not resident.
            "grow" => memory.push(vec![1_u8; operand.parse().unwrap()]),
            "threads" => (0..operand.parse().unwrap()).for_each(|_: u32| {
                std::thread::spawn(|| std::thread::sleep(Duration::from_secs(600)));
            }),
            "watch" => watched.push(watch::files_of(std::path::Path::new(operand))),
            _ => assert_eq!(order, "count"),
        }
        // The listing includes the descriptor that lists the folder.
        println!("ready {}", std::fs::read_dir("/dev/fd").unwrap().count() - 1);
    }
    drop((files, memory, watched));
}

#[cfg(target_os = "linux")]
mod watch {
    use rustix::fs::inotify;

    /// Watches every file of a folder.
    pub(super) fn files_of(folder: &std::path::Path) -> impl Sized + use<> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
        for file in std::fs::read_dir(folder).unwrap() {
            inotify::add_watch(&fd, file.unwrap().path(), inotify::WatchFlags::MODIFY).unwrap();
        }
        fd
    }
}

#[cfg(not(target_os = "linux"))]
mod watch {
    /// Opens every file of a folder, which watching it requires on this system.
    pub(super) fn files_of(folder: &std::path::Path) -> impl Sized + use<> {
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| std::fs::File::open(file.unwrap().path()).unwrap()).collect::<Vec<_>>()
    }
}

fn platform() -> (SystemPlatform, Vec<Capability>) {
    let mut platform = SystemPlatform::new().unwrap();
    let capabilities = platform.self_test();
    (platform, capabilities)
}

fn in_order(capabilities: &[Capability], name: &str) -> bool {
    capabilities.iter().filter(|one| one.name == name).all(|one| one.state == CapabilityState::Ok)
}

/// The value, or `None` if the system does not report it and gives a reason.
fn value<T: Clone>(reading: &Reading<T>, promised: bool) -> Option<T> {
    match reading {
        Reading::Known(value) => Some(value.clone()),
        Reading::Unknown { unknown } => {
            assert!(!promised, "it proved that it can tell, and does not: {unknown:?}");
            None
        }
    }
}

#[tokio::test]
async fn descriptors_are_counted_exactly_and_bounded_cheaply() {
    let (mut platform, capabilities) = platform();
    let promised = in_order(&capabilities, "descriptor-counts");
    let mut subject = Subject::start(&mut platform, 4_000);
    for order in ["open 3000", "open 7", "close"] {
        let count = subject.does(order);
        assert_eq!(value(&platform.descriptors(subject.key), true), Some(Amount::Exactly(count)), "{order}");
        if let Some(bound) = value(&platform.descriptor_bound(subject.key), promised) {
            // A descriptor table never shrinks on macOS.
            assert!(bound >= count && bound <= 16_384, "{order}: {count} open, at most {bound}");
            if cfg!(target_os = "linux") {
                assert_eq!(bound, count, "{order}");
            }
        }
    }
    assert_eq!(value(&platform.descriptor_limit(subject.key), true), Some(4_000));
    let held = subject.does("open 3000");
    let holders = value(&platform.holders(Gauge::Descriptors), true).unwrap();
    assert!(holders.total.least() >= held && holders.holders.len() <= 5, "{holders:?}");
    assert!(holders.holders.is_sorted_by_key(|holder| std::cmp::Reverse(holder.amount.least())), "{holders:?}");
    let ours = holders.holders.iter().find(|holder| holder.process == subject.key);
    match ours {
        Some(holder) => {
            let exe = std::env::current_exe().unwrap();
            assert!(exe.file_name().unwrap().to_str().unwrap().starts_with(&holder.name), "{holder:?}");
            assert!(holder.amount.least() >= held, "{holder:?}");
        }
        None => assert!(holders.holders.iter().all(|holder| holder.amount.least() >= held), "{holders:?}"),
    }
}

#[tokio::test]
async fn file_watches_are_counted_exactly() {
    let (mut platform, capabilities) = platform();
    let promised = in_order(&capabilities, "file-watches");
    let mut subject = Subject::start(&mut platform, 2_000);
    let mut folders = Vec::new();
    // Several watchers in one process add up.
    for (files, expected) in [(0, 0), (300, 300), (200, 500), (1, 501)] {
        let folder = tempfile::tempdir().unwrap();
        for file in 0..files {
            File::create(folder.path().join(file.to_string())).unwrap();
        }
        subject.does(&format!("watch {}", folder.path().display()));
        folders.push(folder);
        let watched = value(&platform.watches(subject.key), promised);
        // On other systems the subject only opens the files.
        if cfg!(target_os = "linux") {
            assert!(watched.is_none_or(|watched| watched == Amount::Exactly(expected)), "{watched:?} of {expected}");
        }
    }
    let total = value(&platform.holders(Gauge::Watches), promised);
    assert!(total.is_none_or(|held| held.total.least() >= 501 || cfg!(not(target_os = "linux"))));
}

#[tokio::test]
async fn memory_and_threads_are_those_of_the_process() {
    let (mut platform, capabilities) = platform();
    let mut subject = Subject::start(&mut platform, 256);
    let usage = |platform: &mut SystemPlatform, key| value(&platform.usage(key), in_order(&capabilities, "usage"));
    let (before, share) = (usage(&mut platform, subject.key), value(&platform.shared_memory(subject.key), false));
    subject.does(&format!("grow {}", 64 * MIB));
    subject.does("threads 20");
    let (after, grown) = (usage(&mut platform, subject.key), value(&platform.shared_memory(subject.key), false));
    if let (Some(before), Some(after)) = (before, after) {
        let more = after.resident_bytes - before.resident_bytes;
        assert!((62 * MIB..80 * MIB).contains(&more), "{more} bytes more");
        if let (Some(before), Some(after)) = (before.threads, after.threads) {
            assert_eq!(after, before + 20);
        }
    }
    if let (Some(share), Some(grown)) = (share, grown) {
        assert!((62 * MIB..80 * MIB).contains(&(grown - share)), "{share}, then {grown}");
    }
    if cfg!(target_os = "linux") {
        assert!(after.unwrap().threads.is_some() && grown.is_some());
    }
}

#[tokio::test]
async fn a_sleeper_is_not_blocked() {
    let (mut platform, _) = platform();
    let subject = Subject::start(&mut platform, 256);
    assert_eq!(value(&platform.blocked(subject.key), true), Some(None));
}

#[tokio::test]
async fn the_machine_has_plausible_numbers_and_each_gauge_once() {
    let (mut platform, _) = platform();
    let mut gauges = vec![(Gauge::Memory, Reading::unknown("left over"))];
    platform.machine(&mut gauges);
    let names: BTreeSet<Gauge> = gauges.iter().map(|(gauge, _)| *gauge).collect();
    assert_eq!(names.len(), gauges.len(), "a gauge twice: {gauges:?}");
    assert!(gauges.iter().all(|(gauge, _)| !gauge.is_of_a_process()), "{gauges:?}");
    let of = |wanted: Gauge| {
        let (_, reading) = gauges.iter().find(|(gauge, _)| *gauge == wanted)?;
        value(reading, false).map(Amount::least)
    };
    let (open, most) = (of(Gauge::FileTable).unwrap(), of(Gauge::FileTableLimit).unwrap());
    assert!(open > 0 && open < most, "{open} of {most}");
    let (memory, available) = (of(Gauge::MachineMemory).unwrap(), of(Gauge::MemoryAvailable));
    assert!(memory > 64 * MIB && available.is_none_or(|available| available <= memory), "{gauges:?}");
    assert!(of(Gauge::MemoryStall).is_none_or(|stall| stall <= 1_000));
    // Two calls must agree.
    assert_eq!(platform.saves_power(), platform.saves_power());
}

#[tokio::test]
async fn this_program_holds_the_architecture_that_it_was_built_for() {
    let (mut platform, _) = platform();
    let built_for = if cfg!(target_arch = "aarch64") { "arm64" } else { std::env::consts::ARCH };
    let exe = std::env::current_exe().unwrap();
    let slices = value(&platform.slices(exe.as_os_str().as_bytes()), true).unwrap();
    assert!(slices.iter().any(|slice| slice == built_for), "{slices:?}");
    for no_program in ["/", "/dev/null", "/nowhere", "/etc/passwd"] {
        assert_eq!(value(&platform.slices(no_program.as_bytes()), false), None, "{no_program}");
    }
}

#[tokio::test]
async fn of_a_process_that_is_gone_nothing_is_known() {
    let (mut platform, _) = platform();
    let mut subject = Subject::start(&mut platform, 256);
    let gone = subject.key;
    subject.child.kill().unwrap();
    subject.child.wait().unwrap();
    let own = platform.process_info(Pid(std::process::id())).known().cloned().flatten().unwrap().key;
    // The same pid with another start time is another process.
    for key in [gone, ProcessKey { start: own.start + 1, ..own }] {
        assert_eq!(value(&platform.descriptor_bound(key), false), None);
        assert_eq!(value(&platform.descriptor_limit(key), false), None);
        assert_eq!(value(&platform.descriptors(key), false), None);
        assert_eq!(value(&platform.watches(key), false), None);
        assert_eq!(value(&platform.shared_memory(key), false), None);
        assert_eq!(value(&platform.blocked(key), false), None);
    }
}
