//! Clients, the servers that they run, and the lineages of these servers: which are alive, and
//! which belong together.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Now;
use super::baselines::Learning;
use super::gauges::Tracks;
use super::lineage::{Lineage, LineageKey};
use super::subject::LineageId;
use super::table::{Set, Table, pairs};
use crate::gauge::Gauge;
use crate::input::{ClientSeen, ServerSeen};
use crate::message::{self, Location, Message};
use crate::policy::{RestartCommands, RestartPolicy};
use crate::reading::Reading;
use crate::time::Uptime;
use crate::types::{Activity, BinaryChange, ProcessKey, ServerClass};

/// A client that is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Client {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) policy: RestartPolicy,
    pub(super) whole_life: bool,
    #[serde(default, alias = "restart_command", skip_serializing_if = "RestartCommands::is_empty")]
    pub(super) restart: RestartCommands,
    #[serde(default = "not_told")]
    pub(super) translated: Reading<bool>,
}

impl Client {
    /// The identity of the client that outlives its process: its id in the table of clients; for a
    /// client that is not in the table, its name with a prefix that distinguishes it from any id;
    /// in recordings without ids, its name alone.
    pub(super) fn known_as(&self) -> Cow<'_, str> {
        match self.id.as_deref() {
            Some(ClientSeen::UNLISTED) => Cow::Owned(format!("{}:{}", ClientSeen::UNLISTED, self.name)),
            Some(id) => Cow::Borrowed(id),
            None => Cow::Borrowed(&self.name),
        }
    }
}

fn not_told() -> Reading<bool> {
    Reading::unknown(Message::NobodyTold)
}

/// A server that is alive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Server {
    pub(super) seen: Box<ServerSeen>,
    /// When it started, or was first seen running.
    #[serde(rename = "since_ns")]
    pub(super) since: Uptime,
    pub(super) lineage: LineageId,
    pub(super) generation: u32,
    pub(super) memory: Option<u64>,
    #[serde(default)]
    pub(super) gauges: Tracks,
    pub(super) binary: Option<BinaryChange>,
    /// The folder in which its `go list` works. One client may run servers for several modules from
    /// one folder.
    pub(super) loads_in: Option<String>,
    pub(super) own_fix: bool,
    /// When a fix asked it to end.
    #[serde(default)]
    #[serde(rename = "asked_ns")]
    pub(super) asked: Option<Uptime>,
    pub(super) activity: Option<(Activity, Uptime)>,
    pub(super) loads: Set<ProcessKey>,
    #[serde(default)]
    pub(super) learning: Learning,
    /// When its last load child ended.
    #[serde(default)]
    #[serde(rename = "loaded_ns")]
    pub(super) loaded: Option<Uptime>,
}

impl Server {
    /// The number of a gauge. Memory is kept separately because earlier recordings report it by
    /// another observation.
    pub(super) fn used(&self, gauge: Gauge) -> Option<u64> {
        match gauge {
            Gauge::Memory => self.memory,
            _ => self.gauges.known(gauge).map(|(value, _)| value),
        }
    }
}

/// The servers that load the same folder: how many, their total memory, and that of the largest,
/// bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FolderGroup {
    pub(super) servers: usize,
    pub(super) bytes: u64,
    pub(super) largest: u64,
}

impl FolderGroup {
    fn add(&mut self, server: &Server) {
        let bytes = server.memory.unwrap_or(0);
        self.servers += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.largest = self.largest.max(bytes);
    }
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Processes {
    #[serde(with = "pairs")]
    clients: Table<ProcessKey, Client>,
    /// Clients that ended within the grace period, which explains the ends of their servers.
    #[serde(with = "pairs")]
    ended_clients: Table<ProcessKey, Uptime>,
    #[serde(with = "pairs")]
    servers: Table<ProcessKey, Box<Server>>,
    #[serde(with = "pairs")]
    // Boxed: lineages are large, and inserting and removing moves them.
    lineages: Table<LineageId, Box<Lineage>>,
    #[serde(with = "pairs")]
    by_key: Table<LineageKey, LineageId>,
}

impl Processes {
    pub(super) fn client(&self, key: ProcessKey) -> Option<&Client> {
        self.clients.get(&key)
    }

    pub(super) fn clients_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        self.clients.values_mut()
    }

    pub(super) fn client_keys(&self) -> impl Iterator<Item = ProcessKey> {
        self.clients.keys().copied()
    }

    pub(super) fn server(&self, key: ProcessKey) -> Option<&Server> {
        self.servers.get(&key).map(AsRef::as_ref)
    }

    pub(super) fn server_mut(&mut self, key: ProcessKey) -> Option<&mut Server> {
        self.servers.get_mut(&key).map(AsMut::as_mut)
    }

    pub(super) fn servers(&self) -> impl Iterator<Item = &Server> {
        self.servers.values().map(AsRef::as_ref)
    }

    pub(super) fn servers_mut(&mut self) -> impl Iterator<Item = &mut Server> {
        self.servers.values_mut().map(AsMut::as_mut)
    }

    pub(super) fn server_keys(&self) -> impl Iterator<Item = ProcessKey> {
        self.servers.keys().copied()
    }

    /// A server of a class that stays running, unlike a command.
    pub(super) fn long_running_server(&self, key: ProcessKey) -> Option<&Server> {
        self.server(key).filter(|server| server.seen.class.is_long_running())
    }

    /// Whether any gopls runs that stays running.
    pub(super) fn runs_any(&self) -> bool {
        self.count_long_running(1) > 0
    }

    /// How many such servers run, counted up to `most`.
    pub(super) fn count_long_running(&self, most: usize) -> usize {
        self.servers().filter(|server| server.seen.class.is_long_running()).take(most).count()
    }

    pub(super) fn lineage(&self, id: LineageId) -> Option<&Lineage> {
        self.lineages.get(&id).map(AsRef::as_ref)
    }

    pub(super) fn lineage_mut(&mut self, id: LineageId) -> Option<&mut Lineage> {
        self.lineages.get_mut(&id).map(AsMut::as_mut)
    }

    pub(super) fn lineages(&self) -> impl Iterator<Item = (LineageId, &Lineage)> {
        self.lineages.iter().map(|(id, lineage)| (*id, lineage.as_ref()))
    }

    pub(super) fn lineages_mut(&mut self) -> impl Iterator<Item = &mut Lineage> {
        self.lineages.values_mut().map(AsMut::as_mut)
    }

    /// A server and its lineage, both mutable.
    pub(super) fn server_in_lineage_mut(&mut self, key: ProcessKey) -> Option<(&mut Server, &mut Lineage)> {
        let server = self.servers.get_mut(&key)?;
        let lineage = self.lineages.get_mut(&server.lineage)?;
        Some((server, lineage))
    }

    /// Calls `each` for every server with its lineage, which is mutable.
    pub(super) fn each_in_lineage_mut(&mut self, mut each: impl FnMut(&Server, &mut Lineage)) {
        for server in self.servers.values() {
            if let Some(lineage) = self.lineages.get_mut(&server.lineage) {
                each(server, lineage);
            }
        }
    }

    /// The servers of a lineage that are alive.
    pub(super) fn alive_in<'a>(&'a self, lineage: &'a Lineage) -> impl Iterator<Item = &'a Server> {
        lineage.alive.iter().filter_map(|key| self.server(*key))
    }

    /// A client was found, or reported again.
    pub(super) fn see_client(&mut self, seen: ClientSeen) -> &Client {
        self.ended_clients.remove(&seen.client);
        self.clients.get_or_insert_with(seen.client, || Client {
            id: seen.id,
            name: seen.name,
            policy: seen.policy,
            whole_life: seen.whole_life,
            restart: seen.restart,
            translated: seen.translated,
        })
    }

    /// A server was found: it joins its lineage, or starts a new one.
    pub(super) fn see_server(&mut self, now: Now, seen: Box<ServerSeen>) -> Option<LineageId> {
        let key = seen.server;
        let id = self.lineage_of(now, &seen);
        let lineage = self.lineages.get_mut(&id)?;
        lineage.generation += 1;
        lineage.alive.insert(key);
        lineage.idle_since = None;
        if let (Reading::Known(folder), true) = (&seen.workspace, lineage.workspace.known().is_none()) {
            lineage.workspace = Reading::Known(folder.clone());
        }
        let generation = lineage.generation;
        let server = Server {
            since: seen.started.known().copied().unwrap_or_else(|| now.uptime()),
            seen,
            lineage: id,
            generation,
            memory: None,
            gauges: Tracks::default(),
            binary: None,
            loads_in: None,
            own_fix: false,
            asked: None,
            activity: None,
            loads: Set::default(),
            learning: Learning::default(),
            loaded: None,
        };
        self.servers.insert(key, Box::new(server));
        Some(id)
    }

    fn lineage_of(&mut self, now: Now, seen: &ServerSeen) -> LineageId {
        // The ledger of a client applies only to servers run by a known, living client.
        let client = seen.client.known().copied().filter(|c| self.clients.contains_key(c));
        let root = seen.workspace.known();
        let is_it = |key: &LineageKey| (key.client, key.root.as_ref(), key.class).cmp(&(client, root, seen.class));
        let may_join = client.is_some() || seen.class == ServerClass::Daemon;
        if let Some(id) = self.by_key.get_by(is_it).filter(|_| may_join) {
            return *id;
        }
        let key = LineageKey { client, root: root.cloned(), class: seen.class };
        let id = LineageId(now.seq);
        let (policy, whole_life) = client
            .and_then(|c| self.clients.get(&c))
            .map_or((RestartPolicy::Unknown, false), |c| (c.policy, c.whole_life));
        let lineage = Lineage::new(key.clone(), seen.workspace.clone(), policy, whole_life, now.at);
        self.lineages.insert(id, Box::new(lineage));
        self.by_key.insert(key, id);
        id
    }

    /// A server ended. Its lineage still lists it as alive until the end is accounted for.
    pub(super) fn remove_server(&mut self, key: ProcessKey) -> Option<Box<Server>> {
        self.servers.remove(&key)
    }

    /// A client ended.
    pub(super) fn remove_client(&mut self, now: Now, key: ProcessKey) -> Option<Client> {
        let client = self.clients.remove(&key)?;
        self.ended_clients.insert(key, now.uptime());
        Some(client)
    }

    /// Whether a client ended within the grace period.
    pub(super) fn client_just_ended(&self, now: Now, client: ProcessKey, grace: Duration) -> bool {
        self.ended_clients.get(&client).is_some_and(|at| now.uptime().since(*at) <= grace)
    }

    /// Drops client ends that explain nothing any more.
    pub(super) fn forget_ended_clients(&mut self, now: Now, grace: Duration) {
        self.ended_clients.retain(|_, at| now.uptime().since(*at) <= grace);
    }

    /// The lineages of a client, oldest first. All of them are in `by_key`, since a key with a
    /// client is never given to a second lineage while the first one exists.
    pub(super) fn lineages_of(&self, client: ProcessKey) -> Vec<LineageId> {
        let least = LineageKey { client: Some(client), root: None, class: ServerClass::Lsp };
        let mut ids: Vec<LineageId> =
            self.by_key.from(&least).take_while(|(key, _)| key.client == Some(client)).map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn forget_lineage(&mut self, id: LineageId) {
        if let Some(lineage) = self.lineages.remove(&id)
            && self.by_key.get(&lineage.key) == Some(&id)
        {
            self.by_key.remove(&lineage.key);
        }
    }

    /// The workspace folder of a lineage.
    pub(super) fn folder(&self, id: LineageId) -> Option<&str> {
        self.lineage(id)?.workspace.known().map(String::as_str)
    }

    /// The folder that a server works on, if known.
    pub(super) fn folder_of<'a>(&'a self, server: &'a Server) -> Option<&'a str> {
        server.loads_in.as_deref().or_else(|| self.folder(server.lineage))
    }

    /// The workspace folder of a lineage for a message.
    pub(super) fn location(&self, id: LineageId) -> Location {
        Location(self.folder(id).map(str::to_owned))
    }

    /// The client of a lineage for a message.
    pub(super) fn client_of(&self, id: LineageId) -> message::Client {
        message::Client(self.client_name(id).map(str::to_owned))
    }

    /// The client of a lineage, by the identity that outlives the process.
    pub(super) fn client_known_as(&self, id: LineageId) -> Option<Cow<'_, str>> {
        self.clients.get(&self.lineage(id)?.key.client?).map(Client::known_as)
    }

    pub(super) fn client_name(&self, id: LineageId) -> Option<&str> {
        let client = self.lineage(id)?.key.client?;
        self.clients.get(&client).map(|c| c.name.as_str())
    }

    /// Whether another living server of the lineage does the work of the ended one. It does unless
    /// both are known to load different modules (Neovim starts one for each root, all in its own
    /// folder).
    pub(super) fn is_served(&self, id: LineageId, ended: &Server) -> bool {
        let alive = self.lineage(id).into_iter().flat_map(|lineage| self.alive_in(lineage));
        alive.into_iter().any(|other| match (&other.loads_in, &ended.loads_in) {
            (Some(there), Some(here)) => there == here,
            _ => true,
        })
    }

    /// The largest group of servers on one folder in a lineage. Only for lsp servers whose client
    /// and folder are known.
    pub(super) fn largest_folder_group(&self, id: LineageId) -> Option<FolderGroup> {
        let lineage = self.lineage(id)?;
        if lineage.key.class != ServerClass::Lsp || lineage.key.client.is_none() || lineage.key.root.is_none() {
            return None;
        }
        // Nearly always all servers are in one group.
        let mut first: Option<(Option<&str>, FolderGroup)> = None;
        let mut others: Vec<(Option<&str>, FolderGroup)> = Vec::new();
        for server in self.alive_in(lineage) {
            let folder = server.loads_in.as_deref().or(lineage.key.root.as_deref());
            let (at, crowd) = first.get_or_insert((folder, FolderGroup::default()));
            if *at == folder {
                crowd.add(server);
            } else if let Some((_, crowd)) = others.iter_mut().find(|(other, _)| *other == folder) {
                crowd.add(server);
            } else {
                let mut crowd = FolderGroup::default();
                crowd.add(server);
                others.push((folder, crowd));
            }
        }
        Some(first.into_iter().chain(others).map(|(_, crowd)| crowd).max().unwrap_or_default())
    }
}
