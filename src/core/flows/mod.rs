//! What happens from the first prompt to the last line, over the ports.

pub mod login;
