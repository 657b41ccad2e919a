//! What an incident probably comes from, in words.
//!
//! The engine ranks causes and says how much each is worth; what merely was so at the same time is never called a cause.
//! Its texts may name the first one in a sentence of their own, with the numbers of that moment: where causes are shown
//! beside a text, that sentence goes, so that nothing is said twice and the numbers are those of now.

use goplswatch_core::event::{CauseView, IncidentView, Weight};

/// How gopls ended, as a cause: no news where the text of an incident says that in its own words.
const HOW_IT_ENDED: [&str; 5] = ["out-of-memory", "out-of-memory-kill", "group-limit", "code-signature", "panic"];

/// The causes of an incident that its text does not tell in other words, the likeliest first.
pub fn causes(view: &IncidentView) -> impl Iterator<Item = &CauseView> {
    let alone = text_alone(view);
    let names_one = alone.len() < view.text.trim().len();
    let alone = alone.to_lowercase();
    view.causes.iter().filter(move |cause| {
        let repeats = !names_one && HOW_IT_ENDED.contains(&cause.cause.as_str());
        !repeats && !alone.contains(&cause.text.to_lowercase())
    })
}

/// "Most likely: out of file descriptors (61 k of 61 k)".
#[must_use]
pub fn cause(view: &CauseView) -> String {
    format!("{}: {}", view.weight.said(), view.text.trim_end_matches('.'))
}

/// The text of an incident without the sentences that name its causes.
#[must_use]
pub fn text_alone(view: &IncidentView) -> String {
    text_without(&view.text, &view.causes)
}

pub(crate) fn text_without(text: &str, causes: &[CauseView]) -> String {
    let names_one = |sentence: &str| {
        let begins = |weight: Weight| sentence.strip_prefix(weight.said()).is_some_and(|rest| rest.starts_with(": "));
        causes.iter().any(|cause| begins(cause.weight))
    };
    let kept: Vec<&str> = text.split_inclusive(". ").map(str::trim).filter(|said| !names_one(said)).collect();
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Code;
    use goplswatch_core::codes::Severity;

    use super::*;

    fn incident() -> IncidentView {
        IncidentView {
            id: "restart-loop-37".into(),
            code: Code::RestartLoop,
            severity: Severity::Problem,
            title: "gopls keeps restarting".into(),
            text: String::new(),
            lineage: None,
            workspace: None,
            evidence: Vec::new(),
            causes: Vec::new(),
            lives_left: None,
            remedies: Vec::new(),
            receipt: None,
            closed_because: None,
        }
    }

    fn cause_of(word: &str, weight: Weight, text: &str) -> CauseView {
        CauseView { cause: word.into(), weight, text: text.into(), evidence: Vec::new() }
    }

    #[test]
    fn a_cause_is_said_once() {
        let text = "3 times in v1.2 in 2 min. Most likely: out of file descriptors (60 k of 61 k). Cause unknown.";
        let likely = cause_of("descriptor-pressure", Weight::MostLikely, "out of file descriptors (61 k of 61 k)");
        let beside = cause_of("spotlight-busy", Weight::SameTime, "Spotlight is busy");
        assert_eq!(text_without(text, &[likely]), "3 times in v1.2 in 2 min. Cause unknown.");
        assert_eq!(text_without(text, &[]), text);
        assert_eq!(cause(&beside), "At the same time: Spotlight is busy");
        assert_eq!(text_without(text, &[beside]), text);
    }

    #[test]
    fn what_a_text_tells_in_other_words_is_no_news() {
        let panic = || cause_of("panic", Weight::MostLikely, "a fault of gopls itself (exit 2), 3 times");
        let waits = || cause_of("waits", Weight::Possible, "it waits for git (pid 7)");
        let full = || cause_of("file-table-full", Weight::Possible, "this machine ran out of open files");
        let cases = [
            // The loop's own sentence is exchanged for the newest one.
            ("In api, 3 times in 40 s. Most likely: a fault of gopls itself (exit 2).", vec![panic(), full()], 2),
            ("It ended after 19 s in api: exit 2: a Go panic ends so.", vec![panic(), full()], 1),
            ("go list has done nothing in api. It waits for git (pid 7).", vec![waits()], 0),
            ("go list has done nothing in api.", vec![waits()], 1),
        ];
        for (text, all, told) in cases {
            let view = IncidentView { text: text.into(), causes: all, ..incident() };
            assert_eq!(causes(&view).count(), told, "{text}");
        }
    }
}
