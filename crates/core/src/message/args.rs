//! The arguments of messages: their types, how each is rounded, and the form in which it is put
//! into a sentence. A message as an argument is known here only by what it says of itself
//! ([`Localizable`]), so that the messages can be in a file above this one.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::code::Code;
use crate::gauge::{Amount, Gauge, Unit};
use crate::remedy::Remedy;
use crate::time::{self, OptionalMs};
use crate::types::Pid;

/// An argument in the form in which it is put into a sentence.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// A name from outside: of a program, a package driver.
    Name(&'a str),
    /// A path, shown as its last component.
    Folder(&'a str),
    /// A folder in which something happens, " in api"; nothing if it is not known.
    Location(Option<&'a str>),
    /// The name of a client, or the words for an unknown client.
    Client(Option<&'a str>),
    /// A process, shown as its name and pid.
    Process(&'a Process),
    /// A number that is shown with all digits and selects a plural form.
    Count(u64),
    /// A large number of items, shown rounded: "61 k".
    Number(u64),
    /// The value of a gauge.
    Amount(Gauge, Amount),
    /// The name of a gauge.
    Gauge(Gauge),
    /// How often: "twice".
    Times(u64),
    /// A duration in milliseconds: "2 min 40 s".
    Millis(u64),
    /// A duration in milliseconds that is only an estimate: "9 min".
    About(u64),
    /// Bytes: "1.2 GB".
    Bytes(u64),
    /// Thousandths of one core: "84 % of a core".
    Cores(u64),
    /// Text from outside, command lines, paths and codes, shown as they are.
    Verbatim(&'a str),
    /// Text that is already rendered, with all names in it sanitised.
    Text(&'a str),
    /// Another message, or nothing.
    Message(Option<&'a dyn Localizable>),
    /// The text of the table of codes on what helps against a code.
    Help(Code),
    /// The text of the table of remedies on what a remedy does.
    Deed(Remedy),
    /// The text of the table of remedies on what undoing a remedy does.
    Undo(Remedy),
    /// The title of a code, for a client.
    Title(&'a Title),
    /// A text of the table of codes about a code.
    OfCode(&'a OfCode),
    /// There is no value: a sentence that needs it is left out.
    Absent,
}

/// Something that can be said: a name, and arguments in the order of their declaration.
pub trait Localizable: fmt::Debug {
    /// Its kebab-case name, which is its key in a catalogue.
    fn name(&self) -> &'static str;

    /// Visits its arguments.
    fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, Arg<'a>));
}

/// The declaration of a message, without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its kebab-case name.
    pub name: &'static str,
    /// Its arguments: their names, and their types as declared.
    pub args: &'static [(&'static str, &'static str)],
}

/// A type that can be an argument.
pub trait Argument: Sized {
    /// The form for a sentence.
    fn arg(&self) -> Arg<'_>;

    /// Reads it back from JSON; `None` if the value is not of this type.
    fn read(value: Value) -> Option<Self>;
}

/// The largest number that is kept; larger ones are reduced to it, also when a state is read back.
/// A recording may hold any number.
const LARGEST: u64 = 1 << 61;

/// Declares a number with a unit, rounded down to what is displayed.
macro_rules! numbers {
    ($($(#[doc = $doc:literal])* $Name:ident($n:ident) $round:expr;)+) => {
        $($(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $Name(u64);

        impl $Name {
            /// The number as it is displayed.
            #[must_use]
            pub const fn new($n: u64) -> Self {
                let $n = if $n < LARGEST { $n } else { LARGEST };
                Self($round)
            }
        }

        impl Argument for $Name {
            fn arg(&self) -> Arg<'_> {
                Arg::$Name(self.0)
            }

            fn read(value: Value) -> Option<Self> {
                value.as_u64().map(Self::new)
            }
        })+
    };
}

numbers! {
    /// A number that is shown with all digits and selects a plural form.
    Count(n) n;
    /// How often something happened.
    Times(n) n;
    /// A large number of items, shown rounded.
    Number(n) match n { 0..10_000 => n, 10_000..1_000_000 => n / 1_000 * 1_000, _ => n / 100_000 * 100_000 };
    /// A duration in milliseconds.
    Millis(n) millis(n);
    /// A duration in milliseconds that is only an estimate.
    About(n) match n / 1_000 {
        s @ 0..60 => if s == 0 { 1_000 } else { s * 1_000 },
        s @ 60..7_200 => (s + 30) / 60 * 60_000,
        s => millis(s * 1_000),
    };
    /// Bytes.
    Bytes(n) match n {
        0..1_000_000 => n / 1_000 * 1_000,
        1_000_000..1_000_000_000 => n / 1_000_000 * 1_000_000,
        _ => n / 100_000_000 * 100_000_000,
    };
    /// Thousandths of one core.
    Cores(n) match n { 0..1_000 => n / 10 * 10, _ => n / 100 * 100 };
}

impl From<Duration> for Millis {
    fn from(length: Duration) -> Self {
        Self::new(time::millis(length))
    }
}

impl From<Duration> for About {
    fn from(length: Duration) -> Self {
        Self::new(time::millis(length))
    }
}

const fn millis(ms: u64) -> u64 {
    match ms / 1_000 {
        0..10 => ms / 100 * 100,
        s @ 10..3_600 => s * 1_000,
        s @ 3_600..86_400 => s / 60 * 60_000,
        s => s / 3_600 * 3_600_000,
    }
}

/// A name from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub String);

/// A path, shown as its last component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(pub String);

/// The path where something happens; `None` if it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location(pub Option<String>);

/// The name of a client; `None` if it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client(pub Option<String>);

/// Text from outside, command lines, paths and codes, shown as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim(pub String);

impl Verbatim {
    /// The text of a value that can be displayed, such as an error or a path.
    #[must_use]
    pub fn of(words: impl fmt::Display) -> Self {
        Self(words.to_string())
    }
}

/// Text that is already rendered, with all names in it sanitised. It is never an argument of a
/// message, since messages are rendered later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

/// A process with its name and pid. A short text leaves out the pid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// What the program is called: "gopls", "gopls mcp".
    pub name: String,
    /// Its pid.
    pub pid: Pid,
}

/// The value of a gauge, rounded to what is displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub(super) gauge: Gauge,
    pub(super) amount: Amount,
}

impl Measured {
    /// The value as it is displayed.
    #[must_use]
    pub const fn new(gauge: Gauge, amount: Amount) -> Self {
        let n = amount.least();
        let n = match gauge.unit() {
            Unit::Bytes | Unit::BytesPerSecond => Bytes::new(n).0,
            Unit::Permille => Cores::new(n).0,
            Unit::Count | Unit::PerMinute => Number::new(n).0,
            Unit::Level | Unit::Flag => n,
        };
        let amount = match amount {
            Amount::Exactly(_) => Amount::Exactly(n),
            Amount::AtLeast(_) => Amount::AtLeast(n),
        };
        Self { gauge, amount }
    }
}

/// The title of a code, for the client that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// The code.
    pub code: Code,
    /// The client's name; `None` if it is not known.
    pub client: Option<String>,
}

/// Which of a code's texts is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePart {
    /// The report.
    Told,
    /// What ended it, as a fragment.
    Over,
    /// What helps against it.
    Helps,
}

impl CodePart {
    /// Its name in the catalogue.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Over => "over",
            Self::Helps => "helps",
        }
    }
}

/// A text of the table of codes about a code, with its values. A code therefore needs no messages
/// of its own if it only reports which server, where and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCode {
    /// The code.
    pub code: Code,
    /// Which text of it.
    pub part: CodePart,
    /// The server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Process>,
    /// The folder in which it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// For how long, rounded to what is displayed.
    #[serde(rename = "span_ms", with = "OptionalMs", default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Duration>,
}

impl OfCode {
    const fn new(code: Code, part: CodePart) -> Self {
        Self { code, part, who: None, place: None, span: None }
    }

    /// The report about a server, where and for how long.
    #[must_use]
    pub fn told(code: Code, who: Process, place: Location, span: Millis) -> Self {
        Self {
            who: Some(who),
            place: place.0,
            span: Some(Duration::from_millis(span.0)),
            ..Self::new(code, CodePart::Told)
        }
    }

    /// What ended it.
    #[must_use]
    pub const fn over(code: Code) -> Self {
        Self::new(code, CodePart::Over)
    }

    /// What helps a server.
    #[must_use]
    pub fn helps(code: Code, who: Process) -> Self {
        Self { who: Some(who), ..Self::new(code, CodePart::Helps) }
    }

    fn read(value: Value) -> Option<Self> {
        let read: Self = serde_json::from_value(value).ok()?;
        Some(Self { span: read.span.map(|span| Duration::from_millis(Millis::from(span).0)), ..read })
    }
}

/// The text on what undoing a remedy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoOf(pub Remedy);

macro_rules! arguments {
    ($($Type:ty: |$me:ident| $arg:expr, |$value:ident| $read:expr;)+) => {
        $(impl Argument for $Type {
            fn arg(&self) -> Arg<'_> {
                let $me = self;
                $arg
            }

            fn read($value: Value) -> Option<Self> {
                $read
            }
        })+
    };
}

arguments! {
    Name: |me| Arg::Name(&me.0), |value| text(value).map(Self);
    Folder: |me| Arg::Folder(&me.0), |value| text(value).map(Self);
    Verbatim: |me| Arg::Verbatim(&me.0), |value| text(value).map(Self);
    Text: |me| Arg::Text(&me.0), |value| text(value).map(Self);
    Location: |me| Arg::Location(me.0.as_deref()), |value| Some(Self(text(value)));
    Client: |me| Arg::Client(me.0.as_deref()), |value| Some(Self(text(value)));
    Process: |me| Arg::Process(me), |value| serde_json::from_value(value).ok();
    Measured: |me| Arg::Amount(me.gauge, me.amount), |value| serde_json::from_value(value).ok();
    Title: |me| Arg::Title(me), |value| serde_json::from_value(value).ok();
    OfCode: |me| Arg::OfCode(me), |value| Self::read(value);
    Gauge: |me| Arg::Gauge(*me), |value| serde_json::from_value(value).ok();
    Code: |me| Arg::Help(*me), |value| serde_json::from_value(value).ok();
    Remedy: |me| Arg::Deed(*me), |value| serde_json::from_value(value).ok();
    UndoOf: |me| Arg::Undo(me.0), |value| serde_json::from_value(value).ok().map(Self);
}

/// An argument that may be missing; then the sentence that needs it is left out.
impl<T: Argument> Argument for Option<T> {
    fn arg(&self) -> Arg<'_> {
        self.as_ref().map_or(Arg::Absent, T::arg)
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::read(value).map(Some),
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
