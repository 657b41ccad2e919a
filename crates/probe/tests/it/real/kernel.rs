//! Effects of a real Linux kernel on processes: the out-of-memory killer in a control group, a file
//! system that never answers, a program that waits for its child to start. Needs root, perl,
//! e2fsprogs and util-linux.
#![cfg(target_os = "linux")]
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::time::MINUTE;
use goplswatch_core::{Pid, ProcessKey, Reading};
use goplswatch_probe::SystemPlatform;
use goplswatch_probe::platform::{Platform, PlatformEvent, WatchOutcome};
use goplswatch_testing::{DEADLINE, wait_for};

/// A child that is killed when the test ends.
struct Guarded(Child);

impl Guarded {
    fn new(program: &str, args: &[&str]) -> Self {
        assert!(rustix::process::geteuid().is_root(), "this test wants root: run it with sudo -E");
        let child = Command::new(program).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        Self(child.unwrap_or_else(|e| panic!("{program}: {e}; apt-get install perl-base util-linux e2fsprogs")))
    }

    /// The pid that it prints, and its identity.
    fn says(&mut self, platform: &mut SystemPlatform) -> ProcessKey {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pid = Pid(line.trim().parse().unwrap_or_else(|_| panic!("it said {line:?}")));
        platform.process_info(pid).known().cloned().flatten().unwrap().key
    }

    fn goes_on(&mut self) {
        writeln!(self.0.stdin.as_mut().unwrap()).unwrap();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // When their input closes, some of them clean up by themselves: no signal ends a process
        // that waits on a frozen disk.
        drop(self.0.stdin.take());
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(1) && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _gone_already = self.0.kill();
        let _reaped_already = self.0.wait();
    }
}

/// Waits until `blocked` reports a wait.
fn waits_for(platform: &mut SystemPlatform, key: ProcessKey) -> Reading<MessageText> {
    wait_for("a wait inside the kernel", || match platform.blocked(key) {
        Reading::Known(on) => on,
        Reading::Unknown { .. } => None,
    })
}

#[tokio::test]
async fn a_program_that_waits_for_its_child_to_start_is_blocked_on_that() {
    let mut platform = SystemPlatform::new().unwrap();
    // clone(CLONE_VFORK | SIGCHLD): the parent waits until the child execs or ends.
    let number = if cfg!(target_arch = "aarch64") { 220 } else { 56 };
    let script =
        format!("$| = 1; print \"$$\\n\"; if (syscall({number}, 0x4011, 0, 0, 0, 0) == 0) {{ readline(STDIN) }}");
    let mut perl = Guarded::new("perl", &["-e", &script]);
    let key = perl.says(&mut platform);
    assert_eq!(waits_for(&mut platform, key), Reading::Known(Message::PlaceFork.into()));
    assert!(platform.shared_memory(key).known().is_some(), "its memory is not locked for that");
}

#[tokio::test]
async fn a_program_on_a_file_system_that_never_answers_is_blocked_on_that() {
    let mut platform = SystemPlatform::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Mounting a FUSE file system and never reading its first request blocks every process that
    // touches it.
    let number = if cfg!(target_arch = "aarch64") { 40 } else { 165 };
    let script = format!(
        "use Fcntl; sysopen(my $fuse, '/dev/fuse', O_RDWR) or die; my ($from, $to, $type) = ('never', $ARGV[0], 'fuse'); \
         my $how = 'fd=' . fileno($fuse) . ',rootmode=40000,user_id=0,group_id=0'; \
         syscall({number}, $from, $to, $type, 0, $how) == 0 or die \"mount: $!\"; \
         $| = 1; my $child = fork(); if ($child == 0) {{ stat(\"$to/a.go\"); exit 0 }} \
         print \"$child\\n\"; readline(STDIN); kill 'KILL', $child; waitpid($child, 0);"
    );
    let mut perl = Guarded::new("unshare", &["-m", "perl", "-e", &script, folder.path().to_str().unwrap()]);
    let key = perl.says(&mut platform);
    assert_eq!(waits_for(&mut platform, key), Reading::Known(Message::PlaceFuse.into()));
    // A read of an executable there blocks only until the deadline, and only the first time.
    let exe = format!("/proc/{}/root{}/gopls", key.pid, folder.path().display());
    for expected in [Message::NoAnswerInTime, Message::AskedBefore, Message::AskedBefore] {
        match platform.slices(exe.as_bytes()) {
            Reading::Unknown { unknown } => assert_eq!(*unknown.message, expected),
            Reading::Known(slices) => panic!("it answered: {slices:?}"),
        }
    }
    perl.goes_on();
    perl.0.wait().unwrap();
    assert!(platform.blocked(key).known().is_none(), "it has ended");
}

#[tokio::test]
async fn a_program_on_a_file_system_whose_program_hangs_is_blocked_on_that() {
    let mut platform = SystemPlatform::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    // As above, but the first request is answered (include/uapi/linux/fuse.h, `fuse_init_out`). As
    // on a mount that has worked, a waiting process then sleeps in the state S.
    let number = if cfg!(target_arch = "aarch64") { 40 } else { 165 };
    let script = format!(
        "use Fcntl; sysopen(my $fuse, '/dev/fuse', O_RDWR) or die; my ($from, $to, $type) = ('hangs', $ARGV[0], 'fuse'); \
         my $how = 'fd=' . fileno($fuse) . ',rootmode=40000,user_id=0,group_id=0'; \
         syscall({number}, $from, $to, $type, 0, $how) == 0 or die \"mount: $!\"; \
         sysread($fuse, my $init, 1 << 17) or die; my $body = pack('L4 S2 L2 S2 x32', 7, 31, 0, 0, 12, 9, 65536, 1, 0, 0); \
         syswrite($fuse, pack('L l', 16 + length $body, 0) . substr($init, 8, 8) . $body) or die \"init: $!\"; \
         $| = 1; my $child = fork(); if ($child == 0) {{ stat(\"$to/a.go\"); exit 0 }} \
         print \"$child\\n\"; readline(STDIN); kill 'KILL', $child; waitpid($child, 0);"
    );
    let mut perl = Guarded::new("unshare", &["-m", "perl", "-e", &script, folder.path().to_str().unwrap()]);
    let key = perl.says(&mut platform);
    assert_eq!(waits_for(&mut platform, key), Reading::Known(Message::PlaceFuse.into()));
    perl.goes_on();
    perl.0.wait().unwrap();
}

#[tokio::test]
async fn a_program_that_writes_to_a_frozen_disk_is_blocked_on_its_file() {
    let mut platform = SystemPlatform::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
        cd "$0" && mkdir disk && truncate -s 16M image && mkfs.ext4 -q -F image && mount -o loop image disk || exit 1
        exec 5>"disk/a file"
        fsfreeze -f disk || exit 1
        echo text >&5 &
        echo $!
        read line
        fsfreeze -u disk
        wait
        exec 5>&-
        umount disk
    "#;
    let mut shell = Guarded::new("unshare", &["-m", "/bin/sh", "-c", script, folder.path().to_str().unwrap()]);
    let key = shell.says(&mut platform);
    let file = folder.path().canonicalize().unwrap().join("disk/a file");
    let file = file.to_str().unwrap();
    // If the test runs in a chroot, the kernel names a file on a mount of another namespace by its
    // path from the real root, so only the end of the path is compared.
    let said = waits_for(&mut platform, key);
    let on = said.known().map(|said| &*said.message);
    let Some(Message::FileOnDisk { path, kind }) = on else { panic!("{said:?}") };
    assert!(path.0.ends_with(file) && kind.0 == "ext4", "{said:?}, not {file}");
    shell.goes_on();
    shell.0.wait().unwrap();
}

/// A control group with a limit of 48 MiB, in the version that counts memory on this machine.
struct Group(PathBuf);

impl Group {
    fn new() -> Self {
        let name = format!("goplswatch-test-{}", std::process::id());
        let first = Path::new("/sys/fs/cgroup/memory");
        let (folder, files) = if first.join("memory.limit_in_bytes").exists() {
            (first.join(name), ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"])
        } else {
            (Path::new("/sys/fs/cgroup").join(name), ["memory.max", "memory.swap.max"])
        };
        std::fs::create_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}; this test wants root", folder.display()));
        std::fs::write(folder.join(files[0]), "50331648").unwrap();
        // This file is missing on a machine without swap accounting.
        let _unlimited_swap = std::fs::write(folder.join(files[1]), "50331648");
        Self(folder)
    }

    /// A shell in the group that, once told to go on, becomes perl and takes `bytes` of memory.
    fn eater(&self, bytes: u64) -> Guarded {
        let perl = format!("exec perl -e '$x = qq(x) x {bytes}; sleep 600'");
        let script = format!("echo $$ > {}/cgroup.procs && echo $$ && read line && {perl}", self.0.display());
        Guarded::new("/bin/sh", &["-c", &script])
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let start = Instant::now();
        while std::fs::remove_dir(&self.0).is_err() && start.elapsed() < DEADLINE {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

async fn end_of(platform: &mut SystemPlatform, wanted: ProcessKey) -> (ExitStatus, Option<EndDetail>) {
    let until = platform.now().uptime + MINUTE;
    while let Some(sign) = platform.next(until).await {
        match sign {
            PlatformEvent::Ended { key, status, detail } if key == wanted => return (status, detail),
            _ => {}
        }
    }
    panic!("its end was not told");
}

#[tokio::test]
async fn an_end_by_the_out_of_memory_killer_is_known_by_its_group() {
    let group = Group::new();
    let mut platform = SystemPlatform::new().unwrap();
    let killed = ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false };
    // A process in the same group that is killed by the user.
    let mut other = group.eater(1);
    let key = other.says(&mut platform);
    assert_eq!(platform.watch(key), WatchOutcome::Attached);
    other.0.kill().unwrap();
    let (status, detail) = end_of(&mut platform, key).await;
    assert_eq!(status, killed);
    assert_ne!(detail, Some(EndDetail::GroupOutOfMemory));
    // A process that is killed for its use of memory.
    let mut eater = group.eater(200 << 20);
    let key = eater.says(&mut platform);
    assert_eq!(platform.watch(key), WatchOutcome::Attached);
    eater.goes_on();
    assert_eq!(end_of(&mut platform, key).await, (killed, Some(EndDetail::GroupOutOfMemory)));
}
