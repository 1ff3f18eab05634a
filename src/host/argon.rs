//! kapu's own passwords: Argon2id (RFC 9106) with memory of its own.

use argon2::{Algorithm, Argon2, Params, Version};
use kapu_core::config::PasswordConfig;
use kapu_core::password_rules::normalise;
use kapu_core::ports::{Passwords, Proof, Trouble, TroubleKind};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::verdict::Login;

use crate::arena::Arena;
use crate::phc::{Cost, Phc};
use crate::queue::HashQueue;
use crate::{random, stack};

/// Lanes: computed one after the other, so that more than one would only be slower.
const LANES: u32 = 1;
/// Bytes of a new salt (RFC 9106 section 4).
const NEW_SALT: usize = 16;
/// Bytes of a new tag (RFC 9106 section 4).
const NEW_TAG: usize = 32;

/// Checks and makes password hashes in this process.
///
/// Passwords are taken as typed, and normalised here: keyboards differ in how they send an *é*.
///
/// Each hash waits for its turn in the queue, whether there is something to check or not.
#[derive(Debug, Clone)]
pub struct OwnPasswords {
    cost: Cost,
    queue: HashQueue,
}

impl OwnPasswords {
    /// Hashes by `memory_kib` and `passes` of the configuration, in its turn of `queue`.
    ///
    /// # Errors
    /// When they are beyond the bounds that the configuration should have kept.
    pub fn new(config: &PasswordConfig, queue: HashQueue) -> Result<Self, Trouble> {
        let cost = Cost::new(config.memory_kib, config.passes).ok_or_else(|| {
            Trouble::new(
                TroubleKind::Config,
                "[password] memory-kib or passes is beyond its bounds",
            )
        })?;
        Ok(Self { cost, queue })
    }

    /// Does the work of a check where there is nothing to check, so that the time does not tell
    /// who has an account: what a check of a password hashed by the present configuration does.
    /// One of other costs still takes another time, until a login puts a new hash in its place.
    fn decoy(&self, typed: &Secret) -> Result<Proof, Trouble> {
        tag_of(typed, &[0; NEW_SALT], self.cost, NEW_TAG)?;
        Ok(Proof::Wrong)
    }
}

impl Passwords for OwnPasswords {
    fn verify(
        &self,
        login: &Login,
        hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble> {
        let _turn = self.queue.turn(Some(login))?;
        let Some(hash) = hash else {
            return self.decoy(typed);
        };
        let stored = Phc::read(hash).map_err(|why| Trouble::new(TroubleKind::Hash, why.text()))?;
        let tag = tag_of(typed, &stored.salt, stored.cost, stored.tag.len())?;
        Ok(if tag.same_as(&stored.tag) {
            Proof::Right
        } else {
            Proof::Wrong
        })
    }

    fn hash(&self, password: &Secret) -> Result<PasswordHash, Trouble> {
        let mut salt = vec![0; NEW_SALT];
        random::fill(&mut salt)?;
        let _turn = self.queue.turn(None)?;
        let tag = tag_of(password, &salt, self.cost, NEW_TAG)?;
        let cost = self.cost;
        Ok(Phc { cost, salt, tag }.write())
    }

    fn stale(&self, hash: &PasswordHash) -> bool {
        // What cannot be read can never be the password of a login, so there is nothing to renew.
        Phc::read(hash).is_ok_and(|stored| {
            stored.cost.is_below(self.cost)
                || stored.salt.len() < NEW_SALT
                || stored.tag.len() < NEW_TAG
        })
    }
}

/// The tag of `password`, `length` bytes long.
fn tag_of(password: &Secret, salt: &[u8], cost: Cost, length: usize) -> Result<Secret, Trouble> {
    let params =
        Params::new(cost.memory_kib(), cost.passes(), LANES, Some(length)).map_err(failed)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    compute(&argon2, normalise(password).expose(), salt, length)
}

/// Runs `argon2` in memory that does not outlive the call.
fn compute(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
    length: usize,
) -> Result<Secret, Trouble> {
    let mut arena = Arena::new(argon2.params().block_count())?;
    let mut tag = vec![0; length];
    let hashed = argon2.hash_password_into_with_memory(password, salt, &mut tag, arena.blocks());
    stack::scrub();
    let tag = Secret::new(tag);
    hashed.map_err(failed).map(|()| tag)
}

fn failed(error: argon2::Error) -> Trouble {
    Trouble::new(TroubleKind::Hash, format!("Argon2: {error}"))
}

#[cfg(test)]
mod process_tests;
#[cfg(test)]
mod renewal_tests;

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::ops::Deref;
    use std::time::{Duration, Instant};

    use argon2::{AssociatedData, ParamsBuilder};
    use kapu_core::verdict::Who;
    use nix::time::{ClockId, clock_gettime};

    use super::*;
    use crate::scratch::{Scratch, own_uid};

    /// Strings of another implementation; the file says which.
    const FOREIGN: &str = include_str!("../../tests/vectors/argon2id-debian.txt");

    /// Passwords with a queue of their own.
    pub(super) struct Own {
        passwords: OwnPasswords,
        _scratch: Scratch,
    }

    impl Deref for Own {
        type Target = OwnPasswords;

        fn deref(&self) -> &OwnPasswords {
            &self.passwords
        }
    }

    pub(super) fn passwords(memory_kib: u32, passes: u32) -> Own {
        let scratch = Scratch::new();
        let passwords = passwords_in(&scratch, memory_kib, passes).unwrap();
        Own {
            passwords,
            _scratch: scratch,
        }
    }

    pub(super) fn passwords_in(
        scratch: &Scratch,
        memory_kib: u32,
        passes: u32,
    ) -> Result<OwnPasswords, Trouble> {
        let config = PasswordConfig {
            min_length: 8,
            memory_kib,
            passes,
            simultaneous: NonZeroUsize::new(2),
        };
        let queue = HashQueue::beside(&scratch.accounts(), own_uid(), config.simultaneous);
        OwnPasswords::new(&config, queue)
    }

    pub(super) fn login() -> Login {
        Login {
            typed_user: "anna".to_owned(),
            who: Who::Unknown,
            service: "sshd".to_owned(),
            rhost: None,
            tty: None,
            ruser: None,
            place: None,
        }
    }

    fn verify(hash: Option<&PasswordHash>, typed: &str) -> Result<Proof, Trouble> {
        passwords(8192, 1).verify(&login(), hash, &Secret::copy_of(typed.as_bytes()))
    }

    /// Processor time of this thread: other tests run meanwhile.
    fn thread_time() -> Duration {
        clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
            .unwrap()
            .into()
    }

    fn stored(text: &str) -> PasswordHash {
        PasswordHash(Secret::copy_of(text.as_bytes()))
    }

    #[test]
    fn a_letter_and_its_combining_form_are_the_same_password() {
        let hash = passwords(8192, 1)
            .hash(&Secret::copy_of("jelszó néhány".as_bytes()))
            .unwrap();
        assert_eq!(
            verify(Some(&hash), "jelszo\u{301} ne\u{301}ha\u{301}ny"),
            Ok(Proof::Right)
        );
        assert_eq!(verify(Some(&hash), "jelszo nehany"), Ok(Proof::Wrong));
    }

    #[test]
    fn the_vector_of_rfc_9106_section_5_3_comes_out_of_our_memory() {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .output_len(32)
            .build()
            .unwrap();
        let argon2 =
            Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let tag = compute(&argon2, &[1; 32], &[2; 16], 32).unwrap();
        let hex: String = tag
            .expose()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
        );
    }

    #[test]
    fn hashes_of_another_implementation_are_right_for_their_password_alone() {
        let lines = FOREIGN.lines().filter(|line| !line.starts_with('#'));
        let pairs: Vec<_> = lines.map(|line| line.split_once('\t').unwrap()).collect();
        assert_eq!(pairs.len(), 5);
        for (password, hash) in pairs {
            let hash = stored(hash);
            assert_eq!(
                verify(Some(&hash), password),
                Ok(Proof::Right),
                "{password}"
            );
            let other = format!("{password} ");
            assert_eq!(verify(Some(&hash), &other), Ok(Proof::Wrong), "{password}");
        }
    }

    #[test]
    fn a_new_hash_is_right_for_its_password_and_never_the_same_twice() {
        let passwords = passwords(8192, 2);
        let password = Secret::copy_of("jelszó, elég hosszú".as_bytes());
        let one = passwords.hash(&password).unwrap();
        let two = passwords.hash(&password).unwrap();
        assert!(!one.0.same_as(&two.0));
        let text = one.0.expose_text().unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=8192,t=2,p=1$"), "{text}");
        assert_eq!(text.len(), 30 + 22 + 1 + 43);
        for hash in [&one, &two] {
            assert_eq!(
                passwords.verify(&login(), Some(hash), &password),
                Ok(Proof::Right)
            );
            assert_eq!(verify(Some(hash), "jelszó"), Ok(Proof::Wrong));
        }
    }

    #[test]
    fn without_a_stored_password_every_answer_is_wrong() {
        for typed in ["", "password", "\0"] {
            assert_eq!(verify(None, typed), Ok(Proof::Wrong));
        }
    }

    #[test]
    fn a_decoy_costs_what_a_check_costs() {
        let passwords = passwords(65536, 2);
        let typed = Secret::copy_of(b"password");
        let hash = passwords.hash(&typed).unwrap();
        let work = |hash: Option<&PasswordHash>| {
            let one = |_| {
                let start = thread_time();
                passwords.verify(&login(), hash, &typed).unwrap();
                thread_time() - start
            };
            (0..5).map(one).min().unwrap().as_secs_f64()
        };
        // The bounds are wide for the sake of busy machines; the work is the same or it is none.
        let ratio = work(None) / work(Some(&hash));
        assert!((0.4..2.5).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_record_that_asks_for_four_gigabytes_is_refused_at_once() {
        let (passwords, typed) = (passwords(8192, 1), Secret::copy_of(b"password"));
        // The first makes the files of the queue.
        passwords.verify(&login(), None, &typed).unwrap();
        for cost in ["m=4194304,t=2", "m=4294967295,t=2", "m=19456,t=4294967295"] {
            let hash = stored(&format!(
                "$argon2id$v=19${cost},p=1$c29tZXNhbHQxNmJ5dGVzLg$\
                 MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"
            ));
            let start = Instant::now();
            let trouble = passwords.verify(&login(), Some(&hash), &typed).unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Hash);
            assert!(start.elapsed() < Duration::from_millis(100));
        }
    }

    #[test]
    fn what_is_not_a_hash_is_trouble_and_the_trouble_does_not_quote_it() {
        for text in ["", "!", "x", "$6$salt$hash", "plain password"] {
            let trouble = verify(Some(&stored(text)), "password").unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Hash);
            assert!(text.len() < 2 || !trouble.to_string().contains(text));
        }
    }

    #[test]
    fn settings_beyond_the_bounds_are_refused() {
        for (memory_kib, passes) in [(8191, 2), (1_048_577, 2), (19456, 0), (19456, 11)] {
            let trouble = passwords_in(&Scratch::new(), memory_kib, passes).unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Config);
        }
    }

    #[test]
    fn a_hash_is_stale_when_any_number_is_lower_than_configured() {
        let hash = passwords(9000, 2)
            .hash(&Secret::copy_of(b"password"))
            .unwrap();
        assert!(!passwords(9000, 2).stale(&hash));
        assert!(!passwords(8192, 1).stale(&hash));
        assert!(passwords(9001, 2).stale(&hash));
        assert!(passwords(9000, 3).stale(&hash));
        assert!(passwords(8192, 3).stale(&hash));
        let strong = "$argon2id$v=19$m=9000,t=2,p=1$";
        let (salt, tag) = (
            "c29tZXNhbHQxNmJ5dGVzLg",
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
        );
        assert!(!passwords(9000, 2).stale(&stored(&format!("{strong}{salt}${tag}"))));
        assert!(passwords(9000, 2).stale(&stored(&format!("{strong}{salt}${salt}"))));
        assert!(passwords(9000, 2).stale(&stored(&format!("{strong}MDEyMzQ1Njc4${tag}"))));
        assert!(!passwords(9000, 2).stale(&stored("garbage")));
    }
}
