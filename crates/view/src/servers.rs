//! The servers as rows. Those that one client runs on one folder are one row; the row is the same one while they come
//! and go.

use std::collections::BTreeMap;

use goplswatch_core::event::ServerView;
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::words::ServerClass;
use goplswatch_core::{PastServer, ProcessKey, Reading, Remedy, ServerStatus, say};

use crate::problems::{is_shown, process_key, title};
use crate::sight::{Sight, memory, name_of};
use crate::{Row, Wish, load, words};

/// More rows than this are not listed.
const MOST: usize = 8;
/// A list with fewer than this and a rest is no list.
const FEWEST: usize = 2;

/// Servers of one client on one folder.
struct Group<'a> {
    key: String,
    label: String,
    servers: Vec<&'a ServerStatus>,
}

/// The rows that the section takes at least, its line included.
pub(crate) fn least(sight: &Sight<'_>) -> usize {
    if sight.snapshot.servers.is_empty() { 0 } else { 2 }
}

/// The rows with which the section is a list.
pub(crate) fn wanted(sight: &Sight<'_>) -> usize {
    match groups(sight).len() {
        0 => 0,
        n => 2 + n.min(FEWEST + 1),
    }
}

/// The section on at most so many rows (and at least [`least`]), its line included.
pub(crate) fn section(sight: &Sight<'_>, room: usize) -> Vec<Row> {
    let mut groups = groups(sight);
    if groups.is_empty() {
        return Vec::new();
    }
    let line = Row::separator("servers/line");
    // Without the line and the title.
    let room = room.saturating_sub(2);
    // A submenu takes a row itself: nothing is gained by putting the last one alone into it.
    let listed = if groups.len() <= room.min(MOST + 1) { groups.len() } else { room.saturating_sub(1).min(MOST) };
    if listed < groups.len() && listed < FEWEST {
        let mut rows: Vec<Row> = groups.iter().map(|group| row(sight, group)).collect();
        let one = if rows.len() == 1 { rows.pop() } else { None };
        return vec![line, one.unwrap_or_else(|| Row::submenu("servers/all".into(), all(sight), rows))];
    }
    let mut rows = vec![line, Row::text("servers".into(), "Servers".into())];
    let rest = groups.split_off(listed);
    rows.extend(groups.iter().map(|group| row(sight, group)));
    if !rest.is_empty() {
        let label = format!("{} More Servers", rest.iter().map(|group| group.servers.len()).sum::<usize>());
        let more = rest.iter().map(|group| row(sight, group)).collect();
        rows.push(Row::submenu("servers/more".into(), label, more));
    }
    rows
}

/// "5 servers — 2.4 GB".
fn all(sight: &Sight<'_>) -> String {
    [Some(sight.servers()), of_all(sight)].into_iter().flatten().collect::<Vec<_>>().join(" — ")
}

/// The memory of all servers.
pub(crate) fn of_all(sight: &Sight<'_>) -> Option<String> {
    memory(sight.snapshot.servers.iter().map(|s| s.memory_bytes))
}

/// In the order of their folders' names, so that a server that comes back comes back to its place.
fn groups<'a>(sight: &Sight<'a>) -> Vec<Group<'a>> {
    let mut found: BTreeMap<_, Vec<&ServerStatus>> = BTreeMap::new();
    for status in &sight.snapshot.servers {
        let server = &status.server;
        let path = server.workspace.known().map(String::as_str);
        let client = server.client.known().map(|client| client.name.as_str());
        let order = (path.is_none(), path.map(say::folder), path, client, server.class.word());
        found.entry(order).or_default().push(status);
    }
    found
        .into_iter()
        .map(|((_, _, path, client, class), servers)| Group {
            key: format!("place/{class}/{}/{}", quoted(client), quoted(path)),
            label: label(sight, &servers),
            servers,
        })
        .collect()
}

/// In quotes, so that no two ways to put names together give the same key.
fn quoted(name: Option<&str>) -> String {
    name.map_or_else(|| "-".into(), |name| format!("{name:?}"))
}

/// "api-server — VS Code ×2 · 1.2 GB · 14 % · Intel".
fn label(sight: &Sight<'_>, servers: &[&ServerStatus]) -> String {
    let Some(first) = servers.first() else { return String::new() };
    let folder = name_of(&first.server.workspace, &sight.places);
    let times = if servers.len() > 1 { format!(" ×{}", servers.len()) } else { String::new() };
    let mut parts: Vec<String> = who(&first.server).into_iter().collect();
    if let Some(last) = parts.last_mut() {
        last.push_str(&times);
    }
    parts.push(memory(servers.iter().map(|s| s.memory_bytes)).unwrap_or_else(|| "memory not known".into()));
    parts.extend(load::cpu(servers));
    parts.extend(load::many_descriptors(servers));
    if servers.iter().any(|s| s.server.translated == Reading::Known(true)) {
        parts.push("Intel".into());
    }
    format!("{folder} — {}", parts.join(" · "))
}

/// The client, and what the server is if it is no plain one: at least one of them.
pub(crate) fn who(server: &ServerView) -> Vec<String> {
    let class = match server.class {
        ServerClass::Lsp => None,
        ServerClass::Daemon => Some("shared server"),
        ServerClass::Forwarder => Some("forwarder"),
        ServerClass::Mcp => Some("gopls mcp"),
        ServerClass::OneShot => Some("command"),
        ServerClass::Sidecar => Some("telemetry"),
    };
    let client = match (client(server), class) {
        (None, None) => Some("no editor".into()),
        (client, _) => client,
    };
    client.into_iter().chain(class.map(str::to_owned)).collect()
}

fn client(server: &ServerView) -> Option<String> {
    server.client.known().map(|client| words::name(&client.name).unwrap_or_else(|| "unnamed program".into()))
}

fn row(sight: &Sight<'_>, group: &Group<'_>) -> Row {
    let rows = match group.servers.as_slice() {
        [one] => about(sight, one),
        several => several
            .iter()
            .map(|status| {
                let memory = status.memory_bytes.map_or_else(|| "memory not known".into(), say::bytes);
                let parts: Vec<String> = [Some(memory), load::cpu(&[status])].into_iter().flatten().collect();
                let label = format!("pid {} — {}", status.server.pid, parts.join(" · "));
                Row::submenu(key(&status.server), label, about(sight, status))
            })
            .collect(),
    };
    Row::submenu(group.key.clone(), group.label.clone(), rows)
}

fn key(server: &ServerView) -> String {
    format!("server/{}", process_key(ProcessKey { pid: server.pid, start: server.start }))
}

/// What is known of a server and what can be done with it.
fn about(sight: &Sight<'_>, status: &ServerStatus) -> Vec<Row> {
    let server = &status.server;
    let key = key(server);
    let mut rows: Vec<Row> = facts(sight, status)
        .into_iter()
        .enumerate()
        .map(|(i, said)| Row::text(format!("{key}/text/{i}"), said))
        .collect();
    rows.push(Row::separator(&format!("{key}/line")));
    if let Reading::Known(path) = &server.exe {
        let wants = Wish::Reveal { path: path.clone() };
        rows.push(Row::item(format!("{key}/reveal"), "Reveal Binary".into(), wants));
    }
    let wants = Wish::Copy { text: server.pid.to_string() };
    rows.push(Row::item(format!("{key}/copy-pid"), "Copy PID".into(), wants));
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
        let wants = Wish::Fix { remedy, incident: None, process };
        Row::item(format!("{key}/{}", remedy.word()), title(sight, remedy, value), wants)
    }));
    rows
}

fn facts(sight: &Sight<'_>, status: &ServerStatus) -> Vec<String> {
    let server = &status.server;
    let since = status.since.as_deref().map(|since| format!("since {}", sight.moment(since)));
    let generation = (server.generation > 1).then(|| format!("generation {}", server.generation));
    let who = [Some(format!("pid {}", server.pid)), since, generation];
    let mut said = vec![who.into_iter().flatten().collect::<Vec<_>>().join(" · ")];
    said.extend(load::used(status));
    said.extend(load::translated(status));
    if server.class == ServerClass::Lsp {
        said.push(lives(&status.lives_left, &client(server).unwrap_or_else(|| "Its editor".into())));
    }
    said.extend(status.past.iter().map(|past| ended(sight, past)));
    said
}

/// How often it will be started again, in words. The last one of the ends that are left is not answered.
fn lives(left: &LivesLeft, client: &str) -> String {
    match left {
        LivesLeft::Known(0 | 1) => format!("{client} does not restart it after its next end"),
        LivesLeft::Known(2) => format!("{client} restarts it once more"),
        LivesLeft::Known(n) => format!("{client} restarts it {} more times", n - 1),
        LivesLeft::AtMost(0 | 1) => format!("{client} probably does not restart it after its next end"),
        LivesLeft::AtMost(2) => format!("{client} restarts it once more at most"),
        LivesLeft::AtMost(n) => format!("{client} restarts it {} more times at most", n - 1),
        LivesLeft::Unknown(why) => format!("Restarts: {}", words::clean(why)),
    }
}

fn ended(sight: &Sight<'_>, past: &PastServer) -> String {
    let lived = past.lived_ms.map_or_else(String::new, |ms| format!(" after {}", say::duration(ms)));
    let said = format!("Generation {} ended at {}{lived}: {}", past.generation, sight.moment(&past.ended), past.why);
    words::rows(&words::clean(&said), 1).pop().unwrap_or_default()
}
