//! The remedies offered for an incident or a server, and what each one costs in this case.
//!
//! Theory of operation. No offer is stored: offers follow from the state and the current time, so
//! those in a snapshot are correct when it is made. An event carries the remedies that helped when
//! it was emitted, without those that only copy or silence. Each remedy has its own rule, a
//! function that reads the state and changes nothing. In doubt, a remedy that ends a process is not
//! offered.
//!
//! Offers are in menu order: first what helps most for the code, then what is copied, then the
//! dump, and last what only silences.

use std::time::Duration;

use super::State;
use super::agenda::Due;
use super::lineage::Lineage;
use super::processes::{Client, Server};
use super::subject::LineageId;
use super::subject::Subject;
use crate::code::Code;
use crate::codes::Offer;
use crate::event::{IncidentView, RemedyView};
use crate::message::{
    Client as ClientName, Count, Folder, Message, Millis, Name, OfCode, Process, SharedMessage, Verbatim,
};
use crate::policy::{LivesLeft, RestartCommand, RestartPolicy};
use crate::remedy::Remedy;
use crate::time::{Moment, Uptime};
use crate::types::{ProcessKey, ServerClass};

/// A process that was asked to end this long ago and still runs may be killed. gopls does not catch
/// SIGTERM, so a process that survives it is stopped, or waits in the kernel.
const KILL_AFTER: Duration = Duration::from_secs(5);
/// Maximum number of surplus servers offered to be stopped at once; the others follow when these
/// are gone.
const MOST_DUPLICATES: usize = 8;

/// The remedies for a server, in the order in which they are offered.
const WITH_A_SERVER: [Remedy; 6] = [
    Remedy::RestartServer,
    Remedy::KillServer,
    Remedy::StopMcp,
    Remedy::CopyRestartCommand,
    Remedy::OpenWorkspace,
    Remedy::DumpGoroutines,
];

/// What a client does if its language server ends right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientReaction {
    /// Starts it again. A client that counts exits does so this many more times after this one.
    Restarts(Option<u32>),
    /// Does not start it again, since it has used up its restarts.
    HasNoneLeft,
    /// Treats the end as a failed start, which it does not retry.
    TooSoon,
    /// Never starts a server again by itself.
    Never,
    /// Not known.
    NotKnown,
}

/// What a client does when a server ends that has lived this long.
fn client_reaction(
    policy: RestartPolicy,
    left: impl FnOnce() -> LivesLeft,
    lived: Duration,
    initialize: Duration,
) -> ClientReaction {
    match policy {
        RestartPolicy::SessionCount { .. } | RestartPolicy::WindowCount { .. } => match left() {
            LivesLeft::Known(0..2) | LivesLeft::AtMost(0..2) => ClientReaction::HasNoneLeft,
            _ if lived < initialize => ClientReaction::TooSoon,
            // Of the `n - 1` exits left after this one, the last is not followed by a restart.
            LivesLeft::Known(n) => ClientReaction::Restarts(Some(n - 2)),
            LivesLeft::AtMost(_) | LivesLeft::Unknown(_) => ClientReaction::NotKnown,
        },
        RestartPolicy::LivedLongEnough { min } if lived >= min => ClientReaction::Restarts(None),
        RestartPolicy::LivedLongEnough { .. } => ClientReaction::TooSoon,
        RestartPolicy::Never => ClientReaction::Never,
        RestartPolicy::Unknown => ClientReaction::NotKnown,
    }
}

/// The text that says what ending a server costs.
fn cost(class: ServerClass, client: Option<&str>, answer: ClientReaction) -> SharedMessage {
    let name = |client: &str| Name(client.to_owned());
    SharedMessage::new(match (class, client, answer) {
        (ServerClass::Mcp, Some(client), _) => Message::CostMcp { client: name(client) },
        (ServerClass::Lsp, Some(client), ClientReaction::Restarts(None)) => {
            Message::CostNothing { client: name(client) }
        }
        (ServerClass::Lsp, Some(client), ClientReaction::Restarts(Some(left))) => {
            Message::CostLife { client: name(client), left: Count::new(left.into()) }
        }
        (ServerClass::Lsp, Some(client), ClientReaction::HasNoneLeft) => Message::CostNoneLeft { client: name(client) },
        (ServerClass::Lsp, Some(client), ClientReaction::TooSoon) => Message::CostTooSoon { client: name(client) },
        (ServerClass::Lsp, Some(client), ClientReaction::Never) => Message::CostNeverRestarts { client: name(client) },
        (_, Some(client), _) => Message::CostUnknown { client: name(client) },
        (_, None, _) => Message::CostWithoutClient,
    })
}

/// A gopls process, as named in a message.
pub(super) fn gopls(key: ProcessKey) -> Process {
    Process { name: "gopls".into(), pid: key.pid }
}

pub(super) fn view(remedy: Remedy, said: Message) -> RemedyView {
    RemedyView { remedy, class: remedy.class(), said: said.into(), process: None, value: None }
}

/// A remedy with the text of the table of remedies.
pub(super) fn plain(remedy: Remedy) -> RemedyView {
    view(remedy, Message::Deed { remedy })
}

pub(super) fn on(process: ProcessKey, view: RemedyView) -> RemedyView {
    RemedyView { process: Some(process), ..view }
}

pub(super) fn with(value: &str, view: RemedyView) -> RemedyView {
    RemedyView { value: Some(value.to_owned()), ..view }
}

/// The client's own restart command, for a client that is alive.
fn copy_command(client: &Client, command: &RestartCommand) -> RemedyView {
    let before = command.since.as_ref().zip(command.before.as_ref()).map(|(version, command)| Message::TypedBefore {
        version: Verbatim(version.clone()),
        command: Verbatim(command.clone()),
    });
    let said = Message::RunInClient {
        client: Name(client.name.clone()),
        command: Verbatim(command.typed.clone()),
        before: before.into(),
    };
    with(&command.typed, view(Remedy::CopyRestartCommand, said))
}

/// Kills a process that was asked to end and still runs.
fn kill(process: ProcessKey, asked: Option<Uptime>, at: Moment, name: &str, cost: SharedMessage) -> Option<RemedyView> {
    let waited = at.uptime.since(asked?);
    let who = Process { name: name.to_owned(), pid: process.pid };
    let said = Message::EndsByForce { who, waited: Millis::from(waited), cost };
    (waited >= KILL_AFTER).then(|| on(process, view(Remedy::KillServer, said)))
}

impl State {
    /// Some offers for a server appear by time alone: when it has lived long enough for its client
    /// to start it again. Views are updated at each wake, so a wake is scheduled for that time.
    pub(super) fn await_offers(&mut self, key: ProcessKey) {
        let Some(server) = self.processes.server(key).filter(|s| s.seen.class == ServerClass::Lsp) else { return };
        let client = server.seen.client.known().and_then(|client| self.processes.client(*client));
        let least = match client.map(|client| client.policy) {
            Some(RestartPolicy::SessionCount { .. } | RestartPolicy::WindowCount { .. }) => self.config.initialize,
            Some(RestartPolicy::LivedLongEnough { min }) => min,
            Some(RestartPolicy::Never | RestartPolicy::Unknown) | None => return,
        };
        self.agenda.schedule(server.since + least, Due::Nothing);
    }

    /// Schedules a wake for when a process that was asked to end may be killed.
    pub(super) fn await_kill(&mut self, asked: Uptime) {
        self.agenda.schedule(asked + KILL_AFTER, Due::Nothing);
    }
}

/// A running server, with its client, its lineage and the time of the query.
#[derive(Clone, Copy)]
pub(super) struct ServerContext<'a> {
    server: &'a Server,
    client: Option<&'a Client>,
    lineage: Option<&'a Lineage>,
    initialize: Duration,
    at: Moment,
}

impl<'a> ServerContext<'a> {
    pub(super) fn server(self) -> &'a Server {
        self.server
    }

    /// The name of its client.
    pub(super) fn client(self) -> Option<&'a str> {
        self.client.map(|client| client.name.as_str())
    }

    pub(super) fn key(self) -> ProcessKey {
        self.server.seen.server
    }

    pub(super) fn class(self) -> ServerClass {
        self.server.seen.class
    }

    fn client_reaction(self) -> ClientReaction {
        let Some(lineage) = self.lineage.filter(|_| self.client.is_some()) else { return ClientReaction::NotKnown };
        let lived = self.at.uptime.since(self.server.since);
        client_reaction(lineage.ledger.policy(), || lineage.ledger.left(self.at), lived, self.initialize)
    }

    fn cost(self) -> SharedMessage {
        cost(self.class(), self.client.map(|c| c.name.as_str()), self.client_reaction())
    }

    /// Whether its client would start it again now. A server that was asked to end is not asked
    /// twice.
    fn is_restarted(self) -> bool {
        self.class() == ServerClass::Lsp
            && self.server.asked.is_none()
            && matches!(self.client_reaction(), ClientReaction::Restarts(_))
    }

    fn is_overdue(self) -> bool {
        self.server.asked.is_some_and(|asked| self.at.uptime.since(asked) >= KILL_AFTER)
    }

    fn is_idle_mcp(self) -> bool {
        self.class() == ServerClass::Mcp && self.server.loads.is_empty() && self.server.asked.is_none()
    }

    /// The client's command that restarts its language servers, its own or shared ones.
    fn command(self) -> Option<&'a str> {
        let restarts = matches!(self.class(), ServerClass::Lsp | ServerClass::Forwarder);
        let command = self.client.filter(|_| restarts)?.restart.while_running.as_ref()?;
        Some(&command.typed)
    }

    /// Not for a daemon: the forwarder that starts it gives it no error output (golang/tools
    /// gopls/internal/lsprpc/dialer.go), so all its editors would lose it for a dump that is
    /// written nowhere.
    fn can_dump(self) -> bool {
        self.class() == ServerClass::Lsp
    }

    fn offers(self, remedy: Remedy) -> bool {
        match remedy {
            Remedy::RestartServer => self.is_restarted(),
            Remedy::KillServer => self.is_overdue(),
            Remedy::StopMcp => self.is_idle_mcp(),
            Remedy::CopyRestartCommand => self.command().is_some(),
            Remedy::OpenWorkspace => self.server.seen.workspace.known().is_some(),
            Remedy::DumpGoroutines => self.can_dump(),
            _ => false,
        }
    }

    fn restart(self) -> Option<RemedyView> {
        let said = || Message::AsksToEnd { who: gopls(self.key()), cost: self.cost() };
        self.is_restarted().then(|| on(self.key(), view(Remedy::RestartServer, said())))
    }

    fn kill(self) -> Option<RemedyView> {
        self.server.asked?;
        kill(self.key(), self.server.asked, self.at, "gopls", self.cost())
    }

    fn stop_mcp(self) -> Option<RemedyView> {
        let who = || Process { name: "gopls mcp".into(), pid: self.key().pid };
        let said = || Message::AsksToEnd { who: who(), cost: self.cost() };
        self.is_idle_mcp().then(|| on(self.key(), view(Remedy::StopMcp, said())))
    }

    fn dump(self) -> Option<RemedyView> {
        let log = || ClientName(self.client().map(str::to_owned));
        let said = || Message::WritesDump { who: gopls(self.key()), log: log(), cost: self.cost() };
        self.can_dump().then(|| on(self.key(), view(Remedy::DumpGoroutines, said())))
    }
}

/// The subject of an incident, as far as it still exists.
#[derive(Clone, Copy)]
pub(super) struct IncidentContext<'a> {
    pub(super) state: &'a State,
    pub(super) code: Code,
    pub(super) subject: Subject,
    lineage: Option<&'a Lineage>,
    /// The server that a restart applies to: the one named, the one that loads, or the youngest.
    pub(super) server: Option<ServerContext<'a>>,
    pub(super) at: Moment,
}

impl<'a> IncidentContext<'a> {
    /// The ways to restart the server, cheapest for the user first.
    pub(super) fn restart(self, offers: &mut Vec<RemedyView>) {
        offers.extend(self.server.and_then(ServerContext::restart));
        offers.extend(self.server.and_then(ServerContext::kill));
        offers.extend(self.server.and_then(ServerContext::stop_mcp));
        self.copy_restart(offers);
    }

    /// The client's own command to restart the server, or to start one where none runs any more.
    pub(super) fn copy_restart(self, offers: &mut Vec<RemedyView>) {
        let restarts = |l: &&Lineage| matches!(l.key.class, ServerClass::Lsp | ServerClass::Forwarder);
        let Some(lineage) = self.lineage.filter(restarts) else { return };
        let Some(client) = lineage.key.client.and_then(|c| self.state.processes.client(c)) else { return };
        let commands = &client.restart;
        let command = if lineage.alive.is_empty() { &commands.after_gone } else { &commands.while_running };
        offers.extend(command.as_ref().map(|command| copy_command(client, command)));
    }

    /// Ends the orphaned process while it is alive.
    fn stop_orphan(self, offers: &mut Vec<RemedyView>) {
        let Subject::Load(key) = self.subject else { return };
        let Some(load) = self.state.loads.get(key) else { return };
        let Some(asked) = load.asked else {
            let who = Process { name: load.label.clone(), pid: key.pid };
            offers.push(on(key, view(Remedy::StopOrphan, Message::EndsLeftOver { who })));
            return;
        };
        offers.extend(kill(key, Some(asked), self.at, &load.label, SharedMessage::new(Message::NobodyWaits)));
    }

    /// For a client that never restarts a server: stops the older servers of the same folder that
    /// are not loading. The client talks to the youngest.
    fn stop_duplicates(self, offers: &mut Vec<RemedyView>) {
        let Some(lineage) = self.lineage.filter(|l| l.ledger.policy() == RestartPolicy::Never) else { return };
        let Some(client) = lineage.key.client.and_then(|c| self.state.processes.client(c)) else { return };
        let serves = |s: &'a Server| s.loads_in.as_deref().or(lineage.key.root.as_deref());
        let mut servers: Vec<&Server> =
            lineage.alive.iter().filter_map(|key| self.state.processes.server(*key)).collect();
        servers.sort_unstable_by_key(|s| (s.since, s.generation));
        for (i, server) in servers.iter().enumerate() {
            if offers.len() >= MOST_DUPLICATES {
                return;
            }
            let process = server.seen.server;
            let younger = servers.iter().skip(i + 1).rev().find(|s| s.asked.is_none() && serves(s) == serves(server));
            let (Some(folder), Some(younger)) = (serves(server), younger) else { continue };
            if server.asked.is_some() {
                let cost = cost(ServerClass::Lsp, Some(&client.name), ClientReaction::Never);
                offers.extend(kill(process, server.asked, self.at, "gopls", cost));
            } else if server.loads.is_empty() {
                let said = Message::StopsDuplicate {
                    who: gopls(process),
                    client: Name(client.name.clone()),
                    other: gopls(younger.seen.server),
                    folder: Folder(folder.to_owned()),
                };
                offers.push(on(process, view(Remedy::StopDuplicate, said)));
            }
        }
    }

    /// What the user can do by hand.
    fn by_hand(self) -> RemedyView {
        let code = self.code;
        let said = match self.subject {
            Subject::Server(key) if code.row().names_process => {
                Message::OfCode { words: OfCode::helps(code, gopls(key)) }
            }
            _ => Message::Help { code },
        };
        view(Remedy::ByHand, said)
    }

    /// The remedies that help, by the row of the code.
    pub(super) fn remedies(self) -> Vec<RemedyView> {
        let mut offers = Vec::new();
        for offer in self.code.row().offers {
            match *offer {
                Offer::Restart => self.restart(&mut offers),
                Offer::CopyRestart => self.copy_restart(&mut offers),
                Offer::ByHand => offers.push(self.by_hand()),
                Offer::StopOrphan => self.stop_orphan(&mut offers),
                Offer::StopDuplicates => self.stop_duplicates(&mut offers),
                Offer::Share => offers.extend(self.share()),
                Offer::Set(remedy) => offers.extend(self.set(remedy)),
                Offer::SetIfWatching(remedy) => offers.extend(self.set(remedy).filter(|_| self.may_watch())),
                Offer::Reinstall => offers.extend(self.reinstall()),
                Offer::OfHolders => offers.extend(self.state.relief_of_the_table(self.at)),
                Offer::RaiseWatchLimit => offers.extend(self.state.raise_watch_limit()),
                Offer::Plain(remedy) => offers.push(plain(remedy)),
            }
        }
        offers
    }

    /// All offers: the remedies that help, and what can be copied, opened, dumped or silenced.
    fn offers(self, folder: Option<&str>, snoozed: bool, muted: impl FnOnce(&str) -> bool) -> Vec<RemedyView> {
        let mut offers = self.remedies();
        offers.push(plain(Remedy::CopyEvidence));
        offers.extend(folder.map(|folder| {
            with(folder, view(Remedy::OpenWorkspace, Message::ShowsFolder { folder: Folder(folder.to_owned()) }))
        }));
        if self.code.row().offers_dump {
            offers.extend(self.server.and_then(ServerContext::dump));
        }
        if !snoozed {
            offers.push(plain(Remedy::Snooze));
        }
        offers.extend(folder.filter(|folder| !muted(folder)).map(|folder| {
            with(folder, view(Remedy::Mute, Message::MutesFolder { folder: Folder(folder.to_owned()) }))
        }));
        offers
    }
}

impl State {
    fn server_context<'a>(&'a self, server: &'a Server, at: Moment) -> ServerContext<'a> {
        ServerContext {
            server,
            client: server.seen.client.known().and_then(|key| self.processes.client(*key)),
            lineage: self.processes.lineage(server.lineage),
            initialize: self.config.initialize,
            at,
        }
    }

    /// The remedies offered for a server now, and its client's command that restarts it.
    pub(super) fn offers_with(&self, server: &Server, at: Moment) -> (Vec<Remedy>, Option<String>) {
        let standing = self.server_context(server, at);
        let offers = WITH_A_SERVER.into_iter().filter(|remedy| standing.offers(*remedy)).collect();
        (offers, standing.command().map(str::to_owned))
    }

    /// The remedies that help against an incident now, as carried by an event.
    pub(super) fn remedies_against(
        &self,
        code: Code,
        subject: Subject,
        lineage: Option<LineageId>,
        at: Moment,
    ) -> Vec<RemedyView> {
        self.incident_context(code, subject, lineage, at).remedies()
    }

    pub(super) fn incident_context(
        &self,
        code: Code,
        subject: Subject,
        lineage: Option<LineageId>,
        at: Moment,
    ) -> IncidentContext<'_> {
        let lineage = lineage.and_then(|id| self.processes.lineage(id));
        let server = match subject {
            Subject::Server(key) => self.processes.server(key),
            Subject::Load(key) => self.loads.get(key).and_then(|l| l.server).and_then(|key| self.processes.server(key)),
            Subject::Lineage(_) | Subject::Fix(_) => lineage.and_then(|l| self.youngest(l)),
            Subject::Machine | Subject::Client(_) => None,
        };
        let server = server.map(|server| self.server_context(server, at));
        IncidentContext { state: self, code, subject, lineage, server, at }
    }

    fn youngest<'a>(&'a self, lineage: &'a Lineage) -> Option<&'a Server> {
        let alive = self.processes.alive_in(lineage);
        alive.max_by_key(|server| (server.since, server.generation))
    }

    /// The open incidents, each with all offers and causes as of now.
    pub(super) fn incidents_now(&self, at: Moment) -> Vec<IncidentView> {
        let now = |(code, subject): (Code, Subject), view: &IncidentView| {
            let case = self.incident_context(code, subject, self.lineage_about(subject), at);
            // Muting refers to the folder by which the incident is silenced.
            let folder = view.workspace.as_deref();
            let snoozed = self.suppression.is_snoozed(&view.id, at);
            let remedies = case.offers(folder, snoozed, |folder| self.suppression.is_muted(folder));
            let causes = self.causes_for((code, subject), view, at.uptime);
            IncidentView { remedies, causes, ..view.clone() }
        };
        self.incidents.iter().map(|(key, view)| now(key, view)).collect()
    }

    /// The lineage of an incident's subject, while it is known.
    pub(super) fn lineage_about(&self, subject: Subject) -> Option<LineageId> {
        match subject {
            Subject::Lineage(id) => Some(id),
            Subject::Server(key) => self.processes.server(key).map(|server| server.lineage),
            Subject::Load(key) => self.loads.get(key).and_then(|load| load.lineage),
            Subject::Fix(begun) => self.fixes.lineage(begun),
            Subject::Machine | Subject::Client(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_habit_answers_an_end_in_its_way() {
        use ClientReaction::{HasNoneLeft, Never, NotKnown, Restarts, TooSoon};
        let session = RestartPolicy::SessionCount { exits: 5 };
        let window = RestartPolicy::WindowCount { exits: 5, window: Duration::from_secs(180) };
        let eglot = RestartPolicy::LivedLongEnough { min: Duration::from_secs(3) };
        let unknown = || LivesLeft::Unknown(Message::LivesUnread.into());
        let cases = [
            (session, LivesLeft::Known(5), 2_000, Restarts(Some(3))),
            (session, LivesLeft::Known(2), 2_000, Restarts(Some(0))),
            (session, LivesLeft::Known(5), 1_999, TooSoon),
            (session, LivesLeft::Known(1), 9_000, HasNoneLeft),
            (session, LivesLeft::Known(0), 9_000, HasNoneLeft),
            (session, LivesLeft::AtMost(5), 9_000, NotKnown),
            (session, LivesLeft::AtMost(1), 9_000, HasNoneLeft),
            (window, LivesLeft::Known(3), 9_000, Restarts(Some(1))),
            (window, LivesLeft::AtMost(4), 9_000, NotKnown),
            (eglot, unknown(), 3_000, Restarts(None)),
            (eglot, unknown(), 2_999, TooSoon),
            (RestartPolicy::Never, LivesLeft::Known(1), 9_000, Never),
            (RestartPolicy::Unknown, unknown(), 9_000, NotKnown),
        ];
        for (policy, left, lived_ms, expected) in cases {
            assert_eq!(
                client_reaction(policy, || left.clone(), Duration::from_millis(lived_ms), Duration::from_secs(2)),
                expected,
                "{policy:?} {left:?} {lived_ms}"
            );
        }
    }
}
