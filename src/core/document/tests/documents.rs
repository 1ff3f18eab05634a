//! Every document that may be written, for proptest.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::super::bounds::MAX_PHC;
use super::super::*;
use super::anna;
use crate::notices::{Added, Notices, Tally};
use crate::paper::PaperHash;
use crate::place::Place;
use crate::record::{
    Algorithm, CodeShape, Invitation, MAX_KEY_BYTES, MAX_RECOVERY_CODES, MIN_KEY_BYTES,
    MovingFactor, PasswordHash, RecoveryCode, ScratchCode, Token,
};
use crate::remembered::{MAX_REMEMBERED, Remembered};
use crate::state::{LastLogin, LastUse, Resync};
use crate::throttle::{Book, KnownPlace, MAX_PLACES, MAX_RECENT, RecentFailure, Throttle};

prop_compose! {
    fn ids()(bytes: [u8; 16]) -> Id { Id::from_bytes(bytes) }
}

prop_compose! {
    fn paper_hashes()(salt: [u8; 16], hash: [u8; 32]) -> PaperHash { PaperHash { salt, hash } }
}

prop_compose! {
    fn secrets(bounds: std::ops::RangeInclusive<usize>)(bytes in vec(any::<u8>(), bounds)) -> Secret {
        Secret::new(bytes)
    }
}

fn moving_factors() -> impl Strategy<Value = MovingFactor> {
    let periods = CodeShape::MIN_PERIOD..=CodeShape::MAX_PERIOD;
    prop_oneof![
        periods.prop_map(|period| MovingFactor::Time { period }),
        Just(MovingFactor::Counter),
    ]
}

prop_compose! {
    fn tokens()(
        id in ids(),
        name in "[^\\p{C}]{1,32}",
        key in secrets(MIN_KEY_BYTES..=MAX_KEY_BYTES),
        algorithm in prop::sample::select(&Algorithm::ALL[..]),
        digits in CodeShape::MIN_DIGITS..=CodeShape::MAX_DIGITS,
        moving in moving_factors(),
        confirmed_step: u64,
        since: u64,
    ) -> Token {
        let shape = CodeShape { algorithm, digits, moving };
        Token { id, name, key, shape, confirmed_step, since }
    }
}

prop_compose! {
    fn records()(
        (id, revision) in (ids(), ids()),
        (created, password_since, revocation_since) in any::<(u64, u64, u64)>(),
        password in option::of(secrets(1..=MAX_PHC)),
        tokens in vec(tokens(), 0..=Token::MAX_COUNT),
        revocation in option::of(paper_hashes()),
        recovery in btree_map(ids(), paper_hashes(), 0..=MAX_RECOVERY_CODES),
        scratch in btree_map(ids(), "[0-9]{8}", 0..=ScratchCode::MAX_COUNT),
        invitation in option::of((paper_hashes(), any::<u64>(), any::<bool>())),
        on_password_alone in option::of(any::<u64>()),
        password_expired: bool,
    ) -> Record {
        Record {
            id,
            revision: Revision::of(revision),
            account: anna(),
            created,
            password: password.map(PasswordHash),
            password_since,
            password_expired,
            tokens,
            revocation,
            revocation_since,
            recovery: recovery.into_iter().map(|(id, hash)| RecoveryCode { id, hash }).collect(),
            scratch: scratch
                .into_iter()
                .map(|(id, code)| ScratchCode { id, code: Secret::from(code) })
                .collect(),
            invitation: invitation.map(|(hash, until, replaces)| Invitation {
                hash,
                until,
                replaces,
            }),
            on_password_alone,
        }
    }
}

fn places() -> impl Strategy<Value = Place> {
    let v4 = any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).to_string());
    let v6 = any::<u128>().prop_map(|bits| Ipv6Addr::from_bits(bits).to_string());
    (
        "[a-zA-Z0-9._-]{1,64}",
        option::of(prop_oneof![v4, v6]),
        any::<u32>(),
    )
        .prop_filter_map("no place", |(service, rhost, uid)| {
            Place::of(&service, rhost.as_deref(), uid)
        })
}

prop_compose! {
    fn books()(failures: u32, last: u64) -> Book { Book { failures, last } }
}

prop_compose! {
    fn throttles()(
        (units, take_back_week, taken_back) in any::<(u32, u64, u32)>(),
        shared in books(),
        places_ in vec((places(), any::<u64>(), books()), 0..=MAX_PLACES),
        recent in vec((places(), any::<u64>(), any::<u32>()), 0..=MAX_RECENT),
    ) -> Throttle {
        Throttle {
            units,
            take_back_week,
            taken_back,
            shared,
            places: places_
                .into_iter()
                .map(|(place, seen, book)| KnownPlace { place, seen, book })
                .collect(),
            recent: recent
                .into_iter()
                .map(|(place, at, units)| RecentFailure { place, at, units })
                .collect(),
        }
    }
}

prop_compose! {
    fn tallies()(
        count: u32, since: u64, last: u64, from in option::of("[^\\p{C}]{0,64}"), told: bool,
    ) -> Tally {
        Tally { count, since, last, from, told }
    }
}

prop_compose! {
    fn notices()(
        wrong_codes in option::of(tallies()),
        replays in option::of(tallies()),
        wrong_paper in option::of(tallies()),
        recovered in option::of(tallies()),
        device_added in option::of(("[^\\p{C}]{0,32}", any::<u64>(), any::<bool>())),
        unfinished: Option<u64>,
        reminded: Option<u64>,
    ) -> Notices {
        let device_added = device_added.map(|(name, at, told)| Added { name, at, told });
        Notices {
            wrong_codes,
            replays,
            wrong_paper,
            recovered,
            device_added,
            unfinished,
            reminded,
        }
    }
}

prop_compose! {
    fn states()(
        status in prop::sample::select(&Status::ALL[..]),
        status_since: u64,
        locked_from in option::of(prop::sample::select(&Status::ALL[..])),
        unvisited: bool,
        last_login in option::of((any::<u64>(), option::of("[^\\p{C}]{0,64}"))),
        spent_recovery in btree_set(ids(), 0..=MAX_RECOVERY_CODES),
        last_use in btree_map(ids(), any::<(u64, u64, i8)>(), 0..=Token::MAX_COUNT),
        resync in option::of((ids(), any::<u64>(), any::<u64>())),
        throttle in throttles(),
        remembered_ in vec(places(), 0..=MAX_REMEMBERED),
        notices in notices(),
    ) -> State {
        let mut remembered = Remembered::default();
        for (now, place) in remembered_.iter().enumerate() {
            remembered.remember(place, u64::MAX, u64::try_from(now).unwrap());
        }
        State {
            status,
            status_since,
            locked_from,
            unvisited,
            last_login: last_login.map(|(at, from)| LastLogin { at, from }),
            spent_recovery,
            last_use: last_use
                .into_iter()
                .map(|(id, (step, at, drift))| (id, LastUse { step, at, drift }))
                .collect(),
            resync: resync.map(|(token, step, at)| Resync { token, step, at }),
            throttle,
            remembered,
            notices,
        }
    }
}

prop_compose! {
    /// Every document that may be written: an account that is Never has no tokens.
    pub(super) fn documents()(mut record in records(), state in states()) -> Document {
        if state.status == Status::Never {
            record.tokens.clear();
        }
        Document::new(anna(), Some(record), state)
    }
}
