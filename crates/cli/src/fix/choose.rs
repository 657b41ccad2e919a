//! From what was typed to one offer.

use goplswatch_core::event::IncidentView;
use goplswatch_core::{Code, Remedy, Snapshot};
use goplswatch_remedy::fix::{Ask, Offered, offered};

use super::show::command;
use crate::failure::Failure;
use crate::printer::calm;

/// The one offer that is meant by an incident, a kind of incident or a remedy.
pub(super) fn ask(target: &str, remedy: Option<Remedy>, pid: Option<u32>, seen: &Snapshot) -> Result<Ask, Failure> {
    let named = Remedy::parse(target);
    if let (Some(named), Some(other)) = (named, remedy)
        && named != other
    {
        return Err(Failure::new(format!("{} and {} are two remedies", named.word(), other.word())));
    }
    let remedy = named.or(remedy);
    let mut found = offered(seen);
    if named.is_none() {
        let id = incident(target, pid, seen)?;
        found.retain(|offer| offer.ask.incident.as_ref() == Some(&id));
    }
    found.retain(|offer| remedy.is_none_or(|remedy| offer.ask.remedy == remedy));
    found.retain(|offer| pid.is_none_or(|pid| offer.ask.process.is_some_and(|process| process.pid.0 == pid)));
    let Some(first) = found.first() else { return Err(nothing(target, remedy, pid)) };
    // The same process may be offered for an incident and by itself: the incident comes first, and its end is seen.
    let meant: Vec<&Offered> = found.iter().filter(|offer| offer.ask.remedy == first.ask.remedy).collect();
    if meant.iter().any(|offer| offer.ask.process != first.ask.process || is_of_another(offer, first)) {
        let mut failure = Failure::new(format!("{} is offered more than once", first.ask.remedy.word()));
        // The same may help against several incidents.
        let mut said: Vec<String> = Vec::new();
        for line in meant.into_iter().map(|offer| calm(&format!("{}   {}", command(offer), offer.subject))) {
            if !said.contains(&line) {
                said.push(line.clone());
                failure = failure.hint(line);
            }
        }
        return Err(failure);
    }
    Ok(first.ask.clone())
}

/// Without a process, what is meant are two incidents; with one, it is the process.
fn is_of_another(offer: &Offered, first: &Offered) -> bool {
    first.ask.process.is_none() && offer.ask.incident != first.ask.incident
}

/// The id of the one open incident of this id or kind; of several the one that acts on this process.
fn incident(target: &str, pid: Option<u32>, seen: &Snapshot) -> Result<String, Failure> {
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
        ([], Some(code)) => Err(Failure::new(format!("no {} is open, so there is nothing to fix", code.word()))
            .hint(format!("what it is and what helps: goplswatch explain {}", code.word()))),
        ([], None) => Err(Failure::new(format!("{target:?} is no open incident, no kind of one and no remedy"))
            .hint("goplswatch fix lists what is offered now")),
        (several, _) => {
            Err(Failure::new(format!("there are several of them: {}", several.join(", "))).hint("name one of them"))
        }
    }
}

fn nothing(target: &str, remedy: Option<Remedy>, pid: Option<u32>) -> Failure {
    let what = remedy.map_or("nothing", Remedy::word);
    let of = if Remedy::parse(target).is_some() { String::new() } else { format!(" for {target}") };
    let whose = pid.map_or_else(String::new, |pid| format!(" for pid {pid}"));
    let not = if remedy.is_some() { " is not" } else { " is" };
    Failure::new(format!("{what}{not} offered{of}{whose} now")).hint("goplswatch fix lists what is")
}
