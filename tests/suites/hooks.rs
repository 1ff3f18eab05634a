//! The hooks beside `auth` and `password`, without a login before them: `setcred` succeeds, and the
//! others do what their absence would.

use kapu_tests::{Outcome, Site};

/// Services where the module stands in every type of the stack.
fn with_neighbour(site: &Site, name: &str, neighbour: &str) {
    let line = |kind: &str, module: &str| format!("{kind} required {module}");
    let mut lines = Vec::new();
    for kind in ["auth", "account", "session", "password"] {
        lines.push(line(kind, &site.module()));
        if kind != "auth" && !neighbour.is_empty() {
            lines.push(line(kind, neighbour));
        }
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    site.service(name, &lines);
}

fn run(neighbour: &str) -> Outcome {
    let site = Site::enrolled();
    with_neighbour(&site, "all-types", neighbour);
    site.attempt()
        .service("all-types")
        .hooks("setcred,acct,open,close")
        .run()
}

const IGNORED: [&str; 3] = ["acct", "open", "close"];

#[test]
fn setcred_succeeds_without_a_login_before_it() {
    // As cron calls it.
    assert_eq!(run("pam_permit.so").result("setcred"), "PAM_SUCCESS");
}

#[test]
fn the_other_hooks_leave_the_decision_to_a_module_that_permits() {
    let outcome = run("pam_permit.so");
    for hook in IGNORED {
        assert_eq!(outcome.result(hook), "PAM_SUCCESS", "{hook}");
    }
}

#[test]
fn the_other_hooks_permit_nothing_themselves() {
    for neighbour in ["", "pam_deny.so"] {
        let outcome = run(neighbour);
        for hook in IGNORED {
            assert_ne!(outcome.result(hook), "PAM_SUCCESS", "{hook} {neighbour}");
        }
    }
}

#[test]
fn only_a_login_asks_or_logs_anything() {
    let outcome = run("pam_permit.so");
    assert_eq!(outcome.prompts, []);
    assert_eq!(outcome.texts, []);
    assert!(outcome.log.is_empty(), "{:?}", outcome.log);
}
