//! Whether gopls gets a setting depends on what the real gopls knows; the real go reports its
//! module cache.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use goplswatch_core::message::Message;
use goplswatch_core::{
    Amount, Gauge, Pid, Reading, Remedy, ServerStatus, Snapshot, Usual,
    event::{ClientView, ServerView},
    policy::LivesLeft,
    types::ServerClass,
};
use goplswatch_remedy::{
    Manager,
    change::{Confirmation, Plan, Refusal, apply, undo},
    fix::{ExternalPaths, Request, Site, plan},
};

use goplswatch_view::{Catalogue, Form};

use super::test_deps::test_deps;

fn say(message: &Message) -> String {
    Catalogue::english().text(message, Form::Full)
}

/// A home with VS Code's settings in it.
fn site(home: &Path) -> Site {
    let user = home.join(".config/Code/User");
    fs::create_dir_all(&user).expect("a folder");
    fs::write(user.join("settings.json"), "{}").expect("a file");
    let mut site = Site::new(home.join("receipts"), Some(home.to_owned()), |_, _, _| String::new());
    site.surroundings = ExternalPaths::of(Manager::Systemd);
    site
}

fn planned(exe: &Path, remedy: Remedy, site: &Site) -> Result<Plan, Refusal> {
    let server = ServerStatus {
        server: ServerView {
            pid: Pid(4242),
            start: 1,
            class: ServerClass::Lsp,
            exe: Reading::Known(exe.to_str().expect("a name in UTF-8").into()),
            arch: Reading::unknown("not asked"),
            translated: Reading::Known(false),
            slices: Reading::unknown("?"),
            workspace: Reading::Known("/w/api-server".into()),
            client: Reading::Known(ClientView { id: None, name: "VS Code".into(), pid: Pid(7) }),
            adopted: false,
            lineage: "api-server@7".into(),
            generation: 1,
        },
        memory_bytes: None,
        gauges: BTreeMap::new(),
        usual: Usual::default(),
        state: "stable".into(),
        lives_left: LivesLeft::Known(4),
        since: None,
        offers: vec![remedy],
        restart_command: None,
        past: Vec::new(),
    };
    let mut seen = Snapshot { servers: vec![server], ..Snapshot::default() };
    seen.machine.gauges.insert(Gauge::MachineMemory, Reading::Known(Amount::Exactly(16 << 30)));
    plan(&Request { remedy, incident: None, process: None }, &seen, site)
}

#[test]
fn a_real_gopls_is_given_what_it_knows_and_nothing_else() {
    let home = tempfile::tempdir().expect("a folder");
    let site = site(home.path());
    for gopls in [&test_deps().gopls.current, &test_deps().gopls.old] {
        let asked = Command::new(&gopls.exe).arg("api-json").envs(&gopls.env).env("GO_TELEMETRY_CHILD", "2").output();
        let listed = String::from_utf8_lossy(&asked.expect("gopls answers").stdout).into_owned();
        for (remedy, name) in [(Remedy::LimitMemory, "memoryLimit"), (Remedy::PollFiles, "fileWatcher")] {
            let knows = listed.contains(&format!("\"{name}\""));
            match planned(&gopls.exe, remedy, &site) {
                Ok(plan) => {
                    let shown = plan.preview(&say);
                    assert!(knows && shown.contains(name), "{}: {shown}", gopls.version);
                }
                Err(refusal) => {
                    let why = say(&refusal.why);
                    assert!(!knows && why.contains(name), "{} knows {name}: {why}", gopls.version);
                }
            }
        }
    }
}

#[test]
fn a_real_go_finds_its_module_cache_under_either_name() {
    let home = tempfile::Builder::new().prefix("goplswatch").tempdir().expect("a folder");
    let mut site = site(home.path());
    // The real go derives the location of its config file from HOME.
    let go = home.path().join("go-of-this-home");
    let real = test_deps().go.bin.join("go");
    let script = format!("#!/bin/sh\nHOME='{}' exec '{}' \"$@\"\n", home.path().display(), real.display());
    fs::write(&go, script).expect("a file");
    fs::set_permissions(&go, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    site.surroundings = ExternalPaths { go: vec![go.clone()], ..ExternalPaths::of(Manager::Launchd) };
    let cache = home.path().join("go/pkg/mod");
    fs::create_dir_all(cache.join("cache")).expect("a folder");
    let named = || {
        let said =
            Command::new(&go).args(["env", "GOMODCACHE"]).env("GOTOOLCHAIN", "local").output().expect("go answers");
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    };
    let before = named();
    assert_eq!(before, cache.display().to_string());

    let plan = planned(&test_deps().gopls.current.exe, Remedy::MoveModuleCache, &site).expect("a plan");
    let yes = Confirmation { plan: plan.hash() };
    apply(&plan, Some(&yes), &site.change, &mut |_| Ok(()), &mut |_| {}).expect("it is done");
    assert_eq!(named(), format!("{before}.noindex"));
    assert!(Path::new(&named()).join("cache").is_dir());
    undo("1", &site.change, &mut |_| Ok(()), &mut |_| {}).expect("it is taken back");
    assert_eq!(named(), before);
    assert!(cache.join("cache").is_dir());
}
