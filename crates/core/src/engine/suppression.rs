//! Suppression: what the user does not want to be notified of, and until when. Detection continues;
//! notifications check here.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agenda::Due;
use super::table::{Set, Table};
use super::{Effect, LATEST, Now, State, emit};
use crate::event::{EventName, IncidentView, PauseView, SnoozeView, Subject as About, SuppressionView};
use crate::input::UserCommand;
use crate::message::{Message, Verbatim};
use crate::time::{Moment, Ms, Uptime, YEAR, millis};

/// The longest path or id that is accepted, bytes (PATH_MAX of Linux).
const LONGEST_NAME: usize = 4_096;
/// Maximum number of muted folders.
const MAX_MUTED_FOLDERS: usize = 1_000;

/// A future time. The continuous clock decides; the wall clock is for display, and covers the time
/// that a machine was off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Deadline {
    at: Moment,
    #[serde(rename = "for_ms", with = "Ms")]
    length: Duration,
}

impl Deadline {
    fn after(now: Moment, length: Duration) -> Self {
        let length = length.min(YEAR);
        let wall_ms = now.wall_ms.saturating_add(i64::try_from(millis(length)).unwrap_or(i64::MAX));
        Self { at: Moment { wall_ms, uptime: (now.uptime + length).min(LATEST) }, length }
    }

    fn is_over(self, now: Moment) -> bool {
        now.uptime >= self.at.uptime
    }

    /// Converts to the clock of another boot: the time left by the wall clock, but never more than
    /// was requested.
    fn rebased(self, now: Moment) -> Self {
        let left = u64::try_from(self.at.wall_ms.saturating_sub(now.wall_ms)).unwrap_or(0);
        Self { at: Self::after(now, self.length.min(Duration::from_millis(left))).at, length: self.length }
    }
}

/// A pause of all notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Pause {
    Until(Deadline),
    UntilResumed,
}

impl Pause {
    const fn deadline(self) -> Option<Deadline> {
        match self {
            Self::Until(deadline) => Some(deadline),
            Self::UntilResumed => None,
        }
    }
}

/// See the module documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Suppression {
    paused: Option<Pause>,
    muted: Set<String>,
    snoozed: Table<String, Deadline>,
}

impl Suppression {
    pub(super) fn view(&self, now: Moment) -> SuppressionView {
        let paused = self.paused.filter(|pause| pause.deadline().is_none_or(|d| !d.is_over(now)));
        SuppressionView {
            paused: paused.map(|pause| PauseView { until: pause.deadline().map(|d| d.at.rfc3339()) }),
            muted: self.muted.iter().cloned().collect(),
            snoozed: self
                .snoozed
                .iter()
                .filter(|(_, until)| !until.is_over(now))
                .map(|(incident, until)| SnoozeView { incident: incident.clone(), until: until.at.rfc3339() })
                .collect(),
        }
    }

    /// Whether the user does not want to be notified of this incident now. Muting a folder includes
    /// those below it.
    pub(super) fn silences(&self, now: Moment, view: &IncidentView) -> bool {
        self.paused.is_some_and(|pause| pause.deadline().is_none_or(|until| !until.is_over(now)))
            || self.is_snoozed(&view.id, now)
            || view.workspace.as_ref().is_some_and(|folder| self.is_muted(folder))
    }

    /// For a state that has lost its incidents, and with them their snoozes.
    pub(super) fn without_incidents(self) -> Self {
        Self { snoozed: Table::default(), ..self }
    }

    /// A reboot closes all incidents, and with them their snoozes.
    pub(super) fn machine_restarted(&mut self, now: Moment) {
        self.snoozed.clear();
        if let Some(Pause::Until(deadline)) = &mut self.paused {
            *deadline = deadline.rebased(now);
        }
    }

    pub(super) fn is_snoozed(&self, incident: &str, now: Moment) -> bool {
        self.snoozed.get(incident).is_some_and(|until| !until.is_over(now))
    }

    /// Whether this folder, or one above it, is muted.
    pub(super) fn is_muted(&self, folder: &str) -> bool {
        !self.muted.is_empty() && Path::new(folder).ancestors().filter_map(Path::to_str).any(|f| self.muted.contains(f))
    }

    /// A closed incident needs no snooze.
    pub(super) fn forget(&mut self, incident: &str) {
        self.snoozed.remove(incident);
    }

    /// When the next pause or snooze expires.
    fn next(&self) -> Option<Uptime> {
        let pause = self.paused.and_then(Pause::deadline);
        self.snoozed.values().chain(pause.as_ref()).map(|d| d.at.uptime).min()
    }
}

impl State {
    /// Whether a user command can be carried out now.
    ///
    /// # Errors
    /// Why not, and what to do instead.
    pub fn check_user_command(&self, user_command: &UserCommand) -> Result<(), Message> {
        // No user means a year or more.
        let time = |length: Duration| match length {
            Duration::ZERO => Err(Message::TimeIsZero),
            length if length >= YEAR => Err(Message::TimeTooLong),
            _ => Ok(()),
        };
        match user_command {
            UserCommand::Snooze { incident, length } => {
                time(*length)?;
                if self.incident(incident).is_none() {
                    return Err(Message::NoSuchIncident { incident: Verbatim(incident.clone()) });
                }
                Ok(())
            }
            UserCommand::Unsnooze { incident } if !self.suppression.snoozed.contains_key(incident) => {
                Err(Message::NotSnoozed { incident: Verbatim(incident.clone()) })
            }
            UserCommand::Mute { workspace } if !workspace.starts_with('/') || workspace.len() > LONGEST_NAME => {
                Err(Message::NoWholePath)
            }
            UserCommand::Mute { .. } if self.suppression.muted.len() >= MAX_MUTED_FOLDERS => {
                Err(Message::TooManyMuted { most: super::count(MAX_MUTED_FOLDERS) })
            }
            UserCommand::Unmute { workspace } if !self.suppression.muted.contains(workspace) => {
                Err(Message::NotMuted { folder: Verbatim(workspace.clone()) })
            }
            UserCommand::Pause { length: Some(length) } => time(*length),
            UserCommand::FixBegins { receipt, .. }
            | UserCommand::FixEnds { receipt, .. }
            | UserCommand::FixUndone { receipt }
                if receipt.is_empty() || receipt.len() > LONGEST_NAME =>
            {
                Err(Message::NoReceipt)
            }
            UserCommand::Unsnooze { .. }
            | UserCommand::Mute { .. }
            | UserCommand::Unmute { .. }
            | UserCommand::Pause { .. }
            | UserCommand::Resume {}
            | UserCommand::ProbeNow {}
            | UserCommand::FixBegins { .. }
            | UserCommand::FixEnds { .. }
            | UserCommand::FixUndone { .. } => Ok(()),
        }
    }

    /// Carries out a user command. It was checked when it was accepted; one that does not fit any
    /// more has no effect.
    pub(super) fn user_command(&mut self, now: Now, user_command: UserCommand, out: &mut Vec<Effect>) {
        if self.check_user_command(&user_command).is_err() {
            return;
        }
        let before = self.suppression.view(now.at);
        match user_command {
            UserCommand::Snooze { incident, length } => {
                self.suppression.snoozed.insert(incident, Deadline::after(now.at, length));
            }
            UserCommand::Unsnooze { incident } => {
                self.suppression.snoozed.remove(&incident);
            }
            UserCommand::Mute { workspace } => {
                self.suppression.muted.insert(workspace);
            }
            UserCommand::Unmute { workspace } => {
                self.suppression.muted.remove(&workspace);
            }
            UserCommand::Pause { length } => {
                let until = length.map(|length| Pause::Until(Deadline::after(now.at, length)));
                self.suppression.paused = Some(until.unwrap_or(Pause::UntilResumed));
            }
            UserCommand::Resume {} => self.suppression.paused = None,
            UserCommand::FixBegins { receipt, remedy, incident, process } => {
                self.fix_begins(now, receipt, remedy, incident, process, out);
            }
            UserCommand::FixEnds { receipt, done, signalled } => self.fix_ends(now, &receipt, done, signalled, out),
            UserCommand::FixUndone { receipt } => self.fix_undone(now, &receipt, out),
            UserCommand::ProbeNow {} => {}
        }
        self.tell_quiet(now, &before, out);
        self.schedule_quiet();
    }

    /// Drops what has expired.
    pub(super) fn judge_quiet(&mut self, now: Now, out: &mut Vec<Effect>) {
        let due = |until: &Deadline| until.is_over(now.at);
        let pause_over = self.suppression.paused.and_then(Pause::deadline).as_ref().is_some_and(due);
        let over = pause_over || self.suppression.snoozed.values().any(due);
        if over {
            self.suppression.snoozed.retain(|_, until| !due(until));
            self.suppression.paused = self.suppression.paused.filter(|_| !pause_over);
            self.touch_alerts();
            let view = self.suppression.view(now.at);
            emit(out, now, EventName::AlertsChanged, About::Alerts(Box::new(view)));
        }
    }

    pub(super) fn schedule_quiet(&mut self) {
        if let Some(at) = self.suppression.next() {
            self.agenda.schedule(at, Due::Quiet);
        }
    }

    fn tell_quiet(&mut self, now: Now, before: &SuppressionView, out: &mut Vec<Effect>) {
        let view = self.suppression.view(now.at);
        if view != *before {
            emit(out, now, EventName::AlertsChanged, About::Alerts(Box::new(view)));
            // A query that follows immediately must see the change.
            self.touch_alerts();
            self.judge_alerts(now, out);
        }
    }
}
