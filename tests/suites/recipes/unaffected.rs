//! What is not sshd: cron, su by root, the console.

use kapu_tests::{Machine, SYSTEM_PASSWORD, on_a_machine};

use crate::{OWN, SYSTEM, with_anna};

/// As cron calls them, in its order, for a job; it never authenticates.
const HOOKS_OF_CRON: &str = "setcred,acct,open,close";
/// The lines of Debian's /etc/pam.d/cron, where the package is not installed.
const CRON: &str = "[ -e /etc/pam.d/cron ] || printf '%s\\n' '@include common-auth' \
     'session required pam_loginuid.so' 'session required pam_env.so' '@include common-account' \
     '@include common-session-noninteractive' 'session required pam_limits.so' >/etc/pam.d/cron\n";

/// As login(1) calls them, at the console.
const HOOKS_OF_LOGIN: &str = "auth,acct,setcred,open,close";

/// Whether a job of anna's runs, whether root can do something as anna, and whether she can log in
/// at the console.
fn work(machine: &Machine) -> [bool; 3] {
    let succeeds = |service: &str, hooks: &str| {
        let made = machine.transaction(service, "anna", hooks, SYSTEM_PASSWORD);
        assert_eq!(made.results.len(), hooks.split(',').count(), "{made:?}");
        made.results.values().all(|code| code == "PAM_SUCCESS")
    };
    let su = "test \"$(su - anna -c 'id -un')\" = anna && su anna -c true";
    [
        succeeds("cron", HOOKS_OF_CRON),
        machine.succeeds(su),
        succeeds("login", HOOKS_OF_LOGIN),
    ]
}

/// The module in the file that all services include.
const IN_COMMON_AUTH: &str = "sed -i '1i auth requisite pam_kapu.so' /etc/pam.d/common-auth\n";
const GONE: &str = "rm -r /var/lib/kapu /etc/kapu\n";

#[test]
#[ignore = "only root can have a machine of its own"]
fn cron_su_by_root_and_the_console_work_with_kapu_bound_to_sshd_and_without_its_store_and_module() {
    for recipe in [OWN, SYSTEM] {
        on_a_machine(|machine| {
            machine.run(CRON);
            machine.person("anna");
            assert_eq!(work(machine), [true; 3], "before");
        });
        on_a_machine(|machine| {
            machine.run(CRON);
            with_anna(machine, recipe);
            assert_eq!(work(machine), [true; 3], "bound");
            machine.run(GONE);
            assert_eq!(work(machine), [true; 3], "without its store");
            let module = machine.module();
            machine.run(&format!("truncate -s 4096 {}", module.display()));
            assert_eq!(work(machine), [true; 3], "with half a module");
            machine.run(&format!("rm {}", module.display()));
            assert_eq!(work(machine), [true; 3], "without its module");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn in_common_auth_a_missing_module_stops_every_job_and_the_console() {
    on_a_machine(|machine| {
        machine.run(CRON);
        with_anna(machine, OWN);
        machine.run(IN_COMMON_AUTH);
        let module = machine.module();
        machine.run(&format!("rm {}", module.display()));
        assert_eq!(work(machine), [false, true, false]);
    });
}
