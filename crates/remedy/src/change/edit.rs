//! Sets one value in a settings file; everything else stays as it is: comments, order, indentation,
//! line ends.
//!
//! JSON with comments is edited in its concrete syntax tree (jsonc-parser's `cst`), TOML in
//! `toml_edit`'s document; both make the smallest possible change. A byte order mark is kept, and
//! if every line of the file ended with CRLF, every line does so afterwards.

use goplswatch_core::message::{Message, SharedMessage};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;
use similar::TextDiff;

use super::file::{self, TargetFile};
use super::hash::sha256;
use super::plan::{Action, Change, Format, Step};
use super::refusal::Refusal;
use crate::said::verbatim;

const MARK: char = '\u{feff}';

/// Returns the text with the value set. Errors are fragments that do not name a file.
pub(crate) fn set(format: Format, text: &str, path: &[String], value: &Value) -> Result<String, Message> {
    if path.is_empty() {
        return Err(Message::SettingsNoKey);
    }
    let (mark, bare) = match text.strip_prefix(MARK) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut made = match format {
        Format::Jsonc => jsonc(bare, path, value)?,
        Format::Toml => toml(bare, path, value)?,
    };
    let crlf = bare.matches("\r\n").count();
    if crlf > 0 && crlf == bare.matches('\n').count() {
        made = made.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    if mark {
        made.insert(0, MARK);
    }
    Ok(made)
}

/// Parses a settings file into one value; an empty file gives an empty object. Errors are fragments
/// that do not name a file.
pub(crate) fn parse(format: Format, text: &str) -> Result<Value, Message> {
    let bare = text.strip_prefix(MARK).unwrap_or(text);
    match format {
        Format::Jsonc => {
            let says: Option<Value> = jsonc_parser::parse_to_serde_value(bare, &STRICT)
                .map_err(|error| Message::SettingsNoJson { why: verbatim(&error) })?;
            Ok(says.unwrap_or_else(|| Value::Object(serde_json::Map::new())))
        }
        Format::Toml => {
            toml::from_str(bare).map_err(|error| Message::SettingsNoToml { why: verbatim(error.message()) })
        }
    }
}

impl Step {
    /// A step that sets one value in a settings file. The file is read now, and must be unchanged
    /// when the step is carried out. A missing file is created; its folder is not.
    ///
    /// # Errors
    /// If the file must not be changed, or the value cannot be set in it.
    pub fn edit(file: &str, format: Format, path: Vec<String>, value: Value) -> Result<Self, Refusal> {
        let change = change(file, |before| set(format, before.unwrap_or(""), &path, &value))?;
        Ok(Action::Edit { change, format, path, value }.into())
    }

    /// A step that writes a whole file, with the same conditions as [`Step::edit`]; a new file gets
    /// this mode.
    ///
    /// # Errors
    /// If the file must not be changed.
    pub fn write(file: &str, text: String, mode: u32) -> Result<Self, Refusal> {
        let change = change(file, |_| Ok(text.clone()))?;
        Ok(Action::Write { change, text, mode, ours: false }.into())
    }
}

/// A step that writes a whole file of our own, which always gets this mode.
///
/// # Errors
/// If something else is in its place.
pub(crate) fn write_own(file: &str, text: String, mode: u32) -> Result<Action, Refusal> {
    let change = changed(file, &file::read_own(file)?, &text);
    Ok(Action::Write { change, text, mode, ours: true })
}

/// The file of a step, before and after.
fn change(file: &str, make: impl FnOnce(Option<&str>) -> Result<String, Message>) -> Result<Change, Refusal> {
    let found = file::read_foreign(file)?;
    let after = make(found.text()).map_err(|why| {
        Refusal::new(
            Message::FileNotChanged { file: verbatim(file), why: SharedMessage::new(why) },
            Message::DoSetRightFirst,
        )
    })?;
    Ok(changed(file, &found, &after))
}

fn changed(file: &str, found: &TargetFile, after: &str) -> Change {
    Change {
        file: file.to_owned(),
        before: found.hash(),
        after: sha256(after.as_bytes()),
        diff: diff(&found.target, found.text().unwrap_or(""), after),
        target: found.target.clone(),
    }
}

/// A unified diff.
pub(crate) fn diff(name: &str, before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().context_radius(3).header(name, name).to_string()
}

const STRICT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    // A file that editors themselves do not accept is not changed: the user has to look at it
    // first.
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

fn jsonc(text: &str, path: &[String], value: &Value) -> Result<String, Message> {
    let root = CstRootNode::parse(text, &STRICT).map_err(|error| Message::SettingsNoJson { why: verbatim(&error) })?;
    let mut object = root.object_value_or_create().ok_or(Message::SettingsHoldNone)?;
    let (last, outer) = path.split_last().ok_or(Message::SettingsNoKey)?;
    for (depth, key) in outer.iter().enumerate() {
        let outer = || verbatim(&path[..=depth].join(" > "));
        object = match property(&object, key)? {
            Some(property) => property.object_value().ok_or_else(|| Message::SettingsNoObject { key: outer() })?,
            None => object
                .append(key, CstInputValue::Object(Vec::new()))
                .object_value()
                .ok_or_else(|| Message::SettingsNotMade { key: outer() })?,
        };
    }
    match property(&object, last)? {
        Some(property) => property.set_value(input(value)),
        None => drop(object.append(last, input(value))),
    }
    Ok(root.to_string())
}

/// The property with this name. Two of them are an error, because programs disagree about which one
/// counts.
fn property(object: &CstObject, key: &str) -> Result<Option<jsonc_parser::cst::CstObjectProp>, Message> {
    let mut found = object.properties().into_iter().filter(|property| property.decoded_name().as_deref() == Some(key));
    let first = found.next();
    if found.next().is_some() { Err(Message::SettingsTwice { key: verbatim(key) }) } else { Ok(first) }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(values) => CstInputValue::Array(values.iter().map(input).collect()),
        Value::Object(map) => CstInputValue::Object(map.iter().map(|(k, v)| (k.clone(), input(v))).collect()),
    }
}

fn toml(text: &str, path: &[String], value: &Value) -> Result<String, Message> {
    let not_toml = |error: toml_edit::TomlError| Message::SettingsNoToml { why: verbatim(error.message()) };
    let mut document: toml_edit::DocumentMut = text.parse().map_err(not_toml)?;
    let (last, outer) = path.split_last().ok_or(Message::SettingsNoKey)?;
    let mut table: &mut dyn toml_edit::TableLike = document.as_table_mut();
    for (depth, key) in outer.iter().enumerate() {
        let item = table.entry(key).or_insert_with(|| {
            let mut table = toml_edit::Table::new();
            table.set_implicit(true);
            toml_edit::Item::Table(table)
        });
        let no_table = || Message::SettingsNoTable { key: verbatim(&path[..=depth].join(".")) };
        table = item.as_table_like_mut().ok_or_else(no_table)?;
    }
    let mut made = toml_value(value)?;
    match table.get_mut(last) {
        Some(toml_edit::Item::Value(old)) => {
            // Keep the spaces and the comment around the old value.
            *made.decor_mut() = old.decor().clone();
            *old = made;
        }
        Some(item) if !item.is_none() => return Err(Message::SettingsIsTable { key: verbatim(&path.join(".")) }),
        _ => drop(table.insert(last, toml_edit::Item::Value(made))),
    }
    Ok(document.to_string())
}

fn toml_value(value: &Value) -> Result<toml_edit::Value, Message> {
    Ok(match value {
        Value::Null => return Err(Message::SettingsNoNull),
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => float.into(),
            (None, None) => return Err(Message::SettingsNoNumber { number: verbatim(number) }),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(values) => {
            let mut array = toml_edit::Array::new();
            for value in values {
                array.push(toml_value(value)?);
            }
            array.into()
        }
        Value::Object(map) => {
            let mut table = toml_edit::InlineTable::new();
            for (key, value) in map {
                table.insert(key, toml_value(value)?);
            }
            table.into()
        }
    })
}
