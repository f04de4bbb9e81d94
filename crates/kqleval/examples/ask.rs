//! Answers one KQL query that needs no tables, from standard input: `echo 'print 1' | cargo run -p kqleval --example ask`.

#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use std::io::Read as _;

use kql::Severity;
use kqleval::{Evaluator, Failure, Names, Table, Tables};
use kqlfn::wire::write_cell;

struct Nothing;

impl Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let (query, mut diagnostics) = kql::parse(&text);
    let evaluator = Evaluator::new(&Nothing, 1);
    let names = Names::new(Vec::new(), 639_000_000_000_000_000, &evaluator);
    let (bound, more) = kql::bind(&query, &text, &names, &[]);
    diagnostics.extend(more);
    for held in &diagnostics {
        let (line, column) = held.span.line_and_column(&text);
        println!("{} {line}:{column}: {}", held.code.name(), held.message);
    }
    if diagnostics.iter().any(|held| held.severity == Severity::Error) {
        return Ok(());
    }
    for table in evaluator.answers(&bound)? {
        let columns: Vec<String> = table
            .schema
            .iter()
            .map(|column| format!("{}:{}", column.name, column.kind.name()))
            .collect();
        println!("{}", columns.join(", "));
        for row in 0..table.rows {
            let mut line = String::new();
            for (at, cell) in table.row(row).into_iter().enumerate() {
                line.push_str(if at > 0 { "\t" } else { "" });
                write_cell(cell, &mut line);
            }
            println!("{line}");
        }
    }
    Ok(())
}
