//! The rows of `range`: counted, as far as that can be, before they are made.

use kql::ScalarType;
use kql::bound::Scalar;
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
    ) -> Result<Table> {
        let one = Table::new(Vec::new(), Vec::new(), 1);
        let kind = schema.first().map_or(ScalarType::Long, |column| column.kind);
        let ends = [
            self.scalar(from, &one)?,
            self.scalar(to, &one)?,
            self.scalar(step, &one)?,
        ];
        if self.is_far(&ends) {
            return Err(self.budget.exceeded());
        }
        let column = match kind {
            ScalarType::Real => self.of_reals(kind, &ends)?,
            ScalarType::Decimal => self.of_decimals(kind, &ends)?,
            _ => self.of_wholes(kind, &ends)?,
        };
        let rows = column.array.len();
        Ok(Table::new(schema, vec![column], rows))
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

    fn of_reals(&self, kind: ScalarType, [from, to, step]: &[Column; 3]) -> Result<Column> {
        let ends = (from.cell(0).real(), to.cell(0).real(), step.cell(0).real());
        let (Some(from), Some(to), Some(step)) = ends else {
            return column_of(kind, 0, |_| Cell::Null);
        };
        let mut rows = 0_u32;
        if from.is_finite() && step.is_finite() && step != 0.0 {
            let value = |number: u32| from + f64::from(number) * step;
            let is_inside = |value: f64| if step > 0.0 { value <= to } else { value >= to };
            while is_inside(value(rows)) {
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

    fn of_decimals(&self, kind: ScalarType, [from, to, step]: &[Column; 3]) -> Result<Column> {
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
            while (rises && value <= to) || (!rises && value >= to) {
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
    fn of_wholes(&self, kind: ScalarType, [from, to, step]: &[Column; 3]) -> Result<Column> {
        let whole = |column: &Column| column.cell(0).ticks().or_else(|| column.cell(0).long());
        let (Some(from), Some(to), Some(step)) = (whole(from), whole(to), whole(step)) else {
            return column_of(kind, 0, |_| Cell::Null);
        };
        let way = i128::from(to) - i128::from(from);
        let steps = way
            .checked_div(i128::from(step))
            .filter(|_| way == 0 || (way > 0) == (step > 0));
        let count = match steps {
            None => 0,
            Some(steps) => self.counted(usize::try_from(steps + 1).ok())?,
        };
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
