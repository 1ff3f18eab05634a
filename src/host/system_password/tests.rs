//! The nested check with real modules: those of libpam-modules, those that libpam-wrapper brings
//! for tests, and one of our own that does what no honest module would.

mod site;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use self::site::{CountingDecoy, RIGHT, Site, login_of, login_of_nobody_known, wrapper_module};
use super::*;

const TROUBLE: Result<Proof, TroubleKind> = Err(TroubleKind::SystemPassword);

#[test]
fn the_right_password_is_proven_and_a_wrong_one_is_not() {
    let site = Site::with("auth required MATRIX\n");
    let anna = login_of("anna");
    assert_eq!(site.verify(&anna, RIGHT), Ok(Proof::Right));
    assert_eq!(site.verify(&anna, "correct hors"), Ok(Proof::Wrong));
    assert_eq!(site.verify(&anna, "Correct horse"), Ok(Proof::Wrong));
    assert_eq!(site.verify(&login_of("otto"), RIGHT), Ok(Proof::Wrong));
}

#[test]
fn what_the_modules_say_is_swallowed_and_changes_nothing() {
    let chatty = wrapper_module("pam_chatty.so");
    let site = Site::with(&format!(
        "auth optional {0} num_lines=3 info error\nauth required MATRIX verbose\n\
         auth optional {0} num_lines=3 info error\n",
        chatty.display()
    ));
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Right));
    assert_eq!(site.verify(&login_of("anna"), "x"), Ok(Proof::Wrong));
}

#[test]
fn the_password_is_that_of_the_account_and_not_of_the_typed_name() {
    let site = Site::with("auth required MATRIX\n");
    let login = Login {
        typed_user: "ANNA@corp".to_owned(),
        ..login_of("anna")
    };
    assert_eq!(site.verify(&login, RIGHT), Ok(Proof::Right));
}

#[test]
fn the_password_goes_as_the_bytes_that_were_typed() {
    let site = Site::with("auth required MATRIX\n");
    let decomposed = b"jelszo\xcc\x81\xff";
    let line = [&b"bela:"[..], decomposed, b":kapu-password\n"].concat();
    fs::write(site.file("passwords"), line).unwrap();
    let typed = Secret::copy_of(decomposed);
    let proof = site.passwords().verify(&login_of("bela"), None, &typed);
    assert_eq!(proof, Ok(Proof::Right));
}

#[test]
fn success_without_a_question_is_no_proof() {
    for rules in [
        "auth required pam_permit.so\n",
        "auth required pam_debug.so auth=success\n",
        "auth sufficient pam_debug.so auth=success\nauth required MATRIX\n",
        "auth required PROBE\n",
    ] {
        let site = Site::with(rules);
        assert_eq!(site.verify(&login_of("anna"), RIGHT), TROUBLE, "{rules}");
        assert!(
            site.complaint().contains("did not ask for the password"),
            "{rules}"
        );
    }
}

#[test]
fn pam_rootok_proves_nobody() {
    let site = Site::with("auth sufficient pam_rootok.so\nauth requisite pam_deny.so\n");
    // As root it succeeds without a question, otherwise it refuses: neither is a proof.
    assert_ne!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Right));
}

#[test]
fn a_second_a_shown_or_an_accompanied_question_spoils_even_a_success() {
    for (what, complaint) in [
        ("hidden hidden", "second question"),
        ("shown", "not hidden"),
        ("hidden shown", "not hidden"),
        ("shown hidden", "not hidden"),
        ("two-at-once", "together with something else"),
        ("beside-a-text", "together with something else"),
    ] {
        let site = Site::with(&format!("auth required PROBE {what}\n"));
        assert!(site.complaint().contains(complaint), "{what}");
    }
    let site = Site::with("auth required PROBE hidden\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Right));
}

#[test]
fn two_modules_that_both_ask_are_refused_and_one_that_takes_over_the_password_is_not() {
    let site = Site::with("auth required MATRIX\nauth required PROBE hidden\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), TROUBLE);
    let site = Site::with("auth optional MATRIX\nauth required pam_unix.so use_first_pass\n");
    assert_eq!(site.verify(&login_of("kapu-nobody"), "x"), Ok(Proof::Wrong));
}

#[test]
fn a_module_that_shows_the_typing_gets_no_password() {
    let site = Site::with("auth required MATRIX echo\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), TROUBLE);
}

#[test]
fn the_proof_of_another_user_is_no_proof() {
    let site = Site::with("auth required PROBE hidden another-user\n");
    assert!(site.complaint().contains("another user"));
}

#[test]
fn accounts_without_a_password_are_refused_by_the_flag() {
    let site = Site::with("auth required PROBE hidden no-null-passwords\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Right));
}

#[test]
fn a_password_that_cannot_be_one_is_never_sent() {
    // This stack would accept whatever it is told.
    let site = Site::with("auth required PROBE hidden\n");
    let longest = "x".repeat(MAX_PASSWORD);
    let anna = login_of("anna");
    assert_eq!(site.verify(&anna, &longest), Ok(Proof::Right));
    for typed in ["", "\0", "correct horse\0", &format!("{longest}x")] {
        assert_eq!(site.verify(&anna, typed), Ok(Proof::Wrong));
    }
}

#[test]
fn pam_unix_asks_once_and_turns_down_who_does_not_exist() {
    for rules in [
        "auth required pam_unix.so\n",
        "auth required pam_unix.so nullok\n",
        "auth [success=1 default=ignore] pam_unix.so nullok\n\
         auth requisite pam_deny.so\nauth required pam_permit.so\n",
    ] {
        let site = Site::with(rules);
        assert_eq!(
            site.verify(&login_of("kapu-nobody"), RIGHT),
            Ok(Proof::Wrong)
        );
        assert_eq!(site.verify(&login_of("kapu-nobody"), ""), Ok(Proof::Wrong));
    }
}

#[test]
fn the_modules_learn_where_the_login_comes_from() {
    let site = Site::without_service();
    let (script, seen) = (site.file("script"), site.file("seen"));
    let text = format!(
        "#!/bin/sh\necho $PAM_SERVICE $PAM_USER $PAM_RHOST $PAM_TTY $PAM_RUSER >{}\n",
        seen.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let exec = format!("auth required pam_exec.so {}\n", script.display());
    site.service(SERVICE, &format!("auth required MATRIX\n{exec}"));
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Right));
    assert_eq!(
        fs::read_to_string(seen).unwrap(),
        "kapu-password anna 192.0.2.4 ssh otto\n"
    );
}

#[test]
fn nobody_waits_for_the_delay_of_a_module() {
    let site = Site::with("auth optional pam_faildelay.so delay=20000000\nauth required MATRIX\n");
    let started = Instant::now();
    assert_eq!(site.verify(&login_of("anna"), "wrong"), Ok(Proof::Wrong));
    // libpam spreads a delay by half: without our function this takes ten seconds at least.
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn pam_faillock_counts_in_the_nested_service() {
    let site = Site::without_service();
    let tallies = site.file("tallies");
    fs::create_dir(&tallies).unwrap();
    let faillock = format!("pam_faillock.so dir={} deny=2", tallies.display());
    site.service(
        SERVICE,
        &format!(
            "auth requisite {faillock} preauth\nauth [success=1 default=ignore] MATRIX\n\
             auth [default=die] {faillock} authfail\nauth required {faillock} authsucc\n"
        ),
    );
    // An account that every Debian has: the module knows no others.
    let login = login_of("nobody");
    assert_eq!(site.verify(&login, RIGHT), Ok(Proof::Right));
    assert_eq!(site.verify(&login, "wrong"), Ok(Proof::Wrong));
    assert_eq!(site.verify(&login, RIGHT), Ok(Proof::Right));
    for _ in 0..2 {
        assert_eq!(site.verify(&login, "wrong"), Ok(Proof::Wrong));
    }
    assert_eq!(site.verify(&login, RIGHT), Ok(Proof::Wrong));
}

#[test]
fn a_missing_service_is_a_trouble_even_where_other_lets_everybody_in() {
    let site = Site::without_service();
    site.service("other", "auth required PROBE hidden\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), TROUBLE);
    assert!(site.complaint().contains("no PAM service file"));
}

#[test]
fn a_service_without_auth_rules_does_not_fall_back_to_other_either() {
    let site = Site::with("# auth required MATRIX\naccount required pam_permit.so\n");
    site.service("other", "auth required PROBE hidden\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), TROUBLE);
    assert!(site.complaint().contains("no auth rule"));
}

#[test]
fn a_service_file_that_is_no_file_is_a_trouble_and_does_not_hang() {
    let site = Site::without_service();
    fs::create_dir(site.file(SERVICE)).unwrap();
    assert!(site.complaint().contains("not a regular file"));
    fs::remove_dir(site.file(SERVICE)).unwrap();
    let made = Command::new("mkfifo").arg(site.file(SERVICE)).status();
    assert!(made.unwrap().success());
    assert!(site.complaint().contains("not a regular file"));
}

#[test]
fn a_service_file_that_others_may_change_is_a_trouble() {
    let site = Site::with("auth required MATRIX\n");
    let file = site.file(SERVICE);
    for mode in [0o620, 0o602] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        assert!(site.complaint().contains("others may write it"), "{mode:o}");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&file, site.file("elsewhere")).unwrap();
    std::os::unix::fs::symlink(site.file("elsewhere"), &file).unwrap();
    assert!(site.complaint().contains("a symbolic link"));
}

#[test]
fn the_stack_that_does_not_work_is_told_from_the_one_that_says_no() {
    let answer = |code: &str| {
        let rules = format!("auth required PROBE hidden\nauth required pam_debug.so auth={code}\n");
        Site::with(&rules).verify(&login_of("anna"), RIGHT)
    };
    for code in ["auth_err", "perm_denied", "user_unknown", "maxtries"] {
        assert_eq!(answer(code), Ok(Proof::Wrong), "{code}");
    }
    for code in ["acct_expired", "new_authtok_reqd", "authtok_expired"] {
        assert_eq!(answer(code), Ok(Proof::Wrong), "{code}");
    }
    for code in ["authinfo_unavail", "service_err", "system_err", "abort"] {
        assert_eq!(answer(code), TROUBLE, "{code}");
    }
    for code in ["cred_insufficient", "module_unknown", "conv_err", "buf_err"] {
        assert_eq!(answer(code), TROUBLE, "{code}");
    }
}

#[test]
fn a_module_that_cannot_be_loaded_is_a_trouble_that_names_it() {
    let site = Site::with("auth required pam_kapu_there_is_no_such_module.so\n");
    assert!(site.complaint().contains("(PAM_MODULE_UNKNOWN)"));
}

#[test]
fn an_unknown_user_is_asked_about_and_wrong_whatever_the_stack_says() {
    let site = Site::with("auth required MATRIX\n");
    let stranger = login_of_nobody_known("anna");
    assert_eq!(site.verify(&stranger, RIGHT), Ok(Proof::Wrong));
    let broken = Site::without_service();
    assert_eq!(broken.verify(&stranger, RIGHT), TROUBLE);
}

#[test]
fn the_decoy_works_where_the_system_has_nothing_to_hash() {
    let site = Site::with("auth required MATRIX\n");
    let decoy = CountingDecoy::default();
    let passwords = site.passwords().with_decoy(Box::new(decoy.clone()));
    let verify = |login: &Login, typed: &str| {
        let typed = Secret::copy_of(typed.as_bytes());
        let before = decoy.0.get();
        let proof = passwords.verify(login, None, &typed);
        (proof, decoy.0.get() - before)
    };
    assert_eq!(verify(&login_of("anna"), RIGHT), (Ok(Proof::Right), 0));
    assert_eq!(verify(&login_of("anna"), "wrong"), (Ok(Proof::Wrong), 0));
    assert_eq!(verify(&login_of("anna"), ""), (Ok(Proof::Wrong), 1));
    let stranger = login_of_nobody_known("otto");
    assert_eq!(verify(&stranger, "wrong"), (Ok(Proof::Wrong), 1));
    assert_eq!(verify(&stranger, ""), (Ok(Proof::Wrong), 1));
}

#[test]
fn a_nul_byte_in_what_the_login_says_is_a_trouble() {
    let site = Site::with("auth required MATRIX\n");
    let login = Login {
        rhost: Some("192.0.2.4\0".to_owned()),
        ..login_of("anna")
    };
    assert_eq!(site.verify(&login, RIGHT), TROUBLE);
}

/// The file that we ship, with `common-auth` at this path: Debian's libpam looks for included
/// files in /etc/pam.d, whatever the directory of the service.
fn shipped_with(common_auth: &Path) -> String {
    let shipped = include_str!("../../../conf/pam.d/kapu-password");
    shipped.replace("common-auth", &common_auth.display().to_string())
}

#[test]
fn the_shipped_service_asks_what_common_auth_asks() {
    let site = Site::without_service();
    site.service(SERVICE, &shipped_with(&site.file("common-auth")));
    site.service(
        "common-auth",
        "auth [success=1 default=ignore] MATRIX\nauth requisite pam_deny.so\n\
         auth required pam_permit.so\n",
    );
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Right));
    assert_eq!(site.verify(&login_of("anna"), "wrong"), Ok(Proof::Wrong));
}

#[test]
fn the_shipped_service_does_not_fall_back_to_other() {
    let site = Site::without_service();
    let common_auth = site.file("common-auth");
    site.service(SERVICE, &shipped_with(&common_auth));
    site.service("other", "auth required PROBE hidden\n");
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Wrong));
    fs::write(common_auth, "# no rules\n").unwrap();
    assert_eq!(site.verify(&login_of("anna"), RIGHT), Ok(Proof::Wrong));
}

#[test]
fn the_system_hashes_nothing_for_us() {
    let passwords = SystemPasswords::new();
    let typed = Secret::copy_of(RIGHT.as_bytes());
    let refused = passwords.hash(&typed).map_err(|trouble| trouble.kind);
    assert_eq!(refused.err(), Some(TroubleKind::SystemPassword));
    assert!(!passwords.stale(&PasswordHash(typed)));
}

#[test]
fn both_names_of_the_service_are_one() {
    assert_eq!(C_SERVICE.to_str(), Ok(SERVICE));
    assert_eq!(
        Path::new("conf/pam.d/kapu-password").file_name().unwrap(),
        SERVICE
    );
}
