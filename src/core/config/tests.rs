//! What whole files mean, and the bounds of each key.

mod faults;
mod manual;

use super::*;
use crate::network::Network;
use crate::rule::Says;

const SHIPPED: &str = include_str!("../../../conf/kapu.toml");
const EXAMPLE: &str = include_str!("../../../conf/kapu.toml.example");

/// A value for every key, none of them the default.
const ALL_CHANGED: &str = r#"
[site]
issuer = "Ügyfélkapu+"
contact = "Béla, 112"
[texts]
language = "hu"
unicode = true
password-prompt = "Jelszó? "
code-prompt = "Kód? "
hint = false
[login]
password = "system"
sshd-services = ["sshd", "ssh_2.inner"]
window = 2
remember-place-for = "8h"
[rollout]
code-required-from = 2027-01-16
enroll-until = "2027-03-31"
[enroll]
at-login = false
services = ["login"]
time-limit = 300
invitation-valid = 30
recovery-codes = 0
algorithm = "SHA256"
digits = 8
period = 60
max-tokens = 16
[throttle]
disable-after = 30
[password]
min-length = 15
memory-kib = 65_536
passes = 0xA
simultaneous = 3
[store]
path = "/srv/kapu/..accounts"
host-key = "/srv/kapu/key"
"#;

/// Rules stand after everything else, and one has a list of each kind.
const RULES: &str = r#"
[[rule]]
name = "automation at home"
services = ["sshd"]
users = ["backup", "anna@corp"]
groups = ["automation"]
networks = ["192.0.2.0/24", "2001:db8::/32"]
code = "exempt"
[[rule]]
groups = ["Domain Users"]
code-required-from = "2027-02-01"
[[rule]]
users = ["root"]
code-required-from = "always"
"#;

/// `(section, key)` of every key.
fn every_key() -> Vec<(&'static str, &'static str)> {
    let mut section = "";
    let mut keys = Vec::new();
    for line in ALL_CHANGED.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ") {
            keys.push((section, key));
        }
    }
    keys
}

fn complaint(text: &str) -> String {
    Config::parse(text).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(Config::parse(""), Ok(Config::default()));
    assert_eq!(
        Config::parse("\u{feff}# nothing\r\n[site]\r\n"),
        Ok(Config::default())
    );
}

#[test]
fn every_key_changes_its_setting() {
    let config = Config {
        site: SiteConfig {
            issuer: Some("Ügyfélkapu+".to_owned()),
            contact: Some("Béla, 112".to_owned()),
        },
        texts: TextsConfig {
            language: Language::Hungarian,
            unicode: true,
            password_prompt: Some("Jelszó? ".to_owned()),
            code_prompt: Some("Kód? ".to_owned()),
            hint: false,
        },
        login: LoginConfig {
            password: PasswordMode::System,
            sshd_services: vec!["sshd".to_owned(), "ssh_2.inner".to_owned()],
            window: 2,
            remember_place_for: Some(std::time::Duration::from_secs(8 * 3600)),
        },
        rollout: RolloutConfig {
            start: Start::From(day("2027-01-16")),
            enroll_until: Some(day("2027-03-31")),
        },
        enroll: EnrollConfig {
            at_login: false,
            services: vec!["login".to_owned()],
            time_limit: 300,
            invitation_days: 30,
            recovery_codes: 0,
            shape: CodeShape {
                algorithm: Algorithm::Sha256,
                digits: 8,
                moving: MovingFactor::Time { period: 60 },
            },
            max_tokens: 16,
        },
        throttle: ThrottleConfig { disable_after: 30 },
        password: PasswordConfig {
            min_length: 15,
            memory_kib: 65_536,
            passes: 10,
            simultaneous: NonZeroUsize::new(3),
        },
        store: StoreConfig {
            path: "/srv/kapu/..accounts".to_owned(),
            host_key: "/srv/kapu/key".to_owned(),
        },
        rules: Vec::new(),
        written: 0,
    };
    assert_eq!(Config::parse(ALL_CHANGED), Ok(config));
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

#[test]
fn rules_are_read_in_their_order() {
    let config = Config::parse(&format!("{ALL_CHANGED}{RULES}")).unwrap();
    let [first, second, third] = &config.rules[..] else {
        panic!("{:?}", config.rules)
    };
    assert_eq!(first.name.as_deref(), Some("automation at home"));
    assert_eq!(first.services, ["sshd"]);
    assert_eq!(first.users, ["backup", "anna@corp"]);
    assert_eq!(first.groups, ["automation"]);
    let networks = ["192.0.2.0/24", "2001:db8::/32"].map(|text| Network::parse(text).unwrap());
    assert_eq!(first.networks, networks);
    assert_eq!(first.says, Says::Exempt);
    assert_eq!(second.groups, ["Domain Users"]);
    assert_eq!(second.says, Says::RequiredFrom(day("2027-02-01")));
    assert_eq!(third.says, Says::Required);
}

#[test]
fn a_rule_says_one_thing_and_an_exemption_by_network_names_its_services() {
    for (rule, complaint_of_it) in [
        (
            "users = [\"anna\"]",
            "line 2: [rule] code: expected either code or code-required-from",
        ),
        (
            "code = \"exempt\"\ncode-required-from = \"always\"",
            "line 3: [rule] code: expected either code or code-required-from",
        ),
        (
            "networks = [\"10.0.0.0/8\"]\ncode = \"exempt\"",
            "line 3: [rule] networks: expected services beside networks, where a rule exempts",
        ),
        (
            "networks = [\"10.0.0.1/8\"]\ncode = \"required\"",
            "line 3: [rule] networks: expected a list of at most 64 networks such as \
             \"192.0.2.0/24\" or \"2001:db8::/32\"",
        ),
        (
            "users = [\"\"]\ncode = \"required\"",
            "line 3: [rule] users: expected a list of at most 64 user names",
        ),
    ] {
        assert_eq!(complaint(&format!("\n[[rule]]\n{rule}\n")), complaint_of_it);
    }
    let many = "[[rule]]\ncode = \"required\"\n".repeat(MAX_RULES + 1);
    assert!(complaint(&many).ends_with("expected at most 64 of them"));
    assert!(complaint("[rule]\n").contains("each written [[rule]]"));
}

#[test]
fn a_day_is_one_that_exists() {
    let expected = "\"always\", or a day such as \"2027-01-16\"";
    for bad in [
        "\"2027-02-30\"",
        "\"\"",
        "\"tomorrow\"",
        "7",
        "2027-01-16T00:00:00Z",
    ] {
        let text = format!("[rollout]\ncode-required-from = {bad}\n");
        let complaint = complaint(&text);
        assert_eq!(
            complaint,
            format!("line 2: [rollout] code-required-from: expected {expected}"),
            "{bad}"
        );
    }
}

#[test]
fn the_shipped_file_sets_five_keys_to_their_defaults() {
    assert_eq!(Config::parse(SHIPPED), Ok(Config::default()));
    let keys = SHIPPED
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with('#'));
    assert_eq!(keys.count(), 5);
}

#[test]
fn the_example_shows_every_key_with_its_default() {
    assert_eq!(Config::parse(EXAMPLE), Ok(Config::default()));
    // A key is commented out by a bare mark, prose by a mark and a blank.
    let uncommented: String = EXAMPLE
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| line.trim_start_matches('#').to_owned() + "\n")
        .collect();
    assert_eq!(Config::parse(&uncommented), Ok(Config::default()));
    let mut rest = uncommented.as_str();
    for (section, key) in every_key() {
        rest = rest
            .find(&format!("\n{key} = "))
            .map(|at| &rest[at + 1..])
            .unwrap_or_else(|| {
                panic!(
                    "[{section}] {key} is not in the example, or not in the order of the sections"
                )
            });
    }
    assert_eq!(uncommented.matches(" = ").count(), every_key().len());
}

/// Section, key, least and most of every number.
const BOUNDS: [(&str, &str, i64, i64); 12] = [
    ("login", "window", 1, 2),
    ("enroll", "time-limit", 120, 600),
    ("enroll", "invitation-valid", 1, 30),
    ("enroll", "recovery-codes", 0, 32),
    ("enroll", "digits", 6, 8),
    ("enroll", "period", 15, 120),
    ("enroll", "max-tokens", 1, 16),
    ("throttle", "disable-after", 30, 300),
    ("password", "min-length", 8, 64),
    ("password", "memory-kib", 8192, 1_048_576),
    ("password", "passes", 1, 10),
    ("password", "simultaneous", 0, 64),
];

#[test]
fn numbers_keep_to_their_bounds() {
    for (section, key, low, high) in BOUNDS {
        let with = |value: &str| Config::parse(&format!("[{section}]\n\n{key} = {value}\n"));
        assert!(
            with(&low.to_string()).is_ok() && with(&high.to_string()).is_ok(),
            "{key}"
        );
        let expected = format!("line 3: [{section}] {key}: expected a number from {low} to {high}");
        let too_low = (low - 1).to_string();
        let too_high = (high + 1).to_string();
        let wrapped = (low + (1_i64 << 32)).to_string();
        let huge = "9".repeat(40);
        for bad in [
            &too_low, &too_high, &wrapped, &huge, "1.0", "\"9\"", "[9]", "true",
        ] {
            assert_eq!(with(bad).unwrap_err().to_string(), expected, "{bad}");
        }
    }
}

#[test]
fn words_are_those_of_the_list() {
    assert_eq!(
        complaint("[texts]\nlanguage = \"HU\"\n"),
        "line 2: [texts] language: expected \"en\" or \"hu\""
    );
    assert_eq!(
        complaint("[login]\npassword = \"\"\n"),
        "line 2: [login] password: expected \"own\", \"system\" or \"elsewhere\""
    );
    assert_eq!(
        complaint("[enroll]\nalgorithm = 1\n"),
        "line 2: [enroll] algorithm: expected \"SHA1\", \"SHA256\" or \"SHA512\""
    );
    assert_eq!(
        complaint("[texts]\nunicode = \"true\"\n"),
        "line 2: [texts] unicode: expected true or false"
    );
}

#[test]
fn services_are_a_list_of_names_in_lower_case() {
    let with = |value: &str| Config::parse(&format!("[login]\nsshd-services = {value}\n"));
    let services = |value: &str| with(value).map(|config| config.login.sshd_services);
    assert_eq!(services("[]"), Ok(Vec::new()));
    assert_eq!(
        services("['a',\n'b']"),
        Ok(vec!["a".to_owned(), "b".to_owned()])
    );
    let many = |count: usize| format!("[{}]", "'sshd',".repeat(count));
    assert!(with(&many(16)).is_ok());
    let long = |length: usize| format!("['{}']", "x".repeat(length));
    assert!(with(&long(64)).is_ok());
    for bad in [
        "'sshd'",
        "[1]",
        "[['sshd']]",
        "['']",
        "['SSHD']",
        "['a/b']",
        "['a b']",
        &many(17),
        &long(65),
    ] {
        assert_eq!(
            with(bad).unwrap_err().to_string(),
            "line 2: [login] sshd-services: expected a list of at most 16 PAM services in lower case",
            "{bad}"
        );
    }
}

#[test]
fn texts_are_one_line_and_not_too_long() {
    let ascii_only = ", all of them ASCII unless [texts] unicode = true";
    let limits = [
        ("[site]", "issuer", 64, ", without ':'"),
        ("[site]", "contact", 200, ""),
        ("[texts]\nunicode = true", "password-prompt", 60, ascii_only),
        ("[texts]\nunicode = true", "code-prompt", 60, ascii_only),
    ];
    for (above, key, max, but) in limits {
        let with = |value: &str| Config::parse(&format!("{above}\n{key} = {value}\n"));
        assert!(with(&format!("'{}'", "ő".repeat(max))).is_ok(), "{key}");
        let long = format!("'{}'", "x".repeat(max + 1));
        for bad in [
            long.as_str(),
            r#""a\nb""#,
            r#""\u001b[2J""#,
            r#""\u009b""#,
            "5",
            "true",
        ] {
            let error = with(bad).unwrap_err();
            assert!(
                error.key.as_deref().is_some_and(|name| name.ends_with(key)),
                "{key} {bad}"
            );
            assert_eq!(
                error.expected,
                format!("one line of at most {max} characters{but}")
            );
        }
    }
}

#[test]
fn an_empty_text_is_the_same_as_none() {
    let empty = "[site]\nissuer = \"\"\n[texts]\npassword-prompt = \"\"\ncode-prompt = \"\"\n";
    assert_eq!(Config::parse(empty), Ok(Config::default()));
}

#[test]
fn an_issuer_has_no_colon() {
    assert_eq!(
        complaint("[site]\nissuer = \"a:b\"\n"),
        "line 2: [site] issuer: expected one line of at most 64 characters, without ':'"
    );
    assert!(Config::parse("[site]\ncontact = \"https://help\"\n").is_ok());
}

#[test]
fn prompts_are_ascii_unless_the_dialog_may_hold_more_wherever_that_is_written() {
    let prompt = "[texts]\ncode-prompt = \"Kód: \"\n";
    assert_eq!(
        complaint(prompt),
        "line 2: [texts] code-prompt: expected one line of at most 60 characters, \
         all of them ASCII unless [texts] unicode = true"
    );
    assert!(Config::parse(&format!("{prompt}unicode = true\n")).is_ok());
    // Texts other than prompts are folded to ASCII when they are shown.
    assert!(Config::parse("[site]\ncontact = \"Béla\"\n").is_ok());
}

#[test]
fn the_two_prompts_differ() {
    assert_eq!(
        complaint("[texts]\ncode-prompt = \"> \"\npassword-prompt = \"> \"\n"),
        "line 2: [texts] code-prompt: expected another text than that of password-prompt"
    );
}

#[test]
fn paths_are_absolute_and_do_not_climb() {
    let expected = "expected an absolute path of at most 255 bytes, without '..'";
    let long = format!("/{}", "ő".repeat(128));
    for bad in ["", "kapu", "./kapu", "/a/../b", "/..", "/a\\u0000b", &long] {
        let text = format!("[store]\nhost-key = \"{bad}\"\n");
        assert_eq!(
            complaint(&text),
            format!("line 2: [store] host-key: {expected}"),
            "{bad}"
        );
    }
    assert_eq!(
        complaint("[store]\npath = 7\n"),
        format!("line 2: [store] path: {expected}")
    );
    assert!(Config::parse(&format!("[store]\npath = \"/{}\"\n", "x".repeat(254))).is_ok());
}
