//! Gaps in monitoring: the machine slept, the agent was not running, or the machine was off. What
//! may have happened in a gap is not guessed, and what did not happen in it is no evidence.

use std::time::Duration;

use super::agenda::Due;
use super::{Effect, Now, State};
use crate::message::Message;

impl State {
    /// Monitoring starts or resumes.
    pub(super) fn monitoring_began(&mut self, now: Now, boot: String, out: &mut Vec<Effect>) {
        // A runner that has just started does not know when to wake the engine.
        self.agenda.forget_wake();
        match self.boot.replace(boot) {
            Some(before) if Some(&before) == self.boot.as_ref() => self.watch_resumed(now, out),
            Some(_) => self.machine_restarted(now, out),
            None => {}
        }
        self.warm_up(now);
    }

    /// Monitoring resumes in the same boot. Meanwhile processes may have ended, and others may have
    /// started and ended.
    fn watch_resumed(&mut self, now: Now, out: &mut Vec<Effect>) {
        let from = self.last_at;
        self.processes.lineages_mut().for_each(|lineage| lineage.usage.gap(from, now.uptime()));
        self.learning_unwatched();
        self.fixes_unwatched(now, &Message::FixUnwatched, out);
        for client in self.processes.clients_mut() {
            client.whole_life = false;
        }
        for lineage in self.processes.lineages_mut() {
            lineage.ledger.unwatched(now.at);
        }
        for server in self.processes.servers_mut() {
            server.activity = None;
        }
        self.pressure_agent_restarted(now);
        self.touch_all();
    }

    /// After a reboot no process of before is alive, and the continuous clock starts anew.
    fn machine_restarted(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.fixes_unwatched(now, &Message::FixRebooted, out);
        self.close_all(now, &Message::OverRebooted, out);
        let kept = Self {
            config: std::mem::take(&mut self.config),
            boot: self.boot.take(),
            suppression: std::mem::take(&mut self.suppression),
            alerts: std::mem::take(&mut self.alerts).of_another_boot(),
            fixes: std::mem::take(&mut self.fixes).rebooted(),
            baselines: std::mem::take(&mut self.baselines),
            last: self.last,
            ..Self::default()
        };
        *self = kept;
        self.suppression.machine_restarted(now.at);
        self.schedule_quiet();
    }

    pub(super) fn slept(&mut self, now: Now, slept: Duration) {
        let from = now.uptime() - slept;
        self.processes.lineages_mut().for_each(|lineage| lineage.usage.gap(from, now.uptime()));
        self.learning_slept();
        self.awake_since = Some(now.uptime());
        self.warm_up(now);
        let wait = self.config.no_successor_unknown;
        self.agenda.schedule(now.uptime() + wait, Due::Nothing);
        self.touch_all();
        self.fixes_slept(now);
        self.pressure_unwatched(now);
        for lineage in self.processes.lineages_mut() {
            // No server can have started while the machine slept, so its client gets more time.
            if let Some(pending) = &mut lineage.pending {
                pending.deadline = pending.deadline.max(now.uptime() + wait);
            }
        }
        for server in self.processes.servers_mut() {
            // A process tree that did nothing because the machine slept was not quiet.
            server.activity = server.activity.map(|(level, _)| (level, now.uptime()));
        }
        self.loads.slept(now);
    }
}
