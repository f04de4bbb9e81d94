//! `make-series`.

use kql::ScalarType;
use kql::bound::{MakeSeries, Scalar};
use kqlfn::{Cell, Column};

use crate::gathering::Gathering;
use crate::grouping::{groups, is_time, of_groups};
use crate::run::Evaluator;
use crate::table::Table;
use crate::value::Value;
use crate::{Failure, Result};

/// A series has at most so many values in Kusto.
const PLACES_MAX: usize = 1_048_576;

/// What a place takes, and what it takes in the array of all places.
const PLACE_BYTES: usize = 2 * size_of::<Value>();

/// The places of an axis.
struct Axis {
    kind: ScalarType,
    start: Value,
    step: Value,
    places: Vec<Value>,
}

impl Evaluator<'_> {
    pub(crate) fn make_series(
        &self,
        schema: Vec<kql::bound::Column>,
        series: &MakeSeries,
        table: &Table,
    ) -> Result<Table> {
        let missing = || Failure::new("a series has no axis");
        let (keys, behind) = table.columns.split_at_checked(series.keys).ok_or_else(missing)?;
        let (axis_column, values) = behind.split_last().ok_or_else(missing)?;
        let axis = self.axis(series, axis_column, table.rows)?;
        let mut groups = groups(keys, table.rows, &self.budget)?;
        let groups = &mut groups.rows;
        if keys.is_empty() && groups.is_empty() && series.is_nonempty {
            groups.push(Vec::new());
        }
        let mut heads = Vec::new();
        for key in keys {
            heads.push(of_groups(key, groups, &self.budget)?);
        }
        let places = Value::array(axis.places.iter().map(Value::cell));
        let mut defaults = Vec::with_capacity(values.len());
        for (value, default) in values.iter().zip(&series.defaults) {
            let default = match default {
                Some(default) => self.constant(default)?,
                None => Value::Long(0),
            };
            // A default is of the series' type.
            defaults.push(match (value.kind, default.cell().real()) {
                (ScalarType::Real, Some(number)) => Value::Real(number),
                _ => default,
            });
        }
        let behind_heads = schema.iter().skip(heads.len()).cloned().collect();
        let mut made = Gathering::new(&self.budget, behind_heads);
        let mut held = self.budget.hold();
        held.grow(axis.places.len().saturating_mul(size_of::<Option<usize>>()))?;
        for rows in groups.iter() {
            let rows = self.rows_of_places(&axis, axis_column, rows)?;
            let mut arrays = Vec::with_capacity(schema.len());
            for (value, default) in values.iter().zip(&defaults) {
                let cells = rows
                    .iter()
                    .map(|row| row.map_or_else(|| default.cell(), |row| value.cell(row)));
                arrays.push(Value::array(cells));
            }
            arrays.push(places.clone());
            made.row(arrays)?;
        }
        let mut columns = heads;
        columns.extend(made.whole()?.columns);
        Ok(Table::new(schema, columns, groups.len()))
    }

    /// The row of each place of a group, if it has one.
    fn rows_of_places(&self, axis: &Axis, column: &Column, rows: &[usize]) -> Result<Vec<Option<usize>>> {
        let mut places = vec![None; axis.places.len()];
        for row in rows {
            self.budget.tick()?;
            let place = axis.place(column.cell(*row));
            if let Some(held) = place.and_then(|place| places.get_mut(place)) {
                *held = Some(*row);
            }
        }
        Ok(places)
    }

    fn axis(&self, series: &MakeSeries, column: &Column, rows: usize) -> Result<Axis> {
        let kind = column.kind;
        let bound = |scalar: &Option<Scalar>| match scalar {
            Some(scalar) => self.constant(scalar).map(Some),
            None => Ok(None),
        };
        let step = self.constant(&series.step)?;
        let (from, to) = (bound(&series.from)?, bound(&series.to)?);
        let values = || {
            (0..rows)
                .map(|row| column.cell(row))
                .filter(|cell| !cell.is_null())
        };
        let lowest = values()
            .min_by(|left, right| crate::value::order(*left, *right))
            .map(Value::from);
        let highest = values()
            .max_by(|left, right| crate::value::order(*left, *right))
            .map(Value::from);
        let mut axis = Axis {
            kind,
            start: Value::Null,
            step,
            places: Vec::new(),
        };
        if !axis.goes_on() {
            let message = "a step of `make-series` is above 0, such as `step 1h`";
            return Err(Failure::new(message).at(series.step.span));
        }
        // Where an end is no value there is no axis.
        if [&from, &to].into_iter().flatten().any(|end| end.cell().is_null()) {
            return Ok(axis);
        }
        let Some(start) = from.clone().or_else(|| axis.floor(&lowest?)) else {
            return Ok(axis);
        };
        let start = if series.includes_end {
            axis.floor(&start)
        } else {
            Some(start)
        };
        let (Some(start), Some(end)) = (start, to.clone().or(highest)) else {
            return Ok(axis);
        };
        axis.start = start;
        // `to` is outside of the axis; the highest value and the end of a range are inside.
        let is_inside = series.includes_end || to.is_none();
        let mut number = 0_i64;
        let mut held = self.budget.hold();
        while let Some(place) = axis.at(number) {
            let order = crate::value::order(place.cell(), end.cell());
            if order.is_gt() || (order.is_eq() && !is_inside) {
                break;
            }
            self.budget.tick()?;
            held.grow(PLACE_BYTES)?;
            axis.places.push(place);
            number += 1;
            if axis.places.len() > PLACES_MAX {
                return Err(Failure::new(
                    "the steps of the series are too small for its range",
                ));
            }
        }
        Ok(axis)
    }
}

impl Axis {
    fn step_whole(&self) -> i64 {
        self.step
            .cell()
            .ticks()
            .or_else(|| self.step.cell().long())
            .unwrap_or(0)
    }

    fn step_real(&self) -> f64 {
        self.step.cell().real().unwrap_or(0.0)
    }

    fn is_whole(&self) -> bool {
        is_time(self.kind) || (self.kind.is_integer() && self.step.cell().long().is_some())
    }

    fn goes_on(&self) -> bool {
        if self.is_whole() {
            self.step_whole() > 0
        } else {
            self.step_real() > 0.0
        }
    }

    const fn whole(&self, value: i64) -> Value {
        crate::value::whole(self.kind, value)
    }

    /// The place with a number, unless there are no such values.
    fn at(&self, number: i64) -> Option<Value> {
        let start = self.start.cell();
        if self.is_whole() {
            let start = start.ticks().or_else(|| start.long())?;
            let distance = self.step_whole().checked_mul(number)?;
            return Some(self.whole(start.checked_add(distance)?));
        }
        #[expect(clippy::cast_precision_loss, reason = "numbers of places are small")]
        let number = number as f64;
        Some(Value::Real(start.real()? + self.step_real() * number))
    }

    /// The multiple of the step that is not above the value, if there is one.
    fn floor(&self, value: &Value) -> Option<Value> {
        let cell = value.cell();
        if self.is_whole() {
            let value = cell.ticks().or_else(|| cell.long())?;
            let step = self.step_whole();
            let above = if step > 0 { value.rem_euclid(step) } else { 0 };
            return Some(self.whole(value.checked_sub(above)?));
        }
        let (value, step) = (cell.real()?, self.step_real());
        Some(Value::Real((value / step).floor() * step))
    }

    /// The number of a place.
    fn place(&self, cell: Cell<'_>) -> Option<usize> {
        let start = self.start.cell();
        if self.is_whole() {
            let value = cell.ticks().or_else(|| cell.long())?;
            let start = start.ticks().or_else(|| start.long())?;
            let step = self.step_whole();
            return (step > 0 && value >= start)
                .then(|| usize::try_from(value.abs_diff(start) / step.unsigned_abs()).ok())
                .flatten();
        }
        let distance = ((cell.real()? - start.real()?) / self.step_real()).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked"
        )]
        let place = (0.0..1e9).contains(&distance).then_some(distance as usize);
        place
    }
}
