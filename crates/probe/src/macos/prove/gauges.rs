//! Proofs of what is measured: our own descriptors, watches and threads, and the machine's file table.

use std::fs::File;
use std::os::fd::AsRawFd as _;

use goplswatch_core::Amount;
use goplswatch_core::words::Capability;

use super::super::kqueue::FileQueue;
use super::super::sys::{self, Refusal};
use super::super::{MacWorld, descriptors, libproc, machine};
use super::{ok, refused, unsupported};
use crate::xnu;

/// A file that every macOS has, for the test watches: it is not read, and nothing changes it.
const STEADY_FILE: &str = "/bin/sh";
/// So many test watches.
const WATCHES: usize = 3;

impl MacWorld {
    pub(super) fn prove_gauges(&mut self) -> Vec<Capability> {
        vec![self.prove_descriptors(), self.prove_watches(), prove_threads(), prove_file_table()]
    }

    /// A descriptor that we have open must be in our own list, and the bound must not be below the count.
    fn prove_descriptors(&mut self) -> Capability {
        let name = "descriptors";
        let lost = "how many descriptors gopls has open stays unknown";
        let pid = sys::own_pid();
        let file = match File::open(STEADY_FILE) {
            Ok(file) => file,
            Err(error) => return unsupported(name, format!("not proved: {STEADY_FILE} could not be opened: {error}")),
        };
        let list = libproc::list_fds(pid);
        let opened = u32::try_from(file.as_raw_fd()).ok();
        let proof = match (list, descriptors::bound(pid)) {
            (Err(refusal), _) => refused(name, refusal, lost),
            (_, Err(why)) => unsupported(name, format!("{why}: {lost}")),
            (Ok(list), Ok(bound)) => {
                let count = xnu::fd_count(&list);
                match opened {
                    Some(fd) if xnu::lists_fd(&list, fd) && bound >= count => {
                        return ok(
                            name,
                            format!("{count} descriptors of this process were listed, of a table of {bound}"),
                        );
                    }
                    Some(fd) if xnu::lists_fd(&list, fd) => {
                        unsupported(name, format!("the system says that a table of {bound} holds {count}: {lost}"))
                    }
                    _ => unsupported(name, format!("the system does not list a file that is open: {lost}")),
                }
            }
        };
        self.no_descriptors = Some(proof.said.to_string());
        proof
    }

    /// A queue of ours that watches three files, and one thing that is no file, must be counted as three.
    fn prove_watches(&mut self) -> Capability {
        let name = "file-watches";
        let lost = "how many files gopls watches by itself stays unknown";
        let proof = match count_own_watches() {
            Err(why) => unsupported(name, format!("not proved: {why}; {lost}")),
            Ok(Err(refusal)) => refused(name, refusal, lost),
            Ok(Ok(Amount::Exactly(3))) => {
                return ok(name, "a test queue that watches three files was counted as three".to_owned());
            }
            Ok(Ok(Amount::Exactly(other) | Amount::AtLeast(other))) => {
                unsupported(name, format!("a test queue that watches three files was counted as {other}: {lost}"))
            }
        };
        self.no_watches = Some(proof.said.to_string());
        proof
    }
}

fn count_own_watches() -> Result<Result<Amount, Refusal>, String> {
    let files = (0..WATCHES).map(|_| File::open(STEADY_FILE)).collect::<Result<Vec<_>, _>>();
    let files = files.map_err(|error| format!("{STEADY_FILE} could not be opened: {error}"))?;
    let queue =
        FileQueue::open(&files).map_err(|refusal| format!("the system would not watch a test file: {refusal}"))?;
    // Room for one only: what a larger queue of another process goes through is proved too.
    let mut room = vec![0u8; xnu::KNOTE_SIZE];
    Ok(descriptors::file_knotes(sys::own_pid(), queue.fd(), &mut room))
}

fn prove_threads() -> Capability {
    let name = "thread-states";
    match descriptors::blocked(sys::own_pid()) {
        // That one of ours waits for a disk just now is an answer too.
        Ok(_) => ok(name, "the states of the threads of this process were read".to_owned()),
        Err(why) => unsupported(name, format!("{why}: a gopls that hangs in the system is not recognised")),
    }
}

fn prove_file_table() -> Capability {
    let name = "file-table";
    let lost = "that the machine runs out of descriptors is not noticed";
    match (machine::counted(c"kern.num_files"), machine::counted(c"kern.maxfiles")) {
        (Ok(Some(open @ 1..)), Ok(Some(limit))) if open <= limit => {
            ok(name, format!("{open} files are open on this machine, of {limit}"))
        }
        (Ok(Some(open)), Ok(Some(limit))) => {
            unsupported(name, format!("the system says that {open} files of {limit} are open: {lost}"))
        }
        (Err(why), _) | (_, Err(why)) => unsupported(name, format!("{why}: {lost}")),
        (Ok(None), _) | (_, Ok(None)) => unsupported(name, format!("the system does not count open files: {lost}")),
    }
}
