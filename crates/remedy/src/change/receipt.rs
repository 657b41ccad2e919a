//! Receipts: what was done, how far it got, and what undo needs.
//!
//! A receipt is one JSON file, `fix-12.json`, in a folder that only its user may enter. It is
//! replaced as a whole, and is on disk before the next action. Next to it are the old contents of
//! each changed file (`fix-12.0.before`) and, once known, whether the fix helped
//! (`fix-12.judged.json`). The agent writes the latter, as a separate file so that it never
//! competes with an undo for the receipt itself.
//!
//! Numbers increase and are reserved by creating the file, so two fixes never share one. A file
//! that is not a valid receipt is listed as unreadable, not hidden. Nothing in a receipt is trusted
//! that could redirect a write: the names of the files next to it are derived from its id.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use goplswatch_core::Moment;
use goplswatch_core::event::FixView;
use goplswatch_core::message::{Message, MessageText, SharedMessage};
use goplswatch_core::time::Uptime;
use goplswatch_disk as disk;
use goplswatch_disk::own;
use goplswatch_probe::wall_ms;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{Plan, Purpose, hash_of};
use super::refusal::Refusal;
use super::site::Site;
use crate::said::{self, count, number, path as named, verbatim};

/// How long to wait for the lock. [`is_under_way`] holds it for a moment to test it.
const LOCK_TIMEOUT: Duration = Duration::from_millis(100);
/// The number of receipts that are kept.
const MAX_RECEIPTS: usize = 200;
/// The number of removed folders that are kept next to receipts when a new receipt is created; an
/// application is some megabytes.
const KEPT_FOLDERS: usize = 3;
/// The maximum length of a receipt, in bytes: a plan writes files of 4 MiB at most, and JSON may
/// double them.
const MAX_RECEIPT_BYTES: u64 = 32 << 20;
/// The format of receipts. Any change of meaning needs a new number. Up to 1 they contained English
/// text.
const FORMAT: u32 = 2;
/// No other user may read what was done.
pub(crate) const MODE: u32 = 0o600;

/// A record of what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// The format: 2; up to 1 there is English text in place of messages.
    pub format: u32,
    /// Its name: `fix-` and its number.
    pub id: String,
    /// When the change began, RFC 3339.
    pub at: String,
    /// The version of goplswatch that wrote it.
    pub version: String,
    /// The hash of the plan.
    pub hash: String,
    /// The plan.
    pub plan: Plan,
    /// How far the plan got.
    pub state: State,
    /// How far each step got, in the order of the plan's steps.
    pub steps: Vec<StepRecord>,
    /// Further remarks, as sentences.
    #[serde(deserialize_with = "said::read_each")]
    #[cfg_attr(feature = "testing", schemars(with = "Vec<MessageText>"))]
    pub notes: Vec<MessageText>,
    /// Whether it helped; null if not known yet.
    pub judged: Option<FixView>,
    /// The plan as read, if another version put something into it that this version does not know.
    /// The hash covers it, so it is written back unchanged.
    #[serde(skip)]
    pub(super) as_written: Option<Box<Value>>,
}

/// How far a fix got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It began and did not end: it is in progress, or was interrupted.
    Begun,
    /// Every step was done.
    Done,
    /// A step failed; those before it stay done.
    Failed,
    /// It was undone, as far as possible.
    Undone,
}

/// How far a step got, and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct StepRecord {
    /// How far it got.
    pub stage: Stage,
    /// Its result, as a fragment; empty if there is none yet.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub said: Option<MessageText>,
}

/// How far a step got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It was not begun.
    Waiting,
    /// It was begun. Whether it was done can only be seen from what it acts on.
    Begun,
    /// It was done.
    Done,
    /// It was not done.
    Failed,
    /// It was undone.
    Undone,
}

/// One entry of the receipt folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptEntry {
    /// A receipt.
    Receipt(Box<Receipt>),
    /// A file that has the name of a receipt but cannot be read as one.
    Unreadable {
        /// Its name.
        id: String,
        /// The reason.
        why: MessageText,
    },
}

impl ReceiptEntry {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Receipt(receipt) => &receipt.id,
            Self::Unreadable { id, .. } => id,
        }
    }

    /// Visits every message in it.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        match self {
            Self::Receipt(receipt) => receipt.each_said(each),
            Self::Unreadable { why, .. } => each(why),
        }
    }
}

/// All receipts, latest first.
#[must_use]
pub fn receipts(site: &Site) -> Vec<ReceiptEntry> {
    let load = |n: u64| match load(&site.receipts, n) {
        Ok(receipt) => ReceiptEntry::Receipt(Box::new(receipt)),
        Err(why) => ReceiptEntry::Unreadable { id: id_of(n), why: why.into() },
    };
    numbers(&site.receipts).into_iter().rev().map(load).collect()
}

/// The name of a later receipt that changed the login service and was not undone.
pub(super) fn later_of_service(site: &Site, receipt: &Receipt) -> Option<String> {
    let Purpose::Service(_) = receipt.plan.purpose else { return None };
    let after = |id: &str| number_of(id) > number_of(&receipt.id);
    receipts(site).into_iter().rev().find_map(|kept| match kept {
        ReceiptEntry::Receipt(other) if after(&other.id) && other.is_in_effect() && other.plan.changes_service() => {
            Some(other.id)
        }
        ReceiptEntry::Receipt(_) | ReceiptEntry::Unreadable { .. } => None,
    })
}

/// Whether any process is applying or undoing a fix right now.
#[must_use]
pub fn is_under_way(site: &Site) -> bool {
    let locked = |folder: File| matches!(folder.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock));
    File::open(&site.receipts).is_ok_and(locked)
}

/// Reads one receipt, given its name (`fix-12`) or its number.
///
/// # Errors
/// If there is no receipt of that name, or it cannot be read.
pub fn read(site: &Site, id: &str) -> Result<Receipt, Refusal> {
    let refused = |why| Refusal::new(why, Message::DoHistory);
    let Some(n) = number_of(id) else {
        return Err(refused(Message::NoReceiptName { name: verbatim(&format!("{id:?}")) }));
    };
    let receipt = || verbatim(&id_of(n));
    if !path(&site.receipts, n).exists() {
        return Err(refused(Message::ReceiptAbsent { receipt: receipt() }));
    }
    load(&site.receipts, n).map_err(|why| {
        let file = named(&path(&site.receipts, n));
        let why = Message::ReceiptUnreadable { receipt: receipt(), why: SharedMessage::new(why) };
        Refusal::new(why, Message::DoLookAtReceipt { file, receipt: receipt() })
    })
}

/// Records whether a fix helped.
///
/// # Errors
/// If there is no such receipt, or it cannot be written.
pub fn save_fix_result(site: &Site, fix: &FixView) -> Result<(), Refusal> {
    read(site, &fix.receipt)?;
    let Some(n) = number_of(&fix.receipt) else { return Ok(()) };
    let text = serde_json::to_vec_pretty(fix).unwrap_or_default();
    disk::replace(&judged_path(&site.receipts, n), &text, MODE).map_err(|error| {
        let why = Message::NotJudged { receipt: verbatim(&fix.receipt), why: verbatim(&error) };
        Refusal::new(why, Message::DoFreeThatDisk)
    })
}

/// The receipt folder, created if necessary, and locked until this is dropped.
pub(super) struct Lock {
    folder: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone is not enough: a child that another thread is spawning right now has a copy
        // of the descriptor until it execs, and the lock belongs to the open file (flock(2)). A
        // lock that cannot be released ends with this process.
        let _ = self.folder.unlock();
    }
}

impl Lock {
    pub(super) fn take(site: &Site) -> Result<Self, Refusal> {
        let refused = |error: &io::Error| {
            let why = match own::Foreign::in_error(error) {
                Some(foreign) => foreign.message(),
                None => Message::NoReceiptFolder { folder: named(&site.receipts), why: verbatim(error) },
            };
            Refusal::new(why, Message::DoReceiptFolder)
        };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&site.receipts).map_err(|e| refused(&e))?;
        own::check_folder(&site.receipts).map_err(|e| refused(&e))?;
        let folder = File::open(&site.receipts).map_err(|e| refused(&e))?;
        let began = Instant::now();
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(Self { folder }),
                Err(std::fs::TryLockError::WouldBlock) if began.elapsed() < LOCK_TIMEOUT => {
                    crate::command::pause(LOCK_TIMEOUT / 10);
                }
                Err(std::fs::TryLockError::WouldBlock) => {
                    return Err(Refusal::new(Message::AnotherUnderWay, Message::DoAfterOther));
                }
                Err(std::fs::TryLockError::Error(error)) => return Err(refused(&error)),
            }
        }
    }
}

impl Receipt {
    /// Creates a receipt on disk, under the next number. Removes the oldest receipts beyond the
    /// limit.
    pub(super) fn create(site: &Site, plan: &Plan, _held: &Lock) -> io::Result<Self> {
        let waiting = StepRecord { stage: Stage::Waiting, said: None };
        let mut receipt = Self {
            format: FORMAT,
            id: String::new(),
            at: now().rfc3339(),
            version: env!("CARGO_PKG_VERSION").into(),
            hash: plan.hash(),
            plan: plan.clone(),
            state: State::Begun,
            steps: vec![waiting; plan.steps.len()],
            notes: Vec::new(),
            judged: None,
            as_written: None,
        };
        let mut n = numbers(&site.receipts).last().map_or(1, |last| last.saturating_add(1));
        loop {
            receipt.id = id_of(n);
            match disk::create(&path(&site.receipts, n), &receipt.text()?, MODE) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && n < u64::MAX => n += 1,
                Ok(()) => {
                    forget_folders(&site.receipts);
                    forget_oldest(&site.receipts);
                    return Ok(receipt);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether it changed the login service and part of that is still to be undone.
    #[must_use]
    pub fn is_in_effect(&self) -> bool {
        let is_open = |stage| matches!(stage, Stage::Begun | Stage::Done | Stage::Failed);
        let mut steps = self.plan.steps.iter().zip(&self.steps);
        self.state != State::Undone && steps.any(|(step, record)| step.changes_service() && is_open(record.stage))
    }

    /// Saves its current state to disk.
    pub(super) fn save(&self, site: &Site) -> io::Result<()> {
        let n = number_of(&self.id).ok_or(io::ErrorKind::InvalidInput)?;
        disk::replace(&path(&site.receipts, n), &self.text()?, MODE)
    }

    /// The file's text: messages without rendered text, and without the judgement, which has its
    /// own file.
    fn text(&self) -> io::Result<Vec<u8>> {
        let mut bare = Self { judged: None, ..self.clone() };
        bare.each_said(&mut |said| said.text.clear());
        let mut text = match &self.as_written {
            None => serde_json::to_vec_pretty(&bare)?,
            Some(plan) => {
                let mut written = serde_json::to_value(&bare)?;
                if let Some(of) = written.get_mut("plan") {
                    of.clone_from(plan);
                }
                serde_json::to_vec_pretty(&written)?
            }
        };
        text.push(b'\n');
        Ok(text)
    }

    /// Visits every message in it.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut MessageText)) {
        self.plan.each_said(each);
        self.steps.iter_mut().filter_map(|step| step.said.as_mut()).for_each(&mut *each);
        self.notes.iter_mut().for_each(&mut *each);
        self.judged.iter_mut().for_each(|judged| each(&mut judged.said));
    }

    /// The path where the old content of a step's file is kept.
    pub(super) fn backup(&self, site: &Site, step: usize) -> PathBuf {
        site.receipts.join(format!("{}.{step}.before", self.id))
    }

    /// How far it got, as one line: "done", "failed at step 2 of 3: …".
    #[must_use]
    pub fn progress(&self) -> Message {
        let of = number(self.steps.len());
        let at = |stage| self.steps.iter().position(|step| step.stage == stage);
        match self.state {
            State::Done => Message::DidDone,
            State::Undone => Message::CameUndone,
            State::Failed => match at(Stage::Failed).and_then(|i| Some((i, self.steps.get(i)?.said.as_ref()?))) {
                Some((i, said)) => Message::CameFailedAt { n: number(i + 1), of, why: said.message.clone() },
                None => Message::CameFailed,
            },
            State::Begun => match at(Stage::Begun) {
                Some(i) => Message::CameCutIn { n: number(i + 1), of },
                None => {
                    let done = self.steps.iter().filter(|step| step.stage == Stage::Done).count();
                    Message::CameCutAfter { done: number(done), of }
                }
            },
        }
    }
}

/// The current wall-clock time: receipts are read by people.
fn now() -> Moment {
    Moment { wall_ms: wall_ms(), uptime: Uptime::BOOT }
}

fn id_of(n: u64) -> String {
    format!("fix-{n}")
}

fn number_of(id: &str) -> Option<u64> {
    let digits = id.strip_prefix("fix-").unwrap_or(id);
    // `+7` and `007` are not names of files.
    digits.parse().ok().filter(|n: &u64| n.to_string() == digits)
}

fn path(folder: &Path, n: u64) -> PathBuf {
    folder.join(format!("fix-{n}.json"))
}

fn judged_path(folder: &Path, n: u64) -> PathBuf {
    folder.join(format!("fix-{n}.judged.json"))
}

/// The numbers of all receipts, in order; none if the folder cannot be read.
fn numbers(folder: &Path) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<u64> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| {
            number_of(name.strip_suffix(".json")?.strip_prefix("fix-").map(|_| &name[..name.len() - 5])?)
        })
        .collect();
    found.sort_unstable();
    found
}

fn load(folder: &Path, n: u64) -> Result<Receipt, Message> {
    #[derive(Deserialize)]
    struct Written {
        plan: Value,
    }
    let text = whole(&path(folder, n))?;
    let no_receipt = |error: serde_json::Error| Message::NotAReceipt { why: verbatim(&error) };
    let mut receipt: Receipt = serde_json::from_slice(&text).map_err(no_receipt)?;
    if !(1..=FORMAT).contains(&receipt.format) {
        return Err(Message::ReceiptFormat { found: count(receipt.format), known: count(FORMAT) });
    }
    if receipt.id != id_of(n) {
        return Err(Message::ReceiptOfAnother { name: verbatim(&format!("{:?}", receipt.id)) });
    }
    if receipt.steps.len() != receipt.plan.steps.len() {
        return Err(Message::ReceiptStepsUnfit);
    }
    if receipt.format == 1 {
        if receipt.hash != receipt.plan.hash_of_format_1() {
            return Err(Message::ReceiptPlanOther);
        }
    } else if receipt.hash != receipt.plan.hash() {
        // The plan may contain something that this version does not know.
        let Written { plan } = serde_json::from_slice(&text).map_err(no_receipt)?;
        if receipt.hash != hash_of(plan.clone()) {
            return Err(Message::ReceiptPlanOther);
        }
        receipt.as_written = Some(Box::new(plan));
    }
    // An unreadable judgement is treated as missing: the receipt itself is what matters.
    receipt.judged = whole(&judged_path(folder, n)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    Ok(receipt)
}

fn whole(path: &Path) -> Result<Vec<u8>, Message> {
    let refused = |error: io::Error| {
        own::Foreign::in_error(&error).map_or_else(|| Message::reported(&error), own::Foreign::reason)
    };
    let mut text = Vec::new();
    let file = own::read(path, own::Purpose::Trusted).map_err(refused)?;
    file.take(MAX_RECEIPT_BYTES + 1).read_to_end(&mut text).map_err(refused)?;
    if text.len() as u64 > MAX_RECEIPT_BYTES {
        return Err(Message::ReceiptTooLong { bytes: count(MAX_RECEIPT_BYTES) });
    }
    Ok(text)
}

/// Removes the oldest receipts beyond the limit, with the files next to them. What cannot be
/// removed stays.
fn forget_oldest(folder: &Path) {
    let numbers = numbers(folder);
    let Some(first_kept) = numbers.len().checked_sub(MAX_RECEIPTS).and_then(|i| numbers.get(i)) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("fix-")?.split('.').next()?.parse::<u64>().ok());
        if number.is_some_and(|n| n < *first_kept) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Removes the oldest kept folders beyond the limit.
fn forget_folders(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut kept: Vec<(u64, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| {
            let name = entry.file_name();
            let number =
                name.to_str()?.strip_suffix(".before")?.strip_prefix("fix-")?.split('.').next()?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    kept.sort_unstable();
    for (_, path) in kept.iter().rev().skip(KEPT_FOLDERS) {
        let _ = std::fs::remove_dir_all(path);
    }
}
