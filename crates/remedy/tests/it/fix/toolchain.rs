//! A rebuild of gopls, a renamed module cache and the settings of macOS, with simulated tools.

use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{ProcessKey, Reading, Remedy, Snapshot};
use goplswatch_remedy::Manager;
use goplswatch_remedy::change::{Action, DesktopTarget, State, Step};
use goplswatch_remedy::fix::ExternalPaths;

use super::stage::*;
use crate::{Worded as _, say, say_lines};

fn mac(remedy: Remedy) -> (Stage, Snapshot) {
    let mut stage = Stage::new();
    stage.site.surroundings = ExternalPaths { go: Vec::new(), ..ExternalPaths::of(Manager::Launchd) };
    let mut snapshot = snapshot(ProcessKey::new(4242, 1), remedy, None);
    snapshot.incidents[0].remedies[0].process = None;
    snapshot.servers[0].server.exe = Reading::Known(stage.pretended("gopls", &[]));
    (stage, snapshot)
}

/// A go command for this processor, configured with this module cache.
fn go(stage: &mut Stage, name: &str, arch: &str) {
    let env = format!(
        r#"{{"GOHOSTARCH":"{arch}","GOMODCACHE":"{}","GOENV":"{}"}}"#,
        stage.path("go/pkg/mod").display(),
        stage.path("go.conf").display()
    );
    let go = stage.pretended(name, &[("env-json", &env), ("env-w", ""), ("env-u", ""), ("install", "")]);
    stage.site.surroundings.go.push(go.into());
}

fn asked(stage: &Stage, name: &str) -> String {
    std::fs::read_to_string(stage.path(&format!("bin/{name}.asked"))).unwrap_or_default()
}

#[test]
fn gopls_is_built_anew_by_a_native_go_alone() {
    let (mut stage, snapshot) = mac(Remedy::ReinstallNative);
    go(&mut stage, "go-intel", "amd64");
    go(&mut stage, "go-native", "arm64");
    let plan = stage.plan(Remedy::ReinstallNative, &snapshot).unwrap();
    let bin = stage.path("bin").display().to_string();
    let [Step { action: Action::Run { argv, deadline, undo: None }, .. }] = plan.steps.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(*deadline, Duration::from_secs(600));
    assert_eq!(
        *argv,
        [
            "/usr/bin/env".into(),
            "GOTOOLCHAIN=local".into(),
            "GOARCH=arm64".into(),
            format!("GOBIN={bin}"),
            format!("GOTMPDIR={bin}"),
            format!("{bin}/go-native"),
            "install".into(),
            "golang.org/x/tools/gopls@latest".to_owned(),
        ]
    );
    assert_eq!(plan.class, RemedyClass::Risky);
    assert_eq!(say(&plan.question()), "Build anew for this Mac: gopls (pid 4242) of VS Code in api-server?");
    assert_eq!(plan.undo, Some(Message::UndoNoOldGopls.into()));
    assert_eq!(asked(&stage, "go-native"), "local|off|||env -json GOHOSTARCH GOMODCACHE GOENV\n");
    stage.apply(&plan).unwrap();
    assert!(asked(&stage, "go-native").ends_with(&format!("local||{bin}||install golang.org/x/tools/gopls@latest\n")));
}

#[test]
fn without_a_native_go_a_person_is_told_the_order() {
    let (mut stage, mut snapshot) = mac(Remedy::ReinstallNative);
    let manual = |stage: &Stage, snapshot: &Snapshot| {
        let plan = stage.plan(Remedy::ReinstallNative, snapshot).unwrap();
        assert_eq!(plan.class, RemedyClass::Manual);
        assert_eq!(plan.does, None, "nothing is done");
        let text = say_lines(&plan.steps[0].action.lines().unwrap());
        assert!(text.contains("\n2. Install Go for Apple silicon"), "{text}");
        text.lines().next().unwrap().to_owned()
    };
    assert!(manual(&stage, &snapshot).starts_with("No go command was found in its usual places"));
    go(&mut stage, "go-intel", "amd64");
    assert!(manual(&stage, &snapshot).contains("go-intel is built for amd64: there is none here"));
    go(&mut stage, "go-native", "arm64");
    for (exe, said) in [
        ("/absent/bin/gopls", "is not yours to replace"),
        ("/opt/homebrew/Cellar/gopls/0.24.0/bin/gopls", "belongs to a package manager"),
        ("/Users/u/.local/share/nvim/mason/packages/gopls/gopls", "belongs to a package manager"),
        (
            "/Users/u/Library/Caches/Sublime Text/Package Storage/LSP-gopls/bin/gopls",
            "belongs to a package manager, which has to renew it itself",
        ),
        ("/Users/u/Library/Application Support/Zed/languages/gopls/gopls_0.20.0_go_1.25.0", "has to renew it itself"),
    ] {
        snapshot.servers[0].server.exe = Reading::Known(exe.into());
        assert!(manual(&stage, &snapshot).contains(said), "{exe}");
    }
}

#[test]
fn the_module_cache_gets_a_name_that_spotlight_leaves_alone_and_has_its_own_again() {
    for (before, undone) in [
        (None, "env -u GOMODCACHE\n".to_owned()),
        (Some("GOPROXY=off\nGOMODCACHE=/before\n"), "env -w GOMODCACHE=/before\n".into()),
    ] {
        let (mut stage, snapshot) = mac(Remedy::MoveModuleCache);
        go(&mut stage, "go", "arm64");
        std::fs::create_dir_all(stage.path("go/pkg/mod/cache")).unwrap();
        if let Some(before) = before {
            std::fs::write(stage.path("go.conf"), before).unwrap();
        }
        let plan = stage.plan(Remedy::MoveModuleCache, &snapshot).unwrap();
        assert_eq!(say(&plan.question()), "Keep from Spotlight the module cache?");
        assert_eq!(plan.hash(), stage.plan(Remedy::MoveModuleCache, &snapshot).unwrap().hash());
        let to = stage.path("go/pkg/mod.noindex");
        assert!(
            plan.preview(&say).contains(&format!("go env -w GOMODCACHE={}", to.display())),
            "{}",
            plan.preview(&say)
        );
        assert_eq!(plan.class, RemedyClass::Risky);

        stage.apply(&plan).unwrap();
        assert!(to.join("cache").is_dir() && !stage.path("go/pkg/mod").exists());
        assert!(asked(&stage, "go").ends_with(&format!("env -w GOMODCACHE={}\n", to.display())));

        assert_eq!(stage.undo("1").unwrap().state, State::Undone);
        assert!(stage.path("go/pkg/mod/cache").is_dir() && !to.exists());
        assert!(asked(&stage, "go").ends_with(&undone), "{}", asked(&stage, "go"));
    }
}

#[test]
fn a_go_that_will_not_be_told_leaves_a_fix_that_can_be_undone() {
    let (mut stage, snapshot) = mac(Remedy::MoveModuleCache);
    go(&mut stage, "go", "arm64");
    std::fs::create_dir_all(stage.path("go/pkg/mod/cache")).unwrap();
    let plan = stage.plan(Remedy::MoveModuleCache, &snapshot).unwrap();
    std::fs::remove_file(stage.path("bin/go.env-w")).unwrap();
    let (receipt, why, _) = stuck(stage.apply(&plan));
    assert!(why.contains("ended with 3"), "{why}");
    assert_eq!(receipt.state, State::Failed);
    stage.undo("1").unwrap();
    assert!(stage.path("go/pkg/mod/cache").is_dir());
    // Meanwhile go has created a new cache: which modules belong to which cache cannot be decided.
    let again = stage.plan(Remedy::MoveModuleCache, &snapshot).unwrap();
    stuck(stage.apply(&again));
    std::fs::create_dir(stage.path("go/pkg/mod")).unwrap();
    assert!(refused(stage.undo("2")).contains("are there by now"));
}

#[test]
fn a_module_cache_that_is_not_to_be_moved_is_left_alone() {
    let refused = |prepare: &dyn Fn(&mut Stage)| {
        let (mut stage, snapshot) = mac(Remedy::MoveModuleCache);
        go(&mut stage, "go", "arm64");
        std::fs::create_dir_all(stage.path("go/pkg/mod")).unwrap();
        prepare(&mut stage);
        stage.plan(Remedy::MoveModuleCache, &snapshot).unwrap_err().words()
    };
    let env = |stage: &Stage, cache: &str, file: &str| {
        let says = format!(r#"{{"GOHOSTARCH":"arm64","GOMODCACHE":"{cache}","GOENV":"{file}"}}"#);
        std::fs::write(stage.path("bin/go.env-json"), says).unwrap();
    };
    for (prepare, said) in [
        (
            &(|stage: &mut Stage| stage.site.surroundings.modcache_is_set = true) as &dyn Fn(&mut Stage),
            "is set in the environment",
        ),
        (&|stage| stage.site.surroundings.go.clear(), "no go command was found"),
        (&|stage| env(stage, "relative", "/x"), "is no folder that could be renamed"),
        (&|stage| env(stage, "/no/such", "/x"), "is no folder that could be renamed"),
        (&|stage| std::fs::create_dir(stage.path("go/pkg/mod.noindex")).unwrap(), "is there already"),
        (
            &|stage| env(stage, &stage.path("go/pkg/mod").display().to_string(), "off"),
            "what go is told now is not known",
        ),
        (
            &|stage| {
                let hidden = stage.path(".cache/mod");
                std::fs::create_dir_all(&hidden).unwrap();
                env(stage, &hidden.display().to_string(), "/x");
            },
            "is kept from Spotlight already, since it lies in .cache",
        ),
        (&|stage| stage.site.surroundings = ExternalPaths::of(Manager::Systemd), "Spotlight is a part of macOS"),
    ] {
        let why = refused(prepare);
        assert!(why.contains(said), "{said}: {why}");
    }
}

#[test]
fn the_right_pane_of_settings_is_opened_and_no_other_address() {
    let (mut stage, snapshot) = mac(Remedy::OpenSpotlightSettings);
    stage.site.change.desktop.open =
        vec![stage.tool("test \"$1\" = \"x-apple.systempreferences:com.apple.Spotlight-Settings.extension?privacy\"")];
    let address = |stage: &Stage| {
        let plan = stage.plan(Remedy::OpenSpotlightSettings, &snapshot).unwrap();
        assert_eq!(say(&plan.question()), "Open the settings of Spotlight?");
        let [Step { action: Action::Open { shown: DesktopTarget::Url(url) }, .. }] = plan.steps.as_slice() else {
            panic!("{plan:?}")
        };
        url.clone()
    };
    stage.site.surroundings.new_settings = stage.path("absent");
    assert_eq!(address(&stage), "x-apple.systempreferences:com.apple.preference.spotlight?privacy");
    stage.site.surroundings.new_settings = stage.path(".");
    assert_eq!(address(&stage), "x-apple.systempreferences:com.apple.Spotlight-Settings.extension?privacy");
    let plan = stage.plan(Remedy::OpenSpotlightSettings, &snapshot).unwrap();
    stage.apply(&plan).unwrap();

    stage.site.change.desktop.open = vec![stage.tool("exit 0")];
    for url in [
        "file:///etc/passwd",
        "x-apple.systempreferences:com.evil",
        "x-apple.systempreferences:com.apple.x y",
        "javascript:1",
        "-a",
    ] {
        let step = Action::Open { shown: DesktopTarget::Url(url.into()) };
        let (_, why, _) = stuck(stage.apply(&a_plan(RemedyClass::Safe, vec![step])));
        assert!(why.contains("is no page of the web"), "{why}");
    }
    stage.site.surroundings = ExternalPaths::of(Manager::Systemd);
    let refusal = stage.plan(Remedy::OpenSpotlightSettings, &snapshot).unwrap_err();
    assert_eq!(
        (refusal.words().as_str(), refusal.advised().as_str()),
        ("Spotlight is a part of macOS, and this is none", "nothing has to be done here")
    );
}
