//! The one door for everything that is checked, generated or measured: `cargo xtask`.
//!
//! Holds no product code and is imported by nothing. It may print, run programs and read the tree;
//! the rules it checks live in `tidy`, one function per rule.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its streams"
)]

mod arguments;
mod azurite;
mod ci;
mod generate;
mod instructions;
mod kql_score;
mod licences;
mod long;
mod metadata;
mod peers;
mod program;
mod sbom;
mod spdx;
mod tests_ring;
mod tidy;

use std::process::ExitCode;

use arguments::Command;

fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("error: {message}\nhint: `cargo xtask help` lists the commands");
            return ExitCode::from(2);
        }
    };
    match run(&command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(3)
        }
    }
}

/// True when everything that was asked for held.
fn run(command: &Command) -> anyhow::Result<bool> {
    let root = program::repository_root()?;
    match command {
        Command::Help => {
            print!("{}", arguments::HELP);
            Ok(true)
        }
        Command::Ci => ci::run(&root),
        Command::Test { peers } => {
            let mut tally = tests_ring::Tally::default();
            if *peers {
                // Before the first ring: its tests of storage run where there is one.
                tally.add(azurite::install(&root)?);
            }
            tally.add(tests_ring::run(&root, tests_ring::Ring::Ordinary)?);
            if *peers {
                tally.add(peers::run(&root)?);
            }
            Ok(tally.close())
        }
        Command::Azurite => Ok(azurite::install(&root)?.close()),
        Command::Long { seed, budget_secs } => long::run(&root, *seed, *budget_secs),
        Command::Instructions { update } => instructions::run(&root, *update),
        Command::KqlScore => kql_score::run(&root),
        Command::Tidy { bless } => tidy::run(&root, *bless),
        Command::Licences => licences::run(&root),
        Command::Generate { check } => generate::run(&root, *check),
    }
}
