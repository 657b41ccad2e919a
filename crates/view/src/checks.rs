//! The texts of the checks of `goplswatch doctor`. A check that is about a code uses the texts of
//! that code.

use goplswatch_core::checks::{Check, CheckSubject};
use goplswatch_core::message::{Message, Title};

use crate::{Catalogue, Form};

impl Catalogue {
    /// The title of a check.
    #[must_use]
    pub fn check(&self, check: &Check) -> String {
        match check.subject {
            CheckSubject::Code(code) => self.title(&Title { code, client: None }),
            CheckSubject::Own(own) => self.said(&own.title),
        }
    }

    /// Why the check matters.
    #[must_use]
    pub fn check_matters(&self, check: &Check) -> String {
        match check.subject {
            CheckSubject::Code(code) => self.means(code).join(" "),
            CheckSubject::Own(own) => self.said(&own.matters),
        }
    }

    /// What fixes the problem.
    #[must_use]
    pub fn check_helps(&self, check: &Check) -> String {
        match check.subject {
            CheckSubject::Code(code) => self.page(code, "helps"),
            CheckSubject::Own(own) => self.said(&own.helps),
        }
    }

    fn said(&self, message: &Message) -> String {
        self.text(message, Form::Full)
    }
}

#[cfg(test)]
mod tests {
    use goplswatch_core::Code;
    use goplswatch_core::checks::{CHECKS, Group};

    use super::*;

    #[test]
    fn a_check_of_a_code_has_the_words_of_its_page() {
        let words = Catalogue::english();
        let check =
            Check { subject: CheckSubject::Code(Code::WatchLimit), group: Group::System, decide: |_| Vec::new() };
        assert_eq!(words.check(&check), words.title(&Title { code: Code::WatchLimit, client: None }));
        assert_eq!(words.check_matters(&check), words.means(Code::WatchLimit).join(" "));
        assert_eq!(words.check_helps(&check), words.page(Code::WatchLimit, "helps"));
    }

    #[test]
    fn every_check_is_called_something_and_says_why_and_what_helps() {
        let words = Catalogue::english();
        for check in CHECKS {
            let (title, matters, helps) = (words.check(check), words.check_matters(check), words.check_helps(check));
            assert!(title.starts_with(char::is_uppercase) && !title.ends_with('.'), "{title}");
            for text in [matters, helps] {
                assert!(text.len() > 30 && text.ends_with('.'), "{}: {text}", check.id());
            }
        }
    }
}
