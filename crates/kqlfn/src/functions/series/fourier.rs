//! The discrete Fourier transform.

use std::f64::consts::PI;

use super::reading::{complete, count};
use super::writing::reals;
use crate::dynamic::Writer;
use crate::function::Call;

/// A complex number: its real and its imaginary part.
type Complex = (f64, f64);

/// Up to this length the plain sum is quick and keeps the most digits.
const PLAIN_LENGTH: usize = 64;

/// The transform of a call's series, or its inverse.
pub(super) fn write_transform(call: &Call<'_>, row: usize, is_inverse: bool, writer: &mut Writer) {
    let Some(values) = read(call, row) else {
        return;
    };
    let scale = if is_inverse { count(values.len()) } else { 1.0 };
    let result = transform(&values, if is_inverse { 1.0 } else { -1.0 });
    writer.array(|elements| {
        elements.push(|writer| reals(writer, result.iter().map(|(real, _)| real / scale)));
        elements.push(|writer| reals(writer, result.iter().map(|(_, imaginary)| imaginary / scale)));
    });
}

fn read(call: &Call<'_>, row: usize) -> Option<Vec<Complex>> {
    let real = complete(call, 0, row)?;
    if !call.has(1) {
        return Some(real.into_iter().map(|real| (real, 0.0)).collect());
    }
    let imaginary = complete(call, 1, row).filter(|imaginary| imaginary.len() == real.len())?;
    Some(real.into_iter().zip(imaginary).collect())
}

fn times(left: Complex, right: Complex) -> Complex {
    (
        left.0 * right.0 - left.1 * right.1,
        left.0 * right.1 + left.1 * right.0,
    )
}

fn plus(left: Complex, right: Complex) -> Complex {
    (left.0 + right.0, left.1 + right.1)
}

/// The number at a part of the way around the unit circle. Quarters are exact.
fn on_circle(sign: f64, step: usize, steps: usize) -> Complex {
    match (step * 4).checked_rem(steps) {
        Some(0) => match step * 4 / steps % 4 {
            0 => (1.0, 0.0),
            1 => (0.0, sign),
            2 => (-1.0, 0.0),
            _ => (0.0, -sign),
        },
        _ => {
            let (sine, cosine) = (2.0 * PI * count(step) / count(steps)).sin_cos();
            (cosine, sign * sine)
        }
    }
}

/// The transform, by the sign of its exponent. It is not scaled.
pub(super) fn transform(values: &[Complex], sign: f64) -> Vec<Complex> {
    if values.len().is_power_of_two() {
        by_halves(values, sign)
    } else if values.len() <= PLAIN_LENGTH {
        by_sums(values, sign)
    } else {
        by_chirp(values, sign)
    }
}

fn by_sums(values: &[Complex], sign: f64) -> Vec<Complex> {
    let length = values.len();
    (0..length)
        .map(|frequency| {
            values
                .iter()
                .enumerate()
                .map(|(at, value)| times(*value, on_circle(sign, frequency * at % length, length)))
                .fold((0.0, 0.0), plus)
        })
        .collect()
}

/// For lengths that are powers of two.
fn by_halves(values: &[Complex], sign: f64) -> Vec<Complex> {
    if values.len() < 2 {
        return values.to_vec();
    }
    let even: Vec<Complex> = values.iter().step_by(2).copied().collect();
    let odd: Vec<Complex> = values.iter().skip(1).step_by(2).copied().collect();
    let (even, odd) = (by_halves(&even, sign), by_halves(&odd, sign));
    let turned: Vec<Complex> = odd
        .iter()
        .enumerate()
        .map(|(step, value)| times(*value, on_circle(sign, step, values.len())))
        .collect();
    let first = even.iter().zip(&turned).map(|(even, odd)| plus(*even, *odd));
    let second = even
        .iter()
        .zip(&turned)
        .map(|(even, odd)| (even.0 - odd.0, even.1 - odd.1));
    first.chain(second).collect()
}

/// For any length, by Bluestein: as a convolution of a length that is a power of two.
fn by_chirp(values: &[Complex], sign: f64) -> Vec<Complex> {
    let length = values.len();
    // The square of the place is taken modulo the circle, so that no digit is lost.
    let chirp = |at: usize| on_circle(sign, at * at % (2 * length), 2 * length);
    let padded = (2 * length).next_power_of_two();
    let mut left: Vec<Complex> = values
        .iter()
        .enumerate()
        .map(|(at, value)| times(*value, chirp(at)))
        .collect();
    left.resize(padded, (0.0, 0.0));
    let right: Vec<Complex> = (0..padded)
        .map(|at| {
            let from_zero = at.min(padded - at);
            if from_zero < length {
                let (real, imaginary) = chirp(from_zero);
                (real, -imaginary)
            } else {
                (0.0, 0.0)
            }
        })
        .collect();
    let product: Vec<Complex> = by_halves(&left, -1.0)
        .into_iter()
        .zip(by_halves(&right, -1.0))
        .map(|(left, right)| times(left, right))
        .collect();
    let scale = count(padded);
    by_halves(&product, 1.0)
        .into_iter()
        .take(length)
        .enumerate()
        .map(|(at, (real, imaginary))| times((real / scale, imaginary / scale), chirp(at)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_agree_and_come_back() {
        for length in [1_usize, 2, 3, 8, 60, 65, 100, 128] {
            let values: Vec<Complex> = (0..length)
                .map(|at| (count(at * at % 7), count(at * 5 % 11)))
                .collect();
            let direct = by_sums(&values, -1.0);
            let quick = if length.is_power_of_two() {
                by_halves(&values, -1.0)
            } else {
                by_chirp(&values, -1.0)
            };
            let back = transform(&quick, 1.0);
            for ((direct, quick), (value, back)) in direct.iter().zip(&quick).zip(values.iter().zip(&back)) {
                assert!((direct.0 - quick.0).abs() < 1e-9 && (direct.1 - quick.1).abs() < 1e-9);
                assert!((back.0 / count(length) - value.0).abs() < 1e-12);
                assert!((back.1 / count(length) - value.1).abs() < 1e-12);
            }
        }
    }
}
