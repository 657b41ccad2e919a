//! Remedies against pressure: gopls settings that take effect at its next start, one server instead
//! of several, another build of gopls, system limits.
//!
//! Theory of operation. As in `offers`, nothing is stored and each remedy has its own rule. A
//! setting is offered for the server whose client is to be configured; whether the client's
//! settings file is known, and what it contains, is checked when a plan is made. The restart that
//! makes a setting effective is listed after it. Savings are computed from measurements, and not
//! offered without them.

use super::State;
use super::offers::{IncidentContext, on, plain, view, with};
use super::pressure::Share;
use super::processes::Server;
use super::subject::LineageId;
use super::subject::Subject;
use crate::code::Code;
use crate::event::RemedyView;
use crate::gauge::Gauge;
use crate::message::{Bytes, Count, Message, Name, Verbatim};
use crate::remedy::Remedy;
use crate::time::Moment;
use crate::types::ServerClass;

/// The largest number of watches ever proposed for a user. Linux itself chooses at most this many
/// on a machine with much memory (`inotify_user_setup` in fs/notify/inotify/inotify_user.c caps its
/// own default there).
const MOST_WATCHES: u64 = 1_048_576;

/// What one shared server would save in place of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Saving {
    /// How many servers there are.
    pub(super) servers: Count,
    /// The sum of their memory without the largest one, bytes.
    pub(super) bytes: u64,
}

/// The number of watches proposed where `used` are in use: twice as many, rounded up to a power of
/// two.
fn watches_for(used: u64) -> u64 {
    used.saturating_mul(2).checked_next_power_of_two().unwrap_or(MOST_WATCHES).min(MOST_WATCHES)
}

impl IncidentContext<'_> {
    /// Whether the server's own file watcher may be what takes its descriptors.
    pub(super) fn may_watch(self) -> bool {
        self.server.is_some_and(|server| self.state.watching_takes_descriptors(server.server()) != Some(false))
    }

    /// A setting of the client that runs this language server. A `gopls mcp` has no such settings.
    pub(super) fn set(self, remedy: Remedy) -> Option<RemedyView> {
        let server = self.server?;
        let client = server.client().filter(|_| server.class() == ServerClass::Lsp)?;
        let client = Name(client.to_owned());
        let said = match remedy {
            Remedy::TurnOffWatcher => Message::SetsWatcherOff { client },
            Remedy::PollFiles => Message::SetsPolling { client },
            Remedy::ExcludeFolders => Message::SetsFilters { client },
            Remedy::LimitMemory => Message::SetsMemoryLimit { client },
            _ => return None,
        };
        let offer = on(server.key(), view(remedy, said));
        Some(match self.state.processes.folder_of(server.server()) {
            Some(folder) => with(folder, offer),
            None => offer,
        })
    }

    /// One shared server for all that work on the same folder, if that saves memory.
    pub(super) fn share(self) -> Option<RemedyView> {
        let server = self.server.filter(|server| server.class() == ServerClass::Lsp)?;
        let client = server.client()?;
        let saving = self.state.saving_of(server.server().lineage)?;
        let said = Message::SharesServer {
            servers: saving.servers,
            bytes: Bytes::new(saving.bytes),
            client: Name(client.to_owned()),
        };
        Some(on(server.key(), view(Remedy::ShareServer, said)))
    }

    /// Another build of this server's program, for the native processor.
    pub(super) fn reinstall(self) -> Option<RemedyView> {
        let server = self.server?;
        matches!(self.subject, Subject::Server(_)).then(|| on(server.key(), plain(Remedy::ReinstallNative)))
    }
}

impl State {
    /// Whether a server's own file watcher takes at least a quarter of its descriptors; `None` if
    /// one of them was not counted.
    pub(super) fn watching_takes_descriptors(&self, server: &Server) -> Option<bool> {
        let known = |gauge| server.gauges.known(gauge).map(|(count, _)| count);
        if self.watches_share(Some(server)) == Share::Nothing {
            return Some(false);
        }
        let descriptors = known(Gauge::Descriptors).or_else(|| known(Gauge::DescriptorBound))?;
        Some(known(Gauge::Watches)? >= descriptors / 4)
    }

    /// What one shared server would save if several servers, of any clients, work on the folder of
    /// this lineage.
    pub(super) fn saving_of(&self, id: LineageId) -> Option<Saving> {
        let folder = self.processes.lineage(id)?.workspace.known()?;
        let here = |server: &Server| {
            server.seen.class == ServerClass::Lsp && self.processes.folder_of(server) == Some(folder.as_str())
        };
        let memory: Vec<u64> =
            self.processes.servers().filter(|server| here(server)).filter_map(|server| server.memory).collect();
        let largest = memory.iter().copied().max()?;
        let bytes = memory.iter().copied().fold(0, u64::saturating_add).saturating_sub(largest);
        (bytes > 0).then_some(Saving { servers: super::count(memory.len()), bytes })
    }

    /// The remedies, for each server that holds too many descriptors, that name a process.
    pub(super) fn relief_of_the_table(&self, at: Moment) -> Vec<RemedyView> {
        let holders = self.incidents.of(Code::DescriptorPressure);
        let relief = holders.flat_map(|(subject, _)| {
            let case = self.incident_context(Code::DescriptorPressure, subject, self.lineage_about(subject), at);
            case.remedies().into_iter().filter(|offer| offer.process.is_some())
        });
        relief.collect()
    }

    /// The command that raises the user's limit of file watches, unless the limit is already high
    /// enough.
    pub(super) fn raise_watch_limit(&self) -> Option<RemedyView> {
        let (limit, _) = self.machine.known(Gauge::UserWatchLimit)?;
        let used = self.machine.known(Gauge::UserWatches).map_or(limit, |(used, _)| used);
        let most = watches_for(used);
        if most <= limit {
            return None;
        }
        let setting = format!("fs.inotify.max_user_watches={most}");
        let command = format!("sudo sysctl {setting}");
        let said = Message::RaisesLimit {
            command: Verbatim(command.clone()),
            limit: Count::new(limit),
            setting: Verbatim(setting),
        };
        Some(with(&command, view(Remedy::RaiseWatchLimit, said)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_as_many_watches_are_proposed_and_never_more_than_a_million() {
        let cases = [
            (0, 1),
            (8_000, 16_384),
            (8_192, 16_384),
            (60_000, 131_072),
            (500_000, 1_048_576),
            (1_048_576, 1_048_576),
            (u64::MAX, 1_048_576),
        ];
        for (used, expected) in cases {
            assert_eq!(watches_for(used), expected, "{used}");
        }
    }
}
