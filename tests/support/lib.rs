//! What the suites share. A [`Site`] is a whole installation in a directory of its own: a
//! configuration, a host key, a store, PAM service files that load the built module. A login to
//! it is an [`Attempt`] through the real libpam, or an ssh client's through a [`PrivateSshd`].
//!
//! Nothing here links to the code under test: it is met as its users meet it.

mod accounts;
mod artefacts;
mod attempt;
mod classifier;
mod crowd;
mod document;
mod effort;
mod fail2ban;
mod flow;
mod host_process;
mod invented;
mod journal;
mod journald;
mod laptop;
mod log;
mod log_page;
mod long_secrets;
mod machine;
mod namespaces;
mod newcomer;
mod oath;
mod outcome;
mod picture;
mod privileges;
mod recipe;
mod scratch;
mod screen;
mod site;
mod ssh_client;
mod sshd;
mod strace;
mod terminal;
mod tmux;
mod wrapped;

pub use artefacts::{module, module_that_panics, wrapper_module};
pub use attempt::Attempt;
pub use classifier::distinguishable;
pub use crowd::{
    Tally, behind_the_lock, locked, moment_of_release, released_together, tally, together,
};
pub use document::{sealed_anew, unsealed};
pub use effort::{effort, is_long};
pub use fail2ban::{Fail2ban, RunningFail2ban};
pub use flow::{Flow, Stored};
pub use host_process::HostProcess;
pub use invented::{Invented, NESTED, SYSTEM};
pub use journal::{Journal, JournalEntry};
pub use journald::Journald;
pub use laptop::Laptop;
pub use log::LogLine;
pub use log_page::LogPage;
pub use long_secrets::{LONG_PASSWORD, enroll_with_long_secrets, long_secret, secrets};
pub use machine::{ELSEWHERE, Machine, OFFICE, SYSTEM_PASSWORD, knows_service_name, on_a_machine};
pub use newcomer::{
    NewDevice, begin_login, bring_over, note_revocation_code, secret_of, set_up,
    set_up_at_terminal, shown_paper_code, shown_uri,
};
pub use oath::{PERIOD, code_at, counter_code, moment_with, wrong_code};
pub use outcome::{Outcome, Prompt};
pub use picture::decode_qr;
pub use privileges::{UID_OF_SOMEBODY_ELSE, caller, is_root, somebody_else};
pub use scratch::Scratch;
pub use screen::{Screen, Theme};
pub use site::{Enrolled, PASSWORD, SECRET, SERVICE, Site};
pub use ssh_client::{KEY_AND_PAM, KEYBOARD, SshOutcome};
pub use sshd::PrivateSshd;
pub use strace::{Call, calls, own_calls, traced};
pub use terminal::Terminal;
pub use tmux::Tmux;
pub use wrapped::wrapped;
