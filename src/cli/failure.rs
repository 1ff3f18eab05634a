//! How a command ends when it does not end well.

use std::process::ExitCode;

use kapu_core::ports::Trouble;

use crate::output;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something of ours does not work.
    Trouble(Trouble),
    /// It was refused, for this reason.
    Refused(String),
    /// It was refused, and that was said already.
    Told,
    /// The options do not make sense together.
    Usage(String),
    /// Nobody reads the output any more.
    OutputGone,
}

impl Failure {
    /// Says why, and gives the exit status: 2 for a command line that makes no sense, else 1.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Trouble(trouble) => output::complain(&format!("kapu: {trouble}")),
            Self::Refused(text) => output::complain(&text),
            Self::Usage(text) => {
                output::complain(&format!("kapu: {text}"));
                return ExitCode::from(2);
            }
            Self::Told | Self::OutputGone => {}
        }
        ExitCode::FAILURE
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}
