//! `flowglass completions`: a script for the shell. It knows nothing of what the flags mean.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Run;
use crate::arguments::{Arguments, HELP};
use crate::exit::Exit;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  flowglass completions bash > \\
    ~/.local/share/bash-completion/completions/flowglass
  flowglass completions zsh > ~/.zfunc/_flowglass
";

/// Prints a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, help_template = HELP)]
pub(crate) struct Args {
    /// bash, zsh, fish, powershell or elvish
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    shell: Shell,
}

impl Run for Args {
    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "flowglass", &mut script);
        let mut out = session.out();
        out.write_all(&script)?;
        out.flush()?;
        Ok(Exit::Done)
    }
}
