//! The program `flowglass`: flags, configuration, printing and exit codes around the crates below.
//!
//! A command is one module under `commands`. Only this crate prints; it must hold no knowledge of
//! formats, tables or queries beyond how to say what they say.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod account;
mod allocator;
mod arguments;
mod asking;
mod cells;
mod commands;
mod config;
mod environment;
mod exit;
mod ingest_progress;
mod instant;
mod json_text;
mod keeping;
mod message;
mod out_file;
mod progress;
mod quantity;
mod reading;
mod recorded;
mod retained;
mod row_writer;
mod session;
mod terminal;
mod timespan;
mod usage;
mod words;
mod working;

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    allocator::keep_what_is_freed();
    session::install_panic_hook();
    session::run(std::env::args_os()).into()
}
