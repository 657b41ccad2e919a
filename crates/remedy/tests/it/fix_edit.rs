//! Settings files: one value is set and nothing else changes; undo restores every byte.

use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use goplswatch_core::Remedy;
use goplswatch_core::message::Message;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_remedy::change::{Desktop, Failed, Format, Plan, Purpose, Receipt, Site, Step, apply, undo};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Worded as _, say};

struct Stage {
    folder: TempDir,
    site: Site,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let site = Site { desktop: Desktop::default(), ..Site::new(root.join("state/receipts")) };
        Self { folder, site }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn edit(&self, file: &Path, format: Format, path: &[&str], value: Value) -> Result<Step, String> {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Step::edit(file.to_str().unwrap(), format, path, value).map_err(|refusal| refusal.words())
    }

    fn apply(&self, steps: Vec<Step>) -> Result<Receipt, Failed> {
        apply(&plan(steps), None, &self.site, &mut |_| Ok(()), &mut |_| {})
    }

    fn undo(&self, id: &str) -> Result<Receipt, Failed> {
        undo(id, &self.site, &mut |_| Ok(()), &mut |_| {})
    }
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        purpose: Purpose::Remedy(Remedy::ByHand),
        class: RemedyClass::Safe,
        incident: None,
        subject: Message::reported("a file").into(),
        does: None,
        cost: None,
        undo: None,
        steps,
        evidence: String::new(),
    }
}

/// The content of a file after one value was set; checks that undo restores every byte.
fn set(format: Format, text: &str, path: &[&str], value: Value) -> Result<String, String> {
    let stage = Stage::new();
    let file = stage.path("settings");
    std::fs::write(&file, text).unwrap();
    let step = stage.edit(&file, format, path, value)?;
    let receipt = stage.apply(vec![step]).map_err(|failed| format!("{}; {}", failed.words(), failed.advised()))?;
    let after = std::fs::read_to_string(&file).unwrap();
    stage.undo(&receipt.id).map_err(|failed| format!("undo: {}", failed.words()))?;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "undo brings every byte back");
    Ok(after)
}

fn jsonc(text: &str, path: &[&str], value: Value) -> String {
    set(Format::Jsonc, text, path, value).unwrap()
}

fn toml(text: &str, path: &[&str], value: Value) -> String {
    set(Format::Toml, text, path, value).unwrap()
}

#[test]
fn a_value_is_replaced_where_it_stands() {
    let text = "{\n    // why\n    \"a\": 1, /* b */ \"b\": [1, 2,],\n\n    \"gopls\": { \"ui.x\": true, },\n}\n";
    assert_eq!(jsonc(text, &["a"], json!(2)), text.replace("\"a\": 1", "\"a\": 2"));
    assert_eq!(jsonc(text, &["gopls", "ui.x"], json!(false)), text.replace("true", "false"));
    assert_eq!(jsonc(text, &["b"], json!([])), text.replace("[1, 2,]", "[]"));
}

#[test]
fn a_new_value_comes_last_in_the_file_s_own_style() {
    assert_eq!(jsonc("{\n\t\"a\": 1 // one\n}\n", &["b"], json!("x")), "{\n\t\"a\": 1, // one\n\t\"b\": \"x\"\n}\n");
    assert_eq!(jsonc("{\n   \"a\": 1,\n}", &["b"], json!(2)), "{\n   \"a\": 1,\n   \"b\": 2,\n}");
    assert_eq!(
        jsonc("{\r\n  \"a\": 1\r\n}\r\n", &["gopls", "build.x"], json!(["-a"])),
        "{\r\n  \"a\": 1,\r\n  \"gopls\": {\r\n    \"build.x\": [\"-a\"]\r\n  }\r\n}\r\n"
    );
    assert_eq!(jsonc("\u{feff}{}\n", &["a"], json!(1)), "\u{feff}{\n  \"a\": 1\n}\n");
}

#[test]
fn an_empty_file_becomes_one_with_the_value() {
    for text in ["", "// only a comment\n"] {
        let after = jsonc(text, &["a", "b"], json!(true));
        assert!(after.starts_with(text), "{after:?}");
        let read: Value = jsonc_parser::parse_to_serde_value(&after, &Default::default()).unwrap();
        assert_eq!(read, json!({"a": {"b": true}}), "{after:?}");
    }
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    for (text, path, why) in [
        ("[1]", &["a"][..], "holds no object"),
        ("{\"a\": 1}", &["a", "b"], "a is no object"),
        ("{\"a\": 1, \"a\": 2}", &["a"], "stands there twice"),
        ("{\"a\": 1", &["a"], "not JSON with comments"),
        ("{a: 1}", &["a"], "not JSON with comments"),
        ("{\"a\": 1 \"b\": 2}", &["a"], "not JSON with comments"),
        ("{\"a\": 1}", &[], "no key"),
    ] {
        let refused = set(Format::Jsonc, text, path, json!(1)).unwrap_err();
        assert!(refused.contains(why), "{text}: {refused}");
    }
    for (text, path, value, why) in [
        ("a = 1", &["a", "b"][..], json!(1), "a is no table"),
        ("[a]\nb = 1", &["a"], json!(1), "is a table"),
        ("a = ", &["a"], json!(1), "not TOML"),
        ("a = 1", &["a"], Value::Null, "no null"),
    ] {
        let refused = set(Format::Toml, text, path, value).unwrap_err();
        assert!(refused.contains(why), "{text}: {refused}");
    }
}

/// A parser that recurses for each bracket would crash the agent.
#[test]
fn a_file_of_brackets_is_refused_or_edited_and_ends_nobody() {
    for open in ["[", "{\"a\":", "/*"] {
        let text = format!("{{\"x\": {}", open.repeat(200_000));
        assert!(set(Format::Jsonc, &text, &["a"], json!(1)).is_err());
    }
    assert!(set(Format::Toml, &format!("a = {}", "[".repeat(200_000)), &["a"], json!(1)).is_err());
}

#[test]
fn toml_keeps_comments_and_tables() {
    let text = "# top\nkey = 1 # one\n\n[agent]\n# in it\nat = \"x\"\n";
    assert_eq!(toml(text, &["key"], json!(2)), text.replace("= 1", "= 2"));
    assert_eq!(toml(text, &["agent", "at"], json!("y")), text.replace("\"x\"", "\"y\""));
    assert_eq!(toml(text, &["agent", "on"], json!(true)), format!("{text}on = true\n"));
    assert_eq!(toml(text, &["new", "deep", "k"], json!([1])), format!("{text}\n[new.deep]\nk = [1]\n"));
    assert_eq!(toml("a = { b = 1 }\n", &["a", "c"], json!(2)), "a = { b = 1 , c = 2 }\n");
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(toml(&crlf, &["agent", "on"], json!(true)), format!("{crlf}on = true\r\n"));
}

#[test]
fn a_link_stays_a_link_and_a_mode_stays() {
    let stage = Stage::new();
    std::fs::create_dir(stage.path("dotfiles")).unwrap();
    let target = stage.path("dotfiles/settings.json");
    std::fs::write(&target, "{\n  \"a\": 1\n}\n").unwrap();
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = stage.path("settings.json");
    symlink("dotfiles/settings.json", &link).unwrap();

    let step = stage.edit(&link, Format::Jsonc, &["a"], json!(2)).unwrap();
    let receipt = stage.apply(vec![step]).unwrap();
    assert!(receipt.plan.preview(&say).contains(&format!("{} (which is {})", link.display(), target.display())));
    for (done, says) in [("apply", "{\n  \"a\": 2\n}\n"), ("undo", "{\n  \"a\": 1\n}\n")] {
        if done == "undo" {
            stage.undo(&receipt.id).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&target).unwrap(), says, "{done}");
        assert_eq!(std::fs::read_link(&link).unwrap(), Path::new("dotfiles/settings.json"), "{done}");
        let now = std::fs::metadata(&target).unwrap();
        assert_eq!((now.mode() & 0o7777, now.uid()), (0o640, rustix::process::geteuid().as_raw()), "{done}");
    }
    assert_eq!(std::fs::read_dir(stage.path("dotfiles")).unwrap().count(), 1, "nothing of ours is left there");
    // No other user may read the copy of the old content or the receipt.
    for entry in std::fs::read_dir(&stage.site.receipts).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&stage.site.receipts).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn files_that_are_not_to_be_touched_are_refused() {
    let stage = Stage::new();
    let refused = |name: &str| stage.edit(&stage.path(name), Format::Jsonc, &["a"], json!(1)).unwrap_err();
    std::fs::write(stage.path("latin"), b"{\"a\": \"\xe9\"}").unwrap();
    assert!(refused("latin").contains("not UTF-8"));
    std::fs::write(stage.path("long"), format!("{{}}{}", " ".repeat(4 << 20))).unwrap();
    assert!(refused("long").contains("longer than 4 MiB"));
    symlink("nowhere", stage.path("dangling")).unwrap();
    assert!(refused("dangling").contains("leads nowhere"));
    assert!(refused(".").contains("is no file"));
    assert!(refused("no/folder/settings.json").contains("has no folder"));
    std::fs::write(stage.path("one"), "{}").unwrap();
    std::fs::hard_link(stage.path("one"), stage.path("two")).unwrap();
    assert!(refused("two").contains("hard links"));
    std::fs::write(stage.path("locked"), "{}").unwrap();
    std::fs::set_permissions(stage.path("locked"), std::fs::Permissions::from_mode(0o444)).unwrap();
    assert!(refused("locked").contains("is marked as read-only"));
    assert!(
        Step::edit("settings.json", Format::Jsonc, vec!["a".into()], json!(1))
            .unwrap_err()
            .words()
            .contains("absolute")
    );
}

#[test]
fn what_changed_since_it_was_shown_is_not_overwritten() {
    let stage = Stage::new();
    let file = stage.path("settings.json");
    std::fs::write(&file, "{\"a\": 1}").unwrap();
    let step = stage.edit(&file, Format::Jsonc, &["a"], json!(2)).unwrap();
    std::fs::write(&file, "{\"a\": 1, \"mine\": true}").unwrap();
    let failed = stage.apply(vec![step.clone()]).unwrap_err();
    assert!(failed.words().contains("changed since it was shown: nothing was written"), "{failed:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"a\": 1, \"mine\": true}");

    std::fs::remove_file(&file).unwrap();
    assert!(stage.apply(vec![step.clone()]).is_err(), "one that is gone is not made anew");
    assert!(!file.exists());

    // A link in its place leads to a file that was not shown.
    std::fs::write(stage.path("other"), "{\"a\": 1}").unwrap();
    symlink("other", &file).unwrap();
    let failed = stage.apply(vec![step]).unwrap_err();
    assert!(failed.words().contains("leads elsewhere"), "{failed:?}");
    assert_eq!(std::fs::read_to_string(stage.path("other")).unwrap(), "{\"a\": 1}");
}

#[test]
fn a_new_file_is_written_once_and_taken_away() {
    let stage = Stage::new();
    let file = stage.path("new.conf");
    let step = Step::write(file.to_str().unwrap(), "text\n".into(), 0o600).unwrap();
    let receipt = stage.apply(vec![step.clone()]).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "text\n");
    assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    assert!(stage.apply(vec![step]).unwrap_err().words().contains("changed since it was shown"));
    stage.undo(&receipt.id).unwrap();
    assert!(!file.exists());
}

#[test]
fn undo_leaves_alone_what_somebody_changed_since_and_says_where_the_copy_is() {
    let stage = Stage::new();
    let (one, two) = (stage.path("one.json"), stage.path("two.json"));
    for file in [&one, &two] {
        std::fs::write(file, "{\"a\": 1}").unwrap();
    }
    let steps = [&one, &two].map(|file| stage.edit(file, Format::Jsonc, &["a"], json!(2)).unwrap());
    let receipt = stage.apply(steps.into()).unwrap();
    let theirs = std::fs::read_to_string(&one).unwrap() + "\n";
    std::fs::write(&one, &theirs).unwrap();
    let left = std::fs::read_to_string(&two).unwrap();

    let refused = stage.undo(&receipt.id).unwrap_err();
    assert!(refused.words().contains(&format!("{} was changed since", one.display())), "{refused:?}");
    let copy = stage.site.receipts.join(format!("{}.0.before", receipt.id));
    assert!(refused.advised().contains(copy.to_str().unwrap()), "{}", refused.advised());
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), "{\"a\": 1}");
    assert_eq!(std::fs::read_to_string(&one).unwrap(), theirs);
    assert_eq!(std::fs::read_to_string(&two).unwrap(), left, "undo does everything or nothing");

    // With the content that the fix left, it can be undone, but only once.
    std::fs::write(&one, theirs.trim_end()).unwrap();
    std::fs::write(&one, std::fs::read_to_string(&two).unwrap()).unwrap();
    stage.undo(&receipt.id).unwrap();
    assert_eq!(std::fs::read_to_string(&one).unwrap(), "{\"a\": 1}");
    assert!(stage.undo(&receipt.id).unwrap_err().words().contains("undone already"));
}

#[test]
fn a_copy_that_was_tampered_with_is_not_written_back() {
    let stage = Stage::new();
    let file = stage.path("settings.json");
    std::fs::write(&file, "{\"a\": 1}").unwrap();
    let receipt = stage.apply(vec![stage.edit(&file, Format::Jsonc, &["a"], json!(2)).unwrap()]).unwrap();
    let left = std::fs::read_to_string(&file).unwrap();
    std::fs::write(stage.site.receipts.join(format!("{}.0.before", receipt.id)), "something else").unwrap();
    assert!(stage.undo(&receipt.id).unwrap_err().words().contains("not what was kept"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), left);
}

/// A document without what is between its tokens.
#[derive(Clone, Debug)]
enum Node {
    Leaf(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-1.5e3".to_owned()),
        Just("\"// no \\\" comment\"".to_owned()),
        Just("\"é\u{1f600}\"".to_owned()),
        any::<i32>().prop_map(|n| n.to_string()),
    ];
    leaf.prop_map(Node::Leaf).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Node::Array),
            object(inner).prop_map(Node::Object),
        ]
    })
}

fn object(inner: impl Strategy<Value = Node>) -> impl Strategy<Value = Vec<(String, Node)>> {
    prop::collection::btree_map("[a-d]|gopls|é", inner, 0..4).prop_map(|map| map.into_iter().collect())
}

/// Prints a document with spaces and comments between the tokens, as the noise says.
struct Printer<'a> {
    out: String,
    noise: std::iter::Cycle<std::slice::Iter<'a, u8>>,
    end: &'static str,
}

impl Printer<'_> {
    fn gap(&mut self) {
        let byte = *self.noise.next().unwrap();
        let end = self.end;
        match byte % 12 {
            0..4 => {}
            4 => self.out.push(' '),
            5 => self.out.push('\t'),
            6 => self.out.push_str(end),
            7 => self.out.push_str(&format!("{end}{end}   ")),
            8 => self.out.push_str(&format!("{end}\t\t")),
            9 => self.out.push_str(&format!("// {byte}{end}")),
            10 => self.out.push_str("/* é \" , } */"),
            _ => self.out.push_str(&format!(" /*{end} */ ")),
        }
    }

    fn list(&mut self, marks: [char; 2], items: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.out.push(marks[0]);
        self.gap();
        for i in 0..items {
            item(self, i);
            self.gap();
            let trailing = self.noise.next().unwrap().is_multiple_of(3);
            if i + 1 < items || trailing {
                self.out.push(',');
                self.gap();
            }
        }
        self.out.push(marks[1]);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Leaf(text) => self.out.push_str(text),
            Node::Array(items) => self.list(['[', ']'], items.len(), |p, i| p.node(&items[i])),
            Node::Object(map) => self.object(map),
        }
    }

    fn object(&mut self, map: &[(String, Node)]) {
        self.list(['{', '}'], map.len(), |p, i| {
            write!(p.out, "\"{}\"", map[i].0).unwrap();
            p.gap();
            p.out.push(':');
            p.gap();
            p.node(&map[i].1);
        });
    }
}

fn document(map: &[(String, Node)], noise: &[u8], crlf: bool, mark: bool) -> String {
    let end = if crlf { "\r\n" } else { "\n" };
    let mut printer = Printer { out: String::new(), noise: noise.iter().cycle(), end };
    if mark {
        printer.out.push('\u{feff}');
    }
    printer.gap();
    printer.object(map);
    printer.gap();
    printer.out
}

/// Strings, comments, marks and words; what is between them is not a token.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '"' => {
                let mut escaped = false;
                rest.char_indices()
                    .skip(1)
                    .find(|(_, c)| {
                        let end = *c == '"' && !escaped;
                        escaped = *c == '\\' && !escaped;
                        end
                    })
                    .unwrap()
                    .0
                    + 1
            }
            '/' if rest.starts_with("//") => rest.find(['\r', '\n']).unwrap_or(rest.len()),
            '/' => rest.find("*/").unwrap() + 2,
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            c if c.is_whitespace() || c == '\u{feff}' => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            _ => rest.find(|c: char| c.is_whitespace() || "{}[],:/\"".contains(c)).unwrap_or(rest.len()),
        };
        found.push(&rest[..len]);
        rest = &rest[len..];
    }
    found
}

fn is_subsequence(short: &[&str], long: &[&str]) -> bool {
    let mut long = long.iter();
    short.iter().all(|token| long.any(|other| other == token))
}

fn read(text: &str) -> Value {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    jsonc_parser::parse_to_serde_value(text, &Default::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn one_value_is_set_and_nothing_else_moves(
        map in object(node()),
        noise in prop::collection::vec(any::<u8>(), 1..60),
        (crlf, mark) in any::<(bool, bool)>(),
        path in prop::collection::vec("[a-d]|gopls|é", 1..4),
    ) {
        let before = document(&map, &noise, crlf, mark);
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let value = json!({"set": [1, "x"]});

        // Whether the value can be placed depends on the values along the path.
        let mut wanted = read(&before);
        let mut place = Some(&mut wanted);
        for key in &keys[..keys.len() - 1] {
            place = place.and_then(|v| v.as_object_mut()).map(|map| map.entry(*key).or_insert_with(|| json!({})));
        }
        let result = set(Format::Jsonc, &before, &keys, value.clone());
        let Some(place) = place.and_then(|v| v.as_object_mut()) else {
            prop_assert!(result.unwrap_err().contains("is no object"));
            return Ok(());
        };
        let old = place.insert((*keys.last().unwrap()).to_owned(), value);
        let after = result.map_err(|why| TestCaseError::fail(format!("{before:?}: {why}")))?;
        prop_assert_eq!(read(&after), wanted, "{:?} became {:?}", before, after);
        prop_assert_eq!(after.starts_with('\u{feff}'), mark);
        if crlf && before.contains('\n') {
            prop_assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
        }
        if old.is_none() {
            prop_assert!(is_subsequence(&tokens(&before), &tokens(&after)), "{:?} became {:?}", before, after);
        }
    }
}
