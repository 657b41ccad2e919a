//! Types that every crate shares: newtypes for values that must not be mixed up, and [`Reading`]
//! for values that the platform may not provide.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};

use crate::message::{Count, Message, MessageText, SharedMessage, Verbatim};

/// A process id. It does not identify a process by itself, because ids are reused. See
/// [`ProcessKey`].
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
/// `start` is a number of the system that never repeats together with the same pid: on Linux field
/// 22 of `/proc/PID/stat` (clock ticks since boot, proc_pid_stat(5)); on macOS `p_uniqueid` of
/// `PROC_PIDUNIQIDENTIFIERINFO` (xnu bsd/sys/proc_info.h), which is unique by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ProcessKey {
    /// The pid.
    pub pid: Pid,
    /// The number that together with the pid identifies the process.
    pub start: u64,
}

impl ProcessKey {
    /// The key for a pid and its start number.
    #[must_use]
    pub const fn new(pid: u32, start: u64) -> Self {
        Self { pid: Pid(pid), start }
    }
}

/// The sequence number of an input. It counts from 1 within a recording and is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When something was observed: the wall clock for display, the continuous clock for every
/// decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z. May jump; used for display only.
    pub wall_ms: i64,
    /// Nanoseconds since boot *including sleep* (Linux `CLOCK_BOOTTIME`, macOS
    /// `mach_continuous_time`).
    pub cont_ns: u64,
}

impl Moment {
    /// An earlier moment of the continuous clock, with the wall clock time computed back from now.
    #[must_use]
    pub fn back_to(self, cont_ns: u64) -> Self {
        let ago_ms = i64::try_from(self.cont_ns.saturating_sub(cont_ns) / 1_000_000).unwrap_or(i64::MAX);
        Self { wall_ms: self.wall_ms.saturating_sub(ago_ms), cont_ns }
    }

    /// RFC 3339 in UTC with milliseconds, as in every JSON line.
    #[must_use]
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.wall_ms) {
            Ok(stamp) => stamp.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            // A wall clock outside of the years -9999..9999 is broken; the number itself is still
            // accurate.
            Err(_) => format!("{}ms", self.wall_ms),
        }
    }
}

/// A value read from the platform. An unknown value is data with a reason, never an error or a
/// guess.
///
/// In JSON a known value is written as itself, and an unknown one as `{"unknown": …}` with a
/// message; up to schema 4 it held a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Reading<T> {
    /// The value could not be read.
    Unknown {
        /// The reason, as a fragment that fits after "unknown: ".
        unknown: Box<MessageText>,
    },
    /// The value.
    Known(T),
}

impl<T> Reading<T> {
    /// An unknown value with its reason.
    pub fn unknown(why: impl Into<MessageText>) -> Self {
        Self::Unknown { unknown: Box::new(why.into()) }
    }

    /// Converts a known value and keeps the reason of an unknown one.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Known(known) => Reading::Known(value(known)),
            Self::Unknown { unknown } => Reading::Unknown { unknown },
        }
    }

    /// Visits the reason, so that it can be rendered as text.
    pub fn each_message(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
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

/// Written by hand: the code that `untagged` derives first copies every value and then tries one
/// form after the other, and half of a recording consists of readings. A value that is a map is
/// distinguished from a reason by its first key, since `unknown` is the only key that is written
/// for a reason.
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
            return T::deserialize(MapAccessDeserializer::new(PeekedMap { first: Some(first), rest: map }))
                .map(Reading::Known);
        }
        let unknown = map.next_value()?;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Reading::Unknown { unknown })
    }
}

/// A map whose first key has already been read.
struct PeekedMap<'de, A> {
    first: Option<Cow<'de, str>>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for PeekedMap<'de, A> {
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

/// The role of a gopls process. The `gopls` crate has the rules that decide it, and their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ServerClass {
    /// A language server of one client, over its standard input.
    Lsp,
    /// A shared server that listens (`-listen`). Parent pid 1 is normal for it.
    Daemon,
    /// A thin process that passes one client's traffic to a daemon (`-remote`).
    Forwarder,
    /// A server for coding agents (`gopls mcp`).
    Mcp,
    /// A command that is expected to exit by itself (`gopls version`, `gopls check` …).
    OneShot,
    /// The telemetry process that every gopls starts next to itself.
    Sidecar,
}

impl ServerClass {
    /// The kebab-case name used in JSON.
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

    /// Whether people would call it a running gopls: not a command and not the telemetry process.
    #[must_use]
    pub const fn is_long_running(self) -> bool {
        matches!(self, Self::Lsp | Self::Daemon | Self::Forwarder | Self::Mcp)
    }
}

/// How a process ended, as far as the kernel reported it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ExitStatus {
    /// It exited by itself with this code.
    Exited(u8),
    /// A signal ended it.
    Signaled {
        /// The signal number on the system where it was observed.
        signal: i32,
        /// The signal name there, such as `SIGKILL`, because numbers differ between systems.
        name: String,
        /// Whether the kernel reported a core dump.
        core: bool,
    },
    /// It is gone, and its exit status could not be obtained.
    Unknown(MessageText),
}

impl ExitStatus {
    /// An exit status that could not be obtained, with the reason.
    pub fn unknown(why: impl Into<MessageText>) -> Self {
        Self::Unknown(why.into())
    }

    /// How it ended, as a fragment.
    #[must_use]
    pub fn how(&self) -> Message {
        match self {
            Self::Exited(code) => Message::ExitCode { code: Count::new((*code).into()) },
            Self::Signaled { name, .. } => Message::BySignal { signal: Verbatim(name.clone()) },
            Self::Unknown(why) => Message::StatusUnknown { why: SharedMessage::clone(&why.message) },
        }
    }
}

/// Details that the kernel added to an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EndDetail {
    /// The kernel ended it because of its code signature (`NOTE_EXIT_CSERROR`).
    CodeSigning,
    /// The kernel ended it for lack of memory (`NOTE_EXIT_MEMORY`).
    Memory,
    /// The kernel's out-of-memory killer ran at the moment of this end (`oom_kill` of /proc/vmstat
    /// increased). It ran somewhere on the machine, so it is likely but not certain that it ended
    /// this process.
    OutOfMemoryKillerRan,
    /// The out-of-memory killer ended something in the same control group as this process
    /// (`oom_kill` of its cgroup's memory.events or memory.oom_control increased).
    GroupOutOfMemory,
    /// Not from the kernel: the process ended while goplswatch was not running.
    Unwatched,
}

/// How busy a server and its whole tree of child processes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Below the CPU and I/O thresholds of [`crate::Config`].
    Quiet,
    /// Above one of them.
    Busy,
    /// A process of the tree is stopped (SIGSTOP, a debugger). It does nothing, and that is no
    /// fault of its load.
    Stopped,
}

/// The kind of a child that loads packages for a server.
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
    /// Another file is in its place: the server runs an old version.
    Replaced,
    /// There is no file at its path any more.
    Deleted,
}

/// Whether this machine allows us to see something that detection relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CapabilityState {
    /// Its self-test succeeded.
    Ok,
    /// This system does not have it.
    Unsupported,
    /// The system has it but denies us access.
    Denied,
}

/// One kind of information that this machine allows us to see, or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Capability {
    /// Kebab-case name, such as `end-status`.
    pub name: String,
    /// The result of the self-test at start.
    pub state: CapabilityState,
    /// What that means for the user; for `ok`, how it was tested.
    #[serde(flatten)]
    pub said: MessageText,
}

impl Capability {
    /// The result of a capability's self-test.
    pub fn new(name: &str, state: CapabilityState, said: impl Into<MessageText>) -> Self {
        Self { name: name.to_owned(), state, said: said.into() }
    }

    /// Whether these self-test results say that the process table can be read.
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
        // As an earlier or a later version recorded it: without a text.
        let unread = r#"{"unknown":{"message":"not-of-this-version","args":{"path":"/w"}}}"#;
        let name = Message::Recorded { text: Verbatim("not-of-this-version".to_owned()) };
        assert_eq!(read::<u64>(unread), Some(Reading::unknown(name)));
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
