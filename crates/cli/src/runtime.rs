//! How a command waits: the runtime it waits in, and the signals that end its wait.

use goplswatch_view::Phrase;

use crate::failure::{Failure, said};

/// The runtime of a command: one thread is enough for a watch.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    goplswatch_agent::runtime::on_this_thread().map_err(|error| no_loop(&error))
}

/// What it takes to wait is not to be had.
pub(crate) fn no_loop(error: &std::io::Error) -> Failure {
    Failure::new(Phrase::NoLoop { error: said(error) }).hint(Phrase::NoLoopHint).could_not_check()
}

/// Completes at SIGINT, SIGTERM or SIGHUP. If a signal cannot be listened to, it keeps its default meaning.
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
