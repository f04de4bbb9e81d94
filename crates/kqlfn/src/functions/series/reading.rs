//! Numbers out of dynamic arrays.

use std::cmp::Ordering;

use crate::column::Cell;
use crate::dynamic::{Array, Dynamic};
use crate::function::Call;

/// An element of a series. Times count as their ticks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Number {
    Whole(i64),
    Real(f64),
}

impl Number {
    pub(super) fn of(value: Dynamic<'_>) -> Option<Self> {
        match value {
            Dynamic::Int(number) => Some(Self::Whole(i64::from(number))),
            Dynamic::Long(number) | Dynamic::Datetime(number) | Dynamic::Timespan(number) => {
                Some(Self::Whole(number))
            }
            other => other.number().map(Self::Real),
        }
    }

    pub(super) fn of_cell(cell: Cell<'_>) -> Option<Self> {
        cell.long()
            .map(Self::Whole)
            .or_else(|| cell.real().map(Self::Real))
    }

    #[expect(clippy::cast_precision_loss, reason = "as Kusto widens longs to reals")]
    pub(super) const fn real(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }

    pub(super) const fn is_whole(self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// Which is the greater one; none if one of them is not a number.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (left, right) => left.real().partial_cmp(&right.real()),
        }
    }
}

/// A length as a real.
#[expect(clippy::cast_precision_loss, reason = "no array has 2^53 elements")]
pub(super) const fn count(length: usize) -> f64 {
    length as f64
}

/// An argument's array in a row.
pub(super) fn array<'a>(call: &Call<'a>, argument: usize, row: usize) -> Option<Array<'a>> {
    call.cell(argument, row).dynamic()?.array()
}

/// The elements as reals; none for what is no number.
pub(super) fn reals(array: Array<'_>) -> impl Iterator<Item = Option<f64>> {
    array.iter().map(|value| Number::of(value).map(Number::real))
}

/// The array of an argument as reals; none if it is empty or an element is no number.
pub(super) fn complete(call: &Call<'_>, argument: usize, row: usize) -> Option<Vec<f64>> {
    let values: Vec<f64> = reals(array(call, argument, row)?).collect::<Option<_>>()?;
    (!values.is_empty()).then_some(values)
}

/// True if all numbers of an array are whole and there is one.
pub(super) fn is_whole(array: Array<'_>) -> bool {
    let mut any = false;
    array.iter().filter_map(Number::of).all(|number| {
        any = true;
        number.is_whole()
    }) && any
}
