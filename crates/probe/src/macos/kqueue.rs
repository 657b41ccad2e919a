//! The kernel's event queue, and the thread that waits on it.
//!
//! A dedicated thread blocks in `kevent64` and passes each event on through a channel. The queue is
//! not nested in tokio's own: a kqueue inside a kqueue is one more feature that an imitation of
//! this kernel may lack, and a blocked thread costs nothing. The thread ends when its [`Queue`] is
//! dropped, which never waits for it: a user event wakes the thread, or, if the kernel has no such
//! event, the thread wakes by itself every few seconds and checks.
#![expect(unsafe_code, reason = "kqueue is a C interface")]

use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use goplswatch_core::message::{Message, Verbatim};
use libc::{kevent64_s, timespec};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::sys::{Refusal, pause};
use crate::xnu::errno;

// Checks the stable part of the interface against libc: {ident, filter, flags, fflags, data, udata,
// ext[2]}.
const _: () = {
    assert!(size_of::<kevent64_s>() == 48);
    assert!(libc::NOTE_EXIT == crate::xnu::NOTE_EXIT);
    assert!(libc::NOTE_FORK == crate::xnu::NOTE_FORK);
    assert!(libc::NOTE_EXEC == crate::xnu::NOTE_EXEC);
    assert!(libc::NOTE_EXITSTATUS == crate::xnu::NOTE_EXITSTATUS);
    assert!(libc::NOTE_EXIT_DETAIL == crate::xnu::NOTE_EXIT_DETAIL);
    assert!(libc::EV_EOF == crate::xnu::EV_EOF);
    assert!(libc::ENOTSUP == errno::ENOTSUP && libc::ENOSYS == errno::ENOSYS);
    assert!(libc::EOPNOTSUPP == errno::EOPNOTSUPP && libc::EINVAL == errno::EINVAL);
    assert!(libc::EACCES == errno::EACCES && libc::EPERM == errno::EPERM);
    assert!(libc::ESRCH == errno::ESRCH && libc::ENOENT == errno::ENOENT);
    assert!(libc::EINTR == errno::EINTR && libc::ENOMEM == errno::ENOMEM && libc::EBADF == errno::EBADF);
    assert!(libc::EVFILT_VNODE == crate::xnu::FILTER_VNODE);
};

/// How often the thread checks whether it should end, if nothing can wake it.
const IDLE_LOOK: Duration = Duration::from_secs(5);
/// The pause after an unexpected answer, so that a broken queue cannot keep a core busy.
const ERROR_PAUSE: Duration = Duration::from_millis(50);
/// The longest such pause.
const LONGEST_BREATHER: Duration = Duration::from_secs(1);
/// The ident of our user event.
const STOP_IDENT: u64 = 1;

/// One event of a watched process.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcEvent {
    /// `EV_…`.
    pub(super) flags: u16,
    /// `NOTE_…`.
    pub(super) notes: u32,
    /// The data of `NOTE_EXIT`.
    pub(super) data: i64,
    /// The value that the watch was registered with.
    pub(super) udata: u64,
}

/// How many reports may be queued. Beyond that, events wait in the kernel, which merges the events
/// of one process into one (kqueue(2), `EV_CLEAR`) and keeps an end.
const REPORTS: usize = 256;

/// A report of the thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Report {
    /// Something happened.
    Event(ProcEvent),
    /// The queue failed; no further report will come.
    Broken(Refusal),
}

/// The queue and its thread.
#[derive(Debug)]
pub(super) struct Queue {
    fd: Arc<OwnedFd>,
    stop: Arc<AtomicBool>,
    early: VecDeque<Report>,
    reports: Receiver<Report>,
}

impl Queue {
    /// Opens a queue and starts its thread.
    pub(super) fn open() -> Result<Self, Message> {
        let fd = Arc::new(open().map_err(|refusal| refusal.of("kqueue"))?);
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, reports) = channel(REPORTS);
        let wakes = change(&fd, &user_event(libc::EV_ADD | libc::EV_CLEAR | libc::EV_RECEIPT, 0)).is_ok();
        let patience = if wakes { None } else { Some(IDLE_LOOK) };
        let thread_fd = Arc::clone(&fd);
        let thread_stop = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("process-events".to_owned())
            .stack_size(128 * 1024)
            .spawn(move || wait_for_events(&thread_fd, &thread_stop, &sender, patience))
            .map_err(|error| Message::NoEventThread { error: Verbatim::of(error) })?;
        Ok(Self { fd, stop, early: VecDeque::new(), reports })
    }

    /// Registers for `notes` of a process; its events carry `udata`.
    pub(super) fn watch(&mut self, pid: u32, notes: u32, udata: u64) -> Result<(), Refusal> {
        // xnu clears these events by itself; an imitation may need the flag.
        let event = proc_event(pid, libc::EV_ADD | libc::EV_CLEAR | libc::EV_RECEIPT, notes, udata);
        let stolen = change(&self.fd, &event)?;
        // A queue without EV_RECEIPT may answer a change with an event that was waiting; that event
        // must not be lost.
        self.early.extend(stolen.filter(is_proc).map(|event| Report::Event(plain(&event))));
        Ok(())
    }

    /// Unregisters a process. Errors are ignored: nothing is registered for a process that has
    /// ended.
    pub(super) fn forget(&self, pid: u32) {
        let _gone_already = change(&self.fd, &proc_event(pid, libc::EV_DELETE | libc::EV_RECEIPT, 0, 0));
    }

    /// A report that has arrived already.
    pub(super) fn take(&mut self) -> Option<Report> {
        self.early.pop_front().or_else(|| self.reports.try_recv().ok())
    }

    /// The next report. `None` once the thread has ended. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Report> {
        match self.early.pop_front() {
            Some(report) => Some(report),
            None => self.reports.recv().await,
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // The thread keeps the descriptor open until it ends. If the trigger fails, there was no
        // user event in the first place, and the thread checks by itself.
        let _looks_by_itself = change(&self.fd, &user_event(libc::EV_RECEIPT, libc::NOTE_TRIGGER));
    }
}

fn wait_for_events(fd: &OwnedFd, stop: &AtomicBool, sender: &Sender<Report>, patience: Option<Duration>) {
    let mut breather = ERROR_PAUSE;
    let mut last = None;
    while !stop.load(Ordering::Acquire) {
        let report = match wait(fd, patience) {
            Ok(Some(event)) if is_proc(&event) => {
                let event = plain(&event);
                let same = (event.udata, event.notes, event.data);
                // The same event again and again comes from a queue that does not clear what it has
                // delivered.
                if last.replace(same) == Some(same) {
                    pause(Duration::from_millis(1));
                }
                breather = ERROR_PAUSE;
                Report::Event(event)
            }
            // An event that was not requested, or none although there was no time limit.
            Ok(other) => {
                if other.is_some() || patience.is_none() {
                    pause(breather);
                    breather = (breather * 2).min(LONGEST_BREATHER);
                }
                continue;
            }
            Err(refusal) if refusal.is(errno::EINTR) => {
                pause(Duration::from_millis(1));
                continue;
            }
            Err(refusal) => Report::Broken(refusal),
        };
        let over = matches!(report, Report::Broken(_));
        if sender.blocking_send(report).is_err() || over {
            return;
        }
    }
}

/// A queue that watches files. Its knotes are then counted to learn whether the system counts what
/// queues hold.
#[derive(Debug)]
pub(super) struct FileQueue(OwnedFd);

impl FileQueue {
    /// Opens a queue with a watch on each of these open files and one user event, which is not a
    /// file watch.
    pub(super) fn open(files: &[File]) -> Result<Self, Refusal> {
        let fd = open()?;
        for file in files {
            let ident = u64::try_from(file.as_raw_fd()).map_err(|_| Refusal::Nonsense)?;
            let flags = libc::EV_ADD | libc::EV_CLEAR | libc::EV_RECEIPT;
            let (filter, fflags) = (libc::EVFILT_VNODE, libc::NOTE_DELETE);
            change(&fd, &kevent64_s { ident, filter, flags, fflags, data: 0, udata: 0, ext: [0; 2] })?;
        }
        change(&fd, &user_event(libc::EV_ADD | libc::EV_CLEAR | libc::EV_RECEIPT, 0))?;
        Ok(Self(fd))
    }

    /// Its descriptor.
    pub(super) fn fd(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

const fn is_proc(event: &kevent64_s) -> bool {
    event.filter == libc::EVFILT_PROC && event.flags & libc::EV_ERROR == 0
}

const fn plain(event: &kevent64_s) -> ProcEvent {
    ProcEvent { flags: event.flags, notes: event.fflags, data: event.data, udata: event.udata }
}

fn proc_event(pid: u32, flags: u16, notes: u32, udata: u64) -> kevent64_s {
    let filter = libc::EVFILT_PROC;
    kevent64_s { ident: u64::from(pid), filter, flags, fflags: notes, data: 0, udata, ext: [0; 2] }
}

const fn user_event(flags: u16, notes: u32) -> kevent64_s {
    let filter = libc::EVFILT_USER;
    kevent64_s { ident: STOP_IDENT, filter, flags, fflags: notes, data: 0, udata: 0, ext: [0; 2] }
}

/// kqueue(2).
fn open() -> Result<OwnedFd, Refusal> {
    // SAFETY: kqueue takes no arguments and returns a new descriptor or -1.
    let fd = unsafe { libc::kqueue() };
    if fd < 0 {
        return Err(Refusal::last());
    }
    // SAFETY: the descriptor was just created and has no other owner.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // fork does not pass a kqueue on, but posix_spawn with exec in place does. A failure here costs
    // one descriptor in that program.
    // SAFETY: F_SETFD takes an integer and touches no memory.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
    Ok(fd)
}

/// kevent64(2) with one change, without blocking. Returns the event that came in place of a
/// receipt, if one did.
fn change(fd: &OwnedFd, change: &kevent64_s) -> Result<Option<kevent64_s>, Refusal> {
    let at_once = timespec { tv_sec: 0, tv_nsec: 0 };
    let mut answer = blank();
    // SAFETY: one change may be read, one event written, and the time read.
    let count =
        unsafe { libc::kevent64(fd.as_raw_fd(), ptr::from_ref(change), 1, &raw mut answer, 1, 0, &raw const at_once) };
    match count {
        // With EV_RECEIPT every change is answered by EV_ERROR and an error number, 0 for success.
        1 if answer.flags & libc::EV_ERROR != 0 && answer.data == 0 => Ok(None),
        1 if answer.flags & libc::EV_ERROR != 0 => Err(Refusal::Errno(i32::try_from(answer.data).unwrap_or(0))),
        1 => Ok(Some(answer)),
        0 => Ok(None),
        -1 => Err(Refusal::last()),
        _ => Err(Refusal::Nonsense),
    }
}

/// kevent64(2) without a change: the next event, or `None` after the timeout.
fn wait(fd: &OwnedFd, patience: Option<Duration>) -> Result<Option<kevent64_s>, Refusal> {
    let limit = patience.map(|patience| timespec {
        tv_sec: libc::time_t::try_from(patience.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(patience.subsec_nanos()),
    });
    let limit = limit.as_ref().map_or(ptr::null(), ptr::from_ref);
    let mut event = blank();
    // SAFETY: no change is read, one event may be written, and `limit` is null or points to a time
    // that outlives the call.
    let count = unsafe { libc::kevent64(fd.as_raw_fd(), ptr::null(), 0, &raw mut event, 1, 0, limit) };
    match count {
        0 => Ok(None),
        1 => Ok(Some(event)),
        -1 => Err(Refusal::last()),
        _ => Err(Refusal::Nonsense),
    }
}

const fn blank() -> kevent64_s {
    kevent64_s { ident: 0, filter: 0, flags: 0, fflags: 0, data: 0, udata: 0, ext: [0; 2] }
}
