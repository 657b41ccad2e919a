//! Changes settings of gopls in the file in which the user of its client keeps them.
//!
//! Theory of operation. The table of the `gopls` crate says where that file is and where a setting
//! belongs in it. The file is read, and one step is made that sets one value. If a client never has
//! such a file (its settings are a program that its user writes, or it is unknown), the plan is an
//! instruction on what to set and where. If the current case is unclear, the plan is refused with a
//! reason and the same instruction: two files are possible, the setting occurs twice, this gopls
//! does not know the setting, or the file already has the value.
//!
//! The running gopls itself is asked whether it knows a setting: by its version or, if it reports
//! none, by its list of settings. This runs the same program again, without its telemetry process,
//! and never a program that is inside a workspace. It happens only while a plan is made, which the
//! user requested.

use std::path::Path;

use goplswatch_core::event::ClientView;
use goplswatch_core::message::{Bytes, Message, Name, SharedMessage};
use goplswatch_core::{Reading, Remedy};
use goplswatch_gopls::{
    ClientId, DEFAULT_FILTERS, LocationError, Notation, Setting, SettingsFile, SettingsLocation, known_settings,
    settings_by_hand, suggested_filters, version,
};
use serde_json::{Value, json};

use super::case::Case;
use super::count::{self, Bounds};
use super::site::Draft;
use crate::change::{Format, Refusal, Step, edit, file};
use crate::command;
use crate::said::verbatim;

/// Makes the gopls processes of all windows and editors share one server (gopls doc/daemon.md).
const SHARE: &str = "-remote=auto";
/// The maximum number of entries of a workspace that are scanned. The largest public Go repository,
/// kubernetes, has about 30,000.
const ENTRIES: u64 = 200_000;
/// Every level holds a descriptor, and source trees are never as deep.
const DEPTH: usize = 64;
/// With less, gopls spends its time on garbage collection: the largest public workspaces settle at
/// about 2 GB.
const LEAST_LIMIT: u64 = 2 << 30;
/// A limit is rounded down to a multiple of this.
const ROUND: u64 = 256 << 20;

/// Turns gopls' own file watcher off, if the file turns it on.
pub(super) fn turn_off_watcher(case: &Case<'_>) -> Result<Draft, Refusal> {
    let wanted = |now: Option<&Value>| match now {
        None => Err(Message::SettingWatcherUnset),
        Some(_) => Ok(json!("off")),
    };
    set(case, Setting::FileWatcher, &json!("off"), &wanted).map_err(|refusal| match &*refusal.why {
        // A value that is set elsewhere would take precedence over the user's own file.
        Message::OfPath { why, .. } if **why == Message::SettingWatcherUnset => {
            Refusal { instead: vec![Message::DoLookForWatcher], ..refusal }
        }
        _ => refusal,
    })
}

/// Makes gopls poll for changed files.
pub(super) fn poll_files(case: &Case<'_>) -> Result<Draft, Refusal> {
    set(case, Setting::FileWatcher, &json!("poll"), &|_| Ok(json!("poll")))
}

/// Excludes large folders without Go code.
pub(super) fn exclude_folders(case: &Case<'_>) -> Result<Draft, Refusal> {
    let refused = |why| Refusal::new(why, Message::DoSetFilters);
    let root = case.workspace.filter(|folder| folder.starts_with('/'));
    let root = root.ok_or_else(|| refused(Message::FolderUnknown))?;
    let bounds = Bounds { entries: ENTRIES, time: case.site.timeouts.look, depth: DEPTH };
    let seen = count::scan(Path::new(root), bounds)
        .map_err(|error| refused(Message::NotLookedThrough { folder: verbatim(root), why: verbatim(&error) }))?;
    let defaults: Vec<String> = DEFAULT_FILTERS.iter().map(|&filter| filter.to_owned()).collect();
    let merged = |set: &[String]| -> Option<Value> {
        let more = suggested_filters(seen.entries, &seen.folders, set);
        (!more.is_empty()).then(|| set.iter().cloned().chain(more).collect())
    };
    let none = || {
        let seen = seen.cut.then_some(Message::InPartSeen).into();
        Refusal::new(Message::NoLargeFolder { folder: verbatim(root), seen }, Message::DoOpenSmaller)
    };
    let by_hand = merged(&defaults).ok_or_else(none)?;
    let wanted = |now: Option<&Value>| {
        let set: Vec<String> = match now {
            None => defaults.clone(),
            Some(value) => serde_json::from_value(value.clone()).map_err(|_| Message::SettingNoList)?,
        };
        merged(&set).ok_or(Message::SettingLeavesAllOut)
    };
    let mut made = set(case, Setting::DirectoryFilters, &by_hand, &wanted)?;
    made.and_costs(Message::CostEveryWorkspace);
    if seen.cut {
        made.and_costs(Message::CostNotLookedThrough);
    }
    Ok(made)
}

/// Limits gopls' memory.
pub(super) fn limit_memory(case: &Case<'_>) -> Result<Draft, Refusal> {
    let usual = case.server.and_then(|server| server.usual.memory_bytes).map(|usual| usual.median);
    let none = |why| Refusal::new(why, Message::DoOpenSmallerOrLeaveOut);
    let machine = case.memory.ok_or_else(|| none(Message::MachineMemoryUnknown))?;
    let limit = limit_of(machine, usual).ok_or_else(|| none(Message::MachineMemoryTooSmall))?;
    let wanted = |now: Option<&Value>| match now.and_then(Value::as_u64) {
        Some(now) if now > 0 && now <= limit => Err(Message::SettingLimits { limit: Bytes::new(now) }),
        _ => Ok(json!(limit)),
    };
    let mut made = set(case, Setting::MemoryLimit, &json!(limit), &wanted)?;
    made.and_costs(Message::CostAboveLimit { limit: Bytes::new(limit) });
    Ok(made)
}

/// Half of the machine's memory, which leaves as much to the editor, the go command and everything
/// else. Three quarters if half is less than 125 % of what this gopls usually uses, since gopls
/// recommends a limit comfortably above its working set (`gopls api-json` of 0.24, memoryLimit), or
/// less than [`LEAST_LIMIT`]. `None` if that is too little as well.
fn limit_of(machine: u64, usual: Option<u64>) -> Option<u64> {
    let least = usual.map_or(LEAST_LIMIT, |usual| (usual / 4).saturating_mul(5).max(LEAST_LIMIT));
    [machine / 2, machine / 4 * 3].into_iter().map(|limit| limit / ROUND * ROUND).find(|limit| *limit >= least)
}

/// Starts gopls so that its windows share one server.
pub(super) fn share_server(case: &Case<'_>) -> Result<Draft, Refusal> {
    let (place, file, client) = match place_of(case)? {
        SettingsTarget::File { place, file, client } => (place, file, client),
        SettingsTarget::None { place, why } => {
            let plain = || vec![Message::HandStartAs { flag: verbatim(SHARE) }];
            return Ok(by_hand(why, place.map_or_else(plain, |place| vec![place.flag_snippet(SHARE)])));
        }
    };
    let stuck = |why| Refusal { why: SharedMessage::new(why), instead: vec![place.flag_snippet(SHARE)] };
    let found = settings_file(case, &file, client).map_err(stuck)?;
    let (path, mut flags) = place.flags(&found.says).map_err(|why| stuck(unplaced(&why, &found.name, client)))?;
    if flags.iter().filter_map(Value::as_str).any(|flag| flag.trim_start_matches('-').starts_with("remote")) {
        return Err(Refusal::new(of_file(&found.name, Message::SettingSharesAlready), Message::DoRestartGopls));
    }
    flags.push(json!(SHARE));
    let step = Step::edit(&found.name, format_of(&file), path, Value::Array(flags))
        .map_err(|refusal| stuck(Message::clone(&refusal.why)))?;
    let mut made = Draft::of(step);
    costs(&mut made, &found.name);
    made.and_costs(Message::CostSharedEnd);
    Ok(made)
}

/// Instructions on what to set, with the reason why the user has to do it.
fn by_hand(why: Message, lines: Vec<Message>) -> Draft {
    Draft::by_hand(std::iter::once(why).chain(lines).chain([Message::HandThenRestart]).collect())
}

fn of_file(file: &str, why: Message) -> Message {
    Message::OfPath { path: verbatim(file), why: SharedMessage::new(why) }
}

/// Sets one setting. `usual` is the value for the instructions. `wanted` computes the value from
/// the current one, or gives a reason against it, as a fragment that follows the file's name.
fn set(
    case: &Case<'_>,
    setting: Setting,
    usual: &Value,
    wanted: &dyn Fn(Option<&Value>) -> Result<Value, Message>,
) -> Result<Draft, Refusal> {
    let name = setting.name();
    let (place, file, client) = match place_of(case)? {
        SettingsTarget::File { place, file, client } => (place, file, client),
        SettingsTarget::None { place, why } => {
            // A gopls that does not know the setting would complain about it at every start.
            knows(case, setting)?;
            let snippet = place.map_or_else(|| settings_by_hand(name, usual), |place| place.snippet(name, usual));
            return Ok(by_hand(why, snippet));
        }
    };
    let stuck = |why| Refusal { why: SharedMessage::new(why), instead: place.snippet(name, usual) };
    let found = settings_file(case, &file, client).map_err(stuck)?;
    let path = place.path(&found.says, name).map_err(|why| stuck(unplaced(&why, &found.name, client)))?;
    let now = path.iter().try_fold(&found.says, |value, key| value.get(key));
    let value = wanted(now).map_err(|why| stuck(of_file(&found.name, why)))?;
    if now == Some(&value) {
        let says = Message::SettingSays { name: verbatim(name), value: verbatim(&value) };
        return Err(Refusal::new(of_file(&found.name, says), Message::DoRestartGopls));
    }
    knows(case, setting)?;
    let step = Step::edit(&found.name, format_of(&file), path, value)
        .map_err(|refusal| stuck(Message::clone(&refusal.why)))?;
    let mut made = Draft::of(step);
    costs(&mut made, &found.name);
    Ok(made)
}

/// Whether the user has to make this setting by hand for this client, on any system.
pub(super) fn is_by_hand(remedy: Remedy, client: &ClientView) -> bool {
    let is_setting = matches!(
        remedy,
        Remedy::TurnOffWatcher | Remedy::PollFiles | Remedy::ExcludeFolders | Remedy::LimitMemory | Remedy::ShareServer
    );
    is_setting && place_for(client).and_then(|place| place.file.value()).is_none()
}

/// Where a client keeps its settings; `None` if the table does not list the client.
fn place_for(client: &ClientView) -> Option<&'static SettingsLocation> {
    ClientId::of_recorded(client.id.as_deref(), &client.name).map(|id| &id.row().settings)
}

/// Where the settings of a client are changed.
enum SettingsTarget<'a> {
    /// In a file, if it exists.
    File { place: &'static SettingsLocation, file: SettingsFile, client: &'a str },
    /// By the user only; `why` is a sentence.
    None { place: Option<&'static SettingsLocation>, why: Message },
}

fn place_of<'a>(case: &Case<'a>) -> Result<SettingsTarget<'a>, Refusal> {
    let unknown = || Refusal::new(Message::GoplsUnknown, Message::DoStatusWhose);
    let server = case.server.ok_or_else(unknown)?;
    let client = match &server.server.client {
        Reading::Known(client) => client,
        Reading::Unknown { unknown } => {
            return Ok(SettingsTarget::None {
                place: None,
                why: Message::HandClientUnknown { why: verbatim(unknown) },
            });
        }
    };
    let name = client.name.as_str();
    Ok(match place_for(client) {
        None => SettingsTarget::None { place: None, why: Message::HandClientUnlisted { client: Name(name.into()) } },
        Some(place) => match place.file.value() {
            Some(file) => SettingsTarget::File { place, file, client: name },
            None => SettingsTarget::None { place: Some(place), why: Message::HandNoFile { client: Name(name.into()) } },
        },
    })
}

/// A settings file with its parsed content.
struct ParsedSettings {
    name: String,
    says: Value,
}

/// Reads the settings file of a client. None or several are an error, which is a fragment.
fn settings_file(case: &Case<'_>, file: &SettingsFile, client: &str) -> Result<ParsedSettings, Message> {
    let site = case.site;
    let home = site.home.as_deref().and_then(Path::to_str).ok_or(Message::HomeUnknown)?;
    let config = site.surroundings.config.as_deref().and_then(Path::to_str);
    let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
    let mut files = file.files.paths(site.surroundings.host_system, &trimmed(home), config.map(trimmed).as_deref());
    // If the file may be created, the client's folder has to exist. For other clients the file
    // itself has to exist, since only that shows that the client reads it.
    let is_there = |name: &String| match Path::new(name).parent() {
        Some(folder) if file.may_create => folder.is_dir(),
        _ => Path::new(name).exists(),
    };
    files.retain(is_there);
    let name = match files.as_slice() {
        [one] => one.clone(),
        [] => return Err(Message::SettingsFileNone { client: Name(client.into()) }),
        more => {
            return Err(Message::SettingsFiles { client: Name(client.into()), files: verbatim(&more.join(", ")) });
        }
    };
    let text = file::read_foreign(&name).map_err(|refusal| Message::clone(&refusal.why))?;
    let text = text.text().unwrap_or_default();
    let says = edit::parse(format_of(file), text)
        .map_err(|why| Message::FileNotChanged { file: verbatim(&name), why: SharedMessage::new(why) })?;
    Ok(ParsedSettings { name, says })
}

fn unplaced(why: &LocationError, file: &str, client: &str) -> Message {
    let client = Name(client.into());
    match why {
        LocationError::Twice(keys) => of_file(file, Message::SettingManyTimes { keys: verbatim(&keys.join(", ")) }),
        LocationError::NoHolder => Message::SettingNoHolder { file: verbatim(file), client },
        LocationError::NotThere => Message::SettingOfNone { client },
    }
}

const fn format_of(file: &SettingsFile) -> Format {
    match file.notation {
        Notation::Jsonc => Format::Jsonc,
        Notation::Toml => Format::Toml,
    }
}

/// Adds what a user should know about a change of a settings file.
fn costs(made: &mut Draft, file: &str) {
    made.and_costs(Message::CostWorkspaceFirst);
    // Each profile of VS Code has a folder there with its own settings
    // (User/profiles/ID/settings.json).
    if Path::new(file).with_file_name("profiles").is_dir() {
        made.and_costs(Message::CostProfile);
    }
}

/// Checks that the running gopls knows a setting.
fn knows(case: &Case<'_>, setting: Setting) -> Result<(), Refusal> {
    let (name, since) = (setting.name(), setting.since());
    if (since.major, since.minor) == (0, 0) {
        return Ok(());
    }
    let refused = |why| Refusal::new(why, Message::DoUpdateGopls);
    let (named, came_with) = (|| verbatim(name), || verbatim(&since));
    let unknown =
        |why| refused(Message::GoplsMayKnow { name: named(), since: came_with(), why: SharedMessage::new(why) });
    let exe = case.program().map_err(unknown)?;
    let ask = |arguments: &[&str]| {
        let argv: Vec<_> = std::iter::once(exe).chain(arguments.iter().copied()).map(Into::into).collect();
        command::capture(&argv, &[("GO_TELEMETRY_CHILD", "2")], case.site.timeouts.answer)
    };
    let said = ask(&["version", "-json"]);
    match said.map(|said| version(&said)) {
        Ok(Some(own)) if own >= since => return Ok(()),
        Ok(Some(own)) => {
            return Err(refused(Message::GoplsTooOld { own: verbatim(&own), name: named(), since: came_with() }));
        }
        // Its list of settings answers the question as well.
        Ok(None) | Err(_) => {}
    }
    match known_settings(&ask(&["api-json"]).map_err(unknown)?) {
        Some(known) if known.contains(name) => Ok(()),
        Some(_) => Err(refused(Message::GoplsKnowsNot { name: named(), since: came_with() })),
        None => Err(unknown(Message::SettingsUnlisted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_leaves_room_to_gopls_and_to_the_machine() {
        const GIB: u64 = 1 << 30;
        for (machine, usual, expected) in [
            (16 * GIB, None, Some(8 * GIB)),
            (16 * GIB, Some(6 * GIB), Some(8 * GIB)),
            (16 * GIB, Some(7 * GIB), Some(12 * GIB)),
            (16 * GIB, Some(10 * GIB), None),
            (4 * GIB, None, Some(2 * GIB)),
            (3 * GIB, None, Some(9 * GIB / 4)),
            (2 * GIB, None, None),
            (17_179_869_183, None, Some(8 * GIB - ROUND)),
            (0, Some(u64::MAX), None),
        ] {
            assert_eq!(limit_of(machine, usual), expected, "{machine} {usual:?}");
        }
    }
}
