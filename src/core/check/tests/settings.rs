//! Settings: each alone, and the nearest that is sound.

use super::*;
use crate::config::Start;
use crate::date::Date;

#[track_caller]
fn only(text: &str, topic: Topic, gravity: Gravity) -> Finding {
    let findings = of_config(&config(text), &FakeHost::at(NOON));
    assert_eq!(summary(&findings), [(topic, gravity)], "{text}");
    findings[0].clone()
}

#[track_caller]
fn nothing(text: &str) {
    assert_eq!(found(text), [], "{text}");
}

fn rollout(day: &str, more: &str) -> String {
    format!("[rollout]\ncode-required-from = \"{day}\"\n{more}")
}

#[test]
fn the_defaults_lack_a_contact_and_nothing_else() {
    nothing("");
    let findings = of_config(&Config::default(), &FakeHost::at(NOON));
    assert_eq!(summary(&findings), [(Topic::NoContact, Gravity::Note)]);
}

#[test]
fn letters_beyond_ascii_keep_some_clients_out() {
    only(
        "[texts]\nunicode = true\n",
        Topic::LettersBeyondAscii,
        Gravity::Lockout,
    );
}

#[test]
fn hashes_cheaper_than_is_advised_are_a_leak_where_they_are_kept() {
    let cost = |memory: u32, passes: u32| {
        format!("[password]\nmemory-kib = {memory}\npasses = {passes}\n")
    };
    for (memory, passes) in [(8192, 1), (19_456, 1), (12_288, 2)] {
        only(&cost(memory, passes), Topic::HashesCheap, Gravity::Leak);
        let system = "[login]\npassword = \"system\"\n";
        nothing(&format!("{system}{}", cost(memory, passes)));
    }
    for (memory, passes) in [(19_456, 2), (12_288, 3), (9216, 4), (65_536, 1)] {
        nothing(&cost(memory, passes));
    }
}

#[test]
fn hashes_must_not_take_most_of_the_memory_of_the_host() {
    let lines = "[password]\nmemory-kib = 100000\n";
    let at_once = |text: &str, at_once| {
        let finding = hashes_exceed_memory(&config(text), at_once, 1_000_000);
        finding.map(|finding| (finding.topic, finding.gravity))
    };
    let expected = (Topic::HashesExceedMemory, Gravity::Lockout);
    assert_eq!(at_once(lines, 5), None);
    assert_eq!(at_once(lines, 6), Some(expected));
    assert_eq!(
        at_once(&format!("[login]\npassword = \"elsewhere\"\n{lines}"), 6),
        None
    );
}

#[test]
fn a_short_password_is_noted_where_a_rule_lets_it_in_alone() {
    let rule = "[[rule]]\ngroups = [\"robots\"]\ncode = \"exempt\"\n";
    let long = "[password]\nmin-length = 15\n";
    only(rule, Topic::PasswordAloneShort, Gravity::Note);
    nothing(&format!("{long}{rule}"));
    nothing(&format!("[login]\npassword = \"system\"\n{rule}"));
    nothing("[[rule]]\ngroups = [\"robots\"]\ncode = \"required\"\n");
}

#[test]
fn codes_that_many_apps_do_not_know_are_noted() {
    for line in ["digits = 8", "period = 60", "algorithm = \"SHA256\""] {
        only(
            &format!("[enroll]\n{line}\n"),
            Topic::CodesUnusual,
            Gravity::Note,
        );
    }
    nothing("[enroll]\ndigits = 6\nperiod = 30\nalgorithm = \"SHA1\"\n");
}

#[test]
fn little_time_to_set_up_is_noted_where_somebody_may() {
    let limit = |seconds: u32| format!("[enroll]\ntime-limit = {seconds}\n");
    only(&limit(299), Topic::TimeShort, Gravity::Note);
    nothing(&limit(300));
    nothing(&format!("{}at-login = false\n", limit(120)));
}

#[test]
fn a_host_key_among_the_accounts_leaks_with_them() {
    let key = |path: &str| format!("[store]\npath = \"/srv/kapu\"\nhost-key = \"{path}\"\n");
    only(
        &key("/srv/kapu/host.key"),
        Topic::HostKeyInStore,
        Gravity::Leak,
    );
    only(
        &key("/srv/kapu//a/host.key"),
        Topic::HostKeyInStore,
        Gravity::Leak,
    );
    nothing(&key("/srv/kapu.key"));
}

#[test]
fn a_clock_from_before_the_file_was_written_keeps_people_out_and_tells_no_day() {
    let mut config = config(&rollout("2029-01-01", "[enroll]\nat-login = false\n"));
    config.written = NOON + 1;
    let findings = of_config(&config, &FakeHost::at(NOON));
    assert_eq!(summary(&findings), [(Topic::ClockBehind, Gravity::Lockout)]);
    let line = "written 2027-01-15 12:00, and the clock says 2027-01-15 12:00";
    assert_eq!(findings[0].place, Place::Config(line.to_owned()));
    config.written = NOON;
    config.rollout.start = Start::Always;
    assert_eq!(of_config(&config, &FakeHost::at(NOON)), []);
}

#[test]
fn a_day_to_come_without_a_way_to_set_up_keeps_people_out() {
    let day = rollout("2027-02-01", "");
    nothing(&day);
    for off in [
        "[enroll]\nat-login = false\n",
        "[enroll]\nservices = [\"login\"]\n",
        "[enroll]\nservices = []\n",
    ] {
        let finding = only(&format!("{day}{off}"), Topic::NoSetUp, Gravity::Lockout);
        assert_eq!(finding.values, [("day", "2027-02-01".to_owned())]);
        nothing(off);
        nothing(&format!("{}{off}", rollout("2027-01-15", "")));
        // A rule has its day too, and the first one counts.
        let rule = "[[rule]]\nusers = [\"anna\"]\ncode-required-from = \"2027-01-20\"\n";
        let finding = only(
            &format!("{day}{off}{rule}"),
            Topic::NoSetUp,
            Gravity::Lockout,
        );
        assert_eq!(finding.values, [("day", "2027-01-20".to_owned())]);
    }
}

#[test]
fn setting_up_must_not_end_before_the_day_on_which_it_is_needed() {
    let until = |day: &str, last: &str| rollout(day, &format!("enroll-until = \"{last}\"\n"));
    let early = until("2027-02-01", "2027-01-31");
    only(&early, Topic::SetUpEndsTooEarly, Gravity::Lockout);
    nothing(&until("2027-02-01", "2027-02-01"));
    // The day has come: who is left then is told by name.
    nothing(&until("2027-01-15", "2027-01-10"));
    let rule = "[[rule]]\nusers = [\"anna\"]\ncode-required-from = \"2027-03-01\"\n";
    let text = format!("{}{rule}", until("2027-02-01", "2027-02-20"));
    let finding = only(&text, Topic::SetUpEndsTooEarly, Gravity::Lockout);
    let line = "[rollout] enroll-until = \"2027-02-20\"; [[rule]] 1";
    assert_eq!(finding.place, Place::Config(line.to_owned()));
}

#[test]
fn a_day_that_is_more_than_a_year_away_is_noted() {
    only(&rollout("2028-01-17", ""), Topic::DayFarAway, Gravity::Note);
    nothing(&rollout("2028-01-16", ""));
    let rule = "[[rule]]\nusers = [\"anna\"]\ncode-required-from = \"2207-01-20\"\n";
    only(rule, Topic::DayFarAway, Gravity::Note);
}

#[test]
fn an_exemption_of_everybody_over_ssh_lets_people_in() {
    let rule =
        |lines: &str| format!("[password]\nmin-length = 15\n[[rule]]\ncode = \"exempt\"\n{lines}");
    for lines in [
        "",
        "services = [\"login\", \"sshd\"]",
        "users = []",
        "services = [\"sshd\"]\nnetworks = [\"192.0.2.0/24\", \"0.0.0.0/0\"]",
        "services = [\"sshd\"]\nnetworks = [\"::/0\"]",
    ] {
        only(&rule(lines), Topic::ExemptsEverybody, Gravity::Danger);
    }
    for lines in [
        "services = [\"login\"]",
        "users = [\"anna\"]",
        "groups = [\"robots\"]",
        "services = [\"sshd\"]\nnetworks = [\"192.0.2.0/24\"]",
    ] {
        nothing(&rule(lines));
    }
    let only_root = rule("users = [\"bela\", \"root\"]");
    only(&only_root, Topic::ExemptsRoot, Gravity::Danger);
    nothing(&rule("users = [\"root\"]\nservices = [\"login\"]"));
    nothing(&rule("users = [\"root\"]\ngroups = [\"robots\"]"));
}

#[test]
fn an_exemption_of_everybody_whom_an_earlier_rule_has_taken_over_ssh_exempts_nobody_there() {
    let rules = "[password]\nmin-length = 15\n[[rule]]\nservices = [\"sshd\", \"kapu-sshd\", \"kapu-sshd-key\", \"kapu-sshd-system\"]\n\
                 code = \"required\"\n[[rule]]\ncode = \"exempt\"\n";
    nothing(rules);
}

#[test]
fn days_are_those_of_the_rollout_and_of_the_rules() {
    // Guards the tests above: the day of the world they are in.
    let today = Date::of(FakeHost::at(NOON).local_time(NOON));
    assert_eq!(today.to_string(), "2027-01-15");
}
