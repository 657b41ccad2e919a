//! The memory in which a process keeps its arguments is its own to overwrite. Nothing of its environment may come out
//! that is not on the list, whatever stands there.

use goplswatch_gopls::ENV_ALLOWED;
use goplswatch_probe::procargs::{parse_cmdline, parse_environ, parse_procargs2};

/// Tries these bytes. Panics where they show a fault.
pub fn run(bytes: &[u8]) {
    let argv = parse_cmdline(bytes);
    assert!(argv.iter().all(|argument| !argument.contains(&0)));
    assert!(argv.iter().map(|argument| argument.len() + 1).sum::<usize>() <= bytes.len() + 1);
    let mut allowed = parse_environ(bytes, ENV_ALLOWED);
    assert!(parse_environ(bytes, &[]).is_empty());
    if let Ok(args) = parse_procargs2(bytes) {
        assert!(!args.exec_path.is_empty());
        allowed.extend(args.env);
    }
    for (name, value) in allowed {
        assert!(ENV_ALLOWED.contains(&name.as_str()), "{name} is not allowed");
        // The variable really stands there, and its value goes no further than its own end.
        let entry = [name.as_bytes(), b"=", &value].concat();
        assert!(!value.contains(&0) && bytes.windows(entry.len()).any(|window| window == entry));
    }
}
