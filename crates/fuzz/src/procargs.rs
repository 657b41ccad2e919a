//! A process can overwrite the memory that holds its arguments. Whatever is there, no environment
//! variable may be returned that is not on the list.

use goplswatch_gopls::ENV_ALLOWED;
use goplswatch_probe::procargs::{parse_cmdline, parse_environ, parse_procargs2};

/// Tests these bytes. Panics if they reveal a fault.
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
        // The variable really is there, and its value ends where it should.
        let entry = [name.as_bytes(), b"=", &value].concat();
        assert!(!value.contains(&0) && bytes.windows(entry.len()).any(|window| window == entry));
    }
}
