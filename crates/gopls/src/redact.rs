//! Cutting secrets out of text that could reach output.

/// Cuts userinfo from URLs and drops query strings and fragments: `https://user:pw@host/p?token=x` becomes
/// `https://host/p`. For any text that could reach output.
///
/// In doubt it cuts too much: where a password holds `/`, `?`, `#` or `@` unescaped, everything up to the last `@`
/// goes, and a path that holds an `@` goes with it.
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

/// One URL after its scheme, and whatever is listed behind it: `GOPROXY=https://u:p@a,https://u:p@b|direct`.
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

/// One URL after its scheme. Another may be part of its path.
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
    // What is left may look like another one with userinfo: cutting twice must cut no more than cutting once.
    while let Some(cut) = behind_userinfo(url) {
        url = cut;
    }
    url
}

/// What stands behind the userinfo of a URL; none: it has none.
fn behind_userinfo(url: &str) -> Option<&str> {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    // A colon without an @ is a port, or the start of a password that holds a slash.
    if !authority.contains(['@', ':']) {
        return None;
    }
    // What stands behind the colon and is no port is a password that holds a slash: then no @ is the proxy's.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let port = host.split_once(':').is_none_or(|(_, port)| is_port(port));
    url.rmatch_indices('@')
        .filter_map(|(at, _)| Some((url.get(..at)?, url.get(at + 1..)?)))
        .find(|(before, after)| !(port && is_version_query(before, after)))
        .map(|(_, after)| after)
}

/// The `@` of the module proxy protocol (go.dev/ref/mod): `…/@v/list`, `…/@latest`.
fn is_version_query(before: &str, after: &str) -> bool {
    before.ends_with('/') && (after.starts_with("v/") || after == "latest")
}
