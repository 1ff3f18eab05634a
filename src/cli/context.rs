//! What every command starts from: the configuration, the words, and whose account it is about.

use std::env;
use std::io::{IsTerminal, stdout};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use kapu_core::config::Config;
use kapu_core::messages::{Message, Texts};
use kapu_core::password_rules::Rules;
use kapu_core::policy::{Policy, Requirement};
use kapu_core::ports::{Host, UnixTime};
use kapu_core::record::{CodeShape, MovingFactor};
use kapu_core::username::Account;
use kapu_core::verdict::{Login, Who};
use kapu_host::{identity, names, service};
use nix::unistd::getuid;

use crate::cli::QrChoice;
use crate::failure::Failure;
use crate::locale;
use crate::screen::{Drawing, Letters};
use kapu_host::qr::Ink;

/// The configuration and the words of this run.
#[derive(Debug)]
pub(crate) struct Context {
    /// The configuration.
    pub(crate) config: Config,
    /// The words, in the language of this terminal.
    pub(crate) texts: Texts,
    /// What this host is called, in texts and in apps.
    pub(crate) site: String,
}

impl Context {
    /// Reads the configuration at `path`, or at the default path.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self::of(service::load_config(path)?))
    }

    /// What follows from a configuration.
    pub(crate) fn of(config: Config) -> Self {
        let texts = locale::texts(variable, config.texts.language);
        let site = match &config.site.issuer {
            Some(issuer) => issuer.clone(),
            None => names::host_name(),
        };
        Self {
            config,
            texts,
            site,
        }
    }

    /// How a new device makes its codes: as configured, but with a counter where `hotp` is asked for.
    pub(crate) const fn new_shape(&self, hotp: bool) -> CodeShape {
        let mut shape = self.config.enroll.shape;
        if hotp {
            shape.moving = MovingFactor::Counter;
        }
        shape
    }

    /// The account called `user`, or without a name the one that runs this program.
    pub(crate) fn account(&self, user: Option<&str>) -> Result<Account, Failure> {
        let uid = getuid().as_raw();
        let who = match user {
            Some(user) => names::resolve(user),
            None => names::of_uid(uid),
        };
        match who {
            Who::Known(account) => Ok(account),
            Who::Unresolved(trouble) => Err(trouble.into()),
            Who::Unknown => {
                let name = user.map_or_else(|| uid.to_string(), str::to_owned);
                let values = [("user", name.as_str())];
                Err(self.refusal(Message::NoSuchAccount, &values))
            }
        }
    }

    /// Refuses where this process is not the owner of the store and nobody else.
    pub(crate) fn must_own_the_store(&self) -> Result<(), Failure> {
        let owner = self.store_owner();
        identity::process_owns(owner).map_err(|_| {
            let owner = name_of(owner);
            let ask = self.texts.ask(self.config.site.contact.as_deref());
            self.refusal(Message::OnlyOwner, &[("owner", &owner), ("ask", &ask)])
        })
    }

    /// Whose the store is.
    pub(crate) fn store_owner(&self) -> u32 {
        // What cannot even be looked at is somebody else's: the administrator's.
        std::fs::symlink_metadata(&self.config.store.path).map_or_else(
            |error| match error.kind() {
                std::io::ErrorKind::NotFound => identity::effective_uid(),
                _ => identity::ROOT,
            },
            |found| found.uid(),
        )
    }

    /// Whether a login of `account` over ssh, from anywhere, needs a code.
    pub(crate) fn requirement(&self, account: &Account, host: &dyn Host) -> Requirement {
        let login = Login {
            typed_user: account.name.clone(),
            who: Who::Known(account.clone()),
            service: self
                .config
                .login
                .sshd_services
                .first()
                .cloned()
                .unwrap_or_default(),
            rhost: None,
            tty: None,
            ruser: None,
            place: None,
        };
        Policy::of(&self.config, &login, host).requirement
    }

    /// What a new password of this account is held against.
    pub(crate) fn rules(&self, account: &Account) -> Rules {
        Rules {
            min_length: self.config.password.min_length,
            user_names: vec![account.name.clone()],
            site_names: vec![self.site.clone(), names::host_name()],
        }
    }

    /// A refusal in the words of the table.
    pub(crate) fn refusal(&self, message: Message, values: &[(&str, &str)]) -> Failure {
        Failure::Refused(self.texts.fill(message, values))
    }

    /// The refusal of an account that is young until then ([`Record::young_until`]).
    ///
    /// [`Record::young_until`]: kapu_core::record::Record::young_until
    pub(crate) fn is_young(&self, user: &str, until: UnixTime, host: &dyn Host) -> Failure {
        let date = self.texts.date(host.local_time(until));
        let values = [("user", user), ("site", &self.site), ("date", &date)];
        self.refusal(Message::Young, &values)
    }

    /// How QR codes are drawn, on a display that obeys escape sequences or does not.
    pub(crate) fn drawing(&self, choice: QrChoice, surface: Surface) -> Drawing {
        let letters = match choice {
            QrChoice::Auto if self.texts.unicode => Letters::HalfBlocks,
            QrChoice::Auto | QrChoice::Ascii => Letters::Ascii,
            QrChoice::Utf8 | QrChoice::Inverse => Letters::HalfBlocks,
            QrChoice::None => Letters::None,
        };
        let ink = match surface {
            // A terminal whose colours we leave alone is taken for a dark one, as most are.
            Surface::Terminal => Ink::Light,
            Surface::ColourTerminal | Surface::File => Ink::Dark,
        };
        Drawing {
            letters,
            ink: if choice == QrChoice::Inverse {
                ink.inverted()
            } else {
                ink
            },
            coloured: surface == Surface::ColourTerminal,
        }
    }
}

/// What a QR code is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// A terminal on which we set the colours.
    ColourTerminal,
    /// A terminal that does not know colours, or shall show none.
    Terminal,
    /// Whatever will be made of a file or a pipe.
    File,
}

impl Surface {
    /// What standard output is.
    pub(crate) fn of_output() -> Self {
        if stdout().is_terminal() {
            Self::of_terminal()
        } else {
            Self::File
        }
    }

    /// What the terminal is, by its environment: `NO_COLOR` with any value asks for none.
    pub(crate) fn of_terminal() -> Self {
        let wants_none = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        if wants_none || !obeys_escapes() {
            Self::Terminal
        } else {
            Self::ColourTerminal
        }
    }
}

/// Whether the terminal obeys escape sequences.
pub(crate) fn obeys_escapes() -> bool {
    variable("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// What a uid is called here.
pub(crate) fn name_of(uid: u32) -> String {
    match names::of_uid(uid) {
        Who::Known(account) => account.name,
        _ => uid.to_string(),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
