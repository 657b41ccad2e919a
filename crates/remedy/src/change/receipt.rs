//! Receipts: what was done, how far it came, and what undo needs.
//!
//! A receipt is one JSON file, `fix-12.json`, in a folder that only its user may enter. It is replaced as a whole and is
//! on the disk before the next thing happens. Beside it lie the bytes of each file before its step (`fix-12.0.before`)
//! and, once that was seen, whether it helped (`fix-12.judged.json`: the agent writes that one, so that it never
//! competes with an undo for the receipt itself).
//!
//! Numbers go up and are taken by creating the file, so two fixes never share one. A file that is not a receipt, or no
//! longer, is listed as such and never lost from sight; nothing in one is believed that could lead a write elsewhere:
//! the names beside it are made from its id.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use goplswatch_core::Moment;
use goplswatch_core::event::FixView;
use goplswatch_core::message::{Message, Part, Said};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{Plan, Purpose, hash_of};
use super::refusal::Refusal;
use super::site::Site;
use crate::disk;
use crate::said::{self, count, number, path as named, verbatim};

/// Whoever only asks whether the folder is locked holds it for a moment; one who wants it waits for that.
const A_MOMENT: Duration = Duration::from_millis(100);
/// So many receipts are kept.
const KEPT: usize = 200;
/// When another receipt begins, so many of the folders are kept that earlier ones removed: an application is some
/// megabytes.
const KEPT_FOLDERS: usize = 3;
/// No receipt is longer, bytes: a plan writes files of 4 MiB at most, and JSON may double them.
const LONGEST: u64 = 32 << 20;
/// How receipts are written. A later one that means something else gets another number. Up to 1 they held English.
const FORMAT: u32 = 2;
/// Nobody else may read what was done.
pub(crate) const MODE: u32 = 0o600;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// How it is written: 2; up to 1 it holds English in the place of messages.
    pub format: u32,
    /// Its name: `fix-` and its number.
    pub id: String,
    /// When it began, RFC 3339.
    pub at: String,
    /// The goplswatch that wrote it.
    pub version: String,
    /// The plan's hash.
    pub hash: String,
    /// The plan.
    pub plan: Plan,
    /// How far it came.
    pub state: State,
    /// How far each step came, in the order of the plan's.
    pub steps: Vec<StepRecord>,
    /// What else is worth knowing, as sentences.
    #[serde(deserialize_with = "said::read_each")]
    #[cfg_attr(feature = "testing", schemars(with = "Vec<Said>"))]
    pub notes: Vec<Said>,
    /// Whether it helped; null: not seen yet.
    pub judged: Option<FixView>,
    /// The plan as it was written, where another version says something in it that is not known here: its hash is over
    /// that, so it is written as it was.
    #[serde(skip)]
    pub(super) as_written: Option<Box<Value>>,
}

/// How far a fix came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It began and did not come to its end: it is under way, or was cut short.
    Begun,
    /// Every step was done.
    Done,
    /// A step failed; those before it stay done.
    Failed,
    /// It was taken back, as far as it could be.
    Undone,
}

/// How far a step came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct StepRecord {
    /// How far.
    pub stage: Stage,
    /// What came of it, as a fragment; empty: nothing yet.
    #[serde(serialize_with = "said::write_or_nothing", deserialize_with = "said::read_or_nothing")]
    #[cfg_attr(feature = "testing", schemars(schema_with = "said::schema_or_nothing"))]
    pub said: Option<Said>,
}

/// How far a step came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It was not begun.
    Waiting,
    /// It was begun; whether it was done, only what it acts on can tell.
    Begun,
    /// It was done.
    Done,
    /// It was not done.
    Failed,
    /// It was taken back.
    Undone,
}

/// One entry of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// A receipt.
    Receipt(Box<Receipt>),
    /// What should be one and cannot be read as one.
    Unreadable {
        /// Its name.
        id: String,
        /// Why not.
        why: Said,
    },
}

impl Kept {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Receipt(receipt) => &receipt.id,
            Self::Unreadable { id, .. } => id,
        }
    }

    /// Everything that it says.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        match self {
            Self::Receipt(receipt) => receipt.each_said(each),
            Self::Unreadable { why, .. } => each(why),
        }
    }
}

/// Every receipt, the last one first.
#[must_use]
pub fn receipts(site: &Site) -> Vec<Kept> {
    let load = |n: u64| match load(&site.receipts, n) {
        Ok(receipt) => Kept::Receipt(Box::new(receipt)),
        Err(why) => Kept::Unreadable { id: id_of(n), why: why.into() },
    };
    numbers(&site.receipts).into_iter().rev().map(load).collect()
}

/// The name of a receipt after this one that changed the login service and was not taken back.
pub(super) fn later_of_service(site: &Site, receipt: &Receipt) -> Option<String> {
    let Purpose::Service(_) = receipt.plan.purpose else { return None };
    let after = |id: &str| number_of(id) > number_of(&receipt.id);
    receipts(site).into_iter().rev().find_map(|kept| match kept {
        Kept::Receipt(other) if after(&other.id) && other.stands() && other.plan.changes_service() => Some(other.id),
        Kept::Receipt(_) | Kept::Unreadable { .. } => None,
    })
}

/// Whether a fix is being applied or taken back right now, by whatever process.
#[must_use]
pub fn is_under_way(site: &Site) -> bool {
    let locked = |folder: File| matches!(folder.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock));
    File::open(&site.receipts).is_ok_and(locked)
}

/// One receipt: by its name (`fix-12`) or its number.
///
/// # Errors
/// If there is none of that name, or it cannot be read.
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
        let why = Message::ReceiptUnreadable { receipt: receipt(), why: Part::new(why) };
        Refusal::new(why, Message::DoLookAtReceipt { file, receipt: receipt() })
    })
}

/// Writes down whether a fix helped.
///
/// # Errors
/// If there is no such receipt, or the disk refuses.
pub fn judge(site: &Site, fix: &FixView) -> Result<(), Refusal> {
    read(site, &fix.receipt)?;
    let Some(n) = number_of(&fix.receipt) else { return Ok(()) };
    let text = serde_json::to_vec_pretty(fix).unwrap_or_default();
    disk::replace(&judged_path(&site.receipts, n), &text, MODE).map_err(|error| {
        let why = Message::NotJudged { receipt: verbatim(&fix.receipt), why: verbatim(&error) };
        Refusal::new(why, Message::DoFreeThatDisk)
    })
}

/// The folder of receipts, made if it is not there, and locked until this is dropped.
pub(super) struct Lock {
    folder: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would not do: a child that another thread is starting right now has a copy of the descriptor
        // until it execs, and the lock is the file's (flock(2)). What cannot be unlocked ends with this process.
        let _ = self.folder.unlock();
    }
}

impl Lock {
    pub(super) fn take(site: &Site) -> Result<Self, Refusal> {
        let refused = |error: &io::Error| {
            let why = Message::NoReceiptFolder { folder: named(&site.receipts), why: verbatim(error) };
            Refusal::new(why, Message::DoReceiptFolder)
        };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&site.receipts).map_err(|e| refused(&e))?;
        let folder = File::open(&site.receipts).map_err(|e| refused(&e))?;
        let began = Instant::now();
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(Self { folder }),
                Err(std::fs::TryLockError::WouldBlock) if began.elapsed() < A_MOMENT => {
                    crate::command::pause(A_MOMENT / 10);
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
    /// A new one on the disk, under the next number. Forgets the oldest ones that are too many.
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

    /// Whether something of it is still to be taken back, where it changed the login service.
    #[must_use]
    pub fn stands(&self) -> bool {
        let is_open = |stage| matches!(stage, Stage::Begun | Stage::Done | Stage::Failed);
        let mut steps = self.plan.steps.iter().zip(&self.steps);
        self.state != State::Undone && steps.any(|(step, record)| step.changes_service() && is_open(record.stage))
    }

    /// Brings it to the disk as it is now.
    pub(super) fn save(&self, site: &Site) -> io::Result<()> {
        let n = number_of(&self.id).ok_or(io::ErrorKind::InvalidInput)?;
        disk::replace(&path(&site.receipts, n), &self.text()?, MODE)
    }

    /// What it is written as: messages without their words; the judgement has a file of its own.
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

    /// Everything that it says.
    pub fn each_said(&mut self, each: &mut dyn FnMut(&mut Said)) {
        self.plan.each_said(each);
        self.steps.iter_mut().filter_map(|step| step.said.as_mut()).for_each(&mut *each);
        self.notes.iter_mut().for_each(&mut *each);
        self.judged.iter_mut().for_each(|judged| each(&mut judged.said));
    }

    /// Where the bytes of a file before a step are kept.
    pub(super) fn backup(&self, site: &Site, step: usize) -> PathBuf {
        site.receipts.join(format!("{}.{step}.before", self.id))
    }

    /// How far it came, as one line: "done", "failed at step 2 of 3: …".
    #[must_use]
    pub fn came(&self) -> Message {
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

/// Now, by the wall clock: a receipt is for people.
fn now() -> Moment {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX), cont_ns: 0 }
}

fn id_of(n: u64) -> String {
    format!("fix-{n}")
}

fn number_of(id: &str) -> Option<u64> {
    let digits = id.strip_prefix("fix-").unwrap_or(id);
    // `+7` and `007` are no names of files.
    digits.parse().ok().filter(|n: &u64| n.to_string() == digits)
}

fn path(folder: &Path, n: u64) -> PathBuf {
    folder.join(format!("fix-{n}.json"))
}

fn judged_path(folder: &Path, n: u64) -> PathBuf {
    folder.join(format!("fix-{n}.judged.json"))
}

/// The numbers of all receipts, in order. A folder that cannot be read has none.
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
        // It may say something that is not known here.
        let Written { plan } = serde_json::from_slice(&text).map_err(no_receipt)?;
        if receipt.hash != hash_of(plan.clone()) {
            return Err(Message::ReceiptPlanOther);
        }
        receipt.as_written = Some(Box::new(plan));
    }
    // One that cannot be read is as good as none: the receipt itself is what matters.
    receipt.judged = whole(&judged_path(folder, n)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    Ok(receipt)
}

fn whole(path: &Path) -> Result<Vec<u8>, Message> {
    let refused = |error: io::Error| Message::reported(error.to_string());
    if !std::fs::symlink_metadata(path).map_err(refused)?.is_file() {
        return Err(Message::ReceiptNoFile);
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(LONGEST + 1).read_to_end(&mut text).map_err(refused)?;
    if text.len() as u64 > LONGEST {
        return Err(Message::ReceiptTooLong { bytes: count(LONGEST) });
    }
    Ok(text)
}

/// Takes away the oldest receipts that are too many, with what lies beside them. What cannot be taken away stays.
fn forget_oldest(folder: &Path) {
    let numbers = numbers(folder);
    let Some(first_kept) = numbers.len().checked_sub(KEPT).and_then(|i| numbers.get(i)) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("fix-")?.split('.').next()?.parse::<u64>().ok());
        if number.is_some_and(|n| n < *first_kept) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Takes away the oldest folders that are too many, of what receipts kept.
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
