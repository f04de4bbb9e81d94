//! Asks a query of no tables, and gives the answers as text: what tests of operators compare.

use kql::bound::{Column, Rows};
use kql::{Catalog, FunctionDeclaration, Severity};
use kqleval::{Evaluator, Failure, Table, Tables};
use kqlfn::wire::write_cell;

struct Nothing;

impl Tables for Nothing {
    fn table(&self, name: &str) -> kqleval::Result<Table> {
        Err(Failure::new(format!("there is no table `{name}`")))
    }
}

impl Catalog for Nothing {
    fn table(&self, _: &str) -> Option<Vec<Column>> {
        None
    }

    fn table_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        kqlfn::registry::declaration(name)
    }

    fn function_names(&self) -> Vec<&'static str> {
        kqlfn::registry::names()
    }

    fn open_columns(&self, rows: &Rows) -> Option<Vec<Column>> {
        Some(Evaluator::new(&Nothing, 1).rows(rows, None).ok()?.schema)
    }

    fn now(&self) -> i64 {
        639_000_000_000_000_000
    }
}

/// `name:type, ...` and the rows behind it, each after ` | `; several answers stand after ` ; `.
/// Where the query is refused, the codes.
pub(crate) fn answer(text: &str) -> String {
    let (query, mut diagnostics) = kql::parse(text);
    let (bound, more) = kql::bind(&query, text, &Nothing, &[]);
    diagnostics.extend(more);
    let mut codes: Vec<&str> = diagnostics
        .iter()
        .filter(|held| held.severity == Severity::Error)
        .map(|held| held.code.name())
        .collect();
    if !codes.is_empty() {
        codes.dedup();
        return codes.join(" ");
    }
    match Evaluator::new(&Nothing, 1).answers(&bound) {
        Ok(tables) => tables.iter().map(shown).collect::<Vec<_>>().join(" ; "),
        Err(failure) => format!("failed: {failure}"),
    }
}

fn shown(table: &Table) -> String {
    let columns: Vec<String> = table
        .schema
        .iter()
        .map(|column| format!("{}:{}", column.name, column.kind.name()))
        .collect();
    let mut text = columns.join(", ");
    for row in 0..table.rows {
        for (at, cell) in table.row(row).into_iter().enumerate() {
            text.push_str(if at > 0 { ", " } else { " | " });
            write_cell(cell, &mut text);
        }
    }
    text
}

/// A query and what comes of it.
#[track_caller]
pub(crate) fn check(query: &str, expected: &str) {
    assert_eq!(answer(query), expected, "{query}");
}
