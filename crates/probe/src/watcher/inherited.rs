//! Finds the processes that an earlier run in the same boot left as alive, or finds that they are
//! gone.

use goplswatch_core::exit_status::{EndDetail, ExitStatus};
use goplswatch_core::message::Message;
use goplswatch_core::{Alive, Observation, ProcessKey, Reading};

use super::{Client, Watcher};
use crate::platform::{Platform, RunState, WatchOutcome};

/// A process that an earlier run left as alive.
#[derive(Clone, Copy)]
pub(super) struct Inherited {
    role: Role,
    pub(super) key: ProcessKey,
    /// How many scans found a process with its identity, but not in its former role.
    looks: u32,
}

/// After this many scans, an inherited process that is not found in its role is taken for another
/// program now: it may have called exec.
const INHERITED_LOOKS: u32 = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Client,
    Server,
    Load,
}

impl<W: Platform> Watcher<W> {
    /// Continues from what an earlier run in the same boot left as alive. Processes that are gone
    /// by now are reported as ended while unwatched, and clients that run no gopls at the moment
    /// are watched again. To be called before [`Self::begin`].
    pub fn inherit(&mut self, alive: &Alive) {
        let role = |role, keys: &[ProcessKey]| {
            keys.iter().map(|key| Inherited { role, key: *key, looks: 0 }).collect::<Vec<_>>()
        };
        // A client before its servers, whose ends it explains; a load before its server, which it
        // outlives.
        self.inherited = role(Role::Client, &alive.clients);
        self.inherited.extend(role(Role::Load, &alive.loads));
        self.inherited.extend(role(Role::Server, &alive.servers));
    }

    /// Looks for the processes that an earlier run left as alive: each exists, or it ended while
    /// unwatched. A process that cannot be looked at is tried again at the next scan.
    pub(super) fn look_for_inherited(&mut self) {
        for mut one in std::mem::take(&mut self.inherited) {
            let Inherited { role, key, .. } = one;
            if self.servers.contains_key(&key) || self.loads.contains_key(&key) {
                continue;
            }
            let gone = match self.platform.process_info(key.pid) {
                Reading::Unknown { .. } => {
                    self.inherited.push(one);
                    continue;
                }
                Reading::Known(look) => look.is_none_or(|g| g.key != key || g.state == RunState::Zombie),
            };
            if !gone && role == Role::Client {
                let watched = self.watch(key) == WatchOutcome::Attached;
                self.clients.entry(key).or_insert(Client { reported: true, watched });
            } else if !gone && one.looks < INHERITED_LOOKS {
                // The scan itself finds servers and loads, unless they end before it or are another
                // program now.
                one.looks += 1;
                self.inherited.push(one);
            } else {
                let status = ExitStatus::unknown(Message::EndedUnseen);
                self.report(Observation::Ended { process: key, status, detail: Some(EndDetail::Unwatched) });
            }
        }
    }
}
