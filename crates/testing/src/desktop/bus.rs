//! A session bus that nothing but the test uses.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zbus::blocking::connection;

use crate::DEADLINE;

/// A bus. Its daemon is killed when it is dropped.
pub struct Bus {
    /// The daemon.
    pub child: Child,
    folder: tempfile::TempDir,
}

impl Bus {
    /// Starts a new bus. It starts no service of this machine; see [`Bus::starts`].
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = daemon(folder.path());
        Self { child, folder }
    }

    /// Makes the bus start the service of this name when it is called. The started program only
    /// records that it ran: the test has to provide the service. Returns a function that waits for
    /// the start.
    pub fn starts(&self, name: &str) -> impl Fn() + use<> {
        let services = self.folder.path().join("services");
        let asked = services.join("asked");
        std::fs::create_dir_all(&services).unwrap();
        let text = format!("[D-BUS Service]\nName={name}\nExec=/bin/sh -c 'touch {} && sleep 20'\n", asked.display());
        std::fs::write(services.join(format!("{name}.service")), text).unwrap();
        move || {
            let end = Instant::now() + DEADLINE;
            while !asked.exists() {
                assert!(Instant::now() < end, "the bus started nothing");
                std::thread::park_timeout(Duration::from_millis(10));
            }
        }
    }

    /// Kills the daemon and starts another one in its place.
    pub fn restart(&mut self) {
        self.stop();
        self.child = daemon(self.folder.path());
    }

    /// Kills the daemon.
    pub fn stop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
        let _never_there = std::fs::remove_file(socket(self.folder.path()));
    }

    /// The address at which it listens.
    pub fn address(&self) -> String {
        format!("unix:path={}", socket(self.folder.path()).display())
    }

    /// A connection to which objects can still be added.
    pub fn builder(&self) -> connection::Builder<'_> {
        connection::Builder::address(self.address().as_str()).unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("bus")
}

/// Starts a daemon and waits until it listens.
fn daemon(folder: &Path) -> Child {
    let config = folder.join("bus.conf");
    let text = format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
           <busconfig>
             <type>session</type>
             <listen>unix:path={}</listen>
             <auth>EXTERNAL</auth>
             <servicedir>{}</servicedir>
             <policy context="default">
               <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
             </policy>
           </busconfig>"#,
        socket(folder).display(),
        folder.join("services").display()
    );
    std::fs::write(&config, text).unwrap();
    let mut child = Command::new("dbus-daemon")
        .arg(format!("--config-file={}", config.display()))
        .args(["--nofork", "--print-address"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("dbus-daemon does not start ({error}): apt-get install dbus-daemon"));
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("unix:"), "dbus-daemon says {line:?} instead of its address");
    child
}
