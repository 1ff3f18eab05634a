//! Names in rules: those that the host knows, does not know, calls otherwise, or cannot tell.

use super::*;
use crate::ports::{Trouble, TroubleKind};
use crate::username::Account;
use crate::verdict::Who;

/// Knows anna (typed ANNA as well), bela, and the groups staff and guests; of names with a "?" it
/// does not know now.
struct Few;

impl Directory for Few {
    fn resolve(&self, user: &str) -> Who {
        let account = |name: &str| Account {
            name: name.to_owned(),
            uid: 1000,
        };
        match user {
            "anna" | "ANNA" => Who::Known(account("anna")),
            "bela" => Who::Known(account("bela")),
            _ if user.contains('?') => Who::Unresolved(Trouble::new(TroubleKind::Names, "gone")),
            _ => Who::Unknown,
        }
    }

    fn has_group(&self, group: &str) -> Option<bool> {
        (!group.contains('?')).then(|| ["staff", "guests"].contains(&group))
    }
}

fn names(text: &str) -> Names {
    let host = FakeHost::at(NOON);
    host.groups
        .borrow_mut()
        .extend([("staff", Some(true)), ("guests", Some(false))]);
    of_names(&config(text), &host, &Few)
}

#[track_caller]
fn only(text: &str, topic: Topic, gravity: Gravity) {
    let names = names(text);
    assert_eq!(summary(&names.findings), [(topic, gravity)], "{text}");
    assert!(!names.unanswered);
}

fn rule(says: &str, lists: &str) -> String {
    let says = match says {
        "required" | "exempt" => format!("code = \"{says}\""),
        day => format!("code-required-from = \"{day}\""),
    };
    format!("[[rule]]\n{says}\n{lists}\n")
}

/// Until a day in February nobody needs a code.
const ROLLOUT: &str = "[rollout]\ncode-required-from = \"2027-02-05\"\n";

#[test]
fn names_that_the_host_knows_are_no_finding() {
    let names = names(&rule(
        "exempt",
        "users = [\"anna\", \"bela\"]\ngroups = [\"staff\"]",
    ));
    assert!(names.findings.is_empty() && !names.unanswered);
}

#[test]
fn what_the_database_cannot_tell_is_no_finding_and_is_said() {
    for list in ["users = [\"dora?\"]", "groups = [\"ldap?\"]"] {
        let names = names(&rule("exempt", list));
        assert!(names.findings.is_empty() && names.unanswered, "{list}");
    }
}

#[test]
fn a_rule_for_a_user_who_is_not_there_is_as_grave_as_what_comes_after_it() {
    let user = "users = [\"anan\"]";
    let topic = Topic::UserUnknown;
    only(&rule("exempt", user), topic, Gravity::Lockout);
    only(&rule("2027-02-01", user), topic, Gravity::Lockout);
    only(&rule("required", user), topic, Gravity::Note);
    only(
        &format!("{ROLLOUT}{}", rule("required", user)),
        topic,
        Gravity::Danger,
    );
    let later = rule("required", user) + &rule("exempt", "users = [\"anna\"]");
    only(&later, topic, Gravity::Danger);
    // One before it has had its turn.
    let earlier = rule("exempt", "users = [\"anna\"]") + &rule("required", user);
    only(&earlier, topic, Gravity::Note);
    // A later rule about other services is about other logins.
    let services = "services = [\"sshd\"]\nusers = [\"anan\"]";
    let later = rule("required", services) + &rule("exempt", "services = [\"login\"]");
    only(&later, topic, Gravity::Note);
}

#[test]
fn a_user_is_compared_by_the_name_that_the_host_gives() {
    let names = names(&rule("exempt", "users = [\"ANNA\"]"));
    let expected = [(Topic::UserOtherwiseCalled, Gravity::Lockout)];
    assert_eq!(summary(&names.findings), expected);
    let values = [("user", "ANNA".to_owned()), ("name", "anna".to_owned())];
    assert_eq!(names.findings[0].values, values);
}

#[test]
fn a_group_that_is_not_there_exempts_nobody() {
    let group = "groups = [\"staff\", \"stuff\"]";
    let topic = Topic::GroupExemptsNobody;
    only(&rule("exempt", group), topic, Gravity::Lockout);
    let all = rule("exempt", group) + &rule("exempt", "services = [\"login\"]");
    only(&all, topic, Gravity::Lockout);
}

#[test]
fn a_group_that_is_not_there_holds_everybody_where_a_code_is_required() {
    let group = "groups = [\"stuff\"]";
    let topic = Topic::GroupHoldsEverybody;
    only(&rule("required", group), topic, Gravity::Note);
    only(
        &format!("{ROLLOUT}{}", rule("required", group)),
        topic,
        Gravity::Lockout,
    );
    only(&rule("2026-01-01", group), topic, Gravity::Note);
    // From its day on the rule lets people set up on the password, which nothing after it does.
    only(&rule("2027-01-10", group), topic, Gravity::Danger);
}

#[test]
fn a_group_that_is_not_there_holds_nobody_until_the_day_of_the_rule() {
    let group = "groups = [\"stuff\"]";
    let topic = Topic::GroupUntilDay;
    only(&rule("2027-02-01", group), topic, Gravity::Lockout);
    only(
        &format!("{ROLLOUT}{}", rule("2027-02-01", group)),
        topic,
        Gravity::Danger,
    );
    only(
        &format!("{ROLLOUT}{}", rule("2027-03-01", group)),
        topic,
        Gravity::Lockout,
    );
}

#[test]
fn users_none_of_whom_is_in_a_group_of_the_rule_are_nobody() {
    let topic = Topic::RuleAboutNobody;
    let nobody = "users = [\"anna\", \"bela\"]\ngroups = [\"guests\"]";
    only(&rule("exempt", nobody), topic, Gravity::Lockout);
    only(&rule("required", nobody), topic, Gravity::Note);
    let somebody = "users = [\"anna\"]\ngroups = [\"guests\", \"staff\"]";
    assert!(names(&rule("exempt", somebody)).findings.is_empty());
    // Of who or what is not known nothing is said.
    for unknown in [
        "users = [\"dora?\"]\ngroups = [\"guests\"]",
        "users = [\"anna\"]\ngroups = [\"guests\", \"ldap?\"]",
    ] {
        assert!(
            names(&rule("exempt", unknown)).findings.is_empty(),
            "{unknown}"
        );
    }
}
