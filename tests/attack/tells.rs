//! What a stranger can tell of an account from a refusal: by its bytes, and by its time.

#[path = "tells/scene.rs"]
mod scene;

use std::sync::Mutex;

use kapu_tests::{
    Outcome, PASSWORD, SECRET, SYSTEM, Site, code_at, distinguishable, effort, is_long,
    moment_with, wrong_code,
};
use scene::{Kind, Scene, name};

/// Best guess that a stranger may come to: short form, and with ten times the samples.
const MOST: (f64, f64) = (0.55, 0.52);
/// Samples of each kind.
const SAMPLES: (usize, usize) = (1_000, 10_000);
/// Logins at once, each mostly waiting for its beat: far more load than eight.
const CROWD: usize = 96;
/// Logins at once on a quiet machine, in the long form.
const FEW: usize = 8;

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
    // One after the other: what is measured is a loaded machine, not one that is late.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    let kinds: &[Kind] = if is_long() { &Kind::ALL } else { &Kind::FIRST };
    let samples = effort(SAMPLES.0, SAMPLES.1);
    let most = if is_long() { MOST.1 } else { MOST.0 };
    let crowds: &[usize] = if is_long() { &[CROWD, FEW] } else { &[CROWD] };
    for at_once in crowds {
        let scene = Scene::of(Site::with(configuration), kinds, samples);
        let guesses = guesses(&scene, samples, *at_once);
        println!("{at_once} at once: {guesses:?}");
        let told: Vec<_> = guesses
            .iter()
            .filter(|(_, _, guess)| *guess > most)
            .collect();
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
    for configuration in ["", SYSTEM] {
        let site = Site::weakened("no-beat", configuration);
        let scene = Scene::of(site, &Kind::FIRST, 50);
        let guesses = guesses(&scene, 50, 4);
        assert!(
            guesses.iter().any(|(_, _, guess)| *guess > MOST.0),
            "{guesses:?}"
        );
    }
}

/// What a person sees of each kind of refusal, and of a replay.
fn seen(site: Site) -> Vec<(String, String)> {
    let scene = Scene::of(site, &Kind::ALL, 1);
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
