//! What follows when a client or a server is found, when more becomes known about it, and when it
//! ends.

use super::agenda::Due;
use super::processes::Server;
use super::restarts::JudgedEnd;
use super::subject::LineageId;
use super::subject::Subject;
use super::{Effect, LATEST, Now, State, emit, pressure};
use crate::cause::{EndContext, judge_end};
use crate::code::Code;
use crate::event::{EventName, Subject as About};
use crate::exit_status::{EndDetail, ExitStatus};
use crate::input::{ClientSeen, ServerSeen};
use crate::message::Message;
use crate::reading::Reading;
use crate::types::{BinaryChange, ProcessKey, ServerClass};

impl State {
    pub(super) fn client_seen(&mut self, now: Now, seen: ClientSeen, out: &mut Vec<Effect>) {
        let key = seen.client;
        let client = self.processes.see_client(seen);
        let (name, known_as) = (client.name.clone(), client.known_as().into_owned());
        self.baselines.know_as(&name, &known_as);
        // Apply the same renaming to servers that are already running.
        for server in self.processes.servers_mut().filter(|server| server.seen.client.known() == Some(&key)) {
            if let Some(client) = server.learning.client.as_mut().filter(|client| **client == name) {
                client.clone_from(&known_as);
            }
        }
        self.judge_translated_client(now, key, out);
    }

    pub(super) fn server_seen(&mut self, now: Now, mut seen: Box<ServerSeen>, out: &mut Vec<Effect>) {
        if let Reading::Known(start) = &mut seen.started {
            *start = (*start).min(LATEST);
        }
        let key = seen.server;
        if self.processes.server(key).is_some() {
            return;
        }
        let Some(id) = self.processes.see_server(now, seen) else { return };
        let Some(view) = self.processes.server(key).map(|server| self.server_view(server)) else { return };
        self.agenda.touch(Due::Lineage(id));
        emit(out, now, EventName::ServerStarted, About::Server(Box::new(view)));
        self.await_offers(key);
        self.learning_begins(now, key);
        self.fixes_see_start(now, id);
        self.successor_came(now, id, key, out);
        self.count_servers(now, key);
        self.schedule_probes_for_new_server(now, key);
        self.judge_translated_server(now, key, out);
        if self.processes.count_long_running(2) == 1 {
            self.servers_change_pressure(now, out);
        }
    }

    pub(super) fn workspace_learned(&mut self, now: Now, server: ProcessKey, folder: String, out: &mut Vec<Effect>) {
        let Some(known) = self.processes.server_mut(server) else { return };
        known.loads_in = Some(folder.clone());
        let id = known.lineage;
        self.agenda.touch(Due::Lineage(id));
        if known.seen.workspace.known().is_some() {
            self.count_servers(now, server);
            return;
        }
        known.seen.workspace = Reading::Known(folder.clone());
        // The lineage keeps its original key: the next generation will also start without a
        // workspace.
        if let Some(lineage) = self.processes.lineage_mut(id)
            && lineage.workspace.known().is_none()
        {
            lineage.workspace = Reading::Known(folder.clone());
            self.place_incidents(now, id, &folder, out);
        }
        self.count_servers(now, server);
    }

    pub(super) fn binary_changed(&mut self, now: Now, server: ProcessKey, change: BinaryChange, out: &mut Vec<Effect>) {
        let Some(known) = self.processes.server_mut(server) else { return };
        // An agent that was restarted reports the same change again.
        let news = known.binary.replace(change) != Some(change);
        let (class, id) = (known.seen.class, known.lineage);
        if news && change == BinaryChange::Replaced {
            self.gopls_replaced(now);
        }
        if !matches!(class, ServerClass::Lsp | ServerClass::Daemon | ServerClass::Mcp) {
            return;
        }
        let place = self.processes.location(id);
        let said = match change {
            BinaryChange::Replaced => Message::FileReplaced { place },
            BinaryChange::Deleted => Message::FileDeleted { place },
        };
        self.open(now, Code::StaleBinary, Subject::Server(server), Some(id), said, vec![now.seq], out);
    }

    pub(super) fn ended(
        &mut self,
        now: Now,
        process: ProcessKey,
        status: &ExitStatus,
        detail: Option<EndDetail>,
        out: &mut Vec<Effect>,
    ) {
        if let Some(server) = self.processes.remove_server(process) {
            self.server_ended(now, process, &server, status, detail, out);
        } else if self.loads.get(process).is_some() {
            // A failed load says nothing about how long loading takes.
            let done = matches!(status, ExitStatus::Exited(0) | ExitStatus::Unknown(_));
            if done && detail != Some(EndDetail::Unwatched) {
                self.learn_from_load(now, process);
            }
            self.load_ended(now, process, out);
        } else if let Some(client) = self.processes.remove_client(now, process) {
            self.client_ended(now, process, &client.known_as(), out);
        }
    }

    fn server_ended(
        &mut self,
        now: Now,
        key: ProcessKey,
        server: &Server,
        status: &ExitStatus,
        detail: Option<EndDetail>,
        out: &mut Vec<Effect>,
    ) {
        let client = server.seen.client.known().copied();
        let grace = self.config.client_end_grace;
        let client_ended = client.is_some_and(|client| self.processes.client_just_ended(now, client, grace));
        // If the end was not observed, its time is not known.
        let started = server.seen.started.known().filter(|_| detail != Some(EndDetail::Unwatched));
        let lived = started.map(|start| now.uptime().millis_since(*start));
        let cause = judge_end(
            status,
            detail,
            EndContext {
                class: server.seen.class,
                lived,
                crash_min_life: self.config.crash_min_life,
                client_ended,
                binary_replaced: server.binary == Some(BinaryChange::Replaced),
                own_fix: server.own_fix,
                under_pressure: self.memory_under_pressure(now, server),
            },
        );
        let unusual = self.remember_pressures(now, key, server, &cause);
        self.learn_end(server, lived);
        // Incidents with a level are closed together with the level, below.
        let no_level = |code| pressure::detector_of(code).is_none();
        self.close_about(now, Subject::Server(key), no_level, &Message::OverServerEnded, out);
        self.forget_levels(now, Subject::Server(key), &Message::OverServerEnded, out);
        self.forget_probe_requests(key);
        self.server_ended_loads(now, &server.loads, out);
        self.account_end(now, key, server, cause, JudgedEnd { lived, client_ended, detail, unusual }, out);
        self.count_servers_of(now, server.lineage);
        if self.processes.count_long_running(1) == 0 {
            self.servers_change_pressure(now, out);
        }
    }

    fn client_ended(&mut self, now: Now, client: ProcessKey, known_as: &str, out: &mut Vec<Effect>) {
        self.fixes_lose_client(now, client, out);
        self.close_about(now, Subject::Client(client), |_| true, &Message::OverClientEnded, out);
        for id in self.processes.lineages_of(client) {
            self.agenda.touch(Due::Lineage(id));
            self.revise_for_client_end(now, id, known_as, out);
            self.close_all_of(now, id, &Message::OverClientEnded, out);
            // Servers that outlive their client stay in the lineage; a lineage without servers is
            // dropped.
            if self.processes.lineage(id).is_some_and(|l| l.alive.is_empty()) {
                self.forget_lineage(id);
            } else if let Some(lineage) = self.processes.lineage_mut(id) {
                lineage.pending = None;
                lineage.client_alive = false;
            }
        }
    }

    pub(super) fn forget_lineage(&mut self, id: LineageId) {
        self.agenda.unmark(Due::Lineage(id));
        self.processes.forget_lineage(id);
    }
}
