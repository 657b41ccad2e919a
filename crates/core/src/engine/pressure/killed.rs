//! Kills because of memory. Linux counts them. macOS does not, so there a kill is inferred from
//! what was known at the time of the end, and called most likely.

use std::time::Duration;

use crate::cause::CauseKind;
use crate::code::Code;
use crate::engine::processes::Server;
use crate::engine::subject::LineageId;
use crate::engine::subject::Subject;
use crate::engine::{Effect, Now, State};
use crate::gauge::Gauge;
use crate::message::{Bytes, Message};
use crate::types::{Seq, ServerClass};

/// Pressure is remembered this long: the end of a large process relieves it at once.
const PRESSURE_LASTS: Duration = Duration::from_secs(120);
/// A process that held one part in this many of all memory (a quarter) counts as large. When no
/// swap is left, macOS kills the process that holds more than half of all compressed memory
/// (`no_paging_space_action`, bsd/kern/kern_proc.c), and no other.
const LARGE_PART: u64 = 4;
/// The same limit where the size of memory is not known, bytes.
const LARGE_BYTES: u64 = 4_000_000_000;

impl State {
    /// The memory of a server, bytes, if it is large enough to have been killed for it and the
    /// machine is, or was a moment ago, short of memory.
    pub(in crate::engine) fn memory_under_pressure(&self, now: Now, server: &Server) -> Option<u64> {
        let bytes = server.memory?;
        let large = self.machine.known(Gauge::MachineMemory).map_or(LARGE_BYTES, |(bytes, _)| bytes / LARGE_PART);
        if bytes < large {
            return None;
        }
        let from = now.uptime() - PRESSURE_LASTS;
        let mut until = now.uptime();
        // A pressure level holds until the next one is reported.
        for sample in self.machine.get(Gauge::PressureLevel)?.iter().rev() {
            if until < from {
                return None;
            }
            if sample.value.known().is_some_and(|level| level.least() >= Gauge::SHORT_OF_MEMORY) {
                return Some(bytes);
            }
            until = sample.at;
        }
        None
    }

    /// A server was killed because of memory. A daemon or MCP server has no client whose end or
    /// restart must be awaited, so it is reported at once.
    pub(in crate::engine) fn judge_memory_kill(&mut self, now: Now, id: LineageId, seq: Seq, out: &mut Vec<Effect>) {
        let Some(lineage) = self.processes.lineage_mut(id) else { return };
        let kept = lineage.client_alive || lineage.key.client.is_none();
        if lineage.ends.get(seq).is_none_or(|end| end.cause.kind != CauseKind::OutOfMemory) || !kept {
            return;
        }
        if matches!(lineage.key.class, ServerClass::Daemon | ServerClass::Mcp) {
            lineage.last_bad_end = now.uptime();
            self.tell_memory_kill(now, id, seq, out);
        }
    }

    pub(in crate::engine) fn tell_memory_kill(&mut self, now: Now, id: LineageId, seq: Seq, out: &mut Vec<Effect>) {
        let Some(end) = self.processes.lineage(id).and_then(|lineage| lineage.ends.get(seq)) else { return };
        let (how, held) = (end.cause.part(), end.memory.map(Bytes::new));
        let said = Message::KilledForMemory { place: self.processes.location(id), how, held };
        self.open(now, Code::OutOfMemoryKill, Subject::Lineage(id), Some(id), said, vec![seq], out);
    }
}
