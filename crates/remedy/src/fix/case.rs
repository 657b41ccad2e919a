//! The context for which a setting is made or a program built: the gopls process, and facts about
//! the machine.

use std::path::Path;

use goplswatch_core::message::Message;
use goplswatch_core::{Reading, ServerStatus};

use super::site::Site;
use crate::said::verbatim;

/// The gopls process in question, and facts about the machine.
pub(super) struct Case<'a> {
    pub(super) server: Option<&'a ServerStatus>,
    /// The folder that is scanned.
    pub(super) workspace: Option<&'a str>,
    /// The memory of this machine, in bytes.
    pub(super) memory: Option<u64>,
    pub(super) site: &'a Site,
}

impl<'a> Case<'a> {
    /// The program of the running gopls, if it may be run again. An error is a fragment.
    pub(super) fn program(&self) -> Result<&'a str, Message> {
        let server = self.server.ok_or(Message::GoplsUnknown)?;
        let exe = match &server.server.exe {
            Reading::Known(exe) => exe.as_str(),
            Reading::Unknown { unknown } => return Err(Message::GoplsProgramUnknown { why: verbatim(unknown) }),
        };
        let workspace = server.server.workspace.known().map(String::as_str);
        if [self.workspace, workspace]
            .into_iter()
            .flatten()
            .any(|folder| folder != "/" && Path::new(exe).starts_with(folder))
        {
            return Err(Message::GoplsInWorkspace);
        }
        if exe.starts_with('/') { Ok(exe) } else { Err(Message::GoplsNoAbsolute { program: verbatim(exe) }) }
    }
}
