//! Which remedies are offered for a server of each client of the table, and which are not: a
//! restart only if the client would start gopls again at that moment, and the client's own command
//! whenever it has one and is there to run it.

use std::collections::BTreeSet;
use std::time::Duration;

use goplswatch_core::event::RemedyView;
use goplswatch_core::exit_status::ExitStatus;
use goplswatch_core::input::{ClientSeen, ServerSeen};
use goplswatch_core::message::{Message, Name, Verbatim};
use goplswatch_core::policy::RestartPolicy;
use goplswatch_core::time::{HOUR, SECOND, Uptime};
use goplswatch_core::types::{BinaryChange, ServerClass};
use goplswatch_core::{Code, Input, Moment, Observation, ProcessKey, Reading, Remedy, Seq, ServerStatus, State, step};
use goplswatch_gopls::{ClientId, HostSystem, Setting};
use serde_json::{Value, json};

/// The situation of a server when its remedies are requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// Ten seconds old, and the first of its client.
    Healthy,
    /// As healthy, but after all ends except one that a counting client answers with a restart.
    OneLifeLeft,
    /// One second old.
    Young,
    /// As healthy, but its client was running before monitoring began.
    OldClient,
    /// As healthy, but its client has ended.
    ClientGone,
}

const CASES: [Case; 5] = [Case::Healthy, Case::OneLifeLeft, Case::Young, Case::OldClient, Case::ClientGone];

struct Machine {
    state: State,
    seq: u64,
}

impl Machine {
    fn put(&mut self, after: Duration, observation: Observation) {
        self.seq += 1;
        step(&mut self.state, Input { seq: Seq(self.seq), at: moment(after), observation });
    }

    fn starts(&mut self, after: Duration, pid: u32) {
        let seen = ServerSeen {
            slices: Reading::Known(vec!["arm64".into()]),
            server: ProcessKey::new(pid, 1),
            class: ServerClass::Lsp,
            exe: Reading::unknown("?"),
            arch: Reading::unknown("?"),
            translated: Reading::unknown("?"),
            workspace: Reading::Known("/w/api".into()),
            client: Reading::Known(CLIENT),
            started: Reading::Known(moment(after).uptime),
            adopted: false,
        };
        self.put(after, Observation::ServerSeen(Box::new(seen)));
    }

    fn ends(&mut self, after: Duration, process: ProcessKey) {
        let status = ExitStatus::Signaled { signal: 15, name: "SIGTERM".into(), core: false };
        self.put(after, Observation::Ended { process, status, detail: None });
    }
}

const CLIENT: ProcessKey = ProcessKey::new(1, 1);

/// This long after the start of the machine.
fn moment(after: Duration) -> Moment {
    Moment { wall_ms: 0, uptime: Uptime::BOOT + after }
}

fn seen(client: ClientId, case: Case) -> ClientSeen {
    let row = client.row();
    ClientSeen {
        id: Some(client.word().into()),
        translated: Reading::Known(false),
        client: CLIENT,
        name: row.name.into(),
        policy: row.restart_policy(),
        whole_life: case != Case::OldClient,
        restart: row.restart.to_restart_commands(),
    }
}

fn asked(client: ClientId, case: Case) -> ServerStatus {
    let row = client.row();
    let mut machine = Machine { state: State::default(), seq: 0 };
    machine.put(Duration::ZERO, Observation::ClientSeen(Box::new(seen(client, case))));
    let before = match row.restart_policy() {
        RestartPolicy::SessionCount { exits } | RestartPolicy::WindowCount { exits, .. } => exits - 1,
        _ => 3,
    };
    let mut after = SECOND;
    for pid in 0..if case == Case::OneLifeLeft { before } else { 0 } {
        machine.starts(after, 10 + pid);
        machine.ends(after + 4 * SECOND, ProcessKey::new(10 + pid, 1));
        after += Duration::from_millis(4_100);
    }
    machine.starts(after, 100);
    after += if case == Case::Young { SECOND } else { 10 * SECOND };
    if case == Case::ClientGone {
        machine.ends(after, CLIENT);
    }
    machine.state.snapshot(moment(after)).servers.pop().unwrap()
}

/// Whether this client would start gopls again if it ended now, as far as that is known. A client
/// that counts does so only while it has more than its last life, and only if all its lives were
/// monitored. A client that considers only the last life ignores what was before. A failed
/// `initialize` is never retried, and a client that never restarts is not expected to.
const fn starts_it_again(policy: RestartPolicy, case: Case) -> bool {
    match policy {
        RestartPolicy::SessionCount { .. } | RestartPolicy::WindowCount { .. } => matches!(case, Case::Healthy),
        RestartPolicy::LivedLongEnough { .. } => matches!(case, Case::Healthy | Case::OneLifeLeft | Case::OldClient),
        RestartPolicy::Never | RestartPolicy::Unknown => false,
    }
}

#[test]
fn a_restart_is_offered_where_the_client_starts_gopls_again_and_its_command_where_it_can_take_it() {
    let mut restarts = 0;
    for client in ClientId::ALL {
        let row = client.row();
        for case in CASES {
            let status = asked(*client, case);
            let offered = |remedy| status.offers.contains(&remedy);
            let starts = starts_it_again(row.restart_policy(), case);
            assert_eq!(offered(Remedy::RestartServer), starts, "{}, {case:?}: {status:?}", row.name);
            restarts += u32::from(starts);
            let command = row.restart.while_running.value().filter(|_| case != Case::ClientGone);
            let typed = command.map(|command| command.typed);
            assert_eq!(status.restart_command.as_deref(), typed, "{}, {case:?}", row.name);
            assert_eq!(offered(Remedy::CopyRestartCommand), typed.is_some(), "{}, {case:?}", row.name);
            for never in [Remedy::KillServer, Remedy::StopDuplicate, Remedy::StopMcp, Remedy::StopOrphan] {
                assert!(!offered(never), "{}, {case:?}: {never:?}", row.name);
            }
        }
    }
    assert!(restarts > 0, "no client of the table starts gopls again: nothing was shown");
}

/// What a client's user is advised to do while one of its gopls runs an outdated binary, and after
/// it has ended without a successor.
fn advised(client: ClientId, gone: bool) -> Vec<(Code, Option<RemedyView>)> {
    let (mut machine, server) = (Machine { state: State::default(), seq: 0 }, ProcessKey::new(10, 1));
    machine.put(Duration::ZERO, Observation::ClientSeen(Box::new(seen(client, Case::Healthy))));
    machine.starts(SECOND, 10);
    if gone {
        let status = ExitStatus::Signaled { signal: 9, name: "SIGKILL".into(), core: false };
        machine.put(20 * SECOND, Observation::Ended { process: server, status, detail: None });
    } else {
        machine.put(20 * SECOND, Observation::BinaryChanged { server, change: BinaryChange::Replaced });
    }
    for s in 21..3_600 {
        machine.put(s * SECOND, Observation::Wake);
    }
    let copies = |view: &RemedyView| view.remedy == Remedy::CopyRestartCommand;
    let incidents = machine.state.snapshot(moment(HOUR)).incidents.into_iter();
    incidents.map(|view| (view.code, view.remedies.into_iter().find(copies))).collect()
}

#[test]
fn the_command_that_is_advised_is_the_one_of_the_row_for_a_gopls_that_runs_or_is_gone() {
    for client in ClientId::ALL {
        let row = client.row();
        for (gone, command) in [(false, row.restart.while_running), (true, row.restart.after_gone)] {
            let advised = advised(*client, gone);
            let tells = |code| match gone {
                true => matches!(code, Code::ServerGone | Code::EditorGaveUp),
                false => code == Code::StaleBinary,
            };
            assert!(advised.iter().any(|(of, _)| tells(*of)), "{}: {advised:?}", row.name);
            for (of, view) in advised {
                let (typed, case) = (command.value().map(|command| command.typed), format!("{}, {of:?}", row.name));
                assert_eq!(view.as_ref().and_then(|view| view.value.as_deref()), typed, "{case}");
                let (Some(command), Some(view)) = (command.value(), view) else { continue };
                let before = command.since.zip(command.before).map(|(version, command)| Message::TypedBefore {
                    version: Verbatim::of(version),
                    command: Verbatim::of(command),
                });
                let (client, command) = (Name(row.name.into()), Verbatim::of(command.typed));
                assert_eq!(view.said, Message::RunInClient { client, command, before: before.into() }.into(), "{case}");
            }
        }
    }
}

/// What a settings file must contain to show that the client reads gopls' settings there, for the
/// clients that need it.
fn used(client: ClientId) -> Value {
    match client {
        ClientId::SublimeText => json!({"settings": {}}),
        ClientId::CocNvim => json!({"go.goplsOptions": {}}),
        _ => json!({}),
    }
}

/// Sets a value at a key path.
fn set(says: &mut Value, path: &[String], value: Value) {
    let (last, outer) = path.split_last().unwrap();
    let object = outer
        .iter()
        .fold(says, |object, key| object.as_object_mut().unwrap().entry(key.as_str()).or_insert_with(|| json!({})));
    object[last] = value;
}

#[test]
fn no_two_clients_are_edited_in_one_file_and_all_files_are_the_users_own() {
    for places in [HostSystem::Macos, HostSystem::Linux] {
        for config in [None, Some("/x")] {
            let mut seen = BTreeSet::new();
            for client in ClientId::ALL {
                let Some(file) = client.row().settings.file.value() else { continue };
                for file in file.files.paths(places, "/h", config).into_iter().collect::<BTreeSet<_>>() {
                    assert!(file.starts_with("/h/") || config.is_some_and(|c| file.starts_with(c)), "{file}");
                    assert!(!file.contains("..") && !file.contains("//"), "{file}");
                    assert!(seen.insert(file.clone()), "{client:?}: {file} is another client's too");
                }
            }
            assert!(seen.len() > 5, "{seen:?}");
        }
    }
}

#[test]
fn what_was_set_is_found_where_it_was_set_and_beside_what_was_set_before() {
    for client in ClientId::ALL {
        let row = &client.row().settings;
        let mut says = used(*client);
        let mut places = Vec::new();
        for setting in Setting::ALL {
            let name = setting.name();
            let by_hand = row.snippet(name, &Value::from(7));
            let [_, Message::Reported { words }] = by_hand.as_slice() else { panic!("{client:?}: {by_hand:?}") };
            assert!(words.0.contains(&format!("{{ \"{name}\": 7 }}")), "{by_hand:?}");
            let path = row.path(&says, name);
            assert!(
                path.is_ok() || row.file.value().is_none(),
                "{client:?}: {path:?}; if its file may not be made, `used` says what such a file holds"
            );
            let Ok(path) = path else { continue };
            assert!(path.iter().any(|key| key.to_lowercase().contains("gopls")), "{client:?}: {path:?}");
            set(&mut says, &path, Value::from(7));
            assert_eq!(row.path(&says, name).as_ref(), Ok(&path), "{client:?}: {says}");
            places.push(path[..path.len() - 1].to_vec());
        }
        places.dedup();
        assert!(places.len() <= 1, "{client:?}: one file, and settings in {places:?}");

        let Ok((path, flags)) = row.flags(&says) else { continue };
        let more: Vec<Value> = flags.into_iter().chain([json!("-remote=auto")]).collect();
        set(&mut says, &path, json!(more));
        assert_eq!(row.flags(&says), Ok((path.clone(), more)), "{client:?}: {says}");
        let expected = Message::HandAddFlag { flag: Verbatim::of("-remote=auto"), list: Verbatim(path.join(" > ")) };
        assert_eq!(row.flag_snippet("-remote=auto"), expected, "{client:?}");
        for setting in Setting::ALL {
            assert!(row.path(&says, setting.name()).is_ok(), "{client:?}: the flags hide the settings: {says}");
        }
    }
}
