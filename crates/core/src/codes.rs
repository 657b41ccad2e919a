//! The table of problem codes. A row holds everything that depends on the kind of problem: how
//! severe it is, when and how it is reported, what it is about, which gauges it depends on, what
//! ends it, what it explains, what helps against it. Nothing else matches on a code, except one
//! test (`engine/fixes.rs`). Its texts are in the catalogue of the `view` crate, under the same
//! name.
//!
//! A new code needs its name (`code.rs`); its row here; the time of its fix in the test of
//! `engine/fixes.rs`; its detector (`engine/pressure/detectors.rs`) and an episode
//! (`tests/it/hour/machine.rs`), if it depends on a gauge; its catalogue entry
//! (`view/catalogue/en/codes.ftl`), which is also its page; a scenario that shows its row and
//! reports it (`tests/it/scenarios`), and the snapshot of that scenario. The snapshots of `view`
//! that show every code change too. CONTRIBUTING.md has the steps. Anything missing or deleted is
//! detected. The compiler reports a variant without a row (E0004), a row without its variant
//! (E0599, as for any other use of it), a field that rows have and [`Row`] does not (E0560), and a
//! field without its default in [`DEFAULT_ROW`] (E0063) or missing from the lists in the tests
//! (`Row::own`, E0027). The tests report, by name: each field of each row, each detector, each part
//! of each catalogue entry, each line that shows a row, and the scenarios that report a code.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::code::{Code, CodeSet};
use crate::config::Config;
use crate::gauge::{Gauge, ProbeRequest};
use crate::message::{Message, Millis, OfCode};
use crate::remedy::Remedy;
use crate::time::MINUTE;

/// How severe an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is broken.
    Advice,
    /// Something that the user relies on does not work, or is about to stop working.
    Problem,
}

impl Severity {
    /// The kebab-case name used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Problem => "problem",
        }
    }
}

/// How an incident is reported outside of the `watch` command, which shows everything at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NotificationLevel {
    /// A notification that may interrupt the user.
    Active,
    /// A notification that waits until the user looks at it.
    Passive,
    /// No notification: it appears in the menu and in `status`, and as a cause in other
    /// notifications.
    MenuOnly,
}

/// How likely a cause of an incident is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The system reported it.
    Certain,
    /// The readings fit this cause best.
    MostLikely,
    /// The readings fit this cause as well.
    Possible,
    /// It happened at the same time, which proves nothing.
    SameTime,
}

impl Weight {
    /// The kebab-case name used in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::MostLikely => "most-likely",
            Self::Possible => "possible",
            Self::SameTime => "same-time",
        }
    }
}

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A lineage: the successive servers of one client on one folder.
    Lineage,
    /// One server.
    Server,
    /// One child that loads packages.
    Load,
    /// One client.
    Client,
    /// The machine.
    Machine,
    /// One fix.
    Fix,
}

/// What ends an incident, apart from the end of what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What exceeded its threshold is back below it.
    Relieved,
    /// A server has run for long enough.
    Recovered,
    /// No server has ended for long enough.
    Stable,
    /// A server runs again.
    RunsAgain,
    /// No server runs there any more.
    NothingRuns,
    /// The client no longer restarts it.
    NotRestarted,
    /// The client's restart counter has room again.
    CountHasRoom,
    /// There are fewer servers.
    Fewer,
    /// The load ended.
    LoadEnded,
    /// The server of the load ended.
    LoadLost,
    /// The load is active again.
    LoadMoves,
    /// A process of the load was stopped.
    LoadStopped,
    /// The load is no longer active.
    LoadStands,
    /// What was translated now runs natively.
    NativeNow,
}

impl End {
    const COUNT: usize = Self::NativeNow as usize + 1;
}

/// What something can be the cause of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Every code that reports an end.
    AnEnd,
    /// This code.
    Of(Code),
}

/// How a code is described when it is the cause of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AsCause {
    /// By its title.
    Title,
    /// By this message.
    Fixed(Message),
    /// By its current measurement.
    Measured,
    /// By the process that it is about.
    Process,
}

/// How strong the evidence is that something is the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseStrength {
    /// It is no cause.
    Nothing,
    /// Always this weight, however a server ended.
    Always(Weight),
    /// Most likely if it uses most of the exhausted resource, otherwise possible; no cause if it
    /// uses none of it.
    ByShare,
    /// Most likely if a server failed by itself, possible if it was sent a signal.
    ByItself,
    /// Most likely, but only possible if a server failed by itself or was sent a signal other than
    /// SIGKILL.
    UnlessFault,
    /// Possible if a server was killed; otherwise it merely happened at the same time.
    IfKilled,
}

/// A cause that follows from the incident itself rather than from other incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnCause {
    /// How the servers ended.
    Ends,
    /// How the servers ended, except for a crash, which the incident reports anyway.
    EndsButCrash,
    /// The memory limit of the control group that the server belonged to.
    GroupLimit,
    /// Memory compared with what is usual there.
    UnusualMemory,
    /// Several servers on one folder.
    Sharing,
    /// What the load waits for.
    Waits,
}

/// How it is decided whether a fix for an incident helped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuccessCriterion {
    /// It helped if the incident is over.
    Over,
    /// It helped if no server ended again and the restart loop is recovering or over.
    Loop,
    /// It helped if no server ended again.
    Ends,
    /// It helped if no server ended again. That the incident is still open only means that the
    /// client's counter has not been reset yet.
    EndsUntilForgotten,
    /// It helped if there is one server less.
    Fewer,
}

/// How often the user is notified of the same problem in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// As often as the alert policy allows.
    ByPolicy,
    /// Once a day. The cause is the set-up of the machine, so every gopls that starts has the
    /// problem again until the set-up is changed.
    OnceADay,
}

/// Which incidents count as the same problem in the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecurrenceScope {
    /// Those of the same folder; without a folder, those of the same lineage.
    InItsFolder,
    /// All of them, wherever they occur.
    Everywhere,
}

/// What an incident without a notification of its own adds to the notification of the incident that
/// the user feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseNote {
    /// That it was present at the same time.
    ItsTitle,
    /// Nothing: the other incident's text already says it.
    Nothing,
    /// That the next end is final.
    NextEndIsFinal,
    /// That a fix did not help.
    FixWasNoHelp,
}

/// A rule by which a remedy is offered. The engine determines what applies in a given case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Restart the server: by a signal, by force, or by the client's own command.
    Restart,
    /// The client's own restart command only.
    CopyRestart,
    /// Manual steps for a person.
    ByHand,
    /// End a leftover child that loads packages.
    StopOrphan,
    /// End servers that no client uses.
    StopDuplicates,
    /// One shared server instead of several.
    Share,
    /// Change a setting of the client.
    Set(Remedy),
    /// Change a setting of the client, if file watches make up a good part of the descriptors.
    SetIfWatching(Remedy),
    /// Rebuild the server for this machine.
    Reinstall,
    /// The remedies against descriptors, for each server that holds too many.
    OfHolders,
    /// Raise the user's limit of file watches.
    RaiseWatchLimit,
    /// A remedy that is the same in every case.
    Plain(Remedy),
}

/// The message for an end, given the thresholds in force.
pub type Words = fn(&Config) -> Message;

// A row is a constant, in which no function can be called.
const THREE_SECONDS: Duration = Duration::from_secs(3);
const FIVE_SECONDS: Duration = Duration::from_secs(5);
const TEN_SECONDS: Duration = Duration::from_secs(10);
const THREE_MINUTES: Duration = Duration::from_secs(180);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// A duration given the thresholds in force.
pub type Time = fn(&Config) -> Duration;

/// The table's row for a code.
#[derive(Clone, Debug)]
pub struct Row {
    /// How severe it is.
    pub severity: Severity,
    /// How long an incident must stay open before a notification is sent.
    pub delay: Duration,
    /// How it is reported.
    pub notification_level: NotificationLevel,
    /// The codes that the user feels instead. While one of them is open for the same lineage (of a
    /// load: for the same folder), this one gets no notification of its own, but is named as the
    /// cause in the other's.
    pub suppressed_by: &'static [Code],
    /// What it is about. An incident about lost file events can also be about the machine.
    pub about: Topic,
    /// Position in a menu: 0 first, for what the user misses most, to 7 last, for what can wait;
    /// equal ranks in the order of this table.
    pub rank: u8,
    /// Whether it also makes the digest notify the user, so that it is never lost among many other
    /// reports.
    pub rings_digest: bool,
    /// Whether its title names the client.
    pub names_client: bool,
    /// Whether its manual steps refer to the server's process by pid, as a command to be typed has
    /// to.
    pub names_process: bool,
    /// Whether it reports that gopls ended.
    pub reports_end: bool,
    /// Whether it shows how many restarts are left.
    pub shows_restarts_left: bool,
    /// Whether gopls is unavailable, so that a notification says how to bring it back.
    pub means_unavailable: bool,
    /// How often a notification about it may be repeated.
    pub repeats: Repeats,
    /// Which incidents count as the same problem.
    pub recurrence_scope: RecurrenceScope,
    /// Whether only one notification is sent if several incidents in the same place have this code.
    pub once_per_place: bool,
    /// What it adds to the notification of the incident that the user feels.
    pub cause_note: CauseNote,
    /// The gauges that it depends on.
    pub gauges: &'static [Gauge],
    /// The probe request that is repeated while they exceed their threshold.
    pub probe_request: Option<ProbeRequest>,
    /// How long they must exceed their threshold.
    pub open_after: Time,
    /// How long they must be back below it.
    pub close_after: Time,
    /// What ends it, with the message for that.
    pub ends: &'static [(End, Words)],
    /// Whether it also explains what follows from the end of the server that it is about.
    pub outlives_its_server: bool,
    /// What it can be the cause of; the first entry that matches counts.
    pub explains: &'static [(Consequence, CauseStrength)],
    /// The causes that follow from the incident itself.
    pub own_causes: &'static [OwnCause],
    /// How it is described as a cause.
    pub as_cause: AsCause,
    /// Order among causes of the same weight; lower comes first.
    pub cause_order: u8,
    /// How it is decided whether a fix for it helped.
    pub success_criterion: SuccessCriterion,
    /// Whether its end can be observed even without the client.
    pub seen_without_client: bool,
    /// How long the problem needs to show itself again, which is how long a fix for it is watched.
    pub window: Time,
    /// What helps against it, in the order in which it is offered.
    pub offers: &'static [Offer],
    /// Whether the goroutine stacks of gopls can be dumped, which ends it.
    pub offers_dump: bool,
    /// What people call it, in lower case, for `explain`. Errors are listed as they are printed:
    /// `strerror` of EMFILE, ENFILE and ENOSPC. ENOSPC is what inotify returns when no watch is
    /// left (inotify_add_watch(2)).
    pub synonyms: &'static [&'static str],
}

/// The default values of a row.
const DEFAULT_ROW: Row = Row {
    severity: Severity::Advice,
    delay: Duration::ZERO,
    notification_level: NotificationLevel::Passive,
    suppressed_by: &[],
    about: Topic::Machine,
    rank: 6,
    rings_digest: false,
    names_client: false,
    names_process: false,
    reports_end: false,
    shows_restarts_left: false,
    means_unavailable: false,
    repeats: Repeats::ByPolicy,
    recurrence_scope: RecurrenceScope::InItsFolder,
    once_per_place: false,
    cause_note: CauseNote::ItsTitle,
    gauges: &[],
    probe_request: None,
    open_after: |_| Duration::ZERO,
    close_after: |config| config.relieved_after,
    ends: &[],
    outlives_its_server: false,
    explains: &[],
    own_causes: &[],
    as_cause: AsCause::Title,
    cause_order: 11,
    success_criterion: SuccessCriterion::Over,
    seen_without_client: false,
    window: |_| MINUTE,
    offers: &[],
    offers_dump: false,
    synonyms: &[],
};

/// Values that a row has in common with most rows are not shown for it. Values of its own are
/// covered by a scenario test.
#[cfg(any(test, feature = "testing"))]
impl Row {
    /// The fields that differ from the defaults, with their values under the default thresholds, in
    /// declaration order.
    #[must_use]
    pub fn own(&self) -> Vec<(&'static str, String)> {
        let plain = DEFAULT_ROW.values();
        self.values().into_iter().zip(plain).filter(|(own, plain)| own != plain).map(|(own, _)| own).collect()
    }

    /// All fields with their values. A field that is not listed here does not compile.
    fn values(&self) -> Vec<(&'static str, String)> {
        macro_rules! values {
            ($($field:ident),+) => { vec![$((stringify!($field), format!("{:?}", $field))),+] };
        }
        let Self {
            severity,
            delay,
            notification_level,
            suppressed_by,
            about,
            rank,
            rings_digest,
            names_client,
            names_process,
            reports_end,
            shows_restarts_left,
            means_unavailable,
            repeats,
            recurrence_scope,
            once_per_place,
            cause_note,
            gauges,
            probe_request,
            open_after,
            close_after,
            ends,
            outlives_its_server,
            explains,
            own_causes,
            as_cause,
            cause_order,
            success_criterion,
            seen_without_client,
            window,
            offers,
            offers_dump,
            synonyms,
        } = self;
        let config = Config::default();
        let [open_after, close_after, window] = [open_after, close_after, window].map(|time| time(&config));
        let ends: Vec<_> = ends.iter().map(|(end, words)| (end, words(&config))).collect();
        values![
            severity,
            delay,
            notification_level,
            suppressed_by,
            about,
            rank,
            rings_digest,
            names_client,
            names_process,
            reports_end,
            shows_restarts_left,
            means_unavailable,
            repeats,
            recurrence_scope,
            once_per_place,
            cause_note,
            gauges,
            probe_request,
            open_after,
            close_after,
            ends,
            outlives_its_server,
            explains,
            own_causes,
            as_cause,
            cause_order,
            success_criterion,
            seen_without_client,
            window,
            offers,
            offers_dump,
            synonyms
        ]
    }
}

impl Code {
    /// Its row in the table.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one table, read from top to bottom")]
    pub const fn row(self) -> &'static Row {
        match self {
            Self::RestartLoop => &Row {
                severity: Severity::Problem,
                delay: THREE_SECONDS,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[Self::EditorGaveUp],
                about: Topic::Lineage,
                rank: 3,
                rings_digest: true,
                reports_end: true,
                shows_restarts_left: true,
                ends: &[
                    (End::Stable, |config| Message::OverNoEnd { span: Millis::from(config.stable_after) }),
                    (End::NothingRuns, |_| Message::OverNothingRuns),
                    (End::NotRestarted, |_| Message::OverNotRestarted),
                ],
                cause_note: CauseNote::Nothing,
                window: |config| config.churn_window,
                success_criterion: SuccessCriterion::Loop,
                own_causes: &[OwnCause::Ends],
                offers: &[Offer::ByHand, Offer::Restart],
                ..DEFAULT_ROW
            },
            Self::OneLifeLeft => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[Self::RestartLoop, Self::EditorGaveUp],
                about: Topic::Lineage,
                rank: 4,
                reports_end: true,
                shows_restarts_left: true,
                ends: &[
                    (End::CountHasRoom, |_| Message::OverCountHasRoom),
                    (End::NothingRuns, |_| Message::OverNothingRuns),
                ],
                cause_note: CauseNote::NextEndIsFinal,
                window: |config| config.churn_window,
                success_criterion: SuccessCriterion::EndsUntilForgotten,
                own_causes: &[OwnCause::Ends],
                offers: &[Offer::Restart, Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::EditorGaveUp => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[],
                about: Topic::Lineage,
                rank: 0,
                rings_digest: true,
                names_client: true,
                reports_end: true,
                shows_restarts_left: true,
                means_unavailable: true,
                ends: &[(End::RunsAgain, |_| Message::OverRunsAgain)],
                own_causes: &[OwnCause::Ends],
                offers: &[Offer::Restart, Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::ServerGone => &Row {
                severity: Severity::Problem,
                delay: FIVE_SECONDS,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[],
                about: Topic::Lineage,
                rank: 1,
                names_client: true,
                reports_end: true,
                shows_restarts_left: true,
                means_unavailable: true,
                ends: &[(End::RunsAgain, |_| Message::OverRunsAgain)],
                own_causes: &[OwnCause::Ends],
                offers: &[Offer::Restart, Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::ServerCrashed => &Row {
                severity: Severity::Problem,
                delay: FIVE_SECONDS,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                about: Topic::Lineage,
                rank: 6,
                reports_end: true,
                ends: &[
                    (End::Recovered, |config| Message::OverRunning { span: Millis::from(config.recovering_after) }),
                    (End::NothingRuns, |_| Message::OverNothingRuns),
                ],
                cause_note: CauseNote::Nothing,
                window: |config| config.churn_window,
                success_criterion: SuccessCriterion::Ends,
                own_causes: &[OwnCause::EndsButCrash],
                offers: &[Offer::ByHand, Offer::Restart],
                ..DEFAULT_ROW
            },
            Self::ServerKilled => &Row {
                severity: Severity::Advice,
                delay: FIVE_SECONDS,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                about: Topic::Lineage,
                rank: 6,
                reports_end: true,
                ends: &[
                    (End::Recovered, |config| Message::OverRunning { span: Millis::from(config.recovering_after) }),
                    (End::NothingRuns, |_| Message::OverNothingRuns),
                ],
                cause_note: CauseNote::Nothing,
                window: |config| config.churn_window,
                success_criterion: SuccessCriterion::Ends,
                own_causes: &[OwnCause::Ends],
                offers: &[Offer::ByHand, Offer::Restart],
                synonyms: &["sigkill", "killed"],
                ..DEFAULT_ROW
            },
            Self::StuckLoad => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[],
                about: Topic::Load,
                rank: 2,
                ends: &[
                    (End::LoadEnded, |_| Message::OverLoadEnded),
                    (End::LoadLost, |_| Message::OverLoadLost),
                    (End::LoadMoves, |_| Message::OverLoadMoves),
                    (End::LoadStopped, |_| Message::OverLoadStopped),
                ],
                window: |config| config.stuck_load + Duration::from_secs(30),
                own_causes: &[OwnCause::Waits],
                offers: &[Offer::ByHand, Offer::Restart],
                offers_dump: true,
                ..DEFAULT_ROW
            },
            Self::SlowLoad => &Row {
                severity: Severity::Advice,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[Self::StuckLoad],
                about: Topic::Load,
                rank: 6,
                ends: &[
                    (End::LoadEnded, |_| Message::OverLoadEnded),
                    (End::LoadLost, |_| Message::OverLoadLost),
                    (End::LoadStands, |_| Message::OverLoadStands),
                ],
                cause_note: CauseNote::Nothing,
                offers: &[Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::OrphanGoList => &Row {
                severity: Severity::Advice,
                delay: TEN_SECONDS,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[Self::StuckLoad],
                about: Topic::Load,
                rank: 6,
                ends: &[(End::LoadEnded, |_| Message::OverLoadEnded)],
                explains: &[
                    (Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::Possible)),
                    (Consequence::Of(Code::StuckLoad), CauseStrength::Always(Weight::Possible)),
                ],
                cause_note: CauseNote::Nothing,
                window: |config| config.orphan_after + Duration::from_secs(5),
                as_cause: AsCause::Process,
                seen_without_client: true,
                offers: &[Offer::StopOrphan, Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::TooManyServers => &Row {
                severity: Severity::Advice,
                delay: MINUTE,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[],
                about: Topic::Lineage,
                rank: 6,
                ends: &[(End::Fewer, |_| Message::OverFewerServers)],
                explains: &[
                    (Consequence::Of(Code::MemoryPressure), CauseStrength::Always(Weight::Possible)),
                    (Consequence::Of(Code::OutOfMemoryKill), CauseStrength::Always(Weight::Possible)),
                ],
                success_criterion: SuccessCriterion::Fewer,
                as_cause: AsCause::Fixed(Message::CauseSeveral),
                offers: &[Offer::StopDuplicates, Offer::Share, Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::StaleBinary => &Row {
                severity: Severity::Advice,
                delay: MINUTE,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[],
                about: Topic::Server,
                rank: 6,
                ends: &[],
                offers: &[Offer::Restart, Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::FixDidNotHelp => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                // The user feels that gopls is unavailable, even if a fix led to it.
                suppressed_by: &[Self::ServerGone, Self::EditorGaveUp],
                about: Topic::Fix,
                rank: 6,
                rings_digest: true,
                ends: &[],
                cause_note: CauseNote::FixWasNoHelp,
                offers: &[Offer::ByHand],
                ..DEFAULT_ROW
            },
            Self::DescriptorPressure => &Row {
                severity: Severity::Problem,
                delay: MINUTE,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[Self::FileTableFull, Self::RestartLoop, Self::EditorGaveUp, Self::ServerGone],
                about: Topic::Server,
                rank: 6,
                gauges: &[Gauge::DescriptorBound, Gauge::Descriptors, Gauge::DescriptorLimit],
                ends: &[(End::Relieved, |_| Message::OverFewerHeld)],
                outlives_its_server: true,
                explains: &[
                    (Consequence::Of(Code::OutOfMemoryKill), CauseStrength::Nothing),
                    (Consequence::AnEnd, CauseStrength::ByItself),
                    (Consequence::Of(Code::FileTableFull), CauseStrength::ByShare),
                ],
                cause_order: 3,
                window: |config| config.load_forgiven + config.memory_trend + MINUTE,
                as_cause: AsCause::Measured,
                offers: &[Offer::SetIfWatching(Remedy::TurnOffWatcher), Offer::Restart, Offer::ByHand],
                synonyms: &[
                    "kqueue",
                    "knote",
                    "knotes",
                    "descriptor",
                    "descriptors",
                    "emfile",
                    "too many open files",
                    "open files",
                ],
                ..DEFAULT_ROW
            },
            Self::FileTableFull => &Row {
                severity: Severity::Problem,
                delay: TEN_SECONDS,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[],
                about: Topic::Machine,
                rank: 5,
                gauges: &[Gauge::FileTable, Gauge::FileTableLimit],
                probe_request: Some(ProbeRequest::DescriptorHolders),
                ends: &[(End::Relieved, |_| Message::OverFewerFiles)],
                explains: &[
                    (Consequence::Of(Code::OutOfMemoryKill), CauseStrength::Nothing),
                    (Consequence::AnEnd, CauseStrength::ByItself),
                    (Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::Possible)),
                    (Consequence::Of(Code::StuckLoad), CauseStrength::Always(Weight::Possible)),
                ],
                cause_order: 4,
                window: |config| config.relieved_after + MINUTE,
                as_cause: AsCause::Measured,
                offers: &[Offer::OfHolders, Offer::ByHand],
                synonyms: &["too many open files", "open files", "enfile", "maxfiles", "file table", "file-max"],
                ..DEFAULT_ROW
            },
            Self::WatchLimit => &Row {
                severity: Severity::Problem,
                delay: TEN_SECONDS,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[],
                about: Topic::Machine,
                rank: 6,
                gauges: &[Gauge::UserWatches, Gauge::UserWatchLimit],
                ends: &[(End::Relieved, |_| Message::OverFewerWatches)],
                window: |config| config.watch_look + MINUTE,
                as_cause: AsCause::Measured,
                offers: &[Offer::RaiseWatchLimit, Offer::ByHand],
                synonyms: &[
                    "inotify",
                    "enospc",
                    "max_user_watches",
                    "no space left on device",
                    "file watches",
                    "watches",
                ],
                ..DEFAULT_ROW
            },
            Self::OwnWatcher => &Row {
                severity: Severity::Advice,
                delay: MINUTE,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[Self::DescriptorPressure, Self::FileTableFull, Self::WatchLimit],
                about: Topic::Server,
                rank: 6,
                repeats: Repeats::OnceADay,
                gauges: &[Gauge::Watches],
                ends: &[(End::Relieved, |_| Message::OverWatchesFewer)],
                outlives_its_server: true,
                explains: &[
                    (Consequence::Of(Code::DescriptorPressure), CauseStrength::ByShare),
                    (Consequence::Of(Code::FileTableFull), CauseStrength::ByShare),
                    (Consequence::Of(Code::WatchLimit), CauseStrength::Always(Weight::Possible)),
                ],
                cause_order: 8,
                window: |config| config.load_forgiven + config.memory_trend + MINUTE,
                as_cause: AsCause::Measured,
                offers: &[
                    Offer::Set(Remedy::TurnOffWatcher),
                    Offer::Set(Remedy::PollFiles),
                    Offer::Restart,
                    Offer::ByHand,
                ],
                synonyms: &[
                    "kqueue",
                    "knote",
                    "knotes",
                    "descriptor",
                    "descriptors",
                    "emfile",
                    "fsnotify",
                    "filewatcher",
                    "file watcher",
                    "own watcher",
                ],
                ..DEFAULT_ROW
            },
            Self::RunawayMemory => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[Self::OutOfMemoryKill, Self::RestartLoop, Self::EditorGaveUp],
                about: Topic::Server,
                rank: 6,
                gauges: &[Gauge::Memory],
                ends: &[(End::Relieved, |_| Message::OverGrowsNoMore)],
                outlives_its_server: true,
                explains: &[
                    (Consequence::AnEnd, CauseStrength::UnlessFault),
                    (Consequence::Of(Code::MemoryPressure), CauseStrength::Always(Weight::Possible)),
                ],
                cause_order: 5,
                window: |config| config.load_forgiven + config.memory_trend + MINUTE,
                as_cause: AsCause::Measured,
                own_causes: &[OwnCause::UnusualMemory],
                offers: &[
                    Offer::Set(Remedy::ExcludeFolders),
                    Offer::Set(Remedy::LimitMemory),
                    Offer::Share,
                    Offer::Restart,
                    Offer::ByHand,
                ],
                synonyms: &["memory", "ram", "leak"],
                ..DEFAULT_ROW
            },
            Self::OutOfMemoryKill => &Row {
                severity: Severity::Problem,
                delay: FIVE_SECONDS,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[Self::RestartLoop, Self::OneLifeLeft, Self::EditorGaveUp, Self::ServerGone],
                about: Topic::Lineage,
                rank: 6,
                reports_end: true,
                ends: &[
                    (End::Recovered, |config| Message::OverRunning { span: Millis::from(config.recovering_after) }),
                    (End::NothingRuns, |_| Message::OverNothingRuns),
                ],
                explains: &[
                    (Consequence::Of(Code::OutOfMemoryKill), CauseStrength::Nothing),
                    (Consequence::AnEnd, CauseStrength::Always(Weight::MostLikely)),
                ],
                cause_order: 1,
                window: |config| config.churn_window,
                success_criterion: SuccessCriterion::Ends,
                as_cause: AsCause::Fixed(Message::CauseEndedForMemory),
                own_causes: &[OwnCause::GroupLimit, OwnCause::Sharing],
                offers: &[
                    Offer::Set(Remedy::ExcludeFolders),
                    Offer::Set(Remedy::LimitMemory),
                    Offer::Share,
                    Offer::CopyRestart,
                    Offer::ByHand,
                ],
                synonyms: &[
                    "oom",
                    "jetsam",
                    "out of memory",
                    "oom-killer",
                    "oom_kill",
                    "memory",
                    "ram",
                    "leak",
                    "sigkill",
                    "killed",
                ],
                ..DEFAULT_ROW
            },
            Self::RunawayCpu => &Row {
                severity: Severity::Advice,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[],
                about: Topic::Server,
                rank: 6,
                gauges: &[Gauge::Cpu],
                open_after: |config| config.busy_cpu,
                ends: &[(End::Relieved, |_| Message::OverLessBusyOrLoads)],
                outlives_its_server: true,
                window: |config| config.load_forgiven + config.busy_cpu + MINUTE,
                as_cause: AsCause::Measured,
                offers: &[Offer::Set(Remedy::ExcludeFolders), Offer::Restart, Offer::ByHand],
                synonyms: &["cpu", "busy", "battery"],
                ..DEFAULT_ROW
            },
            Self::BlockedIo => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[],
                about: Topic::Server,
                rank: 2,
                open_after: |config| config.blocked,
                close_after: |_| Duration::ZERO,
                ends: &[(End::Relieved, |_| Message::OverWaitsNoMore)],
                outlives_its_server: true,
                explains: &[
                    (Consequence::Of(Code::StuckLoad), CauseStrength::Always(Weight::MostLikely)),
                    (Consequence::Of(Code::EditorGaveUp), CauseStrength::Always(Weight::Possible)),
                    (Consequence::Of(Code::ServerGone), CauseStrength::Always(Weight::Possible)),
                    (Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::Possible)),
                ],
                cause_order: 7,
                as_cause: AsCause::Fixed(Message::CauseDisk),
                offers: &[Offer::ByHand],
                synonyms: &["uninterruptible", "d state", "fuse", "nfs"],
                ..DEFAULT_ROW
            },
            Self::StoppedServer => &Row {
                severity: Severity::Problem,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Active,
                suppressed_by: &[],
                about: Topic::Server,
                rank: 2,
                names_process: true,
                gauges: &[Gauge::StoppedAlone],
                // A process that is stopped only briefly, to be inspected or moved, is resumed
                // within this time.
                open_after: |_| Duration::from_secs(30),
                close_after: |_| Duration::ZERO,
                ends: &[(End::Relieved, |_| Message::OfCode { words: OfCode::over(Code::StoppedServer) })],
                // SIGTERM stays pending until the process is continued, so a restart does not help.
                offers: &[Offer::ByHand],
                synonyms: &[
                    "sigstop",
                    "sigtstp",
                    "sigcont",
                    "suspended",
                    "stopped",
                    "t state",
                    "state t",
                    "ctrl-z",
                    "^z",
                    "cpulimit",
                ],
                ..DEFAULT_ROW
            },
            Self::TranslatedServer => &Row {
                severity: Severity::Problem,
                delay: FIVE_MINUTES,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[],
                about: Topic::Server,
                rank: 7,
                repeats: Repeats::OnceADay,
                recurrence_scope: RecurrenceScope::Everywhere,
                ends: &[],
                outlives_its_server: true,
                explains: &[(Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::Possible))],
                as_cause: AsCause::Fixed(Message::CauseTranslated),
                offers: &[Offer::Reinstall, Offer::CopyRestart, Offer::ByHand],
                synonyms: &["rosetta", "translated", "translation", "intel", "x86_64", "amd64", "x86"],
                ..DEFAULT_ROW
            },
            Self::TranslatedToolchain => &Row {
                severity: Severity::Advice,
                delay: FIVE_MINUTES,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[Self::TranslatedServer],
                about: Topic::Server,
                rank: 6,
                repeats: Repeats::OnceADay,
                recurrence_scope: RecurrenceScope::Everywhere,
                ends: &[(End::NativeNow, |_| Message::OverNativeNow)],
                explains: &[
                    (Consequence::Of(Code::TranslatedServer), CauseStrength::Always(Weight::MostLikely)),
                    (Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::Possible)),
                ],
                as_cause: AsCause::Fixed(Message::CauseTranslatedToolchain),
                offers: &[Offer::ByHand],
                synonyms: &["rosetta", "translated", "translation", "intel", "x86_64", "amd64", "x86"],
                ..DEFAULT_ROW
            },
            Self::TranslatedClient => &Row {
                severity: Severity::Advice,
                delay: FIVE_MINUTES,
                notification_level: NotificationLevel::MenuOnly,
                suppressed_by: &[Self::TranslatedServer],
                about: Topic::Client,
                rank: 6,
                names_client: true,
                ends: &[],
                explains: &[(Consequence::Of(Code::TranslatedServer), CauseStrength::Always(Weight::Possible))],
                offers: &[Offer::ByHand],
                synonyms: &["rosetta", "translated", "translation", "intel", "x86_64", "amd64", "x86"],
                ..DEFAULT_ROW
            },
            Self::SpotlightBusy => &Row {
                severity: Severity::Advice,
                delay: THREE_MINUTES,
                notification_level: NotificationLevel::MenuOnly,
                suppressed_by: &[Self::SlowLoad],
                about: Topic::Machine,
                rank: 6,
                gauges: &[Gauge::IndexerBirths, Gauge::IndexerCpu],
                open_after: |_| MINUTE,
                probe_request: Some(ProbeRequest::Indexer),
                ends: &[(End::Relieved, |_| Message::OverLessBusy)],
                explains: &[(Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::SameTime))],
                window: |config| config.relieved_after + Duration::from_secs(300),
                as_cause: AsCause::Measured,
                offers: &[
                    Offer::Plain(Remedy::OpenSpotlightSettings),
                    Offer::Plain(Remedy::MoveModuleCache),
                    Offer::ByHand,
                ],
                synonyms: &["spotlight", "mds", "mds_stores", "mdworker", "mdworker_shared", "indexing", "indexer"],
                ..DEFAULT_ROW
            },
            Self::FileEventsLost => &Row {
                severity: Severity::Advice,
                delay: Duration::ZERO,
                notification_level: NotificationLevel::Passive,
                suppressed_by: &[],
                about: Topic::Lineage,
                rank: 6,
                once_per_place: true,
                close_after: |_| Duration::ZERO,
                ends: &[(End::Relieved, |_| Message::OverNoneLost)],
                offers: &[Offer::Restart, Offer::ByHand],
                synonyms: &["fsevents", "file events", "missed events"],
                ..DEFAULT_ROW
            },
            Self::MemoryPressure => &Row {
                severity: Severity::Advice,
                delay: MINUTE,
                notification_level: NotificationLevel::MenuOnly,
                suppressed_by: &[Self::OutOfMemoryKill],
                about: Topic::Machine,
                rank: 6,
                gauges: &[Gauge::PressureLevel, Gauge::MemoryStall],
                open_after: |_| MINUTE,
                ends: &[(End::Relieved, |_| Message::OverMemoryAgain)],
                explains: &[
                    (Consequence::Of(Code::OutOfMemoryKill), CauseStrength::Always(Weight::MostLikely)),
                    (Consequence::AnEnd, CauseStrength::IfKilled),
                    (Consequence::Of(Code::SlowLoad), CauseStrength::Always(Weight::Possible)),
                    (Consequence::Of(Code::StuckLoad), CauseStrength::Always(Weight::Possible)),
                ],
                cause_order: 6,
                window: |config| config.relieved_after + MINUTE,
                as_cause: AsCause::Measured,
                offers: &[Offer::ByHand],
                synonyms: &["memory", "ram", "leak", "swap", "swapping"],
                ..DEFAULT_ROW
            },
        }
    }

    /// The message for this end; `None` if it does not end this code.
    #[must_use]
    pub fn ends_by(self, end: End, config: &Config) -> Option<Message> {
        self.row().ends.iter().find(|(by, _)| *by == end).map(|(_, words)| words(config))
    }
}

/// What the table says about pairs of codes. It is needed whenever an incident opens or closes, so
/// it is computed once.
struct Index {
    /// How strongly a row explains a column.
    strengths: [[Option<CauseStrength>; Code::ALL.len()]; Code::ALL.len()],
    /// What each code can be the cause of.
    explains: [CodeSet; Code::ALL.len()],
    /// What can be the cause of each code.
    explained_by: [CodeSet; Code::ALL.len()],
    /// Which codes are felt as each code.
    felt_as: [CodeSet; Code::ALL.len()],
    /// Which codes each end closes.
    ended_by: [CodeSet; End::COUNT],
}

static INDEX: Index = Index::new();

impl Index {
    const fn new() -> Self {
        const N: usize = Code::ALL.len();
        const NONE: CodeSet = CodeSet::EMPTY;
        assert!(N <= u64::BITS as usize, "a set of codes has no more room");
        let mut index = Self {
            strengths: [[None; N]; N],
            explains: [NONE; N],
            explained_by: [NONE; N],
            felt_as: [NONE; N],
            ended_by: [NONE; End::COUNT],
        };
        let mut i = 0;
        while i < N {
            let code = Code::ALL[i];
            let row = code.row();
            let mut j = 0;
            while j < N {
                let effect = Code::ALL[j];
                index.strengths[i][j] = cause_strength(row, effect);
                if index.strengths[i][j].is_some() {
                    index.explains[i] = index.explains[i].with(effect);
                    index.explained_by[j] = index.explained_by[j].with(code);
                }
                j += 1;
            }
            let mut j = 0;
            while j < row.suppressed_by.len() {
                let felt = row.suppressed_by[j] as usize;
                index.felt_as[felt] = index.felt_as[felt].with(code);
                j += 1;
            }
            let mut j = 0;
            while j < row.ends.len() {
                let by = row.ends[j].0 as usize;
                index.ended_by[by] = index.ended_by[by].with(code);
                j += 1;
            }
            i += 1;
        }
        index
    }
}

/// How strongly a row explains an effect. The first matching entry counts.
const fn cause_strength(cause: &Row, effect: Code) -> Option<CauseStrength> {
    let mut i = 0;
    while i < cause.explains.len() {
        let (of, worth) = cause.explains[i];
        let fits = match of {
            Consequence::AnEnd => effect.row().reports_end,
            Consequence::Of(code) => code as usize == effect as usize,
        };
        if fits {
            return if matches!(worth, CauseStrength::Nothing) { None } else { Some(worth) };
        }
        i += 1;
    }
    None
}

impl Code {
    /// How strongly this code counts as the cause of another one, before it is considered how the
    /// servers ended.
    pub(crate) fn strength_for(self, effect: Self) -> Option<CauseStrength> {
        INDEX.strengths[self as usize][effect as usize]
    }

    /// The codes that this one can be the cause of.
    pub(crate) fn explained(self) -> CodeSet {
        INDEX.explains[self as usize]
    }

    /// The codes that can be the cause of this one.
    pub(crate) fn explained_by(self) -> CodeSet {
        INDEX.explained_by[self as usize]
    }

    /// The codes that are felt as this one.
    pub(crate) fn suppresses(self) -> CodeSet {
        INDEX.felt_as[self as usize]
    }

    /// The codes that this end closes.
    pub(crate) fn ended_by(end: End) -> CodeSet {
        INDEX.ended_by[end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deleting a field from a row makes it take the default value. Every such deletion must be
    /// detectable.
    #[test]
    fn what_is_deleted_from_a_row_is_missed() {
        type Deletion = fn(&mut Row);
        macro_rules! deletions {
            ($($field:ident),+) => { [$((stringify!($field), |row: &mut Row| row.$field = DEFAULT_ROW.$field)),+] };
        }
        let deletions: [(&str, Deletion); 32] = deletions![
            severity,
            delay,
            notification_level,
            suppressed_by,
            about,
            rank,
            rings_digest,
            names_client,
            names_process,
            reports_end,
            shows_restarts_left,
            means_unavailable,
            repeats,
            recurrence_scope,
            once_per_place,
            cause_note,
            gauges,
            probe_request,
            open_after,
            close_after,
            ends,
            outlives_its_server,
            explains,
            own_causes,
            as_cause,
            cause_order,
            success_criterion,
            seen_without_client,
            window,
            offers,
            offers_dump,
            synonyms
        ];
        for code in Code::ALL {
            let own = code.row().own();
            assert!(own.len() >= 3, "{code:?}: {own:?}");
            for (field, delete) in deletions {
                let mut row = code.row().clone();
                delete(&mut row);
                let without: Vec<_> = own.iter().filter(|(name, _)| *name != field).cloned().collect();
                assert_eq!(row.own(), without, "{code:?} without {field}");
            }
        }
    }

    /// The delays and kinds of notification that the user was promised.
    #[test]
    fn what_is_told_when_and_how() {
        let told = |code: Code| (code.row().delay, code.row().notification_level);
        assert_eq!(told(Code::RestartLoop), (THREE_SECONDS, NotificationLevel::Active));
        assert_eq!(told(Code::ServerGone), (FIVE_SECONDS, NotificationLevel::Active));
        assert_eq!(told(Code::EditorGaveUp), (Duration::ZERO, NotificationLevel::Active));
        assert_eq!(told(Code::StuckLoad), (Duration::ZERO, NotificationLevel::Active));
        assert_eq!(told(Code::DescriptorPressure), (MINUTE, NotificationLevel::Active));
        assert_eq!(told(Code::TranslatedServer).0, FIVE_MINUTES);
        assert_eq!(told(Code::SpotlightBusy), (THREE_MINUTES, NotificationLevel::MenuOnly));
        for code in Code::ALL {
            let row = code.row();
            if row.severity == Severity::Advice {
                assert_ne!(row.notification_level, NotificationLevel::Active, "{code:?}");
            }
            let insists = [Code::RestartLoop, Code::EditorGaveUp, Code::FixDidNotHelp];
            assert_eq!(row.rings_digest, insists.contains(code), "{code:?}");
        }
    }

    /// A code that gets no notification would permanently suppress those that are felt as it.
    #[test]
    fn what_is_felt_is_told() {
        for code in Code::ALL {
            for felt in code.row().suppressed_by {
                assert_ne!(felt.row().notification_level, NotificationLevel::MenuOnly, "{code:?}");
            }
        }
        assert_eq!(Code::RestartLoop.row().suppressed_by, [Code::EditorGaveUp], "no cause silences a loop");
        assert!(Code::EditorGaveUp.row().suppressed_by.is_empty());
    }

    /// Two codes that were felt as each other would both get no notification.
    #[test]
    fn a_cause_leads_to_what_is_felt_and_never_back() {
        fn reaches(from: Code, to: Code, steps: usize) -> bool {
            steps > 0 && from.row().suppressed_by.iter().any(|next| *next == to || reaches(*next, to, steps - 1))
        }
        for code in Code::ALL {
            assert!(!reaches(*code, *code, Code::ALL.len()), "{code:?}");
        }
        assert!(reaches(Code::ServerCrashed, Code::EditorGaveUp, 1));
    }

    /// The fields of a row must be consistent with what the code is about.
    #[test]
    fn every_row_is_whole() {
        let config = Config::default();
        for code in Code::ALL {
            let row = code.row();
            assert!(row.offers.contains(&Offer::ByHand), "{code:?}: what a person can do");
            assert!(row.rank < 8 && !(row.window)(&config).is_zero(), "{code:?}");
            let relieved = row.ends.iter().any(|(end, _)| *end == End::Relieved);
            assert!(row.gauges.is_empty() || relieved, "{code:?} rests on gauges, so something must end it");
            assert!(row.probe_request.is_none() || !row.gauges.is_empty(), "{code:?}");
            let measured = row.as_cause == AsCause::Measured;
            assert!(!measured || !row.gauges.is_empty(), "{code:?} has nothing that could be measured");
            let process = row.as_cause == AsCause::Process;
            assert!(!process || row.about == Topic::Load, "{code:?} is about no process");
            assert!(!row.names_process || row.about == Topic::Server, "{code:?} is about no process");
            assert!(!row.reports_end || row.about == Topic::Lineage, "{code:?}");
            assert!(!row.means_unavailable || row.shows_restarts_left, "{code:?}");
            for (effect, worth) in row.explains {
                let itself = *effect == Consequence::Of(*code);
                assert!(!itself || *worth == CauseStrength::Nothing, "{code:?} is no cause of itself");
            }
            for word in row.synonyms {
                assert_eq!(*word, word.to_lowercase(), "{code:?}");
            }
            let once = row.synonyms.iter().collect::<std::collections::BTreeSet<_>>();
            assert_eq!(once.len(), row.synonyms.len(), "{code:?} has a synonym twice");
        }
    }
}
