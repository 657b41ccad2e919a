//! From what is offered to a plan.
//!
//! What is offered stands in a snapshot and nowhere else. A remedy that is not is refused with what is offered instead,
//! so that whoever asks by name learns what can be asked.

use goplswatch_core::event::IncidentView;
use goplswatch_core::message::{Message, Said};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::remedy::{RemedyClass, RemedyView};
use goplswatch_core::words::ServerClass;
use goplswatch_core::{Gauge, Intent, ProcessKey, Reading, Remedy, ServerStatus, Snapshot, say};
use goplswatch_probe::Process;
use goplswatch_probe::process::Signal;

use super::case::Case;
use super::evidence::evidence;
use super::site::{Ask, Made, Site};
use super::{settings, toolchain};
use crate::change::site::ms;
use crate::change::{Action, Plan, Purpose, Refusal, Shown, Step};

/// How long a snooze by remedy lasts, milliseconds: the table's "for an hour".
const HOUR_MS: u64 = 3_600_000;

/// What would be done about it here and now. Nothing is touched; files that would be edited are read, and so is the
/// executable of a process of which the snapshot does not tell it.
///
/// # Errors
/// What the snapshot does not offer is refused, with what can be done instead.
pub fn plan(ask: &Ask, snapshot: &Snapshot, site: &Site) -> Result<Plan, Refusal> {
    let offer = Offer::find(ask, snapshot)?;
    let Made { steps, mut cost, undo, is_manual } = offer.make(snapshot, site)?;
    let class = if is_manual { RemedyClass::Manual } else { offer.class() };
    let undo = undo.unwrap_or_else(|| match (ask.remedy.row().undo, class) {
        (Some(undo), RemedyClass::Safe | RemedyClass::Risky) => format!("Undo {undo}."),
        (None, RemedyClass::Risky) => "It cannot be undone: a process that has ended is gone.".into(),
        (_, _) => "There is nothing to undo.".into(),
    });
    if cost.is_empty() {
        cost = offer.cost();
    }
    let seen = || evidence(snapshot, offer.incident.map(|i| i.id.as_str()), site.home.as_deref());
    Ok(Plan {
        purpose: Purpose::Remedy(ask.remedy),
        class,
        incident: offer.incident.map(|incident| incident.id.clone()),
        subject: offer.subject(snapshot),
        // Where a person has to do it after all, the words for doing it say too much.
        does: if is_manual { String::new() } else { offer.does(&steps) },
        cost,
        undo,
        steps,
        evidence: if class == RemedyClass::Risky { seen() } else { String::new() },
    })
}

/// One remedy as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// How to ask for it.
    pub ask: Ask,
    /// How it is asked for.
    pub class: RemedyClass,
    /// What it does in this case, as a sentence.
    pub text: String,
    /// On what it acts, as words that follow a verb.
    pub subject: String,
    /// What it is offered for: an incident's title and id, or a server. Those of one stand together.
    pub about: String,
}

/// Everything that is offered now: incidents first, then servers, each in the order of what helps most.
#[must_use]
pub fn offered(snapshot: &Snapshot) -> Vec<Offered> {
    let ask = |offer: &Offer<'_>| Ask {
        remedy: offer.view.remedy,
        incident: offer.incident.map(|incident| incident.id.clone()),
        process: offer.view.process,
    };
    let one = |offer: Offer<'_>| Offered {
        ask: ask(&offer),
        class: offer.class(),
        text: offer.view.said.text.clone(),
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
    fn find(ask: &Ask, snapshot: &'a Snapshot) -> Result<Self, Refusal> {
        if let Some(id) = &ask.incident
            && !snapshot.incidents.iter().any(|incident| incident.id == *id)
        {
            return Err(Refusal::new(format!("no incident {id} is open"), "goplswatch fix lists what is offered now"));
        }
        let mut found = Self::all(snapshot).into_iter().filter(|offer| offer.answers(ask));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(Refusal::new(
                format!("{} is offered for more than one process", ask.remedy.word()),
                "name the process: --pid PID; goplswatch fix lists them",
            )),
            (None, _) => Err(not_offered(ask, snapshot)),
        }
    }

    /// Everything that is offered, incidents first. A server's own offers are those that no incident asked for makes.
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

    fn answers(&self, ask: &Ask) -> bool {
        let incident = self.incident.map(|incident| incident.id.as_str()) == ask.incident.as_deref();
        self.view.remedy == ask.remedy && incident && (ask.process.is_none() || ask.process == self.view.process)
    }

    /// As the table has it, or stricter: what is set in no file is for a person.
    fn class(&self) -> RemedyClass {
        let client = self.server.and_then(|server| server.server.client.known());
        match client {
            Some(client) if settings::is_by_hand(self.view.remedy, client) => RemedyClass::Manual,
            _ => self.view.class.max(self.view.remedy.class()),
        }
    }

    fn make(&self, snapshot: &'a Snapshot, site: &Site) -> Result<Made, Refusal> {
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
            _ => self.action(snapshot, site).map(Made::of),
        }
    }

    /// The gopls that is meant: the one that is named, or else the one of the incident's lineage that runs now.
    fn meant(&self, snapshot: &'a Snapshot) -> Option<&'a ServerStatus> {
        let lineage = self.incident.and_then(|incident| incident.lineage.as_ref());
        self.server.or_else(|| snapshot.servers.iter().find(|server| Some(&server.server.lineage) == lineage))
    }

    /// Whose settings or program are meant.
    fn case<'b>(&'b self, snapshot: &'b Snapshot, site: &'b Site) -> Case<'b> {
        let server = self.meant(snapshot);
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
                self.signal(Signal::Term, ms(site.patience.end))
            }
            Remedy::DumpGoroutines => self.signal(Signal::Quit, ms(site.patience.end)),
            Remedy::KillServer => self.signal(Signal::Kill, ms(site.patience.kill)),
            Remedy::CopyRestartCommand => Ok(Action::Copy { text: self.value("no restart command is known")? }),
            Remedy::CopyEvidence => {
                let id = self.incident.map(|incident| incident.id.as_str());
                Ok(Action::Copy { text: evidence(snapshot, id, site.home.as_deref()) })
            }
            Remedy::OpenWorkspace => Ok(Action::Open { shown: Shown::Folder(self.value("its folder is not known")?) }),
            Remedy::Snooze => {
                let incident = self.incident.map(|incident| incident.id.clone());
                let incident = incident.ok_or_else(|| Refusal::new("only an incident can be snoozed", MUTE))?;
                Ok(Action::Tell { intent: Intent::Snooze { incident, for_ms: HOUR_MS } })
            }
            Remedy::Mute => {
                Ok(Action::Tell { intent: Intent::Mute { workspace: self.value("its folder is not known")? } })
            }
            Remedy::ByHand | Remedy::RaiseWatchLimit => Ok(Action::Manual { text: self.view.said.text.clone() }),
            Remedy::TurnOffWatcher
            | Remedy::PollFiles
            | Remedy::ExcludeFolders
            | Remedy::LimitMemory
            | Remedy::ShareServer
            | Remedy::ReinstallNative
            | Remedy::OpenSpotlightSettings
            | Remedy::MoveModuleCache => Err(Refusal::new("it takes more than one step", MUTE)),
        }
    }

    fn signal(&self, signal: Signal, wait_ms: u64) -> Result<Action, Refusal> {
        let unknown =
            || Refusal::new("it is not known which process is meant", "name it: --pid PID; goplswatch fix lists them");
        let process = self.view.process.ok_or_else(unknown)?;
        let exe = match self.server.and_then(|server| server.server.exe.known()) {
            Some(exe) => Some(exe.clone()),
            None => exe_of(process)?,
        };
        Ok(Action::Signal { process, exe, signal, wait_ms })
    }

    fn value(&self, without: &str) -> Result<String, Refusal> {
        self.view.value.clone().ok_or_else(|| Refusal::new(without, "goplswatch fix lists what is offered now"))
    }

    /// Words that follow a verb.
    fn subject(&self, snapshot: &Snapshot) -> String {
        match (self.view.remedy, self.incident) {
            (Remedy::CopyEvidence | Remedy::Snooze, Some(incident)) => incident.id.clone(),
            (Remedy::OpenWorkspace | Remedy::Mute, _) => self.view.value.clone().unwrap_or_default(),
            (Remedy::ByHand | Remedy::RaiseWatchLimit, Some(incident)) => incident.title.clone(),
            (Remedy::OpenSpotlightSettings, _) => "Spotlight".into(),
            (Remedy::MoveModuleCache, _) => "the module cache".into(),
            _ => match (self.meant(snapshot), self.view.process) {
                (Some(server), _) => named(server),
                (None, Some(process)) if self.view.remedy == Remedy::StopOrphan => {
                    format!("go list (pid {})", process.pid)
                }
                (None, Some(process)) => format!("pid {}", process.pid),
                (None, None) => self.incident.map_or_else(|| "gopls".into(), |incident| incident.id.clone()),
            },
        }
    }

    fn about(&self, snapshot: &Snapshot) -> String {
        match (self.incident, self.server) {
            (Some(incident), _) => format!("{} ({})", incident.title, incident.id),
            (None, Some(server)) => named(server),
            (None, None) => self.subject(snapshot),
        }
    }

    /// What it does. Of what changes something it is what always holds: the words for the case may hold a time that
    /// passes or an amount that grows, and the hash must not change with it.
    fn does(&self, steps: &[Step]) -> String {
        let changes =
            |step: &Step| !matches!(step.action, Action::Copy { .. } | Action::Open { .. } | Action::Tell { .. });
        if steps.iter().any(|step| matches!(step.action, Action::Manual { .. })) || !steps.iter().any(changes) {
            return self.view.said.text.clone();
        }
        self.view.remedy.row().does.to_owned()
    }

    /// What it costs the client.
    fn cost(&self) -> String {
        let ends = matches!(
            self.view.remedy,
            Remedy::RestartServer | Remedy::KillServer | Remedy::StopDuplicate | Remedy::DumpGoroutines
        );
        let Some(server) = self.server.filter(|_| ends) else { return String::new() };
        let client = match &server.server.client {
            Reading::Known(client) => client.name.as_str(),
            Reading::Unknown { .. } => "its editor",
        };
        let after = |n: u32| match n {
            0 | 1 => format!("{client} does not start it again by itself."),
            2 => format!("{client} restarts it, this once; no restart is left after this one."),
            3 => format!("{client} restarts it; 1 restart is left after this one."),
            n => format!("{client} restarts it; {} restarts are left after this one.", n - 2),
        };
        match &server.lives_left {
            LivesLeft::Known(n) => after(*n),
            LivesLeft::AtMost(n) => format!("{} It may have fewer: not all of its life was watched.", after(*n)),
            LivesLeft::Unknown(why) => format!("Whether {client} starts it again: {why}."),
        }
    }
}

const MUTE: &str = "nothing about a whole folder: goplswatch mute FOLDER";

/// The executable of a process that the snapshot does not describe.
fn exe_of(process: ProcessKey) -> Result<Option<String>, Refusal> {
    let list = "goplswatch fix lists what is offered now";
    match Process::hold(process) {
        Reading::Known(Some(held)) => Ok(held.exe().known().cloned()),
        Reading::Known(None) => Err(Refusal::new(format!("pid {} has ended already", process.pid), list)),
        Reading::Unknown { unknown } => {
            Err(Refusal::new(format!("pid {} cannot be acted on: {unknown}", process.pid), list))
        }
    }
}

/// The identity of a server.
fn key(server: &ServerStatus) -> ProcessKey {
    ProcessKey { pid: server.server.pid, start: server.server.start }
}

/// A server's own offer: the table's words, and what the server itself tells.
fn of_server(remedy: Remedy, server: &ServerStatus) -> RemedyView {
    let value = match remedy {
        Remedy::CopyRestartCommand => server.restart_command.clone(),
        Remedy::OpenWorkspace | Remedy::Mute => server.server.workspace.known().cloned(),
        _ => None,
    };
    let said = Said { message: Message::Deed { remedy }, text: remedy.row().does.into() };
    RemedyView { remedy, class: remedy.class(), said, process: Some(key(server)), value }
}

/// "gopls (pid 4242) of VS Code in api-server".
fn named(server: &ServerStatus) -> String {
    let view = &server.server;
    let class = if view.class == ServerClass::Mcp { "gopls mcp" } else { "gopls" };
    let client = view.client.known().map(|client| format!(" of {}", client.name)).unwrap_or_default();
    let folder = view.workspace.known().map(|folder| format!(" in {}", say::folder(folder))).unwrap_or_default();
    format!("{class} (pid {}){client}{folder}", view.pid)
}

/// Why not, and what instead.
fn not_offered(ask: &Ask, snapshot: &Snapshot) -> Refusal {
    let word = ask.remedy.word();
    let server = ask.process.map(|process| snapshot.servers.iter().find(|server| key(server) == process));
    let why = match (&ask.incident, server, ask.process) {
        (Some(id), ..) => format!("{word} is not offered for {id}"),
        (None, Some(None), Some(process)) => {
            format!("no gopls that is watched has pid {} and began when it did", process.pid)
        }
        (None, Some(Some(server)), _) if ask.remedy == Remedy::RestartServer => {
            format!("{word} is not offered for {}: its editor would not start it again now", named(server))
        }
        (None, Some(Some(server)), _) => format!("{word} is not offered for {}", named(server)),
        _ => format!("{word} is not offered for anything now"),
    };
    let command = server.flatten().and_then(|server| server.restart_command.as_deref());
    let instead = match (ask.remedy, command) {
        (Remedy::RestartServer, Some(command)) => format!("restart it where it is used: {command}"),
        _ => "goplswatch fix lists what is offered now".into(),
    };
    Refusal::new(why, instead)
}
