//! `beta_inv`.

use super::distribution::point_of_share;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "beta_inv",
    aliases: &[],
    signatures: &["(probability:Number, alpha:Number, beta:Number) -> real"],
    tuple: &[],
    summary: "The number below which a share of the beta distribution lies.",
    notes: "A probability outside of 0 to 1 gives null; if alpha or beta is not positive it is NaN.",
    examples: &[
        ("round(beta_inv(0.1, 10.0, 20.0), 12)", "0.226415022389"),
        ("beta_inv(1.5, 10.0, 20.0)", "real(null)"),
        ("beta_inv(0.1, -1.0, 20.0)", "real(nan)"),
        ("beta_inv(1, 2, 3)", "1.0"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let share = call.real(0, row)?;
            let (alpha, beta) = (call.real(1, row)?, call.real(2, row)?);
            (0.0..=1.0)
                .contains(&share)
                .then(|| point_of_share(share, alpha, beta))
        })
    },
};
