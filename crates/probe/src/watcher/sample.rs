//! Measures: what a server's tree uses while it loads, and how much memory servers hold.
//!
//! Quantised here, so that numbers enter the recording only when they mean something new.

use std::collections::HashMap;

use goplswatch_core::words::{Activity, ServerClass};
use goplswatch_core::{Amount, Ask, Fact, Gauge, ProcessKey, Reading};

use super::{SECOND, Watcher};
use crate::world::{Usage, World};

/// A tree must be of another level for this many samples in a row before that is said.
const SETTLED_SAMPLES: u32 = 3;
/// How often memory and executable of a server are looked at.
const SLOW_LOOK_NS: u64 = 5 * SECOND;
/// How often a server's memory may enter the recording.
const MEMORY_EVERY_NS: u64 = 30 * SECOND;
/// What a quiet load waits for is looked up from this age on, and again every so often.
const DESCRIBE_AFTER_NS: u64 = 20 * SECOND;
const DESCRIBE_EVERY_NS: u64 = 10 * SECOND;

/// What a server's tree has used.
#[derive(Default)]
pub(super) struct Tree {
    sampled_ns: u64,
    usage: HashMap<ProcessKey, Usage>,
    told: Option<Activity>,
    /// How many samples in a row say something else than what was told.
    news: u32,
}

impl<W: World> Watcher<W> {
    /// Reads what the engine wants to know. What came of it is [`Self::ready`].
    pub fn ask(&mut self, ask: Ask) {
        let (gauge, process) = match ask {
            Ask::Descriptors(key) => (Gauge::Descriptors, Some(key)),
            Ask::Watches(key) => (Gauge::Watches, Some(key)),
            Ask::SharedMemory(key) => (Gauge::SharedMemory, Some(key)),
            Ask::DescriptorHolders => (Gauge::Descriptors, None),
            Ask::WatchHolders => (Gauge::UserWatches, None),
            Ask::Indexer => (Gauge::IndexerCpu, None),
        };
        let value = Reading::unknown("not read yet");
        self.tell(Fact::Gauge { gauge, process, value });
    }

    pub(super) fn sample(&mut self, now: u64) {
        let keys: Vec<ProcessKey> = self.servers.keys().copied().collect();
        for key in keys {
            if self.loads.values().any(|l| l.told && l.server == Some(key)) {
                self.sample_tree(key, now);
            } else if let Some(server) = self.servers.get_mut(&key)
                && server.tree.sampled_ns != 0
            {
                server.tree = Tree::default();
            }
            self.look_slowly(key, now);
        }
    }

    /// Memory and executable, every few seconds.
    fn look_slowly(&mut self, key: ProcessKey, now: u64) {
        let Some(server) = self.servers.get_mut(&key) else { return };
        if now.saturating_sub(server.looked_ns) < SLOW_LOOK_NS || !server.class.stays() {
            return;
        }
        server.looked_ns = now;
        let told = server.memory;
        let class = server.class;
        if let Reading::Known(usage) = self.world.usage(key) {
            let bytes = quantise(usage.resident_bytes);
            let news = told.is_none_or(|(at, old)| old != bytes && now.saturating_sub(at) >= MEMORY_EVERY_NS);
            if news {
                if let Some(server) = self.servers.get_mut(&key) {
                    server.memory = Some((now, bytes));
                }
                let value = Reading::Known(Amount::Exactly(bytes));
                self.tell(Fact::Gauge { gauge: Gauge::Memory, process: Some(key), value });
            }
        }
        if class != ServerClass::Forwarder
            && let Reading::Known(Some(change)) = self.world.binary(key)
            && let Some(server) = self.servers.get_mut(&key)
            && server.binary != Some(change)
        {
            server.binary = Some(change);
            self.tell(Fact::BinaryChanged { server: key, change });
        }
    }

    fn sample_tree(&mut self, key: ProcessKey, now: u64) {
        let Some(server) = self.servers.get(&key) else { return };
        let since = now.saturating_sub(server.tree.sampled_ns);
        if since < SECOND * 9 / 10 {
            return;
        }
        let mut usage = HashMap::new();
        let below = self.table.below(key.pid);
        let mut unknown_io = false;
        for member in below.iter().map(|(k, _)| *k).chain([key]) {
            if let Reading::Known(used) = self.world.usage(member) {
                unknown_io |= used.io_bytes.is_none();
                usage.insert(member, used);
            }
        }
        let config = &self.options.config;
        let Some(server) = self.servers.get_mut(&key) else { return };
        if !usage.contains_key(&key) {
            // What is not known is not quiet.
            server.tree = Tree::default();
            return;
        }
        let tree = &mut server.tree;
        let before = std::mem::replace(&mut tree.usage, usage);
        let first = std::mem::replace(&mut tree.sampled_ns, now) == 0;
        if first {
            return;
        }
        // Once its load is known to do nothing, a gopls that answers its editor is not the load moving again.
        let aside = (tree.told == Some(Activity::Quiet)).then_some(key);
        let level = level(&before, &tree.usage, aside, since, config);
        tree.news = if tree.told == Some(level) { 0 } else { tree.news + 1 };
        // The first level counts as soon as it is busy; quiet is never said without knowing about I/O.
        let settled = match (tree.told, level) {
            (_, Activity::Stopped) | (None | Some(Activity::Stopped), Activity::Busy) => true,
            (_, Activity::Quiet) => tree.news >= SETTLED_SAMPLES && !unknown_io,
            (_, Activity::Busy) => tree.news >= SETTLED_SAMPLES,
        };
        if settled && tree.told != Some(level) {
            tree.told = Some(level);
            tree.news = 0;
            self.tell(Fact::TreeActivity { server: key, activity: level });
        }
        if self.servers.get(&key).is_some_and(|s| s.tree.told == Some(Activity::Quiet)) {
            self.describe_loads(key, now);
        }
    }

    fn describe_loads(&mut self, server: ProcessKey, now: u64) {
        let due = |l: &super::Load| {
            l.started_ns.known().is_some_and(|start| now.saturating_sub(*start) >= DESCRIBE_AFTER_NS)
                && now.saturating_sub(l.described_ns) >= DESCRIBE_EVERY_NS
        };
        let loads: Vec<ProcessKey> =
            self.loads.iter().filter(|(_, l)| l.server == Some(server) && l.told && due(l)).map(|(k, _)| *k).collect();
        for load in loads {
            let on = self.describe(load);
            let Some(known) = self.loads.get_mut(&load) else { continue };
            known.described_ns = now;
            if let Some(on) = on.filter(|on| known.waits.as_ref() != Some(on)) {
                known.waits = Some(on.clone());
                self.tell(Fact::LoadWaits { load, on });
            }
        }
    }

    /// The deepest descendant is the one that everybody above it waits for; telemetry processes wait for nobody.
    fn describe(&mut self, load: ProcessKey) -> Option<String> {
        let below = self.table.below(load.pid);
        for (key, name) in below.into_iter().rev() {
            let telemetry = self.world.image(key).is_none_or(|image| image.arg(1) == Some(b"** telemetry **"));
            if telemetry {
                continue;
            }
            let name = String::from_utf8_lossy(&name).into_owned();
            return Some(match self.world.waits_for(key) {
                Some(on) => format!("{name} (pid {}), which waits for {on}", key.pid),
                None => format!("{name} (pid {})", key.pid),
            });
        }
        self.world.waits_for(load)
    }
}

/// The level of a tree over an interval. A process that is new or gone counts as work: what it used is not known. What
/// `aside` uses is not looked at.
fn level(
    before: &HashMap<ProcessKey, Usage>,
    now: &HashMap<ProcessKey, Usage>,
    aside: Option<ProcessKey>,
    interval_ns: u64,
    config: &goplswatch_core::Config,
) -> Activity {
    if now.values().any(|u| u.stopped) {
        return Activity::Stopped;
    }
    let same = before.len() == now.len() && now.keys().all(|k| before.contains_key(k));
    let mut cpu = 0u64;
    let mut io = 0u64;
    for (key, used) in now.iter().filter(|(key, _)| Some(**key) != aside) {
        if let Some(old) = before.get(key) {
            cpu += used.cpu_ns.saturating_sub(old.cpu_ns);
            io += used.io_bytes.unwrap_or(0).saturating_sub(old.io_bytes.unwrap_or(0));
        }
    }
    let permille = u128::from(cpu) * 1_000 / u128::from(interval_ns.max(1));
    let per_second = u128::from(io) * u128::from(SECOND) / u128::from(interval_ns.max(1));
    let idle = permille < u128::from(config.quiet_cpu_permille) && per_second < u128::from(config.quiet_io_bytes_per_s);
    if same && idle { Activity::Quiet } else { Activity::Busy }
}

/// Rounds down to four steps per doubling, so that a growing heap is news about as often as a person would say so.
const fn quantise(bytes: u64) -> u64 {
    if bytes < 8 {
        return bytes;
    }
    let shift = bytes.ilog2() - 2;
    (bytes >> shift) << shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use goplswatch_core::Config;

    #[test]
    fn memory_moves_in_quarters_of_a_doubling() {
        assert_eq!([0, 7, 1_000, 1_100_000_000].map(quantise), [0, 7, 896, 1_073_741_824]);
        assert_eq!(quantise(1_341_000_000), 1_073_741_824);
        assert_eq!(quantise(1_343_000_000), 1_342_177_280);
    }

    #[test]
    fn a_tree_is_quiet_only_if_nothing_in_it_moves() {
        let key = |pid| ProcessKey::new(pid, 1);
        let used = |cpu_ms: u64, io| Usage {
            cpu_ns: cpu_ms * 1_000_000,
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
