//! `password = "system"` with nested rules that would let anybody in, were they taken at their word.
//!
//! A module that hangs is out of our hands: libpam cannot take a call back, and so the login hangs
//! with it, as it would in sshd's own rules. sshd's LoginGraceTime ends it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::process::Command;
use std::thread;

use kapu_tests::{
    Invented, NESTED, Outcome, PERIOD, SECRET, SYSTEM, Site, UID_OF_SOMEBODY_ELSE, code_at,
    is_root, moment_with, somebody_else,
};

/// Seconds of the present step that are enough: the next step's code is good for two more.
const A_MOMENT: u64 = 2;
/// What somebody types who does not know the password.
const ANYTHING: &str = "nine purple bricks";
/// A module that does what its arguments say and is content with any password.
const PROBE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../src/host/system_password/tests/probe.c"
);

/// Makes a site whose nested rules are bad in one way.
type Attack = fn(&Site);

/// The line of a module that says yes once it has got some password by these questions.
fn content_with(site: &Site, questions: &str) -> String {
    let module = site.path().join("probe.so");
    if !module.exists() {
        let built = Command::new("gcc")
            .args(["-shared", "-fPIC", "-o"])
            .args([module.as_os_str(), PROBE.as_ref()])
            .arg("-lpam")
            .status()
            .expect("gcc runs");
        assert!(built.success(), "gcc builds {PROBE}");
    }
    format!("auth required {} {questions}", module.display())
}

fn asks(site: &Site, questions: &str) {
    site.service(NESTED, &[&content_with(site, questions)]);
}

fn no_file_and_a_permissive_other(site: &Site) {
    site.service("other", &[&content_with(site, "hidden")]);
}

fn no_auth_rule_and_a_permissive_other(site: &Site) {
    no_file_and_a_permissive_other(site);
    site.write(
        &format!("pam.d/{NESTED}"),
        "account required pam_permit.so\n",
    );
}

fn a_symbolic_link(site: &Site) {
    site.service("somewhere", &[&content_with(site, "hidden")]);
    let link = site.pam_directory().join(NESTED);
    symlink(site.pam_directory().join("somewhere"), link).expect("a link");
}

fn a_file_that_others_write(site: &Site) {
    asks(site, "hidden");
    let mode = fs::Permissions::from_mode(0o602);
    fs::set_permissions(site.pam_directory().join(NESTED), mode).expect("its mode");
}

fn a_file_of_somebody_else(site: &Site) {
    asks(site, "hidden");
    let file = site.pam_directory().join(NESTED);
    chown(file, Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
}

fn pam_permit(site: &Site) {
    site.service(NESTED, &["auth required pam_permit.so"]);
}

fn pam_rootok(site: &Site) {
    site.service(
        NESTED,
        &["auth sufficient pam_rootok.so", "auth required pam_unix.so"],
    );
}

fn says_yes_and_asks_nothing(site: &Site) {
    asks(site, "");
}

fn two_questions(site: &Site) {
    asks(site, "hidden hidden");
}

fn a_shown_question(site: &Site) {
    asks(site, "shown");
}

fn two_questions_at_once(site: &Site) {
    asks(site, "two-at-once");
}

fn a_text_beside_the_question(site: &Site) {
    asks(site, "beside-a-text");
}

fn about_another_user(site: &Site) {
    asks(site, "hidden another-user");
}

/// The module as it asks for nothing but a code: then two codes of one phone would be enough.
fn code_only(site: &Site) -> String {
    format!("auth required {}", site.module_with("password=elsewhere"))
}

fn leads_back(site: &Site) {
    site.service(NESTED, &[&code_only(site)]);
}

fn leads_back_by(site: &Site, word: &str) {
    site.service("inner", &[&code_only(site)]);
    // By its path: libpam looks for names in the system's directory alone.
    let inner = site.pam_directory().join("inner");
    site.service(NESTED, &[&format!("auth {word} {}", inner.display())]);
}

fn leads_back_by_include(site: &Site) {
    leads_back_by(site, "include");
}

fn leads_back_by_substack(site: &Site) {
    leads_back_by(site, "substack");
}

/// Each attack, by the name of the defence that it is aimed at.
const ATTACKS: [(&str, &[Attack]); 5] = [
    (
        "any-service-file",
        &[
            no_file_and_a_permissive_other,
            no_auth_rule_and_a_permissive_other,
            a_symbolic_link,
            a_file_that_others_write,
        ],
    ),
    ("silent-success", &[pam_permit, says_yes_and_asks_nothing]),
    (
        "any-question",
        &[
            two_questions,
            a_shown_question,
            two_questions_at_once,
            a_text_beside_the_question,
        ],
    ),
    ("any-user", &[about_another_user]),
    (
        "no-reentry-guard",
        &[leads_back, leads_back_by_include, leads_back_by_substack],
    ),
];
const ROOTS_ATTACKS: [(&str, &[Attack]); 2] = [
    ("any-service-file", &[a_file_of_somebody_else]),
    ("silent-success", &[pam_rootok]),
];

/// Logs in without the password: by anything in its place, or else by an earlier code.
fn without_the_password(site: &Site, attack: Attack) -> Vec<Outcome> {
    // The other user that a module goes on about is root.
    let user = if is_root() {
        somebody_else()
    } else {
        site.user()
    };
    site.enroll_without_password(user);
    attack(site);
    let now = moment_with(A_MOMENT);
    let (code, later) = (code_at(SECRET, now), code_at(SECRET, now + PERIOD));
    [code.as_str(), ANYTHING]
        .map(|password| site.attempt().user(user).answers([password, &later]).run())
        .into()
}

/// Tries every attack on a site of its own, all at once, and has `judged` look at what came of it.
fn try_each(
    attacks: &[(&'static str, &[Attack])],
    site: impl Fn(&'static str) -> Site + Sync,
    judged: impl Fn(&str, &[Outcome]) + Sync,
) {
    thread::scope(|scope| {
        for (defence, attacks) in attacks {
            for (number, attack) in attacks.iter().enumerate() {
                let (site, judged) = (&site, &judged);
                scope.spawn(move || {
                    let outcomes = without_the_password(&site(defence), *attack);
                    judged(&format!("{defence} {number}"), &outcomes);
                });
            }
        }
    });
}

fn all_are_refused(attacks: &[(&'static str, &[Attack])]) {
    try_each(
        attacks,
        |_| Site::with(SYSTEM),
        |attack, outcomes| {
            for outcome in outcomes {
                assert_eq!(outcome.code(), "PAM_AUTHINFO_UNAVAIL", "{attack}");
                let last = outcome.log.last().expect("a line");
                assert_eq!(last.value("result"), Some("unavailable"), "{attack}");
                assert_eq!(last.value("reason"), Some("system-password"), "{attack}");
            }
        },
    );
}

fn each_succeeds_without_its_defence(attacks: &[(&'static str, &[Attack])]) {
    try_each(
        attacks,
        |defence| Site::weakened(defence, SYSTEM),
        |attack, outcomes| {
            let in_by_any = outcomes.iter().any(Outcome::is_accepted);
            assert!(in_by_any, "{attack}: {outcomes:?}");
        },
    );
}

#[test]
fn rules_that_would_let_anybody_in_let_nobody_in() {
    all_are_refused(&ATTACKS);
}

#[test]
fn each_of_them_lets_somebody_in_without_its_defence() {
    each_succeeds_without_its_defence(&ATTACKS);
}

#[test]
#[ignore = "only root can give files away, and pam_rootok lets only root in"]
fn rules_of_root_that_would_let_anybody_in_let_nobody_in() {
    all_are_refused(&ROOTS_ATTACKS);
}

#[test]
#[ignore = "only root can give files away, and pam_rootok lets only root in"]
fn each_of_roots_lets_somebody_in_without_its_defence() {
    each_succeeds_without_its_defence(&ROOTS_ATTACKS);
}

/// Whether an account that has no password in the system is opened by a code alone.
fn an_empty_password_opens(site: Site) -> Option<bool> {
    let invented = Invented::on(site, &["auth required pam_unix.so nullok"], None)?;
    let code = code_at(SECRET, moment_with(A_MOMENT));
    let typed = ["", ANYTHING].map(|password| invented.log_in(password, &code));
    Some(typed.iter().any(Outcome::is_accepted))
}

#[test]
#[ignore = "only root can put files in the place of the system's"]
fn an_account_without_a_password_is_not_opened_by_nullok() {
    if let Some(opened) = an_empty_password_opens(Site::with(SYSTEM)) {
        assert!(!opened);
    }
}

#[test]
#[ignore = "only root can put files in the place of the system's"]
fn an_account_without_a_password_is_opened_where_silence_is_a_proof() {
    if let Some(opened) = an_empty_password_opens(Site::weakened("silent-success", SYSTEM)) {
        assert!(opened);
    }
}
