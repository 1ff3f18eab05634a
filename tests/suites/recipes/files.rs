//! sftp, scp and rsync, and many commands over one connection.

use kapu_tests::{
    Laptop, Machine, PASSWORD, SECRET, SshOutcome, code_at, moment_with, on_a_machine, wrong_code,
};

use crate::{ONE_LOGIN, OWN, with_anna};

const MAKE_NOTES: &str = "mkdir notes\nhead -c 300000 /dev/urandom >notes/one\necho two >notes/two\n\
     printf 'put notes/one by-sftp\\nget by-sftp came-back\\n' >commands\n";

/// Whether a file of the client is the same as one of anna's.
fn are_the_same(machine: &Machine, client: &str, server: &str) -> bool {
    machine.succeeds(&format!("cmp /home/laptop/{client} /home/anna/{server}"))
}

fn prompts(outcome: &SshOutcome) -> usize {
    outcome.prompts.lines().count()
}

fn with_notes(machine: &mut Machine) {
    with_anna(machine, OWN);
    // Nothing but the two answers shall let in.
    machine.run("rm ~anna/.ssh/authorized_keys");
    let made = machine.laptop().shell(MAKE_NOTES);
    assert!(made.success, "{made:?}");
}

#[track_caller]
fn succeed(laptop: &Laptop<'_>, script: &str) -> SshOutcome {
    let outcome = laptop.shell(script);
    assert!(outcome.success, "{script}: {outcome:?}");
    outcome
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn sftp_scp_and_rsync_ask_both_questions_and_carry_files_both_ways() {
    const SFTP: &str = "sftp -q -oBatchMode=no -b commands anna@server1";
    const RSYNC: &str = "rsync -a notes/ anna@server1:by-rsync/";
    const SCP: &str = "scp -q anna@server1:by-rsync/one by-scp";
    on_a_machine(|machine| {
        with_notes(machine);
        // Three codes, of the last step, this one and the next: each good once.
        let now = moment_with(2 * ONE_LOGIN);
        let codes = [now - 30, now, now + 30].map(|moment| code_at(SECRET, moment));
        for (script, code) in [SFTP, RSYNC, SCP].into_iter().zip(&codes) {
            let laptop = machine.laptop().answering(PASSWORD, code);
            let outcome = succeed(&laptop, script);
            assert_eq!(prompts(&outcome), 2, "{script}: {outcome:?}");
        }
        assert!(are_the_same(machine, "notes/one", "by-sftp"));
        assert!(machine.succeeds("cmp /home/laptop/notes/one /home/laptop/came-back"));
        for name in ["one", "two"] {
            let (client, server) = (format!("notes/{name}"), format!("by-rsync/{name}"));
            assert!(are_the_same(machine, &client, &server));
        }
        assert!(are_the_same(machine, "by-scp", "by-rsync/one"));
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn with_a_wrong_code_and_with_a_used_one_nothing_is_carried() {
    on_a_machine(|machine| {
        with_notes(machine);
        let now = moment_with(2 * ONE_LOGIN);
        let (right, wrong) = (code_at(SECRET, now), wrong_code(SECRET, now));
        let once = "ssh -o NumberOfPasswordPrompts=1";
        let copy = |code: &str, to: &str| {
            let script = format!("rsync -a -e '{once}' notes/ anna@server1:{to}/");
            machine.laptop().answering(PASSWORD, code).shell(&script)
        };
        assert!(!copy(&wrong, "wrong").success);
        let good = copy(&right, "good");
        assert!(good.success, "{good:?}");
        assert!(!copy(&right, "again").success);
        let there = machine.run("ls /home/anna");
        assert_eq!(there, "good\n");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn one_code_is_enough_for_many_commands_over_one_connection() {
    on_a_machine(|machine| {
        with_notes(machine);
        machine.run("install -o laptop -m 0600 recipes/ssh_config /home/laptop/.ssh/config");
        let commands = machine.commands("Files and many commands");
        let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
        let outcome = succeed(&machine.laptop().answering(PASSWORD, &code), &commands);
        assert_eq!(prompts(&outcome), 2, "{outcome:?}");
        assert!(are_the_same(machine, "notes/one", "by-sftp"));
        assert!(are_the_same(machine, "notes/one", "notes/one"));
        let accepted = machine.log();
        let accepted = accepted.iter().filter(|line| line.is_decision());
        assert_eq!(accepted.count(), 1, "the server logs one login");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn with_the_clients_file_a_first_command_leaves_its_connection_to_the_next() {
    on_a_machine(|machine| {
        with_notes(machine);
        machine.run("install -o laptop -m 0600 recipes/ssh_config /home/laptop/.ssh/config");
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        let laptop = machine.laptop().answering(PASSWORD, &code);
        // What stays in the background would keep the output of the first open.
        let first = succeed(&laptop, "ssh anna@server1 true >out 2>&1");
        assert_eq!(prompts(&first), 2, "{first:?}");
        let second = succeed(&laptop, "ssh anna@server1 echo here");
        assert_eq!((second.stdout.as_str(), prompts(&second)), ("here\n", 0));
        succeed(&laptop, "ssh -O exit anna@server1");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_the_first_line_and_without_the_file_a_batch_is_refused() {
    on_a_machine(|machine| {
        with_notes(machine);
        let now = moment_with(2 * ONE_LOGIN);
        let code = code_at(SECRET, now);
        let laptop = machine.laptop().answering(PASSWORD, &code);
        let commands = machine.commands("Files and many commands");
        // The file is not there: the first connection is of no use to the others.
        let batch = commands
            .lines()
            .find(|line| line.starts_with("sftp"))
            .expect("a batch");
        let outcome = laptop.shell(batch);
        assert!(!outcome.success, "{outcome:?}");
        assert_eq!(prompts(&outcome), 0, "a batch never asks: {outcome:?}");
        assert!(!machine.succeeds("test -e /home/anna/by-sftp"));
    });
}
