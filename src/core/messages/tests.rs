//! What must hold of every row of the table.

use std::fmt::Debug;

use super::*;
use crate::notices::MAX_FROM;
use crate::ports::LocalTime;

/// Every carrier that a text may go to.
pub(super) const CARRIERS: [Texts; 4] = [
    carrier(Language::English, true),
    carrier(Language::English, false),
    carrier(Language::Hungarian, true),
    carrier(Language::Hungarian, false),
];
/// Columns of a line: a terminal of 80, and its last column free.
const COLUMNS: usize = 79;
/// Columns beside the largest QR code that shares a terminal of 80 with words.
const ASIDE_COLUMNS: usize = 33;
/// Columns beside the number and the label of a finding.
const FINDING_COLUMNS: usize = COLUMNS - 12;
const LANGUAGES: [Language; 2] = [Language::English, Language::Hungarian];

const fn carrier(language: Language, unicode: bool) -> Texts {
    Texts { language, unicode }
}

/// The names of the places in a text, sorted.
pub(super) fn places(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, name, after)) = next_place(rest) {
        names.push(name);
        rest = after;
    }
    names.sort_unstable();
    names
}

/// Every row of both tables: its name, and its text in each language.
fn templates() -> impl Iterator<Item = (String, [&'static str; 2])> {
    let messages = Message::ALL.iter().map(|row| both(*row));
    messages.chain(Topic::ALL.iter().map(|row| both(*row)))
}

fn both(row: impl Row + Debug) -> (String, [&'static str; 2]) {
    let texts = LANGUAGES.map(|language| row.template(language));
    (format!("{row:?}"), texts)
}

/// A late evening of the month with the longest name.
const AT: LocalTime = LocalTime {
    year: 2025,
    month: 9,
    day: 28,
    hour: 18,
    minute: 4,
};
/// A moment of another year, so that the one above is told with its year.
const NOW: LocalTime = LocalTime { year: 2026, ..AT };

/// A value of usual length for each name that rows use.
fn usual(texts: Texts, name: &str) -> String {
    let at = AT;
    let plain = match name {
        "ask" => return texts.ask(Some("helpdesk@example.org, +36 1 555 0100")),
        "asked" | "typed" => return texts.group(3),
        "date" => return texts.date(at),
        "day" => return texts.day(at),
        "when" => return texts.moment(at, NOW),
        "duration" => return texts.duration(40),
        "algorithm" => "SHA256",
        "contact" => "helpdesk@example.org, +36 1 555 0100",
        "codes" | "count" | "left" | "length" | "max" | "min" => "10",
        "days" => "365",
        "fix" => "chmod go-w /etc/kapu/kapu.toml",
        "group" => "automation",
        "list" => "records, accounts of the host",
        "name" | "old" => "anna.kovacs1",
        "names" => "anna.kovacs1, bela, cecil, dora, ...",
        "others" => "[[rule]] 12 (automation)",
        "device" => "work phone",
        "devices" => "phone, tablet",
        "digits" => "8",
        "from" => "2001:db8:1234:5678:9abc:def0:1234:5678",
        "owner" => "root",
        "place" => "2001:db8:1234:5678::/64 kapu-sshd",
        "path" => "/etc/kapu/host.key",
        "period" => "60",
        "site" => "twelve-chars",
        "time" => "18:04",
        "user" => "anna.kovacs1",
        _ => panic!("no usual value for {name}"),
    };
    plain.to_owned()
}

fn usual_text(texts: Texts, message: Message) -> String {
    filled(texts, message, usual)
}

fn filled(texts: Texts, message: impl Row, value: fn(Texts, &str) -> String) -> String {
    let values: Vec<_> = places(message.template(texts.language))
        .into_iter()
        .map(|name| (name, value(texts, name)))
        .collect();
    let values: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    texts.fill(message, &values)
}

/// Every row in every carrier, filled with usual values.
fn usual_texts() -> impl Iterator<Item = (Message, Texts, String)> {
    Message::ALL
        .iter()
        .flat_map(|&message| CARRIERS.map(|texts| (message, texts, usual_text(texts, message))))
}

#[test]
fn every_row_has_both_languages_with_the_same_places() {
    for (name, [english, magyar]) in templates() {
        assert!(!english.trim().is_empty() && !magyar.trim().is_empty());
        let once = |text| {
            let mut places = places(text);
            places.dedup();
            places
        };
        assert_eq!(once(english), once(magyar), "{name}");
    }
}

#[test]
fn both_languages_of_a_row_begin_and_end_alike() {
    for (name, [english, magyar]) in templates() {
        for edge in ['\n', ' '] {
            assert_eq!(
                english.starts_with(edge),
                magyar.starts_with(edge),
                "{name}"
            );
            assert_eq!(english.ends_with(edge), magyar.ends_with(edge), "{name}");
        }
    }
}

#[test]
fn the_english_column_is_ascii_and_no_row_holds_a_control_character() {
    for (name, texts) in templates() {
        assert!(texts[0].is_ascii(), "{name}");
        for text in texts {
            assert!(
                text.chars().all(|c| c == '\n' || !c.is_control()),
                "{text:?}"
            );
        }
    }
}

#[test]
fn every_folded_text_is_ascii_and_nothing_in_it_was_lost() {
    for (_, [_, text]) in templates() {
        let folded = fold::to_ascii(text);
        assert!(folded.is_ascii(), "{folded:?}");
        assert_eq!(
            folded.matches('?').count(),
            text.matches('?').count(),
            "{text:?}"
        );
    }
}

/// Lines of `text` that are too long, for the report of a test.
fn too_long(message: impl Debug, text: &str, columns: usize) -> Vec<String> {
    text.lines()
        .filter(|line| line.chars().count() > columns)
        .map(|line| format!("{message:?}, {} columns: {line}", line.chars().count()))
        .collect()
}

#[test]
fn every_line_fits_the_terminal() {
    let long: Vec<String> = usual_texts()
        .flat_map(|(message, _, text)| too_long(message, &text, COLUMNS))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// What an attacker may choose, as long as it can be, and numbers of three digits.
fn long(texts: Texts, name: &str) -> String {
    match name {
        "from" => "f".repeat(MAX_FROM),
        "count" => "100".to_owned(),
        _ => usual(texts, name),
    }
}

#[test]
fn a_long_name_of_a_remote_host_fits_as_well() {
    let long: Vec<String> = Message::ALL
        .iter()
        .flat_map(|&message| CARRIERS.map(|texts| (message, filled(texts, message, long))))
        .flat_map(|(message, text)| too_long(message, &text, COLUMNS))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn a_finding_is_three_paragraphs_that_fit_beside_their_labels() {
    let texts = Topic::ALL
        .iter()
        .flat_map(|&topic| CARRIERS.map(|texts| (topic, filled(texts, topic, usual))));
    let mut long = Vec::new();
    for (topic, text) in texts {
        assert_eq!(text.matches("\n\n").count(), 2, "{topic:?}");
        long.extend(too_long(topic, &text, FINDING_COLUMNS));
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_words_beside_the_qr_code_fit_there() {
    let aside: Vec<_> = usual_texts()
        .filter(|(message, ..)| format!("{message:?}").starts_with("Aside"))
        .collect();
    assert!(!aside.is_empty());
    let long: Vec<String> = aside
        .iter()
        .flat_map(|(message, _, text)| too_long(*message, text, ASIDE_COLUMNS))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_row_uses_a_word_that_people_would_have_to_learn_or_fear() {
    const FORBIDDEN: [&str; 14] = [
        "please",
        "invalid",
        "error",
        "factor",
        "hotp",
        "otp",
        "totp",
        "2fa",
        "mfa",
        "token",
        "seed",
        "kérem",
        "hiba",
        "érvénytelen",
    ];
    for (_, texts) in templates() {
        for text in texts {
            assert!(!text.contains('!'), "{text:?}");
            for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
                assert!(!FORBIDDEN.contains(&word), "{word:?} in {text:?}");
            }
        }
    }
}

#[test]
fn the_hungarian_addresses_people_by_a_word_in_one_question_only() {
    for (name, [_, text]) in templates() {
        let addressed = text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| ["Ön", "Önt", "Önnek", "Öné"].contains(&word));
        assert_eq!(addressed, name == "NotYou", "{text:?}");
    }
}

#[test]
fn no_hungarian_row_needs_an_article_that_fits_the_value() {
    for (_, [_, text]) in templates() {
        let text = text.to_lowercase();
        let words = format!(" {}", text.replace('\n', " "));
        assert!(
            !words.contains(" a {") && !words.contains(" az {"),
            "{text:?}"
        );
    }
}

#[test]
fn the_english_prompts_are_the_text_that_tools_match() {
    for unicode in [true, false] {
        let texts = carrier(Language::English, unicode);
        assert_eq!(texts.say(Message::PasswordPrompt), "Password: ");
        assert_eq!(texts.say(Message::CodePrompt), "Verification code: ");
    }
}

#[test]
fn what_is_told_with_a_refusal_stands_on_lines_of_its_own() {
    for message in [Message::Refusal, Message::PaperTypo, Message::Revoked] {
        let text = message.template(Language::English);
        assert!(text.starts_with('\n') && text.ends_with('\n'), "{text:?}");
    }
}
