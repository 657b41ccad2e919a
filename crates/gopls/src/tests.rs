//! Process images as they were observed (in the editors' logs and rpc traces of the test data), and
//! how they must be classified.

use std::time::Duration;

use goplswatch_core::Reading;
use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::types::{LoadKind, ServerClass};
use proptest::prelude::*;

use crate::*;

/// An image with this executable and these arguments; an empty `exe` stands for one that could not
/// be read.
fn image(exe: &str, argv: &[&str]) -> Image {
    Image {
        comm: exe.rsplit('/').next().unwrap().bytes().take(15).collect(),
        exe: if exe.is_empty() { Reading::unknown("refused") } else { Reading::Known(exe.into()) },
        argv: Reading::Known(argv.iter().map(|a| a.as_bytes().to_vec()).collect()),
        env: Reading::Known(Vec::new()),
        folder: Reading::Known(b"/home/dev/m".to_vec()),
    }
}

fn with_env(mut image: Image, name: &str, value: &str) -> Image {
    assert!(ENV_ALLOWED.contains(&name), "{name} would never be read");
    image.env = Reading::Known(vec![(name.into(), value.into())]);
    image
}

/// A gopls with these arguments, separated by spaces.
fn gopls(args: &str) -> Image {
    let argv: Vec<&str> = std::iter::once("gopls").chain(args.split_whitespace()).collect();
    image("/usr/bin/gopls", &argv)
}

#[track_caller]
fn check_class(image: &Image, expect: Classified) {
    assert_eq!(classify(image), expect, "{image:?}");
}

#[test]
fn command_lines_that_were_seen() {
    use Classified::Server;
    use ServerClass::{Daemon, Forwarder, Lsp, Sidecar};
    let exe = "/home/dev/e2e/tools/gopls-0.24.0/usr/bin/gopls";
    let check = |argv: &[&str], class| check_class(&image(exe, argv), Server(class));
    check(&["gopls"], Lsp);
    check(&[exe], Lsp);
    check(&[exe, "-rpc.trace"], Lsp);
    check(&[exe, "-rpc.trace", "-logfile", "/home/dev/out/kill-term.log"], Lsp);
    check(&[exe, "** telemetry **"], Sidecar);
    check(
        &[
            exe,
            "-rpc.trace",
            "-logfile",
            "/x/a.log",
            "-remote=auto",
            "-remote.listen.timeout=5s",
            "-remote.logfile=/x/d.log",
        ],
        Forwarder,
    );
    check(
        &[exe, "serve", "-listen", "unix;/x/gopls-4f-daemon.shared", "-listen.timeout", "5s", "-logfile", "/x/d.log"],
        Daemon,
    );
}

#[test]
fn flags_are_read_as_gopls_reads_them() {
    use ServerClass::{Daemon, Forwarder, Lsp, Mcp, OneShot};
    let check = |args: &str, class| check_class(&gopls(args), Classified::Server(class));
    for args in ["", "serve", "-v serve", "-mode=stdio", "-mode=daemon", "-mode daemon", "--", "-vv -logfile auto"] {
        check(args, Lsp);
    }
    // The value of a flag is neither a sub-command nor a flag.
    check("-logfile version", Lsp);
    check("-logfile -help", Lsp);
    check("-profile.cpu check serve", Lsp);
    check("-logfile=-listen", Lsp);
    check("-remote.debug=:6060 -remote.logfile auto", Lsp);
    check("serve -debug localhost:6060 -mcp.listen localhost:0", Lsp);
    for args in ["-listen=:37374", "--listen :37374", "serve -listen=unix;/x", "-port=4389", "-remote=auto -listen=x"] {
        check(args, Daemon);
    }
    check("-listen=", Lsp);
    check("-port 0", Lsp);
    for args in ["-remote=auto", "--remote auto", "serve -remote=unix;/x", "-remote auto -rpc.trace"] {
        check(args, Forwarder);
    }
    for args in
        ["mcp", "-v mcp", "mcp -listen=localhost:3000", "mcp -listen localhost:3000 -rpc.trace", "-remote=auto mcp"]
    {
        check(args, Mcp);
    }
    check("mcp -instructions", OneShot);
    check("mcp -logfile -instructions", Mcp);
    check("mcp --help", OneShot);
    for args in ["version", "version -json", "-v check a.go", "-remote=auto definition a.go:1:2", "remote sessions"] {
        check(args, OneShot);
    }
    for args in ["-h", "--help", "-help", "serve -h", "--version", "api-json", "stats -anon", "vulncheck -- ./..."] {
        check(args, OneShot);
    }
    // Not a command of any gopls, but meant as one.
    check("reload", OneShot);
    check("cache delete", OneShot);
    // Not meant as a command: a server that a client starts with wrong arguments.
    check("/home/dev/m", Lsp);
    check("localhost:6060", Lsp);
    check("37374", Lsp);
    // An unknown flag may take the next word as its value; a command stays a command.
    check("-memory 4GiB -remote=auto", Forwarder);
    check("-new value", Lsp);
    check("-new check a.go", OneShot);
    check("serve version", Lsp);
}

#[test]
fn only_a_gopls_is_a_gopls() {
    let lsp = Classified::Server(ServerClass::Lsp);
    let zed = "/home/dev/.local/share/zed/languages/gopls/gopls_0.20.0_go_1.24.5";
    check_class(&image(zed, &[zed, "-mode=stdio"]), lsp);
    for name in ["gopls", "gopls.exe", "gopls-0.16.1", "gopls@v0.20.0", "gopls_v0.20.1", ".gopls-wrapped"] {
        check_class(&image(&format!("/x/{name}"), &[name]), lsp);
    }
    for name in ["gopls-lazy", "gopls-mcp", "goplswatch", "gopls.log", "goplsx", "go", "xgopls", "gopls_", ""] {
        check_class(&image(&format!("/x/{name}"), &[name]), Classified::Not);
    }
    // A proxy that was called as gopls is a proxy.
    check_class(&image("/x/gopls-lazy", &["gopls"]), Classified::Not);
    // An update moved the running binary away.
    check_class(&image("/x/gopls.old", &["gopls"]), lsp);
    check_class(&image("/x/gopls~", &["/x/gopls"]), lsp);
    check_class(&image("/x/gopls.old", &["vi"]), Classified::Not);
    // The executable cannot be read.
    check_class(&image("", &["/x/gopls"]), lsp);
    check_class(&image("", &["/bin/sh", "/x/gopls"]), Classified::Script);
    check_class(&image("", &["vi", "gopls"]), Classified::Not);
    // A zombie is dead. Arguments that cannot be read leave it undecided.
    check_class(&image("/x/gopls", &[]), Classified::Not);
    let zombie = Image { comm: b"gopls".to_vec(), ..image("", &[]) };
    check_class(&zombie, Classified::Not);
    check_class(&Image { argv: Reading::unknown("refused"), ..image("/x/gopls", &[]) }, Classified::Script);
}

#[test]
fn scripts_named_gopls_are_looked_at_again() {
    let shim = "/home/dev/.asdf/shims/gopls";
    let check = |exe: &str, argv: &[&str], expect| check_class(&image(exe, argv), expect);
    check("/usr/bin/bash", &["bash", shim, "-remote=auto"], Classified::Script);
    check("/usr/bin/dash", &["/bin/sh", "-eu", shim], Classified::Script);
    check("/usr/bin/bash", &["bash", "-o", "pipefail", shim], Classified::Script);
    check("/usr/bin/python3.12", &["python3", "-X", "dev", shim], Classified::Script);
    check("/usr/bin/env", &["env", "-u", "GOFLAGS", "A=b", "gopls"], Classified::Script);
    // mise links its own binary under the names of the tools.
    check("/usr/bin/mise", &[shim], Classified::Script);
    check("/usr/bin/bash", &["bash", "-c", "gopls", shim], Classified::Not);
    check("/usr/bin/bash", &["bash", "-lc", shim], Classified::Not);
    check("/usr/bin/python3", &["python3", "-m", "gopls"], Classified::Not);
    check("/usr/bin/bash", &["bash", "/x/build.sh", "gopls"], Classified::Not);
    check("/usr/bin/vi", &["vi", "/x/gopls"], Classified::Not);
}

#[test]
fn only_the_telemetry_child_itself_is_a_sidecar() {
    let sidecar = Classified::Server(ServerClass::Sidecar);
    check_class(&with_env(gopls(""), "GO_TELEMETRY_CHILD", "1"), sidecar);
    // A gopls whose environment has 2 (from the probes of goplswatch, or from a user's profile) is
    // an ordinary gopls.
    check_class(&with_env(gopls(""), "GO_TELEMETRY_CHILD", "2"), Classified::Server(ServerClass::Lsp));
}

#[test]
fn short_names_say_who_deserves_a_look() {
    let check = |expect, comms: &[&str]| {
        for comm in comms {
            assert_eq!(hint(comm.as_bytes()), expect, "{comm}");
        }
    };
    check(Hint::Gopls, &["gopls", "gopls_0.20.0_go", "gopls-lazy", ".gopls-wrapped"]);
    check(Hint::GoTool, &["go", "gopackagesdrive", "gopackagesdriver"]);
    check(
        Hint::Client,
        &["nvim", "vim.basic", "hx", "emacs", "Emacs-arm64-11", ".emacs-29.4-wra", "code", "Code Helper (Plu"],
    );
    check(Hint::Client, &["Cursor Helper (P", "zed-editor", "sublime_text", "plugin_host-3.8", "claude", "opencode"]);
    check(
        Hint::Other,
        &["", "node", "MainThread", "goplswatch", "gop", "gofmt", "codec", "bash", "vimdiff", "python3"],
    );
}

/// The name of the client, or "-".
#[track_caller]
fn check_client(image: &Image, expect: &str) {
    assert_eq!(client(image).map_or("-", |id| id.row().name), expect, "{image:?}");
}

const CODE_SERVER_NODE: &str = "/home/dev/e2e/cs/node_modules/node/bin/node";

#[test]
fn extension_hosts() {
    let fork = |path: &str, kind: &str| {
        image(CODE_SERVER_NODE, &[CODE_SERVER_NODE, "--dns-result-order=ipv4first", path, kind])
    };
    let seen = "/home/dev/e2e/cs/node_modules/code-server/lib/vscode/out/bootstrap-fork";
    check_client(&fork(seen, "--type=extensionHost"), "code-server");
    check_client(&fork(seen, "--type=ptyHost"), "-");
    let entry = "/home/dev/e2e/cs/node_modules/code-server/out/node/entry";
    check_client(&image(CODE_SERVER_NODE, &[CODE_SERVER_NODE, entry]), "-");
    for (folder, name) in [
        (".vscode-server/cli/servers/Stable-abc/server", "VS Code"),
        (".vscode-server-insiders/bin/abc", "VS Code Insiders"),
        (".cursor-server/bin/abc", "Cursor"),
        (".windsurf-server/bin/abc", "Windsurf"),
        (".vscodium-server/bin/abc", "VSCodium"),
        ("openvscode-server-v1.109.5-linux-x64", "OpenVSCode Server"),
        (".new-fork-server/bin/abc", "a relative of VS Code"),
        // The name of a user's folder is not a brand.
        ("cursor/.vscode-server/bin/abc", "VS Code"),
    ] {
        check_client(&fork(&format!("/home/dev/{folder}/out/bootstrap-fork"), "--type=extensionHost"), name);
    }
    let row = client(&fork(seen, "--type=extensionHost")).unwrap().row();
    assert_eq!(row.restart_policy(), RestartPolicy::SessionCount { exits: 5 });
    let typed = row.restart.while_running.value().map(|command| command.typed);
    assert_eq!(typed, Some("Go: Restart Language Server"));
}

#[test]
fn extension_hosts_of_desktops() {
    let utility = ["--type=utility", "--utility-sub-type=node.mojom.NodeService", "--lang=en-US"];
    let argv = |first| std::iter::once(first).chain(utility).collect::<Vec<_>>();
    let mac = "/Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper (Plugin).app/Contents/MacOS/Code Helper (Plugin)";
    check_client(&image(mac, &argv(mac)), "VS Code");
    let mac =
        "/Applications/Cursor.app/Contents/Frameworks/Cursor Helper (Plugin).app/Contents/MacOS/Cursor Helper (Plugin)";
    check_client(&image(mac, &argv(mac)), "Cursor");
    check_client(&Image { argv: Reading::unknown("refused"), ..image(mac, &[]) }, "Cursor");
    check_client(&image("/usr/share/code-insiders/code-insiders", &argv("/proc/self/exe")), "VS Code Insiders");
    check_client(&image("/usr/share/windsurf/windsurf", &argv("/proc/self/exe")), "Windsurf");
    check_client(
        &image("/usr/lib/electron37/electron", &argv("/usr/lib/electron37/electron")),
        "a relative of VS Code",
    );

    // Chromium on Linux joins the command line of its children into one string.
    let code = "/usr/share/code/code";
    let joined = image(code, &[&argv(code).join(" "), "", ""]);
    check_client(&joined, "VS Code");
    // The process for the terminals differs in its entry point only.
    let host = "vs/workbench/api/node/extensionHostProcess";
    check_client(&with_env(joined.clone(), "VSCODE_ESM_ENTRYPOINT", host), "VS Code");
    check_client(&with_env(joined.clone(), "VSCODE_ESM_ENTRYPOINT", "vs/platform/terminal/node/ptyHostMain"), "-");
    check_client(&with_env(joined, "VSCODE_AMD_ENTRYPOINT", "vs/platform/terminal/node/ptyHostMain"), "-");
    check_client(&image(code, &[code, "--type=utility", "--utility-sub-type=network.mojom.NetworkService"]), "-");
    check_client(&image(code, &[code, "/home/dev/m"]), "-");
}

#[test]
fn editors_and_agents() {
    let check = |exe: &str, argv: &[&str], expect| check_client(&image(exe, argv), expect);
    let nvim = "/home/dev/e2e/ed-sid/usr/bin/nvim";
    check(nvim, &[nvim, "-u", "/home/dev/e2e/edit/init.lua", "/home/dev/e2e/m/good/main.go"], "Neovim");
    check(nvim, &[nvim, "--embed", "-u", "/home/dev/e2e/edit/init.lua"], "Neovim");
    check("/home/dev/e2e/ed-sid/usr/lib/hx/hx", &["/home/dev/e2e/ed-sid/usr/lib/hx/hx", "-vv"], "Helix");
    check("/usr/bin/emacs-nox", &["emacs", "-nw", "-q"], "Emacs");
    check("/nix/store/a/bin/.emacs-29.4-wrapped", &["emacs"], "Emacs");
    check("/Applications/Emacs.app/Contents/MacOS/Emacs-arm64-11", &["Emacs"], "Emacs");
    check("/usr/bin/emacsclient", &["emacsclient", "a.go"], "-");
    check("/Applications/Zed.app/Contents/MacOS/zed", &["zed"], "Zed");
    check("/home/dev/.zed_server/zed-remote-server-stable-0.210.4", &["x", "run"], "Zed");
    check("/opt/sublime_text/plugin_host-3.8", &["plugin_host-3.8", "1", "2"], "Sublime Text");
    check("/usr/bin/vim.basic", &["vim", "a.go"], "Vim");
    check("/home/dev/.local/share/claude/versions/2.1.5", &["claude"], "Claude Code");
    check("/usr/bin/node", &["node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"], "Claude Code");
    check("/usr/bin/node", &["node", "--no-warnings", "/usr/local/bin/gemini"], "Gemini CLI");
    check("/usr/bin/node", &["node", "--no-warnings", "/home/dev/.vim/plugged/coc.nvim/build/index.js"], "coc.nvim");
    check("/usr/bin/node", &["node", "/x/tests/real/vscode-languageclient/host.js", "gopls"], "vscode-languageclient");
    check("/usr/bin/python3.11", &["python3", "/home/dev/.local/bin/serena-mcp-server"], "Serena");
    // What a client is given to open or run does not make it another client.
    check("/usr/bin/node", &["node", "/x/server.js", "/x/claude"], "-");
    check("/usr/bin/bash", &["bash", "/usr/bin/codex"], "-");
    check("/usr/bin/less", &["less", "nvim"], "-");
    check("/x/gopls", &["gopls"], "-");
}

#[test]
fn the_class_of_the_server_tells_lsp_mode() {
    let emacs = image("/usr/bin/emacs", &["emacs"]);
    let policy = |class| client_of(&emacs, class).unwrap().row().restart_policy();
    assert_eq!(policy(ServerClass::Lsp), RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) });
    assert_eq!(policy(ServerClass::Forwarder), RestartPolicy::Never);
    assert_eq!(client_of(&emacs, ServerClass::Forwarder), Some(ClientId::EmacsLspMode));
    let claude = client(&image("/usr/bin/claude", &["claude"])).unwrap();
    assert_eq!(claude.row().restart_policy(), RestartPolicy::SessionCount { exits: 4 });
}

#[test]
fn shells_and_proxies_are_looked_through() {
    let check = |exe: &str, argv: &[&str], expect| {
        assert_eq!(is_intermediary(&image(exe, argv)), expect, "{exe} {argv:?}");
    };
    check("/usr/bin/bash", &["-bash"], true);
    check("/usr/bin/dash", &["/bin/sh", "/home/dev/.asdf/shims/gopls"], true);
    check("/usr/bin/timeout", &["timeout", "5", "gopls"], true);
    check("/usr/bin/env", &["env", "A=b", "gopls"], true);
    check("/home/dev/go/bin/gopls-lazy", &["gopls"], true);
    check("/usr/bin/python3", &["python3", "/home/dev/.local/bin/rass", "gopls"], true);
    check("/usr/lib/go/bin/go", &["go", "tool", "gopls"], true);
    check("/usr/lib/go/bin/go", &["go", "-C", "/x", "run", "golang.org/x/tools/gopls@latest"], true);
    check("/usr/lib/go/bin/go", &["go", "list", "run"], false);
    check("/usr/bin/node", &["node", "/x/server.js"], false);
    check("/usr/bin/nvim", &["nvim"], false);
    check("/usr/bin/tmux", &["tmux"], false);
}

#[test]
fn unknown_clients_are_named_by_their_file() {
    let check = |exe: &str, argv: &[&str], expect: &str| {
        assert_eq!(unknown_client_name(&image(exe, argv)), expect, "{exe} {argv:?}");
    };
    check("/usr/bin/my-lsp", &["my-lsp", "--token=secret"], "my-lsp");
    check("/usr/bin/node", &["node", "--inspect", "/x/my-server.js", "secret"], "my-server.js");
    check("/usr/bin/python3.12", &["python3", "-c", "secret()"], "python3.12");
    check("/usr/bin/deno", &["deno", "task", "secret"], "deno");
    check("/usr/bin/node", &["node", "https://user:secret@host/a.js?t=b"], "node");
    check("/x/tool/versions/1.2.3", &["tool"], "tool");
    check("", &["postgres: secret of user"], "an unknown program");
    check("/x/a\u{1b}[31mb\u{202e}c", &["x"], "a\u{fffd}[31mb\u{fffd}c");
    check(&format!("/x/{}", "é".repeat(60)), &["x"], &"é".repeat(40));
}

#[test]
fn workspaces() {
    let known = |path: &str| Reading::Known(path.as_bytes().to_vec());
    let home: Option<&[u8]> = Some(b"/home/dev/");
    let check = |folder: &Reading<Vec<u8>>, expect: Option<&str>| {
        assert_eq!(workspace(folder, home).known().map(String::as_str), expect, "{folder:?}");
    };
    check(&known("/home/dev/m/good"), Some("/home/dev/m/good"));
    check(&known("/home/dev/m/good/"), Some("/home/dev/m/good"));
    check(&known("/home/dev"), None);
    check(&known("/home/dev/"), None);
    check(&known("/home/developer"), Some("/home/developer"));
    check(&known("/"), None);
    check(&known("//"), None);
    check(&known(""), None);
    check(&known("relative"), None);
    check(&known("/x/\u{1b}]0;title\u{7}"), Some("/x/\u{fffd}]0;title\u{fffd}"));
    check(&Reading::Known(b"/x/\xff".to_vec()), Some("/x/\u{fffd}"));
    assert_eq!(workspace(&Reading::unknown("gone"), home), Reading::unknown("gone"));
    assert_eq!(workspace(&known("/home/dev"), None), Reading::Known("/home/dev".into()));
    assert_eq!(workspace(&known("/x"), Some(b"/")), Reading::Known("/x".into()));
}

const FIELDS: &str = "-json=Name,ImportPath,Error,Dir,GoFiles,Export,DepOnly,Module,EmbedFiles";
const SEEN_GO: &str = "/home/dev/e2e/go-venv/lib/python3.11/site-packages/go/bin/go";

fn go_list_of_gopls() -> Vec<&'static str> {
    let before = ["go", "list", "-e", FIELDS, "-compiled=true", "-test=true", "-export=false", "-deps=true"];
    let after = ["-find=false", "-buildvcs=false", "-pgo=off", "--", "/home/dev/e2e/w/0.24.0/dep-st/...", "builtin"];
    before.into_iter().chain(after).collect()
}

#[test]
fn loads() {
    let check = |exe: &str, argv: &[&str], driver: Option<&str>, expect: Option<(LoadKind, &str)>| {
        let got = load(&image(exe, argv), driver.map(str::as_bytes));
        assert_eq!(got, expect.map(|(kind, label)| (kind, label.into())), "{exe} {argv:?} {driver:?}");
    };
    let go_list = Some((LoadKind::GoList, "go list"));
    check(SEEN_GO, &go_list_of_gopls(), None, go_list);
    check(
        "/usr/bin/dash",
        &["/bin/sh", "/x/gohang/bin/go", "list", "-e", "-f", "{{x}}", "--", "unsafe"],
        None,
        go_list,
    );
    check(SEEN_GO, &["go", "-C", "/x", "list", "./..."], None, go_list);
    check("/usr/bin/dash", &["/bin/sh", "/x/gohang/bin/go", "env", "-json", "GOPRIVATE"], None, None);
    check(SEEN_GO, &["go", "mod", "tidy", "-modfile=/tmp/gopls-tempmod3375289665/go.mod"], None, None);
    check(SEEN_GO, &["go", "test", "list"], None, None);
    check(SEEN_GO, &[SEEN_GO, "** telemetry **"], None, None);
    check(SEEN_GO, &[], None, None);

    let driver = "/home/dev/e2e/w/0.24.0/drv/driver.sh";
    let argv = ["/bin/sh", driver, "./...", "builtin"];
    let seen = Some((LoadKind::Driver, "driver.sh"));
    check("/usr/bin/dash", &argv, Some(driver), seen);
    check("/usr/bin/dash", &argv, Some("driver.sh"), seen);
    check("/usr/bin/dash", &argv, Some("off"), None);
    check("/usr/bin/dash", &argv, Some(""), None);
    check("/usr/bin/dash", &argv, Some("/x/"), None);
    check("/usr/bin/dash", &argv, None, None);
    check("/usr/bin/dash", &argv, Some("/usr/bin/dash"), Some((LoadKind::Driver, "dash")));
    check("/x/real-driver-7", &["driver", "./..."], Some("/opt/driver"), Some((LoadKind::Driver, "driver")));
    check("/x/gopackagesdriver", &["gopackagesdriver", "./..."], None, Some((LoadKind::Driver, "gopackagesdriver")));
    let usual = ["bash", "/x/gopackagesdriver.sh", "./..."];
    check("/usr/bin/bash", &usual, None, Some((LoadKind::Driver, "gopackagesdriver.sh")));
    // `exec bazel run -- …`, as the script of rules_go does: shown under the name that the user
    // gave it.
    check("/usr/bin/bazel", &["bazel", "run", "--"], Some(driver), seen);
    check("/usr/bin/bazel", &["bazel", "run", "--"], None, None);
    check("/usr/bin/sleep", &["sleep", "300"], Some("off"), None);
    check("/usr/bin/go", &["go", "env"], Some(driver), None);
    check("/usr/bin/gopls", &["gopls", "** telemetry **"], Some(driver), None);
}

#[test]
fn a_users_go_list_is_not_that_of_gopls() {
    let check = |argv: &[&str], expect| assert_eq!(is_gopls_go_list(&image(SEEN_GO, argv)), expect, "{argv:?}");
    check(&go_list_of_gopls(), true);
    let plain_json: Vec<_> = go_list_of_gopls().into_iter().map(|a| if a == FIELDS { "-json" } else { a }).collect();
    check(&plain_json, true);
    for missing in 1..9 {
        let mut argv = go_list_of_gopls();
        argv.remove(missing);
        // Only "-find=false" may be missing.
        check(&argv, argv.iter().all(|a| *a != "-find=false"));
    }
    check(&["go", "list", "-e", "-json", "-test", "-deps", "./..."], false);
    check(&["go", "list", "-m", "-e", "-json", "all"], false);
    // A linter that loads export data.
    let linter: Vec<_> =
        go_list_of_gopls().into_iter().map(|a| if a == "-export=false" { "-export=true" } else { a }).collect();
    check(&linter, false);
    assert!(!is_gopls_go_list(&image("/usr/bin/gofmt", &go_list_of_gopls()[1..])));
}

#[test]
fn secrets_are_cut() {
    let check = |text: &str, expect: &str| assert_eq!(redact(text), expect, "{text}");
    check("nothing here", "nothing here");
    check("https://user:pw@host/p?token=x", "https://host/p");
    check("get \"https://u:p@h/x?k=v\": refused", "get \"https://h/x\": refused");
    check("https://token@host:443/p", "https://host:443/p");
    check("https://u:p@a,https://u:p@b,direct", "https://a,https://b,direct");
    check("https://u:p@w@host/p", "https://host/p");
    check("https://u:pa/ss?w#x@host/p", "https://host/p");
    check("https://u:a@/b@host/p", "https://host/p");
    check("https://u:12/x@host/p", "https://host/p");
    // Found by the property test below: a password that ends in a slash, before a host named v.
    check("https://a:SECRET/@v/", "https://v/");
    // Found by the fuzzer: what remains after a first removal looks like a password that contains a
    // slash.
    check("ps://u@s/@v:/x,s/@v/hp", "ps://v/hp");
    check("https://u:p@proxy:8080/x/@v/list|https://b/y?z,off", "https://proxy:8080/x/@v/list|https://b/y");
    check("https://sum/https://u:p@host/p", "https://sum/https://host/p");
    check("https://host/p#access_token=x end", "https://host/p end");
    check("https://proxy.golang.org/example.com/x/@v/list", "https://proxy.golang.org/example.com/x/@v/list");
    let port = "http://127.0.0.1:9/example.com/x/@v/v1.0.0.mod";
    check(port, port);
    check("ssh://git@host/x.git git@host:x", "ssh://host/x.git git@host:x");
    check("://", "://");
    check("a://b://c?d", "a://b://c");
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    // Half of all words are ones that the rules know, because otherwise the parsers would hardly be
    // reached.
    let known = prop::sample::select(vec![
        "gopls",
        "/x/gopls",
        "go",
        "list",
        "-e",
        "--",
        "-",
        "-C",
        "=",
        "-listen",
        "-remote=",
        "serve",
        "mcp",
        "node",
        "/bin/sh",
        "-c",
        "env",
        "a=b",
        "python3",
        "--type=utility",
        "emacs",
        ".-wrapped",
        ".exe",
        "/",
        "",
        "- --",
    ]);
    prop_oneof![known.prop_map(|s| s.as_bytes().to_vec()), prop::collection::vec(any::<u8>(), 0..24)]
}

fn reading<T: Clone + std::fmt::Debug>(inner: impl Strategy<Value = T>) -> impl Strategy<Value = Reading<T>> {
    prop_oneof![1 => Just(Reading::unknown("refused")), 4 => inner.prop_map(Reading::Known)]
}

fn any_image() -> impl Strategy<Value = Image> {
    let variable = (prop::sample::select(ENV_ALLOWED.to_vec()).prop_map(String::from), bytes());
    (
        bytes(),
        reading(bytes()),
        reading(prop::collection::vec(bytes(), 0..8)),
        reading(prop::collection::vec(variable, 0..3)),
        reading(bytes()),
    )
        .prop_map(|(comm, exe, argv, env, folder)| Image { comm, exe, argv, env, folder })
}

proptest! {
    #[test]
    fn any_bytes_are_answered(image in any_image(), driver in prop::option::of(bytes()), home in prop::option::of(bytes())) {
        prop_assert_eq!(classify(&image), classify(&image.clone()));
        if image.argv == Reading::Known(Vec::new()) {
            prop_assert_eq!(classify(&image), Classified::Not);
        }
        // Every client of the table is also found when the class of its server is given.
        if let Some(id) = client(&image) {
            prop_assert_eq!(client_of(&image, ServerClass::Lsp), Some(id));
        }
        if is_gopls_go_list(&image) {
            prop_assert_eq!(load(&image, driver.as_deref()), Some((LoadKind::GoList, "go list".into())));
        }
        if let Some((_, label)) = load(&image, driver.as_deref()) {
            prop_assert!(!label.chars().any(char::is_control));
        }
        // A process that attribution skips must never be the server itself.
        prop_assert!(!(is_intermediary(&image) && matches!(classify(&image), Classified::Server(c) if c.is_long_running())) || image.exe.known().is_none());
        let name = unknown_client_name(&image);
        prop_assert!(!name.is_empty() && name.chars().count() <= 40);
        prop_assert!(!name.chars().any(char::is_control));
        if let Reading::Known(text) = workspace(&image.folder, home.as_deref()) {
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert!(text.starts_with('/') && text != "/");
        }
    }

    #[test]
    fn what_is_a_gopls_was_worth_a_look(image in any_image()) {
        // The scan checks the hint first, so a gopls under its own kernel name must pass it.
        let comm: Vec<u8> = image.exe_name().unwrap_or_default().iter().copied().take(15).collect();
        if image.exe_name().is_some() && matches!(classify(&image), Classified::Server(_)) {
            prop_assert_eq!(hint(&comm), Hint::Gopls);
        }
    }

    #[test]
    fn no_userinfo_survives(
        before in "[ -~]{0,12}",
        user in "[a-z]{1,6}",
        secret in "[!$-&(-+./0-;=@-_a-{?#]{0,6}SECRET[!$-&(-+./0-;=@-_a-{?#]{0,6}",
        host in "[a-z]{1,8}(:[0-9]{1,5})?",
        after in "(/[a-z.]{0,8})?([ \"'].{0,12})?",
    ) {
        let text = format!("{before}https://{user}:{secret}@{host}{after}");
        let safe = redact(&text);
        prop_assert!(!safe.contains("SECRET"), "{} became {}", text, safe);
        // What is no secret stays, unless the text before it made it part of another URL.
        prop_assert!(before.contains("://") || safe.contains(&format!("https://{host}")), "{} became {}", text, safe);
    }

    #[test]
    fn no_query_survives(path in "[a-z/]{0,8}", query in "[a-z]=SECRET[^ \"'`<>\\s\\p{Cc}]{0,8}", any in ".{0,40}") {
        let text = format!("https://host/{path}?{query}");
        let safe = redact(&text);
        prop_assert!(!safe.contains("SECRET"), "{} became {}", text, safe);
        prop_assert!(redact(&any).len() <= any.len());
    }
}
