//! Formats each entry of the catalogue in the pseudo-language, with every kind of value for each
//! argument: any plain English that is left must come from a value passed in.
//!
//! An entry is formatted as a name with arguments of the declared types. So no engine state that
//! produces it has to be constructed, and no entry is left out.

use std::time::Duration;

use goplswatch_core::message::{Arg, CodePart, Localizable, Message, OfCode, Process, Signature, Title};
use goplswatch_core::{Amount, Code, Gauge, Pid, Remedy};
use goplswatch_testing::plain_words;
use goplswatch_view::{Catalogue, Form, Phrase};

use crate::catalogue::{Entries, file};

/// Values passed in, and the placeholder for a pid in commands on pages.
const MARKS: [&str; 4] = ["marked-folder", "marked", "MARK", "PID"];

/// A message with the argument values of one round.
#[derive(Debug)]
struct Said<'a> {
    name: &'static str,
    args: Vec<(&'static str, Arg<'a>)>,
}

impl Localizable for Said<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, Arg<'a>)) {
        self.args.iter().for_each(|(name, arg)| give(name, *arg));
    }
}

/// The values that arguments refer to.
struct Values {
    process: Process,
    titles: Vec<Title>,
    of_codes: Vec<OfCode>,
    parts: Vec<Message>,
}

impl Values {
    fn new() -> Self {
        let process = Process { name: "marked".into(), pid: Pid(7) };
        let client = || [None, Some("marked".to_owned())];
        let titles = Code::ALL.iter().flat_map(|code| client().map(|client| Title { code: *code, client })).collect();
        let of_codes = Code::ALL.iter().flat_map(|code| {
            [CodePart::Told, CodePart::Over, CodePart::Helps].map(|part| OfCode {
                code: *code,
                part,
                who: Some(process.clone()),
                place: Some("/w/marked-folder".into()),
                span: Some(Duration::from_secs(90)),
            })
        });
        let parts = vec![Message::EndPanic, Message::reported("marked")];
        Self { of_codes: of_codes.collect(), process, titles, parts }
    }

    /// Values of this type that are formatted in different ways.
    fn of(&self, kind: &str) -> Vec<Arg<'_>> {
        const NUMBERS: [u64; 7] = [0, 1, 2, 5, 950, 61_000, 1_200_000_000];
        const SPANS: [u64; 9] = [0, 400, 9_999, 40_000, 120_000, 160_000, 3_600_000, 11_100_000, 90_000_000];
        let absent = || std::iter::once(Arg::Absent);
        match kind {
            "Name" => vec![Arg::Name("marked"), Arg::Name("")],
            "Folder" => vec![Arg::Folder("/w/marked-folder"), Arg::Folder("")],
            "Location" => vec![Arg::Location(Some("/w/marked-folder")), Arg::Location(Some("")), Arg::Location(None)],
            "Client" => vec![Arg::Client(Some("marked")), Arg::Client(None)],
            "Process" => vec![Arg::Process(&self.process)],
            "Verbatim" => vec![Arg::Verbatim("MARK")],
            "Text" => vec![Arg::Text("MARK")],
            "Count" => NUMBERS.map(Arg::Count).to_vec(),
            "Number" => NUMBERS.map(Arg::Number).to_vec(),
            "Times" => NUMBERS.map(Arg::Times).to_vec(),
            "Cores" => NUMBERS.map(Arg::Cores).to_vec(),
            "Bytes" => NUMBERS.map(Arg::Bytes).to_vec(),
            "Option<Bytes>" => NUMBERS.map(Arg::Bytes).into_iter().chain(absent()).collect(),
            "Millis" => SPANS.map(Arg::Millis).to_vec(),
            "Option<Millis>" => SPANS.map(Arg::Millis).into_iter().chain(absent()).collect(),
            "About" => SPANS.map(Arg::About).to_vec(),
            "Measured" => {
                let amounts = || NUMBERS.iter().flat_map(|n| [Amount::Exactly(*n), Amount::AtLeast(*n)]);
                Gauge::ALL.iter().flat_map(|gauge| amounts().map(|amount| Arg::Amount(*gauge, amount))).collect()
            }
            "Gauge" => Gauge::ALL.iter().copied().map(Arg::Gauge).collect(),
            "Code" => Code::ALL.iter().copied().map(Arg::Help).collect(),
            "Remedy" => Remedy::ALL.iter().copied().map(Arg::Deed).collect(),
            "UndoOf" => Remedy::ALL.iter().copied().map(Arg::Undo).collect(),
            "Title" => self.titles.iter().map(Arg::Title).collect(),
            "OfCode" => self.of_codes.iter().map(Arg::OfCode).collect(),
            "SharedMessage" => self.parts.iter().map(|part| Arg::Message(Some(part))).collect(),
            "OptionalMessage" => {
                self.parts.iter().map(|part| Arg::Message(Some(part))).chain([Arg::Message(None)]).collect()
            }
            "Option<SharedMessage>" => {
                self.parts.iter().map(|part| Arg::Message(Some(part))).chain(absent()).collect::<Vec<_>>()
            }
            other => panic!("say here which values an argument of type {other} has"),
        }
    }

    /// Enough rounds that each value of each argument occurs once.
    fn rounds(&self, signature: &Signature) -> Vec<Said<'_>> {
        let all: Vec<_> = signature.args.iter().map(|(name, kind)| (*name, self.of(kind))).collect();
        let rounds = all.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
        let round = |i: usize| all.iter().map(|(name, values)| (*name, values[i % values.len()])).collect();
        (0..rounds).map(|i| Said { name: signature.name, args: round(i) }).collect()
    }
}

/// Collects the plain English words in a text, with the entry's name.
fn plain(name: &str, text: &str, found: &mut Vec<String>) {
    let left = plain_words(text, &MARKS);
    if !left.is_empty() {
        found.push(format!("{name}: {left:?} in {text}"));
    }
}

/// Checks each sentence; returns the maximum number of sentences.
fn sentences(rounds: &[Said<'_>], found: &mut Vec<String>) -> usize {
    let words = Catalogue::pseudo();
    let mut most = 0;
    for said in rounds {
        for form in [Form::Full, Form::Short] {
            let sentences = words.sentences(said, form);
            most = most.max(sentences.len());
            let instead = words.no_cause_sentence(said, form);
            sentences.iter().chain(&instead).for_each(|text| plain(said.name, text, found));
        }
    }
    most
}

/// The number of parts of an entry that are sentences of its text.
fn of_a_text(entries: &Entries, name: &str) -> usize {
    entries[name].keys().filter(|part| !["instead", "within"].contains(&part.as_str())).count()
}

#[test]
fn each_message_and_each_phrase_comes_from_the_catalogue() {
    let values = Values::new();
    let mut found = Vec::new();
    for (file_name, signatures) in [("messages", Message::SIGNATURES), ("phrases", Phrase::SIGNATURES)] {
        let entries = file(file_name);
        for signature in signatures {
            let most = sentences(&values.rounds(signature), &mut found);
            assert_eq!(most, of_a_text(&entries, signature.name), "{}: a part was never said", signature.name);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Titles, places, labels and pages, with all their arguments.
#[test]
fn each_part_of_each_code_remedy_and_number_comes_from_the_catalogue() {
    let words = Catalogue::pseudo();
    let mut found = Vec::new();
    for file_name in ["codes", "remedies", "numbers"] {
        let entries = file(file_name);
        for (name, parts) in &entries {
            let name: &'static str = Box::leak(name.clone().into_boxed_str());
            let used: Vec<&'static str> = parts
                .values()
                .flatten()
                .filter(|arg| !arg.starts_with("client"))
                .map(|arg| &*Box::leak(arg.clone().into_boxed_str()))
                .collect();
            let said = |client, n: Option<u64>| {
                let arg = |arg: &'static str| (arg, n.map_or(Arg::Text("MARK"), Arg::Count));
                let args = std::iter::once(("client", Arg::Client(client))).chain(used.iter().copied().map(arg));
                Said { name, args: args.collect() }
            };
            let numbers = [None, Some(0), Some(1), Some(2), Some(5)];
            let rounds: Vec<_> =
                numbers.iter().flat_map(|n| [None, Some("marked")].map(|client| said(client, *n))).collect();
            assert_eq!(sentences(&rounds, &mut found), of_a_text(&entries, name), "{name}: a part was never said");
        }
    }
    for Title { code, client } in Values::new().titles {
        let title = Title { code, client };
        plain(code.word(), &words.title(&title), &mut found);
        plain(code.word(), &words.title_within(&title), &mut found);
        for paragraph in ["means", "why", "seen", "helps", "common-myths"] {
            let text = words.page(code, paragraph);
            assert!(!text.is_empty());
            plain(code.word(), &text, &mut found);
        }
        words.means(code).iter().for_each(|text| plain(code.word(), text, &mut found));
    }
    assert!(found.is_empty(), "{found:#?}");
}
