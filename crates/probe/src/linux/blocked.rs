//! Determines what a process waits for inside the kernel, where no signal reaches it.
//!
//! Theory of operation. A thread in such a wait has the state D (proc_pid_stat(5)). Three files say
//! what it waits for, as far as we may read them: `wchan`, the kernel function in which it sleeps;
//! `syscall`, the call and its arguments (proc_pid_syscall(5); it needs a stricter permission, so
//! it is often refused); and, if the first argument of that call is a descriptor, the link of that
//! descriptor, whose file system is listed in `mountinfo`. No path is ever opened or passed to
//! stat: on a file system that hangs, that call would hang as well.
//!
//! A thread that waits for a FUSE file system has the state S, although only a signal wakes it, and
//! not even that once the program behind the file system has taken the request (fs/fuse/dev.c,
//! `request_wait_answer`). For a sleeping thread, `wchan` therefore decides whether it sleeps
//! there.

use std::ops::ControlFlow;

use goplswatch_core::message::{Message, MessageText, Verbatim};
use goplswatch_core::{Pid, Reading};

use super::procfs::Procfs;

/// How many threads of a process are examined.
const MOST_THREADS: u32 = 4_096;

/// The kernel function in which a thread sleeps that waits for a FUSE file system.
const ANSWER_OF_FUSE: &[u8] = b"request_wait_answer";

impl Procfs {
    /// Whether a thread of the process is in such a wait, and what it waits on.
    pub(super) fn blocked(&self, pid: Pid) -> Result<Option<Reading<MessageText>>, Message> {
        let (mut looked, mut blocked) = (0, None);
        self.numbers(pid, "task", |_, thread| {
            looked += 1;
            let state = self.file(pid, &format!("task/{thread}/stat")).ok().and_then(|line| thread_state(&line));
            let waits = match state {
                Some(b'D') => true,
                Some(b'S') => self
                    .file(pid, &format!("task/{thread}/wchan"))
                    .is_ok_and(|function| function.starts_with(ANSWER_OF_FUSE)),
                _ => false,
            };
            if waits {
                blocked = Some(thread);
            }
            if blocked.is_some() || looked >= MOST_THREADS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .map_err(|error| Message::ThreadsUnlisted { error: Verbatim::of(error) })?;
        Ok(blocked.map(|thread| self.waits_inside(pid, thread)))
    }

    fn waits_inside(&self, pid: Pid, thread: u32) -> Reading<MessageText> {
        let text = |name: &str| {
            let bytes = self.file(pid, &format!("task/{thread}/{name}")).ok()?;
            Some(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        if let Some(file) = text("syscall").and_then(|call| self.file_of(pid, descriptor_of(&call)?)) {
            return Reading::Known(file.into());
        }
        match text("wchan") {
            // The kernel writes 0 if it does not tell.
            Some(function) if !function.is_empty() && function != "0" => match place(&function) {
                Some(place) => Reading::Known(place.into()),
                None => Reading::unknown(Message::KernelSaysOnly { function: Verbatim(function) }),
            },
            _ => Reading::unknown(Message::KernelSilent),
        }
    }

    /// The file of a descriptor and its file system.
    fn file_of(&self, pid: Pid, descriptor: u32) -> Option<Message> {
        let path = self.link(pid, &format!("fd/{descriptor}")).ok()?;
        let mounts = self.file(pid, "mountinfo").unwrap_or_default();
        named_file(&path, file_system(&mounts, &path).as_deref())
    }
}

/// Field 3 of a stat line, after the last parenthesis.
fn thread_state(line: &[u8]) -> Option<u8> {
    let close = line.iter().rposition(|byte| *byte == b')')?;
    match line.get(close + 1..)? {
        [b' ', state, b' ', ..] => Some(*state),
        _ => None,
    }
}

/// Calls whose first argument is the descriptor of the file that they wait for: read, write, fstat,
/// pread64, pwrite64, readv, writev, flock, fsync, fdatasync, ftruncate, getdents64, fallocate
/// (arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h for the others).
#[cfg(target_arch = "x86_64")]
const OF_A_DESCRIPTOR: [u32; 13] = [0, 1, 5, 17, 18, 19, 20, 73, 74, 75, 77, 217, 285];
#[cfg(not(target_arch = "x86_64"))]
const OF_A_DESCRIPTOR: [u32; 13] = [63, 64, 80, 67, 68, 65, 66, 32, 82, 83, 46, 61, 47];

/// The descriptor in a line such as `0 0x3 0x7f00 0x1000 0x0 0x0 0x0 0x7ffe 0x7f01`.
fn descriptor_of(call: &str) -> Option<u32> {
    let mut fields = call.split_ascii_whitespace();
    let number: u32 = fields.next()?.parse().ok()?;
    if !OF_A_DESCRIPTOR.contains(&number) {
        return None;
    }
    let first = u64::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?;
    u32::try_from(first).ok().filter(|descriptor| *descriptor <= i32::MAX as u32)
}

/// The type of the file system of a path: that of the longest mount point above it, or of the last
/// one if several are mounted on top of one another (proc_pid_mountinfo(5)).
fn file_system(mounts: &[u8], path: &[u8]) -> Option<String> {
    let mut best: Option<(usize, &[u8])> = None;
    for line in mounts.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b' ');
        let Some(point) = fields.nth(4).map(unescaped) else { continue };
        let Some(kind) = fields.skip_while(|field| *field != b"-").nth(1).filter(|kind| !kind.is_empty()) else {
            continue;
        };
        let inside = point == b"/"
            || path.strip_prefix(point.as_slice()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        if inside && best.is_none_or(|(length, _)| length <= point.len()) {
            best = Some((point.len(), kind));
        }
    }
    best.map(|(_, kind)| String::from_utf8_lossy(&unescaped(kind)).into_owned())
}

/// Decodes a field of mountinfo, where spaces, tabs, line ends and backslashes are written as a
/// backslash and three octal digits.
pub(super) fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match (first, behind) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', behind @ ..]) => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = behind;
            }
            _ => out.push(*first),
        }
    }
    out
}

/// A phrase that fits after "it waits for". `None` if the link is not a file (a pipe, a socket).
fn named_file(path: &[u8], kind: Option<&str>) -> Option<Message> {
    if !path.starts_with(b"/") {
        return None;
    }
    let path = Verbatim::of(String::from_utf8_lossy(path));
    let Some(name) = kind else { return Some(Message::FileSomewhere { path }) };
    let kind = Verbatim::of(name);
    Some(match name {
        _ if is_of_a_network(name) => Message::FileOnNetwork { path, kind },
        _ if name.starts_with("fuse") => Message::FileOfProgram { path, kind },
        _ => Message::FileOnDisk { path, kind },
    })
}

/// Type names as the kernel and the programs behind FUSE write them.
fn is_of_a_network(kind: &str) -> bool {
    const KINDS: [&str; 13] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "ceph",
        "afs",
        "lustre",
        "glusterfs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.rclone",
    ];
    KINDS.contains(&kind)
}

/// What a wait in this kernel function means: fs/fuse/dev.c, net/sunrpc/sched.c, fs/nfs,
/// fs/smb/client, net/9p/client.c, fs/ceph, fs/jbd2, mm/filemap.c, block/blk-core.c, fs/buffer.c,
/// kernel/sched/wait_bit.c, kernel/fork.c (a caller of vfork until its child has called exec),
/// kernel/locking, fs/super.c (a frozen file system).
fn place(function: &str) -> Option<Message> {
    const PLACES: [(&[&str], Message); 10] = [
        (&["request_wait_answer", "fuse_", "__fuse_"], Message::PlaceFuse),
        (&["rpc_", "nfs"], Message::PlaceNfs),
        (&["cifs_", "smb2_", "smb3_", "wait_for_response"], Message::PlaceSmb),
        (&["p9_", "v9fs_"], Message::PlaceNineP),
        (&["ceph_"], Message::PlaceCeph),
        (&["jbd2_", "wait_transaction_locked", "add_transaction_credits"], Message::PlaceJournal),
        (&["percpu_rwsem_wait", "sb_start_write", "__sb_start_write"], Message::PlaceFrozen),
        (
            &[
                "folio_wait",
                "wait_on_page",
                "__folio_lock",
                "io_schedule",
                "blk_",
                "submit_bio",
                "__wait_on_buffer",
                "bit_wait",
            ],
            Message::PlaceDisk,
        ),
        (&["kernel_clone", "wait_for_vfork_done", "_do_fork"], Message::PlaceFork),
        (&["rwsem_down", "__rwsem", "mutex", "__mutex", "rwbase_"], Message::PlaceLock),
    ];
    PLACES
        .iter()
        .find(|(starts, _)| starts.iter().any(|start| function.starts_with(start)))
        .map(|(_, said)| said.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_judged_by_the_field_behind_its_name() {
        assert_eq!(thread_state(b"12 (a) D (b) S 1 2"), Some(b'S'));
        assert_eq!(thread_state(b"12 (gopls) D 1 2"), Some(b'D'));
        for hostile in [&b""[..], b")", b"1 (x)", b"1 (x) ", b"1 (x) D", b"1 (x)D 1"] {
            assert_eq!(thread_state(hostile), None, "{hostile:?}");
        }
    }

    #[test]
    fn a_call_names_its_descriptor_or_nothing() {
        let read = OF_A_DESCRIPTOR[0];
        assert_eq!(descriptor_of(&format!("{read} 0x3 0x7f00 0x1000 0x0 0x0 0x0 0x1 0x2")), Some(3));
        let cases = ["running", "-1 0x7ffe 0x7f", "", "9999 0x3", &format!("{read}"), &format!("{read} 3")];
        for hostile in cases {
            assert_eq!(descriptor_of(hostile), None, "{hostile:?}");
        }
        assert_eq!(descriptor_of(&format!("{read} 0xffffffffffffff9c 0x1")), None, "AT_FDCWD is no descriptor");
    }

    const MOUNTS: &[u8] = b"21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
        40 21 0:44 / /mnt/my\\040share rw - nfs4 srv:/x rw\n\
        41 21 0:45 / /mnt rw master:2 propagate_from:1 - fuse.sshfs me@host: rw\n\
        42 21 0:46 / /mnt rw - tmpfs tmpfs rw\n";

    #[test]
    fn a_path_lies_on_the_longest_mount_point_above_it() {
        let kind = |path: &[u8]| file_system(MOUNTS, path);
        assert_eq!(kind(b"/mnt/my share/a.go").as_deref(), Some("nfs4"));
        assert_eq!(kind(b"/mnt/other").as_deref(), Some("tmpfs"), "the upper one of two");
        assert_eq!(kind(b"/mntx").as_deref(), Some("ext4"));
        for cut in 0..MOUNTS.len() {
            let _ = file_system(&MOUNTS[..cut], b"/mnt/my share/a.go");
        }
        assert_eq!(file_system(b"", b"/x"), None);
        assert_eq!(file_system(b"1 2 3 4 / rw -\n1 2 3 4 / rw - \n- - - - - -\n", b"/x"), None);
        assert_eq!(unescaped(b"a\\040b\\\\\\9\\04"), b"a b\\\\\\9\\04");
    }

    #[test]
    fn a_file_and_a_place_in_the_kernel_are_told_by_their_kind() {
        let (path, kind) = (|| Verbatim::of("/n/a.go"), |kind: &str| Verbatim::of(kind));
        assert_eq!(
            named_file(b"/n/a.go", Some("nfs4")),
            Some(Message::FileOnNetwork { path: path(), kind: kind("nfs4") })
        );
        let provided = Message::FileOfProgram { path: path(), kind: kind("fuse.portal") };
        assert_eq!(named_file(b"/n/a.go", Some("fuse.portal")), Some(provided));
        let plain = Message::FileOnDisk { path: path(), kind: kind("ext4") };
        assert_eq!(named_file(b"/n/a.go", Some("ext4")), Some(plain));
        assert_eq!(named_file(b"/n/a.go", None), Some(Message::FileSomewhere { path: path() }));
        assert_eq!(named_file(b"pipe:[77]", Some("ext4")), None);
        assert_eq!(place("kernel_clone"), Some(Message::PlaceFork));
        assert_eq!(place("rpc_wait_bit_killable"), Some(Message::PlaceNfs));
        assert_eq!(place("hrtimer_nanosleep"), None);
    }
}
