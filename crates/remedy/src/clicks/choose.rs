//! Resolves what was typed to one offer, and gives the command that names an offer.

use goplswatch_core::event::IncidentView;
use goplswatch_core::message::{Message, SharedMessage};
use goplswatch_core::{Code, Remedy, Snapshot};

use crate::fix::{Offered, Request, offered};
use crate::said::{count, verbatim};

/// Why it is not clear which offer is meant, or why none is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceError {
    /// The reason, as a fragment that begins lowercase.
    pub why: SharedMessage,
    /// What to do or type instead: one line or several.
    pub hints: Vec<Message>,
}

impl ChoiceError {
    fn new(why: Message, hint: Message) -> Self {
        Self { why: SharedMessage::new(why), hints: vec![hint] }
    }
}

/// The one offer that is named by an incident, a kind of incident or a remedy.
///
/// # Errors
/// If there is none, or more than one.
pub fn choose(target: &str, remedy: Option<Remedy>, pid: Option<u32>, seen: &Snapshot) -> Result<Request, ChoiceError> {
    let named = Remedy::parse(target);
    if let (Some(named), Some(other)) = (named, remedy)
        && named != other
    {
        let why = Message::TwoRemedies { one: verbatim(named.word()), other: verbatim(other.word()) };
        return Err(ChoiceError { why: SharedMessage::new(why), hints: Vec::new() });
    }
    let remedy = named.or(remedy);
    let mut found = offered(seen);
    if named.is_none() {
        let id = incident(target, pid, seen)?;
        found.retain(|offer| offer.request.incident.as_ref() == Some(&id));
    }
    found.retain(|offer| remedy.is_none_or(|remedy| offer.request.remedy == remedy));
    found.retain(|offer| pid.is_none_or(|pid| offer.request.process.is_some_and(|process| process.pid.0 == pid)));
    let Some(first) = found.first() else { return Err(nothing(target, remedy, pid)) };
    // The same process may be offered for an incident and by itself. The incident comes first: its
    // end can be observed.
    let meant: Vec<&Offered> = found.iter().filter(|offer| offer.request.remedy == first.request.remedy).collect();
    if meant.iter().any(|offer| offer.request.process != first.request.process || is_of_another(offer, first)) {
        // The same remedy may help against several incidents.
        let mut hints: Vec<Message> = Vec::new();
        for offer in meant {
            let subject = SharedMessage::new(offer.subject.clone());
            let line = Message::CommandOf { command: verbatim(&command(offer)), subject };
            if !hints.contains(&line) {
                hints.push(line);
            }
        }
        return Err(ChoiceError {
            why: SharedMessage::new(Message::OfferedMore { remedy: verbatim(first.request.remedy.word()) }),
            hints,
        });
    }
    Ok(first.request.clone())
}

/// Without a process, offers for different incidents are distinct; with a process, the process
/// alone decides.
fn is_of_another(offer: &Offered, first: &Offered) -> bool {
    first.request.process.is_none() && offer.request.incident != first.request.incident
}

/// The id of the open incident with this id or of this kind; of several, the one that acts on this
/// process.
fn incident(target: &str, pid: Option<u32>, seen: &Snapshot) -> Result<String, ChoiceError> {
    if seen.incidents.iter().any(|incident| incident.id == target) {
        return Ok(target.to_owned());
    }
    let code = Code::parse(target);
    let mut open: Vec<&IncidentView> = seen.incidents.iter().filter(|i| Some(i.code) == code).collect();
    if let (Some(pid), true) = (pid, open.len() > 1) {
        open.retain(|i| i.remedies.iter().any(|remedy| remedy.process.is_some_and(|process| process.pid.0 == pid)));
    }
    let of_code: Vec<&str> = open.into_iter().map(|incident| incident.id.as_str()).collect();
    match (of_code.as_slice(), code) {
        ([one], _) => Ok((*one).to_owned()),
        ([], Some(code)) => {
            let code = verbatim(code.word());
            Err(ChoiceError::new(Message::CodeNotOpen { code: code.clone() }, Message::DoExplain { code }))
        }
        ([], None) => {
            Err(ChoiceError::new(Message::NoTarget { target: verbatim(&format!("{target:?}")) }, Message::DoFixLists))
        }
        (several, _) => {
            let incidents = verbatim(&several.join(", "));
            Err(ChoiceError::new(Message::SeveralOpen { incidents }, Message::DoNameOne))
        }
    }
}

fn nothing(target: &str, remedy: Option<Remedy>, pid: Option<u32>) -> ChoiceError {
    let named = Remedy::parse(target).is_none().then(|| Message::ForTarget { target: verbatim(target) }).into();
    let process = pid.map(|pid| Message::ForPid { pid: count(pid) }).into();
    let why = match remedy {
        Some(remedy) => Message::NotOffered { remedy: verbatim(remedy.word()), target: named, process },
        None => Message::NothingOffered { target: named, process },
    };
    ChoiceError::new(why, Message::DoFixListsWhatIs)
}

/// The command that requests an offer.
#[must_use]
pub fn command(offer: &Offered) -> String {
    let remedy = offer.request.remedy.word();
    match (&offer.request.incident, offer.request.process) {
        (Some(id), None) => format!("goplswatch fix {id} --remedy {remedy}"),
        (_, Some(process)) => format!("goplswatch fix {remedy} --pid {}", process.pid),
        (None, None) => format!("goplswatch fix {remedy}"),
    }
}

/// The other remedies that are offered for the same incident.
#[must_use]
pub fn other_offers(seen: &Snapshot, chosen: &Request) -> Vec<Offered> {
    let of_same = |o: &Offered| o.request.incident == chosen.incident && o.request.remedy != chosen.remedy;
    offered(seen).into_iter().filter(of_same).collect()
}

/// The remedies that would help against the same incident, if this one cannot be carried out.
#[must_use]
pub fn alternatives(seen: &Snapshot, chosen: &Request) -> Vec<Offered> {
    let helps = |o: &Offered| {
        !matches!(o.request.remedy, Remedy::CopyEvidence | Remedy::OpenWorkspace | Remedy::Snooze | Remedy::Mute)
    };
    other_offers(seen, chosen).into_iter().filter(helps).collect()
}

#[cfg(test)]
mod tests {
    use goplswatch_core::event::RemedyView;
    use goplswatch_core::message::Message;
    use goplswatch_core::{Pid, ProcessKey};

    use super::*;

    fn incident(code: Code, n: u64, remedies: &[Remedy]) -> IncidentView {
        let offer = |remedy: &Remedy| RemedyView {
            remedy: *remedy,
            class: remedy.class(),
            said: Message::reported("Update gopls.").into(),
            process: matches!(remedy, Remedy::ExcludeFolders | Remedy::LimitMemory)
                .then_some(ProcessKey { pid: Pid(7 + u32::try_from(n / 10).unwrap()), start: 1 }),
            value: None,
        };
        IncidentView {
            id: format!("{}-{n}", code.word()),
            code,
            severity: code.row().severity,
            title: code.word().into(),
            client: None,
            said: Message::reported("").into(),
            lineage: None,
            workspace: None,
            evidence: Vec::new(),
            causes: Vec::new(),
            lives_left: None,
            remedies: remedies.iter().map(offer).collect(),
            receipt: None,
            closed_because: None,
        }
    }

    #[test]
    fn where_the_first_cannot_be_done_the_others_are_named() {
        use Remedy::{ByHand, CopyEvidence, ExcludeFolders, LimitMemory, Mute, Snooze};
        let offers = [ExcludeFolders, LimitMemory, ByHand, CopyEvidence, Snooze, Mute];
        let seen = Snapshot { incidents: vec![incident(Code::RunawayMemory, 4, &offers)], ..Snapshot::default() };
        let chosen = choose("runaway-memory", None, None, &seen).unwrap();
        assert_eq!(chosen.remedy, ExcludeFolders);
        let others = alternatives(&seen, &chosen);
        assert_eq!(others.iter().map(|offer| offer.request.remedy).collect::<Vec<_>>(), [LimitMemory, ByHand]);
        assert_eq!(command(&others[0]), "goplswatch fix limit-memory --pid 7");
        assert_eq!(others[1].does, Message::reported("Update gopls."));
    }

    #[test]
    fn of_several_of_a_kind_the_process_names_one() {
        let incidents = [4, 14].map(|n| incident(Code::RunawayMemory, n, &[Remedy::ExcludeFolders, Remedy::ByHand]));
        let seen = Snapshot { incidents: incidents.into(), ..Snapshot::default() };
        let of = |pid| choose("runaway-memory", None, pid, &seen).map(|ask| ask.incident);
        assert!(of(None).is_err() && of(Some(9)).is_err());
        assert_eq!(of(Some(8)).unwrap().as_deref(), Some("runaway-memory-14"));
    }

    #[test]
    fn what_helps_against_two_things_is_named_once() {
        let incidents = [(Code::RunawayMemory, 4), (Code::RunawayCpu, 5), (Code::RunawayMemory, 14)];
        let incidents = incidents.map(|(code, n)| incident(code, n, &[Remedy::ExcludeFolders])).into();
        let seen = Snapshot { incidents, ..Snapshot::default() };
        let failure = format!("{:?}", choose("exclude-folders", None, None, &seen).unwrap_err());
        assert_eq!((failure.matches("--pid 7\"").count(), failure.matches("--pid 8\"").count()), (1, 1), "{failure}");
    }
}
