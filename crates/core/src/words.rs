//! The words that every room shares. Newtypes for what must not be mixed; `Reading` for what the world may refuse to say.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};

use crate::message::{Count, Message, Part, Said, Verbatim};

/// A process id. Never an identity by itself: ids are reused. See [`ProcessKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Pid(pub u32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identity of a process until the next boot.
///
/// `start` is what the system counts and never repeats together with the pid: on Linux field 22 of `/proc/PID/stat`
/// (clock ticks since boot, proc_pid_stat(5)); on macOS `p_uniqueid` of `PROC_PIDUNIQIDENTIFIERINFO`
/// (xnu bsd/sys/proc_info.h), which is unique by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ProcessKey {
    /// The pid.
    pub pid: Pid,
    /// What makes the pid an identity.
    pub start: u64,
}

impl ProcessKey {
    /// The key of a pid and its start mark.
    #[must_use]
    pub const fn new(pid: u32, start: u64) -> Self {
        Self { pid: Pid(pid), start }
    }
}

/// The number of an input. Counts from 1 within a recording and is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When something was seen: the wall clock for people, the continuous clock for every decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z. May jump; only ever shown.
    pub wall_ms: i64,
    /// Nanoseconds since boot *including sleep* (Linux `CLOCK_BOOTTIME`, macOS `mach_continuous_time`).
    pub cont_ns: u64,
}

impl Moment {
    /// An earlier moment of the continuous clock, with what the wall clock of now says that it was.
    #[must_use]
    pub fn back_to(self, cont_ns: u64) -> Self {
        let ago_ms = i64::try_from(self.cont_ns.saturating_sub(cont_ns) / 1_000_000).unwrap_or(i64::MAX);
        Self { wall_ms: self.wall_ms.saturating_sub(ago_ms), cont_ns }
    }

    /// RFC 3339 in UTC with milliseconds, as every JSON line carries it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.wall_ms) {
            Ok(stamp) => stamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            // A wall clock outside years -9999..9999 is a broken clock; the number is still the truth.
            Err(_) => format!("{}ms", self.wall_ms),
        }
    }
}

/// A value read from the world: not knowing is data, with its reason, and never an error or a guess.
///
/// In JSON a known value stands for itself and an unknown one is `{"unknown": …}` with a message; up to schema 4 it held
/// a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Reading<T> {
    /// The world would not say.
    Unknown {
        /// Why, as a fragment that fits after "unknown: ".
        unknown: Box<Said>,
    },
    /// The value.
    Known(T),
}

impl<T> Reading<T> {
    /// Not known, and why.
    pub fn unknown(why: impl Into<Said>) -> Self {
        Self::Unknown { unknown: Box::new(why.into()) }
    }

    /// The same reason for another value.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Known(known) => Reading::Known(value(known)),
            Self::Unknown { unknown } => Reading::Unknown { unknown },
        }
    }

    /// Shows its reason, to be put into words.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        if let Self::Unknown { unknown } = self {
            each(unknown);
        }
    }

    /// The value if it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown { .. } => None,
        }
    }
}

/// Read by hand: what `untagged` derives copies every value first and then tries one form after the other, and a
/// recording is half readings. A value that is a map is told from a reason by its first key, which is the only key
/// that we write in a reason.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Reading<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ReadingVisitor(PhantomData))
    }
}

struct ReadingVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ReadingVisitor<T> {
    type Value = Reading<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or a map with the key `unknown`")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Reading::Known)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Self::Value, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(values)).map(Reading::Known)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(first) = map.next_key::<Cow<'de, str>>()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        if first != "unknown" {
            return T::deserialize(MapAccessDeserializer::new(Begun { first: Some(first), rest: map }))
                .map(Reading::Known);
        }
        let unknown = map.next_value()?;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Reading::Unknown { unknown })
    }
}

/// A map whose first key has been taken out already.
struct Begun<'de, A> {
    first: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Begun<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(first) => seed.deserialize(CowStrDeserializer::new(first)).map(Some),
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.rest.next_value_seed(seed)
    }
}

/// What a gopls process is there for. The order of the rules that decide it is in the `gopls` room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ServerClass {
    /// A language server of one client, over its standard input.
    Lsp,
    /// A shared server that listens (`-listen`). Healthy with parent 1.
    Daemon,
    /// A thin process that passes one client's traffic to a daemon (`-remote`).
    Forwarder,
    /// A server for coding agents (`gopls mcp`).
    Mcp,
    /// A command that is expected to end by itself (`gopls version`, `gopls check` …).
    OneShot,
    /// The telemetry process that every gopls starts beside itself.
    Sidecar,
}

impl ServerClass {
    /// The kebab-case word of the JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lsp => "lsp",
            Self::Daemon => "daemon",
            Self::Forwarder => "forwarder",
            Self::Mcp => "mcp",
            Self::OneShot => "one-shot",
            Self::Sidecar => "sidecar",
        }
    }

    /// Whether a person would call it a running gopls (not a command, not the telemetry process).
    #[must_use]
    pub const fn stays(self) -> bool {
        matches!(self, Self::Lsp | Self::Daemon | Self::Forwarder | Self::Mcp)
    }
}

/// How a process ended, as far as the kernel told us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ExitStatus {
    /// It exited by itself with this code.
    Exited(u8),
    /// A signal ended it.
    Signaled {
        /// The number on the system where it was seen.
        signal: i32,
        /// The name there, such as `SIGKILL`: numbers differ between systems.
        name: String,
        /// Whether the kernel says that a core was dumped.
        core: bool,
    },
    /// It is gone, and nobody would say how.
    Unknown(Said),
}

impl ExitStatus {
    /// Nobody would say how, and why.
    pub fn unknown(why: impl Into<Said>) -> Self {
        Self::Unknown(why.into())
    }

    /// How it ended, as a fragment.
    #[must_use]
    pub fn how(&self) -> Message {
        match self {
            Self::Exited(code) => Message::ExitCode { code: Count::new((*code).into()) },
            Self::Signaled { name, .. } => Message::BySignal { signal: Verbatim(name.clone()) },
            Self::Unknown(why) => Message::StatusUnknown { why: Part::clone(&why.message) },
        }
    }
}

/// What the kernel added to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EndDetail {
    /// The kernel ended it for its code signature (`NOTE_EXIT_CSERROR`).
    CodeSigning,
    /// The kernel ended it for memory (`NOTE_EXIT_MEMORY`).
    Memory,
    /// The kernel's out-of-memory killer ran in the moment of this end (`oom_kill` of /proc/vmstat moved). It ran
    /// somewhere on the machine: that it ran here is likely, not certain.
    OutOfMemoryKillerRan,
    /// The out-of-memory killer ended something in the very group of processes that this one belonged to (`oom_kill` of
    /// its cgroup's memory.events or memory.oom_control moved).
    GroupOutOfMemory,
    /// Not the kernel but the watch: it ended while goplswatch did not run.
    Unwatched,
}

/// How busy a server and its whole tree of children are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Under the thresholds of CPU and I/O of [`crate::Config`].
    Quiet,
    /// Above one of them.
    Busy,
    /// A process of the tree is stopped (SIGSTOP, a debugger): it does nothing, and that is no fault of its load.
    Stopped,
}

/// What kind of child loads packages for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// `go list …`.
    GoList,
    /// The program that `GOPACKAGESDRIVER` names.
    Driver,
}

/// What happened to the executable file of a running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BinaryChange {
    /// Another file stands in its place: the server runs an old version.
    Replaced,
    /// Nothing stands there any more.
    Deleted,
}

/// Whether something that we rely on can be seen on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CapabilityState {
    /// It proved itself.
    Ok,
    /// This system does not have it.
    Unsupported,
    /// The system has it and refuses us.
    Denied,
}

/// One thing that this machine lets us see, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Capability {
    /// Kebab-case name, such as `end-status`.
    pub name: String,
    /// What the proof at start said.
    pub state: CapabilityState,
    /// What that means for the user; for `ok`, how it was proved.
    #[serde(flatten)]
    pub said: Said,
}

impl Capability {
    /// What was found out of one.
    pub fn new(name: &str, state: CapabilityState, said: impl Into<Said>) -> Self {
        Self { name: name.to_owned(), state, said: said.into() }
    }

    /// Whether the table of processes can be read, by what was found out.
    #[must_use]
    pub fn sees_processes(found: &[Self]) -> bool {
        found.iter().any(|capability| capability.name == "process-table" && capability.state == CapabilityState::Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Option<Reading<T>> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_reading_is_its_value_or_a_reason() {
        assert_eq!(read(r#""/w/api""#), Some(Reading::Known("/w/api".to_owned())));
        assert_eq!(read(r#""a\"b\u00e9""#), Some(Reading::Known("a\"b\u{e9}".to_owned())));
        assert_eq!(read("true"), Some(Reading::Known(true)));
        assert_eq!(read("18446744073709551615"), Some(Reading::Known(u64::MAX)));
        assert_eq!(read("-7"), Some(Reading::Known(-7i64)));
        assert_eq!(read("[1,2]"), Some(Reading::Known(vec![1u8, 2])));
        assert_eq!(read(r#"{"pid":7,"start":9}"#), Some(Reading::Known(ProcessKey::new(7, 9))));
        let gone = Message::Recorded { text: Verbatim("gone".to_owned()) };
        assert_eq!(read::<ProcessKey>(r#"{"unknown":"gone"}"#), Some(Reading::unknown(gone.clone())));
        assert_eq!(read::<u64>(r#"{"unknown":"gone","more":[1]}"#), Some(Reading::unknown(gone)));
        let ended = r#"{"unknown":{"message":"has-ended","args":{}}}"#;
        assert_eq!(read::<u64>(ended), Some(Reading::unknown(Message::HasEnded)));
        for wrong in ["null", "{}", r#"{"pid":7}"#, r#"{"unknown":7}"#, "1.5", r#"{"unknown":"a""#] {
            assert_eq!(read::<ProcessKey>(wrong), None, "{wrong}");
        }
        assert_eq!(read::<u64>("-1"), None);
        assert_eq!(read::<bool>(r#""true""#), None);
    }

    #[test]
    fn a_reading_reads_back() {
        for reading in [Reading::Known(ProcessKey::new(1, 2)), Reading::unknown("its \"parent\" has ended")] {
            let json = serde_json::to_string(&reading).unwrap();
            assert_eq!(read(&json), Some(reading));
        }
    }
}
