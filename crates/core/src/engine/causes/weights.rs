//! What can be the cause of what, for how much that counts, and which of several goes first.

use crate::codes::{Code, Worth};
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

/// For how much one incident counts as the cause of another, where the ends that this one is about came so.
pub(in crate::engine) fn weight(cause: Code, effect: Code, how: How) -> Option<Weight> {
    use Weight::{MostLikely, Possible, SameTime};
    let either = |whether, one, other| if whether { one } else { other };
    Some(match cause.worth_for(effect)? {
        Worth::Nothing => return None,
        Worth::Always(weight) => weight,
        Worth::ByShare => MostLikely,
        Worth::ByItself => either(matches!(how, How::Fault | How::Unknown), MostLikely, Possible),
        // A want of memory that was yet to come makes no program fail by itself.
        Worth::UnlessFault => either(matches!(how, How::Sent | How::Fault), Possible, MostLikely),
        Worth::IfKilled => either(how == How::Killed, Possible, SameTime),
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
pub(in crate::engine) fn rank(cause: &str) -> u8 {
    let words = [(OUT_OF_MEMORY, 0), (CODE_SIGNATURE, 2), (WAITS, 9), (PANIC, 10)];
    let word = words.into_iter().find(|(word, _)| *word == cause).map(|(_, rank)| rank);
    word.or_else(|| Code::parse(cause).map(|code| code.row().cause_order)).unwrap_or(11)
}

/// Sorts them by what they are worth, names none twice, and calls one of them most likely at most, and none beside a
/// certain one.
pub(in crate::engine) fn ranked(mut causes: Vec<CauseView>) -> Vec<CauseView> {
    causes.sort_by_cached_key(|cause| (cause.weight, rank(&cause.cause)));
    let mut kept = 0;
    for at in 0..causes.len() {
        let (named, rest) = causes.split_at_mut(kept);
        let Some(cause) = rest.get_mut(at - kept) else { break };
        if named.iter().any(|other| other.cause == cause.cause) {
            continue;
        }
        if cause.weight == Weight::MostLikely && !named.is_empty() {
            cause.weight = Weight::Possible;
        }
        causes.swap(kept, at);
        kept += 1;
    }
    causes.truncate(kept);
    causes.sort_by_key(|cause| cause.weight);
    causes
}
