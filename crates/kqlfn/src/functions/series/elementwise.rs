//! Kernels that work on each element alone, of one series or of two.

use std::cmp::Ordering;

use super::reading::{Number, array, is_whole};
use crate::column::Cell;
use crate::dynamic::{Array, Writer};
use crate::function::{Call, Computed};

/// A function of reals on each element. What is no number becomes null.
pub(super) fn each(call: &Call<'_>, function: fn(f64) -> f64) -> Computed {
    call.dynamics(|row, writer| {
        if let Some(series) = array(call, 0, row) {
            each_real(series, writer, function);
        }
    })
}

fn each_real(series: Array<'_>, writer: &mut Writer, function: fn(f64) -> f64) {
    writer.array(|elements| {
        for value in series.iter() {
            elements.push(|writer| {
                if let Some(number) = Number::of(value) {
                    writer.real(function(number.real()));
                }
            });
        }
    });
}

/// As [`each`], but a series of whole numbers stays one.
pub(super) fn each_kept(call: &Call<'_>, whole: fn(i64) -> i64, real: fn(f64) -> f64) -> Computed {
    call.dynamics(|row, writer| {
        let Some(series) = array(call, 0, row) else {
            return;
        };
        if !is_whole(series) {
            each_real(series, writer, real);
            return;
        }
        writer.array(|elements| {
            for value in series.iter() {
                elements.push(|writer| {
                    if let Some(Number::Whole(number)) = Number::of(value) {
                        writer.long(whole(number));
                    }
                });
            }
        });
    })
}

/// One side of a function of two: a series, or a number that stands for a series of it.
#[derive(Clone, Copy)]
enum Side<'a> {
    Series(Array<'a>),
    Same(Number),
}

impl<'a> Side<'a> {
    fn read(call: &Call<'a>, argument: usize, row: usize) -> Option<Self> {
        match call.cell(argument, row) {
            Cell::Dynamic(value) => value.array().map(Self::Series),
            cell => Number::of_cell(cell).map(Self::Same),
        }
    }

    const fn len(&self) -> usize {
        match self {
            Self::Series(series) => series.len(),
            Self::Same(_) => 0,
        }
    }

    fn get(&self, at: usize) -> Option<Number> {
        match self {
            Self::Series(series) => series.get(at).and_then(Number::of),
            Self::Same(number) => Some(*number),
        }
    }

    fn is_whole(&self) -> bool {
        match self {
            Self::Series(series) => is_whole(*series),
            Self::Same(number) => number.is_whole(),
        }
    }
}

/// Two series in step, to the length of the longer one: the pairs of numbers, none where one of the two is missing.
struct Pairs<'a> {
    left: Side<'a>,
    right: Side<'a>,
}

impl<'a> Pairs<'a> {
    fn read(call: &Call<'a>, row: usize) -> Option<Self> {
        Some(Self {
            left: Side::read(call, 0, row)?,
            right: Side::read(call, 1, row)?,
        })
    }

    fn is_whole(&self) -> bool {
        self.left.is_whole() && self.right.is_whole()
    }

    fn write(&self, writer: &mut Writer, write: impl Fn(&mut Writer, Number, Number)) {
        writer.array(|elements| {
            for at in 0..self.left.len().max(self.right.len()) {
                elements.push(|writer| {
                    if let (Some(left), Some(right)) = (self.left.get(at), self.right.get(at)) {
                        write(writer, left, right);
                    }
                });
            }
        });
    }

    /// The pairs of numbers as far as the shorter series goes.
    fn numbers(&self) -> impl Iterator<Item = Option<(f64, f64)>> {
        let length = match (self.left, self.right) {
            (Side::Same(_), side) | (side, Side::Same(_)) => side.len(),
            (left, right) => left.len().min(right.len()),
        };
        (0..length).map(|at| Some((self.left.get(at)?.real(), self.right.get(at)?.real())))
    }
}

/// A function of two reals on each pair of elements.
pub(super) fn pairwise(call: &Call<'_>, real: fn(f64, f64) -> f64) -> Computed {
    call.dynamics(|row, writer| {
        if let Some(pairs) = Pairs::read(call, row) {
            pairs.write(writer, |writer, left, right| {
                writer.real(real(left.real(), right.real()));
            });
        }
    })
}

/// As [`pairwise`], but two series of whole numbers give one.
pub(super) fn pairwise_kept(
    call: &Call<'_>,
    whole: fn(i64, i64) -> i64,
    real: fn(f64, f64) -> f64,
) -> Computed {
    call.dynamics(|row, writer| {
        let Some(pairs) = Pairs::read(call, row) else {
            return;
        };
        let is_whole = pairs.is_whole();
        pairs.write(writer, |writer, left, right| match (left, right) {
            (Number::Whole(left), Number::Whole(right)) if is_whole => writer.long(whole(left, right)),
            _ => writer.real(real(left.real(), right.real())),
        });
    })
}

/// How each pair of elements compares; the order is none if one of the two is not a number.
pub(super) fn comparison(call: &Call<'_>, holds: fn(Option<Ordering>) -> bool) -> Computed {
    call.dynamics(|row, writer| {
        if let Some(pairs) = Pairs::read(call, row) {
            pairs.write(writer, |writer, left, right| {
                writer.bool(holds(left.compare(right)));
            });
        }
    })
}

/// All pairs of numbers of two series, as far as the shorter one goes; others are left out. None if there is no
/// element at all.
pub(super) fn common_pairs(call: &Call<'_>, row: usize) -> Option<Vec<(f64, f64)>> {
    let pairs = Pairs::read(call, row)?;
    let mut any = false;
    let found = pairs.numbers().inspect(|_| any = true).flatten().collect();
    any.then_some(found)
}
