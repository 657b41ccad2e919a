//! Tests that need root: a second user, root in another user's home, a disk that does not answer.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::agent::{Agent, text};
use crate::support::stage::Stage;

/// A file system in a file, which can be made to answer nothing (fsfreeze(8)): who writes waits.
struct Disk {
    at: PathBuf,
}

impl Disk {
    fn mount(image: &Path, at: &Path) -> Self {
        let file = std::fs::File::create(image).unwrap();
        file.set_len(32 << 20).unwrap();
        std::fs::create_dir_all(at).unwrap();
        run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), image]);
        run("mount", &["-o".as_ref(), "loop".as_ref(), image, at]);
        Self { at: at.to_owned() }
    }

    fn freeze(&self) {
        run("fsfreeze", &["-f".as_ref(), &self.at]);
    }

    fn thaw(&self) {
        run("fsfreeze", &["-u".as_ref(), &self.at]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

/// Thaws a disk at the end of a test, also of one that fails.
struct Thaw<'a>(&'a Disk);

impl Drop for Thaw<'_> {
    fn drop(&mut self) {
        let _ = Command::new("fsfreeze").arg("-u").arg(&self.0.at).stderr(Stdio::null()).status();
    }
}

fn run(program: &str, args: &[&Path]) {
    let done = Command::new(program).args(args).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error}; apt-get install e2fsprogs util-linux"));
    assert!(done.status.success(), "{program}: {}", text(&done.stderr));
}

/// What is shown may be old from five seconds after the engine stopped getting on; a scan that finds
/// the new process comes within one more, and the machine may be busy.
const TOLD_WITHIN: Duration = Duration::from_secs(12);

#[test]
fn a_disk_that_does_not_answer_is_told_and_nothing_is_lost() {
    assert!(rustix::process::geteuid().is_root(), "this test mounts a disk: run it as root, as in a container");
    let stage = Stage::new();
    let disk = Disk::mount(&stage.path("disk.img"), &stage.state());
    let mut agent = Agent::start(&stage);
    // Dropped before the agent, which cannot end while it waits for the disk.
    let _thawed = Thaw(&disk);
    let quiet = stage.run(&["status"]);
    assert_eq!(quiet.status.code(), Some(0), "{}", text(&quiet.stdout));
    disk.freeze();
    let gopls = stage.gopls();
    let began = Instant::now();
    let stale = |args: &[&str]| {
        let output = stage.run(args);
        let said = text(&output.stdout);
        (said.contains("the agent is waiting for its disk"), output.status.code(), said)
    };
    while !stale(&["status"]).0 {
        assert!(began.elapsed() < TOLD_WITHIN, "{}", stale(&["status"]).2);
        std::thread::sleep(Duration::from_millis(200));
    }
    for args in [&["status"][..], &["status", "--json"], &["status", "--agent"], &["menu"], &["menu", "--json"]] {
        let (old, code, said) = stale(args);
        assert!(old && said.contains("this is as of"), "{args:?}: {said}");
        assert_eq!(code, Some(3), "{args:?}: {said}");
    }
    let metrics = text(&stage.run(&["metrics"]).stdout);
    let age = metrics.lines().find_map(|line| line.strip_prefix("goplswatch_age_seconds ")?.parse::<f64>().ok());
    assert!(age.is_some_and(|age| age >= 5.0), "{metrics}");

    disk.thaw();
    let pid = u64::from(gopls.0.id());
    let found = agent.wait_for("the gopls that started meanwhile", |status| {
        status["servers"].as_array().is_some_and(|servers| servers.iter().any(|s| s["server"]["pid"] == pid))
            && !status.to_string().contains("this is as of")
    });
    drop(found);
    assert_eq!(stage.run(&["status"]).status.code(), Some(0));
    let history = text(&stage.run(&["history", "--since", "1h", "--json"]).stdout);
    let started =
        history.lines().filter(|line| line.contains("server-started") && line.contains(&format!("\"pid\":{pid}")));
    assert_eq!(started.count(), 1, "{history}");
    assert_eq!(agent.end(), Some(0));
}

/// Root in another user's home, as with sudo.
#[test]
fn root_leaves_nothing_in_the_home_of_somebody_else() {
    assert!(rustix::process::geteuid().is_root(), "this test needs a second user: run it as root, as in a container");
    let stage = Stage::new();
    let gopls = stage.gopls();
    std::os::unix::fs::chown(stage.path(""), Some(65_534), None).unwrap();
    for args in [&["fix", "dump-goroutines", "--pid", &gopls.0.id().to_string()][..], &["fix", "--undo", "1", "--yes"]]
    {
        let output = stage.run(args);
        assert_eq!(output.status.code(), Some(2));
        let err = text(&output.stderr);
        assert!(err.contains("another user's home") && err.contains("without sudo"), "{err}");
    }
    assert!(!stage.state().join("receipts").exists());
}

/// Only root can switch to another user.
#[test]
fn a_socket_of_somebody_else_is_said_to_be_that() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    const LISTEN: &str = "use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die; \
        bind($s, sockaddr_un($ARGV[0])) or die; listen($s, 9); print \"ready\\n\"; close STDOUT; sleep 600";
    assert!(rustix::process::geteuid().is_root(), "this test needs a second user: run it as root, as in a container");
    let stage = Stage::new();
    let socket = stage.socket();
    let folder = socket.parent().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    for folder in folder.ancestors().take(3) {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mut perl = std::process::Command::new("perl");
    perl.args(["-e", LISTEN]).arg(&socket).uid(65_534).gid(65_534).current_dir("/");
    let mut perl = perl.stdout(Stdio::piped()).spawn().expect("perl is absent: apt-get install perl-base");
    let mut said = String::new();
    perl.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "ready\n");
    let asked = stage.run(&["metrics"]);
    perl.kill().unwrap();
    perl.wait().unwrap();
    assert_eq!(asked.status.code(), Some(3));
    let said = text(&asked.stderr);
    assert!(!said.contains("no agent is running") && said.contains("belongs to somebody else"), "{said}");
}
