//! The form of everything that is said beside the data: `error[FG2101]: …` and a `hint:` line.
//! It writes where it is told to and decides nothing.

use std::io::{self, Write};

use model::Code;

use crate::exit::Failure;
use model::printable;

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grade {
    /// Something asked for was not done.
    Error,
    /// Done, but look at this.
    Warning,
    /// Good to know.
    Note,
}

impl Grade {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    const fn style(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Note => "\x1b[1m",
        }
    }
}

/// One message with the next step.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) grade: Grade,
    pub(crate) code: Option<Code>,
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
}

impl Message {
    /// A message without a code or hint.
    pub(crate) fn new(grade: Grade, text: impl Into<String>) -> Self {
        Self {
            grade,
            code: None,
            text: text.into(),
            hint: None,
        }
    }

    /// Names the page that explains it.
    pub(crate) fn code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    /// Adds the next step.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Writes it. Control characters in names and values are made visible.
    pub(crate) fn write(&self, out: &mut dyn Write, color: bool) -> io::Result<()> {
        let (on, off) = if color {
            (self.grade.style(), "\x1b[0m")
        } else {
            ("", "")
        };
        let code = self.code.map_or_else(String::new, |code| format!("[{code}]"));
        let word = self.grade.word();
        writeln!(out, "{on}{word}{code}:{off} {}", printable::text(&self.text))?;
        if let Some(hint) = &self.hint {
            writeln!(out, "hint: {}", printable::text(hint))?;
        }
        Ok(())
    }
}

impl From<&Failure> for Message {
    fn from(failure: &Failure) -> Self {
        Self {
            grade: Grade::Error,
            code: failure.code,
            text: failure.message.clone(),
            hint: failure.hint.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &Message, color: bool, expected: &str) {
        let mut out = Vec::new();
        message.write(&mut out, color).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn the_form() {
        let plain = Message::new(Grade::Note, "nothing to do");
        check(&plain, false, "note: nothing to do\n");
        let full = Message::new(Grade::Error, "cannot read `a\x1b[2Jb`")
            .code(Code(2101))
            .hint("check the path");
        check(
            &full,
            false,
            "error[FG2101]: cannot read `a\\u{1b}[2Jb`\nhint: check the path\n",
        );
        check(
            &full,
            true,
            "\x1b[1;31merror[FG2101]:\x1b[0m cannot read `a\\u{1b}[2Jb`\nhint: check the path\n",
        );
    }
}
