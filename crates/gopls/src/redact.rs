//! Removes secrets from text that could reach the output.

/// Removes userinfo from URLs, and query strings and fragments: `https://user:pw@host/p?token=x`
/// becomes `https://host/p`. For any text that could reach the output.
///
/// In doubt it removes too much. If a password contains `/`, `?`, `#` or `@` unescaped, everything
/// up to the last `@` is removed, and a path that contains an `@` is removed with it.
#[must_use]
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("://") {
        out.push_str(head);
        out.push_str("://");
        let (urls, after) = tail.split_at(tail.find(ends_url).unwrap_or(tail.len()));
        push_list(&mut out, urls);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | '<' | '>')
}

/// One URL without its scheme, and the rest of a list after it:
/// `GOPROXY=https://u:p@a,https://u:p@b|direct`.
fn push_list(out: &mut String, urls: &str) {
    let (mut start, mut looked) = (0, 0);
    while let Some(at) = urls.get(looked..).and_then(|rest| rest.find("://")).map(|at| at + looked) {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
        let before = urls.get(start..at).unwrap_or_default().trim_end_matches(is_scheme);
        looked = at + 3;
        if before.ends_with([',', '|']) {
            let end = start + before.len() - 1;
            push_url(out, urls.get(start..end).unwrap_or_default());
            out.push_str(urls.get(end..looked).unwrap_or_default());
            start = looked;
        }
    }
    push_url(out, urls.get(start..).unwrap_or_default());
}

/// One URL without its scheme. Its path may contain another URL.
fn push_url(out: &mut String, url: &str) {
    let url = without_userinfo(url);
    let mut rest = url.split(['?', '#']).next().unwrap_or_default();
    while let Some((head, tail)) = rest.split_once("://") {
        out.push_str(head);
        out.push_str("://");
        rest = without_userinfo(tail);
    }
    out.push_str(rest);
}

fn without_userinfo(mut url: &str) -> &str {
    // The rest may look like another URL with userinfo. Redacting twice must remove no more than
    // redacting once.
    while let Some(cut) = behind_userinfo(url) {
        url = cut;
    }
    url
}

/// The part of a URL after its userinfo; `None` if it has none.
fn behind_userinfo(url: &str) -> Option<&str> {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    // A colon without an @ belongs to a port, or to the start of a password that contains a slash.
    if !authority.contains(['@', ':']) {
        return None;
    }
    // If what follows the colon is not a port, it is a password that contains a slash. Then no @
    // belongs to the module proxy protocol.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let port = host.split_once(':').is_none_or(|(_, port)| is_port(port));
    url.rmatch_indices('@')
        .filter_map(|(at, _)| Some((url.get(..at)?, url.get(at + 1..)?)))
        .find(|(before, after)| !(port && is_version_query(before, after)))
        .map(|(_, after)| after)
}

/// Whether an `@` belongs to the module proxy protocol (go.dev/ref/mod): `…/@v/list`, `…/@latest`.
fn is_version_query(before: &str, after: &str) -> bool {
    before.ends_with('/') && (after.starts_with("v/") || after == "latest")
}
