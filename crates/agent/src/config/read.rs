//! Reads and validates the config file. The result is either settings or a list of problems.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use goplswatch_core::clean;
use goplswatch_core::message::{Count, Message, SharedMessage, Verbatim};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use serde::Deserialize as _;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, clip, nearest, one_line};
use super::settings::Settings;

/// The largest config file that is read, bytes.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// At most this many problems are reported one by one.
pub(super) const MAX_PROBLEMS: usize = 20;

/// The result of reading the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no file: the defaults apply, and nothing is wrong.
    Absent,
    /// A file that is applied.
    Good {
        /// Its settings, with the defaults for everything that it leaves out.
        settings: Box<Settings>,
        /// Unknown keys, which are ignored.
        warnings: Vec<Problem>,
    },
    /// A file of which nothing is applied. The previous settings stay in force.
    Broken {
        /// All problems in the order of the file, unknown keys included.
        problems: Vec<Problem>,
    },
    /// Something exists at this path, but its text cannot be read. The previous settings stay in
    /// force.
    Unreadable {
        /// Why.
        problem: Problem,
    },
}

impl Outcome {
    /// All problems, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Absent => &[],
            Self::Good { warnings, .. } => warnings,
            Self::Broken { problems } => problems,
            Self::Unreadable { problem } => std::slice::from_ref(problem),
        }
    }
}

/// Reads the file at this path.
#[must_use]
pub fn read(path: &Path) -> Outcome {
    match bytes(path) {
        Ok(Some(bytes)) => parse(&bytes),
        Ok(None) => Outcome::Absent,
        Err(why) => Outcome::Unreadable { problem: Problem::whole(why) },
    }
}

/// The file's bytes; `None` if there is no file. Never blocks, whatever is at the path.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, Message> {
    // Without NONBLOCK, opening a pipe that has no writer would block.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => {
            // A link should lead to a file; perhaps the disk of that file is not mounted yet.
            return match path.ancestors().find_map(|part| std::fs::read_link(part).ok().filter(|_| !part.exists())) {
                Some(target) => Err(Message::FileLinkLeadsNowhere { target: clipped(&target.to_string_lossy()) }),
                None => Ok(None),
            };
        }
        Err(error) => return Err(refused(error)),
    };
    let kind = rustix::fs::fstat(&file).map_err(refused)?.st_mode;
    match FileType::from_raw_mode(kind) {
        FileType::RegularFile => {}
        FileType::Directory => return Err(Message::FileIsFolder),
        _ => return Err(Message::FileIsNotPlain),
    }
    let mut bytes = Vec::new();
    std::fs::File::from(file)
        .take(MAX_CONFIG_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Message::reported(e.to_string()))?;
    if bytes.len() as u64 > MAX_CONFIG_BYTES {
        return Err(Message::FileTooLarge { mebibytes: Count::new(MAX_CONFIG_BYTES >> 20) });
    }
    Ok(Some(bytes))
}

/// Explains an error of opening the file.
pub(super) fn refused(error: Errno) -> Message {
    match error {
        Errno::NOTDIR => Message::FileBelowFile,
        Errno::LOOP => Message::FileLinksInCircle,
        Errno::ACCESS | Errno::PERM => Message::FileDenied,
        other => Message::reported(other.to_string()),
    }
}

/// Parses the text of a config file.
#[must_use]
pub fn parse(bytes: &[u8]) -> Outcome {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count();
            let mut problem = Problem::whole(Message::FileNoUtf8);
            problem.line = Some(line);
            return Outcome::Unreadable { problem };
        }
    };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let found = LocatedProblem {
                at: error.span().map_or(text.len(), |span| span.start),
                key: None,
                message: Message::ConfigNoToml { why: Verbatim(message(&error)) },
                suggestion: None,
            };
            return Outcome::Broken { problems: resolve_positions(text, vec![found]) };
        }
    };
    // A test parses the same text, so no program is released in which this fails.
    let schema: Value = serde_json::from_slice(Settings::SCHEMA.as_bytes()).unwrap_or_default();
    let mut judge = Validator { root: &schema, wrong: Vec::new(), unknown: Vec::new(), value_offsets: BTreeMap::new() };
    let span = root.span();
    let table = judge.table(root.into_inner(), &schema, "");
    if judge.wrong.is_empty() {
        match Settings::deserialize(toml::Deserializer::from(Spanned::new(span, table))) {
            Ok(settings) => {
                judge.check_cross_field(&settings);
                if judge.wrong.is_empty() {
                    return Outcome::Good {
                        settings: Box::new(settings),
                        warnings: resolve_positions(text, judge.unknown_keys()),
                    };
                }
            }
            Err(error) => judge.wrong.push(LocatedProblem {
                at: error.span().map_or(0, |span| span.start),
                key: None,
                message: Message::reported(message(&error)),
                suggestion: None,
            }),
        }
    }
    let unknown = judge.unknown_keys();
    judge.wrong.extend(unknown);
    Outcome::Broken { problems: resolve_positions(text, judge.wrong) }
}

/// The message of the TOML parser, on one line.
fn message(error: &toml::de::Error) -> String {
    one_line(&error.message().replace('\n', ", "), 200)
}

/// A problem with its byte offset in the file.
struct LocatedProblem {
    at: usize,
    key: Option<String>,
    message: Message,
    suggestion: Option<String>,
}

/// The first problems in the order of the file, with lines and columns.
fn resolve_positions(text: &str, mut found: Vec<LocatedProblem>) -> Vec<Problem> {
    found.sort_by_key(|f| f.at);
    let more = found.len().saturating_sub(MAX_PROBLEMS);
    found.truncate(MAX_PROBLEMS);
    let mut problems: Vec<_> = found
        .into_iter()
        .map(|LocatedProblem { at, key, message, suggestion }| {
            let before = text.get(..at).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |i| i + 1);
            Problem {
                line: Some(1 + before.bytes().filter(|b| *b == b'\n').count()),
                column: Some(1 + before[line_start..].chars().count()),
                key,
                said: message.into(),
                suggestion,
            }
        })
        .collect();
    if more > 0 {
        problems.push(Problem::whole(Message::ConfigMoreProblems { n: Count::new(more as u64) }));
    }
    problems
}

/// A key that no section has.
struct UnknownKey<'s> {
    problem: LocatedProblem,
    name: String,
    /// The schema of the section in which it stands.
    section: &'s Value,
}

/// Validates a file against the schema.
struct Validator<'s> {
    root: &'s Value,
    wrong: Vec<LocatedProblem>,
    unknown: Vec<UnknownKey<'s>>,
    /// The byte offset of each known key's value.
    value_offsets: BTreeMap<String, usize>,
}

impl<'s> Validator<'s> {
    /// Follows a schema's `$ref`, if it has one.
    fn resolve(&self, schema: &'s Value) -> &'s Value {
        let target = schema["$ref"].as_str().and_then(|r| self.root.pointer(r.strip_prefix('#')?));
        target.unwrap_or(schema)
    }

    /// Checks a table and returns it without its unknown keys.
    fn table<'i>(&mut self, table: DeTable<'i>, schema: &'s Value, prefix: &str) -> DeTable<'i> {
        let mut kept = DeTable::new();
        for (name, value) in table {
            let path =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let Some(schema) = schema["properties"].get(name.get_ref().as_ref()).map(|s| self.resolve(s)) else {
                let unknown = clipped(name.get_ref());
                let section = (!prefix.is_empty()).then(|| Verbatim(prefix.to_owned()));
                let problem = LocatedProblem {
                    at: name.span().start,
                    message: match section {
                        Some(section) => Message::ConfigUnknownKeyIn { key: unknown, section },
                        None => Message::ConfigUnknownKey { key: unknown },
                    },
                    suggestion: None,
                    key: Some(clip(&path)),
                };
                self.unknown.push(UnknownKey { problem, name: name.get_ref().to_string(), section: schema });
                continue;
            };
            let span = value.span();
            self.value_offsets.insert(path.clone(), span.start);
            let value = match value.into_inner() {
                DeValue::Table(inner) if schema["properties"].is_object() => {
                    DeValue::Table(self.table(inner, schema, &path))
                }
                value => {
                    self.check_value(&value, schema, &path, span.start);
                    value
                }
            };
            kept.insert(name, Spanned::new(span, value));
        }
        kept
    }

    fn check_value(&mut self, value: &DeValue<'_>, schema: &Value, path: &str, at: usize) {
        let key = Verbatim(path.rsplit('.').next().unwrap_or(path).to_owned());
        if schema["properties"].is_object() {
            let message =
                Message::ConfigNoSection { key: key.clone(), section: Verbatim(path.to_owned()), found: kind(value) };
            self.wrong.push(LocatedProblem { at, key: Some(path.to_owned()), message, suggestion: None });
        }
        if schema["type"] == "boolean" && !matches!(value, DeValue::Boolean(_)) {
            let meant = value.as_str().filter(|s| ["true", "false"].contains(s)).map(str::to_owned);
            let message = Message::ConfigNoTruth { key: key.clone(), found: kind(value) };
            self.wrong.push(LocatedProblem { at, key: Some(path.to_owned()), message, suggestion: meant });
        }
        if let Some(known) = schema["enum"].as_array() {
            self.choice(value, known, path, at);
        }
        if schema["type"] == "array" {
            self.list(value, schema, path, at);
        }
        if schema["type"] != "integer" {
            return;
        }
        let range = (schema["minimum"].as_i64().unwrap_or(0), schema["maximum"].as_i64().unwrap_or(i64::MAX));
        let fits = |n: i64| (range.0..=range.1).contains(&n);
        let (least, most) = (Verbatim(range.0.to_string()), Verbatim(range.1.to_string()));
        let (message, suggestion) = match value {
            DeValue::Integer(number) => {
                if i64::from_str_radix(number.as_str(), number.radix()).is_ok_and(fits) {
                    return;
                }
                (Message::ConfigOutOfRange { key, least, most, found: clipped(&number.to_string()) }, None)
            }
            other => {
                let meant = other.as_str().and_then(|s| s.trim().parse().ok()).filter(|n| fits(*n));
                let message = Message::ConfigNoNumber { key, least, most, found: kind(other) };
                (message, meant.map(|n| n.to_string()))
            }
        };
        self.wrong.push(LocatedProblem { at, key: Some(path.to_owned()), message, suggestion });
    }

    /// Checks a value that has to be one of several texts.
    fn choice(&mut self, value: &DeValue<'_>, known: &[Value], path: &str, at: usize) {
        let names = || known.iter().filter_map(Value::as_str);
        if value.as_str().is_some_and(|text| names().any(|name| name == text)) {
            return;
        }
        let key = Verbatim(path.to_owned());
        let quoted = |name: &str| format!("\"{name}\"");
        let list = Verbatim(names().map(quoted).collect::<Vec<_>>().join(", "));
        let (message, suggestion) = match value.as_str() {
            Some(text) => {
                let found = Verbatim(quoted(&clip(text)));
                (Message::ConfigNoneOf { key, known: list, found }, nearest(text, names()).map(quoted))
            }
            None => (Message::ConfigNoText { key, known: list, found: kind(value) }, None),
        };
        self.wrong.push(LocatedProblem { at, key: Some(path.to_owned()), message, suggestion });
    }

    /// Checks a value that has to be a list of texts.
    fn list(&mut self, value: &DeValue<'_>, schema: &Value, path: &str, at: usize) {
        let key = Verbatim(path.rsplit('.').next().unwrap_or(path).to_owned());
        let mut wrong =
            |at, message| self.wrong.push(LocatedProblem { at, key: Some(path.to_owned()), message, suggestion: None });
        let Some(items) = value.as_array() else {
            let example = Verbatim("[\"~/src\"]".into());
            return wrong(at, Message::ConfigNoList { key, example, found: kind(value) });
        };
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        let n = items.len() as u64;
        if n > most {
            wrong(at, Message::ConfigLongList { key: key.clone(), most: Count::new(most), n: Count::new(n) });
        }
        for item in items.iter().filter(|item| item.get_ref().as_str().is_none()) {
            let message = Message::ConfigMixedList { key: key.clone(), found: kind(item.get_ref()) };
            wrong(item.span().start, message);
        }
    }

    /// Checks what one value requires of another, and what a schema cannot express.
    fn check_cross_field(&mut self, settings: &Settings) {
        let detect = &settings.detect;
        if detect.suspect_ends > detect.loop_ends {
            let place = |key: &str| self.value_offsets.get(key).map(|at| (key.to_owned(), *at));
            let (key, at) = place("detect.suspect-ends")
                .or_else(|| place("detect.loop-ends"))
                .unwrap_or_else(|| ("detect".into(), 0));
            self.wrong.push(LocatedProblem {
                at,
                key: Some(key),
                message: Message::ConfigSuspectAboveLoop {
                    low: Verbatim("suspect-ends".into()),
                    high: Verbatim("loop-ends".into()),
                    suspect: Count::new(u64::from(detect.suspect_ends)),
                    loops: Count::new(u64::from(detect.loop_ends)),
                },
                suggestion: None,
            });
        }
        let wrong = settings.file_events.folders.iter().find(|folder| !is_folder(folder));
        if let Some(folder) = wrong {
            self.wrong.push(LocatedProblem {
                at: self.value_offsets.get("file-events.folders").copied().unwrap_or(0),
                key: Some("file-events.folders".into()),
                message: Message::ConfigNoFolder { key: Verbatim("folders".into()), folder: clipped(folder) },
                suggestion: None,
            });
        }
    }

    /// The unknown keys in the order of the file. What was probably meant is found only for those
    /// that can be reported: comparing names takes long, and a file can hold many thousands.
    fn unknown_keys(&mut self) -> Vec<LocatedProblem> {
        let mut unknown = std::mem::take(&mut self.unknown);
        unknown.sort_by_key(|key| key.problem.at);
        for key in unknown.iter_mut().take(MAX_PROBLEMS) {
            key.problem.suggestion = self.suggest_key(&key.name, key.section);
        }
        unknown.into_iter().map(|key| key.problem).collect()
    }

    /// The key that was probably meant: a similar one in the same section, or the same name in
    /// another section.
    fn suggest_key(&self, name: &str, schema: &'s Value) -> Option<String> {
        let keys = |schema: &'s Value| schema["properties"].as_object().into_iter().flatten();
        if let Some(near) = nearest(name, keys(schema).map(|(key, _)| key.as_str())) {
            return Some(near.to_owned());
        }
        let plain = name.to_lowercase().replace('_', "-");
        keys(self.root).find_map(|(section, schema)| {
            keys(self.resolve(schema)).find(|(key, _)| **key == plain).map(|(key, _)| format!("{section}.{key}"))
        })
    }
}

/// Whether a text names the same folder wherever the agent was started: an absolute path, or one
/// from `~`.
fn is_folder(text: &str) -> bool {
    let place = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    (place.is_some() || text.starts_with('/')) && !text.contains(clean::is_hidden)
}

fn clipped(text: &str) -> Verbatim {
    Verbatim(clip(text))
}

/// What a TOML type is called in messages.
fn kind(value: &DeValue<'_>) -> SharedMessage {
    SharedMessage::new(match value {
        DeValue::String(_) => Message::ConfigText,
        DeValue::Integer(_) => Message::ConfigNumber,
        DeValue::Float(_) => Message::ConfigDecimal,
        DeValue::Boolean(_) => Message::ConfigTruth,
        DeValue::Datetime(_) => Message::ConfigDate,
        DeValue::Array(_) => Message::ConfigList,
        DeValue::Table(_) => Message::ConfigSection,
    })
}
