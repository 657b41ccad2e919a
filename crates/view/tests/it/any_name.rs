//! Tests that only the name itself differs in what is shown, whatever a folder, a program or a
//! client is called.
//!
//! What is shown for an odd ("foreign") name is compared with what is shown for a placeholder
//! ("tame") name of the same length, with spaces at the same positions, whose characters occur
//! nowhere else. Replacing each placeholder character by the real one must turn one output into the
//! other. So no name splits a row or a sentence in two, is taken for our own words, or changes
//! them.

use std::collections::BTreeMap;

use goplswatch_core::clean;
use goplswatch_core::message::{Count, Folder, Localizable, Message, Name, Verbatim};
use goplswatch_core::{Amount, Code, Gauge, Remedy, Snapshot};
use goplswatch_testing::odd_names;
use goplswatch_view::{Catalogue, Form, Phrase, Row, RowKind, Scene, scene};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::support::{each, stories};

/// The names of the folder and the client in most stories.
const FOLDER: &str = "/w/api-server";
const CLIENT: &str = "VS Code";

/// The longest name that is shown in full, in characters.
const WHOLE: usize = 32;

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![select(odd_names()), any::<String>(), "[ \u{0}-\u{2f}\u{5d0}-\u{5d4}\u{2028}\u{2066}-\u{2069}]{1,40}"]
}

/// A name that a folder can have.
fn any_folder() -> impl Strategy<Value = String> {
    any_name().prop_map(|name| name.replace(['/', '\0'], "-")).prop_filter("it is one", |name| !name.is_empty())
}

/// A name as it is shown, with a placeholder name of the same shape.
#[derive(Debug)]
struct Pair {
    /// The name as it stands in a recording.
    foreign: String,
    tame: String,
    /// The real character for each placeholder character.
    turns: BTreeMap<char, char>,
}

impl Pair {
    /// `first` is the offset of the first placeholder character.
    fn new(foreign: &str, shown: &str, first: u32) -> Self {
        let inner = shown.trim_matches(['\u{2068}', '\u{2069}']);
        // Private-use characters, or right-to-left ones if the name is in an isolate.
        let first = first + if inner == shown { 0xe000 } else { 0x1_e800 };
        let same = |(i, c): (u32, char)| if c.is_whitespace() { c } else { char::from_u32(first + i).unwrap() };
        let tame: String = (0..).zip(inner.chars()).map(same).collect();
        let turns = tame.chars().zip(inner.chars()).filter(|(tame, _)| !tame.is_whitespace()).collect();
        Self { foreign: foreign.to_owned(), tame, turns }
    }

    fn folder(name: &str) -> Self {
        let folder = Folder(format!("/w/{name}"));
        let shown = Catalogue::english().phrase(&Phrase::FactGoplsOf { folder, pid: Count::new(1) });
        Self::new(name, shown.strip_prefix("gopls of ").unwrap().strip_suffix(" (pid 1)").unwrap(), 0)
    }

    fn program(name: &str) -> Self {
        let said = Phrase::FactProcess { name: Name(name.to_owned()), pid: Count::new(1) };
        let shown = Catalogue::english().phrase(&said);
        Self::new(name, shown.strip_suffix(" (pid 1)").unwrap(), 100)
    }

    /// A text that is shown unchanged except for sanitizing, in any script.
    fn verbatim(words: &str) -> Self {
        let said = Phrase::ConfigIs { file: Verbatim(words.to_owned()) };
        let shown = Catalogue::english().phrase(&said);
        Self::new(words, shown.strip_prefix("config:  ").unwrap(), 200)
    }
}

/// A text with the placeholder names, with the real names substituted.
fn turned(text: &str, pairs: &[&Pair]) -> String {
    text.chars().map(|c| pairs.iter().find_map(|pair| pair.turns.get(&c)).copied().unwrap_or(c)).collect()
}

/// Asserts that a name is shown in full if it is short, else without its middle, and always without
/// invisible characters.
fn is_shown_by_the_rule(name: &str, instead: &str, pair: &Pair) -> Result<(), TestCaseError> {
    let shown = turned(&pair.tame, &[pair]);
    let fit = |c: &char| !clean::is_hidden(*c);
    let spaced = name.replace(['\n', '\r', '\t', '\u{85}', '\u{2028}', '\u{2029}'], " ");
    let whole: String = spaced.chars().filter(fit).collect();
    let whole = whole.trim();
    prop_assert!(shown.chars().all(|c| fit(&c)), "{shown:?}");
    match shown.split_once('…') {
        _ if whole.is_empty() => prop_assert_eq!(shown, instead),
        _ if whole.chars().count() <= WHOLE => prop_assert_eq!(shown, whole),
        None => prop_assert!(false, "it is longer than {} characters: {:?}", WHOLE, shown),
        Some(_) => {
            prop_assert!(shown.chars().count() <= WHOLE, "{shown:?}");
            let is_both = |(at, mark): (usize, &str)| {
                let (head, tail) = (&shown[..at], &shown[at + mark.len()..]);
                !head.is_empty() && whole.starts_with(head) && whole.ends_with(tail)
            };
            prop_assert!(shown.match_indices('…').any(is_both), "{shown:?} of {whole:?}");
        }
    }
    Ok(())
}

/// A snapshot in which the folder and the client of the stories have other names.
fn renamed(snapshot: &Snapshot, folder: &str, client: &str) -> Snapshot {
    fn walk(value: &mut Value, folder: &str, client: &str) {
        match value {
            Value::String(text) if text == FOLDER => *text = format!("/w/{folder}"),
            Value::String(text) if text == CLIENT => client.clone_into(text),
            Value::Array(all) => all.iter_mut().for_each(|value| walk(value, folder, client)),
            Value::Object(all) => all.values_mut().for_each(|value| walk(value, folder, client)),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(snapshot).unwrap();
    walk(&mut value, folder, client);
    serde_json::from_value(value).unwrap()
}

/// All texts of a scene, sorted: servers are ordered by their folders' names, which differ.
fn texts(scene: &Scene, turn: impl Fn(&str) -> String) -> Vec<String> {
    let mut texts = vec![turn(&scene.icon.label)];
    each(&scene.menu.rows, &mut |row: &Row| match &row.kind {
        RowKind::Text { label }
        | RowKind::Trend { label, .. }
        | RowKind::Item { label, .. }
        | RowKind::Submenu { label, .. } => texts.push(turn(label)),
        RowKind::Separator => {}
    });
    for note in &scene.notes {
        texts.extend([&note.title, &note.body].map(|text| turn(text)));
        texts.extend(note.buttons.iter().map(|button| turn(&button.label)));
    }
    texts.sort();
    texts
}

/// The JSON value of an argument of this type, with these names.
fn argument(kind: &str, folder: &str, program: &str, words: &str) -> Value {
    let part = || json!({ "message": "run-in-client", "args": { "client": program, "command": words } });
    match kind {
        "Name" => program.into(),
        "Client" => program.into(),
        "Verbatim" => words.into(),
        "Folder" | "Location" => format!("/w/{folder}").into(),
        "Process" => json!({ "name": program, "pid": 7 }),
        "Title" => json!({ "code": Code::EditorGaveUp, "client": program }),
        "Count" | "Times" | "Number" | "Millis" | "About" | "Bytes" | "Cores" | "Option<Bytes>" | "Option<Millis>" => {
            3.into()
        }
        "Measured" => json!({ "gauge": Gauge::Memory, "amount": Amount::Exactly(3) }),
        "OfCode" => json!({
            "code": Code::StoppedServer,
            "part": "told",
            "who": { "name": program, "pid": 7 },
            "place": format!("/w/{folder}"),
        }),
        "Gauge" => json!(Gauge::Memory),
        "Code" => json!(Code::EditorGaveUp),
        "Remedy" | "UndoOf" => json!(Remedy::RestartServer),
        "SharedMessage" | "OptionalMessage" | "Option<SharedMessage>" => part(),
        other => panic!("say here how an argument of type {other} looks"),
    }
}

fn message(at: usize, folder: &str, program: &str, words: &str) -> Message {
    let signature = &Message::SIGNATURES[at];
    let args: serde_json::Map<String, Value> = signature
        .args
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), argument(kind, folder, program, words)))
        .collect();
    let message = json!({ "message": signature.name, "args": args });
    serde_json::from_value(message).unwrap_or_else(|why| panic!("{}: {why}", signature.name))
}

/// Checks all messages, with arguments of each kind, in both forms.
fn only_names_differ_in_messages(folder: &str, program: &str) -> Result<(), TestCaseError> {
    let (place, who, words) = (Pair::folder(folder), Pair::program(program), Pair::verbatim(program));
    is_shown_by_the_rule(folder, "unnamed folder", &place)?;
    is_shown_by_the_rule(program, "unnamed program", &who)?;
    for at in 0..Message::SIGNATURES.len() {
        let foreign = message(at, &place.foreign, &who.foreign, &words.foreign);
        let tame = message(at, &place.tame, &who.tame, &words.tame);
        for form in [Form::Full, Form::Short] {
            let said = Catalogue::english().sentences(&foreign, form);
            let expected = Catalogue::english().sentences(&tame, form);
            let expected: Vec<String> = expected.iter().map(|text| turned(text, &[&place, &who, &words])).collect();
            prop_assert_eq!(said, expected, "{}", foreign.name());
        }
        // The JSON contains the original names.
        let written = serde_json::to_string(&foreign).unwrap();
        prop_assert_eq!(serde_json::from_str::<Message>(&written).unwrap(), foreign);
    }
    Ok(())
}

/// Checks all stories.
fn only_names_differ_in_scenes(folder: &str, program: &str) -> Result<(), TestCaseError> {
    let (place, who) = (Pair::folder(folder), Pair::program(program));
    for (name, snapshot, context) in stories() {
        let of = |folder: &str, client: &str| scene(&renamed(&snapshot, folder, client), &context);
        let shown = of(&place.foreign, &who.foreign);
        let expected = texts(&of(&place.tame, &who.tame), |text| turned(text, &[&place, &who]));
        let texts = texts(&shown, str::to_owned);
        prop_assert!(texts.iter().all(|text| !text.chars().any(char::is_control)), "{}: {:?}", name, texts);
        prop_assert_eq!(texts, expected, "{}", name);
        let written = serde_json::to_string(&shown).unwrap();
        prop_assert_eq!(serde_json::from_str::<Scene>(&written).unwrap(), shown);
    }
    Ok(())
}

#[test]
fn an_odd_name_changes_no_other_word() {
    for name in odd_names() {
        for of in [only_names_differ_in_messages, only_names_differ_in_scenes] {
            of(&name.replace('/', "-"), &name).unwrap_or_else(|why| panic!("{name:?}: {why}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_name_changes_no_other_word_of_a_message(folder in any_folder(), program in any_name()) {
        only_names_differ_in_messages(&folder, &program)?;
    }

    #[test]
    fn a_name_changes_no_other_word_of_a_scene(folder in any_folder(), program in any_name()) {
        only_names_differ_in_scenes(&folder, &program)?;
    }
}
