//! What is reported about a process while no more files may be opened. A copy of this program
//! removes its own limit.
#![cfg(target_os = "linux")]

use goplswatch_core::message::Message;
use goplswatch_core::{Pid, Reading};
use goplswatch_probe::{Platform, SystemPlatform};
use goplswatch_testing::role;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn reason<T>(reading: &Reading<T>) -> Option<Message> {
    match reading {
        Reading::Known(_) => None,
        Reading::Unknown { unknown } => Some(Message::clone(&unknown.message)),
    }
}

#[test]
fn a_process_that_cannot_be_looked_at_is_not_said_to_have_ended() {
    let output = role("no_descriptors::without_files").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
#[ignore = "what a copy of this program runs whose limit is its own; the test starts it"]
async fn without_files() {
    let mut platform = SystemPlatform::new().unwrap();
    let own = platform.process_info(Pid(std::process::id())).known().cloned().flatten().unwrap().key;
    assert!(platform.usage(own).known().is_some());
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(0), maximum: limit.maximum }).unwrap();
    let said = [reason(&platform.usage(own)), reason(&platform.descriptor_limit(own)), reason(&platform.blocked(own))];
    setrlimit(Resource::Nofile, limit).unwrap();
    for why in said.into_iter().flatten() {
        assert!(matches!(why, Message::NotLookedAt { .. }), "{why:?}");
    }
    assert!(platform.usage(own).known().is_some(), "it goes on");
}
