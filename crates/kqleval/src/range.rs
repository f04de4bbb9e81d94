//! The rows of `range`: counted, as far as that can be, before they are made.

use kql::ScalarType;
use kql::bound::{Rows, Scalar, Source, StepKind};
use kqlfn::decimal::Decimal;
use kqlfn::{Cell, Column};

use crate::gathering::Gathering;
use crate::run::Evaluator;
use crate::table::{Table, column_of};
use crate::value::Value;
use crate::{Failure, Result};

impl Evaluator<'_> {
    pub(crate) fn range(
        &self,
        schema: Vec<kql::bound::Column>,
        from: &Scalar,
        to: &Scalar,
        step: &Scalar,
        most: usize,
    ) -> Result<Table> {
        let kind = schema.first().map_or(ScalarType::Long, |column| column.kind);
        let ends = self.ends(from, to, step)?;
        if most == usize::MAX && self.is_far(&ends) {
            return Err(self.budget.exceeded());
        }
        let column = match kind {
            ScalarType::Real => self.of_reals(kind, &ends, most)?,
            ScalarType::Decimal => self.of_decimals(kind, &ends, most)?,
            _ => self.of_wholes(kind, &ends, most)?,
        };
        let rows = column.array.len();
        Ok(Table::new(schema, vec![column], rows))
    }

    fn ends(&self, from: &Scalar, to: &Scalar, step: &Scalar) -> Result<[Column; 3]> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        Ok([
            self.scalar(from, &one)?,
            self.scalar(to, &one)?,
            self.scalar(step, &one)?,
        ])
    }

    /// The rows after `range` and its first step, if the step needs few of its rows or only their number.
    pub(crate) fn short_range(&self, rows: &Rows) -> Result<Option<Table>> {
        let (Source::Range(from, to, step), Some(first)) = (&rows.source, rows.steps.first()) else {
            return Ok(None);
        };
        match &first.kind {
            StepKind::Take(count) => {
                let most = self.number(count)?.unwrap_or(0);
                let most = usize::try_from(most).unwrap_or(0).min(usize::MAX - 1);
                let schema = rows.source_columns.clone();
                self.range(schema, from, to, step, most).map(Some)
            }
            StepKind::Summarize(groups, calls) if groups.is_empty() => {
                let [call] = calls.as_slice() else {
                    return Ok(None);
                };
                let kind = rows.source_columns.first().map(|column| column.kind);
                let counts = call.function == "count" && call.arguments.is_empty();
                if !counts || matches!(kind, None | Some(ScalarType::Real | ScalarType::Decimal)) {
                    return Ok(None);
                }
                let count = steps_of(&self.ends(from, to, step)?).unwrap_or(0);
                let Ok(count) = i64::try_from(count) else {
                    return Ok(None);
                };
                let column = column_of(ScalarType::Long, 1, |_| Cell::Long(count))?;
                Ok(Some(Table::new(first.columns.to_vec(), vec![column], 1)))
            }
            _ => Ok(None),
        }
    }

    /// Fails where so many rows are too many. Rows have numbers of 32 bits.
    fn counted(&self, rows: Option<usize>) -> Result<usize> {
        let rows = rows
            .filter(|rows| u32::try_from(*rows).is_ok())
            .ok_or_else(|| self.budget.exceeded())?;
        self.budget.fits(rows.saturating_mul(size_of::<i64>()))?;
        Ok(rows)
    }

    /// Surely too many, so that they need not be gone through to be counted.
    fn is_far(&self, [from, to, step]: &[Column; 3]) -> bool {
        let ends = (from.cell(0).real(), to.cell(0).real(), step.cell(0).real());
        let most = u32::try_from(self.budget.room() / size_of::<i64>()).unwrap_or(u32::MAX);
        matches!(ends, (Some(from), Some(to), Some(step))
            if step != 0.0 && from.is_finite() && (to - from) / step > f64::from(most) + 1.0)
    }

    fn of_reals(&self, kind: ScalarType, [from, to, step]: &[Column; 3], most: usize) -> Result<Column> {
        let ends = (from.cell(0).real(), to.cell(0).real(), step.cell(0).real());
        let (Some(from), Some(to), Some(step)) = ends else {
            return column_of(kind, 0, |_| Cell::Null);
        };
        let mut rows = 0_u32;
        if from.is_finite() && step.is_finite() && step != 0.0 {
            let value = |number: u32| from + f64::from(number) * step;
            let is_inside = |value: f64| if step > 0.0 { value <= to } else { value >= to };
            while (rows as usize) < most && is_inside(value(rows)) {
                self.budget.tick()?;
                rows = rows.checked_add(1).ok_or_else(|| self.budget.exceeded())?;
            }
        }
        let rows = self.counted(Some(rows as usize))?;
        self.column_in_parts(kind, rows, |row| {
            let number = u32::try_from(row).unwrap_or(u32::MAX);
            Cell::Real(from + f64::from(number) * step)
        })
    }

    fn of_decimals(&self, kind: ScalarType, [from, to, step]: &[Column; 3], most: usize) -> Result<Column> {
        let decimal = |column: &Column| match column.cell(0) {
            Cell::Decimal(digits) => Decimal::parse(digits),
            Cell::Real(number) => Decimal::from_real(number),
            cell => cell.long().map(Decimal::from_long),
        };
        let mut rows = Gathering::new(&self.budget, vec![kql::bound::Column::new("", kind)]);
        if let (Some(from), Some(to), Some(step)) = (decimal(from), decimal(to), decimal(step))
            && !step.is_zero()
        {
            let rises = step > Decimal::from_long(0);
            let mut value = from;
            let mut left = most;
            while left > 0 && ((rises && value <= to) || (!rises && value >= to)) {
                left -= 1;
                rows.row(vec![Value::Decimal(value.to_string())])?;
                value = value
                    .plus(step)
                    .ok_or_else(|| Failure::new("a value of `range` has too many digits"))?;
            }
        }
        let columns = rows.whole()?.columns;
        let column = columns.into_iter().next();
        column.ok_or_else(|| Failure::new("a column is not there"))
    }

    /// Whole numbers, and ticks.
    fn of_wholes(&self, kind: ScalarType, ends: &[Column; 3], most: usize) -> Result<Column> {
        let [from, _, step] = ends;
        let (Some(from), Some(step), Some(count)) = (whole(from), whole(step), steps_of(ends)) else {
            return column_of(kind, 0, |_| Cell::Null);
        };
        let count = self.counted(Some(usize::try_from(count).unwrap_or(usize::MAX).min(most)))?;
        self.column_in_parts(kind, count, |row| {
            let distance = i128::from(step) * i128::try_from(row).unwrap_or(0);
            let value = i64::try_from(i128::from(from) + distance).unwrap_or(i64::MAX);
            match kind {
                ScalarType::Datetime => Cell::Datetime(value),
                ScalarType::Timespan => Cell::Timespan(value),
                _ => Cell::Long(value),
            }
        })
    }
}

/// A whole number, or ticks.
fn whole(column: &Column) -> Option<i64> {
    let cell = column.cell(0);
    cell.ticks().or_else(|| cell.long())
}

/// How many values whole numbers or ticks take from one end to the other; none if an end is null.
fn steps_of([from, to, step]: &[Column; 3]) -> Option<i128> {
    let (from, to, step) = (whole(from)?, whole(to)?, whole(step)?);
    let way = i128::from(to) - i128::from(from);
    let steps = way
        .checked_div(i128::from(step))
        .filter(|_| way == 0 || (way > 0) == (step > 0));
    Some(steps.map_or(0, |steps| steps + 1))
}
