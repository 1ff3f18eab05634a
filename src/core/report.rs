//! What stands of one account, for an administrator or its owner. Holds no secret.

use serde::Serialize;

use crate::config::Config;
use crate::notices::Tally;
use crate::ports::{Snapshot, UnixTime};
use crate::record::{Record, Status};
use crate::state::State;

/// One account as `kapu status --json` prints it. Times are seconds since 1970 (UTC).
#[derive(Debug, Serialize)]
pub struct Report {
    /// The account's name.
    pub user: String,
    /// Where it stands.
    pub status: Status,
    /// Since when; 0 where nothing ever happened.
    pub status_since: UnixTime,
    /// Whether password and code can get in, if need be after a wait.
    pub login_possible: bool,
    /// The authenticators.
    pub devices: Vec<Device>,
    /// Recovery codes not used yet.
    pub recovery_codes_left: usize,
    /// Recovery codes in all.
    pub recovery_codes: usize,
    /// When the revocation code was made, unless there is none.
    pub revocation_code_since: Option<UnixTime>,
    /// Wrong codes beside the right password since the last good login.
    pub wrong_codes: Option<WrongCodes>,
    /// Units of wrong codes so far.
    pub budget_used: u32,
    /// Units at which the devices are switched off.
    pub budget: u32,
    /// When a code from a place without a book of its own is compared again, if that is not now.
    pub next_try: Option<UnixTime>,
    /// Places where Enter is enough in place of a code.
    pub remembered_places: Vec<PlaceUntil>,
    /// When the password was chosen, unless kapu has none.
    pub password_since: Option<UnixTime>,
    /// Whether the next login must choose a new one.
    pub password_expired: bool,
    /// The last good login.
    pub last_login: Option<UnixTime>,
}

/// One authenticator.
#[derive(Debug, Serialize)]
pub struct Device {
    /// What its owner calls it.
    pub name: String,
    /// `totp`, or `hotp` where its codes go on with a counter.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When it was enrolled.
    pub since: UnixTime,
    /// When a code of it was last accepted.
    pub last_used: Option<UnixTime>,
}

/// A remembered place.
#[derive(Debug, Serialize)]
pub struct PlaceUntil {
    /// Address and service.
    pub place: String,
    /// When a code is needed again.
    pub until: UnixTime,
}

/// Wrong codes beside the right password.
#[derive(Debug, Serialize)]
pub struct WrongCodes {
    /// How many.
    pub count: u32,
    /// When the last one came.
    pub last: UnixTime,
    /// From where.
    pub from: Option<String>,
}

impl Report {
    /// What stands of the account `user` at the moment `now`, by this configuration.
    #[must_use]
    pub fn of(user: &str, snapshot: &Snapshot, config: &Config, now: UnixTime) -> Self {
        let state = &snapshot.state;
        let record = snapshot.record.as_ref();
        let left = |record: &Record| state.recovery_left(record);
        let next_try = state.throttle.opens_at(None, now);
        Self {
            user: user.to_owned(),
            status: state.status,
            status_since: state.status_since,
            login_possible: state.status == Status::Live,
            devices: record.map_or_else(Vec::new, |record| devices(record, snapshot)),
            recovery_codes_left: record.map_or(0, left),
            recovery_codes: record.map_or(0, |record| record.recovery_ids().count()),
            revocation_code_since: record
                .filter(|record| record.revocation.is_some())
                .map(|record| record.revocation_since),
            wrong_codes: state
                .notices
                .wrong_codes
                .as_ref()
                .filter(|tally| !tally.told)
                .map(wrong),
            budget_used: state.throttle.units,
            budget: config.throttle.disable_after,
            remembered_places: remembered(state, config, now),
            next_try: (next_try > now).then_some(next_try),
            password_since: record
                .filter(|record| record.password.is_some())
                .map(|record| record.password_since),
            password_expired: record.is_some_and(|record| record.password_expired),
            last_login: state.last_login.as_ref().map(|login| login.at),
        }
    }
}

fn devices(record: &Record, snapshot: &Snapshot) -> Vec<Device> {
    let last_use = &snapshot.state.last_use;
    let device = |token: &crate::record::Token| Device {
        name: token.name.clone(),
        kind: token.shape.moving.word(),
        since: token.since,
        last_used: last_use.get(&token.id).map(|last| last.at),
    };
    record.tokens.iter().map(device).collect()
}

/// A login asks more (the clock, the status); this is what it goes by.
fn remembered(state: &State, config: &Config, now: UnixTime) -> Vec<PlaceUntil> {
    let lifetime = config.login.remember_place_for.map(|it| it.as_secs());
    let good = lifetime.into_iter().flat_map(|lifetime| {
        let good = state.remembered.good(lifetime, now);
        good.map(move |known| PlaceUntil {
            place: known.place.as_str().to_owned(),
            until: known.until(lifetime),
        })
    });
    good.collect()
}

fn wrong(tally: &Tally) -> WrongCodes {
    WrongCodes {
        count: tally.count,
        last: tally.last,
        from: tally.from.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::LastUse;
    use crate::testing::{NOON, anna, phone, record_of};

    #[test]
    fn an_account_never_seen_cannot_log_in_and_has_nothing() {
        let report = Report::of("anna", &Snapshot::never(), &Config::default(), NOON);
        assert!(!report.login_possible && report.devices.is_empty());
        assert_eq!((report.status, report.next_try), (Status::Never, None));
    }

    #[test]
    fn a_report_names_devices_wrong_codes_and_the_wait() {
        let mut state = State::new(Status::Live);
        state.last_use.insert(
            phone().id,
            LastUse {
                step: 5,
                at: NOON - 60,
                drift: 0,
            },
        );
        for _ in 0..4 {
            state.throttle.charge(None, 3, NOON);
            crate::notices::add(&mut state.notices.wrong_codes, Some("192.0.2.9"), NOON);
        }
        let snapshot = Snapshot {
            record: Some(record_of(anna())),
            state,
        };
        let report = Report::of("anna", &snapshot, &Config::default(), NOON);
        assert!(report.login_possible);
        assert_eq!(report.devices[0].last_used, Some(NOON - 60));
        assert_eq!(report.wrong_codes.unwrap().count, 4);
        assert_eq!((report.budget_used, report.next_try), (12, Some(NOON + 60)));
    }
}
