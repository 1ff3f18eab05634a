//! What the machine gives kapu: the password hash, the clock, chance, names and the log.
//!
//! Everything here is an implementation of a trait of [`kapu_core::ports`], or a part of one.

pub mod argon;
pub mod clock;
pub mod log;
pub mod names;
pub mod random;

mod arena;
mod phc;

#[cfg(test)]
mod in_child;
