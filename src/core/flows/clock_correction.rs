//! After a clock that ran ahead was set back: what was noted for a time still to come would keep
//! an account out until then.

use crate::code::step_of;
use crate::event::{Ended, Event, Field, Severity, What, YesNo};
use crate::ports::{Host, Replaced, Snapshot, Store, Trouble, TroubleKind, UnixTime};
use crate::record::Token;
use crate::state::{LastUse, State};
use crate::username::Account;

/// What was brought back to the present.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// Devices whose next code works again, by their names.
    pub devices: Vec<String>,
    /// Whether waits or dates lay in the future.
    pub times: bool,
}

/// Lowers what lies in the future to the present: the steps that codes must be above (of devices
/// that go by time), waits, and the dates beside them. A step is never lowered below the present
/// one, so no code that was used until now works again; one that was used while the clock ran ahead
/// could once more, when its time comes.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When the account cannot be read or written; it is then corrected in part, or not at all.
pub fn correct(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
) -> Result<Corrected, Trouble> {
    let now = host.now();
    let found = store.load(account)?;
    let devices = ahead(&found, now);
    let mut times = confirm_no_later(store, account, &found, now)?;
    store.update(account, &mut |snapshot| {
        let next = no_later(snapshot, now);
        times |= without_steps(&next) != without_steps(&snapshot.state);
        (next != snapshot.state).then_some(next)
    })?;
    let corrected = Corrected { devices, times };
    if corrected != Corrected::default() {
        let tokens = u64::try_from(corrected.devices.len()).unwrap_or(u64::MAX);
        host.log(
            &Event::new(Severity::Warning, What::Clock)
                .word(Field::Result, Ended::Done)
                .text(Field::User, &account.name)
                .number(Field::Tokens, tokens)
                .word(Field::Times, YesNo::from(times)),
        );
    }
    Ok(corrected)
}

/// The devices whose next code would be refused as used.
fn ahead(snapshot: &Snapshot, now: UnixTime) -> Vec<String> {
    let tokens = snapshot.record.iter().flat_map(|record| &record.tokens);
    tokens
        .filter(|token| {
            step_of(now, &token.shape).is_some_and(|now| snapshot.state.floor(token) > now)
        })
        .map(|token| token.name.clone())
        .collect()
}

/// The steps that confirmed the enrollments stand in the record, and since when it is young. Whether that
/// was in the future.
fn confirm_no_later(
    store: &dyn Store,
    account: &Account,
    found: &Snapshot,
    now: UnixTime,
) -> Result<bool, Trouble> {
    let Some(mut record) = found.record.clone() else {
        return Ok(false);
    };
    let was_young_later = record.on_password_alone.is_some_and(|since| since > now);
    record.on_password_alone = record.on_password_alone.map(|since| since.min(now));
    let mut changed = was_young_later;
    for Token {
        confirmed_step,
        shape,
        ..
    } in &mut record.tokens
    {
        let Some(present) = step_of(now, shape) else {
            continue;
        };
        changed |= *confirmed_step > present;
        *confirmed_step = (*confirmed_step).min(present);
    }
    if changed && store.amend(account, found.revision(), &record)? == Replaced::Conflict {
        let detail = "the record was changed at the same time; nothing was corrected: once more";
        return Err(Trouble::new(TroubleKind::RecordChanged, detail));
    }
    Ok(was_young_later)
}

/// The state with nothing in it that lies in the future.
fn no_later(snapshot: &Snapshot, now: UnixTime) -> State {
    let mut state = snapshot.state.clone();
    state.remembered.forget_the_future(now);
    for token in snapshot.record.iter().flat_map(|record| &record.tokens) {
        let present = step_of(now, &token.shape);
        let last = state.last_use.get_mut(&token.id);
        if let (Some(present), Some(LastUse { step, .. })) = (present, last) {
            *step = (*step).min(present);
        }
    }
    let told = state.notices.moments_mut();
    let throttle = &mut state.throttle;
    let places = throttle
        .places
        .iter_mut()
        .flat_map(|known| [&mut known.seen, &mut known.book.last]);
    let recent = throttle.recent.iter_mut().map(|failure| &mut failure.at);
    let uses = state.last_use.values_mut().map(|last| &mut last.at);
    let login = state.last_login.iter_mut().map(|login| &mut login.at);
    let resync = state.resync.iter_mut().map(|resync| &mut resync.at);
    let single = [&mut state.status_since, &mut throttle.shared.last];
    for time in single
        .into_iter()
        .chain(told)
        .chain(places)
        .chain(recent)
        .chain(uses)
        .chain(login)
        .chain(resync)
    {
        *time = (*time).min(now);
    }
    state
}

/// The state but for the steps: whether anything else differs.
fn without_steps(state: &State) -> State {
    let mut rest = state.clone();
    for last in rest.last_use.values_mut() {
        last.step = 0;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices;
    use crate::place::Place;
    use crate::record::{Record, Status};
    use crate::state::LastLogin;
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, fob, phone, record_of};

    const HOUR: UnixTime = 3600;

    /// Anna, who logged in and mistyped while the clock ran `ahead` of noon.
    fn scene(ahead: UnixTime, change: impl FnOnce(&mut Record)) -> MemoryStore {
        let at = NOON + ahead;
        let mut record = record_of(anna());
        change(&mut record);
        let store = MemoryStore::with(record, Status::Live);
        store
            .update(&anna(), &mut |snapshot| {
                let mut state = snapshot.state.clone();
                let step = step_of(at, &phone().shape).unwrap();
                let place = Place::of("sshd", Some("192.0.2.4"), 0);
                state
                    .last_use
                    .insert(phone().id, LastUse { step, at, drift: 0 });
                state.last_login = Some(LastLogin { at, from: None });
                state.throttle.succeed(place.as_ref(), at);
                for from in [place.as_ref(), None] {
                    (0..5).for_each(|_| state.throttle.charge(from, 3, at));
                }
                notices::add(&mut state.notices.wrong_codes, None, at);
                notices::add(&mut state.notices.recovered, None, at);
                state.notices.device_added = Some(notices::Added::at("tablet", at));
                state.notices.unfinished = Some(at);
                state.notices.reminded = Some(at);
                state.set_status(Status::Disabled, at);
                Some(state)
            })
            .unwrap();
        store
    }

    #[test]
    fn what_lies_in_the_future_is_now_and_the_next_code_works() {
        let (store, host) = (scene(HOUR, |_| {}), FakeHost::at(NOON));
        let corrected = correct(&store, &host, &anna()).unwrap();
        assert_eq!(corrected.devices, ["phone"]);
        assert!(corrected.times);
        let state = store.load(&anna()).unwrap().state;
        assert_eq!(
            state.floor(&phone()),
            step_of(NOON, &phone().shape).unwrap()
        );
        let written = format!("{state:?}");
        assert!(!written.contains(&(NOON + HOUR).to_string()), "{written}");
        // How often somebody guessed is not forgotten, only when.
        assert_eq!(
            (state.throttle.units, state.throttle.shared.failures),
            (30, 5)
        );
        assert_eq!(state.throttle.opens_at(None, NOON), NOON + 120);
        assert_eq!(
            *host.lines.borrow(),
            ["event=clock result=done user=anna tokens=1 times=yes"]
        );
    }

    #[test]
    fn an_account_that_was_set_up_in_the_future_is_not_young_for_longer() {
        let set_up = |record: &mut Record| record.on_password_alone = Some(NOON + HOUR);
        let (store, host) = (scene(0, set_up), FakeHost::at(NOON));
        assert!(correct(&store, &host, &anna()).unwrap().times);
        let record = store.load(&anna()).unwrap().record.unwrap();
        assert_eq!(record.on_password_alone, Some(NOON));
    }

    #[test]
    fn a_device_that_was_enrolled_in_the_future_works_again() {
        let future = step_of(NOON + HOUR, &phone().shape).unwrap();
        let enroll = |record: &mut Record| record.tokens[0].confirmed_step = future;
        let (store, host) = (scene(HOUR, enroll), FakeHost::at(NOON));
        assert_eq!(correct(&store, &host, &anna()).unwrap().devices, ["phone"]);
        let snapshot = store.load(&anna()).unwrap();
        let token = &snapshot.record.as_ref().unwrap().tokens[0];
        assert_eq!(
            snapshot.state.floor(token),
            step_of(NOON, &token.shape).unwrap()
        );
        // It is the same record: nobody proved anything anew.
        assert_eq!(
            (snapshot.state.status, snapshot.state.throttle.units),
            (Status::Disabled, 30)
        );
    }

    #[test]
    fn a_device_that_knows_no_time_keeps_its_counter() {
        let counted = u64::MAX / 2;
        let enroll = |record: &mut Record| {
            record.tokens[0].shape = fob().shape;
            record.tokens[0].confirmed_step = counted;
        };
        let (store, host) = (scene(0, enroll), FakeHost::at(NOON));
        assert_eq!(correct(&store, &host, &anna()), Ok(Corrected::default()));
        let snapshot = store.load(&anna()).unwrap();
        let token = &snapshot.record.as_ref().unwrap().tokens[0];
        assert_eq!(snapshot.state.floor(token), counted);
    }

    #[test]
    fn what_lies_in_the_past_is_left_alone() {
        let (store, host) = (scene(0, |_| {}), FakeHost::at(NOON));
        let writes = store.writes.get();
        assert_eq!(correct(&store, &host, &anna()), Ok(Corrected::default()));
        assert_eq!(store.writes.get(), writes);
        assert!(host.lines.borrow().is_empty());
    }

    #[test]
    fn an_account_never_seen_needs_no_correction() {
        let (store, host) = (MemoryStore::default(), FakeHost::at(NOON));
        assert_eq!(correct(&store, &host, &anna()), Ok(Corrected::default()));
    }
}
