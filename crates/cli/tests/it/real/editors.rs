//! Real editors with a real gopls.
//!
//! Terminal editors run under tmux with a private socket; vscode-languageclient runs in plain node.
//! Each is started in a [`Scratch`], is known by its pid and its gopls, can be quit properly, and
//! leaves nothing behind when it is dropped. Only single processes are signalled, never groups:
//! Helix and node share theirs with gopls.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use super::{
    procs::{self, Proc, until},
    scratch::Scratch,
    test_deps::{Tool, test_deps},
    watch::SOON,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Neovim,
    Helix,
    Emacs,
    LanguageClient,
}

impl Kind {
    /// The client's name in goplswatch.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Neovim => "Neovim",
            Kind::Helix => "Helix",
            Kind::Emacs => "Emacs",
            Kind::LanguageClient => "vscode-languageclient",
        }
    }
}

/// Neovim's builtin client, configured as its manual says.
const NEOVIM_INIT: &str = "\
vim.lsp.config('gopls', { cmd = { 'gopls' }, filetypes = { 'go', 'gomod' }, root_markers = { 'go.work', 'go.mod' } })
vim.lsp.enable('gopls')
vim.o.swapfile = false
";

/// eglot with its defaults. Where go-mode is not packaged, an empty mode of that name is enough for
/// eglot.
const EMACS_INIT: &str = "\
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      native-comp-deferred-compilation nil confirm-kill-processes nil)
(require 'eglot)
(unless (require 'go-mode nil t)
  (define-derived-mode go-mode prog-mode \"Go\")
  (add-to-list 'auto-mode-alist '(\"\\\\.go\\\\'\" . go-mode)))
(add-hook 'go-mode-hook #'eglot-ensure)
";

enum Surface {
    /// A private tmux server, by its socket.
    Terminal { socket: PathBuf },
    /// A child node process: the lines it wrote, and its stdin while that is open.
    Lines { child: Child, stdin: Option<ChildStdin>, lines: Arc<Mutex<Vec<String>>> },
}

/// A running editor.
pub(crate) struct Editor {
    pub(crate) kind: Kind,
    /// The started process: Neovim's gopls descends from its `--embed` child, the others' from this
    /// process.
    pub(crate) process: Proc,
    surface: Surface,
    /// Every descendant ever seen, so that orphaned ones can be killed too.
    seen: Mutex<Vec<Proc>>,
}

impl Editor {
    /// Starts an editor on the module's `main.go` and waits until its gopls runs.
    pub(crate) fn start(kind: Kind, scratch: &Scratch) -> (Editor, Proc) {
        Editor::start_with(kind, scratch, &[])
    }

    /// The same with more arguments for the editor. `--server-arg=X` passes X to the gopls of
    /// `LanguageClient`.
    pub(crate) fn start_with(kind: Kind, scratch: &Scratch, arguments: &[&str]) -> (Editor, Proc) {
        let editor = match kind {
            Kind::LanguageClient => Editor::in_node(scratch, arguments),
            _ => Editor::in_terminal(kind, scratch, arguments),
        };
        let gopls = editor.await_gopls(SOON).unwrap_or_else(|| {
            panic!("{kind:?} started no gopls within {SOON:?}; it shows:\n{}", editor.screen());
        });
        (editor, gopls)
    }

    fn in_terminal(kind: Kind, scratch: &Scratch, arguments: &[&str]) -> Editor {
        let editors = &test_deps().editors;
        let (tool, option, init, text): (&Tool, _, _, _) = match kind {
            Kind::Neovim => (&editors.neovim, "-u", "init.lua", NEOVIM_INIT),
            Kind::Emacs => (&editors.emacs, "-l", "init.el", EMACS_INIT),
            _ => (&editors.helix, "--config", "config.toml", ""),
        };
        let init = scratch.path(init);
        fs::write(&init, text).expect("the editor's configuration");
        let mut words = vec![tool.exe.display().to_string()];
        if kind == Kind::Emacs {
            words.extend(["-nw".to_owned(), "-Q".to_owned()]);
        }
        words.extend([option.to_owned(), init.display().to_string()]);
        words.extend(arguments.iter().map(|word| (*word).to_owned()));
        words.push(scratch.module().join("main.go").display().to_string());

        let socket = free_name(&scratch.dir().join("tmux"));
        let environment = scratch.environment().into_iter().chain(tool.env.clone()).collect::<BTreeMap<_, _>>();
        let mut start = tmux(&socket);
        start.env_clear().envs(environment).current_dir(scratch.module());
        start.args(["new-session", "-d", "-s", "editor", "-x", "120", "-y", "40", "--"]).args(&words);
        let started = start.output().expect("tmux");
        assert!(started.status.success(), "tmux: {}", String::from_utf8_lossy(&started.stderr));

        let pane = tmux(&socket).args(["list-panes", "-t", "editor", "-F", "#{pane_pid}"]).output().expect("tmux");
        let pid = String::from_utf8_lossy(&pane.stdout).trim().parse().ok();
        let process = pid.and_then(procs::look).unwrap_or_else(|| panic!("{words:?} ended at once"));
        Editor { kind, process, surface: Surface::Terminal { socket }, seen: Mutex::default() }
    }

    fn in_node(scratch: &Scratch, arguments: &[&str]) -> Editor {
        let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/real/vscode-languageclient");
        let modules = std::env::join_paths([&test_deps().languageclient.node_modules, &host.join("stand-in")]);
        let mut child = scratch
            .command(&test_deps().node.exe)
            .env("NODE_PATH", modules.expect("no colon in a folder's name"))
            .arg(host.join("host.js"))
            .arg(scratch.module())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It complains there about every request that a killed gopls did not answer.
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let process = procs::look(child.id()).expect("node just started");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let kept = Arc::clone(&lines);
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                kept.lock().expect("no test panics here").push(line);
            }
        });
        let stdin = child.stdin.take();
        Editor {
            kind: Kind::LanguageClient,
            process,
            surface: Surface::Lines { child, stdin, lines },
            seen: Mutex::default(),
        }
    }

    /// The gopls that serves it now; sidecars and one-shot commands do not count.
    pub(crate) fn gopls(&self) -> Option<Proc> {
        let family = procs::descendants(self.process.pid);
        let server = procs::server_of(&family);
        let mut seen = self.seen.lock().expect("no test panics here");
        for one in family {
            if !seen.contains(&one) {
                seen.push(one);
            }
        }
        server
    }

    pub(crate) fn await_gopls(&self, limit: Duration) -> Option<Proc> {
        until(limit, || self.gopls())
    }

    /// The gopls that follows `before`, once there is one.
    pub(crate) fn await_successor(&self, before: &Proc, limit: Duration) -> Option<Proc> {
        until(limit, || self.gopls().filter(|now| now.pid != before.pid))
    }

    /// Pids that count as this gopls's client: the started process, and those between it and gopls.
    pub(crate) fn client_pids(&self, gopls: &Proc) -> Vec<i32> {
        let mut pids = Vec::new();
        let mut pid = gopls.parent;
        while pid > 1 {
            pids.push(pid);
            if pid == self.process.pid {
                break;
            }
            pid = u32::try_from(pid).ok().and_then(procs::look).map_or(0, |one| one.parent);
        }
        pids
    }

    /// What the user sees: the screen, or all lines the node host wrote.
    pub(crate) fn screen(&self) -> String {
        match &self.surface {
            Surface::Terminal { socket } => {
                let shown = tmux(socket).args(["capture-pane", "-p", "-t", "editor"]).output().expect("tmux");
                String::from_utf8_lossy(&shown.stdout).into_owned()
            }
            Surface::Lines { lines, .. } => lines.lock().expect("no test panics here").join("\n"),
        }
    }

    /// Waits until the screen shows a text.
    pub(crate) fn await_screen(&self, text: &str, limit: Duration) {
        let shown = until(limit, || self.screen().contains(text).then_some(()));
        assert!(shown.is_some(), "{:?} did not show {text:?} within {limit:?}, but:\n{}", self.kind, self.screen());
    }

    /// Sends keys in tmux's notation (`Escape`, `C-x`, `:qa!`), one after the other.
    pub(crate) fn keys(&self, keys: &[&str]) {
        let Surface::Terminal { socket } = &self.surface else { panic!("{:?} has no keyboard", self.kind) };
        for key in keys {
            // A terminal takes an Escape and an immediately following key as one key.
            thread::sleep(Duration::from_millis(150));
            let sent = tmux(socket).args(["send-keys", "-t", "editor", key]).status().expect("tmux");
            assert!(sent.success(), "the editor is gone");
        }
    }

    /// Quits as its user would, and waits until it and its gopls are gone. Returns by how much its
    /// gopls ended first; zero if it ended last.
    pub(crate) fn quit(&mut self) -> Duration {
        let gopls = self.gopls();
        match self.kind {
            Kind::Neovim | Kind::Helix => self.keys(&["Escape", "Escape", ":qa!", "Enter"]),
            Kind::Emacs => self.keys(&["C-x", "C-c"]),
            Kind::LanguageClient => {
                let Surface::Lines { stdin, .. } = &mut self.surface else { unreachable!("node has lines") };
                let mut pipe = stdin.take().expect("quit once");
                pipe.write_all(b"stop\n").expect("node reads");
            }
        }
        let mut went = [None; 2];
        let gone = until(SOON, || {
            if let Surface::Lines { child, .. } = &mut self.surface {
                drop(child.try_wait());
            }
            let alive = [gopls.as_ref().is_some_and(Proc::alive), self.process.alive()];
            for (when, alive) in went.iter_mut().zip(alive) {
                if !alive && when.is_none() {
                    *when = Some(Instant::now());
                }
            }
            Some(went[1]?.saturating_duration_since(went[0]?))
        });
        gone.unwrap_or_else(|| panic!("{:?} did not quit; it shows:\n{}", self.kind, self.screen()))
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.gopls());
        self.process.signal(Signal::KILL);
        match &mut self.surface {
            Surface::Terminal { socket } => drop(tmux(socket).arg("kill-server").output()),
            Surface::Lines { child, .. } => drop(child.wait()),
        }
        let seen = self.seen.get_mut().map(std::mem::take).unwrap_or_default();
        for one in seen {
            one.signal(Signal::KILL);
        }
    }
}

fn tmux(socket: &Path) -> Command {
    let mut command = Command::new(&test_deps().tmux.exe);
    // A tmux session around the tests must not be used.
    command.env_remove("TMUX").arg("-f").arg("/dev/null").arg("-S").arg(socket);
    command
}

/// `base`, or with a number if that exists: two editors may share a scratch.
fn free_name(base: &Path) -> PathBuf {
    (0..).map(|number| base.with_extension(number.to_string())).find(|path| !path.exists()).expect("a free name")
}
