//! Which code can be the cause of which, how strongly it counts, and how several causes are ranked.

use crate::code::Code;
use crate::codes::{CauseStrength, Weight};
use crate::event::CauseView;

pub(in crate::engine) const OUT_OF_MEMORY: &str = "out-of-memory";
pub(in crate::engine) const GROUP_LIMIT: &str = "group-limit";
pub(in crate::engine) const CODE_SIGNATURE: &str = "code-signature";
pub(in crate::engine) const PANIC: &str = "panic";
pub(in crate::engine) const UNUSUAL_MEMORY: &str = "unusual-memory";
pub(in crate::engine) const WAITS: &str = "waits";

/// The most frequent way in which the ends to be explained came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum EndMode {
    /// By SIGKILL, because of memory or not.
    Killed,
    /// By the program itself: a panic, a fatal signal, an exit code.
    Fault,
    /// By another signal, which another process sent.
    Sent,
    /// Not known, or there is no end to explain.
    Unknown,
}

/// How strongly one incident counts as the cause of another, given how the ends of the latter came
/// about; `None` if it is no cause.
pub(in crate::engine) fn weight(cause: Code, effect: Code, how: EndMode) -> Option<Weight> {
    use Weight::{MostLikely, Possible, SameTime};
    let either = |whether, one, other| if whether { one } else { other };
    Some(match cause.strength_for(effect)? {
        CauseStrength::Nothing => return None,
        CauseStrength::Always(weight) => weight,
        CauseStrength::ByShare => MostLikely,
        CauseStrength::ByItself => either(matches!(how, EndMode::Fault | EndMode::Unknown), MostLikely, Possible),
        // A memory shortage that is only approaching does not make a program fail by itself.
        CauseStrength::UnlessFault => either(matches!(how, EndMode::Sent | EndMode::Fault), Possible, MostLikely),
        CauseStrength::IfKilled => either(how == EndMode::Killed, Possible, SameTime),
    })
}

/// Lowers "most likely" to "possible" for a mild cause.
pub(in crate::engine) const fn milder(weight: Weight, mild: bool) -> Weight {
    match weight {
        Weight::MostLikely if mild => Weight::Possible,
        weight => weight,
    }
}

/// Order among causes of equal weight: those that explain more come before those that only
/// describe.
pub(in crate::engine) fn rank(cause: &str) -> u8 {
    let words = [(OUT_OF_MEMORY, 0), (CODE_SIGNATURE, 2), (WAITS, 9), (PANIC, 10)];
    let word = words.into_iter().find(|(word, _)| *word == cause).map(|(_, rank)| rank);
    word.or_else(|| Code::parse(cause).map(|code| code.row().cause_order)).unwrap_or(11)
}

/// Sorts causes by weight, removes duplicates, and leaves at most one "most likely", none if a
/// certain one exists.
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
