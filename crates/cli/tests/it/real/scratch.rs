//! An isolated environment for one test: a small Go module, a home, and variables that lead nowhere
//! else.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    procs::until,
    test_deps::{Tool, test_deps},
};

/// Tests share the machine's process table and its two cores: one runs at a time.
static MACHINE: Mutex<()> = Mutex::new(());

/// The scratch folder; while it exists, no other test uses the machine.
pub(crate) struct Scratch {
    dir: TempDir,
    /// First on PATH: programs that a test puts here take precedence over the installed ones.
    bin: PathBuf,
    gopls: PathBuf,
    extra: BTreeMap<String, String>,
    _turn: MutexGuard<'static, ()>,
}

impl Scratch {
    /// A module in a fresh folder, to be served by the current gopls.
    pub(crate) fn new() -> Scratch {
        Scratch::with(&test_deps().gopls.current)
    }

    /// The same with another gopls.
    pub(crate) fn with(gopls: &Tool) -> Scratch {
        let turn = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
        // A short path, because socket paths in it must fit into 104 bytes on macOS.
        let dir = tempfile::Builder::new().prefix("gw-").tempdir_in("/tmp").expect("a scratch folder");
        let bin = dir.path().join("bin");
        let scratch = Scratch { gopls: gopls.exe.clone(), extra: BTreeMap::new(), bin, dir, _turn: turn };
        for folder in ["bin", "home/.config", "run", "good/greet"] {
            fs::create_dir_all(scratch.path(folder)).expect("a folder");
        }
        let write = |name: &str, text: &str| fs::write(scratch.path(name), text).expect("a file");
        write("good/go.mod", "module example.com/good\n\ngo 1.21\n");
        write(
            "good/main.go",
            "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/good/greet\"\n)\n\nfunc main() {\n\tfmt.Println(greet.Hello(\"world\"))\n}\n",
        );
        write(
            "good/greet/greet.go",
            "// Package greet says hello.\npackage greet\n\n// Hello greets name.\nfunc Hello(name string) string {\n\treturn \"hello, \" + name\n}\n",
        );
        scratch
    }

    /// Adds a variable to the environment of every editor and gopls of this scratch.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.extra.insert(name.to_owned(), value.to_owned());
    }

    /// Writes goplswatch's config file.
    pub(crate) fn configure(&self, config: &str) {
        let folder = self.path("home/.config/goplswatch");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("config.toml"), config).expect("a file");
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// The root of the module.
    pub(crate) fn module(&self) -> PathBuf {
        self.path("good")
    }

    /// The gopls that editors of this scratch find on PATH, unless `bin` contains another one.
    pub(crate) fn gopls(&self) -> &Path {
        &self.gopls
    }

    /// Puts a copy of a gopls first on PATH by rename, as package managers and `go install` do.
    pub(crate) fn put_gopls(&self, from: &Path) {
        let fresh = self.bin.join("gopls.new");
        fs::copy(from, &fresh).expect("a copy of gopls");
        fs::rename(&fresh, self.bin.join("gopls")).expect("gopls in its place");
    }

    /// The whole environment, with nothing inherited: a private home, Go and the chosen gopls first
    /// on PATH, no network.
    pub(crate) fn plain_environment(&self) -> BTreeMap<String, String> {
        let text = |path: &Path| path.display().to_string();
        let gopls = self.gopls.parent().expect("gopls is in a folder");
        let node = test_deps().node.exe.parent().expect("node is in a folder");
        let path = [&self.bin, gopls, &test_deps().go.bin, node, Path::new("/usr/bin"), Path::new("/bin")];
        let path = std::env::join_paths(path).expect("no colon in a folder's name");
        let home = self.path("home");
        let mut environment = BTreeMap::from([
            ("PATH".to_owned(), path.to_string_lossy().into_owned()),
            ("HOME".to_owned(), text(&home)),
            ("XDG_CONFIG_HOME".to_owned(), text(&home.join(".config"))),
            ("XDG_CACHE_HOME".to_owned(), text(&home.join(".cache"))),
            ("XDG_DATA_HOME".to_owned(), text(&home.join(".local/share"))),
            ("XDG_STATE_HOME".to_owned(), text(&home.join(".local/state"))),
            ("XDG_RUNTIME_DIR".to_owned(), text(&self.path("run"))),
        ]);
        let fixed = [
            ("LANG", "C.UTF-8"),
            ("TERM", "xterm-256color"),
            ("GOPROXY", "off"),
            ("GOSUMDB", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GOFLAGS", ""),
        ];
        environment.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        environment
    }

    /// The same plus what the test added: the environment of editors and gopls.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        self.plain_environment().into_iter().chain(self.extra.clone()).collect()
    }

    /// A command that runs in the module with exactly this environment.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(self.module());
        command
    }
}

impl Drop for Scratch {
    /// Killed processes may still be writing files, so one attempt is not enough.
    fn drop(&mut self) {
        let gone =
            || fs::remove_dir_all(self.dir.path()).is_ok().then_some(()).or((!self.dir.path().exists()).then_some(()));
        let _ = until(Duration::from_secs(3), gone);
    }
}
