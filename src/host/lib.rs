//! What the machine gives kapu: files, clock, chance, names, the password hash, the log.
//!
//! Everything here implements a trait of [`kapu_core::ports`], or is a part of something that does.

pub mod argon;
pub mod checked_open;
pub mod clock;
pub mod directory_store;
pub mod elsewhere;
pub mod file_error;
pub mod identity;
pub mod journal;
pub mod log;
pub mod names;
pub mod people;
pub mod qr;
pub mod queue;
pub mod random;
pub mod seal;
pub mod service;
pub mod system_password;
pub mod undumpable;

mod arena;
mod commit;
mod cores;
mod held_dir;
mod listing;
mod lock;
mod phc;
mod stack;
mod walk;

#[cfg(test)]
mod in_child;
#[cfg(test)]
mod scratch;
#[cfg(test)]
mod steps;
