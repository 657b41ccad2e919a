//! The servers' section of the menu. The servers that one client runs on one folder share one row,
//! whose key stays the same while servers come and go.

use std::collections::BTreeMap;

use goplswatch_core::event::ServerView;
use goplswatch_core::message::{Count, Millis, Text};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{PastServer, ProcessKey, Reading, Remedy, ServerStatus, path_names};

use crate::problems::{is_shown, process_key, title};
use crate::view_model::{ViewModel, count};
use crate::{Catalogue, Phrase, Row, UserAction, load, words};

/// The maximum number of listed rows, not counting the last one: the submenu with the rest, or one
/// more row if there is no rest.
const MOST: usize = 8;
/// With a rest, a list of fewer rows than this is replaced by a submenu.
const FEWEST: usize = 2;

/// The servers of one client on one folder.
struct Group<'a> {
    key: String,
    label: String,
    servers: Vec<&'a ServerStatus>,
}

/// The minimum number of rows of the section, its separator included.
pub(crate) fn least(view_model: &ViewModel<'_>) -> usize {
    if view_model.snapshot.servers.is_empty() { 0 } else { 2 }
}

/// The number of rows that the section needs to be a list.
pub(crate) fn wanted(view_model: &ViewModel<'_>) -> usize {
    match groups(view_model).len() {
        0 => 0,
        n => 2 + n.min(FEWEST + 1),
    }
}

/// The section on at most `room` rows (at least [`least`]), its separator included.
pub(crate) fn section(view_model: &ViewModel<'_>, room: usize) -> Vec<Row> {
    let mut groups = groups(view_model);
    if groups.is_empty() {
        return Vec::new();
    }
    let line = Row::separator("servers/line");
    // Without the separator and the title.
    let room = room.saturating_sub(2);
    // A submenu takes a row itself, so it is not used for a single row.
    let listed = if groups.len() <= room.min(MOST + 1) { groups.len() } else { room.saturating_sub(1).min(MOST) };
    if listed < groups.len() && listed < FEWEST {
        let only = match groups.as_slice() {
            [one] => row(view_model, one),
            all_groups => {
                Row::list(view_model, "servers/all".into(), all(view_model), all_groups, |group| row(view_model, group))
            }
        };
        return vec![line, only];
    }
    let mut rows = vec![line, Row::text("servers".into(), view_model.phrase(&Phrase::ServersTitle))];
    let rest = groups.split_off(listed);
    rows.extend(groups.iter().map(|group| row(view_model, group)));
    if !rest.is_empty() {
        let label = Phrase::MoreServers { n: count(rest.iter().map(|group| group.servers.len()).sum()) };
        let label = view_model.phrase(&label);
        rows.push(Row::list(view_model, "servers/more".into(), label, &rest, |group| row(view_model, group)));
    }
    rows
}

/// "5 servers — 2.4 GB".
fn all(view_model: &ViewModel<'_>) -> String {
    let servers = view_model.servers();
    view_model.phrase(&match of_all(view_model) {
        Some(memory) => Phrase::ServersUsing { servers, memory: Text(memory) },
        None => Phrase::Servers { servers },
    })
}

/// The total memory of all servers.
pub(crate) fn of_all(view_model: &ViewModel<'_>) -> Option<String> {
    view_model.memory(view_model.snapshot.servers.iter().map(|s| s.memory_bytes))
}

/// Groups in the order of their folders' names, so that a restarted server keeps its position.
fn groups<'a>(view_model: &ViewModel<'a>) -> Vec<Group<'a>> {
    let mut found: BTreeMap<_, Vec<&ServerStatus>> = BTreeMap::new();
    for status in &view_model.snapshot.servers {
        let server = &status.server;
        let path = server.workspace.known().map(String::as_str);
        let client = server.client.known().map(|client| client.name.as_str());
        let order = (path.is_none(), path.map(path_names::folder), path, client, server.class.word());
        found.entry(order).or_default().push(status);
    }
    found
        .into_iter()
        .map(|((_, _, path, client, class), servers)| Group {
            key: format!("place/{class}/{}/{}", quoted(client), quoted(path)),
            label: label(view_model, &servers),
            servers,
        })
        .collect()
}

/// Quotes a name, so that different combinations of names never give the same key.
fn quoted(name: Option<&str>) -> String {
    name.map_or_else(|| "-".into(), |name| format!("{name:?}"))
}

/// "api-server — VS Code ×2 · 1.2 GB · 14 % · Intel".
fn label(view_model: &ViewModel<'_>, servers: &[&ServerStatus]) -> String {
    let Some(first) = servers.first() else { return String::new() };
    let folder = view_model.place_of(&first.server.workspace);
    let times = if servers.len() > 1 { format!(" ×{}", servers.len()) } else { String::new() };
    let mut parts = who(view_model.words(), &first.server);
    if let Some(last) = parts.last_mut() {
        last.push_str(&times);
    }
    let memory = view_model.memory(servers.iter().map(|s| s.memory_bytes));
    parts.push(memory.unwrap_or_else(|| view_model.phrase(&Phrase::MemoryUnknown)));
    parts.extend(load::cpu(view_model.words(), &view_model.snapshot.worth, servers));
    parts.extend(load::many_descriptors(view_model.words(), &view_model.snapshot.worth, servers));
    if servers.iter().any(|s| s.server.translated == Reading::Known(true)) {
        parts.push(view_model.phrase(&Phrase::Intel));
    }
    format!("{folder} — {}", parts.join(" · "))
}

/// The client, and the class of the server unless it is an ordinary one; at least one of them.
pub(crate) fn who(words: &Catalogue, server: &ServerView) -> Vec<String> {
    let class = match server.class {
        ServerClass::Lsp => None,
        ServerClass::Daemon => Some(Phrase::SharedServer),
        ServerClass::Forwarder => Some(Phrase::Forwarder),
        ServerClass::Mcp => Some(Phrase::GoplsMcp),
        ServerClass::OneShot => Some(Phrase::Command),
        ServerClass::Sidecar => Some(Phrase::Telemetry),
    };
    let client = match (client(words, server), &class) {
        (None, None) => Some(words.phrase(&Phrase::NoEditor)),
        (client, _) => client,
    };
    client.into_iter().chain(class.map(|class| words.phrase(&class))).collect()
}

fn client(words: &Catalogue, server: &ServerView) -> Option<String> {
    server.client.known().map(|client| words.name(&client.name))
}

fn row(view_model: &ViewModel<'_>, group: &Group<'_>) -> Row {
    let (key_of_group, label) = (group.key.clone(), group.label.clone());
    match group.servers.as_slice() {
        [one] => Row::submenu(key_of_group, label, about(view_model, one)),
        several => Row::list(view_model, key_of_group, label, several, |status| {
            let memory = status.memory_bytes.map(|bytes| view_model.words().bytes(bytes));
            let memory = memory.unwrap_or_else(|| view_model.phrase(&Phrase::MemoryUnknown));
            let cpu = load::cpu(view_model.words(), &view_model.snapshot.worth, &[status]);
            let parts: Vec<String> = std::iter::once(memory).chain(cpu).collect();
            let label = format!("{} — {}", view_model.phrase(&pid_is(&status.server)), parts.join(" · "));
            Row::submenu(key(&status.server), label, about(view_model, status))
        }),
    }
}

fn key(server: &ServerView) -> String {
    format!("server/{}", process_key(ProcessKey { pid: server.pid, start: server.start }))
}

/// The rows about a server and its actions.
fn about(view_model: &ViewModel<'_>, status: &ServerStatus) -> Vec<Row> {
    let server = &status.server;
    let key = key(server);
    let mut rows: Vec<Row> = facts(view_model, status)
        .into_iter()
        .enumerate()
        .map(|(i, said)| Row::text(format!("{key}/text/{i}"), said))
        .collect();
    rows.push(Row::separator(&format!("{key}/line")));
    if let Reading::Known(path) = &server.exe {
        let wants = UserAction::Reveal { path: path.clone() };
        rows.push(Row::item(format!("{key}/reveal"), view_model.phrase(&Phrase::RevealBinary), wants));
    }
    let wants = UserAction::Copy { text: server.pid.to_string() };
    rows.push(Row::item(format!("{key}/copy-pid"), view_model.phrase(&Phrase::CopyPid), wants));
    let mut offers: Vec<Remedy> = status.offers.iter().copied().filter(|offer| is_shown(*offer)).collect();
    offers.sort_by_key(|offer| match offer {
        Remedy::OpenWorkspace => 0,
        Remedy::RestartServer => 1,
        _ => 2,
    });
    rows.extend(offers.into_iter().map(|remedy| {
        let value = match remedy {
            Remedy::CopyRestartCommand => status.restart_command.as_deref(),
            Remedy::Mute => server.workspace.known().map(String::as_str),
            _ => None,
        };
        let process = Some(ProcessKey { pid: server.pid, start: server.start });
        let wants = UserAction::Fix { remedy, incident: None, process };
        Row::item(format!("{key}/{}", remedy.word()), title(view_model, remedy, value, None), wants)
    }));
    rows
}

fn pid_is(server: &ServerView) -> Phrase {
    Phrase::PidIs { pid: Count::new(server.pid.0.into()) }
}

fn facts(view_model: &ViewModel<'_>, status: &ServerStatus) -> Vec<String> {
    let server = &status.server;
    let since = status.since.as_deref().map(|since| Phrase::Since { at: Text(view_model.moment(since)) });
    let generation = (server.generation > 1).then(|| Phrase::Generation { n: Count::new(server.generation.into()) });
    let who = [Some(pid_is(server)), since, generation];
    let who: Vec<String> = who.iter().flatten().map(|part| view_model.phrase(part)).collect();
    let mut said = vec![who.join(" · ")];
    said.extend(load::used(view_model.words(), &view_model.snapshot.worth, status));
    said.extend(load::translated(view_model.words(), status));
    if server.class == ServerClass::Lsp {
        let client = client(view_model.words(), server).unwrap_or_else(|| view_model.phrase(&Phrase::ItsEditor));
        said.push(lives(view_model, &status.lives_left, client));
    }
    said.extend(status.past.iter().map(|past| ended(view_model, past)));
    said
}

/// How often the client will restart the server, in words. After the last remaining end it does
/// not.
fn lives(view_model: &ViewModel<'_>, left: &LivesLeft, client: String) -> String {
    let client = Text(client);
    view_model.phrase(&match left {
        LivesLeft::Known(0 | 1) => Phrase::LivesNone { client },
        LivesLeft::Known(n) => Phrase::LivesMore { client, n: Count::new((n - 1).into()) },
        LivesLeft::AtMost(0 | 1) => Phrase::LivesProbablyNone { client },
        LivesLeft::AtMost(n) => Phrase::LivesAtMost { client, n: Count::new((n - 1).into()) },
        LivesLeft::Unknown(why) => Phrase::LivesUnknown { why: Text(view_model.words().say(&why.message)) },
    })
}

fn ended(view_model: &ViewModel<'_>, past: &PastServer) -> String {
    let lived = past.lived.map(|lived| view_model.phrase(&Phrase::PastLife { lived: Millis::from(lived) }));
    let said = view_model.phrase(&Phrase::PastServer {
        n: Count::new(past.generation.into()),
        at: Text(view_model.moment(&past.ended)),
        lived: Text(lived.unwrap_or_default()),
        why: Text(view_model.words().say(&past.said.message)),
    });
    words::rows(&[said], 1).pop().unwrap_or_default()
}
