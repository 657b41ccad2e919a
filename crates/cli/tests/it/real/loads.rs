//! A load that really hangs: a module proxy that accepts connections and never answers.

use std::{fs, net::TcpListener, thread, time::Duration};

use rustix::process::Signal;
use serde_json::json;

use super::{
    editors::{Editor, Kind},
    scratch::Scratch,
    watch::{SOON, Watch},
};

#[test]
fn a_hanging_load_is_told_with_what_it_waits_for_and_its_leftover_too() {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = proxy.local_addr().expect("its address");
    // The kernel's backlog accepts connections; no process ever reads from them.
    let mut scratch = Scratch::new();
    scratch.set("GOPROXY", &format!("http://{address}"));
    scratch.set("GOFLAGS", "-mod=mod");
    let module = "module example.com/good\n\ngo 1.21\n\nrequire example.org/none v1.2.3\n";
    fs::write(scratch.path("good/go.mod"), module).expect("go.mod");
    let main = "package main\n\nimport \"example.org/none\"\n\nfunc main() { none.X() }\n";
    fs::write(scratch.path("good/main.go"), main).expect("main.go");

    // What a load waits for is determined after twenty seconds, so only the other threshold is
    // shortened.
    scratch.configure("[detect]\norphan-after-ms = 2000\n");
    let watch = Watch::start(&scratch);
    let (_editor, gopls) = Editor::start(Kind::Helix, &scratch);
    let lineage = watch.lineage(&gopls);
    let stuck = watch.incident(&lineage, "stuck-load", 2 * SOON);
    let text = stuck.value["incident"]["text"].as_str().expect("a text").to_owned();
    assert!(text.starts_with("go list has done nothing in good"), "{text}");
    assert!(text.contains(&format!("It waits for an answer from {address}")), "{text}");
    assert_eq!(stuck.value["incident"]["severity"], "problem");

    // The user kills the hanging gopls; its child remains.
    gopls.signal(Signal::KILL);
    watch.ended(&gopls);
    watch.incident(&lineage, "server-gone", SOON);
    let orphan = watch.find(SOON, |line| {
        line.value["incident"]["code"] == json!("orphan-go-list") && line.value["incident"]["lineage"] == lineage
    });
    assert!(orphan.is_some(), "{}", watch.output());
    thread::sleep(Duration::from_millis(100));
    drop(proxy);
}
