//! From a file to settings or to what is wrong with it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use serde::Deserialize as _;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, clip, nearest, one_line};
use super::settings::Settings;

/// A config file is no larger than this many bytes.
pub const LARGEST: u64 = 1 << 20;
/// So many problems are told one by one.
const MOST_PROBLEMS: usize = 20;

/// What a look at the file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no file: the defaults apply, and nothing is wrong.
    Absent,
    /// A file that applies.
    Good {
        /// What it says, and the defaults for the rest.
        settings: Box<Settings>,
        /// Keys that mean nothing.
        warnings: Vec<Problem>,
    },
    /// A file that does not apply, in no part. What was in force stays.
    Broken {
        /// What is wrong, in the order of the file, unknown keys included.
        problems: Vec<Problem>,
    },
    /// There is something at this path whose text cannot be had. What was in force stays.
    Unreadable {
        /// Why.
        problem: Problem,
    },
}

impl Outcome {
    /// All that is wrong, in the order of the file.
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

/// The file's bytes; `None` if there is no file. Never waits, whatever stands at the path.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, String> {
    // A pipe without a writer would be waited for without NONBLOCK.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => {
            // Behind a link there should be a file: perhaps its disk is not there yet.
            return match path.ancestors().find_map(|part| std::fs::read_link(part).ok().filter(|_| !part.exists())) {
                Some(target) => {
                    Err(format!("a link leads to {}, which does not exist", clip(&target.to_string_lossy())))
                }
                None => Ok(None),
            };
        }
        Err(error) => return Err(refused(error)),
    };
    let kind = rustix::fs::fstat(&file).map_err(refused)?.st_mode;
    match FileType::from_raw_mode(kind) {
        FileType::RegularFile => {}
        FileType::Directory => return Err("it is a folder, not a file".into()),
        _ => return Err("it is no plain file".into()),
    }
    let mut bytes = Vec::new();
    std::fs::File::from(file).take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB, which no config file is", LARGEST >> 20));
    }
    Ok(Some(bytes))
}

/// Why the system does not give the file.
pub(super) fn refused(error: Errno) -> String {
    match error {
        Errno::NOTDIR => "a part of its path is no folder".into(),
        Errno::LOOP => "its links lead in a circle".into(),
        Errno::ACCESS | Errno::PERM => "permission to read it is denied".into(),
        other => other.to_string(),
    }
}

/// Reads the text of such a file.
#[must_use]
pub fn parse(bytes: &[u8]) -> Outcome {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count();
            let mut problem = Problem::whole("it is no UTF-8 text, as TOML has to be");
            problem.line = Some(line);
            return Outcome::Unreadable { problem };
        }
    };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let found = Found {
                at: error.span().map_or(text.len(), |span| span.start),
                key: None,
                text: format!("no valid TOML: {}", message(&error)),
                suggestion: None,
            };
            return Outcome::Broken { problems: told(text, vec![found]) };
        }
    };
    // A test reads the same text: where it cannot be read here, no program was built from it.
    let schema: Value = serde_json::from_slice(Settings::SCHEMA.as_bytes()).unwrap_or_default();
    let mut judge = Judge { root: &schema, wrong: Vec::new(), unknown: Vec::new(), places: BTreeMap::new() };
    let span = root.span();
    let table = judge.table(root.into_inner(), &schema, "");
    if judge.wrong.is_empty() {
        match Settings::deserialize(toml::Deserializer::from(Spanned::new(span, table))) {
            Ok(settings) => {
                judge.together(&settings);
                if judge.wrong.is_empty() {
                    return Outcome::Good { settings: Box::new(settings), warnings: told(text, judge.unknown) };
                }
            }
            Err(error) => judge.wrong.push(Found {
                at: error.span().map_or(0, |span| span.start),
                key: None,
                text: message(&error),
                suggestion: None,
            }),
        }
    }
    judge.wrong.append(&mut judge.unknown);
    Outcome::Broken { problems: told(text, judge.wrong) }
}

/// What the TOML reader says.
fn message(error: &toml::de::Error) -> String {
    one_line(&error.message().replace('\n', ", "), 200)
}

/// A problem with the offset of its place.
struct Found {
    at: usize,
    key: Option<String>,
    text: String,
    suggestion: Option<String>,
}

/// The first problems in the order of the file, with lines and columns.
fn told(text: &str, mut found: Vec<Found>) -> Vec<Problem> {
    found.sort_by_key(|f| f.at);
    let more = found.len().saturating_sub(MOST_PROBLEMS);
    found.truncate(MOST_PROBLEMS);
    let mut problems: Vec<_> = found
        .into_iter()
        .map(|Found { at, key, text: what, suggestion }| {
            let before = text.get(..at).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |i| i + 1);
            Problem {
                line: Some(1 + before.bytes().filter(|b| *b == b'\n').count()),
                column: Some(1 + before[line_start..].chars().count()),
                key,
                text: what,
                suggestion,
            }
        })
        .collect();
    if more > 0 {
        problems.push(Problem::whole(format!("and {more} more problems")));
    }
    problems
}

/// Holds a file against the schema.
struct Judge<'s> {
    root: &'s Value,
    wrong: Vec<Found>,
    unknown: Vec<Found>,
    /// Where each known key's value stands.
    places: BTreeMap<String, usize>,
}

impl<'s> Judge<'s> {
    /// What a schema refers to.
    fn resolve(&self, schema: &'s Value) -> &'s Value {
        let target = schema["$ref"].as_str().and_then(|r| self.root.pointer(r.strip_prefix('#')?));
        target.unwrap_or(schema)
    }

    /// The table without its unknown keys.
    fn table<'i>(&mut self, table: DeTable<'i>, schema: &'s Value, prefix: &str) -> DeTable<'i> {
        let mut kept = DeTable::new();
        for (name, value) in table {
            let path =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let Some(schema) = schema["properties"].get(name.get_ref().as_ref()).map(|s| self.resolve(s)) else {
                let place = if prefix.is_empty() { String::new() } else { format!(" in [{prefix}]") };
                self.unknown.push(Found {
                    at: name.span().start,
                    text: format!("unknown key {}{place}, ignored", clip(name.get_ref())),
                    suggestion: self.meant(name.get_ref(), schema),
                    key: Some(clip(&path)),
                });
                continue;
            };
            let span = value.span();
            self.places.insert(path.clone(), span.start);
            let value = match value.into_inner() {
                DeValue::Table(inner) if schema["properties"].is_object() => {
                    DeValue::Table(self.table(inner, schema, &path))
                }
                value => {
                    self.leaf(&value, schema, &path, span.start);
                    value
                }
            };
            kept.insert(name, Spanned::new(span, value));
        }
        kept
    }

    fn leaf(&mut self, value: &DeValue<'_>, schema: &Value, path: &str, at: usize) {
        let key = path.rsplit('.').next().unwrap_or(path);
        if schema["properties"].is_object() {
            let text = format!("{key} must be a section, such as [{path}], not {}", kind(value));
            self.wrong.push(Found { at, key: Some(path.to_owned()), text, suggestion: None });
        }
        if schema["type"] == "boolean" && !matches!(value, DeValue::Boolean(_)) {
            let meant = value.as_str().filter(|s| ["true", "false"].contains(s)).map(str::to_owned);
            let text = format!("{key} must be true or false, not {}", kind(value));
            self.wrong.push(Found { at, key: Some(path.to_owned()), text, suggestion: meant });
        }
        if schema["type"] == "array" {
            self.list(value, schema, path, at);
        }
        if schema["type"] != "integer" {
            return;
        }
        let range = (schema["minimum"].as_i64().unwrap_or(0), schema["maximum"].as_i64().unwrap_or(i64::MAX));
        let fits = |n: i64| (range.0..=range.1).contains(&n);
        let (text, suggestion) = match value {
            DeValue::Integer(number) => {
                if i64::from_str_radix(number.as_str(), number.radix()).is_ok_and(fits) {
                    return;
                }
                (format!("{key} must be from {} to {}, not {}", range.0, range.1, clip(&number.to_string())), None)
            }
            other => {
                let meant = other.as_str().and_then(|s| s.trim().parse().ok()).filter(|n| fits(*n));
                let text = format!("{key} must be a whole number from {} to {}, not {}", range.0, range.1, kind(other));
                (text, meant.map(|n| n.to_string()))
            }
        };
        self.wrong.push(Found { at, key: Some(path.to_owned()), text, suggestion });
    }

    /// A list of texts.
    fn list(&mut self, value: &DeValue<'_>, schema: &Value, path: &str, at: usize) {
        let key = path.rsplit('.').next().unwrap_or(path);
        let mut wrong = |at, text| self.wrong.push(Found { at, key: Some(path.to_owned()), text, suggestion: None });
        let Some(items) = value.as_array() else {
            return wrong(at, format!("{key} must be a list of texts, such as [\"~/src\"], not {}", kind(value)));
        };
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        if items.len() as u64 > most {
            wrong(at, format!("{key} must be no more than {most} texts, not {}", items.len()));
        }
        for item in items.iter().filter(|item| item.get_ref().as_str().is_none()) {
            let text = format!("{key} must be a list of texts in quotes, and one of them is {}", kind(item.get_ref()));
            wrong(item.span().start, text);
        }
    }

    /// What one value demands of another, and what a schema cannot say.
    fn together(&mut self, settings: &Settings) {
        let detect = &settings.detect;
        if detect.suspect_ends > detect.loop_ends {
            let place = |key: &str| self.places.get(key).map(|at| (key.to_owned(), *at));
            let (key, at) = place("detect.suspect-ends")
                .or_else(|| place("detect.loop-ends"))
                .unwrap_or_else(|| ("detect".into(), 0));
            self.wrong.push(Found {
                at,
                key: Some(key),
                text: format!(
                    "suspect-ends must not be above loop-ends, but they are {} and {}",
                    detect.suspect_ends, detect.loop_ends
                ),
                suggestion: None,
            });
        }
        let wrong = settings.file_events.folders.iter().find(|folder| !is_folder(folder));
        if let Some(folder) = wrong {
            self.wrong.push(Found {
                at: self.places.get("file-events.folders").copied().unwrap_or(0),
                key: Some("file-events.folders".into()),
                text: format!("folders must be absolute or begin with ~/, and {} is not", clip(folder)),
                suggestion: None,
            });
        }
    }

    /// The key that was probably meant: a near one of the same section, or one of that name in another section.
    fn meant(&self, name: &str, schema: &'s Value) -> Option<String> {
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

/// Whether a text names a folder wherever the agent was started.
fn is_folder(text: &str) -> bool {
    let place = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    (place.is_some() || text.starts_with('/')) && !text.contains(char::is_control)
}

/// A TOML type as it is said.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text in quotes",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a decimal point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
