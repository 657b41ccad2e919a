//! The content of receipts, and what undo does with it.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use goplswatch_core::event::FixView;
use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::time::SECOND;
use goplswatch_core::{ProcessKey, Remedy, UserCommand};
use goplswatch_remedy::change::{
    Action, Confirmation, Content, Progress, ReceiptEntry, Stage as Came, State, Step, apply, read, receipts,
    save_fix_result, undo, undo_preview,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::stage::*;
use crate::say;

#[test]
fn what_is_told_is_taken_back() {
    let mut stage = Stage::new();
    let mute = stage.plan(Remedy::Mute, &snapshot(ProcessKey::new(9, 9), Remedy::Mute, Some("/w/api"))).unwrap();
    stage.apply(&mute).unwrap();
    let shown = undo_preview(&read(&stage.site.change, "fix-1").unwrap(), &stage.site.change, &say).unwrap();
    assert!(shown.contains("Tell about /w/api again"), "{shown}");
    assert_eq!(stage.undo("fix-1").unwrap().state, State::Undone);
    let workspace = || "/w/api".to_owned();
    assert_eq!(
        stage.user_commands,
        [UserCommand::Mute { workspace: workspace() }, UserCommand::Unmute { workspace: workspace() }]
    );
    assert!(refused(stage.undo("fix-1")).contains("undone already"));
    assert_eq!(stage.user_commands.len(), 2);

    let snooze = stage.plan(Remedy::Snooze, &snapshot(ProcessKey::new(9, 9), Remedy::Snooze, None)).unwrap();
    assert_eq!(say(&snooze.undo.as_ref().unwrap().message), "Undo tells about it again.");
    let id = stage.apply(&snooze).unwrap().id;
    stage.undo(&id).unwrap();
    assert_eq!(stage.user_commands.last(), Some(&UserCommand::Unsnooze { incident: "restart-loop-37".into() }));

    // A user command that no agent receives is a failure; a fix that no agent is told about is not.
    let mut deaf = |_: &UserCommand| Err(Message::AskNobody);
    let failed = apply(&mute, None, &stage.site.change, &mut deaf, &mut |_| {});
    let (receipt, why, _) = stuck(failed);
    assert!(why.contains("no agent is running"), "{why}");
    assert!(refused(stage.undo(&receipt.id)).contains("there is nothing to undo"));
    let mut running = Running::start("read x");
    let restart = stage.plan(Remedy::RestartServer, &snapshot(running.key(), Remedy::RestartServer, None)).unwrap();
    let yes = Confirmation { plan: restart.hash() };
    let receipt = apply(&restart, Some(&yes), &stage.site.change, &mut deaf, &mut |_| {}).unwrap();
    assert_eq!(running.signal(), Some(15));
    assert_eq!(receipt.notes.len(), 1, "{:?}", receipt.notes);
    assert!(say(&receipt.notes[0].message).contains("no agent is running"), "{:?}", receipt.notes);
    assert_eq!(read(&stage.site.change, &receipt.id).unwrap().notes, receipt.notes, "and it stands in the receipt");
}

#[test]
fn a_failing_step_ends_the_fix_and_what_was_done_is_undone() {
    let mut stage = Stage::new();
    let (made, log) = (stage.path("made"), stage.path("log"));
    let shell = |script: String| ["/bin/sh".to_owned(), "-c".into(), script].to_vec();
    let run = |script: String, undo: Option<String>| Action::Run {
        argv: shell(script),
        deadline: 20 * SECOND,
        undo: undo.map(shell),
    };
    let echo = |word: &str| format!("echo {word} >> '{}'", log.display());
    let steps = vec![
        Step::write(made.to_str().unwrap(), "text".into(), 0o644).unwrap(),
        run(echo("one"), Some(echo("one-back"))).into(),
        run(format!("{}; echo bad >&2; exit 4", echo("two")), Some(echo("two-back"))).into(),
        run(echo("three"), None).into(),
    ];
    let (receipt, why, _) = stuck(stage.apply(&a_plan(RemedyClass::Safe, steps)));
    assert!(why.contains("ended with 4. It said: bad"), "{why}");
    assert_eq!(say(&receipt.progress()), format!("failed at step 3 of 4: {why}"));
    assert_eq!(
        receipt.steps.iter().map(|s| s.stage).collect::<Vec<_>>(),
        [Came::Done, Came::Done, Came::Failed, Came::Waiting]
    );
    let shown = undo_preview(&receipt, &stage.site.change, &say).unwrap();
    assert!(shown.contains("Remove ") && shown.contains("one-back") && !shown.contains("two-back"), "{shown}");
    stage.undo(&receipt.id).unwrap();
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "one\ntwo\none-back\n");
    assert!(!made.exists());
    assert_eq!(stage.user_commands.last(), Some(&UserCommand::FixUndone { receipt: receipt.id }));

    let relative = Action::Run { argv: vec!["sh".into()], deadline: SECOND, undo: None };
    assert!(stuck(stage.apply(&a_plan(RemedyClass::Safe, vec![relative]))).1.contains("no absolute program"));
    let slow = Action::Run { argv: shell("sleep 300".into()), deadline: Duration::from_millis(50), undo: None };
    assert!(stuck(stage.apply(&a_plan(RemedyClass::Safe, vec![slow]))).1.contains("did not end within"));
}

#[test]
fn two_fixes_are_not_applied_at_once() {
    let stage = Stage::new();
    let plan = a_plan(RemedyClass::Safe, vec![Action::Tell { user_command: UserCommand::ProbeNow {} }]);
    let mut refusals = Vec::new();
    let mut meanwhile = |progress: &Progress<'_>| {
        if let Progress::StepBegins { .. } = progress {
            refusals.push(refused(apply(&plan, None, &stage.site.change, &mut |_| Ok(()), &mut |_| {})));
            refusals.push(refused(undo("fix-1", &stage.site.change, &mut |_| Ok(()), &mut |_| {})));
        }
    };
    apply(&plan, None, &stage.site.change, &mut |_| Ok(()), &mut meanwhile).unwrap();
    assert_eq!(refusals, ["another fix is being applied or taken back right now"; 2]);
    apply(&plan, None, &stage.site.change, &mut |_| Ok(()), &mut |_| {}).unwrap();
}

#[test]
fn without_a_receipt_nothing_is_touched() {
    let mut stage = Stage::new();
    let mut running = Running::start("read x");
    std::fs::write(stage.path("receipts"), "in the way").unwrap();
    let plan = stage.plan(Remedy::RestartServer, &snapshot(running.key(), Remedy::RestartServer, None)).unwrap();
    assert!(refused(stage.apply(&plan)).contains("cannot be used"));
    assert!(running.lives());
    assert_eq!(stage.user_commands, []);
}

#[test]
fn whether_it_helped_is_written_beside_the_receipt() {
    let mut stage = Stage::new();
    stage.apply(&a_plan(RemedyClass::Safe, Vec::<Step>::new())).unwrap();
    let view = |receipt: &str| FixView {
        receipt: receipt.into(),
        remedy: Remedy::RestartServer,
        incident: None,
        helped: Some(false),
        said: goplswatch_core::message::Message::reported("It ended again 40 s later.").into(),
    };
    assert_eq!(read(&stage.site.change, "fix-1").unwrap().judged, None);
    save_fix_result(&stage.site.change, &view("fix-1")).unwrap();
    assert_eq!(read(&stage.site.change, "1").unwrap().judged, Some(view("fix-1")));
    for absent in ["fix-2", "fix-01", "../fix-1", "fix-", "", "fix-+1", "99999999999999999999999"] {
        assert!(save_fix_result(&stage.site.change, &view(absent)).is_err(), "{absent}");
    }
}

#[test]
fn the_last_two_hundred_receipts_are_kept_and_numbers_go_on() {
    let mut stage = Stage::new();
    std::fs::create_dir(stage.path("receipts")).unwrap();
    for n in 1..=260 {
        std::fs::write(stage.path(&format!("receipts/fix-{n}.json")), "x").unwrap();
        std::fs::write(stage.path(&format!("receipts/fix-{n}.0.before")), "x").unwrap();
    }
    std::fs::write(stage.path("receipts/notes.txt"), "not ours").unwrap();
    let receipt = stage.apply(&a_plan(RemedyClass::Safe, Vec::<Step>::new())).unwrap();
    assert_eq!(receipt.id, "fix-261");
    let kept = receipts(&stage.site.change);
    assert_eq!(kept.len(), 200);
    assert_eq!(kept[0], ReceiptEntry::Receipt(Box::new(receipt)));
    assert_eq!(kept[199].id(), "fix-62");
    assert!(
        matches!(&kept[199], ReceiptEntry::Unreadable { why, .. } if say(&why.message).contains("is no receipt")),
        "{:?}",
        kept[199]
    );
    assert!(!stage.path("receipts/fix-61.0.before").exists() && stage.path("receipts/fix-62.0.before").exists());
    assert!(stage.path("receipts/notes.txt").exists());
    let mode = std::fs::metadata(stage.path("receipts/fix-261.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// As goplswatch 0.1 wrote it before the login service had receipts; the hash is of the plan's JSON
/// without spaces.
const OLD: &str = r#"{"format":1,"id":"fix-7","at":"2026-01-02T03:04:05.678Z","version":"0.1.0",
"hash":"a8b37282714ca585d2db485a4b3aad18bace272f90709fb1a32858a820250dfc",
"plan":{"remedy":"move-module-cache","class":"safe","incident":"restart-loop-37","subject":"the module cache","does":"","cost":"","undo":"Undo gives it its name again.","steps":[
{"step":"tell","intent":{"intent":"mute","workspace":"/w/api"}},
{"step":"edit","file":"/h/settings.json","target":"/h/settings.json","before":null,"after":"ab","diff":"","format":"jsonc","path":["gopls","x"],"value":{"a":[2.5,null],"b":1}},
{"step":"write","file":"/h/new","target":"/h/new","before":null,"after":"ab","diff":"","text":"text\n","mode":420},
{"step":"rename","from":"/h/mod","to":"/h/mod.noindex"},
{"step":"run","argv":["/usr/bin/env","go","env","-w"],"deadline_ms":20000,"undo":["/usr/bin/env","go","env","-u"]},
{"step":"signal","process":{"pid":4242,"start":77},"exe":null,"signal":"term","wait_ms":5000},
{"step":"copy","text":"é"},
{"step":"open","shown":{"folder":"/w"}},
{"step":"manual","text":"Do it."}]},
"state":"begun","steps":[{"stage":"done","said":"the agent knows"},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""},
{"stage":"waiting","said":""}],"notes":[],"judged":null}"#;

#[test]
fn a_receipt_of_an_earlier_version_is_read_and_taken_back() {
    let mut stage = Stage::new();
    std::fs::create_dir(stage.path("receipts")).unwrap();
    std::fs::write(stage.path("receipts/fix-7.json"), OLD).unwrap();
    let receipt = read(&stage.site.change, "fix-7").unwrap();
    assert_eq!(receipt.plan.remedy(), Some(Remedy::MoveModuleCache));
    assert_eq!(say(&receipt.progress()), "cut short after 1 of 9 steps");
    assert_eq!(say(&receipt.plan.title()), "Keep from Spotlight the module cache");
    assert!(receipt.plan.preview(&say).ends_with("  9. By hand\n     | Do it.\n"));
    let written = serde_json::to_value(&receipt).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(OLD).unwrap(), "and it is written as it was");
    assert_eq!(stage.undo("7").unwrap().state, State::Undone);
    assert_eq!(stage.user_commands[0], UserCommand::Unmute { workspace: "/w/api".into() });
}

/// The hash of the plan covers what was written, whether this version knows it or not.
#[test]
fn what_another_version_says_in_a_receipt_stays_and_is_taken_back() {
    let mut stage = Stage::new();
    let mute = stage.plan(Remedy::Mute, &snapshot(ProcessKey::new(9, 9), Remedy::Mute, Some("/w/api"))).unwrap();
    let mut receipt = serde_json::to_value(stage.apply(&mute).unwrap()).unwrap();
    assert!(receipt["plan"]["undo"].get("text").is_none(), "no words on the disk: {receipt}");
    let file = stage.path("receipts/fix-1.json");
    let write = |receipt: &serde_json::Value| std::fs::write(&file, receipt.to_string()).unwrap();
    receipt["plan"]["undo"]["message"] = "undo-of-tomorrow".into();
    write(&receipt);
    assert!(refused(stage.undo("1")).contains("its plan is not the one that was confirmed"));

    let mut plan = receipt["plan"].clone();
    plan.sort_all_objects();
    receipt["hash"] =
        Sha256::digest(plan.to_string()).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    receipt["steps"][0]["said"]["message"] = "did-of-tomorrow".into();
    write(&receipt);
    let shown = read(&stage.site.change, "1").unwrap().plan.preview(&say);
    assert!(shown.contains("  Undo:  undo-of-tomorrow\n"), "{shown}");
    assert_eq!(stage.undo("1").unwrap().state, State::Undone);
    let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["plan"], receipt["plan"], "and it is written as it was");
    assert!(refused(stage.undo("1")).contains("undone already"));
}

/// Whatever folder a receipt names as the one that was assembled.
#[test]
fn undo_removes_no_folder_of_another_name() {
    let mut stage = Stage::new();
    std::fs::create_dir(stage.path("precious")).unwrap();
    std::fs::write(stage.path("precious/letter"), "dear").unwrap();
    let word = |name: &str| stage.path(name).to_str().unwrap().to_owned();
    let fill = |tree: &str, name: &str| Action::Fill {
        tree: word(tree),
        path: word(name),
        content: Content::Text { text: "text".into() },
    };
    let (theirs, ours) = (fill("precious", "precious/new"), fill(".goplswatch-x", ".goplswatch-x/a/b"));
    let receipt = stage.apply(&a_plan(RemedyClass::Safe, vec![ours.clone(), theirs])).unwrap();
    assert!(refused(stage.undo(&receipt.id)).contains("is no folder of goplswatch's"));
    assert!(stage.path("precious/letter").exists() && stage.path(".goplswatch-x/a/b").exists(), "nothing was begun");
    let receipt = stage.apply(&a_plan(RemedyClass::Safe, vec![ours])).unwrap();
    stage.undo(&receipt.id).unwrap();
    assert!(!stage.path(".goplswatch-x").exists());
}

/// A receipt, damaged in one of many ways.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let good = {
        let mut stage = Stage::new();
        let file = stage.path("new");
        let step = Step::write(file.to_str().unwrap(), "text".into(), 0o600).unwrap();
        stage.apply(&a_plan(RemedyClass::Safe, vec![step])).unwrap();
        std::fs::read(stage.path("receipts/fix-1.json")).unwrap()
    };
    let len = good.len();
    let cut = {
        let good = good.clone();
        (0..len).prop_map(move |at| good[..at].to_vec())
    };
    let flipped = (0..len, any::<u8>()).prop_map(move |(at, byte)| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    });
    prop_oneof![cut, flipped, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Anything in the folder is listed, and what cannot be read is refused by every reader.
    #[test]
    fn any_bytes_are_a_receipt_or_said_not_to_be_one(bytes in hostile()) {
        let mut stage = Stage::new();
        std::fs::create_dir(stage.path("receipts")).unwrap();
        std::fs::write(stage.path("receipts/fix-1.json"), &bytes).unwrap();
        let kept = receipts(&stage.site.change);
        prop_assert_eq!(kept.len(), 1);
        match &kept[0] {
            ReceiptEntry::Receipt(receipt) => prop_assert_eq!(receipt.plan.hash(), receipt.hash.clone()),
            ReceiptEntry::Unreadable { id, why } => {
                prop_assert_eq!(id, "fix-1");
                prop_assert!(!say(&why.message).is_empty());
                let refusal = refused(stage.undo("fix-1"));
                prop_assert!(refusal.contains("cannot be read"), "{}", refusal);
            }
        }
        prop_assert_eq!(std::fs::read(stage.path("receipts/fix-1.json")).unwrap(), bytes);
    }
}

/// Whatever is in the folder, a fix either starts or is refused.
#[test]
fn a_receipt_of_the_last_number_there_is_ends_nothing_but_the_counting() {
    let mut stage = Stage::new();
    let mute = stage.plan(Remedy::Mute, &snapshot(ProcessKey::new(9, 9), Remedy::Mute, Some("/w/api"))).unwrap();
    stage.apply(&mute).unwrap();
    std::fs::write(stage.site.change.receipts.join(format!("fix-{}.json", u64::MAX)), "{}").unwrap();
    assert!(refused(stage.apply(&mute)).contains("no receipt could be written"));
}
