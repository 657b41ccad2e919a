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
use serde::{Deserialize, Serialize};

use super::plan::{Plan, Purpose};
use super::refusal::Refusal;
use super::site::Site;
use crate::disk;

/// Whoever only asks whether the folder is locked holds it for a moment; one who wants it waits for that.
const A_MOMENT: Duration = Duration::from_millis(100);
/// So many receipts are kept.
const KEPT: usize = 200;
/// When another receipt begins, so many of the folders are kept that earlier ones removed: an application is some
/// megabytes.
const KEPT_FOLDERS: usize = 3;
/// No receipt is longer, bytes: a plan writes files of 4 MiB at most, and JSON may double them.
const LONGEST: u64 = 32 << 20;
/// How receipts are written. A later one that means something else gets another number.
const FORMAT: u32 = 1;
/// Nobody else may read what was done.
pub(crate) const MODE: u32 = 0o600;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// How it is written: 1.
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
    pub notes: Vec<String>,
    /// Whether it helped; null: not seen yet.
    pub judged: Option<FixView>,
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

impl State {
    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begun => "cut short",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Undone => "undone",
        }
    }
}

/// How far a step came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct StepRecord {
    /// How far.
    pub stage: Stage,
    /// What came of it, as a fragment; empty: nothing yet.
    pub said: String,
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
        why: String,
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
}

/// Every receipt, the last one first.
#[must_use]
pub fn receipts(site: &Site) -> Vec<Kept> {
    let load = |n: u64| match load(&site.receipts, n) {
        Ok(receipt) => Kept::Receipt(Box::new(receipt)),
        Err(why) => Kept::Unreadable { id: id_of(n), why },
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
    let list = "goplswatch fix --history lists what was done";
    let Some(n) = number_of(id) else { return Err(Refusal::new(format!("{id:?} is no receipt"), list)) };
    if !path(&site.receipts, n).exists() {
        return Err(Refusal::new(format!("there is no receipt {}", id_of(n)), list));
    }
    load(&site.receipts, n).map_err(|why| {
        let file = path(&site.receipts, n);
        Refusal::new(
            format!("the receipt {} cannot be read: {why}", id_of(n)),
            format!(
                "look at {}; copies of files as they were lie beside it, named {}.N.before",
                file.display(),
                id_of(n)
            ),
        )
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
        Refusal::new(
            format!("could not write down whether {} helped: {error}", fix.receipt),
            "free some space on that disk",
        )
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
        let refused = |error: &dyn std::fmt::Display| {
            Refusal::new(
                format!("the folder of receipts {} cannot be used: {error}", site.receipts.display()),
                "without a receipt nothing is touched; the folder must be yours and writable",
            )
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
                    return Err(Refusal::new(
                        "another fix is being applied or taken back right now",
                        "try again when it is over; goplswatch fix --history shows it",
                    ));
                }
                Err(std::fs::TryLockError::Error(error)) => return Err(refused(&error)),
            }
        }
    }
}

impl Receipt {
    /// A new one on the disk, under the next number. Forgets the oldest ones that are too many.
    pub(super) fn create(site: &Site, plan: &Plan, _held: &Lock) -> io::Result<Self> {
        let waiting = StepRecord { stage: Stage::Waiting, said: String::new() };
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

    /// What it is written as: the judgement has a file of its own.
    fn text(&self) -> io::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(&Self { judged: None, ..self.clone() })?;
        text.push(b'\n');
        Ok(text)
    }

    /// Where the bytes of a file before a step are kept.
    pub(super) fn backup(&self, site: &Site, step: usize) -> PathBuf {
        site.receipts.join(format!("{}.{step}.before", self.id))
    }

    /// How far it came, as one line: "done", "failed at step 2 of 3: …".
    #[must_use]
    pub fn came(&self) -> String {
        let of = self.steps.len();
        let at = |stage| self.steps.iter().position(|step| step.stage == stage);
        match self.state {
            State::Done | State::Undone => self.state.word().into(),
            State::Failed => match at(Stage::Failed).and_then(|i| Some((i, self.steps.get(i)?))) {
                Some((i, step)) => format!("failed at step {} of {of}: {}", i + 1, step.said),
                None => "failed".into(),
            },
            State::Begun => match at(Stage::Begun) {
                Some(i) => format!("cut short in step {} of {of}", i + 1),
                None => {
                    let done = self.steps.iter().filter(|step| step.stage == Stage::Done).count();
                    format!("cut short after {done} of {of} steps")
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

fn load(folder: &Path, n: u64) -> Result<Receipt, String> {
    let text = whole(&path(folder, n))?;
    let mut receipt: Receipt = serde_json::from_slice(&text).map_err(|error| format!("it is no receipt ({error})"))?;
    if receipt.format != FORMAT {
        return Err(format!("it is written in format {}, and this goplswatch reads {FORMAT}", receipt.format));
    }
    if receipt.id != id_of(n) {
        return Err(format!("it says that it is {:?}", receipt.id));
    }
    if receipt.steps.len() != receipt.plan.steps.len() {
        return Err("its steps do not fit its plan".into());
    }
    if receipt.hash != receipt.plan.hash() {
        return Err("its plan is not the one that was confirmed".into());
    }
    // One that cannot be read is as good as none: the receipt itself is what matters.
    receipt.judged = whole(&judged_path(folder, n)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    Ok(receipt)
}

fn whole(path: &Path) -> Result<Vec<u8>, String> {
    let kind = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?.file_type();
    if !kind.is_file() {
        return Err("it is no file".into());
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(LONGEST + 1).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
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
