//! Password and code: kapu's own password, and the system's.

use kapu_tests::{
    Machine, PASSWORD, SECRET, SYSTEM_PASSWORD, SshOutcome, code_at, moment_with, on_a_machine,
    wrong_code,
};

use crate::{
    COMMAND, FORGET_METHODS, ONE_LOGIN, OWN, PAM_FILE, SYSTEM, WAYS, asked, assert_in,
    assert_not_asked, with_anna, with_anna_by,
};

const BOTH: [&str; 2] = ["Password: ", "Verification code: "];

fn log_in(machine: &Machine, user: &str, password: &str, code: &str) -> SshOutcome {
    let laptop = machine.laptop();
    laptop.answering(password, code).ssh(user, COMMAND)
}

/// Right answers get in once; whatever is wrong, it looks the same.
fn keeps_its_promise(machine: &mut Machine, right: &str, wrong: &str) {
    machine.person("bela");
    let now = moment_with(2 * ONE_LOGIN);
    let code = code_at(SECRET, now);
    let refusals = [
        ("anna", wrong, code.as_str(), "password"),
        ("anna", right, &wrong_code(SECRET, now), "code"),
        ("nobody-here", right, &code, "unknown-user"),
        ("bela", right, &code, "not-enrolled"),
    ]
    .map(|(user, password, code, why)| {
        let outcome = log_in(machine, user, password, code);
        outcome.assert_refused(why);
        assert_eq!(asked(&outcome), BOTH);
        outcome.stderr.replace(user, "somebody")
    });
    assert!(
        refusals.iter().all(|text| *text == refusals[0]),
        "{refusals:?}"
    );
    let outcome = log_in(machine, "anna", right, &code);
    assert_in(&outcome, "anna");
    assert_eq!(asked(&outcome), BOTH);
    let replay = log_in(machine, "anna", right, &code);
    replay.assert_refused("replay");
    assert_eq!(replay.stderr.replace("anna", "somebody"), refusals[0]);
    let key = machine.laptop().with_key();
    let key = key.answering(right, &code).ssh("anna", COMMAND);
    assert!(!key.success, "a key changes nothing: {key:?}");
    assert_eq!(asked(&key), BOTH);
}

/// In and out again: what was there before is there afterwards, to the byte.
fn is_left_without_a_trace(machine: &mut Machine, recipe: &str) {
    const LIST: &str =
        "cd /etc\nfind pam.d ssh -type f ! -name kapu-password -exec sha256sum {} + | sort\n";
    let before = machine.run(LIST);
    with_anna(machine, recipe);
    assert_ne!(machine.run(LIST), before);
    machine.follow("Getting out");
    assert_eq!(machine.run(LIST), before);
    let outcome = log_in(machine, "anna", SYSTEM_PASSWORD, "");
    assert_in(&outcome, "anna");
    assert_eq!(outcome.prompts, "anna@server1's password: \n");
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn own_password_and_code_get_in_once_and_every_refusal_looks_the_same() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, OWN);
            keeps_its_promise(machine, PASSWORD, SYSTEM_PASSWORD);
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn system_password_and_code_get_in_once_and_every_refusal_looks_the_same() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, SYSTEM);
            keeps_its_promise(machine, SYSTEM_PASSWORD, PASSWORD);
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn getting_out_of_own_passwords_leaves_no_trace() {
    on_a_machine(|machine| is_left_without_a_trace(machine, OWN));
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn getting_out_of_system_passwords_leaves_no_trace() {
    on_a_machine(|machine| is_left_without_a_trace(machine, SYSTEM));
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn an_expired_password_of_kapus_is_changed_in_the_login() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, OWN);
            machine.run("kapu expire-password anna");
            let now = moment_with(2 * ONE_LOGIN);
            // The client has no answer to what comes after the two.
            let outcome = log_in(machine, "anna", PASSWORD, &code_at(SECRET, now));
            assert!(!outcome.success, "{outcome:?}");
            assert!(asked(&outcome).len() > BOTH.len(), "{outcome:?}");
            assert!(outcome.prompts.contains("New password"), "{outcome:?}");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn who_has_no_device_sets_one_up_within_the_login() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, SYSTEM);
            machine.person("bela");
            machine.run(
                "printf '[rollout]\\ncode-required-from = \"%s\"\\n' $(date +%F) >>/etc/kapu/kapu.toml",
            );
            // Enter in place of the code; the client has no answer to what comes then.
            let outcome = log_in(machine, "bela", SYSTEM_PASSWORD, "");
            assert!(!outcome.success, "{outcome:?}");
            assert!(outcome.prompts.contains("otpauth://"), "{outcome:?}");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_its_methods_a_key_alone_gets_in() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        let refused = machine.laptop().with_key().ssh("anna", COMMAND);
        assert!(!refused.success, "{refused:?}");
        assert_eq!(asked(&refused), BOTH);
        machine.run(FORGET_METHODS);
        let outcome = machine.laptop().with_key().ssh("anna", COMMAND);
        assert_in(&outcome, "anna");
        assert_eq!(outcome.prompts, "");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn the_clients_log_has_neither_answer() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        let laptop = machine.laptop().answering(PASSWORD, &code);
        let outcome = laptop.option("LogLevel=DEBUG3").ssh("anna", COMMAND);
        assert_in(&outcome, "anna");
        assert!(
            outcome.stderr.contains("keyboard-interactive"),
            "{outcome:?}"
        );
        for answer in [PASSWORD, &code] {
            assert!(!outcome.stderr.contains(answer), "{outcome:?}");
        }
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn the_method_password_is_not_offered() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        let laptop = machine.laptop().answering(PASSWORD, "");
        let laptop = laptop.option("PreferredAuthentications=password");
        assert_not_asked(&laptop.ssh("anna", COMMAND), "keyboard-interactive");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_its_pam_line_the_systems_password_alone_gets_in() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        log_in(machine, "anna", SYSTEM_PASSWORD, "").assert_refused("password");
        machine.run(&format!(
            "{PAM_FILE}sed -i 's/^auth .*pam_kapu.so$/@include common-auth/' $file"
        ));
        let outcome = log_in(machine, "anna", SYSTEM_PASSWORD, "");
        assert_in(&outcome, "anna");
        assert_eq!(asked(&outcome), ["Password: "]);
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn what_most_tutorials_print_tells_a_right_password_from_a_wrong_one() {
    on_a_machine(|machine| {
        with_anna(machine, SYSTEM);
        let now = moment_with(2 * ONE_LOGIN);
        let wrong = wrong_code(SECRET, now);
        let prompts = |password: &str| {
            let outcome = log_in(machine, "anna", password, &wrong);
            assert!(!outcome.success, "{outcome:?}");
            outcome.prompts
        };
        assert_eq!(prompts(SYSTEM_PASSWORD), prompts(PASSWORD));
        machine.run(&format!(
            "{PAM_FILE}sed -i 's/^auth .*password=system$/@include common-auth\\nauth required \
             pam_kapu.so password=elsewhere/' $file"
        ));
        let prompts = |password: &str| {
            let outcome = log_in(machine, "anna", password, &wrong);
            assert!(!outcome.success, "{outcome:?}");
            outcome.prompts
        };
        assert!(prompts(SYSTEM_PASSWORD).contains("code"));
        assert!(!prompts(PASSWORD).contains("code"));
    });
}
