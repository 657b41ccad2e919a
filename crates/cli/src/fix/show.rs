//! The stdout output of `fix`: the list, the plan, the history.

use std::io::Write as _;

use goplswatch_core::json;
use goplswatch_core::message::{Count, Message, MessageText, Text};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Remedy, Snapshot};
use goplswatch_remedy::change::{Plan, Receipt, ReceiptEntry, Stage, State, StepRecord};
use goplswatch_remedy::clicks::{self, command};
use goplswatch_remedy::fix::{Offered, Request, offered};
use goplswatch_view::Phrase;
use serde::Serialize;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, phrase, verbatim};
use crate::language::{catalogue, render, say};
use crate::printer::sanitized;
use crate::times;

/// `fix --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Offers {
    /// Everything that is offered now, the most helpful first.
    offers: Vec<Offer>,
}

/// One remedy that is offered.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Offer {
    #[serde(flatten)]
    ask: Request,
    /// Its class, which decides how it is confirmed: `safe`, `risky` or `manual`.
    class: RemedyClass,
    /// What it acts on.
    subject: MessageText,
    /// What it does in this case.
    #[serde(flatten)]
    said: MessageText,
    /// The command that shows its plan and asks for confirmation.
    command: String,
}

/// `fix --dry-run --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Planned {
    /// Identifies exactly this plan.
    hash: String,
    /// The plan.
    plan: Plan,
}

/// `fix --history --json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct History {
    /// The fixes that were done, the latest first.
    receipts: Vec<ReceiptEntry>,
}

pub(super) fn print(text: &str) -> Result<(), Failure> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))
}

/// Sanitizes text that may contain lines of files: keeps their tabs (as spaces) and line ends
/// readable.
pub(super) fn page(text: &str) -> String {
    sanitized(&text.replace("\r\n", "\n").replace('\t', "    "))
}

fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = json::to_string(value).map_err(|e| Failure::json(&e))?;
    print(&(text + "\n"))
}

/// Prints what is offered now: for incidents first, then for servers.
pub(super) fn offers(seen: &Snapshot, why_alone: &str, as_json: bool) -> Result<CommandOutcome, Failure> {
    let all = offered(seen);
    if as_json {
        let offers = all.into_iter().map(|offer| {
            let (mut subject, mut said) =
                (MessageText::from(offer.subject.clone()), MessageText::from(offer.does.clone()));
            render(&mut subject);
            render(&mut said);
            Offer { command: command(&offer), class: offer.class, subject, said, ask: offer.request }
        });
        return json(&Offers { offers: offers.collect() }).map(|()| CommandOutcome::Nothing);
    }
    let mut text = String::new();
    let mut head = None;
    for offer in &all {
        if head != Some(&offer.about) {
            let gap = if head.is_some() { "\n" } else { "" };
            text.push_str(&format!("{gap}{}\n", say(&offer.about)));
            head = Some(&offer.about);
        }
        let what = if offer.request.remedy == Remedy::ByHand { say(&offer.does) } else { title(offer) };
        text.push_str(&format!("  {:<6} {what}\n         {}\n", class(offer.class), command(offer)));
    }
    if all.is_empty() {
        text.push_str(&format!("{}\n", phrase(Phrase::FixNoneOffered)));
    }
    if !why_alone.is_empty() {
        text.push_str(&format!("\n{why_alone}\n"));
    }
    print(&sanitized(&text)).map(|()| CommandOutcome::Nothing)
}

pub(super) fn plan(plan: &Plan, as_json: bool) -> Result<(), Failure> {
    if !as_json {
        return print(&page(&plan.preview(&say)));
    }
    let (hash, mut plan) = (plan.hash(), plan.clone());
    plan.each_said(&mut render);
    json(&Planned { hash, plan })
}

/// The word for a class of remedies.
fn class(class: RemedyClass) -> String {
    say(&Message::of_class(class))
}

/// The title of an offer, with the pid that it acts on.
fn title(offer: &Offered) -> String {
    let title = catalogue().remedy(offer.request.remedy);
    match offer.request.process {
        Some(process) => {
            catalogue().phrase(&Phrase::OfProcess { title: Text(title), pid: Count::new(process.pid.0.into()) })
        }
        None => title,
    }
}

/// An alternative offer on one line, for when the chosen one cannot be done.
pub(super) fn instead(offer: &Offered) -> String {
    match offer.request.remedy {
        Remedy::ByHand => say(&offer.does),
        _ => format!("{}: {}", title(offer), command(offer)),
    }
}

/// Prints what else is offered for the same incident, after the instructions for the user.
pub(super) fn other_offers(seen: &Snapshot, chosen: &Request) -> Result<CommandOutcome, Failure> {
    let line = |o: &Offered| format!("  {:<6} {}\n         {}\n", class(o.class), title(o), command(o));
    let lines: String = clicks::other_offers(seen, chosen).iter().map(line).collect();
    let head = if lines.is_empty() { String::new() } else { format!("\n{}\n", phrase(Phrase::FixBeside)) };
    print(&sanitized(&format!("{head}{lines}"))).map(|()| CommandOutcome::Nothing)
}

/// Prints the history. `under_way`: a fix is being applied or undone right now. A receipt without
/// an end is that fix only if no later one began.
pub(super) fn history(
    mut receipts: Vec<ReceiptEntry>,
    under_way: bool,
    as_json: bool,
) -> Result<CommandOutcome, Failure> {
    if as_json {
        receipts.iter_mut().for_each(|kept| kept.each_said(&mut render));
        return json(&History { receipts }).map(|()| CommandOutcome::Nothing);
    }
    let mut text = String::new();
    for (i, kept) in receipts.iter().enumerate() {
        match kept {
            ReceiptEntry::Receipt(receipt) => {
                text.push_str(&entry(receipt, under_way && i == 0 && receipt.state == State::Begun));
            }
            ReceiptEntry::Unreadable { id, why } => {
                let why = Text(say(&why.message));
                text.push_str(&format!("{}\n", phrase(Phrase::FixReceiptUnread { receipt: verbatim(id), why })));
            }
        }
    }
    if receipts.is_empty() {
        text.push_str(&format!("{}\n", phrase(Phrase::FixNothingYet)));
    }
    print(&sanitized(&text)).map(|()| CommandOutcome::Nothing)
}

fn entry(receipt: &Receipt, under_way: bool) -> String {
    let at = receipt.at.parse::<jiff::Timestamp>().map_or_else(
        |_| receipt.at.clone(),
        |stamp| stamp.to_zoned(times::zone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    );
    let came = if under_way { phrase(Phrase::FixUnderWay) } else { say(&receipt.progress()) };
    let mut text = format!("{}  {at}  {}\n  {}\n", receipt.id, say(&receipt.plan.title()), came);
    // The line above already says why a step failed, and that it was done.
    let says_more = |step: &&StepRecord| step.stage != Stage::Failed;
    for said in receipt.steps.iter().filter(says_more).filter_map(|step| step.said.as_ref()) {
        // In receipts up to format 1 the word "done" was stored here in English.
        let is_plain = match &*said.message {
            Message::Recorded { text } => text.0 == "done",
            message => *message == Message::DidDone,
        };
        if !is_plain {
            text.push_str(&format!("  {}\n", say(&said.message)));
        }
    }
    if let Some(judged) = &receipt.judged {
        let what = Text(say(&judged.said.message));
        let helped = match judged.helped {
            Some(true) => Phrase::FixHelped { what },
            Some(false) => Phrase::FixHelpedNot { what },
            None => Phrase::FixHelpedUnseen { what },
        };
        text.push_str(&format!("  {}\n", phrase(helped)));
    }
    for note in &receipt.notes {
        text.push_str(&format!("  {}\n", say(&note.message)));
    }
    text
}
