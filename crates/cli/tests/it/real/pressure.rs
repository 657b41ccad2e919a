//! Real exhaustion of descriptors, watches, memory and I/O: processes named gopls that cause it,
//! watched by the agent. And the healthy counterpart: a real gopls that loads the standard library,
//! for which nothing may be reported.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use goplswatch_testing::{not_shown, wait_for, wait_until};
use goplswatch_view::Catalogue;
use rustix::process::Signal;
use serde_json::Value;

use super::measured::Measured;
use super::procs;
use super::scratch::Scratch;
use super::session::Session;
use super::silent_mount::SilentMount;
use super::test_deps::test_deps;
use super::watch::{SOON, goplswatch};

/// What is provoked exceeds these thresholds on a machine of any speed. Times are shortened so that
/// a test ends; the detection code is the same.
const CONFIG: &str = "[detect]
descriptors = 6000
load-forgiven-ms = 1000
memory-trend-ms = 10000
memory-ahead-ms = 31622400000
memory-least-bytes = 100000000
busy-cpu-permille = 20
busy-cpu-ms = 5000
blocked-ms = 2000
watch-look-ms = 1000
";

/// The thresholds for the healthy counterpart: only times are shortened, and by less.
const CONFIG_OF_TWIN: &str = "[detect]
descriptors = 6000
load-forgiven-ms = 45000
memory-trend-ms = 20000
memory-least-bytes = 1000000000
busy-cpu-ms = 30000
blocked-ms = 5000
watch-look-ms = 5000
";

/// Deadline for the report of whatever was provoked, on a busy machine.
const TOLD: Duration = Duration::from_secs(180);

/// How often a gopls is measured (`SERVER_EVERY` in `probe/src/watcher/gauges.rs`).
const LOOK: Duration = Duration::from_secs(5);

/// The agent under test.
struct Agent<'a> {
    scratch: &'a Scratch,
    child: Child,
}

impl<'a> Agent<'a> {
    fn start(scratch: &'a Scratch, config: &str) -> Self {
        scratch.configure(config);
        let mut command = goplswatch(scratch, &["agent", "--no-tray"]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self { scratch, child: child.expect("goplswatch") }
    }

    fn status(&self) -> Value {
        status(goplswatch(self.scratch, &["status", "--agent", "--json"]))
    }

    /// The incident of this code about this process, once it fits.
    fn incident(&self, code: &str, process: &Provoked, fits: impl Fn(&Value) -> bool) -> Value {
        let folder = process.folder.display().to_string();
        self.open(code, |incident| incident["workspace"] == folder.as_str() && fits(incident))
    }

    fn open(&self, code: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let limit = Instant::now() + TOLD;
        loop {
            let status = self.status();
            let open = status["incidents"].as_array().map_or(&[][..], Vec::as_slice);
            if let Some(found) = open.iter().find(|one| one["code"] == code && fits(one)) {
                return found.clone();
            }
            assert!(Instant::now() < limit, "no {code}: {status:#}");
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// The last reported value of a gauge of a server, once there is one.
    fn gauge(&self, process: &Provoked, gauge: &str) -> u64 {
        wait_for(gauge, || {
            let status = self.status();
            let server = status["servers"].as_array()?.iter().find(|one| one["server"]["pid"] == process.pid)?;
            server["gauges"][gauge]["exactly"].as_u64()
        })
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn status(mut command: Command) -> Value {
    let limit = Instant::now() + SOON;
    loop {
        let output = command.output().expect("goplswatch");
        match serde_json::from_slice(&output.stdout) {
            Ok(status) => return status,
            Err(_) if Instant::now() < limit => thread::sleep(Duration::from_millis(100)),
            Err(why) => panic!("{why}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// A process named gopls that does one thing, in its own folder.
struct Provoked {
    child: Child,
    pid: u32,
    folder: PathBuf,
    input: Option<ChildStdin>,
}

impl Provoked {
    fn start(scratch: &Scratch, name: &str, deed: &str) -> Self {
        Self::start_by(scratch, name, deed, &mut Command::new(program(scratch)))
    }

    /// The same through a command that execs the program.
    fn start_by(scratch: &Scratch, name: &str, deed: &str, command: &mut Command) -> Self {
        let folder = scratch.path(name);
        fs::create_dir_all(&folder).expect("a folder");
        command.env("PROVOKE", deed).current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the provoking program");
        let mut said = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut said).expect("it speaks");
        assert_eq!(said, "ready\n", "{deed}");
        Self { pid: child.id(), input: child.stdin.take(), child, folder }
    }

    fn go_on(&mut self) {
        writeln!(self.input.as_mut().expect("a pipe")).expect("it reads");
    }
}

impl Drop for Provoked {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The provoking program under the name gopls.
fn program(scratch: &Scratch) -> PathBuf {
    let path = scratch.path("bin/provoking/gopls");
    if !path.exists() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        // Cargo builds examples with the tests, into this folder.
        let built = Path::new(env!("CARGO_BIN_EXE_goplswatch")).with_file_name("examples").join("provoke");
        fs::copy(built, &path).expect("a copy");
    }
    path
}

/// A separate memory cgroup, version 1 or 2.
struct Group(PathBuf);

impl Group {
    fn of(bytes: u64) -> Self {
        let name = format!("goplswatch-test-{}", std::process::id());
        let (old, new) = (Path::new("/sys/fs/cgroup/memory").join(&name), Path::new("/sys/fs/cgroup").join(&name));
        let set = |folder: &Path, file: &str, value: String| fs::write(folder.join(file), value);
        if fs::create_dir(&old).is_ok() {
            set(&old, "memory.limit_in_bytes", bytes.to_string()).expect("a limit");
            // Without swap accounting there is no swap limit to set.
            let _ = set(&old, "memory.memsw.limit_in_bytes", bytes.to_string());
            return Self(old);
        }
        fs::create_dir(&new).expect("a cgroup needs root, or a delegated one: run the tests as root");
        set(&new, "memory.max", bytes.to_string())
            .expect("the memory controller: echo +memory > cgroup.subtree_control");
        let _ = set(&new, "memory.swap.max", "0".into());
        Self(new)
    }

    /// A command that joins the group and execs the program.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("/bin/sh");
        let procs = self.0.join("cgroup.procs");
        command.args(["-c", "echo $$ > \"$1\" && exec \"$2\"", "sh"]).arg(procs).arg(program);
        command
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// Whether a number is right within a tenth.
fn is_about(number: u64, wanted: u64) -> bool {
    number.abs_diff(wanted) <= wanted / 10
}

/// The number before these words, with the SI prefix of its unit: "grows by 3.0 GB a minute".
fn number_before(text: &str, words: &str) -> Option<f64> {
    let mut before = text.split_once(words)?.0.rsplit(' ');
    let times = match before.next()? {
        "MB" => 1e6,
        "GB" => 1e9,
        _ => return None,
    };
    before.next()?.parse::<f64>().ok().map(|number| number * times)
}

/// Whether a rate is within the measured range, plus or minus a quarter: it was sampled at other
/// times.
fn is_as_measured(rate: f64, measured: &RangeInclusive<f64>) -> bool {
    (measured.start() * 0.75..=measured.end() * 1.25).contains(&rate)
}

fn text(incident: &Value) -> &str {
    incident["text"].as_str().unwrap_or_default()
}

fn first_cause(incident: &Value) -> &str {
    incident["causes"][0]["cause"].as_str().unwrap_or_default()
}

#[test]
fn many_descriptors_are_told_with_their_number_and_the_limit() {
    let scratch = Scratch::new();
    // Sixty thousand, or as many as this machine permits per process.
    let allowed = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let number = 60_000.min(allowed - 100);
    println!("{number} descriptors of {allowed} that are allowed");
    // It holds all of them before the first scan: after an incomplete earlier reading, the rest may
    // be too small a change to be reported again.
    let holder = Provoked::start(&scratch, "holder", &format!("descriptors {number}"));
    let agent = Agent::start(&scratch, CONFIG);
    let incident = agent.incident("descriptor-pressure", &holder, |_| true);
    let read = agent.gauge(&holder, "fd-count");
    assert!(is_about(read, number), "{incident:#}");
    for number in [Catalogue::english().number(read), format!("{} %", read * 100 / allowed)] {
        assert!(text(&incident).contains(&format!(" {number}")), "{number}: {incident:#}");
    }
    // It watches no files, so no cause may be derived from that, and no other cause is known.
    assert_eq!(first_cause(&incident), "", "{incident:#}");
    assert!(!incident["remedies"].to_string().contains("turn-off-watcher"), "{incident:#}");
    println!("{}", text(&incident));
}

#[test]
fn growing_memory_is_told_with_its_pace() {
    let scratch = Scratch::new();
    let agent = Agent::start(&scratch, CONFIG);
    let grower = Provoked::start(&scratch, "grower", "grow 20");
    let measured = Measured::memory(grower.pid);
    let incident = agent.incident("runaway-memory", &grower, |_| true);
    let rates = measured.rates(LOOK);
    let reported = number_before(text(&incident), " a minute").expect("a rate") / 60.0;
    println!("{} measured: {rates:?} bytes a second", text(&incident));
    assert!(is_as_measured(reported, &rates), "{reported} bytes a second, but {rates:?}: {incident:#}");
}

#[test]
fn a_busy_processor_is_told_with_how_busy() {
    let scratch = Scratch::new();
    let agent = Agent::start(&scratch, CONFIG);
    let spinner = Provoked::start(&scratch, "spinner", "spin");
    let measured = Measured::cpu(spinner.pid);
    let incident = agent.incident("runaway-cpu", &spinner, |_| true);
    let reported = agent.gauge(&spinner, "cpu");
    let rates = measured.rates(LOOK);
    println!("{} {reported} thousandths; measured: {rates:?} of a processor", text(&incident));
    let reported = f64::from(u32::try_from(reported).expect("not so many")) / 1_000.0;
    assert!(is_as_measured(reported, &rates), "{reported} of a processor, but {rates:?}: {incident:#}");
}

#[test]
fn an_end_for_want_of_memory_is_told_with_the_last_memory() {
    let scratch = Scratch::new();
    let agent = Agent::start(&scratch, CONFIG);
    let group = Group::of(200_000_000);
    let mut swelling = Provoked::start_by(&scratch, "swelling", "swell 120", &mut group.command(&program(&scratch)));
    // It may have been measured while it was still growing.
    wait_until("all of its memory", || is_about(agent.gauge(&swelling, "memory"), 122_000_000));
    swelling.go_on();
    let _ = swelling.child.wait();
    let incident = agent.incident("out-of-memory-kill", &swelling, |_| true);
    let last = number_before(text(&incident), " at last").expect("the last memory");
    assert!((110e6..=134e6).contains(&last), "{incident:#}");
    let cause = &incident["causes"][0];
    assert_eq!(cause["weight"], "certain", "{incident:#}");
    println!("{}", text(&incident));
}

#[test]
fn a_gopls_that_hangs_in_the_kernel_is_told_with_its_file_system() {
    let scratch = Scratch::new();
    let mount = match SilentMount::on(&scratch.path("silent")) {
        Ok(mount) => mount,
        Err(why) => return not_shown(&format!("no mount of our own here ({why}); probe's scripted world shows it")),
    };
    let agent = Agent::start(&scratch, CONFIG);
    let reading = Provoked::start(&scratch, "reading", &format!("read {}", mount.file().display()));
    let incident = agent.incident("blocked-io", &reading, |_| true);
    assert!(text(&incident).contains("fuse"), "{incident:#}");
    println!("{}", text(&incident));
    // Now the file system answers, with an error.
    drop(mount);
    let blocked = |open: &Vec<Value>| open.iter().any(|one| one["code"] == "blocked-io");
    wait_until("that it is blocked no more", || !agent.status()["incidents"].as_array().is_some_and(blocked));
}

/// Runs in a separate user namespace with a small limit of file watches.
#[test]
fn nearly_all_watches_of_a_user_are_told_with_who_holds_them() {
    const LIMIT: u64 = 4_000;
    let own_user = Command::new("unshare").args(["--user", "--map-root-user", "true"]).output().expect("unshare");
    if !own_user.status.success() {
        not_shown(&format!("user namespaces cannot be had: {}", String::from_utf8_lossy(&own_user.stderr).trim()));
        return;
    }
    let scratch = Scratch::new();
    scratch.configure(CONFIG);
    let folder = scratch.path("watching");
    fs::create_dir_all(&folder).expect("a folder");
    let own = goplswatch(&scratch, &["agent", "--no-tray"]);
    let script = format!(
        "echo {LIMIT} > /proc/sys/user/max_inotify_watches || exit 9
         cd '{}'; PROVOKE='watches {}' '{}' <&3 >/dev/null & cd /
         exec '{}' agent --no-tray",
        folder.display(),
        LIMIT * 95 / 100,
        program(&scratch).display(),
        own.get_program().display(),
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "/bin/sh", "-c", &format!("exec 3<&0; {script}")]);
    command.env_clear().envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("unshare");
    let agent = Agent { scratch: &scratch, child };
    let incident = agent.open("watch-limit", |_| true);
    assert!(text(&incident).contains("95 %"), "{incident:#}");
    assert!(text(&incident).contains("gopls"), "who holds them: {incident:#}");
    println!("{}", text(&incident));
}

#[test]
fn a_first_load_of_the_standard_library_is_no_trouble() {
    let scratch = Scratch::new();
    let agent = Agent::start(&scratch, CONFIG_OF_TWIN);
    let source = test_deps().go.bin.parent().expect("GOROOT").join("src");
    assert!(source.join("go.mod").exists(), "{}", source.display());
    let session = Session::start_in(&scratch, &source, &[]);
    let end = Instant::now() + Duration::from_secs(90);
    let mut most = (0, 0);
    while Instant::now() < end {
        let status = agent.status();
        let server =
            status["servers"].as_array().and_then(|all| all.iter().find(|s| s["server"]["pid"] == session.process.pid));
        let gauge = |name: &str| server.and_then(|s| s["gauges"][name]["exactly"].as_u64()).unwrap_or(0);
        most = (most.0.max(gauge("memory")), most.1.max(gauge("cpu")));
        let ours = status["incidents"].as_array().map_or(&[][..], Vec::as_slice);
        let ours: Vec<&Value> =
            ours.iter().filter(|one| one["workspace"] == source.display().to_string().as_str()).collect();
        assert!(ours.is_empty(), "{ours:#?}");
        thread::sleep(Duration::from_secs(1));
    }
    println!("most memory {} MB, most CPU {} thousandths of a core", most.0 / 1_000_000, most.1);
    assert!(most.0 > 100_000_000 && most.1 > 250, "it did work: {most:?}");
    let process = session.process.clone();
    session.shut_down();
    assert!(procs::until(SOON, || (!process.alive()).then_some(())).is_some());
    process.signal(Signal::KILL);
}
