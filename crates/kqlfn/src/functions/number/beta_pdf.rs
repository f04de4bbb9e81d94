//! `beta_pdf`.

use super::distribution::density;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "beta_pdf",
    aliases: &[],
    signatures: &["(x:Number, alpha:Number, beta:Number) -> real"],
    tuple: &[],
    summary: "The density of the beta distribution at a number.",
    notes: "At 0 and 1 and outside of them it is NaN, and so it is if alpha or beta is not positive.",
    examples: &[
        ("round(beta_pdf(0.5, 10.0, 20.0), 12)", "0.746176019311"),
        ("beta_pdf(1.5, 10.0, 20.0)", "real(nan)"),
        ("beta_pdf(0, 10.0, 20.0)", "real(nan)"),
        ("beta_pdf(0.1, -1.0, 20.0)", "real(nan)"),
    ],
    kernel: |call| {
        call.reals(|row| {
            let (x, alpha, beta) = (call.real(0, row)?, call.real(1, row)?, call.real(2, row)?);
            Some(density(x, alpha, beta))
        })
    },
};
