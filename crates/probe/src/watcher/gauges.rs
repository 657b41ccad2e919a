//! Measures servers and the machine, each reading as often as its cost allows, and reports the
//! values that are news.
//!
//! Theory of operation. Only long-lived servers are measured. The values that one look at a process
//! gives (memory, CPU, threads, bytes read and written, the bound of its descriptors) are read
//! every few seconds; a value that hardly ever changes, every minute. The machine is read every ten
//! seconds while such a server exists, and every minute otherwise. All of that happens half as
//! often while the machine saves power, and less often still while the agent is over its budget.
//! Values are exact, but they are reported only if `Gauge::is_reportable` says so: at rest nothing
//! is written.

use std::time::Duration;

use goplswatch_core::message::Message;
use goplswatch_core::time::{MINUTE, SECOND, Uptime, nanos};
use goplswatch_core::types::ServerClass;
use goplswatch_core::{Amount, Gauge, Observation, ProcessKey, Reading};

use super::Watcher;
use super::kernel_wait::KernelWait;
use super::last_reported::LastReported;
use crate::platform::{Platform, StopCause, Usage};

/// How often a server is measured and its executable checked.
const SERVER_EVERY: Duration = Duration::from_secs(5);
/// How often it is measured while it is stopped, so that its continuation is soon reported. A
/// little less than a second, to allow for jitter of the scans.
const STOPPED_EVERY: Duration = Duration::from_millis(900);
/// How often its descriptor limit is read.
const LIMIT_EVERY: Duration = MINUTE;
/// How often the machine is measured while a long-lived server exists …
const MACHINE_EVERY: Duration = Duration::from_secs(10);
/// … and while none does.
const LONELY_MACHINE_EVERY: Duration = MINUTE;

/// The measurements of one server.
#[derive(Default)]
pub(super) struct Gauges {
    pub(super) last_reported: LastReported,
    pub(super) kernel_wait: KernelWait,
    looked: Option<Uptime>,
    limit: Option<Uptime>,
    /// Its usage at the last measurement, and when that was taken.
    used: Option<(Uptime, Usage)>,
    /// CPU between the last two measurements, thousandths of a core.
    pub(super) cpu: Option<u64>,
}

impl Gauges {
    /// Whether it was stopped at the last measurement.
    fn stopped(&self) -> bool {
        self.used.is_some_and(|(_, used)| used.stopped)
    }

    /// The machine slept since the last measurement.
    pub(super) const fn slept(&mut self) {
        self.used = None;
    }
}

/// The measurements of the machine.
#[derive(Default)]
pub(super) struct Machine {
    last_reported: LastReported,
    looked: Option<Uptime>,
    /// The buffer of the readings, kept between measurements.
    gauges: Vec<(Gauge, Reading<Amount>)>,
    spares_power: bool,
}

impl<W: Platform> Watcher<W> {
    /// An interval with the present throttle and power saving applied.
    pub(super) fn throttled(&self, interval: Duration) -> Duration {
        let power = if self.machine.spares_power { 2 } else { 1 };
        interval.saturating_mul(self.throttle).saturating_mul(power)
    }

    /// Measures every server now, for the benchmark, which cannot wait until readings are due.
    /// Takes either the readings of every few seconds or those of once a minute, which include the
    /// machine, the limits and the checks for waits in the kernel. The observations are discarded.
    #[doc(hidden)]
    pub fn sample_once(&mut self, everything: bool) {
        let now = self.platform.now().uptime;
        for gauges in self.servers.values_mut().map(|server| &mut server.gauges) {
            gauges.looked = None;
            gauges.limit = gauges.limit.filter(|_| !everything);
            gauges.kernel_wait.forget(everything, now);
        }
        self.machine.looked = if everything { None } else { Some(now) };
        self.sample(now);
        self.queue.clear();
    }

    /// How many servers are measured.
    #[doc(hidden)]
    pub fn measured_servers(&self) -> usize {
        self.servers.values().filter(|server| server.class.is_long_running()).count()
    }

    pub(super) fn measure_machine(&mut self, now: Uptime) {
        let lonely = !self.servers.values().any(|server| server.class.is_long_running());
        let every = self.throttled(if lonely { LONELY_MACHINE_EVERY } else { MACHINE_EVERY });
        if !due(self.machine.looked, now, every) {
            return;
        }
        self.machine.looked = Some(now);
        self.machine.spares_power = self.platform.saves_power();
        let mut gauges = std::mem::take(&mut self.machine.gauges);
        self.platform.machine(&mut gauges);
        for (gauge, value) in gauges.drain(..) {
            self.report_gauge(gauge, None, value, now);
        }
        self.machine.gauges = gauges;
    }

    /// Measures usage, descriptors and executable of a server, every few seconds.
    pub(super) fn measure_server(&mut self, key: ProcessKey, now: Uptime) {
        let [every, stopped_every, limit_every] =
            [SERVER_EVERY, STOPPED_EVERY, LIMIT_EVERY].map(|every| self.throttled(every));
        let Some(server) = self.servers.get_mut(&key).filter(|server| server.class.is_long_running()) else { return };
        let every = if server.gauges.stopped() { stopped_every } else { every };
        if !due(server.gauges.looked, now, every) {
            return;
        }
        server.gauges.looked = Some(now);
        let limit_due = due(server.gauges.limit, now, limit_every);
        if limit_due {
            server.gauges.limit = Some(now);
        }
        if server.class != ServerClass::Forwarder {
            self.look_at_binary(key);
        }
        self.measure_usage(key);
        let bound = exactly(self.platform.descriptor_bound(key));
        self.report_server_gauge(key, Gauge::DescriptorBound, bound, now);
        if limit_due {
            let limit = exactly(self.platform.descriptor_limit(key));
            self.report_server_gauge(key, Gauge::DescriptorLimit, limit, now);
        }
    }

    fn measure_usage(&mut self, key: ProcessKey) {
        let usage = self.platform.usage(key);
        // Rates refer to the time between the readings themselves, not between the scans.
        let now = self.platform.now().uptime;
        let Some(server) = self.servers.get_mut(&key) else { return };
        let used = match usage {
            Reading::Known(used) => used,
            Reading::Unknown { unknown } => {
                server.gauges.used = None;
                server.gauges.cpu = None;
                for gauge in [Gauge::Memory, Gauge::Cpu, Gauge::StoppedAlone] {
                    self.report_server_gauge(key, gauge, Reading::Unknown { unknown: unknown.clone() }, now);
                }
                return;
            }
        };
        let before = server.gauges.used.replace((now, used)).filter(|(at, _)| *at < now);
        let cpu = before.map(|(at, old)| per(nanos(used.cpu.saturating_sub(old.cpu)), 1_000, now.since(at)));
        server.gauges.cpu = cpu;
        let io = match used.io_bytes {
            Some(bytes) => before.and_then(|(at, old)| io_rate(old.io_bytes, bytes, now.since(at))).map(known),
            None => Some(Reading::unknown(Message::IoNotTold)),
        };
        let stopped = if used.stopped { self.stopped_alone(key) } else { known(0) };
        let values = [
            (Gauge::StoppedAlone, Some(stopped)),
            (Gauge::Memory, Some(known(used.resident_bytes))),
            (Gauge::Cpu, cpu.map(known)),
            (Gauge::Threads, used.threads.map(|threads| known(threads.into()))),
            (Gauge::Io, io),
        ];
        for (gauge, value) in values {
            if let Some(value) = value {
                self.report_server_gauge(key, gauge, value, now);
            }
        }
    }

    /// 1 if a stopped server was stopped by a signal while nothing keeps its client from running,
    /// else 0.
    fn stopped_alone(&mut self, key: ProcessKey) -> Reading<Amount> {
        match self.platform.stop_cause(key) {
            Reading::Known(Some(StopCause::Signal)) => {}
            Reading::Known(_) => return known(0),
            Reading::Unknown { unknown } => return Reading::Unknown { unknown },
        }
        let Some(client) = self.servers.get(&key).and_then(|server| server.client) else {
            return Reading::unknown(Message::ClientUnknown);
        };
        match self.platform.stop_cause(client) {
            Reading::Known(halt) => known(halt.is_none().into()),
            Reading::Unknown { unknown } => Reading::Unknown { unknown },
        }
    }

    fn look_at_binary(&mut self, key: ProcessKey) {
        if let Reading::Known(Some(change)) = self.platform.binary_change(key)
            && let Some(server) = self.servers.get_mut(&key)
            && server.binary != Some(change)
        {
            server.binary = Some(change);
            self.report(Observation::BinaryChanged { server: key, change });
        }
    }

    /// Reports a reading of a server. If the server has ended, a failed reading is not news: its
    /// end is.
    fn report_server_gauge(&mut self, key: ProcessKey, gauge: Gauge, value: Reading<Amount>, now: Uptime) {
        if value.known().is_some() || !self.is_gone(key) {
            self.report_gauge(gauge, Some(key), value, now);
        }
    }

    fn report_gauge(&mut self, gauge: Gauge, process: Option<ProcessKey>, value: Reading<Amount>, now: Uptime) {
        if self.last_reported_mut(process).is_some_and(|last_reported| last_reported.is_news(gauge, &value, now)) {
            self.report(Observation::Gauge { gauge, process, value });
        }
    }

    /// The values last reported for a server, or for the machine.
    pub(super) fn last_reported_mut(&mut self, process: Option<ProcessKey>) -> Option<&mut LastReported> {
        match process {
            Some(key) => self.servers.get_mut(&key).map(|server| &mut server.gauges.last_reported),
            None => Some(&mut self.machine.last_reported),
        }
    }
}

/// Whether this long has passed since the last time, or it has not been done yet.
pub(super) fn due(last: Option<Uptime>, now: Uptime, every: Duration) -> bool {
    last.is_none_or(|last| now.since(last) >= every)
}

pub(super) fn exactly(value: Reading<u64>) -> Reading<Amount> {
    match value {
        Reading::Known(value) => known(value),
        Reading::Unknown { unknown } => Reading::Unknown { unknown },
    }
}

const fn known(value: u64) -> Reading<Amount> {
    Reading::Known(Amount::Exactly(value))
}

/// Bytes per second since the last reading; `None` if that reading did not report bytes.
fn io_rate(before: Option<u64>, bytes: u64, interval: Duration) -> Option<u64> {
    before.map(|before| per(bytes.saturating_sub(before), nanos(SECOND), interval))
}

/// The amount `of` something in an interval, as a rate per `times` nanoseconds.
fn per(of: u64, times: u64, interval: Duration) -> u64 {
    u64::try_from(u128::from(of) * u128::from(times) / interval.as_nanos().max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_look_that_did_not_tell_is_no_rate() {
        assert_eq!(io_rate(Some(1 << 40), (1 << 40) + 500, 5 * SECOND), Some(100));
        assert_eq!(io_rate(None, 1 << 40, 5 * SECOND), None, "a life's worth is not read in five seconds");
    }

    #[test]
    fn rates_do_not_overflow_and_do_not_divide_by_nothing() {
        assert_eq!(per(nanos(SECOND), 1_000, 5 * SECOND), 200, "a second of CPU in five is a fifth of a core");
        assert_eq!(per(10 << 20, nanos(SECOND), 5 * SECOND), 2 << 20);
        assert_eq!(per(u64::MAX, nanos(SECOND), Duration::ZERO), u64::MAX);
    }
}
