//! Finds what is not translated in texts of the pseudo-language.

/// The plain English words in a text that was rendered in the pseudo-language `en-XA`: every run of
/// three or more ASCII letters that is in none of the allowed texts (names, paths, codes and
/// command lines). The pseudo-language has an accent on each letter, so a plain word did not come
/// from the catalogue.
#[must_use]
pub fn plain_words(text: &str, allowed: &[&str]) -> Vec<String> {
    let mut allowed = allowed.to_vec();
    // Longest first, so that a path is removed before the names in it.
    allowed.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let rest = allowed.iter().fold(text.to_owned(), |rest, name| rest.replace(name, " "));
    let runs = rest.split(|c: char| !c.is_ascii_alphabetic());
    runs.filter(|run| run.len() >= 3).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_accent_is_found_unless_it_is_a_name() {
        assert_eq!(plain_words("ĝöö ķîîļļéé go 4 kB restart-loop", &["restart-loop"]), [""; 0]);
        assert_eq!(plain_words("ĝöö is running in /w/api of api", &["/w/api", "api"]), ["running"]);
    }
}
