//! The marks of a row, as its cells have them.

use kqleval::Table;
use kqlfn::Cell;
use kqlfn::dynamic::Dynamic;

use crate::choose::Chosen;
use crate::watch::Watch;
use crate::{NotDrawn, Point, Scale};

/// Reads marks.
#[derive(Clone, Copy)]
pub(super) struct Marks<'t> {
    pub(super) rows: &'t Table,
    pub(super) chosen: &'t Chosen,
    /// The scales are of powers: along the axis, and of the measures.
    pub(super) log: (bool, bool),
    pub(super) watch: &'t Watch<'t>,
}

impl Marks<'_> {
    /// Gives the marks of one measure of a row; along words their place is 0. Tells whether there was any.
    pub(super) fn each(
        &self,
        row: usize,
        number: usize,
        mut take: impl FnMut(Point) -> Result<(), NotDrawn>,
    ) -> Result<bool, NotDrawn> {
        let Some(measure) = self.chosen.measures.get(number) else {
            return Ok(false);
        };
        let odd = self.chosen.odd.get(number);
        self.watch.step()?;
        if self.chosen.is_lists {
            return self.list(row, *measure, odd, take);
        }
        let is_odd = odd.is_some_and(|at| real(self.rows.cell(*at, row)).is_some_and(|odd| odd != 0.0));
        let x = match self.chosen.scale {
            Scale::Words => Some(0.0),
            Scale::Numbers => real(self.rows.cell(self.chosen.x, row)),
            Scale::Times | Scale::Spans => ticks(self.rows.cell(self.chosen.x, row)),
        };
        let y = real(self.rows.cell(*measure, row));
        match self.drawn(x, y, is_odd) {
            Some(point) => take(point).map(|()| true),
            None => Ok(false),
        }
    }

    /// The marks of a row that holds lists.
    fn list(
        &self,
        row: usize,
        measure: usize,
        odd: Option<&usize>,
        mut take: impl FnMut(Point) -> Result<(), NotDrawn>,
    ) -> Result<bool, NotDrawn> {
        let (Some(places), Some(measures)) = (
            list(self.rows.cell(self.chosen.x, row)),
            list(self.rows.cell(measure, row)),
        ) else {
            return Ok(false);
        };
        let odd = odd
            .and_then(|at| list(self.rows.cell(*at, row)))
            .unwrap_or_default();
        let mut has_any = false;
        for (at, (x, y)) in places.into_iter().zip(measures).enumerate() {
            self.watch.step()?;
            let is_odd = odd.get(at).copied().flatten().is_some_and(|odd| odd != 0.0);
            if let Some(point) = self.drawn(x, y, is_odd) {
                has_any = true;
                take(point)?;
            }
        }
        Ok(has_any)
    }

    /// The mark, if its scales have a place for it.
    fn drawn(&self, x: Option<f64>, y: Option<f64>, is_odd: bool) -> Option<Point> {
        let (x, y) = x.zip(y)?;
        let is_drawn =
            (x.is_finite() && y.is_finite()) && (!self.log.0 || x > 0.0) && (!self.log.1 || y > 0.0);
        is_drawn.then_some(Point { x, y, is_odd })
    }
}

/// The values of a list, those that are numbers or times.
fn list(cell: Cell<'_>) -> Option<Vec<Option<f64>>> {
    let Cell::Dynamic(Dynamic::Array(values)) = cell else {
        return None;
    };
    #[expect(clippy::cast_precision_loss, reason = "a place on paper needs no more")]
    let place = |value: Dynamic<'_>| match value {
        Dynamic::Datetime(ticks) | Dynamic::Timespan(ticks) => Some(ticks as f64),
        other => other.number(),
    };
    Some(values.iter().map(place).collect())
}

fn real(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Decimal(digits) => digits.parse().ok(),
        other => other.real(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a place on paper needs no more")]
const fn ticks(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Datetime(ticks) | Cell::Timespan(ticks) => Some(ticks as f64),
        _ => None,
    }
}
