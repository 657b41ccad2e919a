//! Tests of doctor's checks: what each check concludes from given facts.

use std::collections::BTreeSet;

use super::*;

const OWN: &str = "0.2.0";

fn answers(version: &str) -> Agent {
    Agent::Answers { pid: Pid(7), version: version.into() }
}

fn capability(name: &str, state: CapabilityState) -> Capability {
    Capability::new(name, state, Message::IconTaken)
}

fn at(path: &str, state: InstalledState) -> InstalledPath {
    InstalledPath { path: path.into(), state }
}

fn service(file: InstalledState, registered: Reading<bool>, running: Reading<bool>) -> Service {
    Service { manager: "launchd".into(), file: at("/plist", file), bundle: None, registered, running }
}

fn not_asked<T>() -> Reading<T> {
    Reading::unknown(Message::ServiceRunningUntold)
}

const fn yes() -> Reading<bool> {
    Reading::Known(true)
}

/// Facts in which everything is as it should be.
fn facts() -> CheckInputs {
    CheckInputs {
        version: OWN.into(),
        agent: answers(OWN),
        service: Reading::Known(service(InstalledState::Current, yes(), yes())),
        capabilities: Reading::Known(vec![
            capability(PROCESSES, CapabilityState::Ok),
            capability(ICON, CapabilityState::Ok),
        ]),
    }
}

fn decided(id: &str, facts: &CheckInputs) -> Vec<(Verdict, Message)> {
    let check = Check::parse(id).unwrap();
    (check.decide)(facts).into_iter().map(|outcome| (outcome.verdict, Message::clone(&outcome.message))).collect()
}

fn with_agent(agent: Agent) -> CheckInputs {
    CheckInputs { agent, ..facts() }
}

fn with_service(service: Service) -> CheckInputs {
    CheckInputs { service: Reading::Known(service), ..facts() }
}

fn with_capabilities(all: Vec<Capability>) -> CheckInputs {
    CheckInputs { capabilities: Reading::Known(all), ..facts() }
}

#[test]
fn ids_are_those_of_codes_or_stand_for_no_code() {
    let ids: BTreeSet<&str> = CHECKS.iter().map(Check::id).collect();
    assert_eq!(ids.len(), CHECKS.len());
    for check in CHECKS {
        let is_code = matches!(check.subject, CheckSubject::Code(_));
        assert_eq!(Code::parse(check.id()).is_some(), is_code, "{}", check.id());
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(check.id().chars().all(plain), "{}", check.id());
    }
    let of_code = Check { subject: CheckSubject::Code(Code::WatchLimit), group: Group::System, decide: |_| Vec::new() };
    assert_eq!(of_code.id(), "watch-limit");
    assert!(Check::parse("no-such-check").is_none());
}

#[test]
fn the_agent_answers_or_does_not_or_nobody_knows() {
    let (version, own) = (Verbatim::of(OWN), Verbatim::of(OWN));
    let said = Message::CheckAgentAnswers { pid: Count::new(7), version };
    assert_eq!(decided("agent-answers", &facts()), [(Verdict::Ok, said)]);
    let said = Message::CheckAgentOther { version: Verbatim::of("0.1.0"), own };
    assert_eq!(decided("agent-answers", &with_agent(answers("0.1.0"))), [(Verdict::Advice, said)]);
    let silent = with_agent(Agent::Silent(Message::AskNobody));
    assert_eq!(decided("agent-answers", &silent), [(Verdict::Problem, Message::AskNobody)]);
    let unknown = with_agent(Agent::Unknown(Message::AskEnded));
    assert_eq!(decided("agent-answers", &unknown), [(Verdict::Unknown, Message::AskEnded)]);
}

#[test]
fn the_login_service_is_current_only_where_all_of_it_is() {
    let manager = || Verbatim::of("launchd");
    let current = || (Verdict::Ok, Message::CheckServiceCurrent { manager: manager() });
    assert_eq!(decided("login-service", &facts()), [current()]);
    let untold = with_service(service(InstalledState::Current, yes(), not_asked()));
    assert_eq!(decided("login-service", &untold), [current()], "launchd does not tell whether it runs");

    let absent = with_service(service(InstalledState::Absent, Reading::Known(false), Reading::Known(false)));
    assert_eq!(decided("login-service", &absent), [(Verdict::Problem, Message::ServiceNotInstalled)]);
    let not_loaded = with_service(service(InstalledState::Current, Reading::Known(false), not_asked()));
    let said = Message::CheckServiceNotLoaded { manager: manager() };
    assert_eq!(decided("login-service", &not_loaded), [(Verdict::Problem, said)]);
    let not_running = with_service(service(InstalledState::Current, yes(), Reading::Known(false)));
    let said = Message::CheckServiceNotRunning { manager: manager() };
    assert_eq!(decided("login-service", &not_running), [(Verdict::Problem, said)]);
    let lost = with_service(service(InstalledState::Absent, yes(), yes()));
    let said = Message::PathAbsent { path: Verbatim::of("/plist") };
    assert_eq!(decided("login-service", &lost), [(Verdict::Problem, said)], "it is gone at the next login");

    let old = with_service(service(InstalledState::Outdated(Message::OutdatedBuild.into()), yes(), yes()));
    assert_eq!(decided("login-service", &old), [(Verdict::Advice, Message::OutdatedBuild)]);
    let foreign = with_service(service(InstalledState::Foreign(Message::ForeignLink.into()), yes(), yes()));
    let link = |path: &str| Message::OfPath { path: Verbatim::of(path), why: SharedMessage::new(Message::ForeignLink) };
    assert_eq!(decided("login-service", &foreign), [(Verdict::Problem, link("/plist"))]);
    for (state, found) in [
        (InstalledState::Current, current()),
        (InstalledState::Outdated(Message::OutdatedSignature.into()), (Verdict::Advice, Message::OutdatedSignature)),
        (InstalledState::Absent, (Verdict::Problem, Message::PathAbsent { path: Verbatim::of("/app") })),
        (InstalledState::Foreign(Message::ForeignLink.into()), (Verdict::Problem, link("/app"))),
    ] {
        let mut with_bundle = service(InstalledState::Current, yes(), not_asked());
        with_bundle.bundle = Some(at("/app", state));
        assert_eq!(decided("login-service", &with_service(with_bundle)), [found]);
    }
}

#[test]
fn what_is_not_known_of_the_login_service_hides_nothing_that_is() {
    let untold = (Verdict::Unknown, Message::ServiceRunningUntold);
    assert_eq!(
        decided("login-service", &CheckInputs { service: not_asked(), ..facts() }),
        std::slice::from_ref(&untold)
    );
    let current = with_service(service(InstalledState::Current, not_asked(), not_asked()));
    assert_eq!(decided("login-service", &current), std::slice::from_ref(&untold));
    let absent = with_service(service(InstalledState::Absent, not_asked(), not_asked()));
    assert_eq!(decided("login-service", &absent), std::slice::from_ref(&untold), "another one may start the agent");
    let old = with_service(service(InstalledState::Outdated(Message::OutdatedBuild.into()), not_asked(), not_asked()));
    assert_eq!(decided("login-service", &old), [(Verdict::Advice, Message::OutdatedBuild), untold]);
}

#[test]
fn an_icon_is_shown_only_where_the_agent_says_so() {
    for (state, verdict) in [
        (CapabilityState::Ok, Verdict::Ok),
        (CapabilityState::Unsupported, Verdict::Advice),
        (CapabilityState::Denied, Verdict::Problem),
    ] {
        let reported = with_capabilities(vec![capability(ICON, state)]);
        assert_eq!(decided("icon-shown", &reported), [(verdict, Message::IconTaken)]);
        let silent = CheckInputs { agent: Agent::Silent(Message::AskNobody), ..reported.clone() };
        assert_eq!(decided("icon-shown", &silent), [(Verdict::Unknown, Message::CheckIconNoAgent)]);
        let unknown = CheckInputs { agent: Agent::Unknown(Message::AskEnded), ..reported };
        assert_eq!(decided("icon-shown", &unknown), [(Verdict::Unknown, Message::CheckIconNoAgent)]);
    }
    let unwanted = Capability::new(ICON, CapabilityState::Unsupported, Message::NoTrayWanted);
    assert_eq!(decided("icon-shown", &with_capabilities(vec![unwanted])), [(Verdict::Ok, Message::NoTrayWanted)]);
    let untold = (Verdict::Unknown, Message::CheckIconUntold);
    assert_eq!(decided("icon-shown", &with_capabilities(Vec::new())), [untold], "it has just begun, or is old");
    let no_look = CheckInputs { capabilities: not_asked(), ..facts() };
    assert_eq!(decided("icon-shown", &no_look), [(Verdict::Unknown, Message::ServiceRunningUntold)]);
}

#[test]
fn capabilities_are_counted_or_named() {
    let (name, why) = (|| Verbatim::of("x"), || SharedMessage::new(Message::IconTaken));
    let all = with_capabilities(vec![
        capability(PROCESSES, CapabilityState::Ok),
        capability("x", CapabilityState::Unsupported),
        capability("x", CapabilityState::Denied),
        capability("end-events", CapabilityState::Ok),
        // The icon has a separate check.
        capability(ICON, CapabilityState::Denied),
    ]);
    assert_eq!(
        decided("capabilities", &all),
        [
            (Verdict::Ok, Message::CheckUnsupported { name: name(), why: why() }),
            (Verdict::Advice, Message::CheckDenied { name: name(), why: why() }),
            (Verdict::Ok, Message::CheckProved { n: Count::new(2) }),
        ]
    );
    for state in [CapabilityState::Denied, CapabilityState::Unsupported] {
        let blind = decided("capabilities", &with_capabilities(vec![capability(PROCESSES, state)]));
        assert_eq!(blind.iter().map(|(verdict, _)| *verdict).collect::<Vec<_>>(), [Verdict::Problem], "{state:?}");
    }
    let nothing = with_capabilities(vec![capability(ICON, CapabilityState::Ok)]);
    assert_eq!(decided("capabilities", &nothing), [(Verdict::Unknown, Message::CheckNothingProved)]);
    let no_look = CheckInputs { capabilities: not_asked(), ..facts() };
    assert_eq!(decided("capabilities", &no_look), [(Verdict::Unknown, Message::ServiceRunningUntold)]);
}

#[test]
fn the_worst_comes_first_and_every_check_answers() {
    let found = |facts: &CheckInputs| -> Vec<(&str, Verdict)> {
        run(facts).iter().map(|(check, outcome)| (check.id(), outcome.verdict)).collect()
    };
    let in_order: Vec<(&str, Verdict)> = CHECKS.iter().map(|check| (check.id(), Verdict::Ok)).collect();
    assert_eq!(found(&facts()), in_order, "nothing is wrong, and `CHECKS` has the groups in the order of `Group`");
    let old = service(InstalledState::Outdated(Message::OutdatedBuild.into()), yes(), yes());
    let bad = CheckInputs {
        agent: Agent::Silent(Message::AskNobody),
        service: Reading::Known(old),
        capabilities: Reading::Known(vec![capability(PROCESSES, CapabilityState::Denied)]),
        ..facts()
    };
    let worst_first = [
        ("agent-answers", Verdict::Problem),
        ("capabilities", Verdict::Problem),
        ("icon-shown", Verdict::Unknown),
        ("login-service", Verdict::Advice),
    ];
    assert_eq!(found(&bad), worst_first, "every check is in `worst_first`, the worst first");
    assert!(Verdict::ALL.is_sorted_by(|worse, better| worse > better));
}
