use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::event::Event;
use crate::ports::{LocalTime, TroubleKind, UnixTime};
use crate::vectors;

/// A host whose randomness is known, or missing.
struct Chance(Option<Vec<u8>>);

impl Host for Chance {
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        let known = self.0.as_deref();
        let known = known.ok_or_else(|| Trouble::new(TroubleKind::Random, "none"))?;
        bytes.copy_from_slice(known);
        Ok(())
    }

    fn now(&self) -> UnixTime {
        unreachable!("a paper code asks for randomness only")
    }

    fn elapsed(&self) -> Duration {
        unreachable!("a paper code asks for randomness only")
    }

    fn sleep(&self, _: Duration) {
        unreachable!("a paper code asks for randomness only")
    }

    fn name(&self) -> String {
        unreachable!("a paper code asks for randomness only")
    }

    fn local_time(&self, _: UnixTime) -> LocalTime {
        unreachable!("a paper code asks for randomness only")
    }

    fn log(&self, _: &Event) {
        unreachable!("a paper code asks for randomness only")
    }
}

fn minted(kind: PaperKind, random: &[u8]) -> PaperCode {
    PaperCode::mint(kind, &Chance(Some(random.to_vec()))).unwrap()
}

fn shown(secret: &Secret) -> &str {
    secret.expose_text().unwrap()
}

fn check_vector(kind: PaperKind, file: &str) {
    let code = minted(kind, &vectors::bytes(vectors::field(file, "random")));
    assert_eq!(shown(&code.text()), vectors::field(file, "code"));

    let stored = vectors::field(file, "hash");
    let salt = vectors::bytes(stored.split(':').nth(1).unwrap());
    let hash = code.hash(&Chance(Some(salt))).unwrap();
    assert_eq!(hash.to_text(), stored);

    let read = PaperCode::parse(vectors::field(file, "code")).unwrap();
    assert_eq!(read.kind(), kind);
    assert!(read.matches(&PaperHash::from_text(stored).unwrap()));
}

/// What was printed must be read by every later version: these never change.
#[test]
fn codes_and_hashes_are_those_of_the_vectors() {
    check_vector(
        PaperKind::Revocation,
        include_str!("../../../tests/vectors/paper-revocation.txt"),
    );
    check_vector(
        PaperKind::Invitation,
        include_str!("../../../tests/vectors/paper-invitation.txt"),
    );
    check_vector(
        PaperKind::Recovery,
        include_str!("../../../tests/vectors/paper-recovery.txt"),
    );
}

#[test]
fn a_host_without_randomness_makes_neither_code_nor_hash() {
    let broken = Chance(None);
    assert!(PaperCode::mint(PaperKind::Recovery, &broken).is_err());
    assert!(minted(PaperKind::Recovery, &[7; 10]).hash(&broken).is_err());
}

#[test]
fn a_group_is_four_characters_and_there_are_five() {
    let code = PaperCode::parse("200H-48SM-8NB6-EY49-J7ND").unwrap();
    let groups: Vec<_> = (0..6).map(|index| code.group(index)).collect();
    let groups: Vec<_> = groups
        .iter()
        .map(|group| group.as_ref().map(shown))
        .collect();
    assert_eq!(
        groups,
        [
            Some("200H"),
            Some("48SM"),
            Some("8NB6"),
            Some("EY49"),
            Some("J7ND"),
            None
        ]
    );
}

#[test]
fn letters_that_look_like_digits_are_read_as_those() {
    // 1 and 0 in one code, as people read them.
    let code = minted(
        PaperKind::Recovery,
        b"\x04\x21\x08\x42\x10\x80\x00\x00\x00\x00",
    )
    .text();
    let text = shown(&code);
    assert!(text.contains('1') && text.contains('0'), "{text}");
    for (one, zero) in [("I", "O"), ("i", "o"), ("l", "O"), ("L", "o")] {
        let typed = text.replace('1', one).replace('0', zero);
        assert_eq!(shown(&PaperCode::parse(&typed).unwrap().text()), text);
    }
}

#[test]
fn spaces_dashes_and_case_do_not_matter() {
    for typed in [
        "200h48sm8nb6ey49j7nd",
        " 200H 48SM 8NB6 EY49 J7ND ",
        "2-0-0-H-4-8-S-M-8-N-B-6-E-Y-4-9-J-7-N-D",
        "200H\u{2013}48SM\u{2013}8NB6\u{2013}EY49\u{2013}J7ND",
    ] {
        assert!(PaperCode::parse(typed).is_ok(), "{typed}");
    }
}

#[test]
fn a_slip_in_typing_is_told_from_what_is_no_code_at_all() {
    for typed in [
        "200H-48SM-8NB6-EY49-J7",
        "200H-48SM-8NB6-EY49-J7N",
        "200H-48SM-8NB6-EY49-J7NDD",
        "200H-48SM-8NB6-EY49-J7NDDD",
        "0200H-48SM-8NB6-EY49-J7ND",
        "2U0H-48SM-8NB6-EY49-J7ND",
        "00000000000000000000",
    ] {
        assert_eq!(
            PaperCode::parse(typed).err(),
            Some(PaperError::Typo),
            "{typed}"
        );
    }
    for typed in [
        "",
        "200H-48SM-8NB6-EY49-J",
        "200H-48SM-8NB6-EY49-J7ND-DDD",
        "200H-48SM-8NB6-EY49-J7N!",
        "200H-48SM-8NB6-EY49-J7Né",
    ] {
        assert_eq!(
            PaperCode::parse(typed).err(),
            Some(PaperError::NotPaper),
            "{typed}"
        );
    }
}

#[test]
fn an_unknown_kind_with_a_right_checksum_is_refused() {
    for number in [0, 4, 15] {
        let bits = with_checksum(number << 80);
        let code = PaperCode::of_bits(PaperKind::Recovery, &bits);
        let read = PaperCode::parse(shown(&code.text()));
        assert_eq!(read.err(), Some(PaperError::Typo), "{number}");
    }
}

#[test]
fn a_stored_hash_has_one_spelling() {
    let text = format!("sha256:{}:{}", "0a".repeat(16), "1b".repeat(32));
    assert_eq!(PaperHash::from_text(&text).unwrap().to_text(), text);
    for wrong in [
        String::new(),
        text.to_uppercase(),
        text.replace("0a", "0A"),
        text.replace("sha256", "sha512"),
        format!("{text}:"),
        format!("{text}\n"),
        format!(" {text}"),
        text[..text.len() - 2].to_owned(),
        text.replacen("0a", "", 1),
        text.replacen("0a:", "0a", 1),
    ] {
        assert_eq!(PaperHash::from_text(&wrong), None, "{wrong:?}");
    }
}

fn any_code() -> impl Strategy<Value = PaperCode> {
    let kinds = prop::sample::select(PaperKind::ALL.to_vec());
    (kinds, any::<[u8; RANDOM_BYTES]>()).prop_map(|(kind, random)| minted(kind, &random))
}

proptest! {
    #[test]
    fn every_minted_code_is_read_back(code in any_code()) {
        let read = PaperCode::parse(shown(&code.text())).unwrap();
        prop_assert_eq!(read.kind(), code.kind());
        prop_assert!(read.characters.same_as(&code.characters));
    }

    #[test]
    fn every_wrong_character_is_a_typing_error(code in any_code()) {
        let text = code.characters.expose();
        for place in 0..LENGTH {
            for other in (b'0'..=b'9').chain(b'A'..=b'Z').chain(b'a'..=b'z') {
                if value(other) == value(text[place]) {
                    continue;
                }
                let mut typed = text.to_vec();
                typed[place] = other;
                let read = PaperCode::parse(std::str::from_utf8(&typed).unwrap());
                prop_assert_eq!(read.err(), Some(PaperError::Typo));
            }
        }
    }

    #[test]
    fn every_swap_of_neighbours_is_a_typing_error(code in any_code()) {
        for place in 1..LENGTH {
            let mut typed = code.characters.expose().to_vec();
            if typed[place] == typed[place - 1] {
                continue;
            }
            typed.swap(place, place - 1);
            let read = PaperCode::parse(std::str::from_utf8(&typed).unwrap());
            prop_assert_eq!(read.err(), Some(PaperError::Typo));
        }
    }

    #[test]
    fn a_code_matches_its_own_hash_and_no_other(
        one in any_code(), other in any_code(), salt in any::<[u8; SALT_BYTES]>()
    ) {
        prop_assume!(!one.characters.same_as(&other.characters));
        let hash = one.hash(&Chance(Some(salt.to_vec()))).unwrap();
        prop_assert!(one.matches(&hash));
        prop_assert!(!other.matches(&hash));
        let resalted = PaperHash { salt: salt.map(|byte| !byte), ..hash };
        prop_assert!(!one.matches(&resalted));
    }

    #[test]
    fn reading_never_panics(typed in "\\PC{0,80}") {
        let _ = PaperCode::parse(&typed);
        let _ = PaperHash::from_text(&typed);
    }
}
