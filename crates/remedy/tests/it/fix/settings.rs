//! gopls' settings in the files of its clients: one value is set and restored byte for byte, and
//! every unclear case is refused with instructions for the user.

use goplswatch_core::event::ClientView;
use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Amount, Gauge, Pid, ProcessKey, Reading, Remedy, Robust, Snapshot};
use goplswatch_gopls::ClientId;
use goplswatch_remedy::change::{Action, State, Step};
use goplswatch_remedy::fix::offered;
use serde_json::{Value, json};

use super::stage::*;
use crate::{Worded as _, say, say_lines};

const CODE: &str = ".config/Code/User/settings.json";
const NEW: &str = r#"{"GoVersion":"go1.27.3","Main":{"Path":"golang.org/x/tools/gopls","Version":"v0.24.1"}}"#;
const OLD: &str = r#"{"GoVersion":"go1.22.6","Main":{"Path":"golang.org/x/tools/gopls","Version":"v0.16.2"}}"#;
const UNSAID: &str = r#"{"GoVersion":"go1.27.3","Main":{}}"#;

/// A machine of 16 GiB with one gopls of this client.
struct Case {
    stage: Stage,
    snapshot: Snapshot,
}

impl Case {
    fn new(remedy: Remedy, client: &str) -> Self {
        let stage = Stage::new();
        let mut snapshot = snapshot(ProcessKey::new(4242, 1), remedy, None);
        let memory = Reading::Known(Amount::Exactly(16 << 30));
        snapshot.machine.gauges.insert(Gauge::MachineMemory, memory);
        let workspace = stage.path("work");
        std::fs::create_dir(&workspace).unwrap();
        let view = &mut snapshot.servers[0].server;
        let id = ClientId::of_recorded_name(client).map_or(ClientId::UNLISTED, ClientId::word);
        view.client = Reading::Known(ClientView { id: Some(id.into()), name: client.into(), pid: Pid(7) });
        view.exe = Reading::Known(stage.pretended("gopls", &[("version-json", NEW)]));
        view.workspace = Reading::Known(workspace.to_str().unwrap().into());
        Self { stage, snapshot }
    }

    fn code(remedy: Remedy, says: &str) -> Self {
        Self::new(remedy, "VS Code").file(CODE, says)
    }

    fn file(self, name: &str, says: &str) -> Self {
        let path = self.stage.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, says).unwrap();
        self
    }

    /// Sets the client that is reported, with this id and this name.
    fn client(mut self, id: Option<&str>, name: &str) -> Self {
        let client = ClientView { id: id.map(str::to_owned), name: name.into(), pid: Pid(7) };
        self.snapshot.servers[0].server.client = Reading::Known(client);
        self
    }

    fn gopls(self, answers: &[(&str, &str)]) -> Self {
        let exe = self.snapshot.servers[0].server.exe.known().unwrap().clone();
        std::fs::remove_file(format!("{exe}.version-json")).unwrap();
        for (answer, says) in answers {
            std::fs::write(format!("{exe}.{answer}"), says).unwrap();
        }
        self
    }

    fn remedy(&self) -> Remedy {
        self.snapshot.incidents[0].remedies[0].remedy
    }

    /// The keys and the value of the only step.
    fn edit(&self) -> (String, Value) {
        let plan = self.stage.plan(self.remedy(), &self.snapshot).unwrap();
        assert_eq!(
            (plan.class, plan.hash()),
            (RemedyClass::Safe, self.stage.plan(self.remedy(), &self.snapshot).unwrap().hash())
        );
        let [Step { action: Action::Edit { path, value, .. }, .. }] = plan.steps.as_slice() else { panic!("{plan:?}") };
        (path.join(" > "), value.clone())
    }

    fn refused(&self) -> (String, String) {
        let refusal = self.stage.plan(self.remedy(), &self.snapshot).unwrap_err();
        (refusal.words(), refusal.advised())
    }
}

#[test]
fn one_value_is_set_and_put_back_byte_for_byte() {
    let before = "\u{feff}{\r\n\t// mine\r\n\t\"gopls\": { \"ui.semanticTokens\": true, \"fileWatcher\": \"fsnotify\", }\r\n}\r\n";
    let mut case = Case::code(Remedy::TurnOffWatcher, before);
    let plan = case.stage.plan(Remedy::TurnOffWatcher, &case.snapshot).unwrap();
    assert_eq!(say(&plan.question()), "Turn off the file watcher of gopls (pid 4242) of VS Code in work?");
    let preview = plan.preview(&say);
    for said in [
        "Undo:  Undo puts the settings back as they were.",
        "Costs: What a workspace sets itself comes before it.",
        "Set gopls > fileWatcher in ",
        "+\t\"gopls\": { \"ui.semanticTokens\": true, \"fileWatcher\": \"off\", }",
    ] {
        assert!(preview.contains(said), "{said}: {preview}");
    }
    let receipt = case.stage.apply(&plan).unwrap();
    let text = || std::fs::read_to_string(case.stage.path(CODE)).unwrap();
    assert_eq!(text(), before.replace("fsnotify", "off"));
    assert_eq!(receipt.state, State::Done);
    assert_eq!(case.stage.undo("1").unwrap().state, State::Undone);
    assert_eq!(std::fs::read_to_string(case.stage.path(CODE)).unwrap(), before);
    let asked = std::fs::read_to_string(case.stage.path("bin/gopls.asked")).unwrap();
    assert_eq!(asked, "|||2|version -json\n", "gopls is asked once, without its telemetry process");
}

#[test]
fn comments_and_trailing_commas_stay() {
    let before = "{\n  // mine\n  \"[go]\": { \"editor.formatOnSave\": true, },\n  \"gopls\": {\n    \"ui.semanticTokens\": \
                  true, // nice\n  },\n}\n";
    let mut case = Case::code(Remedy::PollFiles, before);
    let plan = case.stage.plan(Remedy::PollFiles, &case.snapshot).unwrap();
    case.stage.apply(&plan).unwrap();
    let after = std::fs::read_to_string(case.stage.path(CODE)).unwrap();
    assert_eq!(after, before.replace("true, // nice\n", "true, // nice\n    \"fileWatcher\": \"poll\",\n"));
}

#[test]
fn each_remedy_sets_its_own_value() {
    for (remedy, says, path, value) in [
        (Remedy::PollFiles, "{}", "gopls > fileWatcher", json!("poll")),
        (Remedy::PollFiles, "", "gopls > fileWatcher", json!("poll")),
        (Remedy::PollFiles, "// nothing yet\n", "gopls > fileWatcher", json!("poll")),
        (Remedy::PollFiles, r#"{"gopls.fileWatcher": "fsnotify"}"#, "gopls.fileWatcher", json!("poll")),
        (Remedy::LimitMemory, "{}", "gopls > memoryLimit", json!(8_589_934_592_u64)),
        (Remedy::LimitMemory, r#"{"gopls": {"memoryLimit": 0}}"#, "gopls > memoryLimit", json!(8_589_934_592_u64)),
        (Remedy::ShareServer, "{}", "go.languageServerFlags", json!(["-remote=auto"])),
        (
            Remedy::ShareServer,
            r#"{"go.languageServerFlags": ["-rpc.trace"]}"#,
            "go.languageServerFlags",
            json!(["-rpc.trace", "-remote=auto"]),
        ),
    ] {
        assert_eq!(Case::code(remedy, says).edit(), (path.into(), value), "{remedy:?} {says}");
    }
}

#[test]
fn a_plan_is_the_same_while_what_is_told_of_it_grows() {
    let mut case = Case::code(Remedy::ShareServer, "{}");
    let plan = |case: &Case| case.stage.plan(Remedy::ShareServer, &case.snapshot).unwrap();
    let before = plan(&case);
    case.snapshot.incidents[0].remedies[0].said.message =
        Message::reported("3 gopls serve one folder; a shared one would save about 1.3 GB.").into();
    assert_eq!(before.hash(), plan(&case).hash());
    assert_eq!(before.does, Some(Message::Deed { remedy: Remedy::ShareServer }.into()));
}

#[test]
fn a_limit_stands_above_what_is_usual() {
    let mut case = Case::code(Remedy::LimitMemory, "{}");
    case.snapshot.servers[0].usual.memory_bytes = Some(Robust { median: 7 << 30, mad: 0, of: 9 });
    assert_eq!(case.edit().1, json!(12_u64 << 30));
    case.snapshot.servers[0].usual.memory_bytes = Some(Robust { median: 14 << 30, mad: 0, of: 9 });
    assert!(case.refused().0.contains("too little memory"));
    case.snapshot.machine.gauges.clear();
    assert!(case.refused().0.contains("how much memory this machine has is not known"));
}

#[test]
fn what_is_not_clear_is_refused_with_what_to_do_by_hand() {
    use Remedy::{LimitMemory, PollFiles, ShareServer, TurnOffWatcher};
    let by_hand = "settings.json";
    for (remedy, says, why, instead) in [
        (
            TurnOffWatcher,
            "{}",
            "does not set fileWatcher. If it is on, the settings of the workspace",
            "look for fileWatcher there",
        ),
        (
            TurnOffWatcher,
            r#"{"gopls": {"fileWatcher": "off"}}"#,
            "says so already: fileWatcher is \"off\"",
            "restarted",
        ),
        (PollFiles, r#"{"gopls": {"fileWatcher": "off", "fileWatcher": "off"}}"#, "stands there twice", by_hand),
        (
            PollFiles,
            r#"{"gopls": {"fileWatcher": 1}, "gopls.fileWatcher": 2}"#,
            "more than once: gopls > fileWatcher, gopls.fileWatcher",
            by_hand,
        ),
        (PollFiles, r#"{"gopls": 7}"#, "gopls is no object", by_hand),
        (PollFiles, "[]", "cannot be changed", by_hand),
        (PollFiles, "{'a': 1}", "it is not JSON with comments", by_hand),
        (LimitMemory, r#"{"gopls": {"memoryLimit": 4000000000}}"#, "limits it already, to 4.0 GB", by_hand),
        (ShareServer, r#"{"go.languageServerFlags": ["-remote=/tmp/x"]}"#, "already whom its gopls share", "restarted"),
        (ShareServer, r#"{"go.languageServerFlags": "x"}"#, "nothing in", "go.languageServerFlags"),
    ] {
        let (got, advice) = Case::code(remedy, says).refused();
        assert!(got.contains(why), "{remedy:?} {says}: {got}");
        assert!(advice.contains(instead), "{remedy:?} {says}: {advice}");
    }
}

#[test]
fn a_file_of_brackets_is_refused() {
    for (client, file) in [("VS Code", CODE), ("Helix", ".config/helix/languages.toml")] {
        for brackets in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 18), format!("a = {}", "[".repeat(1 << 20))] {
            let (why, _) = Case::new(Remedy::PollFiles, client).file(file, &brackets).refused();
            assert!(why.contains("cannot be changed: it is not"), "{why}");
        }
    }
}

#[test]
fn what_is_never_in_a_file_is_for_a_person() {
    for (remedy, client, said) in [
        (
            Remedy::PollFiles,
            "Neovim",
            "Neovim keeps this in no file that another program could write to.\nPut this into",
        ),
        (Remedy::PollFiles, "acme", "acme is not a program that goplswatch knows.\nIt is not known where"),
        (Remedy::TurnOffWatcher, "acme", "{ \"fileWatcher\": \"off\" }\nThen restart gopls."),
        (Remedy::LimitMemory, "Emacs", "{ \"memoryLimit\": 8589934592 }\nThen restart gopls."),
        (Remedy::ShareServer, "Claude Code", "Have it start gopls as: gopls -remote=auto\nThen restart gopls."),
    ] {
        let mut case = Case::new(remedy, client);
        let plan = case.stage.plan(remedy, &case.snapshot).unwrap();
        let text = say_lines(&plan.steps[0].action.lines().unwrap());
        assert_eq!((plan.class, &plan.does), (RemedyClass::Manual, &None), "{client}");
        assert!(text.contains(said), "{client}: {text}");
        assert!(!plan.preview(&say).contains("Costs:  "), "{}", plan.preview(&say));
        let refused = case.stage.apply(&plan).unwrap_err().words();
        assert!(refused.contains("for a person to do"), "{refused}");
    }
    // It is also listed with this class if the process is named.
    for (client, class) in [("Neovim", RemedyClass::Manual), ("acme", RemedyClass::Manual), ("Zed", RemedyClass::Safe)]
    {
        let mut case = Case::new(Remedy::LimitMemory, client);
        case.snapshot.incidents[0].remedies[0].process = Some(ProcessKey::new(4242, 1));
        assert_eq!(offered(&case.snapshot)[0].class, class, "{client}");
    }
    // A setting that its gopls would only complain about is not proposed as an instruction either.
    let (why, _) = Case::new(Remedy::LimitMemory, "Neovim").gopls(&[("version-json", OLD)]).refused();
    assert!(why.contains("memoryLimit came with 0.24.0"), "{why}");
}

#[test]
fn settings_are_those_of_the_id_and_a_name_decides_only_without_one() {
    let case = |id, name| Case::code(Remedy::PollFiles, "{}").client(id, name);
    for (id, name) in [(Some("vs-code"), "Helix"), (Some("vs-code"), "a name of tomorrow"), (None, "VS Code")] {
        assert_eq!(case(id, name).edit(), ("gopls > fileWatcher".into(), json!("poll")), "{id:?} {name}");
    }
    // A program that has this file name by chance.
    for id in [ClientId::UNLISTED, "an-editor-of-tomorrow"] {
        let case = case(Some(id), "VS Code");
        let plan = case.stage.plan(Remedy::PollFiles, &case.snapshot).unwrap();
        let text = say_lines(&plan.steps[0].action.lines().unwrap());
        assert!(text.starts_with("VS Code is not a program that goplswatch knows."), "{text}");
    }
}

#[test]
fn a_client_without_one_file_is_told_by_hand() {
    for (case, why, instead) in [
        (
            Case::new(Remedy::PollFiles, "VS Code"),
            "no settings file of VS Code",
            "\"gopls\": { \"fileWatcher\": \"poll\" }",
        ),
        (
            Case::code(Remedy::PollFiles, "{}").file(".vscode-server/data/Machine/settings.json", "{}"),
            "from more than one file here",
            "\"gopls\": {",
        ),
        (
            Case::new(Remedy::PollFiles, "coc.nvim")
                .file(".config/nvim/coc-settings.json", r#"{"languageserver": {}}"#),
            "shows where coc.nvim would read it",
            "go.goplsOptions",
        ),
    ] {
        let (got, advice) = case.refused();
        assert!(got.contains(why) && advice.contains(instead), "{got} | {advice}");
    }
    let mut case = Case::code(Remedy::PollFiles, "{}");
    case.snapshot.servers.clear();
    assert!(case.refused().0.contains("which gopls is meant"));
}

#[test]
fn other_clients_are_edited_in_their_own_way() {
    for (client, file, says, path) in [
        ("Zed", ".config/zed/settings.json", "{}", "lsp > gopls > initialization_options > fileWatcher"),
        ("Helix", ".config/helix/languages.toml", "", "language-server > gopls > config > fileWatcher"),
        (
            "Helix",
            ".config/helix/languages.toml",
            "[language-server.gopls.config]\n\"ui.fileWatcher\" = \"off\" # mine\n",
            "language-server > gopls > config > ui.fileWatcher",
        ),
        (
            "Helix",
            ".config/helix/languages.toml",
            "language-server = { gopls = { command = \"gopls\" } } # mine\n",
            "language-server > gopls > config > fileWatcher",
        ),
        (
            "Helix",
            ".config/helix/languages.toml",
            "[language-server]\ngopls.command = \"gopls\"\n\n[[language]]\nname = \"go\"\n",
            "language-server > gopls > config > fileWatcher",
        ),
        (
            "Sublime Text",
            ".config/sublime-text/Packages/User/LSP-gopls.sublime-settings",
            r#"{"settings": {}}"#,
            "settings > gopls.fileWatcher",
        ),
        ("coc.nvim", ".vim/coc-settings.json", r#"{"go.goplsOptions": {}}"#, "go.goplsOptions > fileWatcher"),
    ] {
        let mut case = Case::new(Remedy::PollFiles, client).file(file, says);
        assert_eq!(case.edit(), (path.into(), json!("poll")), "{client}");
        let plan = case.stage.plan(Remedy::PollFiles, &case.snapshot).unwrap();
        case.stage.apply(&plan).unwrap();
        let text = |case: &Case| std::fs::read_to_string(case.stage.path(file)).unwrap();
        assert!(text(&case).contains("poll"));
        // The value is where the client reads it, so a second request is refused.
        assert!(case.refused().0.contains("says so already: fileWatcher is \"poll\""), "{client}: {}", text(&case));
        case.stage.undo("1").unwrap();
        assert_eq!(text(&case), says, "{client}");
    }
}

#[test]
fn a_gopls_that_does_not_know_a_setting_is_not_given_it() {
    let known = r#"{"Options":{"User":[{"Name":"memoryLimit"},{"Name":"build.directoryFilters"}]}}"#;
    for (answers, why) in [
        (&[("version-json", OLD)][..], "this gopls is 0.16.2, and memoryLimit came with 0.24.0"),
        (&[("version-json", UNSAID), ("api-json", r#"{"Options":{"User":[]}}"#)], "does not know memoryLimit"),
        (&[("version-json", UNSAID), ("api-json", "[]")], "is not known whether this gopls knows memoryLimit"),
        (&[], "it ended with 3"),
    ] {
        let (got, advice) = Case::code(Remedy::LimitMemory, "{}").gopls(answers).refused();
        assert!(got.contains(why), "{got}");
        assert!(advice.contains("go install golang.org/x/tools/gopls@latest"), "{advice}");
    }
    for answers in [&[("version-json", UNSAID), ("api-json", known)][..], &[("api-json", known)]] {
        assert_eq!(Case::code(Remedy::LimitMemory, "{}").gopls(answers).edit().1, json!(8_u64 << 30));
    }
    // The flag is older than every gopls that still works, so gopls need not be queried.
    let case = Case::code(Remedy::ShareServer, "{}").gopls(&[]);
    assert_eq!(case.edit().1, json!(["-remote=auto"]));
}

#[test]
fn nothing_of_a_workspace_is_run() {
    let mut case = Case::code(Remedy::LimitMemory, "{}");
    let inside = case.stage.pretended("work/gopls", &[("version-json", NEW)]);
    case.snapshot.servers[0].server.exe = Reading::Known(inside.clone());
    assert!(case.refused().0.contains("lies in the workspace"));
    assert!(!std::path::Path::new(&format!("{inside}.asked")).exists());
    case.snapshot.servers[0].server.exe = Reading::unknown("it was not told");
    assert!(case.refused().0.contains("it was not told"));
}

#[test]
fn large_folders_without_go_are_excluded_beside_what_is_already() {
    let (why, _) = Case::code(Remedy::ExcludeFolders, "{}").refused();
    assert!(why.contains("has no large folder without Go code"), "{why}");

    let mut case = Case::code(Remedy::ExcludeFolders, "{}");
    for (folder, files) in [("work/third_party/blobs", 2_100), ("work/web/dist", 2_000), ("work/pkg", 50)] {
        let folder = case.stage.path(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for n in 0..files {
            std::fs::write(folder.join(format!("{n}.bin")), "").unwrap();
        }
    }
    std::fs::write(case.stage.path("work/third_party/x.go"), "package x").unwrap();
    assert_eq!(
        case.edit(),
        ("gopls > directoryFilters".into(), json!(["-**/node_modules", "-third_party/blobs", "-web"])),
        "a list replaces the one that is built in"
    );
    let plan = case.stage.plan(Remedy::ExcludeFolders, &case.snapshot).unwrap();
    let cost = say(&plan.cost.unwrap().message);
    assert!(cost.contains("in every workspace that has folders of these names"), "{cost}");

    let set = |says: &str| std::fs::write(case.stage.path(CODE), says).unwrap();
    set(r#"{"gopls": {"build.directoryFilters": ["-web", "+web/src"]}}"#);
    assert_eq!(
        case.edit(),
        ("gopls > build.directoryFilters".into(), json!(["-web", "+web/src", "-third_party/blobs"]))
    );
    for (says, why) in [
        (
            r#"{"gopls": {"directoryFilters": ["-web", "-**/blobs"]}}"#,
            "leaves all large folders without Go code out already",
        ),
        (r#"{"gopls": {"directoryFilters": "-web"}}"#, "holds no list of words there"),
    ] {
        set(says);
        assert!(case.refused().0.contains(why), "{says}");
    }
    case.stage.site.timeouts.look = std::time::Duration::ZERO;
    assert!(case.refused().0.ends_with("in the part of it that was looked through"));
}
