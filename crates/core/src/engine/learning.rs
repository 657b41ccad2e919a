//! Feeds `baselines` with what is observed of running servers, and answers what is usual for one.

use std::time::Duration;

use super::baselines::{BaselineKeyRef, Learning, day, day_of, is_above, learn, robust};
use super::processes::{Processes, Server};
use super::subject::LineageId;
use super::{Now, Robust, State, Usual};
use crate::time::{Uptime, millis};
use crate::types::ProcessKey;

/// The place of a client's lineage, if known.
fn place<'a>(processes: &'a Processes, id: LineageId, client: Option<&'a str>) -> Option<BaselineKeyRef<'a>> {
    let lineage = processes.lineage(id)?;
    Some(BaselineKeyRef { client: client?, folder: lineage.workspace.known()?, class: lineage.key.class })
}

fn place_of<'a>(processes: &'a Processes, server: &'a Server) -> Option<BaselineKeyRef<'a>> {
    place(processes, server.lineage, server.learning.client.as_deref())
}

impl State {
    /// A server started.
    pub(super) fn learning_begins(&mut self, now: Now, key: ProcessKey) {
        let Some(server) = self.processes.server(key).filter(|server| server.seen.class.is_long_running()) else {
            return;
        };
        let client = server.seen.client.known().and_then(|client| self.processes.client(*client));
        let client = client.map(|client| client.known_as().into_owned());
        // A server that was running before monitoring began may have loaded and grown unobserved.
        let unseen = server.seen.adopted || server.seen.started.known().is_none();
        if let Some(place) = place(&self.processes, server.lineage, client.as_deref()) {
            self.baselines.visit(place).day(day(now));
        }
        if let Some(server) = self.processes.server_mut(key) {
            server.learning = Learning { client, no_load: unseen, no_peak: unseen, ..Learning::default() };
        }
    }

    /// A load started for this server.
    pub(super) fn learn_load(&mut self, key: ProcessKey, load: ProcessKey) {
        if let Some(server) = self.processes.server_mut(key) {
            server.learning.first_load.get_or_insert(load);
        }
    }

    /// A load of this server ended while it was monitored.
    pub(super) fn learn_load_end(&mut self, now: Now, key: ProcessKey, load: ProcessKey, started: Uptime) {
        let Some(server) = self.processes.server(key) else { return };
        if server.learning.no_load || server.learning.first_load != Some(load) {
            return;
        }
        if let Some(place) = place_of(&self.processes, server) {
            learn(&mut self.baselines.visit(place).loads, millis(now.uptime().since(started)));
        }
        if let Some(server) = self.processes.server_mut(key) {
            // Only the first load of a server is learned.
            server.learning.no_load = true;
        }
    }

    /// A server ended.
    pub(super) fn learn_end(&mut self, server: &Server, lived: Option<Duration>) {
        let whole = !server.learning.no_peak && lived.is_some_and(|lived| lived >= self.config.recovering_after);
        if whole
            && server.learning.peak > 0
            && let Some(place) = place_of(&self.processes, server)
        {
            learn(&mut self.baselines.visit(place).peaks, server.learning.peak);
        }
    }

    /// An end in this lineage was not explained.
    pub(super) fn learn_unexplained(&mut self, now: Now, id: LineageId) {
        if let Some(place) = place(&self.processes, id, self.processes.client_known_as(id).as_deref())
            && let Some((_, ends)) = self.baselines.visit(place).day(day(now))
        {
            *ends = ends.saturating_add(1);
        }
    }

    /// That many ends of this lineage turned out to be explained: their client was ending.
    pub(super) fn unlearn_unexplained(&mut self, now: Now, id: LineageId, client: &str, ends: u64) {
        if ends > 0
            && let Some(place) = place(&self.processes, id, Some(client))
            && let Some((_, counted)) = self.baselines.visit(place).day(day(now))
        {
            *counted = counted.saturating_sub(ends);
        }
    }

    /// The machine slept, so the duration of a running load is not learned.
    pub(super) fn learning_slept(&mut self) {
        for server in self.processes.servers_mut().filter(|server| !server.loads.is_empty()) {
            server.learning.no_load = true;
        }
    }

    /// Monitoring was interrupted.
    pub(super) fn learning_unwatched(&mut self) {
        for server in self.processes.servers_mut() {
            server.learning.no_load = true;
            server.learning.no_peak = true;
        }
    }

    /// The usual values for the place of this server.
    pub(super) fn usual_of(&self, server: &Server, wall_ms: i64) -> Usual {
        let habits = place_of(&self.processes, server).and_then(|place| self.baselines.of(place));
        habits.map_or_else(Usual::default, |habits| habits.usual(day_of(wall_ms)))
    }

    /// The usual amount of memory where this server runs, bytes, if `bytes` is unusual there.
    pub(super) fn unusual_memory(&self, server: &Server, bytes: u64) -> Option<u64> {
        let usual = robust(self.baselines.of(place_of(&self.processes, server)?)?.peaks.iter().copied())?;
        is_above(usual, bytes).then_some(usual.median)
    }

    /// The usual duration of a first load where this server runs, milliseconds; `None` for later
    /// loads of the server.
    pub(super) fn usual_load(&self, key: ProcessKey, load: ProcessKey) -> Option<Robust> {
        let server = self.processes.server(key).filter(|server| server.learning.first_load == Some(load))?;
        robust(self.baselines.of(place_of(&self.processes, server)?)?.loads.iter().copied())
    }
}
