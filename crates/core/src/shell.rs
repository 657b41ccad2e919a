//! Quoting of commands, so that what is printed can be pasted into a shell.

use std::borrow::Cow;
use std::ffi::OsStr;

/// Replaces what cannot be typed: a NUL byte, or bytes that are not UTF-8. The resulting command
/// then refers to nothing that exists, rather than to something else.
const UNTYPABLE: &str = "\u{fffd}";

/// A word of a command, quoted only where a shell needs it.
#[must_use]
pub fn word(word: &(impl AsRef<OsStr> + ?Sized)) -> String {
    let text = word.as_ref().to_string_lossy();
    let text = if text.contains('\0') { Cow::Owned(text.replace('\0', UNTYPABLE)) } else { text };
    if is_plain(&text) {
        return text.into_owned();
    }
    // `try_quote` fails only on a NUL byte, and none is left.
    shlex::try_quote(&text).map_or_else(|_| UNTYPABLE.to_owned(), Cow::into_owned)
}

/// A whole command line.
#[must_use]
pub fn line<W: AsRef<OsStr>>(argv: &[W]) -> String {
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Whether every shell takes the word literally. shlex would also quote assignments (`GOBIN=/x`)
/// and lists (`a,b`). They read better without quotes, and have a special meaning only at the
/// beginning of a word (zsh(1), `=ls`) or between braces.
fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:@%+,".contains(c);
    !text.is_empty() && !text.starts_with('=') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_needs_no_quotes_gets_none() {
        for plain in ["/usr/bin/env", "GOBIN=/home/me/go/bin", "gui/501/dev.goplswatch.agent", "a@b:%1+2,3", "-w"] {
            assert_eq!(word(plain), plain);
        }
    }

    #[test]
    fn a_home_with_a_quote_or_a_space_can_be_pasted() {
        let argv = ["mv", "/Users/o'brien/go", "/Volumes/My Disk/go", ""];
        assert_eq!(line(&argv), "mv \"/Users/o'brien/go\" '/Volumes/My Disk/go' ''");
    }

    #[test]
    fn what_cannot_be_typed_names_nothing_else() {
        assert_eq!(shlex::split(&word("/a\0b")).unwrap(), ["/a\u{fffd}b"]);
    }

    proptest! {
        #[test]
        fn a_shell_reads_the_words_that_were_meant(argv in prop::collection::vec("[^\0]*", 1..5)) {
            prop_assert_eq!(shlex::split(&line(&argv)), Some(argv));
        }
    }
}
