//! Serves the engine's probe requests: readings that cost too much to be taken unasked.
//!
//! Theory of operation. Requests wait in a queue without duplicates. Readings may take a twentieth
//! of the time: after a reading that took a tenth of a second, none is taken for two seconds.
//! Unspent time accumulates for up to ten seconds, so a few readings may be taken in a row.
//! Deferred requests are served at a later scan. Like every interval, the wait is longer while the
//! machine saves power and while the agent is over its budget.

use std::collections::VecDeque;
use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::time::Uptime;
use goplswatch_core::{Amount, Gauge, Observation, ProbeRequest, ProcessKey, Reading};

use super::Watcher;
use super::gauges::exactly;
use crate::platform::Platform;

/// How long to wait for each unit of time spent on a reading.
const WAIT_PER_READING: u32 = 20;
/// How much past waiting time may accumulate unspent.
const WINDOW: Duration = Duration::from_secs(10);
/// No reading counts as longer than this: if the machine slept meanwhile, the time was not spent
/// working.
const MAX_READING: Duration = Duration::from_secs(30);

/// Probe requests that are not served yet.
#[derive(Default)]
pub(super) struct PendingRequests {
    waiting: VecDeque<ProbeRequest>,
    /// Until when the wait for the readings so far lasts.
    wait_until: Uptime,
}

impl<W: Platform> Watcher<W> {
    /// Takes a reading for the engine, now or at a later scan. [`Self::ready`] returns the result.
    pub fn request(&mut self, ask: ProbeRequest) {
        if !self.pending_requests.waiting.contains(&ask) {
            self.pending_requests.waiting.push_back(ask);
        }
        self.serve_requests();
    }

    pub(super) fn serve_requests(&mut self) {
        // Serve each request at most once: a reading that is not ready yet is requested again at
        // the next scan.
        for _ in 0..self.pending_requests.waiting.len() {
            let before = self.platform.now().uptime;
            if self.pending_requests.wait_until > before {
                return;
            }
            let Some(ask) = self.pending_requests.waiting.pop_front() else { return };
            if !self.answer(ask) {
                self.pending_requests.waiting.push_back(ask);
            }
            let took = self.platform.now().uptime.since(before).min(MAX_READING);
            let from = self.pending_requests.wait_until.max(before - WINDOW);
            self.pending_requests.wait_until = from + self.throttled(took.saturating_mul(WAIT_PER_READING));
        }
    }

    /// Serves one request. Returns false if its reading is not ready yet.
    fn answer(&mut self, ask: ProbeRequest) -> bool {
        match ask {
            ProbeRequest::Descriptors(key) => {
                let value = self.platform.descriptors(key);
                self.report_requested(Gauge::Descriptors, Some(key), value);
            }
            ProbeRequest::Watches(key) => {
                let value = self.platform.watches(key);
                self.report_requested(Gauge::Watches, Some(key), value);
            }
            ProbeRequest::SharedMemory(key) => {
                let value = self.shared_memory(key);
                self.report_requested(Gauge::SharedMemory, Some(key), value);
            }
            ProbeRequest::DescriptorHolders => self.answer_holders(Gauge::Descriptors, None),
            ProbeRequest::WatchHolders => self.answer_holders(Gauge::Watches, Some(Gauge::UserWatches)),
            ProbeRequest::Indexer => match self.platform.indexer_cpu() {
                Some(value) => self.report_requested(Gauge::IndexerCpu, None, exactly(value)),
                None => return false,
            },
        }
        true
    }

    fn shared_memory(&mut self, key: ProcessKey) -> Reading<Amount> {
        if self.servers.get(&key).is_some_and(|server| server.gauges.kernel_wait.waits()) {
            return Reading::unknown(Message::AskerMightWait);
        }
        exactly(self.platform.shared_memory(key))
    }

    /// Reports the holders first, so that they are known when the total is judged. If they cannot
    /// be read, the gauge says why.
    fn answer_holders(&mut self, gauge: Gauge, total: Option<Gauge>) {
        match self.platform.holders(gauge) {
            Reading::Known(held) => {
                self.report(Observation::Holders { gauge, holders: held.holders });
                if let Some(total) = total {
                    self.report_requested(total, None, Reading::Known(held.total));
                }
            }
            Reading::Unknown { unknown } => {
                self.report_requested(total.unwrap_or(gauge), None, Reading::Unknown { unknown });
            }
        }
    }

    /// A requested reading is reported whether or not it is news: the engine waits for it.
    fn report_requested(&mut self, gauge: Gauge, process: Option<ProcessKey>, value: Reading<Amount>) {
        let now = self.platform.now().uptime;
        if let Some(last_reported) = self.last_reported_mut(process) {
            last_reported.record(gauge, &value, now);
        }
        self.report(Observation::Gauge { gauge, process, value });
    }
}
