//! What a login shows, byte for byte: the language, the letters and the prompts of kapu.toml.

use std::fs;

use kapu_tests::{Outcome, PASSWORD, Prompt, SECRET, Site, code_at, moment_with, wrong_code};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
/// Columns of a line: a terminal of 80, and its last column free.
const COLUMNS: usize = 79;
/// Longer than any address that sshd names.
const LONG_ADDRESS: &str = "2001:0db8:1234:5678:9abc:def0:1234:5678";

/// A refused login and a good one behind it, at a site with these lines in `[texts]`.
fn refused_and_accepted(texts: &str) -> [Outcome; 2] {
    let site = Site::with(&format!("[texts]\n{texts}"));
    site.enroll(site.user());
    let now = moment_with(2 * ONE_LOGIN);
    [wrong_code(SECRET, now), code_at(SECRET, now)].map(|code| {
        site.attempt()
            .from(LONG_ADDRESS)
            .answers([PASSWORD, &code])
            .run()
    })
}

/// Texts and prompts as pam-try prints them: a byte that is not printable ASCII as `\xNN`.
fn escaped(texts: &[Prompt]) -> Vec<&str> {
    texts.iter().map(|text| text.0.as_str()).collect()
}

/// Asserts that the bytes of everything shown are ASCII, in lines that fit the terminal.
#[track_caller]
fn assert_plain(outcome: &Outcome) {
    for shown in outcome.prompts.iter().chain(&outcome.texts) {
        assert!(!shown.0.contains("\\x"), "{shown:?}");
        let (_, text) = shown.0.split_once(' ').expect("its style stands in front");
        for line in text.split("\\n") {
            assert!(line.len() <= COLUMNS, "{} columns: {line}", line.len());
        }
    }
}

#[test]
fn english_is_ascii_and_the_default() {
    let [refused, accepted] = refused_and_accepted("");
    assert_plain(&refused);
    assert_plain(&accepted);
    assert_eq!(
        escaped(&refused.prompts),
        ["hidden Password: ", "hidden Verification code: "]
    );
    assert_eq!(
        escaped(&refused.texts),
        [
            "info \\nThose details are not correct. Each code works once: use a new one.\\n\
          Phone lost? Type the revocation code in place of the code.\\n"
        ]
    );
    assert_eq!(accepted.texts.len(), 1, "a notice of the wrong code");
}

#[test]
fn hungarian_is_folded_to_ascii_where_nobody_says_otherwise() {
    let [refused, accepted] = refused_and_accepted("language = \"hu\"\n");
    assert_plain(&refused);
    assert_plain(&accepted);
    assert_eq!(
        escaped(&refused.prompts),
        ["hidden Jelszo: ", "hidden Hitelesito kod: "]
    );
    assert_eq!(
        escaped(&refused.texts),
        [
            "info \\nAz adatok nem megfelelok. Minden kod csak egyszer hasznalhato: irjon be ujat.\\n\
          Elveszett a telefon? A kod helyere irja a torlokodot.\\n"
        ]
    );
    assert!(
        accepted.texts[0]
            .0
            .contains("Nem On volt? Akkor valaki ismeri a jelszavat.")
    );
}

#[test]
fn hungarian_has_its_accents_where_letters_outside_ascii_are_allowed() {
    let [refused, accepted] = refused_and_accepted("language = \"hu\"\nunicode = true\n");
    let [password, code] = ["Jelszó: ", "Hitelesítő kód: "]
        .map(|prompt| format!("hidden {}", prompt.as_bytes().escape_ascii()));
    assert_eq!(escaped(&refused.prompts), [password, code]);
    let text = "A kód helyére írja a törlőkódot."
        .as_bytes()
        .escape_ascii()
        .to_string();
    assert!(refused.texts[0].0.contains(&text), "{:?}", refused.texts);
    assert!(accepted.is_accepted());
}

#[test]
fn a_site_has_its_own_prompts() {
    let [refused, accepted] = refused_and_accepted(
        "language = \"hu\"\npassword-prompt = \"Jelszava? \"\ncode-prompt = \"Kodja? \"\n",
    );
    for outcome in [&refused, &accepted] {
        assert_eq!(
            escaped(&outcome.prompts),
            ["hidden Jelszava? ", "hidden Kodja? "]
        );
    }
    assert!(accepted.is_accepted());
}

/// Asserts that a login is not even begun with these lines in `[texts]`.
#[track_caller]
fn assert_not_accepted(texts: &str) {
    let site = Site::new();
    let good = fs::read_to_string(site.configuration()).expect("the configuration");
    site.write("kapu.toml", &format!("{good}[texts]\n{texts}"));
    site.log_in(PASSWORD, "000000").assert_unavailable("config");
}

#[test]
fn a_prompt_outside_ascii_needs_the_letters_to_be_allowed() {
    let prompt = "password-prompt = \"Jelszó: \"\n";
    assert_not_accepted(prompt);
    let [refused, accepted] = refused_and_accepted(&format!("unicode = true\n{prompt}"));
    let password = format!("hidden {}", "Jelszó: ".as_bytes().escape_ascii());
    assert_eq!(
        escaped(&refused.prompts),
        [password.as_str(), "hidden Verification code: "]
    );
    assert!(accepted.is_accepted());
}

#[test]
fn the_same_prompt_for_both_questions_is_not_accepted() {
    // Whoever answers could not tell which is asked.
    assert_not_accepted("password-prompt = \"Code: \"\ncode-prompt = \"Code: \"\n");
}
