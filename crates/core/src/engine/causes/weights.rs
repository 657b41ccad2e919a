//! What can be the cause of what, for how much that counts, and which of several goes first.

use crate::codes::Code;
use crate::event::{CauseView, Weight};

pub(in crate::engine) const OUT_OF_MEMORY: &str = "out-of-memory";
pub(in crate::engine) const GROUP_LIMIT: &str = "group-limit";
pub(in crate::engine) const CODE_SIGNATURE: &str = "code-signature";
pub(in crate::engine) const PANIC: &str = "panic";
pub(in crate::engine) const UNUSUAL_MEMORY: &str = "unusual-memory";
pub(in crate::engine) const WAITS: &str = "waits";

/// How most of the ends came that are to be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum How {
    /// By SIGKILL, for memory or not.
    Killed,
    /// By the program itself: a panic, a fatal signal, an exit code.
    Fault,
    /// By another signal, which somebody sent.
    Sent,
    /// That is not known, or there is no end to explain.
    Unknown,
}

/// Whether an incident is about gopls having ended.
pub(in crate::engine) const fn is_about_an_end(code: Code) -> bool {
    matches!(
        code,
        Code::RestartLoop
            | Code::OneLifeLeft
            | Code::EditorGaveUp
            | Code::ServerGone
            | Code::ServerCrashed
            | Code::ServerKilled
            | Code::OutOfMemoryKill
    )
}

/// For how much one incident counts as the cause of another, where the ends that this one is about came so.
pub(in crate::engine) const fn weight(cause: Code, effect: Code, how: How) -> Option<Weight> {
    use Weight::{MostLikely, Possible, SameTime};
    let by_itself = matches!(how, How::Fault | How::Unknown);
    Some(match (cause, effect) {
        (Code::DescriptorPressure | Code::FileTableFull, Code::OutOfMemoryKill) => return None,
        (Code::DescriptorPressure | Code::FileTableFull, effect) if is_about_an_end(effect) => {
            if by_itself {
                MostLikely
            } else {
                Possible
            }
        }
        // A want of memory that was yet to come makes no program fail by itself.
        (Code::RunawayMemory, effect) if is_about_an_end(effect) => {
            if matches!(how, How::Sent | How::Fault) {
                Possible
            } else {
                MostLikely
            }
        }
        (Code::OutOfMemoryKill, Code::OutOfMemoryKill) => return None,
        (Code::OutOfMemoryKill, effect) if is_about_an_end(effect) => MostLikely,
        (Code::MemoryPressure, Code::OutOfMemoryKill) => MostLikely,
        (Code::MemoryPressure, effect) if is_about_an_end(effect) => {
            if matches!(how, How::Killed) {
                Possible
            } else {
                SameTime
            }
        }
        (Code::BlockedIo, Code::StuckLoad)
        | (Code::OwnWatcher, Code::DescriptorPressure | Code::FileTableFull)
        | (Code::DescriptorPressure, Code::FileTableFull)
        | (Code::TranslatedToolchain, Code::TranslatedServer) => MostLikely,
        (Code::BlockedIo, Code::EditorGaveUp | Code::ServerGone | Code::SlowLoad)
        | (Code::MemoryPressure | Code::FileTableFull | Code::OrphanGoList, Code::SlowLoad | Code::StuckLoad)
        | (Code::TranslatedServer | Code::TranslatedToolchain, Code::SlowLoad)
        | (Code::TranslatedClient, Code::TranslatedServer)
        | (Code::OwnWatcher, Code::WatchLimit)
        | (Code::TooManyServers, Code::MemoryPressure | Code::OutOfMemoryKill)
        | (Code::RunawayMemory, Code::MemoryPressure) => Possible,
        (Code::SpotlightBusy, Code::SlowLoad) => SameTime,
        _ => return None,
    })
}

/// What is likely at most, said of something mild.
pub(in crate::engine) const fn milder(weight: Weight, mild: bool) -> Weight {
    match weight {
        Weight::MostLikely if mild => Weight::Possible,
        weight => weight,
    }
}

/// Which of several that are worth the same goes first: what explains more before what only describes.
pub(in crate::engine) fn rank(cause: &str) -> usize {
    let order = [
        OUT_OF_MEMORY,
        Code::OutOfMemoryKill.word(),
        CODE_SIGNATURE,
        Code::DescriptorPressure.word(),
        Code::FileTableFull.word(),
        Code::RunawayMemory.word(),
        Code::MemoryPressure.word(),
        Code::BlockedIo.word(),
        Code::OwnWatcher.word(),
        WAITS,
        PANIC,
    ];
    order.iter().position(|word| *word == cause).unwrap_or(order.len())
}

/// Sorts them by what they are worth, names none twice, and calls one of them most likely at most, and none beside a
/// certain one.
pub(in crate::engine) fn ranked(mut causes: Vec<CauseView>) -> Vec<CauseView> {
    causes.sort_by_key(|cause| (cause.weight, rank(&cause.cause)));
    let mut named: Vec<CauseView> = Vec::new();
    for mut cause in causes {
        if named.iter().any(|other| other.cause == cause.cause) {
            continue;
        }
        if cause.weight == Weight::MostLikely && !named.is_empty() {
            cause.weight = Weight::Possible;
        }
        named.push(cause);
    }
    named.sort_by_key(|cause| cause.weight);
    named
}
