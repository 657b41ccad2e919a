//! Prints events: as JSON lines for programs, or as a log for people.

use std::collections::HashMap;
use std::io::Write;

use goplswatch_core::capability::CapabilityState;
use goplswatch_core::clean::is_hidden;
use goplswatch_core::codes::Severity;
use goplswatch_core::event::{EndView, EventName, IncidentView, RemedyView, ServerView, Subject, SuppressionView};
use goplswatch_core::json::ToJson as _;
use goplswatch_core::message::{Count, Millis, Text, Verbatim};
use goplswatch_core::types::ServerClass;
use goplswatch_core::{Event, Line, Pid, Reading, Remedy, Snapshot};

use goplswatch_view::{Form, Phrase, causes};

use crate::failure::{Failure, phrase, verbatim};
use crate::language::{catalogue, catalogue_for};
use crate::times;

/// The output format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// JSON lines.
    pub(crate) json: bool,
    /// Everything, including what is of little interest.
    pub(crate) verbose: bool,
}

/// Writes events to a stream, numbering the lines.
pub(crate) struct Printer<W> {
    out: W,
    style: Style,
    n: u64,
    /// The display name of each server, for the lines about its end.
    names: HashMap<Pid, Name>,
    /// The local date of the last line: lines show only the time of day.
    day: Option<jiff::civil::Date>,
    /// Whether a problem was shown.
    pub(crate) problem: bool,
}

struct Name {
    text: String,
    class: ServerClass,
    ended: bool,
}

/// Above this number of names, those of ended servers are dropped.
const MOST_NAMES: usize = 512;

/// The column at which the text of a log line begins.
const INDENT: &str = "          ";

impl<W: Write> Printer<W> {
    pub(crate) fn new(out: W, style: Style) -> Self {
        Self { out, style, n: 0, names: HashMap::new(), day: None, problem: false }
    }

    /// Prints the date before the first line too, not only when it changes.
    pub(crate) fn dated(mut self) -> Self {
        self.day = Some(jiff::civil::Date::MIN);
        self
    }

    /// Learns the names of servers that already run. Names of live servers are kept: a following
    /// event may be about an earlier process with the same pid.
    pub(crate) fn learn_names(&mut self, seen: &Snapshot) {
        for status in &seen.servers {
            if self.names.get(&status.server.pid).is_none_or(|name| name.ended) {
                self.name(&status.server);
            }
        }
    }

    /// Prints one event.
    pub(crate) fn event(&mut self, mut event: Event) -> Result<(), Failure> {
        catalogue_for(self.style.json).render_event(&mut event);
        if let Subject::Incident(view) = &event.subject
            && event.name == EventName::IncidentOpened
        {
            self.problem |= view.severity == Severity::Problem;
        }
        self.n += 1;
        let mut text;
        if self.style.json {
            let json = Line::new(self.n, event).to_json();
            text = json.map_err(|error| Failure::new(Phrase::EventJsonFailed { error: verbatim(error) }))?;
            text.push(b'\n');
        } else {
            text = self.human(&event).into_bytes();
        }
        // One write per event, so that no partial line is ever visible.
        self.out.write_all(&text).and_then(|()| self.out.flush()).map_err(|e| Failure::output(&e))
    }

    fn human(&mut self, event: &Event) -> String {
        let clock = clock(event.at.wall_ms);
        let text = match &event.subject {
            Subject::Server(server) => self.started(server),
            Subject::End(end) => self.ended(end),
            Subject::Incident(view) => Some(incident(event.name, view)),
            Subject::Alerts(view) => Some(labelled(Phrase::EventAlerts, 15, &alerts(view))),
            Subject::Fix(fix) => {
                Some(labelled(Phrase::EventFix { receipt: verbatim(&fix.receipt) }, 14, &fix.said.to_string()))
            }
            // It repeats the line of the incident itself.
            Subject::Alert(_) if !self.style.verbose => None,
            Subject::Alert(alert) => Some(labelled(
                Phrase::EventNotification,
                14,
                &match event.name {
                    EventName::AlertTold => alert.id.clone(),
                    _ => phrase(Phrase::NotificationWithdrawn { alert: verbatim(&alert.id) }),
                },
            )),
            Subject::Capability(capability) => {
                let seen =
                    Phrase::UnseenThing { name: Text(capability.name.clone()), why: Text(capability.said.to_string()) };
                match capability.state {
                    CapabilityState::Ok if !self.style.verbose => None,
                    CapabilityState::Ok => Some(labelled(Phrase::EventSeen, 14, &phrase(seen))),
                    CapabilityState::Unsupported | CapabilityState::Denied => {
                        Some(labelled(Phrase::EventUnseen, 14, &phrase(seen)))
                    }
                }
            }
        };
        let Some(text) = text else { return String::new() };
        format!("{}{clock}  {}\n", self.new_day(event.at.wall_ms), sanitized(&text))
    }

    /// The date as a line of its own, if it changed since the last line.
    fn new_day(&mut self, wall_ms: i64) -> String {
        let Some(now) = local(wall_ms) else { return String::new() };
        match self.day.replace(now.date()) {
            Some(before) if before != now.date() => {
                let weekday = Count::new(now.weekday().to_monday_one_offset().unsigned_abs().into());
                format!("{}\n", phrase(Phrase::DayIs { weekday, date: verbatim(now.strftime("%Y-%m-%d")) }))
            }
            _ => String::new(),
        }
    }

    fn name(&mut self, server: &ServerView) -> String {
        let name = match server.class {
            ServerClass::Daemon => phrase(Phrase::SharedDaemon),
            _ => format!("{} · {}", place(server), client(server)),
        };
        self.names.insert(server.pid, Name { text: name.clone(), class: server.class, ended: false });
        if self.names.len() > MOST_NAMES {
            // Names of ended servers are kept for a while: a second line about the same end may
            // follow.
            self.names.retain(|_, name| !name.ended);
        }
        name
    }

    fn started(&mut self, server: &ServerView) -> Option<String> {
        let name = self.name(server);
        if !server.class.is_long_running() && !self.style.verbose {
            return None;
        }
        let class = (server.class != ServerClass::Lsp).then(|| server.class.word().to_owned());
        let n = (server.generation > 1).then(|| Count::new(u64::from(server.generation)));
        let which = n.map(|n| phrase(Phrase::NumberIs { n }));
        let translated = (server.translated == Reading::Known(true)).then(|| phrase(Phrase::TranslatedIntel));
        let facts: Vec<String> =
            [name, pid(server.pid)].into_iter().chain(class).chain(which).chain(translated).collect();
        let verb = if server.adopted { Phrase::EventRuns } else { Phrase::EventStarted };
        Some(labelled(verb, 15, &facts.join(" · ")))
    }

    fn ended(&mut self, end: &EndView) -> Option<String> {
        let (name, class) = match self.names.get_mut(&end.pid) {
            Some(name) => {
                name.ended = true;
                (name.text.clone(), name.class)
            }
            None => (phrase(Phrase::NotKnown), ServerClass::Lsp),
        };
        if !class.is_long_running() && !self.style.verbose {
            return None;
        }
        let name = format!("{name} · {}", pid(end.pid));
        if end.revised {
            let name = Text(name);
            let counts = if end.churn { Phrase::EndCounts { name } } else { Phrase::EndExplained { name } };
            return Some(format!("{:15}{}", "", phrase(counts)));
        }
        let lived = end
            .lived
            .map_or_else(String::new, |lived| format!(" {}", phrase(Phrase::EndAfter { lived: Millis::from(lived) })));
        let churn = match &end.not_churn_why {
            Some(why) if self.style.verbose => format!(" {}", phrase(Phrase::NoChurn { why: Text(why.to_string()) })),
            _ => String::new(),
        };
        Some(labelled(Phrase::EventEnded, 15, &format!("{name}{lived} · {}{churn}", end.cause.said)))
    }
}

/// A line that begins with a label, padded to this width.
fn labelled(begin: Phrase, width: usize, text: &str) -> String {
    // A label longer than the column still needs a space after it.
    let begin = format!("{} ", phrase(begin));
    format!("{begin:<width$}{text}")
}

/// A server's folder: its last path component.
pub(crate) fn place(server: &ServerView) -> String {
    let known = server.workspace.known().map(|path| catalogue().whole_folder(path));
    known.unwrap_or_else(|| phrase(Phrase::UnknownFolder))
}

/// The name of a server's client.
pub(crate) fn client(server: &ServerView) -> String {
    server.client.known().map_or_else(|| phrase(Phrase::NoEditor), |client| catalogue().whole_name(&client.name))
}

/// A process by its pid.
pub(crate) fn pid(pid: Pid) -> String {
    phrase(Phrase::PidIs { pid: Count::new(u64::from(pid.0)) })
}

fn incident(name: EventName, view: &IncidentView) -> String {
    let mark = match (name, view.severity) {
        (EventName::IncidentClosed, _) => Phrase::EventOver,
        (_, Severity::Problem) => Phrase::EventProblem,
        (_, Severity::Advice) => Phrase::EventAdvice,
    };
    let head = labelled(mark, 15, &format!("{} ({})", view.title, view.id));
    if name == EventName::IncidentClosed {
        return format!("{head}: {}", closed_because(view));
    }
    let mut text = head;
    // The text may already name the first cause; `why` lists all causes.
    let words = catalogue();
    let cause = causes(view).next().map(|cause| words.cause_of(cause, Form::Full));
    let said = std::iter::once(words.text_alone(view, Form::Full).join(" ")).chain(cause);
    text.extend(said.map(|said| format!("\n{INDENT}{:15}{said}", "")));
    if name == EventName::IncidentOpened
        && let Some(first) = view.remedies.first()
    {
        // The terminal watch numbers its incidents independently of the agent, so the hint names
        // the code, not the id.
        text.push_str(&format!("\n{INDENT}{:15}{}", "", remedy_line(first, view.code.word())));
    }
    text
}

/// Why an incident was closed.
pub(crate) fn closed_because(view: &IncidentView) -> String {
    let because = view.closed_because.as_ref().map(|because| catalogue().text(&because.message, Form::Full));
    because.unwrap_or_else(|| phrase(Phrase::HoldsNoLonger))
}

/// What helps: an instruction for the user, or the command that shows the fix. `target` is the
/// argument for `fix`.
pub(crate) fn remedy_line(offer: &RemedyView, target: &str) -> String {
    match offer.remedy {
        Remedy::ByHand | Remedy::CopyRestartCommand | Remedy::RaiseWatchLimit => {
            catalogue().text(&offer.said.message, Form::Full)
        }
        remedy => format!("{}: goplswatch fix {target}", catalogue().remedy(remedy)),
    }
}

/// Which notifications are suppressed, in words.
pub(crate) fn alerts(view: &SuppressionView) -> String {
    let pause = view.paused.as_ref().map(|pause| match &pause.until {
        Some(until) => Phrase::AlertsPausedUntil { until: until_clock(until) },
        None => Phrase::AlertsPaused,
    });
    let muted = view.muted.iter().map(|path| Phrase::AlertsMuted { folder: Text(catalogue().whole_folder(path)) });
    let snoozed = view
        .snoozed
        .iter()
        .map(|s| Phrase::AlertsSnoozed { incident: verbatim(&s.incident), until: until_clock(&s.until) });
    let said: Vec<String> = pause.into_iter().chain(muted).chain(snoozed).map(phrase).collect();
    if said.is_empty() { phrase(Phrase::AlertsOn) } else { said.join(", ") }
}

/// The time of day of an RFC 3339 timestamp, with the date if it is not today.
fn until_clock(text: &str) -> Verbatim {
    let Ok(stamp) = text.parse::<jiff::Timestamp>() else { return verbatim(text) };
    let zoned = stamp.to_zoned(times::zone());
    let today = times::now().date() == zoned.date();
    verbatim(zoned.strftime(if today { "%H:%M" } else { "%Y-%m-%d %H:%M" }))
}

/// The local time of day.
fn clock(wall_ms: i64) -> String {
    local(wall_ms).map_or_else(|| "--:--:--".into(), |zoned| zoned.strftime("%H:%M:%S").to_string())
}

fn local(wall_ms: i64) -> Option<jiff::Zoned> {
    Some(jiff::Timestamp::from_millisecond(wall_ms).ok()?.to_zoned(times::zone()))
}

/// Replaces what a terminal would obey, and what a reader would not see. The isolates that the
/// catalogue puts around names that are written from right to left stay: it cleans those names
/// first.
pub(crate) fn sanitized(text: &str) -> String {
    let own = |c: char| matches!(c, '\n' | '\u{2068}' | '\u{2069}');
    text.chars().map(|c| if is_hidden(c) && !own(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use goplswatch_core::codes::Weight;
    use goplswatch_core::event::{CauseView, ClientView};
    use goplswatch_core::{Code, Moment, Seq};

    use super::*;

    #[test]
    fn a_cause_is_said_once_below_what_happened() {
        let cause = |weight, text: &str| CauseView {
            cause: "own-watcher".into(),
            weight,
            said: goplswatch_core::message::Message::reported(text).into(),
            evidence: Vec::new(),
        };
        let view = IncidentView {
            id: "restart-loop-37".into(),
            code: Code::RestartLoop,
            severity: Severity::Problem,
            title: "gopls keeps restarting".into(),
            client: None,
            said: goplswatch_core::message::Message::reported("Twice in api in 2.5 s.").into(),
            lineage: None,
            workspace: None,
            evidence: Vec::new(),
            causes: vec![
                cause(Weight::MostLikely, "out of file descriptors (61 k of 61 k)"),
                cause(Weight::SameTime, "Spotlight is busy"),
            ],
            lives_left: None,
            remedies: Vec::new(),
            receipt: None,
            closed_because: None,
        };
        let indent = " ".repeat(25);
        assert_eq!(
            incident(EventName::IncidentOpened, &view),
            format!(
                "PROBLEM        gopls keeps restarting (restart-loop-37)\n{indent}Twice in api in 2.5 s.\n{indent}Most \
                 likely: out of file descriptors (61 k of 61 k)"
            )
        );
    }

    #[test]
    fn escape_sequences_in_names_do_not_reach_the_terminal() {
        assert_eq!(sanitized("a\x1b[2Jb\tc\nd"), "a\u{fffd}[2Jb\u{fffd}c\nd");
    }

    /// The output for a server that started in a muted folder.
    fn shown(style: Style, folder: &str, program: &str) -> String {
        let known = |text: &str| Reading::Known(text.to_owned());
        let server = ServerView {
            pid: Pid(811),
            start: 1,
            class: ServerClass::Lsp,
            exe: known("/x/gopls"),
            arch: known("arm64"),
            translated: Reading::Known(false),
            slices: Reading::Known(Vec::new()),
            workspace: Reading::Known(format!("/w/{folder}")),
            client: Reading::Known(ClientView { id: None, name: program.into(), pid: Pid(7) }),
            adopted: false,
            lineage: "l1".into(),
            generation: 1,
        };
        let muted = SuppressionView { muted: vec![format!("/w/{folder}")], ..SuppressionView::default() };
        let subjects = [
            (EventName::ServerStarted, Subject::Server(Box::new(server))),
            (EventName::AlertsChanged, Subject::Alerts(Box::new(muted))),
        ];
        let mut printer = Printer::new(Vec::new(), style);
        for (seq, (name, subject)) in (1..).zip(subjects) {
            printer.event(Event { seq: Seq(seq), at: Moment::default(), name, subject }).unwrap();
        }
        String::from_utf8(printer.out).unwrap()
    }

    fn is_all_that_differs(folder: &str, program: &str) {
        let (place, who) = (catalogue().whole_folder(&format!("/w/{folder}")), catalogue().whole_name(program));
        let calm = Style { json: false, verbose: true };
        let expected = shown(calm, "\u{e000}", "\u{e001}").replace('\u{e000}', &place).replace('\u{e001}', &who);
        assert_eq!(shown(calm, folder, program), expected, "{folder:?}, {program:?}");
        // JSON output has the unchanged names.
        let lines = shown(Style { json: true, verbose: true }, folder, program);
        let read: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let path = format!("/w/{folder}");
        assert_eq!(read[0]["server"]["workspace"], path.as_str(), "{lines}");
        assert_eq!(read[0]["server"]["client"]["name"], program, "{lines}");
        assert_eq!(read[1]["alerts"]["muted"][0], path.as_str(), "{lines}");
    }

    #[test]
    fn a_name_changes_no_other_word_and_makes_no_line() {
        for name in goplswatch_testing::odd_names() {
            is_all_that_differs(&name.replace('/', "-"), &name);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 30, failure_persistence: None, ..Default::default() })]

        #[test]
        fn any_name_changes_no_other_word_of_watch(
            folder in "[^/\u{0}\u{e000}\u{e001}]{1,60}",
            program in "[^\u{e000}\u{e001}]{0,60}",
        ) {
            is_all_that_differs(&folder, &program);
        }
    }
}
