//! The period of a series, found.
//!
//! Kusto does not say how it scores a period. What is done here is its outline: a period shows as a hill of the
//! autocorrelation, and of several the best one counts.

use super::fourier::transform;
use super::line::Line;
use super::reading::count;

/// No period is shorter.
const PERIOD_MIN: usize = 4;

/// The period with the best score, if that is above the threshold; else 0, for none. It is no longer than half of the
/// series.
pub(super) fn detected(values: &[f64], threshold: f64) -> usize {
    let correlations = autocorrelation(values);
    let length = count(values.len());
    let mut best = (0, threshold);
    let mut valley = f64::INFINITY;
    for (lag, neighbours) in (1..).zip(correlations.windows(3)) {
        let &[before, here, after] = neighbours else {
            break;
        };
        if lag > values.len() / 2 {
            break;
        }
        // Where two periods are far apart fewer elements meet, and chance has more to say.
        let score = here * (length / (length - count(lag))).sqrt();
        let is_hill = here >= before && here > after && valley <= score / 2.0;
        if lag >= PERIOD_MIN && is_hill && score > best.1 {
            best = (lag, score);
        }
        valley = valley.min(here);
    }
    best.0
}

/// How much a series, its line taken off, is like itself some elements later: for each lag, from 0 to just above half
/// of its length. All 0 if there is nothing but the line.
fn autocorrelation(values: &[f64]) -> Vec<f64> {
    let line = Line::fit(values);
    let mut padded: Vec<(f64, f64)> = values
        .iter()
        .zip(&line.points)
        .map(|(value, point)| (value - point, 0.0))
        .collect();
    padded.resize((values.len() * 2).next_power_of_two(), (0.0, 0.0));
    let power: Vec<(f64, f64)> = transform(&padded, -1.0)
        .into_iter()
        .map(|(real, imaginary)| (real * real + imaginary * imaginary, 0.0))
        .collect();
    let correlations = transform(&power, 1.0);
    let whole = correlations.first().map_or(0.0, |first| first.0);
    let heights: f64 = values.iter().map(|value| value * value).sum();
    // What remains of a straight line are its last digits.
    let is_line = whole / count(padded.len()) <= heights * 1e-20;
    correlations
        .iter()
        .take(values.len() / 2 + 2)
        .map(|(real, _)| if is_line { 0.0 } else { real / whole })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_found_where_there_are_some() {
        let repeated = |pattern: &[f64], length: usize| -> Vec<f64> {
            pattern.iter().copied().cycle().take(length).collect()
        };
        let climbing = |values: Vec<f64>| -> Vec<f64> {
            values
                .iter()
                .zip(0..)
                .map(|(value, at)| value + f64::from(at) * 0.5)
                .collect()
        };
        let week = [9.0, 8.0, 9.0, 8.0, 9.0, 1.0, 0.0];
        let wave: Vec<f64> = (0..200)
            .map(|at| (f64::from(at) * std::f64::consts::TAU / 24.0).sin())
            .collect();
        for (values, expected) in [
            (repeated(&week, 70), 7),
            (climbing(repeated(&week, 70)), 7),
            (repeated(&week, 13), 0),
            (wave, 24),
            (repeated(&[1.0, 2.0], 40), 4),
            (repeated(&[5.0], 40), 0),
            (climbing(repeated(&[5.0], 40)), 0),
            (vec![1.0], 0),
            (vec![], 0),
            (repeated(&[f64::NAN, 1.0], 40), 0),
        ] {
            assert_eq!(detected(&values, 0.6), expected, "{values:?}");
        }
    }
}
