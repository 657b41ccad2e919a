//! Undoes a change from its receipt alone: the steps that were done, in reverse order.
//!
//! A step that was begun but is not known to be done is judged by its file: the file has its old
//! content, the content that the step would have written, or something else. Only a file with the
//! content that the change left is written, so no later edit is lost. All files are examined before
//! the first one is touched: undo does everything or refuses. An earlier step may have moved what a
//! later step moved again, so names are examined as they will be when it is a step's turn.
//!
//! Once the change of a step has been reverted, the commands listed with the step are run: programs
//! that read the file are notified, and what was stopped is started again. They are also run for a
//! step that is not known to be done, since running them in vain does no harm. Changes of the login
//! service are undone in reverse order: the latest one that is still in effect first.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use goplswatch_core::message::{Message, MessageText, SharedMessage};
use goplswatch_core::{UserCommand, shell};
use goplswatch_disk as disk;

use super::act::{self, StepOutcome};
use super::apply::{Failed, Progress, StepFailed};
use super::plan::{Action, Call, Change, Step};
use super::receipt::{Lock, Receipt, Stage, State, StepRecord, later_of_service, read};
use super::refusal::Refusal;
use super::site::Site;
use super::words::{Say, numbered};
use super::{edit, file, folder};
use crate::said::{count, joined, number, path as named, verbatim};

/// How a step is undone.
enum UndoAction {
    /// Write these bytes back to the file.
    Restore(Vec<u8>),
    /// Move the folder back from its place next to the receipt.
    Fetch,
    /// Remove the folder that was assembled.
    Clear,
    /// There is nothing to do, or the undo of an earlier step covers it.
    Included,
    /// Remove the file, which did not exist before.
    Remove,
    /// The file already has its old content.
    AsBefore,
    /// Give the folder its old name back.
    Rename,
    /// The folder already has its old name.
    Named,
    /// Send this to the agent. If it is not known whether the agent ever received the step, it may
    /// answer that there is nothing to undo, which counts as success.
    Tell(UserCommand, AgentInformed),
    /// Run this command, with its deadline.
    Run(Vec<String>, Duration),
    /// Run only the commands listed with the step.
    Calls,
    /// It cannot be undone; the reason, as a fragment.
    Stays(Message),
}

/// Whether the agent received the command that is undone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AgentInformed {
    Surely,
    Perhaps,
}

/// A preview of the undo, as text.
///
/// # Errors
/// The reason why the undo would be refused.
pub fn undo_preview(receipt: &Receipt, site: &Site, say: Say<'_>) -> Result<String, Refusal> {
    let title = Message::UndoTitle { receipt: verbatim(&receipt.id), title: SharedMessage::new(receipt.plan.title()) };
    let mut text = say(&title) + "\n";
    let ways = undo_actions(receipt, site)?;
    let shown = ways.iter().filter_map(|(i, back)| Some((back, receipt.plan.steps.get(*i)?)));
    for (n, (back, step)) in shown.filter(|(back, _)| !matches!(back, UndoAction::Included)).enumerate() {
        let commands = step.back.iter().map(|call| format!("$ {}\n", shell::line(&call.argv)));
        let letter = back.exact_text(step) + &commands.collect::<String>();
        text.push('\n');
        text.push_str(&numbered(n + 1, &say(&back.words(step)), &letter));
    }
    Ok(text)
}

/// Undoes a change. `announce` and `tell` are those of [`apply`](super::apply()).
///
/// # Errors
/// [`Failed::Refused`]: nothing was touched. [`Failed::Step`]: a step failed and ended the undo.
/// Once the cause is removed, the same undo continues from there.
pub fn undo(
    id: &str,
    site: &Site,
    announce: &mut dyn FnMut(&UserCommand) -> Result<(), Message>,
    tell: &mut dyn FnMut(&Progress<'_>),
) -> Result<Receipt, Failed> {
    read(site, id)?;
    let _lock = Lock::take(site)?;
    // Read again: the previous holder of the lock may have changed it.
    let mut receipt = read(site, id)?;
    let ways = undo_actions(&receipt, site)?;
    tell(&Progress::Begins(&receipt));
    let steps = receipt.plan.steps.clone();
    for (i, back) in ways {
        let Some(step) = steps.get(i) else { continue };
        tell(&Progress::StepBegins { n: i + 1, step });
        let said = match back.take(&receipt, i, step, site, announce) {
            Ok(said) => said,
            Err(Refusal { why, instead: advice }) => {
                return Err(Failed::Step(Box::new(StepFailed { receipt, why, advice })));
            }
        };
        if let (Some(record), false) = (receipt.steps.get_mut(i), matches!(back, UndoAction::Stays(_))) {
            *record = StepRecord { stage: Stage::Undone, said: Some(said.clone().into()) };
        }
        save(&receipt, site)?;
        tell(&Progress::StepEnds { n: i + 1, step, said: &said });
    }
    for step in &steps {
        match &step.action {
            Action::Edit { change, .. } | Action::Write { change, .. } => file::sweep(&change.target, &receipt.id),
            Action::Remove { file, .. } => file::sweep(file, &receipt.id),
            _ => {}
        }
    }
    receipt.state = State::Undone;
    save(&receipt, site)?;
    if receipt.plan.remedy().is_some()
        && receipt.plan.touches()
        && let Err(why) = announce(&UserCommand::FixUndone { receipt: receipt.id.clone() })
    {
        receipt.notes.push(MessageText::from(Message::NoteUndoUntold { why: SharedMessage::new(why) }));
        save(&receipt, site)?;
    }
    Ok(receipt)
}

fn save(receipt: &Receipt, site: &Site) -> Result<(), Failed> {
    receipt.save(site).map_err(|error| {
        Failed::Step(Box::new(StepFailed {
            receipt: receipt.clone(),
            why: SharedMessage::new(Message::UndoNotSaved { why: verbatim(&error) }),
            advice: vec![Message::DoFreeAndUndo { folder: named(&site.receipts) }],
        }))
    })
}

/// How each step that was begun is undone, last step first.
fn undo_actions(receipt: &Receipt, site: &Site) -> Result<Vec<(usize, UndoAction)>, Refusal> {
    let id = || verbatim(&receipt.id);
    let refused = |why| Refusal::new(why, Message::DoHistory);
    if receipt.state == State::Undone {
        return Err(refused(Message::UndoneAlready { receipt: id() }));
    }
    if let Some(later) = later_of_service(site, receipt) {
        let why = Message::UndoLaterFirst { later: verbatim(&later), receipt: id() };
        return Err(Refusal::new(why, Message::DoUndoLater { later: verbatim(&later) }));
    }
    let mut ways = Vec::new();
    let mut names = Names::default();
    for (i, (step, record)) in receipt.plan.steps.iter().zip(&receipt.steps).enumerate().rev() {
        let nothing_heard = record.stage == Stage::Failed && matches!(step.action, Action::Tell { .. });
        if matches!(record.stage, Stage::Begun | Stage::Done | Stage::Failed) && !nothing_heard {
            ways.push((i, undo_action(receipt, site, i, step, record.stage, &mut names)?));
        }
    }
    if ways.is_empty() && !receipt.steps.iter().any(|step| step.stage == Stage::Undone) {
        return Err(refused(Message::UndoDidNothing { receipt: id() }));
    }
    let counting = counting(&ways);
    if counting.is_empty() && !receipt.steps.iter().any(|step| step.stage == Stage::Undone) {
        return Err(refused(Message::UndoLeftNothing { receipt: id() }));
    }
    let stays = |back: &UndoAction| if let UndoAction::Stays(why) = back { Some(why.clone()) } else { None };
    let stay = counting.into_iter().map(stays).collect::<Option<Vec<_>>>().unwrap_or_default();
    if let Some(why) = joined(stay, |first, then| Message::BothStay { first, then }) {
        return Err(refused(Message::UndoNothingOf { receipt: id(), why: SharedMessage::new(why) }));
    }
    Ok(ways)
}

/// The ways that do something, or leave something undone.
fn counting(ways: &[(usize, UndoAction)]) -> Vec<&UndoAction> {
    ways.iter().map(|(_, back)| back).filter(|back| !matches!(back, UndoAction::Included)).collect()
}

/// Which names are free when a step's turn comes: as on disk now, except for what the undo has
/// moved by then.
#[derive(Default)]
struct Names(BTreeMap<String, bool>);

impl Names {
    fn is_free(&self, name: &str) -> bool {
        self.0.get(name).copied().unwrap_or_else(|| folder::is_free(name))
    }

    /// Whether the undo will not have moved this name, so that its state on disk counts.
    fn is_untouched(&self, name: &str) -> bool {
        !self.0.contains_key(name)
    }

    fn moved(&mut self, from: &str, to: &str) {
        self.0.insert(from.to_owned(), true);
        self.0.insert(to.to_owned(), false);
    }
}

fn undo_action(
    receipt: &Receipt,
    site: &Site,
    i: usize,
    step: &Step,
    stage: Stage,
    names: &mut Names,
) -> Result<UndoAction, Refusal> {
    let informed = if stage == Stage::Done { AgentInformed::Surely } else { AgentInformed::Perhaps };
    Ok(match &step.action {
        Action::Edit { change, .. } => of_file(receipt, site, i, change, false)?,
        Action::Write { change, ours, .. } => of_file(receipt, site, i, change, *ours)?,
        Action::Remove { file, before, .. } => {
            let change = Change {
                file: file.clone(),
                target: file.clone(),
                before: Some(before.clone()),
                after: String::new(),
                diff: String::new(),
            };
            of_file(receipt, site, i, &change, true)?
        }
        Action::Rename { from, to, seal } => {
            if !folder::is_renamed(from, to, |name| names.is_free(name))? {
                return Ok(UndoAction::Named);
            }
            if let Some(seal) = seal
                && names.is_untouched(to)
                && !folder::has(to, seal)
            {
                return Err(Refusal::new(Message::ChangedSince { path: verbatim(to) }, Message::DoServiceStatus));
            }
            names.moved(to, from);
            UndoAction::Rename
        }
        Action::RemoveTree { path, keep: true, .. } => {
            let kept = receipt.backup(site, i);
            match (names.is_free(path), kept.is_dir()) {
                (true, true) => {
                    names.0.insert(path.clone(), false);
                    UndoAction::Fetch
                }
                (false, false) => UndoAction::AsBefore,
                (false, true) => {
                    let why = Message::ThereAndKept { path: verbatim(path), kept: named(&kept) };
                    return Err(Refusal::new(why, Message::DoLookMoveOne));
                }
                (true, false) => {
                    return Err(Refusal::new(Message::NotKept { path: verbatim(path) }, Message::DoInstallAnew));
                }
            }
        }
        Action::RemoveTree { .. } => UndoAction::Included,
        // A receipt is not trusted to have anything removed but a folder whose name marks it as
        // being assembled.
        Action::Fill { tree, .. } if !is_ours_alone(tree) => {
            return Err(Refusal::new(Message::NoFolderOfOurs { path: verbatim(tree) }, Message::DoLookThere));
        }
        Action::Fill { tree, .. } => {
            let of_tree = |step: &&Step| matches!(&step.action, Action::Fill { tree: other, .. } if other == tree);
            let is_first = receipt.plan.steps.iter().position(|step| of_tree(&step)) == Some(i);
            if is_first { UndoAction::Clear } else { UndoAction::Included }
        }
        Action::Folder { .. } => UndoAction::Included,
        // A command with a lasting effect has its undo in `back`.
        Action::Call { .. } if step.back.is_empty() => UndoAction::Included,
        Action::Call { .. } => UndoAction::Calls,
        Action::Tell { user_command: UserCommand::Mute { workspace } } => {
            UndoAction::Tell(UserCommand::Unmute { workspace: workspace.clone() }, informed)
        }
        Action::Tell { user_command: UserCommand::Snooze { incident, .. } } => {
            UndoAction::Tell(UserCommand::Unsnooze { incident: incident.clone() }, informed)
        }
        Action::Tell { .. } => UndoAction::Stays(Message::StaysTold),
        Action::Run { undo: Some(argv), deadline, .. } if stage != Stage::Failed => {
            UndoAction::Run(argv.clone(), *deadline)
        }
        Action::Run { argv, .. } => UndoAction::Stays(Message::StaysRun { line: verbatim(&shell::line(argv)) }),
        Action::Signal { process, .. } => UndoAction::Stays(Message::StaysSignalled { pid: count(process.pid.0) }),
        Action::Copy { .. } => UndoAction::Stays(Message::StaysCopied),
        Action::Open { .. } | Action::Manual { .. } => UndoAction::Stays(Message::StaysShown),
    })
}

/// Decides by the content of a file: the old one, the one that the change left (none, where `after`
/// is empty), or something else, written by another program since.
fn of_file(receipt: &Receipt, site: &Site, i: usize, change: &Change, ours: bool) -> Result<UndoAction, Refusal> {
    let backup = receipt.backup(site, i);
    let refused = |why| {
        let kept = || Message::KeptIn { path: named(&backup) };
        Refusal::new(why, change.before.as_ref().map_or(Message::KeptNone, |_| kept()))
    };
    let found = file::read_target(&change.target, ours).map_err(|refusal| refused(Message::clone(&refusal.why)))?;
    let now = found.hash();
    if found.target != change.target {
        return Err(refused(Message::LeadsElsewhere { path: verbatim(&change.target) }));
    }
    if now == change.before {
        return Ok(UndoAction::AsBefore);
    }
    if now.as_deref().unwrap_or_default() != change.after {
        return Err(refused(Message::ChangedSince { path: verbatim(&change.target) }));
    }
    if change.before.is_none() {
        return Ok(UndoAction::Remove);
    }
    let lost = |why| {
        let why = Message::CopyUnusable { file: verbatim(&change.target), why: SharedMessage::new(why) };
        Refusal::new(why, Message::DoLookAt { path: named(&backup) })
    };
    let found = file::read_own(&backup.to_string_lossy()).map_err(|refusal| lost(Message::clone(&refusal.why)))?;
    if found.hash() != change.before {
        return Err(lost(Message::CopyOther));
    }
    Ok(UndoAction::Restore(found.bytes.unwrap_or_default()))
}

impl UndoAction {
    fn words(&self, step: &Step) -> Message {
        let path = verbatim(match &step.action {
            Action::Edit { change, .. } | Action::Write { change, .. } => change.target.as_str(),
            Action::Rename { from, .. } => from.as_str(),
            Action::Remove { file: path, .. } | Action::RemoveTree { path, .. } | Action::Fill { tree: path, .. } => {
                path
            }
            _ => "",
        });
        match self {
            Self::Restore(_) => Message::UndoWrite { file: path },
            Self::Fetch => Message::UndoFetch { path },
            Self::Clear => Message::StepRemoveTree { path },
            Self::Remove => Message::UndoMade { file: path },
            // A step that is covered by another one is not shown.
            Self::AsBefore | Self::Included => Message::UndoLeave { file: path },
            Self::Rename => Message::UndoRename { path },
            Self::Named => Message::UndoNamed { path },
            Self::Tell(UserCommand::Unmute { workspace: what } | UserCommand::Unsnooze { incident: what }, _) => {
                Message::UndoTell { what: verbatim(what) }
            }
            Self::Tell(..) => Message::StepTell,
            Self::Run(..) | Self::Calls => Message::StepCall,
            Self::Stays(why) => Message::UndoNot { why: SharedMessage::new(why.clone()) },
        }
    }

    fn exact_text(&self, step: &Step) -> String {
        match (self, &step.action) {
            (Self::Restore(before), Action::Edit { change, .. } | Action::Write { change, .. }) => {
                let now = file::read_own(&change.target).ok();
                let texts = now.as_ref().and_then(file::TargetFile::text).zip(std::str::from_utf8(before).ok());
                texts.map_or_else(String::new, |(now, before)| edit::diff(&change.target, now, before))
            }
            (Self::Run(argv, _), _) => format!("$ {}\n", shell::line(argv)),
            (Self::Rename, Action::Rename { from, to, .. }) => {
                format!("$ {}\n", shell::line(&["mv", to, from]))
            }
            _ => String::new(),
        }
    }

    fn take(
        &self,
        receipt: &Receipt,
        i: usize,
        step: &Step,
        site: &Site,
        announce: &mut dyn FnMut(&UserCommand) -> Result<(), Message>,
    ) -> Result<Message, Refusal> {
        let said = match (self, &step.action) {
            (Self::Restore(before), Action::Edit { change, .. }) => {
                restored(receipt, i, change, Some(before), None).map(|()| Message::BackAsItWas)
            }
            (Self::Restore(before), Action::Write { change, mode, ours, .. }) => {
                restored(receipt, i, change, Some(before), ours.then_some(*mode)).map(|()| Message::BackAsItWas)
            }
            (Self::Restore(before), Action::Remove { file, mode, .. }) => {
                brought_back(receipt, i, file, before, *mode).map(|()| Message::BackAsItWas)
            }
            (Self::Remove, Action::Edit { change, .. }) => {
                restored(receipt, i, change, None, None).map(|()| Message::DidRemove)
            }
            (Self::Remove, Action::Write { change, mode, ours, .. }) => {
                restored(receipt, i, change, None, ours.then_some(*mode)).map(|()| Message::DidRemove)
            }
            (Self::AsBefore | Self::Named | Self::Included, _) => Ok(Message::BackAsBefore),
            (Self::Calls, _) => Ok(Message::BackTaken),
            (Self::Rename, Action::Rename { from, to, .. }) => folder::rename(to, from).map(|()| Message::DidRename),
            (Self::Fetch, Action::RemoveTree { path, .. }) => {
                let kept = receipt.backup(site, i);
                let fetched = if folder::is_free(path) {
                    std::fs::rename(&kept, path).and_then(|()| disk::sync_folder(Path::new(path)))
                } else {
                    Err(std::io::ErrorKind::AlreadyExists.into())
                };
                fetched.map(|()| Message::BackAsItWas).map_err(|error| {
                    let why = Message::NotBrought { path: verbatim(path), why: verbatim(&error) };
                    Refusal::new(why, Message::KeptIn { path: named(&kept) })
                })
            }
            (Self::Clear, Action::Fill { tree, .. }) => cleared(tree),
            (Self::Tell(user_command, informed), _) => match (announce(user_command), informed) {
                (Ok(()), _) => Ok(Message::DidTell),
                (Err(why), AgentInformed::Perhaps) => Ok(Message::BackAgentSays { why: SharedMessage::new(why) }),
                (Err(why), AgentInformed::Surely) => {
                    Err(Refusal::new(Message::NothingTold { why: SharedMessage::new(why) }, Message::DoStatusQuiet))
                }
            },
            (Self::Run(argv, deadline), _) => act::run(argv, *deadline),
            (Self::Stays(why), _) => Ok(Message::BackNot { why: SharedMessage::new(why.clone()) }),
            (Self::Restore(_) | Self::Remove | Self::Rename | Self::Fetch | Self::Clear, _) => {
                Err(Refusal::new(Message::ReceiptContradicts, Message::DoLook))
            }
        }?;
        step.back.iter().try_for_each(|call: &Call| act::call(call, &site.timeouts).map(drop))?;
        Ok(said)
    }
}

/// Whether the name of a folder has the prefix that only goplswatch uses.
fn is_ours_alone(tree: &str) -> bool {
    let name = Path::new(tree).file_name().and_then(|name| name.to_str());
    tree.starts_with('/') && name.is_some_and(|name| name.starts_with(disk::PART_PREFIX))
}

/// Removes an assembled folder, if it exists.
fn cleared(tree: &str) -> Result<Message, Refusal> {
    let path = || verbatim(tree);
    let refused = |why| Refusal::new(why, Message::DoLookThere);
    if !folder::is_free(tree) && !folder::is_own_folder(tree) {
        return Err(refused(Message::NoOwnFolder { path: path() }));
    }
    match act::remove_tree(Path::new(tree), None) {
        Ok(StepOutcome::Done(_)) => Ok(Message::DidRemove),
        Ok(StepOutcome::Nothing(_)) => Ok(Message::BackAsBefore),
        Err(error) => Err(refused(Message::NotRemoved { path: path(), why: verbatim(&error) })),
    }
}

/// Where the copy of a file is, as advice to the user.
fn kept(receipt: &Receipt, i: usize) -> Message {
    Message::KeptBeside { receipt: verbatim(&receipt.id), step: number(i) }
}

fn not_written(file: &str, error: &std::io::Error) -> Message {
    Message::NotWritten { file: verbatim(file), why: verbatim(error) }
}

/// Restores a file that was removed, unless something has its name by now.
fn brought_back(receipt: &Receipt, i: usize, path: &str, before: &[u8], mode: u32) -> Result<(), Refusal> {
    let found = file::read_own(path).map_err(|refusal| Refusal::new(refusal.why, kept(receipt, i)))?;
    let made = Path::new(path).parent().map_or(Ok(()), std::fs::create_dir_all);
    let put = match &found.bytes {
        None => made.and_then(|()| file::replace_if_unchanged(&found, before, Some(mode), &receipt.id)),
        Some(_) => Ok(false),
    };
    match put {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::new(Message::MadeJustNow { path: verbatim(path) }, kept(receipt, i))),
        Err(error) => Err(Refusal::new(not_written(path, &error), kept(receipt, i))),
    }
}

/// Restores a file if it still is as the change left it. `own`: the mode, if the file is ours.
fn restored(
    receipt: &Receipt,
    i: usize,
    change: &Change,
    before: Option<&[u8]>,
    own: Option<u32>,
) -> Result<(), Refusal> {
    let refused = |why| Refusal::new(why, kept(receipt, i));
    let changed = || refused(Message::ChangedJustNow { path: verbatim(&change.target) });
    let failed = |error: std::io::Error| refused(not_written(&change.target, &error));
    let found =
        file::read_target(&change.target, own.is_some()).map_err(|refusal| refused(Message::clone(&refusal.why)))?;
    if found.hash().as_ref() != Some(&change.after) {
        return Err(changed());
    }
    match before {
        Some(before) => match file::replace_if_unchanged(&found, before, own, &receipt.id).map_err(failed)? {
            true => Ok(()),
            false => Err(changed()),
        },
        None => {
            std::fs::remove_file(&change.target).map_err(failed)?;
            disk::sync_folder(change.target.as_ref()).map_err(failed)
        }
    }
}
