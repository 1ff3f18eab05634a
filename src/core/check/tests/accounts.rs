//! The accounts of the store beside those of the host.

use super::*;
use crate::listing::{Entry, Presence};
use crate::policy::Requirement;
use crate::record::Status;

/// A stored account of this host that can log in.
fn live(user: &str, uid: u32) -> Entry {
    Entry {
        user: user.to_owned(),
        uid: Some(uid),
        status: Some(Status::Live),
        account: Presence::Present,
        code: None,
        devices: 1,
        counter_based: 0,
        last_login: None,
        invited_until: None,
        young_until: None,
        error: None,
        is_stored: true,
        has_password: true,
    }
}

/// One that never set anything up.
fn never(user: &str, uid: u32) -> Entry {
    Entry {
        status: Some(Status::Never),
        devices: 0,
        is_stored: false,
        has_password: false,
        ..live(user, uid)
    }
}

fn gone(user: &str, uid: u32) -> Entry {
    Entry {
        account: Presence::Gone,
        ..live(user, uid)
    }
}

fn findings(text: &str, entries: &[Entry], requirement: Requirement) -> Vec<Finding> {
    of_accounts(&config(text), entries, NOON, &|_| requirement)
}

#[track_caller]
fn only(entries: &[Entry], topic: Topic, gravity: Gravity) -> Finding {
    let findings = findings("", entries, Requirement::Code);
    assert_eq!(summary(&findings), [(topic, gravity)]);
    findings[0].clone()
}

#[test]
fn accounts_that_are_well_are_no_finding() {
    let entries = [live("anna", 1000), live("bela", 1001)];
    assert_eq!(findings("", &entries, Requirement::Code), []);
}

#[test]
fn records_that_cannot_be_read_keep_their_owners_out() {
    let spoilt = |user: &str| Entry {
        status: None,
        error: Some(format!("store-read: /s/{user}: bad document")),
        account: Presence::Unknown,
        ..live(user, 1000)
    };
    let entries = [spoilt("anna"), live("bela", 1001), spoilt("cecil")];
    let finding = only(&entries, Topic::RecordsUnreadable, Gravity::Lockout);
    assert_eq!(finding.values, [("count", "2".to_owned())]);
    let first = "store-read: /s/anna: bad document";
    assert_eq!(finding.place, Place::File(first.to_owned()));
}

#[test]
fn an_account_of_another_uid_is_kept_out() {
    let other = Entry {
        account: Presence::OtherUid,
        ..live("anna", 1000)
    };
    let finding = only(
        &[other, live("bela", 1001)],
        Topic::AccountOfOtherUid,
        Gravity::Lockout,
    );
    assert_eq!(finding.values, [("names", "anna".to_owned())]);
}

#[test]
fn accounts_that_are_gone_are_noted_and_who_has_their_uid_is_kept_out() {
    let entries = [gone("anna", 1000), live("bela", 1001)];
    only(&entries, Topic::AccountsGone, Gravity::Note);
    let unfinished = Entry {
        account: Presence::Gone,
        ..never("anna", 1000)
    };
    only(&[unfinished], Topic::AccountsGone, Gravity::Note);
    let entries = [gone("anna", 1000), never("anna.nagy", 1000)];
    let finding = only(&entries, Topic::UidOfAnother, Gravity::Lockout);
    let values = [
        ("names", "anna.nagy".to_owned()),
        ("old", "anna".to_owned()),
    ];
    assert_eq!(finding.values, values);
    // One that has a document of its own is not mistaken for anybody.
    only(
        &[gone("anna", 1000), live("bela", 1000)],
        Topic::AccountsGone,
        Gravity::Note,
    );
}

#[test]
fn who_has_neither_device_nor_invitation_is_kept_out_where_a_code_is_required() {
    let with_password = Entry {
        has_password: true,
        ..never("anna", 1000)
    };
    let is_found = |text: &str, entry: &Entry, requirement| {
        let found = summary(&findings(text, std::slice::from_ref(entry), requirement));
        assert!(found.is_empty() || found == [(Topic::KeptOut, Gravity::Note)]);
        !found.is_empty()
    };
    let from = crate::date::Date::FAR;
    let not_yet = Requirement::NotYet { from, days: 9 };
    let system = "[login]\npassword = \"system\"\n";
    let no_dialog = "[enroll]\nat-login = false\n";
    assert!(is_found("", &with_password, Requirement::Code));
    assert!(!is_found("", &with_password, Requirement::CodeOrSetUp));
    assert!(is_found(
        no_dialog,
        &with_password,
        Requirement::CodeOrSetUp
    ));
    for requirement in [not_yet, Requirement::Exempt] {
        assert!(!is_found("", &with_password, requirement));
        // Where the password is kapu's own, who has none gets in by nothing.
        assert!(is_found("", &never("anna", 1000), requirement));
        assert!(!is_found(system, &never("anna", 1000), requirement));
    }
    assert!(is_found(system, &never("anna", 1000), Requirement::Code));
    let elsewhere = "[login]\npassword = \"elsewhere\"\n";
    assert!(!is_found(
        elsewhere,
        &never("anna", 1000),
        Requirement::Code
    ));
}

#[test]
fn an_invitation_lets_in_as_long_as_it_is_good() {
    let invited = |until| Entry {
        invited_until: Some(until),
        ..never("anna", 1000)
    };
    assert_eq!(findings("", &[invited(NOON + 1)], Requirement::Code), []);
    only(&[invited(NOON)], Topic::KeptOut, Gravity::Note);
    let no_dialog = "[enroll]\nat-login = false\n";
    let found = findings(no_dialog, &[invited(NOON + 1)], Requirement::Code);
    assert_eq!(summary(&found), [(Topic::KeptOut, Gravity::Note)]);
    for status in [Status::Locked, Status::Removed, Status::Revoked] {
        let status = Some(status);
        let entry = Entry {
            status,
            ..never("anna", 1000)
        };
        assert_eq!(findings("", &[entry], Requirement::Code), []);
    }
}

#[test]
fn of_many_names_the_first_are_told() {
    let entries: Vec<_> = (0..6).map(|n| never(&format!("u{n}"), 1000 + n)).collect();
    let finding = only(&entries, Topic::KeptOut, Gravity::Note);
    let values = [
        ("count", "6".to_owned()),
        ("names", "u0, u1, u2, u3, ...".to_owned()),
    ];
    assert_eq!(finding.values, values);
}
