//! A snapshot with what has to be known of the whole before any part of it is put into words: which incident weighs
//! most, which folder it is about, what the user does not want to be told.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use goplswatch_core::codes::Severity;
use goplswatch_core::event::IncidentView;
use goplswatch_core::words::CapabilityState;
use goplswatch_core::{Code, Reading, Snapshot, say};

use crate::Context;
use crate::causes;
use crate::words::{self, Places};

/// See the module.
pub(crate) struct Sight<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) context: &'a Context,
    pub(crate) places: Places<'a>,
    /// Open incidents, the one that weighs most first.
    pub(crate) incidents: Vec<&'a IncidentView>,
    /// The client's name of each lineage that has a server.
    clients: BTreeMap<&'a str, &'a str>,
}

/// Why nothing is told about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence<'a> {
    /// It is snoozed until then, RFC 3339.
    Snoozed(&'a str),
    /// This folder is muted.
    Muted(&'a str),
}

impl<'a> Sight<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, context: &'a Context) -> Self {
        let servers = || snapshot.servers.iter().map(|status| &status.server);
        let of_servers = servers().filter_map(|server| server.workspace.known());
        let of_incidents = snapshot.incidents.iter().filter_map(|view| view.workspace.as_ref());
        let folders = of_servers.chain(of_incidents).chain(&snapshot.alerts.muted);
        let clients =
            servers().filter_map(|server| Some((server.lineage.as_str(), server.client.known()?.name.as_str())));
        let mut sight = Self {
            snapshot,
            context,
            places: Places::new(folders.map(String::as_str)),
            incidents: Vec::new(),
            clients: clients.collect(),
        };
        let mut weighed: Vec<_> = snapshot.incidents.iter().collect();
        weighed.sort_by_cached_key(|view| {
            (sight.silence(view).is_some(), Reverse(view.severity), rank(view.code), view.code)
        });
        sight.incidents = weighed;
        sight
    }

    /// The folder of an incident as people call it.
    pub(crate) fn folder(&self, view: &IncidentView) -> Option<String> {
        view.workspace.as_deref().map(|path| self.places.name(path))
    }

    /// The incident with this id, if it is open.
    pub(crate) fn incident(&self, id: &str) -> Option<&'a IncidentView> {
        self.snapshot.incidents.iter().find(|view| view.id == id)
    }

    /// What the engine says of an incident, with the names in it made fit, and without the sentences that name its
    /// causes: these are shown beside it.
    pub(crate) fn text_alone(&self, view: &'a IncidentView) -> String {
        self.say(view, &causes::text_alone(view))
    }

    /// What an incident probably comes from, the likeliest first: "Most likely: out of file descriptors (61 k of 61 k)".
    pub(crate) fn causes(&self, view: &'a IncidentView) -> impl Iterator<Item = String> {
        causes::causes(view).map(move |cause| self.say(view, &causes::cause(cause)))
    }

    /// The title of an incident.
    pub(crate) fn title(&self, view: &'a IncidentView) -> String {
        self.say(view, &view.title)
    }

    fn say(&self, view: &'a IncidentView, text: &str) -> String {
        // One that is about no lineage may name any client.
        let about = |id: &str| view.lineage.as_deref().is_none_or(|lineage| lineage == id);
        let clients = self.clients.iter().filter(|(id, _)| about(id)).map(|(_, name)| *name);
        words::fitted(text, view.workspace.as_deref().map(say::folder).into_iter().chain(clients))
    }

    /// The title as it stands within a sentence: "this machine is short of memory".
    pub(crate) fn title_within(&self, view: &'a IncidentView) -> String {
        let title = self.title(view);
        if view.code.row().title.starts_with("{client}") { title } else { words::small(&title) }
    }

    /// The title with the folder, which most titles take with an "in"; those that name a place already take a dash.
    pub(crate) fn title_with_folder(&self, view: &'a IncidentView) -> String {
        let title = self.title(view);
        match (self.folder(view), view.code) {
            (None, _) => title,
            (
                Some(folder),
                Code::ServerGone
                | Code::StuckLoad
                | Code::TooManyServers
                | Code::FileTableFull
                | Code::WatchLimit
                | Code::BlockedIo
                | Code::TranslatedServer
                | Code::TranslatedToolchain
                | Code::TranslatedClient
                | Code::SpotlightBusy
                | Code::MemoryPressure,
            ) => format!("{title} — {folder}"),
            (Some(folder), _) => format!("{title} in {folder}"),
        }
    }

    /// Why nothing is told about an incident; `None` if it may be.
    pub(crate) fn silence(&self, view: &'a IncidentView) -> Option<Silence<'a>> {
        let alerts = &self.snapshot.alerts;
        if let Some(snooze) = alerts.snoozed.iter().find(|snooze| snooze.incident == view.id) {
            return Some(Silence::Snoozed(&snooze.until));
        }
        let workspace = view.workspace.as_deref()?;
        alerts.muted.iter().find(|folder| is_within(workspace, folder)).map(|folder| Silence::Muted(folder))
    }

    /// The incidents of a severity about which something may be told.
    pub(crate) fn loud(&self, severity: Severity) -> impl Iterator<Item = &'a IncidentView> {
        self.incidents.iter().copied().filter(move |view| view.severity == severity && self.silence(view).is_none())
    }

    /// A moment in the user's zone.
    pub(crate) fn moment(&self, text: &str) -> String {
        words::moment(text, &self.context.zone, self.context.today)
    }

    /// "2 servers", "1 server", "no gopls runs".
    pub(crate) fn servers(&self) -> String {
        match self.snapshot.servers.len() {
            0 => "no gopls runs".into(),
            n => words::count(n, "server", "servers"),
        }
    }

    /// `None` if the table of processes can be read; else why not, if that is known.
    pub(crate) fn blind(&self) -> Option<Option<&'a str>> {
        let table = self.snapshot.capabilities.iter().find(|c| c.name == "process-table");
        match table {
            Some(c) if c.state == CapabilityState::Ok => None,
            table => Some(table.map(|c| c.why.as_str())),
        }
    }
}

/// What the user misses most comes first, what can wait last; the rest goes by the table of codes.
const fn rank(code: Code) -> u8 {
    match code {
        Code::EditorGaveUp => 0,
        Code::ServerGone => 1,
        Code::StuckLoad | Code::BlockedIo => 2,
        Code::RestartLoop => 3,
        Code::OneLifeLeft => 4,
        Code::FileTableFull => 5,
        // It is slower than it has to be, and works.
        Code::TranslatedServer => 7,
        _ => 6,
    }
}

/// Whether a path is a folder or below it.
fn is_within(path: &str, folder: &str) -> bool {
    let (path, folder) = (path.trim_end_matches('/'), folder.trim_end_matches('/'));
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Resident memory of servers together: "850 MB", "at least 850 MB" where that of some is not known; `None` where that
/// of none is.
pub(crate) fn memory(each: impl Iterator<Item = Option<u64>>) -> Option<String> {
    let (mut sum, mut known, mut unknown) = (0u64, false, false);
    for bytes in each {
        match bytes {
            Some(bytes) => (sum, known) = (sum.saturating_add(bytes), true),
            None => unknown = true,
        }
    }
    let some = if unknown { "at least " } else { "" };
    known.then(|| format!("{some}{}", say::bytes(sum)))
}

/// A name that may not be known.
pub(crate) fn name_of(reading: &Reading<String>, places: &Places<'_>) -> String {
    reading.known().map_or_else(|| "unknown folder".into(), |path| places.name(path))
}
