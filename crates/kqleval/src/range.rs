//! The rows of `range`: counted before they are made.

use kql::ScalarType;
use kql::bound::Scalar;
use kqlfn::decimal::Decimal;
use kqlfn::{Cell, Column};

use crate::run::{Evaluator, ROWS_MAX};
use crate::table::{Table, column_of};
use crate::{Failure, Result};

impl Evaluator<'_> {
    pub(crate) fn range(
        &self,
        schema: Vec<kql::bound::Column>,
        from: &Scalar,
        to: &Scalar,
        step: &Scalar,
    ) -> Result<Table> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        let kind = schema.first().map_or(ScalarType::Long, |column| column.kind);
        let ends = [
            self.scalar(from, &one)?,
            self.scalar(to, &one)?,
            self.scalar(step, &one)?,
        ];
        if is_far(&ends) {
            return too_many();
        }
        let column = match kind {
            ScalarType::Real => of_reals(kind, &ends)?,
            ScalarType::Decimal => of_decimals(kind, &ends)?,
            _ => of_wholes(kind, &ends)?,
        };
        let rows = column.array.len();
        Ok(Table::new(schema, vec![column], rows))
    }
}

/// Surely too many, so that they need not be made to be counted.
fn is_far([from, to, step]: &[Column; 3]) -> bool {
    let ends = (from.cell(0).real(), to.cell(0).real(), step.cell(0).real());
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^53")]
    let most = ROWS_MAX as f64 + 1.0;
    matches!(ends, (Some(from), Some(to), Some(step)) if step != 0.0 && from.is_finite() && (to - from) / step > most)
}

fn of_reals(kind: ScalarType, [from, to, step]: &[Column; 3]) -> Result<Column> {
    let mut values = Vec::new();
    if let (Some(from), Some(to), Some(step)) = (from.cell(0).real(), to.cell(0).real(), step.cell(0).real())
        && from.is_finite()
        && step.is_finite()
        && step != 0.0
    {
        let mut number = 0_u32;
        loop {
            let value = from + f64::from(number) * step;
            let is_inside = if step > 0.0 { value <= to } else { value >= to };
            if !is_inside {
                break;
            }
            if values.len() >= ROWS_MAX {
                return too_many();
            }
            values.push(value);
            number += 1;
        }
    }
    column_of(kind, values.len(), |row| {
        values.get(row).map_or(Cell::Null, |value| Cell::Real(*value))
    })
}

fn of_decimals(kind: ScalarType, [from, to, step]: &[Column; 3]) -> Result<Column> {
    let decimal = |column: &Column| match column.cell(0) {
        Cell::Decimal(digits) => Decimal::parse(digits),
        Cell::Real(number) => Decimal::from_real(number),
        cell => cell.long().map(Decimal::from_long),
    };
    let mut values = Vec::new();
    if let (Some(from), Some(to), Some(step)) = (decimal(from), decimal(to), decimal(step))
        && !step.is_zero()
    {
        let rises = step > Decimal::from_long(0);
        let mut value = from;
        while (rises && value <= to) || (!rises && value >= to) {
            if values.len() >= ROWS_MAX {
                return too_many();
            }
            values.push(value.to_string());
            value = value
                .plus(step)
                .ok_or_else(|| Failure::new("a value of `range` has too many digits"))?;
        }
    }
    column_of(kind, values.len(), |row| {
        values.get(row).map_or(Cell::Null, |digits| Cell::Decimal(digits))
    })
}

/// Whole numbers, and ticks.
fn of_wholes(kind: ScalarType, [from, to, step]: &[Column; 3]) -> Result<Column> {
    let whole = |column: &Column| column.cell(0).ticks().or_else(|| column.cell(0).long());
    let (Some(from), Some(to), Some(step)) = (whole(from), whole(to), whole(step)) else {
        return column_of(kind, 0, |_| Cell::Null);
    };
    let way = i128::from(to) - i128::from(from);
    let steps = way
        .checked_div(i128::from(step))
        .filter(|_| way == 0 || (way > 0) == (step > 0));
    let count = match steps.map(|steps| usize::try_from(steps + 1)) {
        None => 0,
        Some(Ok(count)) if count <= ROWS_MAX => count,
        Some(_) => return too_many(),
    };
    let mut value = from;
    column_of(kind, count, |_| {
        let cell = match kind {
            ScalarType::Datetime => Cell::Datetime(value),
            ScalarType::Timespan => Cell::Timespan(value),
            _ => Cell::Long(value),
        };
        // Behind the last there may be no number.
        value = value.saturating_add(step);
        cell
    })
}

fn too_many<T>() -> Result<T> {
    Err(Failure::new(format!("`range` gives more than {ROWS_MAX} rows")))
}
