//! Decodes the threads of a process: how many there are, and whether one waits uninterruptibly in
//! the kernel (xnu bsd/sys/proc_info.h).

use super::{u32_at, u64_at};

/// Size of `struct proc_taskinfo` (`PROC_PIDTASKINFO`).
pub const TASK_INFO_SIZE: usize = 96;
/// Size of `struct proc_threadinfo` (`PROC_PIDTHREADINFO`).
pub const THREAD_INFO_SIZE: usize = 112;
/// `TH_STATE_UNINTERRUPTIBLE` of `pth_run_state`.
const UNINTERRUPTIBLE: u32 = 4;
/// `TH_STATE_HALTED`, the highest state number.
const LAST_STATE: u32 = 5;

/// `pti_threadnum` of a `struct proc_taskinfo`; never 0, since a live process has a thread.
#[must_use]
pub fn thread_count(bytes: &[u8]) -> Option<u32> {
    let bytes: &[u8; TASK_INFO_SIZE] = bytes.try_into().ok()?;
    u32_at(bytes, 84).filter(|&count| count != 0 && count <= 1 << 20)
}

/// The handles in an answer of `PROC_PIDLISTTHREADS`, which `PROC_PIDTHREADINFO` takes (and no
/// other flavour does).
pub fn thread_handles(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    bytes.as_chunks::<8>().0.iter().filter_map(|entry| u64_at(entry, 0)).filter(|&handle| handle != 0)
}

/// Whether a thread is in an uninterruptible wait inside the kernel, from its
/// `struct proc_threadinfo`. `None`: the answer cannot be true.
#[must_use]
pub fn is_uninterruptible(bytes: &[u8]) -> Option<bool> {
    let bytes: &[u8; THREAD_INFO_SIZE] = bytes.try_into().ok()?;
    u32_at(bytes, 24).filter(|&state| (1..=LAST_STATE).contains(&state)).map(|state| state == UNINTERRUPTIBLE)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::put;
    use super::*;

    #[test]
    fn the_state_of_a_thread_by_its_offset() {
        let state = |state: u32| {
            let mut bytes = [0xffu8; THREAD_INFO_SIZE];
            put(&mut bytes, 24, &state.to_le_bytes());
            is_uninterruptible(&bytes)
        };
        assert_eq!([1, 2, 3, 4, 5].map(state), [Some(false), Some(false), Some(false), Some(true), Some(false)]);
        assert_eq!([0, 6, u32::MAX].map(state), [None; 3]);
        assert_eq!(is_uninterruptible(&[0; THREAD_INFO_SIZE - 1]), None);
    }

    #[test]
    fn threads_by_their_offsets() {
        let mut bytes = [0u8; TASK_INFO_SIZE];
        assert_eq!(thread_count(&bytes), None);
        put(&mut bytes, 84, &23u32.to_le_bytes());
        assert_eq!(thread_count(&bytes), Some(23));
        assert_eq!(thread_count(&bytes[..95]), None);
        assert_eq!(thread_count(&[0xff; TASK_INFO_SIZE]), None);
        let list = [7u64.to_le_bytes(), 0u64.to_le_bytes(), 9u64.to_le_bytes()].concat();
        assert_eq!(thread_handles(&list).collect::<Vec<_>>(), [7, 9]);
        assert_eq!(thread_handles(&list[..15]).collect::<Vec<_>>(), [7]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..300)) {
            let _ = thread_count(&bytes);
            let _ = is_uninterruptible(&bytes);
            prop_assert!(thread_handles(&bytes).count() <= bytes.len() / 8);
        }
    }
}
