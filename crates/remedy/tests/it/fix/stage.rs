//! A temporary receipt folder, processes that are ended with the test, and snapshots written by
//! hand.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use goplswatch_core::capability::{Capability, CapabilityState};
use goplswatch_core::code::Code;
use goplswatch_core::codes::Severity;
use goplswatch_core::event::{ClientView, IncidentView, RemedyView, ServerView};
use goplswatch_core::message::{Message, MessageText};
use goplswatch_core::policy::LivesLeft;
use goplswatch_core::remedy::RemedyClass;
use goplswatch_core::types::ServerClass;
use goplswatch_core::{Pid, ProcessKey, Reading, Remedy, Seq, ServerStatus, Snapshot, UserCommand};
use goplswatch_probe::{Platform as _, SystemPlatform};
use goplswatch_remedy::Manager;
use goplswatch_remedy::change::{
    self, Confirmation, Desktop, Failed, Plan, Purpose, Receipt, Refusal, Step, Tool, apply, undo,
};
use goplswatch_remedy::fix::{ExternalPaths, Request, Site, Timeouts, plan};
use goplswatch_testing::DEADLINE;
use goplswatch_view::Catalogue;
use tempfile::TempDir;

use crate::{Worded as _, say, say_lines};

pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) site: Site,
    pub(crate) user_commands: Vec<UserCommand>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("goplswatch").tempdir().unwrap();
        let site = Site {
            change: change::Site {
                receipts: folder.path().join("receipts"),
                desktop: Desktop::default(),
                timeouts: change::Timeouts { tool: DEADLINE, ..change::Timeouts::default() },
            },
            home: Some(folder.path().to_owned()),
            surroundings: ExternalPaths::of(Manager::Systemd),
            evidence: |seen, incident, home| Catalogue::english().evidence(seen, incident, home),
            timeouts: Timeouts { end: DEADLINE, kill: DEADLINE, answer: DEADLINE, look: DEADLINE },
        };
        Self { folder, site, user_commands: Vec::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A desktop tool that runs a shell script.
    pub(crate) fn tool(&self, script: &str) -> Tool {
        Tool { argv: ["/bin/sh", "-c", script, "tool"].map(str::to_owned).into() }
    }

    /// Makes a simulated go or gopls in `bin`, or at the path in `name`, that answers with these
    /// texts. Returns its path.
    pub(crate) fn pretended(&self, name: &str, answers: &[(&str, &str)]) -> String {
        let path = self.path(&if name.contains('/') { name.into() } else { format!("bin/{name}") });
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let stub = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stub/tool.sh");
        std::os::unix::fs::symlink(stub, &path).unwrap();
        let path = path.to_str().unwrap().to_owned();
        for (answer, says) in answers {
            std::fs::write(format!("{path}.{answer}"), says).unwrap();
        }
        path
    }

    pub(crate) fn plan(&self, remedy: Remedy, snapshot: &Snapshot) -> Result<Plan, Refusal> {
        let of = snapshot.incidents.first().map(|incident| incident.id.clone());
        plan(&Request { remedy, incident: of, process: None }, snapshot, &self.site)
    }

    pub(crate) fn apply(&mut self, plan: &Plan) -> Result<Receipt, Failed> {
        let yes = Confirmation { plan: plan.hash() };
        let user_commands = &mut self.user_commands;
        let mut announce = |user_command: &UserCommand| {
            user_commands.push(user_command.clone());
            Ok(())
        };
        apply(plan, Some(&yes), &self.site.change, &mut announce, &mut |_| {})
    }

    pub(crate) fn undo(&mut self, id: &str) -> Result<Receipt, Failed> {
        let user_commands = &mut self.user_commands;
        let mut announce = |user_command: &UserCommand| {
            user_commands.push(user_command.clone());
            Ok(())
        };
        undo(id, &self.site.change, &mut announce, &mut |_| {})
    }
}

/// A process that is ended with the test.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(script: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    /// A process whose script has got as far as printing a line.
    pub(crate) fn after_a_line(script: &str) -> Self {
        let mut running = Self::start(script);
        let mut line = String::new();
        BufReader::new(running.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        running
    }

    pub(crate) fn key(&self) -> ProcessKey {
        key(self.0.id())
    }

    pub(crate) fn lives(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    pub(crate) fn signal(&mut self) -> Option<i32> {
        self.0.wait().unwrap().signal()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn said(words: &str) -> MessageText {
    Message::reported(words).into()
}

pub(crate) fn key(pid: u32) -> ProcessKey {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let glimpse = SystemPlatform::new().unwrap().process_info(Pid(pid));
        glimpse.known().unwrap().as_ref().unwrap().key
    })
}

pub(crate) fn server(process: ProcessKey, offers: &[Remedy]) -> ServerStatus {
    ServerStatus {
        gauges: std::collections::BTreeMap::new(),
        usual: goplswatch_core::Usual::default(),
        server: ServerView {
            pid: process.pid,
            start: process.start,
            class: ServerClass::Lsp,
            exe: Reading::unknown("not asked"),
            arch: Reading::Known("x86_64".into()),
            translated: Reading::Known(false),
            slices: Reading::Known(vec!["x86_64".into()]),
            workspace: Reading::Known("/w/api-server".into()),
            client: Reading::Known(ClientView { id: None, name: "VS Code".into(), pid: Pid(7) }),
            adopted: false,
            lineage: "api-server@7".into(),
            generation: 2,
        },
        memory_bytes: Some(1_200_000_000),
        state: "stable".into(),
        lives_left: LivesLeft::Known(4),
        since: None,
        offers: offers.into(),
        restart_command: Some("Go: Restart Language Server".into()),
        past: Vec::new(),
    }
}

/// A snapshot with one server and one incident that offers this remedy.
pub(crate) fn snapshot(process: ProcessKey, remedy: Remedy, value: Option<&str>) -> Snapshot {
    let acts = matches!(remedy.class(), RemedyClass::Risky);
    let view = RemedyView {
        remedy,
        class: remedy.class(),
        said: said("Helps."),
        process: acts.then_some(process),
        value: value.map(str::to_owned),
    };
    let incident = IncidentView {
        causes: Vec::new(),
        id: "restart-loop-37".into(),
        code: Code::RestartLoop,
        severity: Severity::Problem,
        title: "gopls keeps restarting".into(),
        client: None,
        said: said("In api-server, 3 times in 2 minutes."),
        lineage: Some("api-server@7".into()),
        workspace: None,
        evidence: vec![Seq(12), Seq(37)],
        lives_left: Some(LivesLeft::Known(4)),
        remedies: vec![view],
        receipt: None,
        closed_because: None,
    };
    let capability = Capability::new("process-table", CapabilityState::Ok, "it was listed");
    Snapshot {
        machine: goplswatch_core::MachineStatus::default(),
        capabilities: vec![capability],
        servers: vec![server(process, &[])],
        incidents: vec![incident],
        ..Snapshot::default()
    }
}

pub(crate) fn a_plan(class: RemedyClass, steps: Vec<impl Into<Step>>) -> Plan {
    Plan {
        purpose: Purpose::Remedy(Remedy::RestartServer),
        class,
        incident: None,
        subject: Message::reported("it").into(),
        does: None,
        cost: None,
        undo: None,
        steps: steps.into_iter().map(Into::into).collect(),
        evidence: String::new(),
    }
}

pub(crate) fn stuck(result: Result<Receipt, Failed>) -> (Receipt, String, String) {
    match result.unwrap_err() {
        Failed::Step(failed) => (failed.receipt, say(&failed.why), say_lines(&failed.advice)),
        Failed::Refused(refusal) => panic!("not begun: {}", refusal.words()),
    }
}

pub(crate) fn refused(result: Result<Receipt, Failed>) -> String {
    match result.unwrap_err() {
        Failed::Refused(refusal) => refusal.words(),
        Failed::Step(failed) => panic!("{failed:?}"),
    }
}
