//! An ssh key and a code.

use kapu_tests::{
    PASSWORD, SECRET, SYSTEM_PASSWORD, code_at, moment_with, on_a_machine, wrong_code,
};

use crate::{
    COMMAND, FORGET_METHODS, KEY, ONE_LOGIN, OWN, WAYS, asked, assert_in, assert_not_asked,
    with_anna, with_anna_by,
};

const CODE: [&str; 1] = ["Verification code: "];

#[test]
#[ignore = "only root can have a machine of its own"]
fn key_and_code_get_in_once_and_neither_does_alone() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, KEY);
            let now = moment_with(2 * ONE_LOGIN);
            let code = code_at(SECRET, now);
            let with_key = machine.laptop().with_key();
            let wrong = wrong_code(SECRET, now);
            let refused = with_key.clone().answering("", &wrong).ssh("anna", COMMAND);
            refused.assert_refused("code");
            assert_eq!(asked(&refused), CODE);
            for user in ["anna", "nobody-here"] {
                let without = machine.laptop().answering(SYSTEM_PASSWORD, &code);
                assert_not_asked(&without.ssh(user, COMMAND), "publickey");
            }
            let with_code = with_key.answering("", &code);
            let outcome = with_code.ssh("anna", COMMAND);
            assert_in(&outcome, "anna");
            assert_eq!(asked(&outcome), CODE);
            with_code.ssh("anna", COMMAND).assert_refused("replay");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn a_strange_key_is_not_asked_for_a_code() {
    on_a_machine(|machine| {
        with_anna(machine, KEY);
        machine.run("ssh-keygen -q -t ed25519 -N '' -f /root/other");
        machine.run("cp /root/other.pub ~anna/.ssh/authorized_keys");
        let outcome = machine.laptop().with_key().ssh("anna", COMMAND);
        assert_not_asked(&outcome, "publickey");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn what_it_leaks_is_what_the_recipe_says() {
    on_a_machine(|machine| {
        with_anna(machine, KEY);
        let wrong = wrong_code(SECRET, moment_with(2 * ONE_LOGIN));
        let laptop = machine.laptop().with_key().option("LogLevel=DEBUG3");
        let outcome = laptop.answering("", &wrong).ssh("anna", COMMAND);
        outcome.assert_refused("code");
        assert!(outcome.stderr.contains("partial success"), "{outcome:?}");
        assert!(!outcome.stderr.contains(&wrong), "{outcome:?}");
        // Whoever has nothing but the public key learns for whom it is good.
        let moved = machine
            .laptop()
            .shell("mkdir public && mv .ssh/id_ed25519.pub public/");
        assert!(moved.success, "{moved:?}");
        for (user, is_good) in [("anna", true), ("nobody-here", false)] {
            let laptop = machine.laptop().with_key().option("LogLevel=DEBUG1");
            let laptop = laptop.option("IdentityFile=/home/laptop/public/id_ed25519.pub");
            let outcome = laptop.option("IdentitiesOnly=yes").ssh(user, COMMAND);
            assert!(!outcome.success, "{outcome:?}");
            let accepted = outcome.stderr.contains("Server accepts key");
            assert_eq!(accepted, is_good, "{outcome:?}");
        }
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_its_methods_a_code_alone_gets_in() {
    on_a_machine(|machine| {
        with_anna(machine, KEY);
        machine.run(FORGET_METHODS);
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        let outcome = machine.laptop().answering("", &code).ssh("anna", COMMAND);
        assert_in(&outcome, "anna");
        assert_eq!(asked(&outcome), CODE);
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn key_password_and_code_are_the_drop_in_of_the_one_over_the_pam_file_of_the_other() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        machine.run(
            "methods=$(grep '^AuthenticationMethods' sshd/10-kapu-key.conf)\n\
             sed -i \"s/^AuthenticationMethods .*/$methods/\" /etc/ssh/sshd_config.d/10-kapu.conf\n\
             sshd -t && systemctl reload ssh\n",
        );
        let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
        let without = machine.laptop().answering(PASSWORD, &code);
        assert_not_asked(&without.clone().ssh("anna", COMMAND), "publickey");
        let outcome = without.with_key().ssh("anna", COMMAND);
        assert_in(&outcome, "anna");
        assert_eq!(asked(&outcome), ["Password: ", CODE[0]]);
    });
}
