//! Fuzz bodies: what must hold of any text at all. Each is a function, so that the corpus replays in ordinary tests and a
//! fuzzer needs three lines.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use kql::bound::{Bound, Column, Rows, Source};
use kql::{Catalog, FunctionDeclaration, ScalarType, Severity};
use kqlfn::registry;

use crate::{Evaluator, Failure, Result, Table, Tables};

/// Steps, rows and bytes of one query; a fuzzer learns nothing from waiting.
const STEPS_MAX: u32 = 400;
const ROWS_MAX: usize = 20_000;
const MEMORY_BYTES: usize = 64 << 20;

/// Some tables, and an end to all work.
struct Bounded {
    steps: Cell<u32>,
}

fn columns() -> Vec<Column> {
    [
        ("t", ScalarType::Datetime),
        ("ip", ScalarType::String),
        ("n", ScalarType::Long),
        ("d", ScalarType::Dynamic),
    ]
    .map(|(name, kind)| Column::new(name, kind))
    .to_vec()
}

impl Tables for Bounded {
    fn table(&self, _: &str) -> Result<Table> {
        Table::of_values(columns(), &[])
    }

    fn check(&self) -> Result<()> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > STEPS_MAX {
            return Err(Failure::stopped("too many steps"));
        }
        Ok(())
    }

    fn memory_bytes(&self) -> usize {
        MEMORY_BYTES
    }
}

impl Catalog for Bounded {
    fn table(&self, name: &str) -> Option<Vec<Column>> {
        (name == "T").then(columns)
    }

    fn table_names(&self) -> Vec<String> {
        vec!["T".to_owned()]
    }

    fn function(&self, name: &str) -> Option<&FunctionDeclaration> {
        registry::declaration(name)
    }

    fn function_names(&self) -> Vec<&'static str> {
        registry::names()
    }

    fn now(&self) -> i64 {
        639_000_000_000_000_000
    }
}

/// Any bytes are read and understood, or refused at a place within them.
///
/// # Panics
/// Where that does not hold.
pub fn understand(input: &[u8]) {
    bound(&String::from_utf8_lossy(input));
}

fn bound(text: &str) -> Option<Bound> {
    let catalog = Bounded { steps: Cell::new(0) };
    let (query, mut diagnostics) = kql::parse(text);
    let (bound, more) = kql::bind(&query, text, &catalog, &[]);
    diagnostics.extend(more);
    for held in &diagnostics {
        let place = text.get(held.span.start as usize..held.span.end as usize);
        assert!(place.is_some(), "{held:?} lies outside of the text");
        assert!(!held.message.is_empty());
    }
    let is_wrong = diagnostics.iter().any(|held| held.severity == Severity::Error);
    (!is_wrong).then_some(bound)
}

/// Any query that is understood is answered with the columns that it was said to have, or fails.
///
/// # Panics
/// Where that does not hold.
pub fn answer(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Some(bound) = bound(&text) else {
        return;
    };
    let mut looked = HashSet::new();
    if bound
        .answers
        .iter()
        .any(|answer| is_large(&answer.rows, &mut looked))
    {
        return;
    }
    let tables = Bounded { steps: Cell::new(0) };
    let Ok(tables) = Evaluator::new(&tables, 1).answers(&bound) else {
        return;
    };
    for (table, answer) in tables.iter().zip(&bound.answers) {
        assert_eq!(table.schema.len(), table.columns.len());
        if !answer.rows.is_open {
            assert_eq!(table.schema, answer.rows.columns(), "{text}");
        }
        for (column, named) in table.columns.iter().zip(&table.schema) {
            assert_eq!(column.kind, named.kind, "{text}");
            assert_eq!(column.array.len(), table.rows, "{text}");
        }
    }
}

/// True if the rows begin with more of them than a fuzzer should wait for. Rows with a name are looked at once.
fn is_large(rows: &Rows, looked: &mut HashSet<*const Rows>) -> bool {
    match &rows.source {
        Source::Range(..) => {
            let tables = Bounded { steps: Cell::new(0) };
            let alone = Rows::new(rows.source.clone(), rows.source_columns.clone());
            let made = Evaluator::new(&tables, 1).rows(&alone, None);
            made.is_ok_and(|table| table.rows > ROWS_MAX)
        }
        Source::Union(_, inputs) => inputs.iter().any(|input| is_large(&input.rows, looked)),
        Source::Shared(shared) | Source::Materialized(shared) | Source::View(_, shared) => {
            looked.insert(Arc::as_ptr(shared)) && is_large(shared, looked)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_corpus_holds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
        let mut count = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let input = fs::read(entry.unwrap().path()).unwrap();
            understand(&input);
            answer(&input);
            // Cut anywhere, a text is still only a text.
            for end in (0..input.len()).step_by(7) {
                understand(input.get(..end).unwrap());
            }
            count += 1;
        }
        assert!(count >= 10, "{count} inputs");
    }

    /// Every function's examples are queries too.
    #[test]
    fn examples_of_functions_hold() {
        for function in registry::all() {
            for (call, _) in function.examples {
                answer(format!("print {call}").as_bytes());
                answer(format!("T | extend x = {call} | summarize count() by tostring(x)").as_bytes());
            }
        }
    }
}
