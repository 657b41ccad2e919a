//! Tests of the ranking and weighing of causes.

use std::time::Duration;

use super::*;
use crate::time::Uptime;

fn cause(word: &'static str, weight: Weight) -> CauseView {
    CauseView { cause: word.into(), weight, said: Message::CauseDisk.into(), evidence: Vec::new() }
}

fn ended(seq: u64, kind: CauseKind, signal: Option<i32>, detail: Option<EndDetail>) -> ServerEnd {
    let code = if kind == CauseKind::Crash { Some(2) } else { None };
    let cause = Cause { kind, signal, code, confidence: Confidence::Probable, said: Message::EndClean.into() };
    ServerEnd {
        seq: Seq(seq),
        at: Uptime::BOOT,
        pid: crate::types::Pid(1),
        generation: 1,
        cause,
        detail,
        lived: Some(Duration::from_millis(300)),
        memory: None,
        unusual: None,
        not_churn_why: None,
        spends_life: crate::event::SpendsLife::Yes,
        counted: true,
        succeeded: false,
        kill: false,
    }
}

#[test]
fn one_is_most_likely_and_none_beside_a_certain_one() {
    let likely = |word| cause(word, Weight::MostLikely);
    let words = |causes: Vec<CauseView>| -> Vec<(String, Weight)> {
        ranked(causes).into_iter().map(|cause| (cause.cause.into_owned(), cause.weight)).collect()
    };
    let said = words(vec![likely(PANIC), cause("x", Weight::SameTime), likely("descriptor-pressure"), likely(PANIC)]);
    let expected = [("descriptor-pressure", Weight::MostLikely), (PANIC, Weight::Possible), ("x", Weight::SameTime)];
    assert_eq!(said, expected.map(|(word, weight)| (word.to_owned(), weight)));
    let said = words(vec![likely(PANIC), cause(CODE_SIGNATURE, Weight::Certain)]);
    assert_eq!(said[1], (PANIC.to_owned(), Weight::Possible));
}

#[test]
fn how_it_ended_says_what_it_can_and_no_more() {
    type Case<'a> = (&'a [ServerEnd], Option<(&'a str, Weight)>);
    let cases: [Case<'_>; 6] = [
        (&[ended(1, CauseKind::Crash, None, None)], Some((PANIC, Weight::MostLikely))),
        (
            &[ended(1, CauseKind::OutOfMemory, Some(9), Some(EndDetail::OutOfMemoryKillerRan))],
            Some((OUT_OF_MEMORY, Weight::MostLikely)),
        ),
        (
            &[ended(1, CauseKind::OutOfMemory, Some(9), Some(EndDetail::GroupOutOfMemory))],
            Some((OUT_OF_MEMORY, Weight::Certain)),
        ),
        (
            &[ended(1, CauseKind::Signal, Some(9), Some(EndDetail::CodeSigning))],
            Some((CODE_SIGNATURE, Weight::Certain)),
        ),
        (&[ended(1, CauseKind::Signal, Some(9), None)], None),
        (
            &[
                ended(1, CauseKind::Crash, None, None),
                ended(2, CauseKind::Signal, Some(15), None),
                ended(3, CauseKind::Signal, Some(15), None),
            ],
            Some((PANIC, Weight::Possible)),
        ),
    ];
    for (ends, expected) in cases {
        let first = of_ends(&ends.iter().collect::<Vec<_>>()).next();
        let first = first.as_ref().map(|cause| (cause.cause.as_ref(), cause.weight));
        assert_eq!(first, expected, "{ends:?}");
    }
}

/// A code that is felt as another one must also be a cause of it. Exempt are codes that say only
/// how a server ended, and codes that merely follow from another problem.
#[test]
fn what_is_felt_as_another_is_named_as_its_cause() {
    for code in Code::ALL {
        for effect in code.row().suppressed_by {
            let says_only_how = matches!(code, Code::ServerCrashed | Code::ServerKilled);
            let follows = matches!(code, Code::OneLifeLeft | Code::FixDidNotHelp | Code::SlowLoad | Code::RestartLoop);
            let named = weight(*code, *effect, EndMode::Unknown).is_some();
            assert!(named != (says_only_how || follows), "{code:?} felt as {effect:?}");
        }
    }
}

#[test]
fn spotlight_is_never_more_than_something_at_the_same_time() {
    for effect in Code::ALL {
        for how in [EndMode::Killed, EndMode::Fault, EndMode::Sent, EndMode::Unknown] {
            let weight = weight(Code::SpotlightBusy, *effect, how);
            assert!(weight.is_none_or(|weight| weight == Weight::SameTime), "{effect:?}");
            assert_eq!(super::weight(*effect, *effect, how), None, "{effect:?} is no cause of itself");
        }
    }
}
