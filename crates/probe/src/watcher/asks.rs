//! Answers what the engine asks: readings that cost too much to be taken unasked.
//!
//! Theory of operation. Questions wait in a row, each of them once. They may take a twentieth of the time: an answer
//! that took a tenth of a second is paid for with two seconds in which none is given. What is left unspent counts for
//! ten seconds, so a few answers may come at once. Deferred ones are given at a later scan. Like every interval, the wait
//! is longer while the machine saves power and while the agent is over its budget.

use std::collections::VecDeque;

use goplswatch_core::message::Message;
use goplswatch_core::{Amount, Ask, Fact, Gauge, ProcessKey, Reading};

use super::gauges::exactly;
use super::{SECOND, Watcher};
use crate::world::World;

/// A nanosecond of answers costs so many of waiting.
const PRICE: u64 = 20;
/// So much of the past counts as unspent.
const WINDOW_NS: u64 = 10 * SECOND;
/// No answer counts as longer than this: a machine that fell asleep meanwhile has not worked.
const LONGEST_NS: u64 = 30 * SECOND;

/// What was asked and not answered yet.
#[derive(Default)]
pub(super) struct Asks {
    waiting: VecDeque<Ask>,
    /// Until when the answers so far are paid for.
    paid_ns: u64,
}

impl<W: World> Watcher<W> {
    /// Reads what the engine wants to know, now or at a later scan. What came of it is [`Self::ready`].
    pub fn ask(&mut self, ask: Ask) {
        if !self.asks.waiting.contains(&ask) {
            self.asks.waiting.push_back(ask);
        }
        self.answer_asks();
    }

    pub(super) fn answer_asks(&mut self) {
        // Each at most once: an answer that is not there yet is asked for again at the next scan.
        for _ in 0..self.asks.waiting.len() {
            let before = self.world.now().cont_ns;
            if self.asks.paid_ns > before {
                return;
            }
            let Some(ask) = self.asks.waiting.pop_front() else { return };
            if !self.answer(ask) {
                self.asks.waiting.push_back(ask);
            }
            let took = self.world.now().cont_ns.saturating_sub(before).min(LONGEST_NS);
            let from = self.asks.paid_ns.max(before.saturating_sub(WINDOW_NS));
            self.asks.paid_ns = from.saturating_add(self.stretched(took.saturating_mul(PRICE)));
        }
    }

    /// False: the answer is not there yet.
    fn answer(&mut self, ask: Ask) -> bool {
        match ask {
            Ask::Descriptors(key) => {
                let value = self.world.descriptors(key);
                self.answered(Gauge::Descriptors, Some(key), value);
            }
            Ask::Watches(key) => {
                let value = self.world.watches(key);
                self.answered(Gauge::Watches, Some(key), value);
            }
            Ask::SharedMemory(key) => {
                let value = self.shared_memory(key);
                self.answered(Gauge::SharedMemory, Some(key), value);
            }
            Ask::DescriptorHolders => self.answer_holders(Gauge::Descriptors, None),
            Ask::WatchHolders => self.answer_holders(Gauge::Watches, Some(Gauge::UserWatches)),
            Ask::Indexer => match self.world.indexer() {
                Some(value) => self.answered(Gauge::IndexerCpu, None, exactly(value)),
                None => return false,
            },
        }
        true
    }

    fn shared_memory(&mut self, key: ProcessKey) -> Reading<Amount> {
        if self.servers.get(&key).is_some_and(|server| server.gauges.inside.waits()) {
            return Reading::unknown(Message::AskerMightWait);
        }
        exactly(self.world.shared_memory(key))
    }

    /// The holders first, so that they are known when the total is judged. Where they cannot be had, the gauge says why.
    fn answer_holders(&mut self, gauge: Gauge, total: Option<Gauge>) {
        match self.world.holders(gauge) {
            Reading::Known(held) => {
                self.tell(Fact::Holders { gauge, holders: held.holders });
                if let Some(total) = total {
                    self.answered(total, None, Reading::Known(held.total));
                }
            }
            Reading::Unknown { unknown } => {
                self.answered(total.unwrap_or(gauge), None, Reading::Unknown { unknown });
            }
        }
    }

    /// An answer is told, news or not: somebody waits for it.
    fn answered(&mut self, gauge: Gauge, process: Option<ProcessKey>, value: Reading<Amount>) {
        let now = self.world.now().cont_ns;
        if let Some(told) = self.told_of(process) {
            told.tell(gauge, &value, now);
        }
        self.tell(Fact::Gauge { gauge, process, value });
    }
}
