//! What `fix` prints to stdout: the list, the plan, the history.

use std::io::Write as _;

use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Remedy, Snapshot};
use goplswatch_remedy::fix::{Ask, Kept, Offered, Plan, Receipt, Stage, State, offered};
use serde::Serialize;

use crate::failure::Failure;
use crate::found::Found;
use crate::printer::calm;

/// `fix --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Offers {
    /// Everything that is offered now, what helps most first.
    offers: Vec<Offer>,
}

/// One remedy that is offered.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Offer {
    #[serde(flatten)]
    ask: Ask,
    /// How it is asked for: `safe`, `risky` or `manual`.
    class: RemedyClass,
    /// On what it acts.
    subject: String,
    /// What it does in this case.
    text: String,
    /// The command that shows its plan and asks.
    command: String,
}

/// `fix --dry-run --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Planned {
    /// What names this very plan.
    hash: String,
    /// The plan.
    plan: Plan,
}

/// `fix --history --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct History {
    /// What was done, the last first.
    receipts: Vec<Kept>,
}

/// The command that asks for an offer.
pub(super) fn command(offer: &Offered) -> String {
    let remedy = offer.ask.remedy.word();
    match (&offer.ask.incident, offer.ask.process) {
        (Some(id), None) => format!("goplswatch fix {id} --remedy {remedy}"),
        (_, Some(process)) => format!("goplswatch fix {remedy} --pid {}", process.pid),
        (None, None) => format!("goplswatch fix {remedy}"),
    }
}

pub(super) fn print(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))
}

/// Text in which lines of files may stand: their tabs and line ends are nothing to be hidden.
pub(super) fn page(text: &str) -> String {
    calm(&text.replace("\r\n", "\n").replace('\t', "    "))
}

fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|e| Failure::new(format!("could not write JSON: {e}")))?;
    print(&(text + "\n"))
}

/// What is offered now: incidents first, then servers.
pub(super) fn offers(seen: &Snapshot, why_alone: &str, as_json: bool) -> Result<Found, Failure> {
    let all = offered(seen);
    if as_json {
        let offers = all.into_iter().map(|offer| Offer {
            command: command(&offer),
            class: offer.class,
            subject: offer.subject,
            text: offer.text,
            ask: offer.ask,
        });
        return json(&Offers { offers: offers.collect() }).map(|()| Found::Nothing);
    }
    let mut text = String::new();
    let mut head = None;
    for offer in &all {
        if head != Some(offer.about.as_str()) {
            let gap = if head.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", offer.about));
            head = Some(offer.about.as_str());
        }
        let what = if offer.ask.remedy == Remedy::ByHand { offer.text.clone() } else { title(offer) };
        text.push_str(&format!("  {:<6} {what}\n         {}\n", offer.class.word(), command(offer)));
    }
    if all.is_empty() {
        text.push_str("Nothing is offered: nothing is wrong, and no gopls is running.\n");
    }
    if !why_alone.is_empty() {
        text.push_str(&format!("\n{why_alone}\n"));
    }
    print(&calm(&text)).map(|()| Found::Nothing)
}

fn title(offer: &Offered) -> String {
    let title = offer.ask.remedy.row().title.trim_end_matches('…');
    match offer.ask.process {
        Some(process) => format!("{title} (pid {})", process.pid),
        None => title.to_owned(),
    }
}

pub(super) fn plan(plan: &Plan, as_json: bool) -> Result<(), Failure> {
    if as_json { json(&Planned { hash: plan.hash(), plan: plan.clone() }) } else { print(&page(&plan.preview())) }
}

/// What else is offered for the same incident, behind what a person has to do.
pub(super) fn beside(seen: &Snapshot, chosen: &Ask) -> Result<Found, Failure> {
    let others =
        offered(seen).into_iter().filter(|o| o.ask.incident == chosen.incident && o.ask.remedy != chosen.remedy);
    let lines: String =
        others.map(|o| format!("  {:<6} {}\n         {}\n", o.class.word(), title(&o), command(&o))).collect();
    let head = if lines.is_empty() { "" } else { "\nBeside that\n" };
    print(&calm(&format!("{head}{lines}"))).map(|()| Found::Nothing)
}

/// What else would help against the same incident, where this cannot be done: a line each.
pub(super) fn instead(seen: &Snapshot, chosen: &Ask) -> Vec<String> {
    let helps = |remedy: Remedy| {
        remedy != chosen.remedy
            && !matches!(remedy, Remedy::CopyEvidence | Remedy::OpenWorkspace | Remedy::Snooze | Remedy::Mute)
    };
    let others = offered(seen).into_iter().filter(|o| o.ask.incident == chosen.incident && helps(o.ask.remedy));
    let said = |o: Offered| match o.ask.remedy {
        Remedy::ByHand => o.text,
        _ => format!("{}: {}", title(&o), command(&o)),
    };
    others.map(|o| calm(&said(o))).collect()
}

/// `under_way`: a fix is being applied or taken back now. One that has no end yet is that if no other one began since.
pub(super) fn history(receipts: Vec<Kept>, under_way: bool, as_json: bool) -> Result<Found, Failure> {
    if as_json {
        return json(&History { receipts }).map(|()| Found::Nothing);
    }
    let mut text = String::new();
    for (i, kept) in receipts.iter().enumerate() {
        match kept {
            Kept::Receipt(receipt) => {
                text.push_str(&entry(receipt, under_way && i == 0 && receipt.state == State::Begun));
            }
            Kept::Unreadable { id, why } => text.push_str(&format!("{id}  cannot be read: {why}\n")),
        }
    }
    if receipts.is_empty() {
        text.push_str("Nothing was done yet.\n");
    }
    print(&calm(&text)).map(|()| Found::Nothing)
}

fn entry(receipt: &Receipt, under_way: bool) -> String {
    let at = receipt.at.parse::<jiff::Timestamp>().map_or_else(
        |_| receipt.at.clone(),
        |stamp| stamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    );
    let came = if under_way { "under way".to_owned() } else { receipt.came() };
    let mut text = format!("{}  {at}  {}\n  {}\n", receipt.id, receipt.plan.title(), came);
    // Why it failed stands in the line above.
    for step in receipt.steps.iter().filter(|step| step.stage != Stage::Failed && !step.said.is_empty()) {
        text.push_str(&format!("  {}\n", step.said));
    }
    if let Some(judged) = &receipt.judged {
        let helped = match judged.helped {
            Some(true) => "helped",
            Some(false) => "did not help",
            None => "not seen whether it helped",
        };
        text.push_str(&format!("  {helped}: {}\n", judged.said));
    }
    for note in &receipt.notes {
        text.push_str(&format!("  {note}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use goplswatch_core::event::IncidentView;
    use goplswatch_core::message::{Message, Said, Title};
    use goplswatch_core::remedy::RemedyView;
    use goplswatch_core::{Code, Pid, ProcessKey};

    use super::*;
    use crate::fix::choose;
    use crate::language::words;

    fn incident(code: Code, n: u64, remedies: &[Remedy]) -> IncidentView {
        let offer = |remedy: &Remedy| RemedyView {
            remedy: *remedy,
            class: remedy.class(),
            said: Said { message: Message::reported("Update gopls."), text: "Update gopls.".into() },
            process: matches!(remedy, Remedy::ExcludeFolders | Remedy::LimitMemory)
                .then_some(ProcessKey { pid: Pid(7 + u32::try_from(n / 10).unwrap()), start: 1 }),
            value: None,
        };
        IncidentView {
            id: format!("{}-{n}", code.word()),
            code,
            severity: code.row().severity,
            title: words().title(&Title { code, client: None }),
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
        let chosen = choose::ask("runaway-memory", None, None, &seen).unwrap();
        assert_eq!(chosen.remedy, ExcludeFolders);
        assert_eq!(
            instead(&seen, &chosen),
            ["Limit the Memory of gopls (pid 7): goplswatch fix limit-memory --pid 7", "Update gopls."]
        );
    }

    #[test]
    fn of_several_of_a_kind_the_process_names_one() {
        let incidents = [4, 14].map(|n| incident(Code::RunawayMemory, n, &[Remedy::ExcludeFolders, Remedy::ByHand]));
        let seen = Snapshot { incidents: incidents.into(), ..Snapshot::default() };
        let of = |pid| choose::ask("runaway-memory", None, pid, &seen).map(|ask| ask.incident);
        assert!(of(None).is_err() && of(Some(9)).is_err());
        assert_eq!(of(Some(8)).unwrap().as_deref(), Some("runaway-memory-14"));
    }

    #[test]
    fn what_helps_against_two_things_is_named_once() {
        let incidents = [(Code::RunawayMemory, 4), (Code::RunawayCpu, 5), (Code::RunawayMemory, 14)];
        let incidents = incidents.map(|(code, n)| incident(code, n, &[Remedy::ExcludeFolders])).into();
        let seen = Snapshot { incidents, ..Snapshot::default() };
        let failure = format!("{:?}", choose::ask("exclude-folders", None, None, &seen).unwrap_err());
        assert_eq!((failure.matches("--pid 7 ").count(), failure.matches("--pid 8 ").count()), (1, 1), "{failure}");
    }
}
