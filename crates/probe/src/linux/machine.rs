//! Machine-wide readings: open files, file watches, memory, and whether the machine runs on
//! battery.
//!
//! Memory and swap come from `sysinfo`, which reads /proc/meminfo once (0.04 ms,
//! `benches/sample.rs`). If a control group allows us less memory than the machine has, its limit
//! counts instead.

use std::time::Duration;

use goplswatch_core::message::{Message, Verbatim};
use goplswatch_core::time::{MINUTE, Uptime};
use goplswatch_core::{Amount, Gauge, Pid, Reading};
use sysinfo::{MemoryRefreshKind, System};

use super::cgroup::Mounts;
use super::procfs::Procfs;

/// How long a reading of the power supply is reused.
const POWER_KEPT: Duration = MINUTE;

/// State kept between two readings.
pub(super) struct Machine {
    system: Result<System, Message>,
    power: Option<(Uptime, bool)>,
}

impl Machine {
    pub(super) fn new() -> Self {
        Self {
            system: System::new().map_err(|error| Message::MemoryUnread { error: Verbatim::of(error) }),
            power: None,
        }
    }

    /// Reads every machine-wide gauge that Linux has.
    pub(super) fn gauges(&mut self, proc: &Procfs, mounts: &Mounts, out: &mut Vec<(Gauge, Reading<Amount>)>) {
        out.clear();
        let mut put = |gauge, value: Result<u64, Message>| {
            out.push((gauge, value.map_or_else(Reading::unknown, |n| Reading::Known(Amount::Exactly(n)))));
        };
        let table = proc.read_text("/proc/sys/fs/file-nr").as_deref().and_then(file_table);
        let unread = || Message::SystemFileUnread { file: Verbatim::of("/proc/sys/fs/file-nr") };
        put(Gauge::FileTable, table.map(|(open, _)| open).ok_or_else(unread));
        put(Gauge::FileTableLimit, table.map(|(_, most)| most).ok_or_else(unread));
        put(Gauge::UserWatchLimit, watch_limit(proc));
        let memory = self.memory(proc, mounts);
        let of = |one: fn(&Memory) -> u64| memory.as_ref().map(one).map_err(Clone::clone);
        put(Gauge::MachineMemory, of(|memory| memory.total));
        put(Gauge::MemoryAvailable, of(|memory| memory.available));
        put(Gauge::SwapUsed, of(|memory| memory.swap_used));
        put(Gauge::MemoryStall, memory_stall(proc));
    }

    fn memory(&mut self, proc: &Procfs, mounts: &Mounts) -> Result<Memory, Message> {
        let system = self.system.as_mut().map_err(|why| why.clone())?;
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        let memory = Memory {
            total: system.total_memory(),
            available: system.available_memory(),
            swap_used: system.used_swap(),
        };
        if memory.total == 0 {
            return Err(Message::SystemFileUnread { file: Verbatim::of("/proc/meminfo") });
        }
        let own = mounts.of(proc, Pid(std::process::id()));
        Ok(memory.within(own.and_then(|group| group.memory(proc))))
    }

    /// Whether the machine runs on battery.
    pub(super) fn spares_power(&mut self, now: Uptime) -> bool {
        match self.power {
            Some((at, spares)) if now.since(at) < POWER_KEPT => spares,
            _ => {
                let spares = on_battery(std::path::Path::new("/sys/class/power_supply"));
                self.power = Some((now, spares));
                spares
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Memory {
    total: u64,
    available: u64,
    swap_used: u64,
}

impl Memory {
    /// The memory within a control group that allows less: its limit and what is left of that.
    fn within(self, group: Option<(u64, u64)>) -> Self {
        match group {
            Some((limit, left)) if limit < self.total => {
                Self { total: limit, available: self.available.min(left), ..self }
            }
            _ => self,
        }
    }
}

/// Open files and their limit, from `847 0 2466170`: allocated, allocated but free, limit
/// (proc_sys_fs(5)).
fn file_table(text: &str) -> Option<(u64, u64)> {
    let mut fields = text.split_ascii_whitespace().map(|field| field.parse::<u64>().ok());
    let (allocated, free, most) = (fields.next()??, fields.next()??, fields.next()??);
    Some((allocated.saturating_sub(free), most))
}

/// The limit of a user's inotify watches. There are two: one of the system and one of the user
/// namespace (inotify(7), namespaces(7), /proc/sys/user).
fn watch_limit(proc: &Procfs) -> Result<u64, Message> {
    let one = |path| proc.read_text(path).and_then(|text| text.trim().parse::<u64>().ok());
    ["/proc/sys/fs/inotify/max_user_watches", "/proc/sys/user/max_inotify_watches"]
        .into_iter()
        .filter_map(one)
        .min()
        .ok_or(Message::WatchLimitUntold)
}

/// The value of /proc/pressure/memory. A kernel without it, or booted with `psi=0`, does not report
/// it.
pub(super) fn memory_stall(proc: &Procfs) -> Result<u64, Message> {
    proc.read_text("/proc/pressure/memory").as_deref().and_then(stall).ok_or(Message::StallUntold)
}

/// `avg60` of the line `some`, a percentage with two decimals, in thousandths
/// (Documentation/accounting/psi.rst).
fn stall(text: &str) -> Option<u64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let average = some.split(' ').find_map(|field| field.strip_prefix("avg60="))?;
    let (whole, part) = average.split_once('.')?;
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let (whole, part) = (digits(whole)?, digits(part.get(..2)?)?);
    Some(whole.checked_mul(10)?.checked_add(part / 10)?.min(1_000))
}

/// Whether a battery of the machine discharges and no external supply is online
/// (Documentation/ABI/testing/sysfs-class-power). The battery of a peripheral such as a mouse has
/// the scope `Device` and does not count.
fn on_battery(supplies: &std::path::Path) -> bool {
    let Ok(entries) = std::fs::read_dir(supplies) else { return false };
    let mut discharging = false;
    for entry in entries.flatten() {
        let read = |name: &str| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        if read("scope").trim() == "Device" {
            continue;
        }
        match read("type").trim() {
            "Battery" => discharging |= read("status").trim() == "Discharging",
            // An externally powered machine has one of these online: Mains, USB, USB_PD …
            _ if read("online").trim() == "1" => return false,
            _ => {}
        }
    }
    discharging
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_and_hostile_ones_refused() {
        assert_eq!(file_table("847\t7\t2466170\n"), Some((840, 2_466_170)));
        assert_eq!(file_table("1 2 9223372036854775807"), Some((0, 9_223_372_036_854_775_807)));
        for hostile in ["", "847", "847 0", "847 x 9", "-1 0 9", "99999999999999999999 0 1"] {
            assert_eq!(file_table(hostile), None, "{hostile:?}");
        }
    }

    #[test]
    fn a_stall_is_a_share_of_a_minute() {
        let text = |avg60: &str| format!("some avg10=0.00 avg60={avg60} avg300=0.00 total=0\nfull avg60=99.99\n");
        assert_eq!(stall(&text("12.34")), Some(123));
        assert_eq!(stall(&text("0.00")), Some(0));
        assert_eq!(stall(&text("100.00")), Some(1_000));
        assert_eq!(stall(&text("18446744073709551615.00")), None);
        for hostile in ["", "12", "12.", "12.3", "-1.00", "nan", "1.é"] {
            assert_eq!(stall(&text(hostile)), None, "{hostile:?}");
        }
        let whole = text("12.34");
        for cut in 0..whole.len() {
            assert!(stall(&whole[..cut]).is_none_or(|n| n == 123), "{cut}");
        }
        assert_eq!(stall("full avg60=1.00"), None);
    }

    #[test]
    fn a_group_that_allows_less_is_the_machine() {
        let memory = Memory { total: 16 << 30, available: 8 << 30, swap_used: 1 };
        assert_eq!(memory.clone().within(None), memory);
        assert_eq!(memory.clone().within(Some((u64::MAX / 2, u64::MAX / 2))), memory);
        let small = memory.within(Some((4 << 30, 3 << 30)));
        assert_eq!((small.total, small.available, small.swap_used), (4 << 30, 3 << 30, 1));
    }

    #[test]
    fn a_battery_that_empties_spares_power_unless_something_feeds_the_machine() {
        type Supply = (&'static str, &'static [(&'static str, &'static str)]);
        let says = |supplies: &[Supply]| {
            let folder = tempfile::tempdir().unwrap();
            for (name, files) in supplies {
                std::fs::create_dir(folder.path().join(name)).unwrap();
                for (file, text) in *files {
                    std::fs::write(folder.path().join(name).join(file), format!("{text}\n")).unwrap();
                }
            }
            on_battery(folder.path())
        };
        const EMPTIES: Supply = ("BAT0", &[("type", "Battery"), ("status", "Discharging")]);
        const MOUSE: Supply = ("hid", &[("type", "Battery"), ("status", "Discharging"), ("scope", "Device")]);
        assert!(says(&[EMPTIES, ("AC", &[("type", "Mains"), ("online", "0")])]));
        assert!(!says(&[EMPTIES, ("AC", &[("type", "Mains"), ("online", "1")])]));
        assert!(!says(&[EMPTIES, ("usb", &[("type", "USB"), ("online", "1")])]));
        assert!(!says(&[("BAT0", &[("type", "Battery"), ("status", "Full")])]));
        assert!(!says(&[MOUSE]) && !says(&[]) && !says(&[("odd", &[])]));
        assert!(!on_battery(std::path::Path::new("/nowhere")));
    }
}
