//! The words after `pam_kapu.so` in a PAM file.

use std::path::{Path, PathBuf};

use kapu_core::ports::{Trouble, TroubleKind};

/// The arguments of the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// `config=FILE`: in place of the default path. The file must then exist.
    pub(crate) config: Option<PathBuf>,
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
            let Some(path) = word.strip_prefix("config=") else {
                return Err(wrong(format!("{word:?} is not an argument of pam_kapu.so")));
            };
            if !Path::new(path).is_absolute() {
                return Err(wrong("config= expects an absolute path".to_owned()));
            }
            if arguments.config.replace(PathBuf::from(path)).is_some() {
                return Err(wrong("config= is given twice".to_owned()));
            }
        }
        Ok(arguments)
    }
}

fn wrong(detail: String) -> Trouble {
    Trouble::new(TroubleKind::Arguments, detail)
}
