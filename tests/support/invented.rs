//! An account of the system that is made for a test.

use std::fs;
use std::process::Command;

use crate::outcome::Outcome;
use crate::site::Site;

/// The service that is asked whether the system's password is right.
pub const NESTED: &str = "kapu-password";
/// The configuration that makes the module ask it.
pub const SYSTEM: &str = "[login]\npassword = \"system\"\n";

/// An account by its lines in copies of passwd(5) and shadow(5), which stand in the place of the
/// system's for everything that its site runs.
#[derive(Debug)]
pub struct Invented {
    /// Its name.
    pub name: &'static str,
    /// Where it is enrolled.
    pub site: Site,
}

impl Invented {
    /// With `rules` for the nested service, and this password or an empty field in its place.
    /// `None` where the kernel gives no mount namespace.
    #[must_use]
    pub fn with(rules: &[&str], password: Option<&str>) -> Option<Self> {
        Self::on(Site::with(SYSTEM), rules, password)
    }

    /// As [`with`](Self::with), on a site that was made for it.
    ///
    /// # Panics
    /// When its files cannot be made.
    #[must_use]
    pub fn on(mut site: Site, rules: &[&str], password: Option<&str>) -> Option<Self> {
        let name = "kapu-invented";
        let hash = password.map(hashed).unwrap_or_default();
        let with_line = |file: &str, line: String| {
            let text = fs::read_to_string(file).expect("the system's own");
            text + &line
        };
        let passwd = format!("{name}:x:64321:64321::/nonexistent:/bin/sh\n");
        let passwd = site.write("passwd", &with_line("/etc/passwd", passwd));
        let shadow = format!("{name}:{hash}:19000:0:99999:7:::\n");
        let shadow = site.write("shadow", &with_line("/etc/shadow", shadow));
        site.service(NESTED, rules);
        let common = fs::read_to_string("/etc/pam.d/common-auth").expect("Debian's own");
        site.write("pam.d/common-auth", &common);
        let pam = site.pam_directory();
        let files = [
            (passwd, "/etc/passwd"),
            (shadow, "/etc/shadow"),
            (pam, "/etc/pam.d"),
        ];
        if !site.take_for_system(&files) {
            eprintln!("not tested: this kernel gives no mount namespace");
            return None;
        }
        site.enroll_without_password(name);
        Some(Self { name, site })
    }

    /// Its login with these two answers.
    #[must_use]
    pub fn log_in(&self, password: &str, code: &str) -> Outcome {
        let attempt = self.site.attempt().user(self.name);
        attempt.answers([password, code]).run()
    }
}

/// As shadow(5) keeps it.
pub(crate) fn hashed(password: &str) -> String {
    let output = Command::new("perl")
        .args(["-e", "print crypt($ARGV[0], '$6$kapu$')", password])
        .output()
        .expect("perl runs");
    String::from_utf8(output.stdout).expect("a hash is ASCII")
}
