//! Applications whose conversation function is odd: there is none, it fails at the first question or
//! at a later one, it fails and leaves the right answer, it succeeds and leaves nothing.
//!
//! Nobody is let in and nothing is changed by an answer that was not given, the log has one line
//! about it, and the process lives and is as it was.

use kapu_tests::{
    Attempt, Outcome, PASSWORD, SECRET, Site, code_at, moment_with, together, wrong_code,
};

/// A function that is none, or that gives no answer, as `pam-try --conv` takes them.
const BROKEN: [&str; 9] = [
    "none",
    "error",
    "again",
    "unheard-of",
    "taken-back",
    "nowhere",
    "null-reply",
    "null-array",
    "untouched",
];
/// Seconds that a crowd of logins may need.
const CROWD: u64 = 10;
/// With that configuration who has no device yet gets in by the password and Enter.
const FAR: &str = "[rollout]\ncode-required-from = \"2099-01-01\"\n";
const NEW_PASSWORD: &str = "seven copper kettles";

/// Each odd function, at the first of `questions` or from a later one on.
fn broken(questions: &[usize]) -> Vec<(&'static str, usize)> {
    let kinds = BROKEN.iter();
    let all = kinds.flat_map(|kind| questions.iter().map(move |question| (*kind, *question)));
    // What is not there is not there from the beginning.
    all.filter(|(kind, question)| *kind != "none" || *question == 1)
        .collect()
}

/// What came of it; or by what the process died.
fn outcome_of(attempt: &Attempt<'_>) -> Result<Outcome, String> {
    let (mut command, log) = attempt.prepared();
    let output = command.output().expect("pam-try runs");
    let outcome = attempt.outcome_of(&output, &log);
    match output.status.code() {
        Some(0) => Ok(outcome),
        _ => Err(format!("died: {}", output.status)),
    }
}

/// What is wrong with a login in which a question had no answer.
fn fault_of(outcome: &Result<Outcome, String>, questions: usize) -> Option<String> {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(death) => return Some(death.clone()),
    };
    let fault = |what: &str| Some(format!("{what}: {outcome:?}"));
    if outcome.is_accepted() {
        return fault("let in");
    }
    let is_told = outcome.log.len() == 1
        && outcome.decision().value("result") == Some("unavailable")
        && outcome.decision().value("reason") == Some("dialog");
    if outcome.code() != "PAM_AUTHINFO_UNAVAIL" || !is_told {
        return fault("not told as a broken dialog");
    }
    if outcome.prompts.len() > questions {
        return fault("asked on");
    }
    (!outcome.changed.is_empty()).then(|| format!("the process was changed: {outcome:?}"))
}

/// What goes wrong where these answers come by each odd function, and where anything is stored.
fn faults(site: &Site, answers: [&str; 2]) -> Vec<String> {
    let before = site.documents();
    let ways = broken(&[1, 2]);
    let outcomes = together(&ways, |(kind, question)| {
        let attempt = site.attempt().answers(answers);
        outcome_of(&attempt.conversation(kind, *question).watching_the_host())
    });
    let found = outcomes.iter().zip(&ways);
    let mut faults: Vec<String> = found
        .filter_map(|(outcome, way)| Some(format!("{way:?} {}", fault_of(outcome, way.1)?)))
        .collect();
    if site.documents() != before {
        faults.push("something was stored".to_owned());
    }
    faults
}

/// Where the right password and the right code are what was not given.
fn faults_of_a_login(site: &Site) -> Vec<String> {
    site.enroll(site.user());
    faults(site, [PASSWORD, &code_at(SECRET, moment_with(CROWD))])
}

#[test]
fn an_answer_that_was_not_given_lets_nobody_in() {
    let site = Site::new();
    assert_eq!(faults_of_a_login(&site), [""; 0]);
    // The code was good all the time.
    let code = code_at(SECRET, moment_with(CROWD));
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn where_the_replies_of_a_failed_conversation_are_taken_it_lets_in() {
    let found = faults_of_a_login(&Site::weakened("failed-reply-taken", ""));
    let is_in = |line: &String| line.starts_with("(\"taken-back\", ") && line.contains("let in");
    assert!(found.iter().any(is_in), "{found:?}");
}

#[test]
fn where_no_pointer_is_looked_at_the_process_dies() {
    let found = faults_of_a_login(&Site::weakened("null-unchecked", ""));
    for kind in ["none", "null-reply", "null-array", "untouched"] {
        let is_dead = |line: &String| line.contains(&format!("(\"{kind}\", 1) died: signal"));
        assert!(found.iter().any(is_dead), "{kind}: {found:?}");
    }
}

/// Where Enter in place of the code would be enough, and nobody has pressed it.
fn faults_where_enter_is_enough(site: &Site) -> Vec<String> {
    site.give_password();
    faults(site, [PASSWORD, ""])
}

#[test]
fn an_answer_that_was_not_given_is_not_enter() {
    let site = Site::with(FAR);
    assert_eq!(faults_where_enter_is_enough(&site), [""; 0]);
    let pressed = site.attempt().answers([PASSWORD, ""]).run();
    assert!(pressed.is_accepted(), "{pressed:?}");
}

#[test]
fn where_no_answer_counts_as_enter_it_lets_in() {
    let found = faults_where_enter_is_enough(&Site::weakened("no-answer-is-enter", FAR));
    for kind in ["error", "again", "null-reply", "null-array"] {
        let is_in = |line: &String| line.contains(&format!("(\"{kind}\", 2) let in"));
        assert!(found.iter().any(is_in), "{kind}: {found:?}");
    }
}

/// By which functions a password was changed though the new one was not given, or not twice.
fn passwords_changed(site: impl Fn() -> Site + Sync) -> Vec<String> {
    let changed = together(&broken(&[3, 4]), |(kind, question)| {
        let site = site();
        site.enroll(site.user());
        site.service(
            "changes",
            &[&format!("password required {}", site.module())],
        );
        let before = revision(&site);
        let code = code_at(SECRET, moment_with(CROWD));
        let answers = [PASSWORD, &code, NEW_PASSWORD, NEW_PASSWORD];
        let attempt = site.attempt().service("changes").hooks("chauthtok");
        let outcome = outcome_of(&attempt.answers(answers).conversation(kind, *question));
        let is_refused = outcome.as_ref().is_ok_and(|outcome| {
            outcome.prompts.len() == *question && outcome.result("chauthtok") != "PAM_SUCCESS"
        });
        let is_as_before = is_refused && revision(&site) == before;
        (!is_as_before).then(|| format!("{kind} {question} {outcome:?}"))
    });
    changed.into_iter().flatten().collect()
}

/// Each change of the record has another.
fn revision(site: &Site) -> String {
    let document = std::fs::read_to_string(site.document_of(site.user())).expect("a document");
    let line = document.lines().find(|line| line.starts_with("revision"));
    line.expect("a revision").to_owned()
}

#[test]
fn a_new_password_that_was_not_given_changes_nothing() {
    assert_eq!(passwords_changed(Site::new), [""; 0]);
}

#[test]
fn where_the_replies_of_a_failed_conversation_are_taken_it_changes_the_password() {
    let found = passwords_changed(|| Site::weakened("failed-reply-taken", ""));
    assert!(
        found.iter().any(|line| line.starts_with("taken-back 3")),
        "{found:?}"
    );
}

#[test]
fn more_replies_than_messages_are_none_the_worse() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(CROWD));
    let attempt = site.attempt().answers([PASSWORD, &code]);
    attempt.conversation("lavish", 1).run().assert_accepted();
}

#[test]
fn an_application_that_shows_no_text_changes_no_verdict_and_no_time() {
    let site = Site::enrolled();
    let moment = moment_with(CROWD);
    let log_in = |code: &str| {
        let attempt = site.attempt().answers([PASSWORD, code]);
        attempt.conversation("deaf", 1).run()
    };
    log_in(&wrong_code(SECRET, moment)).assert_refused("code");
    // Here a notice fails.
    let outcome = log_in(&code_at(SECRET, moment));
    outcome.assert_accepted();
    assert!(!outcome.texts.is_empty());
}
