//! Whatever bytes a kernel returns, or an executable file begins with: no decoder panics, and none
//! reports more than the bytes hold.

use arbitrary::{Arbitrary as _, Unstructured};
use goplswatch_probe::xnu;

/// Tests what these bytes encode. Panics if they reveal a fault.
pub fn run(bytes: &[u8]) {
    let Ok(input) = <(usize, &[u8])>::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let (reported, bytes) = input;
    if let Ok(slices) = xnu::slices(bytes) {
        assert!(!slices.is_empty() && slices.len() < 0x20);
    }
    let _ = xnu::guarded_folder(bytes);
    let on_files = xnu::file_knotes(reported, bytes).least();
    assert!(on_files <= (bytes.len() / xnu::KNOTE_SIZE) as u64 && on_files <= reported as u64);
    assert!(xnu::kqueues(bytes).count() as u64 <= xnu::fd_count(bytes));
    let _ = xnu::indexer_permille(bytes);
    let _ = (xnu::number(bytes), xnu::thread_count(bytes), xnu::is_uninterruptible(bytes), xnu::rusage(bytes));
    let _ = (xnu::short_info(bytes), xnu::bsd_info(bytes), xnu::kinfo(bytes), xnu::descriptor_bound(bytes));
}
