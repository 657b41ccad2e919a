//! `goplswatch menu`: the text for a real process, with and without an agent.

use crate::support::agent::{Agent, text};
use crate::support::stage::Stage;
use serde_json::Value;

fn menu(stage: &Stage) -> Value {
    let ran = stage.run(&["menu", "--json"]);
    assert!(ran.status.code().is_some_and(|code| code < 2), "{}", text(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// Every row followed by the rows of its submenus, top to bottom.
fn rows(of: &Value) -> Vec<&Value> {
    let rows = of["rows"].as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().flat_map(|row| std::iter::once(row).chain(self::rows(row))).collect()
}

#[test]
fn without_an_agent_the_menu_of_one_look_is_shown() {
    let stage = Stage::new();
    let gopls = stage.gopls();
    let ran = stage.run(&["menu"]);
    let said = text(&ran.stdout);
    assert!(said.starts_with("gopls: "), "{said}");
    assert!(said.contains("api-server — "), "{said}");
    assert!(said.contains(&format!("pid {}", gopls.0.id())), "{said}");
    assert!(said.contains("[Quit goplswatch]"), "{said}");
    assert!(said.contains("No agent is running"), "{said}");
    // gopls of other tests may have a problem.
    assert!(ran.status.code().is_some_and(|code| code < 2), "{ran:?}");
}

#[test]
fn the_menu_of_the_agent_has_a_row_for_each_process_and_each_mute() {
    let stage = Stage::new();
    let gopls = stage.gopls();
    let pid = gopls.0.id().to_string();
    let mut agent = Agent::start(&stage);
    agent.wait_for("the gopls", |status| status["servers"].to_string().contains(&format!("\"pid\":{pid},")));

    let before = menu(&stage);
    let copies = |seen: &Value| rows(&seen["menu"]).iter().any(|row| row["wants"]["text"] == pid.as_str());
    let unmutes = |seen: &Value| {
        let mutes = rows(&seen["menu"]).into_iter().filter(|row| row["wants"]["wish"] == "unmute").count();
        (mutes, rows(&seen["menu"]).iter().filter(|row| row["checked"] == true).count())
    };
    assert!(copies(&before), "{before:#}");
    assert_eq!(unmutes(&before), (0, 0));
    assert!(!text(&stage.run(&["menu"]).stdout).contains("No agent is running"));

    // By its path: other tests have folders of that name.
    let muted = stage.run(&["mute", &stage.path("api-server").to_string_lossy()]);
    assert!(muted.status.success(), "{}", text(&muted.stderr));
    let paused = stage.run(&["pause"]);
    assert!(paused.status.success(), "{}", text(&paused.stderr));
    let after = menu(&stage);
    assert_eq!(unmutes(&after), (1, 1), "{after:#}");
    assert_eq!(after["icon"]["shape"], "muted");
    assert!(rows(&after["menu"]).iter().any(|row| row["wants"]["wish"] == "resume"), "{after:#}");
}
