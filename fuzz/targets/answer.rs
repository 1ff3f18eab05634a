//! The answer at the code prompt: separators never matter, and nothing of it is ever printed.
#![no_main]

use kapu_core::code::{Answer, read};
use kapu_core::secret::Secret;
use libfuzzer_sys::fuzz_target;

/// Longer answers are not looked at: a separator more could make the difference.
const LOOKED_AT: usize = 60;

fuzz_target!(|typed: &[u8]| {
    let answer = read(&Secret::copy_of(typed));
    let digits: String = typed
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| char::from(*byte))
        .collect();
    match &answer {
        Answer::Code(code) => {
            assert!((6..=8).contains(&digits.len()));
            assert!(code.fits(u8::try_from(digits.len()).expect("at most 8")));
            assert!(!format!("{answer:?}").contains(&digits));
        }
        Answer::Paper(code) => {
            let text = code.text();
            let text = text.expose_text().expect("a paper code is ASCII");
            assert!(!format!("{answer:?}").contains(&text[..4]));
        }
        Answer::Nothing | Answer::SetUp | Answer::PaperTypo | Answer::NotACode => {}
    }
    if typed.len() <= LOOKED_AT && typed.is_ascii() {
        let spaced = [b" ", typed, b"-"].concat();
        assert_eq!(kind(&read(&Secret::copy_of(&spaced))), kind(&answer));
        let loud = typed.to_ascii_uppercase();
        assert_eq!(kind(&read(&Secret::copy_of(&loud))), kind(&answer));
    }
});

fn kind(answer: &Answer) -> u8 {
    match answer {
        Answer::Nothing => 0,
        Answer::Code(_) => 1,
        Answer::Paper(_) => 2,
        Answer::PaperTypo => 3,
        Answer::NotACode => 4,
        Answer::SetUp => 5,
    }
}
