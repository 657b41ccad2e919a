//! Simulated desktop tools.

use std::time::{Duration, Instant};

use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_remedy::change::{Action, DesktopTarget, Tool};
use goplswatch_testing::{DEADLINE, wait_until};

use super::stage::*;

#[test]
fn text_reaches_the_first_clipboard_that_takes_it() {
    let mut stage = Stage::new();
    let copy = a_plan(RemedyClass::Safe, vec![Action::Copy { text: "one\ntwo é".into() }]);
    stage.site.change.desktop.clipboard_from = Some(Message::reported("install one"));
    let (_, why, advice) = stuck(stage.apply(&copy));
    assert_eq!(why, "no tool for the clipboard was found");
    assert_eq!(advice, "install one; this is the text:\none\ntwo é");

    let file = stage.path("clipboard");
    let takes = format!("cat > '{}'; sleep 300 & echo $! > '{}.pid'", file.display(), file.display());
    let absent = Tool { argv: vec!["/no/such/tool".into()] };
    stage.site.change.desktop.clipboard = vec![absent, stage.tool("echo no display >&2; exit 1"), stage.tool(&takes)];
    let began = Instant::now();
    stage.apply(&copy).unwrap();
    assert!(began.elapsed() < DEADLINE, "what serves the clipboard is not waited for");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\ntwo é");
    let left: u32 = std::fs::read_to_string(stage.path("clipboard.pid")).unwrap().trim().parse().unwrap();
    let left = rustix::process::Pid::from_raw(left.cast_signed()).unwrap();
    rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();

    stage.site.change.desktop.clipboard.truncate(2);
    let (_, why, advice) = stuck(stage.apply(&copy));
    assert!(why.contains("ended with 1. It said: no display") && advice.contains("two é"), "{why} {advice}");
    assert_eq!(stage.user_commands, [], "nothing was touched, so there is nothing to watch");
}

#[test]
fn folders_and_pages_are_opened_and_nothing_else() {
    let mut stage = Stage::new();
    let opened = stage.path("opened");
    let tool = stage.tool(&format!("printf '%s' \"$1\" > '{}'; sleep 300", opened.display()));
    stage.site.change.desktop.open = vec![tool];
    stage.site.change.timeouts.tool = Duration::from_millis(100);
    let folder = stage.path("a folder").display().to_string();
    let open = |shown| a_plan(RemedyClass::Safe, vec![Action::Open { shown }]);
    let (_, why, _) = stuck(stage.apply(&open(DesktopTarget::Folder(folder.clone()))));
    assert!(why.contains("is not there any more"), "{why}");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(format!("{folder}/file"), "").unwrap();
    for (shown, what) in [
        (DesktopTarget::Folder(folder.clone()), folder.as_str()),
        (DesktopTarget::File(format!("{folder}/file")), &folder),
        (DesktopTarget::Url("https://go.dev/gopls/?a=b&c".into()), "https://go.dev/gopls/?a=b&c"),
    ] {
        stage.apply(&open(shown)).unwrap();
        wait_until(what, || std::fs::read_to_string(&opened).is_ok_and(|said| said == what));
    }
    for url in ["file:///etc/passwd", "-a", "HTTP:x", "javascript:1"] {
        let (_, why, _) = stuck(stage.apply(&open(DesktopTarget::Url(url.into()))));
        assert!(why.contains("is no page of the web"), "{why}");
    }
    let (_, why, _) = stuck(stage.apply(&open(DesktopTarget::Folder("-R".into()))));
    assert!(why.contains("not there"), "{why}");
    stage.site.change.desktop.open = Vec::new();
    let (_, why, advice) = stuck(stage.apply(&open(DesktopTarget::Url("https://go.dev".into()))));
    assert!(why.contains("no tool") && advice.contains("open https://go.dev yourself"), "{why} {advice}");
}
