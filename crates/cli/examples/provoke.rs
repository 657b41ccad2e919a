//! A process that burdens a machine in one of the ways in which a failing gopls does, and does
//! nothing else. The tests start a copy named `gopls`: the effects are real, only the identity is
//! simulated.
//!
//! The environment variable `PROVOKE` holds the action and its argument, a number or a path:
//! `descriptors 500`. The process prints `ready` to stdout when the action is complete or in
//! progress, and ends when its stdin is closed.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test: it fails by panicking, and speaks through a pipe"
)]

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const MB: usize = 1_000_000;

fn main() {
    let order = std::env::var("PROVOKE").expect("PROVOKE says what to do");
    let (deed, number) = order.split_once(' ').unwrap_or((&order, "0"));
    // Resources that are kept until the process ends.
    let mut held: Vec<Box<dyn std::any::Any>> = Vec::new();
    match deed {
        "descriptors" => {
            for _ in 0..number.parse().expect("a number") {
                held.push(Box::new(File::open("/dev/null").expect("another descriptor")));
            }
        }
        "watches" => held.push(watch_folders(Path::new("."), number.parse().expect("a number"))),
        // Allocates this many megabytes per second, in blocks of five megabytes.
        "grow" => drop(thread::spawn({
            let rate: usize = number.parse().expect("a number");
            move || grow(rate, 8_000 * MB)
        })),
        // Allocates this many megabytes, and as many again after a line on stdin. Prints `ready`
        // after each.
        "swell" => {
            let size: usize = number.parse().expect("a number");
            held.push(Box::new(filled(size * MB)));
            println!("ready");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).expect("a line");
            held.push(Box::new(filled(size * MB)));
        }
        "spin" => drop(thread::spawn(|| {
            let mut n = 0u64;
            loop {
                n = std::hint::black_box(n.wrapping_mul(3).wrapping_add(1));
            }
        })),
        // Reads a file whose content never arrives, on a separate thread, as a Go program would.
        "read" => {
            let file = number.to_owned();
            drop(thread::spawn(move || {
                let mut bytes = [0; 16];
                File::open(file).and_then(|mut file| file.read(&mut bytes)).map(drop)
            }));
        }
        _ => panic!("no such deed: {deed}"),
    }
    println!("ready");
    let mut sink = [0; 64];
    let mut input = std::io::stdin().lock();
    while matches!(input.read(&mut sink), Ok(n) if n > 0) {}
    drop(held);
}

/// Allocates memory and writes to each page, so that all of it is resident.
fn filled(bytes: usize) -> Vec<u8> {
    let mut memory = vec![0u8; bytes];
    for page in memory.chunks_mut(4_096) {
        page[0] = 1;
    }
    std::hint::black_box(memory)
}

/// Allocates memory up to `most` bytes and keeps it. The amount follows the elapsed time, so the
/// rate is the same on a busy machine.
fn grow(megabytes_per_second: usize, most: usize) {
    let began = Instant::now();
    let mut held = Vec::new();
    let mut bytes = 0;
    while bytes < most {
        let due =
            usize::try_from(began.elapsed().as_millis()).expect("no eternity") * megabytes_per_second * MB / 1_000;
        while bytes < due.min(most) {
            held.push(filled(5 * MB));
            bytes += 5 * MB;
        }
        thread::sleep(Duration::from_millis(50));
    }
    loop {
        thread::sleep(Duration::from_secs(3_600));
    }
}

#[cfg(target_os = "linux")]
fn watch_folders(below: &Path, number: usize) -> Box<dyn std::any::Any> {
    use rustix::fs::inotify;
    let queue = inotify::init(inotify::CreateFlags::CLOEXEC).expect("inotify");
    for i in 0..number {
        let folder = below.join(i.to_string());
        std::fs::create_dir(&folder).expect("a folder");
        inotify::add_watch(&queue, &folder, inotify::WatchFlags::MODIFY).expect("another watch");
    }
    Box::new(queue)
}

#[cfg(not(target_os = "linux"))]
fn watch_folders(_: &Path, _: usize) -> Box<dyn std::any::Any> {
    panic!("there is no inotify here")
}
