//! The config file from the user's point of view, and the pages generated from the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary home folder.
struct Home(TempDir);

/// The result of a run.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_goplswatch"))
            .args(args)
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env("XDG_STATE_HOME", self.0.path().join("state"))
            .env("XDG_RUNTIME_DIR", self.0.path().join("runtime"))
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The config file, at the path that the program prints.
    fn file(&self) -> PathBuf {
        let ran = self.run(&["config", "path"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        PathBuf::from(ran.out.trim_end())
    }

    fn write(&self, text: &str) -> PathBuf {
        let file = self.file();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file
    }
}

#[test]
fn without_a_file_the_defaults_are_shown_and_nothing_is_wrong() {
    let home = Home::new();
    assert!(home.file().starts_with(home.0.path()));
    let shown = home.run(&["config", "show"]);
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    assert!(shown.out.starts_with("# There is no ") && shown.out.contains("\nloop-ends = 3\n"), "{}", shown.out);
    let checked = home.run(&["config", "check"]);
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), ""));
    assert!(!home.file().parent().unwrap().join("config.toml").exists());
    assert_eq!(home.run(&["config", "check", "gone.toml"]).code, Some(2));
}

#[test]
fn what_is_shown_can_be_the_file() {
    let home = Home::new();
    let file = home.write("[detect]\nloop-ends = 4\n");
    let shown = home.run(&["config", "show"]);
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    assert!(shown.out.contains(&format!("# From {};", file.display())), "{}", shown.out);
    assert!(shown.out.contains("\nloop-ends = 4  # default: 3\n"), "{}", shown.out);
    std::fs::write(&file, &shown.out).unwrap();
    assert_eq!(home.run(&["config", "check"]).code, Some(0));
    let json: Value = serde_json::from_str(&home.run(&["config", "show", "--json"]).out).unwrap();
    assert_eq!((json["state"].as_str(), json["settings"]["detect"]["loop-ends"].as_u64()), (Some("good"), Some(4)));
    assert_eq!(json["changes"], serde_json::json!([{ "key": "detect.loop-ends", "value": 4, "default": 3 }]));
}

#[test]
fn problems_have_places_and_exit_codes() {
    let home = Home::new();
    let file = home.write("[detect]\nloop-end = 4\n");
    let at = |place: &str| format!("{}:{place}", file.display());
    let checked = home.run(&["config", "check"]);
    let unknown = at("2:1: unknown key loop-end in [detect], ignored; did you mean loop-ends?\n");
    assert_eq!((checked.code, checked.out.as_str()), (Some(1), unknown.as_str()));

    home.write("[detect]\nloop-ends = 1\n");
    let checked = home.run(&["config", "check", file.to_str().unwrap()]);
    let range = at("2:13: loop-ends must be from 2 to 1000, not 1\n");
    assert_eq!((checked.code, checked.out.as_str()), (Some(1), range.as_str()));
    let json: Value = serde_json::from_str(&home.run(&["config", "check", "--json"]).out).unwrap();
    assert_eq!((json["state"].as_str(), json["problems"][0]["line"].as_u64()), (Some("broken"), Some(2)));
    let shown = home.run(&["config", "show"]);
    assert_eq!(shown.code, Some(1));
    assert!(shown.err.contains("is broken; the defaults are in force"), "{}", shown.err);

    let folder = home.run(&["config", "check", home.0.path().to_str().unwrap()]);
    assert_eq!(folder.code, Some(2));
    assert!(folder.err.ends_with(": it is a folder, not a file\n"), "{}", folder.err);
}

/// The thresholds that a watch recorded, and its stderr.
fn watched(home: &Home) -> (Value, String) {
    let recording = home.0.path().join("recording");
    let _ = std::fs::remove_file(&recording);
    let ran = home.run(&["watch", "--for", "0", "--record", recording.to_str().unwrap()]);
    let text = std::fs::read_to_string(&recording).unwrap();
    let inputs = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = inputs.into_iter().find_map(|input| find(&input, "loop-ends").cloned());
    (found.unwrap(), ran.err)
}

fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let table = value.as_object()?;
    table.get(key).or_else(|| table.values().find_map(|inner| find(inner, key)))
}

#[test]
fn a_watch_judges_by_the_file_and_says_when_it_cannot() {
    let home = Home::new();
    assert_eq!(watched(&home).0, 3);
    home.write("detect.loop-ends = 7");
    let (ends, err) = watched(&home);
    assert_eq!(ends, 7);
    assert!(!err.contains("config"), "{err}");
    home.write("detect.loop-ends = 7\nzebra = 1");
    let (ends, err) = watched(&home);
    assert_eq!(ends, 7);
    assert!(err.contains("line 2, column 1: unknown key zebra, ignored"), "{err}");
    home.write("detect.loop-ends = 0");
    let (ends, err) = watched(&home);
    assert_eq!(ends, 3);
    assert!(err.contains("is broken; the defaults are in force\n  line 1, column 20: loop-ends must be"), "{err}");
    let status = home.run(&["status", "--json"]);
    assert!(status.err.contains("is broken; the defaults are in force"), "{}", status.err);
    assert!(serde_json::from_str::<Value>(&status.out).is_ok(), "{}", status.out);
}

#[test]
fn the_schema_is_the_one_that_is_kept() {
    let ran = Home::new().run(&["config", "schema"]);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agent/schema/config.json");
    assert_eq!((ran.code, ran.out), (Some(0), std::fs::read_to_string(kept).unwrap()));
}

#[test]
fn every_shell_has_completions_of_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = home.run(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{shell}");
        for word in ["replay", "config", "completions"] {
            assert!(ran.out.contains(word), "{shell} does not complete {word}");
        }
    }
    assert_eq!(home.run(&["completions", "tcl"]).code, Some(2));
}

#[test]
fn there_is_a_manual_page_of_every_command() {
    let home = Home::new();
    let main = home.run(&["man"]);
    assert_eq!((main.code, main.err.as_str()), (Some(0), ""));
    assert!(main.out.contains(".TH goplswatch 1") && main.out.contains("Exit codes"), "{}", main.out);
    assert_eq!(home.run(&["man", "--dir", "share/man1"]).code, Some(0));
    let folder = home.0.path().join("share/man1");
    for page in ["goplswatch", "goplswatch-watch", "goplswatch-config", "goplswatch-config-check"] {
        let text = std::fs::read_to_string(folder.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(&format!(".TH {page} 1")), "{text}");
    }
    std::fs::write(home.0.path().join("plain"), "").unwrap();
    let refused = home.run(&["man", "--dir", "plain"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.starts_with("goplswatch: could not write the manual pages to plain: "), "{}", refused.err);
}
