//! The catalogue: formats messages in a language.
//!
//! Theory of operation. All sentences are in Fluent files, one folder per language. A [`Message`]
//! of `core` or a [`Phrase`] of this crate is a name with typed arguments. Each argument is
//! formatted by its type (a duration, a folder, a process), and the Fluent pattern of that name
//! combines them. The value of an entry is its first sentence, and each of its attributes is one
//! more; so a short text consists of whole sentences, and no sentence is ever cut. In short texts,
//! processes are named without their pid ([`Form::Short`]).
//!
//! Foreign names (of folders, programs, clients) are sanitized here before they enter a sentence
//! (`words::name`). They are arguments, not patterns: a folder called `{ $x }` is shown as that.
//!
//! The pseudo-language `en-XA` is English with accents and a third longer. It reveals texts that do
//! not come from the catalogue. It is used only if requested by its tag. Language tags are BCP 47;
//! for a language that is not available, English is used.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use goplswatch_core::codes::Weight;
use goplswatch_core::gauge::Unit;
use goplswatch_core::message::{Arg, Localizable, Message, OfCode, Process, Title};
use goplswatch_core::time::millis;
use goplswatch_core::{Amount, Code, Gauge, Remedy, path_names};

use crate::phrases::Phrase;
use crate::words;

/// The Fluent files of English.
const ENGLISH: [&str; 5] = [
    include_str!("../catalogue/en/messages.ftl"),
    include_str!("../catalogue/en/codes.ftl"),
    include_str!("../catalogue/en/remedies.ftl"),
    include_str!("../catalogue/en/numbers.ftl"),
    include_str!("../catalogue/en/phrases.ftl"),
];

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The full text.
    Full,
    /// Processes are named without their pid.
    Short,
}

type Transform = fn(&str) -> Cow<'_, str>;

/// One language.
pub struct Catalogue {
    tag: &'static str,
    transform: Option<Transform>,
    /// Parsed on first use. A command that passes on the agent's output never uses it, and parsing
    /// the files would be most of its work.
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag)
    }
}

/// There is one catalogue per language.
impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

const EN: &str = "en";
const EN_XA: &str = "en-XA";

impl Catalogue {
    /// The tags of the available languages.
    pub const TAGS: [&'static str; 2] = [EN, EN_XA];

    /// The language tag.
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        self.tag
    }

    /// The language for a tag such as `en-GB`, or in POSIX notation `en_GB.UTF-8`.
    #[must_use]
    pub fn of(tag: &str) -> Option<&'static Self> {
        let tag = tag.split(['.', '@']).next().unwrap_or(tag);
        let mut parts = tag.split(['-', '_']);
        let (language, region) = (parts.next()?, parts.next());
        if !language.eq_ignore_ascii_case(EN) {
            return None;
        }
        let pseudo = region.is_some_and(|region| region.eq_ignore_ascii_case("XA"));
        Some(if pseudo { Self::pseudo() } else { Self::english() })
    }

    /// The language for a list of preferred locales, best first. The system's locales never select
    /// the pseudo-language.
    #[must_use]
    pub fn for_locales(preferred: &[String]) -> &'static Self {
        let known = preferred.iter().find_map(|tag| Self::of(tag)).filter(|language| language.tag != EN_XA);
        known.unwrap_or_else(Self::english)
    }

    /// The language for a request with this `Accept-Language` header (RFC 9110, section 12.5.4).
    #[must_use]
    pub fn for_request(accepted: &str) -> &'static Self {
        let weighed = accepted.split(',').filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=")?.trim().parse().ok()?;
            Some((weight, Self::of(tag.trim())?)).filter(|_| weight > 0.0)
        });
        // Among equal weights the first wins.
        let best = weighed.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or_else(Self::english, |(_, language)| language)
    }

    /// English.
    #[must_use]
    pub fn english() -> &'static Self {
        static ENGLISH: Catalogue = Catalogue::new(EN, None);
        &ENGLISH
    }

    /// English with accents, a third longer.
    #[must_use]
    pub fn pseudo() -> &'static Self {
        static PSEUDO: Catalogue = Catalogue::new(EN_XA, Some(accented));
        &PSEUDO
    }

    const fn new(tag: &'static str, transform: Option<Transform>) -> Self {
        Self { tag, transform, bundle: OnceLock::new() }
    }

    fn bundle(&self) -> &FluentBundle<FluentResource> {
        self.bundle.get_or_init(|| {
            let mut bundle = FluentBundle::new_concurrent(Vec::new());
            // Foreign names are isolated where they are sanitized, and only where that is needed.
            bundle.set_use_isolating(false);
            bundle.set_transform(self.transform);
            for file in ENGLISH {
                // An entry with a syntax error is skipped; a test parses all files without errors.
                let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(read, _)| read);
                let _ = bundle.add_resource(resource);
            }
            bundle
        })
    }

    /// The full text: all sentences joined by spaces.
    #[must_use]
    pub fn text(&self, said: &dyn Localizable, form: Form) -> String {
        let mut text = self.value(said, form);
        for more in self.more(said, form) {
            text.push(' ');
            text.push_str(&more);
        }
        text
    }

    /// The full text, sentence by sentence.
    #[must_use]
    pub fn sentences(&self, said: &dyn Localizable, form: Form) -> Vec<String> {
        std::iter::once(self.value(said, form)).chain(self.more(said, form)).collect()
    }

    /// The first sentence.
    #[must_use]
    pub fn value(&self, said: &dyn Localizable, form: Form) -> String {
        self.entry(said.name(), &self.args(said, form)).unwrap_or_else(|| said.name().to_owned())
    }

    /// The sentence that is used where no likely cause is named.
    #[must_use]
    pub fn no_cause_sentence(&self, said: &dyn Localizable, form: Form) -> Option<String> {
        self.attribute(said.name(), INSTEAD, &self.args(said, form))
    }

    fn more(&self, said: &dyn Localizable, form: Form) -> Vec<String> {
        let Some(message) = self.bundle().get_message(said.name()) else { return Vec::new() };
        let mut attributes = message.attributes().filter(|attribute| !APART.contains(&attribute.id())).peekable();
        if attributes.peek().is_none() {
            return Vec::new();
        }
        let args = self.args(said, form);
        attributes.filter_map(|attribute| self.format(attribute.value(), &args)).collect()
    }

    /// The text of a phrase.
    #[must_use]
    pub fn phrase(&self, phrase: &Phrase) -> String {
        self.value(phrase, Form::Full)
    }

    /// A phrase as it appears after other words on a line.
    pub(crate) fn phrase_within(&self, phrase: &Phrase) -> String {
        let within = self.attribute(phrase.name(), WITHIN, &self.args(phrase, Form::Full));
        within.unwrap_or_else(|| self.phrase(phrase))
    }

    /// The title of a code with the name of a folder.
    pub(crate) fn title_in(&self, title: &Title, folder: &str) -> String {
        self.titled(title, "place", Some(folder))
    }

    /// A title as it appears in the icon's label after the program's name, with the folder's name
    /// if it is known.
    pub(crate) fn label(&self, title: &Title, folder: Option<&str>) -> String {
        self.titled(title, if folder.is_some() { "label-place" } else { "label" }, folder)
    }

    fn titled(&self, title: &Title, attribute: &str, folder: Option<&str>) -> String {
        let mut args = self.client(title.client.as_deref());
        if let Some(folder) = folder {
            args.set("folder", folder);
        }
        self.attribute(title.code.word(), attribute, &args).unwrap_or_default()
    }

    /// The title of a code, for a client.
    #[must_use]
    pub fn title(&self, title: &Title) -> String {
        self.entry(title.code.word(), &self.client(title.client.as_deref())).unwrap_or_default()
    }

    /// The title as it appears after other words of a sentence: "this machine is short of memory".
    #[must_use]
    pub fn title_within(&self, title: &Title) -> String {
        let within = self.attribute(title.code.word(), WITHIN, &self.client(title.client.as_deref()));
        within.unwrap_or_else(|| self.title(title))
    }

    /// A paragraph of a code's page: `means`, `why`, `seen`, `helps`, `common-myths`. It is not about a
    /// particular process.
    #[must_use]
    pub fn page(&self, code: Code, paragraph: &str) -> String {
        self.attribute(code.word(), paragraph, &one("pid", "PID")).unwrap_or_default()
    }

    /// What a code means for the user, sentence by sentence.
    #[must_use]
    pub fn means(&self, code: Code) -> Vec<String> {
        let more = self.attribute(code.word(), "means-more", &FluentArgs::new());
        std::iter::once(self.page(code, "means")).chain(more).collect()
    }

    /// The title of a remedy in a menu or on a button.
    #[must_use]
    pub fn remedy(&self, remedy: Remedy) -> String {
        self.entry(remedy.word(), &FluentArgs::new()).unwrap_or_default()
    }

    /// What a remedy does and what it costs.
    #[must_use]
    pub fn remedy_effect(&self, remedy: Remedy) -> String {
        self.attribute(remedy.word(), "does", &FluentArgs::new()).unwrap_or_default()
    }

    /// What undo does about a remedy, to be placed after the word "undo"; `None`: there is nothing
    /// to undo.
    #[must_use]
    pub fn undo(&self, remedy: Remedy) -> Option<String> {
        self.attribute(remedy.word(), "undo", &FluentArgs::new())
    }

    /// The name of a gauge.
    #[must_use]
    pub fn gauge(&self, gauge: Gauge) -> String {
        self.entry(&format!("gauge-{}", gauge.word()), &FluentArgs::new()).unwrap_or_default()
    }

    /// A cause with its weight: "Most likely: out of file descriptors (61 k of 61 k)".
    #[must_use]
    pub fn cause(&self, weight: Weight, cause: &str) -> String {
        self.entry(weight.word(), &one("cause", cause)).unwrap_or_default()
    }

    /// A cause with its weight, as a sentence.
    pub(crate) fn cause_sentence(&self, weight: Weight, cause: &str) -> String {
        self.attribute(weight.word(), "sentence", &one("cause", cause)).unwrap_or_default()
    }

    fn entry(&self, name: &str, args: &FluentArgs<'_>) -> Option<String> {
        self.format(self.bundle().get_message(name)?.value()?, args)
    }

    fn attribute(&self, name: &str, attribute: &str, args: &FluentArgs<'_>) -> Option<String> {
        self.format(self.bundle().get_message(name)?.get_attribute(attribute)?.value(), args)
    }

    /// `None` if an argument is missing.
    fn format(&self, pattern: &fluent_syntax::ast::Pattern<&str>, args: &FluentArgs<'_>) -> Option<String> {
        let mut missing = Vec::new();
        let text = self.bundle().format_pattern(pattern, Some(args), &mut missing).into_owned();
        missing.is_empty().then_some(text)
    }

    fn args<'a>(&self, said: &'a dyn Localizable, form: Form) -> FluentArgs<'a> {
        let mut args = FluentArgs::new();
        said.each_arg(&mut |name, arg| match arg {
            Arg::Absent => {}
            Arg::Client(client) => {
                args.set(name, self.client_name(client, false));
                args.set(format!("{name}-start"), self.client_name(client, true));
            }
            Arg::Count(n) => args.set(name, count(n)),
            arg => args.set(name, self.arg(arg, form)),
        });
        args
    }

    fn client<'a>(&self, client: Option<&str>) -> FluentArgs<'a> {
        let mut args = FluentArgs::new();
        args.set("client", self.client_name(client, false));
        args.set("client-start", self.client_name(client, true));
        args
    }

    fn client_name(&self, client: Option<&str>, starts: bool) -> String {
        match client {
            Some(name) => self.name(name),
            None if starts => self.attribute("some-client", "start", &FluentArgs::new()).unwrap_or_default(),
            None => self.plain("some-client"),
        }
    }

    fn arg(&self, arg: Arg<'_>, form: Form) -> String {
        match arg {
            Arg::Name(name) => self.name(name),
            Arg::Folder(path) => self.folder(path),
            Arg::Location(path) => path.map_or_else(String::new, |path| {
                self.entry("in-folder", &one("folder", &self.folder(path))).unwrap_or_default()
            }),
            Arg::Client(client) => self.client_name(client, false),
            Arg::Process(process) => self.process(process, form),
            Arg::Count(n) => n.to_string(),
            Arg::Number(n) => self.number(n),
            Arg::Amount(gauge, amount) => self.amount(gauge, amount),
            Arg::Gauge(gauge) => self.gauge(gauge),
            Arg::Times(n) => self.numbered("times", &[("n", n)]),
            Arg::Millis(ms) | Arg::About(ms) => self.span(ms, matches!(arg, Arg::About(_))),
            Arg::Bytes(n) => self.bytes(n),
            Arg::Cores(permille) => self.cores(permille),
            Arg::Verbatim(words) => words::sanitize(words),
            Arg::Text(text) => text.to_owned(),
            Arg::Message(message) => message.map_or_else(String::new, |message| self.text(message, form)),
            Arg::Help(code) => self.page(code, "helps"),
            Arg::Deed(remedy) => self.remedy_effect(remedy),
            Arg::Undo(remedy) => self.undo(remedy).unwrap_or_default(),
            Arg::Title(title) => self.title(title),
            Arg::OfCode(words) => self.of_code(words, form),
            Arg::Absent => String::new(),
        }
    }

    /// A text of a code's entry; its title if the entry has no text of that kind.
    fn of_code(&self, words: &OfCode, form: Form) -> String {
        let mut args = FluentArgs::new();
        args.set("place", self.arg(Arg::Location(words.place.as_deref()), form));
        if let Some(who) = &words.who {
            args.set("who", self.process(who, form));
            args.set("pid", who.pid.to_string());
        }
        if let Some(span) = words.span {
            args.set("span", self.arg(Arg::Millis(millis(span)), form));
        }
        let text = self.attribute(words.code.word(), words.part.word(), &args);
        text.unwrap_or_else(|| self.title(&Title { code: words.code, client: None }))
    }

    /// A foreign name, sanitized and shortened.
    pub(crate) fn name(&self, name: &str) -> String {
        words::name(name).unwrap_or_else(|| self.plain("unnamed-program"))
    }

    /// The last component of a folder's path, sanitized and shortened.
    pub(crate) fn folder(&self, path: &str) -> String {
        words::name(path_names::folder(path)).unwrap_or_else(|| self.plain("unnamed-folder"))
    }

    /// A foreign name, sanitized but not shortened.
    #[must_use]
    pub fn whole_name(&self, name: &str) -> String {
        words::whole_name(name).unwrap_or_else(|| self.plain("unnamed-program"))
    }

    /// The last component of a folder's path, sanitized but not shortened.
    #[must_use]
    pub fn whole_folder(&self, path: &str) -> String {
        words::whole_name(path_names::folder(path)).unwrap_or_else(|| self.plain("unnamed-folder"))
    }

    fn process(&self, process: &Process, form: Form) -> String {
        let name = self.name(&process.name);
        let mut args = one("name", &name);
        args.set("pid", process.pid.to_string());
        let said = match form {
            Form::Full => self.entry("process", &args),
            Form::Short => self.attribute("process", "short", &args),
        };
        said.unwrap_or_default()
    }

    /// The text of an entry without arguments.
    pub(crate) fn plain(&self, name: &str) -> String {
        self.entry(name, &FluentArgs::new()).unwrap_or_default()
    }

    fn numbered(&self, name: &str, numbers: &[(&'static str, u64)]) -> String {
        let mut args = FluentArgs::with_capacity(numbers.len());
        for (name, n) in numbers {
            args.set(*name, count(*n));
        }
        self.entry(name, &args).unwrap_or_default()
    }

    /// "40 s", "2 min 40 s", "3 h 5 min"; below ten seconds with one decimal: "0.4 s".
    #[must_use]
    pub fn duration(&self, ms: u64) -> String {
        self.span(ms, false)
    }

    /// Formats a duration. An approximate one is given in minutes, without seconds, up to two
    /// hours.
    fn span(&self, ms: u64, about: bool) -> String {
        let s = ms / 1_000;
        match s {
            0..10 => self.numbered("tenths-of-seconds", &[("s", s), ("tenths", ms % 1_000 / 100)]),
            10..60 => self.numbered("seconds", &[("s", s)]),
            60..7_200 if about => self.numbered("minutes", &[("min", s / 60)]),
            60..3_600 if s.is_multiple_of(60) => self.numbered("minutes", &[("min", s / 60)]),
            60..3_600 => self.numbered("minutes-seconds", &[("min", s / 60), ("s", s % 60)]),
            3_600..86_400 if s % 3_600 < 60 => self.numbered("hours", &[("h", s / 3_600)]),
            3_600..86_400 => self.numbered("hours-minutes", &[("h", s / 3_600), ("min", s % 3_600 / 60)]),
            _ => self.numbered("days-hours", &[("d", s / 86_400), ("h", s % 86_400 / 3_600)]),
        }
    }

    /// "310 MB", "1.2 GB": decimal units, as the platforms' own tools use.
    #[must_use]
    pub fn bytes(&self, n: u64) -> String {
        match n {
            0..1_000_000 => self.numbered("kilobytes", &[("n", n / 1_000)]),
            1_000_000..1_000_000_000 => self.numbered("megabytes", &[("n", n / 1_000_000)]),
            _ => {
                let tenths = n % 1_000_000_000 / 100_000_000;
                self.numbered("gigabytes", &[("n", n / 1_000_000_000), ("tenths", tenths)])
            }
        }
    }

    /// "950", "61 k", "1.2 M": exact below 10,000, then rounded down to thousands, and from a
    /// million on to tenths of a million.
    #[must_use]
    pub fn number(&self, n: u64) -> String {
        match n {
            0..10_000 => n.to_string(),
            10_000..1_000_000 => self.numbered("thousands", &[("n", n / 1_000)]),
            _ => self.numbered("millions", &[("n", n / 1_000_000), ("tenths", n % 1_000_000 / 100_000)]),
        }
    }

    /// "84 % of a core", "2.5 cores"; the argument is in thousandths of a core.
    #[must_use]
    pub fn cores(&self, permille: u64) -> String {
        match permille {
            0..1_000 => self.numbered("part-of-core", &[("n", permille / 10)]),
            _ => self.numbered("cores", &[("n", permille / 1_000), ("tenths", permille % 1_000 / 100)]),
        }
    }

    /// The value of a gauge: "1.2 GB", "61 k or more", "84 % of a core".
    #[must_use]
    pub fn amount(&self, gauge: Gauge, amount: Amount) -> String {
        let n = amount.least();
        let said = match gauge.unit() {
            Unit::Bytes => self.bytes(n),
            Unit::BytesPerSecond => self.entry("a-second", &one("bytes", &self.bytes(n))).unwrap_or_default(),
            Unit::Permille if gauge == Gauge::MemoryStall => self.numbered("percent", &[("n", n / 10)]),
            Unit::Permille => self.cores(n),
            Unit::Count => self.number(n),
            Unit::PerMinute => self.entry("a-minute", &one("number", &self.number(n))).unwrap_or_default(),
            Unit::Level => self.plain(match n {
                0 | 1 => "level-normal",
                2 => "level-warning",
                _ => "level-critical",
            }),
            Unit::Flag => self.plain(if n == 0 { "flag-no" } else { "flag-yes" }),
        };
        match amount {
            Amount::Exactly(_) => said,
            Amount::AtLeast(_) => self.entry("or-more", &one("amount", &said)).unwrap_or_default(),
        }
    }

    /// The full text of a message, which may be a fragment or sentences.
    pub(crate) fn say(&self, message: &Message) -> String {
        self.text(message, Form::Full)
    }
}

/// The attribute that is used where no likely cause is named.
const INSTEAD: &str = "instead";
/// The attribute with a short form that appears after other words.
const WITHIN: &str = "within";
/// Attributes that are not further sentences.
const APART: [&str; 2] = [INSTEAD, WITHIN];

/// Numbers of at most 32 bits, which an f64 represents exactly, select a plural form; larger ones
/// are formatted as text.
fn count(n: u64) -> FluentValue<'static> {
    match u32::try_from(n) {
        Ok(n) => FluentValue::from(f64::from(n)),
        Err(_) => FluentValue::from(n.to_string()),
    }
}

fn one<'a>(name: &'a str, value: &'a str) -> FluentArgs<'a> {
    let mut args = FluentArgs::with_capacity(1);
    args.set(name, value);
    args
}

/// Puts an accent on each letter and doubles each vowel.
fn accented(text: &str) -> Cow<'_, str> {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const ACCENTED: &str = "åƀçđéƒĝĥîĵķļɱñöƥɋŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖƤɊŔŠŢÛṼŴẊÝŽ";
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        let Some((_, accent)) = PLAIN.chars().zip(ACCENTED.chars()).find(|(plain, _)| *plain == c) else {
            out.push(c);
            continue;
        };
        out.push(accent);
        if "aeiouy".contains(c) {
            out.push(accent);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_language_or_none() {
        for (tag, named) in [
            ("en", Some(EN)),
            ("en-GB", Some(EN)),
            ("en_US.UTF-8", Some(EN)),
            ("EN_gb@euro", Some(EN)),
            ("en-xa", Some(EN_XA)),
            ("en_XA.UTF-8", Some(EN_XA)),
            ("de_DE", None),
            ("eng", None),
            ("C", None),
            ("", None),
        ] {
            assert_eq!(Catalogue::of(tag).map(Catalogue::tag), named, "{tag}");
        }
        for tag in Catalogue::TAGS {
            assert_eq!(Catalogue::of(tag).map(Catalogue::tag), Some(tag));
        }
    }

    #[test]
    fn nobody_hears_the_pseudo_language_who_did_not_name_it() {
        let chosen = |tags: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            Catalogue::for_locales(&tags).tag()
        };
        for tags in [&[][..], &["C"], &["de_DE.UTF-8", "en_GB"], &["en-XA"], &["xx", "en_XA.UTF-8", "en"]] {
            assert_eq!(chosen(tags), EN, "{tags:?}");
        }
    }

    #[test]
    fn a_request_names_what_it_likes_best() {
        for (header, chosen) in [
            ("en-XA", EN_XA),
            ("fr, en-XA;q=0.5", EN_XA),
            ("en;q=0.4, en-XA;q=0.8", EN_XA),
            ("en-XA;q=0.4, en", EN),
            ("en, en-XA", EN),
            ("en-XA;q=0", EN),
            ("en-XA;level=1", EN),
            ("*", EN),
            ("", EN),
        ] {
            assert_eq!(Catalogue::for_request(header).tag(), chosen, "{header}");
        }
    }
}
