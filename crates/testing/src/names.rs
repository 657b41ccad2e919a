//! Unexpected names that folders and programs may have.

/// The names.
#[must_use]
pub fn odd_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "api. v2",
        "api.",
        "Most likely: x",
        "a. Cause: b",
        "{ $x }",
        "{ client -> *[other] x }",
        "<b>bold</b> & \"quoted\"",
        "&amp;",
        "a\nb",
        "a\r\nPROBLEM  b",
        "a\tb",
        "a\u{1b}[2Jb",
        "a\u{7f}\u{85}b",
        "a\u{2028}b",
        "خادم الواجهة",
        "a\u{202e}gnp.exe",
        "א ב",
        "\u{2069}x\u{2066}",
        "\u{202e}\u{7}",
        " ",
        "服务器",
        "👩🏽\u{200d}💻",
        "back\\slash",
        "%s %d $(x) `x`",
        "…",
    ]
    .map(str::to_owned)
    .into();
    names.push("x".repeat(300));
    names.push("long name ".repeat(30));
    names.push("א".repeat(300));
    names
}
