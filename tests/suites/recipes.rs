//! The recipes of conf/recipes/README.md: its commands, as they stand there, with the shipped files,
//! on a machine of the test's own with a real sshd. Beside each stands what happens without the
//! line that matters.

#[path = "recipes/files.rs"]
mod files;
#[path = "recipes/keys.rs"]
mod keys;
#[path = "recipes/machines.rs"]
mod machines;
#[path = "recipes/passwords.rs"]
mod passwords;
#[path = "recipes/rescue.rs"]
mod rescue;
#[path = "recipes/unaffected.rs"]
mod unaffected;

use kapu_tests::{Machine, PASSWORD, SECRET, SshOutcome};

/// Seconds that one login by ssh may need. A code is good for a step longer than the one it was made
/// in, so the first logins of a test need them, and not all.
const ONE_LOGIN: u64 = 5;
/// A command whose output the client cannot make up.
const COMMAND: &str = "echo in-$((6 * 7))-$(id -un)";
const OWN: &str = "Own password and code";
const SYSTEM: &str = "System password and code";
const KEY: &str = "Key and code";
/// Takes the line that says what is enough to log in out of the drop-in.
const FORGET_METHODS: &str = "sed -i '/^AuthenticationMethods/d' \
     /etc/ssh/sshd_config.d/10-kapu.conf\nsshd -t && systemctl reload ssh\n";
/// The PAM file of the recipe that was followed.
const PAM_FILE: &str = "file=$(sed -n 's/^PAMServiceName //p' /etc/ssh/sshd_config.d/*.conf)\n\
     file=/etc/pam.d/${file:-sshd}\n";

/// The ways to follow a recipe: as it says for the sshd that is here, and with the file for
/// /etc/pam.d that it has for a newer one.
const WAYS: [fn(&mut Machine, &str); 2] = [Machine::follow, Machine::follow_with_its_pam_file];

/// A client, and anna, who is enrolled where the recipe was followed, and whose account knows the key.
fn with_anna(machine: &mut Machine, recipe: &str) {
    with_anna_by(Machine::follow, machine, recipe);
}

fn with_anna_by(way: fn(&mut Machine, &str), machine: &mut Machine, recipe: &str) {
    machine.make_laptop();
    machine.person("anna");
    way(machine, recipe);
    machine.enroll("anna", (recipe == OWN).then_some(PASSWORD), SECRET);
    machine.authorize("anna", "");
}

#[track_caller]
fn assert_in(outcome: &SshOutcome, user: &str) {
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, format!("in-42-{user}\n"), "{outcome:?}");
}

/// Turned away by sshd itself, which offers these methods, and without a question.
#[track_caller]
fn assert_not_asked(outcome: &SshOutcome, methods: &str) {
    assert!(!outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
    assert_eq!(outcome.prompts, "", "{outcome:?}");
    let denied = format!("Permission denied ({methods})");
    assert!(outcome.stderr.contains(&denied), "{outcome:?}");
    assert_eq!(outcome.logged("result"), None, "{outcome:?}");
}

/// What the client was asked, without whom.
fn asked(outcome: &SshOutcome) -> Vec<&str> {
    let prompts = outcome.prompts.lines();
    prompts
        .map(|line| line.split_once(") ").map_or(line, |(_, prompt)| prompt))
        .collect()
}
