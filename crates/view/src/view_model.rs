//! A snapshot with what has to be computed from the whole before any part of it is worded: the
//! order of incidents, unambiguous names of folders, and which incidents are snoozed or muted.

use std::cmp::Reverse;

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::codes::Severity;
use goplswatch_core::event::IncidentView;
use goplswatch_core::message::{Count, Message, Text, Verbatim};
use goplswatch_core::{Reading, Snapshot};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::words::{self, FolderNames};
use crate::{Catalogue, Context, Form, Phrase, causes};

/// See the module documentation.
pub(crate) struct ViewModel<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) context: &'a Context,
    pub(crate) folder_names: FolderNames<'a>,
    /// Open incidents, the most important first, those that are snoozed or muted last.
    pub(crate) incidents: Vec<&'a IncidentView>,
}

/// Why an incident causes no notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence<'a> {
    /// It is snoozed until this time, RFC 3339.
    Snoozed(&'a str),
    /// This folder is muted.
    Muted(&'a str),
}

impl<'a> ViewModel<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, context: &'a Context) -> Self {
        let servers = || snapshot.servers.iter().map(|status| &status.server);
        let of_servers = servers().filter_map(|server| server.workspace.known());
        let of_incidents = snapshot.incidents.iter().filter_map(|view| view.workspace.as_ref());
        let folders = of_servers.chain(of_incidents).chain(&snapshot.alerts.muted);
        let mut view_model = Self {
            snapshot,
            context,
            folder_names: FolderNames::new(folders.map(String::as_str)),
            incidents: Vec::new(),
        };
        let mut weighed: Vec<_> = snapshot.incidents.iter().collect();
        weighed.sort_by_cached_key(|view| {
            (view_model.silence(view).is_some(), Reverse(view.severity), view.code.row().rank, view.code)
        });
        view_model.incidents = weighed;
        view_model
    }

    /// The short name of an incident's folder.
    pub(crate) fn folder(&self, view: &IncidentView) -> Option<String> {
        view.workspace.as_deref().map(|path| self.folder_name(path))
    }

    /// The incident with this id, if it is open.
    pub(crate) fn incident(&self, id: &str) -> Option<&'a IncidentView> {
        self.snapshot.incidents.iter().find(|view| view.id == id)
    }

    /// The text of an incident, sentence by sentence, without the sentence that names its cause;
    /// causes are shown separately.
    pub(crate) fn text_alone(&self, view: &IncidentView, form: Form) -> Vec<String> {
        self.words().text_alone(view, form)
    }

    /// The probable causes of an incident, the likeliest first: "Most likely: out of file
    /// descriptors (61 k of 61 k)".
    pub(crate) fn causes(&self, view: &'a IncidentView, form: Form) -> impl Iterator<Item = String> {
        let words = self.words();
        causes::causes(view).map(move |cause| words.cause_of(cause, form))
    }

    /// The title of an incident.
    pub(crate) fn title(&self, view: &IncidentView) -> String {
        self.words().title(&view.titled())
    }

    /// The title of an incident with its folder.
    pub(crate) fn title_with_folder(&self, view: &IncidentView) -> String {
        match self.folder(view) {
            None => self.title(view),
            Some(folder) => self.words().title_in(&view.titled(), &folder),
        }
    }

    pub(crate) const fn words(&self) -> &'static Catalogue {
        self.context.words
    }

    pub(crate) fn phrase(&self, phrase: &Phrase) -> String {
        self.context.words.phrase(phrase)
    }

    /// The short name of a folder.
    pub(crate) fn folder_name(&self, path: &str) -> String {
        self.folder_names.name(path).unwrap_or_else(|| self.words().plain("unnamed-folder"))
    }

    /// The short name of a folder that may be unknown.
    pub(crate) fn place_of(&self, reading: &Reading<String>) -> String {
        reading.known().map_or_else(|| self.phrase(&Phrase::UnknownFolder), |path| self.folder_name(path))
    }

    /// The total resident memory of servers: "850 MB"; "at least 850 MB" if that of some is
    /// unknown; `None` if that of all is unknown.
    pub(crate) fn memory(&self, each: impl Iterator<Item = Option<u64>>) -> Option<String> {
        let (mut sum, mut known, mut unknown) = (0u64, false, false);
        for bytes in each {
            match bytes {
                Some(bytes) => (sum, known) = (sum.saturating_add(bytes), true),
                None => unknown = true,
            }
        }
        let amount = self.words().bytes(sum);
        let said = if unknown { self.phrase(&Phrase::AtLeast { amount: Text(amount) }) } else { amount };
        known.then_some(said)
    }

    /// Why an incident causes no notifications; `None` if it may cause some.
    pub(crate) fn silence(&self, view: &'a IncidentView) -> Option<Silence<'a>> {
        let alerts = &self.snapshot.alerts;
        if let Some(snooze) = alerts.snoozed.iter().find(|snooze| snooze.incident == view.id) {
            return Some(Silence::Snoozed(&snooze.until));
        }
        let workspace = view.workspace.as_deref()?;
        alerts.muted.iter().find(|folder| is_within(workspace, folder)).map(|folder| Silence::Muted(folder))
    }

    /// The incidents of a severity that are neither snoozed nor muted.
    pub(crate) fn not_silenced(&self, severity: Severity) -> impl Iterator<Item = &'a IncidentView> {
        self.incidents.iter().copied().filter(move |view| view.severity == severity && self.silence(view).is_none())
    }

    /// A time in the user's zone.
    pub(crate) fn moment(&self, text: &str) -> String {
        format_time(self.words(), text, &self.context.zone, self.context.today)
    }

    /// The number of servers.
    pub(crate) fn servers(&self) -> Count {
        count(self.snapshot.servers.len())
    }

    /// `None` if the process table can be read; otherwise the reason, if known.
    pub(crate) fn process_table_error(&self) -> Option<Option<&'a Message>> {
        let table = self.snapshot.capabilities.iter().find(|c| c.name == "process-table");
        match table {
            Some(c) if c.state == CapabilityState::Ok => None,
            table => Some(table.map(|c| &*c.said.message)),
        }
    }
}

/// Whether a path is a folder or below it.
fn is_within(path: &str, folder: &str) -> bool {
    let (path, folder) = (path.trim_end_matches('/'), folder.trim_end_matches('/'));
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An RFC 3339 time as the time of day in a zone, with the date if it is not today. One that cannot
/// be parsed is shown as it is.
fn format_time(catalogue: &Catalogue, text: &str, zone: &TimeZone, today: Date) -> String {
    let Ok(stamp) = text.parse::<jiff::Timestamp>() else { return words::sanitize(text) };
    let there = stamp.to_zoned(zone.clone());
    let time = there.strftime("%H:%M").to_string();
    if there.date() == today {
        return time;
    }
    let count = |n: i16| Count::new(n.unsigned_abs().into());
    let (day, month, year) = (count(there.day().into()), count(there.month().into()), count(there.year()));
    catalogue.phrase(&Phrase::MomentOf { day, month, year, time: Verbatim(time) })
}

/// A number as the argument of a phrase.
pub(crate) fn count(n: usize) -> Count {
    Count::new(u64::try_from(n).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_another_day_has_its_date() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let today = jiff::civil::date(2026, 11, 22);
        assert_eq!(format_time(Catalogue::english(), "2026-11-22T13:00:00.000Z", &zone, today), "15:00");
        assert_eq!(format_time(Catalogue::english(), "2026-11-22T23:05:00.000Z", &zone, today), "23 Nov 2026, 01:05");
        assert_eq!(format_time(Catalogue::english(), "9ms\u{7}", &zone, today), "9ms");
    }
}
