//! Runs system calls that may never return on another thread, with a deadline.
//!
//! Theory of operation. A file on a mount whose server is gone blocks every process that touches
//! it. So does reading the arguments of a process that holds its mappings locked while it waits for
//! such a file (Linux, `cmdline` and `environ` of proc(5)). These calls have no deadline, and often
//! no signal interrupts them. They are therefore made on a worker thread. If the answer misses the
//! deadline, the thread is abandoned and the next call gets a new one. Calls about the same subject
//! (a path, for example) are refused until the abandoned call has returned, so that each subject
//! that hangs blocks at most one thread.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Weak};
use std::time::Duration;

use goplswatch_core::message::{Count, Message, Verbatim};

/// How long to wait for an answer. A disk that has to spin up takes longer; the reading then stays
/// unknown.
const TIMEOUT: Duration = Duration::from_secs(1);
/// The most threads that may hang at once. At this limit further calls are refused.
const MAX_HUNG_THREADS: usize = 32;

type Job = Box<dyn FnOnce() + Send>;

/// The worker threads. At most one of them is idle; the others hang.
#[derive(Debug)]
pub(crate) struct BoundedCall {
    worker: Option<SyncSender<Job>>,
    /// Subjects of the calls that hang. The weak reference dies when the abandoned thread finishes
    /// its call.
    stuck: Vec<(Vec<u8>, Weak<()>)>,
    timeout: Duration,
}

impl Default for BoundedCall {
    fn default() -> Self {
        Self { worker: None, stuck: Vec::new(), timeout: TIMEOUT }
    }
}

impl BoundedCall {
    /// Runs `question` on the worker thread and returns its answer. `about` names the subject, for
    /// example a path.
    ///
    /// # Errors
    /// If there is no answer: the reason, for an unknown reading.
    pub(crate) fn run<T: Send + 'static>(
        &mut self,
        about: &[u8],
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Message> {
        self.stuck.retain(|(_, held)| held.strong_count() > 0);
        if self.stuck.iter().any(|(stuck, _)| stuck == about) {
            return Err(Message::AskedBefore);
        }
        if self.stuck.len() >= MAX_HUNG_THREADS {
            return Err(Message::TooManyAsked { count: Count::new(MAX_HUNG_THREADS as u64) });
        }
        let held = Arc::new(());
        let hangs = Arc::downgrade(&held);
        let (sender, answer) = mpsc::sync_channel(1);
        self.give(Box::new(move || {
            let _nobody_waits_any_more = sender.send(question());
            drop(held);
        }))?;
        match answer.recv_timeout(self.timeout) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => {
                // The thread ends by itself if the call ever returns, because its job channel is
                // closed.
                self.worker = None;
                self.stuck.push((about.to_owned(), hangs));
                Err(Message::NoAnswerInTime)
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.worker = None;
                Err(Message::QuestionBroke)
            }
        }
    }

    fn give(&mut self, job: Job) -> Result<(), Message> {
        let job = match &self.worker {
            None => job,
            Some(worker) => match worker.send(job) {
                Ok(()) => return Ok(()),
                Err(back) => back.0,
            },
        };
        // Capacity 1 suffices: the worker gets a new job only after it has answered the previous
        // one.
        let (worker, jobs) = mpsc::sync_channel::<Job>(1);
        let thread = std::thread::Builder::new().name("beside".to_owned()).stack_size(256 * 1024);
        thread
            .spawn(move || {
                crate::lower_thread_priority();
                while let Ok(job) = jobs.recv() {
                    job();
                }
            })
            .map_err(|error| Message::NoThreadToAsk { error: Verbatim::of(error) })?;
        let given = worker.send(job).map_err(|_| Message::QuestionBroke);
        self.worker = Some(worker);
        given
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_testing::{DEADLINE, wait_until};

    use super::*;

    #[test]
    fn what_hangs_is_waited_for_once_and_nothing_else_waits_with_it() {
        let mut calls = BoundedCall { timeout: DEADLINE, ..BoundedCall::default() };
        assert_eq!(calls.run(b"/a", || 1), Ok(1));
        let (go, gate) = mpsc::channel::<()>();
        calls.timeout = Duration::from_millis(50);
        let hung = calls.run(b"/hangs", move || gate.recv().is_ok());
        assert_eq!(hung, Err(Message::NoAnswerInTime));
        calls.timeout = DEADLINE;
        // If this call waited for the answer, it would return `NoAnswerInTime` instead.
        assert_eq!(calls.run(b"/hangs", || true), Err(Message::AskedBefore));
        assert_eq!(calls.run(b"/b", || 2), Ok(2));
        go.send(()).unwrap();
        wait_until("the answer, so that it may be asked again", || calls.run(b"/hangs", || true) == Ok(true));
    }

    #[test]
    fn only_so_many_questions_hang() {
        let mut calls = BoundedCall { timeout: Duration::from_millis(1), ..BoundedCall::default() };
        let gates: Vec<_> = (0..MAX_HUNG_THREADS)
            .map(|n| {
                let (go, gate) = mpsc::channel::<()>();
                assert!(calls.run(&n.to_le_bytes(), move || gate.recv().is_ok()).is_err());
                go
            })
            .collect();
        assert!(matches!(calls.run(b"/one more", || ()), Err(Message::TooManyAsked { .. })));
        drop(gates);
    }

    #[test]
    fn one_that_fails_is_no_end_of_asking() {
        let mut calls = BoundedCall { timeout: DEADLINE, ..BoundedCall::default() };
        assert_eq!(calls.run(b"/a", || Vec::<u8>::new()[0]), Err(Message::QuestionBroke));
        assert_eq!(calls.run(b"/a", || 1), Ok(1));
    }
}
