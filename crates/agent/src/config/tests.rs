//! Tests of reading config files: values, ranges, syntax errors, suggestions, and arbitrary input.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_view::{Catalogue, Form};
use proptest::prelude::*;
use rustix::io::Errno;
use serde_json::Value;

use super::read::{MAX_PROBLEMS, refused};
use super::settings::flat;
use super::*;

fn english(message: &Message) -> String {
    Catalogue::english().text(message, Form::Full)
}

/// The problems as they are rendered.
fn said(text: &str) -> Vec<String> {
    parse(text.as_bytes()).problems().iter().map(|problem| english(&problem.message())).collect()
}

fn good(text: &str) -> Settings {
    match parse(text.as_bytes()) {
        Outcome::Good { settings, warnings } => {
            assert_eq!(warnings, [], "{text}");
            *settings
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn broken(text: &str, expect: &[&str]) {
    assert!(matches!(parse(text.as_bytes()), Outcome::Broken { .. }), "{text}: {:?}", parse(text.as_bytes()));
    assert_eq!(said(text), expect, "{text}");
}

#[track_caller]
fn warned(text: &str, expect: &[&str]) {
    assert!(matches!(parse(text.as_bytes()), Outcome::Good { .. }), "{text}: {:?}", parse(text.as_bytes()));
    assert_eq!(said(text), expect, "{text}");
}

#[test]
fn an_empty_file_is_the_defaults() {
    for text in ["", "\n\n", "# nothing\r\n", "\u{feff}", "[detect]\n[alerts]\n[history]\n[agent]\n"] {
        assert_eq!(good(text), Settings::default(), "{text:?}");
    }
}

#[test]
fn what_is_said_applies_and_the_rest_is_the_default() {
    let settings = good("\u{feff}detect.loop-ends = 0x5\r\n[history]\r\nmax-bytes = 2_097_152\r\n");
    assert_eq!(settings.detect, goplswatch_core::Config { loop_ends: 5, ..goplswatch_core::Config::default() });
    assert_eq!(settings.history, HistorySettings { max_bytes: 2 << 20, ..HistorySettings::default() });
    assert_eq!(settings.agent, OwnBudget::default());
    let alerts = good("[alerts]\nenabled = false\nwarm-up-ms = 0\n").alerts;
    let default = goplswatch_core::config::Alerts::default();
    assert_eq!(alerts, goplswatch_core::config::Alerts { enabled: false, warm_up: Duration::ZERO, ..default });
}

#[test]
fn folders_are_a_list_of_paths() {
    let settings = good("[file-events]\nfolders = [\"~/src\", '/w/a b']\n");
    assert_eq!(settings.file_events.folders, ["~/src", "/w/a b"]);
    assert_eq!(good(&settings.to_toml()), settings);
    assert!(settings.to_toml().contains("[file-events]\nfolders = [\"~/src\",\"/w/a b\"]  # default: []\n"));
    for (value, expect) in [
        ("\"~/src\"", "line 2, column 11: folders must be a list of texts, such as [\"~/src\"], not a text in quotes"),
        ("[3]", "line 2, column 12: folders must be a list of texts in quotes, and one of them is a number"),
        ("[\"src\"]", "line 2, column 11: folders must be absolute or begin with ~/, and src is not"),
        ("[\"~me/src\"]", "line 2, column 11: folders must be absolute or begin with ~/, and ~me/src is not"),
        (
            "[\"/1\",\"/2\",\"/3\",\"/4\",\"/5\",\"/6\",\"/7\",\"/8\",\"/9\"]",
            "line 2, column 11: folders must be no more than 8 texts, not 9",
        ),
    ] {
        broken(&format!("[file-events]\nfolders = {value}\n"), &[expect]);
    }
    warned(
        "[file-event]\nfolders = []\n",
        &["line 1, column 2: unknown key file-event, ignored; did you mean file-events?"],
    );
}

#[test]
fn what_is_not_remembered_cannot_be_a_threshold() {
    assert_eq!(good("detect.memory-trend-ms = 900_000\n").detect.memory_trend, Duration::from_secs(900));
    broken(
        "detect.busy-cpu-ms = 900_001\n",
        &["line 1, column 22: busy-cpu-ms must be from 1000 to 900000, not 900001"],
    );
}

#[test]
fn an_unknown_key_is_named_with_the_near_one_and_the_rest_applies() {
    let text = "[detect]\nloop-end = 4\nsuspect_ends = 1\nstuck-load = 9\nzebra = 1\nloop-ends = 7\n";
    warned(
        text,
        &[
            "line 2, column 1: unknown key loop-end in [detect], ignored; did you mean loop-ends?",
            "line 3, column 1: unknown key suspect_ends in [detect], ignored; did you mean suspect-ends?",
            "line 4, column 1: unknown key stuck-load in [detect], ignored; did you mean stuck-load-ms?",
            "line 5, column 1: unknown key zebra in [detect], ignored",
        ],
    );
    let Outcome::Good { settings, warnings } = parse(text.as_bytes()) else { panic!("{text}") };
    assert_eq!((settings.detect.loop_ends, settings.detect.suspect_ends), (7, 2));
    assert_eq!(warnings[0].key.as_deref(), Some("detect.loop-end"));
    assert_eq!((warnings[0].line, warnings[0].column), (Some(2), Some(1)));
}

#[test]
fn a_section_and_a_key_in_the_wrong_place_are_named() {
    warned(
        "loop-ends = 4\n[detects]\na = 1\n[history]\ncpu-permille = 3\n",
        &[
            "line 1, column 1: unknown key loop-ends, ignored; did you mean detect.loop-ends?",
            "line 2, column 2: unknown key detects, ignored; did you mean detect?",
            "line 5, column 1: unknown key cpu-permille in [history], ignored; did you mean agent.cpu-permille?",
        ],
    );
}

#[test]
fn a_name_from_a_file_stays_on_its_line() {
    warned("\"a\\nb\\u202e\" = 1\n", &["line 1, column 1: unknown key a\\u{a}b\\u{202e}, ignored"]);
    let long = format!("{} = 1", "x".repeat(100_000));
    assert!(said(&long)[0].len() < 200, "{}", said(&long)[0]);
}

#[test]
fn every_wrong_value_is_named_with_what_was_expected() {
    broken(
        "[detect]\nloop-ends = 1\nsuspect-ends = \"2\"\nstuck-load-ms = 0\n\n[history]\n  max-bytes = 1000\nmax-days = true\n",
        &[
            "line 2, column 13: loop-ends must be from 2 to 1000, not 1",
            "line 3, column 16: suspect-ends must be a whole number from 1 to 1000, not a text in quotes; did you mean 2?",
            "line 4, column 17: stuck-load-ms must be from 1 to 31622400000, not 0",
            "line 7, column 15: max-bytes must be from 1048576 to 1099511627776, not 1000",
            "line 8, column 12: max-days must be a whole number from 1 to 3660, not true or false",
        ],
    );
    broken(
        "[alerts]\nenabled = 'false'\nper-hour = 61",
        &[
            "line 2, column 11: enabled must be true or false, not a text in quotes; did you mean false?",
            "line 3, column 12: per-hour must be from 0 to 60, not 61",
        ],
    );
    broken("detect = 3", &["line 1, column 10: detect must be a section, such as [detect], not a number"]);
    broken("[[detect]]\n", &["line 1, column 1: detect must be a section, such as [detect], not a list"]);
    broken(
        "detect.loop-ends = 99999999999999999999999999",
        &["line 1, column 20: loop-ends must be from 2 to 1000, not 99999999999999999999999999"],
    );
    broken(
        "agent.cpu-permille = 1.5",
        &[
            "line 1, column 22: cpu-permille must be a whole number from 1 to 1000000, not a number with a decimal point",
        ],
    );
    broken(
        "agent.cpu-permille = -1\nagent.cpu = 1",
        &[
            "line 1, column 22: cpu-permille must be from 1 to 1000000, not -1",
            "line 2, column 7: unknown key cpu in [agent], ignored",
        ],
    );
}

#[test]
fn values_that_contradict_each_other_are_named() {
    broken(
        "detect.suspect-ends = 4",
        &["line 1, column 23: suspect-ends must not be above loop-ends, but they are 4 and 3"],
    );
    good("detect.suspect-ends = 4\ndetect.loop-ends = 4");
}

#[test]
fn a_syntax_error_has_its_place() {
    broken("[detect]\nloop-ends 4\n", &["line 2, column 11: no valid TOML: key with no value, expected `=`"]);
    broken("[detect\n", &["line 1, column 8: no valid TOML: unclosed table, expected `]`"]);
    broken("a = 1\na = 2\n", &["line 2, column 1: no valid TOML: duplicate key"]);
    broken(
        "\"äöü\" = é\n",
        &["line 1, column 9: no valid TOML: string values must be quoted, expected literal string"],
    );
}

#[test]
fn many_problems_are_counted() {
    let text: String = (0..30).map(|i| format!("zebra{i} = 1\n")).collect();
    let said = said(&text);
    assert_eq!(said.len(), 21);
    assert_eq!(said[0], "line 1, column 1: unknown key zebra0, ignored");
    assert_eq!(said[20], "and 10 more problems");
}

#[test]
fn depth_is_no_danger() {
    for text in [
        format!("{}a = 1", "a.".repeat(200_000)),
        format!("[{}a]", "a.".repeat(200_000)),
        format!("a = {}", "[".repeat(500_000)),
        format!("a = {}", "{a = ".repeat(100_000)),
        format!("detect = {}1{}", "[".repeat(70), "]".repeat(70)),
    ] {
        assert!(matches!(parse(text.as_bytes()), Outcome::Broken { .. }));
    }
}

#[test]
fn a_language_is_one_that_there_is() {
    let tags: Vec<String> = std::iter::once(AUTO).chain(Catalogue::TAGS).map(|tag| format!("\"{tag}\"")).collect();
    for tag in &tags {
        let named = good(&format!("language = {tag}")).language().map(|words| format!("\"{}\"", words.tag()));
        assert_eq!(named, Some(tag.clone()).filter(|_| !tag.contains(AUTO)), "{tag}");
    }
    assert_eq!(Settings::default().language(), None);
    broken(
        "language = \"fr\"",
        &["line 1, column 12: language must be one of \"auto\", \"en\", \"en-XA\", not \"fr\""],
    );
    broken(
        "language = \"aut\"",
        &[
            "line 1, column 12: language must be one of \"auto\", \"en\", \"en-XA\", not \"aut\"; did you mean \"auto\"?",
        ],
    );
    broken("language = 7", &["line 1, column 12: language must be one of \"auto\", \"en\", \"en-XA\", not a number"]);
    let mut settings = good("language = \"en-XA\"\n[detect]\nloop-ends = 4");
    assert_eq!(good(&settings.to_toml()), settings);
    settings.language = AUTO.into();
    assert_eq!(settings.changes().len(), 1);
}

#[test]
fn what_is_no_text_file_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let said = || match read(&path) {
        Outcome::Unreadable { problem } => english(&problem.message()),
        other => panic!("{other:?}"),
    };
    assert_eq!(read(&path), Outcome::Absent);
    assert_eq!(read(&folder.path().join("no/such/folder/config.toml")), Outcome::Absent);

    symlink("gone.toml", &path).unwrap();
    assert_eq!(said(), "a link leads to gone.toml, which does not exist");
    fs::remove_file(&path).unwrap();
    symlink("config.toml", &path).unwrap();
    assert_eq!(said(), "its links lead in a circle");
    fs::remove_file(&path).unwrap();

    fs::create_dir(&path).unwrap();
    assert_eq!(said(), "it is a folder, not a file");
    fs::remove_dir(&path).unwrap();

    fs::write(&path, b"# a\n\xff\xfe").unwrap();
    assert_eq!(said(), "line 2: it is no UTF-8 text, as TOML has to be");

    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    assert_eq!(said(), "it is larger than 1 MiB, which no config file is");
    fs::remove_file(&path).unwrap();

    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_eq!(said(), "it is no plain file");
    fs::remove_file(&path).unwrap();

    fs::write(&path, "").unwrap();
    assert!(matches!(read(&path.join("below")), Outcome::Unreadable { .. }));
}

#[test]
fn a_refusal_of_the_system_is_said() {
    assert_eq!(english(&refused(Errno::ACCESS)), "permission to read it is denied");
    assert_eq!(english(&refused(Errno::IO)), "Input/output error (os error 5)");
}

#[test]
fn a_broken_file_keeps_the_last_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, "detect.loop-ends = 1").unwrap();
    let mut current = Current::load(&path);
    assert_eq!(*current.settings(), Settings::default());
    assert!(english(&current.trouble().unwrap()).ends_with("is broken; the defaults are in force"));
    assert_eq!(current.reload(), Reload::Same);

    fs::write(&path, "detect.loop-ends = 5").unwrap();
    assert_eq!(current.reload(), Reload::Settings);
    assert_eq!((current.settings().detect.loop_ends, current.trouble()), (5, None));

    fs::write(&path, "detect.loop-ends = ").unwrap();
    assert_eq!(current.reload(), Reload::Problems);
    assert_eq!(current.settings().detect.loop_ends, 5);
    assert!(english(&current.trouble().unwrap()).ends_with("is broken; what it said before stays in force"));
    assert_eq!(current.outcome().problems().len(), 1);

    fs::write(&path, "detect.loop-ends = 5\nzebra = 1").unwrap();
    assert_eq!(current.reload(), Reload::Problems);
    assert!(english(&current.trouble().unwrap()).ends_with("has keys that mean nothing; the rest applies"));

    fs::remove_file(&path).unwrap();
    assert_eq!(current.reload(), Reload::Settings);
    assert_eq!((current.settings(), current.trouble()), (&Settings::default(), None));
}

#[test]
fn what_is_shown_reads_back_and_says_what_differs() {
    let mut settings = Settings::default();
    assert!(settings.changes().is_empty());
    assert_eq!(good(&settings.to_toml()), settings);
    settings.detect.loop_ends = 9;
    settings.agent.cpu_permille = 20;
    let text = settings.to_toml();
    assert_eq!(good(&text), settings);
    assert!(
        text.starts_with(
            "language = \"auto\"\n\n[agent]\ncpu-permille = 20  # default: 10\nmemory-bytes = 40000000\n\n[alerts]\n"
        ),
        "{text}"
    );
    assert_eq!(text.matches("# default").count(), 2);
    let keys: Vec<_> = settings.changes().into_iter().map(|c| c.key).collect();
    assert_eq!(keys, ["agent.cpu-permille", "detect.loop-ends"]);
}

/// The schema's keys that are numbers, with their ranges.
fn leaves() -> Vec<(String, i64, i64)> {
    let schema: Value = serde_json::from_str(Settings::SCHEMA).unwrap();
    let mut found = Vec::new();
    for (section, reference) in schema["properties"].as_object().unwrap() {
        assert!(reference["description"].is_string(), "{section} is not described");
        if reference["enum"].is_array() {
            assert_eq!(reference["type"], "string", "{section}: teach the judge this type");
            continue;
        }
        let table = schema.pointer(reference["$ref"].as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
        assert_eq!(table["additionalProperties"], false);
        for (key, leaf) in table["properties"].as_object().unwrap() {
            let path = format!("{section}.{key}");
            assert!(leaf["description"].is_string(), "{path} is not described");
            if leaf["type"] == "boolean" {
                continue;
            }
            if leaf["type"] == "array" {
                assert_eq!(leaf["items"]["type"], "string", "{path}: teach the judge this type");
                assert!(leaf["maxItems"].is_u64(), "{path} has no most");
                continue;
            }
            assert_eq!(leaf["type"], "integer", "{path}: teach the judge this type");
            let bound = |name: &str| leaf[name].as_i64().unwrap_or_else(|| panic!("{path} has no {name}"));
            found.push((path.clone(), bound("minimum"), bound("maximum")));
        }
    }
    found
}

#[test]
fn every_key_is_described_and_has_a_range_that_holds_its_default() {
    let defaults = flat(&Settings::default());
    let leaves = leaves();
    assert_eq!(leaves.len(), defaults.values().filter(|value| value.is_i64()).count());
    for (path, _) in defaults.iter().filter(|(_, value)| value.is_boolean()) {
        for (value, fits) in [("true", true), ("false", true), ("1", false), ("\"true\"", false)] {
            let outcome = parse(format!("{path} = {value}").as_bytes());
            assert_eq!(matches!(outcome, Outcome::Good { .. }), fits, "{path} = {value}: {outcome:?}");
        }
    }
    for (path, least, most) in leaves {
        let default = defaults[&path].as_i64().unwrap();
        assert!((least..=most).contains(&default), "{path}");
        for (value, fits) in [(least, true), (most, true), (least - 1, false), (most + 1, false)] {
            // So that no other value contradicts this one.
            let beside = match path.as_str() {
                "detect.suspect-ends" => "detect.loop-ends = 1000\n",
                "detect.loop-ends" => "detect.suspect-ends = 1\n",
                _ => "",
            };
            let outcome = parse(format!("{beside}{path} = {value}").as_bytes());
            assert_eq!(matches!(outcome, Outcome::Good { .. }), fits, "{path} = {value}: {outcome:?}");
        }
    }
}

/// Each key is similar to a known one, which takes long to find out.
#[test]
fn of_very_many_unknown_keys_the_first_are_told_with_what_was_meant() {
    let keys: String = (0..90_000).map(|n| format!("slow-load-m{n} = 1\n")).collect();
    let outcome = parse(format!("[detect]\n{keys}").as_bytes());
    let problems = outcome.problems();
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert_eq!(problems[0].suggestion.as_deref(), Some("slow-load-ms"));
    assert!(english(&problems[MAX_PROBLEMS].message()).contains("89980"), "{:?}", problems[MAX_PROBLEMS]);
}

/// Whatever a file contains, its settings are in range and its problems take one line each.
fn sound(bytes: &[u8]) {
    let outcome = parse(bytes);
    for problem in outcome.problems() {
        assert!(!english(&problem.message()).chars().any(char::is_control), "{problem:?}");
    }
    if let Outcome::Good { settings, .. } = outcome {
        let values = flat(&settings);
        for (path, least, most) in leaves() {
            assert!((least..=most).contains(&values[&path].as_i64().unwrap()), "{path}");
        }
        assert!(settings.detect.suspect_ends <= settings.detect.loop_ends);
        assert_eq!(good(&settings.to_toml()), *settings);
    }
}

fn line() -> impl Strategy<Value = String> {
    let keys: Vec<String> = leaves()
        .iter()
        .flat_map(|(path, ..)| [path.clone(), path.split('.').next_back().unwrap().to_owned()])
        .chain(
            ["file-events.folders", "[detect]", "[history]", "[agent]", "[[detect]]", "detect", "\"\\n\"", ""]
                .map(String::from),
        )
        .collect();
    let value = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        (0_i64..2_000).prop_map(|n| n.to_string()),
        any::<u128>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| n.to_string()),
        "\"[a-z0-9]{0,5}\"",
        Just("{ loop-ends = 3 }".to_owned()),
        Just("[1]".to_owned()),
        "\\[\"[~/]{0,2}[a\\\\ntu0]{0,7}\"\\]",
        Just("0xffff_ffff_ffff_ffff".to_owned()),
        Just("1979-05-27".to_owned()),
    ];
    (prop::sample::select(keys), prop_oneof![Just(" = "), Just("")], value, any::<bool>()).prop_map(
        |(key, equals, value, cut)| {
            if key.starts_with('[') || (cut && equals.is_empty()) { key } else { format!("{key}{equals}{value}") }
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        sound(&bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9_.=\\[\\]{}\"'#, \\n\\r\\\\é-]{0,120}") {
        sound(text.as_bytes());
    }

    #[test]
    fn any_lines_are_read_or_refused(lines in prop::collection::vec(line(), 0..6)) {
        sound(lines.join("\n").as_bytes());
    }
}
