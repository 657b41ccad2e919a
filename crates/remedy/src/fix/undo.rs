//! Takes a fix back, from its receipt alone: the steps that were done, in reverse order.
//!
//! A step that was begun and is not known to be done is judged by its file: what it says now is what it said before,
//! what the step would have written, or neither. Only a file that says what the fix left is written, so nothing that
//! anybody did since is lost. All files are looked at before the first is touched: undo does everything or refuses.

use std::time::Duration;

use goplswatch_core::{Intent, shell};

use super::apply::{Failed, Progress, StepFailed};
use super::plan::{Change, Step};
use super::receipt::{Lock, Receipt, Stage, State, read};
use super::step::{self, Stuck};
use super::{Refusal, Site, edit, file, folder};

/// How a step is taken back.
enum Back {
    /// Its file gets these bytes again.
    Restore(String),
    /// Its file, which was not there, is removed.
    Remove,
    /// Its file says what it said before.
    AsBefore,
    /// Its folder gets its name again.
    Rename,
    /// Its folder has its name.
    Named,
    /// This is told. Where it is not known whether the agent ever heard of the step, it may say that there is nothing to
    /// take back, which is as good.
    Tell(Intent, Heard),
    /// This is run.
    Run(Vec<String>, u64),
    /// It cannot be taken back; a sentence.
    Stays(String),
}

/// Whether the agent was told what is taken back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Surely,
    Perhaps,
}

/// What undo would do, as text.
///
/// # Errors
/// Why it would not.
pub fn undo_preview(receipt: &Receipt, site: &Site) -> Result<String, Refusal> {
    let mut text = format!("Undo {}: {}\n", receipt.id, receipt.plan.title());
    for (n, (i, back)) in ways_back(receipt, site)?.into_iter().enumerate() {
        let step = receipt.plan.steps.get(i);
        text.push_str(&format!("\n{:>3}. {}\n", n + 1, back.words(step)));
        for line in back.letter(step).lines() {
            text.push_str(format!("     {line}").trim_end());
            text.push('\n');
        }
    }
    Ok(text)
}

/// Takes a fix back. `announce` and `tell` are those of [`apply`](super::apply()).
///
/// # Errors
/// [`Failed::Refused`]: nothing was touched. [`Failed::Step`]: the first step that failed ended it; once the reason is
/// gone, the same undo goes on from there.
pub fn undo(
    id: &str,
    site: &Site,
    announce: &mut dyn FnMut(&Intent) -> Result<(), String>,
    tell: &mut dyn FnMut(&Progress<'_>),
) -> Result<Receipt, Failed> {
    read(site, id)?;
    let _lock = Lock::take(site)?;
    // Read again: whoever had the lock may have changed it.
    let mut receipt = read(site, id)?;
    let ways = ways_back(&receipt, site)?;
    tell(&Progress::Begins(&receipt));
    let steps = receipt.plan.steps.clone();
    for (i, back) in ways {
        let Some(step) = steps.get(i) else { continue };
        tell(&Progress::StepBegins { n: i + 1, step });
        let said = match back.take(&receipt, i, step, announce) {
            Ok(said) => said,
            Err(Stuck { why, advice }) => return Err(Failed::Step(Box::new(StepFailed { receipt, why, advice }))),
        };
        if let (Some(record), false) = (receipt.steps.get_mut(i), matches!(back, Back::Stays(_))) {
            *record = super::StepRecord { stage: Stage::Undone, said: said.clone() };
        }
        save(&receipt, site)?;
        tell(&Progress::StepEnds { n: i + 1, step, said: &said });
    }
    for step in &steps {
        if let Step::Edit { change, .. } | Step::Write { change, .. } = step {
            file::sweep(&change.target, &receipt.id);
        }
    }
    receipt.state = State::Undone;
    save(&receipt, site)?;
    if receipt.plan.touches()
        && let Err(why) = announce(&Intent::FixUndone { receipt: receipt.id.clone() })
    {
        receipt.notes.push(format!("The agent was not told that it was undone ({why})."));
        save(&receipt, site)?;
    }
    Ok(receipt)
}

fn save(receipt: &Receipt, site: &Site) -> Result<(), Failed> {
    receipt.save(site).map_err(|error| {
        Failed::Step(Box::new(StepFailed {
            receipt: receipt.clone(),
            why: format!("what was taken back could not be written down: {error}"),
            advice: format!("free some space on the disk of {}, and undo it again", site.receipts.display()),
        }))
    })
}

/// How each step that was begun is taken back, the last one first.
fn ways_back(receipt: &Receipt, site: &Site) -> Result<Vec<(usize, Back)>, Refusal> {
    if receipt.state == State::Undone {
        return Err(Refusal::new(
            format!("{} is undone already", receipt.id),
            "goplswatch fix --history lists what was done",
        ));
    }
    let mut ways = Vec::new();
    for (i, (step, record)) in receipt.plan.steps.iter().zip(&receipt.steps).enumerate().rev() {
        let nothing_heard = record.stage == Stage::Failed && matches!(step, Step::Tell { .. });
        if matches!(record.stage, Stage::Begun | Stage::Done | Stage::Failed) && !nothing_heard {
            ways.push((i, way_back(receipt, site, i, step, record.stage)?));
        }
    }
    let list = "goplswatch fix --history lists what was done";
    if ways.is_empty() && !receipt.steps.iter().any(|step| step.stage == Stage::Undone) {
        return Err(Refusal::new(format!("{} did nothing: there is nothing to undo", receipt.id), list));
    }
    let stays = |back: &Back| if let Back::Stays(why) = back { Some(why.clone()) } else { None };
    if !ways.is_empty()
        && let Some(why) = ways.iter().map(|(_, back)| stays(back)).collect::<Option<Vec<_>>>()
    {
        return Err(Refusal::new(format!("nothing of {} can be undone: {}", receipt.id, why.join("; ")), list));
    }
    Ok(ways)
}

fn way_back(receipt: &Receipt, site: &Site, i: usize, step: &Step, stage: Stage) -> Result<Back, Refusal> {
    let heard = if stage == Stage::Done { Heard::Surely } else { Heard::Perhaps };
    Ok(match step {
        Step::Edit { change, .. } | Step::Write { change, .. } => of_file(receipt, site, i, change)?,
        Step::Rename { from, to } => match folder::stands(from, to)? {
            folder::Stands::Before => Back::Named,
            folder::Stands::After => Back::Rename,
        },
        Step::Tell { intent: Intent::Mute { workspace } } => {
            Back::Tell(Intent::Unmute { workspace: workspace.clone() }, heard)
        }
        Step::Tell { intent: Intent::Snooze { incident, .. } } => {
            Back::Tell(Intent::Unsnooze { incident: incident.clone() }, heard)
        }
        Step::Tell { .. } => Back::Stays("what the agent was told, it was told".into()),
        Step::Run { undo: Some(argv), deadline_ms, .. } if stage != Stage::Failed => {
            Back::Run(argv.clone(), *deadline_ms)
        }
        Step::Run { argv, .. } => Back::Stays(format!("no command takes back `{}`", shell::line(argv))),
        Step::Signal { process, .. } => {
            Back::Stays(format!("a process that was signalled (pid {}) is not brought back", process.pid))
        }
        Step::Copy { .. } => Back::Stays("what the clipboard held before is not known".into()),
        Step::Open { .. } | Step::Manual { .. } => Back::Stays("what was shown was shown".into()),
    })
}

/// A file is what it was before, what the fix left, or somebody else's by now.
fn of_file(receipt: &Receipt, site: &Site, i: usize, change: &Change) -> Result<Back, Refusal> {
    let backup = receipt.backup(site, i);
    let kept = if change.before.is_some() {
        format!("as it was, it lies in {}", backup.display())
    } else {
        "it was not there before".to_owned()
    };
    let found = file::look(&change.target).map_err(|refusal| Refusal::new(refusal.why, kept.clone()))?;
    let now = found.hash();
    if found.target != change.target {
        return Err(Refusal::new(format!("{} leads elsewhere now: it is left alone", change.target), kept));
    }
    if now == change.before {
        return Ok(Back::AsBefore);
    }
    if now.as_ref() != Some(&change.after) {
        return Err(Refusal::new(
            format!("{} was changed since by somebody else: it is left alone", change.target),
            kept,
        ));
    }
    if change.before.is_none() {
        return Ok(Back::Remove);
    }
    let lost = |why: String| {
        Refusal::new(
            format!("the copy of {} cannot be used: {why}", change.target),
            format!("look at {}", backup.display()),
        )
    };
    let bytes = file::look(&backup.to_string_lossy()).map_err(|refusal| lost(refusal.why))?;
    if bytes.hash() != change.before {
        return Err(lost("it is not what was kept".into()));
    }
    Ok(Back::Restore(bytes.text.unwrap_or_default()))
}

impl Back {
    fn words(&self, step: Option<&Step>) -> String {
        let file = match step {
            Some(Step::Edit { change, .. } | Step::Write { change, .. }) => change.target.as_str(),
            Some(Step::Rename { from, .. }) => from.as_str(),
            _ => "",
        };
        match self {
            Self::Restore(_) => format!("Write {file} as it was"),
            Self::Remove => format!("Remove {file}, which was not there"),
            Self::AsBefore => format!("Leave {file}, which is as it was"),
            Self::Rename => format!("Give {file} its name again"),
            Self::Named => format!("Leave {file}, which has its name"),
            Self::Tell(Intent::Unmute { workspace }, _) => format!("Tell about {workspace} again"),
            Self::Tell(Intent::Unsnooze { incident }, _) => format!("Tell about {incident} again"),
            Self::Tell(..) => "Tell the agent".into(),
            Self::Run(..) => "Run a command".into(),
            Self::Stays(why) => format!("Not undone: {why}"),
        }
    }

    fn letter(&self, step: Option<&Step>) -> String {
        match (self, step) {
            (Self::Restore(before), Some(Step::Edit { change, .. } | Step::Write { change, .. })) => {
                file::look(&change.target)
                    .ok()
                    .and_then(|now| now.text)
                    .map_or_else(String::new, |now| edit::diff(&change.target, &now, before))
            }
            (Self::Run(argv, _), _) => format!("$ {}", shell::line(argv)),
            (Self::Rename, Some(Step::Rename { from, to })) => {
                format!("$ {}", shell::line(&["mv", to, from]))
            }
            _ => String::new(),
        }
    }

    fn take(
        &self,
        receipt: &Receipt,
        i: usize,
        step: &Step,
        announce: &mut dyn FnMut(&Intent) -> Result<(), String>,
    ) -> Result<String, Stuck> {
        match (self, step) {
            (Self::Restore(before), Step::Edit { change, .. } | Step::Write { change, .. }) => {
                restored(receipt, i, change, Some(before)).map(|()| "as it was".into())
            }
            (Self::Remove, Step::Edit { change, .. } | Step::Write { change, .. }) => {
                restored(receipt, i, change, None).map(|()| "removed".into())
            }
            (Self::AsBefore | Self::Named, _) => Ok("was as before".into()),
            (Self::Rename, Step::Rename { from, to }) => folder::rename(to, from),
            (Self::Tell(intent, heard), _) => match (announce(intent), heard) {
                (Ok(()), _) => Ok("the agent knows".into()),
                (Err(why), Heard::Perhaps) => Ok(format!("the agent says: {why}")),
                (Err(why), Heard::Surely) => Err(Stuck::new(
                    format!("the agent could not be told: {why}"),
                    "goplswatch status shows what it keeps quiet about",
                )),
            },
            (Self::Run(argv, deadline_ms), _) => step::run(argv, Duration::from_millis(*deadline_ms)),
            (Self::Stays(why), _) => Ok(format!("not undone: {why}")),
            (Self::Restore(_) | Self::Remove | Self::Rename, _) => {
                Err(Stuck::new("the receipt contradicts itself", "look at it"))
            }
        }
    }
}

/// Brings a file back to what it was, if it still is what the fix left.
fn restored(receipt: &Receipt, i: usize, change: &Change, before: Option<&str>) -> Result<(), Stuck> {
    let kept = format!("as it was, it lies beside the receipt as {}.{i}.before", receipt.id);
    let changed = || Stuck::new(format!("{} was changed a moment ago: it is left alone", change.target), kept.clone());
    let failed =
        |error: std::io::Error| Stuck::new(format!("{} could not be written: {error}", change.target), kept.clone());
    let found = file::look(&change.target).map_err(|refusal| Stuck::new(refusal.why, kept.clone()))?;
    if found.hash().as_ref() != Some(&change.after) {
        return Err(changed());
    }
    match before {
        Some(before) => match file::put(&found, before.as_bytes(), None, &receipt.id).map_err(failed)? {
            true => Ok(()),
            false => Err(changed()),
        },
        None => {
            std::fs::remove_file(&change.target).map_err(failed)?;
            crate::disk::sync_folder(change.target.as_ref()).map_err(failed)
        }
    }
}
