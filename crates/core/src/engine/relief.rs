//! What helps against pressure: settings of gopls that take effect when it is restarted, one server instead of several,
//! another build of it, limits of the system.
//!
//! Theory of operation. As in `offers`, nothing is remembered and each remedy has its own rule. A setting is offered
//! where the server runs whose client is to be set; whether the file of that client is known, and what stands in it, is
//! looked at when a plan is made. A restart stands behind the setting that it makes effective. A saving is reckoned from
//! what was measured, and not offered where nothing was.

use super::State;
use super::offers::{Case, on, plain, view, with};
use super::pressure::Share;
use super::processes::Server;
use super::subject::LineageId;
use super::subject::Subject;
use crate::codes::Code;
use crate::gauge::Gauge;
use crate::message::{Bytes, Count, Message, Name, Verbatim};
use crate::remedy::{Remedy, RemedyView};
use crate::words::{Moment, ServerClass};

/// The most watches that are ever proposed for a user, which is as many as Linux proposes by itself on a machine with
/// much memory (`inotify_user_setup` in fs/notify/inotify/inotify_user.c caps its own default there).
const MOST_WATCHES: u64 = 1_048_576;

/// What one shared server instead of several would save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Saving {
    /// How many servers there are.
    pub(super) servers: Count,
    /// The sum of their memory without the largest one, bytes.
    pub(super) bytes: u64,
}

/// So many watches are proposed where so many are in use: the next power of two of twice as many.
fn watches_for(used: u64) -> u64 {
    used.saturating_mul(2).checked_next_power_of_two().unwrap_or(MOST_WATCHES).min(MOST_WATCHES)
}

impl Case<'_> {
    /// Whether its own file watcher can be what takes its descriptors.
    pub(super) fn may_watch(self) -> bool {
        self.server.is_some_and(|server| self.state.watching_takes_descriptors(server.server()) != Some(false))
    }

    /// A setting of the client that runs this language server. A gopls mcp has none of its own.
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

    /// One server for all that work on the same folder, where that saves memory.
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

    /// The program of this server, built for the machine's own processor.
    pub(super) fn reinstall(self) -> Option<RemedyView> {
        let server = self.server?;
        matches!(self.subject, Subject::Server(_)).then(|| on(server.key(), plain(Remedy::ReinstallNative)))
    }
}

impl State {
    /// Whether a server's own file watcher takes a good part of its descriptors; `None`: one of them was not counted.
    pub(super) fn watching_takes_descriptors(&self, server: &Server) -> Option<bool> {
        let known = |gauge| server.gauges.known(gauge).map(|(count, _)| count);
        if self.watches_share(Some(server)) == Share::Nothing {
            return Some(false);
        }
        let descriptors = known(Gauge::Descriptors).or_else(|| known(Gauge::DescriptorBound))?;
        Some(known(Gauge::Watches)? >= descriptors / 4)
    }

    /// What one shared server would save where several work on the folder of this lineage, of whatever client.
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

    /// What helps against the descriptors of each server that holds too many, as far as it names a process.
    pub(super) fn relief_of_the_table(&self, at: Moment) -> Vec<RemedyView> {
        let holders = self.incidents.of(Code::DescriptorPressure);
        let relief = holders.flat_map(|(subject, _)| {
            let case = self.case(Code::DescriptorPressure, subject, self.lineage_about(subject), at);
            case.helps().into_iter().filter(|offer| offer.process.is_some())
        });
        relief.collect()
    }

    /// The command that gives this user more file watches, while there is room above the limit.
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
