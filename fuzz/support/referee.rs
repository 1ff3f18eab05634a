//! Compares what a login did with what it may do, and follows what the owner has.

use kapu_core::id::Id;
use kapu_core::ports::{Proof, Snapshot};
use kapu_core::record::{CodeShape, Status};
use kapu_core::throttle::FREE_FAILURES;
use kapu_core::verdict::Verdict;

use crate::oracle::{Device, Good, Owner, letters};
use crate::person::{NEW_PASSWORD, Typed};
use crate::screen;
use crate::store::{Lock, Meanwhile, OTHER_PASSWORD, USED_AHEAD};

/// Letters of a code on paper.
const PAPER_LETTERS: usize = 20;
/// Codes ahead that are good of a counter-based device, and where nothing else was proven.
const AHEAD: u64 = 10;
const AHEAD_UNPROVEN: u64 = 3;

/// What the configuration says of a login.
#[derive(Debug)]
pub struct Terms {
    /// Who never had a device passes without a code.
    pub passes: bool,
    /// Who never had one may set it up on the password.
    pub sets_up: bool,
    /// No code is asked for.
    pub is_exempt: bool,
    /// A device can be set up in this login at all.
    pub enrolls: bool,
    /// Steps before and after the present one.
    pub window: u64,
    /// Seconds for which Enter is enough where a code was typed.
    pub remembers: Option<u64>,
    /// Where the login comes from.
    pub place: Option<String>,
}

/// What was done at a login.
#[derive(Debug)]
pub struct Deed {
    /// At the first questions.
    pub typed: Typed,
    /// Keys that were set up, and the code of each.
    pub confirmed: Vec<(Vec<u8>, String)>,
    /// All that was said.
    pub screen: String,
    /// What somebody else has said of the first factor.
    pub decided: Option<Proof>,
    /// Nothing went wrong, and nobody came in between.
    pub is_sound: bool,
    /// What somebody else did, and when.
    pub meanwhile: Option<(Meanwhile, Lock)>,
    /// When.
    pub now: u64,
}

/// What a login was, seen from outside.
struct Case<'a> {
    terms: &'a Terms,
    deed: &'a Deed,
    before: &'a Snapshot,
    after: &'a Snapshot,
    status: Status,
    answer: Option<String>,
    is_proven: bool,
}

/// Panics where anybody was let in who may not be, or the owner was not.
pub fn judge(
    verdict: &Verdict,
    terms: &Terms,
    deed: &Deed,
    (before, after): (&Snapshot, &Snapshot),
    owner: &mut Owner,
) {
    let at_the_judgement = deed.meanwhile.filter(|(_, lock)| *lock == Lock::Update);
    if let Some((what, _)) = at_the_judgement {
        happens(what, owner, deed.now);
    }
    let case = Case::of(terms, deed, (before, after), owner);
    owner.typed.extend(case.answer.clone());
    let new_key = case.new_key(owner);
    let is_rewritten = matches!(
        at_the_judgement,
        Some((Meanwhile::Rewritten | Meanwhile::Password, _))
    );
    match verdict {
        Verdict::Accept | Verdict::NotOurs => assert!(!is_rewritten, "{deed:?}"),
        Verdict::Refuse(_) | Verdict::Unavailable(_) => {}
    }
    if deed.is_sound && new_key.is_none() {
        case.demand(*verdict == Verdict::Accept, owner);
    }
    match (new_key, verdict) {
        (Some(device), _) => {
            let meanwhile = deed.meanwhile.map(|(what, _)| what);
            assert!(
                matches!(meanwhile, None | Some(Meanwhile::Used)),
                "{deed:?}"
            );
            return case.follow(device, owner);
        }
        (None, Verdict::Accept) => assert!(
            case.spend(owner)
                || case.is_proven && case.needs_no_code()
                || case.is_remembered(owner),
            "let in: {:?} {deed:?} {owner:?}",
            case.status
        ),
        (None, Verdict::NotOurs) => assert!(
            deed.decided == Some(Proof::Elsewhere) && case.needs_no_code(),
            "{deed:?} {owner:?}"
        ),
        // It was written, and yet an error was told.
        (None, Verdict::Unavailable(_)) => drop(case.spend(owner)),
        (None, Verdict::Refuse(_)) => {}
    }
    case.forget(verdict, owner);
    if let Some((what, Lock::Put)) = deed.meanwhile {
        happens(what, owner, deed.now);
    }
}

/// Somebody else's deed.
fn happens(what: Meanwhile, owner: &mut Owner, now: u64) {
    match (what, owner.devices.first_mut()) {
        (Meanwhile::Password, _) => owner.password = Some(OTHER_PASSWORD.to_vec()),
        (Meanwhile::Used, Some(device)) => {
            device.spent = device.spent.max(device.step(now) + USED_AHEAD);
        }
        _ => {}
    }
}

impl<'a> Case<'a> {
    fn of(
        terms: &'a Terms,
        deed: &'a Deed,
        (before, after): (&'a Snapshot, &'a Snapshot),
        owner: &Owner,
    ) -> Self {
        let is_locked = deed.meanwhile == Some((Meanwhile::Locked, Lock::Update));
        let is_password = owner.password.as_ref() == Some(&deed.typed.password);
        Self {
            terms,
            deed,
            before,
            after,
            status: if is_locked {
                Status::Locked
            } else {
                before.state.status
            },
            answer: letters(&deed.typed.answer),
            is_proven: match deed.decided {
                Some(Proof::Key) => true,
                Some(_) => false,
                None => is_password,
            },
        }
    }

    fn is_code_alone(&self) -> bool {
        self.deed.decided.is_some()
    }

    fn is_password_wrong(&self) -> bool {
        !self.is_code_alone() && !self.is_proven
    }

    /// Only Enter, or what counts as that.
    fn is_nothing(&self) -> bool {
        let is_password_again =
            !self.is_code_alone() && self.deed.typed.answer == self.deed.typed.password;
        is_password_again || self.answer.as_deref() == Some("")
    }

    fn needs_no_code(&self) -> bool {
        let is_closed = matches!(self.status, Status::Locked | Status::Removed);
        let passes = self.status == Status::Never && self.terms.passes;
        self.is_nothing() && (passes || self.terms.is_exempt && !is_closed)
    }

    /// Enter, beside a proven first factor, where a code was typed lately.
    fn is_remembered(&self, owner: &Owner) -> bool {
        let (Some(place), Some(seconds)) = (&self.terms.place, self.terms.remembers) else {
            return false;
        };
        let lately = |at: u64| (at..at + seconds).contains(&self.deed.now);
        let mut typed_at = owner.codes_typed.iter();
        let is_there = typed_at.any(|(known, at)| known == place && lately(*at));
        is_there && self.is_nothing() && self.is_proven && self.status == Status::Live
    }

    /// What surely ends that Enter is enough.
    fn forget(&self, verdict: &Verdict, owner: &mut Owner) {
        if self.after.state.status != self.before.state.status {
            owner.codes_typed.clear();
        }
        let typed = letters(&self.deed.typed.password);
        let is_paper = typed.is_some_and(|typed| typed.len() == PAPER_LETTERS);
        let is_refused = matches!(verdict, Verdict::Refuse(_));
        let is_judged = self.status == Status::Live && !self.terms.is_exempt && !is_paper;
        if is_refused && is_judged && self.is_password_wrong() {
            let there = self.terms.place.as_ref();
            owner.codes_typed.retain(|(place, _)| Some(place) != there);
        }
    }

    fn is_revocation(&self, owner: &Owner) -> bool {
        let can_be = matches!(
            self.status,
            Status::Live | Status::Disabled | Status::Revoked
        );
        can_be && self.is_proven && self.answer.is_some() && self.answer == owner.revocation
    }

    /// Follows what this login has used up, going by what was typed. Whether there was anything.
    ///
    /// It counts once it is stored: a step or code that let somebody in and is not would let in
    /// another.
    fn spend(&self, owner: &mut Owner) -> bool {
        let typed = self.answer.clone().unwrap_or_default();
        let (before, after) = (&self.before.state, &self.after.state);
        if self.status == Status::Live && !self.is_password_wrong() {
            let awaited = before.resync.map(|resync| (resync.token, resync.step));
            let fresh = owner.fresh_steps(&typed, &self.good(awaited, &owner.typed));
            let is_kept = |(id, step): &&_| {
                let last = after.last_use.get(id).map(|last| last.step);
                last.is_some_and(|last| last >= *step)
            };
            // Of two steps with one code the later one is spent, and so is the code.
            if let Some((id, step)) = fresh.iter().rfind(is_kept) {
                let device = owner.devices.iter_mut().find(|device| device.id == *id);
                device.expect("it is one of them").spent = *step;
                owner.last_code = Some(typed);
                match (&self.terms.place, self.terms.remembers) {
                    (Some(place), Some(_)) if self.is_proven => {
                        let known = (place.clone(), self.deed.now);
                        owner.codes_typed.push(known);
                    }
                    _ => {}
                }
                return true;
            }
        }
        let place = owner.recovery.iter().position(|code| *code == typed);
        let is_open = matches!(self.status, Status::Live | Status::Disabled);
        let is_kept = after.spent_recovery.len() > before.spent_recovery.len();
        if let (Some(place), true) = (place, is_open && self.is_proven && is_kept) {
            owner.worn.push(owner.recovery.remove(place));
            return true;
        }
        false
    }

    /// Which codes are good at this login.
    fn good<'b>(&self, awaited: Option<(Id, u64)>, typed: &'b [String]) -> Good<'b> {
        let is_unproven = self.deed.decided == Some(Proof::Elsewhere);
        Good {
            at: self.deed.now,
            window: self.terms.window,
            ahead: if is_unproven { AHEAD_UNPROVEN } else { AHEAD },
            awaited,
            typed,
        }
    }

    /// What the owner may count on where nothing goes wrong.
    fn demand(&self, is_accepted: bool, owner: &Owner) {
        let throttle = &self.before.state.throttle;
        let books = throttle.places.iter().map(|known| &known.book);
        let is_open = [&throttle.shared]
            .into_iter()
            .chain(books)
            .all(|book| book.failures < FREE_FAILURES);
        let typed = String::from_utf8_lossy(&self.deed.typed.answer);
        let fresh = owner.fresh_steps(&typed, &self.good(None, &[]));
        if self.status == Status::Live && !self.is_password_wrong() && is_open && !fresh.is_empty()
        {
            assert!(is_accepted, "kept out: {:?} {owner:?}", self.deed);
        }
        let is_recovery = owner.recovery.contains(&typed.into_owned());
        if matches!(self.status, Status::Live | Status::Disabled) && self.is_proven && is_recovery {
            assert!(is_accepted, "kept out: {:?} {owner:?}", self.deed);
        }
        if self.is_revocation(owner) {
            let after = &self.after.state.status;
            assert_eq!(*after, Status::Revoked, "{:?}", self.deed);
        }
    }

    /// A key that the owner did not have.
    fn new_key(&self, owner: &Owner) -> Option<Device> {
        let tokens = &self.after.record.as_ref()?.tokens;
        let is_known = |key: &[u8]| owner.devices.iter().any(|device| device.key == key);
        let token = tokens.iter().find(|token| !is_known(token.key.expose()))?;
        assert_eq!(tokens.len(), 1, "nobody has set up a second one");
        Some(Device {
            id: token.id,
            key: token.key.expose().to_vec(),
            shape: token.shape,
            spent: token.confirmed_step,
        })
    }

    /// Whether a device may be set up, and what the owner has after that.
    fn follow(&self, device: Device, owner: &mut Owner) {
        let is_wish = self.is_nothing() || self.answer.as_deref() == Some("+");
        let is_closed = matches!(self.status, Status::Locked | Status::Removed);
        let typed = letters(&self.deed.typed.password);
        let is_invited = !self.is_code_alone()
            && owner.invitation.as_ref().is_some_and(|invited| {
                let is_allowed = invited.replaces || self.status != Status::Live;
                typed.as_ref() == Some(&invited.code)
                    && self.deed.now <= invited.until
                    && is_allowed
            });
        let is_by_key = self.deed.decided == Some(Proof::Key);
        let begins =
            self.status == Status::Never && self.is_proven && (is_by_key || self.terms.sets_up);
        let may = self.is_revocation(owner) || is_wish && (is_invited || begins);
        assert!(
            may && !is_closed && self.terms.enrolls,
            "set up: {:?} {:?} {owner:?}",
            self.status,
            self.deed
        );
        self.assert_confirmed(&device);
        owner.codes_typed.clear();
        let record = self.after.record.as_ref().expect("it has a key");
        assert!(record.invitation.is_none() && record.recovery.is_empty());
        assert_eq!(self.after.state.status, Status::Live);
        owner.devices = vec![device];
        owner.worn.append(&mut owner.recovery);
        owner.worn.extend(owner.revocation.take());
        owner
            .worn
            .extend(owner.invitation.take().map(|invited| invited.code));
        let shown = screen::paper_code(&self.deed.screen).expect("it was shown");
        owner.revocation = letters(shown.as_bytes());
        if is_invited {
            owner.password = Some(NEW_PASSWORD.to_vec());
        }
    }

    /// A code of the new key was typed, and its step is spent.
    fn assert_confirmed(&self, device: &Device) {
        assert_eq!(device.shape, CodeShape::USUAL);
        let mut typed = self.deed.confirmed.iter();
        let is_confirmed = typed.any(|(key, code)| {
            let confirmed = device.spent;
            let unused = Device {
                spent: 0,
                ..device.clone()
            };
            let steps = unused.steps_of(code, &self.good(None, &[]));
            *key == device.key && steps.contains(&confirmed)
        });
        assert!(is_confirmed, "nobody has confirmed it: {:?}", self.deed);
    }
}
