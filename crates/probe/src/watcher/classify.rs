//! Decides what a process is and to whom it belongs: a gopls of some class, a client, a load, or
//! not of interest.
//!
//! The rules are in the `gopls` crate. This module applies them in order and acts on the results.

use std::time::Duration;

use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::input::{ClientSeen, ServerSeen};
use goplswatch_core::message::Message;
use goplswatch_core::policy::{RestartCommands, RestartPolicy};
use goplswatch_core::time::Uptime;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{Observation, Pid, ProcessKey, Reading};
use goplswatch_gopls::{self as gopls, Classified, ClientId, ClientRow, Hint, Image};

use super::gauges::Gauges;
use super::sample::Tree;
use super::table::Kind;
use super::{Client, Load, MAX_ANCESTORS, SCRIPT_IS_ITSELF_AFTER, Server, Watcher};
use crate::platform::{Platform, ProcessInfo, WatchOutcome};

impl<W: Platform> Watcher<W> {
    pub(super) fn classify(&mut self, glimpse: &ProcessInfo, now: Uptime) -> Kind {
        if !glimpse.execed {
            return Kind::Ignored;
        }
        match gopls::hint(&glimpse.comm) {
            Hint::Gopls => self.classify_gopls(glimpse, now),
            Hint::GoTool => self.classify_load(glimpse, now),
            Hint::Client => self.classify_client(glimpse),
            Hint::Other if self.parent_is_server(glimpse) => self.classify_load(glimpse, now),
            Hint::Other => Kind::Ignored,
        }
    }

    fn classify_gopls(&mut self, glimpse: &ProcessInfo, now: Uptime) -> Kind {
        let Some(image) = self.platform.image(glimpse.key) else { return Kind::Ignored };
        let class = match gopls::classify(&image) {
            Classified::Server(class) => class,
            Classified::Script => {
                let age = glimpse.started.known().map_or(Duration::MAX, |start| now.since(*start));
                if age < SCRIPT_IS_ITSELF_AFTER || self.table.has_child(glimpse.key.pid) {
                    return Kind::Ignored;
                }
                ServerClass::Lsp
            }
            Classified::Not => return Kind::Ignored,
        };
        if !self.in_scope(glimpse.key.pid) {
            return Kind::Ignored;
        }
        self.server_found(glimpse, &image, class);
        Kind::Reported
    }

    fn server_found(&mut self, glimpse: &ProcessInfo, image: &Image, class: ServerClass) {
        let key = glimpse.key;
        let watched = self.watch(key);
        let client = match class {
            ServerClass::Daemon => Reading::unknown(Message::ManyClients),
            _ => self.client_of(glimpse, class),
        };
        let workspace = match class {
            ServerClass::Daemon => Reading::unknown(Message::ManyFolders),
            ServerClass::Sidecar => Reading::unknown(Message::SidecarWithoutFolder),
            _ => gopls::workspace(&image.folder, self.options.home.as_deref()),
        };
        let arch = self.platform.arch(key);
        let slices = match &image.exe {
            Reading::Known(exe) => self.platform.slices(exe),
            Reading::Unknown { unknown } => Reading::Unknown { unknown: unknown.clone() },
        };
        self.servers.insert(
            key,
            Server {
                client: client.known().copied(),
                class,
                workspace: workspace.known().cloned(),
                learned: false,
                driver: image.env("GOPACKAGESDRIVER").map(<[u8]>::to_vec),
                watched: watched == WatchOutcome::Attached,
                gauges: Gauges::default(),
                binary: None,
                tree: Tree::default(),
            },
        );
        self.report(Observation::ServerSeen(Box::new(ServerSeen {
            server: key,
            class,
            exe: text(&image.exe),
            arch: arch.name,
            translated: arch.translated,
            slices,
            workspace,
            client,
            started: glimpse.started.clone(),
            adopted: !self.first_scan_done,
        })));
        if watched == WatchOutcome::Gone {
            self.end(key, ExitStatus::unknown(Message::EndedUnwatched), None);
        }
    }

    /// The program that runs this server: its nearest ancestor that is not a shell, a wrapper or a
    /// proxy. If every ancestor is one of those, the nearest that is not a gopls.
    fn client_of(&mut self, glimpse: &ProcessInfo, class: ServerClass) -> Reading<ProcessKey> {
        let mut pid = glimpse.parent;
        let mut nearest: Option<(ProcessInfo, Image)> = None;
        for _ in 0..MAX_ANCESTORS {
            if pid.0 <= 1 {
                break;
            }
            let Some(parent) = self.existing_process(pid) else { break };
            let Some(image) = self.platform.image(parent.key) else { break };
            if let Some(id) = gopls::client_of(&image, class) {
                return self.client_found(&parent, &image, Some(id));
            }
            pid = parent.parent;
            // A gopls is never a client: what it starts (its telemetry process, a shared daemon)
            // belongs to the gopls's own client.
            let through = gopls::is_intermediary(&image) || gopls::classify(&image) != Classified::Not;
            if !through || nearest.is_none() && gopls::classify(&image) == Classified::Not {
                nearest = Some((parent, image));
            }
            if !through {
                break;
            }
        }
        match nearest {
            Some((parent, image)) => self.client_found(&parent, &image, None),
            None => Reading::unknown(Message::ParentEnded),
        }
    }

    /// Records and reports a client. `id` is `None` if it is not in the table of clients.
    fn client_found(&mut self, glimpse: &ProcessInfo, image: &Image, id: Option<ClientId>) -> Reading<ProcessKey> {
        let client = glimpse.key;
        if self.clients.get(&client).is_some_and(|c| c.reported) {
            return Reading::Known(client);
        }
        let watched = self.watch(client);
        if watched == WatchOutcome::Gone {
            return Reading::unknown(Message::ParentEnded);
        }
        self.clients.insert(client, Client { reported: true, watched: watched == WatchOutcome::Attached });
        let whole_life = glimpse.started.known().is_some_and(|start| *start >= self.began);
        let translated = self.platform.arch(client).translated;
        let row = id.map(ClientId::row);
        self.report(Observation::ClientSeen(Box::new(ClientSeen {
            client,
            id: Some(id.map_or(ClientId::UNLISTED, ClientId::word).to_owned()),
            name: row.map_or_else(|| gopls::unknown_client_name(image), |row| row.name.to_owned()),
            policy: row.map_or(RestartPolicy::Unknown, ClientRow::restart_policy),
            whole_life,
            restart: row.map_or_else(RestartCommands::default, |row| row.restart.to_restart_commands()),
            translated,
        })));
        Reading::Known(client)
    }

    /// A client was started: its gopls follows soon, so scan more often.
    fn classify_client(&mut self, glimpse: &ProcessInfo) -> Kind {
        let key = glimpse.key;
        if self.clients.contains_key(&key) || !self.first_scan_done {
            return Kind::Ignored;
        }
        let known = self.platform.image(key).is_some_and(|image| gopls::client(&image).is_some());
        if !known || !self.in_scope(key.pid) {
            return Kind::Ignored;
        }
        let watched = self.watch(key);
        if watched != WatchOutcome::Gone {
            self.clients.insert(key, Client { reported: false, watched: watched == WatchOutcome::Attached });
            self.scan_often();
        }
        Kind::Ignored
    }

    fn parent_is_server(&self, glimpse: &ProcessInfo) -> bool {
        self.server_with_pid(glimpse.parent).is_some()
    }

    fn server_with_pid(&self, pid: Pid) -> Option<ProcessKey> {
        let key = self.table.get(pid)?.key?;
        self.servers.contains_key(&key).then_some(key)
    }

    fn classify_load(&mut self, glimpse: &ProcessInfo, now: Uptime) -> Kind {
        let Some(image) = self.platform.image(glimpse.key) else { return Kind::Ignored };
        let server = self.server_with_pid(glimpse.parent);
        let driver = server.and_then(|s| self.servers.get(&s)).and_then(|s| s.driver.clone());
        let Some((kind, label)) = gopls::load(&image, driver.as_deref()) else { return Kind::Ignored };
        if server.is_none() && !(self.is_left_to_init(glimpse.parent) && gopls::is_gopls_go_list(&image)) {
            return Kind::Ignored;
        }
        if server.is_none() && self.options.below.is_some() {
            return Kind::Ignored;
        }
        let watched = self.watch(glimpse.key) == WatchOutcome::Attached;
        self.learn_workspace(server, &image);
        self.loads.insert(
            glimpse.key,
            Load {
                server,
                kind,
                label: gopls::redact(&label),
                started: glimpse.started.clone(),
                first_seen: now,
                overdue: false,
                reported: false,
                waits: None,
                described: Uptime::BOOT,
                watched,
            },
        );
        Kind::Reported
    }

    /// Whether a parent is the one that the system gives to children whose own parent has ended.
    fn is_left_to_init(&mut self, parent: Pid) -> bool {
        parent.0 <= 1
            || self
                .existing_process(parent)
                .is_some_and(|g| matches!(g.comm.as_slice(), b"systemd" | b"init" | b"launchd"))
    }

    fn learn_workspace(&mut self, server: Option<ProcessKey>, image: &Image) {
        let Some(key) = server else { return };
        let Some(known) = self.servers.get_mut(&key).filter(|s| !s.learned && s.class == ServerClass::Lsp) else {
            return;
        };
        if let Reading::Known(workspace) = gopls::workspace(&image.folder, self.options.home.as_deref()) {
            known.learned = true;
            if known.workspace.as_ref() == Some(&workspace) {
                return;
            }
            self.report(Observation::WorkspaceLearned { server: key, workspace });
        }
    }

    fn in_scope(&mut self, pid: Pid) -> bool {
        let Some(root) = self.options.below else { return true };
        let mut pid = pid;
        for _ in 0..MAX_ANCESTORS {
            if pid == root {
                return true;
            }
            match self.existing_process(pid) {
                Some(g) if g.parent.0 > 0 => pid = g.parent,
                _ => return false,
            }
        }
        false
    }
}

fn text(bytes: &Reading<Vec<u8>>) -> Reading<String> {
    match bytes {
        Reading::Known(bytes) => Reading::Known(String::from_utf8_lossy(bytes).into_owned()),
        Reading::Unknown { unknown } => Reading::Unknown { unknown: unknown.clone() },
    }
}
