//! `series_fit_poly`.

use kql::ScalarType;

use super::polynomial::fit;
use super::writing::reals;
use crate::function::Function;

pub(super) const FUNCTION: Function = Function {
    name: "series_fit_poly",
    aliases: &[],
    signatures: &["(y_series:DynamicArray, ?x_series:DynamicArray, ?degree:Integer) -> dynamic"],
    tuple: &[
        ("_rsquare", ScalarType::Real),
        ("_coefficients", ScalarType::Dynamic),
        ("_variance", ScalarType::Real),
        ("_rvariance", ScalarType::Real),
        ("_poly_fit", ScalarType::Dynamic),
    ],
    summary: "The polynomial of a degree that is nearest to a series by the least squares, and how well it \
              fits.",
    notes: "The coefficients begin with that of the highest power. Without the places of the elements they lie \
            at 1, 2, 3 and so on; without a degree it is a line. Too few elements for the degree give null, \
            and so does a degree above 100.",
    examples: &[
        (
            "series_fit_poly(dynamic([1, 3, 5]))",
            "dynamic([1.0, [2.0, -1.0], 4.0, 0.0, [1.0, 3.0, 5.0]])",
        ),
        ("series_fit_poly(dynamic([1, 2]), dynamic([0]))", "dynamic(null)"),
        (
            "series_fit_poly(dynamic([1, 3, 5]), dynamic([1, 2, 3]), 3)",
            "dynamic(null)",
        ),
    ],
    kernel: |call| {
        call.dynamics(|row, writer| {
            let Some(fit) = fit(call, row) else {
                return;
            };
            writer.array(|elements| {
                elements.push(|writer| writer.real(fit.rsquare));
                elements.push(|writer| reals(writer, fit.coefficients.iter().rev().copied()));
                elements.push(|writer| writer.real(fit.variance));
                elements.push(|writer| writer.real(fit.rvariance));
                elements.push(|writer| reals(writer, fit.points));
            });
        })
    },
};
