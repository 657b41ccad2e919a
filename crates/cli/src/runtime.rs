//! How a command waits: the runtime it waits in, and the signals that end its wait.

use crate::failure::Failure;

/// The runtime of a command: one thread is enough for a watch.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    goplswatch_agent::runtime::on_this_thread().map_err(|error| {
        Failure::new(format!("could not start the event loop ({error}), so nothing can be watched"))
            .hint("most often too few open files are allowed; raise the limit with ulimit -n")
            .could_not_check()
    })
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
