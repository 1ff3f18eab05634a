//! Every order in which three processes can load, judge, replace and revoke: no update is lost, a
//! step is spent once, one writing of a record has one successor, a reader sees a whole document.

use std::collections::BTreeMap;

use kapu_core::state::LastUse;

use super::scene::{NOW, store_in};
use super::schedule::{Choices, Rules, run};
use super::*;

/// The step whose code is right.
const STEP: u64 = 40;

/// What one process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// Logs in with the right code of [`STEP`].
    LogIn,
    /// Judges as [`Act::LogIn`] does, but the state that it loaded before it had the lock: a bug
    /// that must be found.
    LogInByAnOldState,
    /// Brings a wrong code.
    Guess,
    /// Enrolls, over the record that it loaded or over none.
    Enroll,
    /// Revokes, by a code proven against the record that it loaded.
    Revoke,
    /// Reads.
    Read,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    LetIn,
    Counted,
    /// Wrote the successor of this revision.
    Succeeded(Revision, Status),
    /// Refused, a conflict, or a mere reader.
    Nothing,
}

fn act(store: &DirectoryStore, act: Act) -> Result<End, Trouble> {
    let loaded = store.load(&anna())?;
    assert!(
        loaded.record.is_some() || loaded.state.status == Status::Never,
        "half of a document"
    );
    match act {
        Act::Read => Ok(End::Nothing),
        Act::Enroll => enroll(store, &loaded),
        Act::LogIn => judged(store, &loaded, &spend),
        Act::LogInByAnOldState => judged(store, &loaded, &|_| spend(&loaded)),
        Act::Guess => judged(store, &loaded, &|latest| {
            let mut state = latest.state.clone();
            state.throttle.units += 1;
            Some((state, End::Counted))
        }),
        Act::Revoke => judged(store, &loaded, &|latest| {
            let mut state = latest.state.clone();
            state.set_status(Status::Revoked, NOW);
            Some((state, End::Succeeded(latest.revision(), Status::Revoked)))
        }),
    }
}

fn enroll(store: &DirectoryStore, loaded: &Snapshot) -> Result<End, Trouble> {
    let seen = loaded.revision();
    Ok(
        match store.replace(&anna(), seen, &record(), Status::Live)? {
            Replaced::Done => End::Succeeded(seen, Status::Live),
            Replaced::Conflict => End::Nothing,
        },
    )
}

type Judge<'a> = &'a dyn Fn(&Snapshot) -> Option<(State, End)>;

/// Has the store ask `judge`, for evidence that was proven against the record of `loaded`.
fn judged(store: &DirectoryStore, loaded: &Snapshot, judge: Judge<'_>) -> Result<End, Trouble> {
    let mut end = End::Nothing;
    store.update(&anna(), &mut |latest| {
        if latest.revision() != loaded.revision() || latest.state.status != Status::Live {
            return None;
        }
        let (state, ended) = judge(latest)?;
        end = ended;
        Some(state)
    })?;
    Ok(end)
}

fn spend(snapshot: &Snapshot) -> Option<(State, End)> {
    let token = snapshot.record.as_ref()?.tokens.first()?;
    if snapshot.state.floor(token) >= STEP {
        return None;
    }
    let mut state = snapshot.state.clone();
    let last = LastUse {
        step: STEP,
        at: NOW,
        drift: 0,
    };
    state.last_use.insert(token.id, last);
    Some((state, End::LetIn))
}

/// What is wrong after a run, if anything.
fn fault(ends: &[Result<End, Trouble>], after: &Snapshot) -> Option<&'static str> {
    let ended = |wanted: End| ends.iter().flatten().filter(|end| **end == wanted).count();
    let mut successors = BTreeMap::new();
    for end in ends.iter().flatten() {
        if let End::Succeeded(revision, status) = end {
            let earlier = successors.insert(revision.id().map(|id| id.to_string()), status);
            if earlier.is_some() {
                return Some("one record has two successors");
            }
        }
    }
    // Revoked and enrolled anew: other tokens, so an empty throttle.
    let is_rebound = successors.len() > 1;
    let used = !after.state.last_use.is_empty();
    let is = after.state.status;
    match () {
        () if ended(End::LetIn) > 1 => Some("one step is spent twice"),
        // A revocation and a replaced record keep counters too: the token is the same.
        () if used != (ended(End::LetIn) == 1) && is == Status::Live => {
            Some("a spent step is lost")
        }
        () if !is_rebound && after.state.throttle.units != ended(End::Counted) as u32 => {
            Some("a guess is lost")
        }
        () if successors.contains_key(&after.revision().id().map(|id| id.to_string())) => {
            Some("a successor is lost")
        }
        () if successors.len() == 1 && successors.values().any(|status| **status != is) => {
            Some("the successor is not what was written")
        }
        () => None,
    }
}

/// What came of all orders.
#[derive(Debug, Default)]
struct Explored {
    runs: usize,
    faults: BTreeMap<&'static str, usize>,
    troubles: usize,
}

fn explore(scene: &Scene, acts: &[Act], rules: Rules) -> Explored {
    let before = fs::read(scene.document()).ok();
    let mut explored = Explored::default();
    let mut choices = Choices::default();
    loop {
        match &before {
            Some(document) => fs::write(scene.document(), document).unwrap(),
            None => drop(scene.store().forget("anna").unwrap()),
        }
        let actors = acts.iter().map(|one| {
            let (path, one) = (scene.scratch.path().to_owned(), *one);
            Box::new(move || act(&store_in(&path), one))
                as Box<dyn FnOnce() -> Result<End, Trouble> + Send>
        });
        let ends = run(rules, &mut choices, actors.collect());
        explored.runs += 1;
        explored.troubles += ends.iter().filter(|end| end.is_err()).count();
        if let Some(fault) = fault(&ends, &scene.load().unwrap()) {
            *explored.faults.entry(fault).or_default() += 1;
        }
        if !choices.advance() {
            return explored;
        }
    }
}

/// All that three processes can be about.
fn threes() -> Vec<[Act; 3]> {
    let all = [Act::LogIn, Act::Guess, Act::Enroll, Act::Revoke, Act::Read];
    let mut threes = Vec::new();
    for (index, first) in all.iter().enumerate() {
        for (more, second) in all.iter().enumerate().skip(index) {
            threes.extend(all[more..].iter().map(|third| [*first, *second, *third]));
        }
    }
    threes
}

const STAY: Rules = Rules {
    without_locks: false,
    accounts_stay: true,
};

#[test]
fn no_order_of_three_processes_loses_anything() {
    let mut runs = 0;
    for acts in threes() {
        let explored = explore(&Scene::enrolled(), &acts, STAY);
        assert!(explored.faults.is_empty(), "{acts:?}: {explored:?}");
        assert_eq!(explored.troubles, 0, "{acts:?}");
        runs += explored.runs;
    }
    println!("{runs} runs");
    assert!(runs > 1_000, "{runs} runs are not all");
}

#[test]
fn no_order_of_three_enrollments_of_one_account_makes_two() {
    for third in [Act::Enroll, Act::Read] {
        let acts = [Act::Enroll, Act::Enroll, third];
        let explored = explore(&Scene::new(), &acts, Rules::default());
        println!("{} runs", explored.runs);
        assert!(explored.faults.is_empty(), "{explored:?}");
        assert_eq!(explored.troubles, 0, "{acts:?}");
    }
}

#[test]
fn without_the_lock_some_orders_lose_something() {
    let rules = Rules {
        without_locks: true,
        ..STAY
    };
    for (act, fault) in [
        (Act::LogIn, "one step is spent twice"),
        (Act::Guess, "a guess is lost"),
        (Act::Enroll, "one record has two successors"),
    ] {
        let explored = explore(&Scene::enrolled(), &[act, act], rules);
        assert!(explored.faults.contains_key(fault), "{explored:?}");
    }
}

#[test]
fn a_judgement_of_what_was_loaded_before_the_lock_spends_a_step_twice() {
    let explored = explore(&Scene::enrolled(), &[Act::LogInByAnOldState; 3], STAY);
    assert!(
        explored.faults.contains_key("one step is spent twice"),
        "{explored:?}"
    );
}
