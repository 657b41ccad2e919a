//! Tests that the catalogue has exactly the entries that are needed, with exactly the arguments
//! that are declared, in every language.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use goplswatch_core::codes::Weight;
use goplswatch_core::message::{
    About, CodePart, Localizable as _, Message, Number, SharedMessage, Signature, Title, Verbatim,
};
use goplswatch_core::{Amount, Code, Config, Gauge, Remedy};
use goplswatch_view::{Catalogue, Form, Phrase};
use proptest::prelude::*;

use crate::any_snapshot::message;

const FILES: [&str; 5] = ["messages", "codes", "remedies", "numbers", "phrases"];

/// The variables of each part of each entry. The name of the value part is empty.
pub(crate) type Entries = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

pub(crate) fn file(name: &str) -> Entries {
    let path = format!("{}/catalogue/en/{name}.ftl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let resource = parser::parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
    let mut entries = Entries::new();
    for entry in resource.body {
        let Entry::Message(entry) = entry else { continue };
        let id = entry.id.name.to_owned();
        let value = entry.value.iter().map(|pattern| (String::new(), variables(pattern)));
        let attributes = entry.attributes.iter().map(|part| (part.id.name.to_owned(), variables(&part.value)));
        let parts: Vec<_> = value.chain(attributes).collect();
        let names: BTreeSet<&String> = parts.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), parts.len(), "{name}: {id} has a part twice");
        assert!(entries.insert(id.clone(), parts.into_iter().collect()).is_none(), "{name}: {id} stands there twice");
    }
    entries
}

fn variables(pattern: &Pattern<&str>) -> BTreeSet<String> {
    fn of_expression(expression: &Expression<&str>, found: &mut BTreeSet<String>) {
        match expression {
            Expression::Inline(inline) => of_inline(inline, found),
            Expression::Select { selector, variants } => {
                of_inline(selector, found);
                variants.iter().for_each(|variant| of_pattern(&variant.value, found));
            }
        }
    }
    fn of_inline(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
        match inline {
            InlineExpression::VariableReference { id } => drop(found.insert(id.name.to_owned())),
            InlineExpression::Placeable { expression } => of_expression(expression, found),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            other => panic!("the engine and a translator know nothing of {other:?}"),
        }
    }
    fn of_pattern(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                of_expression(expression, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    of_pattern(pattern, &mut found);
    found
}

/// Asserts that each message has an entry of its name that uses all of its arguments, and that
/// there are no other entries.
fn same(name: &str, signatures: &[Signature]) {
    let entries = file(name);
    let mut names = BTreeSet::new();
    for signature in signatures {
        assert!(names.insert(signature.name.to_owned()), "{name}: {} is declared twice", signature.name);
        let parts = entries.get(signature.name).unwrap_or_else(|| panic!("{name}.ftl has no {}", signature.name));
        // A client has another form at the beginning of a sentence.
        let bare = |used: &String| used.strip_suffix("-start").unwrap_or(used).to_owned();
        let used: BTreeSet<String> = parts.values().flatten().map(bare).collect();
        let declared: BTreeSet<String> = signature.args.iter().map(|(arg, _)| (*arg).to_owned()).collect();
        assert_eq!(used, declared, "{name}: {}", signature.name);
    }
    assert_eq!(entries.keys().cloned().collect::<BTreeSet<_>>(), names, "{name}.ftl");
}

#[test]
fn every_message_and_phrase_has_its_entry_and_uses_all_of_its_arguments() {
    same("messages", Message::SIGNATURES);
    same("phrases", Phrase::SIGNATURES);
}

/// The parts that the entry of every code has. The name of the title part is empty.
const PARTS: [&str; 9] = ["", "common-myths", "helps", "label", "label-place", "means", "place", "seen", "why"];

/// The parts that the entry of a code needs. A code with its own text for the end of an incident
/// also has its own text for the incident.
fn wanted(code: Code) -> Vec<&'static str> {
    let ends = code.row().ends.iter().map(|(_, words)| words(&Config::default()));
    let own = ends.into_iter().any(|end| matches!(end, Message::OfCode { words } if words.part == CodePart::Over));
    PARTS.into_iter().chain([CodePart::Told, CodePart::Over].map(CodePart::word).into_iter().filter(|_| own)).collect()
}

/// The parts that are missing.
fn lacks(code: Code, parts: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'static str> {
    wanted(code).into_iter().filter(|part| !parts.contains_key(*part)).collect()
}

#[test]
fn a_part_that_is_deleted_from_an_entry_is_missed() {
    let entries = file("codes");
    let mut own = BTreeSet::new();
    for code in Code::ALL {
        let wanted = wanted(*code);
        for part in &wanted {
            let mut parts = entries[code.word()].clone();
            assert!(parts.remove(*part).is_some(), "{code:?} has no {part:?}");
            assert_eq!(lacks(*code, &parts), BTreeSet::from([*part]), "{code:?} without {part:?}");
        }
        own.extend((wanted.len() > PARTS.len()).then_some(*code));
    }
    assert_eq!(own, [Code::StoppedServer].into(), "these say in their own words what is told and what ended them");
}

#[test]
fn every_code_has_its_title_and_its_whole_page() {
    let entries = file("codes");
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.word().to_owned()).collect();
    assert_eq!(entries.keys().cloned().collect::<BTreeSet<_>>(), codes);
    for code in Code::ALL {
        let parts = &entries[code.word()];
        assert_eq!(lacks(*code, parts), BTreeSet::new(), "{code:?}");
        let optional = ["within", "means-more", "told", "over"];
        assert!(
            parts.keys().all(|part| PARTS.contains(&part.as_str()) || optional.contains(&part.as_str())),
            "{code:?}"
        );
        let named = |part: &str| parts[part].iter().any(|variable| variable.starts_with("client"));
        assert_eq!((named(""), named("place"), named("label")), [code.row().names_client; 3].into(), "{code:?}");
        for (part, allowed) in [("told", &["who", "place", "span"][..]), ("over", &[]), ("helps", &["pid"])] {
            let used = parts.get(part).into_iter().flatten();
            assert!(used.clone().all(|variable| allowed.contains(&variable.as_str())), "{code:?}: {part}");
            assert!(part != "helps" || used.count() == usize::from(code.row().names_process), "{code:?}: {part}");
        }
        for part in ["place", "label-place"] {
            assert!(parts[part].contains("folder"), "{code:?}");
        }
        let words = Catalogue::english();
        for part in
            ["means", "means-more", "why", "seen", "helps", "common-myths"].iter().filter(|p| parts.contains_key(**p))
        {
            let text = words.page(*code, part);
            assert!(text.len() > 15 && text.ends_with('.') && !text.contains("  "), "{code:?}: {text:?}");
        }
        // The text fits on one row of a menu, and no notification truncates it.
        assert!(words.page(*code, "means").chars().count() <= 96, "{code:?}");
        let title = words.title(&Title { code: *code, client: None });
        assert!(title.chars().count() <= 45 && !title.ends_with('.'), "{title}");
        assert!(title.starts_with("gopls") || title.starts_with(char::is_uppercase), "{title}");
    }
}

#[test]
fn every_remedy_has_its_title_and_its_deed() {
    let entries = file("remedies");
    let remedies: BTreeSet<String> = Remedy::ALL.iter().map(|remedy| remedy.word().to_owned()).collect();
    assert_eq!(entries.keys().cloned().collect::<BTreeSet<_>>(), remedies);
    for remedy in Remedy::ALL {
        let words = Catalogue::english();
        let (title, does) = (words.remedy(*remedy), words.remedy_effect(*remedy));
        assert!(title.starts_with(char::is_uppercase) && !title.ends_with(['.', '…']), "{remedy:?}: {title}");
        assert!(title.chars().count() <= 45, "what a button has room for: {title}");
        assert!(does.starts_with(char::is_uppercase) && does.ends_with('.'), "{remedy:?}: {does}");
        let undo = words.undo(*remedy);
        assert_eq!(undo.is_some(), remedy.row().undoable, "{remedy:?}");
        assert!(undo.is_none_or(|undo| undo.starts_with(char::is_lowercase)), "it stands behind \"Undo\": {remedy:?}");
        assert!(entries[remedy.word()].keys().all(|part| ["", "does", "undo"].contains(&part.as_str())), "{remedy:?}");
        let plan =
            Message::PlanTitle { what: Verbatim(remedy.word().into()), subject: SharedMessage::new(Message::EndClean) };
        let titled = words.text(&plan, Form::Full);
        assert!(!titled.contains(remedy.word()), "a plan of {remedy:?} has no title of its own: {titled}");
    }
}

#[test]
fn every_gauge_has_its_name_and_every_weight_its_words() {
    let entries = file("numbers");
    let gauges: BTreeSet<String> = entries.keys().filter(|name| name.starts_with("gauge-")).cloned().collect();
    assert_eq!(gauges, Gauge::ALL.iter().map(|gauge| format!("gauge-{}", gauge.word())).collect());
    let names: BTreeSet<String> = Gauge::ALL.iter().map(|gauge| Catalogue::english().gauge(*gauge)).collect();
    assert_eq!(names.len(), Gauge::ALL.len(), "no two are called the same: {names:?}");
    for weight in [Weight::Certain, Weight::MostLikely, Weight::Possible, Weight::SameTime] {
        assert!(Catalogue::english().cause(weight, "x").ends_with(": x"));
    }
}

/// A name in two files would hide the second entry.
#[test]
fn no_name_stands_in_two_files() {
    let mut all = BTreeSet::new();
    for name in FILES {
        for entry in file(name).into_keys() {
            assert!(all.insert(entry.clone()), "{entry} of {name}.ftl stands in another file too");
        }
    }
}

#[test]
fn numbers_read_well() {
    let words = Catalogue::english();
    let said: Vec<_> = [0, 400, 9_999, 40_000, 120_000, 160_000, 3_600_000, 11_100_000, 90_000_000]
        .map(|ms| words.duration(ms))
        .into();
    assert_eq!(said, ["0.0 s", "0.4 s", "9.9 s", "40 s", "2 min", "2 min 40 s", "1 h", "3 h 5 min", "1 d 1 h"]);
    assert_eq!([999, 310_000_000, 1_250_000_000].map(|n| words.bytes(n)), ["0 kB", "310 MB", "1.2 GB"]);
    assert_eq!([0, 9_999, 61_440, 1_250_000].map(|n| words.number(n)), ["0", "9999", "61 k", "1.2 M"]);
    let cores = ["0 % of a core", "84 % of a core", "1.0 cores", "2.5 cores"];
    assert_eq!([0, 845, 1_000, 2_560].map(|n| words.cores(n)), cores);
    // Approximate durations.
    for (ms, left) in [
        (0, "1.0 s"),
        (40_000, "40 s"),
        (119_000, "2 min"),
        (585_000, "10 min"),
        (3_600_000, "60 min"),
        (11_100_000, "3 h 5 min"),
    ] {
        let said = words.text(&Message::TakesUntil { rate: Number::new(9), left: About::new(ms) }, Form::Full);
        assert_eq!(said, format!("It takes 9 more a minute; none is left in about {left}."));
    }
    for (gauge, amount, said) in [
        (Gauge::Memory, Amount::Exactly(1_200_000_000), "1.2 GB"),
        (Gauge::Watches, Amount::AtLeast(131_072), "131 k or more"),
        (Gauge::Cpu, Amount::Exactly(840), "84 % of a core"),
        (Gauge::MemoryStall, Amount::Exactly(250), "25 %"),
        (Gauge::Io, Amount::Exactly(3_000_000), "3 MB/s"),
        (Gauge::IndexerBirths, Amount::Exactly(25), "25 a minute"),
        (Gauge::PressureLevel, Amount::Exactly(4), "critical"),
    ] {
        assert_eq!(words.amount(gauge, amount), said);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever names and numbers a message contains, it is formatted in full, on one line, and
    /// survives serialization.
    #[test]
    fn any_message_is_said(message in message()) {
        for words in [Catalogue::english(), Catalogue::pseudo()] {
            for form in [Form::Full, Form::Short] {
                for sentence in words.sentences(&message, form) {
                    prop_assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
                    // An entry with a missing argument is replaced by its bare name.
                    prop_assert_ne!(sentence, message.name());
                }
            }
        }
        let written = serde_json::to_value(&message).unwrap();
        prop_assert_eq!(serde_json::from_value::<Message>(written).unwrap(), message);
    }
}
