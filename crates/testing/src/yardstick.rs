//! Reference workloads of benchmarks: simple work whose cost on this machine, now, shows how fast
//! the machine is.
//!
//! None of it is ours: it is the standard library, a library in wide use, or a bare system call,
//! and it stays the same from one version of the program to the next. Each work of ours is compared
//! with the one that it is most like, so that both suffer alike from a slow memory, a slow kernel
//! or a busy neighbour.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::{Command, Stdio};

/// The number of entries in the map.
const ENTRIES: u64 = 1_000;

/// CPU work of a few milliseconds: in an ordered map of a thousand texts and small lists, entries
/// are looked up, changed, removed and inserted again ten thousand times. It walks memory and
/// allocates as the engine does, and as the code that renders the engine's state does.
pub fn ordered_map() {
    let mut map: BTreeMap<String, (String, Vec<u64>)> = BTreeMap::new();
    let key = |n: u64| format!("/home/somebody/src/workspace-{:03}", n % ENTRIES);
    let mut random = 1u64;
    for _ in 0..ENTRIES * 10 {
        // Knuth's MMIX constants; the upper bits are the good ones.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let n = random >> 33;
        let (name, mut values) = map.remove(&key(n)).unwrap_or_default();
        let beside = map.range(key(n / 7)..).next().map_or(0, |(_, (_, values))| values.len());
        values.push(n + beside as u64);
        values.truncate(8);
        map.insert(key(n), (if name.is_empty() { n.to_string() } else { name.clone() }, values));
    }
    black_box(map);
}

/// Parses consecutive JSON values, each into a tree. Returns how many there were, up to the first
/// invalid one.
#[must_use]
pub fn read_json(bytes: &[u8]) -> usize {
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
    values.map_while(Result::ok).map(|value| drop(black_box(value))).count()
}

/// A process that does nothing (`true`, which every Unix has), to be started and waited for.
#[must_use]
pub fn empty_process() -> Command {
    let mut command = Command::new("true");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

#[cfg(target_os = "linux")]
pub use processes::{Refresh, list_processes};

#[cfg(target_os = "linux")]
mod processes {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

    /// The simplest way to list processes: the names in /proc that are numbers, read with the
    /// standard library. Returns how many there are.
    ///
    /// # Panics
    /// If /proc cannot be listed.
    #[must_use]
    pub fn list_processes() -> usize {
        let numeric = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
        let entries = std::fs::read_dir("/proc").expect("a list of processes");
        entries.flatten().filter(|entry| numeric(&entry.file_name())).count()
    }

    /// What a general-purpose library does to list processes: sysinfo's refresh.
    pub struct Refresh(System);

    impl Refresh {
        /// Creates it, with every process read once.
        ///
        /// # Panics
        /// If sysinfo does not know the system.
        #[must_use]
        pub fn new() -> Self {
            let mut refresh = Self(System::new().expect("a system that sysinfo knows"));
            refresh.every_process();
            refresh
        }

        /// Reads which processes there are, and nothing about them.
        pub fn every_process(&mut self) {
            self.0.refresh_processes_specifics(ProcessesToUpdate::All, true, ProcessRefreshKind::nothing());
        }

        /// Reads CPU and memory of these processes.
        pub fn usage_of(&mut self, pids: &[u32]) {
            let pids: Vec<Pid> = pids.iter().copied().map(Pid::from_u32).collect();
            let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
            self.0.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, kind);
        }

        /// Reads the memory of the machine.
        pub fn memory(&mut self) {
            self.0.refresh_memory();
        }
    }

    impl Default for Refresh {
        fn default() -> Self {
            Self::new()
        }
    }
}
