//! The words after `pam_kapu.so` in a PAM file.

use std::path::{Path, PathBuf};

use kapu_core::config::PasswordMode;
use kapu_core::event::{Asks, Event, Field, FirstPass, Severity, What};
use kapu_core::flows::login::Form;
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_host::service::DEFAULT_CONFIG;

/// Every argument, as the manual has it: pam_kapu(8) is compared with what the log says of these. What
/// stands in capitals behind `=` is any value.
const KNOWN: [&str; 7] = [
    "config=FILE",
    "password=MODE",
    "prompt=joined",
    "use_authtok",
    "try_first_pass",
    "use_first_pass",
    "debug",
];

/// The arguments of the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// `config=FILE`: in place of the default path. The file must then exist.
    pub(crate) config: Option<PathBuf>,
    /// `password=MODE`: in place of the configuration's.
    pub(crate) password: Option<PasswordMode>,
    /// `debug`: the log tells what is in force.
    pub(crate) debug: bool,
    /// `use_authtok`: the new password is that of an earlier module.
    pub(crate) use_authtok: bool,
    joined: bool,
    first_pass: Option<FirstPass>,
}

impl Arguments {
    /// Reads the arguments; one that is not known, or given twice, is an error, since a mistyped
    /// word must not quietly weaken a login.
    ///
    /// # Errors
    /// Names the argument.
    pub(crate) fn parse(words: &[String]) -> Result<Self, Trouble> {
        let mut arguments = Self::default();
        for word in words {
            arguments.read(word)?;
        }
        Ok(arguments)
    }

    fn read(&mut self, word: &str) -> Result<(), Trouble> {
        if !is_known(word) {
            return Err(unknown(word));
        }
        match word.split_once('=').unwrap_or((word, "")) {
            ("config", path) if Path::new(path).is_absolute() => {
                once(&mut self.config, path.into(), "config=")
            }
            ("config", _) => Err(wrong("config= expects an absolute path".to_owned())),
            ("password", mode) => {
                let known = PasswordMode::ALL
                    .into_iter()
                    .find(|known| known.word() == mode);
                let expected = "password= expects own, system or elsewhere";
                let mode = known.ok_or_else(|| wrong(expected.to_owned()))?;
                once(&mut self.password, mode, "password=")
            }
            _ => match word {
                "prompt=joined" => set(&mut self.joined, word),
                "debug" => set(&mut self.debug, word),
                "use_authtok" => set(&mut self.use_authtok, word),
                "try_first_pass" => once(&mut self.first_pass, FirstPass::Try, "..._first_pass"),
                "use_first_pass" => once(&mut self.first_pass, FirstPass::Use, "..._first_pass"),
                _ => Err(unknown(word)),
            },
        }
    }

    /// What `kind` of data is called that one rule leaves for another with the same configuration: in
    /// one stack there may be several.
    pub(crate) fn called(&self, kind: &str) -> String {
        let config = self.config.as_deref().unwrap_or(Path::new(DEFAULT_CONFIG));
        format!("{kind} {}", config.display())
    }

    /// What is asked where `mode` is in force.
    ///
    /// # Errors
    /// Where no password is asked, and an argument says how.
    pub(crate) fn form(&self, mode: PasswordMode) -> Result<Form, Trouble> {
        match mode {
            PasswordMode::Elsewhere if self.joined || self.first_pass.is_some() => Err(wrong(
                "with password=elsewhere no password is asked: \
                 prompt=joined and ..._first_pass make no sense"
                    .to_owned(),
            )),
            PasswordMode::Elsewhere => Ok(Form::Code),
            _ if self.joined => Ok(Form::Joined),
            _ => Ok(Form::Both),
        }
    }

    /// Whose question the answer to the first one comes from.
    pub(crate) fn first_pass(&self) -> FirstPass {
        self.first_pass.unwrap_or(FirstPass::Ask)
    }

    /// What is in force, for the log.
    pub(crate) fn event(&self, mode: PasswordMode, form: Form) -> Event {
        let config = self.config.as_deref().unwrap_or(Path::new(DEFAULT_CONFIG));
        let asks = match form {
            Form::Both => Asks::Both,
            Form::Joined => Asks::Joined,
            Form::Code => Asks::Code,
        };
        Event::new(Severity::Info, What::Debug)
            .text(Field::Config, &config.to_string_lossy())
            .word(Field::Password, mode)
            .word(Field::Asks, asks)
            .word(Field::FirstPass, self.first_pass())
    }
}

/// Whether a word of [`KNOWN`] is this one, up to its value.
fn is_known(word: &str) -> bool {
    KNOWN.iter().any(|known| {
        let name = known.trim_end_matches(|letter: char| letter.is_ascii_uppercase());
        *known == word || (name.ends_with('=') && word.starts_with(name))
    })
}

fn unknown(word: &str) -> Trouble {
    let known = KNOWN.join(", ");
    wrong(format!(
        "{word:?} is not an argument of pam_kapu.so; there are {known}"
    ))
}

fn once<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), Trouble> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(wrong(format!("{name} is given twice"))),
    }
}

fn set(flag: &mut bool, name: &str) -> Result<(), Trouble> {
    if std::mem::replace(flag, true) {
        return Err(wrong(format!("{name} is given twice")));
    }
    Ok(())
}

fn wrong(detail: String) -> Trouble {
    Trouble::new(TroubleKind::Arguments, detail)
}
