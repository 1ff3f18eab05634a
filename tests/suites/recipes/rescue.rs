//! The way in on the day on which kapu refuses everybody.

use kapu_tests::{
    ELSEWHERE, Machine, OFFICE, PASSWORD, SECRET, SshOutcome, code_at, knows_service_name,
    moment_with, on_a_machine,
};

use crate::{
    COMMAND, ONE_LOGIN, OWN, SYSTEM, WAYS, asked, assert_in, assert_not_asked, with_anna,
    with_anna_by,
};

const RESCUE: &str = "rescue";
/// What can be wrong: as a script breaks it and as another mends it.
const BROKEN: [(&str, &str, &str); 7] = [
    (
        "the store is gone",
        "mv /var/lib/kapu/accounts /var/lib/kapu/away",
        "mv /var/lib/kapu/away /var/lib/kapu/accounts",
    ),
    (
        "the store belongs to somebody else",
        "chown daemon /var/lib/kapu/accounts",
        "chown root /var/lib/kapu/accounts",
    ),
    ("the disk is full", FULL, "umount /var/lib/kapu"),
    (
        "the host key is lost",
        "mv /etc/kapu/host.key /root/",
        "mv /root/host.key /etc/kapu/",
    ),
    (
        "the configuration is wrong",
        "echo nonsense >>/etc/kapu/kapu.toml",
        "sed -i '$d' /etc/kapu/kapu.toml",
    ),
    (
        "the module is gone",
        "mv \"$MODULE\" /root/",
        "mv /root/pam_kapu.so \"$MODULE\"",
    ),
    (
        "the module is no module",
        "mv \"$MODULE\" /root/\necho >\"$MODULE\"",
        "rm \"$MODULE\"\nmv /root/pam_kapu.so \"$MODULE\"",
    ),
];
/// A small tmpfs(5) over the store, filled up.
const FULL: &str = "cp -a /var/lib/kapu /root/copy\n\
     mount -t tmpfs -o mode=700,size=128k kapu-test /var/lib/kapu\n\
     cp -a /root/copy/. /var/lib/kapu/\nrm -r /root/copy\n\
     head -c 1M /dev/zero >/var/lib/kapu/filler 2>/dev/null || true\n";

fn run(machine: &mut Machine, script: &str) {
    let module = machine.module();
    machine.run(&format!("MODULE={}\n{script}", module.display()));
}

fn by_key(machine: &Machine, from: &str) -> SshOutcome {
    machine.laptop().with_key().from(from).ssh(RESCUE, COMMAND)
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn the_rescue_key_gets_in_whatever_is_broken_while_everybody_else_is_refused() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, OWN);
            machine.follow("Rescue by key");
            machine.authorize(RESCUE, "");
            // The queue of hashes is made once.
            let first = machine.laptop().answering("wrong", "000000");
            first.ssh("anna", COMMAND).assert_refused("password");
            for (what, break_it, mend) in BROKEN {
                run(machine, break_it);
                let rescued = by_key(machine, OFFICE);
                assert!(rescued.success, "{what}: {rescued:?}");
                assert_eq!(rescued.prompts, "", "{what}");
                let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
                let anna = machine.laptop().answering(PASSWORD, &code);
                let refused = anna.ssh("anna", COMMAND);
                assert!(!refused.success, "{what}: {refused:?}");
                let elsewhere = by_key(machine, ELSEWHERE);
                assert!(!elsewhere.success, "{what}: {elsewhere:?}");
                run(machine, mend);
            }
            let code = code_at(SECRET, moment_with(ONE_LOGIN));
            let anna = machine.laptop().answering(PASSWORD, &code);
            assert_in(&anna.ssh("anna", COMMAND), "anna");
            machine.run("echo Later. >/etc/nologin");
            assert!(!by_key(machine, OFFICE).success, "as the recipe says");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn outside_its_network_the_rescue_account_looks_like_everybody() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        machine.follow("Rescue by key");
        machine.authorize(RESCUE, "");
        let seen = |user: &str, from: &str| {
            let laptop = machine.laptop().with_key().from(from);
            let outcome = laptop.answering("a guess", "123456").ssh(user, COMMAND);
            assert!(!outcome.success, "{outcome:?}");
            (
                outcome.prompts.replace(user, "somebody"),
                outcome.stderr.replace(user, "somebody"),
            )
        };
        assert_eq!(seen(RESCUE, ELSEWHERE), seen("nobody-here", ELSEWHERE));
        assert_eq!(seen("anna", ELSEWHERE), seen("nobody-here", OFFICE));
        let inside = machine.laptop().from(OFFICE);
        assert_not_asked(&inside.ssh(RESCUE, COMMAND), "publickey");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_the_file_the_rescue_key_is_refused() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        machine.follow("Rescue by key");
        machine.authorize(RESCUE, "");
        assert_in(&by_key(machine, OFFICE), RESCUE);
        machine.run(
            "rm /etc/ssh/sshd_config.d/20-kapu-rescue.conf\nsshd -t && systemctl reload ssh\n",
        );
        let outcome = by_key(machine, OFFICE);
        assert!(!outcome.success, "{outcome:?}");
        assert_eq!(asked(&outcome).len(), 2);
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_its_control_a_module_that_does_not_load_keeps_the_rescue_key_out() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        machine.follow("Rescue by key");
        machine.authorize(RESCUE, "");
        run(machine, BROKEN[5].1);
        assert_in(&by_key(machine, OFFICE), RESCUE);
        machine.run(&format!(
            "{}sed -i 's/module_unknown=ignore default=bad\\]\\( *pam_kapu\\)/default=bad]\\1/' $file",
            crate::PAM_FILE
        ));
        let outcome = by_key(machine, OFFICE);
        assert!(!outcome.success, "{outcome:?}");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn with_a_service_of_its_own_the_rescue_key_gets_in_past_half_a_module() {
    on_a_machine(|machine| {
        with_anna(machine, OWN);
        machine.follow("Rescue by key");
        machine.authorize(RESCUE, "");
        if !knows_service_name() {
            println!("not tried: this sshd has no PAMServiceName");
            return;
        }
        run(machine, "truncate -s 4096 \"$MODULE\"\n");
        assert!(!by_key(machine, OFFICE).success, "half a module");
        machine.run(
            "sed -i 's/#PAMServiceName /PAMServiceName /' /etc/ssh/sshd_config.d/20-kapu-rescue.conf\n\
             sshd -t && systemctl reload ssh\n",
        );
        assert_in(&by_key(machine, OFFICE), RESCUE);
        assert!(!by_key(machine, ELSEWHERE).success);
    });
}

/// Somebody who types the password of the account, and this in place of the code.
fn by_password(machine: &Machine, from: &str, password: &str, code: &str) -> SshOutcome {
    let laptop = machine.laptop().from(from);
    laptop.answering(password, code).ssh(RESCUE, COMMAND)
}

const RULE: &str = "nine purple umbrellas";

fn with_the_rule(machine: &mut Machine) {
    with_anna(machine, OWN);
    machine.follow("Rescue by password");
    machine.run(&format!(
        "echo 'password = \"{RULE}\"' | kapu passwd {RESCUE} --from -"
    ));
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn by_the_rule_a_password_and_enter_get_in_from_one_network_also_on_a_full_disk() {
    on_a_machine(|machine| {
        with_the_rule(machine);
        let wrong = by_password(machine, OFFICE, "wrong", "");
        wrong.assert_refused("password");
        let elsewhere = by_password(machine, ELSEWHERE, RULE, "");
        assert!(!elsewhere.success, "{elsewhere:?}");
        assert_eq!(elsewhere.prompts, wrong.prompts);
        assert_eq!(elsewhere.stderr, wrong.stderr);
        assert_in(&by_password(machine, OFFICE, RULE, ""), RESCUE);
        let others = machine.laptop().from(OFFICE).answering(PASSWORD, "");
        others.ssh("anna", COMMAND).assert_refused("not-a-code");
        run(machine, FULL);
        assert_in(&by_password(machine, OFFICE, RULE, ""), RESCUE);
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        let anna = machine.laptop().answering(PASSWORD, &code);
        assert!(!anna.ssh("anna", COMMAND).success, "nobody else does");
    });
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn by_the_rule_the_systems_password_and_enter_get_in_too() {
    for way in WAYS {
        on_a_machine(|machine| {
            with_anna_by(way, machine, SYSTEM);
            machine.follow("Rescue by password");
            machine.run(&format!("echo '{RESCUE}:{RULE}' | chpasswd"));
            assert_in(&by_password(machine, OFFICE, RULE, ""), RESCUE);
            assert!(!by_password(machine, OFFICE, "wrong", "").success);
            assert!(!by_password(machine, ELSEWHERE, RULE, "").success);
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn the_rule_does_not_help_where_nothing_can_be_read() {
    for (_, break_it, _) in [&BROKEN[0], &BROKEN[3], &BROKEN[4], &BROKEN[5]] {
        on_a_machine(|machine| {
            with_the_rule(machine);
            assert_in(&by_password(machine, OFFICE, RULE, ""), RESCUE);
            run(machine, break_it);
            let outcome = by_password(machine, OFFICE, RULE, "");
            assert!(!outcome.success, "{break_it}: {outcome:?}");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn without_the_rule_and_while_it_is_locked_enter_is_refused() {
    on_a_machine(|machine| {
        with_the_rule(machine);
        machine.run("sed -i '/^\\[\\[rule\\]\\]/,$d' /etc/kapu/kapu.toml");
        let outcome = by_password(machine, OFFICE, RULE, "");
        assert!(!outcome.success, "{outcome:?}");
    });
    on_a_machine(|machine| {
        with_the_rule(machine);
        machine.run("kapu lock rescue");
        by_password(machine, OFFICE, RULE, "").assert_refused("locked");
    });
}
