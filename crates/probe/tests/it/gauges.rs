//! Measurements of the watcher on the scripted platform: how often they are taken, which are
//! reported, and how probe requests are served.

use std::time::Duration;

use goplswatch_core::time::{HOUR, MINUTE, SECOND, Uptime};
use goplswatch_core::{Amount, Gauge, Observation, ProbeRequest, ProcessKey, Reading};
use goplswatch_gopls::Image;
use goplswatch_probe::platform::StopCause;
use goplswatch_probe::scripted::{ScriptEvent, ScriptedPlatform};
use goplswatch_probe::{Options, Platform, TimedObservation, Watcher};

type Script = Vec<(Uptime, ScriptEvent)>;

/// The point this many seconds after boot.
fn at(seconds: u64) -> Uptime {
    Uptime::BOOT + Duration::from_secs(seconds)
}

/// The point this many minutes after boot.
fn minute(minutes: u32) -> Uptime {
    Uptime::BOOT + minutes * MINUTE
}

fn image(exe: &str, argv: &[&str]) -> Box<Image> {
    Box::new(Image {
        comm: exe.rsplit('/').next().unwrap().bytes().take(15).collect(),
        exe: Reading::Known(exe.into()),
        argv: Reading::Known(argv.iter().map(|arg| arg.as_bytes().to_vec()).collect()),
        env: Reading::Known(Vec::new()),
        folder: Reading::Known(b"/w/api".to_vec()),
    })
}

fn spawn(pid: u32, parent: u32, exe: &str, argv: &[&str]) -> (Uptime, ScriptEvent) {
    (at(2), ScriptEvent::Spawn { pid, parent, image: image(exe, argv) })
}

const fn exact(value: u64) -> Reading<Amount> {
    Reading::Known(Amount::Exactly(value))
}

fn measure(second: u64, pid: u32, gauge: Gauge, value: u64) -> (Uptime, ScriptEvent) {
    (at(second), ScriptEvent::Measure { pid, gauge, value: exact(value) })
}

fn uses(second: u64, pid: u32, cpu_ms: u64) -> (Uptime, ScriptEvent) {
    (at(second), ScriptEvent::Use { pid, cpu: Duration::from_millis(cpu_ms), io_bytes: 0 })
}

fn block(at_ms: u64, on: Option<&str>) -> (Uptime, ScriptEvent) {
    (
        Uptime::BOOT + Duration::from_millis(at_ms),
        ScriptEvent::Block { pid: 11, on: on.map(|on| Reading::Known(on.into())) },
    )
}

/// A Helix (10) with a gopls (11), both started at 2 s, and further events.
fn watcher(more: impl IntoIterator<Item = (Uptime, ScriptEvent)>) -> Watcher<ScriptedPlatform> {
    let mut script = vec![spawn(10, 1, "/usr/bin/hx", &["hx"]), spawn(11, 10, "/usr/bin/gopls", &["gopls"])];
    script.extend(more);
    script.sort_by_key(|(at, _)| *at);
    let mut watcher = Watcher::new(ScriptedPlatform::new(at(1), script), Options::default());
    watcher.begin();
    watcher
}

async fn until(watcher: &mut Watcher<ScriptedPlatform>, end: Uptime) -> Vec<TimedObservation> {
    let mut seen = Vec::new();
    while let Some(observed) = watcher.next(end).await {
        seen.push(observed);
    }
    seen
}

fn ready(watcher: &mut Watcher<ScriptedPlatform>) -> Vec<Observation> {
    std::iter::from_fn(|| watcher.ready()).map(|observed| observed.observation).collect()
}

/// The reports of one gauge: the second, and the value or the reason.
fn reports(seen: &[TimedObservation], wanted: Gauge, of: Option<u32>) -> Vec<(u64, Result<u64, String>)> {
    seen.iter()
        .filter_map(|one| match &one.observation {
            Observation::Gauge { gauge, process, value } if *gauge == wanted && process.map(|p| p.pid.0) == of => {
                let value = match value {
                    Reading::Known(amount) => Ok(amount.least()),
                    Reading::Unknown { unknown } => Err(unknown.to_string()),
                };
                Some((one.at.uptime.steps(SECOND), value))
            }
            _ => None,
        })
        .collect()
}

fn key(watcher: &mut Watcher<ScriptedPlatform>, pid: u32) -> ProcessKey {
    watcher.platform().process_info(goplswatch_core::Pid(pid)).known().cloned().flatten().unwrap().key
}

fn asked(watcher: &mut Watcher<ScriptedPlatform>, question: &str) -> u64 {
    watcher.platform().call_counts.get(question).copied().unwrap_or(0)
}

#[tokio::test]
async fn values_are_told_exactly_and_only_when_they_are_news() {
    let mb = 1_000_000;
    let mut watcher = watcher([
        measure(2, 11, Gauge::Memory, 1_000 * mb + 7),
        measure(20, 11, Gauge::Memory, 1_100 * mb),
        measure(60, 11, Gauge::Memory, 1_150 * mb + 1),
        measure(120, 11, Gauge::Memory, 3_000 * mb + 3),
        measure(30, 11, Gauge::DescriptorBound, 90),
        measure(40, 11, Gauge::DescriptorBound, 60_001),
        measure(90, 11, Gauge::DescriptorLimit, 4_096),
        measure(50, 11, Gauge::Threads, 40),
    ]);
    let seen = until(&mut watcher, minute(4)).await;
    let near = |gauge, expected: &[(u64, u64)]| {
        let reported = reports(&seen, gauge, Some(11));
        assert_eq!(reported.len(), expected.len(), "{gauge:?}: {reported:?}");
        for ((at, value), (from, expected)) in reported.into_iter().zip(expected) {
            assert_eq!(value, Ok(*expected), "{gauge:?}");
            let late = if gauge == Gauge::DescriptorLimit { 61 } else { 6 };
            assert!((*from..=from + late).contains(&at), "{gauge:?} of second {from} was told in second {at}");
        }
    };
    // A tenth more is not news. An eighth more is news half a minute after the last report, three
    // times as much at once.
    near(Gauge::Memory, &[(2, 1_000 * mb + 7), (60, 1_150 * mb + 1), (120, 3_000 * mb + 3)]);
    near(Gauge::DescriptorBound, &[(2, 64), (40, 60_001)]);
    near(Gauge::DescriptorLimit, &[(2, 1_024), (90, 4_096)]);
    near(Gauge::Threads, &[(2, 12), (50, 40)]);
}

fn stop(second: u64, pid: u32, stopped: bool) -> (Uptime, ScriptEvent) {
    (at(second), ScriptEvent::Stop { pid, stopped })
}

fn held(second: u64, pid: u32, halt: Reading<Option<StopCause>>) -> (Uptime, ScriptEvent) {
    (at(second), ScriptEvent::Halt { pid, halt })
}

#[tokio::test]
async fn a_server_that_a_signal_stopped_is_told_unless_its_client_is_held_too() {
    let mut watcher = watcher([
        stop(20, 11, true),
        stop(40, 10, true),
        stop(60, 10, false),
        held(80, 11, Reading::Known(Some(StopCause::Tracer))),
        held(100, 11, Reading::Known(Some(StopCause::Signal))),
        held(120, 10, Reading::unknown("the script says so")),
        held(140, 10, Reading::Known(None)),
        stop(160, 11, false),
    ]);
    let seen = until(&mut watcher, minute(4)).await;
    let reported = reports(&seen, Gauge::StoppedAlone, Some(11));
    let values: Vec<_> = reported.iter().map(|(_, value)| value.clone()).collect();
    let unknown = Err("the script says so".into());
    assert_eq!(values, [Ok(0), Ok(1), Ok(0), Ok(1), Ok(0), Ok(1), unknown, Ok(1), Ok(0)]);
    let late = |i: usize, at: u64| reported[i].0 - at;
    assert!(late(1, 20) <= 6 && (2..9).all(|i| late(i, 20 * i as u64) <= 2), "every second while it is: {reported:?}");
}

#[tokio::test]
async fn what_holds_a_server_is_asked_only_while_it_is_stopped_and_of_a_client_that_is_known() {
    let mut watcher = watcher([
        (at(2), ScriptEvent::Spawn { pid: 21, parent: 1, image: image("/usr/bin/gopls", &["gopls"]) }),
        stop(60, 21, true),
    ]);
    until(&mut watcher, minute(1)).await;
    assert_eq!(asked(&mut watcher, "halt"), 0);
    let seen = until(&mut watcher, minute(2)).await;
    assert_eq!(reports(&seen, Gauge::StoppedAlone, Some(21))[0].1, Err("client-unknown".into()));
    assert!(asked(&mut watcher, "halt") > 0);
}

#[tokio::test]
async fn rates_are_those_of_the_time_between_two_looks() {
    let mut watcher = watcher([uses(20, 11, 1_000), uses(80, 11, 0)]);
    let seen = until(&mut watcher, minute(2)).await;
    let cpu: Vec<u64> = reports(&seen, Gauge::Cpu, Some(11)).into_iter().map(|(_, value)| value.unwrap()).collect();
    assert_eq!(cpu.first(), Some(&0));
    assert_eq!(cpu.last(), Some(&0));
    assert_eq!(cpu.iter().max(), Some(&1_000), "a whole core: {cpu:?}");
    assert!(cpu.len() <= 5, "{cpu:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_once_with_its_reason() {
    let unknown = |why: &str| Reading::unknown(why);
    let mut script: Script = Vec::new();
    for (second, value) in [(2, unknown("no")), (100, exact(80)), (200, unknown("no")), (300, unknown("denied"))] {
        script.push((at(second), ScriptEvent::Measure { pid: 11, gauge: Gauge::DescriptorBound, value }));
    }
    let mut watcher = watcher(script);
    let seen = until(&mut watcher, minute(10)).await;
    let values: Vec<_> = reports(&seen, Gauge::DescriptorBound, Some(11)).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [Err("no".into()), Ok(80), Err("no".into()), Err("denied".into())]);
}

/// How often usage, limits and the machine were read in ten minutes.
async fn looks(spares: bool, pace: u32) -> [u64; 3] {
    let mut watcher = watcher([(Uptime::BOOT, ScriptEvent::Battery { spares })]);
    watcher.set_pace(pace);
    until(&mut watcher, minute(1)).await;
    let questions = ["usage", "descriptor-limit", "machine"];
    let before = questions.map(|question| asked(&mut watcher, question));
    until(&mut watcher, minute(11)).await;
    let mut index = 0;
    questions.map(|question| {
        index += 1;
        asked(&mut watcher, question) - before[index - 1]
    })
}

#[tokio::test]
async fn on_battery_and_over_budget_everything_is_measured_less_often() {
    assert_eq!(looks(false, 1).await, [120, 10, 60]);
    assert_eq!(looks(true, 1).await, [60, 5, 30]);
    assert_eq!(looks(false, 2).await, [60, 5, 30]);
    assert_eq!(looks(true, 2).await, [30, 2, 15]);
}

#[tokio::test]
async fn only_servers_that_stay_are_measured() {
    let mut watcher = watcher([
        spawn(12, 10, "/usr/bin/gopls", &["gopls", "version"]),
        spawn(13, 11, "/usr/bin/gopls", &["gopls", "** telemetry **"]),
        (minute(1), ScriptEvent::End { pid: 11, status: goplswatch_core::exit_status::ExitStatus::Exited(0) }),
    ]);
    let seen = until(&mut watcher, minute(2)).await;
    let measured: std::collections::BTreeSet<u32> = seen
        .iter()
        .filter_map(|one| match &one.observation {
            Observation::Gauge { process: Some(process), .. } => Some(process.pid.0),
            _ => None,
        })
        .collect();
    assert_eq!(measured.into_iter().collect::<Vec<_>>(), [11]);
    let before = asked(&mut watcher, "usage");
    until(&mut watcher, minute(12)).await;
    assert_eq!(asked(&mut watcher, "usage"), before, "nothing is left to be measured");
    let looks = asked(&mut watcher, "machine");
    assert!((17..=21).contains(&looks), "every ten seconds for one minute, then every minute, but {looks} times");
}

#[tokio::test]
async fn three_idle_servers_write_next_to_nothing() {
    let mut script: Script =
        vec![spawn(21, 10, "/usr/bin/gopls", &["gopls"]), spawn(31, 10, "/usr/bin/gopls", &["gopls"])];
    // No value is constant: memory changes by a twentieth, CPU by a few percent, threads and
    // descriptors by a handful.
    for turn in 1..720 {
        let (second, wave) = (turn * 5, turn * 7 % 11);
        for pid in [11, 21, 31] {
            script.push(measure(second, pid, Gauge::Memory, (400 << 20) + wave * (2 << 20)));
            script.push(measure(second, pid, Gauge::Threads, 20 + wave));
            script.push(measure(second, pid, Gauge::DescriptorBound, 60 + wave));
            script.push(uses(second, pid, wave * 5));
        }
        let value = exact((8 << 30) - wave * (64 << 20));
        script.push((at(second), ScriptEvent::MeasureMachine { gauge: Gauge::MemoryAvailable, value }));
        let value = exact(20_000 + wave * 200);
        script.push((at(second), ScriptEvent::MeasureMachine { gauge: Gauge::FileTable, value }));
    }
    let mut watcher = watcher(script);
    until(&mut watcher, minute(1)).await;
    let facts = until(&mut watcher, minute(61)).await;
    assert!(facts.len() <= 120, "{} in an hour, {:?} …", facts.len(), facts.first());
}

#[tokio::test]
async fn what_the_engine_asks_is_answered_news_or_not() {
    let mut watcher = watcher([
        measure(2, 11, Gauge::Descriptors, 60_000),
        measure(2, 11, Gauge::SharedMemory, 7),
        measure(2, 10, Gauge::Watches, 300),
        measure(2, 11, Gauge::Watches, 4_000),
        (at(100), ScriptEvent::Indexer { answer: Some(exact_u64(420)) }),
    ]);
    until(&mut watcher, at(10)).await;
    let gopls = key(&mut watcher, 11);
    let gauge = |gauge, process, value: u64| Observation::Gauge { gauge, process, value: exact(value) };
    for _ in 0..2 {
        watcher.request(ProbeRequest::Descriptors(gopls));
        watcher.request(ProbeRequest::SharedMemory(gopls));
        watcher.request(ProbeRequest::Watches(gopls));
        let expected = [
            gauge(Gauge::Descriptors, Some(gopls), 60_000),
            gauge(Gauge::SharedMemory, Some(gopls), 7),
            gauge(Gauge::Watches, Some(gopls), 4_000),
        ];
        assert_eq!(ready(&mut watcher), expected);
    }
    watcher.request(ProbeRequest::WatchHolders);
    let facts = ready(&mut watcher);
    let Observation::Holders { gauge: Gauge::Watches, holders } = &facts[0] else { panic!("{facts:?}") };
    let named: Vec<_> = holders.iter().map(|h| (h.name.as_str(), h.amount.least())).collect();
    assert_eq!(named, [("gopls", 4_000), ("hx", 300)]);
    assert_eq!(facts[1..], [gauge(Gauge::UserWatches, None, 4_300)]);
    watcher.request(ProbeRequest::DescriptorHolders);
    let facts = ready(&mut watcher);
    assert!(matches!(&facts[..], [Observation::Holders { gauge: Gauge::Descriptors, .. }]), "{facts:?}");
    // The reading of a process that has ended is unknown, with a reason.
    watcher.request(ProbeRequest::Descriptors(ProcessKey::new(99, 1)));
    let facts = ready(&mut watcher);
    assert!(matches!(&facts[..], [Observation::Gauge { value: Reading::Unknown { .. }, .. }]), "{facts:?}");
    // A reading that is not ready yet does not hold up the others.
    watcher.request(ProbeRequest::Indexer);
    watcher.request(ProbeRequest::Watches(gopls));
    assert_eq!(ready(&mut watcher), [gauge(Gauge::Watches, Some(gopls), 4_000)]);
    let seen = until(&mut watcher, minute(2)).await;
    assert_eq!(reports(&seen, Gauge::IndexerCpu, None), [(100, Ok(420))]);
    let before = asked(&mut watcher, "indexer");
    until(&mut watcher, minute(3)).await;
    assert_eq!(asked(&mut watcher, "indexer"), before, "it was answered");
}

const fn exact_u64(value: u64) -> Reading<u64> {
    Reading::Known(value)
}

/// How long thirty-two readings of 200 ms take, in seconds, and the most of them within ten
/// seconds.
async fn answers(pace: u32) -> (u64, usize) {
    let mut watcher = watcher([]);
    until(&mut watcher, minute(1)).await;
    watcher.set_pace(pace);
    watcher.platform().answer_takes = Duration::from_millis(200);
    let gopls = key(&mut watcher, 11);
    let (started, mut answers) = (watcher.platform().now().uptime, Vec::new());
    for pid in 1..=30 {
        watcher.request(ProbeRequest::Descriptors(ProcessKey::new(pid + 100, 1)));
        // Read once before the queue has to wait and once from the queue, however often it is
        // requested.
        watcher.request(ProbeRequest::Watches(gopls));
    }
    while answers.len() < 32 {
        let observed = watcher.next(started + 10 * MINUTE).await.unwrap();
        if matches!(observed.observation, Observation::Gauge { gauge: Gauge::Descriptors | Gauge::Watches, .. }) {
            answers.push(observed.at.uptime);
        }
    }
    assert_eq!(asked(&mut watcher, "watches"), 2);
    let crowd = |at: &Uptime| answers.iter().filter(|other| (*at..*at + 10 * SECOND).contains(other)).count();
    (answers.last().unwrap().since(started).as_secs(), answers.iter().map(crowd).max().unwrap())
}

#[tokio::test]
async fn answers_take_a_twentieth_of_the_time_and_none_is_forgotten() {
    let (took, crowd) = answers(1).await;
    // Half a second in ten, plus what the last reading of the burst overdraws.
    assert!(crowd <= 5, "{crowd} answers of 200 ms within ten seconds");
    assert!((32 * 4 - 20..32 * 4 + 60).contains(&took), "{took} s");
    // While the agent is over its budget, readings take a smaller share of the time.
    let (slow, _) = answers(2).await;
    assert!(slow >= took * 3 / 2, "{took} s, then {slow} s");
}

fn blocks(seen: &[TimedObservation]) -> Vec<(u64, Option<String>)> {
    seen.iter()
        .filter_map(|one| match &one.observation {
            Observation::Blocked { on, .. } => {
                Some((one.at.uptime.steps(SECOND), on.as_ref().map(|on| on.known().unwrap().to_string())))
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_server_that_waits_in_the_kernel_is_told_when_looks_agree() {
    let mut watcher = watcher([block(60_000, Some("/n/a.go")), block(200_500, None)]);
    let seen = until(&mut watcher, minute(5)).await;
    let reported = blocks(&seen);
    let [(begins, Some(on)), (ends, None)] = &reported[..] else { panic!("{reported:?}") };
    assert_eq!(on, "/n/a.go");
    // The next regular check and two more, a second apart.
    assert!((62..=93).contains(begins) && (202..=234).contains(ends), "{reported:?}");
    // Once the wait is reported, checks are seldom again.
    let looks = asked(&mut watcher, "blocked");
    assert!(looks <= 17, "{looks} looks in five minutes");
}

#[tokio::test]
async fn looks_that_do_not_agree_and_busy_servers_say_nothing() {
    // It waits for half a second in every second and a half, as on any busy disk.
    let moments: Script =
        (20..200).flat_map(|turn| [block(turn * 1_500, Some("a disk")), block(turn * 1_500 + 500, None)]).collect();
    let mut now_and_then = watcher(moments);
    assert_eq!(blocks(&until(&mut now_and_then, minute(5)).await), []);
    let mut busy = watcher([uses(3, 11, 500), block(20_000, Some("a disk"))]);
    assert_eq!(blocks(&until(&mut busy, minute(5)).await), []);
    assert!(asked(&mut busy, "blocked") <= 1);
}

#[tokio::test]
async fn nobody_waits_behind_a_server_that_waits() {
    let mut watcher = watcher([block(20_000, Some("a disk"))]);
    until(&mut watcher, minute(2)).await;
    let gopls = key(&mut watcher, 11);
    watcher.request(ProbeRequest::SharedMemory(gopls));
    let facts = ready(&mut watcher);
    assert!(matches!(&facts[..], [Observation::Gauge { value: Reading::Unknown { .. }, .. }]), "{facts:?}");
    assert_eq!(asked(&mut watcher, "shared-memory"), 0);
}

#[tokio::test]
async fn a_night_is_no_time_in_which_nothing_was_used() {
    let night = (at(60), ScriptEvent::Sleep { length: 8 * HOUR });
    let mut watcher = watcher([uses(3, 11, 1_000), night]);
    let seen = until(&mut watcher, at(28_900)).await;
    assert!(seen.iter().any(|one| matches!(one.observation, Observation::Slept { .. })));
    let cpu = reports(&seen, Gauge::Cpu, Some(11));
    assert!(!cpu.is_empty(), "{seen:?}");
    assert!(cpu.iter().skip(1).all(|(_, value)| value.as_ref().is_ok_and(|permille| *permille >= 990)), "{cpu:?}");
}
