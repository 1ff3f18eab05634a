//! What a stranger can tell of an account from a refusal: by its bytes, and by its time.

#[path = "tells/load.rs"]
mod load;
#[path = "tells/scene.rs"]
mod scene;

use std::sync::Mutex;
use std::time::Instant;

use kapu_tests::{
    Outcome, PASSWORD, SECRET, SYSTEM, Site, code_at, distinguishable, is_long, locked,
    moment_with, own_calls, traced, wrong_code,
};
use load::EXEMPT;
use scene::{Kind, Scene, name};

/// One measurement.
struct Run {
    /// Of each kind. Chance alone errs by the root of 1 / (6 samples).
    samples: usize,
    /// Best guess that a stranger may come to.
    most: f64,
    /// Measured at once, each mostly waiting for its beat: what need not be waited for one by one.
    at_once: usize,
    /// Logins beside them that wait for nothing, and take all that the machine can give.
    others: usize,
}

/// Chance errs by 0.013, and this is four such errors.
const SHORT: [Run; 1] = [Run {
    samples: 1_000,
    most: 0.55,
    at_once: 96,
    others: 0,
}];
/// Chance errs by 0.0041, and this is five such errors. The worst of 21 pairs that cannot be told apart is
/// at 0.51 mostly.
const LONG: [Run; 2] = [
    Run {
        samples: 10_000,
        most: 0.52,
        at_once: 160,
        others: 0,
    },
    Run {
        samples: 10_000,
        most: 0.52,
        at_once: 144,
        others: 8,
    },
];

/// What measures time does it one after the other: what is measured is a loaded machine, not one
/// that is late.
static TURN: Mutex<()> = Mutex::new(());

/// How well each kind is told from a wrong code, or in the long form from every other.
fn guesses(scene: &Scene, samples: usize, at_once: usize) -> Vec<(Kind, Kind, f64)> {
    let found = scene.samples(samples, at_once);
    let mut guesses = Vec::new();
    for (place, one) in scene.kinds.iter().enumerate() {
        for other in &scene.kinds[place + 1..] {
            if is_long() || *one == Kind::WrongCode {
                guesses.push((*one, *other, distinguishable(&found[one], &found[other])));
            }
        }
    }
    guesses
}

fn nobody_is_told_apart_by_time(configuration: &str) {
    let _turn = TURN.lock();
    let (kinds, runs): (&[Kind], &[Run]) = if is_long() {
        (&Kind::ALL, &LONG)
    } else {
        (&Kind::FIRST, &SHORT)
    };
    for run in runs {
        let site = Site::with(&format!("{configuration}{EXEMPT}"));
        let scene = Scene::of(site, kinds, run.samples, run.others);
        let begin = Instant::now();
        let guesses = guesses(&scene, run.samples, run.at_once);
        let (others, took) = (run.others, begin.elapsed().as_secs());
        println!("beside {others} others, in {took} s: {guesses:.3?}");
        let is_told = |found: &&(Kind, Kind, f64)| found.2 > run.most;
        let told: Vec<_> = guesses.iter().filter(is_told).collect();
        assert!(told.is_empty(), "{told:?}");
    }
}

#[test]
fn with_passwords_of_our_own_nobody_is_told_apart_by_time() {
    nobody_is_told_apart_by_time("");
}

#[test]
fn with_the_systems_passwords_nobody_is_told_apart_by_time() {
    nobody_is_told_apart_by_time(SYSTEM);
}

#[test]
fn without_the_beat_time_tells() {
    const FEW: usize = 200;
    /// Five times what chance errs by with so few.
    const SURELY: f64 = 0.65;
    let _turn = TURN.lock();
    for (configuration, others) in [("", 0), (SYSTEM, 0), (SYSTEM, 8)] {
        let site = Site::weakened("no-beat", &format!("{configuration}{EXEMPT}"));
        let scene = Scene::of(site, &Kind::FIRST, FEW, others);
        let guesses = guesses(&scene, FEW, 4);
        println!("beside {others} others: {guesses:.3?}");
        let is_told = |found: &(Kind, Kind, f64)| found.2 > SURELY;
        assert!(guesses.iter().any(is_told), "{guesses:?}");
    }
}

/// How many seconds the refusals of an unknown user and of a wrong password take while somebody has
/// taken every turn to hash, as a flood of unknown names does.
fn while_all_turns_are_taken(site: Site) -> [u64; 2] {
    let scene = Scene::of(site, &[Kind::Unknown, Kind::WrongPassword], 1, 0);
    let wrong = wrong_code(SECRET, moment_with(20));
    let seconds = |kind| {
        let line = scene.line(kind, 0, &wrong);
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        let attempt = scene.site.attempt().user(fields[1]);
        let outcome = attempt.answers([fields[2], fields[3]]).run();
        assert!(!outcome.is_accepted());
        outcome.waited.as_secs()
    };
    // The queue is made by who first needs it.
    seconds(Kind::Unknown);
    let turn = scene.site.store().with_file_name("queue").join("turn-0");
    let _taken = locked(&turn);
    [Kind::Unknown, Kind::WrongPassword].map(seconds)
}

/// A check of the system's passwords for which one turn is all there is. The section that a site's
/// configuration ends in so far is that of passwords.
fn system_with_one_turn() -> String {
    format!("simultaneous = 1\n{SYSTEM}")
}

#[test]
fn with_the_systems_passwords_nobody_waits_for_a_turn() {
    let [unknown, known] = while_all_turns_are_taken(Site::with(&system_with_one_turn()));
    assert_eq!(unknown, known);
}

#[test]
fn where_only_strangers_wait_for_a_turn_it_tells_who_they_are() {
    let site = Site::weakened("decoy-in-line", &system_with_one_turn());
    let [unknown, known] = while_all_turns_are_taken(site);
    assert!(unknown > known, "{unknown} s and {known} s");
}

/// What a person sees of each kind of refusal, and of a replay.
fn seen(site: Site) -> Vec<(String, String)> {
    let scene = Scene::of(site, &Kind::ALL, 1, 0);
    let wrong = wrong_code(SECRET, moment_with(12));
    let look = |outcome: &Outcome| {
        assert!(!outcome.is_accepted());
        format!(
            "{} {:?} {:?} {:?}",
            outcome.code(),
            outcome.prompts,
            outcome.texts,
            outcome.fail_delay
        )
    };
    let mut seen = Vec::new();
    for kind in Kind::ALL {
        let line = scene.line(kind, 0, &wrong);
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        let attempt = scene.site.attempt().user(fields[1]);
        let outcome = attempt.answers([fields[2], fields[3]]).run();
        seen.push((format!("{kind:?}"), look(&outcome)));
    }
    let code = code_at(SECRET, moment_with(12));
    let used = name(Kind::WrongPassword, 1);
    let attempt = scene.site.attempt().user(&used).answers([PASSWORD, &code]);
    assert!(attempt.run().is_accepted());
    seen.push(("Replay".to_owned(), look(&attempt.run())));
    seen
}

/// The kinds that look unlike a wrong code.
fn odd_ones(site: Site) -> Vec<String> {
    let seen = seen(site);
    let usual = &seen
        .iter()
        .find(|(kind, _)| kind == "WrongCode")
        .expect("one")
        .1;
    let odd = seen.iter().filter(|(_, look)| look != usual);
    odd.map(|(kind, look)| format!("{kind}: {look}")).collect()
}

#[test]
fn every_refusal_has_the_same_bytes() {
    for configuration in ["", SYSTEM] {
        assert_eq!(odd_ones(Site::with(configuration)), [""; 0]);
    }
}

#[test]
fn another_text_for_some_is_seen() {
    let odd = odd_ones(Site::weakened("other-text", ""));
    assert!(
        odd.iter().any(|line| line.starts_with("Unenrolled")),
        "{odd:?}"
    );
}

/// What each kind of refusal does after it has slept until its beat, by the names of its calls.
fn after_the_beat(site: Site) -> Vec<(String, Vec<String>)> {
    let scene = Scene::of(site, &Kind::ALL, 1, 0);
    let wrong = wrong_code(SECRET, moment_with(20));
    let mut done = Vec::new();
    for kind in Kind::ALL {
        let line = scene.line(kind, 0, &wrong);
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        let attempt = scene.site.attempt().user(fields[1]);
        let (inner, _) = attempt.answers([fields[2], fields[3]]).prepared();
        let trace = scene.site.path().join("trace");
        let output = traced(&inner, &trace, None).output().expect("strace runs");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("PAM_SUCCESS"));
        let calls = own_calls(&trace);
        let beat = calls
            .iter()
            .rposition(|call| call.name == "clock_nanosleep");
        let after = &calls[beat.expect("it waits for its beat") + 1..];
        // How large the heap is says nothing of an account.
        let names = after.iter().map(|call| call.name.clone());
        done.push((
            format!("{kind:?}"),
            names.filter(|name| name != "brk").collect(),
        ));
    }
    done
}

/// The kinds that do something else after the beat than a wrong code does.
fn late_ones(site: Site) -> Vec<String> {
    let done = after_the_beat(site);
    let usual = done.iter().find(|(kind, _)| kind == "WrongCode");
    let usual = &usual.expect("one").1;
    assert!(!usual.is_empty());
    let late = done.iter().filter(|(_, calls)| calls != usual);
    late.map(|(kind, calls)| format!("{kind}: {calls:?}, not {usual:?}"))
        .collect()
}

#[test]
fn after_the_beat_every_refusal_does_the_same() {
    for configuration in ["", SYSTEM] {
        assert_eq!(late_ones(Site::with(configuration)), [""; 0]);
    }
}

#[test]
fn what_is_closed_after_the_beat_is_seen() {
    let late = late_ones(Site::weakened("late-closing", ""));
    assert!(
        late.iter().any(|line| line.starts_with("Unknown")),
        "{late:?}"
    );
}
