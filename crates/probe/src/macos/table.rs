//! The process table: which pids exist and which process each one belongs to.
//!
//! More than one call can answer each question. Which one to trust is determined once, at start, by
//! asking about this process, for which the answers are known: a call that gets our own pid or user
//! wrong is not used again.

use goplswatch_core::message::{Message, SharedMessage, Verbatim};
use goplswatch_core::{Pid, ProcessKey};
use libc::c_int;

use super::libproc;
use super::sys::{self, Refusal};
use crate::xnu::{self, Basics};

/// The call that describes a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// `PROC_PIDT_SHORTBSDINFO`: the cheapest.
    Short,
    /// `PROC_PIDTBSDINFO`.
    Bsd,
    /// sysctl `KERN_PROC_PID`.
    Kinfo,
}

/// What identifies a process together with its pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// `p_uniqueid`, never reused until the next boot.
    UniqueId,
    /// Start time, microseconds on the wall clock.
    Started,
}

/// How this machine's process table is read.
#[derive(Debug)]
pub(super) struct Table {
    source: Source,
    pub(super) identity: Identity,
    /// Why `p_uniqueid` is not used, if it is not.
    pub(super) no_unique_id: Option<Refusal>,
    /// Whether the exec flag can be believed: it must be set for this process.
    trust_exec: bool,
    uid: u32,
    buffer: Vec<i32>,
}

impl Table {
    /// Determines which calls return the truth about this process.
    pub(super) fn new() -> Result<Self, Message> {
        let (pid, uid) = (sys::own_pid(), sys::own_uid());
        let mut refusals = Vec::new();
        let mut refuse = |source: Source, why: Message| {
            refusals.push((Verbatim(format!("{source:?}")), why));
        };
        let mut found = None;
        for source in [Source::Short, Source::Bsd, Source::Kinfo] {
            match ask(source, pid) {
                Ok(own) if own.uid == uid => {
                    found = Some((source, own));
                    break;
                }
                Ok(_) => refuse(source, Message::OtherUser),
                Err(refusal) => refuse(source, refusal.into()),
            }
        }
        let Some((source, own)) = found else {
            let refusals = Message::of_several(refusals).unwrap_or(Message::NoErrorNumber);
            return Err(Message::NoAnswers { refusals: SharedMessage::new(refusals) });
        };
        let unique = unique_id(pid);
        let identity = if unique.is_ok() { Identity::UniqueId } else { Identity::Started };
        let table =
            Self { source, identity, no_unique_id: unique.err(), trust_exec: own.execed, uid, buffer: Vec::new() };
        match table.key(pid) {
            Some(_) => Ok(table),
            None => Err(Message::NoIdentity),
        }
    }

    /// Lists every pid.
    pub(super) fn pids(&mut self, out: &mut Vec<Pid>) -> Result<(), Message> {
        out.clear();
        if self.buffer.is_empty() {
            self.buffer.resize(2048, 0);
        }
        let refusal = loop {
            // If the returned count is too large, this keeps pids of the last call from showing up.
            self.buffer.fill(0);
            match libproc::list_all_pids(&mut self.buffer) {
                // A full buffer may have cut the list off.
                Ok(count) if count == self.buffer.len() && count < 1 << 22 => {
                    self.buffer.resize(count * 2, 0);
                }
                Ok(count) => {
                    let listed = self.buffer.get(..count).unwrap_or_default();
                    out.extend(
                        listed.iter().filter_map(|&pid| u32::try_from(pid).ok()).filter(|&pid| pid != 0).map(Pid),
                    );
                    if !out.is_empty() {
                        return Ok(());
                    }
                    break Refusal::Nonsense;
                }
                Err(refusal) => break refusal,
            }
        };
        match all_kinfo() {
            Ok(bytes) => {
                xnu::kinfo_pids(&bytes, out);
                if out.is_empty() {
                    return Err(Message::TableEmpty);
                }
            }
            Err(second) => {
                let (first, second) = (SharedMessage::new(refusal.into()), SharedMessage::new(second.into()));
                return Err(Message::TableRefused { first, second });
            }
        }
        Ok(())
    }

    /// The process that has this pid now, of any user.
    pub(super) fn key(&self, pid: u32) -> Option<ProcessKey> {
        let start = match self.identity {
            Identity::UniqueId => unique_id(pid).ok()?,
            Identity::Started => started_wall_us(pid)?,
        };
        Some(ProcessKey::new(pid, start))
    }

    /// The process that has this pid now and its description, if it belongs to our user.
    pub(super) fn look(&self, pid: u32) -> Option<(ProcessKey, Basics)> {
        let mut basics = ask(self.source, pid).ok().filter(|basics| basics.uid == self.uid)?;
        basics.execed |= !self.trust_exec;
        Some((self.key(pid)?, basics))
    }

    /// [`Table::look`], if the pid still belongs to the process that is meant.
    pub(super) fn look_at(&self, key: ProcessKey) -> Option<Basics> {
        let (now, basics) = self.look(key.pid.0)?;
        (now == key).then_some(basics)
    }
}

/// The start time of a process, microseconds on the wall clock.
pub(super) fn started_wall_us(pid: u32) -> Option<u64> {
    let bsd = ask(Source::Bsd, pid).ok().and_then(|basics| basics.started_wall_us);
    bsd.or_else(|| ask(Source::Kinfo, pid).ok().and_then(|basics| basics.started_wall_us))
}

/// `kinfo_proc` of one process: its description, and whether it is translated.
pub(super) fn kinfo(pid: u32) -> Result<(Basics, bool), Refusal> {
    let pid_argument = c_int::try_from(pid).map_err(|_| Refusal::Nonsense)?;
    // Room for two, to notice an answer that is longer than the structure.
    let mut buffer = [0u8; 2 * xnu::KINFO_SIZE];
    let mut name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, pid_argument];
    let got = sys::sysctl(&mut name, &mut buffer)?;
    let bytes = buffer.get(..got).unwrap_or_default();
    match bytes.len() {
        // The kernel answers an unknown pid with success and no data.
        0 => Err(Refusal::Errno(xnu::errno::ESRCH)),
        xnu::KINFO_SIZE => xnu::kinfo(bytes).filter(|(basics, _)| basics.pid == pid).ok_or(Refusal::Nonsense),
        got => Err(Refusal::Size { got, want: xnu::KINFO_SIZE }),
    }
}

fn ask(source: Source, pid: u32) -> Result<Basics, Refusal> {
    let basics = match source {
        Source::Short => xnu::short_info(&libproc::short_info(pid)?),
        Source::Bsd => xnu::bsd_info(&libproc::bsd_info(pid)?),
        Source::Kinfo => Some(kinfo(pid)?.0),
    };
    basics.filter(|basics| basics.pid == pid).ok_or(Refusal::Nonsense)
}

fn unique_id(pid: u32) -> Result<u64, Refusal> {
    xnu::unique_id(&libproc::unique_info(pid)?).ok_or(Refusal::Nonsense)
}

fn all_kinfo() -> Result<Vec<u8>, Refusal> {
    // xnu accepts three or four names; imitations of it require the fourth.
    let mut name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_ALL, 0];
    // Processes may start between the two calls: leave room for some more.
    let room = sys::sysctl_size(&mut name)?.saturating_add(64 * xnu::KINFO_SIZE).min(1 << 28);
    let mut buffer = vec![0u8; room];
    let got = sys::sysctl(&mut name, &mut buffer)?;
    buffer.truncate(got);
    Ok(buffer)
}
