//! Texts: no value changes the lines of a text, moves a cursor, or leaves ASCII where it must not.
#![no_main]

use kapu_core::messages::{Language, Message, Texts, Topic};
use libfuzzer_sys::fuzz_target;

/// The names of all places. A row that has another one stops the target.
const PLACES: [&str; 35] = [
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
    "fix",
    "from",
    "group",
    "left",
    "length",
    "list",
    "max",
    "min",
    "name",
    "names",
    "old",
    "others",
    "owner",
    "path",
    "period",
    "place",
    "site",
    "time",
    "typed",
    "user",
    "when",
    "who",
];

fuzz_target!(|input: (u16, &str)| {
    let (row, value) = input;
    let row = usize::from(row) % (Message::ALL.len() + Topic::ALL.len());
    match Message::ALL.get(row) {
        Some(message) => check(|texts, values| texts.fill(*message, values), value),
        None => {
            let topic = Topic::ALL[row - Message::ALL.len()];
            check(|texts, values| texts.fill(topic, values), value);
        }
    }
});

/// Checks one row, filled with `value` at every place.
fn check(fill: impl Fn(&Texts, &[(&str, &str)]) -> String, value: &str) {
    for (language, unicode) in [
        (Language::English, true),
        (Language::English, false),
        (Language::Hungarian, true),
        (Language::Hungarian, false),
    ] {
        let texts = Texts { language, unicode };
        let filled = fill(&texts, &PLACES.map(|name| (name, value)));
        let empty = fill(&texts, &PLACES.map(|name| (name, "")));
        assert_eq!(filled.matches('\n').count(), empty.matches('\n').count());
        assert!(
            filled.chars().all(|c| c == '\n' || !c.is_control()),
            "{filled:?}"
        );
        assert!(unicode || filled.is_ascii(), "{filled:?}");
    }
}
