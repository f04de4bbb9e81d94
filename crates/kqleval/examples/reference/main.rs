//! Prints a page of the KQL reference: `functions`, made from the functions themselves, or `support`, made by asking.
//! `cargo xtask generate` calls it and writes the files.

#![allow(
    clippy::print_stdout,
    reason = "printing the page is what this program is for"
)]

mod functions;
mod probes;
mod support;

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "functions" => print!("{}", functions::page()),
        "support" => print!("{}", support::page()),
        _ => std::process::exit(2),
    }
}
