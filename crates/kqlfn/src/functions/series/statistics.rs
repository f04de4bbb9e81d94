//! Averages, variances and places in the order of values.

use super::reading::count;

/// The average; of no values it is not a number.
pub(super) fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

/// The sum of the squares of what the values are off from something.
pub(super) fn squares(differences: impl Iterator<Item = f64>) -> f64 {
    differences.map(|difference| difference * difference).sum()
}

/// The variance of a sample; 0 of a single value. It is computed in one pass, which gives Kusto's last digits.
pub(super) fn variance(values: &[f64]) -> f64 {
    let (mut average, mut squares) = (0.0, 0.0);
    for (before, value) in values.iter().enumerate() {
        let difference = value - average;
        average += difference / count(before + 1);
        squares += difference * (value - average);
    }
    spread(squares, values.len())
}

/// A sum of squares as the variance of a sample.
pub(super) fn spread(squares: f64, length: usize) -> f64 {
    if length < 2 {
        return 0.0;
    }
    squares / count(length - 1)
}

/// The value below which a part of the sorted values lies, between its two neighbours by distance.
pub(super) fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * count(sorted.len().checked_sub(1)?);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the part is from 0 to 1"
    )]
    let below = place as usize;
    let low = sorted.get(below)?;
    let high = sorted.get(below + 1).unwrap_or(low);
    Some(low + (place - count(below)) * (high - low))
}

/// The value in the middle; 0 of no values.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let length = values.len();
    let Some(&high) = values.get(length / 2) else {
        return 0.0;
    };
    if length % 2 == 1 {
        return high;
    }
    let low = values.get(length / 2 - 1).copied().unwrap_or(high);
    f64::midpoint(low, high)
}

/// What is said of a series.
pub(super) struct Summary {
    pub(super) min: f64,
    pub(super) min_index: usize,
    pub(super) max: f64,
    pub(super) max_index: usize,
    pub(super) average: f64,
    pub(super) variance: f64,
    pub(super) sum: f64,
    pub(super) length: usize,
}

impl Summary {
    /// Of the values that are there and finite. None if there is none, or if others are not to be ignored.
    pub(super) fn of(values: impl Iterator<Item = Option<f64>>, ignores_others: bool) -> Option<Self> {
        let mut finite = Vec::new();
        let mut min: Option<(usize, f64)> = None;
        let mut max: Option<(usize, f64)> = None;
        for (at, value) in values.enumerate() {
            match value.filter(|value| value.is_finite()) {
                Some(value) => {
                    if min.is_none_or(|(_, held)| value < held) {
                        min = Some((at, value));
                    }
                    if max.is_none_or(|(_, held)| value > held) {
                        max = Some((at, value));
                    }
                    finite.push(value);
                }
                None if ignores_others => {}
                None => return None,
            }
        }
        let ((min_index, min), (max_index, max)) = (min?, max?);
        Some(Self {
            min,
            min_index,
            max,
            max_index,
            average: average(&finite),
            variance: variance(&finite),
            sum: finite.iter().sum(),
            length: finite.len(),
        })
    }
}
