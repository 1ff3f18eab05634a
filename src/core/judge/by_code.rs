//! A code of the app: whether it is compared at all, what it opens, and what a wrong one costs.

use super::{By, Case, Decision, drift};
use crate::code::{self, Comparison, Digits, Expected, LOOK_AHEAD, LOOK_AHEAD_UNPROVEN};
use crate::notices;
use crate::ports::{Proof, UnixTime};
use crate::record::{Record, ScratchCode, Status, Token};
use crate::state::{LastUse, Resync, State};
use crate::verdict::Refusal;

impl Case<'_> {
    pub(super) fn code(&self, record: &Record, state: &mut State, digits: &Digits) -> Decision {
        let now = self.evidence.at;
        let place = self.login.place.as_ref();
        let opens = if self.is_unproven() {
            state.throttle.shared_opens_at()
        } else {
            state.throttle.opens_at(place, now)
        };
        if now < opens {
            return Decision::Refuse(Refusal::Throttled);
        }
        let candidates = || {
            record
                .tokens
                .iter()
                .filter(|token| digits.fits(token.shape.digits))
        };
        let expected = |token: &Token| self.expected(token, state, opens);
        let scratch = self.scratch(record, state, digits);
        let units = candidates()
            .map(|token| expected(token).codes(&token.shape))
            .sum::<usize>()
            + scratch.len();
        if units == 0 {
            return Decision::Refuse(Refusal::NotACode);
        }
        let outcome =
            best(candidates().map(|token| (token, code::compare(token, digits, &expected(token)))));
        if self.evidence.password == Proof::Wrong {
            // One verdict for both answers teaches a guesser nothing: not charged, not spent.
            return Decision::Refuse(Refusal::Password);
        }
        // Each is compared, so that the time tells nothing of which.
        let scratch = scratch.iter().fold(None, |found, known| {
            let is_it = digits.are(&known.code);
            if is_it { Some(known.id) } else { found }
        });
        // Whatever was judged, only the very next code could have followed.
        state.resync = None;
        let is_fresh = matches!(outcome, Some((_, Comparison::Fresh(_))));
        if let Some(id) = scratch.filter(|_| !is_fresh) {
            state.spent_recovery.insert(id);
            let left = state.recovery_left(record);
            // It ends no delay: that is of the authenticators that were guessed at.
            return self.accept(state, By::RecoveryCode { left }, None);
        }
        match outcome {
            Some((token, Comparison::Fresh(step))) => {
                let before = state.last_use.get(&token.id).map_or(0, |last| last.drift);
                let drift = drift::after(before, &token.shape, step, now);
                let at = now;
                let last = LastUse { step, at, drift };
                state.last_use.insert(token.id, last);
                if !self.is_unproven() {
                    state.throttle.succeed(place, now);
                    self.remember_place(state);
                }
                let reminder = drift::reminder(before, drift, &token.shape);
                self.accept(state, By::Token(token.name.clone()), reminder)
            }
            Some((_, Comparison::Spent)) => {
                if !self.is_unproven() {
                    let rhost = self.login.rhost.as_deref();
                    notices::add(&mut state.notices.replays, rhost, now);
                }
                Decision::Refuse(Refusal::Replay)
            }
            Some((_, Comparison::Slip)) => {
                // Owners mistype often and guessers hardly ever by so little: it costs the delay
                // alone.
                self.charge(state, 0);
                Decision::Refuse(Refusal::Code)
            }
            Some((token, Comparison::Ahead(step))) => {
                self.charge(state, units);
                let (token, at) = (token.id, now);
                state.resync = Some(Resync { token, step, at });
                Decision::Refuse(Refusal::Code)
            }
            Some((_, Comparison::Wrong)) | None => {
                self.charge(state, units);
                Decision::Refuse(Refusal::Code)
            }
        }
    }

    /// Which codes of `token` are good now that codes are compared, `opened` since when.
    fn expected(&self, token: &Token, state: &State, opened: UnixTime) -> Expected {
        let now = self.evidence.at;
        let resync = state
            .resync
            .as_ref()
            .filter(|resync| resync.token == token.id && resync.holds(opened, now));
        Expected {
            floor: state.floor(token),
            at: now,
            window: self.policy.window,
            ahead: if self.is_unproven() {
                LOOK_AHEAD_UNPROVEN
            } else {
                LOOK_AHEAD
            },
            awaited: resync.and_then(|resync| resync.step.checked_add(1)),
        }
    }

    /// The codes of another module that these digits may be. Without a proven first factor none is
    /// spent.
    fn scratch<'a>(
        &self,
        record: &'a Record,
        state: &State,
        digits: &Digits,
    ) -> Vec<&'a ScratchCode> {
        let is_judged = digits.fits(ScratchCode::DIGITS) && !self.is_unproven();
        let unspent = |known: &&ScratchCode| !state.spent_recovery.contains(&known.id);
        let known = record.scratch.iter().filter(|_| is_judged);
        known.filter(unspent).collect()
    }

    fn is_unproven(&self) -> bool {
        self.evidence.password == Proof::Elsewhere
    }

    fn charge(&self, state: &mut State, units: usize) {
        let now = self.evidence.at;
        if self.is_unproven() {
            state.throttle.delay_shared(now);
            return;
        }
        let rhost = self.login.rhost.as_deref();
        notices::add(&mut state.notices.wrong_codes, rhost, now);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        state.throttle.charge(self.login.place.as_ref(), units, now);
        if state.throttle.units >= self.policy.disable_after {
            state.set_status(Status::Disabled, now);
        }
    }
}

/// The comparison that counts: a fresh code of any token before a spent one, before one too far
/// ahead, before a slip, before none.
fn best<'a>(
    comparisons: impl Iterator<Item = (&'a Token, Comparison)>,
) -> Option<(&'a Token, Comparison)> {
    comparisons.max_by_key(|(_, comparison)| match comparison {
        Comparison::Fresh(_) => 4,
        Comparison::Spent => 3,
        Comparison::Ahead(_) => 2,
        Comparison::Slip => 1,
        Comparison::Wrong => 0,
    })
}
