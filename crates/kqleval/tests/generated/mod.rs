//! A table that is made by counting, a budget, and an end to patience.

use std::cell::Cell;

use kql::bound::{Bound, Column, StepKind};
use kql::{ScalarType, Severity};
use kqleval::{Evaluator, Failure, Names, Table, Tables, Value};

/// The table `T`, and what may be used.
pub(crate) struct Generated {
    table: Table,
    memory_bytes: usize,
    /// How often it was asked whether to go on.
    pub(crate) asked: Cell<u64>,
    /// After so many times it is not.
    pub(crate) asked_max: Cell<u64>,
}

fn columns() -> Vec<Column> {
    [
        ("x", ScalarType::Long),
        ("g", ScalarType::Long),
        ("s", ScalarType::String),
        ("d", ScalarType::Dynamic),
        ("t", ScalarType::Datetime),
    ]
    .map(|(name, kind)| Column::new(name, kind))
    .to_vec()
}

/// The first of January 2026.
const FIRST_TICKS: i64 = 639_028_224_000_000_000;

impl Generated {
    pub(crate) fn new(rows: usize, memory_bytes: usize) -> Self {
        let row = |number: i64| {
            let pair = [Value::Long(number), Value::Long(number + 1)];
            vec![
                Value::Long(number),
                Value::Long(number % 100),
                Value::String(format!("a text with the number -{number}")),
                Value::array(pair.iter().map(Value::cell)),
                Value::Datetime(FIRST_TICKS + number * 10_000_000),
            ]
        };
        let rows: Vec<Vec<Value>> = (0..).map(row).take(rows).collect();
        let table = Table::of_values(columns(), &rows);
        Self {
            table: table.unwrap_or_else(|_| Table::new(Vec::new(), Vec::new(), 0)),
            memory_bytes,
            asked: Cell::new(0),
            asked_max: Cell::new(u64::MAX),
        }
    }
}

impl Tables for Generated {
    fn table(&self, _: &str) -> kqleval::Result<Table> {
        Ok(self.table.clone())
    }

    fn external(&self, place: &str) -> kqleval::Result<String> {
        match place {
            "large.csv" => Ok("one,two,three,4\n".repeat(500_000)),
            "numbers.csv" => Ok("1\n".repeat(50_000)),
            _ => Err(Failure::file(format!("`{place}` is not there"))),
        }
    }

    fn check(&self) -> kqleval::Result<()> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > self.asked_max.get() {
            return Err(Failure::stopped("enough"));
        }
        Ok(())
    }

    fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

/// How many rows a query answers, or why none.
pub(crate) fn outcome(tables: &Generated, text: &str) -> Result<usize, Failure> {
    let evaluator = Evaluator::new(tables, 1);
    let bound = bound(&evaluator, text);
    tables.asked.set(0);
    Ok(evaluator.answers(&bound)?.iter().map(|table| table.rows).sum())
}

/// Probes the conditions of a query over the table.
#[allow(dead_code, reason = "not all tests probe")]
pub(crate) fn probed(tables: &Generated, text: &str) -> Result<(), Failure> {
    let evaluator = Evaluator::new(tables, 1);
    let bound = bound(&evaluator, text);
    let steps = bound.answers.iter().flat_map(|answer| &answer.rows.steps);
    for step in steps {
        if let StepKind::Filter(condition) = &step.kind {
            evaluator.probe(condition, &columns())?;
        }
    }
    Ok(())
}

fn bound(evaluator: &Evaluator<'_>, text: &str) -> Bound {
    let tables = vec![("T".to_owned(), columns())];
    let names = Names::new(tables, 639_100_000_000_000_000, evaluator);
    let (query, mut diagnostics) = kql::parse(text);
    let (bound, more) = kql::bind(&query, text, &names, &[]);
    diagnostics.extend(more);
    let error = diagnostics.iter().find(|held| held.severity == Severity::Error);
    assert!(error.is_none(), "{text}: {error:?}");
    bound
}
