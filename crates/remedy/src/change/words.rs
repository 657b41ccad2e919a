//! A change in words: its question, its preview, each step as a line and to the letter.

use std::fmt::Write as _;

use goplswatch_core::{Intent, Remedy, say, shell};

use super::plan::{Action, Call, Change, Content, Plan, Purpose, Shown, Step, Verb};

impl Plan {
    /// What it is about, as a question: "Restart gopls (pid 4242) of VS Code in api-server?"
    #[must_use]
    pub fn question(&self) -> String {
        format!("{}?", self.title())
    }

    /// The same as a title.
    #[must_use]
    pub fn title(&self) -> String {
        let Purpose::Remedy(remedy) = self.purpose else { return format!("{} {}", self.yes_label(), self.subject) };
        let verb = match remedy {
            Remedy::RestartServer => "Restart",
            Remedy::KillServer => "Kill",
            Remedy::StopOrphan | Remedy::StopDuplicate | Remedy::StopMcp => "Stop",
            Remedy::CopyRestartCommand => "Copy the restart command of",
            Remedy::CopyEvidence => "Copy the evidence of",
            Remedy::OpenWorkspace => "Show",
            Remedy::DumpGoroutines => "End, with a dump of its goroutines,",
            Remedy::Snooze => "For 1 hour, tell nothing about",
            Remedy::Mute => "Mute",
            Remedy::ByHand => "By hand:",
            Remedy::TurnOffWatcher => "Turn off the file watcher of",
            Remedy::PollFiles => "Poll for changed files in",
            Remedy::ExcludeFolders => "Exclude large folders of",
            Remedy::LimitMemory => "Limit the memory of",
            Remedy::ShareServer => "Share one server:",
            Remedy::ReinstallNative => "Build anew for this Mac:",
            Remedy::RaiseWatchLimit => "Raise the limit of file watches:",
            Remedy::OpenSpotlightSettings => "Open the settings of",
            Remedy::MoveModuleCache => "Keep from Spotlight",
        };
        format!("{verb} {}", self.subject)
    }

    /// The label of the yes: it names what is done.
    #[must_use]
    pub fn yes_label(&self) -> &'static str {
        match self.purpose {
            Purpose::Remedy(remedy) => remedy.row().title.trim_end_matches('…'),
            Purpose::Service(Verb::Install) => "Install",
            Purpose::Service(Verb::Uninstall) => "Uninstall",
            Purpose::Service(Verb::Restart) => "Restart",
        }
    }

    /// What it does, what it costs and what undo does, as sentences: the body of a question.
    #[must_use]
    pub fn body(&self) -> String {
        [self.does.as_str(), &self.cost, &self.undo].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Everything about it as text: words, steps to the letter, what it costs, what undo does.
    #[must_use]
    pub fn preview(&self) -> String {
        let mut text = format!("{} ({})\n", self.title(), self.class.word());
        let mut line = |head: &str, said: &str| {
            if !said.is_empty() {
                text.push_str(&format!("{head}{said}\n"));
            }
        };
        line("  ", &self.does);
        line("  Costs: ", &self.cost);
        line("  Undo:  ", &self.undo);
        for (i, step) in self.steps.iter().enumerate() {
            text.push('\n');
            text.push_str(&step.shown(i + 1));
        }
        text
    }
}

impl Step {
    /// What it does, as one line that begins with a verb.
    #[must_use]
    pub fn words(&self) -> String {
        if self.does.is_empty() { self.action.words() } else { self.does.clone() }
    }

    /// It to the letter: command lines, differences, texts, and whatever its words do not name. Empty where they say all.
    #[must_use]
    pub fn letter(&self) -> String {
        self.action.letter(!self.does.is_empty())
    }

    /// It as one of several: its number and words, below them the letter.
    #[must_use]
    pub fn shown(&self, n: usize) -> String {
        let mut text = format!("{n:>3}. {}\n", self.words());
        for line in self.letter().lines() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", format!("     {line}").trim_end());
        }
        text
    }
}

impl Action {
    fn words(&self) -> String {
        match self {
            Self::Signal { process, signal, wait_ms, .. } => {
                format!(
                    "Send SIG{} to pid {} and wait for its end, at most {}",
                    signal.name(),
                    process.pid,
                    say::duration(*wait_ms)
                )
            }
            Self::Run { deadline_ms, .. } => format!("Run a command, for {} at most", say::duration(*deadline_ms)),
            Self::Edit { change, path, .. } => format!("Set {} in {}", path.join(" > "), change.named()),
            Self::Write { change, .. } if change.before.is_none() => format!("Write the new file {}", change.named()),
            Self::Write { change, .. } => format!("Write {}", change.named()),
            Self::Rename { from, to, .. } => format!("Rename {from} to {}", say::folder(to)),
            Self::Call { .. } => "Run a command".into(),
            Self::Remove { file, .. } => format!("Remove {file}"),
            Self::Folder { path } => format!("Make the folder {path}"),
            Self::Fill { path, .. } => format!("Write the new file {path}"),
            Self::RemoveTree { path, .. } => format!("Remove {path} and all that is in it"),
            Self::Copy { .. } => "Put this on the clipboard".into(),
            Self::Open { shown: Shown::Folder(path) } => format!("Show the folder {path}"),
            Self::Open { shown: Shown::File(path) } => format!("Show the file {path} in its folder"),
            Self::Open { shown: Shown::Text(path) } => format!("Show the text file {path}"),
            Self::Open { shown: Shown::Url(url) } if Shown::is_settings(url) => format!("Open the settings {url}"),
            Self::Open { shown: Shown::Url(url) } => format!("Show the page {url}"),
            Self::Tell { intent: Intent::Snooze { incident, for_ms } } => {
                format!("Tell nothing about {incident} for {}", say::duration(*for_ms))
            }
            Self::Tell { intent: Intent::Mute { workspace } } => format!("Tell nothing about {workspace} any more"),
            Self::Tell { .. } => "Tell the agent".into(),
            Self::Manual { .. } => "By hand".into(),
        }
    }

    /// `nameless`: the words before it do not name what it acts on.
    fn letter(&self, nameless: bool) -> String {
        match self {
            Self::Signal { process, signal, exe, .. } => {
                let command = format!("$ kill -{} {}", signal.name(), process.pid);
                exe.as_ref().map_or_else(|| command.clone(), |exe| format!("{command}\nif it still is {exe}"))
            }
            Self::Run { argv, .. } | Self::Call { call: Call { argv, .. } } => format!("$ {}", shell::line(argv)),
            Self::Write { change, text, .. } if nameless => format!("{}\n{}", change.file, barred(text)),
            Self::Edit { change, .. } | Self::Write { change, .. } => change.diff.clone(),
            Self::Copy { text } | Self::Manual { text } => barred(text),
            Self::Rename { from, to, .. } if nameless => format!("{from}\nto {to}"),
            Self::Rename { from, to, .. } => format!("$ {}", shell::line(&["mv", from, to])),
            Self::Remove { file: path, .. } | Self::Folder { path } => path.clone(),
            Self::Fill { path, content: Content::Text { text }, .. } => format!("{path}\n{}", barred(text)),
            Self::Fill { path, content: Content::Bytes { digest, .. }, .. } => format!("{path}\n({digest})"),
            Self::Fill { path, content: Content::Program { from, digest }, .. } => {
                format!("{path}\nfrom {from}\n({digest})")
            }
            Self::RemoveTree { path, files, .. } => {
                std::iter::once(path.clone()).chain(files.iter().map(|file| format!("\n- {file}"))).collect()
            }
            Self::Open { .. } | Self::Tell { .. } => String::new(),
        }
    }
}

/// Text as it stands in a file, a bar before each line.
fn barred(text: &str) -> String {
    text.lines().map(|line| format!("| {line}\n")).collect()
}

impl Change {
    /// The file as a person should see it named: with where it leads, if that is elsewhere.
    fn named(&self) -> String {
        if self.file == self.target { self.file.clone() } else { format!("{} (which is {})", self.file, self.target) }
    }
}
