//! Reads what a process was started as: its arguments, the allowed part of its environment, and its
//! executable.

use goplswatch_core::Reading;
use goplswatch_core::message::{Message, SharedMessage, Verbatim};

use super::sys::{self, Refusal};
use super::{MacPlatform, libproc};
use crate::procargs::{ProcArgs, parse_procargs2};
use crate::xnu::errno;

/// The name of the call, for messages.
const CALL: &str = "KERN_PROCARGS2";

impl MacPlatform {
    pub(super) fn arguments(&mut self, pid: u32) -> Result<ProcArgs, Message> {
        if self.arguments.is_empty() {
            self.arguments.resize(argument_room(), 0);
        }
        let pid = i32::try_from(pid).map_err(|_| Message::NoSuchNumber)?;
        let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, pid];
        let got = sys::sysctl(&mut name, &mut self.arguments).map_err(|refusal| refusal.of(CALL))?;
        let Some(answer) = self.arguments.get_mut(..got) else {
            return Err(Refusal::Nonsense.of(CALL));
        };
        let args = parse_procargs2(answer)
            .map_err(|why| Message::CallRefused { call: Verbatim::of(CALL), why: SharedMessage::new(why) });
        // The rest of that environment may hold secrets and must not be kept.
        answer.fill(0);
        args
    }

    /// The executable of a process, and whether the kernel reported that its file is gone.
    pub(super) fn executable(&self, pid: u32, args: &Result<ProcArgs, Message>) -> (Reading<Vec<u8>>, bool) {
        let refusal = match libproc::path(pid) {
            Ok(path) if self.trust_path => return (Reading::Known(path), false),
            Ok(_) => Refusal::Nonsense,
            Err(refusal) => refusal,
        };
        // The path that was given to exec says where the file was, if it is absolute.
        match args {
            Ok(args) if args.exec_path.starts_with(b"/") => {
                (Reading::Known(args.exec_path.clone()), refusal.is(errno::ENOENT))
            }
            _ => (Reading::unknown(refusal.of("proc_pidpath")), false),
        }
    }
}

/// The largest possible answer of `KERN_PROCARGS2`, bytes: `KERN_ARGMAX`, 1 MiB on every macOS so
/// far.
fn argument_room() -> usize {
    const USUAL: usize = 1 << 20;
    let mut answer = [0u8; 4];
    let got = sys::sysctl(&mut [libc::CTL_KERN, libc::KERN_ARGMAX], &mut answer);
    let argmax = usize::try_from(i32::from_le_bytes(answer)).unwrap_or(0);
    if got == Ok(answer.len()) { argmax.clamp(USUAL / 16, USUAL * 8) } else { USUAL }
}
