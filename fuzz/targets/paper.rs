//! Paper codes: what is read is what was printed, and one wrong character is always noticed.
#![no_main]

use kapu_core::paper::{PaperCode, PaperError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    let Ok(code) = PaperCode::parse(typed) else {
        return;
    };
    let printed = code.text();
    let printed = printed.expose_text().expect("a paper code is ASCII");
    let again = PaperCode::parse(printed).expect("a printed code");
    assert_eq!(again.kind(), code.kind());
    assert!(again.text().same_as(&code.text()));
    for place in 0..printed.len() {
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars() {
            let mut wrong: Vec<char> = printed.chars().collect();
            if wrong[place] == '-' || wrong[place] == other {
                continue;
            }
            wrong[place] = other;
            let wrong: String = wrong.into_iter().collect();
            assert!(matches!(PaperCode::parse(&wrong), Err(PaperError::Typo)));
        }
    }
});
