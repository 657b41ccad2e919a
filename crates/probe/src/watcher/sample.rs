//! Samples the activity of a server's process tree while it loads, as one of three levels. Also
//! runs all measurements of a scan in order.

use std::collections::HashMap;
use std::time::Duration;

use goplswatch_core::message::{Count, Message, Name, SharedMessage};
use goplswatch_core::time::{SECOND, Uptime};
use goplswatch_core::types::Activity;
use goplswatch_core::{Observation, ProcessKey, Reading};

use super::Watcher;
use crate::platform::{Platform, Usage};

/// A new level must hold for this many samples in a row before it is reported.
const SETTLED_SAMPLES: u32 = 3;
/// What a quiet load waits for is determined from this age on, and again at each interval below.
const DESCRIBE_AFTER: Duration = Duration::from_secs(20);
const DESCRIBE_EVERY: Duration = Duration::from_secs(10);

/// What the process tree of a server has used.
#[derive(Default)]
pub(super) struct Tree {
    sampled: Option<Uptime>,
    usage: HashMap<ProcessKey, Usage>,
    reported: Option<Activity>,
    /// How many samples in a row differed from the reported level.
    news: u32,
}

impl<W: Platform> Watcher<W> {
    pub(super) fn sample(&mut self, now: Uptime) {
        let keys: Vec<ProcessKey> = self.servers.keys().copied().collect();
        for key in keys {
            if self.loads.values().any(|l| l.reported && l.server == Some(key)) {
                self.sample_tree(key, now);
            } else if let Some(server) = self.servers.get_mut(&key)
                && server.tree.sampled.is_some()
            {
                server.tree = Tree::default();
            }
            self.measure_server(key, now);
            self.check_kernel_wait(key, now);
        }
        self.measure_machine(now);
        self.serve_requests();
    }

    fn sample_tree(&mut self, key: ProcessKey, now: Uptime) {
        let Some(server) = self.servers.get(&key) else { return };
        let since = now.since(server.tree.sampled.unwrap_or(Uptime::BOOT));
        if since < SECOND * 9 / 10 {
            return;
        }
        let mut usage = HashMap::new();
        let below = self.table.descendants(key.pid);
        let mut unknown_io = false;
        for member in below.iter().map(|(k, _)| *k).chain([key]) {
            if let Reading::Known(used) = self.platform.usage(member) {
                unknown_io |= used.io_bytes.is_none();
                usage.insert(member, used);
            }
        }
        let config = &self.options.config;
        let Some(server) = self.servers.get_mut(&key) else { return };
        if !usage.contains_key(&key) {
            // An unknown usage does not count as quiet.
            server.tree = Tree::default();
            return;
        }
        let tree = &mut server.tree;
        let before = std::mem::replace(&mut tree.usage, usage);
        let first = tree.sampled.replace(now).is_none();
        if first {
            return;
        }
        // Once the load is known to be idle, CPU used by gopls to answer its editor does not make
        // the load active again.
        let excluded = (tree.reported == Some(Activity::Quiet)).then_some(key);
        let level = level(&before, &tree.usage, excluded, since, config);
        tree.news = if tree.reported == Some(level) { 0 } else { tree.news + 1 };
        // The first level is reported at once if it is busy. Quiet is never reported while I/O is
        // unknown.
        let settled = match (tree.reported, level) {
            (_, Activity::Stopped) | (None | Some(Activity::Stopped), Activity::Busy) => true,
            (_, Activity::Quiet) => tree.news >= SETTLED_SAMPLES && !unknown_io,
            (_, Activity::Busy) => tree.news >= SETTLED_SAMPLES,
        };
        if settled && tree.reported != Some(level) {
            tree.reported = Some(level);
            tree.news = 0;
            self.report(Observation::TreeActivity { server: key, activity: level });
        }
        if self.servers.get(&key).is_some_and(|s| s.tree.reported == Some(Activity::Quiet)) {
            self.describe_loads(key, now);
        }
    }

    fn describe_loads(&mut self, server: ProcessKey, now: Uptime) {
        let due = |l: &super::Load| {
            l.started.known().is_some_and(|start| now.since(*start) >= DESCRIBE_AFTER)
                && now.since(l.described) >= DESCRIBE_EVERY
        };
        let loads: Vec<ProcessKey> = self
            .loads
            .iter()
            .filter(|(_, l)| l.server == Some(server) && l.reported && due(l))
            .map(|(k, _)| *k)
            .collect();
        for load in loads {
            let on = self.describe(load);
            let Some(known) = self.loads.get_mut(&load) else { continue };
            known.described = now;
            if let Some(on) = on.filter(|on| known.waits.as_ref() != Some(on)) {
                known.waits = Some(on.clone());
                self.report(Observation::LoadWaits { load, on: on.into() });
            }
        }
    }

    /// The deepest descendant is the one that all processes above it wait for. No process waits for
    /// a telemetry process.
    fn describe(&mut self, load: ProcessKey) -> Option<SharedMessage> {
        let below = self.table.descendants(load.pid);
        for (key, name) in below.into_iter().rev() {
            let telemetry = self.platform.image(key).is_none_or(|image| image.arg(1) == Some(b"** telemetry **"));
            if telemetry {
                continue;
            }
            let name = Name(String::from_utf8_lossy(&name).into_owned());
            let on = self.waits_for(key).map(|on| Message::WhichWaits { on }).into();
            return Some(Message::WaitsForProcess { name, pid: Count::new(key.pid.0.into()), on }.into());
        }
        self.waits_for(load)
    }

    /// An unresponsive file system is named before a connection: a process that waits for it in the
    /// kernel cannot read what a connection delivers.
    fn waits_for(&mut self, key: ProcessKey) -> Option<SharedMessage> {
        match self.platform.blocked(key) {
            Reading::Known(Some(Reading::Known(on))) => Some(on.message),
            _ => self.platform.waits_for(key).map(SharedMessage::new),
        }
    }
}

/// The activity of a tree over an interval. A process that is new or gone counts as activity, since
/// what it used is unknown. The usage of `old_path` is ignored.
fn level(
    before: &HashMap<ProcessKey, Usage>,
    now: &HashMap<ProcessKey, Usage>,
    excluded: Option<ProcessKey>,
    interval: Duration,
    config: &goplswatch_core::Config,
) -> Activity {
    if now.values().any(|u| u.stopped) {
        return Activity::Stopped;
    }
    let same = before.len() == now.len() && now.keys().all(|k| before.contains_key(k));
    let mut cpu = Duration::ZERO;
    let mut io = 0u64;
    for (key, used) in now.iter().filter(|(key, _)| Some(**key) != excluded) {
        if let Some(old) = before.get(key) {
            cpu += used.cpu.saturating_sub(old.cpu);
            io += used.io_bytes.unwrap_or(0).saturating_sub(old.io_bytes.unwrap_or(0));
        }
    }
    let permille = cpu.as_nanos() * 1_000 / interval.as_nanos().max(1);
    let per_second = u128::from(io) * SECOND.as_nanos() / interval.as_nanos().max(1);
    let idle = permille < u128::from(config.quiet_cpu_permille) && per_second < u128::from(config.quiet_io_bytes_per_s);
    if same && idle { Activity::Quiet } else { Activity::Busy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goplswatch_core::Config;

    #[test]
    fn a_tree_is_quiet_only_if_nothing_in_it_moves() {
        let key = |pid| ProcessKey::new(pid, 1);
        let used = |cpu_ms: u64, io| Usage {
            cpu: Duration::from_millis(cpu_ms),
            io_bytes: Some(io),
            resident_bytes: 0,
            stopped: false,
            threads: None,
        };
        let before = HashMap::from([(key(1), used(100, 0)), (key(2), used(5, 0))]);
        let config = Config::default();
        let at = |one: Usage, two: Usage| {
            level(&before, &HashMap::from([(key(1), one), (key(2), two)]), None, SECOND, &config)
        };
        assert_eq!(at(used(104, 0), used(9, 0)), Activity::Quiet, "0.8 %");
        assert_eq!(at(used(106, 0), used(9, 0)), Activity::Busy, "1 % together");
        assert_eq!(at(used(100, 70_000), used(5, 0)), Activity::Busy);
        assert_eq!(at(used(100, 0), Usage { stopped: true, ..used(5, 0) }), Activity::Stopped);
        let grown = HashMap::from([(key(1), used(100, 0)), (key(2), used(5, 0)), (key(3), used(0, 0))]);
        assert_eq!(level(&before, &grown, None, SECOND, &config), Activity::Busy, "a new process is work");
        let answering = HashMap::from([(key(1), used(900, 1 << 20)), (key(2), used(5, 0))]);
        assert_eq!(level(&before, &answering, Some(key(1)), SECOND, &config), Activity::Quiet);
    }
}
