//! Where an axis has its marks.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use crate::{Axis, Scale};

/// An axis with its marks.
pub(super) struct Marked {
    first: f64,
    last: f64,
    marks: Vec<f64>,
}

impl Marked {
    pub(super) const fn new((first, last): (f64, f64), marks: Vec<f64>) -> Self {
        Self { first, last, marks }
    }
}

impl Ranged for Marked {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn range(&self) -> Range<f64> {
        self.first..self.last
    }

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let part = crate::part_of((self.first, self.last), *value);
        let length = f64::from(to) - f64::from(from);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a place on paper, and a float is cut off at the ends"
        )]
        let at = (f64::from(from) + part * length).round() as i32;
        at
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.marks.clone()
        }
    }
}

/// About so many.
const MARKS: f64 = 8.0;
/// Ticks in a second.
const SECOND: f64 = 1e7;
/// Steps of time that people count in, in seconds.
const STEPS: [f64; 23] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    7_776_000.0,
];

/// The marks between two places, as the axis draws them.
pub(super) fn of(axis: &Axis, (first, last): (f64, f64)) -> Vec<f64> {
    // In parts: the whole length may be beyond the largest number.
    let wanted = if (last - first).is_finite() {
        (last - first) / MARKS
    } else {
        last / MARKS - first / MARKS
    };
    if !(wanted > 0.0 && wanted.is_finite()) {
        return vec![first];
    }
    if axis.is_log && last - first < 2.0 {
        return parts_of_powers((first, last));
    }
    let step = match axis.scale {
        Scale::Words => 1.0,
        Scale::Numbers if axis.is_log => decimal(wanted).max(1.0).round(),
        Scale::Numbers => decimal(wanted),
        Scale::Times | Scale::Spans => {
            let known = STEPS
                .iter()
                .map(|seconds| seconds * SECOND)
                .find(|step| *step >= wanted);
            match known {
                Some(step) if wanted >= SECOND / 2.0 => step,
                _ => decimal(wanted),
            }
        }
    };
    let mut marks = Vec::new();
    let mut at = (first / step).ceil() * step;
    while at <= last && marks.len() < 64 {
        // So near to zero, it is zero.
        marks.push(if at.abs() < step * 1e-9 { 0.0 } else { at });
        at += step;
    }
    marks
}

/// The logarithms of 1, 2, 5, 10 and their tens between two: few powers of ten are no scale.
fn parts_of_powers((first, last): (f64, f64)) -> Vec<f64> {
    let powers = (0..4).map(|power| first.floor() + f64::from(power));
    let parts = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|part: f64| power + part.log10()));
    let near = 1e-9;
    parts
        .filter(|at| (first - near..=last + near).contains(at))
        .collect()
}

/// The next of 1, 2, 5, 10 and their tens.
fn decimal(wanted: f64) -> f64 {
    let power = 10f64.powf(wanted.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0];
    steps
        .iter()
        .map(|step| step * power)
        .find(|step| *step >= wanted * (1.0 - 1e-9))
        .unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(scale: Scale, is_log: bool) -> Axis {
        Axis {
            title: String::new(),
            scale,
            is_log,
            least: None,
            most: None,
        }
    }

    #[test]
    fn marks_stand_at_round_places() {
        assert_eq!(
            of(&axis(Scale::Numbers, false), (0.0, 10.0)),
            [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
        );
        assert_eq!(of(&axis(Scale::Numbers, true), (0.0, 3.0)), [0.0, 1.0, 2.0, 3.0]);
        let few = of(&axis(Scale::Numbers, true), (0.0, 1.0));
        let few: Vec<f64> = few.into_iter().map(|at| 10f64.powf(at).round()).collect();
        assert_eq!(few, [1.0, 2.0, 5.0, 10.0]);
        let hour = 3600.0 * SECOND;
        let marks = of(
            &axis(Scale::Times, false),
            (638_635_968_000_000_000.0, 638_635_968_000_000_000.0 + 24.0 * hour),
        );
        assert_eq!(marks.len(), 9);
        assert_eq!(marks[1] - marks[0], 3.0 * hour);
    }

    #[test]
    fn an_axis_without_length_has_one_mark() {
        assert_eq!(of(&axis(Scale::Numbers, false), (3.0, 3.0)), [3.0]);
    }
}
