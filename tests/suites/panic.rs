//! A bug inside a hook: the login is not let in, and the process that asked lives on.

use kapu_tests::{PASSWORD, SECRET, Site, code_at, module_that_panics, moment_with};

/// The service for which the build with the feature `test-panic` panics.
const SERVICE: &str = "kapu-panic";
/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;

fn site() -> Site {
    let site = Site::enrolled();
    let line = format!(
        "auth required {}",
        site.arguments_for(&module_that_panics())
    );
    for service in [SERVICE, "calm"] {
        site.service(service, &[&line]);
    }
    site
}

#[test]
fn a_panic_lets_nobody_in_and_the_host_lives() {
    let site = site();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    // That acct was called is that the process outlived auth.
    let outcome = site
        .attempt()
        .service(SERVICE)
        .hooks("auth,acct")
        .answers([PASSWORD, &code])
        .run();
    outcome.assert_unavailable("panic");
    assert_eq!(outcome.result("acct"), "PAM_SUCCESS");
}

#[test]
fn the_same_build_is_in_order_for_other_services() {
    let site = site();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().service("calm");
    attempt.answers([PASSWORD, &code]).run().assert_accepted();
}
