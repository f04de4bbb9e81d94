//! Functions over neighbouring rows.

use kql::ScalarType;
use kql::bound::Scalar;
use kqlfn::{Cell, Column};

use crate::Result;
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::{Value, order};

impl Evaluator<'_> {
    pub(crate) fn window(
        &self,
        name: &str,
        arguments: &[Scalar],
        gives: ScalarType,
        table: &Table,
    ) -> Result<Column> {
        let columns = arguments
            .iter()
            .map(|argument| self.scalar(argument, table))
            .collect::<Result<Vec<_>>>()?;
        let cell = |argument: usize, row: usize| {
            columns
                .get(argument)
                .map_or(Cell::Null, |column| column.cell(row))
        };
        let rows = table.rows;
        if matches!(name, "prev" | "next") {
            let distance = columns
                .get(1)
                .and_then(|column| column.cell(0).long())
                .unwrap_or(1);
            let distance = usize::try_from(distance).unwrap_or(0);
            return self.column_in_parts(gives, rows, |row| {
                let other = if name == "prev" {
                    row.checked_sub(distance)
                } else {
                    Some(row + distance).filter(|at| *at < rows)
                };
                match other {
                    Some(other) => cell(0, other),
                    None => cell(2, row),
                }
            });
        }
        let mut held = self.budget.hold();
        held.grow(rows.saturating_mul(size_of::<Value>()))?;
        let rows_wanted = (0..rows).take_while(|_| self.budget.goes_on());
        let values = match name {
            "row_number" => numbered(rows_wanted, cell(0, 0).long().unwrap_or(1), |row| {
                cell(1, row).bool() == Some(true)
            }),
            "row_cumsum" => summed(
                rows_wanted,
                gives,
                |row| Value::from(cell(0, row)),
                |row| cell(1, row).bool() == Some(true),
            ),
            "row_rank_dense" | "row_rank_min" => ranked(
                rows_wanted,
                name == "row_rank_dense",
                |row, before| order(cell(0, row), cell(0, before)).is_eq(),
                |row| cell(1, row).bool() == Some(true),
            ),
            _ => sessions(rows_wanted, &columns),
        };
        self.budget.settled()?;
        self.column_in_parts(gives, rows, |row| values.get(row).map_or(Cell::Null, Value::cell))
    }
}

fn numbered(rows: impl Iterator<Item = usize>, from: i64, restarts: impl Fn(usize) -> bool) -> Vec<Value> {
    let mut number = from;
    rows.map(|row| {
        if row > 0 {
            number = if restarts(row) { from } else { number + 1 };
        }
        Value::Long(number)
    })
    .collect()
}

fn summed(
    rows: impl Iterator<Item = usize>,
    gives: ScalarType,
    value: impl Fn(usize) -> Value,
    restarts: impl Fn(usize) -> bool,
) -> Vec<Value> {
    let (mut whole, mut real) = (0_i64, 0.0_f64);
    rows.map(|row| {
        if restarts(row) {
            (whole, real) = (0, 0.0);
        }
        let value = value(row);
        let cell = value.cell();
        whole = whole.wrapping_add(cell.long().or_else(|| cell.ticks()).unwrap_or(0));
        real += cell.real().unwrap_or(0.0);
        match gives {
            ScalarType::Real | ScalarType::Decimal => Value::Real(real),
            ScalarType::Timespan => Value::Timespan(whole),
            ScalarType::Datetime => Value::Datetime(whole),
            _ => Value::Long(whole),
        }
    })
    .collect()
}

fn ranked(
    rows: impl Iterator<Item = usize>,
    is_dense: bool,
    same: impl Fn(usize, usize) -> bool,
    restarts: impl Fn(usize) -> bool,
) -> Vec<Value> {
    let (mut rank, mut seen) = (0_i64, 0_i64);
    rows.map(|row| {
        if row == 0 || restarts(row) {
            (rank, seen) = (1, 1);
        } else {
            seen += 1;
            if !same(row, row - 1) {
                rank = if is_dense { rank + 1 } else { seen };
            }
        }
        Value::Long(rank)
    })
    .collect()
}

/// The beginning of each row's session: it ends when it grows too long, or pauses too long.
fn sessions(rows: impl Iterator<Item = usize>, columns: &[Column]) -> Vec<Value> {
    let ticks =
        |argument: usize, row: usize| columns.get(argument).and_then(|column| column.cell(row).ticks());
    let mut start: Option<i64> = None;
    let mut before: Option<i64> = None;
    rows.map(|row| {
        let Some(now) = ticks(0, row) else {
            return Value::Null;
        };
        let restarts = columns
            .get(3)
            .is_some_and(|column| column.cell(row).bool() == Some(true));
        let goes_on = start.zip(before).is_some_and(|(start, before)| {
            let (longest, pause) = (ticks(1, row).unwrap_or(0), ticks(2, row).unwrap_or(0));
            now.saturating_sub(start) <= longest && now.saturating_sub(before) <= pause
        });
        if restarts || !goes_on {
            start = Some(now);
        }
        before = Some(now);
        start.map_or(Value::Null, Value::Datetime)
    })
    .collect()
}
