//! What follows from the reading of a gauge.

use super::gauges::within_reason;
use super::{Effect, Now, State};
use crate::gauge::{Amount, Gauge, ProbeRequest};
use crate::reading::Reading;
use crate::types::ProcessKey;

impl State {
    pub(super) fn gauge(
        &mut self,
        now: Now,
        gauge: Gauge,
        process: Option<ProcessKey>,
        value: Reading<Amount>,
        out: &mut Vec<Effect>,
    ) {
        let value = match value {
            Reading::Known(amount) => Reading::Known(within_reason(amount)),
            unknown @ Reading::Unknown { .. } => unknown,
        };
        let Some(process) = process else {
            self.machine.record(now, gauge, value);
            match gauge {
                Gauge::UserWatches => self.reply_received(ProbeRequest::WatchHolders),
                Gauge::IndexerCpu => self.reply_received(ProbeRequest::Indexer),
                _ => {}
            }
            self.machine_gauge_moved(now, gauge, out);
            return;
        };
        let Some((server, lineage)) = self.processes.server_in_lineage_mut(process) else { return };
        let before = server.used(gauge);
        let memory = value.known().map(|amount| amount.least()).filter(|_| gauge == Gauge::Memory);
        server.gauges.record(now, gauge, value);
        if let Some(bytes) = memory {
            self.memory(now, process, bytes);
        } else if server.seen.class.is_long_running() {
            lineage.usage.change(now.uptime(), gauge, before, server.used(gauge));
        }
        match gauge {
            Gauge::Descriptors => self.reply_received(ProbeRequest::Descriptors(process)),
            Gauge::Watches => self.reply_received(ProbeRequest::Watches(process)),
            Gauge::SharedMemory => self.reply_received(ProbeRequest::SharedMemory(process)),
            Gauge::DescriptorBound => self.descriptor_bound_changed(now, process),
            _ => {}
        }
        self.server_gauge_moved(now, gauge, process, out);
    }

    /// The memory of a server was reported, bytes.
    pub(super) fn memory(&mut self, now: Now, key: ProcessKey, bytes: u64) {
        let Some((server, lineage)) = self.processes.server_in_lineage_mut(key) else { return };
        let (id, before) = (server.lineage, server.memory.replace(bytes));
        server.learning.memory(bytes);
        if server.seen.class.is_long_running() {
            lineage.usage.change(now.uptime(), Gauge::Memory, before, Some(bytes));
        }
        self.count_servers_of(now, id);
    }
}
