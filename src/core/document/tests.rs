//! Round trips, bounds, and what is erased.

use proptest::prelude::*;

use super::*;
use crate::hex;
use crate::paper::PaperHash;
use crate::place::Place;
use crate::record::{
    CodeShape, MAX_KEY_BYTES, MAX_RECOVERY_CODES, MIN_KEY_BYTES, MovingFactor, PasswordHash,
    RecoveryCode, ScratchCode, Token,
};
use crate::state::{LastLogin, LastUse, Resync};
use crate::throttle::{Book, KnownPlace, MAX_PLACES, MAX_RECENT, RecentFailure};
use crate::username::MAX_ACCOUNT_NAME;

mod documents;
use documents::documents;
use written::END;

/// Seals by writing the context before the secret's digits: enough to see what is bound to what.
struct OpenSeal;

impl OpenSeal {
    fn label(context: &SealContext<'_>) -> String {
        format!("{}/{}/{}", context.account, context.record, context.field)
    }
}

impl Seal for OpenSeal {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        Ok(Box::new(Self))
    }

    fn seal(&self, context: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble> {
        Ok(format!(
            "{}={}",
            Self::label(context),
            hex::encode(plain.expose())
        ))
    }

    fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble> {
        sealed
            .split_once('=')
            .filter(|(label, _)| *label == Self::label(context))
            .and_then(|(_, digits)| hex::decode(digits))
            .map(Secret::new)
            .ok_or_else(|| Trouble::new(TroubleKind::HostKey, "does not open"))
    }
}

fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

/// Everything in a document, secrets in clear.
fn contents(document: &Document) -> String {
    let secrets = document.record.iter().flat_map(|record| {
        let password = record.password.iter().map(|hash| hash.0.expose());
        password.chain(record.tokens.iter().map(|token| token.key.expose()))
    });
    let secrets: Vec<_> = secrets.map(hex::encode).collect();
    format!("{document:?} {secrets:?}")
}

fn live() -> Document {
    let token = Token {
        id: Id::from_bytes([3; 16]),
        name: "phone".to_owned(),
        key: Secret::copy_of(b"twenty bytes of key."),
        shape: CodeShape::USUAL,
        confirmed_step: 30,
        since: 900,
    };
    let hash = PaperHash {
        salt: [4; 16],
        hash: [5; 32],
    };
    let record = Record {
        id: Id::from_bytes([1; 16]),
        revision: Revision::of(Id::from_bytes([2; 16])),
        account: anna(),
        created: 900,
        password: Some(PasswordHash(Secret::copy_of(b"$argon2id$..."))),
        password_since: 900,
        password_expired: false,
        tokens: vec![token],
        revocation: Some(hash.clone()),
        revocation_since: 900,
        recovery: vec![RecoveryCode {
            id: Id::from_bytes([6; 16]),
            hash,
        }],
        scratch: Vec::new(),
        invitation: None,
        on_password_alone: None,
    };
    Document::new(anna(), Some(record), State::new(Status::Live))
}

fn printed() -> String {
    live().print(&OpenSeal).unwrap()
}

/// Reads a text that was changed by somebody who can seal.
fn parse(text: &str) -> Result<Document, Trouble> {
    Document::parse(&sealed_anew(text), &anna(), &OpenSeal)
}

fn sealed_anew(text: &str) -> String {
    let (body, _) = text.rsplit_once(END).unwrap_or((text, ""));
    let owner = Document::owner(text).unwrap_or_else(|_| anna());
    let end = OpenSeal.seal(&written::whole(&owner), &written::digest(body));
    format!("{body}{END}{}\n", end.unwrap())
}

/// The trouble that reading `text` ends in.
fn trouble(text: &str) -> Trouble {
    parse(text).map(|document| contents(&document)).unwrap_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_document_is_read_as_it_was_written(document in documents()) {
        let text = document.print(&OpenSeal).unwrap();
        prop_assert_eq!(contents(&parse(&text).unwrap()), contents(&document));
    }

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text: String) {
        prop_assert!(parse(&text).is_err());
    }

    #[test]
    fn a_damaged_document_is_refused_or_read_but_never_panics(
        at in 0..printed().len(), with: char,
    ) {
        let mut text = printed();
        text.replace_range(at..=at, &with.to_string());
        let _ = parse(&text);
        let _ = parse(text.get(..at).unwrap_or_default());
    }
}

#[test]
fn a_document_with_everything_full_is_far_below_the_cap() {
    let id = |number: usize| Id::from_bytes([number as u8; 16]);
    let mut document = live();
    let record = document.record.as_mut().unwrap();
    let token = Token {
        name: "\u{1f511}".repeat(Token::MAX_NAME),
        key: Secret::copy_of(&[0; MAX_KEY_BYTES]),
        confirmed_step: u64::MAX,
        since: u64::MAX,
        ..record.tokens[0].clone()
    };
    let renamed = |number| Token {
        id: id(number),
        ..token.clone()
    };
    record.tokens = (0..Token::MAX_COUNT).map(renamed).collect();
    let code = |number| RecoveryCode {
        id: id(number),
        ..record.recovery[0].clone()
    };
    record.recovery = (0..MAX_RECOVERY_CODES).map(code).collect();
    let digits = |number| ScratchCode {
        id: id(100 + number),
        code: Secret::copy_of(b"12345678"),
    };
    record.scratch = (0..ScratchCode::MAX_COUNT).map(digits).collect();
    let state = &mut document.state;
    let last = LastUse {
        step: u64::MAX,
        at: u64::MAX,
        drift: i8::MIN,
    };
    state.last_use = (0..Token::MAX_COUNT).map(|n| (id(n), last)).collect();
    let recovery = 0..MAX_RECOVERY_CODES + ScratchCode::MAX_COUNT;
    state.spent_recovery = recovery.map(id).collect();
    state.resync = Some(Resync {
        token: id(0),
        step: u64::MAX,
        at: u64::MAX,
    });
    let known = KnownPlace {
        place: Place::of(&"s".repeat(64), Some("2001:db8:ffff:ffff::1"), 0).unwrap(),
        seen: u64::MAX,
        book: Book {
            failures: u32::MAX,
            last: u64::MAX,
        },
    };
    let failure = RecentFailure {
        place: known.place.clone(),
        at: u64::MAX,
        units: u32::MAX,
    };
    state.throttle.places = vec![known; MAX_PLACES];
    state.throttle.recent = vec![failure; MAX_RECENT];
    assert!(document.print(&OpenSeal).unwrap().len() < MAX_DOCUMENT / 2);
}

#[test]
fn the_owner_is_known_from_the_first_lines() {
    let text = printed();
    let head = text.find("\n[record]").unwrap();
    assert_eq!(Document::owner(&text[..head]), Ok(anna()));
    assert_eq!(Document::owner(&text[..head + 20]), Ok(anna()));
    assert!(Document::owner(&text[..12]).is_err());
}

#[test]
fn another_uid_or_name_is_refused_as_such() {
    let text = printed();
    for (from, to) in [("uid = 1000", "uid = 1001"), ("\"anna\"", "\"bela\"")] {
        assert!(text.contains(from));
        assert_eq!(trouble(&text.replacen(from, to, 1)).kind, TroubleKind::Uid);
    }
}

#[test]
fn a_sealed_field_does_not_open_elsewhere() {
    let record = Id::from_bytes([1; 16]).to_string();
    let other = Id::from_bytes([9; 16]).to_string();
    let text = printed().replacen(
        &format!("id = \"{record}\""),
        &format!("id = \"{other}\""),
        1,
    );
    assert_ne!(text, printed());
    assert_eq!(trouble(&text).kind, TroubleKind::HostKey);
}

#[test]
fn the_key_of_one_token_does_not_open_as_that_of_another() {
    let mut document = live();
    let record = document.record.as_mut().unwrap();
    let (one, two) = (Id::from_bytes([3; 16]), Id::from_bytes([8; 16]));
    record.tokens.push(Token {
        id: two,
        ..record.tokens[0].clone()
    });
    let text = document.print(&OpenSeal).unwrap();
    assert!(parse(&text).is_ok());
    let (one, two) = (format!("token.{one}.key="), format!("token.{two}.key="));
    assert!(text.contains(&one) && text.contains(&two));
    assert_eq!(
        trouble(&text.replace(&two, &one)).kind,
        TroubleKind::HostKey
    );
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    let text = printed();
    for table in [
        "format = 1",
        "[record]",
        "[[record.tokens]]",
        "[state]",
        "[state.throttle]",
    ] {
        assert!(text.contains(table), "{table}");
        let text = text.replacen(table, &format!("{table}\nsurprise = 1"), 1);
        assert_eq!(trouble(&text).kind, TroubleKind::StoreRead, "{table}");
    }
}

#[test]
fn another_format_is_called_that() {
    let text = printed().replacen("format = 1", "format = 2\nsurprise = 1", 1);
    assert!(trouble(&text).detail.contains("format that this version"));
}

#[test]
fn numbers_out_of_bounds_are_refused() {
    let text = printed();
    for (from, to) in [
        ("digits = 6", "digits = 5"),
        ("digits = 6", "digits = 9"),
        // A counter knows no seconds, and time must have some.
        ("digits = 6", "digits = 6\ntype = \"hotp\""),
        ("digits = 6", "digits = 6\ntype = \"motp\""),
        ("period = 30\n", ""),
        ("period = 30", "period = 1"),
        ("period = 30", "period = 0"),
        ("confirmed-step = 30", "confirmed-step = -1"),
        ("algorithm = \"SHA1\"", "algorithm = \"MD5\""),
        ("name = \"phone\"", "name = \"\""),
        ("name = \"phone\"", "name = \"\\u0007\""),
        ("status = \"live\"", "status = \"alive\""),
        // Tokens beside a status that says there are none.
        ("status = \"live\"", "status = \"never\""),
        ("status = \"live\"", "status = \"revoked\""),
        ("status = \"live\"", "status = \"removed\""),
    ] {
        assert!(text.contains(from), "{from}");
        let trouble = trouble(&text.replacen(from, to, 1));
        assert_eq!(trouble.kind, TroubleKind::StoreRead, "{to}");
    }
}

#[test]
fn a_time_based_token_is_written_as_before_there_were_others() {
    let mut document = live();
    assert!(!printed().contains("type =") && !printed().contains("resync"));
    assert!(printed().contains("digits = 6\nperiod = 30\nconfirmed-step = 30\n"));
    let named = printed().replacen("digits = 6", "digits = 6\ntype = \"totp\"", 1);
    assert_eq!(contents(&parse(&named).unwrap()), contents(&live()));
    let record = document.record.as_mut().unwrap();
    record.tokens[0].shape.moving = MovingFactor::Counter;
    let text = document.print(&OpenSeal).unwrap();
    assert!(text.contains("digits = 6\ntype = \"hotp\"\nconfirmed-step = 30\n"));
    assert_eq!(contents(&parse(&text).unwrap()), contents(&document));
}

#[test]
fn a_name_that_no_account_has_is_neither_written_nor_read() {
    let mut state = State::new(Status::Never);
    state.set_status(Status::Removed, 1);
    for name in ["", "a:b", "a\n[b", &"a".repeat(MAX_ACCOUNT_NAME + 1)] {
        let name = name.to_owned();
        let account = Account { name, uid: 1000 };
        let document = Document::new(account, None, state.clone());
        let error = document.print(&OpenSeal).unwrap_err();
        assert_eq!(error.kind, TroubleKind::StoreWrite, "{document:?}");
    }
    let tombstone = Document::new(anna(), None, state).print(&OpenSeal).unwrap();
    let renamed = sealed_anew(&tombstone.replacen("anna", "an:na", 1));
    let owner = Document::owner(&renamed).unwrap();
    let error = Document::parse(&renamed, &owner, &OpenSeal).unwrap_err();
    assert_eq!(error.kind, TroubleKind::StoreRead);
}

#[test]
fn too_many_of_anything_is_neither_written_nor_read() {
    type Change<'a> = &'a dyn Fn(&mut Record, &mut State);
    let many = |change: Change<'_>| {
        let mut document = live();
        change(document.record.as_mut().unwrap(), &mut document.state);
        document.print(&OpenSeal).unwrap_err().kind
    };
    let id = |number: usize| Id::from_bytes([number as u8; 16]);
    let place = Place::of("sshd", None, 0).unwrap();
    let changes: [Change<'_>; 9] = [
        &|record, _| {
            let token = record.tokens[0].clone();
            let copy = |number| Token {
                id: id(number),
                ..token.clone()
            };
            record.tokens = (0..=Token::MAX_COUNT).map(copy).collect();
        },
        &|record, _| {
            let code = record.recovery[0].clone();
            let copy = |number| RecoveryCode {
                id: id(number),
                ..code.clone()
            };
            record.recovery = (0..=MAX_RECOVERY_CODES).map(copy).collect();
        },
        &|record, _| record.tokens.push(record.tokens[0].clone()),
        &|record, _| record.tokens[0].key = Secret::copy_of(&[0; MIN_KEY_BYTES - 1]),
        &|_, state| {
            let last = LastUse {
                step: 1,
                at: 1,
                drift: 0,
            };
            state.last_use = (0..=Token::MAX_COUNT)
                .map(|number| (id(number), last))
                .collect();
        },
        &|_, state| {
            let too_many = 0..=MAX_RECOVERY_CODES + ScratchCode::MAX_COUNT;
            state.spent_recovery = too_many.map(id).collect();
        },
        &|record, _| {
            let code = |number| ScratchCode {
                id: id(100 + number),
                code: Secret::copy_of(b"12345678"),
            };
            record.scratch = (0..=ScratchCode::MAX_COUNT).map(code).collect();
        },
        &|_, state| {
            let known = KnownPlace {
                place: place.clone(),
                seen: 1,
                book: Book::default(),
            };
            state.throttle.places = vec![known; MAX_PLACES + 1];
        },
        &|_, state| {
            let failure = RecentFailure {
                place: place.clone(),
                at: 1,
                units: 3,
            };
            state.throttle.recent = vec![failure; MAX_RECENT + 1];
        },
    ];
    for change in changes {
        assert_eq!(many(change), TroubleKind::StoreWrite);
    }
    let long = printed() + &" ".repeat(MAX_DOCUMENT);
    let trouble = Document::parse(&long, &anna(), &OpenSeal).map(|document| contents(&document));
    assert!(trouble.unwrap_err().detail.contains("too long"));
}

#[test]
fn no_error_quotes_the_document() {
    for (from, to) in [
        ("digits = 6", "digits = \"SEKRET\""),
        ("digits = 6", "digits = SEKRET"),
        ("digits = 6", "SEKRET = 6"),
        ("status = \"live\"", "status = \"SEKRET\""),
        ("format = 1", "format = \"SEKRET\""),
        ("algorithm = \"SHA1\"", "algorithm = \"SEKRET\""),
    ] {
        let trouble = trouble(&printed().replacen(from, to, 1));
        assert!(!trouble.detail.contains("SEKRET"), "{trouble}");
    }
    let line = printed()
        .lines()
        .position(|line| line.starts_with("digits"))
        .unwrap()
        + 1;
    let trouble = trouble(&printed().replacen("digits = 6", "digits = \"6\"", 1));
    assert!(
        trouble.detail.contains(&format!("line {line} ")),
        "{trouble}"
    );
}

/// The revision of a writing that `with_state` makes.
const MINTED: Revision = Revision::of(Id::from_bytes([9; 16]));

fn changed(document: Document, state: State) -> Document {
    document.with_state(state, || Ok(MINTED)).unwrap()
}

#[test]
fn revocation_is_a_new_writing_of_the_record_and_other_states_are_not() {
    for status in Status::ALL {
        let expected = match status {
            Status::Revoked => MINTED,
            Status::Removed => Revision::ABSENT,
            _ => live().revision(),
        };
        assert_eq!(
            changed(live(), State::new(status)).revision(),
            expected,
            "{status:?}"
        );
    }
    let revoked = changed(live(), State::new(Status::Revoked));
    let noticed = revoked.with_state(State::new(Status::Revoked), || panic!("minted again"));
    assert_eq!(noticed.unwrap().revision(), MINTED);
}

#[test]
fn revocation_erases_the_tokens_and_keeps_the_way_back() {
    let revoked = changed(live(), State::new(Status::Revoked));
    let record = revoked.record().unwrap();
    assert!(record.tokens.is_empty() && record.revocation.is_some());
    assert!(!revoked.print(&OpenSeal).unwrap().contains("token"));
}

#[test]
fn removal_erases_the_record_and_keeps_the_status() {
    let removed = changed(live(), State::new(Status::Removed));
    assert!(removed.record().is_none());
    assert_eq!(removed.revision(), Revision::ABSENT);
    let read = parse(&removed.print(&OpenSeal).unwrap()).unwrap();
    assert_eq!(read.state().status, Status::Removed);
}

#[test]
fn only_a_tombstone_has_no_record() {
    for status in Status::ALL {
        let text = Document::new(anna(), None, State::new(status)).print(&OpenSeal);
        assert_eq!(text.is_ok(), status == Status::Removed, "{status:?}");
    }
}

#[test]
fn an_endless_remote_host_is_cut_and_not_refused() {
    let mut state = State::new(Status::Live);
    state.last_login = Some(LastLogin {
        at: 1,
        from: Some("é\n".repeat(10_000)),
    });
    let document = changed(live(), state);
    let read = parse(&document.print(&OpenSeal).unwrap()).unwrap();
    let from = read.state().last_login.clone().unwrap().from.unwrap();
    assert_eq!(from, "é".repeat(MAX_FROM));
}

#[test]
fn a_document_of_which_any_byte_is_missing_or_another_is_refused() {
    let text = printed();
    let read = |text: &str| Document::parse(text, &anna(), &OpenSeal);
    assert!(read(&text).is_ok());
    for end in 0..text.len() {
        assert!(read(&text[..end]).is_err(), "{}", &text[..end]);
    }
    for place in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let flipped = String::from_utf8(bytes).ok();
            let is_read = flipped.is_some_and(|text| read(&text).is_ok());
            // The seal of these tests does not tell the case of its digits.
            assert!(
                !is_read || place > text.rfind(END).unwrap(),
                "{place}.{bit}"
            );
        }
    }
    assert!(read(&(text.clone() + "\n")).is_err() && read(&(text + "x = 1\n")).is_err());
}
