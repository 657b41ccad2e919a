//! Which file of a crate imports which, determined from the source text.
//!
//! A file imports the modules that it declares, and whatever its paths that begin with `crate::` or
//! `super::` lead to. A re-exported name counts as one of the re-exporting file. Tests may import
//! anything: code under `#[cfg(test)]` is not read, nor are files declared there. The text must be
//! formatted by `rustfmt` and have no inline modules except tests.

use std::collections::{BTreeMap, BTreeSet};

/// For each file the files that it imports, and the names it takes from them.
pub(crate) type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The names of modules from the crate's root.
type Module<'a> = Vec<&'a str>;

/// Reads the imports of a crate's files; paths are relative to the folder of the crate's root.
pub(crate) fn imports(files: &[(String, String)]) -> Imports {
    let texts: BTreeMap<Module, (&str, String)> =
        files.iter().map(|(path, text)| (module(path), (path.as_str(), without_tests(text)))).collect();
    let mut imports = Imports::new();
    let mut next = vec![Module::new()];
    while let Some(module) = next.pop() {
        let (file, text) = &texts[&module];
        let tokens = tokens(text);
        let own = imports.entry((*file).to_owned()).or_default();
        let mut import = |of: &Module, name: &str| {
            let (other, _) = &texts[of];
            if other != file {
                own.entry((*other).to_owned()).or_default().insert(name.to_owned());
            }
        };
        for declared in tokens.windows(3).filter(|tokens| tokens[0] == "mod" && tokens[2] == ";") {
            let child = [&module[..], &declared[1..2]].concat();
            import(&child, "mod");
            next.push(child);
        }
        for path in paths(&tokens) {
            let mut at = if path[0] == "crate" { Module::new() } else { parent(&module) };
            let mut rest = path[1..].iter();
            let name = rest.find(|name| match **name {
                "super" => at.pop().is_none(),
                name => {
                    at.push(name);
                    let leads_on = texts.contains_key(&at);
                    if !leads_on {
                        at.pop();
                    }
                    !leads_on
                }
            });
            import(&at, name.or(path.last()).copied().unwrap_or_default());
        }
    }
    imports
}

/// The imports that are part of a cycle or lie between two cycles, one per line.
pub(crate) fn circles(mut imports: Imports) -> Vec<String> {
    loop {
        let before = imports.len();
        let imported: BTreeSet<String> = imports.values().flat_map(BTreeMap::keys).cloned().collect();
        imports.retain(|file, of| !of.is_empty() && imported.contains(file));
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        imports.values_mut().for_each(|of| of.retain(|other, _| left.contains(other)));
        if imports.len() == before {
            break;
        }
    }
    let arrows = imports.iter().flat_map(|(file, of)| of.iter().map(move |(other, names)| (file, other, names)));
    arrows
        .map(|(file, other, names)| format!("{file} -> {other}: {}", Vec::from_iter(names.clone()).join(", ")))
        .collect()
}

fn module(path: &str) -> Module<'_> {
    let mut module: Module = path.trim_end_matches(".rs").split('/').collect();
    module.pop_if(|last| matches!(*last, "lib" | "main" | "mod"));
    module
}

fn parent<'a>(module: &Module<'a>) -> Module<'a> {
    module.split_last().map_or_else(Module::new, |(_, parent)| parent.to_vec())
}

/// The code, without comments and without items that are compiled for tests only.
fn without_tests(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let ends = |other: &&str| indent(other) == indent(line) && other.ends_with([';', '}']);
            lines.by_ref().find(ends);
        } else {
            code.push_str(line.split("//").next().unwrap_or_default());
            code.push('\n');
        }
    }
    code
}

/// Words, `::`, and every other character by itself.
fn tokens(mut code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    loop {
        code = code.trim_start();
        let word = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
        let length = match code.chars().next() {
            None => return tokens,
            Some(_) if word > 0 => word,
            Some(_) if code.starts_with("::") => 2,
            Some(sign) => sign.len_utf8(),
        };
        tokens.push(&code[..length]);
        code = &code[length..];
    }
}

/// The paths within the crate; each path of a `use` tree.
fn paths<'a>(tokens: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let begins = matches!(*token, "crate" | "super") && tokens.get(i + 1) == Some(&"::");
        let before = &tokens[..i];
        // `pub(in crate::a)` restricts visibility and imports nothing.
        if begins && !before.ends_with(&["::"]) && !before.ends_with(&["(", "in"]) {
            branch(&tokens[i..], &[], &mut found);
        }
    }
    found
}

/// One branch of a `use` tree, after the path that leads to it. Returns what follows the branch.
fn branch<'a, 't>(tokens: &'t [&'a str], before: &[&'a str], found: &mut Vec<Vec<&'a str>>) -> &'t [&'a str] {
    match tokens {
        ["{", rest @ ..] => {
            let mut rest = rest;
            loop {
                rest = match rest {
                    ["}", rest @ ..] => return rest,
                    [",", rest @ ..] => rest,
                    [] => return rest,
                    _ => branch(rest, before, found),
                };
            }
        }
        [name, "::", rest @ ..] => branch(rest, &[before, &[*name]].concat(), found),
        [name, "as", _, rest @ ..] | [name, rest @ ..] => {
            found.push([before, &[*name]].concat());
            rest
        }
        [] => tokens,
    }
}

/// The cycles of a crate that has these files.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<(String, String)> = files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    circles(imports(&files))
}

#[test]
fn files_that_import_each_other_are_a_circle() {
    let found = circles_of(&[
        ("lib.rs", "mod high;\nmod low;\nmod middle;\npub use high::High;\n"),
        ("high.rs", "use crate::{\n    low::{self as ground, Low},\n    middle::Middle,\n};\n"),
        ("middle.rs", "fn middle() -> crate::low::Low {}\n"),
        ("low.rs", "use super::middle::{Inner, Middle as Other};\n"),
    ]);
    assert_eq!(found, ["low.rs -> middle.rs: Inner, Middle", "middle.rs -> low.rs: Low"]);
}

#[test]
fn a_module_that_imports_what_declares_it_is_in_a_circle() {
    let found = circles_of(&[
        ("main.rs", "mod a;\nmod b;\n\nenum Found {}\n"),
        ("a.rs", "mod child;\n"),
        ("a/child.rs", "use super::super::Found;\n"),
        ("b/mod.rs", "pub(crate) mod child;\npub use child::Thing;\n"),
        ("b/child.rs", "use super::*;\n"),
    ]);
    let expected = [
        "a.rs -> a/child.rs: mod",
        "a/child.rs -> main.rs: Found",
        "b/child.rs -> b/mod.rs: *",
        "b/mod.rs -> b/child.rs: mod",
        "main.rs -> a.rs: mod",
        "main.rs -> b/mod.rs: mod",
    ];
    assert_eq!(found, expected);
}

#[test]
fn neighbours_comments_and_tests_are_no_circle() {
    let found = circles_of(&[
        ("lib.rs", "mod a;\n#[cfg(test)]\nmod sample;\n"),
        ("a.rs", "mod x;\nmod y;\n\npub(crate) use x::X;\n#[cfg(test)]\nmod tests {\n    use crate::a::y::Y;\n}\n"),
        ("a/x.rs", "// As crate::a::y does.\nuse super::y::Y;\nuse std::io::{self, Write};\n"),
        ("a/y.rs", "pub(in crate::a) struct Y;\n#[cfg(test)]\nuse super::{\n    x::X,\n};\n\nfn y() {}\n"),
        ("sample.rs", "use crate::a;\n"),
    ]);
    assert_eq!(found, [""; 0]);
}
