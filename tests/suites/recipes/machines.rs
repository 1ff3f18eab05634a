//! Accounts of machines, in a group that logs in by key alone.

use kapu_tests::{Machine, OFFICE, PASSWORD, SECRET, on_a_machine};

use crate::{COMMAND, OWN, SYSTEM, asked, assert_in, assert_not_asked, with_anna};

const NAME: &str = "backup-client";

fn with_a_backup(machine: &mut Machine, recipe: &str) {
    with_anna(machine, recipe);
    machine.follow("Machines");
    machine.authorize(NAME, "");
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn a_machine_gets_in_by_key_and_by_nothing_else() {
    for recipe in [OWN, SYSTEM] {
        on_a_machine(|machine| {
            with_a_backup(machine, recipe);
            machine.run(&format!("echo {NAME}:'{PASSWORD}' | chpasswd"));
            let outcome = machine.laptop().with_key().ssh(NAME, COMMAND);
            assert_in(&outcome, NAME);
            assert_eq!(outcome.prompts, "");
            assert_eq!(outcome.stderr, "");
            let kapu = outcome.log.iter().find(|line| line.is_decision());
            assert!(kapu.is_none(), "kapu is not asked: {outcome:?}");
            let by_password = machine.laptop().answering(PASSWORD, "");
            assert_not_asked(&by_password.ssh(NAME, COMMAND), "publickey");
            // Who is in no such group is asked, key or not.
            let person = machine.laptop().with_key().ssh("anna", COMMAND);
            assert!(!person.success, "{person:?}");
            assert_eq!(asked(&person), ["Password: ", "Verification code: "]);
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn a_machine_has_no_terminal_and_no_tunnel() {
    on_a_machine(|machine| {
        with_a_backup(machine, OWN);
        let outcome = machine.laptop().with_key().ssh(NAME, "tty");
        assert_eq!(outcome.stdout, "not a tty\n");
        let forced = machine
            .laptop()
            .with_key()
            .option("RequestTTY=force")
            .ssh(NAME, "tty");
        assert!(
            forced.stderr.contains("PTY allocation request failed"),
            "{forced:?}"
        );
        let tunnel = machine
            .laptop()
            .with_key()
            .option("RemoteForward=7777 127.0.0.1:22")
            .option("ExitOnForwardFailure=yes")
            .ssh(NAME, COMMAND);
        assert!(!tunnel.success, "{tunnel:?}");
        assert!(tunnel.stderr.contains("forwarding failed"), "{tunnel:?}");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn its_key_is_good_from_where_it_says_and_for_what_it_says() {
    on_a_machine(|machine| {
        with_a_backup(machine, OWN);
        machine.authorize(
            NAME,
            "from=\"192.0.2.7\",restrict,command=\"echo this alone\" ",
        );
        let outcome = machine.laptop().with_key().from(OFFICE).ssh(NAME, COMMAND);
        assert_eq!(outcome.stdout, "this alone\n", "{outcome:?}");
        let elsewhere = machine.laptop().with_key().ssh(NAME, COMMAND);
        assert_not_asked(&elsewhere, "publickey");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn what_it_leaks_is_what_the_recipe_says() {
    on_a_machine(|machine| {
        with_a_backup(machine, OWN);
        assert_not_asked(&machine.laptop().ssh(NAME, COMMAND), "publickey");
        for user in ["anna", "nobody-here"] {
            let outcome = machine.laptop().ssh(user, COMMAND);
            let denied = "Permission denied (keyboard-interactive)";
            assert!(outcome.stderr.contains(denied), "{outcome:?}");
        }
        machine.enroll(NAME, Some(PASSWORD), SECRET);
        machine.run(&format!("kapu lock {NAME}"));
        assert_in(&machine.laptop().with_key().ssh(NAME, COMMAND), NAME);
        machine.run(&format!("usermod --expiredate 1 {NAME}"));
        let expired = machine.laptop().with_key().ssh(NAME, COMMAND);
        assert!(!expired.success, "{expired:?}");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_the_group_and_without_the_file_its_key_gets_nobody_in() {
    for undo in [
        &format!("gpasswd -d {NAME} ssh-machines"),
        "rm /etc/ssh/sshd_config.d/20-kapu-machines.conf\nsshd -t && systemctl reload ssh\n",
    ] {
        on_a_machine(|machine| {
            with_a_backup(machine, OWN);
            machine.run(undo);
            let outcome = machine.laptop().with_key().ssh(NAME, COMMAND);
            assert!(!outcome.success, "{outcome:?}");
            assert_eq!(asked(&outcome), ["Password: ", "Verification code: "]);
        });
    }
}
