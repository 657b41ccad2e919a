//! Measures the CPU use of Spotlight by running `/bin/ps`.
//!
//! Its two central programs run as root, and macOS does not report their CPU use to other users.
//! `/bin/ps` as Apple ships it may read it (it is installed set-user-id root, adv_cmds
//! `xcodescripts/install-ps.sh`). A `ps` from elsewhere may not, so PATH is never searched. A run
//! takes some 10 to 20 ms, on a thread of its own, and is made only on request.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use goplswatch_core::Reading;
use goplswatch_core::message::{Message, Verbatim};

use crate::xnu;

/// Apple's own, at its only location.
const PS: &str = "/bin/ps";
/// How long `ps` may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// No process table is longer than this: 100,000 processes with long paths.
const MOST_BYTES: u64 = 16 << 20;

/// The request in progress, if there is one.
#[derive(Debug, Default)]
pub(super) struct Spotlight {
    asked: Option<Receiver<Reading<u64>>>,
}

impl Spotlight {
    /// CPU use in thousandths of a core; `None` while it is being read. After an answer, the next
    /// call starts a new reading.
    pub(super) fn ask(&mut self) -> Option<Reading<u64>> {
        if let Some(answer) = &self.asked {
            let answer = match answer.try_recv() {
                Ok(answer) => answer,
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => Reading::unknown(Message::PsBroke),
            };
            self.asked = None;
            return Some(answer);
        }
        let (sender, answer) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("spotlight".to_owned()).stack_size(128 * 1024);
        let started = thread.spawn(move || {
            super::lower_thread_priority();
            let _nobody_waits_any_more = sender.send(ask_ps());
        });
        match started {
            Ok(_) => {
                self.asked = Some(answer);
                None
            }
            Err(error) => Some(Reading::unknown(Message::PsUnasked { error: Verbatim::of(error) })),
        }
    }
}

fn ask_ps() -> Reading<u64> {
    let child = Command::new(PS)
        .args(["-Ao", "pid=,uid=,pcpu=,comm="])
        .env_clear()
        // A decimal point, whatever the user's language.
        .env("LC_ALL", "C")
        .process_group(0)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Reading::unknown(Message::PsNotStarted { error: Verbatim::of(error) }),
    };
    let table = output(&mut child);
    if table.is_err() {
        let _ended_already = child.kill();
    }
    // `ps` has closed its output or is being killed, so this does not block for long, and no thread
    // waits for this one.
    let ended = child.wait();
    let answer = match (table, ended) {
        (Err(why), _) => Err(why),
        (Ok(_), Err(error)) => Err(Message::PsEndUntold { error: Verbatim::of(error) }),
        (Ok(_), Ok(status)) if !status.success() => Err(Message::PsRefused { status: Verbatim::of(status) }),
        (Ok(table), Ok(_)) => xnu::indexer_permille(&table),
    };
    answer.map_or_else(Reading::unknown, Reading::Known)
}

/// Everything that `ps` prints, if it does so before the deadline.
fn output(child: &mut Child) -> Result<Vec<u8>, Message> {
    let Some(stdout) = child.stdout.take() else { return Err(Message::PsMute) };
    let (sender, receiver) = mpsc::sync_channel(1);
    // The thread ends no later than `ps`, whose output then closes.
    let reader = std::thread::Builder::new().name("spotlight-table".to_owned()).spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(MOST_BYTES).read_to_end(&mut bytes);
        let _nobody_waits_any_more = sender.send(read.map(|_| bytes));
    });
    reader.map_err(|error| Message::PsUnheard { error: Verbatim::of(error) })?;
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Message::PsUnread { error: Verbatim::of(error) }),
        Err(RecvTimeoutError::Timeout) => Err(Message::PsSlow),
        Err(RecvTimeoutError::Disconnected) => Err(Message::PsLost),
    }
}
