//! What the machine gives kapu: files, clock, chance, names, the password hash, the log.
//!
//! Everything here is an implementation of a trait of [`kapu_core::ports`], or a part of one.

mod arena;
pub mod argon;
pub mod checked_open;
pub mod clock;
mod commit;
pub mod directory_store;
pub mod file_error;
pub mod identity;
#[cfg(test)]
mod in_child;
mod lock;
pub mod log;
pub mod names;
mod phc;
pub mod random;
#[cfg(test)]
mod scratch;
pub mod seal;
pub mod service;
mod walk;
