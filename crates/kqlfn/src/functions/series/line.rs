//! The straight line that is nearest to a series.

use super::reading::count;
use super::statistics::{average, spread, squares};

/// A line, with how well it fits.
pub(super) struct Line {
    pub(super) rsquare: f64,
    pub(super) slope: f64,
    pub(super) variance: f64,
    pub(super) rvariance: f64,
    /// Its height one step before the first element.
    pub(super) interception: f64,
    pub(super) points: Vec<f64>,
}

impl Line {
    /// The line with the least squares. The first element lies at 1.
    pub(super) fn fit(values: &[f64]) -> Self {
        let middle = (count(values.len()) + 1.0) / 2.0;
        let height = average(values);
        let steps = || (1..=values.len()).map(count);
        let along = squares(steps().map(|step| step - middle));
        let both: f64 = steps()
            .zip(values)
            .map(|(step, value)| (step - middle) * (value - height))
            .sum();
        let slope = if along > 0.0 { both / along } else { 0.0 };
        let interception = height - slope * middle;
        let points: Vec<f64> = steps().map(|step| interception + slope * step).collect();
        let (rsquare, variance, rvariance) = quality(values, &points);
        Self {
            rsquare,
            slope,
            variance,
            rvariance,
            interception,
            points,
        }
    }

    /// What is said of it beside its points, each with its name.
    pub(super) const fn numbers(&self) -> [(&'static str, f64); 5] {
        [
            ("rsquare", self.rsquare),
            ("slope", self.slope),
            ("interception", self.interception),
            ("variance", self.variance),
            ("rvariance", self.rvariance),
        ]
    }

    /// Its height at an element, also behind the last one. They are counted from 0.
    pub(super) fn at(&self, at: usize) -> f64 {
        self.interception + self.slope * count(at + 1)
    }
}

/// How well points stand for values: R-square, the variance of the values and of what remains of them.
pub(super) fn quality(values: &[f64], points: &[f64]) -> (f64, f64, f64) {
    let height = average(values);
    let all = squares(values.iter().map(|value| value - height));
    let remains = squares(values.iter().zip(points).map(|(value, point)| value - point));
    let rsquare = if all > 0.0 { 1.0 - remains / all } else { 1.0 };
    (rsquare, spread(all, values.len()), spread(remains, values.len()))
}
