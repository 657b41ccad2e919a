//! Finds again what an earlier watch of the same boot left as alive, or that it is gone.

use goplswatch_core::message::Message;
use goplswatch_core::words::{EndDetail, ExitStatus};
use goplswatch_core::{Alive, Fact, ProcessKey, Reading};

use super::{Client, Watcher};
use crate::world::{RunState, Watched, World};

/// A process that an earlier watch left as alive.
#[derive(Clone, Copy)]
pub(super) struct Inherited {
    role: Role,
    pub(super) key: ProcessKey,
    /// How often it was there and was not found to be what it was.
    looks: u32,
}

/// So often an inherited process is looked at before it is taken for something else now: it may have exec'd.
const INHERITED_LOOKS: u32 = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Client,
    Server,
    Load,
}

impl<W: World> Watcher<W> {
    /// Goes on from what an earlier watch of the same boot left as alive: what is gone by now is told as ended while
    /// nobody watched, and clients that run no gopls at the moment are watched again. Before [`Self::begin`].
    pub fn inherit(&mut self, alive: &Alive) {
        let role = |role, keys: &[ProcessKey]| {
            keys.iter().map(|key| Inherited { role, key: *key, looks: 0 }).collect::<Vec<_>>()
        };
        // A client before its servers, whose ends it explains; a load before its server, which it outlives.
        self.inherited = role(Role::Client, &alive.clients);
        self.inherited.extend(role(Role::Load, &alive.loads));
        self.inherited.extend(role(Role::Server, &alive.servers));
    }

    /// What an earlier watch left as alive: it is there, or it ended while nobody watched. What cannot be looked at is
    /// asked for again at the next scan.
    pub(super) fn look_for_inherited(&mut self) {
        for mut one in std::mem::take(&mut self.inherited) {
            let Inherited { role, key, .. } = one;
            if self.servers.contains_key(&key) || self.loads.contains_key(&key) {
                continue;
            }
            let gone = match self.world.glimpse(key.pid) {
                Reading::Unknown { .. } => {
                    self.inherited.push(one);
                    continue;
                }
                Reading::Known(look) => look.is_none_or(|g| g.key != key || g.state == RunState::Zombie),
            };
            if !gone && role == Role::Client {
                let watched = self.watch(key) == Watched::Yes;
                self.clients.entry(key).or_insert(Client { told: true, watched });
            } else if !gone && one.looks < INHERITED_LOOKS {
                // Servers and loads are found by the scan itself, unless they end before it or are something else now.
                one.looks += 1;
                self.inherited.push(one);
            } else {
                let status = ExitStatus::unknown(Message::EndedUnseen);
                self.tell(Fact::Ended { process: key, status, detail: Some(EndDetail::Unwatched) });
            }
        }
    }
}
