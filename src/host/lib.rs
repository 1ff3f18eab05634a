//! What the machine gives kapu: files, clock, chance, the password hash, the log.

pub mod system_password;
