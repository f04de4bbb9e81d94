//! The two straight lines, one behind the other, that are nearest to a series.

use super::line::{Line, quality};
use super::reading::count;
use super::statistics::average;

/// A line needs two points.
const PART_MIN: usize = 2;

/// Two lines and how well they fit together.
pub(super) struct TwoLines {
    pub(super) rsquare: f64,
    /// The place of the right line's first element.
    pub(super) split: usize,
    pub(super) variance: f64,
    pub(super) rvariance: f64,
    pub(super) points: Vec<f64>,
    pub(super) left: Line,
    pub(super) right: Line,
}

impl TwoLines {
    /// The two lines with the least squares together. None for a series that is too short for two.
    pub(super) fn fit(values: &[f64]) -> Option<Self> {
        let split = best_split(values)?;
        let (before, behind) = values.split_at_checked(split)?;
        let (left, right) = (Line::fit(before), Line::fit(behind));
        let points: Vec<f64> = left.points.iter().chain(&right.points).copied().collect();
        let (rsquare, variance, rvariance) = quality(values, &points);
        Some(Self {
            rsquare,
            split,
            variance,
            rvariance,
            points,
            left,
            right,
        })
    }
}

/// What is known of some points: their number, and the sums of what lies along, up, and of their products.
#[derive(Clone, Copy, Default)]
struct Sums {
    number: f64,
    along: f64,
    up: f64,
    along_squared: f64,
    up_squared: f64,
    both: f64,
}

impl Sums {
    fn plus(self, along: f64, up: f64, sign: f64) -> Self {
        Self {
            number: self.number + sign,
            along: self.along + sign * along,
            up: self.up + sign * up,
            along_squared: self.along_squared + sign * along * along,
            up_squared: self.up_squared + sign * up * up,
            both: self.both + sign * along * up,
        }
    }

    /// What the nearest line leaves: a sum of squares.
    fn remains(self) -> f64 {
        let along = self.along_squared - self.along * self.along / self.number;
        let both = self.both - self.along * self.up / self.number;
        let up = self.up_squared - self.up * self.up / self.number;
        let explained = if along > 0.0 { both * both / along } else { 0.0 };
        (up - explained).max(0.0)
    }
}

/// The first of the splits with the least squares.
fn best_split(values: &[f64]) -> Option<usize> {
    let length = values.len();
    let least = if length < 2 * PART_MIN { 1 } else { PART_MIN };
    // Sums of what lies around 0 lose the fewest digits.
    let (middle, height) = (count(length) / 2.0, average(values));
    let points = || {
        values
            .iter()
            .enumerate()
            .map(|(at, value)| (count(at) - middle, value - height))
    };
    let mut right = points().fold(Sums::default(), |sums, (along, up)| sums.plus(along, up, 1.0));
    let mut left = Sums::default();
    // Splits that differ by their last digits are the same.
    let same = right.up_squared * 1e-12;
    let mut best: Option<(usize, f64)> = None;
    for (at, (along, up)) in points().enumerate() {
        let enough = at >= least && length - at >= least;
        let remains = left.remains() + right.remains();
        if enough && best.is_none_or(|(_, held)| remains < held - same) {
            best = Some((at, remains));
        }
        left = left.plus(along, up, 1.0);
        right = right.plus(along, up, -1.0);
    }
    best.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, slowly: each split is fitted.
    fn slowly(values: &[f64]) -> f64 {
        (2..values.len() - 1)
            .filter_map(|split| values.split_at_checked(split))
            .map(|(left, right)| {
                let mut points = Line::fit(left).points;
                points.extend(Line::fit(right).points);
                quality(values, &points).2
            })
            .fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn the_split_is_the_best_of_all() {
        let mut state: u64 = 7;
        for length in 4..60 {
            let values: Vec<f64> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    f64::from(u32::try_from(state >> 40).unwrap_or_default())
                })
                .collect();
            let rvariance = TwoLines::fit(&values)
                .map(|lines| lines.rvariance)
                .unwrap_or(f64::NAN);
            let expected = slowly(&values);
            assert!((rvariance - expected).abs() <= expected * 1e-9, "{values:?}");
        }
    }
}
