//! Which folders of a workspace gopls could leave out: large ones without Go code.
//!
//! An entry of gopls' `directoryFilters` consists of an operator, `-` or `+`, and a path relative
//! to the workspace folder. `**` stands for any number of folders, and the last filter that matches
//! a folder decides (golang/tools gopls/doc/settings.md). A list that is set replaces the built-in
//! one, `-**/node_modules`, so a new list has to contain that entry explicitly.

/// The built-in list of gopls, used if none is set (`gopls api-json` of 0.24, "Default").
pub const DEFAULT_FILTERS: &[&str] = &["-**/node_modules"];
/// The most folders that are suggested. Nobody reads a longer list.
const MOST: usize = 8;
/// The smallest number of entries of a large folder.
const LARGE: u64 = 2_000;
/// A large folder also has at least this share of all entries: one in twenty.
const SHARE: u64 = 20;

/// A folder of a workspace, with the size of the tree below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its path relative to the workspace, with `/` between the components.
    pub path: String,
    /// The number of files and folders below it.
    pub entries: u64,
    /// How many of them belong to Go: `.go` files, `go.mod`, `go.work`.
    pub go_files: u64,
    /// Whether everything below it was scanned.
    pub whole: bool,
}

/// Whether the go command, and therefore gopls, ignores a folder of this name: `go help packages`,
/// and gopls' built-in filter.
#[must_use]
pub fn is_passed_over(name: &str) -> bool {
    name.starts_with(['.', '_']) || matches!(name, "testdata" | "node_modules")
}

/// Filters for the large folders without Go code that no filter excludes yet: only the outermost
/// ones, largest first; empty if there are none. `all` is the number of entries of the whole
/// workspace, `set` the filters in force.
#[must_use]
pub fn suggested_filters(all: u64, folders: &[Folder], set: &[String]) -> Vec<String> {
    let is_large = |folder: &&Folder| folder.entries >= LARGE && folder.entries.saturating_mul(SHARE) >= all;
    let mut found: Vec<&Folder> = folders
        .iter()
        .filter(|folder| folder.whole && folder.go_files == 0 && !folder.path.is_empty())
        .filter(is_large)
        .filter(|folder| !folder.path.split('/').any(is_passed_over))
        // A star would be interpreted as a pattern.
        .filter(|folder| !folder.path.contains('*') && !is_left_out(&folder.path, set))
        .collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let mut outermost: Vec<&Folder> = Vec::new();
    for folder in found {
        if !outermost.iter().any(|outer| is_below(&folder.path, &outer.path)) {
            outermost.push(folder);
        }
    }
    outermost.sort_by(|a, b| b.entries.cmp(&a.entries).then_with(|| a.path.cmp(&b.path)));
    outermost.truncate(MOST);
    outermost.into_iter().map(|folder| format!("-{}", folder.path)).collect()
}

/// Whether these filters exclude a folder.
fn is_left_out(path: &str, filters: &[String]) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let applies = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        // A filter applies to a folder and to everything below it.
        (0..=parts.len()).any(|n| parts.get(..n).is_some_and(|outer| fits(&pattern, outer)))
    };
    let last = filters.iter().rev().find(|filter| filter.get(1..).is_some_and(applies));
    last.is_some_and(|filter| filter.starts_with('-'))
}

fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => (0..=path.len()).any(|n| path.get(n..).is_some_and(|path| fits(rest, path))),
        ([first, rest @ ..], [part, path @ ..]) => first == part && fits(rest, path),
        _ => false,
    }
}

fn is_below(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str, entries: u64, go_files: u64) -> Folder {
        Folder { path: path.into(), entries, go_files, whole: true }
    }

    fn suggest(all: u64, folders: &[(&str, u64, u64)], set: &[&str]) -> Vec<String> {
        let folders: Vec<_> = folders.iter().map(|(path, entries, go)| folder(path, *entries, *go)).collect();
        suggested_filters(all, &folders, &set.iter().map(|&s| s.into()).collect::<Vec<_>>())
    }

    #[test]
    fn only_what_is_large_and_holds_no_go_is_named() {
        let blobs = [("third_party", 9_000, 40), ("third_party/blobs", 8_000, 0), ("third_party/blobs/a", 7_000, 0)];
        for (all, folders, expected) in [
            (10_000, &blobs[..], &["-third_party/blobs"][..]),
            (10_000, &[("docs", 1_999, 0)], &[]),
            (40_000, &[("docs", 2_000, 0)], &["-docs"]),
            (40_001, &[("docs", 2_000, 0)], &[]),
            (10_000, &[("docs", 5_000, 1)], &[]),
            (
                10_000,
                &[(".git", 5_000, 0), ("_old", 5_000, 0), ("a/testdata", 5_000, 0), ("web/node_modules/x", 5_000, 0)],
                &[],
            ),
            (10_000, &[("a", 2_000, 0), ("ab", 3_000, 0), ("a*", 4_000, 0)], &["-ab", "-a"]),
        ] {
            assert_eq!(suggest(all, folders, &[]), expected, "{folders:?}");
        }
    }

    #[test]
    fn what_was_not_seen_whole_is_not_named() {
        let cut = Folder { whole: false, ..folder("data", 9_000, 0) };
        assert!(suggested_filters(10_000, &[cut], &[]).is_empty());
    }

    #[test]
    fn what_is_left_out_already_is_not_named_again() {
        let one = [("web/dist", 5_000, 0)];
        for (set, named) in [
            (&["-web"][..], false),
            (&["-web/dist"], false),
            (&["-**/dist"], false),
            (&["-"], false),
            (&["-", "+web"], true),
            (&["-web", "+web/dist"], true),
            (&["-web/dis", "-dist", "-**/web/x"], true),
            (&["-**/node_modules"], true),
            (&[""], true),
        ] {
            assert_eq!(!suggest(10_000, &one, set).is_empty(), named, "{set:?}");
        }
    }

    #[test]
    fn no_more_than_eight_are_named_and_the_largest_first() {
        let names: Vec<String> = (0..12).map(|n| format!("d{n}")).collect();
        let folders: Vec<_> = names.iter().zip(0..).map(|(name, n)| (name.as_str(), 2_000 + n, 0)).collect();
        let found = suggest(20_000, &folders, &[]);
        assert_eq!((found.len(), found[0].as_str(), found[7].as_str()), (8, "-d11", "-d4"));
    }
}
