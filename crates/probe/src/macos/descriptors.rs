//! Descriptors of processes, the files that they watch with them, and whether a thread waits in the
//! kernel.
//!
//! All of these calls work only for processes of our own user (xnu bsd/kern/proc_info.c), and a
//! kernel that only imitates macOS may refuse them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use goplswatch_core::message::{Count, Message, MessageText};
use goplswatch_core::{Amount, Holder, Pid, ProcessKey, Reading};

use super::libproc;
use super::sys::{self, Refusal};
use super::table::Table;
use crate::platform::ResourceHolders;
use crate::xnu::{self, errno};

/// How many holders are named.
const NAMED: usize = 8;
/// How many queues of one process are examined. Go opens one, and one more for each file watcher.
const MOST_QUEUES: usize = 256;
/// Room for the knotes of a queue that does not watch a tree.
const FEW_KNOTES: usize = 256;
/// How many threads of one process are examined.
const MOST_THREADS: usize = 512;

/// The size of a process's descriptor table.
pub(super) fn bound(pid: u32) -> Result<u64, Message> {
    let bytes = libproc::bsd_info(pid).map_err(|refusal| refusal.of("PROC_PIDTBSDINFO"))?;
    xnu::descriptor_bound(&bytes).ok_or_else(|| Refusal::Nonsense.of("PROC_PIDTBSDINFO"))
}

/// How many descriptors one process may have open, whatever its own limit: `kern.maxfilesperproc`.
pub(super) fn limit() -> Result<u64, Message> {
    let name = "kern.maxfilesperproc";
    let bytes = sys::sysctl_named::<8>(c"kern.maxfilesperproc").map_err(|refusal| refusal.of(name))?;
    xnu::number(&bytes).filter(|&limit| limit != 0).ok_or_else(|| Refusal::Nonsense.of(name))
}

/// How many descriptors a process has open.
pub(super) fn count(pid: u32) -> Result<Amount, Message> {
    let list = libproc::list_fds(pid).map_err(|refusal| refusal.of("PROC_PIDLISTFDS"))?;
    Ok(Amount::Exactly(xnu::fd_count(&list)))
}

/// How many files and folders a process watches through its kqueues.
pub(super) fn watches(pid: u32) -> Result<Amount, Message> {
    let list = libproc::list_fds(pid).map_err(|refusal| refusal.of("PROC_PIDLISTFDS"))?;
    let mut room = vec![0u8; FEW_KNOTES * xnu::KNOTE_SIZE];
    let mut sum = Amount::Exactly(0);
    for (queues, fd) in xnu::kqueues(&list).enumerate() {
        if queues >= MOST_QUEUES {
            return Ok(Amount::AtLeast(sum.least()));
        }
        match file_knotes(pid, fd, &mut room) {
            Ok(on_files) => sum = xnu::plus(sum, on_files),
            // The queue was closed since the list was made.
            Err(refusal) if refusal.is(errno::EBADF) => {}
            Err(refusal) => return Err(refusal.of("PROC_PIDFDKQUEUE_EXTINFO")),
        }
    }
    Ok(sum)
}

/// How many files one queue watches. `room` grows to what the largest queue needs, 13 MB at most.
pub(super) fn file_knotes(pid: u32, fd: i32, room: &mut Vec<u8>) -> Result<Amount, Refusal> {
    let mut reported = libproc::kqueue_knotes(pid, fd, room)?;
    if reported > room.len() / xnu::KNOTE_SIZE {
        // Leave room for some more: a watcher that is starting up registers thousands a second.
        let knotes = reported.saturating_add(reported / 8).min(xnu::MOST_KNOTES);
        room.resize(knotes * xnu::KNOTE_SIZE, 0);
        // If an answer is shorter than it says, this keeps knotes of the previous queue from being
        // counted.
        room.fill(0);
        reported = libproc::kqueue_knotes(pid, fd, room)?;
    }
    Ok(xnu::file_knotes(reported, room))
}

/// Whether a thread of a process is in an uninterruptible wait at the moment. What it waits on
/// stays unknown: that is in its kernel stack, which takes root to read.
pub(super) fn blocked(pid: u32) -> Result<Option<Reading<MessageText>>, Message> {
    let list = libproc::list_threads(pid, MOST_THREADS).map_err(|refusal| refusal.of("PROC_PIDLISTTHREADS"))?;
    let (mut seen, mut refused) = (0usize, None);
    for handle in xnu::thread_handles(&list) {
        match libproc::thread_info(pid, handle).map(|bytes| xnu::is_uninterruptible(&bytes)) {
            Ok(Some(true)) => return Ok(Some(Reading::unknown(Message::ThreadSilent))),
            Ok(Some(false)) => seen += 1,
            Ok(None) => refused = Some(Refusal::Nonsense),
            // The thread has ended since the list was made.
            Err(refusal) if refusal.is(errno::ESRCH) => {}
            Err(refusal) => refused = Some(refusal),
        }
    }
    match refused {
        Some(refusal) => Err(refusal.of("PROC_PIDTHREADINFO")),
        None if seen == 0 => Err(Refusal::Nonsense.of("PROC_PIDLISTTHREADS")),
        None if list.len() >= MOST_THREADS * 8 => {
            Err(Message::TooManyThreads { most: Count::new(MOST_THREADS as u64) })
        }
        None => Ok(None),
    }
}

/// The processes of this user that have most descriptors open, and the total over all of them.
pub(super) fn holders(table: &mut Table) -> Result<ResourceHolders, Message> {
    let mut pids = Vec::new();
    table.pids(&mut pids)?;
    let mut total = Amount::Exactly(0);
    let mut found: Vec<(u64, ProcessKey)> = Vec::new();
    let (mut asked, mut last_refusal) = (0usize, None);
    for Pid(pid) in pids {
        let Some((key, _)) = table.look(pid) else { continue };
        asked += 1;
        match libproc::list_fds(pid) {
            Ok(list) if table.key(pid) == Some(key) => {
                let count = xnu::fd_count(&list);
                total = xnu::plus(total, Amount::Exactly(count));
                found.push((count, key));
            }
            Ok(_) => {}
            Err(refusal) if refusal.is(errno::ESRCH) => {}
            // A process of ours hides its descriptors, so they are missing from the sum.
            Err(refusal) => {
                total = Amount::AtLeast(total.least());
                last_refusal = Some(refusal);
            }
        }
    }
    if found.is_empty() {
        return Err(match last_refusal {
            Some(refusal) => refusal.of("PROC_PIDLISTFDS"),
            None => Message::NoneAnswered { asked: Count::new(asked as u64) },
        });
    }
    found.sort_unstable_by_key(|&(count, key)| (std::cmp::Reverse(count), key));
    found.truncate(NAMED);
    let holders = found.into_iter().map(|(count, process)| Holder {
        process,
        name: name_of(process.pid.0, table),
        amount: Amount::Exactly(count),
    });
    Ok(ResourceHolders { total, holders: holders.collect() })
}

/// The file name of a process's program; the kernel's short name if its path is not reported.
fn name_of(pid: u32, table: &Table) -> String {
    let path = libproc::path(pid).ok();
    let file = path.as_deref().and_then(|path| Path::new(OsStr::from_bytes(path)).file_name());
    match (file, table.look(pid)) {
        (Some(file), _) => file.to_string_lossy().into_owned(),
        (None, Some((_, basics))) => String::from_utf8_lossy(&basics.comm).into_owned(),
        (None, None) => "a program that has ended".to_owned(),
    }
}
