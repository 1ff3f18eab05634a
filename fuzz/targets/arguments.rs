//! The words after the module in a PAM file: reading them never panics, a word more never takes
//! anything away, and what cannot be read names itself in one line.
#![no_main]

#[path = "../../src/pam/arguments.rs"]
#[allow(dead_code, unreachable_pub)]
mod arguments;

use arguments::Arguments;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    match Arguments::parse(&words) {
        Ok(read) => {
            // Each argument is known, and given once: any of them again is one too many.
            for word in &words {
                let again = [&words[..], std::slice::from_ref(word)].concat();
                assert!(Arguments::parse(&again).is_err(), "{again:?}");
            }
            // The order does not matter.
            let backwards: Vec<String> = words.iter().rev().cloned().collect();
            assert_eq!(Arguments::parse(&backwards).ok(), Some(read));
        }
        Err(trouble) => {
            let line = trouble.to_string();
            assert!(!line.chars().any(char::is_control), "{line:?}");
            let more = [&words[..], &["debug".to_owned()]].concat();
            assert!(Arguments::parse(&more).is_err());
        }
    }
});
