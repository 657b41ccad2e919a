//! The async runtime that commands wait in, and the signals that end the wait.

use goplswatch_view::Phrase;

use crate::failure::{Failure, verbatim};

/// The runtime of a command; one thread is enough.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    goplswatch_agent::runtime::on_this_thread().map_err(|error| no_loop(&error))
}

/// The runtime could not be created.
pub(crate) fn no_loop(error: &std::io::Error) -> Failure {
    Failure::new(Phrase::NoLoop { error: verbatim(error) }).hint(Phrase::NoLoopHint).could_not_check()
}

/// Completes at SIGINT, SIGTERM or SIGHUP. A signal whose handler cannot be installed keeps its
/// default action.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signals: Vec<_> = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    std::future::poll_fn(|context| {
        let any = signals.iter_mut().any(|s| s.poll_recv(context).is_ready());
        if any { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}
