//! Texts: no value changes the lines of a text, moves a cursor, or leaves ASCII where it must not.
#![no_main]

use kapu_core::messages::{Language, Message, Texts};
use libfuzzer_sys::fuzz_target;

/// The names of all places. A row that has another one stops the target.
const PLACES: [&str; 27] = [
    "algorithm",
    "ask",
    "asked",
    "codes",
    "contact",
    "count",
    "date",
    "day",
    "days",
    "device",
    "devices",
    "digits",
    "duration",
    "from",
    "left",
    "length",
    "max",
    "min",
    "owner",
    "path",
    "period",
    "site",
    "time",
    "typed",
    "user",
    "when",
    "who",
];

fuzz_target!(|input: (u8, &str)| {
    let (row, value) = input;
    let Some(message) = Message::ALL.get(usize::from(row)) else {
        return;
    };
    for (language, unicode) in [
        (Language::English, true),
        (Language::English, false),
        (Language::Hungarian, true),
        (Language::Hungarian, false),
    ] {
        let texts = Texts { language, unicode };
        let filled = texts.fill(*message, &PLACES.map(|name| (name, value)));
        let empty = texts.fill(*message, &PLACES.map(|name| (name, "")));
        assert_eq!(filled.matches('\n').count(), empty.matches('\n').count());
        assert!(
            filled.chars().all(|c| c == '\n' || !c.is_control()),
            "{filled:?}"
        );
        assert!(unicode || filled.is_ascii(), "{filled:?}");
    }
});
