//! gopls' settings, set in the file in which its client's user keeps them.
//!
//! Theory of operation. The table of the `gopls` room says where that file is and where a setting stands in it; the file
//! is read, and one step is made that sets one value. Where there never is such a file (a client whose settings are a
//! program of its user, or that nobody knows) the plan is what a person sets, and where. What is not clear this time is
//! refused with a sentence and the same words: two files that may be meant, a setting that stands there twice, a gopls
//! that does not know it, a file that says so already.
//!
//! What a gopls knows it is asked itself, by its version and where it has none by its list of settings; that runs the
//! program that runs already, without its telemetry process, and never one that lies in a workspace. It is asked while a
//! plan is made, which somebody asked for.

use std::path::Path;

use goplswatch_core::event::ClientView;
use goplswatch_core::{Reading, Remedy, say};
use goplswatch_gopls::{
    ClientId, DEFAULT_FILTERS, Notation, Setting, SettingsFile, SettingsPlace, Unplaced, known_settings,
    settings_by_hand, suggested_filters, version,
};
use serde_json::{Value, json};

use super::case::Case;
use super::count::{self, Bounds};
use super::site::Made;
use crate::change::{Format, Refusal, Step, edit, file};
use crate::command;

/// What makes the gopls of all windows and editors share one server (gopls doc/daemon.md).
const SHARE: &str = "-remote=auto";
/// No more entries of a workspace are looked at: of the largest public Go repository, kubernetes, about 30,000.
const ENTRIES: u64 = 200_000;
/// Every level holds a descriptor, and source is never as deep.
const DEPTH: usize = 64;
/// A gopls with less spends its time on collecting garbage: the largest public workspaces settle at about 2 GB.
const LEAST_LIMIT: u64 = 2 << 30;
/// A limit is a round number.
const ROUND: u64 = 256 << 20;

/// Sets gopls' own watcher to off, where the file turns it on.
pub(super) fn turn_off_watcher(case: &Case<'_>) -> Result<Made, Refusal> {
    let elsewhere = "does not set fileWatcher. If it is on, the settings of the workspace or of a profile turn it on";
    let wanted = |now: Option<&Value>| match now {
        None => Err(elsewhere.into()),
        Some(_) => Ok(json!("off")),
    };
    set(case, Setting::FileWatcher, &json!("off"), &wanted).map_err(|refusal| {
        // What is set there comes before what the user's own file would say.
        let there = "look for fileWatcher there, and take it out or set it to \"off\"";
        if refusal.why.ends_with(elsewhere) { Refusal::new(refusal.why, there) } else { refusal }
    })
}

/// Has gopls look for changed files now and then.
pub(super) fn poll_files(case: &Case<'_>) -> Result<Made, Refusal> {
    set(case, Setting::FileWatcher, &json!("poll"), &|_| Ok(json!("poll")))
}

/// Leaves large folders without Go code out.
pub(super) fn exclude_folders(case: &Case<'_>) -> Result<Made, Refusal> {
    let by_hand = "set directoryFilters yourself, as gopls' own page on settings describes: go.dev/gopls/settings";
    let root = case.workspace.filter(|folder| folder.starts_with('/'));
    let root = root.ok_or_else(|| Refusal::new("its folder is not known", by_hand))?;
    let bounds = Bounds { entries: ENTRIES, time: case.site.patience.look, depth: DEPTH };
    let seen = count::look(Path::new(root), bounds)
        .map_err(|error| Refusal::new(format!("{root} could not be looked through: {error}"), by_hand))?;
    let defaults: Vec<String> = DEFAULT_FILTERS.iter().map(|&filter| filter.to_owned()).collect();
    let merged = |set: &[String]| -> Option<Value> {
        let more = suggested_filters(seen.entries, &seen.folders, set);
        (!more.is_empty()).then(|| set.iter().cloned().chain(more).collect())
    };
    let none = || {
        let seen = if seen.cut { " in the part of it that was looked through" } else { "" };
        Refusal::new(
            format!("{root} has no large folder without Go code that gopls still looks at{seen}"),
            "open a smaller part of it, or its modules one by one",
        )
    };
    let by_hand = merged(&defaults).ok_or_else(none)?;
    let wanted = |now: Option<&Value>| {
        let set: Vec<String> = match now {
            None => defaults.clone(),
            Some(value) => serde_json::from_value(value.clone()).map_err(|_| "holds no list of words there")?,
        };
        merged(&set).ok_or_else(|| "leaves all large folders without Go code out already".into())
    };
    let mut made = set(case, Setting::DirectoryFilters, &by_hand, &wanted)?;
    and_costs(&mut made, "It holds in every workspace that has folders of these names.");
    if seen.cut {
        and_costs(&mut made, "Not all of the workspace was looked through: it is too large for that.");
    }
    Ok(made)
}

/// Limits gopls' memory.
pub(super) fn limit_memory(case: &Case<'_>) -> Result<Made, Refusal> {
    let usual = case.server.and_then(|server| server.usual.memory_bytes).map(|usual| usual.median);
    let none = |why: &str| Refusal::new(why, "open a smaller part of the workspace, or leave folders out of it");
    let machine = case.memory.ok_or_else(|| none("how much memory this machine has is not known"))?;
    let limit = limit_of(machine, usual)
        .ok_or_else(|| none("this machine has too little memory for a limit that lets gopls work"))?;
    let wanted = |now: Option<&Value>| match now.and_then(Value::as_u64) {
        Some(now) if now > 0 && now <= limit => Err(format!("limits it already, to {}", say::bytes(now))),
        _ => Ok(json!(limit)),
    };
    let mut made = set(case, Setting::MemoryLimit, &json!(limit), &wanted)?;
    let said = say::bytes(limit);
    and_costs(&mut made, &format!("Where gopls needs more than {said}, it goes above that and becomes slow."));
    Ok(made)
}

/// Half of the machine, which leaves as much to the editor, the go command and all else; three quarters where half is
/// less than a quarter above what is usual there, since gopls asks for a limit comfortably above its working set
/// (`gopls api-json` of 0.24, memoryLimit). `None`: that is too little as well.
fn limit_of(machine: u64, usual: Option<u64>) -> Option<u64> {
    let least = usual.map_or(LEAST_LIMIT, |usual| (usual / 4).saturating_mul(5).max(LEAST_LIMIT));
    [machine / 2, machine / 4 * 3].into_iter().map(|limit| limit / ROUND * ROUND).find(|limit| *limit >= least)
}

/// Starts gopls so that its windows share one server.
pub(super) fn share_server(case: &Case<'_>) -> Result<Made, Refusal> {
    let (place, file, client) = match place_of(case)? {
        Place::File { place, file, client } => (place, file, client),
        Place::None { place, why } => {
            let plain = || format!("Have it start gopls as: gopls {SHARE}");
            let by_hand = place.map_or_else(plain, |place| place.flag_snippet(SHARE));
            return Ok(Made::by_hand(format!("{why}\n{by_hand}\n{AND_RESTART}")));
        }
    };
    let by_hand = place.flag_snippet(SHARE);
    let stuck = |why: String| Refusal::new(why, by_hand.clone());
    let found = the_file(case, &file, client).map_err(stuck)?;
    let (path, mut flags) = place.flags(&found.says).map_err(|why| stuck(unplaced(&why, &found.name, client)))?;
    if flags.iter().filter_map(Value::as_str).any(|flag| flag.trim_start_matches('-').starts_with("remote")) {
        return Err(Refusal::new(format!("{} says already whom its gopls share a server with", found.name), RESTART));
    }
    flags.push(json!(SHARE));
    let step = Step::edit(&found.name, format_of(&file), path, Value::Array(flags)).map_err(|r| stuck(r.why))?;
    let mut made = Made::of(step);
    made.cost = format!("{} If the one server ends, all that share it lose it at once.", cost(&found.name));
    Ok(made)
}

const RESTART: &str = "it takes effect when gopls is restarted";
const AND_RESTART: &str = "Then restart gopls.";

/// One more sentence about what it costs.
fn and_costs(made: &mut Made, sentence: &str) {
    if !made.cost.is_empty() {
        made.cost.push(' ');
    }
    made.cost.push_str(sentence);
}

/// One setting, set. `by_hand`: the value as a person would set it; `wanted`: the value, by what stands there now, or
/// why not, as a fragment that follows the file's name.
fn set(
    case: &Case<'_>,
    setting: Setting,
    by_hand: &Value,
    wanted: &dyn Fn(Option<&Value>) -> Result<Value, String>,
) -> Result<Made, Refusal> {
    let name = setting.name();
    let (place, file, client) = match place_of(case)? {
        Place::File { place, file, client } => (place, file, client),
        Place::None { place, why } => {
            // A gopls that does not know it would complain of it at every start.
            knows(case, setting)?;
            let by_hand = place.map_or_else(|| settings_by_hand(name, by_hand), |place| place.snippet(name, by_hand));
            return Ok(Made::by_hand(format!("{why}\n{by_hand}\n{AND_RESTART}")));
        }
    };
    let by_hand = place.snippet(name, by_hand);
    let stuck = |why: String| Refusal::new(why, by_hand.clone());
    let found = the_file(case, &file, client).map_err(stuck)?;
    let path = place.path(&found.says, name).map_err(|why| stuck(unplaced(&why, &found.name, client)))?;
    let now = path.iter().try_fold(&found.says, |value, key| value.get(key));
    let value = wanted(now).map_err(|why| stuck(format!("{} {why}", found.name)))?;
    if now == Some(&value) {
        return Err(Refusal::new(format!("{} says so already: {name} is {value}", found.name), RESTART));
    }
    knows(case, setting)?;
    let step = Step::edit(&found.name, format_of(&file), path, value).map_err(|refusal| stuck(refusal.why))?;
    let mut made = Made::of(step);
    made.cost = cost(&found.name);
    Ok(made)
}

/// Whether this is a setting that a person has to make for this client, on whatever system.
pub(super) fn is_by_hand(remedy: Remedy, client: &ClientView) -> bool {
    let is_setting = matches!(
        remedy,
        Remedy::TurnOffWatcher | Remedy::PollFiles | Remedy::ExcludeFolders | Remedy::LimitMemory | Remedy::ShareServer
    );
    is_setting && place_for(client).and_then(|place| place.file.value()).is_none()
}

/// Where a client keeps its settings; none: the table does not list it.
fn place_for(client: &ClientView) -> Option<&'static SettingsPlace> {
    ClientId::of_told(client.id.as_deref(), &client.name).map(|id| &id.row().settings)
}

/// Where the settings of a client are to be set.
enum Place<'a> {
    /// In a file, as far as there is one.
    File { place: &'static SettingsPlace, file: SettingsFile, client: &'a str },
    /// By a person only; `why` is a sentence.
    None { place: Option<&'static SettingsPlace>, why: String },
}

fn place_of<'a>(case: &Case<'a>) -> Result<Place<'a>, Refusal> {
    let unknown = || {
        Refusal::new(
            "it is not known which gopls is meant",
            "goplswatch status -v shows which gopls run, and whose they are",
        )
    };
    let server = case.server.ok_or_else(unknown)?;
    let client = match &server.server.client {
        Reading::Known(client) => client,
        Reading::Unknown { unknown } => {
            return Ok(Place::None {
                place: None,
                why: format!("Which program runs this gopls is not known: {unknown}."),
            });
        }
    };
    let name = client.name.as_str();
    Ok(match place_for(client) {
        None => Place::None { place: None, why: format!("{name} is not a program that goplswatch knows.") },
        Some(place) => match place.file.value() {
            Some(file) => Place::File { place, file, client: name },
            None => {
                let why = format!("{name} keeps this in no file that another program could write to.");
                Place::None { place: Some(place), why }
            }
        },
    })
}

/// A settings file with what it says.
struct Found {
    name: String,
    says: Value,
}

/// The one file in which a client's settings stand. An error is a fragment.
fn the_file(case: &Case<'_>, file: &SettingsFile, client: &str) -> Result<Found, String> {
    let site = case.site;
    let home = site.home.as_deref().and_then(Path::to_str).ok_or("the home folder is not known")?;
    let config = site.surroundings.config.as_deref().and_then(Path::to_str);
    let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
    let mut files = file.files.paths(site.surroundings.places, &trimmed(home), config.map(trimmed).as_deref());
    // A new file is made where the client's folder is; where only the file shows that the client reads it, it is there.
    let is_there = |name: &String| match Path::new(name).parent() {
        Some(folder) if file.made => folder.is_dir(),
        _ => Path::new(name).exists(),
    };
    files.retain(is_there);
    let name = match files.as_slice() {
        [one] => one.clone(),
        [] => return Err(format!("no settings file of {client} for gopls was found in its usual place")),
        more => {
            return Err(format!("{client} may read its settings from more than one file here: {}", more.join(", ")));
        }
    };
    let text = file::look(&name).map_err(|refusal| refusal.why)?;
    let text = text.text().unwrap_or_default();
    let says = edit::says(format_of(file), text).map_err(|why| format!("{name} cannot be changed: {why}"))?;
    Ok(Found { name, says })
}

fn unplaced(why: &Unplaced, file: &str, client: &str) -> String {
    match why {
        Unplaced::Twice(keys) => format!("{file} sets it more than once: {}", keys.join(", ")),
        Unplaced::NoHolder => format!("nothing in {file} shows where {client} would read it"),
        Unplaced::NotThere => format!("{client} has no setting for that"),
    }
}

const fn format_of(file: &SettingsFile) -> Format {
    match file.notation {
        Notation::Jsonc => Format::Jsonc,
        Notation::Toml => Format::Toml,
    }
}

/// What a user should know of a change to a file of settings.
fn cost(file: &str) -> String {
    let mut said = "What a workspace sets itself comes before it.".to_owned();
    // Each profile of VS Code has a folder there with settings of its own (User/profiles/ID/settings.json).
    if Path::new(file).with_file_name("profiles").is_dir() {
        said.push_str(" A window that uses a profile reads that profile's settings instead.");
    }
    said
}

/// Whether the gopls that runs knows a setting.
fn knows(case: &Case<'_>, setting: Setting) -> Result<(), Refusal> {
    let (name, since) = (setting.name(), setting.since());
    if (since.major, since.minor) == (0, 0) {
        return Ok(());
    }
    let update = "update gopls first: go install golang.org/x/tools/gopls@latest";
    let unknown = |why: &str| {
        Refusal::new(format!("it is not known whether this gopls knows {name}, which came with {since}: {why}"), update)
    };
    let exe = case.program().map_err(|why| unknown(&why))?;
    let ask = |arguments: &[&str]| {
        let argv: Vec<_> = std::iter::once(exe).chain(arguments.iter().copied()).map(Into::into).collect();
        command::ask(&argv, &[("GO_TELEMETRY_CHILD", "2")], case.site.patience.answer)
    };
    let said = ask(&["version", "-json"]);
    match said.map(|said| version(&said)) {
        Ok(Some(own)) if own >= since => return Ok(()),
        Ok(Some(own)) => {
            return Err(Refusal::new(format!("this gopls is {own}, and {name} came with {since}"), update));
        }
        // Its own list of settings tells as well.
        Ok(None) | Err(_) => {}
    }
    match known_settings(&ask(&["api-json"]).map_err(|why| unknown(&why))?) {
        Some(known) if known.contains(name) => Ok(()),
        Some(_) => Err(Refusal::new(format!("this gopls does not know {name}, which came with {since}"), update)),
        None => Err(unknown("it does not list its settings")),
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
