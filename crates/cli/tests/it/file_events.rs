//! File events that the kernel really drops, in a folder that the config names and a gopls serves.

use std::path::Path;

use crate::support::agent::{Agent, capability};
use crate::support::stage::Stage;
use goplswatch_testing::not_shown;
use rustix::process::Signal;
use serde_json::Value;

fn why(status: &Value) -> &str {
    capability(status, "file-events")["text"].as_str().unwrap_or_default()
}

fn incident<'a>(status: &'a Value, code: &str) -> Option<&'a Value> {
    status["incidents"].as_array().unwrap().iter().find(|incident| incident["code"] == code)
}

/// Creates more events than the kernel queues for one listener, each with another name than the one
/// before.
fn overflow(folder: &Path) {
    let queue: usize =
        std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    let (one, other) = (folder.join("one.go"), folder.join("other.go"));
    std::fs::write(&one, "package p\n").unwrap();
    for n in 0..=queue {
        let (from, to) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
        std::fs::rename(from, to).unwrap();
    }
}

/// Only Linux exposes the length of the queue.
#[test]
fn lost_file_events_are_told_where_a_gopls_works_and_nobody_is_watched_otherwise() {
    if cfg!(target_os = "macos") {
        return not_shown("no system but Linux says how many events it keeps for a listener");
    }
    let stage = Stage::new();
    let folder = stage.path("api-server");
    let mut agent = Agent::start(&stage);
    agent.wait_for("that nothing is asked for", |status| why(status).contains("names none"));
    std::fs::create_dir_all(stage.config()).unwrap();
    // As a user writes it; `~` is the home folder of this stage.
    std::fs::write(stage.config().join("config.toml"), "[file-events]\nfolders = [\"~/api-server\"]\n").unwrap();
    agent.signal(Signal::HUP);
    agent.wait_for("that nobody works there", |status| why(status).starts_with("no gopls works"));

    let gopls = stage.gopls();
    let expected = format!("lost file events are noticed in {}", folder.display());
    agent.wait_for("the detector", |status| why(status) == expected);
    for n in 0..500 {
        std::fs::write(folder.join(format!("{n}.go")), "package p\n").unwrap();
    }
    agent.wait_for("ordinary work to be none of its business", |status| incident(status, "file-events-lost").is_none());

    // A listener that does not read for a while, such as a busy editor, or here the agent itself.
    agent.signal(Signal::STOP);
    overflow(&folder);
    agent.signal(Signal::CONT);
    let status = agent.wait_for("the loss", |status| incident(status, "file-events-lost").is_some());
    let lost = incident(&status, "file-events-lost").unwrap();
    assert_eq!(lost["workspace"], folder.to_str().unwrap(), "{lost:#}");
    gopls.kill();
    agent.wait_for("the end of the detector", |status| why(status).starts_with("no gopls works"));
}
