//! Threads that go on one visible step at a time, in every order there is.
//!
//! Each thread stops before each step of [`steps`]. Once all have stopped, one is chosen to take
//! its step and go on to its next one; so nothing ever happens at the same time, and a list of
//! choices is a whole run, which can be had again. All lists are tried, the last choice first.
//!
//! Of two orders that differ only in steps that do not touch each other one is enough (sleep sets:
//! P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996). What else
//! is left out changes nothing that anybody could see: a thread that waits for a lock that is
//! held is not chosen, and a lock is given back as soon as its holder wants to, since only those
//! who wait for it can tell. What is written beside a document is seen by nobody else while locks
//! hold. Where no account comes or goes, looking one up can be done at any time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::steps::{self, Step};

/// What a run leaves out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    /// Locks are had at once, whoever holds them: a bug that the run must show.
    pub(super) without_locks: bool,
    /// No account is created or forgotten.
    pub(super) accounts_stay: bool,
}

/// The choices of one run, and which runs are still to come.
#[derive(Default)]
pub(super) struct Choices {
    /// Which was chosen of how many.
    made: Vec<(usize, usize)>,
    depth: usize,
}

impl Choices {
    fn choose(&mut self, of: usize) -> usize {
        if self.depth == self.made.len() {
            self.made.push((0, of));
        }
        let (chosen, before) = self.made[self.depth];
        assert_eq!(of, before, "the same choices make the same run");
        self.depth += 1;
        chosen
    }

    /// Goes on to the next run; `false` after the last.
    pub(super) fn advance(&mut self) -> bool {
        self.depth = 0;
        while let Some((chosen, of)) = self.made.pop() {
            if chosen + 1 < of {
                self.made.push((chosen + 1, of));
                return true;
            }
        }
        false
    }
}

/// Where a thread is.
#[derive(Clone)]
enum Place {
    Running,
    Before(Step, PathBuf),
    Ended,
}

struct Board {
    places: Vec<Place>,
    /// Whose next step need not be tried: the order that begins with it was.
    asleep: BTreeSet<usize>,
    held: BTreeMap<PathBuf, usize>,
}

struct Schedule {
    board: Mutex<Board>,
    moved: Condvar,
    rules: Rules,
}

/// Runs `actors` in threads, in the order of `choices`; what each answered.
pub(super) fn run<T: Send + 'static>(
    rules: Rules,
    choices: &mut Choices,
    actors: Vec<Box<dyn FnOnce() -> T + Send>>,
) -> Vec<T> {
    let schedule = Arc::new(Schedule {
        board: Mutex::new(Board {
            places: vec![Place::Running; actors.len()],
            asleep: BTreeSet::new(),
            held: BTreeMap::new(),
        }),
        moved: Condvar::new(),
        rules,
    });
    let threads: Vec<_> = actors
        .into_iter()
        .enumerate()
        .map(|(me, actor)| {
            let schedule = Arc::clone(&schedule);
            thread::spawn(move || {
                let _ended = Ended(Arc::clone(&schedule), me);
                let rules = schedule.rules;
                steps::watch(Box::new(move |step, path| {
                    schedule.stop(me, step, path);
                    !(rules.without_locks && step == Step::Lock)
                }));
                actor()
            })
        })
        .collect();
    while schedule.take_a_step(choices) {}
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect()
}

/// Tells the others that a thread has ended, even by a panic.
struct Ended(Arc<Schedule>, usize);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.board().places[self.1] = Place::Ended;
        self.0.moved.notify_all();
    }
}

impl Schedule {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits before a step until this thread is chosen.
    fn stop(&self, me: usize, step: Step, path: &Path) {
        let mut board = self.board();
        board.places[me] = Place::Before(step, path.to_owned());
        self.moved.notify_all();
        while matches!(board.places[me], Place::Before(..)) {
            board = self.moved.wait(board).unwrap();
        }
    }

    /// Lets one thread go on once all have stopped; `false` when all have ended.
    fn take_a_step(&self, choices: &mut Choices) -> bool {
        let mut board = self.board();
        while board.places.iter().any(|p| matches!(p, Place::Running)) {
            board = self.moved.wait(board).unwrap();
        }
        let ready = self.ready(&board);
        if ready.is_empty() {
            let all_ended = board.places.iter().all(|p| matches!(p, Place::Ended));
            assert!(all_ended, "they wait for each other");
            return false;
        }
        let at_once = ready.iter().find(|who| self.is_unseen(&board, **who));
        let who = match at_once {
            Some(who) => *who,
            None => choose(&mut board, &ready, choices),
        };
        if let Place::Before(step, path) = board.places[who].clone() {
            match step {
                Step::Lock => drop(board.held.insert(path, who)),
                Step::Unlock => drop(board.held.remove(&path)),
                Step::Find | Step::Read | Step::Write | Step::Rename => {}
            }
        }
        board.places[who] = Place::Running;
        self.moved.notify_all();
        true
    }

    /// Who could take a step.
    fn ready(&self, board: &Board) -> Vec<usize> {
        let waits = |path| !self.rules.without_locks && board.held.contains_key(path);
        let ready = board.places.iter().enumerate().filter(|(_, place)| {
            matches!(place, Place::Before(step, path) if *step != Step::Lock || !waits(path))
        });
        ready.map(|(who, _)| who).collect()
    }

    /// Whether the order of this thread's step among the others' makes no difference.
    fn is_unseen(&self, board: &Board, who: usize) -> bool {
        match board.places[who] {
            Place::Before(Step::Unlock, _) => true,
            Place::Before(Step::Find, _) => self.rules.accounts_stay,
            Place::Before(Step::Write, _) => !self.rules.without_locks,
            _ => false,
        }
    }
}

/// One of `ready`. Those tried before it sleep until somebody touches what they are about.
fn choose(board: &mut Board, ready: &[usize], choices: &mut Choices) -> usize {
    let awake: Vec<_> = ready
        .iter()
        .copied()
        .filter(|who| !board.asleep.contains(who))
        .collect();
    // All that could follow was tried: the run is ended in some order.
    let Some(most) = awake.len().checked_sub(1) else {
        return ready[0];
    };
    let chosen = choices.choose(most + 1);
    board.asleep.extend(&awake[..chosen]);
    let (places, step) = (&board.places, &board.places[awake[chosen]]);
    board.asleep.retain(|who| !touch(&places[*who], step));
    awake[chosen]
}

/// Whether the order of two steps can make a difference.
fn touch(one: &Place, other: &Place) -> bool {
    let (Place::Before(one, here), Place::Before(other, there)) = (one, other) else {
        return false;
    };
    match (one, other) {
        (Step::Lock | Step::Unlock, Step::Lock | Step::Unlock) => here == there,
        (Step::Rename, Step::Find | Step::Read | Step::Write | Step::Rename)
        | (Step::Find | Step::Read | Step::Write, Step::Rename)
        | (Step::Write, Step::Write) => true,
        _ => false,
    }
}
