//! Messages: what is said, as data. No sentence stands here.
//!
//! Theory of operation. A [`Message`] is a name with typed arguments. The engine and whoever changes something make
//! messages; `view` holds the sentences for them in a catalogue, per language and length, and a test there holds the
//! names and arguments of both equal. Arguments hold what was seen (paths, numbers, other messages), rounded as it is
//! shown: so two messages are equal where they would read the same, and a number that moved below what is shown is no
//! news. Names of foreign origin stay as they are; they are cleaned where they are put into a sentence.
//!
//! A [`Said`] is a message with the place for its text, which is empty until somebody renders it. In JSON it is
//! `message`, `args` and, once rendered, `text`. What another version wrote reads as [`Message::Recorded`] where it is
//! text only, or a message that is not known here.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::codes::Code;
use crate::gauge::{Amount, Gauge, Unit};
use crate::remedy::Remedy;
use crate::words::Pid;

/// An argument as it is put into a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    /// A foreign name: of a program, a package driver.
    Name(&'a str),
    /// A path, said by its last name.
    Folder(&'a str),
    /// A folder in which something happens, or nothing where it is not known: " in api".
    Place(Option<&'a str>),
    /// A client by its name, or the words for one that is not known.
    Client(Option<&'a str>),
    /// A process by its name and number.
    Process(&'a Process),
    /// A number that is said whole, and by which a plural is chosen.
    Count(u64),
    /// A number of things that nobody counts: "61 k".
    Number(u64),
    /// The value of a gauge.
    Amount(Gauge, Amount),
    /// A gauge by its name.
    Gauge(Gauge),
    /// How often: "twice".
    Times(u64),
    /// Milliseconds: "2 min 40 s".
    Millis(u64),
    /// Milliseconds that nobody knows to the second: "9 min".
    About(u64),
    /// Bytes: "1.2 GB".
    Bytes(u64),
    /// Thousandths of one core: "84 % of a core".
    Cores(u64),
    /// Words of others, command lines, paths and codes, said as they are.
    Verbatim(&'a str),
    /// What is in words already, with all names in it made fit.
    Text(&'a str),
    /// Another message, or nothing.
    Message(Option<&'a Message>),
    /// What the table of codes says helps against it.
    Help(Code),
    /// What the table of remedies says that one does.
    Deed(Remedy),
    /// What the table of remedies says that undo does about one.
    Undo(Remedy),
    /// The title of a code, for a client.
    Title(&'a Title),
    /// What the table of codes says of one.
    OfCode(&'a OfCode),
    /// There is none: a sentence that needs it is not said.
    Absent,
}

/// Something that is said: a name, and arguments in the order of its declaration.
pub trait Speak {
    /// Its kebab-case name, by which a catalogue knows it.
    fn name(&self) -> &'static str;

    /// Gives out its arguments.
    fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, Arg<'a>));
}

impl Speak for Part {
    fn name(&self) -> &'static str {
        Message::name(self)
    }

    fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, Arg<'a>)) {
        Message::each_arg(self, give);
    }
}

/// What a message says, apart from its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its kebab-case name.
    pub name: &'static str,
    /// Its arguments: their names, and the types as they are declared.
    pub args: &'static [(&'static str, &'static str)],
}

/// A type of arguments.
pub trait Argument: Sized {
    /// For a sentence.
    fn arg(&self) -> Arg<'_>;

    /// Read back from JSON; `None`: it is not of this type.
    fn read(value: Value) -> Option<Self>;
}

/// Declares an enum of things that are said, whose arguments have types of this module.
#[macro_export]
macro_rules! phrases {
    ($(#[$attribute:meta])* $visibility:vis enum $Enum:ident {
        $($(#[doc = $doc:literal])* $Name:ident $({ $($arg:ident: $Type:ty),+ $(,)? })? = $word:literal,)+
    }) => {
        $(#[$attribute])*
        #[expect(missing_docs, reason = "an argument's name and type say what it is")]
        #[derive(Clone, Debug, PartialEq, Eq)]
        $visibility enum $Enum { $($(#[doc = $doc])* $Name $({ $($arg: $Type),+ })?),+ }

        impl $Enum {
            /// All of them, without values.
            pub const SIGNATURES: &'static [$crate::message::Signature] = &[
                $($crate::message::Signature { name: $word, args: &[$($((stringify!($arg), stringify!($Type))),+)?] }),+
            ];
        }

        impl $crate::message::Speak for $Enum {
            fn name(&self) -> &'static str {
                match self { $(Self::$Name { .. } => $word),+ }
            }

            fn each_arg<'a>(&'a self, give: &mut dyn FnMut(&'static str, $crate::message::Arg<'a>)) {
                match self {
                    $(Self::$Name $({ $($arg),+ })? => {
                        $($(give(stringify!($arg), $crate::message::Argument::arg($arg));)+)?
                    })+
                }
            }
        }
    };
}

/// The same, with the way back from what was written down.
macro_rules! messages {
    ($(#[$attribute:meta])* $visibility:vis enum $Enum:ident {
        $($(#[doc = $doc:literal])* $Name:ident $({ $($arg:ident: $Type:ty),+ $(,)? })? = $word:literal,)+
    }) => {
        phrases! {
            $(#[$attribute])* $visibility enum $Enum {
                $($(#[doc = $doc])* $Name $({ $($arg: $Type),+ })? = $word,)+
            }
        }

        impl $Enum {
            /// `None`: there is none of that name with such arguments.
            fn read(name: &str, args: &mut serde_json::Map<String, Value>) -> Option<Self> {
                let mut take = |arg: &str| args.remove(arg).unwrap_or(Value::Null);
                Some(match name {
                    $($word => Self::$Name $({ $($arg: Argument::read(take(stringify!($arg)))?),+ })?,)+
                    _ => return None,
                })
            }
        }
    };
}

/// A recording may hold any number; larger ones count as this one, also where a state is read again.
const LARGEST: u64 = 1 << 61;

/// A number with a unit, rounded down as it is shown.
macro_rules! numbers {
    ($($(#[doc = $doc:literal])* $Name:ident($n:ident) $round:expr;)+) => {
        $($(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $Name(u64);

        impl $Name {
            /// The number as it is shown.
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
    /// A number that is said whole, and by which a plural is chosen.
    Count(n) n;
    /// How often.
    Times(n) n;
    /// How many of something that nobody counts.
    Number(n) match n { 0..10_000 => n, 10_000..1_000_000 => n / 1_000 * 1_000, _ => n / 100_000 * 100_000 };
    /// A length of time, milliseconds.
    Millis(n) millis(n);
    /// A length of time that nobody knows to the second, milliseconds.
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

const fn millis(ms: u64) -> u64 {
    match ms / 1_000 {
        0..10 => ms / 100 * 100,
        s @ 10..3_600 => s * 1_000,
        s @ 3_600..86_400 => s / 60 * 60_000,
        s => s / 3_600 * 3_600_000,
    }
}

/// A foreign name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub String);

/// A path, said by its last name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(pub String);

/// A path where something happens; none: it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub Option<String>);

/// A client's name; none: it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client(pub Option<String>);

/// Words of others, command lines, paths and codes, said as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim(pub String);

impl Verbatim {
    /// The words of what can show itself: of an error, of a path.
    #[must_use]
    pub fn of(words: impl fmt::Display) -> Self {
        Self(words.to_string())
    }
}

/// What is in words already, with all names in it made fit: no argument of a message, which is put into words later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

/// A process by its name and number. Where a text is short, the number is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// "gopls", "gopls mcp", what a program is called.
    pub name: String,
    /// Its number.
    pub pid: Pid,
}

/// The value of a gauge, rounded as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    gauge: Gauge,
    amount: Amount,
}

impl Measured {
    /// The value as it is shown.
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
    /// Of which.
    pub code: Code,
    /// The client's name; none: it is not known.
    pub client: Option<String>,
}

/// A part of what the table of codes says of one in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePart {
    /// What is told of it.
    Told,
    /// What ended it, as a fragment.
    Over,
    /// What helps.
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

/// What the table of codes says of one, with what is put into it. So a code needs no messages of its own where it tells of
/// a server only which one, where and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCode {
    /// Of which.
    pub code: Code,
    /// What of it.
    pub part: CodePart,
    /// The server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Process>,
    /// The folder in which it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// For how long, milliseconds, rounded as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_ms: Option<u64>,
}

impl OfCode {
    const fn new(code: Code, part: CodePart) -> Self {
        Self { code, part, who: None, place: None, span_ms: None }
    }

    /// What is told of a server, where and for how long.
    #[must_use]
    pub fn told(code: Code, who: Process, place: Place, span: Millis) -> Self {
        Self { who: Some(who), place: place.0, span_ms: Some(span.0), ..Self::new(code, CodePart::Told) }
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
        Some(Self { span_ms: read.span_ms.map(|ms| Millis::new(ms).0), ..read })
    }
}

/// What undo does about a remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoOf(pub Remedy);

/// Another message within one, shared: what is said of an end is said again by everything that comes of it.
pub type Part = Arc<Message>;

/// Another message within one, or nothing in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also(pub Option<Part>);

impl From<Option<Message>> for Also {
    fn from(message: Option<Message>) -> Self {
        Self(message.map(Part::new))
    }
}

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
    Place: |me| Arg::Place(me.0.as_deref()), |value| Some(Self(text(value)));
    Client: |me| Arg::Client(me.0.as_deref()), |value| Some(Self(text(value)));
    Process: |me| Arg::Process(me), |value| serde_json::from_value(value).ok();
    Measured: |me| Arg::Amount(me.gauge, me.amount), |value| serde_json::from_value(value).ok();
    Title: |me| Arg::Title(me), |value| serde_json::from_value(value).ok();
    OfCode: |me| Arg::OfCode(me), |value| Self::read(value);
    Gauge: |me| Arg::Gauge(*me), |value| serde_json::from_value(value).ok();
    Code: |me| Arg::Help(*me), |value| serde_json::from_value(value).ok();
    Remedy: |me| Arg::Deed(*me), |value| serde_json::from_value(value).ok();
    UndoOf: |me| Arg::Undo(me.0), |value| serde_json::from_value(value).ok().map(Self);
    Also: |me| Arg::Message(me.0.as_deref()), |value| Option::<Part>::read(value).map(Self);
    Part: |me| Arg::Message(Some(me)), |value| serde_json::from_value(value).ok().map(Part::new);
}

/// What may be missing: then the sentence that needs it is not said.
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

impl Serialize for Arg<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Name(text) | Self::Folder(text) | Self::Verbatim(text) | Self::Text(text) => to.serialize_str(text),
            Self::Place(text) | Self::Client(text) => text.serialize(to),
            Self::Process(process) => process.serialize(to),
            Self::Amount(gauge, amount) => Measured { gauge, amount }.serialize(to),
            Self::Gauge(gauge) => to.serialize_str(gauge.word()),
            Self::Count(n)
            | Self::Number(n)
            | Self::Times(n)
            | Self::Millis(n)
            | Self::About(n)
            | Self::Bytes(n)
            | Self::Cores(n) => to.serialize_u64(n),
            Self::Message(message) => message.serialize(to),
            Self::Help(code) => to.serialize_str(code.word()),
            Self::Deed(remedy) | Self::Undo(remedy) => to.serialize_str(remedy.word()),
            Self::Title(title) => title.serialize(to),
            Self::OfCode(words) => words.serialize(to),
            Self::Absent => to.serialize_none(),
        }
    }
}

/// The arguments of something that is said, as a map.
struct Args<'a>(&'a Message);

impl Serialize for Args<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let mut result = Ok(());
        self.0.each_arg(&mut |name, arg| {
            if result.is_ok() && arg != Arg::Absent {
                result = map.serialize_entry(name, &arg);
            }
        });
        result?;
        map.end()
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("message", self.name())?;
        map.serialize_entry("args", &Args(self))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Said::deserialize(from).map(|said| Arc::unwrap_or_clone(said.message))
    }
}

/// A message, and its text once somebody has put it into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What is said.
    pub message: Part,
    /// The same in words; empty in what the engine keeps and what is recorded.
    pub text: String,
}

/// What a test says by hand.
#[cfg(any(test, feature = "testing"))]
impl From<&str> for Said {
    fn from(words: &str) -> Self {
        Message::reported(words).into()
    }
}

impl From<Message> for Said {
    fn from(message: Message) -> Self {
        Part::new(message).into()
    }
}

impl From<Part> for Said {
    fn from(message: Part) -> Self {
        Self { message, text: String::new() }
    }
}

/// The words, where there are any yet; else the message's name.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.message {
            _ if !self.text.is_empty() => &self.text,
            Message::Reported { words: Verbatim(words) } | Message::Recorded { text: Verbatim(words) } => words,
            message => message.name(),
        })
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("message", self.message.name())?;
        map.serialize_entry("args", &Args(&self.message))?;
        if !self.text.is_empty() {
            map.serialize_entry("text", &self.text)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct SaidVisitor;

        impl<'de> Visitor<'de> for SaidVisitor {
            type Value = Said;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a map with a message or a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Said, E> {
                Ok(Message::Recorded { text: Verbatim(text.to_owned()) }.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said, A::Error> {
                let (mut name, mut args, mut text) = (None::<String>, serde_json::Map::new(), None::<String>);
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match key.as_ref() {
                        "message" => name = map.next_value()?,
                        "args" => args = map.next_value()?,
                        // Up to schema 4 some were called `why`.
                        "text" | "why" => text = map.next_value()?,
                        _ => drop(map.next_value::<de::IgnoredAny>()?),
                    }
                }
                let message = name.and_then(|name| Message::read(&name, &mut args));
                match (message, text) {
                    (Some(message), text) => Ok(Said { message: Part::new(message), text: text.unwrap_or_default() }),
                    (None, Some(text)) => Ok(Message::Recorded { text: Verbatim(text) }.into()),
                    (None, None) => Err(de::Error::custom("a message that is not known, without its text")),
                }
            }
        }

        from.deserialize_any(SaidVisitor)
    }
}

messages! {
    /// What is said by the engine and of what is changed.
    pub enum Message {
        /// English that another version wrote down, as it stands there.
        Recorded { text: Verbatim } = "recorded",
        /// Words that no catalogue has: of the system, of a tool, of a reading that failed.
        Reported { words: Verbatim } = "reported",
        /// What the table of codes says helps.
        Help { code: Code } = "help",
        /// What the table of codes says of one.
        OfCode { words: OfCode } = "of-code",
        /// What the table of remedies says that one does.
        Deed { remedy: Remedy } = "deed",
        /// The title of a code.
        Titled { title: Title } = "titled",

        // How a process ended.
        /// An exit code.
        ExitCode { code: Count } = "exit-code",
        /// A signal.
        BySignal { signal: Verbatim } = "by-signal",
        /// Nobody would say how.
        StatusUnknown { why: Part } = "status-unknown",
        /// Our own fix.
        EndByOwnFix { how: Part } = "end-by-own-fix",
        /// The system, for the memory of the process.
        EndForMemory { how: Part } = "end-for-memory",
        /// The kernel, for the memory of its group.
        EndForGroupMemory { how: Part } = "end-for-group-memory",
        /// While the system was ending processes.
        EndAmongKills { how: Part } = "end-among-kills",
        /// Exit 0.
        EndClean = "end-clean",
        /// A signal for a fault of its own.
        EndFatalSignal { signal: Verbatim } = "end-fatal-signal",
        /// Exit 2 after some time.
        EndPanic = "end-panic",
        /// With its client.
        EndWithClient { how: Part } = "end-with-client",
        /// After its file had been replaced.
        EndAfterReplacement { how: Part } = "end-after-replacement",
        /// Its code signature.
        EndForSignature { how: Part } = "end-for-signature",
        /// SIGKILL under memory pressure.
        EndUnderPressure { how: Part } = "end-under-pressure",
        /// A signal that anybody may have sent.
        EndBySignal { how: Part } = "end-by-signal",
        /// Exit 1.
        EndExitOne = "end-exit-one",
        /// Exit 2 of a forwarder.
        EndForwarder = "end-forwarder",
        /// Exit 2 right after the start.
        EndEarly = "end-early",
        /// Its client ended right after it.
        EndBeforeClient { why: Part } = "end-before-client",

        // Why an end is no instability.
        /// A command.
        NoChurnOneShot = "no-churn-one-shot",
        /// The telemetry process.
        NoChurnSidecar = "no-churn-sidecar",
        /// A forwarder.
        NoChurnForwarder = "no-churn-forwarder",
        /// A server of a coding agent.
        NoChurnMcp = "no-churn-mcp",
        /// A daemon that nobody used.
        NoChurnDaemonIdle = "no-churn-daemon-idle",
        /// A daemon.
        NoChurnDaemon = "no-churn-daemon",
        /// Its client ended.
        NoChurnClientEnded = "no-churn-client-ended",
        /// It has no client.
        NoChurnNoClient = "no-churn-no-client",
        /// Our own fix.
        NoChurnOwnFix = "no-churn-own-fix",
        /// Its file was replaced.
        NoChurnReplaced = "no-churn-replaced",
        /// Exit 0.
        NoChurnClean = "no-churn-clean",
        /// The machine slept.
        NoChurnSlept = "no-churn-slept",
        /// A successor decides.
        NoChurnUnknown = "no-churn-unknown",
        /// Nobody watched.
        NoChurnUnwatched = "no-churn-unwatched",

        // Restart loops and absences.
        /// Several unexplained ends.
        Loop { folder: Folder, times: Times, span: Millis, how: Part } = "loop",
        /// The same where the folder is not known.
        LoopSomewhere { times: Count, span: Millis, how: Part } = "loop-somewhere",
        /// One more after a time of recovery.
        LoopAgain { place: Place, lived: Also, how: Part } = "loop-again",
        /// After so long a life, within a sentence.
        AfterLife { lived: Millis } = "after-life",
        /// The same behind a comma.
        AfterLifeComma { lived: Millis } = "after-life-comma",
        /// All ends came in one way.
        EachTime { how: Part } = "each-time",
        /// Most ends did.
        MostTimes { some: Count, of: Count, how: Part } = "most-times",
        /// Nobody knows how they came.
        CauseUnknown = "cause-unknown",
        /// The next end is final.
        LastLife { client: Client, times: Times, place: Place, how: Option<Part> } = "last-life",
        /// A crash.
        Crashed { lived: Also, place: Place, how: Part } = "crashed",
        /// Ends by SIGKILL.
        Killed { times: Count, place: Place, how: Part } = "killed",
        /// An end for want of memory.
        KilledForMemory { place: Place, how: Part, held: Option<Bytes> } = "killed-for-memory",
        /// Its client never restarts it.
        GoneForGood { place: Place, how: Part, client: Client } = "gone-for-good",
        /// Its client has not restarted it so far.
        GoneSoFar { place: Place, how: Part, client: Client, waited: Millis } = "gone-so-far",
        /// Its client has restarted it as often as it does.
        GaveUp { place: Place, times: Times, client: Client } = "gave-up",
        /// Its client does not retry an early end.
        GaveUpAfterShortLife { place: Place, how: Part, client: Client } = "gave-up-after-short-life",
        /// It ended while it was initialised.
        GaveUpAtStart { place: Place, lived: Part, how: Part, client: Client } = "gave-up-at-start",
        /// So long after its start, within that.
        SoLong { lived: Millis } = "so-long",
        /// Right after its start.
        AtOnce = "at-once",
        /// A client that counts has not restarted it.
        GaveUpProbably { place: Place, how: Part, client: Client, waited: Millis } = "gave-up-probably",
        /// It runs again for a while.
        Recovering { place: Place, lived: Millis } = "recovering",

        // Servers and loads.
        /// Several servers on one folder.
        Crowd { client: Client, servers: Count, place: Place, bytes: Bytes, saved: Bytes } = "crowd",
        /// The same where their memory is not known.
        CrowdUnmeasured { client: Client, servers: Count, place: Place } = "crowd-unmeasured",
        /// The file of a running server was replaced.
        FileReplaced { place: Place } = "file-replaced",
        /// The file of a running server was deleted.
        FileDeleted { place: Place } = "file-deleted",
        /// A go list that works for long.
        SlowGoList { label: Verbatim, place: Place, age: Millis, usual: Option<Millis> } = "slow-go-list",
        /// A package driver that works for long.
        SlowDriver { label: Verbatim, place: Place, age: Millis, usual: Option<Millis> } = "slow-driver",
        /// A go list that does nothing.
        StuckGoList { label: Verbatim, place: Place, age: Millis, waits: Part } = "stuck-go-list",
        /// A package driver that does nothing.
        StuckDriver { label: Verbatim, place: Place, age: Millis, waits: Part } = "stuck-driver",
        /// What something waits for, as a sentence.
        WaitsFor { what: Part } = "waits-for",
        /// The same where nobody knows.
        WaitsUnknown = "waits-unknown",
        /// A load child that is left over.
        LeftOver { label: Process, place: Place } = "left-over",

        // Pressure.
        /// Descriptors of a server.
        HoldsDescriptors { who: Process, count: Measured, place: Place, share: Also, more: Option<Part> } = "holds-descriptors",
        /// The same where only a bound is known.
        HoldsDescriptorsAtMost { who: Process, count: Measured, place: Place, share: Also, more: Option<Part> } = "holds-descriptors-at-most",
        /// A share of what the process may have.
        ShareOfOwn { percent: Count } = "share-of-own",
        /// A share of what the machine may have.
        ShareOfMachine { percent: Count } = "share-of-machine",
        /// Both.
        ShareOfBoth { own: Count, machine: Count } = "share-of-both",
        /// How many more a minute.
        TakesMore { rate: Number } = "takes-more",
        /// The same, and next to none is left.
        TakesTheLast { rate: Number } = "takes-the-last",
        /// The same, and when none is left.
        TakesUntil { rate: Number, left: About } = "takes-until",
        /// A server that watches files.
        WatchesItself { who: Process, count: Measured, place: Place } = "watches-itself",
        /// A server's memory.
        UsesMemory { who: Process, bytes: Bytes, place: Place, ahead: Also } = "uses-memory",
        /// How fast it grows, and when memory runs out.
        GrowsUntil { rate: Bytes, left: About } = "grows-until",
        /// The same, and memory runs out at once.
        GrowsToTheEnd { rate: Bytes } = "grows-to-the-end",
        /// A busy server.
        UsesCpu { who: Process, cpu: Cores, place: Place, span: Millis } = "uses-cpu",
        /// A server stuck in the kernel.
        StuckInKernel { who: Process, place: Place, span: Millis, waits: Part } = "stuck-in-kernel",
        /// The machine's open files or a user's watches.
        UsedUp { count: Number, what: Gauge, percent: Count, limit: Number, holder: Also } = "used-up",
        /// Who holds most of them.
        HeldBy { who: Process, amount: Measured } = "held-by",
        /// The system's own word for memory pressure.
        PressureLevel { level: Measured, available: Also } = "pressure-level-told",
        /// How long programs waited for memory.
        PressureStall { share: Measured, available: Also } = "pressure-stall-told",
        /// What could still be given away.
        StillAvailable { bytes: Bytes } = "still-available",
        /// Spotlight while gopls runs.
        IndexingBeside { doing: Part } = "indexing-beside",
        /// Spotlight while gopls loads.
        IndexingDuringLoad { doing: Part } = "indexing-during-load",
        /// What Spotlight did: new workers.
        IndexerWorkers { births: Number } = "indexer-started-workers",
        /// Its CPU.
        IndexerCpu { cpu: Cores } = "indexer-used-cpu",
        /// Both.
        IndexerBoth { births: Number, cpu: Cores } = "indexer-did-both",
        /// The system lost file events.
        EventsLost { place: Place, how: Also } = "events-lost",
        /// What exactly, behind a colon.
        Namely { what: Part } = "namely",
        /// A translated server.
        ServerTranslated { who: Process, place: Place, why: Part } = "server-translated",
        /// Its file would run natively.
        FileHoldsNative = "file-holds-native",
        /// Its file holds nothing native.
        FileHoldsNoNative = "file-holds-no-native",
        /// Nobody knows what it holds.
        FileHoldsUnknown = "file-holds-unknown",
        /// A translated go command.
        ToolchainTranslated { label: Verbatim, who: Process, place: Place } = "toolchain-translated",
        /// A translated client.
        ClientTranslated { who: Process } = "client-translated-told",

        // Whether fixes helped.
        /// It ended again.
        EndedAgain { place: Place, later: Millis } = "ended-again",
        /// The same trouble.
        TroubleAgain { later: Millis, title: Title } = "trouble-again",
        /// Another trouble.
        TroubleNew { later: Millis, title: Title } = "trouble-new",
        /// No start came.
        AwaitsStart { place: Place, waited: Millis } = "awaits-start",
        /// What was to be ended runs.
        StillRuns { pid: Count, later: Millis } = "still-runs",
        /// The incident is still open.
        StillSo { place: Place, later: Millis, title: Title } = "still-so",
        /// It was for no problem.
        ForNoProblem { place: Place, waited: Millis } = "for-no-problem",
        /// No end since.
        NoEndSince { place: Place, waited: Millis } = "no-end-since",
        /// It has not come back.
        NotComeBack { place: Place, waited: Millis } = "not-come-back",
        /// Nobody watched.
        FixUnwatched = "fix-unwatched",
        /// The machine was restarted.
        FixRebooted = "fix-rebooted",
        /// Another fix followed.
        FixFollowed = "fix-followed",
        /// Too many followed.
        FixCrowdedOut = "fix-crowded-out",
        /// Not every step was done.
        FixNotWhole = "fix-not-whole",
        /// The editor ended.
        FixEditorEnded = "fix-editor-ended",

        // Why an incident is over.
        /// No end for so long.
        OverNoEnd { span: Millis } = "over-no-end",
        /// It has been running.
        OverRunning { span: Millis } = "over-running",
        /// It runs again.
        OverRunsAgain = "over-runs-again",
        /// Its client counts anew.
        OverCountHasRoom = "over-count-has-room",
        /// Nothing restarts it.
        OverNotRestarted = "over-not-restarted",
        /// Nothing runs there.
        OverNothingRuns = "over-nothing-runs",
        /// Nothing has run there since.
        OverNothingSince = "over-nothing-since",
        /// The server ended.
        OverServerEnded = "over-server-ended",
        /// The client ended.
        OverClientEnded = "over-client-ended",
        /// Fewer servers.
        OverFewerServers = "over-fewer-servers",
        /// The machine was restarted.
        OverRebooted = "over-rebooted",
        /// The load ended.
        OverLoadEnded = "over-load-ended",
        /// The server of the load ended.
        OverLoadLost = "over-load-lost",
        /// The load moves again.
        OverLoadMoves = "over-load-moves",
        /// A process of it was stopped.
        OverLoadStopped = "over-load-stopped",
        /// A slow load stands still.
        OverLoadStands = "over-load-stands",
        /// Fewer descriptors.
        OverFewerHeld = "over-fewer-held",
        /// Fewer open files.
        OverFewerFiles = "over-fewer-files",
        /// Fewer watches in use.
        OverFewerWatches = "over-fewer-watches",
        /// It watches fewer files.
        OverWatchesFewer = "over-watches-fewer",
        /// It grows no more.
        OverGrowsNoMore = "over-grows-no-more",
        /// It is less busy, or loads.
        OverLessBusyOrLoads = "over-less-busy-or-loads",
        /// It waits no more.
        OverWaitsNoMore = "over-waits-no-more",
        /// It is less busy.
        OverLessBusy = "over-less-busy",
        /// No events were lost for a while.
        OverNoneLost = "over-none-lost",
        /// There is memory again.
        OverMemoryAgain = "over-memory-again",
        /// The go command is native now.
        OverNativeNow = "over-native-now",
        /// A fix was undone.
        OverUndone = "over-undone",
        /// It was told for long enough.
        OverToldEnough = "over-told-enough",
        /// Too many others followed.
        OverCrowdedOut = "over-crowded-out",

        // What something comes from, as a fragment.
        /// Out of memory.
        CauseMemory { share: Also, held: Also } = "cause-memory",
        /// The limit of a group.
        CauseGroupLimit { share: Also, held: Also } = "cause-group-limit",
        /// So much at last.
        HeldAtLast { bytes: Bytes } = "held-at-last",
        /// A code signature.
        CauseSignature { share: Also } = "cause-signature",
        /// A crash with an exit code.
        CauseCrashExit { code: Count, share: Also } = "cause-crash-exit",
        /// A crash by a signal.
        CauseCrashSignal { share: Also } = "cause-crash-signal",
        /// Each of several times.
        ShareEach = "share-each",
        /// Some of several times.
        ShareSome { some: Count, all: Count } = "share-some",
        /// Unusual memory.
        CauseUnusualMemory { bytes: Bytes, usual: Bytes } = "cause-unusual-memory",
        /// What a load waits for.
        CauseWaits { what: Part } = "cause-waits",
        /// Several servers.
        CauseCrowd { servers: Count, bytes: Bytes } = "cause-crowd",
        /// Several servers, told by their incident.
        CauseSeveral = "cause-several",
        /// No descriptors left.
        CauseOutOfDescriptors { numbers: Also } = "cause-out-of-descriptors",
        /// Many descriptors.
        CauseManyDescriptors { numbers: Also } = "cause-many-descriptors",
        /// A number.
        InNumbers { count: Number } = "in-numbers",
        /// A number of a limit.
        InNumbersOf { count: Number, limit: Number } = "in-numbers-of",
        /// The value of a gauge.
        InMeasure { value: Measured } = "in-measure",
        /// Bytes.
        InBytes { bytes: Bytes } = "in-bytes",
        /// It watches files.
        CauseWatches { value: Also } = "cause-watches",
        /// Its memory kept growing.
        CauseGrowth { bytes: Also } = "cause-growth",
        /// It was busy.
        CauseBusy { value: Also } = "cause-busy",
        /// It waited for a disk.
        CauseDisk = "cause-disk",
        /// It is translated.
        CauseTranslated = "cause-translated",
        /// Its go command is translated.
        CauseTranslatedToolchain = "cause-translated-toolchain",
        /// The machine's open files.
        CauseFileTable { numbers: Also } = "cause-file-table",
        /// A user's watches.
        CauseWatchLimit { numbers: Also } = "cause-watch-limit",
        /// The machine's memory.
        CauseMachineMemory { detail: Also } = "cause-machine-memory",
        /// The system's word for that.
        InPressure { level: Measured } = "in-pressure",
        /// How long programs waited for it.
        InStall { share: Measured } = "in-stall",
        /// Spotlight.
        CauseSpotlight { detail: Also } = "cause-spotlight",
        /// New workers of it.
        InWorkers { births: Measured } = "in-workers",
        /// A leftover load.
        CauseLeftOver { pid: Count } = "cause-left-over",
        /// The system ended it.
        CauseEndedForMemory = "cause-ended-for-memory",

        // What can be done.
        /// The client's own command.
        RunInClient { client: Name, command: Verbatim, before: Also } = "run-in-client",
        /// What older versions of the client take instead.
        TypedBefore { version: Verbatim, command: Verbatim } = "typed-before",
        /// Ask a server to end.
        AsksToEnd { who: Process, cost: Part } = "asks-to-end",
        /// End by force.
        EndsByForce { who: Process, waited: Millis, cost: Part } = "ends-by-force",
        /// End what is left over.
        EndsLeftOver { who: Process } = "ends-left-over",
        /// Nothing waits for it.
        NobodyWaits = "nobody-waits",
        /// Have it write what it does.
        WritesDump { who: Process, log: Client, cost: Part } = "writes-dump",
        /// Stop one of several.
        StopsDuplicate { who: Process, client: Name, other: Process, folder: Folder } = "stops-duplicate",
        /// Show a folder.
        ShowsFolder { folder: Folder } = "shows-folder",
        /// Tell nothing of a folder.
        MutesFolder { folder: Folder } = "mutes-folder",
        /// What an end costs: a coding agent is without.
        CostMcp { client: Name } = "cost-mcp",
        /// Nothing: it is restarted.
        CostNothing { client: Name } = "cost-nothing",
        /// It is restarted; so many restarts are left after it.
        CostLife { client: Name, left: Count } = "cost-life",
        /// It is not restarted any more.
        CostNoneLeft { client: Name } = "cost-none-left",
        /// It is taken for a failed start.
        CostTooSoon { client: Name } = "cost-too-soon",
        /// It is never restarted.
        CostNeverRestarts { client: Name } = "cost-never-restarts",
        /// Nobody knows.
        CostUnknown { client: Name } = "cost-unknown",
        /// Nobody is there that could restart it.
        CostWithoutClient = "cost-without-client",
        /// A setting that turns the watcher off.
        SetsWatcherOff { client: Name } = "sets-watcher-off",
        /// A setting that polls.
        SetsPolling { client: Name } = "sets-polling",
        /// A setting that excludes folders.
        SetsFilters { client: Name } = "sets-filters",
        /// A setting that limits memory.
        SetsMemoryLimit { client: Name } = "sets-memory-limit",
        /// One shared server.
        SharesServer { servers: Count, bytes: Bytes, client: Name } = "shares-server",
        /// A command for root.
        RaisesLimit { command: Verbatim, limit: Count, setting: Verbatim } = "raises-limit",

        // What this machine lets us see, and why something is not known.
        // The table of processes.
        /// The table was proved.
        TableProved = "table-proved",
        /// So many are listed.
        TableListed { count: Count } = "table-listed",
        /// It lists others only.
        TableWithoutUs = "table-without-us",
        /// The same on macOS.
        TableWithoutThis = "table-without-this",
        /// It lists nothing.
        TableEmpty = "table-empty",
        /// It cannot be read.
        TableUnread { why: Verbatim } = "table-unread",
        /// macOS refuses it.
        TableRefused { first: Part, second: Part } = "table-refused",
        /// It can be read again.
        TableReadAgain = "table-read-again",
        /// There is no table at all.
        NoProc { error: Verbatim } = "no-proc",
        /// A defect of ours.
        NoEventLoop = "no-event-loop",
        /// No end could be waited for.
        NoEventDelivery { error: Verbatim } = "no-event-delivery",
        /// No call of macOS answers.
        NoAnswers { refusals: Part } = "no-answers",
        /// Why not by one of several ways.
        OneOfSeveral { one: Verbatim, why: Part, more: Also } = "one-of-several",
        /// One more of several, behind a semicolon.
        SemicolonThen { what: Part } = "semicolon-then",
        /// It answers for another user.
        OtherUser = "other-user",
        /// Processes cannot be told apart.
        NoIdentity = "no-identity",
        // What was proved at the start.
        /// Every process has an id of its own.
        IdentityUnique = "identity-unique",
        /// It has none.
        IdentityByStart { why: Part } = "identity-by-start",
        /// The usual clock.
        ClockMach = "clock-mach",
        /// Another one.
        ClockRaw = "clock-raw",
        /// None that counts sleep.
        ClockSinceStart = "clock-since-start",
        /// Arguments can be read.
        ArgumentsProved = "arguments-proved",
        /// They cannot.
        ArgumentsUnreadable = "arguments-unreadable",
        /// The same on macOS.
        ArgumentsRefused { why: Part } = "arguments-refused",
        /// We have none, as macOS has it.
        NoArguments = "no-arguments",
        /// The path of an executable is told.
        PathProved = "path-proved",
        /// It is not.
        PathRefused { why: Part } = "path-refused",
        /// It is that of another file.
        PathOfAnother = "path-of-another",
        /// What a process uses is told.
        UsageProved = "usage-proved",
        /// The same without its disk.
        UsageWithoutDisk = "usage-without-disk",
        /// It is not told.
        UsageRefused { why: Part } = "usage-refused",
        /// Its CPU time is wrong.
        CpuNotTrue = "cpu-not-true",
        /// Working folders are told.
        FolderProved = "folder-proved",
        /// They are not.
        FolderRefused { why: Part } = "folder-refused",
        /// Whether a process is translated is told.
        TranslationProved = "translation-proved",
        /// It is not.
        TranslationRefused { why: Part } = "translation-refused",
        /// What a process reads and writes is told.
        IoProved = "io-proved",
        /// It is not.
        IoUntold = "io-untold",
        /// Kills for memory are counted.
        KillsProved = "kills-proved",
        /// They are not.
        KillsUncounted = "kills-uncounted",
        /// The same within a group.
        GroupKillsProved = "group-kills-proved",
        /// They are not.
        GroupKillsUnread = "group-kills-unread",
        /// Waits for memory are measured.
        StallProved = "stall-proved",
        /// They are not.
        StallUnmeasured = "stall-unmeasured",
        /// Threads that wait in the kernel are seen.
        BlockedProved = "blocked-proved",
        /// They are not.
        BlockedUnread = "blocked-unread",
        /// The same on macOS.
        ThreadsProved = "threads-proved",
        /// They are not.
        ThreadsRefused { why: Part } = "threads-refused",
        /// Descriptors are counted for nothing.
        DescriptorsAtOnce = "descriptors-at-once",
        /// They are not.
        DescriptorsByList = "descriptors-by-list",
        /// Descriptors can be listed.
        DescriptorsListed { count: Count, bound: Count } = "descriptors-listed",
        /// They cannot.
        DescriptorsUncounted { why: Part } = "descriptors-uncounted",
        /// The count is above its bound.
        TableTooFull { bound: Count, count: Count } = "table-too-full",
        /// An open file is not in the list.
        OpenFileUnlisted = "open-file-unlisted",
        /// File watches can be counted.
        WatchesProved = "watches-proved",
        /// They cannot.
        WatchesUncounted = "watches-uncounted",
        /// None was given to us.
        WatchRefused { error: Verbatim } = "watch-refused",
        /// The same on macOS.
        QueueProved = "queue-proved",
        /// They are counted wrong.
        QueueMiscounted { count: Count } = "queue-miscounted",
        /// They cannot be counted.
        WatchesUnknown { why: Part } = "watches-unknown",
        /// It could not be proved.
        WatchesUnproved { why: Part } = "watches-unproved",
        /// Something could not be proved.
        NotProved { why: Part } = "not-proved",
        /// A file for a test.
        FileNotOpened { file: Verbatim, error: Verbatim } = "file-not-opened",
        /// A watch for a test.
        TestFileUnwatched { why: Part } = "test-file-unwatched",
        /// The machine's open files are counted.
        FileTableProved { open: Count, limit: Count } = "file-table-proved",
        /// They are not.
        FileTableUnknown { why: Part } = "file-table-unknown",
        /// There are more than there can be.
        FileTableNotTrue { open: Count, limit: Count } = "file-table-not-true",
        /// There is no count.
        FilesUncounted = "files-uncounted",
        // Whether ends are reported, and how they came.
        /// Linux reports ends.
        EndsByPidfd = "ends-by-pidfd",
        /// It does not.
        EndsUnreported = "ends-unreported",
        /// It could not be proved.
        EndsUntested = "ends-untested",
        /// macOS reports ends.
        EndsReported = "ends-reported",
        /// It does not.
        EndsByLook { why: Part } = "ends-by-look",
        /// It refuses to.
        EndsAtNextLook { why: Part } = "ends-at-next-look",
        /// It could not be proved.
        EndsUnproved { why: Part } = "ends-unproved",
        /// Of others it does not.
        ForeignEndUnreported = "foreign-end-unreported",
        /// It takes too long.
        EndUnreportedInTime = "end-unreported-in-time",
        /// There was nothing to test with.
        TestNotStarted { error: Verbatim } = "test-not-started",
        /// The same.
        TestSaidNothing = "test-said-nothing",
        /// Not every end is reported.
        EndsPartly { why: Part } = "ends-partly",
        /// Every end is again.
        EndsWatchedAgain = "ends-watched-again",
        /// We may open no more.
        DescriptorsSpent { allowed: Count } = "descriptors-spent",
        /// Nothing can wait for events.
        NoEventThread { error: Verbatim } = "no-event-thread",
        /// It failed.
        EventQueueFailed { why: Part } = "event-queue-failed",
        /// It ended.
        EventThreadEnded = "event-thread-ended",
        /// Exit statuses can be read.
        StatusProved = "status-proved",
        /// They cannot.
        StatusUnread = "status-unread",
        /// Also of what was reaped.
        ReapedProved = "reaped-proved",
        /// Not of what was reaped.
        ReapedUntold = "reaped-untold",
        /// Whose end it was: ours.
        OwnChild = "own-child",
        /// Somebody else's.
        NotOurChild = "not-our-child",
        /// macOS reports it.
        StatusReported { whose: Part } = "status-reported",
        /// It reports another.
        StatusWrong { whose: Part, how: Part } = "status-wrong",
        /// It reports none.
        StatusHidden { whose: Part, why: Part } = "status-hidden",
        /// It reports none of others.
        StatusHiddenOfOthers { why: Part } = "status-hidden-of-others",
        /// It did not come.
        StatusNotReported { whose: Part } = "status-not-reported",
        // Why nobody says how a process ended.
        /// It was gone when its gopls ended.
        FoundGone = "found-gone",
        /// It was gone at the next look.
        Vanished = "vanished",
        /// The system did not report it.
        NotReported = "not-reported",
        /// It was too short.
        EndedUnwatched = "ended-unwatched",
        /// Nobody was there.
        EndedUnseen = "ended-unseen",
        /// Somebody was faster.
        ReapedTooSoon = "reaped-too-soon",
        /// macOS withholds it.
        StatusNotGranted = "status-not-granted",
        /// A number that is no end.
        StatusOfNoEnd { status: Verbatim } = "status-of-no-end",
        /// No event came.
        EndedWithoutEvent = "ended-without-event",
        /// The watch was closed.
        WatchClosed = "watch-closed",
        // What a process waits for, as a fragment behind "it waits for".
        /// Another process.
        WaitsForProcess { name: Name, pid: Count, on: Also } = "waits-for-process",
        /// What that one waits for.
        WhichWaits { on: Part } = "which-waits",
        /// The other end of a connection.
        AnswerFrom { peer: Verbatim } = "answer-from",
        /// The connection itself.
        ConnectionTo { peer: Verbatim } = "connection-to",
        /// A file of another machine.
        FileOnNetwork { path: Verbatim, kind: Verbatim } = "file-on-network",
        /// A file that another program provides.
        FileOfProgram { path: Verbatim, kind: Verbatim } = "file-of-program",
        /// Another file.
        FileOnDisk { path: Verbatim, kind: Verbatim } = "file-on-disk",
        /// A file on nobody knows what.
        FileSomewhere { path: Verbatim } = "file-somewhere",
        /// A place in the kernel: FUSE.
        PlaceFuse = "place-fuse",
        /// A place in the kernel: NFS.
        PlaceNfs = "place-nfs",
        /// A place in the kernel: SMB.
        PlaceSmb = "place-smb",
        /// A place in the kernel: 9p.
        PlaceNineP = "place-nine-p",
        /// A place in the kernel: Ceph.
        PlaceCeph = "place-ceph",
        /// A place in the kernel: a journal.
        PlaceJournal = "place-journal",
        /// A place in the kernel: a frozen file system.
        PlaceFrozen = "place-frozen",
        /// A place in the kernel: a disk.
        PlaceDisk = "place-disk",
        /// A place in the kernel: a fork.
        PlaceFork = "place-fork",
        /// A place in the kernel: a lock.
        PlaceLock = "place-lock",
        /// A place that nobody has named.
        KernelSaysOnly { function: Verbatim } = "kernel-says-only",
        /// The kernel withholds it.
        KernelSilent = "kernel-silent",
        /// macOS withholds it.
        ThreadSilent = "thread-silent",
        // How file events were lost, and why that is not heard.
        /// The kernel dropped them.
        KernelDropped = "kernel-dropped",
        /// A listener was slow.
        ListenerTooSlow = "listener-too-slow",
        /// A queue was full.
        QueueRanOver = "queue-ran-over",
        /// macOS merged them.
        EventsMerged = "events-merged",
        /// No folder is named.
        LossUnnamed = "loss-unnamed",
        /// Nobody works in one.
        LossIdle = "loss-idle",
        /// Where they are heard.
        LossHeard { folders: Part } = "loss-heard",
        /// Where they are not.
        LossUnheard { folder: Verbatim, why: Part, more: Also } = "loss-unheard",
        /// Folders one after another.
        FolderList { folder: Verbatim, more: Also } = "folder-list",
        /// One more of several, behind a comma.
        CommaThen { what: Part } = "comma-then",
        /// There is no thread for it.
        NoThreadToListen { error: Verbatim } = "no-thread-to-listen",
        /// There are no watches for it.
        NoWatchesLeft = "no-watches-left",
        /// There is no folder.
        FolderAbsent = "folder-absent",
        /// It would take too many watches.
        TooManyFolders { most: Count } = "too-many-folders",
        /// There is no such thing.
        NoFsEvents = "no-fs-events",
        // What the agent can do.
        /// A defect of ours.
        PartFailed = "part-failed",
        /// A defect of ours.
        ListeningFailed = "listening-failed",
        /// The agent ends.
        NobodyLeft = "nobody-left",
        /// Commands are answered.
        SocketOpen { path: Verbatim } = "socket-open",
        /// They are not.
        SocketFailed { why: Part } = "socket-failed",
        /// Nothing could be opened.
        NoSocket { why: Part } = "no-socket",
        /// Somebody removed it.
        SocketRemoved = "socket-removed",
        /// The config file is watched.
        ConfigWatched = "config-watched",
        /// It is not.
        ConfigUnwatched { why: Part } = "config-unwatched",
        /// There are no watches for it.
        NoWatchesFor { path: Verbatim } = "no-watches-for",
        /// There are no descriptors for it.
        NoFilesFor { path: Verbatim } = "no-files-for",
        /// There is no thread for it.
        NoThreadFor { path: Verbatim, error: Verbatim } = "no-thread-for",
        /// There is no folder yet.
        NoFolderOf { path: Verbatim } = "no-folder-of",
        /// Anything else.
        NotWatchable { path: Verbatim, why: Part } = "not-watchable",
        /// A path that begins nowhere.
        PathNotWhole = "path-not-whole",
        /// It is not.
        HistoryLost { folder: Verbatim, error: Verbatim, advice: Part } = "history-lost",
        /// Another one writes it.
        HistoryOfAnother { folder: Verbatim } = "history-of-another",
        /// What helps: space.
        FreeSpace = "free-space",
        /// A permission.
        MakeWritable = "make-writable",
        /// A file stands there.
        MoveAway = "move-away",
        /// The error tells.
        SeeError = "see-error",
        // The icon and notifications.
        /// Nobody wants them.
        NoTrayWanted = "no-tray-wanted",
        /// A defect of ours.
        TrayFailed = "tray-failed",
        /// There are no descriptors.
        TrayWithoutDescriptors = "tray-without-descriptors",
        /// A panel has the icon.
        IconTaken = "icon-taken",
        /// There is no bus.
        IconWithoutBus { why: Part } = "icon-without-bus",
        /// Nobody takes icons.
        IconWithoutWatcher = "icon-without-watcher",
        /// Nobody shows it.
        IconWithoutHost = "icon-without-host",
        /// It is tried again.
        IconFailed { what: Part } = "icon-failed",
        /// What failed: the menu.
        MenuUnchanged { error: Verbatim } = "menu-unchanged",
        /// The panel.
        IconRefused { error: Verbatim } = "icon-refused",
        /// The library.
        IconUnmade { why: Part } = "icon-unmade",
        /// A defect of a library.
        LibraryFailed = "library-failed",
        /// Why there is no bus.
        BusSilent = "bus-silent",
        /// It ended.
        BusEnded = "bus-ended",
        /// It is silent.
        BusMute = "bus-mute",
        /// Nothing to notify by.
        NotesWithoutBus { why: Part } = "notes-without-bus",
        /// They are shown.
        NotesWithButtons = "notes-with-buttons",
        /// The same on a plain desktop.
        NotesWithoutButtons = "notes-without-buttons",
        /// Nobody shows them.
        NotesUnanswered { why: Part } = "notes-unanswered",
        /// macOS has the icon.
        IconInMenuBar = "icon-in-menu-bar",
        /// It has none.
        NoIcon { why: Part } = "no-icon",
        /// Something of a desktop is missing.
        NoDesktopPart { name: Verbatim } = "no-desktop-part",
        /// There is no screen.
        NoScreen = "no-screen",
        /// Nobody knows.
        SessionUnknown { error: Verbatim } = "session-unknown",
        /// A defect of ours.
        NotMainThread = "not-main-thread",
        /// A defect of ours.
        SurfaceFailed = "surface-failed",
        /// There is no thread for it.
        NoSurfaceThread { error: Verbatim } = "no-surface-thread",
        /// There is no picture.
        PictureFailed = "picture-failed",
        /// The menu bar refuses it.
        MenuBarRefused { error: Verbatim } = "menu-bar-refused",
        /// There is nobody to notify.
        NotesUnseen { why: Part } = "notes-unseen",
        /// We are no app.
        NotesOfNoApp { why: Part } = "notes-of-no-app",
        /// We belong to another app.
        PartOfAnother { bundle: Verbatim } = "part-of-another",
        /// We belong to none.
        NotInApp = "not-in-app",
        /// We are another program of it.
        NotProgramOfApp = "not-program-of-app",
        /// They are shown.
        NotesAllowed = "notes-allowed",
        /// One was refused.
        NoteRefused { refusal: Verbatim } = "note-refused",
        /// They are not shown.
        NotesOff { why: Part } = "notes-off",
        /// The user did not answer.
        AskedInVain = "asked-in-vain",
        /// The user turned them off.
        TurnedOff = "turned-off",
        /// The user said no.
        NotPermitted = "not-permitted",
        // Why something is not known.
        /// A call of the system.
        CallRefused { call: Verbatim, why: Part } = "call-refused",
        /// What it said: there is no process.
        ProcessGone = "process-gone",
        /// Nothing.
        NoErrorNumber = "no-error-number",
        /// Too little.
        AnswerOfSize { got: Count, want: Count } = "answer-of-size",
        /// Nonsense.
        AnswerNotTrue = "answer-not-true",
        /// A value that there is not.
        AnsweredWith { value: Verbatim } = "answered-with",
        /// CPU times that cannot be.
        CpuTimesNotTrue = "cpu-times-not-true",
        /// It has ended.
        HasEnded = "has-ended",
        /// It is never signalled.
        PidOfSystem { pid: Count } = "pid-of-system",
        /// It is never signalled.
        PidOfOurs = "pid-of-ours",
        /// There is no such process.
        NoPid { number: Count } = "no-pid",
        /// Nobody can take hold of it.
        NotHeld { why: Part } = "not-held",
        /// A look at it failed.
        LookFailed { error: Verbatim } = "look-failed",
        /// A signal was not sent.
        SignalRefused { signal: Verbatim, why: Part } = "signal-refused",
        /// Nobody knows its client.
        ClientUnknown = "client-unknown",
        /// Its control group is outside of what can be seen from here.
        GroupOutOfSight = "group-out-of-sight",
        /// It is a zombie.
        EndedUnreaped = "ended-unreaped",
        /// It cannot be looked at.
        NotLookedAt { error: Verbatim } = "not-looked-at",
        /// A file of it.
        ProcFileUnread { file: Verbatim, error: Verbatim } = "proc-file-unread",
        /// Its descriptors.
        DescriptorsUnread { error: Verbatim } = "descriptors-unread",
        /// Its watches.
        WatchesUnread { error: Verbatim } = "watches-unread",
        /// Its threads.
        ThreadsUnlisted { error: Verbatim } = "threads-unlisted",
        /// It has too many.
        TooManyThreads { most: Count } = "too-many-threads",
        /// Its program.
        ExecutableUnread { error: Verbatim } = "executable-unread",
        /// The same.
        ExecutableUnseen { error: Verbatim } = "executable-unseen",
        /// It is no program of a known kind.
        ExecutableOdd { why: Part } = "executable-odd",
        /// The user would be asked.
        ExecutableGuarded { folder: Verbatim } = "executable-guarded",
        /// It is no file.
        ExecutableNoFile = "executable-no-file",
        /// It may be another file.
        ExecutableYounger = "executable-younger",
        /// Nobody knows where it is.
        PathIncomplete = "path-incomplete",
        /// A file on disk.
        ProgramUnread { error: Verbatim } = "program-unread",
        /// It is none that runs.
        NotRunnable = "not-runnable",
        /// It is of no known kind.
        NotElf = "not-elf",
        /// A file without a header.
        MachoShort = "macho-short",
        /// Half a header.
        MachoHeaderCut = "macho-header-cut",
        /// Half a table.
        MachoTableCut = "macho-table-cut",
        /// An empty table.
        MachoTableEmpty = "macho-table-empty",
        /// Another kind of file with the same mark.
        MachoJava = "macho-java",
        /// A script.
        MachoScript = "macho-script",
        /// Anything else.
        NotMacho = "not-macho",
        /// A processor without a name.
        UnknownCpu { number: Verbatim } = "unknown-cpu",
        /// Nobody says when it started.
        StartUntold = "start-untold",
        /// Nobody can say.
        ClockWasSet = "clock-was-set",
        /// Nobody says where it works.
        NoFolderNamed = "no-folder-named",
        /// They are cut off.
        ArgumentsTooShort { got: Count } = "arguments-too-short",
        /// Their number cannot be.
        ArgumentsMiscounted { count: Verbatim } = "arguments-miscounted",
        /// Its arguments are no such thing.
        ArgumentsWithoutPath = "arguments-without-path",
        /// The same.
        FolderNotWhole = "folder-not-whole",
        /// It works nowhere.
        WorksInRoot = "works-in-root",
        /// The same.
        WorksInHome = "works-in-home",
        /// A number that no process has.
        NoSuchNumber = "no-such-number",
        /// A limit.
        LimitUntold = "limit-untold",
        /// Its part of memory.
        ShareUntold = "share-untold",
        /// A count that costs too much.
        CountIsDear = "count-is-dear",
        /// A gauge without holders.
        NobodyHolds { gauge: Gauge } = "nobody-holds",
        /// The same on macOS.
        NotOfUsers { gauge: Gauge } = "not-of-users",
        /// Nobody answered.
        NoneAnswered { asked: Count } = "none-answered",
        /// Another system has it.
        SpotlightElsewhere = "spotlight-elsewhere",
        /// A file of the system.
        SystemFileUnread { file: Verbatim } = "system-file-unread",
        /// The machine's memory.
        MemoryUnread { error: Verbatim } = "memory-unread",
        /// A limit of watches.
        WatchLimitUntold = "watch-limit-untold",
        /// How long programs wait.
        StallUntold = "stall-untold",
        /// An answer is still awaited.
        AskedBefore = "asked-before",
        /// Many are.
        TooManyAsked { count: Count } = "too-many-asked",
        /// It did not come.
        NoAnswerInTime = "no-answer-in-time",
        /// It will not come.
        QuestionBroke = "question-broke",
        /// There is no thread to ask.
        NoThreadToAsk { error: Verbatim } = "no-thread-to-ask",
        /// What Spotlight uses: ps.
        PsBroke = "ps-broke",
        /// There is no thread to ask it.
        PsUnasked { error: Verbatim } = "ps-unasked",
        /// It does not start.
        PsNotStarted { error: Verbatim } = "ps-not-started",
        /// Nobody says how it ended.
        PsEndUntold { error: Verbatim } = "ps-end-untold",
        /// It failed.
        PsRefused { status: Verbatim } = "ps-refused",
        /// It has no output.
        PsMute = "ps-mute",
        /// There is no thread to read that.
        PsUnheard { error: Verbatim } = "ps-unheard",
        /// It cannot be read.
        PsUnread { error: Verbatim } = "ps-unread",
        /// It broke off.
        PsLost = "ps-lost",
        /// It takes too long.
        PsSlow = "ps-slow",
        /// It prints something else.
        PsOdd { lines: Count } = "ps-odd",
        /// It prints nothing of use.
        PsEmpty = "ps-empty",
        /// It is not asked.
        AskerMightWait = "asker-might-wait",
        /// What it reads and writes.
        IoNotTold = "io-not-told",
        /// A daemon has no client of its own.
        ManyClients = "many-clients",
        /// And no folder.
        ManyFolders = "many-folders",
        /// Neither has the telemetry process.
        SidecarWithoutFolder = "sidecar-without-folder",
        /// There is no parent to ask.
        ParentEnded = "parent-ended",
        /// There is no client any more.
        ClientEnded = "client-ended",
        /// An old recording.
        NotRecorded = "not-recorded",
        /// An old agent.
        NotTold = "not-told",
        /// No fact was about it.
        NobodyTold = "nobody-told",
        /// We do not see ourselves.
        OwnUnseen = "own-unseen",
        /// Not yet.
        NotMeasured = "not-measured",
        /// Not for long enough.
        NotMeasuredFor = "not-measured-for",

        // Why the number of restarts that are left is not known.
        /// It looks at the last life only.
        LivesByLength { seconds: Count } = "lives-by-length",
        /// Nobody has read the client.
        LivesUnread = "lives-unread",
        /// No language server of its own.
        LivesOfNoServer = "lives-of-no-server",
        /// It has no client.
        LivesWithoutClient = "lives-without-client",

        // Why an intent cannot be followed.
        /// A time of zero.
        TimeIsZero = "time-is-zero",
        /// A time of more than a year.
        TimeTooLong = "time-too-long",
        /// No such incident.
        NoSuchIncident { incident: Verbatim } = "no-such-incident",
        /// It is not snoozed.
        NotSnoozed { incident: Verbatim } = "not-snoozed",
        /// Not a whole path.
        NoWholePath = "no-whole-path",
        /// Too many muted folders.
        TooManyMuted { most: Count } = "too-many-muted",
        /// It is not muted.
        NotMuted { folder: Verbatim } = "not-muted",
        /// A fix without a receipt.
        NoReceipt = "no-receipt",

        // What the agent says of itself.
        /// One thing and another.
        Several { first: Part, more: Part } = "several",
        /// What is said of a part.
        OfPart { text: Part, of: Verbatim } = "of-part",

        // Of its config.
        /// Keys that nobody knows.
        ConfigMeansNothing { file: Verbatim } = "config-means-nothing",
        /// It does not apply.
        ConfigIsBroken { file: Verbatim, stays: Part } = "config-is-broken",
        /// It cannot be read.
        ConfigIsUnreadable { file: Verbatim, stays: Part } = "config-is-unreadable",
        /// What applies then.
        ConfigOfBefore = "config-of-before",
        /// What applies then, if nothing was said before.
        ConfigDefaults = "config-defaults",
        /// It changed.
        ConfigWasRead = "config-was-read",
        /// A problem with its line.
        ConfigAtLine { line: Count, problem: Part } = "config-at-line",
        /// A problem with its line and column.
        ConfigAtPlace { line: Count, column: Count, problem: Part } = "config-at-place",
        /// A problem, and what was probably meant.
        ConfigMeant { problem: Part, meant: Verbatim } = "config-meant",
        /// Those that are not named.
        ConfigMoreProblems { n: Count } = "config-more-problems",
        /// What the reader of TOML says.
        ConfigNoToml { why: Verbatim } = "config-no-toml",
        /// A key outside of sections.
        ConfigUnknownKey { key: Verbatim } = "config-unknown-key",
        /// A key of a section.
        ConfigUnknownKeyIn { key: Verbatim, section: Verbatim } = "config-unknown-key-in",
        /// A value where a section belongs.
        ConfigNoSection { key: Verbatim, section: Verbatim, found: Part } = "config-no-section",
        /// No truth value.
        ConfigNoTruth { key: Verbatim, found: Part } = "config-no-truth",
        /// A text that is none of those that there are.
        ConfigNoneOf { key: Verbatim, known: Verbatim, found: Verbatim } = "config-none-of",
        /// No text.
        ConfigNoText { key: Verbatim, known: Verbatim, found: Part } = "config-no-text",
        /// A number that is too large or too small.
        ConfigOutOfRange { key: Verbatim, least: Verbatim, most: Verbatim, found: Verbatim } = "config-out-of-range",
        /// No number.
        ConfigNoNumber { key: Verbatim, least: Verbatim, most: Verbatim, found: Part } = "config-no-number",
        /// No list.
        ConfigNoList { key: Verbatim, example: Verbatim, found: Part } = "config-no-list",
        /// A list that is too long.
        ConfigLongList { key: Verbatim, most: Count, n: Count } = "config-long-list",
        /// A list of other things.
        ConfigMixedList { key: Verbatim, found: Part } = "config-mixed-list",
        /// One value against another.
        ConfigSuspectAboveLoop { low: Verbatim, high: Verbatim, suspect: Count, loops: Count } = "config-suspect-above-loop",
        /// A folder that depends on where one is.
        ConfigNoFolder { key: Verbatim, folder: Verbatim } = "config-no-folder",
        /// What was found instead.
        ConfigText = "config-text",
        /// What was found instead.
        ConfigNumber = "config-number",
        /// What was found instead.
        ConfigDecimal = "config-decimal",
        /// What was found instead.
        ConfigTruth = "config-truth",
        /// What was found instead.
        ConfigDate = "config-date",
        /// What was found instead.
        ConfigList = "config-list",
        /// What was found instead.
        ConfigSection = "config-section",
        /// What stands at the path.
        FileLinkLeadsNowhere { target: Verbatim } = "file-link-leads-nowhere",
        /// What stands at the path.
        FileIsFolder = "file-is-folder",
        /// What stands at the path.
        FileIsNotPlain = "file-is-not-plain",
        /// What stands at the path.
        FileTooLarge { mebibytes: Count } = "file-too-large",
        /// What stands at the path.
        FileBelowFile = "file-below-file",
        /// What stands at the path.
        FileLinksInCircle = "file-links-in-circle",
        /// What stands at the path.
        FileDenied = "file-denied",
        /// What stands at the path.
        FileNoUtf8 = "file-no-utf8",

        // Of its history.
        /// All is well.
        HistoryIsKept = "history-is-kept",
        /// At the start.
        HistoryTornLine = "history-torn-line",
        /// A full disk.
        HistoryDropped { part: Verbatim } = "history-dropped",
        /// At the start.
        HistoryUnread { folder: Verbatim, error: Verbatim } = "history-unread",
        /// At the start.
        HistoryNotToEnd { part: Verbatim, wrong: Part, known: Part } = "history-not-to-end",
        /// From where it goes on.
        HistoryKnowsNothing = "history-knows-nothing",
        /// From where it goes on.
        HistoryKnowsBefore = "history-knows-before",
        /// What is wrong with a part.
        HistoryJudgingFailed = "history-judging-failed",
        /// What is wrong with a part.
        HistoryNoCheckpoint { why: Part } = "history-no-checkpoint",
        /// What is wrong with a part.
        HistoryBlank { why: Part } = "history-blank",
        /// What is wrong with a part.
        HistoryLeftOut { why: Part } = "history-left-out",
        /// What is wrong with a part.
        HistoryAsItIs { why: Part } = "history-as-it-is",
        /// It cannot be read.
        HistoryFolderUnread { folder: Verbatim, error: Verbatim } = "history-folder-unread",
        /// It cannot be written elsewhere.
        HistoryExportFailed { error: Verbatim } = "history-export-failed",
        /// At the end.
        HistoryNotOnDisk { error: Verbatim } = "history-not-on-disk",
        /// What a listener missed.
        HistoryOlderLeftOut { n: Count } = "history-older-left-out",
        /// What was asked for is not on the disk.
        HistoryForgets { why: Part } = "history-forgets",

        // What is wrong with a recording.
        /// It is something else.
        RecordingForeign = "recording-foreign",
        /// A newer program wrote it.
        RecordingNewer { version: Verbatim, schema: Count, most: Count } = "recording-newer",
        /// A line is not an input.
        RecordingBadLine { line: Count, why: Part } = "recording-bad-line",
        /// Why not.
        RecordingLineTooLong { most: Count } = "recording-line-too-long",
        /// Why not.
        RecordingNotRising { number: Verbatim, last: Verbatim } = "recording-not-rising",
        /// Why not.
        RecordingNoHeader = "recording-no-header",

        // Of its parts and its budget.
        /// For the log.
        AgentBegins { version: Verbatim, pid: Count } = "agent-begins",
        /// For the log.
        AgentEnds = "agent-ends",
        /// For the log: an incident is over.
        AgentOver { because: Part } = "agent-over",
        /// What is over budget.
        AgentOverCpu { permille: Count, pace: Count, more: Option<Part> } = "agent-over-cpu",
        /// What is over budget.
        AgentOverMemory { bytes: Bytes, above: Bytes } = "agent-over-memory",
        /// All is well.
        AgentWithinBudget = "agent-within-budget",
        /// The engine does not answer.
        AgentNotWatching = "agent-not-watching",
        /// The engine failed.
        AgentBlind { why: Part, seconds: Count } = "agent-blind",
        /// Why it failed.
        AgentFailed { how: Verbatim } = "agent-failed",
        /// Why it failed.
        AgentFailedSomehow = "agent-failed-somehow",
        /// At the start.
        AgentLockUnusable { path: Verbatim, error: Part } = "agent-lock-unusable",
        /// Another agent.
        AgentHolds { pid: Verbatim, since: Verbatim } = "agent-holds",
        /// Another agent.
        AgentUnnamed = "agent-unnamed",
        /// Another agent.
        AgentAnswersAt { path: Verbatim } = "agent-answers-at",
        /// It cannot be served.
        SocketDeaf { error: Verbatim } = "socket-deaf",
        /// Why not in a folder.
        SocketPathTooLong { most: Count } = "socket-path-too-long",
        /// Why not in a folder.
        SocketIsTaken = "socket-is-taken",
        /// Why not in a folder.
        FolderOfOthers = "folder-of-others",
        /// Why it is not asked.
        SocketOfOthers = "socket-of-others",

        // What it answers to those who ask.
        /// No such address.
        AnswerNothingHere { path: Verbatim } = "answer-nothing-here",
        /// No such method.
        AnswerNotSo { path: Verbatim } = "answer-not-so",
        /// The engine does not answer.
        AnswerBusy { path: Verbatim } = "answer-busy",
        /// No text.
        AnswerNoIncidentName = "answer-no-incident-name",
        /// None is open.
        AnswerNoIncident { incident: Verbatim, path: Verbatim } = "answer-no-incident",
        /// One reads it at a time.
        AnswerHistoryTaken = "answer-history-taken",
        /// A defect.
        AnswerHistoryFailed = "answer-history-failed",
        /// An argument.
        AnswerNoMoment { name: Verbatim, example: Verbatim } = "answer-no-moment",
        /// What the reader of requests says.
        AnswerSentence { text: Verbatim } = "answer-sentence",
        /// A body.
        AnswerTooLong { most: Count } = "answer-too-long",
        /// A body.
        AnswerUnreadable { error: Verbatim } = "answer-unreadable",
        /// A body.
        AnswerTooLate = "answer-too-late",
        /// A body.
        AnswerNoIntent { error: Verbatim } = "answer-no-intent",
        /// Where to go on from.
        AnswerNoEvent { id: Verbatim } = "answer-no-event",
        /// Listeners.
        AnswerTooMany { most: Count } = "answer-too-many",

        // Why it does not answer.
        /// Nobody listens.
        AskNobody = "ask-nobody",
        /// It takes no connections.
        AskBusy { error: Part } = "ask-busy",
        /// Something stands in the way.
        AskBarred { error: Part } = "ask-barred",
        /// Nothing that can be read came.
        AskUnanswered { why: Part } = "ask-unanswered",
        /// Nothing came.
        AskTooLate { seconds: Count } = "ask-too-late",
        /// The stream is over.
        AskEnded = "ask-ended",

        // What is changed: plans, steps, receipts, refusals.

        // Put together: sentences one after another, and what is said of a path.
        Followed { first: Part, then: Part } = "followed",
        OfPath { path: Verbatim, why: Part } = "of-path",
        AtPath { path: Verbatim, why: Part } = "at-path",

        // A plan by its title, and what stands before its parts. `what` is the word of a remedy or of a command.
        PlanTitle { what: Verbatim, subject: Part } = "plan-title",
        PlanQuestion { title: Part } = "plan-question",
        PlanHead { title: Part, class: Part } = "plan-head",
        /// How a remedy is asked for.
        ClassSafe = "class-safe",
        /// How a remedy is asked for.
        ClassRisky = "class-risky",
        /// How a remedy is asked for.
        ClassManual = "class-manual",
        PlanCosts { what: Part } = "plan-costs",
        PlanUndo { what: Part } = "plan-undo",
        PlanNote { note: Part } = "plan-note",
        UndoTitle { receipt: Verbatim, title: Part } = "undo-title",

        // On what a plan acts, as words that follow a verb.
        ServerOf { who: Process, client: Also, place: Place } = "server-of",
        OfClient { client: Name } = "of-client",
        JustPid { pid: Count } = "just-pid",
        JustProgram { name: Name } = "just-program",
        JustPath { path: Verbatim } = "just-path",
        JustIncident { incident: Verbatim } = "just-incident",
        ModuleCache = "module-cache",
        LoginService = "login-service",
        TitledAs { title: Title, incident: Verbatim } = "titled-as",

        // What a plan costs.
        EditorOfIt = "editor-of-it",
        CostEndIsFinal { client: Part } = "cost-end-is-final",
        CostEndLeaves { client: Part, left: Count } = "cost-end-leaves",
        CostAtMost { cost: Part } = "cost-at-most",
        CostUnsure { client: Part, why: Part } = "cost-unsure",
        CostWorkspaceFirst = "cost-workspace-first",
        CostProfile = "cost-profile",
        CostEveryWorkspace = "cost-every-workspace",
        CostNotLookedThrough = "cost-not-looked-through",
        CostAboveLimit { limit: Bytes } = "cost-above-limit",
        CostSharedEnd = "cost-shared-end",
        CostNewestRelease = "cost-newest-release",
        CostCacheMoves = "cost-cache-moves",

        // What undo does about it.
        UndoAsTold { remedy: UndoOf } = "undo-as-told",
        UndoNothing = "undo-nothing",
        UndoNoProcess = "undo-no-process",
        UndoNoOldGopls = "undo-no-old-gopls",
        UndoInstall = "undo-install",
        UndoUninstall = "undo-uninstall",
        UndoRestart = "undo-restart",

        // What a person does, line by line.
        HandClientUnknown { why: Verbatim } = "hand-client-unknown",
        HandClientUnlisted { client: Name } = "hand-client-unlisted",
        HandNoFile { client: Name } = "hand-no-file",
        HandStartAs { flag: Verbatim } = "hand-start-as",
        /// Where settings go that a person makes; a snippet follows.
        HandPutElsewhere = "hand-put-elsewhere",
        HandPutBelow { file: Verbatim, table: Verbatim } = "hand-put-below",
        HandPutByCommand { file: Verbatim, command: Verbatim } = "hand-put-by-command",
        HandPutByCommandAs { file: Verbatim, command: Verbatim, key: Verbatim } = "hand-put-by-command-as",
        HandPutAs { place: Verbatim, key: Verbatim } = "hand-put-as",
        HandPutAsOf { file: Verbatim, command: Verbatim, key: Verbatim, plugin: Name } = "hand-put-as-of",
        HandPutWithin { place: Verbatim, key: Verbatim, before: Verbatim } = "hand-put-within",
        HandPutInCall { file: Verbatim, call: Verbatim, plugin: Name } = "hand-put-in-call",
        HandPutInInit { call: Verbatim } = "hand-put-in-init",
        HandPutInPlugin { plugins: Verbatim } = "hand-put-in-plugin",
        /// What a person does about a flag of gopls.
        HandAddFlag { flag: Verbatim, list: Verbatim } = "hand-add-flag",
        HandUnlessFalse { plugin: Name, flag: Verbatim, key: Verbatim } = "hand-unless-false",
        HandThenRestart = "hand-then-restart",
        HandOfItsProgram { program: Verbatim } = "hand-of-its-program",
        HandOfPackages { program: Verbatim } = "hand-of-packages",
        HandOfAnother { folder: Verbatim, program: Verbatim } = "hand-of-another",
        HandNoGo = "hand-no-go",
        HandForeignGo { built: Part } = "hand-foreign-go",
        GoBuiltFor { program: Verbatim, processor: Verbatim } = "go-built-for",
        Listed { first: Part, then: Part } = "listed",
        HandSeeGo = "hand-see-go",
        HandInstallGo = "hand-install-go",
        HandRemoveIntel = "hand-remove-intel",
        HandBuildGopls = "hand-build-gopls",
        HandRestartEditor = "hand-restart-editor",

        // A step by what it acts on, as a line that begins with a verb.
        StepSignal { signal: Verbatim, pid: Count, wait: Millis } = "step-signal",
        StepRun { deadline: Millis } = "step-run",
        StepCall = "step-call",
        StepSet { key: Verbatim, file: Verbatim, leads: Also } = "step-set",
        StepWriteNew { file: Verbatim, leads: Also } = "step-write-new",
        StepWrite { file: Verbatim, leads: Also } = "step-write",
        WhichIs { target: Verbatim } = "which-is",
        StepRename { from: Verbatim, to: Folder } = "step-rename",
        StepRemove { path: Verbatim } = "step-remove",
        StepMakeFolder { path: Verbatim } = "step-make-folder",
        StepRemoveTree { path: Verbatim } = "step-remove-tree",
        StepCopy = "step-copy",
        StepShowFolder { path: Verbatim } = "step-show-folder",
        StepShowFile { path: Verbatim } = "step-show-file",
        StepShowText { path: Verbatim } = "step-show-text",
        StepOpenSettings { url: Verbatim } = "step-open-settings",
        StepShowPage { url: Verbatim } = "step-show-page",
        StepSnooze { incident: Verbatim, span: Millis } = "step-snooze",
        StepMute { folder: Verbatim } = "step-mute",
        StepTell = "step-tell",
        StepByHand = "step-by-hand",
        LetterIfStill { program: Verbatim } = "letter-if-still",
        LetterTo { path: Verbatim } = "letter-to",
        LetterFrom { path: Verbatim } = "letter-from",
        LetterDigest { bytes: Count, sha256: Verbatim } = "letter-digest",

        // What a change of the login service does, and its steps.
        DoesInstall = "does-install",
        DoesUninstall = "does-uninstall",
        DoesRestart = "does-restart",
        ServiceEndOld = "service-end-old",
        ServiceWaitGone = "service-wait-gone",
        ServiceWrite { manager: Verbatim } = "service-write",
        ServiceRead = "service-read",
        ServiceForget = "service-forget",
        ServiceStart = "service-start",
        ServiceStartAgain = "service-start-again",
        ServiceSeeRuns = "service-see-runs",
        ServiceSeeHas = "service-see-has",
        ServiceAllow = "service-allow",
        ServiceEndForGood = "service-end-for-good",
        ServiceRemoveRead = "service-remove-read",
        ServiceRemoveAtLogin = "service-remove-at-login",
        ServiceRestart = "service-restart",
        ServiceLogFolder = "service-log-folder",
        BundleSweep = "bundle-sweep",
        BundleDescribe = "bundle-describe",
        BundleIcon = "bundle-icon",
        BundleCopy = "bundle-copy",
        BundleSign = "bundle-sign",
        BundleVerify = "bundle-verify",
        BundlePlace = "bundle-place",
        BundleAside = "bundle-aside",
        BundleDrop = "bundle-drop",

        // What came of a step, as a fragment.
        DidDone = "did-done",
        DidNothing { how: Part } = "did-nothing",
        DidEndBefore = "did-end-before",
        DidEnd { after: Millis } = "did-end",
        DidEndWithZero = "did-end-with-zero",
        DidAnswerZero { line: Verbatim } = "did-answer-zero",
        DidRename = "did-rename",
        DidMake = "did-make",
        DidRemove = "did-remove",
        DidWrite = "did-write",
        DidTell = "did-tell",
        DidCopy = "did-copy",
        DidOpen = "did-open",
        DidFind = "did-find",
        DidLose = "did-lose",
        WasGone = "was-gone",
        WasRenamed = "was-renamed",
        WasWritten = "was-written",
        BackAsItWas = "back-as-it-was",
        BackAsBefore = "back-as-before",
        BackTaken = "back-taken",
        BackAgentSays { why: Part } = "back-agent-says",
        BackNot { why: Part } = "back-not",

        // How far a change came.
        CameUndone = "came-undone",
        CameFailed = "came-failed",
        CameFailedAt { n: Count, of: Count, why: Part } = "came-failed-at",
        CameCutIn { n: Count, of: Count } = "came-cut-in",
        CameCutAfter { done: Count, of: Count } = "came-cut-after",
        NoteEndUnwritten { why: Verbatim } = "note-end-unwritten",
        NoteAgentUntold { why: Part } = "note-agent-untold",
        NoteUndoUntold { why: Part } = "note-undo-untold",

        // How a step is taken back, as a line.
        UndoWrite { file: Verbatim } = "undo-write",
        UndoFetch { path: Verbatim } = "undo-fetch",
        UndoMade { file: Verbatim } = "undo-made",
        UndoLeave { file: Verbatim } = "undo-leave",
        UndoRename { path: Verbatim } = "undo-rename",
        UndoNamed { path: Verbatim } = "undo-named",
        UndoTell { what: Verbatim } = "undo-tell",
        UndoNot { why: Part } = "undo-not",
        StaysTold = "stays-told",
        StaysRun { line: Verbatim } = "stays-run",
        StaysSignalled { pid: Count } = "stays-signalled",
        StaysCopied = "stays-copied",
        StaysShown = "stays-shown",
        BothStay { first: Part, then: Part } = "both-stay",

        // Why a command did not do it, as a fragment.
        CouldNot { does: Part, why: Part } = "could-not",
        Called { line: Verbatim, came: Part, words: Also } = "called",
        CalledSaid { words: Verbatim } = "called-said",
        CallEnded { code: Count } = "call-ended",
        CallEndedMeaning { code: Count, means: Part } = "call-ended-meaning",
        CallBySignal { signal: Count } = "call-by-signal",
        CallTooSlow { deadline: Millis } = "call-too-slow",
        CallUnanswered { s: Count, tenths: Count } = "call-unanswered",
        CallNotStarted { why: Verbatim } = "call-not-started",
        CallStillFinds { line: Verbatim, s: Count, tenths: Count } = "call-still-finds",
        CallNoProgram { line: Verbatim } = "call-no-program",
        AskNoProgram = "ask-no-program",
        AskNotStarted { why: Verbatim } = "ask-not-started",
        ToolEnded { code: Count } = "tool-ended",
        AskEndedSaying { code: Count, words: Verbatim } = "ask-ended-saying",
        AskBySignal { signal: Count } = "ask-by-signal",
        AskTooSlow = "ask-too-slow",
        AskNotWaited { why: Verbatim } = "ask-not-waited",
        AskTooLong = "ask-too-long",

        // What the exit codes of launchctl, systemctl and codesign mean, and what to do about them.
        LaunchctlMeans { code: Count } = "launchctl-means",
        LaunchctlBanned = "launchctl-banned",
        LaunchctlAdvice { code: Count } = "launchctl-advice",
        LaunchctlBannedAdvice = "launchctl-banned-advice",
        SystemctlMeans { code: Count } = "systemctl-means",
        SystemctlAdvice { code: Count } = "systemctl-advice",
        CodesignMeans { code: Count } = "codesign-means",
        DoLogInThere = "do-log-in-there",
        DoRunKilled = "do-run-killed",
        DoManagerStuck { manager: Verbatim } = "do-manager-stuck",
        DoPartOfMacos = "do-part-of-macos",
        DoWithoutSystemd = "do-without-systemd",
        DoReachSystemd = "do-reach-systemd",
        DoBundleAgain = "do-bundle-again",
        DoWaitForEnd = "do-wait-for-end",

        // Why a step is not done.
        NoMoveChanged { path: Verbatim } = "no-move-changed",
        NoRemoveChanged { path: Verbatim } = "no-remove-changed",
        NoWriteChanged { file: Verbatim } = "no-write-changed",
        NoWriteElsewhere { file: Verbatim } = "no-write-elsewhere",
        NoWriteOther { file: Verbatim } = "no-write-other",
        NotWritten { file: Verbatim, why: Verbatim } = "not-written",
        NothingTold { why: Part } = "nothing-told",
        NeverRun = "never-run",
        PidChanged { pid: Count } = "pid-changed",
        PidNotSignalled { pid: Count, why: Part } = "pid-not-signalled",
        PidRunsOther { pid: Count, now: Verbatim, shown: Verbatim } = "pid-runs-other",
        PidStillRuns { pid: Count, span: Millis, signal: Verbatim } = "pid-still-runs",
        PidEnded { pid: Count } = "pid-ended",
        PidNotActedOn { pid: Count, why: Part } = "pid-not-acted-on",
        BytesInNoReceipt = "bytes-in-no-receipt",
        ProgramReplaced { program: Verbatim } = "program-replaced",
        NoClipboard = "no-clipboard",
        ClipboardNotReached { why: Part } = "clipboard-not-reached",
        NoOpener = "no-opener",
        NotOpened { why: Part } = "not-opened",
        NoPage { url: Verbatim } = "no-web-page",
        /// A gopls that does not say which settings it knows.
        SettingsUnlisted = "settings-unlisted",
        NotThere { path: Verbatim } = "not-there",
        NotSameFolder { from: Verbatim, to: Verbatim } = "not-same-folder",
        NoOwnFolder { path: Verbatim } = "no-own-folder",
        ThereAlready { path: Verbatim } = "there-already",
        NotRenamed { path: Verbatim, why: Verbatim } = "not-renamed",
        BothNames { from: Verbatim, to: Verbatim } = "both-names",
        NeitherName { from: Verbatim, to: Verbatim } = "neither-name",

        // Why a change is not begun, or a receipt not read.
        NoReceiptWritten { folder: Verbatim, why: Verbatim } = "no-receipt-written",
        ReceiptNotSaved { why: Verbatim } = "receipt-not-saved",
        YesToAnother = "yes-to-another",
        NoYes = "no-yes",
        NoReceiptName { name: Verbatim } = "no-receipt-name",
        ReceiptAbsent { receipt: Verbatim } = "receipt-absent",
        ReceiptUnreadable { receipt: Verbatim, why: Part } = "receipt-unreadable",
        NotJudged { receipt: Verbatim, why: Verbatim } = "not-judged",
        NoReceiptFolder { folder: Verbatim, why: Verbatim } = "no-receipt-folder",
        AnotherUnderWay = "another-under-way",
        NotAReceipt { why: Verbatim } = "not-a-receipt",
        ReceiptFormat { found: Count, known: Count } = "receipt-format",
        ReceiptOfAnother { name: Verbatim } = "receipt-of-another",
        ReceiptStepsUnfit = "receipt-steps-unfit",
        ReceiptPlanOther = "receipt-plan-other",
        ReceiptNoFile = "receipt-no-file",
        ReceiptTooLong { bytes: Count } = "receipt-too-long",

        // Why a change is not taken back.
        UndoneAlready { receipt: Verbatim } = "undone-already",
        UndoLaterFirst { later: Verbatim, receipt: Verbatim } = "undo-later-first",
        UndoDidNothing { receipt: Verbatim } = "undo-did-nothing",
        UndoLeftNothing { receipt: Verbatim } = "undo-left-nothing",
        UndoNothingOf { receipt: Verbatim, why: Part } = "undo-nothing-of",
        UndoNotSaved { why: Verbatim } = "undo-not-saved",
        ChangedSince { path: Verbatim } = "changed-since",
        ChangedJustNow { path: Verbatim } = "changed-just-now",
        MadeJustNow { path: Verbatim } = "made-just-now",
        LeadsElsewhere { path: Verbatim } = "leads-elsewhere",
        ThereAndKept { path: Verbatim, kept: Verbatim } = "there-and-kept",
        NotKept { path: Verbatim } = "not-kept",
        NoFolderOfOurs { path: Verbatim } = "no-folder-of-ours",
        CopyUnusable { file: Verbatim, why: Part } = "copy-unusable",
        CopyOther = "copy-other",
        NotBrought { path: Verbatim, why: Verbatim } = "not-brought",
        NotRemoved { path: Verbatim, why: Verbatim } = "not-removed",
        ReceiptContradicts = "receipt-contradicts",

        // Why a file is not to be changed: after its name, or of what it says.
        FileNoAbsolute = "file-no-absolute",
        FileNameNoText = "file-name-no-text",
        FileDangling = "file-dangling",
        FileNone = "file-none",
        FileNoFolder { why: Verbatim } = "file-no-folder",
        FileNotLookedAt { why: Verbatim } = "file-not-looked-at",
        FileNotRead { why: Verbatim } = "file-not-read",
        FileOfAnother = "file-of-another",
        FileTooLong = "file-too-long",
        FileReadOnly = "file-read-only",
        FileHardLinks = "file-hard-links",
        FileNotUtf8 = "file-not-utf8",
        FileNotChanged { file: Verbatim, why: Part } = "file-not-changed",
        SettingsNoKey = "settings-no-key",
        SettingsNoJson { why: Verbatim } = "settings-no-json",
        SettingsNoToml { why: Verbatim } = "settings-no-toml",
        SettingsHoldNone = "settings-hold-none",
        SettingsNoObject { key: Verbatim } = "settings-no-object",
        SettingsNotMade { key: Verbatim } = "settings-not-made",
        SettingsTwice { key: Verbatim } = "settings-twice",
        SettingsNoTable { key: Verbatim } = "settings-no-table",
        SettingsIsTable { key: Verbatim } = "settings-is-table",
        SettingsNoNull = "settings-no-null",
        SettingsNoNumber { number: Verbatim } = "settings-no-number",

        // Why a setting is not set: after the file's name, or of its client and its gopls.
        SettingWatcherUnset = "setting-watcher-unset",
        SettingNoList = "setting-no-list",
        SettingLeavesAllOut = "setting-leaves-all-out",
        SettingLimits { limit: Bytes } = "setting-limits",
        SettingSharesAlready = "setting-shares-already",
        SettingSays { name: Verbatim, value: Verbatim } = "setting-says",
        SettingManyTimes { keys: Verbatim } = "setting-many-times",
        SettingNoHolder { file: Verbatim, client: Name } = "setting-no-holder",
        SettingOfNone { client: Name } = "setting-of-none",
        SettingsFileNone { client: Name } = "settings-file-none",
        SettingsFiles { client: Name, files: Verbatim } = "settings-files",
        HomeUnknown = "home-unknown",
        FolderUnknown = "folder-unknown",
        NotLookedThrough { folder: Verbatim, why: Verbatim } = "not-looked-through",
        NoLargeFolder { folder: Verbatim, seen: Also } = "no-large-folder",
        InPartSeen = "in-part-seen",
        MachineMemoryUnknown = "machine-memory-unknown",
        MachineMemoryTooSmall = "machine-memory-too-small",
        GoplsUnknown = "gopls-unknown",
        GoplsProgramUnknown { why: Verbatim } = "gopls-program-unknown",
        GoplsInWorkspace = "gopls-in-workspace",
        GoplsNoAbsolute { program: Verbatim } = "gopls-no-absolute",
        GoplsMayKnow { name: Verbatim, since: Verbatim, why: Part } = "gopls-may-know",
        GoplsTooOld { own: Verbatim, name: Verbatim, since: Verbatim } = "gopls-too-old",
        GoplsKnowsNot { name: Verbatim, since: Verbatim } = "gopls-knows-not",

        // Why the module cache is not renamed, and no settings of macOS are opened.
        NoMac = "no-mac",
        CacheSetElsewhere = "cache-set-elsewhere",
        CacheNoGo = "cache-no-go",
        CacheNoFolder { folder: Verbatim } = "cache-no-folder",
        CacheKept { folder: Verbatim, part: Verbatim } = "cache-kept",
        CacheToldUnknown { why: Part } = "cache-told-unknown",
        GoEnvIs { file: Verbatim } = "go-env-is",

        // What is not offered, and what is not clear.
        NotOpenNow { incident: Verbatim } = "not-open-now",
        OfferedForMore { remedy: Verbatim } = "offered-for-more",
        OfferedMore { remedy: Verbatim } = "offered-more",
        NotOfferedFor { remedy: Verbatim, subject: Part } = "not-offered-for",
        NotOfferedRestart { remedy: Verbatim, subject: Part } = "not-offered-restart",
        NotOfferedNow { remedy: Verbatim } = "not-offered-now",
        NotWatched { pid: Count } = "not-watched",
        NothingOffered { target: Also, process: Also } = "nothing-offered",
        NotOffered { remedy: Verbatim, target: Also, process: Also } = "not-offered",
        ForTarget { target: Verbatim } = "for-target",
        ForPid { pid: Count } = "for-pid",
        TwoRemedies { one: Verbatim, other: Verbatim } = "two-remedies",
        CodeNotOpen { code: Verbatim } = "code-not-open",
        NoTarget { target: Verbatim } = "no-target",
        SeveralOpen { incidents: Verbatim } = "several-open",
        CommandOf { command: Verbatim, subject: Part } = "command-of",
        NoRestartCommand = "no-restart-command",
        OnlyIncidents = "only-incidents",
        MoreThanOneStep = "more-than-one-step",
        ProcessUnknown = "process-unknown",

        // What to do instead, or about it.
        DoRunAnew = "do-run-anew",
        DoRunAgain = "do-run-again",
        DoStartAgent = "do-start-agent",
        DoAsSaid = "do-as-said",
        DoFixLists = "do-fix-lists",
        DoFixListsWhatIs = "do-fix-lists-what-is",
        DoFixLook = "do-fix-look",
        DoFixLookAnew = "do-fix-look-anew",
        DoFixLookFirst = "do-fix-look-first",
        DoSayYes = "do-say-yes",
        DoKernelHolds = "do-kernel-holds",
        DoKillByFix { pid: Count } = "do-kill-by-fix",
        DoKill { pid: Count } = "do-kill",
        DoFreeOrSee = "do-free-or-see",
        DoFreeThatDisk = "do-free-that-disk",
        DoFreeDiskOf { folder: Verbatim } = "do-free-disk-of",
        DoFreeAndUndo { folder: Verbatim } = "do-free-and-undo",
        DoOwnFolder { folder: Verbatim } = "do-own-folder",
        DoManagedFolder { folder: Verbatim } = "do-managed-folder",
        DoSeeFolder { folder: Verbatim, typed: Verbatim } = "do-see-folder",
        DoRunYourself = "do-run-yourself",
        DoThisText = "do-this-text",
        DoGetForText { tool: Part } = "do-get-for-text",
        DoGetClipboard = "do-get-clipboard",
        DoGetOpener = "do-get-opener",
        DoOpen { what: Verbatim } = "do-open",
        DoGetOrOpen { tool: Part, what: Verbatim } = "do-get-or-open",
        NothingOpened = "nothing-opened",
        DoLookBothNames = "do-look-both-names",
        DoKeepNewer = "do-keep-newer",
        DoLookMoveOne = "do-look-move-one",
        DoLook = "do-look",
        DoLookThere = "do-look-there",
        DoSeeWhose = "do-see-whose",
        DoLookAt { path: Verbatim } = "do-look-at",
        DoReceiptFirst = "do-receipt-first",
        DoReceiptFolder = "do-receipt-folder",
        DoHistory = "do-history",
        DoAfterOther = "do-after-other",
        DoLookAtReceipt { file: Verbatim, receipt: Verbatim } = "do-look-at-receipt",
        DoUndoLater { later: Verbatim } = "do-undo-later",
        DoServiceStatus = "do-service-status",
        DoStatusQuiet = "do-status-quiet",
        DoInstallAnew = "do-install-anew",
        KeptIn { path: Verbatim } = "kept-in",
        KeptBeside { receipt: Verbatim, step: Count } = "kept-beside",
        KeptNone = "kept-none",
        DoChangeYourself = "do-change-yourself",
        DoSetRightFirst = "do-set-right-first",
        DoLookForWatcher = "do-look-for-watcher",
        DoSetFilters = "do-set-filters",
        DoOpenSmaller = "do-open-smaller",
        DoOpenSmallerOrLeaveOut = "do-open-smaller-or-leave-out",
        DoRestartGopls = "do-restart-gopls",
        DoUpdateGopls = "do-update-gopls",
        DoStatusWhose = "do-status-whose",
        DoStatusWhere = "do-status-where",
        DoNothingHere = "do-nothing-here",
        DoSpotlightSettings = "do-spotlight-settings",
        DoNamePid = "do-name-pid",
        DoNamePidOfIt = "do-name-pid-of-it",
        DoMute = "do-mute",
        DoRestartThere { command: Verbatim } = "do-restart-there",
        DoExplain { code: Verbatim } = "do-explain",
        DoNameOne = "do-name-one",

        // The login service: what a look shows, and why there is no plan.
        ServiceRunningUntold = "service-running-untold",
        ServiceNoDesktopOfRoot = "service-no-desktop-of-root",
        ServiceNotAsked { manager: Verbatim, call: Part } = "service-not-asked",
        ForeignLink = "foreign-link",
        ForeignNoFile = "foreign-no-file",
        ForeignNoFolder = "foreign-no-folder",
        ForeignService { label: Verbatim } = "foreign-service",
        ForeignUntold { why: Part } = "foreign-untold",
        ForeignNotUnderstood { why: Verbatim } = "foreign-not-understood",
        ForeignBundle { label: Verbatim } = "foreign-bundle",
        OutdatedNotCompared { why: Verbatim } = "outdated-not-compared",
        OutdatedVersion { found: Verbatim, own: Verbatim } = "outdated-version",
        OutdatedBuild = "outdated-build",
        OutdatedList = "outdated-list",
        OutdatedSignature = "outdated-signature",
        ProgramNotRead { path: Verbatim, why: Verbatim } = "program-not-read",
        PathUnusable { path: Verbatim, why: Part } = "path-unusable",
        PathNoText = "path-no-text",
        PathNoAbsolute = "path-no-absolute",
        PathControls = "path-controls",
        PathHolds { character: Verbatim } = "path-holds",
        ServiceNotInstalled = "service-not-installed",
        ServiceOfRoot = "service-of-root",
        ServiceOfAnother { folder: Verbatim } = "service-of-another",
        ServiceListNotWritten { why: Verbatim } = "service-list-not-written",
        DoMoveAway = "do-move-away",
        DoSeeFile { path: Verbatim } = "do-see-file",
        DoPlainName = "do-plain-name",
        DoInstall = "do-install",
        DoAsYourself = "do-as-yourself",
        DoReportDefect = "do-report-defect",
        DoSeeLaunchd { target: Verbatim, log: Verbatim } = "do-see-launchd",
        DoSeeJournal { unit: Verbatim } = "do-see-journal",
        PathAbsent { path: Verbatim } = "path-absent",
        /// The file by which a manager knows the service.
        PathOutdated { path: Verbatim } = "path-outdated",
        BundleOutdated { path: Verbatim, why: Part } = "bundle-outdated",
        HomeNotFound = "home-not-found",
        OwnFileNotFound { error: Verbatim } = "own-file-not-found",
        NoteRoot = "note-root",
        NoteUpgraded = "note-upgraded",
        NoteShortLived { folder: Verbatim } = "note-short-lived",
        NoteWithoutBundle { why: Part } = "note-without-bundle",
        NoteJournal { unit: Verbatim } = "note-journal",
        NoteBackgroundItem = "note-background-item",
        NoteLeft { path: Verbatim } = "note-left",
        NoteLeftForeign { path: Verbatim, why: Part } = "note-left-foreign",
        NoteGoneAtLogin = "note-gone-at-login",

        // What doctor checks: the groups, and each check with its title, why it matters and what fixes it.
        GroupGoplswatch = "group-goplswatch",
        GroupSystem = "group-system",
        CheckAgent = "check-agent",
        CheckAgentMatters = "check-agent-matters",
        CheckAgentHelps = "check-agent-helps",
        CheckService = "check-service",
        CheckServiceMatters = "check-service-matters",
        CheckServiceHelps = "check-service-helps",
        CheckIcon = "check-icon",
        CheckIconMatters = "check-icon-matters",
        CheckIconHelps = "check-icon-helps",
        CheckCapabilities = "check-capabilities",
        CheckCapabilitiesMatters = "check-capabilities-matters",
        CheckCapabilitiesHelps = "check-capabilities-helps",

        // What a check found.
        CheckAgentAnswers { pid: Count, version: Verbatim } = "check-agent-answers",
        /// It is of another version than the program that checks.
        CheckAgentOther { version: Verbatim, own: Verbatim } = "check-agent-other",
        CheckAgentBegins = "check-agent-begins",
        CheckServiceCurrent { manager: Verbatim } = "check-service-current",
        CheckServiceNotLoaded { manager: Verbatim } = "check-service-not-loaded",
        CheckServiceNotRunning { manager: Verbatim } = "check-service-not-running",
        CheckIconNoAgent = "check-icon-no-agent",
        CheckIconUntold = "check-icon-untold",
        CheckProved { n: Count } = "check-proved",
        CheckUnsupported { name: Verbatim, why: Part } = "check-unsupported",
        CheckDenied { name: Verbatim, why: Part } = "check-denied",
        CheckNothingProved = "check-nothing-proved",
    }
}

impl Message {
    /// Words that no catalogue has.
    #[must_use]
    pub fn reported(words: impl fmt::Display) -> Self {
        Self::Reported { words: Verbatim::of(words) }
    }

    /// Why none of several ways led anywhere, one after another; none: there was no way.
    #[must_use]
    pub fn of_several(ways: Vec<(Verbatim, Self)>) -> Option<Self> {
        ways.into_iter().rev().fold(None, |more: Option<Self>, (one, why)| {
            let more = more.map(|what| Self::SemicolonThen { what: Part::new(what) }).into();
            Some(Self::OneOfSeveral { one, why: Part::new(why), more })
        })
    }

    /// How the likely cause of an incident goes with this message.
    #[must_use]
    pub const fn beside_cause(&self) -> BesideCause {
        match self {
            Self::Loop { .. } | Self::LoopSomewhere { .. } | Self::LastLife { .. } | Self::GaveUp { .. } => {
                BesideCause::Named
            }
            Self::LoopAgain { .. }
            | Self::GoneForGood { .. }
            | Self::GoneSoFar { .. }
            | Self::GaveUpAfterShortLife { .. }
            | Self::GaveUpAtStart { .. }
            | Self::GaveUpProbably { .. } => BesideCause::NamedUnlessHow,
            _ => BesideCause::Alone,
        }
    }
}

/// Whether the text of an incident names its likely cause behind its own sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BesideCause {
    /// It says all that there is to say.
    Alone,
    /// It names the cause.
    Named,
    /// It names the cause unless that only says how gopls ended, which the message itself does.
    NamedUnlessHow,
}

/// What codes and names of messages look like, for a schema.
#[cfg(feature = "testing")]
pub(crate) const WORD: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// As in JSON.
#[cfg(feature = "testing")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Said, WORD};

    /// The name of a message. Which there are is no part of a schema, as with codes: its text is read, not its name.
    struct MessageName;

    impl JsonSchema for MessageName {
        fn schema_name() -> Cow<'static, str> {
            "MessageName".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "string", "pattern": WORD })
        }
    }

    impl JsonSchema for Said {
        fn schema_name() -> Cow<'static, str> {
            "Said".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            let name = generator.subschema_for::<MessageName>();
            json_schema!({
                "type": "object",
                "description": "A message with its arguments, and its text.",
                "properties": {
                    "message": name,
                    "args": { "type": "object" },
                    "text": { "type": "string" },
                },
                "required": ["message", "args"],
            })
        }
    }
}
