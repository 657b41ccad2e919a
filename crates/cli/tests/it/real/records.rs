//! What is recorded, what is never recorded, and the text output.

use std::{fs, thread, time::Duration};

use rustix::process::Signal;

use super::{
    editors::{Editor, Kind},
    scratch::Scratch,
    test_deps::test_deps,
    watch::{SOON, Watch, goplswatch},
};

#[test]
fn a_replaced_binary_is_one_advice() {
    let scratch = Scratch::new();
    let current = &test_deps().gopls.current.exe;
    scratch.put_gopls(current);
    let watch = Watch::start(&scratch);
    let (_editor, gopls) = Editor::start(Kind::Helix, &scratch);
    let lineage = watch.lineage(&gopls);
    let exe = watch.started(&gopls).value["server"]["exe"].clone();
    assert_eq!(exe, serde_json::json!(scratch.path("bin/gopls")), "found first on PATH");
    thread::sleep(Duration::from_secs(1));
    assert!(watch.incidents_of(&lineage).is_empty(), "not yet replaced\n{}", watch.output());

    scratch.put_gopls(current);
    watch.incident(&lineage, "stale-binary", SOON);
    thread::sleep(Duration::from_secs(10));
    let opened: Vec<_> =
        watch.about(&scratch, &[gopls.pid]).into_iter().filter(|line| line.event() == "incident-opened").collect();
    assert_eq!(opened.len(), 1, "exactly one incident: {opened:#?}");
    assert!(gopls.alive(), "advice changes nothing");
}

/// Words that occur nowhere else, planted where real secrets are found.
const SECRETS: [&str; 4] =
    ["c4n4ry-environment-7f3a", "c4n4ry-argument-91bc", "c4n4ry-password-e05d", "c4n4ry-client-42aa"];

#[test]
fn secrets_are_neither_told_nor_recorded_and_replay_is_the_live_run() {
    let mut scratch = Scratch::new();
    let [environment, argument, password, client] = SECRETS;
    scratch.set("GITHUB_TOKEN", environment);
    scratch.set("GOPROXY", &format!("https://user:{password}@proxy.invalid,off"));
    scratch.set("HTTPS_PROXY", &format!("http://user:{password}@proxy.invalid:3128"));
    let record = scratch.path("record");
    let watch = Watch::recording(&scratch, &record);
    let log = format!("--server-arg=-logfile={}", scratch.path(&format!("{argument}.log")).display());
    let token = format!("--token={client}");
    let (editor, mut gopls) = Editor::start_with(Kind::LanguageClient, &scratch, &[&log, &token]);
    let argv = gopls.argv().join(" ");
    assert!(argv.contains(argument), "the secret was not planted: {argv}");
    assert!(editor.process.argv().join(" ").contains(client), "the secret was not planted");
    #[cfg(target_os = "linux")]
    for pid in [gopls.pid, editor.process.pid] {
        let planted = fs::read(format!("/proc/{pid}/environ")).expect("our own process");
        let planted = String::from_utf8_lossy(&planted).into_owned();
        assert!(planted.contains(environment) && planted.contains(password), "the secret was not planted: {planted}");
    }

    let lineage = watch.lineage(&gopls);
    for _ in 0..3 {
        // An end must come neither before the handshake nor before the watcher's scan.
        watch.started(&gopls);
        editor.await_screen(&format!(r#""event":"started","pid":{}"#, gopls.pid), SOON);
        // Otherwise the client's messages after the handshake hit a closed pipe, which it counts as
        // another kind of error.
        thread::sleep(Duration::from_millis(300));
        gopls.signal(Signal::KILL);
        gopls = editor.await_successor(&gopls, SOON).expect("a restart");
    }
    watch.incident(&lineage, "restart-loop", SOON);
    drop(editor);
    thread::sleep(Duration::from_secs(4));
    let stopped = watch.stop();

    let live: Vec<&str> =
        stopped.lines.iter().filter(|line| line.is_incident()).map(|line| line.text.as_str()).collect();
    assert!(!live.is_empty());
    let file = record.display().to_string();
    let replay = goplswatch(&scratch, &["replay", &file, "--json"]).output().expect("goplswatch");
    let replayed = String::from_utf8(replay.stdout).expect("UTF-8");
    let stderr = String::from_utf8_lossy(&replay.stderr).into_owned();
    let again: Vec<&str> = replayed
        .lines()
        .filter(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            value["event"].as_str().is_some_and(|event| event.starts_with("incident-"))
        })
        .collect();
    assert_eq!(live, again, "replay says what was said live\n{stderr}");

    let said: String = stopped.lines.iter().map(|line| line.text.clone() + "\n").collect();
    let recorded = fs::read(&record).expect("the recording");
    assert!(!recorded.is_empty());
    let recorded = String::from_utf8_lossy(&recorded).into_owned();
    let places = [
        ("lines", &said),
        ("stderr", &stopped.stderr),
        ("recording", &recorded),
        ("replay", &replayed),
        ("stderr of replay", &stderr),
    ];
    for (place, text) in places {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
    }
}

#[test]
fn a_person_reads_what_happened() {
    let scratch = Scratch::new();
    let watch = Watch::human(&scratch);
    let (_editor, gopls) = Editor::start(Kind::Helix, &scratch);
    let pid = gopls.pid.to_string();
    let named = watch.find(SOON, |line| line.text.contains("Helix"));
    assert!(named.is_some(), "the editor is named\n{}", watch.output());
    gopls.signal(Signal::KILL);
    let gone = watch.find(SOON, |line| line.text.contains("server-gone") || line.text.contains("is gone"));
    assert!(gone.is_some(), "that gopls {pid} is gone is said\n{}", watch.output());
    assert!(!watch.lines().iter().any(|line| line.text.starts_with('{')), "no JSON unasked");
}
