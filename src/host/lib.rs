//! What the machine gives kapu: files, clock, chance, the password hash, the log.

pub mod checked_open;
mod commit;
pub mod directory_store;
pub mod file_error;
pub mod identity;
mod lock;
mod random;
#[cfg(test)]
mod scratch;
pub mod seal;
pub mod service;
mod walk;
