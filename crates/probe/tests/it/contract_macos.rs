//! Measurements on a real macOS: each capability that passed its self-test must measure what a test
//! arranged, and one that failed must lead to an honest "unknown".
#![cfg(target_os = "macos")]
use std::fs::File;
use std::process::{Child, Command, Stdio};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::message::{Localizable as _, Message};
use goplswatch_core::{Amount, Gauge, Pid, ProcessKey, Reading};
use goplswatch_probe::SystemPlatform;
use goplswatch_probe::platform::Platform;
use goplswatch_testing::{wait_for, wait_until};
use goplswatch_view::{Catalogue, Form};

struct Guarded(Child);

impl Guarded {
    fn waiting() -> Self {
        let mut shell = Command::new("/bin/sh");
        Self(shell.args(["-c", "read line"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _reaped_already = self.0.wait();
    }
}

/// A platform and its self-test results.
fn platform() -> (SystemPlatform, Vec<Capability>) {
    let mut platform = SystemPlatform::new().unwrap();
    let capabilities = platform.self_test();
    (platform, capabilities)
}

fn in_order(capabilities: &[Capability], name: &str) -> bool {
    let capability = capabilities.iter().find(|capability| capability.name == name);
    let capability = capability.unwrap_or_else(|| panic!("{name} is not proved"));
    assert!(!matches!(*capability.said.message, Message::Reported { .. }), "{capability:?}");
    capability.state == CapabilityState::Ok
}

fn key_of(platform: &mut SystemPlatform, pid: u32) -> ProcessKey {
    platform.process_info(Pid(pid)).known().unwrap().as_ref().unwrap().key
}

/// Checks a reading against the self-test: known if the capability works, else unknown with a
/// reason.
fn held<T: std::fmt::Debug>(reading: Reading<T>, works: bool) -> Option<T> {
    match reading {
        Reading::Known(value) => {
            assert!(works, "known, though it was disproved: {value:?}");
            Some(value)
        }
        Reading::Unknown { unknown } => {
            let words = Catalogue::english().text(&unknown.message, Form::Full);
            assert!(!words.trim().is_empty(), "an unknown without a reason: {unknown}");
            assert!(!works, "proved, and unknown all the same: {unknown}");
            None
        }
    }
}

#[test]
fn open_files_are_counted_and_never_more_than_the_bound() {
    let (mut platform, capabilities) = platform();
    let works = in_order(&capabilities, "descriptors");
    let own = key_of(&mut platform, std::process::id());
    let files: Vec<File> = (0..150).map(|_| File::open("/bin/sh").unwrap()).collect();
    let count = held(platform.descriptors(own), works);
    let bound = held(platform.descriptor_bound(own), works);
    let holders = held(platform.holders(Gauge::Descriptors), works);
    if let (Some(Amount::Exactly(count)), Some(bound), Some(holders)) = (count, bound, holders) {
        assert!(count >= 150 && count <= bound, "{count} of {bound}");
        assert!(platform.descriptor_limit(own).known().is_some_and(|limit| *limit >= count));
        assert!(holders.total.least() >= 150 && !holders.holders.is_empty());
        let most = holders.holders.iter().map(|holder| holder.amount.least()).collect::<Vec<_>>();
        assert!(most.is_sorted_by(|one, next| one >= next), "{most:?}");
        assert!(holders.holders.iter().all(|holder| !holder.name.contains('/')));
    }
    drop(files);
    assert!(platform.holders(Gauge::Watches).known().is_none(), "nobody counts those here");
}

#[test]
fn a_shell_watches_no_file_and_is_not_blocked() {
    let (mut platform, capabilities) = platform();
    let shell = Guarded::waiting();
    let key = key_of(&mut platform, shell.0.id());
    if let Some(watches) = held(platform.watches(key), in_order(&capabilities, "file-watches")) {
        assert_eq!(watches, Amount::Exactly(0));
    }
    if in_order(&capabilities, "thread-states") {
        // It may be reading its program from the disk for a moment.
        wait_until("the end of its reading", || platform.blocked(key) == Reading::Known(None));
    }
    if in_order(&capabilities, "usage") {
        let usage = *platform.usage(key).known().unwrap();
        assert!(usage.threads.is_none_or(|threads| (1..100).contains(&threads)), "{usage:?}");
        assert_eq!(platform.shared_memory(key).known().is_some(), usage.resident_bytes != 0);
    }
}

#[test]
fn nothing_is_measured_of_a_process_that_is_gone() {
    let (mut platform, _) = platform();
    let mut shell = Guarded::waiting();
    let key = key_of(&mut platform, shell.0.id());
    shell.0.kill().unwrap();
    shell.0.wait().unwrap();
    assert!(platform.descriptors(key).known().is_none());
    assert!(platform.descriptor_bound(key).known().is_none());
    assert!(platform.descriptor_limit(key).known().is_none());
    assert!(platform.watches(key).known().is_none());
    assert!(platform.shared_memory(key).known().is_none());
    assert!(platform.blocked(key).known().is_none());
}

#[test]
fn the_machine_holds_what_it_says() {
    let (mut platform, capabilities) = platform();
    let mut gauges = Vec::new();
    // The second reading shows that the first one leaves nothing behind.
    platform.machine(&mut gauges);
    platform.machine(&mut gauges);
    let value_of = |gauge: Gauge| {
        let mut of_it = gauges.iter().filter(|(of, _)| *of == gauge);
        let reading = of_it.next().map(|(_, reading)| reading);
        assert!(of_it.next().is_none(), "{gauge:?} twice");
        reading.and_then(Reading::known).map(|amount| amount.least())
    };
    assert!(gauges.iter().all(|(gauge, _)| !gauge.is_of_a_process()));
    if in_order(&capabilities, "file-table") {
        assert!(value_of(Gauge::FileTable) <= value_of(Gauge::FileTableLimit) && value_of(Gauge::FileTable) > Some(0));
    }
    let memory = value_of(Gauge::MachineMemory).unwrap();
    assert!(memory >= 1 << 30 && value_of(Gauge::MemoryAvailable).is_none_or(|available| available < memory));
    assert!(value_of(Gauge::PressureLevel).is_none_or(|level| [1, 2, 4].contains(&level)));
    assert_eq!(value_of(Gauge::IndexerBirths), None, "a rate after one count");
    assert_eq!(value_of(Gauge::VnodesRecycled), None, "a rate after no time");
    let _either = platform.saves_power();
}

#[test]
fn spotlight_is_asked_beside_the_watch() {
    let (mut platform, _) = platform();
    assert!(platform.indexer_cpu().is_none(), "nobody waits for /bin/ps");
    let answer = wait_for("its answer", || platform.indexer_cpu());
    match answer {
        Reading::Known(permille) => assert!(permille < 1_000_000, "{permille}"),
        Reading::Unknown { unknown } => assert!(unknown.message.name().starts_with("ps-"), "{unknown}"),
    }
}

#[test]
fn programs_name_their_processors_and_other_files_do_not() {
    let (mut platform, _) = platform();
    let built_for = if std::env::consts::ARCH == "aarch64" { "arm64" } else { std::env::consts::ARCH };
    let folder = tempfile::tempdir().unwrap();
    // A copy, since a checkout may be in a guarded folder.
    let own = folder.path().join("own");
    std::fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    assert_eq!(platform.slices(own.as_os_str().as_encoded_bytes()), Reading::Known(vec![built_for.to_owned()]));
    let script = folder.path().join("gopls");
    std::fs::write(&script, "#!/bin/sh\n").unwrap();
    for path in
        [script.as_os_str().as_encoded_bytes(), folder.path().as_os_str().as_encoded_bytes(), b"/no/such", b"gopls"]
    {
        assert!(platform.slices(path).known().is_none());
    }
    // Not even the target of a symbolic link is opened.
    let guarded = folder.path().join("Documents");
    std::fs::create_dir(&guarded).unwrap();
    std::fs::copy("/bin/sh", guarded.join("sh")).unwrap();
    let link = folder.path().join("sh");
    std::os::unix::fs::symlink(guarded.join("sh"), &link).unwrap();
    for path in [guarded.join("sh"), link] {
        match platform.slices(path.as_os_str().as_encoded_bytes()) {
            Reading::Unknown { unknown } => {
                assert!(matches!(*unknown.message, Message::ExecutableGuarded { .. }), "{unknown}");
            }
            Reading::Known(slices) => panic!("it was opened: {slices:?}"),
        }
    }
}
