//! Translated processes (Rosetta): a server, the go command that works for it, a client.

use crate::code::Code;
use crate::codes::End;
use crate::engine::offers::gopls;
use crate::engine::subject::Subject;
use crate::engine::{Effect, Now, State};
use crate::input::{LoadSeen, ServerSeen};
use crate::message::{Message, Process, SharedMessage, Verbatim};
use crate::reading::Reading;
use crate::types::{LoadKind, ProcessKey};

/// The native architecture, as named among the slices of an executable, on any machine that
/// translates.
const NATIVE: &str = "arm64";

impl State {
    /// A server was found. Whether it is translated does not change during its life.
    pub(in crate::engine) fn judge_translated_server(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(server) = self.processes.long_running_server(key).filter(|server| is(&server.seen.translated)) else {
            return;
        };
        let (id, why) = (server.lineage, SharedMessage::new(why_translated(&server.seen)));
        let said = Message::ServerTranslated { who: gopls(key), place: self.processes.location(id), why };
        self.open(now, Code::TranslatedServer, Subject::Server(key), Some(id), said, vec![now.seq], out);
    }

    /// A go command started for a server. A translated gopls starts a translated go command if its
    /// file allows that.
    pub(in crate::engine) fn judge_translated_toolchain(&mut self, now: Now, load: &LoadSeen, out: &mut Vec<Effect>) {
        let Some(key) = load.server.known().copied().filter(|_| load.kind == LoadKind::GoList) else { return };
        let about = (Code::TranslatedToolchain, Subject::Server(key));
        let Some(server) = self.processes.long_running_server(key) else { return };
        if is(&server.seen.translated) || self.incidents.is_open(about.0, about.1) {
            if load.translated == Reading::Known(false) {
                self.end(now, about, End::NativeNow, out);
            }
            return;
        }
        if is(&load.translated) {
            let id = server.lineage;
            let label = Verbatim(load.label.clone());
            let said = Message::ToolchainTranslated { label, who: gopls(key), place: self.processes.location(id) };
            self.open(now, about.0, about.1, Some(id), said, vec![now.seq], out);
        }
    }

    /// A client was found.
    pub(in crate::engine) fn judge_translated_client(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let subject = Subject::Client(key);
        let Some(client) = self.processes.client(key).filter(|client| is(&client.translated)) else { return };
        if !self.incidents.is_open(Code::TranslatedClient, subject) {
            let who = Process { name: client.name.clone(), pid: key.pid };
            let said = Message::ClientTranslated { who };
            self.open(now, Code::TranslatedClient, subject, None, said, vec![now.seq], out);
        }
    }
}

fn is(translated: &Reading<bool>) -> bool {
    translated == &Reading::Known(true)
}

/// Whether the executable has no native slice, or the parent process chose the other one.
fn why_translated(seen: &ServerSeen) -> Message {
    match seen.slices.known() {
        Some(slices) if slices.iter().any(|slice| slice == NATIVE) => Message::FileHoldsNative,
        Some(_) => Message::FileHoldsNoNative,
        None => Message::FileHoldsUnknown,
    }
}
