//! Parses the arguments and the environment of a process as the kernels report them.
//!
//! These are pure functions over bytes that another process controls: the bytes may be anything,
//! and nothing here panics. Of an environment, only the variables of an allow-list are ever copied
//! out of the buffer, since the others hold secrets.

use goplswatch_core::message::{Count, Message, Verbatim};
use goplswatch_gopls::ENV_ALLOWED;

/// What `KERN_PROCARGS2` of macOS reports about a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcArgs {
    /// The path that was given to exec, as it was written: it may be relative or a symbolic link.
    pub exec_path: Vec<u8>,
    /// The argument vector.
    pub argv: Vec<Vec<u8>>,
    /// The environment variables that are on the allow-list.
    pub env: Vec<(String, Vec<u8>)>,
}

/// Parses an answer of sysctl `KERN_PROCARGS2` (xnu bsd/kern/kern_sysctl.c, `sysctl_procargsx`).
///
/// The layout: the number of arguments (32 bits in the machine's byte order, which is little-endian
/// on every Mac), the path given to exec, NULs up to the next aligned offset, the arguments, the
/// environment, then the kernel's own strings for the loader (`executable_path=…`, `ptr_munge=…`).
/// Each string ends with a NUL. Nothing marks where one list ends and the next begins, so only the
/// count separates arguments from environment. A process may overwrite this memory at will.
///
/// An empty first argument cannot be told from the padding before it. It is dropped, and the count
/// then takes in one string too many.
///
/// # Errors
/// If the bytes cannot be such an answer.
pub fn parse_procargs2(bytes: &[u8]) -> Result<ProcArgs, Message> {
    let Some((count, rest)) = bytes.split_first_chunk::<4>() else {
        return Err(Message::ArgumentsTooShort { got: Count::new(bytes.len() as u64) });
    };
    let signed = i32::from_le_bytes(*count);
    let count = usize::try_from(signed).map_err(|_| Message::ArgumentsMiscounted { count: Verbatim::of(signed) })?;
    let (exec_path, rest) = cut(rest);
    // Older kernels leave the loader's key in front of the path (xnu bsd/kern/kern_exec.c,
    // EXECUTABLE_KEY).
    let exec_path = exec_path.strip_prefix(b"executable_path=").unwrap_or(exec_path);
    if exec_path.is_empty() {
        return Err(Message::ArgumentsWithoutPath);
    }
    let padding = rest.iter().take_while(|&&byte| byte == 0).count();
    let mut rest = rest.get(padding..).unwrap_or_default();
    // The count is not used for an allocation: the vector grows with the strings that exist.
    let mut argv = Vec::new();
    while argv.len() < count && !rest.is_empty() {
        let (argument, after) = cut(rest);
        argv.push(argument.to_vec());
        rest = after;
    }
    Ok(ProcArgs { exec_path: exec_path.to_vec(), argv, env: parse_environ(rest, ENV_ALLOWED) })
}

/// Parses `/proc/PID/cmdline` of Linux (proc_pid_cmdline(5)): strings that each end with a NUL.
///
/// A process that rewrites its title may omit the last NUL, or all of them; the text is then one
/// argument.
#[must_use]
pub fn parse_cmdline(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut argv = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (argument, after) = cut(rest);
        argv.push(argument.to_vec());
        rest = after;
    }
    argv
}

/// Parses `NAME=value` strings that each end with a NUL, and keeps those whose name is in
/// `allowed`.
///
/// This is `/proc/PID/environ` of Linux (proc_pid_environ(5)) and the tail of `KERN_PROCARGS2`. If
/// a name occurs twice, the first one counts, as for getenv(3).
#[must_use]
pub fn parse_environ(bytes: &[u8], allowed: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in bytes.split(|&byte| byte == 0) {
        let Some(equals) = entry.iter().position(|&byte| byte == b'=') else { continue };
        let (name, value) = entry.split_at(equals);
        let Some(name) = allowed.iter().find(|allowed| allowed.as_bytes() == name) else { continue };
        if found.iter().all(|(seen, _)| seen != name) {
            found.push(((*name).to_owned(), value.get(1..).unwrap_or_default().to_vec()));
        }
    }
    found
}

/// The string before the first NUL, and what follows that NUL; the whole if there is none.
fn cut(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|&byte| byte == 0) {
        Some(end) => (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default()),
        None => (bytes, &[]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn answer(count: i32, path: &[u8], padding: usize, strings: &[&[u8]]) -> Vec<u8> {
        let mut bytes = count.to_le_bytes().to_vec();
        bytes.extend_from_slice(path);
        bytes.extend(std::iter::repeat_n(0, 1 + padding));
        for string in strings {
            bytes.extend_from_slice(string);
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn the_layout_of_the_kernel() {
        let bytes = answer(
            2,
            b"/Users/g/go/bin/gopls",
            3,
            &[
                b"gopls",
                b"-remote=auto",
                b"SECRET=x",
                b"GO_TELEMETRY_CHILD=1",
                b"GO_TELEMETRY_CHILD=2",
                b"",
                b"executable_path=/p",
            ],
        );
        let args = parse_procargs2(&bytes).unwrap();
        assert_eq!(args.exec_path, b"/Users/g/go/bin/gopls");
        assert_eq!(args.argv, [b"gopls".to_vec(), b"-remote=auto".to_vec()]);
        assert_eq!(args.env, [("GO_TELEMETRY_CHILD".to_owned(), b"1".to_vec())]);
    }

    #[test]
    fn arguments_may_be_empty_or_no_text_at_all() {
        let args = parse_procargs2(&answer(3, b"/p", 0, &[b"a", b"", b"\xff\xfe"])).unwrap();
        assert_eq!(args.argv, [b"a".to_vec(), Vec::new(), b"\xff\xfe".to_vec()]);
        assert_eq!(args.env, []);
    }

    #[test]
    fn a_key_before_the_path_is_not_part_of_it() {
        assert_eq!(parse_procargs2(&answer(0, b"executable_path=/p", 0, &[])).unwrap().exec_path, b"/p");
    }

    #[test]
    fn nonsense_is_refused_with_its_reason() {
        assert_eq!(parse_procargs2(b""), Err(Message::ArgumentsTooShort { got: Count::new(0) }));
        assert_eq!(parse_procargs2(b"\x01\0\0"), Err(Message::ArgumentsTooShort { got: Count::new(3) }));
        assert_eq!(
            parse_procargs2(&answer(-1, b"/p", 0, &[])),
            Err(Message::ArgumentsMiscounted { count: Verbatim::of(-1) })
        );
        assert_eq!(parse_procargs2(&[0; 64]), Err(Message::ArgumentsWithoutPath));
    }

    #[test]
    fn a_count_beyond_the_bytes_takes_what_is_there() {
        assert_eq!(parse_procargs2(&answer(i32::MAX, b"/p", 0, &[b"a"])).unwrap().argv, [b"a".to_vec()]);
        let mut cut_off = answer(2, b"/p", 0, &[b"a", b"bcd"]);
        cut_off.truncate(cut_off.len() - 2);
        assert_eq!(parse_procargs2(&cut_off).unwrap().argv, [b"a".to_vec(), b"bc".to_vec()]);
    }

    #[test]
    fn command_lines_of_linux() {
        assert_eq!(parse_cmdline(b""), Vec::<Vec<u8>>::new());
        assert_eq!(parse_cmdline(b"gopls\0serve\0"), [b"gopls".to_vec(), b"serve".to_vec()]);
        assert_eq!(parse_cmdline(b"gopls\0\0"), [b"gopls".to_vec(), Vec::new()]);
        assert_eq!(parse_cmdline(b"a title of its own"), [b"a title of its own".to_vec()]);
    }

    #[test]
    fn environments_keep_only_what_is_allowed() {
        let env = parse_environ(b"A=1\0B=x=y\0AA=no\0A=2\0C\0=\0B", &["A", "B", "C"]);
        assert_eq!(env, [("A".to_owned(), b"1".to_vec()), ("B".to_owned(), b"x=y".to_vec())]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..512)) {
            let _ = parse_procargs2(&bytes);
            let _ = parse_cmdline(&bytes);
            for (name, value) in parse_environ(&bytes, ENV_ALLOWED) {
                prop_assert!(ENV_ALLOWED.contains(&name.as_str()));
                prop_assert!(!value.contains(&0));
            }
        }

        #[test]
        fn what_is_written_is_read(
            path in "/[a-z/]{0,20}",
            first in vec(1u8..=255, 1..10),
            others in vec(vec(1u8..=255, 0..10), 0..5),
            secrets in vec("[A-Z]{1,5}=[a-z]{0,5}", 0..5),
            padding in 0usize..9,
        ) {
            let mut argv = vec![first];
            argv.extend(others);
            let mut strings: Vec<&[u8]> = argv.iter().map(Vec::as_slice).collect();
            strings.push(b"GOPACKAGESDRIVER=/d");
            strings.extend(secrets.iter().map(|secret| secret.as_bytes()));
            let count = i32::try_from(argv.len()).unwrap();
            let args = parse_procargs2(&answer(count, path.as_bytes(), padding, &strings)).unwrap();
            prop_assert_eq!(args.exec_path, path.as_bytes());
            prop_assert_eq!(&args.argv, &argv);
            prop_assert_eq!(args.env, [("GOPACKAGESDRIVER".to_owned(), b"/d".to_vec())]);
            let line: Vec<u8> = argv.iter().flat_map(|argument| [argument.as_slice(), b"\0"].concat()).collect();
            prop_assert_eq!(parse_cmdline(&line), argv);
        }
    }
}
