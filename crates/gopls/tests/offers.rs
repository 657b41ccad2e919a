//! What is offered for a server of each client of the table, and what is not: a restart only where the client starts
//! it again at that moment, its own command wherever it has one and is there to take it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use goplswatch_core::input::{ClientSeen, ServerSeen};
use goplswatch_core::words::{ExitStatus, ServerClass};
use goplswatch_core::{Fact, Input, Moment, ProcessKey, Reading, Remedy, Seq, ServerStatus, State, step};
use goplswatch_gopls::{ClientRow, Places, Setting, clients, settings};
use serde_json::{Value, json};

/// In what a server stands when it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// Ten seconds old, the first of its client's.
    Healthy,
    /// As healthy, after all ends but one that a counting client answers.
    OneLifeLeft,
    /// One second old.
    Young,
    /// As healthy, but its client ran before the watch began.
    OldClient,
    /// As healthy, but its client has ended.
    ClientGone,
}

use Case::{ClientGone, Healthy, OldClient, OneLifeLeft, Young};

const CASES: [Case; 5] = [Healthy, OneLifeLeft, Young, OldClient, ClientGone];
/// A client that counts starts it again only while it has more than its last life, of which all were watched.
const COUNTS: &[Case] = &[Healthy];
/// One that looks at the last life alone does not care for what was before.
const LOOKS_AT_THE_LAST: &[Case] = &[Healthy, OneLifeLeft, OldClient];
const NOWHERE: &[Case] = &[];

/// Client, where a restart is offered, and its command as it is copied.
const TABLE: &[(&str, &[Case], Option<&str>)] = &[
    ("VS Code Insiders", COUNTS, Some("Go: Restart Language Server")),
    ("VSCodium", COUNTS, Some("Go: Restart Language Server")),
    ("Cursor", COUNTS, Some("Go: Restart Language Server")),
    ("Windsurf", COUNTS, Some("Go: Restart Language Server")),
    ("code-server", COUNTS, Some("Go: Restart Language Server")),
    ("OpenVSCode Server", COUNTS, Some("Go: Restart Language Server")),
    ("VS Code", COUNTS, Some("Go: Restart Language Server")),
    ("a relative of VS Code", COUNTS, Some("Go: Restart Language Server")),
    ("coc.nvim", COUNTS, Some(":CocRestart")),
    ("vscode-languageclient", COUNTS, None),
    ("Claude Code", COUNTS, None),
    ("Neovim", NOWHERE, Some(":lsp restart")),
    ("Helix", NOWHERE, Some(":lsp-restart")),
    ("Zed", NOWHERE, Some("editor: restart language server")),
    ("Emacs (lsp-mode)", NOWHERE, Some("M-x lsp-workspace-restart")),
    ("Emacs", LOOKS_AT_THE_LAST, Some("M-x eglot-reconnect")),
    ("Sublime Text", COUNTS, Some("LSP: Restart Server")),
    ("Vim", NOWHERE, None),
    ("Kate", NOWHERE, None),
    ("GNOME Builder", NOWHERE, None),
    ("micro", NOWHERE, None),
    ("Codex", NOWHERE, None),
    ("Gemini CLI", NOWHERE, None),
    ("Crush", NOWHERE, None),
    ("opencode", NOWHERE, None),
    ("Serena", NOWHERE, None),
];

struct Machine {
    state: State,
    seq: u64,
}

impl Machine {
    fn put(&mut self, ms: u64, fact: Fact) {
        self.seq += 1;
        step(&mut self.state, Input { seq: Seq(self.seq), at: moment(ms), fact });
    }

    fn starts(&mut self, ms: u64, pid: u32) {
        let seen = ServerSeen {
            slices: Reading::Known(vec!["arm64".into()]),
            server: ProcessKey::new(pid, 1),
            class: ServerClass::Lsp,
            exe: Reading::unknown("?"),
            arch: Reading::unknown("?"),
            translated: Reading::unknown("?"),
            workspace: Reading::Known("/w/api".into()),
            client: Reading::Known(CLIENT),
            started_ns: Reading::Known(ms * 1_000_000),
            adopted: false,
        };
        self.put(ms, Fact::ServerSeen(Box::new(seen)));
    }

    fn ends(&mut self, ms: u64, process: ProcessKey) {
        let status = ExitStatus::Signaled { signal: 15, name: "SIGTERM".into(), core: false };
        self.put(ms, Fact::Ended { process, status, detail: None });
    }
}

const CLIENT: ProcessKey = ProcessKey::new(1, 1);

fn moment(ms: u64) -> Moment {
    Moment { wall_ms: 0, cont_ns: ms * 1_000_000 }
}

fn asked(row: &ClientRow, case: Case) -> ServerStatus {
    use goplswatch_core::policy::RestartPolicy;
    let mut machine = Machine { state: State::default(), seq: 0 };
    let seen = ClientSeen {
        translated: Reading::Known(false),
        client: CLIENT,
        name: row.name.into(),
        policy: row.policy,
        whole_life: case != OldClient,
        restart_command: row.restart_command.map(str::to_owned),
    };
    machine.put(0, Fact::ClientSeen(Box::new(seen)));
    let before = match row.policy {
        RestartPolicy::SessionCount { exits } | RestartPolicy::WindowCount { exits, .. } => exits - 1,
        _ => 3,
    };
    let mut ms = 1_000;
    for pid in 0..if case == OneLifeLeft { before } else { 0 } {
        machine.starts(ms, 10 + pid);
        machine.ends(ms + 4_000, ProcessKey::new(10 + pid, 1));
        ms += 4_100;
    }
    machine.starts(ms, 100);
    ms += if case == Young { 1_000 } else { 10_000 };
    if case == ClientGone {
        machine.ends(ms, CLIENT);
    }
    machine.state.snapshot(moment(ms)).servers.pop().unwrap()
}

#[test]
fn each_client_is_offered_what_is_true_of_it() {
    let rows: BTreeSet<&str> = clients().iter().map(|row| row.name).collect();
    assert_eq!(rows, TABLE.iter().map(|(name, ..)| *name).collect(), "a client came or went: say here what holds");
    for row in clients() {
        let (_, restarts, command) = TABLE.iter().find(|(name, ..)| *name == row.name).unwrap();
        for case in CASES {
            let status = asked(row, case);
            let offered = |remedy| status.offers.contains(&remedy);
            assert_eq!(offered(Remedy::RestartServer), restarts.contains(&case), "{}, {case:?}: {status:?}", row.name);
            let command = command.filter(|_| case != ClientGone);
            assert_eq!(status.restart_command.as_deref(), command, "{}, {case:?}", row.name);
            assert_eq!(offered(Remedy::CopyRestartCommand), command.is_some(), "{}, {case:?}", row.name);
            for never in [Remedy::KillServer, Remedy::StopDuplicate, Remedy::StopMcp, Remedy::StopOrphan] {
                assert!(!offered(never), "{}, {case:?}: {never:?}", row.name);
            }
        }
    }
}

/// What the remedies that set something lead to, for each client whose settings another program can write: its file on
/// macOS and on Linux, where a new setting comes to stand, and the list of flags. All others get a snippet.
const SETTINGS: &[(&str, &str, &str, &str, Option<&str>)] = &[
    (
        "VS Code Insiders",
        "Library/Application Support/Code - Insiders/User/settings.json",
        ".config/Code - Insiders/User/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "VSCodium",
        "Library/Application Support/VSCodium/User/settings.json",
        ".config/VSCodium/User/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "Cursor",
        "Library/Application Support/Cursor/User/settings.json",
        ".config/Cursor/User/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "Windsurf",
        "Library/Application Support/Windsurf/User/settings.json",
        ".config/Windsurf/User/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "code-server",
        ".local/share/code-server/User/settings.json",
        ".local/share/code-server/User/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "OpenVSCode Server",
        ".openvscode-server/data/Machine/settings.json",
        ".openvscode-server/data/Machine/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "VS Code",
        "Library/Application Support/Code/User/settings.json",
        ".config/Code/User/settings.json",
        "gopls > NAME",
        FLAGS,
    ),
    (
        "Zed",
        ".config/zed/settings.json",
        ".config/zed/settings.json",
        "lsp > gopls > initialization_options > NAME",
        Some("lsp > gopls > binary > arguments"),
    ),
    (
        "Helix",
        ".config/helix/languages.toml",
        ".config/helix/languages.toml",
        "language-server > gopls > config > NAME",
        Some("language-server > gopls > args"),
    ),
    (
        "Sublime Text",
        "Library/Application Support/Sublime Text/Packages/User/LSP-gopls.sublime-settings",
        ".config/sublime-text/Packages/User/LSP-gopls.sublime-settings",
        "settings > gopls.NAME",
        None,
    ),
    ("coc.nvim", ".config/nvim/coc-settings.json", ".config/nvim/coc-settings.json", "go.goplsOptions > NAME", None),
];

const FLAGS: Option<&str> = Some("go.languageServerFlags");

#[test]
fn each_client_is_edited_or_told_what_to_set() {
    for client in clients() {
        let row = settings(client.name).unwrap();
        // What shows, where the client's file has to show it, that the client reads gopls' settings there.
        let says = match client.name {
            "Sublime Text" => json!({"settings": {}}),
            "coc.nvim" => json!({"go.goplsOptions": {}}),
            _ => json!({}),
        };
        let file = |places| row.files(places, "/h", None).first().map(|file| file.replacen("/h/", "", 1));
        let expected = SETTINGS.iter().find(|(name, ..)| *name == client.name);
        assert_eq!(file(Places::Macos).as_deref(), expected.map(|row| row.1), "{}", client.name);
        assert_eq!(file(Places::Linux).as_deref(), expected.map(|row| row.2), "{}", client.name);
        let flags = row.flags(&says).ok().map(|(path, _)| path.join(" > "));
        for setting in Setting::ALL {
            let name = setting.name();
            let edited = row.has_a_file(Places::Macos).then(|| row.path(&says, name).unwrap().join(" > "));
            assert_eq!(edited, expected.map(|row| row.3.replace("NAME", name)), "{}", client.name);
            let by_hand = row.snippet(name, &Value::from(7));
            assert!(by_hand.contains(&format!("{{ \"{name}\": 7 }}")) && by_hand.contains(":\n"), "{by_hand}");
        }
        if row.has_a_file(Places::Macos) {
            assert_eq!(flags.as_deref(), expected.and_then(|row| row.4), "{}", client.name);
        }
        assert!(!row.flag_snippet("-remote=auto").is_empty());
    }
}
