//! Invitations at the password prompt, and accounts that were set up without one.

use super::set_up::{ALL, Act};
use super::*;
use crate::ports::Snapshot;
use crate::record::Invitation;

#[test]
fn who_was_set_up_on_the_password_alone_is_young_and_no_revocation_code_ends_that() {
    let site = Site::of_the_day();
    let (verdict, shown) = site.reads(&ALL);
    assert_eq!(verdict, Verdict::Accept);
    let young_since = || {
        site.store
            .load(&anna())
            .unwrap()
            .record
            .unwrap()
            .on_password_alone
    };
    assert_eq!(young_since(), Some(NOON));
    // Whoever did it has the revocation code too.
    site.pass(60);
    let revocation = shown
        .lines()
        .find_map(|line| PaperCode::parse(line.trim()).ok())
        .unwrap()
        .text();
    let revocation = revocation.expose_text().unwrap();
    let again = [
        Act::Type(PASSWORD),
        Act::Type(revocation),
        Act::Code,
        Act::Group,
    ];
    assert_eq!(site.reads(&again).0, Verdict::Accept);
    assert_eq!(young_since(), Some(NOON));

    // An invitation is of the administrator.
    let mut record = record_of(anna());
    record.on_password_alone = Some(NOON);
    let (site, typed) = invited(record, Status::Live);
    let new = Act::Type("four yellow bricks");
    let begun = [
        Act::Type(&typed),
        Act::Type(""),
        new,
        new,
        Act::Code,
        Act::Group,
    ];
    assert_eq!(site.reads(&begun).0, Verdict::Accept);
    let record = site.store.load(&anna()).unwrap().record.unwrap();
    assert_eq!(record.on_password_alone, None);
}

/// A site whose anna got an invitation, and what she types for it.
fn invited(record: crate::record::Record, status: Status) -> (Site, String) {
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Invitation, &host).unwrap();
    let invitation = Some(Invitation {
        hash: paper.hash(&host).unwrap(),
        until: NOON + 60,
        replaces: status == Status::Live,
    });
    let site = Site::of(
        crate::record::Record {
            invitation,
            ..record
        },
        status,
    );
    let typed = paper.text().expose_text().unwrap().to_lowercase();
    (site, typed)
}

#[test]
fn an_invitation_in_place_of_the_password_opens_a_new_beginning_whatever_was() {
    for status in [
        Status::Never,
        Status::Invited,
        Status::Live,
        Status::Disabled,
        Status::Revoked,
    ] {
        let (site, typed) = invited(record_of(anna()), status);
        let acts = [
            Act::Type(&typed),
            Act::Type(""),
            Act::Type("four yellow bricks"),
            Act::Type("four yellow bricks"),
            Act::Code,
            Act::Group,
        ];
        let (verdict, shown) = site.reads(&acts);
        assert_eq!(verdict, Verdict::Accept, "{status:?}\n{shown}");
        assert!(shown.contains("Welcome, anna."), "{shown}");
        assert!(shown.contains("Now the authenticator app."), "{shown}");
        let found = site.store.load(&anna()).unwrap();
        assert_eq!(found.state.status, Status::Live);
        let record = found.record.unwrap();
        assert!(record.tokens.len() == 1 && record.invitation.is_none());
        assert_ne!(
            record.tokens[0].id,
            phone().id,
            "the devices of before are gone"
        );
        // It died with its first use, and so did the password of before.
        site.pass(30);
        for password in [typed.as_str(), PASSWORD] {
            let code = code_of(&record.tokens[0], site.host.time.get(), 0);
            assert!(matches!(site.login(password, &code), Verdict::Refuse(_)));
        }
        let code = code_of(&record.tokens[0], site.host.time.get(), 0);
        assert_eq!(site.login("four yellow bricks", &code), Verdict::Accept);
    }
}

#[test]
fn an_invitation_for_who_had_no_device_that_works_ends_none_that_works_by_now() {
    let (site, typed) = invited(record_of(anna()), Status::Disabled);
    let unlocked = |status| {
        move |snapshot: &Snapshot| {
            let mut state = snapshot.state.clone();
            state.set_status(status, NOON);
            Some(state)
        }
    };
    let store = &site.store;
    store.update(&anna(), &mut unlocked(Status::Live)).unwrap();
    assert_eq!(site.login(&typed, ""), refused(Refusal::Invitation));
    // Switched off again, it is what it was made for.
    let switched_off = &mut unlocked(Status::Disabled);
    store.update(&anna(), switched_off).unwrap();
    let (_, shown) = site.reads(&[Act::Type(&typed), Act::Type("")]);
    assert!(shown.contains("Welcome, anna."), "{shown}");
}

#[test]
fn an_invitation_is_not_the_password_that_others_are_handed() {
    let (site, typed) = invited(record_of(anna()), Status::Never);
    let new = "four yellow bricks";
    let acts = [
        Act::Type(&typed),
        Act::Type(""),
        Act::Type(new),
        Act::Type(new),
        Act::Code,
        Act::Group,
    ];
    assert!(site.reads_on(&acts).0.password.is_none());
}

#[test]
fn no_invitation_opens_anything_that_is_late_closed_another_or_answered_with_a_code() {
    let refusal = refused(Refusal::Invitation);
    let (site, typed) = invited(record_of(anna()), Status::Never);
    let host = FakeHost::at(NOON);
    let [_, other] = [(); 2].map(|()| PaperCode::mint(PaperKind::Invitation, &host).unwrap());
    let other = other.text();
    assert_eq!(site.login(other.expose_text().unwrap(), ""), refusal);
    let code = site.code(0);
    assert_eq!(site.login(&typed, &code), refusal);
    site.pass(61);
    assert_eq!(site.login(&typed, ""), refusal);
    for (status, refusal) in [
        (Status::Locked, Refusal::Locked),
        (Status::Removed, Refusal::Removed),
    ] {
        let (site, typed) = invited(record_of(anna()), status);
        assert_eq!(site.login(&typed, ""), refused(refusal));
    }
    // Broken off, it is still good.
    let (site, typed) = invited(record_of(anna()), Status::Live);
    let (verdict, _) = site.reads(&[Act::Type(&typed), Act::Type("")]);
    assert!(matches!(verdict, Verdict::Unavailable(_)));
    assert_eq!(site.login(PASSWORD, &site.code(0)), Verdict::Accept);
    let (verdict, shown) = site.reads(&[Act::Type(&typed), Act::Type("")]);
    assert!(matches!(verdict, Verdict::Unavailable(_)), "{shown}");
    assert!(shown.contains("Welcome, anna."), "{shown}");
}
