//! tokio's runtimes as the agent uses them.

use std::fs::File;
use std::io;

use tokio::runtime::{Builder, Runtime};

/// As many descriptors as a runtime and a platform take.
const SPARE: usize = 12;

/// Checks that descriptors are available. tokio's signal driver panics if it gets none (tokio
/// 1.54.1, src/signal/unix.rs, `OsExtraData::default`); tested by agent/tests/it/descriptors.rs.
fn see_to_descriptors() -> io::Result<()> {
    let spare: io::Result<Vec<File>> = (0..SPARE).map(|_| File::open("/dev/null")).collect();
    spare.map(drop)
}

/// A runtime on the thread that waits for it.
///
/// # Errors
/// Mostly because descriptors are lacking.
pub fn on_this_thread() -> io::Result<Runtime> {
    see_to_descriptors()?;
    Builder::new_current_thread().enable_all().build()
}

/// A runtime with one thread of its own. One is enough: nothing on it computes.
///
/// # Errors
/// Mostly because descriptors are lacking.
pub(crate) fn on_own_thread(name: &str) -> io::Result<Runtime> {
    see_to_descriptors()?;
    Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(4)
        .thread_name(name)
        .on_thread_start(goplswatch_probe::lower_thread_priority)
        .enable_all()
        .build()
}
