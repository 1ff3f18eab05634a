//! Rules that never decide: what is reported holds for every login, and what is reported.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config as Cases, TestRunner};

use super::super::cover::who_decide;
use super::*;
use crate::config::Start;
use crate::date::Date;
use crate::network::Network;
use crate::policy::Policy;
use crate::ports::{LocalTime, Trouble, TroubleKind};
use crate::rule::Says;
use crate::testing::ssh_login;
use crate::username::Account;
use crate::verdict::{Login, Who};

/// Lists of rules that are tried.
const LISTS: u32 = 600;
/// How many rules among them must turn out never to decide, or the test shows nothing.
const LEAST_REPORTED: u32 = 200;

const TODAY: &str = "2027-01-15";
/// Days on which people log in: today and later.
const DAYS: [&str; 4] = [TODAY, "2027-01-25", "2027-02-10", "2027-04-01"];

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn some_of(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let most = all.len();
    let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    prop_oneof![Just(Vec::new()), subsequence(all, 0..=most).prop_map(owned)]
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let says = prop_oneof![
        Just(Says::Required),
        Just(Says::Exempt),
        prop::sample::select(vec!["2027-01-10", "2027-01-20", "2027-02-01", "2027-03-01"])
            .prop_map(|text| Says::RequiredFrom(day(text))),
    ];
    let networks = some_of(&["192.0.2.0/24", "192.0.2.4", "0.0.0.0/0", "::/0"]);
    (
        some_of(&["sshd", "login"]),
        some_of(&["anna", "bela"]),
        some_of(&["staff", "guests"]),
        networks,
        says,
    )
        .prop_map(|(services, users, groups, networks, says)| Rule {
            name: None,
            services,
            users,
            groups,
            networks: networks
                .iter()
                .map(|text| Network::parse(text).unwrap())
                .collect(),
            says,
        })
}

/// Every login that the rules can tell apart.
fn logins() -> Vec<Login> {
    let known = |name: &str| {
        Who::Known(Account {
            name: name.to_owned(),
            uid: 1000,
        })
    };
    let trouble = Trouble::new(TroubleKind::Names, "gone");
    let people = [
        known("anna"),
        known("bela"),
        known("cecil"),
        Who::Unknown,
        Who::Unresolved(trouble),
    ];
    let places = [
        None,
        Some("192.0.2.4"),
        Some("192.0.2.9"),
        Some("203.0.113.1"),
        Some("2001:db8::1"),
        Some("host.example"),
    ];
    let mut logins = Vec::new();
    for service in ["sshd", "login", "cron"] {
        for who in &people {
            for rhost in places {
                logins.push(Login {
                    service: service.to_owned(),
                    who: who.clone(),
                    rhost: rhost.map(str::to_owned),
                    ..ssh_login()
                });
            }
        }
    }
    logins
}

/// Every day and everything that the host may answer about groups.
fn hosts() -> Vec<FakeHost> {
    let mut hosts = Vec::new();
    for date in DAYS {
        for staff in [Some(true), Some(false), None] {
            for guests in [Some(true), Some(false), None] {
                let host = FakeHost::at(NOON);
                host.local.set(LocalTime {
                    hour: 12,
                    ..day(date).midnight()
                });
                host.groups
                    .borrow_mut()
                    .extend([("staff", staff), ("guests", guests)]);
                hosts.push(host);
            }
        }
    }
    hosts
}

#[test]
fn without_a_rule_that_never_decides_every_login_is_decided_as_with_it() {
    let (logins, hosts) = (logins(), hosts());
    let reported = Cell::new(0);
    let mut runner = TestRunner::new(Cases::with_cases(LISTS));
    let lists = prop::collection::vec(any_rule(), 2..=4);
    let outcome = runner.run(&lists, |rules| {
        let mut with = Config {
            rules,
            ..Config::default()
        };
        with.rollout.start = Start::From(day("2027-02-05"));
        for index in 0..with.rules.len() {
            let (rule, earlier) = (&with.rules[index], &with.rules[..index]);
            if who_decide(rule, earlier, day(TODAY)).is_none() {
                continue;
            }
            reported.set(reported.get() + 1);
            let mut without = with.clone();
            without.rules.remove(index);
            for host in &hosts {
                for login in &logins {
                    let [with, without] =
                        [&with, &without].map(|config| Policy::of(config, login, host));
                    prop_assert_eq!(with, without, "{} {:?}", index, login);
                }
            }
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(reported.get() >= LEAST_REPORTED, "{}", reported.get());
}

fn rules(text: &str) -> Vec<Rule> {
    config(text).rules
}

/// Which rules decide in place of the last one.
fn deciding(text: &str) -> Option<Vec<usize>> {
    let rules = rules(text);
    let (last, earlier) = rules.split_last().unwrap();
    who_decide(last, earlier, day(TODAY))
}

fn rule(says: &str, lists: &str) -> String {
    let says = match says {
        "required" | "exempt" => format!("code = \"{says}\""),
        day => format!("code-required-from = \"{day}\""),
    };
    format!("[[rule]]\n{says}\n{lists}\n")
}

#[test]
fn a_rule_is_covered_by_one_that_asks_for_no_more_in_any_list() {
    let anna = "users = [\"anna\"]";
    let both = "users = [\"bela\", \"anna\"]";
    let lan = "services = [\"sshd\"]\nnetworks = [\"10.1.0.0/16\"]";
    let wide = "services = [\"login\", \"sshd\"]\nnetworks = [\"10.0.0.0/8\"]";
    for (first, second, expected) in [
        ("", "", true),
        ("", anna, true),
        (anna, "", false),
        (anna, anna, true),
        (both, anna, true),
        (anna, both, false),
        (anna, "groups = [\"staff\"]", false),
        (anna, "users = [\"anna\"]\ngroups = [\"staff\"]", true),
        (wide, lan, true),
        (lan, wide, false),
        (lan, "services = [\"sshd\"]", false),
    ] {
        let text = rule("exempt", first) + &rule("exempt", second);
        assert_eq!(deciding(&text).is_some(), expected, "{text}");
    }
}

#[test]
fn what_one_rule_cannot_know_may_be_left_to_a_later_one_that_may() {
    let staff = "groups = [\"staff\"]";
    for (first, second, expected) in [
        // The directory does not answer: not exempt by the one, required by the other.
        ("exempt", "required", false),
        ("required", "exempt", true),
        ("required", "required", true),
        ("exempt", "exempt", true),
        ("exempt", "2027-02-01", false),
        ("2027-02-01", "exempt", true),
        ("2027-02-01", "required", false),
        ("2027-01-15", "required", true),
        ("2027-02-01", "2027-03-01", true),
        ("2027-03-01", "2027-02-01", false),
        // Both days are over: from now on they take the same.
        ("2027-01-14", "2027-01-12", true),
    ] {
        let text = rule(first, staff) + &rule(second, staff);
        assert_eq!(deciding(&text).is_some(), expected, "{text}");
    }
    // A service is always known.
    let text = rule("exempt", "services = [\"sshd\"]") + &rule("required", "services = [\"sshd\"]");
    assert_eq!(deciding(&text), Some(vec![0]));
}

#[test]
fn several_rules_cover_one_together() {
    let text = rule("required", "users = [\"anna\"]")
        + &rule("required", "services = [\"cron\"]")
        + &rule("required", "users = [\"bela\"]")
        + &rule("exempt", "users = [\"anna\", \"bela\"]");
    assert_eq!(deciding(&text), Some(vec![0, 2]));
}

#[test]
fn a_rule_with_too_many_parts_is_looked_at_as_a_whole() {
    let names = |prefix: &str| {
        let names: Vec<_> = (0..33).map(|n| format!("\"{prefix}{n}\"")).collect();
        names.join(", ")
    };
    let lists = format!("users = [{}]\ngroups = [{}]", names("u"), names("g"));
    let many = rule("required", &lists);
    assert_eq!(deciding(&(many.clone() + &many)), Some(vec![0]));
    let halves =
        rule("required", "users = [\"u0\"]") + &rule("required", &lists.replace("\"u0\", ", ""));
    assert_eq!(deciding(&(halves + &many)), None);
}

#[test]
fn a_rule_that_never_decides_is_as_grave_as_what_decides_instead() {
    let long = "[password]\nmin-length = 15\n";
    let login = "services = [\"login\"]";
    for (first, second, topic, gravity) in [
        (
            "exempt",
            "required",
            Topic::RuleCoveredByLess,
            Gravity::Danger,
        ),
        (
            "exempt",
            "2027-02-01",
            Topic::RuleCoveredByLess,
            Gravity::Danger,
        ),
        (
            "2027-02-01",
            "required",
            Topic::RuleCoveredByLess,
            Gravity::Danger,
        ),
        (
            "2027-03-01",
            "2027-02-01",
            Topic::RuleCoveredByLess,
            Gravity::Danger,
        ),
        (
            "required",
            "exempt",
            Topic::RuleCoveredByMore,
            Gravity::Lockout,
        ),
        (
            "required",
            "2027-02-01",
            Topic::RuleCoveredByMore,
            Gravity::Lockout,
        ),
        (
            "required",
            "required",
            Topic::RuleCoveredBySame,
            Gravity::Note,
        ),
        (
            "required",
            "2026-01-01",
            Topic::RuleCoveredBySame,
            Gravity::Note,
        ),
    ] {
        let text = format!("{long}{}{}", rule(first, login), rule(second, login));
        let findings = of_config(&config(&text), &FakeHost::at(NOON));
        assert_eq!(summary(&findings), [(topic, gravity)], "{first} {second}");
        assert_eq!(findings[0].place, Place::Config("[[rule]] 2".to_owned()));
        assert_eq!(findings[0].values, [("others", "[[rule]] 1".to_owned())]);
    }
}

#[test]
fn of_several_that_decide_the_most_lenient_counts() {
    let text = "[password]\nmin-length = 15\n".to_owned()
        + &rule("required", "services = [\"login\"]")
        + &rule("exempt", "services = [\"cron\"]\nname = \"jobs\"")
        + &rule("2027-02-01", "services = [\"login\", \"cron\"]");
    let findings = of_config(&config(&text), &FakeHost::at(NOON));
    let expected = [(Topic::RuleCoveredByLess, Gravity::Danger)];
    assert_eq!(summary(&findings), expected);
    let others = "[[rule]] 1, [[rule]] 2 (jobs)".to_owned();
    assert_eq!(findings[0].values, [("others", others)]);
}
