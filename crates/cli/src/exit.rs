//! How the program ends: five outcomes with the numbers scripts rely on, and the one error type that
//! carries an outcome, a message and the next step. It must not print; see [`crate::message`].

use std::fmt;
use std::io;
use std::process::ExitCode;

use model::Code;
use table::io_reason;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Done, and there is a finding, or `read` came upon nothing that was asked for, as `grep` says it. A
    /// query without rows is done: its answer is that there are none.
    Found,
    /// The command line or the configuration is wrong.
    Usage,
    /// Something outside failed: a file, a disk, a network.
    Outside,
    /// Our own mistake.
    Bug,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Outside => 3,
            Self::Bug => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

/// An error as the user meets it: lower case, no final stop, backticks around what was typed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: Option<Code>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    fn new(exit: Exit, code: Option<Code>, message: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// The user asked for something that cannot be.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, None, message)
    }

    /// A value somebody wrote is wrong, and there is a page about it.
    pub(crate) fn value(code: Code, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, Some(code), message)
    }

    /// Something outside failed.
    pub(crate) fn outside(message: impl Into<String>) -> Self {
        Self::new(Exit::Outside, None, message)
    }

    /// Our own mistake.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self {
            hint: Some(format!(
                "this is a mistake in flowglass {}; please report it with the command you ran",
                env!("CARGO_PKG_VERSION")
            )),
            ..Self::new(Exit::Bug, None, message)
        }
    }

    /// Adds the next step.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// True if the reader of our output went away, as `| head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Turns whatever came up into what the user meets.
pub(crate) fn failure_of(error: anyhow::Error) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => failure,
        Err(error) => match error.downcast_ref::<io::Error>() {
            Some(io) => Failure::outside(format!("cannot write the output: {}", io_reason(io))),
            None => Failure::bug(error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_scripts_rely_on() {
        let all = [Exit::Done, Exit::Found, Exit::Usage, Exit::Outside, Exit::Bug];
        assert_eq!(all.map(Exit::number), [0, 1, 2, 3, 70]);
    }

    #[test]
    fn a_broken_pipe_is_found_through_context() {
        let error = anyhow::Error::new(io::Error::from(io::ErrorKind::BrokenPipe)).context("while printing");
        assert!(is_broken_pipe(&error));
        assert!(!is_broken_pipe(&anyhow::Error::new(Failure::usage("no"))));
    }

    #[test]
    fn errors_without_a_form_of_their_own() {
        assert_eq!(failure_of(anyhow::anyhow!("x")).exit, Exit::Bug);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let failure = failure_of(full.into());
        assert_eq!(
            (failure.exit, failure.message.as_str()),
            (Exit::Outside, "cannot write the output: the disk is full")
        );
    }
}
