//! Measurements of a process by the test itself, to compare reports with: on a busy machine, speeds
//! cannot be predicted.

use std::fs;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A value of a process, sampled ten times a second until this is dropped or the process ends.
pub(crate) struct Measured {
    points: Arc<Mutex<Vec<(Instant, f64)>>>,
    over: Arc<AtomicBool>,
}

impl Measured {
    /// Resident memory in bytes (proc(5), the second field of `/proc/pid/statm`).
    pub(crate) fn memory(pid: u32) -> Self {
        let page = u32::try_from(rustix::param::page_size()).expect("a page");
        Self::start(move || {
            let statm = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
            Some(statm.split(' ').nth(1)?.parse::<f64>().ok()? * f64::from(page))
        })
    }

    /// Processor time used, in seconds (proc(5), `/proc/pid/stat`, utime and stime).
    pub(crate) fn cpu(pid: u32) -> Self {
        let ticks = u32::try_from(rustix::param::clock_ticks_per_second()).expect("a number of ticks");
        Self::start(move || {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
            Some(fields.map_while(|field| field.parse::<f64>().ok()).sum::<f64>() / f64::from(ticks))
        })
    }

    fn start(read: impl Fn() -> Option<f64> + Send + 'static) -> Self {
        let (points, over) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<AtomicBool>::default());
        let measured = Self { points: Arc::clone(&points), over: Arc::clone(&over) };
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed)
                && let Some(value) = read()
            {
                points.lock().expect("nobody panics with it").push((Instant::now(), value));
                thread::sleep(Duration::from_millis(100));
            }
        });
        measured
    }

    /// The slowest and the fastest growth per second, over intervals of at least `least`.
    pub(crate) fn rates(&self, least: Duration) -> RangeInclusive<f64> {
        let points = self.points.lock().expect("nobody panics with it");
        let (mut slowest, mut fastest) = (f64::INFINITY, 0_f64);
        for (i, (from, before)) in points.iter().enumerate() {
            // Only the shortest interval from each point: longer ones consist of those.
            let Some((to, after)) = points[i..].iter().find(|(to, _)| to.duration_since(*from) >= least) else { break };
            let rate = (after - before) / to.duration_since(*from).as_secs_f64();
            (slowest, fastest) = (slowest.min(rate), fastest.max(rate));
        }
        assert!(slowest.is_finite(), "it was measured for less than {least:?}");
        slowest..=fastest
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
