//! `series_fir`.

use super::reading::{Number, array};
use crate::dynamic::{Array, Writer};
use crate::function::{Call, Function};

pub(super) const FUNCTION: Function = Function {
    name: "series_fir",
    aliases: &[],
    signatures: &["(series:DynamicArray, filter:DynamicArray, ?normalize:bool, ?center:bool) -> dynamic"],
    tuple: &[],
    summary: "Applies a filter with a finite impulse response to a series: each element becomes a weighted sum of itself \
              and those before it.",
    notes: "The filter is divided by its sum, unless it is told otherwise or has a negative weight; to ask for it with a \
            negative weight gives null. Centered, half of the filter lies behind the element. Outside of the series \
            all is 0.",
    examples: &[
        (
            "series_fir(dynamic([5, 15, 10, 20]), dynamic([1, -1]), false, false)",
            "dynamic([5, 10, -5, 10])",
        ),
        (
            "series_fir(dynamic([0, 0, 10, 0]), dynamic([1, 1]))",
            "dynamic([0.0, 0.0, 5.0, 5.0])",
        ),
        (
            "series_fir(dynamic([0, 0, 8, 0]), dynamic([1, 2, 1]), true, true)",
            "dynamic([0.0, 2.0, 4.0, 2.0])",
        ),
        (
            "series_fir(dynamic([1, 2]), dynamic([1, -1]), true)",
            "dynamic(null)",
        ),
        ("series_fir(dynamic([1, null]), dynamic([1]))", "dynamic(null)"),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            if let Some(filter) = Filter::read(call, row) {
                filter.write(writer);
            }
        })
    },
};

/// A filter and what it is applied to.
struct Filter {
    values: Vec<Number>,
    weights: Vec<Number>,
    normalizes: bool,
    centers: bool,
}

impl Filter {
    /// None if the call gives null.
    fn read(call: &Call<'_>, row: usize) -> Option<Self> {
        let weights = numbers(array(call, 1, row)?)?;
        let has_negative = weights.iter().any(|weight| weight.real() < 0.0);
        let normalizes = call.bool(2, row).unwrap_or(!has_negative);
        (!normalizes || !has_negative).then_some(Self {
            values: numbers(array(call, 0, row)?)?,
            weights,
            normalizes,
            centers: call.bool(3, row).unwrap_or(false),
        })
    }

    fn write(&self, writer: &mut Writer) {
        let shift = if self.centers {
            self.weights.len().saturating_sub(1) / 2
        } else {
            0
        };
        let all_whole = self
            .values
            .iter()
            .chain(&self.weights)
            .all(|number| number.is_whole());
        let scale = if self.normalizes {
            self.weights.iter().map(|weight| weight.real()).sum()
        } else {
            1.0
        };
        writer.array(|elements| {
            for at in shift..self.values.len() + shift {
                if all_whole && !self.normalizes {
                    elements.push(|writer| writer.long(self.whole_sum(at)));
                } else {
                    elements.push(|writer| writer.real(self.real_sum(at) / scale));
                }
            }
        });
    }

    /// The elements on which the filter lies at a place, with the weight of each.
    fn window(&self, at: usize) -> impl Iterator<Item = (Number, Number)> {
        self.weights.iter().enumerate().filter_map(move |(back, weight)| {
            let value = at.checked_sub(back).and_then(|place| self.values.get(place))?;
            Some((*value, *weight))
        })
    }

    fn whole_sum(&self, at: usize) -> i64 {
        self.window(at).fold(0, |sum, pair| match pair {
            (Number::Whole(value), Number::Whole(weight)) => sum.wrapping_add(value.wrapping_mul(weight)),
            _ => sum,
        })
    }

    fn real_sum(&self, at: usize) -> f64 {
        self.window(at)
            .map(|(value, weight)| value.real() * weight.real())
            .sum()
    }
}

fn numbers(array: Array<'_>) -> Option<Vec<Number>> {
    array.iter().map(Number::of).collect()
}
