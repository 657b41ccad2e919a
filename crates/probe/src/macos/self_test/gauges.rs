//! Self-tests of the measurements: our own descriptors, file watches and threads, and the machine's
//! file table.

use std::fs::File;
use std::os::fd::AsRawFd as _;

use goplswatch_core::Amount;
use goplswatch_core::capability::Capability;
use goplswatch_core::message::{Count, Message as M, SharedMessage, Verbatim};

use super::super::kqueue::FileQueue;
use super::super::sys::{self, Refusal};
use super::super::{MacPlatform, descriptors, libproc, machine};
use super::{ok, refused, unsupported};
use crate::xnu;

/// A file that every macOS has, for the test watches: it is not read, and nothing changes it.
const STEADY_FILE: &str = "/bin/sh";
/// How many test watches are made.
const WATCHES: usize = 3;

impl MacPlatform {
    pub(super) fn prove_gauges(&mut self) -> Vec<Capability> {
        vec![self.prove_descriptors(), self.prove_watches(), prove_threads(), prove_file_table()]
    }

    /// A descriptor that we have open must be in our own list, and the bound must not be below the
    /// count.
    fn prove_descriptors(&mut self) -> Capability {
        let name = "descriptors";
        let lost = |why: M| M::DescriptorsUncounted { why: SharedMessage::new(why) };
        let pid = sys::own_pid();
        let file = match File::open(STEADY_FILE) {
            Ok(file) => file,
            Err(error) => return unsupported(name, M::NotProved { why: SharedMessage::new(not_opened(&error)) }),
        };
        let list = libproc::list_fds(pid);
        let opened = u32::try_from(file.as_raw_fd()).ok();
        let proof = match (list, descriptors::bound(pid)) {
            (Err(refusal), _) => refused(name, refusal, |why| M::DescriptorsUncounted { why }),
            (_, Err(why)) => unsupported(name, lost(why)),
            (Ok(list), Ok(bound)) => {
                let count = xnu::fd_count(&list);
                match opened {
                    Some(fd) if xnu::lists_fd(&list, fd) && bound >= count => {
                        return ok(name, M::DescriptorsListed { count: Count::new(count), bound: Count::new(bound) });
                    }
                    Some(fd) if xnu::lists_fd(&list, fd) => {
                        let (bound, count) = (Count::new(bound), Count::new(count));
                        unsupported(name, lost(M::TableTooFull { bound, count }))
                    }
                    _ => unsupported(name, lost(M::OpenFileUnlisted)),
                }
            }
        };
        self.no_descriptors = Some(M::clone(&proof.said.message));
        proof
    }

    /// A queue of ours that watches three files and one event that is not a file must be counted as
    /// three.
    fn prove_watches(&mut self) -> Capability {
        let name = "file-watches";
        let proof = match count_own_watches() {
            Err(why) => unsupported(name, M::WatchesUnproved { why: SharedMessage::new(why) }),
            Ok(Err(refusal)) => refused(name, refusal, |why| M::WatchesUnknown { why }),
            Ok(Ok(Amount::Exactly(3))) => {
                return ok(name, M::QueueProved);
            }
            Ok(Ok(Amount::Exactly(other) | Amount::AtLeast(other))) => {
                let why = SharedMessage::new(M::QueueMiscounted { count: Count::new(other) });
                unsupported(name, M::WatchesUnknown { why })
            }
        };
        self.no_watches = Some(M::clone(&proof.said.message));
        proof
    }
}

fn not_opened(error: &std::io::Error) -> M {
    M::FileNotOpened { file: Verbatim::of(STEADY_FILE), error: Verbatim::of(error) }
}

fn count_own_watches() -> Result<Result<Amount, Refusal>, M> {
    let files = (0..WATCHES).map(|_| File::open(STEADY_FILE)).collect::<Result<Vec<_>, _>>();
    let files = files.map_err(|error| not_opened(&error))?;
    let queue =
        FileQueue::open(&files).map_err(|refusal| M::TestFileUnwatched { why: SharedMessage::new(refusal.into()) })?;
    // Room for one knote only, so that the path taken for a larger queue of another process is
    // tested too.
    let mut room = vec![0u8; xnu::KNOTE_SIZE];
    Ok(descriptors::file_knotes(sys::own_pid(), queue.fd(), &mut room))
}

fn prove_threads() -> Capability {
    let name = "thread-states";
    match descriptors::blocked(sys::own_pid()) {
        // A thread of ours may be waiting for a disk just now; that is a valid answer too.
        Ok(_) => ok(name, M::ThreadsProved),
        Err(why) => unsupported(name, M::ThreadsRefused { why: SharedMessage::new(why) }),
    }
}

fn prove_file_table() -> Capability {
    let name = "file-table";
    let lost = |why: M| M::FileTableUnknown { why: SharedMessage::new(why) };
    let numbers = |open, limit| (Count::new(open), Count::new(limit));
    match (machine::counted(c"kern.num_files"), machine::counted(c"kern.maxfiles")) {
        (Ok(Some(open @ 1..)), Ok(Some(limit))) if open <= limit => {
            let (open, limit) = numbers(open, limit);
            ok(name, M::FileTableProved { open, limit })
        }
        (Ok(Some(open)), Ok(Some(limit))) => {
            let (open, limit) = numbers(open, limit);
            unsupported(name, lost(M::FileTableNotTrue { open, limit }))
        }
        (Err(why), _) | (_, Err(why)) => unsupported(name, lost(why)),
        (Ok(None), _) | (_, Ok(None)) => unsupported(name, lost(M::FilesUncounted)),
    }
}
