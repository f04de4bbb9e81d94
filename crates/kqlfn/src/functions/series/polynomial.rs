//! The polynomial that is nearest to a series.

use super::line::quality;
use super::reading::{complete, count};
use crate::function::Call;

/// The highest degree that is taken. Long before it the powers of real numbers lose all their digits.
const DEGREE_MAX: usize = 100;

/// A polynomial, with how well it fits.
pub(super) struct Polynomial {
    pub(super) rsquare: f64,
    /// The coefficient of the lowest power first.
    pub(super) coefficients: Vec<f64>,
    pub(super) variance: f64,
    pub(super) rvariance: f64,
    pub(super) points: Vec<f64>,
}

/// The polynomial that a call asks for; none if there is none.
pub(super) fn fit(call: &Call<'_>, row: usize) -> Option<Polynomial> {
    let values = complete(call, 0, row)?;
    let places = if call.has(1) {
        complete(call, 1, row).filter(|places| places.len() == values.len())?
    } else {
        (1..=values.len()).map(count).collect()
    };
    let degree = if call.has(2) {
        usize::try_from(call.long(2, row)?).ok()?
    } else {
        1
    };
    if degree >= values.len() || degree > DEGREE_MAX {
        return None;
    }
    let coefficients = least_squares(&places, &values, degree)?;
    let points: Vec<f64> = places
        .iter()
        .map(|place| {
            coefficients
                .iter()
                .rev()
                .fold(0.0, |sum, coefficient| sum * place + coefficient)
        })
        .collect();
    let (rsquare, variance, rvariance) = quality(&values, &points);
    Some(Polynomial {
        rsquare,
        coefficients,
        variance,
        rvariance,
        points,
    })
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// A polynomial of a growing family: its values at the places, and its coefficients.
struct Member {
    values: Vec<f64>,
    coefficients: Vec<f64>,
    square: f64,
}

/// What remains of a member, measured by what it was made of, when the places do not suffice for its degree: only
/// the rounding, whose square is near the square of a real's last digit.
const ROUNDING_SQUARE: f64 = 1e-28;

/// Each member of the family is orthogonal to those before it, so that its part of the values is found alone. It is
/// made of the last two, which keeps more digits than powers would. None if the places do not suffice.
fn least_squares(places: &[f64], values: &[f64], degree: usize) -> Option<Vec<f64>> {
    let mut result = vec![0.0; degree + 1];
    let mut rest = values.to_vec();
    let mut last: Option<Member> = None;
    let mut current = Member {
        values: vec![1.0; places.len()],
        coefficients: vec![1.0],
        square: count(places.len()),
    };
    for power in 0..=degree {
        let part = dot(&current.values, &rest) / current.square;
        add(&mut rest, &current.values, -part);
        add(&mut result, &current.coefficients, part);
        if power < degree {
            let next = next_member(places, &current, last.as_ref())?;
            last = Some(std::mem::replace(&mut current, next));
        }
    }
    Some(result)
}

fn next_member(places: &[f64], current: &Member, last: Option<&Member>) -> Option<Member> {
    let mut values: Vec<f64> = places
        .iter()
        .zip(&current.values)
        .map(|(place, value)| place * value)
        .collect();
    let before = dot(&values, &values);
    let shift = dot(&values, &current.values) / current.square;
    // Each place less the shift, before the product: that keeps the digits of places far off from 0.
    for ((value, place), held) in values.iter_mut().zip(places).zip(&current.values) {
        *value = (place - shift) * held;
    }
    let mut coefficients = vec![0.0];
    coefficients.extend_from_slice(&current.coefficients);
    add(&mut coefficients, &current.coefficients, -shift);
    if let Some(last) = last {
        let part = current.square / last.square;
        add(&mut values, &last.values, -part);
        add(&mut coefficients, &last.coefficients, -part);
    }
    let square = dot(&values, &values);
    (square.is_finite() && square > ROUNDING_SQUARE * before).then_some(Member {
        values,
        coefficients,
        square,
    })
}

fn add(to: &mut [f64], added: &[f64], times: f64) {
    for (value, added) in to.iter_mut().zip(added) {
        *value += times * added;
    }
}
