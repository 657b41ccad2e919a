//! Decodes the descriptors of a process and what its event queues watch: `PROC_PIDLISTFDS` and
//! `PROC_PIDFDKQUEUE_EXTINFO`.
//!
//! kqueue needs one open descriptor per watched file and one registration ("knote") per descriptor.
//! The first call lists the descriptors. The second, made for each kqueue among them, returns the
//! **number** of its knotes and copies as many of them as fit (xnu bsd/kern/kern_event.c,
//! `pid_kqueue_extinfo`; Apple's own `lskq` of system_cmds relies on it). A queue without a
//! descriptor of its own, such as libdispatch's, is not counted; Go has none.

use goplswatch_core::Amount;

use super::{i16_at, u32_at};

/// Size of `struct proc_fdinfo`: {i32 descriptor, u32 type} (xnu bsd/sys/proc_info.h).
pub const FD_INFO_SIZE: usize = 8;
/// `PROX_FDTYPE_KQUEUE`.
pub const FD_TYPE_KQUEUE: u32 = 5;
/// Size of `struct kevent_extinfo`: a `kevent_qos_s` of 72 bytes, then {u64, i32, i32, u64, u64}
/// (xnu bsd/sys/event_private.h; the same from macOS 10.13 to 15.5).
pub const KNOTE_SIZE: usize = 104;
/// The kernel counts no more knotes of one queue than this (`PROC_PIDFDKQUEUE_KNOTES_MAX`, xnu
/// bsd/sys/proc_info_private.h).
pub const MOST_KNOTES: usize = 131_072;
/// `EVFILT_VNODE`: a change of a file or folder.
pub const FILTER_VNODE: i16 = -4;

/// The number of descriptors in an answer of `PROC_PIDLISTFDS`. An incomplete entry at the end is
/// not counted.
#[must_use]
pub const fn fd_count(bytes: &[u8]) -> u64 {
    (bytes.len() / FD_INFO_SIZE) as u64
}

/// Whether an answer of `PROC_PIDLISTFDS` lists a descriptor.
#[must_use]
pub fn lists_fd(bytes: &[u8], fd: u32) -> bool {
    bytes.as_chunks::<FD_INFO_SIZE>().0.iter().any(|entry| u32_at(entry, 0) == Some(fd))
}

/// The descriptors in an answer of `PROC_PIDLISTFDS` that are kqueues.
pub fn kqueues(bytes: &[u8]) -> impl Iterator<Item = i32> + '_ {
    let entries = bytes.as_chunks::<FD_INFO_SIZE>().0.iter();
    let queues = entries.filter(|entry| u32_at(*entry, 4) == Some(FD_TYPE_KQUEUE));
    queues.filter_map(|entry| i32::try_from(u32_at(entry, 0)?).ok())
}

/// How many knotes of one queue watch a file or folder, from the number that the kernel reported
/// and the knotes that it copied. A lower bound if the kernel stopped counting or the buffer was
/// too small for all knotes.
#[must_use]
pub fn file_knotes(reported: usize, bytes: &[u8]) -> Amount {
    let room = bytes.len() / KNOTE_SIZE;
    let read = bytes.as_chunks::<KNOTE_SIZE>().0.iter().take(reported);
    let on_files = read.filter(|knote| i16_at(*knote, 8) == Some(FILTER_VNODE)).count() as u64;
    if reported > room || reported >= MOST_KNOTES { Amount::AtLeast(on_files) } else { Amount::Exactly(on_files) }
}

/// The sum of two counts.
#[must_use]
pub const fn plus(one: Amount, other: Amount) -> Amount {
    let sum = one.least().saturating_add(other.least());
    match (one, other) {
        (Amount::Exactly(_), Amount::Exactly(_)) => Amount::Exactly(sum),
        _ => Amount::AtLeast(sum),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::put;
    use super::*;

    fn fds(list: &[(u32, u32)]) -> Vec<u8> {
        list.iter().flat_map(|(fd, kind)| [fd.to_le_bytes(), kind.to_le_bytes()].concat()).collect()
    }

    fn knotes(filters: &[i16]) -> Vec<u8> {
        let mut bytes = vec![0u8; filters.len() * KNOTE_SIZE];
        for (i, filter) in filters.iter().enumerate() {
            put(&mut bytes, i * KNOTE_SIZE, &(40 + i as u64).to_le_bytes());
            put(&mut bytes, i * KNOTE_SIZE + 8, &filter.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn descriptors_are_counted_and_queues_found() {
        let mut bytes = fds(&[(0, 1), (3, 5), (4, 2), (9, 5), (u32::MAX, 5)]);
        assert_eq!(fd_count(&bytes), 5);
        assert_eq!(kqueues(&bytes).collect::<Vec<_>>(), [3, 9], "-1 is no descriptor");
        assert!(lists_fd(&bytes, 4) && !lists_fd(&bytes, 5));
        bytes.truncate(bytes.len() - 1);
        assert_eq!((fd_count(&bytes), fd_count(&[])), (4, 0));
    }

    #[test]
    fn only_knotes_on_files_count() {
        let bytes = knotes(&[-4, -1, -2, -4, -10, -4]);
        assert_eq!(file_knotes(6, &bytes), Amount::Exactly(3));
        assert_eq!(file_knotes(4, &bytes), Amount::Exactly(2), "what stands behind the answer is old");
        assert_eq!(file_knotes(0, &bytes), Amount::Exactly(0));
        assert_eq!(file_knotes(7, &bytes), Amount::AtLeast(3), "one more than there was room for");
        assert_eq!(file_knotes(2, &bytes[..KNOTE_SIZE + 9]), Amount::AtLeast(1), "cut in the middle");
        let full = knotes(&vec![FILTER_VNODE; MOST_KNOTES]);
        assert_eq!(file_knotes(MOST_KNOTES, &full), Amount::AtLeast(131_072), "the kernel counts no further");
    }

    #[test]
    fn what_is_at_least_stays_so_in_a_sum() {
        assert_eq!(plus(Amount::Exactly(2), Amount::Exactly(3)), Amount::Exactly(5));
        assert_eq!(plus(Amount::AtLeast(2), Amount::Exactly(3)), Amount::AtLeast(5));
        assert_eq!(plus(Amount::Exactly(u64::MAX), Amount::AtLeast(1)), Amount::AtLeast(u64::MAX));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..2000), reported: usize, fd: u32) {
            let count = file_knotes(reported, &bytes).least();
            prop_assert!(count <= (bytes.len() / KNOTE_SIZE) as u64);
            prop_assert!(kqueues(&bytes).count() as u64 <= fd_count(&bytes));
            let _ = lists_fd(&bytes, fd);
        }
    }
}
