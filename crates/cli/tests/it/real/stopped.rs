//! A gopls that a signal stops while its editor runs: reported after half a minute, with a command
//! that continues it.

use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::editors::{Editor, Kind};
use super::scratch::Scratch;
use super::watch::{Line, SOON, Watch};

/// The time until it is reported (`open_after` in its row). The stop is detected at most one
/// measurement interval late.
const LASTS: Duration = Duration::from_secs(30);

#[test]
fn a_gopls_that_a_signal_stopped_goes_on_by_the_command_that_is_advised() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (_editor, gopls) = Editor::start(Kind::Neovim, &scratch);
    let lineage = watch.lineage(&gopls);
    let stopped = Instant::now();
    gopls.signal(Signal::STOP);
    let opened = watch.incident(&lineage, "stopped-server", SOON + LASTS);
    assert!(stopped.elapsed() >= LASTS, "{:?}: {}", stopped.elapsed(), opened.text);
    let incident = &opened.value["incident"];
    let remedies = incident["remedies"].as_array().expect("what helps");
    let advice = remedies.iter().find(|offer| offer["remedy"] == "by-hand").expect("what a person can do");
    let text = advice["text"].as_str().expect("words");
    let typed = text.split('`').nth(1).expect("a command");
    assert_eq!(typed, format!("kill -CONT {}", gopls.pid));
    println!("{}\n{text}", incident["text"]);
    assert!(Command::new("/bin/sh").args(["-c", typed]).status().expect("a shell").success());
    let over = |line: &Line| line.event() == "incident-closed" && line.code() == "stopped-server";
    let over = watch.find(SOON, over).expect("its end");
    println!("{}", over.value["incident"]["closed_because"]);
    assert!(gopls.alive());
}
