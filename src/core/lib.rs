//! The decisions of kapu: what a login, an enrollment and a revocation are.
//!
//! This crate has no files, no clock, no chance, no PAM and no unsafe code. Whatever it needs of
//! the machine it asks through the traits of [`ports`]. Start reading at [`judge`].
#![forbid(unsafe_code)]

pub mod check;
pub mod code;
pub mod config;
pub mod date;
pub mod digest;
pub mod document;
pub mod event;
pub mod flows;
mod grouping;
pub mod hex;
pub mod id;
pub mod judge;
pub mod key_card;
pub mod listing;
pub mod messages;
pub mod network;
pub mod notices;
pub mod otpauth;
pub mod paper;
pub mod password_rules;
pub mod place;
pub mod policy;
pub mod ports;
pub mod record;
pub mod remembered;
pub mod report;
pub mod rule;
pub mod secret;
pub mod span;
pub mod state;
pub mod throttle;
pub mod username;
pub mod verdict;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod vectors;
