//! The ways to prove the first factor, and an installation for each.

use kapu_tests::{Enrolled, PASSWORD, Site, wrapper_module};

/// What the configuration calls the PAM service of a case, until the case puts its own there.
pub(crate) const SERVICE: &str = "service-of-the-case";
/// The service that the system's password is asked of.
const NESTED: &str = "kapu-password";

/// How the first factor is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstFactor {
    /// A password is asked and checked.
    Password,
    /// sshd says that a key was used.
    Key,
    /// Nothing is known.
    Unproven,
}

/// One value of `password =`.
pub(crate) struct Mode {
    /// The heading of its section in the table.
    pub(crate) heading: &'static str,
    /// Lines of kapu.toml.
    configuration: &'static str,
    pub(crate) first_factor: FirstFactor,
}

pub(crate) const OWN: Mode = Mode {
    heading: "password = \"own\"",
    configuration: "[login]\npassword = \"own\"\n",
    first_factor: FirstFactor::Password,
};

pub(crate) const SYSTEM: Mode = Mode {
    heading: "password = \"system\"",
    configuration: "[login]\npassword = \"system\"\n",
    first_factor: FirstFactor::Password,
};

pub(crate) const ELSEWHERE: Mode = Mode {
    heading: "password = \"elsewhere\", no ssh key",
    configuration: "[login]\npassword = \"elsewhere\"\n",
    first_factor: FirstFactor::Unproven,
};

pub(crate) const ELSEWHERE_AFTER_A_KEY: Mode = Mode {
    heading: "password = \"elsewhere\", after an ssh key",
    configuration: "[login]\npassword = \"elsewhere\"\nsshd-services = [\"service-of-the-case\"]\n",
    first_factor: FirstFactor::Key,
};

impl Mode {
    /// An installation in which nobody is enrolled.
    pub(crate) fn site(&self) -> Site {
        let site = Site::with(self.configuration);
        let line = format!("{}:{PASSWORD}:{NESTED}\n", site.user());
        let passwords = site.write("passwords", &line);
        let module = wrapper_module("pam_matrix.so");
        let rule = format!(
            "auth required {} passdb={}",
            module.display(),
            passwords.display()
        );
        site.service(NESTED, &[&rule]);
        site
    }

    /// Enrolls the site's account, with a password where it is kept here.
    pub(crate) fn enroll(&self, site: &Site) -> Enrolled {
        if self.heading == OWN.heading {
            site.enroll(site.user())
        } else {
            site.enroll_without_password(site.user())
        }
    }
}
