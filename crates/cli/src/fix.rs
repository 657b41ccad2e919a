//! `goplswatch fix`: lists what is offered, shows what a fix would do, and does it when confirmed.
//!
//! stdout gets what was requested (the list, the plan, the history); stderr gets the confirmation
//! prompt and the progress. A plan is made twice: once to be shown, and again from a new scan after
//! the confirmation, which is valid only for the plan that was shown. `--yes` replaces the typed y
//! for safe plans, never for risky ones.

mod show;

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args as ClapArgs;
use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::{Code, Remedy, Snapshot, UserCommand};
use goplswatch_remedy::change::{self, Confirmation, Failed, Plan, Progress, Receipt, Refusal};
use goplswatch_remedy::clicks::{self, ChoiceError, Decision, Outcome};
use goplswatch_remedy::fix::Site;
use goplswatch_view::Phrase;
use tokio::runtime::Runtime;

use crate::client::client;
use crate::command_outcome::CommandOutcome;
use crate::explain;
use crate::failure::{Failure, hint, note, phrase, verbatim};
use crate::language::{catalogue, say, say_lines};
use crate::paths;
use crate::printer::sanitized;
use crate::runtime::runtime;
use crate::status;

#[cfg(test)]
pub(crate) use show::{History, Offers, Planned};

#[derive(Debug, ClapArgs)]
pub(crate) struct FixArgs {
    /// An incident (restart-loop-37), its kind (restart-loop) or a remedy (restart-server) [default: list what is offered]
    #[arg(conflicts_with_all = ["undo", "history"])]
    pub(crate) target: Option<String>,
    /// Which of an incident's remedies, such as copy-evidence [default: the first]
    #[arg(long, value_name = "NAME", value_parser = remedy, requires = "target")]
    pub(crate) remedy: Option<Remedy>,
    /// The process that is meant, where there are several
    #[arg(long, value_name = "PID", requires = "target")]
    pub(crate) pid: Option<u32>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask before something safe; what is risky is always asked about
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Take a fix back: the last one, or the one of this receipt
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "last", conflicts_with = "history")]
    pub(crate) undo: Option<String>,
    /// Show what was done
    #[arg(long)]
    pub(crate) history: bool,
    /// One JSON object: what is offered, the plan (with --dry-run), or the history
    #[arg(long)]
    pub(crate) json: bool,
}

fn remedy(word: &str) -> Result<Remedy, String> {
    let known = || Remedy::ALL.iter().map(|remedy| remedy.word()).collect::<Vec<_>>().join(", ");
    Remedy::parse(word).ok_or_else(|| phrase(Phrase::FixNoRemedy { known: verbatim(known()) }))
}

pub(crate) fn run(args: &FixArgs) -> Result<CommandOutcome, Failure> {
    let session = FixSession { site: paths::fix_site()?, runtime: runtime()? };
    if args.json && args.undo.is_some() {
        return Err(Failure::new(Phrase::FixUndoNoJson).hint(Phrase::FixUndoNoJsonHint));
    }
    if args.json && args.target.is_some() && !args.dry_run {
        return Err(Failure::new(Phrase::FixAsksNoJson).hint(Phrase::FixAsksNoJsonHint));
    }
    match (&args.undo, &args.target) {
        _ if args.history => {
            // Checked before the receipts are read: a fix that ends in between then has its end in
            // its receipt.
            let under_way = change::is_under_way(&session.site.change);
            show::history(change::receipts(&session.site.change), under_way, args.json)
        }
        (Some(id), _) => session.undo(id, args),
        (None, None) => {
            let (seen, why_alone) = session.snapshot()?;
            show::offers(&seen, &why_alone, args.json)
        }
        (None, Some(target)) => session.fix(target, args),
    }
}

/// The state of the command: where fixes are applied, and the runtime for requests to the agent.
struct FixSession {
    site: Site,
    runtime: Runtime,
}

impl FixSession {
    fn snapshot(&self) -> Result<(Snapshot, String), Failure> {
        let (status, why_alone) = self.runtime.block_on(status::seen())?;
        if !status.snapshot.can_see_processes() {
            return Err(Failure::new(Phrase::FixBlind).hint(Phrase::FixBlindHint).could_not_check());
        }
        Ok((status.snapshot, why_alone.map(|why| status::sentences(&why)).unwrap_or_default()))
    }

    fn fix(&self, target: &str, args: &FixArgs) -> Result<CommandOutcome, Failure> {
        let (seen, _) = self.snapshot()?;
        let chosen = clicks::choose(target, args.remedy, args.pid, &seen).map_err(unclear)?;
        let wanted = clicks::decide(&chosen, &seen, &self.site).map_err(|refusal| {
            // If the user named only an incident, the program chose the remedy: then the other
            // offers are suggested.
            let named = args.remedy.is_some() || Remedy::parse(target).is_some();
            let others = if named { Vec::new() } else { clicks::alternatives(&seen, &chosen) };
            others.iter().fold(refused(&refusal), |failure, other| failure.hint(sanitized(&show::instead(other))))
        })?;
        let plan = wanted.plan();
        show::plan(plan, args.json)?;
        if args.dry_run {
            return Ok(CommandOutcome::Nothing);
        }
        if let Decision::Manual(_) = wanted {
            return show::other_offers(&seen, &chosen);
        }
        let code = plan.incident.as_ref().and_then(|id| seen.incidents.iter().find(|i| i.id == *id)).map(|i| i.code);
        confirm(Phrase::FixApply, plan.class, args.yes, || explanation(code, plan))?;
        // The confirmation holds for the plan that was shown; the plan to apply is made from the
        // current state.
        let yes = Confirmation { plan: plan.hash() };
        let (seen, why_alone) = self.snapshot()?;
        let plan = clicks::replan(plan, &chosen, &seen, &self.site).map_err(|refusal| refused(&refusal))?;
        let receipt = change::apply(
            &plan,
            Some(&yes),
            &self.site.change,
            &mut |user_command| self.tell(user_command),
            &mut print_progress,
        )
        .map_err(|failed| stopped(&failed))?;
        print_notes(&receipt.notes);
        note(&after(&receipt, why_alone.is_empty()));
        Ok(CommandOutcome::Nothing)
    }

    fn undo(&self, id: &str, args: &FixArgs) -> Result<CommandOutcome, Failure> {
        let site = &self.site.change;
        let receipt = match id {
            "last" => clicks::latest_undoable(site, None).ok_or_else(nothing_to_undo)?,
            id => change::read(site, id).map_err(|refusal| refused(&refusal))?,
        };
        undo_receipt(&receipt, site, args.dry_run, args.yes, &mut |user_command| self.tell(user_command))
    }

    fn tell(&self, user_command: &UserCommand) -> Result<(), Message> {
        let done = self.runtime.block_on(client().submit(user_command)).map_err(|error| error.message())?;
        if let Some(lost) = done.hint {
            hint(lost);
        }
        Ok(())
    }
}

/// Shows what undo would do, and does it when confirmed.
pub(crate) fn undo_receipt(
    receipt: &Receipt,
    site: &change::Site,
    dry_run: bool,
    yes: bool,
    announce: clicks::Announce<'_>,
) -> Result<CommandOutcome, Failure> {
    let shown = change::undo_preview(receipt, site, &say).map_err(|refusal| refused(&refusal))?;
    show::print(&show::page(&shown))?;
    if dry_run {
        return Ok(CommandOutcome::Nothing);
    }
    confirm(Phrase::FixUndo, RemedyClass::Safe, yes, || show::page(&receipt.plan.preview(&say)))?;
    let receipt = change::undo(&receipt.id, site, announce, &mut print_progress).map_err(|failed| stopped(&failed))?;
    print_notes(&receipt.notes);
    note(&phrase(Phrase::FixUndone { receipt: verbatim(&receipt.id) }));
    Ok(CommandOutcome::Nothing)
}

pub(crate) fn nothing_to_undo() -> Failure {
    Failure::new(Phrase::FixNoUndo).hint(Phrase::FixNoUndoHint)
}

/// Requires a typed y, or `--yes` where that is enough.
fn confirm(question: Phrase, class: RemedyClass, yes: bool, explain: impl Fn() -> String) -> Result<(), Failure> {
    let risky = class != RemedyClass::Safe;
    if yes && !risky {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        let how = if risky { Phrase::FixRiskyHint } else { Phrase::FixSafeHint };
        return Err(Failure::new(Phrase::FixNobodyThere).hint(how));
    }
    let question = phrase(question);
    loop {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "\n{question} [y/N/e] ").and_then(|()| err.flush());
        drop(err);
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" if read.is_ok() => return Ok(()),
            "e" | "E" if read.is_ok() => note(&explain()),
            _ => return Err(Failure::new(Phrase::FixNotDone)),
        }
    }
}

/// The explanation for the `e` answer: the page of the incident's kind, or of the remedy.
fn explanation(code: Option<Code>, plan: &Plan) -> String {
    match (code, plan.remedy()) {
        (Some(code), _) => explain::page(code),
        (None, Some(remedy)) => catalogue().remedy_effect(remedy),
        (None, None) => plan.does.as_ref().map(|does| say(&does.message)).unwrap_or_default(),
    }
}

/// Reports each step as it happens.
fn print_progress(progress: &Progress<'_>) {
    match progress {
        Progress::Begins(receipt) => note(&format!("{}:", receipt.id)),
        Progress::StepBegins { n, step } => note(&sanitized(&format!("{n:>3}. {}", say(&step.words())))),
        Progress::StepEnds { said, .. } => note(&sanitized(&format!("     {}", say(said)))),
    }
}

fn print_notes(notes: &[MessageText]) {
    for said in notes {
        note(&sanitized(&say(&Message::PlanNote { note: said.message.clone() })));
    }
}

/// What to say after a fix: what is monitored now, and how to see or undo it.
fn after(receipt: &Receipt, agent: bool) -> String {
    let can_be_undone = receipt.plan.remedy().is_some_and(|remedy| remedy.row().undoable);
    said_after(&receipt.id, &clicks::outcome(&receipt.plan), can_be_undone, agent)
}

fn said_after(id: &str, outcome: &Outcome, can_be_undone: bool, agent: bool) -> String {
    let receipt = || verbatim(id);
    let done = phrase(match (outcome, agent) {
        (Outcome::Waits { .. }, true) => Phrase::FixDoneWaitsWatched,
        (Outcome::Waits { .. }, false) => Phrase::FixDoneWaits,
        (Outcome::Watched, true) => Phrase::FixDoneWatched { receipt: receipt() },
        (Outcome::Watched, false) => Phrase::FixDoneUnwatched,
        (Outcome::CommandCopied(_) | Outcome::EvidenceCopied | Outcome::Done, _) => Phrase::FixDone,
    });
    if can_be_undone && !matches!(outcome, Outcome::Watched) {
        return format!("{done} {}", phrase(Phrase::FixBack { receipt: receipt() }));
    }
    done
}

fn unclear(unclear: ChoiceError) -> Failure {
    let failure = Failure::new(say(&unclear.why));
    unclear.hints.iter().fold(failure, |failure, hint| failure.hint(sanitized(&say(hint))))
}

fn refused(refusal: &Refusal) -> Failure {
    Failure::new(sanitized(&say(&refusal.why))).hint(sanitized(&say_lines(&refusal.instead)))
}

/// The failure that stopped a fix, as the user reads it. A failed step counts as a problem that was
/// found, not as a wrong command.
fn stopped(failed: &Failed) -> Failure {
    let failure = Failure::new(sanitized(&say(&failed.why()))).hint(sanitized(&say_lines(failed.advice())));
    match failed.receipt() {
        None => failure,
        Some(receipt) => {
            print_notes(&receipt.notes);
            failure.problem()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_start_is_not_said_to_work_already() {
        let waits = Outcome::Waits { is_setting: true };
        for (outcome, undo, agent, said) in [
            (&waits, true, true, "then the agent watches whether it helped. goplswatch fix --undo fix-1"),
            (&waits, true, false, "it takes effect then. goplswatch fix --undo fix-1 takes it back."),
            (&waits, false, false, "Done. Restart gopls in its editor: it takes effect then."),
            (&Outcome::Watched, false, true, "Done. The agent watches now whether it helped; goplswatch fix --history"),
            (&Outcome::Done, true, true, "Done. goplswatch fix --undo fix-1 takes it back."),
            (&Outcome::EvidenceCopied, false, true, "Done."),
        ] {
            let text = said_after("fix-1", outcome, undo, agent);
            assert!(text.contains(said), "{outcome:?}: {text}");
            assert_eq!(text.contains("--undo"), undo, "{outcome:?}: {text}");
        }
    }
}
