//! Guessing codes beside the right password, as fast and from as many places as one likes.

use std::time::Duration;

use kapu_tests::{
    Attempt, PASSWORD, PERIOD, SECRET, Site, code_at, effort, moment_with, released_together,
    tally, wrong_code,
};

/// Guesses made at once.
const GUESSES: usize = 64;
/// Wrong codes that cost no delay.
const FREE: usize = 3;
/// Seconds of the present step that are enough: the next step's code, which is good for two more, is
/// the one that later logins bring.
const A_MOMENT: u64 = 2;
/// What the machine may add to the time of a refusal.
const TOLERANCE: Duration = Duration::from_millis(100);
/// Where the owner logs in.
const HOME: &str = "198.51.100.7";
/// Services that all load the module.
const SERVICES: [&str; 3] = ["kapu-test", "sudo", "cockpit"];

/// Where guesses come from.
#[derive(Debug, Clone, Copy)]
enum From {
    OneAddress,
    ManyAddresses,
    ManyServices,
}

/// The site, with a module in each of the services, and its account enrolled.
fn ready(site: Site) -> Site {
    for service in SERVICES {
        site.service(service, &[&format!("auth required {}", site.module())]);
    }
    site.enroll(site.user());
    site
}

fn guesses<'a>(site: &'a Site, from: From, count: usize, code: &str) -> Vec<Attempt<'a>> {
    let guess = |number: usize| {
        let attempt = site.attempt().answers([PASSWORD, code]);
        match from {
            From::OneAddress => attempt,
            From::ManyAddresses => attempt.from(&format!("192.0.2.{}", number + 1)),
            From::ManyServices => attempt
                .from(&format!("192.0.2.{}", number % 5 + 1))
                .service(SERVICES[number % SERVICES.len()]),
        }
    };
    (0..count).map(guess).collect()
}

/// How many of 64 guesses, made at once, are compared.
fn compared(site: &Site, from: From) -> usize {
    let wrong = wrong_code(SECRET, moment_with(A_MOMENT));
    let outcomes = released_together(guesses(site, from, GUESSES, &wrong));
    let endings = tally(&outcomes);
    assert!(!endings.contains_key("accept"));
    endings.get("code").copied().unwrap_or(0)
}

#[test]
fn of_sixty_four_guesses_made_at_once_three_are_compared() {
    for _ in 0..effort(1, 20) {
        for from in [From::OneAddress, From::ManyAddresses, From::ManyServices] {
            assert_eq!(compared(&ready(Site::new()), from), FREE, "{from:?}");
        }
    }
}

#[test]
fn judged_before_the_lock_more_than_three_are_compared() {
    let site = ready(Site::weakened("judged-before-the-lock", ""));
    assert!(compared(&site, From::ManyAddresses) > FREE);
}

/// Makes the owner's place known, by the present code.
fn owner_is_known(site: &Site, now: u64) {
    let code = code_at(SECRET, now);
    let attempt = site.attempt().from(HOME).answers([PASSWORD, &code]);
    attempt.run().assert_accepted();
}

#[test]
fn the_owner_logs_in_amid_sixty_four_guesses_and_lends_them_none() {
    for _ in 0..effort(1, 20) {
        let site = ready(Site::new());
        let now = moment_with(A_MOMENT);
        owner_is_known(&site, now);
        let mut attempts = guesses(
            &site,
            From::ManyAddresses,
            GUESSES,
            &wrong_code(SECRET, now),
        );
        let code = code_at(SECRET, now + PERIOD);
        attempts.insert(
            GUESSES / 2,
            site.attempt().from(HOME).answers([PASSWORD, &code]),
        );
        let outcomes = released_together(attempts);
        let endings = tally(&outcomes);
        assert_eq!(endings.get("accept"), Some(&1), "{endings:?}");
        assert_eq!(endings.get("code"), Some(&FREE), "{endings:?}");
    }
}

/// How many guesses are compared once a thief has used up the free ones and the owner has logged in
/// from a known place.
fn compared_after_the_owner(site: &Site) -> usize {
    let now = moment_with(A_MOMENT);
    owner_is_known(site, now);
    let wrong = wrong_code(SECRET, now);
    let before = released_together(guesses(site, From::ManyServices, FREE, &wrong));
    assert_eq!(tally(&before).get("code"), Some(&FREE));
    let code = code_at(SECRET, now + PERIOD);
    let owner = site.attempt().from(HOME).answers([PASSWORD, &code]);
    owner.run().assert_accepted();
    let after = released_together(guesses(site, From::ManyServices, FREE, &wrong));
    tally(&after).get("code").copied().unwrap_or(0)
}

#[test]
fn the_owners_login_gives_a_thief_no_new_guesses() {
    assert_eq!(compared_after_the_owner(&ready(Site::new())), 0);
}

#[test]
fn with_one_book_for_all_the_owners_login_gives_a_thief_new_guesses() {
    let site = ready(Site::weakened("one-book", ""));
    assert!(compared_after_the_owner(&site) > 0);
}

/// A guess costs five units where the window is two steps to each side, so that the free ones of
/// two books use up the smallest budget there is.
const SMALL_BUDGET: &str = "[login]\nwindow = 2\n[throttle]\ndisable-after = 30\n";

/// Whether the tokens are off once the budget is used up.
fn ends_with_its_budget(site: Site) -> bool {
    let site = ready(site);
    let now = moment_with(A_MOMENT);
    owner_is_known(&site, now);
    let wrong = wrong_code(SECRET, now);
    let at_home = (0..FREE).map(|_| site.attempt().from(HOME).answers([PASSWORD, &wrong]));
    let elsewhere = guesses(&site, From::ManyAddresses, FREE, &wrong);
    let outcomes = released_together(at_home.chain(elsewhere));
    assert_eq!(tally(&outcomes).get("code"), Some(&(2 * FREE)));
    let attempt = site
        .attempt()
        .answers([PASSWORD, &code_at(SECRET, now + PERIOD)]);
    let outcome = attempt.run();
    assert!(!outcome.is_accepted());
    outcome.decision().value("reason") == Some("disabled")
}

#[test]
fn at_the_end_of_the_budget_no_code_opens_from_anywhere() {
    assert!(ends_with_its_budget(Site::with(SMALL_BUDGET)));
}

#[test]
fn without_a_budget_guessing_goes_on() {
    let site = Site::weakened("no-budget", SMALL_BUDGET);
    assert!(!ends_with_its_budget(site));
}

/// Whether a right code changes the store while it is throttled. Whatever else a thief could see
/// must be the same for a right and a wrong one.
fn a_throttled_code_leaves_a_trace(site: &Site) -> bool {
    let now = moment_with(A_MOMENT);
    let wrong = wrong_code(SECRET, now);
    let right = code_at(SECRET, now + PERIOD);
    let _ = released_together(guesses(site, From::ManyAddresses, FREE, &wrong));
    let before = site.documents();
    let mut seen = Vec::new();
    let mut traces = false;
    // Alternating, and the fastest of each counts: the machine has other work.
    for code in [&wrong, &right].into_iter().cycle().take(effort(4, 10)) {
        let outcome = site.log_in(PASSWORD, code);
        outcome.assert_refused("throttled");
        traces |= site.documents() != before;
        seen.push(outcome);
    }
    let fastest = |skip: usize| {
        let waited = seen.iter().skip(skip).step_by(2).map(|it| it.waited);
        waited.min().expect("there were some")
    };
    let apart = fastest(0).abs_diff(fastest(1));
    assert!(apart < TOLERANCE, "{apart:?}");
    for outcome in &seen {
        assert_eq!(outcome.code(), seen[0].code());
        assert_eq!(outcome.texts, seen[0].texts);
        assert_eq!(outcome.prompts, seen[0].prompts);
        assert_eq!(outcome.environment, seen[0].environment);
        assert_eq!(outcome.fail_delay, seen[0].fail_delay);
    }
    traces
}

#[test]
fn while_throttled_a_right_code_is_a_wrong_one() {
    assert!(!a_throttled_code_leaves_a_trace(&ready(Site::new())));
}

#[test]
fn a_throttled_code_that_is_compared_leaves_a_trace() {
    let site = ready(Site::weakened("throttled-but-compared", ""));
    assert!(a_throttled_code_leaves_a_trace(&site));
}

/// Whether strangers, who guess passwords and codes, keep the owner out at a new place.
fn strangers_stop_the_owner(site: &Site) -> bool {
    let now = moment_with(A_MOMENT);
    let wrong = wrong_code(SECRET, now);
    let right = code_at(SECRET, now + PERIOD);
    let before = site.documents();
    let outcomes = released_together((0..effort(16, 64)).map(|number| {
        let code = if number % 2 == 0 { &wrong } else { &right };
        let attempt = site.attempt().answers(["nine green lanterns", code]);
        attempt.from(&format!("192.0.2.{}", number + 1))
    }));
    let as_before = site.documents() == before;
    let owner = site.attempt().from(HOME).answers([PASSWORD, &right]).run();
    let unnoticed = tally(&outcomes).len() == 1 && as_before;
    !(unnoticed && owner.is_accepted())
}

#[test]
fn who_does_not_know_the_password_changes_nothing_for_the_owner() {
    assert!(!strangers_stop_the_owner(&ready(Site::new())));
}

#[test]
fn where_wrong_passwords_are_charged_strangers_stop_the_owner() {
    let site = ready(Site::weakened("wrong-password-charged", ""));
    assert!(strangers_stop_the_owner(&site));
}
