//! Many at once, and processes that are killed.

use std::time::{Duration, Instant};

use super::child::{run, start};
use super::*;

/// How many write at once.
const WRITERS: u32 = 16;
/// How often a writer is killed.
const KILLS: usize = 200;

#[test]
fn no_update_of_many_threads_is_lost_and_no_reader_sees_half_of_one() {
    let scene = Scene::enrolled();
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| (0..5).for_each(|_| count_up_in_a_crowd(&scene.store()).unwrap()));
        }
        scope.spawn(|| {
            (0..500).fold(0, |last, _| {
                let units = count(&scene);
                assert!(units >= last);
                units
            })
        });
    });
    assert_eq!(count(&scene), WRITERS * 5);
}

#[test]
fn no_update_of_many_processes_is_lost() {
    let scene = Scene::enrolled();
    let children: Vec<_> = (0..WRITERS)
        .map(|_| start(&scene, "count to five"))
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(count(&scene), WRITERS * 5);
}

#[test]
fn of_many_processes_that_enroll_one_account_exactly_one_does() {
    let scene = Scene::new();
    let children: Vec<_> = (0..WRITERS)
        .map(|_| start(&scene, "race to create"))
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let names = scene.names_in(".");
    let ended = |how: &str| names.iter().filter(|name| name.starts_with(how)).count();
    assert_eq!(
        (ended("done"), ended("conflict")),
        (1, WRITERS as usize - 1)
    );
    assert_eq!(scene.names_in("accounts"), ["anna.1000"]);
}

#[test]
fn a_reader_is_not_disturbed_by_an_account_that_comes_and_goes() {
    let scene = Scene::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..50 {
                let store = scene.store();
                let done = store.replace(&anna(), Revision::ABSENT, &record(), Status::Live);
                assert_eq!(done, Ok(Replaced::Done));
                store.forget("anna").unwrap();
            }
        });
        scope.spawn(|| (0..1_000).for_each(|_| drop(scene.load().unwrap())));
        // One that has to look through all the others.
        scope.spawn(|| (0..1_000).for_each(|_| drop(scene.store().load(&bela()).unwrap())));
    });
}

/// Kills processes doing `act` at moments spread over `within`, and looks after each.
fn kill(scene: &Scene, act: &str, within: Duration, look: &mut dyn FnMut()) {
    for number in 0..KILLS {
        let mut child = start(scene, act);
        // In steps of the golden ratio: spread evenly, and never in step with anything.
        let part = (number as f64 * 0.618_034).fract();
        std::thread::sleep(within.mul_f64(part));
        child.kill().unwrap();
        child.wait().unwrap();
        look();
    }
}

/// Long enough for a child to come up and write several times.
fn some_writes() -> Duration {
    let scene = Scene::enrolled();
    let begin = Instant::now();
    run(&scene, "count to five");
    begin.elapsed()
}

#[test]
fn a_writer_may_be_killed_at_any_moment() {
    let scene = Scene::enrolled();
    let mut last = 0;
    kill(&scene, "count for ever", some_writes(), &mut || {
        let units = count(&scene);
        assert!(units >= last);
        last = units;
    });
    assert!(last > 0, "no child ever wrote");
    count_up(&scene.store()).unwrap();
    assert_eq!(count(&scene), last + 1);
    assert_eq!(scene.names_in("accounts"), ["anna.1000"]);
    assert_eq!(scene.names_in("accounts/anna.1000"), ["account.toml"]);
}

#[test]
fn a_process_that_enrolls_and_forgets_may_be_killed_at_any_moment() {
    let scene = Scene::enrolled();
    let store = scene.store();
    let mut seen = std::collections::BTreeSet::new();
    kill(&scene, "come and go for ever", some_writes(), &mut || {
        let snapshot = store.load(&bela()).unwrap();
        assert_eq!(
            snapshot.record.is_some(),
            snapshot.state.status == Status::Live
        );
        seen.insert(snapshot.state.status.word());
    });
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["live", "never"]);
    store.forget("bela").unwrap();
    let done = store.replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
    assert_eq!(done, Ok(Replaced::Done));
    assert_eq!(scene.names_in("accounts"), ["anna.1000", "bela.1002"]);
    assert_eq!(scene.names_in("accounts/bela.1002"), ["account.toml"]);
}

#[test]
fn a_file_size_limit_refuses_and_does_not_kill() {
    let scene = Scene::enrolled();
    run(&scene, "write within a file size limit");
    assert_eq!(count(&scene), 0);
    assert_eq!(scene.names_in("accounts"), ["anna.1000"]);
    assert_eq!(scene.names_in("accounts/anna.1000"), ["account.toml"]);
}

#[test]
fn a_process_without_descriptors_refuses() {
    let scene = Scene::enrolled();
    run(&scene, "read without descriptors");
    assert_eq!(count(&scene), 1);
    assert_eq!(scene.names_in("accounts/anna.1000"), ["account.toml"]);
}

#[test]
fn the_umask_is_neither_changed_nor_obeyed() {
    let scene = Scene::enrolled();
    run(&scene, "write under a closed umask");
    let mode = |name: &str| {
        let path = scene.accounts().join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!(mode("bela.1002"), 0o700);
    assert_eq!(mode("bela.1002/account.toml"), 0o600);
    assert_eq!(mode("anna.1000/account.toml"), 0o600);
}

#[test]
fn no_descriptor_is_left_open() {
    let scene = Scene::enrolled();
    run(&scene, "leave no descriptor");
}
