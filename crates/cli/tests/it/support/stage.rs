//! A folder with a simulated gopls: the program itself, linked under that name and running in a
//! role of its demo.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

/// The executable.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_goplswatch");

/// A pseudo-terminal: the controlling end, and the program's end.
pub(crate) fn terminal() -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = OpenOptions::new().read(true).write(true).open(name).unwrap();
    (ours.into(), theirs)
}

pub(crate) struct Stage {
    folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        // A short path: a socket path is limited to about a hundred bytes, and macOS has deep
        // temporary folders.
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        std::fs::create_dir(folder.path().join("api-server")).unwrap();
        let gopls = folder.path().join("gopls");
        std::fs::hard_link(PROGRAM, &gopls).or_else(|_| std::fs::copy(PROGRAM, &gopls).map(|_| ())).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the program's state.
    pub(crate) fn state(&self) -> PathBuf {
        self.path(if cfg!(target_os = "macos") { "Library/Application Support" } else { "state" }).join("goplswatch")
    }

    /// The folder of the program's config.
    pub(crate) fn config(&self) -> PathBuf {
        self.path(if cfg!(target_os = "macos") { ".config/goplswatch" } else { "config/goplswatch" })
    }

    /// The folder of the agent's log.
    pub(crate) fn logs(&self) -> PathBuf {
        if cfg!(target_os = "macos") { self.path("Library/Logs/goplswatch") } else { self.state().join("log") }
    }

    /// The path of the agent's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        let folder = if cfg!(target_os = "macos") { self.state().join("run") } else { self.path("runtime/goplswatch") };
        folder.join("agent.sock")
    }

    /// Puts a file in place of the state folder.
    pub(crate) fn block_state(&self) {
        let folder = self.state();
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        std::fs::write(folder, "in the way").unwrap();
    }

    /// The program, with all its files in this folder.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_remove("GOPLSWATCH_DEMO_ROLE").env("HOME", self.folder.path());
        command.env("XDG_STATE_HOME", self.path("state")).env("XDG_CONFIG_HOME", self.path("config"));
        // Tests must not reach an agent that the developer runs, nor the developer's desktop.
        command.env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.env("XDG_RUNTIME_DIR", self.path("runtime")).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.program().args(args).output().unwrap()
    }

    pub(crate) fn gopls(&self) -> Gopls {
        self.gopls_with(&[], &[])
    }

    pub(crate) fn gopls_with(&self, args: &[&str], env: &[(&str, &str)]) -> Gopls {
        let mut command = Command::new(self.path("gopls"));
        command.args(args).envs(env.iter().copied()).env("GOPLSWATCH_DEMO_ROLE", "gopls");
        command.current_dir(self.path("api-server")).stdin(Stdio::piped()).stdout(Stdio::null());
        Gopls(command.spawn().unwrap())
    }
}

pub(crate) struct Gopls(pub(crate) Child);

impl Gopls {
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Gopls {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
