//! `goplswatch explain`: offline pages, generated from the tables of codes and of checks.

use std::cmp::Reverse;
use std::io::Write as _;

use clap::Args as ClapArgs;
use goplswatch_core::Code;
use goplswatch_core::checks::{Check, Group};
use goplswatch_core::codes::Severity;
use goplswatch_core::json;
use goplswatch_core::message::Title;
use goplswatch_view::{Catalogue, Phrase};
use serde::Serialize;

use crate::command_outcome::CommandOutcome;
use crate::failure::{Failure, verbatim};
use crate::language::{catalogue, catalogue_for};

/// The paragraph on common myths: what is said to help and does not.
const COMMON_MYTHS: &str = "common-myths";

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// A code, such as restart-loop; a check of `doctor`; or what you call it, such as rosetta, "too many open files" or mdutil
    #[arg(required_unless_present = "list")]
    pub(crate) code: Option<String>,
    /// List every code
    #[arg(long, conflicts_with = "code")]
    pub(crate) list: bool,
    /// One JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
}

/// `explain --json`, one object per page.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum ExplainPage {
    /// The page of a kind of incident.
    Code(Page),
    /// The page of a check that belongs to no kind of incident.
    Check(CheckPage),
}

impl ExplainPage {
    fn human(&self, words: &Catalogue) -> String {
        match self {
            Self::Code(page) => page.human(words),
            Self::Check(page) => page.human(words),
        }
    }
}

/// The page of a check.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CheckPage {
    check: &'static str,
    group: Group,
    title: String,
    matters: String,
    helps: String,
}

impl CheckPage {
    fn new(words: &Catalogue, check: &Check) -> Self {
        Self {
            check: check.id(),
            group: check.group,
            title: words.check(check),
            matters: words.check_matters(check),
            helps: words.check_helps(check),
        }
    }

    fn human(&self, words: &Catalogue) -> String {
        let head = words.phrase(&Phrase::PageCheck { check: verbatim(self.check) });
        let mut text = format!("{head}\n{}\n", self.title);
        for (head, body) in [(Phrase::PageMatters, &self.matters), (Phrase::PageHelps, &self.helps)] {
            text.push_str(&format!("\n{}\n{}", words.phrase(&head), wrap(body)));
        }
        text + &format!("\n{}\n", words.phrase(&Phrase::PageDoctor))
    }
}

/// The page of a kind of incident.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Page {
    code: Code,
    severity: Severity,
    title: String,
    means: String,
    why: String,
    seen: String,
    helps: String,
    does_not_help: String,
}

impl Page {
    fn new(words: &Catalogue, code: Code) -> Self {
        Self {
            code,
            severity: code.row().severity,
            title: words.title(&Title { code, client: None }),
            means: words.means(code).join(" "),
            why: words.page(code, "why"),
            seen: words.page(code, "seen"),
            helps: words.page(code, "helps"),
            does_not_help: words.page(code, COMMON_MYTHS),
        }
    }

    fn human(&self, words: &Catalogue) -> String {
        let code = verbatim(self.code.word());
        let head = match self.severity {
            Severity::Problem => Phrase::PageProblem { code },
            Severity::Advice => Phrase::PageAdvice { code },
        };
        let mut text = format!("{}\n{}\n", words.phrase(&head), self.title);
        for (head, body) in [
            (Phrase::PageMeans, &self.means),
            (Phrase::PageWhy, &self.why),
            (Phrase::PageSeen, &self.seen),
            (Phrase::PageHelps, &self.helps),
            (Phrase::PageCommonMyths, &self.does_not_help),
        ] {
            text.push_str(&format!("\n{}\n{}", words.phrase(&head), wrap(body)));
        }
        text
    }
}

/// Whether a text contains `word` (one or several words) at word boundaries: the text may be a
/// whole error message.
fn says(text: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, found)| {
        let (before, behind) = (text.get(..at).unwrap_or(""), text.get(at + found.len()..).unwrap_or(""));
        !part(before.chars().next_back()) && !part(behind.chars().next())
    })
}

/// The codes with a synonym in this text. If several match, the one with the longest matching
/// synonym comes first because it is the most specific ("out of memory" over "memory"); equal
/// lengths keep the order of the table.
fn called(query: &str) -> Vec<Code> {
    let longest = |code: Code| code.row().synonyms.iter().filter(|word| says(query, word)).map(|word| word.len()).max();
    let mut found: Vec<(Code, usize)> = Code::ALL.iter().filter_map(|code| Some((*code, longest(*code)?))).collect();
    found.sort_by_key(|(_, length)| Reverse(*length));
    found.into_iter().map(|(code, _)| code).collect()
}

/// The page of a code, as text for a person.
pub(crate) fn page(code: Code) -> String {
    Page::new(catalogue(), code).human(catalogue())
}

pub(crate) fn run(args: &ExplainArgs) -> Result<CommandOutcome, Failure> {
    let words = catalogue_for(args.json);
    let pages = chosen(words, args)?;
    let mut text = String::new();
    for (i, page) in pages.iter().enumerate() {
        if args.json {
            text.push_str(&json::to_string(page).map_err(|e| Failure::json(&e))?);
            text.push('\n');
        } else if let (true, ExplainPage::Code(page)) = (args.list, page) {
            text.push_str(&format!("{:<20} {}\n", page.code.word(), page.title));
        } else {
            if i > 0 {
                text.push('\n');
            }
            text.push_str(&page.human(words));
        }
    }
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(|e| Failure::output(&e))?;
    Ok(CommandOutcome::Nothing)
}

fn chosen(words: &Catalogue, args: &ExplainArgs) -> Result<Vec<ExplainPage>, Failure> {
    let page = |code| ExplainPage::Code(Page::new(words, code));
    let Some(word) = args.code.as_deref().filter(|_| !args.list) else {
        return Ok(Code::ALL.iter().copied().map(page).collect());
    };
    if let Some(code) = code_of(word) {
        return Ok(vec![page(code)]);
    }
    if let Some(check) = Check::parse(word) {
        return Ok(vec![ExplainPage::Check(CheckPage::new(words, check))]);
    }
    let query = word.to_lowercase();
    let mut codes = called(&query);
    // Advice from elsewhere: the pages whose section on myths mentions it.
    let speaks = |code: &Code| {
        query.len() >= 4 && Catalogue::english().page(*code, COMMON_MYTHS).to_lowercase().contains(&query)
    };
    if codes.is_empty() {
        codes.extend(Code::ALL.iter().copied().filter(speaks));
    }
    let pages: Vec<ExplainPage> = codes.into_iter().map(page).collect();
    if pages.is_empty() {
        return Err(Failure::new(Phrase::NoPage { word: verbatim(format!("{word:?}")) }).hint(Phrase::NoPageHint));
    }
    Ok(pages)
}

/// The code that a word names: the code itself, or an incident id, which is a code followed by one
/// or two numbers.
pub(crate) fn code_of(word: &str) -> Option<Code> {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    Code::parse(word).or_else(|| Code::parse(stem))
}

/// Wraps a text at 80 columns, indented by two spaces.
fn wrap(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > 80 {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(word: &str) -> Vec<&'static str> {
        let args = ExplainArgs { code: Some(word.into()), list: false, json: false };
        chosen(Catalogue::english(), &args)
            .map(|pages| {
                let id = |page: &ExplainPage| match page {
                    ExplainPage::Code(page) => page.code.word(),
                    ExplainPage::Check(page) => page.check,
                };
                pages.iter().map(id).collect()
            })
            .unwrap_or_default()
    }

    #[test]
    fn codes_ids_and_myths_lead_to_pages() {
        assert_eq!(page("restart-loop"), ["restart-loop"]);
        assert_eq!(page("restart-loop-37"), ["restart-loop"]);
        assert_eq!(page("stuck-load-40-2"), ["stuck-load"]);
        assert_eq!(page("mdutil"), ["spotlight-busy"]);
        assert_eq!(page("GOSUMDB=off"), ["stuck-load"]);
        assert_eq!(page("gopls reload"), ["restart-loop"]);
        assert_eq!(page("login-service"), ["login-service"]);
        assert!(page("no-such-thing").is_empty() && page("room").is_empty() && page("ramble").is_empty());
    }

    #[test]
    fn what_people_call_it_leads_to_its_page() {
        let translated = ["translated-server", "translated-toolchain", "translated-client"];
        let cases: &[(&str, &[&str])] = &[
            ("rosetta", &translated),
            ("Translated", &translated),
            ("Intel", &translated),
            ("kqueue", &["descriptor-pressure", "own-watcher"]),
            ("open /w/a.go: too many open files", &["descriptor-pressure", "file-table-full"]),
            ("ENFILE", &["file-table-full"]),
            ("inotify", &["watch-limit"]),
            ("ENOSPC", &["watch-limit"]),
            ("no space left on device", &["watch-limit"]),
            ("fileWatcher", &["own-watcher"]),
            ("Spotlight", &["spotlight-busy"]),
            ("mds_stores", &["spotlight-busy"]),
            ("oom", &["out-of-memory-kill"]),
            ("out of memory", &["out-of-memory-kill", "runaway-memory", "memory-pressure"]),
            ("memory", &["runaway-memory", "out-of-memory-kill", "memory-pressure"]),
            ("signal: killed", &["server-killed", "out-of-memory-kill"]),
            ("cpu", &["runaway-cpu"]),
            ("nfs", &["blocked-io"]),
            ("FSEvents", &["file-events-lost"]),
            ("ulimit", &["descriptor-pressure"]),
        ];
        for (word, codes) in cases {
            assert_eq!(page(word), *codes, "{word}");
        }
    }

    #[test]
    fn pages_fit_a_terminal() {
        for code in Code::ALL {
            assert!(
                Page::new(Catalogue::english(), *code)
                    .human(Catalogue::english())
                    .lines()
                    .all(|l| l.chars().count() <= 80),
                "{code:?}"
            );
        }
    }
}
