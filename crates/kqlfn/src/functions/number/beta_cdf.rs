//! `beta_cdf`.

use super::distribution::share_below;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "beta_cdf",
    aliases: &[],
    signatures: &["(x:Number, alpha:Number, beta:Number) -> real"],
    tuple: &[],
    summary: "The share of the beta distribution that lies below a number.",
    notes: "Outside of 0 to 1 it is NaN.",
    examples: &[
        ("beta_cdf(0.9, 10.0, 20.0)", "0.9999999999999593"),
        ("beta_cdf(1.5, 10.0, 20.0)", "real(nan)"),
        ("beta_cdf(0.5, 1, 1)", "0.5"),
        ("beta_cdf(0.1, -1.0, 20.0)", "1.0"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let (x, alpha, beta) = (call.real(0, row)?, call.real(1, row)?, call.real(2, row)?);
            Some(share_below(x, alpha, beta))
        })
    },
};
