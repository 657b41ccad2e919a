//! Tells whether the executable of a process was deleted or replaced on disk.

use goplswatch_core::types::BinaryChange;

/// Distinguishes one file from the next at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMark {
    /// The volume.
    pub device: u64,
    /// The inode on that volume.
    pub inode: u64,
    /// Modification time, seconds.
    pub modified_s: i64,
    /// Modification time, nanoseconds of the second.
    pub modified_ns: i64,
}

/// What happened to an executable, from the file at its path when the process was young (`before`)
/// and the one there now.
#[must_use]
pub fn binary_change(before: &FileMark, now: Option<&FileMark>) -> Option<BinaryChange> {
    match now {
        None => Some(BinaryChange::Deleted),
        Some(now) if now != before => Some(BinaryChange::Replaced),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn a_binary_is_replaced_by_another_file_or_other_bytes() {
        let before = FileMark { device: 1, inode: 2, modified_s: 3, modified_ns: 4 };
        assert_eq!(binary_change(&before, Some(&before)), None);
        assert_eq!(binary_change(&before, None), Some(BinaryChange::Deleted));
        for other in [
            FileMark { device: 9, ..before },
            FileMark { inode: 9, ..before },
            FileMark { modified_s: 9, ..before },
            FileMark { modified_ns: 9, ..before },
        ] {
            assert_eq!(binary_change(&before, Some(&other)), Some(BinaryChange::Replaced));
        }
    }
}
