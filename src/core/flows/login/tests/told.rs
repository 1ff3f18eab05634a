//! What owners are told after a good login, and what the log says of who comes first.

use super::*;
use crate::event::Severity;
use crate::judge::{Accepted, By};
use crate::notices::Notices;
use crate::ports::Replaced;

/// What is said after a login with the present code.
fn told(site: &Site) -> String {
    let code = site.code(0);
    let (verdict, heard) = site.login_as(&ssh_login(), &[PASSWORD, &code]);
    assert_eq!(verdict, Verdict::Accept);
    heard.get(2..).unwrap_or_default().join("\n")
}

fn last_line(site: &Site) -> String {
    site.host.lines.borrow().last().unwrap().clone()
}

#[test]
fn a_device_that_joined_others_is_told_once_and_its_first_login_stands_out() {
    let site = Site::new();
    assert_eq!(told(&site), "");
    site.pass(30);
    assert_eq!(told(&site), "");
    assert!(!last_line(&site).contains("first=yes"));
    let mut record = site.store.load(&anna()).unwrap().record.unwrap();
    record.tokens.push(Token {
        id: crate::id::Id::from_bytes([9; 16]),
        name: "tablet".to_owned(),
        key: Secret::copy_of(b"another key of twenty"),
        ..phone()
    });
    let done = site.store.amend(&anna(), record.revision, &record).unwrap();
    assert_eq!(done, Replaced::Done);
    site.pass(30);
    let said = told(&site);
    assert!(said.contains("A device was added"), "{said}");
    assert!(said.contains("tablet\nNot you?"), "{said}");
    assert!(last_line(&site).ends_with("first=yes"));
    site.pass(30);
    assert_eq!(told(&site), "");
    assert!(!last_line(&site).contains("first=yes"));
}

#[test]
fn who_changed_a_name_or_took_a_device_away_added_none() {
    let site = Site::new();
    let mut record = site.store.load(&anna()).unwrap().record.unwrap();
    record.tokens[0].name = "work phone".to_owned();
    let _ = site.store.amend(&anna(), record.revision, &record).unwrap();
    assert_eq!(site.state().notices.device_added, None);
}

#[test]
fn a_used_revocation_code_is_told_at_the_next_login_with_a_new_device() {
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
    let mut record = record_of(anna());
    record.revocation = Some(paper.hash(&host).unwrap());
    let mut site = Site::of(record.clone(), Status::Live);
    site.config.enroll.at_login = false;
    let typed = paper.text().expose_text().unwrap().to_owned();
    assert_eq!(site.login(PASSWORD, &typed), refused(Refusal::RevokedNow));
    let revision = site.store.load(&anna()).unwrap().revision();
    let done = site.store.replace(&anna(), revision, &record, Status::Live);
    assert_eq!(done, Ok(Replaced::Done));
    site.pass(60);
    let said = told(&site);
    assert!(
        said.contains("The revocation code was used (today 12:00),\nfrom 192.0.2.4."),
        "{said}"
    );
    assert!(last_line(&site).ends_with("first=yes"));
}

#[test]
fn a_phone_whose_clock_is_wrong_three_times_in_a_row_is_told() {
    for (steps, row) in [(-1, "30 seconds slow"), (1, "30 seconds fast")] {
        let site = Site::new();
        site.pass(20);
        for login in 1..=4 {
            let code = site.code(steps);
            let (verdict, heard) = site.login_as(&ssh_login(), &[PASSWORD, &code]);
            assert_eq!(verdict, Verdict::Accept);
            let said = heard.join("\n");
            assert_eq!(said.contains(row), login == 3, "{login}: {said}");
            site.pass(60);
        }
    }
}

#[test]
fn who_has_no_revocation_code_is_told_and_whom_to_ask() {
    let mut record = record_of(anna());
    record.revocation = None;
    let mut site = Site::of(record, Status::Live);
    site.config.site.contact = Some("help@example.org".to_owned());
    let said = told(&site);
    assert!(said.contains("You have no revocation code yet"), "{said}");
    assert!(said.contains("help@example.org"), "{said}");
    site.pass(30);
    assert_eq!(told(&site), "");
}

#[test]
fn who_comes_first_or_with_a_code_on_paper_is_a_warning() {
    let accepted = |by, is_first| Accepted {
        by,
        notices: Notices::default(),
        reminder: None,
        is_first,
    };
    let phone = || By::Token("phone".to_owned());
    for (accepted, expected) in [
        (accepted(phone(), false), Severity::Info),
        (accepted(phone(), true), Severity::Warning),
        (
            accepted(By::RecoveryCode { left: 3 }, false),
            Severity::Warning,
        ),
    ] {
        assert_eq!(super::super::logged::severity_of(Some(&accepted)), expected);
    }
}
