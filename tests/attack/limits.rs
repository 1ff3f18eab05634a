//! Limits of the host process, and the host process itself.
//!
//! Whatever the process may not have (files longer than some bytes, descriptors, memory), it
//! lives, and nobody is let in whose step is not stored. And however a login ends, the process is
//! afterwards what it was before.

use std::thread;

use kapu_tests::{
    LogLine, Outcome, PASSWORD, SECRET, Site, code_at, effort, moment_with, together, wrapped,
};

/// Every hook that an application calls.
const ALL_HOOKS: &str = "auth,setcred,acct,open,close,chauthtok";
/// Sites that are used at the same time.
const AT_ONCE: usize = 8;
/// Seconds that a login may need.
const ONE_LOGIN: u64 = 3;

/// A login with both answers right under a limit as prlimit(1) takes it; `None` where the limit
/// leaves no process in which a login could begin.
fn limited(site: &Site, limit: &str) -> Option<Outcome> {
    // The same code is tried again, by its moment: so no step may end in between.
    let code = code_at(SECRET, moment_with(3 * ONE_LOGIN));
    let attempt = site
        .attempt()
        .answers([PASSWORD, &code])
        .hooks(ALL_HOOKS)
        .watching_the_host();
    let (mut inner, log) = attempt.prepared();
    // A syslog daemon takes lines of any length; a file would be subject to the limit.
    inner.env("KAPU_TEST_LOG", "/dev/stderr");
    let output = wrapped("prlimit", [limit], &inner)
        .output()
        .expect("prlimit runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut outcome = attempt.outcome_of(&output, &log);
    let is_line = |line: &&str| line.starts_with('<');
    outcome.log = told
        .lines()
        .filter(is_line)
        .map(|text| LogLine {
            text: text.to_owned(),
        })
        .collect();
    let has_begun = outcome.log.iter().any(LogLine::is_decision);
    assert!(
        output.status.success() || !has_begun && outcome.prompts.is_empty(),
        "{limit}: the host process died: {output:?}"
    );
    has_begun.then_some(outcome)
}

/// Asserts that nobody was let in without a stored step, and that the same code works without the
/// limit, unless it was let in.
fn assert_sound(site: &Site, limit: &str, outcome: &Outcome) {
    assert_eq!(
        outcome.changed, [""; 0],
        "{limit}: the host process is other"
    );
    let again = site.log_in(PASSWORD, &code_at(SECRET, moment_with(ONE_LOGIN)));
    match outcome.code() {
        "PAM_SUCCESS" => assert!(!again.is_accepted(), "{limit}: the step is not spent"),
        "PAM_AUTHINFO_UNAVAIL" => again.assert_accepted(),
        code => panic!("{limit}: {code} {:?}", outcome.log),
    }
}

/// Logs in under each of `limits`, each on a site of its own: the reasons of the log lines.
fn reasons(limits: &[String]) -> Vec<String> {
    let parts: Vec<_> = limits.chunks(limits.len().div_ceil(AT_ONCE)).collect();
    let of_part = |part: &&[String]| {
        let mut found = Vec::new();
        for limit in *part {
            let site = Site::enrolled();
            let Some(outcome) = limited(&site, limit) else {
                continue;
            };
            assert_sound(&site, limit, &outcome);
            let decision = outcome.decision();
            let word = decision.value("reason").or(decision.value("result"));
            println!("{limit}: {}", decision.text);
            found.extend(word.map(str::to_owned));
        }
        found
    };
    together(&parts, of_part).concat()
}

#[test]
fn with_a_limit_of_file_size_nobody_is_let_in_and_nothing_dies_of_it() {
    let limits = [0, 1, 500].map(|bytes| format!("--fsize={bytes}"));
    let found = reasons(&limits);
    assert_eq!(found.len(), limits.len(), "each login comes to an end");
    assert!(found.iter().all(|word| word != "accept"), "{found:?}");
}

#[test]
#[should_panic(expected = "the host process died")]
fn unseen_a_limit_of_file_size_kills_the_host_process() {
    let site = Site::weakened("size-limit-unseen", "");
    site.enroll(site.user());
    let _ = limited(&site, "--fsize=500");
}

#[test]
fn with_any_number_of_descriptors_a_login_is_let_in_or_unavailable() {
    let limits: Vec<_> = (3..20).map(|count| format!("--nofile={count}")).collect();
    let found = reasons(&limits);
    let accepted = found.iter().filter(|word| *word == "accept").count();
    assert!(accepted > 0 && accepted < found.len(), "{found:?}");
}

#[test]
fn with_any_amount_of_memory_a_login_is_let_in_or_unavailable() {
    /// Where to look, in KiB: from a process that cannot begin to one that has enough.
    const AMOUNTS: std::ops::Range<u64> = 4096..20480;
    let step = effort(1024, 64);
    let limits: Vec<_> = AMOUNTS
        .step_by(step)
        .map(|amount| format!("--as={}", amount * 1024))
        .collect();
    let found = reasons(&limits);
    assert!(found.iter().any(|word| word == "hash"), "{found:?}");
    assert!(found.iter().any(|word| word == "accept"), "{found:?}");
}

/// What a login with each outcome, and the hooks after it, change of the host process.
fn changed(site: &Site) -> Vec<String> {
    let right = code_at(SECRET, moment_with(ONE_LOGIN));
    let logins = [
        (site.user(), "wrong"),
        ("nobody-of-that-name", "wrong"),
        (site.user(), PASSWORD),
    ];
    logins
        .into_iter()
        .flat_map(|(user, password)| {
            let attempt = site.attempt().user(user).answers([password, &right]);
            let watched = attempt.hooks(ALL_HOOKS).watching_the_host();
            watched.run().changed
        })
        .collect()
}

#[test]
fn the_host_process_is_what_it_was_before() {
    assert_eq!(changed(&Site::enrolled()), [""; 0]);
}

#[test]
fn a_module_that_leaks_a_descriptor_sets_the_umask_or_stays_on_a_core_is_seen() {
    for (weakness, what) in [
        ("leaks-descriptor", "descriptors"),
        ("changes-umask", "Umask"),
        ("stays-on-a-core", "Cpus_allowed_list"),
    ] {
        if weakness == "stays-on-a-core"
            && thread::available_parallelism().is_ok_and(|n| n.get() == 1)
        {
            eprintln!("{weakness}: not tested, this machine has one core alone");
            continue;
        }
        let site = Site::weakened(weakness, "");
        site.enroll(site.user());
        let found = changed(&site);
        assert!(found.iter().any(|one| one == what), "{weakness}: {found:?}");
    }
}
