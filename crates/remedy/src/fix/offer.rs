//! Turns an offer into a plan.
//!
//! Offers are in the snapshot and nowhere else. A remedy that is not offered is refused, with
//! advice on what is offered instead.

use std::time::Duration;

use goplswatch_core::event::{IncidentView, RemedyView};
use goplswatch_core::message::{Location, Message, Name, OptionalMessage, Process as Named, SharedMessage, UndoOf};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::time::HOUR;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{Gauge, ProcessKey, Reading, Remedy, ServerStatus, Snapshot, UserCommand};
use goplswatch_probe::Process;
use goplswatch_probe::process::Signal;

use super::case::Case;
use super::site::{Draft, Request, Site};
use super::{settings, toolchain};
use crate::change::{Action, DesktopTarget, Plan, Purpose, Refusal, Step};
use crate::said::{count, verbatim};

/// The duration of a snooze by remedy: the table's "for an hour".
const SNOOZE: Duration = HOUR;

/// The plan for a request in the current state. Nothing is touched, but files that would be edited
/// are read, and so is the executable of a process if the snapshot does not contain it.
///
/// # Errors
/// What the snapshot does not offer is refused, with what can be done instead.
pub fn plan(ask: &Request, snapshot: &Snapshot, site: &Site) -> Result<Plan, Refusal> {
    let offer = Offer::find(ask, snapshot)?;
    let Draft { steps, cost, undo, is_manual } = offer.make(snapshot, site)?;
    let class = if is_manual { RemedyClass::Manual } else { offer.class() };
    let undo = undo.unwrap_or_else(|| match (ask.remedy.row().undoable, class) {
        (true, RemedyClass::Safe | RemedyClass::Risky) => Message::UndoAsTold { remedy: UndoOf(ask.remedy) },
        (false, RemedyClass::Risky) => Message::UndoNoProcess,
        (_, _) => Message::UndoNothing,
    });
    Ok(Plan {
        purpose: Purpose::Remedy(ask.remedy),
        class,
        incident: offer.incident.map(|incident| incident.id.clone()),
        subject: offer.subject(snapshot).into(),
        // If the user has to do it by hand, the sentence about what it does would be wrong.
        does: (!is_manual).then(|| offer.does(&steps).into()),
        cost: cost.or_else(|| offer.cost()).map(Into::into),
        undo: Some(undo.into()),
        steps,
        evidence: if class == RemedyClass::Risky { offer.evidence(snapshot, site) } else { String::new() },
    })
}

/// One remedy as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The request for it.
    pub request: Request,
    /// Whether it is safe, risky or for the user to do by hand.
    pub class: RemedyClass,
    /// What it does in this case, as a sentence.
    pub does: Message,
    /// The object, as words that follow a verb.
    pub subject: Message,
    /// What it is offered for: an incident's title and id, or a server. Offers with the same value
    /// are adjacent.
    pub about: Message,
}

/// Everything that is offered now: incidents first, then servers, each with the most helpful remedy
/// first.
#[must_use]
pub fn offered(snapshot: &Snapshot) -> Vec<Offered> {
    let ask = |offer: &Offer<'_>| Request {
        remedy: offer.view.remedy,
        incident: offer.incident.map(|incident| incident.id.clone()),
        process: offer.view.process,
    };
    let one = |offer: Offer<'_>| Offered {
        request: ask(&offer),
        class: offer.class(),
        does: Message::clone(&offer.view.said.message),
        subject: offer.subject(snapshot),
        about: offer.about(snapshot),
    };
    Offer::all(snapshot).into_iter().map(one).collect()
}

/// One remedy as it is offered, with what it is offered for.
struct Offer<'a> {
    view: RemedyView,
    incident: Option<&'a IncidentView>,
    server: Option<&'a ServerStatus>,
}

impl<'a> Offer<'a> {
    fn find(ask: &Request, snapshot: &'a Snapshot) -> Result<Self, Refusal> {
        if let Some(id) = &ask.incident
            && !snapshot.incidents.iter().any(|incident| incident.id == *id)
        {
            return Err(Refusal::new(Message::NotOpenNow { incident: verbatim(id) }, Message::DoFixLists));
        }
        let mut found = Self::all(snapshot).into_iter().filter(|offer| offer.answers(ask));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => {
                let why = Message::OfferedForMore { remedy: verbatim(ask.remedy.word()) };
                Err(Refusal::new(why, Message::DoNamePid))
            }
            (None, _) => Err(not_offered(ask, snapshot)),
        }
    }

    /// All offers, incidents first. The offers of a server itself are those that do not depend on
    /// an incident.
    fn all(snapshot: &'a Snapshot) -> Vec<Self> {
        let of = |process: Option<ProcessKey>| snapshot.servers.iter().find(|s| Some(key(s)) == process);
        let incidents = snapshot.incidents.iter().flat_map(|incident| {
            incident.remedies.iter().map(move |view| Self {
                view: view.clone(),
                incident: Some(incident),
                server: of(view.process),
            })
        });
        let servers = snapshot.servers.iter().flat_map(|server| {
            server.offers.iter().map(move |remedy| Self {
                view: of_server(*remedy, server),
                incident: None,
                server: Some(server),
            })
        });
        incidents.chain(servers).collect()
    }

    fn answers(&self, ask: &Request) -> bool {
        let incident = self.incident.map(|incident| incident.id.as_str()) == ask.incident.as_deref();
        self.view.remedy == ask.remedy && incident && (ask.process.is_none() || ask.process == self.view.process)
    }

    /// The class in the table, or a stricter one: a setting that is kept in no file has to be made
    /// by hand.
    fn class(&self) -> RemedyClass {
        let client = self.server.and_then(|server| server.server.client.known());
        match client {
            Some(client) if settings::is_by_hand(self.view.remedy, client) => RemedyClass::Manual,
            _ => self.view.class.max(self.view.remedy.class()),
        }
    }

    fn make(&self, snapshot: &'a Snapshot, site: &Site) -> Result<Draft, Refusal> {
        let case = || self.case(snapshot, site);
        match self.view.remedy {
            Remedy::TurnOffWatcher => settings::turn_off_watcher(&case()),
            Remedy::PollFiles => settings::poll_files(&case()),
            Remedy::ExcludeFolders => settings::exclude_folders(&case()),
            Remedy::LimitMemory => settings::limit_memory(&case()),
            Remedy::ShareServer => settings::share_server(&case()),
            Remedy::ReinstallNative => toolchain::reinstall(&case()),
            Remedy::OpenSpotlightSettings => toolchain::spotlight_settings(site),
            Remedy::MoveModuleCache => toolchain::move_module_cache(site),
            _ => self.action(snapshot, site).map(Draft::of),
        }
    }

    /// The gopls process in question: the one that is named, or else the running one of the
    /// incident's lineage.
    fn target_server(&self, snapshot: &'a Snapshot) -> Option<&'a ServerStatus> {
        let lineage = self.incident.and_then(|incident| incident.lineage.as_ref());
        self.server.or_else(|| snapshot.servers.iter().find(|server| Some(&server.server.lineage) == lineage))
    }

    /// The context for a change of settings or of the program.
    fn case<'b>(&'b self, snapshot: &'b Snapshot, site: &'b Site) -> Case<'b> {
        let server = self.target_server(snapshot);
        let named = self.view.value.as_ref().filter(|_| self.view.remedy == Remedy::ExcludeFolders);
        Case {
            server,
            workspace: named.or_else(|| server?.server.workspace.known()).map(String::as_str),
            memory: snapshot.machine.get(Gauge::MachineMemory),
            site,
        }
    }

    fn action(&self, snapshot: &Snapshot, site: &Site) -> Result<Action, Refusal> {
        let remedy = self.view.remedy;
        match remedy {
            Remedy::RestartServer | Remedy::StopOrphan | Remedy::StopDuplicate | Remedy::StopMcp => {
                self.signal_action(Signal::Term, site.timeouts.end)
            }
            Remedy::DumpGoroutines => self.signal_action(Signal::Quit, site.timeouts.end),
            Remedy::KillServer => self.signal_action(Signal::Kill, site.timeouts.kill),
            Remedy::CopyRestartCommand => Ok(Action::Copy { text: self.value(Message::NoRestartCommand)? }),
            Remedy::CopyEvidence => Ok(Action::Copy { text: self.evidence(snapshot, site) }),
            Remedy::OpenWorkspace => {
                Ok(Action::Open { shown: DesktopTarget::Folder(self.value(Message::FolderUnknown)?) })
            }
            Remedy::Snooze => {
                let incident = self.incident.map(|incident| incident.id.clone());
                let incident = incident.ok_or_else(|| Refusal::new(Message::OnlyIncidents, Message::DoMute))?;
                Ok(Action::Tell { user_command: UserCommand::Snooze { incident, length: SNOOZE } })
            }
            Remedy::Mute => {
                Ok(Action::Tell { user_command: UserCommand::Mute { workspace: self.value(Message::FolderUnknown)? } })
            }
            Remedy::ByHand | Remedy::RaiseWatchLimit => {
                Ok(Action::by_hand(vec![Message::clone(&self.view.said.message)]))
            }
            Remedy::TurnOffWatcher
            | Remedy::PollFiles
            | Remedy::ExcludeFolders
            | Remedy::LimitMemory
            | Remedy::ShareServer
            | Remedy::ReinstallNative
            | Remedy::OpenSpotlightSettings
            | Remedy::MoveModuleCache => Err(Refusal::new(Message::MoreThanOneStep, Message::DoMute)),
        }
    }

    fn signal_action(&self, signal: Signal, wait: Duration) -> Result<Action, Refusal> {
        let unknown = || Refusal::new(Message::ProcessUnknown, Message::DoNamePidOfIt);
        let process = self.view.process.ok_or_else(unknown)?;
        let exe = match self.server.and_then(|server| server.server.exe.known()) {
            Some(exe) => Some(exe.clone()),
            None => exe_of(process)?,
        };
        Ok(Action::Signal { process, exe, signal, wait })
    }

    fn value(&self, without: Message) -> Result<String, Refusal> {
        self.view.value.clone().ok_or_else(|| Refusal::new(without, Message::DoFixLists))
    }

    /// The evidence about the incident or server, for a bug report.
    fn evidence(&self, snapshot: &Snapshot, site: &Site) -> String {
        (site.evidence)(snapshot, self.incident.map(|incident| incident.id.as_str()), site.home.as_deref())
    }

    /// The object of the remedy, as words that follow a verb.
    fn subject(&self, snapshot: &Snapshot) -> Message {
        match (self.view.remedy, self.incident) {
            (Remedy::CopyEvidence | Remedy::Snooze, Some(incident)) => just_incident(&incident.id),
            (Remedy::OpenWorkspace | Remedy::Mute, _) => {
                Message::JustPath { path: verbatim(self.view.value.as_deref().unwrap_or_default()) }
            }
            (Remedy::ByHand | Remedy::RaiseWatchLimit, Some(incident)) => Message::Titled { title: incident.titled() },
            (Remedy::OpenSpotlightSettings, _) => Message::JustProgram { name: Name("Spotlight".into()) },
            (Remedy::MoveModuleCache, _) => Message::ModuleCache,
            _ => match (self.target_server(snapshot), self.view.process) {
                (Some(server), _) => named(server),
                (None, Some(process)) if self.view.remedy == Remedy::StopOrphan => {
                    let who = Named { name: "go list".into(), pid: process.pid };
                    Message::ServerOf { who, client: None.into(), place: Location(None) }
                }
                (None, Some(process)) => Message::JustPid { pid: count(process.pid.0) },
                (None, None) => match self.incident {
                    Some(incident) => just_incident(&incident.id),
                    None => Message::JustProgram { name: Name("gopls".into()) },
                },
            },
        }
    }

    fn about(&self, snapshot: &Snapshot) -> Message {
        match (self.incident, self.server) {
            (Some(incident), _) => Message::TitledAs { title: incident.titled(), incident: verbatim(&incident.id) },
            (None, Some(server)) => named(server),
            (None, None) => self.subject(snapshot),
        }
    }

    /// What it does. For a plan that changes something this is a general sentence: the specific one
    /// may contain a time or an amount, and the hash must not change with it.
    fn does(&self, steps: &[Step]) -> Message {
        let changes =
            |step: &Step| !matches!(step.action, Action::Copy { .. } | Action::Open { .. } | Action::Tell { .. });
        if steps.iter().any(|step| matches!(step.action, Action::Manual { .. })) || !steps.iter().any(changes) {
            return Message::clone(&self.view.said.message);
        }
        Message::Deed { remedy: self.view.remedy }
    }

    /// What it costs the client.
    fn cost(&self) -> Option<Message> {
        let ends = matches!(
            self.view.remedy,
            Remedy::RestartServer | Remedy::KillServer | Remedy::StopDuplicate | Remedy::DumpGoroutines
        );
        let server = self.server.filter(|_| ends)?;
        let client = || -> SharedMessage {
            SharedMessage::new(match &server.server.client {
                Reading::Known(client) => Message::JustProgram { name: Name(client.name.clone()) },
                Reading::Unknown { .. } => Message::EditorOfIt,
            })
        };
        let after = |n: u32| match n {
            0 | 1 => Message::CostEndIsFinal { client: client() },
            n => Message::CostEndLeaves { client: client(), left: count(n - 2) },
        };
        Some(match &server.lives_left {
            LivesLeft::Known(n) => after(*n),
            LivesLeft::AtMost(n) => Message::CostAtMost { cost: SharedMessage::new(after(*n)) },
            LivesLeft::Unknown(why) => Message::CostUnsure { client: client(), why: why.message.clone() },
        })
    }
}

/// The executable of a process that the snapshot does not describe.
fn exe_of(process: ProcessKey) -> Result<Option<String>, Refusal> {
    let (pid, refused) = (count(process.pid.0), |why| Refusal::new(why, Message::DoFixLists));
    match Process::open_handle(process) {
        Reading::Known(Some(held)) => Ok(held.exe().known().cloned()),
        Reading::Known(None) => Err(refused(Message::PidEnded { pid })),
        Reading::Unknown { unknown } => Err(refused(Message::PidNotActedOn { pid, why: unknown.message })),
    }
}

fn just_incident(id: &str) -> Message {
    Message::JustIncident { incident: verbatim(id) }
}

/// The identity of a server.
fn key(server: &ServerStatus) -> ProcessKey {
    ProcessKey { pid: server.server.pid, start: server.server.start }
}

/// An offer of a server itself: the table's sentence, with the value from the server.
fn of_server(remedy: Remedy, server: &ServerStatus) -> RemedyView {
    let value = match remedy {
        Remedy::CopyRestartCommand => server.restart_command.clone(),
        Remedy::OpenWorkspace | Remedy::Mute => server.server.workspace.known().cloned(),
        _ => None,
    };
    let said = Message::Deed { remedy }.into();
    RemedyView { remedy, class: remedy.class(), said, process: Some(key(server)), value }
}

/// "gopls (pid 4242) of VS Code in api-server".
fn named(server: &ServerStatus) -> Message {
    let view = &server.server;
    let name = if view.class == ServerClass::Mcp { "gopls mcp" } else { "gopls" };
    let client: OptionalMessage =
        view.client.known().map(|client| Message::OfClient { client: Name(client.name.clone()) }).into();
    let place = Location(view.workspace.known().cloned());
    Message::ServerOf { who: Named { name: name.into(), pid: view.pid }, client, place }
}

/// Why a request is refused, and what to do instead.
fn not_offered(ask: &Request, snapshot: &Snapshot) -> Refusal {
    let remedy = verbatim(ask.remedy.word());
    let server = ask.process.map(|process| snapshot.servers.iter().find(|server| key(server) == process));
    let why = match (&ask.incident, server, ask.process) {
        (Some(id), ..) => Message::NotOfferedFor { remedy, subject: SharedMessage::new(just_incident(id)) },
        (None, Some(None), Some(process)) => Message::NotWatched { pid: count(process.pid.0) },
        (None, Some(Some(server)), _) if ask.remedy == Remedy::RestartServer => {
            Message::NotOfferedRestart { remedy, subject: SharedMessage::new(named(server)) }
        }
        (None, Some(Some(server)), _) => Message::NotOfferedFor { remedy, subject: SharedMessage::new(named(server)) },
        _ => Message::NotOfferedNow { remedy },
    };
    let command = server.flatten().and_then(|server| server.restart_command.as_deref());
    let instead = match (ask.remedy, command) {
        (Remedy::RestartServer, Some(command)) => Message::DoRestartThere { command: verbatim(command) },
        _ => Message::DoFixLists,
    };
    Refusal::new(why, instead)
}
