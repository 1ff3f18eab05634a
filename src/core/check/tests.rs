//! Each finding, and what is near it and none.

mod accounts;
mod cover;
mod names;
mod settings;

use super::*;
use crate::messages::Language;
use crate::testing::{FakeHost, NOON};

/// A configuration without a word that anybody would want to know of.
const SOUND: &str = "[site]\ncontact = \"helpdesk\"\n";

/// Reads a configuration that has a contact besides this.
fn config(text: &str) -> Config {
    Config::parse(&format!("{SOUND}{text}")).unwrap()
}

/// What is found in it on 15 January 2027, by topic and gravity.
fn found(text: &str) -> Vec<(Topic, Gravity)> {
    summary(&of_config(&config(text), &FakeHost::at(NOON)))
}

fn summary(findings: &[Finding]) -> Vec<(Topic, Gravity)> {
    let of = |finding: &Finding| (finding.topic, finding.gravity);
    findings.iter().map(of).collect()
}

const ENGLISH: Texts = Texts {
    language: Language::English,
    unicode: false,
};

#[test]
fn a_finding_is_told_with_its_place_and_values_in_three_parts() {
    let finding = Finding::in_config(Topic::UserUnknown, Gravity::Danger, "[[rule]] 2")
        .with("user", "an\u{1b}na");
    let told = finding.told(&ENGLISH, "/etc/kapu/kapu.toml");
    assert_eq!(told.place, "/etc/kapu/kapu.toml: [[rule]] 2");
    assert_eq!(told.what, "No account of this host is called an?na.");
    assert_eq!(told.fix, "Mend the name, or take it out.");
    let finding = Finding::in_file(Topic::ConfigUnusable, "/a\nb: mode 0777", "chmod go= /a\nb");
    let told = finding.told(&ENGLISH, "");
    assert_eq!(
        (&*told.place, &*told.fix),
        ("/a?b: mode 0777", "chmod go= /a?b")
    );
    assert!(told.why.contains('\n') && !told.in_lines().why.contains('\n'));
}

#[test]
fn every_finding_can_be_told_with_the_values_it_is_made_with() {
    // A place without a value stays visible, and panics while testing.
    let text = "[texts]\nunicode = true\n[rollout]\ncode-required-from = \"2029-01-01\"\n\
                [enroll]\nat-login = false\n[[rule]]\ncode = \"exempt\"\n[[rule]]\ncode = \"exempt\"\n\
                [[rule]]\ncode-required-from = \"2029-01-01\"\nusers = [\"nobody\"]\n";
    let findings = of_config(&config(text), &FakeHost::at(NOON));
    assert!(findings.len() > 5);
    for finding in findings {
        let told = finding.told(&ENGLISH, "kapu.toml");
        let parts = [told.what, told.why, told.fix];
        assert!(
            parts
                .iter()
                .all(|part| !part.is_empty() && !part.contains('{'))
        );
    }
}

#[test]
fn the_worst_comes_first_and_equals_stay_in_order() {
    let finding = |gravity, line| Finding::in_config(Topic::NoContact, gravity, line);
    let mut findings = vec![
        finding(Gravity::Note, "1"),
        finding(Gravity::Leak, "2"),
        finding(Gravity::Danger, "3"),
        finding(Gravity::Leak, "4"),
        finding(Gravity::Lockout, "5"),
    ];
    sort(&mut findings);
    let order: Vec<_> = findings.iter().map(|finding| &finding.place).collect();
    let expected = ["3", "5", "2", "4", "1"].map(|line| Place::Config(line.to_owned()));
    assert_eq!(order, expected.iter().collect::<Vec<_>>());
}
