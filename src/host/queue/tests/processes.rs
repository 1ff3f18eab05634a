//! Processes that wait for turns, are stopped and are killed: this test program started again.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::umask;
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

use super::*;
use crate::in_child;

/// Names the queue and the act to a child.
const SCENE: &str = "KAPU_TEST_QUEUE";
const ACT: &str = "KAPU_TEST_QUEUE_ACT";

/// A process that does something in the queue of a scene, killed with this.
struct Worker {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Worker {
    fn start(scratch: &Scratch, act: &str) -> Self {
        scratch.accounts();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["queue::tests::processes::acts", "--exact", "--nocapture"])
            .env(SCENE, scratch.path())
            .env(ACT, act)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let says = BufReader::new(child.stdout.take().unwrap());
        Self { child, says }
    }

    /// A process that has a turn and keeps it.
    fn with_a_turn(scratch: &Scratch) -> Self {
        let mut worker = Self::start(scratch, "hold");
        let mut line = String::new();
        while !line.contains("has a turn") {
            line.clear();
            assert_ne!(worker.says.read_line(&mut line).unwrap(), 0);
        }
        worker
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        kill(pid, signal).unwrap();
    }

    /// What it said until it ended well.
    fn end(mut self) -> String {
        let mut said = String::new();
        self.says.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The other end of [`Worker`]: no test of its own.
#[test]
fn acts() {
    let (Some(scene), Ok(act)) = (std::env::var_os(SCENE), std::env::var(ACT)) else {
        return;
    };
    let queue = queue_in(Path::new(&scene), 2, LONG);
    match act.as_str() {
        "pass" => {
            let turn = queue.turn_from(FLOOD).unwrap();
            let came = now();
            thread::sleep(WORK);
            let went = now();
            drop(turn);
            println!("\nstay {came} {went}");
        }
        "hold" => {
            let _turn = queue.turn_from(FLOOD).unwrap();
            println!("\nhas a turn");
            thread::sleep(LONG);
        }
        "make everything under a closed umask" => {
            umask(Mode::from_bits_truncate(0o777));
            drop(queue.turn_from(FLOOD).unwrap());
            assert_eq!(umask(Mode::empty()).bits(), 0o777);
        }
        other => panic!("no act {other}"),
    }
}

/// A clock that all processes share, in nanoseconds.
fn now() -> u128 {
    let time: Duration = clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap().into();
    time.as_nanos()
}

/// When a worker had its turn.
fn stay(said: &str) -> (u128, u128) {
    let line = said.lines().find_map(|line| line.strip_prefix("stay "));
    let (came, went) = line.unwrap().split_once(' ').unwrap();
    (came.parse().unwrap(), went.parse().unwrap())
}

#[test]
fn of_twelve_processes_at_most_two_are_ever_inside() {
    let scratch = Scratch::new();
    // They also make the directory and its files together.
    let workers: Vec<_> = (0..12).map(|_| Worker::start(&scratch, "pass")).collect();
    let stays: Vec<_> = workers
        .into_iter()
        .map(|worker| stay(&worker.end()))
        .collect();
    let inside_at = |moment| {
        let is_inside = |(came, went): &&(u128, u128)| *came <= moment && moment < *went;
        stays.iter().filter(is_inside).count()
    };
    let most = stays.iter().map(|(came, _)| inside_at(*came)).max();
    assert_eq!(most, Some(2));
}

#[test]
fn the_turns_of_killed_processes_are_free_at_once() {
    let scratch = Scratch::new();
    let mut workers = [Worker::with_a_turn(&scratch), Worker::with_a_turn(&scratch)];
    assert_full(queue(&scratch, 2, SHORT).turn_from(OTHER));
    for worker in &mut workers {
        worker.child.kill().unwrap();
        worker.child.wait().unwrap();
    }
    let queue = queue(&scratch, 2, Duration::ZERO);
    let _one = queue.turn_from(OTHER).unwrap();
    let _two = queue.turn_from(OTHER).unwrap();
}

#[test]
fn behind_stopped_processes_others_run_into_the_deadline_and_no_further() {
    let scratch = Scratch::new();
    let workers = [Worker::with_a_turn(&scratch), Worker::with_a_turn(&scratch)];
    for worker in &workers {
        worker.signal(Signal::SIGSTOP);
    }
    let begin = Instant::now();
    assert_full(queue(&scratch, 2, SHORT).turn_from(OTHER));
    assert!((SHORT..LONG).contains(&begin.elapsed()));
}

#[test]
fn the_umask_of_the_host_neither_counts_nor_changes() {
    let scratch = Scratch::new();
    Worker::start(&scratch, "make everything under a closed umask").end();
    let made = fs::metadata(scratch.path().join(DIRECTORY)).unwrap();
    assert_eq!(made.permissions().mode() & 0o7777, 0o700);
    assert!(queue(&scratch, 2, SHORT).turn_from(FLOOD).is_ok());
}

#[test]
fn no_descriptor_stays_and_none_is_inherited() {
    let test = "queue::tests::processes::no_descriptor_stays_and_none_is_inherited";
    in_child::run(test, || {
        let scratch = Scratch::new();
        let (before, inherited) = (descriptors(), inherited());
        let (short, other) = (
            queue(&scratch, 2, Duration::ZERO),
            queue(&scratch, 1, SHORT),
        );
        let turn = short.turn_from(OTHER).unwrap();
        assert!(descriptors() > before);
        assert_eq!(self::inherited(), inherited);
        assert_full(other.turn_from(FLOOD));
        drop(turn);
        drop(other.turn(None).unwrap());
        // With them goes the directory of accounts, which they hold open.
        drop((short, other));
        assert_eq!(descriptors(), before);
    });
}

/// Open descriptors of this process; no other thread of it opens any here.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

/// The descriptors that a program started now would have.
fn inherited() -> String {
    let list = Command::new("ls").arg("/proc/self/fd").output().unwrap();
    assert!(list.status.success());
    String::from_utf8(list.stdout).unwrap()
}
