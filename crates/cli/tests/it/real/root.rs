//! Tests that need root: a second user, and root in another user's home.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::agent::text;
use crate::support::stage::Stage;

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
