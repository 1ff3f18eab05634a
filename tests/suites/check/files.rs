//! What `kapu check` says of files and records, and that the command it names mends them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use kapu_tests::{PASSWORD, SECRET, UID_OF_SOMEBODY_ELSE, code_at, moment_with};
use serde_json::Value;

use super::{BY_KEY, check, finding, found, report, site};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;

/// Runs the command that a finding names.
fn mend(command: &Value) {
    let command = command.as_str().expect("a command");
    let status = Command::new("/bin/sh").args(["-c", command]).status();
    assert!(status.expect("sh runs").success(), "{command}");
}

#[test]
fn a_file_with_a_bad_mode_keeps_everybody_out_until_it_is_mended_as_is_said() {
    let site = site("");
    site.enroll(site.user());
    let queue = site.path().join("queue");
    assert!(queue.is_dir(), "made by the first hash");
    for (path, mode, id) in [
        (site.configuration(), 0o666, "config-unusable"),
        (site.store(), 0o750, "store-unusable"),
        (site.host_key(), 0o440, "host-key-unusable"),
        (queue, 0o755, "queue-unusable"),
    ] {
        let set = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
        set(mode).expect("its mode");
        let report = report(&site, 1);
        let finding = finding(&report, id);
        assert_eq!(finding["gravity"], "lockout");
        let place = finding["where"].as_str().expect("a place");
        assert!(place.starts_with(path.to_str().expect("text")), "{place}");
        // Whatever is typed.
        let refused = site.log_in(PASSWORD, PASSWORD);
        assert_eq!(refused.code(), "PAM_AUTHINFO_UNAVAIL", "{id}");
        mend(&finding["fix"]);
        assert!(!super::report(&site, 0)["findings"].to_string().contains(id));
    }
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn what_is_missing_is_said_with_what_makes_it() {
    let site = site(BY_KEY);
    fs::remove_dir(site.store()).expect("it is empty");
    fs::remove_file(site.host_key()).expect("it is there");
    let report = report(&site, 1);
    let expected = [
        ("lockout", "store-unusable"),
        ("lockout", "host-key-unusable"),
    ];
    assert_eq!(found(&report), expected);
    assert_eq!(finding(&report, "host-key-unusable")["fix"], "kapu key");
    assert_eq!(report["records"], Value::Null);
    mend(&finding(&report, "store-unusable")["fix"]);
    assert!(site.kapu(&["key"], "").status.success());
    assert_eq!(found(&super::report(&site, 0)), []);
    // With records in the store a new key would open none of them.
    site.enroll_without_password(site.user());
    fs::remove_file(site.host_key()).expect("it is there");
    let report = super::report(&site, 1);
    let fix = &finding(&report, "host-key-unusable")["fix"];
    assert_eq!(fix, "Put it back from the backup.");
    let skipped = report["skipped"].to_string();
    assert!(
        skipped.contains("records") && skipped.contains("mend-first"),
        "{skipped}"
    );
}

#[test]
fn a_fault_in_the_configuration_is_a_finding_with_its_line() {
    let site = site("[login]\nwindw = 1\n");
    let report = report(&site, 1);
    assert_eq!(found(&report), [("lockout", "config-unusable")]);
    let place = report["findings"][0]["where"].as_str().expect("a place");
    assert!(
        place.contains("line 7: [login] windw") && place.contains("window?"),
        "{place}"
    );
    assert_eq!(report["in_force"], "nothing");
    let output = check(&site, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.ends_with("accounts of the host. Mend the above first.\n"),
        "{text}"
    );
}

#[test]
fn a_record_that_cannot_be_read_is_found_and_the_others_are_counted() {
    let site = site("");
    site.enroll(site.user());
    for document in site.documents().keys() {
        fs::write(document, "format = ").expect("it is ours");
    }
    let report = report(&site, 1);
    let finding = finding(&report, "records-unreadable");
    assert!(
        finding["where"].to_string().contains("account.toml"),
        "{finding}"
    );
    assert_eq!(report["records"], 1);
    let page = check(&site, &[]).stdout;
    assert!(
        page.starts_with(b"config ok\n"),
        "and not that the store is"
    );
}

#[test]
fn accounts_that_the_host_calls_by_another_uid_or_no_more_are_found() {
    let site = site(BY_KEY);
    let know = |entry: &str| site.directory(&[entry.as_bytes()]);
    know("kata:x:4242:4242::/nonexistent:/bin/sh");
    site.enroll_without_password("kata");
    assert_eq!(found(&report(&site, 0)), []);
    know("kata:x:4243:4243::/nonexistent:/bin/sh");
    assert_eq!(
        found(&report(&site, 1)),
        [("lockout", "account-of-other-uid")]
    );
    know("zita:x:4244:4244::/nonexistent:/bin/sh");
    assert_eq!(found(&report(&site, 0)), [("note", "accounts-gone")]);
}

#[test]
fn a_key_besides_the_one_that_seals_is_noted_until_a_rotation() {
    let site = site(BY_KEY);
    let key = fs::read_to_string(site.host_key()).expect("a key");
    fs::remove_file(site.host_key()).expect("it is there");
    let other = format!("{:016x} {:064x}\n", 1, 2);
    site.write("host.key", &(key + &other));
    assert_eq!(found(&report(&site, 0)), [("note", "host-keys-several")]);
    assert!(site.kapu(&["key", "rotate"], "").status.success());
    assert_eq!(found(&report(&site, 0)), []);
}

#[test]
#[ignore = "only root can give files away"]
fn a_file_of_somebody_else_keeps_everybody_out_until_it_is_mended_as_is_said() {
    let site = site(BY_KEY);
    let given: [(&Path, &str); 3] = [
        (&site.configuration(), "config-unusable"),
        (&site.store(), "store-unusable"),
        (&site.host_key(), "host-key-unusable"),
    ];
    for (path, id) in given {
        chown(path, Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
        let report = report(&site, 1);
        mend(&finding(&report, id)["fix"]);
        assert_eq!(found(&super::report(&site, 0)), [], "{id}");
    }
}
