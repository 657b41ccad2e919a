//! The application bundle on macOS, with a simulated codesign that changes what it signs, as the
//! real one does.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use goplswatch_core::Reading;
use goplswatch_core::message::Message;
use goplswatch_remedy::change::{Action, Call, Content, Failed, Stage as State, Step, Until};
use goplswatch_remedy::service::{self, BundleSite, BundleState, BundleStatus, File, Planned, Refusal, Site, Status};

use super::{LAUNCHD, Stage, failure};
use crate::{Worded as _, say, say_lines};

/// Adds a program to install, and the place of its bundle.
pub(super) fn on_a_mac(site: &mut Site, root: &Path) {
    site.executable = root.join("bin/goplswatch");
    site.bundle =
        Some(BundleSite { folder: root.join("Applications"), codesign: root.join("codesign"), without: None });
}

/// A Mac with a program to install.
pub(super) fn mac() -> Stage {
    let mut stage = Stage::new(LAUNCHD);
    symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stub/codesign.sh"), stage.path("codesign")).unwrap();
    on_a_mac(&mut stage.site, stage.folder.path());
    std::fs::create_dir(stage.path("bin")).unwrap();
    program(&stage, "one");
    stage
}

/// Installs another build of the program as package managers do: a new file with the old name.
pub(super) fn program(stage: &Stage, build: &str) {
    let path = stage.path("bin/goplswatch");
    let _ = std::fs::remove_file(&path);
    std::fs::write(&path, format!("build {build}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn app(stage: &Stage) -> PathBuf {
    stage.path("Applications/goplswatch.app")
}

pub(super) fn inside(stage: &Stage) -> PathBuf {
    stage.site.bundle.as_ref().unwrap().executable()
}

fn bundle(stage: &Stage) -> BundleStatus {
    stage.status().bundle.unwrap()
}

fn state(stage: &Stage) -> BundleState {
    bundle(stage).state
}

/// All entries of the applications folder, hidden or not.
pub(super) fn applications(stage: &Stage) -> Vec<String> {
    let entries = std::fs::read_dir(stage.path("Applications")).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The program in the list that launchd has loaded.
pub(super) fn started(stage: &Stage) -> String {
    let list: plist::Dictionary = plist::from_file(stage.path("loaded")).unwrap();
    list["ProgramArguments"].as_array().unwrap()[0].as_string().unwrap().to_owned()
}

/// The verbs of the calls since the last check.
fn verbs(stage: &Stage) -> Vec<String> {
    let verb = |call: String| match call.strip_prefix("codesign --") {
        Some(sign) => sign.split(' ').next().unwrap().replace("force", "sign"),
        None => call.split(' ').next().unwrap().to_owned(),
    };
    stage.calls().into_iter().map(verb).collect()
}

/// Checks that the bundle is complete and of this build, that launchd starts it, and that there are
/// no leftovers.
fn is_as_it_should(stage: &Stage, build: &str, what: &str) {
    let found = bundle(stage);
    assert_eq!(found.state, BundleState::Current, "{what}");
    let wanted = ["Info.plist", "MacOS/goplswatch", "Resources/goplswatch.icns", "_CodeSignature/CodeResources"];
    assert_eq!(found.files, wanted.map(|file| Path::new("Contents").join(file)), "{what}");
    assert!(std::fs::read_to_string(inside(stage)).unwrap().starts_with(&format!("build {build}\n")), "{what}");
    assert_eq!(applications(stage), ["goplswatch.app"], "{what}");
    assert_eq!(started(stage), inside(stage).to_str().unwrap(), "{what}");
    assert!(stage.loaded_is_current(), "{what}");
    let status = stage.status();
    assert_eq!((&status.file, &status.registered), (&File::Current, &Reading::Known(true)), "{what}");
}

/// The index of the first such step.
fn first(plan: &Planned, is_wanted: fn(&Action) -> bool) -> usize {
    plan.plan.steps.iter().position(|step| is_wanted(&step.action)).unwrap()
}

fn waits(action: &Action) -> bool {
    matches!(action, Action::Call { call: Call { until: Some(Until::Gone), .. } })
}

fn copies(step: &Step) -> bool {
    matches!(step.action, Action::Fill { content: Content::Program { .. }, .. })
}

fn moves(action: &Action) -> bool {
    matches!(action, Action::Rename { .. })
}

fn bundle_is_foreign(result: Result<Planned, Refusal>, stage: &Stage, why: &str) {
    let refused = result.unwrap_err();
    assert!(matches!(&refused, Refusal::Foreign { path, .. } if *path == app(stage)), "{refused:?}");
    assert!(refused.words().contains(why), "{refused:?}");
}

#[test]
fn a_first_install_makes_a_signed_bundle_and_starts_what_is_in_it() {
    let stage = mac();
    assert_eq!(state(&stage), BundleState::Absent);
    assert!(stage.install().unwrap().iter().all(|said| said == "done"));
    assert_eq!(verbs(&stage), ["sign", "verify", "enable", "bootstrap", "print"]);
    is_as_it_should(&stage, "one", "first");
    assert_eq!(inside(&stage).metadata().unwrap().permissions().mode() & 0o777, 0o755);
    let icon = std::fs::read(app(&stage).join("Contents/Resources/goplswatch.icns")).unwrap();
    assert_eq!(icon, service::ICON_BYTES);
    assert_eq!(bundle(&stage).version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
    let list: plist::Dictionary = plist::from_bytes(stage.file().as_bytes()).unwrap();
    assert_eq!(list["AssociatedBundleIdentifiers"].as_array().unwrap()[0].as_string(), Some(service::LABEL));
}

#[test]
fn the_preview_shows_what_is_copied_by_its_size_and_digest_and_touches_nothing() {
    let stage = mac();
    let preview = service::install(&stage.site, &stage.status()).unwrap().preview(&say);
    let lines = [
        // printf 'build one\n' | sha256sum
        "(10 bytes, SHA-256 372a7226cea0f4f87ca75bc9d6146e4ef0a731a7a426208d7695d197ecaa7b1c)",
        "| \t<key>CFBundleIdentifier</key>",
        "| \t<string>dev.goplswatch.agent</string>",
    ];
    for line in lines {
        assert!(preview.contains(line), "{line} is not in\n{preview}");
    }
    let from = format!("from {}", stage.site.executable.display());
    let sign = format!("$ {} --force --sign - --identifier", stage.path("codesign").display());
    assert!(preview.contains(&from) && preview.contains(&sign), "{preview}");
    let icon = format!("({} bytes, SHA-256 ", service::ICON_BYTES.len());
    assert!(preview.contains(&icon), "{preview}");
    assert!(preview.len() < 9000, "nobody reads bytes: {}", preview.len());
    assert!(stage.calls().is_empty() && applications(&stage).is_empty() && !stage.path("Applications").exists());

    stage.install().unwrap();
    let preview = service::uninstall(&stage.site, &stage.status()).unwrap().preview(&say);
    for file in bundle(&stage).files {
        assert!(preview.contains(&format!("- {}", file.display())), "{preview}");
    }
}

#[test]
fn a_second_install_changes_nothing() {
    let stage = mac();
    stage.install().unwrap();
    let before = inside(&stage).metadata().unwrap();
    let plan = service::install(&stage.site, &stage.status()).unwrap();
    assert!(plan.plan.steps.iter().all(|step| matches!(step.action, Action::Call { .. })), "{plan:?}");
    // A different build of the program would have been detected, so there is no note about it.
    assert!(plan.afterwards.is_empty() && !plan.starts_agent, "{plan:?}");
    stage.install().unwrap();
    assert_eq!(verbs(&stage), ["enable", "kickstart"]);
    assert_eq!(inside(&stage).metadata().unwrap().ino(), before.ino());
}

#[test]
fn another_build_of_the_program_is_put_into_the_bundle_by_install_and_by_restart() {
    for plan in [service::install, service::restart] {
        let stage = mac();
        stage.install().unwrap();
        let before = inside(&stage).metadata().unwrap().ino();
        program(&stage, "two");
        let BundleState::Outdated(why) = state(&stage) else { panic!("{:?}", state(&stage)) };
        assert_eq!(*why.message, Message::OutdatedBuild);
        let plan = plan(&stage.site, &stage.status()).unwrap();
        assert!(first(&plan, waits) < first(&plan, moves));
        stage.apply(Ok(plan)).unwrap();
        let mut calls = verbs(&stage);
        calls.dedup();
        // The old agent runs until the new bundle is complete.
        assert_eq!(calls, ["sign", "verify", "bootout", "print", "enable", "bootstrap", "print"]);
        is_as_it_should(&stage, "two", "upgrade");
        assert_ne!(inside(&stage).metadata().unwrap().ino(), before, "what runs is never written over");
    }
}

#[test]
fn a_bundle_of_another_version_is_named_with_both() {
    let stage = mac();
    stage.install().unwrap();
    let list = app(&stage).join("Contents/Info.plist");
    let text = std::fs::read_to_string(&list).unwrap().replace(env!("CARGO_PKG_VERSION"), "0.0.7");
    std::fs::write(&list, text).unwrap();
    let found = bundle(&stage);
    let BundleState::Outdated(why) = found.state else { panic!("{found:?}") };
    let both = format!("it is version 0.0.7, and this program is {}", env!("CARGO_PKG_VERSION"));
    assert_eq!((say(&why.message), found.version.as_deref()), (both, Some("0.0.7")));
    stage.install().unwrap();
    is_as_it_should(&stage, "one", "renewed");
}

#[test]
fn a_bundle_that_somebody_changed_is_made_anew() {
    for file in ["Contents/MacOS/goplswatch", "Contents/Resources/goplswatch.icns", "Contents/Info.plist"] {
        let stage = mac();
        stage.install().unwrap();
        let mut text = std::fs::read(app(&stage).join(file)).unwrap();
        text.push(b'\n');
        std::fs::write(app(&stage).join(file), text).unwrap();
        assert!(matches!(state(&stage), BundleState::Outdated(_)), "{file}: {:?}", state(&stage));
        stage.install().unwrap();
        is_as_it_should(&stage, "one", file);
    }
}

#[test]
fn an_application_of_somebody_else_is_neither_replaced_nor_removed() {
    type Make = fn(&Path);
    let theirs: [(&str, Make); 5] = [
        ("is org.example.theirs, not ours", |app| {
            std::fs::create_dir_all(app.join("Contents")).unwrap();
            let list = service::info("abc").unwrap().replace(service::LABEL, "org.example.theirs");
            std::fs::write(app.join("Contents/Info.plist"), list).unwrap();
        }),
        ("does not tell whose it is: Contents/Info.plist cannot be read", |app| std::fs::create_dir(app).unwrap()),
        ("Contents/Info.plist is not understood", |app| {
            std::fs::create_dir_all(app.join("Contents")).unwrap();
            std::fs::write(app.join("Contents/Info.plist"), "<plist>").unwrap();
        }),
        ("is not a folder", |app| std::fs::write(app, "").unwrap()),
        ("is a symbolic link that somebody else set", |app| symlink("/Applications/x.app", app).unwrap()),
    ];
    for (why, make) in theirs {
        let stage = mac();
        std::fs::create_dir(stage.path("Applications")).unwrap();
        make(&app(&stage));
        let before = applications(&stage);
        bundle_is_foreign(service::install(&stage.site, &stage.status()), &stage, why);
        std::fs::create_dir(&stage.site.folder).unwrap();
        std::fs::write(stage.site.file(), stage.site.text().unwrap()).unwrap();
        bundle_is_foreign(service::restart(&stage.site, &stage.status()), &stage, why);
        // Our own file is removed all the same.
        let plan = service::uninstall(&stage.site, &stage.status()).unwrap();
        assert!(
            plan.afterwards.iter().map(say).any(|said| said.starts_with("Left in place: ") && said.contains(why)),
            "{plan:?}"
        );
        stage.apply(Ok(plan)).unwrap();
        assert!(!stage.site.file().exists());
        assert_eq!(applications(&stage), before, "{why}");
        assert!(app(&stage).symlink_metadata().is_ok());
    }
}

/// The number of steps that succeeded before one failed, the reason, and the site for the second
/// plan.
fn fail(stage: &Stage) -> (usize, String, Site) {
    let plan = service::install(&stage.site, &stage.status()).unwrap();
    let steps = plan.plan.steps.clone();
    let Err(Failed::Step(failed)) = stage.apply(Ok(plan)) else { panic!("it did not fail") };
    let done = failed.receipt.steps.iter().position(|step| step.stage == State::Failed).unwrap();
    assert!(steps[done].spare, "{failed:?}");
    (done, say(&failed.why), stage.site.clone().without_bundle(failed.why.clone()))
}

#[test]
fn what_cannot_be_signed_is_started_without_a_bundle() {
    for (verb, means) in [("sign", "signing or verifying failed. It said: ordered to answer 1"), ("verify", "failed")] {
        let mut stage = mac();
        stage.order(verb, "1 for ever");
        let (_, why, without) = fail(&stage);
        assert!(why.contains("codesign") && why.contains("ended with 1: ") && why.contains(means), "{why}");
        assert!(
            verbs(&stage).iter().all(|verb| ["sign", "verify"].contains(&verb.as_str())),
            "launchd was not troubled"
        );
        assert!(!app(&stage).exists() && !stage.site.file().exists());

        let bundled = std::mem::replace(&mut stage.site, without);
        let plan = service::install(&stage.site, &stage.status()).unwrap();
        let note = say_lines(&plan.warnings);
        assert!(note.contains(&why) && note.contains("Script Editor") && note.contains("goplswatch install"), "{note}");
        assert!(plan.starts_agent);
        stage.apply(Ok(plan)).unwrap();
        assert_eq!(started(&stage), stage.path("bin/goplswatch").to_str().unwrap());
        assert!(!stage.file().contains("AssociatedBundleIdentifiers"));
        assert!(applications(&stage).is_empty(), "the half one is gone");
        assert_eq!(bundle(&stage).without.map(|why| say(&why.message)), Some(why));
        assert_eq!(stage.status().file, File::Current);
        // Without a bundle a different build of the program cannot be detected.
        let again = service::install(&stage.site, &stage.status()).unwrap();
        assert!(!again.starts_agent && say(&again.afterwards[0]).contains("goplswatch restart"), "{again:?}");

        // The next install, made for the original site, tries to sign again.
        stage.site = bundled;
        std::fs::remove_file(stage.path("orders").join(verb)).unwrap();
        assert_eq!(stage.status().file, File::Outdated);
        stage.install().unwrap();
        is_as_it_should(&stage, "one", verb);
    }
}

#[test]
fn an_upgrade_that_cannot_be_signed_leaves_the_old_bundle_and_starts_the_new_program() {
    let mut stage = mac();
    stage.install().unwrap();
    program(&stage, "two");
    stage.order("sign", "1 for ever");
    let (_, _, without) = fail(&stage);
    assert!(stage.path("loaded").exists() && inside(&stage).exists(), "the old agent was not troubled");
    stage.site = without;
    stage.install().unwrap();
    assert_eq!(started(&stage), stage.path("bin/goplswatch").to_str().unwrap());
    assert_eq!(applications(&stage), ["goplswatch.app"]);
    stage.uninstall().unwrap();
    assert!(applications(&stage).is_empty());
}

#[test]
fn without_codesign_it_is_said_and_the_agent_runs() {
    let mut stage = mac();
    std::fs::remove_file(stage.path("codesign")).unwrap();
    let (_, why, without) = fail(&stage);
    assert!(why.contains("codesign") && why.contains("could not be started"), "{why}");
    stage.site = without;
    stage.install().unwrap();
    assert_eq!(started(&stage), stage.path("bin/goplswatch").to_str().unwrap());
}

/// If the folder cannot be written, there is no bundle, but the agent still starts.
#[test]
fn a_folder_of_applications_that_is_none_is_no_reason_not_to_start() {
    let mut stage = mac();
    std::fs::write(stage.path("Applications"), "").unwrap();
    // As the status has it, to which a file below a file is absent.
    let status =
        Status { bundle: Some(BundleStatus { state: BundleState::Absent, ..bundle(&stage) }), ..stage.status() };
    let plan = service::install(&stage.site, &status).unwrap();
    assert!(plan.plan.steps[0].spare);
    failure(stage.apply(Ok(plan)));
    stage.site = stage.site.clone().without_bundle(Message::reported("it is a file").into());
    stage.install().unwrap();
    assert_eq!(started(&stage), stage.path("bin/goplswatch").to_str().unwrap());
}

#[test]
fn a_program_that_was_replaced_after_the_preview_is_not_copied() {
    let stage = mac();
    let plan = service::install(&stage.site, &stage.status());
    program(&stage, "two");
    let (what, _) = failure(stage.apply(plan));
    assert!(what.contains("no longer what it was when the plan was made"), "{what}");
    assert!(verbs(&stage).is_empty() && !app(&stage).exists(), "nothing was signed");
    stage.install().unwrap();
    is_as_it_should(&stage, "two", "again");
}

/// `~/Applications/goplswatch.app/Contents/MacOS/goplswatch install`, or the same by a link.
#[test]
fn the_program_inside_the_bundle_does_not_copy_itself_without_need() {
    let mut stage = mac();
    stage.install().unwrap();
    std::fs::remove_file(stage.path("bin/goplswatch")).unwrap();
    symlink(inside(&stage), stage.path("bin/goplswatch")).unwrap();
    for called in [inside(&stage), stage.path("bin/goplswatch")] {
        stage.site.executable = called;
        let before = inside(&stage).metadata().unwrap().ino();
        is_as_it_should(&stage, "one", "from inside");
        let plan = service::install(&stage.site, &stage.status()).unwrap();
        assert!(!plan.plan.steps.iter().any(copies), "{plan:?}");
        stage.apply(service::restart(&stage.site, &stage.status())).unwrap();
        assert_eq!(inside(&stage).metadata().unwrap().ino(), before);

        // If the bundle is damaged, the program makes the new one from itself.
        std::fs::remove_file(app(&stage).join("Contents/Resources/goplswatch.icns")).unwrap();
        assert!(matches!(state(&stage), BundleState::Outdated(_)));
        stage.install().unwrap();
        is_as_it_should(&stage, "one", "renewed from inside");
    }
    stage.uninstall().unwrap();
    assert!(applications(&stage).is_empty());
}

#[test]
fn uninstall_ends_the_agent_first_and_leaves_nothing_of_the_bundle() {
    let stage = mac();
    stage.install().unwrap();
    stage.calls();
    let plan = service::uninstall(&stage.site, &stage.status()).unwrap();
    assert!(first(&plan, waits) < first(&plan, moves));
    stage.apply(Ok(plan)).unwrap();
    assert!(applications(&stage).is_empty() && !stage.site.file().exists() && !stage.path("loaded").exists());
    assert!(service::uninstall(&stage.site, &stage.status()).unwrap().plan.steps.is_empty());
}

/// Without a desktop session launchd cannot be queried, but the bundle can be removed.
#[test]
fn uninstall_without_a_desktop_removes_the_bundle_too() {
    let stage = mac();
    stage.install().unwrap();
    stage.order("print", "125 for ever");
    stage.uninstall().unwrap();
    assert!(applications(&stage).is_empty() && !stage.site.file().exists());
}

#[test]
fn every_step_of_the_bundle_may_be_done_again() {
    let stage = mac();
    for build in ["one", "two"] {
        program(&stage, build);
        let mut plan = service::install(&stage.site, &stage.status()).unwrap();
        let twice = |step: Step| match step.action {
            Action::Call { .. } => vec![step],
            _ => vec![step.clone(), step],
        };
        plan.plan.steps = plan.plan.steps.into_iter().flat_map(twice).collect();
        stage.apply(Ok(plan)).unwrap();
        is_as_it_should(&stage, build, build);
    }
}

/// Wherever a run was interrupted, there is a complete bundle under the name or none, and the next
/// command completes the change.
#[test]
fn an_interrupted_change_of_the_bundle_is_completed_by_the_next() {
    let mut cut = 0;
    for story in ["first", "upgrade", "uninstall"] {
        for steps in 0.. {
            let mut lengths = Vec::new();
            for then in ["install", "uninstall", "restart"] {
                let stage = mac();
                if story != "first" {
                    stage.install().unwrap();
                    program(&stage, "two");
                }
                let status = stage.status();
                let mut plan = match story {
                    "uninstall" => service::uninstall(&stage.site, &status).unwrap(),
                    _ => service::install(&stage.site, &status).unwrap(),
                };
                lengths.push(plan.plan.steps.len());
                plan.plan.steps.truncate(steps);
                stage.apply(Ok(plan)).unwrap();
                cut += 1;
                let what = format!("{story} cut after {steps} steps, then {then}");
                // A step that was interrupted itself leaves less than a complete one, and codesign
                // leaves a temporary file.
                for half in bundle(&stage).leftovers {
                    if let Some(file) = half.files.first() {
                        std::fs::remove_file(half.path.join(file)).unwrap();
                        std::fs::write(half.path.join("Contents/goplswatch.cstemp"), "").unwrap();
                    }
                }
                match state(&stage) {
                    BundleState::Absent | BundleState::Current => {}
                    BundleState::Outdated(why) => assert_eq!(*why.message, Message::OutdatedBuild, "{what}"),
                    BundleState::Foreign(why) => panic!("{what}: {why:?}"),
                }
                let build = if story == "first" { "one" } else { "two" };
                match then {
                    "install" => {
                        stage.install().unwrap_or_else(|why| panic!("{what}: {why:?}"));
                        is_as_it_should(&stage, build, &what);
                    }
                    "restart" => match service::restart(&stage.site, &stage.status()) {
                        Err(refused) => assert_eq!(refused, Refusal::NotInstalled, "{what}"),
                        plan => {
                            stage.apply(plan).unwrap_or_else(|why| panic!("{what}: {why:?}"));
                            is_as_it_should(&stage, build, &what);
                        }
                    },
                    _ => {
                        stage.uninstall().unwrap_or_else(|why| panic!("{what}: {why:?}"));
                        assert!(applications(&stage).is_empty(), "{what}: {:?}", applications(&stage));
                        assert!(!stage.path("loaded").exists() && !stage.site.file().exists(), "{what}");
                    }
                }
            }
            if steps >= lengths[0] {
                break;
            }
        }
    }
    assert!(cut > 80, "{cut}");
}
