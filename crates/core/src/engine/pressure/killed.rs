//! Ends for want of memory. Linux counts them; macOS does not, so there one is inferred from what was known in the
//! moment of the end, and called most likely.

use crate::cause::CauseKind;
use crate::codes::Code;
use crate::engine::processes::Server;
use crate::engine::subject::LineageId;
use crate::engine::subject::Subject;
use crate::engine::{Effect, MS, Now, State};
use crate::gauge::Gauge;
use crate::message::{Bytes, Message};
use crate::words::{Seq, ServerClass};

/// Pressure is remembered for so long: the end of something large relieves it at once.
const PRESSURE_LASTS_NS: u64 = 120_000 * MS;
/// What held this part of all memory is large: when no swap is left, macOS ends the one that holds more than half of all
/// that was compressed (`no_paging_space_action`, bsd/kern/kern_proc.c), and nobody else.
const LARGE_PART: u64 = 4;
/// The same where nobody told how much memory there is, bytes.
const LARGE_BYTES: u64 = 4_000_000_000;

impl State {
    /// The memory of a server that is large enough to have been ended for it, if the machine is short of memory or
    /// was so a moment ago.
    pub(in crate::engine) fn memory_under_pressure(&self, now: Now, server: &Server) -> Option<u64> {
        let bytes = server.memory?;
        let large = self.machine.known(Gauge::MachineMemory).map_or(LARGE_BYTES, |(bytes, _)| bytes / LARGE_PART);
        if bytes < large {
            return None;
        }
        let from = now.ns().saturating_sub(PRESSURE_LASTS_NS);
        let mut until = now.ns();
        // A level holds until the next one is told.
        for told in self.machine.get(Gauge::PressureLevel)?.iter().rev() {
            if until < from {
                return None;
            }
            if told.value.known().is_some_and(|level| level.least() >= Gauge::SHORT_OF_MEMORY) {
                return Some(bytes);
            }
            until = told.at_ns;
        }
        None
    }

    /// A server of its own or a shared one was ended for want of memory: those without a client's habits behind them are
    /// told at once.
    pub(in crate::engine) fn judge_memory_kill(&mut self, now: Now, id: LineageId, seq: Seq, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        let kept = lineage.client_alive || lineage.key.client.is_none();
        if lineage.ends.get(seq).is_none_or(|end| end.cause.kind != CauseKind::OutOfMemory) || !kept {
            return;
        }
        if matches!(lineage.key.class, ServerClass::Daemon | ServerClass::Mcp) {
            lineage.last_bad_end_ns = now.ns();
            self.tell_memory_kill(now, id, seq, out);
        }
    }

    pub(in crate::engine) fn tell_memory_kill(&mut self, now: Now, id: LineageId, seq: Seq, out: &mut Vec<Effect>) {
        let Some(end) = self.processes.lineage(id).and_then(|lineage| lineage.ends.get(seq)) else { return };
        let (how, held) = (end.cause.part(), end.memory.map(Bytes::new));
        let said = Message::KilledForMemory { place: self.processes.place(id), how, held };
        self.open(now, Code::OutOfMemoryKill, Subject::Lineage(id), Some(id), said, vec![seq], out);
    }
}
