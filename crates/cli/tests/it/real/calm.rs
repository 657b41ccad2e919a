//! Situations that look like problems and are none: they must not become incidents.

use std::{process::Stdio, thread, time::Duration};

use rustix::process::Signal;

use super::{
    editors::{Editor, Kind},
    procs::{self, Proc, until},
    scratch::Scratch,
    session::Session,
    watch::{SOON, Watch},
};

/// Longer than the three seconds that a verdict without a successor waits.
const VERDICT: Duration = Duration::from_secs(5);

fn quitting_is_no_incident(kind: Kind) {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (mut editor, gopls) = Editor::start(kind, &scratch);
    watch.started(&gopls);
    thread::sleep(Duration::from_secs(1));
    editor.quit();
    watch.ended(&gopls);
    watch.stays_calm(&scratch, &[gopls.pid], VERDICT);
    // The end is reported again when its client turns out to have ended too: the last report
    // counts.
    let last = watch.lines().into_iter().rev().find(|line| line.value["end"]["pid"] == gopls.pid);
    let end = last.expect("it was told").value["end"].clone();
    let why = end["cause"]["kind"].as_str().unwrap_or_default();
    assert!(["clean", "client-closed"].contains(&why), "{end}");
    assert_eq!(end["churn"], false, "{end}");
}

#[test]
fn quitting_neovim_is_no_incident() {
    quitting_is_no_incident(Kind::Neovim);
}

#[test]
fn quitting_helix_is_no_incident() {
    quitting_is_no_incident(Kind::Helix);
}

#[test]
fn quitting_emacs_is_no_incident() {
    quitting_is_no_incident(Kind::Emacs);
}

#[test]
fn quitting_a_language_client_is_no_incident() {
    quitting_is_no_incident(Kind::LanguageClient);
}

#[test]
fn two_editors_on_one_repository_are_no_incident() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let (mut neovim, one) = Editor::start(Kind::Neovim, &scratch);
    let (mut helix, other) = Editor::start(Kind::Helix, &scratch);
    assert_eq!(watch.started(&one).value["server"]["client"]["name"], "Neovim");
    assert_eq!(watch.started(&other).value["server"]["client"]["name"], "Helix");
    assert_ne!(watch.lineage(&one), watch.lineage(&other), "two clients are two lineages");
    watch.stays_calm(&scratch, &[one.pid, other.pid], VERDICT);
    neovim.quit();
    assert!(other.alive(), "the other editor's gopls is another");
    helix.quit();
    watch.stays_calm(&scratch, &[one.pid, other.pid], VERDICT);
}

#[test]
fn two_hundred_versions_are_no_servers() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let mut pids = Vec::new();
    for _ in 0..200 {
        let mut command = scratch.command(scratch.gopls());
        let mut child = command.arg("version").stdout(Stdio::null()).spawn().expect("gopls");
        pids.push(i32::try_from(child.id()).expect("a pid"));
        assert!(child.wait().expect("our child").success());
    }
    watch.stays_calm(&scratch, &pids, VERDICT);
    let taken: Vec<_> = watch
        .about(&scratch, &pids)
        .into_iter()
        .filter(|line| line.event() == "server-started" && line.value["server"]["class"] == "lsp")
        .collect();
    assert!(taken.is_empty(), "one-shot commands taken for servers: {taken:#?}");
}

#[test]
fn the_telemetry_sidecar_is_never_counted() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let session = Session::start(&scratch, &[]);
    let sidecar = |one: &Proc| one.argv().get(1).is_some_and(|word| word == "** telemetry **");
    let sidecar = until(SOON, || procs::descendants(session.process.pid).into_iter().find(sidecar));
    let sidecar = sidecar.expect("gopls starts its sidecar");
    let lineage = watch.lineage(&session.process);
    thread::sleep(Duration::from_secs(2));
    for line in watch.about(&scratch, &[session.process.pid, sidecar.pid]) {
        let server = &line.value["server"];
        assert!(server["pid"] != sidecar.pid || server["class"] == "sidecar", "{}", line.text);
        assert!(server["lineage"] != lineage || server["pid"] == session.process.pid, "{}", line.text);
    }
    session.shut_down();
    watch.stays_calm(&scratch, &[sidecar.pid], VERDICT);
}

/// The daemon has no parent, so it is found by its socket in the scratch folder, and killed here.
struct Daemon(Proc);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.signal(Signal::KILL);
    }
}

#[test]
fn a_shared_daemon_and_its_forwarders_are_no_incident() {
    let scratch = Scratch::new();
    let watch = Watch::start(&scratch);
    let folder = scratch.dir().display().to_string();
    let listens = |one: &Proc| {
        let argv = if one.name == "gopls" { one.argv() } else { Vec::new() };
        argv.iter().any(|word| word.starts_with("-listen")) && argv.iter().any(|word| word.contains(&folder))
    };
    let arguments = ["-remote=auto", "-remote.listen.timeout=2s"];
    let forwarders: Vec<Session> = (0..3).map(|_| Session::start(&scratch, &arguments)).collect();
    // A child of the daemon has its arguments too, until it execs.
    let daemon = until(SOON, || <[Proc; 1]>::try_from(procs::all(listens)).ok());
    let [daemon] = daemon.unwrap_or_else(|| panic!("three forwarders share one daemon: {:?}", procs::all(listens)));
    let daemon = Daemon(daemon);
    assert_eq!(watch.started(&daemon.0).value["server"]["class"], "daemon");
    let mut pids = vec![daemon.0.pid];
    for forwarder in &forwarders {
        assert_eq!(watch.started(&forwarder.process).value["server"]["class"], "forwarder");
        pids.push(forwarder.process.pid);
    }
    // A forwarder exits with status 2 after a correct shutdown: that alone is no crash.
    for forwarder in forwarders {
        let process = forwarder.process.clone();
        forwarder.shut_down();
        let end = watch.ended(&process);
        assert_ne!(end.value["end"]["cause"]["kind"], "crash", "{}", end.text);
    }
    let idle = until(SOON, || (!daemon.0.alive()).then_some(()));
    assert!(idle.is_some(), "the daemon leaves when it is idle");
    watch.ended(&daemon.0);
    watch.stays_calm(&scratch, &pids, VERDICT);
}
