//! Tests of the table of clients: what every row contains, and that no part of it can be removed
//! without a test failing.

use std::collections::BTreeSet;

use goplswatch_core::Reading;
use goplswatch_core::message::{Arg, Localizable as _};
use proptest::prelude::*;

use super::rules::Rule;
use super::*;
use crate::settings::{Flags, SettingsFile};
use crate::{Hint, HostSystem, Image, hint};

/// Whether no argument of a message is empty.
fn is_whole(message: &Message) -> bool {
    let mut whole = true;
    message.each_arg(&mut |_, arg| whole &= !matches!(arg, Arg::Verbatim("") | Arg::Name("")));
    whole
}

/// The parts that a row lacks, by name.
fn lacks(row: &ClientRow) -> BTreeSet<&'static str> {
    fn finding<T: Copy>(finding: Sourced<T>, is_there: impl Fn(T) -> bool) -> bool {
        !finding.source().trim().is_empty() && finding.value().is_none_or(is_there)
    }
    let command = |command: Command| {
        !command.typed.is_empty() && command.before != Some("") && command.since != Some("")
            // If older versions have another command, the version that introduced this one must be
            // given.
            && (command.before.is_none() || command.since.is_some())
    };
    let files =
        |files: Files| [HostSystem::Macos, HostSystem::Linux].iter().all(|on| !files.paths(*on, "/h", None).is_empty());
    let list = |flags: Flags| match flags {
        Flags::List { paths, .. } => !paths.is_empty() && paths.iter().all(|path| !path.is_empty()),
        Flags::Said(said) => is_whole(&said("-remote=auto")),
    };
    let parts = [
        ("name", !row.name.is_empty()),
        ("rules", !row.rules.is_empty()),
        ("policy", finding(row.policy, |policy| policy != RestartPolicy::Unknown)),
        ("ends.signals", finding(row.ends.signals, |signals| !signals.is_empty())),
        ("ends.successor_first", finding(row.ends.successor_first, |_| true)),
        ("restart.while_running", finding(row.restart.while_running, command)),
        ("restart.after_gone", finding(row.restart.after_gone, command)),
        ("settings.file", finding(row.settings.file, |file| files(file.files) && !file.holders.is_empty())),
        ("settings.flags", finding(row.settings.flags, list)),
        ("settings.by_hand", is_whole(&(row.settings.by_hand)())),
        ("logs", finding(row.logs, files)),
    ];
    parts.into_iter().filter_map(|(part, is_there)| (!is_there).then_some(part)).collect()
}

/// Removes something from a row.
type Deletion = fn(&mut ClientRow);

/// The ways to delete a part that the compiler does not notice: emptying it, or dropping its source
/// or reason.
fn deletions() -> Vec<(&'static str, Deletion)> {
    /// Drops the source or the reason.
    fn bare<T: Copy>(finding: &mut Sourced<T>) {
        *finding = match *finding {
            Sourced::Known(value, _) => Sourced::Known(value, ""),
            Sourced::Unknown(_) => Sourced::Unknown(""),
        };
    }
    fn emptied<T: Copy>(finding: &mut Sourced<T>, empty: impl Fn(T) -> T) {
        match finding {
            Sourced::Known(value, _) => *value = empty(*value),
            Sourced::Unknown(_) => bare(finding),
        }
    }
    const NO_FILES: Files = Files::same(&[]);
    vec![
        ("name", |row| row.name = ""),
        ("rules", |row| row.rules = &[]),
        ("policy", |row| bare(&mut row.policy)),
        ("policy", |row| emptied(&mut row.policy, |_| RestartPolicy::Unknown)),
        ("ends.signals", |row| bare(&mut row.ends.signals)),
        ("ends.signals", |row| emptied(&mut row.ends.signals, |_| &[])),
        ("ends.successor_first", |row| bare(&mut row.ends.successor_first)),
        ("restart.while_running", |row| bare(&mut row.restart.while_running)),
        ("restart.while_running", |row| emptied(&mut row.restart.while_running, |_| Command::new(""))),
        ("restart.after_gone", |row| bare(&mut row.restart.after_gone)),
        ("restart.after_gone", |row| emptied(&mut row.restart.after_gone, |_| Command::new(""))),
        ("settings.file", |row| bare(&mut row.settings.file)),
        ("settings.file", |row| {
            emptied(&mut row.settings.file, |file| SettingsFile { files: NO_FILES, ..file });
        }),
        ("settings.file", |row| {
            emptied(&mut row.settings.file, |file| SettingsFile { holders: &[], ..file });
        }),
        ("settings.flags", |row| bare(&mut row.settings.flags)),
        ("settings.flags", |row| emptied(&mut row.settings.flags, |_| Flags::Said(|_| Message::reported("")))),
        ("settings.by_hand", |row| row.settings.by_hand = || Message::reported("")),
        ("logs", |row| bare(&mut row.logs)),
        ("logs", |row| emptied(&mut row.logs, |_| NO_FILES)),
    ]
}

#[test]
fn no_row_lacks_a_part() {
    for id in ClientId::ALL {
        assert_eq!(lacks(id.row()), BTreeSet::new(), "{id:?}");
    }
}

#[test]
fn a_part_that_is_deleted_is_named() {
    for id in ClientId::ALL {
        for (part, delete) in deletions() {
            let mut row = *id.row();
            delete(&mut row);
            assert_eq!(lacks(&row), BTreeSet::from([part]), "{id:?} without {part}");
        }
    }
}

#[test]
fn words_and_names_are_of_one_client_each() {
    for id in ClientId::ALL {
        let word = id.word();
        let kebab = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        assert!(word.split('-').all(kebab) && word != ClientId::UNLISTED, "{id:?}: {word}");
        assert_eq!(ClientId::parse(word), Some(*id));
        assert_eq!(ClientId::of_recorded_name(id.row().name), Some(*id));
        let same = |a: &ClientId, b: &ClientId| std::ptr::eq(a.row(), b.row());
        assert_eq!(ClientId::ALL.iter().filter(|other| same(other, id)).count(), 1, "{id:?}: the row of two clients");
    }
}

#[test]
fn an_id_decides_and_a_name_only_where_there_was_none() {
    assert_eq!(ClientId::of_recorded(Some("helix"), "Neovim"), Some(ClientId::Helix));
    assert_eq!(ClientId::of_recorded(Some(ClientId::UNLISTED), "Helix"), None, "a file of this name is no Helix");
    assert_eq!(ClientId::of_recorded(Some("an-editor-of-tomorrow"), "Helix"), None);
    assert_eq!(ClientId::of_recorded(None, "Helix"), Some(ClientId::Helix), "a recording of schema 4");
    assert_eq!(ClientId::of_recorded(None, "helix"), None);
}

#[test]
fn signals_grow_stronger() {
    for id in ClientId::ALL {
        let signals = id.row().ends.signals.value().unwrap_or_default();
        let strength = |sent: &ShutdownSignal| (sent.signal == EndSignal::Kill, sent.earliest);
        assert!(signals.windows(2).all(|pair| strength(&pair[0]) < strength(&pair[1])), "{id:?}: {signals:?}");
    }
    assert_eq!((EndSignal::Term.number(), EndSignal::Kill.number()), (15, 9));
}

/// An image that matches a rule.
fn example(rule: Rule) -> Image {
    const HOST: &str = "--type=extensionHost";
    let (exe, arguments): (String, Vec<String>) = match rule {
        Rule::Program(name) => (format!("/usr/bin/{name}"), vec![]),
        Rule::Prefix(start) => (format!("/usr/bin/{start}-1.2"), vec![]),
        Rule::Script(piece) => ("/usr/bin/node".into(), vec![format!("/x/{piece}/main.js")]),
        Rule::Path(piece) => (format!("/x{piece}1.2"), vec![]),
        Rule::HostProgram(name) => (format!("/usr/bin/{name}"), vec![HOST.into()]),
        Rule::HostFolder(name) => ("/usr/bin/node".into(), vec![format!("/x/{name}/out/bootstrap-fork"), HOST.into()]),
        Rule::Host => ("/usr/bin/electron".into(), vec![HOST.into()]),
    };
    Image {
        comm: exe.rsplit('/').next().unwrap().bytes().take(15).collect(),
        argv: Reading::Known(std::iter::once(exe.clone()).chain(arguments).map(String::into_bytes).collect()),
        exe: Reading::Known(exe.into_bytes()),
        env: Reading::Known(Vec::new()),
        folder: Reading::unknown("not asked"),
    }
}

fn rules() -> Vec<(ClientId, Rule)> {
    ClientId::ALL.iter().flat_map(|id| id.row().rules.iter().map(|rule| (*id, *rule))).collect()
}

/// The class of gopls that distinguishes a client from another one with the same rules.
fn class_of(id: ClientId) -> ServerClass {
    id.row().only.unwrap_or(ServerClass::Lsp)
}

#[test]
fn each_rule_finds_its_own_client() {
    for (id, rule) in rules() {
        assert_eq!(client_of(&example(rule), class_of(id)), Some(id), "{rule:?}");
    }
}

#[test]
fn a_short_name_of_each_rule_is_worth_a_look() {
    let mut names = 0;
    for (id, rule) in rules() {
        let name = match rule {
            Rule::Program(name) | Rule::HostProgram(name) => name.to_owned(),
            Rule::Prefix(start) => format!("{start}-1.2"),
            Rule::Script(_) | Rule::Path(_) | Rule::HostFolder(_) | Rule::Host => continue,
        };
        names += 1;
        let wrapped = format!(".{}-wrapped", name.trim_start_matches('.'));
        for (name, most) in [(&name, 15), (&name, 16), (&wrapped, 15), (&wrapped, 16)] {
            let comm: Vec<u8> = name.bytes().take(most).collect();
            assert_eq!(hint(&comm), Hint::Client, "{id:?}, {rule:?}: {}", String::from_utf8_lossy(&comm));
        }
    }
    assert!(names > 40, "{names}");
}

proptest! {
    /// The files that a process is given to open, its working folder and its short kernel name do
    /// not change which client it is.
    #[test]
    fn each_rule_finds_its_own_client_whatever_it_is_given(
        (id, rule) in prop::sample::select(rules()),
        comm in prop::collection::vec(any::<u8>(), 0..16),
        folder in prop::collection::vec(any::<u8>(), 0..24),
        given in prop::collection::vec("[a-z/.]{0,12}(nvim|claude|code-server|emacs)?", 0..4),
    ) {
        let mut image = example(rule);
        image.comm = comm;
        image.folder = Reading::Known(folder);
        if let Reading::Known(argv) = &mut image.argv {
            argv.extend(given.into_iter().map(String::into_bytes));
        }
        prop_assert_eq!(client_of(&image, class_of(id)), Some(id));
    }
}
