//! Other logins that load the machine while something is measured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kapu_tests::{HostProcess, PASSWORD, Site, together};

/// The service of those logins, and the rule by which the right password alone lets them in: a login
/// that is let in waits for nothing, so each follows the last at once.
const SERVICE: &str = "kapu-others";
pub(crate) const EXEMPT: &str =
    "[[rule]]\nname = \"others\"\nservices = [\"kapu-others\"]\ncode = \"exempt\"\n";
/// Logins of one process.
const A_PROCESS: usize = 50;

/// Does `work` while each of these accounts, which are enrolled, logs in again and again.
///
/// # Panics
/// When one of them is not let in.
pub(crate) fn beside<R>(site: &Site, accounts: &[String], work: impl FnOnce() -> R) -> R {
    site.service(SERVICE, &[&format!("auth required {}", site.module())]);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = scope.spawn(|| {
            let numbered: Vec<(usize, &String)> = accounts.iter().enumerate().collect();
            together(&numbered, |(number, account)| {
                let mut logins = 0;
                while !is_over.load(Ordering::Relaxed) {
                    log_in(site, account, &format!("203.0.113.{number}"));
                    logins += A_PROCESS;
                }
                logins
            })
        });
        // However the work ends: else the others would never.
        let over = Over(&is_over);
        let found = work();
        drop(over);
        let logins: Vec<usize> = others.join().expect("every one of them is let in");
        println!("logins of others: {logins:?}");
        found
    })
}

fn log_in(site: &Site, account: &str, address: &str) {
    let mut host = HostProcess::start(site, &[address]);
    host.tell(&format!("{SERVICE}\t{account}\t{PASSWORD}\t\n").repeat(A_PROCESS));
    let printed = host.printed();
    let let_in = printed.lines().filter(|line| line.starts_with("0 "));
    assert_eq!(let_in.count(), A_PROCESS, "{printed}");
}

/// Says that it is over when it goes.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
