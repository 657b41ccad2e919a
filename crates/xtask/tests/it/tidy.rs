//! Rules of the repository that a machine can check: which crate may depend on which, where
//! operating systems may be named, what libraries never do. The rules are in docs/architecture.md;
//! each test here names the file and the line that breaks one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::imports::{circles, imports};

const LIBRARIES: [&str; 8] = [
    "crates/core/src",
    "crates/gopls/src",
    "crates/probe/src",
    "crates/disk/src",
    "crates/remedy/src",
    "crates/view/src",
    "crates/tray/src",
    "crates/agent/src",
];

/// The libraries and the executable.
const PRODUCT: [&str; 9] = [
    "crates/core/src",
    "crates/gopls/src",
    "crates/probe/src",
    "crates/disk/src",
    "crates/remedy/src",
    "crates/view/src",
    "crates/tray/src",
    "crates/agent/src",
    "crates/cli/src",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Every Rust file below these folders, with its path from the root.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut next: Vec<PathBuf> = folders.iter().map(|f| root().join(f)).collect();
    while let Some(path) = next.pop() {
        if path.is_dir() {
            next.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "no sources below {folders:?}");
    found.sort();
    found
}

/// The lines of code outside comments and unit tests, which are at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(i, line)| (i + 1, line.split("//").next().unwrap_or("")))
}

fn breaches(folders: &[&str], words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources(folders) {
        if allowed.iter().any(|a| name.starts_with(a)) {
            continue;
        }
        for (number, line) in code(&text) {
            for word in words.iter().filter(|w| line.contains(*w)) {
                found.push(format!("{name}:{number}: {word}"));
            }
        }
    }
    found
}

#[test]
fn crates_depend_in_one_direction() {
    let allowed = BTreeMap::from([
        ("goplswatch-core", vec![]),
        ("goplswatch-gopls", vec!["goplswatch-core"]),
        ("goplswatch-probe", vec!["goplswatch-core", "goplswatch-gopls"]),
        ("goplswatch-disk", vec!["goplswatch-core"]),
        ("goplswatch-remedy", vec!["goplswatch-core", "goplswatch-disk", "goplswatch-gopls", "goplswatch-probe"]),
        ("goplswatch-view", vec!["goplswatch-core"]),
        ("goplswatch-tray", vec!["goplswatch-core", "goplswatch-view"]),
        (
            "goplswatch-agent",
            vec![
                "goplswatch-core",
                "goplswatch-disk",
                "goplswatch-gopls",
                "goplswatch-probe",
                "goplswatch-remedy",
                "goplswatch-view",
            ],
        ),
        (
            "goplswatch",
            vec![
                "goplswatch-core",
                "goplswatch-disk",
                "goplswatch-gopls",
                "goplswatch-probe",
                "goplswatch-remedy",
                "goplswatch-view",
                "goplswatch-tray",
                "goplswatch-agent",
            ],
        ),
        ("goplswatch-testing", vec![]),
        ("goplswatch-fuzz", vec!["goplswatch-core", "goplswatch-gopls", "goplswatch-probe"]),
        ("xtask", vec![]),
    ]);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(ours, allowed.keys().copied().collect(), "a crate was added or lost: say here whom it may know");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            let dev = dependency["kind"] == "dev";
            assert!(!ours.contains(on) || dev || allowed[name].contains(&on), "{name} must not know {on}");
        }
    }
}

#[test]
fn the_files_of_a_crate_import_each_other_in_no_circle() {
    for folder in ["crates/remedy/src", "crates/agent/src", "crates/cli/src"] {
        let below = |(name, text): (String, String)| (name[folder.len() + 1..].to_owned(), text);
        let files: Vec<(String, String)> = sources(&[folder]).into_iter().map(below).collect();
        let found = circles(imports(&files));
        assert!(found.is_empty(), "in {folder}, move what both need below both: {found:#?}");
    }
}

/// Exempt are the files that know all the others: each `lib.rs`, which says what is public;
/// `engine/mod.rs`, which routes facts to all parts and holds the state that their rules are
/// methods of; `clients/mod.rs`, which says what a row is and where the rows are.
#[test]
fn the_files_of_the_pure_crates_import_each_other_in_no_circle() {
    for (folder, exempt) in [
        ("crates/core/src", &["lib.rs", "engine/mod.rs"][..]),
        ("crates/gopls/src", &["lib.rs", "clients/mod.rs"]),
        ("crates/view/src", &["lib.rs"]),
    ] {
        let below = |(name, text): (String, String)| (name[folder.len() + 1..].to_owned(), text);
        let files: Vec<(String, String)> = sources(&[folder]).into_iter().map(below).collect();
        let mut imports = imports(&files);
        for file in exempt {
            assert!(imports.remove(*file).is_some(), "{folder}/{file} is exempt and absent");
        }
        imports.values_mut().for_each(|of| of.retain(|file, _| !exempt.contains(&file.as_str())));
        let found = circles(imports);
        assert!(found.is_empty(), "in {folder}, move what both need below both: {found:#?}");
    }
}

#[test]
fn operating_systems_are_named_only_at_the_edge() {
    let words = ["target_os", "target_vendor", "cfg(unix)", "cfg(windows)", "cfg(linux)", "consts::OS"];
    let allowed = [
        // The only place where the platform is chosen.
        "crates/probe/src/lib.rs",
        // The only place where the service manager is chosen.
        "crates/remedy/src/manager.rs",
        // The only place where the surface is chosen.
        "crates/tray/src/lib.rs",
        // The header of a recording names the system, as data.
        "crates/cli/src/recorder.rs",
        // Tasks run on developers' machines, of either system.
        "crates/xtask/",
    ];
    let found = breaches(&[&PRODUCT[..], &["crates/xtask/src"]].concat(), &words, &allowed);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn libraries_never_print_exit_or_read_the_environment() {
    let words =
        ["println!", "eprintln!", "print!(", "dbg!", "process::exit", "env::var", "env::args", "env::current_dir"];
    let found = breaches(&LIBRARIES, &words, &[]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_pure_rooms_do_no_io_and_know_no_clock() {
    let pure = ["crates/core/src", "crates/gopls/src", "crates/view/src"];
    let words = ["std::fs", "std::net", "std::process", "std::env", "SystemTime", "Instant", "tokio"];
    // A long recording is parsed on a second thread. Its batches arrive in their order, so the
    // result does not depend on that thread.
    let parser = ["crates/core/src/replay.rs"];
    // The trait by which serde_json is told what to escape writes to anything that can be written.
    let json = ["crates/core/src/json.rs"];
    let found = [
        breaches(&pure, &words, &[]),
        breaches(&pure, &["std::io"], &json),
        breaches(&pure, &["std::thread"], &parser),
    ]
    .concat();
    assert!(found.is_empty(), "{found:#?}");
}

/// Sentences come whole from the catalogue: no part is cut out of one, and no name is inserted into
/// a finished one.
#[test]
fn what_is_shown_is_never_cut_out_of_a_sentence() {
    let allowed = [
        // Paths: a folder relative to another one, the last component, the home folder wherever it
        // occurs.
        ("view_model.rs", "(path.trim_end_matches('/'), folder.trim_end_matches('/'))"),
        ("view_model.rs", "path.strip_prefix(folder)"),
        ("words.rs", "let path = path.trim_end_matches('/');"),
        ("words.rs", "let trimmed = path.trim_end_matches('/');"),
        ("words.rs", "trimmed.strip_suffix(last)"),
        ("evidence.rs", "home.trim_end_matches('/')"),
        ("evidence.rs", "text.match_indices(home)"),
        // Punctuation at the end of a truncated row is replaced by the mark for the truncation.
        ("words.rs", "last.trim_end_matches(['.', ',', ';', ':', ' '])"),
        // Language tags, and their weights in a request.
        ("catalogue.rs", "tag.split(['.', '@'])"),
        ("catalogue.rs", "tag.split(['-', '_'])"),
        ("catalogue.rs", "accepted.split(',')"),
        ("catalogue.rs", "range.split_once(';')"),
        ("catalogue.rs", "weight.trim().strip_prefix(\"q=\")"),
    ];
    let cuts = [
        ".split(",
        ".splitn(",
        ".split_once(",
        ".split_at(",
        ".split_inclusive(",
        ".rsplit",
        ".strip_",
        ".trim_start_matches(",
        ".trim_end_matches(",
        ".trim_matches(",
        ".replace(",
        ".replacen(",
        ".replace_range(",
        ".find(\"",
        "rest.find(",
        ".starts_with(\"",
        ".ends_with(\"",
        ".contains(\"",
        ".match_indices(",
    ];
    let (mut found, mut used) = (Vec::new(), 0);
    for (name, text) in sources(&["crates/view/src"]) {
        for (number, line) in code(&text).filter(|(_, line)| cuts.iter().any(|cut| line.contains(cut))) {
            if allowed.iter().any(|(file, cut)| name == format!("crates/view/src/{file}") && line.contains(cut)) {
                used += 1;
            } else {
                found.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(used, allowed.len(), "an exception is no longer needed");
}

#[test]
fn unsafe_stays_where_systems_are_called() {
    let allowed = ["crates/probe/src/linux/pidfd.rs", "crates/probe/src/macos/", "crates/tray/src/macos/"];
    let found = breaches(&PRODUCT, &["unsafe "], &allowed);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_executable_reads_the_environment_and_only_in_two_places() {
    let allowed = [
        "crates/cli/src/paths.rs",
        "crates/cli/src/demo.rs",
        // Ends a process whose desktop hangs.
        "crates/cli/src/surface.rs",
    ];
    let found = breaches(
        &["crates/cli/src"],
        &["env::var", "env::current_exe", "env::current_dir", "BaseDirs", "process::exit"],
        &allowed,
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_test_is_skipped_in_silence() {
    let allowed = [
        "crates/xtask/tests/it/tidy.rs",
        "crates/fuzz/cargo-fuzz/target",
        // Not tests but roles: tests start copies of their program for these
        // (`goplswatch_testing::role`).
        "crates/testing/src/role.rs",
        "crates/probe/tests/it/contract.rs",
        "crates/probe/tests/it/measurements.rs",
        "crates/probe/tests/it/no_descriptors.rs",
        "crates/agent/tests/it/descriptors.rs",
        "crates/agent/tests/it/history.rs",
        "crates/agent/tests/it/real/disks.rs",
        "crates/remedy/tests/it/fix_killed.rs",
        "crates/remedy/tests/it/service/undo.rs",
        "crates/tray/tests/it/real/desktop.rs",
    ];
    let found = breaches(&["crates"], &["#[ignore"], &allowed);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_map_names_every_room() {
    let map = std::fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !map.contains(&format!("`{name}`")) {
            panic!("docs/architecture.md does not name crates/{name}");
        }
    }
}

#[test]
fn workflows_pin_what_they_use_and_may_only_read() {
    let mut used = 0;
    for file in std::fs::read_dir(root().join(".github/workflows")).unwrap() {
        let file = file.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{}: permissions", file.display());
        assert_eq!(text.matches("permissions:").count(), 1, "{}: a job asks for more", file.display());
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")) {
            let (action, tag) = line.split_once(" # v").unwrap_or((line, ""));
            let commit = action.split_once('@').map_or("", |(_, commit)| commit);
            let is_hash = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_hash && !tag.is_empty(), "{}: {line}: a commit, and its tag behind it", file.display());
            used += 1;
        }
    }
    assert!(used > 0, "no workflow uses anything: are they still there?");
}
