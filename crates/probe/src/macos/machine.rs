//! Machine-wide readings: the file table, vnodes, memory, and the number of Spotlight's workers.
//!
//! All but the workers take a handful of sysctl calls, which any user may make. Workers are found
//! by one short look at every process, at most once a minute: that costs as much as a scan of the
//! process table.

use std::collections::HashSet;
use std::ffi::CStr;
use std::time::Duration;

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::time::{MINUTE, Uptime};
use goplswatch_core::{Amount, Gauge, Pid, Reading};
use sysinfo::{MemoryRefreshKind, System};

use super::libproc;
use super::sys::{self, Refusal};
use super::table::Table;
use crate::xnu::{self, errno};

/// How often Spotlight's workers are counted.
const WORKERS_EVERY: Duration = MINUTE;
/// The shortest time over which a rate is computed.
const RATE_OVER: Duration = Duration::from_secs(10);

/// State kept between two readings.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// The memory readings of sysinfo, created at the first reading: it holds a host port that it
    /// never releases.
    memory: Option<Result<System, Message>>,
    /// The counter of recycled vnodes, and when it was read.
    recycled: Option<(u64, Uptime)>,
    recycled_rate: Option<u64>,
    workers: Workers,
}

#[derive(Debug, Default)]
struct Workers {
    looked: Option<Uptime>,
    ids: HashSet<u64>,
    /// How many workers there are, and how many started per minute. The second is `None` without an
    /// earlier count to compare with.
    counts: Option<Result<(u64, Option<u64>), Message>>,
}

type GaugeReadings = Vec<(Gauge, Reading<Amount>)>;

impl Machine {
    /// Reads every gauge that is cheap into `out`.
    pub(super) fn look(&mut self, now: Uptime, table: &mut Table, out: &mut GaugeReadings) {
        push(out, Gauge::FileTable, counted(c"kern.num_files"));
        push(out, Gauge::FileTableLimit, counted(c"kern.maxfiles"));
        push(out, Gauge::VnodesFree, free_vnodes());
        self.look_at_recycling(now, out);
        self.look_at_memory(out);
        push(out, Gauge::PressureLevel, pressure_level());
        self.workers.look(now, table);
        self.workers.tell(out);
    }

    fn look_at_recycling(&mut self, now: Uptime, out: &mut GaugeReadings) {
        let count = match recycled_vnodes() {
            Ok(Some(count)) => count,
            Ok(None) => return,
            Err(why) => return push(out, Gauge::VnodesRecycled, Err(why)),
        };
        match self.recycled {
            Some((_, at)) if now.since(at) < RATE_OVER => {}
            before => {
                self.recycled_rate = before.and_then(|(then, at)| xnu::per_minute(then, count, now.since(at)));
                self.recycled = Some((count, now));
            }
        }
        // Before the second reading there is no rate yet, so nothing is reported.
        push(out, Gauge::VnodesRecycled, Ok(self.recycled_rate));
    }

    /// Memory by sysinfo. Available memory is what Activity Monitor does not count as used: free
    /// memory, file caches, and memory that programs marked as purgeable. All of it can be released
    /// at once.
    fn look_at_memory(&mut self, out: &mut GaugeReadings) {
        let system = self.memory.get_or_insert_with(|| System::new().map_err(Message::reported));
        let system = match system {
            Ok(system) => system,
            Err(why) => {
                for gauge in [Gauge::MachineMemory, Gauge::MemoryAvailable, Gauge::SwapUsed] {
                    push(out, gauge, Err(why.clone()));
                }
                return;
            }
        };
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        let (total, used) = (system.total_memory(), system.used_memory());
        let nonsense = |call: &str| Err(Refusal::Nonsense.of(call));
        push(out, Gauge::MachineMemory, if total == 0 { nonsense("hw.memsize") } else { Ok(Some(total)) });
        // Zero used memory means that the call failed.
        let available = if used == 0 { nonsense("host_statistics64") } else { Ok(Some(total.saturating_sub(used))) };
        push(out, Gauge::MemoryAvailable, available);
        push(out, Gauge::SwapUsed, Ok(Some(system.used_swap())));
    }
}

impl Workers {
    fn look(&mut self, now: Uptime, table: &mut Table) {
        let passed = self.looked.map(|at| now.since(at));
        if passed.is_some_and(|passed| passed < WORKERS_EVERY) {
            return;
        }
        self.looked = Some(now);
        match worker_ids(table) {
            Ok(ids) => {
                let born = ids.difference(&self.ids).count() as u64;
                // All workers look new at the first count, and after a failure too.
                let known_before = matches!(self.counts, Some(Ok(_)));
                let births = passed.filter(|_| known_before).and_then(|passed| xnu::per_minute(0, born, passed));
                self.counts = Some(Ok((ids.len() as u64, births)));
                self.ids = ids;
            }
            Err(why) => self.counts = Some(Err(why)),
        }
    }

    fn tell(&self, out: &mut GaugeReadings) {
        match &self.counts {
            Some(Ok((count, births))) => {
                push(out, Gauge::IndexerWorkers, Ok(Some(*count)));
                push(out, Gauge::IndexerBirths, Ok(*births));
            }
            Some(Err(why)) => push(out, Gauge::IndexerWorkers, Err(why.clone())),
            None => {}
        }
    }
}

/// The unique ids of Spotlight's workers, of any user.
fn worker_ids(table: &mut Table) -> Result<HashSet<u64>, Message> {
    let mut pids = Vec::new();
    table.pids(&mut pids)?;
    let mut ids = HashSet::new();
    let (mut answered, mut last_refusal) = (false, Refusal::Nonsense);
    for Pid(pid) in pids {
        match libproc::short_info(pid) {
            Ok(bytes) => {
                answered = true;
                let worker = xnu::short_info(&bytes).is_some_and(|basics| xnu::is_indexer_worker(&basics.comm));
                if let Some(key) = worker.then(|| table.key(pid)).flatten() {
                    ids.insert(key.start);
                }
            }
            Err(refusal) => last_refusal = refusal,
        }
    }
    if answered { Ok(ids) } else { Err(last_refusal.of("PROC_PIDT_SHORTBSDINFO")) }
}

/// Vnodes that could be reused at once. macOS 13 and later keep three counts of them; earlier
/// versions, one.
fn free_vnodes() -> Result<Option<u64>, Message> {
    let Some(free) = counted(c"vfs.vnstats.num_free_vnodes")? else { return counted(c"kern.free_vnodes") };
    let dead = counted(c"vfs.vnstats.num_dead_vnodes")?.unwrap_or(0);
    let deallocable = counted(c"vfs.vnstats.num_deallocable_vnodes")?.unwrap_or(0);
    Ok(Some(free.saturating_add(dead).saturating_add(deallocable)))
}

/// How often a vnode was taken from one file for another since boot.
fn recycled_vnodes() -> Result<Option<u64>, Message> {
    match counted(c"vfs.vnstats.num_recycledvnodes")? {
        Some(count) => Ok(Some(count)),
        None => counted(c"kern.num_recycledvnodes"),
    }
}

/// `kern.memorystatus_vm_pressure_level`: 1, 2 or 4 (`DISPATCH_MEMORYPRESSURE_NORMAL` …
/// `_CRITICAL`).
fn pressure_level() -> Result<Option<u64>, Message> {
    let name = c"kern.memorystatus_vm_pressure_level";
    let level = counted(name)?;
    match level {
        None | Some(1 | 2 | 4) => Ok(level),
        Some(other) => {
            let why = SharedMessage::new(Message::AnsweredWith { value: Verbatim::of(other) });
            Err(Message::CallRefused { call: Verbatim::of(name.to_string_lossy()), why })
        }
    }
}

/// A count from sysctl. `None`: this system has no such count.
pub(super) fn counted(name: &CStr) -> Result<Option<u64>, Message> {
    let said = |refusal: Refusal| refusal.of(&name.to_string_lossy());
    match sys::sysctl_named::<8>(name) {
        Ok(bytes) => xnu::number(&bytes).map(Some).ok_or_else(|| said(Refusal::Nonsense)),
        Err(refusal) if refusal.is(errno::ENOENT) => Ok(None),
        Err(refusal) => Err(said(refusal)),
    }
}

fn push(out: &mut GaugeReadings, gauge: Gauge, value: Result<Option<u64>, Message>) {
    match value {
        Ok(Some(value)) => out.push((gauge, Reading::Known(Amount::Exactly(value)))),
        Ok(None) => {}
        Err(why) => out.push((gauge, Reading::unknown(why))),
    }
}
