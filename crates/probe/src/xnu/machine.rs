//! Decodes machine-wide readings: sysctl numbers, the CPU use of Spotlight, the power supply.

use std::time::Duration;

use goplswatch_core::message::{Count, Message};
use goplswatch_core::time::{MINUTE, SECOND};

/// A number from sysctl. Several are 4 bytes long on one version of macOS and 8 on another (xnu
/// bsd/vfs/vfs_subr.c), so both are accepted. A negative number is not a count.
#[must_use]
pub fn number(bytes: &[u8]) -> Option<u64> {
    let signed = match bytes.len() {
        4 => i64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
        8 => i64::from_le_bytes(bytes.try_into().ok()?),
        _ => return None,
    };
    u64::try_from(signed).ok()
}

/// By how much a counter rose per minute. `None`: too little time has passed, or the counter went
/// back.
#[must_use]
pub fn per_minute(before: u64, now: u64, passed: Duration) -> Option<u64> {
    if passed < SECOND {
        return None;
    }
    let rose = u128::from(now.checked_sub(before)?);
    u64::try_from(rose * MINUTE.as_nanos() / passed.as_nanos()).ok()
}

/// Whether a process is a Spotlight worker, by the kernel's short name. Workers start and end as
/// there is work; most run as the user, some as `_spotlight`.
#[must_use]
pub fn is_indexer_worker(comm: &[u8]) -> bool {
    comm.starts_with(b"mdworker") || comm.starts_with(b"mdbulkimport")
}

/// Whether a process belongs to Spotlight's indexing: its workers and the two system programs that
/// control them.
fn is_indexer(name: &[u8]) -> bool {
    is_indexer_worker(name) || name == b"mds" || name == b"mds_stores"
}

/// The CPU use of Spotlight, thousandths of a core, from the output of
/// `/bin/ps -Ao pid=,uid=,pcpu=,comm=` with `LC_ALL=C`. `pcpu` is what the kernel calls recent use,
/// in per cent of one core, and `comm` is the path of the program (adv_cmds `ps/keyword.c`).
/// Anything but a process table that contains pid 1 is an error.
///
/// # Errors
/// What is wrong with the output, as a fragment.
pub fn indexer_permille(output: &[u8]) -> Result<u64, Message> {
    let (mut sum, mut odd, mut first_seen) = (0u64, 0usize, false);
    let lines = output.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for line in lines {
        let Some(row) = row(line) else {
            // The name of a program may contain a line break; the rest of the name is then a line
            // that is not a row.
            odd += 1;
            continue;
        };
        first_seen |= row.pid == 1;
        if is_indexer(row.name) {
            sum = sum.saturating_add(row.permille);
        }
    }
    match (first_seen, odd) {
        (true, 0..=8) => Ok(sum),
        (true, odd) => Err(Message::PsOdd { lines: Count::new(odd as u64) }),
        (false, _) => Err(Message::PsEmpty),
    }
}

struct Row<'a> {
    pid: u32,
    permille: u64,
    name: &'a [u8],
}

fn row(line: &[u8]) -> Option<Row<'_>> {
    let (pid, rest) = word(line)?;
    let (uid, rest) = word(rest)?;
    let (pcpu, rest) = word(rest)?;
    let path = rest.trim_ascii();
    let _of_any_user: u32 = parsed(uid)?;
    let name = path.rsplit(|&byte| byte == b'/').next().filter(|name| !name.is_empty())?;
    Some(Row { pid: parsed(pid)?, permille: permille(pcpu)?, name })
}

fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_start();
    let end = line.iter().position(u8::is_ascii_whitespace)?;
    Some(line.split_at(end)).filter(|(word, _)| !word.is_empty())
}

fn parsed<T: std::str::FromStr>(word: &[u8]) -> Option<T> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Per cent with an optional fraction, of which the first decimal counts, as thousandths.
fn permille(word: &[u8]) -> Option<u64> {
    let mut parts = word.splitn(2, |&byte| byte == b'.');
    let whole: u64 = parsed(parts.next()?)?;
    let tenth = match parts.next() {
        None => 0,
        Some(decimals) if decimals.iter().all(u8::is_ascii_digit) => parsed::<u64>(decimals.get(..1)?)?,
        Some(_) => return None,
    };
    // No machine has a hundred thousand cores, so a larger value is not a percentage.
    (whole <= 10_000_000).then(|| whole * 10 + tenth)
}

/// Whether the machine runs on battery, from the state of the notification
/// `com.apple.system.powersources.timeremaining`: powerd sets `Valid` (bit 19) if it knows, and
/// `External` (bit 16) on external power, as `IOPSGetTimeRemainingEstimate` reads them (IOKitUser
/// `ps.subproj/IOPowerSources.c`, PowerManagement `pmconfigd/BatteryTimeRemaining.c`). If powerd
/// does not know, external power is assumed.
#[must_use]
pub const fn on_battery(state: u64) -> bool {
    const EXTERNAL: u64 = 1 << 16;
    const VALID: u64 = 1 << 19;
    state & VALID != 0 && state & EXTERNAL == 0
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_percentage_beyond_all_numbers_is_none() {
        assert_eq!((permille(b"12.5"), permille(b"18446744073709551615.9")), (Some(125), None));
    }

    #[test]
    fn numbers_of_both_sizes() {
        assert_eq!(number(&491_520u32.to_le_bytes()), Some(491_520));
        assert_eq!(number(&5_000_000_000u64.to_le_bytes()), Some(5_000_000_000));
        assert_eq!([number(&[]), number(&[1]), number(&[0; 16])], [None; 3]);
        assert_eq!([number(&(-1i32).to_le_bytes()), number(&(-1i64).to_le_bytes())], [None; 2]);
    }

    #[test]
    fn a_rate_needs_time_and_a_counter_that_rises() {
        assert_eq!(per_minute(1_000, 1_500, Duration::from_secs(30)), Some(1_000));
        assert_eq!(per_minute(5, 5, SECOND), Some(0));
        assert_eq!(per_minute(0, 9, Duration::from_nanos(999_999_999)), None);
        assert_eq!(per_minute(9, 0, MINUTE), None);
        assert_eq!(per_minute(0, u64::MAX, SECOND), None);
    }

    #[test]
    fn workers_by_their_names() {
        for name in ["mdworker", "mdworker_shared", "mdworker_sizing", "mdbulkimport"] {
            assert!(is_indexer_worker(name.as_bytes()), "{name}");
        }
        for name in ["mds", "mds_stores", "mdsync", "gopls", "mdls", ""] {
            assert!(!is_indexer_worker(name.as_bytes()), "{name}");
        }
    }

    const TABLE: &str = "\
    1     0   0.3 /sbin/launchd
  412     0  84.2 /System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Support/mds
  519     0 101.0 /System/Library/Frameworks/CoreServices.framework/Frameworks/Metadata.framework/Support/mds_stores
 1200   501  12.5 /System/Library/Frameworks/CoreServices.framework/Support/mdworker_shared
 1201    89   7.0 mdworker
 1300   501  99.9 /Users/g/go bin/gopls
 1301   501  50.0 /Users/g/mds/server
";

    #[test]
    fn the_cpu_of_spotlight_is_the_sum_of_its_processes() {
        assert_eq!(indexer_permille(TABLE.as_bytes()), Ok(842 + 1010 + 125 + 70));
        let quiet = "1 0 0.0 /sbin/launchd\n";
        assert_eq!(indexer_permille(quiet.as_bytes()), Ok(0));
        let broken_name = format!("{TABLE} 1400 501 0.0 /tmp/a\nb c\n");
        assert_eq!(indexer_permille(broken_name.as_bytes()), Ok(2047));
    }

    #[test]
    fn odd_tables_are_refused() {
        for odd in ["", "\n\n", "ps: time: requires entitlement\n", "usage: ps [-AaCcEefhjlMmrSTvwXx]\n"] {
            assert!(indexer_permille(odd.as_bytes()).is_err(), "{odd}");
        }
        let without_launchd: String = TABLE.lines().skip(1).map(|line| format!("{line}\n")).collect();
        assert_eq!(indexer_permille(without_launchd.as_bytes()), Err(Message::PsEmpty));
        // Another locale would print a comma for the decimal point.
        let other_language = TABLE.replace('.', ",").repeat(3);
        let odd = indexer_permille(format!("1 0 0.0 x\n{other_language}").as_bytes());
        assert_eq!(odd, Err(Message::PsOdd { lines: Count::new(21) }));
    }

    #[test]
    fn the_battery_is_believed_only_where_it_is_known() {
        assert!(on_battery(1 << 19 | 95));
        assert!(on_battery(1 << 19 | 1 << 18), "the time that remains is not known yet");
        assert!(!on_battery(1 << 19 | 1 << 16));
        assert!(!on_battery(0), "a Mac without a battery");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..500), before: u64, now: u64, passed: u64) {
            let _ = number(&bytes);
            let _ = indexer_permille(&bytes);
            let _ = indexer_permille(&[TABLE.as_bytes(), &bytes].concat());
            let _ = is_indexer_worker(&bytes);
            let _ = per_minute(before, now, Duration::from_nanos(passed));
        }
    }
}
