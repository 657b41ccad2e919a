//! What is said of a process while we are allowed no more open files. The only test of its program, whose limit it takes.
#![cfg(target_os = "linux")]

use goplswatch_core::{Pid, Reading};
use goplswatch_probe::{SystemWorld, World};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn reason<T>(reading: &Reading<T>) -> Option<String> {
    match reading {
        Reading::Known(_) => None,
        Reading::Unknown { unknown } => Some(unknown.clone()),
    }
}

#[tokio::test]
async fn a_process_that_cannot_be_looked_at_is_not_said_to_have_ended() {
    let mut world = SystemWorld::new().unwrap();
    let own = world.glimpse(Pid(std::process::id())).known().cloned().flatten().unwrap().key;
    assert!(world.usage(own).known().is_some());
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(0), maximum: limit.maximum }).unwrap();
    let said = [reason(&world.usage(own)), reason(&world.descriptor_limit(own)), reason(&world.blocked(own))];
    setrlimit(Resource::Nofile, limit).unwrap();
    for why in said.into_iter().flatten() {
        assert!(why.contains("cannot be looked at"), "{why}");
    }
    assert!(world.usage(own).known().is_some(), "it goes on");
}
