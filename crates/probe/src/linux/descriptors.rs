//! Descriptors, file watches and memory of one process, and which processes hold most.
//!
//! Theory of operation. Since Linux 6.2 the size of /proc/PID/fd is the number of open descriptors,
//! taken from the process's bitmap: one stat call, whatever the number (fs/proc/fd.c,
//! `proc_fd_getattr` and `proc_readfd_count`). Older kernels report 0, so the size is used only
//! after a self-test (`self_test`). An exact count lists the folder and opens nothing. File watches are
//! found by the links that read `anon_inode:inotify`; each watch is a line in the fdinfo of that
//! descriptor (proc_pid_fdinfo(5)), and nothing of the line is kept.

use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, BorrowedFd};

use goplswatch_core::message::{Message, Verbatim};
use goplswatch_core::{Amount, Gauge, Holder, Pid, ProcessKey};
use rustix::fs::{OFlags, readlinkat_raw};
use rustix::io::Errno;

use super::procfs::Procfs;
use super::strip_deleted;
use crate::platform::ResourceHolders;

/// Limits of a count: descriptors, more than most kernels allow in a process (`fs.nr_open`) …
const MOST_DESCRIPTORS: u64 = 1 << 20;
/// … links that are read in search of inotify, each of which costs about a microsecond …
const MOST_LINKS: u64 = 1 << 18;
/// … and inotify watches.
const MOST_WATCHES: u64 = 1 << 20;
/// How many holders are named.
const MAX_HOLDERS: usize = 5;

impl Procfs {
    /// How many descriptors a process has open, by one stat call; 0 if the kernel does not report
    /// it.
    pub(super) fn descriptor_size(&self, pid: Pid) -> Result<u64, Message> {
        self.size(pid, "fd").map_err(descriptors_unread)
    }

    /// How many descriptors a process has open, by listing them.
    pub(super) fn count_descriptors(&self, pid: Pid) -> Result<Amount, Message> {
        let mut count = 0;
        self.numbers(pid, "fd", |_, _| {
            count += 1;
            go_on(count < MOST_DESCRIPTORS)
        })
        .map_err(descriptors_unread)?;
        Ok(amount(count, MOST_DESCRIPTORS))
    }

    /// How many inotify watches a process has.
    pub(super) fn count_watches(&self, pid: Pid) -> Result<Amount, Message> {
        let (mut looked, mut count) = (0, 0);
        let mut refused = None;
        self.numbers(pid, "fd", |dir, number| {
            looked += 1;
            if is_inotify(dir, number) {
                match self.count_marks(pid, number) {
                    Ok(more) => count += more,
                    // The descriptor was closed meanwhile.
                    Err(Errno::NOENT) => {}
                    Err(error) => refused = Some(error),
                }
            }
            go_on(looked < MOST_LINKS && count < MOST_WATCHES)
        })
        .map_err(descriptors_unread)?;
        match refused {
            Some(error) => Err(unread(error, |error| Message::WatchesUnread { error })),
            None if looked >= MOST_LINKS || count >= MOST_WATCHES => Ok(Amount::AtLeast(count)),
            None => Ok(Amount::Exactly(count)),
        }
    }

    /// The number of watches of one descriptor, if it is an inotify descriptor.
    pub(super) fn watches_of(&self, pid: Pid, descriptor: u32) -> Option<u64> {
        let dir = self.at(pid, "fd", OFlags::DIRECTORY).ok()?;
        if is_inotify(dir.as_fd(), descriptor) { self.count_marks(pid, descriptor).ok() } else { None }
    }

    /// The number of watches of one inotify descriptor. The text may be many megabytes long, so it
    /// is counted while it is read.
    fn count_marks(&self, pid: Pid, descriptor: u32) -> rustix::io::Result<u64> {
        let fd = self.at(pid, &format!("fdinfo/{descriptor}"), OFlags::empty())?;
        let mut space = [0; 16 << 10];
        let mut marks = Marks::default();
        loop {
            match rustix::io::read(&fd, &mut space)? {
                0 => return Ok(marks.count),
                n => marks.take(space.get(..n).unwrap_or_default()),
            }
            if marks.count >= MOST_WATCHES {
                return Ok(marks.count);
            }
        }
    }

    /// How many descriptors a process may have open: its soft limit.
    pub(super) fn descriptor_limit(&self, pid: Pid) -> Result<u64, Message> {
        let bytes = self.file(pid, "limits")?;
        std::str::from_utf8(&bytes).ok().and_then(open_files).ok_or(Message::LimitUntold)
    }

    /// Its proportional share of memory, bytes.
    pub(super) fn shared_memory(&self, pid: Pid) -> Result<u64, Message> {
        let bytes = self.file(pid, "smaps_rollup")?;
        std::str::from_utf8(&bytes).ok().and_then(pss).ok_or(Message::ShareUntold)
    }

    /// The total that all processes of our user hold, and those that hold most. A process that
    /// cannot be read is left out: its descriptors are not ours to see (another namespace, a
    /// program with more privileges).
    pub(super) fn holders(&self, pids: &[Pid], gauge: Gauge, sizes: bool) -> ResourceHolders {
        let mut all: Vec<(Amount, ProcessKey, Vec<u8>)> = Vec::new();
        let mut cut = false;
        for pid in pids {
            let Some(stat) = self.stat(*pid).filter(|stat| stat.own) else { continue };
            let held = match gauge {
                Gauge::Watches => self.count_watches(*pid),
                _ if sizes => self.descriptor_size(*pid).map(Amount::Exactly),
                _ => self.count_descriptors(*pid),
            };
            let Ok(held) = held else { continue };
            cut |= matches!(held, Amount::AtLeast(_));
            if held.least() > 0 {
                all.push((held, ProcessKey { pid: *pid, start: stat.start }, stat.comm));
            }
        }
        let total = all.iter().fold(0u64, |sum, (held, ..)| sum.saturating_add(held.least()));
        all.sort_unstable_by_key(|(held, key, _)| (std::cmp::Reverse(held.least()), *key));
        all.truncate(MAX_HOLDERS);
        let holders = all.into_iter().map(|(amount, process, comm)| Holder {
            process,
            name: self.program(process.pid, &comm),
            amount,
        });
        ResourceHolders {
            total: if cut { Amount::AtLeast(total) } else { Amount::Exactly(total) },
            holders: holders.collect(),
        }
    }

    /// The file name of its program; the kernel's short name if that cannot be read.
    fn program(&self, pid: Pid, comm: &[u8]) -> String {
        let exe = self.link(pid, "exe").map(|path| strip_deleted(path).0).unwrap_or_default();
        let name = exe.rsplit(|byte| *byte == b'/').next().filter(|name| !name.is_empty()).unwrap_or(comm);
        String::from_utf8_lossy(name).into_owned()
    }
}

fn descriptors_unread(error: Errno) -> Message {
    unread(error, |error| Message::DescriptorsUnread { error })
}

fn unread(error: Errno, why: fn(Verbatim) -> Message) -> Message {
    match error {
        Errno::NOENT | Errno::SRCH => Message::HasEnded,
        error => why(Verbatim::of(error)),
    }
}

const fn go_on(more: bool) -> ControlFlow<()> {
    if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

const fn amount(count: u64, most: u64) -> Amount {
    if count >= most { Amount::AtLeast(count) } else { Amount::Exactly(count) }
}

/// Whether the link of a descriptor reads `anon_inode:inotify` (fs/notify/inotify/inotify_user.c,
/// `do_inotify_init`).
fn is_inotify(dir: BorrowedFd<'_>, descriptor: u32) -> bool {
    const TARGET: &[u8] = b"anon_inode:inotify";
    let mut space = [0; 32];
    // A longer target is cut off, and so differs.
    readlinkat_raw(dir.as_fd(), descriptor.to_string(), &mut space)
        .is_ok_and(|length| space.get(..length) == Some(TARGET))
}

/// Counts the lines that begin with `inotify ` in a text that arrives in pieces.
#[derive(Default)]
struct Marks {
    count: u64,
    /// How many bytes of `inotify ` this line has matched. A larger value means that the line
    /// differs or is already counted.
    at: usize,
}

impl Marks {
    fn take(&mut self, piece: &[u8]) {
        const WORD: &[u8] = b"inotify ";
        for byte in piece {
            if *byte == b'\n' {
                self.at = 0;
            } else if WORD.get(self.at) == Some(byte) {
                self.at += 1;
                self.count += u64::from(self.at == WORD.len());
            } else {
                self.at = usize::MAX;
            }
        }
    }
}

/// The soft limit of `Max open files` (proc_pid_limits(5)).
fn open_files(limits: &str) -> Option<u64> {
    let soft = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_ascii_whitespace().next()?;
    // setrlimit(2) refuses more than fs.nr_open, so "unlimited" should not occur. If a kernel
    // writes it, use a number that is never reached.
    if soft == "unlimited" { Some(u64::MAX) } else { soft.parse().ok() }
}

/// `Pss:` of smaps_rollup (proc_pid_smaps(5)), bytes.
fn pss(rollup: &str) -> Option<u64> {
    let kib: u64 =
        rollup.lines().find_map(|l| l.strip_prefix("Pss:"))?.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units     \n\
        Max processes             63432                63432                processes \n\
        Max open files            1024                 524288               files     \n";
    const ROLLUP: &str =
        "55a0-7ffe ---p 00000000 00:00 0  [rollup]\nRss:  5 kB\nPss:                 931 kB\nPss_Dirty: 88 kB\n";
    const FDINFO: &[u8] = b"pos:\t0\nflags:\t00\nmnt_id:\t15\ninotify wd:2 ino:1 sdev:1 mask:2 ignored_mask:0 \
        fhandle-bytes:8\ninotify wd:1 ino:2 sdev:1\ninotifyx\n inotify wd:1\n";

    #[test]
    fn limits_and_shares_are_read_and_their_cuts_never_panic() {
        assert_eq!(open_files(LIMITS), Some(1024));
        assert_eq!(open_files("Max open files  unlimited unlimited files\n"), Some(u64::MAX));
        assert_eq!(pss(ROLLUP), Some(931 * 1024));
        for cut in 0..LIMITS.len() {
            assert!(open_files(&LIMITS[..cut]).is_none_or(|n| n <= 1024));
        }
        for cut in 0..ROLLUP.len() {
            assert!(pss(&ROLLUP[..cut]).is_none_or(|n| n == 931 * 1024));
        }
        for hostile in ["Max open files", "Max open files -1 -1", "Max open files 99999999999999999999999 1"] {
            assert_eq!(open_files(hostile), None);
        }
        assert_eq!([pss("Pss: kB"), pss("Pss: 18446744073709551615 kB"), pss("Pss: 1 MB"), pss("")], [None; 4]);
    }

    #[test]
    fn marks_are_counted_wherever_the_text_is_cut() {
        for cut in 0..=FDINFO.len() {
            let mut marks = Marks::default();
            marks.take(&FDINFO[..cut]);
            marks.take(&FDINFO[cut..]);
            assert_eq!(marks.count, 2, "cut at {cut}");
        }
        let mut marks = Marks::default();
        marks.take(b"inotify");
        assert_eq!(marks.count, 0);
    }

    #[test]
    fn a_count_that_was_ended_is_a_least_one() {
        assert_eq!(amount(7, 8), Amount::Exactly(7));
        assert_eq!(amount(8, 8), Amount::AtLeast(8));
    }
}
