//! The decisions of kapu: what a login, an enrollment and a revocation are.
//!
//! This crate has no files, no clock, no chance, no PAM and no unsafe code. Whatever it needs of
//! the machine it asks through the traits of [`ports`]. Start reading at [`judge`].
#![forbid(unsafe_code)]

pub mod secret;
