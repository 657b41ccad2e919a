//! The output of `watch` when no gopls runs at all, which tests in parallel would spoil.

use std::{fs::File, io::Read as _, os::fd::OwnedFd, process::Stdio};

use rustix::io::Errno;

use crate::support::stage::{Stage, terminal};

const WAITS: &str = "no gopls runs, so this waits for one. To see something now: goplswatch demo";

/// The output of a watch of half a second. `terminals`: whether stdout and stderr are terminals.
fn said(stage: &Stage, args: &[&str], terminals: [bool; 2]) -> String {
    let (ours, theirs) = terminal();
    let (pipe, end) = std::io::pipe().unwrap();
    let place = |terminal: bool| -> Stdio {
        if terminal { theirs.try_clone().unwrap().into() } else { end.try_clone().unwrap().into() }
    };
    let mut command = stage.program();
    command.args(["watch", "--for", "500ms"]).args(args).stdout(place(terminals[0])).stderr(place(terminals[1]));
    let mut child = command.spawn().unwrap();
    drop((command, theirs, end));
    let read_all = |mut from: File| {
        let mut bytes = Vec::new();
        // Reading a terminal whose other end is closed fails on Linux and returns the end of file
        // elsewhere.
        match from.read_to_end(&mut bytes) {
            Err(error) if error.raw_os_error() != Some(Errno::IO.raw_os_error()) => panic!("{error}"),
            _ => String::from_utf8_lossy(&bytes).into_owned(),
        }
    };
    let text = read_all(ours) + &read_all(File::from(OwnedFd::from(pipe)));
    assert!(child.wait().unwrap().success(), "{text}");
    text
}

#[test]
fn an_empty_machine_is_said_to_a_person_and_to_nobody_else() {
    let stage = Stage::new();
    let text = said(&stage, &[], [true, true]);
    assert_eq!(text.matches(WAITS).count(), 1, "{text}");
    for (args, terminals) in
        [(&["--json"][..], [true, true]), (&[], [false, true]), (&[], [true, false]), (&[], [false, false])]
    {
        let text = said(&stage, args, terminals);
        assert!(!text.contains("demo"), "{args:?} {terminals:?}: {text}");
    }
    let _gopls = stage.gopls();
    let text = said(&stage, &[], [true, true]);
    assert!(!text.contains("demo") && text.contains("gopls runs     "), "{text}");
}
