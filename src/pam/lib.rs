//! `pam_kapu.so`: the door between libpam and the decisions of kapu.
//!
//! Everything here is about C: the six hooks, the conversation, the items of a transaction. What
//! a login *is* stands in `kapu_core::judge`.

mod arguments;
mod conversation;
mod data;
mod hooks;
mod items;
mod log;
mod password;
