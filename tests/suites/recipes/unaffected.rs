//! What is not sshd: cron, and su by root.

use kapu_tests::{Machine, on_a_machine};

use crate::{OWN, SYSTEM, with_anna};

/// As cron calls them, in its order, for a job; it never authenticates.
const HOOKS_OF_CRON: &str = "setcred,acct,open,close";
/// The lines of Debian's /etc/pam.d/cron, where the package is not installed.
const CRON: &str = "[ -e /etc/pam.d/cron ] || printf '%s\\n' '@include common-auth' \
     'session required pam_loginuid.so' 'session required pam_env.so' '@include common-account' \
     '@include common-session-noninteractive' 'session required pam_limits.so' >/etc/pam.d/cron\n";

/// Whether a job of anna's would run, and what root does as anna.
fn work(machine: &Machine) -> (bool, bool) {
    let job = machine.transaction("cron", "anna", HOOKS_OF_CRON);
    let all = job.results.values().all(|code| code == "PAM_SUCCESS");
    assert_eq!(job.results.len(), 4, "{job:?}");
    let su = "test \"$(su - anna -c 'id -un')\" = anna && su anna -c true";
    (all, machine.succeeds(su))
}

/// The module in the file of all services, in the two ways in which people put it there.
const IN_COMMON_AUTH: &str = "sed -i '1i auth requisite pam_kapu.so' /etc/pam.d/common-auth\n";
const GONE: &str = "rm -r /var/lib/kapu /etc/kapu\n";

#[test]
#[ignore = "only root can have a machine of its own"]
fn cron_and_su_by_root_work_with_kapu_bound_to_sshd_and_without_its_store_and_module() {
    for recipe in [OWN, SYSTEM] {
        on_a_machine(|machine| {
            machine.run(CRON);
            machine.person("anna");
            assert_eq!(work(machine), (true, true), "before");
        });
        on_a_machine(|machine| {
            machine.run(CRON);
            with_anna(machine, recipe);
            assert_eq!(work(machine), (true, true), "bound");
            machine.run(GONE);
            assert_eq!(work(machine), (true, true), "without its store");
            let module = machine.module();
            machine.run(&format!("truncate -s 4096 {}", module.display()));
            assert_eq!(work(machine), (true, true), "with half a module");
            machine.run(&format!("rm {}", module.display()));
            assert_eq!(work(machine), (true, true), "without its module");
        });
    }
}

#[test]
#[ignore = "only root can have a machine of its own"]
fn in_common_auth_a_missing_module_stops_every_job() {
    on_a_machine(|machine| {
        machine.run(CRON);
        with_anna(machine, OWN);
        machine.run(IN_COMMON_AUTH);
        let module = machine.module();
        machine.run(&format!("rm {}", module.display()));
        assert!(!work(machine).0);
    });
}
