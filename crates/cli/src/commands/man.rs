//! `flowglass man`: manual pages, made from the same texts as `-h`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use super::Run;
use crate::arguments::{Arguments, HELP};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use table::io_reason;

const EXAMPLES: &str = "\
Examples:
  flowglass man | man -l -            the page of the program
  flowglass man --out ~/man/man1      one page for each command
";

/// Prints the manual page, or writes one for each command.
#[derive(Debug, clap::Args)]
#[command(before_help = EXAMPLES, help_template = HELP)]
pub(crate) struct Args {
    /// Write flowglass.1, flowglass-read.1 and so on into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Run for Args {
    fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let mut command = Arguments::command();
        command.build();
        let Some(folder) = self.out else {
            let mut out = session.out();
            write_page(&command, "flowglass", &mut out)?;
            out.flush()?;
            return Ok(Exit::Done);
        };
        let write = || -> io::Result<()> {
            std::fs::create_dir_all(&folder)?;
            write_pages(&command, &folder, "")
        };
        write().map_err(|error| {
            let text = format!("cannot write to `{}`: {}", folder.display(), io_reason(&error));
            Failure::outside(text).hint("name a folder that may be written to")
        })?;
        Ok(Exit::Done)
    }
}

/// One file for the command and one for each below it.
fn write_pages(command: &clap::Command, folder: &Path, parents: &str) -> io::Result<()> {
    let name = format!("{parents}{}", command.get_name());
    let mut page = Vec::new();
    write_page(command, &name, &mut page)?;
    std::fs::write(folder.join(format!("{name}.1")), page)?;
    for inner in command.get_subcommands() {
        write_pages(inner, folder, &format!("{name}-"))?;
    }
    Ok(())
}

/// The page, with the examples of `-h` as a section of their own.
fn write_page(command: &clap::Command, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let titled = command.clone().display_name(name.to_owned());
    clap_mangen::Man::new(titled)
        .title(name.to_uppercase())
        .source(concat!("flowglass ", env!("CARGO_PKG_VERSION")))
        .render(out)?;
    let Some(examples) = command.get_before_help() else {
        return Ok(());
    };
    // Lines stay lines.
    out.write_all(b".SH EXAMPLES\n.nf\n")?;
    for line in examples.to_string().lines().skip(1) {
        let escaped = line.trim_start().replace('\\', "\\e").replace('-', "\\-");
        let guard = if escaped.starts_with(['.', '\'']) {
            "\\&"
        } else {
            ""
        };
        writeln!(out, "{guard}{escaped}")?;
    }
    out.write_all(b".fi\n")
}
