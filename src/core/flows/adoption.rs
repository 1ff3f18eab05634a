//! Adoption: a document that was put back from a backup no longer knows which codes were used
//! since. The store's owner makes it good again.

use crate::code::{LOOK_AHEAD, step_of};
use crate::event::{Ended, Event, Field, Severity, What};
use crate::ports::{Host, Snapshot, Store, Trouble, UnixTime};
use crate::record::Record;
use crate::state::{LastUse, State};
use crate::username::Account;

/// What an adoption ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adopted {
    /// Devices whose codes up to the present one are spent.
    pub devices: usize,
    /// How many of them are counter-based, so that the next [`LOOK_AHEAD`] codes are spent, too.
    pub counter_based: usize,
    /// Recovery codes that work no more.
    pub recovery_codes: usize,
}

/// Spends every code up to the present step, and every recovery code. How many codes of a
/// counter-based device were used since the backup nobody can tell: as many as a login looks ahead
/// are spent. Remembered places end. `None` for an account of
/// which nothing but a tombstone, or nothing at all, is stored.
///
/// Password, devices, revocation code and status are those of the backup: whether that is wanted
/// is for the owner to judge.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn adopt(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
) -> Result<Option<Adopted>, Trouble> {
    let mut done = None;
    store.update(account, &mut |Snapshot { record, state }| {
        let record = record.as_ref()?;
        let (adopted, next) = adopted(record, state, host.now());
        done = Some(adopted);
        (next != *state).then_some(next)
    })?;
    if let Some(adopted) = done {
        let number = |count| u64::try_from(count).unwrap_or(u64::MAX);
        host.log(
            &Event::new(Severity::Warning, What::Adopt)
                .word(Field::Result, Ended::Done)
                .text(Field::User, &account.name)
                .number(Field::Tokens, number(adopted.devices))
                .number(Field::RecoveryCodes, number(adopted.recovery_codes)),
        );
    }
    Ok(done)
}

fn adopted(record: &Record, state: &State, now: UnixTime) -> (Adopted, State) {
    let mut next = state.clone();
    // Some of them may have ended since.
    next.remembered.clear();
    for token in &record.tokens {
        // One that was never used since its enrollment stays that, as far as anybody can tell.
        let last = next.last_use.entry(token.id).or_insert(LastUse {
            step: 0,
            at: token.since,
            drift: 0,
        });
        let floor = last.step.max(token.confirmed_step);
        last.step = match step_of(now, &token.shape) {
            Some(present) => floor.max(present),
            None => floor.saturating_add(LOOK_AHEAD.into()),
        };
    }
    next.resync = None;
    let codes = record.recovery_ids();
    let ended = codes.filter(|id| next.spent_recovery.insert(*id)).count();
    let adopted = Adopted {
        devices: record.tokens.len(),
        counter_based: record.counter_based(),
        recovery_codes: ended,
    };
    (adopted, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::paper::{PaperCode, PaperKind};
    use crate::record::{RecoveryCode, Status, Token};
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, fob, phone, record_of};

    /// Anna with a second device and two recovery codes, one of which is spent.
    fn scene(host: &FakeHost) -> MemoryStore {
        let mut record = record_of(anna());
        let mut tablet = phone();
        tablet.id = Id::from_bytes([8; 16]);
        record.tokens.push(tablet);
        for number in [3, 4] {
            let code = PaperCode::mint(PaperKind::Recovery, host).unwrap();
            record.recovery.push(RecoveryCode {
                id: Id::from_bytes([number; 16]),
                hash: code.hash(host).unwrap(),
            });
        }
        let store = MemoryStore::with(record, Status::Live);
        store
            .update(&anna(), &mut |snapshot| {
                let mut state = snapshot.state.clone();
                state.spent_recovery.insert(Id::from_bytes([3; 16]));
                let (step, at) = (2, NOON - 500);
                state
                    .last_use
                    .insert(phone().id, LastUse { step, at, drift: 0 });
                Some(state)
            })
            .unwrap();
        store
    }

    #[test]
    fn every_code_up_to_the_present_one_and_every_recovery_code_is_spent() {
        let host = FakeHost::at(NOON);
        let store = scene(&host);
        let expected = Adopted {
            devices: 2,
            counter_based: 0,
            recovery_codes: 1,
        };
        assert_eq!(adopt(&store, &host, &anna()), Ok(Some(expected)));
        let snapshot = store.load(&anna()).unwrap();
        let present = step_of(NOON, &phone().shape).unwrap();
        for token in snapshot.record.unwrap().tokens {
            assert_eq!(snapshot.state.floor(&token), present);
        }
        assert_eq!(snapshot.state.spent_recovery.len(), 2);
        assert_eq!(snapshot.state.last_use[&phone().id].at, NOON - 500);
        assert_eq!(
            *host.lines.borrow(),
            ["event=adopt result=done user=anna tokens=2 recovery-codes=1"]
        );
    }

    #[test]
    fn of_a_counter_based_device_as_many_codes_are_spent_as_a_login_looks_ahead() {
        let host = FakeHost::at(NOON);
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        let mut accounts = store.accounts.borrow_mut();
        let anna_s = accounts.get_mut("anna").unwrap();
        for (number, used) in [(8, None), (9, Some(70))] {
            let token = Token {
                id: Id::from_bytes([number; 16]),
                confirmed_step: 4,
                ..fob()
            };
            let last = used.map(|step| LastUse {
                step,
                at: NOON,
                drift: 0,
            });
            anna_s
                .state
                .last_use
                .extend(last.map(|last| (token.id, last)));
            anna_s.record.as_mut().unwrap().tokens.push(token);
        }
        drop(accounts);
        let adopted = adopt(&store, &host, &anna()).unwrap().unwrap();
        assert_eq!((adopted.devices, adopted.counter_based), (3, 2));
        let snapshot = store.load(&anna()).unwrap();
        let floors = snapshot.record.as_ref().unwrap().tokens.iter();
        let floors: Vec<_> = floors.map(|token| snapshot.state.floor(token)).collect();
        assert_eq!(floors[1..], [14, 80]);
    }

    #[test]
    fn a_floor_above_the_present_step_is_never_lowered() {
        let host = FakeHost::at(NOON);
        let store = scene(&host);
        assert!(adopt(&store, &host, &anna()).is_ok());
        host.time.set(NOON - 3600);
        assert!(adopt(&store, &host, &anna()).is_ok());
        let state = store.load(&anna()).unwrap().state;
        assert_eq!(
            state.floor(&phone()),
            step_of(NOON, &phone().shape).unwrap()
        );
    }

    #[test]
    fn of_an_account_without_a_record_nothing_is_adopted() {
        let store = MemoryStore::default();
        let host = FakeHost::at(NOON);
        assert_eq!(adopt(&store, &host, &anna()), Ok(None));
        assert!(host.lines.borrow().is_empty());
    }
}
