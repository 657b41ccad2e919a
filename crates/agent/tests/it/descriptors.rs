//! Tests of a runtime in a process with hardly any descriptors left.

use std::fs::File;

use goplswatch_agent::runtime;
use goplswatch_testing::role;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More descriptors than this process has open, and than a runtime takes.
const FEW: u64 = 128;

#[test]
fn a_runtime_is_refused_where_tokio_would_panic_for_want_of_descriptors() {
    let output = role("descriptors::one_more_each_time").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// Needs a process of its own, because the limit is that of a whole process.
#[test]
#[ignore = "the part of a process that the test above starts"]
fn one_more_each_time() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(FEW), maximum: limit.maximum }).unwrap();
    let mut held: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    // tokio creates what it needs once per process in the first runtime that gets that far, so the
    // attempts begin with the fewest descriptors.
    let mut refused = 0;
    while runtime::on_this_thread().is_err() {
        refused += 1;
        held.pop().unwrap();
    }
    assert!(refused > 0);
}
