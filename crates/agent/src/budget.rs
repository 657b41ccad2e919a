//! What the agent itself costs, and how far it throttles its scans to stay within its budget.
//!
//! Scanning is nearly all that the agent does on its own, so the scan rate is the only thing to
//! adjust. It is halved when a whole minute cost more than the budget, and doubled again, step by
//! step, when the minute before cost less than half of it. Work on request, such as reading a part
//! of the history, is not a cost of monitoring and does not slow it down.

use std::time::Duration;

use goplswatch_core::Reading;
use goplswatch_core::message::{Bytes, Count, Message, MessageText, SharedMessage};
use goplswatch_core::time::{MINUTE, Uptime, millis, nanos};
use goplswatch_probe::platform::Usage;
use goplswatch_view::{Catalogue, Form};

use crate::api::Cost;
use crate::config::OwnBudget;

/// Interval between two measurements.
pub(crate) const MEASURE_INTERVAL: Duration = Duration::from_secs(30);
/// A CPU share is measured over at least this long.
const SPAN: Duration = MINUTE;
/// The highest throttle: anything slower would no longer be monitoring.
const SLOWEST: u32 = 8;

/// The measured cost and the throttle that follows from it; see the module.
pub(crate) struct Budget {
    /// The start of the current minute: its time, the CPU used until then, and how much of that was
    /// spent on answers.
    since: Option<(Uptime, Duration, Duration)>,
    cost: Cost,
}

impl Default for Budget {
    fn default() -> Self {
        let cost = Cost {
            cpu_permille: Reading::unknown(Message::NotMeasuredFor),
            cpu_ms: Reading::unknown(Message::NotMeasured),
            memory_bytes: Reading::unknown(Message::NotMeasured),
            pace: 1,
            over: None,
        };
        Self { since: None, cost }
    }
}

/// Rendered in English, like everything that is published.
fn said(message: Message) -> MessageText {
    let text = Catalogue::english().text(&message, Form::Full);
    MessageText { text, ..message.into() }
}

impl Budget {
    pub(crate) const fn cost(&self) -> &Cost {
        &self.cost
    }

    /// The cost with its messages rendered.
    pub(crate) fn said(&self) -> Cost {
        let mut cost = self.cost.clone();
        cost.each_said(&mut |said| said.text = Catalogue::english().text(&said.message, Form::Full));
        cost
    }

    /// Takes a measurement and returns the throttle from now on. `served` is the total time
    /// spent on answers so far. `slept` says whether the machine slept since the last measurement;
    /// the minute then starts over.
    pub(crate) fn measure(
        &mut self,
        now: Uptime,
        used: Reading<Usage>,
        served: Duration,
        slept: bool,
        budget: &OwnBudget,
    ) -> u32 {
        let used = match used {
            Reading::Known(used) => used,
            Reading::Unknown { unknown } => {
                self.since = None;
                self.cost.cpu_permille = Reading::Unknown { unknown: unknown.clone() };
                self.cost.cpu_ms = Reading::Unknown { unknown: unknown.clone() };
                self.cost.memory_bytes = Reading::Unknown { unknown };
                return self.cost.pace;
            }
        };
        self.cost.cpu_ms = Reading::Known(millis(used.cpu));
        self.cost.memory_bytes = Reading::Known(used.resident_bytes);
        match self.since.filter(|_| !slept) {
            Some((since, before, served_before)) if now.since(since) >= SPAN => {
                let cpu = used.cpu.saturating_sub(before);
                self.judge(now.since(since), cpu, served.saturating_sub(served_before), budget);
                self.since = Some((now, used.cpu, served));
            }
            Some(_) => {}
            None => self.since = Some((now, used.cpu, served)),
        }
        self.cost.over = self.over(budget).map(said);
        self.cost.pace
    }

    #[expect(clippy::cast_precision_loss, reason = "a share of a minute needs no 53 bits")]
    fn judge(&mut self, span: Duration, cpu: Duration, served: Duration, budget: &OwnBudget) {
        let share = |of: Duration| nanos(of) as f64 * 1_000.0 / nanos(span).max(1) as f64;
        self.cost.cpu_permille = Reading::Known((share(cpu) * 100.0).round() / 100.0);
        let permille = share(cpu.saturating_sub(served));
        let most = f64::from(budget.cpu_permille);
        if permille > most {
            self.cost.pace = (self.cost.pace * 2).min(SLOWEST);
        } else if permille < most / 2.0 {
            self.cost.pace = (self.cost.pace / 2).max(1);
        }
    }

    fn over(&self, budget: &OwnBudget) -> Option<Message> {
        let memory = self.cost.memory_bytes.known().filter(|bytes| **bytes > budget.memory_bytes);
        let memory = memory.map(|bytes| Message::AgentOverMemory {
            bytes: Bytes::new(*bytes),
            above: Bytes::new(bytes.saturating_sub(budget.memory_bytes)),
        });
        if self.cost.pace == 1 {
            return memory;
        }
        let (permille, pace) = (u64::from(budget.cpu_permille), u64::from(self.cost.pace));
        let (permille, pace) = (Count::new(permille), Count::new(pace));
        Some(Message::AgentOverCpu { permille, pace, more: memory.map(SharedMessage::new) })
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::time::SECOND;

    use super::*;

    fn used(cpu_ms: u64) -> Reading<Usage> {
        Reading::Known(Usage {
            cpu: Duration::from_millis(cpu_ms),
            io_bytes: None,
            resident_bytes: 9_000_000,
            stopped: false,
            threads: None,
        })
    }

    #[test]
    fn over_budget_it_looks_less_often_and_recovers() {
        let own = OwnBudget { cpu_permille: 10, memory_bytes: 10_000_000 };
        let mut budget = Budget::default();
        let mut cpu = 0;
        let mut minute = 0;
        let mut pace = |ms: u64, slept: bool| {
            cpu += ms;
            minute += 1;
            budget.measure(Uptime::BOOT + minute * MINUTE, used(cpu), Duration::ZERO, slept, &own)
        };
        // 600 ms of CPU in a minute are ten permille.
        assert_eq!(pace(500, false), 1, "nothing to compare with");
        assert_eq!([pace(601, false), pace(900, false), pace(900, false), pace(900, false)], [2, 4, 8, 8]);
        assert_eq!([pace(400, false), pace(100, false)], [8, 4], "between half and whole it stays");
        assert_eq!(pace(900, true), 4, "a night is no minute");
        assert_eq!([pace(100, false), pace(100, false), pace(100, false)], [2, 1, 1]);
        assert_eq!(budget.cost().cpu_permille, Reading::Known(1.67));
        assert_eq!(budget.cost().over, None);
    }

    #[test]
    fn what_is_spent_on_answers_makes_no_look_rarer() {
        let own = OwnBudget { cpu_permille: 10, memory_bytes: 10_000_000 };
        let mut budget = Budget::default();
        let answers = Duration::from_millis(8_800);
        let minute = |n: u32| Uptime::BOOT + n * MINUTE;
        budget.measure(Uptime::BOOT, used(0), Duration::ZERO, false, &own);
        assert_eq!(budget.measure(minute(1), used(9_000), answers, false, &own), 1);
        assert_eq!(budget.cost().cpu_permille, Reading::Known(150.0), "but it is shown");
        assert_eq!(budget.measure(minute(2), used(18_000), answers, false, &own), 2);
    }

    #[test]
    fn memory_over_budget_is_said() {
        let own = OwnBudget { cpu_permille: 10, memory_bytes: 8_000_000 };
        let mut budget = Budget::default();
        budget.measure(Uptime::BOOT, used(1), Duration::ZERO, false, &own);
        let said = "goplswatch holds 9 MB of memory, 1 MB above its budget.";
        assert_eq!(budget.cost().over.as_ref().map(|over| over.text.as_str()), Some(said));
        budget.measure(Uptime::BOOT + SECOND, Reading::unknown("no /proc"), Duration::ZERO, false, &own);
        assert_eq!(budget.cost().memory_bytes, Reading::unknown("no /proc"));
    }
}
