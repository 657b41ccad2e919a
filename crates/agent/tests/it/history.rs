//! Tests of the history on disk: what it guarantees about crashes, damage, full disks and clocks.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use crate::support::{ALL, Loop, NOW, advanced, files, inputs, origin, said, stress};
use goplswatch_agent::history::{Archive, History, Limits, Since};
use goplswatch_core::message::Message;
use goplswatch_core::recording::{Checkpoint, line};
use goplswatch_core::replay::replay;
use goplswatch_core::time::{DAY, SECOND, Uptime};
use goplswatch_core::{Config, Event, Input, Moment, Observation, Seq, State, step};
use goplswatch_testing::{not_shown, role, wait_until};
use proptest::prelude::*;
use tempfile::TempDir;

/// The environment variable that tells a copy of this program what to do.
const ROLE: &str = "GOPLSWATCH_TEST_WRITER";

fn later(seconds: u64) -> Moment {
    advanced(NOW, Duration::from_secs(seconds))
}

/// What the user is advised to do when nothing can be recorded.
pub(crate) fn advice(history: &History) -> Option<&Message> {
    match history.trouble()? {
        Message::HistoryLost { advice, .. } => Some(advice),
        _ => None,
    }
}

/// Two segments: a closed one of 60 inputs and an open one of 40, with the state after each input.
struct Two {
    folder: TempDir,
    states: Vec<State>,
    /// The file of the open one.
    newest: PathBuf,
}

static TWO: LazyLock<Two> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut states = vec![State::default()];
    let stream = stress::stream(5, 100, 6);
    for (boot, part) in [("one", &stream[..60]), ("two", &stream[60..])] {
        let mut agent = Loop::start(folder.path(), boot, ALL, NOW);
        assert_eq!((agent.notes.len(), agent.history.trouble()), (0, None));
        for input in part {
            assert!(agent.take(input.at, input.observation.clone()));
            states.push(agent.state.clone());
        }
    }
    let names = files(folder.path());
    assert_eq!(names, ["00000000000000000001.jsonl.gz", "00000000000000000061.jsonl"]);
    let newest = folder.path().join(&names[1]);
    Two { folder, states, newest }
});

/// A copy without the file `reserved`, which prevents reuse of numbers after a crash of the
/// machine: the segments alone have to prevent it.
fn copy(from: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in files(from) {
        std::fs::copy(from.join(&name), folder.path().join(&name)).unwrap();
    }
    folder
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_anywhere_it_goes_on_from_every_whole_line(cut in any::<proptest::sample::Index>()) {
        let two = &*TWO;
        let bytes = std::fs::read(&two.newest).unwrap();
        let cut = cut.index(bytes.len() + 1);
        let folder = copy(two.folder.path());
        let newest = folder.path().join(two.newest.file_name().unwrap());
        std::fs::write(&newest, &bytes[..cut]).unwrap();
        let whole = bytes[..cut].iter().filter(|b| **b == b'\n').count();
        let kept = 60 + whole.saturating_sub(2);
        let torn = whole >= 2 && bytes[cut - 1] != b'\n';

        let mut agent = Loop::start(folder.path(), "two", ALL, NOW);
        prop_assert_eq!(&agent.state, &two.states[kept], "cut at {}", cut);
        prop_assert!(agent.last.0 >= kept as u64);
        prop_assert_eq!(agent.notes.len(), usize::from(torn), "{:?}", agent.notes);
        let next = agent.last.0 + 1;
        prop_assert!(agent.take(later(9_000), Observation::Wake), "{:?}", agent.history.trouble());
        drop(agent);
        let seqs: Vec<u64> = inputs(folder.path()).iter().map(|i| i.seq.0).collect();
        prop_assert_eq!(seqs, (1..=kept as u64).chain([next]).collect::<Vec<_>>());
        let summary = Archive::open(folder.path()).replay(None, |_, _| true).unwrap();
        prop_assert!(summary.flaws.is_empty(), "{:?}", summary.flaws);
        if whole >= 2 {
            prop_assert_eq!(files(folder.path()).len(), 2, "it goes on in the same segment");
        }
    }

    #[test]
    fn whatever_byte_is_damaged_no_number_is_used_twice_and_the_rest_is_there(
        newest in any::<bool>(),
        at in any::<proptest::sample::Index>(),
        mask in 1..=255u8,
    ) {
        let two = &*TWO;
        let folder = copy(two.folder.path());
        let name = &files(folder.path())[usize::from(newest)];
        let mut bytes = std::fs::read(folder.path().join(name)).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        std::fs::write(folder.path().join(name), bytes).unwrap();

        let mut agent = Loop::start(folder.path(), "two", ALL, NOW);
        prop_assert!(agent.last >= Seq(100), "{name} at {at}: {:?}", agent.last);
        if !newest {
            prop_assert_eq!((&agent.state, agent.notes.len()), (&two.states[100], 0));
        }
        let next = agent.last.0 + 1;
        for _ in 0..3 {
            prop_assert!(agent.take(later(9_000), Observation::Wake));
        }
        let state = agent.state.clone();
        drop(agent);
        let summary = Archive::open(folder.path()).replay(None, |_, _| true).unwrap();
        prop_assert!(summary.flaws.len() <= 1, "{:?}", summary.flaws);
        prop_assert!(summary.flaws.iter().all(|f| f.segment.starts_with(&name[..20])), "{:?}", summary.flaws);
        prop_assert_eq!(summary.state, state, "what came after the damage is judged as it was");
        let seqs: Vec<u64> = inputs(folder.path()).iter().map(|i| i.seq.0).collect();
        let whole = if newest { 1..=60 } else { 61..=100 };
        for seq in whole.chain(next..next + 3) {
            prop_assert_eq!(seqs.iter().filter(|s| **s == seq).count(), 1, "{}", seq);
        }
    }
}

/// Nothing is deleted for lack of room, however often a writer restarts.
const ROOMY: Limits = Limits { max_bytes: 1 << 30, max_days: 30 };

/// Not a test, but what a copy of this program does for the tests below. It writes as fast as it
/// can and prints each number whose append has returned.
#[test]
#[ignore = "a role that other tests play"]
fn writer() {
    let role = std::env::var(ROLE).unwrap();
    let [boot, inputs, folder] = role.splitn(3, ' ').collect::<Vec<_>>()[..] else { unreachable!("{role}") };
    let mut agent = Loop::start(Path::new(folder), boot, ROOMY, NOW);
    let mut out = std::io::stdout().lock();
    for note in &agent.notes {
        writeln!(out, "note {}", said(Some(note))).unwrap();
    }
    let mut reported = false;
    for input in stress::stream(agent.last.0, inputs.parse().unwrap(), 5) {
        let kept = agent.take(input.at, input.observation);
        if kept {
            writeln!(out, "kept {}", agent.last).unwrap();
        }
        if let Some(why) = agent.history.trouble().filter(|_| !std::mem::replace(&mut reported, !kept)) {
            writeln!(out, "trouble {why:?}").unwrap();
        }
    }
    writeln!(out, "alive").unwrap();
}

fn writer_role(boot: &str, inputs: u64, folder: &Path) -> Command {
    let mut command = role("history::writer");
    command.env(ROLE, format!("{boot} {inputs} {}", folder.display())).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// How often the writer is killed, unless `GOPLSWATCH_KILLS` is set: a nightly run has time for
/// more.
const KILLS: usize = 25;

#[test]
fn killed_at_any_moment_it_has_every_input_whose_append_returned() {
    let folder = tempfile::tempdir().unwrap();
    let kills = std::env::var("GOPLSWATCH_KILLS").map_or(KILLS, |number| number.parse().unwrap());
    let (mut acknowledged, mut rounds) = (BTreeSet::new(), 0);
    while rounds < kills {
        // Another boot begins another segment, so that some are killed while they compress the
        // previous one.
        let boot = ["one", "one", "two", "three"][rounds % 4];
        let mut child = writer_role(boot, 3_000, folder.path()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut take = |line: &str| {
            assert!(!line.starts_with("trouble"), "{line}");
            if let Some(seq) = line.strip_prefix("kept ") {
                assert!(acknowledged.insert(seq.parse::<u64>().unwrap()), "number {seq} was used twice");
            }
        };
        // Some are killed after they have written, others even before.
        let patience = if rounds % 3 == 0 { rounds } else { 50 * (rounds % KILLS) };
        for line in lines.by_ref().take(patience) {
            take(&line);
        }
        child.kill().unwrap();
        for line in lines {
            take(&line);
        }
        child.wait().unwrap();
        rounds += 1;
    }
    let seqs: Vec<u64> = inputs(folder.path()).iter().map(|i| i.seq.0).collect();
    assert!(seqs.is_sorted_by(|a, b| a < b), "they rise");
    let kept: BTreeSet<u64> = seqs.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&kept).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(acknowledged.len() > 100 * kills, "{}", acknowledged.len());
    // A last start leaves nothing unfinished.
    let agent = Loop::start(folder.path(), "four", ALL, NOW);
    drop(agent);
    let names = files(folder.path());
    assert!(names.len() > kills / 4 && names.iter().rev().skip(1).all(|name| name.ends_with(".jsonl.gz")), "{names:?}");
    let summary = Archive::open(folder.path()).replay(None, |_, _| true).unwrap();
    assert!(summary.flaws.is_empty(), "{:?}", summary.flaws);
}

/// A file that may not grow simulates a full disk: both write half a line, then return an error.
#[test]
fn a_file_that_may_not_grow_stops_nothing_and_leaves_no_half_line() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer_role("one", 20_000, folder.path());
    let mut command = Command::new("/bin/sh");
    // In units of 512 bytes (POSIX, ulimit); without the trap the signal would kill the process.
    command.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]).arg(writer.get_program());
    command.args(writer.get_args()).envs(writer.get_envs().filter_map(|(k, v)| Some((k, v?))));
    let output = command.stderr(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\nalive\n"), "{said}");
    let trouble = said.lines().find(|line| line.starts_with("trouble")).unwrap();
    assert!(trouble.contains("HistoryLost"), "{trouble}");

    let kept: Vec<u64> = said.lines().filter_map(|l| l.strip_prefix("kept ")?.parse().ok()).collect();
    assert_eq!(inputs(folder.path()).iter().map(|i| i.seq.0).collect::<Vec<_>>(), kept);
    // It was retried, each time in a new segment, so that nothing is judged across a gap.
    assert!(files(folder.path()).len() > 2, "{:?}", files(folder.path()));
    assert!(kept.iter().zip(&kept[1..]).any(|(a, b)| b - a > 1), "there are holes");
    let summary = Archive::open(folder.path()).replay(None, |_, _| true).unwrap();
    assert!(summary.flaws.is_empty(), "{:?}", summary.flaws);
    // The numbers of what was not recorded are used up as well.
    let (_history, resumed) = History::open(folder.path(), origin("one"), ALL, NOW);
    assert_eq!(resumed.last, Seq(20_000));
}

#[test]
fn what_cannot_be_written_is_said_and_tried_again() {
    let place = tempfile::tempdir().unwrap();
    let blocked = place.path().join("state");
    std::fs::write(&blocked, "a file where a folder should be").unwrap();
    let folder = blocked.join("history");
    let mut agent = Loop::start(&folder, "one", ALL, later(0));
    assert_eq!(advice(&agent.history), Some(&Message::MoveAway));
    assert!(!agent.take(later(31), Observation::Wake));
    std::fs::remove_file(&blocked).unwrap();
    assert!(!agent.take(later(32), Observation::Wake), "it waits before it tries again");
    assert!(!agent.take(later(90), Observation::Wake), "twice as long");
    assert!(agent.take(later(92), Observation::Wake));
    assert_eq!(agent.history.trouble(), None);
    assert_eq!(inputs(&folder).len(), 1);
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for name in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(name.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    // Removed while it runs: only what was in it is lost.
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(agent.take(later(93), Observation::Wake), "{:?}", agent.history.trouble());
    assert_eq!(inputs(&folder).iter().map(|i| i.seq).collect::<Vec<_>>(), [Seq(5)]);
    let last = agent.last;
    drop(agent);
    assert_eq!(Loop::start(&folder, "one", ALL, later(94)).last, last);
}

#[test]
fn what_is_moved_away_is_noticed_like_what_is_removed() {
    for away in ["state", "state/history", "state/history/00000000000000000001.jsonl"] {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("state/history");
        let mut agent = Loop::start(&folder, "one", ALL, later(0));
        assert!(agent.take(later(0), Observation::Wake));
        let elsewhere = place.path().join("elsewhere");
        std::fs::rename(place.path().join(away), &elsewhere).unwrap();
        assert!(agent.take(later(1), Observation::Wake), "{away}: {:?}", agent.history.trouble());
        assert_eq!(inputs(&folder).iter().map(|i| i.seq).collect::<Vec<_>>(), [Seq(2)], "{away}");
        let last = agent.last;
        drop(agent);
        assert_eq!(Loop::start(&folder, "one", ALL, later(2)).last, last, "{away}: no number is used twice");
    }
}

#[test]
fn what_is_planted_in_the_history_is_neither_followed_nor_waited_for() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("history");
    let mut agent = Loop::start(&folder, "one", ALL, later(0));
    assert!(agent.take(later(0), Observation::Wake));
    let last = agent.last;
    drop(agent);
    let victim = place.path().join("profile");
    std::fs::write(&victim, "export PATH\n").unwrap();
    let pipe = folder.join("00000000000000000900.jsonl");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink(&victim, folder.join("00000000000000000901.jsonl")).unwrap();
    std::fs::write(folder.join("18446744073709551615.jsonl"), "{}\n").unwrap();
    let (mut history, resumed) = History::open(&folder, origin("one"), ALL, NOW);
    assert_eq!(resumed.last, last, "numbers of others are not ours");
    let notes = format!("{:?}", resumed.notes);
    for (name, why) in [("0900.jsonl", "FileIsNotPlain"), ("0901.jsonl", "FileIsLink")] {
        assert!(notes.contains(name) && notes.contains(why), "{notes}");
    }
    assert_eq!(history.trouble(), None);
    let more = |seq| Input { seq: Seq(last.0 + seq), at: NOW, observation: Observation::Wake };
    assert!(history.append(&more(1), &resumed.state));
    // Another limit has everything tidied that is closed; the open segment is not.
    history.set_limits(Limits { max_days: 9, ..ALL });
    assert!(history.append(&more(2), &resumed.state));
    drop(history);
    let kept: Vec<_> = inputs(&folder).iter().map(|input| input.seq).collect();
    assert!(kept.ends_with(&[Seq(last.0 + 1), Seq(last.0 + 2)]), "{kept:?}");
    assert!(folder.join("00000000000000000001.jsonl").exists(), "{:?}", files(&folder));

    std::fs::remove_file(folder.join("reserved")).unwrap();
    std::os::unix::fs::symlink(&victim, folder.join("reserved")).unwrap();
    let (history, _) = History::open(&folder, origin("one"), ALL, NOW);
    let said = format!("{:?}", history.trouble());
    assert!(said.contains("HistoryForeign") && said.contains("reserved"), "{said}");
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "export PATH\n");
}

#[test]
fn a_folder_without_permission_stops_nothing() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("history");
    drop(Loop::start(&folder, "one", ALL, NOW));
    let mode = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    if std::fs::write(folder.join("probe"), "").is_ok() {
        assert!(rustix::process::geteuid().is_root());
        not_shown("permissions do not bind root; real::disks has a disk that binds everybody");
        std::fs::remove_file(folder.join("probe")).unwrap();
    } else {
        let mut agent = Loop::start(&folder, "one", ALL, NOW);
        assert!(!agent.take(later(1), Observation::Wake));
        assert_eq!(advice(&agent.history), Some(&Message::MakeWritable));
    }
    mode(0o700);
    assert!(Loop::start(&folder, "one", ALL, NOW).take(later(1), Observation::Wake));
}

#[test]
fn there_is_one_writer() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Loop::start(folder.path(), "one", ALL, later(0));
    assert!(first.take(later(1), Observation::Wake));
    let mut second = Loop::start(folder.path(), "one", ALL, later(2));
    assert!(!second.take(later(3), Observation::Wake));
    assert!(matches!(second.history.trouble(), Some(Message::HistoryOfAnother { .. })));
    drop(first);
    assert!(second.take(later(63), Observation::Wake), "{:?}", second.history.trouble());
}

const NIGHT: Duration = Duration::from_secs(8 * 3_600);

/// A day of a busy machine with three sleeps and one change of thresholds.
fn day(inputs: usize) -> Vec<(Moment, Observation)> {
    let mut slept = Duration::ZERO;
    let stream = stress::stream(11, inputs, 20);
    let mut facts: Vec<(Moment, Observation)> = Vec::new();
    for (i, input) in stream.into_iter().enumerate() {
        let at = advanced(input.at, slept);
        if i > 0 && i % (inputs / 4) == 0 {
            slept += NIGHT;
            let at = advanced(at, NIGHT);
            facts.push((at, Observation::Slept { length: NIGHT }));
            facts.push((at, input.observation));
        } else {
            facts.push((at, input.observation));
        }
        if i == inputs / 3 {
            let config = Config { loop_ends: 2, stuck_load: 5 * SECOND, ..Config::default() };
            facts.push((at, Observation::Config(Box::new(config))));
        }
    }
    let span = facts.last().unwrap().0.uptime.since(facts.first().unwrap().0.uptime);
    assert!(span >= DAY, "a day of {} h", span.as_secs() / 3_600);
    facts
}

#[test]
fn a_day_in_seconds_stays_within_its_limits_and_is_told_again_as_it_was() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("history");
    let limits = Limits { max_bytes: 1 << 20, max_days: 30 };
    let mut agent = Loop::start(&folder, "one", limits, NOW);
    let mut checkpoints = Vec::new();
    for (i, (at, observation)) in day(50_000).into_iter().enumerate() {
        assert!(agent.take(at, observation), "{:?}", agent.history.trouble());
        if i % 500 == 0 && i > 10_000 {
            // The maintenance thread may need a moment; nothing stays above the limit.
            wait_until("what is over the limit to go", || agent.history.extent().bytes <= limits.max_bytes);
            checkpoints.push(line(&Checkpoint { checkpoint: &agent.state }).unwrap().len());
        }
    }
    let (live, state, extent) = (std::mem::take(&mut agent.events), agent.state.clone(), agent.history.extent());
    drop(agent);
    // Only the state is kept in memory, and it does not grow during the day.
    let (early, late) = checkpoints.split_at(checkpoints.len() / 2);
    let mean = |sizes: &[usize]| sizes.iter().sum::<usize>() / sizes.len();
    assert!(mean(late) < 2 * mean(early), "{} bytes, then {}", mean(early), mean(late));
    assert!(extent.bytes <= limits.max_bytes && extent.segments > 3, "{extent:?}");

    // The oldest are deleted already; the test deletes two more.
    let names = files(&folder);
    assert!(!names[0].starts_with("00000000000000000001."), "{names:?}");
    for name in &names[..2] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let archive = Archive::open(&folder);
    let first: u64 = files(&folder)[0][..20].parse().unwrap();
    let again = |since: Option<Since>| {
        let mut events = Vec::new();
        let summary = archive.replay(since, |_, said| {
            events.extend(said);
            true
        });
        let summary = summary.unwrap();
        assert!(summary.flaws.is_empty(), "{:?}", summary.flaws);
        assert_eq!(summary.state, state);
        (events, summary)
    };
    let expected = |keep: &dyn Fn(&Event) -> bool| live.iter().filter(|e| keep(e)).cloned().collect::<Vec<_>>();
    let (events, summary) = again(None);
    assert!(events == expected(&|e| e.seq >= Seq(first)) && events.len() > 100);
    let inputs = summary.inputs;
    let middle = events[events.len() / 2].clone();
    let (events, summary) = again(Some(Since::Seq(middle.seq)));
    assert!(events == expected(&|e| e.seq >= middle.seq));
    assert!(summary.inputs < inputs);
    let (events, summary) = again(Some(Since::WallMs(middle.at.wall_ms)));
    assert!(events == expected(&|e| e.at.wall_ms >= middle.at.wall_ms));
    assert!(summary.segments < files(&folder).len() as u64, "what ends before is not read");
    assert_eq!(again(Some(Since::WallMs(i64::MAX))).0, []);

    // An export can be replayed alone.
    let mut file = Vec::new();
    let exported = archive.export(middle.at.wall_ms, &mut file).unwrap();
    let mut said = Vec::new();
    let replayed = replay(&file, |_, events| {
        said.extend(events);
        true
    })
    .unwrap();
    assert_eq!((replayed.inputs, replayed.damage, replayed.blank), (exported.inputs, None, None));
    assert!(said == events && replayed.state == state);
    let mut none = Vec::new();
    assert_eq!((archive.export(i64::MAX, &mut none).unwrap().inputs, none.len()), (0, 0));
}

/// Agents of one boot and of others, one after the other: a replay gives the events that each
/// reported live.
#[test]
fn a_history_of_many_starts_is_told_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let stream = stress::stream(3, 4_000, 8);
    let mut live = Vec::new();
    for (boot, part) in ["a", "a", "b", "b", "c"].into_iter().zip(stream.chunks(800)) {
        let mut agent = Loop::start(folder.path(), boot, ALL, part[0].at);
        assert!(agent.notes.is_empty(), "{:?}", agent.notes);
        assert!(agent.take(part[0].at, Observation::Began { boot: boot.into() }));
        for input in part {
            assert!(agent.take(input.at, input.observation.clone()));
        }
        live.append(&mut agent.events);
    }
    assert_eq!(files(folder.path()).len(), 3, "one for each boot");
    let mut again = Vec::new();
    let summary = Archive::open(folder.path()).replay(None, |_, events| {
        again.extend(events);
        true
    });
    assert!(summary.unwrap().flaws.is_empty());
    assert!(again == live && live.len() > 100);
    assert_eq!(inputs(folder.path()).len(), 4_005);
}

#[test]
fn another_versions_checkpoint_is_passed_over_where_the_inputs_lead_up_to_it() {
    let two = &*TWO;
    let folder = copy(two.folder.path());
    let newest = folder.path().join(two.newest.file_name().unwrap());
    let bytes = std::fs::read(&newest).unwrap();
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    lines[1] = b"{\"checkpoint\":{\"of\":\"another version\"}}\n";
    std::fs::write(&newest, lines.concat()).unwrap();
    let agent = Loop::start(folder.path(), "two", ALL, NOW);
    assert_eq!((&agent.state, agent.notes.len()), (&two.states[100], 0));
    drop(agent);
    std::fs::remove_file(folder.path().join("00000000000000000001.jsonl.gz")).unwrap();
    let agent = Loop::start(folder.path(), "two", ALL, NOW);
    assert_eq!(agent.state, State::default());
    assert!(said(agent.notes.first()).contains("nothing known"), "{:?}", agent.notes);
    assert!(agent.last >= Seq(100));
}

#[test]
fn the_age_of_a_segment_counts_only_while_the_wall_clock_is_steady() {
    let folder = tempfile::tempdir().unwrap();
    // The files are dated by the real clock, so the simulated time begins there too.
    let wall_ms = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let base = Moment { wall_ms, uptime: NOW.uptime };
    let after = |days: u32, wall_days: i64| Moment {
        wall_ms: base.wall_ms + wall_days * 86_400_000,
        uptime: base.uptime + days * DAY,
    };
    for boot in ["a", "b", "c"] {
        assert!(Loop::start(folder.path(), boot, ALL, base).take(base, Observation::Wake));
    }
    let names = files(folder.path());
    let old = SystemTime::now() - 29 * DAY;
    for name in &names[..2] {
        std::fs::File::options().write(true).open(folder.path().join(name)).unwrap().set_modified(old).unwrap();
    }
    // A start with a clock that is a year ahead, or set back: it is unknown which clock is right.
    for wall_days in [365, -365] {
        drop(Loop::start(folder.path(), "c", ALL, after(0, wall_days)));
        assert_eq!(files(folder.path()), names);
    }
    // The clock jumps while the agent runs.
    let mut agent = Loop::start(folder.path(), "c", ALL, base);
    for (days, wall_days) in [(1, 400), (2, 2), (3, -300)] {
        assert!(agent.take(after(days, wall_days), Observation::Wake));
    }
    drop(agent);
    assert_eq!(files(folder.path()), names);
    // Time passes normally.
    let mut agent = Loop::start(folder.path(), "c", ALL, base);
    for days in 1..=2 {
        assert!(agent.take(after(days, days.into()), Observation::Wake));
    }
    drop(agent);
    assert_eq!(files(folder.path()), names[2..]);
}

#[test]
fn a_clock_that_stands_still_or_goes_back_is_no_reason_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut agent = Loop::start(folder.path(), "one", ALL, NOW);
    for at in [
        NOW,
        NOW,
        Moment { wall_ms: i64::MIN, uptime: Uptime::BOOT },
        Moment { wall_ms: i64::MAX, uptime: Uptime::MAX },
        NOW,
    ] {
        assert!(agent.take(at, Observation::Wake));
    }
    let input = Input { seq: Seq(6), at: NOW, observation: Observation::Wake };
    step(&mut agent.state, input);
    drop(agent);
    assert_eq!(inputs(folder.path()).len(), 5);
}
