//! How long a text takes to be parsed, the least of fifty times: `cargo run --release -p kql --example parse < query.kql`.

#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use std::io::Read as _;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mut least = f64::INFINITY;
    let mut diagnostics = 0;
    for _ in 0..50 {
        let begun = Instant::now();
        let (query, told) = kql::parse(&text);
        least = least.min(begun.elapsed().as_secs_f64());
        diagnostics = told.len();
        drop(query);
    }
    println!(
        "{} bytes, {diagnostics} diagnostics: {:.2} ms",
        text.len(),
        least * 1000.0
    );
    Ok(())
}
