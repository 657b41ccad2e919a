//! What the system translates (Rosetta): a server, the go command that works for one, a client.

use crate::codes::{Code, End};
use crate::engine::offers::gopls;
use crate::engine::subject::Subject;
use crate::engine::{Effect, Now, State};
use crate::input::{LoadSeen, ServerSeen};
use crate::message::{Message, Part, Process, Verbatim};
use crate::words::{LoadKind, ProcessKey, Reading};

/// The name of this machine's own architecture among the slices of a file, where anything is translated.
const NATIVE: &str = "arm64";

impl State {
    /// A server was found. That it is translated stays so for all its life.
    pub(in crate::engine) fn judge_translated_server(&mut self, now: Now, key: ProcessKey, out: &mut Vec<Effect>) {
        let Some(server) = self.processes.staying(key).filter(|server| is(&server.seen.translated)) else { return };
        let (id, why) = (server.lineage, Part::new(why_translated(&server.seen)));
        let said = Message::ServerTranslated { who: gopls(key), place: self.processes.place(id), why };
        self.open(now, Code::TranslatedServer, Subject::Server(key), Some(id), said, vec![now.seq], out);
    }

    /// A go command began to work for a server. A translated gopls starts a translated one, if its file allows that.
    pub(in crate::engine) fn judge_translated_toolchain(&mut self, now: Now, load: &LoadSeen, out: &mut Vec<Effect>) {
        let Some(key) = load.server.known().copied().filter(|_| load.kind == LoadKind::GoList) else { return };
        let about = (Code::TranslatedToolchain, Subject::Server(key));
        let Some(server) = self.processes.staying(key) else { return };
        if is(&server.seen.translated) || self.incidents.is_open(about.0, about.1) {
            if load.translated == Reading::Known(false) {
                self.end(now, about, End::NativeNow, out);
            }
            return;
        }
        if is(&load.translated) {
            let id = server.lineage;
            let label = Verbatim(load.label.clone());
            let said = Message::ToolchainTranslated { label, who: gopls(key), place: self.processes.place(id) };
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

/// Whether the file leaves no choice, or whoever started it did.
fn why_translated(seen: &ServerSeen) -> Message {
    match seen.slices.known() {
        Some(slices) if slices.iter().any(|slice| slice == NATIVE) => Message::FileHoldsNative,
        Some(_) => Message::FileHoldsNoNative,
        None => Message::FileHoldsUnknown,
    }
}
