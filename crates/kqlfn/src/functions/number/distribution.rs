//! The beta distribution: its density, and the share of it below a point, from which others follow.

use libm::lgamma;

/// Steps after which the continued fraction has always settled, and the search for a point too.
const STEPS_MAX: u32 = 1_000;
/// What stands for zero where it would be divided by.
const TINY: f64 = 1e-300;

fn log_beta(alpha: f64, beta: f64) -> f64 {
    lgamma(alpha) + lgamma(beta) - lgamma(alpha + beta)
}

/// The density at a point between 0 and 1; elsewhere, and with parameters that are not positive, no number.
pub(super) fn density(x: f64, alpha: f64, beta: f64) -> f64 {
    let is_inside = x > 0.0 && x < 1.0 && alpha > 0.0 && beta > 0.0;
    if !is_inside {
        return f64::NAN;
    }
    ((alpha - 1.0) * x.ln() + (beta - 1.0) * (-x).ln_1p() - log_beta(alpha, beta)).exp()
}

/// The share below a point. Parameters are taken as they are: Kusto answers 1 and not NaN for `alpha = -1`.
pub(super) fn share_below(x: f64, alpha: f64, beta: f64) -> f64 {
    if !(0.0..=1.0).contains(&x) {
        return f64::NAN;
    }
    let scale = if x == 0.0 || x == 1.0 {
        0.0
    } else {
        (alpha * x.ln() + beta * (-x).ln_1p() - log_beta(alpha, beta)).exp()
    };
    // The fraction settles quickly only on this side of the middle; the other side is its mirror.
    if x < (alpha + 1.0) / (alpha + beta + 2.0) {
        scale * continued_fraction(x, alpha, beta) / alpha
    } else {
        1.0 - scale * continued_fraction(1.0 - x, beta, alpha) / beta
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn continued_fraction(x: f64, alpha: f64, beta: f64) -> f64 {
    let kept_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let sum = alpha + beta;
    let mut numerator = 1.0;
    let mut denominator = 1.0 / kept_from_zero(1.0 - sum * x / (alpha + 1.0));
    let mut fraction = denominator;
    for step in 1..=STEPS_MAX {
        let m = f64::from(step);
        let twice = alpha + 2.0 * m;
        let even = m * (beta - m) * x / ((twice - 1.0) * twice);
        let odd = -(alpha + m) * (sum + m) * x / (twice * (twice + 1.0));
        let mut change = 1.0;
        for coefficient in [even, odd] {
            denominator = 1.0 / kept_from_zero(1.0 + coefficient * denominator);
            numerator = kept_from_zero(1.0 + coefficient / numerator);
            change = denominator * numerator;
            fraction *= change;
        }
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

/// The point below which a share of the distribution lies.
pub(super) fn point_of_share(share: f64, alpha: f64, beta: f64) -> f64 {
    let is_distribution = alpha > 0.0 && beta > 0.0;
    if !is_distribution {
        return f64::NAN;
    }
    if share <= 0.0 || share >= 1.0 {
        return share;
    }
    let (mut low, mut high) = (0.0, 1.0);
    let mut point = alpha / (alpha + beta);
    for _ in 0..STEPS_MAX {
        let above = share_below(point, alpha, beta) - share;
        if above > 0.0 {
            high = point;
        } else {
            low = point;
        }
        // A step of Newton's, or the middle where it would leave the interval.
        let step = point - above / density(point, alpha, beta);
        let next = if step > low && step < high {
            step
        } else {
            f64::midpoint(low, high)
        };
        let moved = (next - point).abs();
        point = next;
        if moved <= f64::EPSILON * point {
            break;
        }
    }
    point
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_points_fit_together() {
        for (alpha, beta) in [(1.0, 1.0), (10.0, 20.0), (0.5, 0.5), (200.0, 3.0)] {
            for share in [1e-6, 0.1, 0.5, 0.9, 0.999] {
                let back = share_below(point_of_share(share, alpha, beta), alpha, beta);
                assert!((back - share).abs() < 1e-12, "{alpha} {beta} {share} {back}");
            }
        }
        assert!((share_below(0.25, 1.0, 1.0) - 0.25).abs() < 1e-15);
        assert!((density(0.5, 10.0, 20.0) - 0.746_176_019_310_951).abs() < 1e-12);
    }
}
