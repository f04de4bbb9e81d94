//! Where output goes and whether it may be coloured. Meaning never depends on either.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use crate::config::settings::Color;

/// What the program is connected to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
    pub(crate) color_stdout: bool,
    pub(crate) color_stderr: bool,
    /// Columns of the screen that data goes to.
    pub(crate) width: Option<usize>,
}

impl Terminal {
    /// Looks once, before anything is printed.
    pub(crate) fn detect() -> Self {
        Self {
            stdin: io::stdin().is_terminal(),
            stdout: io::stdout().is_terminal(),
            stderr: io::stderr().is_terminal(),
            color_stdout: false,
            color_stderr: false,
            width: terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()),
        }
    }

    /// Applies the setting.
    pub(crate) fn with_color(self, color: Color, dumb: bool) -> Self {
        let colored = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb,
        };
        Self {
            color_stdout: colored(self.stdout),
            color_stderr: colored(self.stderr),
            ..self
        }
    }

    /// Standard output, buffered.
    pub(crate) fn out(self) -> Box<dyn Write> {
        let stdout = io::stdout().lock();
        if self.color_stdout {
            let stream = anstream::AutoStream::new(stdout, anstream::ColorChoice::Always);
            Box::new(BufWriter::with_capacity(1 << 16, stream))
        } else {
            Box::new(BufWriter::with_capacity(1 << 16, stdout))
        }
    }

    /// Standard error, a line at a time.
    pub(crate) fn err(self) -> Box<dyn Write> {
        let stderr = io::stderr().lock();
        if self.color_stderr {
            Box::new(anstream::AutoStream::new(stderr, anstream::ColorChoice::Always))
        } else {
            Box::new(stderr)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_only_where_somebody_looks() {
        let terminal = Terminal {
            stdin: false,
            stdout: true,
            stderr: false,
            color_stdout: false,
            color_stderr: false,
            width: None,
        };
        let check = |color, dumb, expected: (bool, bool)| {
            let with = terminal.with_color(color, dumb);
            assert_eq!((with.color_stdout, with.color_stderr), expected);
        };
        check(Color::Auto, false, (true, false));
        check(Color::Auto, true, (false, false));
        check(Color::Never, false, (false, false));
        check(Color::Always, true, (true, true));
    }
}
