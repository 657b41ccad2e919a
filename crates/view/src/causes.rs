//! The texts of incidents and of their probable causes.
//!
//! The engine ranks causes and assigns their weights; what merely happened at the same time is
//! never called a cause. The full text of an incident ends with a sentence that names the likely
//! cause. Where causes are shown separately, the text omits that sentence, so nothing is said
//! twice.

use goplswatch_core::codes::Weight;
use goplswatch_core::event::{CauseView, IncidentView};
use goplswatch_core::message::{CauseMention, Message};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::{Event, Snapshot};

use crate::catalogue::{Catalogue, Form};

/// Causes that state how gopls ended. They are redundant where the message of an incident states
/// it.
const HOW_IT_ENDED: [&str; 5] = ["out-of-memory", "out-of-memory-kill", "code-signature", "panic", "group-limit"];

/// The causes of an incident that its message does not already contain, the likeliest first.
pub fn causes(view: &IncidentView) -> impl Iterator<Item = &CauseView> {
    let message = &view.said.message;
    let names_one = named_cause(view).is_some();
    view.causes.iter().filter(move |cause| {
        let repeats = !names_one && HOW_IT_ENDED.contains(&cause.cause.as_ref());
        !repeats && !contains_cause(message, &cause.said.message)
    })
}

/// Whether a message already contains a cause in a sentence of its own.
fn contains_cause(message: &Message, cause: &Message) -> bool {
    let (Message::StuckGoList { waits, .. } | Message::StuckDriver { waits, .. }, Message::CauseWaits { what }) =
        (message, cause)
    else {
        return false;
    };
    matches!(&**waits, Message::WaitsFor { what: waited_for } if waited_for == what)
}

/// The cause that the text of an incident names at its end.
fn named_cause(view: &IncidentView) -> Option<&CauseView> {
    let is_likely = |cause: &&CauseView| matches!(cause.weight, Weight::Certain | Weight::MostLikely);
    // The last entry, the limit of a group, does not state how a process ended.
    let says_how = |cause: &CauseView| HOW_IT_ENDED[..4].contains(&cause.cause.as_ref());
    let likely = view.causes.iter().find(is_likely)?;
    match view.said.message.cause_mention() {
        CauseMention::Alone => None,
        CauseMention::Named => Some(likely),
        CauseMention::NamedUnlessHow => Some(likely).filter(|cause| !says_how(cause)),
    }
}

impl Catalogue {
    /// The text of an incident, sentence by sentence, without the sentence that names its cause.
    #[must_use]
    pub fn text_alone(&self, view: &IncidentView, form: Form) -> Vec<String> {
        let mut sentences = self.sentences(&view.said.message, form);
        if named_cause(view).is_none() {
            sentences.extend(self.no_cause_sentence(&view.said.message, form));
        }
        sentences
    }

    /// A cause with its weight.
    #[must_use]
    pub fn cause_of(&self, view: &CauseView, form: Form) -> String {
        self.cause(view.weight, &self.text(&view.said.message, form))
    }

    /// Fills in the texts of an incident.
    pub fn render_incident(&self, view: &mut IncidentView) {
        view.title = self.title(&view.titled());
        let cause = named_cause(view).map(|cause| self.cause_sentence(cause.weight, &self.say(&cause.said.message)));
        view.said.text = self.text_alone(view, Form::Full).into_iter().chain(cause).collect::<Vec<_>>().join(" ");
        for said in view.causes.iter_mut().map(|cause| &mut cause.said) {
            said.text = self.say(&said.message);
        }
        let remedies = view.remedies.iter_mut().map(|remedy| &mut remedy.said);
        let lives = view.lives_left.iter_mut().filter_map(LivesLeft::why_mut);
        for said in remedies.chain(&mut view.closed_because).chain(lives) {
            said.text = self.say(&said.message);
        }
    }

    /// Fills in the texts of a snapshot.
    pub fn render(&self, snapshot: &mut Snapshot) {
        snapshot.incidents.iter_mut().for_each(|view| self.render_incident(view));
        snapshot.each_message(&mut |said| said.text = self.say(&said.message));
    }

    /// Fills in the texts of an event.
    pub fn render_event(&self, event: &mut Event) {
        match event.subject.incident_mut() {
            Some(view) => self.render_incident(view),
            None => event.subject.each_message(&mut |said| said.text = self.say(&said.message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::message::{
        Count, Folder, Location, MessageText, Millis, Name, SharedMessage, Times, Verbatim,
    };

    use super::*;

    fn part(message: Message) -> SharedMessage {
        SharedMessage::new(message)
    }

    fn incident(message: Message, causes: Vec<CauseView>) -> IncidentView {
        let code = goplswatch_core::Code::RestartLoop;
        IncidentView {
            id: "restart-loop-37".into(),
            code,
            severity: code.row().severity,
            title: String::new(),
            client: None,
            said: message.into(),
            lineage: None,
            workspace: None,
            evidence: Vec::new(),
            causes,
            lives_left: None,
            remedies: Vec::new(),
            receipt: None,
            closed_because: None,
        }
    }

    fn cause_of(word: &'static str, weight: Weight, message: Message) -> CauseView {
        CauseView { cause: word.into(), weight, said: message.into(), evidence: Vec::new() }
    }

    fn a_loop(folder: &str) -> Message {
        let (folder, times, span) = (Folder(format!("/w/{folder}")), Times::new(3), Millis::new(120_000));
        Message::Loop { folder, times, span, how: part(Message::CauseUnknown) }
    }

    #[test]
    fn a_cause_is_said_once_whatever_a_folder_is_called() {
        let words = Catalogue::english();
        for folder in ["api", "api. v2", "Most likely: x", "{ $x }", "a. Cause: b"] {
            let panic = cause_of("panic", Weight::MostLikely, Message::CauseDisk);
            let beside = cause_of("spotlight-busy", Weight::SameTime, Message::CauseSpotlight { detail: None.into() });
            let mut view = incident(a_loop(folder), vec![panic, beside]);
            words.render_incident(&mut view);
            let stem = format!("In {folder}, 3 times in 2 min.");
            assert_eq!(view.said.text, format!("{stem} Most likely: it waited for a disk."));
            assert_eq!(words.text_alone(&view, Form::Full), std::slice::from_ref(&stem));
            assert_eq!(causes(&view).count(), 2);
            assert_eq!(words.cause_of(&view.causes[1], Form::Full), "At the same time: Spotlight was busy");
            view.causes.clear();
            assert_eq!(words.text_alone(&view, Form::Full), [stem, "Cause unknown.".into()]);
        }
    }

    #[test]
    fn what_a_message_tells_itself_is_no_news() {
        let what = || {
            let name = Name("git".into());
            part(Message::WaitsForProcess { name, pid: Count::new(7), on: None.into() })
        };
        let panic = || cause_of("panic", Weight::MostLikely, Message::CauseCrashSignal { share: None.into() });
        let waits = || cause_of("waits", Weight::Possible, Message::CauseWaits { what: what() });
        let full = || cause_of("file-table-full", Weight::Possible, Message::CauseFileTable { numbers: None.into() });
        let place = || Location(Some("/w/api".into()));
        let stuck = |waits| Message::StuckGoList {
            label: Verbatim("go list".into()),
            place: place(),
            age: Millis::new(0),
            waits: part(waits),
        };
        let again = Message::LoopAgain { place: place(), lived: None.into(), how: part(Message::EndPanic) };
        let cases = [
            (a_loop("api"), vec![panic(), full()], 2),
            (again, vec![panic(), full()], 1),
            (stuck(Message::WaitsFor { what: what() }), vec![waits()], 0),
            (stuck(Message::WaitsUnknown), vec![waits()], 1),
        ];
        for (message, all, shown) in cases {
            let view = incident(message, all);
            assert_eq!(causes(&view).count(), shown, "{:?}", view.said.message);
        }
        let _ = MessageText::from(Message::EndClean);
    }
}
